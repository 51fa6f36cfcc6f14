# SPDX-License-Identifier: GPL-2.0
"""The hooks without a policy, prerouting, postrouting and ingress; the actions notrack and queue.

Where each stands beside conntrack, NAT and the other hooks; what rules there can ask; and hooks
that come and go with rules and devices.
"""

import contextlib
import itertools
import os
import signal
import socket
import subprocess
import time

import pytest

import clients
import namespace
import tree
from cases import expect, judge_aside
from headers import fragment, ip4, ip6, FRAGMENT
from nfqueue import ACCEPT, DROP, Queue
from packets import DESTINATION, both, icmp, icmpv6, sized, tcp, udp
from topology import SERVER
from ways import SIDES
from wire import ETH_P_IP, ETH_P_IPV6, Cable

ETHERTYPE = {4: ETH_P_IP, 6: ETH_P_IPV6}
VLAN = 0x8100


@pytest.fixture(params=SIDES)
def side(request, sides):
    return sides[request.param]


@pytest.fixture(autouse=True)
def nothing_established():
    """What an earlier packet began must not let a later one pass the rules by."""
    with tree.parameters(accept_established="N"):
        yield


@contextlib.contextmanager
def nft(*lines):
    """A table `inet beside` for the length of a `with`."""
    subprocess.run(["nft", "\n".join(("add table inet beside", *lines))], check=True)
    try:
        yield
    finally:
        subprocess.run(["nft", "delete table inet beside"], check=True)


