# SPDX-License-Identifier: GPL-2.0
"""limit, conn_limit and quota: matches that remember, to the packet and over both CPUs.

Rates are by the day, so that no test sees them refill; but for the one that means to.
"""

import contextlib
import errno
import os
import socket
import struct
import time

import pytest
from scapy.utils import checksum

import clients
import processes
import tree
from packets import DESTINATION, icmp, icmpv6, other, sized, tcp, udp
from topology import CLIENT, FAMILIES, ROUTER_TO_CLIENT

PATIENCE = 60  # seconds; a guest is emulated and its host may be busy


pytestmark = pytest.mark.usefixtures("nothing_but_rules")


def matched(way, packets, **attributes):
    """Which of the packets a rule that drops them matches, by their number."""
    with tree.rule(hook=way.hook, action="drop", **attributes) as rule:
        arrived = way.arrivals(packets)
        hits = [number for number, packet in enumerate(packets) if packet not in arrived]
        assert rule.packets == len(hits)
        return hits


def several(build, count, **fields):
    return [build(**fields) for _ in range(count)]


# ---- limit ----

@pytest.mark.parametrize("limit,hits", [
    ("1/day burst 1", [0]), ("3/day burst 4", [0, 1, 2, 3]), ("2/day", [0, 1, 2, 3, 4]),
    ("over 1/day burst 2", [2, 3, 4, 5, 6]), ("over 2/day", [5, 6]),
    ("1/day burst 2 per saddr", [0, 1]), ("over 1/day burst 6 per daddr", [6]),
])
def test_packets(way, family, limit, hits):
    assert matched(way, several(udp, 7, family=family), limit=limit, proto="udp") == hits


@pytest.mark.parametrize("limit,hits", [
    ("1 kbytes/day burst 300 bytes", [0, 2, 4]),
    ("over 1 kbytes/day burst 300 bytes", [1, 3, 5, 6]),
    ("1 kbytes/day burst 1 kbytes", [0, 1, 2, 3, 4, 5]),
    ("1 kbytes/day burst 199 bytes", [0]), ("1 bytes/day", []),
])
def test_bytes(way, family, limit, hits):
    """A packet that does not fit takes nothing, and leaves it to smaller ones."""
    packets = [sized(size, family) for size in (101, 200, 99, 101, 100, 100, 400)]
    assert matched(way, packets, limit=limit, proto="udp") == hits


def one_each(*sources, dport=9):
    return [udp(6 if ":" in source else 4, src=source, dport=dport) for source in sources]


SOURCES = one_each("192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.129", "2001:db8:1::1",
                   "2001:db8:1::1", "2001:db8:1::2", "2001:db8:1:1::1")
KEYS = [  # what tells them apart, packets, the first of each
    ("saddr", SOURCES, [0, 2, 3, 4, 6, 7]), ("saddr/24", SOURCES, [0, 4, 6, 7]),
    ("saddr/25", SOURCES, [0, 3, 4, 6, 7]), ("saddr/64", SOURCES, [0, 2, 3, 4, 7]),
    ("saddr/24/64", SOURCES, [0, 4, 7]), ("saddr/1/1", SOURCES, [0, 4]),
    ("saddr/32/48", SOURCES, [0, 2, 3, 4]),
    ("daddr", [udp(dst="198.51.100.1"), udp(dst="198.51.100.2"), udp(src="192.0.2.9"),
               udp(6), udp(6, dst="2001:db8:2::2"), udp(6, src="2001:db8:1::9")], [0, 1, 3, 4]),
    ("daddr/24/64", [udp(dst="198.51.100.1"), udp(dst="198.51.100.2"), udp(6),
                     udp(6, dst="2001:db8:2::2")], [0, 2]),
    ("saddr,dport", [udp(dport=1), udp(dport=1), udp(dport=2), tcp(dport=1),
                     udp(dport=1, src="192.0.2.2"), udp(6, dport=1), udp(6, dport=1),
                     udp(6, dport=2), udp(dport=1, sport=7)], [0, 2, 4, 5, 7]),
    ("saddr/24,dport", [udp(dport=1), udp(dport=1, src="192.0.2.2"), udp(dport=2)], [0, 2]),
]


