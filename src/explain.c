// SPDX-License-Identifier: GPL-2.0
/*
 * Why a packet that was never sent is decided as it is, for a person: a line for each
 * shortcut and rule that it meets.  Rules are asked one by one here, and packets are found
 * their rule by the classifier: that both agree is checked on the way.
 */
#include <linux/kernel.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "addr.h"
#include "attr.h"
#include "explain.h"
#include "judge.h"
#include "limit.h"
#include "match.h"
#include "packet.h"
#include "rule.h"
#include "snapshot.h"
#include "text.h"

/**
 * struct telling - an explanation that is being written
 * @judge: makes the packet
 * @snapshot: what it is held against
 * @probe: the packet, as who asks says it
 * @out: takes the text
 * @packet: what rules ask of it
 * @untracked: a rule with notrack matched
 * @found: what became of it
 */
struct telling {
	struct minifw_judge *judge;
	const struct minifw_snapshot *snapshot;
	const struct minifw_probe *probe;
	struct minifw_text *out;
	struct minifw_packet packet;
	bool untracked;
	struct minifw_judgement found;
};

/* ---- what a packet has where a rule asks for something else ---- */

static void show_addr(struct minifw_text *out, u8 family, struct minifw_addr addr)
{
	minifw_addr_show(out, family, &(struct minifw_addr_pair){ addr, addr });
}

static void show_number(struct minifw_text *out, enum minifw_attr_id id, u8 number)
{
	size_t before = out->len;

	minifw_word_show(minifw_attrs[id].words, number, out);
	if (out->len == before)
		minifw_text_add(out, "%u", number);
}

static void show_flags(struct minifw_text *out, u8 bits)
{
	const struct minifw_words *words = minifw_attrs[MINIFW_ATTR_tcp_flags].words;

	if (bits)
		minifw_kind_flags.show(words, out, &(struct minifw_flags){ .bits = bits });
	else
		minifw_text_add(out, "none");
}

static void show_device(struct minifw_text *out, const struct net_device *dev)
{
	minifw_text_add(out, "%s", dev ? dev->name : "none");
}

/* False where it cannot be said in a word. */
static bool show_header(struct minifw_text *out, enum minifw_attr_id id,
			const struct minifw_packet *packet)
{
	switch (id) {
	case MINIFW_ATTR_saddr:
		show_addr(out, packet->family, packet->saddr);
		return true;
	case MINIFW_ATTR_daddr:
		show_addr(out, packet->family, packet->daddr);
		return true;
	case MINIFW_ATTR_proto:
		show_number(out, id, packet->proto);
		return true;
	case MINIFW_ATTR_icmp_type:
	case MINIFW_ATTR_icmpv6_type:
		minifw_text_add(out, "%u/%u", packet->icmp >> 8, packet->icmp & U8_MAX);
		return true;
	case MINIFW_ATTR_tcp_flags:
		show_flags(out, packet->tcp_flags);
		return true;
	default:
		return false;
	}
}

static bool show_count(struct minifw_text *out, enum minifw_attr_id id,
		       const struct minifw_packet *packet)
{
	switch (id) {
	case MINIFW_ATTR_sport:
		minifw_text_add(out, "%u", packet->sport);
		return true;
	case MINIFW_ATTR_dport:
		minifw_text_add(out, "%u", packet->dport);
		return true;
	case MINIFW_ATTR_length:
		minifw_text_add(out, "%u", minifw_packet_length(packet));
		return true;
	case MINIFW_ATTR_ttl:
		minifw_text_add(out, "%u", packet->hop_limit);
		return true;
	default:
		return false;
	}
}

static bool show_meta(struct minifw_text *out, enum minifw_attr_id id,
		      const struct minifw_packet *packet)
{
	switch (id) {
	case MINIFW_ATTR_iif:
		show_device(out, packet->state->in);
		return true;
	case MINIFW_ATTR_oif:
		show_device(out, packet->state->out);
		return true;
	case MINIFW_ATTR_ct_state:
		show_number(out, id, minifw_ct_state_of(packet->skb));
		return true;
	case MINIFW_ATTR_mark:
		minifw_text_add(out, "0x%x", packet->skb->mark);
		return true;
	default:
		return false;
	}
}

