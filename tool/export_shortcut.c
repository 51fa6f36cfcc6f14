// SPDX-License-Identifier: GPL-2.0
/* What minifw lets pass before it asks any rule, and what becomes of what no rule decides. */
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "export.h"
#include "say.h"

static bool parameter_is(const struct script *script, const char *name, const char *value)
{
	const struct object *parameter = conf_find(script->conf, PARAMETER, name);
	char *otherwise = parameter ? NULL : language_default(name);
	bool is = !strcmp(parameter ? parameter->text : otherwise, value);

	free(otherwise);
	return is;
}

/* src/shortcut.c says where this comes from. */
static const char *const control_in[] = {
	"icmpv6 type { 133-137 } ip6 hoplimit 255", "icmpv6 type { 130-132, 143 } ip6 hoplimit 1",
	"meta nfproto ipv4 udp sport 67 udp dport 68",
	"ip6 saddr fe80::/10 udp sport 547 udp dport 546", NULL
};

static const char *const control_out[] = {
	"icmpv6 type { 133-137 } ip6 hoplimit 255", "icmpv6 type { 130-132, 143 } ip6 hoplimit 1",
	"meta nfproto ipv4 udp sport 68 udp dport 67",
	"ip6 daddr { fe80::/10, ff02::1:2 } udp sport 546 udp dport 547", NULL
};

static bool has_policy(const struct base *base)
{
	return !base->raw && (!strcmp(base->hook, "input") || !strcmp(base->hook, "forward") ||
			      !strcmp(base->hook, "output"));
}

static void show(const char *text, const char *name, FILE *out)
{
	fprintf(out, "\t\t%s counter accept comment \"%s\"\n", text, name);
}

/**
 * shortcuts_export() - the rules before the rules
 * @script: says which there are
 * @base: a chain
 * @out: takes them
 */
void shortcuts_export(const struct script *script, const struct base *base, FILE *out)
{
	bool input = !strcmp(base->hook, "input"), forward = !strcmp(base->hook, "forward");
	const char *const *control = input ? control_in : control_out;

	if (!has_policy(base))
		return;
	if (!forward && parameter_is(script, "accept_loopback", "Y"))
		show(input ? "iif \"lo\"" : "oif \"lo\"", "loopback", out);
	if (parameter_is(script, "accept_established", "Y"))
		show("ct state established,related", "established", out);
	if (forward || !parameter_is(script, "accept_control", "Y"))
		return;
	for (; *control; control++)
		show(*control, "control", out);
}

/**
 * policy_of() - what becomes of what no rule decides
 * @script: says it
 * @base: where
 *
 * Return: `accept`, `drop` or `reject`.
 */
const char *policy_of(const struct script *script, const struct base *base)
{
	static const char *const policies[] = { "drop", "reject" };
	const char *hook = base->hook;
	const char *parameter = strcmp(hook, "output") ? "default_policy" : "output_policy";
	size_t i;

	if (!has_policy(base))
		return "accept";
	if (!strcmp(hook, "forward") && !parameter_is(script, "forward_policy", "default"))
		parameter = "forward_policy";
	for (i = 0; i < sizeof(policies) / sizeof(*policies); i++)
		if (parameter_is(script, parameter, policies[i]))
			return policies[i];
	return "accept";
}

/**
 * policy_export() - what stands behind all rules
 * @script: says what
 * @base: the chain
 * @out: takes it
 */
void policy_export(const struct script *script, const struct base *base, FILE *out)
{
	const char *policy = policy_of(script, base);

	if (!strcmp(policy, "accept"))
		return;
	if (parameter_is(script, "log_denied", "Y"))
		fprintf(out, "\t\tlimit rate 10/minute burst 10 packets log prefix \"minifw: policy: \"\n");
	if (!strcmp(policy, "reject"))
		fprintf(out, "\t\tmeta l4proto tcp counter reject with tcp reset comment \"policy\"\n"
			"\t\tcounter reject with icmpx port-unreachable comment \"policy\"\n");
}

/* Of which packets do not hear, but for audit mode. */
static void refuse_audit(const struct script *script, const struct object *enforce, FILE *out)
{
	static const char why[] = "parameter enforce: nft has no audit mode";

	if (!script->lenient) {
		fault(&enforce->place, "%s", why);
		return;
	}
	remark(&enforce->place, "left out: %s: without it LESS IS LET PASS", why);
	fprintf(out, "# left out: %s: without it LESS IS LET PASS\n", why);
}

/**
 * parameters_export() - what the parameters say that is not in chains
 * @script: has them
 * @out: takes comments
 */
void parameters_export(const struct script *script, FILE *out)
{
	static const char *const others[] = { "recheck_established", "locked" };
	const struct object *parameter = conf_find(script->conf, PARAMETER, "enforce");
	size_t i;

	if (parameter && !parameter_is(script, "enforce", "Y"))
		refuse_audit(script, parameter, out);
	for (i = 0; i < sizeof(others) / sizeof(*others); i++) {
		parameter = conf_find(script->conf, PARAMETER, others[i]);
		if (parameter)
			fprintf(out, "# nft has nothing like the parameter %s=%s.\n", others[i],
				parameter->text);
	}
}
