# SPDX-License-Identifier: GPL-2.0
"""Transactions: what is staged, what a commit brings, and every way back.

Only of long times is "not yet" asked; short ones are waited for.
"""

import contextlib
import errno
import os
import time

import pytest

import clients
import tree
from attempts import YES, Ping
from capability import without_capability
from namespace import ip
from packets import tcp, udp
from processes import start
from sessions import serve
from topology import CLIENT, ROUTER_TO_CLIENT
from uevents import Uevents

LAST_ERROR = tree.ROOT + "/last_error"
LONG = "commit 3600"
pytestmark = pytest.mark.usefixtures("nothing_but_rules")


def reach(state):
    tree.transaction({"idle": (), "open": ("begin",), "unconfirmed": ("begin", LONG)}[state])


def leave():
    if tree.transaction() != "idle":
        tree.transaction("rollback")


@contextlib.contextmanager
def open_transaction():
    tree.transaction("begin")
    try:
        yield
    finally:
        leave()


def names_running(kind="rule"):
    return [line.split()[1] for line in tree.running() if line.startswith(kind + " ")]


def expire():
    """Let the timer take a commit back."""
    tree.transaction("commit 1")
    assert tree.until(lambda: tree.transaction() == "idle")


BACK = {"by rollback": lambda: tree.transaction("rollback"), "by the timer": expire}


@pytest.fixture(params=BACK, ids=lambda way: way.replace(" ", "-"))
def way_back(request):
    return BACK[request.param]


# ---- verbs ----

VERBS = {  # verb: the state after it, by the state before it; none: EBUSY
    "begin": {"idle": "open"},
    "commit": {"open": "idle"},
    LONG: {"open": "unconfirmed", "unconfirmed": "unconfirmed"},
    "confirm": {"unconfirmed": "idle"},
    "rollback": {"open": "idle", "unconfirmed": "idle"},
}


@pytest.mark.parametrize("before", ("idle", "open", "unconfirmed"))
@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.replace(" ", "-"))
def test_each_verb_has_its_states(verb, before):
    reach(before)
    after = VERBS[verb].get(before)
    if after:
        tree.transaction(verb)
    else:
        with tree.refused(errno.EBUSY, LAST_ERROR, "transaction:", f"'{verb}'"):
            tree.transaction(verb)
    assert tree.transaction().split()[0] == (after or before)
    leave()


@pytest.mark.parametrize("text", ("", "comit", "begin now", "commit 0", "commit -1", "commit x",
                                  "commit 86401", "commit 1 2", "COMMIT"))
def test_what_is_no_verb(text):
    with tree.refused(errno.EINVAL, LAST_ERROR, "transaction:", text.split(" ")[-1]):
        tree.transaction(text)
    assert tree.transaction() == "idle"


def test_blanks_do_not_matter():
    tree.transaction((" begin ", "commit  60"))
    assert tree.transaction().startswith("unconfirmed")
    tree.transaction("confirm")
    assert tree.read(LAST_ERROR) == ""


def test_the_seconds_count_down_and_are_extended():
    tree.transaction(("begin", "commit 86400"))
    assert 86000 < int(tree.transaction().split()[1]) <= 86400
    tree.transaction(LONG)
    assert 3000 < int(tree.transaction().split()[1]) <= 3600
    tree.transaction("commit 1")
    assert tree.until(lambda: tree.transaction() == "idle")


def test_without_the_capability():
    def job():
        with tree.refused(errno.EPERM):
            tree.transaction("begin")
    without_capability(job)
    assert tree.transaction() == "idle"


# ---- rules ----

