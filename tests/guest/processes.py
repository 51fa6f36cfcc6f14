# SPDX-License-Identifier: GPL-2.0
"""Jobs in processes of their own, beside the test."""

import os
import traceback


def start(job, *args, cpus=None):
    """A process for `job`, on all CPUs or on `cpus`; it exits 1, with a traceback, if it raises."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        os.sched_setaffinity(0, cpus or range(os.cpu_count()))
        job(*args)
        status = 0
    except BaseException:  # whatever it is, it must not go on as a second pytest
        traceback.print_exc()
    finally:
        os._exit(status)
