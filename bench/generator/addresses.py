# SPDX-License-Identifier: GPL-2.0
"""Sets of addresses and prefixes, as block lists are: all over the address space, none in
another."""

from .classbench import Drawer
from .rule import BITS, UDP, Packet, Prefix
from .trace import DROPPED

# A block of the space, of so many bits, holds at most one element.
BLOCK = {4: 23, 6: 44}
LENGTHS = {4: {24: 60, 32: 15, 28: 5, 26: 5, 25: 5, 29: 5, 27: 5},
           6: {48: 60, 64: 20, 56: 10, 128: 10}}
SERVER = {4: 0xc0a80001, 6: 0x20010db8 << 96}
FIRST = {4: 1 << 24, 6: 1 << 125}       # 1.0.0.0, 2000::
BELOW = {4: 224 << 24, 6: 1 << 126}     # multicast; the end of 2000::/3


def blocks(count, ip, rng):
    """So many different blocks, in random order."""
    below = BITS[ip] - BLOCK[ip]
    found = {}
    while len(found) < count:
        found[rng.randrange(FIRST[ip] >> below, BELOW[ip] >> below)] = None
    return [(block << below) + rng.getrandbits(below) for block in found]


def hosts(count, ip, rng):
    return [Prefix(address, BITS[ip]) for address in blocks(count, ip, rng)]


def prefixes(count, ip, rng):
    lengths = Drawer(LENGTHS[ip])
    return [Prefix(address, lengths.draw(rng)) for address in blocks(count, ip, rng)]


def draw_from(elements, ip):
    return lambda rng: Packet(rng.choice(elements).host, SERVER[ip], UDP, 1024, 9, DROPPED)


KINDS = {"hosts": hosts, "prefixes": prefixes}
