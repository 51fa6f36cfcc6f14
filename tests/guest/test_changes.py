# SPDX-License-Identifier: GPL-2.0
"""One rule that changes among many: they are not all prepared anew for it.

What is prepared is made anew behind, a second after the last change: each case is asked before
that and after it.  So it is with the sets that rules name.
"""

import contextlib
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


# ---- sets that change: what is prepared of their elements is not true any more ----

SETS = 300
ASKED_BOTH_WAYS = range(0, 200, 2)  # of these, another line wants what is not in them


def sources(number):
    return [f"192.0.{2 + number // 200}.{20 + number % 200}", f"2001:db8:1::{256 + number:x}"]


class Named:
    """A chain with lines for each set, and by our own account what is in the sets.

    A set begins with the addresses of its own number.
    """

    def __init__(self, chain, sets):
        self.chain = chain
        self.sets = sets
        self.inside = [{number} for number in range(SETS)]
        self.lines = [(number, False) for number in range(SETS)]
        self.lines += [(number, True) for number in ASKED_BOTH_WAYS]

    def texts(self):
        return [f"proto=udp saddr={'!' * negated}@s{number} action=continue"
                for number, negated in self.lines]

    def check(self, ways, numbers):
        """Each line must count the packets from its addresses, of both families."""
        packets = [udp(family, src=source) for number in numbers
                   for family, source in zip((4, 6), sources(number))]
        before = self.chain.counts()
        assert passing(ways, packets)
        counted = [after - count for after, count in zip(self.chain.counts(), before)]
        assert counted == [2 * sum((number in self.inside[name]) != negated for number in numbers)
                           for name, negated in self.lines]

    def write(self, file, name, numbers, after=""):
        text = "\n".join(source + after for number in numbers for source in sources(number))
        if file == "load":
            with open("/tmp/minifw-elements", "w", encoding="ascii") as elements:
                elements.write(text)
            text = "/tmp/minifw-elements"
        self.sets[name][file] = text or "1"
        kept = {"add": self.inside[name], "del": self.inside[name] - set(numbers)}
        self.inside[name] = kept.get(file, set()) | (set(numbers) if file != "del" else set())


@pytest.fixture(name="named", scope="module")
def fixture_named(many):
    with contextlib.ExitStack() as stack:
        sets = [stack.enter_context(tree.named_set(*sources(number), name=f"s{number}"))
                for number in range(SETS)]
        chain = tree.Chain("named")
        chain.make()
        stack.callback(chain.remove)
        made = Named(chain, sets)
        chain.load(made.texts())
        chain.publish()
        yield made


# In the order in which they are made: by which file, of which set, of which addresses.
SET_CHANGES = [
    ("add", 10, [11, 12], ""), ("del", 20, [20], ""), ("flush", 30, [], ""),
    ("load", 40, [41, 42], ""), ("add", 50, [51], " timeout 1h"), ("add", 60, [61], ""),
    ("load", 70, [], ""), ("add", 81, [80], ""), ("del", 91, [91], ""), ("flush", 101, [], ""),
]


@pytest.mark.parametrize("turn", (0, 1))
def test_sets_that_change_among_many(ways, named, turn):
    """In the second turn, of what has been prepared anew after the first."""
    named.check(ways, range(0, 200, 9))
    for file, name, numbers, after in SET_CHANGES:
        name, numbers = name + 2 * turn, [number + 2 * turn for number in numbers]
        named.write(file, name, numbers, after)
        named.check(ways, [name, *numbers])
    settle()
    time.sleep(2 * turn)
    named.check(ways, [name + shift for _, name, _, _ in SET_CHANGES for shift in range(4)])


def test_a_set_that_packets_are_put_into_among_many(ways, named):
    """Its rule comes after what is prepared of the set, and what is in it by then goes on."""
    named.check(ways, [110, 120])
    with tree.rule("taking", priority=1, proto="udp", saddr=sources(111)[0], action="continue",
                   add_to="@s110 key saddr"):
        assert passing(ways, [udp(src=sources(111)[0])])
        before = named.chain.counts()
        assert passing(ways, [udp(src=sources(111)[0])])
    counted = [after - count for after, count in zip(named.chain.counts(), before)]
    assert counted[110] == counted[111] == 1
    assert counted[SETS + 110 // 2] == 0 and counted[SETS + 112 // 2] == 1
