# SPDX-License-Identifier: GPL-2.0
"""The guard against lock-outs: what a remote session may publish, and what only with a way back.

What is written over a connection, is written by a shell at its end, and refused by the kernel
before any packet is. The test itself is at the console, and is asked nothing.
"""

import os

import pytest

import clients
import tree
from kernel_log import KernelLog
from processes import start
from sessions import session, shell_below, shell_on
from topology import CLIENT, ROUTER_TO_CLIENT

LAST_ERROR = tree.ROOT + "/last_error"
DENIED = "Operation not permitted"
OTHER = {4: "10.1.0.3", 6: "fd00:1::3"}


def written(session_, made, **attributes):
    """Writes a rule over the session, to the end; None, or why it is not enabled."""
    for name, value in {**attributes, "enabled": 1}.items():
        reason = session_.write(f"{made.path}/{name}", value)
        if reason is not None:
            assert name == "enabled", reason
    return reason


def said_by(made, *words):
    text = made["last_error"]
    assert text.startswith("enabled: lockout_guard: use a transaction and 'commit SECONDS': ")
    assert all(word in text for word in words), text
    return True


@pytest.fixture(params=(shell_on, shell_below), ids=("inetd", "sshd"))
def shell(request):
    return request.param


@pytest.fixture
def remote(network, family):
    with session(network, family) as made:
        yield made


# ---- rules ----

# What would cut the client off: attributes, and what of it is lost. Without an action: drop.
CUTS = {
    "all": ({}, "next login"),
    "reject": ({"action": "reject"}, "next login"),
    "client": ({"saddr": "{client}"}, "next login"),
    "port": ({"proto": "tcp", "dport": "{port}"}, "next login"),
    "device": ({"iif": "client0"}, "next login"),
    "first segment": ({"proto": "tcp", "tcp_flags": "syn / syn,ack"}, "next login"),
    "new": ({"ct_state": "new"}, "next login"),
    "prerouting": ({"hook": "prerouting", "proto": "tcp"}, "session"),
    "ingress": ({"hook": "ingress", "iif": "client0"}, "session"),
    "postrouting": ({"hook": "postrouting", "daddr": "{client}"}, "session"),
    "set": ({"saddr": "@s"}, "next login"),
}

# What narrowly would not.
SPARES = {
    "other client": {"saddr": "{other}"},
    "other port": {"proto": "tcp", "dport": "!{port}"},
    "other device": {"iif": "server0"},
    "other protocol": {"proto": "udp"},
    "forward": {"hook": "forward"},
    "continue": {"action": "continue"},
    "established": {"ct_state": "established"},
    "ingress elsewhere": {"hook": "ingress", "iif": "server0"},
    "other family": {"family": "{other_family}"},
    "out": {"hook": "output"},
}


def filled(attributes, remote_, family):
    values = {"client": CLIENT[family], "other": OTHER[family], "port": remote_.port,
              "other_family": {4: "ip6", 6: "ip"}[family]}
    return {"action": "drop"} | {name: value.format(**values)
                                 for name, value in attributes.items()}


def test_a_rule_that_cuts_off_is_refused(remote, family):
    with tree.named_set(CLIENT[family], name="s"):
        for case, (attributes, lost) in CUTS.items():
            with tree.rule("deny", live=False) as made:
                before = tree.running()
                reason = written(remote, made, **filled(attributes, remote, family))
                assert reason and DENIED in reason, case
                assert said_by(made, "deny would refuse", lost, CLIENT[family], str(remote.port))
                assert tree.running() == before and made["status"] == "off"
                remote.run(":")


def test_a_rule_that_does_not_is_not(remote, family):
    for case, attributes in SPARES.items():
        with tree.rule("deny", live=False) as made:
            assert written(remote, made, **filled(attributes, remote, family)) is None, case
            remote.run(":")


