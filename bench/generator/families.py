# SPDX-License-Identifier: GPL-2.0
"""What the rule sets of ClassBench's seeds look like, in a handful of numbers each.

ClassBench (D. Taylor, J. Turner: "ClassBench: A Packet Classification Benchmark", INFOCOM 2005) makes rule
sets from parameter files, drawn from twelve real filters: access control lists acl1 to acl5, firewalls fw1
to fw5, and IP chains ipc1 and ipc2. A family here has the same name and gives the same figures where
published.py has some; it is not derived from these files.
"""

from typing import NamedTuple

from .rule import ESP, GRE, ICMP, TCP, UDP


class Family(NamedTuple):
    src_wide: float     # share of rules whose source prefix is shorter than 8 bits
    dst_wide: float     # the same of the destination
    both_narrow: float  # share of rules with 16 bits or more of both
    pairs: int          # pairs of prefix lengths that occur at all
    spread: float       # how even they are: 0 all alike, 2 few of them make up most rules
    shapes: float       # kinds of ports and protocol to a pair of lengths, on average
    sport_any: float    # share of rules
    dport_exact: float
    dport_range: float
    proto_any: float
    protos: dict        # weights of the others
    ports: int          # port numbers that rules name
    ranges: int         # port ranges that they name, beside "above 1023"
    high: float         # share of ranges that are "above 1023"
    nesting: tuple      # rules to a pair of hosts, in sets of 1,000, 10,000 and 100,000


MOSTLY_TCP = {TCP: 90, UDP: 4, ICMP: 6}
MIXED = {TCP: 55, UDP: 33, ICMP: 6, GRE: 5, ESP: 1}
MOSTLY_UDP = {UDP: 62, TCP: 34, ICMP: 3, GRE: 1}

FAMILIES = {
    "acl1": Family(.00, .01, .98, 165, 1.5, 2.7, 1.00, .56, .13, .08, MOSTLY_TCP, 100, 20, .1,
                   (3.0, 6.0, 12.0)),
    "acl2": Family(.06, .05, .67, 360, 0.9, 2.2, 1.00, .22, .07, .45, MOSTLY_TCP, 60, 15, .4,
                   (5.0, 9.0, 22.0)),
    "acl3": Family(.06, .06, .84, 310, 1.2, 5.0, 1.00, .65, .26, .05, MOSTLY_TCP, 180, 60, .2,
                   (2.2, 3.5, 7.3)),
    "acl4": Family(.04, .05, .85, 370, 1.2, 5.0, 1.00, .67, .25, .04, MOSTLY_TCP, 200, 80, .2,
                   (1.2, 2.8, 5.0)),
    "acl5": Family(.00, .00, .98, 135, 1.2, 2.0, 1.00, .66, .11, .00, MOSTLY_TCP, 40, 8, .1,
                   (1.0, 1.0, 1.0)),
    "fw1": Family(.57, .25, .20, 140, 0.9, 2.1, .78, .60, .08, .01, MIXED, 43, 5, .95,
                  (2.8, 7.6, 16.8)),
    "fw2": Family(.12, .54, .34, 67, 0.8, 2.7, .38, .00, .00, .26, MIXED, 40, 5, .9,
                  (4.1, 5.1, 5.0)),
    "fw3": Family(.65, .29, .09, 92, 0.9, 2.0, .79, .67, .06, .02, MIXED, 40, 5, .95,
                  (4.0, 12.2, 22.8)),
    "fw4": Family(.55, .23, .27, 82, 0.7, 3.8, .11, .67, .20, .07, MIXED, 90, 20, .7,
                  (4.2, 7.7, 12.2)),
    "fw5": Family(.58, .39, .06, 120, 0.9, 2.0, .77, .60, .04, .02, MIXED, 45, 5, .95,
                  (4.4, 13.9, 22.3)),
    "ipc1": Family(.06, .04, .88, 345, 1.0, 3.2, .84, .36, .10, .34, MOSTLY_UDP, 60, 15, .7,
                   (2.7, 5.5, 9.5)),
    "ipc2": Family(.53, .11, .37, 30, 0.4, 1.6, .74, .26, .00, .27, MIXED, 40, 5, .9,
                   (1.0, 1.0, 1.0)),
}

