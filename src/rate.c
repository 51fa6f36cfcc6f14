// SPDX-License-Identifier: GPL-2.0
/*
 * Rates and amounts as text: the values of limit, conn_limit and quota.  Pure
 * functions, as in parse.c.
 *
 * They are phrases, not lists: words in their order, between which blanks may
 * stand; a slash and a comma are words of their own.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/string.h>

#include "error.h"
#include "rate.h"
#include "text.h"

/* ---- words ---- */

/**
 * struct reader - a phrase that is being read
 * @rest: what comes behind @word
 * @word: the word to be looked at; empty at the end. One that is cut short is none that is known
 */
struct reader {
	const char *rest;
	char word[40];
};

static void next_word(struct reader *r)
{
	size_t len, kept;

	r->rest = skip_spaces(r->rest);
	len = strcspn(r->rest, "/, \t");
	if (!len && *r->rest)
		len = 1;
	kept = min(len, sizeof(r->word) - 1);
	memcpy(r->word, r->rest, kept);
	r->word[kept] = '\0';
	r->rest += len;
}

static struct reader reader_of(const char *text)
{
	struct reader r = { .rest = text };

	next_word(&r);
	return r;
}

/* Is it this word?  Then go on behind it. */
static bool took(struct reader *r, const char *word)
{
	if (strcmp(r->word, word))
		return false;
	next_word(r);
	return true;
}

/* ---- amounts ---- */

/* By what power of 1024 they are bytes. */
static const char *const units[] = { "bytes", "kbytes", "mbytes", "gbytes" };

/* The word is a number from 1 to @most. */
static int read_number(struct reader *r, u64 most, u64 *number, struct minifw_error *err)
{
	int ret = minifw_parse_u64(r->word, most, number);

	if (ret == -ERANGE || (!ret && !*number))
		return minifw_error_set(err, -ERANGE, "'%s' is out of range: it is 1 to %llu",
					r->word, (unsigned long long)most);
	if (ret)
		return minifw_error_set(err, ret, "'%s' is not a number", r->word);
	next_word(r);
	return 0;
}

/* A number of packets, or of bytes with their unit: *@bytes tells which. */
static int read_amount(struct reader *r, u64 *amount, bool *bytes, struct minifw_error *err)
{
	unsigned int i;
	int ret = read_number(r, MINIFW_AMOUNT_MAX, amount, err);

	*bytes = false;
	for (i = 0; !ret && i < ARRAY_SIZE(units); i++) {
		if (strcmp(r->word, units[i]))
			continue;
		if (*amount > MINIFW_AMOUNT_MAX >> 10 * i)
			return minifw_error_set(err, -ERANGE,
						"'%llu %s' is out of range: it is 1 to %llu",
						(unsigned long long)*amount, units[i],
						(unsigned long long)MINIFW_AMOUNT_MAX >> 10 * i);
		*amount <<= 10 * i;
		*bytes = true;
		next_word(r);
		break;
	}
	return ret;
}

static void amount_show(struct minifw_text *out, u64 amount, bool bytes)
{
	unsigned int i = bytes ? ARRAY_SIZE(units) - 1 : 0;

	while (i && (amount & (BIT_ULL(10 * i) - 1)))
		i--;
	minifw_text_add(out, "%llu", (unsigned long long)amount >> 10 * i);
	if (bytes)
		minifw_text_add(out, " %s", units[i]);
}

/* ---- keys ---- */

static const u8 width[MINIFW_NR_FAMILIES] = { 32, 128 };

static int read_prefix(struct reader *r, u8 most, u8 *len, struct minifw_error *err)
{
	u64 number;
	int ret = read_number(r, most, &number, err);

	if (!ret)
		*len = number;
	return ret;
}

