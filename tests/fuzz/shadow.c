// SPDX-License-Identifier: GPL-2.0
/*
 * One rule that takes all packets of another: what minifw_spec_covers() says is held against
 * match.c, over packets of a small world.  Where it says that a rule covers another, no
 * packet may match the other alone.  Where it does not say so, and no packet does, that is a
 * miss, which is counted: not each one is a fault, since it says what is certain.
 *
 * With -DBRUTE it is a program of its own that draws rule sets at random, as many as its
 * first argument says, and prints what came of it.
 */
#include "kernel.h"
#include "attr.h"
#include "check.h"
#include "cover.h"
#include "error.h"
#include "input.h"
#include "line.h"
#include "match.h"
#include "meta.h"
#include "packet.h"
#include "reference.h"
#include "set_ref.h"
#include "text.h"

#define RULES 6
#ifdef BRUTE
#define PACKETS 2000
#else
#define PACKETS 256	/* so that there are many inputs */
#endif
#define ENOUGH 4	/* packets that a rule must match for its misses to count */

/**
 * struct source - the bytes that are left, zeroes after them; or, without any, random ones
 */
struct source {
	const u8 *data;
	size_t size;
	u64 random;
};

static u8 take(struct source *from)
{
	if (from->random) {
		from->random ^= from->random << 13;
		from->random ^= from->random >> 7;
		from->random ^= from->random << 17;
		return from->random >> 32;
	}
	if (!from->size)
		return 0;
	from->size--;
	return *from->data++;
}

/* ---- packets ---- */

/**
 * struct sample - a packet with all that the kernel would know of it
 */
struct sample {
	struct minifw_packet packet;
	struct sk_buff skb;
	struct nf_hook_state state;
	u8 stage;
	u16 length;
	int fragment;
	u8 exthdrs;
	u8 ipopts;
	int dscp;
	const u8 *mac;
	u8 addr_types[2];
	u8 pkttype;
	u8 ct_status;
	u32 ct_mark;
	struct minifw_addr orig_daddr;
	int orig_dport;
	int uid;
	u8 rpf;
	u8 ipsec;
};

static struct sample samples[PACKETS];

static const struct sample *sample_of(const struct minifw_packet *packet)
{
	return container_of(packet, const struct sample, packet);
}

static const struct minifw_addr addrs[MINIFW_NR_FAMILIES][8] = {
	{ { .lo = 0 }, { .lo = 0x0a000000 }, { .lo = 0x0a000001 }, { .lo = 0x0a000002 },
	  { .lo = 0x0a000003 }, { .lo = 0x0a000100 }, { .lo = 0xc0000201 }, { .lo = 0xffffffff } },
	{ { .lo = 0 }, { .hi = 0x20010db800000000 }, { .hi = 0x20010db800000000, .lo = 1 },
	  { .hi = 0x20010db800000000, .lo = 2 }, { .hi = 0x20010db800000000, .lo = 1ULL << 63 },
	  { .hi = 0x20010db800000001 }, { .hi = 0xfe80000000000000, .lo = 1 },
	  { .hi = ~0ULL, .lo = ~0ULL } },
};

static const u16 ports[] = { 0, 1, 22, 23, 24, 80, 65535 };
static const u8 protos[] = { 6, 6, 6, 17, 17, 1, 58, 1, 58, 132, 47, 253 };
static const struct net_device devices[] = {
	{ "eth0" }, { "eth1" }, { "eth10" }, { "lo" }, { "wg0" },
};
static const u8 macs[][ETH_ALEN] = { { 2, 0, 0, 0, 0, 1 }, { 2, 0, 0, 0, 0, 2 } };
static const u16 lengths[] = { 40, 41, 1500 };
static const u8 stages[] = {
	MINIFW_AT_PREROUTING, MINIFW_AT_INPUT, MINIFW_AT_FORWARD, MINIFW_AT_OUTPUT,
};

#define PICK(array, from) ((array)[take(from) % ARRAY_SIZE(array)])

