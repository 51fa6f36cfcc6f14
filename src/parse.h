/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_PARSE_H
#define MINIFW_PARSE_H

#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/refcount.h>
#include <linux/types.h>

struct minifw_error;
struct minifw_text;

/* Elements that a list may be written with; what is longer is a set. */
#define MINIFW_LIST_MAX 64

#define MINIFW_NAME_MAX 63	/* bytes of an object's name */

/**
 * struct minifw_list - what every list value starts with
 * @refs: specs that hold it; it is immutable once one does
 * @size: bytes of the whole allocation, from this header on
 * @count: elements behind the header
 * @negated: matches what is none of the elements
 * @set: no list, but a struct minifw_set_ref: the elements are those of a set
 */
struct minifw_list {
	refcount_t refs;
	u32 size;
	u16 count;
	bool negated;
	bool set;
};

/**
 * struct minifw_slot - a list, or a short one itself in its place
 * @word: 0 where unset; the address of a list; or, with MINIFW_SLOT_SHORT, a short
 *        list: the kinds of value that have such say how it is laid out
 *
 * What can be short always is: equal short lists are equal words.
 */
struct minifw_slot {
	u64 word;
};

#define MINIFW_SLOT_SHORT	1ULL	/* no list is at an odd address */
#define MINIFW_SLOT_NEGATED	2ULL	/* of a short list */

/**
 * struct minifw_range - consecutive numbers
 * @first: the lowest
 * @last: the highest, @first included
 */
struct minifw_range {
	u32 first;
	u32 last;
};

/**
 * struct minifw_ranges - numbers that have an order, or ICMP types with their codes
 * @list: header
 * @range: ascending and disjoint; of ICMP, `type << 8 | code`
 *
 * One range of numbers below 65536 is a short list: @first from bit 16 of its slot on,
 * @last from bit 32 on.
 */
struct minifw_ranges {
	struct minifw_list list;
	struct minifw_range range[];
};

/**
 * union minifw_ranges_room - room for a short list as if it were a long one
 * @ranges: the list
 * @bytes: with its range
 */
union minifw_ranges_room {
	struct minifw_ranges ranges;
	u8 bytes[sizeof(struct minifw_ranges) + sizeof(struct minifw_range)];
};

/**
 * struct minifw_iface - an interface name, or how it begins
 * @name: NUL-terminated, without the `*`
 * @len: bytes to compare: with the NUL for a whole name, without it for a beginning
 */
struct minifw_iface {
	char name[IFNAMSIZ];
	u8 len;
};

/**
 * struct minifw_ifaces - interface names
 * @list: header
 * @iface: in byte order, none covered by another
 */
struct minifw_ifaces {
	struct minifw_list list;
	struct minifw_iface iface[];
};

/**
 * struct minifw_mac - an Ethernet address
 * @addr: as on the wire
 */
struct minifw_mac {
	u8 addr[ETH_ALEN];
};

/**
 * struct minifw_macs - Ethernet addresses
 * @list: header
 * @mac: ascending, each once
 */
struct minifw_macs {
	struct minifw_list list;
	struct minifw_mac mac[];
};

/**
 * struct minifw_note - text: a comment, or a path
 * @list: header; @list.count is the length
 * @text: NUL-terminated
 */
struct minifw_note {
	struct minifw_list list;
	char text[];
};

#define MINIFW_COMMENT_MAX 255	/* bytes of a comment */

/**
 * struct minifw_codes - numbers that stand for something: IP protocols, DSCP classes
 * @list: header
 * @bits: one a number
 *
 * MINIFW_CODES_SHORT numbers at the most are a short list: how many from bit 4 of its
 * slot on, and each in a byte, ascending, from bit 8 on.
 */
struct minifw_codes {
	struct minifw_list list;
	unsigned long bits[256 / BITS_PER_LONG];
};

#define MINIFW_CODES_SHORT 7

/**
 * struct minifw_flags - words of a closed list
 * @bits: one a word, in the order of the table; none where unset
 * @negated: matches what is none of them
 */
struct minifw_flags {
	u8 bits;
	bool negated;
};

/**
 * struct minifw_tcp_flags - bits of a TCP header's flags byte
 * @value: what they must be
 * @mask: which of them count; 0 where unset
 */
struct minifw_tcp_flags {
	u8 value;
	u8 mask;
};

/**
 * struct minifw_mark - bits of a mark
 * @value: what they must be
 * @mask: which of them count; 0 where unset
 */
struct minifw_mark {
	u32 value;
	u32 mask;
};

/**
 * struct minifw_word - a word and what it stands for
 * @word: as written and shown
 * @number: a bit's number, or a protocol's, or a type's
 */
struct minifw_word {
	const char *word;
	u8 number;
};

/**
 * struct minifw_words - a closed list of words, or numbers, or both
 * @what: what each of them is, for messages: "a hook"
 * @max: the highest number, where numbers are taken; the lowest is 0
 * @word: the words, in the order in which they are shown; of two for one number
 *        the first is shown
 * @count: how many
 * @single: one word only, and no `!`
 * @no_negation: a list, but without `!`
 * @any_number: a packet may have several of them or none, so that `!` before all
 *              of them has a meaning
 * @always_one: a packet that has any of it has one of them
 */
