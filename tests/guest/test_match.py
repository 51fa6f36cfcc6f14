# SPDX-License-Identifier: GPL-2.0
"""Every match attribute at every hook: what matches, and what misses by one.

A case is a rule and two lists of packets. It is run as `drop` under the policy accept and as
`accept` under the policy drop; each time what arrives and the rule's counters must agree.
"""

import contextlib
import socket
import subprocess

import pytest

import tree
from cases import expect, judge
from packets import (DESTINATION, PROTOCOLS, SOURCE, both, icmp, icmpv6, other, ported, sized, tcp,
                     udp)
from topology import CLIENT, ROUTER_TO_CLIENT, ROUTER_TO_SERVER, SERVER

pytestmark = pytest.mark.usefixtures("nothing_but_rules")


def udp_with(attribute, *addresses):
    """A UDP packet for each address, in the field that `attribute` looks at."""
    field = "src" if attribute == "saddr" else "dst"
    return [udp(6 if ":" in address else 4, **{field: address}) for address in addresses]


def address_cases(attribute, net4, net6):
    """`net4` is the first three bytes of a block of 256, `net6` a /48 up to its `::`."""
    def case(value, hits, misses):
        def packets(tails):
            return udp_with(attribute, *(tail.replace("4.", net4 + ".").replace("6::", net6 + "::")
                                        .replace("6:", net6 + ":") for tail in tails.split()))
        value = value.replace("4.", net4 + ".").replace("6::", net6 + "::")
        value = value.replace("6:", net6 + ":")
        return expect(packets(hits), packets(misses), **{attribute: value})

    return [
        case("4.7", "4.7", "4.6 4.8 4.135 6::7"),
        case("!4.7", "4.6 4.8", "4.7 6::1"),
        case("4.8/29", "4.8 4.15", "4.7 4.16 6::8"),
        case("!4.8/29", "4.7 4.16", "4.8 4.15 6::1"),
        case("4.13/31", "4.12 4.13", "4.11 4.14"),
        case("4.9-4.14", "4.9 4.11 4.14", "4.8 4.15"),
        case("!4.9-4.14", "4.8 4.15", "4.9 4.14"),
        case("0.0.0.7/0.0.0.255", "4.7", "4.6 4.8 4.135"),
        case("0.0.0.5/0.0.0.13", "4.5 4.7 4.21 4.247", "4.4 4.1 4.13"),
        case("!0.0.0.1/0.0.0.1", "4.2 4.128", "4.3 4.255 6::2"),
        case("4.1,4.3,4.16-4.20,4.64/27", "4.1 4.3 4.16 4.20 4.64 4.95",
             "4.2 4.15 4.21 4.63 4.96"),
        case("!4.1,4.3,4.16-4.20", "4.2 4.15 4.21", "4.1 4.3 4.16 4.20"),
        case("0.0.0.0/0", "4.1 4.254", "6::1"),
        case("6::7", "6::7", "6::6 6::8 6::1:0:7 4.7"),
        case("!6::7", "6::6 6::8", "6::7 4.7"),
        case("6::8/125", "6::8 6::f", "6::7 6::10"),
        case("6:0:8000::/65", "6:0:8000::1 6:0:ffff:ffff:ffff:ffff",
             "6:0:7fff:ffff:ffff:ffff 6:1:8000::1"),
        case("6::/63", "6::1 6:1:ffff:ffff:ffff:ffff", "6:2::0"),
        case("6::/64", "6::1 6:0:ffff:ffff:ffff:ffff", "6:1::0"),
        case("6::9-6::14", "6::9 6::13 6::14", "6::8 6::15"),
        case("6:0:ffff:ffff:ffff:fffe-6:1::1", "6:0:ffff:ffff:ffff:fffe 6:1::0 6:1::1",
             "6:0:ffff:ffff:ffff:fffd 6:1::2"),
        case("!6::9-6::14", "6::8 6::15", "6::9 6::14 4.9"),
        case("::10/::ffff:ffff:ffff:ffff", "6::10 6:5::10", "6::11 6:0:0:1::10"),
        case("::1/::1", "6::1 6::3", "6::2 6::10"),
        case("::/0", "6::1 6:ffff::1", "4.1"),
        case("4.7,6::7", "4.7 6::7", "4.8 6::8"),
        case("!4.7,6::7", "4.8 6::8", "4.7 6::7"),
    ]


