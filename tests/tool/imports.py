# SPDX-License-Identifier: GPL-2.0
"""What `minifw import` makes of rule sets.

import/NAME.rules is what iptables-save prints, NAME.rules6 beside it what ip6tables-save does,
NAME.json what `nft -j list ruleset` does, NAME.ufw a folder with ufw and default/ufw as /etc has
them. Of each,
NAME.conf is what comes out; or NAME.refused is what is said against it, and NAME.lenient what
comes out with --lenient. What comes out, `minifw check` takes. `imports.py PROGRAM --write` writes
these files anew: look at what git says has changed.

Then all filters of ../guest/peers.txt, which say the same in the words of each.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CASES = HERE / "import"
sys.path.insert(0, str(HERE.parent / "guest"))
import peers_table  # noqa: E402, pylint: disable=wrong-import-position

KINDS = {".rules": "iptables", ".json": "nft", ".ufw": "ufw"}
# Filters of peers.txt that are refused: what iptables means by them is more.
REFUSED = {
    "iptables": {
        "uid=!1002", "gid=!2003", "uid=!0", "proto=tcp dport=25 uid=!0",  # no sender matches too
        "ct_status=!dnat", "ct_status=!seen-reply",  # so does no connection
        "proto=!icmp",  # of IPv6 it is another
        "proto=!icmpv6",
        # types of IPv6 addresses are others
        "daddr_type=!unicast,multicast", "daddr_type=unicast", "saddr_type=unicast",
        "family=ip fragment=later", "family=ip6 fragment=first", "exthdr=ah",
    },
    "nft": {
        "icmp_type=!3/4",  # a concatenation
        "family=ip fragment=later", "family=ip fragment=first", "family=ip fragment=none",
        "family=ip6 fragment=later", "family=ip6 fragment=first", "fragment=later",
    },
}


def run(program, *arguments):
    return subprocess.run([program, *arguments], cwd=CASES, text=True, capture_output=True,
                          timeout=60, check=False)


class Score:
    """Counts, and says what failed."""

    def __init__(self):
        self.passed = self.failed = 0

    def take(self, name, problem):
        if problem:
            self.failed += 1
            print(f"not ok {name}:")
            print("\n".join(f"    | {line}" for line in problem.splitlines()))
        else:
            self.passed += 1


def unlike(path, text, write):
    """What a file says that it should not; nothing where it is as wanted."""
    if write:
        path.write_text(text)
    wanted = path.read_text() if path.exists() else "(no such file)"
    return "" if wanted == text else f"{path.name}: wanted\n{wanted}got\n{text}"


def check(program, conf):
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write(conf)
        file.flush()
        done = run(program, "check", file.name)
    return "" if done.returncode == 0 else f"check: {done.stderr}"


def command(case):
    """The command that imports a case."""
    path = case / "ufw" if case.suffix == ".ufw" else case
    second = case.with_suffix(".rules6")
    return ["import", KINDS[case.suffix], *(str(file.relative_to(CASES))
                                            for file in (path, second) if file.exists())]


def try_case(program, case, write):
    done = run(program, *command(case))
    if done.returncode == 0:
        return (done.stderr or unlike(case.with_suffix(".conf"), done.stdout, write)
                or check(program, done.stdout))
    if done.returncode != 1 or done.stdout:
        return f"exit code {done.returncode}\n{done.stdout}{done.stderr}"
    lenient = run(program, *command(case), "--lenient")
    if lenient.returncode != 0:
        return f"--lenient: exit code {lenient.returncode}\n{lenient.stderr}"
    return (unlike(case.with_suffix(".refused"), done.stderr, write)
            or unlike(case.with_suffix(".lenient"), lenient.stdout, write)
            or check(program, lenient.stdout))


# Of one family alone they are something simpler.
SIMPLER = {
    "proto=icmp,icmpv6", "daddr=198.51.100.2,2001:db8:2::2 proto=!icmp,icmpv6",
    "daddr_type=broadcast,multicast", "daddr_type=!broadcast,multicast", "saddr=0.0.0.0/0",
    "saddr=192.0.2.15/29", "oif=!lo proto=icmp,icmpv6",
}
NUMBERS = {
    "icmp_type": {"echo-reply": "0", "destination-unreachable": "3", "source-quench": "4",
                  "redirect": "5", "echo-request": "8", "time-exceeded": "11"},
    "icmpv6_type": {"packet-too-big": "2", "echo-request": "128"},
}


def spelled(name, value):
    """One spelling of those that a value has."""
    if name in ("mark", "ct_mark"):
        return "/".join(str(int(number, 0)) for number in value.split("/"))
    lists = [sorted(NUMBERS.get(name, {}).get(word, word) for word in part.split(","))
             for part in value.lstrip("!").split("/")] if "addr" not in name else [
                 sorted(value.lstrip("!").split(","))]
    return "!" * value.startswith("!") + "/".join(",".join(words) for words in lists)


def words_of(text):
    words = re.findall(r'(\w+)=("(?:[^"\\]|\\.)*"|\S+)', text)
    return {name: spelled(name, value) for name, value in words
            if name not in ("hook", "action", "family")}


def without_implied(words):
    if "icmp_type" in words or "icmpv6_type" in words or "tcp_flags" in words:
        words = {name: value for name, value in words.items() if name != "proto"}
    return words


def of_family(words, family):
    """What is left of a filter for one family; nothing where it does not concern it."""
    words = dict(words)
    for name in ("saddr", "daddr", "ct_orig_daddr"):
        value = words.get(name, "")
        mine = [each for each in value.lstrip("!").split(",") if (":" in each) == (family == "ip6")]
        if value and not mine:
            return None
        if value:
            words[name] = "!" * value.startswith("!") + ",".join(mine)
    if ("icmp_type" in words) > (family == "ip") or ("icmpv6_type" in words) > (family == "ip6"):
        return None
    return without_implied(words)


def iptables_text(text, family, hook, action):
    other = {"ip": "-6 ", "ip6": "-4 "}[family]
    chain = hook.upper()
    rules = "".join(f"-A {chain} {rule.strip().removeprefix('-4 ').removeprefix('-6 ')}"
                    f" -j {action.upper()}\n"
                    for rule in text.split(";") if not rule.strip().startswith(other))
    return f"*filter\n:{chain} ACCEPT [0:0]\n{rules}COMMIT\n"


def try_iptables(program, each, hook, action):
    """A filter in the words of iptables has to be one in ours, of each family."""
    with tempfile.TemporaryDirectory() as folder:
        files = [pathlib.Path(folder, family) for family in ("ip", "ip6")]
        for file in files:
            file.write_text(iptables_text(each.texts["iptables"], file.name, hook, action))
        done = run(program, "import", "iptables", *map(str, files))
    if str(each) in REFUSED["iptables"]:
        return "" if done.returncode == 1 else f"taken:\n{done.stdout}"
    if done.returncode:
        return done.stderr
    rules = [line for line in done.stdout.splitlines() if line.startswith("rule ")]
    return check(program, done.stdout) or compare(each, rules)


def compare(each, rules):
    if str(each) in SIMPLER:
        return ""
    for family in ("ip", "ip6"):
        own = [words_of(rule) for rule in rules if f" family={family} " in rule
               or "family=" not in rule]
        if len(own) == 1 and (wanted := of_family(words_of(str(each)), family)):
            if without_implied(own[0]) != wanted:
                return f"{family}: wanted {wanted}\ngot {without_implied(own[0])}"
    return ""


def main():
    program, write = sys.argv[1], "--write" in sys.argv
    score = Score()
    for case in sorted(CASES.iterdir()):
        if case.suffix in KINDS:
            score.take(case.name, try_case(program, case, write))
    for section in peers_table.read():
        hook, action = section.settings["at"][0], section.settings["action"][0]
        for each in section.filters:
            if "iptables" in each.texts:
                score.take(f"iptables: {each}", try_iptables(program, each, hook, action))
    print(f"{score.passed} passed, {score.failed} failed")
    sys.exit(score.failed > 0 or not score.passed)


if __name__ == "__main__":
    main()
