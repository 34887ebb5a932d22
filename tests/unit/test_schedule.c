/* SPDX-License-Identifier: ISC */
/* Starts are spread evenly over the interval, however many targets there are and whichever went;
 * and what is ordered comes besides. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/schedule.h"

static const struct {
	const char *label;
	uint32_t first, step, n; /* indexes first, first + step, ... */
	double widest;           /* gap allowed, in gaps of a perfect spread */
} spreads[] = {
	{ "one target", 1, 1, 1, 1.001 },
	{ "two targets", 1, 1, 2, 1.5 },
	{ "ten targets", 1, 1, 10, 2 },
	{ "a thousand", 1, 1, 1000, 2.7 },
	{ "ten thousand", 1, 1, 10000, 2.7 },
	{ "a hundred thousand", 1, 1, 100000, 2.7 },
	{ "after many have gone", 900001, 1, 1000, 2.7 },
	{ "every second one is left", 1, 2, 1000, 4 },
	{ "the highest indexes", 2147473648, 1, 10000, 2.7 },
};

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void test_spread(void **state)
{
	const __typeof__(spreads[0]) *c = *state;
	_cleanup_(freep) double *place = calloc(c->n, sizeof(*place));
	double widest;

	for (uint32_t i = 0; i < c->n; i++) {
		place[i] = schedule_phase(c->first + i * c->step);
		assert_true(place[i] >= 0 && place[i] < 1);
	}
	qsort(place, c->n, sizeof(*place), compare);
	widest = place[0] + 1 - place[c->n - 1]; /* the interval is a ring */
	for (uint32_t i = 1; i < c->n; i++)
		if (place[i] - place[i - 1] > widest)
			widest = place[i] - place[i - 1];
	assert_true(widest * c->n <= c->widest);
}

static void test_the_first_starts_at_once(void **state)
{
	assert_true(schedule_phase(1) == 0);
}

static const struct {
	const char *label;
	uint64_t late; /* in tenths of an interval */
	bool busy;
	uint32_t skips;
} lates[] = {
	{ "in its turn", 0, false, 0 },
	{ "late", 9, false, 0 },
	{ "late by an interval", 10, false, 1 },
	{ "late by twelve intervals and a half", 125, false, 12 },
	{ "the one before has not ended", 0, true, 1 },
	{ "nor the one before that", 10, true, 2 },
};

static void test_late(void **state)
{
	const __typeof__(lates[0]) *row = *state;

	assert_int_equal(schedule_skips(7, 7 + row->late, 10, row->busy), row->skips);
}

/* ------------------------------------------------------------------ orders */

enum { PATIENCE_S = 60 };

/* A server that says nothing, and one target that is probed once an hour. */
static struct {
	sd_event *event;
	struct transfer *transfer;
	struct schedule *schedule;
	struct target *target;
	int listener, connection; /* -1: none */
	int ended;                /* probes */
	uint32_t skipped;         /* starts */
} life;

static int on_connection(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	assert_int_equal(life.connection, -1);
	life.connection = accept(fd, NULL, NULL);
	assert_true(life.connection >= 0);
	return 0;
}

static void on_observed(void *userdata, struct target *t, const struct observation *o)
{
	assert_int_equal(o->outcome, OUTCOME_CONNECTION_CLOSED);
	life.ended++;
}

static void on_skipped(void *userdata, struct target *t, uint32_t n)
{
	life.skipped += n;
}

static void turn(void)
{
	assert_true(sd_event_run(life.event, PATIENCE_S * USEC_PER_SEC) > 0);
}

static void wait_for_connection(void)
{
	while (life.connection < 0)
		turn();
}

static void order(void)
{
	life.target->probe_order = PROBE_ORDER_TAKEN;
	schedule_now(life.schedule, life.target);
}

