/* SPDX-License-Identifier: ISC */
/* Rows into the store; each by a statement that is prepared once. */
#include "agent/store_private.h"

#include <errno.h>

#include "agent/mib.h"
#include "common/util.h"

/* ------------------------------------------------------------------ one statement */

/* A statement and how many of its values are set. */
struct row {
	sqlite3_stmt *st;
	int n;
};

static int prepare(struct store *s, enum store_slot slot, const char *sql, struct row *ret)
{
	int code = SQLITE_OK;

	if (!s->statements[slot])
		code = sqlite3_prepare_v3(
			s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->statements[slot], NULL);
	*ret = (struct row){ .st = s->statements[slot] };
	return store_errno(code);
}

static void put(struct row *row, uint64_t value)
{
	sqlite3_bind_int64(row->st, ++row->n, (sqlite3_int64)value);
}

/* The text lives until run(). */
static void put_text(struct row *row, const char *text)
{
	sqlite3_bind_text(row->st, ++row->n, text, -1, SQLITE_STATIC);
}

static int run(struct row *row)
{
	sqlite3_step(row->st);
	return store_errno(sqlite3_reset(row->st));
}

static int run_with(struct store *s, enum store_slot slot, const char *sql, uint64_t value)
{
	struct row row;
	int r = prepare(s, slot, sql, &row);

	if (r < 0)
		return r;
	put(&row, value);
	return run(&row);
}

static int run_with_two(
	struct store *s, enum store_slot slot, const char *sql, uint64_t first, uint64_t second)
{
	struct row row;
	int r = prepare(s, slot, sql, &row);

	if (r < 0)
		return r;
	put(&row, first);
	put(&row, second);
	return run(&row);
}

static int run_named(
	struct store *s, enum store_slot slot, const char *sql, const char *name, uint64_t value)
{
	struct row row;
	int r = prepare(s, slot, sql, &row);

	if (r < 0)
		return r;
	put_text(&row, name);
	put(&row, value);
	return run(&row);
}

/* ------------------------------------------------------------------ the whole */

int store_clear(struct store *s)
{
	return store_execute(s,
		"DELETE FROM alarm; DELETE FROM event; DELETE FROM notice; DELETE FROM state;"
		"DELETE FROM setting; DELETE FROM admin; DELETE FROM control;");
}

static int put_number(struct store *s, const char *name, uint64_t value)
{
	return run_named(
		s, SLOT_NUMBER, "INSERT OR REPLACE INTO number VALUES (?, ?)", name, value);
}

int store_put_numbers(struct store *s, const struct store_numbers *numbers)
{
	int r = put_number(s, "sequence", numbers->counters.sequence);

	if (r >= 0)
		r = put_number(s, "alarm", numbers->counters.alarm);
	if (r >= 0)
		r = put_number(s, "agent", numbers->agent);
	return r < 0 ? r : put_number(s, "run", numbers->run);
}

int store_put_policy(struct store *s, const struct policy_settings *settings)
{
	const struct {
		const char *name;
		uint32_t value;
	} controls[] = {
		{ "enabled", settings->enabled },
		{ "min_interval", settings->min_interval_s },
		{ "repeat", settings->repeat_s },
		{ "heartbeat", settings->heartbeat_s },
		{ "storm", settings->storm },
	};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(controls); i++)
		r = run_named(s, SLOT_CONTROL, "INSERT OR REPLACE INTO control VALUES (?, ?)",
			controls[i].name, controls[i].value);
	return r;
}

/* ------------------------------------------------------------------ targets */

/* REPLACE: also where the name or the index is another's, which the agent knows better. */
int store_put_target(struct store *s, const struct store_target *t)
{
	struct row row;
	int r = prepare(s, SLOT_TARGET,
		"INSERT OR REPLACE INTO target (name, idx, host, port, watched) VALUES (?, ?, ?, ?, ?)",
		&row);

	if (r < 0)
		return r;
	put_text(&row, t->name);
	put(&row, t->index);
	put_text(&row, t->host);
	put(&row, t->port);
	put(&row, t->watched);
	return run(&row);
}

int store_put_admin(struct store *s, uint32_t target, enum admin admin)
{
	return run_with_two(
		s, SLOT_ADMIN, "INSERT OR REPLACE INTO admin VALUES (?, ?)", target, admin);
}

int store_put_sync(struct store *s, uint32_t target, enum setting sync, uint64_t time)
{
	struct row row;
	int r = prepare(s, SLOT_SYNC, "INSERT OR REPLACE INTO setting VALUES (?, ?, ?)", &row);

	if (r < 0)
		return r;
	put(&row, target);
	put(&row, sync);
	put(&row, time);
	return run(&row);
}

