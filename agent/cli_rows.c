/* SPDX-License-Identifier: ISC */
/* Alarms and events as `alarms`, `events` and `status NAME` print them. */
#include "agent/cli_rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/mib.h"
#include "common/util.h"

/* ------------------------------------------------------------------ alarms */

static int on_alarm(void *userdata, const struct alarm_record *a)
{
	struct alarm_rows *rows = userdata;

	if (rows->n == rows->size) {
		size_t size = rows->size ? 2 * rows->size : 16;
		struct alarm_record *list = reallocarray(rows->rows, size, sizeof(*list));

		if (!list)
			return -ENOMEM;
		rows->rows = list;
		rows->size = size;
	}
	rows->rows[rows->n++] = *a;
	return 0;
}

static int compare_alarms(const void *x, const void *y)
{
	const struct alarm_record *a = x, *b = y;

	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	return (a->alarm > b->alarm) - (a->alarm < b->alarm);
}

DEFINE_CLEANUP(struct alarm_rows *, alarm_rows_free)

int alarm_rows_load(struct store_view *store, uint32_t target, struct alarm_rows **ret)
{
	_cleanup_(alarm_rows_freep) struct alarm_rows *rows = calloc(1, sizeof(*rows));
	int r;

	if (!rows)
		return -ENOMEM;
	r = store_view_alarms(store, target, on_alarm, rows);
	if (r < 0)
		return r;
	if (rows->n > 1)
		qsort(rows->rows, rows->n, sizeof(*rows->rows), compare_alarms);
	*ret = TAKE_PTR(rows);
	return 0;
}

struct alarm_rows *alarm_rows_free(struct alarm_rows *rows)
{
	if (!rows)
		return NULL;
	free(rows->rows);
	free(rows);
	return NULL;
}

/* What an alarm or event is about, when it is not about a target. */
static const char *subject(uint32_t target, const char *name)
{
	return target == 0 && !*name ? "(agent)" : name;
}

int alarm_rows_print(const struct cli_view *v, const struct alarm_rows *rows)
{
	static const struct cli_column columns[] = {
		{ .title = "ALARM", .right = true },
		{ .title = "SEVERITY" },
		{ .title = "NAME", .cut = 8 },
		{ .title = "KIND" },
		{ .title = "SINCE", .right = true },
		{ .title = "CODE", .right = true, .drop = 1 },
		{ .title = "CAUSE", .cut = 12, .drop = 2 },
		{ .title = "TOLD", .drop = 3 },
		{ .title = "TEXT", .cut = 24 },
	};
	struct cli_table *t;
	char age[CLI_WORD_SIZE];
	int r;

	r = cli_table_new(columns, ARRAY_SIZE(columns), &t);
	for (size_t i = 0; r >= 0 && i < rows->n; i++) {
		const struct alarm_record *a = &rows->rows[i];

		cli_table_addf(t, TONE_PLAIN, "%u", a->alarm);
		cli_table_add(
			t, cli_label(severity_label(a->severity)), cli_severity_tone(a->severity));
		cli_table_add(t, subject(a->target, a->name), TONE_PLAIN);
		cli_table_add(t, cli_label(cli_alarm_label(a->kind)), TONE_PLAIN);
		cli_table_add(t, cli_age(v, a->time, age), TONE_PLAIN);
		cli_add_code(t, a->reply_code);
		cli_table_add(t, cli_cause(a->diagnosis), TONE_PLAIN);
		cli_table_add(t, a->told ? "yes" : "no", TONE_PLAIN);
		cli_table_add(t, a->text, TONE_PLAIN);
	}
	if (r >= 0)
		r = cli_table_print(t, &v->look, stdout);
	cli_table_free(t);
	return r;
}

static json_t *json_alarm(const struct alarm_record *a)
{
	const struct diagnosis_info *info = diagnosis_info(a->diagnosis);

	return json_pack("{s:I, s:o, s:o, s:o, s:s, s:o, s:i, s:o, s:s, s:s, s:b}", "alarm",
		(json_int_t)a->alarm, "kind", cli_json_label(cli_alarm_label(a->kind)), "severity",
		cli_json_label(severity_label(a->severity)), "target", cli_json_number(a->target),
		"name", a->name, "raised", cli_json_time(a->time), "reply_code", a->reply_code,
		"diagnosis", cli_json_label(info ? info->label : NULL), "text", a->text, "remedy",
		a->remedy, "told", a->told);
}

