/* SPDX-License-Identifier: ISC */
/* The thread that writes the store: what it keeps, when it lets notices go, what it does when the
 * disk fails, and that it comes back by itself. */
#include "tests/unit/store_folder.h"
#include "tests/unit/mib_fixture.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "agent/recorder.h"
#include "agent/recorder_image.h"
#include "common/log.h"

enum { GRACE_USEC = 30 * 1000000, EVENT_ROWS = 50, RELEASED_MAX = 4096, SLEEPS_MAX = 300 };

/* ------------------------------------------------------------------ one life of an agent */

/* What was released, in order. */
static struct {
	pthread_mutex_t lock;
	uint32_t sequences[RELEASED_MAX];
	size_t n;
	unsigned early; /* before the log was on the disk */
} released = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct life {
	struct registry *registry;
	struct recorder *recorder;
	struct recorder_past past;
	struct alarm_counters counters;
} life;

static void on_release(void *userdata, struct notice *notice)
{
	assert_ptr_equal(userdata, &life);
	pthread_mutex_lock(&released.lock);
	if (released.n < RELEASED_MAX)
		released.sequences[released.n++] = notice->sequence;
	released.early += atomic_load(&fault.unsynced);
	pthread_mutex_unlock(&released.lock);
	free(notice);
}

static size_t n_released(void)
{
	size_t n;

	pthread_mutex_lock(&released.lock);
	n = released.n;
	pthread_mutex_unlock(&released.lock);
	return n;
}

static struct recorder_stats stats(void)
{
	struct recorder_stats s;

	recorder_stats(life.recorder, &s);
	return s;
}

static void flush(void)
{
	recorder_flush(life.recorder, GRACE_USEC);
}

static void be_born_with(struct recorder_options options)
{
	options.path = path;
	options.limits.event_rows = EVENT_ROWS;
	options.retry_usec = 1000;
	if (!options.release)
		options.release = on_release;
	options.userdata = &life;
	pthread_mutex_lock(&released.lock);
	released.n = released.early = 0;
	pthread_mutex_unlock(&released.lock);
	assert_int_equal(recorder_new(&options, &life.past, &life.recorder), 0);
	life.counters = life.past.counters;
	life.registry = fixture_registry();
	fixture_add(life.registry, fixture_target(7, "ftp1"));
	fixture_add(life.registry, fixture_target(9, "other"));
}

static void be_born(void)
{
	be_born_with((struct recorder_options){ .limits.history_rows = 100 });
}

static void start(void)
{
	assert_int_equal(recorder_start(life.recorder), 0);
	recorder_targets(life.recorder, life.registry);
}

static void live(void)
{
	be_born();
	start();
}

static void die(void)
{
	recorder_stop(life.recorder, GRACE_USEC);
	recorder_past_done(&life.past);
	registry_free(life.registry);
	life.recorder = NULL;
	life.registry = NULL;
}

/* An event with its notice; opens an alarm of its own when OPENS. Returns its sequence. */
static uint32_t happen(bool opens, uint32_t closes)
{
	struct event_record e = {
		.event = { .kind = EVENT_AGENT_STARTED,
			.severity = SEVERITY_INDETERMINATE,
			.from = STATE_UNKNOWN,
			.to = STATE_UNKNOWN,
			.sequence = ++life.counters.sequence },
		.time = 1000,
		.diagnosis = DIAG_NONE,
		.text = "started",
		.sent = true,
	};
	struct alarm_record a = { .kind = ALARM_REFUSED,
		.severity = SEVERITY_CRITICAL,
		.target = 7,
		.name = "ftp1",
		.time = 1000,
		.diagnosis = DIAG_NONE,
		.text = "refused",
		.told = true };
	struct notice *n;

	if (opens)
		e.event.alarm = a.alarm = ++life.counters.alarm;
	assert_int_equal(notice_new(life.registry, &e.event, NULL, &n), 0);
	recorder_event(life.recorder, &e, &life.counters, opens ? &a : NULL, closes, n);
	return e.event.sequence;
}

static void probe(uint32_t target, uint32_t number, int reply)
{
	struct probe_record p = { .target = target,
		.number = number,
		.time = now_usec(CLOCK_REALTIME),
		.outcome = OUTCOME_OK,
		.stage = STAGE_NONE,
		.reply_code = reply,
		.reply_text = "hello",
		.total_usec = 1,
		.state = STATE_OK,
		.diagnosis = DIAG_NONE };
	struct state_record s = { .target = target,
		.state = STATE_OK,
		.outcome = OUTCOME_OK,
		.diagnosis = DIAG_NONE,
		.reply_code = reply,
		.admin = ADMIN_ENABLED };

	recorder_probe(life.recorder, &p, &s);
}

