# SPDX-License-Identifier: GPL-2.0
# guest: alone
"""Eight writers make, edit, enable and remove rules, for twenty seconds or more, under a flood.

Each writer owns one rule that it swaps between two complete forms, FORMS; a mixture of the two
would drop packets that neither form drops. Two counting rules, before and after all others, take
exactly those packets: what the first counts and the second does not was dropped by half a rule.
"""

import errno
import os
import random
import signal
import time

import tree
from packets import tcp, udp
from processes import start
from wire import ETH_P_IP, ETH_P_IPV6, flood

WRITERS = 8
SECONDS = 20
FLOODERS = 2

# (proto, dport, saddr) of the two forms; the base is added to the port, one a writer.
FORMS = (("tcp", 1000, "192.0.2.1,2001:db8:1::1"), ("udp", 2000, "192.0.2.2,2001:db8:1::2"))
# What only a mixture drops: each differs from either form in one attribute at least.
SOURCES = {4: ("192.0.2.1", "192.0.2.2"), 6: ("2001:db8:1::1", "2001:db8:1::2")}


def form(number, writer):
    protocol, port, sources = FORMS[number]
    return {"proto": protocol, "dport": port + writer, "saddr": sources}


def mixtures(writer):
    """Packets that take some attributes from one form, and some from the other."""
    one, two = 1000 + writer, 2000 + writer
    for family, (first, second) in SOURCES.items():
        for build, port, source in ((tcp, one, second), (tcp, two, first), (tcp, two, second),
                                    (udp, two, first), (udp, one, second), (udp, one, first)):
            yield build(family, dport=port, src=source, sport=5)


def forms_as_packets(writer):
    """Packets that one form or the other drops whenever it is live."""
    for family, (first, second) in SOURCES.items():
        yield tcp(family, dport=1000 + writer, src=first, sport=6)
        yield udp(family, dport=2000 + writer, src=second, sport=6)


class Writer:
    """One process's work on its own rules; its chances are reproducible."""

    def __init__(self, number):
        self.number = number
        self.chance = random.Random(number)
        self.rule = tree.Rule(f"w{number}")

    def work(self, deadline):
        rounds = 0
        while rounds < 3 or time.monotonic() < deadline:
            self.round()
            rounds += 1

    def round(self):
        self.rule.make()
        try:
            self.rule["action"] = "drop"
            for _ in range(self.chance.randrange(1, 8)):
                self.swap()
                self.side_step()
        finally:
            self.rule.remove()

    def swap(self):
        """The edits come in any order; only `enabled` makes them count."""
        edits = list(form(self.chance.randrange(2), self.number).items())
        self.chance.shuffle(edits)
        for attribute, value in edits:
            self.rule[attribute] = value
        self.rule.publish()
        assert self.rule["status"] == "live"

    def side_step(self):
        self.chance.choice((self.switch_off, self.reset, self.refusal, self.neighbour,
                            self.policy, self.read))()

    def switch_off(self):
        self.rule["enabled"] = 0

    def reset(self):
        self.rule["reset"] = 1

    def refusal(self):
        try:
            self.rule["dport"] = "70000"
        except OSError as error:
            assert error.errno == errno.ERANGE
        else:
            raise AssertionError("a port of 70000 was taken")

    def neighbour(self):
        with tree.rule(f"n{self.number}", hook="input,forward,output", action="continue",
                       tcp_flags="syn / syn", priority=self.chance.randrange(-5, 5)):
            pass

    def policy(self):
        tree.set_parameter("output_policy", self.chance.choice(("accept", "drop")))

    def read(self):
        """Each rule in `running` is one form or the other, never between."""
        for line in tree.running():
            if line.startswith("rule w"):
                writer = int(line.split()[1][1:])
                assert any(all(word in line for word in words(number, writer))
                           for number in (0, 1)), line


def words(number, writer):
    protocol, port, sources = FORMS[number]
    return f"proto={protocol}", f"dport={port + writer}", f"saddr={sources}"


def frame_of(packet):
    return ETH_P_IP if packet.family == 4 else ETH_P_IPV6, packet.data


def stop(children):
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_no_packet_ever_sees_half_a_rule(network, wire):
    network.destination_is_local(True)
    frames = [frame_of(packet) for writer in range(WRITERS)
              for packet in (*mixtures(writer), *forms_as_packets(writer))]
    watched = {"hook": "input", "sport": "5", "proto": "tcp,udp", "action": "continue"}
    with tree.parameters(accept_established="N", output_policy="accept"), \
            tree.rule("before", priority=-1000, **watched) as before, \
            tree.rule("after", priority=1000, **watched) as after:
        generation = tree.generation()
        flooders = [start(flood, wire.client, frames) for _ in range(FLOODERS)]
        while before.packets < 100:  # a busy machine takes its time: the guest's is limited
            time.sleep(0.1)
        dry = before.packets
        deadline = time.monotonic() + SECONDS
        writers = [start(Writer(number).work, deadline) for number in range(WRITERS)]
        statuses = [os.waitpid(writer, 0)[1] for writer in writers]
        stop(flooders)
        wire.forget()
        assert statuses == [0] * WRITERS
        assert before.packets - dry > 1000
        assert before.packets == after.packets
        assert tree.generation() - generation > 10 * WRITERS
        assert sorted(os.listdir(tree.RULES)) == ["after", "before"]
        left = [line.split()[1] for line in tree.running() if line.startswith("rule ")]
        assert left == ["before", "after"]
    assert os.listdir(tree.RULES) == []
    tree.unload()
    tree.load()  # for who comes after in this boot
