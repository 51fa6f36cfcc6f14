# SPDX-License-Identifier: GPL-2.0
"""A rule, the packets that it matches and those that it misses; and the judgement on both."""

import tree
from ways import HOOKS


class Case:
    def __init__(self, attributes, hits=(), misses=(), hooks=HOOKS):
        self.attributes = attributes
        self.hits = list(hits)
        self.misses = list(misses)
        self.hooks = hooks

    def __str__(self):
        return " ".join(f"{name}={value}" for name, value in self.attributes.items())


def expect(hits=(), misses=(), hooks=HOOKS, **attributes):
    return Case(attributes, hits, misses, hooks)


def _judge_once(rule, way, case, dropping):
    """Send the case's packets; whether each arrived, and the counters, must be as expected."""
    rule["reset"] = 1
    arrived = way.arrivals(case.hits + case.misses)
    assert arrived == (case.misses if dropping else case.hits)
    assert rule.packets == len(case.hits)
    assert rule.bytes == sum(len(packet.data) for packet in case.hits)


def judge(way, case):
    """As `drop` under the policy accept, and as `accept` under the policy drop."""
    with tree.rule(hook=way.hook, action="drop", **case.attributes) as rule:
        _judge_once(rule, way, case, dropping=True)
        rule.set(action="accept")
        rule.publish()
        with tree.parameters(default_policy="drop", output_policy="drop"):
            _judge_once(rule, way, case, dropping=False)


def judge_aside(way, case):
    """At a hook without a policy: as `drop`, and as `accept` before a rule that drops the rest."""
    with tree.rule(hook=way.hook, action="drop", **{**way.needs, **case.attributes}) as rule:
        _judge_once(rule, way, case, dropping=True)
        rule.set(action="accept")
        rule.publish()
        with tree.rule("rest", priority=1, hook=way.hook, action="drop", **way.needs):
            _judge_once(rule, way, case, dropping=False)
