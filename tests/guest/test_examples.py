# SPDX-License-Identifier: GPL-2.0
# guest: mem=2048 apart
# (A boot of its own, by another word than the others have: they use some of its networks.)
"""doc/examples, loaded as they are: every line is taken, and real traffic passes or does not."""

import contextlib
import errno
import os
import socket
import struct
import subprocess

import pytest

import attempts
import clients
import conf
import namespace
import nflog
import packets
import sites
import tree
from attempts import NO, REFUSED, YES
from headers import routing
from kernel_log import KernelLog
from scapy.layers.inet import IPOption_LSRR
from scapy.packet import Raw
from topology import FAMILIES
from wire import Tap

EXAMPLES = os.path.join(os.path.dirname(__file__), "../../doc/examples")
FILES = ("host.conf", "router.conf")


def lines(name):
    with open(os.path.join(EXAMPLES, name), encoding="utf-8") as file:
        return file.read().splitlines()


def example(name):
    return conf.in_force(lines(name))


def packets_of(*names):
    return {name: tree.Rule(name).packets for name in names}


@pytest.fixture(scope="module")
def net():
    """The network, and ports that containers publish: nft rules as Docker writes them."""
    made = sites.Sites()
    script = """add table inet docker
        add chain inet docker nat { type nat hook prerouting priority dstnat; }
        add chain inet docker forward { type filter hook forward priority filter; }
        add rule inet docker forward oifname "br0" ct status dnat accept
        """
    for port in (8080, 8081):
        for family, to in (("ip", "172.17.0.2:80"), ("ip6", "[fd00:17::2]:80")):
            script += (f"add rule inet docker nat fib daddr type local tcp dport {port}"
                       f" dnat {family} to {to}\n")
    subprocess.run(["nft", "-f", "-"], input=script, text=True, check=True)
    yield made
    subprocess.run(["nft", "delete table inet docker"], check=True)
    made.close()


# ---- the files ----

def objects(text, *kinds):
    """(kind, name) of what lines of minifw.conf(5) make, of these kinds."""
    return [tuple(words[:2]) for words in map(conf.words, text) if words and words[0] in kinds]


@pytest.mark.parametrize("name", FILES)
def test_what_runs_is_the_file(name):
    """And `running`, loaded again, is what it was: it is a complete backup."""
    with example(name):
        running = tree.running()
    for kinds, order in ((("rule", "chain", "in"), list), (("set",), sorted)):
        assert objects(running, *kinds) == order(objects(lines(name), *kinds))
    assert "parameter default_policy=drop" in running
    with conf.in_force(running):
        assert tree.running() == running


def test_a_line_that_is_refused_is_named():
    with pytest.raises(conf.Refused, match="^rule b .*\n.*dport.*22x"):
        with conf.in_force(["rule a action=accept", "rule b proto=tcp dport=22x action=accept"]):
            pass
    assert os.listdir(tree.RULES) == []


# ---- who reaches whom ----

