// SPDX-License-Identifier: GPL-2.0
/*
 * probes/: a directory for each packet that was never sent.  What is written is question.c's;
 * the answer is judge.c's, and the reasons are explain.c's.
 */
#include <linux/kernel.h>
#include <linux/net_namespace.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat.h"
#include "dir.h"
#include "error.h"
#include "explain.h"
#include "judge.h"
#include "publish.h"
#include "question.h"
#include "ruleset.h"
#include "snapshot.h"
#include "text.h"

/**
 * struct probe_dir - a probe's directory
 * @item: configfs's half
 * @question: what its files say
 */
struct probe_dir {
	struct config_item item;
	struct minifw_question question;
};

static struct minifw_question *question_of(struct config_item *item)
{
	return &container_of(item, struct probe_dir, item)->question;
}

static ssize_t probe_write(struct config_item *item, const struct minifw_write *how,
			   const char *page, size_t count)
{
	struct minifw_question *question = question_of(item);

	return minifw_dir_write(question, &question->error, how, page, count);
}

/* ---- the question ---- */

static int write_attr(void *object, unsigned int id, char *text, struct minifw_error *err)
{
	return minifw_question_set(object, id, text, err);
}

static ssize_t probe_attr_show(struct config_item *item, char *page, enum minifw_attr_id id)
{
	struct minifw_text out = { .buf = page, .size = PAGE_SIZE };

	mutex_lock(&minifw_ruleset_mutex);
	minifw_question_show(question_of(item), id, &out);
	mutex_unlock(&minifw_ruleset_mutex);
	minifw_text_add(&out, "\n");
	return out.len;
}

