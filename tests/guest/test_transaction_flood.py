# SPDX-License-Identifier: GPL-2.0
# guest: alone
"""A thousand transactions that swap two complete rule sets, under a flood of packets.

Each rule set is a rule, a chain, a set and a policy, and drops packets that the other lets pass.
The flood is of packets that both let pass, and any mixture of the two drops: FORMS says why. So
whatever is dropped was judged by a mixture.
"""

import contextlib
import os
import signal
import time

import tree
from packets import udp
from processes import start
from wire import ETH_P_IP, flood

SWAPS = 1000
PORT = {"A": 1, "B": 2}
OTHER = {"A": "B", "B": "A"}
SOURCE = {"A": "192.0.2.1", "B": "192.0.2.2"}
POLICY = {"A": "drop", "B": "accept"}
LINE = {form: f"saddr=@s proto=udp sport={port} action=drop" for form, port in PORT.items()}


def packets_of_a_mixture():
    """What A and B let pass, and ...

    - the source of one with the port of the other: rule or line of one, with the set of the other
    - any other packet: the policy of A without its rule `rest`, which accepts what is left
    """
    for form in PORT:
        source, port = SOURCE[form], PORT[OTHER[form]]
        yield udp(4, src=source, dport=port, sport=9)
        yield udp(4, src=source, dport=9, sport=port)
    yield udp(4, src="192.0.2.3", dport=9, sport=9)


def packets_of(form):
    """What the rule and the line of a form drop, and the other lets pass."""
    return [udp(4, src=SOURCE[form], dport=PORT[form], sport=9),
            udp(4, src=SOURCE[form], dport=9, sport=PORT[form])]


class RuleSet:
    """What is swapped; `turn` writes all of it, in an order that shows mixtures."""

    def __init__(self, stack):
        self.set = stack.enter_context(tree.named_set(SOURCE["B"]))
        self.rule = stack.enter_context(tree.rule(
            saddr="@s", proto="udp", dport=PORT["B"], action="drop"))
        self.chain = stack.enter_context(tree.chain(LINE["B"]))
        self.rest = stack.enter_context(tree.rule(
            "rest", live=False, priority=9, hook="input,forward", action="accept"))

    def turn(self, form):
        self.set.delete(SOURCE[OTHER[form]])
        self.set.add(SOURCE[form])
        self.rule.set(dport=PORT[form], enabled=1)
        self.chain.set(flush=1, add=LINE[form], enabled=1)
        tree.set_parameter("default_policy", POLICY[form])
        self.rest["enabled"] = int(form == "A")


def dropped():
    return int(tree.parameter("dropped"))


@contextlib.contextmanager
def flooded(wire):
    """The packets of a mixture, without end; the number of the guest's packets grows."""
    frames = [(ETH_P_IP, packet.data) for packet in packets_of_a_mixture()]
    before = int(tree.parameter("accepted"))
    child = start(flood, wire.client, frames)
    try:
        assert tree.until(lambda: int(tree.parameter("accepted")) > before + 100)
        yield
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        wire.forget()


def test_packets_meet_one_or_the_other(network, ways, wire):
    network.destination_is_local(True)
    with tree.parameters(accept_established="N", default_policy="accept"), \
            contextlib.ExitStack() as stack:
        rules = RuleSet(stack)
        with flooded(wire):
            begun = dropped()
            for number in range(SWAPS):
                with tree.staged():
                    rules.turn("AB"[number % 2])
            assert dropped() == begun
            # The same by themselves: it is the transaction that keeps them apart.
            deadline = time.monotonic() + 60
            while dropped() == begun and time.monotonic() < deadline:
                rules.turn("A")
                rules.turn("B")
            assert dropped() > begun
        for form in "AB":
            with tree.staged():
                rules.turn(form)
            assert ways["input"].arrivals(packets_of(form)) == []
            others = packets_of(OTHER[form])
            assert ways["input"].arrivals(others) == others
