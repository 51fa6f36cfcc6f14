# SPDX-License-Identifier: GPL-2.0
"""Packets that are never sent: what they say is refused or not, and they are decided as real ones.

"Never sent" is half of it: whatever a probe is asked, nobody counts, logs or remembers it.
"""

import contextlib
import errno
import os
import random
import re

import pytest

import tree
from headers import AH, DSTOPTS, HBH, TCP22, chain, fragment, ip4, ip6, options
from kernel_log import KernelLog
from packets import both, udp
from random_rules import Sent, line
from tracing import end, events, tracing

INVALID, RANGE = errno.EINVAL, errno.ERANGE
NO_DATA = errno.ENODATA

# ---- what can be said ----

# field, value, errno, words of last_error
BAD_VALUES = [
    ("hook", "inside", INVALID, "inside"), ("hook", "input,output", INVALID, "one value"),
    ("iif", "a/b", INVALID, "a/b"), ("iif", "eth*", INVALID, "one value"),
    ("iif", "*", INVALID, "one value"), ("oif", "!eth0", INVALID, "one value"),
    ("saddr", "10.0.0.0/8", INVALID, "10.0.0.0/8"), ("saddr", "10.0.0.256", INVALID, "256"),
    ("saddr", "10.0.0.1-10.0.0.2", INVALID, "one value"), ("saddr", "@bad", INVALID, "@bad"),
    ("daddr", "0.0.0.0/0", INVALID, "one value"), ("daddr", "!::1", INVALID, "one value"),
    ("daddr", "::1,::2", INVALID, "one value"), ("daddr", "host", INVALID, "host"),
    ("proto", "tpc", INVALID, "tpc"), ("proto", "256", RANGE, "256"),
    ("proto", "tcp,udp", INVALID, "one value"), ("sport", "1-2", INVALID, "1-2"),
    ("sport", "0-65535", INVALID, "one value"), ("dport", "65536", RANGE, "65536"),
    ("dport", "ssh", INVALID, "ssh"), ("dport", "@ports", INVALID, "@ports"),
    ("icmp_type", "ping", INVALID, "ping"), ("icmp_type", "3,4", INVALID, "one value"),
    ("icmp_type", "nd-redirect", INVALID, "nd-redirect"), ("icmpv6_type", "300", RANGE, "300"),
    ("tcp_flags", "syn/syn", INVALID, "mask"), ("tcp_flags", "sin", INVALID, "sin"),
    ("tcp_flags", "!syn", INVALID, "syn"), ("ct_state", "old", INVALID, "old"),
    ("ct_state", "new,related", INVALID, "one value"), ("mark", "0x1/0xff", INVALID, "one value"),
    ("mark", "red", INVALID, "red"), ("length", "65536", RANGE, "65536"),
    ("length", "19", INVALID, "19"), ("length", "40-60", INVALID, "one value"),
    ("uid", "root", INVALID, "root"), ("uid", "1000-1001", INVALID, "one value"),
    ("packet", "456", INVALID, "odd"), ("packet", "45 0x", INVALID, "'x'"),
    ("packet", "45-00", INVALID, "'-00'"), ("packet", "45\n00", INVALID, "one line"),
]

# what is there, what contradicts it, both names
CONTRADICTIONS = [
    ({"proto": "icmp"}, {"sport": "1"}, ("sport", "proto")),
    ({"proto": "gre"}, {"dport": "1"}, ("dport", "proto")),
    ({"icmp_type": "8"}, {"dport": "1"}, ("dport", "icmp_type")),
    ({"proto": "tcp"}, {"icmp_type": "8"}, ("icmp_type", "proto")),
    ({"proto": "udp"}, {"tcp_flags": "syn"}, ("tcp_flags", "proto")),
    ({"icmp_type": "8"}, {"icmpv6_type": "128"}, ("icmp_type", "icmpv6_type")),
    ({"saddr": "10.0.0.1"}, {"daddr": "::1"}, ("saddr", "daddr")),
    ({"saddr": "::1"}, {"icmp_type": "8"}, ("saddr", "icmp_type")),
    ({"daddr": "10.0.0.1"}, {"proto": "icmpv6"}, ("daddr", "proto")),
    ({"hook": "output"}, {"iif": "eth0"}, ("iif", "output")),
    ({"hook": "ingress"}, {"ct_state": "new"}, ("ct_state", "ingress")),
    ({"proto": "tcp"}, {"length": "39"}, ("length", "39", "40")),
    ({"length": "40"}, {"saddr": "::1", "proto": "udp"}, ("length", "40", "48")),
] + [({"packet": "45"}, {field: value}, ("packet", field)) for field, value in {
    "saddr": "10.0.0.1", "proto": "tcp", "mark": "1", "length": "40", "icmp_type": "8",
    "tcp_flags": "syn"}.items()]

