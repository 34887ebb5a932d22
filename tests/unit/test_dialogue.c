/* SPDX-License-Identifier: ISC */
/* The login dialogue against the servers of this world, each a row of octets, in any cuts. */
#include <errno.h>
#include <stdbool.h>

#include "tests/unit/unit.h"
#include "tests/unit/feed.h"

#define BYTES(s) s, sizeof(s) - 1
#define FIFTY "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define U "USER anonymous\r\n"
#define UP U "PASS someuser@microsoft.com\r\n"

/* How the stream of a row ends; VERDICT: the dialogue is over before its end. */
enum {
	END_EOF = DIALOGUE_EOF,
	END_RESET = DIALOGUE_RESET,
	END_TIMEOUT = DIALOGUE_TIMEOUT,
	VERDICT
};

struct row {
	const char *label;
	const char *stream;
	size_t len;
	int end;
	enum outcome outcome;
	enum stage stage;
	int code;
	bool polite;
	const char *sent;
	size_t n_replies;
	const char *text; /* of the last reply; NULL when there is none */
	const char *detail;
};

#define OK OUTCOME_OK, STAGE_NONE
#define REFUSED(stage) OUTCOME_LOGIN_REFUSED, STAGE_##stage
#define LATER(stage) OUTCOME_TEMPORARY_REFUSAL, STAGE_##stage
#define ERROR(stage) OUTCOME_PROTOCOL_ERROR, STAGE_##stage
#define CLOSED(stage) OUTCOME_CONNECTION_CLOSED, STAGE_##stage
#define LATE(stage) OUTCOME_TIMEOUT, STAGE_##stage

#define Q269241_BANNER "220 someserver Microsoft FTP Service (Version 4.0).\r\n"
#define Q269241_USER "331 Anonymous access allowed, send identity (e-mail name) as password.\r\n"

