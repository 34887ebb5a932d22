/* SPDX-License-Identifier: ISC */
/* Damping: sequences of what was seen against the states that they must lead to. */
#include "tests/unit/unit.h"

#include "agent/health.h"

/* What was seen and states as letters: o ok, k at risk, d degraded, r refused, u unreachable,
 * ? unknown (our own failure, skipped). */
static const struct {
	const char *label;
	uint32_t raise, clear;
	const char *seen;
	const char *states;
} cases[] = {
	/* clang-format off */
	{ "first good probe counts at once", 1, 5, "o", "o" },
	{ "first refusal counts at once with raise 1", 1, 1, "r", "r" },
	{ "raise 1, clear 1 follow every probe", 1, 1, "orouro", "orouro" },
	{ "raise 3 needs three in a row", 3, 1, "orrorrr", "oooooor" },
	{ "raise 3 from unknown", 3, 1, "rrr", "??r" },
	{ "clear 2 needs two in a row", 1, 2, "rorooo", "rrrroo" },
	{ "refused and unreachable in turns", 2, 1, "oruruu", "oouuuu" },
	{ "refused and unreachable in turns, raise 3", 3, 1, "orurrr", "ooorrr" },
	{ "in turns from unknown", 3, 1, "ruruuu", "??rrru" },
	{ "a good one between begins anew", 3, 1, "orouror", "ooooooo" },
	{ "refused to unreachable is damped too", 2, 1, "rruruu", "?rrrru" },
	{ "our own failure changes nothing", 1, 1, "o??r?", "ooorr" },
	{ "our own failure does not break a row", 3, 1, "or?r?r", "ooooor" },
	{ "unknown stays unknown when only we fail", 1, 1, "???", "???" },
	{ "at risk follows at once with raise 1, clear 1", 1, 1, "okorkro", "okorkro" },
	{ "ok to at risk is towards the worse", 3, 1, "okkokkk", "ooooook" },
	{ "at risk to ok is towards the better", 1, 3, "okookooo", "okkkkkko" },
	{ "refused to at risk is towards the better", 1, 2, "rkkrkok", "rrkrrrr" },
	{ "unreachable to at risk is towards the better", 1, 2, "ukk", "uuk" },
	{ "at risk to refused is towards the worse", 2, 1, "kkrorr", "?kkoor" },
	{ "unknown to at risk is towards the worse", 2, 5, "kk", "?k" },
	{ "degraded lies between ok and at risk", 2, 3, "oddkkkddrrdddooo", "ooddkkkkkrrrdddo" },
	{ "degraded to at risk is towards the worse", 1, 3, "odkddd", "odkkkd" },
	/* clang-format on */
};

static const char letters[STATE_END] = {
	[STATE_OK] = 'o',
	[STATE_AT_RISK] = 'k',
	[STATE_DEGRADED] = 'd',
	[STATE_REFUSED] = 'r',
	[STATE_UNREACHABLE] = 'u',
	[STATE_UNKNOWN] = '?',
};

static enum state state_of(char letter)
{
	const char *found = memchr(letters, letter, sizeof(letters));

	assert_non_null(found);
	return (enum state)(found - letters);
}

static void test_sequence(void **state)
{
	const __typeof__(cases[0]) *c = *state;
	struct health h;

	health_init(&h);
	assert_int_equal(strlen(c->seen), strlen(c->states));
	for (size_t i = 0; c->seen[i]; i++) {
		enum state before = h.state;
		bool changed = health_update(&h, state_of(c->seen[i]), c->raise, c->clear);

		assert_int_equal(letters[h.state], c->states[i]);
		assert_int_equal(changed, before != h.state);
	}
}

