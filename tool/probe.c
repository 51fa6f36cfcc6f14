// SPDX-License-Identifier: GPL-2.0
/* test: what would become of a packet, or of each packet of a capture, by a probe of the module. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "command.h"
#include "options.h"
#include "running.h"
#include "say.h"
#include "tree.h"

#define PROBES "probes"
#define PACKET_MAX 2047	/* bytes of a packet that one write can bring, in hex */

/**
 * struct probe - a directory of probes/, while the program runs
 * @name: its name
 * @number: of the packet, from 1 on
 * @traces: the trace is shown of each packet
 */
struct probe {
	char *name;
	unsigned int number;
	bool traces;
};

static int refused(const struct probe *probe, int error)
{
	char *why = tree_why(PROBES, probe->name, error);

	refuse("%s", why);
	free(why);
	return REFUSED;
}

static int write_pair(const struct probe *probe, char *pair)
{
	char *equals = strchr(pair, '=');
	int error;

	if (!equals || equals == pair || memchr(pair, '/', equals - pair))
		return usage("'%s' is not ATTRIBUTE=VALUE", pair);
	*equals = '\0';
	error = tree_write(PROBES, probe->name, pair, equals + 1);
	if (error == -ENOENT || error == -EACCES)
		return refuse("'%s' is not an attribute of a packet", pair);
	return error ? refused(probe, error) : DONE;
}

/* The trace stands right from what it is of. */
static void print_trace(char *trace, const char *before)
{
	char *line;

	while ((line = strsep(&trace, "\n")))
		printf("%s%s\n", before, line);
}

static int show(const struct probe *probe, const char *before)
{
	char *verdict = tree_read(PROBES, probe->name, "verdict");
	char *rule = verdict ? tree_read(PROBES, probe->name, "rule") : NULL;
	char *trace = rule && probe->traces ? tree_read(PROBES, probe->name, "trace") : NULL;
	int ret = rule && (trace || !probe->traces) ? DONE : refused(probe, -errno);

	if (ret == DONE)
		printf("%s%s by %s\n", before, verdict, rule);
	if (ret == DONE && trace)
		print_trace(trace, *before ? "      " : "  ");
	free(verdict);
	free(rule);
	free(trace);
	return ret;
}

/* ---- captures ---- */

static char *hex_of(const unsigned char *bytes, size_t len)
{
	char *text = need(malloc(2 * len + 1));
	size_t i;

	*text = '\0';
	for (i = 0; i < len; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
	return text;
}

/* Frames of other protocols do not come to minifw. */
static bool is_ip(const unsigned char *bytes, size_t len)
{
	return len && (bytes[0] >> 4 == 4 || bytes[0] >> 4 == 6);
}

static int test_packet(void *context, const unsigned char *bytes, size_t len)
{
	struct probe *probe = context;
	char before[16], *hex;
	int error;

	snprintf(before, sizeof(before), "%4u  ", ++probe->number);
	if (!is_ip(bytes, len)) {
		printf("%snot IP\n", before);
		return DONE;
	}
	if (len > PACKET_MAX) {
		printf("%stoo long: %zu bytes\n", before, len);
		return DONE;
	}
	hex = hex_of(bytes, len);
	error = tree_write(PROBES, probe->name, "packet", hex);
	free(hex);
	return error ? refused(probe, error) : show(probe, before);
}

/* ---- the command ---- */

static int test(struct probe *probe, const char *capture, int count, char **pairs)
{
	int i, ret = DONE;

	for (i = 0; ret == DONE && i < count; i++)
		ret = write_pair(probe, pairs[i]);
	if (ret != DONE)
		return ret;
	return capture ? capture_each(capture, test_packet, probe) : show(probe, "");
}

int command_test(int argc, char **argv)
{
	const char *capture = NULL;
	struct probe probe = {};
	const struct option_row options[] = {
		{ "pcap", NULL, &capture }, { "trace", &probe.traces, NULL }, {},
	};
	int error, ret = options_read(options, &argc, &argv);

	if (ret == DONE && !argc && !capture)
		ret = usage("test: ATTRIBUTE=VALUE..., such as proto=tcp dport=22 saddr=192.0.2.7");
	if (ret == DONE)
		ret = running_need();
	if (ret != DONE)
		return ret;
	probe.traces |= !capture;
	probe.name = format_text("minifw-%d", getpid());
	error = tree_make(PROBES, probe.name);
	ret = error ? refuse("probe: %s", strerror(-error)) : test(&probe, capture, argc, argv);
	if (!error)
		tree_remove(PROBES, probe.name);
	free(probe.name);
	return ret;
}
