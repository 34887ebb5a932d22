/* SPDX-License-Identifier: ISC */
/* Rows out of the store. What a row says is checked: the file may have been in other hands. */
#include "agent/store_private.h"

#include <errno.h>
#include <stdio.h>

#include "agent/mib.h"
#include "common/text.h"
#include "common/util.h"

#define NUMBER_MAX (UINT32_MAX - 100000000) /* of events and alarms: room for those to come */

/* ------------------------------------------------------------------ one query */

static uint32_t number_at(sqlite3_stmt *st, int column)
{
	int64_t value = sqlite3_column_int64(st, column);

	return value < 0 || value > UINT32_MAX ? 0 : (uint32_t)value;
}

static uint64_t time_at(sqlite3_stmt *st, int column)
{
	int64_t value = sqlite3_column_int64(st, column);

	return value < 0 ? 0 : (uint64_t)value;
}

/* What was written was printable; what is read goes to the log and to managers all the same. */
static void copy_text(sqlite3_stmt *st, int column, char *to, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(st, column);

	text_escape(
		to, size, text ? text : "", text ? (size_t)sqlite3_column_bytes(st, column) : 0);
}

#define COPY_TEXT(field, st, column) copy_text((st), (column), (field), sizeof(field))

static enum diagnosis diagnosis_at(sqlite3_stmt *st, int column)
{
	uint32_t value = number_at(st, column);

	return diagnosis_info(value) ? (enum diagnosis)value : DIAG_NONE;
}

static enum state state_at(sqlite3_stmt *st, int column)
{
	uint32_t value = number_at(st, column);

	return state_label(value) ? (enum state)value : STATE_UNKNOWN;
}

static enum severity severity_at(sqlite3_stmt *st, int column)
{
	uint32_t value = number_at(st, column);

	return severity_label(value) ? (enum severity)value : SEVERITY_INDETERMINATE;
}

static bool is_admin(uint32_t value)
{
	return value >= ADMIN_ENABLED && value <= ADMIN_DISABLED;
}

typedef int (*row_found)(const struct store_readers *readers, sqlite3_stmt *st);

/* Calls FOUND for each row of SQL, which may have one parameter: VALUE. */
static int each_row(struct store *s, const char *sql, const struct store_readers *readers,
	uint32_t value, row_found found)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL), r = 0;

	if (code != SQLITE_OK)
		return store_errno(code);
	sqlite3_bind_int64(st, 1, value);
	while (r >= 0 && (code = sqlite3_step(st)) == SQLITE_ROW)
		r = found(readers, st);
	sqlite3_finalize(st);
	return r < 0 ? r : store_errno(code);
}

/* ------------------------------------------------------------------ rows */

/* Of an event or an alarm. One that is higher was not written by us, and would leave none for those
 * to come. */
static bool is_number(uint32_t n)
{
	return n > 0 && n <= NUMBER_MAX;
}

static int found_target(const struct store_readers *readers, sqlite3_stmt *st)
{
	char name[RECORD_NAME_MAX + 1], host[RECORD_HOST_MAX + 1];
	struct store_target t = {
		.index = number_at(st, 0),
		.name = name,
		.host = host,
		.port = (uint16_t)number_at(st, 3),
		.watched = number_at(st, 4) != 0,
		.number = number_at(st, 5),
	};

	COPY_TEXT(name, st, 1);
	COPY_TEXT(host, st, 2);
	/* One that is too high would leave none for new targets. */
	if (t.index == 0 || t.index > TARGET_INDEX_MAX || !*name)
		return 0;
	return readers->on_target(readers->userdata, &t);
}

static int found_alarm(const struct store_readers *readers, sqlite3_stmt *st)
{
	struct alarm_record a = {
		.alarm = number_at(st, 0),
		.kind = store_kind(sqlite3_column_int64(st, 1)),
		.severity = severity_at(st, 2),
		.target = number_at(st, 3),
		.time = time_at(st, 5),
		.diagnosis = diagnosis_at(st, 6),
		.reply_code = sqlite3_column_int(st, 7),
		.told = number_at(st, 10) != 0,
	};

	if (!is_number(a.alarm) || a.kind == ALARM_END)
		return 0;
	COPY_TEXT(a.name, st, 4);
	COPY_TEXT(a.text, st, 8);
	COPY_TEXT(a.remedy, st, 9);
	return readers->on_alarm(readers->userdata, &a);
}

