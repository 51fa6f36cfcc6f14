// SPDX-License-Identifier: GPL-2.0
/* list --prometheus: the inventory in the text format of Prometheus. */
#include <stdlib.h>

#include "inventory.h"
#include "prometheus.h"
#include "tree.h"

/**
 * struct metric - a file of each object, as a metric
 * @name: of the metric
 * @type: of it
 * @help: what it counts
 * @file: where it is
 */
struct metric {
	const char *name;
	const char *type;
	const char *help;
	const char *file;
};

static const struct metric rule_metrics[] = {
	{ "minifw_rule_packets_total", "counter", "Packets that matched.", "packets" },
	{ "minifw_rule_bytes_total", "counter", "Their bytes.", "bytes" },
	{ "minifw_rule_would_drop_total", "counter", "Packets let on in audit mode.",
	  "would_drop" },
	{}
};

static const struct metric chain_metrics[] = {
	{ "minifw_chain_packets_total", "counter", "Packets that matched a line.", "packets" },
	{ "minifw_chain_bytes_total", "counter", "Their bytes.", "bytes" },
	{ "minifw_chain_would_drop_total", "counter", "Packets let on in audit mode.",
	  "would_drop" },
	{ "minifw_chain_lines", "gauge", "Lines of the chain.", "count" },
	{}
};

static const struct metric set_metrics[] = {
	{ "minifw_set_elements", "gauge", "Elements of the set.", "count" },
	{ "minifw_set_memory_bytes", "gauge", "Memory that they take.", "memory" },
	{ "minifw_set_refused_total", "counter", "Packets that found no room.", "refused" },
	{}
};

static void show_head(const struct metric *metric, FILE *out)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help, metric->name,
		metric->type);
}

/* Names of objects have no character that a label would have to escape. */
static void show_items(const struct metric *metrics, const char *label, const struct item *items,
		       size_t count, FILE *out)
{
	const struct metric *metric;
	size_t i;

	for (metric = metrics; count && metric->name; metric++) {
		show_head(metric, out);
		for (i = 0; i < count; i++)
			fprintf(out, "%s{%s=\"%s\"} %s\n", metric->name, label, items[i].name,
				item_get(&items[i], metric->file));
	}
}

static void show_totals(FILE *out)
{
	static const struct metric metrics[] = {
		{ "minifw_accepted_total", "counter", "Decisions to accept, of each hook.",
		  PARAMETERS "/accepted" },
		{ "minifw_dropped_total", "counter", "Decisions to drop or reject.",
		  PARAMETERS "/dropped" },
		{ "minifw_would_drop_total", "counter", "Packets let on in audit mode.",
		  PARAMETERS "/would_drop" },
		{ "minifw_generation", "counter", "Publishes.", TREE "/generation" },
	};
	size_t i;

	for (i = 0; i < sizeof(metrics) / sizeof(*metrics); i++) {
		char *value = file_read(metrics[i].file);

		show_head(&metrics[i], out);
		fprintf(out, "%s %s\n", metrics[i].name, value ? value : "0");
		free(value);
	}
}

/**
 * prometheus_print() - an inventory in the text format of Prometheus
 * @inventory: the inventory
 * @out: takes it
 */
void prometheus_print(const struct inventory *inventory, FILE *out)
{
	show_totals(out);
	show_items(rule_metrics, "rule", inventory->rules, inventory->rule_count, out);
	show_items(chain_metrics, "chain", inventory->chains, inventory->chain_count, out);
	show_items(set_metrics, "set", inventory->sets, inventory->set_count, out);
}
