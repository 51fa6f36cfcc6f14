# SPDX-License-Identifier: GPL-2.0
"""Fragments, options and extension headers: each packet against each value and its negation.

Fragments are seen as such only while nobody uses conntrack, so nothing here does. IP itself drops
packets with bad options and source routes before input and forward: only a raw socket sends them.
"""

import contextlib
import socket

import pytest
from scapy.packet import Raw

import tree
from headers import (AH, DSTOPTS, ESP, FRAGMENT, HBH, NONE, ROUTING, TCP22, authentication, chain,
                     fragment, ip4, ip6, options, routing)
from packets import DESTINATION
from wire import ETH_P_IP, ETH_P_IPV6

EXTHDRS = ("hbh", "rt", "dst", "frag", "ah")
IPOPTS = ("lsrr", "ssrr", "rr", "ra", "ts")


def lists_of(words):
    """Each word, the first two, and all; each of these negated."""
    lists = (*words, ",".join(words[:2]), ",".join(words))
    return (*lists, *("!" + value for value in lists))


VALUES = [("fragment", value) for value in ("none", "first", "later")]
VALUES += [("exthdr", value) for value in lists_of(EXTHDRS)]
VALUES += [("ipopt", value) for value in lists_of(IPOPTS)]

EVERYWHERE = ("input", "forward", "output")
AS_PIECES = ("forward", "output")  # IPv4 puts fragments together before input
SENT = ("output",)


class Bytes:
    """A packet; the piece that it is, if that can be known; the headers or options that it has."""

    def __init__(self, name, version, data, piece="none", has=(), hooks=EVERYWHERE):
        self.name = name
        self.version = version
        self.data = data
        self.piece = piece
        self.has = set(has)
        self.hooks = hooks

    def __str__(self):
        return self.name

    def matches(self, attribute, value):
        if attribute == "fragment":
            return value == self.piece
        if (attribute == "exthdr") != (self.version == 6):
            return False
        negated = value.startswith("!")
        return bool(self.has & set(value.lstrip("!").split(","))) != negated


def pieces4():
    yield Bytes("a whole packet", 4, ip4(TCP22))
    yield Bytes("one that must not be cut", 4, ip4(TCP22, flags="DF"))
    yield Bytes("first fragment", 4, ip4(TCP22 + bytes(4), flags="MF"), "first", (), AS_PIECES)
    for offset in (1, 8189):
        yield Bytes(f"the last fragment, at {offset}", 4, ip4(bytes(16), frag=offset), "later", (),
                    AS_PIECES)
        yield Bytes(f"a fragment between, at {offset}", 4,
                    ip4(bytes(16), frag=offset, flags="MF"), "later", (), AS_PIECES)


NOP, END = b"\1", b"\0"
LSRR, SSRR, RR = (bytes([kind, 7, 4]) + bytes(4) for kind in (131, 137, 7))
RA, TS, OTHER = bytes([148, 4, 0, 0]), bytes([68, 8, 5, 0]) + bytes(4), bytes([0x5e, 4, 0, 0])


def optioned(name, *parts, has=(), hooks=SENT):
    data = b"".join(parts)
    data += END * (-len(data) % 4)
    return Bytes(name, 4, ip4(TCP22, options=[Raw(data)]), has=has, hooks=hooks)


def options4():
    yield optioned("rr", RR, has={"rr"}, hooks=EVERYWHERE)
    yield optioned("ra", RA, has={"ra"}, hooks=EVERYWHERE)
    yield optioned("ts", TS, has={"ts"}, hooks=EVERYWHERE)
    yield optioned("nop, ra, rr, ts", NOP, NOP, RA, RR, TS, has={"ra", "rr", "ts"},
                   hooks=EVERYWHERE)
    yield optioned("nothing but nop", NOP * 40, hooks=EVERYWHERE)
    yield optioned("lsrr", LSRR, has={"lsrr"})
    yield optioned("ssrr", SSRR, has={"ssrr"})
    yield optioned("40 bytes, ra last", NOP * 36, RA, has={"ra"})
    yield optioned("another, then ra", OTHER, RA, has={"ra"})
    yield optioned("ra behind the end", END, NOP * 3, RA)
    yield optioned("rr, the end, ra", RR, END, RA, has={"rr"})
    for length in (0, 1):
        yield optioned(f"lsrr of length {length}, then ra", bytes([131, length, 0, 0]), RA)
        yield optioned(f"ra, then another of length {length}", RA, bytes([0x5e, length, 0, 0]),
                       has={"ra"})
    yield optioned("rr as long as the options", bytes([7, 12, 4]) + bytes(9), has={"rr"})
    yield optioned("rr longer than the options", bytes([7, 13, 4]) + bytes(9))
    yield optioned("ra, then ts longer than the options", RA, bytes([68, 255, 5, 0]), has={"ra"})
    yield optioned("lsrr without a length", NOP * 3, b"\x83")
    yield optioned("what looks like ra inside another", bytes([0x5e, 8, *RA, *RA[:2]]))


