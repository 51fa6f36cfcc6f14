# SPDX-License-Identifier: GPL-2.0
"""Tables of results, as rows of text: the same for the terminal and for the documentation."""

import math
import statistics


TITLES = {
    "floor": "Empty hooks", "empty": "Without rules",
    "rules": "Rules that differ in one field; the last matches",
    "concatenation": "Disjoint 5-tuples", "classbench": "Rule sets like ClassBench's, each",
    "imported": "Rule sets of files", "sets": "Sets of addresses",
    "conntrack": "Established connections, conntrack included",
    "hostile": "Hostile rule sets", "special": "Rules that differ in one other attribute",
}
NAMES = {"none": "no hook: the loop alone", "accept": "accept", "drop": "drop",
         "touch-accept": "5-tuple read, accept", "touch-drop": "5-tuple read, drop"}

# By what a case's table is sorted, where that is not the order in which it was measured.
ORDERS = {
    "classbench": lambda key: (key.ip, nominal(key.size), key.set),
    "sets": lambda key: (key.ip, key.set, key.size),
}


def number(value):
    """Three digits or so."""
    if value < 100:
        return f"{value:.1f}"
    return f"{value:,.0f}"


def timing_cells(results, key):
    timing = results.timings[key]
    return [number(timing.median), f"{number(timing.low)} … {number(timing.high)}",
            number(results.net(key)), number(results.ratio(key))]


def geometric_mean(values):
    return math.exp(statistics.fmean(math.log(max(value, .1)) for value in values))


def details(results, case):
    """A table of all that a case measured."""
    rows = [["filter", "set", "size", "IP", "flows", "ns", "middle half", "net", "× floor"]]
    for key in sorted(results.of_case(case), key=ORDERS.get(case, lambda key: 0)):
        rows.append([NAMES.get(key.tool, key.tool), key.set, f"{key.size:,}", f"{key.ip}",
                     f"{key.flows:,}", *timing_cells(results, key)])
    return TITLES[case], rows


def summary(results):
    """Of the ClassBench-like sets of each size: how filters do over all families."""
    rows = [["filter", "size", "IP", "sets", "net, geometric mean", "worst", "of", "× floor"]]
    groups = {}
    for key in results.of_case("classbench"):
        groups.setdefault((key.ip, key.tool, nominal(key.size)), []).append(key)
    for (ip, tool, size), keys in sorted(groups.items()):
        worst = max(keys, key=results.net)
        rows.append([tool, f"{size:,}", f"{ip}", f"{len(keys)}",
                     number(geometric_mean([results.net(key) for key in keys])),
                     number(results.net(worst)), worst.set,
                     number(geometric_mean([results.ratio(key) for key in keys]))])
    return "Rule sets like ClassBench's, over all families", rows


def nominal(size):
    """The size that was asked for: a set may have a few rules less."""
    return 10 ** round(math.log10(size)) if size > 1 else size


def values(results):
    rows = [["filter", "what", "size", "IP", "median", "least … most", "unit"]]
    for (case, tool, what, size, ip), value in results.values.items():
        if case == "times":
            rows.append([tool, what, f"{size:,}", f"{ip}", number(value.median),
                         f"{number(value.low)} … {number(value.high)}", value.unit])
    return "Changes, and memory", rows


def all_tables(results, every_set=True):
    """Pairs of a title and rows, the first of which is the head; without empty ones."""
    tables = []
    for case in TITLES:
        if case == "classbench":
            tables.append(summary(results))
        if every_set or case != "classbench":
            tables.append(details(results, case))
    tables.append(values(results))
    return [(title, rows) for title, rows in tables if len(rows) > 1]


def text(tables):
    lines = []
    for title, rows in tables:
        widths = [max(map(len, column)) for column in zip(*rows)]
        lines += ["", title, "-" * len(title)]
        lines += ["  ".join(cell.ljust(width) if place < 2 else cell.rjust(width)
                            for place, (cell, width) in enumerate(zip(row, widths))).rstrip()
                  for row in rows]
    return "\n".join(lines) + "\n"


def markdown(tables):
    lines = []
    for title, rows in tables:
        head, *body = rows
        rule = ["---" if place < 2 else "--:" for place in range(len(head))]
        lines += [f"## {title}", ""]
        lines += ["| " + " | ".join(row) + " |" for row in [head, rule, *body]]
        lines.append("")
    return "\n".join(lines)
