# SPDX-License-Identifier: GPL-2.0
"""Reads rule sets in the format of ClassBench's own generator. They do not say what becomes of a
packet: that is drawn by lot."""

import ipaddress
import random
import re

from .rule import Prefix, Rule

LINE = re.compile(r"@?(\S+)/(\d+)\s+(\S+)/(\d+)\s+(\d+) : (\d+)\s+(\d+) : (\d+)\s+"
                  r"0x([0-9a-fA-F]+)/0x([0-9a-fA-F]+)")


def parse(line, rng):
    match = LINE.match(line)
    if not match:
        raise ValueError(f"no rule of ClassBench's: {line.strip()}")
    src, src_length, dst, dst_length, *ports, proto, mask = match.groups()
    low, high, low2, high2 = map(int, ports)
    return Rule(Prefix(int(ipaddress.ip_address(src)), int(src_length)),
                Prefix(int(ipaddress.ip_address(dst)), int(dst_length)),
                int(proto, 16) if int(mask, 16) else None, (low, high), (low2, high2),
                rng.choice(("accept", "drop")))


def family(path):
    with open(path, encoding="ascii") as file:
        return 6 if file.readline().split("/", 1)[0].count(":") > 1 else 4


def rules(path):
    rng = random.Random("actions")
    with open(path, encoding="ascii") as file:
        return [parse(line, rng) for line in file if line.strip()]
