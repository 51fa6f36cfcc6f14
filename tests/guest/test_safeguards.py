# SPDX-License-Identifier: GPL-2.0
"""Audit mode, before rules bite; the lock, when they are final; and which of them are dead."""

import contextlib
import errno
import os

import pytest

import tree
from capability import without_capability
from packets import both, tcp, udp
from ways import SIDES

POLICY = {"input": "default_policy", "forward": "default_policy", "output": "output_policy"}


@pytest.fixture
def nothing_established():
    """What an earlier packet began must not let a later one pass the rules by."""
    with tree.parameters(accept_established="N"):
        yield


# ---- audit mode ----

TOTALS = ("accepted", "dropped", "would_drop")


def totals():
    return [int(tree.parameter(name)) for name in TOTALS]


def since(before):
    """What was counted since, in the order of TOTALS."""
    return [now - then for now, then in zip(totals(), before)]


def rule_that(**attributes):
    return lambda way: tree.rule(hook=way.hook, proto="udp", **way.needs, **attributes)


def line_that(action):
    def deciding(way):
        place = " ".join(f"{name}={value}" for name, value in way.needs.items())
        return tree.chain(*(f"hook={way.hook} {place} proto={proto} action={action}"
                            for proto in ("tcp", "udp")))
    return deciding


@contextlib.contextmanager
def policy_of(way, value):
    """Of the hook alone: at forward not that of input, by which the guest would answer."""
    name = "forward_policy" if way.hook == "forward" else POLICY[way.hook]
    with tree.parameters(**{name: value}):
        yield None


DECIDERS = {  # name: what makes the packets be refused for the length of a `with`
    "drop": rule_that(action="drop"),
    "reject": rule_that(action="reject"),
    "drop of a line": line_that("drop"),
    "reject of a line": line_that("reject"),
    "policy drop": lambda way: policy_of(way, "drop"),
    "policy reject": lambda way: policy_of(way, "reject"),
}


def audit(way, decider, wire):
    """Let on, unanswered, and counted; refused from the moment that it is enforced again."""
    packets = both(udp)
    with decider(way) as owner, tree.parameters(enforce="N"):
        before = totals()
        assert way.arrivals(packets) == packets
        wire.settle()
        assert way.local or wire.client.drain() == []  # the guest has no such port, and says so
        counted = since(before)
        assert counted[0] >= 2 and counted[1:] == [0, 2]
        if owner:
            assert (owner.packets, owner["would_drop"]) == (2, "2")
        tree.set_parameter("enforce", "Y")
        before = totals()
        assert way.arrivals(both(udp)) == []
        counted = since(before)
        assert counted[1] >= 2 and counted[2] == 0  # a reject may meet the policy as well
        if owner:
            assert (owner.packets, owner["would_drop"]) == (4, "2")


@pytest.mark.usefixtures("nothing_established")
@pytest.mark.parametrize("decider", DECIDERS.values(), ids=DECIDERS)
def test_audit(way, decider, wire):
    audit(way, decider, wire)


@pytest.mark.usefixtures("nothing_established")
@pytest.mark.parametrize("side", SIDES)
def test_audit_where_there_is_no_policy(sides, side, wire):
    for name in ("drop", "drop of a line"):
        audit(sides[side], DECIDERS[name], wire)


