/* SPDX-License-Identifier: ISC */
/* Raise and clear: a walk through states against the notifications that it must make. */
#include "tests/unit/unit.h"

#include "agent/alarm.h"

/* States as letters: o ok, k atRisk, r refused, u unreachable, ? unknown, d disabled; notifications
 * too: R refused, r its recovery, U unreachable, u reachable again. */
static const struct {
	const char *label;
	const char *states;
	const char *events; /* of all the changes, in order */
} cases[] = {
	/* clang-format off */
	{ "unknown to ok says nothing", "?o", "" },
	{ "refused and back", "?oro", "Rr" },
	{ "unreachable and back", "?ouo", "Uu" },
	{ "unknown to refused raises", "?r", "R" },
	{ "refused, then unreachable, then ok: both clear", "?oruo", "RUru" },
	{ "refused, unreachable, refused: still the same refusal", "?oruro", "RUur" },
	{ "unreachable, then refused: it is reachable", "?ouro", "UuRr" },
	{ "at risk clears a refusal", "?rk", "Rr" },
	{ "disabling clears all", "?rud", "RUru" },
	{ "unknown leaves alarms open", "?r?o", "Rr" },
	/* clang-format on */
};

static enum state state_of(char letter)
{
	static const struct {
		char letter;
		enum state state;
	} map[] = { { 'o', STATE_OK }, { 'k', STATE_AT_RISK }, { 'r', STATE_REFUSED },
		{ 'u', STATE_UNREACHABLE }, { 'd', STATE_DISABLED } };

	for (size_t i = 0; i < ARRAY_SIZE(map); i++)
		if (map[i].letter == letter)
			return map[i].state;
	return STATE_UNKNOWN;
}

static char letter_of(enum event_kind kind)
{
	return "RrUu??"[kind];
}

static void test_walk(void **state)
{
	const __typeof__(cases[0]) *c = *state;
	struct target_alarms alarms = { 0 };
	struct alarm_counters counters = { 100, 7 };
	struct event events[2 * ALARM_END];
	char seen[32] = "";
	uint32_t sequence = counters.sequence;
	size_t used = 0;

	for (size_t i = 0; c->states[i + 1]; i++) {
		size_t n = alarm_change(&alarms, &counters, state_of(c->states[i]),
			state_of(c->states[i + 1]), events);

		assert_true(n <= 2 * ALARM_END);
		for (size_t j = 0; j < n; j++) {
			assert_int_equal(events[j].sequence, ++sequence);
			assert_int_equal(events[j].from, state_of(c->states[i]));
			assert_int_equal(events[j].to, state_of(c->states[i + 1]));
			assert_true(events[j].alarm > 7);
			seen[used++] = letter_of(events[j].kind);
		}
	}
	assert_int_equal(counters.sequence, sequence);
	assert_string_equal(seen, c->events);
}

static void test_raise_and_clear_share_the_alarm(void **state)
{
	struct target_alarms alarms = { 0 };
	struct alarm_counters counters = { 0 };
	struct event events[2 * ALARM_END];
	uint32_t id;

	assert_int_equal(alarm_change(&alarms, &counters, STATE_OK, STATE_REFUSED, events), 1);
	assert_int_equal(events[0].severity, SEVERITY_CRITICAL);
	id = events[0].alarm;
	assert_int_equal(alarm_change(&alarms, &counters, STATE_REFUSED, STATE_OK, events), 1);
	assert_int_equal(events[0].severity, SEVERITY_CLEARED);
	assert_int_equal(events[0].alarm, id);
	assert_int_equal(alarm_change(&alarms, &counters, STATE_OK, STATE_REFUSED, events), 1);
	assert_int_equal(events[0].alarm, id + 1);
}

static void test_agent_event(void **state)
{
	struct alarm_counters counters = { 41, 3 };
	struct event event = alarm_agent_event(&counters, EVENT_AGENT_STARTED);

	assert_int_equal(event.sequence, 42);
	assert_int_equal(event.alarm, 0);
	assert_int_equal(counters.alarm, 3);
}

static void test_severities_have_labels(void **state)
{
	for (unsigned severity = SEVERITY_CLEARED; severity < SEVERITY_END; severity++)
		assert_non_null(severity_label(severity));
	assert_null(severity_label(0));
}

int main(void)
{
	UNIT_ROWS(cases, test_walk);
	UNIT_TEST(test_raise_and_clear_share_the_alarm);
	UNIT_TEST(test_agent_event);
	UNIT_TEST(test_severities_have_labels);
	return unit_run("alarm");
}
