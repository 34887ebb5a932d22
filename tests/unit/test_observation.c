/* SPDX-License-Identifier: ISC */
/* What an observation keeps of replies, within which bounds, and how it is read. */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>

#include "tests/unit/unit.h"
#include "tests/unit/feed.h"

/* Linked with --wrap=realloc: the allocation of this number fails, counted from 1; 0: none. */
static unsigned failing_realloc;

void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);

void *__wrap_realloc(void *p, size_t size)
{
	if (failing_realloc > 0 && --failing_realloc == 0)
		return NULL;
	return __real_realloc(p, size);
}

/* A stream that grows. */
struct stream {
	char bytes[65536];
	size_t len;
};

__attribute__((format(printf, 2, 3))) static void add(struct stream *s, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	s->len += (size_t)vsnprintf(s->bytes + s->len, sizeof(s->bytes) - s->len, format, args);
	va_end(args);
	assert_true(s->len < sizeof(s->bytes));
}

/* Adds a reply of LINES lines, each longer than its number alone. */
static void add_long_reply(struct stream *s, int code, int lines)
{
	for (int i = 1; i < lines; i++)
		add(s, "%d-line %d of a reply that goes on and on and on\r\n", code, i);
	add(s, "%d the end of %d\r\n", code, code);
}

static void feed_stream(struct fed *f, const struct stream *s)
{
	feed(f, "u", "p", s->bytes, s->len, (struct cuts){ .most = s->len + 1 });
}

static void check_start_and_end(const struct reply *r, const char *start, const char *end)
{
	assert_memory_equal(r->text, start, strlen(start));
	assert_string_equal(reply_last_line(r), end);
}

static void long_text_keeps_first_lines_and_last(void **state)
{
	static struct stream s;
	struct fed f;
	const struct reply *r;

	s.len = 0;
	add_long_reply(&s, 530, 500);
	feed_stream(&f, &s);
	r = observation_verdict(&f.observation);
	assert_non_null(r);
	check_start_and_end(r, "line 1 of a reply", "the end of 530");
	assert_in_range(strlen(r->text), REPLY_TEXT_MAX - 100, REPLY_TEXT_MAX);
	assert_non_null(strstr(r->text, "\nline 80 of"));
	assert_null(strstr(r->text, "\nline 100 of"));
	observation_done(&f.observation);
}

/* The last line is long: it pushes out as many lines before it as it needs, no more. */
static void last_line_pushes_others_out(void **state)
{
	static struct stream s;
	char last[REPLY_LINE_MAX];
	struct fed f;
	const struct reply *r;

	memset(last, 'z', sizeof(last));
	s.len = 0;
	for (int i = 0; i < 200; i++)
		add(&s, "530-%039d\r\n", i);
	add(&s, "530 %.*s\r\n", REPLY_LINE_MAX - 4, last);
	feed_stream(&f, &s);
	r = observation_verdict(&f.observation);
	assert_non_null(r);
	assert_int_equal(strlen(reply_last_line(r)), REPLY_LINE_MAX - 4);
	assert_int_equal((strlen(r->text) - (REPLY_LINE_MAX - 4)) % 40, 0);
	assert_in_range(strlen(r->text), REPLY_TEXT_MAX - 40, REPLY_TEXT_MAX);
	observation_done(&f.observation);
}

static void line_over_its_bound_is_cut(void **state)
{
	static struct stream s;
	struct fed f;

	s.len = 0;
	add(&s, "530 %0600d\r\n", 7);
	feed_stream(&f, &s);
	assert_int_equal(strlen(f.observation.replies[0].text), REPLY_LINE_MAX - 4);
	observation_done(&f.observation);
}

/* A carriage return is part of the line end only right before the line feed. */
static void carriage_return_where_the_line_is_cut(void **state)
{
	static struct stream s;
	struct fed f;
	const char *text;

	s.len = 0;
	add(&s, "530 %0*d\rmore\r\n", REPLY_LINE_MAX - 5, 7);
	feed_stream(&f, &s);
	text = f.observation.replies[0].text;
	assert_int_equal(strlen(text), REPLY_LINE_MAX - 5 + 4);
	assert_string_equal(text + REPLY_LINE_MAX - 5, "\\x0D");
	observation_done(&f.observation);
}

/* Where room ends the first lines end too: a shorter line further on is no first line. */
static void first_lines_have_no_gap(void **state)
{
	static struct stream s;
	struct fed f;

	s.len = 0;
	for (int i = 0; i < 9; i++)
		add(&s, "530-%0500d\r\n", i);
	add(&s, "530-short\r\n530 end\r\n");
	feed_stream(&f, &s);
	assert_null(strstr(f.observation.replies[0].text, "short"));
	assert_int_equal(strlen(f.observation.replies[0].text), 8 * 501 + 3);
	observation_done(&f.observation);
}