static const struct row rows[] = {
	{ "Q269241",
		BYTES(Q269241_BANNER Q269241_USER
			"530 User someuser@microsoft.com cannot log in.\r\n"),
		VERDICT, REFUSED(PASSWORD), 530, true, UP, 3,
		"User someuser@microsoft.com cannot log in.", "" },
	{ "Q269241, the web service installed again",
		BYTES(Q269241_BANNER Q269241_USER "230 Anonymous user logged in.\r\n"), VERDICT, OK,
		230, true, UP, 3, "Anonymous user logged in.", "" },

	{ "login with 202 to PASS", BYTES("220 a\r\n331 b\r\n202 c\r\n"), VERDICT, OK, 202, true,
		UP, 3, "c", "" },
	{ "login with bare line feeds", BYTES("220 a\n331 b\n230 c\n"), VERDICT, OK, 230, true, UP,
		3, "c", "" },
	{ "login with bare codes", BYTES("220\r\n331\r\n230\r\n"), VERDICT, OK, 230, true, UP, 3,
		"", "" },
	{ "login with bare codes and line feeds", BYTES("220\n331\n230\n"), VERDICT, OK, 230, true,
		UP, 3, "", "" },
	{ "230 as the greeting", BYTES("230 in\r\n"), VERDICT, OK, 230, true, "", 1, "in", "" },
	{ "230 to USER (Pure-FTPd)", BYTES("220 a\r\n230 Anonymous user logged in\r\n"), VERDICT,
		OK, 230, true, U, 2, "Anonymous user logged in", "" },
	{ "232 to USER (RFC 2228)", BYTES("220 a\r\n232 b\r\n"), VERDICT, OK, 232, true, U, 2, "b",
		"" },
	{ "120, then 220", BYTES("120 soon\r\n220 a\r\n331 b\r\n230 c\r\n"), VERDICT, OK, 230, true,
		UP, 4, "c", "" },
	{ "octets after the verdict", BYTES("220 a\r\n331 b\r\n230 c\r\n421 d\r\nxyz\r\n"), VERDICT,
		OK, 230, true, UP, 3, "c", "" },

	{ "421 as the greeting", BYTES("421 full\r\n"), VERDICT, LATER(BANNER), 421, false, "", 1,
		"full", "" },
	{ "421 to USER", BYTES("220 a\r\n421 full\r\n"), VERDICT, LATER(USER), 421, false, U, 2,
		"full", "" },
	{ "421 to PASS", BYTES("220 a\r\n331 b\r\n421 full\r\n"), VERDICT, LATER(PASSWORD), 421,
		false, UP, 3, "full", "" },
	{ "421 after a 120", BYTES("120 soon\r\n421 full\r\n"), VERDICT, LATER(BANNER), 421, false,
		"", 2, "full", "" },
	{ "431 to PASS (Serv-U)", BYTES("220 a\r\n331 b\r\n431 locked\r\n"), VERDICT,
		LATER(PASSWORD), 431, true, UP, 3, "locked", "" },
	{ "530 as the greeting", BYTES("530 no\r\n"), VERDICT, REFUSED(BANNER), 530, true, "", 1,
		"no", "" },
	{ "530 to USER", BYTES("220 a\r\n530 no\r\n"), VERDICT, REFUSED(USER), 530, true, U, 2,
		"no", "" },
	{ "500 to PASS (vsftpd)", BYTES("220 a\r\n331 b\r\n500 OOPS: x\r\n"), VERDICT,
		REFUSED(PASSWORD), 500, true, UP, 3, "OOPS: x", "" },
	{ "332 to USER", BYTES("220 a\r\n332 b\r\n"), VERDICT, REFUSED(USER), 332, true, U, 2, "b",
		"the server wants an account (ACCT)" },
	{ "332 to PASS", BYTES("220 a\r\n331 b\r\n332 c\r\n"), VERDICT, REFUSED(PASSWORD), 332,
		true, UP, 3, "c", "the server wants an account (ACCT)" },
	{ "331 to PASS", BYTES("220 a\r\n331 b\r\n331 c\r\n"), VERDICT, REFUSED(PASSWORD), 331,
		true, UP, 3, "c", "the server wants more than a password" },

	{ "200 as the greeting", BYTES("200 a\r\n"), VERDICT, ERROR(BANNER), 200, false, "", 1, "a",
		"200 is no greeting" },
	{ "150 to USER", BYTES("220 a\r\n150 b\r\n"), VERDICT, ERROR(USER), 150, false, U, 2, "b",
		"150 is no answer to USER" },
	{ "150 to PASS", BYTES("220 a\r\n331 b\r\n150 c\r\n"), VERDICT, ERROR(PASSWORD), 150, false,
		UP, 3, "c", "150 is no answer to PASS" },
	{ "120 to USER", BYTES("220 a\r\n120 b\r\n"), VERDICT, ERROR(USER), 120, false, U, 2, "b",
		"120 is no answer to USER" },
	{ "632 to USER", BYTES("220 a\r\n632 b\r\n"), VERDICT, ERROR(USER), 632, false, U, 2, "b",
		"632 is no answer to USER" },

	{ "SSH", BYTES("SSH-2.0-OpenSSH_9.2\r\n"), VERDICT, ERROR(BANNER), 0, false, "", 0, NULL,
		"not FTP: \"SSH-2.0-OpenSSH_9.2\"" },
	{ "HTTP", BYTES("HTTP/1.1 400 Bad Request\r\nServer: x\r\n"), VERDICT, ERROR(BANNER), 0,
		false, "", 0, NULL, "not FTP: \"HTTP/1.1 400 Bad Request\"" },
	{ "a long line that is not FTP", BYTES("0123456789" FIFTY FIFTY "\n"), VERDICT,
		ERROR(BANNER), 0, false, "", 0, NULL, "not FTP: \"0123456789" FIFTY "xxxx...\"" },
	{ "an empty line first", BYTES("\r\n220 a\r\n"), VERDICT, ERROR(BANNER), 0, false, "", 0,
		NULL, "not FTP: \"\"" },
	{ "two digits", BYTES("22\r\n"), VERDICT, ERROR(BANNER), 0, false, "", 0, NULL,
		"not FTP: \"22\"" },
	{ "four digits", BYTES("2200 a\r\n"), VERDICT, ERROR(BANNER), 0, false, "", 0, NULL,
		"not FTP: \"2200 a\"" },
	{ "a tab after the code", BYTES("220\ta\r\n"), VERDICT, ERROR(BANNER), 0, false, "", 0,
		NULL, "not FTP: \"220 a\"" },
	{ "a first digit of 0", BYTES("020 a\r\n"), VERDICT, ERROR(BANNER), 0, false, "", 0, NULL,
		"not FTP: \"020 a\"" },
	{ "a first digit of 7", BYTES("720 a\r\n"), VERDICT, ERROR(BANNER), 0, false, "", 0, NULL,
		"not FTP: \"720 a\"" },
	{ "a blank before the code", BYTES(" 220 a\r\n"), VERDICT, ERROR(BANNER), 0, false, "", 0,
		NULL, "not FTP: \" 220 a\"" },
	{ "a NUL in the code", BYTES("22\0 a\r\n"), VERDICT, ERROR(BANNER), 0, false, "", 0, NULL,
		"not FTP: \"22\\x00 a\"" },
	{ "nonsense to USER", BYTES("220 a\r\nwhat?\r\n"), VERDICT, ERROR(USER), 0, false, U, 1,
		"a", "not FTP: \"what?\"" },
	{ "nonsense to PASS", BYTES("220 a\r\n331 b\r\nwhat?\r\n"), VERDICT, ERROR(PASSWORD), 0,
		false, UP, 2, "b", "not FTP: \"what?\"" },

	{ "multi-line", BYTES("220 a\r\n331 b\r\n530-one\r\n530-two\r\n530 three\r\n"), VERDICT,
		REFUSED(PASSWORD), 530, true, UP, 3, "one\ntwo\nthree", "" },
	{ "another code inside is text", BYTES("220-a\r\n530 trap\r\n220 b\r\n530 no\r\n"), VERDICT,
		REFUSED(USER), 530, true, U, 2, "no", "" },
	{ "another code inside is kept", BYTES("530-a\r\n220 trap\r\n421-trap\r\n530 b\r\n"),
		VERDICT, REFUSED(BANNER), 530, true, "", 1, "a\n220 trap\n421-trap\nb", "" },
	{ "free text inside", BYTES("530-a\r\n  530 b\r\n5300 c\r\n53\r\n530\td\r\n530 e\r\n"),
		VERDICT, REFUSED(BANNER), 530, true, "", 1, "a\n  530 b\n5300 c\n53\n530 d\ne",
		"" },
	{ "multi-line ended by a bare code", BYTES("530-a\r\n530\r\n"), VERDICT, REFUSED(BANNER),
		530, true, "", 1, "a", "" },
	{ "multi-line without text at its ends",
		BYTES("530-\r\n530-a\r\n\r\n530-b\r\n530-\r\n530 \r\n"), VERDICT, REFUSED(BANNER),
		530, true, "", 1, "a\n\nb", "" },
	{ "multi-line with bare line feeds", BYTES("530-a\nb\n530 c\n"), VERDICT, REFUSED(BANNER),
		530, true, "", 1, "a\nb\nc", "" },
	{ "multi-line of another code never ends", BYTES("220-a\r\n230 b\r\n"), END_TIMEOUT,
		LATE(BANNER), 0, false, "", 0, NULL, "unfinished reply 220" },
	{ "Pure-FTPd",
		BYTES("220---------- Welcome to Pure-FTPd [privsep] [TLS] ----------\r\n"
		      "220-You are user number 1 of 50 allowed.\r\n"
		      "220 You will be disconnected after 15 minutes of inactivity.\r\n"
		      "530 This is a private system - No anonymous login\r\n"),
		VERDICT, REFUSED(USER), 530, true, U, 2,
		"This is a private system - No anonymous login", "" },

	{ "control characters", BYTES("530 a\0b\x1b[31m\x7f\tc\x01\r\n"), VERDICT, REFUSED(BANNER),
		530, true, "", 1, "a\\x00b\\x1B[31m\\x7F c\\x01", "" },
	{ "a carriage return inside", BYTES("530 a\rb\r\r\n"), VERDICT, REFUSED(BANNER), 530, true,
		"", 1, "a\\x0Db\\x0D", "" },
	{ "octets above ASCII", BYTES("530 f\xfcr \xd0\x92 \xff\r\n"), VERDICT, REFUSED(BANNER),
		530, true, "", 1, "f\xfcr \xd0\x92 \xff", "" },

	{ "closed at once", BYTES(""), END_EOF, CLOSED(BANNER), 0, false, "", 0, NULL, "" },
	{ "reset at once", BYTES(""), END_RESET, CLOSED(BANNER), 0, false, "", 0, NULL, "" },
	{ "silent", BYTES(""), END_TIMEOUT, LATE(BANNER), 0, false, "", 0, NULL, "" },
	{ "closed after the greeting", BYTES("220 a\r\n"), END_EOF, CLOSED(USER), 0, false, U, 1,
		"a", "" },
	{ "silent after USER", BYTES("220 a\r\n"), END_TIMEOUT, LATE(USER), 0, false, U, 1, "a",
		"" },
	{ "closed after PASS", BYTES("220 a\r\n331 b\r\n"), END_EOF, CLOSED(PASSWORD), 0, false, UP,
		2, "b", "" },
	{ "reset after PASS", BYTES("220 a\r\n331 b\r\n"), END_RESET, CLOSED(PASSWORD), 0, false,
		UP, 2, "b", "" },
	{ "silent after PASS", BYTES("220 a\r\n331 b\r\n"), END_TIMEOUT, LATE(PASSWORD), 0, false,
		UP, 2, "b", "" },
	{ "silent after 120", BYTES("120 soon\r\n"), END_TIMEOUT, LATE(BANNER), 0, false, "", 1,
		"soon", "" },
	{ "half a greeting, then closed", BYTES("220 wel"), END_EOF, CLOSED(BANNER), 0, false, "",
		0, NULL, "unfinished line: \"220 wel\"" },
	{ "half a greeting, then silent", BYTES("220 wel"), END_TIMEOUT, LATE(BANNER), 0, false, "",
		0, NULL, "unfinished line: \"220 wel\"" },
	{ "half a success is none", BYTES("220 a\r\n331 b\r\n230 in"), END_EOF, CLOSED(PASSWORD), 0,
		false, UP, 2, "b", "unfinished line: \"230 in\"" },
	{ "half a code", BYTES("53"), END_EOF, CLOSED(BANNER), 0, false, "", 0, NULL,
		"unfinished line: \"53\"" },
	{ "half a refusal, then closed", BYTES("220 a\r\n331 b\r\n530 User cann"), END_EOF,
		REFUSED(PASSWORD), 530, false, UP, 3, "User cann", "" },
	{ "half a refusal, then reset", BYTES("220 a\r\n530 n"), END_RESET, REFUSED(USER), 530,
		false, U, 2, "n", "" },
	{ "half a refusal, then silent", BYTES("220 a\r\n530 n"), END_TIMEOUT, LATE(USER), 0, false,
		U, 1, "a", "unfinished line: \"530 n\"" },
	{ "half a 421, then closed", BYTES("421 ful"), END_EOF, LATER(BANNER), 421, false, "", 1,
		"ful", "" },
	{ "a refusal without line feed", BYTES("530 no\r"), END_EOF, REFUSED(BANNER), 530, false,
		"", 1, "no", "" },
	{ "a bare refusal without line end", BYTES("530"), END_EOF, REFUSED(BANNER), 530, false, "",
		1, "", "" },
	{ "a multi-line refusal cut off in its last line", BYTES("530-a\r\n530 b"), END_EOF,
		REFUSED(BANNER), 530, false, "", 1, "a\nb", "" },
	{ "a multi-line refusal cut off before it", BYTES("530-a\r\n530-b"), END_EOF,
		CLOSED(BANNER), 0, false, "", 0, NULL, "unfinished line: \"530-b\"" },
	{ "half a refusal inside a greeting is text", BYTES("220-a\r\n530 b"), END_EOF,
		CLOSED(BANNER), 0, false, "", 0, NULL, "unfinished line: \"530 b\"" },
	{ "a multi-line refusal without last line", BYTES("530-a\r\n"), END_EOF, CLOSED(BANNER), 0,
		false, "", 0, NULL, "unfinished reply 530" },
};

