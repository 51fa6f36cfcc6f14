# SPDX-License-Identifier: GPL-2.0
"""Reads peers.txt: filters in the words of minifw, nft and iptables, and where these differ."""

import fnmatch
import pathlib
import re

TABLE = pathlib.Path(__file__).with_name("peers.txt")
PEERS = ("nft", "iptables")
_UNLIKE = re.compile(r"unlike (nft|iptables|both)(?: if (drop|accept))?"
                     r" \((.+?)(, on some kernels)?\): (.*)")
_SETTINGS = ("at", "before", "send", "action", "parameters")


class Unlike:
    """Packets, by patterns of their names, about which a peer decides otherwise, and what for."""

    def __init__(self, whose, action, name, sometimes, patterns):
        self.peers = PEERS if whose == "both" else (whose,)
        self.action, self.name, self.sometimes = action, name, bool(sometimes)
        self.patterns = [pattern.strip() for pattern in patterns.split(",")]


class Filter:
    """A filter in each one's words, and where they are unlike each other."""

    def __init__(self, minifw):
        self.texts = {"minifw": minifw}
        self.unlike = []

    def __str__(self):
        return self.texts["minifw"] or "(nothing)"

    def peers(self):
        """Those that can say it."""
        return [peer for peer in PEERS if peer in self.texts]

    def differing(self, peer, action, names):
        """The names of packets about which `peer` may decide otherwise than minifw: all of them on
        this kernel, or all but those that are so on some kernels alone."""
        known = [each for each in self.unlike
                 if peer in each.peers and each.action in (None, action)]
        always = [each for each in known if not each.sometimes]
        return [_matching(known, names), _matching(always, names)]


def _matching(unlikes, names):
    patterns = [pattern for each in unlikes for pattern in each.patterns]
    found = {pattern: set(fnmatch.filter(names, pattern)) for pattern in patterns}
    nothing = [pattern for pattern, matching in found.items() if not matching]
    assert not nothing, f"no packet is called {nothing}"
    return set().union(*found.values())


class Section:
    """Filters that are tried with the same packets at the same hooks."""

    def __init__(self, name):
        self.name = name
        self.settings = dict.fromkeys(_SETTINGS, ())
        self.filters = []

    def take(self, line):
        """A line of the section; one that is indented belongs to the filter above it."""
        if not line.startswith(" "):
            word, colon, rest = line.partition(":")
            if colon and word in _SETTINGS:
                self.settings[word] = tuple(rest.split())
            else:
                self.filters.append(Filter("" if line == "(nothing)" else line))
            return
        unlike = _UNLIKE.fullmatch(line.strip())
        peer, _, text = line.strip().partition(" ")
        if unlike:
            self.filters[-1].unlike.append(Unlike(*unlike.groups()))
        elif peer in PEERS:
            self.filters[-1].texts[peer] = text.strip()
        else:
            raise ValueError(f"peers.txt: what is '{line}'?")


def read():
    """The sections of the table."""
    sections = []
    for line in TABLE.read_text().replace("\\\n", " ").splitlines():
        if line.startswith("[") and line.endswith("]"):
            sections.append(Section(line[1:-1]))
        elif line.strip() and not line.startswith("#"):
            sections[-1].take(line.rstrip())
    return sections


def differences(sections):
    """The names of all differences."""
    return {unlike.name for section in sections for each in section.filters
            for unlike in each.unlike}
