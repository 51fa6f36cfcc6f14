// SPDX-License-Identifier: GPL-2.0
/* What rules of iptables ask of packets, in the words of iptables-extensions(8). */
#include <string.h>
#include <strings.h>

#include "conf/language.h"
#include "import_xt.h"

/**
 * xt_ask() - one attribute more
 * @xt: the rule
 * @field: the attribute
 * @value: its value; NULL asks nothing
 * @not: behind `!`
 */
void xt_ask(struct xt_rule *xt, enum field field, const char *value, bool not)
{
	enum joined ret;

	if (!value)
		return;
	if (not)
		value = *value == '!' ? value + 1 : keep("!%s", value);
	ret = condition_add(&xt->rule.match, field, value);
	if (ret == UNSAYABLE)
		xt_cannot(xt, "%s: both cannot be said in one rule", field_names[field]);
	else if (ret == NEVER)
		xt_cannot(xt, "%s: it can never match", field_names[field]);
	xt->late |= !!xt->limit;
}

static const char *flags_of(struct xt_rule *xt, const char *text)
{
	if (!strcasecmp(text, "ALL"))
		return "fin,syn,rst,psh,ack,urg";
	if (!strcasecmp(text, "NONE"))
		return "none";
	if (strpbrk(text, "0123456789"))
		xt_cannot(xt, "TCP flags '%s'", text);
	return lower(text);
}

static void take_flags(struct xt_rule *xt, const char *value, bool not)
{
	if (not && xt->not_flags)
		xt_cannot(xt, "two lists of TCP flags that are not so");
	else if (not)
		xt->not_flags = value;
	else
		xt_ask(xt, TCP_FLAGS, value, false);
}

static void take_states(struct xt_rule *xt, const char *value, bool not)
{
	char *list = lower(value), *rest = keep("%s", list), *word;
	size_t statuses = 0, states = 0;

	while ((word = strsep(&rest, ",")))
		if (!strcmp(word, "dnat") || !strcmp(word, "snat"))
			statuses++;
		else
			states++;
	if (statuses && states)
		xt_cannot(xt, "--ctstate with a state, or DNAT or SNAT");
	else if (statuses && not)
		xt_cannot(xt, "! --ctstate %s fits what has no connection too", value);
	else
		xt_ask(xt, statuses ? CT_STATUS : CT_STATE, list, not);
}

static void take_set(struct xt_rule *xt, const char *name, bool not)
{
	const char *way = xt_value(xt, "--match-set");
	bool source = way && !strcmp(way, "src");

	if (!way || (!source && strcmp(way, "dst"))) {
		xt_cannot(xt, "--match-set %s %s: a set of more than addresses", name, way ? way : "");
		return;
	}
	if (!language_name(name)) {
		xt_cannot(xt, "--match-set: no set can be called '%s'", name);
		return;
	}
	imported_set(xt->imported, name,
		     keep("# the set %s is to be filled: ipset list %s\nset %s type=addr", name,
			  name, name));
	xt_ask(xt, source ? SADDR : DADDR, keep("@%s", name), not);
}

static bool take_flags_option(struct xt_rule *xt, const char *option, bool not)
{
	const char *mask, *value;

	if (!strcmp(option, "--syn")) {
		take_flags(xt, "syn/syn,ack,rst,fin", not);
		return true;
	}
	if (strcmp(option, "--tcp-flags"))
		return false;
	mask = xt_value(xt, option);
	value = mask ? xt_value(xt, option) : NULL;
	if (value)
		take_flags(xt, keep("%s/%s", flags_of(xt, value), flags_of(xt, mask)), not);
	return true;
}

/* Which attribute they ask, their values tell. */
static bool take_tracking(struct xt_rule *xt, const char *option, bool not)
{
	bool state = !strcmp(option, "--ctstate");
	const char *value;

	if (!state && strcmp(option, "--match-set"))
		return false;
	value = xt_value(xt, option);
	if (value)
		(state ? take_states : take_set)(xt, value, not);
	return true;
}

/* Whatever kind of routing header it asks for: only that there is one can be asked. */
static bool take_routing(struct xt_rule *xt, const char *option, bool not)
{
	if (strncmp(option, "--rt-", 5))
		return false;
	if (strcmp(option, "--rt-0-res") && strcmp(option, "--rt-0-not-strict"))
		xt_value(xt, option);
	xt_differs(xt, keep("%s: only that there is a routing header can be asked", option));
	return true;
}

/**
 * xt_match() - an option of a match
 * @xt: the rule, at the word after it
 * @option: the option
 * @not: behind `!`
 *
 * Return: whether it is one.
 */
bool xt_match(struct xt_rule *xt, const char *option, bool not)
{
	return xt_option(xt, option, not) || take_flags_option(xt, option, not) ||
	       take_tracking(xt, option, not) || take_routing(xt, option, not) ||
	       xt_several(xt, option, not);
}