static bool show_packet(struct minifw_text *out, enum minifw_attr_id id,
			const struct minifw_packet *packet)
{
	return show_header(out, id, packet) || show_count(out, id, packet) ||
	       show_meta(out, id, packet);
}

/* Of what a packet lacks, @lacks is what a rule needs. */
static const char *what_lacks(const struct minifw_packet *packet, u8 lacks)
{
	if (!(packet->has & MINIFW_HAS_ADDR))
		return "whole network header";
	if (lacks & MINIFW_HAS_PROTO)
		return "protocol";
	if (lacks & MINIFW_HAS_TCP)
		return "whole TCP header";
	if (lacks & MINIFW_HAS_PORTS)
		return "ports";
	return "whole ICMP header";
}

/* ---- a line a rule ---- */

static void tell_mismatch(struct telling *t, const struct minifw_spec *spec, unsigned int what)
{
	if (what == MINIFW_LACKS) {
		minifw_text_add(t->out, "the packet has no %s",
				what_lacks(&t->packet, spec->needs & ~t->packet.has));
		return;
	}
	minifw_text_add(t->out, "%s: ", minifw_attr_name(what));
	if (show_packet(t->out, what, &t->packet))
		minifw_text_add(t->out, " is not ");
	else
		minifw_text_add(t->out, "the packet's is not ");
	minifw_spec_show(spec, what, t->out);
}

/* Which of a rule's limits does not match as long as nothing is exhausted. */
static enum minifw_attr_id limit_over(const struct minifw_spec *spec)
{
	return minifw_spec_asks(spec, MINIFW_ATTR_conn_limit) ? MINIFW_ATTR_conn_limit :
								MINIFW_ATTR_limit;
}

/* Returns whether the rule matches. */
static bool tell_rule(struct telling *t, const struct minifw_live *rule)
{
	const struct minifw_spec *spec = &rule->spec;
	unsigned int what = minifw_match_fails(spec, &t->packet);
	bool limited = spec->attrs & MINIFW_LIMIT_ATTRS;
	char name[MINIFW_LIVE_NAME_SIZE];
	bool matches = what == MINIFW_MATCHES;

	minifw_live_name(rule, name, sizeof(name));
	minifw_text_add(t->out, "%s: ", name);
	if (!matches) {
		tell_mismatch(t, spec, what);
	} else if (limited && !minifw_limits_match_idle(spec)) {
		minifw_text_add(t->out, "%s: counted as not exhausted",
				minifw_attr_name(limit_over(spec)));
		matches = false;
	} else {
		minifw_text_add(t->out, "matches%s: ",
				limited ? ", limits counted as not exhausted" : "");
		minifw_spec_show(spec, MINIFW_ATTR_action, t->out);
	}
	minifw_text_add(t->out, "\n");
	return matches;
}

/* ---- the way through a snapshot ---- */

/* Softirqs are not kept off for longer than a packet would. */
#define RULES_AT_ONCE 64

static void prepare(struct telling *t, enum minifw_stage stage)
{
	minifw_judge_begin(t->judge, t->probe);
	if (t->untracked)
		minifw_judge_untrack(t->judge);
	minifw_judge_parse(t->judge, t->snapshot, stage, &t->packet);
}

static void pause(struct telling *t, enum minifw_stage stage)
{
	minifw_judge_end(t->judge);
	cond_resched();
	prepare(t, stage);
}

static bool concerns(const struct minifw_live *rule, enum minifw_stage stage, u8 family)
{
	return (rule->spec.stages & BIT(stage)) && (rule->spec.families & BIT(family)) &&
	       !minifw_live_retired(rule);
}

/* Returns the rule that decides, or NULL. */
static const struct minifw_live *tell_rules(struct telling *t, enum minifw_stage stage)
{
	const struct minifw_live *rule;
	struct minifw_walk walk = {};
	unsigned int count = 0;

	while ((rule = minifw_snapshot_walk(t->snapshot, &walk, 0, BIT(stage)))) {
		if (++count % RULES_AT_ONCE == 0)
			pause(t, stage);
		if (!concerns(rule, stage, t->probe->family) || !tell_rule(t, rule))
			continue;
		switch (rule->spec.action.verdict) {
		case MINIFW_NOTRACK:
			t->untracked = true;
			break;
		case MINIFW_CONTINUE:
			break;
		default:
			return rule;
		}
	}
	return NULL;
}

