// SPDX-License-Identifier: GPL-2.0
/*
 * Which ssh session is this? sshd tells its children by SSH_CONNECTION; sudo(8) keeps it from the
 * program, so its ancestors are asked, too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "say.h"
#include "session.h"

#define VARIABLE "SSH_CONNECTION="
#define ANCESTORS_MAX 64

static bool parse(struct session *session, const char *text)
{
	return sscanf(text, "%63s %7s %63s %7s", session->client, session->client_port,
		      session->server, session->server_port) == 4;
}

static FILE *open_of(pid_t process, const char *name)
{
	char *path = format_text("/proc/%d/%s", process, name);
	FILE *file = fopen(path, "re");

	free(path);
	return file;
}

static bool find_in(pid_t process, struct session *session)
{
	FILE *file = open_of(process, "environ");
	char *variable = NULL;
	bool found = false;
	size_t room = 0;

	while (file && !found && getdelim(&variable, &room, '\0', file) > 0)
		if (!strncmp(variable, VARIABLE, strlen(VARIABLE)))
			found = parse(session, variable + strlen(VARIABLE));
	free(variable);
	if (file)
		fclose(file);
	return found;
}

static pid_t parent_of(pid_t process)
{
	FILE *file = open_of(process, "status");
	char line[128];
	pid_t parent = 0;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "PPid: %d", &parent) == 1)
			break;
	if (file)
		fclose(file);
	return parent;
}

/**
 * session_find() - find it
 * @session: takes it
 *
 * Return: whether there is one; a console has none.
 */
bool session_find(struct session *session)
{
	unsigned int i;
	pid_t process;

	for (i = 0, process = getpid(); process > 0 && i < ANCESTORS_MAX; i++) {
		if (find_in(process, session))
			return true;
		process = parent_of(process);
	}
	return false;
}