/* However long what came before, the refusal is there to be quoted. */
static void every_reply_has_room(void **state)
{
	static struct stream s;
	char last[REPLY_LINE_MAX];
	struct fed f;
	size_t kept = 0;

	memset(last, 'z', sizeof(last));
	s.len = 0;
	for (int i = 0; i < 5; i++)
		add_long_reply(&s, 120, 180);
	add_long_reply(&s, 220, 180);
	add_long_reply(&s, 331, 180);
	add(&s, "530 %.*s\r\n", REPLY_LINE_MAX - 4, last);
	feed_stream(&f, &s);
	assert_int_equal(f.observation.n_replies, OBSERVATION_REPLIES_MAX - 3); /* without TLS */
	for (size_t i = 0; i < f.observation.n_replies; i++)
		kept += strlen(f.observation.replies[i].text) + 1;
	assert_in_range(kept, OBSERVATION_TEXT_MAX / 2, OBSERVATION_TEXT_MAX);
	for (size_t i = 0; i < 5; i++)
		check_start_and_end(
			&f.observation.replies[i], "line 1 of a reply", "the end of 120");
	check_start_and_end(&f.observation.replies[5], "line 1 of a reply", "the end of 220");
	check_start_and_end(&f.observation.replies[6], "line 1 of a reply", "the end of 331");
	assert_int_equal(strlen(f.observation.replies[7].text), REPLY_LINE_MAX - 4);
	observation_done(&f.observation);
}

/* Escapes take four characters an octet; what does not fit whole is left out. */
static void escapes_are_never_cut(void **state)
{
	static struct stream s;
	struct fed f;
	const char *text;

	s.len = 0;
	for (int i = 0; i < 5; i++) {
		add(&s, "120 ");
		memset(s.bytes + s.len, 1, REPLY_LINE_MAX);
		s.len += REPLY_LINE_MAX;
		add(&s, "\r\n");
	}
	feed_stream(&f, &s);
	assert_int_equal(f.observation.n_replies, 5);
	for (size_t i = 0; i < 5; i++) {
		text = f.observation.replies[i].text;
		assert_true(strlen(text) >= REPLY_LINE_MAX - 4);
		for (; *text; text += 4)
			assert_memory_equal(text, "\\x01", 4);
	}
	assert_int_equal(strlen(f.observation.replies[0].text), 4 * (REPLY_LINE_MAX - 4));
	/* The share of the third is 9728 - 2 * 2033 - 8 * 512 octets, one of them its NUL. */
	assert_int_equal(strlen(f.observation.replies[2].text), 1564);
	assert_true(strlen(f.observation.replies[4].text) < 4 * (REPLY_LINE_MAX - 4));
	observation_done(&f.observation);
}

/* No memory is our own trouble: it ends the probe and is never laid at the server's door. */
static void no_memory(void **state)
{
	static struct stream s;
	unsigned failed = 0;

	s.len = 0;
	add(&s, "220-a\r\n");
	add_long_reply(&s, 220, 100);
	add_long_reply(&s, 331, 100);
	add(&s, "230 c\r\n");
	for (unsigned n = 1;; n++) {
		struct fed f;
		bool never;

		failing_realloc = n;
		feed_stream(&f, &s);
		never = failing_realloc > 0;
		failing_realloc = 0;
		assert_true(f.done);
		if (!never) {
			failed++;
			assert_int_equal(f.observation.outcome, OUTCOME_INTERNAL_ERROR);
			assert_int_equal(f.observation.os_error, ENOMEM);
			assert_int_equal(f.observation.code, 0);
			assert_int_not_equal(f.observation.stage, STAGE_NONE);
			assert_false(f.dialogue.polite);
		}
		observation_done(&f.observation);
		if (never)
			break;
	}
	assert_in_range(failed, 3, 20);
}

static void no_memory_for_an_empty_text(void **state)
{
	struct fed f;

	failing_realloc = 1;
	feed(&f, "u", "p", "530\r\n", 5, (struct cuts){ .most = 5 });
	assert_int_equal(f.observation.outcome, OUTCOME_INTERNAL_ERROR);
	assert_int_equal(f.observation.n_replies, 0);
	observation_done(&f.observation);
}

static void replies_by_stage(void **state)
{
	static const char stream[] = "120 soon\r\n220-a\r\n220 b\r\n331 c\r\n";
	struct fed f;
	struct observation *o = &f.observation;

	feed(&f, "u", "p", stream, sizeof(stream) - 1, (struct cuts){ .most = 3 });
	assert_int_equal(observation_reply(o, STAGE_BANNER)->code, 220);
	assert_string_equal(reply_last_line(observation_reply(o, STAGE_BANNER)), "b");
	assert_string_equal(reply_last_line(observation_reply(o, STAGE_USER)), "c");
	assert_null(observation_reply(o, STAGE_PASSWORD));
	assert_null(observation_verdict(o));
	dialogue_finish(&f.dialogue, DIALOGUE_EOF, 0, 5000);
	assert_null(observation_verdict(o)); /* no reply decided */
	observation_done(o);
}

static void verdict_is_the_last_reply(void **state)
{
	struct fed f;

	feed(&f, "u", "p", "220 a\r\n530 b\r\n", 14, (struct cuts){ .most = 14 });
	assert_string_equal(observation_verdict(&f.observation)->text, "b");
	observation_done(&f.observation);
	assert_null(f.observation.text);
	assert_int_equal(f.observation.n_replies, 0);
	assert_null(observation_verdict(&f.observation));
	observation_done(&f.observation); /* twice does no harm */
}

