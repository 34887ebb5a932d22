/* SPDX-License-Identifier: ISC */
/* The store as others than the daemon see it. */
#include "agent/store_view.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/mib.h"
#include "agent/store_private.h"
#include "common/text.h"
#include "common/util.h"

enum { BUSY_MS = 2000, PATH_SIZE = 4200, WORDS_SIZE = 256 };

struct store_view {
	sqlite3 *db;
	char *path;
};

/* ------------------------------------------------------------------ what went wrong */

/* SQLite's words have names of the file in them, which may have been made to harm a terminal. */
static void quote_sqlite(const struct store_view *v, const char *none, char words[WORDS_SIZE])
{
	const char *text = v->db ? sqlite3_errmsg(v->db) : none;

	text_escape(words, WORDS_SIZE, text, strlen(text));
}

void store_view_explain(const struct store_view *v, int r, char *why, size_t size)
{
	const char *path = v->path;
	char words[WORDS_SIZE];

	switch (r) {
	case -ENOENT:
		snprintf(why, size,
			"there is no store %s: the daemon has not run yet, or `store` in its "
			"configuration names another file (--store PATH, -c FILE)",
			path);
		break;
	case -EACCES:
	case -EROFS:
		snprintf(why, size,
			"the store %s may not be read: run it as root or as the user ftphealth",
			path);
		break;
	case -EUCLEAN:
		quote_sqlite(v, "not a file", words);
		snprintf(why, size, "%s is damaged, or no store of ftphealthd: %s", path, words);
		break;
	case -EBUSY:
		snprintf(why, size, "the store %s is locked by another program; try again", path);
		break;
	case -ENOMEM:
		snprintf(why, size, "no memory");
		break;
	default:
		quote_sqlite(v, strerror(-r), words);
		snprintf(why, size, "the store %s cannot be read: %s", path, words);
	}
}

/* ------------------------------------------------------------------ opening */

/* Permissions and kind of the file, which SQLite would tell in one word for all. */
static int look_at_file(const char *path)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return errno == ENOTDIR ? -ENOENT : -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	return S_ISREG(st.st_mode) ? 0 : -EUCLEAN;
}

/* Whether there are writes that are not in the file itself yet. */
static bool has_log(const char *path)
{
	char log[PATH_SIZE];
	struct stat st;

	snprintf(log, sizeof(log), "%s-wal", path);
	return stat(log, &st) == 0 ? st.st_size > 0 : errno != ENOENT;
}

/* file:PATH?immutable=1, with what is special in a URI escaped. */
static char *immutable_uri(const char *path)
{
	static const char tail[] = "?immutable=1";
	char *uri = malloc(strlen("file:") + 3 * strlen(path) + sizeof(tail)), *to = uri;

	if (!uri)
		return NULL;
	/* A relative path would do, but for one that begins with two slashes (a host). */
	to = stpcpy(to, "file:");
	if (path[0] == '/')
		to = stpcpy(to, "//");
	for (; *path; path++)
		to += sprintf(to, strchr("%?#", *path) ? "%%%02x" : "%c", (unsigned char)*path);
	strcpy(to, tail);
	return uri;
}

static int ask(struct store_view *v, const char *sql, int64_t *ret)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(v->db, sql, -1, &st, NULL);

	if (code == SQLITE_OK) {
		code = sqlite3_step(st);
		*ret = code == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
		sqlite3_finalize(st);
	}
	return store_errno(code);
}