/* Where it is broken, it has less: see packet.c. */
static u8 draw_has(const struct minifw_packet *packet, struct source *from)
{
	u8 has = MINIFW_HAS_ADDR | MINIFW_HAS_PROTO, broken = take(from);

	if (broken < 8)
		return 0;
	if (broken < 16 && packet->family == MINIFW_IP6)
		return MINIFW_HAS_ADDR;
	if (broken < 40)
		return has;
	if (packet->proto == 6)
		has |= MINIFW_HAS_PORTS | MINIFW_HAS_TCP;
	if (packet->proto == 17 || packet->proto == 132)
		has |= MINIFW_HAS_PORTS;
	if (packet->proto == (packet->family == MINIFW_IP ? 1 : 58))
		has |= MINIFW_HAS_ICMP;
	return has;
}

static void draw_packet(struct minifw_packet *packet, struct source *from)
{
	packet->family = take(from) & 1;
	packet->saddr = PICK(addrs[packet->family], from);
	packet->daddr = PICK(addrs[packet->family], from);
	packet->sport = PICK(ports, from);
	packet->dport = PICK(ports, from);
	packet->proto = PICK(protos, from);
	packet->icmp = (take(from) & 1 ? 8 : 128) << 8 | take(from) % 3;
	packet->hop_limit = take(from) & 1 ? 1 : 255;
	packet->has = draw_has(packet, from);
	packet->tcp_flags = packet->has & MINIFW_HAS_TCP ? take(from) & 0x17 : 0;
	if (!(packet->has & MINIFW_HAS_PROTO))
		packet->proto = 0;
}

/* What comes in has no socket, and what goes out of this host did not come in. */
static void draw_way(struct sample *sample, struct source *from)
{
	sample->stage = PICK(stages, from);
	sample->state.in = sample->stage == MINIFW_AT_OUTPUT ? NULL : &PICK(devices, from);
	sample->state.out = sample->stage == MINIFW_AT_FORWARD ||
			    sample->stage == MINIFW_AT_OUTPUT ? &PICK(devices, from) : NULL;
	sample->uid = sample->stage == MINIFW_AT_OUTPUT ? take(from) % 4 - 1 : -1;
	sample->mac = take(from) & 3 ? PICK(macs, from) : NULL;
	sample->rpf = BIT(take(from) % 2);
	sample->ipsec = take(from) % 3 ? BIT(MINIFW_IPSEC_NONE) : 1 + take(from) % 3;
}

static void draw_conntrack(struct sample *sample, struct source *from)
{
	static const enum ip_conntrack_info infos[] = {
		IP_CT_NEW, IP_CT_NEW, IP_CT_ESTABLISHED, IP_CT_ESTABLISHED_REPLY, IP_CT_RELATED,
	};

	sample->skb.tracked = take(from) & 3;
	sample->skb.ctinfo = PICK(infos, from);
	if (!sample->skb.tracked && take(from) & 1)
		sample->skb.ctinfo = IP_CT_UNTRACKED;
	sample->ct_status = take(from) & 0x36;
	sample->ct_mark = take(from) & 7;
	sample->orig_daddr = PICK(addrs[sample->packet.family], from);
	sample->orig_dport = take(from) & 3 ? PICK(ports, from) : -1;
}

static void draw_sample(struct sample *sample, struct source *from)
{
	memset(sample, 0, sizeof(*sample));
	draw_packet(&sample->packet, from);
	draw_way(sample, from);
	draw_conntrack(sample, from);
	sample->packet.skb = &sample->skb;
	sample->packet.state = &sample->state;
	sample->skb.mark = take(from) & 7;
	sample->length = PICK(lengths, from);
	sample->fragment = take(from) % 4 - 1;
	sample->exthdrs = take(from) & 3;
	sample->ipopts = take(from) & 7;
	sample->dscp = take(from) % 16 ? 46 * (take(from) & 1) : -1;
	sample->addr_types[0] = take(from) % 5 ? BIT(take(from) % 4) : 0;
	sample->addr_types[1] = take(from) % 5 ? BIT(take(from) % 4) : 0;
	sample->pkttype = take(from) % 9 ? BIT(take(from) % 4) : 0;
}

