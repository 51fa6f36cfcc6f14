# SPDX-License-Identifier: GPL-2.0
"""Match attributes that no byte of the packet shows: marks, devices, what the kernel knows of it.

Each is tried with packets that match and that miss by one, of both families, at every hook.
"""

import contextlib
import itertools
import socket
import struct
import subprocess

import pytest

import clients
import tree
from cases import expect, judge
from packets import both, icmp, icmpv6, udp
from topology import CLIENT, ROUTER_TO_CLIENT, ROUTER_TO_SERVER, SERVER
from wire import ETH_P_IP, ETH_P_IPV6

ETHERTYPE = {4: ETH_P_IP, 6: ETH_P_IPV6}


@pytest.fixture(scope="module", autouse=True)
def nothing_but_rules():
    """What an earlier packet began must not let a later one pass the rules by."""
    with tree.parameters(accept_established="N"):
        yield


_tables = itertools.count()


@contextlib.contextmanager
def nft(*lines):
    """A table beside minifw, of a name of its own, for the length of a `with`."""
    table = f"inet beside{next(_tables)}"
    script = "\n".join(("add table inet beside", *lines)).replace("inet beside", table)
    subprocess.run(["nft", "-f", "-"], input=script, text=True, check=True)
    try:
        yield
    finally:
        subprocess.run(["nft", f"delete table {table}"], check=True)


@contextlib.contextmanager
def counting(attribute, values, hook, **common):
    """A function that returns the values whose rules have matched since it was last asked."""
    common = {"hook": hook, "action": "continue", "proto": "udp", **common}
    prefix = attribute + common["proto"] + common.get("tcp_flags", "").replace("/", "-")
    names = {f"{prefix.replace(',', '.')}{number}": value for number, value in enumerate(values)}
    with tree.rules(**{name: {**common, attribute: value}
                       for name, value in names.items()}) as rules:
        def matched():
            found = {value for name, value in names.items() if rules[name].packets}
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


def mark_cases(attribute):
    def case(value, *hits):
        ports = {port: both(udp, dport=port) for port in MARKS}
        return expect(sum((ports[port] for port in hits), []),
                      sum((ports[port] for port in MARKS if port not in hits), []),
                      **{attribute: value})
    return [
        case("0", 1), case("1", 2), case("0x101", 3), case("0xffffffff", 4),
        case("0x1/0xff", 2, 3), case("0x0/0xff", 1, 5), case("0x0/0x80000000", 1, 2, 3),
        case("0x80000000/0x80000000", 4, 5), case("0x100/0x100", 3, 4), case("2"),
    ]


@pytest.mark.parametrize("hook,case", [
    pytest.param(hook, case, id=f"{hook}-{case}") for case in mark_cases("mark")
    for hook in case.hooks])
def test_mark(ways, marks, hook, case):
    judge(ways[hook], case)


def kernel_has_ct_marks():
    """Not every kernel is built with them."""
    script = "add table inet t; add chain inet t c; add rule inet t c ct mark set 1"
    return not subprocess.run(["nft", "-c", script], stderr=subprocess.DEVNULL).returncode


def ct_mark_cases():
    if kernel_has_ct_marks():
        return mark_cases("ct_mark")
    nothing = sum((both(udp, dport=port) for port in MARKS), [])
    return [expect((), nothing, ct_mark="0"), expect((), nothing, ct_mark="0/1")]


@pytest.fixture(scope="module")
def ct_marks():
    hooks = {"prerouting": "mangle", "output": "mangle"} if kernel_has_ct_marks() else {}
    with nft(*(f"add chain inet beside {hook} {{ type filter hook {hook} priority {priority}; }}"
               for hook, priority in hooks.items()),
             *(f"add rule inet beside {hook} udp dport {port} ct mark set {mark}"
               for hook in hooks for port, mark in MARKS.items())):
        yield


@pytest.mark.parametrize("hook,case", [
    pytest.param(hook, case, id=f"{hook}-{case}") for case in ct_mark_cases()
    for hook in case.hooks])
def test_ct_mark(ways, ct_marks, hook, case):
    judge(ways[hook], case)


def test_without_an_entry_nothing_matches(ways, way, family):
    """Neither a value nor its negation."""
    values = {"ct_status": ("!dnat", "!dnat,snat,assured,seen-reply", "seen-reply"),
              "ct_mark": ("0", "0/1"), "ct_orig_daddr": ("0.0.0.0/0,::/0", "!192.0.2.9,::9"),
              "ct_orig_dport": ("0-65535", "!7")}
    with nft(*(f"add chain inet beside {hook} {{ type filter hook {hook} priority raw; }}"
               for hook in ("prerouting", "output")),
             *(f"add rule inet beside {hook} udp dport 9 notrack"
               for hook in ("prerouting", "output"))), contextlib.ExitStack() as stack:
        counters = [stack.enter_context(counting(attribute, of_it, way.hook))
                    for attribute, of_it in values.items()]
        seen = stack.enter_context(tree.rule("all", hook=way.hook, action="continue"))
        way.arrivals([udp(family)])
        assert [matched() for matched in counters] == [set()] * 4
        assert seen.packets == 1