/* Opens NAME and reads its version, which begins the transaction of all that follows. */
static int open_as(struct store_view *v, const char *name, int flags, int64_t *ret_version)
{
	int64_t ignored;
	int r;

	sqlite3_close(v->db);
	v->db = NULL;
	r = store_errno(sqlite3_open_v2(
		name, &v->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | flags, NULL));
	if (r < 0)
		return r;
	sqlite3_busy_timeout(v->db, BUSY_MS);
	/* A file made to harm us: SQLite's advice for those of others (sqlite.org/security.html).
	 */
	sqlite3_db_config(v->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(v->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	r = ask(v, "BEGIN", &ignored);
	if (r >= 0)
		r = ask(v, "SELECT count(*) FROM sqlite_schema", &ignored);
	return r < 0 ? r : ask(v, "PRAGMA user_version", ret_version);
}

/*
 * SQLite wants to make the index of the log (-shm) where there is none, which takes leave to write
 * to the folder. Without a log nobody writes, and the file can be read as it is.
 */
static int open_store(struct store_view *v, int64_t *ret_version)
{
	_cleanup_(freep) char *uri = NULL;
	int r = open_as(v, v->path, 0, ret_version);

	if ((r != -EACCES && r != -EROFS) || has_log(v->path))
		return r;
	uri = immutable_uri(v->path);
	return uri ? open_as(v, uri, SQLITE_OPEN_URI, ret_version) : -ENOMEM;
}

static int judge_version(const struct store_view *v, int64_t version, char *why, size_t size)
{
	if (version == SCHEMA_VERSION)
		return 0;
	if (version > SCHEMA_VERSION)
		snprintf(why, size,
			"the store %s was written by a later version of ftphealthd (%lld, this is "
			"%d); use the ftphealth that came with it",
			v->path, (long long)version, SCHEMA_VERSION);
	else if (version > 0)
		snprintf(why, size,
			"the store %s was written by an earlier version of ftphealthd (%lld, this "
			"is %d); start the new daemon, which brings it up to date",
			v->path, (long long)version, SCHEMA_VERSION);
	else
		snprintf(why, size, "%s is empty, or no store of ftphealthd", v->path);
	return -ENOTSUP;
}

DEFINE_CLEANUP(struct store_view *, store_view_close)

int store_view_open(const char *path, struct store_view **ret, char *why, size_t size)
{
	_cleanup_(store_view_closep) struct store_view *v = calloc(1, sizeof(*v));
	int64_t version = 0;
	int r;

	snprintf(why, size, "no memory");
	if (!v)
		return -ENOMEM;
	v->path = strdup(path);
	if (!v->path)
		return -ENOMEM;
	r = look_at_file(path);
	if (r >= 0)
		r = open_store(v, &version);
	if (r < 0) {
		store_view_explain(v, r, why, size);
		return r;
	}
	r = judge_version(v, version, why, size);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(v);
	return 0;
}

struct store_view *store_view_close(struct store_view *v)
{
	if (!v)
		return NULL;
	sqlite3_close(v->db); /* ends the transaction */
	free(v->path);
	free(v);
	return NULL;
}

/* ------------------------------------------------------------------ rows */

/* A row of the statement as a record for FOUND. */
struct list {
	union {
		view_target_found target;
		view_alarm_found alarm;
		view_event_found event;
		view_probe_found probe;
	} found;
	void *userdata;
};
typedef int (*row_reader)(sqlite3_stmt *st, const struct list *list);

static int for_each(struct store_view *v, const char *sql, const struct view_range *range,
	row_reader read_row, const struct list *list)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(v->db, sql, -1, &st, NULL), r = 0;

	if (code != SQLITE_OK)
		return store_errno(code);
	/* Not every statement has all of them: those it lacks are left out. */
	sqlite3_bind_int64(st, sqlite3_bind_parameter_index(st, ":target"), range->target);
	sqlite3_bind_int64(
		st, sqlite3_bind_parameter_index(st, ":since"), (sqlite3_int64)range->since);
	sqlite3_bind_int64(st, sqlite3_bind_parameter_index(st, ":rows"), range->rows);
	while (r >= 0 && (code = sqlite3_step(st)) == SQLITE_ROW)
		r = read_row(st, list);
	if (r >= 0)
		r = store_errno(code);
	sqlite3_finalize(st);
	return r;
}

static void get_text(sqlite3_stmt *st, int column, char *to, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(st, column);

	text_escape(
		to, size, text ? text : "", text ? (size_t)sqlite3_column_bytes(st, column) : 0);
}

static uint32_t get_number(sqlite3_stmt *st, int column)
{
	return (uint32_t)sqlite3_column_int64(st, column);
}

static uint64_t get_time(sqlite3_stmt *st, int column)
{
	sqlite3_int64 time = sqlite3_column_int64(st, column);

	return time > 0 ? (uint64_t)time : 0;
}

static enum state get_state(sqlite3_stmt *st, int column)
{
	uint32_t number = get_number(st, column);

	return state_label(number) ? (enum state)number : STATE_UNKNOWN;
}

static enum outcome get_outcome(sqlite3_stmt *st, int column)
{
	uint32_t number = get_number(st, column);

	return outcome_label(number) ? (enum outcome)number : 0;
}

/* ------------------------------------------------------------------ targets */

static const char sql_targets[] =
	"SELECT t.idx, t.name, t.host, t.port, s.state, s.outcome, s.diagnosis, s.confidence,"
	" s.reply_code, s.reply_text, s.total_usec, s.fail_streak, s.flapping,"
	" coalesce(s.admin, a.value), s.since, s.probe_time, s.ok_time"
	" FROM target AS t LEFT JOIN state AS s ON s.target = t.idx"
	" LEFT JOIN admin AS a ON a.target = t.idx"
	" WHERE t.watched AND (:target = 0 OR t.idx = :target) ORDER BY t.idx";

static int read_target(sqlite3_stmt *st, const struct list *list)
{
	struct view_target t = { .port = (uint16_t)get_number(st, 3) };
	struct state_record *s = &t.state;

	get_text(st, 1, t.name, sizeof(t.name));
	get_text(st, 2, t.host, sizeof(t.host));
	s->target = get_number(st, 0);
	s->state = get_state(st, 4);
	s->outcome = get_outcome(st, 5);
	s->diagnosis = (enum diagnosis)get_number(st, 6);
	s->confidence = (uint8_t)get_number(st, 7);
	s->reply_code = (int)get_number(st, 8);
	get_text(st, 9, s->reply_text, sizeof(s->reply_text));
	s->total_usec = get_number(st, 10);
	s->fail_streak = get_number(st, 11);
	s->flapping = get_number(st, 12) != 0;
	s->admin = (enum admin)get_number(st, 13);
	s->since = get_time(st, 14);
	s->probe_time = get_time(st, 15);
	s->ok_time = get_time(st, 16);
	return list->found.target(list->userdata, &t);
}

int store_view_targets(
	struct store_view *v, uint32_t target, view_target_found found, void *userdata)
{
	struct list list = { .found.target = found, .userdata = userdata };
	struct view_range range = { .target = target };

	return for_each(v, sql_targets, &range, read_target, &list);
}

int store_view_find(struct store_view *v, const char *name, uint32_t *ret)
{
	sqlite3_stmt *st;
	int code =
		sqlite3_prepare_v2(v->db, "SELECT idx FROM target WHERE name = ?", -1, &st, NULL);

	if (code != SQLITE_OK)
		return store_errno(code);
	sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW)
		*ret = get_number(st, 0);
	sqlite3_finalize(st);
	return code == SQLITE_DONE ? -ENOENT : store_errno(code);
}

