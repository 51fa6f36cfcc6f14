# SPDX-License-Identifier: GPL-2.0
# guest: kernel=stock program
"""minifw export nft: what is in force here means the same in nft.

doc/examples are put in force, on this network, and packets sent past them; then past what they
became in nft.
"""

import pathlib

import pytest

import peers
import tool
import verdicts

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "doc" / "examples"
# This network's devices; its addresses are no bogons.
HERE = {"wan0": "client0", "lan0": "server0",
        " 192.0.2.0/24": "", " 198.51.100.0/24": "", " 2001:db8::/32": ""}


def example(name):
    """Without what depends on how fast packets come."""
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    for there, here in HERE.items():
        text = text.replace(there, here)
    lines = [line for line in text.splitlines()
             if not line.startswith(("rule", "in ")) or " limit=" not in line]
    return "\n".join([*lines, "parameter pickup=0", ""])


@pytest.mark.parametrize("name", ("host.conf", "router.conf"))
def test_examples(roads, name):
    nft = peers.Nft()
    tool.load(example(name))
    try:
        ours = verdicts.everywhere(roads)
        script = tool.output("export", "nft")
    finally:
        tool.load("")
    everything = verdicts.everywhere(roads)
    nft.run(script)
    try:
        theirs = verdicts.everywhere(roads)
    finally:
        nft.run("delete table inet minifw")
    assert ours != everything
    assert ours ^ theirs == set()


def test_what_is_refused_changes_nothing():
    tool.load("rule x expires=1h action=accept\n")
    try:
        assert tool.refused("export", "nft") == ["running:1: rule x: expires: rules of nft stay"]
        lenient = tool.run("export", "nft", "--lenient")
        assert lenient.returncode == tool.DONE
        assert lenient.stderr.rstrip().endswith("without it LESS IS LET PASS")
    finally:
        tool.load("")
