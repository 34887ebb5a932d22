/* SPDX-License-Identifier: ISC */
/* Aligned tables for a terminal or a pipe. */
#include "agent/cli_table.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/util.h"

enum {
	GAP = 2, /* blanks between columns */
	CELL_MAX = 1024,
};

#define CUT_MARK "..."

struct cell {
	char *text; /* owned */
	size_t len;
	enum cli_tone tone;
};

struct cli_table {
	const struct cli_column *columns; /* borrowed: static tables of the commands */
	size_t n_columns;
	struct cell *cells;
	size_t n, size;
	bool failed; /* no memory for a cell */
};

/* The first LEN octets of TEXT, then TAIL. */
static void print_toned(
	FILE *f, const char *text, size_t len, const char *tail, enum cli_tone tone, bool colour)
{
	/* ECMA-48 section 8.3.117: numbers of the palette, which the user may have chosen. */
	static const char *const numbers[TONE_END] = {
		[TONE_GOOD] = "32",
		[TONE_WARNING] = "33",
		[TONE_BAD] = "31",
		[TONE_DIM] = "2",
		[TONE_TITLE] = "1",
	};

	if (colour && numbers[tone] && len > 0)
		fprintf(f, "\033[%sm%.*s%s\033[0m", numbers[tone], (int)len, text, tail);
	else
		fprintf(f, "%.*s%s", (int)len, text, tail);
}

void cli_print_toned(FILE *f, const char *text, enum cli_tone tone, bool colour)
{
	print_toned(f, text, strlen(text), "", tone, colour);
}

int cli_table_new(const struct cli_column *columns, size_t n_columns, struct cli_table **ret)
{
	struct cli_table *t = calloc(1, sizeof(*t));

	assert(n_columns > 0);
	if (!t)
		return -ENOMEM;
	t->columns = columns;
	t->n_columns = n_columns;
	*ret = t;
	return 0;
}

struct cli_table *cli_table_free(struct cli_table *t)
{
	if (!t)
		return NULL;
	for (size_t i = 0; i < t->n; i++)
		free(t->cells[i].text);
	free(t->cells);
	free(t);
	return NULL;
}

static int make_room(struct cli_table *t)
{
	size_t size = t->size ? 2 * t->size : 64;
	struct cell *cells;

	if (t->n < t->size)
		return 0;
	cells = reallocarray(t->cells, size, sizeof(*cells));
	if (!cells)
		return -ENOMEM;
	t->cells = cells;
	t->size = size;
	return 0;
}

void cli_table_add(struct cli_table *t, const char *text, enum cli_tone tone)
{
	char *copy = NULL;

	if (make_room(t) >= 0)
		copy = strdup(text);
	if (!copy) {
		t->failed = true;
		return;
	}
	t->cells[t->n++] = (struct cell){ .text = copy, .len = strlen(copy), .tone = tone };
}

void cli_table_addf(struct cli_table *t, enum cli_tone tone, const char *format, ...)
{
	char text[CELL_MAX];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	cli_table_add(t, text, tone);
}

/* ------------------------------------------------------------------ widths */

#define LEFT_OUT SIZE_MAX /* the width of a column that is not shown */

static void measure(const struct cli_table *t, bool header, size_t widths[])
{
	for (size_t c = 0; c < t->n_columns; c++)
		widths[c] = header ? strlen(t->columns[c].title) : 0;
	for (size_t i = 0; i < t->n; i++)
		if (t->cells[i].len > widths[i % t->n_columns])
			widths[i % t->n_columns] = t->cells[i].len;
}

static bool can_cut(const struct cli_column *column, size_t width)
{
	return column->cut > 0 && width != LEFT_OUT && width > column->cut;
}

/* The width of a line; the least that cutting can make of it when CUT. */
static size_t line_width(const struct cli_table *t, const size_t widths[], bool cut)
{
	size_t total = 0;

	for (size_t c = 0; c < t->n_columns; c++) {
		if (widths[c] == LEFT_OUT)
			continue;
		total += total > 0 ? GAP : 0;
		total += cut && can_cut(&t->columns[c], widths[c]) ? t->columns[c].cut : widths[c];
	}
	return total;
}

static void leave_out(const struct cli_table *t, size_t limit, size_t widths[])
{
	while (line_width(t, widths, true) > limit) {
		size_t worst = t->n_columns;

		for (size_t c = 0; c < t->n_columns; c++)
			if (t->columns[c].drop > 0 && widths[c] != LEFT_OUT &&
				(worst == t->n_columns ||
					t->columns[c].drop > t->columns[worst].drop))
				worst = c;
		if (worst == t->n_columns)
			return;
		widths[worst] = LEFT_OUT;
	}
}

/* Takes from the widest column that may be cut, one by one, until all fit. */
static void squeeze(const struct cli_table *t, size_t limit, size_t widths[])
{
	for (size_t total = line_width(t, widths, false); total > limit; total--) {
		size_t widest = t->n_columns;

		for (size_t c = 0; c < t->n_columns; c++)
			if (can_cut(&t->columns[c], widths[c]) &&
				(widest == t->n_columns || widths[c] >= widths[widest]))
				widest = c;
		if (widest == t->n_columns)
			return;
		widths[widest]--;
	}
}

/* ------------------------------------------------------------------ printing */

/* Blanks that are owed are printed before the next text, so that no line ends in them. */
static void print_cell(const struct cell *cell, const struct cli_column *column, size_t width,
	size_t *owed, const struct cli_look *look, FILE *f)
{
	size_t len = cell->len < width ? cell->len : width;

	if (width == LEFT_OUT)
		return;
	if (column->right)
		*owed += width - len;
	if (len > 0) {
		fprintf(f, "%*s", (int)*owed, "");
		*owed = 0;
		if (cell->len > width)
			print_toned(f, cell->text, width - strlen(CUT_MARK), CUT_MARK, cell->tone,
				look->colour);
		else
			cli_print_toned(f, cell->text, cell->tone, look->colour);
	}
	*owed += GAP + (column->right ? 0 : width - len);
}

static void print_header(
	const struct cli_table *t, const size_t widths[], const struct cli_look *look, FILE *f)
{
	size_t owed = 0;

	for (size_t c = 0; c < t->n_columns; c++) {
		const char *title = t->columns[c].title;
		struct cell cell = { .len = strlen(title), .tone = TONE_TITLE };

		cell.text = (char *)title;
		print_cell(&cell, &t->columns[c], widths[c], &owed, look, f);
	}
	putc('\n', f);
}

int cli_table_print(const struct cli_table *t, const struct cli_look *look, FILE *f)
{
	_cleanup_(freep) size_t *widths = calloc(t->n_columns, sizeof(*widths));
	size_t owed = 0;

	if (!widths || t->failed)
		return -ENOMEM;
	assert(t->n % t->n_columns == 0);
	measure(t, look->header, widths);
	if (look->width > 0) {
		leave_out(t, look->width, widths);
		squeeze(t, look->width, widths);
	}
	if (look->header)
		print_header(t, widths, look, f);
	for (size_t i = 0; i < t->n; i++) {
		size_t c = i % t->n_columns;

		print_cell(&t->cells[i], &t->columns[c], widths[c], &owed, look, f);
		if (c == t->n_columns - 1) {
			putc('\n', f);
			owed = 0;
		}
	}
	return 0;
}
