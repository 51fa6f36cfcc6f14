// SPDX-License-Identifier: GPL-2.0
/*
 * watch: publishes and rollbacks, by the module's uevents, and what is refused, by its tracepoint.
 * The tracepoint is enabled in an instance of its own, which nobody else's tracing notices.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "interrupt.h"
#include "options.h"
#include "running.h"
#include "say.h"
#include "tree.h"

#define TRACING "/sys/kernel/tracing"
#define KERNEL_EVENTS 1		/* the group of NETLINK_KOBJECT_UEVENT that the kernel sends to */
#define REFUSALS "verdict == \"drop\" || verdict == \"reject\""

static void print_time(void)
{
	time_t seconds = time(NULL);
	char text[16];

	strftime(text, sizeof(text), "%H:%M:%S", localtime(&seconds));
	printf("%s ", text);
}

/* ---- uevents ---- */

static int events_open(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = KERNEL_EVENTS };
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);

	if (fd >= 0 && !bind(fd, (struct sockaddr *)&address, sizeof(address)))
		return fd;
	refuse("uevents: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* The value of a variable of an event, which is NUL-terminated strings. */
static const char *variable(const char *event, size_t len, const char *name)
{
	const char *at;

	for (at = event; at < event + len; at += strlen(at) + 1)
		if (!strncmp(at, name, strlen(name)) && at[strlen(name)] == '=')
			return at + strlen(name) + 1;
	return NULL;
}

/* Anybody may send to the socket; what the kernel sends is from port 0. */
static void event_take(int fd)
{
	struct sockaddr_nl from = {};
	socklen_t size = sizeof(from);
	char event[8192];
	ssize_t len = recvfrom(fd, event, sizeof(event) - 1, 0, (struct sockaddr *)&from, &size);
	const char *what, *generation;

	if (len <= 0 || from.nl_pid)
		return;
	event[len] = '\0';
	what = variable(event, len, "MINIFW_EVENT");
	generation = variable(event, len, "MINIFW_GENERATION");
	if (!what)
		return;
	print_time();
	printf("%s: generation %s\n", what, generation ? generation : "?");
	fflush(stdout);
}

/* ---- the tracepoint ---- */

static int instance_write(const char *instance, const char *file, const char *value)
{
	char *path = format_text("%s/%s", instance, file);
	int error = file_write(path, value);

	free(path);
	return error;
}

static int instance_open(const char *instance)
{
	char *path;
	int fd;

	if (instance_write(instance, "events/minifw/verdict/filter", REFUSALS) ||
	    instance_write(instance, "events/minifw/verdict/enable", "1"))
		return -1;
	path = format_text("%s/trace_pipe", instance);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	free(path);
	return fd;
}

/* A folder for this program's tracing alone; NULL where there is no tracing. */
static char *instance_make(void)
{
	char *instance = format_text(TRACING "/instances/minifw-%d", getpid());

	if (access(TRACING "/instances", F_OK))
		mount("tracefs", TRACING, "tracefs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	if (!mkdir(instance, 0700))
		return instance;
	free(instance);
	return NULL;
}

/* Of `  task-12 [000] ..s.. 5.1: verdict: rule=…`, what is the module's. */
static void print_trace(char *text)
{
	char *line, *at;

	while ((line = strsep(&text, "\n"))) {
		at = strstr(line, "verdict: ");
		if (!at)
			continue;
		print_time();
		puts(at + strlen("verdict: "));
	}
	fflush(stdout);
}

/* trace_pipe gives whole lines. */
static void trace_take(int fd)
{
	char text[65536];
	ssize_t len = read(fd, text, sizeof(text) - 1);

	if (len <= 0)
		return;
	text[len] = '\0';
	print_trace(text);
}

/* ---- both ---- */

static void follow(int events, int trace)
{
	struct pollfd input[] = { { events, POLLIN, 0 }, { trace, POLLIN, 0 } };

	while (!interrupted() && tree_is_there()) {
		if (poll(input, 2, 1000) <= 0)
			continue;
		if (input[0].revents)
			event_take(events);
		if (input[1].revents)
			trace_take(trace);
	}
	if (trace >= 0)
		trace_take(trace);	/* what was refused since, up to the interrupt */
}

static int watch(void)
{
	char *instance = instance_make();
	int events = events_open(), trace = instance ? instance_open(instance) : -1;

	if (trace < 0)
		fputs("minifw: no tracing: refused packets are not shown\n", stderr);
	if (events >= 0)
		follow(events, trace);
	if (trace >= 0)
		close(trace);
	if (instance)
		rmdir(instance);
	free(instance);
	if (events >= 0)
		close(events);
	return events < 0 ? REFUSED : DONE;
}

int command_watch(int argc, char **argv)
{
	const struct option_row options[] = { {} };
	int ret = options_read(options, &argc, &argv);

	if (ret == DONE && argc)
		ret = usage("watch: takes no arguments");
	if (ret == DONE)
		ret = running_need();
	if (ret != DONE)
		return ret;
	interrupt_catch();
	return watch();
}
