/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_TIMED_H
#define MINIFW_TIMED_H

#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/rhashtable.h>
#include <linux/types.h>

#include "addr.h"
#include "key.h"

#define MINIFW_NEVER U64_MAX	/* no time, and no generation, comes after it */

/**
 * struct minifw_timed_key - a prefix of keys
 * @family: whose keys
 * @bits: of the prefix
 * @key: its first key
 */
struct minifw_timed_key {
	u8 family;
	u8 bits;
	struct minifw_key key;
};

/**
 * struct minifw_timed - an element that goes by itself, or that a packet put there
 * @node: in the table
 * @key: what it is
 * @walk: the last one that has met it
 * @from: the first generation of the set's contents that it is in
 * @until: the first one that it is in no more
 * @expires: get_jiffies_64() when it goes
 * @next: while a change is being made, of which it is a part
 * @rcu: frees it
 *
 * In a table, packets see @until and @expires change, and nothing else.
 */
struct minifw_timed {
	struct rhash_head node;
	struct minifw_timed_key key;
	u32 walk;
	u64 from;
	u64 until;
	u64 expires;
	struct minifw_timed *next;
	struct rcu_head rcu;
};

/**
 * struct minifw_timed_table - the elements of a set that a hash finds
 * @hash: of struct minifw_timed
 * @refs: contents that it belongs to
 * @walks: the number of the last walk; 0 is what no walk has met
 * @count: elements, those included that are about to go
 * @bits: by family: the lengths of prefix that there have been
 */
struct minifw_timed_table {
	struct rhashtable hash;
	refcount_t refs;
	u32 walks;
	atomic_t count;
	DECLARE_BITMAP(bits[MINIFW_NR_FAMILIES], MINIFW_KEY_MAX * 8 + 1);
};

struct minifw_timed_table *minifw_timed_table_create(void);
struct minifw_timed_table *minifw_timed_table_get(struct minifw_timed_table *table);
void minifw_timed_table_put(struct minifw_timed_table *table);
size_t minifw_timed_table_size(struct minifw_timed_table *table);
bool minifw_timed_has(struct minifw_timed_table *table, u8 family, u8 len,
		      const struct minifw_key *key, u64 generation);
struct minifw_timed *minifw_timed_find(struct minifw_timed_table *table,
				       const struct minifw_timed_key *key);
struct minifw_timed *minifw_timed_insert(struct minifw_timed_table *table,
					 struct minifw_timed *timed);
void minifw_timed_remove(struct minifw_timed_table *table, struct minifw_timed *timed);
void minifw_timed_list_free(struct minifw_timed *list);
void minifw_timed_list_remove(struct minifw_timed_table *table, struct minifw_timed *list);
struct minifw_timed *minifw_timed_create(const struct minifw_timed_key *key, gfp_t gfp);

int minifw_timed_copy(struct minifw_timed_table *to, struct minifw_timed_table *from,
		      u64 generation);

typedef void (*minifw_timed_visit)(struct minifw_timed *timed, void *ctx);

void minifw_timed_walk(struct minifw_timed_table *table, minifw_timed_visit visit, void *ctx);

/* Is it in the contents of a generation, and not expired? */
static inline bool minifw_timed_there(const struct minifw_timed *timed, u64 generation, u64 now)
{
	return timed->from <= generation && generation < READ_ONCE(timed->until) &&
	       now < READ_ONCE(timed->expires);
}

#endif
