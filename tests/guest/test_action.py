# SPDX-License-Identifier: GPL-2.0
"""Verdicts: actions, their order, policies, counters, and edits that wait for `enabled`."""

import contextlib
import subprocess
import time

import pytest

import tree
from kernel_log import KernelLog
from packets import both, icmp, icmpv6, tcp, udp

POLICY = {"input": "default_policy", "forward": "default_policy", "output": "output_policy"}


def everything():
    return both(tcp) + both(udp) + [icmp(8), icmpv6(128)]


@contextlib.contextmanager
def policy(way, value):
    with tree.parameters(**{POLICY[way.hook]: value}):
        yield


@pytest.fixture(scope="module", autouse=True)
def nothing_established():
    """What an earlier packet began must not let a later one pass the rules by."""
    with tree.parameters(accept_established="N"):
        yield


class TestActions:
    def test_accept_overrides_the_policy(self, way):
        packets = everything()
        with policy(way, "drop"), tree.rule(hook=way.hook, action="accept") as rule:
            assert way.arrivals(packets) == packets
            assert rule.packets == len(packets)

    def test_drop_overrides_the_policy(self, way):
        packets = everything()
        with tree.rule(hook=way.hook, action="drop") as rule:
            assert way.arrivals(packets) == []
            assert rule.packets == len(packets)

    @pytest.mark.parametrize("then", ("accept", "drop"))
    def test_continue_counts_and_goes_on(self, way, then):
        packets = both(udp)
        opposite = {"accept": "drop", "drop": "accept"}[then]
        with policy(way, opposite), \
                tree.rule("1", hook=way.hook, action="continue") as first, \
                tree.rule("2", hook=way.hook, action="continue") as second, \
                tree.rule("3", hook=way.hook, action=then) as third, \
                tree.rule("4", hook=way.hook, action="continue") as fourth:
            assert way.arrivals(packets) == (packets if then == "accept" else [])
            assert [r.packets for r in (first, second, third, fourth)] == [2, 2, 2, 0]

    def test_continue_alone_leaves_it_to_the_policy(self, way):
        packets = both(udp)
        with tree.rule(hook=way.hook, action="continue"):
            assert way.arrivals(packets) == packets
            with policy(way, "drop"):
                assert way.arrivals(packets) == []


class TestOrder:
    """Ascending (priority, NAME in byte order); the first that matches decides."""

    PAIRS = [  # (priority, name) of the rule that is first, then of the second
        ((0, "10-a"), (0, "9-a")), ((0, "10"), (0, "10-")), ((0, "1-a"), (0, "1.a")),
        ((0, "B"), (0, "a")), ((0, "Z"), (0, "_")), ((0, "_"), (0, "a")), ((0, "9"), (0, "A")),
        ((0, "a"), (0, "aa")), ((-1, "z"), (0, "a")), ((0, "z"), (1, "a")), ((-2, "z"), (-1, "a")),
        ((9, "z"), (10, "a")), ((-2147483648, "z"), (0, "a")), ((0, "z"), (2147483647, "a")),
    ]

    @pytest.mark.parametrize("first,second", PAIRS)
    @pytest.mark.parametrize("created", ("in order", "in reverse"))
    def test_first_decides(self, ways, first, second, created):
        attributes = {first: "accept", second: "drop"}
        order = [first, second] if created == "in order" else [second, first]
        with contextlib.ExitStack() as stack:
            made = {(priority, name): stack.enter_context(tree.rule(
                name, priority=priority, action=attributes[priority, name]))
                    for priority, name in order}
            assert ways["input"].passes(udp())
            assert (made[first].packets, made[second].packets) == (1, 0)

    def test_a_new_priority_takes_effect_when_published(self, ways):
        with tree.rule("a", action="accept"), tree.rule("b", action="drop") as late:
            assert ways["input"].passes(udp())
            late["priority"] = -1
            assert ways["input"].passes(udp())
            late.publish()
            assert not ways["input"].passes(udp())

    def test_many_rules_one_decides(self, ways):
        with contextlib.ExitStack() as stack:
            made = [stack.enter_context(
                tree.rule(f"r{port:03}", proto="udp", dport=port, action="drop"))
                    for port in range(100, 164)]
            packets = [udp(dport=port) for port in range(99, 165)]
            assert ways["input"].arrivals(packets) == [packets[0], packets[-1]]
            assert [rule.packets for rule in made] == [1] * 64


