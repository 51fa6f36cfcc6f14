// SPDX-License-Identifier: GPL-2.0
/*
 * What `nft -j list ruleset` prints. Lines of JSON say nothing: where a fault is told, the number
 * is the rule's handle, as `nft -a list ruleset` shows it.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "import_json.h"
#include "say.h"

/*
 * Priorities that stand on the same side of NAT and conntrack as minifw does. At prerouting, what
 * comes after NAT too: where chains of NAT do anything, they are refused.
 */
static const struct {
	const char *hook;
	int first;
	int last;
} places[] = {
	{ "prerouting", -199, 1000 }, { "input", -1000, 99 }, { "forward", -1000, 1000 },
	{ "output", -99, 1000 }, { "postrouting", -1000, 99 },
};

#define BASES_MAX 64

/**
 * struct base - a chain of a hook
 * @table: its chains
 * @chain: the chain
 * @hook: where it stands
 * @family: of its table; NULL is both
 * @priority: of the chain
 */
struct base {
	struct source_table *table;
	struct source_chain *chain;
	const char *hook;
	const char *family;
	int priority;
};

/**
 * struct listing - a rule set, while it is read
 * @imported: takes it
 * @path: of the file
 * @all: its objects
 * @bases: chains of hooks
 * @count: how many
 * @tables: one for each of its tables
 * @names: of those, as `FAMILY NAME`
 * @table_count: how many
 */
struct listing {
	struct imported *imported;
	const char *path;
	json_t *all;
	struct base bases[BASES_MAX];
	size_t count;
	struct source_table *tables[BASES_MAX];
	const char *names[BASES_MAX];
	size_t table_count;
};

static const char *string_of(json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

/**
 * nft_cannot() - a rule cannot be said
 * @nft: the rule
 * @format: why; the first reason counts
 */
void nft_cannot(struct nft_rule *nft, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (!nft->rule.why)
		nft->rule.why = keep_args(format, args);
	va_end(args);
	nft->rule.instead = NULL;
	nft->differing = NULL;
}

/**
 * nft_differs() - a rule cannot be said, but one that decides nearly the same
 * @nft: the rule
 * @packets: about which it does not
 * @why: why
 */
void nft_differs(struct nft_rule *nft, const char *packets, const char *why)
{
	bool first = !nft->rule.why;

	nft_cannot(nft, "%s", why);
	nft->differing = first ? packets : NULL;
}

/**
 * nft_find() - an object of the rule's table
 * @nft: the rule
 * @kind: `set` or `map`
 * @name: its name
 *
 * Return: the object, or NULL.
 */
json_t *nft_find(const struct nft_rule *nft, const char *kind, const char *name)
{
	json_t *object, *found;
	size_t i;

	json_array_foreach(nft->all, i, object) {
		found = json_object_get(object, kind);
		if (found && !strcmp(string_of(found, "name"), name) &&
		    !strcmp(string_of(found, "table"), nft->table) &&
		    !strcmp(string_of(found, "family"), nft->family))
			return found;
	}
	return NULL;
}

/**
 * nft_ask() - one attribute more
 * @nft: the rule
 * @field: the attribute
 * @value: its value
 */
void nft_ask(struct nft_rule *nft, enum field field, const char *value)
{
	enum joined ret = condition_add(&nft->rule.match, field, value);

	if (ret == UNSAYABLE)
		nft_cannot(nft, "%s: both cannot be said in one rule", field_names[field]);
	nft->never |= ret == NEVER;
}

/* ---- what a rule becomes ---- */

/* What some bits of its flags are not: a rule for each. */
static void add_rule(struct nft_rule *nft)
{
	const char *cases[8];
	struct source_rule rule;
	size_t count, i;

	if (nft->never)
		return;
	if (nft->differing && nft->rule.outcome == DECIDED) {
		nft->rule.instead = nft->rule.action;
		nft->rule.differing = nft->differing;
	}
	if (!nft->not_flags) {
		chain_add(nft->chain, &nft->rule);
		return;
	}
	count = value_negate(TCP_FLAGS, nft->not_flags, cases, 8);
	for (i = 0; i < count; i++) {
		rule = nft->rule;
		if (count > 1 && rule.match.value[LIMIT] && !rule.why)
			rule.why = "a limit of what several rules match";
		if (condition_add(&rule.match, TCP_FLAGS, cases[i]) == JOINED)
			chain_add(nft->chain, &rule);
	}
}

static const char *reject_text(struct nft_rule *nft, json_t *reject)
{
	static const char *const names[][2] = {
		{ "port-unreachable", "port-unreachable" },
		{ "admin-prohibited", "admin-prohibited" },
		{ "host-unreachable", "host-unreachable" },
		{ "addr-unreachable", "host-unreachable" },
		{ "net-unreachable", "net-unreachable" }, { "no-route", "net-unreachable" },
	};
	const char *type = string_of(reject, "type"), *with = string_of(reject, "expr");
	bool first;
	size_t i;

	if (!strcmp(type, "tcp reset"))
		return "reject with tcp-reset";
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i][0], *with ? with : "port-unreachable")) {
			if (!strcmp(type, "icmp") && !nft->rule.match.value[FAMILY])
				nft_ask(nft, FAMILY, "ip");
			if (!strcmp(type, "icmpv6") && !nft->rule.match.value[FAMILY])
				nft_ask(nft, FAMILY, "ip6");
			return keep("reject with %s", names[i][1]);
		}
	first = !nft->rule.why;
	nft_cannot(nft, "reject with %s: there is no such answer", with);
	if (first)
		nft->rule.instead = "reject with admin-prohibited";
	return "reject with admin-prohibited";
}