@pytest.mark.usefixtures("nothing_established")
class TestAudit:
    def test_accept_and_continue_are_no_drops(self, ways):
        with tree.rule("a", action="continue") as first, \
                tree.rule("b", action="accept") as second, \
                tree.parameters(default_policy="drop", enforce="N"):
            before = totals()
            assert ways["input"].passes(udp())
            assert since(before)[1:] == [0, 0]
            assert [rule["would_drop"] for rule in (first, second)] == ["0", "0"]

    def test_queue_is_let_on(self, ways):
        """Nobody listens: enforced, it is a drop."""
        with tree.rule(hook="forward", proto="udp", action="queue 7") as rule, \
                tree.parameters(enforce="N"):
            before = totals()
            assert ways["forward"].passes(udp())
            assert since(before) == [1, 0, 0]
            assert (rule.packets, rule["would_drop"]) == (1, "0")
            tree.set_parameter("enforce", "Y")
            assert not ways["forward"].passes(udp())

    def test_it_decides(self, ways):
        """Rules after it see no more than they would."""
        with tree.rules(a={"action": "drop", "proto": "udp"},
                        b={"action": "drop"}) as rules, tree.parameters(enforce="N"):
            assert ways["input"].arrivals([udp(), tcp()])
            assert [rule["would_drop"] for rule in rules.values()] == ["1", "1"]

    def test_effects_are_the_same(self, ways):
        with tree.named_set() as banned, \
                tree.rule(action="drop", proto="udp", add_to="@s key saddr"), \
                tree.parameters(enforce="N"):
            assert ways["input"].passes(udp())
            assert banned.elements == ["192.0.2.1"]

    def test_notrack_is_the_same(self, ways):
        untracked = {"hook": "forward", "action": "drop", "ct_state": "untracked"}
        with tree.rules(a={"hook": "prerouting", "action": "notrack"}, b=untracked) as rules, \
                tree.parameters(enforce="N"):
            assert ways["forward"].passes(udp())
            assert (rules["a"].packets, rules["b"]["would_drop"]) == (1, "1")

    def test_reset_sets_it_back(self, ways):
        with tree.rule(action="drop", proto="udp") as rule, tree.parameters(enforce="N"):
            assert ways["input"].passes(udp())
            rule["reset"] = 1
            assert rule["would_drop"] == "0"
            assert ways["input"].passes(udp())
            assert rule["would_drop"] == "1"

    def test_it_outlives_publishes(self, ways):
        with tree.chain("action=drop") as chain, \
                tree.rule("z", action="drop", proto="tcp") as rule, \
                tree.parameters(enforce="N"):
            assert ways["input"].passes(udp())
            chain["enabled"] = 0
            assert ways["input"].passes(tcp())
            rule.publish()
            chain["flush"] = 1
            chain.set(add="action=drop proto=udp", enabled=1)
            assert ways["input"].arrivals([udp(), tcp()])
            assert (chain["would_drop"], rule["would_drop"]) == ("2", "2")

    def test_running_tells_of_it(self):
        with tree.parameters(enforce="N"):
            assert "parameter enforce=N" in tree.running()
        assert not any("enforce" in line for line in tree.running())


# ---- the lock ----

LOCKED = "locked"


@pytest.fixture
def fresh():
    """Locked or not, the module is taken out after, and loaded again."""
    yield
    tree.unload()
    tree.load()


def writable(path):
    return [name for name in os.listdir(path) if os.stat(f"{path}/{name}").st_mode & 0o200]


def lock():
    tree.set_parameter("locked", "Y")
    tree.set_parameter("locked", "1")  # it is so already


@pytest.mark.usefixtures("fresh")
class TestLocked:
    def test_every_write_is_refused(self):
        made = [tree.Rule("r"), tree.Chain("c"), tree.Set("s")]
        for directory in made:
            directory.make()
        generation = tree.generation()
        lock()
        for directory in made:
            for name in writable(directory.path):
                with tree.refused(errno.EPERM, f"{directory.path}/last_error", name, LOCKED):
                    directory[name] = "1"
            with tree.refused(errno.EPERM, tree.ROOT + "/last_error", "mkdir", LOCKED):
                type(directory)("another").make()
        for name in writable(tree.PARAMETERS):
            value = "N" if name == "locked" else tree.parameter(name)
            with tree.refused(errno.EPERM, tree.ROOT + "/last_error", name, LOCKED):
                tree.set_parameter(name, value)
        assert (tree.parameter("locked"), tree.generation()) == ("Y", generation)
        for directory in made:
            directory.remove()
        assert tree.running()[-1] == "parameter locked=Y"

    def test_rmdir_leaves_what_is_in_force(self, ways):
        rule, chain = tree.Rule("r"), tree.Chain("c")
        for directory in (rule, chain):
            directory.make()
        rule.set(proto="udp", action="drop", enabled="1")
        chain.set(add="proto=tcp action=drop", enabled="1")
        lock()
        before = tree.running(), tree.generation()
        rule.remove()
        chain.remove()
        assert os.listdir(tree.RULES) + os.listdir(tree.CHAINS) == []
        assert (tree.running(), tree.generation()) == before
        assert ways["input"].arrivals(both(udp) + both(tcp)) == []
        assert ways["forward"].passes(udp())

    def test_timers_go_on(self):
        """A rule whose time is over goes, and others that lost their directory do not."""
        rule, kept, named = tree.Rule("r"), tree.Rule("kept"), tree.Set("s")
        for directory in (rule, kept, named):
            directory.make()
        kept.set(action="continue", enabled="1")
        rule.set(saddr="@s", action="continue", expires="3", enabled="1")
        lock()
        kept.remove()
        with tree.refused(errno.EBUSY):
            named.remove()
        assert tree.until(lambda: rule["status"] == "off")
        assert [line for line in tree.running() if line.startswith("rule ")] == [
            "rule kept action=continue"]
        named.remove()
        rule.remove()

    def test_when_the_module_is_loaded(self):
        """What stands on the same line is taken, and no rule can be made."""
        given = {"locked": "Y", "default_policy": "drop", "enforce": "N"}
        for values in (given, dict(reversed(given.items()))):
            tree.unload()
            tree.load(**values)
            assert {name: tree.parameter(name) for name in given} == given
            with tree.refused(errno.EPERM, tree.ROOT + "/last_error", LOCKED):
                tree.Rule("r").make()


