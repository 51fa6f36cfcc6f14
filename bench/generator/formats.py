# SPDX-License-Identifier: GPL-2.0
"""Writes rule sets, and sets of addresses, in the words of each packet filter."""

from .rule import ANY_PORT, BITS, TCP, UDP, WITH_PORTS

NAMES = {TCP: "tcp", UDP: "udp"}
ELEMENTS = 2000     # to a command of nft


def ports(interval, separator):
    low, high = interval
    return str(low) if low == high else f"{low}{separator}{high}"


def conditions(rule, ip):
    """What the rule asks, as pairs of a name and a value, without what all packets have."""
    for name, prefix in (("src", rule.src), ("dst", rule.dst)):
        if prefix.length:
            yield name, prefix.text(ip)
    if rule.proto is not None:
        yield "proto", NAMES.get(rule.proto, str(rule.proto))
    if rule.proto in WITH_PORTS:
        for name, interval in (("sport", rule.sport), ("dport", rule.dport)):
            if interval != ANY_PORT:
                yield name, interval


def minifw_line(rule, ip):
    words = []
    for name, value in conditions(rule, ip):
        text = ports(value, "-") if isinstance(value, tuple) else value
        words.append(f"{'saddr' if name == 'src' else 'daddr' if name == 'dst' else name}={text}")
    return " ".join([*words, *filter(None, [rule.extra]), f"action={rule.action}"])


def nft_match(rule, ip):
    network = "ip" if ip == 4 else "ip6"
    words = []
    for name, value in conditions(rule, ip):
        if name in ("src", "dst"):
            words.append(f"{network} {name[0]}addr {value}")
        elif name == "proto" and (rule.sport, rule.dport) == (ANY_PORT, ANY_PORT):
            words.append(f"meta l4proto {value}")
        elif name != "proto":
            words.append(f"{NAMES[rule.proto]} {name} {ports(value, '-')}")
    return " ".join(words)


def iptables_line(rule, ip):
    words = ["-A INPUT"]
    for name, value in conditions(rule, ip):
        if name in ("src", "dst"):
            words.append(f"-{name[0]} {value}")
        elif name == "proto":
            words.append(f"-p {value}")
            if (rule.sport, rule.dport) != (ANY_PORT, ANY_PORT):
                words.append(f"-m {value}")
        else:
            words.append(f"--{name} {ports(value, ':')}")
    return " ".join([*words, f"-j {rule.action.upper()}"])


def minifw(rules, ip):
    return "".join(f"{minifw_line(rule, ip)}\n" for rule in rules)


def nft_frame(policy):
    return ("add table inet bench\nadd chain inet bench input "
            f"{{ type filter hook input priority 0; policy {policy}; }}\n")


def nft(rules, ip, policy):
    return nft_frame(policy) + "".join(
        f"add rule inet bench input {nft_match(rule, ip)} {rule.action}\n" for rule in rules)


def iptables(rules, ip, policy):
    return (f"*filter\n:INPUT {policy.upper()} [0:0]\n"
            ":FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n" +
            "".join(f"{iptables_line(rule, ip)}\n" for rule in rules) + "COMMIT\n")


def nft_set(kind, options, match, elements):
    """A set of nft's, and a rule that drops what is in it."""
    return "".join([
        nft_frame("accept"), f"add set inet bench s {{ type {kind}; {options} }}\n",
        f"add rule inet bench input {match} @s drop\n",
        *(f"add element inet bench s {{ {', '.join(elements[at:at + ELEMENTS])} }}\n"
          for at in range(0, len(elements), ELEMENTS))])


def nft_concatenation(rules, ip):
    """The rules as one set of 5-tuples. They must not overlap, and all say drop."""
    network, proto, address = (("ip", "ip protocol", "ipv4_addr") if ip == 4 else
                               ("ip6", "ip6 nexthdr", "ipv6_addr"))
    elements = [f"{rule.src.text(ip)} . {rule.dst.text(ip)} . {NAMES[rule.proto]} . "
                f"{ports(rule.sport, '-')} . {ports(rule.dport, '-')}" for rule in rules]
    return nft_set(f"{address} . {address} . inet_proto . inet_service . inet_service",
                   "flags interval;", f"{network} saddr . {network} daddr . {proto} . "
                   "th sport . th dport", elements)


def nft_addresses(prefixes, ip):
    hosts = all(prefix.length == BITS[ip] for prefix in prefixes)
    address = "ipv4_addr" if ip == 4 else "ipv6_addr"
    return nft_set(address, f"size {len(prefixes)};" if hosts else "flags interval;",
                   "ip saddr" if ip == 4 else "ip6 saddr", [prefix.text(ip) for prefix in prefixes])


def ipset_addresses(prefixes, ip):
    kind = "hash:ip" if all(prefix.length == BITS[ip] for prefix in prefixes) else "hash:net"
    family = "inet" if ip == 4 else "inet6"
    return (f"create s {kind} family {family} hashsize {max(64, len(prefixes) // 2)} "
            f"maxelem {len(prefixes) + 1}\n" +
            "".join(f"add s {prefix.text(ip)}\n" for prefix in prefixes))