/* The store can be written again, and has all. */
static void wait_until_well(void)
{
	for (int i = 0; i < 30000; i++) {
		flush();
		if (!stats().impaired && stats().waiting == 0)
			return;
		usleep(1000);
	}
	fail_msg("still impaired, %u waiting", stats().waiting);
}

static void check_order(uint32_t first, size_t n)
{
	assert_int_equal(n_released(), n);
	for (size_t i = 0; i < n && i < RELEASED_MAX; i++)
		assert_int_equal(released.sequences[i], first + i);
}

/* ------------------------------------------------------------------ all is well */

static void test_a_first_start(void **state)
{
	struct config config = { .n_targets = 1,
		.targets = &(struct target_config){ .name = (char *)"ftp1" } };

	be_born();
	assert_int_equal(life.past.next_index, 1);
	assert_int_equal(life.past.counters.sequence, 0);
	assert_int_equal(life.past.n_events + life.past.n_alarms + life.past.n_notices, 0);
	assert_false(life.past.settings_ordered);
	assert_true(life.past.settings.enabled);
	recorder_recall(life.recorder, &config);
	assert_int_equal(config.targets[0].known_index, 0);
	start();
	flush();
	assert_false(stats().impaired);
	assert_int_equal(stats().waiting, 0);
	assert_true(stats().saved_time > 0);
	recorder_recall(life.recorder, &config);
	assert_int_equal(config.targets[0].known_index, 7);
	die();
	recorder_stop(NULL, 0);
}

static void test_never_started(void **state)
{
	be_born();
	flush();
	recorder_targets(life.recorder, life.registry);
	happen(true, 0);
	probe(7, 1, 230);
	recorder_acknowledged(life.recorder, 1);
	assert_true(stats().waiting > 0);
	die();
	assert_int_equal(n_released(), 0);
}

static void test_all_is_there_after_a_restart(void **state)
{
	const struct policy_settings settings = { .enabled = true,
		.min_interval_s = 11,
		.repeat_s = 12,
		.heartbeat_s = 13,
		.storm = 14 };

	live();
	recorder_settings(life.recorder, &settings);
	recorder_admin(life.recorder, 9, ADMIN_MAINTENANCE);
	recorder_sync(life.recorder, 7, SETTING_ENABLED, 99);
	happen(true, 0);
	happen(true, 0);
	happen(false, 1);
	probe(7, 1, 230);
	probe(7, 2, 231);
	die();
	check_order(1, 3);

	be_born();
	assert_int_equal(life.past.counters.sequence, 3);
	assert_int_equal(life.past.counters.alarm, 2);
	assert_int_equal(life.past.next_index, 10);
	assert_true(life.past.settings_ordered);
	assert_true(life.past.settings.enabled);
	assert_int_equal(life.past.settings.min_interval_s, 11);
	assert_int_equal(life.past.settings.repeat_s, 12);
	assert_int_equal(life.past.settings.heartbeat_s, 13);
	assert_int_equal(life.past.settings.storm, 14);
	assert_int_equal(life.past.n_events, 3);
	assert_int_equal(life.past.events[2].event.sequence, 3);
	assert_string_equal(life.past.events[2].text, "started");
	assert_int_equal(life.past.n_alarms, 1);
	assert_int_equal(life.past.alarms[0].alarm, 2);
	assert_int_equal(life.past.n_notices, 3);
	assert_int_equal(life.past.notices[1]->sequence, 2);
	assert_int_equal(life.past.notices[1]->notification->arc, 16);
	fixture_evidence(life.registry->by_index[0]);
	life.registry->by_index[0]->evidence->sync = 0;
	recorder_recall_targets(
		life.recorder, life.registry, life.registry->by_index, life.registry->n_targets);
	assert_int_equal(life.registry->by_index[0]->n_probes, 2);
	assert_int_equal(life.registry->by_index[0]->evidence->sync, SETTING_ENABLED);
	assert_int_equal(life.registry->by_index[0]->evidence->sync_time, 99);
	assert_int_equal(life.registry->by_index[1]->admin, ADMIN_MAINTENANCE);
	start();
	die();
	assert_int_equal(asked("SELECT reply_code FROM state WHERE target = 7"), 231);
	assert_int_equal(asked("SELECT count(*) FROM history WHERE target = 7"), 2);
}

static void test_what_is_known_is_not_recalled_over(void **state)
{
	live();
	recorder_admin(life.recorder, 7, ADMIN_DISABLED);
	probe(7, 5, 230);
	life.registry->by_index[0]->admin = ADMIN_ENABLED;
	life.registry->by_index[0]->n_probes = 77;
	recorder_recall_targets(
		life.recorder, life.registry, life.registry->by_index, life.registry->n_targets);
	assert_int_equal(life.registry->by_index[0]->admin, ADMIN_ENABLED);
	assert_int_equal(life.registry->by_index[0]->n_probes, 77);
	die();
}

