// SPDX-License-Identifier: GPL-2.0
/*
 * Words KEY=VALUE into a struct hookbench_job.
 */
#include <linux/in.h>
#include <linux/kernel.h>
#include <linux/netfilter.h>
#include <linux/stddef.h>
#include <linux/string.h>

#include "job.h"
#include "packet.h"

#define MAX_FLOWS 1000000U
#define MAX_REPS 10001U
#define MAX_US 1000000U

struct job_key {
	const char *name;
	size_t offset;
};

#define KEY(member) { #member, offsetof(struct hookbench_job, member) }

static const struct job_key numbers[] = {
	KEY(family), KEY(proto), KEY(flows), KEY(among), KEY(seed),
	KEY(replies), KEY(reps), KEY(us), KEY(hooks), KEY(expect),
};

static const struct job_key fields[] = {
	KEY(saddr), KEY(daddr), KEY(sport), KEY(dport),
};

static const struct hookbench_job defaults = {
	.family = 4,
	.proto = IPPROTO_UDP,
	.flows = 1,
	.among = 1,
	.seed = 1,
	.reps = 101,
	.us = 400,
	.hooks = BIT(NF_INET_LOCAL_IN),
	.expect = HOOKBENCH_UNKNOWN,
	.saddr.base = 0x0a000001,	/* 10.0.0.1 */
	.daddr.base = 0xc0a80001,	/* 192.168.0.1 */
	.sport.base = 1024,
	.dport.base = 9,
};

static void *find(struct hookbench_job *job, const struct job_key *keys, size_t count,
		  const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(keys[i].name, name))
			return (void *)job + keys[i].offset;
	return NULL;
}

/* BASE[,STEP[,RANDOM]] */
static int parse_field(struct hookbench_field *field, char *value)
{
	u32 *parts[] = { &field->base, &field->step, &field->random };
	char *part;

	memset(field, 0, sizeof(*field));
	for (size_t i = 0; (part = strsep(&value, ",")); i++) {
		int err = i < ARRAY_SIZE(parts) ? kstrtou32(part, 0, parts[i]) : -EINVAL;

		if (err)
			return err;
	}
	return 0;
}

static int parse_word(struct hookbench_job *job, char *word)
{
	char *name = strsep(&word, "=");
	void *member;

	if (!word)
		return -EINVAL;
	if (!strcmp(name, "trace"))
		return strscpy(job->trace, word, sizeof(job->trace)) < 0 ? -ENAMETOOLONG : 0;
	member = find(job, numbers, ARRAY_SIZE(numbers), name);
	if (member)
		return kstrtou32(word, 0, member);
	member = find(job, fields, ARRAY_SIZE(fields), name);
	return member ? parse_field(member, word) : -EINVAL;
}

static bool within(u32 value, u32 least, u32 most)
{
	return value >= least && value <= most;
}

/**
 * hookbench_job_parse() - a line of words KEY=VALUE
 * @job: set, with defaults for what is not named
 * @text: the line; is cut into pieces
 *
 * Return: 0; -EINVAL for a word that is none of these or malformed; -ENAMETOOLONG; -ERANGE for a
 * value that is no number of its kind.
 */
int hookbench_job_parse(struct hookbench_job *job, char *text)
{
	char *word;

	*job = defaults;
	while ((word = strsep(&text, "\n "))) {
		int err = *word ? parse_word(job, word) : 0;

		if (err)
			return err;
	}
	if ((job->family != 4 && job->family != 6) || job->proto > U8_MAX ||
	    !within(job->flows, 1, MAX_FLOWS) || !within(job->reps, 1, MAX_REPS) ||
	    !within(job->us, 1, MAX_US) || !job->among || !job->hooks ||
	    job->hooks >> NF_INET_NUMHOOKS || job->expect > HOOKBENCH_UNKNOWN)
		return -ERANGE;
	return 0;
}
