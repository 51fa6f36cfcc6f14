/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IMPORT_H
#define IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "keep.h"
#include "place.h"

/* What a rule asks of packets, in an order in which each is there if those before it match. */
enum field {
	FAMILY, IIF, OIF, SADDR, DADDR, SADDR_TYPE, DADDR_TYPE, PROTO, SPORT, DPORT, ICMP_TYPE,
	ICMPV6_TYPE, TCP_FLAGS, CT_STATE, CT_STATUS, CT_MARK, CT_ORIG_DADDR, CT_ORIG_DPORT,
	EXTHDR, IPOPT, SADDR_MAC, LENGTH, TTL, DSCP, PKTTYPE, MARK, UID, GID, RPF, IPSEC,
	TIME, CONN_LIMIT, LIMIT, QUOTA,
	FIELDS
};

extern const char *const field_names[FIELDS];

/**
 * struct condition - all of it has to be so
 * @value: of each attribute, as in a rule; NULL fits every packet
 */
struct condition {
	const char *value[FIELDS];
};

/* What two conditions are together. */
enum joined {
	JOINED,		/* a condition */
	NEVER,		/* nothing fits both */
	UNSAYABLE,	/* not one condition */
};

#define CASES_MAX 48
#define LIST_MAX 64	/* elements of a list; what has more becomes a set */
#define DECIDED_MAX 64

/**
 * struct cases - conditions of which no packet fits two
 * @count: how many
 * @one: each
 */
struct cases {
	size_t count;
	struct condition one[CASES_MAX];
};

/**
 * struct decided - conditions of which nothing is left
 * @count: how many
 * @one: each
 */
struct decided {
	size_t count;
	struct condition one[DECIDED_MAX];
};

/* What becomes of what matches. */
enum outcome {
	GOES_ON,	/* to the next rule, but for its log */
	DECIDED,	/* by its action */
	JUMPS,		/* to a chain, and comes back from there */
	GOES_TO,	/* to a chain, whose end is the end of this one */
	RETURNS,	/* to the chain that jumped here */
};

/**
 * struct source_rule - a rule as it was read
 * @match: what it asks
 * @outcome: what becomes of what matches
 * @action: as in a rule, of what is decided; `notrack` may go on
 * @target: the chain that is jumped to
 * @log: as in a rule, or NULL
 * @comment: likewise
 * @why: why it cannot be said; NULL if it can
 * @instead: what is said in its stead if need be, though it differs; NULL if nothing would do
 * @differing: about which packets it decides otherwise then; NULL if it refuses no less
 * @place: where it is
 * @written: how often it came out
 * @told: why it cannot be said was told
 */
struct source_rule {
	struct condition match;
	enum outcome outcome;
	const char *action;
	const char *target;
	const char *log;
	const char *comment;
	const char *why;
	const char *instead;
	const char *differing;
	struct place place;
	unsigned int written;
	bool told;
};

/**
 * struct source_chain - a chain as it was read
 * @name: its name
 * @rules: its rules
 * @count: how many
 * @room: for how many there is room
 * @policy: the action for what no rule decides; NULL if it is jumped to
 * @place: where it is
 * @busy: it is being walked through
 * @idle: nothing is done there
 */
struct source_chain {
	char *name;
	struct source_rule *rules;
	size_t count;
	size_t room;
	const char *policy;
	struct place place;
	bool busy;
	bool idle;
};

/**
 * struct source_table - chains that may jump to each other
 * @chains: each
 * @count: how many
 */
struct source_table {
	struct source_chain **chains;
	size_t count;
};

/**
 * struct flat_rule - a rule that comes out
 * @match: what it asks
 * @action: as in a rule
 * @log: likewise
 * @comment: likewise
 * @source: of what
 * @left_out: why it does not come out; it is a comment
 */
struct flat_rule {
	struct condition match;
	const char *action;
	const char *log;
	const char *comment;
	struct source_rule *source;
	const char *left_out;
};

/**
 * struct flat_hook - the rules of one family at one hook
 * @hook: its name
 * @prefix: of the names of its rules
 * @family: `ip` or `ip6`; NULL is both
 * @policy: `accept` or `drop`
 * @rules: in order
 * @count: how many
 * @room: for how many there is room
 */
struct flat_hook {
	const char *hook;
	const char *prefix;
	const char *family;
	const char *policy;
	struct flat_rule *rules;
	size_t count;
	size_t room;
};

/**
 * struct imported - all that was read
 * @lenient: what cannot be said is left out
 * @hooks: of each hook and family
 * @count: how many
 * @room: for how many there is room
 * @sets: what stands before the rules: what each is about, and its lines
 * @set_count: how many
 * @tables: whose rules they are
 * @table_count: how many
 * @hashes: names of what counts by keys, which rules may share
 * @hash_count: how many
 */
struct imported {
	bool lenient;
	struct flat_hook *hooks;
	size_t count;
	size_t room;
	char **sets;
	size_t set_count;
	struct source_table *tables;
	size_t table_count;
	char **hashes;
	size_t hash_count;
};

/* import_value.c */
enum joined value_join(enum field field, const char *a, const char *b, const char **joined);
size_t value_negate(enum field field, const char *value, const char **cases, size_t max);
bool value_within(enum field field, const char *value, const char *all);

/* import_condition.c */
enum joined condition_join(const struct condition *a, const struct condition *b,
			   struct condition *joined);
enum joined condition_add(struct condition *condition, enum field field, const char *value);
bool condition_equal(const struct condition *a, const struct condition *b);
bool condition_negate(const struct condition *condition, struct cases *cases);
bool condition_counts(const struct condition *condition);
const struct condition *condition_any(void);

/* import_decided.c */
void decided_add(struct decided *decided, const struct condition *match);
bool decided_all(const struct decided *decided, const struct condition *match);

/* import_chain.c */
struct source_chain *table_chain(const struct source_table *table, const char *name);
struct source_chain *table_add_chain(struct source_table *table, const char *name,
				     const struct place *place);
struct source_rule *chain_add(struct source_chain *chain, const struct source_rule *rule);
void chain_insert(struct source_chain *chain, const struct source_rule *rule, size_t at);
bool chain_acts(const struct source_table *table, struct source_chain *chain);
void table_keep(struct imported *imported, struct source_table *table);
void tables_clear(struct imported *imported);

/* import_flatten.c */
void flatten(struct imported *imported, struct source_table *table, struct source_chain *chain,
	     struct flat_hook *hook, const char *family);

/* import_shortcut.c */
void shortcuts_show(const struct imported *imported, FILE *out);

/* import_out.c */
struct flat_hook *imported_hook(struct imported *imported, const char *hook, const char *family);
void imported_set(struct imported *imported, const char *name, const char *line);
int imported_show(struct imported *imported, FILE *out);
void imported_clear(struct imported *imported);

/* import_list.c */
const char *list_set(struct imported *imported, const char *type, const char *list, char *why);
void lists_shorten(struct imported *imported);

/* what reads each kind of file */
void import_iptables(struct imported *imported, const char *path, const char *family);
void import_ufw(struct imported *imported, const char *folder);
void import_nft(struct imported *imported, const char *path);

#endif