#define PROBE_ATTR_FILE(name) \
static ssize_t probe_##name##_show(struct config_item *item, char *page) \
{ \
	return probe_attr_show(item, page, MINIFW_ATTR_##name); \
} \
static ssize_t probe_##name##_store(struct config_item *item, const char *page, size_t count) \
{ \
	static const struct minifw_write how = { #name, write_attr, MINIFW_ATTR_##name }; \
\
	return probe_write(item, &how, page, count); \
} \
MINIFW_FILE_RW(probe_, name);

MINIFW_PROBE_ATTRS(PROBE_ATTR_FILE)

static int write_packet(void *object, unsigned int id, char *text, struct minifw_error *err)
{
	return minifw_question_set_packet(object, text, err);
}

static ssize_t probe_packet_store(struct config_item *item, const char *page, size_t count)
{
	static const struct minifw_write how = { "packet", write_packet };

	return probe_write(item, &how, page, count);
}

static ssize_t probe_packet_show(struct config_item *item, char *page)
{
	const struct minifw_question *question = question_of(item);
	char *end;

	mutex_lock(&minifw_ruleset_mutex);
	end = bin2hex(page, question->bytes, question->size);
	mutex_unlock(&minifw_ruleset_mutex);
	*end++ = '\n';
	return end - page;
}

MINIFW_FILE_RW(probe_, packet);

static ssize_t probe_last_error_show(struct config_item *item, char *page)
{
	return minifw_dir_error(&question_of(item)->error, page);
}

MINIFW_FILE_RO(probe_, last_error);

/* ---- the answer ---- */

/* Whose packets it is one of: those of the reader, where they are filtered. */
static struct net *net_of(const struct minifw_snapshot *snapshot)
{
	if (snapshot->config.netns == MINIFW_NETNS_ALL)
		return current->nsproxy->net_ns;
	return &init_net;
}

/* Called with minifw_ruleset_mutex; @judge is for minifw_judge_free(). */
static int prepare(struct minifw_question *question, struct minifw_probe *probe,
		   struct minifw_judge **judge)
{
	int ret = minifw_question_probe(question, probe, &question->error);

	if (ret)
		return ret;
	*judge = minifw_judge_create(net_of(minifw_published()));
	return *judge ? 0 : -ENOMEM;
}

static int ask(struct config_item *item, struct minifw_judgement *answer)
{
	struct minifw_judge *judge;
	struct minifw_probe probe;
	int ret;

	mutex_lock(&minifw_ruleset_mutex);
	ret = prepare(question_of(item), &probe, &judge);
	if (!ret) {
		minifw_judge_ask(judge, minifw_published(), &probe, answer);
		minifw_judge_free(judge);
	}
	mutex_unlock(&minifw_ruleset_mutex);
	return ret;
}

static ssize_t probe_verdict_show(struct config_item *item, char *page)
{
	struct minifw_judgement answer;
	int ret = ask(item, &answer);

	return ret ?: sysfs_emit(page, "%s\n", minifw_verdict_name(answer.verdict));
}

MINIFW_FILE_RO(probe_, verdict);

static ssize_t probe_rule_show(struct config_item *item, char *page)
{
	struct minifw_judgement answer;
	int ret = ask(item, &answer);

	return ret ?: sysfs_emit(page, "%s\n", answer.by);
}

MINIFW_FILE_RO(probe_, rule);

static int print_trace(struct config_item *item, struct minifw_text *out)
{
	struct minifw_judge *judge;
	struct minifw_probe probe;
	int ret = prepare(question_of(item), &probe, &judge);

	if (ret)
		return ret;
	minifw_explain(judge, minifw_published(), &probe, out);
	minifw_judge_free(judge);
	return 0;
}

static ssize_t probe_trace_read(struct config_item *item, void *buffer, size_t size)
{
	return minifw_dir_read(item, buffer, size, print_trace);
}

MINIFW_FILE_BIN(probe_trace_file, "trace", probe_trace_read);

/* ---- directories ---- */

#define PROBE_ATTR_PTR(name) &probe_##name##_file,

static struct configfs_attribute *probe_files[] = {
	MINIFW_PROBE_ATTRS(PROBE_ATTR_PTR)
	PROBE_ATTR_PTR(packet)
	PROBE_ATTR_PTR(verdict)
	PROBE_ATTR_PTR(rule)
	PROBE_ATTR_PTR(last_error)
	NULL
};

static struct configfs_bin_attribute *probe_bin_files[] = { &probe_trace_file, NULL };

static void probe_dir_release(struct config_item *item)
{
	struct probe_dir *dir = container_of(item, struct probe_dir, item);

	minifw_question_clear(&dir->question);
	kfree(dir);
}

static struct configfs_item_operations probe_item_ops = { .release = probe_dir_release };

static const struct config_item_type probe_type = {
	.ct_owner = THIS_MODULE,
	.ct_item_ops = &probe_item_ops,
	.ct_attrs = probe_files,
	.ct_bin_attrs = probe_bin_files,
};

static struct probe_dir *probe_dir_create(const char *name)
{
	struct probe_dir *dir = kzalloc(sizeof(*dir), GFP_KERNEL);

	if (!dir)
		return NULL;
	config_item_init_type_name(&dir->item, name, &probe_type);
	if (!config_item_name(&dir->item)) {	/* a long name is an allocation */
		config_item_put(&dir->item);
		return NULL;
	}
	return dir;
}

static struct config_item *probes_make_item(struct config_group *group, const char *name)
{
	struct minifw_error err = {};
	struct probe_dir *dir = NULL;
	int ret = minifw_dir_make(name, &err);

	if (!ret) {
		dir = probe_dir_create(name);
		if (!dir)
			ret = minifw_error_set(&err, -ENOMEM, "mkdir: '%.70s': out of memory",
					       name);
	}
	return minifw_dir_made(dir ? &dir->item : NULL, ret, &err);
}

static struct configfs_group_operations probes_group_ops = {
	.make_item = probes_make_item,
};

/* The directory probes/. */
const struct config_item_type minifw_probes_type = {
	.ct_owner = THIS_MODULE,
	.ct_group_ops = &probes_group_ops,
};
