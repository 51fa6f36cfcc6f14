# SPDX-License-Identifier: GPL-2.0
"""Chains: lines in order among the rules, drafts, publishes, counters, and what is refused."""

import errno
import os
import signal
import stat
import time

import pytest

import processes
import tree
from capability import without_capability
from kernel_log import KernelLog
from packets import both, icmp, tcp, udp
from wire import ETH_P_IP, ETH_P_IPV6, flood

INVALID, RANGE, TOO_LONG = errno.EINVAL, errno.ERANGE, errno.E2BIG


@pytest.fixture(scope="module", autouse=True)
def nothing_established():
    """What an earlier packet began must not let a later one pass the rules by."""
    with tree.parameters(accept_established="N"):
        yield


def drop(port, more=""):
    return f"proto=udp dport={port}{more} action=drop"


def drops(ports):
    return [drop(port) for port in ports]


class TestOrder:
    def test_the_first_line_that_matches_decides(self, way):
        taken, left = both(udp, dport=7), both(udp, dport=8)
        with tree.chain(f"hook={way.hook} proto=udp dport=7 action=accept",
                        f"hook={way.hook} proto=udp action=drop",
                        f"hook={way.hook} proto=udp action=accept") as chain:
            assert way.arrivals(taken + left) == taken
            assert chain.counts() == [2, 2, 0]

    def test_continue_counts_and_goes_on(self, ways):
        with tree.chain("proto=udp action=continue", "proto=tcp action=continue",
                        "proto=udp action=continue", drop(7)) as chain, \
                tree.rule("d", proto="udp", action="continue") as after:
            assert ways["input"].arrivals([*both(udp, dport=7), *both(udp, dport=8)]) != []
            assert chain.counts() == [4, 0, 4, 2]
            assert after.packets == 2

    @pytest.mark.parametrize("line,hits,misses", [
        ("saddr=192.0.2.0/24", [udp()], [udp(family=6), udp(src="203.0.113.1")]),
        ("saddr=2001:db8:1::/48", [udp(family=6)], [udp()]),
        ("family=ip6", [udp(family=6), tcp(family=6)], [udp(), icmp(8)]),
        ("proto=tcp tcp_flags=syn/syn,ack dport=9", both(tcp), both(tcp, flags="SA")),
        ("icmp_type=echo-request", [icmp(8)], [icmp(0), udp()]),
        ("ttl=1-63 length=!1000-65535", [udp(ttl=63)], [udp(ttl=64)]),
    ])
    def test_a_line_says_what_a_rule_says(self, ways, line, hits, misses):
        with tree.chain(f"{line} action=drop") as chain:
            assert ways["input"].arrivals(hits + misses) == misses
            assert chain.counts() == [len(hits)]
            assert chain.packets == len(hits)
            assert chain.bytes == sum(len(packet.data) for packet in hits)

    # (priority, name) of a rule, of a chain; which of them is first
    PLACES = [((0, "a"), (0, "b"), "rule"), ((0, "b"), (0, "a"), "chain"),
              ((0, "a"), (0, "a"), "rule"), ((1, "a"), (0, "z"), "chain"),
              ((-1, "z"), (0, "a"), "rule"), ((-5, "a"), (-5, "a"), "rule"),
              ((0, "10-a"), (0, "9-a"), "rule"), ((0, "a"), (-2147483648, "z"), "chain")]

    @pytest.mark.parametrize("rule_place,chain_place,first", PLACES)
    @pytest.mark.parametrize("chain_comes", ("first", "last"))
    def test_among_rules(self, ways, rule_place, chain_place, first, chain_comes):
        rule, chain = tree.Rule(rule_place[1]), tree.Chain(chain_place[1])
        rule.make()
        chain.make()
        rule.set(priority=rule_place[0], action="drop" if first == "rule" else "accept")
        chain.set(priority=chain_place[0], add="action=drop" if first == "chain"
                  else "action=accept")
        for one in (chain, rule) if chain_comes == "first" else (rule, chain):
            one.publish()
        assert not ways["input"].passes(udp())
        assert (rule.packets, chain.packets) == ((1, 0) if first == "rule" else (0, 1))
        rule.remove()
        chain.remove()

    def test_running_is_in_the_order_of_evaluation(self):
        with tree.chain("proto=udp action=drop", "action=accept", name="m", priority=5,
                        comment='with "quotes"'), \
                tree.chain(name="empty"), \
                tree.rule("m", priority=5, action="accept"), tree.rule("z", action="accept"):
            assert [line for line in tree.running() if not line.startswith("parameter")] == [
                "chain empty", "rule z action=accept", "rule m priority=5 action=accept",
                'chain m priority=5 comment="with \\"quotes\\""',
                "in m proto=udp action=drop", "in m action=accept"]

    def test_a_new_priority_takes_effect_when_published(self, ways):
        with tree.rule("a", action="accept"), tree.chain("action=drop") as chain:
            chain["priority"] = -1
            assert chain["status"] == "modified"
            assert ways["input"].passes(udp())
            chain.publish()
            assert chain["status"] == "live" and not ways["input"].passes(udp())
            assert chain.packets == 1

    def test_a_line_takes_conntrack(self, ways):
        with tree.chain("proto=udp ct_state=invalid,untracked action=accept",
                        "proto=udp ct_state=new action=drop"):
            assert not ways["input"].passes(udp())


