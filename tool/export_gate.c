// SPDX-License-Identifier: GPL-2.0
/*
 * What is counted over packets: conn_limit, limit and quota. Where a rule becomes several of nft,
 * they share what was counted: a limit or a quota by its name, and a set where each key counts.
 */
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "say.h"

#define KEYS_MAX 65536	/* as minifw has room for */
#define TIMEOUT_LEAST 60

/**
 * struct phrase - a value, word by word
 * @rest: what follows
 * @word: the word at hand; NULL at the end
 */
struct phrase {
	char *rest;
	const char *word;
};

static struct phrase phrase_of(const char *value)
{
	struct phrase phrase = { .rest = keep("%s", value) };

	phrase.word = strsep(&phrase.rest, " ");
	return phrase;
}

static const char *take(struct phrase *phrase)
{
	const char *word = phrase->word;

	phrase->word = strsep(&phrase->rest, " ");
	return word ? word : "";
}

static bool took(struct phrase *phrase, const char *word)
{
	if (!phrase->word || strcmp(phrase->word, word))
		return false;
	take(phrase);
	return true;
}

/* ---- keys ---- */

static const char *mask_ip(unsigned int len)
{
	unsigned int mask = len ? ~0u << (32 - len) : 0;

	return keep("%u.%u.%u.%u", mask >> 24, mask >> 16 & 255, mask >> 8 & 255, mask & 255);
}

static const char *mask_ip6(unsigned int len)
{
	const char *text = "";
	unsigned int i, bits;

	for (i = 0; i < len; i += 16) {
		bits = len - i < 16 ? len - i : 16;
		text = keep("%s%s%x", text, i ? ":" : "", 0xffffu << (16 - bits) & 0xffff);
	}
	return len > 112 ? text : keep("%s::", text);
}

/* `saddr/24/56,dport`: the bits of the address that count. */
static unsigned int key_len(const char *key, enum export_family family)
{
	const char *slash = strchr(key, '/'), *second = slash ? strchr(slash + 1, '/') : NULL;
	unsigned int width = family == IP ? 32 : 128;
	unsigned int len = slash ? strtoul(slash + 1, NULL, 10) : width;

	if (second)
		return family == IP ? len : strtoul(second + 1, NULL, 10);
	return (len > 32) == (family == IP6) ? len : width;
}

/* What counts for itself, as an expression. */
static const char *key_nft(struct export_rule *rule, const char *key, enum export_family family)
{
	unsigned int len = key_len(key, family), width = family == IP ? 32 : 128;
	const char *text = keep("%s %.5s", family == IP ? "ip" : "ip6", key);

	if (len < width)
		text = keep("%s & %s", text, family == IP ? mask_ip(len) : mask_ip6(len));
	return strstr(key, ",dport") ? keep("%s . %s dport", text, rule_transport(rule)) : text;
}

static const char *key_type(const char *key, enum export_family family)
{
	return keep("%s%s", family == IP ? "ipv4_addr" : "ipv6_addr",
		    strstr(key, ",dport") ? " . inet_service" : "");
}

/* Packets without ports have no such key. */
static const char *key_needs(struct export_rule *rule, const char *key)
{
	return strstr(key, ",dport") && !rule_has_ports(rule) ?
	       "meta l4proto " PROTOS_WITH_PORTS " " : "";
}

/**
 * struct counting - what each key has for itself
 * @key: of minifw
 * @of: what is counted: `rate` or `conns`
 * @what: of nft, for each key
 * @timeout: seconds after which a key that sees no packet starts anew; 0 is when it has none left
 */
struct counting {
	const char *key;
	const char *of;
	const char *what;
	unsigned long long timeout;
};

static const char *count_keys(struct export_rule *rule, const struct counting *counting,
			      enum export_family family)
{
	const char *name = keep("%s-%s-%s", rule->id, counting->of, family == IP ? "ip" : "ip6");
	FILE *out = rule->script->objects;

