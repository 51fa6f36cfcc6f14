# SPDX-License-Identifier: GPL-2.0
"""What is refused, with which errno and which words; and what values look like when read back."""

import errno
import os
import stat

import pytest

import tree
from capability import without_capability
from packets import udp

INVALID, RANGE, TOO_LONG = errno.EINVAL, errno.ERANGE, errno.E2BIG

# attribute, value, errno, the token that last_error must name
BAD_VALUES = [
    ("enabled", "2", INVALID, "2"), ("enabled", "maybe", INVALID, "maybe"),
    ("enabled", "", INVALID, ""),
    ("priority", "high", INVALID, "high"), ("priority", "1.5", INVALID, "1.5"),
    ("priority", "2147483648", RANGE, "2147483648"),
    ("priority", "-2147483649", RANGE, "-2147483649"), ("priority", "", INVALID, ""),
    ("action", "allow", INVALID, "allow"), ("action", "", INVALID, ""),
    ("action", "accept now", INVALID, "now"),
    ("action", "drop with tcp-reset", INVALID, "tcp-reset"),
    ("action", "reject with", INVALID, "with"), ("action", "reject with love", INVALID, "love"),
    ("action", "reject port-unreachable", INVALID, "port-unreachable"),
    ("action", "notrack now", INVALID, "now"), ("action", "queue", INVALID, ""),
    ("action", "queue x", INVALID, "x"), ("action", "queue 65536", RANGE, "65536"),
    ("action", "queue 1-65536", RANGE, "65536"), ("action", "queue 3-1", INVALID, "3-1"),
    ("action", "queue 3-3", INVALID, "3-3"), ("action", "queue 1-", INVALID, ""),
    ("action", "queue -1", INVALID, ""), ("action", "queue 1,2", INVALID, "1,2"),
    ("action", "queue 1 bypas", INVALID, "bypas"), ("action", "queue num 1", INVALID, "num"),
    ("action", "queue 1 bypass 2", INVALID, "bypass 2"), ("action", "queue 01", INVALID, "01"),
    ("hook", "inside", INVALID, "inside"), ("hook", "input,inside", INVALID, "inside"),
    ("hook", "", INVALID, ""), ("hook", "!input", INVALID, "input"),
    ("family", "ipx", INVALID, "ipx"), ("family", "!ip", INVALID, "ip"),
    ("family", "ip,ip6", INVALID, "ip6"),
    ("iif", "a/b", INVALID, "a/b"), ("iif", "a b", INVALID, "a b"), ("iif", "e*h", INVALID, "e*h"),
    ("iif", "sixteen-letters-", INVALID, "sixteen-letters-"), ("iif", "lo,", INVALID, ""),
    ("iif", "lo,!eth0", INVALID, "!eth0"), ("iif", "..", INVALID, ".."),
    ("iif", "lo,any", INVALID, "any"), ("oif", "!any", INVALID, "any"),
    ("iif", "e\x01h", INVALID, "e?h"), ("oif", "e\x7f*", INVALID, "e?*"),
    ("oif", "a/b", INVALID, "a/b"), ("oif", "!", INVALID, ""), ("oif", "!*", INVALID, "*"),
    ("dport", "22x", INVALID, "22x"), ("dport", "ssh", INVALID, "ssh"),
    ("dport", "65536", RANGE, "65536"),
    ("dport", "80-22", INVALID, "80-22"), ("dport", "22,,80", INVALID, ""),
    ("dport", "-1", INVALID, ""),
    ("dport", "22,!80", INVALID, "!80"), ("dport", "!!80", INVALID, "!80"),
    ("dport", "1-", INVALID, ""),
    ("dport", "0x16", INVALID, "0x16"), ("dport", "1-65536", RANGE, "65536"),
    ("dport", "!", INVALID, ""),
    ("dport", "22 80", INVALID, "22 80"), ("dport", "1-2-3", INVALID, "2-3"),
    ("sport", "99999999999", RANGE, "99999999999"), ("sport", "+1", INVALID, "+1"),
    ("proto", "tpc", INVALID, "tpc"), ("proto", "256", RANGE, "256"),
    ("proto", "tcp,", INVALID, ""),
    ("proto", "tcp,!udp", INVALID, "!udp"), ("proto", "-1", INVALID, "-1"),
    ("icmp_type", "ping", INVALID, "ping"), ("icmp_type", "256", RANGE, "256"),
    ("icmp_type", "3/256", RANGE, "256"), ("icmp_type", "3/", INVALID, ""),
    ("icmp_type", "3/x", INVALID, "x"), ("icmp_type", "nd-redirect", INVALID, "nd-redirect"),
    ("icmpv6_type", "pong", INVALID, "pong"), ("icmpv6_type", "1/300", RANGE, "300"),
    ("tcp_flags", "syn", INVALID, "syn"), ("tcp_flags", "sin / syn", INVALID, "sin"),
    ("tcp_flags", "syn / sin", INVALID, "sin"), ("tcp_flags", "syn / ack", INVALID, ""),
    ("tcp_flags", "syn /", INVALID, ""), ("tcp_flags", "!syn / syn", INVALID, "syn"),
    ("ct_state", "old", INVALID, "old"), ("ct_state", "new,old", INVALID, "old"),
    ("ct_state", "new,!related", INVALID, "!related"),
    ("saddr_type", "anycast", INVALID, "anycast"), ("saddr_type", "local,", INVALID, ""),
    ("daddr_type", "local,!unicast", INVALID, "!unicast"),
    ("daddr_type", "!local,broadcast,multicast,unicast", INVALID, ""),
    ("ct_status", "nat", INVALID, "nat"), ("ct_status", "dnat,!snat", INVALID, "!snat"),
    ("ct_status", "seen_reply", INVALID, "seen_reply"), ("ct_status", "dnat,", INVALID, ""),
    ("ct_mark", "one", INVALID, "one"), ("ct_mark", "!1", INVALID, "!1"),
    ("ct_mark", "2/1", INVALID, "0x2"), ("ct_mark", "0x123456789", RANGE, "0x123456789"),
    ("ct_orig_dport", "65536", RANGE, "65536"), ("ct_orig_dport", "http", INVALID, "http"),
    ("ct_orig_dport", "!0-65535", INVALID, ""),
    ("fragment", "middle", INVALID, "middle"), ("fragment", "first,later", INVALID, "later"),
    ("fragment", "!none", INVALID, "!none"), ("exthdr", "esp", INVALID, "esp"),
    ("exthdr", "rt,", INVALID, ""), ("exthdr", "rt,!dst", INVALID, "!dst"),
    ("exthdr", "43", INVALID, "43"), ("ipopt", "nop", INVALID, "nop"),
    ("ipopt", "!!ra", INVALID, "!ra"), ("ipopt", "LSRR", INVALID, "LSRR"),
    ("saddr_mac", "52:54:00:12:34", INVALID, "52:54:00:12:34"),
    ("saddr_mac", "52:54:00:12:34:56:78", INVALID, "52:54:00:12:34:56:78"),
    ("saddr_mac", "52:54:00:12:34:5", INVALID, "52:54:00:12:34:5"),
    ("saddr_mac", "52:54:00:12:34:5g", INVALID, "5g"),
    ("saddr_mac", "52-54-00-12-34-56", INVALID, "52-54"), ("saddr_mac", "!", INVALID, ""),
    ("saddr_mac", "52:54:00:12:34:56,!52:54:00:12:34:57", INVALID, "!52"),
    ("length", "65536", RANGE, "65536"), ("length", "9-1", INVALID, "9-1"),
    ("length", "x", INVALID, "x"), ("length", "!0-65535", INVALID, ""),
    ("ttl", "256", RANGE, "256"), ("ttl", "1-256", RANGE, "256"), ("ttl", "-1", INVALID, ""),
    ("ttl", "!0-255", INVALID, ""), ("ttl", "64,!65", INVALID, "!65"),
    ("dscp", "64", RANGE, "64"), ("dscp", "af44", INVALID, "af44"), ("dscp", "cs8", INVALID, "cs8"),
    ("dscp", "0-3", INVALID, "0-3"), ("dscp", "AF41", INVALID, "AF41"),
    ("dscp", "0x2e", INVALID, "0x2e"),
    ("dscp", "!" + ",".join(map(str, range(64))), INVALID, ""),
    ("pkttype", "unicast", INVALID, "unicast"), ("pkttype", "host,", INVALID, ""),
    ("pkttype", "!host,broadcast,multicast,other", INVALID, ""),
    ("mark", "x", INVALID, "x"), ("mark", "0x", INVALID, "0x"), ("mark", "!1", INVALID, "!1"),
    ("mark", "0x100000000", RANGE, "0x100000000"), ("mark", "4294967296", RANGE, "4294967296"),
    ("mark", "1/", INVALID, ""), ("mark", "0x10/0xf", INVALID, "0x10"),
    ("mark", "0/0", INVALID, "mask"), ("mark", "1,2", INVALID, "1,2"), ("mark", "1-2", INVALID, ""),
    ("mark", "0x1/0xff/1", INVALID, "0xff/1"), ("mark", "0x0x1", INVALID, "0x0x1"),
    ("uid", "root", INVALID, "root"), ("uid", "4294967296", RANGE, "4294967296"),
    ("uid", "2-1", INVALID, "2-1"), ("uid", "1,!2", INVALID, "!2"),
    ("gid", "-1", INVALID, ""), ("gid", "!0-4294967295", INVALID, ""),
    ("gid", "0x10", INVALID, "0x10"),
    ("log", "yes", INVALID, "yes"), ("log", "off on", INVALID, "off"),
    ("log", "on prefix", INVALID, "prefix"), ("log", 'on prefix "a', INVALID, '"'),
    ("log", 'on prefix "a"b', INVALID, "b"), ("log", "on prefix a b", INVALID, "b"),
    ("log", 'on prefix "\x01"', INVALID, "control"),
    ("log", "on prefix " + "x" * 48, TOO_LONG, "x" * 40),
    ("log", "on level loud", INVALID, "loud"), ("log", "on level 4", INVALID, "4"),
    ("log", "on level info level info", INVALID, "level"), ("log", "on group 5", INVALID, "group"),
    ("log", "on limit", INVALID, "limit"), ("log", "on limit 5", INVALID, "5"),
    ("log", "on limit 5/week", INVALID, "week"), ("log", "on limit x/minute", INVALID, "x"),
    ("log", "on limit 0/minute", RANGE, "0"), ("log", "on limit 1000001/day", RANGE, "1000001"),
    ("log", "on limit 5/minute burst", INVALID, "burst"), ("log", "on burst 5", INVALID, "burst"),
    ("log", "on limit 5/minute burst 0", RANGE, "0"),
    ("log", "on limit 5/minute burst 65536", RANGE, "65536"),
    ("log", "nflog", INVALID, "nflog"), ("log", "nflog one", INVALID, "one"),
    ("log", "nflog 65536", RANGE, "65536"), ("log", "nflog 1 level info", INVALID, "level"),
    ("log", "nflog 1 nflog 2", INVALID, "nflog"),
    ("expires", "0", RANGE, "0"), ("expires", "0m", RANGE, "0m"),
    ("expires", "4294967296", RANGE, "4294967296"), ("expires", "49711d", RANGE, "49711d"),
    ("expires", "soon", INVALID, "soon"), ("expires", "1w", INVALID, "1w"),
    ("expires", "30m1h", INVALID, "30m1h"), ("expires", "1h30", INVALID, "1h30"),
    ("expires", "-5", INVALID, "-5"), ("expires", "1.5h", INVALID, "1.5h"),
    ("expires", "any", INVALID, "any"),
    ("limit", "10", INVALID, ""), ("limit", "10/", INVALID, ""), ("limit", "/second", INVALID, "/"),
    ("limit", "10/fortnight", INVALID, "fortnight"), ("limit", "ten/second", INVALID, "ten"),
    ("limit", "0/second", RANGE, "0"), ("limit", "-1/second", INVALID, "-1"),
    ("limit", "010/second", INVALID, "010"), ("limit", "1.5/second", INVALID, "1.5"),
    ("limit", "18446744073709551617/day", RANGE, "18446744073709551617"),
    ("limit", "34359738369/second", RANGE, "34359738369"),
    ("limit", "33 gbytes/second", RANGE, "35433480192"),
    ("limit", "1073741825 gbytes/day", RANGE, "1073741825 gbytes"),
    ("limit", "10 packets/second", INVALID, "packets"),
    ("limit", "10/second over", INVALID, "over"),
    ("limit", "under 10/second", INVALID, "under"), ("limit", "10/second burst", INVALID, ""),
    ("limit", "10/second burst 0", RANGE, "0"), ("limit", "10/second burst x", INVALID, "x"),
    ("limit", "10/second burst 1 kbytes", INVALID, "burst"),
    ("limit", "1 kbytes/second burst 1", INVALID, "burst"),
    ("limit", "10/second burst 5 burst 6", INVALID, "burst"),
    ("limit", "10/second per", INVALID, ""), ("limit", "10/second per iif", INVALID, "iif"),
    ("limit", "10/second per saddr per daddr", INVALID, "per"),
    ("limit", "10/second per saddr/0", RANGE, "0"),
    ("limit", "10/second per saddr/129", RANGE, "129"),
    ("limit", "10/second per saddr/33/64", RANGE, "33"),
    ("limit", "10/second per saddr/24/129", RANGE, "129"),
    ("limit", "10/second per saddr/x", INVALID, "x"),
    ("limit", "10/second per saddr,sport", INVALID, "sport"),
    ("limit", "10/second per daddr,dport", INVALID, ","), ("limit", "!10/second", INVALID, "!10"),
    ("conn_limit", "20", INVALID, "20"), ("conn_limit", "over", INVALID, ""),
    ("conn_limit", "over 0", RANGE, "0"), ("conn_limit", "over 4294967296", RANGE, "4294967296"),
    ("conn_limit", "over 20/second", INVALID, "/"), ("conn_limit", "over x", INVALID, "x"),
    ("conn_limit", "over 20 per dport", INVALID, "dport"),
    ("conn_limit", "over 20 per saddr/0", RANGE, "0"),
    ("conn_limit", "over 20 burst 5", INVALID, "burst"),
    ("quota", "10", INVALID, ""), ("quota", "gbytes", INVALID, "gbytes"),
    ("quota", "0 bytes", RANGE, "0"), ("quota", "10 gb", INVALID, "gb"),
    ("quota", "1073741825 gbytes", RANGE, "1073741825"), ("quota", "over 1 bytes", INVALID, "over"),
    ("quota", "1 bytes left", INVALID, "left"), ("quota", "1 bytes/second", INVALID, "/"),
    ("cgroup", "!system.slice", INVALID, "!system.slice"),
    ("cgroup", "a\tb", INVALID, "a?b"), ("cgroup", "a /", INVALID, "a "),
    ("rpf", "strict", INVALID, "strict"), ("rpf", "!pass", INVALID, "!pass"),
    ("rpf", "pass,fail", INVALID, "fail"), ("ipsec", "esp", INVALID, "esp"),
    ("ipsec", "in,out", INVALID, "out"), ("ipsec", "!none", INVALID, "!none"),
    ("time", "monday", INVALID, "monday"), ("time", "!mon", INVALID, "!mon"),
    ("time", "mon,", INVALID, ""), ("time", "Mon", INVALID, "Mon"), ("time", "-", INVALID, ""),
    ("time", "08:00", INVALID, "08:00"), ("time", "08:00-", INVALID, ""),
    ("time", "8-18", INVALID, "8"), ("time", "08:00-18:0", INVALID, "18:0"),
    ("time", "08:00-08:00", INVALID, "08:00-08:00"), ("time", "24:00-06:00", INVALID, "24:00"),
    ("time", "08:00-24:01", RANGE, "24:01"), ("time", "08:60-18:00", RANGE, "08:60"),
    ("time", "08:00-18:00:60", RANGE, "18:00:60"), ("time", "99:00-18:00", RANGE, "99:00"),
    ("time", "08:00-18:00 mon", INVALID, "18:00 mon"),
    ("time", "mon08:00-18:00", INVALID, "mon08:00"),
    ("time", "08:00-10:00,12:00-14:00", INVALID, "10:00,12:00"),
    ("time", "!08:00-18:00", INVALID, "!08:00"),
    ("comment", "x" * 256, TOO_LONG, ""), ("reset", "2", INVALID, "2"),
    ("reset", "0", INVALID, "0"),
]
BAD_ADDRESSES = [
    ("192.0.2", INVALID, "192.0.2"), ("192.0.2.256", INVALID, "192.0.2.256"),
    ("host", INVALID, "host"),
    ("192.0.2.0/33", RANGE, "33"), ("2001:db8::/129", RANGE, "129"), ("192.0.2.0/", INVALID, ""),
    ("192.0.2.0/-1", INVALID, "-1"), ("192.0.2.0/x", INVALID, "x"),
    ("2001:db8::1::2", INVALID, "::1::2"), ("02001:db8::1", INVALID, "02001:db8::1"),
    ("::01.2.3.4", INVALID, "::01.2.3.4"), ("::1.2.3.4:", INVALID, "::1.2.3.4:"),
    (":", INVALID, ":"), ("::1:", INVALID, "::1:"),
    ("192.0.2.9-192.0.2.1", INVALID, "192.0.2.1"),
    ("192.0.2.1-2001:db8::1", INVALID, "2001:db8::1"),
    ("192.0.2.1/ffff::", INVALID, "ffff::"), ("192.0.2.1-", INVALID, ""),
    ("192.0.2.1,", INVALID, ""),
    ("192.0.2.1,!192.0.2.2", INVALID, "!192.0.2.2"), ("!!192.0.2.1", INVALID, "!192.0.2.1"),
    ("010.0.0.1", INVALID, "010.0.0.1"), ("!0.0.0.0/0,::/0", INVALID, ""), ("!", INVALID, ""),
]
BAD_VALUES += [(attribute, *bad)
               for attribute in ("saddr", "daddr", "ct_orig_daddr") for bad in BAD_ADDRESSES]

