# SPDX-License-Identifier: GPL-2.0
"""IPv4 and IPv6 packets byte by byte, with lengths, options and chains of headers that may lie."""

import socket
import struct

from scapy.layers.inet import IP, TCP
from scapy.packet import Raw

from packets import DESTINATION, SOURCE

TCP22 = bytes(TCP(sport=1024, dport=22, flags="S", chksum=0x1234))
HBH, ROUTING, FRAGMENT, ESP, AH, NONE, DSTOPTS = 0, 43, 44, 50, 51, 59, 60


def ip4(payload, protocol=6, length=None, **fields):
    return bytes(IP(src=SOURCE[4], dst=DESTINATION[4], proto=protocol, len=length, **fields)
                 / Raw(payload))


def ip6(payload, next_header=6, length=None):
    length = len(payload) if length is None else length
    addresses = b"".join(socket.inet_pton(socket.AF_INET6, address[6])
                         for address in (SOURCE, DESTINATION))
    return struct.pack("!IHBB", 6 << 28, length, next_header, 64) + addresses + payload


def options(next_header, size=8):
    """A hop-by-hop or destination header of `size` bytes, all of it padding."""
    return bytes([next_header, size // 8 - 1]) + bytes(size - 2)


def routing(next_header):
    return bytes([next_header, 0, 4, 0]) + bytes(4)


def fragment(next_header, offset=0, more=0):
    """`offset` in units of eight bytes."""
    return struct.pack("!BBHI", next_header, 0, offset << 3 | more, 0x1234)


def authentication(next_header):
    """24 bytes long: its length is counted in words, less two."""
    return struct.pack("!BBHII", next_header, 4, 0, 1, 1) + bytes(12)


def chain(*headers, end=TCP22):
    """An IPv6 packet of (number, builder) extension headers and what comes after them."""
    data = end
    following = 6
    for number, build in reversed(headers):
        data = build(following) + data
        following = number
    return ip6(data, following)
