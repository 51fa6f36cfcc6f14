// SPDX-License-Identifier: GPL-2.0
/*
 * What ufw(8) puts in force: the files of /etc/ufw, in the frame that ufw-init makes for them
 * (ufw-framework(8)). All of it is given to iptables-restore in turn.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "import_xt.h"
#include "say.h"

enum { INPUT_HOOK, OUTPUT_HOOK, FORWARD_HOOK, HOOKS };

static const struct {
	const char *chain;
	const char *hook;
	const char *variable;
} hooks[HOOKS] = {
	{ "INPUT", "input", "DEFAULT_INPUT_POLICY" },
	{ "OUTPUT", "output", "DEFAULT_OUTPUT_POLICY" },
	{ "FORWARD", "forward", "DEFAULT_FORWARD_POLICY" },
};

/* The chains of a hook, in the order in which it jumps to them. */
static const char *const stages[] = {
	"before-logging", "before", "after", "after-logging", "reject", "track",
};

/**
 * struct ufw - the settings of a folder
 * @imported: takes what they make
 * @folder: its name
 * @place: of the settings
 * @ipv6: whether IPv6 is filtered; else nothing of it passes but the loopback
 * @policy: of each hook, as ufw calls it; NULL if it was not said
 */
struct ufw {
	struct imported *imported;
	const char *folder;
	struct place place;
	bool ipv6;
	const char *policy[HOOKS];
};

/* ---- settings ---- */

/* What the shell makes of a value without anything to expand. */
static const char *unquoted(char *value)
{
	char quote = *value == '"' || *value == '\'' ? *value : '\0';

	if (quote) {
		value++;
		value[strcspn(value, (char[]){ quote, '\0' })] = '\0';
	} else {
		value[strcspn(value, " \t#;")] = '\0';
	}
	return value;
}

static bool is_policy(const char *value)
{
	return !strcmp(value, "ACCEPT") || !strcmp(value, "DROP") || !strcmp(value, "REJECT");
}

static void take_setting(struct ufw *ufw, const char *name, char *text)
{
	const char *value = unquoted(text);
	size_t i;

	if (!strcmp(name, "IPV6"))
		ufw->ipv6 = !strcmp(value, "yes") || !strcmp(value, "YES");
	for (i = 0; i < HOOKS; i++) {
		if (strcmp(name, hooks[i].variable))
			continue;
		ufw->policy[i] = keep("%s", value);
		if (!is_policy(value))
			fault(&ufw->place, "%s: '%s' is none of ACCEPT, DROP and REJECT", name,
			      value);
	}
}

static void read_setting(struct ufw *ufw, char *line)
{
	char *value;

	line += strspn(line, " \t");
	line[strcspn(line, "\r\n")] = '\0';
	value = strchr(line, '=');
	if (!value || *line == '#')
		return;
	*value++ = '\0';
	take_setting(ufw, line, value);
}

static void read_settings(struct ufw *ufw, const char *path)
{
	FILE *file = fopen(path, "re");
	size_t room = 0;
	char *line = NULL;

	ufw->place = (struct place){ .file = path };
	if (!file) {
		fault(&ufw->place, "%s", strerror(errno));
		return;
	}
	while (getline(&line, &room, file) > 0) {
		ufw->place.line++;
		read_setting(ufw, line);
	}
	free(line);
	fclose(file);
}

/* ---- the frame ---- */

static void begin(struct save *save, const struct ufw *ufw, const char *name)
{
	size_t hook, i;

	for (hook = 0; hook < HOOKS; hook++) {
		save_take(save, ":%s %s", hooks[hook].chain,
			  !strcmp(ufw->policy[hook], "ACCEPT") ? "ACCEPT" : "DROP");
		for (i = 0; i < sizeof(stages) / sizeof(*stages); i++) {
			save_take(save, "-N %s-%s-%s", name, stages[i], hooks[hook].hook);
			save_take(save, "-A %s -j %s-%s-%s", hooks[hook].chain, name, stages[i],
				  hooks[hook].hook);
		}
	}
	save_take(save, "-N %s-logging-deny", name);
	save_take(save, "-N %s-logging-allow", name);
}