class TestPolicies:
    def test_default_policy_is_for_input_and_forward(self, ways):
        for value, passes in (("drop", False), ("reject", False), ("accept", True)):
            with tree.parameters(default_policy=value):
                assert {hook: bool(way.arrivals(both(udp))) for hook, way in ways.items()} == {
                    "input": passes, "forward": passes, "output": True}

    def test_forward_policy_overrides(self, ways):
        for default in ("accept", "drop"):
            for forward in ("accept", "drop", "reject", "default"):
                effective = default if forward == "default" else forward
                with tree.parameters(default_policy=default, forward_policy=forward):
                    assert ways["forward"].passes(udp()) == (effective == "accept")
                    assert ways["input"].passes(udp()) == (default == "accept")

    def test_output_policy(self, ways):
        for value in ("drop", "reject", "accept"):
            with tree.parameters(output_policy=value):
                assert ways["output"].passes(udp()) == (value == "accept")
                assert ways["input"].passes(udp()) and ways["forward"].passes(udp())

    def test_totals(self, way):
        def totals():
            return int(tree.parameter("accepted")), int(tree.parameter("dropped"))
        accepted, dropped = totals()
        with tree.rule("d", hook=way.hook, proto="udp", dport="7", action="drop"), \
                tree.rule("r", hook=way.hook, proto="udp", dport="8", action="reject"):
            way.arrivals([udp(dport=7), udp(dport=8), udp(dport=9)])
        after = totals()
        assert after[1] - dropped == 2
        assert after[0] - accepted >= 1  # the answer to the reject is a packet too


class TestLogDenied:
    @pytest.mark.parametrize("value", ("Y", "N"))
    def test_policy_drops_alone_are_logged(self, way, value):
        dropped, ruled = udp(src="192.0.2.77"), tcp(src="192.0.2.78")
        with policy(way, "drop"), tree.parameters(log_denied=value), \
                tree.rule(hook=way.hook, proto="tcp", action="drop"):
            log = KernelLog()
            way.arrivals([dropped, ruled])
            lines = list(log.lines())
        assert any("192.0.2.77" in line for line in lines) == (value == "Y")
        assert not any("192.0.2.78" in line for line in lines)


class TestBesideNetfilter:
    """Drop is final; accept is only minifw's own."""

    @pytest.fixture
    def nft(self):
        def apply(verdict, priority, way):
            script = (f"add table inet beside\n"
                      f"add chain inet beside c"
                      f" {{ type filter hook {way.hook} priority {priority}; }}\n"
                      f"add rule inet beside c udp dport 99 {verdict}\n")
            subprocess.run(["nft", "-f", "-"], input=script, text=True, check=True)
        yield apply
        subprocess.run(["nft", "delete", "table", "inet", "beside"], check=True)

    @pytest.mark.parametrize("priority", (-150, 0, 100))
    def test_drop_beats_an_accept_of_nft(self, way, nft, priority):
        nft("accept", priority, way)
        with tree.rule(hook=way.hook, proto="udp", dport="99", action="drop"):
            assert way.arrivals(both(udp, dport=99)) == []

    @pytest.mark.parametrize("priority", (-150, 0))
    def test_accept_does_not_beat_a_drop_of_nft(self, way, nft, priority):
        nft("drop", priority, way)
        with tree.rule(hook=way.hook, proto="udp", dport="99", action="accept"):
            assert way.arrivals(both(udp, dport=99)) == []

    def test_minifw_is_before_nft_filter(self, way, nft):
        nft("drop", 0, way)
        with tree.rule(hook=way.hook, proto="udp", dport="99", action="continue") as rule:
            way.arrivals(both(udp, dport=99))
            assert rule.packets == 2


class TestCounters:
    def test_packets_bytes_last_hit_and_reset(self, way):
        packet = udp()
        with tree.rule(hook=way.hook, proto="udp", action="continue") as rule:
            assert (rule.packets, rule.bytes, rule["last_hit"]) == (0, 0, "never")
            way.arrivals([packet, packet, packet])
            assert (rule.packets, rule.bytes) == (3, 3 * len(packet.data))
            assert 0 <= int(rule["last_hit"]) <= 20
            time.sleep(2)
            assert 1 <= int(rule["last_hit"]) <= 30
            rule["reset"] = 1
            assert (rule.packets, rule.bytes) == (0, 0)
            way.arrivals([packet])
            assert (rule.packets, rule.bytes) == (1, len(packet.data))

    def test_no_publish_resets_them(self, ways):
        with tree.rule("a", proto="udp", action="continue") as rule:
            ways["input"].arrivals([udp()])
            with tree.rule("b", action="drop"):
                rule.set(dport="5-9", comment="another")
                rule.publish()
                rule["enabled"] = 0
                rule["enabled"] = 1
            assert rule.packets == 1

    def test_a_new_directory_starts_from_zero(self, ways):
        for _ in range(2):
            with tree.rule(proto="udp", action="continue") as rule:
                assert rule.packets == 0
                ways["input"].arrivals([udp()])
                assert rule.packets == 1


