/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The packets of a job.
 */
#ifndef HOOKBENCH_FLOWS_H
#define HOOKBENCH_FLOWS_H

#include <linux/skbuff.h>

#include "job.h"
#include "packet.h"

/**
 * struct hookbench_flows - the packets of a job
 * @count: how many
 * @skbs: the packets
 * @records: what they are, and what is expected of them
 */
struct hookbench_flows {
	u32 count;
	struct sk_buff **skbs;
	struct hookbench_record *records;
};

int hookbench_flows_make(struct hookbench_flows *flows, const struct hookbench_job *job,
			 struct net_device *dev);
void hookbench_flows_free(struct hookbench_flows *flows);
struct sk_buff *hookbench_flows_reply(const struct hookbench_flows *flows, u32 index,
				      struct net_device *dev);

#endif