def test_rules_come_together_and_at_the_commit(ways):
    packets = [udp(dport=1), udp(dport=2), udp(dport=3)]
    with tree.rules(old={"proto": "udp", "dport": 1, "action": "drop"}) as rules, \
            tree.rule("new", live=False, proto="udp", dport=2, action="drop") as new, \
            tree.rule("edit", proto="udp", dport=9, action="drop") as edit:
        before, generation = tree.running(), tree.generation()
        with open_transaction():
            assert tree.transaction() == "open 0"
            rules["old"]["enabled"] = 0
            new.publish()
            edit["dport"] = 3
            assert edit["status"] == "modified"
            edit.publish()
            assert tree.transaction() == "open 3"
            assert [(r["enabled"], r["status"]) for r in (rules["old"], new, edit)] == \
                [("0", "pending"), ("1", "pending"), ("1", "pending")]
            assert (tree.running(), tree.generation()) == (before, generation)
            assert ways["input"].arrivals(packets) == packets[1:]
            tree.transaction("commit")
        assert tree.generation() == generation + 1
        assert [(r["enabled"], r["status"]) for r in (rules["old"], new, edit)] == \
            [("0", "off"), ("1", "live"), ("1", "live")]
        assert ways["input"].arrivals(packets) == packets[:1]


def test_what_is_staged_may_change_its_mind(ways):
    with tree.rule("a", live=False, proto="udp", dport=1, action="drop") as rule:
        with open_transaction():
            for port in (1, 2, 3):
                rule["dport"] = port
                rule.publish()
            rule["enabled"] = 0
            assert (tree.transaction(), rule["status"]) == ("open 0", "off")
            rule["dport"] = 4
            rule.publish()
            rule["dport"] = 5
            assert rule["status"] == "modified"
            tree.transaction("commit")
        assert rule["status"] == "modified"
        assert not ways["input"].passes(udp(dport=4))
        assert ways["input"].passes(udp(dport=5)) and ways["input"].passes(udp(dport=1))


def test_what_packets_see_comes_back(ways, way_back):
    """The same rules, with what they counted before and after, whatever the drafts say."""
    with tree.rules(stays={"proto": "udp", "dport": 1, "action": "drop"},
                    goes={"proto": "udp", "dport": 2, "action": "drop"},
                    edit={"proto": "udp", "dport": 3, "action": "drop"}) as rules, \
            tree.rule("new", live=False, proto="udp", dport=4, action="drop") as new:
        packets = [udp(dport=port) for port in (1, 2, 3, 4, 5)]
        assert ways["input"].arrivals(packets) == packets[3:]
        before, generation = tree.running(), tree.generation()
        tree.transaction("begin")
        rules["goes"]["enabled"] = 0
        rules["edit"].set(dport=5, enabled=1)
        new.publish()
        tree.transaction(LONG)
        assert ways["input"].arrivals(packets) == [packets[1], packets[2]]
        assert [r["status"] for r in (*rules.values(), new)] == \
            ["live", "pending", "pending", "pending"]
        way_back()
        assert (tree.running(), tree.generation()) == (before, generation + 2)
        assert ways["input"].arrivals(packets) == packets[3:]
        assert [r["status"] for r in (*rules.values(), new)] == \
            ["live", "live", "modified", "off"]
        assert [r.packets for r in (*rules.values(), new)] == [3, 2, 3, 1]


def test_a_rollback_before_the_commit_changes_nothing(ways):
    with tree.rule(proto="udp", action="drop") as rule, \
            tree.rule("n", live=False, action="accept") as new:
        before = tree.running(), tree.generation()
        with open_transaction():
            rule["enabled"] = 0
            new.set(priority=-1, enabled=1)
            tree.transaction("rollback")
        assert (tree.running(), tree.generation()) == before
        assert (rule["status"], new["status"], new["priority"]) == ("live", "off", "-1")
        assert not ways["input"].passes(udp())


def test_while_unconfirmed_nothing_else_is_published():
    with tree.rule(action="continue") as rule, tree.rule("o", live=False, action="drop") as other, \
            tree.chain("action=continue", live=False) as chain, tree.named_set() as made:
        reach("unconfirmed")
        for what, attribute, value in ((rule, "enabled", 0), (other, "enabled", 1),
                                       (chain, "enabled", 1), (made, "add", "192.0.2.1"),
                                       (made, "flush", 1), (made, "max", 7), (made, "timeout", 7),
                                       (made, "type", "port")):
            with tree.refused(errno.EBUSY, what.path + "/last_error", "confirm"):
                what[attribute] = value
        with tree.refused(errno.EBUSY, LAST_ERROR, "output_policy", "confirm"):
            tree.set_parameter("output_policy", "drop")
        rule["enabled"] = 1  # nothing to publish
        rule["comment"] = "drafts can be written"
        tree.transaction("rollback")
        assert rule["status"] == "modified"