json_t *alarm_rows_json(const struct alarm_rows *rows)
{
	json_t *list = json_array();

	for (size_t i = 0; i < rows->n; i++)
		if (json_array_append_new(list, json_alarm(&rows->rows[i])) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

/* ------------------------------------------------------------------ events */

static int on_event(void *userdata, const struct event_record *e)
{
	struct cli_table *t = userdata;
	char word[CLI_WORD_SIZE];

	cli_table_addf(t, TONE_PLAIN, "%u", e->event.sequence);
	cli_table_add(t, cli_time(e->time, word), TONE_PLAIN);
	cli_table_add(t, cli_label(severity_label(e->event.severity)),
		cli_severity_tone(e->event.severity));
	cli_table_add(t, subject(e->target, e->name), TONE_PLAIN);
	cli_table_add(t, cli_label(cli_event_label(e->event.kind, word)), TONE_PLAIN);
	if (e->event.alarm != 0)
		cli_table_addf(t, TONE_PLAIN, "%u", e->event.alarm);
	else
		cli_table_add(t, "-", TONE_PLAIN);
	cli_add_code(t, e->reply_code);
	cli_table_add(t, cli_cause(e->diagnosis), TONE_PLAIN);
	cli_table_add(t, e->sent ? "yes" : "no", TONE_PLAIN);
	cli_table_add(t, e->text, TONE_PLAIN);
	return 0;
}

int event_rows_print(struct cli_view *v, const struct view_range *range)
{
	static const struct cli_column columns[] = {
		{ .title = "EVENT", .right = true },
		{ .title = "TIME" },
		{ .title = "SEVERITY", .drop = 1 },
		{ .title = "NAME", .cut = 8 },
		{ .title = "KIND" },
		{ .title = "ALARM", .right = true, .drop = 4 },
		{ .title = "CODE", .right = true, .drop = 2 },
		{ .title = "CAUSE", .cut = 12, .drop = 5 },
		{ .title = "SENT", .drop = 3 },
		{ .title = "TEXT", .cut = 24 },
	};
	struct cli_table *t;
	int r;

	r = cli_table_new(columns, ARRAY_SIZE(columns), &t);
	if (r < 0)
		return r;
	r = store_view_events(v->store, range, on_event, t);
	if (r >= 0)
		r = cli_table_print(t, &v->look, stdout);
	cli_table_free(t);
	return r;
}

static int on_json_event(void *userdata, const struct event_record *e)
{
	const struct diagnosis_info *info = diagnosis_info(e->diagnosis);
	const char *name = NULL;
	json_t *object;

	if ((unsigned)e->event.kind < EVENT_END)
		name = mib_notification(e->event.kind)->name;
	object = json_pack("{s:I, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:i, s:o, s:s, s:b}",
		"sequence", (json_int_t)e->event.sequence, "time", cli_json_time(e->time),
		"notification", cli_json_label(name), "severity",
		cli_json_label(severity_label(e->event.severity)), "target",
		cli_json_number(e->target), "name", e->name, "from",
		cli_json_label(state_label(e->event.from)), "to",
		cli_json_label(state_label(e->event.to)), "alarm", cli_json_number(e->event.alarm),
		"reply_code", e->reply_code, "diagnosis", cli_json_label(info ? info->label : NULL),
		"text", e->text, "sent", e->sent);
	return json_array_append_new(userdata, object) < 0 ? -ENOMEM : 0;
}

int event_rows_json(struct cli_view *v, const struct view_range *range, json_t **ret)
{
	json_t *list = json_array();
	int r;

	r = list ? store_view_events(v->store, range, on_json_event, list) : -ENOMEM;
	if (r < 0) {
		json_decref(list);
		return r;
	}
	*ret = list;
	return 0;
}
