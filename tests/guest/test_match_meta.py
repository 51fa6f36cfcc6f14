# SPDX-License-Identifier: GPL-2.0
"""Match attributes that no byte of the packet shows: marks, devices, what the kernel knows of it.

Each is tried with packets that match and that miss by one, of both families, at every hook.
"""

import contextlib
import errno
import itertools
import os
import socket
import struct
import subprocess
import time

import pytest
from scapy.utils import checksum

import clients
import tree
from cases import counting, expect, judge
from packets import both, icmp, icmpv6, udp
from topology import CLIENT, FAMILIES, ROUTER_TO_CLIENT, ROUTER_TO_SERVER, SERVER
from wire import ETH_P_IP, ETH_P_IPV6

ETHERTYPE = {4: ETH_P_IP, 6: ETH_P_IPV6}


pytestmark = pytest.mark.usefixtures("nothing_but_rules")

_tables = itertools.count()


@contextlib.contextmanager
def nft(*lines):
    """A table beside minifw, of a name of its own, for the length of a `with`."""
    table = f"inet beside{next(_tables)}"
    script = "\n".join(("add table inet beside", *lines)).replace("inet beside", table)
    subprocess.run(["nft", script], check=True)
    try:
        yield
    finally:
        subprocess.run(["nft", f"delete table {table}"], check=True)


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


TYPE_LISTS = ("local", "broadcast", "multicast", "unicast", "!local", "!broadcast", "!multicast",
              "!unicast", "multicast,local", "!local,multicast")
LINK_LOCAL = "fe80::ff:fe00:101"  # of client0, by its MAC
ADDRESSES = [  # hook, attribute, address, its type
    ("input", "daddr", "198.51.100.1", "local"), ("input", "daddr", "10.1.0.1", "local"),
    ("input", "daddr", "10.2.0.1", "local"), ("input", "daddr", "10.1.0.255", "broadcast"),
    ("input", "daddr", "255.255.255.255", "broadcast"),
    ("input", "daddr", "224.0.0.1", "multicast"), ("input", "daddr", "2001:db8:2::1", "local"),
    ("input", "daddr", "fd00:1::1", "local"), ("input", "daddr", LINK_LOCAL, "local"),
    ("input", "daddr", "fd00:1::", "local"), ("input", "daddr", "ff02::1", "multicast"),
    ("input", "saddr", "192.0.2.1", "unicast"), ("input", "saddr", "10.1.0.2", "unicast"),
    ("input", "saddr", "2001:db8:1::1", "unicast"), ("input", "saddr", "fe80::9", "unicast"),
    ("forward", "saddr", "192.0.2.1", "unicast"), ("forward", "daddr", "198.51.100.1", "unicast"),
    ("forward", "saddr", "2001:db8:1::1", "unicast"),
    ("forward", "daddr", "2001:db8:2::1", "unicast"),
    ("output", "saddr", "10.1.0.1", "local"), ("output", "saddr", "10.2.0.1", "local"),
    ("output", "saddr", "192.0.2.1", "unicast"), ("output", "saddr", "10.1.0.255", "broadcast"),
    ("output", "saddr", "255.255.255.255", "broadcast"),
    ("output", "saddr", "224.0.0.1", "multicast"), ("output", "saddr", "fd00:1::1", "local"),
    ("output", "saddr", "2001:db8:1::1", "unicast"), ("output", "saddr", "ff02::1", "multicast"),
    ("output", "saddr", "::", None),
    ("output", "daddr", "10.2.0.2", "unicast"), ("output", "daddr", "10.2.0.255", "broadcast"),
    ("output", "daddr", "239.1.1.1", "multicast"), ("output", "daddr", "fd00:2::2", "unicast"),
    ("output", "daddr", "ff15::1", "multicast"),
]


def send_from_guest(network, packet):
    """By a raw socket, whatever its addresses are, out of server0 where there is a choice."""
    index = socket.if_nametoindex("server0")
    with network.router.socket(packet.family, socket.SOCK_RAW, socket.IPPROTO_RAW) as sender:
        if packet.family == 4:
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                              socket.inet_aton(ROUTER_TO_SERVER[4]))
        else:
            sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        sender.sendto(packet.data, (packet.destination, 0))


