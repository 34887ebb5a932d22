/* SPDX-License-Identifier: ISC */
/* What proves that a file is absent, and what is kept of one that is read. */
#include <errno.h>
#include <stdbool.h>

#include "tests/unit/unit.h"

#include "probes/fetch_round.h"

/* ------------------------------------------------------------------ the sink */

struct sink_row {
	const char *label;
	uint64_t limit;
	bool keep, tail;
	size_t size, piece; /* octets that come, and how many at once */
	bool refused;
};

/* clang-format off */
static const struct sink_row sink_rows[] = {
	{ "sink: nothing",              10,     true,  false, 0,       1,     false },
	{ "sink: as much as allowed",   10,     true,  false, 10,      3,     false },
	{ "sink: one too many",         10,     true,  false, 11,      3,     true },
	{ "sink: at once",              10,     true,  false, 11,      11,    true },
	{ "sink: hash alone",           200000, false, false, 200000,  1000,  false },
	{ "sink: hash of too many",     200000, false, false, 200001,  1000,  true },
	{ "sink: grows",                300000, true,  false, 300000,  65536, false },
	{ "sink: grows, odd pieces",    300000, true,  false, 299999,  7,     false },
	{ "sink: grows from full",      1 << 20, true, false, 1 << 20, 65536, false },
	{ "sink: tail of less",         10,     true,  true,  9,       4,     false },
	{ "sink: tail of as much",      10,     true,  true,  10,      4,     false },
	{ "sink: tail of one more",     10,     true,  true,  11,      4,     false },
	{ "sink: tail, octet by octet", 10,     true,  true,  640,     1,     false },
	{ "sink: tail, large pieces",   10,     true,  true,  605,     55,    false },
	{ "sink: tail of far too many", 10,     true,  true,  641,     1,     true },
	{ "sink: tail grows first",     200000, true,  true,  900001,  65521, false },
	{ "sink: tail of one octet",    1,      true,  true,  64,      3,     false },
};
/* clang-format on */

static char octet_at(uint64_t i)
{
	return (char)(i * 31 + i / 251);
}

static void check_sink(void **state)
{
	const struct sink_row *row = *state;
	struct fetch_request r = { .byte_limit = row->limit, .tail = row->tail };
	_cleanup_(freep) char *piece = malloc(row->piece);
	struct fetch_sink s;
	const char *octets;
	size_t len, first;
	int error = 0;

	assert_non_null(piece);
	assert_int_equal(fetch_sink_init(&s, &r, row->keep), 0);
	for (size_t done = 0; done < row->size && error == 0; done += row->piece) {
		size_t n = row->size - done < row->piece ? row->size - done : row->piece;

		for (size_t i = 0; i < n; i++)
			piece[i] = octet_at(done + i);
		error = fetch_sink_write(&s, piece, n);
	}
	assert_int_equal(error, row->refused ? -EFBIG : 0);
	octets = fetch_sink_octets(&s, &len);
	if (!row->refused) {
		assert_int_equal(len,
			!row->keep                       ? 0
				: row->size < row->limit ? row->size
							 : row->limit);
		first = row->size - len;
		for (size_t i = 0; i < len; i++)
			if (octets[i] != octet_at(first + i))
				fail_msg("octet %zu of %zu", i, len);
	}
	fetch_sink_done(&s);
}

/* What stands before a tail of ten octets: whole lines that are not in it. */
/* clang-format off */
static const struct head_row {
	const char *label, *bytes, *want;
} head_rows[] = {
	{ "head: all is there",         "ab\ncd\n",               "ab\ncd\n" },
	{ "head: one octet is missing", "a\n345678901",           "\n345678901" },
	{ "head: one line is missing",  "a\n3456789012",          "a\n3456789012" },
	{ "head: half of the second",   "a\nbcd3456789012",       "a\n3456789012" },
	{ "head: two lines",            "a\nbc\n\nxyz3456789012", "a\nbc\n\n3456789012" },
	{ "head: no line",              "abcdefgh3456789012",     "3456789012" },
};
/* clang-format on */

/* As a stream of pieces, and from a place: the first octets, then the last. */
static void check_head(void **state)
{
	const struct head_row *row = *state;
	struct fetch_request r = { .byte_limit = 10, .tail = true, .head = true };
	size_t n = strlen(row->bytes), len, first = n > 10 ? n - 10 : 0;
	struct fetch_sink s;
	const char *octets;

	for (size_t piece = 0; piece < n; piece++) { /* 0: from its place */
		assert_int_equal(fetch_sink_init(&s, &r, true), 0);
		if (piece == 0) {
			fetch_sink_head(&s, row->bytes, n);
			s.skipped = first;
			assert_int_equal(fetch_sink_write(&s, row->bytes + first, n - first), 0);
		}
		for (size_t i = 0; piece > 0 && i < n; i += piece)
			assert_int_equal(
				fetch_sink_write(&s, row->bytes + i, n - i < piece ? n - i : piece),
				0);
		octets = fetch_sink_octets(&s, &len);
		assert_int_equal(len, strlen(row->want));
		assert_memory_equal(octets, row->want, len);
		fetch_sink_done(&s);
	}
}