class TestDrafts:
    """Packets see what was published, whole, until `enabled` is written."""

    def test_edits_wait(self, way):
        old, new, neither = udp(dport=22), tcp(dport=23), udp(dport=23)
        with tree.rule(hook=way.hook, proto="udp", dport="22", action="drop") as rule:
            for edits in ({"proto": "tcp"}, {"dport": "23"}):
                rule.set(**edits)
                assert rule["status"] == "modified"
                assert way.arrivals([old, new, neither]) == [new, neither]
            rule.publish()
            assert rule["status"] == "live"
            assert way.arrivals([old, new, neither]) == [old, neither]

    def test_action_and_hook_wait(self, ways):
        with tree.rule(hook="input", action="drop") as rule:
            rule.set(hook="forward", action="accept")
            assert not ways["input"].passes(udp())
            assert ways["forward"].passes(udp())

    def test_a_refused_publish_leaves_the_old(self, ways):
        with tree.rule(proto="udp", dport="22", action="drop") as rule:
            rule["proto"] = "icmp"
            with pytest.raises(OSError):
                rule.publish()
            assert rule["status"] == "modified"
            assert ways["input"].arrivals([udp(dport=22)]) == []

    def test_off_and_on(self, ways):
        with tree.rule(live=False, action="drop") as rule:
            assert rule["status"] == "off" and rule["enabled"] == "0"
            assert ways["input"].passes(udp())
            rule["enabled"] = "yes"
            assert rule["status"] == "live" and rule["enabled"] == "1"
            assert not ways["input"].passes(udp())
            rule["enabled"] = "off"
            assert rule["status"] == "off"
            assert ways["input"].passes(udp())

    def test_rmdir_retires_at_once(self, way):
        with tree.rule("stays", hook=way.hook, proto="tcp", action="drop"):
            for _ in range(20):
                with tree.rule(hook=way.hook, proto="udp", action="drop"):
                    assert not way.passes(udp())
                assert way.passes(udp())
            assert not way.passes(tcp())


class TestGeneration:
    def grows_by(self, number, change):
        before = tree.generation()
        change()
        assert tree.generation() - before == number

    def test_each_publish_is_one(self):
        rule = tree.Rule("g")
        self.grows_by(0, rule.make)
        self.grows_by(0, lambda: rule.set(action="drop", hook="forward"))
        self.grows_by(1, rule.publish)
        self.grows_by(0, lambda: rule.set(dport="1", proto="udp"))
        self.grows_by(1, rule.publish)
        self.grows_by(1, lambda: rule.set(enabled="0"))
        self.grows_by(1, rule.publish)
        self.grows_by(1, rule.remove)

    def test_what_changes_nothing_is_none(self):
        with tree.rule(action="drop", hook="forward") as rule:
            self.grows_by(0, rule.publish)
            self.grows_by(0, lambda: rule.set(enabled="Y"))
            self.grows_by(0, lambda: rule.set(comment="draft only"))
            self.grows_by(0, lambda: rule.set(reset="1"))
            self.grows_by(0, lambda: tree.set_parameter("default_policy", "accept"))
        with tree.rule(live=False):
            pass

    def test_a_policy_is_one(self):
        for name in ("default_policy", "forward_policy", "output_policy"):
            before = tree.parameter(name)
            self.grows_by(1, lambda: tree.set_parameter(name, "drop"))
            self.grows_by(0, lambda: tree.set_parameter(name, "drop"))
            self.grows_by(1, lambda: tree.set_parameter(name, before))


class TestRunning:
    def test_published_rules_in_order(self):
        with tree.rule("b", proto="tcp", dport="22", action="accept", comment="a b") as second, \
                tree.rule("a", hook="forward", saddr="192.0.2.0/24", action="drop"), \
                tree.rule("z", priority=-5, action="continue"), tree.rule("off", live=False):
            lines = [line for line in tree.running() if line.startswith("rule ")]
            assert [line.split()[1] for line in lines] == ["z", "a", "b"]
            words = lines[2].split(None, 2)[2]
            assert "proto=tcp" in words and "dport=22" in words and "action=accept" in words
            assert 'comment="a b"' in words
            assert second["text"] == lines[2]

    def test_drafts_are_in_text_alone(self):
        with tree.rule(proto="tcp", dport="22", action="accept") as rule:
            rule["dport"] = "23"
            assert "dport=23" in rule["text"]
            assert any("dport=22" in line for line in tree.running())
            assert not any("dport=23" in line for line in tree.running())

    def test_parameters_that_differ(self):
        assert not [line for line in tree.running() if "policy" in line]
        with tree.parameters(default_policy="drop"):
            assert "parameter default_policy=drop" in tree.running()

    def test_many_rules_are_all_there(self):
        """configfs gives a page a read: `running` must not end there."""
        names = [f"rule-with-a-rather-long-name-{number:04}" for number in range(100)]
        with contextlib.ExitStack() as stack:
            for name in names:
                stack.enter_context(tree.rule(name, hook="forward", action="continue",
                                              comment="x" * 100))
            lines = [line for line in tree.running() if line.startswith("rule ")]
        assert [line.split()[1] for line in lines] == names
