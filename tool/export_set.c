// SPDX-License-Identifier: GPL-2.0
/*
 * Sets. One of minifw is up to three of nft for each family: what stays; what goes by itself, where
 * packets are put, too; and ranges that go by themselves, for nft puts no packets among ranges, and
 * has none within another.
 */
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/elements.h"
#include "export.h"
#include "say.h"

enum part { STAYS, RANGES, TIMED, PARTS };

static const char *const part_names[PARTS] = { "", "-ranges", "-timed" };

static const struct object *set_named(const struct script *script, const char *name)
{
	return conf_find(script->conf, SET, name);
}

static bool of_type(const struct object *set, const char *type)
{
	return !strcmp(language_type(set->head.type), type);
}

static bool has_families(const struct object *set)
{
	return of_type(set, "addr") || of_type(set, "addr,port");
}

static bool is_added_to(const struct script *script, const char *name)
{
	size_t i;

	for (i = 0; i < script->added_count; i++)
		if (!strcmp(script->added[i], name))
			return true;
	return false;
}

/* A name of nft begins with a letter. */
static const char *nft_name(const struct object *set, enum export_family family, enum part part)
{
	static const char *const types[][2] = {
		{ "port", "port" }, { "iface", "iface" }, { "mac", "mac" },
	};
	const char *suffix = family == IP6 ? "ip6" : "ip";
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (of_type(set, types[i][0]))
			suffix = types[i][1];
	return keep("set-%s-%s%s", set->name, suffix, part_names[part]);
}

static const char *nft_type(const struct object *set, enum export_family family)
{
	bool ip6 = family == IP6;

	if (of_type(set, "port"))
		return "inet_service";
	if (of_type(set, "iface"))
		return "ifname";
	if (of_type(set, "mac"))
		return "ether_addr";
	if (of_type(set, "addr"))
		return ip6 ? "ipv6_addr" : "ipv4_addr";
	return ip6 ? "ipv6_addr . inet_service" : "ipv4_addr . inet_service";
}

/* ---- elements ---- */

static bool is_range(const char *element)
{
	return strpbrk(element, "/-*");
}

static enum part part_of(const char *line)
{
	const char *timeout = strstr(line, " timeout ");

	if (!timeout || !strcmp(timeout, " timeout 0"))
		return STAYS;
	return is_range(line) ? RANGES : TIMED;
}

static const char *nft_element(const struct object *set, const char *line)
{
	char *element = keep("%s", line), *timeout = strstr(element, " timeout ");
	char *comma;

	if (timeout)
		*timeout = '\0';
	comma = strchr(element, ',');
	if (of_type(set, "iface"))
		element = keep("\"%s\"", element);
	else if (comma)
		element = keep("%.*s . %s", (int)(comma - element), element, comma + 1);
	if (timeout && strcmp(timeout + 1, "timeout 0"))
		element = keep("%s timeout %ss", element, timeout + strlen(" timeout "));
	return element;
}

static char *all_elements(const struct object *set)
{
	char *text;
	size_t size;
	FILE *out = need(open_memstream(&text, &size));

	elements_show(set->elements, "", out);
	fclose(out);
	return text;
}

/* The elements of one set of nft; NULL where there are none. */
static char *elements_of(const struct object *set, enum export_family family, enum part part,
			 bool *ranges)
{
	char *all = all_elements(set), *rest = all, *line, *text;
	bool any = false, wanted = family == IP6;
	size_t size;
	FILE *out = need(open_memstream(&text, &size));

	*ranges = false;
	while ((line = strsep(&rest, "\n"))) {
		bool ip6 = strchr(line, ':');

		if (!*line || part_of(line) != part ||
		    (has_families(set) && ip6 != wanted))
			continue;
		fprintf(out, "%s\n\t\t\t%s", any ? "," : "", nft_element(set, line));
		*ranges |= is_range(line);
		any = true;
	}
	fclose(out);
	free(all);
	if (any)
		return text;
	free(text);
	return NULL;
}

/* ---- sets ---- */

static unsigned int part_bit(enum export_family family, enum part part)
{
	return 1u << (part + (family == IP6 ? PARTS : 0));
}

static unsigned int *parts_of(const struct script *script, const struct object *set)
{
	return &script->parts[set - script->conf->objects[SET]];
}

static bool is_there(const struct script *script, const struct object *set,
		     enum export_family family, enum part part)
{
	return *parts_of(script, set) & part_bit(family, part);
}