/* The log is on the disk before a notice goes; a thousand go in the order they came. */
static void test_durable_before_released(void **state)
{
	live();
	for (int i = 0; i < 1000; i++) {
		happen(i % 2 == 0, i % 2 == 1 ? life.counters.alarm : 0);
		if (i % 100 == 50)
			probe(7, (uint32_t)i, 230);
		if (i % 300 == 0)
			flush();
	}
	flush();
	check_order(1, 1000);
	assert_int_equal(released.early, 0);
	assert_int_equal(asked("SELECT count(*) FROM notice"), 1000);
	assert_int_equal(asked("SELECT count(*) FROM alarm"), 0);
	assert_int_equal(asked("SELECT count(*) FROM event"), EVENT_ROWS);
	assert_int_equal(asked("SELECT min(seq) FROM event"), 1000 - EVENT_ROWS + 1);
	die();
}

/* The end: what was not released is kept, and is there after the next start. */
static void test_silenced(void **state)
{
	live();
	happen(true, 0);
	flush();
	assert_int_equal(n_released(), 1);
	recorder_silence(life.recorder);
	happen(true, 0);
	happen(true, 0);
	die();
	assert_int_equal(n_released(), 1);
	be_born();
	assert_int_equal(life.past.n_notices, 3);
	die();
}

static void *acknowledge_even(void *first)
{
	for (uint32_t i = 2; i <= 200; i += 2)
		recorder_acknowledged(life.recorder, i);
	return NULL;
}

static void test_what_has_arrived_is_forgotten(void **state)
{
	pthread_t thread;

	live();
	for (int i = 0; i < 200; i++)
		happen(false, 0);
	assert_int_equal(pthread_create(&thread, NULL, acknowledge_even, NULL), 0);
	for (uint32_t i = 1; i <= 100; i++)
		probe(7, i, 230);
	pthread_join(thread, NULL);
	recorder_acknowledged(life.recorder, 4711); /* nobody knows it */
	die();
	be_born();
	assert_int_equal(life.past.n_notices, 100);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(life.past.notices[i]->sequence, 2 * i + 1);
	for (uint32_t i = 1; i <= 199; i += 2)
		recorder_acknowledged(life.recorder, i);
	start();
	die();
	be_born();
	assert_int_equal(life.past.n_notices, 0);
	die();
}

static void test_an_alarm_opens_again_under_its_number(void **state)
{
	struct alarm_record a = { .kind = ALARM_REFUSED, .target = 7, .name = "ftp1" };

	live();
	for (int round = 0; round < 300; round++) {
		struct event_record e = { .event = { .kind = EVENT_LOGIN_REFUSED,
						  .severity = SEVERITY_CRITICAL,
						  .sequence = ++life.counters.sequence,
						  .alarm = 1 } };

		a.alarm = 1;
		recorder_event(life.recorder, &e, &life.counters, &a, 0, NULL);
		e.event.sequence = ++life.counters.sequence;
		a.alarm = e.event.alarm = (uint32_t)round + 2;
		life.counters.alarm = a.alarm;
		recorder_event(life.recorder, &e, &life.counters, &a, 1, NULL);
		e.event.sequence = ++life.counters.sequence;
		recorder_event(life.recorder, &e, &life.counters, NULL, a.alarm, NULL);
		if (round % 70 == 0)
			flush();
		a.alarm = 1;
		e.event.sequence = ++life.counters.sequence;
		recorder_event(life.recorder, &e, &life.counters, &a, 0, NULL);
	}
	die();
	assert_int_equal(asked("SELECT count(*) FROM alarm"), 1);
	assert_int_equal(asked("SELECT id FROM alarm"), 1);
}