# The hook that is unset has none of these, so there is no other way round.
ONE_WAY = [
    ({"hook": "prerouting"}, {"oif": "eth0"}, ("oif", "prerouting")),
    ({"hook": "output", "oif": "eth0"}, {"hook": "input"}, ("oif", "input")),
    ({"hook": "forward"}, {"uid": "0"}, ("uid", "forward")),
    ({"hook": "output", "uid": "0"}, {"hook": "forward"}, ("uid", "forward")),
]

# field, what is written, what is read
NORMAL_FORMS = [
    ("hook", "forward", "forward"), ("hook", "", "input"), ("iif", "eth0", "eth0"),
    ("saddr", "10.0.0.1/32", "10.0.0.1"), ("daddr", "2001:DB8:0::1", "2001:db8::1"),
    ("proto", "6", "tcp"), ("proto", "0", "0"), ("dport", "22", "22"),
    ("icmp_type", "8/0", "8/0"), ("icmpv6_type", "echo-request", "128"),
    ("tcp_flags", "ack, syn", "syn,ack"), ("tcp_flags", "none", "none"),
    ("ct_state", "related", "related"), ("mark", "16", "0x10"), ("mark", "0", "0x0"),
    ("length", "1500", "1500"), ("saddr", "any", ""), ("packet", "45 00\tFF", "4500ff"),
    ("packet", "", ""),
]


@pytest.fixture
def probe():
    with tree.probe() as made:
        yield made


def test_bad_values(probe):
    for field, value, error, word in BAD_VALUES:
        with tree.refused(error, f"{probe.path}/last_error", field, word):
            probe[field] = value
        assert probe[field] == ("input" if field == "hook" else "")
    with pytest.raises(OSError) as failure:
        assert probe["verdict"]
    assert failure.value.errno == NO_DATA


@pytest.mark.parametrize("swapped", (False, True), ids=("", "the other way round"))
def test_contradictions(swapped):
    for there, new, names in CONTRADICTIONS + ONE_WAY * (not swapped):
        if swapped:
            there, new = new, there
        with tree.probe(**there) as probe:
            *first, (field, value) = new.items()
            probe.set(**dict(first))
            before = probe[field]
            with tree.refused(INVALID, f"{probe.path}/last_error", *names):
                probe[field] = value
            assert probe[field] == before


def test_normal_forms(probe):
    for field, written, shown in NORMAL_FORMS:
        probe[field] = written
        assert probe[field] == shown, field
        assert probe["last_error"] == ""
        probe[field] = ""


def test_nothing_written_and_ports_alone(probe):
    for step in ({}, {"dport": "22"}, {"dport": ""}):
        probe.set(**step)
        for file in ("verdict", "rule", "trace"):
            with pytest.raises(OSError) as failure:
                assert probe[file]
            assert failure.value.errno == NO_DATA
        assert ("dport: needs" in probe["last_error"]) == (step == {"dport": "22"})
    probe["dport"] = 22
    probe["proto"] = "udp"
    assert probe.answer == ("accept", "policy")


