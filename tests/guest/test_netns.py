# SPDX-License-Identifier: GPL-2.0
"""Which network namespaces are filtered, and where conntrack runs."""

import contextlib
import itertools
import os
import socket

import pytest

import namespace
import tree
from clients import talks_to_itself
from topology import CLIENT, ROUTER_TO_CLIENT, Host

pytestmark = pytest.mark.usefixtures("unloaded")

CONNTRACK_COUNT = "/proc/sys/net/netfilter/nf_conntrack_count"
PORT = itertools.count(20000)
STRICT = {"default_policy": "drop", "accept_loopback": "N", "accept_established": "N"}


@pytest.fixture(autouse=True)
def unload_after():
    assert not tree.is_loaded()
    yield
    if tree.is_loaded():
        tree.empty()
        tree.unload()


@pytest.fixture
def spare():
    """A namespace of its own, with nothing but a loopback device."""
    with temporary("spare") as host:
        yield host


@contextlib.contextmanager
def temporary(name):
    namespace.create(name)
    try:
        host = Host(name)
        host.ip("link set lo up")
        yield host
    finally:
        namespace.delete(name)


class TestWhich:
    def test_init_alone(self, network, spare, family):
        tree.load(netns="init", **STRICT)
        assert tree.parameter("netns") == "init"
        assert talks_to_itself(spare, family)
        assert talks_to_itself(network.client, family)
        assert not talks_to_itself(network.router, family)

    def test_init_is_the_default(self, network, spare, family):
        tree.load(**STRICT)
        assert talks_to_itself(spare, family) and not talks_to_itself(network.router, family)

    def test_all(self, network, spare, family):
        tree.load(netns="all", **STRICT)
        assert tree.parameter("netns") == "all"
        for host in (spare, network.client, network.server, network.router):
            assert not talks_to_itself(host, family)
        tree.set_parameter("default_policy", "accept")
        assert talks_to_itself(spare, family)

    def test_rules_hold_in_all(self, spare, family):
        tree.load(netns="all", accept_loopback="N", accept_established="N")
        with tree.rule(proto="udp", action="drop") as rule:
            assert not talks_to_itself(spare, family)
            assert rule.packets == 1
        assert talks_to_itself(spare, family)

    def test_fixed_once_loaded(self):
        tree.load()
        with pytest.raises(OSError):
            tree.set_parameter("netns", "all")

    def test_unload_frees_them_all(self, spare, family):
        tree.load(netns="all", **STRICT)
        assert not talks_to_itself(spare, family)
        tree.unload()
        assert talks_to_itself(spare, family)


class TestComeAndGo:
    def test_a_new_one_is_filtered_at_once(self, family):
        tree.load(netns="all", **STRICT)
        with temporary("late") as late:
            assert not talks_to_itself(late, family)

    def test_a_new_one_with_conntrack_live(self):
        tree.load(netns="all", default_policy="drop", accept_loopback="N")
        with tree.rule(ct_state="new", proto="udp", action="accept") as rule:
            with temporary("late") as late:
                assert talks_to_itself(late, 4)
            assert rule.packets == 1

    @pytest.mark.parametrize("netns", ("init", "all"))
    def test_twenty_of_them(self, netns):
        tree.load(netns=netns, **STRICT)
        with tree.rule(family="ip6", ct_state="invalid", action="drop"):
            for number in range(20):
                with temporary(f"n{number}") as host:
                    assert talks_to_itself(host, 4) == (netns == "init")

    def test_rules_change_while_they_do(self):
        tree.load(netns="all", accept_loopback="N", accept_established="N")
        with contextlib.ExitStack() as stack:
            for number in range(10):
                host = stack.enter_context(temporary(f"n{number}"))
                rule = stack.enter_context(tree.rule(f"r{number}", proto="udp", action="drop"))
                assert not talks_to_itself(host, 4)
                rule["enabled"] = 0
                assert talks_to_itself(host, 4)


class TestHooks:
    """Those that come with a rule are in all that are filtered, and in what comes later."""

    RULES = {"a": {"hook": "prerouting"}, "b": {"hook": "postrouting"},
             "c": {"hook": "output", "action": "notrack"}, "d": {"hook": "ingress", "iif": "lo"}}

    @contextlib.contextmanager
    def rules(self):
        common = {"proto": "udp", "action": "continue"}
        with tree.rules(**{name: {**common, **words}
                           for name, words in self.RULES.items()}) as rules:
            yield list(rules.values())

    @pytest.mark.parametrize("netns,expected", (("init", 0), ("all", 1)))
    def test_where_and_when(self, spare, family, netns, expected):
        def seen(host):
            for rule in rules:
                rule["reset"] = 1
            assert talks_to_itself(host, family)
            return [rule.packets for rule in rules]
        tree.load(netns=netns)
        with self.rules() as rules:
            assert seen(spare) == [expected] * 4
            with temporary("late") as late:
                assert seen(late) == [expected] * 4
            assert seen(Host(None)) == [1] * 4
        assert talks_to_itself(spare, family)

    def test_they_change_while_namespaces_do(self):
        tree.load(netns="all")
        with contextlib.ExitStack() as stack:
            for number in range(8):
                host = stack.enter_context(temporary(f"n{number}"))
                with self.rules() as rules:
                    assert talks_to_itself(host, 4)
                    assert [rule.packets for rule in rules] == [1] * 4


