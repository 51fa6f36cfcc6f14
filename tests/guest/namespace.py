# SPDX-License-Identifier: GPL-2.0
"""Network namespaces: made, entered and taken away by name.

The tests are one thread, so entering means moving the whole test for the length of a `with`.
A socket stays in the namespace it was opened in, which is what the helpers are built on.
"""

import ctypes
import os
import subprocess
from contextlib import contextmanager

_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def _setns(descriptor):
    if _libc.setns(descriptor, _CLONE_NEWNET):
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


@contextmanager
def entered(name):
    """Run the body inside the namespace `name`; None is the guest's own."""
    if name is None:
        yield
        return
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open("/run/netns/" + name, os.O_RDONLY)
    try:
        _setns(there)
        yield
    finally:
        _setns(home)
        os.close(there)
        os.close(home)


def ip(namespace, *commands):
    """Run `ip` commands in one process; the first that fails raises."""
    prefix = ["ip"] if namespace is None else ["ip", "-n", namespace]
    subprocess.run(prefix + ["-batch", "-"], input="\n".join(commands), text=True, check=True)


def sysctl(namespace, **values):
    """Write net.* settings; `a__b=1` is net/a/b. A setting this kernel lacks raises."""
    with entered(namespace):
        for name, value in values.items():
            with open("/proc/sys/net/" + name.replace("__", "/"), "w") as setting:
                setting.write(str(value))


def exists(name):
    return os.path.exists("/run/netns/" + name)


def create(name):
    subprocess.run(["ip", "netns", "add", name], check=True)


def delete(name):
    subprocess.run(["ip", "netns", "del", name], check=True)
