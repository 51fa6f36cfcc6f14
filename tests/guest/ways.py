# SPDX-License-Identifier: GPL-2.0
"""The three ways through the guest, one a hook: how a packet is sent there, and where it arrives.

  input    from c's wire to the guest     seen by a raw socket of the guest
  forward  from c's wire to s             seen on s's wire
  output   from the guest to s            seen on s's wire

Packets meet other hooks on these ways, where there is no policy: those are SIDES.
"""

import socket

from topology import FAMILIES

HOOKS = ("input", "forward", "output")
SIDES = {  # name: the hook, the way on which it is met, what a rule there has to say
    "ingress": ("ingress", "input", {"iif": "client0"}),
    "prerouting": ("prerouting", "forward", {}),
    "postrouting": ("postrouting", "forward", {}),
    "postrouting of what the guest sends": ("postrouting", "output", {}),
}


class Way:
    """Base of the three; `arrivals` is what tests call."""

    hook = None
    local = False
    needs = {}  # attributes of every rule at its hook

    def __init__(self, network, wire):
        self._network = network
        self._wire = wire

    def arrivals(self, packets, meanwhile=None):
        """Send all, and return the list of those that arrived.

        `meanwhile` is called when all were sent and the kernel has done with them what it does at
        once.
        """
        self._network.destination_is_local(self.local)
        self._wire.forget()
        with self._receiver(packets) as receiver:
            for packet in packets:
                self._send(packet)
            self._wire.settle()
            if meanwhile:
                meanwhile()
                self._wire.settle()
            seen = receiver.seen()
        return [packet for packet in packets if any(packet.tag in data for data in seen)]

    def passes(self, packet):
        return bool(self.arrivals([packet]))

    def _send(self, packet):
        self._wire.client.inject(packet.data)

    def _receiver(self, packets):
        return _TapReceiver(self._wire.server)


class _Input(Way):
    hook = "input"
    local = True

    def _receiver(self, packets):
        return _RawReceiver(self._network.router, packets)


class _Forward(Way):
    hook = "forward"


class _Output(Way):
    hook = "output"

    def __init__(self, network, wire):
        super().__init__(network, wire)
        self._sockets = {
            family: network.router.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
            for family in FAMILIES}

    def _send(self, packet):
        try:
            self._sockets[packet.family].sendto(packet.data, (packet.destination, 0))
        except PermissionError:
            pass  # how a drop at output looks to its sender; the receiver has the last word


class _TapReceiver:
    def __init__(self, tap):
        self._tap = tap

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def seen(self):
        return self._tap.drain()


class _RawReceiver:
    """Raw sockets for just these packets: they get what LOCAL_IN let through."""

    def __init__(self, host, packets):
        self._sockets = [host.socket(family, socket.SOCK_RAW, protocol)
                         for family, protocol in {(p.family, p.protocol) for p in packets}]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for receiver in self._sockets:
            receiver.close()

    def seen(self):
        return [data for receiver in self._sockets for data in drain(receiver)]


def drain(receiver):
    """All that waits in a socket, a datagram at a time."""
    receiver.setblocking(False)
    while True:
        try:
            yield receiver.recv(65536)
        except BlockingIOError:
            return


def make(network, wire):
    """All three by the name of their hook."""
    return {way.hook: way(network, wire) for way in (_Input, _Forward, _Output)}


def make_sides(network, wire):
    """The ways to SIDES, by their names."""
    classes = {way.hook: way for way in (_Input, _Forward, _Output)}
    sides = {}
    for name, (hook, way, needs) in SIDES.items():
        sides[name] = classes[way](network, wire)
        sides[name].hook = hook
        sides[name].needs = needs
    return sides
