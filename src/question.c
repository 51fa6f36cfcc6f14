// SPDX-License-Identifier: GPL-2.0
/*
 * What somebody says of a packet that was never sent.  Its values are written as those of
 * rules are, by the same parsers, but are one value each; what contradicts what is there is
 * refused at the write.
 */
#include <linux/bitops.h>
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/in.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "attr.h"
#include "compat.h"
#include "error.h"
#include "judge.h"
#include "question.h"
#include "text.h"

/* RFC 3692: for experiments, so that no rule but one without a protocol matches by accident. */
#define PROTO_UNSET 253

/* What goes with raw bytes. */
#define BESIDE_PACKET ( \
	BIT_ULL(MINIFW_ATTR_hook) | BIT_ULL(MINIFW_ATTR_iif) | BIT_ULL(MINIFW_ATTR_oif) | \
	BIT_ULL(MINIFW_ATTR_ct_state))

/**
 * minifw_question_clear() - say nothing any more
 * @question: what was said
 *
 * Context: process.
 */
void minifw_question_clear(struct minifw_question *question)
{
	minifw_spec_clear(&question->spec);
	kfree(question->bytes);
	question->bytes = NULL;
	question->size = 0;
}

/* ---- one value ---- */

static u32 range_value(struct minifw_slot slot)
{
	union minifw_ranges_room room;
	const struct minifw_ranges *ranges = minifw_ranges_of(slot, &room);

	return ranges ? ranges->range[0].first : 0;
}

/* Of ICMP, a type without a code is one value too, and its code then is 0. */
static bool range_is_one(struct minifw_slot slot, bool icmp)
{
	union minifw_ranges_room room;
	const struct minifw_ranges *ranges = minifw_ranges_of(slot, &room);
	u32 first = ranges->range[0].first, last = ranges->range[0].last;

	if (ranges->list.count != 1)
		return false;
	return first == last || (icmp && !(first & U8_MAX) && last == (first | U8_MAX));
}

static u8 proto_value(struct minifw_slot slot)
{
	struct minifw_codes room;
	const struct minifw_codes *codes = minifw_codes_of(slot, &room);

	return codes ? find_first_bit(codes->bits, 256) : PROTO_UNSET;
}

static struct minifw_addr addr_value(struct minifw_slot slot)
{
	union minifw_addrs_room room;
	const struct minifw_addrs *addrs = minifw_addrs_of(slot, &room);

	return addrs ? addrs->pair[0].a : (struct minifw_addr){};
}

static bool addr_is_one(struct minifw_slot slot)
{
	union minifw_addrs_room room;
	const struct minifw_addrs *addrs = minifw_addrs_of(slot, &room);
	u8 masks = addrs->part[MINIFW_IP].masks + addrs->part[MINIFW_IP6].masks;
	u8 ranges = addrs->part[MINIFW_IP].ranges + addrs->part[MINIFW_IP6].ranges;

	return !masks && ranges == 1 && !minifw_addr_cmp(addrs->pair[0].a, addrs->pair[0].b);
}

static bool iface_is_one(const struct minifw_ifaces *ifaces)
{
	const struct minifw_iface *iface = &ifaces->iface[0];

	return ifaces->list.count == 1 && iface->len == strlen(iface->name) + 1;
}

/* Of an attribute that has a value, and was written without `,`, `!` and `@`. */
static bool is_one(const struct minifw_spec *spec, enum minifw_attr_id id)
{
	switch (id) {
	case MINIFW_ATTR_iif:
		return iface_is_one(spec->iif);
	case MINIFW_ATTR_oif:
		return iface_is_one(spec->oif);
	case MINIFW_ATTR_saddr:
		return addr_is_one(spec->saddr);
	case MINIFW_ATTR_daddr:
		return addr_is_one(spec->daddr);
	case MINIFW_ATTR_sport:
		return range_is_one(spec->sport, false);
	case MINIFW_ATTR_dport:
		return range_is_one(spec->dport, false);
	case MINIFW_ATTR_icmp_type:
		return range_is_one(spec->rare->icmp_type, true);
	case MINIFW_ATTR_icmpv6_type:
		return range_is_one(spec->rare->icmpv6_type, true);
	case MINIFW_ATTR_length:
		return range_is_one(spec->rare->length, false);
	case MINIFW_ATTR_uid:
		return range_is_one(spec->rare->uid, false);
	case MINIFW_ATTR_mark:
		return spec->rare->mark.mask == U32_MAX;
	default:
		return true;
	}
}

