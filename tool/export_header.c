// SPDX-License-Identifier: GPL-2.0
/* What a rule asks of headers: addresses, fragments, options, types of ICMP, flags of TCP. */
#include <string.h>

#include "export.h"

static const char *const ip_names[EXPORT_FAMILIES] = { "", "ip", "ip6" };

/* ---- addresses ---- */

/* A mask that is no prefix. */
static const char *mask_of(const char *address)
{
	const char *slash = strchr(address, '/');

	return slash && strpbrk(slash, ".:") ? slash + 1 : NULL;
}

static void say_masked(const char *field, const char *address, const char **is, const char **is_not)
{
	const char *mask = mask_of(address);
	int len = (int)(mask - address - 1);

	*is = keep("%s & %s == %.*s", field, mask, len, address);
	*is_not = keep("%s & %s != %.*s", field, mask, len, address);
}

static void ask_list(struct asking *asking, const char *field, const struct words *words)
{
	const char *are[WORDS_MAX + 1], *are_not[WORDS_MAX + 1];
	struct words plain = {};
	size_t count = 0, i;

	for (i = 0; i < words->count; i++) {
		bool ip6 = strchr(words->word[i], ':'), wanted = asking->family == IP6;

		if (ip6 != wanted)
			continue;
		if (!mask_of(words->word[i])) {
			plain.word[plain.count++] = words->word[i];
			continue;
		}
		count++;
		say_masked(field, words->word[i], &are[count], &are_not[count]);
	}
	are[0] = keep("%s %s", field, words_nft(&plain));
	are_not[0] = keep("%s != %s", field, words_nft(&plain));
	i = !plain.count;
	asking->told |= strncmp(field, "ct ", 3);
	if (count + 1 > i)
		asking_one_of(asking, are + i, are_not + i, count + 1 - i, words->negated);
	else
		asking->never = true;
}

/**
 * ask_addresses() - the attributes saddr, daddr and ct_orig_daddr
 * @asking: takes what they ask
 * @attribute: which of them
 * @field: what nft has before the family: nothing, or `ct original `
 */
void ask_addresses(struct asking *asking, const char *attribute, const char *field)
{
	const char *value = rule_get(asking->rule, attribute);
	struct words words;

	if (!value)
		return;
	words_read(&words, value);
	field = keep("%s%s %s", field, ip_names[asking->family],
		     strcmp(attribute, "saddr") ? "daddr" : "saddr");
	if (words.set)
		ask_set(asking, field, &words);
	else
		ask_list(asking, field, &words);
}

/* ---- pieces, extension headers, options ---- */

static void ask_fragment_ip(struct asking *asking, const char *value)
{
	asking->told = true;
	if (!strcmp(value, "none"))
		asking_add(asking, "ip frag-off & 0x3fff == 0");
	else if (!strcmp(value, "first"))
		asking_add(asking, "ip frag-off & 0x3fff == 0x2000");
	else
		asking_add(asking, "ip frag-off & 0x1fff != 0");
}

/* Whole is, too, what has a fragment header that says so. */
static void ask_fragment_ip6(struct asking *asking, const char *value)
{
	static const char *const whole[] = {
		"exthdr frag missing", "frag frag-off 0 frag more-fragments 0",
	};
	static const char *const not_whole[] = { "exthdr frag exists", "" };

	if (!strcmp(value, "none"))
		asking_one_of(asking, whole, not_whole, 2, false);
	else if (!strcmp(value, "first"))
		asking_add(asking, "frag frag-off 0 frag more-fragments 1");
	else
		asking_add(asking, "frag frag-off != 0");
}

/**
 * ask_fragment() - the attribute fragment
 * @asking: takes what it asks
 * @value: its value
 */
void ask_fragment(struct asking *asking, const char *value)
{
	if (asking->family == IP6)
		ask_fragment_ip6(asking, value);
	else
		ask_fragment_ip(asking, value);
}

/**
 * ask_exthdr() - the attribute exthdr
 * @asking: takes what it asks
 * @value: its value
 *
 * AH is not looked behind by nft: where there is one, it is the protocol.
 */