GOOD = {"priority": "5", "action": "drop", "hook": "forward", "family": "ip", "iif": "lo",
        "oif": "eth0", "saddr": "192.0.2.1", "daddr": "192.0.2.2", "saddr_type": "unicast",
        "daddr_type": "!local", "proto": "tcp", "sport": "1",
        "dport": "2", "icmp_type": "8", "icmpv6_type": "128", "tcp_flags": "syn/syn",
        "ct_state": "new", "ct_status": "dnat", "ct_mark": "0x1", "ct_orig_daddr": "192.0.2.3",
        "ct_orig_dport": "80", "fragment": "none", "exthdr": "hbh", "ipopt": "ra",
        "saddr_mac": "52:54:00:12:34:56", "length": "64-1500", "ttl": "64", "dscp": "af41",
        "pkttype": "host", "mark": "0x1/0xff", "uid": "0", "gid": "1000-1999",
        "cgroup": "/system.slice/ssh.service", "rpf": "fail", "ipsec": "none",
        "time": "mon-fri 08:00-18:00",
        "limit": "over 10/second per saddr/24 burst 20", "conn_limit": "over 20 per saddr/24",
        "quota": "10 gbytes", "add_to": "@banned key saddr timeout 60",
        "log": "on level info", "comment": "kept", "expires": "60", "enabled": "0"}


