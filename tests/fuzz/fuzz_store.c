/* SPDX-License-Identifier: ISC */
/*
 * Any octets in the place of the store, read by the commands that show it and by the daemon at its
 * start. The first octet chooses: 'f' the rest is the file; 'p' it changes octets of a good one,
 * four for each: three of where and what; else it is rows of tables that have neither types nor
 * constraints, value by value. The second octet chooses who reads, the third which version of the
 * schema the rows claim to be of. Whatever the file says: what is printed is printable, JSON is
 * JSON, and what the daemon believes keeps its bounds.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <limits.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "agent/cli.h"
#include "agent/recorder.h"
#include "agent/store.h"
#include "common/log.h"
#include "common/util.h"
#include "tests/fuzz/holds.h"

enum { EVENT_ROWS = 20, VALUES_MAX = 400 };

static char folder[] = "/dev/shm/fh-fuzz.XXXXXX";
static char path[64];
static struct file {
	uint8_t *bytes;
	size_t len;
} good, bare; /* as the daemon leaves it; the same tables without types */

static void write_file(const uint8_t *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	HOLDS(fd >= 0 && write(fd, bytes, len) == (ssize_t)len);
	close(fd);
}

static void read_file(struct file *f)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	HOLDS(fd >= 0 && fstat(fd, &st) == 0);
	f->len = (size_t)st.st_size;
	f->bytes = malloc(f->len);
	HOLDS(f->bytes && read(fd, f->bytes, f->len) == (ssize_t)f->len);
	close(fd);
}

/* The file, its log, and what was put aside. */
static void empty_folder(void)
{
	DIR *d = opendir(folder);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
}

static void drop_folder(void)
{
	empty_folder();
	rmdir(folder);
}

/* ------------------------------------------------------------------ a good one */

static void put_rows(struct store *s)
{
	const struct store_target targets[] = {
		{ .index = 1, .name = "a", .host = "192.0.2.1", .port = 21, .watched = true },
		{ .index = 2,
			.name = "b",
			.host = "ftp.example.com",
			.port = 990,
			.watched = true },
		{ .index = 3, .name = "gone", .host = "192.0.2.3", .port = 21 },
	};
	struct store_numbers numbers = { .counters = { 9, 4 }, .run = 77, .agent = AGENT_RUNNING };
	struct policy_settings settings;
	struct event_record e = { .event = { .kind = EVENT_LOGIN_REFUSED,
					  .severity = SEVERITY_CRITICAL,
					  .from = STATE_OK,
					  .to = STATE_REFUSED,
					  .sequence = 9,
					  .alarm = 4 },
		.time = 1700000000000000,
		.target = 2,
		.name = "b",
		.diagnosis = DIAG_OTHER,
		.reply_code = 530,
		.text = "refused" };
	struct alarm_record a = { .alarm = 4,
		.kind = ALARM_REFUSED,
		.severity = SEVERITY_CRITICAL,
		.target = 2,
		.name = "b",
		.time = 1700000000000000,
		.diagnosis = DIAG_OTHER,
		.text = "refused" };
	struct state_record state = { .target = 2,
		.state = STATE_REFUSED,
		.outcome = OUTCOME_LOGIN_REFUSED,
		.diagnosis = DIAG_OTHER,
		.reply_text = "No.",
		.admin = ADMIN_ENABLED };
	struct probe_record p = { .target = 2,
		.number = 1,
		.time = 1700000000000000,
		.outcome = OUTCOME_LOGIN_REFUSED,
		.stage = STAGE_PASSWORD,
		.state = STATE_REFUSED,
		.diagnosis = DIAG_OTHER };

	policy_settings_init(&settings);
	HOLDS(store_begin(s, false) == 0);
	HOLDS(store_put_numbers(s, &numbers) == 0 && store_put_policy(s, &settings) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++)
		HOLDS(store_put_target(s, &targets[i]) == 0);
	HOLDS(store_put_event(s, &e) == 0 && store_put_alarm(s, &a) == 0);
	HOLDS(store_put_state(s, &state, 1) == 0);
	HOLDS(store_put_admin(s, 1, ADMIN_MAINTENANCE) == 0);
	HOLDS(store_put_sync(s, 2, SETTING_ENABLED, 5) == 0);
	for (; p.number < 6; p.number++, p.time += 60000000)
		HOLDS(store_put_probe(s, &p, 100) == 0);
	HOLDS(store_end(s, 0) == 0);
}

