/* SPDX-License-Identifier: ISC */
/* The file of the store: written, read back, brought up to date, damaged, killed, out of space. */
#include "tests/unit/store_folder.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/wait.h>

#include "agent/store.h"
#include "common/log.h"

static struct store *open_store(void)
{
	struct store *s = NULL;

	assert_int_equal(store_open(path, &s), 0);
	return s;
}

/* ------------------------------------------------------------------ one of each */

static const struct store_target target = {
	.index = 7, .name = "ftp1", .host = "192.0.2.1", .port = 2121, .watched = true
};
static const struct alarm_record alarm_row = {
	.alarm = 41,
	.kind = ALARM_REFUSED,
	.severity = SEVERITY_CRITICAL,
	.target = 7,
	.name = "ftp1",
	.time = 1700000000000000,
	.diagnosis = DIAG_NONE,
	.reply_code = 530,
	.text = "it's refused",
	.remedy = "mend it",
	.told = true,
};
static const struct event_record event_row = {
	.event = { .kind = EVENT_SYNC_CHANGED,
		.severity = SEVERITY_WARNING,
		.from = STATE_OK,
		.to = STATE_REFUSED,
		.sequence = 4000000000,
		.alarm = 41,
		.sync_from = SETTING_ENABLED,
		.count = 5 },
	.time = 1700000000000001,
	.target = 7,
	.name = "ftp1",
	.diagnosis = DIAG_NONE,
	.reply_code = 530,
	.text = "turned off",
	.sent = true,
};
static const struct state_record state_row = {
	.target = 7,
	.state = STATE_REFUSED,
	.outcome = OUTCOME_LOGIN_REFUSED,
	.diagnosis = DIAG_NONE,
	.confidence = 90,
	.reply_code = 530,
	.reply_text = "User anonymous cannot log in.",
	.total_usec = 8001,
	.fail_streak = 3,
	.flapping = true,
	.admin = ADMIN_MAINTENANCE,
	.since = 1,
	.probe_time = 2,
	.ok_time = 3,
};

static struct probe_record probe(uint32_t number)
{
	return (struct probe_record){ .target = 7,
		.number = number,
		.time = 1000 * (uint64_t)number,
		.outcome = OUTCOME_OK,
		.stage = STAGE_NONE,
		.reply_code = 230,
		.reply_text = "Welcome",
		.total_usec = 123,
		.state = STATE_OK,
		.diagnosis = DIAG_NONE };
}

static int write_all(struct store *s)
{
	const struct store_numbers numbers = { { .sequence = 4000000000, .alarm = 41 }, .run = 77,
		.agent = 3 };
	const struct policy_settings settings = {
		.min_interval_s = 1, .repeat_s = 2, .heartbeat_s = 3, .storm = 4
	};
	const struct probe_record p = probe(9);
	int r = store_begin(s, true);

	if (r < 0)
		return r;
	r = store_put_numbers(s, &numbers);
	r = r < 0 ? r : store_put_policy(s, &settings);
	r = r < 0 ? r : store_put_target(s, &target);
	r = r < 0 ? r : store_put_admin(s, 7, ADMIN_DISABLED);
	r = r < 0 ? r : store_put_sync(s, 7, SETTING_DISABLED, 99);
	r = r < 0 ? r : store_put_state(s, &state_row, 9);
	r = r < 0 ? r : store_put_alarm(s, &alarm_row);
	r = r < 0 ? r : store_put_event(s, &event_row);
	r = r < 0 ? r : store_put_notice(s, 4000000000, "a\0b", 3);
	r = r < 0 ? r : store_put_probe(s, &p, 100);
	return store_end(s, r);
}

/* What was found. */
struct found {
	unsigned targets, alarms, events, notices, states, syncs, admins;
	struct alarm_record alarm;
	struct event_record event;
	uint32_t last_event;
};

static int on_target(void *userdata, const struct store_target *t)
{
	((struct found *)userdata)->targets++;
	assert_int_equal(t->index, 7);
	assert_string_equal(t->name, "ftp1");
	assert_string_equal(t->host, "192.0.2.1");
	assert_int_equal(t->port, 2121);
	assert_true(t->watched);
	return 0;
}

