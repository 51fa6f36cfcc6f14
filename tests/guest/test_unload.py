# SPDX-License-Identifier: GPL-2.0
"""Unloading: refused while rules exist, complete after, and safe under traffic."""

import os
import subprocess
import time

import pytest

import tree
from packets import both, tcp, udp
from wire import ETH_P_IP


@pytest.fixture(autouse=True)
def loaded_before_and_after():
    if not tree.is_loaded():
        tree.load()
    yield


def unload_is_refused():
    result = subprocess.run(["rmmod", "minifw"], stderr=subprocess.PIPE, text=True, check=False)
    return result.returncode != 0 and "in use" in result.stderr


@pytest.mark.parametrize("live", (True, False), ids=("live", "draft"))
def test_refused_while_a_rule_exists(live):
    with tree.rule(live=live, action="drop", hook="forward"):
        assert unload_is_refused()
        assert tree.is_loaded() and os.path.isdir(tree.RULES)
    tree.unload()
    assert not tree.is_loaded()


def test_refused_while_a_file_is_open():
    with open(tree.ROOT + "/generation"):
        assert unload_is_refused()
    tree.unload()


def test_nothing_is_left(ways):
    with tree.rule(hook="input,forward,output", action="continue"):
        pass
    tree.set_parameter("default_policy", "drop")
    tree.set_parameter("output_policy", "drop")
    assert not any(way.passes(packet) for way in ways.values() for packet in both(udp))
    tree.unload()
    assert not os.path.exists(tree.ROOT)
    assert not os.path.exists("/sys/module/minifw")
    with open("/proc/kallsyms") as symbols:
        assert "[minifw]" not in symbols.read()
    for way in ways.values():
        packets = both(udp) + both(tcp)
        assert way.arrivals(packets) == packets


def test_a_new_load_begins_anew():
    tree.set_parameter("default_policy", "drop")
    tree.unload()
    tree.load()
    assert tree.parameter("default_policy") == "accept"
    assert os.listdir(tree.RULES) == []
    assert [tree.parameter(name) for name in ("accepted", "dropped")] == ["0", "0"]


class Traffic:
    """UDP both to the guest and through it, from processes that run until told to stop."""

    def __init__(self, wire):
        self._wire = wire
        self._frames = [packet.data for packet in (
            udp(dport=9), udp(dport=10), tcp(dport=22, flags="A"), udp(dst="10.1.0.1", dport=9),
            tcp(dst="10.1.0.1", dport=9))]
        self._children = []

    def __enter__(self):
        self._children = [self._fork() for _ in range(2)]
        return self

    def __exit__(self, *_):
        for child in self._children:
            os.kill(child, 9)
            os.waitpid(child, 0)

    def _fork(self):
        child = os.fork()
        if child:
            return child
        os.sched_setaffinity(0, range(os.cpu_count()))
        while True:
            for frame in self._frames:
                self._send(frame)

    def _send(self, frame):
        try:
            self._wire.client.send(ETH_P_IP, frame)
        except BlockingIOError:
            time.sleep(0.001)


@pytest.fixture
def traffic(network, wire):
    network.destination_is_local(False)
    with Traffic(wire):
        yield


def test_under_traffic(traffic):
    """Hooks, conntrack and rules come and go for ten seconds and more while packets flow."""
    deadline = time.monotonic() + 10
    rounds = 0
    while rounds < 4 or time.monotonic() < deadline:
        with tree.rule("drop", hook="input,forward", proto="udp", dport="9", action="drop"), \
                tree.rule("ct", hook="input,forward,output", ct_state="new", action="continue"), \
                tree.rule("reject", hook="input,forward", dport="10", proto="udp", action="reject"):
            tree.set_parameter("default_policy", ("drop", "accept", "reject")[rounds % 3])
        tree.unload()
        tree.load(netns=("init", "all")[rounds % 2])
        rounds += 1
    tree.unload()  # who comes after in this boot knows nothing of other namespaces
    tree.load()


def test_rmdir_under_traffic(traffic):
    """A rule is retired while packets are in it, many times over."""
    deadline = time.monotonic() + 5
    rules = hits = 0
    while rules < 12 or time.monotonic() < deadline:
        with tree.rule(hook="input,forward", proto="udp", action=("drop", "reject")[rules % 2],
                       saddr="192.0.2.0/24,198.51.100.9", dport="1-100,200-300") as rule:
            time.sleep(0.002)
            hits += rule.packets
        rules += 1
    assert hits > 0
    assert os.listdir(tree.RULES) == []