def chains6():
    hbh, dst, rt = (HBH, options), (DSTOPTS, options), (ROUTING, routing)
    atomic, ah = (FRAGMENT, fragment), (AH, authentication)
    yield Bytes("v6: no header", 6, ip6(TCP22))
    yield Bytes("v6: hbh", 6, chain(hbh), has={"hbh"})
    yield Bytes("v6: dst", 6, chain(dst), has={"dst"})
    yield Bytes("v6: rt", 6, chain(rt), has={"rt"})
    yield Bytes("v6: ah", 6, chain(ah), has={"ah"})
    yield Bytes("v6: atomic fragment", 6, chain(atomic), has={"frag"})
    yield Bytes("v6: all", 6, chain(hbh, dst, rt, atomic, ah, dst), has=EXTHDRS)
    yield Bytes("v6: dst behind ah", 6, chain(ah, dst), has={"ah", "dst"})
    yield Bytes("v6: rt behind forty", 6, chain(*[dst] * 40, rt), has={"dst", "rt"})
    yield Bytes("v6: rt behind 264 bytes", 6,
                chain((DSTOPTS, lambda after: options(after, 264)), rt), has={"dst", "rt"})
    for number, name in ((NONE, "no next header"), (ESP, "esp"), (200, "unknown header")):
        yield Bytes(f"v6: {name}, over what looks like dst", 6,
                    chain(hbh, (number, options), end=options(6)), has={"hbh"})


def pieces6():
    whole, data = TCP22 + bytes(4), bytes(16)
    yield Bytes("v6: first fragment", 6, ip6(fragment(6, 0, 1) + whole, FRAGMENT), "first",
                {"frag"})
    yield Bytes("v6: first fragment, dst behind it", 6,
                ip6(fragment(DSTOPTS, 0, 1) + options(6) + data, FRAGMENT), "first",
                {"frag", "dst"})
    for more in (0, 1):
        yield Bytes(f"v6: later fragment, more={more}", 6,
                    ip6(fragment(6, 1, more) + data, FRAGMENT), "later", {"frag"})
        yield Bytes(f"v6: later fragment behind dst, more={more}", 6,
                    ip6(options(FRAGMENT) + fragment(6, 8191, more) + data, DSTOPTS), "later",
                    {"frag", "dst"})
        yield Bytes(f"v6: later fragment, more={more}, data that looks like rt", 6,
                    ip6(fragment(ROUTING, 5, more) + routing(6), FRAGMENT), "later", {"frag"})
    yield Bytes("v6: a later fragment inside an atomic one", 6,
                ip6(fragment(FRAGMENT) + fragment(6, 5) + data, FRAGMENT), "later", {"frag"})


def broken6():
    unknown = None
    yield Bytes("v6: dst ends in the middle", 6, ip6(options(6, 64)[:16], DSTOPTS), unknown)
    yield Bytes("v6: dst of one byte", 6, ip6(b"\6", DSTOPTS), unknown)
    yield Bytes("v6: dst longer than the packet", 6, ip6(bytes([6, 255]) + bytes(32), DSTOPTS),
                unknown)
    yield Bytes("v6: dst cut by the payload length", 6, ip6(options(6) + TCP22, DSTOPTS, 7),
                unknown)
    yield Bytes("v6: dst just within the payload length", 6, ip6(options(6) + TCP22, DSTOPTS, 8),
                has={"dst"})
    yield Bytes("v6: nothing behind the network header", 6, ip6(b"", DSTOPTS), unknown)
    yield Bytes("v6: fragment header of 4 bytes", 6, ip6(fragment(6)[:4], FRAGMENT), unknown)
    yield Bytes("v6: ah of 12 bytes that says 24", 6, ip6(authentication(6)[:12], AH), unknown)
    yield Bytes("v6: hbh, then rt that ends early", 6, ip6(options(ROUTING) + b"\6\1\4\0", HBH),
                unknown, {"hbh"})
    yield Bytes("v6: first fragment, then dst that ends early", 6,
                ip6(fragment(DSTOPTS, 0, 1) + options(6, 16)[:8], FRAGMENT), "first", {"frag"})


