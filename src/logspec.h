/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_LOGSPEC_H
#define MINIFW_LOGSPEC_H

#include "parse.h"

/* Where lines go. */
enum minifw_log_target {
	MINIFW_LOG_OFF,
	MINIFW_LOG_SYSLOG,	/* the kernel's log */
	MINIFW_LOG_NFLOG,	/* a program that listens to a group */
};

/*
 * Bytes of a prefix: what nf_log takes (NF_LOG_PREFIXLEN, 128, with its NUL), less
 * "minifw: ", the longest name of a line of a chain (70), and ": ".
 */
#define MINIFW_LOG_PREFIX_MAX 47

/**
 * struct minifw_log - how the packets that match are logged
 * @list: header
 * @target: enum minifw_log_target, never MINIFW_LOG_OFF
 * @level: severity, 0 to 7 as in printk(); of MINIFW_LOG_SYSLOG
 * @group: which, of MINIFW_LOG_NFLOG
 * @burst: lines that may come at once
 * @rate: lines in @per seconds
 * @per: seconds
 * @prefix: NUL-terminated, of the user
 */
struct minifw_log {
	struct minifw_list list;
	u8 target;
	u8 level;
	u16 group;
	u16 burst;
	u32 rate;
	u32 per;
	char prefix[];
};

extern const struct minifw_kind minifw_kind_log;

#endif
