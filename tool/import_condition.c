// SPDX-License-Identifier: GPL-2.0
/* What a rule asks of packets: two such together, and what does not fit one. */
#include <string.h>

#include "import.h"

const char *const field_names[FIELDS] = {
	"family", "iif", "oif", "saddr", "daddr", "saddr_type", "daddr_type", "proto", "sport", "dport",
	"icmp_type", "icmpv6_type", "tcp_flags", "ct_state", "ct_status", "ct_mark", "ct_orig_daddr",
	"ct_orig_dport", "exthdr", "ipopt", "saddr_mac", "length", "ttl", "dscp", "pkttype", "mark",
	"uid", "gid", "rpf", "ipsec", "time", "conn_limit", "limit", "quota",
};

/**
 * condition_any() - what fits every packet
 *
 * Return: the condition.
 */
const struct condition *condition_any(void)
{
	static const struct condition any;

	return &any;
}

/**
 * condition_add() - one attribute more
 * @condition: takes it
 * @field: the attribute
 * @value: its value
 *
 * Return: JOINED; or NEVER or UNSAYABLE, and it is as it was.
 */
enum joined condition_add(struct condition *condition, enum field field, const char *value)
{
	return value_join(field, condition->value[field], value, &condition->value[field]);
}

/**
 * condition_join() - what fits two conditions
 * @a: one
 * @b: the other
 * @joined: takes the condition; not one of them
 *
 * Return: JOINED; NEVER, if one attribute says so; else UNSAYABLE.
 */
enum joined condition_join(const struct condition *a, const struct condition *b,
			   struct condition *joined)
{
	enum joined ret = JOINED, one;
	enum field field;

	for (field = 0; field < FIELDS; field++) {
		one = value_join(field, a->value[field], b->value[field], &joined->value[field]);
		if (one == NEVER)
			return NEVER;
		if (one == UNSAYABLE)
			ret = UNSAYABLE;
	}
	return ret;
}

/**
 * condition_equal() - do two conditions say the same?
 * @a: one
 * @b: the other
 *
 * Return: whether their text does.
 */
bool condition_equal(const struct condition *a, const struct condition *b)
{
	enum field field;

	for (field = 0; field < FIELDS; field++) {
		const char *x = a->value[field], *y = b->value[field];

		if (x != y && (!x || !y || strcmp(x, y)))
			return false;
	}
	return true;
}

/**
 * condition_counts() - does what matches depend on how much did before?
 * @condition: the condition
 *
 * Return: whether it does.
 */
bool condition_counts(const struct condition *condition)
{
	return condition->value[LIMIT] || condition->value[CONN_LIMIT] || condition->value[QUOTA];
}

/**
 * condition_negate() - what does not fit a condition
 * @condition: the condition
 * @cases: takes them: the first attributes fit, and the next does not
 *
 * Return: whether it can be said.
 */
bool condition_negate(const struct condition *condition, struct cases *cases)
{
	struct condition before = {};
	const char *values[CASES_MAX];
	enum field field;
	size_t count, i;

	cases->count = 0;
	for (field = 0; field < FIELDS; field++) {
		if (!condition->value[field])
			continue;
		count = value_negate(field, condition->value[field], values,
				     CASES_MAX - cases->count);
		if (!count)
			return false;
		for (i = 0; i < count; i++) {
			cases->one[cases->count] = before;
			cases->one[cases->count++].value[field] = values[i];
		}
		before.value[field] = condition->value[field];
	}
	return true;
}