/* The same for the same seed. */
static void draw_samples(unsigned int seed)
{
	struct source from = { .random = 0x9e3779b97f4a7c15 + seed };
	static unsigned int drawn = -1;
	unsigned int i;

	if (drawn == seed)
		return;
	drawn = seed;
	for (i = 0; i < PACKETS; i++)
		draw_sample(&samples[i], &from);
}

/* ---- what match.c asks ---- */

static const char *set_name(const struct minifw_list *list)
{
	return container_of(list, const struct minifw_set_ref, list)->name;
}

/* A set has every third key. */
static bool set_has(const struct minifw_list *list, const void *key, size_t size)
{
	return jhash(key, size, set_name(list)[0]) % 3 == 0;
}

bool minifw_set_match(const struct minifw_list *list, const struct minifw_packet *packet, u8 family,
		      struct minifw_key key)
{
	return set_has(list, &key, sizeof(key)) != list->negated;
}

bool minifw_set_match_addr(const struct minifw_list *list, const struct minifw_packet *packet,
			   u8 family, struct minifw_addr addr)
{
	return set_has(list, &addr, sizeof(addr)) != list->negated;
}

/* Of the two sets that rules name here, one is of addresses and ports. */
bool minifw_set_match_side(const struct minifw_list *list, const struct minifw_packet *packet,
			   struct minifw_addr addr, u16 port)
{
	if (set_name(list)[0] == 's')
		return minifw_set_match_addr(list, packet, packet->family, addr);
	addr.hi ^= port;
	return packet->has & MINIFW_HAS_PORTS &&
	       minifw_set_match_addr(list, packet, packet->family, addr);
}

unsigned int minifw_packet_length(const struct minifw_packet *packet)
{
	return sample_of(packet)->length;
}

int minifw_packet_fragment(const struct minifw_packet *packet)
{
	return sample_of(packet)->fragment;
}

/* The first of them. */
u8 minifw_packet_exthdrs(const struct minifw_packet *packet, u8 wanted)
{
	u8 found = sample_of(packet)->exthdrs & wanted;

	return found & -found;
}

u8 minifw_packet_ipopts(const struct minifw_packet *packet)
{
	return sample_of(packet)->ipopts;
}

int minifw_packet_dscp(const struct minifw_packet *packet)
{
	return sample_of(packet)->dscp;
}

const u8 *minifw_packet_saddr_mac(const struct minifw_packet *packet)
{
	return sample_of(packet)->mac;
}

static bool match_ct_entry(const struct minifw_rare *rare, const struct sample *sample)
{
	if (!sample->skb.tracked)
		return false;
	if (rare->ct_status.bits && !minifw_match_flags(&rare->ct_status, sample->ct_status))
		return false;
	if (rare->ct_mark.mask && !minifw_match_mark(&rare->ct_mark, sample->ct_mark))
		return false;
	if (minifw_slot_is_set(rare->ct_orig_daddr) &&
	    !minifw_match_addr(rare->ct_orig_daddr, &sample->packet,
			       sample->packet.family, sample->orig_daddr))
		return false;
	return !minifw_slot_is_set(rare->ct_orig_dport) ||
	       (sample->orig_dport >= 0 &&
		minifw_match_range(rare->ct_orig_dport, &sample->packet,
				   sample->orig_dport));
}