def family_cases():
    pair = both(tcp)
    return [expect(pair[:1], pair[1:], family="ip"), expect(pair[1:], pair[:1], family="ip6"),
            expect(pair, family="any")]


def device_cases():
    """Everything comes in by client0 and goes out by server0."""
    def cases(attribute, name, hooks):
        hit = ("{0}", "{0}*", "{1}*", "clien*,serve*", "!lo", "!{0}1", "!{0}1*",
               "!eth*,wg0", "lo,{0}", "eth0,{1}*", "*")
        miss = ("{1}", "{0}0", "{0}1", "{0}0*", "x{0}", "lo", "!{0}", "!{0}*", "!c*,s*",
                "eth*,wg*", "!lo,{0}", "{2}")
        fill = (name, name[:-1], name.upper())
        return ([expect(both(udp), (), hooks, **{attribute: value.format(*fill)}) for value in hit]
                + [expect((), both(udp), hooks, **{attribute: value.format(*fill)})
                   for value in miss])
    return (cases("iif", "client0", ("input", "forward"))
            + cases("oif", "server0", ("forward", "output"))
            + [expect(both(udp), hooks=("forward",), iif="client0", oif="server0"),
               expect((), both(udp), hooks=("forward",), iif="server0", oif="client0"),
               expect((), both(udp), hooks=("forward",), iif="client0", oif="client0")])


def protocol_packets(*numbers):
    return [packet for number in numbers for packet in both(other_or_ported(number))]


def other_or_ported(number):
    name = {number: name for name, number in PROTOCOLS.items()}.get(number)
    if name in ("tcp", "udp", "sctp", "dccp", "udplite"):
        return lambda family: ported(name, family)
    return lambda family: other(number, family)


def protocol_cases():
    return [
        expect(protocol_packets(6), protocol_packets(17, 132) + [icmp(8)], proto="tcp"),
        expect(protocol_packets(17), protocol_packets(6, 136), proto="udp"),
        expect([icmp(8), icmp(3, 3)], [icmpv6(128)] + both(tcp), proto="icmp"),
        expect([icmpv6(128), icmpv6(1)], [icmp(8)] + both(tcp), proto="icmpv6"),
        expect(protocol_packets(132), protocol_packets(6, 33), proto="sctp"),
        expect(protocol_packets(33), protocol_packets(6, 132), proto="dccp"),
        expect(protocol_packets(136), protocol_packets(17), proto="udplite"),
        expect(protocol_packets(50), protocol_packets(47), proto="esp"),
        expect(protocol_packets(51), protocol_packets(50, 52), proto="ah"),
        expect(protocol_packets(47), protocol_packets(46, 48), proto="gre"),
        expect(protocol_packets(253), protocol_packets(252, 254), proto="253"),
        expect(protocol_packets(6), protocol_packets(17), proto="6"),
        expect(protocol_packets(6, 17), protocol_packets(132, 33), proto="tcp,udp"),
        expect(protocol_packets(17, 132), protocol_packets(6), proto="!tcp"),
        expect(protocol_packets(132, 253), protocol_packets(6, 17), proto="!tcp,udp"),
    ]


