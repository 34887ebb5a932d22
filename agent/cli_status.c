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
#include "agent/cli_targets.h"
#include "agent/cli_view.h"
#include "common/util.h"

static const struct cli_command command = {
	.name = "status",
	.usage = "[NAME...]",
	.help = "Shows what the daemon knows of the targets, the worst first; of one alone all that\n"
		"it knows.\n"
		"\n"
		"      --failing      only those that are neither ok nor disabled\n"
		"\n"
		"Exit code, also with --failing of all of them: 0 all ok or disabled, 1 warning\n"
		"(atRisk, degraded), 2 critical (refused, unreachable), 3 unknown or none.\n",
	.names_max = UINT_MAX,
	.failing = true,
};

struct status {
	struct cli_view view;
	struct cli_targets targets;
};

/* ------------------------------------------------------------------ for a person */

static void print_totals(const struct status *s)
{
	const struct cli_targets *t = &s->targets;
	const char *separator = ": ";
	char age[CLI_WORD_SIZE];

	printf("%u target%s", t->total, t->total == 1 ? "" : "s");
	for (size_t i = 0; i < ARRAY_SIZE(cli_state_order); i++) {
		enum state state = cli_state_order[i];
		char word[TARGET_WORD_SIZE];

		if (t->totals[state] == 0)
			continue;
		fputs(separator, stdout);
		snprintf(word, sizeof(word), "%u %s", t->totals[state], state_label(state));
		cli_print_toned(stdout, word, cli_state_tone(state), s->view.look.colour);
		separator = ", ";
	}
	if (t->probe_time)
		printf("; latest probe %s ago", cli_age(&s->view, t->probe_time, age));
	if (t->stop_time)
		printf("; the daemon was stopped %s ago", cli_age(&s->view, t->stop_time, age));
	if (t->impaired)
		printf("; the agent is impaired");
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
	if (s->targets.n == 0)
		return 0;
	r = cli_table_new(columns, ARRAY_SIZE(columns), &t);
	if (r < 0)
		return r;
	for (size_t i = 0; i < s->targets.n; i++)
		add_row(t, &s->view, &s->targets.rows[i]);
	r = cli_table_print(t, &s->view.look, stdout);
	cli_table_free(t);
	return r;
}

/* ------------------------------------------------------------------ JSON */

static json_t *json_totals(const struct cli_targets *t)
{
	json_t *totals = json_pack("{s:I}", "total", (json_int_t)t->total);

	for (unsigned state = 1; state < STATE_END; state++)
		json_object_set_new(totals, state_label(state), json_integer(t->totals[state]));
	return totals;
}

static int print_json(const struct cli_targets *t)
{
	json_t *list = json_array(), *root;

	for (size_t i = 0; i < t->n; i++)
		if (json_array_append_new(list, target_json(&t->rows[i])) < 0) {
			json_decref(list);
			return -ENOMEM;
		}
	root = json_pack("{s:s, s:o, s:o, s:o, s:b, s:o}", "service",
		service_label(cli_targets_worst(t)), "totals", json_totals(t), "latest_probe",
		cli_json_time(t->probe_time), "daemon_stopped", cli_json_time(t->stop_time),
		"agent_impaired", t->impaired, "targets", list);
	return cli_print_json(root);
}

/* ------------------------------------------------------------------ the command */

static int print(struct status *s)
{
	if (s->view.n_names == 1 && s->targets.n == 1)
		return s->view.json ? target_print_json(&s->view, &s->targets.rows[0])
				    : target_print(&s->view, &s->targets.rows[0]);
	return s->view.json ? print_json(&s->targets) : print_table(s);
}

int cli_status(int argc, char **argv)
{
	struct status s = { 0 };
	const char *missing;
	int r;

	r = cli_view_begin(argc, argv, &command, &s.view);
	if (r >= 0)
		return r;
	r = cli_targets_load(&s.view, &s.targets);
	missing = r < 0 ? NULL : cli_targets_missing(&s.targets, &s.view);
	if (missing) {
		r = cli_view_no_target(&s.view, missing);
	} else {
		if (r >= 0)
			r = print(&s);
		r = cli_view_end(&s.view, r, (int)cli_targets_worst(&s.targets));
	}
	cli_targets_done(&s.targets);
	return r;
}
