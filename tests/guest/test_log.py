# SPDX-License-Identifier: GPL-2.0
"""`log`: lines in the kernel's log, packets for who listens to a group, and the limits on both."""

import contextlib
import errno
import subprocess

import pytest

import nflog
import tree
from kernel_log import KernelLog
from packets import both, tcp, udp

LEVELS = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
HOOK_NUMBERS = {"input": 1, "forward": 2, "output": 3}  # enum nf_inet_hooks
NO_AUTOLOAD = "/run/modprobe.d/minifw-test.conf"


@pytest.fixture(scope="module", autouse=True)
def nothing_established():
    """What an earlier packet began must not let a later one pass the rules by."""
    with tree.parameters(accept_established="N"):
        yield


@contextlib.contextmanager
def logging(way, log="on", name="r", **attributes):
    """A live rule for UDP to port 99, and the log from then on."""
    attributes = {"proto": "udp", "dport": "99", "action": "continue", **attributes}
    with tree.rule(name, hook=way.hook, log=log, **attributes) as rule:
        yield rule, KernelLog()


class TestLines:
    def test_a_line_names_the_rule(self, way, family):
        with logging(way, 'on prefix "here " level notice', name="10-log.x") as (_, log):
            way.arrivals([udp(family, sport=77, dport=99), udp(family, dport=98), tcp(family)])
            lines = [line for line in log.lines() if ";minifw: " in line]
        assert len(lines) == 1
        head, _, text = lines[0].partition(";")
        assert int(head.split(",")[0]) & 7 == LEVELS.index("notice")
        assert text.startswith("minifw: 10-log.x: here IN=")
        assert " PROTO=UDP SPT=77 DPT=99 " in text
        assert f"SRC={'192.0.2.1' if family == 4 else '2001:0db8:0001'}" in text
        devices = {"input": "IN=client0 OUT= ", "forward": "IN=client0 OUT=server0 ",
                   "output": "IN= OUT=server0 "}
        assert devices[way.hook] in text

    @pytest.mark.parametrize("words,level", [
        ("on", "warning"), ("on level warn", "warning"),
        *((f"on level {level}", level) for level in LEVELS)])
    def test_levels(self, ways, words, level):
        with logging(ways["input"], words) as (_, log):
            ways["input"].arrivals([udp(dport=99)])
            lines = [line for line in log.lines() if ";minifw: r: IN=" in line]
        assert [int(line.split(",")[0]) & 7 for line in lines] == [LEVELS.index(level)]

    @pytest.mark.parametrize("action", ("accept", "drop", "reject", "continue"))
    def test_whatever_the_action(self, way, action):
        with logging(way, action=action) as (_, log):
            way.arrivals([udp(dport=99)])
            assert len(log.texts("minifw: r: ")) == 1

    def test_all_rules_up_to_the_one_that_decides(self, ways):
        with logging(ways["input"], name="a"), logging(ways["input"], name="b", action="drop"), \
                logging(ways["input"], name="c") as (_, log):
            ways["input"].arrivals([udp(dport=99)])
            assert [text[:10] for text in log.texts("minifw: ")] == ["minifw: a:", "minifw: b:"]

    def test_nothing_is_cut(self, ways):
        name, prefix = "n" * 63, "p" * 47
        with logging(ways["input"], f"on prefix {prefix}", name=name) as (_, log):
            ways["input"].arrivals([udp(dport=99)])
            assert len(log.texts(f"minifw: {name}: {prefix}IN=client0 ")) == 1

    def test_a_prefix_is_no_format(self, ways):
        with logging(ways["input"], 'on prefix "%s%n%d "') as (_, log):
            ways["input"].arrivals([udp(dport=99)])
            assert len(log.texts("minifw: r: %s%n%d IN=")) == 1

    def test_off_until_published_and_off_again(self, ways):
        with logging(ways["input"], "off") as (rule, log):
            for write, lines in (({}, 0), ({"log": "on"}, 0), ({"enabled": "1"}, 1),
                                 ({"log": "off"}, 1), ({"enabled": "1"}, 0)):
                rule.set(**write)
                ways["input"].arrivals([udp(dport=99)])
                assert len(log.texts("minifw: r: ")) == lines, write


