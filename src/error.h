/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_ERROR_H
#define MINIFW_ERROR_H

#include <linux/compiler.h>

/**
 * struct minifw_error - why something was refused, as last_error shows it
 * @text: one line without its newline; empty where nothing was refused
 *
 * Owned by the object that it speaks of; guarded by minifw_ruleset_mutex once
 * others can read it.
 */
struct minifw_error {
	char text[192];
};

__printf(3, 4)
int minifw_error_set(struct minifw_error *err, int code, const char *fmt, ...);
int minifw_error_prefix(struct minifw_error *err, int code, const char *attr);
int minifw_error_no_memory(struct minifw_error *err);
void minifw_error_clear(struct minifw_error *err);

#endif
