# SPDX-License-Identifier: GPL-2.0
"""The program minifw(8), as a shell would run it."""

import glob
import os
import pathlib
import pty
import select
import signal
import subprocess
import time

import tree

PROGRAM = pathlib.Path("/usr/sbin/minifw")  # not everywhere there
CONF = "/tmp/minifw-test.conf"
MODPROBE = "/etc/modprobe.d/minifw-test.conf"
DONE, REFUSED, USAGE = 0, 1, 2
# A configuration with some of each kind.
BASE = """parameter default_policy=drop
set bad type=addr
element bad 192.0.2.0/24 198.51.100.7
rule 10-ssh proto=tcp dport=22 saddr=!@bad action=accept comment="ssh, but not from there"
rule 20-web proto=tcp dport=80,443 action=accept
chain acl priority=5
in acl saddr=10.0.0.0/8 daddr=10.1.0.0/16 proto=tcp dport=1521 action=accept
in acl saddr=10.0.0.0/8 action=drop
"""

# Where the program was built with sanitizers, each process that they find fault with leaves a
# file of this name, whatever becomes of its stderr and its exit code.
REPORT = "/tmp/minifw-report"
os.environ["ASAN_OPTIONS"] = os.environ["UBSAN_OPTIONS"] = f"log_path={REPORT}:exitcode=99"
SANITIZED = PROGRAM.exists() and b"__asan_init" in PROGRAM.read_bytes()


def reports():
    """What sanitizers have said since this was asked last."""
    files = [pathlib.Path(name) for name in glob.glob(f"{REPORT}.*")]
    said = "".join(file.read_text(errors="replace") for file in files)
    for file in files:
        file.unlink()
    return said


def write(text, path=CONF):
    """A configuration as a file: its name."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text)
    return path


def run(*arguments, stdin="", **environment):
    return subprocess.run(["minifw", *arguments], input=stdin, text=True, capture_output=True,
                          env={**os.environ, **environment}, timeout=300, check=False)


def output(*arguments, **options):
    """What it prints, where it has nothing to complain about."""
    done = run(*arguments, **options)
    assert done.returncode == DONE and not done.stderr, done
    return done.stdout


def load(text, *options):
    """Must be taken."""
    done = run("load", *options, write(text))
    assert done.returncode == DONE, done


def refused(*arguments, status=REFUSED, **options):
    """What it says on stderr, line by line: it must refuse."""
    done = run(*arguments, **options)
    assert done.returncode == status, done
    return done.stderr.splitlines()


def everything():
    """All that there is: what is in force, and all drafts."""
    seen = [tree.running(), tree.transaction()]
    for kind in (tree.Rule, tree.Chain, tree.Set):
        for name in sorted(os.listdir(kind.parent)):
            made = kind(name)
            files = {tree.Rule: ("text", "status"), tree.Chain: ("priority", "comment", "status"),
                     tree.Set: ("type", "timeout", "max", "elements")}[kind]
            seen.append((kind.parent, name, [made[file] for file in files]))
            if kind is tree.Chain:
                seen.append([line.split(" packets=")[0] for line in made.rules])
    return seen


class Terminal:
    """The program on a terminal of 80 columns and 24 lines."""

    def __init__(self, *arguments, **environment):
        self.seen = ""
        self._pid, self._fd = pty.fork()
        if not self._pid:
            os.environ.update(environment, TERM="xterm", LINES="24", COLUMNS="80")
            subprocess.run(["stty", "cols", "80", "rows", "24"], check=False)
            os.execvp("minifw", ["minifw", *arguments])

    def until(self, text, patience=60):
        """Reads until it says `text`: whether it does."""
        deadline = time.monotonic() + patience
        while text not in self.seen and time.monotonic() < deadline:
            if not self._read(min(1, patience)):
                break
        return text in self.seen

    def _read(self, patience=1):
        if select.select([self._fd], [], [], patience)[0]:
            try:
                data = os.read(self._fd, 65536)
            except OSError:
                return False
            self.seen += data.decode(errors="replace")
        return True

    def type(self, text):
        os.write(self._fd, text.encode())

    def end(self):
        """Waits for the end: its exit code."""
        while self._read():
            pass
        os.close(self._fd)
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])

    def signal(self, number=signal.SIGINT):
        os.kill(self._pid, number)
