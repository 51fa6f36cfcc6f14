# SPDX-License-Identifier: GPL-2.0
"""Draws nanoseconds a packet against the number of rules, or of addresses, by gnuplot."""

import subprocess

from .tables import geometric_mean, nominal

COLOURS = {"minifw": "#0060ad", "nft": "#dd181f", "iptables": "#e69f00", "ipset": "#009e73",
           "nft concatenation": "#cc79a7", "floor": "#666666"}


def curve(results, keys):
    """The geometric mean at each size, in order."""
    sizes = {}
    for key in keys:
        sizes.setdefault(nominal(key.size) if key.case == "classbench" else key.size,
                         []).append(results.timings[key].median)
    return sorted((size, geometric_mean(values)) for size, values in sizes.items())


def curves(results):
    """What is drawn: a title, a colour, whether the line is dashed, and points."""
    for tool in ("minifw", "nft", "iptables"):
        yield (f"{tool}, rules like ClassBench's", COLOURS[tool], False, curve(results, [
            key for key in results.of_case("classbench") if key.tool == tool and key.ip == 4]))
    yield ("nft, one set of 5-tuples", COLOURS["nft concatenation"], False, curve(results, [
        key for key in results.of_case("concatenation")
        if key.tool != "minifw" and key.flows > 9999]))
    for tool in ("minifw", "ipset", "nft"):
        yield (f"{tool}, a set of addresses", COLOURS[tool], True, curve(results, [
            key for key in results.of_case("sets") if key.tool == tool and key.set == "hosts" and
            key.ip == 4 and key.flows > 9999]))


def floor(results):
    """The empty hook, for as many flows as the curves have."""
    return next((timing.median for key, timing in results.timings.items()
                 if key.case == "floor" and key.tool == "touch-drop" and key.ip == 4 and
                 key.flows > 9999), None)


def script(found, at_floor, terminal, path):
    lines = [f"set terminal {terminal}", f'set output "{path}"', "set logscale xy",
             "set key outside below", "set grid", 'set format x "10^{%L}"', "set yrange [5:*]",
             'set xlabel "rules, or addresses of a set"', 'set ylabel "ns a packet, 65,536 flows"']
    plots = [f'$c{number} with linespoints pt 7 ps 0.5 lw 2 {"dt 2" if dashed else ""} '
             f'lc rgb "{colour}" title "{title}"'
             for number, (title, colour, dashed, _) in enumerate(found)]
    plots.append(f'{at_floor} with lines lw 2 dt 3 lc rgb "{COLOURS["floor"]}" '
                 'title "an empty hook that reads the 5-tuple"')
    for number, (*_, points) in enumerate(found):
        lines += [f"$c{number} << END", *(f"{size} {value}" for size, value in points), "END"]
    return "\n".join([*lines, "plot [1:2e6] " + ", \\\n".join(plots), ""])


def draw(results, out):
    found = [curve for curve in curves(results) if curve[-1]]
    if not found:
        return
    for terminal, name in (('svg size 900,700 font "sans,14"', "plot.svg"),
                           ('pngcairo size 900,700 font "sans,10"', "plot.png")):
        commands = script(found, floor(results), terminal, out / name)
        subprocess.run(["gnuplot"], input=commands, text=True, check=True)
