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

/*
 * What a full queue drops. A letter pushes a notice: A..Y a raise of that alarm, a..y its
 * clear, 1..3 a repeat of the raise of A..C (or one from before a restart), z of no alarm; `t` as
 * above is `<`, and what came back last is `>`, what arrived last `!`. WANT: what waits at the end;
 * GONE: what was dropped, in that order.
 */
static const struct full {
	const char *label;
	size_t max;
	const char *steps;
	const char *want, *gone;
} fulls[] = {
	/* clang-format off */
	{ "full: a pair goes before what is older",     4, "zABaCD",    "zBCD",   "Aa" },
	{ "full: a pair makes room for two",            4, "zABaCDE",   "BCDE",   "Aaz" },
	{ "full: the pair with the oldest raise",       5, "zABbaC",    "zBbC",   "Aa" },
	{ "full: the clear itself comes too late",      3, "ABCa",      "BCa",    "A" },
	{ "full: then it has no raise, and goes first", 3, "ABCaD",     "BCD",    "Aa" },
	{ "full: a clear whose raise was sent",         3, "A<!BaCD",   "BCD",    "a" },
	{ "full: the oldest such clear",                4, "AB<!<!CbaDE", "CaDE", "b" },
	{ "full: a pair before such a clear",           4, "A<!aBbCD",  "aCD",    "Bb" },
	{ "full: the raise flies: its clear stays",     3, "A<BaCD",    "aCD",    "B" },
	{ "full: a raise that came back may be known",  3, "A<>BaC",    "BaC",    "A" },
	{ "full: that of a restart too",                3, "1BaC",      "BaC",    "1" },
	{ "full: a needless repeat",                    3, "ABC1D",     "BCD",    "1A" },
	{ "full: a repeat of what is on its way",       3, "A<BCD1",    "CD1",    "B" },
	{ "full: a repeat of what was sent",            3, "A<!BCD1",   "CD1",    "B" },
	{ "full: a pair with its repeats",              4, "A1aBC",     "BC",     "A1a" },
	{ "full: the raise flies: no pair with its repeat", 4, "A1<<>BaCD", "BaCD", "1" },
	{ "full: the repeat was sent: the clear counts", 3, "1<!aBCD",  "BCD",    "a" },
	{ "full: of no alarm",                          2, "zzz",       "zz",     "z" },
	{ "full: a clear alone, and the same again",    2, "abAa",      "Aa",     "ab" },
	/* clang-format on */
};

static char letter_of(const struct notice *n)
{
	if (n->alarm == 0)
		return 'z';
	if (n->again)
		return (char)('0' + n->alarm);
	return (char)((n->clears ? 'a' : 'A') + n->alarm - 1);
}

static void note_drop(void *userdata, const struct notice *n)
{
	char *gone = userdata;

	gone[strlen(gone)] = letter_of(n);
}

static struct notice *make_of(char letter)
{
	struct notice *n = make(1);

	n->again = letter <= '9';
	n->clears = letter >= 'a' && letter < 'z';
	n->alarm =
		letter == 'z' ? 0 : (uint32_t)(n->again ? letter - '0' : (letter | 32) - 'a' + 1);
	return n;
}

static void run_full(void **state)
{
	const struct full *c = *state;
	struct notice_entry *flying[8], *e;
	char got[32] = "", gone[32] = "";
	struct notice_queue q;
	size_t n = 0;

	notice_queue_init(&q, c->max);
	q.on_drop = note_drop;
	q.userdata = gone;
	for (const char *step = c->steps; *step; step++)
		if (*step == '<')
			flying[n++] = notice_queue_take(&q);
		else if (*step == '>')
			notice_queue_return(&q, flying[--n]);
		else if (*step == '!')
			notice_queue_sent(&q, flying[--n]);
		else
			assert_int_equal(notice_queue_push(&q, make_of(*step), 1), 0);
	for (e = q.first; e; e = e->next)
		got[strlen(got)] = letter_of(e->notice);
	assert_string_equal(got, c->want);
	assert_string_equal(gone, c->gone);
	assert_int_equal(q.dropped, strlen(gone));
	while (n > 0)
		notice_queue_drop(&q, flying[--n]);
	notice_queue_done(&q);
}

/* Slow and obvious: the list of those that wait, and what a full one must drop. */
struct shadow {
	struct shadow_entry {
		uint32_t sequence, alarm;
		bool clears, again, tried, flying;
	} rows[200];
	size_t n;
	uint32_t dropped[16]; /* by the latest push */
	size_t n_dropped;
};

static void shadow_remove(struct shadow *s, size_t i)
{
	memmove(&s->rows[i], &s->rows[i + 1], (--s->n - i) * sizeof(s->rows[0]));
}

static void shadow_drop(struct shadow *s, size_t i)
{
	assert_true(s->n_dropped < ARRAY_SIZE(s->dropped));
	s->dropped[s->n_dropped++] = s->rows[i].sequence;
	shadow_remove(s, i);
}

static size_t shadow_waiting(const struct shadow *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += !s->rows[i].flying;
	return n;
}

