// SPDX-License-Identifier: GPL-2.0
/*
 * hookbench: times netfilter's hooks. Under /proc/hookbench,
 *   run     a write does a job (job.h); a read gives the last one's result, as words KEY=NUMBER
 *   floor   a write registers an empty hook (floor.c)
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
static struct hookbench_result result;	/* of the last job */

static int run(char *text)
{
	struct hookbench_job job;
	int err = hookbench_job_parse(&job, text);

	return err ?: hookbench_measure(&job, &result);
}

static int set_floor(char *text)
{
	return hookbench_floor_set(text);
}

static ssize_t do_write(int (*act)(char *text), const char __user *buffer, size_t size)
{
	char *text;
	int err;

	if (size > LONGEST)
		return -EFBIG;
	text = memdup_user_nul(buffer, size);
	if (IS_ERR(text))
		return PTR_ERR(text);
	mutex_lock(&mutex);
	err = act(text);
	mutex_unlock(&mutex);
	kfree(text);
	return err ?: size;
}

static ssize_t run_write(struct file *file, const char __user *buffer, size_t size, loff_t *at)
{
	return do_write(run, buffer, size);
}

static ssize_t floor_write(struct file *file, const char __user *buffer, size_t size, loff_t *at)
{
	return do_write(set_floor, buffer, size);
}

static int result_show(struct seq_file *m, void *unused)
{
	static const char * const names[] = { "min", "p25", "median", "p75", "max" };

	mutex_lock(&mutex);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		seq_printf(m, "%s=%llu ", names[i], result.quartiles[i]);
	seq_printf(m, "timed=%llu accepted=%llu checked=%u wrong=%u\n", result.timed,
		   result.accepted, result.checked, result.wrong);
	mutex_unlock(&mutex);
	return 0;
}

static int run_open(struct inode *inode, struct file *file)
{
	return single_open(file, result_show, NULL);
}

static const struct proc_ops run_ops = {
	.proc_open = run_open,
	.proc_read = seq_read,
	.proc_write = run_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
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