	fprintf(out, "\tset %s {\n\t\ttype %s\n\t\tsize %u\n\t\tflags dynamic", name,
		key_type(counting->key, family), KEYS_MAX);
	if (counting->timeout)
		fprintf(out, ",timeout\n\t\ttimeout %llus", counting->timeout);
	fprintf(out, "\n\t}\n\n");
	return keep("%s%s @%s { %s %s } ", key_needs(rule, counting->key),
		    counting->timeout ? "update" : "add", name,
		    key_nft(rule, counting->key, family), counting->what);
}

/* ---- connections ---- */

/* One key of all packets, to be shared. */
static const char *count_shared(struct export_rule *rule, const char *what)
{
	if (!rule->shared)
		fprintf(rule->script->objects, "\tset %s-conns {\n\t\ttype mark\n"
			"\t\tsize 1\n\t\tflags dynamic\n\t}\n\n", rule->id);
	return keep("add @%s-conns { meta mark & 0x0 %s } ", rule->id, what);
}

/* What conntrack does not know is not counted. */
static const char *conn_limit(struct export_rule *rule, const char *value,
			      enum export_family family, bool shared)
{
	struct phrase phrase = phrase_of(value);
	struct counting counting = { .of = "conns" };

	take(&phrase);
	counting.what = keep("ct count over %s", take(&phrase));
	if (took(&phrase, "per"))
		counting.key = take(&phrase);
	return keep("ct state { new, established, related } %s",
		    counting.key ? count_keys(rule, &counting, family) :
		    shared ? count_shared(rule, counting.what) : keep("%s ", counting.what));
}

/* ---- rates ---- */

/**
 * struct rate - of minifw, and the same for nft
 * @over: what is above it
 * @amount: in each period; packets or bytes
 * @burst: how much at once
 * @bytes: it is bytes
 * @seconds: of the period
 */
struct rate {
	bool over;
	unsigned long long amount;
	unsigned long long burst;
	bool bytes;
	unsigned int seconds;
};

static const struct {
	const char *name;
	unsigned int seconds;
} periods[] = { { "second", 1 }, { "minute", 60 }, { "hour", 3600 }, { "day", 86400 } };

static unsigned int period_seconds(const char *name)
{
	size_t i;

	for (i = 0; strcmp(periods[i].name, name); i++)
		;
	return periods[i].seconds;
}

static const char *period_name(unsigned int seconds)
{
	size_t i;

	for (i = 0; periods[i].seconds != seconds; i++)
		;
	return periods[i].name;
}

static unsigned int unit_shift(const char *unit)
{
	return *unit == 'k' ? 10 : *unit == 'm' ? 20 : *unit == 'g' ? 30 : 0;
}

/* `10/second`, or `10 mbytes/second`. */
static void read_rate(struct phrase *phrase, struct rate *rate)
{
	const char *amount = take(phrase), *slash = strchr(amount, '/');

	rate->amount = strtoull(amount, NULL, 10);
	if (!slash) {
		const char *unit = take(phrase);

		rate->bytes = true;
		rate->amount <<= unit_shift(unit);
		slash = strchr(unit, '/');
	}
	rate->seconds = period_seconds(slash + 1);
	rate->burst = rate->bytes ? rate->amount / rate->seconds : 5;
	if (!rate->burst)
		rate->burst = 1;
}

static struct rate rate_of(const char *value, const char **key)
{
	struct phrase phrase = phrase_of(value);
	struct rate rate = { .over = took(&phrase, "over") };

	*key = NULL;
	read_rate(&phrase, &rate);
	if (took(&phrase, "per"))
		*key = take(&phrase);
	if (took(&phrase, "burst")) {
		rate.burst = strtoull(take(&phrase), NULL, 10);
		if (rate.bytes)
			rate.burst <<= unit_shift(take(&phrase));
	}
	return rate;
}

