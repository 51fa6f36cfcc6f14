# SPDX-License-Identifier: GPL-2.0
"""The figures by which a rule set is held against ClassBench's."""

import random
from typing import NamedTuple

from .lookup import Lookup
from .rule import ANY_PORT, BITS
from .trace import packet_of

SAMPLE = 1000   # packets


class Measures(NamedTuple):
    rules: int
    pairs: int          # of prefix lengths
    tuples: int         # of these, the lengths of prefixes that cover the ports, and any protocol
    src: float          # percent of rules whose source is shorter than /8 …
    dst: float          # … whose destination is
    narrow: float       # … with /16 or longer of both
    sport: float        # … with any source port
    exact: float        # … with one destination port
    range: float        # … with several, not all
    proto: float        # … with any protocol
    matches: float      # rules that match a packet of the set, on average
    most: int           # … at most


def cover(ports):
    """The length of the longest prefix, of 16 bits, that covers a range of ports."""
    return 16 - (ports[0] ^ ports[1]).bit_length()


def overlap(rules, ip):
    rng = random.Random("overlap")
    lookup = Lookup(rules, ip)
    counts = [len(lookup.matches(packet_of(rng.choice(rules), BITS[ip], rng)))
              for _ in range(SAMPLE)]
    return sum(counts) / len(counts), max(counts)


def measure(rules, ip=4):
    def percent(holds):
        return 100 * sum(map(holds, rules)) / len(rules)

    pairs = {(rule.src.length, rule.dst.length) for rule in rules}
    tuples = {(rule.src.length, rule.dst.length, cover(rule.sport), cover(rule.dport),
               rule.proto is None) for rule in rules}
    return Measures(
        len(rules), len(pairs), len(tuples),
        percent(lambda rule: rule.src.length < 8), percent(lambda rule: rule.dst.length < 8),
        percent(lambda rule: min(rule.src.length, rule.dst.length) >= 16),
        percent(lambda rule: rule.sport == ANY_PORT),
        percent(lambda rule: rule.dport[0] == rule.dport[1]),
        percent(lambda rule: rule.dport[0] != rule.dport[1] and rule.dport != ANY_PORT),
        percent(lambda rule: rule.proto is None),
        *overlap(rules, ip))
