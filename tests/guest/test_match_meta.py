# SPDX-License-Identifier: GPL-2.0
"""Match attributes that no byte of the packet shows: marks, devices, what the kernel knows of it.

Each is tried with packets that match and that miss by one, of both families, at every hook.
"""

import contextlib
import socket
import struct
import subprocess

import pytest

import tree
from cases import expect, judge
from packets import both, udp
from topology import ROUTER_TO_SERVER
from wire import ETH_P_IP, ETH_P_IPV6

ETHERTYPE = {4: ETH_P_IP, 6: ETH_P_IPV6}


@pytest.fixture(scope="module", autouse=True)
def nothing_but_rules():
    """What an earlier packet began must not let a later one pass the rules by."""
    with tree.parameters(accept_established="N"):
        yield


@contextlib.contextmanager
def nft(*lines):
    """A table `beside` minifw, for the length of a `with`."""
    script = "\n".join(("add table inet beside", *lines))
    subprocess.run(["nft", "-f", "-"], input=script, text=True, check=True)
    try:
        yield
    finally:
        subprocess.run(["nft", "delete table inet beside"], check=True)


@contextlib.contextmanager
def counting(attribute, values, hook):
    """A function that returns the values whose rules have matched since it was last asked."""
    common = {"hook": hook, "action": "continue", "proto": "udp"}
    with tree.rules(**{f"r{number}": {**common, attribute: value}
                       for number, value in enumerate(values)}) as rules:
        def matched():
            found = {value for value, rule in zip(values, rules.values()) if rule.packets}
            for rule in rules.values():
                rule["reset"] = 1
            return found
        yield matched


MARKS = {1: 0, 2: 1, 3: 0x101, 4: 0xffffffff, 5: 0x80000000}  # by the port that gets it


@pytest.fixture(scope="module")
def marks():
    with nft(*(f"add chain inet beside {hook} {{ type filter hook {hook} priority raw; }}"
               for hook in ("prerouting", "output")),
             *(f"add rule inet beside {hook} udp dport {port} meta mark set {mark}"
               for hook in ("prerouting", "output") for port, mark in MARKS.items())):
        yield


def mark_cases():
    def case(value, *hits):
        ports = {port: both(udp, dport=port) for port in MARKS}
        return expect(sum((ports[port] for port in hits), []),
                      sum((ports[port] for port in MARKS if port not in hits), []), mark=value)
    return [
        case("0", 1), case("1", 2), case("0x101", 3), case("0xffffffff", 4),
        case("0x1/0xff", 2, 3), case("0x0/0xff", 1, 5), case("0x0/0x80000000", 1, 2, 3),
        case("0x80000000/0x80000000", 4, 5), case("0x100/0x100", 3, 4), case("2"),
    ]


@pytest.mark.parametrize("hook,case", [
    pytest.param(hook, case, id=f"{hook}-{case}") for case in mark_cases() for hook in case.hooks])
def test_mark(ways, marks, hook, case):
    judge(ways[hook], case)


CLIENT_MAC = "02:00:00:00:01:02"


@pytest.mark.parametrize("value,matches", [
    (CLIENT_MAC, True), ("02:00:00:00:01:03", False), ("03:00:00:00:01:02", False),
    ("02:00:00:00:01:01", False), ("!" + CLIENT_MAC, False), ("!02:00:00:00:01:03", True),
    ("02:00:00:00:01:01," + CLIENT_MAC, True), ("!02:00:00:00:01:01," + CLIENT_MAC, False),
    ("02:00:00:00:01:01,02:00:00:00:01:03", False)])
@pytest.mark.parametrize("hook", ("input", "forward"))
def test_saddr_mac(ways, hook, value, matches):
    packets = both(udp)
    judge(ways[hook], expect(packets if matches else (), () if matches else packets,
                             saddr_mac=value))


def test_what_came_by_no_ethernet_has_no_saddr_mac(network, family):
    """Over the loopback neither the value nor its negation matches."""
    address = {4: "127.0.0.1", 6: "::1"}[family]
    values = ("00:00:00:00:00:00", "!00:00:00:00:00:00", CLIENT_MAC, "!" + CLIENT_MAC)
    with tree.parameters(accept_loopback="N"), \
            counting("saddr_mac", values, "input") as matched, \
            tree.rule("all", action="continue", iif="lo", proto="udp") as seen, \
            network.router.socket(family, socket.SOCK_DGRAM) as sender, \
            network.router.socket(family, socket.SOCK_DGRAM) as receiver:
        receiver.bind((address, 7777))
        sender.sendto(b"x", (address, 7777))
        assert (matched(), seen.packets) == (set(), 1)


PKTTYPES = ("host", "broadcast", "multicast", "other", "!host", "!broadcast", "!multicast",
            "broadcast,multicast", "!broadcast,multicast")
TYPE_VALUES = {
    "host": {"host", "!broadcast", "!multicast", "!broadcast,multicast"},
    "broadcast": {"broadcast", "!host", "!multicast", "broadcast,multicast"},
    "multicast": {"multicast", "!host", "!broadcast", "broadcast,multicast"},
}


@pytest.mark.parametrize("kind,mac", [
    ("host", None), ("broadcast", "ff:ff:ff:ff:ff:ff"), ("multicast", "01:00:5e:00:00:01")])
def test_pkttype_at_input(network, wire, family, kind, mac):
    """The type is that of the frame."""
    network.destination_is_local(True)
    mac = network.mac("client0") if mac is None else bytes.fromhex(mac.replace(":", ""))
    with counting("pkttype", PKTTYPES, "input") as matched:
        wire.client.send_to(mac, ETHERTYPE[family], udp(family).data)
        wire.settle()
        assert matched() == TYPE_VALUES[kind]


@pytest.mark.parametrize("hook", ("forward", "output"))
def test_pkttype_elsewhere(ways, hook):
    """What is forwarded was sent to this host, and what it sends has no other type."""
    packets = both(udp)
    judge(ways[hook], expect(packets, hooks=(hook,), pkttype="host"))
    judge(ways[hook], expect((), packets, hooks=(hook,), pkttype="!host"))


@pytest.mark.parametrize("kind,address", [
    ("multicast", "239.1.1.1"), ("broadcast", "10.2.0.255"), ("multicast", "ff15::1")])
def test_pkttype_of_what_comes_back(network, kind, address):
    """What this host sends to a group or to all, it hears itself: as sent to them."""
    family = 6 if ":" in address else 4
    index = socket.if_nametoindex("server0")
    with network.router.socket(family, socket.SOCK_DGRAM) as sender, \
            network.router.socket(family, socket.SOCK_DGRAM) as receiver, \
            counting("pkttype", PKTTYPES, "input") as matched:
        if address == "239.1.1.1":
            member = socket.inet_aton(address) + socket.inet_aton(ROUTER_TO_SERVER[4])
            receiver.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
            sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                              socket.inet_aton(ROUTER_TO_SERVER[4]))
        elif family == 6:
            member = socket.inet_pton(socket.AF_INET6, address) + struct.pack("@I", index)
            receiver.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, member)
            sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        receiver.bind(("", 7777))
        receiver.settimeout(30)
        sender.sendto(b"x", (address, 7777))
        receiver.recv(16)
        assert matched() == TYPE_VALUES[kind]
