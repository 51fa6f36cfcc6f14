# SPDX-License-Identifier: GPL-2.0
# guest: mem=1536
"""Sets: what they take and show, what rules match by them, and what packets put into them."""

import errno
import os
import subprocess
import time

import pytest

import processes
import tree
from cases import expect, judge
from packets import both, icmp, tcp, udp

INVALID, RANGE, ABSENT, BUSY = errno.EINVAL, errno.ERANGE, errno.ENOENT, errno.EBUSY


pytestmark = pytest.mark.usefixtures("nothing_but_rules")


def v4(*hosts):
    return [f"192.0.2.{host}" for host in hosts]


# ---- what a set holds ----

NORMAL_FORMS = [
    ("addr", ["10.0.0.0/9", "10.128.0.0/9"], ["10.0.0.0/8"]),
    ("addr", ["2001:db8::1", "192.0.2.9", "192.0.2.7-192.0.2.8"], ["192.0.2.7-192.0.2.9",
                                                                  "2001:db8::1"]),
    ("addr", ["0.0.0.0/1", "128.0.0.0/1", "::/0"], ["0.0.0.0/0", "::/0"]),
    ("addr", ["10.1.2.3/8", "10.9.9.9"], ["10.0.0.0/8"]),
    ("addr", ["192.0.2.3", "192.0.2.1"], ["192.0.2.1", "192.0.2.3"]),
    ("addr", ["# a comment", "", "  192.0.2.1  "], ["192.0.2.1"]),
    ("port", ["80", "22", "81-90", "65535"], ["22", "80-90", "65535"]),
    ("port", ["0-65535"], ["0-65535"]),
    ("iface", ["wg1", "eth0", "wg*", "lo"], ["eth0", "lo", "wg*"]),
    ("iface", ["abcdefghijklmno", "*"], ["*"]),
    ("mac", ["52:54:00:12:34:57", "52:54:00:12:34:56"], ["52:54:00:12:34:56",
                                                        "52:54:00:12:34:57"]),
    ("addr,port", ["192.0.2.2,80", "2001:db8::1,443", "192.0.2.2,79"],
     ["192.0.2.2,79", "192.0.2.2,80", "2001:db8::1,443"]),
]


@pytest.mark.parametrize("kind,written,shown", NORMAL_FORMS)
def test_normal_form(kind, written, shown):
    with tree.named_set(*written, type=kind) as made:
        assert made.elements == shown
        assert int(made["count"]) == len(shown)
        assert tree.running()[1:] == [f"set s type={kind}"] + [f"element s {e}" for e in shown]
        made.add(*shown)
        assert made.elements == shown


@pytest.mark.parametrize("there,gone,left", [
    (["10.0.0.0/8"], ["10.1.0.0/16"], ["10.0.0.0/16", "10.2.0.0-10.255.255.255"]),
    (["10.0.0.0/30"], ["10.0.0.0", "10.0.0.3"], ["10.0.0.1-10.0.0.2"]),
    (["10.0.0.0/30"], ["10.0.0.0/29"], []),
    (["192.0.2.1", "192.0.2.5"], ["192.0.2.0-192.0.2.3"], ["192.0.2.5"]),
    (["::/127", "0.0.0.0"], ["::1"], ["0.0.0.0", "::"]),
    (["255.255.255.255"], ["255.255.255.254/31"], []),
])
def test_del_takes_out_exactly_what_it_names(there, gone, left):
    with tree.named_set(*there) as made:
        made.delete(*gone)
        assert made.elements == left


def test_del_splits_what_has_a_timeout():
    with tree.named_set("192.0.2.0/29 timeout 1h", "192.0.2.64 timeout 1h") as made:
        made.delete("192.0.2.2", "192.0.2.64-192.0.2.70")
        assert [line.split(" timeout ")[0] for line in made.elements] == \
            ["192.0.2.0/31", "192.0.2.3", "192.0.2.4/30"]
        assert all(3000 < int(line.split()[-1]) <= 3600 for line in made.elements)


