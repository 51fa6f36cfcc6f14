# SPDX-License-Identifier: GPL-2.0
"""Each reject as its client sees it: an errno of its socket, an ICMP or RST, or silence."""

import contextlib
import errno
import itertools

import pytest
from scapy.layers.inet import ICMP, IP, TCP
from scapy.layers.inet6 import IPv6
from scapy.packet import Raw

import tree
from clients import Attempt, pending_error, udp_client
from packets import SOURCE, Packet, both, icmp, icmpv6, ported, tcp, udp
from topology import ROUTER_TO_CLIENT, SERVER

pytestmark = pytest.mark.usefixtures("nothing_but_rules")

REFUSED = errno.ECONNREFUSED

# The variant: (ICMP code, errno) in IPv4, then in IPv6. The type is destination unreachable.
UNREACHABLE = {
    "reject with port-unreachable": {4: (3, REFUSED), 6: (4, REFUSED)},
    "reject with host-unreachable": {4: (1, errno.EHOSTUNREACH), 6: (3, errno.EHOSTUNREACH)},
    "reject with net-unreachable": {4: (0, errno.ENETUNREACH), 6: (0, errno.ENETUNREACH)},
    "reject with admin-prohibited": {4: (13, errno.EHOSTUNREACH), 6: (1, errno.EACCES)},
}
TYPE = {4: 3, 6: 1}
FIRST_PORT = itertools.count(2000, 100)


def ends(network, hook):
    """Who connects, and to which address, so that the first packet crosses the hook."""
    return {"input": (network.client, ROUTER_TO_CLIENT), "forward": (network.client, SERVER),
            "output": (network.router, SERVER)}[hook]


@contextlib.contextmanager
def rejecting(hook, protocol, actions):
    """A rule a port, each with one action; gives the ports."""
    first = next(FIRST_PORT)
    with contextlib.ExitStack() as stack:
        ports = {}
        for port, action in enumerate(actions, first):
            stack.enter_context(tree.rule(f"{protocol}-{port}", hook=hook, proto=protocol,
                                          dport=port, action=action))
            ports[action] = port
        yield ports


def test_tcp_client(network, way, family):
    """An ICMP that comes back while connect(2) still holds its socket counts at the next SYN,
    a second later: so all attempts run at once."""
    host, address = ends(network, way.hook)
    expected = {"reject": REFUSED, "reject with tcp-reset": REFUSED,
                **{action: seen[family][1] for action, seen in UNREACHABLE.items()}}
    with rejecting(way.hook, "tcp", expected) as ports, contextlib.ExitStack() as stack:
        attempts = {action: stack.enter_context(Attempt(host, family, address[family], port))
                    for action, port in ports.items()}
        assert {action: attempt.outcome() for action, attempt in attempts.items()} == expected


def test_udp_client(network, way, family):
    host, address = ends(network, way.hook)
    expected = {"reject": REFUSED,
                **{action: seen[family][1] for action, seen in UNREACHABLE.items()}}
    with rejecting(way.hook, "udp", expected) as ports:
        for action, port in ports.items():
            with udp_client(host, family, address[family], port) as client:
                with contextlib.suppress(PermissionError):  # at output, as with any filter
                    client.send(b"x")
                assert pending_error(client) == expected[action], action


def answers(wire, way, packets):
    """What c hears when it sends these (bytes, from the IP header on)."""
    assert way.arrivals(packets) == []
    wire.settle()
    return wire.client.drain()


def dissect(answer):
    return IP(answer) if answer[0] >> 4 == 4 else IPv6(answer)


def is_unreachable(answer, family, code):
    """Whether `answer` is the ICMP error, well-formed, from the guest, to the source."""
    header = dissect(answer)
    layer = header.payload
    kind = (layer.type, layer.code)
    return (kind == (TYPE[family], code) and header.dst == SOURCE[family]
            and checksum_is_right(header))


def checksum_is_right(header):
    """Of ICMP: veth leaves that of TCP to hardware, and a real client judges it above."""
    layer = header.payload
    field = "chksum" if "chksum" in layer.fields else "cksum"
    received = layer.fields[field]
    copy = header.copy()
    delattr(copy.payload, field)
    rebuilt = type(header)(bytes(copy)).payload
    return rebuilt.fields[field] == received


@pytest.mark.parametrize("hook", ("input", "forward"))
@pytest.mark.parametrize("action", UNREACHABLE)
def test_unreachable_on_the_wire(ways, wire, family, hook, action):
    code = UNREACHABLE[action][family][0]
    for packet in (udp(family), tcp(family), ported("sctp", family)):
        with tree.rule(hook=hook, action=action):
            heard = answers(wire, ways[hook], [packet])
        assert len(heard) == 1 and is_unreachable(heard[0], family, code), packet
        transport = packet.data[20:] if family == 4 else packet.data[40:]
        assert transport[:8] in heard[0]


