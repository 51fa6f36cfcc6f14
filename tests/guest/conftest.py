# SPDX-License-Identifier: GPL-2.0
"""Fixtures of all guest tests. A file of tests is one process in a guest of its own."""

import pytest

import topology
import tree
import ways as ways_module
from wire import Wire


@pytest.fixture(scope="session")
def network():
    return topology.Network()


@pytest.fixture(scope="session")
def wire(network):
    return Wire(network)


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


@pytest.fixture(scope="module")
def nobody_reassembles():
    """Whoever ran before in this boot may have had conntrack, which is given back at unload.

    For files whose packets are to be seen in pieces.
    """
    tree.unload()
    tree.load()
    with tree.parameters(accept_established="N"):
        yield


@pytest.fixture(autouse=True)
def clean_tree():
    """No test leaves a rule to the next, and none passes that did."""
    yield
    if tree.is_loaded():
        left = tree.running()
        tree.empty()
        objects = [line for line in left if line.startswith(("rule ", "chain ", "set "))]
        assert not objects, f"left behind: {objects}"
