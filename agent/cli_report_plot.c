/* SPDX-License-Identifier: ISC */
/* The plot of a page: login times as bars, failures hatched, and under them the state. */
#include "agent/cli_report_plot.h"

#include <errno.h>
#include <stdlib.h>

#include "agent/html.h"
#include "common/util.h"

enum { COLUMNS_MAX = 240, HOLD_GAPS = 3 };

/* In units of the viewBox; the style sheet says how large it is shown. */
static const struct size {
	const char *name; /* class of the <svg> */
	unsigned columns;
	unsigned bars;   /* height of the greatest bar */
	unsigned gap;    /* between bars and state */
	unsigned states; /* height of the worst state */
} sizes[] = {
	[REPORT_CARD] = { "plot large", COLUMNS_MAX, 60, 4, 10 },
	[REPORT_ROW] = { "plot", 96, 18, 2, 6 },
};

/* Which states are worse, and how high each is drawn, in tenths: so that they are told apart by
 * those who see no colour. */
static const struct {
	unsigned severity, height;
} states[STATE_END] = {
	[STATE_OK] = { 1, 2 },
	[STATE_DEGRADED] = { 2, 4 },
	[STATE_AT_RISK] = { 3, 6 },
	[STATE_UNREACHABLE] = { 4, 10 },
	[STATE_REFUSED] = { 4, 10 },
	[STATE_UNKNOWN] = { 0, 1 },
	[STATE_DISABLED] = { 0, 1 },
};

struct column {
	uint32_t usec;
	bool good, failed;
	enum state state; /* 0 = there is none */
};

struct plot {
	FILE *f;
	const struct report_frame *frame;
	const struct size *size;
	uint32_t max_usec;
	struct column columns[COLUMNS_MAX];
};

/* ------------------------------------------------------------------ figures */