/* `/24` is IPv4's and `/56` IPv6's, for IPv4 has no such prefix; `/24/56` says both. */
static int read_prefixes(struct reader *r, struct minifw_count_key *key, struct minifw_error *err)
{
	u8 len;
	int ret = read_prefix(r, width[MINIFW_IP6], &len, err);

	if (ret)
		return ret;
	if (strcmp(r->word, "/")) {
		key->len[len > width[MINIFW_IP] ? MINIFW_IP6 : MINIFW_IP] = len;
		return 0;
	}
	if (len > width[MINIFW_IP])
		return minifw_error_set(err, -ERANGE,
					"'/%u' is out of range: a prefix of IPv4 is 1 to 32", len);
	key->len[MINIFW_IP] = len;
	next_word(r);
	return read_prefix(r, width[MINIFW_IP6], &key->len[MINIFW_IP6], err);
}

static int read_key(struct reader *r, struct minifw_count_key *key, struct minifw_error *err)
{
	int ret;

	if (took(r, "saddr"))
		key->addr = MINIFW_KEY_SADDR;
	else if (took(r, "daddr"))
		key->addr = MINIFW_KEY_DADDR;
	else
		return minifw_error_set(err, -EINVAL, "'%s' is not saddr or daddr", r->word);
	memcpy(key->len, width, sizeof(key->len));
	if (took(r, "/")) {
		ret = read_prefixes(r, key, err);
		if (ret)
			return ret;
	}
	if (key->addr != MINIFW_KEY_SADDR || !took(r, ","))
		return 0;
	key->dport = took(r, "dport");
	return key->dport ? 0 : minifw_error_set(err, -EINVAL, "'%s' is not dport", r->word);
}

static void key_show(struct minifw_text *out, const struct minifw_count_key *key)
{
	u8 ip = key->len[MINIFW_IP], ip6 = key->len[MINIFW_IP6];

	if (key->addr == MINIFW_KEY_NONE)
		return;
	minifw_text_add(out, " per %s", key->addr == MINIFW_KEY_SADDR ? "saddr" : "daddr");
	if (ip != width[MINIFW_IP] || ip6 <= width[MINIFW_IP])
		minifw_text_add(out, "/%u", ip);
	if (ip6 != width[MINIFW_IP6])
		minifw_text_add(out, "/%u", ip6);
	if (key->dport)
		minifw_text_add(out, ",dport");
}

/* What is left when all was read. */
static int read_end(const struct reader *r, struct minifw_error *err)
{
	return *r->word ? minifw_error_set(err, -EINVAL, "'%s' is one word too many", r->word) : 0;
}

/* ---- limit ---- */

/**
 * struct period - what a rate is counted over
 * @word: its name
 * @seconds: how long it is
 */
struct period {
	const char *word;
	u32 seconds;
};

static const struct period periods[] = {
	{ "second", 1 }, { "minute", 60 }, { "hour", 60 * 60 }, { "day", 24 * 60 * 60 },
};

static int read_period(struct reader *r, u32 *seconds, struct minifw_error *err)
{
	unsigned int i;

	if (!took(r, "/"))
		return minifw_error_set(err, -EINVAL, "'%s' is not the '/' of a rate", r->word);
	for (i = 0; i < ARRAY_SIZE(periods); i++) {
		if (took(r, periods[i].word)) {
			*seconds = periods[i].seconds;
			return 0;
		}
	}
	return minifw_error_set(err, -EINVAL, "'%s' is not second, minute, hour or day", r->word);
}

static int read_rate(struct reader *r, struct minifw_limit *limit, struct minifw_error *err)
{
	int ret = read_amount(r, &limit->rate, &limit->bytes, err);

	if (!ret)
		ret = read_period(r, &limit->seconds, err);
	if (!ret && div_u64(limit->rate, limit->seconds) > MINIFW_RATE_MAX)
		return minifw_error_set(err, -ERANGE,
					"'%llu' is out of range: a rate is at most %llu a second",
					(unsigned long long)limit->rate,
					(unsigned long long)MINIFW_RATE_MAX);
	return ret;
}

