# SPDX-License-Identifier: GPL-2.0
"""Reads peers.txt: filters in the words of minifw, nft and iptables, and where these differ."""

import fnmatch
import pathlib
import re

TABLE = pathlib.Path(__file__).with_name("peers.txt")
PEERS = ("nft", "iptables")
_UNLIKE = re.compile(r"unlike (nft|iptables) \((.+?)\): (.*)")
_SETTINGS = ("at", "send", "before", "action", "only")


class Filter:
    """`unlike` has a row (peer, name of the difference, patterns of packets) for each difference."""

    def __init__(self, minifw):
        self.texts = {"minifw": minifw}
        self.unlike = []

    def __str__(self):
        return self.texts["minifw"] or "(nothing)"

    def differing(self, peer, names):
        """The names of packets about which `peer` is said to decide otherwise than minifw."""
        found = set()
        for pattern in (pattern for whose, _, patterns in self.unlike if whose == peer
                        for pattern in patterns):
            matching = fnmatch.filter(names, pattern)
            assert matching, f"{self}: no packet is called '{pattern}'"
            found.update(matching)
        return found


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
            patterns = [pattern.strip() for pattern in unlike[3].split(",")]
            self.filters[-1].unlike.append((unlike[1], unlike[2], patterns))
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
    return {name for section in sections for each in section.filters
            for _, name, _ in each.unlike}
