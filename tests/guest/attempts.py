# SPDX-License-Identifier: GPL-2.0
"""Who reaches whom: TCP, UDP and ping, tried all at once and judged afterwards."""

import contextlib
import select
import socket
import time

import clients

YES, NO, REFUSED = "yes", "no", "refused"
_PATIENCE = 30  # seconds; a guest is emulated and its host may be busy


class Tcp:
    """Connects to who listens."""

    def __init__(self, near, family, address, port):
        self._attempt = clients.Attempt(near, family, address, port)

    def close(self):
        self._attempt.__exit__()

    def outcome(self, patience):
        return {0: YES, None: NO}.get(self._attempt.outcome(patience), REFUSED)


class Udp:
    """Sends a datagram. It has come through when the receiver at the other end has it."""

    def __init__(self, near, family, address, port, receiver):
        self._client = clients.udp_client(near, family, address, port)
        self._receiver = receiver
        self._source = self._client.getsockname()[0]
        self._client.send(self._source.encode())

    def close(self):
        self._client.close()

    def _has_arrived(self):
        while select.select([self._receiver], [], [], 0)[0]:
            if self._receiver.recv(2048) == self._source.encode():
                return True
        return False

    def outcome(self, patience):
        deadline = time.monotonic() + patience
        while not self._has_arrived():
            if clients.pending_error(self._client, 0):
                return REFUSED
            if time.monotonic() > deadline:
                return NO
            time.sleep(0.01)
        return YES


class Ping:
    """An echo request, answered or not."""

    _REQUEST = {4: bytes([8, 0, 0, 0, 0, 0, 0, 1]), 6: bytes([128, 0, 0, 0, 0, 0, 0, 1])}
    _PROTOCOL = {4: socket.IPPROTO_ICMP, 6: socket.IPPROTO_ICMPV6}

    def __init__(self, near, family, address):
        self._socket = near.socket(family, socket.SOCK_DGRAM, self._PROTOCOL[family])
        self._socket.connect((address, 0))
        self._socket.send(self._REQUEST[family])

    def close(self):
        self._socket.close()

    def outcome(self, patience):
        if not select.select([self._socket], [], [], patience)[0]:
            return NO
        try:
            return YES if self._socket.recv(2048)[0] in (0, 129) else REFUSED
        except OSError:
            return REFUSED


@contextlib.contextmanager
def listening(host, ports):
    """Sockets for `tcp N` and `udp N`, for both families at once; a dictionary by these words."""
    with contextlib.ExitStack() as stack:
        found = {}
        for what in ports:
            protocol, port = what.split()
            if protocol == "tcp":
                listener = clients.listen(host, 6, "::", int(port))
            else:
                listener = host.socket(6, socket.SOCK_DGRAM)
                listener.bind(("::", int(port)))
            found[what] = stack.enter_context(listener)
        yield found


def start(near, family, address, what, receiver=None):
    """An attempt under way; `what` is `ping`, `tcp N` or `udp N`."""
    protocol, *port = what.split()
    if protocol == "ping":
        return Ping(near, family, address)
    if protocol == "tcp":
        return Tcp(near, family, address, int(port[0]))
    return Udp(near, family, address, int(port[0]), receiver)


def judge(attempts, expected):
    """The outcome of each attempt. Those that shall fail by silence are looked at last."""
    found = {key: attempt.outcome(_PATIENCE) for key, attempt in attempts.items()
             if expected[key] != NO}
    time.sleep(0.3)
    for key, attempt in attempts.items():
        if expected[key] == NO:
            found[key] = attempt.outcome(0)
        attempt.close()
    return found
