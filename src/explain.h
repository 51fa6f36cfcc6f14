/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MINIFW_EXPLAIN_H
#define MINIFW_EXPLAIN_H

struct minifw_judge;
struct minifw_probe;
struct minifw_snapshot;
struct minifw_text;

void minifw_explain(struct minifw_judge *judge, const struct minifw_snapshot *snapshot,
		    const struct minifw_probe *probe, struct minifw_text *out);

#endif
