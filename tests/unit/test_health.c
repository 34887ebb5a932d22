/* SPDX-License-Identifier: ISC */
/* Damping: sequences of outcomes against the states that they must lead to. */
#include "tests/unit/unit.h"

#include "agent/health.h"

/* Outcomes and states as letters: o ok, r refused (530), 4 temporary refusal, u unreachable
 * (timeout), i our own failure, s skipped; states: o r u ?. */
static const struct {
	const char *label;
	uint32_t raise, clear;
	const char *outcomes;
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
	{ "a temporary refusal is a refusal", 2, 1, "o4r", "oor" },
	{ "our own failure changes nothing", 1, 1, "oiiri", "ooorr" },
	{ "our own failure does not break a row", 3, 1, "orirsr", "ooooor" },
	{ "unknown stays unknown when only we fail", 1, 1, "iis", "???" },
	/* clang-format on */
};

static enum outcome outcome_of(char letter)
{
	switch (letter) {
	case 'o':
		return OUTCOME_OK;
	case 'r':
		return OUTCOME_LOGIN_REFUSED;
	case '4':
		return OUTCOME_TEMPORARY_REFUSAL;
	case 'u':
		return OUTCOME_TIMEOUT;
	case 's':
		return OUTCOME_SKIPPED;
	default:
		return OUTCOME_INTERNAL_ERROR;
	}
}

static char letter_of(enum state state)
{
	return state == STATE_OK             ? 'o'
		: state == STATE_REFUSED     ? 'r'
		: state == STATE_UNREACHABLE ? 'u'
					     : '?';
}

static void test_sequence(void **state)
{
	const __typeof__(cases[0]) *c = *state;
	struct health h;

	health_init(&h);
	for (size_t i = 0; c->outcomes[i]; i++) {
		enum state before = h.state;
		bool changed = health_update(&h, outcome_of(c->outcomes[i]), c->raise, c->clear);

		assert_int_equal(letter_of(h.state), c->states[i]);
		assert_int_equal(changed, before != h.state);
	}
}

static void test_streaks(void **state)
{
	struct health h;

	health_init(&h);
	health_update(&h, OUTCOME_OK, 1, 1);
	health_update(&h, OUTCOME_OK, 1, 1);
	assert_int_equal(h.ok_streak, 2);
	health_update(&h, OUTCOME_LOGIN_REFUSED, 1, 1);
	health_update(&h, OUTCOME_TIMEOUT, 1, 1);
	health_update(&h, OUTCOME_INTERNAL_ERROR, 1, 1);
	assert_int_equal(h.ok_streak, 0);
	assert_int_equal(h.fail_streak, 2);
	h.fail_streak = UINT32_MAX;
	health_update(&h, OUTCOME_TIMEOUT, 1, 1);
	assert_true(h.fail_streak == UINT32_MAX);
}

static void test_every_outcome_has_a_state(void **state)
{
	for (unsigned outcome = OUTCOME_OK; outcome < OUTCOME_END; outcome++) {
		assert_non_null(outcome_label(outcome));
		assert_non_null(state_label(outcome_state(outcome)));
	}
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
