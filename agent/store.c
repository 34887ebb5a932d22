/* SPDX-License-Identifier: ISC */
/* What must outlast a restart. */
#include "agent/store.h"

#include <errno.h>
#include <libgen.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "common/log.h"
#include "common/util.h"

/* user_version of the file; a later one than ours is not touched. */
enum { SCHEMA_VERSION = 2 };

static const char schema[] =
	"PRAGMA journal_mode=WAL;"
	"PRAGMA synchronous=NORMAL;"
	"CREATE TABLE IF NOT EXISTS target (name TEXT PRIMARY KEY, idx INTEGER NOT NULL UNIQUE,"
	" host TEXT NOT NULL, port INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS alarm (target INTEGER NOT NULL, kind INTEGER NOT NULL,"
	" id INTEGER NOT NULL, PRIMARY KEY (target, kind)) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS number (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
	/* since version 2 */
	"CREATE TABLE IF NOT EXISTS setting (target INTEGER PRIMARY KEY, sync INTEGER NOT NULL,"
	" since INTEGER NOT NULL);"
	"PRAGMA user_version=2;";

enum query {
	QUERY_NUMBER,
	QUERY_LAST_INDEX,
	QUERY_INDEX,
	QUERY_ALARMS,
	QUERY_SYNC,
	QUERY_SET_NUMBER,
	QUERY_SET_TARGET,
	QUERY_SET_ALARM,
	QUERY_CLEAR_ALARM,
	QUERY_SET_SYNC,
	QUERY_END
};

static const char *const queries[QUERY_END] = {
	[QUERY_NUMBER] = "SELECT value FROM number WHERE name = ?",
	[QUERY_LAST_INDEX] = "SELECT coalesce(max(idx), 0) FROM target",
	[QUERY_INDEX] = "SELECT idx FROM target WHERE name = ?",
	[QUERY_ALARMS] =
		"SELECT name, host, port, kind, id, idx FROM alarm JOIN target ON target.idx = alarm.target",
	[QUERY_SYNC] = "SELECT sync, since FROM setting WHERE target = ?",
	[QUERY_SET_NUMBER] =
		"INSERT INTO number VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
	[QUERY_SET_TARGET] =
		("INSERT INTO target VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET host = excluded.host,"
		 " port = excluded.port WHERE host != excluded.host OR port != excluded.port"),
	[QUERY_SET_ALARM] = "INSERT OR REPLACE INTO alarm VALUES (?, ?, ?)",
	[QUERY_CLEAR_ALARM] = "DELETE FROM alarm WHERE target = ? AND kind = ?",
	[QUERY_SET_SYNC] = "INSERT OR REPLACE INTO setting VALUES (?, ?, ?)",
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *statements[QUERY_END];
};

/* ------------------------------------------------------------------ SQLite's ways */

static int to_errno(int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_CANTOPEN:
		return -EACCES;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return -EUCLEAN;
	default:
		return -EIO;
	}
}

/* A prepared statement, ready for its values; NULL when it cannot be prepared. */
static sqlite3_stmt *statement(struct store *s, enum query query)
{
	if (!s->statements[query] &&
		sqlite3_prepare_v3(s->db, queries[query], -1, SQLITE_PREPARE_PERSISTENT,
			&s->statements[query], NULL) != SQLITE_OK)
		return NULL;
	sqlite3_reset(s->statements[query]);
	return s->statements[query];
}

static int execute(struct store *s, const char *sql)
{
	return to_errno(sqlite3_exec(s->db, sql, NULL, NULL, NULL));
}

/* Runs a statement that gives no rows. */
static int run(sqlite3_stmt *st)
{
	int code = sqlite3_step(st);

	sqlite3_reset(st);
	return to_errno(code);
}

/* ------------------------------------------------------------------ opening */

static int make_folder(const char *path)
{
	_cleanup_(freep) char *copy = strdup(path);

	if (!copy)
		return -ENOMEM;
	return mkdir(dirname(copy), 0750) < 0 && errno != EEXIST ? -errno : 0;
}

static int read_version(struct store *s, int *ret)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(s->db, "PRAGMA user_version", -1, &st, NULL);

	if (code != SQLITE_OK)
		return to_errno(code);
	code = sqlite3_step(st);
	*ret = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	return to_errno(code);
}

DEFINE_CLEANUP(struct store *, store_close)

