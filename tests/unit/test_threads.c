/* SPDX-License-Identifier: ISC */
/* Where threads meet: what a manager sets, and what arrives, while the main thread reads it. That
 * all is well is seen by the values here, and by ThreadSanitizer (scripts/tsan). */
#include "tests/unit/store_folder.h"
#include "tests/unit/mib_fixture.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "agent/notifier.h"
#include "agent/observer.h"
#include "common/log.h"

enum { TIMES = 3000, GRACE_USEC = 30 * 1000000, STORM = 11, OTHER_STORM = 2222 };

static struct notifier n;
static struct target *t; /* the one */
/* Relaxed: it must not order what the threads do, or no race could be seen. */
static atomic_uint turns;
static atomic_bool over;

static void free_notice(void *userdata, struct notice *notice)
{
	free(notice);
}

static void be_born(void)
{
	struct recorder_options options = {
		.path = path, .limits.event_rows = 50, .release = free_notice, .userdata = &n
	};

	n = (struct notifier){ .registry = fixture_registry() };
	t = fixture_target(7, "ftp1");
	fixture_add(n.registry, t);
	n.settings = n.registry->settings;
	n.registry->settings.storm = STORM;
	policy_init(&n.policy, now_usec(CLOCK_MONOTONIC));
	assert_int_equal(recorder_new(&options, &n.past, &n.recorder), 0);
	recorder_targets(n.recorder, n.registry);
}

static void die(void)
{
	recorder_stop(n.recorder, GRACE_USEC);
	recorder_past_done(&n.past);
	policy_done(&n.policy);
	registry_free(n.registry);
}

/* A manager: SETs write under the lock. */
static void *set_values(void *userdata)
{
	while (!atomic_load(&over)) {
		bool odd = atomic_fetch_add_explicit(&turns, 1, memory_order_relaxed) % 2;

		pthread_mutex_lock(&n.registry->lock);
		n.registry->settings.storm = odd ? STORM : OTHER_STORM;
		t->admin = odd ? ADMIN_ENABLED : ADMIN_MAINTENANCE;
		t->probe_now = true;
		pthread_mutex_unlock(&n.registry->lock);
		sched_yield();
	}
	return NULL;
}

static void *acknowledge(void *userdata)
{
	while (!atomic_load(&over)) {
		recorder_acknowledged(
			n.recorder, atomic_fetch_add_explicit(&turns, 1, memory_order_relaxed) + 1);
		sched_yield();
	}
	return NULL;
}

static pthread_t begin(void *(*what)(void *))
{
	pthread_t thread;

	atomic_store(&turns, 0);
	atomic_store(&over, false);
	assert_int_equal(pthread_create(&thread, NULL, what, NULL), 0);
	while (atomic_load_explicit(&turns, memory_order_relaxed) < 100)
		sched_yield();
	return thread;
}

static void end(pthread_t thread)
{
	atomic_store(&over, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static void test_storm_is_told(void **state)
{
	const struct event event = { .kind = EVENT_MASS_FAILURE, .severity = SEVERITY_CRITICAL };
	char text[256];
	pthread_t manager;

	be_born();
	manager = begin(set_values);
	for (int i = 0; i < TIMES; i++) {
		event_text(n.registry, &event, NULL, text, sizeof(text));
		assert_true(!strncmp(text, "more than 11 ", 13) ||
			!strncmp(text, "more than 2222 ", 15));
	}
	end(manager);
	die();
}

static void test_target_is_ordered(void **state)
{
	pthread_t manager;

	be_born();
	manager = begin(set_values);
	for (int i = 0; i < TIMES; i++) {
		t->ordered = 0;
		notifier_restore(&n, &t, 1);
		assert_true(t->ordered == ADMIN_ENABLED || t->ordered == ADMIN_MAINTENANCE);
	}
	end(manager);
	die();
}

static void test_probe_is_ordered(void **state)
{
	const struct observation good = { .outcome = OUTCOME_OK, .stage = STAGE_NONE };
	struct observer o;
	pthread_t manager;

	be_born();
	observer_init(&o, n.registry, &n);
	manager = begin(set_values);
	for (int i = 0; i < TIMES; i++) {
		t->probe_order = PROBE_ORDER_BEGUN;
		observer_observe(&o, t, &good);
	}
	end(manager);
	assert_int_equal(t->counts.outcome[OUTCOME_OK], TIMES);
	registry_order_probe(n.registry, t);
	observer_observe(&o, t, &good); /* it was begun before */
	assert_true(t->probe_now);
	t->probe_order = PROBE_ORDER_BEGUN;
	observer_observe(&o, t, &good);
	assert_false(t->probe_now);
	observer_done(&o);
	die();
}

/* Notices of the time before arrive before there is who writes that down. */
static void test_arrival_at_the_start(void **state)
{
	struct recorder_stats stats;
	pthread_t master;

	be_born();
	master = begin(acknowledge);
	assert_int_equal(recorder_start(n.recorder), 0);
	recorder_flush(n.recorder, GRACE_USEC);
	end(master);
	recorder_flush(n.recorder, GRACE_USEC);
	recorder_stats(n.recorder, &stats);
	assert_false(stats.impaired);
	assert_int_equal(stats.waiting, 0);
	die();
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, drop_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_storm_is_told),
		IN_FOLDER(test_target_is_ordered),
		IN_FOLDER(test_probe_is_ordered),
		IN_FOLDER(test_arrival_at_the_start),
	};

	log_init("test", false);
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
		unit_tests[unit_n_tests++] = tests[i];
	return unit_run("threads");
}