/* What the policies are, for what comes to the end, and for what skips to it. */
static void add_policies(struct save *save, const struct ufw *ufw, const char *name)
{
	static const char *const tracked[] = { "tcp", "udp" };
	size_t hook, i;

	for (hook = 0; hook < HOOKS; hook++) {
		const char *policy = ufw->policy[hook], *end = hooks[hook].hook;

		if (!strcmp(policy, "REJECT"))
			save_take(save, "-A %s-reject-%s -j REJECT", name, end);
		for (i = 0; i < 2 && !strcmp(policy, "ACCEPT"); i++)
			save_take(save, "-A %s-track-%s -p %s -m conntrack --ctstate NEW -j ACCEPT",
				  name, end, tracked[i]);
		save_take(save, "-N %s-skip-to-policy-%s", name, end);
		save_take(save, "-A %s-skip-to-policy-%s -j %s", name, end, policy);
	}
}

static void read_rules(struct save *save, const struct ufw *ufw, const char *file,
		       const char *suffix)
{
	save_read(save, keep("%s/%s%s.rules", ufw->folder, file, suffix));
}

static void read_user(struct save *save, const struct ufw *ufw, const char *name,
		      const char *suffix)
{
	size_t hook;

	for (hook = 0; hook < HOOKS; hook++) {
		save_take(save, "-N %s-user-%s", name, hooks[hook].hook);
		save_take(save, "-N %s-user-logging-%s", name, hooks[hook].hook);
	}
	save_take(save, "-N %s-user-limit", name);
	save_take(save, "-N %s-user-limit-accept", name);
	read_rules(save, ufw, "user", suffix);
	for (hook = 0; hook < HOOKS; hook++)
		save_take(save, "-A %s-before-%s -j %s-user-%s", name, hooks[hook].hook, name,
			  hooks[hook].hook);
}

static void read_family(const struct ufw *ufw, const char *family)
{
	const char *suffix = family[2] ? "6" : "", *name = keep("ufw%s", suffix);
	struct save *save = save_new(ufw->imported, family, true);

	begin(save, ufw, name);
	add_policies(save, ufw, name);
	read_rules(save, ufw, "before", suffix);
	read_rules(save, ufw, "after", suffix);
	read_user(save, ufw, name, suffix);
	save_end(save);
}

static void refuse_ipv6(const struct ufw *ufw)
{
	struct save *save = save_new(ufw->imported, "ip6", true);
	size_t hook;

	for (hook = 0; hook < HOOKS; hook++)
		save_take(save, ":%s DROP", hooks[hook].chain);
	save_take(save, "-A INPUT -i lo -j ACCEPT");
	save_take(save, "-A OUTPUT -o lo -j ACCEPT");
	save_end(save);
}

/* Programs that ufw runs may do anything. */
static void refuse_program(const struct ufw *ufw, const char *name)
{
	struct place place = { .file = keep("%s/%s", ufw->folder, name) };

	if (access(place.file, X_OK))
		return;
	if (ufw->imported->lenient)
		imported_set(ufw->imported, place.file,
			     keep("# left out: %s: what this program does", place.file));
	else
		fault(&place, "what this program does cannot be said");
}

/**
 * import_ufw() - read the files of ufw
 * @imported: takes what they say. Faults are told
 * @folder: like /etc/ufw, beside which there is default/ufw
 */
void import_ufw(struct imported *imported, const char *folder)
{
	struct ufw ufw = { .imported = imported, .folder = folder };
	size_t hook;

	read_settings(&ufw, keep("%s/../default/ufw", folder));
	read_settings(&ufw, keep("%s/ufw.conf", folder));
	for (hook = 0; hook < HOOKS && !faults(); hook++)
		if (!ufw.policy[hook])
			fault(&ufw.place, "nothing says what %s is", hooks[hook].variable);
	if (faults())
		return;
	refuse_program(&ufw, "before.init");
	refuse_program(&ufw, "after.init");
	read_family(&ufw, "ip");
	if (ufw.ipv6)
		read_family(&ufw, "ip6");
	else
		refuse_ipv6(&ufw);
}
