/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_TEXT_H
#define MINIFW_TEXT_H

#include <linux/compiler.h>
#include <linux/types.h>

/**
 * struct minifw_text - text that is being written
 * @buf: where it goes; NULL to measure only
 * @size: bytes at @buf, for the closing NUL too
 * @len: bytes that the whole text takes, without the NUL, whether they fit or not
 */
struct minifw_text {
	char *buf;
	size_t size;
	size_t len;
};

__printf(2, 3)
void minifw_text_add(struct minifw_text *out, const char *fmt, ...);
void minifw_text_in_quotes(struct minifw_text *out, const char *value);
void minifw_text_quote(struct minifw_text *out, const char *value);

#endif