static void test_removed_targets_keep_their_index(void **state)
{
	struct target_config wanted[2] = { { .name = (char *)"other" }, { .name = (char *)"new" } };
	struct config config = { .targets = wanted, .n_targets = 2 };

	live();
	recorder_admin(life.recorder, 9, ADMIN_MAINTENANCE);
	probe(9, 1, 230);
	flush();
	assert_int_equal(asked("SELECT count(*) FROM state"), 1);
	fixture_remove(life.registry, 1);
	recorder_targets(life.recorder, life.registry);
	probe(9, 2, 230); /* one that ended late */
	die();
	assert_int_equal(asked("SELECT watched FROM target WHERE name = 'other'"), 0);
	assert_int_equal(asked("SELECT watched FROM target WHERE name = 'ftp1'"), 1);
	assert_int_equal(asked("SELECT count(*) FROM state"), 0);
	be_born();
	recorder_recall(life.recorder, &config);
	assert_int_equal(wanted[0].known_index, 9);
	assert_int_equal(wanted[1].known_index, 0);
	assert_int_equal(life.past.next_index, 10);
	/* It is there again: its history goes on. */
	recorder_recall_targets(
		life.recorder, life.registry, life.registry->by_index, life.registry->n_targets);
	assert_int_equal(life.registry->by_index[1]->n_probes, 2);
	assert_int_equal(life.registry->by_index[1]->admin, ADMIN_MAINTENANCE);
	die();
}

/* Only what differs is handed over: in whatever order, among those there are. */
static void test_changes_of_the_set(void **state)
{
	const char *const names[] = { "zeta", "alpha", "middle" };
	const uint32_t indexes[] = { 12, 8, 30 };
	struct target_config wanted[] = { { .name = (char *)"alpha" }, { .name = (char *)"middle" },
		{ .name = (char *)"zeta" }, { .name = (char *)"ftp1" },
		{ .name = (char *)"other" } };
	struct config config = { .targets = wanted, .n_targets = ARRAY_SIZE(wanted) };
	struct target *list[3];

	live();
	for (size_t i = 0; i < 3; i++)
		list[i] = fixture_target(indexes[i], names[i]);
	recorder_changes(life.recorder, list, 3, true);
	recorder_changes(life.recorder, life.registry->by_index, 1, false); /* ftp1 */
	list[0]->config.port++;
	recorder_changes(life.recorder, list, 1, true);
	probe(30, 4, 230);
	probe(7, 5, 230); /* it has gone */
	recorder_recall(life.recorder, &config);
	assert_int_equal(wanted[0].known_index, 8);
	assert_int_equal(wanted[1].known_index, 30);
	assert_int_equal(wanted[2].known_index, 12);
	assert_int_equal(wanted[3].known_index, 7);
	assert_int_equal(wanted[4].known_index, 9);
	die();
	assert_int_equal(asked("SELECT count(*) FROM target"), 5);
	assert_int_equal(asked("SELECT watched FROM target WHERE name = 'ftp1'"), 0);
	assert_int_equal(asked("SELECT count(*) FROM target WHERE watched"), 4);
	assert_int_equal(
		asked("SELECT port FROM target WHERE name = 'zeta'"), list[0]->config.port);
	assert_int_equal(asked("SELECT count(*) FROM state"), 1);
	be_born();
	assert_int_equal(life.past.next_index, 31);
	recorder_recall_targets(life.recorder, life.registry, &list[2], 1);
	assert_int_equal(list[2]->n_probes, 4);
	die();
	for (size_t i = 0; i < 3; i++)
		target_free(list[i]);
}

/* Numbers of the history never collide with those of the time before. */
static void test_history_goes_on(void **state)
{
	for (int i = 0; i < 3; i++) {
		live();
		for (uint32_t n = 1; n <= 60; n++)
			probe(7, n, 230 + i);
		die();
	}
	assert_int_equal(asked("SELECT max(number) FROM history"), 180);
	assert_int_equal(asked("SELECT count(*) FROM history"), 100);
	assert_int_equal(asked("SELECT count(*) FROM history WHERE reply_code = 230"), 0);
	assert_int_equal(asked("SELECT number FROM state WHERE target = 7"), 180);
}

static void test_no_history_wanted(void **state)
{
	be_born_with((struct recorder_options){ .limits.history_rows = 0 });
	start();
	probe(7, 1, 230);
	die();
	assert_int_equal(asked("SELECT count(*) FROM history"), 0);
	assert_int_equal(asked("SELECT count(*) FROM state"), 1);
}

/* What there is of it goes when none is wanted any more. */
static void test_history_wanted_no_more(void **state)
{
	live();
	for (uint32_t n = 1; n <= 30; n++)
		probe(7, n, 230);
	die();
	assert_int_equal(asked("SELECT count(*) FROM history"), 30);
	be_born_with((struct recorder_options){ .limits.history_rows = 0 });
	start();
	probe(9, 1, 230);
	die();
	assert_int_equal(asked("SELECT count(*) FROM history"), 0);
}

static void test_old_history_goes(void **state)
{
	struct probe_record p = { .target = 7, .time = 1, .outcome = OUTCOME_OK };

	be_born_with((struct recorder_options){
		.limits.history_rows = 100, .limits.history_age_usec = 3600 * USEC_PER_SEC });
	start();
	for (p.number = 1; p.number <= 10; p.number++)
		recorder_probe(life.recorder, &p, NULL);
	flush();
	probe(9, 1, 230);
	flush();
	assert_int_equal(asked("SELECT count(*) FROM history"), 1);
	die();
}