ROUTER = [  # who, whom, what, does it work
    ("lan", "wan", "tcp 80", YES), ("lan", "wan", "udp 53", YES), ("lan", "wan", "ping", YES),
    ("lan", "web", "tcp 80", YES), ("lan", "web", "tcp 22", YES), ("lan", "box", "tcp 80", REFUSED),
    ("lan", "router", "tcp 22", YES), ("lan", "router", "udp 53", YES),
    ("lan", "router", "tcp 53", YES), ("lan", "router", "ping", YES),
    ("lan", "router", "tcp 80", REFUSED), ("lan", "router", "udp 161", REFUSED),
    ("lan", "published", "tcp 8080", YES), ("lan", "published", "tcp 8081", REFUSED),
    ("wan", "web", "tcp 80", YES), ("wan", "web", "tcp 443", YES), ("wan", "web", "tcp 22", NO),
    ("wan", "web", "tcp 25", NO), ("wan", "web", "udp 53", NO),
    ("wan", "mail", "tcp 25", YES), ("wan", "mail", "tcp 587", YES), ("wan", "mail", "tcp 80", NO),
    ("wan", "lan", "tcp 80", NO), ("wan", "lan", "tcp 22", NO), ("wan", "box", "tcp 80", NO),
    ("wan", "router", "tcp 22", NO), ("wan", "router", "udp 53", NO),
    ("wan", "router", "ping", YES),
    ("lan", "router", "udp 123", YES), ("web", "router", "udp 123", YES),
    ("box", "router", "udp 123", NO),
    ("wan", "published", "tcp 8080", YES), ("wan", "published", "tcp 8081", NO),
    ("web", "lan", "tcp 80", NO), ("web", "lan", "ping", NO), ("mail", "lan", "tcp 22", NO),
    ("web", "wan", "tcp 443", YES), ("web", "wan", "tcp 22", NO), ("web", "wan", "tcp 25", NO),
    ("mail", "wan", "tcp 25", YES), ("web", "router", "tcp 22", NO),
    ("web", "router", "udp 53", YES), ("web", "box", "tcp 80", NO),
    ("web", "db", "tcp 5432", YES), ("web", "db", "tcp 22", NO), ("mail", "db", "tcp 5432", NO),
    ("box", "wan", "tcp 80", YES), ("box", "wan", "udp 53", YES), ("box", "lan", "tcp 80", NO),
    ("box", "lan", "ping", NO), ("box", "web", "tcp 80", NO), ("box", "db", "tcp 5432", YES),
    ("box", "router", "tcp 22", NO), ("box", "router", "udp 53", YES),
]
PING_THROUGH = {4: NO, 6: YES}  # from the internet, by RFC 4890

HOST = [
    ("lan", "router", "tcp 22", YES), ("lan", "router", "ping", YES),
    ("lan", "router", "tcp 80", NO), ("lan", "router", "udp 161", NO),
    ("lan", "web", "tcp 80", NO), ("lan", "web", "ping", YES),
]


def host_of(whom, what):
    """Who answers, and what it is there: published ports are the container's."""
    if whom == "published":
        return "box", "tcp 80"
    return "guest" if whom == "router" else whom, what


def address_of(whom, who, family):
    """By which address it is reached."""
    if whom in ("published", "router"):
        return sites.gateway(who, family)
    return sites.address(whom, family)


@contextlib.contextmanager
def servers(net, table):
    """Who listens for what the table tries: dictionaries of sockets by host."""
    wanted = {}
    for _, whom, what, _ in table:
        if what != "ping":
            host, there = host_of(whom, what)
            wanted.setdefault(host, set()).add(there)
    with contextlib.ExitStack() as stack:
        yield {host: stack.enter_context(attempts.listening(net[host], ports))
               for host, ports in wanted.items()}


def try_all(net, family, table, listeners):
    """The table with the outcomes that were found in the place of those expected."""
    running, expected = {}, {}
    for who, whom, what, outcome in table:
        host, there = host_of(whom, what)
        key = (who, whom, what)
        expected[key] = outcome
        running[key] = attempts.start(net[who], family, address_of(whom, who, family), what,
                                      listeners.get(host, {}).get(there))
    return [(*key, outcome) for key, outcome in attempts.judge(running, expected).items()]


def check_table(net, family, name, table):
    """Without the file all of it works; with it only what the table says does."""
    with servers(net, table) as listeners:
        everything = [(*row[:3], YES) for row in table]
        assert try_all(net, family, everything, listeners) == everything
        with example(name):
            found = try_all(net, family, table, listeners)
    assert set(found) ^ set(table) == set()


def test_router(net, family):
    table = ROUTER + [("wan", "web", "ping", PING_THROUGH[family]),
                      ("wan", "lan", "ping", PING_THROUGH[family])]
    check_table(net, family, "router.conf", table)


def test_host(net, family):
    check_table(net, family, "host.conf", HOST)


def test_established_stays(net, family):
    """What was open before, whoever opened it."""
    ends = [clients.connection(net[near], net[far], family, address)
            for near, far, address in (
                ("lan", "guest", sites.gateway("lan", family)),
                ("guest", "lan", sites.address("lan", family)),
                ("web", "lan", sites.address("lan", family)))]
    for name in FILES:
        with example(name):
            assert all(clients.exchange(*pair) and clients.exchange(*reversed(pair))
                       for pair in ends), name
    for end in sum(ends, ()):
        end.close()