/* nft writes `burst 5 packets`. */
static int read_burst(struct reader *r, struct minifw_limit *limit, struct minifw_error *err)
{
	bool bytes;
	int ret = read_amount(r, &limit->burst, &bytes, err);

	if (ret)
		return ret;
	if (bytes != limit->bytes)
		return minifw_error_set(err, -EINVAL, "burst: the rate is in %s, and this is not",
					limit->bytes ? "bytes" : "packets");
	if (!bytes)
		took(r, "packets");
	return 0;
}

static u64 default_burst(const struct minifw_limit *limit)
{
	u64 second = div_u64(limit->rate, limit->seconds);

	return limit->bytes ? max_t(u64, second, 1) : MINIFW_BURST_PACKETS;
}

static int limit_parse(const struct minifw_words *words, char *text, void *value,
		       struct minifw_error *err)
{
	struct minifw_limit *limit = value;
	struct reader r = reader_of(text);
	int ret;

	limit->over = took(&r, "over");
	ret = read_rate(&r, limit, err);
	while (!ret) {
		if (!limit->key.addr && took(&r, "per"))
			ret = read_key(&r, &limit->key, err);
		else if (!limit->burst && took(&r, "burst"))
			ret = read_burst(&r, limit, err);
		else
			break;
	}
	if (!ret && !limit->burst)
		limit->burst = default_burst(limit);
	return ret ?: read_end(&r, err);
}

static void limit_show(const struct minifw_words *words, struct minifw_text *out,
		       const void *value)
{
	const struct minifw_limit *limit = value;
	unsigned int i = 0;

	while (periods[i].seconds != limit->seconds)
		i++;
	minifw_text_add(out, "%s", limit->over ? "over " : "");
	amount_show(out, limit->rate, limit->bytes);
	minifw_text_add(out, "/%s", periods[i].word);
	key_show(out, &limit->key);
	if (limit->burst == default_burst(limit))
		return;
	minifw_text_add(out, " burst ");
	amount_show(out, limit->burst, limit->bytes);
}

const struct minifw_kind minifw_kind_limit = {
	.parse = limit_parse, .show = limit_show, .size = sizeof(struct minifw_limit),
};

/* ---- conn_limit ---- */

static int conn_limit_parse(const struct minifw_words *words, char *text, void *value,
			    struct minifw_error *err)
{
	struct minifw_conn_limit *limit = value;
	struct reader r = reader_of(text);
	u64 most;
	int ret;

	if (!took(&r, "over"))
		return minifw_error_set(err, -EINVAL, "'%s' is not over", r.word);
	ret = read_number(&r, U32_MAX, &most, err);
	if (ret)
		return ret;
	limit->most = most;
	if (took(&r, "per"))
		ret = read_key(&r, &limit->key, err);
	return ret ?: read_end(&r, err);
}

static void conn_limit_show(const struct minifw_words *words, struct minifw_text *out,
			    const void *value)
{
	const struct minifw_conn_limit *limit = value;

	minifw_text_add(out, "over %u", limit->most);
	key_show(out, &limit->key);
}

const struct minifw_kind minifw_kind_conn_limit = {
	.parse = conn_limit_parse, .show = conn_limit_show,
	.size = sizeof(struct minifw_conn_limit),
};

/* ---- quota ---- */

static int quota_parse(const struct minifw_words *words, char *text, void *value,
		       struct minifw_error *err)
{
	struct minifw_quota *quota = value;
	struct reader r = reader_of(text);
	bool bytes;
	int ret = read_amount(&r, &quota->bytes, &bytes, err);

	if (!ret && !bytes)
		return minifw_error_set(err, -EINVAL,
					"'%s' is not bytes, kbytes, mbytes or gbytes", r.word);
	return ret ?: read_end(&r, err);
}

static void quota_show(const struct minifw_words *words, struct minifw_text *out,
		       const void *value)
{
	const struct minifw_quota *quota = value;

	amount_show(out, quota->bytes, true);
}

const struct minifw_kind minifw_kind_quota = {
	.parse = quota_parse, .show = quota_show, .size = sizeof(struct minifw_quota),
};
