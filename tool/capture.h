/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CAPTURE_H
#define CAPTURE_H

#include <stddef.h>

/* What is done with a packet: a number of enum status, of which all but DONE end it. */
typedef int (*packet_fn)(void *context, const unsigned char *bytes, size_t len);

int capture_each(const char *path, packet_fn packet, void *context);

#endif
