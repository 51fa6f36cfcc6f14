// SPDX-License-Identifier: GPL-2.0
/*
 * One chain: the draft of its lines, and the frozen form that packets see.  Lines
 * are shared between the two and from form to form; what counts where when lines
 * come and go is settled here.  Who may see which when is ruleset.c's.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "cgroup.h"
#include "chain.h"
#include "config.h"
#include "diff.h"
#include "expiry.h"
#include "lines.h"
#include "log.h"
#include "logspec.h"
#include "ruleset.h"
#include "set_ref.h"
#include "text.h"
#include "transaction.h"

/* Whole or half made, and without lines of which packets know. */
static void chain_free(struct minifw_chain *chain)
{
	minifw_lines_put(chain->lines);
	free_percpu(chain->would_drop);
	kfree(chain);
}

/**
 * minifw_chain_create() - a chain without lines, off
 * @name: a valid name
 *
 * Context: may sleep.
 * Return: the chain with one reference, or NULL.
 */
struct minifw_chain *minifw_chain_create(const char *name)
{
	struct minifw_chain *chain = kzalloc(sizeof(*chain), GFP_KERNEL);

	if (!chain)
		return NULL;
	chain->lines = minifw_lines_create(0);
	chain->would_drop = alloc_percpu(u64);
	if (!chain->lines || !chain->would_drop) {
		chain_free(chain);
		return NULL;
	}
	kref_init(&chain->ref);
	strscpy(chain->name, name, sizeof(chain->name));
	minifw_spec_init(&chain->head);
	return chain;
}

static void chain_release(struct kref *ref)
{
	struct minifw_chain *chain = container_of(ref, struct minifw_chain, ref);

	minifw_pool_clear(&chain->pool);
	minifw_spec_clear(&chain->head);
	chain_free(chain);
}

/**
 * minifw_chain_put() - let go of a chain; the last one frees it
 * @chain: the chain
 *
 * Context: may sleep.
 */
void minifw_chain_put(struct minifw_chain *chain)
{
	kref_put(&chain->ref, chain_release);
}

/* ---- the draft ---- */

/* A draft that says what packets see is what packets see: its lines are the same. */
static void draft_settle(struct minifw_chain *chain)
{
	struct minifw_frozen *live = chain->live;

	if (!live || live->lines == chain->lines || live->lines->count != chain->lines->count ||
	    minifw_lines_common(live->lines, chain->lines) < live->lines->count)
		return;
	minifw_lines_put(chain->lines);
	chain->lines = minifw_lines_get(live->lines);
}

static void draft_replace(struct minifw_chain *chain, struct minifw_lines *lines)
{
	minifw_lines_put(chain->lines);
	chain->lines = lines;
	draft_settle(chain);
}

/**
 * minifw_chain_load() - replace the draft's lines
 * @chain: the chain
 * @text: lines, as minifw_lines_parse() takes them
 * @err: takes the reason
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0; or as minifw_lines_parse(), with nothing changed.
 */
int minifw_chain_load(struct minifw_chain *chain, char *text, struct minifw_error *err)
{
	struct minifw_lines *lines = minifw_lines_parse(text, err);

	if (IS_ERR(lines))
		return PTR_ERR(lines);
	draft_replace(chain, lines);
	return 0;
}

static int draft_append(struct minifw_chain *chain, const struct minifw_lines *lines,
			struct minifw_error *err)
{
	unsigned int i;

	if (chain->lines->count + lines->count > MINIFW_RULES_MAX)
		return minifw_error_set(err, -ENOSPC, "more than %u rules", MINIFW_RULES_MAX);
	if (minifw_lines_reserve(&chain->lines, lines->count))
		return minifw_error_no_memory(err);
	for (i = 0; i < lines->count; i++) {
		minifw_live_get(lines->line[i]);
		minifw_lines_add(chain->lines, lines->line[i]);
	}
	return 0;
}

/**
 * minifw_chain_add() - append to the draft's lines
 * @chain: the chain
 * @text: lines, as minifw_lines_parse() takes them
 * @err: takes the reason
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0; or as minifw_lines_parse(), with nothing changed.
 */
int minifw_chain_add(struct minifw_chain *chain, char *text, struct minifw_error *err)
{
	struct minifw_lines *lines = minifw_lines_parse(text, err);
	int ret = 0;

	if (IS_ERR(lines))
		return PTR_ERR(lines);
	if (lines->count)
		ret = draft_append(chain, lines, err);
	if (!ret)
		draft_settle(chain);
	minifw_lines_put(lines);
	return ret;
}

