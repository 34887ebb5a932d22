/* SPDX-License-Identifier: ISC */
/* Markup from formats, text from arguments; and the plots that a page has. */
#include <stdbool.h>

#include "tests/unit/unit.h"

#include "agent/cli_report_plot.h"
#include "agent/html.h"

/* A stream into a string. */
struct page {
	char *text;
	size_t size;
	FILE *f;
};

static struct page *begin(void)
{
	static struct page page;

	page.f = open_memstream(&page.text, &page.size);
	assert_non_null(page.f);
	return &page;
}

static char *end(struct page *page)
{
	assert_int_equal(fclose(page->f), 0);
	return page->text;
}

struct text_row {
	const char *label, *text, *expected;
};

/* clang-format off */
static const struct text_row text_rows[] = {
	{ "text: empty",                   "",                        "" },
	{ "text: a plain reply",           "530 Login incorrect.",    "530 Login incorrect." },
	{ "text: an element",              "<script>x</script>",      "&lt;script&gt;x&lt;/script&gt;" },
	{ "text: out of an attribute",     "\" onload=\"x' y='",      "&quot; onload=&quot;x&#39; y=&#39;" },
	{ "text: a reference is no one",   "&lt;&amp;",               "&amp;lt;&amp;amp;" },
	{ "text: a format is none",        "%s%n%%",                  "%s%n%%" },
	{ "text: tab and line end",        "a\tb\nc",                 "a b c" },
	{ "text: carriage return",         "a\r",                     "a\\x0D" },
	{ "text: terminal sequence",       "\x1b[31m",                "\\x1B[31m" },
	{ "text: DEL",                     "\x7f",                    "\\x7F" },
	{ "text: overlong <",              "\xc0\xbc",                "\\xC0\\xBC" },
	{ "text: cut UTF-8",               "\xe2\x82",                "\\xE2\\x82" },
	{ "text: right to left override",  "\xe2\x80\xae" "txt",      "\\xE2\\x80\\xAEtxt" },
	{ "text: first and last printable", " ~",                     " ~" },
};
/* clang-format on */

static void check_text(void **state)
{
	const struct text_row *row = *state;
	_cleanup_(freep) char *direct = NULL, *argument = NULL;
	struct page *page = begin();

	html_text(page->f, row->text);
	direct = end(page);
	assert_string_equal(direct, row->expected);
	page = begin();
	html_print(page->f, "%s", row->text);
	argument = end(page);
	assert_string_equal(argument, row->expected);
}

static void test_formats(void **state)
{
	_cleanup_(freep) char *text = NULL;
	struct page *page = begin();

	html_print(page->f, "<a title=\"%s\">%d%% & %u</a>", "\"<", -7, UINT32_MAX);
	text = end(page);
	assert_string_equal(text, "<a title=\"&quot;&lt;\">-7% & 4294967295</a>");
}

/* ------------------------------------------------------------------ figures */

enum { MINUTES = 60 }; /* of the frame */
#define MINUTE (60 * USEC_PER_SEC)
#define FROM (UINT64_C(1795356000) * USEC_PER_SEC)
#define GOOD(minute, ms, damped) \
	{ \
		.time = FROM + (minute)*MINUTE, .usec = (ms)*1000, .state = STATE_##damped \
	}
#define BAD(minute, damped) \
	{ \
		.time = FROM + (minute)*MINUTE, .usec = 15000000, .failed = true, \
		.state = STATE_##damped \
	}

static void test_figures(void **state)
{
	const struct report_point points[] = { GOOD(0, 30, OK), BAD(1, OK), GOOD(2, 10, OK),
		GOOD(3, 99, OK), BAD(4, REFUSED), GOOD(5, 20, OK) };
	struct report_figures g;

	assert_int_equal(report_figures(points, ARRAY_SIZE(points), &g), 0);
	assert_int_equal(g.n, 6);
	assert_int_equal(g.failed, 2);
	assert_int_equal(g.median_usec, 25000);
	assert_int_equal(g.max_usec, 99000);
	assert_int_equal(report_figures(points + 1, 1, &g), 0);
	assert_int_equal(g.median_usec, 0);
	assert_int_equal(g.max_usec, 0);
	assert_int_equal(report_figures(points, 0, &g), 0);
	assert_int_equal(g.n, 0);
}

