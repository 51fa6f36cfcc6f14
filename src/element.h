/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_ELEMENT_H
#define MINIFW_ELEMENT_H

#include "addr.h"
#include "key.h"

struct minifw_error;
struct minifw_text;

/* What a set holds. */
enum minifw_set_type {
	MINIFW_SET_ADDR,
	MINIFW_SET_PORT,
	MINIFW_SET_IFACE,
	MINIFW_SET_MAC,
	MINIFW_SET_ADDR_PORT,
};

extern const struct minifw_words minifw_set_types;

#define MINIFW_SET_MAX		1048576		/* elements of a set, where nobody says otherwise */
#define MINIFW_SET_MAX_MOST	16777216	/* the highest that may be said */

#define MINIFW_TIMEOUT_UNSET U32_MAX	/* the set's own holds */

/**
 * struct minifw_element - what a line says of a set
 * @family: whose keys they are: enum minifw_family; 0 where the type knows none
 * @first: the first key
 * @last: the last one
 * @timeout: seconds, 0 for ever, or MINIFW_TIMEOUT_UNSET
 */
struct minifw_element {
	u8 family;
	struct minifw_key first;
	struct minifw_key last;
	u32 timeout;
};

u8 minifw_element_len(enum minifw_set_type type, u8 family);
bool minifw_element_joins(enum minifw_set_type type);
int minifw_element_parse(enum minifw_set_type type, char *line, struct minifw_element *element,
			 struct minifw_error *err);
char *minifw_element_plain(enum minifw_set_type type, char *line, struct minifw_element *element);
void minifw_element_show(enum minifw_set_type type, u8 family, const struct minifw_key *first,
			 const struct minifw_key *last, struct minifw_text *out);

#endif
