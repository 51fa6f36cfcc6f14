# SPDX-License-Identifier: GPL-2.0
"""recheck_established: a publish ends the connections that it would refuse, were they new."""

import contextlib
import functools
import socket
import subprocess
import time

import pytest

import clients
import tree
from topology import CLIENT, FAMILIES, ROUTER_TO_CLIENT, SERVER, ends

PATIENCE = 30   # seconds, for what is expected
SILENCE = 0.4   # for what is not, after what is has come
HOOK = {"accepted": "input", "outgoing": "output", "forwarded": "forward"}
DIRECTIONS = tuple(HOOK)


@pytest.fixture(autouse=True)
def conntrack():
    """It stays on from here, and so knows what tests connect. These hold both ends of that."""
    with tree.parameters(lockout_guard="N"):
        with tree.parameters(recheck_established="Y"):
            pass
        yield


@pytest.fixture
def recheck():
    with tree.parameters(recheck_established="Y"):
        yield


# ---- flows ----

class Flow:
    """Two sockets, `near` of who began; `port` is the other's, or None."""

    def __init__(self, near, far, port, listener=None):
        self.near, self.far, self.port = near, far, port
        self.listener = listener or far

    def close(self):
        for end in (self.near, self.far, self.listener):
            end.close()


class Echo(Flow):
    """A ping of the same number again and again; the kernel answers."""

    def __init__(self, near, family):
        super().__init__(near, near, None)
        self.request = bytes((8 if family == 4 else 128, 0, 0, 0, 0, 0, 0, 0))


def tcp(network, family, direction, port=0):
    near_host, far_host, address = ends(network, direction)
    listener = clients.listen(far_host, family, address[family], port)
    near = near_host.socket(family, socket.SOCK_STREAM)
    near.settimeout(PATIENCE)
    near.connect(listener.getsockname()[:2])
    return Flow(near, listener.accept()[0], listener.getsockname()[1], listener)


def udp(network, family, direction):
    near_host, far_host, address = ends(network, direction)
    near = near_host.socket(family, socket.SOCK_DGRAM)
    far = far_host.socket(family, socket.SOCK_DGRAM)
    far.bind((address[family], 0))
    near.connect(far.getsockname()[:2])
    near.send(b"first")
    far.settimeout(PATIENCE)
    far.connect(far.recvfrom(16)[1][:2])
    return Flow(near, far, far.getsockname()[1])


def ping(network, family, direction):
    near, _, address = ends(network, direction)
    near.sysctl(ipv4__ping_group_range="0 0")
    protocol = socket.IPPROTO_ICMP if family == 4 else socket.IPPROTO_ICMPV6
    sender = near.socket(family, socket.SOCK_DGRAM, protocol)
    sender.connect((address[family], 0))
    return Echo(sender, family)


@pytest.fixture
def make_of(network):
    made = []

    def make_(kind, direction, family):
        network.destination_is_local(False)
        made.append(kind(network, family, direction))
        return made[-1]
    yield make_
    for flow in made:
        flow.close()


@pytest.fixture
def make(make_of, family):
    return functools.partial(make_of, family=family)


def _say(end, words):
    with contextlib.suppress(OSError):
        end.send(words)


def _hears(end, patience):
    end.settimeout(patience)
    try:
        return bool(end.recv(64))
    except OSError:
        return False


def _silence(flows):
    """Throws away what older words are still there."""
    for flow in flows:
        for end in (flow.near, flow.far):
            end.setblocking(False)
            with contextlib.suppress(OSError):
                while end.recv(64):
                    pass


