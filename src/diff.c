// SPDX-License-Identifier: GPL-2.0
/*
 * Which lines stay the same from one form of a chain to the next, so that they keep
 * what they counted: a hash table of the old lines, from which the new ones take
 * their equals.  Of several equal lines the first new one takes the first old one.
 */
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/types.h>

#include "cgroup.h"
#include "diff.h"
#include "lines.h"
#include "rule.h"

/**
 * struct minifw_diff - old lines, to be found by what they say
 * @old: the lines; the caller holds them
 * @mask: how many buckets there are, less 1
 * @bucket: the number, from 1, of the first line of each; 0 where there is none
 * @next: by the index of a line, the number of the next in its bucket
 */
struct minifw_diff {
	const struct minifw_lines *old;
	u32 mask;
	u32 *bucket;
	u32 next[];
};

/**
 * minifw_diff_usable() - may an old line be what a new one is, if they say the same?
 * @old: the line
 *
 * Context: minifw_ruleset_mutex held.
 * Return: whether it may: it has not expired, and its cgroup is there.
 */
bool minifw_diff_usable(const struct minifw_live *old)
{
	return !minifw_live_retired(old) && !minifw_cgroup_is_gone(&old->spec);
}

static u32 *bucket_of(struct minifw_diff *diff, const struct minifw_live *line)
{
	return &diff->bucket[minifw_spec_hash(&line->spec) & diff->mask];
}

/**
 * minifw_diff_create() - get ready to compare
 * @old: the lines that there were; held by the caller; those that expired,
 *       or whose cgroup is gone, are no one's equal
 * @from: the first of them that may be taken
 *
 * Context: may sleep.
 * Return: all of them, or NULL without memory.
 */
struct minifw_diff *minifw_diff_create(const struct minifw_lines *old, unsigned int from)
{
	u32 buckets = roundup_pow_of_two(old->count - from + 1), i, *bucket;
	struct minifw_diff *diff;

	diff = kvzalloc(struct_size(diff, next, old->count + buckets), GFP_KERNEL);
	if (!diff)
		return NULL;
	diff->old = old;
	diff->mask = buckets - 1;
	diff->bucket = &diff->next[old->count];
	for (i = old->count; i > from; i--) {	/* the first line comes first */
		if (!minifw_diff_usable(old->line[i - 1]))
			continue;
		bucket = bucket_of(diff, old->line[i - 1]);
		diff->next[i - 1] = *bucket;
		*bucket = i;
		cond_resched();
	}
	return diff;
}

/**
 * minifw_diff_free() - undo minifw_diff_create()
 * @diff: what it returned, or NULL
 *
 * Context: process.
 */
void minifw_diff_free(struct minifw_diff *diff)
{
	kvfree(diff);
}

/**
 * minifw_diff_take() - the old line that says what a new one does
 * @diff: the old lines; no second line will get the same
 * @line: the new one
 *
 * Context: process.
 * Return: the old line, or NULL if there is none left.
 */
struct minifw_live *minifw_diff_take(struct minifw_diff *diff, const struct minifw_live *line)
{
	u32 *number;

	for (number = bucket_of(diff, line); *number; number = &diff->next[*number - 1]) {
		struct minifw_live *old = diff->old->line[*number - 1];

		if (old == line || minifw_spec_equal(&old->spec, &line->spec)) {
			*number = diff->next[*number - 1];
			return old;
		}
	}
	return NULL;
}
