# SPDX-License-Identifier: GPL-2.0
"""Rule sets that look like ClassBench's: by the numbers of families.py, from a seed.

A rule belongs to a pair of hosts, and its prefixes are theirs, cut to a pair of lengths. Rules of
a pair nest, which is where overlap comes from; how many a pair has is a figure of the family. The
more specific of them stand first, as in filters that people write; otherwise the order is random.
"""

import bisect
import itertools
import math
import random
from typing import NamedTuple

from .families import FAMILIES
from .rule import ANY_PORT, BITS, ICMP, TCP, UDP, Prefix, Rule, icmp

NARROW, MIDDLE, WIDE = range(3)
# How often lengths occur in a class, whatever the family.
LENGTHS = {
    NARROW: {32: 12, 31: 4, 24: 4, 30: 3, 23: 2, 25: 2, 28: 2, 22: 2, 16: 1.5, 29: 1.5, 27: 1.5,
             26: 1.5, 21: 1, 20: 1, 19: .7, 18: .7, 17: .5},
    MIDDLE: {8: 3, 15: 2, 14: 1.5, 13: 1, 12: 1, 10: .7, 11: .7, 9: .5},
    WIDE: {0: 6, 1: 5, 2: 3, 3: 1, 4: 1, 5: .5, 6: .5, 7: .3},
}
WELL_KNOWN = (80, 53, 22, 25, 443, 123, 1521, 161, 21, 514, 69, 135, 137, 1433, 110, 143, 20, 23,
              445, 179, 389, 500, 993, 995, 3306, 3389, 5060, 1812, 1813, 2049)
ANY, HIGH, EXACT, RANGE = ANY_PORT, (1024, 65535), "exact", "range"
ATTEMPTS = 20
LOYALTY = .8    # the share of rules that are about the service of their pair of hosts


class Drawer:
    """Draws from values by weight."""

    def __init__(self, weights):
        self.values = list(weights)
        self.sums = list(itertools.accumulate(weights[value] for value in self.values))

    def draw(self, rng):
        return self.values[bisect.bisect(self.sums, rng.random() * self.sums[-1])]


def zipf(values, exponent):
    return {value: 1 / (rank + 1) ** exponent for rank, value in enumerate(values)}


def cells(family):
    """The share of rules of each pair of classes of lengths."""
    both_wide = max(.002, family.src_wide + family.dst_wide + family.both_narrow - 1)
    src = max(family.src_wide - both_wide, 0)
    dst = max(family.dst_wide - both_wide, 0)
    rest = max(1 - both_wide - src - dst - family.both_narrow, .001)
    return {(NARROW, NARROW): family.both_narrow, (WIDE, WIDE): both_wide,
            (WIDE, NARROW): src * .95, (WIDE, MIDDLE): src * .05,
            (NARROW, WIDE): dst * .95, (MIDDLE, WIDE): dst * .05,
            (MIDDLE, NARROW): rest * .48, (NARROW, MIDDLE): rest * .48,
            (MIDDLE, MIDDLE): rest * .04}


def cell_pairs(cell, count, rng):
    """So many pairs of lengths of a cell, the likelier first."""
    src, dst = (LENGTHS[kind] for kind in cell)
    score = {(s, d): src[s] * dst[d] * rng.uniform(.3, 1) for s in src for d in dst}
    return sorted(score, key=score.get, reverse=True)[:count]


def pair_weights(name, family):
    """Pairs of prefix lengths, and how often each occurs: the same for all sets of a family."""
    rng = random.Random(f"{name} pairs")
    shares = cells(family)
    room = {cell: math.sqrt(share) for cell, share in shares.items()}
    weights = {}
    for cell, share in shares.items():
        count = max(1, round(family.pairs * room[cell] / sum(room.values())))
        ranked = zipf(cell_pairs(cell, count, rng), family.spread)
        whole = sum(ranked.values())
        weights |= {pair: share * weight / whole for pair, weight in ranked.items()}
    return weights