class TestSets:
    def test_lines_name_them(self, ways):
        with tree.named_set("192.0.2.1", "2001:db8:1::1"), \
                tree.named_set("7", name="p", type="port"), \
                tree.chain("saddr=@s proto=udp dport=!@p action=drop", live=False) as chain:
            chain.publish()
            assert ways["input"].arrivals(both(udp, dport=7)) != []
            assert ways["input"].arrivals(both(udp, dport=8)) == []
            assert chain.counts() == [2]
            chain["add"] = "saddr=@s action=drop"
            chain.publish()
            assert ways["input"].arrivals(both(udp, dport=7)) == []
            assert chain.counts() == [2, 2]

    def test_what_is_live_holds_them(self, ways):
        named = tree.Set("s")
        named.make()
        named.add("192.0.2.1")

        def held():
            with tree.refused(errno.EBUSY):
                named.remove()

        with tree.chain("saddr=@s action=drop", drop(7)) as chain:
            held()
            chain.load([drop(7)])
            held()
            chain.load([drop(8), "saddr=@s proto=udp", "saddr=@s action=drop"])
            with tree.refused(errno.ENODATA, chain.path + "/last_error", "c:2: action"):
                chain.publish()
            held()
            assert not ways["input"].passes(udp())
            chain.load(["saddr=@s action=drop", "daddr=@s action=drop"])
            chain.publish()
            held()
            chain["enabled"] = 0
            named.remove()
            assert ways["input"].passes(udp())
            for _ in range(2):
                with tree.refused(errno.ENOENT, chain.path + "/last_error", "c:1: saddr", "'s'"):
                    chain.publish()
            named.make()
            chain.publish()
            assert ways["input"].passes(udp())
            named.add("192.0.2.1")
            assert not ways["input"].passes(udp())
            held()
            chain["flush"] = 1
            held()
            chain.publish()
            named.remove()

    def test_refused_chains_hold_none(self):
        with tree.chain("saddr=@s action=drop", "saddr=@s dport=@none proto=udp action=drop",
                        live=False) as chain:
            with tree.named_set():
                for _ in range(2):
                    with tree.refused(errno.ENOENT, chain.path + "/last_error",
                                      "c:2: dport: ", "'none'"):
                        chain.publish()
            with tree.named_set(), tree.named_set(name="none"), tree.refused(
                    INVALID, chain.path + "/last_error", "c:2: dport: ", "'none'"):
                chain.publish()
            with tree.named_set(), tree.named_set(name="none", type="port"), \
                    tree.parameters(max_rules=1):
                with tree.refused(errno.ENOSPC):
                    chain.publish()
            with tree.named_set(), tree.named_set(name="none", type="port"):
                chain.publish()
                chain["enabled"] = 0

    def test_hooks_of_a_line(self, ways):
        with tree.chain("hook=forward,postrouting saddr=192.0.2.1 action=drop",
                        "hook=prerouting proto=udp dport=7 action=drop") as chain:
            packets = [udp(dport=7), udp(family=6, dport=8), udp(dport=8)]
            assert ways["forward"].arrivals(packets) == [packets[1]]
            assert chain.counts() == [1, 1]