static int not_one(enum minifw_attr_id id, const char *text, struct minifw_error *err)
{
	return minifw_error_set(err, -EINVAL, "%s: '%.40s' is not one value", minifw_attr_name(id),
				text);
}

/* A rule says which flags count: of a packet all do. */
static int set_tcp_flags(struct minifw_spec *spec, const char *text, struct minifw_error *err)
{
	char *with_mask;
	int ret;

	if (strchr(text, '/'))
		return minifw_error_set(err, -EINVAL, "tcp_flags: '%.40s' has a mask", text);
	with_mask = kasprintf(GFP_KERNEL, "%s/fin,syn,rst,psh,ack,urg,ece,cwr", text);
	if (!with_mask)
		return minifw_error_set(err, -ENOMEM, "tcp_flags: out of memory");
	ret = minifw_spec_set(spec, MINIFW_ATTR_tcp_flags, with_mask, err);
	kfree(with_mask);
	return ret;
}

static bool clears(const char *text)
{
	return !*text || !strcmp(text, "any");
}

static int set_one(struct minifw_spec *spec, enum minifw_attr_id id, const char *text,
		   struct minifw_error *err)
{
	char *copy;
	int ret;

	if (id == MINIFW_ATTR_tcp_flags)
		return set_tcp_flags(spec, text, err);
	if (strpbrk(text, ",!@"))
		return not_one(id, text, err);
	copy = kstrdup(text, GFP_KERNEL);
	if (!copy)
		return minifw_error_set(err, -ENOMEM, "%s: out of memory", minifw_attr_name(id));
	ret = minifw_spec_set(spec, id, copy, err);
	kfree(copy);
	if (!ret && (!minifw_spec_asks(spec, id) || !is_one(spec, id)))
		return not_one(id, text, err);
	return ret;
}

/* The hook has no text that clears it: a rule has one at all times. */
static int unset(struct minifw_spec *spec, enum minifw_attr_id id, struct minifw_error *err)
{
	char nothing[] = "";

	if (id != MINIFW_ATTR_hook)
		return minifw_spec_set(spec, id, nothing, err);
	spec->attrs &= ~BIT_ULL(id);
	spec->hook.bits = 0;
	return 0;
}

/* ---- what it all says ---- */

static u8 hook_of(const struct minifw_spec *spec)
{
	return minifw_spec_asks(spec, MINIFW_ATTR_hook) ? __ffs(spec->hook.bits) :
							  MINIFW_AT_INPUT;
}

/* The protocol that an attribute speaks of, or -ENOENT. */
static int proto_by(const struct minifw_spec *spec, enum minifw_attr_id id)
{
	if (!minifw_spec_asks(spec, id))
		return -ENOENT;
	switch (id) {
	case MINIFW_ATTR_proto:
		return proto_value(spec->proto);
	case MINIFW_ATTR_icmp_type:
		return IPPROTO_ICMP;
	case MINIFW_ATTR_icmpv6_type:
		return IPPROTO_ICMPV6;
	case MINIFW_ATTR_tcp_flags:
		return IPPROTO_TCP;
	default:
		return -ENOENT;
	}
}

static const enum minifw_attr_id proto_attrs[] = {
	MINIFW_ATTR_proto, MINIFW_ATTR_icmp_type, MINIFW_ATTR_icmpv6_type, MINIFW_ATTR_tcp_flags,
};

/* The first attribute that speaks of a protocol; MINIFW_NR_ATTRS where none does. */
static enum minifw_attr_id proto_attr(const struct minifw_spec *spec)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(proto_attrs); i++)
		if (proto_by(spec, proto_attrs[i]) >= 0)
			return proto_attrs[i];
	return MINIFW_NR_ATTRS;
}

