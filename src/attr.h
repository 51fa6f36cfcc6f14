/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_ATTR_H
#define MINIFW_ATTR_H

#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/types.h>

#include "parse.h"
#include "spec.h"
#include "stage.h"

/* What empties an attribute, beside writing another value to it. */
enum minifw_clearing {
	MINIFW_CLEARS_NEVER,	/* it always has a value, or is set once */
	MINIFW_CLEARS_BY_EMPTY,	/* an empty line */
	MINIFW_CLEARS_BY_ANY,	/* an empty line or `any` */
};

/**
 * struct minifw_attr - a row: an attribute of a rule
 * @name: of its file, and its key in a line
 * @offset: of its value in struct minifw_spec, or in struct minifw_rare if @rare
 * @rare: where it is
 * @kind: how it is read, shown and kept
 * @words: its words and numbers, if the kind is of those
 * @clears: what empties it
 * @hooks: bits by enum minifw_stage: the hooks whose packets have it
 * @sets: bits by enum minifw_set_type: of which type a set in its place may be
 */
struct minifw_attr {
	const char *name;
	u16 offset;
	bool rare;
	const struct minifw_kind *kind;
	const struct minifw_words *words;
	enum minifw_clearing clears;
	u8 hooks;
	u8 sets;
};

/* Where what an attribute asks for is there. */
#define MINIFW_ALL_HOOKS (BIT(MINIFW_AT_INGRESS) | MINIFW_ROUTED_HOOKS)

/* Those that conntrack, and whoever else comes after ingress, has been before. */
#define MINIFW_ROUTED_HOOKS ( \
	BIT(MINIFW_AT_PREROUTING) | BIT(MINIFW_AT_INPUT) | BIT(MINIFW_AT_FORWARD) | \
	BIT(MINIFW_AT_OUTPUT) | BIT(MINIFW_AT_POSTROUTING))

/* Where packets have come in by a device, go out by one, have a socket that sends them. */
#define MINIFW_IN_HOOKS ( \
	BIT(MINIFW_AT_INGRESS) | BIT(MINIFW_AT_PREROUTING) | BIT(MINIFW_AT_INPUT) | \
	BIT(MINIFW_AT_FORWARD))
#define MINIFW_ROUTED_IN_HOOKS (MINIFW_IN_HOOKS & MINIFW_ROUTED_HOOKS)
#define MINIFW_OUT_HOOKS ( \
	BIT(MINIFW_AT_FORWARD) | BIT(MINIFW_AT_OUTPUT) | BIT(MINIFW_AT_POSTROUTING))
#define MINIFW_SOCKET_HOOKS (BIT(MINIFW_AT_OUTPUT) | BIT(MINIFW_AT_POSTROUTING))

extern const struct minifw_attr minifw_attrs[MINIFW_NR_ATTRS];

/* Where an attribute's value is in a spec that has one, or could have. */
static inline void *minifw_attr_value(const struct minifw_attr *attr,
				      const struct minifw_spec *spec)
{
	return (attr->rare ? (char *)spec->rare : (char *)spec) + attr->offset;
}

/* The next of the attributes in *@left, a bit for each; NULL after the last. */
static inline const struct minifw_attr *minifw_attr_next(u64 *left)
{
	const struct minifw_attr *attr = *left ? &minifw_attrs[__ffs64(*left)] : NULL;

	*left &= *left - 1;
	return attr;
}

#endif
