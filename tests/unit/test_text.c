/* SPDX-License-Identifier: ISC */
/* Foreign text made safe: escapes, bounds, UTF-8. */
#include <stdbool.h>

#include "tests/unit/unit.h"

#include "common/text.h"

#define BYTES(s) (s), sizeof(s) - 1

struct escape_row {
	const char *label;
	const char *src;
	size_t len;
	size_t size; /* of the destination */
	const char *expected;
};

/* clang-format off */
static const struct escape_row escape_rows[] = {
	{ "escape: nothing",                     BYTES(""),                 8,  "" },
	{ "escape: plain text",                  BYTES("530 no."),          64, "530 no." },
	{ "escape: first and last printable",    BYTES(" ~"),               64, " ~" },
	{ "escape: tab becomes a space",         BYTES("a\tb"),             64, "a b" },
	{ "escape: NUL",                         BYTES("a\0b"),             64, "a\\x00b" },
	{ "escape: line end",                    BYTES("a\r\n"),            64, "a\\x0D\\x0A" },
	{ "escape: terminal sequence",           BYTES("\x1b[31m"),         64, "\\x1B[31m" },
	{ "escape: DEL",                         BYTES("\x7f"),             64, "\\x7F" },
	{ "escape: octets above ASCII",          BYTES("\xc3\xa4\xff"),     64, "\\xC3\\xA4\\xFF" },
	{ "escape: a backslash stays",           BYTES("a\\b"),             64, "a\\b" },
	{ "escape: fits to the last octet",      BYTES("abcd"),             5,  "abcd" },
	{ "escape: cut by one",                  BYTES("abcd"),             4,  "abc" },
	{ "escape: room for the NUL alone",      BYTES("abcd"),             1,  "" },
	{ "escape: an escape that just fits",    BYTES("ab\x01"),           7,  "ab\\x01" },
	{ "escape: no half escape",              BYTES("ab\x01"),           6,  "ab" },
	{ "escape: nothing after a left-out one", BYTES("ab\x01z"),         6,  "ab" },
};
/* clang-format on */

static void check_escape(void **state)
{
	const struct escape_row *row = *state;
	char dst[80];
	size_t n;

	memset(dst, '#', sizeof(dst));
	n = text_escape(dst, row->size, row->src, row->len);
	assert_string_equal(dst, row->expected);
	assert_int_equal(n, strlen(row->expected));
	for (size_t i = row->size; i < sizeof(dst); i++)
		assert_int_equal(dst[i], '#');
}

struct dup_row {
	const char *label;
	const char *src;
	size_t max;
	const char *expected;
};

/* clang-format off */
static const struct dup_row dup_rows[] = {
	{ "dup: empty",                   "",               10,       "" },
	{ "dup: shorter than the bound",  "abc",            10,       "abc" },
	{ "dup: at the bound",            "abcdefghij",     10,       "abcdefghij" },
	{ "dup: cut at the bound",        "abcdefghijk",    10,       "abcdefghij" },
	{ "dup: bound of nothing",        "abc",            0,        "" },
	{ "dup: escapes count",           "\x01\x02\x03",   10,       "\\x01\\x02" },
	{ "dup: all escapes fit",         "\x01\x02\x03",   12,       "\\x01\\x02\\x03" },
	{ "dup: hardly any bound",        "a\nb",           SIZE_MAX, "a\\x0Ab" },
};
/* clang-format on */

static void check_dup(void **state)
{
	const struct dup_row *row = *state;
	_cleanup_(freep) char *copy = text_escape_dup(row->src, row->max);

	assert_non_null(copy);
	assert_string_equal(copy, row->expected);
}

struct utf8_row {
	const char *label;
	const char *text;
	bool clean;
};

/* clang-format off */
static const struct utf8_row utf8_rows[] = {
	{ "utf8: empty",                       "",                            true },
	{ "utf8: ASCII",                       "230 Welcome ~",               true },
	{ "utf8: tab and newline",             "a\tb\nc",                     true },
	{ "utf8: two octets, lowest U+00A0",   "\xc2\xa0",                    true },
	{ "utf8: two octets, highest U+07FF",  "\xdf\xbf",                    true },
	{ "utf8: three octets, lowest U+0800", "\xe0\xa0\x80",                true },
	{ "utf8: below the surrogates U+D7FF", "\xed\x9f\xbf",                true },
	{ "utf8: right to left from here",     "a\xe2\x80\xae" "b",           false },
	{ "utf8: isolated from here",          "a\xe2\x81\xa6" "b",           false },
	{ "utf8: a line separator",            "a\xe2\x80\xa8" "b",           false },
	{ "utf8: zero-width joiner",           "\xd9\x85\xe2\x80\x8d",       true },
	{ "utf8: above the surrogates U+E000", "\xee\x80\x80",                true },
	{ "utf8: U+FFFF",                      "\xef\xbf\xbf",                true },
	{ "utf8: four octets, lowest U+10000", "\xf0\x90\x80\x80",            true },
	{ "utf8: the last one U+10FFFF",       "\xf4\x8f\xbf\xbf",            true },
	{ "utf8: Cyrillic reply",              "\xd0\x92\xd1\x85\xd0\xbe\xd0\xb4", true },
	{ "utf8: carriage return",             "a\r\n",                       false },
	{ "utf8: escape",                      "\x1b[0m",                     false },
	{ "utf8: highest C0",                  "\x1f",                        false },
	{ "utf8: DEL",                         "\x7f",                        false },
	{ "utf8: lowest C1 U+0080",            "\xc2\x80",                    false },
	{ "utf8: highest C1 U+009F",           "\xc2\x9f",                    false },
	{ "utf8: raw C1 octet",                "a\x9b" "31m",                 false },
	{ "utf8: Latin-1",                     "f\xfcr",                      false },
	{ "utf8: lone continuation",           "\x80",                        false },
	{ "utf8: cut after one of two",        "\xc3",                        false },
	{ "utf8: cut after two of three",      "\xe2\x82",                    false },
	{ "utf8: cut after three of four",     "\xf0\x9f\x98",                false },
	{ "utf8: broken by ASCII",             "\xe2\x82" "a",                false },
	{ "utf8: overlong NUL",                "\xc0\x80",                    false },
	{ "utf8: overlong slash",              "\xc1\xaf",                    false },
	{ "utf8: overlong in three",           "\xe0\x9f\xbf",                false },
	{ "utf8: overlong in four",            "\xf0\x8f\xbf\xbf",            false },
	{ "utf8: lowest surrogate",            "\xed\xa0\x80",                false },
	{ "utf8: highest surrogate",           "\xed\xbf\xbf",                false },
	{ "utf8: above U+10FFFF",              "\xf4\x90\x80\x80",            false },
	{ "utf8: octet F5",                    "\xf5\x80\x80\x80",            false },
	{ "utf8: octet FF",                    "\xff",                        false },
	{ "utf8: bad after good",              "ok \xd0\x92\x01",             false },
};
/* clang-format on */

static void check_utf8(void **state)
{
	const struct utf8_row *row = *state;

	assert_int_equal(text_is_clean_utf8(row->text), row->clean);
}

int main(void)
{
	UNIT_ROWS(escape_rows, check_escape);
	UNIT_ROWS(dup_rows, check_dup);
	UNIT_ROWS(utf8_rows, check_utf8);
	return unit_run("text");
}
