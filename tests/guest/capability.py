# SPDX-License-Identifier: GPL-2.0
"""What root may do, and what root without CAP_NET_ADMIN may not."""

import ctypes
import os
import traceback

CAP_NET_ADMIN = 12
PR_CAPBSET_DROP = 24


def without_capability(job):
    """Run `job` as root without CAP_NET_ADMIN, in a process of its own."""
    child = os.fork()
    if not child:
        status = 1
        try:
            drop_capability()
            job()
            status = 0
        except BaseException:  # it must not go on as a second pytest
            traceback.print_exc()
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0


def drop_capability():
    """Out of the bounding set, then out of hand: an exec is not needed for root's own sets."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    sets = (ctypes.c_uint32 * 6)()
    assert libc.prctl(PR_CAPBSET_DROP, CAP_NET_ADMIN, 0, 0, 0) == 0
    assert libc.capget(header, sets) == 0
    for index in range(3):  # effective, permitted, inheritable of the low word
        sets[index] &= ~(1 << CAP_NET_ADMIN)
    assert libc.capset(header, sets) == 0
