/* SPDX-License-Identifier: ISC */
/* Turns of the main loop: which are counted, what is published, what the log is told and when. */
#include "tests/unit/unit.h"

#include "agent/stall.h"

#define AT(s) (1000 * USEC_PER_SEC + (uint64_t)((s)*1e6))

/* clang-format off */
static const struct {
	const char *label;
	struct {
		double end; /* seconds */
		uint32_t ms;
	} turns[4];
	uint32_t count, longest;   /* at the end of the last turn */
	struct stall_news told[4]; /* at each turn; { 0, 0 } = nothing */
} rows[] = {
	{ "a turn of nothing",                 { { 1, 0 } },                   0, 0,    { { 0, 0 } } },
	{ "a short one is published",          { { 1, 99 } },                  0, 99,   { { 0, 0 } } },
	{ "the limit is no stall",             { { 1, 100 } },                 0, 100,  { { 0, 0 } } },
	{ "above the limit",                   { { 1, 101 } },                 1, 101,  { { 1, 101 } } },
	{ "the first one of all is told",      { { 0, 101 } },                 1, 101,  { { 1, 101 } } },
	{ "the longest is published",          { { 1, 200 }, { 2, 7 } },       1, 200,  { { 1, 200 }, { 0, 0 } } },
	{ "the longest of one second",         { { 1.2, 50 }, { 1.3, 70 }, { 1.4, 60 } }, 0, 70, { { 0, 0 } } },
	{ "after 59 s it is published still",  { { 1, 200 }, { 60.9, 3 } },    1, 200,  { { 1, 200 }, { 0, 0 } } },
	{ "after 60 s no more",                { { 1, 200 }, { 61.1, 3 } },    1, 3,    { { 1, 200 }, { 0, 0 } } },
	{ "after hours no more",               { { 1, 200 }, { 7261, 0 } },    1, 0,    { { 1, 200 }, { 0, 0 } } },
	{ "told once a minute",                { { 1, 200 }, { 2, 300 }, { 3, 250 }, { 62, 150 } },
	                                                                       4, 250,  { { 1, 200 }, { 0, 0 }, { 0, 0 }, { 3, 300 } } },
	{ "one held back is told in the end",  { { 1, 200 }, { 2, 5000 }, { 60, 1 }, { 61, 1 } },
	                                                                       2, 5000, { { 1, 200 }, { 0, 0 }, { 0, 0 }, { 1, 5000 } } },
	{ "nothing is told twice",             { { 1, 200 }, { 62, 1 }, { 123, 300 }, { 184, 1 } },
	                                                                       2, 1,    { { 1, 200 }, { 0, 0 }, { 1, 300 }, { 0, 0 } } },
	{ "each that is a minute later",       { { 1, 200 }, { 61, 300 }, { 121, 400 } },
	                                                                       3, 400,  { { 1, 200 }, { 1, 300 }, { 1, 400 } } },
};
/* clang-format on */

static void test_turns(void **state)
{
	const __typeof__(rows[0]) *row = *state;
	struct stall s = { .count = 0 };
	uint64_t end = 0;

	for (size_t i = 0; i < ARRAY_SIZE(row->turns) && (i == 0 || row->turns[i].end > 0); i++) {
		struct stall_news news = { 0, 0 };

		end = AT(row->turns[i].end);
		assert_int_equal(stall_note(&s, end - row->turns[i].ms * USEC_PER_MSEC, end, &news),
			row->told[i].turns > 0);
		assert_int_equal(news.turns, row->told[i].turns);
		assert_int_equal(news.ms, row->told[i].ms);
	}
	assert_int_equal(s.count, row->count);
	assert_int_equal(peak_largest(&s.longest, end), row->longest);
}

/* ------------------------------------------------------------------ the loop */

/* Stops the loop with a code; before that, blocks it for USERDATA milliseconds. */
static int on_once(sd_event_source *source, void *userdata)
{
	usleep((useconds_t)(uintptr_t)userdata * 1000);
	return sd_event_exit(sd_event_source_get_event(source), 7);
}

static int loop_with(struct stall *s, uintptr_t block_ms)
{
	sd_event *event = NULL;
	int r;

	assert_true(sd_event_new(&event) >= 0);
	assert_true(sd_event_add_defer(event, NULL, on_once, (void *)block_ms) >= 0);
	r = stall_loop(s, event);
	sd_event_unref(event);
	return r;
}

static void test_exit_code(void **state)
{
	struct stall s = { .count = 0 };

	assert_int_equal(loop_with(&s, 0), 7);
}

static void test_blocking_call(void **state)
{
	struct stall s = { .count = 0 };

	assert_int_equal(loop_with(&s, 150), 7);
	assert_int_equal(s.count, 1);
	assert_true(peak_largest(&s.longest, now_usec(CLOCK_MONOTONIC)) >= 150);
}

/* Its sleep is no stall. */
static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	return sd_event_exit(sd_event_source_get_event(source), 0);
}

static void test_sleep(void **state)
{
	struct stall s = { .count = 0 };
	sd_event_source *source = NULL;
	sd_event *event = NULL;
	uint64_t begin = now_usec(CLOCK_MONOTONIC), took;

	assert_true(sd_event_new(&event) >= 0);
	assert_true(sd_event_add_time_relative(event, &source, CLOCK_MONOTONIC, 300 * USEC_PER_MSEC,
			    1, on_time, NULL) >= 0);
	assert_int_equal(stall_loop(&s, event), 0);
	took = now_usec(CLOCK_MONOTONIC) - begin;
	assert_true(took >= 300 * USEC_PER_MSEC);
	/* Whatever the machine did meanwhile, the sleep is not in it. */
	assert_true(peak_largest(&s.longest, begin + took) <=
		(took - 300 * USEC_PER_MSEC) / USEC_PER_MSEC);
	sd_event_source_unref(source);
	sd_event_unref(event);
}

int main(void)
{
	UNIT_ROWS(rows, test_turns);
	UNIT_TEST(test_exit_code);
	UNIT_TEST(test_blocking_call);
	UNIT_TEST(test_sleep);
	return unit_run("stall");
}
