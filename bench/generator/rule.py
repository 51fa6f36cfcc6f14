# SPDX-License-Identifier: GPL-2.0
"""A rule: what it asks of a packet, in numbers, whatever filter it is written for."""

import ipaddress
from typing import NamedTuple

ICMP, TCP, UDP, GRE, ESP, ICMP6 = 1, 6, 17, 47, 50, 58
WITH_PORTS = (TCP, UDP)
ANY_PORT = (0, 65535)
BITS = {4: 32, 6: 128}


def icmp(ip):
    return ICMP if ip == 4 else ICMP6


class Prefix(NamedTuple):
    """All addresses that agree with `host` in the first `length` bits. The bits of `host` after
    these are kept: they name somebody who lives there."""
    host: int
    length: int

    def key(self, bits):
        """What two prefixes of a length have the same of if they are the same."""
        return self.host >> (bits - self.length)

    def text(self, family):
        bits = BITS[family]
        kind = ipaddress.IPv4Address if family == 4 else ipaddress.IPv6Address
        address = kind(self.key(bits) << (bits - self.length))
        return str(address) if self.length == bits else f"{address}/{self.length}"


class Rule(NamedTuple):
    src: Prefix
    dst: Prefix
    proto: int | None = None
    sport: tuple = ANY_PORT
    dport: tuple = ANY_PORT
    action: str = "drop"
    extra: str = ""     # words of a chain line that only minifw is asked for

    def identity(self, bits):
        """Equal for rules that no packet tells apart."""
        return (self.src.length, self.src.key(bits), self.dst.length, self.dst.key(bits),
                self.proto, self.sport, self.dport)


class Packet(NamedTuple):
    src: int
    dst: int
    proto: int
    sport: int
    dport: int
    expect: int         # as hookbench has it: 0 dropped, 1 accepted, 2 not known
    flags: int = 0x10
    mark: int = 0
