# SPDX-License-Identifier: GPL-2.0
"""Where a packet came from and where it goes to: the reverse path, and IPsec."""

import contextlib
import socket
import subprocess
import time

import pytest

import namespace
import tree
from cases import counting, expect, judge
from packets import DESTINATION, SOURCE, both, icmpv6, udp
from topology import CLIENT, ROUTER_TO_CLIENT, ROUTER_TO_SERVER, SERVER

pytestmark = pytest.mark.usefixtures("nothing_but_rules")

PATIENCE = 30  # seconds; a guest is emulated and its host may be busy
NOBODY = {4: "203.0.113.7", 6: "2001:db8:7::7"}
NOBODYS_NET = {4: "203.0.113.0/24", 6: "2001:db8:7::/48"}
RPF = ("fail", "pass")


# ---- rpf ----

@contextlib.contextmanager
def added(family, *what):
    """Routes and rules of the guest for the length of a `with`: `route SPEC`, `rule SPEC`."""
    def run(verb, lines):
        commands = "\n".join(line.replace(" ", f" {verb} ", 1) for line in lines)
        subprocess.run(["ip", f"-{family}", "-batch", "-"], input=commands, text=True, check=True)
    run("add", what)
    try:
        yield
    finally:
        run("del", reversed(what))


BOTH_HOOKS = {"input", "forward"}
ROUTES = {  # by name; of the words in braces each family has its own
    "nothing": (),
    "client": ("route {net} {by_client}",),
    "server": ("route {net} {by_server}",),
    "default by client": ("route default {by_client}",),
    "default by server": ("route default {by_server}",),
    "blackhole": ("route blackhole {net}",),
    "unreachable": ("route unreachable {net}",),
    "both": ("route {net} nexthop {by_server} nexthop {by_client}",),
    "longer prefix": ("route {source} {by_server}",),
    "rule": ("route default {by_server} table 77", "rule to {source} table 77"),
    "rule for answers from here": ("route default {by_server} table 77",
                                   "rule iif lo to {source} table 77"),
    "rule for answers from server0": ("route default {by_server} table 77",
                                      "rule iif server0 to {source} table 77"),
    "rule for tos": ("route default {by_server} table 77", "rule tos 0x10 to {source} table 77"),
    "rule for the destination": ("route default {by_server} table 77",
                                 "rule from {destination} table 77"),
}
REVERSE_PATHS = [  # what is added to the routes, fields of the packet from c, hooks where it passes
    ("nothing", {}, BOTH_HOOKS), ("nothing", {"src": CLIENT}, BOTH_HOOKS),
    ("nothing", {"src": SERVER}, set()), ("nothing", {"src": NOBODY}, set()),
    ("client", {"src": NOBODY}, BOTH_HOOKS), ("server", {"src": NOBODY}, set()),
    ("default by client", {"src": NOBODY}, BOTH_HOOKS),
    ("default by server", {"src": NOBODY}, set()), ("default by server", {}, BOTH_HOOKS),
    ("blackhole", {"src": NOBODY}, set()), ("unreachable", {"src": NOBODY}, set()),
    ("longer prefix", {}, set()), ("rule", {}, set()),
    ("rule for answers from here", {}, {"forward"}),
    ("rule for answers from server0", {}, {"input"}),
    ("rule for tos", {"tos": 0x10}, set()), ("rule for tos", {"tos": 0x12}, set()),
    ("rule for tos", {"tos": 8}, BOTH_HOOKS), ("rule for tos", {}, BOTH_HOOKS),
    ("rule for the destination", {}, {"input"}),
]


@contextlib.contextmanager
def rpf_counted(wire, hook):
    """A function that returns what the check says of a packet that comes in by a tap's wire."""
    with counting("rpf", RPF, hook) as matched:
        def asked(tap, packet):
            tap.inject(packet.data)
            wire.settle()
            return matched()
        yield asked


