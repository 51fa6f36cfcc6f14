# SPDX-License-Identifier: GPL-2.0
# guest: program
"""minifw load --confirm, confirm, rollback and panic: kept, or taken back."""

import os

import pytest

import clients
import tool
import tree
from sessions import session
from tool import BASE
from topology import ROUTER_TO_CLIENT

pytestmark = pytest.mark.usefixtures("empty_again")


# ---- --confirm ----

CHANGED = BASE.replace("22", "23").replace("rule 20-web", "rule 21-web").replace("@bad", "@new") \
    .replace(" bad ", " new ")


def test_confirmed_on_a_terminal():
    tool.load(BASE)
    terminal = tool.Terminal("load", "--confirm", "600", tool.write(CHANGED))
    assert terminal.until("type 'yes': ")
    assert tree.transaction().startswith("unconfirmed")
    terminal.type("yes\n")
    assert terminal.end() == tool.DONE
    assert tree.transaction() == "idle" and os.listdir(tree.SETS) == ["new"]
    assert sorted(os.listdir(tree.RULES)) == ["10-ssh", "21-web"]


@pytest.mark.parametrize("answer", ("no\n", "\n", None))
def test_not_confirmed_on_a_terminal(answer):
    tool.load(BASE)
    before = tool.everything()
    terminal = tool.Terminal("load", "--confirm", "10" if answer is None else "600",
                             tool.write(CHANGED))
    assert terminal.until("type 'yes': ")
    assert tool.everything() != before
    if answer:
        terminal.type(answer)
    assert terminal.end() == tool.REFUSED
    assert "taken back" in terminal.seen
    assert tool.everything() == before


def test_confirmed_by_another():
    """As over ssh, by a program: it logs in anew and confirms."""
    tool.load(BASE)
    tool.load(CHANGED, "--confirm", "600")
    assert tree.transaction().startswith("unconfirmed")
    assert "20-web" in os.listdir(tree.RULES)
    assert tool.output("confirm") == ""
    assert tree.transaction() == "idle" and os.listdir(tree.SETS) == ["new"]
    assert sorted(os.listdir(tree.RULES)) == ["10-ssh", "21-web"]


def test_a_lockout_is_refused_and_confirm_is_offered(network):
    tool.write("rule deny action=drop\n")
    with session(network) as remote:
        said, status = remote.run(f"minifw load {tool.CONF}")
        assert status == tool.REFUSED and "deny would refuse" in said
        assert "with --confirm SECONDS it is tried" in said
        assert os.listdir(tree.RULES) == [] and tree.transaction() == "idle"
        said, status = remote.run(f"minifw load --confirm 600 {tool.CONF}")
        assert status == tool.DONE and "'minifw confirm' keeps it" in said
        assert tree.transaction().startswith("unconfirmed")
        assert remote.run("minifw rollback") == ("", tool.DONE)
    assert tree.running() == []


def running_but_set_new():
    """A set that was made is there after a rollback, empty, as a draft of a rule is."""
    assert tree.Set("new").elements == []
    return [line for line in tree.running() if line != "set new type=addr"]


def test_confirmed_by_nobody():
    tool.load(BASE)
    running = tree.running()
    tool.load(CHANGED, "--confirm", "1")
    assert tree.until(lambda: tree.transaction() == "idle")
    assert running_but_set_new() == running and tree.Rule("20-web")["status"] == "live"
    assert tree.Rule("21-web")["status"] == "off"  # the draft stays, as of any rollback
    tree.Rule("21-web").remove()
    tool.load(BASE)
    assert sorted(os.listdir(tree.RULES)) == ["10-ssh", "20-web"]
    with tree.rule("20-web2", live=False):
        tree.transaction(("begin", "commit 600"))
        assert tool.output("confirm") == ""
        assert "20-web2" in os.listdir(tree.RULES)


def test_rolled_back_by_another():
    tool.load(BASE)
    running = tree.running()
    tool.load(CHANGED, "--confirm", "600")
    assert tool.output("rollback") == ""
    assert running_but_set_new() == running
    assert tool.refused("confirm") and tool.refused("rollback")


# ---- panic ----

def test_panic(network):
    """The session that says so goes on; another connection and all else does not."""
    everything = "rule 1 action=accept hook=input,forward,output\n"
    tool.load(everything)
    mine, other = (clients.connection(network.client, network.router, 4, ROUTER_TO_CLIENT[4])
                   for _ in range(2))
    session = " ".join(map(str, (*mine[0].getsockname(), *mine[0].getpeername())))
    done = tool.run("panic", "--confirm", "600", SSH_CONNECTION=session)
    assert done.returncode == tool.DONE and "minifw confirm" in done.stderr
    assert clients.exchange(*mine) and not clients.exchange(*other, patience=1)
    assert tree.transaction().startswith("unconfirmed")
    assert tool.refused("panic")
    tool.output("confirm")
    assert clients.exchange(*mine) and not clients.exchange(*other, patience=1)
    tool.load(everything)
    third = clients.connection(network.client, network.router, 4, ROUTER_TO_CLIENT[4])
    assert clients.exchange(*mine) and clients.exchange(*third)
    for one in mine + other + third:
        one.close()


def test_panic_is_taken_back():
    tool.load(BASE)
    before = tool.everything()
    terminal = tool.Terminal("panic", "--confirm", "3")
    assert terminal.until("type 'yes': ")
    assert "minifw-panic-drop" in os.listdir(tree.RULES)
    assert terminal.end() == tool.REFUSED
    assert tool.everything() == before
