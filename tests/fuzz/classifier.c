// SPDX-License-Identifier: GPL-2.0
/*
 * The classifier: rules and packets drawn from bytes.  What a look-up finds, and what it
 * finds from there on, must be what a walk over all rules finds, which asks match.c of
 * each.  Few values of each field, so that rules overlap and packets meet them.  Sets that they
 * name change between packets.
 */
#include "kernel.h"
#include "check.h"
#include "classifier.h"
#include "error.h"
#include "interval.h"
#include "input.h"
#include "line.h"
#include "match.h"
#include "meta.h"
#include "packet.h"
#include "part.h"
#include "reference.h"
#include "rule.h"
#include "set_ref.h"
#include "text.h"
#include "watch.h"

#define RULES_MAX 96
#define PACKETS 12
#define SETS 8		/* of addresses, and as many of ports */

/**
 * struct source - the bytes that are left; zeroes after them
 */
struct source {
	const u8 *data;
	size_t size;
};

static u8 take(struct source *from)
{
	if (!from->size)
		return 0;
	from->size--;
	return *from->data++;
}

/* ---- sets ---- */

/**
 * struct minifw_set - a set, as rules here name it
 * @ports: it is of ports, not of addresses
 * @part: its elements; of ports the first
 */
struct minifw_set {
	bool ports;
	struct minifw_part part[MINIFW_NR_FAMILIES];
};

static struct minifw_set sets[2 * SETS];
static struct minifw_watch *watches[2 * SETS * MINIFW_NR_FAMILIES * RULES_MAX];
static unsigned int watched;

static void push_element(struct minifw_intervals *runs, const struct minifw_set *set, u8 family,
			 u32 random)
{
	u32 addr = 0x0a000000 | (random & 0xc3) << 8 | (random >> 8 & 7) << 16 | (random >> 16 & 0xff);
	struct minifw_addr first = { .lo = addr }, last;
	struct minifw_key from, to;

	if (family == MINIFW_IP6)
		first = (struct minifw_addr){ .hi = 0x20010db800000000ULL,
					      .lo = (u64)addr << 16 | (random >> 24 & 3) };
	last = first;
	if (random & 0x8000)
		last.lo |= family == MINIFW_IP6 ? 0xffffff : 0xff;
	from = set->ports ? minifw_key_port(random & 0xff) : minifw_key_addr(family, first);
	to = set->ports ? minifw_key_port((random & 0xff) + (random >> 8 & 3)) :
			  minifw_key_addr(family, last);
	minifw_intervals_push(runs, &from, &to);
}

/* Other elements than before: none, or a few, or all there are. */
static void fill_set(struct minifw_set *set, u32 random)
{
	unsigned int family, i;

	for (family = 0; family < (set->ports ? 1 : MINIFW_NR_FAMILIES); family++) {
		u8 len = set->ports ? sizeof(u16) : minifw_addr_len(family);
		struct minifw_intervals *runs = minifw_intervals_alloc(len, true, 8);
		const struct minifw_part nothing = {};
		struct minifw_key first = {}, last = {};

		minifw_key_fill(&last, len, 0);
		if (random % 29 == 0)
			minifw_intervals_push(runs, &first, &last);
		for (i = 0; i < random % 7; i++)
			push_element(runs, set, family, jhash(&i, sizeof(i), random));
		runs = minifw_intervals_close(runs);
		minifw_part_put(&set->part[family]);
		minifw_part_change(&set->part[family], &nothing, runs, true);
		minifw_intervals_put(runs);
	}
}

static void fill_sets(u8 seed)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sets); i++) {
		sets[i].ports = i >= SETS;
		fill_set(&sets[i], jhash(&i, sizeof(i), seed));
	}
}

static void empty_sets(void)
{
	unsigned int i, family;

	for (i = 0; i < ARRAY_SIZE(sets); i++)
		for (family = 0; family < MINIFW_NR_FAMILIES; family++)
			minifw_part_put(&sets[i].part[family]);
}

/* As watch.c does it. */
static void change_set(u8 seed)
{
	struct minifw_set *set = &sets[seed % ARRAY_SIZE(sets)];
	unsigned int i;

	for (i = 0; i < watched; i++)
		if (watches[i]->set == set)
			minifw_watch_mark(watches[i]);
	fill_set(set, jhash(&seed, sizeof(seed), 1));
}

void minifw_watch_start(struct minifw_watch *watch)
{
	CHECK(watched < ARRAY_SIZE(watches), "there are %u watches", watched);
	watches[watched++] = watch;
}

void minifw_watch_stop(struct minifw_watch *watch)
{
	unsigned int i = 0;

	while (i < watched && watches[i] != watch)
		i++;
	CHECK(i < watched, "a watch was not started");
	watches[i] = watches[--watched];
}

