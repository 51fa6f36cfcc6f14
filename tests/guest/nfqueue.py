# SPDX-License-Identifier: GPL-2.0
"""A program that netfilter queues packets for: what nfnetlink_queue speaks, and no library.

See linux/netfilter/nfnetlink_queue.h. A message is a netlink header, struct nfgenmsg with the
queue's number, and attributes.
"""

import os
import select
import socket
import struct

ACCEPT, DROP = 1, 0

_NETLINK_NETFILTER = 12
_NLM_F_REQUEST, _NLM_F_ACK, _NLMSG_ERROR = 1, 4, 2
_SUBSYSTEM = 3 << 8
_MSG_PACKET, _MSG_VERDICT, _MSG_CONFIG = (_SUBSYSTEM | number for number in range(3))
_CFG_CMD, _CFG_PARAMS, _CFG_CMD_BIND, _COPY_PACKET = 1, 2, 1, 2
_PACKET_HDR, _VERDICT_HDR, _PAYLOAD = 1, 2, 10


def _attribute(kind, data):
    return struct.pack("=HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)


def _attributes(data):
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        yield kind & 0x3fff, data[4:length]
        data = data[length + 3 & ~3:]


class Queue:
    """Listens on queue `number` of a host, for the length of a `with`."""

    def __init__(self, host, number):
        self._number = number
        self._socket = host.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER)
        self._socket.bind((0, 0))
        self._request(_MSG_CONFIG, _attribute(_CFG_CMD, struct.pack("!BxH", _CFG_CMD_BIND, 0)))
        self._request(_MSG_CONFIG,
                      _attribute(_CFG_PARAMS, struct.pack("!IB", 0xffff, _COPY_PACKET)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def _send(self, kind, flags, attributes):
        message = struct.pack("!BBH", socket.AF_UNSPEC, 0, self._number) + attributes
        header = struct.pack("=IHHII", 16 + len(message), kind, _NLM_F_REQUEST | flags, 0, 0)
        self._socket.send(header + message)

    def _request(self, kind, attributes):
        self._send(kind, _NLM_F_ACK, attributes)
        answer = self._socket.recv(65536)
        error = -struct.unpack_from("=i", answer, 16)[0]
        assert struct.unpack_from("=H", answer, 4)[0] == _NLMSG_ERROR
        if error:
            raise OSError(error, os.strerror(error))

    def waiting(self):
        """What waits for a verdict and was not returned before: (number, bytes of the packet)."""
        packets = []
        while select.select([self._socket], [], [], 0)[0]:
            message = self._socket.recv(1 << 17)
            assert struct.unpack_from("=H", message, 4)[0] == _MSG_PACKET
            found = dict(_attributes(message[20:]))
            packets.append((struct.unpack_from("!I", found[_PACKET_HDR])[0], found[_PAYLOAD]))
        return packets

    def decide(self, number, verdict):
        self._send(_MSG_VERDICT, 0, _attribute(_VERDICT_HDR, struct.pack("!II", verdict, number)))

    def decide_all(self, verdict):
        """Return the bytes of all that wait, after `verdict` was given on them."""
        packets = self.waiting()
        for number, _ in packets:
            self.decide(number, verdict)
        return [data for _, data in packets]
