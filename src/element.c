// SPDX-License-Identifier: GPL-2.0
/*
 * Elements of sets: text into intervals of keys, and back.  Pure functions.
 */
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "compat.h"
#include "element.h"
#include "error.h"
#include "text.h"

static const struct minifw_word types_table[] = {
	{ "addr", MINIFW_SET_ADDR },
	{ "port", MINIFW_SET_PORT },
	{ "iface", MINIFW_SET_IFACE },
	{ "mac", MINIFW_SET_MAC },
	{ "addr,port", MINIFW_SET_ADDR_PORT },
};

/* What `type` of a set can say. */
const struct minifw_words minifw_set_types = {
	.what = "a type", .word = types_table, .count = ARRAY_SIZE(types_table), .single = true,
};

static const struct minifw_words ports = { .what = "a port", .max = U16_MAX };

/**
 * minifw_element_len() - how long the keys of a set are
 * @type: of the set
 * @family: of the key
 *
 * Context: any.
 * Return: bytes; 0 where the type has no such family.
 */
u8 minifw_element_len(enum minifw_set_type type, u8 family)
{
	if (type == MINIFW_SET_ADDR)
		return minifw_addr_len(family);
	if (type == MINIFW_SET_ADDR_PORT)
		return minifw_addr_len(family) + sizeof(u16);
	if (family)
		return 0;
	switch (type) {
	case MINIFW_SET_PORT:
		return sizeof(u16);
	case MINIFW_SET_MAC:
		return ETH_ALEN;
	default:
		return IFNAMSIZ;
	}
}

/**
 * minifw_element_joins() - have elements neighbours, with which they make a range?
 * @type: of the set
 *
 * Context: any.
 * Return: whether ranges can be written.
 */
bool minifw_element_joins(enum minifw_set_type type)
{
	return type == MINIFW_SET_ADDR || type == MINIFW_SET_PORT;
}

/* ---- reading ---- */

static int addr_parse(char *token, struct minifw_addr_element *addr, struct minifw_error *err)
{
	int ret = minifw_parse_addr(token, addr, err);

	if (!ret && addr->masked)
		ret = minifw_error_set(err, -EINVAL, "a set takes prefixes, no other masks");
	return ret;
}

static int parse_addr(char *token, struct minifw_element *element, struct minifw_error *err)
{
	struct minifw_addr_element addr = {};
	int ret = addr_parse(token, &addr, err);

	element->family = addr.family;
	element->first = minifw_key_addr(addr.family, addr.pair.a);
	element->last = minifw_key_addr(addr.family, addr.pair.b);
	return ret;
}

static int parse_port(char *token, struct minifw_element *element, struct minifw_error *err)
{
	struct minifw_range range = {};
	int ret = minifw_parse_range(&ports, token, &range, err);

	element->first = minifw_key_port(range.first);
	element->last = minifw_key_port(range.last);
	return ret;
}

/* A name is a key of its own; how names begin is a prefix. */
static int parse_iface(char *token, struct minifw_element *element, struct minifw_error *err)
{
	struct minifw_iface iface = {};
	int ret = minifw_parse_iface(token, &iface, err);

	element->first = minifw_key_name(iface.name);
	element->last = element->first;
	if (iface.len == strlen(iface.name))
		minifw_key_fill(&element->last, IFNAMSIZ, iface.len * 8);
	return ret;
}

static int parse_mac(char *token, struct minifw_element *element, struct minifw_error *err)
{
	struct minifw_mac mac = {};
	int ret = minifw_parse_mac(token, &mac, err);

	element->first = minifw_key_bytes(mac.addr, ETH_ALEN);
	element->last = element->first;
	return ret;
}

static int parse_addr_port(char *token, struct minifw_element *element, struct minifw_error *err)
{
	char *comma = strchr(token, ',');
	struct minifw_addr_element addr = {};
	struct minifw_range port = {};
	int ret;

	if (!comma)
		return minifw_error_set(err, -EINVAL, "'%.60s' is not ADDRESS,PORT", token);
	*comma++ = '\0';
	ret = addr_parse(strim(token), &addr, err);
	if (!ret && minifw_addr_cmp(addr.pair.a, addr.pair.b))
		ret = minifw_error_set(err, -EINVAL, "'%.60s': one address and one port", token);
	if (!ret)
		ret = minifw_parse_range(&ports, strim(comma), &port, err);
	if (!ret && port.first != port.last)
		ret = minifw_error_set(err, -EINVAL, "'%u-%u': one address and one port",
				       port.first, port.last);
	element->family = addr.family;
	element->first = minifw_key_addr_port(addr.family, addr.pair.a, port.first);
	element->last = element->first;
	return ret;
}

static int parse_keys(enum minifw_set_type type, char *token, struct minifw_element *element,
		      struct minifw_error *err)
{
	switch (type) {
	case MINIFW_SET_ADDR:
		return parse_addr(token, element, err);
	case MINIFW_SET_PORT:
		return parse_port(token, element, err);
	case MINIFW_SET_IFACE:
		return parse_iface(token, element, err);
	case MINIFW_SET_MAC:
		return parse_mac(token, element, err);
	default:
		return parse_addr_port(token, element, err);
	}
}