static int compare_usec(const void *x, const void *y)
{
	const uint64_t *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

int report_figures(const struct report_point *points, size_t n, struct report_figures *ret)
{
	_cleanup_(freep) uint64_t *sorted = calloc(n + 1, sizeof(*sorted));
	size_t good = 0;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (!points[i].failed)
			sorted[good++] = points[i].usec;
	*ret = (struct report_figures){ .n = n, .failed = n - good };
	if (good == 0)
		return 0;
	qsort(sorted, good, sizeof(*sorted), compare_usec);
	ret->median_usec = (uint32_t)((sorted[(good - 1) / 2] + sorted[good / 2]) / 2);
	ret->max_usec = (uint32_t)sorted[good - 1];
	return 0;
}

const char *report_duration(uint32_t usec, char buffer[REPORT_DURATION_SIZE])
{
	bool is_long = usec >= 10 * USEC_PER_SEC;

	snprintf(buffer, REPORT_DURATION_SIZE, is_long ? "%.1f s" : "%.1f ms",
		(double)usec / (is_long ? USEC_PER_SEC : USEC_PER_MSEC));
	return buffer;
}

/* For how long a probe counts when none follows. Time may go back: the clock was set. */
static int find_hold(const struct report_point *points, size_t n, uint64_t *ret_usec)
{
	_cleanup_(freep) uint64_t *gaps = calloc(n, sizeof(*gaps));

	if (!gaps)
		return -ENOMEM;
	for (size_t i = 1; i < n; i++)
		if (points[i].time > points[i - 1].time)
			gaps[i - 1] = points[i].time - points[i - 1].time;
	qsort(gaps, n - 1, sizeof(*gaps), compare_usec);
	*ret_usec = n > 1 ? HOLD_GAPS * gaps[(n - 1) / 2] : 0;
	return 0;
}

/* ------------------------------------------------------------------ columns */

static unsigned column_of(const struct plot *p, uint64_t time)
{
	uint64_t width = p->frame->to - p->frame->from;

	return (unsigned)((time - p->frame->from) * p->size->columns / width);
}

static void add_point(struct plot *p, const struct report_point *point, uint64_t end)
{
	unsigned first = column_of(p, point->time), last;

	last = column_of(p, end);
	for (unsigned x = first; x < p->size->columns && (x == first || x < last); x++) {
		struct column *c = &p->columns[x];

		if (point->failed)
			c->failed = true;
		else if (!c->good || point->usec > c->usec)
			c->usec = point->usec;
		c->good = c->good || !point->failed;
		if (c->state == 0 || states[point->state].severity >= states[c->state].severity)
			c->state = point->state;
	}
}

static int fill(struct plot *p, const struct report_point *points, size_t n)
{
	uint64_t hold;
	int r = find_hold(points, n, &hold);

	for (size_t i = 0; r >= 0 && i < n; i++) {
		uint64_t time = points[i].time, end = p->frame->to;

		if (time < p->frame->from || time >= p->frame->to)
			continue;
		if (hold < end - time)
			end = time + hold;
		if (i + 1 < n && points[i + 1].time >= time && points[i + 1].time < end)
			end = points[i + 1].time;
		add_point(p, &points[i], end);
	}
	return r;
}

/* ------------------------------------------------------------------ paths */

/* Height of the bar in column X; a login that worked is seen, however quick it was. */
static int bar_height(const struct plot *p, unsigned x)
{
	const struct column *c = &p->columns[x];
	uint64_t top = p->size->bars, h;

	if (x == p->size->columns || !c->good)
		return 0;
	h = p->max_usec ? (c->usec * top + p->max_usec / 2) / p->max_usec : 1;
	return h > 0 ? (int)h : 1;
}

/* The outline of neighbouring bars. */
static void print_bars(const struct plot *p)
{
	unsigned since = 0;
	int before = 0;
	bool any = false;

	for (unsigned x = 0; x <= p->size->columns; x++) {
		int height = bar_height(p, x);

		if (height == before)
			continue;
		if (before == 0)
			html_print(p->f, any ? "M%u,%u" : "<path class=\"bar\" d=\"M%u,%u", x,
				p->size->bars);
		else
			html_print(p->f, "h%u", x - since);
		html_print(p->f, height == 0 ? "v%dz" : "v%d", before - height);
		before = height;
		since = x;
		any = true;
	}
	if (any)
		html_print(p->f, "\"/>");
}

/* Rectangles of HEIGHT, standing on BASE, where WANTED is true; as a path of class NAME. */
struct strip {
	const char *name;
	unsigned base, height;
	bool (*is_wanted)(const struct column *c, enum state state);
	enum state state;
};

static void print_strip(const struct plot *p, const struct strip *s)
{
	bool any = false;

	for (unsigned x = 0, end; x < p->size->columns; x = end) {
		end = x + 1;
		if (!s->is_wanted(&p->columns[x], s->state))
			continue;
		while (end < p->size->columns && s->is_wanted(&p->columns[end], s->state))
			end++;
		if (!any)
			html_print(p->f, "<path class=\"%s\" d=\"", s->name);
		html_print(p->f, "M%u,%uv-%uh%uv%uz", x, s->base, s->height, end - x, s->height);
		any = true;
	}
	if (any)
		html_print(p->f, "\"/>");
}

static bool is_failed(const struct column *c, enum state state)
{
	return c->failed;
}

static bool is_in_state(const struct column *c, enum state state)
{
	return c->state == state;
}

static void print_states(const struct plot *p)
{
	for (unsigned state = 1; state < STATE_END; state++) {
		unsigned height = states[state].height * p->size->states / 10;

		print_strip(p,
			&(struct strip){ .name = state_label(state),
				.base = p->size->bars + p->size->gap + p->size->states,
				.height = height ? height : 1,
				.is_wanted = is_in_state,
				.state = (enum state)state });
	}
}

static void print_title(const struct plot *p, const struct report_figures *g)
{
	char median[REPORT_DURATION_SIZE], longest[REPORT_DURATION_SIZE];

	html_print(p->f, "<title>Login time and state in %s: ", p->frame->period);
	if (g->n == g->failed)
		html_print(p->f, "no login worked, %u probes failed", (unsigned)g->failed);
	else
		html_print(p->f, "median %s, longest %s, %u of %u probes failed",
			report_duration(g->median_usec, median),
			report_duration(g->max_usec, longest), (unsigned)g->failed, (unsigned)g->n);
	html_print(p->f, "</title>");
}

int report_plot_print(FILE *f, const struct report_frame *frame, const struct report_point *points,
	size_t n, const struct report_figures *figures)
{
	const struct size *size = &sizes[frame->size];
	struct plot p = { .f = f, .frame = frame, .size = size, .max_usec = figures->max_usec };
	int r;

	if (n == 0)
		return 0;
	r = fill(&p, points, n);
	if (r < 0)
		return r;
	html_print(f,
		"<svg class=\"%s\" role=\"img\" viewBox=\"0 0 %u %u\" preserveAspectRatio=\"none\">",
		size->name, size->columns, size->bars + size->gap + size->states);
	print_title(&p, figures);
	print_strip(&p,
		&(struct strip){ .name = "failed",
			.base = size->bars,
			.height = size->bars,
			.is_wanted = is_failed });
	print_bars(&p);
	print_states(&p);
	html_print(f, "</svg>");
	return 0;
}

void report_print_swatch(FILE *f, enum state state)
{
	const unsigned width = 24, height = 14, h = states[state].height;

	html_print(f,
		"<svg class=\"plot\" viewBox=\"0 0 %u %u\" aria-hidden=\"true\">"
		"<path class=\"%s\" d=\"M0,%uv-%uh%uv%uz\"/></svg>",
		width, height, state_label(state), height, h, width, h);
}