def routes(family, name):
    """What a case adds to the guest's routes."""
    return [line.format(net=NOBODYS_NET[family], source=SOURCE[family],
                        destination=DESTINATION[family],
                        by_client=f"via {CLIENT[family]} dev client0",
                        by_server=f"via {SERVER[family]} dev server0") for line in ROUTES[name]]


def test_rpf(network, wire, family):
    network.destination_is_local(False)
    to = {"input": ROUTER_TO_CLIENT[family], "forward": DESTINATION[family]}
    with rpf_counted(wire, "input,forward") as rpf_of:
        for name, fields, passes in REVERSE_PATHS:
            fields = {field: value[family] if isinstance(value, dict) else value
                      for field, value in fields.items()}
            with added(family, *routes(family, name)):
                for hook, destination in to.items():
                    packet = udp(family, dst=destination, **fields)
                    assert rpf_of(wire.client, packet) == {
                        "pass" if hook in passes else "fail"}, (name, packet, hook)


def test_rpf_at_the_other_side(network, wire, family):
    network.destination_is_local(False)
    with rpf_counted(wire, "forward") as rpf_of:
        for source, result in ((SERVER, "pass"), (DESTINATION, "pass"), (SOURCE, "fail"),
                               (CLIENT, "fail")):
            packet = udp(family, src=source[family], dst=CLIENT[family])
            assert rpf_of(wire.server, packet) == {result}, source


def kernel_has_multipath(family):
    """Not every kernel is built with routes of several nexthops in IPv4."""
    with open("/proc/kallsyms", encoding="ascii") as symbols:
        return family == 6 or " fib_select_multipath\n" in symbols.read()


@pytest.mark.parametrize("family", filter(kernel_has_multipath, (4, 6)))
def test_rpf_by_either_nexthop(network, wire, family):
    network.destination_is_local(False)
    to = {"client": SERVER, "server": CLIENT}
    with added(family, *routes(family, "both")), rpf_counted(wire, "forward") as rpf_of:
        for side in ("client", "server"):
            packet = udp(family, src=NOBODY[family], dst=to[side][family])
            assert rpf_of(getattr(wire, side), packet) == {"pass"}, side


def test_rpf_by_a_route_of_another_metric(network, wire, family):
    """A route that is there in case the better one goes counts in IPv6, as for ip6tables."""
    network.destination_is_local(False)
    spare = [f"{routes(family, by)[0]} metric {metric}"
             for by, metric in (("server", 100), ("client", 200))]
    with added(family, *spare), rpf_counted(wire, "forward") as rpf_of:
        packet = udp(family, src=NOBODY[family])
        assert rpf_of(wire.client, packet) == {{4: "fail", 6: "pass"}[family]}


@pytest.mark.parametrize("hook", ("input", "forward"))
def test_rpf_decides(ways, hook):
    spoofed = [udp(4, src="10.2.0.9"), udp(6, src="fd00:2::9")]
    judge(ways[hook], expect(spoofed, both(udp), hooks=(hook,), rpf="fail"))
    judge(ways[hook], expect(both(udp), spoofed, hooks=(hook,), rpf="pass"))


UNUSUAL = {4: [("0.0.0.0", "255.255.255.255", "pass"), ("0.0.0.0", "224.0.0.1", "pass"),
               ("10.1.0.2", "255.255.255.255", "pass"), ("10.2.0.9", "10.1.0.255", "fail"),
               ("10.1.0.9", "224.0.0.1", "pass"), ("10.2.0.9", "224.0.0.1", "fail")],
           6: [("fe80::9", "ff02::1", "pass"), ("fe80::9", "fd00:1::1", "pass"),
               ("fd00:1::9", "ff02::1", "pass"), ("fd00:2::9", "ff02::1", "fail"),
               ("::", "ff02::1", "fail")]}


def test_rpf_of_unusual_addresses(network, wire, family):
    """Everybody and nobody, groups, and what is only on the link."""
    with rpf_counted(wire, "input") as rpf_of:
        for source, destination, result in UNUSUAL[family]:
            packet = udp(family, src=source, dst=destination)
            assert rpf_of(wire.client, packet) == {result}, (source, destination)