static bool meta_matches(const struct minifw_spec *spec, const struct minifw_packet *packet)
{
	const struct sample *sample = sample_of(packet);
	const struct minifw_rare *rare = spec->rare;

	if (!minifw_match_mark(&rare->mark, packet->skb->mark))
		return false;
	if (rare->ipsec.bits && !minifw_match_flags(&rare->ipsec, sample->ipsec))
		return false;
	if (spec->attrs & MINIFW_CT_ENTRY_ATTRS && !match_ct_entry(rare, sample))
		return false;
	if (rare->pkttype.bits &&
	    !(sample->pkttype && minifw_match_flags(&rare->pkttype, sample->pkttype)))
		return false;
	if (rare->saddr_type.bits &&
	    !minifw_match_flags(&rare->saddr_type, sample->addr_types[0]))
		return false;
	if (rare->daddr_type.bits &&
	    !minifw_match_flags(&rare->daddr_type, sample->addr_types[1]))
		return false;
	if (rare->rpf.bits && !(rare->rpf.bits & sample->rpf))
		return false;
	return !minifw_slot_is_set(rare->uid) ||
	       (sample->uid >= 0 && minifw_match_range(rare->uid, packet, sample->uid));
}

bool minifw_meta_untold(const struct minifw_packet *packet) { return false; }

/* As meta.c, which asks the kernel. */
unsigned int minifw_meta_fails(const struct minifw_spec *spec, const struct minifw_packet *packet)
{
	return meta_matches(spec, packet) ? MINIFW_MATCHES : MINIFW_ATTR_mark;
}

/* ---- rules ---- */

/**
 * struct field - an attribute, and what it may say here
 */
struct field {
	const char *name;
	const char *words;	/* with blanks between them; an '!' ends it that may begin lists */
	unsigned int most;	/* words in a list */
};

static const struct field fields[] = {
	{ "action", "accept drop drop reject queue,7 continue", 1 },
	{ "hook", "input input input forward output input,forward prerouting", 1 },
	{ "saddr", "10.0.0.0/24 10.0.0.1 10.0.0.0/30 10.0.0.1-10.0.0.2 10.0.0.2-10.0.1.0"
	  " 0.0.0.0/0 0.0.0.0-10.0.0.1 10.0.0.2-255.255.255.255 0.0.0.1/0.0.0.3"
	  " 10.0.0.0/255.0.255.0 0.0.0.0-10.0.0.1,10.0.0.3-255.255.255.255 2001:db8::/32 2001:db8::/64 2001:db8::1 2001:db8::-2001:db8::1"
	  " ::/0 ::1/::1 fe80::/10 @s @t !", 3 },
	{ "daddr", "10.0.0.0/24 10.0.0.1 10.0.0.2/31 0.0.0.0/0 2001:db8::/32 ::/0 @s @t !", 2 },
	{ "proto", "tcp udp icmp icmpv6 gre sctp 253 !", 4 },
	{ "dport", "22 22-23 23 80 0-22 24-65535 0-65535 22-80 0-22,24-65535 @p !", 3 },
	{ "sport", "22 22-23 1-65535 0-65535 @p !", 2 },
	{ "iif", "eth0 eth1 eth* eth1* * lo @i !", 2 },
	{ "oif", "eth0 eth* lo !", 2 },
	{ "icmp_type", "8 8/0 8/1 128 !", 2 },
	{ "icmpv6_type", "128 128/0 128/1 8 !", 2 },
	{ "tcp_flags", "syn/syn,ack syn/syn ack/ack none/syn syn,ack/syn,ack,rst", 1 },
	{ "ct_state", "new established related invalid untracked !", 4 },
	{ "family", "ip ip6", 1 },
	{ "ct_status", "dnat snat assured seen-reply !", 2 },
	{ "ct_mark", "1 1/1 1/3 0/1", 1 },
	{ "ct_orig_daddr", "10.0.0.0/24 10.0.0.1 2001:db8::/32 @s !", 2 },
	{ "ct_orig_dport", "22 22-80 0-65535 !", 2 },
	{ "fragment", "none first later", 1 },
	{ "exthdr", "hbh rt !", 2 },
	{ "ipopt", "lsrr ssrr rr !", 2 },
	{ "saddr_mac", "02:00:00:00:00:01 02:00:00:00:00:02 !", 2 },
	{ "length", "40 41-65535 0-40,42-65535 0-65535 !", 1 },
	{ "ttl", "1 0-255 2-255 !", 2 },
	{ "dscp", "ef 0 !", 2 },
	{ "pkttype", "host broadcast multicast other !", 3 },
	{ "saddr_type", "local broadcast multicast unicast !", 3 },
	{ "daddr_type", "local broadcast multicast unicast !", 3 },
	{ "mark", "1 1/1 1/3 3/3 0/1", 1 },
	{ "uid", "0 1-2 0-4294967295 !", 2 },
	{ "rpf", "pass fail", 1 },
	{ "ipsec", "in out none", 1 },
	{ "time", "mon-fri", 1 },
	{ "limit", "10/second", 1 },
	{ "expires", "60", 1 },
	{ "add_to", "@s,key,saddr", 1 },
	{ "log", "on", 1 },
};