static void test_hash(void **state)
{
	struct fetch_request r = { .byte_limit = 10 };
	struct fetch_sink s;
	char hash[65];

	assert_int_equal(fetch_sink_init(&s, &r, false), 0);
	assert_int_equal(fetch_sink_write(&s, "other", 5), 0);
	assert_int_equal(fetch_sink_reset(&s), 0);
	assert_int_equal(fetch_sink_write(&s, "a", 1), 0);
	assert_int_equal(fetch_sink_write(&s, "bc", 2), 0);
	fetch_sink_hash(&s, hash); /* FIPS 180-2 B.1 */
	assert_string_equal(
		hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	fetch_sink_done(&s);
}

/* A source of `left` octets, that fails behind them with `error`. */
struct source {
	uint64_t left, offset;
	int error;
};

static ssize_t read_source(void *userdata, void *dst, size_t size)
{
	struct source *o = userdata;

	if (o->left == 0)
		return o->error;
	size = size > 1000 ? 1000 : size; /* short reads are no end */
	size = size > o->left ? (size_t)o->left : size;
	memset(dst, 'x', size);
	o->left -= size;
	return (ssize_t)size;
}

static int seek_source(void *userdata, uint64_t offset)
{
	struct source *o = userdata;

	o->offset = offset;
	o->left -= offset;
	return 0;
}

/* clang-format off */
static const struct pull_row {
	const char *label;
	bool contents, tail;
	uint64_t size, there; /* as told, as it is */
	int error;            /* of the source */
	enum fetch_state state;
	bool hash;
	const char *reason;
} pull_rows[] = {
	{ "pull: whole",             false, false, 5000,  5000,  0,    FETCH_PRESENT, true,  "" },
	{ "pull: at the limit",      true,  false, 10000, 10000, 0,    FETCH_PRESENT, true,  "" },
	{ "pull: too large",         false, false, 10001, 10001, 0,    FETCH_PRESENT, false, "larger than the limit of 10000" },
	{ "pull: contents too large", true, false, 10001, 10001, 0,    FETCH_FAILED,  false, "larger than the limit of 10000" },
	{ "pull: grew",              false, false, 5000,  5001,  0,    FETCH_FAILED,  false, "changed" },
	{ "pull: shrank",            false, false, 5000,  4999,  0,    FETCH_FAILED,  false, "changed" },
	{ "pull: grew to the limit", true,  false, 10000, 10001, 0,    FETCH_FAILED,  false, "changed" },
	{ "pull: a log grew",        true,  true,  5000,  6000,  0,    FETCH_PRESENT, true,  "" },
	{ "pull: a log shrank",      true,  true,  5000,  100,   0,    FETCH_FAILED,  false, "changed" },
	{ "pull: a large log",       true,  true,  70000, 70001, 0,    FETCH_PRESENT, false, "" },
	{ "pull: an empty log",      true,  true,  0,     0,     0,    FETCH_PRESENT, true,  "" },
	{ "pull: read error",        false, false, 5000,  100,   -EIO, FETCH_PRESENT, false, "not all read: Input/output" },
	{ "pull: contents, read error", true, false, 5000, 100,  -EIO, FETCH_FAILED,  false, "not all read: Input/output" },
};
/* clang-format on */

static void check_pull(void **state)
{
	const struct pull_row *row = *state;
	struct fetch_request r = {
		.byte_limit = 10000, .contents = row->contents, .tail = row->tail
	};
	struct fetch_file f = { .has_stat = true, .size = row->size };
	struct source o = { .left = row->there, .error = row->error };
	struct fetch_source source = { read_source, seek_source, &o };
	struct fetch_sink s;
	struct fetch_round round = { .request = &r, .sink = &s };
	size_t len;

	assert_int_equal(fetch_sink_init(&s, &r, row->contents), 0);
	assert_int_equal(fetch_round_read(&round, &source, false, &f), row->error);
	assert_int_equal(f.state, row->state);
	assert_int_equal(f.sha256[0] != '\0', row->hash);
	if (row->reason[0] ? !strstr(f.reason, row->reason) : f.reason[0])
		fail_msg("said: %s", f.reason);
	fetch_sink_octets(&s, &len);
	if (row->contents && row->state == FETCH_PRESENT)
		assert_int_equal(len, row->size < 10000 ? row->size : 10000);
	if (row->tail && row->size > 10000)
		assert_int_equal(o.offset, row->size - 10000);
	fetch_sink_done(&s);
}

/* ------------------------------------------------------------------ the round */

/* What is found at the control file, at the one file, and at the control file again. */
struct round_row {
	const char *label;
	bool control, control_read;
	enum fetch_state before, file, after, expected_control, expected_file;
	const char *reason;
};

/* clang-format off */
static const struct round_row round_rows[] = {
	{ "round: absent",             true,  true,  FETCH_PRESENT, FETCH_ABSENT, FETCH_PRESENT, FETCH_PRESENT, FETCH_ABSENT, "" },
	{ "round: control went away",  true,  true,  FETCH_PRESENT, FETCH_ABSENT, FETCH_ABSENT, FETCH_PRESENT, FETCH_UNKNOWN, "went away" },
	{ "round: control denied later", true, true, FETCH_PRESENT, FETCH_ABSENT, FETCH_ACCESS_DENIED, FETCH_PRESENT, FETCH_UNKNOWN, "went away" },
	{ "round: control not read",   true,  false, FETCH_PRESENT, FETCH_ABSENT, FETCH_PRESENT, FETCH_PRESENT, FETCH_UNKNOWN, "neither" },
	{ "round: control not found",  true,  false, FETCH_ABSENT, FETCH_ABSENT, FETCH_ABSENT, FETCH_UNKNOWN, FETCH_UNKNOWN, "neither" },
	{ "round: control timed out",  true,  false, FETCH_TIMEOUT, FETCH_ABSENT, FETCH_PRESENT, FETCH_TIMEOUT, FETCH_UNKNOWN, "neither" },
	{ "round: no control",         false, false, FETCH_FAILED, FETCH_ABSENT, FETCH_FAILED, FETCH_UNKNOWN, FETCH_UNKNOWN, "without a control" },
	{ "round: present",            true,  false, FETCH_ABSENT, FETCH_PRESENT, FETCH_FAILED, FETCH_UNKNOWN, FETCH_PRESENT, "" },
	{ "round: denied",             false, false, FETCH_FAILED, FETCH_ACCESS_DENIED, FETCH_FAILED, FETCH_UNKNOWN, FETCH_ACCESS_DENIED, "" },
};
/* clang-format on */

struct script {
	const struct round_row *row;
	unsigned controls; /* looks at the control file */
};

static struct fetch_file look(void *userdata, struct fetch_round *r, size_t i)
{
	struct script *s = userdata;
	struct fetch_file f = { .state = s->row->file };

	if (i == FETCH_CONTROL) {
		f.state = s->controls++ ? s->row->after : s->row->before;
		f.has_stat = s->row->control_read;
		if (s->row->control_read)
			fetch_sink_hash(r->sink, f.sha256);
	}
	return f;
}

static unsigned steps;

static void on_progress(const struct fetch_answer *answer)
{
	char text[FETCH_ANSWER_MAX];

	steps++;
	assert_true(fetch_answer_write(answer, text) > 0);
}

static void check_round(void **state)
{
	const struct round_row *row = *state;
	struct fetch_request r = { .control = row->control ? "/c" : NULL,
		.files = { "/f" },
		.n_files = 1,
		.time_limit_ms = 100,
		.byte_limit = 10 };
	struct script script = { .row = row };
	struct fetch_sink sink = { .hash = NULL };
	struct fetch_answer a;
	struct fetch_round round = {
		.request = &r, .answer = &a, .sink = &sink, .progress = on_progress
	};

	steps = 0;
	fetch_round_begin(&round);
	assert_int_equal(a.files[0].state, FETCH_TIMEOUT);
	assert_int_equal(a.control.state, row->control ? FETCH_TIMEOUT : FETCH_UNKNOWN);
	assert_string_equal(a.files[0].reason, "no answer within 100 ms, connecting");
	assert_int_equal(fetch_round_look(&round, look, &script), 0);
	assert_int_equal(a.control.state, row->expected_control);
	assert_int_equal(a.files[0].state, row->expected_file);
	if (row->reason[0] ? !strstr(a.files[0].reason, row->reason) : a.files[0].reason[0])
		fail_msg("said: %s", a.files[0].reason);
	assert_true(steps >= 2);
	assert_false(a.has_contents);
	fetch_sink_done(&sink);
}

/* Our own trouble ends the round, and is no file's. */
static struct fetch_file look_in_trouble(void *userdata, struct fetch_round *r, size_t i)
{
	r->error = -ENOMEM;
	return (struct fetch_file){ .state = FETCH_FAILED };
}

static void test_trouble(void **state)
{
	struct fetch_request r = { .files = { "/f" }, .n_files = 1, .byte_limit = 10 };
	struct fetch_sink sink = { .hash = NULL };
	struct fetch_answer a;
	struct fetch_round round = {
		.request = &r, .answer = &a, .sink = &sink, .progress = on_progress
	};

	fetch_round_begin(&round);
	assert_int_equal(fetch_round_look(&round, look_in_trouble, NULL), -ENOMEM);
	assert_int_equal(a.files[0].state, FETCH_TIMEOUT);
	fetch_sink_done(&sink);
}

int main(void)
{
	UNIT_ROWS(sink_rows, check_sink);
	UNIT_ROWS(head_rows, check_head);
	UNIT_TEST(test_hash);
	UNIT_ROWS(pull_rows, check_pull);
	UNIT_ROWS(round_rows, check_round);
	UNIT_TEST(test_trouble);
	return unit_run("fetch_round");
}
