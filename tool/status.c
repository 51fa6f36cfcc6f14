// SPDX-License-Identifier: GPL-2.0
/* status: policies, mode, transaction, versions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "command.h"
#include "module.h"
#include "running.h"
#include "say.h"
#include "tree.h"

static char *parameter(const char *name)
{
	char *value = parameter_read(name);

	return value ? value : need(strdup("?"));
}

static void line(const char *name, const char *value)
{
	printf("%-12s  %s\n", name, value);
}

static void show_policies(void)
{
	char *input = parameter("default_policy"), *forward = parameter("forward_policy");
	char *output = parameter("output_policy"), *text;

	text = format_text("input %s, forward %s, output %s", input,
			   strcmp(forward, "default") ? forward : input, output);
	line("policy", text);
	free(input);
	free(forward);
	free(output);
	free(text);
}

static void show_mode(void)
{
	char *enforce = parameter("enforce"), *locked = parameter("locked");

	line("mode", *enforce == 'N' ? "AUDIT: nothing is dropped (enforce=N)" : "enforcing");
	if (*locked == 'Y')
		line("locked", "nothing can be changed until a restart");
	free(enforce);
	free(locked);
}

static void show_decisions(void)
{
	char *accepted = parameter("accepted"), *dropped = parameter("dropped");
	char *would_drop = parameter("would_drop"), *text;

	text = format_text("%s accepted, %s dropped, %s would have been", accepted, dropped,
			   would_drop);
	line("decisions", text);
	free(accepted);
	free(dropped);
	free(would_drop);
	free(text);
}

static void show_attribute(const char *name)
{
	char *value = tree_read(NULL, NULL, name);

	line(name, value ? value : "?");
	free(value);
}

static void show_count(const char *folder)
{
	struct names names = tree_names(folder);
	char *text = format_text("%zu", names.count);

	line(folder, text);
	names_free(&names);
	free(text);
}

/* What may have kept an installed module from being loaded. */
static void show_signature(void)
{
	char *signature = module_signature();

	if (signature)
		line("signature", signature);
	free(signature);
}

static void show_versions(void)
{
	char *loaded = module_version(), *installed = module_installed_version();
	struct utsname name;

	if (!uname(&name))
		line("kernel", name.release);
	line("module", loaded ? loaded : "not loaded");
	if (!installed)
		line("installed", "none for this kernel: after a restart there is no firewall");
	else if (!loaded || strcmp(loaded, installed))
		line("installed", installed);
	if (loaded && installed && strcmp(loaded, installed))
		line("", "restart to use the new module");
	if (installed && !loaded)
		show_signature();
	line("program", MINIFW_VERSION);
	free(loaded);
	free(installed);
}

int command_status(int argc, char **argv)
{
	int ret;

	(void)argv;
	if (argc > 1)
		return usage("status: takes no arguments");
	ret = running_need();
	if (ret == DONE) {
		show_policies();
		show_mode();
		show_decisions();
		show_attribute("generation");
		show_attribute("transaction");
		show_count("rules");
		show_count("chains");
		show_count("sets");
	}
	show_versions();
	return ret;
}
