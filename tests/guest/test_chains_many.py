# SPDX-License-Identifier: GPL-2.0
# guest: mem=512
"""A chain of 100,000 lines, in a machine with little memory."""

import errno

import pytest

import tree
from packets import both, udp

LINES = 3000 if tree.DEBUG else 100000
MOST = 262144


def line(number):
    """In both families by turns; the port tells the lines of a family apart, with the source."""
    high, low = divmod(number, 50000)
    source = f"2001:db8:1::{high + 1:x}" if number % 2 else f"192.0.2.{high + 1}"
    return f"saddr={source} proto=udp dport={low} action=drop"


def packet(number):
    high, low = divmod(number, 50000)
    if number % 2:
        return udp(family=6, src=f"2001:db8:1::{high + 1:x}", dport=low)
    return udp(src=f"192.0.2.{high + 1}", dport=low)


PROBED = [0, 1, LINES // 2, LINES // 2 + 1, LINES - 2, LINES - 1]
MISSES = both(udp, dport=60000)


@pytest.fixture(scope="module", autouse=True)
def nothing_established():
    with tree.parameters(accept_established="N"):
        yield


@pytest.fixture(scope="module")
def chain():
    made = tree.Chain("many")
    made.make()
    made.load(map(line, range(LINES)))
    yield made
    made.remove()


@pytest.fixture(autouse=True)
def clean_tree():
    """Here a chain goes from test to test."""


def test_first_middle_and_last_line(ways, chain):
    generation = tree.generation()
    chain.publish()
    assert (chain["count"], chain["status"]) == (str(LINES), "live")
    assert tree.generation() == generation + 1
    assert ways["input"].arrivals(list(map(packet, PROBED)) + MISSES) == MISSES
    assert chain.packets == len(PROBED)
    print(f"{int(chain['memory']) / LINES:.0f} bytes a line")
    with open("/sys/devices/system/cpu/possible", encoding="ascii") as possible:
        cpus = int(possible.read().rpartition("-")[2]) + 1
    assert int(chain["memory"]) < (150 + 16 * cpus) * LINES


def test_a_refused_load_changes_nothing(chain):
    with tree.refused(errno.EINVAL, chain.path + "/last_error", f"load: line {LINES + 1}: dport"):
        chain.load([*map(line, range(LINES)), "proto=udp dport=x action=drop"])
    if not tree.DEBUG:
        with tree.refused(errno.ENOSPC, chain.path + "/last_error", f"line {MOST + 1}: "):
            chain.load(["action=drop"] * (MOST + 1))
    assert (chain["count"], chain["status"]) == (str(LINES), "live")


def test_lines_that_stay_keep_their_counters(ways, chain):
    gone = LINES // 2
    chain.load(["proto=tcp action=drop", *map(line, range(gone)),
                *map(line, range(gone + 1, LINES))])
    chain.publish()
    packets = list(map(packet, PROBED))
    assert ways["input"].arrivals(packets) == [packets[PROBED.index(gone)]]
    assert chain.packets == 2 * len(PROBED) - 1
    counts = chain.counts()
    assert [counts[number + (number < gone)] for number in PROBED if number != gone] == \
        [2] * (len(PROBED) - 1)
    assert sum(counts) == 2 * (len(PROBED) - 1)


def test_a_rule_beside_it(ways, chain):
    with tree.rule("a", proto="udp", dport=60000, action="drop") as rule:
        assert ways["input"].arrivals(MISSES) == []
        assert rule.packets == 2
    assert ways["input"].arrivals(MISSES) == MISSES


def test_add_one_at_a_time(ways, chain):
    for number in range(3):
        chain["add"] = f"proto=udp dport={60000 + number} action=drop"
    assert chain["count"] == str(LINES + 3)
    chain.publish()
    assert ways["input"].arrivals(MISSES) == []


def test_off_on_and_away(ways, chain):
    last = packet(LINES - 1)
    chain["enabled"] = 0
    assert ways["input"].passes(last)
    chain.publish()
    assert not ways["input"].passes(last)
    chain.remove()
    assert ways["input"].passes(last)
    chain.make()
    assert not any(line.startswith(("chain", "in")) for line in tree.running())