@pytest.mark.parametrize("attribute,value,error,token", BAD_VALUES)
def test_a_bad_value_changes_nothing(attribute, value, error, token):
    with tree.rule(live=False) as rule:
        if attribute in GOOD:
            rule[attribute] = GOOD[attribute]
        with tree.refused(error, rule.path + "/last_error", attribute, token):
            rule[attribute] = value
        if attribute in GOOD:
            assert rule[attribute] == GOOD[attribute]
            rule[attribute] = GOOD[attribute]
            assert rule["last_error"] == ""


@pytest.mark.parametrize("attribute,element", [
    ("dport", "{}"), ("sport", "{}"), ("saddr", "192.0.2.{}"), ("daddr", "2001:db8::{}"),
    ("iif", "e{}"), ("oif", "e{}"), ("proto", "{}"), ("icmp_type", "{}"), ("icmpv6_type", "{}"),
    ("ct_orig_daddr", "192.0.2.{}"), ("ct_orig_dport", "{}"),
    ("saddr_mac", "52:54:00:12:34:{:02x}"), ("length", "{}"), ("ttl", "{}"), ("uid", "{}"),
    ("gid", "{}")])
def test_64_elements_and_no_more(attribute, element):
    def listed(number):
        return ",".join(element.format(2 * value) for value in range(number))
    with tree.rule(live=False) as rule:
        rule[attribute] = listed(64)
        assert len(rule[attribute].split(",")) == 64
        rule[attribute] = "!" + listed(64)
        kept = rule[attribute]
        with tree.refused(TOO_LONG, rule.path + "/last_error", attribute):
            rule[attribute] = listed(65)
        assert rule[attribute] == kept