def talking(flows, expected, far_first=False):
    """The names of those flows over which words go both ways; on the others it does not wait."""
    _silence(flows.values())
    heard = set()
    for flow in flows.values():
        flow.near.setblocking(False)
        flow.far.setblocking(False)
        speaker = flow.far if far_first else flow.near
        _say(speaker, flow.request if isinstance(flow, Echo) else b"word")
    for name in sorted(flows, key=lambda name: name not in expected):
        if name not in expected:
            time.sleep(0 if heard & {"silence"} else SILENCE)
            heard.add("silence")
        patience = PATIENCE if name in expected else 0.001
        flow = flows[name]
        speaker, listener = (flow.far, flow.near) if far_first else (flow.near, flow.far)
        if not _hears(listener, patience):
            continue
        if not isinstance(flow, Echo):
            _say(listener, b"answer")
            if not _hears(speaker, PATIENCE):
                continue
        heard.add(name)
    return heard - {"silence"}


def check(flows, expected, **how):
    expected = set(expected)
    assert talking(flows, expected, **how) == expected


@contextlib.contextmanager
def deny(flow, kind, direction, name="deny", **attributes):
    words = {"proto": kind.__name__, "dport": flow.port} if flow.port else {}
    with tree.rule(name, hook=HOOK[direction], action="drop", **words, **attributes) as made:
        yield made


# ---- one of two ----

PAIRS = [(kind, direction) for kind in (tcp, udp) for direction in DIRECTIONS]


def pairs(make):
    return {(kind.__name__, direction, which): make(kind, direction)
            for kind, direction in PAIRS for which in ("denied", "spared")}


def deny_all(stack, flows):
    """A rule for each flow that is to be denied."""
    for kind, direction in PAIRS:
        flow = flows[kind.__name__, direction, "denied"]
        stack.enter_context(deny(flow, kind, direction, f"{kind.__name__}-{direction}"))


def spared(flows):
    return {name for name in flows if name[2] == "spared"}


def test_a_deny_bites_at_once(make, recheck):
    flows = pairs(make)
    check(flows, flows)
    with contextlib.ExitStack() as stack:
        deny_all(stack, flows)
        check(flows, spared(flows))
        # No segment of the other direction takes a connection up again.
        segments = {name: flow for name, flow in flows.items() if name[0] == "tcp"}
        check(segments, spared(segments), far_first=True)
        check(segments, spared(segments))


def test_by_default_it_does_not(make):
    flows = pairs(make)
    check(flows, flows)
    with contextlib.ExitStack() as stack:
        deny_all(stack, flows)
        check(flows, flows)


def test_in_audit_mode_it_does_not(make, recheck):
    flows = pairs(make)
    check(flows, flows)
    with tree.parameters(enforce="N"), contextlib.ExitStack() as stack:
        deny_all(stack, flows)
        check(flows, flows)
        tree.set_parameter("enforce", "Y")
        check(flows, spared(flows))


def test_the_parameter_itself_is_a_publish(make):
    flows = pairs(make)
    check(flows, flows)
    with contextlib.ExitStack() as stack:
        deny_all(stack, flows)
        check(flows, flows)
        with tree.parameters(recheck_established="Y"):
            check(flows, spared(flows))


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_pings(make, recheck, family, direction):
    flows = {"ping": make(ping, direction)}
    check(flows, flows)
    attribute = {4: "icmp_type", 6: "icmpv6_type"}[family]
    with deny(flows["ping"], ping, direction, **{attribute: "echo-reply"}):
        check(flows, flows)
    with deny(flows["ping"], ping, direction, **{attribute: "echo-request"}):
        check(flows, ())


def test_over_loopback_they_are_left_alone(network, family, recheck):
    end, other = clients.connection(network.router, network.router, family,
                                    clients.LOOPBACK[family])
    with tree.parameters(default_policy="drop", output_policy="drop"):
        assert clients.exchange(end, other)
    end.close()
    other.close()


# ---- each way to publish ----

