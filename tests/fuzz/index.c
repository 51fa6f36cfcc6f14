// SPDX-License-Identifier: GPL-2.0
/*
 * An index of addresses: each ten bytes of the input are a series of intervals, up to 256, so that indexes get deep and dense. Every answer of the index must be that of
 * the list that it was made from.
 */
#include "kernel.h"
#include "check.h"
#include "input.h"
#include "naive.h"

#define INTERVALS_MAX 1024
#define SERIES_MAX 8

/**
 * struct series - intervals at a distance
 * @start: where the first begins: its upper bits
 * @place: bits below those of @start
 * @step: from one to the next: mantissa
 * @step_shift: and exponent
 * @width: of each: mantissa
 * @width_shift: and exponent
 * @count: how many
 */
struct series {
	u8 start[2];
	u8 place;
	u8 step;
	u8 step_shift;
	u8 width;
	u8 width_shift;
	u8 count;
	u8 negative;
	u8 unused;
};

/* @number times 2^@shift, as the last bytes of a key. */
static struct minifw_key shifted(u64 number, unsigned int shift, u8 len)
{
	unsigned __int128 value = (unsigned __int128)number << shift % (len * 8);
	struct minifw_key key = {};
	int i;

	for (i = len - 1; i >= 0; i--, value >>= 8)
		key.byte[i] = value;
	return key;
}

static void add(struct minifw_key *to, const struct minifw_key *more, u8 len)
{
	unsigned int sum = 0;

	while (len--) {
		sum += to->byte[len] + more->byte[len];
		to->byte[len] = sum;
		sum >>= 8;
	}
}

static void push_series(struct minifw_intervals *runs, const struct series *series, u8 len)
{
	struct minifw_key first = shifted(series->start[0] << 8 | series->start[1],
					  len * 8 - 16, len);
	struct minifw_key place = shifted(series->place, series->negative, len);
	struct minifw_key step = shifted(series->step, series->step_shift, len);
	struct minifw_key width = shifted(series->width, series->width_shift, len);
	unsigned int i;

	add(&first, &place, len);
	for (i = 0; i <= series->count && runs->count < INTERVALS_MAX; i++) {
		struct minifw_key last = first;

		add(&last, &width, len);
		if (minifw_key_cmp(&first, &last) > 0)
			minifw_key_fill(&last, len, 0);
		minifw_intervals_push(runs, &first, &last);
		add(&first, &step, len);
	}
}

/* Is it at most what an index may take: nine bytes an IPv4 run, 36 an IPv6 one, and a header? */
static void check_size(const struct minifw_part *part, u8 len)
{
	size_t most = 1024 + (size_t)part->runs * (len == 4 ? 9 : 36);

	CHECK(minifw_part_size(part) <= most, "%zu bytes for %u runs", minifw_part_size(part),
	      part->runs);
}

static void check_family(const struct series *series, size_t count, u8 len)
{
	struct minifw_intervals *runs = minifw_intervals_alloc(len, true, INTERVALS_MAX), *again;
	struct minifw_part part = {}, nothing = {};
	size_t i;

	for (i = 0; i < count; i++)
		push_series(runs, &series[i], len);
	runs = minifw_intervals_close(runs);
	CHECK(!minifw_part_change(&part, &nothing, runs, true), "no memory");
	again = naive_list(&part, len, true);
	CHECK(again->count == runs->count &&
	      !memcmp(again->byte, runs->byte, (size_t)2 * len * runs->count),
	      "another list comes back");
	naive_check(&part, runs);
	check_size(&part, len);
	minifw_intervals_put(again);
	minifw_intervals_put(runs);
	minifw_part_put(&part);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct series *series = (const struct series *)data;
	size_t count = min(size / sizeof(*series), SERIES_MAX);

	check_family(series, count, 4);
	check_family(series, count, 16);
	return 0;
}