@pytest.mark.parametrize("hook,attribute,address,kind", ADDRESSES)
def test_addr_type(network, wire, hook, attribute, address, kind):
    family = 6 if ":" in address else 4
    packet = udp(family, **{{"saddr": "src", "daddr": "dst"}[attribute]: address})
    network.destination_is_local(hook == "input")
    with counting(attribute + "_type", TYPE_LISTS, hook) as matched, \
            tree.rule("all", hook=hook, action="continue", **{attribute: address}) as seen:
        if hook == "output":
            send_from_guest(network, packet)
        else:
            wire.client.inject(packet.data)
        wire.settle()
        assert seen.packets == 1
        assert matched() == {value for value in TYPE_LISTS if value.startswith("!") != (
            kind in value.lstrip("!").split(","))}


USER, GROUP = 1002, 2003
UIDS = {f"{USER}", f"{USER - 1}-{USER}", f"{USER},7", "!0", f"!{USER - 1},{USER + 1}",
        "0-4294967295"}
NOT_UIDS = {"0", f"{USER - 1}", f"{USER + 1}-4294967295", f"!{USER}", f"!0-{USER}", f"{GROUP}"}
GIDS = {f"{GROUP}", f"{GROUP}-{GROUP + 1}", "!0", "!0-2002", "0-4294967295"}
NOT_GIDS = {"0", f"{GROUP - 1}", f"!{GROUP}", "!2000-2999", f"{USER}"}


def as_user(job):
    """Run `job` in a process of USER and GROUP."""
    child = os.fork()
    if not child:
        status = 1
        try:
            os.setgroups([])
            os.setresgid(GROUP, GROUP, GROUP)
            os.setresuid(USER, USER, USER)
            job()
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0


def test_owner(network, wire, family):
    """The packets of a user's process, and those of root."""
    def send():
        with socket.socket(FAMILIES[family], socket.SOCK_DGRAM) as sender:
            sender.sendto(b"x", (SERVER[family], 9))

    with counting("uid", UIDS | NOT_UIDS, "output") as uid, \
            counting("gid", GIDS | NOT_GIDS, "output") as gid, \
            tree.rule("both", hook="output", uid=USER, gid=GROUP, action="continue") as both_, \
            tree.rule("other", hook="output", uid=USER, gid=0, action="continue") as other:
        as_user(send)
        wire.settle()
        assert (uid(), gid()) == (UIDS, GIDS)
        assert (both_.packets, other.packets) == (1, 0)
        send()
        wire.settle()
        assert uid() == {"0", "0-4294967295", f"!{USER}", f"!{USER - 1},{USER + 1}"}
        assert gid() == {"0", "0-4294967295", f"!{GROUP}", "!2000-2999"}
        assert (both_.packets, other.packets) == (1, 0)


@pytest.mark.parametrize("action", ("drop", "accept"))
def test_owner_decides(network, wire, family, action):
    """A drop at output looks to its sender like a refusal."""
    policy = {"drop": "accept", "accept": "drop"}[action]
    refused = []

    def send():
        with socket.socket(FAMILIES[family], socket.SOCK_DGRAM) as sender:
            try:
                sender.sendto(b"x", (SERVER[family], 9))
            except PermissionError:
                refused.append(True)
        assert bool(refused) == (action == "drop")

    with tree.parameters(output_policy=policy), \
            tree.rule(hook="output", proto="udp", uid=USER, action=action):
        as_user(send)
    wire.settle()


def test_the_listener_owns_its_answers(network, wire, family):
    """An answer to a SYN has no full socket of its own yet: the kernel looks at the listener."""
    common = {"proto": "tcp", "tcp_flags": "syn,ack/syn,ack"}
    address = (ROUTER_TO_CLIENT[family], 7070)
    with network.client.socket(family, socket.SOCK_STREAM) as end, \
            counting("uid", UIDS | NOT_UIDS, "output", **common) as matched:
        def listen_and_connect():
            with socket.socket(FAMILIES[family], socket.SOCK_STREAM) as server:
                server.bind(address)
                server.listen(1)
                end.connect(address)

        as_user(listen_and_connect)
        wire.settle()
        assert matched() == UIDS


