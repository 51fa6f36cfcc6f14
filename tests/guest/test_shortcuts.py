# SPDX-License-Identifier: GPL-2.0
"""What is decided before the rules: loopback, established, control; each on and off."""

import contextlib
import errno
import socket

import pytest
from scapy.layers.inet import ICMP, UDP
from scapy.layers.inet6 import ICMPv6ND_NS, ICMPv6NDOptSrcLLAddr, IPv6
from scapy.packet import Raw

import clients
import tree
from packets import icmpv6, new_tag, udp
from topology import CLIENT, ROUTER_TO_CLIENT, ROUTER_TO_SERVER, SERVER
from ways import drain

DROP_ALL = {"default_policy": "drop", "output_policy": "drop"}


@contextlib.contextmanager
def on_or_off(shortcut, value, **policies):
    with tree.parameters(**{shortcut: value}, **policies):
        yield


class TestLoopback:
    @pytest.mark.parametrize("policy", ("default_policy", "output_policy"))
    @pytest.mark.parametrize("value,passes", (("Y", True), ("N", False)))
    def test_lo(self, network, family, policy, value, passes):
        with on_or_off("accept_loopback", value, accept_established="N", **{policy: "drop"}):
            assert clients.talks_to_itself(network.router, family) == passes
            own_address = ROUTER_TO_CLIENT[family]  # goes over lo as well
            assert clients.talks_to_itself(network.router, family, own_address) == passes

    @pytest.mark.parametrize("value,counted", (("Y", 0), ("N", 1)))
    @pytest.mark.parametrize("hook", ("input", "output"))
    def test_comes_before_the_rules(self, network, family, hook, value, counted):
        with on_or_off("accept_loopback", value), \
                tree.rule(hook=hook, proto="udp", action="drop") as rule:
            assert clients.talks_to_itself(network.router, family) == (not counted)
            assert rule.packets == counted


class TestEstablished:
    """The policy drops; only what belongs to something may pass."""

    @pytest.mark.parametrize("value", ("Y", "N"))
    def test_answers_to_the_guests_own_tcp(self, network, family, value):
        with on_or_off("accept_established", value, default_policy="drop"), \
                clients.listen(network.server, family, SERVER[family]) as server:
            port = server.getsockname()[1]
            with clients.Attempt(network.router, family, SERVER[family], port) as attempt:
                patience = 30 if value == "Y" else 0.5
                assert attempt.outcome(patience) == (0 if value == "Y" else None)

    @pytest.mark.parametrize("value", ("Y", "N"))
    def test_answers_to_the_guests_own_udp(self, network, wire, family, value):
        with on_or_off("accept_established", value, default_policy="drop"), \
                network.router.socket(family, socket.SOCK_DGRAM) as near, \
                network.server.socket(family, socket.SOCK_DGRAM) as far:
            near.bind((ROUTER_TO_SERVER[family], 0))
            far.bind((SERVER[family], 0))
            far.settimeout(30)
            near.sendto(b"question", far.getsockname())
            far.sendto(b"answer", far.recvfrom(16)[1])
            wire.settle()
            assert clients.pending_error(connected(near, far), 0) == (0 if value == "Y" else None)

    @pytest.mark.parametrize("value", ("Y", "N"))
    def test_icmp_errors_about_the_guests_own_udp(self, network, wire, family, value):
        with on_or_off("accept_established", value, default_policy="drop"), \
                clients.udp_client(network.router, family, SERVER[family], 4) as client:
            client.send(b"x")
            wire.settle()
            expected = errno.ECONNREFUSED if value == "Y" else None
            assert clients.pending_error(client, 0) == expected

    @pytest.mark.parametrize("value", ("Y", "N"))
    def test_answers_to_the_guests_own_ping(self, network, wire, family, value):
        tag = new_tag()
        layer = ICMP(type=8) if family == 4 else Raw(b"\x80" + bytes(7))  # v6: checksum by kernel
        protocol = {4: socket.IPPROTO_ICMP, 6: socket.IPPROTO_ICMPV6}[family]
        with on_or_off("accept_established", value, default_policy="drop"), \
                network.router.socket(family, socket.SOCK_RAW, protocol) as pinger:
            pinger.sendto(bytes(layer / Raw(tag)), (SERVER[family], 0))
            wire.settle(rounds=2)
            answered = any(tag in answer for answer in drain(pinger))
            assert answered == (value == "Y")

    def test_forwarded_answers(self, network, family):
        """Only c may begin; s may answer."""
        with on_or_off("accept_established", "Y", default_policy="drop"), \
                tree.rule(hook="forward", iif="client0", action="accept"), \
                clients.listen(network.server, family, SERVER[family]) as server, \
                clients.listen(network.client, family, CLIENT[family]) as other:
            port, other_port = server.getsockname()[1], other.getsockname()[1]
            with clients.Attempt(network.client, family, SERVER[family], port) as attempt, \
                    clients.Attempt(network.server, family, CLIENT[family], other_port) as reverse:
                assert attempt.outcome() == 0
                assert reverse.outcome(0.5) is None

    def test_comes_before_the_rules(self, network, wire, family):
        with on_or_off("accept_established", "Y"), \
                network.router.socket(family, socket.SOCK_DGRAM) as near, \
                network.client.socket(family, socket.SOCK_DGRAM) as far, \
                tree.rule(proto="udp", action="continue") as rule:
            near.bind((ROUTER_TO_CLIENT[family], 0))
            far.bind((CLIENT[family], 0))
            far.sendto(b"new", near.getsockname())
            near.sendto(b"answer", far.getsockname())
            for _ in range(3):
                far.sendto(b"established", near.getsockname())
            wire.settle()
            assert rule.packets == 1