int store_put_state(struct store *s, const struct state_record *state, uint32_t number)
{
	struct row row;
	int r = prepare(s, SLOT_STATE,
		"INSERT OR REPLACE INTO state (target, state, outcome, diagnosis, confidence,"
		" reply_code, reply_text, total_usec, fail_streak, flapping, admin, since, probe_time,"
		" ok_time, number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		&row);

	if (r < 0)
		return r;
	put(&row, state->target);
	put(&row, state->state);
	put(&row, state->outcome);
	put(&row, state->diagnosis);
	put(&row, state->confidence);
	put(&row, (uint64_t)state->reply_code);
	put_text(&row, state->reply_text);
	put(&row, state->total_usec);
	put(&row, state->fail_streak);
	put(&row, state->flapping);
	put(&row, state->admin);
	put(&row, state->since);
	put(&row, state->probe_time);
	put(&row, state->ok_time);
	put(&row, number);
	return run(&row);
}

int store_remove_state(struct store *s, uint32_t target)
{
	return run_with(s, SLOT_NO_STATE, "DELETE FROM state WHERE target = ?", target);
}

/* ------------------------------------------------------------------ alarms, events, notices */

int store_put_alarm(struct store *s, const struct alarm_record *a)
{
	struct row row;
	int r = prepare(s, SLOT_ALARM,
		"INSERT OR REPLACE INTO alarm (id, kind, severity, target, name, time, diagnosis,"
		" reply_code, text, remedy, told) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		&row);

	if (r < 0)
		return r;
	put(&row, a->alarm);
	put(&row, (uint64_t)store_kind_number(a->kind));
	put(&row, a->severity);
	put(&row, a->target);
	put_text(&row, a->name);
	put(&row, a->time);
	put(&row, a->diagnosis);
	put(&row, (uint64_t)a->reply_code);
	put_text(&row, a->text);
	put_text(&row, a->remedy);
	put(&row, a->told);
	return run(&row);
}

int store_remove_alarm(struct store *s, uint32_t alarm)
{
	return run_with(s, SLOT_NO_ALARM, "DELETE FROM alarm WHERE id = ?", alarm);
}

int store_put_event(struct store *s, const struct event_record *e)
{
	struct row row;
	int r = prepare(s, SLOT_EVENT,
		"INSERT OR REPLACE INTO event (seq, time, kind, severity, from_state, to_state, alarm,"
		" target, name, diagnosis, reply_code, text, sync_from, count, sent)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		&row);

	if (r < 0)
		return r;
	put(&row, e->event.sequence);
	put(&row, e->time);
	put(&row, mib_notification(e->event.kind)->arc);
	put(&row, e->event.severity);
	put(&row, e->event.from);
	put(&row, e->event.to);
	put(&row, e->event.alarm);
	put(&row, e->target);
	put_text(&row, e->name);
	put(&row, e->diagnosis);
	put(&row, (uint64_t)e->reply_code);
	put_text(&row, e->text);
	put(&row, e->event.sync_from);
	put(&row, e->event.count);
	put(&row, e->sent);
	return run(&row);
}

int store_prune_events(struct store *s, uint32_t first)
{
	return run_with(s, SLOT_OLD_EVENTS, "DELETE FROM event WHERE seq < ?", first);
}

int store_put_notice(struct store *s, uint32_t sequence, const void *packed, size_t len)
{
	struct row row;
	int r = prepare(s, SLOT_NOTICE, "INSERT OR REPLACE INTO notice VALUES (?, ?)", &row);

	if (r < 0)
		return r;
	put(&row, sequence);
	sqlite3_bind_blob64(row.st, ++row.n, packed, len, SQLITE_STATIC);
	return run(&row);
}

int store_remove_notice(struct store *s, uint32_t sequence)
{
	return run_with(s, SLOT_NO_NOTICE, "DELETE FROM notice WHERE sequence = ?", sequence);
}

/* ------------------------------------------------------------------ history */

int store_put_probe(struct store *s, const struct probe_record *p, uint32_t rows)
{
	struct row row;
	int r = prepare(s, SLOT_PROBE,
		"INSERT OR REPLACE INTO history (target, number, time, outcome, stage, reply_code,"
		" reply_text, total_usec, state, diagnosis) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		&row);

	if (r < 0)
		return r;
	put(&row, p->target);
	put(&row, p->number);
	put(&row, p->time);
	put(&row, p->outcome);
	put(&row, p->stage);
	put(&row, (uint64_t)p->reply_code);
	put_text(&row, p->reply_text);
	put(&row, p->total_usec);
	put(&row, p->state);
	put(&row, p->diagnosis);
	r = run(&row);
	if (r < 0 || p->number <= rows)
		return r;
	return run_with_two(s, SLOT_PROBES_BEYOND,
		"DELETE FROM history WHERE target = ? AND number <= ?", p->target,
		p->number - rows);
}

int store_prune_probes(struct store *s, uint32_t target, uint64_t time)
{
	return run_with_two(s, SLOT_OLD_PROBES,
		"DELETE FROM history WHERE target = ?1 AND time < ?2 AND number <="
		" (SELECT max(number) FROM"
		"  (SELECT number FROM history WHERE target = ?1 ORDER BY number LIMIT 64))",
		target, time);
}
