# SPDX-License-Identifier: GPL-2.0
"""The parts that tests are run in, and what came of one."""

import functools
import os
import pathlib
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as xml

TESTS = pathlib.Path(__file__).resolve().parent.parent
CLOSING = re.compile(r"(\d+) passed, (\d+) failed")
SHOWN = 60
# Seconds: of a test, after which it ends its guest and says what it waits for; of a file, on a slow
# machine; of a guest that is ended from outside, at least. The debug kernel is that much slower.
TEST_TIMEOUT, FILE_TIMEOUT, GUEST_TIMEOUT = 300, 180, 900
PATIENCE = {"debug": 3}
# With less than that left, a boot would be in vain.
LEAST_SECONDS = 150
# Of a guest that asks for none, as tests/vm has it.
MEM, DEBUG_MEM = 1024, 2048
# Its guests have the program with sanitizers, those of other kernels the package's.
SANITIZED = "6.1"
EXITS = {123: "the guest's kernel reported something", 124: "took too long", 125: "no guest"}


def tell(line):
    """As print(), but in one piece, whichever thread says it."""
    sys.stdout.write(line + "\n")


def seconds_left():
    """Until $MINIFW_UNTIL, an epoch, if it is set: no guest's test begins later."""
    return float(os.environ.get("MINIFW_UNTIL", "inf")) - time.time()


class Result:
    def __init__(self, part, log, seconds):
        self.part, self.log, self.seconds = part, log, seconds
        self.passed = self.failed = 0
        self.reasons = []

    def fail(self, reason):
        self.failed += 1
        self.reasons.append(reason)

    def summary(self):
        verdict = "FAILED" if self.failed else "ok" if self.passed else "-"
        return (f"{verdict:7}{self.part.name:36}{self.passed:5} passed {self.failed:4} failed"
                f"{self.seconds:6.0f} s")

    def report(self):
        """One line; for a failure also why, and the end of what the part said."""
        if not self.failed:
            return self.summary()
        said = self.log.read_text(errors="replace").splitlines()[-SHOWN:]
        return "\n".join([self.summary(), *(f"    {reason}" for reason in self.reasons),
                          f"    the end of {self.log}:", *(f"    | {line}" for line in said)])


class Part:
    """Something to run: a name, a command, and how to read what came of it."""
    alone = False

    def run(self, logs):
        log = logs / (self.name.replace("/", "-") + ".log")
        start = time.monotonic()
        with open(log, "wb") as output:
            status = subprocess.run(self.command(logs), stdin=subprocess.DEVNULL, stdout=output,
                                    stderr=subprocess.STDOUT, check=False).returncode
        result = Result(self, log, time.monotonic() - start)
        self.judge(result, status)
        return result


class Program(Part):
    """A program that runs tests itself and ends with the line "N passed, N failed"."""

    def __init__(self, name, path):
        self.name, self.path = name, path

    def command(self, _logs):
        return ["sh", "-c", 'exec "$0"', str(self.path)]

    def judge(self, result, status):
        lines = result.log.read_text(errors="replace").splitlines()
        closing = CLOSING.fullmatch(lines[-1]) if lines else None
        if closing:
            result.passed, result.failed = map(int, closing.groups())
        if not closing:
            result.fail(f"ended with {status} before it summed up")
        elif not result.passed + result.failed:
            result.fail("tested nothing")
        elif status and not result.failed:
            result.fail(f"ended with {status}")


class Guest(Part):
    """Something in a boot of its own of one kernel."""
    options = ()

    def __init__(self, kernel, what):
        self.kernel = kernel
        self.name = f"{kernel}/{what}"

    def run(self, logs):
        if seconds_left() < LEAST_SECONDS:
            tell(f"{self.name}: not run for want of time")
            return Result(self, None, 0)
        return super().run(logs)

    def vm(self, *command):
        sanitize = ["--sanitize"] if self.kernel == SANITIZED else []
        return [str(TESTS / "vm"), "--kernel", self.kernel, *sanitize, *self.options, "--",
                *command]


class Boot(Guest):
    """A guest that boots and loads the module; whatever it takes is built on the way."""

    def __init__(self, kernel):
        super().__init__(kernel, "boot")

    def command(self, _logs):
        return self.vm("true")

    def judge(self, result, status):
        if status:
            result.fail(EXITS.get(status, f"ended with {status}"))
        else:
            result.passed = 1


