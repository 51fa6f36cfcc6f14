// SPDX-License-Identifier: GPL-2.0
/* See naive.h. */
#include "naive.h"

/* In order, disjoint, and none that could be one with the next. */
static void check_order(const struct minifw_intervals *runs)
{
	u8 len = runs->index.len;
	u32 i;

	for (i = 0; i < runs->count; i++) {
		const u8 *at = minifw_intervals_at(runs, i);
		struct minifw_key last;

		CHECK(memcmp(at, at + len, len) <= 0, "interval %u is upside down", i);
		if (!i)
			continue;
		last = minifw_key_bytes(at - len, len);
		CHECK(minifw_key_next(&last, len), "interval %u ends behind all keys", i - 1);
		CHECK(memcmp(&last, at, len) < (runs->index.joins ? 0 : 1), "%u and %u meet",
		      i - 1, i);
	}
}

struct minifw_intervals *naive_list(const struct minifw_part *part, u8 len, bool joins)
{
	struct minifw_part_walk walk = { .part = part };
	struct minifw_intervals *runs = minifw_intervals_alloc(len, joins, part->runs);
	struct minifw_key first, last;

	while (minifw_part_next(&walk, &first, &last)) {
		CHECK(runs->count < part->runs, "there are more runs than %u", part->runs);
		minifw_intervals_push(runs, &first, &last);
	}
	CHECK(runs->count == part->runs, "%u runs, not %u", runs->count, part->runs);
	check_order(runs);
	return runs;
}

static void check_addr(const struct minifw_part *part, const struct minifw_key *key, bool in)
{
	u8 len = part->index->len, family;

	for (family = MINIFW_IP; family <= MINIFW_IP6; family++)
		if (part->index->joins && len == minifw_addr_len(family))
			CHECK(minifw_part_has_addr(part, family,
						   minifw_key_to_addr(family, key)) == in,
			      "an address is %sthere to packets", in ? "not " : "");
}

void naive_check_key(const struct minifw_part *part, const struct minifw_intervals *runs,
		     const struct minifw_key *key)
{
	struct minifw_key last, expected;
	bool in = minifw_intervals_stretch(runs, key, &expected);

	CHECK(minifw_intervals_has(runs, key) == in, "a list contradicts itself");
	CHECK(minifw_part_has(part, key) == in, "a key is %sthere", in ? "not " : "");
	CHECK(minifw_part_overlaps(part, key, key) == in, "a key does not overlap itself");
	CHECK(minifw_part_covers(part, key, key) == in, "a key does not cover itself");
	if (!part->index)
		return;
	check_addr(part, key, in);
	if (part->overlay)
		return;
	CHECK(minifw_index_stretch(part->index, key, &last) == in, "a stretch begins wrong");
	CHECK(!memcmp(&last, &expected, sizeof(last)), "a stretch ends wrong");
}

void naive_check(const struct minifw_part *part, const struct minifw_intervals *runs)
{
	u8 len = runs->index.len;
	u32 i;

	for (i = 0; i < runs->count; i++) {
		const u8 *at = minifw_intervals_at(runs, i);
		struct minifw_key first = minifw_key_bytes(at, len);
		struct minifw_key last = minifw_key_bytes(at + len, len);

		naive_check_key(part, runs, &first);
		naive_check_key(part, runs, &last);
		CHECK(minifw_part_covers(part, &first, &last), "a run does not cover itself");
		if (minifw_key_previous(&first, len))
			naive_check_key(part, runs, &first);
		if (minifw_key_next(&last, len))
			naive_check_key(part, runs, &last);
	}
}
