/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IMPORT_XT_H
#define IMPORT_XT_H

#include "import.h"

#define WORDS_MAX 256

/**
 * struct xt_table - a table of iptables, while it is read
 * @family: `ip` or `ip6`
 * @name: its name
 * @chains: its chains
 */
struct xt_table {
	const char *family;
	const char *name;
	struct source_table chains;
};

/**
 * struct xt_rule - a rule in the words of iptables, while it is read
 * @family: `ip` or `ip6`
 * @table: `filter` or `raw`
 * @chain: where it stands
 * @rule: what it becomes
 * @imported: takes the sets that it names
 * @word: its words
 * @count: how many
 * @at: the word at hand
 * @match: the module of `-m` that was named last
 * @limit: of -m limit
 * @burst: likewise
 * @late: a match came after the limit
 * @differs: it cannot be said, but what it is without that, if it refuses, refuses no less
 * @hash: of -m hashlimit
 * @time: of -m time
 * @connlimit: of -m connlimit
 * @policy: of -m policy
 * @target: words of the target
 * @not_flags: TCP flags that it must not have
 */
struct xt_rule {
	const char *family;
	const char *table;
	const char *chain;
	struct source_rule rule;
	struct imported *imported;
	char *word[WORDS_MAX];
	size_t count;
	size_t at;
	const char *match;
	const char *limit;
	const char *burst;
	bool late;
	bool differs;
	struct {
		const char *rate;
		const char *burst;
		const char *mode;
		const char *src_mask;
		const char *dst_mask;
		bool over;
	} hash;
	struct {
		const char *start;
		const char *stop;
		const char *days;
		bool contiguous;
	} time;
	struct {
		const char *above;
		const char *mask;
		bool daddr;
	} connlimit;
	struct {
		const char *direction;
		const char *policy;
	} policy;
	struct {
		const char *name;
		const char *with;
		const char *prefix;
		const char *level;
		const char *group;
		const char *queue;
		bool balance;
		bool bypass;
		bool notrack;
	} target;
	const char *not_flags;
};

/* import_tables.c */
bool xt_base(const char *chain);
void xt_table_end(struct imported *imported, struct xt_table *table);

/* import_iptables.c, import_match.c, import_option.c, import_several.c, import_target.c */
__attribute__((format(printf, 2, 3)))
void xt_cannot(struct xt_rule *xt, const char *format, ...);
void xt_differs(struct xt_rule *xt, const char *why);
bool xt_match(struct xt_rule *xt, const char *option, bool not);
void xt_ask(struct xt_rule *xt, enum field field, const char *value, bool not);
bool xt_option(struct xt_rule *xt, const char *option, bool not);
bool xt_several(struct xt_rule *xt, const char *option, bool not);
void xt_several_end(struct xt_rule *xt);
bool xt_target(struct xt_rule *xt, const char *option);
void xt_target_end(struct xt_rule *xt);
const char *xt_value(struct xt_rule *xt, const char *option);

struct save;

struct save *save_new(struct imported *imported, const char *family, bool merge);
void save_read_from(struct save *save, FILE *file, const char *path);
void save_read(struct save *save, const char *path);
void save_take(struct save *save, const char *format, ...) __attribute__((format(printf, 2, 3)));
void save_end(struct save *save);

#endif
