// SPDX-License-Identifier: GPL-2.0
/*
 * Files that a write names: what is too long for one write is read by the kernel
 * itself, as IMA reads its policy.  The writer's own permissions, root and mounts count.
 */
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel_read_file.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "error.h"
#include "file.h"

#define FILE_MAX SZ_256M

/* Files of /proc and the like have something in them, but no size: half of it is a lie. */
static int check_empty(struct file *file, struct minifw_error *err)
{
	loff_t pos = 0;
	char byte;

	if (kernel_read(file, &byte, 1, &pos))
		return minifw_error_set(err, -EINVAL, "the file does not say how long it is");
	return 0;
}

/* All of the file's @size bytes into @text. Nobody may write to it meanwhile. */
static int fill(struct file *file, char *text, size_t size, struct minifw_error *err)
{
	void *buffer = text;
	ssize_t got;

	if (!size)
		return check_empty(file, err);
	got = kernel_read_file(file, 0, &buffer, size, NULL, READING_POLICY);
	if (got == -ETXTBSY || got == -EFBIG || (got >= 0 && got != size))
		return minifw_error_set(err, -ETXTBSY, "somebody is writing to the file");
	if (got < 0)
		return minifw_error_set(err, got, "the file cannot be read: %pe", ERR_PTR(got));
	if (memchr(text, '\0', size))
		return minifw_error_set(err, -EINVAL, "the file holds a NUL byte");
	return 0;
}

static char *read_open(struct file *file, struct minifw_error *err)
{
	loff_t size = i_size_read(file_inode(file));
	char *text;
	int ret;

	if (!S_ISREG(file_inode(file)->i_mode))
		return ERR_PTR(minifw_error_set(err, -EINVAL, "not a regular file"));
	if (size > FILE_MAX)
		return ERR_PTR(minifw_error_set(err, -E2BIG, "the file is longer than %d MiB",
						FILE_MAX / SZ_1M));
	text = kvmalloc(size + 1, GFP_KERNEL | __GFP_NOWARN);
	if (!text)
		return ERR_PTR(minifw_error_no_memory(err));
	text[size] = '\0';
	ret = fill(file, text, size, err);
	if (!ret)
		return text;
	kvfree(text);
	return ERR_PTR(ret);
}

/* The first name of a path, past slashes and dots. */
static const char *first_name(const char *path)
{
	path += strspn(path, "/");
	while (path[0] == '.' && path[1] == '/')
		path += 1 + strspn(path + 1, "/");
	return path;
}

static bool is_name(const char *at, const char *name)
{
	size_t len = strlen(name);

	return !strncmp(at, name, len) && (!at[len] || at[len] == '/');
}

/*
 * A file of configfs must not be looked for: the caller is in a write to one, and
 * rmdir of its directory, which holds the locks of the look-up, waits for that write.
 */
static int check_path(const char *path, struct minifw_error *err)
{
	const char *name = first_name(path), *dots;

	if (*path != '/')
		return minifw_error_set(err, -EINVAL, "'%.100s' is not an absolute path", path);
	for (dots = strstr(path, "/.."); dots; dots = strstr(dots + 1, "/.."))
		if (is_name(dots + 1, ".."))
			return minifw_error_set(err, -EINVAL, "'%.100s' has a '..' in it", path);
	if (is_name(name, "sys") || is_name(name, "proc"))
		return minifw_error_set(err, -EINVAL, "'%.100s' is not a regular file", path);
	return 0;
}

/**
 * minifw_file_read() - the text of a file
 * @path: absolute, without `..`, and not into /sys or /proc
 * @err: takes the reason
 *
 * Context: may sleep; the writer's.
 * Return: the text, writable and without a NUL in it, for kvfree(); or an ERR_PTR:
 * what opening it returned; -EINVAL if it is no regular file or no text; -E2BIG past
 * 256 MiB; -ETXTBSY while somebody may write to it; -ENOMEM.
 */
char *minifw_file_read(const char *path, struct minifw_error *err)
{
	int ret = check_path(path, err);
	struct file *file;
	char *text;

	if (ret)
		return ERR_PTR(ret);
	/* O_NONBLOCK: the other end of a FIFO is not waited for */
	file = filp_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_LARGEFILE, 0);
	if (IS_ERR(file))
		return ERR_PTR(minifw_error_set(err, PTR_ERR(file),
						"'%.100s' cannot be opened: %pe", path, file));
	text = read_open(file, err);
	fput(file);
	if (IS_ERR(text))
		minifw_error_prefix(err, PTR_ERR(text), path);
	return text;
}