def test_files(probe):
    modes = {name: os.stat(f"{probe.path}/{name}").st_mode & 0o777
             for name in os.listdir(probe.path)}
    readable = {"verdict", "rule", "trace", "last_error"}
    assert {name for name, mode in modes.items() if mode == 0o400} == readable
    assert {name for name, mode in modes.items() if mode == 0o600} == set(modes) - readable


# ---- each thing that can be said ----

# attributes of a rule, what a probe says to match it, what narrowly does not
MATCHES = [
    ({"hook": "forward"}, {"hook": "forward"}, {"hook": "input"}),
    ({"iif": "nic0"}, {"iif": "nic0"}, {"iif": "nic00"}),
    ({"iif": "!nic0"}, {"iif": "nic1"}, {"proto": "tcp"}),
    ({"hook": "output", "oif": "nic*"}, {"hook": "output", "oif": "nic7"}, {"hook": "output"}),
    ({"saddr": "10.0.0.0/8"}, {"saddr": "10.255.255.255"}, {"saddr": "11.0.0.0"}),
    ({"daddr": "2001:db8::/32"}, {"daddr": "2001:db8::1"}, {"daddr": "2001:db9::1"}),
    ({"saddr": "0.0.0.0"}, {"daddr": "10.0.0.1"}, {"daddr": "::1"}),
    ({"saddr": "::"}, {"daddr": "::1"}, {"daddr": "10.0.0.1"}),
    ({"proto": "udp"}, {"proto": "udp"}, {"proto": "udplite"}),
    ({"proto": "253"}, {"saddr": "10.0.0.1"}, {"proto": "254"}),
    ({"proto": "ah"}, {"proto": "ah", "saddr": "::1"}, {"proto": "esp", "saddr": "::1"}),
    ({"proto": "udp", "sport": "0"}, {"proto": "udp"}, {"proto": "udp", "sport": "1"}),
    ({"proto": "tcp", "dport": "22"}, {"proto": "tcp", "dport": "22"},
     {"proto": "tcp", "dport": "23"}),
    ({"proto": "sctp", "dport": "!22"}, {"proto": "sctp", "dport": "23", "saddr": "::1"},
     {"proto": "sctp", "dport": "22", "saddr": "::1"}),
    ({"icmp_type": "3/4"}, {"icmp_type": "3/4"}, {"icmp_type": "3"}),
    ({"icmpv6_type": "echo-request"}, {"icmpv6_type": "echo-request"}, {"icmp_type": "8"}),
    ({"tcp_flags": "syn/syn,ack"}, {"proto": "tcp"}, {"tcp_flags": "syn,ack"}),
    ({"tcp_flags": "ack/syn,ack"}, {"proto": "tcp", "ct_state": "invalid"}, {"proto": "tcp"}),
    ({"tcp_flags": "none/syn,ack"}, {"tcp_flags": "none"}, {"tcp_flags": "ack"}),
    ({"ct_state": "new"}, {"proto": "tcp"}, {"ct_state": "invalid"}),
    ({"ct_state": "untracked"}, {"ct_state": "untracked"}, {"ct_state": "invalid"}),
    ({"ct_state": "invalid"}, {"ct_state": "invalid"}, {"ct_state": "new"}),
    ({"ct_state": "related"}, {"ct_state": "related"}, {"ct_state": "established"}),
    ({"mark": "0x10/0xf0"}, {"mark": "0x11"}, {"mark": "0x1"}),
    ({"mark": "0"}, {"proto": "tcp"}, {"mark": "1"}),
    ({"length": "40"}, {"proto": "tcp"}, {"length": "41"}),
    ({"length": "60"}, {"proto": "tcp", "saddr": "::1"}, {"saddr": "::1"}),
    ({"length": "65535"}, {"length": "65535"}, {"length": "65534"}),
    ({"hook": "output", "uid": "1000"}, {"hook": "output", "uid": "1000"},
     {"hook": "output", "uid": "1001"}),
    ({"hook": "output", "uid": "!1000"}, {"hook": "output", "uid": "0"}, {"hook": "output"}),
    ({"saddr_type": "local"}, {"saddr": "127.0.0.1"}, {"saddr": "192.0.2.1"}),
    ({"pkttype": "multicast"}, {"daddr": "ff02::1"}, {"daddr": "fe80::1"}),
    ({"ttl": "64"}, {"proto": "tcp"}, {"icmpv6_type": "nd-neighbor-solicit"}),
]


