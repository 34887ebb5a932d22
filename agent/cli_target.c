/* SPDX-License-Identifier: ISC */
/* ftphealth status NAME: one target in full. */
#include "agent/cli_target.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/cli_rows.h"
#include "common/util.h"

enum { EVENTS_SHOWN = 10, LABEL_WIDTH = 14, LINE_SIZE = 512, WIDTH_MIN = 40 };

const char *target_word(const struct view_target *t, char buffer[TARGET_WORD_SIZE])
{
	snprintf(buffer, TARGET_WORD_SIZE, "%s%s%s", state_label(t->state.state),
		t->state.flapping ? "/flapping" : "",
		t->state.admin == ADMIN_MAINTENANCE ? "/maintenance" : "");
	return buffer;
}

const char *target_place(const struct view_target *t, char *buffer, size_t size)
{
	snprintf(buffer, size, strchr(t->host, ':') ? "[%s]:%u" : "%s:%u", t->host, t->port);
	return buffer;
}

static const char *admin_label(enum admin admin)
{
	switch (admin) {
	case ADMIN_MAINTENANCE:
		return "maintenance";
	case ADMIN_DISABLED:
		return "disabled";
	default:
		return "enabled";
	}
}

/* ------------------------------------------------------------------ for a person */

/* TEXT after its label, broken at blanks where the terminal ends. */
static void print_line(const struct cli_view *v, const char *label, const char *text)
{
	size_t width = v->look.width ? v->look.width : SIZE_MAX;

	if (!*text)
		return;
	printf("%-*s", LABEL_WIDTH, label);
	width = width < WIDTH_MIN ? WIDTH_MIN - LABEL_WIDTH : width - LABEL_WIDTH;
	while (strlen(text) > width) {
		size_t len = width;

		while (len > 0 && text[len] != ' ')
			len--;
		if (len == 0)
			len = width;
		printf("%.*s\n%*s", (int)len, text, LABEL_WIDTH, "");
		text += len;
		text += strspn(text, " ");
	}
	puts(text);
}

static void print_state(const struct cli_view *v, const struct view_target *t)
{
	const struct state_record *s = &t->state;
	char word[TARGET_WORD_SIZE], age[CLI_WORD_SIZE], time[CLI_WORD_SIZE];

	printf("%-*s", LABEL_WIDTH, "state");
	cli_print_toned(stdout, target_word(t, word), cli_state_tone(s->state), v->look.colour);
	if (s->since)
		printf(" for %s, since %s", cli_age(v, s->since, age), cli_time(s->since, time));
	putchar('\n');
	if (s->flapping)
		print_line(v, "", "flapping: it changes so often that its alarms are kept open");
	if (s->admin == ADMIN_MAINTENANCE)
		print_line(v, "", "in maintenance: its alarms are not notified");
	if (s->admin == ADMIN_DISABLED)
		print_line(v, "", "disabled by a manager: it is not probed");
}

static void print_moment(const struct cli_view *v, const char *label, uint64_t at)
{
	char line[LINE_SIZE], age[CLI_WORD_SIZE], time[CLI_WORD_SIZE];

	snprintf(line, sizeof(line), at ? "%s, %s ago" : "never", cli_time(at, time),
		cli_age(v, at, age));
	print_line(v, label, line);
}

static void print_probe(const struct cli_view *v, const struct view_target *t)
{
	const struct state_record *s = &t->state;
	char line[LINE_SIZE], word[CLI_WORD_SIZE];

	print_moment(v, "latest probe", s->probe_time);
	if (s->outcome != 0) {
		snprintf(line, sizeof(line),
			s->fail_streak > 1 ? "%s, took %s, failed %u times in a row"
					   : "%s, took %s",
			outcome_label(s->outcome), cli_duration(s->total_usec, word),
			s->fail_streak);
		print_line(v, "outcome", line);
	}
	if (s->reply_code != 0) {
		snprintf(line, sizeof(line), "%d %s", s->reply_code, s->reply_text);
		print_line(v, "reply", line);
	}
	if (s->outcome != OUTCOME_OK)
		print_moment(v, "latest login", s->ok_time);
}

static void print_cause(const struct cli_view *v, const struct view_target *t)
{
	const struct diagnosis_info *info = diagnosis_info(t->state.diagnosis);
	char line[LINE_SIZE];

	if (!info || t->state.diagnosis == DIAG_NONE)
		return;
	snprintf(line, sizeof(line), "%s, %u%%: %s", info->label, t->state.confidence, info->text);
	print_line(v, "cause", line);
	print_line(v, "remedy", info->remedy);
	print_line(v, "reference", info->reference);
}

DEFINE_CLEANUP(struct alarm_rows *, alarm_rows_free)

int target_print(struct cli_view *v, const struct view_target *t)
{
	const struct view_range range = { .target = t->state.target, .rows = EVENTS_SHOWN };
	_cleanup_(alarm_rows_freep) struct alarm_rows *alarms = NULL;
	char place[RECORD_HOST_MAX + 16];
	int r;

	r = alarm_rows_load(v->store, t->state.target, &alarms);
	if (r < 0)
		return r;
	print_line(v, "name", t->name);
	print_line(v, "server", target_place(t, place, sizeof(place)));
	printf("%-*s%u\n", LABEL_WIDTH, "index", t->state.target);
	print_state(v, t);
	print_probe(v, t);
	print_cause(v, t);
	if (alarms->n > 0) {
		printf("\nopen alarms\n");
		r = alarm_rows_print(v, alarms);
	}
	if (r < 0)
		return r;
	printf("\nlatest events\n");
	return event_rows_print(v, &range);
}

/* ------------------------------------------------------------------ JSON */

json_t *target_json(const struct view_target *t)
{
	const struct state_record *s = &t->state;
	const struct diagnosis_info *info = diagnosis_info(s->diagnosis);

	return json_pack("{s:s, s:I, s:s, s:i, s:s, s:s, s:o, s:s, s:b, s:I, s:o, s:i, s:s, s:I,"
			 " s:o, s:o, s:o, s:i, s:s, s:s}",
		"name", t->name, "index", (json_int_t)s->target, "host", t->host, "port",
		(int)t->port, "state", state_label(s->state), "service",
		service_label(state_service(s->state)), "since", cli_json_time(s->since), "admin",
		admin_label(s->admin), "flapping", s->flapping, "fail_streak",
		(json_int_t)s->fail_streak, "outcome", cli_json_label(outcome_label(s->outcome)),
		"reply_code", s->reply_code, "reply_text", s->reply_text, "total_us",
		(json_int_t)s->total_usec, "probed", cli_json_time(s->probe_time), "logged_in",
		cli_json_time(s->ok_time), "diagnosis", cli_json_label(info ? info->label : NULL),
		"confidence", (int)s->confidence, "remedy", info ? info->remedy : "", "reference",
		info ? info->reference : "");
}

int target_print_json(struct cli_view *v, const struct view_target *t)
{
	const struct view_range range = { .target = t->state.target, .rows = EVENTS_SHOWN };
	_cleanup_(alarm_rows_freep) struct alarm_rows *alarms = NULL;
	json_t *object, *events;
	int r;

	r = alarm_rows_load(v->store, t->state.target, &alarms);
	if (r >= 0)
		r = event_rows_json(v, &range, &events);
	if (r < 0)
		return r;
	object = target_json(t);
	if (json_object_set_new(object, "alarms", alarm_rows_json(alarms)) < 0 ||
		json_object_set(object, "events", events) < 0) {
		json_decref(object);
		object = NULL;
	}
	json_decref(events);
	return cli_print_json(object);
}
