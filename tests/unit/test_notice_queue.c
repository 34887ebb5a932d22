/* SPDX-License-Identifier: ISC */
/* The queue of notices: bounded, in order whatever comes back, counted; and the token bucket. */
#include "tests/unit/unit.h"

#include "agent/notice_queue.h"

static struct notice *make(uint32_t sequence)
{
	struct notice *n = calloc(1, sizeof(*n));

	assert_non_null(n);
	n->sequence = sequence;
	return n;
}

static void push(struct notice_queue *q, uint32_t sequence)
{
	assert_int_equal(notice_queue_push(q, make(sequence), sequence * UINT64_C(10)), 0);
}

/*
 * A script of letters against the queue: `p` pushes the next number (1, 2, ...); a digit K acts on
 * the K-th notice still in flight, as the letter before it says: `s` sent, `r` returned, `d`
 * dropped; `t` takes one into flight. WANT is what can then be taken, in order.
 */
struct script {
	const char *label;
	size_t max;
	const char *steps;
	const char *want;
	uint32_t sent, retried, dropped;
};

/* clang-format off */
static const struct script scripts[] = {
	{ "empty",                       4, "",                   "",      0, 0, 0 },
	{ "in the order of arrival",     4, "ppp",                "123",   0, 0, 0 },
	{ "full: the oldest goes",       3, "ppppp",              "345",   0, 0, 2 },
	{ "a bound of nothing is one",   0, "ppp",                "3",     0, 0, 2 },
	{ "a bound of one",              1, "pp",                 "2",     0, 0, 1 },
	{ "flying does not count",       2, "ppttpp",             "34",    0, 0, 0 },
	{ "sent is gone",                4, "ppts1",              "2",     1, 0, 0 },
	{ "sent out of order",           4, "ppptts2s1",          "3",     2, 0, 0 },
	{ "given up is gone",            4, "pptd1",              "2",     0, 0, 1 },
	{ "returned comes first",        4, "ppptr1",             "123",   0, 0, 0 },
	{ "returned oldest first",       5, "ppppttr1r1",         "1234",  0, 0, 0 },
	{ "returned youngest first",     5, "ppppttr2r1",         "1234",  0, 0, 0 },
	{ "returned from the middle",    6, "pppptttr2s1r1",      "234",   1, 0, 0 },
	{ "returned to an empty queue",  4, "pptr1tr1",           "12",    0, 1, 0 },
	{ "returned alone, then pushed", 4, "ptr1p",              "12",    0, 0, 0 },
	{ "the last returned, pushed",   4, "ppttr2pr1p",         "1234",  0, 0, 0 },
	{ "returned into a full queue",  2, "ppttppr1r1",         "1234",  0, 0, 0 },
	{ "then a push makes room",      2, "ppttppr1r1p",        "45",    0, 0, 3 },
	{ "taken again is retried",      4, "ptr1tr1t",           "",      0, 2, 0 },
	{ "retried and sent",            4, "pptr1ts1",           "2",     1, 1, 0 },
};
/* clang-format on */

static void flying_done(
	struct notice_queue *q, struct notice_entry **flying, size_t *n, char what, size_t which)
{
	struct notice_entry *e;

	assert_true(which >= 1 && which <= *n);
	e = flying[which - 1];
	memmove(&flying[which - 1], &flying[which], (*n - which) * sizeof(*flying));
	--*n;
	if (what == 's')
		notice_queue_sent(q, e);
	else if (what == 'r')
		notice_queue_return(q, e);
	else
		notice_queue_drop(q, e);
}

static void run_script(void **state)
{
	const struct script *c = *state;
	struct notice_entry *flying[16], *e;
	struct notice_queue q;
	size_t n = 0, pushed = 0, waiting;
	char got[32] = "";

	notice_queue_init(&q, c->max);
	for (const char *step = c->steps; *step; step++) {
		if (*step == 'p') {
			push(&q, (uint32_t)++pushed);
		} else if (*step == 't') {
			flying[n] = notice_queue_take(&q);
			assert_non_null(flying[n++]);
		} else {
			flying_done(&q, flying, &n, step[0], (size_t)(step[1] - '0'));
			step++;
		}
		assert_int_equal(q.n_flying, n);
		assert_int_equal(pushed, notice_queue_pending(&q) + q.sent + q.dropped);
	}
	assert_int_equal(q.sent, c->sent);
	assert_int_equal(q.retried, c->retried);
	assert_int_equal(q.dropped, c->dropped);

	waiting = q.n_waiting;
	assert_int_equal(waiting, strlen(c->want));
	while ((e = notice_queue_take(&q))) {
		assert_int_equal(e->born_usec, e->notice->sequence * UINT64_C(10));
		got[strlen(got)] = (char)('0' + e->notice->sequence);
		notice_queue_sent(&q, e);
	}
	assert_string_equal(got, c->want);
	while (n > 0)
		flying_done(&q, flying, &n, 'd', n);
	assert_int_equal(notice_queue_pending(&q), 0);
	notice_queue_done(&q);
}

static void done_frees_what_waits(void **state)
{
	struct notice_queue q;

	notice_queue_init(&q, 8);
	for (uint32_t i = 1; i <= 5; i++)
		push(&q, i);
	notice_queue_done(&q); /* the leak checker is the judge */
	assert_int_equal(q.dropped, 0);
	assert_int_equal(q.n_waiting, 0);
}

/* Any mixture: nothing is lost, nothing comes twice, and what is taken for the first time comes in
 * order. */