def test_each_field():
    """Under drop, and with nobody to accept before the rules."""
    with tree.parameters(accept_established="N", accept_control="N", default_policy="drop",
                         output_policy="drop"):
        for attributes, hit, miss in MATCHES:
            with tree.rule("it", action="accept", **attributes):
                assert tree.ask(**hit) == ("accept", "it"), (attributes, hit)
                assert tree.ask(**miss) == ("drop", "policy"), (attributes, miss)


@pytest.mark.parametrize("attributes", [
    {"ct_mark": "0"}, {"ct_status": "!dnat"}, {"ct_orig_dport": "!1", "proto": "tcp"},
    {"hook": "output", "gid": "!5"}, {"saddr_mac": "!02:00:00:00:00:01"}, {"rpf": "pass"},
], ids=str)
def test_what_no_probe_knows_matches_neither_a_value_nor_its_negation(attributes):
    hook = attributes.get("hook", "input")
    more = {"uid": 0} if hook == "output" else {}
    with tree.rule("it", action="drop", **attributes):
        assert tree.ask(hook=hook, proto="tcp", **more) == ("accept", "policy")


# action, the word
VERDICTS = [("accept", "accept"), ("drop", "drop"), ("reject", "reject"),
            ("reject with host-unreachable", "reject"), ("queue 3", "queue"),
            ("queue 1-2 bypass", "queue")]


def test_verdicts():
    for action, verdict in VERDICTS:
        with tree.rule("00-counts", action="continue"), tree.rule("it", action=action):
            assert tree.ask(proto="udp") == (verdict, "it")
    for policy in ("accept", "drop", "reject"):
        with tree.parameters(default_policy=policy):
            assert tree.ask(proto="udp") == (policy, "policy")
    with tree.parameters(default_policy="drop"):
        for hook in ("prerouting", "postrouting", "ingress"):
            assert tree.ask(hook=hook) == ("accept", "policy")


def test_limits_count_as_not_exhausted():
    with tree.parameters(default_policy="drop"):
        for attributes in ({"limit": "1/day burst 1"}, {"quota": "1 kbytes"}):
            with tree.rule("it", action="accept", **attributes):
                assert [tree.ask(length=1500) for _ in range(3)] == [("accept", "it")] * 3
        for attributes in ({"limit": "over 1/day burst 1"}, {"conn_limit": "over 1"}):
            with tree.rule("it", action="accept", **attributes):
                assert [tree.ask(length=1500) for _ in range(3)] == [("drop", "policy")] * 3


def test_shortcuts():
    with tree.parameters(default_policy="drop", output_policy="drop", pickup=0):
        for fields, by in (({"iif": "lo"}, "loopback"),
                           ({"hook": "output", "oif": "lo"}, "loopback"),
                           ({"ct_state": "established"}, "established"),
                           ({"hook": "forward", "ct_state": "related"}, "established"),
                           ({"icmpv6_type": "nd-neighbor-solicit"}, "control"),
                           ({"icmpv6_type": "mld-listener-query"}, "control"),
                           ({"proto": "udp", "sport": "67", "dport": "68"}, "control")):
            assert tree.ask(**fields) == ("accept", by)
        for fields in ({"iif": "lo1"}, {"hook": "forward", "iif": "lo"},
                       {"ct_state": "invalid"}, {"hook": "forward", "tcp_flags": "ack"},
                       {"icmpv6_type": "echo-request"}):
            assert tree.ask(**fields) == ("drop", "policy")
        with tree.parameters(accept_loopback="N", accept_established="N", accept_control="N"):
            for fields in ({"iif": "lo"}, {"ct_state": "established"},
                           {"icmpv6_type": "nd-neighbor-solicit"}):
                assert tree.ask(**fields) == ("drop", "policy")


