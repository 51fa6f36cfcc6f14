// SPDX-License-Identifier: GPL-2.0
/* What iptables-save(8) and ip6tables-save(8) print, or iptables-restore(8) reads. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "import_xt.h"
#include "say.h"

#define TABLES_MAX 16

/**
 * struct save - what iptables-restore is given, while it is read
 * @imported: takes what it says
 * @family: `ip` or `ip6`
 * @merge: a table that is there goes on, as with --noflush
 * @broken: it has no end
 * @place: the line
 * @table: at hand; NULL between two
 * @tables: each, in order
 * @count: how many
 */
struct save {
	struct imported *imported;
	const char *family;
	bool merge;
	bool broken;
	struct place place;
	struct xt_table *table;
	struct xt_table tables[TABLES_MAX];
	size_t count;
};

/**
 * xt_cannot() - a rule cannot be said
 * @xt: the rule
 * @format: why; the first reason counts
 */
void xt_cannot(struct xt_rule *xt, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (!xt->rule.why)
		xt->rule.why = keep_args(format, args);
	va_end(args);
	xt->differs = false;
}

/**
 * xt_differs() - a rule cannot be said, but one that, if it refuses, refuses all of that too
 * @xt: the rule
 * @why: why
 */
void xt_differs(struct xt_rule *xt, const char *why)
{
	bool first = !xt->rule.why;

	xt_cannot(xt, "%s", why);
	xt->differs = first;
}

/**
 * xt_value() - the next word
 * @xt: the rule
 * @option: whose value it is
 *
 * Return: the word; NULL at the end, for which the rule cannot be said.
 */
const char *xt_value(struct xt_rule *xt, const char *option)
{
	if (xt->at < xt->count)
		return xt->word[xt->at++];
	xt_cannot(xt, "%s has no value", option);
	return NULL;
}

/* ---- words ---- */

/* Takes a word off a line, as iptables-restore does: quotes, and `\` in them. */
static char *take_word(char **text)
{
	char *from = *text, *to, *word;
	bool quoted = false;

	while (isspace((unsigned char)*from))
		from++;
	word = from;
	to = from;
	if (!*from)
		return NULL;
	for (; *from && (quoted || !isspace((unsigned char)*from)); from++) {
		if (*from == '"')
			quoted = !quoted;
		else if (*from == '\\' && quoted && from[1])
			*to++ = *++from;
		else
			*to++ = *from;
	}
	*text = *from ? from + 1 : from;
	*to = '\0';
	return word;
}

static void split(struct xt_rule *xt, char *text)
{
	char *word;

	while ((word = take_word(&text))) {
		if (xt->count == WORDS_MAX) {
			xt_cannot(xt, "more than %d words", WORDS_MAX);
			return;
		}
		xt->word[xt->count++] = keep("%s", word);
	}
}

/* ---- rules ---- */

static const char *match_known(const char *name)
{
	static const char *const names[] = {
		"tcp", "udp", "udplite", "sctp", "dccp", "icmp", "icmp6", "icmpv6", "multiport", "iprange",
		"conntrack", "state", "limit", "hashlimit", "connlimit", "mark", "connmark", "owner",
		"mac", "length", "ttl", "hl", "dscp", "pkttype", "addrtype", "time", "comment", "rpfilter",
		"policy", "set", "ipv6header", "rt",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i], name))
			return names[i];
	return NULL;
}

static void take_module(struct xt_rule *xt)
{
	const char *name = xt_value(xt, "-m");

	if (!name)
		return;
	xt->match = match_known(name);
	if (!xt->match)
		xt_cannot(xt, "-m %s: there is no such match", name);
	else if (!strcmp(name, "rpfilter"))
		xt->rule.match.value[RPF] = "pass";
	else if (!strcmp(name, "rt") && condition_add(&xt->rule.match, EXTHDR, "rt") != JOINED)
		xt_cannot(xt, "exthdr: both cannot be said in one rule");
}

static bool take_target(struct xt_rule *xt, const char *option)
{
	bool goes = !strcmp(option, "-g") || !strcmp(option, "--goto");

	if (!goes && strcmp(option, "-j") && strcmp(option, "--jump"))
		return xt->target.name && xt_target(xt, option);
	xt->target.name = xt_value(xt, option);
	if (goes)
		xt->rule.outcome = GOES_TO;
	return true;
}

static void take_option(struct xt_rule *xt)
{
	const char *option = xt->word[xt->at++];
	bool not = !strcmp(option, "!");

	if (not && xt->at < xt->count)
		option = xt->word[xt->at++];
	if (!not && (!strcmp(option, "-m") || !strcmp(option, "--match")))
		take_module(xt);
	else if (!not && xt->match && !strcmp(xt->match, "rpfilter") && !strcmp(option, "--invert"))
		xt->rule.match.value[RPF] = "fail";
	else if (!xt_match(xt, option, not) && (not || !take_target(xt, option)))
		xt_cannot(xt, "'%s%s' is not known", not ? "! " : "", option);
}