static const char *queue_text(struct nft_rule *nft, json_t *queue)
{
	const char *number = json_scalar(json_object_get(queue, "num"));
	json_t *flags = json_object_get(queue, "flags");
	bool many = json_is_array(flags);
	const char *flag = json_string_value(many ? json_array_get(flags, 0) : flags);

	if ((flag && strcmp(flag, "bypass")) || (many && json_array_size(flags) > 1))
		nft_cannot(nft, "queue with fanout");
	return keep("queue %s%s", number ? number : "0", flag ? " bypass" : "");
}

static const char *const verdicts[] = { "accept", "drop", "continue", "return", "jump", "goto" };

static bool take_verdict(struct nft_rule *nft, const char *name, json_t *value)
{
	static const enum outcome outcomes[] = {
		DECIDED, DECIDED, GOES_ON, RETURNS, JUMPS, GOES_TO,
	};
	size_t i;

	for (i = 0; i < sizeof(verdicts) / sizeof(*verdicts); i++) {
		if (strcmp(verdicts[i], name))
			continue;
		nft->rule.outcome = outcomes[i];
		nft->rule.action = i < 3 ? verdicts[i] : NULL;
		if (i > 3)
			nft->rule.target = keep("%s", string_of(value, "target"));
		return true;
	}
	if (!strcmp(name, "reject"))
		nft->rule.action = reject_text(nft, value);
	else if (!strcmp(name, "queue"))
		nft->rule.action = queue_text(nft, value);
	else
		return false;
	nft->rule.outcome = DECIDED;
	return true;
}

/* ---- statements ---- */

static long long bytes_of(json_t *number, const char *unit)
{
	static const char *const units[] = { "bytes", "kbytes", "mbytes", "gbytes" };
	long long amount = json_integer_value(number);
	size_t i;

	for (i = 0; i < 4; i++)
		if (!strcmp(units[i], unit))
			return amount << 10 * i;
	return amount;
}

/* In nft the burst of bytes comes on top of what the rate allows in its period. */
static const char *burst_text(json_t *limit, const char *unit)
{
	json_t *burst = json_object_get(limit, "burst");

	if (!*unit)
		return keep(" burst %lld", burst ? (long long)json_integer_value(burst) : 5);
	return keep(" burst %lld bytes", bytes_of(json_object_get(limit, "rate"), unit) +
		    bytes_of(burst, string_of(limit, "burst_unit")));
}

static void take_limit(struct nft_rule *nft, json_t *limit)
{
	const char *unit = string_of(limit, "rate_unit");
	const char *rate = json_scalar(json_object_get(limit, "rate"));
	const char *value;

	if (!rate || nft->rule.match.value[LIMIT]) {
		nft_cannot(nft, "two limits, or one by its name");
		return;
	}
	if (!strcmp(string_of(limit, "per"), "week"))
		nft_cannot(nft, "a limit per week");
	if (!strcmp(unit, "packets"))
		unit = "";
	value = keep("%s%s%s%s/%s%s",
		     json_is_true(json_object_get(limit, "inv")) ? "over " : "", rate,
		     *unit ? " " : "", unit, string_of(limit, "per"), burst_text(limit, unit));
	nft->rule.match.value[LIMIT] = value;
	nft->counted = true;
}

