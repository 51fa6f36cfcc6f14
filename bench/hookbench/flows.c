// SPDX-License-Identifier: GPL-2.0
/*
 * Makes the packets of a job: from a file of records, or from what the job says of their fields.
 */
#include <linux/kernel_read_file.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/vmalloc.h>

#include "flows.h"

#define TRACE_LIMIT (256 << 20)	/* bytes */
#define DOCUMENTATION_PREFIX 0x20010db8	/* 2001:db8::/32, RFC 3849 */

static u32 field_value(const struct hookbench_field *field, u32 steps, struct rnd_state *rnd)
{
	return (field->base + steps * field->step) ^ (prandom_u32_state(rnd) & field->random);
}

static void set_address(__be32 *address, u32 value, u32 family)
{
	if (family == 6)
		address[0] = htonl(DOCUMENTATION_PREFIX);
	address[family == 6 ? 3 : 0] = htonl(value);
}

static void generate(struct hookbench_record *rec, const struct hookbench_job *job,
		     struct rnd_state *rnd)
{
	u32 steps = prandom_u32_state(rnd) % job->among;

	rec->family = job->family;
	rec->proto = job->proto;
	rec->expect = job->expect;
	rec->tcp_flags = 0x10;	/* ACK */
	set_address(rec->saddr, field_value(&job->saddr, steps, rnd), job->family);
	set_address(rec->daddr, field_value(&job->daddr, steps, rnd), job->family);
	rec->sport = htons(field_value(&job->sport, steps, rnd));
	rec->dport = htons(field_value(&job->dport, steps, rnd));
}

static int generate_all(struct hookbench_flows *flows, const struct hookbench_job *job)
{
	struct rnd_state rnd;

	flows->records = kvcalloc(job->flows, sizeof(*flows->records), GFP_KERNEL);
	if (!flows->records)
		return -ENOMEM;
	flows->count = job->flows;
	prandom_seed_state(&rnd, job->seed);
	for (u32 i = 0; i < flows->count; i++)
		generate(&flows->records[i], job, &rnd);
	return 0;
}

/* At most as many as the job wants, from the start of the file. */
static int read_trace(struct hookbench_flows *flows, const struct hookbench_job *job)
{
	void *buffer = NULL;
	size_t size;
	ssize_t got;

	got = kernel_read_file_from_path(job->trace, 0, &buffer, TRACE_LIMIT, &size,
					 READING_POLICY);
	if (got < 0)
		return got;
	flows->records = buffer;
	flows->count = min_t(size_t, job->flows, size / sizeof(*flows->records));
	return flows->count ? 0 : -EINVAL;
}

/**
 * hookbench_flows_make() - the packets of a job
 * @flows: set; the caller frees them with hookbench_flows_free(), after an error too
 * @job: says which
 * @dev: the device that they arrive at
 *
 * Context: process context, may sleep.
 * Return: 0; -ENOMEM; -EINVAL for an empty file; what reading it gave.
 */
int hookbench_flows_make(struct hookbench_flows *flows, const struct hookbench_job *job,
			 struct net_device *dev)
{
	int err = job->trace[0] ? read_trace(flows, job) : generate_all(flows, job);

	if (err)
		return err;
	flows->skbs = kvcalloc(flows->count, sizeof(*flows->skbs), GFP_KERNEL);
	if (!flows->skbs)
		return -ENOMEM;
	for (u32 i = 0; i < flows->count; i++) {
		flows->skbs[i] = hookbench_packet_make(dev, &flows->records[i]);
		if (!flows->skbs[i])
			return -ENOMEM;
	}
	return 0;
}

/**
 * hookbench_flows_free() - frees all packets
 * @flows: what hookbench_flows_make() was given
 */
void hookbench_flows_free(struct hookbench_flows *flows)
{
	for (u32 i = 0; flows->skbs && i < flows->count; i++)
		kfree_skb(flows->skbs[i]);
	kvfree(flows->skbs);
	kvfree(flows->records);
}

/**
 * hookbench_flows_reply() - the answer to a packet
 * @flows: the packets
 * @index: which of them
 * @dev: the device that the answer arrives at
 *
 * Context: process context, may sleep.
 * Return: the answer, the caller's to free; NULL without memory.
 */
struct sk_buff *hookbench_flows_reply(const struct hookbench_flows *flows, u32 index,
				      struct net_device *dev)
{
	struct hookbench_record rec = flows->records[index];

	swap(rec.sport, rec.dport);
	for (int i = 0; i < ARRAY_SIZE(rec.saddr); i++)
		swap(rec.saddr[i], rec.daddr[i]);
	return hookbench_packet_make(dev, &rec);
}
