/* SPDX-License-Identifier: ISC */
/* The ring of events and the list of alarms. */
#include "tests/unit/unit.h"

#include "agent/record.h"

/* ------------------------------------------------------------------ events */

static void add(struct event_ring *r, uint32_t sequence)
{
	struct event_record e = { .event.sequence = sequence, .reply_code = (int)sequence % 7 };

	event_ring_add(r, &e);
}

/* The ring holds FIRST to LAST, all of them, in order. */
static void assert_ring(const struct event_ring *r, uint32_t first, uint32_t last)
{
	assert_int_equal(r->n, last - first + 1);
	for (uint32_t i = 0; i < r->n; i++) {
		assert_int_equal(event_ring_row(r, i)->event.sequence, first + i);
		assert_int_equal(event_ring_row(r, i)->reply_code, (int)(first + i) % 7);
	}
}

/* clang-format off */
static const struct ring_row {
	const char *label;
	size_t size;
	uint32_t added; /* from 1 on */
	uint32_t first; /* kept */
	size_t resized; /* 0 = not */
	uint32_t first_then;
} ring_rows[] = {
	{ "ring: one row", 1, 1, 1, 0, 0 },
	{ "ring: one row, many times", 1, 9, 9, 0, 0 },
	{ "ring: not full", 4, 3, 1, 0, 0 },
	{ "ring: just full", 4, 4, 1, 0, 0 },
	{ "ring: once around", 4, 5, 2, 0, 0 },
	{ "ring: twice around", 4, 9, 6, 0, 0 },
	{ "ring: larger", 4, 6, 3, 9, 3 },
	{ "ring: smaller", 4, 6, 3, 2, 5 },
	{ "ring: smaller but enough", 4, 2, 1, 3, 1 },
	{ "ring: smaller, just full", 4, 2, 1, 2, 1 },
	{ "ring: the same size", 4, 6, 3, 4, 3 },
	{ "ring: down to one", 4, 6, 3, 1, 6 },
};
/* clang-format on */

static void test_ring(void **state)
{
	const struct ring_row *row = *state;
	struct event_ring r;

	assert_int_equal(event_ring_init(&r, row->size), 0);
	assert_int_equal(r.n, 0);
	for (uint32_t i = 1; i <= row->added; i++)
		add(&r, i);
	assert_ring(&r, row->first, row->added);
	assert_int_equal(r.bumped, row->first - 1);
	if (row->resized > 0) {
		assert_int_equal(event_ring_resize(&r, row->resized), 0);
		assert_ring(&r, row->first_then, row->added);
		assert_int_equal(r.bumped, row->first_then - 1);
		/* It goes on as a ring of that size. */
		for (uint32_t i = 1; i <= 20; i++)
			add(&r, row->added + i);
		assert_int_equal(r.n, row->resized);
		assert_ring(&r, row->added + 21 - (uint32_t)row->resized, row->added + 20);
	}
	event_ring_done(&r);
	assert_int_equal(r.n, 0);
	assert_null(r.rows);
}

/* Numbers may have gaps; they need only rise. */
static void test_ring_with_gaps(void **state)
{
	struct event_ring r;

	assert_int_equal(event_ring_init(&r, 2), 0);
	add(&r, 5);
	add(&r, 4000000000);
	add(&r, UINT32_MAX);
	assert_int_equal(event_ring_row(&r, 0)->event.sequence, 4000000000);
	assert_int_equal(event_ring_row(&r, 1)->event.sequence, UINT32_MAX);
	event_ring_done(&r);
}

/* ------------------------------------------------------------------ alarms */

static void put(struct alarm_list *l, uint32_t alarm, int code)
{
	struct alarm_record a = { .alarm = alarm, .reply_code = code };

	assert_int_equal(alarm_list_put(l, &a), 0);
}

static void test_alarms(void **state)
{
	struct alarm_list l = { 0 };

	assert_null(alarm_list_find(&l, 1));
	alarm_list_remove(&l, 1);
	put(&l, 5, 530);
	put(&l, UINT32_MAX, 421);
	put(&l, 1, 0);
	assert_int_equal(l.n, 3);
	assert_int_equal(l.rows[0]->alarm, 1);
	assert_int_equal(l.rows[1]->alarm, 5);
	assert_int_equal(l.rows[2]->alarm, UINT32_MAX);
	/* The same number again is the same row. */
	put(&l, 5, 230);
	assert_int_equal(l.n, 3);
	assert_int_equal(alarm_list_find(&l, 5)->reply_code, 230);
	assert_null(alarm_list_find(&l, 4));
	assert_null(alarm_list_find(&l, 6));
	alarm_list_remove(&l, 4);
	assert_int_equal(l.n, 3);
	alarm_list_remove(&l, 5);
	assert_int_equal(l.n, 2);
	assert_null(alarm_list_find(&l, 5));
	assert_int_equal(alarm_list_find(&l, 1)->reply_code, 0);
	assert_int_equal(alarm_list_find(&l, UINT32_MAX)->reply_code, 421);
	alarm_list_done(&l);
	assert_int_equal(l.n, 0);
}

/* Against a plain table of what is open. */
static void test_many_alarms(void **state)
{
	static int open[500]; /* code + 1; 0 = closed */
	struct alarm_list l = { 0 };
	uint64_t seed = 4;

	for (size_t step = 0; step < 20000; step++) {
		uint32_t alarm;

		seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		alarm = (uint32_t)(seed >> 33) % ARRAY_SIZE(open);
		if (seed >> 63) {
			put(&l, alarm, (int)step);
			open[alarm] = (int)step + 1;
		} else {
			alarm_list_remove(&l, alarm);
			open[alarm] = 0;
		}
	}
	for (uint32_t alarm = 0, n = 0; alarm < ARRAY_SIZE(open); alarm++) {
		struct alarm_record *found = alarm_list_find(&l, alarm);

		assert_int_equal(found != NULL, open[alarm] != 0);
		if (!found)
			continue;
		assert_ptr_equal(found, l.rows[n++]);
		assert_int_equal(found->reply_code + 1, open[alarm]);
	}
	alarm_list_done(&l);
}

int main(void)
{
	UNIT_ROWS(ring_rows, test_ring);
	UNIT_TEST(test_ring_with_gaps);
	UNIT_TEST(test_alarms);
	UNIT_TEST(test_many_alarms);
	return unit_run("record");
}