/* Streams too long to be written out: HEAD, TIMES times UNIT, TAIL. */
struct long_row {
	struct row row; /* without its stream */
	const char *unit;
	size_t times;
	const char *head, *tail;
};

#define LOGIN "331 b\r\n230 c\r\n"
#define NOT_FTP "not FTP: \"xxxxxxxxxxxxxx" FIFTY "...\""
#define MANY_OCTETS "reply 220 has more than 65536 octets"
#define MANY_LINES "reply 220 has more than 1000 lines"
#define ROW(label, ...) \
	{ \
		label, NULL, 0, __VA_ARGS__ \
	}

static const struct long_row long_rows[] = {
	{ ROW("a line of 1 MiB", VERDICT, ERROR(BANNER), 0, false, "", 0, NULL, MANY_OCTETS), "x",
		1 << 20, "220 ", "" },
	{ ROW("1 MiB that is no reply", VERDICT, ERROR(BANNER), 0, false, "", 0, NULL, NOT_FTP),
		"x", 1 << 20, "", "" },
	{ ROW("512 octets that are no reply", VERDICT, ERROR(BANNER), 0, false, "", 0, NULL,
		  NOT_FTP),
		"x", REPLY_LINE_MAX, "", "" },
	{ ROW("511 octets that are no reply", END_TIMEOUT, LATE(BANNER), 0, false, "", 0, NULL,
		  "unfinished line: \"xxxxxxxxxxxxxx" FIFTY "...\""),
		"x", REPLY_LINE_MAX - 1, "", "" },
	{ ROW("a reply of 512 octets may go on", END_TIMEOUT, LATE(BANNER), 0, false, "", 0, NULL,
		  "unfinished line: \"220 xxxxxxxxxx" FIFTY "...\""),
		"x", 600, "220 ", "" },
	{ ROW("a reply of 65536 octets", VERDICT, OK, 230, true, UP, 3, "c", ""), "x",
		REPLY_BYTES_MAX - 6, "220 ", "\r\n" LOGIN },
	{ ROW("a reply of 65537 octets", VERDICT, ERROR(BANNER), 0, false, "", 0, NULL,
		  MANY_OCTETS),
		"x", REPLY_BYTES_MAX - 5, "220 ", "\r\n" LOGIN },
	{ ROW("a reply of 1000 lines", VERDICT, OK, 230, true, UP, 3, "c", ""), "220-a\r\n",
		REPLY_LINES_MAX - 1, "", "220 a\r\n" LOGIN },
	{ ROW("a reply of 1001 lines", VERDICT, ERROR(BANNER), 0, false, "", 0, NULL, MANY_LINES),
		"220-a\r\n", REPLY_LINES_MAX, "", "220 a\r\n" LOGIN },
	{ ROW("220- without end", VERDICT, ERROR(BANNER), 0, false, "", 0, NULL, MANY_LINES),
		"220-a\r\n", 20000, "", "" },
	{ ROW("empty lines without end", VERDICT, ERROR(BANNER), 0, false, "", 0, NULL, MANY_LINES),
		"\n", 20000, "220-a\r\n", "" },
	{ ROW("long lines without end", VERDICT, ERROR(BANNER), 0, false, "", 0, NULL, MANY_OCTETS),
		FIFTY FIFTY FIFTY "\r\n", 2000, "220-a\r\n", "" },
	{ ROW("120 five times", VERDICT, OK, 230, true, UP, 8, "c", ""), "120 a\r\n", 5, "",
		"220 a\r\n" LOGIN },
	{ ROW("120 without end", VERDICT, ERROR(BANNER), 120, false, "", 6, "a",
		  "more than 5 times 120"),
		"120 a\r\n", 1000, "", "" },
};

