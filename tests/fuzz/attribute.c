// SPDX-License-Identifier: GPL-2.0
/* One write to one attribute, over a value that is there: `name=value`. */
#include "kernel.h"
#include "check.h"
#include "input.h"

static void set_known(struct minifw_spec *spec)
{
	static const char *const known[] = {
		"priority=-7", "hook=forward", "family=ip", "iif=eth0,wg*", "oif=!lo",
		"saddr=192.0.2.0/24,2001:db8::1", "daddr=!10.0.0.0/255.0.0.255", "saddr_type=local",
		"daddr_type=!multicast", "proto=tcp,udp",
		"sport=!1024-65535", "dport=22,80", "icmp_type=3/4", "icmpv6_type=echo-request",
		"tcp_flags=syn/syn,ack", "ct_state=new", "ct_status=!snat",
		"ct_mark=0x10/0x10", "ct_orig_daddr=192.0.2.1", "ct_orig_dport=8080",
		"fragment=first", "exthdr=!frag",
		"ipopt=lsrr,ssrr", "saddr_mac=52:54:00:12:34:56",
		"length=64-1500", "ttl=!0-1", "dscp=!af41,1", "pkttype=host", "mark=0x1/0xff",
		"uid=1000-1999", "gid=!0",
		"limit=over 10 mbytes/minute per saddr/24/56,dport burst 3 kbytes",
		"conn_limit=over 20 per daddr/64", "quota=1025 bytes",
		"action=reject with tcp-reset", "add_to=@banned key saddr timeout 1h",
		"log=on prefix \"a \" level info limit 9/hour",
		"comment=\"a\" comment", "expires=1h30m",
	};
	unsigned int i;

	_Static_assert(ARRAY_SIZE(known) == MINIFW_NR_ATTRS, "a value for each attribute");
	for (i = 0; i < ARRAY_SIZE(known); i++)
		CHECK(check_set(spec, known[i]), "%s", known[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct minifw_spec known;
	struct minifw_spec spec;
	char *line = input_text(data, size);

	if (!known.hook.bits)
		set_known(&known);
	minifw_spec_copy(&spec, &known);
	check_set(&spec, line);
	minifw_spec_clear(&spec);
	free(line);
	return 0;
}