# ---- directories ----

@pytest.mark.parametrize("end", ("commit", LONG, "rollback"), ids=lambda v: v.replace(" ", "-"))
def test_a_directory_that_goes_in_a_transaction(ways, end):
    goes = tree.Rule("goes")
    goes.make()
    goes.set(proto="udp", action="drop", enabled=1)
    with tree.chain("proto=tcp action=drop", name="goes") as chain, \
            tree.rule("other", action="continue") as other:
        tree.transaction("begin")
        goes.remove()
        chain.remove()
        assert tree.transaction() == "open 2"
        assert names_running() == ["goes", "other"] and names_running("chain") == ["goes"]
        assert not ways["input"].passes(udp()) and not ways["input"].passes(tcp())
        tree.transaction(end)
        if end == "rollback":
            assert names_running() == ["goes", "other"] and names_running("chain") == ["goes"]
            assert not ways["input"].passes(udp())
            other.set(comment="a publish", enabled=1)
        assert names_running() == ["other"] and names_running("chain") == []
        assert ways["input"].passes(udp()) and ways["input"].passes(tcp())
        if end == LONG:
            tree.transaction("rollback")
            assert names_running() == ["goes", "other"] and names_running("chain") == ["goes"]
            assert not ways["input"].passes(udp()) and not ways["input"].passes(tcp())
            other.set(comment="a publish", enabled=1)
            assert names_running() == ["other"] and names_running("chain") == []
        chain.make()  # for the end of the `with`


def test_a_directory_that_goes_while_unconfirmed(ways):
    """It takes effect at the confirm; a rollback has it in force until the next publish."""
    for end, names in (("confirm", []), ("rollback", ["goes"])):
        goes = tree.Rule("goes")
        goes.make()
        goes.set(proto="udp", action="drop", enabled=1)
        reach("unconfirmed")
        goes.remove()
        assert names_running() == ["goes"] and not ways["input"].passes(udp())
        tree.transaction(end)
        assert names_running() == names
        assert ways["input"].passes(udp()) == (end == "confirm")
        with tree.rule(action="continue"):
            assert names_running() == ["r"]


def test_a_name_is_free_again_at_once(ways):
    """The new directory of that name is another rule."""
    goes = tree.Rule("x")
    goes.make()
    goes.set(proto="udp", dport=1, action="drop", enabled=1)
    with open_transaction():
        goes.remove()
        goes.make()
        goes.set(proto="udp", dport=2, action="drop", enabled=1)
        assert not ways["input"].passes(udp(dport=1)) and ways["input"].passes(udp(dport=2))
        tree.transaction(LONG)
        assert ways["input"].passes(udp(dport=1)) and not ways["input"].passes(udp(dport=2))
        tree.transaction("rollback")
        assert not ways["input"].passes(udp(dport=1)) and ways["input"].passes(udp(dport=2))
    assert goes["status"] == "off"
    goes.publish()
    assert names_running() == ["x"] and not ways["input"].passes(udp(dport=2))
    goes.remove()


def test_who_removes_without_the_capability(ways):
    rule = tree.Rule("x")
    rule.make()
    rule.set(proto="udp", action="drop", enabled=1)
    with open_transaction():
        without_capability(rule.remove)
        assert not ways["input"].passes(udp())
        tree.transaction("commit")
    assert ways["input"].passes(udp()) and names_running() == []


# ---- chains ----

