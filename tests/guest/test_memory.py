# SPDX-License-Identifier: GPL-2.0
# guest: kernel=debug
"""Every allocation of the write path fails once: ENOMEM or success, and nothing changed by halves.

Needs a kernel with fault injection: /proc/self/fail-nth makes the N-th allocation of this thread's
next system call fail. Each operation is tried with N = 1, 2, … until it needs fewer than N.
"""

import errno
import os
import re

import pytest

import clients
import tree
from packets import udp
from topology import CLIENT, ROUTER_TO_CLIENT

FAIL_NTH = "/proc/thread-self/fail-nth"
FAILSLAB = "/sys/kernel/debug/failslab"
ENOUGH = 400  # no operation allocates that often


@pytest.fixture(scope="module", autouse=True)
def every_allocation_may_fail():
    for injector in (FAILSLAB, "/sys/kernel/debug/fail_page_alloc"):
        for name in ("ignore-gfp-wait", "ignore-gfp-highmem"):
            if os.path.exists(f"{injector}/{name}"):
                tree.write(f"{injector}/{name}", "N")
        if os.path.isdir(injector):
            tree.write(f"{injector}/verbose", "0")
    assert os.path.exists(FAIL_NTH) and os.path.isdir(FAILSLAB)


class Injector:
    """Makes one allocation of one system call fail."""

    def __init__(self):
        self._control = os.open(FAIL_NTH, os.O_RDWR)

    def close(self):
        os.close(self._control)

    def attempt(self, operation, nth):
        """Run it with its nth allocation failing: (its errno or 0, whether one did fail)."""
        error = 0
        os.pwrite(self._control, b"%d" % nth, 0)
        try:
            operation()
        except OSError as failure:
            error = failure.errno
        left = int(os.pread(self._control, 16, 0))
        os.pwrite(self._control, b"0", 0)
        return error, left == 0


@pytest.fixture
def injector():
    made = Injector()
    yield made
    made.close()


def fail_each_allocation(injector, operation, undo, unchanged):
    """Try until no allocation is left to fail.

    A refused operation must leave `unchanged()` as it was; one that succeeds is undone.
    """
    failures = 0
    for nth in range(1, ENOUGH):
        before = unchanged()
        error, injected = injector.attempt(operation, nth)
        assert error in (0, errno.ENOMEM), errno.errorcode[error]
        if error:
            failures += 1
            assert unchanged() == before
        else:
            undo()
        if not injected:
            assert error == 0
            return failures
    raise AssertionError("never ran to its end")


class Write:
    """A write to a file that is open already: its own allocations and no others."""

    def __init__(self, path, value):
        self._file = os.open(path, os.O_WRONLY)
        self._data = f"{value}\n".encode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self._file)

    def __call__(self):
        os.pwrite(self._file, self._data, 0)


def state():
    return (tree.generation(), tree.running(), sorted(os.listdir(tree.RULES)),
            sorted(os.listdir(tree.CHAINS)))


def test_mkdir(injector):
    rule = tree.Rule("made")
    assert fail_each_allocation(injector, rule.make, rule.remove, state) > 0


ATTRIBUTES = {
    "priority": "7", "hook": "input,forward", "family": "ip", "iif": "eth0,wg*", "oif": "!lo",
    "saddr": "192.0.2.0/24,2001:db8::/32,198.51.100.1-198.51.100.9,0.0.0.1/0.0.0.255",
    "daddr": "!192.0.2.1", "saddr_type": "local", "daddr_type": "!multicast",
    "proto": "tcp,udp", "sport": "1-5,9", "dport": "!22,80",
    "icmp_type": "echo-request,3/4", "icmpv6_type": "!1", "tcp_flags": "syn / syn,ack",
    "ct_state": "new,related", "ct_status": "!dnat", "ct_mark": "1/0xff",
    "ct_orig_daddr": "192.0.2.1,::1", "ct_orig_dport": "!80,443", "fragment": "later",
    "exthdr": "!rt,frag", "ipopt": "lsrr,ssrr", "saddr_mac": "!52:54:00:12:34:56",
    "length": "64-1500", "ttl": "!0-1,255", "dscp": "af41,1", "pkttype": "host",
    "mark": "0x1/0xff", "uid": "!0,1000-1999", "gid": "7",
    "limit": "10/second per saddr", "conn_limit": "over 3", "quota": "1 gbytes",
    "action": "queue 1-3 bypass", "add_to": "@s key saddr timeout 1h",
    "log": 'on prefix "x " limit 1/day', "comment": "x" * 255, "expires": "30m",
}
ALLOCATES = ("iif", "oif", "saddr", "daddr", "sport", "dport", "icmp_type", "icmpv6_type",
             "ct_orig_daddr", "ct_orig_dport", "saddr_mac", "length", "ttl", "uid", "gid",
             "log", "comment")


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_attribute(injector, attribute):
    with tree.rule(live=False) as rule, \
            Write(f"{rule.path}/{attribute}", ATTRIBUTES[attribute]) as write:
        default = rule[attribute]

        def undo():
            assert rule[attribute] != default
            rule[attribute] = default

        failures = fail_each_allocation(
            injector, write, undo if attribute != "action" else lambda: None,
            lambda: (rule[attribute], state()))
        assert failures > 0 or attribute not in ALLOCATES


