# SPDX-License-Identifier: GPL-2.0
"""What the kernel announces of the module: uevents, as udev gets them."""

import socket

import ways

_NETLINK_KOBJECT_UEVENT = 15
_GROUP_KERNEL = 1
_SO_RCVBUFFORCE = 33  # socket(7); Python has no name for it


class Uevents:
    """Listens from when it is made."""

    def __init__(self):
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM,
                                     _NETLINK_KOBJECT_UEVENT)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 1 << 22)
        self._socket.bind((0, _GROUP_KERNEL))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def seen(self):
        """(MINIFW_EVENT, MINIFW_GENERATION) of each change of the module until now."""
        found = []
        for data in ways.drain(self._socket):
            head, *pairs = data.decode(errors="replace").rstrip("\0").split("\0")
            values = dict(pair.split("=", 1) for pair in pairs)
            if head == "change@/module/minifw":
                assert values["SUBSYSTEM"] == "module"
                found.append((values["MINIFW_EVENT"], int(values["MINIFW_GENERATION"])))
        return found
