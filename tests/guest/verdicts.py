# SPDX-License-Identifier: GPL-2.0
"""What becomes of the same packets, whichever filter is in force: which of them arrive, and what
the client is answered. Each is a line of a set, so that two of these sets are easily compared.
"""

import socket
from collections import Counter

import peers
import peers_packets
from topology import CLIENT, FAMILIES, ROUTER_TO_CLIENT, ROUTER_TO_SERVER, SERVER

HOOKS = ("input", "forward", "output")
SENT = ("town", "icmps", "flags", "ports", "private")


def packets_of(groups):
    return [packet for name in groups for packet in peers_packets.group(name)]


def outcome(roads, hook, groups):
    """What became of these packets, a line each."""
    arrived, answers = roads.outcome(hook, packets_of(groups))
    return ({f"{hook}: {name} arrives" for name in arrived}
            | {f"{hook}: {count} times {answer}" for answer, count in Counter(answers).items()})


def everywhere(roads):
    """At each hook, what became of packets that belong to nothing."""
    lines = set()
    for hook in HOOKS:
        peers.forget_connections()
        lines |= outcome(roads, hook, SENT)
    return lines


def conversations(roads, network, wire):
    """What passed of conversations: through the guest, and with it."""
    peers.forget_connections()
    lines = outcome(roads, "forward", ["spoken"]) | outcome(roads, "forward", ["tracked"])
    for family in FAMILIES:
        for port in (22, 53):
            lines |= dialogue(wire, (network.client, CLIENT), (network.router, ROUTER_TO_CLIENT),
                              family, port)
            lines |= dialogue(wire, (network.router, ROUTER_TO_SERVER), (network.server, SERVER),
                              family, port)
    return lines


def dialogue(wire, asker, asked, family, port):
    """Over UDP, each a host and its address: does the question come, and then the answer?"""
    ends = []
    for (host, address), own_port in ((asker, 0), (asked, port)):
        ends.append(host.socket(family, socket.SOCK_DGRAM))
        ends[-1].bind((address[family], own_port))
    with ends[0] as near, ends[1] as far:
        about = f"{asked[1][family]} port {port}"
        if not comes(wire, near, far):
            return set()
        return {f"asked: {about}"} | ({f"answered: {about}"} if comes(wire, far, near) else set())


def comes(wire, speaker, listener):
    """Whether a datagram does."""
    try:
        speaker.sendto(b"x", listener.getsockname())
    except PermissionError:
        return False  # dropped at output
    wire.settle(rounds=2)
    listener.setblocking(False)
    try:
        return listener.recv(8) == b"x"
    except BlockingIOError:
        return False