static void run(struct fed *f, const struct row *row, struct cuts cuts)
{
	int end = row->end == VERDICT ? END_EOF : row->end;

	feed(f, "anonymous", "someuser@microsoft.com", row->stream, row->len, cuts);
	dialogue_finish(
		&f->dialogue, (enum dialogue_end)end, end == END_RESET ? ECONNRESET : 0, 1000000);
}

/* Fails when the row, cut so, gives anything else than WHOLE. */
static void check_cut(const struct row *row, const struct fed *whole, struct cuts cuts)
{
	struct fed cut;
	const char *difference;

	run(&cut, row, cuts);
	difference = feed_difference(whole, &cut);
	observation_done(&cut.observation);
	if (difference)
		fail_msg("first %zu, then up to %zu, seed %u: other %s", cuts.first, cuts.most,
			cuts.seed, difference);
}

static void check_cuts(const struct row *row, const struct fed *whole)
{
	check_cut(row, whole, (struct cuts){ .most = 1 });
	for (uint32_t seed = 1; seed <= 12; seed++)
		check_cut(row, whole, (struct cuts){ .most = seed * seed * 4, .seed = seed });
	for (size_t first = 1; first < row->len && row->len < 1000; first++)
		check_cut(row, whole, (struct cuts){ .first = first, .most = row->len });
}

