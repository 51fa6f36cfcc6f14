# SPDX-License-Identifier: GPL-2.0
"""A program that listens to a group of nfnetlink_log: what ulogd does, in little.

Messages and attributes are those of linux/netfilter/nfnetlink_log.h.
"""

import os
import socket
import struct
import subprocess

_NETLINK_NETFILTER = 12
_ULOG = 4 << 8  # NFNL_SUBSYS_ULOG
_MSG_PACKET, _MSG_CONFIG = _ULOG | 0, _ULOG | 1
_REQUEST, _ACK = 1, 4
_NLMSG_ERROR = 2
_CFG_CMD, _CFG_MODE, _CFG_QTHRESH = 1, 2, 5
_CMD_BIND, _COPY_PACKET = 1, 2
_PACKET_HDR, _PAYLOAD, _PREFIX = 1, 9, 10


def is_a_module():
    """Whether this kernel can be without nfnetlink_log."""
    return "insmod" in subprocess.run(["modprobe", "--show-depends", "nfnetlink_log"], text=True,
                                      stdout=subprocess.PIPE, check=True).stdout


def _attribute(kind, value):
    data = struct.pack("=HH", 4 + len(value), kind) + value
    return data + bytes(-len(data) % 4)


def _attributes(data):
    """A dictionary by kind."""
    found = {}
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        found[kind & 0x3FFF] = data[4:length]
        data = data[length + -length % 4:]
    return found


def _messages(data):
    """(type, what follows the header) of each message of a datagram."""
    while len(data) >= 16:
        length, kind = struct.unpack_from("=IH", data)
        yield kind, data[16:length]
        data = data[length + -length % 4:]


class Packet:
    """One that was logged: the prefix, the hook's number, and its bytes from the IP header on."""

    def __init__(self, attributes):
        self.prefix = attributes[_PREFIX].rstrip(b"\0").decode()
        self.hook = attributes[_PACKET_HDR][2]
        self.data = attributes[_PAYLOAD]


class Listener:
    """A group of the calling thread's namespace, for the length of a `with`."""

    def __init__(self, group):
        self._group = group
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER)

    def __enter__(self):
        self._socket.bind((0, 0))
        self._configure(_attribute(_CFG_CMD, bytes([_CMD_BIND])))
        self._configure(_attribute(_CFG_MODE, struct.pack(">IBx", 0xFFFF, _COPY_PACKET)))
        self._configure(_attribute(_CFG_QTHRESH, struct.pack(">I", 1)))  # each packet at once
        self._socket.setblocking(False)
        return self

    def __exit__(self, *_):
        self._socket.close()

    def _configure(self, attribute):
        body = struct.pack(">BBH", socket.AF_UNSPEC, 0, self._group) + attribute
        header = struct.pack("=IHHII", 16 + len(body), _MSG_CONFIG, _REQUEST | _ACK, 1, 0)
        self._socket.send(header + body)
        kind, answer = next(_messages(self._socket.recv(65536)))
        code = struct.unpack_from("=i", answer)[0]
        if kind != _NLMSG_ERROR or code:
            raise OSError(-code, os.strerror(-code))

    def packets(self):
        """Those that came since the last call."""
        found = []
        while True:
            try:
                data = self._socket.recv(65536)
            except BlockingIOError:
                return found
            found += [Packet(_attributes(body[4:])) for kind, body in _messages(data)
                      if kind == _MSG_PACKET]