@pytest.mark.parametrize("key,packets,hits", KEYS, ids=[key for key, _, _ in KEYS])
def test_keys(way, key, packets, hits):
    assert matched(way, packets, limit=f"1/day burst 1 per {key}") == hits
    rest = [number for number in range(len(packets)) if number not in hits]
    assert matched(way, packets, limit=f"over 1/day burst 1 per {key}") == rest


@pytest.mark.parametrize("limit", ("1000/day per saddr,dport", "over 1/day burst 1 per saddr,dport",
                                   "1 gbytes/day per saddr,dport"))
def test_without_the_key_nothing_matches(ways, limit):
    packets = 3 * [icmp(8)] + 3 * [icmpv6(128)] + 3 * [other("gre")]
    assert matched(ways["forward"], packets, limit=limit) == []


def test_what_misses_in_another_attribute_takes_nothing(ways):
    packets = [udp(dport=7), udp(dport=7), udp(dport=8), udp(dport=7), udp(dport=8), udp(dport=8)]
    assert matched(ways["input"], packets, proto="udp", dport="8", limit="1/day burst 2",
                   quota="1 gbytes") == [2, 4]


def test_the_next_rule_is_tried(ways):
    with tree.rules(a={"proto": "udp", "limit": "1/day burst 2", "action": "accept"},
                    b={"proto": "udp", "limit": "1/day burst 1", "action": "accept"},
                    c={"proto": "udp", "action": "drop"}) as rules:
        packets = several(udp, 5)
        assert ways["input"].arrivals(packets) == packets[:3]
        assert [rule.packets for rule in rules.values()] == [2, 1, 2]


def test_it_refills(ways):
    """Never more than the clock allows, nor less."""
    way, start = ways["input"], time.monotonic()
    with tree.rule(proto="udp", limit="10/second burst 5", action="continue") as rule:
        way.arrivals(several(udp, 20))
        first = rule.packets
        assert 5 <= first <= 5 + 10 * (time.monotonic() - start) + 1
        time.sleep(1)
        way.arrivals(several(udp, 20))
        assert first + 5 <= rule.packets <= 5 + 10 * (time.monotonic() - start) + 1


# ---- quota ----

@pytest.mark.parametrize("quota,hits", [
    ("300 bytes", [0, 1, 2]), ("301 bytes", [0, 1, 2]), ("299 bytes", [0, 1]),
    ("1 kbytes", [0, 1, 2, 3, 4]), ("99 bytes", []),
])
def test_quota(way, family, quota, hits):
    """What crosses it does not match, and uses it up: the last packet is a small one."""
    packets = [sized(size, family) for size in (100, 100, 100, 100, 70)]
    assert matched(way, packets, quota=quota, proto="udp") == hits


# ---- what is remembered, and for how long ----

def test_it_outlives_publishes(ways):
    way = ways["input"]
    with tree.rule("mine", proto="udp", limit="1/day burst 5 per saddr", quota="1 kbytes",
                   action="drop") as rule:
        def passes(size):
            return way.passes(sized(size))
        assert not passes(100) and not passes(100)
        with tree.rule("other", hook="forward", action="continue"):
            assert not passes(100)
        rule.publish()
        rule.set(comment="an edit elsewhere", priority=-3, dport="9",
                 limit=" 1/day burst 5 packets per saddr/32 ")
        rule.publish()
        assert not passes(100)
        with tree.refused(errno.ENODATA):
            rule["proto"] = ""
            rule.publish()
        assert not passes(100)
        assert passes(100)


def test_a_new_value_begins_anew_and_leaves_the_others(ways):
    way = ways["input"]
    with tree.rule(proto="udp", limit="1/day burst 2", quota="350 bytes", action="drop") as rule:
        packets = [sized(100) for _ in range(4)]
        assert way.arrivals(packets) == packets[2:]
        rule["limit"] = "1/day burst 5"
        rule.publish()
        assert way.arrivals(packets) == packets[1:]  # the quota has 150 bytes left: one, not two
        rule.set(quota="200 bytes")
        rule.publish()
        assert way.arrivals(packets) == packets[1:]  # the limit has one left


