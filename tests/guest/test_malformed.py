# SPDX-License-Identifier: GPL-2.0
"""Hostile packets, byte by byte: cut short, lying, in pieces, behind chains of headers.

What is not there does not match: neither dport=22 nor dport=!22 takes a packet without ports, which
then meets the policy. IP itself drops some before any hook: those count nowhere.
Fragments are seen as such only while nobody uses conntrack, so nothing here does, until the end.
"""

import contextlib
import random
import struct

import pytest
from scapy.layers.inet import UDP, IPOption_NOP

import tree
from headers import (AH, DSTOPTS, ESP, FRAGMENT, HBH, NONE, ROUTING, TCP22, authentication, chain,
                     fragment, ip4, ip6, options, routing)
from wire import ETH_P_IP, ETH_P_IPV6

UDP22 = bytes(UDP(sport=1024, dport=22, len=32, chksum=0x1234)) + bytes(24)
SCTP22 = struct.pack("!HHII", 1024, 22, 0, 0) + bytes(20)
PING, PING6 = b"\x08" + bytes(7), b"\x80" + bytes(7)
LOOKS_LIKE_22 = b"\x04\x00\x00\x16" * 8  # any 32-bit word of it reads as ports 1024 and 22
NOPS = [IPOption_NOP()] * 20

# What three rules must count: proto=… dport=22; proto=… dport=!22; whatever comes.
PORT_22 = (1, 0, 1)
NO_PORT = (0, 0, 1)
NOT_SEEN = (0, 0, 0)


FIELDS = {  # a rule, and one that takes what the first does not
    **{protocol: ({"proto": protocol, "dport": "22"}, {"proto": protocol, "dport": "!22"})
       for protocol in ("tcp", "udp", "sctp")},
    "icmp": ({"icmp_type": "8"}, {"icmp_type": "!8"}),
    "icmpv6": ({"icmpv6_type": "128"}, {"icmpv6_type": "!128"}),
    "flags": ({"tcp_flags": "syn / syn"}, {"tcp_flags": "ack / syn,ack"}),
}


class Hostile:
    """Bytes on the wire, and what the three rules must count; `field` tells which rules."""

    def __init__(self, name, version, data, counts, field="tcp"):
        self.name = name
        self.version = version
        self.data = data
        self.counts = counts
        self.is_, self.is_not = FIELDS[field]

    def __str__(self):
        return self.name


def short4():
    for size in (0, 1, 3, 4, 6, 12, 19):
        yield Hostile(f"tcp header of {size} bytes", 4, ip4(TCP22[:size]), NO_PORT)
    for size in (0, 3, 4, 7):
        yield Hostile(f"udp header of {size} bytes", 4, ip4(UDP22[:size], 17), NO_PORT, "udp")
    for size in (0, 3):
        yield Hostile(f"sctp header of {size} bytes", 4, ip4(SCTP22[:size], 132), NO_PORT, "sctp")
    for size in (0, 1, 3, 7):
        yield Hostile(f"icmp header of {size} bytes", 4, ip4(PING[:size], 1), NO_PORT, "icmp")
    for size in (12, 13, 14, 19):
        yield Hostile(f"flags in {size} bytes", 4, ip4(TCP22[:size]), NO_PORT, "flags")
    yield Hostile("flags in a whole header", 4, ip4(TCP22), PORT_22, "flags")
    yield Hostile("a whole tcp header", 4, ip4(TCP22), PORT_22)
    yield Hostile("a whole udp header", 4, ip4(UDP22, 17), PORT_22, "udp")


def lying4():
    yield Hostile("total length cuts tcp to 6 bytes", 4, ip4(TCP22, length=26), NO_PORT)
    yield Hostile("total length cuts tcp to nothing", 4, ip4(TCP22, length=20), NO_PORT)
    yield Hostile("total length beyond the packet", 4, ip4(TCP22, length=2000), NOT_SEEN)
    yield Hostile("total length below the header", 4, ip4(TCP22, length=19), NOT_SEEN)
    yield Hostile("total length zero", 4, ip4(TCP22, length=0), NOT_SEEN)
    for ihl in (0, 1, 4):
        yield Hostile(f"header length {ihl} words", 4, ip4(TCP22, ihl=ihl), NOT_SEEN)
    yield Hostile("header length beyond the packet", 4, ip4(b"\1\1\1\1", ihl=15), NOT_SEEN)
    yield Hostile("version 5", 4, ip4(TCP22, version=5), NOT_SEEN)
    yield Hostile("wrong header checksum", 4, ip4(TCP22, chksum=1), NOT_SEEN)
    yield Hostile("options before tcp", 4, ip4(TCP22, options=NOPS), PORT_22)
    yield Hostile("options, and tcp cut short", 4, ip4(TCP22[:6], options=NOPS), NO_PORT)


