# SPDX-License-Identifier: GPL-2.0
"""The packets that filters are compared with, in groups that peers.txt names, and their roads.

Each has a name that is its own within its group. Whole ones carry a tag in their payload; broken
ones and pieces have no room for it, and carry a number as IP's identification or flow label.
"""

import contextlib
import ctypes
import functools
import re
import socket
import struct

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6DestUnreach, ICMPv6EchoReply, ICMPv6EchoRequest, IPv6
from scapy.packet import Raw
from scapy.utils import checksum

import headers
import packets
from headers import AH, DSTOPTS, ESP, FRAGMENT, HBH, NONE, ROUTING, TCP22, ip4, ip6
from packets import PROTOCOLS, both, icmp, icmpv6, other, ported, tcp, udp
from topology import CLIENT, ROUTER_TO_CLIENT, ROUTER_TO_SERVER
from ways import drain
from wire import ETH_P_IP, ETH_P_IPV6

_libc = ctypes.CDLL(None)
TCP_RST = 4
_TAG = re.compile(rb"<minifw \d{8}>")
BROADCAST, GROUP = b"\xff" * 6, bytes.fromhex("01005e000001")
USER, USERS_GROUP = 1002, 2003
V4 = {"saddr": "192.0.2.", "daddr": "198.51.100."}
V6 = {"saddr": "2001:db8:1:", "daddr": "2001:db8:2:"}
SCAPY = {"saddr": "src", "daddr": "dst"}
MARKED = {5001: 0x1, 5002: 0x101, 5003: 0x80000000, 5004: 0xffffffff}  # by port


class Sent:
    """A packet on its way: `frame_to` is another MAC than the next hop's, `by` whose socket sends
    it, `back` that the server sends it, `asked` that the guest sends it because it was asked to."""

    def __init__(self, name, data, key, frame_to=None, by=0, back=False, asked=False):
        self.name, self.data, self.key = name, data, key
        self.frame_to, self.by, self.back, self.asked = frame_to, by, back, asked

    @property
    def family(self):
        return self.data[0] >> 4

    @property
    def protocol(self):
        return self.data[9 if self.family == 4 else 6]

    @property
    def destination(self):
        if self.family == 4:
            return socket.inet_ntop(socket.AF_INET, self.data[16:20])
        return socket.inet_ntop(socket.AF_INET6, self.data[24:40])

    @property
    def ethertype(self):
        return ETH_P_IP if self.family == 4 else ETH_P_IPV6


def whole(packet, name=None, **how):
    return Sent(name or repr(packet)[1:-1].strip(), packet.data, packet.tag, **how)


_numbers = iter(range(0x1001, 0xffff))


def numbered(name, data, **how):
    """`data` with a number of its own in it, by which it is known again."""
    number = next(_numbers)
    data = bytearray(data)
    if data[0] >> 4 == 4:
        data[4:6] = struct.pack("!H", number)
        data[10:12] = bytes(2)
        data[10:12] = struct.pack("!H", checksum(bytes(data[:(data[0] & 15) * 4])))
    else:
        data[1:4] = number.to_bytes(3, "big")
        name = "6 " + name
    return Sent(name, bytes(data), number, **how)


def key_of(data):
    """The key of a packet that was seen; from a raw socket one of IPv6 comes without its header."""
    tag = _TAG.search(data)
    if tag:
        return tag.group()
    if data[0] >> 4 == 4:
        return int.from_bytes(data[4:6], "big")
    return int.from_bytes(data[1:4], "big") & 0xfffff


def answer_in(data):
    """The refusal that `data` is, and of what; None where it is something else."""
    four = data[0] >> 4 == 4
    protocol, body = (data[9], data[(data[0] & 15) * 4:]) if four else (data[6], data[40:])
    if protocol == PROTOCOLS["tcp"] and body[13] & TCP_RST:
        return f"reset, {data[12:20].hex() if four else data[8:40].hex()} {body[:4].hex()}"
    if (protocol, body[0]) in ((PROTOCOLS["icmp"], 3), (PROTOCOLS["icmpv6"], 1)):
        return f"unreachable, {body[1]}, {key_of(body[8:])}"
    return None


# ---- groups: a function each ----