static void check_row(const struct row *row)
{
	struct fed f;
	const struct observation *o = &f.observation;

	run(&f, row, (struct cuts){ .most = row->len + 1 });
	assert_string_equal(outcome_label(o->outcome), outcome_label(row->outcome));
	assert_string_equal(stage_label(o->stage), stage_label(row->stage));
	assert_int_equal(o->code, row->code);
	assert_string_equal(o->detail, row->detail);
	assert_string_equal(f.sent, row->sent);
	assert_int_equal(f.dialogue.polite, row->polite);
	assert_int_equal(f.done, row->end == VERDICT);
	assert_int_equal(o->n_replies, row->n_replies);
	if (row->text)
		assert_string_equal(o->replies[o->n_replies - 1].text, row->text);
	assert_int_equal(o->os_error,
		o->outcome == OUTCOME_CONNECTION_CLOSED && row->end == END_RESET ? ECONNRESET : 0);
	check_cuts(row, &f);
	observation_done(&f.observation);
}

static void check_short(void **state)
{
	check_row(*state);
}

static void check_long(void **state)
{
	const struct long_row *l = *state;
	struct row row = l->row;
	size_t unit = strlen(l->unit), head = strlen(l->head), tail = strlen(l->tail);
	_cleanup_(freep) char *stream = malloc(head + l->times * unit + tail);

	assert_non_null(stream);
	memcpy(stream, l->head, head);
	for (size_t i = 0; i < l->times; i++)
		memcpy(stream + head + i * unit, l->unit, unit);
	memcpy(stream + head + l->times * unit, l->tail, tail);
	row.stream = stream;
	row.len = head + l->times * unit + tail;
	check_row(&row);
}

/* Every code there is, in each stage: the ranges of RFC 959 section 6, the first that fits. */
struct code_row {
	const char *label;
	enum stage stage;
	int low, high;
	enum outcome outcome; /* 0: goes on */
};

/* clang-format off */
static const struct code_row code_rows[] = {
	{ "codes 000-099 as the greeting", STAGE_BANNER,     0,  99, OUTCOME_PROTOCOL_ERROR },
	{ "codes 100-119 as the greeting", STAGE_BANNER,   100, 119, OUTCOME_PROTOCOL_ERROR },
	{ "code 120 as the greeting",      STAGE_BANNER,   120, 120, 0 },
	{ "codes 121-219 as the greeting", STAGE_BANNER,   121, 219, OUTCOME_PROTOCOL_ERROR },
	{ "code 220 as the greeting",      STAGE_BANNER,   220, 220, 0 },
	{ "codes 221-229 as the greeting", STAGE_BANNER,   221, 229, OUTCOME_PROTOCOL_ERROR },
	{ "code 230 as the greeting",      STAGE_BANNER,   230, 230, OUTCOME_OK },
	{ "codes 231-399 as the greeting", STAGE_BANNER,   231, 399, OUTCOME_PROTOCOL_ERROR },
	{ "codes 400-499 as the greeting", STAGE_BANNER,   400, 499, OUTCOME_TEMPORARY_REFUSAL },
	{ "codes 500-599 as the greeting", STAGE_BANNER,   500, 599, OUTCOME_LOGIN_REFUSED },
	{ "codes 600-999 as the greeting", STAGE_BANNER,   600, 999, OUTCOME_PROTOCOL_ERROR },
	{ "codes 000-199 to USER",         STAGE_USER,       0, 199, OUTCOME_PROTOCOL_ERROR },
	{ "codes 200-299 to USER",         STAGE_USER,     200, 299, OUTCOME_OK },
	{ "codes 300-331 to USER",         STAGE_USER,     300, 331, 0 },
	{ "code 332 to USER",              STAGE_USER,     332, 332, OUTCOME_LOGIN_REFUSED },
	{ "codes 333-399 to USER",         STAGE_USER,     333, 399, 0 },
	{ "codes 400-499 to USER",         STAGE_USER,     400, 499, OUTCOME_TEMPORARY_REFUSAL },
	{ "codes 500-599 to USER",         STAGE_USER,     500, 599, OUTCOME_LOGIN_REFUSED },
	{ "codes 600-999 to USER",         STAGE_USER,     600, 999, OUTCOME_PROTOCOL_ERROR },
	{ "codes 000-199 to PASS",         STAGE_PASSWORD,   0, 199, OUTCOME_PROTOCOL_ERROR },
	{ "codes 200-299 to PASS",         STAGE_PASSWORD, 200, 299, OUTCOME_OK },
	{ "codes 300-399 to PASS",         STAGE_PASSWORD, 300, 399, OUTCOME_LOGIN_REFUSED },
	{ "codes 400-499 to PASS",         STAGE_PASSWORD, 400, 499, OUTCOME_TEMPORARY_REFUSAL },
	{ "codes 500-599 to PASS",         STAGE_PASSWORD, 500, 599, OUTCOME_LOGIN_REFUSED },
	{ "codes 600-999 to PASS",         STAGE_PASSWORD, 600, 999, OUTCOME_PROTOCOL_ERROR },
};
/* clang-format on */