class Publishes:
    """What brings a deny of the forwarded flow into force, and is taken back at the end."""

    @staticmethod
    @contextlib.contextmanager
    def policy(_flow):
        with tree.parameters(forward_policy="drop"):
            yield

    @staticmethod
    @contextlib.contextmanager
    def chain(flow):
        with tree.chain(f"proto=tcp dport={flow.port} action=reject hook=forward"):
            yield

    @staticmethod
    @contextlib.contextmanager
    def disable(flow):
        with tree.parameters(forward_policy="drop"), \
                tree.rule(hook="forward", proto="tcp", dport=flow.port, action="accept") as made:
            made["enabled"] = 0
            yield

    @staticmethod
    @contextlib.contextmanager
    def rmdir(_flow):
        made = tree.Rule("last")
        made.make()
        made.set(hook="forward", action="accept", enabled=1)
        with tree.parameters(forward_policy="drop"):
            made.remove()
            yield

    @staticmethod
    @contextlib.contextmanager
    def expiry(_flow):
        with tree.rule(hook="forward", action="accept", expires=1, live=False) as made, \
                tree.parameters(forward_policy="accept"):
            made["enabled"] = 1
            tree.set_parameter("forward_policy", "drop")
            assert tree.until(lambda: made["enabled"] == "0")
            yield

    @staticmethod
    @contextlib.contextmanager
    def commit(flow):
        with tree.rule(live=False, hook="forward", proto="tcp", dport=flow.port,
                       action="drop") as made:
            with tree.staged():
                made["enabled"] = 1
                tree.set_parameter("recheck_established", "Y")
            yield

    @staticmethod
    @contextlib.contextmanager
    def set_in_a_commit(_flow):
        with tree.named_set("198.51.100.0/24") as made, \
                tree.rule(hook="forward", daddr="@s", action="drop"):
            with tree.staged():
                made.add(SERVER[4], SERVER[6])
                tree.set_parameter("log_denied", "Y")
            tree.set_parameter("log_denied", "N")
            yield


WAYS = [name for name in vars(Publishes) if not name.startswith("_")]


@pytest.mark.parametrize("publish", WAYS)
def test_each_publish(make_of, recheck, publish):
    flows = {"tcp": make_of(tcp, "forwarded", 4)}
    check(flows, flows)
    with getattr(Publishes, publish)(flows["tcp"]):
        check(flows, ())


def test_what_is_written_to_a_set_is_no_publish(make_of, recheck):
    flows = {"udp": make_of(udp, "forwarded", 4)}
    with tree.named_set("198.51.100.0/24") as made, \
            tree.rule(hook="forward", daddr="@s", action="drop") as rule:
        check(flows, flows)
        made.add(SERVER[4])
        check(flows, flows)
        rule["comment"] = "another publish"
        rule.publish()
        check(flows, ())


def test_what_a_rollback_lets_live(make):
    """A commit that cut a session by mistake gives it back: TCP has not given up so soon."""
    flows = {"tcp": make(tcp, "accepted"), "udp": make(udp, "forwarded"),
             "own": make(tcp, "outgoing")}
    tree.transaction("begin")
    tree.set_parameter("recheck_established", "Y")
    tree.set_parameter("default_policy", "drop")
    check(flows, flows)
    tree.transaction("commit 60")
    check(flows, ("own",))
    tree.transaction("rollback")
    check(flows, flows)


# ---- what is known of a flow, and what is not ----

# Of a rule that drops: does it end a forwarded flow of the client's?
DROPS = {
    "all": ({}, True),
    "source": ({"saddr": CLIENT[4]}, True),
    "other source": ({"saddr": SERVER[4]}, False),
    "way in": ({"iif": "client0"}, True),
    "other way in": ({"iif": "server0"}, False),
    "way out": ({"oif": "server0"}, True),
    "other way out": ({"oif": "!server0"}, False),
    "new": ({"ct_state": "new"}, True),
    "established": ({"ct_state": "established"}, False),
    "connection's mark": ({"ct_mark": "0"}, True),
    "other mark": ({"ct_mark": "1"}, False),
    "type": ({"daddr_type": "unicast"}, True),
    "other hook": ({"hook": "input"}, False),
    # nobody knows
    "length": ({"length": "1-1500"}, False),
    "mark": ({"mark": "0"}, False),
    "frame": ({"pkttype": "host"}, False),
    "limit": ({"limit": "1000/second burst 1000"}, False),
    "over": ({"limit": "over 1/day burst 1"}, False),
}