PACKETS = [*pieces4(), *options4(), *chains6(), *pieces6(), *broken6()]


pytestmark = pytest.mark.usefixtures("nothing_but_rules")


def send(hook, network, wire, packet):
    if hook == "output":
        family = 4 if packet.version == 4 else 6
        with network.router.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW) as sender:
            sender.sendto(packet.data, (DESTINATION[family], 0))
    else:
        wire.client.send(ETH_P_IP if packet.version == 4 else ETH_P_IPV6, packet.data)


@pytest.mark.parametrize("hook", EVERYWHERE)
def test_headers(network, wire, hook):
    """All packets past all values: few rules would need as many publishes for each packet."""
    network.destination_is_local(hook == "input")
    common = {"hook": hook, "action": "continue", "saddr": "192.0.2.1,2001:db8:1::1"}
    rules = {f"r{number}": {**common, attribute: value}
             for number, (attribute, value) in enumerate(VALUES)}
    wrong = []
    with tree.rules(any=common, **rules) as live:
        seen = live.pop("any")
        for packet in PACKETS:
            if hook not in packet.hooks:
                continue
            wire.forget()
            send(hook, network, wire, packet)
            wire.settle()
            assert seen.packets == 1, f"{packet} did not get there"
            found = {value for value, rule in zip(VALUES, live.values()) if rule.packets}
            expected = {value for value in VALUES if packet.matches(*value)}
            wrong += [(str(packet), *value) for value in found ^ expected]
            for rule in (seen, *live.values()):
                rule["reset"] = 1
    assert not wrong


@pytest.mark.parametrize("attributes,packet,matches", [
    ({"fragment": "first", "proto": "tcp", "dport": "22"}, "first fragment", True),
    ({"fragment": "later", "proto": "tcp"}, "a fragment between, at 1", True),
    ({"fragment": "later", "proto": "udp"}, "a fragment between, at 1", False),
    ({"exthdr": "hbh,rt", "proto": "tcp", "dport": "22"}, "v6: rt", True),
    ({"exthdr": "!hbh,rt", "proto": "tcp", "dport": "22"}, "v6: rt", False),
    ({"ipopt": "ra", "proto": "tcp", "dport": "22"}, "ra", True)])
@pytest.mark.parametrize("action", ("drop", "accept"))
def test_decisions(network, wire, attributes, packet, matches, action):
    """With other fields, as a rule that decides."""
    network.destination_is_local(False)
    packet = next(each for each in PACKETS if each.name == packet)
    policy = {"drop": "accept", "accept": "drop"}[action]
    with tree.parameters(default_policy=policy), \
            tree.rule(hook="forward", action=action, **attributes):
        wire.forget()
        send("forward", network, wire, packet)
        wire.settle()
        assert bool(wire.server.drain()) == (matches == (action == "accept"))


@pytest.mark.parametrize("attributes", [
    {"ct_status": "dnat"}, {"ct_mark": "1"}, {"ct_orig_daddr": "192.0.2.1"},
    {"ct_orig_dport": "!80"}], ids=lambda attributes: "".join(attributes))
def test_rules_that_need_conntrack_take_it(network, wire, attributes):
    """It shows by what conntrack does to pieces: it waits for the others."""
    tree.unload()
    tree.load()
    network.destination_is_local(False)
    piece = next(each for each in PACKETS if each.name == "first fragment")
    with tree.parameters(accept_established="N"), \
            tree.rule("seen", hook="forward", action="continue", family="ip") as seen:
        for expected in (1, 0):
            with tree.rule(hook="forward", action="continue", **attributes) if not expected \
                    else contextlib.nullcontext():
                seen["reset"] = 1
                send("forward", network, wire, piece)
                wire.settle()
                assert seen.packets == expected