def test_what_has_no_ports_has_no_ct_orig_dport(way):
    with counting("ct_orig_dport", ("0-65535", "!1"), way.hook, proto="icmp,icmpv6") as matched, \
            counting("ct_status", ("!dnat",), way.hook, proto="icmp,icmpv6") as tracked:
        way.arrivals([icmp(8), icmpv6(128)])
        assert (matched(), tracked()) == (set(), {"!dnat"})


WRITTEN, REAL = 5353, 7000  # the port before DNAT and behind it
STATUS_VALUES = ("dnat", "snat", "assured", "seen-reply", "!dnat", "!snat", "!assured",
                 "!seen-reply", "snat,dnat", "!dnat,snat", "!dnat,snat,assured,seen-reply")


def statuses_with(has):
    return {value for value in STATUS_VALUES
            if bool(has & set(value.lstrip("!").split(","))) != value.startswith("!")}


class Translated:
    """A TCP connection from `near` to `real` by a written address, whose first packet and whose
    data cross the hook."""

    def __init__(self, network, hook, family):
        self.hook = hook
        near, real, written = {
            "input": ((network.client, CLIENT), (network.router, ROUTER_TO_SERVER),
                      ROUTER_TO_CLIENT),
            "forward": ((network.client, CLIENT), (network.server, SERVER), ROUTER_TO_CLIENT),
            "output": ((network.router, ROUTER_TO_SERVER), (network.server, SERVER), CLIENT),
        }[hook]
        self.family = family
        self.near, self.near_address = near[0], near[1][family]
        self.far, self.real = real[0], real[1][family]
        self.written = written[family]

    def exchange(self):
        with clients.listen(self.far, self.family, self.real, REAL) as server:
            end = self.near.socket(self.family, socket.SOCK_STREAM)
            end.settimeout(30)
            end.bind((self.near_address, 0))
            end.connect((self.written, WRITTEN))
            other = server.accept()[0]
            assert clients.exchange(end, other)
            end.close()
            other.close()

    def rules(self):
        hook = "output" if self.hook == "output" else "prerouting"
        word = {4: "ip", 6: "ip6"}[self.family]
        to = {4: f"{self.real}:{REAL}", 6: f"[{self.real}]:{REAL}"}[self.family]
        return (f"add chain inet beside nat {{ type nat hook {hook} priority -100; }}",
                f"add rule inet beside nat {word} daddr {self.written} tcp dport {WRITTEN}"
                f" dnat {word} to {to}")


@pytest.fixture
def translated(network, way, family):
    connection = Translated(network, way.hook, family)
    with nft(*connection.rules()):
        yield connection


FIRST = {"proto": "tcp", "tcp_flags": "syn/syn,ack"}
DATA = {"proto": "tcp", "tcp_flags": "psh/psh"}


def test_ct_status(translated, wire):
    hook, saddr = translated.hook, translated.near_address
    with counting("ct_status", STATUS_VALUES, hook, saddr=saddr, **FIRST) as first, \
            counting("ct_status", STATUS_VALUES, hook, saddr=saddr, **DATA) as data:
        translated.exchange()
        wire.settle(rounds=2)
        assert first() == statuses_with({"dnat"})
        assert data() == statuses_with({"dnat", "seen-reply", "assured"})


@pytest.mark.parametrize("hook", ("forward", "output"))
def test_ct_status_snat(network, wire, family, hook):
    """Source addresses change behind these hooks: it shows from the second packet on."""
    near, address = {"forward": (network.client, CLIENT),
                     "output": (network.router, ROUTER_TO_SERVER)}[hook]
    word, to = {4: ("ip", "10.2.0.9"), 6: ("ip6", "fd00:2::9")}[family]
    with nft("add chain inet beside nat { type nat hook postrouting priority 100; }",
             f"add rule inet beside nat {word} saddr {address[family]} udp dport {REAL}"
             f" snat {word} to {to}"), \
            counting("ct_status", STATUS_VALUES, hook) as matched, \
            network.server.socket(family, socket.SOCK_DGRAM) as far, \
            near.socket(family, socket.SOCK_DGRAM) as end:
        far.bind((SERVER[family], REAL))
        end.bind((address[family], 0))
        for has in (set(), {"snat"}):
            end.sendto(b"x", (SERVER[family], REAL))
            wire.settle()
            assert matched() == statuses_with(has)


def test_ct_orig(translated, wire):
    """What the connection's first packet said before it was changed."""
    written, real = translated.written, translated.real
    other = {4: "::/0", 6: "0.0.0.0/0"}[translated.family]
    addresses = {written, f"{written},{other}", f"!{real}", f"{written}-{written[:-1]}9"}
    ports = {f"{WRITTEN}", f"!{REAL}", "1,5353", "5353-5354"}
    not_these = {real, f"!{written}", f"!{written},{other}", f"{written[:-1]}8"}
    nor_these = {f"{REAL}", f"!{WRITTEN}", "5354-5360", "!5000-6000", "5352"}
    hook = translated.hook
    with counting("ct_orig_daddr", addresses | not_these, hook, **FIRST) as daddr, \
            counting("ct_orig_dport", ports | nor_these, hook, **FIRST) as dport, \
            counting("ct_orig_daddr", addresses | not_these, hook, **DATA) as daddr_later, \
            counting("ct_orig_dport", ports | nor_these, hook, **DATA) as dport_later:
        translated.exchange()
        wire.settle(rounds=2)
        assert (daddr(), dport()) == (addresses, ports)
        assert (daddr_later(), dport_later()) == (addresses, ports)


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