@pytest.mark.parametrize("others", (0, 3))
def test_enable(injector, others):
    with tree.rules(**{f"o{number}": {"action": "continue"} for number in range(others)}), \
            tree.rule(live=False, saddr="192.0.2.1", proto="udp", dport="1,3", ct_state="new",
                      action="drop", log="on", expires="1h") as rule, \
            Write(rule.path + "/enabled", "1") as write:
        def undo():
            assert rule["status"] == "live"
            rule["enabled"] = 0
        assert fail_each_allocation(injector, write, undo,
                                    lambda: (rule["status"], state())) > 0


@pytest.mark.parametrize("attributes", [
    {"hook": "ingress,prerouting", "iif": "client0,lo,none0"}, {"hook": "postrouting"},
    {"hook": "prerouting,output", "action": "notrack"}], ids=lambda words: words["hook"])
def test_enable_where_hooks_are_missing(injector, network, ways, attributes):
    """Those that a refused publish has registered go again: the next one registers all."""
    attributes = {"action": "drop", "proto": "udp", **attributes}
    with tree.rule(live=False, **attributes) as rule, \
            Write(rule.path + "/enabled", "1") as write:
        def undo():
            assert rule["status"] == "live"
            assert ways["forward"].passes(udp()) == (attributes["action"] == "notrack")
            assert rule.packets > 0
            rule["enabled"] = 0

        assert fail_each_allocation(
            injector, write, undo,
            lambda: (rule["status"], state(), ways["forward"].passes(udp()))) > 0


def test_enable_with_limits(injector):
    with tree.rule(live=False, limit="10/second per saddr", conn_limit="over 3", quota="1 gbytes",
                   action="drop") as rule, Write(rule.path + "/enabled", "1") as write:
        def undo():
            assert rule["status"] == "live"
            rule["enabled"] = 0
        assert fail_each_allocation(injector, write, undo,
                                    lambda: (rule["status"], state())) > 5


def test_publish_edits(injector, ways):
    with tree.rule(proto="udp", dport="1", action="drop") as rule, \
            Write(rule.path + "/enabled", "1") as write:
        rule["dport"] = 2

        def unchanged():
            return rule["status"], state(), ways["input"].passes(udp(dport=1))

        def undo():
            rule["dport"] = 1
            rule.publish()
            rule["dport"] = 2
        assert fail_each_allocation(injector, write, undo, unchanged) > 0


def test_disable(injector):
    with tree.rule("other", action="continue"), tree.rule(action="drop", hook="forward") as rule, \
            Write(rule.path + "/enabled", "0") as write:
        fail_each_allocation(injector, write, rule.publish, lambda: (rule["status"], state()))


@pytest.mark.parametrize("name,value", [
    ("default_policy", "drop"), ("forward_policy", "reject"), ("output_policy", "drop"),
    ("accept_established", "N"), ("accept_loopback", "N"), ("accept_control", "N"),
    ("pickup", "3"), ("enforce", "N"), ("max_rules", "9"), ("log_denied", "Y")])
def test_parameter(injector, name, value):
    default = tree.parameter(name)
    with Write(f"{tree.PARAMETERS}/{name}", value) as write:
        def undo():
            assert tree.parameter(name) == value
            tree.set_parameter(name, default)
        fail_each_allocation(injector, write, undo, lambda: (tree.parameter(name), state()))