def test_lines_keep_their_counters_there_and_back(ways, way_back):
    lines = [f"proto=udp dport={port} action=drop" for port in (1, 2, 3)]
    with tree.chain(*lines) as chain:
        packets = [udp(dport=port) for port in (1, 2, 3, 4)]
        assert ways["input"].arrivals(packets) == packets[3:]
        before = tree.running()
        tree.transaction("begin")
        chain.set(flush=1, add="\n".join([lines[2], "proto=udp dport=4 action=drop", lines[0]]))
        chain.publish()
        assert (chain["status"], chain["enabled"], tree.transaction()) == ("pending", "1", "open 1")
        assert ways["input"].arrivals(packets) == packets[3:]
        tree.transaction(LONG)
        assert ways["input"].arrivals(packets) == [packets[1]]
        assert chain.counts() == [3, 1, 3] and chain.packets == 9
        way_back()
        assert tree.running() == before and chain["status"] == "modified"
        assert ways["input"].arrivals(packets) == packets[3:]
        assert chain.packets == 12
        chain.set(flush=1, add="\n".join(lines))
        assert chain["status"] == "live" and chain.counts() == [4, 3, 4]


def test_a_chain_is_switched_off_and_comes_back(ways):
    with tree.chain("proto=udp dport=1 action=drop") as chain:
        tree.transaction("begin")
        chain["enabled"] = 0
        tree.transaction(LONG)
        assert ways["input"].passes(udp(dport=1)) and chain["status"] == "pending"
        tree.transaction("rollback")
        assert not ways["input"].passes(udp(dport=1)) and chain["status"] == "live"
        assert chain.counts() == [1] and chain.packets == 1


def test_a_chain_is_staged_twice(ways):
    with tree.named_set("192.0.2.1"), tree.chain("proto=udp dport=1 action=drop") as chain:
        with open_transaction():
            chain.set(add="saddr=@s proto=udp dport=2 action=drop", enabled=1)
            chain.set(add="saddr=@s proto=udp dport=3 action=drop", enabled=1)
            tree.transaction("commit")
        packets = [udp(dport=port) for port in (1, 2, 3, 4)]
        assert ways["input"].arrivals(packets) == packets[3:]
        with tree.refused(errno.EBUSY):
            os.rmdir(tree.SETS + "/s")


# ---- sets ----

def test_a_set_changes_with_the_rules(ways):
    one, two = udp(src="192.0.2.1"), udp(src="192.0.2.2")
    with tree.named_set("192.0.2.1", timeout="1h") as made, tree.rule(saddr="@s", action="drop"):
        made.delete("192.0.2.1")
        made["timeout"] = 0
        made.add("192.0.2.1")
        before = tree.running()
        tree.transaction("begin")
        made.add("192.0.2.2")
        made.delete("192.0.2.1")
        made.set(timeout=60, max=77)
        assert tree.transaction() == "open 1"
        assert made.elements == ["192.0.2.2 timeout 0"]
        assert (made["timeout"], made["max"]) == ("60", "77")
        assert ways["input"].arrivals([one, two]) == [two] and tree.running() == before
        tree.transaction(LONG)
        assert ways["input"].arrivals([one, two]) == [one]
        assert "set s type=addr timeout=60 max=77" in tree.running()
        tree.transaction("rollback")
        assert ways["input"].arrivals([one, two]) == [two] and tree.running() == before
        assert (made.elements, made["timeout"], made["max"]) == (["192.0.2.1"], "0", "1048576")


def test_elements_with_a_time_out_change_with_the_rules(ways, way_back):
    """Whether an element was there before, goes, comes again, or is renewed."""
    sources = [f"192.0.2.{number}" for number in range(1, 5)]
    packets = [udp(src=source) for source in sources]
    with tree.named_set(*(f"{source} timeout 1h" for source in sources[:3])) as made, \
            tree.rule(saddr="@s", action="drop"):
        tree.transaction("begin")
        made.delete(sources[0], sources[1])
        made.add(f"{sources[1]} timeout 2h", f"{sources[2]} timeout 2h", f"{sources[3]} timeout 2h")
        assert [line.split()[0] for line in made.elements] == sources[1:]
        assert ways["input"].arrivals(packets) == packets[3:]
        tree.transaction(LONG)
        assert ways["input"].arrivals(packets) == packets[:1]
        assert all(int(line.split()[2]) > 3600 for line in made.elements)
        way_back()
        assert ways["input"].arrivals(packets) == packets[3:]
        assert [line.split()[0] for line in made.elements] == sources[:3]
        assert all(int(line.split()[2]) <= 3600 for line in made.elements)


