# SPDX-License-Identifier: GPL-2.0
"""What a program sees: real sockets that connect, send, and wait for an errno."""

import contextlib
import errno
import select
import socket
import time

_IP_RECVERR = 11
_IPV6_RECVERR = 25
_PATIENCE = 30  # seconds; a guest is emulated and its host may be busy

LOOPBACK = {4: "127.0.0.1", 6: "::1"}


def listen(host, family, address, port=0):
    server = host.socket(family, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((address, port))
    server.listen(16)
    return server


def connection(near, far, family, far_address):
    """A TCP connection from `near` to `far`: its two ends, in this order."""
    with listen(far, family, far_address) as server:
        end = near.socket(family, socket.SOCK_STREAM)
        end.settimeout(_PATIENCE)
        end.connect(server.getsockname()[:2])
        return end, server.accept()[0]


class Attempt:
    """A TCP connection attempt, under way from the moment it is made."""

    def __init__(self, host, family, address, port):
        self._socket = host.socket(family, socket.SOCK_STREAM)
        self._socket.setblocking(False)
        self._at_once = self._socket.connect_ex((address, port))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def outcome(self, patience=_PATIENCE):
        """The errno it ended with: 0 when connected, None when nobody answered in time."""
        if self._at_once not in (0, errno.EINPROGRESS):
            return self._at_once
        poll = select.poll()
        poll.register(self._socket, select.POLLOUT)
        if not poll.poll(patience * 1000):
            return None
        return self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


def udp_client(host, family, address, port):
    """A connected UDP socket that hears every ICMP error."""
    client = host.socket(family, socket.SOCK_DGRAM)
    level, option = {4: (socket.IPPROTO_IP, _IP_RECVERR),
                     6: (socket.IPPROTO_IPV6, _IPV6_RECVERR)}[family]
    client.setsockopt(level, option, 1)
    client.connect((address, port))
    client.setblocking(False)
    return client


def pending_error(client, patience=_PATIENCE):
    """The errno that the network gave a socket; 0 when data came, None when nothing."""
    deadline = time.monotonic() + patience
    while True:
        try:
            client.recv(2048)
            return 0
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return None
            time.sleep(0.01)
        except OSError as error:
            return error.errno


def exchange(end, other, patience=_PATIENCE):
    """Whether data still goes both ways over a connection, `end` speaking first."""
    for sender, receiver in ((end, other), (other, end)):
        sender.settimeout(patience)
        receiver.settimeout(patience)
        try:
            sender.sendall(b"hello")
            if receiver.recv(16) != b"hello":
                return False
        except OSError:
            return False
    return True


def talks_to_itself(host, family, address=None):
    """Whether a datagram from the host to its loopback, or another address of its own, arrives."""
    with host.socket(family, socket.SOCK_DGRAM) as receiver, \
            host.socket(family, socket.SOCK_DGRAM) as sender:
        receiver.bind((address or LOOPBACK[family], 0))
        receiver.settimeout(0.2)  # most arrive within the call, but ksoftirqd may have to bring it
        with contextlib.suppress(PermissionError):
            sender.sendto(b"x", receiver.getsockname())
        try:
            return receiver.recv(8) == b"x"
        except TimeoutError:
            return False