/* To nft the burst of bytes comes on top of what its period allows. */
static bool shorten(struct rate *rate)
{
	size_t i;

	for (i = sizeof(periods) / sizeof(*periods); i--;)
		if (periods[i].seconds <= rate->seconds &&
		    !(rate->amount % (rate->seconds / periods[i].seconds)) &&
		    rate->amount / (rate->seconds / periods[i].seconds) <= rate->burst) {
			rate->amount /= rate->seconds / periods[i].seconds;
			rate->seconds = periods[i].seconds;
			rate->burst -= rate->amount;
			return true;
		}
	return false;
}

static const char *amount_nft(unsigned long long bytes)
{
	if (bytes && !(bytes & 0xfffff))
		return keep("%llu mbytes", bytes >> 20);
	if (bytes && !(bytes & 0x3ff))
		return keep("%llu kbytes", bytes >> 10);
	return keep("%llu bytes", bytes);
}

static const char *rate_nft(struct export_rule *rule, struct rate rate)
{
	const char *over = rate.over ? "over " : "", *period;

	if (rate.bytes && !shorten(&rate))
		rule_cannot(rule, "limit",
			    "a burst below what comes in a second, or a rate not whole in it");
	period = period_name(rate.seconds);
	if (!rate.bytes && (rate.burst > 0xffffffffU || rate.amount > 0xffffffffU))
		rule_cannot(rule, "limit", "nft has no such numbers of packets");
	if (!rate.bytes)
		return keep("rate %s%llu/%s burst %llu packets", over, rate.amount, period,
			    rate.burst);
	if (!rate.burst)
		return keep("rate %s%s/%s", over, amount_nft(rate.amount), period);
	return keep("rate %s%s/%s burst %s", over, amount_nft(rate.amount), period,
		    amount_nft(rate.burst));
}

/* How long an empty bucket takes to be full. */
static unsigned long long refill(const struct rate *rate)
{
	unsigned long long seconds = rate->burst / rate->amount * rate->seconds + rate->seconds;

	return seconds < TIMEOUT_LEAST ? TIMEOUT_LEAST : seconds;
}

static const char *limit(struct export_rule *rule, const char *value, enum export_family family,
			 bool shared)
{
	struct counting counting = { .of = "rate" };
	struct rate rate = rate_of(value, &counting.key);
	const char *text = rate_nft(rule, rate);

	if (rule->why)
		return "";
	if (counting.key) {
		counting.what = keep("limit %s", text);
		counting.timeout = refill(&rate);
		return count_keys(rule, &counting, family);
	}
	if (!shared)
		return keep("limit %s ", text);
	if (!rule->shared)
		fprintf(rule->script->objects, "\tlimit %s {\n\t\t%s\n\t}\n\n", rule->id, text);
	return keep("limit name \"%s\" ", rule->id);
}

/* ---- quotas ---- */

static const char *quota(struct export_rule *rule, const char *value, bool shared)
{
	struct phrase phrase = phrase_of(value);
	unsigned long long bytes = strtoull(take(&phrase), NULL, 10);
	const char *text = amount_nft(bytes << unit_shift(take(&phrase)));

	if (!shared)
		return keep("quota until %s ", text);
	if (!rule->shared)
		fprintf(rule->script->objects, "\tquota %s {\n\t\tuntil %s\n\t}\n\n", rule->id,
			text);
	return keep("quota name \"%s\" ", rule->id);
}

/**
 * rule_gates() - what is counted, to be asked when all else matched
 * @rule: the rule
 * @family: of the packets
 * @shared: several rules of nft count together
 *
 * What they share is put into the script: so this is asked once of each family.
 *
 * Return: expressions, each with a blank behind it.
 */
const char *rule_gates(struct export_rule *rule, enum export_family family, bool shared)
{
	const char *conns = rule_get(rule, "conn_limit"), *rate = rule_get(rule, "limit");
	const char *amount = rule_get(rule, "quota");
	const char *text = keep("%s%s%s", conns ? conn_limit(rule, conns, family, shared) : "",
		    rate ? limit(rule, rate, family, shared) : "",
		    amount ? quota(rule, amount, shared) : "");

	rule->shared = shared;
	return text;
}