def test_a_line_of_a_chain(remote, family):
    with tree.chain(f"saddr={OTHER[family]} action=drop", f"saddr={CLIENT[family]} action=drop",
                    live=False) as made:
        assert DENIED in remote.write(f"{made.path}/enabled", 1)
        assert said_by(made, "c:2 would refuse", "next login")


def test_what_the_client_lives_by_is_not_taken_away(remote, family):
    with tree.rule("ssh", proto="tcp", dport=remote.port, action="accept") as ssh, \
            tree.parameters(default_policy="drop"):
        assert DENIED in remote.write(f"{ssh.path}/enabled", 0)
        assert said_by(ssh, "policy would refuse", "next login") and ssh["enabled"] == "1"
        assert DENIED in written(remote, ssh, saddr=OTHER[family])
        assert ssh["status"] == "modified"
        remote.run(":")


# ---- parameters ----

def test_policies(remote):
    path = tree.PARAMETERS + "/default_policy"
    for policy in ("drop", "reject"):
        assert DENIED in remote.write(path, policy)
        assert tree.parameter("default_policy") == "accept"
        assert "policy would refuse your next login" in tree.read(LAST_ERROR)
    assert remote.write(tree.PARAMETERS + "/forward_policy", "drop") is None
    assert remote.write(tree.PARAMETERS + "/forward_policy", "default") is None


def test_the_session_itself(remote):
    """A login would still be let in; what is established, and its answers, would not."""
    path = tree.PARAMETERS + "/accept_established"
    with tree.rule("login", proto="tcp", ct_state="new", action="accept"), \
            tree.parameters(default_policy="drop"):
        assert DENIED in remote.write(path, "N")
        assert "policy would refuse your session from" in tree.read(LAST_ERROR)
    with tree.parameters(output_policy="drop"):
        assert DENIED in remote.write(path, "N")
        remote.run(":")
        with tree.rule("answers", hook="output", proto="tcp", sport=remote.port, uid=0,
                       action="accept"):
            assert remote.write(path, "N") is None
            assert remote.write(path, "Y") is None


def test_a_publish_that_ends_what_is_open(remote):
    """A session that lives by having been there would end as one that is refused."""
    with tree.parameters(default_policy="drop", recheck_established="N"):
        assert DENIED in remote.write(tree.PARAMETERS + "/recheck_established", "Y")
        assert "policy would refuse your session from" in tree.read(LAST_ERROR)
        remote.run(":")
        with tree.rule("ssh", proto="tcp", dport=remote.port, action="accept"):
            assert remote.write(tree.PARAMETERS + "/recheck_established", "Y") is None
            remote.run(":")
            assert remote.write(tree.PARAMETERS + "/recheck_established", "N") is None


def test_audit_mode_refuses_nobody(remote):
    path = tree.PARAMETERS + "/enforce"
    with tree.rule("deny", live=False) as made:
        assert remote.write(path, "N") is None
        assert written(remote, made, action="drop") is None
        assert DENIED in remote.write(path, "Y")
        assert tree.parameter("enforce") == "N"
    assert remote.write(path, "Y") is None


def test_it_can_be_switched_off(remote):
    path = tree.PARAMETERS + "/lockout_guard"
    assert tree.parameter("lockout_guard") == "Y"
    with tree.parameters(lockout_guard="Y", default_policy="accept"):
        assert remote.write(path, "N") is None
        assert remote.write(tree.PARAMETERS + "/default_policy", "drop") is None
        assert remote.write(path, "Y") is None  # it is no worse than it was
        assert remote.write(tree.PARAMETERS + "/log_denied", "Y") is None
        assert remote.write(tree.PARAMETERS + "/log_denied", "N") is None


# ---- transactions ----