/* One of them has other elements. */
bool minifw_watch_read(const struct minifw_watch *watch, u8 family, u8 len,
		       struct minifw_part *part)
{
	if (watch->set == &sets[SETS - 1])
		return false;
	CHECK(len == (watch->set->ports ? sizeof(u16) : minifw_addr_len(family)),
	      "keys are of %u bytes", len);
	minifw_part_copy(part, &watch->set->part[family]);
	return true;
}

/* ---- what a rule asks beside the classifier's own ---- */

bool minifw_set_match(const struct minifw_list *list, const struct minifw_packet *packet, u8 family,
		      struct minifw_key key)
{
	const struct minifw_set *set = container_of(list, struct minifw_set_ref, list)->set;

	return minifw_part_has(&set->part[family], &key) != list->negated;
}

bool minifw_set_match_addr(const struct minifw_list *list, const struct minifw_packet *packet,
			   u8 family, struct minifw_addr addr)
{
	return minifw_set_match(list, packet, family, minifw_key_addr(family, addr));
}

bool minifw_set_match_side(const struct minifw_list *list, const struct minifw_packet *packet,
			   struct minifw_addr addr, u16 port)
{
	return minifw_set_match_addr(list, packet, packet->family, addr);
}

bool minifw_meta_untold(const struct minifw_packet *packet) { return false; }

/* Rules here ask for no more than the mark. */
unsigned int minifw_meta_fails(const struct minifw_spec *spec, const struct minifw_packet *packet)
{
	if (minifw_match_mark(&spec->rare->mark, packet->skb->mark))
		return MINIFW_MATCHES;
	return MINIFW_ATTR_mark;
}

unsigned int minifw_packet_length(const struct minifw_packet *packet) { return 0; }
int minifw_packet_fragment(const struct minifw_packet *packet) { return -1; }
u8 minifw_packet_exthdrs(const struct minifw_packet *packet, u8 wanted) { return 0; }
u8 minifw_packet_ipopts(const struct minifw_packet *packet) { return 0; }
int minifw_packet_dscp(const struct minifw_packet *packet) { return -1; }
const u8 *minifw_packet_saddr_mac(const struct minifw_packet *packet) { return NULL; }

/* ---- rules ---- */

static const char *const ifaces[] = { "eth0", "eth1", "eth*", "*" };

static void write_addr(struct minifw_text *out, u8 byte, bool ip6, u32 step)
{
	unsigned int bits = byte % 33;
	u32 addr = 0x0a000000 | (byte & 0xc3) << 8 | (byte & 7) << 16 | (step & 0xffff);

	if (ip6)
		minifw_text_add(out, "2001:db8::%x:%x:0:%x/%u", addr >> 16, addr & 0xffff,
				byte & 3, byte & 4 ? bits * 4 : 64 + bits);
	else
		minifw_text_add(out, "10.%u.%u.%u/%u", addr >> 16 & 0xff, addr >> 8 & 0xff,
				addr & 0xff, bits);
}

static void write_addrs(struct minifw_text *out, const char *name, struct source *from, bool ip6,
			u32 step)
{
	unsigned int i, count = 1 + take(from) % 16 % 3;
	u8 byte = take(from);

	minifw_text_add(out, " %s=%s", name, byte >= 0xf0 ? "!" : "");
	for (i = 0; i < count; i++) {
		minifw_text_add(out, "%s", i ? "," : "");
		write_addr(out, byte + 37 * i, ip6, step + i);
	}
}

static void write_ports(struct minifw_text *out, const char *name, struct source *from, u32 step)
{
	u8 byte = take(from), kind = take(from);
	u16 port = (byte & 0xf) + step;

	if (kind < 0x80)
		minifw_text_add(out, " %s=%u", name, port);
	else if (kind < 0xc0)
		minifw_text_add(out, " %s=%u-%u", name, port & 0xff, (port & 0xff) + byte);
	else
		minifw_text_add(out, " %s=%s%u,%u-%u", name, kind > 0xf0 ? "!" : "", port & 0xff,
				(port & 0xff) + 4, (port & 0xff) + 6);
}

static void write_transport(struct minifw_text *out, struct source *from, bool ip6, u32 step)
{
	switch (take(from) % 8) {
	case 0:
		break;
	case 1:
		minifw_text_add(out, ip6 ? " icmpv6_type=%u/%u" : " icmp_type=%u/%u",
				step & 0xff, take(from) & 1);
		break;
	case 2:
		minifw_text_add(out, " proto=tcp tcp_flags=syn/syn,ack");
		break;
	case 3:
		minifw_text_add(out, " proto=tcp,udp,gre");
		break;
	case 4:
		minifw_text_add(out, " proto=udp");
		write_ports(out, "sport", from, step);
		write_ports(out, "dport", from, 0);
		break;
	case 5:
		minifw_text_add(out, " proto=tcp,udp");
		write_ports(out, "sport", from, 0);
		break;
	default:
		minifw_text_add(out, " proto=tcp");
		write_ports(out, "dport", from, step);
	}
}