static int on_alarm(void *userdata, const struct alarm_record *a)
{
	((struct found *)userdata)->alarms++;
	((struct found *)userdata)->alarm = *a;
	return 0;
}

static int on_event(void *userdata, const struct event_record *e)
{
	struct found *f = userdata;

	f->events++;
	assert_true(e->event.sequence > f->last_event);
	f->last_event = e->event.sequence;
	f->event = *e;
	return 0;
}

static int on_notice(void *userdata, uint32_t sequence, const void *packed, size_t len)
{
	((struct found *)userdata)->notices++;
	assert_int_equal(sequence, 4000000000);
	assert_int_equal(len, 3);
	assert_memory_equal(packed, "a\0b", 3);
	return 0;
}

static int on_state(void *userdata, const struct state_record *s, uint32_t number)
{
	((struct found *)userdata)->states++;
	assert_int_equal(number, 9);
	assert_int_equal(s->target, 7);
	assert_int_equal(s->state, STATE_REFUSED);
	assert_int_equal(s->outcome, OUTCOME_LOGIN_REFUSED);
	assert_int_equal(s->confidence, 90);
	assert_int_equal(s->reply_code, 530);
	assert_string_equal(s->reply_text, state_row.reply_text);
	assert_int_equal(s->total_usec, 8001);
	assert_int_equal(s->fail_streak, 3);
	assert_true(s->flapping);
	assert_int_equal(s->admin, ADMIN_MAINTENANCE);
	assert_int_equal(s->since, 1);
	assert_int_equal(s->probe_time, 2);
	assert_int_equal(s->ok_time, 3);
	return 0;
}

static int on_sync(void *userdata, uint32_t index, enum setting sync, uint64_t time)
{
	((struct found *)userdata)->syncs++;
	assert_int_equal(index, 7);
	assert_int_equal(sync, SETTING_DISABLED);
	assert_int_equal(time, 99);
	return 0;
}

static int on_admin(void *userdata, uint32_t index, enum admin admin)
{
	((struct found *)userdata)->admins++;
	assert_int_equal(index, 7);
	assert_int_equal(admin, ADMIN_DISABLED);
	return 0;
}

static int read_all(struct store *s, struct found *f)
{
	const struct store_readers readers = { on_target, on_alarm, on_event, on_notice, on_state,
		on_sync, on_admin, f, UINT32_MAX };

	*f = (struct found){ .targets = 0 };
	return store_read(s, &readers);
}

static void check_all(struct store *s)
{
	struct policy_settings settings;
	struct store_numbers numbers;
	bool ordered = false;
	struct found f;

	policy_settings_init(&settings);
	assert_int_equal(store_read_numbers(s, &numbers), 0);
	assert_int_equal(numbers.counters.sequence, 4000000000);
	assert_int_equal(numbers.counters.alarm, 41);
	assert_int_equal(numbers.run, 77);
	assert_int_equal(numbers.agent, 3);
	assert_int_equal(store_read_policy(s, &settings, &ordered), 0);
	assert_true(ordered);
	assert_false(settings.enabled);
	assert_int_equal(settings.min_interval_s, 1);
	assert_int_equal(settings.repeat_s, 2);
	assert_int_equal(settings.heartbeat_s, 3);
	assert_int_equal(settings.storm, 4);
	assert_int_equal(read_all(s, &f), 0);
	assert_int_equal(f.targets, 1);
	assert_int_equal(f.alarms, 1);
	assert_int_equal(f.events, 1);
	assert_int_equal(f.notices, 1);
	assert_int_equal(f.states, 1);
	assert_int_equal(f.syncs, 1);
	assert_int_equal(f.admins, 1);
	assert_memory_equal(&f.alarm, &alarm_row, sizeof(alarm_row));
	assert_memory_equal(&f.event, &event_row, sizeof(event_row));
}

/* ------------------------------------------------------------------ written and read */

