# SPDX-License-Identifier: GPL-2.0
# guest: kernel=stock program
"""minifw list, status, add, edit, set, test, top, watch, stop: comfort over the tree."""

import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.packet import Raw
from scapy.utils import wrpcap

import processes
import tool
import tree
from packets import tcp, udp

pytestmark = pytest.mark.usefixtures("empty_again")

# ---- list ----

LISTED = """set bad timeout=1h
element bad 192.0.2.0/24 timeout 0
rule 20-web proto=tcp dport=80 action=accept
rule 10-ssh priority=5 proto=tcp dport=22 saddr=!@bad action=drop comment="beyond the end of it"
chain acl priority=-1 comment="of the site"
in acl proto=udp dport=9 action=drop
"""


def test_list(ways):
    tool.load(LISTED)
    for _ in range(3):
        ways["input"].passes(tcp(4, dport=80))
    rules = tool.output("list", "rules").splitlines()
    assert rules[0].split() == ["RULE", "STATUS", "PACKETS", "BYTES", "LAST", "SAYS"]
    assert [line.split()[0] for line in rules[1:]] == ["20-web", "10-ssh"]
    assert rules[1].split()[:3] == ["20-web", "live", "3"]
    assert rules[1].endswith("proto=tcp dport=80 action=accept")
    assert rules[2].endswith('beyond the end of it"')
    assert rules[0].index("SAYS") == rules[1].index("proto=") == rules[2].index("priority=")
    everything = tool.output("list")
    for heading in ("RULE ", "CHAIN ", "SET "):
        assert heading in everything
    assert re.search(r"^acl +live +1 +0 +0 +priority=-1 comment=\"of the site\"$", everything, re.M)
    assert re.search(r"^bad +addr +1 +[\d,]+ +0 +3600$", everything, re.M)


def test_list_fits_a_terminal():
    tool.load(LISTED)
    terminal = tool.Terminal("list")
    assert terminal.end() == tool.DONE
    seen = re.sub(r"\x1b\[\d*m", "", terminal.seen).splitlines()
    assert max(map(len, seen)) == 80
    assert "\x1b[1m" in terminal.seen and any(line.endswith(">") for line in seen)


def test_list_json(ways):
    tool.load(LISTED)
    ways["input"].passes(tcp(4, dport=80))
    known = json.loads(tool.output("list", "--json"))
    assert known["schema"] == 1 and known["generation"] == tree.generation()
    assert known["parameters"]["default_policy"] == "accept"
    assert known["totals"].keys() == {"accepted", "dropped", "would_drop"}
    assert [rule["name"] for rule in known["rules"]] == ["20-web", "10-ssh"]
    web, ssh = known["rules"]
    assert web["packets"] == 1 and web["status"] == "live" and web["priority"] == 0
    assert web["last_hit"] in range(60) and ssh["last_hit"] == "never"
    assert ssh["attributes"]["saddr"] == "!@bad" and "beyond" in ssh["attributes"]["comment"]
    assert known["chains"][0]["count"] == 1
    assert known["sets"][0]["type"] == "addr" and known["sets"][0]["timeout"] == 3600
    assert json.loads(tool.output("list", "sets", "--json")).keys() >= {"sets"}
    assert "rules" not in json.loads(tool.output("list", "sets", "--json"))


def test_list_prometheus(ways):
    tool.load(LISTED)
    ways["input"].passes(tcp(4, dport=80))
    lines = tool.output("list", "--prometheus").splitlines()
    assert 'minifw_rule_packets_total{rule="20-web"} 1' in lines
    assert 'minifw_set_elements{set="bad"} 1' in lines
    assert 'minifw_chain_lines{chain="acl"} 1' in lines
    named = [line.split()[2] for line in lines if line.startswith("# TYPE ")]
    assert len(named) == len(set(named))
    for line in lines:
        assert PROMETHEUS.match(line), line
        if line[0] != "#":
            assert re.match(r"\w+", line)[0] in named


PROMETHEUS = re.compile(r'# (HELP|TYPE) minifw_\w+ |minifw_\w+(\{\w+="[\w.-]+"\})? \d+$')


def test_lists_while_rules_come_and_go():
    """What goes between the look at a folder and that into its files is in no list."""
    def work():
        for _ in range(150):
            with tree.rule("fleeting", proto="tcp", dport=80, action="accept"):
                pass
    writer = processes.start(work)
    while os.waitpid(writer, os.WNOHANG) == (0, 0):
        assert all(map(PROMETHEUS.match, tool.output("list", "--prometheus").splitlines()))
        for rule in json.loads(tool.output("list", "--json"))["rules"]:
            assert isinstance(rule["packets"], int)