class TestLimit:
    """By the day, so that however slow the guest is, nothing comes back while a test runs."""

    @staticmethod
    def lines(way, log, packets=8):
        way.arrivals([packet for _ in range(packets // 2) for packet in both(udp, dport=99)])
        return len(log.texts("minifw: r: "))

    def test_exactly_as_many_as_the_burst(self, way):
        with logging(way, "on limit 1/day burst 3") as (rule, log):
            assert self.lines(way, log) == 3
            assert self.lines(way, log) == 0
            assert rule.packets == 16

    def test_it_outlives_publishes(self, ways):
        way = ways["input"]
        with logging(way, "on limit 1/day burst 3") as (rule, log):
            assert self.lines(way, log, 2) == 2
            rule["comment"] = "another"
            rule.publish()
            assert self.lines(way, log) == 1
            rule["enabled"] = 0
            rule.publish()
            assert self.lines(way, log) == 0
            rule["log"] = "on limit 1/day burst 5"
            rule.publish()
            assert self.lines(way, log) == 2

    def test_a_looser_one_begins_anew(self, ways):
        with logging(ways["input"], "on limit 1/day burst 3") as (rule, log):
            assert self.lines(ways["input"], log) == 3
            rule["log"] = "on limit 24/day burst 4"
            rule.publish()
            assert self.lines(ways["input"], log) == 4

    def test_each_rule_has_its_own(self, ways):
        with logging(ways["input"], "on limit 1/day burst 1", name="q"), \
                logging(ways["input"], "on limit 1/day burst 1") as (_, log):
            ways["input"].arrivals(both(udp, dport=99))
            assert [text[:10] for text in log.texts("minifw: ")] == ["minifw: q:", "minifw: r:"]

    def test_by_default_there_is_one(self, ways):
        with logging(ways["input"]) as (_, log):
            assert 5 <= self.lines(ways["input"], log, 40) < 40

    def test_it_lets_through_again(self, ways):
        with logging(ways["input"], "on limit 2/second burst 1") as (_, log):
            assert self.lines(ways["input"], log, 2) >= 1
            assert tree.until(lambda: self.lines(ways["input"], log, 2))

    def test_of_log_denied(self, ways):
        tree.unload()  # the limit begins anew
        tree.load()
        log = KernelLog()
        with tree.parameters(default_policy="drop", log_denied="Y", accept_established="N"):
            ways["input"].arrivals([udp() for _ in range(40)])
        tree.set_parameter("accept_established", "N")
        assert 10 <= len(log.texts("minifw: policy: IN=")) < 40


def forget_nflog():
    """nfnetlink_log is not loaded, and minifw has not asked for it."""
    tree.unload()
    subprocess.run(["modprobe", "-r", "-q", "nfnetlink_log"], check=False)
    tree.load()
    tree.set_parameter("accept_established", "N")


@contextlib.contextmanager
def nflog_cannot_be_loaded():
    subprocess.run(["mkdir", "-p", "/run/modprobe.d"], check=True)
    with open(NO_AUTOLOAD, "w") as file:
        file.write("install nfnetlink_log /bin/false\n")
    try:
        yield
    finally:
        subprocess.run(["rm", NO_AUTOLOAD], check=True)


if nflog.is_a_module():
    def test_without_its_logger_it_is_refused():
        forget_nflog()
        with tree.rule(live=False, log="nflog 5", action="continue", hook="forward") as rule:
            with nflog_cannot_be_loaded(), \
                    tree.refused(errno.ENOENT, rule.path + "/last_error", "log: ", "nfnetlink_log"):
                rule.publish()
            assert rule["status"] == "off"
            rule["log"] = "on"
            rule.publish()


class TestNflog:
    PREFIX = "minifw: r: there "

    def test_its_logger_is_loaded_and_gets_the_packets(self, way):
        forget_nflog()
        hits = both(udp, dport=99)
        with logging(way, 'nflog 7 prefix "there "') as (_, log), nflog.Listener(7) as listener, \
                nflog.Listener(8) as other:
            way.arrivals(hits + both(udp, dport=98))
            packets = listener.packets()
            assert [packet.prefix for packet in packets] == [self.PREFIX] * 2
            assert [packet.hook for packet in packets] == [HOOK_NUMBERS[way.hook]] * 2
            assert all(hit.tag in packet.data for hit, packet in zip(hits, packets))
            assert [packet.data[0] >> 4 for packet in packets] == [4, 6]
            assert other.packets() == []
            assert log.texts("minifw: ") == []

    def test_its_limit(self, ways):
        with logging(ways["input"], "nflog 65535 limit 1/day burst 3"), \
                nflog.Listener(65535) as listener:
            ways["input"].arrivals([udp(dport=99) for _ in range(8)])
            assert len(listener.packets()) == 3

    def test_nobody_need_listen(self, ways):
        with logging(ways["input"], "nflog 9", action="drop") as (rule, _):
            assert ways["input"].arrivals([udp(dport=99)]) == []
            assert rule.packets == 1