def _addresses(field):
    tails4 = (1, 2, 3, 5, 6, 7, 8, 9, 12, 14, 15, 16, 20, 21, 64, 95, 96, 128, 135)
    tails6 = (":1", ":6", ":7", ":8", ":9", ":f", ":10", ":14", ":15", "0:0:1::7", "0:8000::1",
              "1::1", "2::10", "5::10")
    return ([udp(4, **{SCAPY[field]: V4[field] + str(tail)}) for tail in tails4]
            + [udp(6, **{SCAPY[field]: V6[field] + tail}) for tail in tails6])


def saddr():
    return _addresses("saddr")


def daddr():
    return _addresses("daddr")


def few():
    """One of each common kind."""
    return both(tcp, dport=22) + both(udp, dport=53) + [icmp(8), icmpv6(128)]


def protocols():
    ports = [packet for name in ("tcp", "udp", "sctp", "dccp", "udplite")
             for packet in both(lambda family: ported(name, family))]
    numbers = [packet for number in (46, 47, 48, 50, 52, 89, 112, 253)
               for packet in both(lambda family: other(number, family))]
    ah4 = packets.Packet(4, AH, Raw(headers.authentication(253)), "proto 51")
    return ports + numbers + [ah4, icmp(8), icmp(3, 3), icmpv6(128), icmpv6(1)]


def foreign():
    """Each family's ICMP in the other one."""
    return [packets.Packet(6, 1, Raw(b"\x08" + bytes(7)), "icmp 8/0"),
            packets.Packet(4, 58, Raw(b"\x80" + bytes(7)), "icmpv6 128/0")]


def ports():
    numbers = (0, 21, 22, 23, 53, 54, 80, 443, 7999, 8000, 8040, 8080, 8081, 65535)
    sent = [packet for kind in (tcp, udp) for number in numbers
            for packet in both(kind, dport=number)]
    sent += [packet for kind in (tcp, udp) for number in (22, 53, 67, 1023)
             for packet in both(kind, sport=number, dport=22)]
    return sent + [packet for name in ("sctp", "dccp", "udplite") for number in (22, 23)
                   for packet in both(lambda family: ported(name, family, dport=number))]


def icmps():
    four = ((0, 0), (3, 0), (3, 3), (3, 4), (3, 5), (4, 0), (5, 1), (8, 0), (11, 0), (12, 0))
    six = ((1, 3), (1, 4), (2, 0), (3, 0), (4, 0), (127, 0), (128, 0), (129, 0))
    return [icmp(*each) for each in four] + [icmpv6(*each) for each in six] + both(udp)


def flags():
    letters = ("", "S", "SA", "A", "PA", "F", "FA", "R", "RA", "SF", "SR", "FPU", "PU", "SEC",
               "E", "C", "U", "P", "FSRPAUEC")
    return [packet for each in letters for packet in both(tcp, flags=each)] + both(udp)


def lengths():
    return [packet for length in (90, 99, 100, 101, 511, 512, 1280, 1499, 1500)
            for packet in both(packets.sized, length)]


def ttls():
    return [packet for ttl in (1, 2, 9, 10, 11, 20, 21, 63, 64, 65, 254, 255)
            for packet in both(udp, ttl=ttl)]


def dscps():
    return ([packet for dscp in (0, 1, 8, 9, 10, 34, 35, 45, 46, 47, 63)
             for packet in both(udp, tos=dscp << 2)] + both(udp, tos=46 << 2 | 3))


def marks():
    """The port is what the table beside them turns into a mark."""
    return [packet for port in (9, *MARKED) for packet in both(udp, dport=port)]


def frames():
    return ([whole(packet) for packet in both(udp)]
            + [whole(packet, f"{packet!r} to {name}"[1:], frame_to=mac)
               for name, mac in (("all", BROADCAST), ("a group", GROUP)) for packet in both(udp)])


def owners():
    sent = [whole(packet, f"of {who}: {packet!r}", by=who)
            for who in (0, USER, USER + 1) for packet in both(udp) + both(tcp)]
    pings = [icmp(8, src=CLIENT[4], dst=ROUTER_TO_CLIENT[4]),
             icmpv6(128, src=CLIENT[6], dst=ROUTER_TO_CLIENT[6])]
    return sent + [Sent(f"of nobody: {ping.family}", checked(ping), ping.tag, asked=True)
                   for ping in pings]