def test_rpf_of_a_host_without_an_address(network, wire):
    """It asks whether anybody has the address that it wants."""
    with tree.parameters(accept_control="N"), \
            counting("rpf", RPF, "input", proto="icmpv6") as matched:
        wire.client.inject(icmpv6(135, src="::", dst="ff02::1").data)
        wire.settle()
        assert matched() == {"pass"}


def test_rpf_over_the_loopback(network, family):
    address = {4: "127.0.0.1", 6: "::1"}[family]
    with tree.parameters(accept_loopback="N"), counting("rpf", RPF, "input") as matched, \
            network.router.socket(family, socket.SOCK_DGRAM) as sender, \
            network.router.socket(family, socket.SOCK_DGRAM) as receiver:
        receiver.bind((address, 7777))
        sender.sendto(b"x", (address, 7777))
        assert matched() == {"pass"}


def kernel_has_vrfs():
    """Not every kernel is built with them."""
    made = subprocess.run(["ip", "link", "add", "vrf9", "type", "vrf", "table", "9"],
                          stderr=subprocess.DEVNULL).returncode == 0
    if made:
        namespace.ip(None, "link del vrf9")
    return made


@pytest.fixture
def vrf(network):
    """A wire of its own from c into a VRF of the guest: 10.9.0.2 to 10.9.0.1, fd00:9:: likewise."""
    network.router.ip(
        "link add vrf9 type vrf table 9", "link set vrf9 up",
        "link add inner0 type veth peer name outer0 netns c", "link set inner0 master vrf9",
        "link set inner0 up", "addr add 10.9.0.1/24 dev inner0",
        "addr add fd00:9::1/64 dev inner0 nodad")
    network.client.ip("link set outer0 up", "addr add 10.9.0.2/24 dev outer0",
                      "addr add fd00:9::2/64 dev outer0 nodad")
    yield
    network.router.ip("link del inner0", "link del vrf9")


VRF_CASES = [("10.9.0.2", "pass"), ("10.1.0.2", "fail"),
             ("fd00:9::2", "pass"), ("fd00:1::2", "fail")]


if kernel_has_vrfs():
    @pytest.mark.parametrize("source,result", VRF_CASES)
    def test_rpf_in_a_vrf(network, vrf, source, result):
        """The VRF's routes count, and the VRF stands for the devices in it."""
        family = 6 if ":" in source else 4
        target = {4: "10.9.0.1", 6: "fd00:9::1"}[family]
        with counting("rpf", RPF, "input", daddr=target) as matched, \
                tree.rule("all", proto="udp", daddr=target, action="continue") as seen, \
                network.client.socket(family, socket.SOCK_DGRAM) as sender:
            sender.bind((source, 0))
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"outer0")
            sender.sendto(b"x", (target, 9))
            wait_for(seen)
            assert matched() == {result}


def wait_for(rule):
    """Until a packet has met the rule; for what the kernel may hand to somebody else on its way."""
    deadline = time.monotonic() + PATIENCE
    while not rule.packets:
        assert time.monotonic() < deadline, "no packet came"
        time.sleep(0.02)


# ---- ipsec ----

ALGORITHMS = f'auth "hmac(sha1)" 0x{"11" * 20} enc "cbc(aes)" 0x{"22" * 16}'
WAYS = ("in", "out", "none")


def state(near, far, number, mode):
    return (f"xfrm state add src {near} dst {far} proto esp spi {number} reqid {number}"
            f" mode {mode} {ALGORITHMS}")


def policy(near, far, direction, number, mode, ends):
    """What goes from `near` to `far` goes through state `number`, between the `ends`."""
    return (f"xfrm policy add src {near} dst {far} dir {direction}"
            f" tmpl src {ends[0]} dst {ends[1]} proto esp reqid {number} mode {mode}")


@contextlib.contextmanager
def xfrm(network, router=(), client=()):
    hosts = ((network.router, router), (network.client, client))
    try:
        for host, commands in hosts:
            host.ip(*commands)
        yield
    finally:
        for host, _ in hosts:
            host.ip("xfrm policy flush", "xfrm state flush")


