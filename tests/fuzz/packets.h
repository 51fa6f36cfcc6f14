/* SPDX-License-Identifier: GPL-2.0 */
/* What the classifier and what it asks want of the kernel beside kernel.h: packets, and counting. */
#ifndef FUZZ_PACKETS_H
#define FUZZ_PACKETS_H

/* ---- types ---- */

typedef int64_t s64;
typedef int8_t s8;

#define __percpu
#define __rcu
#define DECLARE_PER_CPU(type, name) extern type name
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))

#define WRITE_ONCE(x, value) (*(volatile __typeof__(x) *)&(x) = (value))

struct kref {
	refcount_t refcount;
};

struct list_head {
	struct list_head *next, *prev;
};

/* Nobody counts here: there is one CPU, and no time. */
#define IS_ENABLED(option) 0
#define this_cpu_add(counter, number) ((void)&(counter))
#define __this_cpu_add(counter, number) ((void)&(counter))
#define __this_cpu_write(counter, number) ((void)&(counter))
#define get_jiffies_64() 0

/* ---- numbers ---- */

#undef min
#undef max
#define min(a, b) ({ __typeof__(a) a_ = (a); __typeof__(b) b_ = (b); a_ < b_ ? a_ : b_; })
#define max(a, b) ({ __typeof__(a) a_ = (a); __typeof__(b) b_ = (b); a_ > b_ ? a_ : b_; })
#define clamp_t(type, x, low, high) min_t(type, max_t(type, x, low), high)
#define ilog2(x) (fls64(x) - 1)
#define roundup_pow_of_two(x) (1ULL << fls64((u64)(x) - 1))

static inline unsigned int find_first_bit(const unsigned long *map, unsigned int bits)
{
	unsigned int bit = 0;

	while (bit < bits && !test_bit(bit, map))
		bit++;
	return bit;
}

/* ---- the compiler ---- */

#define prefetch(address) __builtin_prefetch(address)
#define noinline __attribute__((noinline))
#define __packed __attribute__((packed))
#define __uninitialized

/* ---- memory, and errors in pointers ---- */

#define kvzalloc kzalloc

#define ERR_PTR(code) ((void *)(long)(code))
#define PTR_ERR(pointer) ((long)(pointer))
#define IS_ERR(pointer) ((unsigned long)(pointer) >= (unsigned long)-4095)
#define IS_ERR_OR_NULL(pointer) (!(pointer) || IS_ERR(pointer))
#define PTR_ERR_OR_ZERO(pointer) (IS_ERR(pointer) ? PTR_ERR(pointer) : 0)

/* ---- packets ---- */

struct net_device {
	char name[IFNAMSIZ];
};

struct nf_hook_state {
	u8 hook;
	const struct net_device *in;
	const struct net_device *out;
};

enum ip_conntrack_info {
	IP_CT_ESTABLISHED, IP_CT_RELATED, IP_CT_NEW, IP_CT_IS_REPLY,
	IP_CT_ESTABLISHED_REPLY = IP_CT_ESTABLISHED + IP_CT_IS_REPLY,
	IP_CT_RELATED_REPLY = IP_CT_RELATED + IP_CT_IS_REPLY,
	IP_CT_UNTRACKED = 7,
};

struct sk_buff {
	u32 mark;
	bool tracked;
	enum ip_conntrack_info ctinfo;
};

static inline bool nf_ct_get(const struct sk_buff *skb, enum ip_conntrack_info *ctinfo)
{
	*ctinfo = skb->ctinfo;
	return skb->tracked;
}

static inline bool ether_addr_equal_unaligned(const u8 *a, const u8 *b)
{
	return !memcmp(a, b, ETH_ALEN);
}

#endif
