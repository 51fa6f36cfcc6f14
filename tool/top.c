// SPDX-License-Identifier: GPL-2.0
/* top: what rules and chains match, a second at a time, on a terminal. */
#include <curses.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "inventory.h"
#include "options.h"
#include "running.h"
#include "say.h"
#include "tree.h"

#define DELAY_MS 1000
#define CTRL_L '\f'	/* what draws the screen anew in all programs of this kind */

/* What rows are sorted by. */
enum order {
	BY_PACKETS,
	BY_BYTES,
	BY_NAME,
	BY_EVALUATION,
};

/**
 * struct row - what is known of a rule, a chain or a total
 * @name: its name
 * @packets: so far
 * @bytes: so far
 * @packet_rate: of a second
 * @byte_rate: of a second
 * @position: where packets meet it
 */
struct row {
	char *name;
	unsigned long long packets;
	unsigned long long bytes;
	double packet_rate;
	double byte_rate;
	size_t position;
};

/**
 * struct rows - what is on the screen
 * @row: rules, then chains
 * @count: how many
 * @when: in seconds
 * @accepted: decisions so far
 * @dropped: likewise
 */
struct rows {
	struct row *row;
	size_t count;
	double when;
	unsigned long long accepted;
	unsigned long long dropped;
};

static enum order order;

/* ---- looking ---- */

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static unsigned long long number(const char *text)
{
	return text ? strtoull(text, NULL, 10) : 0;
}

static unsigned long long total(const char *name)
{
	char *text = parameter_read(name);
	unsigned long long value = number(text);

	free(text);
	return value;
}

static void take_items(struct rows *rows, const struct item *items, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		rows->row[rows->count] = (struct row){
			.name = need(strdup(items[i].name)),
			.packets = number(item_get(&items[i], "packets")),
			.bytes = number(item_get(&items[i], "bytes")), .position = rows->count,
		};
		rows->count++;
	}
}

static struct rows look(void)
{
	struct inventory inventory;
	struct rows rows = {};

	inventory_take(&inventory, INVENTORY_RULES | INVENTORY_CHAINS);
	rows.row = need(calloc(inventory.rule_count + inventory.chain_count + 1,
			       sizeof(*rows.row)));
	take_items(&rows, inventory.rules, inventory.rule_count);
	take_items(&rows, inventory.chains, inventory.chain_count);
	inventory_free(&inventory);
	rows.accepted = total("accepted");
	rows.dropped = total("dropped");
	rows.when = now();
	return rows;
}

static void rows_free(struct rows *rows)
{
	size_t i;

	for (i = 0; i < rows->count; i++)
		free(rows->row[i].name);
	free(rows->row);
	*rows = (struct rows){};
}

static const struct row *row_named(const struct rows *rows, const char *name)
{
	size_t i;

	for (i = 0; i < rows->count; i++)
		if (!strcmp(rows->row[i].name, name))
			return &rows->row[i];
	return NULL;
}

/* A counter that is less than it was has been reset. */
static double rate(unsigned long long from, unsigned long long to, double seconds)
{
	return to > from && seconds > 0 ? (to - from) / seconds : 0;
}

static void measure(struct rows *rows, const struct rows *before)
{
	double seconds = rows->when - before->when;
	size_t i;

	for (i = 0; i < rows->count; i++) {
		struct row *row = &rows->row[i];
		const struct row *old = row_named(before, row->name);

		if (!old)
			continue;
		row->packet_rate = rate(old->packets, row->packets, seconds);
		row->byte_rate = rate(old->bytes, row->bytes, seconds);
	}
}

/* ---- showing ---- */

static int row_cmp(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (order == BY_PACKETS && x->packet_rate != y->packet_rate)
		return x->packet_rate < y->packet_rate ? 1 : -1;
	if (order == BY_BYTES && x->byte_rate != y->byte_rate)
		return x->byte_rate < y->byte_rate ? 1 : -1;
	if (order == BY_NAME)
		return strcmp(x->name, y->name);
	return (x->position > y->position) - (x->position < y->position);
}

/* Four digits and a letter, as people read it. */
static const char *human(char *text, size_t size, double value)
{
	static const char letters[] = " kMGTP";
	unsigned int i = 0;

	while (value >= 10000 && letters[i + 1]) {
		value /= 1000;
		i++;
	}
	snprintf(text, size, "%.0f%c", value, letters[i]);
	return text;
}

static void show_head(const struct rows *rows, const struct rows *before)
{
	double seconds = rows->when - before->when;
	char accepted[16], dropped[16];

	move(0, 0);
	printw("minifw: %s/s accepted, %s/s dropped",
	       human(accepted, sizeof(accepted), rate(before->accepted, rows->accepted, seconds)),
	       human(dropped, sizeof(dropped), rate(before->dropped, rows->dropped, seconds)));
	clrtoeol();
	mvaddstr(1, 0, "sort by p)ackets b)ytes n)ame o)rder   q)uit");
	clrtoeol();
	attron(A_REVERSE);
	mvprintw(2, 0, "%10s %10s %10s %10s  %-*s", "PACKETS/s", "BYTES/s", "PACKETS", "BYTES",
		 COLS > 46 ? COLS - 46 : 0, "RULE");
	attroff(A_REVERSE);
}

static void show_row(int line, const struct row *row)
{
	char text[4][16];

	mvprintw(line, 0, "%10s %10s %10s %10s  %.*s",
		 human(text[0], sizeof(*text), row->packet_rate),
		 human(text[1], sizeof(*text), row->byte_rate),
		 human(text[2], sizeof(*text), row->packets),
		 human(text[3], sizeof(*text), row->bytes), COLS > 46 ? COLS - 46 : 0, row->name);
	clrtoeol();
}

static void show(struct rows *rows, const struct rows *before)
{
	size_t i;

	if (rows->count)
		qsort(rows->row, rows->count, sizeof(*rows->row), row_cmp);
	show_head(rows, before);
	for (i = 0; i < rows->count && (int)i + 3 < LINES; i++)
		show_row(i + 3, &rows->row[i]);
	clrtobot();
	refresh();
}

/* ---- keys ---- */

/* Returns whether it goes on. */
static bool obey(int key)
{
	static const struct {
		int key;
		enum order order;
	} keys[] = { { 'p', BY_PACKETS }, { 'b', BY_BYTES }, { 'n', BY_NAME },
		     { 'o', BY_EVALUATION } };
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (keys[i].key == key)
			order = keys[i].order;
	if (key == CTRL_L)
		clearok(stdscr, TRUE);
	return key != 'q';
}

static void run(void)
{
	struct rows before = look(), rows = look();

	do {
		measure(&rows, &before);
		show(&rows, &before);
		rows_free(&before);
		before = rows;
		timeout(DELAY_MS);
		if (!obey(getch()))
			break;
		rows = look();
	} while (tree_is_there());
	rows_free(&before);
}

int command_top(int argc, char **argv)
{
	const struct option_row options[] = { {} };
	int ret = options_read(options, &argc, &argv);

	if (ret == DONE && argc)
		ret = usage("top: takes no arguments");
	if (ret == DONE)
		ret = running_need();
	if (ret != DONE)
		return ret;
	if (!isatty(STDOUT_FILENO))
		return refuse("top: wants a terminal: 'minifw list' does not");
	setlocale(LC_CTYPE, "");
	if (!initscr())
		return refuse("top: this terminal is not known");
	cbreak();
	noecho();
	curs_set(0);
	run();
	endwin();
	return DONE;
}
