/* SPDX-License-Identifier: ISC */
/* Tables: alignment, cutting, colour; and the words in them: ages, times, --since. */
#include <stdbool.h>

#include "tests/unit/unit.h"

#include "agent/cli_table.h"
#include "agent/cli_view.h"

/* What PRINT writes, as fresh memory. */
static char *printed(const struct cli_table *t, const struct cli_look *look)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	assert_int_equal(cli_table_print(t, look, f), 0);
	assert_int_equal(fclose(f), 0);
	return text;
}

static const struct cli_column columns[] = {
	{ .title = "NAME", .cut = 8 },
	{ .title = "CODE", .right = true, .drop = 1 },
	{ .title = "TEXT", .cut = 8 },
};

struct table_row {
	const char *label;
	struct cli_look look;
	const char *cells[7]; /* three a row, then NULL */
	const char *expected;
};

/* clang-format off */
static const struct table_row table_rows[] = {
	{ "table: no rows", { 0, false, true }, { NULL },
		"NAME  CODE  TEXT\n" },
	{ "table: no rows, no header", { 0, false, false }, { NULL },
		"" },
	{ "table: left and right", { 0, false, true }, { "a", "530", "no", "bcdefg", "-", "yes indeed" },
		"NAME    CODE  TEXT\n"
		"a        530  no\n"
		"bcdefg     -  yes indeed\n" },
	{ "table: without header it is as narrow as its cells", { 0, false, false }, { "a", "1", "x" },
		"a  1  x\n" },
	{ "table: no blanks at the end of a line", { 0, false, false }, { "a", "1", "", "b", "", "" },
		"a  1\n"
		"b\n" },
	{ "table: an empty line stays a line", { 0, false, false }, { "", "", "", "b", "1", "c" },
		"\n"
		"b  1  c\n" },
	{ "table: cut to the width", { 24, false, true }, { "a", "530", "a text that is too long" },
		"NAME  CODE  TEXT\n"
		"a      530  a text th...\n" },
	{ "table: what fits to the last column is not cut", { 25, false, false },
		{ "a", "530", "sixteen letters!!" },
		"a  530  sixteen letters!!\n" },
	{ "table: the widest is cut first", { 30, false, false }, { "abcdefghijkl", "530", "0123456789012345678" },
		"abcdefghijkl  530  01234567...\n" },
	{ "table: then both", { 23, false, false }, { "abcdefghijkl", "530", "0123456789012345678" },
		"abcde...  530  01234...\n" },
	{ "table: then a column is left out", { 22, false, true }, { "abcdefghijkl", "530", "0123456789" },
		"NAME        TEXT\n"
		"abcdefg...  0123456789\n" },
	{ "table: but no cell is cut to nothing", { 5, false, false }, { "abcdefghijkl", "530", "0123456789" },
		"abcde...  01234...\n" },
	{ "table: short cells need no cut", { 8, false, false }, { "a", "530", "bc" },
		"a  bc\n" },
	{ "table: they fit to the last column", { 10, false, false }, { "a", "530", "bc" },
		"a  530  bc\n" },
	{ "table: no limit in a pipe", { 0, false, false }, { "abcdefghijkl", "530", "0123456789012345678" },
		"abcdefghijkl  530  0123456789012345678\n" },
	{ "table: colour leaves the columns alone", { 0, true, true }, { "a", "530", "no", "b", "-", "yes" },
		"\033[1mNAME\033[0m  \033[1mCODE\033[0m  \033[1mTEXT\033[0m\n"
		"\033[31ma\033[0m      530  no\n"
		"\033[31mb\033[0m        -  yes\n" },
	{ "table: colour ends where the text is cut", { 18, true, false }, { "abcdefghijkl", "530", "yes" },
		"\033[31mabcde...\033[0m  530  yes\n" },
};
/* clang-format on */

static void check_table(void **state)
{
	const struct table_row *row = *state;
	_cleanup_(freep) char *text = NULL;
	struct cli_table *t;

	assert_int_equal(cli_table_new(columns, ARRAY_SIZE(columns), &t), 0);
	for (size_t i = 0; row->cells[i]; i++)
		cli_table_add(t, row->cells[i], i % 3 == 0 ? TONE_BAD : TONE_PLAIN);
	text = printed(t, &row->look);
	assert_string_equal(text, row->expected);
	cli_table_free(t);
}

static void test_many_rows(void **state)
{
	const struct cli_look look = { 0 };
	_cleanup_(freep) char *text = NULL;
	struct cli_table *t;
	size_t lines = 0;

	assert_int_equal(cli_table_new(columns, ARRAY_SIZE(columns), &t), 0);
	for (unsigned i = 0; i < 1000; i++) {
		cli_table_addf(t, TONE_PLAIN, "ftp%u", i);
		cli_table_addf(t, TONE_PLAIN, "%u", i);
		cli_table_add(t, "x", TONE_PLAIN);
	}
	text = printed(t, &look);
	for (char *line = text; *line; line = strchr(line, '\n') + 1, lines++)
		assert_int_equal(strcspn(line, "\n"), strlen("ftp999  999  x"));
	assert_int_equal(lines, 1000);
	cli_table_free(t);
}

/* ------------------------------------------------------------------ words */

#define NOW (UINT64_C(1800000000) * USEC_PER_SEC)

struct age_row {
	const char *label;
	uint64_t seconds;
	const char *expected;
};