class TestLinesInForce:
    def test_the_log_names_the_line(self, ways):
        quiet = "proto=udp dport=7 action=continue"
        with tree.chain(quiet, quiet + ' log="on prefix here"', name="acl") as chain:
            for number, lines in ((2, chain.rules), (3, [quiet, quiet, chain.rules[1]])):
                chain.load(lines)
                chain.publish()
                log = KernelLog()
                ways["input"].arrivals([udp(dport=7)])
                assert [text.split("IN=")[0] for text in log.texts("minifw: ")] == [
                    f"minifw: acl:{number}: here"]

    def test_a_line_that_expires_is_passed_over(self, ways):
        with tree.chain(drop(7, " expires=1"), drop(8)) as chain:
            packets = [udp(dport=7), udp(dport=8)]
            deadline = time.monotonic() + 60
            while chain["status"] == "live" and time.monotonic() < deadline:
                time.sleep(0.1)
            assert (chain["status"], chain["count"]) == ("modified", "2")
            assert ways["input"].arrivals(packets) == packets[:1]
            assert tree.running()[-1] == f"in c {drop(8)}"
            assert chain.counts() == [None, 1]
            chain.load([drop(7, " expires=1h"), drop(8)])
            chain.publish()
            assert ways["input"].arrivals(packets) == []
            chain["add"] = drop(9, " expires=1")
            chain.publish()
            while chain["status"] == "live" and time.monotonic() < deadline:
                time.sleep(0.1)
            chain.publish()
            assert (chain["status"], len(chain.rules)) == ("live", 3)
            assert ways["input"].arrivals([*packets, udp(dport=9)]) == []
            assert chain.counts() == [2, 3, 1]


class TestDraft:
    def test_packets_see_it_when_it_is_enabled(self, ways):
        packets = [udp(dport=port) for port in (7, 8, 9)]
        with tree.chain(live=False) as chain:
            chain["add"] = drop(7)
            assert (chain["status"], chain["enabled"], chain["count"]) == ("off", "0", "1")
            assert ways["input"].arrivals(packets) == packets
            chain.publish()
            assert (chain["status"], chain["enabled"]) == ("live", "1")
            assert ways["input"].arrivals(packets) == packets[1:]
            chain["add"] = "\n".join(drops((8, 9)))
            assert (chain["status"], chain["count"]) == ("modified", "3")
            assert ways["input"].arrivals(packets) == packets[1:]
            chain.publish()
            assert ways["input"].arrivals(packets) == []
            chain["flush"] = 1
            assert (chain["status"], chain["count"]) == ("modified", "0")
            assert ways["input"].arrivals(packets) == []
            chain.publish()
            assert ways["input"].arrivals(packets) == packets
            assert chain["status"] == "live"

    def test_load_replaces_it(self, ways):
        with tree.chain(*drops((7, 8))) as chain:
            chain.load(["# new", "", "  \t", drop(9), "\t" + drop(7) + " # last\r"])
            assert chain.rules == drops((9, 7))
            chain.publish()
            packets = [udp(dport=port) for port in (7, 8, 9)]
            assert ways["input"].arrivals(packets) == [packets[1]]

    def test_what_is_written_back_is_live_again(self):
        with tree.chain(*drops((7, 8))) as chain:
            generation = tree.generation()
            for change in (lambda: chain.load(drops((7, 8))), chain.publish,
                           lambda: chain.load(chain.rules),
                           lambda: (chain.load([]), chain.__setitem__("add", drop(7)),
                                    chain.__setitem__("add", drop(8)))):
                change()
                assert chain["status"] == "live"
            chain.load(drops((8, 7)))
            assert chain["status"] == "modified"
            assert tree.generation() == generation
            chain.publish()
            assert tree.generation() == generation + 1

    def test_off_and_on(self, ways):
        with tree.chain(drop(7)) as chain:
            for _ in range(3):
                chain["enabled"] = 0
                assert (chain["status"], chain["enabled"]) == ("off", "0")
                assert ways["input"].passes(udp(dport=7))
                assert not any(line.startswith("chain") for line in tree.running())
                chain.publish()
                assert not ways["input"].passes(udp(dport=7))
            assert chain.counts() == [3] and chain.packets == 3

    def test_rmdir_of_a_live_one(self, ways):
        with tree.chain(*drops(range(7, 17))):
            assert not ways["input"].passes(udp(dport=16))
        assert ways["input"].passes(udp(dport=16))

    def test_attributes_of_all_kinds_and_back(self):
        lines = [
            'hook=input,forward family=ip iif=eth0,wg* saddr=!192.0.2.0/24 saddr_type=!local '
            'proto=tcp,udp sport=!1024-65535 dport=22,80,8000-8080 ct_state=new fragment=none '
            'ipopt=!lsrr saddr_mac=52:54:00:12:34:56 length=64-1500 ttl=!0-1 dscp=af41,1 '
            'pkttype=host mark=0x1/0xff action="reject with port-unreachable" '
            'comment="a \\"quoted\\" \\\\ # one"',
            "hook=output family=ip6 oif=!lo daddr=2001:db8::/32 icmpv6_type=128 uid=1000-1999 "
            "gid=!0 action=continue",
            "tcp_flags=syn/syn,ack action=accept", "hook=input", "exthdr=hbh action=drop"]
        with tree.chain(*lines, live=False) as chain:
            assert chain.rules == lines
            chain.load([f"{line} packets=7 bytes=9" for line in chain.rules])
            assert chain.rules == lines
            chain["add"] = b'comment="' + b"x" * 255 + b'" action=drop'
            assert chain.rules[-1] == "action=drop comment=" + "x" * 255

    def test_memory_grows_and_shrinks(self):
        with tree.chain(live=False) as chain:
            empty = int(chain["memory"])
            chain["add"] = drop(7)
            one = int(chain["memory"])
            chain["add"] = "\n".join(drops(range(40)))
            assert empty < one < int(chain["memory"]) < 41 * 2048
            chain["flush"] = 1
            assert int(chain["memory"]) == empty

    def test_two_writers(self):
        with tree.chain(live=False) as chain:
            children = [processes.start(add_one_by_one, chain, port) for port in (1000, 2000)]
            assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
            chain.publish()
            assert chain["status"] == "live"
            lines = chain.rules
            for base in (1000, 2000):
                assert [line for line in lines if f"dport={base // 1000}" in line] == [
                    f"{line} packets=0 bytes=0" for line in drops(range(base, base + 20))]
            assert len(lines) == 40