def test_what_nobody_sends_has_no_owner(network, wire, family):
    """The kernel's own answer to a ping: neither a value nor its negation matches."""
    ping = icmp(8, src=CLIENT[4], dst=ROUTER_TO_CLIENT[4]) if family == 4 else \
        icmpv6(128, src=CLIENT[6], dst=ROUTER_TO_CLIENT[6])
    values = ("0", "!0", "0-4294967295", "!1")
    common = {"proto": "icmp" if family == 4 else "icmpv6"}
    with counting("uid", values, "output", **common) as uid, \
            counting("gid", values, "output", **common) as gid, \
            tree.rule("all", hook="output", action="continue", **common) as seen:
        checksummed(ping, wire)
        wire.settle()
        assert (seen.packets, uid(), gid()) == (1, set(), set())


GROUPS = "/sys/fs/cgroup"


@pytest.fixture(scope="module")
def cgroups():
    """Groups of version 2: mf, mf/inner and mf2, which begins like mf."""
    if not os.path.exists(GROUPS + "/cgroup.procs"):
        subprocess.run(["mount", "-t", "cgroup2", "none", GROUPS], check=True)
    names = ("mf", "mf/inner", "mf2")
    for name in names:
        os.mkdir(f"{GROUPS}/{name}")
    yield
    for name in reversed(names):
        os.rmdir(f"{GROUPS}/{name}")


def in_cgroup(name, job):
    """Run `job` in a process of a cgroup; the root is ""."""
    child = os.fork()
    if not child:
        status = 1
        try:
            tree.write(f"{GROUPS}/{name}/cgroup.procs", os.getpid())
            job()
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0


def sending(family):
    """A job that sends a datagram to s, by a socket that it makes."""
    def send():
        with socket.socket(FAMILIES[family], socket.SOCK_DGRAM) as sender:
            sender.sendto(b"x", (SERVER[family], 9))
    return send


def test_cgroup(network, wire, cgroups, family):
    """The group of the socket, and those that it is in."""
    with counting("cgroup", ("/", "mf", "/mf/inner", "mf2"), "output") as matched:
        for name, groups in (("", {"/"}), ("mf", {"/", "mf"}), ("mf2", {"/", "mf2"}),
                             ("mf/inner", {"/", "mf", "/mf/inner"})):
            in_cgroup(name, sending(family))
            wire.settle()
            assert matched() == groups, name


def test_cgroup_is_of_the_socket(network, wire, cgroups, family):
    """A socket stays where it was made, whoever sends by it."""
    with counting("cgroup", ("/", "mf"), "output") as matched, \
            socket.socket(FAMILIES[family], socket.SOCK_DGRAM) as sender:
        in_cgroup("mf", lambda: sender.sendto(b"x", (SERVER[family], 9)))
        wire.settle()
        assert matched() == {"/"}


def test_cgroup_decides(network, wire, cgroups, family):
    def refused():
        with pytest.raises(PermissionError):
            sending(family)()

    with tree.rule(hook="output", proto="udp", cgroup="mf", action="drop") as rule:
        in_cgroup("mf/inner", refused)
        in_cgroup("mf2", sending(family))
        assert rule.packets == 1
    wire.settle()


def test_cgroup_that_comes_and_goes(network, wire, cgroups):
    """A rule is for the group that there was when it was enabled, not for a later one."""
    path, send = GROUPS + "/mf/late", sending(4)
    with tree.rule(live=False, hook="output", cgroup="mf/late", action="continue") as rule:
        with tree.refused(errno.ENOENT, rule.path + "/last_error", "cgroup", "mf/late"):
            rule.publish()
        assert rule["status"] == "off"
        os.mkdir(path)
        rule.publish()
        in_cgroup("mf/late", send)
        assert rule.packets == 1
        remove_cgroup(path)
        with tree.refused(errno.ENOENT, rule.path + "/last_error", "cgroup", "mf/late"):
            rule.publish()
        assert rule["status"] == "live"
        os.mkdir(path)
        in_cgroup("mf/late", send)
        assert rule.packets == 1
        rule.publish()
        in_cgroup("mf/late", send)
        assert rule.packets == 2
        remove_cgroup(path)
    wire.settle()


