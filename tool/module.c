// SPDX-License-Identifier: GPL-2.0
/* The module: is it loaded, which is installed, and what modprobe would load it with. */
#include <errno.h>
#include <libkmod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "module.h"
#include "say.h"
#include "tree.h"

#define MODULE "minifw"

/* Calls @ask with the module as libkmod knows it; NULL where it knows none. */
static void *with_module(void *(*ask)(struct kmod_module *module, const void *context),
			 const void *context)
{
	struct kmod_ctx *kmod = need(kmod_new(NULL, NULL));
	struct kmod_module *module;
	void *answer = NULL;

	kmod_set_log_priority(kmod, 0);
	if (!kmod_module_new_from_name(kmod, MODULE, &module)) {
		answer = ask(module, context);
		kmod_module_unref(module);
	}
	kmod_unref(kmod);
	return answer;
}

/**
 * module_is_loaded() - is it?
 *
 * Return: whether it is, and through its init.
 */
bool module_is_loaded(void)
{
	return !access(PARAMETERS, F_OK);
}

/* What makes a key one that the kernel trusts. */
#define ENROL "mokutil --import /var/lib/dkms/mok.pub, restart"

static const char *reason(int error)
{
	switch (error) {
	case -ENOENT:
		return "there is none for this kernel: see dkms(8) and 'dkms status'";
	case -EKEYREJECTED:
	case -ENOKEY:
		return "its key is not trusted: " ENROL;
	default:
		return strerror(-error);
	}
}

static void *insert(struct kmod_module *module, const void *context)
{
	int *error = (int *)context;

	*error = kmod_module_probe_insert_module(module, KMOD_PROBE_APPLY_BLACKLIST, NULL, NULL,
						 NULL, NULL);
	return NULL;
}

/**
 * module_load() - as modprobe does
 *
 * Return: DONE, or REFUSED, which is told.
 */
int module_load(void)
{
	int error = -ENOENT;

	with_module(insert, &error);
	if (error > 0)
		return refuse("the module is not loaded: modprobe.d forbids it");
	return error ? refuse("the module is not loaded: %s", reason(error)) : DONE;
}

/* Of several options of one name, the last one holds. */
static char *option_in(const char *options, const char *name)
{
	char *copy = need(strdup(options)), *rest = copy, *word, *value = NULL;
	size_t len = strlen(name);

	while ((word = strsep(&rest, " "))) {
		if (strncmp(word, name, len) || word[len] != '=')
			continue;
		free(value);
		value = need(strdup(word + len + 1));
	}
	free(copy);
	return value;
}

static void *options_of(struct kmod_module *module, const void *context)
{
	const char *options = kmod_module_get_options(module);

	return need(strdup(options ? options : ""));
}

/**
 * module_option() - what modprobe.d and the kernel command line say of a parameter
 * @parameter: its name
 *
 * Return: the value, for free(); NULL where they say nothing.
 */
char *module_option(const char *parameter)
{
	static char *options;	/* libkmod reads a folder of files to tell */

	if (!options)
		options = with_module(options_of, NULL);
	return options ? option_in(options, parameter) : NULL;
}

/**
 * module_version() - the version of the module that is loaded
 *
 * Return: it, for free(); NULL where none is.
 */
char *module_version(void)
{
	return file_read("/sys/module/" MODULE "/version");
}

static void *installed_info(struct kmod_module *module, const void *key)
{
	struct kmod_list *info = NULL, *entry;
	char *value = NULL;

	if (kmod_module_get_info(module, &info) < 0)
		return NULL;
	kmod_list_foreach(entry, info)
		if (!value && !strcmp(kmod_module_info_get_key(entry), key))
			value = need(strdup(kmod_module_info_get_value(entry)));
	kmod_module_info_free_list(info);
	return value;
}

/**
 * module_installed_version() - the version of the module that the next start would load
 *
 * Return: it, for free(); NULL where none is installed for this kernel.
 */
char *module_installed_version(void)
{
	return with_module(installed_info, "version");
}

/* With Secure Boot Debian's kernels lock themselves down, which asks for signatures, too. */
static bool kernel_asks_for_signatures(void)
{
	char *enforced = file_read("/sys/module/module/parameters/sig_enforce");
	char *lockdown = file_read("/sys/kernel/security/lockdown");
	bool asks = (enforced && *enforced == 'Y') || (lockdown && !strstr(lockdown, "[none]"));

	free(enforced);
	free(lockdown);
	return asks;
}

/**
 * module_signature() - may the installed module's key be why it is not loaded?
 *
 * Return: what there is to do then, for free(); NULL where the kernel asks for no signature.
 */
char *module_signature(void)
{
	char *signer, *text;

	if (!kernel_asks_for_signatures())
		return NULL;
	signer = with_module(installed_info, "signer");
	if (signer)
		text = format_text("by '%s', a key that this kernel has to trust: " ENROL, signer);
	else
		text = format_text("none, and this kernel asks for one: see dkms(8), then " ENROL);
	free(signer);
	return text;
}