/* A decimal number up to @most, without zeros before it. Returns what follows, or NULL. */
static char *plain_number(char *text, u32 most, u32 *number)
{
	*number = 0;
	if (*text == '0')
		return text + 1;
	if (!isdigit(*text))
		return NULL;
	for (; isdigit(*text); text++) {
		*number = *number * 10 + *text - '0';
		if (*number > most)
			return NULL;
	}
	return text;
}

/**
 * minifw_element_plain() - a line that is an IPv4 address or a prefix, and nothing else
 * @type: of the set
 * @line: the line, which a newline or a NUL ends; left as it is
 * @element: takes it
 *
 * What minifw_element_parse() makes of it, too, but faster: files are long.
 *
 * Context: any.
 * Return: the end of the line; or NULL if it is anything else.
 */
char *minifw_element_plain(enum minifw_set_type type, char *line, struct minifw_element *element)
{
	u32 addr = 0, number, bits = 32, host;
	unsigned int i;

	if (type != MINIFW_SET_ADDR)
		return NULL;
	for (i = 0; i < 4; i++) {
		line = plain_number(line, U8_MAX, &number);
		if (!line || (i < 3 && *line++ != '.'))
			return NULL;
		addr = addr << 8 | number;
	}
	if (*line == '/')
		line = plain_number(line + 1, 32, &bits);
	if (!line || (*line && *line != '\n'))
		return NULL;
	host = bits ? ~0U >> 1 >> (bits - 1) : ~0U;
	*element = (struct minifw_element){ .timeout = MINIFW_TIMEOUT_UNSET };
	put_unaligned_be32(addr & ~host, element->first.byte);
	put_unaligned_be32(addr | host, element->last.byte);
	return line;
}

/* What follows the keys of an element: `timeout DURATION`. */
static int parse_timeout(char *text, u32 *timeout, struct minifw_error *err)
{
	if (strncmp(text, "timeout", 7) || !isspace(text[7]))
		return minifw_error_set(err, -EINVAL, "'%.60s' cannot follow an element", text);
	return minifw_parse_seconds(strim(text + 7), timeout, err);
}

/**
 * minifw_element_parse() - a line of a set
 * @type: of the set
 * @line: `ELEMENT [timeout DURATION]`, trimmed and not empty; destroyed
 * @element: takes it
 * @err: takes the reason
 *
 * Context: any.
 * Return: 0, -EINVAL or -ERANGE.
 */
int minifw_element_parse(enum minifw_set_type type, char *line, struct minifw_element *element,
			 struct minifw_error *err)
{
	char *rest = strpbrk(line, " \t");
	int ret;

	*element = (struct minifw_element){ .timeout = MINIFW_TIMEOUT_UNSET };
	if (rest)
		*rest++ = '\0';
	ret = parse_keys(type, line, element, err);
	if (!ret && rest)
		ret = parse_timeout(skip_spaces(rest), &element->timeout, err);
	return ret;
}

/* ---- showing ---- */

static void show_addrs(u8 family, const struct minifw_key *first, const struct minifw_key *last,
		       struct minifw_text *out)
{
	const struct minifw_addr_pair pair = {
		minifw_key_to_addr(family, first), minifw_key_to_addr(family, last),
	};

	minifw_addr_show(out, family, &pair);
}

static void show_ports(const struct minifw_key *first, const struct minifw_key *last,
		       struct minifw_text *out)
{
	u16 from = get_unaligned_be16(first->byte), to = get_unaligned_be16(last->byte);

	minifw_text_add(out, "%u", from);
	if (from != to)
		minifw_text_add(out, "-%u", to);
}

/**
 * minifw_element_show() - an element's keys
 * @type: of the set
 * @family: of the keys
 * @first: the first
 * @last: the last
 * @out: takes them, in normal form
 *
 * Context: any.
 */
void minifw_element_show(enum minifw_set_type type, u8 family, const struct minifw_key *first,
			 const struct minifw_key *last, struct minifw_text *out)
{
	switch (type) {
	case MINIFW_SET_ADDR:
		show_addrs(family, first, last, out);
		break;
	case MINIFW_SET_PORT:
		show_ports(first, last, out);
		break;
	case MINIFW_SET_IFACE:
		minifw_text_add(out, "%s%s", (const char *)first->byte,
				memcmp(first, last, sizeof(*first)) ? "*" : "");
		break;
	case MINIFW_SET_MAC:
		minifw_text_add(out, "%pM", first->byte);
		break;
	case MINIFW_SET_ADDR_PORT:
		show_addrs(family, first, last, out);
		minifw_text_add(out, ",%u",
				get_unaligned_be16(first->byte + minifw_addr_len(family)));
		break;
	}
}
