/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_QUESTION_H
#define MINIFW_QUESTION_H

#include <linux/types.h>

#include "error.h"
#include "spec.h"

struct minifw_probe;
struct minifw_text;

/*
 * What can be said of a packet that was never sent: attributes of rules, with one value
 * each.  This list makes the files of probes/.
 */
#define MINIFW_PROBE_ATTRS(X) \
	X(hook) \
	X(iif) \
	X(oif) \
	X(saddr) \
	X(daddr) \
	X(proto) \
	X(sport) \
	X(dport) \
	X(icmp_type) \
	X(icmpv6_type) \
	X(tcp_flags) \
	X(ct_state) \
	X(mark) \
	X(length) \
	X(uid)

/**
 * struct minifw_question - a packet as somebody is writing it
 * @spec: what its files say: attributes with one value each
 * @bytes: what the file `packet` says, or NULL
 * @size: of @bytes
 * @error: why the last write was refused
 *
 * Guarded by minifw_ruleset_mutex. Zeroed, it says nothing.
 */
struct minifw_question {
	struct minifw_spec spec;
	u8 *bytes;
	u16 size;
	struct minifw_error error;
};

void minifw_question_clear(struct minifw_question *question);
int minifw_question_set(struct minifw_question *question, enum minifw_attr_id id, char *text,
			struct minifw_error *err);
int minifw_question_set_packet(struct minifw_question *question, const char *text,
			       struct minifw_error *err);
void minifw_question_show(const struct minifw_question *question, enum minifw_attr_id id,
			  struct minifw_text *out);
int minifw_question_probe(const struct minifw_question *question, struct minifw_probe *probe,
			  struct minifw_error *err);

#endif