def test_a_commit_needs_a_way_back(remote):
    path = tree.ROOT + "/transaction"
    with tree.rule("deny", live=False) as made:
        assert remote.write(path, "begin") is None
        assert written(remote, made, action="drop") is None
        assert DENIED in remote.write(path, "commit")
        text = tree.read(LAST_ERROR)
        assert text.startswith("transaction: commit: lockout_guard: ") and "deny" in text
        assert tree.transaction() == "open 1"
        assert remote.write(path, "commit 3600") is None
        assert made["status"] == "pending"
        assert remote.write(path, "confirm") is None
        assert made["status"] == "live"


def test_in_a_transaction_sets_count_too(remote, family):
    path = tree.ROOT + "/transaction"
    with tree.named_set(OTHER[family], name="s") as made, \
            tree.rule("deny", saddr="@s", action="drop"):
        assert remote.write(path, "begin") is None
        made.add(CLIENT[family])
        assert DENIED in remote.write(path, "commit")
        made.delete(CLIENT[family])
        assert remote.write(path, "commit") is None


# ---- whose session it is ----

def test_it_is_found_through_ancestors(network, shell, family):
    with session(network, family, shell) as remote_:
        for command in ("{}", "sh -c '{}'", "setsid env sh -c '{}; true'", "exec 3>&-; {}"):
            write = f"/bin/echo drop >{tree.PARAMETERS}/default_policy"
            said, _ = remote_.run(command.format(write))
            assert DENIED in said, command
        assert tree.parameter("default_policy") == "accept"


def test_an_ip_client_of_a_socket_for_both(network):
    with session(network, 4, bound="::") as remote_, tree.rule("deny", live=False) as made:
        assert DENIED in written(remote_, made, saddr=CLIENT[4], action="drop")
        assert said_by(made, f"from {CLIENT[4]} to port {remote_.port}")


def test_the_server_has_stopped_listening(network):
    """A port that only services may use says enough."""
    with session(network, 4, port=22) as remote_:
        os.kill(remote_.server, 9)
        os.waitid(os.P_PID, remote_.server, os.WEXITED | os.WNOWAIT)
        remote_.listener.close()
        with clients.Attempt(network.client, 4, ROUTER_TO_CLIENT[4], 22) as attempt:
            assert attempt.outcome() != 0
        assert DENIED in remote_.write(tree.PARAMETERS + "/default_policy", "drop")


def test_who_was_let_go_of_has_none(remote):
    """As what runs in tmux and screen, and by itself: no ancestor has the connection."""
    with tree.parameters(default_policy="accept"):
        remote.run(f"(setsid sh -c 'sleep 1; echo drop >{tree.PARAMETERS}/default_policy' "
                   "</dev/null >/dev/null 2>&1 &)")
        assert tree.until(lambda: tree.parameter("default_policy") == "drop")


def outward(network, family):
    """Who has connected to somebody is no session of his."""
    near, far = clients.connection(network.router, network.client, family, CLIENT[family])
    with near, far, tree.parameters(default_policy="drop"):
        pass


def test_a_connection_of_the_hosts_own_is_none(network, family):
    assert os.waitpid(start(outward, network, family), 0)[1] == 0


def test_a_console_has_none(remote):
    with tree.parameters(default_policy="drop"):
        remote.run(":")


# ---- what cannot be refused ----

def test_a_rmdir_is_told_of(remote):
    """In the kernel's log: it cannot be refused."""
    log = KernelLog()
    ssh = tree.Rule("ssh")
    ssh.make()
    ssh.set(proto="tcp", dport=remote.port, action="accept", enabled=1)
    with tree.parameters(default_policy="drop"):
        assert remote.run(f"rmdir {ssh.path}") == ("", 0)
        warned = log.texts("minifw: lockout_guard: after this rmdir, policy would refuse")
        assert len(warned) == 1 and str(remote.port) in warned[0]


def test_time_is_not_asked(remote):
    """A rule that the client lives by expires all the same."""
    with tree.rule("ssh", proto="tcp", dport=remote.port, action="accept", expires="2") as ssh, \
            tree.parameters(default_policy="drop"):
        assert tree.until(lambda: ssh["status"] != "live")
        remote.run(":")
