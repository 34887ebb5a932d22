/* SPDX-License-Identifier: ISC */
/* ftphealth status: the present state of the targets. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "agent/cli.h"
#include "agent/cli_target.h"
#include "agent/cli_view.h"
#include "common/util.h"

static const struct cli_command command = {
	.name = "status",
	.usage = "[NAME...]",
	.help = "Shows what the daemon knows of the targets, the worst first; of one alone all that\n"
		"it knows.\n"
		"\n"
		"      --failing      only those that are not ok\n"
		"\n"
		"Exit code, of the targets shown: 0 all ok or disabled, 1 warning (atRisk, degraded),\n"
		"2 critical (refused, unreachable), 3 unknown or none.\n",
	.names_max = UINT_MAX,
	.failing = true,
};

struct status {
	struct cli_view view;
	struct view_target *rows; /* those that are shown */
	size_t n, size;
	bool *seen;                 /* of the names asked for */
	unsigned totals[STATE_END]; /* of those asked for, shown or not */
	unsigned total;
	uint64_t probe_time; /* of the latest probe of any */
	uint64_t stop_time;  /* when the daemon was stopped; 0 = it was not, or was killed */
};

/* States from bad to good; also the order of the table. */
static const enum state order[] = { STATE_REFUSED, STATE_UNREACHABLE, STATE_AT_RISK, STATE_DEGRADED,
	STATE_UNKNOWN, STATE_OK, STATE_DISABLED };

/* ------------------------------------------------------------------ reading */

static bool is_wanted(struct status *s, const char *name)
{
	bool wanted = s->view.n_names == 0;

	for (size_t i = 0; i < s->view.n_names; i++)
		if (strcmp(s->view.names[i], name) == 0)
			wanted = s->seen[i] = true;
	return wanted;
}

static int on_target(void *userdata, const struct view_target *t)
{
	struct status *s = userdata;

	if (!is_wanted(s, t->name))
		return 0;
	s->totals[t->state.state]++;
	s->total++;
	if (t->state.probe_time > s->probe_time)
		s->probe_time = t->state.probe_time;
	if (s->view.failing && (t->state.state == STATE_OK || t->state.state == STATE_DISABLED))
		return 0;
	if (s->n == s->size) {
		size_t size = s->size ? 2 * s->size : 64;
		struct view_target *rows = reallocarray(s->rows, size, sizeof(*rows));

		if (!rows)
			return -ENOMEM;
		s->rows = rows;
		s->size = size;
	}
	s->rows[s->n++] = *t;
	return 0;
}

static unsigned rank(enum state state)
{
	unsigned i = 0;

	while (order[i] != state)
		i++;
	return i;
}

static int compare_rows(const void *x, const void *y)
{
	const struct view_target *a = x, *b = y;
	unsigned a_rank = rank(a->state.state), b_rank = rank(b->state.state);

	if (a_rank != b_rank)
		return a_rank < b_rank ? -1 : 1;
	return strcmp(a->name, b->name);
}

static int on_last_event(void *userdata, const struct event_record *e)
{
	struct status *s = userdata;

	s->stop_time = e->event.kind == EVENT_AGENT_STOPPING ? e->time : 0;
	return 0;
}

static int load(struct status *s)
{
	const struct view_range last = { .rows = 1 };
	int r;

	s->seen = calloc(s->view.n_names + 1, sizeof(*s->seen));
	if (!s->seen)
		return -ENOMEM;
	r = store_view_targets(s->view.store, 0, on_target, s);
	if (r >= 0 && s->n > 1)
		qsort(s->rows, s->n, sizeof(*s->rows), compare_rows);
	return r < 0 ? r : store_view_events(s->view.store, &last, on_last_event, s);
}

/* The worst service of all; the scale of ftpAuthAgentService, where the disabled do not count. */
static enum service worst(const struct status *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		if (s->totals[order[i]] > 0 && order[i] != STATE_DISABLED)
			return state_service(order[i]);
	return s->total > 0 ? SERVICE_OK : SERVICE_UNKNOWN;
}

/* ------------------------------------------------------------------ for a person */

static void print_totals(const struct status *s)
{
	const char *separator = ": ";
	char age[CLI_WORD_SIZE];

	printf("%u target%s", s->total, s->total == 1 ? "" : "s");
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		char word[TARGET_WORD_SIZE];

		if (s->totals[order[i]] == 0)
			continue;
		fputs(separator, stdout);
		snprintf(word, sizeof(word), "%u %s", s->totals[order[i]], state_label(order[i]));
		cli_print_toned(stdout, word, cli_state_tone(order[i]), s->view.look.colour);
		separator = ", ";
	}
	if (s->probe_time)
		printf("; latest probe %s ago", cli_age(&s->view, s->probe_time, age));
	if (s->stop_time)
		printf("; the daemon was stopped %s ago", cli_age(&s->view, s->stop_time, age));
	putchar('\n');
}