def checked(packet):
    """ICMPv6Unknown leaves the checksum to its sender."""
    data = bytearray(packet.data)
    if packet.family == 6:
        data[42:44] = bytes(2)
        pseudo = bytes(data[8:40]) + struct.pack("!IHBB", len(data) - 40, 0, 0, 58)
        data[42:44] = struct.pack("!H", checksum(pseudo + bytes(data[40:])))
    return bytes(data)


def types_in():
    """To addresses of this host's, from others; a raw socket hears no broadcasts."""
    return ([udp(4, dst=dst) for dst in ("198.51.100.1", "10.1.0.1", "10.2.0.1", "224.0.0.1")]
            + [udp(6, dst=dst) for dst in ("2001:db8:2::1", "fd00:1::1", "fe80::ff:fe00:101")]
            + [udp(4, src="10.1.0.2"), udp(6, src="fe80::9")])


def types_out():
    return ([udp(4, dst=dst) for dst in ("198.51.100.1", "10.2.0.2", "10.2.0.255", "239.1.1.1")]
            + [udp(6, dst=dst) for dst in ("2001:db8:2::1", "fd00:2::2", "ff15::1")]
            + [udp(4, src=src) for src in ("10.1.0.1", "10.1.0.255", "255.255.255.255",
                                           "224.0.0.1", "127.0.0.1", "0.0.0.0")]
            + [udp(6, src=src) for src in ("fd00:1::1", "fd00:1::", "ff02::1", "::1", "::")])


def control():
    """What keeps a host on its network, and what only looks like it."""
    return [icmpv6(135, ttl=255), icmpv6(135, ttl=64), icmpv6(130, ttl=1), icmpv6(130, ttl=64),
            icmpv6(128, ttl=255), udp(4, 67, 68), udp(4, 68, 67), udp(6, 547, 546, src="fe80::9"),
            udp(6, 547, 546), udp(6, 67, 68)]


def _services():
    """What is asked for most, and its neighbours."""
    numbers = (22, 25, 53, 80, 123, 135, 139, 140, 161, 443, 445, 500, 1521, 4500, 5060, 51820)
    traced = (33433, 33434, 33534, 33535)
    return ([packet for kind in (tcp, udp) for number in numbers
             for packet in both(kind, dport=number)]
            + [packet for number in traced for packet in both(udp, dport=number)]
            + [packet for tos in (24 << 2, 8 << 2) for packet in both(udp, dport=5060, tos=tos)]
            + [packet for letters in ("A", "FPU", "U")
               for packet in both(tcp, dport=80, flags=letters)]
            + [other(112, family, ttl=ttl) for ttl in (254, 255) for family in (4, 6)]
            + [icmp(8), icmp(0), icmpv6(128), icmpv6(129)])


def _strangers():
    """The same from and to others."""
    return ([tcp(4, dport=22, src=f"192.0.2.{tail}") for tail in (15, 16, 128)]
            + [udp(4, dport=161, src=f"192.0.2.{tail}") for tail in (6, 7)]
            + [tcp(4, dport=1521, src="192.0.2.5", dst=f"198.51.100.{tail}") for tail in (1, 2)]
            + [kind(4, dport=port, dst="198.51.100.2") for kind, port in ((tcp, 25), (udp, 53))]
            + [kind(family, dst=dst) for kind in (tcp, udp)
               for family, dst in ((4, "198.51.100.2"), (6, "2001:db8:2::2"))]
            + [tcp(6, dport=22, src="2001:db8:1:1::1"), icmpv6(128, src="2001:db8:1:1::1"),
               udp(4, src="203.0.113.1"), udp(6, src="2001:db8:9::1")])


def _big():
    segments = [packets.Packet(family, 6, TCP(dport=443, flags="A") / Raw(bytes(1000)),
                               "big tcp 20>443 A", tos=tos)
                for tos in (0, 8 << 2) for family in (4, 6)]
    return segments + [packets.Packet(4, 1, ICMP(type=8) / Raw(bytes(200)), "big icmp 8/0")]


def town():
    """What comes by, day by day."""
    return _services() + _strangers() + _big() + [
        whole(packet, f"of a user: {packet!r}", by=USER) for packet in both(tcp, dport=25)]


def private():
    """To the server itself."""
    return [udp(4, dst="10.2.0.2"), udp(6, dst="fd00:2::2")]


# ---- broken ones, and pieces ----

