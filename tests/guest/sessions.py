# SPDX-License-Identifier: GPL-2.0
"""Remote sessions: a shell in the guest, over a TCP connection from the client."""

import contextlib
import os
import re
import signal
import subprocess
import threading

import clients
from processes import start
from topology import CLIENT, ROUTER_TO_CLIENT

_PATIENCE = 120  # seconds; a guest is emulated


def shell_on(end):
    """As inetd and nc do it: the connection is the shell's input and output. Does not return."""
    for descriptor in (0, 1, 2):
        os.dup2(end.fileno(), descriptor)
    os.execv("/bin/sh", ["sh"])


def shell_below(end):
    """As sshd does it: the connection is the server's, and the shell talks to that."""
    with subprocess.Popen(["sh"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, bufsize=0) as shell:
        def back():
            while said := shell.stdout.read(4096):
                end.sendall(said)
        threading.Thread(target=back, daemon=True).start()
        while said := end.recv(4096):
            shell.stdin.write(said)


def serve(listener, shell=shell_on):
    """Each connection gets a shell, until the process group is killed."""
    os.setpgid(0, 0)
    while True:
        end, _ = listener.accept()
        if not os.fork():
            listener.close()
            shell(end)
            os._exit(0)


class Session:
    """The client's end."""

    def __init__(self, end):
        self._end = end
        self._end.settimeout(_PATIENCE)

    def run(self, command):
        """What the shell prints of a command, and its exit code."""
        self._end.sendall(f"{{ {command}\n}} 2>&1; echo ends with $?\n".encode())
        said = ""
        while not (end := re.search(r"^ends with (\d+)\n", said, re.MULTILINE)):
            more = self._end.recv(4096)
            assert more, f"the session ended: {said}"
            said += more.decode()
        return said[:end.start()], int(end[1])

    def write(self, path, value):
        """None, or why the file does not take it; the shell's own echo does not say."""
        said, status = self.run(f"/bin/echo '{value}' >{path}")
        return said if status else None


@contextlib.contextmanager
def session(network, family=4, shell=shell_on, port=0, bound=None):
    """A session from the client's address of a family; `bound` where the server listens."""
    address = bound or ROUTER_TO_CLIENT[family]
    with clients.listen(network.router, 6 if ":" in address else 4, address, port) as listener:
        port = listener.getsockname()[1]
        server = start(serve, listener, shell)
        try:
            with network.client.socket(family, 1) as end:
                end.bind((CLIENT[family], 0))
                end.connect((ROUTER_TO_CLIENT[family], port))
                made = Session(end)
                made.run(":")  # it is accepted
                made.server, made.port, made.listener = server, port, listener
                yield made
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server, signal.SIGKILL)
            os.waitpid(server, 0)