static void write_others(struct minifw_text *out, struct source *from, u32 step)
{
	u8 byte = take(from);

	if (byte & 1)
		minifw_text_add(out, " iif=%s", ifaces[byte >> 6]);
	if (byte & 2)
		minifw_text_add(out, " ct_state=new");
	if (byte & 4)
		minifw_text_add(out, " mark=%u", step & 0xff);
	if ((byte & 0x38) == 0x38)
		minifw_text_add(out, " mark=1/3");
}

/* Where the rule says nothing else of a field, the set that is next in line. */
static void write_sets(struct minifw_text *out, struct source *from, u8 shape, u32 step)
{
	u8 byte = take(from);
	const char *negated = byte & 8 ? "!" : "";
	u32 number = (byte / 16 + step) % SETS;

	if ((byte & 1) && !(shape & 1))
		minifw_text_add(out, " saddr=%s@a%u", negated, number);
	if ((byte & 2) && !(shape & 2))
		minifw_text_add(out, " daddr=%s@a%u", negated, (number + step / SETS) % SETS);
	if ((byte & 4) && !(shape & 4))
		minifw_text_add(out, " proto=tcp,udp %s=%s@p%u", byte & 0x10 ? "sport" : "dport",
				negated, number);
}

static void bind_sets(struct minifw_spec *spec)
{
	struct minifw_set_ref *ref;
	u64 left = spec->attrs;
	enum minifw_attr_id id;

	while ((ref = minifw_spec_next_ref(spec, &left, &id)))
		ref->set = &sets[atoi(ref->name + 1) + (ref->name[0] == 'p' ? SETS : 0)];
}

/* What contradicts itself is passed over. */
static bool draw_rule(struct minifw_live *rule, struct source *from, u32 step, bool by_set)
{
	char line[512] = "";
	struct minifw_text out = { .buf = line, .size = sizeof(line) };
	struct minifw_error err = {};
	u8 shape = by_set ? 0 : take(from);
	bool ip6 = shape & 0x80;

	minifw_text_add(&out, "hook=input action=drop");
	if (shape & 1)
		write_addrs(&out, "saddr", from, ip6, shape & 0x10 ? step : 0);
	if (shape & 2)
		write_addrs(&out, "daddr", from, ip6, shape & 0x20 ? step : 0);
	if (shape & 4)
		write_transport(&out, from, ip6, shape & 0x40 ? step : 0);
	if (shape & 8)
		write_others(&out, from, step);
	if (by_set || (shape & 8))
		write_sets(&out, from, shape, step);
	memset(rule, 0, sizeof(*rule));
	minifw_spec_init(&rule->spec);
	if (!minifw_pairs_parse(&rule->spec, line, MINIFW_LINE_ATTRS, &err) && !minifw_spec_seal(&rule->spec, &err)) {
		bind_sets(&rule->spec);
		return true;
	}
	minifw_spec_clear(&rule->spec);
	return false;
}

/**
 * struct drawn - rules, in order
 */
struct drawn {
	unsigned int count;
	struct minifw_live *rule[RULES_MAX];
};

/* A rule, or many that differ by a step each, or by the set that they name alone. */
static void draw_rules(struct drawn *drawn, struct source *from)
{
	static struct minifw_live pool[RULES_MAX];

	while (from->size > PACKETS && drawn->count < RULES_MAX) {
		u8 kind = take(from);
		bool by_set = kind >= 0xe0;
		unsigned int i, count = kind < 0x10 ? 1 + kind * 6 : by_set ? 8 + kind % 32 * 3 : 1;
		struct source start = *from;

		for (i = 0; i < count && drawn->count < RULES_MAX; i++) {
			*from = start;
			if (draw_rule(&pool[drawn->count], from, i, by_set))
				drawn->rule[drawn->count] = &pool[drawn->count], drawn->count++;
		}
	}
}

/* ---- packets ---- */

static struct minifw_addr draw_addr(struct source *from, bool ip6)
{
	u8 byte = take(from), low = take(from);
	u32 addr = 0x0a000000 | (byte & 0xc3) << 8 | (byte & 7) << 16 | low;

	if (!ip6)
		return (struct minifw_addr){ .lo = addr };
	return (struct minifw_addr){ .hi = 0x20010db800000000ULL | addr >> 16 >> 16,
				     .lo = (u64)addr << 16 | (byte & 3) };
}