static enum event_kind event_kind_of(uint32_t arc)
{
	unsigned kind = 0;

	while (kind < EVENT_END && mib_notification((enum event_kind)kind)->arc != arc)
		kind++;
	return (enum event_kind)kind;
}

static int found_event(const struct store_readers *readers, sqlite3_stmt *st)
{
	uint32_t sync_from = number_at(st, 12);
	struct event_record e = {
		.event = {
			.sequence = number_at(st, 0),
			.kind = event_kind_of(number_at(st, 2)),
			.severity = severity_at(st, 3),
			.from = state_at(st, 4),
			.to = state_at(st, 5),
			.alarm = number_at(st, 6),
			.sync_from = setting_label(sync_from) ? (enum setting)sync_from : 0,
			.count = number_at(st, 13),
		},
		.time = time_at(st, 1),
		.target = number_at(st, 7),
		.diagnosis = diagnosis_at(st, 9),
		.reply_code = sqlite3_column_int(st, 10),
		.sent = number_at(st, 14) != 0,
	};

	if (!is_number(e.event.sequence) || e.event.alarm > NUMBER_MAX || e.event.kind == EVENT_END)
		return 0;
	COPY_TEXT(e.name, st, 8);
	COPY_TEXT(e.text, st, 11);
	return readers->on_event(readers->userdata, &e);
}

static int found_notice(const struct store_readers *readers, sqlite3_stmt *st)
{
	const void *packed = sqlite3_column_blob(st, 1);

	return readers->on_notice(
		readers->userdata, number_at(st, 0), packed, (size_t)sqlite3_column_bytes(st, 1));
}

static int found_state(const struct store_readers *readers, sqlite3_stmt *st)
{
	uint32_t outcome = number_at(st, 2), admin = number_at(st, 10);
	struct state_record s = {
		.target = number_at(st, 0),
		.state = state_at(st, 1),
		.outcome = outcome_label(outcome) ? (enum outcome)outcome : 0,
		.diagnosis = diagnosis_at(st, 3),
		.confidence = (uint8_t)number_at(st, 4),
		.reply_code = sqlite3_column_int(st, 5),
		.total_usec = number_at(st, 7),
		.fail_streak = number_at(st, 8),
		.flapping = number_at(st, 9) != 0,
		.admin = is_admin(admin) ? (enum admin)admin : ADMIN_ENABLED,
		.since = time_at(st, 11),
		.probe_time = time_at(st, 12),
		.ok_time = time_at(st, 13),
	};

	COPY_TEXT(s.reply_text, st, 6);
	return readers->on_state(readers->userdata, &s, number_at(st, 14));
}

static int found_sync(const struct store_readers *readers, sqlite3_stmt *st)
{
	uint32_t sync = number_at(st, 1);

	if (sync != SETTING_ENABLED && sync != SETTING_DISABLED)
		return 0;
	return readers->on_sync(
		readers->userdata, number_at(st, 0), (enum setting)sync, time_at(st, 2));
}

static int found_admin(const struct store_readers *readers, sqlite3_stmt *st)
{
	uint32_t admin = number_at(st, 1);

	if (!is_admin(admin))
		return 0;
	return readers->on_admin(readers->userdata, number_at(st, 0), (enum admin)admin);
}

/* ------------------------------------------------------------------ all of them */

/* Of versions that had less, where the file could not be brought to the present one; or where the
 * history is damaged. */
static const char targets_before[] = "SELECT idx, name, host, port, 1, 0 FROM target ORDER BY idx";
static const char alarms_before[] =
	"SELECT id, kind + 1, CASE kind WHEN 0 THEN 6 WHEN 1 THEN 5 ELSE 3 END, target, name, 0, 1, 0,"
	" '', '', 1 FROM alarm JOIN target ON target.idx = alarm.target ORDER BY id";

