# SPDX-License-Identifier: GPL-2.0
"""What the rule sets of ClassBench's seeds look like, in a handful of numbers each.

ClassBench (D. Taylor, J. Turner: "ClassBench: A Packet Classification Benchmark", INFOCOM 2005)
makes rule sets from parameter files, drawn from twelve real filters: access control lists acl1 to
acl5, firewalls fw1 to fw5, and IP chains ipc1 and ipc2. A family here has the same name and gives
the same figures where published.py has some; it is not derived from these files.
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
    "acl1": Family(.00, .01, .98, 165, 2.0, 6.0, 1.00, .56, .13, .08, MOSTLY_TCP, 100, 20, .1,
                   (6.1, 16, 40)),
    "acl2": Family(.06, .05, .67, 360, 1.3, 2.5, 1.00, .22, .07, .45, MOSTLY_TCP, 60, 15, .4,
                   (7.9, 14, 32)),
    "acl3": Family(.06, .06, .84, 310, 1.6, 7.0, 1.00, .65, .26, .05, MOSTLY_TCP, 180, 60, .2,
                   (4.8, 8.5, 18)),
    "acl4": Family(.04, .05, .85, 370, 1.5, 8.0, 1.00, .67, .25, .04, MOSTLY_TCP, 200, 80, .2,
                   (1.5, 6.6, 10.5)),
    "acl5": Family(.00, .00, .98, 135, 1.7, 3.0, 1.00, .66, .11, .00, MOSTLY_TCP, 40, 8, .1,
                   (1.0, 0.25, 0.25)),
    "fw1": Family(.57, .25, .20, 140, 1.8, 3.0, .78, .60, .08, .01, MIXED, 43, 5, .95,
                  (4.4, 13.4, 26)),
    "fw2": Family(.12, .54, .34, 67, 2.0, 6.0, .38, .00, .00, .26, MIXED, 40, 5, .9,
                  (5.4, 5.4, 2.3)),
    "fw3": Family(.65, .29, .09, 92, 1.9, 2.5, .79, .67, .06, .02, MIXED, 40, 5, .95,
                  (9.1, 35, 60)),
    "fw4": Family(.55, .23, .27, 82, 1.8, 6.0, .11, .67, .20, .07, MIXED, 90, 20, .7,
                  (17, 29, 26)),
    "fw5": Family(.58, .39, .06, 120, 1.8, 3.0, .77, .60, .04, .02, MIXED, 45, 5, .95,
                  (8, 31, 39)),
    "ipc1": Family(.06, .04, .88, 345, 1.2, 4.0, .84, .36, .10, .34, MOSTLY_UDP, 60, 15, .7,
                   (4.3, 9.4, 13.6)),
    "ipc2": Family(.53, .11, .37, 30, 0.5, 1.6, .74, .26, .00, .27, MIXED, 40, 5, .9,
                   (5.3, 0.25, 0.25)),
}
