/* SPDX-License-Identifier: ISC */
/* The plot: heights, marks, figures, both sets of characters, and the cases with little to show. */
#include <stdbool.h>

#include "tests/unit/unit.h"

#include "agent/cli_plot.h"

/* 2026-11-22 14:00 UTC */
#define BEGIN (UINT64_C(1795356000) * USEC_PER_SEC)

enum { FAILED = 0, POINTS_MAX = 1000 };

static char *plot(const struct plot_point *points, size_t n, struct plot_look look)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	assert_int_equal(plot_print(points, n, &look, f), 0);
	assert_int_equal(fclose(f), 0);
	return text;
}

/* One probe a minute of so many milliseconds; FAILED for one that failed. */
static size_t make_points(const unsigned ms[], size_t n, struct plot_point points[])
{
	for (size_t i = 0; i < n; i++)
		points[i] = (struct plot_point){
			.time = BEGIN + i * 60 * USEC_PER_SEC,
			.usec = ms[i] ? ms[i] * 1000 : 15000000,
			.failed = ms[i] == FAILED,
		};
	return n;
}

struct plot_row {
	const char *label;
	bool utf8, colour;
	unsigned ms[16], n;
	const char *expected;
};

/* clang-format off */
static const struct plot_row plot_rows[] = {
	{ "plot: nothing", false, false, { 0 }, 0, "" },
	{ "plot: one login", false, false, { 40 }, 1,
		"login time: min 40.0 ms, median 40.0 ms, max 40.0 ms; 0 of 1 probes failed\n"
		"    40.0 ms #\n"
		"            #\n"
		"            #\n"
		"            #\n"
		"            #\n"
		"            #\n"
		"            11-22 14:00\n" },
	{ "plot: one failure", false, false, { FAILED }, 1,
		"no login worked: 1 of 1 probes failed\n"
		"    failed: x\n"
		"            11-22 14:00\n" },
	{ "plot: all failed", true, false, { FAILED, FAILED, FAILED }, 3,
		"no login worked: 3 of 3 probes failed\n"
		"    failed: xxx\n"
		"            11-22 14:00  11-22 14:02\n" },
	{ "plot: bars and failures", false, false, { 10, 60, FAILED, 30, FAILED, 1 }, 6,
		"login time: min 1.0 ms, median 20.0 ms, max 60.0 ms; 2 of 6 probes failed\n"
		"    60.0 ms  #\n"
		"             #\n"
		"             #\n"
		"             # #\n"
		"    20.0 ms  # #\n"
		"     1.0 ms ## # .\n"
		"    failed:   x x\n"
		"            11-22 14:00  11-22 14:05\n" },
	{ "plot: the same in blocks", true, false, { 10, 60, FAILED, 30, FAILED, 1 }, 6,
		"login time: min 1.0 ms, median 20.0 ms, max 60.0 ms; 2 of 6 probes failed\n"
		"    60.0 ms  \u2588\n"
		"             \u2588\n"
		"             \u2588\n"
		"             \u2588 \u2588\n"
		"    20.0 ms  \u2588 \u2588\n"
		"     1.0 ms \u2588\u2588 \u2588 \u2581\n"
		"    failed:   x x\n"
		"            11-22 14:00  11-22 14:05\n" },
	{ "plot: all levels of a block", true, false, { 48, 1, 2, 3, 4, 5, 6, 7, 8 }, 9,
		"login time: min 1.0 ms, median 5.0 ms, max 48.0 ms; 0 of 9 probes failed\n"
		"    48.0 ms \u2588\n"
		"            \u2588\n"
		"            \u2588\n"
		"            \u2588\n"
		"            \u2588\n"
		"     5.0 ms \u2588\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588\n"
		"            11-22 14:00  11-22 14:08\n" },
	{ "plot: only marks are coloured", false, true, { 10, FAILED }, 2,
		"login time: min 10.0 ms, median 10.0 ms, max 10.0 ms; 1 of 2 probes failed\n"
		"    10.0 ms #\n"
		"            #\n"
		"            #\n"
		"            #\n"
		"            #\n"
		"            #\n"
		"    failed:  \033[31mx\033[0m\n"
		"            11-22 14:00  11-22 14:01\n" },
};
/* clang-format on */