/**
 * minifw_chain_flush() - empty the draft
 * @chain: the chain
 * @err: takes the reason
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0 or -ENOMEM.
 */
int minifw_chain_flush(struct minifw_chain *chain, struct minifw_error *err)
{
	struct minifw_lines *lines = minifw_lines_create(0);

	if (!lines)
		return minifw_error_no_memory(err);
	draft_replace(chain, lines);
	return 0;
}

/* The loggers that lines ask for, as bits by enum minifw_log_target. */
static u8 log_targets(const struct minifw_lines *lines)
{
	unsigned int i;
	u8 targets = 0;

	for (i = 0; i < lines->count; i++)
		targets |= BIT(minifw_log_target(&lines->line[i]->spec));
	return targets;
}

/**
 * minifw_chain_prepare() - have what the kernel loads before a chain can be live
 * @chain: about to be published
 *
 * What could not be had, minifw_live_seal() refuses.
 *
 * Context: may sleep; minifw_ruleset_mutex not held.
 */
void minifw_chain_prepare(struct minifw_chain *chain)
{
	u8 targets, target;

	mutex_lock(&minifw_ruleset_mutex);
	targets = log_targets(chain->lines);
	mutex_unlock(&minifw_ruleset_mutex);
	for (target = MINIFW_LOG_SYSLOG; target <= MINIFW_LOG_NFLOG; target++)
		if (targets & BIT(target))
			minifw_log_load(target);
}

/**
 * minifw_chain_form() - what a chain's file `enabled` is about
 * @chain: the chain
 *
 * Context: minifw_ruleset_mutex held.
 * Return: what packets see, or in an open transaction would see by a commit; or NULL.
 */
struct minifw_frozen *minifw_chain_form(const struct minifw_chain *chain)
{
	return minifw_transaction_is_open() ? chain->other : chain->live;
}

/**
 * minifw_chain_modified() - does the draft differ from what is enabled?
 * @chain: a chain that has a form, live or staged
 *
 * Context: minifw_ruleset_mutex held.
 * Return: whether it does.
 */
bool minifw_chain_modified(const struct minifw_chain *chain)
{
	const struct minifw_frozen *form = minifw_chain_form(chain);

	return chain->lines != form->lines || form->expired ||
	       !minifw_spec_equal(&chain->head, &form->head);
}

/**
 * minifw_chain_stale() - was a cgroup removed that a line of a chain names?
 * @form: the chain, live or staged
 *
 * Context: minifw_ruleset_mutex held.
 * Return: whether one was: there may be another one at its path.
 */
bool minifw_chain_stale(const struct minifw_frozen *form)
{
	unsigned int i;

	if (!(form->attrs & BIT_ULL(MINIFW_ATTR_cgroup)))
		return false;
	for (i = 0; i < form->lines->count; i++)
		if (minifw_cgroup_is_gone(&form->lines->line[i]->spec))
			return true;
	return false;
}

/**
 * minifw_chain_status() - where a chain stands
 * @chain: the chain
 *
 * Context: minifw_ruleset_mutex held.
 * Return: the word that `status` shows.
 */
const char *minifw_chain_status(const struct minifw_chain *chain)
{
	const struct minifw_frozen *form = minifw_chain_form(chain);
	bool pending = !minifw_transaction_is_idle() && chain->live != chain->other;

	return minifw_transaction_status(form, pending, form && minifw_chain_modified(chain));
}

/**
 * minifw_chain_counters() - what all of a chain's lines counted since the directory was made
 * @chain: the chain
 * @sum: takes packets and bytes, those of lines that went included
 *
 * Context: minifw_ruleset_mutex held; may sleep.
 */
void minifw_chain_counters(const struct minifw_chain *chain, struct minifw_counters *sum)
{
	*sum = chain->gone;
	if (chain->live)
		minifw_lines_sum(chain->live->lines, NULL, 0, sum);
}

/**
 * minifw_chain_show() - the draft as text, a rule a line
 * @chain: the chain
 * @out: takes it, with `packets=` and `bytes=` of the lines that packets see
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0 or -ENOMEM.
 */