#define ALWAYS 2	/* the first have a value in each rule */
#define OFTEN 14	/* and these in more than the others */

/**
 * struct draft - the words of a rule; where a field has none, it is empty
 */
struct draft {
	char value[ARRAY_SIZE(fields)][160];
};

/* The word number @which of @words, counted round. */
static void put_word(struct minifw_text *out, const char *words, unsigned int which)
{
	const char *word, *end;
	unsigned int i, count = 1;

	for (word = words; *word; word++)
		count += *word == ' ' && word[1] != '!';
	for (word = words, i = which % count; i; i--)
		word = strchr(word, ' ') + 1;
	end = strchrnul(word, ' ');
	minifw_text_add(out, "%.*s", (int)(end - word), word);
}

static void draw_value(char *value, const struct field *field, struct source *from)
{
	struct minifw_text out = { .buf = value, .size = sizeof(((struct draft *)0)->value[0]) };
	unsigned int i, count = 1 + take(from) % field->most;
	bool may_negate = field->words[strlen(field->words) - 1] == '!';

	*value = '\0';
	if (may_negate && !(take(from) & 3))
		minifw_text_add(&out, "!");
	for (i = 0; i < count; i++) {
		minifw_text_add(&out, "%s", i ? "," : "");
		put_word(&out, field->words, take(from));
	}
}

/* From nothing, or from another: with a few fields drawn anew. */
static void draw_draft(struct draft *draft, struct source *from)
{
	unsigned int i, changes = take(from) % 5;

	for (i = 0; i < ALWAYS; i++)
		if (!*draft->value[i] || take(from) < 40)
			draw_value(draft->value[i], &fields[i], from);
	while (changes--) {
		i = ALWAYS + take(from) % ((take(from) & 1 ? OFTEN : ARRAY_SIZE(fields)) - ALWAYS);
		if (take(from) % 3)
			draw_value(draft->value[i], &fields[i], from);
		else
			*draft->value[i] = '\0';
	}
}

/* In two of the fields above commas stand for blanks. */
static void write_value(struct minifw_text *out, const char *name, const char *value)
{
	bool blanks = !strcmp(name, "add_to") || !strncmp(value, "queue", 5);

	minifw_text_add(out, " %s=\"", name);
	for (; *value; value++)
		minifw_text_add(out, "%c", blanks && *value == ',' ? ' ' : *value);
	minifw_text_add(out, "\"");
}

static bool read_draft(const struct draft *draft, struct minifw_spec *spec)
{
	char line[4096] = "";
	struct minifw_text out = { .buf = line, .size = sizeof(line) };
	struct minifw_error err = {};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (*draft->value[i])
			write_value(&out, fields[i].name, draft->value[i]);
	minifw_spec_init(spec);
	if (!minifw_pairs_parse(spec, line, MINIFW_LINE_ATTRS, &err) && !minifw_spec_seal(spec, &err))
		return true;
	minifw_spec_clear(spec);
	return false;
}

/**
 * struct drawn - a rule, and which of the packets it matches
 */
struct drawn {
	struct draft draft;
	struct minifw_spec spec;
	unsigned int matches;
	DECLARE_BITMAP(match, PACKETS);
};