@pytest.mark.parametrize("name", FILES)
def test_neighbours_that_have_never_met(net, family, name):
    net.forget_neighbours("lan")
    with example(name):
        ping = attempts.start(net["lan"], family, sites.gateway("lan", family), "ping")
        assert ping.outcome(30) == YES
        ping.close()


# ---- packets that programs do not send ----

def counted(net, sent):
    """Send each (who, packet, rule): these rules must count what is theirs."""
    names = sorted({rule for _, _, rule in sent})
    before = packets_of(*names)
    for who, packet, _ in sent:
        net.send(who, packet)
    expected = {name: sum(rule == name for _, _, rule in sent) for name in names}

    def gained():
        return {name: value - before[name] for name, value in packets_of(*names).items()}
    tree.until(lambda: gained() == expected, 10)
    assert gained() == expected


def detour(family, src, dst):
    """What each family has for senders that choose the way."""
    if family == 4:
        return packets.tcp(4, src=src, dst=dst, options=[IPOption_LSRR(routers=["192.0.2.10"])])
    return packets.Packet(6, 43, Raw(routing(59)), "routing header", src=src, dst=dst)


def test_router_knows_who_cannot_be_there(net, family):
    web = sites.address("web", family)
    router = sites.gateway("wan", family)
    stranger, neighbour = sites.address("wan", family), sites.address("lan", family)
    bogon = {4: "10.1.2.3", 6: "fd00:1::1"}[family]
    udp = packets.udp
    # pickup would take a segment without SYN for one of a connection older than conntrack.
    with example("router.conf"), tree.parameters(pickup=0):
        counted(net, [
            ("wan", udp(family, dport=53, src=bogon, dst=web), "20-bogons"),
            ("wan", udp(family, dport=53, src=neighbour, dst=web), "20-bogons"),
            ("wan", udp(family, dport=53, src=web, dst=router), "20-bogons"),
            ("lan", udp(family, dport=53, src=web, dst=stranger), "21-spoofed"),
            ("web", udp(family, dport=53, src=neighbour, dst=stranger), "21-spoofed"),
            ("box", udp(family, dport=53, src=stranger, dst=router), "21-spoofed"),
            ("wan", detour(family, stranger, web),
             {4: "22-source-route", 6: "23-routing-header"}[family]),
            ("wan", packets.tcp(family, dport=80, flags="", src=stranger, dst=web), "40-invalid")])
        assert packets_of("denied", "52-web") == {"denied": 0, "52-web": 0}


def test_router_passes_errors_of_connections_that_it_does_not_know(net, family):
    """Too big, of both families: without it connections hang."""
    fields = {"src": sites.address("wan", family), "dst": sites.address("web", family)}
    error = packets.icmp(3, 4, **fields) if family == 4 else packets.icmpv6(2, **fields)
    protocol = {4: socket.IPPROTO_ICMP, 6: socket.IPPROTO_ICMPV6}[family]
    with example("router.conf"), net["web"].socket(family, socket.SOCK_RAW, protocol) as receiver:
        receiver.settimeout(30)
        net.send("wan", error)
        while error.tag not in receiver.recv(2048):
            pass


@contextlib.contextmanager
def scan(net, family):
    """The internet tries 60 ports of the web server, again and again while the body runs."""
    address = sites.address("web", family)
    with contextlib.ExitStack() as stack:
        for port in range(1001, 1061):
            stack.enter_context(clients.Attempt(net["wan"], family, address, port))
        yield


def test_router_bans_who_scans(net, family):
    web, stranger = sites.address("web", family), sites.address("wan", family)
    with servers(net, [("wan", "web", "tcp 80", NO)]), example("router.conf"):
        with scan(net, family):
            assert tree.until(lambda: tree.Set("banned").elements, 10)
        banned, timeout = tree.Set("banned").elements[0].split(" timeout ")
        assert banned == stranger and 500 < int(timeout) <= 600
        before = tree.Rule("10-banned").packets
        with clients.Attempt(net["wan"], family, web, 80) as attempt:
            assert tree.until(lambda: tree.Rule("10-banned").packets > before, 10)
            tree.Set("banned").delete(stranger)
            assert attempt.outcome() == 0, "TCP tries again, and is not banned any more"