static void test_streaks(void **state)
{
	struct health h;

	health_init(&h);
	health_update(&h, STATE_OK, 1, 1);
	health_update(&h, STATE_AT_RISK, 1, 1);
	health_update(&h, STATE_DEGRADED, 1, 1);
	assert_int_equal(h.ok_streak, 3);
	assert_int_equal(h.fail_streak, 0);
	health_update(&h, STATE_REFUSED, 1, 1);
	health_update(&h, STATE_UNREACHABLE, 1, 1);
	health_update(&h, STATE_UNKNOWN, 1, 1);
	assert_int_equal(h.ok_streak, 0);
	assert_int_equal(h.fail_streak, 2);
	h.fail_streak = UINT32_MAX;
	health_update(&h, STATE_UNREACHABLE, 1, 1);
	assert_true(h.fail_streak == UINT32_MAX);
	health_update(&h, STATE_AT_RISK, 1, 1);
	assert_int_equal(h.ok_streak, 1);
	assert_int_equal(h.fail_streak, 0);
}

/* One state a minute, as letters; a digit is so many minutes in which nothing is seen. WANT: after
 * each state f for flapping, . for not. More than CHANGES in 5 minutes begin it, 2 quiet ones end
 * it. */
static const struct {
	const char *label;
	uint32_t changes;
	const char *states;
	const char *want;
} flaps[] = {
	/* clang-format off */
	{ "flap: as many changes as allowed",       3, "ororrrr",   "......." },
	{ "flap: one more begins it",               3, "ororo",     "....f" },
	{ "flap: two quiet minutes end it",         3, "ororoooo",  "....ff.." },
	{ "flap: another change prolongs it",       3, "ororoorrr", "....ffff." },
	{ "flap: too slow",                         3, "o1r1o1r1o1r1o", "......." },
	{ "flap: just within the window",           3, "or1or1o",   "....f" },
	{ "flap: just out of the window",           3, "or1o1r1o",  "....." },
	{ "flap: unknown is no change",             3, "o?o?o?o?o", "........." },
	{ "flap: unknown between does not hide one",1, "or?o",      "...f" },
	{ "flap: the first state is no change",     1, "?ro",       "..." },
	{ "flap: at risk and degraded are good",    1, "okdokdo",   "......." },
	{ "flap: refused to unreachable is none",   1, "rururu",    "......" },
	{ "flap: not looked for",                   0, "orororororo", "..........." },
	/* clang-format on */
};

static void test_flapping(void **state)
{
	const __typeof__(flaps[0]) *c = *state;
	struct health_flap flap = { c->changes, 300 * USEC_PER_SEC, 120 * USEC_PER_SEC };
	uint64_t now = 5000 * USEC_PER_SEC;
	const char *want = c->want;
	struct health h;

	health_init(&h);
	for (const char *seen = c->states; *seen; seen++) {
		if (*seen >= '0' && *seen <= '9') {
			now += (uint64_t)(*seen - '0') * 60 * USEC_PER_SEC;
			continue;
		}
		h.state = state_of(*seen);
		health_count_change(&h, &flap, now);
		assert_int_equal(health_is_flapping(&h, now) ? 'f' : '.', *want++);
		now += 60 * USEC_PER_SEC;
	}
	assert_int_equal(*want, 0);
}

/* The ring against all changes ever, kept in a long list. */
static const struct {
	const char *label;
	uint32_t changes;
} rings[] = {
	{ "flap ring: one", 1 },
	{ "flap ring: the default", 6 },
	{ "flap ring: as many as can be kept", HEALTH_FLAP_CHANGES_MAX },
};

