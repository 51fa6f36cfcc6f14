/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SESSION_H
#define SESSION_H

#include <stdbool.h>

/**
 * struct session - the ssh connection that the program is run over
 * @client: address of who came
 * @client_port: and port
 * @server: address here
 * @server_port: and port
 */
struct session {
	char client[64];
	char client_port[8];
	char server[64];
	char server_port[8];
};

bool session_find(struct session *session);

#endif