def test_switched_off_it_forgets(ways):
    with tree.rule(proto="udp", limit="1/day burst 2", quota="1 kbytes", action="drop") as rule:
        packets = several(udp, 3)
        for _ in range(2):
            assert ways["input"].arrivals(packets) == packets[2:]
            rule["enabled"] = 0
            rule.publish()


@pytest.mark.parametrize("attributes", [
    {"limit": "1/day burst 2"}, {"limit": "1/day burst 2 per saddr"}, {"quota": "200 bytes"},
    {"limit": "1/day burst 2 per daddr", "quota": "200 bytes"}], ids=str)
def test_reset(ways, attributes):
    with tree.rule(proto="udp", action="drop", **attributes) as rule:
        packets = [sized(100) for _ in range(4)]
        for _ in range(2):
            assert ways["input"].arrivals(packets) == packets[2:]
            assert rule.packets == 2
            assert ways["input"].arrivals(packets) == packets
            rule["reset"] = 1
            assert rule.packets == 0


# ---- many packets ----

def datagram(source):
    """A UDP packet from the address with this number, 60 bytes long."""
    header = struct.pack("!BBHHHBBHI4s", 0x45, 0, 60, 1, 0, 64, 17, 0, source,
                         socket.inet_aton(DESTINATION[4]))
    header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
    return header + struct.pack("!HHHH", 1024, 9, 40, 0) + bytes(32)


FIRST = 100 << 24 | 64 << 16  # 100.64.0.0, which is nobody's


def inject(wire, frames):
    for frame in frames:
        while True:
            try:
                wire.client.inject(frame)
                break
            except BlockingIOError:
                time.sleep(0.001)


def inject_and_settle(wire, frames):
    """In portions that the wire's buffers hold."""
    for start in range(0, len(frames), 500):
        inject(wire, frames[start:start + 500])
        wire.settle()
    wire.forget()


def inject_on_each_cpu(wire, frames):
    """The same from as many processes as there are CPUs, each on its own."""
    cpus = range(os.cpu_count())
    home = os.sched_getaffinity(0)
    jobs = [processes.start(inject, wire, frames, cpus={cpu}) for cpu in cpus]
    statuses = [os.waitpid(job, 0)[1] for job in jobs]
    for cpu in cpus:
        os.sched_setaffinity(0, {cpu})
        wire.forget()
    os.sched_setaffinity(0, home)
    assert statuses == [0] * len(cpus)


@pytest.mark.parametrize("attributes,hits", [
    ({"limit": "1/day burst 500"}, 500), ({"limit": "over 1/day burst 500"}, 1500),
    ({"limit": "1/day burst 50 per saddr"}, 500), ({"quota": "30000 bytes"}, 500),
    ({"limit": "60 bytes/day burst 30000 bytes"}, 500),
], ids=str)
def test_both_cpus(network, wire, attributes, hits):
    network.destination_is_local(True)
    each = 2000 // os.cpu_count()
    frames = [datagram(FIRST + number % 10) for number in range(each)]
    with tree.rules(all={"proto": "udp", "action": "continue", "priority": -1},
                    some={"proto": "udp", "action": "continue", **attributes}) as rules:
        inject_on_each_cpu(wire, frames)
        assert rules["all"].packets == 2000
        assert rules["some"].packets == hits


def test_10000_sources_at_once(network, wire):
    network.destination_is_local(True)
    frames = [datagram(FIRST + number) for number in range(10000)]
    with tree.rule(proto="udp", limit="1/day burst 1 per saddr", action="continue") as rule:
        inject_and_settle(wire, frames)
        assert rule.packets == 10000
        inject_and_settle(wire, frames[::20])
        assert rule.packets == 10000


# ---- conn_limit ----