struct duration_row {
	const char *label;
	uint32_t usec;
	const char *expected;
};

static const struct duration_row duration_rows[] = {
	{ "duration: none", 0, "0.0 ms" },
	{ "duration: milliseconds", 41260, "41.3 ms" },
	{ "duration: below ten seconds", 9999900, "9999.9 ms" },
	{ "duration: ten seconds", 10000000, "10.0 s" },
	{ "duration: the longest", UINT32_MAX, "4295.0 s" },
};

static void check_duration(void **state)
{
	const struct duration_row *row = *state;
	char buffer[REPORT_DURATION_SIZE];

	assert_string_equal(report_duration(row->usec, buffer), row->expected);
}

/* ------------------------------------------------------------------ plots */

enum { POINTS_MAX = 12 };

struct plot_row {
	const char *label;
	enum report_size size;
	size_t n;
	struct report_point points[POINTS_MAX];
	const char *expected; /* what stands between the title and the end */
};

/* A frame of one hour: 4 columns a minute as a card, 1.6 as a row. */
/* clang-format off */
static const struct plot_row plot_rows[] = {
	{ "plot: a login alone is one column", REPORT_CARD, 1, { GOOD(30, 40, OK) },
		"<path class=\"bar\" d=\"M120,60v-60h1v60z\"/><path class=\"ok\" d=\"M120,74v-2h1v2z\"/>" },
	{ "plot: a failure alone", REPORT_CARD, 1, { BAD(30, REFUSED) },
		"<path class=\"failed\" d=\"M120,60v-60h1v60z\"/><path class=\"refused\" d=\"M120,74v-10h1v10z\"/>" },
	{ "plot: each counts until the next", REPORT_CARD, 3,
		{ GOOD(0, 20, OK), GOOD(10, 40, OK), GOOD(20, 10, OK) },
		"<path class=\"bar\" d=\"M0,60v-30h40v-30h40v45h120v15z\"/>"
		"<path class=\"ok\" d=\"M0,74v-2h200v2z\"/>" },
	{ "plot: without probes it is empty", REPORT_CARD, 5,
		{ GOOD(0, 20, OK), GOOD(1, 20, OK), GOOD(2, 20, OK), GOOD(40, 20, OK), GOOD(41, 20, OK) },
		"<path class=\"bar\" d=\"M0,60v-60h20v60zM160,60v-60h16v60z\"/>"
		"<path class=\"ok\" d=\"M0,74v-2h20v2zM160,74v-2h16v2z\"/>" },
	{ "plot: the worst of a column, the longest, and the failure", REPORT_ROW, 4,
		{ GOOD(0, 40, OK), BAD(0, REFUSED), GOOD(0, 20, OK), GOOD(60, 1, OK) },
		"<path class=\"failed\" d=\"M0,18v-18h1v18z\"/><path class=\"bar\" d=\"M0,18v-18h1v18z\"/>"
		"<path class=\"refused\" d=\"M0,26v-6h1v6z\"/>" },
	{ "plot: each state has a height of its own", REPORT_ROW, 6,
		{ GOOD(0, 1, OK), GOOD(10, 1, AT_RISK), GOOD(20, 1, DEGRADED), BAD(30, UNREACHABLE),
			BAD(40, UNKNOWN), GOOD(50, 1, OK) },
		"<path class=\"failed\" d=\"M48,18v-18h32v18z\"/>"
		"<path class=\"bar\" d=\"M0,18v-18h48v18zM80,18v-18h16v18z\"/>"
		"<path class=\"ok\" d=\"M0,26v-1h16v1zM80,26v-1h16v1z\"/>"
		"<path class=\"atRisk\" d=\"M16,26v-3h16v3z\"/><path class=\"degraded\" d=\"M32,26v-2h16v2z\"/>"
		"<path class=\"unreachable\" d=\"M48,26v-6h16v6z\"/><path class=\"unknown\" d=\"M64,26v-1h16v1z\"/>" },
	{ "plot: a login that took no time is seen", REPORT_ROW, 2,
		{ GOOD(0, 0, OK), GOOD(30, 0, OK) },
		"<path class=\"bar\" d=\"M0,18v-1h96v1z\"/><path class=\"ok\" d=\"M0,26v-1h96v1z\"/>" },
	{ "plot: what lies outside is left out", REPORT_ROW, 2,
		{ { .time = FROM - MINUTE, .usec = 1, .state = STATE_OK }, GOOD(60, 1, OK) },
		"" },
	{ "plot: a clock that was set back", REPORT_ROW, 3,
		{ GOOD(30, 1, OK), GOOD(0, 1, OK), GOOD(15, 1, OK) },
		"<path class=\"bar\" d=\"M0,18v-18h96v18z\"/><path class=\"ok\" d=\"M0,26v-1h96v1z\"/>" },
};
/* clang-format on */