def test_what_packets_add_survives(ways, way_back):
    """While it is open, and while it waits, though the set itself is changed and changed back."""
    def send(source):
        assert ways["input"].passes(udp(src=source))

    def found():
        return [line.split()[0] for line in made.elements]

    with tree.named_set("203.0.113.1") as made, \
            tree.rule(add_to="@s key saddr timeout 1h", proto="udp", action="accept"):
        send("192.0.2.1")
        tree.transaction("begin")
        send("192.0.2.2")
        made.add("203.0.113.9")
        send("192.0.2.3")
        assert found() == ["203.0.113.1", "203.0.113.9", "192.0.2.1", "192.0.2.2", "192.0.2.3"]
        tree.transaction(LONG)
        send("192.0.2.4")
        assert found()[2:] == [f"192.0.2.{number}" for number in range(1, 5)]
        way_back()
        assert found() == ["203.0.113.1"] + [f"192.0.2.{number}" for number in range(1, 5)]


def test_a_set_becomes_another_with_the_rule_that_needs_it(ways):
    with tree.named_set("192.0.2.1") as made, tree.rule(saddr="@s", action="drop") as rule, \
            tree.rule("p", live=False, proto="udp", dport="@s", action="drop") as by_port:
        with tree.refused(errno.EINVAL, by_port.path + "/last_error", "dport", "addr"):
            by_port.publish()
        rule["enabled"] = 0
        tree.transaction("begin")
        made.set(flush=1, type="port", add="7")
        by_port.publish()
        with tree.refused(errno.EBUSY):
            os.rmdir(made.path)
        tree.transaction(LONG)
        assert not ways["input"].passes(udp(dport=7))
        tree.transaction("rollback")
        assert (made["type"], made.elements) == ("addr", ["192.0.2.1"])
        rule.publish()
        assert not ways["input"].passes(udp(dport=7, src="192.0.2.1"))
        rule["enabled"] = 0


def test_a_write_that_is_refused_stages_nothing():
    with tree.named_set("192.0.2.1") as made, open_transaction():
        with tree.refused(errno.EINVAL, made.path + "/last_error", "line 2", "nonsense"):
            made["add"] = "192.0.2.2\nnonsense"
        with tree.refused(errno.ENOENT):
            made.delete("192.0.2.9")
        assert tree.transaction() == "open 0" and made.elements == ["192.0.2.1"]


def test_which_sets_can_go():
    """Those that no rule names, be it in force, staged, or from before."""
    with tree.named_set(name="old") as old, tree.named_set(name="new") as new, \
            tree.rule(saddr="@old", action="continue") as rule:
        tree.transaction("begin")
        rule.set(saddr="@new", enabled=1)
        for end in (LONG, "rollback"):
            for made in (old, new):
                with tree.refused(errno.EBUSY):
                    made.remove()
            tree.transaction(end)
        new.remove()
        new.make()
        with tree.refused(errno.EBUSY):
            old.remove()


def test_a_large_set_in_a_transaction(ways):
    """Changes beside its index are merged behind, wherever they are."""
    with open("/tmp/many", "w", encoding="utf-8") as file:
        file.writelines(f"10.{n >> 8}.{n & 255}.0/25\n" for n in range(3000))
    with tree.named_set() as made, tree.rule(saddr="@s", action="drop"):
        made["load"] = "/tmp/many"
        before = made.elements
        for end in ("rollback", LONG):
            tree.transaction("begin")
            for number in range(100):
                made.add(f"192.0.2.{number}")
            time.sleep(1.5)  # for a merge
            assert ways["input"].passes(udp(src="192.0.2.9"))
            tree.transaction(end)
        assert not ways["input"].passes(udp(src="192.0.2.9"))
        time.sleep(1.5)
        assert len(made.elements) == len(before) + 1
        tree.transaction("rollback")
        assert made.elements == before and ways["input"].passes(udp(src="192.0.2.9"))


