# SPDX-License-Identifier: GPL-2.0
"""The network that the packet tests run in: two hosts, and the guest itself between them.

   netns c                      the guest (minifw)                      netns s
  +------------+          +---------------------------+          +------------+
  |       eth0 |----------| client0           server0 |----------| eth0       |
  |   10.1.0.2 |          | 10.1.0.1         10.2.0.1 |          | 10.2.0.2   |
  | fd00:1::2  |          | fd00:1::1       fd00:2::1 |          | fd00:2::2  |
  +------------+          +---------------------------+          +------------+

Neighbours are permanent and the kernels send as little of their own as they can, so that counters
can be compared with what a test sent. Two address blocks belong to nobody:

  SOURCE       192.0.2.0/24     2001:db8:1::/48   lies behind c: the guest routes it there
  DESTINATION  198.51.100.0/24  2001:db8:2::/48   lies behind s, or is the guest itself: see
                                                  destination_is_local()

c and s do not forward: what is addressed to the blocks is seen on their wires, and unanswered.
"""

import os
import socket
from contextlib import contextmanager

import namespace
import routes

FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}

CLIENT = {4: "10.1.0.2", 6: "fd00:1::2"}
ROUTER_TO_CLIENT = {4: "10.1.0.1", 6: "fd00:1::1"}
ROUTER_TO_SERVER = {4: "10.2.0.1", 6: "fd00:2::1"}
SERVER = {4: "10.2.0.2", 6: "fd00:2::2"}

SOURCE_BLOCK = {4: "192.0.2.0/24", 6: "2001:db8:1::/48"}
DESTINATION_BLOCK = {4: "198.51.100.0/24", 6: "2001:db8:2::/48"}

_PREFIX = {4: 24, 6: 64}
_MAC = {"client": "02:00:00:00:01:02", "client0": "02:00:00:00:01:01",
        "server": "02:00:00:00:02:02", "server0": "02:00:00:00:02:01"}

# Whatever would make an expected answer late or absent, or send something unasked.
_QUIET = {
    "ipv4__conf__all__rp_filter": 0, "ipv4__conf__default__rp_filter": 0,
    "ipv4__conf__all__send_redirects": 0, "ipv4__conf__default__send_redirects": 0,
    "ipv4__icmp_ratelimit": 0, "ipv4__icmp_ratemask": 0, "ipv6__icmp__ratelimit": 0,
    "ipv6__icmp__ratemask": 0,
    "ipv6__conf__all__accept_ra": 0, "ipv6__conf__default__accept_ra": 0,
    "ipv6__conf__all__accept_dad": 0, "ipv6__conf__default__accept_dad": 0,
    "ipv6__conf__default__router_solicitations": 0,
}


class Host:
    """One of the three machines; `namespace` None is the guest itself."""

    def __init__(self, name):
        self.namespace = name

    def ip(self, *commands):
        namespace.ip(self.namespace, *commands)

    def sysctl(self, **values):
        namespace.sysctl(self.namespace, **values)

    def socket(self, family, kind, protocol=0):
        """A socket of this host; family is 4, 6 or an AF_ constant."""
        with namespace.entered(self.namespace):
            return socket.socket(FAMILIES.get(family, family), kind, protocol)


def ends(network, direction):
    """Who connects, who listens, and at which address."""
    return {"accepted": (network.client, network.router, ROUTER_TO_CLIENT),
            "outgoing": (network.router, network.server, SERVER),
            "forwarded": (network.client, network.server, SERVER)}[direction]


class Network:
    """The three hosts, wired up. One a process: make it once and keep it."""

    def __init__(self):
        self.router = Host(None)
        self.client = Host("c")
        self.server = Host("s")
        self._clear()
        for host in (self.client, self.server):
            namespace.create(host.namespace)
        for host in (self.router, self.client, self.server):
            host.sysctl(**_QUIET)
        self._wire("client0", self.client, _MAC["client0"], _MAC["client"])
        self._wire("server0", self.server, _MAC["server0"], _MAC["server"])
        self._address()
        for host in (self.router, self.client, self.server):
            forward = int(host is self.router)
            host.sysctl(ipv4__ip_forward=forward, ipv6__conf__all__forwarding=forward)
        self._route()
        self._local = False

    def _clear(self):
        """Take away what an earlier process left: the kernel is slow to, of itself."""
        for device in ("client0", "server0"):
            if os.path.exists("/sys/class/net/" + device):
                self.router.ip(f"link del {device}")
        for name in ("c", "s"):
            if namespace.exists(name):
                namespace.delete(name)

    def _wire(self, device, host, near_mac, far_mac):
        self.router.ip(
            f"link add {device} address {near_mac} type veth"
            f" peer name eth0 address {far_mac} netns {host.namespace}",
            f"link set {device} up", "link set lo up")
        host.ip("link set lo up", "link set eth0 up")

    def _address(self):
        for near, device, far, host, mac in (
                (ROUTER_TO_CLIENT, "client0", CLIENT, self.client, "client"),
                (ROUTER_TO_SERVER, "server0", SERVER, self.server, "server")):
            for family in FAMILIES:
                flags = "nodad" if family == 6 else ""
                self.router.ip(
                    f"addr add {near[family]}/{_PREFIX[family]} dev {device} {flags}",
                    f"neigh replace {far[family]} lladdr {_MAC[mac]} dev {device} nud permanent")
                host.ip(
                    f"addr add {far[family]}/{_PREFIX[family]} dev eth0 {flags}",
                    f"neigh replace {near[family]} lladdr {_MAC[device]} dev eth0 nud permanent",
                    f"route replace default via {near[family]}")

    def _route(self):
        for family in FAMILIES:
            self.router.ip(
                f"route replace {SOURCE_BLOCK[family]} via {CLIENT[family]} dev client0",
                f"route replace {DESTINATION_BLOCK[family]} via {SERVER[family]} dev server0",
                # An earlier process may have left it, and there is no "delete if there".
                f"route replace local {DESTINATION_BLOCK[family]} dev lo",
                f"route del local {DESTINATION_BLOCK[family]} dev lo")

    def destination_is_local(self, local):
        """Give DESTINATION to the guest (True: input sees it) or to s (False: forward, output)."""
        if local == self._local:
            return
        change = routes.add_local if local else routes.delete_local
        for block in DESTINATION_BLOCK.values():
            change(block)
        self._local = local

    @contextmanager
    def unknown_server(self, family):
        """The guest has to find s by itself, for the length of a `with`."""
        neighbour = f"{SERVER[family]} dev server0"
        self.router.ip(f"neigh del {neighbour}")
        try:
            yield
        finally:
            self.router.ip(f"neigh replace {neighbour} lladdr {_MAC['server']} nud permanent")

    @staticmethod
    def mac(name):
        """The address of `client` or `server` (eth0 there) or of `client0` or `server0`."""
        return bytes.fromhex(_MAC[name].replace(":", ""))
