# SPDX-License-Identifier: GPL-2.0
# guest: kernel=6.12 with=fail2ban,firewalld,ufw
"""minifw import of what programs of Debian's packages put into the kernel.

Packets and conversations go past what a program made, and again past what that became here. What is
refused is told by the words of it, and what it changes by the packets that fare otherwise.
"""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import time

import pytest

import peers
import peers_packets
import tool
import verdicts

EXAMPLES = pathlib.Path("/usr/share/doc/nftables/examples")
PATIENCE = 300  # seconds; programs in Python start slowly in a guest that is emulated


def run(*words, stdin=None, cwd=None):
    return subprocess.run(words, input=stdin, cwd=cwd, text=True, check=True,
                          stdout=subprocess.PIPE).stdout


def until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(1)


def nft_listing():
    return run("nft", "-j", "list", "ruleset")


def flush():
    peers.Nft().run("flush ruleset")


@pytest.fixture(autouse=True)
def nothing_left():
    """iptables is nft in disguise here: one flush takes all of it."""
    yield
    flush()


@pytest.fixture(scope="module")
def look(roads, network, wire):
    """A function that tells what becomes of the packets now."""
    def look_():
        return verdicts.everywhere(roads) | verdicts.conversations(roads, network, wire)
    return look_


@pytest.fixture(scope="module")
def open_verdicts(look):
    return look()


def refusals(*words, **options):
    """What import has to say, without where."""
    return {re.sub(r"^\S+: ", "", line) for line in tool.refused("import", *words, **options)}


def lenient(*words, **options):
    """A configuration without what cannot be said."""
    done = tool.run("import", *words, "--lenient", **options)
    assert done.returncode == tool.DONE, done
    return done.stdout


@contextlib.contextmanager
def in_force(conf):
    """For connections that are older than minifw, it has some seconds of patience: not here."""
    tool.load(conf + "parameter pickup=0\n")
    try:
        yield
    finally:
        tool.load("")


@pytest.fixture
def same(look, open_verdicts):
    """A function: what is in force decides something, and what it is converted to decides the same.
    """
    def same_(convert):
        theirs, conf = look(), convert()
        flush()
        assert theirs != open_verdicts
        with in_force(conf):
            ours = look()
        assert ours ^ theirs == set()
    return same_


def saved():
    """What iptables-save and ip6tables-save print, as files: their names."""
    names = []
    for program in ("iptables", "ip6tables"):
        names.append(tool.write(run(f"{program}-save"), f"/tmp/{program}"))
    return names


# ---- ufw ----

# So few connections come to 8080 that the limit, which cannot be said, lets all of them pass.
UFW = ("ufw allow 22/tcp", "ufw limit 8080/tcp", "ufw allow 53", "ufw deny from 192.0.2.15",
       "ufw allow from 192.0.2.0/28 to any port 161 proto udp",
       "ufw route allow in on client0 out on server0 to 198.51.100.1 port 80 proto tcp",
       "ufw --force enable")
UFW_REFUSED = {"ufw-user-input: -m recent: there is no such match",
               "ufw6-user-input: -m recent: there is no such match"} | {
    f"ufw6-before-{hook}: --rt-type: only that there is a routing header can be asked"
    for hook in verdicts.HOOKS}
# A routing header of another type than 0: ufw lets it pass.
ROUTED = {"6 rt", "6 hbh rt dst"}
# What its program does with its command line, for each line of stdin: to begin takes it long.
UFW_PROGRAM = """
import gettext, sys
sys.argv = ["/usr/sbin/ufw"]
gettext.install("ufw")
import ufw.frontend
front = ufw.frontend.UFWFrontend(False)
for line in sys.stdin:
    asked = ufw.frontend.parse_command(line.split())
    front.do_action(asked.action, asked.data.get("rule", ""), asked.data.get("iptype", ""),
                    asked.force)
"""


def test_ufw(roads, look, open_verdicts):
    chains = peers_packets.group("chains")
    run("python3", "-c", UFW_PROGRAM, stdin="\n".join(UFW))
    theirs, routed = look(), roads.arrivals("output", chains)
    files = saved()
    flush()
    assert theirs != open_verdicts
    for words in (("iptables", *files), ("ufw", "/etc/ufw")):
        assert refusals(*words) == UFW_REFUSED
        with in_force(lenient(*words)):
            ours, refused = look(), routed - roads.arrivals("output", chains)
        assert ours ^ theirs == set(), words
        assert refused == ROUTED


# ---- firewalld ----