static void check_codes(void **state)
{
	const struct code_row *row = *state;
	const char *before = row->stage == STAGE_BANNER ? ""
		: row->stage == STAGE_USER              ? "220 a\r\n"
							: "220 a\r\n331 b\r\n";

	for (int code = row->low; code <= row->high; code++) {
		char stream[64];
		struct fed f;
		int len = snprintf(stream, sizeof(stream), "%s%03d x\r\n", before, code);

		feed(&f, "u", "p", stream, (size_t)len, (struct cuts){ .most = sizeof(stream) });
		assert_int_equal(f.observation.outcome, row->outcome);
		assert_int_equal(f.observation.code,
			row->outcome == 0 || code < 100 || code > 699 ? 0 : code);
		assert_int_equal(f.done, row->outcome != 0);
		assert_true(!f.dialogue.polite || (f.done && code != 421));
		observation_done(&f.observation);
	}
}

/* The clock is an argument: each stage has its own time, and the caller's are left alone. */
static void times(void **state)
{
	struct observation o = { .stage_usec = { [STAGE_RESOLVE] = 11, [STAGE_CONNECT] = 22 } };
	struct dialogue d;
	size_t used;

	dialogue_init(&d, &o, "anonymous", "p", 1000, 1033);
	assert_int_equal(dialogue_input(&d, BYTES("120 a\r\n"), 1100, &used), DIALOGUE_WAIT);
	assert_int_equal(dialogue_input(&d, BYTES("220 a\r\n"), 1233, &used), DIALOGUE_SEND);
	assert_int_equal(dialogue_input(&d, BYTES("331 b"), 1500, &used), DIALOGUE_WAIT);
	assert_int_equal(dialogue_input(&d, BYTES("\r\n"), 1733, &used), DIALOGUE_SEND);
	assert_int_equal(dialogue_input(&d, BYTES("230 c\r\n"), 1733, &used), DIALOGUE_DONE);
	dialogue_finish(&d, DIALOGUE_TIMEOUT, 0, 9999);
	assert_int_equal(o.stage_usec[STAGE_RESOLVE], 11);
	assert_int_equal(o.stage_usec[STAGE_CONNECT], 22);
	assert_int_equal(o.stage_usec[STAGE_BANNER], 200);
	assert_int_equal(o.stage_usec[STAGE_USER], 500);
	assert_int_equal(o.stage_usec[STAGE_PASSWORD], 1); /* reached, so never 0 */
	assert_int_equal(o.total_usec, 733);
	assert_int_equal(o.replies[0].at_usec, 100);
	assert_int_equal(o.replies[1].at_usec, 233);
	assert_int_equal(o.replies[2].at_usec, 733);
	assert_int_equal(o.replies[3].at_usec, 733);
	observation_done(&o);
}

static void expect_said(const struct dialogue *d, const char *command)
{
	assert_int_equal(d->out_len, strlen(command));
	assert_memory_equal(d->out, command, d->out_len);
}

/* RFC 4217: AUTH, the handshake, PBSZ, PROT, and then as ever; what is said to PBSZ and PROT does
 * not keep anybody from logging in. */
static void explicit_tls(void **state)
{
	struct observation o = { 0 };
	struct dialogue d;
	size_t used;

	dialogue_init(&d, &o, "anonymous", "p", 0, 0);
	dialogue_want_tls(&d, false);
	assert_int_equal(dialogue_input(&d, BYTES("220 a\r\n"), 10, &used), DIALOGUE_SEND);
	expect_said(&d, "AUTH TLS\r\n");
	assert_int_equal(dialogue_input(&d, BYTES("234 b\r\n"), 30, &used), DIALOGUE_TLS);
	assert_int_equal(dialogue_secured(&d, 130), DIALOGUE_SEND);
	expect_said(&d, "PBSZ 0\r\n");
	assert_int_equal(dialogue_input(&d, BYTES("500 c\r\n"), 135, &used), DIALOGUE_SEND);
	expect_said(&d, "PROT P\r\n");
	assert_int_equal(dialogue_input(&d, BYTES("200 d\r\n"), 140, &used), DIALOGUE_SEND);
	expect_said(&d, "USER anonymous\r\n");
	assert_int_equal(dialogue_input(&d, BYTES("331 e\r\n"), 150, &used), DIALOGUE_SEND);
	assert_int_equal(dialogue_input(&d, BYTES("230 f\r\n"), 151, &used), DIALOGUE_DONE);
	assert_int_equal(o.outcome, OUTCOME_OK);
	assert_int_equal(o.n_replies, 6);
	assert_int_equal(o.stage_usec[STAGE_BANNER], 10);
	assert_int_equal(
		o.stage_usec[STAGE_AUTH], 20 + 10); /* before the handshake and behind it */
	assert_int_equal(o.stage_usec[STAGE_TLS], 100);
	observation_done(&o);
}