# Attributes that each by itself is fine: refused when enabled. Words for last_error.
BAD_RULES = [
    ({}, errno.ENODATA, ("action",)),
    ({"dport": "22"}, errno.ENODATA, ()),
    ({"action": "drop", "dport": "22"}, errno.ENODATA, ("dport", "proto")),
    ({"action": "drop", "sport": "22"}, errno.ENODATA, ("sport", "proto")),
    ({"action": "reject with tcp-reset"}, errno.ENODATA, ("action", "tcp")),
    ({"action": "reject with tcp-reset", "proto": "udp"}, INVALID, ("action", "tcp")),
    ({"action": "drop", "dport": "22", "proto": "icmp"}, INVALID, ("dport", "proto")),
    ({"action": "drop", "dport": "22", "proto": "tcp,icmp"}, INVALID, ("dport", "proto")),
    ({"action": "drop", "dport": "22", "proto": "!tcp"}, INVALID, ("dport", "proto")),
    ({"action": "drop", "dport": "!22"}, errno.ENODATA, ("dport", "proto")),
    ({"action": "drop", "iif": "lo", "hook": "output"}, INVALID, ("iif", "output")),
    ({"action": "drop", "oif": "lo", "hook": "input"}, INVALID, ("oif", "input")),
    ({"action": "drop", "oif": "lo"}, INVALID, ("oif", "input")),
    ({"action": "drop", "iif": "lo", "hook": "input,output"}, INVALID, ("iif", "output")),
    ({"action": "drop", "oif": "lo", "hook": "input,forward"}, INVALID, ("oif", "input")),
    ({"action": "drop", "iif": "lo", "hook": "prerouting,postrouting"}, INVALID,
     ("iif: hook postrouting has no iif",)),
    ({"action": "drop", "oif": "lo", "hook": "prerouting"}, INVALID,
     ("oif: hook prerouting has no oif",)),
    ({"action": "drop", "oif": "lo", "iif": "lo", "hook": "ingress"}, INVALID,
     ("oif: hook ingress has no oif",)),
    ({"action": "drop", "uid": "0"}, INVALID, ("uid: hook input has no uid",)),
    ({"action": "drop", "uid": "0", "hook": "input,output"}, INVALID,
     ("uid: hook input has no uid",)),
    ({"action": "drop", "gid": "!0", "hook": "forward"}, INVALID,
     ("gid: hook forward has no gid",)),
    ({"action": "drop", "uid": "0", "hook": "prerouting"}, INVALID,
     ("uid: hook prerouting has no uid",)),
    ({"action": "drop", "gid": "0", "hook": "ingress", "iif": "lo"}, INVALID,
     ("gid: hook ingress has no gid",)),
    *(({"action": "drop", attribute: value, "hook": "ingress,prerouting", "iif": "lo"}, INVALID,
       (f"{attribute}: hook ingress has no {attribute}",))
      for attribute, value in (("ct_state", "new"), ("ct_status", "dnat"), ("ct_mark", "1"),
                               ("ct_orig_daddr", "::1"), ("ct_orig_dport", "1"))),
    ({"action": "drop", "hook": "ingress"}, errno.ENODATA, ("iif", "ingress")),
    ({"action": "drop", "hook": "ingress,input"}, errno.ENODATA, ("iif", "ingress")),
    ({"action": "drop", "hook": "ingress", "iif": "!lo"}, INVALID, ("iif", "!", "ingress")),
    ({"action": "drop", "hook": "ingress", "iif": "eth0,wg*"}, INVALID, ("iif", "wg*", "ingress")),
    ({"action": "drop", "hook": "ingress", "iif": "*"}, INVALID, ("iif", "'*'", "ingress")),
    *(({"action": "reject", "hook": f"{hook},input", "iif": "lo"}, INVALID,
       ("action: 'reject' is not for hook " + hook,)) for hook in ("ingress", "prerouting")),
    ({"action": "reject", "hook": "postrouting"}, INVALID,
     ("action: 'reject' is not for hook postrouting",)),
    ({"action": "queue 1", "hook": "ingress", "iif": "lo"}, INVALID,
     ("action: 'queue' is not for hook ingress",)),
    *(({"action": "notrack", "hook": hook, "iif": iif}, INVALID,
       (f"action: 'notrack' is not for hook {first}",))
      for hook, iif, first in (("input", "", "input"), ("output,forward", "", "forward"),
                               ("postrouting", "", "postrouting"), ("ingress", "lo", "ingress"))),
    *(({"action": "notrack", "hook": "prerouting", attribute: value}, INVALID,
       (f"{attribute}: ", "notrack"))
      for attribute, value in (("ct_state", "untracked"), ("ct_status", "!dnat"), ("ct_mark", "0"),
                               ("ct_orig_daddr", "::1"), ("ct_orig_dport", "1"))),
    *(({"action": "drop", "cgroup": "/", "hook": hook, "iif": iif}, INVALID,
       (f"cgroup: hook {first} has no cgroup",))
      for hook, iif, first in (("input", "", "input"), ("forward,output", "", "forward"),
                               ("ingress", "lo", "ingress"), ("prerouting", "", "prerouting"))),
    ({"action": "drop", "cgroup": "no/such", "hook": "output"}, errno.ENOENT,
     ("cgroup: there is no cgroup 'no/such'",)),
    *(({"action": "drop", "rpf": "fail", "hook": hook, "iif": iif}, INVALID,
       (f"rpf: hook {first} has no rpf",))
      for hook, iif, first in (("output", "", "output"), ("input,output", "", "output"),
                               ("postrouting", "", "postrouting"), ("ingress", "lo", "ingress"))),
    *(({"action": "drop", "ipsec": way, "hook": hook}, INVALID,
       (f"ipsec: '{way}' is not for hook {first}",))
      for way, hook, first in (("in", "output", "output"), ("in", "forward,output", "output"),
                               ("in", "postrouting", "postrouting"), ("out", "input", "input"),
                               ("out", "input,forward", "input"),
                               ("out", "prerouting", "prerouting"))),
    ({"action": "drop", "ipsec": "none", "hook": "ingress", "iif": "lo"}, INVALID,
     ("ipsec: hook ingress has no ipsec",)),
    ({"action": "drop", "saddr_type": "broadcast", "family": "ip6"}, INVALID,
     ("saddr_type", "family")),
    ({"action": "drop", "daddr_type": "broadcast", "saddr": "::1"}, INVALID,
     ("daddr_type", "saddr")),
    ({"action": "drop", "ct_orig_daddr": "192.0.2.1", "family": "ip6"}, INVALID,
     ("ct_orig_daddr", "family")),
    ({"action": "drop", "ct_orig_daddr": "::1", "saddr": "192.0.2.1"}, INVALID, ("saddr",)),
    ({"action": "drop", "ct_status": "dnat", "ct_state": "untracked"}, INVALID, ("ct_state",)),
    ({"action": "drop", "ct_mark": "1", "ct_state": "!new,established,related"}, INVALID,
     ("ct_state",)),
    ({"action": "drop", "ct_orig_dport": "1", "ct_state": "invalid"}, INVALID, ("ct_state",)),
    ({"action": "drop", "exthdr": "rt", "family": "ip"}, INVALID, ("exthdr", "family")),
    ({"action": "drop", "exthdr": "!rt", "saddr": "192.0.2.1"}, INVALID, ("exthdr", "saddr")),
    ({"action": "drop", "ipopt": "ra", "family": "ip6"}, INVALID, ("ipopt", "family")),
    ({"action": "drop", "ipopt": "ra", "exthdr": "rt"}, INVALID, ("ipopt", "exthdr")),
    ({"action": "drop", "ipopt": "ra", "icmpv6_type": "128"}, INVALID, ("icmpv6_type", "ipopt")),
    ({"action": "drop", "fragment": "later", "proto": "udp", "dport": "53"}, INVALID,
     ("fragment",)),
    ({"action": "drop", "fragment": "later", "icmp_type": "8"}, INVALID, ("fragment",)),
    ({"action": "drop", "fragment": "later", "tcp_flags": "syn/syn"}, INVALID, ("fragment",)),
    ({"action": "drop", "saddr_mac": "52:54:00:12:34:56", "hook": "output"}, INVALID,
     ("saddr_mac", "output")),
    ({"action": "drop", "saddr_mac": "52:54:00:12:34:56", "hook": "input,output"}, INVALID,
     ("saddr_mac", "output")),
    ({"action": "drop", "saddr_mac": "52:54:00:12:34:56", "hook": "prerouting,postrouting"},
     INVALID, ("saddr_mac", "postrouting")),
    ({"action": "drop", "limit": "1/second per saddr,dport", "proto": "icmp"}, INVALID,
     ("limit", "dport")),
    ({"action": "drop", "conn_limit": "over 1 per saddr,dport", "icmpv6_type": "128"}, INVALID,
     ("conn_limit", "dport")),
    ({"action": "drop", "limit": "1/second per saddr,dport", "fragment": "later"}, INVALID,
     ("fragment",)),
    ({"action": "drop", "conn_limit": "over 1", "ct_state": "invalid,untracked"}, INVALID,
     ("ct_state", "conn_limit")),
    ({"action": "drop", "saddr": "192.0.2.1", "daddr": "2001:db8::1"}, INVALID, ()),
    ({"action": "drop", "saddr": "!192.0.2.1", "daddr": "2001:db8::1"}, INVALID, ()),
    ({"action": "drop", "saddr": "192.0.2.1", "family": "ip6"}, INVALID, ("family",)),
    ({"action": "drop", "daddr": "2001:db8::1", "family": "ip"}, INVALID, ("family",)),
    ({"action": "drop", "proto": "icmp", "family": "ip6"}, INVALID, ()),
    ({"action": "drop", "proto": "icmpv6", "family": "ip"}, INVALID, ()),
    ({"action": "drop", "proto": "icmp", "saddr": "2001:db8::1"}, INVALID, ()),
    ({"action": "drop", "icmp_type": "8", "saddr": "2001:db8::1"}, INVALID, ()),
    ({"action": "drop", "icmpv6_type": "128", "saddr": "192.0.2.1"}, INVALID, ()),
    ({"action": "drop", "icmp_type": "8", "icmpv6_type": "128"}, INVALID, ()),
    ({"action": "drop", "icmp_type": "8", "proto": "tcp"}, INVALID, ("icmp_type",)),
    ({"action": "drop", "tcp_flags": "syn / syn", "proto": "udp"}, INVALID, ("tcp_flags",)),
    ({"action": "drop", "tcp_flags": "syn / syn", "icmp_type": "8"}, INVALID, ()),
]


