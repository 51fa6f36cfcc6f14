// SPDX-License-Identifier: GPL-2.0
/*
 * What all directories of the tree share: who may write, writes brought into one
 * form, files of any size, and why something was refused.
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "dir.h"
#include "error.h"
#include "file.h"
#include "right.h"
#include "rule.h"
#include "ruleset.h"
#include "text.h"

/* configfs hands over at most this much of a write at once. */
#define WRITE_MAX 4095

/* What was written, without its last newline, or an ERR_PTR. */
static char *written(const struct minifw_write *how, const char *page, size_t count,
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
		return ERR_PTR(minifw_error_no_memory(err));
	return text;
}

/* What the writer is to be given, for kvfree(), or an ERR_PTR. */
static char *text_of(const struct minifw_write *how, const char *page, size_t count,
		     struct minifw_error *err)
{
	char *path, *text;

	if (!how->file)
		return written(how, page, count, err);
	path = written(how, page, count, err);
	if (IS_ERR(path))
		return path;
	text = minifw_file_read(path, err);
	kfree(path);
	return text;
}

static int check_right(const struct minifw_write *how, struct minifw_error *err)
{
	return how->when_locked ? minifw_check_capable(err) : minifw_check_right(err);
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
 * Return: @count; -EPERM without CAP_NET_ADMIN, and where it is locked; -E2BIG, -EINVAL or
 * -ENOMEM; or what reading the file or the writer returned.
 */
ssize_t minifw_dir_write(void *object, struct minifw_error *error, const struct minifw_write *how,
			 const char *page, size_t count)
{
	struct minifw_error err = {};
	char *text = NULL;
	int ret = check_right(how, &err);

	if (!ret)
		text = text_of(how, page, count, &err);
	if (IS_ERR(text))
		ret = PTR_ERR(text);
	if (!ret && how->prepare)
		how->prepare(object);
	mutex_lock(&minifw_ruleset_mutex);
	if (!ret)
		ret = check_right(how, &err);	/* somebody may have locked it meanwhile */
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
		kvfree(text);
	return ret ?: count;
}

/* ---- files of any size ---- */

/**
 * struct rendering - what a file shows, on its way to the reader
 * @node: in renderings
 * @item: whose file
 * @reader: who reads it
 * @since: get_jiffies_64() when it was made
 * @text: the contents
 *
 * configfs asks for the size of a file of any size, then for the contents.  What
 * changed its size in between would not fit, so both answers are of one text.
 */
struct rendering {
	struct list_head node;
	const struct config_item *item;
	const struct task_struct *reader;
	u64 since;
	struct minifw_text text;
};

static LIST_HEAD(renderings);
static DEFINE_MUTEX(renderings_mutex);

/* A reader that asked for the size and could not ask for more does not come back. */
#define RENDERING_KEPT (10 * HZ)

static void rendering_free(struct rendering *rendering)
{
	kvfree(rendering->text.buf);
	kfree(rendering);
}

static void rendering_store(struct rendering *new)
{
	struct rendering *rendering, *next;

	mutex_lock(&renderings_mutex);
	list_for_each_entry_safe(rendering, next, &renderings, node) {
		if (rendering->reader != new->reader &&
		    time_before64(new->since, rendering->since + RENDERING_KEPT))
			continue;
		list_del(&rendering->node);
		rendering_free(rendering);
	}
	list_add(&new->node, &renderings);
	mutex_unlock(&renderings_mutex);
}

static struct rendering *rendering_take(const struct config_item *item)
{
	struct rendering *rendering, *found = NULL;

	mutex_lock(&renderings_mutex);
	list_for_each_entry(rendering, &renderings, node)
		if (rendering->item == item && rendering->reader == current)
			found = rendering;
	if (found)
		list_del(&found->node);
	mutex_unlock(&renderings_mutex);
	return found;
}

#define RENDER_TRIES 10	/* packets may make it longer while it is written */

static int render(struct config_item *item, minifw_printer print, struct minifw_text *text)
{
	unsigned int tries;
	int ret;

	for (tries = 0; tries < RENDER_TRIES; tries++) {
		struct minifw_text measured = {};

		ret = print(item, &measured);
		if (ret)
			return ret;
		*text = (struct minifw_text){ .size = measured.len + measured.len / 8 + 256 };
		text->buf = kvmalloc(text->size, GFP_KERNEL);
		if (!text->buf)
			return -ENOMEM;
		ret = print(item, text);
		if (!ret && text->len < text->size)
			return 0;
		kvfree(text->buf);
		if (ret)
			return ret;
	}
	return -EAGAIN;
}

static ssize_t read_size(struct config_item *item, minifw_printer print)
{
	struct rendering *rendering = kzalloc(sizeof(*rendering), GFP_KERNEL);
	ssize_t ret;

	if (!rendering)
		return -ENOMEM;
	mutex_lock(&minifw_ruleset_mutex);
	ret = render(item, print, &rendering->text);
	mutex_unlock(&minifw_ruleset_mutex);
	if (ret || !rendering->text.len) {
		if (!ret)
			kvfree(rendering->text.buf);
		kfree(rendering);
		return ret;
	}
	rendering->item = item;
	rendering->reader = current;
	rendering->since = get_jiffies_64();
	ret = rendering->text.len;
	rendering_store(rendering);
	return ret;
}

/**
 * minifw_dir_read() - read a file of any size, whole
 * @item: the directory
 * @buffer: takes the contents; NULL where their size is asked
 * @size: of the contents, as it was asked before
 * @print: writes them
 *
 * Context: may sleep.
 * Return: bytes, or -ENOMEM; -EAGAIN if it changes too fast to be read.
 */
ssize_t minifw_dir_read(struct config_item *item, void *buffer, size_t size,
			minifw_printer print)
{
	struct rendering *rendering;

	if (!buffer)
		return read_size(item, print);
	rendering = rendering_take(item);
	if (!rendering)
		return -EAGAIN;
	size = min(size, rendering->text.len);
	memcpy(buffer, rendering->text.buf, size);
	rendering_free(rendering);
	return size;
}

/**
 * minifw_dir_exit() - let go of what nobody came back for
 *
 * Context: may sleep; there are no files any more.
 */
void minifw_dir_exit(void)
{
	struct rendering *rendering, *next;

	list_for_each_entry_safe(rendering, next, &renderings, node)
		rendering_free(rendering);
	INIT_LIST_HEAD(&renderings);
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
	if (minifw_check_unlocked(err))
		return minifw_error_prefix(err, -EPERM, "mkdir");
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