def connected(near, far):
    near.setblocking(False)
    near.connect(far.getsockname())
    return near


LINK_LOCAL = "fe80::2"
SERVER_LINK_LOCAL = "fe80::ff:fe00:202"
NEIGHBOUR_DISCOVERY = range(133, 138)
LISTENER_DISCOVERY = (130, 131, 132, 143)


def dhcp(family, sport, dport, **fields):
    return udp(family, sport=sport, dport=dport, **fields)


# Packets that are control, and packets that are not by a hair's breadth.
CONTROL = ([icmpv6(kind, ttl=255) for kind in NEIGHBOUR_DISCOVERY]
           + [icmpv6(kind, ttl=1) for kind in LISTENER_DISCOVERY])
NOT_CONTROL = ([icmpv6(kind, ttl=254) for kind in NEIGHBOUR_DISCOVERY]
               + [icmpv6(kind, ttl=1) for kind in NEIGHBOUR_DISCOVERY]
               + [icmpv6(kind, ttl=2) for kind in LISTENER_DISCOVERY]
               + [icmpv6(kind, ttl=255) for kind in LISTENER_DISCOVERY]
               + [icmpv6(138, ttl=255), icmpv6(129, ttl=1), icmpv6(142, ttl=1),
                  icmpv6(144, ttl=1), icmpv6(128, ttl=255)])
DHCP_IN = [dhcp(4, 67, 68), dhcp(6, 547, 546, src=LINK_LOCAL), dhcp(6, 547, 546, src="febf::2")]
NOT_DHCP_IN = [dhcp(4, 68, 67), dhcp(4, 67, 69), dhcp(4, 66, 68), dhcp(6, 67, 68, src=LINK_LOCAL),
               dhcp(6, 546, 547, src=LINK_LOCAL), dhcp(6, 547, 546), dhcp(4, 547, 546),
               dhcp(6, 547, 546, src="fec0::2"), dhcp(6, 547, 545, src=LINK_LOCAL),
               dhcp(6, 548, 546, src=LINK_LOCAL)]
DHCP_OUT = [dhcp(4, 68, 67)]
NOT_DHCP_OUT = [dhcp(4, 67, 68), dhcp(4, 68, 66), dhcp(4, 69, 67), dhcp(6, 68, 67),
                dhcp(6, 546, 547), dhcp(6, 547, 546)]


class TestControl:
    """A dropping rule for everything: control never meets it, the rest always does."""

    @pytest.fixture(autouse=True)
    def nothing_established(self):
        with tree.parameters(accept_established="N"):
            yield

    @pytest.mark.parametrize("hook,control,rest", [
        ("input", CONTROL + DHCP_IN, NOT_CONTROL + NOT_DHCP_IN),
        ("output", CONTROL + DHCP_OUT, NOT_CONTROL + NOT_DHCP_OUT),
        ("forward", (), CONTROL[:5] + NOT_CONTROL[:5] + DHCP_OUT + [dhcp(4, 67, 68)])])
    def test_what_it_is(self, ways, hook, control, rest):
        for packet in (*control, *rest):
            with tree.rule(hook=hook, family="ip" if packet.family == 4 else "ip6",
                           proto=packet.protocol, action="drop") as rule:
                ways[hook].arrivals([packet])
                assert rule.packets == (packet not in control), packet

    @pytest.mark.parametrize("hook", ("input", "output"))
    def test_off(self, ways, hook):
        with on_or_off("accept_control", "N"), \
                tree.rule(hook=hook, proto="udp,icmpv6", action="drop") as rule:
            packets = CONTROL + (DHCP_IN if hook == "input" else DHCP_OUT)
            assert ways[hook].arrivals(packets) == []
            assert rule.packets == len(packets)

    @pytest.mark.parametrize("value", ("Y", "N"))
    def test_neighbours_find_the_guest(self, wire, value):
        target = ROUTER_TO_CLIENT[6]
        solicitation = bytes(IPv6(src=CLIENT[6], dst=target, hlim=255) / ICMPv6ND_NS(tgt=target)
                             / ICMPv6NDOptSrcLLAddr(lladdr="02:00:00:00:01:02"))
        with on_or_off("accept_control", value, **DROP_ALL):
            wire.forget()
            wire.client.inject(solicitation)
            wire.settle()
            advertised = any(answer[40] == 136 for answer in wire.client.drain())
        assert advertised == (value == "Y")

    def test_the_guest_finds_its_neighbours(self, network, wire):
        with on_or_off("accept_control", "Y", **DROP_ALL), \
                tree.rule(hook="output", proto="udp", action="accept"), \
                network.unknown_server(6), network.router.socket(6, socket.SOCK_DGRAM) as sender:
            wire.forget()
            sender.sendto(b"found", (SERVER[6], 7))
            wire.settle(rounds=2)
            assert any(b"found" in packet for packet in wire.server.drain())

    @pytest.mark.parametrize("destination,passes", [
        ("ff02::1:2", True), (SERVER_LINK_LOCAL, True), ("ff02::1:3", False)])
    def test_dhcpv6_requests(self, network, wire, destination, passes):
        packet = bytes(IPv6(src=LINK_LOCAL, dst=destination) / UDP(sport=546, dport=547) / b"dhcp!")
        with on_or_off("accept_control", "Y", **DROP_ALL):
            wire.forget()
            with network.router.socket(6, socket.SOCK_RAW, socket.IPPROTO_RAW) as sender, \
                    contextlib.suppress(PermissionError):
                sender.sendto(packet, (destination, 0, 0, socket.if_nametoindex("server0")))
            wire.settle(rounds=3)
            assert any(b"dhcp!" in seen for seen in wire.server.drain()) == passes