def port_cases():
    def packets(field, protocol, *ports):
        return [packet for port in ports
                for packet in both(lambda family: ported(protocol, family, **{field: port}))]

    values = [  # value, ports that hit, ports that miss
        ("22", (22,), (21, 23, 22 << 8)),
        ("!22", (21, 23), (22,)),
        ("0", (0,), (1, 65535)),
        ("65535", (65535,), (65534, 0)),
        ("8000-8080", (8000, 8001, 8080), (7999, 8081)),
        ("!8000-8080", (7999, 8081), (8000, 8080)),
        ("22,80,8000-8080", (22, 80, 8000, 8080), (21, 79, 81, 7999, 8081)),
        ("!22,80,8000-8080", (21, 79, 7999, 8081), (22, 80, 8000, 8080)),
        ("0-65535", (0, 1, 65535), ()),
    ]
    by_value = [expect(packets(field, protocol, *hit), packets(field, protocol, *miss),
                       proto=protocol, **{field: value})
                for field in ("sport", "dport") for protocol in ("tcp", "udp")
                for value, hit, miss in values]
    by_protocol = [expect(packets("dport", protocol, 22), packets("dport", protocol, 21, 23),
                          proto=protocol, dport="22") for protocol in ("sctp", "dccp", "udplite")]
    crossed = [
        expect(both(tcp, dport=22),
               both(udp, dport=22) + both(tcp, sport=22) + both(tcp, dport=23),
               proto="tcp", dport="22"),
        expect(both(udp, sport=22), both(tcp, sport=22) + both(udp, dport=22),
               proto="udp", sport="22"),
        expect(both(tcp, sport=1, dport=2),
               both(tcp, sport=2, dport=1) + both(tcp, sport=1, dport=3)
               + both(tcp, sport=2, dport=2), proto="tcp", sport="1", dport="2"),
        expect(both(tcp, dport=53) + both(udp, dport=53),
               both(tcp, dport=54) + [icmp(8), icmpv6(128)], proto="tcp,udp", dport="53"),
        expect(both(tcp, dport=54),
               both(tcp, dport=53) + [icmp(8), icmpv6(128)] + both(udp, dport=54),
               proto="tcp", dport="!53"),
    ]
    return by_value + by_protocol + crossed


def icmp_cases():
    return [
        expect([icmp(8)], [icmp(0), icmp(9), icmpv6(8)], icmp_type="echo-request"),
        expect([icmp(0)], [icmp(8), icmpv6(129)], icmp_type="echo-reply"),
        expect([icmp(3, 4)], [icmp(3, 3), icmp(3, 5), icmp(4, 4), icmpv6(3, 4)], icmp_type="3/4"),
        expect([icmp(3, 0), icmp(3, 15)], [icmp(2), icmp(4)], icmp_type="3"),
        expect([icmp(3, 0), icmp(3, 13)], [icmp(11)], icmp_type="destination-unreachable"),
        expect([icmp(8), icmp(3, 4)], [icmp(0), icmp(3, 3)], icmp_type="echo-request,3/4"),
        expect([icmp(0), icmp(11)], [icmp(8), icmpv6(128)] + both(udp), icmp_type="!echo-request"),
        expect([icmp(3, 3), icmp(8)], [icmp(3, 4)], icmp_type="!3/4"),
        expect([icmp(255, 255)], [icmp(255, 254), icmp(254, 255)], icmp_type="255/255"),
        expect([icmpv6(128)], [icmpv6(127), icmpv6(129), icmp(128)], icmpv6_type="echo-request"),
        expect([icmpv6(129)], [icmpv6(128)], icmpv6_type="echo-reply"),
        expect([icmpv6(1, 4)], [icmpv6(1, 3), icmpv6(1, 5), icmpv6(2, 4), icmp(1, 4)],
               icmpv6_type="1/4"),
        expect([icmpv6(1), icmpv6(1, 6)], [icmpv6(2), icmpv6(0)], icmpv6_type="1"),
        expect([icmpv6(2), icmpv6(128)], [icmpv6(1), icmpv6(129)],
               icmpv6_type="packet-too-big,echo-request"),
        expect([icmpv6(129)], [icmpv6(128), icmp(0)] + both(udp), icmpv6_type="!echo-request"),
        expect([icmp(8)], [icmp(0)], proto="icmp", icmp_type="8"),
    ]