# ---- status ----

def test_status():
    tool.load("parameter default_policy=drop enforce=N\n" + LISTED)
    said = dict(line.split(None, 1) for line in tool.output("status").splitlines())
    assert said["policy"] == "input drop, forward drop, output accept"
    assert said["mode"].startswith("AUDIT")
    assert said["transaction"] == "idle" and said["generation"] == str(tree.generation())
    assert (said["rules"], said["chains"], said["sets"]) == ("2", "1", "1")
    assert said["kernel"] == os.uname().release
    assert said["module"] == said["program"] == tree.read("/sys/module/minifw/version")
    assert "restart" not in str(said)


def test_status_without_the_module():
    tree.unload()
    try:
        done = tool.run("status")
        assert done.returncode == tool.REFUSED
        assert "not loaded" in done.stdout and "modprobe minifw" in done.stderr
    finally:
        tree.load()


# ---- single rules ----

def test_add_edit_and_del(ways):
    assert tool.output("add", "web", "proto=tcp", "dport=80", "action=drop", "comment=a b") == ""
    assert tree.running() == ['rule web proto=tcp dport=80 action=drop comment="a b"']
    assert not ways["input"].passes(tcp(4, dport=80))
    assert tool.output("edit", "web", "dport=81", "comment=") == ""
    assert ways["input"].passes(tcp(4, dport=80))
    assert tree.Rule("web").packets == 1
    assert tool.output("disable", "web") == "" and tree.running() == []
    assert tool.output("enable", "web") == ""
    assert tree.running() == ["rule web proto=tcp dport=81 action=drop"]
    assert tool.output("reset", "web") == "" and tree.Rule("web").packets == 0
    assert tool.output("del", "web") == "" and os.listdir(tree.RULES) == []


def test_what_is_refused_leaves_all_as_it_was():
    tool.load(LISTED)
    before = tool.everything()
    assert tool.refused("add", "x", "dport=22x", "action=drop") == [
        "minifw: rule x: dport: '22x' is not a port"]
    assert tool.refused("add", "x", "dport=22", "action=drop")
    assert tool.refused("add", "20-web", "action=drop") == ["minifw: rule 20-web: File exists"]
    assert tool.refused("add", "-x", "action=drop")
    assert tool.refused("add", "x", "nonsense=1") == [
        "minifw: rule x: 'nonsense' is not an attribute"]
    assert tool.refused("edit", "20-web", "dport=1", "proto=tcp", "action=no")
    assert tool.refused("edit", "20-web", "dport=1", "hook=ingress")
    assert tool.refused("edit", "nix", "dport=1") == ["minifw: rule nix: there is no such rule"]
    assert tool.refused("del", "nix") and tool.refused("enable", "nix")
    assert tool.everything() == before


# ---- sets ----

def test_set(tmp_path):
    tool.load("set bad\nset ports type=port\nset never\n")
    bad, ports = tree.Set("bad"), tree.Set("ports")
    assert tool.output("set", "add", "bad", "192.0.2.1", "192.0.2.0/30", "2001:db8::1") == ""
    assert bad.elements == ["192.0.2.0/30", "2001:db8::1"]
    file = tmp_path / "elements"
    file.write_text("# mine\n203.0.113.0/24\r\n\n  198.51.100.7 timeout 1h # soon\n")
    assert tool.output("set", "add", "bad", str(file)) == ""
    assert len(bad.elements) == 4
    assert tool.output("set", "del", "bad", "192.0.2.0/31") == ""
    assert bad.elements[0] == "192.0.2.2/31"
    assert tool.output("set", "replace", "bad", "-", stdin="10.0.0.0/8\n") == ""
    assert bad.elements == ["10.0.0.0/8"]
    assert tool.output("set", "flush", "bad") == "" and bad.elements == []
    file.write_text("".join(f"{port}\n" for port in range(1, 60000, 2)))
    assert tool.output("set", "add", "ports", str(file)) == "" and ports["count"] == "30000"
    file.write_text("1\nx\n3 4\n")
    assert tool.refused("set", "add", "ports", str(file)) == [
        f"{file}:2: 'x' is not a port", f"{file}:3: '4' cannot follow an element"]
    assert tool.refused("set", "add", "nix", "1") == ["minifw: set nix: there is no such set"]
    assert "is no element, and no file" in tool.refused("set", "add", "bad", "nix")[0]
    assert tool.refused("set", "del", "bad", "192.0.2.9")


# ---- test ----

