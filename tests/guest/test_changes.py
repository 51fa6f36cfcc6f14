# SPDX-License-Identifier: GPL-2.0
"""One rule that changes among many: they are not all prepared anew for it.

What is prepared is made anew behind, a second after the last change: each case is asked before
that and after it.
"""

import errno
import time

import pytest

import tree
from packets import both, udp

LINES = 600  # of fewer, all are prepared anew
BEHIND = 1.7  # seconds after which that has been done
AT_ONCE = 64  # changes that are kept beside what is prepared


def line(number):
    return f"proto=udp dport={10000 + number} action=drop"


DROPPED = both(udp, dport=10000 + LINES // 2)
OTHERS = both(udp, dport=9)


@pytest.fixture(scope="module", autouse=True)
def many():
    with tree.parameters(accept_established="N"):
        made = tree.Chain("many")
        made.make()
        made.set(priority=10)
        made.load(map(line, range(LINES)))
        made.publish()
        yield made
        made.remove()


@pytest.fixture(autouse=True)
def clean_tree():
    """Here the chain stays from test to test."""


def settle():
    generation = tree.generation()
    time.sleep(BEHIND)
    assert tree.generation() == generation


def twice(check):
    check()
    settle()
    check()


def passing(ways, packets):
    return ways["input"].arrivals(packets) == packets


def refused(ways, packets):
    return ways["input"].arrivals(packets) == []


def test_a_rule_before_the_lines(ways):
    with tree.rule("a", priority=1, proto="udp", dport=10000 + LINES // 2,
                   action="accept") as rule:
        twice(lambda: passing(ways, DROPPED) or pytest.fail("the line came first"))
        assert rule.packets == 2 * len(DROPPED)
    twice(lambda: refused(ways, DROPPED) or pytest.fail("the rule is still there"))


def test_a_rule_behind_the_lines(ways):
    with tree.rule("z", priority=20, proto="udp", action="accept") as rule, \
            tree.rule("zz", priority=21, proto="udp", dport=9, action="drop"):
        def check():
            assert refused(ways, DROPPED)
            assert passing(ways, OTHERS)
        twice(check)
        assert rule.packets == 2 * len(OTHERS)


def test_a_rule_that_does_not_decide(ways, many):
    before = many.packets
    with tree.rule("a", priority=1, proto="udp", action="continue") as first, \
            tree.rule("z", priority=20, proto="udp", action="continue") as last:
        def check():
            assert refused(ways, DROPPED)
            assert passing(ways, OTHERS)
        twice(check)
        assert first.packets == 2 * len(DROPPED + OTHERS)
        assert last.packets == 2 * len(OTHERS)
    assert many.packets == before + 2 * len(DROPPED)


def test_a_rule_that_is_edited(ways):
    """From before the lines to behind them, and from one action to the other; it counts on."""
    with tree.rule("a", priority=1, proto="udp", action="accept") as rule:
        settle()
        generation = tree.generation()
        rule.set(action="drop")
        rule.publish()
        assert refused(ways, OTHERS)
        rule.set(priority=20, action="accept")
        rule.publish()
        assert tree.generation() == generation + 2
        twice(lambda: refused(ways, DROPPED) or pytest.fail("it is still before the lines"))
        assert passing(ways, OTHERS)
        assert rule.packets == 2 * len(OTHERS)


def test_a_rule_that_is_off_and_on(ways):
    with tree.rule("a", priority=1, proto="udp", action="accept") as rule:
        settle()
        for _ in range(3):
            rule["enabled"] = 0
            assert refused(ways, DROPPED)
            rule.publish()
            assert passing(ways, DROPPED)
        rule["enabled"] = 0
        twice(lambda: refused(ways, DROPPED) or pytest.fail("it is not off"))


def test_a_rule_that_expires(ways):
    with tree.rule("a", priority=1, proto="udp", action="accept", expires=3):
        assert passing(ways, DROPPED)
        assert tree.until(lambda: refused(ways, DROPPED))


def test_more_changes_than_are_kept_beside(ways):
    """In reverse order, so that each is before all others."""
    names = [f"r{number:03}" for number in range(AT_ONCE + 8)]
    wanted = {f"r{number:03}": {"priority": 1, "proto": "udp", "dport": 10000 + number,
                                "action": "accept"} for number in reversed(range(len(names)))}
    packets = [udp(dport=10000 + number) for number in range(len(names))]
    with tree.rules(**wanted) as rules:
        twice(lambda: passing(ways, packets) or pytest.fail("a rule is not there"))
        for name in names[::2]:
            rules[name]["enabled"] = 0
        twice(lambda: ways["input"].arrivals(packets) == packets[1::2] or
              pytest.fail("a rule is still there"))


def test_a_policy_that_changes(ways):
    with tree.rule("a", priority=1, proto="udp", dport=9, action="accept"):
        with tree.parameters(default_policy="drop"):
            assert passing(ways, OTHERS)
            assert refused(ways, both(udp, dport=7))
        assert passing(ways, both(udp, dport=7))


def test_lines_that_nothing_tells_apart(ways, many):
    """Each overlaps with each, and no packet matches more than a few: 16384 may be."""
    def stairs(count):
        return [f"proto=udp sport={low}-{low + 20000} dport={low + 1}-{low + 30000} action=drop"
                for low in ((number * 7919) % 35000 for number in range(count))]
    generation = tree.generation()
    with tree.chain(live=False, name="stairs", priority=30) as chain:
        chain.load(stairs(17000))
        with tree.refused(errno.ENOSPC, chain.path + "/last_error", "enabled: more than 16384"):
            chain.publish()
        assert (chain["status"], many["status"]) == ("off", "live")
        assert tree.generation() == generation
        chain.load(stairs(3000))
        chain.publish()
        packets = [udp(sport=sport, dport=dport)
                   for sport, dport in ((30000, 40000), (30000, 2), (60000, 3))]
        assert ways["input"].arrivals(packets) == packets[1:]
    assert passing(ways, OTHERS)
