// SPDX-License-Identifier: GPL-2.0
/* What was imported, as minifw.conf(5). Nothing of it is shown that the module would refuse. */
#include <stdlib.h>
#include <string.h>

#include "conf/language.h"
#include "grow.h"
#include "import.h"
#include "say.h"

#define RULES_MANY 500	/* from here on they are lines of a chain */

static const struct {
	const char *hook;
	const char *prefix;
} hooks[] = {
	{ "prerouting", "pre" }, { "input", "in" }, { "forward", "fwd" }, { "output", "out" },
	{ "postrouting", "post" },
};

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/**
 * imported_hook() - the rules of one family at one hook
 * @imported: takes them
 * @hook: its name
 * @family: `ip` or `ip6`; NULL is both
 *
 * Return: them, until the next call.
 */
struct flat_hook *imported_hook(struct imported *imported, const char *hook, const char *family)
{
	struct flat_hook *flat;
	size_t i;

	for (i = 0; i < imported->count; i++) {
		flat = &imported->hooks[i];
		if (!strcmp(flat->hook, hook) && same(flat->family, family))
			return flat;
	}
	imported->hooks = grow(imported->hooks, imported->count, &imported->room, sizeof(*flat));
	flat = &imported->hooks[imported->count++];
	*flat = (struct flat_hook){ .hook = hook, .family = family, .policy = "accept" };
	for (i = 0; i < sizeof(hooks) / sizeof(*hooks); i++)
		if (!strcmp(hooks[i].hook, hook))
			flat->prefix = keep("%s%s", hooks[i].prefix,
					    !family ? "" : family[2] ? "6" : "4");
	return flat;
}

/**
 * imported_set() - a set that a rule names
 * @imported: takes it, once
 * @name: its name
 * @line: what stands in the file
 */
void imported_set(struct imported *imported, const char *name, const char *line)
{
	size_t i;

	for (i = 0; i < imported->set_count; i += 2)
		if (!strcmp(imported->sets[i], name))
			return;
	imported->sets = need(reallocarray(imported->sets, imported->set_count + 2,
					   sizeof(char *)));
	imported->sets[imported->set_count++] = keep("%s", name);
	imported->sets[imported->set_count++] = keep("%s", line);
}

static void add_pair(FILE *pairs, const char *name, const char *value)
{
	char *text;

	if (!value)
		return;
	text = language_quoted(name, value);
	fprintf(pairs, "%s ", text);
	free(text);
}

/* A rule as its attributes; NULL where the module would refuse it, and @why. */
static char *rule_text(const struct flat_hook *hook, const struct flat_rule *rule, bool line,
		       char *why)
{
	struct reader reader = { .why = why };
	char *pairs, *normal;
	enum field field;
	size_t size;
	FILE *out = need(open_memstream(&pairs, &size));

	add_pair(out, "action", rule->action ? rule->action : "continue");
	add_pair(out, "hook", hook->hook);
	for (field = 0; field < FIELDS; field++)
		add_pair(out, field_names[field], rule->match.value[field]);
	add_pair(out, "log", rule->log);
	add_pair(out, "comment", rule->comment);
	fclose(out);
	normal = line ? language_line(pairs, &reader) : language_rule(pairs, &reader);
	free(pairs);
	return normal;
}

static const char *why_twice(const struct flat_rule *rule)
{
	if (condition_counts(&rule->match) && rule->source->written++)
		return "its limit would be counted in several rules apart";
	return NULL;
}

static void refuse_rule(const struct imported *imported, const struct flat_rule *rule,
			const char *why, FILE *out)
{
	bool refuses = rule->action && strcmp(rule->action, "accept") &&
		       strcmp(rule->action, "continue");

	if (imported->lenient)
		fprintf(out, "# left out: %s: %s%s\n", place_text(&rule->source->place), why,
			refuses ? "; it refuses: without it MORE IS LET PASS" : "");
	else if (!rule->source->told)
		fault(&rule->source->place, "%s", why);
	rule->source->told = true;
}