static void test_flapping_ring(void **state)
{
	const __typeof__(rings[0]) *c = *state;
	uint64_t now = USEC_PER_SEC, times[2000], end = 0;
	struct health_flap flap;
	uint32_t random = 7;
	struct health h;
	size_t flapped = 0;

	health_init(&h);
	health_flap_init(&flap);
	flap.changes = c->changes;
	h.state = STATE_OK;
	health_count_change(&h, &flap, now);
	for (size_t n = 0; n < ARRAY_SIZE(times); n++) {
		size_t recent = 1;

		random = random * 1103515245u + 12345u;
		now += (random >> 16) % (n % 100 < 50 ? 130 : 900) * USEC_PER_SEC;
		h.state = h.state == STATE_OK ? STATE_REFUSED : STATE_OK;
		health_count_change(&h, &flap, now);
		times[n] = now;
		for (size_t i = 0; i < n; i++)
			recent += now - times[i] <= flap.window_usec;
		if (recent > flap.changes || now < end)
			end = now + flap.quiet_usec;
		assert_int_equal(health_is_flapping(&h, now), now < end);
		assert_int_equal(h.flap_end_usec, end);
		flapped += now < end;
	}
	assert_true(flapped > 100 && flapped < 1900);
}

static void test_defaults_of_flapping(void **state)
{
	struct health_flap flap;

	health_flap_init(&flap);
	assert_int_equal(flap.changes, 6);
	assert_true(flap.changes <= HEALTH_FLAP_CHANGES_MAX);
	assert_int_equal(flap.window_usec, 600 * USEC_PER_SEC);
	assert_int_equal(flap.quiet_usec, 300 * USEC_PER_SEC);
}

static void test_expiry(void **state)
{
	struct health h;

	health_init(&h);
	assert_false(health_expire(&h));
	for (int i = 0; i < 3; i++)
		health_update(&h, STATE_REFUSED, 3, 1);
	assert_int_equal(h.state, STATE_REFUSED);
	assert_true(health_expire(&h));
	assert_false(health_expire(&h));
	assert_int_equal(h.state, STATE_UNKNOWN);
	assert_int_equal(h.fail_streak, 3);
	assert_true(health_update(&h, STATE_REFUSED, 3, 1)); /* the fourth in a row */
	assert_int_equal(h.state, STATE_REFUSED);
	health_expire(&h);
	assert_true(health_update(&h, STATE_OK, 3, 5));
	assert_int_equal(h.state, STATE_OK);
	h.state = STATE_DISABLED;
	assert_false(health_expire(&h));
	assert_int_equal(h.state, STATE_DISABLED);
}

static void test_every_outcome_has_a_state(void **state)
{
	for (unsigned outcome = OUTCOME_OK; outcome < OUTCOME_END; outcome++) {
		assert_non_null(outcome_label(outcome));
		assert_non_null(state_label(outcome_state(outcome)));
	}
	assert_int_equal(outcome_state(OUTCOME_TEMPORARY_REFUSAL), STATE_REFUSED);
	assert_int_equal(outcome_state(OUTCOME_TIMEOUT), STATE_UNREACHABLE);
	assert_int_equal(outcome_state(OUTCOME_INTERNAL_ERROR), STATE_UNKNOWN);
	assert_int_equal(outcome_state(OUTCOME_SKIPPED), STATE_UNKNOWN);
	assert_null(outcome_label(0));
	assert_null(outcome_label(OUTCOME_END));
}

static void test_every_state_has_a_service(void **state)
{
	for (unsigned s = STATE_OK; s < STATE_END; s++)
		assert_non_null(service_label(state_service(s)));
	assert_int_equal(state_service(STATE_OK), SERVICE_OK);
	assert_int_equal(state_service(STATE_AT_RISK), SERVICE_WARNING);
	assert_int_equal(state_service(STATE_REFUSED), SERVICE_CRITICAL);
	assert_int_equal(state_service(STATE_DISABLED), SERVICE_UNKNOWN);
}

int main(void)
{
	UNIT_ROWS(cases, test_sequence);
	UNIT_TEST(test_streaks);
	UNIT_ROWS(flaps, test_flapping);
	UNIT_ROWS(rings, test_flapping_ring);
	UNIT_TEST(test_defaults_of_flapping);
	UNIT_TEST(test_expiry);
	UNIT_TEST(test_every_outcome_has_a_state);
	UNIT_TEST(test_every_state_has_a_service);
	return unit_run("health");
}