def test_notrack_comes_before_conntrack():
    """And an established packet that is not tracked is not established."""
    with tree.rule("raw", hook="prerouting,output", saddr="192.0.2.1", action="notrack"), \
            tree.rule("un", hook="prerouting,output", ct_state="untracked", action="drop"):
        for hook in ("prerouting", "output"):
            for state in ("new", "established"):
                assert tree.ask(hook=hook, saddr="192.0.2.1", ct_state=state) == ("drop", "un")
            assert tree.ask(hook=hook, saddr="192.0.2.2") == ("accept", "policy")
        assert tree.ask(saddr="192.0.2.1") == ("accept", "policy")


def test_sets_and_a_transaction():
    """As packets see them: what is staged is not there yet."""
    with tree.named_set("192.0.2.1", name="bad") as bad, \
            tree.rule("it", saddr="@bad", action="drop"):
        with tree.staged():
            bad.add("192.0.2.2")
            bad.delete("192.0.2.1")
            assert tree.ask(saddr="192.0.2.1") == ("drop", "it")
            assert tree.ask(saddr="192.0.2.2") == ("accept", "policy")
        assert tree.ask(saddr="192.0.2.1") == ("accept", "policy")
        assert tree.ask(saddr="192.0.2.2") == ("drop", "it")


# bytes, which of the rules of test_bytes decides
PACKETS = [
    (ip4(TCP22), "ssh"), (ip6(TCP22), "ssh"), (chain((HBH, options), (DSTOPTS, options)), "ssh"),
    (ip4(TCP22[:19]), "tcp"), (ip4(TCP22, length=39), "tcp"), (ip4(TCP22, length=100), "policy"),
    (ip4(TCP22)[:19], "policy"), (ip6(TCP22)[:39], "policy"), (b"\x45", "policy"),
    (b"\x60", "policy"), (b"\x75" + bytes(60), "policy"), (ip4(TCP22, ihl=4), "policy"),
    (ip6(TCP22, length=10), "tcp"), (ip6(TCP22, length=21), "policy"),
    (ip6(fragment(6, offset=1) + TCP22, 44), "fragment"),
    (ip6(fragment(6, more=1) + TCP22, 44), "fragment"), (ip4(TCP22, frag=1), "fragment"),
    (chain((HBH, options), end=b"\x01"), "tcp"), (ip6(bytes(7), AH), "policy"),
    (ip4(TCP22 + bytes(2000)), "ssh"),
]


def test_devices_that_do_not_exist_lead_nowhere(network):
    """network routes the sources to client0."""
    for source in ("192.0.2.1", "2001:db8:1::1"):
        with tree.rule("it", rpf="fail", action="drop"):
            for device, answer in (("client0", ("accept", "policy")), ("server0", ("drop", "it")),
                                   ("none0", ("drop", "it"))):
                assert tree.ask(saddr=source, iif=device) == answer, (source, device)


def test_bytes():
    rules = {"1-fragment": {"fragment": "first"}, "2-fragment": {"fragment": "later"},
             "3-ssh": {"proto": "tcp", "dport": "22"}, "4-tcp": {"proto": "tcp"}}
    with tree.parameters(default_policy="drop"), tree.probe(iif="nic0", ct_state="new") as probe, \
            tree.rules(**{name: {"action": "accept", "iif": "nic0", **attributes}
                          for name, attributes in rules.items()}):
        for data, by in PACKETS:
            probe["packet"] = data.hex(" ")[:4090] if len(data) < 1300 else data.hex()
            assert probe["packet"] == data.hex()
            assert probe["rule"].lstrip("1234-") == by, data
        probe["iif"] = "nic1"
        assert probe["rule"] == "policy"


# ---- the trace ----