/* Is row I the oldest of an alarm that may be dropped: as a pair, or as a clear alone? */
static bool shadow_may_go(const struct shadow *s, size_t i, bool pair)
{
	const struct shadow_entry *first = &s->rows[i];
	bool cleared = false;

	if (first->alarm == 0 || first->clears == pair)
		return false;
	if (pair && (first->again || first->tried))
		return false;
	for (size_t j = 0; j < s->n; j++) {
		if (s->rows[j].alarm != first->alarm)
			continue;
		if (j < i || s->rows[j].flying || (!pair && !s->rows[j].clears))
			return false;
		cleared = s->rows[j].clears;
	}
	return cleared;
}

static void shadow_make_room(struct shadow *s)
{
	for (int pair = 1; pair >= 0; pair--)
		for (size_t i = 0; i < s->n; i++)
			if (shadow_may_go(s, i, pair)) {
				uint32_t alarm = s->rows[i].alarm;

				for (size_t j = i; j < s->n;)
					if (s->rows[j].alarm == alarm)
						shadow_drop(s, j);
					else
						j++;
				return;
			}
	for (size_t i = 0; i < s->n; i++)
		if (!s->rows[i].flying) {
			shadow_drop(s, i);
			return;
		}
}

static void shadow_push(struct shadow *s, const struct notice *n, size_t max)
{
	bool needless = false, first = true;

	s->n_dropped = 0;
	for (size_t i = 0; i < s->n; i++)
		if (s->rows[i].alarm == n->alarm && n->alarm != 0 && first) {
			first = false;
			needless =
				n->again && !n->clears && !s->rows[i].flying && !s->rows[i].clears;
		}
	if (needless && shadow_waiting(s) >= max) {
		s->dropped[s->n_dropped++] = n->sequence;
		return;
	}
	while (shadow_waiting(s) >= max)
		shadow_make_room(s);
	s->rows[s->n++] = (struct shadow_entry){
		.sequence = n->sequence, .alarm = n->alarm, .clears = n->clears, .again = n->again
	};
}

static struct shadow_entry *shadow_find(struct shadow *s, uint32_t sequence)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->rows[i].sequence == sequence)
			return &s->rows[i];
	fail();
	return NULL;
}

struct drops {
	uint32_t sequences[16];
	size_t n;
};

static void note_sequence(void *userdata, const struct notice *n)
{
	struct drops *d = userdata;

	assert_true(d->n < ARRAY_SIZE(d->sequences));
	d->sequences[d->n++] = n->sequence;
}

/* Raises, repeats and clears of alarms, taken, sent and returned in any mixture: the queue drops
 * what the list drops. */
static void drops_as_the_list(void **state)
{
	enum { WINDOW = 4, STEPS = 60000, MAX = 24, ALARMS = 40 };
	struct notice_entry *flying[WINDOW];
	struct shadow s = { .n = 0 };
	uint32_t random = 3, sequence = 0, pushes = 0;
	bool open[ALARMS] = { false };
	struct drops drops = { .n = 0 };
	struct notice_queue q;
	size_t n = 0, pairs = 0;

	notice_queue_init(&q, MAX);
	q.on_drop = note_sequence;
	q.userdata = &drops;
	for (int i = 0; i < STEPS; i++) {
		uint32_t what, which;

		random = random * 1664525u + 1013904223u;
		what = random >> 28;
		which = random >> 12 & 0xff;
		if (what < 9) {
			struct notice *notice = make(++sequence);
			uint32_t alarm = which % (ALARMS + 4);

			if (alarm < ALARMS) {
				notice->alarm = 1 + alarm + ALARMS * (pushes / 2000);
				notice->again = open[alarm] && what < 3;
				notice->clears = open[alarm] && !notice->again;
				open[alarm] = !notice->clears;
			}
			if (++pushes % 2000 == 0)
				memset(open, 0, sizeof(open));
			shadow_push(&s, notice, MAX);
			drops.n = 0;
			assert_int_equal(notice_queue_push(&q, notice, 1), 0);
			assert_int_equal(drops.n, s.n_dropped);
			assert_memory_equal(drops.sequences, s.dropped, drops.n * sizeof(uint32_t));
			pairs += drops.n > 1;
		} else if (what < 12 && n < WINDOW && q.first) {
			flying[n] = notice_queue_take(&q);
			shadow_find(&s, flying[n]->notice->sequence)->flying = true;
			shadow_find(&s, flying[n++]->notice->sequence)->tried = true;
		} else if (n > 0) {
			struct shadow_entry *row =
				shadow_find(&s, flying[which % n]->notice->sequence);

			if (what & 1) {
				row->flying = false;
				flying_done(&q, flying, &n, 'r', 1 + which % n);
			} else {
				shadow_remove(&s, (size_t)(row - s.rows));
				flying_done(&q, flying, &n, 's', 1 + which % n);
			}
		}
		assert_int_equal(q.n_waiting, shadow_waiting(&s));
	}
	assert_true(pairs > 1000 && q.sent > 1000 && q.retried > 1000);
	while (n > 0)
		flying_done(&q, flying, &n, 's', n);
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
	UNIT_ROWS(fulls, run_full);
	UNIT_TEST(drops_as_the_list);
	UNIT_TEST(done_frees_what_waits);
	UNIT_TEST(any_mixture);
	UNIT_ROWS(paces, run_pace);
	UNIT_TEST(time_backwards);
	UNIT_ROWS(windows, run_window);
	return unit_run("notice_queue");
}