# ---- parameters ----

def test_parameters_change_with_the_rules(ways):
    with tree.rule("a", live=False, proto="udp", dport=1, action="accept") as rule:
        packets = [udp(dport=1), udp(dport=2)]
        tree.transaction("begin")
        tree.set_parameter("default_policy", "drop")
        rule.publish()
        assert tree.parameter("default_policy") == "drop" and tree.transaction() == "open 2"
        assert ways["input"].arrivals(packets) == packets
        tree.transaction(LONG)
        assert ways["input"].arrivals(packets) == packets[:1]
        tree.transaction("rollback")
        assert tree.parameter("default_policy") == "accept"
        assert ways["input"].arrivals(packets) == packets


def test_a_commit_that_is_refused_stays_open():
    with tree.parameters(max_rules=1), tree.rule("a", action="continue"), \
            tree.rule("b", live=False, action="continue") as rule:
        before = tree.running(), tree.generation()
        with open_transaction():
            rule.publish()
            for verb in ("commit", LONG):
                with tree.refused(errno.ENOSPC, LAST_ERROR, "transaction: commit", "max_rules"):
                    tree.transaction(verb)
                assert tree.transaction() == "open 1"
                assert (tree.running(), tree.generation()) == before
            tree.set_parameter("max_rules", 2)
            tree.transaction("commit")
            assert rule["status"] == "live"


# ---- time, hooks, clients ----

def test_a_rule_expires_meanwhile(ways):
    """Its time goes on: it is gone after the way back as well, and what is staged comes."""
    with tree.rule("a", proto="udp", dport=1, action="drop", expires=2) as rule:
        tree.transaction("begin")
        tree.until(lambda: names_running() == [])
        tree.transaction(LONG)
        assert ways["input"].passes(udp(dport=1)) and rule["status"] == "off"
        tree.transaction("rollback")
        assert ways["input"].passes(udp(dport=1)) and names_running() == []
        rule["expires"] = "2"
        rule.publish()
        tree.transaction("begin")
        rule.set(dport=2, expires="", enabled=1)
        tree.transaction(LONG)
        time.sleep(2.5)
        assert not ways["input"].passes(udp(dport=2))
        tree.transaction("rollback")
        assert tree.until(lambda: names_running() == [])
        assert ways["input"].passes(udp(dport=1)) and rule["status"] == "off"


def test_hooks_that_the_way_back_needs(ways, sides, network):
    """They stay while it is possible, for devices that appear meanwhile as well."""
    with tree.rule("i", hook="ingress", iif="client0,later0", proto="udp", action="drop") as rule, \
            tree.rule("p", hook="prerouting", proto="tcp", action="drop") as other:
        tree.transaction("begin")
        rule["enabled"] = 0
        other["enabled"] = 0
        tree.transaction(LONG)
        assert ways["input"].passes(udp()) and ways["input"].passes(tcp())
        network.router.ip("link add later0 type veth peer name later1")
        tree.transaction("rollback")
        assert not ways["input"].passes(udp()) and not ways["input"].passes(tcp())
        network.router.ip("link del later0")


def test_a_client_that_dies_leaves_it_open():
    """Another one may end it, and no third can begin one."""
    def client():
        tree.transaction("begin")
        tree.Rule("x").publish()
        os._exit(7)

    with tree.rule("x", live=False, action="continue") as rule:
        assert os.waitpid(start(client), 0)[1] == 7 << 8
        assert tree.transaction() == "open 1" and rule["status"] == "pending"
        with tree.refused(errno.EBUSY, LAST_ERROR, "begin", "open"):
            tree.transaction("begin")
        tree.transaction("rollback")
        assert rule["status"] == "off"


def test_two_clients_write_into_one_transaction(ways):
    def client(name, port):
        tree.Rule(name).set(proto="udp", dport=port, action="drop", enabled=1)

    with tree.rule("x", live=False), tree.rule("y", live=False), open_transaction():
        children = [start(client, name, port) for name, port in (("x", 1), ("y", 2))]
        assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
        assert tree.transaction() == "open 2"
        tree.transaction("commit")
        packets = [udp(dport=1), udp(dport=2), udp(dport=3)]
        assert ways["input"].arrivals(packets) == packets[2:]