def test_test():
    tool.load("parameter default_policy=drop\n" + LISTED)
    said = tool.output("test", "proto=tcp", "dport=80", "saddr=198.51.100.1").splitlines()
    assert said[0] == "accept by 20-web" and said[-1] == "  20-web: matches: accept"
    assert tool.output("test", "proto=udp", "dport=9").startswith("drop by acl:1\n")
    assert tool.output("test", "proto=udp", "dport=8").startswith("drop by policy\n")
    assert tool.refused("test", "dport=x") == ["minifw: dport: 'x' is not a port"]
    assert tool.refused("test", "nonsense=x") == [
        "minifw: 'nonsense' is not an attribute of a packet"]
    assert os.listdir(tree.PROBES) == []


CAPTURES = {
    "ethernet": [Ether() / IP(src="192.0.2.1") / TCP(dport=80),
                 Ether() / Dot1Q(vlan=5) / IP() / UDP(dport=9) / Raw(b"x"),
                 Ether() / ARP(), Ether() / IPv6() / UDP(dport=8),
                 Ether() / IP() / UDP(dport=9) / Raw(bytes(3000)), Ether() / IP() / TCP(dport=22)],
    "raw": [IP(src="192.0.2.1") / TCP(dport=80), IP() / UDP(dport=9), IPv6() / UDP(dport=8)],
}
VERDICTS = {
    "ethernet": ["accept by 20-web", "drop by acl:1", "not IP", "drop by policy",
                 "too long: 3028 bytes", "drop by 10-ssh"],
    "raw": ["accept by 20-web", "drop by acl:1", "drop by policy"],
}


@pytest.mark.parametrize("kind", CAPTURES)
def test_test_of_a_capture(tmp_path, kind):
    tool.load("parameter default_policy=drop\n" + LISTED)
    file = str(tmp_path / "capture")
    wrpcap(file, CAPTURES[kind])
    said = [line.split("  ")[-1] for line in tool.output("test", "--pcap", file).splitlines()]
    assert said == VERDICTS[kind]
    said = tool.output("test", "--pcap", file, "hook=output", "--trace")
    assert "   1  accept by policy\n" in said and "      policy: accept\n" in said
    assert tool.refused("test", "--pcap", "/nowhere") and tool.refused("test", "--pcap", "/bin/sh")
    assert os.listdir(tree.PROBES) == []


# ---- top and watch ----

def at_columns(line):
    """With blanks in the place of moves to a column."""
    first, *rest = re.split(r"\x1b\[(\d+)G", line)
    for column, text in zip(rest[::2], rest[1::2]):
        first = first.ljust(int(column) - 1) + text
    return first


def drawn_anew(terminal):
    """The lines of the screen, which top draws as a whole when it is asked to."""
    terminal.seen = ""
    terminal.type("\f")
    assert all(terminal.until(name) for name in ("20-web", "10-ssh", "acl"))
    terminal.until("never", patience=0.2)  # the end of the line
    text = re.sub(r"\x1b\[[\d;]*[JKm]|\x1b\(B", "", terminal.seen)
    return list(map(at_columns, re.split(r"\r\n|\x1b\[\d+;\d+H|\x1b\[\d+d", text)))


def test_top(ways):
    tool.load(LISTED)
    terminal = tool.Terminal("top")
    assert terminal.until("PACKETS/s")

    def rate():
        ways["input"].arrivals([tcp(4, dport=80) for _ in range(20)])
        row = next(line for line in drawn_anew(terminal) if "20-web" in line)
        return int(row.split()[0])

    assert tree.until(lambda: rate() > 0)
    screen = drawn_anew(terminal)
    assert any("accepted" in line and "dropped" in line for line in screen)
    assert max(len(line.rstrip()) for line in screen) <= 80
    terminal.type("n")
    screen = "\n".join(drawn_anew(terminal))
    assert screen.index("10-ssh") < screen.index("20-web") < screen.index("acl")
    terminal.type("q")
    assert terminal.end() == tool.DONE
    assert tool.refused("top") == ["minifw: top: wants a terminal: 'minifw list' does not"]


INSTANCES = pathlib.Path("/sys/kernel/tracing/instances")


def traced():
    return any(tree.read(file)[0] == "1"
               for file in INSTANCES.glob("minifw-*/events/minifw/verdict/enable"))