static void take_quota(struct nft_rule *nft, json_t *quota)
{
	const char *amount = json_scalar(json_object_get(quota, "val"));
	json_t *used = json_object_get(quota, "used");

	if (!amount || json_is_true(json_object_get(quota, "inv")) ||
	    (used && json_integer_value(used)))
		nft_cannot(nft, "a quota over which something matches, or that is used already");
	else
		nft->rule.match.value[QUOTA] = keep("%s %s", amount, string_of(quota, "val_unit"));
	nft->counted = true;
}

static void take_count(struct nft_rule *nft, json_t *count)
{
	const char *number = json_scalar(json_object_get(count, "val"));

	if (!number || !json_is_true(json_object_get(count, "inv")))
		nft_cannot(nft, "ct count without over");
	else
		nft->rule.match.value[CONN_LIMIT] = keep("over %s", number);
	nft->counted = true;
}

static const char *log_limit(struct nft_rule *nft, bool last)
{
	const char *limit = nft->rule.match.value[LIMIT];

	if (!last || !limit || !strncmp(limit, "over ", 5) || strstr(limit, "bytes"))
		return " limit 1000000/second burst 65535";
	nft->rule.match.value[LIMIT] = NULL;
	return keep(" limit %s", limit);
}

static void take_log(struct nft_rule *nft, json_t *log, bool last)
{
	const char *prefix = string_of(log, "prefix"), *level = string_of(log, "level");
	json_t *group = json_object_get(log, "group");
	const char *said = *prefix ? keep(" prefix \"%s\"", prefix) : "";

	if (strpbrk(prefix, "\"\\") || nft->rule.log || !strcmp(level, "audit"))
		nft_cannot(nft, "such a log, or two");
	if (json_object_get(log, "snaplen") || json_object_get(log, "queue-threshold"))
		nft_cannot(nft, "a log with snaplen or queue-threshold");
	if (group)
		nft->rule.log = keep("nflog %s%s%s", json_scalar(group), said,
				     log_limit(nft, last));
	else
		nft->rule.log = keep("on%s level %s%s", said, *level ? level : "warning",
				     log_limit(nft, last));
}

/* What was logged before something else is asked is a rule of its own. */
static void end_log(struct nft_rule *nft)
{
	struct source_rule rest = nft->rule;

	if (!nft->rule.log)
		return;
	if (nft->counted)
		nft_cannot(nft, "a limit, a log, and more that is asked");
	nft->rule.outcome = GOES_ON;
	nft->rule.action = "continue";
	add_rule(nft);
	rest.why = nft->rule.why;
	rest.log = NULL;
	nft->rule = rest;
}

/* The pairs of a map; NULL if it is not there. One without any has no `elem`. */
static json_t *pairs_of(struct nft_rule *nft, json_t *data)
{
	const char *name = json_string_value(data);
	json_t *map;

	if (!name || *name != '@')
		return json_object_get(data, "set");
	map = nft_find(nft, "map", name + 1);
	if (map && !json_object_get(map, "elem"))
		json_object_set_new(map, "elem", json_array());
	return json_object_get(map, "elem");
}

static void take_vmap(struct nft_rule *nft, json_t *vmap)
{
	json_t *set = pairs_of(nft, json_object_get(vmap, "data")), *pair;
	json_t *left = json_object_get(vmap, "key");
	struct nft_rule before = *nft;
	size_t i;

	if (!json_is_array(set) || nft->not_flags || json_object_get(left, "concat")) {
		nft_cannot(nft, "a map by several values, or that is not there");
		add_rule(nft);
	}
	json_array_foreach(set, i, pair) {
		json_t *verdict = json_array_get(pair, 1);
		const char *key = json_object_iter_key(json_object_iter(verdict));

		*nft = before;
		nft_match(nft, left, "==", json_array_get(pair, 0));
		if (!key || !take_verdict(nft, key, json_object_get(verdict, key)))
			nft_cannot(nft, "a map to something that is no verdict");
		add_rule(nft);
	}
}

/* Returns false behind a map of verdicts, which is the end. */
static bool take_statement(struct nft_rule *nft, const char *name, json_t *value, bool last)
{
	bool asks = !strcmp(name, "match") || !strcmp(name, "limit") || !strcmp(name, "quota") ||
		    !strcmp(name, "ct count") || !strcmp(name, "vmap");

	if (asks)
		end_log(nft);
	if (!strcmp(name, "match"))
		nft_match(nft, json_object_get(value, "left"), string_of(value, "op"),
			  json_object_get(value, "right"));
	else if (!strcmp(name, "limit"))
		take_limit(nft, value);
	else if (!strcmp(name, "quota"))
		take_quota(nft, value);
	else if (!strcmp(name, "ct count"))
		take_count(nft, value);
	else if (!strcmp(name, "log"))
		take_log(nft, value, last);
	else if (!strcmp(name, "vmap"))
		take_vmap(nft, value);
	else if (strcmp(name, "counter") && !take_verdict(nft, name, value))
		nft_cannot(nft, "%s: there is no such thing", name);
	return strcmp(name, "vmap");
}