def test_locking_needs_the_capability():
    def job():
        with tree.refused(errno.EPERM, tree.ROOT + "/last_error", "locked", "CAP_NET_ADMIN"):
            tree.set_parameter("locked", "Y")
    without_capability(job)
    assert tree.parameter("locked") == "N"


# ---- rules that no packet reaches ----

SHADOWS = [  # what an earlier rule says beside `drop`; what is shadowed by it, what narrowly is not
    ({}, ({}, {"proto": "tcp", "dport": "22"}, {"action": "continue"}), ()),
    ({"saddr": "10.0.0.0/8"}, ({"saddr": "10.1.0.0/16"}, {"saddr": "10.0.0.0-10.2.3.4,10.9.9.9"}),
     ({}, {"saddr": "10.0.0.0/7"}, {"saddr": "10.0.0.0/8,2001:db8::/32"},
      {"saddr": "!10.0.0.0/8"})),
    ({"saddr": "10.0.0.0/9,10.128.0.0/9"}, ({"saddr": "10.0.0.0/8"},), ()),
    ({"daddr": "2001:db8::1-2001:db8::ff"}, ({"daddr": "2001:db8::80/121"},),
     ({"daddr": "2001:db8::/120"},)),
    ({"saddr": "::1/::ff"}, ({"saddr": "2001:db8::1"}, {"saddr": "fe80::1/fe80::ff"}),
     ({"saddr": "2001:db8::2"}, {"saddr": "2001:db8::/64"})),
    ({"saddr": "!10.0.0.1"}, ({"saddr": "10.0.0.2"}, {"saddr": "!10.0.0.0/24"}),
     ({}, {"saddr": "10.0.0.0/24"}, {"family": "ip"})),
    ({"saddr": "0.0.0.0/0"}, ({"family": "ip", "proto": "tcp"}, {"daddr": "10.0.0.1"}),
     ({"proto": "tcp"}, {"family": "ip", "length": "40"})),
    ({"proto": "tcp,udp"}, ({"proto": "udp", "dport": "53"}, {"tcp_flags": "syn/syn"}),
     ({}, {"proto": "udp,gre"}, {"proto": "!tcp"})),
    ({"proto": "!icmp"}, ({"proto": "tcp"}, {"proto": "icmpv6"}, {"proto": "!icmp,tcp"}),
     ({"proto": "icmp"}, {"icmp_type": "8"}, {"proto": "!tcp"})),
    ({"proto": "tcp", "dport": "!22"}, ({"proto": "tcp", "dport": "80"},),
     ({"proto": "tcp"}, {"proto": "tcp", "dport": "20-22"})),
    ({"proto": "tcp", "dport": "1-1023"}, ({"proto": "tcp", "dport": "22,80-90", "sport": "1"},),
     ({"proto": "tcp", "dport": "22,1024"}, {"proto": "tcp", "sport": "22"})),
    ({"icmp_type": "8"}, ({"icmp_type": "8/0"},), ({"proto": "icmp"}, {"icmp_type": "0,8"})),
    ({"tcp_flags": "syn/syn,ack"}, ({"tcp_flags": "syn/syn,ack,rst"},),
     ({"tcp_flags": "syn/syn"}, {"proto": "tcp"})),
    ({"ct_state": "new,related"},
     ({"ct_state": "new"}, {"ct_state": "!established,invalid,untracked"}),
     ({"ct_state": "new,invalid"}, {"ct_state": "!established"}, {})),
    ({"iif": "eth*"}, ({"iif": "eth0,ethernet*"},), ({"iif": "et*"}, {"iif": "eth0,lo"}, {})),
    ({"iif": "!lo"}, ({"iif": "eth0"}, {"iif": "!l*"}), ({"iif": "l*"}, {"iif": "!eth0"})),
    ({"mark": "0x1/0x1"}, ({"mark": "0x3/0x3"}, {"mark": "1"}), ({"mark": "0x2/0x3"}, {})),
    ({"saddr": "@s"}, ({"saddr": "@s", "proto": "udp"},),
     ({"saddr": "!@s"}, {"saddr": "@t"}, {"daddr": "@s"}, {"saddr": "192.0.2.1"})),
    ({"hook": "input,forward"}, ({"hook": "forward"},), ({"hook": "output,forward"},)),
    ({"hook": "output", "uid": "0-9"}, ({"hook": "output", "uid": "5"},),
     ({"hook": "output", "gid": "5"}, {"hook": "output"})),
    ({"exthdr": "!rt"}, ({"exthdr": "!hbh,rt"},), ({"exthdr": "hbh"},)),
    ({"action": "continue"}, (), ({},)), ({"action": "queue 1"}, ({},), ()),
    ({"time": "mon-sun"}, (), ({"time": "mon-sun"},)), ({"limit": "1/second"}, (), ({},)),
    ({"quota": "1 gbytes"}, (), ({},)), ({"expires": "3600"}, (), ({},)),
    ({"log": "on", "comment": "x"}, ({}, {"limit": "1/second", "expires": "5"}), ()),
]


