# SPDX-License-Identifier: GPL-2.0
"""The kernel's log, as /dev/kmsg hands it out: a record a read."""

import os


class KernelLog:
    """What the kernel says from now on."""

    def __init__(self):
        self._kmsg = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self._kmsg, 0, os.SEEK_END)

    def lines(self):
        """Each as "PRIORITY,NUMBER,TIME,FLAGS;TEXT"."""
        while True:
            try:
                yield os.read(self._kmsg, 8192).decode(errors="replace")
            except BlockingIOError:
                return

    def texts(self, start):
        """Those whose text begins so, without what is before it."""
        texts = (line.partition(";")[2] for line in self.lines())
        return [text for text in texts if text.startswith(start)]