def send(host, family, near, far):
    with host.socket(family, socket.SOCK_DGRAM) as sender:
        sender.bind((near[family], 0))
        sender.sendto(b"x", (far[family], 9))


@contextlib.contextmanager
def ways_counted(hook, **common):
    """A function that waits for a packet and returns what it went through."""
    common = {"proto": "udp", **common}
    values = {"input": ("in", "none"), "forward": WAYS, "output": ("out", "none")}[hook]
    with counting("ipsec", values, hook, **common) as matched, \
            tree.rule("all" + hook + common["proto"], hook=hook, action="continue",
                      **common) as seen:
        def asked():
            wait_for(seen)
            seen["reset"] = 1
            return matched()
        yield asked


def test_ipsec_transport(network, family):
    """The packet inside went through it; the packet outside, ESP, has not yet or does not again."""
    near, far = ROUTER_TO_CLIENT[family], CLIENT[family]
    states = (state(far, near, 1, "transport"), state(near, far, 2, "transport"))
    with xfrm(network, router=(*states, policy(near, far, "out", 2, "transport", (near, far)),
                               policy(far, near, "in", 1, "transport", (far, near))),
              client=(*states, policy(far, near, "out", 1, "transport", (far, near)))), \
            ways_counted("input") as came, ways_counted("output") as went, \
            ways_counted("input", proto="esp") as esp_came, \
            ways_counted("output", proto="esp") as esp_went:
        send(network.client, family, CLIENT, ROUTER_TO_CLIENT)
        assert (came(), esp_came()) == ({"in"}, {"none"})
        send(network.router, family, ROUTER_TO_CLIENT, CLIENT)
        assert (went(), esp_went()) == ({"out"}, {"none"})
        send(network.router, family, ROUTER_TO_SERVER, SERVER)
        assert went() == {"none"}


def test_ipsec_at_forward(network, family):
    """Out of a tunnel with c, into it, and out of it into one with s."""
    router, client = ROUTER_TO_CLIENT[family], CLIENT[family]
    beyond, server = ROUTER_TO_SERVER[family], SERVER[family]
    states = (state(client, router, 1, "tunnel"), state(router, client, 2, "tunnel"))
    from_client = policy(client, server, "fwd", 1, "tunnel", (client, router))
    to_server = policy(client, server, "out", 3, "tunnel", (beyond, server))
    with xfrm(network, router=(*states, state(beyond, server, 3, "tunnel"), from_client,
                               policy(server, client, "out", 2, "tunnel", (router, client))),
              client=(*states, policy(client, server, "out", 1, "tunnel", (client, router)))), \
            ways_counted("forward") as matched:
        send(network.client, family, CLIENT, SERVER)
        assert matched() == {"in"}
        send(network.server, family, SERVER, CLIENT)
        assert matched() == {"out"}
        network.router.ip(to_server)
        send(network.client, family, CLIENT, SERVER)
        assert matched() == {"in", "out"}


def test_no_ipsec(network, wire, way, family):
    with ways_counted(way.hook) as matched:
        way.arrivals([udp(family)])
        assert matched() == {"none"}


def test_ipsec_decides(network, family):
    """What comes unprotected is refused, and what comes protected is not."""
    near, far = ROUTER_TO_CLIENT[family], CLIENT[family]
    states = (state(far, near, 1, "transport"),)
    with network.router.socket(family, socket.SOCK_DGRAM) as receiver, \
            tree.rule("plain", proto="udp", ipsec="none", action="drop") as plain:
        receiver.bind((near, 9))
        receiver.settimeout(PATIENCE)
        send(network.client, family, CLIENT, ROUTER_TO_CLIENT)
        wait_for(plain)
        with xfrm(network, router=states,
                  client=(*states, policy(far, near, "out", 1, "transport", (far, near)))):
            send(network.client, family, CLIENT, ROUTER_TO_CLIENT)
            assert receiver.recv(16) == b"x"
        assert plain.packets == 1