def tcp22(words):
    """A segment of port 22 whose header says that it is `words` long."""
    return TCP22[:12] + bytes([words << 4]) + TCP22[13:]


def udp22(length):
    return UDP22[:4] + struct.pack("!H", length) + UDP22[6:]


# Transport headers whose own length is wrong: the segment's is 20 bytes, the datagram's 32.
LYING = ([("tcp", 6, tcp22(words), PORT_22 if words == 5 else NO_PORT)
          for words in (0, 4, 5, 6, 15)]
         + [("udp", 17, udp22(length), PORT_22 if 8 <= length <= 32 else NO_PORT)
            for length in (0, 7, 8, 31, 32, 33, 65535)])


def lying_transport():
    for field, protocol, data, counts in LYING:
        name = f"{field} that says {data[12] >> 4 if field == 'tcp' else data[4:6].hex()}"
        yield Hostile(name, 4, ip4(data, protocol), counts, field)
        yield Hostile("v6: " + name, 6, ip6(data, protocol), counts, field)
        yield Hostile(f"v6: {name}, atomic", 6, ip6(fragment(protocol) + data, FRAGMENT), counts,
                      field)


def pieces4():
    yield Hostile("first fragment, whole header", 4, ip4(TCP22 + bytes(4), flags="MF"), PORT_22)
    yield Hostile("first fragment of 8 bytes of tcp", 4, ip4(TCP22[:8], flags="MF"), NO_PORT)
    yield Hostile("first fragment of udp, whole header", 4, ip4(UDP22[:8], 17, flags="MF"),
                  PORT_22, "udp")
    for offset in (1, 2, 100):
        yield Hostile(f"later fragment at {offset * 8}", 4,
                      ip4(LOOKS_LIKE_22, frag=offset), NO_PORT)
        yield Hostile(f"later fragment at {offset * 8}, more", 4,
                      ip4(LOOKS_LIKE_22, frag=offset, flags="MF"), NO_PORT)
    yield Hostile("later fragment of udp", 4, ip4(LOOKS_LIKE_22, 17, frag=3), NO_PORT, "udp")
    yield Hostile("later fragment of icmp", 4, ip4(b"\x08" * 32, 1, frag=3), NO_PORT, "icmp")
    yield Hostile("the last fragment there can be", 4, ip4(LOOKS_LIKE_22, frag=8189), NO_PORT)


def short6():
    for size in (0, 1, 3, 4, 6, 12, 19):
        yield Hostile(f"v6: tcp header of {size} bytes", 6, ip6(TCP22[:size]), NO_PORT)
    for size in (0, 3, 4, 7):
        yield Hostile(f"v6: udp header of {size} bytes", 6, ip6(UDP22[:size], 17), NO_PORT, "udp")
    for size in (0, 1, 3, 7):
        yield Hostile(f"icmpv6 header of {size} bytes", 6, ip6(PING6[:size], 58), NO_PORT,
                      "icmpv6")
    for size in (12, 13, 14, 19):
        yield Hostile(f"v6: flags in {size} bytes", 6, ip6(TCP22[:size]), NO_PORT, "flags")
    yield Hostile("v6: a whole tcp header", 6, ip6(TCP22), PORT_22)
    yield Hostile("v6: a whole udp header", 6, ip6(UDP22, 17), PORT_22, "udp")
    yield Hostile("v6: payload length cuts tcp to 6 bytes", 6, ip6(TCP22, length=6), NO_PORT)
    yield Hostile("v6: payload length cuts tcp to nothing", 6, ip6(TCP22, length=0), NO_PORT)
    yield Hostile("v6: payload length beyond the packet", 6, ip6(TCP22, length=2000), NOT_SEEN)


def chains6():
    dst, rt = (DSTOPTS, options), (ROUTING, routing)
    hbh, atomic = (HBH, options), (FRAGMENT, fragment)
    whole = {"hop-by-hop": (hbh,), "destination": (dst,), "routing": (rt,),
             "atomic fragment": (atomic,), "all": (hbh, dst, rt, atomic, dst),
             "eight headers": (dst,) * 8,
             "a header of 264 bytes": ((DSTOPTS, lambda after: options(after, 264)),)}
    for name, headers in whole.items():
        yield Hostile(f"chain: {name}", 6, chain(*headers), PORT_22)
        yield Hostile(f"chain: {name}, tcp cut short", 6, chain(*headers, end=TCP22[:6]), NO_PORT)
        yield Hostile(f"chain: {name}, then nothing", 6, chain(*headers, end=b""), NO_PORT)


