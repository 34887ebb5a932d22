/* SPDX-License-Identifier: ISC */
/* Doubt: who fails, who speaks and when, against what is believed of it. */
#include "tests/unit/unit.h"

#include "agent/outage.h"

enum { PATIENCE_S = 30, TARGETS_MAX = 8 };

/*
 * A script. A letter a..h: that target fails silently; A..H: it says a word; i: our own trouble, of
 * target a; a digit n: n * 10 s pass, tick by tick as outage_wake() asks. WANT: for each letter b
 * believed, d in doubt, o ours; a capital W before it: that word ended doubts. For a tick that says
 * something: B those in doubt are believed, O an outage has begun.
 */
static const struct {
	const char *label;
	uint32_t n_targets;
	const char *script;
	const char *want;
} cases[] = {
	/* clang-format off */
	{ "a word is believed",                              4, "AB",            "bb" },
	{ "few targets: no doubt",                           2, "ab9ab",         "bbbb" },
	{ "one failure, then a word of another",             4, "ABCaB",         "bbbdWb" },
	{ "a word of the same ends the doubt too",           4, "AaA",           "bdWb" },
	{ "one failure, no word: believed in the end",       4, "Aa3",           "bdB" },
	{ "two failures are too few",                        4, "ABab3",         "bbddB" },
	{ "three and no word: ours",                         4, "ABCabc3",       "bbbdddO" },
	{ "three, but not for as long as patience",          4, "abc2",          "ddd" },
	{ "three, then a word",                              4, "abc2D",         "dddWb" },
	{ "ours until a word",                               5, "abc3deab9cD",   "dddOooooo" "Wb" },
	{ "never heard: a network that is not there",        3, "abc3",          "dddO" },
	{ "the same one three times is one",                 4, "aaa3",          "dddB" },
	{ "patience counts from the first",                  4, "a1b1c1",        "dddO" },
	{ "after an outage probes may have begun in it",     4, "abc3Da2a1aD",   "dddOWboobb" },
	{ "after that, as ever",                             4, "abc3D3aBa",     "dddOWbbbb" },
	{ "failed before: believed at once",                 4, "aBa",           "dWbb" },
	{ "failed before: no witness",                       4, "abcDabcD",      "dddWbbbbb" },
	{ "three dead of four, one asked rarely: believed",  4, "abcD4abc4abcD", "dddWbbbbbbbb" },
	{ "their first failure may be ours, not their next", 4, "ABCDabc3D3abc", "bbbbdddOWbbbb" },
	{ "one that failed joins a doubt",                   4, "aBba",          "dWbdd" },
	{ "it speaks: a witness again",                      4, "aBAa",          "dWbbd" },
	{ "late doubts: believed ones count still",          5, "a3b3c",         "dBdBd" },
	{ "late doubts: the third is ours",                  5, "a3b3c0",        "dBdBdO" },
	{ "our own trouble says nothing",                    4, "ai",            "db" },
	{ "nor does it end an outage",                       4, "abc3id",        "dddObo" },
	{ "ours begins anew after a word",                   4, "abc3ABC3abc3",  "dddOWbbbdddO" },
	/* clang-format on */
};

struct run {
	struct outage o;
	uint32_t marks[TARGETS_MAX];
	uint64_t now;
	char got[64];
};

static void note(struct run *r, char letter)
{
	size_t len = strlen(r->got);

	assert_true(len + 1 < sizeof(r->got));
	r->got[len] = letter;
}

static void tick(struct run *r, uint32_t n_targets)
{
	static const char letters[] = { [OUTAGE_BELIEVE] = 'B', [OUTAGE_OURS] = 'O' };
	enum outage_verdict verdict = outage_tick(&r->o, n_targets, r->now);

	if (verdict != OUTAGE_DOUBT)
		note(r, letters[verdict]);
	assert_int_equal(
		r->o.active, verdict == OUTAGE_OURS || (r->o.active && verdict == OUTAGE_DOUBT));
	assert_true(outage_wake(&r->o) > r->now);
}

static void pass(struct run *r, uint32_t n_targets, uint64_t until)
{
	while (outage_wake(&r->o) <= until) {
		if (outage_wake(&r->o) > r->now)
			r->now = outage_wake(&r->o);
		tick(r, n_targets);
	}
	r->now = until;
	assert_int_equal(outage_tick(&r->o, n_targets, r->now), OUTAGE_DOUBT);
}

