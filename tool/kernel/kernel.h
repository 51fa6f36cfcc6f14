/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module's parsers ask of the kernel, for user space: the program is built
 * with them, and so are their fuzzers. `headers` makes every <linux/...> header that they
 * include, but errno.h, this one.
 *
 * Where libc and the kernel differ and a parser could notice, this does as the
 * kernel: its ctype, its kstrtou64(), its "%pI4".
 */
#ifndef MINIFW_KERNEL_H
#define MINIFW_KERNEL_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- types and limits ---- */

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;
typedef uint32_t __be32;

#define U8_MAX UINT8_MAX
#define U16_MAX UINT16_MAX
#define U32_MAX UINT32_MAX
#define U64_MAX UINT64_MAX
#define S32_MAX INT32_MAX
#define BITS_PER_LONG (CHAR_BIT * (int)sizeof(long))

#define IFNAMSIZ 16
#define ETH_ALEN 6

enum { IPS_SEEN_REPLY_BIT = 1, IPS_ASSURED_BIT = 2, IPS_SRC_NAT_BIT = 4, IPS_DST_NAT_BIT = 5 };
enum { PACKET_HOST, PACKET_BROADCAST, PACKET_MULTICAST, PACKET_OTHERHOST };

enum {
	NF_INET_PRE_ROUTING, NF_INET_LOCAL_IN, NF_INET_FORWARD, NF_INET_LOCAL_OUT,
	NF_INET_POST_ROUTING,
};

#define container_of(pointer, type, member) \
	((type *)((char *)(pointer) - offsetof(type, member)))
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define struct_size(p, member, n) (sizeof(*(p)) + sizeof((p)->member[0]) * (n))
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max_t(type, a, b) max((type)(a), (type)(b))
#define min_t(type, a, b) min((type)(a), (type)(b))
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define roundup(n, d) (DIV_ROUND_UP(n, d) * (d))
#define PTR_ALIGN(p, n) ((typeof(p))(((uintptr_t)(p) + (n) - 1) & ~((uintptr_t)(n) - 1)))
#define SMP_CACHE_BYTES 64
#define unlikely(condition) (condition)
#define likely(condition) (condition)
#undef __always_inline
#define __always_inline inline
#define cond_resched() ((void)0)
#define __aligned(n) __attribute__((aligned(n)))

#define swap(a, b) \
	do { \
		typeof(a) swapped = (a); \
\
		(a) = (b); \
		(b) = swapped; \
	} while (0)
#define div_u64(dividend, divisor) ((u64)(dividend) / (u32)(divisor))
#define BUILD_BUG_ON(condition) _Static_assert(!(condition), #condition)
#define __printf(fmt, args) __attribute__((format(printf, fmt, args)))

/* ---- memory ---- */

#define GFP_KERNEL 0
#define __GFP_NOWARN 0

void *kzalloc(size_t size, int flags);
void *kmemdup(const void *from, size_t size, int flags);
#define kcalloc(count, size, flags) kzalloc((count) * (size), flags)
#define kvmalloc kzalloc
#define kvmalloc_array(n, size, flags) kzalloc((size_t)(n) * (size), flags)
#define kvcalloc kcalloc
#define kfree free
#define kvfree free
#define ksize malloc_usable_size

typedef struct {
	int count;
} refcount_t;

#define refcount_set(r, n) ((r)->count = (n))
#define refcount_read(r) ((r)->count)
#define refcount_inc(r) ((r)->count++)
#define refcount_dec_and_test(r) (!--(r)->count)

/* The parsers keep room for one, and leave it alone. */
typedef struct {
	s64 counter;
} atomic64_t;

static inline s64 atomic64_read(const atomic64_t *v)
{
	return v->counter;
}

static inline bool atomic64_try_cmpxchg_relaxed(atomic64_t *v, s64 *old, s64 new)
{
	v->counter = new;
	return true;
}

/* ---- bits ---- */

#define BIT(n) (1UL << (n))
#define BIT_ULL(n) (1ULL << (n))
#define GENMASK_ULL(high, low) (~0ULL << (low) & ~0ULL >> (63 - (high)))
#define GENMASK(high, low) ((unsigned long)GENMASK_ULL(high, low))
#define hweight64 __builtin_popcountll
#define hweight16 __builtin_popcount
#define fls(x) ((x) ? 32 - __builtin_clz(x) : 0)
#define fls64(x) ((x) ? 64 - __builtin_clzll(x) : 0)
#define __ffs __builtin_ctzl
#define __ffs64 __builtin_ctzll

#define BITMAP_LONGS(bits) (((bits) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define DECLARE_BITMAP(name, bits) unsigned long name[BITMAP_LONGS(bits)]

static inline bool test_bit(unsigned int bit, const unsigned long *map)
{
	return map[bit / BITS_PER_LONG] >> bit % BITS_PER_LONG & 1;
}

