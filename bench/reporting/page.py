# SPDX-License-Identifier: GPL-2.0
"""doc/performance.md: the tables of a run, with where it was made. What stands under "Remarks" is
written by hand, and stays."""

import shutil

from . import tables

REMARKS = "## Remarks\n"
HEAD = """<!-- SPDX-License-Identifier: GPL-2.0 -->
# What a packet costs

Figures of one run of `make bench BOOTS={boots}` of minifw {version} on {date}; bench/README.md says
what is measured, and how to read it. The tables are made by `bench/run --publish`.

| | |
|---|---|
| machine | {cpu} |
| kernel | {kernel} |
| beside | nftables {nft}, iptables {iptables} (legacy), ipset {ipset} |

*ns* is a packet's time in all hooks, the median of medians of {boots} boots; *middle half* is
between which quartiles repetitions were; *net* is without the loop that sends packets; *× floor* is
net, over net of an empty hook that reads the packet's 5-tuple. Compare within a page only.

![ns against the number of rules](performance.svg)

"""


def remarks(path):
    """What was written by hand, with its title."""
    if path.exists() and REMARKS in (text := path.read_text()):
        return REMARKS + text.split(REMARKS, 1)[1]
    return ""


def publish(results, out, folder):
    path = folder / "performance.md"
    text = HEAD.format(**results.machine) + tables.markdown(
        tables.all_tables(results, every_set=False))
    written = remarks(path)
    path.write_text(text + (f"\n{written}" if written else ""))
    shutil.copy(out / "plot.svg", folder / "performance.svg")