struct minifw_words {
	const char *what;
	u32 max;
	const struct minifw_word *word;
	unsigned int count;
	bool single;
	bool no_negation;
	bool any_number;
	bool always_one;
};

/**
 * struct minifw_kind - a kind of value: how it is read, shown and kept
 * @parse: reads the writable @text, trimmed and not empty, into @value, which is
 *         zeroed; @words are the attribute's words and numbers, or NULL. Returns 0,
 *         -EINVAL, -ERANGE, -E2BIG or -ENOMEM, with the reason in @err
 * @show: appends the normal form of a value that is set
 * @covers: does value @a take, of packets of @families, all that @b takes; or, where @b is
 *          NULL, all there is?  False where that is not certain. Without it, what
 *          is equal covers
 * @size: bytes of a value where it stands in a spec
 * @list: the value is a pointer to a list, NULL where unset
 * @slot: the value is a struct minifw_slot
 *
 * A value that is unset is all zeroes.  The functions are pure: no lock, no
 * state; parse may sleep to allocate.
 */
struct minifw_kind {
	int (*parse)(const struct minifw_words *words, char *text, void *value,
		     struct minifw_error *err);
	void (*show)(const struct minifw_words *words, struct minifw_text *out, const void *value);
	bool (*covers)(const struct minifw_words *words, const void *a, const void *b,
		       u8 families);
	size_t size;
	bool list;
	bool slot;
};

/* Of a value of any kind, at the most. */
#define MINIFW_VALUE_MAX 32

extern const struct minifw_kind minifw_kind_ranges, minifw_kind_icmp, minifw_kind_ifaces,
	minifw_kind_macs, minifw_kind_codes, minifw_kind_flags, minifw_kind_tcp_flags,
	minifw_kind_mark, minifw_kind_note, minifw_kind_path, minifw_kind_s32, minifw_kind_seconds;

static inline bool minifw_slot_is_set(struct minifw_slot slot)
{
	return slot.word;
}

static inline bool minifw_slot_is_short(struct minifw_slot slot)
{
	return slot.word & MINIFW_SLOT_SHORT;
}

/* The list of a slot; NULL where it is unset or short. */
static inline struct minifw_list *minifw_slot_list(struct minifw_slot slot)
{
	return minifw_slot_is_short(slot) ? NULL : (struct minifw_list *)(unsigned long)slot.word;
}

static inline struct minifw_slot minifw_slot_of_list(struct minifw_list *list)
{
	return (struct minifw_slot){ .word = (unsigned long)list };
}

/* Does it name a set in the place of its elements? */
static inline bool minifw_slot_is_set_ref(struct minifw_slot slot)
{
	const struct minifw_list *list = minifw_slot_list(slot);

	return list && list->set;
}

/* Of a short list of numbers. */
static inline u16 minifw_short_first(struct minifw_slot slot)
{
	return slot.word >> 16;
}

static inline u16 minifw_short_last(struct minifw_slot slot)
{
	return slot.word >> 32;
}

/* Of short codes. */
static inline unsigned int minifw_short_codes(struct minifw_slot slot)
{
	return slot.word >> 4 & 7;
}

static inline u8 minifw_short_code(struct minifw_slot slot, unsigned int i)
{
	return slot.word >> (8 * i + 8);
}

/* Takes one element of a list; @token is trimmed and writable. */
typedef int (*minifw_element)(const struct minifw_words *words, char *token, void *ctx,
			      struct minifw_error *err);

bool minifw_name_valid(const char *name);

void *minifw_list_alloc(size_t header, size_t element, const char *text);
void minifw_list_get(struct minifw_list *list);
void minifw_list_put(struct minifw_list *list);
bool minifw_list_equal(const struct minifw_list *a, const struct minifw_list *b);
u32 minifw_list_hash(const struct minifw_list *list, u32 seed);
bool minifw_has_control(const char *text);

const struct minifw_ranges *minifw_ranges_of(struct minifw_slot slot,
					     union minifw_ranges_room *room);
const struct minifw_codes *minifw_codes_of(struct minifw_slot slot, struct minifw_codes *room);

int minifw_parse_u64(const char *token, u64 max, u64 *number);
int minifw_parse_number(const char *token, u32 max, u32 *number);
void minifw_word_show(const struct minifw_words *words, u8 number, struct minifw_text *out);
int minifw_parse_range(const struct minifw_words *words, char *token, struct minifw_range *range,
		       struct minifw_error *err);
int minifw_parse_iface(char *token, struct minifw_iface *iface, struct minifw_error *err);
int minifw_parse_mac(const char *token, struct minifw_mac *mac, struct minifw_error *err);
int minifw_parse_seconds(const char *token, u32 *seconds, struct minifw_error *err);
int minifw_parse_list(const struct minifw_words *words, char *text, minifw_element element,
		      void *ctx, bool *negated, struct minifw_error *err);
u8 minifw_words_all(const struct minifw_words *words);
int minifw_parse_word(const struct minifw_words *words, const char *token,
		      struct minifw_error *err);

#endif