/* Its first probe is ordered, and under way. */
static void be_born(void)
{
	const struct schedule_owner owner = { on_observed, on_skipped, NULL };
	struct sockaddr_in where = { .sin_family = AF_INET };
	socklen_t len = sizeof(where);
	struct target *t = target_new();

	where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	life.ended = 0;
	life.skipped = 0;
	life.connection = -1;
	life.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(life.listener, (struct sockaddr *)&where, len), 0);
	assert_int_equal(listen(life.listener, 5), 0);
	assert_int_equal(getsockname(life.listener, (struct sockaddr *)&where, &len), 0);
	assert_non_null(t);
	t->index = 2; /* its turns come later */
	t->config = (struct target_config){
		.name = strdup("a"),
		.host = strdup("127.0.0.1"),
		.user = strdup("anonymous"),
		.password = strdup("x"),
		.port = ntohs(where.sin_port),
		.interval_usec = 3600 * USEC_PER_SEC,
		.timeout_usec = 2 * PATIENCE_S * USEC_PER_SEC,
	};
	life.target = t;
	assert_true(sd_event_new(&life.event) >= 0);
	assert_true(sd_event_add_io(
			    life.event, NULL, life.listener, EPOLLIN, on_connection, NULL) >= 0);
	assert_int_equal(transfer_new(life.event, &life.transfer), 0);
	assert_int_equal(schedule_new(life.event, life.transfer, 1, &owner, &life.schedule), 0);
	assert_int_equal(schedule_add(life.schedule, t), 0);
	order();
	wait_for_connection();
}

static void die(void)
{
	schedule_free(life.schedule);
	transfer_free(life.transfer);
	sd_event_unref(life.event);
	target_free(life.target);
	close(life.listener);
}

static void close_connection(void)
{
	int ended = life.ended;

	close(life.connection);
	life.connection = -1;
	while (life.ended == ended)
		turn();
}

static void test_an_order_comes_at_once(void **state)
{
	be_born();
	close_connection();
	order();
	wait_for_connection();
	assert_int_equal(life.target->probe_order, PROBE_ORDER_BEGUN);
	close_connection();
	die();
}

static void test_an_order_outlasts_the_probe_under_way(void **state)
{
	be_born();
	order();
	close_connection();
	assert_int_equal(life.ended, 1);
	wait_for_connection();
	assert_int_equal(life.target->probe_order, PROBE_ORDER_BEGUN);
	order(); /* the one that was begun before does not count */
	close_connection();
	wait_for_connection();
	assert_int_equal(life.target->probe_order, PROBE_ORDER_BEGUN);
	close_connection();
	die();
}

static void test_an_order_outlasts_another_interval(void **state)
{
	be_born();
	close_connection();
	order();
	life.target->config.interval_usec *= 2;
	assert_int_equal(schedule_add(life.schedule, life.target), 0);
	wait_for_connection();
	close_connection();
	die();
}

/* While the only slot is taken, ten turns of the target pass. */
static void test_each_start_left_out_is_counted(void **state)
{
	uint64_t end;

	be_born();
	life.target->config.interval_usec = USEC_PER_MSEC;
	assert_int_equal(schedule_add(life.schedule, life.target), 0);
	end = now_usec(CLOCK_MONOTONIC) + 11 * USEC_PER_MSEC;
	while (now_usec(CLOCK_MONOTONIC) < end)
		assert_true(sd_event_run(life.event, USEC_PER_MSEC) >= 0);
	assert_int_equal(life.skipped, 0);
	close_connection();
	assert_true(life.skipped >= 10);
	die();
}

int main(void)
{
	UNIT_ROWS(spreads, test_spread);
	UNIT_TEST(test_the_first_starts_at_once);
	UNIT_ROWS(lates, test_late);
	UNIT_TEST(test_an_order_comes_at_once);
	UNIT_TEST(test_an_order_outlasts_the_probe_under_way);
	UNIT_TEST(test_an_order_outlasts_another_interval);
	UNIT_TEST(test_each_start_left_out_is_counted);
	return unit_run("schedule");
}