@contextlib.contextmanager
def watch():
    """It sees all that happens meanwhile, and does not outlive it."""
    with subprocess.Popen(["minifw", "watch"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as program:
        try:
            assert tree.until(traced)
            yield program
        finally:
            program.kill()


def test_watch(ways):
    with watch() as program:
        tool.load("rule 1-no proto=udp dport=9 action=drop\n")
        assert not ways["input"].passes(udp(4, dport=9))
        assert ways["input"].passes(udp(4, dport=10))
        tree.transaction(("begin", "rollback"))
        tool.load("")
        lines = []
        while len([line for line in lines if "commit" in line]) < 2:
            lines.append(program.stdout.readline())
            assert lines[-1]
        program.send_signal(signal.SIGINT)
        rest, errors = program.communicate()
    lines += rest.splitlines()
    assert program.returncode == tool.DONE and not errors
    assert not list(INSTANCES.glob("minifw-*"))
    refusals = [line for line in lines if "rule=1-no" in line]
    assert len(refusals) == 1 and "verdict=drop" in refusals[0] and ":9 " in refusals[0]
    assert not any(":10 " in line[len("hh:mm:ss "):] for line in lines)
    assert all(re.match(r"\d\d:\d\d:\d\d ", line) for line in lines)


def test_watch_tells_all_up_to_its_end(ways):
    tool.load("rule 1-no proto=udp dport=9 action=drop\n")
    with watch() as program:
        program.send_signal(signal.SIGSTOP)
        assert not ways["input"].passes(udp(4, dport=9))
        program.send_signal(signal.SIGINT)
        program.send_signal(signal.SIGCONT)
        assert "rule=1-no" in program.communicate()[0]


# ---- stop ----

def test_stop():
    tool.load(LISTED)
    before = tool.everything()
    done = tool.run("stop", stdin="no\n")
    assert done.returncode == tool.REFUSED and tool.everything() == before
    assert "input and forward accept, output accept" in done.stderr
    assert tool.run("stop", "--yes").returncode == tool.DONE
    assert tree.running() == []
    tree.unload()
    tree.load()


# ---- the program itself ----

def test_help_and_completion():
    commands = re.findall(r"^  (\w+)", tool.output("help"), re.M)
    assert {"load", "check", "diff", "save", "list", "status", "test", "stop"} <= set(commands)
    tool.load(LISTED)
    script = tool.output("completion", "bash")

    def completed(*words):
        body = f"{script}\nCOMP_WORDS=({' '.join(words)}) COMP_CWORD={len(words) - 1}\n" \
               "compopt() { :; }; _minifw; printf '%s\\n' \"${COMPREPLY[@]}\""
        return subprocess.run(["bash", "-c", body], capture_output=True, text=True,
                              check=True).stdout.split()

    assert completed("minifw", "lo") == ["load"]
    assert set(commands) <= set(completed("minifw", '""'))
    assert completed("minifw", "del", "10") == ["10-ssh"]
    assert completed("minifw", "disable", '""') == ["10-ssh", "20-web", "acl"]
    assert completed("minifw", "add", "x", "dp") == ["dport="]
    assert completed("minifw", "set", "add", '""') == ["bad"]


# ---- the manual pages ----

DOC = pathlib.Path(__file__).resolve().parents[2] / "doc"


def literal(page, section):
    """The lines of a section of a manual page that stand there as they are typed."""
    text = (DOC / page).read_text(encoding="utf-8").split(f".Sh {section}\n")[1].split("\n.Sh ")[0]
    return "\n".join(re.findall(r"\.Bd -literal.*?\n(.*?)\n\.Ed", text, re.S)).splitlines()


def test_the_configuration_of_the_manual():
    lines = literal("minifw.conf.5", "EXAMPLES")
    assert tool.output("load", tool.write("\n".join(lines))) == ""
    assert len(tree.running()) == len(lines) + 1  # an element a line


def test_the_commands_of_the_manual(tmp_path):
    commands = [line.removeprefix("ssh host ") for line in literal("minifw.8", "EXAMPLES")]
    configuration = "\n".join(literal("minifw.conf.5", "EXAMPLES"))
    os.makedirs("/etc/minifw", exist_ok=True)
    with open("/etc/minifw/minifw.conf", "a+", encoding="utf-8") as file:
        file.seek(0)
        before = file.read()
    tool.write(configuration, "/etc/minifw/minifw.conf")
    tool.write(configuration.replace("rule 05-bad saddr=@bad action=drop\n", ""),
               str(tmp_path / "new.conf"))
    tool.write("192.0.2.0/24\n", "/var/lib/bad.txt")
    for command in commands:
        assert command.startswith("minifw "), command
        done = subprocess.run(command.split(), cwd=tmp_path, text=True, capture_output=True,
                              check=False, stdin=subprocess.DEVNULL)
        assert done.returncode == (" diff " in command), done
        if "--confirm" in command and commands[commands.index(command) + 1] != "minifw confirm":
            tool.output("confirm")
    assert tree.Set("bad").elements == ["192.0.2.0/24", "198.51.100.7"]
    assert tree.Rule("20-web")["dport"] == "80,443,8080"
    tool.write(before, "/etc/minifw/minifw.conf")