/* A server says a secret again. */
static const struct hide_row {
	const char *label, *stream, *secret, *text, *detail; /* of the last reply; of the end */
} hide_rows[] = {
	{ "hide: a word", "530 no ab here\r\n", "ab", "no ** here", "" },
	{ "hide: not within a word", "530 cab abc\r\n", "ab", "cab abc", "" },
	{ "hide: a long one anywhere", "530 xsecret1y\r\n", "secret1", "x*******y", "" },
	{ "hide: other letters", "530 SECRET1\r\n", "secret1", "*******", "" },
	{ "hide: each time", "530-ab\r\n530 (ab)ab\r\n", "ab", "**\n(**)**", "" },
	{ "hide: an empty one", "530 no\r\n", "", "no", "" },
	{ "hide: none", "530 no secret1\r\n", NULL, "no secret1", "" },
	{ "hide: the code stays", "530 530\r\n", "530", "***", "" },
	{ "hide: with what stands before", "530 x secret\r\n", "530 x", "* secret", "" },
	{ "hide: not of ASCII", "530 p\xc3\xa4ss!\r\n", "p\xc3\xa4ss", "*****!", "" },
	{ "hide: cut by the server", "530 It is 'secre\r\n", "secret1", "It is '*****", "" },
	{ "hide: three octets are a chance", "530 sec\r\n", "secret1", "sec", "" },
	{ "hide: a line cut off", "530 It is secre", "secret1", "It is *****", "" },
	{ "hide: a line without end", "331 It is secret1", "secret1", NULL,
		"unfinished line: \"331 It is *******\"" },
	{ "hide: cut in a line without end", "331 It is secre", "secret1", NULL,
		"unfinished line: \"331 It is *****\"" },
	{ "hide: cut where we cut",
		"331 Login incorrect for user operator with password 'a long secret'",
		"a long secret", NULL,
		"unfinished line: \"331 Login incorrect for user operator with password '***********...\"" },
	{ "hide: escaped in a line without end", "331 p\xc3\xa4sswort", "p\xc3\xa4sswort", NULL,
		"unfinished line: \"331 *********\"" },
	{ "hide: not FTP", "secret1 is wrong\r\n", "secret1", NULL,
		"not FTP: \"******* is wrong\"" },
};

/* Where the line is cut makes no difference. */
static void check_hide(void **state)
{
	const struct hide_row *row = *state;
	size_t len = strlen(row->stream);

	for (size_t cut = 0; cut < len; cut++) {
		struct observation o = { 0 };
		struct dialogue d;
		size_t used;

		dialogue_init(&d, &o, "u", "p", 0, 1);
		dialogue_hide(&d, row->secret);
		if (cut == 0 || dialogue_input(&d, row->stream, cut, 2, &used) != DIALOGUE_DONE)
			dialogue_input(&d, row->stream + cut, len - cut, 3, &used);
		dialogue_finish(&d, DIALOGUE_EOF, 0, 4);
		if (row->text)
			assert_string_equal(observation_verdict(&o)->text, row->text);
		else
			assert_int_equal(o.n_replies, 0);
		assert_string_equal(o.detail, row->detail);
		observation_done(&o);
	}
}

/* Pollers compare labels and read the first digits they see as a value. */
static void check_label(const char *label)
{
	assert_non_null(label);
	assert_true(islower((unsigned char)label[0]));
	for (; *label; label++)
		assert_true(isalpha((unsigned char)*label));
}

static void labels(void **state)
{
	for (unsigned i = 1; i < STAGE_END; i++)
		check_label(stage_label(i));
	for (unsigned i = 1; i < OUTCOME_END; i++)
		check_label(outcome_label(i));
	assert_string_equal(stage_label(STAGE_PASSWORD), "password");
	assert_string_equal(outcome_label(OUTCOME_LOGIN_REFUSED), "loginRefused");
	assert_null(stage_label(0));
	assert_null(stage_label(STAGE_END));
	assert_null(outcome_label(0));
	assert_null(outcome_label(OUTCOME_END));
	assert_null(outcome_label(UINT32_MAX));
}

int main(void)
{
	UNIT_TEST(long_text_keeps_first_lines_and_last);
	UNIT_TEST(last_line_pushes_others_out);
	UNIT_TEST(line_over_its_bound_is_cut);
	UNIT_TEST(carriage_return_where_the_line_is_cut);
	UNIT_TEST(first_lines_have_no_gap);
	UNIT_TEST(every_reply_has_room);
	UNIT_TEST(escapes_are_never_cut);
	UNIT_TEST(no_memory);
	UNIT_TEST(no_memory_for_an_empty_text);
	UNIT_TEST(replies_by_stage);
	UNIT_TEST(verdict_is_the_last_reply);
	UNIT_ROWS(hide_rows, check_hide);
	UNIT_TEST(labels);
	return unit_run("observation");
}