# Of a rule that accepts, before one that drops all: is a flow saved?
ACCEPTS = {
    "source": ({"saddr": CLIENT[4]}, True),
    "other way in": ({"iif": "server0"}, False),
    "other port": ({"proto": "udp", "dport": "1"}, False),
    # nobody knows
    "length": ({"length": "9999"}, True),
    "ttl": ({"ttl": "1"}, True),
    "sender": ({"saddr_mac": "02:00:00:00:00:99"}, True),
    "reverse path": ({"rpf": "fail"}, True),
    "ipsec": ({"ipsec": "in"}, True),
}


def rule_of(attributes, name, action):
    return tree.rule(name, **{"hook": "forward", "action": action, **attributes})


@pytest.fixture
def flow4(make_of):
    return {"udp": make_of(udp, "forwarded", 4)}


def test_rules_that_drop(flow4, recheck):
    for case, (attributes, ends_it) in DROPS.items():
        with rule_of(attributes, "r", "drop"):
            expected = () if ends_it else flow4
            assert talking(flow4, set(expected)) == set(expected), case
        assert talking(flow4, set(flow4)) == set(flow4), case


def test_rules_that_accept(flow4, recheck):
    for case, (attributes, saves_it) in ACCEPTS.items():
        with rule_of(attributes, "1", "accept"):
            with rule_of({}, "2", "drop"):
                expected = flow4 if saves_it else ()
                assert talking(flow4, set(expected)) == set(expected), case
        assert talking(flow4, set(flow4)) == set(flow4), case


# ---- TCP ----

def test_a_cut_connection_begins_anew(network, family, make, recheck):
    """With the same ports, too, once it is allowed."""
    flow = make(tcp, "forwarded")
    with tree.rule("other", hook="forward", action="continue"):
        with deny(flow, tcp, "forwarded"):
            check({"tcp": flow}, ())
        check({"tcp": flow}, ())
        begin_anew(network, family, flow)


def begin_anew(network, family, flow):
    port = flow.near.getsockname()[1]
    server = flow.far.getsockname()[:2]
    flow.listener.close()
    for end in (flow.near, flow.far):  # away with a reset, which nobody sees
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        end.close()
    with clients.listen(network.server, family, *server) as listener, \
            network.client.socket(family, socket.SOCK_STREAM) as near:
        near.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        near.bind((CLIENT[family], port))
        near.settimeout(PATIENCE)
        near.connect(server)
        far = listener.accept()[0]
        assert clients.exchange(near, far)
        far.close()


def reload():
    tree.empty()
    tree.unload()
    tree.load()


def test_modprobe_cuts_nothing(make):
    """Nor does the first publish cut what has not spoken; when it has, it is as the others."""
    tree.unload()
    flows = {name: make(tcp, "accepted") for name in ("typed it", "idle")}
    check({"typed it": flows["typed it"]}, ("typed it",))
    tree.load(lockout_guard="N", default_policy="drop", recheck_established="Y")
    try:
        check({"typed it": flows["typed it"]}, ("typed it",))
        with tree.rule(proto="tcp", dport=flows["typed it"].port, action="accept"):
            check(flows, flows)
            tree.set_parameter("log_denied", "Y")
            check(flows, ("typed it",))
    finally:
        reload()


def test_who_began_what_conntrack_met_in_the_middle(make):
    """The other end speaks first: to conntrack it is the one that connects."""
    tree.unload()
    flows = {direction: make(tcp, direction) for direction in DIRECTIONS}
    tree.load(lockout_guard="N", recheck_established="Y", pickup=600)
    try:
        with tree.rule("any", hook="input,forward,output", action="continue"):
            check(flows, flows, far_first=True)
            with tree.rule("out", hook="forward", iif="client0", action="accept"), \
                    tree.parameters(default_policy="drop"):
                check(flows, ("outgoing", "forwarded"))
    finally:
        reload()


