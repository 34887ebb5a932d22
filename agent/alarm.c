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
	unsigned shown;           /* those beside RAISED in which it is what a target is known by */
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
	/* Its certificate says when it ends, whatever the state: alarm_side_step(). */
	[ALARM_CERTIFICATE] = {
		.cleared = IN(STATE_DISABLED),
		.shown = ~0u,
		.raise = EVENT_CERT_EXPIRING,
		.clear = EVENT_CERT_RENEWED,
		.severity = SEVERITY_WARNING,
	},
	/* So does what follows a login that works: the state shows atRisk when there is a risk too,
	 * and a login that fails says nothing of it. */
	[ALARM_DEGRADED] = {
		.cleared = IN(STATE_DISABLED),
		.shown = IN(STATE_OK) | IN(STATE_DEGRADED) | IN(STATE_AT_RISK),
		.raise = EVENT_DEGRADED,
		.clear = EVENT_DEGRADED_CLEARED,
		.severity = SEVERITY_WARNING,
	},
};

/* No state of a target says anything of it. */
static const struct alarm_rule mass = {
	.shown = ~0u,
	.raise = EVENT_MASS_FAILURE,
	.clear = EVENT_MASS_RECOVERED,
	.severity = SEVERITY_CRITICAL,
};

static const struct alarm_rule *rule_of(enum alarm_kind kind)
{
	assert(kind < ALARM_END || kind == ALARM_MASS);
	return kind == ALARM_MASS ? &mass : &rules[kind];
}

enum event_kind alarm_event(enum alarm_kind kind, bool raise)
{
	return raise ? rule_of(kind)->raise : rule_of(kind)->clear;
}

bool alarm_shows(enum alarm_kind kind, enum state state)
{
	return ((rule_of(kind)->raised | rule_of(kind)->shown) & IN(state)) != 0;
}

enum severity alarm_severity(enum alarm_kind kind)
{
	return rule_of(kind)->severity;
}

size_t alarm_steps(const struct target_alarms *a, enum state to, struct alarm_step steps[ALARM_END])
{
	size_t n = 0;

	for (unsigned kind = 0; kind < ALARM_END; kind++)
		if (a->open[kind] != 0 && (rules[kind].cleared & IN(to)))
			steps[n++] = (struct alarm_step){ .kind = kind, .raise = false };
	for (unsigned kind = 0; kind < ALARM_END; kind++)
		if (a->open[kind] == 0 && (rules[kind].raised & IN(to)))
			steps[n++] = (struct alarm_step){ .kind = kind, .raise = true };
	return n;
}

bool alarm_side_step(const struct target_alarms *a, enum alarm_kind kind, bool bad, uint32_t raise,
	uint32_t clear, uint32_t *streak, struct alarm_step *ret)
{
	bool open = a->open[kind] != 0;

	if (bad == open) {
		*streak = 0;
		return false;
	}
	if (++*streak < (bad ? raise : clear))
		return false;
	*streak = 0;
	*ret = (struct alarm_step){ .kind = kind, .raise = bad };
	return true;
}

enum event_kind event_clears(enum event_kind kind)
{
	for (unsigned i = 0; i < ALARM_END; i++)
		if (rules[i].clear == kind)
			return rules[i].raise;
	return mass.clear == kind ? mass.raise : EVENT_END;
}

enum severity event_severity(enum event_kind kind)
{
	for (unsigned i = 0; i < ALARM_END; i++)
		if (rules[i].raise == kind)
			return rules[i].severity;
	if (mass.raise == kind)
		return mass.severity;
	if (event_clears(kind) != EVENT_END)
		return SEVERITY_CLEARED;
	/* Nothing is wrong yet in these, but somebody should look. */
	if (kind == EVENT_SYNC_CHANGED || kind == EVENT_AGENT_STOPPING)
		return SEVERITY_WARNING;
	return SEVERITY_INDETERMINATE;
}

enum service severity_service(enum severity severity)
{
	static const enum service services[SEVERITY_END] = {
		[SEVERITY_CLEARED] = SERVICE_OK,
		[SEVERITY_INDETERMINATE] = SERVICE_OK,
		[SEVERITY_WARNING] = SERVICE_WARNING,
		[SEVERITY_MINOR] = SERVICE_WARNING,
		[SEVERITY_MAJOR] = SERVICE_CRITICAL,
		[SEVERITY_CRITICAL] = SERVICE_CRITICAL,
	};

	assert(severity < SEVERITY_END);
	return services[severity];
}

static struct event change_event(
	enum event_kind kind, enum state from, enum state to, struct alarm_counters *counters)
{
	return (struct event){
		.kind = kind,
		.severity = event_severity(kind),
		.from = from,
		.to = to,
		.sequence = ++counters->sequence,
	};
}

struct event alarm_sync_event(struct alarm_counters *counters, enum state state, enum setting from)
{
	struct event event = change_event(EVENT_SYNC_CHANGED, state, state, counters);

	assert(from == SETTING_ENABLED || from == SETTING_DISABLED);
	event.sync_from = from;
	return event;
}

struct event alarm_agent_event(struct alarm_counters *counters, enum event_kind kind)
{
	return change_event(kind, STATE_UNKNOWN, STATE_UNKNOWN, counters);
}