int minifw_chain_show(const struct minifw_chain *chain, struct minifw_text *out)
{
	return minifw_lines_show(chain->lines, chain->live ? chain->live->lines : NULL, out);
}

/* ---- what packets see ---- */

/*
 * A line that was in force before, or was to be, is not ready for it again: its gate
 * is retired for good, and its sets are released. So another of its kind.
 */
static struct minifw_live *line_revive(const struct minifw_live *line)
{
	struct minifw_live *copy = minifw_live_alloc(true);

	if (!copy)
		return NULL;
	copy->counters = minifw_pool_get(line->counters);
	if (!minifw_spec_copy(&copy->spec, &line->spec) && !minifw_sets_unbind(&copy->spec))
		return copy;
	minifw_live_put(copy);
	return NULL;
}

/* Puts what a line of the draft is to be in the next form in its place. */
static int line_replace(struct minifw_live **place, struct minifw_live *old)
{
	struct minifw_live *line = *place;

	if (old)
		minifw_live_get(old);
	if (!old && line->gate)
		old = line_revive(line);
	if (!old)
		return line->gate ? -ENOMEM : 0;
	*place = old;
	minifw_live_put(line);
	return 0;
}

/* Makes a line ready for packets, if it is not. */
static int line_seal(struct minifw_frozen *frozen, struct minifw_live *line,
		     struct minifw_error *err)
{
	int ret;

	if (line->gate)
		return 0;
	if (!line->counters)
		line->counters = minifw_pool_take(&frozen->chain->pool);
	if (!line->counters)
		return minifw_error_no_memory(err);
	ret = minifw_live_seal(line, NULL, err);
	if (!ret)
		line->gate = minifw_gate_get(frozen->gate);
	return ret;
}

/* Makes the line at @i ready; @old is the old line that says the same, or NULL. */
static int line_freeze(struct minifw_frozen *frozen, unsigned int i, struct minifw_live *old,
		       struct minifw_error *err)
{
	struct minifw_live **line = &frozen->lines->line[i];
	char where[MINIFW_NAME_MAX + 32];
	int ret;

	if (line_replace(line, old))
		return minifw_error_set(err, -ENOMEM, "enabled: out of memory");
	ret = line_seal(frozen, *line, err);
	if (ret) {
		snprintf(where, sizeof(where), "enabled: %s:%u", frozen->chain->name, i + 1);
		return minifw_error_prefix(err, ret, where);
	}
	if (!(*line)->number)
		(*line)->number = i + 1;
	return 0;
}

/* The first lines say what the old ones do: they are those, but where one is out of force. */
static int lines_keep(struct minifw_frozen *frozen, const struct minifw_lines *old,
		      struct minifw_error *err)
{
	struct minifw_lines *lines = frozen->lines;
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < frozen->kept; i++) {
		if (!minifw_diff_usable(old->line[i]))
			break;
		if (lines->line[i] != old->line[i])
			ret = line_freeze(frozen, i, old->line[i], err);
		cond_resched();
	}
	frozen->kept = i;
	return ret;
}

/* The other lines are those of the old ones that say the same, or their own. */
static int lines_take(struct minifw_frozen *frozen, struct minifw_diff *diff,
		      struct minifw_error *err)
{
	struct minifw_lines *lines = frozen->lines;
	struct minifw_live *old = NULL;
	unsigned int i;
	int ret = 0;

	for (i = frozen->kept; !ret && i < lines->count; i++) {
		if (diff)
			old = minifw_diff_take(diff, lines->line[i]);
		ret = line_freeze(frozen, i, old, err);
		cond_resched();
	}
	return ret;
}

static int lines_pick(struct minifw_frozen *frozen, const struct minifw_lines *old,
		      struct minifw_error *err)
{
	struct minifw_diff *diff = NULL;
	int ret;

	if (!old)
		return lines_take(frozen, NULL, err);
	frozen->kept = minifw_lines_common(old, frozen->lines);
	ret = lines_keep(frozen, old, err);
	if (!ret && frozen->kept < old->count) {
		diff = minifw_diff_create(old, frozen->kept);
		if (!diff)
			ret = minifw_error_set(err, -ENOMEM, "enabled: out of memory");
	}
	if (!ret)
		ret = lines_take(frozen, diff, err);
	minifw_diff_free(diff);
	return ret;
}

/*
 * The draft's lines become those that packets see: each is replaced, in its place, by one
 * that says the same where there is one that counts already.
 */
