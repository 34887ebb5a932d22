/* SPDX-License-Identifier: ISC */
/* Which change of state raises or clears which alarm. Pure. */
#ifndef FTPHEALTH_ALARM_H
#define FTPHEALTH_ALARM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/health.h"
#include "probes/evidence.h"

/* clang-format off */
#define SEVERITIES(X) /* FtpAuthSeverity */ \
	X(1, CLEARED, cleared) \
	X(2, INDETERMINATE, indeterminate) \
	X(3, WARNING, warning) \
	X(4, MINOR, minor) \
	X(5, MAJOR, major) \
	X(6, CRITICAL, critical)
/* clang-format on */

enum severity {
#define SEVERITY_ENUMERATOR(number, symbol, label) SEVERITY_##symbol = number,
	SEVERITIES(SEVERITY_ENUMERATOR)
#undef SEVERITY_ENUMERATOR
		SEVERITY_END
};

const char *severity_label(unsigned severity);

/* The conditions that a target can be in alarm about; each has a raising and a clearing
 * notification. They are independent: a target that was refused and is now unreachable has not
 * recovered, so both stay open. The store keeps them by number: new ones of a target go before
 * ALARM_END, those of the agent after ALARM_MASS. */
enum alarm_kind {
	ALARM_REFUSED,
	ALARM_UNREACHABLE,
	ALARM_AT_RISK,
	ALARM_CERTIFICATE,
	ALARM_DEGRADED,
	ALARM_END,        /* of those that a target can have */
	ALARM_MASS = 100, /* the agent's: so many targets fail that one alarm stands for them */
};

/* The notifications, each one row of the table in mib_notify.c. */
enum event_kind {
	EVENT_LOGIN_REFUSED,
	EVENT_LOGIN_RECOVERED,
	EVENT_UNREACHABLE,
	EVENT_REACHABLE,
	EVENT_AT_RISK,
	EVENT_AT_RISK_CLEARED,
	EVENT_SYNC_CHANGED,
	EVENT_CERT_EXPIRING,
	EVENT_CERT_RENEWED,
	EVENT_DEGRADED,
	EVENT_DEGRADED_CLEARED,
	EVENT_MASS_FAILURE,
	EVENT_MASS_RECOVERED,
	EVENT_HEARTBEAT,
	EVENT_AGENT_STARTED,
	EVENT_AGENT_STOPPING,
	EVENT_END
};

/* Alarms of one target: the number of each open one, or 0. */
struct target_alarms {
	uint32_t open[ALARM_END];
};

/* Numbers that only rise: over the life of the state file. */
struct alarm_counters {
	uint32_t sequence; /* of the latest event */
	uint32_t alarm;    /* of the latest alarm */
};

/* Which severity its notification has, by itself. */
enum severity event_severity(enum event_kind kind);

/* The notification that raised what one of KIND clears, or EVENT_END when it clears nothing. */
enum event_kind event_clears(enum event_kind kind);

/* What a service of Nagios and its kin is when it was told so: minor and less are warnings. */
enum service severity_service(enum severity severity);

/* One thing that happened, to be logged and notified. */
struct event {
	enum event_kind kind;
	enum severity severity;
	enum state from, to;
	uint32_t sequence; /* ftpAuthNotifySequence: rises by one with each event; gaps show losses
			    */
	uint32_t alarm;    /* ftpAuthNotifyAlarm: the same in raise and clear; 0 when none */
	enum setting sync_from; /* EVENT_SYNC_CHANGED: what synchronization was before; else 0 */
	uint32_t count;         /* EVENT_MASS_*: alarms, as policy_order.count; else 0 */
};

/* One alarm that is to be raised or cleared. */
struct alarm_step {
	enum alarm_kind kind;
	bool raise;
};

/* What coming into the state TO means for a target whose alarms are A: writes at most ALARM_END
 * steps (clears first) and returns how many. The caller numbers the alarms and changes A. unknown
 * means nothing; disabled (also: removed) clears all. */
size_t alarm_steps(
	const struct target_alarms *a, enum state to, struct alarm_step steps[ALARM_END]);

/* For the kinds that go their own way, whatever the state (ALARM_CERTIFICATE, ALARM_DEGRADED): one
 * probe found the target BAD in this respect, or good. RAISE or CLEAR such probes in a row, which
 * *STREAK counts, open or close the alarm: returns true with that step in *RET. */
bool alarm_side_step(const struct target_alarms *a, enum alarm_kind kind, bool bad, uint32_t raise,
	uint32_t clear, uint32_t *streak, struct alarm_step *ret);

/* The notification that raises or clears an alarm of KIND (also ALARM_MASS). */
enum event_kind alarm_event(enum alarm_kind kind, bool raise);

/* True when what is known of a target in STATE is what an alarm of KIND is about; else the alarm is
 * open behind another one: a login at risk that is refused by now. */
bool alarm_shows(enum alarm_kind kind, enum state state);

/* How bad it is while it is open. */
enum severity alarm_severity(enum alarm_kind kind);

/* Password synchronization of a target in STATE changed: FROM (enabled or disabled) is what it was
 * before. No alarm: which of the two is wanted, only the administrator knows. */
struct event alarm_sync_event(struct alarm_counters *counters, enum state state, enum setting from);

/* An event about the agent itself. */
struct event alarm_agent_event(struct alarm_counters *counters, enum event_kind kind);

#endif
