// SPDX-License-Identifier: GPL-2.0
/*
 * Transactions: rules, chains, sets and parameters that come into force together, and go again
 * by themselves if nobody confirms them.
 *
 * While one is open, a snapshot that is never built, the draft, has what would be in force:
 * what enables and disables changes it, as it changes what packets see at other times. Sets
 * have their staged contents beside what packets see (slots.c). A commit publishes both.
 *
 * A commit that has to be confirmed keeps the snapshot from before, and the contents of sets.
 * To swap them back takes no memory, so it cannot fail, and no process.
 *
 * Each rule and chain has two forms meanwhile: @live, which packets see, and @other, which they
 * may see next: what is staged, or what was before. A commit, and the way back, swaps them.
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "chain.h"
#include "config.h"
#include "cut.h"
#include "entry.h"
#include "error.h"
#include "event.h"
#include "guard.h"
#include "parse.h"
#include "publish.h"
#include "right.h"
#include "rule.h"
#include "ruleset.h"
#include "slots.h"
#include "snapshot.h"
#include "text.h"
#include "transaction.h"

#define CONFIRM_MAX 86400	/* seconds */

enum state {
	IDLE,
	OPEN,
	UNCONFIRMED,
};

/* All guarded by minifw_ruleset_mutex. */
static enum state state;
static struct minifw_snapshot *draft;	/* while open: what a commit would publish */
static u64 deadline;			/* while unconfirmed: get_jiffies_64() of the way back */

/**
 * minifw_transaction_is_open() - are changes staged?
 *
 * Context: minifw_ruleset_mutex held.
 * Return: whether they are.
 */
bool minifw_transaction_is_open(void)
{
	return state == OPEN;
}

/**
 * minifw_transaction_is_idle() - is there no transaction?
 *
 * Context: minifw_ruleset_mutex held.
 * Return: whether there is none.
 */
bool minifw_transaction_is_idle(void)
{
	return state == IDLE;
}

/**
 * minifw_transaction_check() - may something be published or staged?
 * @err: takes the reason
 * @where: begins it
 *
 * Context: minifw_ruleset_mutex held.
 * Return: 0, or -EBUSY while a commit waits to be confirmed.
 */
int minifw_transaction_check(struct minifw_error *err, const char *where)
{
	if (state != UNCONFIRMED)
		return 0;
	return minifw_error_set(err, -EBUSY,
				"%sa commit waits for its 'confirm' or 'rollback' in transaction",
				where);
}

/* ---- the draft ---- */

/**
 * minifw_transaction_change() - stage a rule or a chain
 * @change: what becomes of it
 * @err: takes the reason
 *
 * Context: may sleep; minifw_ruleset_mutex held; a transaction is open.
 * Return: 0 or -ENOMEM.
 */
int minifw_transaction_change(const struct minifw_change *change, struct minifw_error *err)
{
	struct minifw_snapshot *new = minifw_snapshot_derive(draft, &draft->config, change, true);

	if (!new)
		return minifw_error_set(err, -ENOMEM, "enabled: out of memory");
	minifw_snapshot_free(draft);
	draft = new;
	return 0;
}

/**
 * minifw_transaction_remove() - stage that a rule or a chain is not in force
 * @entry: the form that is staged
 *
 * Cannot fail.
 *
 * Context: may sleep; minifw_ruleset_mutex held; a transaction is open.
 */
void minifw_transaction_remove(const struct minifw_entry *entry)
{
	minifw_snapshot_remove(draft, entry);
}

/**
 * minifw_transaction_config() - the parameters that are staged
 *
 * Context: minifw_ruleset_mutex held; a transaction is open.
 * Return: the parameters, to be read and written.
 */
struct minifw_config *minifw_transaction_config(void)
{
	return &draft->config;
}

/**
 * minifw_transaction_status() - the word that `status` shows
 * @in_force: packets see it, or will by a commit
 * @pending: a commit or a confirm decides
 * @modified: it says something else by now
 *
 * Context: any.
 * Return: the word.
 */
const char *minifw_transaction_status(bool in_force, bool pending, bool modified)
{
	if (in_force && modified)
		return "modified";
	if (pending)
		return "pending";
	return in_force ? "live" : "off";
}

/* ---- forms ---- */

/* What is staged is what packets see, of all that has an entry. */
static void forms_begin(const struct minifw_snapshot *snapshot)
{
	unsigned int i;

	for (i = 0; i < snapshot->count; i++)
		minifw_entry_begin(&snapshot->entry[i]);
}

static void forms_end(const struct minifw_snapshot *snapshot)
{
	unsigned int i;

	for (i = 0; i < snapshot->count; i++)
		minifw_entry_unstage(&snapshot->entry[i]);
}

