// SPDX-License-Identifier: GPL-2.0
/*
 * What all directories of the tree share: who may write, writes brought into one
 * form, files of any size, and why something was refused.
 */
#include <linux/capability.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "dir.h"
#include "error.h"
#include "rule.h"
#include "ruleset.h"
#include "text.h"

/* configfs hands over at most this much of a write at once. */
#define WRITE_MAX 4095

/* What was written, without its last newline, or an ERR_PTR. */
static char *text_of(const struct minifw_write *how, const char *page, size_t count,
		     struct minifw_error *err)
{
	size_t len = count;
	char *text;

	if (count >= WRITE_MAX && page[count - 1] != '\n')
		return ERR_PTR(minifw_error_set(err, -E2BIG, "longer than %d bytes",
						WRITE_MAX - 1));
	if (memchr(page, '\0', count))
		return ERR_PTR(minifw_error_set(err, -EINVAL, "holds a NUL byte"));
	if (len && page[len - 1] == '\n')
		len--;
	if (!how->lines && memchr(page, '\n', len))
		return ERR_PTR(minifw_error_set(err, -EINVAL, "'%.40s' is more than one line",
						page));
	text = kmemdup_nul(page, len, GFP_KERNEL);
	if (!text)
		return ERR_PTR(minifw_error_set(err, -ENOMEM, "out of memory"));
	return text;
}

/**
 * minifw_dir_write() - a write to a file: by who may, in one form, under the lock
 * @object: whose directory it is
 * @error: the object's: takes the reason of a refusal, and is cleared by a write that is taken
 * @how: which file
 * @page: what was written
 * @count: bytes of it
 *
 * Context: may sleep.
 * Return: @count; -EPERM without CAP_NET_ADMIN; -E2BIG, -EINVAL or -ENOMEM; or
 * what the writer returned.
 */
ssize_t minifw_dir_write(void *object, struct minifw_error *error, const struct minifw_write *how,
			 const char *page, size_t count)
{
	struct minifw_error err = {};
	char *text = NULL;
	int ret = 0;

	if (!capable(CAP_NET_ADMIN))
		ret = minifw_error_set(&err, -EPERM, "writing needs CAP_NET_ADMIN");
	else
		text = text_of(how, page, count, &err);
	if (IS_ERR(text))
		ret = PTR_ERR(text);
	if (!ret && how->prepare)
		how->prepare(object);
	mutex_lock(&minifw_ruleset_mutex);
	if (ret) {
		*error = err;
		minifw_error_prefix(error, ret, how->name);
	} else {
		ret = how->write(object, how->id, text, error);
	}
	if (!ret)
		minifw_error_clear(error);
	mutex_unlock(&minifw_ruleset_mutex);
	if (!IS_ERR(text))
		kfree(text);
	return ret ?: count;
}

/**
 * minifw_dir_read() - read a file of any size, whole or not at all
 * @item: the directory
 * @buffer: takes the contents; NULL where their size is asked
 * @size: of the contents, as it was asked before
 * @print: writes them
 *
 * configfs asks for the size, then for that many bytes.  What changed its size in
 * between cannot be shown whole, and half of it is a lie.
 *
 * Context: may sleep.
 * Return: bytes; -EAGAIN if that is another number than @size; -ENOMEM.
 */
ssize_t minifw_dir_read(struct config_item *item, void *buffer, size_t size,
			minifw_printer print)
{
	struct minifw_text out = {};
	ssize_t ret;

	if (buffer) {
		out.size = size + 1;	/* vsnprintf() wants room for its NUL */
		out.buf = kvmalloc(out.size, GFP_KERNEL);
		if (!out.buf)
			return -ENOMEM;
	}
	mutex_lock(&minifw_ruleset_mutex);
	ret = print(item, &out) ?: out.len;
	mutex_unlock(&minifw_ruleset_mutex);
	if (buffer && ret >= 0 && out.len != size)
		ret = -EAGAIN;
	if (buffer && ret >= 0)
		memcpy(buffer, out.buf, size);
	kvfree(out.buf);
	return ret;
}

/**
 * minifw_dir_error() - read a file `last_error`
 * @error: the object's
 * @page: takes it
 *
 * Context: may sleep.
 * Return: bytes.
 */
ssize_t minifw_dir_error(const struct minifw_error *error, char *page)
{
	ssize_t len;

	mutex_lock(&minifw_ruleset_mutex);
	len = sysfs_emit(page, "%s\n", error->text);
	mutex_unlock(&minifw_ruleset_mutex);
	return len;
}

/**
 * minifw_dir_make() - may a directory be made?
 * @name: its name
 * @err: takes the reason
 *
 * Context: any.
 * Return: 0, -EPERM or -EINVAL.
 */
int minifw_dir_make(const char *name, struct minifw_error *err)
{
	if (!capable(CAP_NET_ADMIN))
		return minifw_error_set(err, -EPERM, "mkdir: '%.70s' needs CAP_NET_ADMIN", name);
	if (!minifw_name_valid(name))
		return minifw_error_set(err, -EINVAL,
					"mkdir: '%.70s' is not a name: 1 to 63 of A-Za-z0-9._-, not . or - first",
					name);
	return 0;
}

/**
 * minifw_dir_made() - the end of a mkdir: leave its error in the root's `last_error`
 * @item: what was made, or NULL
 * @ret: 0 or a negative errno
 * @err: empty, or the reason
 *
 * Context: may sleep.
 * Return: what configfs's make_item() returns.
 */
struct config_item *minifw_dir_made(struct config_item *item, int ret,
				    const struct minifw_error *err)
{
	mutex_lock(&minifw_ruleset_mutex);
	minifw_ruleset_error = *err;
	mutex_unlock(&minifw_ruleset_mutex);
	return ret ? ERR_PTR(ret) : item;
}