/* -EUCLEAN: damaged; -ENOTSUP: of a later version. */
static int open_file(const char *path, struct store **ret)
{
	_cleanup_(store_closep) struct store *s = calloc(1, sizeof(*s));
	int version = 0, r;

	if (!s)
		return -ENOMEM;
	r = to_errno(sqlite3_open_v2(path, &s->db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL));
	if (r >= 0)
		r = read_version(s, &version);
	if (r >= 0 && version > SCHEMA_VERSION)
		r = -ENOTSUP;
	if (r >= 0)
		r = execute(s, schema);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(s);
	return 0;
}

/* Moves a file that cannot be used aside, with what SQLite keeps beside it. */
static int put_aside(const char *path, int why)
{
	static const char *const tails[] = { "", "-wal", "-shm" };
	char from[4200], to[4200];
	time_t now = time(NULL);

	for (size_t i = 0; i < ARRAY_SIZE(tails); i++) {
		snprintf(from, sizeof(from), "%s%s", path, tails[i]);
		snprintf(to, sizeof(to), "%s.unusable-%lld%s", path, (long long)now, tails[i]);
		if (rename(from, to) < 0 && (i == 0 || errno != ENOENT))
			return log_error(errno, "Cannot move the unusable store %s aside", from);
	}
	return log_error(0,
		"The store %s %s; it is kept as %s.unusable-%lld and a new one is begun", path,
		why == -ENOTSUP ? "is of a later version" : "is damaged", path, (long long)now);
}

int store_open(const char *path, struct store **ret)
{
	int r = make_folder(path);

	if (r >= 0)
		r = open_file(path, ret);
	if (r == -EUCLEAN || r == -ENOTSUP) {
		r = put_aside(path, r);
		if (r >= 0)
			r = open_file(path, ret);
	}
	if (r < 0)
		log_error(r,
			"Cannot use the store %s: indexes and alarms will not outlast a restart",
			path);
	return r;
}

struct store *store_close(struct store *s)
{
	if (!s)
		return NULL;
	for (size_t i = 0; i < QUERY_END; i++)
		sqlite3_finalize(s->statements[i]);
	sqlite3_close(s->db);
	free(s);
	return NULL;
}

/* ------------------------------------------------------------------ loading */

static int load_number(struct store *s, const char *name, uint32_t *ret)
{
	sqlite3_stmt *st = statement(s, QUERY_NUMBER);
	int code;

	if (!st)
		return -EIO;
	sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
	code = sqlite3_step(st);
	*ret = code == SQLITE_ROW ? (uint32_t)sqlite3_column_int64(st, 0) : 0;
	sqlite3_reset(st);
	return to_errno(code);
}

int store_load_numbers(
	struct store *s, struct alarm_counters *ret_counters, uint32_t *ret_next_index)
{
	sqlite3_stmt *st = statement(s, QUERY_LAST_INDEX);
	int r = st ? to_errno(sqlite3_step(st)) : -EIO;

	if (r >= 0) {
		*ret_next_index = (uint32_t)sqlite3_column_int64(st, 0) + 1;
		sqlite3_reset(st);
		r = load_number(s, "sequence", &ret_counters->sequence);
	}
	return r < 0 ? r : load_number(s, "alarm", &ret_counters->alarm);
}

int store_load_indexes(struct store *s, struct config *c)
{
	sqlite3_stmt *st = statement(s, QUERY_INDEX);
	int code = SQLITE_DONE;

	if (!st)
		return -EIO;
	for (size_t i = 0; i < c->n_targets && to_errno(code) == 0; i++) {
		sqlite3_bind_text(st, 1, c->targets[i].name, -1, SQLITE_STATIC);
		code = sqlite3_step(st);
		if (code == SQLITE_ROW)
			c->targets[i].known_index = (uint32_t)sqlite3_column_int64(st, 0);
		sqlite3_reset(st);
	}
	return to_errno(code);
}

int store_load_alarms(struct store *s, store_alarm_found on_found, void *userdata)
{
	sqlite3_stmt *st = statement(s, QUERY_ALARMS);
	int code;

	if (!st)
		return -EIO;
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		struct store_alarm found = {
			.name = (const char *)sqlite3_column_text(st, 0),
			.host = (const char *)sqlite3_column_text(st, 1),
			.port = (uint16_t)sqlite3_column_int(st, 2),
			.kind = (enum alarm_kind)sqlite3_column_int(st, 3),
			.alarm = (uint32_t)sqlite3_column_int64(st, 4),
			.index = (uint32_t)sqlite3_column_int64(st, 5),
		};

		if (found.name && found.host && found.kind < ALARM_END)
			on_found(userdata, &found);
	}
	sqlite3_reset(st);
	return to_errno(code);
}