static void test_new_store_is_empty(void **state)
{
	struct store *s = open_store();
	struct policy_settings settings;
	struct store_numbers numbers;
	bool ordered = true;
	struct found f;

	policy_settings_init(&settings);
	assert_int_equal(store_read_numbers(s, &numbers), 0);
	assert_int_equal(numbers.counters.sequence, 0);
	assert_int_equal(numbers.run, 0);
	assert_int_equal(numbers.agent, 0);
	assert_int_equal(store_read_policy(s, &settings, &ordered), 0);
	assert_false(ordered);
	assert_true(settings.enabled);
	assert_int_equal(read_all(s, &f), 0);
	assert_int_equal(f.targets + f.alarms + f.events + f.notices + f.states, 0);
	store_close(s);
	assert_int_equal(asked("PRAGMA user_version"), 3);
}

static void test_all_is_read_back(void **state)
{
	struct store *s = open_store();

	assert_int_equal(write_all(s), 0);
	check_all(s);
	store_close(s);
	s = open_store();
	check_all(s);
	store_close(s);
	/* The event's kind is the arc in the MIB, the alarm's is FtpAuthKind. */
	assert_int_equal(asked("SELECT kind FROM event"), 9);
	assert_int_equal(asked("SELECT kind FROM alarm"), 1);
	assert_int_equal(asked("SELECT outcome FROM history WHERE target = 7 AND number = 9"), 1);
}

static void test_removed_is_gone(void **state)
{
	struct store *s = open_store();
	struct found f;

	assert_int_equal(write_all(s), 0);
	assert_int_equal(store_begin(s, false), 0);
	assert_int_equal(store_remove_alarm(s, 41), 0);
	assert_int_equal(store_remove_notice(s, 4000000000), 0);
	assert_int_equal(store_remove_state(s, 7), 0);
	assert_int_equal(store_prune_events(s, 4000000001), 0);
	assert_int_equal(store_end(s, 0), 0);
	assert_int_equal(read_all(s, &f), 0);
	assert_int_equal(f.targets, 1);
	assert_int_equal(f.alarms + f.events + f.notices + f.states, 0);
	store_close(s);
}

static void test_a_failed_transaction_leaves_nothing(void **state)
{
	struct store *s = open_store();
	struct found f;

	assert_int_equal(store_begin(s, true), 0);
	assert_int_equal(store_put_alarm(s, &alarm_row), 0);
	assert_int_equal(store_end(s, -EIO), -EIO);
	assert_int_equal(read_all(s, &f), 0);
	assert_int_equal(f.alarms, 0);
	assert_int_equal(write_all(s), 0);
	check_all(s);
	store_close(s);
}

static void test_clear_keeps_targets_and_history(void **state)
{
	struct store *s = open_store();
	struct found f;

	assert_int_equal(write_all(s), 0);
	assert_int_equal(store_begin(s, true), 0);
	assert_int_equal(store_clear(s), 0);
	assert_int_equal(store_end(s, 0), 0);
	assert_int_equal(read_all(s, &f), 0);
	assert_int_equal(f.targets, 1);
	assert_int_equal(f.alarms + f.events + f.notices + f.states + f.syncs + f.admins, 0);
	store_close(s);
	assert_int_equal(asked("SELECT count(*) FROM history"), 1);
}

static void put_probes(struct store *s, uint32_t from, uint32_t to, uint32_t rows)
{
	assert_int_equal(store_begin(s, false), 0);
	for (uint32_t i = from; i <= to; i++) {
		struct probe_record p = probe(i);

		assert_int_equal(store_put_probe(s, &p, rows), 0);
	}
	assert_int_equal(store_end(s, 0), 0);
}

static void test_history_is_a_ring(void **state)
{
	struct store *s = open_store();

	put_probes(s, 1, 250, 100);
	assert_int_equal(asked("SELECT count(*) FROM history"), 100);
	assert_int_equal(asked("SELECT min(number) FROM history"), 151);
	put_probes(s, 251, 251, 10); /* it was made shorter */
	assert_int_equal(asked("SELECT count(*) FROM history"), 10);
	store_close(s);
}

