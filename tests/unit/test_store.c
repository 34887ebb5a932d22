/* SPDX-License-Identifier: ISC */
/* What outlasts a restart: written, read back, damaged, of a later version, not to be opened. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "agent/store.h"
#include "common/log.h"

static char folder[] = "/tmp/fh-store.XXXXXX";
static char path[64];

static int make_folder(void **state)
{
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/sub/state.db", folder);
	return 0;
}

static int drop_folder(void **state)
{
	char command[96];

	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

static struct store *open_store(void)
{
	struct store *s = NULL;

	assert_int_equal(store_open(path, &s), 0);
	return s;
}

/* A registry of one target with an open alarm. */
static struct registry *make_registry(struct target *t)
{
	struct registry *r = NULL;

	assert_int_equal(registry_new(&r), 0);
	*t = (struct target){ .index = 7,
		.config = { .name = (char *)"ftp1", .host = (char *)"192.0.2.1", .port = 2121 } };
	t->alarms.open[ALARM_REFUSED] = 41;
	r->by_index = calloc(1, sizeof(*r->by_index));
	r->by_index[0] = t;
	r->n_targets = 1;
	return r;
}

static void free_registry(struct registry *r)
{
	r->n_targets = 0;
	registry_free(r);
}

static void save(struct target *t, const struct alarm_counters *counters)
{
	struct registry *r = make_registry(t);
	struct store *s = open_store();

	assert_int_equal(store_save_all(s, r, counters), 0);
	store_close(s);
	free_registry(r);
}

struct found {
	unsigned n;
	struct store_alarm last;
};

static void on_found(void *userdata, const struct store_alarm *found)
{
	struct found *f = userdata;

	f->n++;
	f->last = *found;
	assert_string_equal(found->name, "ftp1");
	assert_string_equal(found->host, "192.0.2.1");
}

static void check_kept(struct store *s, unsigned alarms)
{
	struct alarm_counters counters = { 0 };
	struct target_config configs[2] = { { .name = (char *)"new" }, { .name = (char *)"ftp1" } };
	struct config config = { .targets = configs, .n_targets = 2 };
	struct found found = { 0 };
	uint32_t next = 0;

	assert_int_equal(store_load_numbers(s, &counters, &next), 0);
	assert_int_equal(counters.sequence, 99);
	assert_int_equal(counters.alarm, 41);
	assert_int_equal(next, 8);
	assert_int_equal(store_load_indexes(s, &config), 0);
	assert_int_equal(configs[0].known_index, 0);
	assert_int_equal(configs[1].known_index, 7);
	assert_int_equal(store_load_alarms(s, on_found, &found), 0);
	assert_int_equal(found.n, alarms);
	if (alarms > 0) {
		assert_int_equal(found.last.alarm, 41);
		assert_int_equal(found.last.kind, ALARM_REFUSED);
		assert_int_equal(found.last.index, 7);
		assert_int_equal(found.last.port, 2121);
	}
}

static const struct alarm_counters numbers = { .sequence = 99, .alarm = 41 };

static void test_new_store_is_empty(void **state)
{
	struct store *s = open_store();
	struct alarm_counters counters = { 1, 1 };
	struct found found = { 0 };
	uint32_t next = 0;

	assert_int_equal(store_load_numbers(s, &counters, &next), 0);
	assert_int_equal(counters.sequence, 0);
	assert_int_equal(next, 1);
	assert_int_equal(store_load_alarms(s, on_found, &found), 0);
	assert_int_equal(found.n, 0);
	store_close(s);
}

static void test_all_is_read_back(void **state)
{
	struct target t;
	struct store *s;

	save(&t, &numbers);
	s = open_store();
	check_kept(s, 1);
	store_close(s);
}

static void test_a_cleared_alarm_is_gone(void **state)
{
	struct target t;
	struct store *s;

	save(&t, &numbers);
	s = open_store();
	t.alarms.open[ALARM_REFUSED] = 0;
	assert_int_equal(store_save_target(s, &t, &numbers), 0);
	check_kept(s, 0);
	store_close(s);
}

static void test_an_index_stays_with_its_name(void **state)
{
	struct target t;
	struct registry *r;
	struct store *s;

	save(&t, &numbers);
	s = open_store();
	r = make_registry(&t);
	t.index = 12; /* a bug elsewhere must not move it */
	assert_int_equal(store_save_all(s, r, &numbers), 0);
	free_registry(r);
	check_kept(s, 0); /* the alarm is of index 12, which no name has */
	store_close(s);
}

static unsigned put_aside(void)
{
	char pattern[96];
	glob_t g;
	unsigned n;

	snprintf(pattern, sizeof(pattern), "%s.unusable-*", path);
	n = glob(pattern, 0, NULL, &g) == 0 ? (unsigned)g.gl_pathc : 0;
	globfree(&g);
	return n;
}

static void test_a_damaged_file_is_put_aside(void **state)
{
	struct target t;
	struct store *s;
	int fd;

	save(&t, &numbers);
	fd = open(path, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(
		pwrite(fd, "no database at all, but long enough to be looked at", 51, 0), 51);
	close(fd);
	s = open_store();
	assert_int_equal(put_aside(), 1);
	store_close(s);
}

static void test_a_later_version_is_put_aside(void **state)
{
	struct target t;
	struct store *s;
	sqlite3 *db;

	save(&t, &numbers);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version=1000", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	s = open_store();
	assert_int_equal(put_aside(), 1);
	store_close(s);
}

static void test_no_folder(void **state)
{
	struct store *s = NULL;

	assert_true(store_open("/dev/null/state.db", &s) < 0);
	assert_null(s);
}

static void test_a_folder_in_its_place(void **state)
{
	struct store *s = NULL;
	char sub[64];

	snprintf(sub, sizeof(sub), "%s/sub", folder);
	assert_int_equal(mkdir(sub, 0700), 0);
	assert_true(store_open(sub, &s) < 0);
	assert_null(s);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, drop_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_new_store_is_empty),
		IN_FOLDER(test_all_is_read_back),
		IN_FOLDER(test_a_cleared_alarm_is_gone),
		IN_FOLDER(test_an_index_stays_with_its_name),
		IN_FOLDER(test_a_damaged_file_is_put_aside),
		IN_FOLDER(test_a_later_version_is_put_aside),
		IN_FOLDER(test_no_folder),
		IN_FOLDER(test_a_folder_in_its_place),
	};

	log_init("test", false);
	return cmocka_run_group_tests_name("store", tests, NULL, NULL) ? 1 : 0;
}