def add_one_by_one(chain, base):
    for port in range(base, base + 20):
        chain["add"] = drop(port)
        chain.publish()


class TestCounters:
    @staticmethod
    def send(ways, *ports):
        assert ways["input"].arrivals([udp(dport=port) for port in ports]) == []

    def test_a_line_that_stays_keeps_them(self, ways):
        with tree.chain(*drops((7, 8, 9))) as chain:
            self.send(ways, 7, 8, 8, 9, 9, 9)
            assert chain.counts() == [1, 2, 3]
            chain.load(drops((9, 1, 8)))
            assert chain.counts() == [None, None, None]
            assert chain.packets == 6
            chain.publish()
            assert chain.counts() == [3, 0, 2]
            self.send(ways, 8)
            assert chain.counts() == [3, 0, 3]
            assert chain.packets == 7

    def test_of_equal_lines_each_keeps_its_own(self, ways):
        with tree.chain("proto=udp action=continue", "proto=udp action=continue", drop(7)) as chain:
            self.send(ways, 7, 7)
            chain.load(["proto=udp action=continue", drop(7), "proto=udp action=continue",
                        "proto=udp action=continue"])
            chain.publish()
            assert chain.counts() == [2, 2, 2, 0]
            self.send(ways, 7)
            assert chain.counts() == [3, 3, 2, 0]

    def test_refused_edits_leave_them(self, ways):
        """Lines take the place of their equals even where a later one is refused."""
        with tree.chain(*drops((7, 8, 9))) as chain:
            self.send(ways, 7, 8, 8, 9, 9, 9)
            for bad, error in (("dport=1 action=drop", errno.ENODATA),
                               ("saddr=@none action=drop", errno.ENOENT)):
                chain.load([*drops((7, 8, 1, 9)), bad])
                with tree.refused(error, chain.path + "/last_error", "enabled: c:5: "):
                    chain.publish()
                assert (chain["status"], chain.packets) == ("modified", 6)
            self.send(ways, 9)
            chain.load(drops((7, 1, 9)))
            chain.publish()
            assert chain.counts() == [1, 0, 4]
            assert chain.packets == 7

    def test_sums_do_not_go_down(self, ways):
        with tree.chain(*drops((7, 8))) as chain:
            self.send(ways, 7, 7, 8)
            size = chain.bytes // 3
            chain.load(drops((8,)))
            chain.publish()
            assert (chain.packets, chain.bytes) == (3, 3 * size)
            chain["enabled"] = 0
            assert (chain.packets, chain.bytes) == (3, 3 * size)
            chain["priority"] = 7
            chain["add"] = drop(9)
            chain.publish()
            assert chain.counts() == [1, 0]
            self.send(ways, 8, 9)
            assert chain.counts() == [2, 1]
            assert (chain.packets, chain.bytes) == (5, 5 * size)
            chain["enabled"] = 0
            chain["flush"] = 1
            chain.publish()
            assert (chain.packets, chain.bytes) == (5, 5 * size)

    def test_what_is_off_shows_none(self):
        with tree.chain(drop(7), live=False) as chain:
            assert chain.rules == [drop(7)]
            chain.publish()
            assert chain.rules == [drop(7) + " packets=0 bytes=0"]
            chain["enabled"] = 0
            assert chain.rules == [drop(7)]


