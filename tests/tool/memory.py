# SPDX-License-Identifier: GPL-2.0
"""What valgrind says of the program: `memory.py PROGRAM` has it run each command as far as that
goes without the module.

What it says and its exit code have to be the same as without valgrind. That has an exit code of
its own for what it finds, leaks too, and says it on stderr. Of a PROGRAM that is not stripped it
names the lines.
"""

import concurrent.futures
import functools
import os
import pathlib
import subprocess
import sys
import tempfile

import exports
import imports
from imports import Score

EXAMPLES = exports.HERE.parents[1] / "doc" / "examples"
VALGRIND = ["valgrind", "-q", "--leak-check=full", "--error-exitcode=99"]
EXIT_CODES = (0, 1, 2)

# The module is asked for, and is not there; or what is asked for is not to be had. Where the
# module is there, none of them changes anything.
REFUSED = [
    "diff host.conf", "list --json", "save", "test proto=tcp dport=22", "add x dport=22",
    "set add x 192.0.2.1", "check /nowhere", "nonsense", "load --confirm 0 host.conf",
]


def run(*words):
    return subprocess.run(words, cwd=imports.CASES, text=True, capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=300, check=False)


def broken(path, folder):
    """A copy of a file, with a third of each line gone: many faults in one."""
    copy = pathlib.Path(folder, f"broken-{path.name}")
    copy.write_text("".join(f"{line[:len(line) * 2 // 3]}\n"
                            for line in path.read_text(encoding="utf-8").splitlines()),
                    encoding="utf-8")
    return str(copy)


def of_imports(folder):
    """Each case once; one that is refused also so, and each kind with faults."""
    for case in sorted(imports.CASES.iterdir()):
        if case.suffix in imports.KINDS:
            words = imports.command(case)
            yield [*words, "--lenient"]
            if case.with_suffix(".refused").exists():
                yield words
    for name in ("words.json", "server.json", "unsayable.rules"):
        case = imports.CASES / name
        yield ["import", imports.KINDS[case.suffix], broken(case, folder)]


def of_configurations(folder):
    """The examples, and cases of exports, also with faults."""
    for example in sorted(EXAMPLES.glob("*.conf")):
        yield ["check", str(example)]
        yield ["check", broken(example, folder)]
    for case in sorted(exports.CASES.glob("*.conf")):
        yield ["export", "nft", "--lenient", str(case)]
        if case.with_suffix(".refused").exists():
            yield ["export", "nft", str(case)]


def try_command(program, words):
    plain, checked = run(program, *words), run(*VALGRIND, program, *words)
    if plain.returncode not in EXIT_CODES:
        return f"exit code {plain.returncode}\n{plain.stderr}"
    if (plain.returncode, plain.stdout, plain.stderr) != (
            checked.returncode, checked.stdout, checked.stderr):
        return f"exit code {checked.returncode}, not {plain.returncode}\n{checked.stderr}"
    return ""


def main():
    program, score = os.path.abspath(sys.argv[1]), Score()
    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        commands = [["help"], ["completion", "bash"], *map(str.split, REFUSED),
                    *of_configurations(folder), *of_imports(folder)]
        for words, problem in zip(commands, pool.map(
                functools.partial(try_command, program), commands)):
            score.take(f"valgrind: {' '.join(words)}", problem)
    print(f"{score.passed} passed, {score.failed} failed")
    sys.exit(score.failed > 0 or not score.passed)


if __name__ == "__main__":
    main()