def shape_shares(family):
    """The share of rules of each shape: of the source port, the destination port, any protocol?"""
    sports = {ANY: family.sport_any, HIGH: .35 * (1 - family.sport_any),
              EXACT: .65 * (1 - family.sport_any)}
    dports = {EXACT: family.dport_exact, HIGH: family.dport_range * family.high,
              RANGE: family.dport_range * (1 - family.high)}
    dports[ANY] = 1 - sum(dports.values())
    shares = {(sport, dport, False): sports[sport] * dports[dport]
              for sport in sports for dport in dports}
    proto_any = min(family.proto_any, shares[ANY, ANY, False])
    shares[ANY, ANY, False] -= proto_any
    shares[ANY, ANY, True] = proto_any
    return {shape: share for shape, share in shares.items() if share > 1e-9}


def fitting(pair, missing):
    """What of the missing shapes a pair may have. Who says nothing of hosts names a port."""
    wide = max(pair) < 8
    shapes = {shape: share for shape, share in missing.items()
              if share > 0 and (EXACT in shape or not wide)}
    return shapes or {max(missing, key=missing.get): 1}


def shapes_of(name, family, pairs):
    """Shapes of ports for each pair of lengths: few, as a pair stands for a few uses. They are
    drawn by how much of each shape is still missing, so that its share over all pairs comes out as
    it should."""
    rng = random.Random(f"{name} shapes")
    _, ranges = port_drawers(name, family)
    roots = {pair: math.sqrt(weight) for pair, weight in pairs.items()}
    each = family.shapes * len(pairs) / sum(roots.values())
    counts = {pair: max(1, round(each * root)) for pair, root in roots.items()}
    slots = [(weight / counts[pair], pair)
             for pair, weight in pairs.items() for _ in range(counts[pair])]
    missing, shapes = shape_shares(family), {pair: [] for pair in pairs}
    for weight, pair in sorted(slots, reverse=True):
        shape = Drawer(fitting(pair, missing)).draw(rng)
        missing[shape] -= weight
        sport, dport, any_proto = shape
        shapes[pair].append((sport, ranges.draw(rng) if dport == RANGE else dport, any_proto))
    return shapes


