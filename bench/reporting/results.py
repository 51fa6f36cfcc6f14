# SPDX-License-Identifier: GPL-2.0
"""Reads what boots wrote (guest/lib.sh), and joins it: medians of all boots, with their spread."""

import statistics
from typing import NamedTuple


class Key(NamedTuple):
    case: str
    tool: str
    set: str
    size: int
    ip: int
    flows: int


class Timing(NamedTuple):
    """Nanoseconds a packet: the median of the boots' medians, and between which quartiles the
    middle half of repetitions was, of the boot where they were lowest or highest."""
    median: float
    low: float
    high: float
    least: float
    checked: int
    wrong: int


class Value(NamedTuple):
    unit: str
    median: float
    low: float
    high: float


class Results:
    def __init__(self, folder):
        self.timings, self.values, self.complaints = {}, {}, []
        self.machine = dict(line.split("\t") for line in
                            (folder / "machine.tsv").read_text().splitlines())
        times, values = {}, {}
        for path in sorted(folder.glob("boot-*.tsv")):
            for line in path.read_text().splitlines():
                self.read(line.split("\t"), times, values)
        for key, boots in times.items():
            self.timings[key] = timing(boots)
        for (*key, unit), numbers in values.items():
            self.values[tuple(key)] = Value(unit, statistics.median(numbers), min(numbers),
                                            max(numbers))

    def read(self, words, times, values):
        kind, *words = words
        if kind == "ns":
            case, tool, name, size, ip, flows, *figures = words
            key = Key(case, tool, name, int(size), int(ip), int(flows))
            times.setdefault(key, []).append(
                {name: int(number) for name, number in (word.split("=") for word in figures)})
        elif kind == "value":
            case, tool, what, size, ip, unit, number = words
            key = (case, tool, what, int(size), int(ip), unit)
            values.setdefault(key, []).append(float(number))
        elif kind == "complaint":
            self.complaints.append(words[0])

    def floor(self, name, key):
        """What an empty hook takes for as many flows."""
        flows = min((known.flows for known in self.timings
                     if known.case == "floor" and known.ip == key.ip),
                    key=lambda flows: abs(flows - key.flows))
        return self.timings[Key("floor", name, "-", 0, key.ip, flows)].median

    def net(self, key):
        """Nanoseconds without the loop that sends packets."""
        return self.timings[key].median - self.floor("none", key)

    def ratio(self, key):
        """To an empty hook that reads the 5-tuple, both without the loop."""
        return self.net(key) / (self.floor("touch-drop", key) - self.floor("none", key))

    def of_case(self, *cases):
        return [key for key in self.timings if key.case in cases]

    def wrong(self):
        """Those that did not all decide as they should."""
        return [key for key, timing in self.timings.items() if timing.wrong]


def timing(boots):
    def nanoseconds(name):
        return [boot[name] / 1000 for boot in boots]
    return Timing(statistics.median(nanoseconds("median")), min(nanoseconds("p25")),
                  max(nanoseconds("p75")), min(nanoseconds("min")),
                  max(boot["checked"] for boot in boots), max(boot["wrong"] for boot in boots))
