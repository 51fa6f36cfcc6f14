# SPDX-License-Identifier: GPL-2.0
"""The network of doc/examples/router.conf: the guest, and hosts in namespaces at its four sides.

   netns wan   9.9.9.9       2600:9::9       ---- wan0  9.9.9.1      2600:9::1
   netns lan   192.168.1.9   2001:db8:1::9   ---- lan0  192.168.1.1  2001:db8:1::1
   netns web   192.0.2.10    2001:db8:d::10  -+-- dmz0  192.0.2.1    2001:db8:d::1
   netns mail  192.0.2.25    2001:db8:d::25  -+
   netns box   172.17.0.2    fd00:17::2      -+-- br0   172.17.0.1   fd00:17::1
   netns db    172.17.0.5    fd00:17::5      -+

Every host knows the way to all others through the guest, which forwards. dmz0 and br0 are bridges.
"""

import os
import socket

import namespace
from topology import FAMILIES, Host

_PREFIX = {4: 24, 6: 64}
_GATEWAYS = {
    "wan0": {4: "9.9.9.1", 6: "2600:9::1"},
    "lan0": {4: "192.168.1.1", 6: "2001:db8:1::1"},
    "dmz0": {4: "192.0.2.1", 6: "2001:db8:d::1"},
    "br0": {4: "172.17.0.1", 6: "fd00:17::1"},
}
_BRIDGES = ("dmz0", "br0")
_HOSTS = {  # at which device of the guest, and the last part of the addresses
    "wan": ("wan0", 9), "lan": ("lan0", 9), "web": ("dmz0", 10), "mail": ("dmz0", 25),
    "box": ("br0", 2), "db": ("br0", 5),
}
_SETTINGS = {
    "ipv4__conf__all__rp_filter": 0, "ipv4__conf__default__rp_filter": 0,
    "ipv4__icmp_ratelimit": 0, "ipv6__icmp__ratelimit": 0,
    "ipv6__conf__all__accept_dad": 0, "ipv6__conf__default__accept_dad": 0,
    "ipv4__ping_group_range": "0 0",
}


def gateway(name, family):
    """The guest's address on the side of that host."""
    return _GATEWAYS[_HOSTS[name][0]][family]


def address(name, family):
    """That host's own: the guest's with another end."""
    return f"{gateway(name, family)[:-1]}{_HOSTS[name][1]}"


class Sites:
    """The hosts, wired up, by name; `guest` among them. Made once a process."""

    def __init__(self):
        # What a test sends is then dealt with before the call that sends it returns.
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        self._hosts = {"guest": Host(None)}
        self["guest"].sysctl(**_SETTINGS, ipv4__ip_forward=1, ipv6__conf__all__forwarding=1)
        self["guest"].ip("link set lo up", *(f"link add {bridge} up type bridge forward_delay 0"
                                             for bridge in _BRIDGES))
        for name, (device, _) in _HOSTS.items():
            self._add(name, device)
        self["guest"].ip(*(f"addr add {own[family]}/{_PREFIX[family]} dev {device} {flags}"
                           for device, own in _GATEWAYS.items()
                           for family, flags in ((4, ""), (6, "nodad"))))

    def __getitem__(self, name):
        return self._hosts[name]

    def _add(self, name, device):
        namespace.create(name)
        host = self._hosts[name] = Host(name)
        host.sysctl(**_SETTINGS)
        port = name + "0"
        self["guest"].ip(f"link add {port} type veth peer name eth0 netns {name}",
                         f"link set {port} up",
                         *([f"link set {port} master {device}"] if device in _BRIDGES else []))
        host.ip("link set lo up", "link set eth0 up",
                *(f"addr add {address(name, family)}/{_PREFIX[family]} dev eth0 {flags}"
                  for family, flags in ((4, ""), (6, "nodad"))),
                *(f"route add default via {gateway(name, family)}" for family in FAMILIES))

    def close(self):
        for name in _HOSTS:
            namespace.delete(name)
        self["guest"].ip(*(f"link del {bridge}" for bridge in _BRIDGES))

    def forget_neighbours(self, name):
        """As between hosts that have never met."""
        self["guest"].ip(f"neigh flush dev {_HOSTS[name][0]}")
        self[name].ip("neigh flush dev eth0")

    def send(self, name, packet):
        """A packet of packets.py from that host, whatever its source says."""
        with self[name].socket(packet.family, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            raw.sendto(packet.data, (packet.destination, 0))