static void test_the_latest_state_counts(void **state)
{
	live();
	for (int i = 0; i < 1000; i++)
		probe(i % 2 ? 7 : 9, (uint32_t)i / 2 + 1, i);
	die();
	assert_int_equal(asked("SELECT reply_code FROM state WHERE target = 7"), 999);
	assert_int_equal(asked("SELECT reply_code FROM state WHERE target = 9"), 998);
	assert_int_equal(asked("SELECT count(*) FROM history"), 200);
}

/* ------------------------------------------------------------------ the disk fails */

static void test_no_space_and_space_again(void **state)
{
	live();
	flush();
	fault_set(1, INT_MAX, SQLITE_FULL);
	for (int i = 0; i < 20; i++)
		happen(true, 0);
	probe(7, 1, 230);
	flush();
	check_order(1, 20);
	assert_true(stats().impaired);
	assert_true(stats().waiting > 0);
	assert_int_equal(stats().lost, 0);
	recorder_acknowledged(life.recorder, 5);
	fault_clear();
	wait_until_well();
	check_order(1, 20);
	assert_int_equal(asked("SELECT count(*) FROM notice"), 19);
	assert_int_equal(asked("SELECT count(*) FROM event"), 20);
	assert_int_equal(asked("SELECT count(*) FROM alarm"), 20);
	assert_int_equal(asked("SELECT count(*) FROM history"), 1);
	assert_int_equal(put_aside("unusable"), 0);
	die();
}

static void test_a_real_limit_of_space(void **state)
{
	char log[80];

	live();
	flush();
	snprintf(log, sizeof(log), "%s-wal", path);
	atomic_store(&fault.space, size_of(log) + 20000);
	for (int i = 0; i < 200; i++) {
		happen(true, 0);
		if (i % 20 == 0)
			flush();
	}
	flush();
	check_order(1, 200);
	assert_true(stats().impaired);
	fault_clear();
	wait_until_well();
	die();
	be_born();
	assert_int_equal(life.past.n_alarms, 200);
	assert_int_equal(life.past.n_notices, 200);
	die();
}

/* The oldest rows of the history give way when it cannot be written for long. */
static void test_history_that_waits_is_bounded(void **state)
{
	struct probe_record p = { .target = 7, .outcome = OUTCOME_OK };

	be_born_with((struct recorder_options){ .limits.history_rows = 1000000 });
	start();
	flush();
	fault_set(1, INT_MAX, SQLITE_FULL);
	happen(false, 0);
	flush();
	for (p.number = 1; p.number <= 200010; p.number++)
		recorder_probe(life.recorder, &p, NULL);
	assert_int_equal(stats().lost, 10);
	fault_clear();
	wait_until_well();
	assert_int_equal(asked("SELECT count(*) FROM history"), 200000);
	assert_int_equal(asked("SELECT min(number) FROM history"), 11);
	die();
}

static const struct failing {
	const char *label;
	int code;
	int times; /* so many operations fail; 0 = all until it is mended */
} failing_rows[] = {
	{ "one operation fails", 0, 1 },
	{ "three operations fail", 0, 3 },
	{ "all operations fail until it is mended", 0, 0 },
	{ "no space once", SQLITE_FULL, 1 },
	{ "no space until it is mended", SQLITE_FULL, 0 },
	{ "damage is met once", SQLITE_CORRUPT, 1 },
};

/* A short life, in which nothing may be lost. */
static void live_through(void)
{
	live();
	for (int i = 0; i < 4; i++) {
		happen(true, i == 3 ? 1 : 0);
		probe(7, (uint32_t)i + 1, 230);
		flush();
	}
}

/* For every n: the n-th operation of a life fails. All notices are released in their order, and
 * when the disk is well again the store has all. */
static void test_every_operation_fails(void **state)
{
	const struct failing *row = *state;
	int n = 0, count;

	do {
		make_folder(NULL);
		n++;
		fault_set(n, row->times ? n + row->times - 1 : INT_MAX, row->code);
		live_through();
		count = atomic_load(&fault.count);
		check_order(1, 4);
		fault_clear();
		happen(true, 0);
		wait_until_well();
		check_order(1, 5);
		die();
		be_born();
		assert_int_equal(life.past.counters.sequence, 5);
		assert_int_equal(life.past.counters.alarm, 5);
		assert_int_equal(life.past.n_events, 5);
		assert_int_equal(life.past.n_alarms, 4);
		assert_int_equal(life.past.alarms[0].alarm, 2);
		assert_int_equal(life.past.n_notices, 5);
		assert_int_equal(life.past.next_index, 10);
		die();
		drop_folder(NULL);
	} while (count >= n);
	assert_true(n > 15);
}