def test_it_is_announced():
    with Uevents() as uevents, tree.rule("a", live=False, action="continue") as rule:
        generation = tree.generation()
        rule.publish()
        tree.transaction("begin")
        rule["enabled"] = 0
        tree.transaction("rollback")
        tree.transaction(("begin", "commit"))
        tree.transaction(("begin", LONG, "confirm"))
        tree.transaction(("begin", LONG, "rollback"))
        tree.transaction(("begin", "commit 1"))
        assert tree.until(lambda: tree.transaction() == "idle")
        tree.set_parameter("pickup", 59)
        tree.set_parameter("pickup", 60)
        assert [(event, number - generation) for event, number in uevents.seen()] == [
            ("publish", 1), ("rollback", 1), ("commit", 2), ("commit", 3), ("confirm", 3),
            ("commit", 4), ("rollback", 5), ("commit", 6), ("expire", 7),
            ("publish", 8), ("publish", 9)]
        assert tree.generation() - generation == 9


@pytest.mark.parametrize("state", ("open", "unconfirmed"))
def test_the_module_goes_in_a_transaction(state):
    """What is in force goes with it, as ever; nothing of the transaction is left."""
    with tree.named_set("192.0.2.1") as made, tree.rule(action="drop", proto="udp"):
        tree.transaction("begin")
        made.add("192.0.2.2")
        if state == "unconfirmed":
            tree.transaction(LONG)
    tree.unload()
    tree.load()
    tree.set_parameter("accept_established", "N")
    assert tree.transaction() == "idle" and tree.generation() >= 1


# ---- the disaster that it is for ----

SECONDS = 10


def answers(network):
    """Whether the guest answers an echo request of the client's within a moment."""
    ping = Ping(network.client, 4, ROUTER_TO_CLIENT[4])
    outcome = ping.outcome(0.2)
    ping.close()
    return outcome == YES


DISASTER = f"""
cd {tree.ROOT}
echo begin >transaction
echo 1 >sets/admins/flush
rmdir rules/ssh
echo N >{tree.PARAMETERS}/accept_established
echo drop >{tree.PARAMETERS}/default_policy
echo drop >{tree.PARAMETERS}/output_policy
echo commit {SECONDS} >transaction
echo done
"""


def test_a_remote_administrator_locks_himself_out(network):
    """Denies everything, over the connection that it denies; every process of his dies."""
    network.client.sysctl(ipv4__ping_group_range="0 0")
    with clients.listen(network.router, 4, ROUTER_TO_CLIENT[4]) as listener:
        port = listener.getsockname()[1]
        server = start(serve, listener)
        with tree.parameters(default_policy="drop", accept_established="Y"), \
                tree.named_set(CLIENT[4], name="admins") as admins:
            ssh = tree.Rule("ssh")
            ssh.make()
            ssh.set(proto="tcp,icmp", saddr="@admins", action="accept", enabled=1)
            before = tree.running()
            session = network.client.socket(4, 1)
            session.connect((ROUTER_TO_CLIENT[4], port))
            assert tree.until(lambda: answers(network))
            session.sendall(DISASTER.encode())
            assert tree.until(lambda: tree.transaction().startswith("unconfirmed"))
            begun = time.monotonic()
            ip(None, "link show")  # the guest itself goes on
            os.killpg(server, 9)
            os.waitpid(server, 0)
            session.close()
            assert not answers(network) and admins.elements == []
            assert tree.until(lambda: answers(network))
            assert SECONDS - 2 < time.monotonic() - begun < SECONDS + 1
            assert tree.running() == before and admins.elements == [CLIENT[4]]
            with clients.Attempt(network.client, 4, ROUTER_TO_CLIENT[4], port) as attempt:
                assert attempt.outcome() == 0
            with tree.rule(action="continue"):  # a publish: now the rule without directory goes
                assert names_running() == ["r"]