def hooks_registered():
    """minifw's hooks of the guest and of its devices, if nft and the kernel can list them."""
    def listed(*words):
        output = subprocess.run(["nft", "list", "hooks", *words], text=True, check=False,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        return {(words, line.split()[1]) for line in output.splitlines() if "minifw_" in line}
    found = listed()
    return found and found.union(*(listed("device", device) for device in ("client0", "lo")))


# ---- what rules there match ----

def cases():
    return [
        expect(both(tcp) + both(udp) + [icmp(8), icmpv6(128)],
               saddr="192.0.2.0/24,2001:db8:1::/48"),  # none of the hosts' own
        expect([udp(src="192.0.2.7"), udp(6, dst="2001:db8:2::9")],
               [udp(src="192.0.2.8"), udp(6, dst="2001:db8:2::8")],
               saddr="192.0.2.7,2001:db8:1::/48", daddr="198.51.100.0/24,2001:db8:2::9"),
        expect(both(tcp, dport=22), both(tcp, dport=23) + both(udp, dport=22),
               proto="tcp", dport="22"),
        expect(both(tcp, flags="S"), both(tcp, flags="SA") + both(udp), tcp_flags="syn/syn,ack"),
        expect([icmp(8)], [icmp(0), icmpv6(8), icmpv6(128)], icmp_type="echo-request"),
        expect(both(sized, 100), both(sized, 101), length="100"),
        expect(both(udp, tos=46 << 2), both(udp), dscp="ef"),
        expect(both(udp), both(tcp), pkttype="host", mark="0", proto="udp"),
    ]


@pytest.mark.parametrize("case", cases(), ids=str)
def test_match(side, case):
    judge_aside(side, case)


@pytest.mark.parametrize("name,attributes", [
    ("ingress", {"iif": "client0"}), ("ingress", {"iif": "server0,client0"}),
    ("ingress", {"saddr_mac": "02:00:00:00:01:02"}), ("ingress", {"daddr_type": "local"}),
    ("ingress", {"saddr_type": "unicast"}), ("ingress", {"fragment": "none"}),
    ("prerouting", {"iif": "client0"}), ("prerouting", {"iif": "cl*"}),
    ("prerouting", {"saddr_mac": "02:00:00:00:01:02"}), ("prerouting", {"ct_state": "new"}),
    ("prerouting", {"daddr_type": "unicast"}), ("prerouting", {"ct_status": "!dnat"}),
    ("postrouting", {"oif": "server0"}), ("postrouting", {"ct_state": "new"}),
    ("postrouting of what the guest sends", {"oif": "server0", "uid": "0", "gid": "0"})])
def test_attributes_that_match(sides, name, attributes):
    judge_aside(sides[name], expect(both(udp), proto="udp", **attributes))


@pytest.mark.parametrize("name,attributes", [
    ("ingress", {"iif": "server0"}), ("ingress", {"iif": "client"}), ("ingress", {"iif": "none0"}),
    ("ingress", {"saddr_mac": "!02:00:00:00:01:02"}), ("ingress", {"daddr_type": "unicast"}),
    ("prerouting", {"iif": "server0"}), ("prerouting", {"iif": "!client0"}),
    ("prerouting", {"ct_state": "!new"}), ("prerouting", {"saddr_mac": "02:00:00:00:01:01"}),
    ("postrouting", {"oif": "client0"}), ("postrouting", {"uid": "0"}),
    ("postrouting", {"uid": "!0"}),
    ("postrouting of what the guest sends", {"uid": "!0"}),
    ("postrouting of what the guest sends", {"gid": "1"})])
def test_attributes_that_miss(sides, name, attributes):
    judge_aside(sides[name], expect((), both(udp), **attributes))


# ---- how a packet is decided there ----

class TestDecision:
    def test_undecided_passes(self, side):
        """Without a policy, and counted by nobody."""
        packets = both(udp)
        with tree.rule(hook=side.hook, action="continue", proto="udp", **side.needs) as rule:
            before = totals()
            assert side.arrivals(packets) == packets
            undecided = totals()
            assert (rule.packets, undecided[1] - before[1]) == (2, 0)
            with tree.rule("z", hook=side.hook, action="accept", proto="udp", **side.needs):
                side.arrivals(packets)
            # The hooks with a policy on the way count as well, both times.
            assert totals()[0] - undecided[0] == undecided[0] - before[0] + len(packets)

    def test_a_drop_is_counted(self, side):
        with tree.rule(hook=side.hook, action="drop", proto="udp", **side.needs):
            before = totals()
            assert side.arrivals(both(udp)) == []
            assert totals()[1] - before[1] == 2

    def test_first_that_decides(self, side):
        common = {"hook": side.hook, "proto": "udp", **side.needs}
        with tree.rules(a={**common, "action": "continue"}, b={**common, "action": "accept"},
                        c={**common, "action": "drop"}) as rules:
            assert side.passes(udp())
            assert [rule.packets for rule in rules.values()] == [1, 1, 0]

    @pytest.mark.parametrize("name", ("ingress", "prerouting"))
    def test_accept_is_of_its_hook_alone(self, sides, name):
        side = sides[name]
        with tree.rule("a", hook=side.hook, action="accept", **side.needs) as first, \
                tree.rule("b", hook="input,forward", action="drop") as second:
            assert side.arrivals(both(udp)) == []
            assert (first.packets, second.packets) == (2, 2)

    @pytest.mark.parametrize("name", ("ingress", "prerouting"))
    def test_drop_is_before_the_others(self, sides, name):
        side = sides[name]
        with tree.rule("a", hook="input,forward", action="accept") as later, \
                tree.rule("b", hook=side.hook, action="drop", **side.needs):
            assert side.arrivals(both(udp)) == []
            assert later.packets == 0

    def test_one_rule_at_all_of_them(self, sides):
        hooks = "prerouting,input,forward"
        with tree.rule(hook=hooks, proto="udp", action="continue") as rule:
            assert rule["hook"] == hooks
            assert sides["prerouting"].passes(udp())
            assert rule.packets == 2

    def test_no_shortcuts(self, network, family):
        """Neither loopback nor what is established passes the rules by."""
        with tree.parameters(accept_established="Y", accept_loopback="Y"), \
                tree.rules(a={"hook": "prerouting", "iif": "lo", "action": "continue"},
                           b={"hook": "postrouting", "oif": "lo", "action": "continue"},
                           c={"hook": "prerouting", "iif": "lo", "ct_state": "established",
                              "action": "continue"}) as rules:
            end, other = clients.connection(network.router, network.router, family,
                                            clients.LOOPBACK[family])
            assert clients.exchange(end, other)
            end.close()
            other.close()
            assert all(rule.packets > 1 for rule in rules.values())

    def test_a_retired_rule_is_passed_over(self, side):
        for _ in range(5):
            with tree.rule(hook=side.hook, action="drop", proto="udp", **side.needs):
                assert not side.passes(udp())
            assert side.passes(udp())


def totals():
    return int(tree.parameter("accepted")), int(tree.parameter("dropped"))


# ---- where they stand ----

WRITTEN, REAL = 5353, 7000  # the port before DNAT and behind it
WORD = {4: "ip", 6: "ip6"}


class TestBesideNat:
    def test_before_dnat(self, network, sides, family):
        """Prerouting and ingress see what was sent, the others what came of it."""
        word, real = WORD[family], SERVER[family]
        to = {4: f"{real}:{REAL}", 6: f"[{real}]:{REAL}"}[family]
        before = {"proto": "udp", "daddr": DESTINATION[family], "dport": str(WRITTEN)}
        behind = {"proto": "udp", "daddr": real, "dport": str(REAL)}
        stages = {"ingress": before, "prerouting": before, "forward": behind,
                  "postrouting": behind}
        with nft("add chain inet beside nat { type nat hook prerouting priority -100; }",
                 f"add rule inet beside nat {word} daddr {DESTINATION[family]} udp dport {WRITTEN}"
                 f" dnat {word} to {to}"), \
                tree.rules(**{hook: {"hook": hook, "action": "continue", **fields,
                                     **({"iif": "client0"} if hook == "ingress" else {})}
                              for hook, fields in stages.items()}) as rules:
            sides["prerouting"].arrivals([udp(family, dport=WRITTEN)])
            assert {hook: rule.packets for hook, rule in rules.items()} == dict.fromkeys(stages, 1)

    def test_before_snat(self, sides, wire, family):
        word, to = {4: ("ip", "10.2.0.9"), 6: ("ip6", "fd00:2::9")}[family]
        packet = udp(family, sport=5001)  # conntrack knows no flow of it yet
        with nft("add chain inet beside nat { type nat hook postrouting priority 100; }",
                 f"add rule inet beside nat {word} daddr {DESTINATION[family]} udp dport 9"
                 f" snat {word} to {to}"), \
                tree.rule("a", hook="postrouting", saddr=to, action="continue") as changed, \
                tree.rule("b", hook="postrouting", proto="udp",
                          saddr="192.0.2.1,2001:db8:1::1", action="continue") as sent:
            seen = []
            sides["postrouting"].arrivals([packet], lambda: seen.extend(wire.server.drain()))
            source = socket.inet_pton({4: socket.AF_INET, 6: socket.AF_INET6}[family], to)
            assert any(packet.tag in data and source in data[:40] for data in seen)
            assert (changed.packets, sent.packets) == (0, 1)


@pytest.fixture
def conntrack():
    """Somebody uses it."""
    with tree.rule("conntrack", hook="forward", ct_state="established", action="continue"):
        yield


def pieces(family):
    """A UDP packet in two."""
    data = udp(family, dport=9).data[{4: 20, 6: 40}[family]:]
    if family == 4:
        return [ip4(data[:16], 17, flags="MF", id=7), ip4(data[16:], 17, frag=2, id=7)]
    return [ip6(fragment(17, 0, 1) + data[:16], FRAGMENT),
            ip6(fragment(17, 2, 0) + data[16:], FRAGMENT)]


class TestIngressIsFirst:
    def test_before_fragments_are_put_together(self, network, wire, conntrack, family):
        network.destination_is_local(False)
        common = {"action": "continue", "daddr": ",".join(DESTINATION.values())}
        at_device = {**common, "hook": "ingress", "iif": "client0"}
        with tree.rules(first={**at_device, "fragment": "first"},
                        later={**at_device, "fragment": "later"},
                        whole={**common, "hook": "prerouting", "fragment": "none", "proto": "udp",
                               "dport": "9"},
                        late={**common, "hook": "prerouting", "fragment": "later"}) as rules:
            for piece in pieces(family):
                wire.client.inject(piece)
            wire.settle()
            assert {name: rule.packets for name, rule in rules.items()} == {
                "first": 1, "later": 1, "whole": 1, "late": 0}

    def test_a_dropped_piece_is_missing(self, network, wire, conntrack, family):
        network.destination_is_local(False)
        with tree.rule("a", hook="ingress", iif="client0", fragment="later", action="drop"), \
                tree.rule("b", hook="prerouting", daddr=",".join(DESTINATION.values()),
                          action="continue") as later:
            for piece in pieces(family):
                wire.client.inject(piece)
            wire.settle()
            assert later.packets == 0

    def test_before_nft(self, sides):
        added = subprocess.run(["nft", "add table netdev beside; add chain netdev beside c { type"
                                " filter hook ingress device client0 priority -500; }; add rule"
                                " netdev beside c udp dport 9 drop"], check=False)
        if added.returncode:
            return  # not every kernel has nft there
        try:
            with tree.rule(hook="ingress", iif="client0", proto="udp", action="continue") as rule:
                assert not sides["ingress"].passes(udp())
                assert rule.packets == 1
        finally:
            subprocess.run(["nft", "delete table netdev beside"], check=True)

    @pytest.mark.parametrize("tag,seen", [(5, 0), (0, 1), (0xe000, 1), (0xe005, 0)])
    def test_vlans(self, network, wire, family, tag, seen):
        """A VLAN's frames are its own device's; VLAN 0 is none."""
        network.destination_is_local(True)
        with tree.rule(hook="ingress", iif="client0", proto="udp", action="drop") as rule:
            data = udp(family).data
            wire.client.send(VLAN, tag.to_bytes(2, "big")
                             + ETHERTYPE[family].to_bytes(2, "big") + data)
            wire.settle()
            assert rule.packets == seen

    def test_a_vlan_has_a_device(self, network, wire, family):
        network.destination_is_local(True)
        try:
            network.router.ip("link add link client0 name v5 type vlan id 5", "link set v5 up")
        except subprocess.CalledProcessError:
            return  # not every kernel has them
        try:
            with tree.rule("a", hook="ingress", iif="v5", proto="udp", action="drop") as rule, \
                    tree.rule("b", hook="ingress", iif="client0", proto="udp",
                              action="drop") as below:
                for tag in (5, 6):
                    wire.client.send(VLAN, tag.to_bytes(2, "big")
                                     + ETHERTYPE[family].to_bytes(2, "big") + udp(family).data)
                wire.settle()
                assert (rule.packets, below.packets) == (1, 0)
        finally:
            network.router.ip("link del v5")

    def test_what_is_not_ip_passes(self, wire):
        with tree.rule(hook="ingress", iif="client0", action="drop"):
            wire.settle()  # its marks are not IP

    @pytest.mark.parametrize("data", [
        b"", b"\x45", bytes(19), b"\x45" + bytes(19), b"\x4f" + bytes(23),
        b"\x60\0\0\0\0\x15" + bytes(54)])
    def test_broken_packets(self, network, wire, family, data):
        """They have no address, and are read no further than they go."""
        network.destination_is_local(True)
        common = {"hook": "ingress", "iif": "client0", "action": "continue"}
        with tree.rules(a={**common, "saddr": "0.0.0.0/0,::/0"},
                        b={**common, "proto": "!tcp"}, c=common) as rules:
            wire.client.send(ETHERTYPE[family], data)
            wire.settle()
            assert [rule.packets for rule in rules.values()] == [0, 0, 1]


# ---- devices that come and go ----

def test_hooks_are_there_while_needed(network):
    """Those of the three hooks with a policy always, the others with their rules.

    Before 5.14 the kernel does not tell.
    """
    always = hooks_registered()
    with tree.rule("a", hook="prerouting,postrouting", action="continue"), \
            tree.rule("b", hook="prerouting,output", action="notrack", proto="udp"), \
            tree.rule("c", hook="ingress", iif="client0,lo", action="continue"):
        more = hooks_registered() - always
        assert not always or len(more) >= 4
    assert hooks_registered() == always


class TestDevices:
    @pytest.fixture
    def rule(self):
        with tree.rule(hook="ingress", iif="one0,two0", proto="udp", action="continue") as rule:
            yield rule

    def met(self, rule, cable):
        rule["reset"] = 1
        cable.send(udp().data)
        return rule.packets == 1

    def test_comes_after_its_rule(self, network, rule):
        for name in ("one0", "two0", "one0"):
            with Cable(network.router, name, "far0") as cable:
                assert self.met(rule, cable)

    def test_is_there_before(self, network):
        with Cable(network.router, "one0", "far0") as cable:
            for _ in range(3):
                with tree.rule(hook="ingress", iif="one0", proto="udp", action="continue") as rule:
                    assert self.met(rule, cable)
                cable.send(udp().data)

    def test_goes_before_its_rule(self, network, rule):
        with Cable(network.router, "one0", "far0") as cable:
            assert self.met(rule, cable)
        rule["enabled"] = 0

    def test_is_renamed(self, network, rule):
        def rename(new):
            network.router.ip(f"link set {cable.near} down", f"link set {cable.near} name {new}",
                              f"link set {new} up")
            cable.near = new
        with Cable(network.router, "zero0", "far0") as cable:
            for name in ("one0", "two0", "zero0", "two0", "three0", "one0"):
                rename(name)
                assert self.met(rule, cable) == (name in ("one0", "two0"))
            rule["iif"] = "three0"
            rule.publish()
            assert not self.met(rule, cable)
            rename("three0")
            assert self.met(rule, cable)

    def test_its_other_name_is_none(self, network, rule):
        with Cable(network.router, "zero0", "far0") as cable:
            network.router.ip("link property add dev zero0 altname two0")
            assert not self.met(rule, cable)
            rule["enabled"] = 0
            rule.publish()
            assert not self.met(rule, cable)

    def test_moves_to_another_namespace_and_back(self, network, rule):
        """With netns=init, what is elsewhere is not filtered."""
        with Cable(network.router, "one0", "far0") as cable:
            network.router.ip("link set far0 netns c")
            network.client.ip("link set far0 up", "link set far0 netns 1")
            network.router.ip("link set far0 up")
            for _ in range(2):
                network.router.ip("link set one0 netns c")
                rule["enabled"] = 0
                rule.publish()
                network.client.ip("link set one0 netns 1")
                network.router.ip("link set one0 up", "link set far0 up")
                assert self.met(rule, cable)

    def test_a_namespace_dies_with_it(self, network, rule):
        namespace.create("dies")
        network.router.ip("link add one0 type veth peer name far0 netns dies")
        namespace.delete("dies")
        deadline = time.monotonic() + 60
        while os.path.exists("/sys/class/net/one0") and time.monotonic() < deadline:
            time.sleep(0.05)
        with Cable(network.router, "one0", "far0") as cable:
            assert self.met(rule, cable)

    def test_one_of_several_rules_keeps_it(self, network, rule):
        with Cable(network.router, "one0", "far0") as cable:
            with tree.rule("second", hook="ingress", iif="one0", proto="udp",
                           action="continue") as second:
                rule["enabled"] = 0
                cable.send(udp().data)
                assert second.packets == 1
            rule.publish()
            assert self.met(rule, cable)


def test_unloaded_with_hooks_in_force(network):
    """The directories are gone, but not by somebody who could publish that."""
    job = ("import ctypes, os; ctypes.CDLL(None).prctl(24, 12, 0, 0, 0);"
           "os.execvp('rmdir', ['rmdir', *%r])")
    names = {"a": {"hook": "ingress", "iif": "client0"}, "b": {"hook": "prerouting,postrouting"},
             "c": {"hook": "output", "action": "notrack"}}
    rules = [tree.Rule(name) for name in names]
    for rule in rules:
        rule.make()
        rule.set(**{"action": "continue", "proto": "udp", **names[rule.name]})
        rule.publish()
    subprocess.run(["python3", "-c", job % [rule.path for rule in rules]], check=True)
    assert any(line.startswith("rule a ") for line in tree.running())
    tree.unload()
    with Cable(network.router, "one0", "far0") as cable:
        cable.send(udp().data)
    tree.load()


# ---- notrack ----

@pytest.fixture
def flows():
    """A function that says how many conntrack has of what tests send."""
    def tool(verb):
        """The lines for what the verb met, of both families; meeting nothing is an error to it."""
        return [line for family in ("ipv4", "ipv6") for line in subprocess.run(
            ["conntrack", verb, "-f", family, "-p", "udp", "--dport", "9"], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout.splitlines()]
    while tool("-L"):
        tool("-D")  # it gives up at the first that has expired meanwhile
    return lambda: len(tool("-L"))


class TestNotrack:
    HOOK = {"input": "prerouting", "forward": "prerouting", "output": "output"}

    def test_conntrack_does_not_see_it(self, way, flows):
        states = ("new", "untracked", "invalid", "!untracked", "!new")
        watch = {state: {"hook": way.hook, "proto": "udp", "dport": "9", "action": "continue",
                         "ct_state": state} for state in states}
        names = {f"s{number}": watch[state] for number, state in enumerate(states)}
        with tree.rules(**names) as watching:
            def seen():
                counts = [rule.packets for rule in watching.values()]
                for rule in watching.values():
                    rule["reset"] = 1
                return counts
            for _ in range(2):
                with tree.rule("n", hook=self.HOOK[way.hook], proto="udp", dport="9",
                               action="notrack") as rule:
                    packets = both(udp)
                    assert way.arrivals(packets) == packets
                    assert (seen(), rule.packets) == ([0, 2, 0, 0, 2], 2)
                    assert flows() == 0
            packets = both(udp)
            assert way.arrivals(packets) == packets
            assert seen() == [2, 0, 0, 2, 0]
            assert flows() == 2

    def test_only_what_matches(self, ways, conntrack, flows):
        with tree.rule("n", hook="prerouting", saddr="192.0.2.7,2001:db8:1::7", action="notrack"):
            ways["forward"].arrivals([udp(src="192.0.2.7"), udp(6, src="2001:db8:1::7")])
            assert flows() == 0
            ways["forward"].arrivals([udp(src="192.0.2.8"), udp(6, src="2001:db8:1::8")])
            assert flows() == 2

    def test_goes_on(self, ways, conntrack):
        """It decides nothing: all that match count, and other rules of its hook are asked."""
        with tree.rules(a={"hook": "prerouting", "action": "notrack"},
                        b={"hook": "prerouting,output", "action": "notrack", "proto": "udp"},
                        c={"hook": "prerouting", "action": "continue", "proto": "udp",
                           "ct_state": "untracked"}) as rules:
            assert ways["forward"].passes(udp())
            assert [rule.packets for rule in rules.values()] == [1, 1, 1]
            with tree.rule("d", hook="prerouting", action="drop"):
                assert not ways["forward"].passes(udp())
            assert rules["a"].packets == 2

    def test_order_does_not_matter(self, ways, conntrack):
        """It stands before conntrack: a rule that accepts first is not before it."""
        with tree.rule("a", hook="prerouting", priority=-1, action="accept") as first, \
                tree.rule("b", hook="prerouting", action="notrack", proto="udp") as second:
            assert ways["forward"].passes(udp())
            assert (first.packets, second.packets) == (1, 1)


# ---- queue ----

QUEUE_WAYS = ("input", "forward", "output", "prerouting", "postrouting")


@pytest.fixture(params=QUEUE_WAYS)
def queue_way(request, ways, sides):
    return ways.get(request.param) or sides[request.param]


class TestQueue:
    NUMBER = 7

    @pytest.fixture
    def queue(self, network):
        with Queue(network.router, self.NUMBER) as queue:
            yield queue

    @pytest.mark.parametrize("words", ("queue 7", "queue 7 bypass"))
    def test_the_program_decides(self, queue, queue_way, words):
        packets = both(udp) + both(tcp)
        rule = {"hook": queue_way.hook, "proto": "udp,tcp", "dport": "9", "action": words}
        with tree.rule(**rule) as made:
            assert made["action"] == words
            assert queue_way.arrivals(packets) == []
            queued = queue.waiting()
            assert len(queued) == made.packets == 4
            for packet, (number, data) in zip(packets, queued):
                assert packet.tag in data and len(data) == len(packet.data)
                queue.decide(number, DROP)
            assert queue_way.arrivals(packets, lambda: queue.decide_all(ACCEPT)) == packets
            assert queue_way.arrivals(packets, lambda: queue.decide_all(DROP)) == []

    def test_what_does_not_match_is_not_queued(self, queue, queue_way):
        packets = both(udp, dport=10)
        with tree.rule(hook=queue_way.hook, proto="udp", dport="9", action="queue 7"):
            assert queue_way.arrivals(packets) == packets
            assert queue.waiting() == []

    def test_a_verdict_leads_to_the_next_hook(self, queue, ways):
        with nft("add chain inet beside c { type filter hook forward priority filter; }",
                 "add rule inet beside c udp dport 9 drop"), \
                tree.rule(hook="forward", proto="udp", action="queue 7"):
            assert ways["forward"].arrivals(
                [udp(), (passed := udp(dport=10))],
                lambda: queue.decide_all(ACCEPT)) == [passed]

    def test_it_is_counted_neither_way(self, queue, ways):
        with tree.rule(hook="forward", proto="udp", action="queue 7"):
            before = totals()
            ways["forward"].arrivals(both(udp), lambda: queue.decide_all(ACCEPT))
            assert totals() == before

    def test_without_a_program(self, queue_way):
        packets = both(udp)
        with tree.rule(hook=queue_way.hook, proto="udp", dport="9", action="queue 9") as rule:
            assert queue_way.arrivals(packets) == []
            rule["action"] = "queue 9 bypass"
            rule.publish()
            assert queue_way.arrivals(packets) == packets
            rule["action"] = "queue 0-65535 bypass"
            rule.publish()
            assert queue_way.arrivals(packets) == packets

    def test_balance(self, network, wire, family):
        """Over all of N-M and no others; both directions of a flow in one."""
        network.destination_is_local(False)
        source = {4: "192.0.2.{}", 6: "2001:db8:1::{:x}"}[family]
        with contextlib.ExitStack() as stack:
            queues = {number: stack.enter_context(Queue(network.router, number))
                      for number in (20, 21, 22, 23, 24)}
            stack.enter_context(tree.rule(hook="forward", proto="udp", action="queue 21-23"))
            there = {}
            for number in range(1, 49):
                packet = udp(family, src=source.format(number))
                answer = udp(family, src=DESTINATION[family], dst=source.format(number))
                wire.client.inject(packet.data)
                wire.server.inject(answer.data)
                wire.settle()
                found = [number for number, queue in queues.items()
                         for _ in queue.decide_all(DROP)]
                assert len(found) == 2 and found[0] == found[1]
                there[found[0]] = there.get(found[0], 0) + 1
            assert sorted(there) == [21, 22, 23]
            assert min(there.values()) > 3

    def test_queued_packets_outlive_their_rule(self, queue, ways):
        """A hook that goes takes what is queued there along; one that stays does not."""
        packet = udp()

        def meanwhile():
            rule["enabled"] = 0
            queue.decide_all(ACCEPT)
        with tree.rule(hook="forward", proto="udp", action="queue 7") as rule:
            assert ways["forward"].arrivals([packet], meanwhile) == [packet]


# ---- under traffic ----

def flood(wire, frames):
    for packet in itertools.cycle(frames):
        try:
            wire.client.inject(packet.data)
        except BlockingIOError:
            time.sleep(0.001)


def test_hooks_come_and_go_under_traffic(network, wire, ways):
    network.destination_is_local(False)
    frames = both(udp) + both(tcp)
    child = os.fork()
    if not child:
        try:
            os.sched_setaffinity(0, range(os.cpu_count()))
            flood(wire, frames)
        finally:
            os._exit(1)
    try:
        deadline = time.monotonic() + 5
        rounds = hits = 0
        while rounds < 5 or (time.monotonic() < deadline and rounds < 200):
            with tree.rule("a", hook="prerouting,postrouting", action="continue") as first, \
                    tree.rule("b", hook="ingress", iif="client0,late0", action="continue"), \
                    tree.rule("c", hook="prerouting,output", action="notrack", proto="udp"), \
                    tree.rule("d", hook="postrouting", proto="tcp", action="queue 9 bypass"):
                if not rounds % 5:
                    network.router.ip("link add late0 type dummy", "link del late0")
                time.sleep(0.005)
                hits += first.packets
            rounds += 1
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    wire.forget()
    assert hits > 0
    assert ways["forward"].arrivals(frames) == frames
