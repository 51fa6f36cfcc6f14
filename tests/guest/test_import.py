# SPDX-License-Identifier: GPL-2.0
# guest: kernel=stock program
"""minifw import: what nft and iptables have in force means the same here.

Whole rule sets are put in force there, packets sent past them, and again past what they became.
The filters of peers.txt in nft's words have to become those in minifw's.
"""

import pathlib
import subprocess
import sys

import pytest

import peers
import peers_table
import tool
import tree
import verdicts

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tool"))
import imports  # noqa: E402, pylint: disable=wrong-import-position

# What dockerd of Debian 12 makes for a container with two published ports; and a user's own rules.
DOCKER = """*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:DOCKER - [0:0]
:DOCKER-ISOLATION-STAGE-1 - [0:0]
:DOCKER-ISOLATION-STAGE-2 - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -o server0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o server0 -j DOCKER
-A FORWARD -i server0 ! -o server0 -j ACCEPT
-A FORWARD -i server0 -o server0 -j ACCEPT
-A DOCKER -d 198.51.100.1/32 ! -i server0 -o server0 -p tcp -m tcp --dport 80 -j ACCEPT
-A DOCKER -d 198.51.100.1/32 ! -i server0 -o server0 -p udp -m udp --dport 53 -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 -i server0 ! -o server0 -j DOCKER-ISOLATION-STAGE-2
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
-A DOCKER-ISOLATION-STAGE-2 -o server0 -j DROP
-A DOCKER-ISOLATION-STAGE-2 -j RETURN
-A DOCKER-USER -s 192.0.2.4/30 -p tcp -m tcp --dport 80 -j RETURN
-A DOCKER-USER -i client0 -p tcp -m tcp --dport 80 -j DROP
-A DOCKER-USER -j RETURN
COMMIT
"""
FAIL2BAN = """*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:f2b-sshd - [0:0]
-A INPUT -p tcp -m multiport --dports 22,80 -j f2b-sshd
-A OUTPUT ! -o lo -p udp -m udp --dport 53 -g f2b-sshd
-A OUTPUT -p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -j DROP
-A f2b-sshd -s 192.0.2.1/32 -j REJECT --reject-with icmp-port-unreachable
-A f2b-sshd -s 192.0.2.5/32 -j DROP
-A f2b-sshd -j RETURN
COMMIT
"""
NFT = """table inet filter {
    set banned { type ipv4_addr; flags interval; elements = { 192.0.2.4/30, 192.0.2.9-192.0.2.12 } }
    set named { type inet_service; elements = { 443, 5060 } }
    chain ssh {
        ip saddr 192.0.2.0/29 return
        ip6 saddr 2001:db8:1::/64 accept
        drop
    }
    chain early { type filter hook input priority -10; policy accept;
        ip saddr @banned drop
        tcp flags fin,rst ct state new drop
    }
    chain input { type filter hook input priority 0; policy drop;
        ct state vmap { established : accept, related : accept, invalid : drop }
        tcp dport vmap { 22 : jump ssh, 25 : drop, 80-90 : accept }
        tcp dport @named accept
        meta l4proto { icmp, ipv6-icmp } accept
        meta l4proto { tcp, udp } th dport 53 accept
        udp dport 1000-65535 reject
    }
    chain forward { type filter hook forward priority 0; policy accept;
        iifname "client*" oifname != "client0" tcp dport { 25, 135-139, 445 } reject with tcp reset
        ip daddr 198.51.100.2 goto ssh
    }
    chain output { type filter hook output priority 0; policy accept;
        meta skuid 1000-1999 drop
        ip daddr { 10.0.0.0/8, 192.168.0.0/16 } drop
    }
}
"""


class Iptables:
    """One rule set, of IPv4."""

    def install(self, text):
        subprocess.run(["iptables-legacy-restore"], input=text, text=True, check=True)

    def imported(self):
        saved = subprocess.run(["iptables-legacy-save", "-t", "filter"], text=True, check=True,
                               capture_output=True).stdout
        return tool.output("import", "iptables", stdin=saved)

    def empty(self):
        self.install("*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n"
                     ":OUTPUT ACCEPT [0:0]\nCOMMIT\n")


class Nft:
    """A script of nft."""

    def __init__(self):
        self._nft = peers.Nft()

    def install(self, text):
        self._nft.run(text)

    def listing(self):
        return subprocess.run(["nft", "-j", "list", "ruleset"], text=True, check=True,
                              capture_output=True).stdout

    def imported(self):
        return tool.output("import", "nft", stdin=self.listing())

    def empty(self):
        self._nft.run("flush ruleset")


@pytest.mark.parametrize("peer,text", (
    pytest.param(Iptables, DOCKER, id="docker"), pytest.param(Iptables, FAIL2BAN, id="fail2ban"),
    pytest.param(Nft, NFT, id="nft")))
def test_rule_sets(roads, peer, text):
    other = peer()
    other.install(text)
    try:
        theirs = verdicts.everywhere(roads)
        conf = other.imported()
    finally:
        other.empty()
    try:
        tool.load(conf)
        ours = verdicts.everywhere(roads)
    finally:
        tool.load("")
    assert theirs != verdicts.everywhere(roads)
    assert ours ^ theirs == set()


# ---- filters one by one ----

FILTERS = [(section, each) for section in peers_table.read() for each in section.filters
           if "nft" in each.texts]


@pytest.fixture(scope="module")
def rules_of():
    """By the number of a filter, the rules that it became; all are imported at once."""
    nft, chains = Nft(), {hook: "" for hook in verdicts.HOOKS}
    for number, (section, each) in enumerate(FILTERS):
        for rule in each.texts["nft"].split(";"):
            chains[section.settings["at"][0]] += (
                f"{rule.strip()} {section.settings['action'][0]} comment \"{number}\"\n")
    nft.install("table inet peer {\n" + "".join(
        f"chain {hook} {{\ntype filter hook {hook} priority 0;\n{rules}}}\n"
        for hook, rules in chains.items()) + "}")
    try:
        lines = tool.run("import", "nft", "--lenient", stdin=nft.listing()).stdout.splitlines()
    finally:
        nft.empty()
    return {number: [line for line in lines if line.endswith(f" comment={number}")]
            for number in range(len(FILTERS))}


@pytest.mark.parametrize("number", range(len(FILTERS)), ids=lambda n: str(FILTERS[n][1]))
def test_filters_of_nft(rules_of, number):
    _, each = FILTERS[number]
    rules = [rule.replace(f" comment={number}", "") for rule in rules_of[number]]
    if str(each) in imports.REFUSED["nft"]:
        assert not rules
    else:
        assert rules and imports.compare(each, rules) == ""


def test_what_is_refused_changes_nothing():
    before = tree.running()
    said = tool.refused("import", "iptables", stdin="*filter\n:INPUT ACCEPT\n-A INPUT -m string "
                        "--algo bm --string x -j DROP\nCOMMIT\n")
    assert said == ["-:3: INPUT: -m string: there is no such match"]
    assert tree.running() == before
