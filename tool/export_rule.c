// SPDX-License-Identifier: GPL-2.0
/* A rule, as rules of nft: one for each hook and family, and for each way to match. */
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "grow.h"
#include "say.h"

#define NAME_CHARACTERS \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
#define COMMENT_MAX 120	/* nft has room for 127 bytes */

/**
 * struct head - what a rule of nft asks
 * @base: where it stands
 * @family: of its packets
 * @text: expressions, each with a blank behind it
 */
struct head {
	size_t base;
	enum export_family family;
	const char *text;
};

/**
 * struct heads - of all rules of nft that a rule becomes
 * @head: each
 * @count: how many
 * @room: for how many there is room
 */
struct heads {
	struct head *head;
	size_t count;
	size_t room;
};

static void heads_add(struct heads *heads, struct asking *asking, size_t base)
{
	size_t i;

	for (i = 0; i < asking->count && !asking->never; i++) {
		heads->head = grow(heads->head, heads->count, &heads->room, sizeof(struct head));
		heads->head[heads->count++] = (struct head){
			.base = base, .family = asking->family, .text = asking->text[i],
		};
	}
}

static void ask_at(struct export_rule *rule, const struct base *base, struct heads *heads)
{
	enum export_family families[2];
	size_t count = rule_families(rule, families), i;

	for (i = 0; i < count; i++) {
		struct asking asking = { .rule = rule, .base = base, .family = families[i] };

		rule_ask(&asking);
		heads_add(heads, &asking, base->index);
		free(asking.text);
	}
}

/* ---- where it stands ---- */

#define BASES_MAX (WORDS_MAX + 8)	/* devices of ingress, and a chain for each other hook */

/**
 * struct bases - chains in which a rule is
 * @base: each
 * @count: how many
 */
struct bases {
	const struct base *base[BASES_MAX];
	size_t count;
};

static void add_devices(struct export_rule *rule, struct bases *bases)
{
	const char *iif = rule_get(rule, "iif");
	struct words words;
	size_t i;

	if (strspn(iif, NAME_CHARACTERS ",") != strlen(iif))
		rule_cannot(rule, "iif", "nft cannot name a chain so");
	words_read(&words, iif);
	for (i = 0; i < words.count; i++)
		bases->base[bases->count++] = script_base(rule->script, "ingress", false,
							  words.word[i]);
}

static void find_bases(struct export_rule *rule, struct bases *bases)
{
	const char *hook = rule_get(rule, "hook");
	bool raw = !strcmp(rule_get(rule, "action"), "notrack");
	struct words words;
	size_t i;

	words_read(&words, hook ? hook : "input");
	for (i = 0; i < words.count; i++)
		if (!strcmp(words.word[i], "ingress"))
			add_devices(rule, bases);
		else
			bases->base[bases->count++] = script_base(rule->script, words.word[i], raw,
								  NULL);
}

/* ---- what comes out ---- */

static bool counts(const struct export_rule *rule)
{
	return rule_get(rule, "conn_limit") || rule_get(rule, "limit") || rule_get(rule, "quota");
}

/* What the packets of each family are counted by. */
static void show_gates(struct export_rule *rule, const struct heads *heads,
		       const char *gates[EXPORT_FAMILIES])
{
	enum export_family family;
	size_t i;

	for (family = 0; family < EXPORT_FAMILIES; family++)
		gates[family] = NULL;
	for (i = 0; i < heads->count; i++) {
		family = heads->head[i].family;
		if (!gates[family])
			gates[family] = counts(rule) ?
				rule_gates(rule, family, heads->count > 1) : "";
	}
}

/* A comment that nft would not take stands above the rule. */
static const char *comment_of(const struct export_rule *rule, FILE *out)
{
	const char *comment = rule_get(rule, "comment");
	const char *both = comment ? keep("%s: %s", rule->name, comment) : rule->name;

	if (strlen(both) <= COMMENT_MAX && !strpbrk(both, "\"\\$"))
		return both;
	fprintf(out, "\t\t# %s\n", both);
	return rule->name;
}

static void show(struct export_rule *rule, const struct heads *heads)
{
	const char *gates[EXPORT_FAMILIES], *action = rule_action(rule);
	size_t i;

	if (rule->why)
		return;
	show_gates(rule, heads, gates);
	for (i = 0; i < heads->count && !rule->why; i++) {
		const struct head *head = &heads->head[i];
		FILE *out = rule->script->bases[head->base]->out;
		const char *comment = comment_of(rule, out);

		fprintf(out, "\t\t%s%scounter%s%s comment \"%s\"\n", head->text,
			gates[head->family], *action ? " " : "", action, comment);
	}
}

/* ---- what does not ---- */

static const char *effect(const struct export_rule *rule)
{
	const char *action = rule_get(rule, "action");

	if (!strcmp(action, "drop") || !strncmp(action, "reject", 6))
		return "; it refuses: without it MORE IS LET PASS";
	if (!strcmp(action, "accept") || strstr(action, " bypass"))
		return "; it accepts: without it LESS IS LET PASS";
	return strncmp(action, "queue", 5) ? "" : "; it asks a program: without it nobody does";
}

static void leave_out(const struct export_rule *rule, const struct bases *bases)
{
	size_t i;

	if (!rule->script->lenient) {
		fault(&rule->place, "%s: %s", rule->what, rule->why);
		return;
	}
	remark(&rule->place, "left out: %s: %s%s", rule->what, rule->why, effect(rule));
	for (i = 0; i < bases->count; i++)
		fprintf(bases->base[i]->out, "\t\t# left out: %s: %s%s\n", rule->what, rule->why,
			effect(rule));
}

static void write_rule(struct export_rule *rule)
{
	struct heads heads = {};
	struct bases bases = {};
	size_t i;

	find_bases(rule, &bases);
	for (i = 0; i < bases.count; i++)
		ask_at(rule, bases.base[i], &heads);
	if (!rule->why)
		show(rule, &heads);
	if (rule->why)
		leave_out(rule, &bases);
	free(heads.head);
}

/* Names of nft begin with a letter, and have no colon. */
static const char *id_of(const char *name)
{
	const char *colon = strchr(name, ':');

	return colon ? keep("line-%.*s.%s", (int)(colon - name), name, colon + 1) :
		       keep("rule-%s", name);
}

/**
 * export_rule() - write a rule
 * @script: takes it
 * @place: where it is
 * @name: of the rule; `CHAIN:N` of a line
 * @text: its attributes
 */
void export_rule(struct script *script, const struct place *place, const char *name,
		 const char *text)
{
	struct export_rule rule = {
		.script = script, .place = *place, .name = name, .id = id_of(name),
		.what = keep("%s %s", strchr(name, ':') ? "chain" : "rule", name),
	};
	char why[WHY_MAX];

	if (pairs_read(&rule.pairs, text, why) && rule_get(&rule, "action"))
		write_rule(&rule);
	pairs_free(&rule.pairs);
	keep_nothing();
}
