# SPDX-License-Identifier: GPL-2.0
"""`expires`: rules that go by themselves.

Guests are slow: only of long times is "not yet" asked.
"""

import contextlib
import time

import tree
from packets import udp

HOUR = 3600
SLOW = 300  # seconds by which a guest may be late with anything


def is_off(rule):
    return rule["status"] == "off"


def seconds_left(rule):
    return int(rule["expires"])


def names_running():
    return [line.split()[1] for line in tree.running() if line.startswith("rule ")]


def test_it_goes_by_itself(ways):
    with tree.rule(proto="udp", action="drop", expires="3") as rule:
        assert not ways["input"].passes(udp()) or is_off(rule)
        generation = tree.generation()
        assert tree.until(lambda: is_off(rule))
        assert tree.generation() - generation in (0, 1)
        assert names_running() == []
        assert ways["input"].passes(udp())
        assert (rule["enabled"], rule["expires"], rule["proto"]) == ("0", "3", "udp")
        rule["expires"] = HOUR
        rule.publish()
        assert rule["status"] == "live" and not ways["input"].passes(udp())


def test_each_has_its_time():
    """One expiry is one publish; what has more time, or none, stays."""
    with tree.rule("stays", action="continue"), \
            tree.rule("long", action="continue", expires=HOUR) as longest, \
            tree.rule("later", action="continue", expires="5") as later, \
            tree.rule("soon", action="continue", expires="2") as soon:
        generation = tree.generation()
        assert tree.until(lambda: is_off(soon))
        assert tree.until(lambda: is_off(later))
        assert tree.generation() - generation <= 2
        assert names_running() == ["long", "stays"]
        assert HOUR - SLOW < seconds_left(longest) < HOUR


def test_its_draft_may_be_another():
    with tree.rule(proto="udp", dport="9", action="drop", hook="forward", expires="2") as rule:
        rule["dport"] = "10"
        assert tree.until(lambda: is_off(rule))
        assert (rule["dport"], rule["enabled"]) == ("10", "0")


def test_what_went_before_does_not_expire():
    """Disabled, removed, or published without it: its time passes, and nothing happens."""
    with contextlib.ExitStack() as stack:
        disabled, renewed, cleared = [
            stack.enter_context(tree.rule(name, action="continue", expires="30"))
            for name in ("disabled", "renewed", "cleared")]
        with tree.rule("removed", action="continue", expires="2"):
            for rule in (disabled, renewed, cleared):
                rule["expires"] = 2
                rule.publish()
            disabled["enabled"] = 0
            renewed["expires"] = HOUR
            cleared["expires"] = ""
            renewed.publish()
            cleared.publish()
        with tree.rule("witness", action="continue", expires="4") as witness:
            generation = tree.generation()
            assert tree.until(lambda: is_off(witness))
            assert tree.generation() == generation + 1
            assert names_running() == ["cleared", "renewed"]
        assert cleared["expires"] == ""


class TestReading:
    def test_seconds_left_of_a_live_rule_and_as_written_elsewhere(self):
        with tree.rule(live=False, action="continue", expires="1h") as rule:
            assert rule["expires"] == str(HOUR)
            rule.publish()
            assert HOUR - SLOW < seconds_left(rule) <= HOUR
            assert tree.until(lambda: seconds_left(rule) < HOUR)
            assert rule["status"] == "live"
            assert rule["text"] == tree.running()[-1] == f"rule r action=continue expires={HOUR}"
            rule["expires"] = "2h"
            assert (rule["expires"], rule["status"]) == (str(2 * HOUR), "modified")
            rule["expires"] = "1h"
            assert seconds_left(rule) < HOUR and rule["status"] == "live"

    def test_it_is_counted_from_the_last_publish_of_something_new(self):
        with tree.rule(action="continue", expires="1h") as rule:
            time.sleep(2.1)
            rule.publish()
            assert seconds_left(rule) <= HOUR - 2
            rule["comment"] = "new"
            assert seconds_left(rule) <= HOUR - 2
            before = time.monotonic()
            rule.publish()
            assert seconds_left(rule) >= HOUR - 1 - (time.monotonic() - before)

    def test_the_longest(self):
        with tree.rule(action="continue", expires="4294967295") as rule:
            assert 4294967295 - SLOW < seconds_left(rule) <= 4294967295


def test_unloading_while_a_rule_counted_down():
    with tree.rule(action="continue", expires="1"):
        pass
    tree.unload()
    tree.load()