static void test_old_history_goes_in_slices(void **state)
{
	struct store *s = open_store();

	put_probes(s, 1, 250, 1000);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(store_begin(s, false), 0);
		assert_int_equal(store_prune_probes(s, 7, 101 * 1000), 0);
		assert_int_equal(store_end(s, 0), 0);
		assert_int_equal(asked("SELECT min(number) FROM history"), i == 0 ? 65 : 101);
	}
	store_close(s);
}

static void test_the_latest_events_are_read(void **state)
{
	const struct store_readers readers = {
		.on_event = on_event, .userdata = &(struct found){ .events = 0 }, .event_rows = 3
	};
	struct store *s = open_store();
	struct event_record e = event_row;

	assert_int_equal(store_begin(s, true), 0);
	for (e.event.sequence = 1; e.event.sequence <= 10; e.event.sequence++)
		assert_int_equal(store_put_event(s, &e), 0);
	assert_int_equal(store_end(s, 0), 0);
	assert_int_equal(store_read(s, &readers), 0);
	assert_int_equal(((struct found *)readers.userdata)->events, 3);
	assert_int_equal(((struct found *)readers.userdata)->last_event, 10);
	store_close(s);
}

/* A row of a later version, or changed by hand, is no reason to fall over. */
static void test_odd_values_are_made_harmless(void **state)
{
	struct store *s = open_store();
	struct store_numbers numbers;
	struct found f;

	assert_int_equal(write_all(s), 0);
	sql_in(path,
		"UPDATE alarm SET severity = 99, diagnosis = 99999, name = printf('%0500d', 0);"
		"INSERT INTO alarm VALUES (42, 99, 1, 1, 'x', 1, 1, 1, '', '', 0);"
		"UPDATE event SET from_state = -1, to_state = 99, sync_from = 77;"
		"INSERT INTO event SELECT 8, time, 250, severity, 1, 1, 1, 1, '', 1, 1, '', 0, 0, 0 FROM event;"
		"UPDATE event SET text = char(27) || '[31mred' || char(10);"
		"INSERT INTO target VALUES ('far', 2147483648, 'h', 21, 1);"
		"INSERT INTO alarm VALUES (4294967295, 1, 1, 1, 'x', 1, 1, 1, '', '', 0);"
		"INSERT INTO event SELECT 4294967295, time, kind, severity, 1, 1, 1, 1, '', 1, 1, '', 0, 0, 0 FROM event WHERE seq > 9;"
		"UPDATE number SET value = 4294967295 WHERE name IN ('sequence', 'alarm');"
		"UPDATE setting SET sync = 99; UPDATE admin SET value = 0;");
	assert_int_equal(read_all(s, &f), 0);
	assert_int_equal(store_read_numbers(s, &numbers), 0);
	assert_true(numbers.counters.sequence < UINT32_MAX && numbers.counters.alarm < UINT32_MAX);
	assert_int_equal(f.alarms, 1);
	assert_int_equal(f.alarm.severity, SEVERITY_INDETERMINATE);
	assert_int_equal(f.alarm.diagnosis, DIAG_NONE);
	assert_int_equal(strlen(f.alarm.name), RECORD_NAME_MAX);
	assert_int_equal(f.events, 1);
	assert_int_equal(f.event.event.from, STATE_UNKNOWN);
	assert_int_equal(f.event.event.sync_from, 0);
	assert_string_equal(f.event.text, "\\x1B[31mred\\x0A");
	assert_int_equal(f.targets, 1); /* an index that leaves none for new ones is not taken */
	assert_int_equal(f.syncs + f.admins, 0);
	sql_in(path, "UPDATE setting SET sync = 1;"); /* unknown is not known */
	assert_int_equal(read_all(s, &f), 0);
	assert_int_equal(f.syncs, 0);
	store_close(s);
}

/* ------------------------------------------------------------------ earlier versions */