static void find_matches(struct drawn *rule)
{
	const struct minifw_spec *spec = &rule->spec;
	unsigned int i;

	bitmap_zero(rule->match, PACKETS);
	for (i = 0; i < PACKETS; i++)
		if (spec->stages & BIT(samples[i].stage) &&
		    spec->families & BIT(samples[i].packet.family) &&
		    minifw_match(spec, &samples[i].packet))
			__set_bit(i, rule->match);
	rule->matches = bitmap_weight(rule->match, PACKETS);
}

/* What contradicts itself is drawn again, a few times. */
static unsigned int draw_rules(struct drawn *rules, struct source *from)
{
	unsigned int i, count = 0;
	u8 after;

	for (i = 0; i < 4 * RULES && count < RULES; i++) {
		after = take(from);
		if (count && after & 3)
			rules[count].draft = rules[after / 4 % count].draft;
		else
			memset(&rules[count].draft, 0, sizeof(rules[count].draft));
		draw_draft(&rules[count].draft, from);
		if (read_draft(&rules[count].draft, &rules[count].spec))
			find_matches(&rules[count++]);
	}
	return count;
}

/* ---- what came of it ---- */

static struct {
	unsigned long sets;
	unsigned long pairs;
	unsigned long said;
	unsigned long missed;
} seen;

static void say(const char *what, const struct drawn *a, const struct drawn *b)
{
	char lines[2][2048];
	struct minifw_text first = { .buf = lines[0], .size = sizeof(lines[0]) };
	struct minifw_text second = { .buf = lines[1], .size = sizeof(lines[1]) };

	minifw_spec_line(&a->spec, &first);
	minifw_spec_line(&b->spec, &second);
	printf("%s:\n %s\n %s\n", what, lines[0], lines[1]);
}

/* With one of these it is not said, on purpose. */
#define NEVER_SAID ( \
	MINIFW_LIMIT_ATTRS | BIT_ULL(MINIFW_ATTR_time) | BIT_ULL(MINIFW_ATTR_expires))

static bool could_be_said(const struct drawn *a)
{
	return a->spec.action.verdict != MINIFW_CONTINUE && !(a->spec.attrs & NEVER_SAID);
}

static void check_pair(const struct drawn *a, const struct drawn *b)
{
	bool covers = minifw_spec_covers(&a->spec, &b->spec), all;

	all = bitmap_subset(b->match, a->match, PACKETS);
	if (covers && !(all && could_be_said(a)))
		say("a false alarm", a, b);
	CHECK(!covers || all, "of %u packets some miss the rule that is to take all", b->matches);
	CHECK(!covers || could_be_said(a), "a rule is to take all that does not decide");
	seen.pairs++;
	if (b->matches < ENOUGH || !all || !could_be_said(a))
		return;
	seen.said += covers;
	seen.missed += !covers;
	if (!covers && getenv("SHADOW_MISSES"))
		say("a miss", a, b);
}

static void check_rules(struct source *from)
{
	static struct drawn rules[RULES];
	unsigned int i, j, count;

	count = draw_rules(rules, from);
	for (i = 0; i < count; i++)
		for (j = i + 1; j < count; j++)
			check_pair(&rules[i], &rules[j]);
	for (i = 0; i < count; i++)
		minifw_spec_clear(&rules[i].spec);
	seen.sets++;
}

#ifdef BRUTE

#define SETS_A_WORLD 1000

int main(int argc, char **argv)
{
	struct source from = { .random = argc > 2 ? strtoull(argv[2], NULL, 0) : 1 };
	unsigned long i, sets = argc > 1 ? strtoul(argv[1], NULL, 0) : 100000;

	for (i = 0; i < sets; i++) {
		draw_samples(i / SETS_A_WORLD);
		check_rules(&from);
	}
	printf("%lu sets of rules, %lu pairs, no false alarm; of %lu rules that a single one takes"
	       " all packets of, %lu not told (%lu in 1000)\n", seen.sets, seen.pairs,
	       seen.said + seen.missed, seen.missed,
	       seen.missed * 1000 / (seen.said + seen.missed + !seen.said));
	return 0;
}

#else

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source from = { .data = data, .size = size };

	draw_samples(take(&from) & 0x3f);
	check_rules(&from);
	return 0;
}

#endif