# ---- with NAT and helpers, where the kernel has nft ----

@contextlib.contextmanager
def nft(*lines):
    """Whether the kernel takes it."""
    script = "\n".join(("add table inet beside", *lines))
    took = subprocess.run(["nft", script], check=False, stderr=subprocess.DEVNULL).returncode == 0
    try:
        yield took
    finally:
        subprocess.run(["nft", "delete table inet beside"], check=False,
                       stderr=subprocess.DEVNULL)


NAT = ("add chain inet beside pre { type nat hook prerouting priority -100; }",
       "add chain inet beside post { type nat hook postrouting priority 100; }",
       "add rule inet beside post oifname server0 masquerade")


def to_server(network, family, port):
    """A UDP flow of the client's to a port of the router's that is the server's in truth."""
    near = network.client.socket(family, socket.SOCK_DGRAM)
    far = network.server.socket(family, socket.SOCK_DGRAM)
    far.bind((SERVER[family], 0))
    near.connect((ROUTER_TO_CLIENT[family], port))
    word = {4: "ip", 6: "ip6"}[family]
    to = {4: SERVER[4], 6: f"[{SERVER[6]}]"}[family]
    rule = (f"add rule inet beside pre {word} daddr {ROUTER_TO_CLIENT[family]} udp dport {port}"
            f" dnat {word} to {to}:{far.getsockname()[1]}")
    return Flow(near, far, far.getsockname()[1]), rule


def test_rules_see_where_dnat_sends_it(network, family, recheck):
    made = {name: to_server(network, family, port)
            for name, port in (("denied", 7001), ("spared", 7002))}
    flows = {name: flow for name, (flow, _) in made.items()}
    with nft(*NAT, *(rule for _, rule in made.values())) as took:
        for flow in flows.values() if took else ():
            flow.near.send(b"first")
            flow.far.settimeout(PATIENCE)
            flow.far.connect(flow.far.recvfrom(16)[1][:2])
        if took:
            check(flows, flows)
            with tree.rule("other", hook="input,forward", proto="udp", dport="7001,7002",
                           action="drop"):
                check(flows, flows)
            with deny(flows["denied"], udp, "forwarded"):
                check(flows, ("spared",))
    for flow in flows.values():
        flow.close()


def ftp(network):
    """A session of FTP, and what the server opens for it: two flows."""
    control = tcp(network, 4, "forwarded", 21)
    with clients.listen(network.client, 4, CLIENT[4]) as listener:
        port = listener.getsockname()[1]
        where = CLIENT[4].replace(".", ",") + f",{port >> 8},{port & 255}"
        for line in ("USER x", f"PORT {where}"):  # the helper begins behind a line's end
            control.near.sendall(f"{line}\r\n".encode())
            assert control.far.recv(64)
        data = network.server.socket(4, socket.SOCK_STREAM)
        data.settimeout(PATIENCE)
        data.connect((CLIENT[4], port))
        return control, Flow(data, listener.accept()[0], port)


def test_what_belongs_to_a_connection_goes_with_it(network, recheck):
    with nft('add ct helper inet beside ftp { type "ftp" protocol tcp; }',
             "add chain inet beside pre { type filter hook prerouting priority 0; }",
             'add rule inet beside pre tcp dport 21 ct helper set "ftp"') as took, \
            tree.rule("ftp", hook="forward", proto="tcp", dport=21, action="accept") as rule, \
            tree.parameters(forward_policy="drop"):
        if took:
            control, data = ftp(network)
            flows = {"control": control, "data": data}
            check(flows, flows)
            tree.set_parameter("pickup", 59)
            check(flows, flows)
            rule["enabled"] = 0
            check(flows, ())
            tree.set_parameter("pickup", 60)
            for flow in flows.values():
                flow.close()


def test_families_are_apart(make_of, recheck):
    flows = {version: make_of(udp, "forwarded", version) for version in FAMILIES}
    with tree.rule(hook="forward", family="ip", action="drop"):
        check(flows, (6,))
