# SPDX-License-Identifier: GPL-2.0
"""Rule sets that are no ClassBench's: plain ones to compare filters by, hostile ones, and those
whose rules differ in something that is no part of a 5-tuple. Each is a function of a number of
rules, the version of IP and a random number generator, and gives rules and a function that draws a
packet."""

import itertools

from .rule import ANY_PORT, BITS, TCP, UDP, Packet, Prefix, Rule, icmp
from .trace import ACCEPTED, DROPPED, packet_of

CLIENT = {4: 0x0a000000, 6: 0x20010db8 << 96}       # 10.0.0.0, 2001:db8::
SERVER = {4: 0xc0a80001, 6: (0x20010db8 << 96) + (1 << 64)}
ANYBODY = Prefix(0, 0)


def host(value, ip):
    return Prefix(value, BITS[ip])


def of_rules(rules, ip):
    """Draws packets of rules picked evenly, all of which say drop."""
    return lambda rng: packet_of(rng.choice(rules), BITS[ip], rng)._replace(expect=DROPPED)


def last(rules, ip):
    """Draws packets of the last rule."""
    return lambda rng: packet_of(rules[-1], BITS[ip], rng)._replace(expect=DROPPED)


def differ_saddr(count, ip, _rng):
    """One source each; the packets match the last."""
    server = host(SERVER[ip], ip)
    rules = [Rule(host(CLIENT[ip] + number + 1, ip), server, UDP, (1024, 1024), (9, 9))
             for number in range(count)]
    return rules, last(rules, ip)


