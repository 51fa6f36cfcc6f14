/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IMPORT_JSON_H
#define IMPORT_JSON_H

#include <jansson.h>

#include "import.h"

/**
 * struct nft_rule - a rule of nft, while it is read
 * @imported: takes its sets
 * @all: the objects of the rule set
 * @table: its table
 * @family: the family of that
 * @chain: takes what it becomes
 * @rule: what that is
 * @counted: a limit was read: nothing may be asked after it
 * @never: nothing can match
 * @differing: it cannot be said, but what decides otherwise about these packets alone
 * @not_flags: TCP flags that it must not have
 */
struct nft_rule {
	struct imported *imported;
	json_t *all;
	const char *table;
	const char *family;
	struct source_chain *chain;
	struct source_rule rule;
	bool counted;
	bool never;
	const char *differing;
	const char *not_flags;
};

const char *json_scalar(json_t *value);
const char *json_value(struct imported *imported, const char *type, json_t *value);

__attribute__((format(printf, 2, 3)))
void nft_cannot(struct nft_rule *nft, const char *format, ...);
void nft_differs(struct nft_rule *nft, const char *packets, const char *why);
json_t *nft_find(const struct nft_rule *nft, const char *kind, const char *name);
void nft_ask(struct nft_rule *nft, enum field field, const char *value);
void nft_match(struct nft_rule *nft, json_t *left, const char *op, json_t *right);

#endif