def broken_chains6():
    yield Hostile("chain ends in the middle of a header", 6,
                  ip6(options(6, 64)[:16], DSTOPTS), NO_PORT)
    yield Hostile("chain ends after one byte of a header", 6, ip6(b"\6", DSTOPTS), NO_PORT)
    yield Hostile("fragment header of 4 bytes", 6, ip6(fragment(6)[:4], FRAGMENT), NO_PORT)
    yield Hostile("ah, over a tcp", 6, chain((AH, authentication)), NO_PORT)
    yield Hostile("ah header of 4 bytes", 6, ip6(authentication(6)[:4], AH), NO_PORT)
    yield Hostile("a header longer than the packet, over a tcp", 6,
                  ip6(bytes([6, 255]) + LOOKS_LIKE_22, DSTOPTS), NO_PORT)
    yield Hostile("no next header, over a tcp", 6, ip6(TCP22, NONE), NO_PORT)
    yield Hostile("unknown header, over a tcp", 6, ip6(options(6) + TCP22, 200), NO_PORT)
    yield Hostile("esp, over a tcp", 6, ip6(LOOKS_LIKE_22, ESP), NO_PORT)
    for more in (0, 1):
        yield Hostile(f"v6: later fragment, more={more}", 6,
                      ip6(fragment(6, 1, more) + LOOKS_LIKE_22, FRAGMENT), NO_PORT)
        yield Hostile(f"v6: later fragment behind a header, more={more}", 6,
                      ip6(options(FRAGMENT) + fragment(6, 5, more) + LOOKS_LIKE_22, DSTOPTS),
                      NO_PORT)
        yield Hostile(f"v6: later fragment whose next header is an option, more={more}", 6,
                      ip6(fragment(DSTOPTS, 5, more) + options(6) + TCP22, FRAGMENT), NO_PORT)
    yield Hostile("v6: first fragment, whole header", 6,
                  ip6(fragment(6, 0, 1) + TCP22 + bytes(4), FRAGMENT), PORT_22)
    yield Hostile("v6: first fragment of udp, whole header", 6,
                  ip6(fragment(17, 0, 1) + udp22(2000), FRAGMENT), PORT_22, "udp")
    yield Hostile("v6: first fragment of 8 bytes of tcp", 6,
                  ip6(fragment(6, 0, 1) + TCP22[:8], FRAGMENT), NO_PORT)
    yield Hostile("v6: first fragment that ends in its chain", 6,
                  ip6(fragment(DSTOPTS, 0, 1) + options(6, 16)[:8], FRAGMENT), NO_PORT)
    yield Hostile("v6: a later fragment inside an atomic one", 6,
                  ip6(fragment(FRAGMENT) + fragment(6, 5) + LOOKS_LIKE_22, FRAGMENT), NO_PORT)


# IPv4 puts fragments together before input, so these are for forward.
PIECES = list(pieces4())
WHOLE = [*short4(), *lying4(), *lying_transport(), *short6(), *chains6(), *broken_chains6()]


pytestmark = pytest.mark.usefixtures("nothing_but_rules")


@contextlib.contextmanager
def three_rules(hook, hostile, action):
    """The two rules of the packet's field, after one that counts whatever comes."""
    family = "ip" if hostile.version == 4 else "ip6"
    with tree.rule("0-any", hook=hook, family=family, action="continue") as any_, \
            tree.rule("1-is", hook=hook, action=action, **hostile.is_) as is_, \
            tree.rule("2-is-not", hook=hook, action=action, **hostile.is_not) as is_not:
        yield lambda: (is_.packets, is_not.packets, any_.packets)


def send(wire, version, data):
    """`data` as a frame of IPv4 or IPv6, whatever its first bytes say."""
    wire.client.send(ETH_P_IP if version == 4 else ETH_P_IPV6, data)


def reaches_server(wire, hostile):
    wire.forget()
    send(wire, hostile.version, hostile.data)
    wire.settle()
    return bool(wire.server.drain())


@pytest.mark.parametrize("hostile", WHOLE + PIECES, ids=str)
def test_forward(network, wire, hostile):
    network.destination_is_local(False)
    seen, matched = bool(hostile.counts[2]), any(hostile.counts[:2])
    with three_rules("forward", hostile, "drop") as counts:
        assert reaches_server(wire, hostile) == (seen and not matched)
        assert counts() == hostile.counts
    with three_rules("forward", hostile, "accept") as counts, \
            tree.parameters(default_policy="drop"):
        assert reaches_server(wire, hostile) == (seen and matched)
        assert counts() == hostile.counts


