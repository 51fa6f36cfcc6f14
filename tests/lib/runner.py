# SPDX-License-Identifier: GPL-2.0
"""Runs parts of the tests, two at a time, and sums them up.

A part is a program whose last line says "N passed, N failed", or one file of guest tests in one
boot of one kernel. What crashes, hangs, skips or tests nothing has failed. The last line is the
sum; the exit code says whether anything failed.
"""

import argparse
import math
import os
import pathlib
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed

from parts import MEM, Boot, GuestFile, GuestFiles, Program

TESTS = pathlib.Path(__file__).resolve().parent.parent
KERNELS = ["6.1", "6.12"]
LOGS_KEPT = 10
FEW = 4  # files, for which a second boot is not worth it


def arguments():
    parser = argparse.ArgumentParser(prog="tests/run")
    parser.add_argument("--kernels", help='guest tests alone, on these: "5.10 7.3"')
    parser.add_argument("--debug", action="store_true", help="guest tests alone, on that kernel")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count()), help="parts at a time")
    parser.add_argument("patterns", nargs="*", metavar="PATTERN",
                        help="only parts whose name has one of these in it")
    return parser.parse_args()


def programs():
    return [Program("lint", TESTS / "lint"), Program("fuzz", TESTS / "fuzz/run"),
            Program("tool", TESTS / "tool/run"),
            Program("packaging", TESTS / "packaging/run")]


def guest_files(patterns):
    return [file for file in map(GuestFile, sorted((TESTS / "guest").glob("test_*.py")))
            if named(file.path.stem, patterns)]


def guest_parts(kernel, files, boots):
    """Boots are dear: files that want the same kind of boot share so many at most."""
    alike = {}
    for file in meant_for(kernel, files):
        # Who asks for less than usual wants no more; but the debug kernel could not do with it.
        little = file.mem if kernel != "debug" and 0 < file.mem < MEM else MEM
        alike.setdefault((file.alone, file.apart, file.options, little), []).append(file)
    return [GuestFiles(kernel, batch)
            for group in alike.values() for batch in split(group, boots)]


def meant_for(kernel, files):
    """What only other kernels' guests can run is said here, and counts as nothing."""
    for file in files:
        if file.lacks(kernel):
            print(f"{kernel}/{file.path.stem}: not run, it needs {file.lacks(kernel)}")
    return [file for file in files if not file.lacks(kernel)]


def split(files, batches):
    """At most so many batches, of about the same size; one of what wants to be alone."""
    if files[0].alone or len(files) < FEW:
        return [files]
    by_size = sorted(files, key=lambda file: file.path.stat().st_size)
    return [batch for batch in (by_size[n::batches] for n in range(batches)) if batch]


def named(name, patterns):
    return not patterns or any(pattern in name for pattern in patterns)


def run_all(parts, jobs, logs):
    """Runs the parts, those that want the machine for themselves after the others."""
    done = []
    for width, group in ((jobs, [part for part in parts if not part.alone]),
                         (1, [part for part in parts if part.alone])):
        with ThreadPoolExecutor(width) as pool:
            for future in as_completed([pool.submit(part.run, logs) for part in group]):
                done.append(future.result())
                print(done[-1].report(), flush=True)
    return done


def boot_first(kernels, jobs, logs):
    """Makes each kernel's guest ready. Its other parts need not be tried if that fails."""
    results = run_all([Boot(kernel) for kernel in kernels], jobs, logs)
    bootable = [result.part.kernel for result in results if not result.failed]
    return results, [kernel for kernel in kernels if kernel in bootable]


def table(results):
    print()
    for result in sorted(results, key=lambda result: result.part.name):
        print(result.summary())
    print(f"\n{sum(r.passed for r in results)} passed, {sum(r.failed for r in results)} failed")


def run(options, logs):
    kernels = ["debug"] if options.debug else (options.kernels or " ".join(KERNELS)).split()
    files = guest_files(options.patterns)
    others = [] if options.debug or options.kernels else \
        [program for program in programs() if named(program.name, options.patterns)]
    if not others and not files:
        sys.exit("tests/run: no part has such a name")
    results, bootable = boot_first(kernels if files else [], options.jobs, logs)
    # As many as keep all jobs busy, and two for each, so that none is long alone at the end.
    boots = math.ceil(2 * options.jobs / len(kernels))
    guests = [part for kernel in bootable for part in guest_parts(kernel, files, boots)]
    guests.sort(key=lambda part: -len(part.files))  # the short ones fill up the end
    return results + run_all(others + guests, options.jobs, logs)


def logs_folder():
    """A new folder, which stays if something fails; those that stayed longest go."""
    keep = pathlib.Path(os.environ["MINIFW_CACHE"]) / "results"
    keep.mkdir(parents=True, exist_ok=True)
    for old in sorted(keep.iterdir(), key=lambda folder: folder.stat().st_mtime)[:-LOGS_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return pathlib.Path(tempfile.mkdtemp(dir=keep))


def main():
    logs = logs_folder()
    results = run(arguments(), logs)
    table(results)
    if any(result.failed for result in results):
        sys.exit(1)
    shutil.rmtree(logs)


main()