/* What there is to say beside the code: the server's words, or what happened when it said none. */
static const char *words(const struct state_record *s)
{
	if (*s->reply_text)
		return s->reply_text;
	return s->outcome == OUTCOME_OK ? "" : cli_label(outcome_label(s->outcome));
}

static void add_row(struct cli_table *t, const struct cli_view *v, const struct view_target *row)
{
	const struct state_record *s = &row->state;
	const char *cause = cli_cause(s->diagnosis);
	char word[TARGET_WORD_SIZE], text[CLI_WORD_SIZE];

	cli_table_add(t, row->name, TONE_PLAIN);
	cli_table_add(t, target_word(row, word), cli_state_tone(s->state));
	cli_table_add(t, cli_age(v, s->since, text), TONE_PLAIN);
	cli_add_code(t, s->reply_code);
	cli_table_add(t, s->outcome ? cli_duration(s->total_usec, text) : "-", TONE_PLAIN);
	cli_table_add(t, cli_age(v, s->probe_time, text), TONE_PLAIN);
	if (strcmp(cause, "-") == 0)
		cli_table_add(t, cause, TONE_PLAIN);
	else
		cli_table_addf(t, TONE_PLAIN, "%s,%u%%", cause, s->confidence);
	cli_table_add(t, words(s), TONE_PLAIN);
}

static int print_table(const struct status *s)
{
	static const struct cli_column columns[] = {
		{ .title = "NAME", .cut = 8 },
		{ .title = "STATE" },
		{ .title = "SINCE", .right = true },
		{ .title = "CODE", .right = true, .drop = 1 },
		{ .title = "TIME", .right = true, .drop = 4 },
		{ .title = "LAST-PROBE", .right = true, .drop = 3 },
		{ .title = "CAUSE", .cut = 12, .drop = 2 },
		{ .title = "TEXT", .cut = 24 },
	};
	struct cli_table *t;
	int r;

	if (s->view.look.header)
		print_totals(s);
	if (s->n == 0)
		return 0;
	r = cli_table_new(columns, ARRAY_SIZE(columns), &t);
	if (r < 0)
		return r;
	for (size_t i = 0; i < s->n; i++)
		add_row(t, &s->view, &s->rows[i]);
	r = cli_table_print(t, &s->view.look, stdout);
	cli_table_free(t);
	return r;
}

/* ------------------------------------------------------------------ JSON */

static json_t *json_totals(const struct status *s)
{
	json_t *totals = json_pack("{s:I}", "total", (json_int_t)s->total);

	for (unsigned state = 1; state < STATE_END; state++)
		json_object_set_new(totals, state_label(state), json_integer(s->totals[state]));
	return totals;
}

static int print_json(const struct status *s)
{
	json_t *list = json_array(), *root;

	for (size_t i = 0; i < s->n; i++)
		if (json_array_append_new(list, target_json(&s->rows[i])) < 0) {
			json_decref(list);
			return -ENOMEM;
		}
	root = json_pack("{s:s, s:o, s:o, s:o, s:o}", "service", service_label(worst(s)), "totals",
		json_totals(s), "latest_probe", cli_json_time(s->probe_time), "daemon_stopped",
		cli_json_time(s->stop_time), "targets", list);
	return cli_print_json(root);
}

/* ------------------------------------------------------------------ the command */

/* The first name that is not a target of now, or NULL. */
static const char *missing(const struct status *s)
{
	for (size_t i = 0; i < s->view.n_names; i++)
		if (!s->seen[i])
			return s->view.names[i];
	return NULL;
}

static int print(struct status *s)
{
	if (s->view.n_names == 1 && s->n == 1)
		return s->view.json ? target_print_json(&s->view, &s->rows[0])
				    : target_print(&s->view, &s->rows[0]);
	return s->view.json ? print_json(s) : print_table(s);
}

int cli_status(int argc, char **argv)
{
	struct status s = { 0 };
	int r;

	r = cli_view_begin(argc, argv, &command, &s.view);
	if (r >= 0)
		return r;
	r = load(&s);
	if (r >= 0 && missing(&s)) {
		r = cli_view_no_target(&s.view, missing(&s));
	} else {
		if (r >= 0)
			r = print(&s);
		r = cli_view_end(&s.view, r, (int)worst(&s));
	}
	free(s.seen);
	free(s.rows);
	return r;
}