def test_trace():
    with tree.parameters(default_policy="drop"), \
            tree.rule("05-count", action="continue"), \
            tree.rule("10-ssh", proto="tcp", dport="22", action="accept"), \
            tree.rule("15-not", saddr="!10.0.0.0/8", action="drop"), \
            tree.rule("20-limit", proto="udp", limit="1/day",
                      action="reject with admin-prohibited"), \
            tree.rule("30-over", proto="tcp", limit="over 1/day", action="drop"), \
            tree.rule("40-out", hook="output", action="drop"), \
            tree.rule("50-ip6", saddr="::/0", action="drop"), \
            tree.rule("60-iif", iif="nic*", action="drop"), \
            tree.chain("proto=tcp dport=81 action=drop", "proto=tcp dport=80 action=accept",
                       name="acl", priority=1):
        shortcuts = ["loopback: no", "established: no", "control: no"]
        head = [*shortcuts, "05-count: matches: continue"]
        with tree.probe(proto="tcp", dport=80, saddr="10.0.0.1", iif="eth0") as probe:
            assert probe["trace"].splitlines() == [
                *head, "10-ssh: dport: 80 is not 22", "15-not: saddr: 10.0.0.1 is not !10.0.0.0/8",
                "20-limit: proto: tcp is not udp", "30-over: limit: counted as not exhausted",
                "60-iif: iif: eth0 is not nic*",
                "acl:1: dport: 80 is not 81", "acl:2: matches: accept"]
            probe["dport"] = ""
            probe["proto"] = "udp"
            assert probe["trace"].splitlines()[-1] == \
                "20-limit: matches, limits counted as not exhausted: reject with admin-prohibited"
            probe["proto"] = "gre"
            assert probe["trace"].splitlines()[-1] == "policy: drop"
            probe["ct_state"] = "established"
            assert probe["trace"].splitlines() == ["loopback: no", "established: accept"]
        with tree.probe(packet="45") as probe:
            assert "10-ssh: the packet has no whole network header" in probe["trace"].splitlines()


def test_a_trace_of_thousands_of_lines():
    lines = [f"proto=udp dport={port} action=drop" for port in range(1, 5001)]
    chain = tree.Chain("c")
    with tree.chain(name="c", live=False):
        chain.load(lines)
        chain.publish()
        with tree.probe(proto="udp", dport=6000) as probe:
            shown = probe["trace"].splitlines()
        assert shown[-2:] == ["c:5000: dport: 6000 is not 5000", "policy: accept"]
        assert len([line for line in shown if line.startswith("c:")]) == 5000


# ---- no side effects ----

def everything(*objects):
    """What there is that a packet could change."""
    totals = [tree.parameter(name) for name in ("accepted", "dropped", "would_drop")]
    return totals, [[made[file] for file in files] for made, files in objects]


def unnoticed(asking, *objects):
    """Ask, and nothing moves. A kernel may say something of its own meanwhile: not each time."""
    for _ in range(3):
        before = everything(*objects)
        result = asking()
        if everything(*objects) == before:
            return result
    raise AssertionError("asking counts")


def ask_often(packets):
    for _ in range(20):
        for packet in packets:
            with tree.probe(packet=packet.data.hex()) as probe:
                assert probe.answer == ("accept", "3")
                assert "3: matches" in probe["trace"]
        assert tree.ask(proto="gre") == ("drop", "policy")


def test_asking_leaves_no_trace(ways):
    packets = both(udp)
    counts = ("packets", "bytes", "last_hit")
    log = KernelLog()
    with tree.parameters(log_denied="Y", default_policy="drop"), \
            tree.named_set(name="seen") as seen, \
            tree.rule("1", action="continue", log="on") as first, \
            tree.rule("2", action="continue", add_to="@seen key saddr timeout 1h") as second, \
            tree.rule("3", proto="udp", limit="2/day burst 2", quota="1 kbytes",
                      action="accept") as third:
        objects = [(first, counts), (second, counts), (third, counts),
                   (seen, ("elements", "count", "refused"))]
        unnoticed(lambda: ask_often(packets), *objects)
        assert not log.texts("minifw")
        assert ways["input"].arrivals(packets) == packets
        assert [third.packets, first.packets] == [2, 2] and len(seen.elements) == 2
        assert len(log.texts("minifw")) == 2


# ---- as real packets are decided ----