static int lines_freeze(struct minifw_frozen *frozen, const struct minifw_lines *old,
			struct minifw_error *err)
{
	struct minifw_chain *chain = frozen->chain;
	unsigned int i;
	int ret;

	if (minifw_lines_reserve(&chain->lines, 0))
		return minifw_error_set(err, -ENOMEM, "enabled: out of memory");
	frozen->lines = chain->lines;
	ret = lines_pick(frozen, old, err);
	minifw_lines_get(frozen->lines);
	if (ret)
		return ret;
	for (i = 0; i < frozen->lines->count; i++) {
		frozen->attrs |= frozen->lines->line[i]->spec.attrs;
		frozen->stages |= frozen->lines->line[i]->spec.stages;
	}
	return 0;
}

static int frozen_fill(struct minifw_frozen *frozen, const struct minifw_frozen *old,
		       struct minifw_error *err)
{
	struct minifw_chain *chain = frozen->chain;

	frozen->gate = old ? minifw_gate_get(old->gate) :
			    minifw_gate_create(chain->name, chain->would_drop);
	if (!frozen->gate)
		return minifw_error_set(err, -ENOMEM, "enabled: out of memory");
	if (!old || old->expired || old->lines != chain->lines || minifw_chain_stale(old))
		return lines_freeze(frozen, old ? old->lines : NULL, err);
	frozen->lines = minifw_lines_get(old->lines);
	frozen->kept = old->lines->count;
	frozen->attrs = old->attrs;
	frozen->stages = old->stages;
	return 0;
}

/**
 * minifw_frozen_create() - freeze a chain's draft for packets
 * @chain: the chain
 * @err: takes the reason, with the number of the line
 *
 * Lines that say what a live line says are that line, with all that it counted; one
 * that has expired comes into force again.
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: the form with one reference, or an ERR_PTR: -ENOMEM, or as
 * minifw_live_seal().
 */
struct minifw_frozen *minifw_frozen_create(struct minifw_chain *chain, struct minifw_error *err)
{
	struct minifw_frozen *frozen = kzalloc(sizeof(*frozen), GFP_KERNEL);
	int ret;

	if (!frozen)
		return ERR_PTR(minifw_error_set(err, -ENOMEM, "enabled: out of memory"));
	kref_init(&frozen->ref);
	kref_get(&chain->ref);
	frozen->chain = chain;
	if (minifw_spec_copy(&frozen->head, &chain->head))
		ret = minifw_error_set(err, -ENOMEM, "enabled: out of memory");
	else
		ret = frozen_fill(frozen, chain->live, err);
	if (!ret)
		return frozen;
	if (frozen->lines)
		minifw_frozen_release(frozen);
	minifw_frozen_put(frozen);
	return ERR_PTR(ret);
}

static void frozen_release(struct kref *ref)
{
	struct minifw_frozen *frozen = container_of(ref, struct minifw_frozen, ref);

	minifw_lines_put(frozen->lines);
	minifw_gate_put(frozen->gate);
	minifw_spec_clear(&frozen->head);
	minifw_chain_put(frozen->chain);
	kfree(frozen);
}

/**
 * minifw_frozen_get() - hold what packets see of a chain, as a snapshot does
 * @frozen: the form
 *
 * Context: any.
 */
void minifw_frozen_get(struct minifw_frozen *frozen)
{
	kref_get(&frozen->ref);
}

/**
 * minifw_frozen_put() - let go of what packets see of a chain; the last one frees it
 * @frozen: the form; no packet may see it by way of the caller's reference
 *
 * Context: may sleep.
 */
void minifw_frozen_put(struct minifw_frozen *frozen)
{
	kref_put(&frozen->ref, frozen_release);
}

/**
 * minifw_frozen_release() - a form leaves force, or does not come into it: its sets may be removed
 * @frozen: the form; lines that the one in force has too are left alone
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_frozen_release(struct minifw_frozen *frozen)
{
	const struct minifw_frozen *live = frozen->chain->live;

	minifw_lines_release(frozen->lines, live ? live->lines : NULL, 0);
}

static void line_expire(struct minifw_live *line)
{
	WRITE_ONCE(line->retired, true);
	minifw_sets_release(&line->spec);
}

/**
 * minifw_frozen_expire() - take lines out of force whose time is over
 * @frozen: the form
 *
 * Packets pass over them, until the chain is enabled again.
 *
 * Context: minifw_ruleset_mutex held; may sleep.
 * Return: whether there were any.
 */
