# SPDX-License-Identifier: GPL-2.0
"""Frames on the wires of the topology, and the certainty that the kernel is done with them.

No test waits to see that a packet was dropped. veth hands frames to the receive queue of the
sending CPU, in order; the test stays on one CPU, so a mark sent after a packet is received after
that packet was dealt with. Marks are not IP: no filter sees them.
"""

import itertools
import os
import select
import socket
import time

ETH_P_ALL = 0x0003
ETH_P_IP = 0x0800
ETH_P_IPV6 = 0x86DD
_ETH_P_MARK = 0x88B5  # IEEE 802, for local experiments
_ETHERTYPE = {4: ETH_P_IP, 6: ETH_P_IPV6}
_PATIENCE = 30  # seconds; a guest is emulated and its host may be busy
_SO_RCVBUFFORCE = 33  # socket(7); Python has no name for it
_BUFFER = 4 << 20


class Tap:
    """Sends and receives whole frames on one device of one host."""

    def __init__(self, host, device, own_mac, peer_mac):
        self._own_mac = own_mac
        self._peer_mac = peer_mac
        self._inbox = []
        self._socket = host.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
        self._socket.bind((device, ETH_P_ALL))
        self._socket.setblocking(False)

    def close(self):
        self._socket.close()

    def send(self, ethertype, payload):
        self.send_to(self._peer_mac, ethertype, payload)

    def send_to(self, mac, ethertype, payload):
        self._socket.send(mac + self._own_mac + ethertype.to_bytes(2, "big") + payload)

    def inject(self, packet):
        """Send the IP packet `packet` (bytes) as it is, whatever it says about itself."""
        version = packet[0] >> 4
        self.send(_ETHERTYPE.get(version, ETH_P_IP), packet)

    def _receive(self):
        """The next incoming frame as (ethertype, payload); None when there is none."""
        while True:
            try:
                frame, address = self._socket.recvfrom(65536)
            except BlockingIOError:
                return None
            if address[2] != socket.PACKET_OUTGOING:
                return int.from_bytes(frame[12:14], "big"), frame[14:]

    def wait_for_mark(self, mark):
        deadline = time.monotonic() + _PATIENCE
        while True:
            received = self._receive()
            if received is None:
                if time.monotonic() > deadline:
                    raise TimeoutError("a mark was lost: the wire is broken")
                select.select([self._socket], [], [], 1)
            elif received[0] != _ETH_P_MARK:
                self._inbox.append(received)
            elif received[1].startswith(mark):
                return

    def drain(self):
        """The IP packets (bytes) that came in since the last drain."""
        while True:
            received = self._receive()
            if received is None:
                break
            self._inbox.append(received)
        packets = [payload for ethertype, payload in self._inbox
                   if ethertype in _ETHERTYPE.values()]
        self._inbox.clear()
        return packets


class Cable:
    """A veth pair of a test's own, both ends in the guest: `near` gets what the other sends."""

    _marks = itertools.count(1)

    def __init__(self, host, near, far):
        self._host = host
        self.near = near
        self._far = far
        host.ip(f"link add {near} type veth peer name {far}", f"link set {near} up",
                f"link set {far} up")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._host.ip(f"link del {self._far}")

    def send(self, packet):
        """Return when `near` has received `packet` (bytes), whatever became of it there."""
        broadcast = b"\xff" * 6
        near = Tap(self._host, self.near, broadcast, broadcast)
        far = Tap(self._host, self._far, b"\x02" + bytes(5), broadcast)
        mark = next(self._marks).to_bytes(8, "big")
        far.inject(packet)
        far.send(_ETH_P_MARK, mark)
        near.wait_for_mark(mark)
        near.close()
        far.close()


class Wire:
    """All four ends of the two wires."""

    def __init__(self, network):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        mac = network.mac
        self.client = Tap(network.client, "eth0", mac("client"), mac("client0"))
        self.server = Tap(network.server, "eth0", mac("server"), mac("server0"))
        self._client0 = Tap(network.router, "client0", mac("client0"), mac("client"))
        self._server0 = Tap(network.router, "server0", mac("server0"), mac("server"))
        self._marks = itertools.count(1)

    def settle(self, rounds=1):
        """Return when all that was sent is dealt with.

        One round covers host to guest to host; what the far host answers takes one more.
        """
        inward = ((self.client, self._client0), (self.server, self._server0))
        outward = ((self._client0, self.client), (self._server0, self.server))
        for _ in range(rounds):
            for leg in (inward, outward):
                self._pass_mark(leg)

    def _pass_mark(self, leg):
        mark = next(self._marks).to_bytes(8, "big")
        for sender, _ in leg:
            sender.send(_ETH_P_MARK, mark)
        for _, receiver in leg:
            receiver.wait_for_mark(mark)

    def forget(self):
        """Settle, and throw away whatever was seen so far: first what fills the buffers,
        where a mark would be lost."""
        for tap in (self.client, self.server, self._client0, self._server0):
            tap.drain()
        self.settle()
        for tap in (self.client, self.server, self._client0, self._server0):
            tap.drain()


def flood(tap, frames):
    """Send frames, (ethertype, payload) each, over and over, until the process is killed."""
    while True:
        for ethertype, data in frames:
            try:
                tap.send(ethertype, data)
            except BlockingIOError:
                time.sleep(0.001)