static const char version_1[] =
	"PRAGMA journal_mode=WAL;"
	"CREATE TABLE target (name TEXT PRIMARY KEY, idx INTEGER NOT NULL UNIQUE,"
	" host TEXT NOT NULL, port INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE alarm (target INTEGER NOT NULL, kind INTEGER NOT NULL,"
	" id INTEGER NOT NULL, PRIMARY KEY (target, kind)) WITHOUT ROWID;"
	"CREATE TABLE number (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
	"INSERT INTO target VALUES ('ftp1', 7, '192.0.2.1', 2121);"
	"INSERT INTO alarm VALUES (7, 1, 40), (7, 2, 41);"
	"INSERT INTO number VALUES ('sequence', 99), ('alarm', 41);"
	"PRAGMA user_version=1;";
static const char version_2[] =
	"CREATE TABLE setting (target INTEGER PRIMARY KEY, sync INTEGER NOT NULL,"
	" since INTEGER NOT NULL);"
	"INSERT INTO setting VALUES (7, 3, 99);"
	"PRAGMA user_version=2;";

static const struct earlier {
	const char *label, *first, *then;
	unsigned syncs;
} earlier_rows[] = {
	{ "version 1", version_1, "", 0 },
	{ "version 2", version_1, version_2, 1 },
};

static void make_earlier(const struct earlier *row)
{
	char sub[64];

	make_folder(NULL);
	snprintf(sub, sizeof(sub), "%s/sub", folder);
	assert_int_equal(mkdir(sub, 0700), 0);
	sql_in(path, row->first);
	sql_in(path, row->then);
}

static void check_earlier(struct store *s, const struct earlier *row)
{
	struct store_numbers numbers;
	struct found f;

	assert_int_equal(read_all(s, &f), 0);
	assert_int_equal(store_read_numbers(s, &numbers), 0);
	assert_int_equal(numbers.counters.sequence, 99);
	assert_int_equal(numbers.counters.alarm, 41);
	assert_int_equal(f.targets, 1);
	assert_int_equal(f.alarms, 2);
	assert_int_equal(f.alarm.alarm, 41);
	assert_int_equal(f.alarm.kind, ALARM_AT_RISK);
	assert_int_equal(f.alarm.severity, SEVERITY_WARNING);
	assert_int_equal(f.alarm.target, 7);
	assert_string_equal(f.alarm.name, "ftp1");
	assert_true(f.alarm.told);
	assert_int_equal(f.syncs, row->syncs);
}

static void test_earlier_version_is_brought_up_to_date(void **state)
{
	const struct earlier *row = *state;
	struct store *s;

	make_earlier(row);
	s = open_store();
	check_earlier(s, row);
	assert_int_equal(write_all(s), 0);
	store_close(s);
	assert_int_equal(asked("PRAGMA user_version"), 3);
	s = open_store();
	store_close(s);
	drop_folder(NULL);
}

/* Each operation of bringing it up to date fails once: then it is still the one it was. */
static void test_migration_is_all_or_nothing(void **state)
{
	const struct earlier *row = *state;
	int n = 0, r = -1;

	while (r < 0) {
		struct store *s = NULL;

		make_earlier(row);
		n++;
		fault_set(n, n, 0);
		r = store_open(path, &s);
		fault_clear();
		if (r < 0)
			assert_int_equal(store_open(path, &s), 0);
		check_earlier(s, row);
		store_close(s);
		drop_folder(NULL);
	}
	assert_true(n > 5);
}

/* On a full disk an earlier version cannot be brought up to date, but it can be read. */
static void test_earlier_version_is_read_as_it_is(void **state)
{
	const struct earlier *row = *state;
	struct store_numbers numbers;
	struct store *s = NULL;
	struct found f;

	make_earlier(row);
	atomic_store(&fault.space, size_of(path));
	assert_int_equal(store_open(path, &s), -ENOSPC);
	assert_int_equal(store_open_read_only(path, &s), 0);
	read_all(s, &f); /* some tables are not there yet */
	assert_int_equal(store_read_numbers(s, &numbers), 0);
	assert_int_equal(numbers.counters.sequence, 99);
	assert_int_equal(f.targets, 1);
	assert_int_equal(f.alarms, 2);
	assert_int_equal(f.syncs, row->syncs);
	store_close(s);
	drop_folder(NULL);
}

