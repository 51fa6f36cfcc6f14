# SPDX-License-Identifier: GPL-2.0
"""Random packets, and random lines of chains that now and then match them.

Every packet has a source port or an identifier of its own, so that conntrack finds each new.
"""

import ipaddress
import itertools
import socket
import struct

from packets import new_tag

_SOURCES = {4: [f"192.0.2.{n}" for n in range(1, 5)], 6: [f"2001:db8:1::{n}" for n in range(1, 5)]}
_TARGETS = {4: [f"198.51.100.{n}" for n in range(1, 5)],
            6: [f"2001:db8:2::{n}" for n in range(1, 5)]}
_PORTS = (22, 53, 80, 443)
_FLAGS = {"syn": 0x02, "syn,ece": 0x42, "syn,ece,cwr": 0xc2, "ack": 0x10}
_NUMBERS = {"tcp": 6, "udp": 17, "icmp": 1, "icmpv6": 58, "gre": 47, "253": 253}
_numbers = itertools.count(1)


def _checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


class Sent:
    """A packet for a way (`data`, `tag` ...), and what a probe would have to say of it."""

    def __init__(self, rng):
        self.family = rng.choice((4, 6))
        self.source = rng.choice(_SOURCES[self.family])
        self.destination = rng.choice(_TARGETS[self.family])
        self.tag = new_tag()
        self.fields = {"saddr": self.source, "daddr": self.destination}
        own = next(_numbers)
        name = rng.choice(("tcp", "tcp", "udp", "udp", "icmp", "gre", "253"))
        if name == "icmp" and self.family == 6:
            name = "icmpv6"
        self.protocol = _NUMBERS[name]
        self.fields["proto"] = name
        self.ports = (0, 0)
        payload = self.tag + bytes(rng.choice((0, 1, 100)))
        self.data = self._network(self._transport(rng, name, own, payload))
        self.fields["length"] = len(self.data)

    def _transport(self, rng, name, own, payload):
        if name in ("tcp", "udp"):
            self.ports = (1024 + own % 64000, rng.choice(_PORTS))
            self.fields.update(sport=self.ports[0], dport=self.ports[1])
        if name == "tcp":
            flags = rng.choice(sorted(_FLAGS))
            self.fields["tcp_flags"] = flags
            return self._summed(struct.pack("!HHIIBBHHH", *self.ports, own, 0, 0x50, _FLAGS[flags],
                                            1024, 0, 0), 16, payload)
        if name == "udp":
            return self._summed(struct.pack("!HHHH", *self.ports, 8 + len(payload), 0), 6, payload)
        if name in ("icmp", "icmpv6"):
            kind = rng.choice((8, 13)) if name == "icmp" else 128
            self.fields["icmp_type" if name == "icmp" else "icmpv6_type"] = f"{kind}/0"
            return self._summed(struct.pack("!BBHHH", kind, 0, 0, own % 65536, 1), 2, payload)
        return bytes(8) + payload

    def _summed(self, header, at, payload):
        """The checksum goes to offset `at`; ICMP of IPv4 has no pseudo-header."""
        data = header + payload
        pseudo = b"".join(ipaddress.ip_address(address).packed
                          for address in (self.source, self.destination))
        pseudo += struct.pack("!II", len(data), self.protocol)
        total = _checksum(data if self.protocol == 1 else pseudo + data)
        return data[:at] + struct.pack("!H", total or 0xffff) + data[at + 2:]

    def _network(self, payload):
        family = {4: socket.AF_INET, 6: socket.AF_INET6}[self.family]
        ends = b"".join(socket.inet_pton(family, end) for end in (self.source, self.destination))
        if self.family == 6:
            return struct.pack("!IHBB", 6 << 28, len(payload), self.protocol, 64) + ends + payload
        header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 1, 0, 64, self.protocol, 0)
        total = _checksum(header + ends)
        return header[:10] + struct.pack("!H", total) + ends + payload

    def __repr__(self):
        return f"<{self.fields}>"


def _addresses(rng, addresses):
    few = sorted(set(rng.choices(addresses, k=rng.choice((1, 2)))))
    first = few[0]
    start, colons, _ = first.rpartition("::")
    prefix = f"{start}::/126" if colons else first.rpartition(".")[0] + ".0/30"
    return rng.choice((",".join(few), prefix, "!" + first, "@known"))


def _port(rng):
    port = rng.choice(_PORTS)
    return rng.choice((str(port), f"!{port}", f"{port}-{port + 40}", "22,80", "0-1023"))


def _about_protocol(rng, family, words):
    icmp = {4: "icmp", 6: "icmpv6"}[family]
    name = rng.choice(("", "", "tcp", "tcp", "udp", "tcp,udp", "!tcp", "gre", icmp))
    if name:
        words["proto"] = name
    if name in ("tcp", "udp", "tcp,udp"):
        if rng.random() < 0.7:
            words["dport"] = _port(rng)
        if rng.random() < 0.2:
            words["sport"] = rng.choice(("1024-20000", "!0-1500", "2000-2100"))
    if name == "tcp" and rng.random() < 0.4:
        words["tcp_flags"] = rng.choice(("syn/syn,ack", "ack/ack", "syn/syn,ece,cwr", "ece/ece"))
    if name == "icmp" and rng.random() < 0.5:
        words["icmp_type"] = rng.choice(("echo-request", "13", "!8"))
    if name == "icmpv6" and rng.random() < 0.5:
        words["icmpv6_type"] = rng.choice(("echo-request", "!128", "128/1"))


_OTHERS = {
    "ct_state": ("new", "!new", "established,related", "invalid", "untracked"),
    "length": ("0-60", "61-100", "!80"), "mark": ("0", "0x1/0x1", "0/0xff"),
    "daddr_type": ("local", "unicast", "!unicast"), "saddr_type": ("unicast", "local"),
    "dscp": ("cs0", "!cs0"), "ipsec": ("none",), "fragment": ("none", "first"),
    "limit": ("1000000/second burst 100000",), "quota": ("10 gbytes",), "pkttype": ("host",),
}


def line(rng, hook, actions, without=()):
    """A line of a chain for packets at `hook`, without some attributes."""
    words = {}
    family = rng.choice((4, 6))
    for name, addresses in (("saddr", _SOURCES), ("daddr", _TARGETS)):
        if rng.random() < 0.4:
            words[name] = _addresses(rng, addresses[family])
    _about_protocol(rng, family, words)
    for name in rng.sample(sorted(_OTHERS), 2):
        if rng.random() < 0.25:
            words[name] = rng.choice(_OTHERS[name])
    if hook in ("prerouting", "input", "forward") and rng.random() < 0.15:
        words["iif"] = rng.choice(("client0", "server0", "client*", "!lo", "eth*"))
    if hook in ("forward", "output") and rng.random() < 0.15:
        words["oif"] = rng.choice(("server0", "client0", "!server*"))
    if hook == "output" and rng.random() < 0.15:
        words["uid"] = rng.choice(("0", "!0", "1000-2000"))
    for name in without:
        words.pop(name, None)
    words.update(hook=hook, action=rng.choice(actions))
    return " ".join(f'{name}="{value}"' for name, value in words.items())