def remove_cgroup(path):
    """It may take the kernel a moment to see that a process in it has ended."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return os.rmdir(path)
        except OSError as failure:
            if failure.errno != errno.EBUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def at(moment):
    """Seconds since 1970 of `mon 08:00:00`, of a week in 2030."""
    day, clock = moment.split()
    hours, minutes, seconds = map(int, clock.split(":"))
    monday = 1893456000 - 86400  # 2030-01-01 was a Tuesday
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun").index(day)
    return monday + days * 86400 + hours * 3600 + minutes * 60 + seconds


@contextlib.contextmanager
def the_clock_kept():
    """The guest's clock may be set in a `with`, and goes on after it as if it had not been."""
    ahead = time.clock_gettime(time.CLOCK_REALTIME) - time.monotonic()
    try:
        yield
    finally:
        time.clock_settime(time.CLOCK_REALTIME, time.monotonic() + ahead)


TIMES = ("mon-fri 08:00-18:00", "sat,sun", "22:00-06:00", "mon 22:00-06:00", "sun-mon",
         "08:00-18:00")
MOMENTS = [  # a time, from which the clock goes on for some seconds; what it is within
    ("mon 07:58:00", {"sun-mon"}),
    ("mon 08:00:00", {"sun-mon", "mon-fri 08:00-18:00", "08:00-18:00"}),
    ("mon 17:58:00", {"sun-mon", "mon-fri 08:00-18:00", "08:00-18:00"}),
    ("mon 18:00:00", {"sun-mon"}), ("mon 21:58:00", {"sun-mon"}),
    ("mon 22:00:00", {"sun-mon", "22:00-06:00", "mon 22:00-06:00"}),
    ("mon 23:58:00", {"sun-mon", "22:00-06:00", "mon 22:00-06:00"}),
    ("tue 00:00:00", {"22:00-06:00", "mon 22:00-06:00"}),
    ("tue 05:58:00", {"22:00-06:00", "mon 22:00-06:00"}), ("tue 06:00:00", set()),
    ("tue 23:00:00", {"22:00-06:00"}), ("fri 23:58:00", {"22:00-06:00"}),
    ("sat 00:00:00", {"sat,sun", "22:00-06:00"}), ("sat 08:00:00", {"sat,sun", "08:00-18:00"}),
    ("sun 23:58:00", {"sat,sun", "sun-mon", "22:00-06:00"}),
    ("mon 00:00:00", {"sun-mon", "22:00-06:00"}),
]


def test_time(network, wire):
    """The guest's clock is set to both sides of each edge; the rules stay as they are."""
    network.destination_is_local(True)
    with the_clock_kept(), counting("time", TIMES, "input") as matched:
        for moment, within in MOMENTS:
            time.clock_settime(time.CLOCK_REALTIME, at(moment))
            wire.client.inject(udp().data)
            wire.settle()
            assert matched() == within, moment


def test_time_decides(ways, way):
    with the_clock_kept():
        time.clock_settime(time.CLOCK_REALTIME, at("wed 12:00:00"))
        judge(way, expect(both(udp), hooks=(way.hook,), time="wed 11:59-18:00"))
        judge(way, expect((), both(udp), hooks=(way.hook,), time="wed 18:00-11:59"))


def checksummed(packet, wire):
    """ICMPv6Unknown leaves the checksum to its sender."""
    data = bytearray(packet.data)
    if packet.family == 6:
        data[42:44] = bytes(2)
        pseudo = bytes(data[8:40]) + (len(data) - 40).to_bytes(4, "big") + bytes([0, 0, 0, 58])
        data[42:44] = checksum(pseudo + bytes(data[40:])).to_bytes(2, "big")
    wire.client.inject(bytes(data))