# a line, errno, words of last_error
BAD_LINES = [
    ("proto=udp dport=22x action=drop", INVALID, ("dport", "22x")),
    ("dport=70000", RANGE, ("dport", "70000")),
    ("dport=" + ",".join(map(str, range(1, 140, 2))), TOO_LONG, ("dport",)),
    ("action=allow", INVALID, ("action", "allow")), ("action=", INVALID, ("action",)),
    ("priority=3 action=drop", INVALID, ("priority", "3")),
    ("enabled=1", INVALID, ("enabled",)), ("colour=red", INVALID, ("colour",)),
    ("last_hit=3", INVALID, ("last_hit",)), ("accept", INVALID, ("accept",)),
    ("action = drop", INVALID, ("action",)), ("=drop", INVALID, ("=drop",)),
    ("proto=tcp proto=udp", INVALID, ("proto", "udp", "twice")),
    ('comment="open', INVALID, ("comment", "quote")),
    ('comment="a"b', INVALID, ("comment", "b")), ('comment=a"b', INVALID, ("comment", '"')),
    ("comment=a#b", INVALID, ("comment", "#")), ("comment=a\\b", INVALID, ("comment", "\\")),
    ('comment="a\\n"', INVALID, ("comment", "\\n")),
    ("comment=" + "x" * 256, TOO_LONG, ("comment",)),
    ("in acl action=drop", INVALID, ("in",)), ("rule a action=drop", INVALID, ("rule",)),
    ("saddr=10.0.0.0/33", RANGE, ("saddr", "33")), ("hook=inside", INVALID, ("hook", "inside")),
]

# what no single value shows, errno, words of last_error
BAD_CHAINS = [
    ("proto=udp", errno.ENODATA, ("action",)),
    ("dport=22 action=drop", errno.ENODATA, ("dport", "proto")),
    ("saddr=192.0.2.1 daddr=2001:db8::1 action=drop", INVALID, ("daddr", "saddr")),
    ("iif=lo hook=output action=drop", INVALID, ("iif", "output")),
    ('action="reject with tcp-reset"', errno.ENODATA, ("action", "tcp")),
]