@pytest.mark.parametrize("attributes,error,words", BAD_RULES)
def test_a_bad_rule_is_refused_when_enabled(attributes, error, words):
    generation = tree.generation()
    for order in (list(attributes), list(reversed(list(attributes)))):
        with tree.rule(live=False) as rule:
            for attribute in order:
                rule[attribute] = attributes[attribute]
            with tree.refused(error, rule.path + "/last_error", *words):
                rule.publish()
            assert rule["last_error"] != ""
            assert rule["enabled"] == "0" and rule["status"] == "off"
    assert tree.generation() == generation


def test_a_mended_rule_is_taken():
    with tree.rule(live=False, action="drop", dport="22") as rule:
        with tree.refused(errno.ENODATA):
            rule.publish()
        rule["proto"] = "tcp,sctp"
        assert rule["last_error"] == ""
        rule.publish()
        assert rule["status"] == "live"


def test_a_refused_write_leaves_packets_as_they_were(ways):
    with tree.rule(proto="udp", dport="22", action="drop") as rule:
        for attribute, value in (("dport", "70000"), ("proto", "none"), ("enabled", "7")):
            with pytest.raises(OSError):
                rule[attribute] = value
            assert rule["status"] == "live"
            hit, miss = udp(dport=22), udp(dport=23)
            assert ways["input"].arrivals([hit, miss]) == [miss]