/* As bits of enum minifw_family: those whose packets can have what an attribute says. */
static u8 families_by(const struct minifw_spec *spec, enum minifw_attr_id id)
{
	switch (id) {
	case MINIFW_ATTR_saddr:
		return minifw_addrs_families(spec->saddr);
	case MINIFW_ATTR_daddr:
		return minifw_addrs_families(spec->daddr);
	default:
		if (proto_by(spec, id) == IPPROTO_ICMP)
			return BIT(MINIFW_IP);
		if (proto_by(spec, id) == IPPROTO_ICMPV6)
			return BIT(MINIFW_IP6);
		return BIT(MINIFW_IP) | BIT(MINIFW_IP6);
	}
}

static const enum minifw_attr_id family_attrs[] = {
	MINIFW_ATTR_saddr, MINIFW_ATTR_daddr, MINIFW_ATTR_proto, MINIFW_ATTR_icmp_type,
	MINIFW_ATTR_icmpv6_type,
};

/* The first attribute that confines the packet to a family; MINIFW_NR_ATTRS where none does. */
static enum minifw_attr_id family_attr(const struct minifw_spec *spec)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(family_attrs); i++)
		if (minifw_spec_asks(spec, family_attrs[i]) &&
		    families_by(spec, family_attrs[i]) != (BIT(MINIFW_IP) | BIT(MINIFW_IP6)))
			return family_attrs[i];
	return MINIFW_NR_ATTRS;
}

static u8 family_of(const struct minifw_spec *spec)
{
	enum minifw_attr_id id = family_attr(spec);

	if (id == MINIFW_NR_ATTRS)
		return MINIFW_IP;
	return families_by(spec, id) == BIT(MINIFW_IP) ? MINIFW_IP : MINIFW_IP6;
}

static u8 ct_state_of(const struct minifw_spec *spec)
{
	return minifw_spec_asks(spec, MINIFW_ATTR_ct_state) ? __ffs(spec->ct_state.bits) :
							      MINIFW_CT_NEW;
}

/* Without a word, the first segment of a connection, or one of those that follow. */
static u8 tcp_flags_of(const struct minifw_spec *spec)
{
	if (minifw_spec_asks(spec, MINIFW_ATTR_tcp_flags))
		return spec->tcp_flags.value;
	return ct_state_of(spec) == MINIFW_CT_NEW ? MINIFW_TCP_SYN : MINIFW_TCP_ACK;
}

static void put_rare(struct minifw_probe *probe, const struct minifw_spec *spec)
{
	const struct minifw_rare *rare = spec->rare;

	probe->length = minifw_probe_headers(probe);
	probe->length = max_t(u16, probe->length, 40);
	if (!rare)
		return;
	probe->icmp = range_value(probe->family == MINIFW_IP ? rare->icmp_type :
							       rare->icmpv6_type);
	probe->mark = rare->mark.value;
	probe->has_uid = minifw_spec_asks(spec, MINIFW_ATTR_uid);
	probe->uid = range_value(rare->uid);
	if (minifw_spec_asks(spec, MINIFW_ATTR_length))
		probe->length = range_value(rare->length);
}

static void to_probe(const struct minifw_spec *spec, struct minifw_probe *probe)
{
	int proto = proto_by(spec, proto_attr(spec));

	*probe = (struct minifw_probe){
		.hook = hook_of(spec),
		.family = family_of(spec),
		.proto = proto < 0 ? PROTO_UNSET : proto,
		.tcp_flags = tcp_flags_of(spec),
		.ct_state = ct_state_of(spec),
		.saddr = addr_value(spec->saddr),
		.daddr = addr_value(spec->daddr),
		.sport = range_value(spec->sport),
		.dport = range_value(spec->dport),
	};
	if (spec->iif)
		strscpy(probe->iif, spec->iif->iface[0].name, sizeof(probe->iif));
	if (spec->oif)
		strscpy(probe->oif, spec->oif->iface[0].name, sizeof(probe->oif));
	put_rare(probe, spec);
}

/* ---- contradictions ---- */

static int check_packet(const struct minifw_spec *spec, const u8 *bytes, struct minifw_error *err)
{
	u64 other = spec->attrs & ~BESIDE_PACKET;

	if (!bytes || !other)
		return 0;
	return minifw_error_set(err, -EINVAL, "%s: the bytes of 'packet' say it",
				minifw_attr_name(__ffs64(other)));
}

