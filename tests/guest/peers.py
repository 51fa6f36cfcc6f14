# SPDX-License-Identifier: GPL-2.0
"""Three packet filters that take the same filter: minifw, nft, and iptables.

Each puts one filter in the place of the one before, at one hook: what matches is dropped and the
rest passes, or what matches passes and the rest is dropped. Only one of the three filters at a
time: `empty()` comes between.
"""

import ctypes
import socket
import struct
import subprocess

import tree

DROP, ACCEPT = "drop", "accept"
OTHER = {DROP: ACCEPT, ACCEPT: DROP}


class Minifw:
    """`proto=tcp dport=22`: the attributes of a rule, as in a line of `running`."""
    name = "minifw"

    def __init__(self):
        self._rule = None
        self.empty()

    def install(self, text, hook, action):
        self.empty()
        self._set_policy(OTHER[action])
        self._rule = tree.Rule("peer")
        self._rule.make()
        self._rule.set(**dict(word.split("=", 1) for word in text.split()), hook=hook,
                       action=action)
        self._rule.publish()

    def empty(self):
        if self._rule:
            self._rule.remove()
            self._rule = None
        self._set_policy(ACCEPT)

    @staticmethod
    def _set_policy(policy):
        for parameter in ("default_policy", "output_policy"):
            tree.set_parameter(parameter, policy)


class Nft:
    """`tcp dport 22; udp dport 22`: the matches of a rule, or of several."""
    name = "nft"

    def __init__(self):
        library = ctypes.CDLL("libnftables.so.1")
        library.nft_ctx_new.restype = ctypes.c_void_p
        library.nft_ctx_get_error_buffer.restype = ctypes.c_char_p
        self._library = library
        self._context = ctypes.c_void_p(library.nft_ctx_new(0))
        library.nft_ctx_buffer_error(self._context)

    def run(self, script):
        """What `nft -f` does, without a process for it."""
        if self._library.nft_run_cmd_from_buffer(self._context, script.encode()):
            errors = self._library.nft_ctx_get_error_buffer(self._context).decode()
            raise ValueError(f"{script}\n{errors}")

    def install(self, text, hook, action):
        rules = "\n".join(f"{rule.strip()} {action}" for rule in text.split(";"))
        self.run(f"""add table inet peer
delete table inet peer
table inet peer {{
chain c {{
type filter hook {hook} priority filter; policy {OTHER[action]};
{rules}
}}
}}""")

    def empty(self):
        self.run("add table inet peer\ndelete table inet peer")


class Iptables:
    """`-p tcp --dport 22; -4 -s 192.0.2.7`: the same for both families, but behind -4 or -6.

    The legacy program and the kernel's x_tables, which are not nft in disguise.
    """
    name = "iptables"
    _CHAINS = {"input": "INPUT", "forward": "FORWARD", "output": "OUTPUT"}

    def __init__(self):
        self._loaded = {"iptables": None, "ip6tables": None}

    def install(self, text, hook, action):
        self._load(hook, OTHER[action], [f"-A {self._CHAINS[hook]} {rule.strip()}"
                                         f" -j {action.upper()}" for rule in text.split(";")])

    def empty(self):
        self._load("input", ACCEPT, [])

    def _load(self, hook, policy, rules):
        policies = [f":{chain} {policy.upper() if chain == self._CHAINS[hook] else 'ACCEPT'}"
                    for chain in self._CHAINS.values()]
        for program, others in (("iptables", " -6 "), ("ip6tables", " -4 ")):
            own = [rule for rule in rules if others not in rule]
            script = "\n".join(["*filter", *policies, *own, "COMMIT\n"])
            if script != self._loaded[program]:
                self._restore(program, script)

    def _restore(self, program, script):
        done = subprocess.run([f"{program}-legacy-restore"], input=script, text=True,
                              stderr=subprocess.PIPE, check=False)
        if done.returncode:
            raise ValueError(f"{script}\n{done.stderr}")
        self._loaded[program] = script


def forget_connections():
    """What `conntrack -F` does: IPCTNL_MSG_CT_DELETE without attributes, for both families."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12) as netlink:  # NETLINK_NETFILTER
        message = struct.pack("=IHHIIBBH", 20, 1 << 8 | 2, 1 | 4, 1, 0, 0, 0, 0)
        netlink.send(message)
        error = struct.unpack_from("=i", netlink.recv(4096), 16)[0]
        if error:
            raise OSError(-error, "conntrack cannot be emptied")


def make():
    """In the order of the table's columns."""
    return [Minifw(), Nft(), Iptables()]
