# SPDX-License-Identifier: GPL-2.0
# guest: kernel=stock
"""Two thousand rule directories: made, listed, matched and removed."""

import os
import time

import tree
from packets import both, udp

COUNT = 2000
NAMES = [f"r{number:04}" for number in range(COUNT)]


def available():
    """Bytes of memory that the guest has left."""
    with open("/proc/meminfo", encoding="ascii") as file:
        fields = dict(line.split(":") for line in file)
    return int(fields["MemAvailable"].split()[0]) << 10


def make_all():
    before, start = available(), time.monotonic()
    rules = [tree.Rule(name) for name in NAMES]
    for port, rule in enumerate(rules, 1):
        rule.make()
        rule.set(proto="udp", dport=port, action="drop")
        rule.publish()
    print(f"a rule: {(time.monotonic() - start) / COUNT * 1000:.1f} ms,"
          f" {(before - available()) / COUNT:.0f} bytes")
    return rules


def check_lists(rules):
    assert sorted(os.listdir(tree.RULES)) == NAMES
    assert tree.running() == [f"rule {name} proto=udp dport={port} action=drop"
                              for port, name in enumerate(NAMES, 1)]
    assert all(rule["status"] == "live" for rule in rules[::100])


def check_matches(rules, passes):
    for port in (1, COUNT // 2, COUNT):
        assert not passes(both(udp, dport=port))
        assert rules[port - 1].packets == 2
    assert passes(both(udp, dport=COUNT + 1))


def check_toggle(rule, port, passes):
    rule["enabled"] = 0
    assert passes(both(udp, dport=port))
    rule.publish()
    assert not passes(both(udp, dport=port))


def test_two_thousand_rules(ways):
    def passes(packets):
        arrived = ways["input"].arrivals(packets)
        assert arrived in ([], packets)
        return bool(arrived)

    rules = make_all()
    check_lists(rules)
    check_matches(rules, passes)
    check_toggle(rules[COUNT // 2], COUNT // 2 + 1, passes)
    for rule in rules:
        rule.remove()
    assert os.listdir(tree.RULES) == [] and tree.running() == []
    assert passes(both(udp, dport=1) + both(udp, dport=COUNT))
