# SPDX-License-Identifier: GPL-2.0
"""Which rules match a packet: tuple space search, so that a hundred thousand rules take no day."""

from .rule import BITS


class Lookup:
    def __init__(self, rules, ip):
        bits = BITS[ip]
        self.rules = rules
        self.tuples = {}
        for number, rule in enumerate(rules):
            shifts = bits - rule.src.length, bits - rule.dst.length
            key = rule.src.host >> shifts[0], rule.dst.host >> shifts[1]
            self.tuples.setdefault(shifts, {}).setdefault(key, []).append(number)

    def matches(self, packet):
        """The numbers of all rules that match, in order."""
        found = []
        for (src, dst), table in self.tuples.items():
            for number in table.get((packet.src >> src, packet.dst >> dst), ()):
                rule = self.rules[number]
                if (rule.proto in (None, packet.proto) and
                        rule.sport[0] <= packet.sport <= rule.sport[1] and
                        rule.dport[0] <= packet.dport <= rule.dport[1]):
                    found.append(number)
        return sorted(found)