def test_who_would_cut_himself_off(injector, network):
    """The test itself is the remote session here: it has accepted a connection."""
    with clients.listen(network.router, 4, ROUTER_TO_CLIENT[4]) as server, \
            network.client.socket(4, 1) as end, \
            tree.rule(live=False, saddr=f"!{CLIENT[4]}", action="drop") as rule, \
            Write(rule.path + "/enabled", "1") as write:
        end.connect(server.getsockname())
        with server.accept()[0]:
            def undo():
                assert rule["status"] == "live"
                rule["enabled"] = 0
            assert fail_each_allocation(injector, write, undo,
                                        lambda: (rule["status"], state())) > 5
            rule["saddr"] = CLIENT[4]
            before, errors = state(), []
            while not errors or errors[-1][1]:
                errors.append(injector.attempt(write, len(errors) + 1))
                assert rule["status"] == "off" and state() == before
            assert {error for error, _ in errors} == {errno.ENOMEM, errno.EPERM}
            assert errors[-1][0] == errno.EPERM


def test_rmdir_cannot_fail(injector, ways):
    """Whatever allocation fails: when rmdir returns 0, no packet meets the rule any more."""
    for nth in range(1, ENOUGH):
        rule = tree.Rule("goes")
        rule.make()
        rule.set(proto="udp", action="drop")
        rule.publish()
        error, injected = injector.attempt(rule.remove, nth)
        if error:  # the file system's own allocations, before minifw is asked
            assert error == errno.ENOMEM and not ways["input"].passes(udp())
            rule.remove()
        assert ways["input"].passes(udp())
        if not injected:
            return
    raise AssertionError("never ran to its end")


LINES = ["saddr=192.0.2.1 proto=udp dport=1,3 action=drop", "proto=udp dport=7 action=drop",
         'proto=tcp action=accept comment="all of them"']


def test_mkdir_of_a_chain(injector):
    for name in ("made", "x" * 63):
        chain = tree.Chain(name)
        assert fail_each_allocation(injector, chain.make, chain.remove, state) > 0


@pytest.mark.parametrize("attribute,value", [
    ("add", "\n".join(LINES)), ("load", "/tmp/lines"), ("flush", "1"), ("priority", "7"),
    ("comment", "x" * 255)])
def test_draft_of_a_chain(injector, attribute, value):
    with open("/tmp/lines", "w", encoding="utf-8") as file:
        file.write("\n".join(LINES))
    with tree.chain(*LINES[:2]) as chain, Write(f"{chain.path}/{attribute}", value) as write:
        def shown():
            return chain["priority"], chain["comment"], chain["count"], chain.rules

        before = shown()

        def undo():
            assert shown() != before and chain["status"] == "modified"
            chain.set(flush=1, add="\n".join(LINES[:2]), priority=0, comment="")
            assert shown() == before and chain["status"] == "live"
        fail_each_allocation(injector, write, undo, lambda: (shown(), state()))


def test_enable_a_chain(injector):
    with tree.rule("o", action="continue"), tree.chain(*LINES, live=False) as chain, \
            Write(chain.path + "/enabled", "1") as write:
        def undo():
            assert chain["status"] == "live"
            chain.set(enabled=0, flush=1, add="\n".join(LINES))
        assert fail_each_allocation(injector, write, undo,
                                    lambda: (chain["status"], state())) > 0


@pytest.mark.parametrize("edit", (
    {"flush": 1, "add": "\n".join(LINES[1:])}, {"add": "proto=udp dport=2 action=drop"},
    {"priority": 7}, {"flush": 1}))
def test_publish_edits_of_a_chain(injector, ways, edit):
    with tree.chain(*LINES) as chain, Write(chain.path + "/enabled", "1") as write:
        assert not ways["input"].passes(udp(dport=7))
        chain.set(**edit)

        def unchanged():
            return chain["status"], chain["count"], state(), ways["input"].passes(udp(dport=1))

        def undo():
            chain.set(flush=1, add="\n".join(LINES), priority=0)
            chain.publish()
            chain.set(**edit)
        assert fail_each_allocation(injector, write, undo, unchanged) > 0