/* A notice as the daemon packs it: that it has started. */
static void put_notice(struct store *s)
{
	struct event event = { .kind = EVENT_AGENT_STARTED,
		.severity = SEVERITY_INDETERMINATE,
		.from = STATE_UNKNOWN,
		.to = STATE_UNKNOWN,
		.sequence = 9 };
	struct registry *r;
	struct notice *n;
	void *packed;
	size_t len;

	HOLDS(registry_new(&r) == 0 && notice_new(r, &event, NULL, &n) == 0);
	HOLDS(notice_pack(n, &packed, &len) == 0);
	HOLDS(store_put_notice(s, 9, packed, len) == 0);
	free(packed);
	free(n);
	registry_free(r);
}

static void execute(sqlite3 *db, const char *sql)
{
	HOLDS(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
}

/* A column of a table, after those before it. */
static int on_column(void *userdata, int n, char **values, char **names)
{
	char *sql = userdata;

	sprintf(sql + strlen(sql), "%s%s", sql[strlen(sql) - 1] == '(' ? "" : ", ", values[1]);
	return 0;
}

static int on_table(void *userdata, int n, char **values, char **names)
{
	char pragma[96], *sql = userdata;
	sqlite3 *db;

	sprintf(sql + strlen(sql), "CREATE TABLE new_%s (", values[0]);
	snprintf(pragma, sizeof(pragma), "PRAGMA table_info(%s)", values[0]);
	HOLDS(sqlite3_open(path, &db) == SQLITE_OK);
	HOLDS(sqlite3_exec(db, pragma, on_column, sql, NULL) == SQLITE_OK);
	sqlite3_close(db);
	sprintf(sql + strlen(sql),
		"); INSERT INTO new_%s SELECT * FROM %s; DROP TABLE %s;"
		" ALTER TABLE new_%s RENAME TO %s;",
		values[0], values[0], values[0], values[0], values[0]);
	return 0;
}

static void make_bare(void)
{
	char sql[8192] = "";
	sqlite3 *db;

	HOLDS(sqlite3_open(path, &db) == SQLITE_OK);
	HOLDS(sqlite3_exec(db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
		      on_table, sql, NULL) == SQLITE_OK);
	execute(db, "PRAGMA journal_mode=DELETE");
	execute(db, sql);
	execute(db, "VACUUM");
	sqlite3_close(db);
}

static void be_born(void)
{
	struct store *s;

	if (access("/dev/shm", W_OK) < 0)
		memcpy(folder, "/var/tmp", strlen("/dev/shm"));
	HOLDS(mkdtemp(folder));
	atexit(drop_folder);
	snprintf(path, sizeof(path), "%s/state.db", folder);
	HOLDS(store_open(path, &s) == 0);
	put_rows(s);
	put_notice(s);
	store_close(s);
	read_file(&good);
	make_bare();
	read_file(&bare);
	empty_folder();
}

/* ------------------------------------------------------------------ what is made of an input */

struct bytes {
	const uint8_t *at;
	size_t left;
};

static uint64_t take(struct bytes *b, unsigned octets)
{
	uint64_t value = 0;

	while (octets-- > 0 && b->left > 0) {
		value = value << 8 | *b->at++;
		b->left--;
	}
	return value;
}

static void patch(struct bytes b)
{
	uint8_t *bytes = memcpy(malloc(good.len), good.bytes, good.len);

	while (b.left >= 4) {
		size_t at = take(&b, 3) % good.len;

		bytes[at] = (uint8_t)take(&b, 1);
	}
	write_file(bytes, good.len);
	free(bytes);
}

static void bind_value(sqlite3_stmt *st, int i, struct bytes *b)
{
	unsigned kind = (unsigned)take(b, 1);
	int len = kind / 8 * 8;
	double real;

	if ((size_t)len > b->left)
		len = (int)b->left;
	switch (kind % 8) {
	case 0:
		sqlite3_bind_null(st, i);
		return;
	case 1:
		real = (double)take(b, 4) * 1e300;
		sqlite3_bind_double(st, i, real);
		return;
	case 2:
		sqlite3_bind_int64(st, i, (sqlite3_int64)take(b, 8));
		return;
	case 3:
		sqlite3_bind_text(st, i, (const char *)b->at, len, SQLITE_TRANSIENT);
		break;
	case 4:
		sqlite3_bind_blob(st, i, b->at, len, SQLITE_TRANSIENT);
		break;
	default:
		sqlite3_bind_int(st, i, (int)take(b, 1));
		return;
	}
	b->at += len;
	b->left -= (size_t)len;
}

static void insert_row(sqlite3 *db, struct bytes *b)
{
	static const struct {
		const char *table;
		int columns;
	} tables[] = { { "target", 5 }, { "alarm", 11 }, { "event", 15 }, { "notice", 2 },
		{ "state", 15 }, { "setting", 3 }, { "admin", 2 }, { "history", 10 },
		{ "number", 2 }, { "control", 2 } };
	size_t which = take(b, 1) % ARRAY_SIZE(tables);
	char sql[128];
	sqlite3_stmt *st;

	snprintf(sql, sizeof(sql), "INSERT INTO %s VALUES (?%.*s)", tables[which].table,
		2 * (tables[which].columns - 1), ",?,?,?,?,?,?,?,?,?,?,?,?,?,?,?");
	HOLDS(sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK);
	for (int i = 1; i <= tables[which].columns; i++)
		bind_value(st, i, b);
	HOLDS(sqlite3_step(st) == SQLITE_DONE);
	sqlite3_finalize(st);
}

static void insert_rows(struct bytes b, unsigned version)
{
	sqlite3 *db;
	char stamp[48];

	write_file(bare.bytes, bare.len);
	HOLDS(sqlite3_open(path, &db) == SQLITE_OK);
	execute(db, "PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF; BEGIN");
	for (unsigned i = 0; i < VALUES_MAX && b.left > 0; i++)
		insert_row(db, &b);
	snprintf(stamp, sizeof(stamp), "COMMIT; PRAGMA user_version=%u", 3 - version % 4);
	execute(db, stamp);
	sqlite3_close(db);
}

/* ------------------------------------------------------------------ the commands */

static const struct command {
	int (*run)(int argc, char **argv);
	bool json;
	const char *argv[6];
} commands[] = {
	{ cli_status, false, { "status" } },
	{ cli_status, true, { "status", "--json" } },
	{ cli_status, false, { "status", "b" } },
	{ cli_status, true, { "status", "--json", "b" } },
	{ cli_history, false, { "history", "b" } },
	{ cli_history, true, { "history", "--json", "--since=2023-11-14", "b" } },
	{ cli_alarms, false, { "alarms" } },
	{ cli_alarms, true, { "alarms", "--json" } },
	{ cli_events, false, { "events" } },
	{ cli_events, true, { "events", "--json", "-n", "3" } },
	{ cli_report, false, { "report", "--html" } },
};

static void check_text(const char *text)
{
	for (; *text; text++)
		HOLDS(*text == '\n' || *text == '\t' || (*text >= 0x20 && *text <= 0x7e));
}

static void run_command(const struct command *c)
{
	FILE *out = stdout, *err = stderr;
	char *printed = NULL, *said = NULL, *argv[8];
	size_t printed_len, said_len;
	json_t *json;
	int argc = 0, code;

	while (c->argv[argc]) {
		argv[argc] = (char *)(uintptr_t)c->argv[argc];
		argc++;
	}
	argv[argc++] = (char *)(uintptr_t) "--store";
	argv[argc++] = path;
	argv[argc] = NULL;
	stdout = open_memstream(&printed, &printed_len);
	stderr = open_memstream(&said, &said_len);
	HOLDS(stdout && stderr);
	optind = 0;
	code = c->run(argc, argv);
	fclose(stdout);
	fclose(stderr);
	stdout = out;
	stderr = err;
	check_text(said);
	check_text(printed);
	HOLDS(code != EX_USAGE && code != EX_CONFIG && code != EX_SOFTWARE);
	if (c->json && said_len == 0) {
		json = json_loadb(printed, printed_len, 0, NULL);
		HOLDS(json);
		json_decref(json);
	}
	free(printed);
	free(said);
}

/* ------------------------------------------------------------------ the daemon */

/* What the recorder has to say of the file is for the log. */
int __wrap_log_write(int level, int error, const char *const *fields, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
int __wrap_log_write(int level, int error, const char *const *fields, const char *format, ...)
{
	char *line = NULL;
	va_list ap;

	va_start(ap, format);
	HOLDS(vasprintf(&line, format, ap) >= 0);
	va_end(ap);
	check_text(line);
	free(line);
	return -abs(error);
}

static void on_release(void *userdata, struct notice *notice)
{
	HOLDS(!"released before the start");
}

static void check_events(const struct recorder_past *past)
{
	for (size_t i = 0; i < past->n_events; i++) {
		const struct event_record *e = &past->events[i];

		HOLDS(e->event.sequence > 0 && (unsigned)e->event.kind < EVENT_END);
		HOLDS(e->event.sequence <= past->counters.sequence);
		HOLDS(i == 0 || past->events[i - 1].event.sequence < e->event.sequence);
		HOLDS(severity_label(e->event.severity) && state_label(e->event.from));
		HOLDS(state_label(e->event.to) && diagnosis_info(e->diagnosis));
		HOLDS(is_printable(e->name) && is_printable(e->text));
	}
	HOLDS(past->n_events <= EVENT_ROWS);
}

static void check_past(const struct recorder_past *past)
{
	check_events(past);
	HOLDS(past->next_index > 0 && past->next_index <= (uint32_t)INT32_MAX + 1);
	for (size_t i = 0; i < past->n_alarms; i++) {
		const struct alarm_record *a = &past->alarms[i];

		HOLDS(a->alarm > 0 && a->alarm <= past->counters.alarm);
		HOLDS(i == 0 || past->alarms[i - 1].alarm < a->alarm);
		HOLDS((unsigned)a->kind < ALARM_END || a->kind == ALARM_MASS);
		HOLDS(severity_label(a->severity));
		HOLDS(is_printable(a->name) && is_printable(a->text) && is_printable(a->remedy));
	}
	for (size_t i = 0; i < past->n_notices; i++)
		HOLDS(past->notices[i]->sequence <= past->counters.sequence);
}

/* As at a start: what is there is read, a file that cannot be used makes way. */
static void start_daemon(void)
{
	struct target_config targets[] = { { .name = (char *)(uintptr_t) "a" },
		{ .name = (char *)(uintptr_t) "b" } };
	struct config config = { .targets = targets, .n_targets = ARRAY_SIZE(targets) };
	const struct recorder_options options = { .path = path,
		.limits = { .history_rows = 10, .event_rows = EVENT_ROWS },
		.retry_usec = 1000,
		.release = on_release };
	struct recorder_past past;
	struct recorder *r;
	uint16_t port;

	HOLDS(recorder_new(&options, &past, &r) == 0);
	check_past(&past);
	recorder_recall(r, &config);
	for (size_t i = 0; i < config.n_targets; i++)
		if (targets[i].known_index != 0)
			HOLDS(is_printable(recorder_host(r, targets[i].known_index, &port)));
	recorder_past_done(&past);
	recorder_stop(r, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = { data + 3, size - 3 };

	if (size < 3)
		return 0;
	if (!good.bytes)
		be_born();
	if (data[0] == 'f')
		write_file(b.at, b.left);
	else if (data[0] == 'p')
		patch(b);
	else
		insert_rows(b, data[2]);
	if (data[1] % 16 < ARRAY_SIZE(commands))
		run_command(&commands[data[1] % 16]);
	else
		start_daemon();
	empty_folder();
	return 0;
}