UDP22 = bytes(UDP(sport=1024, dport=22, len=32, chksum=0x1234)) + bytes(24)
TCP23 = bytes(TCP(sport=1024, dport=23, flags="S", chksum=0x1234))
UDP23 = bytes(UDP(sport=1024, dport=23, len=8, chksum=0x1234))
SCTP22 = struct.pack("!HHII", 1024, 22, 0, 0) + bytes(20)
PING = {4: b"\x08" + bytes(7), 6: b"\x80" + bytes(7)}
PING_PROTOCOL = {4: 1, 6: 58}
ANY22 = b"\x04\x00\x00\x16" * 8  # any word of it reads as ports 1024 and 22
BUILD = {4: ip4, 6: ip6}


def short():
    """Transport headers that end too soon."""
    for family, build in BUILD.items():
        for size in (0, 2, 4, 8, 13, 14, 19, 20):
            yield numbered(f"tcp of {size}", build(TCP22[:size]))
        for size in (0, 4, 7):
            yield numbered(f"udp of {size}", build(UDP22[:size], 17))
        for size in (0, 1, 4, 7, 8):
            yield numbered(f"icmp of {size}", build(PING[family][:size], PING_PROTOCOL[family]))
        yield numbered("tcp to 23", build(TCP23))
        yield numbered("udp to 23", build(UDP23, 17))
        yield numbered("icmp of another type", build(bytes(8), PING_PROTOCOL[family]))
        yield numbered("sctp of 4", build(SCTP22[:4], 132))
        yield numbered("sctp", build(SCTP22, 132))


def lying():
    """Transport headers whose own lengths are wrong."""
    for build in BUILD.values():
        for words in (0, 4, 5, 6):
            yield numbered(f"tcp that says {words * 4}",
                           build(TCP22[:12] + bytes([words << 4]) + TCP22[13:]))
        for length in (0, 7, 8, 31, 32, 33):
            yield numbered(f"udp that says {length}",
                           build(UDP22[:4] + struct.pack("!H", length) + UDP22[6:], 17))


def _later(family, protocols):
    """Later fragments whose data looks like ports 1024 and 22."""
    for protocol, name in protocols:
        for offset, more in ((1, 0), (1, 1), (5, 0), (5, 1)):
            data = ip4(ANY22, protocol, frag=offset, flags="MF" if more else 0) if family == 4 \
                else ip6(headers.fragment(protocol, offset, more) + ANY22, FRAGMENT)
            yield numbered(f"{name} later at {offset} more {more}", data)


def pieces():
    """Fragments of both families, and what is whole."""
    yield from _later(4, ((6, "tcp"), (17, "udp"), (1, "icmp")))
    yield from _later(6, ((6, "tcp"), (17, "udp"), (58, "icmp")))
    first6 = headers.fragment(6, 0, 1)
    yield numbered("tcp first", ip4(TCP22 + bytes(4), flags="MF"))
    yield numbered("tcp first of 8", ip4(TCP22[:8], flags="MF"))
    yield numbered("udp first", ip4(UDP22[:8], 17, flags="MF"))
    yield numbered("tcp first to 23", ip4(TCP23 + bytes(4), flags="MF"))
    yield numbered("icmp first", ip4(bytes(8), 1, flags="MF"))
    yield numbered("whole", ip4(TCP22))
    yield numbered("whole df", ip4(TCP22, flags="DF"))
    yield numbered("tcp first", ip6(first6 + TCP22 + bytes(4), FRAGMENT))
    yield numbered("tcp first of 8", ip6(first6 + TCP22[:8], FRAGMENT))
    yield numbered("udp first", ip6(headers.fragment(17, 0, 1) + UDP22[:8], FRAGMENT))
    yield numbered("atomic", headers.chain((FRAGMENT, headers.fragment)))
    yield numbered("whole", ip6(TCP22))


def chains():
    """Extension headers before a segment to port 22, and what only looks so."""
    dst, rt = (DSTOPTS, headers.options), (ROUTING, headers.routing)
    hbh, ah = (HBH, headers.options), (AH, headers.authentication)
    yield numbered("none", ip6(TCP22))
    for name, of_it in (("hbh", (hbh,)), ("dst", (dst,)), ("rt", (rt,)), ("ah", (ah,)),
                        ("hbh rt dst", (hbh, rt, dst)), ("ah dst", (ah, dst))):
        yield numbered(name, headers.chain(*of_it))
    yield numbered("to 23 behind dst", headers.chain(dst, end=TCP23))
    yield numbered("no next header", ip6(TCP22, NONE))
    yield numbered("esp", ip6(ANY22, ESP))
    yield numbered("unknown header", ip6(headers.options(6) + TCP22, 200))
    yield numbered("hbh then nothing", headers.chain(hbh, end=b""))
    yield numbered("dst cut", ip6(headers.options(6, 64)[:16], DSTOPTS))
    yield numbered("dst of one byte", ip6(b"\6", DSTOPTS))
    yield numbered("udp behind dst", ip6(headers.options(17) + UDP22, DSTOPTS))