static void read_statements(struct nft_rule *nft, json_t *statements)
{
	size_t i, count = json_array_size(statements);
	bool more = true;

	nft->rule.outcome = GOES_ON;
	nft->rule.action = "continue";
	for (i = 0; i < count && more; i++) {
		json_t *statement = json_array_get(statements, i);
		const char *name = json_object_iter_key(json_object_iter(statement));

		if (name)
			more = take_statement(nft, name, json_object_get(statement, name),
					      i + 1 == count);
	}
	if (more)
		add_rule(nft);
}

/* ---- objects ---- */

static const char *family_of(json_t *object)
{
	const char *family = string_of(object, "family");

	if (!strcmp(family, "inet"))
		return NULL;
	return !strcmp(family, "ip") ? "ip" : "ip6";
}

static struct source_table *table_of(struct listing *listing, json_t *object)
{
	const char *name = keep("%s %s", string_of(object, "family"), string_of(object, "table"));
	size_t i;

	for (i = 0; i < listing->table_count; i++)
		if (!strcmp(listing->names[i], name))
			return listing->tables[i];
	if (listing->table_count == BASES_MAX)
		return NULL;
	listing->names[listing->table_count] = name;
	listing->tables[listing->table_count] = need(calloc(1, sizeof(struct source_table)));
	return listing->tables[listing->table_count++];
}

/* Does the table concern what minifw does? */
static bool is_ours(json_t *object)
{
	const char *family = string_of(object, "family");

	return !strcmp(family, "inet") || !strcmp(family, "ip") || !strcmp(family, "ip6");
}

static bool priority_fits(const char *hook, int priority)
{
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (!strcmp(places[i].hook, hook))
			return priority >= places[i].first && priority <= places[i].last;
	return false;
}

static const char *hook_named(const char *hook)
{
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (!strcmp(places[i].hook, hook))
			return places[i].hook;
	return NULL;
}

static void read_chain(struct listing *listing, json_t *object)
{
	struct place place = { listing->path, 0 };
	struct source_table *table = table_of(listing, object);
	struct source_chain *chain;
	const char *hook = string_of(object, "hook");

	if (!table || listing->count == BASES_MAX) {
		fault(&place, "more than %d tables or chains of hooks", BASES_MAX);
		return;
	}
	chain = table_add_chain(table, string_of(object, "name"), &place);
	if (!*hook)
		return;
	chain->policy = !strcmp(string_of(object, "policy"), "drop") ? "drop" : "accept";
	listing->bases[listing->count++] = (struct base){
		.table = table, .chain = chain, .family = family_of(object),
		.hook = !strcmp(string_of(object, "type"), "filter") ? hook_named(hook) : NULL,
		.priority = (int)json_integer_value(json_object_get(object, "prio")),
	};
}

static void read_rule(struct listing *listing, json_t *object)
{
	struct source_table *table = table_of(listing, object);
	struct nft_rule nft = {
		.imported = listing->imported, .all = listing->all,
		.table = string_of(object, "table"), .family = string_of(object, "family"),
	};
	const char *comment = json_string_value(json_object_get(object, "comment"));

	nft.chain = table ? table_chain(table, string_of(object, "chain")) : NULL;
	if (!nft.chain)
		return;
	nft.rule.place.file = listing->path;
	nft.rule.place.line = (unsigned int)json_integer_value(json_object_get(object, "handle"));
	nft.rule.comment = comment ? keep("%s", comment) : NULL;
	nft.rule.match.value[FAMILY] = family_of(object);
	read_statements(&nft, json_object_get(object, "expr"));
}

static void leave_family(struct listing *listing, json_t *rule)
{
	const char *chain = string_of(rule, "chain");

	imported_set(listing->imported, keep("chain %s", chain),
		     keep("# left out: %s: the family %s; what is refused there MAY PASS", chain,
			  string_of(rule, "family")));
}

static void each(struct listing *listing, const char *kind,
		 void (*read)(struct listing *listing, json_t *object))
{
	struct place place = { listing->path, 0 };
	json_t *object, *found;
	size_t i;

	json_array_foreach(listing->all, i, object) {
		found = json_object_get(object, kind);
		if (!found)
			continue;
		if (is_ours(found))
			read(listing, found);
		else if (!strcmp(kind, "rule") && !listing->imported->lenient)
			fault(&place, "%s: the family %s cannot be said", string_of(found, "chain"),
			      string_of(found, "family"));
		else if (!strcmp(kind, "rule"))
			leave_family(listing, found);
	}
}