int store_read(struct store *s, const struct store_readers *readers)
{
	const struct {
		bool wanted;
		row_found found;
		const char *sql, *before;
	} queries[] = {
		{ readers->on_target, found_target,
			"SELECT idx, name, host, port, watched, (SELECT max(number) FROM history AS h"
			" WHERE h.target = t.idx) FROM target AS t ORDER BY idx",
			targets_before },
		{ readers->on_alarm, found_alarm,
			"SELECT id, kind, severity, target, name, time, diagnosis, reply_code, text, remedy,"
			" told FROM alarm ORDER BY id",
			alarms_before },
		{ readers->on_event, found_event,
			"SELECT * FROM (SELECT seq, time, kind, severity, from_state, to_state, alarm, target,"
			" name, diagnosis, reply_code, text, sync_from, count, sent FROM event"
			" ORDER BY seq DESC LIMIT ?) ORDER BY seq",
			NULL },
		{ readers->on_notice, found_notice,
			"SELECT sequence, packed FROM notice ORDER BY sequence", NULL },
		{ readers->on_state, found_state,
			"SELECT target, state, outcome, diagnosis, confidence, reply_code, reply_text,"
			" total_usec, fail_streak, flapping, admin, since, probe_time, ok_time, number"
			" FROM state ORDER BY target",
			NULL },
		{ readers->on_sync, found_sync,
			"SELECT target, sync, since FROM setting ORDER BY target", NULL },
		{ readers->on_admin, found_admin, "SELECT target, value FROM admin ORDER BY target",
			NULL },
	};
	int result = 0, r;

	for (size_t i = 0; i < ARRAY_SIZE(queries); i++) {
		if (!queries[i].wanted)
			continue;
		r = each_row(s, queries[i].sql, readers, readers->event_rows, queries[i].found);
		if (r == -EUCLEAN && queries[i].before)
			r = each_row(s, queries[i].before, readers, 0, queries[i].found);
		if (r < 0 && result >= 0)
			result = r;
		if (store_is_locked(r))
			break;
	}
	return result;
}

/* The value of NAME in TABLE, if it has one. */
static int read_value(struct store *s, const char *table, const char *name, uint64_t *ret)
{
	char sql[96];
	int64_t value = -1;
	int r;

	snprintf(sql, sizeof(sql), "SELECT coalesce(max(value), -1) FROM %s WHERE name = '%s'",
		table, name);
	r = store_ask(s, sql, &value);
	if (r >= 0 && value >= 0)
		*ret = (uint64_t)value;
	return r;
}

int store_read_numbers(struct store *s, struct store_numbers *ret)
{
	uint64_t sequence = 0, alarm = 0, run = 0, agent = 0;
	int r = read_value(s, "number", "sequence", &sequence);

	if (r >= 0)
		r = read_value(s, "number", "alarm", &alarm);
	if (r >= 0)
		r = read_value(s, "number", "run", &run);
	if (r >= 0)
		r = read_value(s, "number", "agent", &agent);
	*ret = (struct store_numbers){
		.counters = { .sequence = (uint32_t)(sequence < NUMBER_MAX ? sequence : NUMBER_MAX),
			.alarm = (uint32_t)(alarm < NUMBER_MAX ? alarm : NUMBER_MAX) },
		.run = run,
		.agent = (uint32_t)agent,
	};
	return r;
}

int store_read_policy(struct store *s, struct policy_settings *settings, bool *ret_ordered)
{
	const struct {
		const char *name;
		uint32_t *value;
	} controls[] = {
		{ "min_interval", &settings->min_interval_s },
		{ "repeat", &settings->repeat_s },
		{ "heartbeat", &settings->heartbeat_s },
		{ "storm", &settings->storm },
	};
	uint64_t value = UINT64_MAX;
	int r = read_value(s, "control", "enabled", &value);

	*ret_ordered = value != UINT64_MAX;
	if (*ret_ordered)
		settings->enabled = value != 0;
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(controls); i++) {
		value = *controls[i].value;
		r = read_value(s, "control", controls[i].name, &value);
		*controls[i].value = (uint32_t)value;
	}
	return r;
}
