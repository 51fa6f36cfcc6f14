# SPDX-License-Identifier: GPL-2.0
"""The tracepoint minifw:verdict, as tracefs shows it: an event a decision, none while off."""

import os

import pytest

import clients
import tree
from packets import DESTINATION, SOURCE, both, icmpv6, tcp, udp
from topology import ROUTER_TO_CLIENT
from tracing import EVENT, TRACING, end, events, put, tracing


def line(rule, way, verdict, packet, proto=17, ports=(1024, 9)):
    source, destination = (end(addresses[packet.family], port)
                           for addresses, port in zip((SOURCE, DESTINATION), ports))
    iif = "" if way.hook == "output" else "client0"
    oif = "" if way.hook == "input" else "server0"
    return (f"rule={rule} hook={way.hook} verdict={verdict} proto={proto}"
            f" {source} -> {destination} iif={iif} oif={oif} len={len(packet.data)}")


class TestRulesAndPolicies:
    @pytest.fixture(autouse=True)
    def nothing_established(self):
        with tree.parameters(accept_established="N"):
            yield

    @pytest.mark.parametrize("action,verdict", [
        ("accept", "accept"), ("drop", "drop"), ("reject with port-unreachable", "reject")])
    def test_the_rule_that_decides(self, way, action, verdict):
        packets = both(udp)
        with tree.rule("01-counts", hook=way.hook, action="continue"), \
                tree.rule("10-it", hook=way.hook, proto="udp", action=action), tracing():
            way.arrivals(packets)
            seen = events()
        for packet in packets:
            assert seen.count(line("10-it", way, verdict, packet)) == 1
        assert not any("01-counts" in event for event in seen)

    def test_what_would_be_decided(self, ways):
        packet = udp()
        with tree.rule("10-it", proto="udp", action="drop"), tree.parameters(enforce="N"), \
                tracing():
            assert ways["input"].passes(packet)
            assert line("10-it", ways["input"], "drop", packet) in events()

    @pytest.mark.parametrize("policy", ("accept", "drop"))
    def test_the_policy(self, way, policy):
        """Both where there is no rule at all and where none decides."""
        packets = both(tcp)
        for attributes in ({}, {"never": {"hook": way.hook, "proto": "gre", "action": "drop"}}):
            with tree.parameters(default_policy=policy, output_policy=policy), \
                    tree.rules(**attributes), tracing():
                way.arrivals(packets)
                seen = events()
            for packet in packets:
                assert seen.count(line("policy", way, policy, packet, proto=6)) == 1

    def test_a_filter_of_tracefs(self, ways):
        with tree.rule(proto="udp", dport="9", action="drop"), \
                tracing('verdict == "drop" && dport == 9 && rule == "r"'):
            ways["input"].arrivals([*both(udp), *both(udp, dport=10)])
            assert [event.split()[0] for event in events()] == ["rule=r"] * 2

    def test_off_there_is_nothing(self, way):
        with tracing():
            pass
        with tree.rule(hook=way.hook, action="accept"):
            way.arrivals(both(udp))
        assert events() == []


class TestShortcuts:
    """What is accepted before any rule, under a policy that would not."""

    @pytest.fixture(autouse=True)
    def otherwise_dropped(self):
        with tree.parameters(default_policy="drop", output_policy="drop"):
            yield

    def test_loopback(self, network, family):
        with tracing():
            assert clients.talks_to_itself(network.router, family)
            seen = events()
        for hook in ("input", "output"):
            assert any(event.startswith(f"rule=loopback hook={hook} verdict=accept proto=17 ")
                       for event in seen)

    def test_established(self, network, family):
        address = ROUTER_TO_CLIENT[family]
        with tree.rule(proto="tcp", action="accept"), tracing():
            near, far = clients.connection(network.client, network.router, family, address)
            with near, far:
                assert clients.exchange(near, far)
            seen = [event for event in events() if " proto=6 " in event]
        assert seen[0].startswith("rule=r hook=input verdict=accept proto=6 ")
        assert all(event.startswith("rule=established ") for event in seen[1:])
        assert {event.split()[1] for event in seen[1:]} == {"hook=input", "hook=output"}

    def test_older_than_conntrack(self, network, family):
        tree.unload()
        tree.load()
        address = ROUTER_TO_CLIENT[family]
        near, far = clients.connection(network.client, network.router, family, address)
        with near, far, tree.parameters(default_policy="drop"), tracing():
            assert clients.exchange(near, far)
            assert any(event.startswith("rule=established hook=input verdict=accept proto=6 ")
                       for event in events())

    def test_control(self, ways):
        with tracing():
            ways["input"].arrivals([icmpv6(135, ttl=255)])
            assert any(event.startswith("rule=control hook=input verdict=accept proto=58 ")
                       for event in events())


def test_unloading_while_it_is_on(ways):
    with tracing():
        ways["input"].arrivals(both(udp))
        tree.unload()
        assert not os.path.exists(EVENT)
        tree.load()
        put(EVENT + "/enable", "1")
        put(TRACING + "/trace", "")
        ways["input"].arrivals(both(udp))
        assert len([event for event in events() if " hook=input " in event]) == 2