static void implicit_tls(void **state)
{
	struct observation o = { 0 };
	struct dialogue d;
	size_t used;

	dialogue_init(&d, &o, "anonymous", "p", 0, 0);
	dialogue_want_tls(&d, true);
	assert_int_equal(dialogue_secured(&d, 100), DIALOGUE_WAIT);
	assert_int_equal(dialogue_input(&d, BYTES("220 a\r\n"), 110, &used), DIALOGUE_SEND);
	expect_said(&d, "PBSZ 0\r\n");
	assert_int_equal(dialogue_input(&d, BYTES("200 b\r\n"), 120, &used), DIALOGUE_SEND);
	expect_said(&d, "PROT P\r\n");
	assert_int_equal(dialogue_input(&d, BYTES("421 c\r\n"), 125, &used), DIALOGUE_DONE);
	assert_int_equal(o.outcome, OUTCOME_TEMPORARY_REFUSAL);
	assert_int_equal(o.stage, STAGE_AUTH);
	assert_int_equal(o.stage_usec[STAGE_TLS], 100);
	assert_int_equal(o.stage_usec[STAGE_BANNER], 10);
	assert_int_equal(o.stage_usec[STAGE_AUTH], 15);
	observation_done(&o);
}

/* What ends a dialogue that was to go on in TLS. */
/* clang-format off */
static const struct secure_row {
	const char *name;
	bool implicit;
	const char *stream;       /* in clear */
	enum outcome outcome;
	enum stage stage;
	int code;
	bool polite;
} secure_rows[] = {
	{ "AUTH refused",             false, "220 a\r\n534 no\r\n",           OUTCOME_TLS_FAILED,        STAGE_AUTH, 534, true },
	{ "AUTH refused for now",     false, "220 a\r\n431 no\r\n",           OUTCOME_TLS_FAILED,        STAGE_AUTH, 431, true },
	{ "AUTH, closing",            false, "220 a\r\n421 no\r\n",           OUTCOME_TEMPORARY_REFUSAL, STAGE_AUTH, 421, false },
	{ "AUTH, nonsense",           false, "220 a\r\n150 no\r\n",           OUTCOME_PROTOCOL_ERROR,    STAGE_AUTH, 150, false },
	{ "greeted as logged in",     false, "230 a\r\n500 no\r\n",           OUTCOME_TLS_FAILED,        STAGE_AUTH, 500, true },
	{ "words behind the 234",     false, "220 a\r\n234 b\r\n230 c\r\n", OUTCOME_TLS_FAILED,        STAGE_TLS,  230, false },
	{ "a greeting in clear",      true,  "220 a\r\n",                       OUTCOME_TLS_FAILED,        STAGE_TLS,  220, false },
	{ "refused in clear",         true,  "421 a\r\n",                       OUTCOME_TLS_FAILED,        STAGE_TLS,  421, false },
	{ "not even FTP",             true,  "SSH-2.0-x\r\n",                   OUTCOME_PROTOCOL_ERROR,    STAGE_TLS,  0,   false },
};
/* clang-format on */

static void no_tls(void **state)
{
	const struct secure_row *row = *state;
	struct observation o = { 0 };
	struct dialogue d;
	enum dialogue_action action = DIALOGUE_WAIT;
	size_t len = strlen(row->stream);

	dialogue_init(&d, &o, "anonymous", "p", 0, 0);
	dialogue_want_tls(&d, row->implicit);
	for (size_t done = 0, used; done < len; done += used)
		action = dialogue_input(&d, row->stream + done, len - done, 1, &used);
	assert_int_equal(action, DIALOGUE_DONE);
	assert_string_equal(outcome_label(o.outcome), outcome_label(row->outcome));
	assert_string_equal(stage_label(o.stage), stage_label(row->stage));
	assert_int_equal(o.code, row->code);
	assert_int_equal(d.polite, row->polite);
	observation_done(&o);
}

