// SPDX-License-Identifier: GPL-2.0
/*
 * Text on its way out: values, lines of minifw.conf(5), `running`.  Everything
 * can be measured first and written after, because a binary attribute of
 * configfs asks for the size before it asks for the contents.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "text.h"

/**
 * minifw_text_add() - append, as printf() formats it
 * @out: the text
 * @fmt: printf format
 *
 * Context: any.
 */
void minifw_text_add(struct minifw_text *out, const char *fmt, ...)
{
	size_t left = out->len < out->size ? out->size - out->len : 0;
	va_list args;

	va_start(args, fmt);
	out->len += vsnprintf(left ? out->buf + out->len : NULL, left, fmt, args);
	va_end(args);
}

/**
 * minifw_text_in_quotes() - append a value in quotes
 * @out: the text
 * @value: the value
 *
 * A backslash stands before a quote and a backslash.
 *
 * Context: any.
 */
void minifw_text_in_quotes(struct minifw_text *out, const char *value)
{
	minifw_text_add(out, "\"");
	for (; *value; value++)
		minifw_text_add(out, "%s%c", *value == '"' || *value == '\\' ? "\\" : "", *value);
	minifw_text_add(out, "\"");
}

/**
 * minifw_text_quote() - append a value of a key=value line, quoted where it must be
 * @out: the text
 * @value: the value
 *
 * Quoted is what is empty or holds a blank, a quote, a backslash or a `#`.
 *
 * Context: any.
 */
void minifw_text_quote(struct minifw_text *out, const char *value)
{
	if (*value && !strpbrk(value, " \t\"\\#"))
		minifw_text_add(out, "%s", value);
	else
		minifw_text_in_quotes(out, value);
}