@functools.cache
def has_program(kernel):
    """The table of suites knows."""
    ask = '. "$0"; suite_is_older "$(suite_of_kernel "$1")"'
    return subprocess.run(["bash", "-c", ask, TESTS / "lib/suites.sh", kernel],
                          check=False).returncode == 1


class GuestFile:
    """A file of tests for pytest. Lines "# guest: …" in it choose how its guest is booted:
    alone, apart, append=WORD, mem=MB, smp=N, timeout=SECONDS, with=PACKAGE,…; kernel=NAME is for
    that kernel alone, kernel=stock for those that a distribution made, program for those whose
    guests have the program minifw.
    """

    def __init__(self, path):
        self.path = path
        self.in_guest = f"/minifw/{path.relative_to(TESTS.parent)}"
        self.alone, self.apart, self.timeout, self.mem = False, None, FILE_TIMEOUT, 0
        self.options, self.kernel, self.program = (), None, False
        for line in re.findall(r"^# guest: (.*)$", path.read_text(), re.MULTILINE):
            for word in line.split():
                self.choose(word)

    def lacks(self, kernel):
        """What it needs and that kernel's guest has not; nothing if it runs there."""
        meant = kernel != "debug" if self.kernel == "stock" else self.kernel in (None, kernel)
        if not meant:
            return f"a kernel '{self.kernel}'"
        if self.program and not has_program(kernel):
            return "the program, which is built for Debian 12 and later"
        return ""

    def choose(self, word):
        name, _, value = word.partition("=")
        if word == "alone":
            self.alone = True
        elif word == "apart":
            self.apart = self.path
        elif word == "program":
            self.program = True
        elif name == "kernel":
            self.kernel = value
        elif name == "timeout":
            self.timeout = int(value)
        elif name == "mem":
            self.mem = int(value)
        elif name in ("append", "smp", "with"):
            self.options += ("--" + name, value)
        else:
            raise ValueError(f"{self.path}: what is '{word}'?")


class GuestFiles(Guest):
    """Files of tests, which want the same kind of boot, in one."""

    def __init__(self, kernel, files):
        others = f"+{len(files) - 1}" if len(files) > 1 else ""
        super().__init__(kernel, files[0].path.stem + others)
        self.files = files
        self.alone = files[0].alone
        self.patience = PATIENCE.get(kernel, 1)
        timeout = sum(file.timeout for file in files) * self.patience
        self.options = (*files[0].options, "--timeout", str(max(timeout, GUEST_TIMEOUT)))
        if kernel == "debug":  # the boot before has run the self-tests, which take a while
            self.options += ("--append", "minifw.selftest=N")
        usual = DEBUG_MEM if kernel == "debug" else MEM
        self.options += ("--mem", str(max(file.mem or usual for file in files)))

    def results(self, logs):
        return logs / self.name.replace("/", "-")

    def command(self, logs):
        self.options += ("--results", str(self.results(logs)))
        return self.vm("env", f"MINIFW_GUEST_SECONDS={seconds_left():.0f}",
                       "python3", "-m", "pytest", "--color=no",
                       f"--timeout={TEST_TIMEOUT * self.patience}", "--timeout-method=thread",
                       "--junitxml=/results/junit.xml",
                       *(file.in_guest for file in self.files))

    def judge(self, result, status):
        junit = self.results(result.log.parent) / "junit.xml"
        late = self.tell_late(result.log.read_text(errors="replace"))
        if junit.exists():
            self.count(result, junit)
        if status not in (0, 1):
            result.fail(EXITS.get(status, f"pytest ended with {status}"))
        elif not result.passed + result.failed + late:
            result.fail("tested nothing")
        elif status and not result.failed:
            result.fail("pytest ended with 1")

    def tell_late(self, log):
        """What guest/conftest.py says at the end: whether it says so."""
        lines = re.findall(r"^not run for want of time: .*$", log, re.MULTILINE)
        for line in lines:
            tell(f"{self.name}: {line}")
        return len(lines)

    @staticmethod
    def count(result, junit):
        """A skipped test has failed: nothing here may be skipped."""
        for case in xml.parse(junit).iter("testcase"):
            name = f"{case.get('classname')}::{case.get('name')}"
            bad = [child for child in case if child.tag in ("failure", "error", "skipped")]
            if bad:
                message = " ".join(bad[0].get("message", "").split())
                result.fail(f"{name}: {bad[0].tag}: {message[:200]}")
            else:
                result.passed += 1
