# SPDX-License-Identifier: GPL-2.0
# guest: kernel=stock program
"""minifw load, check, diff and save: a file becomes what is in force, all of it or nothing."""

import os
import pathlib
import random
import signal
import stat
import subprocess
import threading
import time

import pytest

import conf
import random_rules
import tool
import tree
from packets import tcp, udp
from tool import BASE

LINES = 10000 if tool.SANITIZED else 100000
EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "doc/examples"

pytestmark = pytest.mark.usefixtures("empty_again")


def lines(text):
    return sorted(line for line in text.splitlines() if line and not line.startswith("#"))


# ---- load ----

@pytest.mark.parametrize("name", ("host.conf", "router.conf"))
def test_the_examples(name):
    tool.load((EXAMPLES / name).read_text())
    before = tree.generation()
    assert tree.transaction() == "idle"
    assert len(tree.running()) > 15
    saved = tool.output("save")
    tool.load(saved)
    assert tree.generation() == before
    assert tool.output("diff", tool.write(saved)) == ""


def test_all_kinds_of_lines():
    tool.load(BASE)
    assert lines("\n".join(tree.running())) == lines(
        BASE.replace("proto=tcp dport=22 saddr=!@bad", "saddr=!@bad proto=tcp dport=22")
        .replace("element bad 192.0.2.0/24 198.51.100.7",
                 "element bad 192.0.2.0/24\nelement bad 198.51.100.7"))


def test_it_is_one_publish():
    before = tree.generation()
    tool.load(BASE)
    assert tree.generation() == before + 1
    tool.load(BASE + "rule 30 proto=udp dport=53 action=accept\n")
    assert tree.generation() == before + 2


def test_what_stays_keeps_its_counters(ways):
    tool.load(BASE)
    assert ways["input"].passes(tcp(4, dport=80))
    tool.load(BASE.replace("22", "23").replace("rule 20-web", "# a comment\nrule 20-web")
              + "rule 15 proto=udp dport=53 action=accept\nin acl action=continue\n")
    assert tree.Rule("20-web").packets == 1
    assert tree.Rule("10-ssh")["dport"] == "23"
    tool.load(BASE)
    assert tree.Rule("20-web").packets == 1


def test_what_is_not_in_the_file_goes():
    tool.load(BASE)
    tool.load("rule 20-web proto=tcp dport=80,443 action=accept\n")
    assert tree.running() == ["rule 20-web proto=tcp dport=80,443 action=accept"]
    assert [os.listdir(kind.parent) for kind in (tree.Rule, tree.Chain, tree.Set)] == [
        ["20-web"], [], []]
    assert tree.parameter("default_policy") == "accept"


def test_a_draft_of_what_stays_is_as_the_file_has_it():
    tool.load(BASE)
    rule = tree.Rule("20-web")
    rule["dport"] = 8080
    rule["length"] = "1-100"
    before = tree.generation()
    tool.load(BASE)
    assert rule["status"] == "live" and rule["dport"] == "80,443" and rule["length"] == ""
    assert tree.generation() == before


def test_drafts_of_others_are_left_alone():
    with tree.rule("draft", live=False, dport=99):
        tool.load(BASE)
        assert tree.Rule("draft")["dport"] == "99"


def test_a_rule_that_is_there_as_a_draft():
    tree.Rule("20-web").make()
    tree.Rule("20-web").set(dport=1, comment="mine", hook="forward", priority=7)
    tool.load(BASE)
    assert tree.Rule("20-web")["text"] == "rule 20-web proto=tcp dport=80,443 action=accept"


def test_a_rule_whose_directory_is_gone():
    """A commit that was taken back: in force, but nowhere to be seen."""
    tool.load(BASE)
    tree.transaction("begin")
    tree.Rule("20-web").remove()
    tree.transaction("rollback")
    assert not os.path.exists(tree.Rule("20-web").path)
    tool.load(BASE)
    assert tree.Rule("20-web")["status"] == "live"


def test_elements_that_time_added_stay():
    tool.load("set banned timeout=1h\nrule 1 saddr=@banned action=drop\n")
    banned = tree.Set("banned")
    banned.add("192.0.2.1", "192.0.2.2 timeout 2h", "203.0.113.0/24 timeout 0")
    tool.load("set banned timeout=1h\nrule 1 saddr=@banned action=drop\n"
              "element banned 198.51.100.0/24 timeout 0\n")
    assert [line.split(" timeout")[0] for line in banned.elements] == [
        "198.51.100.0/24", "192.0.2.1", "192.0.2.2"]
    tool.load(tool.output("save"))
    assert len(banned.elements) == 3


def test_crlf_blanks_and_comments():
    tool.load("\r\n  # a comment\r\nparameter  enforce=N \r\n\trule 1  dport=5\tproto=udp "
              "action=drop # why\r\n")
    assert tree.running() == ["parameter enforce=N", "rule 1 proto=udp dport=5 action=drop"]


