/* SPDX-License-Identifier: ISC */
/* Raise and clear: a walk through states against the notifications that it must make. */
#include "tests/unit/unit.h"

#include "agent/alarm.h"

/* States as letters: o ok, k atRisk, g degraded, r refused, u unreachable, ? unknown, d disabled;
 * notifications too: R refused, r its recovery, U unreachable, u reachable again, K at risk, k no
 * longer. */
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
	{ "at risk clears a refusal, and is one more alarm", "?rk", "RrK" },
	{ "at risk and back", "?oko", "Kk" },
	{ "unknown to at risk raises", "?k", "K" },
	{ "at risk, then degraded: no longer at risk", "?kg", "Kk" },
	{ "the risk comes true: both stay open until ok", "?kro", "KRrk" },
	{ "at risk, refused, at risk: still the same risk", "?krko", "KRrk" },
	{ "at risk, unreachable, at risk: still the same risk", "?kuko", "KUuk" },
	{ "unknown leaves a risk open", "?k?k", "K" },
	{ "disabling clears all", "?rud", "RUru" },
	{ "disabling clears a risk too", "?kurd", "KUuRrk" },
	{ "unknown leaves alarms open", "?r?o", "Rr" },
	/* clang-format on */
};

static enum state state_of(char letter)
{
	static const struct {
		char letter;
		enum state state;
	} map[] = { { 'o', STATE_OK }, { 'k', STATE_AT_RISK }, { 'g', STATE_DEGRADED },
		{ 'r', STATE_REFUSED }, { 'u', STATE_UNREACHABLE }, { 'd', STATE_DISABLED } };

	for (size_t i = 0; i < ARRAY_SIZE(map); i++)
		if (map[i].letter == letter)
			return map[i].state;
	return STATE_UNKNOWN;
}

static char letter_of(enum event_kind kind)
{
	return "RrUuKk???"[kind];
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

/* The store keeps alarms by these numbers. */
static void test_numbers_of_alarms(void **state)
{
	assert_int_equal(ALARM_REFUSED, 0);
	assert_int_equal(ALARM_UNREACHABLE, 1);
	assert_int_equal(ALARM_AT_RISK, 2);
}

static void test_severity_of_a_risk(void **state)
{
	struct target_alarms alarms = { 0 };
	struct alarm_counters counters = { 0 };
	struct event events[2 * ALARM_END];

	assert_int_equal(alarm_change(&alarms, &counters, STATE_OK, STATE_AT_RISK, events), 1);
	assert_int_equal(events[0].severity, SEVERITY_WARNING);
	assert_int_equal(alarms.open[ALARM_AT_RISK], 1);
	assert_int_equal(alarm_change(&alarms, &counters, STATE_AT_RISK, STATE_OK, events), 1);
	assert_int_equal(events[0].severity, SEVERITY_CLEARED);
	assert_int_equal(events[0].alarm, 1);
	assert_int_equal(alarms.open[ALARM_AT_RISK], 0);
}

static void test_sync_event(void **state)
{
	struct alarm_counters counters = { 41, 3 };
	struct event event = alarm_sync_event(&counters, STATE_REFUSED, SETTING_DISABLED);

	assert_int_equal(event.kind, EVENT_SYNC_CHANGED);
	assert_int_equal(event.severity, SEVERITY_WARNING);
	assert_int_equal(event.from, STATE_REFUSED);
	assert_int_equal(event.to, STATE_REFUSED);
	assert_int_equal(event.sequence, 42);
	assert_int_equal(event.alarm, 0);
	assert_int_equal(event.sync_from, SETTING_DISABLED);
	assert_int_equal(counters.alarm, 3);
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
	UNIT_TEST(test_numbers_of_alarms);
	UNIT_TEST(test_severity_of_a_risk);
	UNIT_TEST(test_sync_event);
	UNIT_TEST(test_agent_event);
	UNIT_TEST(test_severities_have_labels);
	return unit_run("alarm");
}
