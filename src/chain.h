/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_CHAIN_H
#define MINIFW_CHAIN_H

#include <linux/kref.h>

#include "error.h"
#include "pool.h"
#include "rule.h"
#include "spec.h"
#include "stats.h"

struct minifw_lines;
struct minifw_text;

/**
 * struct minifw_frozen - a chain as packets see it
 * @ref: held by each snapshot that it is in
 * @head: its priority and comment
 * @lines: its rules, sealed; held
 * @kept: how many of them, from the first on, are the same as in the form before
 * @attrs: the attributes that any of them has
 * @stages: bits by enum minifw_stage: where they stand
 * @expired: some of them are out of force because their time was over
 * @come: what those of them had counted before that packets did not see then
 * @gate: theirs; held
 * @chain: held
 *
 * Immutable, but for @expired, @come and what retires lines.
 */
struct minifw_frozen {
	struct kref ref;
	struct minifw_spec head;
	struct minifw_lines *lines;
	unsigned int kept;
	u64 attrs;
	u8 stages;
	bool expired;
	struct minifw_counters come;
	struct minifw_gate *gate;
	struct minifw_chain *chain;
};

/**
 * struct minifw_chain - a chain as somebody is writing it
 * @ref: held by the directory, and by each struct minifw_frozen made of it
 * @name: of the directory
 * @head: the draft's priority and comment
 * @lines: the draft's rules; the same as @live's where they say the same
 * @live: what packets see, or NULL; held until the directory goes
 * @other: in a transaction, what they may see next (transaction.c), or NULL
 * @pool: counters for lines that will be frozen
 * @gone: what was counted beside the counters of @live's lines
 * @would_drop: packets that lines would have dropped
 * @abandoned: the directory went in a transaction, or without the right to publish: the
 *             chain stays in force until the next publish
 * @error: why the last write was refused
 *
 * Guarded by minifw_ruleset_mutex.
 */
struct minifw_chain {
	struct kref ref;
	char name[MINIFW_NAME_MAX + 1];
	struct minifw_spec head;
	struct minifw_lines *lines;
	struct minifw_frozen *live;
	struct minifw_frozen *other;
	struct minifw_pool pool;
	struct minifw_counters gone;
	u64 __percpu *would_drop;
	bool abandoned;
	struct minifw_error error;
};

struct minifw_chain *minifw_chain_create(const char *name);
void minifw_chain_put(struct minifw_chain *chain);
int minifw_chain_load(struct minifw_chain *chain, char *text, struct minifw_error *err);
int minifw_chain_add(struct minifw_chain *chain, char *text, struct minifw_error *err);
int minifw_chain_flush(struct minifw_chain *chain, struct minifw_error *err);
void minifw_chain_prepare(struct minifw_chain *chain);
bool minifw_chain_modified(const struct minifw_chain *chain);
bool minifw_chain_stale(const struct minifw_frozen *form);
struct minifw_frozen *minifw_chain_form(const struct minifw_chain *chain);
const char *minifw_chain_status(const struct minifw_chain *chain);
void minifw_chain_counters(const struct minifw_chain *chain, struct minifw_counters *sum);
int minifw_chain_show(const struct minifw_chain *chain, struct minifw_text *out);
void minifw_chain_switch(struct minifw_chain *chain, struct minifw_frozen *to);
void minifw_chain_abandon(struct minifw_chain *chain);

struct minifw_frozen *minifw_frozen_create(struct minifw_chain *chain, struct minifw_error *err);
void minifw_frozen_get(struct minifw_frozen *frozen);
void minifw_frozen_arrive(struct minifw_frozen *frozen);
void minifw_frozen_put(struct minifw_frozen *frozen);
void minifw_frozen_release(struct minifw_frozen *frozen);
bool minifw_frozen_expire(struct minifw_frozen *frozen);
int minifw_frozen_show(const struct minifw_frozen *frozen, struct minifw_text *out);

#endif
