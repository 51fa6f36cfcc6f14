# SPDX-License-Identifier: GPL-2.0
# guest: timeout=1200
"""The same packets through the same filters in minifw, nft and iptables: the same verdicts.

peers.txt is the table: filters, the packets to try them with, and every difference, which must be
there too. Each filter is in force alone, where it would stand in earnest, and packets are really
dropped or let pass.
"""

import functools
import pathlib
import re

import pytest

import peers
import peers_packets
import peers_table
import tree

SECTIONS = peers_table.read()
MANUAL = pathlib.Path(__file__).resolve().parents[2] / "doc/minifw.4"
MARKS = {5001: 0x1, 5002: 0x101, 5003: 0x80000000, 5004: 0xffffffff}
BESIDE = "".join(f"""
add chain inet beside {hook} {{ type filter hook {hook} priority raw; }}
add rule inet beside {hook} meta mark set udp dport map {{ {marks} }}
""" for hook in ("prerouting", "output")
    for marks in [", ".join(f"{port} : {mark}" for port, mark in MARKS.items())])


@pytest.fixture(scope="module")
def measure(network, wire, nobody_reassembles):
    """A function that sends a section's packets past all of its filters, once: who let what pass."""
    roads = peers_packets.Roads(network, wire)
    nft = peers.Nft()
    nft.run("add table inet beside" + BESIDE)
    yield functools.lru_cache(maxsize=None)(functools.partial(_measure, roads))
    nft.run("delete table inet beside")


def packets_of(section):
    return [packet for name in section.settings["send"] for packet in peers_packets.group(name)]


def _measure(roads, section, hook, action):
    """By peer and filter, the names of the packets that arrived."""
    packets = packets_of(section)
    everything = {packet.name for packet in packets}
    arrived = roads.arrivals(hook, packets)
    assert arrived == everything, f"never arrive: {everything - arrived}"
    verdicts = {}
    for peer in peers.make():
        for each in section.filters:
            if peer.name in each.texts:
                peer.install(each.texts[peer.name], hook, action)
                verdicts[peer.name, each] = roads.arrivals(hook, packets)
        peer.empty()
    return verdicts


CASES = [pytest.param(section, hook, action, each, id=f"{hook}-{action}-{each}")
         for section in SECTIONS for hook in section.settings["at"]
         for action in section.settings["action"] for each in section.filters]


@pytest.mark.parametrize("section,hook,action,each", CASES)
def test_peers(measure, section, hook, action, each):
    verdicts = measure(section, hook, action)
    names = {packet.name for packet in packets_of(section)}
    ours = verdicts["minifw", each]
    for peer in peers_table.PEERS:
        if peer in each.texts:
            assert ours ^ verdicts[peer, each] == each.differing(peer, names), peer
