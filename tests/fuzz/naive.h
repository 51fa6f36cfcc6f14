/* SPDX-License-Identifier: GPL-2.0 */
/* What an index of keys, and what changes it, are held against: a list of intervals. */
#ifndef FUZZ_NAIVE_H
#define FUZZ_NAIVE_H

#include "check.h"
#include "part.h"
#include "interval.h"

/* All that @part has, as a list; its order and its count are checked. */
struct minifw_intervals *naive_list(const struct minifw_part *part, u8 len, bool joins);

/* Do @part and the list @runs say the same of @key, by all ways there are to ask? */
void naive_check_key(const struct minifw_part *part, const struct minifw_intervals *runs,
		     const struct minifw_key *key);

/* The same of the keys at which the runs of @runs begin and end, and their neighbours. */
void naive_check(const struct minifw_part *part, const struct minifw_intervals *runs);

#endif