/* ---- hooks ---- */

/* A chain that is not at a hook of ours: nothing may be done there. */
static void refuse_base(struct listing *listing, const struct base *base)
{
	struct place place = { listing->path, 0 };

	if (!chain_acts(base->table, base->chain))
		return;
	if (listing->imported->lenient)
		imported_set(listing->imported, base->chain->name,
			     keep("# left out: the chain %s: its type or priority is none of a filter; what it refuses MAY PASS",
				  base->chain->name));
	else
		fault(&place, "%s: its type or priority is none of a filter", base->chain->name);
}

/* An accept of one chain goes on to the next one at the hook. */
static void check_accepts(const struct flat_hook *hook, size_t from, struct source_chain *next)
{
	size_t i;

	for (i = from; i < hook->count; i++)
		if (hook->rules[i].action && !strcmp(hook->rules[i].action, "accept") &&
		    !hook->rules[i].left_out) {
			fault(&hook->rules[i].source->place,
			      "%s: after what it accepts there is the chain %s, which may refuse it",
			      hook->hook, next->name);
			return;
		}
}

static void add_policy(struct flat_hook *hook, const char *family)
{
	struct flat_rule *rule;

	hook->rules = grow(hook->rules, hook->count, &hook->room, sizeof(*rule));
	rule = &hook->rules[hook->count++];
	*rule = (struct flat_rule){ .action = "drop", .comment = "policy" };
	rule->match.value[FAMILY] = family;
}

static bool does_anything(const struct base *base)
{
	return base->chain->count || strcmp(base->chain->policy, "accept");
}

static struct base *next_at_hook(struct listing *listing, size_t i)
{
	struct base *base;

	for (base = &listing->bases[i + 1]; base < listing->bases + listing->count; base++)
		if (base->hook == listing->bases[i].hook && does_anything(base) &&
		    (!base->family || !listing->bases[i].family ||
		     !strcmp(base->family, listing->bases[i].family)))
			return base;
	return NULL;
}

static void flatten_base(struct listing *listing, size_t i)
{
	struct base *base = &listing->bases[i], *next;
	struct flat_hook *hook;
	const char *policy;
	size_t from;

	if (!base->hook || !priority_fits(base->hook, base->priority)) {
		refuse_base(listing, base);
		return;
	}
	if (!does_anything(base))
		return;
	hook = imported_hook(listing->imported, base->hook, NULL);
	from = hook->count;
	policy = hook->policy;
	flatten(listing->imported, base->table, base->chain, hook, base->family);
	next = next_at_hook(listing, i);
	if (next)
		check_accepts(hook, from, next->chain);
	if (strcmp(base->chain->policy, "accept") && (next || base->family || from)) {
		add_policy(hook, base->family);
		hook->policy = policy;
	}
}

static int base_cmp(const void *a, const void *b)
{
	const struct base *x = a, *y = b;

	return (x->priority > y->priority) - (x->priority < y->priority);
}

static void read_listing(struct listing *listing)
{
	size_t i;

	each(listing, "chain", read_chain);
	each(listing, "rule", read_rule);
	qsort(listing->bases, listing->count, sizeof(*listing->bases), base_cmp);
	for (i = 0; i < listing->count; i++)
		flatten_base(listing, i);
	for (i = 0; i < listing->table_count; i++) {
		table_keep(listing->imported, listing->tables[i]);
		free(listing->tables[i]);
	}
}

/**
 * import_nft() - read what `nft -j list ruleset` prints
 * @imported: takes it. Faults are told
 * @path: of the file; `-` is standard input
 */
void import_nft(struct imported *imported, const char *path)
{
	struct listing *listing = need(calloc(1, sizeof(*listing)));
	struct place place = { path, 0 };
	json_error_t error;
	json_t *root = strcmp(path, "-") ? json_load_file(path, 0, &error) :
					   json_loadf(stdin, 0, &error);

	listing->imported = imported;
	listing->path = path;
	listing->all = json_object_get(root, "nftables");
	if (!json_is_array(listing->all)) {
		place.line = root || error.line < 0 ? 0 : (unsigned int)error.line;
		fault(&place, "it is not what 'nft -j list ruleset' prints%s%s", root ? "" : ": ",
		      root ? "" : error.text);
	} else {
		read_listing(listing);
	}
	json_decref(root);
	free(listing);
}
