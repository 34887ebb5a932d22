/* SPDX-License-Identifier: ISC */
/* ftphealth history: the latest probes of a target, as a table and as a plot. */
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "agent/cli.h"
#include "agent/cli_plot.h"
#include "agent/cli_view.h"
#include "common/util.h"

static const struct cli_command command = {
	.name = "history",
	.usage = "NAME",
	.help = "Shows the latest probes of one target, the latest last, and a plot of the login\n"
		"time above them.\n"
		"\n"
		"  -n ROWS            at most so many (default 50; all with --since)\n"
		"      --since WHEN   not older than 90s, 1h, 2d, or since 2026-11-22[ 14:00]\n",
	.names_min = 1,
	.names_max = 1,
	.limit = true,
	.since = true,
	.rows = 50,
};

enum { PLOT_WIDTH = 80 }; /* in a pipe */

/* Of the probes as they come: rows for the table, points for the plot. */
struct history {
	struct cli_table *table;
	struct plot_point *points;
	size_t n, size;
};

static int add_point(struct history *h, const struct probe_record *p)
{
	if (h->n == h->size) {
		size_t size = h->size ? 2 * h->size : 64;
		struct plot_point *points = reallocarray(h->points, size, sizeof(*points));

		if (!points)
			return -ENOMEM;
		h->points = points;
		h->size = size;
	}
	h->points[h->n++] = (struct plot_point){
		.time = p->time, .usec = p->total_usec, .failed = p->outcome != OUTCOME_OK
	};
	return 0;
}

static int on_probe(void *userdata, const struct probe_record *p)
{
	struct history *h = userdata;
	struct cli_table *t = h->table;
	char word[CLI_WORD_SIZE];

	cli_table_add(t, cli_time(p->time, word), TONE_PLAIN);
	cli_table_add(
		t, cli_label(outcome_label(p->outcome)), cli_state_tone(outcome_state(p->outcome)));
	cli_table_add(t, cli_duration(p->total_usec, word), TONE_PLAIN);
	cli_table_add(t, cli_label(stage_label(p->stage)), TONE_PLAIN);
	cli_table_add(t, cli_label(state_label(p->state)), cli_state_tone(p->state));
	cli_add_code(t, p->reply_code);
	cli_table_add(t, cli_cause(p->diagnosis), TONE_PLAIN);
	cli_table_add(t, p->reply_text, TONE_PLAIN);
	return add_point(h, p);
}

/* Whether the locale of the user can show blocks. */
static bool is_utf8(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool utf8;

	if (!locale)
		return false;
	utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
	freelocale(locale);
	return utf8;
}

static int print(const struct cli_view *v, const struct history *h)
{
	struct plot_look look = {
		.width = v->look.width ? v->look.width : PLOT_WIDTH,
		.utf8 = is_utf8(),
		.colour = v->look.colour,
	};
	int r = 0;

	if (h->n == 0) {
		if (v->look.header)
			printf("%s: no probes kept%s\n", v->names[0],
				v->since ? " from that time" : " yet");
		return 0;
	}
	if (v->look.header) {
		r = plot_print(h->points, h->n, &look, stdout);
		putchar('\n');
	}
	return r < 0 ? r : cli_table_print(h->table, &v->look, stdout);
}

static int show(struct cli_view *v, const struct view_range *range)
{
	static const struct cli_column columns[] = {
		{ .title = "TIME" },
		{ .title = "OUTCOME" },
		{ .title = "TOOK", .right = true },
		{ .title = "STAGE", .drop = 3 },
		{ .title = "STATE" },
		{ .title = "CODE", .right = true, .drop = 1 },
		{ .title = "CAUSE", .cut = 12, .drop = 2 },
		{ .title = "TEXT", .cut = 24 },
	};
	struct history h = { 0 };
	int r;

	r = cli_table_new(columns, ARRAY_SIZE(columns), &h.table);
	if (r >= 0)
		r = store_view_history(v->store, range, on_probe, &h);
	if (r >= 0)
		r = print(v, &h);
	cli_table_free(h.table);
	free(h.points);
	return r;
}

/* ------------------------------------------------------------------ JSON */

static int on_json_probe(void *userdata, const struct probe_record *p)
{
	const struct diagnosis_info *info = diagnosis_info(p->diagnosis);
	json_t *object = json_pack("{s:I, s:o, s:o, s:o, s:I, s:i, s:s, s:o, s:o}", "number",
		(json_int_t)p->number, "time", cli_json_time(p->time), "outcome",
		cli_json_label(outcome_label(p->outcome)), "stage",
		cli_json_label(stage_label(p->stage)), "total_us", (json_int_t)p->total_usec,
		"reply_code", p->reply_code, "reply_text", p->reply_text, "state",
		cli_json_label(state_label(p->state)), "diagnosis",
		cli_json_label(info ? info->label : NULL));

	return json_array_append_new(userdata, object) < 0 ? -ENOMEM : 0;
}

static int show_json(struct cli_view *v, const struct view_range *range)
{
	json_t *list = json_array();
	int r;

	r = list ? store_view_history(v->store, range, on_json_probe, list) : -ENOMEM;
	if (r >= 0)
		return cli_print_json(list);
	json_decref(list);
	return r;
}

int cli_history(int argc, char **argv)
{
	struct view_range range = { 0 };
	struct cli_view v;
	int r;

	r = cli_view_begin(argc, argv, &command, &v);
	if (r < 0)
		r = cli_view_find(&v, v.names[0], &range.target);
	if (r >= 0)
		return r;
	range.since = v.since;
	range.rows = v.rows;
	r = v.json ? show_json(&v, &range) : show(&v, &range);
	return cli_view_end(&v, r, EX_OK);
}