static bool has_ports(const char *proto)
{
	static const char *const names[] = { "tcp", "udp", "sctp", "dccp", "udplite" };
	size_t i;

	for (i = 0; proto && i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i], proto))
			return true;
	return false;
}

/* What iptables looks at only in the headers of a protocol needs that protocol. */
static void check_protocol(struct xt_rule *xt)
{
	const char **value = xt->rule.match.value;

	if ((value[SPORT] || value[DPORT]) && !has_ports(value[PROTO]))
		xt_cannot(xt, "ports without a protocol that has them");
	if ((value[TCP_FLAGS] || xt->not_flags) && (!value[PROTO] || strcmp(value[PROTO], "tcp")))
		xt_cannot(xt, "TCP flags without -p tcp");
}

/* Is there something that may be said instead? */
static void check_instead(struct xt_rule *xt)
{
	const char *action = xt->rule.action;

	if (xt->differs && xt->rule.outcome == DECIDED &&
	    (!strcmp(action, "drop") || !strncmp(action, "reject", 6)))
		xt->rule.instead = action;
}

/* What some bits of its flags are not: a rule for each. The first has @at before it. */
static void add_rules(struct source_chain *chain, struct xt_rule *xt, size_t at)
{
	const char *cases[8];
	struct source_rule rule;
	size_t count, i;

	if (!xt->not_flags) {
		chain_insert(chain, &xt->rule, at);
		return;
	}
	count = value_negate(TCP_FLAGS, xt->not_flags, cases, 8);
	for (i = 0; i < count; i++) {
		rule = xt->rule;
		if (count > 1 && rule.match.value[LIMIT] && !rule.why)
			rule.why = "a limit of what several rules match";
		if (condition_add(&rule.match, TCP_FLAGS, cases[i]) == JOINED)
			chain_insert(chain, &rule, at++);
	}
}

/* The number of `-I CHAIN [NUMBER]`: so many less one are before. */
static size_t take_number(struct xt_rule *xt)
{
	const char *word = xt->count ? xt->word[0] : "";

	if (!*word || strspn(word, "0123456789") != strlen(word))
		return 0;
	xt->at = 1;
	if (!strtoul(word, NULL, 10))
		xt_cannot(xt, "-I: there is no rule 0");
	return strtoul(word, NULL, 10) - 1;
}

static void read_rule(struct save *save, char *text, bool insert)
{
	struct xt_rule *xt = need(calloc(1, sizeof(*xt)));
	char *name = take_word(&text);
	struct source_chain *chain = name ? table_chain(&save->table->chains, name) : NULL;
	size_t at = chain ? chain->count : 0;

	xt->family = save->family;
	xt->table = save->table->name;
	xt->chain = name ? name : "";
	xt->imported = save->imported;
	xt->rule.place = save->place;
	xt->rule.match.value[FAMILY] = save->family;
	split(xt, text);
	if (insert)
		at = take_number(xt);
	while (xt->at < xt->count)
		take_option(xt);
	xt_several_end(xt);
	xt_target_end(xt);
	check_protocol(xt);
	check_instead(xt);
	if (chain)
		add_rules(chain, xt, at);
	else
		fault(&save->place, "'%s': there is no such chain", name ? name : "");
	free(xt);
}

/* ---- lines ---- */

static void set_policy(struct save *save, struct source_chain *chain, const char *policy)
{
	if (!strcmp(policy, "ACCEPT") || !strcmp(policy, "-"))
		chain->policy = "accept";
	else if (!strcmp(policy, "DROP"))
		chain->policy = "drop";
	else
		fault(&save->place, "%s: the policy '%s'", chain->name, policy);
	if (!xt_base(chain->name))
		chain->policy = NULL;
}

/* A `:CHAIN` of what is merged begins anew, if the kernel does not make it. */
static void read_chain(struct save *save, char *text)
{
	char *name = take_word(&text), *policy = take_word(&text);
	struct source_chain *chain;

	if (!name) {
		fault(&save->place, "a chain without a name");
		return;
	}
	chain = table_add_chain(&save->table->chains, name, &save->place);
	if (save->merge && !xt_base(name))
		chain->count = 0;
	if (policy)
		set_policy(save, chain, policy);
}

static void new_chain(struct save *save, char *text)
{
	char *name = take_word(&text);

	if (name)
		table_add_chain(&save->table->chains, name, &save->place);
	else
		fault(&save->place, "a chain without a name");
}

static void read_policy(struct save *save, char *text)
{
	char *name = take_word(&text), *policy = take_word(&text);
	struct source_chain *chain = name ? table_chain(&save->table->chains, name) : NULL;

	if (!chain || !policy)
		fault(&save->place, "'%s': there is no such chain, or no policy", name ? name : "");
	else
		set_policy(save, chain, policy);
}