/* ------------------------------------------------------------------ what is no store of ours */

static const struct unusable {
	const char *label, *sql, *octets;
	int want;
} unusable_rows[] = {
	{ "a later version", "PRAGMA user_version=1000", NULL, -ENOTSUP },
	{ "a negative version", "PRAGMA user_version=-1", NULL, -EUCLEAN },
	{ "another program's database", "CREATE TABLE address (name TEXT)", NULL, -EUCLEAN },
	{ "tables of another shape", "CREATE TABLE event (x); PRAGMA user_version=2", NULL,
		-EUCLEAN },
	{ "text", NULL,
		"This is no database at all, but it is long enough to be looked at, at least"
		" by those who look at one hundred octets and more.",
		-EUCLEAN },
	{ "a few octets", NULL, "SQLite", -EUCLEAN },
};

static void test_unusable(void **state)
{
	const struct unusable *row = *state;
	struct store *s = NULL;
	char name[128];
	FILE *f;

	make_folder(NULL);
	snprintf(path, sizeof(path), "%s/state.db", folder);
	if (row->sql) {
		sql_in(path, row->sql);
	} else {
		f = fopen(path, "w");
		assert_non_null(f);
		fputs(row->octets, f);
		fclose(f);
	}
	assert_int_equal(store_open(path, &s), row->want);
	assert_null(s);
	assert_int_equal(store_put_aside(path, "unusable", name, sizeof(name)), 0);
	assert_true(size_of(name) > 0);
	assert_int_equal(size_of(path), -1);
	assert_int_equal(put_aside("unusable"), 1);
	s = open_store();
	store_close(s);
	/* The next one does not take the name of the first. */
	assert_int_equal(store_put_aside(path, "unusable", name, sizeof(name)), 0);
	assert_int_equal(put_aside("unusable"), 2);
	drop_folder(NULL);
}

static void test_no_folder(void **state)
{
	struct store *s = NULL;

	assert_true(store_open("/dev/null/state.db", &s) < 0);
	assert_true(store_open_read_only("/dev/null/state.db", &s) < 0);
	assert_null(s);
}

static void test_a_folder_in_its_place(void **state)
{
	struct store *s = NULL;
	char sub[64];

	snprintf(sub, sizeof(sub), "%s/sub", folder);
	assert_int_equal(mkdir(sub, 0700), 0);
	assert_int_equal(store_open(sub, &s), -EACCES);
	assert_null(s);
}

static void test_read_only_file_system(void **state)
{
	struct store *s = open_store(), *reader = NULL;

	assert_int_equal(write_all(s), 0);
	store_close(s);
	s = NULL;
	atomic_store(&fault.read_only, true);
	assert_true(store_open(path, &s) < 0);
	assert_null(s);
	assert_int_equal(store_open_read_only(path, &reader), 0);
	check_all(reader);
	store_close(reader);
}

static void test_another_program_locks_it(void **state)
{
	struct store *s = open_store();
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(write_all(s), -EBUSY);
	assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(write_all(s), 0);
	check_all(s);
	sqlite3_close(db);
	store_close(s);
}

static void test_a_file_that_moved_is_noticed(void **state)
{
	struct store *s = open_store();
	char away[96];

	assert_int_equal(write_all(s), 0);
	assert_false(store_has_moved(s));
	snprintf(away, sizeof(away), "%s.away", path);
	assert_int_equal(rename(path, away), 0);
	assert_true(store_has_moved(s));
	store_close(s);
}

/* ------------------------------------------------------------------ failures */

/* Makes a full store and closes it. */
static void make_full(void)
{
	struct store *s = open_store();
	struct event_record e = event_row;
	struct alarm_record a = alarm_row;
	char name[32];

	assert_int_equal(write_all(s), 0);
	put_probes(s, 10, 600, 1000);
	assert_int_equal(store_begin(s, true), 0);
	for (uint32_t i = 1; i <= 200; i++) {
		struct store_target t = { .index = i + 1000, .name = name, .host = "192.0.2.1" };

		snprintf(name, sizeof(name), "target%u", i);
		e.event.sequence = a.alarm = i;
		assert_int_equal(store_put_event(s, &e), 0);
		assert_int_equal(store_put_alarm(s, &a), 0);
		assert_int_equal(store_put_target(s, &t), 0);
		assert_int_equal(store_put_notice(s, i, e.text, sizeof(e.text)), 0);
	}
	assert_int_equal(store_end(s, 0), 0);
	store_close(s);
}