static void check_plot(void **state)
{
	const struct plot_row *row = *state;
	struct plot_point points[16];
	_cleanup_(freep) char *text = NULL;

	make_points(row->ms, row->n, points);
	text = plot(points, row->n,
		(struct plot_look){ .width = 80, .utf8 = row->utf8, .colour = row->colour });
	assert_string_equal(text, row->expected);
}

static size_t longest_line(const char *text)
{
	size_t longest = 0;

	for (; *text; text += strcspn(text, "\n") + 1)
		if (strcspn(text, "\n") > longest && strncmp(text, "login", 5) != 0)
			longest = strcspn(text, "\n");
	return longest;
}

/* More probes than columns: the greatest of neighbours is shown, and no failure is lost. */
static void test_bins(void **state)
{
	static unsigned ms[POINTS_MAX];
	static struct plot_point points[POINTS_MAX];
	_cleanup_(freep) char *text = NULL;
	char *line;

	for (size_t i = 0; i < POINTS_MAX; i++)
		ms[i] = 10;
	ms[500] = 60;
	ms[777] = FAILED;
	for (size_t i = 900; i < POINTS_MAX; i++)
		ms[i] = FAILED;
	make_points(ms, POINTS_MAX, points);
	text = plot(points, POINTS_MAX, (struct plot_look){ .width = 112 });
	assert_int_equal(longest_line(text), 112);
	assert_non_null(strstr(text, "101 of 1000 probes failed"));
	line = strstr(text, "    60.0 ms ");
	assert_non_null(line);
	assert_int_equal(strcspn(line, "\n"), 12 + 51);
	assert_int_equal(strcspn(line, "#"), 12 + 50);
	line = strstr(text, "    failed: ");
	assert_non_null(line);
	assert_int_equal(strcspn(line, "!"), 12 + 77);
	assert_int_equal(strcspn(line, "x"), 12 + 90);
	assert_int_equal(strspn(line + 12 + 90, "x"), 10);
}

/* A time-out is no login time. */
static void test_failures_do_not_count(void **state)
{
	const unsigned ms[] = { 10, FAILED, 30 };
	struct plot_point points[ARRAY_SIZE(ms)];
	_cleanup_(freep) char *text = NULL;

	text = plot(
		points, make_points(ms, ARRAY_SIZE(ms), points), (struct plot_look){ .width = 80 });
	assert_non_null(strstr(text, "min 10.0 ms, median 20.0 ms, max 30.0 ms"));
}

/* Terminals of no width, and of an absurd one. */
static void test_widths(void **state)
{
	static unsigned ms[POINTS_MAX];
	static struct plot_point points[POINTS_MAX];

	for (size_t i = 0; i < POINTS_MAX; i++)
		ms[i] = 1 + (unsigned)i % 7;
	make_points(ms, POINTS_MAX, points);
	for (unsigned width = 0; width < 2000; width += 13) {
		_cleanup_(freep) char *text =
			plot(points, POINTS_MAX, (struct plot_look){ .width = width });
		size_t longest = longest_line(text);

		assert_in_range(longest, PLOT_WIDTH_MIN, PLOT_WIDTH_MAX);
		if (width >= PLOT_WIDTH_MIN && width <= PLOT_WIDTH_MAX)
			assert_int_equal(longest, width);
	}
}

/* Logins that took no time at all, and the longest time there is. */
static void test_extremes(void **state)
{
	struct plot_point points[] = { { .time = BEGIN, .usec = 0 }, { .time = BEGIN, .usec = 0 } };
	_cleanup_(freep) char *zero = plot(points, 2, (struct plot_look){ .width = 80 });
	_cleanup_(freep) char *most = NULL;

	assert_non_null(strstr(zero, "max 0.0 ms; 0 of 2"));
	assert_non_null(strstr(zero, "     0.0 ms ##\n"));
	points[1].usec = UINT32_MAX;
	most = plot(points, 2, (struct plot_look){ .width = 80 });
	assert_non_null(
		strstr(most, " 4294967.3 ms  #\n") ? most : strstr(most, "4294967.3 ms  #\n"));
	assert_non_null(strstr(most, "     0.0 ms .#\n"));
}

int main(void)
{
	setenv("TZ", "UTC", 1);
	tzset();
	UNIT_ROWS(plot_rows, check_plot);
	UNIT_TEST(test_bins);
	UNIT_TEST(test_failures_do_not_count);
	UNIT_TEST(test_widths);
	UNIT_TEST(test_extremes);
	return unit_run("cli_plot");
}
