# SPDX-License-Identifier: GPL-2.0
"""minifw as its users see it: the configfs tree, the module's parameters, loading and unloading."""

import contextlib
import errno
import os
import re
import subprocess
import time

import pytest

ROOT = "/sys/kernel/config/minifw"
RULES = ROOT + "/rules"
CHAINS = ROOT + "/chains"
SETS = ROOT + "/sets"
PROBES = ROOT + "/probes"
PARAMETERS = "/sys/module/minifw/parameters"
DEBUG = os.path.isdir("/sys/kernel/debug/failslab")  # there everything takes ten times as long
MATCHES = ("family", "iif", "oif", "saddr", "daddr", "saddr_type", "daddr_type", "proto", "sport",
           "dport", "icmp_type", "icmpv6_type", "tcp_flags", "ct_state", "ct_status", "ct_mark",
           "ct_orig_daddr", "ct_orig_dport", "fragment", "exthdr", "ipopt", "saddr_mac", "length",
           "ttl", "dscp", "pkttype", "mark", "uid", "gid", "cgroup", "rpf", "ipsec", "time",
           "limit", "conn_limit", "quota")


def read(path):
    """The whole file; again where it changed while it was read, as minifw(4) advises."""
    while True:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            return b"".join(iter(lambda: os.read(descriptor, 65536), b"")).decode().rstrip("\n")
        except BlockingIOError:
            pass
        finally:
            os.close(descriptor)


def write(path, value):
    """One write(2) with a newline after it, as echo does. Bytes go as they are."""
    data = value if isinstance(value, bytes) else f"{value}\n".encode()
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, data)
    finally:
        os.close(descriptor)


class Directory:
    """The directory of one object: `rule["dport"]` reads a file of it, and `= 22` writes it."""

    parent = None

    def __init__(self, name):
        self.name = name
        self.path = f"{self.parent}/{name}"

    def __getitem__(self, attribute):
        return read(f"{self.path}/{attribute}")

    def __setitem__(self, attribute, value):
        write(f"{self.path}/{attribute}", value)

    def set(self, **attributes):
        for attribute, value in attributes.items():
            self[attribute] = value

    def make(self):
        os.mkdir(self.path)

    def remove(self):
        os.rmdir(self.path)


class Set(Directory):
    parent = SETS

    @property
    def elements(self):
        return self["elements"].splitlines()

    def add(self, *elements):
        self["add"] = "\n".join(elements)

    def delete(self, *elements):
        self["del"] = "\n".join(elements)


@contextlib.contextmanager
def named_set(*elements, name="s", **attributes):
    """A set for the length of a `with`, of which no rule is left then."""
    made = Set(name)
    made.make()
    try:
        made.set(**attributes)
        if elements:
            made.add(*elements)
        yield made
    finally:
        made.remove()


class Ordered(Directory):
    """What stands in the order of evaluation."""

    @property
    def packets(self):
        return int(self["packets"])

    @property
    def bytes(self):
        return int(self["bytes"])

    def publish(self):
        self["enabled"] = 1


class Rule(Ordered):
    parent = RULES


class Chain(Ordered):
    parent = CHAINS

    @property
    def rules(self):
        return self["rules"].splitlines()

    def counts(self):
        """The packets that each line of the draft counted; None of a line that is not live."""
        found = [re.search(r" packets=(\d+) bytes=\d+$", line) for line in self.rules]
        return [int(match[1]) if match else None for match in found]

    def load(self, lines, path="/tmp/minifw-lines"):
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
        self["load"] = path


@contextlib.contextmanager
def _directory(made, live, **attributes):
    made.make()
    try:
        made.set(**attributes)
        if live:
            made.publish()
        yield made
    finally:
        made.remove()


def rule(name="r", live=True, **attributes):
    """A rule for the length of a `with`; live unless told not to."""
    return _directory(Rule(name), live, **attributes)


def chain(*lines, name="c", live=True, **attributes):
    """A chain of these lines, likewise."""
    return _directory(Chain(name), live, add="\n".join(lines), **attributes)


class Probe(Directory):
    parent = PROBES

    @property
    def answer(self):
        return self["verdict"], self["rule"]


def probe(name="p", **fields):
    """A packet that is never sent, for the length of a `with`."""
    return _directory(Probe(name), False, **fields)


def ask(**fields):
    """What would become of it: verdict and rule."""
    with probe(**fields) as made:
        return made.answer


@contextlib.contextmanager
def rules(**attributes_by_name):
    """Several live rules at once, as a dictionary by name."""
    with contextlib.ExitStack() as stack:
        yield {name: stack.enter_context(rule(name, **attributes))
               for name, attributes in attributes_by_name.items()}


def parameter(name):
    return read(f"{PARAMETERS}/{name}")


def set_parameter(name, value):
    write(f"{PARAMETERS}/{name}", value)


@contextlib.contextmanager
def parameters(**values):
    """Parameters changed for the length of a `with`."""
    before = {name: parameter(name) for name in values}
    try:
        for name, value in values.items():
            set_parameter(name, value)
        yield
    finally:
        for name, value in before.items():
            set_parameter(name, value)


@contextlib.contextmanager
def refused(error, last_error=None, *words):
    """The body must fail with errno `error`, and then the file `last_error` hold all `words`."""
    with pytest.raises(OSError) as failure:
        yield
    got = errno.errorcode.get(failure.value.errno)
    assert failure.value.errno == error, f"{got} instead of {errno.errorcode[error]}"
    if last_error is not None:
        text = read(last_error)
        assert all(word in text for word in words), f"{words} not all in {text!r}"


def until(condition, patience=60):
    """Wait until it holds: whether it did in time."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def transaction(verb=None):
    """Write a verb, or several one after the other; what `transaction` shows then."""
    for one in [verb] if isinstance(verb, str) else verb or ():
        write(ROOT + "/transaction", one)
    return read(ROOT + "/transaction")


@contextlib.contextmanager
def staged():
    """A transaction that is committed at the end of a `with`; if that raises, rolled back."""
    transaction("begin")
    try:
        yield
        transaction("commit")
    finally:
        if transaction() != "idle":
            transaction("rollback")


def generation():
    return int(read(ROOT + "/generation"))


def running():
    """The lines of `running`."""
    return read(ROOT + "/running").splitlines()


def is_loaded():
    return os.path.isdir("/sys/module/minifw")


def load(**values):
    words = [f"{name}={value}" for name, value in values.items()]
    subprocess.run(["modprobe", "minifw"] + words, check=True)


def unload():
    """Take the module out, and conntrack and its entries, where nothing else needs it.

    The rest of what came with it may stay, as it does nothing by itself; modprobe -r would wait
    for more than a second until nf_defrag_ipv6 is gone.
    """
    subprocess.run(["rmmod", "minifw"], check=True)
    subprocess.run(["rmmod", "nf_conncount", "nf_conntrack"], stderr=subprocess.DEVNULL,
                   check=False)


@contextlib.contextmanager
def loaded(**values):
    """The module for the length of a `with`; rules made inside must be gone at its end."""
    load(**values)
    try:
        yield
    finally:
        unload()


def empty():
    """Take all rules and chains away, then all sets, and probes."""
    for kind in (Rule, Chain, Set, Probe):
        for name in os.listdir(kind.parent):
            kind(name).remove()