void ask_exthdr(struct asking *asking, const char *value)
{
	const char *are[WORDS_MAX], *are_not[WORDS_MAX];
	struct words words;
	size_t i;

	words_read(&words, value);
	for (i = 0; i < words.count; i++)
		if (!strcmp(words.word[i], "ah")) {
			are[i] = "meta l4proto ah";
			are_not[i] = "meta l4proto != ah";
		} else {
			are[i] = keep("exthdr %s exists", words.word[i]);
			are_not[i] = keep("exthdr %s missing", words.word[i]);
		}
	asking_one_of(asking, are, are_not, words.count, words.negated);
}

/**
 * ask_ipopt() - the attribute ipopt
 * @asking: takes what it asks
 * @value: its value
 */
void ask_ipopt(struct asking *asking, const char *value)
{
	const char *are[WORDS_MAX], *are_not[WORDS_MAX];
	struct words words;
	size_t i;

	words_read(&words, value);
	if (words_have(&words, "ts"))
		rule_cannot(asking->rule, "ipopt", "nft does not know the option ts");
	for (i = 0; i < words.count; i++) {
		are[i] = keep("ip option %s exists", words.word[i]);
		are_not[i] = keep("ip option %s missing", words.word[i]);
	}
	asking_one_of(asking, are, are_not, words.count, words.negated);
}

/* ---- ICMP and TCP ---- */

static bool has_code(const struct words *words)
{
	size_t i;

	for (i = 0; i < words->count; i++)
		if (strchr(words->word[i], '/'))
			return true;
	return false;
}

/* `3/4` as `3 . 4`, and a type without code as one with any. */
static void with_codes(struct words *words)
{
	size_t i;

	for (i = 0; i < words->count; i++) {
		const char *slash = strchr(words->word[i], '/');
		int len = (int)strcspn(words->word[i], "/");

		words->word[i] = keep("%.*s . %s", len, words->word[i],
				      slash ? slash + 1 : "0-255");
	}
}

/**
 * ask_icmp() - the attributes icmp_type and icmpv6_type
 * @asking: takes what it asks
 * @protocol: as nft calls it
 * @value: its value
 */
void ask_icmp(struct asking *asking, const char *protocol, const char *value)
{
	struct words words;
	const char *is_not;

	words_read(&words, value);
	is_not = words.negated ? "!= " : "";
	if (!has_code(&words)) {
		asking_add(asking, keep("%s type %s%s", protocol, is_not, words_nft(&words)));
	} else if (words.count == 1 && !words.negated) {
		const char *slash = strchr(value, '/');

		asking_add(asking, keep("%s type %.*s %s code %s", protocol, (int)(slash - value),
					value, protocol, slash + 1));
	} else {
		with_codes(&words);
		asking_add(asking, keep("%s type . %s code %s%s%s%s", protocol, protocol, is_not,
					words.count > 1 ? "" : "{ ", words_nft(&words),
					words.count > 1 ? "" : " }"));
	}
}

/* As nft says bits: `syn|ack`, or 0. */
static const char *bits_of(const char *list)
{
	const char *bits = NULL;
	struct words words;
	size_t i;

	words_read(&words, list);
	for (i = 0; i < words.count; i++) {
		const char *bit = strcmp(words.word[i], "ece") ? words.word[i] : "ecn";

		bits = bits ? keep("%s|%s", bits, bit) : bit;
	}
	return bits && strcmp(bits, "none") ? bits : "0";
}

/**
 * ask_tcp_flags() - the attribute tcp_flags
 * @asking: takes what it asks
 * @value: its value
 */
void ask_tcp_flags(struct asking *asking, const char *value)
{
	char *flags = keep("%s", value), *mask = strchr(flags, '/');

	*mask++ = '\0';
	asking_add(asking, keep(strchr(mask, ',') ? "tcp flags & (%s) == %s" :
						   "tcp flags & %s == %s",
				bits_of(mask), bits_of(flags)));
}