static void test_no_folder_at_the_start(void **state)
{
	char sub[64], away[96];

	/* a file is where the folder should be */
	snprintf(sub, sizeof(sub), "%s/sub", folder);
	close(open(sub, O_CREAT | O_WRONLY, 0600));
	live();
	assert_true(stats().impaired);
	happen(true, 0);
	flush();
	check_order(1, 1);
	assert_true(stats().impaired);
	snprintf(away, sizeof(away), "%s/away", folder);
	assert_int_equal(rename(sub, away), 0);
	wait_until_well();
	die();
	be_born();
	assert_int_equal(life.past.n_alarms, 1);
	assert_int_equal(life.past.next_index, 10);
	die();
}

/* A file system that is mounted too late: its past was not read, and is not overwritten. */
static void test_a_past_that_comes_too_late(void **state)
{
	char sub[64], away[96];

	live();
	for (int i = 0; i < 10; i++)
		happen(true, 0);
	die();
	snprintf(sub, sizeof(sub), "%s/sub", folder);
	snprintf(away, sizeof(away), "%s/away", folder);
	assert_int_equal(rename(sub, away), 0);
	close(open(sub, O_CREAT | O_WRONLY, 0600));
	live();
	happen(true, 0);
	flush();
	assert_true(stats().impaired);
	assert_int_equal(unlink(sub), 0);
	assert_int_equal(rename(away, sub), 0);
	wait_until_well();
	assert_int_equal(put_aside("unread"), 1);
	die();
	assert_int_equal(asked("SELECT count(*) FROM alarm"), 1);
}

/* On a read-only file system the past can be read at least. */
static void test_read_only_at_the_start(void **state)
{
	live();
	happen(true, 0);
	die();
	atomic_store(&fault.read_only, true);
	live();
	assert_int_equal(life.past.n_alarms, 1);
	assert_int_equal(life.past.n_notices, 1);
	assert_int_equal(life.past.counters.sequence, 1);
	happen(true, 0);
	flush();
	check_order(2, 1);
	assert_true(stats().impaired);
	fault_clear();
	wait_until_well();
	assert_int_equal(put_aside("unread") + put_aside("unusable"), 0);
	die();
	assert_int_equal(asked("SELECT count(*) FROM alarm"), 2);
}

/* One that ends without a word, with an alarm that is written. */
static void live_until_exit(void)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		live();
		happen(true, 0);
		flush();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Lives again and again; of what FAILS counts the first fails for once, then the second, and so on.
 * The past is whole each time. */
static void check_past_survives(atomic_int *fails)
{
	unsigned n = 0;

	do {
		live_until_exit();
		n++;
		atomic_store(&fault.sleeps, 0);
		atomic_store(fails, (int)n);
		be_born();
		assert_int_equal(life.past.n_alarms, n);
		assert_int_equal(life.past.n_notices, n);
		assert_int_equal(life.past.next_index, 10);
		assert_int_equal(life.past.counters.sequence, n);
		assert_true(atomic_load(&fault.sleeps) < SLEEPS_MAX);
		start();
		wait_until_well();
		die();
		assert_int_equal(put_aside("unread") + put_aside("unusable"), 0);
	} while (atomic_load(fails) == 0);
	atomic_store(fails, 0);
	assert_true(n > 10);
}

static void test_a_reading_fails_for_once(void **state)
{
	check_past_survives(&fault.read);
}

static void test_a_lock_is_not_given_back(void **state)
{
	check_past_survives(&fault.unlock);
}

/* SQLite waits for itself at each statement, of which there are many: the start is not to. */
static void test_a_lock_of_a_new_file_is_not_given_back(void **state)
{
	int n = 0;

	do {
		make_folder(NULL);
		atomic_store(&fault.sleeps, 0);
		atomic_store(&fault.unlock, ++n);
		be_born();
		assert_true(atomic_load(&fault.sleeps) < SLEEPS_MAX);
		start();
		happen(true, 0);
		wait_until_well();
		die();
		assert_int_equal(asked("SELECT count(*) FROM alarm"), 1);
		drop_folder(NULL);
	} while (atomic_load(&fault.unlock) == 0);
	atomic_store(&fault.unlock, 0);
	assert_true(n > 10);
}