class TestNames:
    @pytest.mark.parametrize("name", [
        "a", "A", "0", "_", "10-ssh", "a.b", "x" * 63, "under_score", "9"])
    def test_good(self, name):
        with tree.rule(name, live=False):
            assert name in os.listdir(tree.RULES)

    @pytest.mark.parametrize("name", [
        ".hidden", "-dash", "a b", "a:b", "ü", "a@b", "x" * 64, "a,b", "a\nb", "*", "a=b", '"'])
    def test_bad(self, name):
        with tree.refused(INVALID):
            tree.Rule(name).make()
        assert tree.read(tree.ROOT + "/last_error") != ""
        assert os.listdir(tree.RULES) == []

    def test_twice(self):
        with tree.rule("a", live=False), tree.refused(errno.EEXIST):
            tree.Rule("a").make()

    def test_no_rename_and_nothing_but_rules(self):
        with tree.rule("a", live=False) as rule:
            with tree.refused(errno.EPERM):
                os.rename(rule.path, tree.RULES + "/b")
            with pytest.raises(OSError):
                os.mkdir(rule.path + "/inner")
        with tree.refused(errno.EPERM):
            os.mkdir(tree.ROOT + "/other")


class TestWrites:
    @pytest.mark.parametrize("attribute", ("dport", "comment", "saddr", "action"))
    def test_an_embedded_nul(self, attribute):
        with tree.rule(live=False) as rule:
            before = rule[attribute]
            with tree.refused(INVALID, rule.path + "/last_error", attribute):
                rule[attribute] = b"2\x002\n"
            assert rule[attribute] == before

    @pytest.mark.parametrize("attribute", ("dport", "comment", "saddr"))
    def test_4095_bytes_without_an_end(self, attribute):
        with tree.rule(live=False) as rule:
            with tree.refused(TOO_LONG, rule.path + "/last_error", attribute):
                rule[attribute] = b"1" * 4095
            with tree.refused(TOO_LONG):
                rule[attribute] = b"1" * 9000
            assert rule[attribute] == ""

    def test_4095_bytes_with_an_end(self):
        with tree.rule(live=False) as rule:
            rule["dport"] = b"22" + b" " * 4092 + b"\n"
            assert rule["dport"] == "22"

    def test_no_newline_is_needed(self):
        with tree.rule(live=False) as rule:
            rule["dport"] = b"22"
            assert rule["dport"] == "22"

    @pytest.mark.parametrize("attribute", sorted(set(tree.MATCHES)))
    @pytest.mark.parametrize("nothing", ("", "any", " any ", b"\n", b" \n"))
    def test_nothing_clears(self, attribute, nothing):
        with tree.rule(live=False) as rule:
            rule[attribute] = GOOD[attribute]
            assert rule[attribute] == GOOD[attribute]
            rule[attribute] = nothing
            assert rule[attribute] == ""