/* Counters in front of a rule, as `iptables-save -c` has them. */
static char *skip_counters(char *text)
{
	char *end = *text == '[' ? strchr(text, ']') : NULL;

	return end ? end + 1 + strspn(end + 1, " ") : text;
}

static void read_command(struct save *save, char *text)
{
	char *rest = skip_counters(text), *word = take_word(&rest);

	if (!word)
		return;
	if (!strcmp(word, "-A") || !strcmp(word, "--append"))
		read_rule(save, rest, false);
	else if (!strcmp(word, "-I") || !strcmp(word, "--insert"))
		read_rule(save, rest, true);
	else if (!strcmp(word, "-N") || !strcmp(word, "--new-chain"))
		new_chain(save, rest);
	else if (!strcmp(word, "-P") || !strcmp(word, "--policy"))
		read_policy(save, rest);
	else
		fault(&save->place, "'%s' is none of -A, -I, -N and -P", word);
}

static void begin_table(struct save *save, const char *name)
{
	size_t i;

	save->table = NULL;
	for (i = 0; i < save->count && save->merge; i++)
		if (!strcmp(save->tables[i].name, name))
			save->table = &save->tables[i];
	if (save->table)
		return;
	if (save->count == TABLES_MAX) {
		fault(&save->place, "more than %d tables", TABLES_MAX);
		return;
	}
	save->table = &save->tables[save->count++];
	save->table->family = save->family;
	save->table->name = keep("%s", name);
}

static void read_line(struct save *save, char *text)
{
	text += strspn(text, " \t");
	if (!*text || *text == '#')
		return;
	if (*text == '*')
		begin_table(save, text + 1);
	else if (!save->table)
		fault(&save->place, "'%.40s' is of no table: a line '*filter' comes first", text);
	else if (!strcmp(text, "COMMIT"))
		save->table = NULL;
	else if (*text == ':')
		read_chain(save, text + 1);
	else
		read_command(save, text);
}

/**
 * save_new() - begin to read what is for iptables-restore
 * @imported: takes it. Faults are told
 * @family: `ip` or `ip6`
 * @merge: all of it is one, as with --noflush
 *
 * Return: for save_read() and save_take(), until save_end().
 */
struct save *save_new(struct imported *imported, const char *family, bool merge)
{
	struct save *save = need(calloc(1, sizeof(*save)));

	save->imported = imported;
	save->family = !strcmp(family, "ip") ? "ip" : "ip6";
	save->merge = merge;
	return save;
}

/**
 * save_read_from() - read a file that is open
 * @save: takes it
 * @file: the file
 * @path: its name
 */
void save_read_from(struct save *save, FILE *file, const char *path)
{
	size_t room = 0;
	char *line = NULL;

	save->place = (struct place){ .file = path };
	while (getline(&line, &room, file) > 0) {
		save->place.line++;
		line[strcspn(line, "\r\n")] = '\0';
		read_line(save, line);
	}
	free(line);
	if (!save->table)
		return;
	fault(&save->place, "the file ends without COMMIT");
	save->broken = true;
	save->table = NULL;
}

/**
 * save_read() - read a file
 * @save: takes it
 * @path: its name; `-` is standard input
 */
void save_read(struct save *save, const char *path)
{
	FILE *file = strcmp(path, "-") ? fopen(path, "re") : stdin;

	if (!file) {
		save->place = (struct place){ .file = path };
		fault(&save->place, "%s", strerror(errno));
		return;
	}
	save_read_from(save, file, path);
	if (file != stdin)
		fclose(file);
}

/**
 * save_take() - a line of the table filter, which is in no file
 * @save: takes it
 * @format: the line
 */
void save_take(struct save *save, const char *format, ...)
{
	va_list args;
	char *line;

	va_start(args, format);
	if (vasprintf(&line, format, args) < 0)
		line = NULL;
	va_end(args);
	begin_table(save, "filter");
	if (save->table)
		read_line(save, need(line));
	save->table = NULL;
	free(line);
}

/**
 * save_end() - all was read
 * @save: let go of
 */
void save_end(struct save *save)
{
	size_t i;

	for (i = 0; i < save->count; i++)
		if (save->broken)
			table_keep(save->imported, &save->tables[i].chains);
		else
			xt_table_end(save->imported, &save->tables[i]);
	free(save);
}

/**
 * import_iptables() - read what iptables-save prints
 * @imported: takes it. Faults are told
 * @path: of the file; `-` is standard input
 * @family: `ip` or `ip6`
 */
void import_iptables(struct imported *imported, const char *path, const char *family)
{
	struct save *save = save_new(imported, family, false);

	save_read(save, path);
	save_end(save);
}