static void test_the_file_is_removed_under_us(void **state)
{
	char sub[64];

	live();
	happen(true, 0);
	probe(7, 1, 230);
	flush();
	snprintf(sub, sizeof(sub), "%s/sub", folder);
	assert_int_equal(nftw(sub, drop_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	happen(true, 0);
	wait_until_well();
	die();
	be_born();
	assert_int_equal(life.past.n_alarms, 2);
	assert_int_equal(life.past.n_notices, 2);
	assert_int_equal(life.past.n_events, 2);
	assert_int_equal(life.past.next_index, 10);
	die();
	assert_int_equal(asked("SELECT count(*) FROM state"), 1);
}

/* ------------------------------------------------------------------ killed */

/* The sequence that was released last: outlives the child that is killed. */
static atomic_uint *last_released;

static void on_release_in_child(void *userdata, struct notice *notice)
{
	atomic_store(last_released, notice->sequence);
	if (notice->sequence % 3 == 0)
		recorder_acknowledged(life.recorder, notice->sequence);
	free(notice);
}

/* Each odd event opens an alarm, the next one closes it; until it is killed. */
static void live_until_killed(void)
{
	be_born_with((struct recorder_options){
		.limits.history_rows = 10, .release = on_release_in_child });
	start();
	for (uint32_t i = 1;; i++) {
		bool opens = life.counters.sequence % 2 == 0;

		happen(opens, opens ? 0 : life.counters.alarm);
		probe(7, i, 230);
		if (i % 16 == 0)
			usleep(500);
	}
}

/* What was released and has not arrived is there, alarms are as the latest event says. */
static void check_after_kill(uint32_t first)
{
	uint32_t sequence = first, last = atomic_load(last_released);

	assert_true(life.past.counters.sequence >= last);
	assert_int_equal(life.past.n_alarms, life.past.counters.sequence % 2);
	for (size_t i = 0; i < life.past.n_notices; i++) {
		for (; sequence < life.past.notices[i]->sequence; sequence++)
			if (sequence <= last)
				assert_int_equal(sequence % 3, 0);
		sequence++;
	}
	assert_true(sequence > last || (sequence == last && last % 3 == 0));
}

static void test_killed_at_any_moment(void **state)
{
	last_released = mmap(NULL, sizeof(*last_released), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(last_released, MAP_FAILED);
	for (int round = 0; round < 40; round++) {
		uint32_t first;
		int status;
		pid_t pid;

		be_born();
		first = life.past.counters.sequence + 1;
		for (size_t i = 0; i < life.past.n_notices; i++)
			recorder_acknowledged(life.recorder, life.past.notices[i]->sequence);
		start();
		die();
		atomic_store(last_released, first - 1);
		pid = fork();
		if (pid == 0)
			live_until_killed();
		assert_true(pid > 0);
		while (round % 8 != 0 && atomic_load(last_released) < first + (unsigned)round)
			usleep(100);
		usleep((unsigned)round * 391 % 5000);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		be_born();
		check_after_kill(first);
		die();
	}
	assert_true(atomic_load(last_released) > 400);
	munmap(last_released, sizeof(*last_released));
}

/* ------------------------------------------------------------------ a bad file */

static void test_a_damaged_file_at_the_start(void **state)
{
	live();
	happen(true, 0);
	die();
	damage(0);
	live();
	assert_int_equal(put_aside("unusable"), 1);
	assert_int_equal(life.past.n_alarms, 0);
	assert_false(stats().impaired);
	happen(true, 0);
	flush();
	assert_false(stats().impaired);
	die();
	assert_int_equal(asked("SELECT count(*) FROM alarm"), 1);
}

/* Whatever page is damaged: the agent lives, and the new file has what could be read. */
static void test_damage_in_every_page(void **state)
{
	unsigned aside = 0, indexes = 0, alarms = 0;
	off_t size = 8192; /* told by the first round */

	for (off_t page = 4096; page < size; page += 4096) {
		make_folder(NULL);
		live();
		for (int i = 0; i < 40; i++)
			happen(true, 0);
		die();
		size = size_of(path);
		damage(page);
		be_born();
		indexes += life.past.next_index == 10;
		alarms += life.past.n_alarms == 40;
		start();
		happen(true, 0);
		probe(7, 1, 230);
		flush();
		check_order(life.counters.sequence, 1);
		assert_false(stats().impaired);
		aside += put_aside("unusable");
		die();
		be_born();
		assert_true(life.past.n_alarms >= 1);
		assert_int_equal(life.past.next_index, 10);
		die();
		drop_folder(NULL);
	}
	make_folder(NULL);
	assert_true(aside > 5);
	assert_true(indexes > 5); /* most damage does not touch them */
	assert_true(alarms > 5);
}

static void test_damage_is_met_in_the_middle(void **state)
{
	live();
	happen(true, 0);
	probe(7, 1, 230);
	flush();
	fault_set(1, 1, SQLITE_CORRUPT);
	happen(true, 0);
	flush();
	fault_clear();
	wait_until_well();
	assert_int_equal(put_aside("unusable"), 1);
	check_order(1, 2);
	die();
	be_born();
	assert_int_equal(life.past.n_alarms, 2);
	assert_int_equal(life.past.n_events, 2);
	assert_int_equal(life.past.n_notices, 2);
	assert_int_equal(life.past.next_index, 10);
	die();
}

/* When every new file is as bad as the one before, the folder does not fill with them. */
static void test_damage_without_end(void **state)
{
	live();
	flush();
	fault_set(1, INT_MAX, SQLITE_CORRUPT);
	happen(true, 0);
	for (int i = 0; i < 20; i++) {
		flush();
		usleep(2000);
	}
	assert_true(stats().impaired);
	assert_int_equal(put_aside("unusable"), 1);
	fault_clear();
	wait_until_well();
	die();
	be_born();
	assert_int_equal(life.past.n_alarms, 1);
	die();
}

/* Names, indexes, numbers and open alarms are taken over from a file of a later version. */
static void test_a_later_version(void **state)
{
	struct config config = { .n_targets = 1,
		.targets = &(struct target_config){ .name = (char *)"other" } };

	live();
	happen(true, 0);
	die();
	sql_in(path,
		"ALTER TABLE target ADD COLUMN colour TEXT; PRAGMA user_version=1000;"
		"ALTER TABLE event RENAME TO happening;");
	be_born();
	assert_int_equal(put_aside("unusable"), 1);
	assert_int_equal(life.past.next_index, 10);
	assert_int_equal(life.past.counters.sequence, 1);
	assert_int_equal(life.past.n_alarms, 1);
	recorder_recall(life.recorder, &config);
	assert_int_equal(config.targets[0].known_index, 9);
	start();
	die();
	assert_int_equal(asked("SELECT count(*) FROM alarm"), 1);
	assert_int_equal(asked("SELECT count(*) FROM target"), 2);
}

static void test_a_notice_that_cannot_be_read(void **state)
{
	live();
	happen(true, 0);
	happen(true, 0);
	die();
	sql_in(path,
		"UPDATE notice SET packed = x'ff00' WHERE sequence = 1;"
		"INSERT INTO notice VALUES (77, x'');");
	be_born();
	assert_int_equal(life.past.n_notices, 1);
	assert_int_equal(life.past.notices[0]->sequence, 2);
	start();
	die();
	assert_int_equal(asked("SELECT count(*) FROM notice"), 1);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, drop_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_a_first_start),
		IN_FOLDER(test_never_started),
		IN_FOLDER(test_all_is_there_after_a_restart),
		IN_FOLDER(test_what_is_known_is_not_recalled_over),
		IN_FOLDER(test_durable_before_released),
		IN_FOLDER(test_silenced),
		IN_FOLDER(test_what_has_arrived_is_forgotten),
		IN_FOLDER(test_an_alarm_opens_again_under_its_number),
		IN_FOLDER(test_removed_targets_keep_their_index),
		IN_FOLDER(test_changes_of_the_set),
		IN_FOLDER(test_history_goes_on),
		IN_FOLDER(test_no_history_wanted),
		IN_FOLDER(test_history_wanted_no_more),
		IN_FOLDER(test_old_history_goes),
		IN_FOLDER(test_the_latest_state_counts),
		IN_FOLDER(test_no_space_and_space_again),
		IN_FOLDER(test_a_real_limit_of_space),
		IN_FOLDER(test_history_that_waits_is_bounded),
		IN_FOLDER(test_no_folder_at_the_start),
		IN_FOLDER(test_a_past_that_comes_too_late),
		IN_FOLDER(test_read_only_at_the_start),
		IN_FOLDER(test_a_reading_fails_for_once),
		IN_FOLDER(test_a_lock_is_not_given_back),
		cmocka_unit_test(test_a_lock_of_a_new_file_is_not_given_back),
		IN_FOLDER(test_the_file_is_removed_under_us),
		IN_FOLDER(test_killed_at_any_moment),
		IN_FOLDER(test_a_damaged_file_at_the_start),
		IN_FOLDER(test_damage_in_every_page),
		IN_FOLDER(test_damage_is_met_in_the_middle),
		IN_FOLDER(test_damage_without_end),
		IN_FOLDER(test_a_later_version),
		IN_FOLDER(test_a_notice_that_cannot_be_read),
	};

	log_init("test", false);
	fault_install();
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
		unit_tests[unit_n_tests++] = tests[i];
	UNIT_ROWS(failing_rows, test_every_operation_fails);
	return unit_run("recorder");
}