def test_enable_a_chain_again(injector):
    with tree.chain(*LINES) as chain, Write(chain.path + "/enabled", "1") as write:
        chain["enabled"] = 0

        def undo():
            assert chain["status"] == "live"
            chain["enabled"] = 0
        assert fail_each_allocation(injector, write, undo,
                                    lambda: (chain["status"], state())) > 0


def test_rmdir_of_a_chain_cannot_fail(injector, ways):
    for nth in range(1, ENOUGH):
        chain = tree.Chain("goes")
        chain.make()
        chain["add"] = "\n".join(LINES)
        chain.publish()
        error, injected = injector.attempt(chain.remove, nth)
        if error:  # the file system's own allocations, before minifw is asked
            assert error == errno.ENOMEM
            chain.remove()
        assert ways["input"].passes(udp(dport=7))
        if not injected:
            return
    raise AssertionError("never ran to its end")


ELEMENTS = ["192.0.2.0/24", "2001:db8::1", "198.51.100.0/29 timeout 1h"]


def test_mkdir_of_a_set(injector):
    for name in ("made", "x" * 63):
        made = tree.Set(name)
        assert fail_each_allocation(injector, made.make, made.remove, state) > 0


@pytest.mark.parametrize("attribute,value", [
    ("add", "203.0.113.0/24\n198.51.100.64/26 timeout 1h\n2001:db8::2"),
    ("add", "198.51.100.1 timeout 1h"), ("load", "/tmp/elements"), ("flush", "1"),
    ("del", "192.0.2.7\n198.51.100.3\n2001:db8::1"), ("timeout", "60"), ("max", "9")])
def test_write_to_a_set(injector, ways, attribute, value):
    with open("/tmp/elements", "w", encoding="utf-8") as file:
        file.write("203.0.113.0/24\n2001:db8::/64 timeout 1h\n")
    with tree.named_set(*ELEMENTS) as made, tree.rule(saddr="@s", action="drop"), \
            Write(f"{made.path}/{attribute}", value) as write:
        def shown():
            return ([line.split()[0] for line in made.elements], made["timeout"], made["max"],
                    ways["input"].passes(udp(src="192.0.2.7")),
                    ways["input"].passes(udp(src="203.0.113.1")))

        before = shown()

        def undo():
            assert shown() != before
            made.set(flush=1, timeout=0, max=1 << 20)
            made.add(*ELEMENTS)
            assert shown() == before
        failures = fail_each_allocation(injector, write, undo, shown)
        assert failures > 0 or attribute in ("timeout", "max")


def test_enable_a_rule_that_names_sets(injector):
    with tree.named_set(*ELEMENTS) as made, \
            tree.rule(live=False, saddr="@s", daddr="!@s", add_to="@s key saddr timeout 1h",
                      action="drop") as rule, Write(rule.path + "/enabled", "1") as write:
        def undo():
            assert rule["status"] == "live"
            with tree.refused(errno.EBUSY):
                os.rmdir(made.path)
            rule["enabled"] = 0

        def unchanged():
            return rule["status"], tree.generation(), len(made.elements)
        assert fail_each_allocation(injector, write, undo, unchanged) > 3


TRANSACTION = tree.ROOT + "/transaction"


@pytest.fixture
def staged(ways):
    """Something of each kind that a commit changes: how it is staged, and undone."""
    with tree.named_set(*ELEMENTS) as made, tree.rule(saddr="@s", action="drop") as rule, \
            tree.rule("n", live=False, hook="postrouting", proto="udp", dport=9,
                      action="drop") as new, tree.chain(*LINES) as chain:
        def stage():
            tree.transaction("begin")
            made.add("203.0.113.0/24", "198.51.100.64 timeout 1h")
            rule.set(daddr="!@s", enabled=1)
            new.publish()
            chain.set(flush=1, add="\n".join(LINES[1:]), enabled=1)
            tree.set_parameter("output_policy", "drop")

        def undo():
            assert tree.transaction() in ("idle", "unconfirmed 3600")
            assert new["enabled"] == "1" and tree.parameter("output_policy") == "drop"
            if tree.transaction() != "idle":
                tree.transaction("rollback")
            made.set(flush=1)
            made.add(*ELEMENTS)
            rule.set(daddr="", enabled=1)
            new["enabled"] = 0
            chain.set(flush=1, add="\n".join(LINES), enabled=1)
            tree.set_parameter("output_policy", "accept")

        def unchanged():
            packets = [udp(src="192.0.2.7", dport=8), udp(src="203.0.113.1", dport=8)]
            return (tree.transaction(), tree.generation(),
                    [line.split()[0] for line in made.elements],
                    [re.sub(" timeout [0-9]+", "", line) for line in tree.running()],
                    [r["status"] for r in (rule, new, chain)], tree.parameter("output_policy"),
                    [packets.index(packet) for packet in ways["input"].arrivals(packets)])

        stage.undo, stage.unchanged, stage.set, stage.rule, stage.new, stage.chain = \
            undo, unchanged, made, rule, new, chain
        yield stage
        if tree.transaction() != "idle":
            tree.transaction("rollback")
        tree.set_parameter("output_policy", "accept")


