// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Theory of Operation
 *
 * Problem: is a packet under a rate, exactly, whatever CPUs packets come on,
 * without a lock; and that for each of many thousand keys, in memory that was
 * there before the first of them came.
 *
 * A bucket is one number, as in the GCRA (ITU-T I.371, virtual scheduling):
 * when, at the rate, the next packet is due if none is to come early.  A packet
 * moves it on by its own share of time, from now if it lies in the past.  If that
 * brings it further than the burst ahead of now, the packet is over the rate and
 * moves nothing.  So a bucket that rested passes `burst` at once and the rate
 * from there on, as nft's does, and one compare-and-exchange is all that it takes.
 *
 * Time is counted in units of which the rate makes 2^scale a packet or byte:
 * nanoseconds times a fraction of 62 bits.  So no rate is rounded, and none drifts.
 * Differences of times are signed: that they wrap does no harm.  At 8 gbytes a
 * second they do not in 34 years.
 *
 * Keys are cells of a hash table: SETS sets of SET_SIZE cells.  A key belongs to one
 * set by a hash with a secret, and there to the cell with its tag, 32 more bits of the
 * hash: two keys that agree in all 43 bits share a bucket.  A key that has no cell
 * takes the first that is free, one whose bucket is as if it had never been used; so
 * nothing is lost with it.  Where a set has no free cell, the key is over the rate.
 * By chance keys do not spread evenly: 24,000 find a cell each (that one does not
 * has odds of 1 in 2,000), and of 65,536 about 1 in 14 does not.
 *
 * The owner of a cell is one number too, tag and time of its last use.  A key whose
 * use is more than a second old must renew it, and one is free only after two: whoever
 * renews or takes it does so by compare-and-exchange of the owner, and of two one wins.
 * The second between is what a CPU may need from there to the bucket.
 */
#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/kref.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>

#include "bucket.h"
#include "rate.h"

#define SETS		2048	/* a power of two */
#define SET_SIZE	32
#define SCALE_MAX	20
#define TICK_SHIFT	20	/* nanoseconds of an owner's tick: about a millisecond */
#define SECOND		(NSEC_PER_SEC >> TICK_SHIFT)

/**
 * struct set - the keys of one hash value
 * @owner: tag in the upper half, ticks at the last use in the lower; 0 if it never had any.
 *         Cells are taken in order: behind a 0 there are but such
 * @due: the bucket
 */
struct set {
	atomic64_t owner[SET_SIZE];
	atomic64_t due[SET_SIZE];
};

/**
 * struct minifw_buckets - one rate, and how far it is used
 * @ref: held by each struct minifw_limits that has it
 * @mult: units a nanosecond, times 2^@shift
 * @shift: see @mult
 * @scale: a packet or byte is 2^@scale units
 * @burst: in units
 * @secret: of the hash
 * @set: SETS of them; NULL where there is no key
 * @due: the bucket where there is no key
 */
struct minifw_buckets {
	struct kref ref;
	u64 mult;
	u8 shift;
	u8 scale;
	u64 burst;
	siphash_key_t secret;
	struct set *set;
	atomic64_t due ____cacheline_aligned_in_smp;
};

/* ---- time ---- */

/* So fine that nobody sees the steps, so coarse that times and bursts fit into 63 bits. */
static u8 scale_of(const struct minifw_limit *limit)
{
	u64 second = div_u64(limit->rate, limit->seconds);
	u8 scale = 0;

	while (scale < SCALE_MAX && second << (scale + 1) <= BIT_ULL(33) &&
	       limit->burst << (scale + 1) <= MINIFW_AMOUNT_MAX)
		scale++;
	return scale;
}

/* Long division, bit by bit: its quotient has 63 bits, of which @shift are a fraction. */
static void set_clock(struct minifw_buckets *buckets, const struct minifw_limit *limit)
{
	u64 period = (u64)limit->seconds * NSEC_PER_SEC, rest;

	buckets->mult = div64_u64_rem(limit->rate << buckets->scale, period, &rest);
	while (buckets->mult < BIT_ULL(62)) {
		rest <<= 1;
		buckets->mult = buckets->mult << 1 | (rest >= period);
		rest -= rest >= period ? period : 0;
		buckets->shift++;
	}
}

/**
 * struct moment - now
 * @units: in the units of some buckets
 * @ticks: as owners have it
 */
struct moment {
	u64 units;
	u32 ticks;
};

static struct moment moment_of(const struct minifw_buckets *buckets, u64 time)
{
	return (struct moment){
		.units = mul_u64_u64_shr(time, buckets->mult, buckets->shift),
		.ticks = time >> TICK_SHIFT,
	};
}

/* ---- one bucket ---- */

static bool is_past(u64 time, u64 now)
{
	return (s64)(time - now) <= 0;
}

static bool bucket_take(atomic64_t *due, u64 now, u64 cost, u64 burst)
{
	s64 old = atomic64_read(due);
	u64 new;

	do {
		new = (is_past(old, now) ? now : (u64)old) + cost;
		if (!is_past(new, now + burst))
			return false;
	} while (!atomic64_try_cmpxchg(due, &old, new));
	return true;
}

/* ---- cells ---- */

/* Ticks since its last use, and SECOND: another CPU's time may be ahead of this one's. */
static u32 age_of(u64 owner, struct moment now)
{
	return now.ticks - (u32)owner + SECOND;
}

