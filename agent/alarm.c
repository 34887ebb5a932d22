/* SPDX-License-Identifier: ISC */
/* Which change of state raises or clears which alarm. */
#include "agent/alarm.h"

#include <assert.h>

#include "common/util.h"

const char *severity_label(unsigned severity)
{
	static const char *const labels[] = {
#define SEVERITY_LABEL(number, symbol, label) [number] = #label,
		SEVERITIES(SEVERITY_LABEL)
#undef SEVERITY_LABEL
	};

	return severity < ARRAY_SIZE(labels) ? labels[severity] : NULL;
}

#define IN(state) (1u << (state))

/* An alarm is raised by coming into one of RAISED, cleared by coming into one of CLEARED; any other
 * state leaves it as it is. A refused login that is now unreachable has not recovered; a server
 * that answers, even with a refusal, is reachable. */
static const struct alarm_rule {
	unsigned raised, cleared; /* sets of states */
	enum event_kind raise, clear;
	enum severity severity;
} rules[ALARM_END] = {
	[ALARM_REFUSED] = {
		.raised = IN(STATE_REFUSED),
		.cleared = IN(STATE_OK) | IN(STATE_AT_RISK) | IN(STATE_DEGRADED) | IN(STATE_DISABLED),
		.raise = EVENT_LOGIN_REFUSED,
		.clear = EVENT_LOGIN_RECOVERED,
		.severity = SEVERITY_CRITICAL,
	},
	[ALARM_UNREACHABLE] = {
		.raised = IN(STATE_UNREACHABLE),
		.cleared = IN(STATE_OK) | IN(STATE_AT_RISK) | IN(STATE_DEGRADED) | IN(STATE_REFUSED) |
			IN(STATE_DISABLED),
		.raise = EVENT_UNREACHABLE,
		.clear = EVENT_REACHABLE,
		.severity = SEVERITY_MAJOR,
	},
	/* A login that is refused after all is the risk come true: only a sound one ends it. */
	[ALARM_AT_RISK] = {
		.raised = IN(STATE_AT_RISK),
		.cleared = IN(STATE_OK) | IN(STATE_DEGRADED) | IN(STATE_DISABLED),
		.raise = EVENT_AT_RISK,
		.clear = EVENT_AT_RISK_CLEARED,
		.severity = SEVERITY_WARNING,
	},
};

static struct event change_event(enum event_kind kind, enum severity severity, enum state from,
	enum state to, struct alarm_counters *counters)
{
	return (struct event){
		.kind = kind,
		.severity = severity,
		.from = from,
		.to = to,
		.sequence = ++counters->sequence,
	};
}

size_t alarm_change(struct target_alarms *a, struct alarm_counters *counters, enum state from,
	enum state to, struct event events[2 * ALARM_END])
{
	size_t n = 0;

	for (size_t kind = 0; kind < ALARM_END; kind++)
		if (a->open[kind] != 0 && (rules[kind].cleared & IN(to))) {
			events[n] = change_event(
				rules[kind].clear, SEVERITY_CLEARED, from, to, counters);
			events[n++].alarm = a->open[kind];
			a->open[kind] = 0;
		}
	for (size_t kind = 0; kind < ALARM_END; kind++)
		if (a->open[kind] == 0 && (rules[kind].raised & IN(to))) {
			a->open[kind] = ++counters->alarm;
			events[n] = change_event(
				rules[kind].raise, rules[kind].severity, from, to, counters);
			events[n++].alarm = a->open[kind];
		}
	return n;
}

struct event alarm_sync_event(struct alarm_counters *counters, enum state state, enum setting from)
{
	struct event event =
		change_event(EVENT_SYNC_CHANGED, SEVERITY_WARNING, state, state, counters);

	assert(from == SETTING_ENABLED || from == SETTING_DISABLED);
	event.sync_from = from;
	return event;
}

struct event alarm_agent_event(struct alarm_counters *counters, enum event_kind kind)
{
	return change_event(kind, SEVERITY_INDETERMINATE, STATE_UNKNOWN, STATE_UNKNOWN, counters);
}
