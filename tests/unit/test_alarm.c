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
	static const char letters[EVENT_END] = {
		[EVENT_LOGIN_REFUSED] = 'R',
		[EVENT_LOGIN_RECOVERED] = 'r',
		[EVENT_UNREACHABLE] = 'U',
		[EVENT_REACHABLE] = 'u',
		[EVENT_AT_RISK] = 'K',
		[EVENT_AT_RISK_CLEARED] = 'k',
	};

	assert_int_not_equal(letters[kind], 0);
	return letters[kind];
}

static void test_walk(void **state)
{
	const __typeof__(cases[0]) *c = *state;
	struct target_alarms alarms = { 0 };
	struct alarm_step steps[ALARM_END];
	char seen[32] = "";
	size_t used = 0;

	for (size_t i = 1; c->states[i]; i++) {
		size_t n = alarm_steps(&alarms, state_of(c->states[i]), steps);
		bool raised = false;

		assert_true(n <= ALARM_END);
		for (size_t j = 0; j < n; j++) {
			uint32_t *open = &alarms.open[steps[j].kind];

			assert_true(steps[j].raise || !raised); /* clears first */
			raised = steps[j].raise;
			assert_int_equal(*open != 0, !raised);
			*open = raised ? 100 : 0;
			seen[used++] = letter_of(alarm_event(steps[j].kind, raised));
		}
		assert_int_equal(alarm_steps(&alarms, state_of(c->states[i]), steps), 0);
	}
	assert_string_equal(seen, c->events);
}

/* The store keeps alarms by these numbers. */
static const struct {
	const char *label;
	enum alarm_kind kind;
	int number;
	enum event_kind raise, clear;
	enum severity severity;
} kinds[] = {
	/* clang-format off */
	{ "kind: refused", ALARM_REFUSED, 0, EVENT_LOGIN_REFUSED, EVENT_LOGIN_RECOVERED, SEVERITY_CRITICAL },
	{ "kind: unreachable", ALARM_UNREACHABLE, 1, EVENT_UNREACHABLE, EVENT_REACHABLE, SEVERITY_MAJOR },
	{ "kind: at risk", ALARM_AT_RISK, 2, EVENT_AT_RISK, EVENT_AT_RISK_CLEARED, SEVERITY_WARNING },
	{ "kind: certificate", ALARM_CERTIFICATE, 3, EVENT_CERT_EXPIRING, EVENT_CERT_RENEWED, SEVERITY_WARNING },
	{ "kind: degraded", ALARM_DEGRADED, 4, EVENT_DEGRADED, EVENT_DEGRADED_CLEARED, SEVERITY_WARNING },
	{ "kind: mass", ALARM_MASS, 100, EVENT_MASS_FAILURE, EVENT_MASS_RECOVERED, SEVERITY_CRITICAL },
	/* clang-format on */
};

static void test_kind(void **state)
{
	const __typeof__(kinds[0]) *c = *state;

	assert_int_equal(c->kind, c->number);
	assert_int_equal(alarm_event(c->kind, true), c->raise);
	assert_int_equal(alarm_event(c->kind, false), c->clear);
	assert_int_equal(alarm_severity(c->kind), c->severity);
}

/* One probe a letter, E: its certificate ends too soon; two in a row raise, three clear. */
static const struct {
	const char *label, *probes, *steps;
} certificates[] = {
	{ "certificate: good", "eeee", "...." },
	{ "certificate: once", "eEeEe", "....." },
	{ "certificate: twice", "EE", ".R" },
	{ "certificate: and on", "EEEE", ".R.." },
	{ "certificate: renewed", "EEeee", ".R..r" },
	{ "certificate: of two servers", "EEeEeeEeee", ".R.......r" },
	{ "certificate: again", "EEeeeEE", ".R..r.R" },
};

static void test_certificate(void **state)
{
	static const enum alarm_kind kinds_apart[] = { ALARM_CERTIFICATE, ALARM_DEGRADED };
	const __typeof__(certificates[0]) *c = *state;

	for (size_t k = 0; k < ARRAY_SIZE(kinds_apart); k++) {
		enum alarm_kind kind = kinds_apart[k];
		struct target_alarms alarms = { { 0 } };
		uint32_t streak = 0;

		for (size_t i = 0; c->probes[i]; i++) {
			struct alarm_step step;
			char told = '.';

			if (alarm_side_step(
				    &alarms, kind, c->probes[i] == 'E', 2, 3, &streak, &step)) {
				assert_int_equal(step.kind, kind);
				told = step.raise ? 'R' : 'r';
				alarms.open[kind] = step.raise ? 7 : 0;
			}
			assert_int_equal(told, c->steps[i]);
		}
	}
}