int store_load_settings(struct store *s, struct registry *r)
{
	sqlite3_stmt *st = statement(s, QUERY_SYNC);
	int code = SQLITE_DONE;

	if (!st)
		return -EIO;
	for (size_t i = 0; i < r->n_with_evidence && to_errno(code) == 0; i++) {
		struct collected *c = r->with_evidence[i]->evidence;

		if (c->sync != 0)
			continue;
		sqlite3_bind_int64(st, 1, r->with_evidence[i]->index);
		code = sqlite3_step(st);
		if (code == SQLITE_ROW && setting_label((unsigned)sqlite3_column_int(st, 0))) {
			c->sync = (enum setting)sqlite3_column_int(st, 0);
			c->sync_time = (uint64_t)sqlite3_column_int64(st, 1);
		}
		sqlite3_reset(st);
	}
	return to_errno(code);
}

/* ------------------------------------------------------------------ saving */

static int save_number(struct store *s, const char *name, uint32_t value)
{
	sqlite3_stmt *st = statement(s, QUERY_SET_NUMBER);

	if (!st)
		return -EIO;
	sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(st, 2, value);
	return run(st);
}

static int save_numbers(struct store *s, const struct alarm_counters *counters)
{
	int r = save_number(s, "sequence", counters->sequence);

	return r < 0 ? r : save_number(s, "alarm", counters->alarm);
}

static int save_alarms(struct store *s, const struct target *t)
{
	int r = 0;

	for (int kind = 0; r >= 0 && kind < ALARM_END; kind++) {
		uint32_t id = t->alarms.open[kind];
		sqlite3_stmt *st = statement(s, id != 0 ? QUERY_SET_ALARM : QUERY_CLEAR_ALARM);

		if (!st)
			return -EIO;
		sqlite3_bind_int64(st, 1, t->index);
		sqlite3_bind_int(st, 2, kind);
		if (id != 0)
			sqlite3_bind_int64(st, 3, id);
		r = run(st);
	}
	return r;
}

static int save_settings(struct store *s, const struct target *t)
{
	sqlite3_stmt *st;

	if (!t->evidence || t->evidence->sync == 0)
		return 0;
	st = statement(s, QUERY_SET_SYNC);
	if (!st)
		return -EIO;
	sqlite3_bind_int64(st, 1, t->index);
	sqlite3_bind_int(st, 2, (int)t->evidence->sync);
	sqlite3_bind_int64(st, 3, (sqlite3_int64)t->evidence->sync_time);
	return run(st);
}

static int save_target(struct store *s, const struct target *t)
{
	sqlite3_stmt *st = statement(s, QUERY_SET_TARGET);

	if (!st)
		return -EIO;
	sqlite3_bind_text(st, 1, t->config.name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(st, 2, t->index);
	sqlite3_bind_text(st, 3, t->config.host, -1, SQLITE_STATIC);
	sqlite3_bind_int(st, 4, t->config.port);
	return run(st);
}

/* Ends a transaction that RESULT says went well, or not. */
static int finish(struct store *s, int result)
{
	if (result >= 0)
		result = execute(s, "COMMIT");
	if (result < 0 && !sqlite3_get_autocommit(s->db))
		execute(s, "ROLLBACK");
	return result;
}

int store_save_all(struct store *s, const struct registry *r, const struct alarm_counters *counters)
{
	int e = execute(s, "BEGIN IMMEDIATE");

	if (e < 0)
		return e;
	e = save_numbers(s, counters);
	if (e >= 0)
		e = execute(s, "DELETE FROM alarm");
	for (size_t i = 0; e >= 0 && i < r->n_targets; i++) {
		e = save_target(s, r->by_index[i]);
		if (e >= 0)
			e = save_alarms(s, r->by_index[i]);
		if (e >= 0)
			e = save_settings(s, r->by_index[i]);
	}
	return finish(s, e);
}

int store_save_target(
	struct store *s, const struct target *t, const struct alarm_counters *counters)
{
	int e = execute(s, "BEGIN IMMEDIATE");

	if (e < 0)
		return e;
	e = save_numbers(s, counters);
	if (e >= 0 && t)
		e = save_alarms(s, t);
	if (e >= 0 && t)
		e = save_settings(s, t);
	return finish(s, e);
}