static const struct age_row age_rows[] = {
	{ "age: now", 0, "0s" },
	{ "age: seconds", 59, "59s" },
	{ "age: a minute", 60, "1m" },
	{ "age: minutes", 3599, "59m" },
	{ "age: an hour", 3600, "1h" },
	{ "age: hours and minutes", 2 * 3600 + 5 * 60 + 59, "2h 5m" },
	{ "age: almost a day", 86399, "23h 59m" },
	{ "age: a day", 86400, "1d" },
	{ "age: days", 4 * 86400 + 7200, "4d" },
	{ "age: years", 4000 * UINT64_C(86400), "4000d" },
};

static void check_age(void **state)
{
	const struct age_row *row = *state;
	const struct cli_view v = { .now = NOW };
	char age[CLI_WORD_SIZE];

	assert_string_equal(cli_age(&v, NOW - row->seconds * USEC_PER_SEC, age), row->expected);
}

static void test_age_of_never_and_of_tomorrow(void **state)
{
	const struct cli_view v = { .now = NOW };
	char age[CLI_WORD_SIZE];

	assert_string_equal(cli_age(&v, 0, age), "-");
	assert_string_equal(cli_age(&v, NOW + 86400 * USEC_PER_SEC, age), "0s");
}

struct since_row {
	const char *label, *text;
	uint64_t expected; /* seconds; 0 = refused */
};

/* clang-format off */
static const struct since_row since_rows[] = {
	{ "since: seconds",            "90s",                 1800000000 - 90 },
	{ "since: minutes",            "15m",                 1800000000 - 900 },
	{ "since: an hour",            "1h",                  1800000000 - 3600 },
	{ "since: days",               "2d",                  1800000000 - 172800 },
	{ "since: weeks",              "1w",                  1800000000 - 604800 },
	{ "since: before the epoch",   "9999w",               0 },
	{ "since: a day",              "2026-11-22",          1795305600 },
	{ "since: a minute",           "2026-11-22 14:00",    1795305600 + 50400 },
	{ "since: a second",           "2026-11-22 14:00:05", 1795305600 + 50405 },
	{ "since: as ISO 8601 has it", "2026-11-22T14:00",    1795305600 + 50400 },
	{ "since: leap day",           "2028-02-29",          1835395200 },
	{ "since: no such day",        "2026-02-30",          0 },
	{ "since: no such month",      "2026-13-01",          0 },
	{ "since: no such hour",       "2026-11-22 25:00",    0 },
	{ "since: no unit",            "15",                  0 },
	{ "since: no such unit",       "15y",                 0 },
	{ "since: more than a unit",   "1hour",               0 },
	{ "since: nothing",            "",                    0 },
	{ "since: a word",             "yesterday",           0 },
	{ "since: below zero",         "-1h",                 0 },
	{ "since: a sign",             "+1h",                 0 },
	{ "since: beyond all numbers", "99999999999999999999d", 0 },
	{ "since: something behind",   "2026-11-22 14:00 UTC", 0 },
};
/* clang-format on */

static void check_since(void **state)
{
	const struct since_row *row = *state;
	uint64_t since = 7;

	setenv("TZ", "UTC", 1);
	tzset();
	if (strcmp(row->text, "9999w") == 0) {
		assert_true(cli_parse_since(row->text, NOW, &since));
		assert_int_equal(since, 1);
		return;
	}
	assert_int_equal(cli_parse_since(row->text, NOW, &since), row->expected != 0);
	assert_int_equal(since, row->expected ? row->expected * USEC_PER_SEC : 7);
}

static void test_durations(void **state)
{
	char word[CLI_WORD_SIZE];

	assert_string_equal(cli_duration(0, word), "0.0ms");
	assert_string_equal(cli_duration(41260, word), "41.3ms");
	assert_string_equal(cli_duration(9999900, word), "9999.9ms");
	assert_string_equal(cli_duration(15000000, word), "15.0s");
}

/* Each alarm and event has a label of its own. */
static void test_labels(void **state)
{
	char a[CLI_WORD_SIZE], b[CLI_WORD_SIZE];

	for (unsigned i = 0; i < EVENT_END; i++)
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(cli_event_label((enum event_kind)i, a),
				cli_event_label((enum event_kind)j, b));
	assert_string_equal(cli_event_label(EVENT_LOGIN_REFUSED, a), "loginRefused");
	assert_null(cli_event_label(EVENT_END, a));
	for (unsigned i = 0; i < ALARM_END; i++)
		assert_non_null(cli_alarm_label((enum alarm_kind)i));
	assert_string_equal(cli_alarm_label(ALARM_MASS), "mass");
	assert_null(cli_alarm_label(ALARM_END));
	for (unsigned i = 1; i < STATE_END; i++)
		assert_in_range(cli_state_tone((enum state)i), TONE_PLAIN, TONE_END - 1);
}

static void test_times_in_json(void **state)
{
	json_t *time = cli_json_time(UINT64_C(1795356005123456)), *never = cli_json_time(0);

	assert_string_equal(json_string_value(time), "2026-11-22T14:00:05.123Z");
	assert_true(json_is_null(never));
	json_decref(time);
	json_decref(never);
}

int main(void)
{
	UNIT_ROWS(table_rows, check_table);
	UNIT_TEST(test_many_rows);
	UNIT_ROWS(age_rows, check_age);
	UNIT_TEST(test_age_of_never_and_of_tomorrow);
	UNIT_ROWS(since_rows, check_since);
	UNIT_TEST(test_durations);
	UNIT_TEST(test_labels);
	UNIT_TEST(test_times_in_json);
	return unit_run("cli_table");
}
