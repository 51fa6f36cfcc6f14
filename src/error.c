// SPDX-License-Identifier: GPL-2.0
/*
 * Refusals in words.  Whatever refuses a write says here which token it could
 * not take, so that a user can mend it from that line alone.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "error.h"

/* What a user wrote may come back in a message: keep it on one line. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

/**
 * minifw_error_set() - say why something is refused
 * @err: takes the message; what it held is lost
 * @code: the negative errno of the refusal
 * @fmt: printf format of the message; cut to fit
 *
 * Context: any.
 * Return: @code, so that a refusal is one statement.
 */
int minifw_error_set(struct minifw_error *err, int code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	make_printable(err->text);
	return code;
}

/**
 * minifw_error_no_memory() - say that there is no memory
 * @err: takes the reason
 *
 * Context: any.
 * Return: -ENOMEM.
 */
int minifw_error_no_memory(struct minifw_error *err)
{
	return minifw_error_set(err, -ENOMEM, "out of memory");
}

/**
 * minifw_error_prefix() - name the attribute that a message is about
 * @err: holds a message
 * @code: the negative errno of the refusal
 * @attr: the attribute's name
 *
 * Context: any.
 * Return: @code.
 */
int minifw_error_prefix(struct minifw_error *err, int code, const char *attr)
{
	struct minifw_error why = *err;

	return minifw_error_set(err, code, "%s: %s", attr, why.text);
}

/**
 * minifw_error_clear() - forget the message, after a write that was taken
 * @err: the message
 *
 * Context: any.
 */
void minifw_error_clear(struct minifw_error *err)
{
	err->text[0] = '\0';
}