class TestRefusals:
    @pytest.mark.parametrize("line,error,words", BAD_LINES)
    def test_a_bad_line(self, line, error, words):
        with tree.chain(*drops((7, 8))) as chain:
            last_error = chain.path + "/last_error"
            for lines, number in (([line], 1), ([drop(1), "", "# 3", line, drop(2)], 4)):
                with tree.refused(error, last_error, f"add: line {number}: ", *words):
                    chain["add"] = "\n".join(lines)
                with tree.refused(error, last_error, f"load: line {number}: ", *words):
                    chain.load(lines)
                assert (chain["status"], chain["count"]) == ("live", "2")
            chain["add"] = "# nothing"
            assert chain["last_error"] == ""

    @pytest.mark.parametrize("line,error,words", BAD_CHAINS)
    def test_a_chain_that_cannot_be(self, ways, line, error, words):
        with tree.chain(drop(7)) as chain:
            generation = tree.generation()
            chain.load([*drops((8, 9)), "", line, drop(7)])
            with tree.refused(error, chain.path + "/last_error", "enabled: c:3: ", *words):
                chain.publish()
            assert (chain["status"], tree.generation()) == ("modified", generation)
            packets = [udp(dport=port) for port in (7, 8)]
            assert ways["input"].arrivals(packets) == packets[1:]
            chain.load(drops((8, 7)))
            chain.publish()
            assert ways["input"].arrivals(packets) == []
            assert chain.counts() == [1, 2]

    @pytest.mark.parametrize("attribute,value,error", [
        ("enabled", "maybe", INVALID), ("flush", "0", INVALID), ("flush", "", INVALID),
        ("priority", "high", INVALID), ("priority", "2147483648", RANGE),
        ("comment", "x" * 256, TOO_LONG), ("load", "acl.txt", INVALID),
        ("load", "/tmp", INVALID), ("load", "/tmp/there-is-none", errno.ENOENT),
        ("add", b"action=drop # " + b"x" * 5000, TOO_LONG),
        ("add", b"action=drop\0\n", INVALID), ("priority", "1\n2", INVALID)])
    def test_a_bad_write(self, attribute, value, error):
        with tree.chain(drop(7)) as chain:
            with tree.refused(error, chain.path + "/last_error", attribute):
                chain[attribute] = value
            assert (chain["status"], chain["count"]) == ("live", "1")

    def test_max_rules_counts_lines(self):
        with tree.chain(*drops((7, 8))) as chain, tree.rule("other", action="accept"), \
                tree.parameters(max_rules="3"):
            with tree.rule("fourth", live=False, action="accept") as rule, \
                    tree.refused(errno.ENOSPC, rule.path + "/last_error", "max_rules"):
                rule.publish()
            chain["add"] = drop(9)
            with tree.refused(errno.ENOSPC, chain.path + "/last_error", "enabled", "max_rules"):
                chain.publish()
            assert chain["status"] == "modified"
            chain.load(drops((1, 2)))
            chain.publish()
            assert chain.counts() == [0, 0]

    def test_names(self):
        for name in (".hidden", "-dash", "a b", "a:b", "x" * 64):
            with tree.refused(INVALID, tree.ROOT + "/last_error", "mkdir"):
                tree.Chain(name).make()
        with tree.chain(name="x" * 63, live=False), tree.refused(errno.EEXIST):
            tree.Chain("x" * 63).make()

    def test_files(self):
        with tree.chain(live=False) as chain:
            modes = {name: stat.S_IMODE(os.stat(f"{chain.path}/{name}").st_mode)
                     for name in os.listdir(chain.path)}
        assert modes == {
            **dict.fromkeys(("enabled", "priority", "comment"), 0o600),
            **dict.fromkeys(("load", "add", "flush"), 0o200),
            **dict.fromkeys(("status", "last_error", "rules", "count", "memory", "packets",
                             "bytes", "would_drop"), 0o400)}

    def test_the_capability(self, ways):
        chain = tree.Chain("stubborn")
        chain.make()
        chain["add"] = drop(7)
        chain.publish()

        def job():
            with tree.refused(errno.EPERM):
                tree.Chain("another").make()
            for attribute, value in (("add", drop(8)), ("load", "/etc/passwd"), ("flush", 1),
                                     ("enabled", 0), ("priority", 3), ("comment", "x")):
                with tree.refused(errno.EPERM, chain.path + "/last_error", attribute):
                    chain[attribute] = value
            chain.remove()

        without_capability(job)
        assert "chain stubborn" in tree.running()
        assert not ways["input"].passes(udp(dport=7))
        with tree.rule("next", action="continue", hook="forward"):
            assert "chain stubborn" not in tree.running()
            assert ways["input"].passes(udp(dport=7))


# Both forms accept what comes from port 5 and drop what comes from port 6, each with its first
# line the one and with its last line the other: lines of both at once do neither.
FILLER = [f"proto=udp sport=5-6 dport={port} action=accept" for port in range(20000, 20200)]
FORMS = (["proto=udp sport=5 action=accept", *FILLER, "proto=udp sport=5-6 action=drop"],
         ["proto=udp sport=6 action=drop", *reversed(FILLER), "proto=udp sport=5-6 action=accept"])


def test_packets_see_all_of_the_old_lines_or_all_of_the_new(network, wire):
    network.destination_is_local(True)
    frames = [(ETH_P_IP if packet.family == 4 else ETH_P_IPV6, packet.data)
              for sport in (5, 6) for packet in both(udp, sport=sport)]
    with tree.rule("bad", priority=-1, proto="udp", sport="6", action="continue") as bad, \
            tree.rule("good", priority=-1, proto="udp", sport="5", action="continue") as good, \
            tree.chain(*FORMS[0][:1], *FORMS[0][-1:]) as chain:
        dropped = int(tree.parameter("dropped")) - bad.packets
        flooder = processes.start(flood, wire.client, frames)
        deadline, rounds, start = time.monotonic() + 4, 0, good.packets
        while rounds < 6 or good.packets < start + 100 or time.monotonic() < deadline:
            rounds += 1
            chain.load(FORMS[rounds % 2])
            chain.publish()
        os.kill(flooder, signal.SIGKILL)
        os.waitpid(flooder, 0)
        wire.forget()
        wire.settle()
        assert bad.packets > 100
        assert int(tree.parameter("dropped")) - dropped == bad.packets
        counted = good.packets + bad.packets
        # What is on its way on another CPU as lines go may count in them too late.
        assert counted - rounds * (os.cpu_count() - 1) <= chain.packets <= counted