def differ_dport(count, ip, _rng):
    """All the same but for the destination port, which filters look at last."""
    src, dst = Prefix(CLIENT[ip], BITS[ip] // 4), Prefix(SERVER[ip], BITS[ip] // 2)
    rules = [Rule(src, dst, UDP, (1024, 1024), (20000 + number,) * 2) for number in range(count)]
    return rules, lambda rng: last(rules, ip)(rng)._replace(src=CLIENT[ip] + 1, dst=SERVER[ip])


def disjoint(count, ip, _rng):
    """5-tuples that do not overlap, as a set of nft's can have them."""
    src_bits, dst_bits = (24, 28) if ip == 4 else (48, 64)
    rules = []
    for number in range(count):
        src = CLIENT[ip] + (number << (BITS[ip] - src_bits))
        dst = SERVER[ip] + (number << (BITS[ip] - dst_bits))
        rules.append(Rule(Prefix(src, src_bits), Prefix(dst, dst_bits), UDP, (1024, 65535),
                          (1 + number % 60000,) * 2))
    return rules, of_rules(rules, ip)


def stairs(count, ip, _rng):
    """Rule r has sport ≤ r and dport > r. Packets have dport ≤ sport, and so match none, but
    whatever sorts rules by either port has half of them left."""
    rules = [Rule(ANYBODY, ANYBODY, proto, (0, step), (step + 1, 65535))
             for step, proto in itertools.islice(itertools.product(
                 range(0, 65535, max(1, 65535 * 2 // count)), (TCP, UDP)), count)]

    def draw(rng):
        high = rng.randrange(65536)
        return Packet(rng.getrandbits(BITS[ip]), rng.getrandbits(BITS[ip]), rng.choice((TCP, UDP)),
                      high, rng.randint(0, high), ACCEPTED)
    return rules, draw


def ranges(count, ip, rng):
    """Random ranges of both ports."""
    def interval():
        return tuple(sorted((rng.randrange(65536), rng.randrange(65536))))
    rules = [Rule(ANYBODY, ANYBODY, UDP, interval(), interval()) for _ in range(count)]
    return rules, of_rules(rules, ip)


def tuples(count, ip, rng):
    """Random lengths of both prefixes, so that all pairs of lengths occur."""
    bits = BITS[ip]
    rules = [Rule(Prefix(rng.getrandbits(bits), rng.randint(1, bits)),
                  Prefix(rng.getrandbits(bits), rng.randint(1, bits)), rng.choice((TCP, UDP)),
                  ANY_PORT, (rng.randrange(65536),) * 2) for _ in range(count)]
    return rules, of_rules(rules, ip)


def nested(count, ip, rng):
    """All prefixes of a few hosts, each in all others of its host, the longest first."""
    bits = BITS[ip]
    wanted = -(-count // bits ** 2)
    pairs = [(rng.getrandbits(bits), rng.getrandbits(bits)) for _ in range(wanted)]
    rules = [Rule(Prefix(src, src_bits), Prefix(dst, dst_bits))
             for total in range(2 * bits, 1, -1)
             for src_bits in range(max(1, total - bits), min(bits, total - 1) + 1)
             for dst_bits in (total - src_bits,)
             for src, dst in pairs][:count]
    return rules, of_rules(rules, ip)


def only(words, draw):
    """Rules that have nothing but such words of a chain's line."""
    rules = [Rule(ANYBODY, ANYBODY, extra=word) for word in words]
    return rules, draw


def packet(ip, **fields):
    plain = Packet(CLIENT[ip] + 1, SERVER[ip], UDP, 1024, 9, DROPPED)
    return plain._replace(**fields)


def iif(count, ip, _rng):
    """One device each; the packets' comes last."""
    return only([*(f"iif=eth{number}" for number in range(count - 1)), "iif=dummy0"],
                lambda rng: packet(ip))


def marks(count, ip, _rng):
    return only([f"mark={number + 1}" for number in range(count)],
                lambda rng: packet(ip, mark=rng.randint(1, count)))


def icmp_types(count, ip, _rng):
    name = "icmp_type" if ip == 4 else "icmpv6_type"
    kinds = [divmod(number, 256) for number in range(count)]
    return only([f"{name}={kind}/{code}" for kind, code in kinds],
                lambda rng: packet(ip, proto=icmp(ip), sport=rng.randrange(count)))


def tcp_flags(count, ip, _rng):
    """Distinct values under distinct masks; the packets' (just ACK, of all) comes last."""
    names = "fin syn rst psh ack urg ece cwr".split()

    def text(flags):
        return ",".join(name for bit, name in enumerate(names) if flags >> bit & 1) or "none"
    pairs = ((value, mask) for mask in range(255, 0, -1) for value in range(255, 0, -1)
             if value & mask == value and 0x10 & mask != value)
    words = [f'tcp_flags="{text(value)} / {text(mask)}"'
             for value, mask in itertools.islice(pairs, count - 1)]
    return only([*words, f'tcp_flags="ack / {text(255)}"'],
                lambda rng: packet(ip, proto=TCP, flags=0x10))


def ct_states(count, ip, _rng):
    """States that the packets are not in; the last rule asks for none."""
    states = ("established", "related", "established,related")
    return only([*(f"ct_state={states[number % 3]}" for number in range(count - 1)), "proto=udp"],
                lambda rng: packet(ip))


def port_lists(count, ip, rng):
    """Four ports each."""
    lists = [[rng.randrange(1, 65536) for _ in range(4)] for _ in range(count)]
    return only([f"proto=udp dport={','.join(map(str, ports))}" for ports in lists],
                lambda rng: packet(ip, dport=rng.choice(rng.choice(lists))))


def set_names(count, ip, _rng):
    """One set each, of one address."""
    return only([f"saddr=@s{number}" for number in range(count)],
                lambda rng: packet(ip, src=CLIENT[ip] + rng.randrange(count)))


def set_elements(count, ip):
    """What is in these sets, in order."""
    return [host(CLIENT[ip] + number, ip) for number in range(count)]


KINDS = {
    "differ-saddr": differ_saddr, "differ-dport": differ_dport, "disjoint": disjoint,
    "stairs": stairs, "ranges": ranges, "tuples": tuples, "nested": nested,
    "iif": iif, "mark": marks, "icmp_type": icmp_types, "tcp_flags": tcp_flags,
    "ct_state": ct_states, "ports": port_lists, "set": set_names,
}