def test_router_bans_nobody_who_is_trusted(net, family):
    with example("router.conf"):
        tree.Set("trusted").add(sites.address("wan", family))
        with scan(net, family):
            assert tree.until(lambda: tree.Rule("denied").packets >= 60, 10)
        assert tree.Set("banned").elements == []


def test_router_says_who_was_denied(net, family):
    """A port that Docker published and no rule names, for one: nft would have accepted it."""
    address = sites.gateway("wan", family)
    with nflog.Listener(2) as listener, example("router.conf"), \
            clients.Attempt(net["wan"], family, address, 8081):
        heard = []
        assert tree.until(lambda: heard.extend(listener.packets()) or heard, 10)
    assert heard[0].prefix.startswith("minifw: denied:")
    assert socket.inet_pton(FAMILIES[family], sites.address("box", family)) in heard[0].data


FLOODS = [  # file, rule, who, whom, port, more connections than it lets pass at once
    ("router.conf", "51-web-flood", "wan", "web", 80, 55),
    ("router.conf", "70-ssh-limit", "lan", "router", 22, 30),
    ("host.conf", "50-ssh-limit", "lan", "router", 22, 30),
]


@pytest.mark.parametrize("name,rule,who,whom,port,count", FLOODS)
def test_too_many_connections(net, family, name, rule, who, whom, port, count):
    address = address_of(whom, who, family)
    with servers(net, [(who, whom, f"tcp {port}", YES)]), example(name), \
            contextlib.ExitStack() as stack:
        flood = [stack.enter_context(clients.Attempt(net[who], family, address, port))
                 for _ in range(count)]
        assert flood[0].outcome() == 0
        assert any(one.outcome(1) == errno.ECONNREFUSED for one in reversed(flood))
        assert tree.Rule(rule).packets > 0


# ---- datagrams to the guest, from a program of the lan ----

def at_device(family, address, port, device):
    """What sendto() takes: of IPv6 an address of the link is one at a device."""
    index = (0, socket.if_nametoindex(device)) if family == 6 else ()
    return (address, port, *index)


def join(receiver, family, group, device):
    """Have a socket of the guest hear the group at a device."""
    data = socket.inet_pton(FAMILIES[family], group)
    index = socket.if_nametoindex(device)
    if family == 4:
        receiver.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                            struct.pack("=4s4xi", data, index))
    else:
        receiver.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                            struct.pack("=16si", data, index))


def hears(net, family, ports, address, group=False):
    """Whether a datagram between these ports, from the lan, reaches a program of the guest."""
    with net["guest"].socket(family, socket.SOCK_DGRAM) as receiver, \
            net["lan"].socket(family, socket.SOCK_DGRAM) as sender:
        if group:
            join(receiver, family, address, "lan0")
        receiver.bind(("", ports[1]))
        receiver.settimeout(30)
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sender.bind(("", ports[0]))
        with namespace.entered("lan"):
            sender.sendto(b"here", at_device(family, address, ports[1], "eth0"))
        return receiver.recv(16) == b"here"


def link_local(device):
    """Its address of IPv6 that is good on the link alone."""
    with open("/proc/net/if_inet6", encoding="ascii") as addresses:
        found = [line.split()[0] for line in addresses
                 if line.startswith("fe80") and line.split()[-1] == device]
    return socket.inet_ntop(socket.AF_INET6, bytes.fromhex(found[0]))


def test_router_serves_dhcp(net):
    """To an address, and to all: neither is noise."""
    with example("router.conf"):
        assert hears(net, 4, (68, 67), sites.gateway("lan", 4))
        assert hears(net, 4, (68, 67), "192.168.1.255")
        assert hears(net, 6, (546, 547), "ff02::1:2", group=True)
        discover = packets.udp(4, 68, 67, src="0.0.0.0", dst="255.255.255.255")
        Tap(net["lan"], "eth0", b"\x02" + bytes(5), b"\xff" * 6).inject(discover.data)
        assert tree.until(lambda: tree.Rule("74-dhcp").packets == 3, 10)
        assert packets_of("denied", "noise") == {"denied": 0, "noise": 0}


def test_router_says_nothing_of_what_is_for_everybody(net):
    send_to_all = packets.udp(4, 9, 9, src=sites.address("lan", 4), dst="192.168.1.255")
    with example("router.conf"):
        counted(net, [("lan", send_to_all, "noise")])
        assert packets_of("denied") == {"denied": 0}