static void see(struct run *r, uint32_t n_targets, char letter)
{
	static const char letters[] = {
		[OUTAGE_BELIEVE] = 'b', [OUTAGE_DOUBT] = 'd', [OUTAGE_OURS] = 'o'
	};
	enum outcome outcome = letter == 'i' ? OUTCOME_INTERNAL_ERROR
		: letter < 'a'               ? OUTCOME_LOGIN_REFUSED
					     : OUTCOME_TIMEOUT;
	size_t i = letter == 'i' ? 0
		: letter < 'a'   ? (size_t)(letter - 'A')
				 : (size_t)(letter - 'a');
	bool ended;
	enum outage_verdict verdict;

	assert_true(i < TARGETS_MAX);
	verdict = outage_observe(&r->o, &r->marks[i], outcome, n_targets, r->now, &ended);
	if (ended)
		note(r, 'W');
	note(r, letters[verdict]);
}

static void run_script(void **state)
{
	const __typeof__(cases[0]) *c = *state;
	struct run r = { .now = 1000 * USEC_PER_SEC };

	outage_init(&r.o, PATIENCE_S * USEC_PER_SEC);
	assert_true(outage_wake(&r.o) == USEC_INFINITY);
	for (const char *step = c->script; *step; step++)
		if (*step >= '0' && *step <= '9')
			pass(&r, c->n_targets, r.now + (uint64_t)(*step - '0') * 10 * USEC_PER_SEC);
		else
			see(&r, c->n_targets, *step);
	assert_string_equal(r.got, c->want);
}

static const struct {
	const char *label;
	enum outcome outcome;
	bool network;
} sorts[] = {
	{ "sort: ok", OUTCOME_OK, false },
	{ "sort: refused", OUTCOME_LOGIN_REFUSED, false },
	{ "sort: 421", OUTCOME_TEMPORARY_REFUSAL, false },
	{ "sort: no name", OUTCOME_RESOLVE_FAILED, true },
	{ "sort: no connection", OUTCOME_CONNECT_FAILED, true },
	{ "sort: time-out", OUTCOME_TIMEOUT, true },
	{ "sort: TLS", OUTCOME_TLS_FAILED, false },
	{ "sort: protocol", OUTCOME_PROTOCOL_ERROR, false },
	{ "sort: our own", OUTCOME_INTERNAL_ERROR, false },
	{ "sort: skipped", OUTCOME_SKIPPED, false },
	{ "sort: a reset", OUTCOME_CONNECTION_REFUSED, false },
	{ "sort: no route", OUTCOME_NO_ROUTE, true },
	{ "sort: closed", OUTCOME_CONNECTION_CLOSED, false },
};

static void test_sort(void **state)
{
	const __typeof__(sorts[0]) *c = *state;

	assert_int_equal(outage_is_network(c->outcome), c->network);
	assert_int_equal(ARRAY_SIZE(sorts), OUTCOME_END - 1);
}

/* Targets are taken out of the configuration until too few are left to doubt. */
static void too_few_are_left(void **state)
{
	struct run r = { .now = USEC_PER_SEC };

	outage_init(&r.o, PATIENCE_S * USEC_PER_SEC);
	see(&r, 3, 'a');
	assert_int_equal(outage_tick(&r.o, 3, r.now), OUTAGE_DOUBT);
	assert_int_equal(outage_tick(&r.o, 2, r.now), OUTAGE_BELIEVE);
	assert_int_equal(outage_tick(&r.o, 2, r.now), OUTAGE_DOUBT);
	for (const char *who = "bcd"; *who; who++)
		see(&r, 3, *who);
	pass(&r, 3, r.now + PATIENCE_S * USEC_PER_SEC);
	assert_true(r.o.active);
	assert_int_equal(outage_tick(&r.o, 2, r.now), OUTAGE_BELIEVE);
	assert_false(r.o.active);
	see(&r, 2, 'a');
	assert_string_equal(r.got, "ddddOb");
}

/* The number of the epoch goes round without ever being that of a target which spoke. */
static void the_epoch_goes_round(void **state)
{
	struct run r = { .now = USEC_PER_SEC };

	outage_init(&r.o, PATIENCE_S * USEC_PER_SEC);
	r.o.epoch = UINT32_MAX;
	for (const char *who = "aBbAc"; *who; who++)
		see(&r, 3, *who);
	assert_int_not_equal(r.o.epoch, 0);
	assert_int_not_equal(r.marks[2], 0);
	assert_string_equal(r.got, "dWbdWbd");
}

int main(void)
{
	UNIT_ROWS(cases, run_script);
	UNIT_ROWS(sorts, test_sort);
	UNIT_TEST(too_few_are_left);
	UNIT_TEST(the_epoch_goes_round);
	return unit_run("outage");
}
