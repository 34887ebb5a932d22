/* SPDX-License-Identifier: ISC */
/* A small plot of login times, made of characters. */
#include "agent/cli_plot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/cli_table.h"
#include "common/util.h"

enum {
	ROWS = 6,
	LEVELS = 8,  /* of one row: U+2581 to U+2588 */
	MARGIN = 12, /* "  1503.7 ms " */
};

/* A column of the plot. */
struct bar {
	uint32_t usec; /* the greatest */
	unsigned good, failed;
};

struct plot {
	const struct plot_look *look;
	FILE *f;
	struct bar bars[PLOT_WIDTH_MAX];
	size_t n_bars;
	size_t n_good, n_failed;
	uint32_t min, median, max; /* of the good ones */
};

static int compare_usec(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Least, middle and greatest of the logins that worked. */
static int rank(struct plot *p, const struct plot_point *points, size_t n)
{
	_cleanup_(freep) uint32_t *sorted = calloc(n, sizeof(*sorted));

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (!points[i].failed)
			sorted[p->n_good++] = points[i].usec;
	p->n_failed = n - p->n_good;
	if (p->n_good == 0)
		return 0;
	qsort(sorted, p->n_good, sizeof(*sorted), compare_usec);
	p->min = sorted[0];
	p->median = (uint32_t)(((uint64_t)sorted[(p->n_good - 1) / 2] + sorted[p->n_good / 2]) / 2);
	p->max = sorted[p->n_good - 1];
	return 0;
}

static void fill_bars(struct plot *p, const struct plot_point *points, size_t n)
{
	unsigned width = p->look->width;

	if (width < PLOT_WIDTH_MIN)
		width = PLOT_WIDTH_MIN;
	if (width > PLOT_WIDTH_MAX)
		width = PLOT_WIDTH_MAX;
	p->n_bars = n < width - MARGIN ? n : width - MARGIN;
	for (size_t i = 0; i < n; i++) {
		struct bar *bar = &p->bars[i * p->n_bars / n];

		if (points[i].failed) {
			bar->failed++;
			continue;
		}
		bar->good++;
		if (points[i].usec > bar->usec)
			bar->usec = points[i].usec;
	}
}

/* Height in levels; a login that worked is seen, however quick it was. */
static unsigned height(const struct plot *p, uint32_t usec)
{
	uint64_t top = ROWS * LEVELS, h = p->max ? (usec * top + p->max / 2) / p->max : top;

	return h > 0 ? (unsigned)h : 1;
}

/* What stands at the left of ROW (0 is the lowest): the figure whose bar ends there. */
static void print_label(const struct plot *p, unsigned row)
{
	const uint32_t figures[] = { p->max, p->median, p->min };

	for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
		if ((height(p, figures[i]) - 1) / LEVELS == row) {
			fprintf(p->f, "%8.1f ms ", (double)figures[i] / USEC_PER_MSEC);
			return;
		}
	fprintf(p->f, "%*s", MARGIN, "");
}

static void print_block(const struct plot *p, unsigned levels)
{
	static const char *const blocks[] = { " ", "\u2581", "\u2582", "\u2583", "\u2584", "\u2585",
		"\u2586", "\u2587", "\u2588" };
	static const char plain[] = " ...:::##";

	if (p->look->utf8)
		fputs(blocks[levels], p->f);
	else
		putc(plain[levels], p->f);
}

static void print_row(const struct plot *p, unsigned row)
{
	size_t end = 0;

	for (size_t i = 0; i < p->n_bars; i++)
		if (p->bars[i].good && height(p, p->bars[i].usec) > row * LEVELS)
			end = i + 1;
	print_label(p, row);
	for (size_t i = 0; i < end; i++) {
		unsigned h = p->bars[i].good ? height(p, p->bars[i].usec) : 0;

		h = h > row * LEVELS ? h - row * LEVELS : 0;
		print_block(p, h > LEVELS ? LEVELS : h);
	}
	putc('\n', p->f);
}

static void print_failures(const struct plot *p)
{
	size_t end = 0;

	for (size_t i = 0; i < p->n_bars; i++)
		if (p->bars[i].failed)
			end = i + 1;
	fprintf(p->f, "%*s", MARGIN, "    failed: ");
	for (size_t i = 0; i < end; i++) {
		const struct bar *bar = &p->bars[i];

		if (bar->failed)
			cli_print_toned(p->f, bar->good ? "!" : "x", TONE_BAD, p->look->colour);
		else
			putc(' ', p->f);
	}
	putc('\n', p->f);
}

static void format_time(uint64_t usec, char buffer[16])
{
	time_t seconds = (time_t)(usec / USEC_PER_SEC);
	struct tm tm;

	if (!localtime_r(&seconds, &tm) || strftime(buffer, 16, "%m-%d %H:%M", &tm) == 0)
		strcpy(buffer, "?");
}

/* Times at both ends; one alone when both would be the same. */
static void print_times(const struct plot *p, uint64_t from, uint64_t to)
{
	char first[16], last[16];
	int gap;

	format_time(from, first);
	format_time(to, last);
	fprintf(p->f, "%*s%s", MARGIN, "", first);
	gap = (int)p->n_bars - (int)strlen(first) - (int)strlen(last);
	if (strcmp(first, last) != 0)
		fprintf(p->f, "%*s%s", gap > 2 ? gap : 2, "", last);
	putc('\n', p->f);
}

static void print_summary(const struct plot *p)
{
	size_t n = p->n_good + p->n_failed;

	if (p->n_good == 0)
		fprintf(p->f, "no login worked: %zu of %zu probes failed\n", n, n);
	else
		fprintf(p->f,
			"login time: min %.1f ms, median %.1f ms, max %.1f ms; %zu of %zu probes failed\n",
			(double)p->min / USEC_PER_MSEC, (double)p->median / USEC_PER_MSEC,
			(double)p->max / USEC_PER_MSEC, p->n_failed, n);
}

int plot_print(const struct plot_point *points, size_t n, const struct plot_look *look, FILE *f)
{
	_cleanup_(freep) struct plot *p = calloc(1, sizeof(*p));
	int r;

	if (n == 0)
		return 0;
	if (!p)
		return -ENOMEM;
	p->look = look;
	p->f = f;
	r = rank(p, points, n);
	if (r < 0)
		return r;
	fill_bars(p, points, n);
	print_summary(p);
	for (unsigned row = ROWS; p->n_good > 0 && row-- > 0;)
		print_row(p, row);
	if (p->n_failed > 0)
		print_failures(p);
	print_times(p, points[0].time, points[n - 1].time);
	return 0;
}