static inline void __set_bit(unsigned int bit, unsigned long *map)
{
	map[bit / BITS_PER_LONG] |= 1UL << bit % BITS_PER_LONG;
}

static inline void __clear_bit(unsigned int bit, unsigned long *map)
{
	map[bit / BITS_PER_LONG] &= ~(1UL << bit % BITS_PER_LONG);
}

/* The bitmaps here are of whole longs. */
static inline unsigned int bitmap_weight(const unsigned long *map, unsigned int bits)
{
	unsigned int i, weight = 0;

	for (i = 0; i < BITMAP_LONGS(bits); i++)
		weight += __builtin_popcountl(map[i]);
	return weight;
}

static inline void bitmap_complement(unsigned long *to, const unsigned long *from,
				     unsigned int bits)
{
	unsigned int i;

	for (i = 0; i < BITMAP_LONGS(bits); i++)
		to[i] = ~from[i];
}

static inline void bitmap_and(unsigned long *to, const unsigned long *a, const unsigned long *b,
			      unsigned int bits)
{
	unsigned int i;

	for (i = 0; i < BITMAP_LONGS(bits); i++)
		to[i] = a[i] & b[i];
}

static inline bool bitmap_subset(const unsigned long *part, const unsigned long *whole,
				 unsigned int bits)
{
	unsigned int i;

	for (i = 0; i < BITMAP_LONGS(bits); i++)
		if (part[i] & ~whole[i])
			return false;
	return true;
}

#define bitmap_size(bits) (BITMAP_LONGS(bits) * sizeof(long))
#define bitmap_zero(map, bits) memset(map, 0, bitmap_size(bits))
#define bitmap_fill(map, bits) memset(map, 0xff, bitmap_size(bits))
#define bitmap_copy(to, from, bits) memcpy(to, from, bitmap_size(bits))
#define bitmap_empty(map, bits) (!bitmap_weight(map, bits))
#define bitmap_full(map, bits) (bitmap_weight(map, bits) == (bits))

static inline u64 div_u64_rem(u64 dividend, u32 divisor, u32 *remainder)
{
	*remainder = dividend % divisor;
	return dividend / divisor;
}

/* Any hash will do: FNV-1a. */
static inline u32 jhash(const void *key, u32 bytes, u32 seed)
{
	const u8 *byte = key;

	for (seed ^= 0x811c9dc5; bytes; bytes--)
		seed = (seed ^ *byte++) * 0x01000193;
	return seed;
}

#define UNALIGNED(bits) \
static inline u##bits get_unaligned_be##bits(const void *from) \
{ \
	u##bits value; \
\
	memcpy(&value, from, sizeof(value)); \
	return __builtin_bswap##bits(value); \
} \
static inline void put_unaligned_be##bits(u##bits value, void *to) \
{ \
	value = __builtin_bswap##bits(value); \
	memcpy(to, &value, sizeof(value)); \
}

UNALIGNED(16)
UNALIGNED(32)
UNALIGNED(64)

/* ---- text ---- */

#define strscpy(to, from, size) snprintf(to, size, "%s", from)

static inline bool isdigit(int c)
{
	return c >= '0' && c <= '9';
}

static inline bool isascii(int c)
{
	return !(c & ~0x7f);
}

/* Of ASCII; the kernel's knows Latin-1, too. */
static inline bool isalnum(int c)
{
	return isdigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool isxdigit(int c)
{
	return isdigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* The kernel's is Latin-1: a no-break space is one. */
static inline bool isspace(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || (u8)c == 0xa0;
}

static inline bool iscntrl(int c)
{
	return (u8)c < ' ' || c == 0x7f;
}

int hex_to_bin(unsigned char c);
char *skip_spaces(const char *text);
char *strim(char *text);
const void *memchr_inv(const void *start, int c, size_t bytes);
int kstrtou32(const char *text, unsigned int base, u32 *number);
int kstrtou64(const char *text, unsigned int base, u64 *number);
int kstrtobool(const char *text, bool *yes);
int in4_pton(const char *src, int len, u8 *dst, int delimiter, const char **end);
int in6_pton(const char *src, int len, u8 *dst, int delimiter, const char **end);
bool dev_valid_name(const char *name);
bool mac_pton(const char *text, u8 *mac);

/* Takes the kernel's "%pI4", "%pI6c" and "%pM" where they are the whole format. */
__printf(3, 0)
int kernel_vsnprintf(char *to, size_t size, const char *format, va_list args);
#define vsnprintf kernel_vsnprintf

#define sort_r(base, count, size, compare, swap, priv) \
	qsort_r(base, count, size, (__compar_d_fn_t)(compare), (void *)(priv))
#define sort(base, count, size, compare, swap) qsort(base, count, size, compare)

#endif