NOP, RR, RA = b"\1", bytes([7, 7, 4]) + bytes(4), bytes([148, 4, 0, 0])
LSRR, SSRR = bytes([131, 7, 4]) + bytes(4), bytes([137, 7, 4]) + bytes(4)
TS = bytes([68, 8, 5, 0]) + bytes(4)


def options():
    """Options of IPv4, of which some lie. Only a raw socket gets all of them out."""
    for name, data in (
            ("no option", b""), ("nop", NOP * 4), ("rr", RR), ("ra", RA), ("lsrr", LSRR),
            ("ssrr", SSRR), ("ts", TS), ("nop ra rr ts", NOP + RA + RR + TS),
            ("ra behind the end", b"\0" * 4 + RA), ("rr of length 1", bytes([7, 1, 4, 0])),
            ("rr too long", bytes([7, 13, 4]) + bytes(9)),
            ("ra then rr too long", RA + bytes([7, 13, 4]) + bytes(5))):
        data += b"\0" * (-len(data) % 4)
        yield numbered(name, bytes(IP(src=packets.SOURCE[4], dst=packets.DESTINATION[4], proto=6,
                                      options=[Raw(data)] if data else []) / Raw(TCP22)))


# ---- conversations across the guest, as conntrack sees them ----

SCAPY_IP = {4: IP, 6: IPv6}


def said(family, layer, back=False, host=None):
    """A packet of the client's or, if `back`, of the server's; `layer` has its ports that way."""
    near, far = packets.SOURCE[family], host or packets.DESTINATION[family]
    src, dst = (far, near) if back else (near, far)
    return bytes(SCAPY_IP[family](src=src, dst=dst) / layer)


def segment(family, flags, seq, ack=0, back=False, near=1024):
    ports = {"sport": 80, "dport": near} if back else {"sport": near, "dport": 80}
    return said(family, TCP(flags=flags, seq=seq, ack=ack, **ports), back)


def datagram(family, near, far, back=False, host=None):
    ports = {"sport": far, "dport": near} if back else {"sport": near, "dport": far}
    return said(family, UDP(**ports), back, host)


FAR_99 = {4: "198.51.100.99", 6: "2001:db8:2::99"}


def unreachable(family, about):
    layer = ICMP(type=3, code=3) if family == 4 else ICMPv6DestUnreach(code=4)
    return said(family, layer / Raw(about), back=True)


def ping(family, reply=False):
    request, answer = {4: (ICMP(type=8, id=7), ICMP(type=0, id=7)),
                       6: (ICMPv6EchoRequest(id=7), ICMPv6EchoReply(id=7))}[family]
    return said(family, answer if reply else request)


def spoken():
    """What was said before: a datagram and its answer, a handshake, a datagram to each NAT."""
    for family in (4, 6):
        yield numbered("datagram", datagram(family, 1024, 53))
        yield numbered("answer", datagram(family, 1024, 53, back=True), back=True)
        yield numbered("syn", segment(family, "S", 100))
        yield numbered("synack", segment(family, "SA", 500, 101, back=True), back=True)
        yield numbered("ack", segment(family, "A", 101, 501))
        yield numbered("to dnat", datagram(family, 1030, 5353, host=FAR_99[family]))
        yield numbered("to snat", datagram(family, 4000, 53))
        yield numbered("unanswered", datagram(family, 1026, 53))


def _tracked_datagrams(family):
    yield "established", datagram(family, 1024, 53)
    yield "unanswered again", datagram(family, 1026, 53)
    yield "new", datagram(family, 1027, 53)
    yield "new to 54", datagram(family, 1027, 54)
    yield "new to 2048", datagram(family, 1027, 2048)
    yield "untracked", datagram(family, 1028, 6)
    yield "to dnat", datagram(family, 1031, 5353, host=FAR_99[family])
    yield "to dnat again", datagram(family, 1030, 5353, host=FAR_99[family])
    yield "to snat again", datagram(family, 4000, 53)
    for port, mark in MARKED.items():
        yield f"of mark {mark:#x}", datagram(family, 1029, port)