def port_drawers(name, family):
    """Drawers of the numbers, and of the ranges, that the family's rules name."""
    rng = random.Random(f"{name} ports")
    known = list(WELL_KNOWN)
    rng.shuffle(known)
    numbers = dict.fromkeys(known[:family.ports // 2])
    while len(numbers) < family.ports:
        numbers[rng.randrange(1, 20000)] = None
    ranges = {}
    while len(ranges) < family.ranges:
        low = rng.randrange(1, 30000)
        ranges[(low, low + rng.choice((1, 3, 9, 99, 999, 5000)))] = None
    return Drawer(zipf(numbers, 1)), Drawer(zipf(ranges, 1))


def nesting(family, count):
    """Rules to a pair of hosts in a set of so many, between the family's figures."""
    points = ((0, 1.0), *zip((3, 4, 5), family.nesting))
    at = min(math.log10(max(count, 1)), 5)
    for (x, y), (x2, y2) in itertools.pairwise(points):
        if at <= x2:
            return y + (y2 - y) * (at - x) / (x2 - x)
    return points[-1][1]


def widened(length, bits):
    """A prefix length of IPv4 as one of IPv6: hosts stay hosts, a /24 becomes a /48."""
    if bits == 32 or length == 0:
        return length
    return 128 if length == 32 else 3 * length if length < 8 else 16 + length * 4 // 3


class Hosts:
    """Hosts that live in sites, and in networks of these, some larger than others."""

    def __init__(self, count, bits, rng):
        self.bits, self.rng = bits, rng
        site, network = (16, 24) if bits == 32 else (32, 64)
        # Sites of IPv6 are all in 2000::/3, RFC 4291, as those on the Internet are.
        free = site if bits == 32 else site - 3
        first = 0 if bits == 32 else 1 << (site - 3)
        sites = [first + rng.getrandbits(free) for _ in range(max(1, round(count ** .6)))]
        self.networks = [(rng.choice(sites) << (network - site)) + rng.getrandbits(network - site)
                         for _ in range(max(1, round(count ** .8)))]
        self.hosts = [(rng.choice(self.networks) << (bits - network)) +
                      rng.getrandbits(bits - network) for _ in range(count)]

    def draw(self, number):
        return self.hosts[number % len(self.hosts)]


class Group(NamedTuple):
    """A pair of hosts, and the service between them that most of its rules are about."""
    src: int
    dst: int
    number: int
    proto: int


class Set:
    """Draws the rules of a set."""

    def __init__(self, name, count, ip, seed):
        self.family = FAMILIES[name]
        self.count, self.bits, self.icmp = count, BITS[ip], icmp(ip)
        self.rng = rng = random.Random(f"{name} {count} {ip} {seed}")
        pairs = pair_weights(name, self.family)
        self.lengths = Drawer(pairs)
        self.shapes = shapes_of(name, self.family, pairs)
        self.numbers, _ = port_drawers(name, self.family)
        self.protos = Drawer(self.family.protos)
        self.with_ports = Drawer({proto: self.family.protos[proto] for proto in (TCP, UDP)})
        groups = max(1, round(count / nesting(self.family, count)))
        src = Hosts(max(1, groups * 2 // 3), self.bits, rng)
        dst = Hosts(max(1, groups * 2 // 3), self.bits, rng)
        others = rng.sample(range(groups), groups)
        self.groups = [Group(src.draw(number), dst.draw(other), self.numbers.draw(rng),
                             self.protos.draw(rng)) for number, other in enumerate(others)]

    def draw_ports(self, shape, group):
        if shape != EXACT:
            return shape
        number = group.number if self.rng.random() < LOYALTY else self.numbers.draw(self.rng)
        return number, number

    def draw_proto(self, ports, any_proto, group):
        if any_proto:
            return None
        drawer = self.protos if ports == (ANY, ANY) else self.with_ports
        fits = drawer is self.protos or group.proto in self.with_ports.values
        proto = group.proto if fits and self.rng.random() < LOYALTY else drawer.draw(self.rng)
        return self.icmp if proto == ICMP else proto

    def draw_rule(self, group):
        lengths = self.lengths.draw(self.rng)
        src, dst = (Prefix(host, widened(length, self.bits))
                    for host, length in zip((group.src, group.dst), lengths))
        *ports, any_proto = self.rng.choice(self.shapes[lengths])
        sport, dport = ports = tuple(self.draw_ports(shape, group) for shape in ports)
        proto = self.draw_proto(ports, any_proto, group)
        return Rule(src, dst, proto, sport, dport, self.rng.choice(("accept", "drop")))

    def draw_new(self, number, seen):
        """A rule that is none of those seen, and its group; None if there seem to be no more."""
        for attempt in range(ATTEMPTS):
            group = (number + attempt) % len(self.groups)
            rule = self.draw_rule(self.groups[group])
            identity = rule.identity(self.bits)
            if identity not in seen:
                seen.add(identity)
                return group, rule
        return None

    def rules(self):
        seen, drawn = set(), []
        for number in range(self.count):
            new = self.draw_new(number, seen)
            if new:
                drawn.append(new)
        return ordered(drawn)


def looseness(rule):
    """Sorts rules of a pair of hosts: the more specific first."""
    return (-rule.src.length - rule.dst.length, rule.sport[1] - rule.sport[0] + rule.dport[1] -
            rule.dport[0], rule.proto is None)


def ordered(drawn):
    """The rules, those of a group in order of their looseness on the places that the group has."""
    places, members = {}, {}
    for place, (group, rule) in enumerate(drawn):
        places.setdefault(group, []).append(place)
        members.setdefault(group, []).append(rule)
    rules = [None] * len(drawn)
    for group, rules_of_group in members.items():
        for place, rule in zip(places[group], sorted(rules_of_group, key=looseness)):
            rules[place] = rule
    return rules


def rules(name, count, ip=4, seed=1):
    return Set(name, count, ip, seed).rules()