int store_view_agent(struct store_view *v, uint32_t *ret)
{
	int64_t state = 0;
	int r = ask(v, "SELECT value FROM number WHERE name = 'agent'", &state);

	*ret = (uint32_t)state;
	return r;
}

/* ------------------------------------------------------------------ alarms */

static const char sql_alarms[] =
	"SELECT id, kind, severity, target, name, time, diagnosis, reply_code, text, remedy, told"
	" FROM alarm WHERE :target = 0 OR target = :target ORDER BY id";

static int read_alarm(sqlite3_stmt *st, const struct list *list)
{
	struct alarm_record a = {
		.alarm = get_number(st, 0),
		.kind = store_kind(get_number(st, 1)),
		.severity = (enum severity)get_number(st, 2),
		.target = get_number(st, 3),
		.time = get_time(st, 5),
		.diagnosis = (enum diagnosis)get_number(st, 6),
		.reply_code = (int)get_number(st, 7),
		.told = get_number(st, 10) != 0,
	};

	get_text(st, 4, a.name, sizeof(a.name));
	get_text(st, 8, a.text, sizeof(a.text));
	get_text(st, 9, a.remedy, sizeof(a.remedy));
	return list->found.alarm(list->userdata, &a);
}

int store_view_alarms(struct store_view *v, uint32_t target, view_alarm_found found, void *userdata)
{
	struct list list = { .found.alarm = found, .userdata = userdata };
	struct view_range range = { .target = target };

	return for_each(v, sql_alarms, &range, read_alarm, &list);
}

