# SPDX-License-Identifier: GPL-2.0
"""Packets for a rule set, and the file that hookbench reads them from."""

import random
import struct

from .lookup import Lookup
from .rule import BITS, ICMP, ICMP6, TCP, UDP, Packet

DROPPED, ACCEPTED, UNKNOWN = range(3)
CHECKED = 2048      # of a file's packets, the first, have a verdict that hookbench compares
RECORD = struct.Struct("!16s16sHHBBBBI")    # struct hookbench_record of hookbench/packet.h


def address(prefix, bits, rng):
    """Half the time whom the prefix was made for, else anybody in it."""
    below = bits - prefix.length
    if rng.random() < .5:
        return prefix.host
    return (prefix.key(bits) << below) + rng.getrandbits(below) if below else prefix.host


def packet_of(rule, bits, rng):
    """A packet that the rule matches, and perhaps rules before it."""
    proto = rule.proto if rule.proto is not None else rng.choice((TCP, UDP))
    sport, dport = rng.randint(*rule.sport), rng.randint(*rule.dport)
    if proto not in (TCP, UDP):
        # The first bytes of other headers, where they are ICMP's: an echo.
        sport, dport = {ICMP: 8 << 8, ICMP6: 128 << 8}.get(proto, 0), 0
    return Packet(address(rule.src, bits, rng), address(rule.dst, bits, rng), proto, sport, dport,
                  UNKNOWN)


def packets(rules, ip, count, seed):
    """Packets of rules picked evenly; the first know what becomes of them, under policy drop."""
    rng = random.Random(f"packets {seed}")
    found = [packet_of(rng.choice(rules), BITS[ip], rng) for _ in range(count)]
    lookup = Lookup(rules, ip)
    for number, packet in enumerate(found[:CHECKED]):
        accepted = rules[lookup.matches(packet)[0]].action == "accept"
        found[number] = packet._replace(expect=ACCEPTED if accepted else DROPPED)
    return found


def pack(packet, ip):
    src, dst = (value.to_bytes(BITS[ip] // 8, "big").ljust(16, b"\0")
                for value in (packet.src, packet.dst))
    return RECORD.pack(src, dst, packet.sport, packet.dport, packet.proto, ip, packet.flags,
                       packet.expect, packet.mark)


def write(path, found, ip):
    with open(path, "wb") as file:
        file.writelines(pack(packet, ip) for packet in found)