/* Packets see @to, and no more @from, whose forms have not been swapped yet. */
static void forms_swap(const struct minifw_snapshot *from, const struct minifw_snapshot *to)
{
	unsigned int i;

	for (i = 0; i < from->count; i++)
		minifw_entry_swap(&from->entry[i]);
	for (i = 0; i < to->count; i++)
		if (!minifw_entry_is_live(&to->entry[i]))
			minifw_entry_swap(&to->entry[i]);
}

/* What is in @gone alone leaves force, or does not come into it: it names no sets any more. */
static void release(const struct minifw_snapshot *gone, const struct minifw_snapshot *stays)
{
	unsigned int i;

	for (i = 0; i < gone->count; i++)
		if (!minifw_snapshot_has(stays, &gone->entry[i]))
			minifw_entry_release(&gone->entry[i]);
}

/* ---- the timer ---- */

static void way_back(const char *event);

static void expire(struct work_struct *work)
{
	mutex_lock(&minifw_ruleset_mutex);
	if (state == UNCONFIRMED && time_after_eq64(get_jiffies_64(), deadline)) {
		pr_warn("minifw: nobody confirmed the commit: what was before is in force again\n");
		way_back("expire");
	}
	mutex_unlock(&minifw_ruleset_mutex);
}

static DECLARE_DELAYED_WORK(expire_work, expire);

static void wait_for_confirm(u32 seconds)
{
	deadline = get_jiffies_64() + (u64)seconds * HZ;
	cancel_delayed_work(&expire_work);
	schedule_delayed_work(&expire_work, (unsigned long)seconds * HZ);
}

/* ---- verbs ---- */

static int verb_begin(struct minifw_error *err)
{
	const struct minifw_snapshot *now = minifw_published();

	draft = minifw_snapshot_derive(now, &now->config, NULL, false);
	if (!draft)
		return minifw_error_set(err, -ENOMEM, "begin: out of memory");
	forms_begin(now);
	minifw_slots_stage(true);
	state = OPEN;
	return 0;
}

/* What is in force stays, by a confirm or at once. */
static void settle(struct minifw_snapshot *old)
{
	const struct minifw_snapshot *now = minifw_published();

	state = IDLE;
	forms_end(old);
	forms_end(now);
	release(old, now);
	minifw_slots_settle();
	minifw_publish_settle(old);
}

/* What takes itself back, who writes it may cut himself off by. */
static int prepare(struct minifw_snapshot *new, u32 seconds, struct minifw_error *err)
{
	int ret = minifw_publish_prepare(new, err, "commit: ");

	if (ret || seconds)
		return ret;
	ret = minifw_guard_check(new, err, "commit: ");
	if (ret)
		minifw_publish_abandon(new);
	return ret;
}

static int verb_commit(u32 seconds, struct minifw_error *err)
{
	struct minifw_snapshot *new, *old = minifw_published();
	int ret;

	new = minifw_snapshot_derive(draft, &draft->config, NULL, true);
	if (!new)
		return minifw_error_set(err, -ENOMEM, "commit: out of memory");
	new->epoch = !new->epoch;
	minifw_slots_align();
	ret = prepare(new, seconds, err);
	if (ret)
		return ret;
	minifw_publish_swap(new);
	minifw_slots_flip();
	minifw_slots_stage(false);
	minifw_publish_count();
	forms_swap(old, new);
	release(draft, new);
	minifw_snapshot_free(draft);
	draft = NULL;
	minifw_event("commit");
	if (!seconds) {
		settle(old);
		return 0;
	}
	state = UNCONFIRMED;
	minifw_publish_keep(old);
	wait_for_confirm(seconds);
	return 0;
}

static int verb_extend(u32 seconds)
{
	wait_for_confirm(seconds);
	return 0;
}

static int verb_confirm(void)
{
	settle(minifw_published_before());
	minifw_event("confirm");
	minifw_ruleset_clean();
	return 0;
}

static void way_back(const char *event)
{
	struct minifw_snapshot *old;

	minifw_slots_align();
	old = minifw_publish_swap(minifw_published_before());
	minifw_slots_flip();
	minifw_cut_forget();	/* by mistake, maybe: who may go on goes on */
	minifw_publish_count();
	forms_swap(old, minifw_published());
	settle(old);
	minifw_event(event);
}

/* Nothing of it has been seen by packets. */
static void discard(void)
{
	const struct minifw_snapshot *now = minifw_published();

	state = IDLE;
	minifw_slots_stage(false);
	minifw_slots_settle();
	forms_end(draft);
	forms_end(now);
	release(draft, now);
	minifw_snapshot_free(draft);
	draft = NULL;
}

static int verb_rollback(void)
{
	if (state == UNCONFIRMED) {
		way_back("rollback");
		return 0;
	}
	discard();
	minifw_event("rollback");
	return 0;
}

