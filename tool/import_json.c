// SPDX-License-Identifier: GPL-2.0
/* Values in nft's JSON (libnftables-json(5)), as values of attributes. */
#include <stdlib.h>
#include <string.h>

#include "import_json.h"
#include "say.h"

/* Words that are called something else here. */
static const char *const renamed[][2] = {
	{ "ipv6-icmp", "icmpv6" }, { "ipcomp", "108" }, { "igmp", "2" }, { "ospf", "89" },
	{ "ospfigp", "89" }, { "vrrp", "112" }, { "ipv4", "ip" }, { "ipv6", "ip6" },
	{ "ecn", "ece" }, { "lephb", "1" },
};

static const char *word_text(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(renamed) / sizeof(*renamed); i++)
		if (!strcmp(renamed[i][0], word))
			return renamed[i][1];
	return keep("%s", word);
}

/* Upper bits of a mark are a prefix, too, of a number. */
static const char *prefix_text(json_t *prefix)
{
	const char *addr = json_string_value(json_object_get(prefix, "addr"));
	json_t *number = json_object_get(prefix, "addr"), *len = json_object_get(prefix, "len");
	int bits = (int)json_integer_value(len);

	if (!json_is_integer(len) || bits < 0 || bits > 128)
		return NULL;
	if (addr)
		return keep("%s/%d", addr, bits);
	if (!json_is_integer(number) || !bits || bits > 32)
		return NULL;
	return keep("0x%llx/0x%x", (unsigned long long)json_integer_value(number),
		    ~0U << (32 - bits));
}

static const char *range_of(json_t *range)
{
	const char *first = json_scalar(json_array_get(range, 0));
	const char *last = json_scalar(json_array_get(range, 1));

	return first && last ? keep("%s-%s", first, last) : NULL;
}

/**
 * json_scalar() - one value: a number, a word, a prefix, a range
 * @value: the value; what else an element of a set says of itself is passed over
 *
 * Return: the text, or NULL.
 */
const char *json_scalar(json_t *value)
{
	if (json_is_string(value))
		return word_text(json_string_value(value));
	if (json_is_integer(value))
		return keep("%lld", (long long)json_integer_value(value));
	if (json_object_get(value, "prefix"))
		return prefix_text(json_object_get(value, "prefix"));
	if (json_object_get(value, "range"))
		return range_of(json_object_get(value, "range"));
	if (json_object_get(value, "elem"))
		return json_scalar(json_object_get(json_object_get(value, "elem"), "val"));
	return NULL;
}

/* Elements of a set, a word and a comma each; a set of its own beyond what a list has. */
static const char *elements_text(struct imported *imported, const char *type, json_t *elements)
{
	const char *list = "";
	char why[WHY_MAX];
	bool many = json_array_size(elements) > LIST_MAX;
	char *lines;
	size_t size, i;
	FILE *out = open_memstream(&lines, &size);
	json_t *one;

	json_array_foreach(elements, i, one) {
		const char *text = json_scalar(one);

		if (!text || !out) {
			list = NULL;
			break;
		}
		if (many)
			fprintf(out, "%s%s", i ? " " : "", text);
		else
			fprintf(out, "%s%s", i ? "," : "", text);
	}
	fclose(out);
	if (list && many)
		list = type ? list_set(imported, type, lines, why) : NULL;
	else if (list)
		list = keep("%s", lines);
	free(lines);
	return list;
}

/**
 * json_value() - what stands to the right of an operator
 * @imported: takes a set, where there is one
 * @type: of a set for such values; NULL if there is none
 * @value: the value
 *
 * Return: a list, or `@` and a name; NULL if it cannot be said.
 */
const char *json_value(struct imported *imported, const char *type, json_t *value)
{
	json_t *set = json_object_get(value, "set");

	if (json_is_array(value))
		return elements_text(imported, NULL, value);
	if (json_is_array(set))
		return elements_text(imported, type, set);
	if (set)
		return json_scalar(set);
	return json_scalar(value);
}