static int ignore_target(void *userdata, const struct store_target *t)
{
	return 0;
}

static int ignore_notice(void *userdata, uint32_t sequence, const void *packed, size_t len)
{
	return 0;
}

/* All that a file is used for: opened, read, written. */
static int use(void)
{
	const struct store_readers readers = { .on_target = ignore_target,
		.on_alarm = on_alarm,
		.on_notice = ignore_notice,
		.userdata = &(struct found){ .events = 0 },
		.event_rows = 1000 };
	struct store *s = NULL;
	int r = store_open(path, &s);

	r = r < 0 ? r : store_read(s, &readers);
	r = r < 0 ? r : write_all(s);
	store_close(s);
	return r;
}

/* Rubbish in any page is found, or does no harm; it is never anything else than damage. */
static void test_damage_in_every_page(void **state)
{
	const off_t places[] = { 0, 3, 100, 2000, 4032 };
	unsigned found = 0;
	off_t size;

	make_full();
	size = size_of(path);
	assert_true(size > 20 * 4096);
	drop_folder(NULL);
	for (off_t page = 0; page < size; page += 4096)
		for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
			int r;

			make_folder(NULL);
			make_full();
			damage(page + places[i]);
			r = use();
			assert_true(r == 0 || r == -EUCLEAN);
			found += r < 0;
			drop_folder(NULL);
		}
	make_folder(NULL);
	assert_true(found > 50);
}

static void test_truncated(void **state)
{
	off_t size;

	make_full();
	size = size_of(path);
	for (off_t length = 0; length < size; length += size / 23) {
		int r;

		drop_folder(NULL);
		make_folder(NULL);
		make_full();
		assert_int_equal(truncate(path, length), 0);
		r = use();
		assert_true(r == -EUCLEAN || r == 0);
	}
}

/* How many of three transactions are in the file; each wrote one alarm of its number. */
static unsigned write_three(unsigned *ret_promised)
{
	struct alarm_record a = alarm_row;
	struct store *s = NULL;
	unsigned failed = 0;

	*ret_promised = 0;
	if (store_open(path, &s) < 0)
		return 1;
	for (a.alarm = 1; a.alarm <= 3; a.alarm++) {
		int r = store_begin(s, true);

		if (r >= 0)
			r = store_end(s, store_put_alarm(s, &a));
		if (r >= 0)
			*ret_promised |= 1u << a.alarm;
		else
			failed++;
	}
	store_close(s);
	return failed;
}

static const struct failing {
	const char *label;
	int code;
	int last; /* INT_MAX: it fails for good */
} failing_rows[] = {
	{ "one input/output error", 0, 0 },
	{ "input/output errors from then on", 0, INT_MAX },
	{ "once no space", SQLITE_FULL, 0 },
	{ "no space from then on", SQLITE_FULL, INT_MAX },
	{ "once no memory", SQLITE_IOERR_NOMEM, 0 },
};

/* For every n the n-th operation fails: what was promised is there, the rest may be. */
static void test_every_operation_fails(void **state)
{
	const struct failing *row = *state;
	unsigned promised, failures = 0;
	int n = 0;

	do {
		struct store *s;

		make_folder(NULL);
		n++;
		fault_set(n, row->last ? row->last : n, row->code);
		failures += write_three(&promised);
		if (atomic_load(&fault.count) < n)
			n = -n; /* it needs no more operations than that */
		fault_clear();
		s = open_store();
		store_close(s);
		for (unsigned i = 1; i <= 3; i++) {
			char sql[64];

			snprintf(sql, sizeof(sql), "SELECT count(*) FROM alarm WHERE id = %u", i);
			if (promised & 1u << i)
				assert_int_equal(asked(sql), 1);
		}
		assert_int_equal(asked("SELECT count(*) FROM pragma_integrity_check WHERE"
				       " integrity_check = 'ok'"),
			1);
		drop_folder(NULL);
	} while (n > 0);
	assert_true(n < -15);
	assert_true(failures > 5);
}

