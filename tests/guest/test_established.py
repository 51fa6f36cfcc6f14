# SPDX-License-Identifier: GPL-2.0
"""TCP connections that are older than the module, and than conntrack, outlive a policy of drop."""

import time

import pytest

import clients
import tree
from packets import tcp
from topology import CLIENT, ROUTER_TO_CLIENT, ends

pytestmark = pytest.mark.usefixtures("unloaded")


@pytest.fixture(autouse=True)
def machine_without_conntrack():
    """Each test begins as a machine does that never had a firewall, and ends so."""
    assert not tree.is_loaded()
    yield
    if tree.is_loaded():
        tree.unload()


@pytest.fixture
def connect(network, family):
    made = []

    def connect_(direction):
        near, far, address = ends(network, direction)
        made.extend(clients.connection(near, far, family, address[family]))
        return made[-2:]
    yield connect_
    for end in made:
        end.close()


def load(**values):
    tree.load(default_policy="drop", **values)


DIRECTIONS = ("accepted", "outgoing", "forwarded")


@pytest.mark.parametrize("first", ("near", "far"), ids=("client speaks", "server speaks"))
@pytest.mark.parametrize("busy", (True, False), ids=("busy", "idle"))
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_outlives_the_module(connect, direction, busy, first):
    near, far = connect(direction)
    if busy:
        assert clients.exchange(near, far)
    load()
    speaker, listener = (near, far) if first == "near" else (far, near)
    assert clients.exchange(speaker, listener)
    assert clients.exchange(listener, speaker)


@pytest.mark.parametrize("direction", ("accepted", "outgoing"))
def test_own_connections_need_no_pickup(connect, direction):
    """A socket is proof enough, whenever it speaks."""
    near, far = connect(direction)
    load(pickup=1)
    time.sleep(1.5)
    assert clients.exchange(near, far)


def test_drop_at_output_too(connect):
    connections = [connect("accepted"), connect("outgoing")]
    load(output_policy="drop")
    assert all(clients.exchange(near, far) for near, far in connections)


class TestPickup:
    def test_past_it_a_forwarded_connection_is_dropped(self, connect):
        near, far = connect("forwarded")
        load(pickup=1)
        time.sleep(1.5)
        assert not clients.exchange(near, far, patience=1)

    def test_one_that_spoke_in_time_goes_on_for_good(self, connect):
        near, far = connect("forwarded")
        load(pickup=30)
        assert clients.exchange(near, far)
        tree.set_parameter("pickup", 0)
        assert clients.exchange(far, near)

    def test_zero_is_off(self, connect):
        near, far = connect("forwarded")
        load(pickup=0)
        assert not clients.exchange(near, far, patience=1)

    def test_it_does_not_help_input(self, ways, family):
        load(pickup=60)
        assert not ways["input"].passes(tcp(family, flags="A"))

    def test_a_syn_is_not_picked_up(self, ways, family):
        load(pickup=60)
        assert not ways["forward"].passes(tcp(family, flags="S"))
        assert not ways["forward"].passes(tcp(family, sport=1025, flags="SA"))


@pytest.mark.parametrize("direction", ("accepted", "forwarded"))
def test_new_connections_are_refused(network, connect, family, direction):
    near_host, far_host, address = ends(network, direction)
    old = connect(direction)
    with clients.listen(far_host, family, address[family]) as server:
        load()
        port = server.getsockname()[1]
        with clients.Attempt(near_host, family, address[family], port) as attempt:
            assert attempt.outcome(1) is None
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert clients.exchange(*old)


def test_without_the_shortcut_they_are_cut(connect):
    connections = [connect(direction) for direction in DIRECTIONS]
    load(accept_established="N")
    assert not any(clients.exchange(near, far, patience=1) for near, far in connections)


@pytest.mark.parametrize("flags", ("A", "PA", "FA", "R", "RA", "", "FPU"))
def test_a_forged_segment_has_no_socket(ways, family, flags):
    load()
    assert not ways["input"].passes(tcp(family, flags=flags))


def test_a_listening_socket_is_no_connection(network, ways, family):
    """A forged ACK to an open port belongs to nothing."""
    load()
    with clients.listen(network.router, family, ROUTER_TO_CLIENT[family]) as server:
        port = server.getsockname()[1]
        for flags in ("A", "S", "R"):
            packet = tcp(family, src=CLIENT[family], dst=ROUTER_TO_CLIENT[family],
                         sport=33333, dport=port, flags=flags)
            assert not ways["input"].passes(packet), flags


def test_a_syn_in_an_old_connection_is_new(connect, ways, family):
    near, far = connect("accepted")
    load()
    packet = tcp(family, src=CLIENT[family], dst=ROUTER_TO_CLIENT[family],
                 sport=near.getsockname()[1], dport=far.getsockname()[1], flags="S")
    assert not ways["input"].passes(packet)
    assert clients.exchange(near, far)


def test_the_policy_may_come_later(connect):
    """The same when the module was there first, with a policy of accept."""
    tree.load()
    connections = {direction: connect(direction) for direction in DIRECTIONS}
    tree.set_parameter("default_policy", "drop")
    for direction, (near, far) in connections.items():
        assert clients.exchange(near, far), direction
