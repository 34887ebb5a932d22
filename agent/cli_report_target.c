/* SPDX-License-Identifier: ISC */
/* One target on the page: in full, or as a row. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/cli_report.h"
#include "agent/cli_target.h"
#include "agent/html.h"
#include "common/util.h"

/* ------------------------------------------------------------------ history */

static int on_probe(void *userdata, const struct probe_record *p)
{
	struct report *r = userdata;

	if (r->n == r->size) {
		size_t size = r->size ? 2 * r->size : 512;
		struct report_point *points = reallocarray(r->points, size, sizeof(*points));

		if (!points)
			return -ENOMEM;
		r->points = points;
		r->size = size;
	}
	r->points[r->n++] = (struct report_point){ .time = p->time,
		.usec = p->total_usec,
		.failed = p->outcome != OUTCOME_OK,
		.state = p->state };
	return 0;
}

/* Reads the probes of target I that are not older than AGE. */
static int load_points(struct report *r, size_t i, uint64_t age)
{
	const struct view_range range = { .target = r->targets.rows[i].state.target,
		.since = r->view->now > age ? r->view->now - age : 1,
		.rows = UINT32_MAX };

	r->n = 0;
	return store_view_history(r->view->store, &range, on_probe, r);
}

bool report_has_plot(const struct report *r, size_t i)
{
	return i < REPORT_PLOTS_MAX && r->window_usec > 0;
}

int report_choose_window(struct report *r)
{
	static const struct {
		unsigned minutes;
		const char *words;
	} windows[] = { { 15, "the last 15 minutes" }, { 60, "the last hour" },
		{ 180, "the last 3 hours" }, { 360, "the last 6 hours" },
		{ 720, "the last 12 hours" }, { 1440, "the last day" } };
	const size_t last = ARRAY_SIZE(windows) - 1;
	uint64_t now = r->view->now, oldest = now;
	bool any = false;
	size_t w = 0;
	int e = 0;

	for (size_t i = 0; e >= 0 && i < r->targets.n && i < REPORT_PLOTS_MAX; i++) {
		e = load_points(r, i, windows[last].minutes * 60 * USEC_PER_SEC);
		any = any || r->n > 0;
		if (e >= 0 && r->n > 0 && r->points[0].time < oldest)
			oldest = r->points[0].time;
	}
	while (w < last && now - oldest > windows[w].minutes * 60 * USEC_PER_SEC)
		w++;
	r->window_usec = any ? windows[w].minutes * 60 * USEC_PER_SEC : 0;
	r->period = windows[w].words;
	return e;
}

/* ------------------------------------------------------------------ plots */

static int print_plot(struct report *r, enum report_size size, const struct report_figures *g)
{
	const struct report_frame frame = { .size = size,
		.from = r->view->now - r->window_usec,
		.to = r->view->now,
		.period = r->period };

	return report_plot_print(r->f, &frame, r->points, r->n, g);
}

static void print_caption(const struct report *r, const struct report_figures *g)
{
	char from[CLI_WORD_SIZE], median[REPORT_DURATION_SIZE], longest[REPORT_DURATION_SIZE];

	cli_time(r->view->now - r->window_usec, from);
	from[strlen("2026-11-22 14:00")] = '\0';
	html_print(r->f, "<figcaption><span>%s</span><span>now</span><b>",
		from + strlen("2026-11-22 "));
	if (g->n == g->failed)
		html_print(r->f, "No login worked: %u of %u probes failed", (unsigned)g->failed,
			(unsigned)g->n);
	else
		html_print(r->f, "Login time: median %s, longest %s; %u of %u probes failed",
			report_duration(g->median_usec, median),
			report_duration(g->max_usec, longest), (unsigned)g->failed, (unsigned)g->n);
	html_print(r->f, "</b></figcaption>");
}

static int print_figure(struct report *r, size_t i)
{
	struct report_figures g;
	int e;

	if (!report_has_plot(r, i))
		return 0;
	e = load_points(r, i, r->window_usec);
	if (e >= 0)
		e = report_figures(r->points, r->n, &g);
	if (e < 0)
		return e;
	html_print(r->f, "<figure>");
	if (r->n == 0) {
		html_print(r->f, "<figcaption><span>No probe of %s is kept.</span></figcaption>",
			r->period);
	} else {
		e = print_plot(r, REPORT_CARD, &g);
		print_caption(r, &g);
	}
	html_print(r->f, "</figure>\n");
	return e;
}

/* ------------------------------------------------------------------ words */

void report_print_shape(FILE *f, enum state state)
{
	html_print(f,
		"<svg class=\"shape %s\" aria-hidden=\"true\"><use href=\"#shape-%s\"/></svg>",
		state_label(state), state_label(state));
}

