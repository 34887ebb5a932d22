/* SPDX-License-Identifier: ISC */
/* Starts are spread evenly over the interval, however many targets there are and whichever went. */
#include "tests/unit/unit.h"

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

int main(void)
{
	UNIT_ROWS(spreads, test_spread);
	UNIT_TEST(test_the_first_starts_at_once);
	return unit_run("schedule");
}