@pytest.mark.parametrize("hostile", WHOLE, ids=str)
def test_input(network, wire, hostile):
    network.destination_is_local(True)
    with three_rules("input", hostile, "continue") as counts:
        wire.forget()
        send(wire, hostile.version, hostile.data)
        wire.settle()
        assert counts() == hostile.counts


def pieces_of(layer_data, size, **last):
    """An IPv4 UDP packet in two fragments, the first of `size` bytes."""
    identity = random.randrange(1, 65536)
    return [ip4(layer_data[:size], 17, flags="MF", id=identity),
            ip4(layer_data[size:], 17, frag=last.get("frag", size // 8), id=identity)]


def test_input_sees_fragments_put_together(network, wire):
    network.destination_is_local(True)
    with tree.rule(proto="udp", dport="22", action="continue") as rule:
        for piece in pieces_of(UDP22, 16):
            assert rule.packets == 0
            send(wire, 4, piece)
            wire.settle()
        assert (rule.packets, rule.bytes) == (1, 20 + len(UDP22))


def test_overlapping_fragments_do_not_rewrite_ports(network, wire):
    """The second piece begins inside the first: IP throws both away."""
    network.destination_is_local(True)
    with tree.rule(family="ip", action="continue") as rule:
        for piece in pieces_of(UDP22, 16, frag=1):
            send(wire, 4, piece)
        wire.settle()
        assert rule.packets == 0


@pytest.mark.parametrize("headers", (40, 150))
def test_a_chain_without_end_is_no_other_port(network, wire, headers):
    """Some kernels follow so many headers to port 22, some do not: it is no other port."""
    network.destination_is_local(False)
    hostile = Hostile("", 6, chain(*((DSTOPTS, options),) * headers), None)
    with three_rules("forward", hostile, "continue") as counts:
        assert reaches_server(wire, hostile)
        assert counts() in (PORT_22, NO_PORT)


def mutations(seed, number):
    """Packets of the tables above with a few bytes changed, cut off or added."""
    chance = random.Random(seed)
    for _ in range(number):
        hostile = chance.choice(WHOLE + PIECES)
        data = bytearray(hostile.data)
        for _ in range(chance.randrange(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        if chance.random() < 0.3:
            del data[chance.randrange(1, len(data)):]
        elif chance.random() < 0.3:
            data += bytes(chance.randrange(1, 40))
        yield hostile.version, bytes(data)


RULES_OF_ALL_FIELDS = {
    "ports": {"proto": "tcp,udp,sctp", "dport": "22", "sport": "!7"},
    "addresses": {"saddr": "192.0.2.0/24,2001:db8:1::/48"},
    "flags": {"tcp_flags": "syn / syn,ack"},
    "icmp": {"icmp_type": "echo-request,3/4"},
    "icmpv6": {"icmpv6_type": "echo-request,1/4"},
}


def flood_with_mutations(network, wire, seed):
    for local in (True, False):
        network.destination_is_local(local)
        for version, data in mutations(seed + local, 1000):
            send(wire, version, data)
        wire.forget()


@pytest.mark.parametrize("action", ("continue", "reject"))
def test_mutations(network, wire, action):
    """The kernel's log is the judge: the harness fails on any report in it."""
    everywhere = {"hook": "input,forward,output", "action": action}
    with tree.rules(**{name: {**attributes, **everywhere}
                       for name, attributes in RULES_OF_ALL_FIELDS.items()}):
        before = int(tree.parameter("accepted")) + int(tree.parameter("dropped"))
        flood_with_mutations(network, wire, seed=1)
        after = int(tree.parameter("accepted")) + int(tree.parameter("dropped"))
        assert after - before > 300  # most are good enough for IP to bring them to a hook


def test_mutations_with_conntrack(network, wire):
    """Last in this file: from here on somebody uses conntrack."""
    with tree.parameters(accept_established="Y", default_policy="drop"), \
            tree.rule("ct", hook="input,forward", ct_state="new,invalid", action="continue") as ct:
        flood_with_mutations(network, wire, seed=3)
        assert ct.packets > 300
    with tree.rule(hook="forward", family="ip", action="continue") as rule:
        network.destination_is_local(False)
        send(wire, 4, pieces_of(UDP22, 16)[1])
        wire.settle()
        assert rule.packets == 0, "a later fragment is held until it is whole"
