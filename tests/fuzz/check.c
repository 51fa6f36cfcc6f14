// SPDX-License-Identifier: GPL-2.0
/* What must hold of the parsers, whatever they are given. */
#include "kernel.h"
#include "attr.h"
#include "check.h"
#include "error.h"
#include "line.h"
#include "meaning.h"
#include "share.h"
#include "text.h"

void check_failed(const char *file, int line, const char *condition, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s:%d: does not hold: %s\n    ", file, line, condition);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

/* ---- texts ---- */

static void check_printable(const char *text, const char *what)
{
	const char *c;

	for (c = text; *c; c++)
		CHECK(!iscntrl(*c), "%s: '%s'", what, text);
}

/* Measured, cut short and whole, a text says the same. The caller frees it. */
static char *written(void (*write)(const struct minifw_spec *spec, int id,
				   struct minifw_text *out),
		     const struct minifw_spec *spec, int id)
{
	struct minifw_text measured = {}, half, whole;
	char *cut, *text;

	write(spec, id, &measured);
	half = (struct minifw_text){ .buf = malloc(measured.len / 2 + 1),
				     .size = measured.len / 2 + 1 };
	whole = (struct minifw_text){ .buf = malloc(measured.len + 1), .size = measured.len + 1 };
	cut = half.buf;
	text = whole.buf;
	*cut = '\0';
	*text = '\0';
	write(spec, id, &half);
	write(spec, id, &whole);
	CHECK(whole.len == measured.len && half.len == measured.len, "measured %zu, wrote %zu",
	      measured.len, whole.len);
	CHECK(strlen(text) == whole.len, "'%s' is not %zu bytes", text, whole.len);
	CHECK(strlen(cut) == whole.len / 2 && !strncmp(cut, text, strlen(cut)),
	      "'%s' does not begin with '%s'", text, cut);
	free(cut);
	return text;
}

static void write_value(const struct minifw_spec *spec, int id, struct minifw_text *out)
{
	minifw_spec_show(spec, id, out);
}

static void write_line(const struct minifw_spec *spec, int id, struct minifw_text *out)
{
	int ret = minifw_spec_line(spec, out);

	CHECK(!ret, "a line: %d", ret);
}

static void write_pairs(const struct minifw_spec *spec, int id, struct minifw_text *out)
{
	int ret = minifw_spec_pairs(spec, out);

	CHECK(!ret, "pairs: %d", ret);
}

/* ---- one attribute ---- */

static int attribute_named(const char *name, size_t len)
{
	int id;

	for (id = 0; id < MINIFW_NR_ATTRS; id++)
		if (strlen(minifw_attr_name(id)) == len && !memcmp(minifw_attr_name(id), name, len))
			return id;
	return -1;
}

static void copy(struct minifw_spec *to, const struct minifw_spec *from)
{
	int ret = minifw_spec_copy(to, from);

	CHECK(!ret, "copied: %d", ret);
	CHECK(minifw_spec_equal(to, from), "a copy says something else");
}

/* As minifw_spec_set(), which destroys the text. */
static int set(struct minifw_spec *spec, int id, const char *value, struct minifw_error *err)
{
	char *text = strdup(value);
	int ret = minifw_spec_set(spec, id, text, err);

	free(text);
	return ret;
}

static void check_refusal(const struct minifw_spec *spec, const struct minifw_spec *before, int id,
			  int ret, const struct minifw_error *err)
{
	const char *name = minifw_attr_name(id);
	size_t len = strlen(name);

	CHECK(ret == -EINVAL || ret == -ERANGE || ret == -E2BIG || ret == -ENOMEM, "%s: %d", name,
	      ret);
	CHECK(minifw_spec_equal(spec, before), "%s: refused, yet changed: %s", name, err->text);
	CHECK(!strncmp(err->text, name, len) && !strncmp(err->text + len, ": ", 2) &&
	      err->text[len + 2], "%s: refused with '%s'", name, err->text);
	check_printable(err->text, "last_error");
}

/* What is shown is taken, means the same, and is shown the same. */
static void check_normal_form(const struct minifw_spec *spec, int id)
{
	char *shown = written(write_value, spec, id), *again;
	struct minifw_error err = {};
	struct minifw_spec other;
	int ret;

	check_printable(shown, minifw_attr_name(id));
	copy(&other, spec);
	ret = set(&other, id, shown, &err);
	CHECK(!ret, "%s: shown as '%s', refused with %d, %s", minifw_attr_name(id), shown, ret,
	      err.text);
	CHECK(minifw_spec_equal(spec, &other), "%s: '%s' reads as something else",
	      minifw_attr_name(id), shown);
	again = written(write_value, &other, id);
	CHECK(!strcmp(shown, again), "%s: '%s' became '%s'", minifw_attr_name(id), shown, again);
	minifw_spec_clear(&other);
	free(shown);
	free(again);
}

/* Each allocation on the way fails once. */
static void check_out_of_memory(const struct minifw_spec *before, int id, const char *value,
				int expected)
{
	int n, ret = -ENOMEM;

	for (n = 0; ret == -ENOMEM; n++) {
		struct minifw_error err = {};
		struct minifw_spec spec;

		copy(&spec, before);
		kernel_allocations_left = n;
		ret = set(&spec, id, value, &err);
		kernel_allocations_left = -1;
		if (ret)
			check_refusal(&spec, before, id, ret, &err);
		minifw_spec_clear(&spec);
	}
	CHECK(ret == expected, "%s: %d, and after want of memory %d", minifw_attr_name(id),
	      expected, ret);
}

/* What few rules say takes room only where a rule says it. */
static void check_rare(const struct minifw_spec *spec)
{
	bool any = false;
	int id;

	for (id = 0; id < MINIFW_NR_ATTRS; id++)
		any |= minifw_attrs[id].rare && minifw_spec_asks(spec, id);
	CHECK(any == !!spec->rare, "room for what few rules say: %d, wanted: %d", !!spec->rare,
	      any);
}

bool check_set(struct minifw_spec *spec, const char *line)
{
	const char *value = strchr(line, '=');
	int id = value ? attribute_named(line, value - line) : -1;
	struct minifw_error err = {};
	struct minifw_spec before;
	int ret;

	if (id < 0)
		return false;
	value++;
	copy(&before, spec);
	ret = set(spec, id, value, &err);
	if (ret)
		check_refusal(spec, &before, id, ret, &err);
	else
		check_normal_form(spec, id);
	check_rare(spec);
	check_meaning(spec, id, value, ret);
	check_out_of_memory(&before, id, value, ret);
	minifw_spec_clear(&before);
	return true;
}

/* ---- a rule ---- */

static int seal(struct minifw_spec *spec, struct minifw_error *err)
{
	int ret = minifw_spec_seal(spec, err);

	CHECK(!ret || ret == -EINVAL || ret == -ENODATA, "sealed: %d", ret);
	if (ret) {
		CHECK(strchr(err->text, ':') &&
		      attribute_named(err->text, strchr(err->text, ':') - err->text) >= 0,
		      "a seal was refused with '%s'", err->text);
		check_printable(err->text, "last_error");
	} else {
		CHECK(spec->families && spec->families < BIT(MINIFW_NR_FAMILIES), "families %u",
		      spec->families);
	}
	return ret;
}

/* Takes a value, quoted or not, off *@line, in place. */
static char *unquoted(char **line)
{
	char *from = *line, *to = from, *value = from;

	if (*from != '"') {
		*line = from + strcspn(from, " ");
		return value;
	}
	for (from++; *from && *from != '"'; from++) {
		if (*from == '\\')
			from++;
		*to++ = *from;
	}
	CHECK(*from == '"', "a quote is left open");
	*to = '\0';
	*line = from + 1;
	return value;
}

static void read_line(struct minifw_spec *spec, char *line)
{
	struct minifw_error err;

	while (*line) {
		char *name = line + 1, *equals = strchr(line, '='), *value, next;
		int id = equals ? attribute_named(name, equals - name) : -1;
		int ret;

		CHECK(*line == ' ' && id >= 0, "'%s' is no ' name=value'", line);
		line = equals + 1;
		value = unquoted(&line);
		next = *line;
		*line = '\0';
		ret = set(spec, id, value, &err);
		CHECK(!ret, "'%s' of a line: %d, %s", value, ret, err.text);
		*line = next;
	}
}

/* As minifw_pairs_parse(), which destroys the text. */
static int parse_line(struct minifw_spec *spec, const char *line, struct minifw_error *err)
{
	char *text = strdup(line);
	int ret;

	minifw_spec_init(spec);
	ret = minifw_pairs_parse(spec, text, MINIFW_LINE_ATTRS, err);
	free(text);
	return ret;
}

/* Of a chain's line, the priority is the chain's. */
static void check_line_of(const struct minifw_spec *spec)
{
	struct minifw_error err = {};
	struct minifw_spec line, read;
	char *text;
	int ret;

	copy(&line, spec);
	line.priority = 0;
	text = written(write_pairs, &line, 0);
	ret = parse_line(&read, text, &err);
	CHECK(!ret, "'%s' was written, and refused with %d, %s", text, ret, err.text);
	CHECK(minifw_spec_equal(&line, &read), "'%s' reads as another rule", text);
	CHECK(minifw_spec_hash(&line) == minifw_spec_hash(&read), "'%s' has two hashes", text);
	minifw_spec_clear(&read);
	minifw_spec_clear(&line);
	free(text);
}

static void check_line_refusal(const char *line, int ret, const struct minifw_error *err)
{
	CHECK(ret == -EINVAL || ret == -ERANGE || ret == -E2BIG || ret == -ENOMEM, "'%s': %d",
	      line, ret);
	CHECK(*err->text, "'%s': refused without a word", line);
	check_printable(err->text, "last_error");
}

void check_line(const char *line)
{
	struct minifw_error err = {};
	struct minifw_spec spec;
	int n, ret = parse_line(&spec, line, &err), again = -ENOMEM;

	if (ret)
		check_line_refusal(line, ret, &err);
	else
		check_line_of(&spec);
	minifw_spec_clear(&spec);
	for (n = 0; again == -ENOMEM; n++) {
		kernel_allocations_left = n;
		again = parse_line(&spec, line, &err);
		kernel_allocations_left = -1;
		minifw_spec_clear(&spec);
	}
	CHECK(again == ret, "'%s': %d, and after want of memory %d", line, ret, again);
}

/* The list that an attribute has, if it is one that rules share. */
static const struct minifw_list *list_of(const struct minifw_spec *spec, int id)
{
	const struct minifw_attr *attr = &minifw_attrs[id];

	if (!minifw_spec_asks(spec, id) || minifw_spec_ref(spec, id))
		return NULL;
	if (attr->kind->slot)
		return minifw_slot_list(*(struct minifw_slot *)minifw_attr_value(attr, spec));
	if (attr->kind->list)
		return *(struct minifw_list **)minifw_attr_value(attr, spec);
	return NULL;
}

/* Rules that say the same have the same lists, once they share them; and say the same. */
static void check_share(const struct minifw_spec *spec)
{
	struct minifw_error err = {};
	struct minifw_share share = {};
	struct minifw_spec own, other;
	char *line;
	int id;

	copy(&own, spec);
	own.priority = 0;
	line = written(write_pairs, &own, 0);
	CHECK(!parse_line(&other, line, &err), "'%s': %s", line, err.text);
	minifw_spec_share(&own, &share);
	minifw_spec_share(&other, &share);
	CHECK(minifw_spec_equal(&own, &other), "'%s' is another rule, shared", line);
	for (id = 0; id < MINIFW_NR_ATTRS; id++)
		CHECK(list_of(&own, id) == list_of(&other, id), "%s of '%s' is not shared",
		      minifw_attr_name(id), line);
	minifw_share_clear(&share);
	minifw_spec_clear(&own);
	minifw_spec_clear(&other);
	free(line);
}

void check_rule(struct minifw_spec *spec)
{
	struct minifw_error first = {}, second = {};
	char *line = written(write_line, spec, 0);
	struct minifw_spec read;
	int ret = seal(spec, &first);

	check_printable(line, "a line");
	minifw_spec_init(&read);
	read_line(&read, line);
	CHECK(minifw_spec_equal(spec, &read), "a line reads as another rule");
	CHECK(seal(&read, &second) == ret && !strcmp(first.text, second.text),
	      "'%s' when sealed, and '%s' when read from its line", first.text, second.text);
	CHECK(read.needs == spec->needs && read.families == spec->families &&
	      read.stages == spec->stages,
	      "sealed otherwise when read from its line");
	check_line_of(spec);
	check_share(spec);
	minifw_spec_clear(&read);
	free(line);
}