def test_begin(injector):
    with tree.rule(action="continue"), Write(TRANSACTION, "begin") as write:
        assert fail_each_allocation(injector, write, lambda: tree.transaction("rollback"),
                                    lambda: (tree.transaction(), state())) > 0


def test_commit(injector, staged):
    staged()

    def undo():
        staged.undo()
        staged()
    with Write(TRANSACTION, "commit 3600") as write:
        assert fail_each_allocation(injector, write, undo, staged.unchanged) > 10


@pytest.mark.parametrize("verb,before", (("rollback", "open"), ("rollback", "unconfirmed"),
                                         ("confirm", "unconfirmed")))
def test_what_ends_a_transaction_cannot_fail(injector, staged, verb, before):
    """But for the copy of what is written: then nothing has happened yet."""
    failures = 0
    with Write(TRANSACTION, verb) as write:
        for nth in range(1, ENOUGH):
            staged()
            if before == "unconfirmed":
                tree.transaction("commit 3600")
            shown = tree.transaction()
            error, injected = injector.attempt(write, nth)
            if error:
                failures += 1
                assert error == errno.ENOMEM and tree.transaction() == shown
                write()
            assert tree.transaction() == "idle"
            if verb == "confirm":
                staged.undo()
            assert [line.split()[0] for line in staged.set.elements] == \
                [line.split()[0] for line in ELEMENTS]
            assert staged.unchanged()[-1] == [1]
            staged.rule.set(daddr="", enabled=1)
            staged.chain.set(flush=1, add="\n".join(LINES), enabled=1)
            if not injected:
                break
    assert failures <= 1


@pytest.mark.parametrize("what", ("rule", "chain", "add", "flush", "policy"))
def test_staging(injector, staged, what):
    path, value = {
        "rule": (staged.new.path + "/enabled", 1), "chain": (staged.chain.path + "/enabled", 1),
        "add": (staged.set.path + "/add", "1.1.1.1\n1.1.1.2 timeout 1h"),
        "flush": (staged.set.path + "/flush", 1),
        "policy": (tree.PARAMETERS + "/output_policy", "drop")}[what]
    staged.chain.set(flush=1, add=LINES[2])
    tree.transaction("begin")

    def undo():
        assert tree.transaction() == "open 1"
        tree.transaction(("rollback", "begin"))
    with Write(path, value) as write:
        failures = fail_each_allocation(injector, write, undo, staged.unchanged)
    assert failures > 0


def test_elements_are_read_whole(injector):
    with tree.named_set(*ELEMENTS) as made:
        for nth in range(1, ENOUGH):
            text = []
            error, injected = injector.attempt(lambda: text.append(made.elements), nth)
            assert error == errno.ENOMEM or len(text[0]) == len(ELEMENTS)
            if not injected:
                return
    raise AssertionError("never ran to its end")


def test_running_and_text(injector):
    with tree.rule(proto="udp", comment="y" * 200, action="continue") as rule, \
            tree.chain(*LINES) as chain:
        for path in (tree.ROOT + "/running", rule.path + "/text", rule.path + "/saddr",
                     chain.path + "/rules"):
            whole = tree.read(path)
            for nth in range(1, ENOUGH):
                text = []
                error, injected = injector.attempt(lambda: text.append(tree.read(path)), nth)
                assert error == errno.ENOMEM or text == [whole]
                if not injected:
                    break
            else:
                raise AssertionError("never ran to its end")