static int check_hook(const struct minifw_spec *spec, struct minifw_error *err)
{
	unsigned int hook = hook_of(spec);
	const struct minifw_attr *attr;
	u64 left = spec->attrs;

	while ((attr = minifw_attr_next(&left)))
		if (attr - minifw_attrs != MINIFW_ATTR_hook && !(attr->hooks & BIT(hook)))
			return minifw_error_set(err, -EINVAL,
						"%s: packets at the hook '%s' have none",
						attr->name, minifw_hook_name(hook));
	return 0;
}

static int check_family(const struct minifw_spec *spec, struct minifw_error *err)
{
	enum minifw_attr_id first = family_attr(spec);
	unsigned int i;

	if (first == MINIFW_NR_ATTRS)
		return 0;
	for (i = 0; i < ARRAY_SIZE(family_attrs); i++)
		if (minifw_spec_asks(spec, family_attrs[i]) &&
		    !(families_by(spec, family_attrs[i]) & families_by(spec, first)))
			return minifw_error_set(err, -EINVAL, "%s: is of another family than '%s'",
						minifw_attr_name(family_attrs[i]),
						minifw_attr_name(first));
	return 0;
}

/* The first attribute that is about ports; MINIFW_NR_ATTRS where none is. */
static enum minifw_attr_id ports_attr(const struct minifw_spec *spec)
{
	if (minifw_spec_asks(spec, MINIFW_ATTR_sport))
		return MINIFW_ATTR_sport;
	return minifw_spec_asks(spec, MINIFW_ATTR_dport) ? MINIFW_ATTR_dport : MINIFW_NR_ATTRS;
}

static int check_proto(const struct minifw_spec *spec, struct minifw_error *err)
{
	enum minifw_attr_id first = proto_attr(spec), ports = ports_attr(spec);
	int proto = proto_by(spec, first);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(proto_attrs); i++)
		if (proto_by(spec, proto_attrs[i]) >= 0 &&
		    proto_by(spec, proto_attrs[i]) != proto)
			return minifw_error_set(err, -EINVAL,
						"%s: is of another protocol than '%s'",
						minifw_attr_name(proto_attrs[i]),
						minifw_attr_name(first));
	if (proto >= 0 && ports != MINIFW_NR_ATTRS && !minifw_proto_has_ports(proto))
		return minifw_error_set(err, -EINVAL, "%s: '%s' names a protocol without ports",
					minifw_attr_name(ports), minifw_attr_name(first));
	return 0;
}

static int check_length(const struct minifw_spec *spec, struct minifw_error *err)
{
	struct minifw_probe probe;

	if (!minifw_spec_asks(spec, MINIFW_ATTR_length))
		return 0;
	to_probe(spec, &probe);
	if (probe.length >= minifw_probe_headers(&probe))
		return 0;
	return minifw_error_set(err, -EINVAL, "length: %u is less than the headers, which take %u",
				probe.length, minifw_probe_headers(&probe));
}

static int check(const struct minifw_spec *spec, const u8 *bytes, struct minifw_error *err)
{
	return check_packet(spec, bytes, err) ?:
	       check_hook(spec, err) ?:
	       check_family(spec, err) ?:
	       check_proto(spec, err) ?:
	       check_length(spec, err);
}

/* ---- writing ---- */

/**
 * minifw_question_set() - write what is an attribute of rules
 * @question: changed only if the text is good
 * @id: which attribute, of MINIFW_PROBE_ATTRS
 * @text: one line without its newline; an empty one and `any` clear
 * @err: takes the reason, with the attribute's name
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0; -EINVAL for what is not one value, or contradicts another; -ERANGE, -ENOMEM.
 */
int minifw_question_set(struct minifw_question *question, enum minifw_attr_id id, char *text,
			struct minifw_error *err)
{
	struct minifw_spec new;
	int ret;

	if (minifw_spec_copy(&new, &question->spec))
		return minifw_error_set(err, -ENOMEM, "%s: out of memory", minifw_attr_name(id));
	text = strim(text);
	ret = clears(text) ? unset(&new, id, err) : set_one(&new, id, text, err);
	if (!ret)
		ret = check(&new, question->bytes, err);
	if (ret) {
		minifw_spec_clear(&new);
		return ret;
	}
	minifw_spec_clear(&question->spec);
	question->spec = new;
	return 0;
}