static void show_rule(const struct imported *imported, const struct flat_hook *hook,
		      const struct flat_rule *rule, const char *before, FILE *out)
{
	char why[WHY_MAX], *text;
	const char *twice = rule->left_out ? NULL : why_twice(rule);

	if (rule->left_out) {
		fprintf(out, "# left out: %s\n", rule->left_out);
		return;
	}
	text = twice ? NULL : rule_text(hook, rule, *before == 'i', why);
	if (text)
		fprintf(out, "%s %s\n", before, text);
	else
		refuse_rule(imported, rule, twice ? twice : why, out);
	free(text);
}

static void show_hook(const struct imported *imported, const struct flat_hook *hook, FILE *out)
{
	bool many = hook->count > RULES_MANY;
	size_t i;

	if (many)
		fprintf(out, "chain %s\n", hook->prefix);
	for (i = 0; i < hook->count; i++) {
		char *before = many ? format_text("in %s", hook->prefix) :
				      format_text("rule %s-%04zu", hook->prefix, 10 * (i + 1));

		show_rule(imported, hook, &hook->rules[i], before, out);
		free(before);
	}
}

/* Of a family at a hook; what was not read accepts. */
static const char *policy(const struct imported *imported, const char *hook, const char *family)
{
	size_t i;

	for (i = 0; i < imported->count; i++) {
		const struct flat_hook *flat = &imported->hooks[i];

		if (!strcmp(flat->hook, hook) &&
		    (!flat->family || !family || !strcmp(flat->family, family)) &&
		    strcmp(flat->policy, "accept"))
			return flat->policy;
	}
	return "accept";
}

/* What both families have at a hook is a parameter; else the one that drops gets a rule. */
static bool policies_agree(const struct imported *imported, const char *hook)
{
	return !strcmp(policy(imported, hook, "ip"), policy(imported, hook, "ip6"));
}

static const char *parameter_policy(const struct imported *imported, const char *hook)
{
	return policies_agree(imported, hook) ? policy(imported, hook, NULL) : "accept";
}

/* Each is said, also where it accepts: what a file does not mention is as modprobe.d(5) has it. */
static void show_policies(const struct imported *imported, FILE *out)
{
	fprintf(out, "parameter default_policy=%s\n", parameter_policy(imported, "input"));
	fprintf(out, "parameter forward_policy=%s\n", parameter_policy(imported, "forward"));
	fprintf(out, "parameter output_policy=%s\n", parameter_policy(imported, "output"));
}

static bool has_parameter(const char *hook)
{
	return !strcmp(hook, "input") || !strcmp(hook, "forward") || !strcmp(hook, "output");
}

static void show_policy_rule(const struct imported *imported, const struct flat_hook *hook,
			     FILE *out)
{
	struct flat_rule rule = { .action = hook->policy };
	char why[WHY_MAX], *text;

	if (!strcmp(hook->policy, "accept") ||
	    (has_parameter(hook->hook) && policies_agree(imported, hook->hook)))
		return;
	rule.match.value[FAMILY] = hook->family;
	text = rule_text(hook, &rule, false, why);
	fprintf(out, "rule %s-policy %s\n", hook->prefix, text ? text : "");
	free(text);
}

static void show_all(struct imported *imported, FILE *out)
{
	size_t i;

	show_policies(imported, out);
	shortcuts_show(imported, out);
	lists_shorten(imported);
	for (i = 0; i < imported->set_count; i += 2)
		fprintf(out, "%s\n", imported->sets[i + 1]);
	for (i = 0; i < imported->count; i++) {
		show_hook(imported, &imported->hooks[i], out);
		show_policy_rule(imported, &imported->hooks[i], out);
	}
}

/**
 * imported_show() - all that was imported, or nothing
 * @imported: what was
 * @out: takes it, if there was no fault
 *
 * Return: DONE or REFUSED.
 */
int imported_show(struct imported *imported, FILE *out)
{
	char *text;
	size_t size;
	FILE *lines = need(open_memstream(&text, &size));

	show_all(imported, lines);
	fclose(lines);
	if (!faults())
		fputs(text, out);
	free(text);
	return faults() ? REFUSED : DONE;
}

/**
 * imported_clear() - let go of it
 * @imported: what was imported
 */
void imported_clear(struct imported *imported)
{
	size_t i;

	for (i = 0; i < imported->count; i++)
		free(imported->hooks[i].rules);
	free(imported->hooks);
	free(imported->sets);
	free(imported->hashes);
	tables_clear(imported);
}
