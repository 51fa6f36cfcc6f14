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
MAP = ", ".join(f"{port} : {mark}" for port, mark in peers_packets.MARKED.items())
MARKS = "".join(f"""
add chain inet marks {hook} {{ type filter hook {hook} priority raw; }}
add rule inet marks {hook} meta mark set udp dport map {{ {MAP} }}
""" for hook in ("prerouting", "output"))
TRACKING = f"""
add chain inet tracking raw {{ type filter hook prerouting priority raw; }}
add rule inet tracking raw udp dport 6 notrack
add chain inet tracking marks {{ type filter hook prerouting priority mangle; }}
add rule inet tracking marks ct mark set udp dport map {{ {MAP} }}
add chain inet tracking dnat {{ type nat hook prerouting priority dstnat; }}
add rule inet tracking dnat ip daddr 198.51.100.99 dnat ip to 198.51.100.1:53
add rule inet tracking dnat ip6 daddr 2001:db8:2::99 dnat ip6 to [2001:db8:2::1]:53
add chain inet tracking snat {{ type nat hook postrouting priority srcnat; }}
add rule inet tracking snat ip protocol udp udp sport 4000 snat ip to 192.0.2.200
add rule inet tracking snat ip6 nexthdr udp udp sport 4000 snat ip6 to 2001:db8:1::200
"""


@pytest.fixture(scope="module")
def measure(network, wire, nobody_reassembles):
    """A function that sends a section's packets past all of its filters, once: who let what pass."""
    roads = peers_packets.Roads(network, wire)
    nft = peers.Nft()
    nft.run("add table inet marks" + MARKS)
    yield functools.lru_cache(maxsize=None)(functools.partial(_measure, roads, nft))
    nft.run("delete table inet marks")


def packets_of(section, which="send"):
    return [packet for name in section.settings[which] for packet in peers_packets.group(name)]


def _measure(roads, nft, section, hook, action):
    """By peer and filter, the names of the packets that arrived."""
    before, packets = packets_of(section, "before"), packets_of(section)
    if before:
        nft.run("add table inet tracking" + TRACKING)

    def arrivals(install=lambda: None):
        if before:
            peers.forget_connections()
            roads.arrivals(hook, before)
        install()
        return roads.arrivals(hook, packets)

    everything = {packet.name for packet in packets}
    arrived = arrivals()
    assert arrived == everything, f"never arrive: {everything - arrived}"
    verdicts = {}
    for peer in peers.make():
        for each in section.filters:
            if peer.name in each.texts:
                install = functools.partial(peer.install, each.texts[peer.name], hook, action)
                peer.empty()
                verdicts[peer.name, each] = arrivals(install)
        peer.empty()
    if before:
        nft.run("delete table inet tracking")
    return verdicts


CASES = [pytest.param(section, hook, action, each, id=f"{hook}-{action}-{each}")
         for section in SECTIONS for hook in section.settings["at"]
         for action in section.settings["action"] for each in section.filters]


def differences(ours, theirs):
    """As the table would have it: the packets that one of two lets pass, and which of them."""
    return ([f"{name} (dropped by minifw)" for name in sorted(theirs - ours)]
            + [f"{name} (not dropped by minifw)" for name in sorted(ours - theirs)])


@pytest.mark.parametrize("section,hook,action,each", CASES)
def test_peers(measure, section, hook, action, each):
    verdicts = measure(section, hook, action)
    names = {packet.name for packet in packets_of(section)}
    ours = verdicts["minifw", each]
    wrong = []
    for peer in peers_table.PEERS:
        if peer in each.texts:
            theirs = verdicts[peer, each]
            known = each.differing(peer, names)
            if ours ^ theirs != known:
                wrong.append(f"unlike {peer}: {', '.join(differences(ours, theirs))}; known: {known}")
    assert not wrong, "\n".join(wrong)
