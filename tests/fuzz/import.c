// SPDX-License-Identifier: GPL-2.0
/*
 * What is for iptables-restore, as a hand may write it: what comes of it is a configuration without
 * a fault. The first letter says how it is read.
 */
#include <netdb.h>

#include "kernel.h"
#include "check.h"
#include "conf.h"
#include "faults.h"
#include "import_xt.h"
#include "input.h"

enum { LENIENT = 1, IPV6 = 2, MERGED = 4 };

/* ---- names of this host's files: none ---- */

struct servent *getservbyname(const char *name, const char *protocol)
{
	return NULL;
}

struct protoent *getprotobyname(const char *name)
{
	return NULL;
}

/* ---- the check ---- */

static void import(struct imported *imported, unsigned int how, char *text)
{
	struct save *save = save_new(imported, how & IPV6 ? "ip6" : "ip", how & MERGED);
	FILE *file = fmemopen(text, strlen(text), "r");

	CHECK(file, "no memory");
	save_read_from(save, file, "input");
	fclose(file);
	save_end(save);
}

static void check_taken(const char *text)
{
	struct conf *conf = conf_new();
	char *copy = strdup(text);

	conf_read_text(conf, copy);
	conf_close(conf);
	conf_check(conf);
	CHECK(!faults_found, "%u faults in:\n%s", faults_found, text);
	conf_free(conf);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = input_text(data, size), *shown;
	struct imported imported = { .lenient = *text & LENIENT };
	FILE *out = open_memstream(&shown, &size);

	faults_found = 0;
	if (*text && text[1])
		import(&imported, *text, text + 1);
	imported_show(&imported, out);
	fclose(out);
	if (!faults_found)
		check_taken(shown);
	imported_clear(&imported);
	keep_nothing();
	free(shown);
	free(text);
	return 0;
}