/* ------------------------------------------------------------------ events */

static const char sql_events[] =
	"SELECT * FROM (SELECT seq, time, kind, severity, from_state, to_state, alarm, target, name,"
	" diagnosis, reply_code, text, sync_from, count, sent FROM event"
	" WHERE (:target = 0 OR target = :target) AND time >= :since"
	" ORDER BY seq DESC LIMIT :rows) ORDER BY seq";

/* The store has the arc of the notification, which is frozen. */
static enum event_kind event_kind(uint32_t arc)
{
	for (unsigned kind = 0; kind < EVENT_END; kind++)
		if (mib_notification((enum event_kind)kind)->arc == arc)
			return (enum event_kind)kind;
	return EVENT_END;
}

static int read_event(sqlite3_stmt *st, const struct list *list)
{
	struct event_record e = {
		.event = {
			.sequence = get_number(st, 0),
			.kind = event_kind(get_number(st, 2)),
			.severity = (enum severity)get_number(st, 3),
			.from = get_state(st, 4),
			.to = get_state(st, 5),
			.alarm = get_number(st, 6),
			.sync_from = (enum setting)get_number(st, 12),
			.count = get_number(st, 13),
		},
		.time = get_time(st, 1),
		.target = get_number(st, 7),
		.diagnosis = (enum diagnosis)get_number(st, 9),
		.reply_code = (int)get_number(st, 10),
		.sent = get_number(st, 14) != 0,
	};

	get_text(st, 8, e.name, sizeof(e.name));
	get_text(st, 11, e.text, sizeof(e.text));
	return list->found.event(list->userdata, &e);
}

int store_view_events(struct store_view *v, const struct view_range *range, view_event_found found,
	void *userdata)
{
	struct list list = { .found.event = found, .userdata = userdata };

	return for_each(v, sql_events, range, read_event, &list);
}

/* ------------------------------------------------------------------ history */

static const char sql_history[] =
	"SELECT * FROM (SELECT target, number, time, outcome, stage, reply_code, reply_text,"
	" total_usec, state, diagnosis FROM history WHERE target = :target AND time >= :since"
	" ORDER BY number DESC LIMIT :rows) ORDER BY number";

static int read_probe(sqlite3_stmt *st, const struct list *list)
{
	struct probe_record p = {
		.target = get_number(st, 0),
		.number = get_number(st, 1),
		.time = get_time(st, 2),
		.outcome = get_outcome(st, 3),
		.stage = (enum stage)get_number(st, 4),
		.reply_code = (int)get_number(st, 5),
		.total_usec = get_number(st, 7),
		.state = get_state(st, 8),
		.diagnosis = (enum diagnosis)get_number(st, 9),
	};

	get_text(st, 6, p.reply_text, sizeof(p.reply_text));
	return list->found.probe(list->userdata, &p);
}

int store_view_history(struct store_view *v, const struct view_range *range, view_probe_found found,
	void *userdata)
{
	struct list list = { .found.probe = found, .userdata = userdata };

	return for_each(v, sql_history, range, read_probe, &list);
}