bool minifw_frozen_expire(struct minifw_frozen *frozen)
{
	unsigned int i;
	bool any = false;

	if (!(frozen->attrs & BIT_ULL(MINIFW_ATTR_expires)))
		return false;
	for (i = 0; i < frozen->lines->count; i++) {
		if (!minifw_expiry_is_due(frozen->lines->line[i]))
			continue;
		line_expire(frozen->lines->line[i]);
		any = true;
	}
	frozen->expired |= any;
	if (any && frozen->chain->other)	/* may share them */
		frozen->chain->other->expired = true;
	return any;
}

static int frozen_line(const char *name, const struct minifw_live *line, struct minifw_text *out)
{
	int ret;

	if (minifw_live_retired(line))
		return 0;
	minifw_text_add(out, "in %s", name);
	ret = minifw_spec_line(&line->spec, out);
	minifw_text_add(out, "\n");
	return ret;
}

/**
 * minifw_frozen_show() - what packets see of a chain, in the format of minifw.conf(5)
 * @frozen: the form
 * @out: takes a line for the chain, and one for each of its own
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0 or -ENOMEM.
 */
int minifw_frozen_show(const struct minifw_frozen *frozen, struct minifw_text *out)
{
	const char *name = frozen->chain->name;
	unsigned int i;
	int ret;

	minifw_text_add(out, "chain %s", name);
	ret = minifw_spec_line(&frozen->head, out);
	minifw_text_add(out, "\n");
	for (i = 0; !ret && i < frozen->lines->count; i++) {
		ret = frozen_line(name, frozen->lines->line[i], out);
		cond_resched();
	}
	return ret;
}

/* ---- from one form to the next ---- */

/* How many lines, from the first on, are the same objects in both. */
static unsigned int lines_kept(const struct minifw_lines *a, const struct minifw_lines *b)
{
	unsigned int i, count = min(a->count, b->count);

	for (i = 0; i < count && a->line[i] == b->line[i]; i++)
		;
	return i;
}

/**
 * minifw_frozen_arrive() - packets are about to see a form of a chain
 * @frozen: the form; they may see it already
 *
 * Lines that come may have been in force before, and have been kept count of then: what they
 * have counted is looked up before they count any more.
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_frozen_arrive(struct minifw_frozen *frozen)
{
	const struct minifw_frozen *live = frozen->chain->live;
	unsigned int kept;

	if (live == frozen)
		return;
	kept = live ? lines_kept(live->lines, frozen->lines) : 0;
	frozen->come = (struct minifw_counters){};
	minifw_lines_sum(frozen->lines, live ? live->lines : NULL, kept, &frozen->come);
}

/* What lines counted that go is kept, but for what packets on their way still count in them. */
static void settle_counters(struct minifw_chain *chain, const struct minifw_frozen *from,
			    const struct minifw_frozen *to, unsigned int kept)
{
	if (from)
		minifw_lines_sum(from->lines, to ? to->lines : NULL, kept, &chain->gone);
	if (to) {
		chain->gone.packets -= to->come.packets;
		chain->gone.bytes -= to->come.bytes;
	}
}

/**
 * minifw_chain_switch() - packets see another form of a chain from here on
 * @chain: the chain
 * @to: the form, which has arrived; NULL if they see none
 *
 * The lines are numbered as they stand now.
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_chain_switch(struct minifw_chain *chain, struct minifw_frozen *to)
{
	struct minifw_frozen *from = chain->live;
	unsigned int i, kept = 0;

	if (from == to)
		return;
	if (from && to)
		kept = lines_kept(from->lines, to->lines);
	settle_counters(chain, from, to, kept);
	for (i = kept; to && i < to->lines->count; i++)
		WRITE_ONCE(to->lines->line[i]->number, i + 1);
	if (to)
		minifw_frozen_get(to);
	chain->live = to;
	if (from)
		minifw_frozen_put(from);
}

/**
 * minifw_chain_abandon() - the directory goes, the chain stays in force until the next publish
 * @chain: the chain
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 */
void minifw_chain_abandon(struct minifw_chain *chain)
{
	chain->abandoned = true;
	chain->other = NULL;
	if (chain->live)
		minifw_frozen_put(chain->live);
	chain->live = NULL;
}