/* No state of a target says anything of its certificate, or of what follows its logins, but that it
 * is not watched any more. */
static void test_certificate_states(void **state)
{
	struct target_alarms alarms = { .open = { [ALARM_CERTIFICATE] = 7, [ALARM_DEGRADED] = 8 } };
	struct alarm_step steps[ALARM_END];

	for (enum state s = STATE_OK; s < STATE_DISABLED; s++)
		for (size_t i = 0, n = alarm_steps(&alarms, s, steps); i < n; i++)
			assert_true(steps[i].raise && steps[i].kind < ALARM_CERTIFICATE);
	assert_int_equal(alarm_steps(&alarms, STATE_DISABLED, steps), 2);
	assert_false(steps[0].raise || steps[1].raise);
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

/* The scale of Nagios for the severities, and what is told by which. */
static const struct {
	const char *label;
	enum event_kind kind;
	enum severity severity;
	enum service service;
	enum event_kind clears;
} told[] = {
	/* clang-format off */
	{ "told: refused", EVENT_LOGIN_REFUSED, SEVERITY_CRITICAL, SERVICE_CRITICAL, EVENT_END },
	{ "told: recovered", EVENT_LOGIN_RECOVERED, SEVERITY_CLEARED, SERVICE_OK, EVENT_LOGIN_REFUSED },
	{ "told: unreachable", EVENT_UNREACHABLE, SEVERITY_MAJOR, SERVICE_CRITICAL, EVENT_END },
	{ "told: reachable", EVENT_REACHABLE, SEVERITY_CLEARED, SERVICE_OK, EVENT_UNREACHABLE },
	{ "told: at risk", EVENT_AT_RISK, SEVERITY_WARNING, SERVICE_WARNING, EVENT_END },
	{ "told: no longer at risk", EVENT_AT_RISK_CLEARED, SEVERITY_CLEARED, SERVICE_OK, EVENT_AT_RISK },
	{ "told: sync changed", EVENT_SYNC_CHANGED, SEVERITY_WARNING, SERVICE_WARNING, EVENT_END },
	{ "told: certificate", EVENT_CERT_EXPIRING, SEVERITY_WARNING, SERVICE_WARNING, EVENT_END },
	{ "told: degraded", EVENT_DEGRADED, SEVERITY_WARNING, SERVICE_WARNING, EVENT_END },
	{ "told: degraded no more", EVENT_DEGRADED_CLEARED, SEVERITY_CLEARED, SERVICE_OK, EVENT_DEGRADED },
	{ "told: renewed", EVENT_CERT_RENEWED, SEVERITY_CLEARED, SERVICE_OK, EVENT_CERT_EXPIRING },
	{ "told: mass failure", EVENT_MASS_FAILURE, SEVERITY_CRITICAL, SERVICE_CRITICAL, EVENT_END },
	{ "told: mass recovered", EVENT_MASS_RECOVERED, SEVERITY_CLEARED, SERVICE_OK, EVENT_MASS_FAILURE },
	{ "told: heartbeat", EVENT_HEARTBEAT, SEVERITY_INDETERMINATE, SERVICE_OK, EVENT_END },
	{ "told: started", EVENT_AGENT_STARTED, SEVERITY_INDETERMINATE, SERVICE_OK, EVENT_END },
	{ "told: stopping", EVENT_AGENT_STOPPING, SEVERITY_WARNING, SERVICE_WARNING, EVENT_END },
	/* clang-format on */
};
_Static_assert(ARRAY_SIZE(told) == EVENT_END, "a row an event");

static void test_told(void **state)
{
	const __typeof__(told[0]) *c = *state;

	assert_int_equal(event_severity(c->kind), c->severity);
	assert_int_equal(severity_service(c->severity), c->service);
	assert_int_equal(event_clears(c->kind), c->clears);
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
	UNIT_ROWS(kinds, test_kind);
	UNIT_ROWS(told, test_told);
	UNIT_ROWS(certificates, test_certificate);
	UNIT_TEST(test_certificate_states);
	UNIT_TEST(test_sync_event);
	UNIT_TEST(test_agent_event);
	UNIT_TEST(test_severities_have_labels);
	return unit_run("alarm");
}
