# SPDX-License-Identifier: GPL-2.0
"""The tracepoint minifw:verdict through tracefs, which is mounted if it is not."""

import contextlib
import os
import subprocess

TRACING = "/sys/kernel/tracing"
EVENT = TRACING + "/events/minifw/verdict"


def put(path, text):
    with open(path, "w") as file:
        file.write(text)


def events():
    """The lines since tracing(), from `rule=` on."""
    with open(TRACING + "/trace") as file:
        return [line.partition(" verdict: ")[2].rstrip("\n") for line in file
                if " verdict: " in line]


@contextlib.contextmanager
def tracing(condition="0"):
    """On for the length of a `with`; a filter of "0" takes all."""
    if not os.path.exists(TRACING + "/trace"):
        subprocess.run(["mount", "-t", "tracefs", "tracefs", TRACING], check=True)
    put(TRACING + "/trace", "")
    put(EVENT + "/filter", condition)
    put(EVENT + "/enable", "1")
    try:
        yield
    finally:
        put(EVENT + "/enable", "0")


def end(address, port):
    """An address with its port, as an event has it."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
