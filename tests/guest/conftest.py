# SPDX-License-Identifier: GPL-2.0
"""Fixtures of all guest tests. A file of tests is one process in a guest of its own."""

import collections
import os
import time

import pytest

import tool
import topology
import tree
import ways as ways_module
from wire import Wire


# Seconds after the guest's boot from which no further test begins.
SECONDS = float(os.environ.get("MINIFW_GUEST_SECONDS", "inf"))
LATE = []


def pytest_runtest_protocol(item):
    """What there is no time for is neither passed nor failed: it is told of."""
    if time.clock_gettime(time.CLOCK_BOOTTIME) < SECONDS:
        return None
    LATE.append(item)
    return True


def pytest_terminal_summary(terminalreporter):
    if LATE:
        terminalreporter.write_line(f"not run for want of time: {len(LATE)}, from {LATE[0].nodeid}")


def one_hook_each(items):
    """The tests, but one of those that differ by their way alone."""
    number, seen = {}, collections.Counter()
    for item in items:
        parameters = dict(item.callspec.params) if hasattr(item, "callspec") else {}
        if parameters.pop("way", None) is None:
            yield item
            continue
        case = item.path, item.originalname, repr(parameters)
        if seen[case] == number.setdefault(case, len(number)) % len(ways_module.HOOKS):
            yield item
        seen[case] += 1


def pytest_collection_modifyitems(config, items):
    """On the debug kernel, where all takes ten times as long, a case is tried at one hook.

    Which one takes turns. What it is for, memory and locks, is the same at all of them.
    """
    if tree.DEBUG:
        kept = list(one_hook_each(items))
        config.hook.pytest_deselected(items=list(set(items) - set(kept)))
        items[:] = kept


@pytest.fixture(scope="session")
def network():
    return topology.Network()


@pytest.fixture(scope="session")
def wire(network):
    return Wire(network)


@pytest.fixture(scope="session")
def roads(network, wire):
    import peers_packets  # with scapy, which takes a second
    return peers_packets.Roads(network, wire)


@pytest.fixture(scope="session")
def ways(network, wire):
    return ways_module.make(network, wire)


@pytest.fixture(scope="session")
def sides(network, wire):
    return ways_module.make_sides(network, wire)


@pytest.fixture(params=ways_module.HOOKS)
def way(request, ways):
    """Every test that takes it runs at each hook."""
    return ways[request.param]


@pytest.fixture(params=(4, 6), ids=("ip", "ip6"))
def family(request):
    return request.param


@pytest.fixture(scope="module", autouse=True)
def fresh_module():
    """A file finds the module as after a boot, whoever ran before it.

    An earlier rule may have had conntrack, which comes back to its kernel at unload: it reassembles
    fragments, and what it knows as established passes rules by.
    """
    tree.unload()
    tree.load()


@pytest.fixture(scope="module")
def unloaded():
    """For files whose tests load the module themselves: it is out before them, and back after."""
    tree.unload()
    yield
    tree.load()


@pytest.fixture(scope="module")
def nothing_but_rules():
    """What an earlier packet began must not let a later one pass the rules by."""
    with tree.parameters(accept_established="N"):
        yield


@pytest.fixture(autouse=True)
def no_reports():
    """What sanitizers find in the program fails the test, or whatever clears up after it."""
    yield
    said = tool.reports()
    assert not said, said


@pytest.fixture
def empty_again():
    """Everything that a test loads by the program goes, parameters too."""
    yield
    if tree.transaction() != "idle":
        tree.transaction("rollback")
    tool.load("")
    assert tree.running() == []


@pytest.fixture(autouse=True)
def clean_tree():
    """No test leaves a rule or a transaction to the next, and none passes that did."""
    yield
    if tree.is_loaded():
        state = tree.transaction()
        if state != "idle":
            tree.transaction("rollback")
        assert state == "idle", f"left behind: a transaction that is {state}"
        left = tree.running()
        tree.empty()
        objects = [line for line in left if line.startswith(("rule ", "chain ", "set "))]
        assert not objects, f"left behind: {objects}"