def flag_cases():
    def packets(*flags):
        return [packet for letters in flags for packet in both(tcp, flags=letters)]
    no_tcp = both(udp) + [icmp(8), icmpv6(128)]
    return [
        expect(packets(""), packets("S", "A", "F") + no_tcp, tcp_flags="none / syn,ack,rst,fin"),
        expect(packets("S", "SP", "SU", "SEC"), packets("SA", "A", "SF", "SR", "", "R") + no_tcp,
               tcp_flags="syn / syn,ack,rst,fin"),
        expect(packets("S", "SA"), packets("A", "", "F", "PU") + no_tcp, tcp_flags="syn / syn"),
        expect(packets("SA", "SAP"), packets("S", "A", "SAF"), tcp_flags="syn,ack / syn,ack,fin"),
        expect(packets("FPU"), packets("FP", "FPUA", "PU"),
               tcp_flags="fin,psh,urg / fin,syn,rst,psh,ack,urg"),
        expect(packets("R"), packets("F", "P"), tcp_flags="rst / rst"),
        expect(packets("A"), packets("P", "U"), tcp_flags="ack / ack"),
        expect(packets("E", "EC"), packets("C", "U"), tcp_flags="ece / ece"),
        expect(packets("E"), packets("C"), tcp_flags="ecn / ecn"),
        expect(packets("C", "EC"), packets("E", "F"), tcp_flags="cwr / cwr"),
        expect(packets("U"), packets("A", "E"), tcp_flags="urg / urg"),
        expect(packets("P"), packets("A", "R"), tcp_flags="psh / psh"),
        expect(packets("S"), packets("SA"), proto="tcp", tcp_flags="syn / syn,ack"),
    ]


def joined_cases():
    """Attributes of one rule are all needed."""
    return [
        expect(both(tcp, dport=22), both(tcp, dport=23) + both(udp, dport=22)
               + [tcp(dport=22, src="192.0.2.2"), tcp(6, dport=22, dst="2001:db8:2::2")],
               proto="tcp", dport="22", saddr=f"{SOURCE[4]},{SOURCE[6]}",
               daddr=f"{DESTINATION[4]},{DESTINATION[6]}"),
        expect([tcp(dport=22)], [tcp(6, dport=22)], family="ip", proto="tcp", dport="22"),
        expect(both(tcp) + both(udp) + [icmp(8), icmpv6(128), other(253)]),
    ]


def length_cases():
    def packets(*lengths):
        return [packet for length in lengths for packet in both(sized, length)]

    return [
        expect(packets(100), packets(99, 101), length="100"),
        expect(packets(99, 101), packets(100), length="!100"),
        expect(packets(90, 100, 1280, 1500), packets(89, 91, 99, 1279), length="90,100,1280-1500"),
        expect(packets(89, 1499), packets(90, 1498), length="!90-1498"),
        expect(packets(256, 512), packets(255, 511, 513), length="256,512"),
        expect(packets(70, 1500), (), length="0-65535"),
        expect((), packets(70, 1500), length="0,65535"),
    ]


def ttl_cases():
    """A forwarded packet has one hop behind it when the rules see it."""
    def cases(hooks, more):
        def packets(*ttls):
            return [packet for ttl in ttls for packet in both(udp, ttl=ttl + more)]
        return [
            expect(packets(64), packets(63, 65), hooks, ttl="64"),
            expect(packets(63, 65), packets(64), hooks, ttl="!64"),
            expect(packets(1, 10, 20), packets(9, 21, 2), hooks, ttl="1,10-20"),
            expect(packets(9, 21), packets(10, 20), hooks, ttl="!10-20"),
            expect(packets(255 - more), packets(254 - more), hooks, ttl=f"{255 - more}-255"),
        ]
    return cases(("input", "output"), 0) + cases(("forward",), 1)