static bool is_fresh(u64 owner, struct moment now)
{
	return age_of(owner, now) < 2 * SECOND;
}

static bool is_free(const struct set *set, unsigned int cell, u64 owner, struct moment now)
{
	return !owner || (age_of(owner, now) >= 3 * SECOND &&
			  is_past(atomic64_read(&set->due[cell]), now.units));
}

/* The cell of @tag, else the first free one, else SET_SIZE; *@owner is what was seen there. */
static unsigned int find_cell(const struct set *set, u32 tag, struct moment now, s64 *owner)
{
	unsigned int cell, found = SET_SIZE;
	u64 seen = tag;

	for (cell = 0; cell < SET_SIZE && seen; cell++) {
		seen = atomic64_read(&set->owner[cell]);
		if (seen >> 32 == tag) {
			*owner = seen;
			return cell;
		}
		if (found == SET_SIZE && is_free(set, cell, seen, now)) {
			*owner = seen;
			found = cell;
		}
	}
	return found;
}

/* The bucket of a key, or NULL where there is no room for it. */
static atomic64_t *bucket_of(struct minifw_buckets *buckets, struct minifw_key_value key,
			     struct moment now)
{
	u64 hash = siphash_3u64(key.addr.hi, key.addr.lo, key.rest, &buckets->secret);
	struct set *set = &buckets->set[hash % SETS];
	u32 tag = hash >> 32 ?: 1;
	unsigned int cell, tries;
	s64 owner;

	for (tries = 0; tries < SET_SIZE; tries++) {	/* where one fails, another CPU's did not */
		cell = find_cell(set, tag, now, &owner);
		if (cell == SET_SIZE)
			break;
		if (((u64)owner >> 32 == tag && is_fresh(owner, now)) ||
		    atomic64_try_cmpxchg(&set->owner[cell], &owner, (u64)tag << 32 | now.ticks))
			return &set->due[cell];
	}
	return NULL;
}

/* ---- all of them ---- */

/**
 * minifw_buckets_create() - a rate that nobody has used
 * @limit: the rate
 *
 * With a key it is a megabyte, for all keys that will ever be.
 *
 * Context: may sleep.
 * Return: the buckets with one reference, or NULL.
 */
struct minifw_buckets *minifw_buckets_create(const struct minifw_limit *limit)
{
	struct minifw_buckets *buckets = kzalloc(sizeof(*buckets), GFP_KERNEL);

	if (!buckets)
		return NULL;
	if (limit->key.addr != MINIFW_KEY_NONE) {
		buckets->set = kvcalloc(SETS, sizeof(*buckets->set), GFP_KERNEL);
		if (!buckets->set) {
			kfree(buckets);
			return NULL;
		}
	}
	kref_init(&buckets->ref);
	buckets->scale = scale_of(limit);
	buckets->burst = limit->burst << buckets->scale;
	set_clock(buckets, limit);
	get_random_bytes(&buckets->secret, sizeof(buckets->secret));
	minifw_buckets_reset(buckets);
	return buckets;
}

/**
 * minifw_buckets_get() - hold them
 * @buckets: the buckets
 *
 * Context: any.
 * Return: @buckets.
 */
struct minifw_buckets *minifw_buckets_get(struct minifw_buckets *buckets)
{
	kref_get(&buckets->ref);
	return buckets;
}

static void buckets_release(struct kref *ref)
{
	struct minifw_buckets *buckets = container_of(ref, struct minifw_buckets, ref);

	kvfree(buckets->set);
	kfree(buckets);
}

/**
 * minifw_buckets_put() - let go of them; the last one frees them
 * @buckets: the buckets, or NULL; no packet may see them by way of the caller's reference
 *
 * Context: process.
 */
void minifw_buckets_put(struct minifw_buckets *buckets)
{
	if (buckets)
		kref_put(&buckets->ref, buckets_release);
}

/**
 * minifw_buckets_reset() - nobody has used them
 * @buckets: the buckets
 *
 * Keys stay in their cells, for packets may be at them.
 *
 * Context: process; packets may take from them.
 */
void minifw_buckets_reset(struct minifw_buckets *buckets)
{
	u64 now = moment_of(buckets, ktime_get_ns()).units;
	unsigned int i, cell;

	atomic64_set(&buckets->due, now);
	for (i = 0; buckets->set && i < SETS; i++)
		for (cell = 0; cell < SET_SIZE; cell++)
			atomic64_set(&buckets->set[i].due[cell], now);
}

/**
 * minifw_buckets_take() - is there room under the rate?  Then take it
 * @buckets: the buckets
 * @key: whose
 * @amount: packets or bytes
 * @time: ktime_get_ns(); no earlier than when they were created
 *
 * Context: the packet path, softirqs off; does not sleep.
 * Return: whether there was; what is more than the burst never has any.
 */
bool minifw_buckets_take(struct minifw_buckets *buckets, struct minifw_key_value key, u32 amount,
			 u64 time)
{
	struct moment now = moment_of(buckets, time);
	atomic64_t *due = buckets->set ? bucket_of(buckets, key, now) : &buckets->due;

	return due && bucket_take(due, now.units, (u64)amount << buckets->scale, buckets->burst);
}