/* Returns how many bytes, or a negative errno. */
static int parse_hex(const char *text, u8 *bytes, struct minifw_error *err)
{
	unsigned int digits = 0;

	for (; *text; text++) {
		if (isspace(*text))
			continue;
		if (!isxdigit(*text))
			return minifw_error_set(err, -EINVAL,
						"packet: '%.8s' is not a hexadecimal digit", text);
		if (digits == MINIFW_PROBE_BYTES * 2)
			return minifw_error_set(err, -E2BIG, "packet: more than %u bytes",
						MINIFW_PROBE_BYTES);
		bytes[digits / 2] = bytes[digits / 2] << 4 | hex_to_bin(*text);
		digits++;
	}
	if (digits % 2)
		return minifw_error_set(err, -EINVAL, "packet: an odd number of digits: %u",
					digits);
	return digits / 2;
}

/**
 * minifw_question_set_packet() - write the bytes of the packet
 * @question: changed only if the text is good
 * @text: hexadecimal digits, with blanks between or not; none clear
 * @err: takes the reason, with the file's name
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0; -EINVAL for other text, or where there is a value that the bytes would say too;
 * -ENOMEM.
 */
int minifw_question_set_packet(struct minifw_question *question, const char *text,
			       struct minifw_error *err)
{
	u8 *bytes = kmalloc(MINIFW_PROBE_BYTES, GFP_KERNEL);
	int ret;

	if (!bytes)
		return minifw_error_set(err, -ENOMEM, "packet: out of memory");
	ret = parse_hex(text, bytes, err);
	if (ret > 0 && check_packet(&question->spec, bytes, err))
		ret = -EINVAL;
	if (ret <= 0) {
		kfree(bytes);
		bytes = NULL;
	}
	if (ret < 0)
		return ret;
	kfree(question->bytes);
	question->bytes = bytes;
	question->size = ret;
	return 0;
}

/* ---- reading ---- */

/**
 * minifw_question_show() - read what is an attribute of rules
 * @question: what is said
 * @id: which attribute
 * @out: takes it, in normal form; nothing where it is unset, but for the hook
 *
 * Context: minifw_ruleset_mutex held.
 */
void minifw_question_show(const struct minifw_question *question, enum minifw_attr_id id,
			  struct minifw_text *out)
{
	const struct minifw_spec *spec = &question->spec;
	const struct minifw_flags flags = { .bits = spec->tcp_flags.value };

	if (id == MINIFW_ATTR_hook)
		minifw_text_add(out, "%s", minifw_hook_name(hook_of(spec)));
	else if (id != MINIFW_ATTR_tcp_flags)
		minifw_spec_show(spec, id, out);
	else if (minifw_spec_asks(spec, id) && flags.bits)
		minifw_kind_flags.show(minifw_attrs[id].words, out, &flags);
	else if (minifw_spec_asks(spec, id))
		minifw_text_add(out, "none");
}

/* RFC 791 and RFC 8200, 3: the version comes first. What is neither is asked as IPv4. */
static u8 family_of_bytes(const u8 *bytes)
{
	return bytes[0] >> 4 == 6 ? MINIFW_IP6 : MINIFW_IP;
}

/**
 * minifw_question_probe() - the packet that is asked about
 * @question: what is said
 * @probe: takes it, with what is not said as README.md has it; it refers to @question's bytes
 * @err: takes the reason
 *
 * Context: minifw_ruleset_mutex held.
 * Return: 0; -ENODATA where nothing is said, or ports without a protocol.
 */
int minifw_question_probe(const struct minifw_question *question, struct minifw_probe *probe,
			  struct minifw_error *err)
{
	const struct minifw_spec *spec = &question->spec;

	if (!spec->attrs && !question->bytes)
		return minifw_error_set(err, -ENODATA, "nothing is written yet");
	if (ports_attr(spec) != MINIFW_NR_ATTRS && proto_attr(spec) == MINIFW_NR_ATTRS)
		return minifw_error_set(err, -ENODATA, "%s: needs a 'proto' that has ports",
					minifw_attr_name(ports_attr(spec)));
	to_probe(spec, probe);
	if (question->bytes) {
		probe->bytes = question->bytes;
		probe->size = question->size;
		probe->family = family_of_bytes(question->bytes);
	}
	return 0;
}