void report_print_time(const struct report *r, uint64_t time, bool with_age)
{
	char utc[CLI_WORD_SIZE], local[CLI_WORD_SIZE], age[CLI_WORD_SIZE];
	time_t seconds = (time_t)(time / USEC_PER_SEC);
	struct tm tm;

	if (time == 0 || !gmtime_r(&seconds, &tm) ||
		strftime(utc, sizeof(utc), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0) {
		html_print(r->f, "never");
		return;
	}
	html_print(r->f, "<time datetime=\"%s\">%s</time>", utc, cli_time(time, local));
	if (with_age)
		html_print(r->f, " <small>%s ago</small>", cli_age(r->view, time, age));
}

/* The name as a heading has it, and what limits the state. */
static void print_name(const struct report *r, const struct view_target *t)
{
	char place[RECORD_HOST_MAX + 16];

	html_print(r->f, "%s <small>%s</small>", t->name, target_place(t, place, sizeof(place)));
	if (t->state.flapping)
		html_print(r->f, " <small class=\"flag\">flapping</small>");
	if (t->state.admin == ADMIN_MAINTENANCE)
		html_print(r->f, " <small class=\"flag\">in maintenance</small>");
}

/* What the server said, or what happened when it said nothing. */
static void print_reply(const struct report *r, const struct state_record *s)
{
	if (s->reply_code != 0)
		html_print(r->f, "<code>%d %s</code>", s->reply_code, s->reply_text);
	else if (s->outcome != 0 && s->outcome != OUTCOME_OK)
		html_print(r->f, "none: %s", outcome_label(s->outcome));
	else
		html_print(r->f, "none");
}

/* ------------------------------------------------------------------ in full */

static void print_facts(const struct report *r, const struct view_target *t)
{
	const struct state_record *s = &t->state;
	const struct diagnosis_info *info = diagnosis_info(s->diagnosis);
	FILE *f = r->f;

	html_print(f, "<dl>\n");
	if (info && s->diagnosis != DIAG_NONE) {
		html_print(f,
			"<dt>Cause</dt><dd>%s <small><code>%s</code>, %u %% sure</small></dd>\n",
			info->text, info->label, s->confidence);
		if (*info->remedy)
			html_print(f, "<dt>Remedy</dt><dd>%s</dd>\n", info->remedy);
		if (*info->reference)
			html_print(f, "<dt>Reference</dt><dd>%s</dd>\n", info->reference);
	} else {
		html_print(f, "<dt>Cause</dt><dd>none is known</dd>\n");
	}
	html_print(f, "<dt>Reply</dt><dd class=\"quote\">");
	print_reply(r, s);
	html_print(f, "</dd>\n<dt>Since</dt><dd>");
	report_print_time(r, s->since, true);
	html_print(f, "</dd>\n");
	if (s->outcome != OUTCOME_OK) {
		html_print(f, "<dt>Last login</dt><dd>");
		report_print_time(r, s->ok_time, s->ok_time != 0);
		html_print(f, "</dd>\n");
	}
	html_print(f, "</dl>\n");
}

int report_print_card(struct report *r, size_t i)
{
	const struct view_target *t = &r->targets.rows[i];
	int e;

	html_print(r->f, "<article class=\"card %s\">\n<h3>", state_label(t->state.state));
	report_print_shape(r->f, t->state.state);
	html_print(r->f, " ");
	print_name(r, t);
	html_print(r->f, "</h3>\n");
	print_facts(r, t);
	e = print_figure(r, i);
	html_print(r->f, "</article>\n");
	return e;
}

/* ------------------------------------------------------------------ as a row */

bool report_is_trouble(enum state state)
{
	return state_service(state) == SERVICE_CRITICAL || state_service(state) == SERVICE_WARNING;
}

static int print_picture(struct report *r, size_t i)
{
	struct report_figures g;
	int e = load_points(r, i, r->window_usec);

	if (e >= 0)
		e = report_figures(r->points, r->n, &g);
	if (e < 0)
		return e;
	html_print(r->f, "<td class=\"picture\">");
	e = print_plot(r, REPORT_ROW, &g);
	html_print(r->f, "</td>");
	return e;
}

int report_print_row(struct report *r, size_t i)
{
	const struct view_target *t = &r->targets.rows[i];
	const struct state_record *s = &t->state;
	char age[CLI_WORD_SIZE], took[REPORT_DURATION_SIZE];
	int e = 0;

	html_print(r->f, "<tr><th scope=\"row\">");
	print_name(r, t);
	html_print(r->f, "</th><td class=\"number\">%s</td>", cli_age(r->view, s->since, age));
	if (report_is_trouble(s->state)) {
		html_print(r->f, "<td>%s</td><td>", cli_cause(s->diagnosis));
		print_reply(r, s);
		html_print(r->f, "</td>");
	} else {
		html_print(r->f, "<td class=\"number\">%s</td>",
			s->outcome == OUTCOME_OK ? report_duration(s->total_usec, took) : "-");
	}
	if (report_has_plot(r, i))
		e = print_picture(r, i);
	html_print(r->f, "</tr>\n");
	return e;
}
