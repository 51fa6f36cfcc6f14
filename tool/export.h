/* SPDX-License-Identifier: GPL-2.0 */
#ifndef EXPORT_H
#define EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "keep.h"
#include "pairs.h"
#include "place.h"

struct conf;
struct object;

/* Of the packets that a rule of nft is for. */
enum export_family {
	ANY_FAMILY,
	IP,
	IP6,
	EXPORT_FAMILIES
};

/**
 * struct base - a chain of nft at a hook
 * @hook: as minifw calls it
 * @raw: before conntrack
 * @device: of ingress; else NULL
 * @index: of the chains of the script
 * @text: its rules
 * @size: of @text
 * @out: takes them
 */
struct base {
	const char *hook;
	bool raw;
	char *device;
	size_t index;
	char *text;
	size_t size;
	FILE *out;
};

/**
 * struct script - a script of nft, while it is made
 * @conf: what it is to say
 * @lenient: what nft cannot say is left out
 * @bases: chains at hooks
 * @count: how many
 * @room: for how many there is room
 * @added: names of sets that rules put packets into
 * @added_count: how many
 * @added_room: for how many there is room
 * @parts: of each set, which sets of nft it is
 * @hours: it says times of day
 * @objects: takes sets, limits and quotas
 * @chains: takes chains that are jumped to
 */
struct script {
	const struct conf *conf;
	bool lenient;
	struct base **bases;
	size_t count;
	size_t room;
	char **added;
	size_t added_count;
	size_t added_room;
	unsigned int *parts;
	bool hours;
	FILE *objects;
	FILE *chains;
};

/**
 * struct export_rule - a rule, or a line of a chain
 * @script: takes it
 * @place: where it is
 * @what: `rule NAME` or `chain NAME:N`
 * @name: as logs say it
 * @id: the same for nft
 * @pairs: its attributes
 * @why: why nft cannot say it; NULL if it can
 * @shared: what all rules of nft count together is in the script
 */
struct export_rule {
	struct script *script;
	struct place place;
	const char *what;
	const char *name;
	const char *id;
	struct pairs pairs;
	const char *why;
	bool shared;
};

#define WORDS_MAX 64	/* elements of a list */

/**
 * struct words - a list
 * @negated: none of it
 * @set: the set that stands for it, or NULL
 * @count: how many
 * @word: each
 */
struct words {
	bool negated;
	const char *set;
	size_t count;
	const char *word[WORDS_MAX];
};

/**
 * struct asking - what a rule asks at a hook, of packets of a family
 * @rule: the rule
 * @base: where it stands
 * @family: of the packets
 * @told: an expression says the family
 * @never: nothing matches
 * @text: what is asked, of which one at the most fits a packet
 * @count: how many
 * @room: for how many there is room
 */
struct asking {
	struct export_rule *rule;
	const struct base *base;
	enum export_family family;
	bool told;
	bool never;
	const char **text;
	size_t count;
	size_t room;
};

/* export_words.c */
void words_read(struct words *words, const char *value);
bool words_have(const struct words *words, const char *word);
const char *words_nft(const struct words *words);
const char *words_quoted(const struct words *words);

/* export_asking.c */
void asking_add(struct asking *asking, const char *text);
void asking_one_of(struct asking *asking, const char *const *are, const char *const *are_not,
		   size_t count, bool negated);
const char *rule_get(const struct export_rule *rule, const char *attribute);
__attribute__((format(printf, 3, 4)))
void rule_cannot(struct export_rule *rule, const char *attribute, const char *format, ...);

/* export_proto.c */
#define PROTOS_WITH_PORTS "{ tcp, udp, sctp, dccp, udplite }"

void ask_proto(struct asking *asking);
bool rule_has_ports(const struct export_rule *rule);
const char *rule_transport(const struct export_rule *rule);

/* export_match.c */
void rule_ask(struct asking *asking);

/* export_header.c, export_meta.c: the attributes that their names say */
void ask_addresses(struct asking *asking, const char *attribute, const char *field);
void ask_fragment(struct asking *asking, const char *value);
void ask_exthdr(struct asking *asking, const char *value);
void ask_ipopt(struct asking *asking, const char *value);
void ask_icmp(struct asking *asking, const char *protocol, const char *value);
void ask_tcp_flags(struct asking *asking, const char *value);
void ask_ipsec(struct asking *asking, const char *value);
void ask_cgroup(struct asking *asking, const char *value);
void ask_time(struct asking *asking, const char *value);

/* export_family.c */
size_t rule_families(const struct export_rule *rule, enum export_family families[2]);

/* export_set.c */
void sets_show(struct script *script);
void ask_set(struct asking *asking, const char *expression, const struct words *words);
const char *set_added(const struct script *script, const char *name, enum export_family family,
		      const char **timeout);

/* export_gate.c */
const char *rule_gates(struct export_rule *rule, enum export_family family, bool shared);

/* export_action.c */
const char *rule_action(struct export_rule *rule);

/* export_script.c */
struct base *script_base(struct script *script, const char *hook, bool raw, const char *device);
int script_show(struct script *script, const char *path, FILE *out);

/* export_shortcut.c */
void shortcuts_export(const struct script *script, const struct base *base, FILE *out);
const char *policy_of(const struct script *script, const struct base *base);
void policy_export(const struct script *script, const struct base *base, FILE *out);
void parameters_export(const struct script *script, FILE *out);

/* export_rule.c */
void export_rule(struct script *script, const struct place *place, const char *name,
		 const char *text);

#endif
