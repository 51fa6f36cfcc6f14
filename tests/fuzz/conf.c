// SPDX-License-Identifier: GPL-2.0
/*
 * A configuration, as a hand may write it: what has no fault is shown in normal form, which reads
 * as the same.
 */
#include "kernel.h"
#include "check.h"
#include "conf.h"
#include "faults.h"
#include "input.h"

static struct conf *conf_of(char *text)
{
	struct conf *conf = conf_new();

	conf_read_text(conf, text);
	conf_close(conf);
	conf_check(conf);
	return conf;
}

static char *shown(const struct conf *conf)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	conf_show(conf, out);
	fclose(out);
	return text;
}

static void check_normal_form(const struct conf *conf)
{
	char *text = shown(conf), *copy = strdup(text), *again;
	struct conf *other = conf_of(copy);

	CHECK(!faults_found, "%u faults in:\n%s", faults_found, text);
	again = shown(other);
	CHECK(!strcmp(text, again), "this became something else:\n%s\nnamely:\n%s", text, again);
	conf_free(other);
	free(again);
	free(copy);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = input_text(data, size);
	struct conf *conf;

	faults_found = 0;
	conf = conf_of(text);
	if (!faults_found)
		check_normal_form(conf);
	conf_free(conf);
	free(text);
	return 0;
}