def dscp_cases():
    def packets(*classes, ecn=0):
        return [packet for dscp in classes for packet in both(udp, tos=dscp << 2 | ecn)]

    return [
        expect(packets(46) + packets(46, ecn=3), packets(45, 47, 46 << 2 & 63), dscp="ef"),
        expect(packets(45, 0), packets(46), dscp="!ef"),
        expect(packets(34, 8, 1), packets(35, 33, 9, 0), dscp="af41,cs1,1"),
        expect(packets(0) + packets(0, ecn=1), packets(1, 32), dscp="be"),
        expect(packets(63), packets(62, 31), dscp="63"),
        expect(packets(1, 62), packets(0, 63), dscp="!cs0,63"),
    ]


CASES = (family_cases() + device_cases() + protocol_cases() + port_cases() + icmp_cases()
         + flag_cases() + address_cases("saddr", "192.0.2", "2001:db8:1")
         + address_cases("daddr", "198.51.100", "2001:db8:2") + joined_cases()
         + length_cases() + ttl_cases() + dscp_cases())


@pytest.mark.parametrize("hook,case", [
    pytest.param(hook, case, id=f"{hook}-{case}") for case in CASES for hook in case.hooks])
def test_match(ways, hook, case):
    judge(ways[hook], case)


def test_one_rule_at_all_hooks(ways):
    packets = both(udp, dport=53)
    with tree.rule(hook="input,forward,output", proto="udp", dport="53", action="drop") as rule:
        for way in ways.values():
            assert not way.arrivals(packets)
        assert rule.packets == 3 * len(packets)


def test_a_rule_is_of_its_hooks_alone(way, ways):
    packets = both(udp, dport=53)
    with tree.rule(hook=way.hook, proto="udp", dport="53", action="drop") as rule:
        for hook, other_way in ways.items():
            assert bool(other_way.arrivals(packets)) == (hook != way.hook)
        assert rule.packets == len(packets)


def test_a_device_may_come_after_its_rule(network, ways):
    with tree.rule(hook="output", oif="late0", action="drop") as rule:
        assert ways["output"].passes(udp())
        network.router.ip("link add late0 type dummy", "link set late0 up",
                          "route add 203.0.113.0/24 dev late0")
        try:
            assert not ways["output"].passes(udp(dst="203.0.113.1"))
            assert rule.packets == 1
        finally:
            network.router.ip("link del late0")


def test_a_renamed_device_is_another(network, ways):
    def rename(old, new):
        network.router.ip(f"link set {old} down", f"link set {old} name {new}",
                          f"link set {new} up", f"route replace 203.0.113.0/24 dev {new}")
    network.router.ip("link add one0 type dummy")
    try:
        with tree.rule(hook="output", oif="one0", action="continue") as rule:
            for step, name in enumerate(("two0", "one0", "two0")):
                rename("one0" if name == "two0" else "two0", name)
                ways["output"].arrivals([udp(dst="203.0.113.1")])
                assert rule.packets == (0, 1, 1)[step]
    finally:
        network.router.ip("link del two0")


@pytest.mark.parametrize("value,matches", [
    ("lo", True), ("l*", True), ("!lo", False), ("lo0", False)])
def test_loopback_is_a_device_by_name(network, family, value, matches):
    address = {4: "127.0.0.1", 6: "::1"}[family]
    with tree.parameters(accept_loopback="N"), \
            tree.rule(iif=value, proto="udp", dport="7777", action="continue") as rule, \
            network.router.socket(family, socket.SOCK_DGRAM) as sender, \
            network.router.socket(family, socket.SOCK_DGRAM) as receiver:
        receiver.bind((address, 7777))
        sender.sendto(b"x", (address, 7777))
        assert rule.packets == int(matches)