REFUSED = [
    ("addr", "add", "192.0.2", INVALID, "192.0.2"), ("addr", "add", "host", INVALID, "host"),
    ("addr", "add", "10.0.0.0/33", RANGE, "/33"), ("addr", "add", "::/129", RANGE, "/129"),
    ("addr", "add", "10.0.0.9-10.0.0.1", INVALID, "upside down"),
    ("addr", "add", "10.0.0.0/255.0.255.0", INVALID, "masks"),
    ("addr", "add", "10.0.0.1 timeout", INVALID, "timeout"),
    ("addr", "add", "10.0.0.1 timeout 1w", INVALID, "1w"),
    ("addr", "add", "10.0.0.1 for 1h", INVALID, "for 1h"),
    ("addr", "add", "10.0.0.1 timeout 99999999999", RANGE, "99999999999"),
    ("addr", "add", "10.0.0.1,80", INVALID, "10.0.0.1,80"), ("addr", "add", "", INVALID, ""),
    ("addr", "add", "10.0.0.1\n10.0.0.x", INVALID, "line 2"),
    ("addr", "add", "!10.0.0.1", INVALID, "!10.0.0.1"),
    ("addr", "del", "192.0.2.77", ABSENT, "192.0.2.77"),
    ("addr", "del", "192.0.2.1\n192.0.2.77", ABSENT, "192.0.2.77"),
    ("addr", "del", "192.0.2.1 timeout 5", INVALID, "timeout"),
    ("addr", "flush", "yes", INVALID, "yes"), ("addr", "type", "port", BUSY, "elements"),
    ("addr", "type", "ports", INVALID, "ports"), ("addr", "max", "0", INVALID, "0"),
    ("addr", "max", "many", INVALID, "many"), ("addr", "max", "99999999999", RANGE, ""),
    ("addr", "timeout", "soon", INVALID, "soon"),
    ("addr", "load", "relative", INVALID, "relative"),
    ("addr", "load", "/nowhere", ABSENT, "/nowhere"),
    ("port", "add", "65536", RANGE, "65536"), ("port", "add", "9-1", INVALID, "upside down"),
    ("port", "add", "http", INVALID, "http"), ("iface", "add", "a/b", INVALID, "a/b"),
    ("iface", "add", "e*h", INVALID, "e*h"), ("mac", "add", "52:54:00:12:34", INVALID, "52:54"),
    ("addr,port", "add", "192.0.2.1", INVALID, "ADDRESS,PORT"),
    ("addr,port", "add", "192.0.2.0/24,80", INVALID, "one address"),
    ("addr,port", "add", "192.0.2.1,80-90", INVALID, "one port"),
]
ONE_OF_EACH = {"addr": "192.0.2.1", "port": "7", "iface": "lo", "mac": "02:00:00:00:00:01",
               "addr,port": "192.0.2.1,7"}


@pytest.mark.parametrize("kind,file,value,error,word", REFUSED)
def test_refusal_changes_nothing(kind, file, value, error, word):
    with tree.named_set(ONE_OF_EACH[kind], type=kind) as made:
        before = {name: made[name] for name in ("type", "timeout", "max", "elements", "memory")}
        with tree.refused(error, made.path + "/last_error", file, word):
            made[file] = value
        assert before == {name: made[name] for name in before}
        made.add(ONE_OF_EACH[kind])
        assert made["last_error"] == ""


@pytest.mark.parametrize("data,error", [
    (b"10.0.0.11\n" * 409 + b"::1 \n", None), (b"10.0.0.11\n" * 409 + b"::1  \n", errno.E2BIG),
    (b"10.0.0.11\n" * 4000, errno.E2BIG), (b"10.0.0.1\0\n", INVALID)],
    ids=("4095", "4096", "40000", "nul"))
def test_a_long_write(data, error):
    """4095 bytes are taken; more comes to the module in pieces, and is refused at the first."""
    with tree.named_set() as made:
        if error is None:
            made["add"] = data
            assert made.elements == ["10.0.0.11", "::1"]
        else:
            with tree.refused(error, made.path + "/last_error", "add"):
                made["add"] = data
            assert made.elements == []


def test_max():
    with tree.named_set(*v4(1, 3), max=2) as made:
        for element in ("192.0.2.5", "192.0.2.5 timeout 1h"):
            with tree.refused(errno.ENOSPC, made.path + "/last_error", "add", "2"):
                made.add(element)
        with tree.refused(INVALID, made.path + "/last_error", "max", "1"):
            made["max"] = 1
        made.add("192.0.2.2")
        assert made.elements == ["192.0.2.1-192.0.2.3"]
        with tree.refused(errno.ENOSPC, made.path + "/last_error"):
            made.add("192.0.2.9 timeout 9", "192.0.2.11 timeout 9")
        made.add("192.0.2.9 timeout 1h")
        assert int(made["count"]) == 2