def test_include(tmp_path):
    folder = tmp_path / "rules.d"
    folder.mkdir()
    (folder / "20-b.conf").write_text("rule b action=accept\nin c action=accept\n")
    (folder / "10-a.conf").write_text("chain c\nin c action=drop\ninclude ../deeper\n")
    (folder / "ignored").write_text("nonsense")
    (tmp_path / "deeper").write_text("rule deeper action=accept\n")
    (tmp_path / "main.conf").write_text("include rules.d/*.conf\ninclude nothing.d/*.conf\n")
    assert tool.output("load", str(tmp_path / "main.conf")) == ""
    assert tree.running() == ["rule b action=accept", "chain c", "in c action=drop",
                              "in c action=accept", "rule deeper action=accept"]


def test_many_lines():
    many = [f"in acl saddr=10.{n >> 16}.{n >> 8 & 255}.{n & 255} proto=tcp dport={n % 60000 + 1} "
            "action=drop" for n in range(LINES)]
    tool.load("chain acl\n" + "\n".join(many) + "\n")
    chain = tree.Chain("acl")
    assert chain["count"] == str(LINES) and chain["status"] == "live"
    many[LINES // 2] = "in acl saddr=192.0.2.1 action=drop"
    tool.load("chain acl\n" + "\n".join(many) + "\n")
    assert chain.rules[LINES // 2].startswith("saddr=192.0.2.1 action=drop")
    assert len(tool.output("save").splitlines()) == LINES + 2


def random_line(rng):
    return random_rules.line(rng, "input", ("accept", "drop", "continue"))


def random_configuration(rng):
    """Parameters, sets, rules and chains, in no order, and as a person may write them."""
    names = ["known", *(f"s{n}" for n in range(rng.randrange(4)))]
    text = [f"set {name} timeout={rng.choice((0, 0, 3600))}" for name in names]
    for name in names:
        elements = [f"{rng.randrange(1, 224)}.{rng.randrange(256)}.0.0/{rng.randrange(9, 17)}"
                    for _ in range(rng.randrange(8))]
        text += [f"element {name} {element} timeout 0" for element in elements]
    for n in range(rng.randrange(12)):
        pairs = random_line(rng)
        where = f" saddr=@{rng.choice(names)}" if names and "saddr" not in pairs else ""
        text.append(f"rule r{n} priority={rng.randrange(-3, 3)} {pairs}{where}")
    for n in range(rng.randrange(3)):
        text.append(f"chain c{n} priority={rng.randrange(-3, 3)} comment=\"c, {n} \\\"x\\\"\"")
        text += [f"in c{n} {random_line(rng)}" for _ in range(rng.randrange(20))]
    if rng.randrange(2):
        text.append(f"parameter log_denied={rng.choice('YN')} pickup={rng.randrange(100)}")
    return "\n".join(text) + "\n"


@pytest.mark.parametrize("seed", range(20))
def test_load_save_load_is_a_fixed_point(seed):
    tool.load(random_configuration(random.Random(seed)))
    saved, generation = tool.output("save"), tree.generation()
    tool.load(saved)
    assert tree.generation() == generation
    tool.load("")
    tool.load(saved)
    assert tool.output("save") == saved


# ---- faults ----

NEEDS_PROTO = "dport: needs proto to be set to tcp, udp, sctp, dccp or udplite"
FAULTS = {
    "rule 1 dport=22x action=drop": ["1: rule 1: dport: '22x' is not a port"],
    "rule 1 dport=22 action=drop": ["1: rule 1: " + NEEDS_PROTO],
    "rule 1 dport=22 proto=tcp": ["1: rule 1: action: not set"],
    "rule -1 action=drop":
        ["1: rule: '-1' is not a name: 1 to 63 of A-Za-z0-9._-, not . or - first"],
    "rule 1 action=drop\n\nrule 1 action=drop": ["3: rule 1: is there already, in {}:1"],
    "rule 1 action=drop saddr=@no": ["1: rule 1: saddr: there is no set 'no'"],
    "set p type=port\nrule 1 action=drop saddr=@p":
        ["2: rule 1: saddr: the set 'p' is of type port"],
    "set p type=ports": ["1: set p: type: 'ports' is not a type: addr port iface mac addr,port"],
    "set p\nelement p 1.2.3.4.5 ::1": ["2: set p: '1.2.3.4.5' is not an address"],
    "element p ::1": ["1: no line before says 'set p'"],
    "chain c\nin c priority=1 action=drop":
        ["2: chain c:1: priority: '1': no attribute of such a line"],
    "chain c dport=1": ["1: chain c: dport: '1': no attribute of such a line"],
    "in c action=drop": ["1: no line before says 'chain c'"],
    "parameter policy=drop": ["1: parameter policy: there is no such parameter"],
    "parameter enforce=maybe": ["1: parameter enforce: 'maybe' is neither Y nor N"],
    "rules 1": ["1: 'rules' is none of parameter, set, element, rule, chain, in, include"],
    "include no.conf": ["1: include: /tmp/no.conf: there is no such file"],
    "rule 1 action=drop comment=\"open": ["1: rule 1: comment: a quote is left open"],
    "nonsense\nrule 1 x=1\nrule 2 action=drop\nrule 3 dport=1":
        ["1: 'nonsense' is none of parameter, set, element, rule, chain, in, include",
         "2: rule 1: 'x' is not an attribute", "4: rule 3: " + NEEDS_PROTO],
}


@pytest.mark.parametrize("text", FAULTS)
def test_faults_are_told_and_nothing_is_touched(text):
    tool.load(BASE)
    before, generation = tool.everything(), tree.generation()
    expected = [f"{tool.CONF}:{line.format(tool.CONF)}" for line in FAULTS[text]]
    assert tool.refused("check", tool.write(text)) == expected
    assert tool.refused("load", tool.CONF) == expected
    assert tool.refused("diff", tool.CONF) == expected
    assert tool.everything() == before and tree.generation() == generation


def test_faults_name_the_included_file(tmp_path):
    (tmp_path / "a.conf").write_text("\ninclude b.conf\n")
    (tmp_path / "b.conf").write_text("rule x\ninclude a.conf\n")
    told = tool.refused("check", str(tmp_path / "a.conf"))
    assert f"{tmp_path}/b.conf:1: rule x: action: not set" in told
    assert any("include: too deep" in line for line in told)


def test_no_file_and_nul_bytes():
    assert tool.refused("check", "/nowhere") == ["/nowhere: No such file or directory"]
    with open(tool.CONF, "wb") as file:
        file.write(b"rule 1 action=drop\nrule 2 \0action=drop\n")
    assert tool.refused("check", tool.CONF) == [f"{tool.CONF}:2: a NUL byte"]


def test_what_the_kernel_alone_knows_is_refused_there():
    """The change was half made by then: drafts, elements and chains are as they were."""
    tool.load(BASE)
    before, generation = tool.everything(), tree.generation()
    bad = BASE.replace("22", "23").replace("198.51.100.7", "198.51.100.8").replace(
        "rule 20-web", "rule 21-web").replace("in acl saddr=10.0.0.0/8 action=drop\n", "")
    bad += ("set new\nrule new saddr=@new action=drop\n"
            "rule zz hook=output cgroup=/no/such action=drop\n")
    told = tool.refused("load", tool.write(bad))
    assert len(told) == 1 and told[0].startswith(f"{tool.CONF}:10: rule zz: cgroup: ")
    assert tool.everything() == before and tree.generation() == generation


def test_check_needs_no_module():
    tree.unload()
    try:
        assert tool.output("check", str(EXAMPLES / "router.conf")) == ""
        assert tool.refused("check", tool.write("rule 1 dport=1")) == [
            f"{tool.CONF}:1: rule 1: {NEEDS_PROTO}"]
        assert tool.refused("save") == [
            "minifw: the module is not loaded: 'modprobe minifw' loads it"]
        tool.load(BASE)
        assert tree.is_loaded()
    finally:
        if not tree.is_loaded():
            tree.load()


def test_usage():
    for arguments in (("load", "a", "b"), ("load", "--confirm", "0", "a"), ("load", "--no"), (),
                      ("nonsense",), ("save", "a", "b"), ("list", "nonsense"), ("add",),
                      ("set", "add", "x"), ("test",), ("test", "nonsense")):
        assert tool.refused(*arguments, status=tool.USAGE), arguments


# ---- parameters ----

@pytest.fixture
def modprobe_drops():
    tool.write("options minifw default_policy=drop\n", tool.MODPROBE)
    yield
    os.unlink(tool.MODPROBE)


def test_parameters_that_no_line_mentions_are_modprobes(modprobe_drops):
    tool.load("rule 1 action=continue\n")
    assert tree.parameter("default_policy") == "drop"
    tool.load("parameter default_policy=accept\n")
    assert tree.parameter("default_policy") == "accept"
    saved = tool.output("save")
    assert "parameter default_policy=accept" in saved
    tool.load(saved)
    assert tree.parameter("default_policy") == "accept"


def test_netns_is_for_modprobe_alone():
    told = tool.refused("load", tool.write("parameter netns=all\nrule 1 action=drop\n"))
    assert told == [f"{tool.CONF}:1: parameter netns: modprobe alone can set it"]
    assert tree.running() == []


# ---- several at once, and broken off ----

def test_a_transaction_of_somebody_else():
    with tree.staged():
        assert tool.refused("load", tool.write(BASE)) == [  # and it stays open
            "minifw: another change is under way (open 0): wait for it, or 'minifw confirm' or "
            "'minifw rollback' it"]


def test_two_at_once():
    """One of the two files is in force, whole; who came too late was told so."""
    files = [tool.write("".join(f"rule {letter}{n:03} proto=udp dport={n + 1} action=drop\n"
                                for n in range(40)), f"/tmp/{letter}.conf") for letter in "ab"]
    for _ in range(10):
        both = [subprocess.Popen(["minifw", "load", file], stderr=subprocess.PIPE, text=True)
                for file in files]
        ends = [(one.communicate()[1], one.returncode) for one in both]
        assert any(code == 0 for _, code in ends), ends
        assert all("another change is under way" in said for said, code in ends if code), ends
        names = {line.split()[1][0] for line in tree.running()}
        assert len(tree.running()) == 40 and len(names) == 1
        assert sorted(os.listdir(tree.RULES)) == sorted(line.split()[1] for line in tree.running())
        assert tree.transaction() == "idle"


@pytest.mark.parametrize("number", (signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
def test_broken_off(number):
    tool.load(BASE)
    before, generation = tool.everything(), tree.generation()
    tool.write(BASE.replace("22", "23") + "".join(
        f"rule x{n:05} proto=udp dport={n + 1} action=drop\n" for n in range(3000)))
    with subprocess.Popen(["minifw", "load", tool.CONF], stderr=subprocess.PIPE,
                          text=True) as program:
        assert tree.until(lambda: len(os.listdir(tree.RULES)) > 20)
        program.send_signal(number)
        said = program.communicate()[1]
    assert program.returncode == tool.REFUSED and "all is as it was" in said
    assert tool.everything() == before and tree.generation() == generation


# ---- diff and save ----

def test_diff():
    tool.load(BASE)
    assert tool.output("diff", tool.write(BASE)) == ""
    done = tool.run("diff", tool.write(BASE.replace("80,443", "80") + "parameter enforce=N\n"))
    assert done.returncode == tool.REFUSED
    changed = [line for line in done.stdout.splitlines() if line[0] in "+-" and line[1] not in "+-"]
    assert changed == ["+parameter enforce=N", "-rule 20-web proto=tcp dport=80,443 action=accept",
                       "+rule 20-web proto=tcp dport=80 action=accept"]


def test_save_keeps_the_mode_of_the_file(tmp_path):
    tool.load(BASE)
    file = tmp_path / "saved"
    assert tool.output("save", str(file)) == ""
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    tool.load("")
    assert tool.output("save", str(file)) == ""
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert lines(file.read_text()) == [] and os.listdir(tmp_path) == ["saved"]


def test_save_to_a_full_disk(tmp_path):
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)], check=True)
    try:
        file = tmp_path / "saved"
        file.write_text("as it was")
        tool.load("chain c\n" + "".join(f"in c saddr=10.0.{n >> 8}.{n & 255} action=drop\n"
                                        for n in range(3000)))
        told = tool.refused("save", str(file))
        assert told == [f"minifw: {file}: No space left on device: it is as it was"]
        assert file.read_text() == "as it was" and os.listdir(tmp_path) == ["saved"]
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
    with open("/dev/full", "w", encoding="utf-8") as full:
        assert subprocess.run(["minifw", "save"], stdout=full, stderr=subprocess.PIPE,
                              check=False).returncode == tool.REFUSED


def test_packets_see_one_file_or_the_other(ways):
    """While two files are loaded in turn, what both accept is never dropped."""
    both = "parameter default_policy=drop\nrule 50 proto=udp dport=53 action=accept\n"
    files = [tool.write(both + f"rule 10-{letter} proto=tcp dport=1 action=drop\nset {letter}\n"
                        f"rule 11-{letter} saddr=@{letter} action=drop\n", f"/tmp/{letter}.conf")
             for letter in "ab"]
    stop, failures = threading.Event(), []

    def loads():
        while not stop.is_set():
            for file in files:
                done = tool.run("load", file)
                if done.returncode:
                    failures.append(done)

    tool.load(both)
    thread = threading.Thread(target=loads)
    thread.start()
    try:
        deadline = time.monotonic() + 4
        while time.monotonic() < deadline:
            sent = [udp(4, dport=53) for _ in range(20)]
            assert len(ways["input"].arrivals(sent)) == 20
    finally:
        stop.set()
        thread.join()
    assert not failures


def test_the_loader_of_these_tests_reads_the_same():
    """tests/guest/conf.py is a small one: it must understand lines as the program does."""
    with conf.in_force(BASE.splitlines()):
        assert tool.output("diff", tool.write(BASE)) == ""