NORMAL_FORMS = [  # attribute, written, read
    ("dport", "22", "22"), ("dport", " 22 , 80 ", "22,80"), ("dport", "80,22", "22,80"),
    ("dport", "! 22", "!22"), ("dport", "22,22", "22"), ("dport", "22,23", "22-23"),
    ("dport", "1-10,5-20", "1-20"), ("dport", "1-10,11-20", "1-20"),
    ("dport", "1-10,12-20", "1-10,12-20"),
    ("dport", "5-5", "5"), ("dport", "0-65535", "0-65535"), ("dport", "1 - 5", "1-5"),
    ("saddr", "192.0.2.7/24", "192.0.2.0/24"), ("saddr", "192.0.2.7/32", "192.0.2.7"),
    ("saddr", "192.0.2.7/255.255.255.0", "192.0.2.0/24"),
    ("saddr", "0.0.0.7/0.0.0.255", "0.0.0.7/0.0.0.255"),
    ("saddr", "192.0.2.0-192.0.2.255", "192.0.2.0/24"),
    ("saddr", "192.0.2.1-192.0.2.2", "192.0.2.1-192.0.2.2"),
    ("saddr", "192.0.2.0/25,192.0.2.128/25", "192.0.2.0/24"),
    ("saddr", "192.0.2.0/24,192.0.2.9", "192.0.2.0/24"),
    ("saddr", "192.0.2.4,192.0.2.3", "192.0.2.3-192.0.2.4"),
    ("saddr", "192.0.2.2,192.0.2.3", "192.0.2.2/31"),
    ("saddr", "2001:db8::1,192.0.2.1", "192.0.2.1,2001:db8::1"),
    ("saddr", "!2001:DB8:0::1", "!2001:db8::1"),
    ("saddr", "2001:db8::1/64", "2001:db8::/64"), ("saddr", "2001:db8::1/128", "2001:db8::1"),
    ("saddr", "2001:db8::-2001:db8::ffff", "2001:db8::/112"),
    ("saddr", "::10/::ffff:ffff:ffff:ffff", "::10/::ffff:ffff:ffff:ffff"),
    ("saddr", "0.0.0.0/0", "0.0.0.0/0"), ("saddr", "::/0", "::/0"),
    ("saddr", "10.0.0.5,10.0.0.9,10.0.0.7", "10.0.0.5,10.0.0.7,10.0.0.9"),
    ("proto", "6", "tcp"), ("proto", "udp,tcp", "tcp,udp"), ("proto", "58", "icmpv6"),
    ("proto", "253", "253"),
    ("proto", "!17,6", "!tcp,udp"), ("proto", "tcp,tcp", "tcp"),
    ("icmp_type", "echo-request", "8"), ("icmp_type", "3/4", "3/4"), ("icmp_type", "3/4,3", "3"),
    ("icmp_type", "8,0", "0,8"), ("icmpv6_type", "echo-request", "128"),
    ("tcp_flags", "syn / ack,syn", "syn/syn,ack"), ("tcp_flags", "syn/ecn,syn", "syn/syn,ece"),
    ("ct_state", "related,new", "new,related"), ("ct_state", "! invalid", "!invalid"),
    ("saddr_type", "unicast,local", "local,unicast"), ("daddr_type", "! multicast", "!multicast"),
    ("uid", "4294967295", "4294967295"), ("uid", "1,0", "0-1"),
    ("gid", "!1000 - 1999", "!1000-1999"),
    ("uid", "0-4294967295", "0-4294967295"), ("gid", "4294967295,4294967294,0",
     "0,4294967294-4294967295"),
    ("cgroup", "system.slice/ssh.service", "/system.slice/ssh.service"),
    ("cgroup", "//a//b c/", "/a/b c"), ("cgroup", "/", "/"), ("cgroup", "/any", "/any"),
    ("rpf", "pass", "pass"), ("ipsec", "none", "none"),
    ("time", "mon-fri 08:00-18:00", "mon-fri 08:00-18:00"), ("time", "sun,sat", "sat,sun"),
    ("time", "22:00-06:00", "22:00-06:00"),
    ("time", "fri , mon - wed   8:00 - 18:00:00", "mon-wed,fri 08:00-18:00"),
    ("time", "sat-mon", "mon,sat,sun"), ("time", "mon-sun 00:00:01-23:59", "00:00:01-23:59"),
    ("time", "22:00-00:00", "22:00-24:00"), ("time", "wed 00:00-24:00", "wed"),
    ("time", "00:00-24:00", "mon-sun"),
    ("ct_status", "seen-reply,assured,snat,dnat", "dnat,snat,assured,seen-reply"),
    ("ct_status", "! dnat", "!dnat"), ("ct_mark", "16 / 0xf0", "0x10/0xf0"),
    ("ct_orig_daddr", "192.0.2.7/24,::1", "192.0.2.0/24,::1"), ("ct_orig_dport", "81,80", "80-81"),
    ("fragment", "later", "later"), ("exthdr", "ah,hbh,rt", "hbh,rt,ah"),
    ("exthdr", "! frag", "!frag"), ("exthdr", "!hbh,rt,dst,frag,ah", "!hbh,rt,dst,frag,ah"),
    ("ipopt", "ts,ra,lsrr,rr,ssrr", "lsrr,ssrr,rr,ra,ts"),
    ("ipopt", "!ssrr,lsrr", "!lsrr,ssrr"),
    ("saddr_mac", "! 52:54:00:AB:CD:EF,00:00:00:00:00:01,52:54:00:ab:cd:ef",
     "!00:00:00:00:00:01,52:54:00:ab:cd:ef"),
    ("length", "1500,64-1499", "64-1500"), ("length", "!0", "!0"),
    ("length", "0-65535", "0-65535"), ("ttl", "255,1", "1,255"), ("ttl", "!64", "!64"),
    ("dscp", "34,8,1,46", "cs1,af41,ef,1"), ("dscp", "be", "cs0"), ("dscp", "!be,cs0", "!cs0"),
    ("dscp", "63", "63"), ("pkttype", "other,host", "host,other"),
    ("pkttype", "! multicast", "!multicast"),
    ("mark", "17", "0x11"), ("mark", "0x00FF", "0xff"), ("mark", "1 / 255", "0x1/0xff"),
    ("mark", "0x1/0xffffffff", "0x1"), ("mark", "0", "0x0"), ("mark", "0/0xff", "0x0/0xff"),
    ("mark", "4294967295", "0xffffffff"),
    ("limit", "10/second", "10/second"), ("limit", " 10 / second ", "10/second"),
    ("limit", "10/second burst 5", "10/second"), ("limit", "60/minute", "60/minute"),
    ("limit", "10/hour burst 20 packets per saddr", "10/hour per saddr burst 20"),
    ("limit", "over 5/day per saddr , dport", "over 5/day per saddr,dport"),
    ("limit", "1/second per saddr/32", "1/second per saddr"),
    ("limit", "1/second per daddr/24", "1/second per daddr/24"),
    ("limit", "1/second per saddr/56", "1/second per saddr/56"),
    ("limit", "1/second per saddr/32/56", "1/second per saddr/56"),
    ("limit", "1/second per saddr/24/128", "1/second per saddr/24"),
    ("limit", "1/second per saddr/24/32,dport", "1/second per saddr/24/32,dport"),
    ("limit", "1/second per saddr/32/32", "1/second per saddr/32/32"),
    ("limit", "10240 kbytes/second burst 10 mbytes", "10 mbytes/second"),
    ("limit", "1025 bytes/second burst 20 mbytes", "1025 bytes/second burst 20 mbytes"),
    ("conn_limit", "over 20 per saddr/24 ", "over 20 per saddr/24"),
    ("conn_limit", "over 4294967295", "over 4294967295"),
    ("quota", "10 gbytes", "10 gbytes"), ("quota", "10000000000 bytes", "9765625 kbytes"),
    ("quota", "1048576 kbytes", "1 gbytes"), ("quota", "1 bytes", "1 bytes"),
    ("iif", "eth1, eth0", "eth0,eth1"), ("iif", "eth0,eth*", "eth*"), ("iif", "! lo", "!lo"),
    ("hook", "postrouting,output,forward,input,prerouting,ingress",
     "ingress,prerouting,input,forward,output,postrouting"),
    ("action", "notrack", "notrack"), ("action", "queue  7", "queue 7"),
    ("action", "queue 1-3   bypass", "queue 1-3 bypass"),
    ("action", "queue 0-65535", "queue 0-65535"), ("action", "queue 0 bypass", "queue 0 bypass"),
    ("hook", "output,input", "input,output"), ("hook", "forward", "forward"),
    ("family", "ip6", "ip6"), ("priority", "-7", "-7"),
    ("action", "reject", "reject"), ("action", "reject  with   tcp-reset", "reject with tcp-reset"),
    ("log", "off", ""), ("log", "", ""), ("log", "on", "on"), ("log", " on  level warn", "on"),
    ("log", "on level warning limit 10/minute burst 5", "on"), ("log", 'on prefix ""', "on"),
    ("log", 'on limit 5/minute level info prefix "ssh "',
     'on prefix "ssh " level info limit 5/minute'),
    ("log", "on prefix ssh", 'on prefix "ssh"'),
    ("log", r'on prefix "a \"b\" \\"', r'on prefix "a \"b\" \\"'),
    ("log", "on limit 10/minute burst 9", "on limit 10/minute burst 9"),
    ("log", "nflog 2 limit 1/day", "nflog 2 limit 1/day"), ("log", "nflog 0", "nflog 0"),
    ("expires", "", ""), ("expires", "1800", "1800"), ("expires", "30m", "1800"),
    ("expires", "1h30m", "5400"), ("expires", "1d1h1m1s", "90061"),
    ("expires", "4294967295", "4294967295"),
    ("comment", "a comment, as it is", "a comment, as it is"),
    ("comment", 'quotes " and \\', 'quotes " and \\'),
]