@pytest.mark.parametrize("hook", ("input", "forward"))
@pytest.mark.parametrize("action", ("reject", "reject with tcp-reset"))
def test_reset_on_the_wire(ways, wire, family, hook, action):
    packet = tcp(family, sport=1111, dport=2222)
    with tree.rule(hook=hook, proto="tcp", action=action) as rule:
        heard = answers(wire, ways[hook], [packet])
        assert rule.packets == 1
    assert len(heard) == 1
    reset = dissect(heard[0])
    assert isinstance(reset.payload, TCP)
    assert (reset[TCP].sport, reset[TCP].dport) == (2222, 1111)
    assert "R" in reset[TCP].flags
    assert reset.src == packet.destination and reset.dst == SOURCE[family]


@pytest.mark.parametrize("hook", ("input", "forward"))
def test_reject_alone_is_port_unreachable_for_all_but_tcp(ways, wire, family, hook):
    code = UNREACHABLE["reject with port-unreachable"][family][0]
    ping = icmp(8) if family == 4 else icmpv6(128)
    for packet in (udp(family), ported("sctp", family), ping):
        with tree.rule(hook=hook, action="reject"):
            heard = answers(wire, ways[hook], [packet])
        assert len(heard) == 1 and is_unreachable(heard[0], family, code), packet


def quoted(family):
    """An offending packet as ICMP errors quote it."""
    header = IP(src="198.51.100.1", dst="192.0.2.1", proto=17) if family == 4 else \
        IPv6(src="2001:db8:2::1", dst="2001:db8:1::1", nh=17)
    return bytes(header / Raw(bytes(8)))


def icmp_errors():
    for kind in (3, 11, 12):
        yield Packet(4, 1, ICMP(type=kind, code=0) / Raw(quoted(4)), f"icmp error {kind}")
    for kind in (1, 2, 3, 4):
        yield icmpv6(kind)


def multicast_and_broadcast():
    yield from (udp(4, dst="224.0.0.1"), udp(4, dst="255.255.255.255"), udp(4, dst="10.1.0.255"),
                udp(6, dst="ff02::1"), udp(6, dst="ff05::2"))


SILENT = {
    "icmp errors": list(icmp_errors()),
    "multicast and broadcast": list(multicast_and_broadcast()),
    "resets": both(tcp, flags="R") + both(tcp, flags="RA"),
}


@pytest.mark.parametrize("action", ("reject", "reject with port-unreachable"))
@pytest.mark.parametrize("kind", ("icmp errors", "multicast and broadcast"))
def test_icmp_never_answers(ways, wire, kind, action):
    with tree.rule(hook="input", action=action) as rule:
        assert answers(wire, ways["input"], SILENT[kind]) == []
        assert rule.packets == len(SILENT[kind])


@pytest.mark.parametrize("hook", ("input", "forward"))
def test_a_reset_is_not_answered_with_a_reset(ways, wire, hook):
    # pickup: a forwarded segment without SYN could be one of a connection older than conntrack
    with tree.parameters(pickup="0"), \
            tree.rule(hook=hook, proto="tcp", action="reject with tcp-reset") as rule:
        assert answers(wire, ways[hook], SILENT["resets"]) == []
        assert rule.packets == len(SILENT["resets"])


@pytest.mark.parametrize("hook,parameter", [
    ("input", "default_policy"), ("forward", "default_policy"), ("forward", "forward_policy")])
def test_policy_rejects(ways, wire, family, hook, parameter):
    code = UNREACHABLE["reject with port-unreachable"][family][0]
    with tree.parameters(**{parameter: "reject"}):
        heard = answers(wire, ways[hook], [udp(family)])
        assert len(heard) == 1 and is_unreachable(heard[0], family, code)
        heard = answers(wire, ways[hook], [tcp(family)])
        assert len(heard) == 1 and "R" in dissect(heard[0])[TCP].flags


def test_output_policy_rejects(network, family):
    with tree.parameters(output_policy="reject"):
        with Attempt(network.router, family, SERVER[family], 9) as attempt:
            assert attempt.outcome() == REFUSED
        with udp_client(network.router, family, SERVER[family], 9) as client:
            with contextlib.suppress(PermissionError):
                client.send(b"x")
            assert pending_error(client) == REFUSED


def test_the_guest_answers_from_the_address_that_was_tried(ways, wire, family):
    """At input the answer comes from the packet's own destination, as a closed port's would."""
    packet = udp(family, dst=ROUTER_TO_CLIENT[family])
    with tree.rule(hook="input", proto="udp", action="reject"):
        heard = answers(wire, ways["input"], [packet])
    assert dissect(heard[0]).src == packet.destination