static char *plot(enum report_size size, const struct report_point *points, size_t n)
{
	const struct report_frame frame = { .size = size,
		.from = FROM,
		.to = FROM + MINUTES * MINUTE,
		.period = "the <last> hour" };
	struct report_figures g;
	struct page *page = begin();

	assert_int_equal(report_figures(points, n, &g), 0);
	assert_int_equal(report_plot_print(page->f, &frame, points, n, &g), 0);
	return end(page);
}

static void check_plot(void **state)
{
	const struct plot_row *row = *state;
	_cleanup_(freep) char *text = plot(row->size, row->points, row->n);
	char *body = strstr(text, "</title>"), *tail = strstr(text, "</svg>");

	assert_non_null(body);
	assert_non_null(tail);
	assert_string_equal(tail, "</svg>");
	*tail = '\0';
	assert_string_equal(body + strlen("</title>"), row->expected);
}

static void test_nothing_to_plot(void **state)
{
	_cleanup_(freep) char *text = plot(REPORT_CARD, NULL, 0);

	assert_string_equal(text, "");
}

static void test_title_says_it_in_words(void **state)
{
	const struct report_point mixed[] = { GOOD(0, 20, OK), GOOD(10, 40, OK), BAD(20, REFUSED) };
	_cleanup_(freep) char *some = plot(REPORT_ROW, mixed, 3),
			      *none = plot(REPORT_ROW, mixed + 2, 1);

	assert_non_null(strstr(some, "role=\"img\""));
	assert_non_null(strstr(some,
		"<title>Login time and state in the &lt;last&gt; hour: "
		"median 30.0 ms, longest 40.0 ms, 1 of 3 probes failed</title>"));
	assert_non_null(strstr(none, ": no login worked, 1 probes failed</title>"));
}

/* Its size does not depend on how many probes there were, nor on how they went up and down. */
static void test_size_is_bounded(void **state)
{
	enum { MANY = 86400 };
	_cleanup_(freep) struct report_point *points = calloc(MANY, sizeof(*points));
	_cleanup_(freep) char *card = NULL, *row = NULL;

	assert_non_null(points);
	for (size_t i = 0; i < MANY; i++)
		points[i] = (struct report_point){ .time = FROM + i * MINUTES * MINUTE / MANY,
			.usec = 1000 + (uint32_t)(i / 360 % 2) * 100000000,
			.failed = i / 360 % 3 == 2,
			.state = (enum state)(1 + i / 360 % (STATE_END - 1)) };
	card = plot(REPORT_CARD, points, MANY);
	row = plot(REPORT_ROW, points, MANY);
	assert_in_range(strlen(card), 2000, 10000);
	assert_in_range(strlen(row), 500, 4000);
}

int main(void)
{
	UNIT_ROWS(text_rows, check_text);
	UNIT_TEST(test_formats);
	UNIT_TEST(test_figures);
	UNIT_ROWS(duration_rows, check_duration);
	UNIT_ROWS(plot_rows, check_plot);
	UNIT_TEST(test_nothing_to_plot);
	UNIT_TEST(test_title_says_it_in_words);
	UNIT_TEST(test_size_is_bounded);
	return unit_run("html");
}
