// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes: what is written, and how it reads back or is refused.  User space
 * fuzzes the same parsers; what this adds is the kernel's own library under them.
 */
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "cases.h"
#include "error.h"
#include "spec.h"
#include "text.h"

/**
 * struct parse_case - a write
 * @text: what is written
 * @shown: how it reads back, if it is taken
 * @id: to which attribute
 * @ret: 0, or the errno of the refusal
 */
struct parse_case {
	const char *text;
	const char *shown;
	enum minifw_attr_id id;
	int ret;
};

#define TAKEN(attr, written, read) { .id = MINIFW_ATTR_##attr, .text = written, .shown = read }
#define REFUSED(attr, written, error) { .id = MINIFW_ATTR_##attr, .text = written, .ret = error }

static const struct parse_case cases[] __initconst = {
	TAKEN(priority, "-2147483648", "-2147483648"),
	TAKEN(priority, " 2147483647 ", "2147483647"),
	TAKEN(priority, "-0", "0"),
	REFUSED(priority, "", -EINVAL),
	REFUSED(priority, "+1", -EINVAL),
	REFUSED(priority, "0x10", -EINVAL),
	REFUSED(priority, "010", -EINVAL),
	REFUSED(priority, "2147483648", -ERANGE),
	REFUSED(priority, "-2147483649", -ERANGE),
	REFUSED(priority, "18446744073709551617", -ERANGE),

	TAKEN(hook, "output, input", "input,output"),
	TAKEN(hook, "forward,forward", "forward"),
	TAKEN(hook, "postrouting,output,ingress,prerouting",
	      "ingress,prerouting,output,postrouting"),
	REFUSED(hook, "", -EINVAL),
	REFUSED(hook, "any", -EINVAL),
	REFUSED(hook, "!input", -EINVAL),
	REFUSED(hook, "Input", -EINVAL),

	TAKEN(family, "ip6", "ip6"),
	TAKEN(family, "any", ""),
	REFUSED(family, "ip,ip6", -EINVAL),
	REFUSED(family, "!ip", -EINVAL),

	TAKEN(iif, "wg*,eth0,wg0", "eth0,wg*"),
	TAKEN(iif, "! lo", "!lo"),
	TAKEN(iif, "abcdefghijklmno", "abcdefghijklmno"),
	TAKEN(oif, "*", "*"),
	TAKEN(oif, "", ""),
	REFUSED(oif, "!*", -EINVAL),
	REFUSED(oif, "abcdefghijklmnop", -EINVAL),
	REFUSED(oif, "abcdefghijklmnop*", -EINVAL),
	REFUSED(oif, "e*h", -EINVAL),
	REFUSED(oif, "eth0,", -EINVAL),
	REFUSED(oif, "eth 0", -EINVAL),
	REFUSED(oif, "..", -EINVAL),
	REFUSED(oif, "eth0:1", -EINVAL),

	TAKEN(saddr, "192.0.2.7", "192.0.2.7"),
	TAKEN(saddr, "192.0.2.7/24", "192.0.2.0/24"),
	TAKEN(saddr, "192.0.2.7/255.255.255.0", "192.0.2.0/24"),
	TAKEN(saddr, "192.0.2.7/255.0.255.0", "192.0.2.0/255.0.255.0"),
	TAKEN(saddr, "1.2.3.4/32,0.0.0.0/0", "0.0.0.0/0"),
	TAKEN(saddr, "!10.0.0.0/9,10.128.0.0/9", "!10.0.0.0/8"),
	TAKEN(saddr, "10.0.0.9 - 10.0.0.10,10.0.0.1", "10.0.0.1,10.0.0.9-10.0.0.10"),
	TAKEN(saddr, "255.255.255.255,0.0.0.0", "0.0.0.0,255.255.255.255"),
	TAKEN(saddr, "2001:DB8:0::1,10.0.0.1", "10.0.0.1,2001:db8::1"),
	TAKEN(saddr, "::1:0:0:1", "::1:0:0:1"),
	TAKEN(saddr, "1::/ffff::", "1::/16"),
	TAKEN(saddr, "fe80::1/64", "fe80::/64"),
	TAKEN(saddr, "::7/::f", "::7/::f"),
	TAKEN(saddr, "::/0", "::/0"),
	TAKEN(saddr, "::", "::"),
	TAKEN(saddr, "::-::ffff", "::/112"),
	TAKEN(saddr, "0:0:0:1::,0:0:0:0:ffff:ffff:ffff:ffff", "::ffff:ffff:ffff:ffff-0:0:0:1::"),
	TAKEN(saddr, "::ffff:1.2.3.4", "::ffff:1.2.3.4"),
	TAKEN(saddr, "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
	TAKEN(saddr, "any", ""),
	TAKEN(saddr, "0.0.0.0/0", "0.0.0.0/0"),
	TAKEN(saddr, "0.0.0.0", "0.0.0.0"),
	TAKEN(saddr, "!255.255.255.255", "!255.255.255.255"),
	TAKEN(saddr, "10.0.0.2-10.0.0.3", "10.0.0.2/31"),
	TAKEN(saddr, "10.0.0.1-10.0.0.2", "10.0.0.1-10.0.0.2"),
	REFUSED(daddr, "1.2.3", -EINVAL),
	REFUSED(daddr, "1.2.3.", -EINVAL),
	REFUSED(daddr, ".1.2.3", -EINVAL),
	REFUSED(daddr, "1.2.3.4.5", -EINVAL),
	REFUSED(daddr, "1.2.3.256", -EINVAL),
	REFUSED(daddr, "1..3.4", -EINVAL),
	REFUSED(daddr, "01.2.3.4", -EINVAL),
	REFUSED(daddr, "1.2.3.04", -EINVAL),
	REFUSED(daddr, "1.2.3.4x", -EINVAL),
	REFUSED(daddr, "0x1.2.3.4", -EINVAL),
	REFUSED(daddr, "1.2.3.4/", -EINVAL),
	REFUSED(daddr, "1.2.3.4/33", -ERANGE),
	REFUSED(daddr, "1.2.3.4/08", -EINVAL),
	REFUSED(daddr, "1.2.3.4/ffff::", -EINVAL),
	REFUSED(daddr, "1.2.3.4-1.2.3.3", -EINVAL),
	REFUSED(daddr, "1.2.3.4-::1", -EINVAL),
	REFUSED(daddr, "1.2.3.4,,", -EINVAL),
	REFUSED(daddr, "!0.0.0.0/1,128.0.0.0/1", -EINVAL),
	REFUSED(daddr, "1::2::3", -EINVAL),
	REFUSED(daddr, ":::", -EINVAL),
	REFUSED(daddr, ":", -EINVAL),
	REFUSED(daddr, "::1:", -EINVAL),
	REFUSED(daddr, ":1::", -EINVAL),
	REFUSED(daddr, "1:2:3:4:5:6:7", -EINVAL),
	REFUSED(daddr, "1:2:3:4:5:6:7:8:9", -EINVAL),
	REFUSED(daddr, "1:2:3:4:5:6:7:1.2.3.4", -EINVAL),
	REFUSED(daddr, "12345::", -EINVAL),
	REFUSED(daddr, "g::", -EINVAL),
	REFUSED(daddr, "::1.2.3", -EINVAL),
	REFUSED(daddr, "::1.2.3.4.5", -EINVAL),
	REFUSED(daddr, "fe80::1%eth0", -EINVAL),
	REFUSED(daddr, "::/129", -ERANGE),

	TAKEN(saddr_type, "unicast,local", "local,unicast"),
	TAKEN(daddr_type, "!broadcast", "!broadcast"),
	REFUSED(daddr_type, "anycast", -EINVAL),
	REFUSED(daddr_type, "!local,broadcast,multicast,unicast", -EINVAL),

	TAKEN(proto, "17,6,gre,0,255", "tcp,udp,gre,0,255"),
	TAKEN(proto, "!58", "!icmpv6"),
	TAKEN(proto, "0,255,254,253,252,251,250", "0,250,251,252,253,254,255"),
	TAKEN(proto, "!0,255,254,253,252,251,250,tcp", "!tcp,0,250,251,252,253,254,255"),
	REFUSED(proto, "256", -ERANGE),
	REFUSED(proto, "TCP", -EINVAL),
	REFUSED(proto, "tcp,!udp", -EINVAL),

	TAKEN(sport, "80,22,8001-8080,8000", "22,80,8000-8080"),
	TAKEN(sport, "!1-65535", "!1-65535"),
	TAKEN(sport, "0-65535", "0-65535"),
	TAKEN(sport, "0", "0"),
	TAKEN(sport, "!65535", "!65535"),
	TAKEN(sport, "22,22", "22"),
	REFUSED(dport, "!0-65535", -EINVAL),
	REFUSED(dport, "!0-100,101-65535", -EINVAL),
	REFUSED(dport, "65536", -ERANGE),
	REFUSED(dport, "4294967296", -ERANGE),
	REFUSED(dport, "22x", -EINVAL),
	REFUSED(dport, "1-2-3", -EINVAL),
	REFUSED(dport, "9-1", -EINVAL),
	REFUSED(dport, "!", -EINVAL),

	TAKEN(icmp_type, "echo-request,3/4,3", "3,8"),
	TAKEN(icmp_type, "3/4,3/5", "3/4,3/5"),
	TAKEN(icmpv6_type, "!nd-redirect / 0", "!137/0"),
	TAKEN(icmpv6_type, "mld-listener-reduction", "132"),
	REFUSED(icmp_type, "3/256", -ERANGE),
	REFUSED(icmp_type, "3/", -EINVAL),
	REFUSED(icmp_type, "nd-redirect", -EINVAL),

	TAKEN(tcp_flags, "syn / syn,ack,rst,fin", "syn/fin,syn,rst,ack"),
	TAKEN(tcp_flags, "none/ecn", "none/ece"),
	REFUSED(tcp_flags, "syn", -EINVAL),
	REFUSED(tcp_flags, "syn/", -EINVAL),
	REFUSED(tcp_flags, "syn/ack", -EINVAL),
	REFUSED(tcp_flags, "!syn/syn", -EINVAL),

	TAKEN(ct_state, "untracked,new", "new,untracked"),
	TAKEN(ct_state, "!invalid", "!invalid"),
	REFUSED(ct_state, "!new,established,related,invalid,untracked", -EINVAL),
	REFUSED(ct_state, "old", -EINVAL),

	TAKEN(ct_status, "seen-reply,snat", "snat,seen-reply"),
	TAKEN(ct_status, "!dnat,snat,assured,seen-reply", "!dnat,snat,assured,seen-reply"),
	REFUSED(ct_status, "seen_reply", -EINVAL),
	TAKEN(ct_mark, "16/0x10", "0x10/0x10"),
	REFUSED(ct_mark, "1/", -EINVAL),
	TAKEN(ct_orig_daddr, "!::1,10.0.0.1", "!10.0.0.1,::1"),
	TAKEN(ct_orig_dport, "81,80", "80-81"),
	REFUSED(ct_orig_dport, "65536", -ERANGE),

	TAKEN(fragment, "later", "later"),
	REFUSED(fragment, "first,later", -EINVAL),
	REFUSED(fragment, "!none", -EINVAL),

	TAKEN(exthdr, "ah,rt", "rt,ah"),
	TAKEN(exthdr, "!hbh,rt,dst,frag,ah", "!hbh,rt,dst,frag,ah"),
	REFUSED(exthdr, "esp", -EINVAL),
	TAKEN(ipopt, "!ts,lsrr", "!lsrr,ts"),
	REFUSED(ipopt, "nop", -EINVAL),

	TAKEN(saddr_mac, "52:54:00:AB:CD:EF,00:00:00:00:00:01",
	      "00:00:00:00:00:01,52:54:00:ab:cd:ef"),
	TAKEN(saddr_mac, "!ff:ff:ff:ff:ff:ff", "!ff:ff:ff:ff:ff:ff"),
	REFUSED(saddr_mac, "52:54:00:12:34", -EINVAL),
	REFUSED(saddr_mac, "52:54:00:12:34:56:", -EINVAL),
	REFUSED(saddr_mac, "52:54:00:12:34:5g", -EINVAL),
	REFUSED(saddr_mac, "52-54-00-12-34-56", -EINVAL),

	TAKEN(length, "1500,64-1499,0", "0,64-1500"),
	REFUSED(length, "65536", -ERANGE),
	REFUSED(length, "!0-65535", -EINVAL),
	TAKEN(ttl, "!255", "!255"),
	REFUSED(ttl, "256", -ERANGE),
	REFUSED(ttl, "!0-255", -EINVAL),

	TAKEN(dscp, "34,be,1,ef", "cs0,af41,ef,1"),
	REFUSED(dscp, "64", -ERANGE),
	REFUSED(dscp, "0-3", -EINVAL),
	REFUSED(dscp, "af44", -EINVAL),

	TAKEN(pkttype, "other,host", "host,other"),
	REFUSED(pkttype, "!host,broadcast,multicast,other", -EINVAL),

	TAKEN(mark, "255", "0xff"),
	TAKEN(mark, "0x1 / 0xff", "0x1/0xff"),
	TAKEN(mark, "0/0xffffffff", "0x0"),
	REFUSED(mark, "0x", -EINVAL),
	REFUSED(mark, "0x0x1", -EINVAL),
	REFUSED(mark, "0x100000000", -ERANGE),
	REFUSED(mark, "2/1", -EINVAL),
	REFUSED(mark, "0/0", -EINVAL),
	REFUSED(mark, "!1", -EINVAL),

	TAKEN(uid, "4294967295,4294967293,0", "0,4294967293,4294967295"),
	TAKEN(uid, "4294967294,4294967295", "4294967294-4294967295"),
	TAKEN(gid, "!1000-1999", "!1000-1999"),
	TAKEN(gid, "65535", "65535"),
	TAKEN(gid, "65535-65536", "65535-65536"),
	TAKEN(gid, "!65536", "!65536"),
	REFUSED(uid, "4294967296", -ERANGE),
	REFUSED(gid, "!0-4294967295", -EINVAL),
	REFUSED(uid, "root", -EINVAL),

	TAKEN(limit, "10/second", "10/second"),
	TAKEN(limit, "10/second burst 5", "10/second"),
	TAKEN(limit, "over 1 / day burst 4 packets per saddr , dport",
	      "over 1/day per saddr,dport burst 4"),
	TAKEN(limit, "600/minute per daddr/24", "600/minute per daddr/24"),
	TAKEN(limit, "1/hour per saddr/32", "1/hour per saddr"),
	TAKEN(limit, "1/hour per saddr/128", "1/hour per saddr"),
	TAKEN(limit, "1/hour per saddr/33", "1/hour per saddr/33"),
	TAKEN(limit, "1/hour per saddr/32/32", "1/hour per saddr/32/32"),
	TAKEN(limit, "1/hour per saddr/24/64,dport", "1/hour per saddr/24/64,dport"),
	TAKEN(limit, "2048 kbytes/second burst 3 kbytes", "2 mbytes/second burst 3 kbytes"),
	TAKEN(limit, "1 kbytes/minute burst 17 bytes", "1 kbytes/minute"),
	TAKEN(limit, "1 bytes/day", "1 bytes/day"),
	TAKEN(limit, "34359738368/second", "34359738368/second"),
	REFUSED(limit, "34359738369/second", -ERANGE),
	REFUSED(limit, "33 gbytes/second", -ERANGE),
	REFUSED(limit, "0/second", -ERANGE),
	REFUSED(limit, "1152921504606846977/day", -ERANGE),
	REFUSED(limit, "18446744073709551616/day", -ERANGE),
	REFUSED(limit, "1073741825 gbytes/day", -ERANGE),
	REFUSED(limit, "1/second burst 0", -ERANGE),
	REFUSED(limit, "1/second per saddr/0", -ERANGE),
	REFUSED(limit, "1/second per saddr/129", -ERANGE),
	REFUSED(limit, "1/second per saddr/33/64", -ERANGE),
	REFUSED(limit, "1/second per saddr/24/129", -ERANGE),
	REFUSED(limit, "1", -EINVAL),
	REFUSED(limit, "1/", -EINVAL),
	REFUSED(limit, "01/second", -EINVAL),
	REFUSED(limit, "-1/second", -EINVAL),
	REFUSED(limit, "1/seconds", -EINVAL),
	REFUSED(limit, "1/second burst", -EINVAL),
	REFUSED(limit, "1/second burst 1 bytes", -EINVAL),
	REFUSED(limit, "1 bytes/second burst 1", -EINVAL),
	REFUSED(limit, "1/second burst 1 burst 1", -EINVAL),
	REFUSED(limit, "1/second per", -EINVAL),
	REFUSED(limit, "1/second per saddr per daddr", -EINVAL),
	REFUSED(limit, "1/second per saddr,sport", -EINVAL),
	REFUSED(limit, "1/second per daddr,dport", -EINVAL),
	REFUSED(limit, "1/second over", -EINVAL),

	TAKEN(conn_limit, "over 20 per saddr / 24", "over 20 per saddr/24"),
	TAKEN(conn_limit, "over 4294967295", "over 4294967295"),
	REFUSED(conn_limit, "over 4294967296", -ERANGE),
	REFUSED(conn_limit, "over 0", -ERANGE),
	REFUSED(conn_limit, "20", -EINVAL),
	REFUSED(conn_limit, "over", -EINVAL),
	REFUSED(conn_limit, "over 20/second", -EINVAL),

	TAKEN(quota, "3 kbytes", "3 kbytes"),
	TAKEN(quota, "1025 bytes", "1025 bytes"),
	TAKEN(quota, "1048576 kbytes", "1 gbytes"),
	TAKEN(quota, "1073741824 gbytes", "1073741824 gbytes"),
	REFUSED(quota, "1073741825 gbytes", -ERANGE),
	REFUSED(quota, "0 bytes", -ERANGE),
	REFUSED(quota, "10", -EINVAL),
	REFUSED(quota, "10 gigabytes", -EINVAL),
	REFUSED(quota, "10 gbytes left", -EINVAL),

	TAKEN(cgroup, "system.slice//ssh.service/", "/system.slice/ssh.service"),
	TAKEN(cgroup, "/system.slice", "/system.slice"),
	TAKEN(cgroup, "//", "/"),
	TAKEN(cgroup, "/any", "/any"),
	TAKEN(cgroup, "any", ""),
	TAKEN(cgroup, "a, b", "/a, b"),
	REFUSED(cgroup, "!a", -EINVAL),
	REFUSED(cgroup, "a\tb", -EINVAL),
	REFUSED(cgroup, "a /", -EINVAL),

	TAKEN(rpf, "fail", "fail"),
	REFUSED(rpf, "pass,fail", -EINVAL),
	REFUSED(rpf, "!fail", -EINVAL),
	TAKEN(ipsec, "none", "none"),
	REFUSED(ipsec, "in,out", -EINVAL),
	REFUSED(ipsec, "!none", -EINVAL),

	TAKEN(time, "mon-fri 08:00-18:00", "mon-fri 08:00-18:00"),
	TAKEN(time, "fri , mon - wed\t8:00 - 18:00:00", "mon-wed,fri 08:00-18:00"),
	TAKEN(time, "sun,sat", "sat,sun"),
	TAKEN(time, "sat-mon", "mon,sat,sun"),
	TAKEN(time, "tue-mon", "mon-sun"),
	TAKEN(time, "mon-mon", "mon"),
	TAKEN(time, "mon-sun 22:00-06:00", "22:00-06:00"),
	TAKEN(time, "22:00-00:00", "22:00-24:00"),
	TAKEN(time, "wed 00:00-24:00", "wed"),
	TAKEN(time, "00:00-24:00", "mon-sun"),
	TAKEN(time, "00:00:01-23:59:59", "00:00:01-23:59:59"),
	TAKEN(time, "any", ""),
	REFUSED(time, "08:00", -EINVAL),
	REFUSED(time, "08:00-08:00", -EINVAL),
	REFUSED(time, "24:00-06:00", -EINVAL),
	REFUSED(time, "08:00-24:01", -ERANGE),
	REFUSED(time, "08:60-18:00", -ERANGE),
	REFUSED(time, "08:00-18:00:60", -ERANGE),
	REFUSED(time, "08:0-18:00", -EINVAL),
	REFUSED(time, "008:00-18:00", -EINVAL),
	REFUSED(time, "08:00-18:00:00:00", -EINVAL),
	REFUSED(time, "08-18", -EINVAL),
	REFUSED(time, "08:00-18:00 mon", -EINVAL),
	REFUSED(time, "08:00-10:00,12:00-14:00", -EINVAL),
	REFUSED(time, "mon,08:00-18:00", -EINVAL),
	REFUSED(time, "mon08:00-18:00", -EINVAL),
	REFUSED(time, "monday", -EINVAL),
	REFUSED(time, "mon,", -EINVAL),
	REFUSED(time, "!mon", -EINVAL),
	REFUSED(time, "!08:00-18:00", -EINVAL),

	TAKEN(action, "accept", "accept"),
	TAKEN(action, "reject  with\tadmin-prohibited", "reject with admin-prohibited"),
	TAKEN(action, "notrack", "notrack"),
	TAKEN(action, "queue 0", "queue 0"),
	TAKEN(action, "queue\t1-65535  bypass", "queue 1-65535 bypass"),
	REFUSED(action, "", -EINVAL),
	REFUSED(action, "drop with tcp-reset", -EINVAL),
	REFUSED(action, "reject with", -EINVAL),
	REFUSED(action, "notrack 1", -EINVAL),
	REFUSED(action, "queue", -EINVAL),
	REFUSED(action, "queue 65536", -ERANGE),
	REFUSED(action, "queue 1-65536", -ERANGE),
	REFUSED(action, "queue 2-1", -EINVAL),
	REFUSED(action, "queue 1-1", -EINVAL),
	REFUSED(action, "queue 1-", -EINVAL),
	REFUSED(action, "queue -1", -EINVAL),
	REFUSED(action, "queue bypass", -EINVAL),
	REFUSED(action, "queue 1 - 2", -EINVAL),
	REFUSED(action, "queue 1 bypass 2", -EINVAL),
	REFUSED(action, "reject withtcp-reset", -EINVAL),

	TAKEN(log, "on", "on"),
	TAKEN(log, "off", ""),
	TAKEN(log, " on  limit 5/minute\tprefix \"ssh \" level info ",
	      "on prefix \"ssh \" level info limit 5/minute"),
	TAKEN(log, "on limit 10/minute burst 5 level warn", "on"),
	TAKEN(log, "on prefix \"\\\"\\\\\"", "on prefix \"\\\"\\\\\""),
	TAKEN(log, "nflog 0 limit 10/minute burst 6", "nflog 0 limit 10/minute burst 6"),
	REFUSED(log, "yes", -EINVAL),
	REFUSED(log, "off on", -EINVAL),
	REFUSED(log, "nflog", -EINVAL),
	REFUSED(log, "nflog 65536", -ERANGE),
	REFUSED(log, "nflog 1 level info", -EINVAL),
	REFUSED(log, "on prefix", -EINVAL),
	REFUSED(log, "on prefix \"a", -EINVAL),
	REFUSED(log, "on prefix \"a\"b", -EINVAL),
	REFUSED(log, "on prefix a prefix b", -EINVAL),
	REFUSED(log, "on burst 5", -EINVAL),
	REFUSED(log, "on limit 0/minute", -ERANGE),
	REFUSED(log, "on limit 5/week", -EINVAL),
	REFUSED(log, "on limit 5/minute burst 65536", -ERANGE),

	TAKEN(comment, " any, \"quoted\" ", " any, \"quoted\" "),
	TAKEN(comment, "", ""),
	REFUSED(comment, "two\nlines", -EINVAL),

	TAKEN(expires, "1800", "1800"),
	TAKEN(expires, "1d1h1m1s", "90061"),
	TAKEN(expires, "49710d6h28m15s", "4294967295"),
	TAKEN(expires, "", ""),
	REFUSED(expires, "0", -ERANGE),
	REFUSED(expires, "0s", -ERANGE),
	REFUSED(expires, "49710d6h28m16s", -ERANGE),
	REFUSED(expires, "99999999999s", -ERANGE),
	REFUSED(expires, "30m1h", -EINVAL),
	REFUSED(expires, "1h30", -EINVAL),
	REFUSED(expires, "1h 30m", -EINVAL),
	REFUSED(expires, "1m1m", -EINVAL),
	REFUSED(expires, "-1", -EINVAL),
	REFUSED(expires, "any", -EINVAL),
};

static int __init refused_is_right(const struct parse_case *c, int ret,
				   const struct minifw_error *err)
{
	const char *name = minifw_attr_name(c->id);
	size_t len = strlen(name);

	if (ret != c->ret) {
		pr_err("minifw: selftest: %s '%s': %d, not %d\n", name, c->text, ret, c->ret);
		return -EINVAL;
	}
	if (ret && (strncmp(err->text, name, len) || err->text[len] != ':')) {
		pr_err("minifw: selftest: %s '%s': last_error '%s'\n", name, c->text, err->text);
		return -EINVAL;
	}
	return 0;
}

static int __init shown_is_right(const struct parse_case *c, const struct minifw_spec *spec)
{
	char buf[256] = "";
	struct minifw_text shown = { .buf = buf, .size = sizeof(buf) };

	minifw_spec_show(spec, c->id, &shown);
	if (!strcmp(buf, c->shown))
		return 0;
	pr_err("minifw: selftest: %s '%s': reads '%s', not '%s'\n", minifw_attr_name(c->id),
	       c->text, buf, c->shown);
	return -EINVAL;
}

static int __init copy_is_right(const struct parse_case *c, const struct minifw_spec *spec)
{
	struct minifw_spec copy;
	int ret = minifw_spec_copy(&copy, spec);

	if (!ret && minifw_spec_equal(spec, &copy) &&
	    minifw_spec_hash(spec) == minifw_spec_hash(&copy))
		ret = shown_is_right(c, &copy);
	else
		ret = ret ?: -EINVAL;
	if (ret)
		pr_err("minifw: selftest: %s '%s': a copy is another: %d\n",
		       minifw_attr_name(c->id), c->text, ret);
	minifw_spec_clear(&copy);
	return ret;
}

static int __init run_case(const struct parse_case *c)
{
	char *text = kstrdup(c->text, GFP_KERNEL);
	struct minifw_error err = {};
	struct minifw_spec spec;
	int ret;

	if (!text)
		return -ENOMEM;
	minifw_spec_init(&spec);
	ret = minifw_spec_set(&spec, c->id, text, &err);
	ret = refused_is_right(c, ret, &err);
	if (!ret && !c->ret)
		ret = shown_is_right(c, &spec) ?: copy_is_right(c, &spec);
	minifw_spec_clear(&spec);
	kfree(text);
	return ret;
}

/* A list of @count times @element is taken up to MINIFW_LIST_MAX. */
static int __init run_list(enum minifw_attr_id id, const char *element, unsigned int count)
{
	struct parse_case c = {
		.id = id, .shown = element, .ret = count > MINIFW_LIST_MAX ? -E2BIG : 0,
	};
	size_t len = strlen(element) + 1;
	unsigned int i;
	char *text;
	int ret;

	text = kmalloc(count * len, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		memcpy(text + i * len, element, len - 1);
		text[(i + 1) * len - 1] = i < count - 1 ? ',' : '\0';
	}
	c.text = text;
	ret = run_case(&c);
	kfree(text);
	return ret;
}

/**
 * minifw_selftest_parse() - test the attributes' syntax
 * @passed: grows by the number of cases
 *
 * Context: process.
 * Return: 0, -EINVAL if a case failed, -ENOMEM.
 */
int __init minifw_selftest_parse(unsigned int *passed)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < ARRAY_SIZE(cases); i++)
		ret = run_case(&cases[i]);
	for (i = MINIFW_LIST_MAX; !ret && i <= MINIFW_LIST_MAX + 1; i++) {
		ret = run_list(MINIFW_ATTR_saddr, "::1", i) ?:
		      run_list(MINIFW_ATTR_dport, "22", i) ?:
		      run_list(MINIFW_ATTR_iif, "lo", i) ?:
		      run_list(MINIFW_ATTR_saddr_mac, "52:54:00:12:34:56", i) ?:
		      run_list(MINIFW_ATTR_proto, "tcp", i);
	}
	if (!ret)
		*passed += ARRAY_SIZE(cases) + 10;
	return ret;
}