def test_connections_by_their_packets(way, family):
    """Those that are refused are none."""
    first, packets = [[udp(family, sport=sport) for sport in range(1000, 1006)] for _ in "12"]
    assert matched(way, first, proto="udp", conn_limit="over 3") == [3, 4, 5]
    # conntrack knows the first three from now on
    with tree.rule(hook=way.hook, proto="udp", conn_limit="over 3", action="drop") as rule:
        assert way.arrivals(packets) == packets[:3]
        assert way.arrivals(packets[:3]) == packets[:3]
        rule.set(comment="elsewhere")
        rule.publish()
        assert way.arrivals(packets[3:]) == []


def test_connections_by_key(ways):
    packets = [udp(src="192.0.2.1", sport=1), udp(src="192.0.2.1", sport=2),
               udp(src="192.0.2.2", sport=1), udp(src="192.0.2.2", sport=2),
               udp(6, sport=1), udp(6, sport=2), udp(6, src="2001:db8:1::2", sport=1)]
    way = ways["forward"]
    assert matched(way, packets, conn_limit="over 1 per saddr") == [1, 3, 5]
    assert matched(way, packets, conn_limit="over 1 per saddr/24/64") == [1, 2, 3, 5, 6]
    assert matched(way, packets, conn_limit="over 2 per daddr") == [2, 3, 6]
    packets.append(udp(src="192.0.2.2", sport=3, dport=10))
    assert matched(way, packets, conn_limit="over 1 per saddr,dport") == [1, 3, 5]


def test_what_conntrack_does_not_know_is_no_connection(ways):
    way = ways["input"]
    with tree.rule(conn_limit="over 1", action="continue") as rule:
        way.arrivals([udp(sport=11), udp(sport=12), udp(sport=13)])
        assert rule.packets == 2
        way.arrivals([tcp(flags="SFRPU")])
        assert rule.packets == 2


@contextlib.contextmanager
def second_address(network, family):
    """Another one of the client's."""
    address = {4: "192.0.2.77/32", 6: "2001:db8:1::77/128"}[family]
    flags = "nodad" if family == 6 else ""
    network.client.ip(f"addr add {address} dev lo {flags}")
    try:
        yield address.split("/")[0]
    finally:
        network.client.ip(f"addr del {address} dev lo")


class Server:
    """A listener of the guest, and connections to it from the client's addresses."""

    def __init__(self, network, family):
        self._network, self._family = network, family
        self._listener = clients.listen(network.router, family, ROUTER_TO_CLIENT[family])
        self.port = self._listener.getsockname()[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.close()

    def connect(self, source):
        """Both ends; None where it is refused."""
        end = self._network.client.socket(FAMILIES[self._family], socket.SOCK_STREAM)
        end.settimeout(PATIENCE)
        end.bind((source, 0))
        try:
            end.connect((ROUTER_TO_CLIENT[self._family], self.port))
        except ConnectionRefusedError:
            end.close()
            return None
        return end, self._listener.accept()[0]


def close(ends):
    for end in ends or ():
        end.close()


def eventually(attempt):
    """What it returns, once that is something."""
    deadline = time.monotonic() + PATIENCE
    while True:
        result = attempt()
        if result or time.monotonic() > deadline:
            return result
        time.sleep(0.05)


def test_connections_that_close_make_room(network, family):
    with second_address(network, family) as another, Server(network, family) as server, \
            tree.parameters(accept_established="Y"), \
            tree.rule(proto="tcp", dport=server.port, conn_limit="over 3 per saddr",
                      action="reject with tcp-reset") as rule:
        first = [server.connect(CLIENT[family]) for _ in range(3)]
        assert all(first) and rule.packets == 0
        assert server.connect(CLIENT[family]) is None
        assert rule.packets == 1
        second = [server.connect(another) for _ in range(3)]
        assert all(second) and server.connect(another) is None
        assert all(clients.exchange(*ends) for ends in first + second)
        close(first.pop())
        first.append(eventually(lambda: server.connect(CLIENT[family])))
        assert first[-1]
        assert server.connect(CLIENT[family]) is None
        for ends in first + second:
            close(ends)
