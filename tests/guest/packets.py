# SPDX-License-Identifier: GPL-2.0
"""The packets that tests send: one transport layer, and addresses from the topology's blocks.

Each carries a tag in its payload, by which it is known again wherever it turns up.
"""

import itertools

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6Unknown, IPv6
from scapy.packet import Raw

SOURCE = {4: "192.0.2.1", 6: "2001:db8:1::1"}
DESTINATION = {4: "198.51.100.1", 6: "2001:db8:2::1"}

PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "dccp": 33, "gre": 47, "esp": 50, "ah": 51,
             "icmpv6": 58, "sctp": 132, "udplite": 136}

_tags = itertools.count(1)


def new_tag():
    return b"<minifw %08d>" % next(_tags)


class Packet:
    """An IP packet, built when its bytes are first asked for.

    `layer` is what follows the IP header (scapy), `protocol` its number, and `fields` go into the
    IP header: src and dst by default from the blocks; ttl is the hop limit too, and tos the traffic
    class.
    """

    def __init__(self, family, protocol, layer, label, **fields):
        self.family = family
        self.protocol = protocol
        self.label = label
        self.tag = new_tag()
        self._layer = layer
        self._fields = fields
        self._data = None

    @property
    def data(self):
        if self._data is None:
            self._data = bytes(self._header() / self._layer / Raw(self.tag))
        return self._data

    @property
    def destination(self):
        return self._fields.get("dst", DESTINATION[self.family])

    def _header(self):
        fields = {"src": SOURCE[self.family], "dst": DESTINATION[self.family]}
        fields.update(self._fields)
        if self.family == 4:
            fields.setdefault("id", 1)
            return IP(proto=self.protocol, **fields)
        hop_limit, traffic_class = fields.pop("ttl", 64), fields.pop("tos", 0)
        return IPv6(nh=self.protocol, hlim=hop_limit, tc=traffic_class, **fields)

    def __repr__(self):
        extra = "".join(f" {name}={value}" for name, value in self._fields.items())
        return f"<{'ip' if self.family == 4 else 'ip6'} {self.label}{extra}>"


def tcp(family=4, sport=1024, dport=9, flags="S", **fields):
    label = f"tcp {sport}>{dport} {flags}"
    return Packet(family, 6, TCP(sport=sport, dport=dport, flags=flags), label, **fields)


def udp(family=4, sport=1024, dport=9, **fields):
    return Packet(family, 17, UDP(sport=sport, dport=dport), f"udp {sport}>{dport}", **fields)


def sized(length, family=4):
    """A UDP packet of `length` bytes in all."""
    headers = {4: 20, 6: 40}[family] + 8 + len(new_tag())
    layer = UDP(sport=1024, dport=9) / Raw(bytes(length - headers))
    return Packet(family, 17, layer, f"udp of {length} bytes")


def icmp(kind, code=0, **fields):
    return Packet(4, 1, ICMP(type=kind, code=code), f"icmp {kind}/{code}", **fields)


def icmpv6(kind, code=0, **fields):
    return Packet(6, 58, ICMPv6Unknown(type=kind, code=code), f"icmpv6 {kind}/{code}", **fields)


def ported(protocol, family=4, sport=1024, dport=9, **fields):
    """Any of the protocols whose first four bytes are two ports."""
    if protocol == "tcp":
        return tcp(family, sport, dport, **fields)
    if protocol == "udp":
        return udp(family, sport, dport, **fields)
    head = Raw(sport.to_bytes(2, "big") + dport.to_bytes(2, "big") + bytes(12))
    return Packet(family, PROTOCOLS[protocol], head, f"{protocol} {sport}>{dport}", **fields)


def other(protocol, family=4, **fields):
    """A packet of protocol number `protocol` with nothing but a tag in it."""
    return Packet(family, protocol, Raw(bytes(16)), f"proto {protocol}", **fields)


def both(build, *args, **fields):
    """The same packet in IPv4 and in IPv6."""
    return [build(*args, family=family, **fields) for family in (4, 6)]