static void draw_packet(struct minifw_packet *packet, struct source *from)
{
	static const u8 protos[] = { 6, 17, 1, 58, 47, 6, 17, 0 };
	static const struct net_device devices[] = { { "eth0" }, { "eth1" }, { "eth2" }, { "lo" } };
	static struct nf_hook_state state;
	static struct sk_buff skb;
	u8 shape = take(from), more = take(from);
	bool ip6 = shape & 0x80;

	state = (struct nf_hook_state){ .hook = NF_INET_LOCAL_IN, .in = &devices[more & 3] };
	skb = (struct sk_buff){ .mark = more >> 2, .tracked = shape & 0x40,
				.ctinfo = more & 4 ? IP_CT_NEW : IP_CT_ESTABLISHED };
	*packet = (struct minifw_packet){
		.skb = &skb, .state = &state, .family = ip6 ? MINIFW_IP6 : MINIFW_IP,
		.saddr = draw_addr(from, ip6), .daddr = draw_addr(from, ip6),
		.sport = take(from), .dport = take(from), .icmp = take(from) << 8 | (more & 1),
		.proto = protos[shape & 7], .tcp_flags = take(from),
		.has = MINIFW_HAS_ADDR | MINIFW_HAS_PROTO,
	};
	if ((packet->proto == 6 || packet->proto == 17) && shape & 0x38)
		packet->has |= MINIFW_HAS_PORTS;
	if (packet->proto == 6 && shape & 0x38)
		packet->has |= MINIFW_HAS_TCP;
	if (packet->proto == (ip6 ? 58 : 1))
		packet->has |= MINIFW_HAS_ICMP;
	if ((shape & 0x3f) == 0x3f)
		packet->has &= MINIFW_HAS_ADDR;
}

static bool matches(const struct minifw_live *rule, const struct minifw_packet *packet)
{
	return rule->spec.families & BIT(packet->family) && minifw_match(&rule->spec, packet);
}

/* All that matches, each from where the one before was found. */
static void check_packet(struct minifw_classifier *const *classifier, const struct drawn *drawn,
			 const struct minifw_packet *packet)
{
	const struct minifw_leaf *got;
	unsigned int i, after = 0;

	for (i = 0; i < drawn->count; i++) {
		if (!matches(drawn->rule[i], packet))
			continue;
		got = minifw_classifier_lookup(classifier[packet->family], packet, after);
		CHECK(got &&
		      minifw_classifier_rule(classifier[packet->family], got) == drawn->rule[i],
		      "of %u rules number %u is the next", drawn->count, i);
		after = i + 1;
	}
	got = minifw_classifier_lookup(classifier[packet->family], packet, after);
	CHECK(!got, "of %u rules one matches that does not, from %u on", drawn->count, after);
}

static void classifiers_free(struct minifw_classifier **classifier)
{
	unsigned int family;

	for (family = 0; family < MINIFW_NR_FAMILIES; family++)
		minifw_classifier_free(classifier[family]);
}

/* Without memory at some point nothing is made, and nothing is left. */
static bool classifiers_build(struct minifw_classifier **classifier, const struct drawn *drawn)
{
	unsigned int family;

	for (family = 0; family < MINIFW_NR_FAMILIES; family++) {
		classifier[family] = minifw_classifier_build(drawn->rule, drawn->count,
							     MINIFW_AT_INPUT, family);
		if (!IS_ERR(classifier[family]))
			continue;
		CHECK(PTR_ERR(classifier[family]) == -ENOMEM && kernel_allocations_left >= 0,
		      "it is refused: %ld", PTR_ERR(classifier[family]));
		classifier[family] = NULL;
		return false;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct minifw_classifier *classifier[MINIFW_NR_FAMILIES] = {};
	static struct drawn drawn;
	struct source from = { data, size };
	struct minifw_packet packet;
	u8 left = take(&from), seed = take(&from);
	unsigned int i;

	fill_sets(seed);
	drawn.count = 0;
	draw_rules(&drawn, &from);
	kernel_allocations_left = left & 0x80 ? left & 0x7f : -1;
	if (classifiers_build(classifier, &drawn)) {
		kernel_allocations_left = -1;
		for (i = 0; i < PACKETS; i++) {
			draw_packet(&packet, &from);
			check_packet(classifier, &drawn, &packet);
			change_set(seed + 5 * i);
			check_packet(classifier, &drawn, &packet);
		}
	}
	kernel_allocations_left = -1;
	classifiers_free(classifier);
	CHECK(!watched, "%u watches are left", watched);
	empty_sets();
	for (i = 0; i < drawn.count; i++)
		minifw_spec_clear(&drawn.rule[i]->spec);
	return 0;
}