/* What can be written. */
enum verb {
	BEGIN,
	COMMIT,
	COMMIT_FOR,
	CONFIRM,
	ROLLBACK,
};

/* Which states a verb is for. */
static const u8 allowed[] = {
	[BEGIN] = BIT(IDLE),
	[COMMIT] = BIT(OPEN),
	[COMMIT_FOR] = BIT(OPEN) | BIT(UNCONFIRMED),
	[CONFIRM] = BIT(UNCONFIRMED),
	[ROLLBACK] = BIT(OPEN) | BIT(UNCONFIRMED),
};

static int parse_verb(const char *text, u32 *seconds, struct minifw_error *err)
{
	if (!strcmp(text, "begin"))
		return BEGIN;
	if (!strcmp(text, "confirm"))
		return CONFIRM;
	if (!strcmp(text, "rollback"))
		return ROLLBACK;
	if (!strcmp(text, "commit"))
		return COMMIT;
	if (strncmp(text, "commit ", 7))
		return minifw_error_set(err, -EINVAL,
					"'%.40s' is not begin, commit, commit SECONDS, confirm or rollback",
					text);
	text = skip_spaces(text + 7);
	if (minifw_parse_number(text, CONFIRM_MAX, seconds) || !*seconds)
		return minifw_error_set(err, -EINVAL,
					"commit: '%.40s' is not a number of seconds from 1 to %u",
					text, CONFIRM_MAX);
	return COMMIT_FOR;
}

static int misplaced(const char *text, struct minifw_error *err)
{
	static const char *const why[] = {
		[IDLE] = "there is no transaction",
		[OPEN] = "a transaction is open",
		[UNCONFIRMED] = "a commit waits to be confirmed",
	};

	return minifw_error_set(err, -EBUSY, "'%.40s': %s", text, why[state]);
}

static int carry_out(enum verb verb, u32 seconds, struct minifw_error *err)
{
	switch (verb) {
	case BEGIN:
		return verb_begin(err);
	case COMMIT:
	case COMMIT_FOR:
		return state == OPEN ? verb_commit(seconds, err) : verb_extend(seconds);
	case CONFIRM:
		return verb_confirm();
	default:
		return verb_rollback();
	}
}

/**
 * minifw_transaction_write() - carry out what is written to `transaction`
 * @text: a verb
 * @err: takes the reason
 *
 * Context: may sleep; minifw_ruleset_mutex held.
 * Return: 0; -EINVAL; -EPERM where it is locked, but for a confirm; -EBUSY in a state that the
 * verb is not for; of a commit also -EPERM by the guard against lock-outs, -ENOMEM, or as
 * minifw_publish_prepare(). Nothing has changed then.
 */
int minifw_transaction_write(char *text, struct minifw_error *err)
{
	u32 seconds = 0;
	int verb;

	text = strim(text);
	verb = parse_verb(text, &seconds, err);
	if (verb < 0)
		return verb;
	if (verb != CONFIRM && minifw_check_unlocked(err))
		return -EPERM;
	if (!(allowed[verb] & BIT(state)))
		return misplaced(text, err);
	return carry_out(verb, seconds, err);
}

/* How many rules, chains, sets and parameters a commit would change. */
static unsigned int count_staged(void)
{
	const struct minifw_snapshot *now = minifw_published();
	unsigned int i, count = minifw_slots_count();

	count += minifw_config_differences(&now->config, &draft->config);
	for (i = 0; i < now->count; i++)
		count += !minifw_snapshot_has(draft, &now->entry[i]);
	for (i = 0; i < draft->count; i++)
		count += !minifw_entry_has_live(&draft->entry[i]);
	return count;
}

static unsigned int seconds_left(void)
{
	u64 now = get_jiffies_64();

	return deadline > now ? div_u64(deadline - now + HZ - 1, HZ) : 0;
}

/**
 * minifw_transaction_show() - what the file `transaction` shows
 * @out: takes it
 *
 * Context: minifw_ruleset_mutex held.
 */
void minifw_transaction_show(struct minifw_text *out)
{
	if (state == IDLE)
		minifw_text_add(out, "idle");
	else if (state == OPEN)
		minifw_text_add(out, "open %u", count_staged());
	else
		minifw_text_add(out, "unconfirmed %u", seconds_left());
}

/**
 * minifw_transaction_exit() - the module goes: nothing is confirmed or undone any more
 *
 * Context: may sleep; there is no directory.
 */
void minifw_transaction_exit(void)
{
	mutex_lock(&minifw_ruleset_mutex);
	if (state == OPEN)
		discard();
	else if (state == UNCONFIRMED)
		settle(minifw_published_before());
	mutex_unlock(&minifw_ruleset_mutex);
	cancel_delayed_work_sync(&expire_work);
}
