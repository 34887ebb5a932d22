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
	{ "refused and unreachable are counted apart", 2, 1, "oruruu", "ooooou" },
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
	{ "degraded lies between at risk and refused", 2, 3, "oddkkkddrrdddooo", "oodddkkddrrrdddo" },
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
	UNIT_TEST(test_every_outcome_has_a_state);
	UNIT_TEST(test_every_state_has_a_service);
	return unit_run("health");
}