FIREWALLD = {
    "zones/public.xml": """
<zone>
  <service name="ssh"/><service name="dhcpv6-client"/><service name="dns"/>
  <rule family="ipv4"><source address="192.0.2.64/26"/><port port="161" protocol="udp"/>
    <log prefix="snmp " level="info"><limit value="3/m"/></log><accept/></rule>
  <rule family="ipv6"><source address="2001:db8:1:1::/64"/><reject/></rule>
  <rule priority="-5"><port port="443" protocol="tcp"/><drop/></rule>
  <icmp-block name="timestamp-request"/>
</zone>""",
    "zones/internal.xml": """
<zone>
  <source address="192.0.2.0/28"/>
  <service name="ssh"/><service name="samba-client"/><service name="https"/>
</zone>""",
    "zones/dmz.xml": """
<zone><interface name="server0"/><service name="dns"/><forward/></zone>""",
    "policies/outward.xml": """
<policy target="CONTINUE">
  <ingress-zone name="public"/><ingress-zone name="internal"/><egress-zone name="dmz"/>
  <service name="http"/><service name="dns"/>
</policy>""",
}
# What the daemon does before it takes requests from D-Bus, for which it works half of its time.
FIREWALLD_PROGRAM = "from firewall.core.fw import Firewall; Firewall().start()"
# The helper lets conntrack know what is related to a broadcast; no packet here has a mark.
FIREWALLD_REFUSED = {"filter_IN_internal_allow: ct helper: there is no such thing",
                     "filter_PREROUTING: fib by the packet's mark: rpf asks without it"}


def test_firewalld(same):
    for name, text in FIREWALLD.items():
        pathlib.Path("/etc/firewalld", name).write_text(text)
    run("python3", "-c", FIREWALLD_PROGRAM)
    assert refusals("nft", stdin=nft_listing()) == FIREWALLD_REFUSED
    same(lambda: lenient("nft", stdin=nft_listing()))


# ---- fail2ban, beside rules of somebody's own ----

JAILS = """
[DEFAULT]
filter = sshd
backend = polling
logpath = /dev/null
port = ssh,http
[xt]
enabled = true
banaction = iptables-multiport
[nft]
enabled = true
banaction = nftables-multiport
"""
BANNED = ("192.0.2.1", "2001:db8:1::1")
BESIDE_XT = """*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m multiport --dports 22,80,443 -j ACCEPT
-A INPUT -p udp -m udp --dport 53 -j ACCEPT
COMMIT
"""
BESIDE_NFT = """table inet filter {
    chain input { type filter hook input priority 0; policy drop;
        ct state established,related accept
        tcp dport { 22, 80, 443 } accept
        udp dport 53 accept
    }
}
"""


@pytest.fixture(scope="module")
def fail2ban():
    pathlib.Path("/etc/fail2ban/jail.d/defaults-debian.conf").unlink()
    pathlib.Path("/etc/fail2ban/jail.local").write_text(JAILS)
    run("fail2ban-client", "start")
    yield
    # Told to stop, it would take its rules away one by one.
    os.kill(int(pathlib.Path("/run/fail2ban/fail2ban.pid").read_text()), signal.SIGKILL)


def ban(jail, listing):
    run("fail2ban-client", "set", jail, "banip", *BANNED)
    until(lambda: all(address in listing() for address in BANNED))


def test_fail2ban_by_iptables(fail2ban, same):
    for program in ("iptables", "ip6tables"):
        run(f"{program}-restore", stdin=BESIDE_XT)
    ban("xt", lambda: "".join(run(f"{program}-save") for program in ("iptables", "ip6tables")))
    same(lambda: tool.output("import", "iptables", *saved()))


def test_fail2ban_by_nft(fail2ban, same):
    peers.Nft().run(BESIDE_NFT)
    ban("nft", nft_listing)
    same(lambda: tool.output("import", "nft", stdin=nft_listing()))


# ---- the examples of nftables ----

# One is for SELinux; one has NAT before conntrack, which kernels refuse by now.
NOT_LOADED = {"secmark.nft", "load_balancing.nft"}
NO_FILTER = "its type or priority is none of a filter"
EXAMPLES_REFUSED = {
    "ct_helpers.nft": {"input: ct helper: there is no such thing"},
    "nat.nft": {f"prerouting: {NO_FILTER}", f"postrouting: {NO_FILTER}"},
}
DEVICES = ("eth0", "eth1", "eth2", "eth3", "bond0", "bond1")


@pytest.fixture(scope="module")
def devices(network):
    """Examples name them, and nft wants them to be there."""
    network.router.ip(*(f"link add {name} type dummy" for name in DEVICES))
    yield
    network.router.ip(*(f"link del {name}" for name in DEVICES))


@pytest.mark.parametrize("name", sorted(
    {path.name for path in EXAMPLES.glob("*.nft")} - NOT_LOADED))
def test_examples_are_taken(devices, name):
    peers.Nft().run("add table filter")  # one deletes it first
    run("nft", "-f", name, cwd=EXAMPLES)
    listing = nft_listing()
    if name in EXAMPLES_REFUSED:
        assert refusals("nft", stdin=listing) == EXAMPLES_REFUSED[name]
    else:
        tool.output("import", "nft", stdin=listing)


@pytest.mark.parametrize("name", ("workstation.nft", "ct_helpers.nft"))
def test_examples_that_filter(same, name):
    run("nft", "-f", name, cwd=EXAMPLES)
    same(lambda: lenient("nft", stdin=nft_listing()))