static void show_flags(const struct script *script, const struct object *set, enum part part,
		       bool ranges)
{
	FILE *out = script->objects;

	if (part == RANGES)
		fprintf(out, "\t\tflags interval,timeout\n");
	else if (part == TIMED && is_added_to(script, set->name))
		fprintf(out, "\t\tsize %u\n\t\tflags dynamic,timeout\n", set->head.max);
	else if (part == TIMED)
		fprintf(out, "\t\tflags timeout\n");
	else if (ranges || of_type(set, "addr") || of_type(set, "port"))
		fprintf(out, "\t\tflags interval\n");
}

static bool is_any_there(const struct script *script, const struct object *set,
			 enum export_family family)
{
	return is_there(script, set, family, TIMED) || is_there(script, set, family, RANGES);
}

/* What stays comes last: it is there, without anything in it, if nothing else is. */
static void show_part(struct script *script, const struct object *set, enum export_family family,
		      enum part part)
{
	bool ranges, wanted = part == STAYS ? !is_any_there(script, set, family) :
			      part == TIMED && is_added_to(script, set->name);
	char *elements = elements_of(set, family, part, &ranges);
	FILE *out = script->objects;

	if (!elements && !wanted)
		return;
	*parts_of(script, set) |= part_bit(family, part);
	fprintf(out, "\tset %s {\n\t\ttype %s\n", nft_name(set, family, part),
		nft_type(set, family));
	show_flags(script, set, part, ranges);
	if (elements)
		fprintf(out, "\t\telements = {%s\n\t\t}\n", elements);
	fprintf(out, "\t}\n\n");
	free(elements);
}

/* Are there ranges that nft does not take?  Then they are left out, or it is a fault. */
static bool leave_ranges(struct script *script, const struct object *set)
{
	static const char why[] = "elements: nft has no ranges with a time-out within each other";

	if (!elements_nest(set->elements))
		return false;
	if (!script->lenient) {
		fault(&set->place, "set %s: %s", set->name, why);
		return true;
	}
	remark(&set->place, "left out: set %s: %s: without them IT HAS LESS IN IT", set->name, why);
	fprintf(script->objects, "\t# left out: set %s: %s: without them IT HAS LESS IN IT\n",
		set->name, why);
	return true;
}

static void show_set(struct script *script, const struct object *set)
{
	bool without = leave_ranges(script, set);
	enum part part;

	for (part = PARTS; part--;) {
		if (part == RANGES && without)
			continue;
		show_part(script, set, IP, part);
		if (has_families(set))
			show_part(script, set, IP6, part);
	}
	keep_nothing();
}

/**
 * sets_show() - all sets
 * @script: takes them; it is known which packets are put into
 */
void sets_show(struct script *script)
{
	size_t count = script->conf->count[SET], i;

	script->parts = need(calloc(count + 1, sizeof(*script->parts)));
	for (i = 0; i < count; i++)
		show_set(script, &script->conf->objects[SET][i]);
}

/* ---- what rules say of them ---- */

static const char *with_port(struct asking *asking, const char *expression)
{
	const char *transport = rule_transport(asking->rule);

	if (!rule_has_ports(asking->rule))
		asking_add(asking, "meta l4proto " PROTOS_WITH_PORTS);
	return keep("%s . %s %s", expression, transport,
		    strstr(expression, "saddr") ? "sport" : "dport");
}

/**
 * ask_set() - is something in a set?
 * @asking: takes what is asked
 * @expression: what
 * @words: names the set
 */
void ask_set(struct asking *asking, const char *expression, const struct words *words)
{
	const struct script *script = asking->rule->script;
	const struct object *set = set_named(script, words->set);
	const char *are[PARTS], *are_not[PARTS];
	enum part part;
	size_t count = 0;

	if (!set)	/* which was told */
		return;
	asking->told |= !strncmp(expression, "ip", 2) && has_families(set);
	if (of_type(set, "addr,port"))
		expression = with_port(asking, expression);
	for (part = 0; part < PARTS; part++) {
		const char *name;

		if (!is_there(script, set, asking->family, part))
			continue;
		name = nft_name(set, asking->family, part);
		are[count] = keep("%s @%s", expression, name);
		are_not[count++] = keep("%s != @%s", expression, name);
	}
	asking_one_of(asking, are, are_not, count, words->negated);
}

/**
 * set_added() - the set that packets are put into
 * @script: has it
 * @name: as minifw calls it
 * @family: of the packets
 * @timeout: takes how long they stay where the rule does not say so, as `3600`; NULL is for ever
 *
 * Return: the name for nft.
 */
const char *set_added(const struct script *script, const char *name, enum export_family family,
		      const char **timeout)
{
	const struct object *set = set_named(script, name);

	if (!set)
		return "";
	*timeout = set->head.timeout ? keep("%u", set->head.timeout) : NULL;
	return nft_name(set, has_families(set) ? family : ANY_FAMILY, TIMED);
}
