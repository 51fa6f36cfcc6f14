// SPDX-License-Identifier: GPL-2.0
/*
 * hookbench: times netfilter's hooks. Under /proc/hookbench,
 *   run     a write does a job (job.h); a read gives its result, as words KEY=NUMBER: that of the
 *           job written to the same open file, or else of the last one
 *   floor   a write registers an empty hook (floor.c)
 * Jobs may run side by side, each on the CPU of its writer.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "floor.h"
#include "job.h"
#include "measure.h"

#define LONGEST 1024U	/* bytes of a write */

static DEFINE_MUTEX(mutex);
static struct hookbench_result last;	/* of the last job; guarded by the mutex */

static struct hookbench_result *result_of(struct file *file)
{
	return ((struct seq_file *)file->private_data)->private;
}

static int run(struct file *file, char *text)
{
	struct hookbench_result *own = result_of(file);
	struct hookbench_job job;
	int err = hookbench_job_parse(&job, text);

	err = err ?: hookbench_measure(&job, own);
	if (err)
		return err;
	mutex_lock(&mutex);
	last = *own;
	mutex_unlock(&mutex);
	return 0;
}

static int set_floor(struct file *file, char *text)
{
	int err;

	mutex_lock(&mutex);
	err = hookbench_floor_set(text);
	mutex_unlock(&mutex);
	return err;
}

static ssize_t do_write(int (*act)(struct file *file, char *text), struct file *file,
			const char __user *buffer, size_t size)
{
	char *text;
	int err;

	if (size > LONGEST)
		return -EFBIG;
	text = memdup_user_nul(buffer, size);
	if (IS_ERR(text))
		return PTR_ERR(text);
	err = act(file, text);
	kfree(text);
	return err ?: size;
}

static ssize_t run_write(struct file *file, const char __user *buffer, size_t size, loff_t *at)
{
	return do_write(run, file, buffer, size);
}

static ssize_t floor_write(struct file *file, const char __user *buffer, size_t size, loff_t *at)
{
	return do_write(set_floor, file, buffer, size);
}

static int result_show(struct seq_file *m, void *unused)
{
	static const char * const names[] = { "min", "p25", "median", "p75", "max" };
	struct hookbench_result result = *(struct hookbench_result *)m->private;

	if (!result.timed) {
		mutex_lock(&mutex);
		result = last;
		mutex_unlock(&mutex);
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		seq_printf(m, "%s=%llu ", names[i], result.quartiles[i]);
	seq_printf(m, "timed=%llu accepted=%llu checked=%u wrong=%u\n", result.timed,
		   result.accepted, result.checked, result.wrong);
	return 0;
}

static int run_open(struct inode *inode, struct file *file)
{
	struct hookbench_result *own = kzalloc(sizeof(*own), GFP_KERNEL);
	int err = own ? single_open(file, result_show, own) : -ENOMEM;

	if (err)
		kfree(own);
	return err;
}

static int run_release(struct inode *inode, struct file *file)
{
	kfree(result_of(file));
	return single_release(inode, file);
}

static const struct proc_ops run_ops = {
	.proc_open = run_open,
	.proc_read = seq_read,
	.proc_write = run_write,
	.proc_lseek = seq_lseek,
	.proc_release = run_release,
};

static const struct proc_ops floor_ops = {
	.proc_write = floor_write,
	.proc_lseek = noop_llseek,
};

static int __init hookbench_init(void)
{
	struct proc_dir_entry *dir = proc_mkdir("hookbench", NULL);

	if (!dir)
		return -ENOMEM;
	if (proc_create("run", 0600, dir, &run_ops) && proc_create("floor", 0200, dir, &floor_ops))
		return 0;
	proc_remove(dir);
	return -ENOMEM;
}

static void __exit hookbench_exit(void)
{
	remove_proc_subtree("hookbench", NULL);
	hookbench_floor_remove();
}

module_init(hookbench_init);
module_exit(hookbench_exit);
MODULE_DESCRIPTION("Times netfilter's hooks");
MODULE_LICENSE("GPL");
