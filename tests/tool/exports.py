# SPDX-License-Identifier: GPL-2.0
"""What `minifw export nft` makes of configurations.

Of each export/NAME.conf, NAME.nft is what comes out; or NAME.refused is what is said against it,
and NAME.lenient what comes out with --lenient. Together they have all attributes. `exports.py
PROGRAM --write` writes these files anew: look at what git says has changed.

Where nft is installed, and may make tables in a network namespace of its own, it reads what comes
out; and all filters of ../guest/peers.txt, exported, read by nft, listed and imported again, have
to be what they were.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import imports
from imports import Score, unlike

HERE = pathlib.Path(__file__).resolve().parent
CASES = HERE / "export"
SPEC = HERE.parents[1] / "src" / "spec.h"
sys.path.insert(0, str(HERE.parent / "guest"))
import peers_table  # noqa: E402, pylint: disable=wrong-import-position

NAMESPACE = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]
# What is not in every kernel, and the same for nft.
STAND_INS = [(r"queue num [-0-9]+( bypass)?", "accept"), (r'socket cgroupv2 level \d+ "[^"]*"', "")]
# Refused: nft asks for ports of packets that have some.
REFUSED = {"ct_orig_dport=5353", "ct_orig_dport=!5353", "ct_orig_dport=2048"}
# What comes back is in other words, or in several rules.
OTHER_WORDS = {
    "exthdr=hbh,rt", "exthdr=ah",  # one is there, or else another
    "ipopt=lsrr,ssrr",
    "saddr_type=local", "saddr_type=!local", "daddr_type=local", "daddr_type=!local",  # anycast
    "proto=!icmp", "proto=!icmpv6",  # in the other family they are no protocols
}


def run(*words, stdin=None):
    return subprocess.run(words, cwd=CASES, text=True, input=stdin, capture_output=True,
                          timeout=60, check=False)


def in_nft(script, *then):
    """Has nft read a script, and do what follows, in a namespace of its own."""
    for pattern, instead in STAND_INS:
        script = re.sub(pattern, instead, script)
    command = "ip link set lo up; nft -f - || exit 1; " + "; ".join(then)
    return run(*NAMESPACE, "sh", "-c", command, stdin=script)


def nft_is_there():
    return bool(shutil.which("nft")) and in_nft("table inet x\n").returncode == 0


def try_case(program, case, write, with_nft):
    done = run(program, "export", "nft", case.name)
    if done.returncode == 0:
        problem = done.stderr or unlike(case.with_suffix(".nft"), done.stdout, write)
        return problem or (with_nft and in_nft(done.stdout).stderr)
    if done.returncode != 1 or done.stdout:
        return f"exit code {done.returncode}\n{done.stdout}{done.stderr}"
    lenient = run(program, "export", "nft", "--lenient", case.name)
    if lenient.returncode != 0:
        return f"--lenient: exit code {lenient.returncode}\n{lenient.stderr}"
    return (unlike(case.with_suffix(".refused"), done.stderr, write)
            or unlike(case.with_suffix(".lenient"), lenient.stderr + lenient.stdout, write)
            or (with_nft and in_nft(lenient.stdout).stderr))


def untested():
    """Attributes that no case has."""
    text = SPEC.read_text()
    names = re.findall(r"X\((\w+)\)", text[text.index("#define MINIFW_ATTRS(X)"):])
    cases = "".join(case.read_text() for case in CASES.glob("*.conf"))
    return [name for name in names if f" {name}=" not in cases]


def round_trip(program, filters):
    """By its number, the rules that a filter becomes on its way through nft, and what was said."""
    conf = "".join(f"rule {number} hook={section.settings['at'][0]} {each} "
                   f"action={section.settings['action'][0]}\n"
                   for number, (section, each) in enumerate(filters))
    done = run(program, "export", "nft", "--lenient", "-", stdin=conf)
    refused = set(re.findall(r"left out: rule (\d+):", done.stderr))
    listed = in_nft(done.stdout, "nft -j list ruleset")
    if listed.returncode:
        return {}, refused, listed.stderr
    lines = run(program, "import", "nft", "--lenient", stdin=listed.stdout).stdout.splitlines()
    rules = {number: [line for line in lines if line.endswith(f" comment={number}")]
             for number in range(len(filters))}
    return rules, refused, "" if json.loads(listed.stdout) else "nothing"


def try_filter(number, each, rules, refused):
    if str(each) in REFUSED or str(number) in refused:
        return "" if str(each) in REFUSED and str(number) in refused else "refused, or not"
    if str(each) in OTHER_WORDS | imports.REFUSED["nft"]:
        return ""
    text = [rule.replace(f" comment={number}", "") for rule in rules[number]]
    return imports.compare(each, text) if text else "nothing came back"


def try_filters(program, score):
    filters = [(section, each) for section in peers_table.read() for each in section.filters
               if each.texts["minifw"]]
    rules, refused, problem = round_trip(program, filters)
    score.take("peers.txt", problem)
    for number, (_, each) in enumerate(filters if not problem else []):
        score.take(f"nft: {each}", try_filter(number, each, rules, refused))


def main():
    program, write = sys.argv[1], "--write" in sys.argv
    score, with_nft = Score(), nft_is_there()
    for case in sorted(CASES.glob("*.conf")):
        score.take(case.name, try_case(program, case, write, with_nft))
    score.take("all attributes", "\n".join(untested()))
    if with_nft:
        try_filters(program, score)
    else:
        print("# nft cannot be asked here: what it would say of the scripts is not known")
    print(f"{score.passed} passed, {score.failed} failed")
    sys.exit(score.failed > 0 or not score.passed)


if __name__ == "__main__":
    main()