# ---- what ufw has rules for ----

def test_host_drops_what_makes_no_sense(net, family):
    address, neighbour = sites.gateway("lan", family), sites.address("lan", family)
    sent = [("lan", packets.tcp(family, dport=22, flags="", src=neighbour, dst=address),
             "20-invalid")]
    if family == 6:
        sent.append(("lan", detour(6, neighbour, address), "10-routing-header"))
    with example("host.conf"):
        counted(net, sent)


def test_host_takes_what_conntrack_does_not_know(net):
    """Types of ICMPv6 that belong to the link, and answers to pings to a group."""
    fields = {"src": sites.address("lan", 6), "dst": sites.gateway("lan", 6)}
    with example("host.conf"):
        counted(net, [("lan", packets.icmpv6(129, **fields), "11-echo-reply"),
                      ("lan", packets.icmpv6(141, ttl=255, **fields), "12-ind-send"),
                      ("lan", packets.icmpv6(141, ttl=254, **fields), "20-invalid"),
                      ("lan", packets.icmpv6(151, ttl=1, src="fe80::9", dst=fields["dst"]),
                       "13-mrd"),
                      ("lan", packets.icmpv6(144, **fields), "14-mobile")])


def test_host_forwards_answers_to_pings(net):
    fields = {"src": sites.address("lan", 6), "dst": sites.address("web", 6)}
    with example("host.conf"):
        counted(net, [("lan", packets.icmpv6(129, **fields), "32-echo-reply")])


def test_host_knows_what_is_not_for_it(net):
    """A route of another table brings it in, as for a transparent proxy."""
    there = "203.0.113.9"
    packet = packets.udp(dst=there, dport=5353, src=sites.address("lan", 4))
    way_in = (f"rule {{}} to {there} lookup 77", f"route {{}} local {there} dev lo table 77")
    net["guest"].ip(*(command.format("add") for command in way_in))
    try:
        with example("host.conf"):
            counted(net, [("lan", packet, "40-not-local")])
    finally:
        net["guest"].ip(*(command.format("del") for command in way_in))


GROUPS = [("41-mdns", 4, "224.0.0.251", 5353), ("41-mdns", 6, "ff02::fb", 5353),
          ("42-upnp", 4, "239.255.255.250", 1900), ("42-upnp", 6, "ff02::f", 1900)]


@pytest.mark.parametrize("rule,family,group,port", GROUPS)
def test_host_hears_services_of_its_link(net, rule, family, group, port):
    with example("host.conf"):
        assert hears(net, family, (port, port), group, group=True)
        assert tree.Rule(rule).packets == 1


def test_host_is_a_client_of_dhcp(net):
    """The server's answers are no noise."""
    with example("host.conf"):
        assert hears(net, 4, (67, 68), sites.gateway("lan", 4))
        assert hears(net, 6, (547, 546), link_local("lan0"))
        assert tree.Rule("80-noise-udp").packets == 0


def test_host_logs_what_it_denies_but_not_noise(net, family):
    address, neighbour = sites.gateway("lan", family), sites.address("lan", family)
    fields = {"src": neighbour, "dst": address}
    noise = [("lan", packets.udp(family, 137, 137, **fields), "80-noise-udp"),
             ("lan", packets.tcp(family, dport=445, **fields), "81-noise-tcp")]
    with example("host.conf"):
        log = KernelLog()
        counted(net, noise)
        counted(net, [("lan", packets.tcp(family, dport=80, **fields), "90-denied-input"),
                      ("lan", packets.tcp(family, dport=80, src=neighbour,
                                          dst=sites.address("web", family)), "91-denied-forward")])
        said = log.texts("minifw: ")
    assert [line.split(":")[1].strip() for line in said] == ["90-denied-input", "91-denied-forward"]
    assert all("IN=lan0" in line and "DPT=80" in line for line in said)


def test_host_does_not_log_broadcasts(net):
    send_to_all = packets.udp(4, 9, 9, src=sites.address("lan", 4), dst="192.168.1.255")
    with example("host.conf"):
        log = KernelLog()
        counted(net, [("lan", send_to_all, "82-noise-broadcast")])
        assert log.texts("minifw: ") == []