/* The handshake fails, or we do, in words of our own. */
static void tls_fails(void **state)
{
	struct observation o = { .detail = "certificate: certificate has expired" };
	struct dialogue d;
	size_t used;

	dialogue_init(&d, &o, "anonymous", "p", 0, 0);
	dialogue_want_tls(&d, false);
	dialogue_input(&d, BYTES("220 a\r\n"), 10, &used);
	dialogue_input(&d, BYTES("234 b\r\n"), 30, &used);
	dialogue_finish(&d, DIALOGUE_INSECURE, 0, 50);
	assert_int_equal(o.outcome, OUTCOME_TLS_FAILED);
	assert_int_equal(o.stage, STAGE_TLS);
	assert_int_equal(o.stage_usec[STAGE_TLS], 20);
	assert_string_equal(o.detail, "certificate: certificate has expired");
	observation_done(&o);

	dialogue_init(&d, &o, "anonymous", "p", 0, 0);
	dialogue_want_tls(&d, true);
	dialogue_finish(&d, DIALOGUE_OURS, ENOMEM, 50);
	assert_int_equal(o.outcome, OUTCOME_INTERNAL_ERROR);
	assert_int_equal(o.os_error, ENOMEM);
	observation_done(&o);
}

/* A refusal of PBSZ that is cut off by the close refuses nothing. */
static void cut_behind_tls(void **state)
{
	struct observation o = { 0 };
	struct dialogue d;
	size_t used;

	dialogue_init(&d, &o, "anonymous", "p", 0, 0);
	dialogue_want_tls(&d, true);
	dialogue_secured(&d, 1);
	dialogue_input(&d, BYTES("220 a\r\n"), 2, &used);
	dialogue_input(&d, BYTES("530 no"), 3, &used);
	dialogue_finish(&d, DIALOGUE_EOF, 0, 4);
	assert_int_equal(o.outcome, OUTCOME_CONNECTION_CLOSED);
	assert_int_equal(o.stage, STAGE_AUTH);
	observation_done(&o);
}

/* Replies that come together are the answers in order; what is left is for the next call. */
static void replies_in_one_piece(void **state)
{
	static const char stream[] = "220 a\r\n331 b\r\n230 c\r\nmore";
	struct observation o = { 0 };
	struct dialogue d;
	size_t used;

	dialogue_init(&d, &o, "anonymous", "p", 0, 0);
	assert_int_equal(dialogue_input(&d, stream, 25, 1, &used), DIALOGUE_SEND);
	assert_int_equal(used, 7);
	assert_int_equal(d.out_len, 16);
	assert_memory_equal(d.out, "USER anonymous\r\n", 16);
	assert_int_equal(dialogue_input(&d, stream + 7, 18, 1, &used), DIALOGUE_SEND);
	assert_int_equal(used, 7);
	assert_int_equal(d.out_len, 8);
	assert_memory_equal(d.out, "PASS p\r\n", 8);
	assert_int_equal(dialogue_input(&d, stream + 14, 11, 1, &used), DIALOGUE_DONE);
	assert_int_equal(used, 7);
	assert_null(d.out);
	assert_int_equal(d.out_len, 0);
	observation_done(&o);
}

/* After the verdict nothing changes it. */
static void nothing_after_the_verdict(void **state)
{
	struct fed f;
	struct observation before;
	size_t used = 0;

	feed(&f, "u", "p", BYTES("530 no\r\n"), (struct cuts){ .most = 99 });
	before = f.observation;
	assert_int_equal(
		dialogue_input(&f.dialogue, BYTES("230 in\r\n"), 99999, &used), DIALOGUE_DONE);
	assert_int_equal(used, 8);
	dialogue_finish(&f.dialogue, DIALOGUE_RESET, ECONNRESET, 99999);
	dialogue_finish(&f.dialogue, DIALOGUE_TIMEOUT, 0, 99999);
	assert_true(f.dialogue.polite);
	assert_memory_equal(&before, &f.observation, sizeof(before));
	observation_done(&f.observation);
}

static void longest_credentials(void **state)
{
	char longest[CREDENTIAL_MAX + 1];
	struct fed f;

	memset(longest, 'x', CREDENTIAL_MAX);
	longest[CREDENTIAL_MAX] = '\0';
	feed(&f, longest, longest, BYTES("220 a\r\n331 b\r\n"), (struct cuts){ .most = 99 });
	assert_int_equal(f.sent_len, 2 * (CREDENTIAL_MAX + 7));
	assert_memory_equal(f.sent + CREDENTIAL_MAX + 5, "\r\nPASS x", 8);
	assert_string_equal(f.sent + f.sent_len - 3, "x\r\n");
	observation_done(&f.observation);
}

int main(void)
{
	UNIT_ROWS(rows, check_short);
	for (size_t i = 0; i < ARRAY_SIZE(long_rows); i++)
		unit_add(long_rows[i].row.label, check_long, &long_rows[i]);
	UNIT_ROWS(code_rows, check_codes);
	for (size_t i = 0; i < ARRAY_SIZE(secure_rows); i++)
		unit_add(secure_rows[i].name, no_tls, (void *)(uintptr_t)&secure_rows[i]);
	UNIT_TEST(times);
	UNIT_TEST(explicit_tls);
	UNIT_TEST(implicit_tls);
	UNIT_TEST(tls_fails);
	UNIT_TEST(cut_behind_tls);
	UNIT_TEST(replies_in_one_piece);
	UNIT_TEST(nothing_after_the_verdict);
	UNIT_TEST(longest_credentials);
	return unit_run("dialogue");
}
