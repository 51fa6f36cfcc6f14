# SPDX-License-Identifier: GPL-2.0
# guest: kernel=stock timeout=400
"""The same packets through the same filters in minifw, nft and iptables: the same verdicts.

peers.txt is the table: filters, the packets to try them with, and every difference, which must be
there too. Each filter is in force alone, where it would stand in earnest, and packets are really
dropped or let pass.
"""

import contextlib
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
add chain inet tracking before_routing {{ type nat hook prerouting priority dstnat; }}
add rule inet tracking before_routing ip daddr 198.51.100.99 udp dport 5353 \\
    dnat ip to 198.51.100.1:53
add rule inet tracking before_routing ip6 daddr 2001:db8:2::99 udp dport 5353 \\
    dnat ip6 to [2001:db8:2::1]:53
add chain inet tracking after_routing {{ type nat hook postrouting priority srcnat; }}
add rule inet tracking after_routing ip version 4 udp sport 4000 snat ip to 192.0.2.200
add rule inet tracking after_routing ip6 version 6 udp sport 4000 snat ip6 to 2001:db8:1::200
"""


@pytest.fixture(scope="module")
def measure(roads, nothing_but_rules):
    """A function that sends a section's packets past its filters, once: who let what pass."""
    nft = peers.Nft()
    nft.run("add table inet marks" + MARKS)
    yield functools.lru_cache(maxsize=None)(functools.partial(_measure, roads, nft))
    nft.run("delete table inet marks")


def packets_of(section, which="send"):
    return [packet for name in section.settings[which] for packet in peers_packets.group(name)]


def _measure(roads, nft, section, hook, action):
    """By peer and filter, the names of the packets that arrived."""
    before, packets = packets_of(section, "before"), packets_of(section)
    verdicts = {}

    def arrivals(peer, text):
        if before:
            peers.forget_connections()
            roads.arrivals(hook, before)
        if text is not None:
            peer.install(text, hook, action)
        try:
            return roads.arrivals(hook, packets)
        finally:
            peer.empty()

    with tracking(nft, before), tree.parameters(**words_of(section.settings["parameters"])):
        for peer in peers.make():
            assert arrivals(peer, None) == {packet.name for packet in packets}
            for each in section.filters:
                if peer.name in each.texts:
                    verdicts[peer.name, each] = arrivals(peer, each.texts[peer.name])
    return verdicts


def words_of(words):
    return dict(word.split("=", 1) for word in words)


@contextlib.contextmanager
def tracking(nft, wanted):
    """Conntrack, with NAT and marks, where it is wanted."""
    if wanted:
        nft.run("add table inet tracking" + TRACKING)
    yield
    if wanted:
        nft.run("delete table inet tracking")


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
    for peer in each.peers():
        theirs, known = verdicts[peer, each], each.differing(peer, action, names)
        if ours ^ theirs not in known:
            wrong.append(f"unlike {peer}: {differences(ours, theirs)}; known: {known}")
    assert not wrong, "\n".join(wrong)


# All packets of a section take the same road from the same host.
SAME_FOR_ALL = {"iif", "oif", "saddr_mac"}


@pytest.mark.parametrize("section,hook,action,each", CASES)
def test_filters_hit_and_miss(measure, section, hook, action, each):
    ours = measure(section, hook, action)["minifw", each]
    if not set(words_of(each.texts["minifw"].split())) <= SAME_FOR_ALL:
        assert 0 < len(ours) < len(packets_of(section))


def test_the_manual_names_all_differences():
    text = MANUAL.read_text()
    section = re.search(r"^\.Sh DIFFERENCES.*?(?=^\.Sh)", text, re.MULTILINE | re.DOTALL)[0]
    named = set(re.findall(r"^\.It Sy (.*)$", section, re.MULTILINE))
    assert named == peers_table.differences(SECTIONS)
