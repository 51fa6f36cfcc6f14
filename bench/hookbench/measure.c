// SPDX-License-Identifier: GPL-2.0
/*
 * Measures a job. A repetition is a loop over packets with softirqs off, as where packets arrive,
 * and takes as a whole less than a time slice of whoever runs this machine as a guest. Each
 * packet is held while hooks have it, so that a drop frees nothing and it can be sent again.
 */
#include <linux/bottom_half.h>
#include <linux/ktime.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/nsproxy.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sort.h>
#include <net/net_namespace.h>

#include "flows.h"
#include "measure.h"

#define DEVICE "dummy0"	/* the one that packets arrive at; the loopback where there is none */
#define LEAST_PACKETS 16U	/* in a repetition */
#define MOST_PACKETS 1000000U

/**
 * struct bench - a job at work
 * @job: what to do
 * @net: the namespace that the packets are in: the writer's
 * @dev: the device that they arrive at
 * @flows: the packets
 * @next: which of them is sent next
 * @hooks: those that a packet passes
 * @hook_count: how many these are
 */
struct bench {
	const struct hookbench_job *job;
	struct net *net;
	struct net_device *dev;
	struct hookbench_flows flows;
	u32 next;
	u8 hooks[NF_INET_NUMHOOKS];
	u8 hook_count;
};

static int arrived(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	return 1;
}

/* True if no hook refused it. */
static __always_inline bool send(const struct bench *bench, struct sk_buff *skb)
{
	u8 pf = skb->protocol == htons(ETH_P_IP) ? NFPROTO_IPV4 : NFPROTO_IPV6;
	bool passed = true;

	skb_get(skb);
	for (u8 i = 0; passed && i < bench->hook_count; i++)
		passed = nf_hook(pf, bench->hooks[i], bench->net, NULL, skb, bench->dev, NULL,
				 arrived) == 1;
	if (passed)
		consume_skb(skb);
	nf_reset_ct(skb);
	return passed;
}

static void step(struct bench *bench)
{
	if (++bench->next == bench->flows.count)
		bench->next = 0;
}

/* Nanoseconds that so many packets take. */
static u64 repetition(struct bench *bench, u32 packets, u64 *accepted)
{
	u64 start, passed = 0;

	local_bh_disable();
	rcu_read_lock();
	start = ktime_get_ns();
	for (u32 i = 0; i < packets; i++) {
		passed += send(bench, bench->flows.skbs[bench->next]);
		step(bench);
	}
	start = ktime_get_ns() - start;
	rcu_read_unlock();
	local_bh_enable();
	*accepted += passed;
	cond_resched();
	return start;
}

/* How many packets a repetition of the job's length has. */
static u32 calibrate(struct bench *bench)
{
	u64 wanted = bench->job->us * (u64)NSEC_PER_USEC, took, ignored = 0;
	u32 packets = LEAST_PACKETS;

	for (took = repetition(bench, packets, &ignored);
	     took < wanted / 2 && packets < MOST_PACKETS; packets *= 2)
		took = repetition(bench, packets * 2, &ignored);
	return clamp_t(u64, div64_u64(packets * wanted, took + 1), LEAST_PACKETS, MOST_PACKETS);
}

static int compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

static int repeat(struct bench *bench, struct hookbench_result *result)
{
	u32 reps = bench->job->reps, packets = calibrate(bench);
	u64 *took = kvcalloc(reps, sizeof(*took), GFP_KERNEL);

	if (!took)
		return -ENOMEM;
	for (u32 i = 0; i < reps; i++)
		took[i] = repetition(bench, packets, &result->accepted);
	result->timed = (u64)reps * packets;
	sort(took, reps, sizeof(*took), compare, NULL);
	for (u32 i = 0; i < ARRAY_SIZE(result->quartiles); i++)
		result->quartiles[i] = div_u64(took[(reps - 1) * i / 4] * 1000, packets);
	kvfree(took);
	return 0;
}

/* Each packet once, so that caches and conntrack have seen it; what becomes of it is compared. */
static void check(struct bench *bench, struct hookbench_result *result)
{
	for (u32 i = 0; i < bench->flows.count; i++) {
		u8 expect = bench->flows.records[i].expect;
		bool passed;

		if (expect == HOOKBENCH_UNKNOWN)
			continue;
		local_bh_disable();
		rcu_read_lock();
		passed = send(bench, bench->flows.skbs[i]);
		rcu_read_unlock();
		local_bh_enable();
		cond_resched();
		result->checked++;
		result->wrong += passed != (expect == HOOKBENCH_ACCEPTED);
	}
}

static int converse(struct bench *bench, u32 index)
{
	struct sk_buff *reply = hookbench_flows_reply(&bench->flows, index, bench->dev);

	if (!reply)
		return -ENOMEM;
	local_bh_disable();
	rcu_read_lock();
	send(bench, bench->flows.skbs[index]);
	for (u32 i = 0; i < bench->job->replies; i++)
		send(bench, reply);
	rcu_read_unlock();
	local_bh_enable();
	kfree_skb(reply);
	cond_resched();
	return 0;
}

static int establish(struct bench *bench)
{
	for (u32 i = 0; bench->job->replies && i < bench->flows.count; i++) {
		int err = converse(bench, i);

		if (err)
			return err;
	}
	return 0;
}

static int run(struct bench *bench, struct hookbench_result *result)
{
	int err = hookbench_flows_make(&bench->flows, bench->job, bench->dev);

	if (!err)
		err = establish(bench);
	if (err)
		return err;
	check(bench, result);
	return repeat(bench, result);
}

/**
 * hookbench_measure() - does a job
 * @job: what to do
 * @result: set
 *
 * The packets are in the network namespace of the process that asks for it.
 *
 * Context: process context, may sleep.
 * Return: 0; -ENOMEM; what reading the job's file gave.
 */
int hookbench_measure(const struct hookbench_job *job, struct hookbench_result *result)
{
	struct bench bench = { .job = job, .net = current->nsproxy->net_ns };
	struct net_device *dev = dev_get_by_name(bench.net, DEVICE);
	int err;

	memset(result, 0, sizeof(*result));
	bench.dev = dev ?: bench.net->loopback_dev;
	for (u8 hook = 0; hook < NF_INET_NUMHOOKS; hook++)
		if (job->hooks & BIT(hook))
			bench.hooks[bench.hook_count++] = hook;
	err = run(&bench, result);
	hookbench_flows_free(&bench.flows);
	if (dev)
		dev_put(dev);
	return err;
}