static const struct {
	u8 ask;
	const char *name;
} shortcuts[] = {
	{ MINIFW_ASKS_LOOPBACK, "loopback" },
	{ MINIFW_ASKS_ESTABLISHED, "established" },
	{ MINIFW_ASKS_CONTROL, "control" },
};

/* @early is what minifw_judge_parse() returned. */
static void tell_shortcuts(struct telling *t, u8 asks, const char *early)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(shortcuts); i++) {
		if (!(asks & shortcuts[i].ask))
			continue;
		if (early && !strcmp(early, shortcuts[i].name))
			break;
		minifw_text_add(t->out, "%s: no\n", shortcuts[i].name);
	}
}

static void set_found(struct telling *t, enum minifw_verdict verdict, const char *by)
{
	t->found.verdict = verdict;
	strscpy(t->found.by, by, sizeof(t->found.by));
}

/* What is no rule has a line too: it is the last. */
static void tell_other(struct telling *t, enum minifw_verdict verdict, const char *by)
{
	set_found(t, verdict, by);
	minifw_text_add(t->out, "%s: %s\n", by, minifw_verdict_name(verdict));
}

static void tell_raw(struct telling *t)
{
	int stage = minifw_judge_raw_stage(t->probe);

	if (stage < 0)
		return;
	prepare(t, stage);
	tell_rules(t, stage);
	minifw_judge_end(t->judge);
}

static void tell_hook(struct telling *t)
{
	enum minifw_stage stage = t->probe->hook;
	const struct minifw_view *view = &t->snapshot->view[stage];
	const struct minifw_live *rule = NULL;
	const char *early;

	prepare(t, stage);
	early = minifw_judge_parse(t->judge, t->snapshot, stage, &t->packet);
	if (!view->open)
		tell_shortcuts(t, view->asks, early);
	if (!early)
		rule = tell_rules(t, stage);
	minifw_judge_end(t->judge);
	if (early) {
		tell_other(t, MINIFW_ACCEPT, early);
	} else if (!rule) {
		tell_other(t, view->policy.verdict, "policy");
	} else {
		t->found.verdict = rule->spec.action.verdict;
		minifw_live_name(rule, t->found.by, sizeof(t->found.by));
	}
}

/* ---- is it true? ---- */

static bool same(const struct minifw_judgement *a, const struct minifw_judgement *b)
{
	return a->verdict == b->verdict && !strcmp(a->by, b->by);
}

/* What time and packets change meanwhile is no mistake: then @before and @after differ. */
static void check(struct telling *t, const struct minifw_judgement *before)
{
	struct minifw_judgement after;

	minifw_judge_ask(t->judge, t->snapshot, t->probe, &after);
	if (same(&t->found, &after) || !same(before, &after))
		return;
	minifw_text_add(t->out, "BUG: packets are decided by %s: %s\n", after.by,
			minifw_verdict_name(after.verdict));
	pr_warn_once("a probe is decided by %s, and by %s when rules are asked one by one\n",
		     after.by, t->found.by);
}

/**
 * minifw_explain() - why a packet is decided as it is
 * @judge: asked nothing else meanwhile
 * @snapshot: the rules; it cannot go meanwhile
 * @probe: the packet
 * @out: takes a line for each shortcut, and for each rule of the hook and the family up to the
 *       one that decides; the policy or shortcut that decides is the last
 *
 * Context: may sleep.
 */
void minifw_explain(struct minifw_judge *judge, const struct minifw_snapshot *snapshot,
		    const struct minifw_probe *probe, struct minifw_text *out)
{
	struct telling t = {
		.judge = judge, .snapshot = snapshot, .probe = probe, .out = out,
	};
	struct minifw_judgement before;

	minifw_judge_ask(judge, snapshot, probe, &before);
	tell_raw(&t);
	tell_hook(&t);
	check(&t, &before);
}