static void any_mixture(void **state)
{
	enum { WINDOW = 5, STEPS = 20000, MAX = 50 };
	struct notice_entry *flying[WINDOW], *e;
	uint32_t pushed = 0, first = 0, random = 1;
	struct notice_queue q;
	size_t n = 0;

	notice_queue_init(&q, MAX);
	for (int i = 0; i < STEPS; i++) {
		random = random * 1103515245u + 12345u;
		switch (random >> 16 & 3) {
		case 0:
			push(&q, ++pushed);
			break;
		case 1:
			if (n == WINDOW || !(e = notice_queue_take(&q)))
				break;
			if (e->tries == 1) {
				assert_true(e->notice->sequence > first);
				first = e->notice->sequence;
			}
			flying[n++] = e;
			break;
		default:
			if (n > 0)
				flying_done(&q, flying, &n, "srsd"[random >> 18 & 3],
					1 + (random >> 20) % n);
		}
		assert_true(q.n_waiting <= MAX + WINDOW);
		assert_int_equal(pushed, notice_queue_pending(&q) + q.sent + q.dropped);
	}
	assert_true(q.sent > 1000 && q.retried > 100 && q.dropped > 100);
	while (n > 0)
		flying_done(&q, flying, &n, 'r', n);
	for (first = 0; (e = notice_queue_take(&q)); notice_queue_sent(&q, e)) {
		assert_true(e->notice->sequence > first);
		first = e->notice->sequence;
	}
	notice_queue_done(&q);
}

/* A bucket of RATE and BURST, made at time 0: how many tokens can be had at AT after TAKEN were
 * taken at time 0, and how long the wait for the next is then. */
struct pace {
	const char *label;
	uint64_t rate, burst, taken, at, had, wait;
};

/* clang-format off */
static const struct pace paces[] = {
	{ "bucket: full at first",         200, 50,  0, 0,             50,   5000 },
	{ "bucket: the rest",              200, 50, 20, 0,             30,   5000 },
	{ "bucket: empty",                 200, 50, 50, 0,              0,   5000 },
	{ "bucket: a moment too early",    200, 50, 50, 4999,           0,      1 },
	{ "bucket: one has come",          200, 50, 50, 5000,           1,   5000 },
	{ "bucket: a part of one is kept", 200, 50, 50, 7500,           1,   2500 },
	{ "bucket: half a second",         200, 50, 50, 100000,        20,   5000 },
	{ "bucket: no more than a burst",  200, 50, 50, 60000000,      50,   5000 },
	{ "bucket: a year later",          200, 50, 50, 31536000000000, 50,  5000 },
	{ "bucket: the end of time",       200, 50, 50, UINT64_MAX,    50,   5000 },
	{ "bucket: one a second",            1,  1,  1, 1000000,        1, 1000000 },
	{ "bucket: an uneven rate",          3,  1,  1, 333333,         0,      1 },
	{ "bucket: an uneven rate, due",     3,  1,  1, 333334,         1, 333334 },
};
/* clang-format on */

static void run_pace(void **state)
{
	const struct pace *c = *state;
	struct token_bucket b;
	uint64_t had = 0;

	token_bucket_init(&b, c->rate, c->burst, 0);
	for (uint64_t i = 0; i < c->taken; i++)
		assert_true(token_bucket_take(&b, 0));
	while (token_bucket_take(&b, c->at))
		had++;
	assert_int_equal(had, c->had);
	assert_int_equal(token_bucket_wait(&b, c->at), c->wait);
	assert_false(token_bucket_take(&b, c->at));
	if (c->at < UINT64_MAX - c->wait)
		assert_true(token_bucket_take(&b, c->at + c->wait));
}

static void time_backwards(void **state)
{
	struct token_bucket b;

	token_bucket_init(&b, 10, 2, 1000000);
	assert_true(token_bucket_take(&b, 1000000));
	assert_true(token_bucket_take(&b, 1000000));
	assert_false(token_bucket_take(&b, 0));
	assert_false(token_bucket_take(&b, 1000000));
	assert_true(token_bucket_take(&b, 1100000));
}

/* Events: a an arrival, f a failure, digits wait so many tenths of a second. */
static const struct {
	const char *label;
	const char *events;
	size_t want;
} windows[] = {
	{ "window: one at first", "", 1 },
	{ "window: opens with each arrival", "aa", 4 },
	{ "window: never above its bound", "aaaaaaa", 20 },
	{ "window: a failure closes it", "aaaaf", 1 },
	{ "window: and it opens again", "aaaafa", 2 },
	{ "window: silence closes it", "aaaa3", 1 },
	{ "window: a short pause does not", "aaa1", 8 },
	{ "window: after silence it opens from one", "aaaa9a", 2 },
};

static void run_window(void **state)
{
	const __typeof__(windows[0]) *c = *state;
	struct flight_window w;
	uint64_t now = 1000 * USEC_PER_SEC;

	flight_window_init(&w, 20);
	for (const char *event = c->events; *event; event++) {
		if (*event == 'a')
			flight_window_arrived(&w, now);
		else if (*event == 'f')
			flight_window_failed(&w);
		else
			now += (uint64_t)(*event - '0') * 100 * USEC_PER_MSEC;
	}
	assert_int_equal(flight_window_size(&w, now), c->want);
}

int main(void)
{
	UNIT_ROWS(scripts, run_script);
	UNIT_TEST(done_frees_what_waits);
	UNIT_TEST(any_mixture);
	UNIT_ROWS(paces, run_pace);
	UNIT_TEST(time_backwards);
	UNIT_ROWS(windows, run_window);
	return unit_run("notice_queue");
}