@pytest.mark.parametrize("attribute,written,read", NORMAL_FORMS)
def test_normal_form_and_back(attribute, written, read):
    with tree.rule(live=False) as rule:
        rule[attribute] = written
        assert rule[attribute] == read
        rule[attribute] = rule[attribute]
        assert rule[attribute] == read


def test_defaults():
    with tree.rule(live=False) as rule:
        for name in (*tree.MATCHES, "action", "log", "comment", "expires", "last_error"):
            assert rule[name] == "", name
        assert (rule["hook"], rule["priority"], rule["enabled"]) == ("input", "0", "0")
        assert (rule["status"], rule["last_hit"]) == ("off", "never")
        assert (rule.packets, rule.bytes) == (0, 0)


class TestFiles:
    READ_ONLY = ("packets", "bytes", "last_hit", "would_drop", "status", "shadowed_by", "text",
                 "last_error")

    @staticmethod
    def mode(path):
        return stat.S_IMODE(os.stat(path).st_mode)

    def test_of_a_rule(self):
        attributes = {*tree.MATCHES, "enabled", "priority", "action", "hook", "add_to",
                      "log", "comment", "expires"}
        with tree.rule(live=False) as rule:
            modes = {name: self.mode(f"{rule.path}/{name}") for name in os.listdir(rule.path)}
        assert modes == {**dict.fromkeys(attributes, 0o600), **dict.fromkeys(self.READ_ONLY, 0o400),
                         "reset": 0o200}

    def test_of_the_tree(self):
        assert sorted(os.listdir(tree.ROOT)) == [
            "chains", "generation", "last_error", "probes", "rules", "running", "sets",
            "transaction"]
        assert self.mode(f"{tree.ROOT}/transaction") == 0o600
        for name in ("generation", "last_error", "running"):
            assert self.mode(f"{tree.ROOT}/{name}") == 0o400
            with tree.refused(errno.EACCES):
                tree.write(f"{tree.ROOT}/{name}", "1")

    def test_of_the_parameters(self):
        modes = {name: self.mode(f"{tree.PARAMETERS}/{name}")
                 for name in os.listdir(tree.PARAMETERS)}
        read_only = ("netns", "accepted", "dropped", "would_drop")
        assert {name for name, mode in modes.items() if mode == 0o444} <= set(read_only)
        assert {name for name, mode in modes.items() if mode == 0o644} == {
            "default_policy", "forward_policy", "output_policy", "accept_established",
            "accept_loopback", "accept_control", "pickup", "enforce", "locked", "log_denied",
            "lockout_guard", "recheck_established", "max_rules"}


BAD_PARAMETERS = [
    ("default_policy", "deny"), ("default_policy", "default"), ("default_policy", ""),
    ("forward_policy", "none"), ("output_policy", "default"), ("output_policy", "acceptt"),
    ("accept_established", "perhaps"), ("accept_loopback", "2"), ("accept_control", ""),
    ("pickup", "-1"), ("pickup", "soon"), ("max_rules", "many"), ("max_rules", "-1"),
    ("log_denied", "loud"), ("enforce", "audit"),
    ("locked", "perhaps"),
]


@pytest.mark.parametrize("name,value", BAD_PARAMETERS)
def test_a_bad_parameter_changes_nothing(name, value):
    before, generation = tree.parameter(name), tree.generation()
    with pytest.raises(OSError) as failure:
        tree.set_parameter(name, value)
    assert failure.value.errno in (INVALID, RANGE)
    assert tree.parameter(name) == before
    assert tree.generation() == generation
    assert name in tree.read(tree.ROOT + "/last_error")


@pytest.mark.parametrize("name,value,read", [
    ("default_policy", "reject", "reject"), ("forward_policy", "default", "default"),
    ("accept_loopback", "0", "N"), ("accept_control", "y", "Y"), ("pickup", "5", "5")])
def test_a_good_parameter_is_read_back(name, value, read):
    with tree.parameters(**{name: value}):
        assert tree.parameter(name) == read


class TestMaxRules:
    def test_the_next_one_is_too_many(self):
        counting = {"action": "continue"}
        with tree.parameters(max_rules="2"), tree.rules(a=counting, b=counting):
            self.refuse_a_third()
        with tree.rules(a=counting, b=counting, c=counting):
            pass

    @staticmethod
    def refuse_a_third():
        """Whether the limit meets its directory or its enabling."""
        third = tree.Rule("c")
        with pytest.raises(OSError) as failure:
            third.make()
            try:
                third["action"] = "drop"
                third.publish()
            finally:
                third.remove()
        assert failure.value.errno == errno.ENOSPC


class TestCapability:
    def test_mkdir_and_writes_need_it(self):
        def job():
            with tree.refused(errno.EPERM):
                tree.Rule("another").make()
            for attribute, value in (*GOOD.items(), ("reset", "1"), ("enabled", "1")):
                with tree.refused(errno.EPERM):
                    rule[attribute] = value
            for name in ("default_policy", "forward_policy", "output_policy", "accept_loopback",
                         "accept_established", "accept_control", "pickup", "max_rules"):
                with tree.refused(errno.EPERM):
                    tree.set_parameter(name, tree.parameter(name))
            assert rule["action"] == "accept"

        with tree.rule(hook="forward", action="accept") as rule:
            without_capability(job)
            assert rule["status"] == "live"

    def test_rmdir_without_it_leaves_the_rule_in_force(self, ways):
        rule = tree.Rule("stubborn")
        rule.make()
        rule.set(proto="udp", action="drop")
        rule.publish()
        without_capability(rule.remove)
        assert os.listdir(tree.RULES) == []
        assert any(line.startswith("rule stubborn ") for line in tree.running())
        assert not ways["input"].passes(udp())
        with tree.rule("next", action="continue", hook="forward"):
            assert not any(line.startswith("rule stubborn ") for line in tree.running())
            assert ways["input"].passes(udp())

    def test_a_timer_does_not_take_what_was_left_in_force(self):
        rule = tree.Rule("stubborn")
        rule.make()
        rule.set(action="drop", hook="forward")
        rule.publish()
        with tree.rule("short", action="continue", hook="forward", expires="2") as short:
            without_capability(rule.remove)
            assert tree.until(lambda: short["status"] == "off")
            assert any(line.startswith("rule stubborn ") for line in tree.running())
            short.publish()
            assert not any(line.startswith("rule stubborn ") for line in tree.running())