STATES = ("new", "established", "related", "invalid", "untracked")
STATE_VALUES = {  # value of ct_state: the states that match it
    **{state: {state} for state in STATES},
    "new,related": {"new", "related"},
    "!established": {"new", "related", "invalid", "untracked"},
    "!invalid,untracked": {"new", "established", "related"},
    "new,established,related,invalid,untracked": set(STATES),
}
NOTRACK_PORT = 6
NOTRACK = "".join(
    f"add chain inet beside {hook} {{ type filter hook {hook} priority raw; }}\n"
    f"add rule inet beside {hook} udp dport {NOTRACK_PORT} notrack\n"
    for hook in ("prerouting", "output"))


@pytest.fixture(scope="module")
def notrack():
    script = "add table inet beside\n" + NOTRACK
    subprocess.run(["nft", "-f", "-"], input=script, text=True, check=True)
    yield
    subprocess.run(["nft", "delete table inet beside"], check=True)


class Flow:
    """A UDP flow from `near` to `far`, whose packets to `far` cross the hook under test.

    At forward those from `far` do too: rules tell them apart by `near_address`.
    """

    def __init__(self, near, near_address, far, far_address, family):
        self.near_address = near_address[family]
        self._near_end = near.socket(family, socket.SOCK_DGRAM)
        self._far_end = far.socket(family, socket.SOCK_DGRAM)
        self._near_end.bind((near_address[family], 0))
        self._far_end.bind((far_address[family], 0))
        # A closed port would answer, and the answer would be counted too.
        self._untracked_end = far.socket(family, socket.SOCK_DGRAM)
        self._untracked_end.bind((far_address[family], NOTRACK_PORT))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for end in (self._near_end, self._far_end, self._untracked_end):
            end.close()

    def forth(self):
        self._near_end.sendto(b"forth", self._far_end.getsockname())

    def back(self):
        self._far_end.sendto(b"back", self._near_end.getsockname())

    def back_to_a_closed_port(self):
        """The near host's ICMP error is what then crosses the hook."""
        address, port = self._near_end.getsockname()[:2]
        self._near_end.close()
        self._far_end.sendto(b"back", (address, port))

    def forth_untracked(self):
        self._near_end.sendto(b"forth", self._untracked_end.getsockname())


@pytest.fixture
def flow(network, way, family):
    near, far = {
        "input": ((network.client, CLIENT), (network.router, ROUTER_TO_CLIENT)),
        "forward": ((network.client, CLIENT), (network.server, SERVER)),
        "output": ((network.router, ROUTER_TO_SERVER), (network.server, SERVER)),
    }[way.hook]
    with Flow(*near, *far, family) as made:
        yield made


def prepare(state, flow):
    """Bring the flow to where its next packet is in `state`."""
    if state == "established":
        flow.forth()
        flow.back()


def send_in(state, flow, way, family):
    """Send one packet through the hook that conntrack sees in `state`."""
    if state == "related":
        flow.back_to_a_closed_port()
    elif state == "invalid":
        way.arrivals([tcp(family, flags="SF", src=flow.near_address)])
    elif state == "untracked":
        flow.forth_untracked()
    else:
        flow.forth()


@pytest.mark.parametrize("state", STATES)
def test_ct_state(way, wire, family, flow, notrack, state):
    with contextlib.ExitStack() as stack:
        rules = {value: stack.enter_context(
            tree.rule(f"r{number}", hook=way.hook, action="continue", ct_state=value,
                      saddr=flow.near_address))
                 for number, value in enumerate(STATE_VALUES)}
        prepare(state, flow)
        wire.settle()
        for rule in rules.values():
            rule["reset"] = 1
        send_in(state, flow, way, family)
        wire.settle(rounds=2)
        matched = {value for value, rule in rules.items() if rule.packets}
        assert matched == {value for value, states in STATE_VALUES.items() if state in states}
