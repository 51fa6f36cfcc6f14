/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_REFERENCE_H
#define MINIFW_REFERENCE_H

#include "element.h"
#include "parse.h"

struct minifw_error;
struct minifw_set;
struct minifw_text;

/* What of a packet `add_to` puts into a set. */
enum minifw_add_key {
	MINIFW_ADD_SADDR,
	MINIFW_ADD_DADDR,
	MINIFW_ADD_SPORT,
	MINIFW_ADD_DPORT,
	MINIFW_ADD_IIF,
	MINIFW_ADD_OIF,
	MINIFW_ADD_SADDR_MAC,
	MINIFW_ADD_SADDR_SPORT,
	MINIFW_ADD_DADDR_DPORT,
	MINIFW_ADD_SADDR_DPORT,
};

/**
 * struct minifw_set_ref - a set, as a rule names it
 * @list: header; its size ends before @set
 * @key: of `add_to`: enum minifw_add_key
 * @timeout: of `add_to`: seconds, or MINIFW_TIMEOUT_UNSET
 * @name: of the set
 * @set: the set, held; NULL where the rule is a draft
 * @held: the set's directory is, because the rule is in force
 */
struct minifw_set_ref {
	struct minifw_list list;
	u8 key;
	u32 timeout;
	char name[MINIFW_NAME_MAX + 1];
	struct minifw_set *set;
	bool held;
};

extern const struct minifw_kind minifw_kind_add_to;

bool minifw_ref_is(const char *text);
int minifw_ref_parse(char *text, struct minifw_list **list, struct minifw_error *err);
void minifw_ref_show(const struct minifw_list *list, struct minifw_text *out);
enum minifw_set_type minifw_ref_type(const struct minifw_set_ref *ref);
struct minifw_set_ref *minifw_ref_copy(const struct minifw_set_ref *ref);

#endif