/* The log cannot grow without end, and is emptied when that is due. */
static void test_the_log_stays_short(void **state)
{
	enum { PAGES = 500, LEN = PAGES * 4096 };
	_cleanup_(freep) char *blob = calloc(1, LEN);
	struct store *s = open_store();
	char log[80];
	off_t longest = 0;

	assert_non_null(blob);
	snprintf(log, sizeof(log), "%s-wal", path);
	for (uint32_t i = 0; i < 20; i++) {
		assert_int_equal(store_begin(s, true), 0);
		assert_int_equal(store_put_notice(s, i, blob, LEN), 0);
		assert_int_equal(store_end(s, 0), 0);
		assert_int_equal(store_tidy(s), 0);
		if (size_of(log) > longest)
			longest = size_of(log);
	}
	assert_true(longest > (off_t)2000 * 4120);
	assert_true(longest < (off_t)3000 * 4120);
	store_close(s);
	assert_int_equal(size_of(log), -1);
	assert_true(size_of(path) > (off_t)20 * LEN);
}

static void test_killed_within_a_transaction(void **state)
{
	struct store *s = open_store();
	int status;
	pid_t pid;

	assert_int_equal(write_all(s), 0);
	store_close(s);
	pid = fork();
	if (pid == 0) {
		if (store_open(path, &s) < 0 || write_all(s) < 0 || store_begin(s, true) < 0 ||
			store_clear(s) < 0)
			_exit(1);
		for (uint32_t i = 0; i < 100000; i++) { /* more than the cache holds */
			struct probe_record p = probe(1000 + i);

			if (store_put_probe(s, &p, 1000000) < 0)
				_exit(2);
		}
		kill(getpid(), SIGKILL);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	s = open_store();
	check_all(s);
	store_close(s);
	assert_int_equal(asked("SELECT count(*) FROM history"), 1);
}

static void test_every_error_has_advice(void **state)
{
	for (int e = 1; e < 134; e++)
		assert_true(strlen(store_advice(-e)) > 10);
	assert_string_equal(store_advice(-ENOSPC), "free some space on its file system");
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, drop_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_new_store_is_empty),
		IN_FOLDER(test_all_is_read_back),
		IN_FOLDER(test_removed_is_gone),
		IN_FOLDER(test_a_failed_transaction_leaves_nothing),
		IN_FOLDER(test_clear_keeps_targets_and_history),
		IN_FOLDER(test_history_is_a_ring),
		IN_FOLDER(test_old_history_goes_in_slices),
		IN_FOLDER(test_the_latest_events_are_read),
		IN_FOLDER(test_odd_values_are_made_harmless),
		IN_FOLDER(test_no_folder),
		IN_FOLDER(test_a_folder_in_its_place),
		IN_FOLDER(test_read_only_file_system),
		IN_FOLDER(test_another_program_locks_it),
		IN_FOLDER(test_a_file_that_moved_is_noticed),
		IN_FOLDER(test_damage_in_every_page),
		IN_FOLDER(test_truncated),
		IN_FOLDER(test_the_log_stays_short),
		IN_FOLDER(test_killed_within_a_transaction),
		IN_FOLDER(test_every_error_has_advice),
	};

	log_init("test", false);
	fault_install();
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
		unit_tests[unit_n_tests++] = tests[i];
	UNIT_ROWS(earlier_rows, test_earlier_version_is_brought_up_to_date);
	UNIT_ROWS(earlier_rows, test_migration_is_all_or_nothing);
	UNIT_ROWS(earlier_rows, test_earlier_version_is_read_as_it_is);
	UNIT_ROWS(unusable_rows, test_unusable);
	UNIT_ROWS(failing_rows, test_every_operation_fails);
	return unit_run("store");
}