def _tracked_segments(family):
    yield "established", segment(family, "PA", 101, 501)
    yield "new", segment(family, "S", 100, near=1025)
    yield "new by its middle", segment(family, "A", 100, 9, near=1026)
    yield "synack from nowhere", segment(family, "SA", 1, 1, near=1027)
    yield "syn fin", segment(family, "SF", 1, near=1028)
    yield "beyond the window", segment(family, "PA", 1 << 30, 1 << 30)


def _tracked_back(family):
    yield "udp answer", datagram(family, 1024, 53, back=True)
    yield "tcp answer", segment(family, "A", 501, 101, back=True)
    yield "error related", unreachable(family, datagram(family, 1024, 53))
    yield "error about nothing", unreachable(family, datagram(family, 9, 9))


def tracked():
    """What is said then."""
    for family in (4, 6):
        for name, data in _tracked_datagrams(family):
            yield numbered("udp " + name, data)
        for name, data in _tracked_segments(family):
            yield numbered("tcp " + name, data)
        for name, data in _tracked_back(family):
            yield numbered(name, data, back=True)
        yield numbered("ping", ping(family))
        yield numbered("pong from nowhere", ping(family, reply=True))


@functools.lru_cache(maxsize=None)
def group(name):
    """Its packets, always the same ones."""
    made = [each if isinstance(each, Sent) else whole(each) for each in globals()[name]()]
    assert len({each.name for each in made}) == len(made), f"{name}: names twice"
    return made


# ---- roads ----

@contextlib.contextmanager
def owner(user):
    """Files that the body opens, sockets too, are of this user and group, by root's powers."""
    _libc.setfsgid(user and USERS_GROUP)
    _libc.setfsuid(user)
    try:
        yield
    finally:
        _libc.setfsuid(0)
        _libc.setfsgid(0)


def let_reach_all(sender):
    """To all and to groups too, out of server0."""
    if sender.family == socket.AF_INET:
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                          socket.inet_aton(ROUTER_TO_SERVER[4]))
    else:
        sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF,
                          socket.if_nametoindex("server0"))


class Roads:
    """Packets in, at a hook, and the names of those that arrive behind it, and what comes back."""

    def __init__(self, network, wire):
        self._network, self._wire = network, wire
        self._sockets = {}

    def arrivals(self, hook, sent):
        return self.outcome(hook, sent)[0]

    def outcome(self, hook, sent):
        """Those that arrive, and what is answered to the client, in order."""
        self._network.destination_is_local(hook == "input")
        self._wire.forget()
        receivers = self._raw_sockets(sent) if hook == "input" else []
        for packet in sent:
            self._send(hook, packet)
        self._wire.settle(rounds=2)
        back = self._wire.client.drain()
        seen = self._drain(receivers) if hook == "input" else self._wire.server.drain() + back
        keys = {key_of(data) for data in seen if data}
        return ({packet.name for packet in sent if packet.key in keys},
                [answer for answer in map(answer_in, back) if answer])

    def _send(self, hook, packet):
        if hook == "output" and not packet.asked:
            try:
                self._raw_sender(packet).sendto(packet.data, (packet.destination, 0))
            except PermissionError:
                pass  # how a drop at output looks to its sender
            return
        tap = self._wire.server if packet.back else self._wire.client
        if packet.frame_to:
            tap.send_to(packet.frame_to, packet.ethertype, packet.data)
        else:
            tap.send(packet.ethertype, packet.data)

    def _raw_sender(self, packet):
        key = packet.family, packet.by
        if key not in self._sockets:
            with owner(packet.by):
                self._sockets[key] = self._network.router.socket(
                    packet.family, socket.SOCK_RAW, socket.IPPROTO_RAW)
            let_reach_all(self._sockets[key])
        return self._sockets[key]

    def _raw_sockets(self, sent):
        return [self._network.router.socket(family, socket.SOCK_RAW, protocol)
                for family, protocol in {(packet.family, packet.protocol) for packet in sent}]

    @staticmethod
    def _drain(receivers):
        seen = []
        for receiver in receivers:
            with receiver:
                seen += drain(receiver)
        return seen