def shadow_of(name="b", **attributes):
    """By which rule a draft of these would be shadowed."""
    with tree.rule(name, live=False, **{"action": "accept", **attributes}) as rule:
        return rule["shadowed_by"]


@pytest.mark.parametrize("earlier,shadowed,seen", SHADOWS)
def test_shadows(earlier, shadowed, seen):
    with tree.named_set("192.0.2.1"), tree.named_set("192.0.2.1", name="t"), \
            tree.rule("a", **{"action": "drop", **earlier}):
        assert [shadow_of(**later) for later in shadowed] == ["a"] * len(shadowed)
        assert [shadow_of(**later) for later in seen] == [""] * len(seen)


class TestShadows:
    def test_live_and_later(self):
        with tree.rule("b", action="accept", proto="udp") as second, \
                tree.rule("a", action="drop", live=False) as first:
            assert second["shadowed_by"] == ""
            first.publish()
            assert (first["shadowed_by"], second["shadowed_by"]) == ("", "a")
            second["proto"] = "any"  # nobody sees that yet
            first.set(proto="tcp,udp", enabled=1)
            assert second["shadowed_by"] == "a"
            second.publish()
            assert second["shadowed_by"] == ""
            first.set(proto="any", priority=1, enabled=1)
            assert (first["shadowed_by"], second["shadowed_by"]) == ("b", "")
            second["enabled"] = 0
            assert (first["shadowed_by"], second["shadowed_by"]) == ("", "")

    def test_without_its_shadow(self):
        with tree.rule("c", action="accept") as rule, tree.rule("b", action="drop"):
            with tree.rule("a", action="drop"):
                assert rule["shadowed_by"] == "a"
            assert rule["shadowed_by"] == "b"

    def test_drafts_cast_none_and_bad_ones_have_none(self):
        with tree.rule("a", live=False, action="drop"):
            assert shadow_of() == ""
        with tree.rule("a", action="drop"):
            assert shadow_of(proto="tcp") == "a"
            assert shadow_of(dport="22") == ""  # it needs a proto
            with tree.rule("b", live=False) as rule:
                assert rule["shadowed_by"] == ""

    def test_lines(self):
        lines = [f"saddr=10.{i // 250}.{i % 250}.0/24 proto=tcp action=drop" for i in range(2000)]
        with tree.chain(name="c", live=False) as chain, \
                tree.rule("d", action="accept", saddr="10.7.249.9", proto="tcp") as rule:
            chain.load(lines)
            assert rule["shadowed_by"] == ""
            chain.publish()
            assert rule["shadowed_by"] == "c:2000"
            assert shadow_of("c", saddr="10.0.0.0/24", proto="tcp") == ""  # a rule is before
            assert shadow_of(saddr="10.0.0.0/24", proto="tcp", priority=1) == "c:1"
            assert shadow_of("e", saddr="10.0.0.0/23", proto="tcp") == ""  # two lines together
            chain.set(add="proto=tcp action=continue\nproto=tcp action=accept", enabled=1)
            assert rule["shadowed_by"] == "c:2000"
            assert shadow_of("e", saddr="10.0.0.0/23", proto="tcp") == "c:2002"
            chain.load(lines[::-1])
            chain.publish()
            assert rule["shadowed_by"] == "c:1"
            chain["priority"] = 1
            chain.publish()
            assert rule["shadowed_by"] == ""

    def test_what_is_put_into_a_set_on_the_way(self):
        """A rule may not find what another, which asks for the same, finds after that."""
        with tree.named_set(), tree.rule("c", saddr="@s", action="accept") as rule, \
                tree.rule("a", saddr="@s", action="drop"):
            assert rule["shadowed_by"] == "a"
            with tree.rule("b", add_to="@s key saddr", action="continue"):
                assert rule["shadowed_by"] == ""
            with tree.rule("b", add_to="@s key saddr", action="drop", proto="tcp"):
                assert rule["shadowed_by"] == "a"

    def test_it_is_true(self, ways):
        """The earlier one has all packets, the later none."""
        with tree.parameters(accept_established="N"), \
                tree.rule("a", proto="udp", dport="1-100", action="drop") as first, \
                tree.rule("b", proto="udp", dport="9,50", action="accept") as second:
            assert second["shadowed_by"] == "a"
            assert ways["input"].arrivals(both(udp)) == []
            assert (first.packets, second.packets) == (2, 0)