def tracked(host, wire, near=CLIENT, far=ROUTER_TO_CLIENT):
    """Whether `host` makes a conntrack entry of a datagram from c to the guest."""
    def count():
        with namespace.entered(host.namespace):
            # Where conntrack's module is not even there, nothing is tracked.
            if not os.path.exists(CONNTRACK_COUNT):
                return 0
            return int(tree.read(CONNTRACK_COUNT))
    before = count()
    with namespace.entered("c"), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind((near[4], next(PORT)))
        sender.sendto(b"x", (far[4], next(PORT)))
    wire.settle()
    return count() > before


class TestConntrack:
    """Taken when somebody needs it, and not before; kept until unload; given back then."""

    def test_not_with_nothing_to_do(self, network, wire):
        tree.load()
        assert not tracked(network.router, wire)

    def test_not_for_a_draft(self, network, wire):
        tree.load()
        with tree.rule(live=False, ct_state="new", action="drop"):
            assert not tracked(network.router, wire)

    @pytest.mark.parametrize("policy", ("default_policy", "forward_policy", "output_policy"))
    def test_for_established_under_a_policy(self, network, wire, policy):
        tree.load()
        assert not tracked(network.router, wire)
        with tree.parameters(**{policy: "drop"}), \
                tree.rule(proto="udp", action="accept") as rule:
            assert tracked(network.router, wire)
            assert rule.packets == 1

    def test_for_established_beside_a_rule(self, network, wire):
        tree.load()
        with tree.rule(hook="forward", action="continue"):
            assert tracked(network.router, wire)

    def test_not_without_established(self, network, wire):
        tree.load(accept_established="N", default_policy="drop")
        with tree.rule(proto="udp", action="accept"):
            assert not tracked(network.router, wire)

    def test_when_established_is_switched_on(self, network, wire):
        tree.load(accept_established="N")
        with tree.rule(proto="udp", action="accept"):
            assert not tracked(network.router, wire)
            tree.set_parameter("accept_established", "Y")
            assert tracked(network.router, wire)

    def test_for_a_rule_that_asks(self, network, wire):
        tree.load(accept_established="N")
        with tree.rule(hook="forward", ct_state="new", action="continue"):
            assert tracked(network.router, wire)

    def test_kept_until_unload(self, network, wire):
        tree.load(accept_established="N")
        with tree.rule(ct_state="new", action="continue"):
            pass
        assert tracked(network.router, wire)

    def test_given_back_at_unload(self, network, wire):
        tree.load(default_policy="drop")
        tree.unload()
        tree.load()
        assert not tracked(network.router, wire)

    def test_only_in_the_namespaces_filtered(self, network, wire):
        tree.load(default_policy="drop")
        assert not tracked(network.client, wire)

    def test_in_all_of_them(self, network, wire):
        tree.load(netns="all", default_policy="drop")
        assert tracked(network.client, wire)


class TestConnLimit:
    """Connections are counted in each namespace apart, in those that come later too."""

    LIMIT = {"proto": "udp", "conn_limit": "over 2", "action": "drop"}

    @staticmethod
    def load():
        tree.load(netns="all", accept_loopback="N", accept_established="N")

    @staticmethod
    def passed(host, family):
        return [talks_to_itself(host, family) for _ in range(3)]

    def test_each_has_its_own(self, network, spare, family):
        self.load()
        with tree.rule(**self.LIMIT) as rule:
            with temporary("late") as late:
                for host in (spare, network.router, late):
                    assert self.passed(host, family) == [True, True, False]
            assert rule.packets == 3

    def test_they_come_and_go(self, family):
        self.load()
        with tree.rule(**self.LIMIT), \
                tree.rule("b", hook="forward", conn_limit="over 9 per saddr", action="continue"):
            for _ in range(8):
                with temporary("again") as host:
                    assert self.passed(host, family) == [True, True, False]

    def test_rules_come_and_go(self, spare, family):
        self.load()
        for _ in range(5):
            with tree.rule(**self.LIMIT):
                assert self.passed(spare, family) == [True, True, False]
            assert talks_to_itself(spare, family)

    def test_unloaded_with_namespaces_there(self, spare, family):
        self.load()
        with tree.rule(**self.LIMIT):
            assert self.passed(spare, family) == [True, True, False]
        tree.unload()
        assert talks_to_itself(spare, family)
