# SPDX-License-Identifier: GPL-2.0
"""Routes of the guest to addresses that are its own, by rtnetlink(7).

Tests add and remove one between most packets: a process for `ip` each time took as long as all
else.
"""

import ipaddress
import os
import socket
import struct

_NLM_F_REQUEST, _NLM_F_ACK, _NLM_F_EXCL, _NLM_F_CREATE = 0x1, 0x4, 0x200, 0x400
_RTM_NEWROUTE, _RTM_DELROUTE = 24, 25
_RTA_DST, _RTA_OIF = 1, 4
_RT_TABLE_LOCAL, _RTPROT_BOOT, _RT_SCOPE_HOST, _RTN_LOCAL = 255, 3, 254, 2
_HEADER = struct.Struct("=IHHII")  # struct nlmsghdr
_ROUTE = struct.Struct("=BBBBBBBBI")  # struct rtmsg
_FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}


def _attribute(kind, data):
    return struct.pack("=HH", 4 + len(data), kind) + data  # each a multiple of 4 long


def _local_route(block):
    """`local BLOCK dev lo` as the kernel reads it."""
    network = ipaddress.ip_network(block)
    return (_ROUTE.pack(_FAMILIES[network.version], network.prefixlen, 0, 0, _RT_TABLE_LOCAL,
                        _RTPROT_BOOT, _RT_SCOPE_HOST, _RTN_LOCAL, 0)
            + _attribute(_RTA_DST, network.network_address.packed)
            + _attribute(_RTA_OIF, struct.pack("=I", socket.if_nametoindex("lo"))))


def _request(kind, flags, body):
    """Have the kernel do it, or raise the error that it answers with."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as netlink:
        netlink.send(_HEADER.pack(_HEADER.size + len(body), kind,
                                  _NLM_F_REQUEST | _NLM_F_ACK | flags, 0, 0) + body)
        error, = struct.unpack_from("=i", netlink.recv(65536), _HEADER.size)
    if error:
        raise OSError(-error, os.strerror(-error))


def add_local(block):
    """ip route add local BLOCK dev lo"""
    _request(_RTM_NEWROUTE, _NLM_F_CREATE | _NLM_F_EXCL, _local_route(block))


def delete_local(block):
    """ip route del local BLOCK dev lo"""
    _request(_RTM_DELROUTE, 0, _local_route(block))