ACTIONS = ("accept", "accept", "drop", "drop", "reject", "continue", "queue 7", "queue 7 bypass")
PLAIN = ("accept", "drop", "continue", "queue 7 bypass")
BATCHES = 8 if tree.DEBUG else 16  # there a hook takes two minutes with 16
LINES, PACKETS_EACH = 14, 36


def make_lines(rng, hook):
    if hook != "prerouting":
        return [line(rng, hook, ACTIONS) for _ in range(LINES)]
    raw = [line(rng, hook, ("notrack",), without=("ct_state", "ipsec")) for _ in range(3)]
    # an event a packet: the last line decides what is left
    return [*raw, *(line(rng, hook, PLAIN) for _ in range(LINES)), f"hook={hook} action=accept"]


def decisions(packets, seen, hook):
    """Verdict and rule of each packet, by the events in their order."""
    seen = iter([event for event in seen if f" hook={hook} " in event])
    for packet in packets:
        source, target = map(end, (packet.source, packet.destination), packet.ports)
        ends = f" {source} -> {target} "
        event = next(event for event in seen
                     if ends in event and f" proto={packet.protocol} " in event)
        found = re.match(r"rule=(\S+) hook=\S+ verdict=(\S+) ", event)
        yield found[2], found[1]


def said(packet, hook, raw=False):
    """What a probe says of it."""
    fields = {"hook": hook}
    if hook != "output":
        fields["iif"] = "client0"
    if hook in ("forward", "output"):
        fields["oif"] = "server0"
    if raw:
        return {**fields, "packet": packet.data.hex()}
    if hook == "output":
        fields["uid"] = os.getuid()
    return {**fields, **packet.fields}


@contextlib.contextmanager
def in_force(lines):
    """As a chain."""
    with tree.chain(*lines, live=False) as chain:
        try:
            chain.publish()
        except OSError as error:
            raise AssertionError(chain["last_error"]) from error
        yield chain


def ask_all(packets, answers, hook, ways_to_say):
    """How many answers of probes are those of the real packets: all."""
    for packet, answer in zip(packets, answers):
        for raw in ways_to_say:
            assert tree.ask(**said(packet, hook, raw)) == answer, packet
    return len(packets) * len(ways_to_say)


def compare(way, rng, lines, policy):
    """How many answers of probes were held against real packets."""
    packets = [Sent(rng) for _ in range(PACKETS_EACH)]
    # bytes do not say who sends them
    ways_to_say = (False,) if any("uid=" in line for line in lines) else (False, True)
    with tree.parameters(default_policy=policy, output_policy=policy), \
            in_force(lines) as chain, tracing():
        arrived = way.arrivals(packets)
        answers = list(decisions(packets, events(), way.hook))
        for packet, answer in zip(packets, answers):
            assert (packet in arrived) == (answer[0] == "accept" or bypassed(chain, answer))
        asked = unnoticed(lambda: ask_all(packets, answers, way.hook, ways_to_say),
                          (chain, ["rules"]))
        with tree.probe(**said(packets[0], way.hook)) as probe:
            assert "BUG" not in probe["trace"]
    return asked


def bypassed(chain, answer):
    """Nobody listens: what is queued with bypass arrives."""
    verdict, by = answer
    if verdict != "queue":
        return False
    return "bypass" in chain.rules[int(by.partition(":")[2]) - 1]


@pytest.mark.parametrize("name", ("input", "forward", "output", "prerouting"))
def test_probes_agree_with_packets(name, ways, sides):
    way = ways.get(name) or sides[name]
    rng = random.Random(f"minifw {name}")
    asked = 0
    with tree.parameters(accept_established="N"), \
            tree.named_set("192.0.2.1", "198.51.100.2", "2001:db8:1::2", "2001:db8:2::/127",
                           name="known"):
        for batch in range(BATCHES):
            policy = "drop" if batch % 2 and name in ways else "accept"
            asked += compare(way, rng, make_lines(rng, way.hook), policy)
    assert asked >= BATCHES * PACKETS_EACH