def test_memory_tells_of_what_is_there():
    with tree.named_set() as made:
        empty = int(made["memory"])
        made.add(*(f"10.0.{number}.1" for number in range(200)))
        hosts = int(made["memory"]) - empty
        assert 200 * 4 <= hosts <= 200 * 9
        made.add(*(f"10.1.{number}.1 timeout 1h" for number in range(100)))
        assert int(made["memory"]) - empty > hosts + 100 * 64
        made["flush"] = 1
        assert int(made["memory"]) == empty


# ---- load ----

@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "elements")


def save(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def test_load_replaces_the_contents(path):
    with tree.named_set("10.0.0.1", "10.0.0.2 timeout 1h") as made:
        save(path, "# two\r\n\r\n192.0.2.1\r\n192.0.2.0/30 timeout 1h\r\n")
        made["load"] = path
        assert [line.split()[0] for line in made.elements] == ["192.0.2.1", "192.0.2.0/30"]
        save(path, "192.0.2.1\n192.0.2.x\n")
        with tree.refused(INVALID, made.path + "/last_error", "load", "line 2", "192.0.2.x"):
            made["load"] = path
        assert len(made.elements) == 2
        save(path, "")
        made["load"] = path
        assert made.elements == []


# What of an address tells whether it is in: bitmaps, lists, both in chunks of networks, and IPv6
# by the upper half or the whole. The sizes, in bytes an element, are what is promised.
KINDS = {
    "hosts": (9, 300_000, lambda n: f"10.{n >> 15}.{n >> 7 & 255}.{n % 128 * 2}"),
    "scattered": (9, 40_000,
                  lambda n: ".".join(map(str, (16777216 + n * 7919).to_bytes(4, "big")))),
    "prefixes": (9, 40_000, lambda n: f"{8 + (n >> 15)}.{n >> 7 & 255}.{n % 128 * 2}.0/24"),
    "ip6": (20, 40_000, lambda n: f"2001:db8:{1 + (n >> 4):x}:{n % 16 * 2 + 1:x}::/64"),
    "hosts6": (20, 40_000,
               lambda n: f"2001:{1 + (n >> 8):x}:1:{n % 256 * 2 + 1:x}::{n + 1:x}"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_load_of_many(ways, kind):
    """A million hosts would be a minute of emulation."""
    size, count, element = KINDS[kind]
    lines = [element(number) for number in range(count)]
    packets = [udp(src="192.0.2.1"), udp(6, src="2001:db8:1::1")]
    with tree.named_set() as made, tree.rule(saddr="@s", action="drop"):
        save("/tmp/many", "\n".join(lines[1::2] + lines[::2]))
        made["load"] = "/tmp/many"
        os.unlink("/tmp/many")
        assert int(made["count"]) == len(lines)
        assert int(made["memory"]) <= len(lines) * size + 8192
        assert made.elements == lines
        assert ways["input"].arrivals(packets) == packets
        for gone in (lines[0], lines[-1], lines[len(lines) // 2]):
            made.delete(gone)
            with tree.refused(ABSENT):
                made.delete(gone)
        made.add("192.0.2.0/30", "2001:db8:1::/127")
        assert ways["input"].arrivals(packets) == []
        assert int(made["count"]) == len(lines) - 1
        made.delete("192.0.2.1", "2001:db8:1::1")
        assert ways["input"].arrivals(packets) == packets
        assert not ways["input"].passes(udp(src="192.0.2.2"))
        assert int(made["count"]) == len(lines)


def elements_of(numbers):
    return [f"10.{number >> 8}.{number & 255}.1" for number in numbers]


def test_small_writes_to_a_large_set():
    """More of them than an overlay has room for: what has been merged meanwhile is the same."""
    with tree.named_set() as made:
        save("/tmp/many", "\n".join(elements_of(range(20_000))))
        made["load"] = "/tmp/many"
        os.unlink("/tmp/many")
        there = set(range(20_000))
        for start in range(0, 6_000, 150):
            gone, new = range(start, start + 150), range(30_000 + start, 30_150 + start)
            made.delete(*elements_of(gone))
            made.add(*elements_of(new))
            there = there - set(gone) | set(new)
            assert int(made["count"]) == len(there)
        assert made.elements == elements_of(sorted(there))
        made.delete("0.0.0.0/0")
        assert made.elements == [] and int(made["count"]) == 0
        made.add("10.0.0.1")
        assert made.elements == ["10.0.0.1"]


def test_small_writes_are_merged_behind():
    """What they take besides is let go of when there is enough of it."""
    with tree.named_set() as made:
        save("/tmp/many", "\n".join(elements_of(range(20_000))))
        made["load"] = "/tmp/many"
        os.unlink("/tmp/many")
        before = int(made["memory"])
        made.add(*elements_of(range(20_000, 20_300)))
        assert int(made["memory"]) > before + 300 * 30
        made.add(*elements_of(range(20_300, 20_600)))
        deadline = time.monotonic() + 120
        while int(made["memory"]) > before + 600 * 9 + 1000 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert int(made["memory"]) <= before + 600 * 9 + 1000
        assert made.elements == elements_of(range(20_600))


def open_for_writing(path):
    save(path, "10.0.0.1\n")
    return os.open(path, os.O_RDWR)


def make_fifo(path):
    os.mkfifo(path)


def make_sparse(path):
    descriptor = open_for_writing(path)
    os.ftruncate(descriptor, (256 << 20) + 1)
    os.close(descriptor)


@pytest.mark.parametrize("prepare,error,word", [
    (os.mkdir, INVALID, "regular"), (make_fifo, INVALID, "regular"),
    (lambda path: os.symlink("/dev/zero", path), INVALID, "regular"),
    (open_for_writing, errno.ETXTBSY, "writing"), (make_sparse, errno.E2BIG, "256"),
    (lambda path: save(path, "10.0.0.2\n\0"), INVALID, "NUL"),
    (lambda path: os.symlink("/proc/self/status", path), INVALID, "how long"),
], ids=("directory", "fifo", "device", "being-written", "too-long", "nul", "proc"))
def test_load_of_what_is_no_list(prepare, error, word, path):
    with tree.named_set("10.0.0.1") as made:
        held = prepare(path)
        with tree.refused(error, made.path + "/last_error", "load", word):
            made["load"] = path
        assert made.elements == ["10.0.0.1"]
        if held:
            os.close(held)


@pytest.mark.parametrize("place", (
    "/sys/kernel/config/minifw/sets/s/add", "//./sys//kernel/config/minifw/sets/s/elements",
    "/proc/self/status", "/etc/../sys/kernel/config", "/tmp/..", "/sys"))
def test_load_from_where_no_lists_are(place):
    """Least of all from configfs, which waits for this very write."""
    with tree.named_set("10.0.0.1") as made:
        with tree.refused(INVALID, made.path + "/last_error", "load", place):
            made["load"] = place
        assert made.elements == ["10.0.0.1"]


def test_load_reads_with_the_rights_of_the_writer(path):
    """A root that is left CAP_NET_ADMIN alone may write to the tree, but not read others' files."""
    save(path, "192.0.2.1\n")
    os.chmod(path, 0o600)
    os.chown(path, 12345, 12345)
    os.chmod(os.path.dirname(path), 0o755)
    with tree.named_set("10.0.0.1") as made:
        script = f"echo {path} >{made.path}/load"
        caps = ["setpriv", "--bounding-set", "-all,+net_admin", "sh", "-c"]
        assert subprocess.run([*caps, script], check=False, capture_output=True).returncode
        assert "EACCES" in made["last_error"] or "13" in made["last_error"]
        os.chown(path, 0, 0)
        subprocess.run([*caps, script], check=True)
        assert made.elements == ["192.0.2.1"]


# ---- what rules match by them ----

OTHER = {4: "192.0.2.9", 6: "2001:db8:1::9"}


def from_elsewhere(build, **fields):
    return [build(family, src=OTHER[family], **fields) for family in (4, 6)]


MATCHES = [
    ("addr", ["192.0.2.0/29", "2001:db8:1::/124 timeout 1h"],
     expect(both(udp), [*from_elsewhere(udp, dport=2)][:1], saddr="@s")),
    ("addr", ["192.0.2.1", "2001:db8:1::1"], expect(from_elsewhere(udp), both(udp), saddr="!@s")),
    ("addr", ["198.51.100.1", "::/0 timeout 1h"], expect(both(tcp), [], daddr="@s")),
    ("port", ["8-10"], expect(both(udp, dport=9) + both(tcp, dport=10),
                              both(udp, dport=11) + both(udp, dport=7) + [icmp(8)],
                              dport="@s", proto="tcp,udp")),
    ("port", ["9 timeout 1h"], expect(both(udp, sport=8), both(udp, sport=9), sport="!@s",
                                      proto="udp")),
    ("addr,port", ["192.0.2.1,1024", "2001:db8:1::1,1024 timeout 1h"],
     expect(both(udp) + both(tcp), both(udp, sport=1025) + from_elsewhere(udp) + [icmp(8)],
            saddr="@s")),
    ("addr,port", ["198.51.100.1,9", "2001:db8:2::1,9"],
     expect(both(udp, dport=10), both(udp) + [icmp(8)], daddr="!@s")),
]


@pytest.mark.parametrize("kind,elements,case", MATCHES)
def test_match(way, kind, elements, case):
    with tree.named_set(*elements, type=kind):
        judge(way, case)


@pytest.mark.parametrize("elements,matches", [
    (["client0"], True), (["client*"], True), (["client"], False), (["client00", "lo"], False),
    (["*"], True), (["cl* timeout 1h"], True), (["client0 timeout 1h"], True)])
def test_match_interface(ways, elements, matches):
    packets = both(udp)
    with tree.named_set(*elements, type="iface"):
        judge(ways["input"], expect(*((packets, []) if matches else ([], packets)), iif="@s"))
        judge(ways["forward"], expect(*(([], packets) if matches else (packets, [])),
                                      iif="!@s"))


def test_match_mac(ways, network):
    mac = ":".join(f"{byte:02x}" for byte in network.mac("client"))
    with tree.named_set(mac, type="mac"):
        judge(ways["input"], expect(both(udp), saddr_mac="@s"))
        judge(ways["input"], expect([], both(udp), saddr_mac="!@s"))


def test_changes_are_seen_at_once(ways):
    generation = tree.generation()
    with tree.named_set() as made, tree.rule(saddr="@s", action="drop"):
        passes = ways["input"].passes
        assert passes(udp())
        made.add("192.0.2.0/24")
        assert not passes(udp())
        made.delete("192.0.2.1")
        assert passes(udp()) and not passes(udp(src="192.0.2.2"))
        made.add("192.0.2.1 timeout 1h")
        assert not passes(udp())
        made["flush"] = 1
        assert passes(udp()) and passes(udp(src="192.0.2.2"))
        assert tree.generation() == generation + 1


def test_an_element_expires(ways):
    with tree.named_set(timeout=3) as made, tree.rule(saddr="@s", action="drop"):
        made.add("192.0.2.1", "192.0.2.9 timeout 1h", "192.0.2.10 timeout 0")
        assert not ways["input"].passes(udp())
        deadline = time.monotonic() + 60
        while len(made.elements) > 2 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert made.elements[0] == "192.0.2.10 timeout 0" and int(made["count"]) == 2
        assert ways["input"].passes(udp()) and not ways["input"].passes(udp(src="192.0.2.10"))
        made.add("192.0.2.9")
        assert made.elements[0].startswith("192.0.2.9-192.0.2.10") or len(made.elements) == 2


def test_adding_renews():
    with tree.named_set("192.0.2.1 timeout 10") as made:
        made.add("192.0.2.1 timeout 1h")
        assert int(made.elements[0].split()[-1]) > 3000
        made.add("192.0.2.1")
        assert made.elements == ["192.0.2.1"]
        made.add("192.0.2.1 timeout 1h")
        assert made.elements == ["192.0.2.1"]


# ---- who holds a set ----

def test_a_set_in_use_stays():
    with tree.named_set("192.0.2.1") as made:
        with tree.rule(saddr="@s", action="drop", live=False) as rule:
            rule["daddr"] = "!@s"
            rule.publish()
            with tree.refused(BUSY):
                os.rmdir(made.path)
            with tree.refused(BUSY, made.path + "/last_error", "type"):
                made["type"] = "port"
            rule["daddr"] = ""
            rule.publish()
            with tree.refused(BUSY):
                os.rmdir(made.path)
            rule["enabled"] = 0
            os.rmdir(made.path)
            assert rule["saddr"] == "@s"
            with tree.refused(ABSENT, rule.path + "/last_error", "saddr", "'s'"):
                rule.publish()
            assert rule["status"] == "off"
            made.make()


def test_an_edit_moves_a_rule_to_another_set():
    with tree.named_set("192.0.2.1", name="one") as one, tree.named_set(name="two") as two, \
            tree.rule(saddr="@one", action="drop") as rule:
        rule["saddr"] = "!@two"
        with tree.refused(BUSY):
            os.rmdir(one.path)
        rule.publish()
        assert rule["status"] == "live" and "saddr=!@two" in tree.running()[-1]
        os.rmdir(one.path)
        with tree.refused(BUSY):
            os.rmdir(two.path)
        one.make()


@pytest.mark.parametrize("attributes,kind,word", [
    ({"saddr": "@s"}, "port", "saddr"), ({"dport": "@s", "proto": "tcp"}, "addr", "dport"),
    ({"iif": "!@s"}, "mac", "iif"), ({"saddr_mac": "@s"}, "iface", "saddr_mac"),
    ({"ct_orig_daddr": "@s"}, "addr,port", "ct_orig_daddr"),
    ({"add_to": "@s key saddr"}, "addr,port", "add_to"),
    ({"add_to": "@s key saddr,sport"}, "addr", "add_to")])
def test_a_set_of_the_wrong_type(attributes, kind, word):
    with tree.named_set(type=kind) as made, tree.rule(action="drop", live=False) as rule:
        rule.set(**attributes)
        with tree.refused(INVALID, rule.path + "/last_error", word, "'s'", kind):
            rule.publish()
        assert tree.running()[1:] == [f"set s type={made['type']}"]


@pytest.mark.parametrize("attribute,value,word", [
    ("saddr", "@", "@"), ("saddr", "@-x", "-x"), ("saddr", "@a,@b", "alone"),
    ("saddr", "@a,10.0.0.1", "alone"), ("dport", "22,@p", "@p"), ("iif", "!@", "@"),
    ("saddr", "@a b", "a b"), ("proto", "@p", "@p"), ("ttl", "@t", "@t"),
    ("add_to", "banned", "banned"), ("add_to", "@b", "key"), ("add_to", "@b key", "key"),
    ("add_to", "@b key name", "name"), ("add_to", "@b key saddr timeout", "timeout"),
    ("add_to", "@b key saddr key daddr", "twice"), ("add_to", "!@b key saddr", "!@b"),
    ("add_to", "@b key saddr for 1h", "for")])
def test_what_names_no_set(attribute, value, word):
    with tree.rule(live=False) as rule:
        with tree.refused(INVALID, rule.path + "/last_error", attribute, word):
            rule[attribute] = value
        assert rule[attribute] == ""


@pytest.mark.parametrize("attribute,value,shown", [
    ("saddr", "@bad", "@bad"), ("saddr", "! @bad", "!@bad"), ("iif", "@" + "i" * 63, None),
    ("add_to", "@b  timeout 1h  key saddr", "@b key saddr timeout 3600"),
    ("add_to", "@b key saddr,dport timeout 0", "@b key saddr,dport timeout 0")])
def test_how_a_set_is_shown(attribute, value, shown):
    with tree.rule(live=False, **{attribute: value}) as rule:
        assert rule[attribute] == (shown or value)


# ---- add_to ----

def test_add_to_bans_who_knocks(ways):
    """The first packet to port 7 has its sender shut out of all ports."""
    with tree.named_set(name="banned") as banned, \
            tree.rules(a={"saddr": "@banned", "action": "drop"},
                       b={"proto": "udp", "dport": 7, "action": "drop",
                          "add_to": "@banned key saddr timeout 1h"}):
        for knock in both(udp, dport=7):
            assert ways["input"].passes(udp(knock.family))
            assert not ways["input"].passes(knock)
            assert not ways["input"].passes(udp(knock.family))
        assert ways["input"].passes(udp(src="192.0.2.2"))
        assert [line.split()[0] for line in banned.elements] == ["192.0.2.1", "2001:db8:1::1"]
        assert all(3500 < int(line.split()[2]) <= 3600 for line in banned.elements)


@pytest.mark.parametrize("kind,key,elements", [
    ("addr", "daddr", ["198.51.100.1", "2001:db8:2::1"]),
    ("port", "sport", ["1024"]), ("port", "dport", ["9"]), ("iface", "iif", ["client0"]),
    ("mac", "saddr_mac", ["02:00:00:00:01:02"]),
    ("addr,port", "saddr,sport", ["192.0.2.1,1024", "2001:db8:1::1,1024"]),
    ("addr,port", "daddr,dport", ["198.51.100.1,9", "2001:db8:2::1,9"]),
    ("addr,port", "saddr,dport", ["192.0.2.1,9", "2001:db8:1::1,9"])])
def test_add_to_keys(ways, kind, key, elements):
    with tree.named_set(type=kind) as made, tree.rule(add_to=f"@s key {key}", action="continue"):
        assert len(ways["input"].arrivals(both(udp) + both(udp))) == 4
        assert made.elements == elements


def test_add_to_takes_the_timeout_of_the_set(ways):
    with tree.named_set(timeout=600) as made, \
            tree.rule(add_to="@s key saddr", action="continue"):
        ways["input"].passes(udp())
        assert 500 < int(made.elements[0].split()[2]) <= 600


def test_add_to_what_a_packet_lacks(ways):
    with tree.named_set(type="port") as made, \
            tree.rule(add_to="@s key dport", action="continue") as rule:
        assert ways["input"].passes(icmp(8))
        assert rule.packets and made.elements == [] and made["refused"] == "0"


def test_a_full_set_refuses_and_counts(ways):
    with tree.named_set("10.0.0.0/8", max=3) as made, \
            tree.rule(add_to="@s key saddr timeout 1h", action="continue"):
        packets = [udp(src=f"192.0.2.{host}") for host in range(10, 20)]
        assert ways["input"].arrivals(packets) == packets
        assert int(made["count"]) == 3 and int(made["refused"]) == 8
        assert ways["input"].passes(packets[0])
        assert int(made["refused"]) == 8


# ---- many at once ----

def succeeded(pids):
    return all(os.waitpid(pid, 0)[1] == 0 for pid in pids)


def test_eight_writers_on_one_set(ways):
    """Each writes its own elements, sixteen in a write, while packets look them up."""
    with tree.named_set() as made, tree.rule(saddr="@s", action="drop"):
        def work(writer):
            def run():
                own = [f"10.{writer}.{host}.{host}" for host in range(16)]
                for number in range(30):
                    made.add(*own)
                    made.delete(*own)
                    made.add(*(f"{element} timeout 1h" for element in own))
                    if number % 2:
                        made.delete(*own)
            return run
        pids = [processes.start(work(writer)) for writer in range(8)]
        for _ in range(20):
            assert ways["input"].passes(udp())
        assert succeeded(pids)
        assert made.elements == []


def test_what_grows_under_a_removal_loses_none():
    """Elements go by a walk of a table that gets another size meanwhile, and each is met once."""
    with tree.named_set(timeout="1h") as made:
        for number in range(300):
            elements = [f"10.{number % 7}.{host // 8}.{host % 8}" for host in range(number)]
            elements.append("192.0.2.1")
            made.add(*elements)
            assert len(made.elements) == len(elements)
            made.delete(*elements)
            assert made.elements == []


def test_a_write_of_many_is_one_step(ways):
    """A source in the set and a destination in it: with both in or both out, nothing matches."""
    elements = ["192.0.2.1", "198.51.100.1"]
    for timeout in ("", " timeout 1h"):
        with tree.named_set() as made, tree.rule(saddr="@s", daddr="!@s", action="drop") as half:
            def work():
                for _ in range(150):
                    made.add(*(element + timeout for element in elements))
                    made.delete(*elements)
            pid = processes.start(work)
            packets = [udp() for _ in range(10)]
            while os.waitpid(pid, os.WNOHANG) == (0, 0):
                assert ways["input"].arrivals(packets) == packets
            assert half.packets == 0


def test_a_set_is_flushed_under_a_flood(ways):
    """What packets put in, what is loaded and what is flushed never meets freed memory."""
    save("/tmp/flood", "\n".join(f"10.{number}.0.1" for number in range(200)))
    with tree.named_set() as made, tree.rule(add_to="@s key saddr timeout 60", action="continue"), \
            tree.rule("drops", saddr="@s", daddr="10.0.0.0/8", action="drop"):
        def work():
            for _ in range(60):
                made["flush"] = 1
                made["load"] = "/tmp/flood"
        pid = processes.start(work)
        packets = [udp(src=f"192.0.2.{host}") for host in range(1, 40)]
        while os.waitpid(pid, os.WNOHANG) == (0, 0):
            assert ways["input"].arrivals(packets) == packets
        made["flush"] = 1
        assert made.elements == []
