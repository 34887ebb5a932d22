/* SPDX-License-Identifier: ISC */
/*
 * What is kept of the past: events, alarms, probes, states; as SNMP shows it, as the store has it,
 * and as `ftphealth status`, `history`, `alarms` and `events` print it. Data and two containers.
 * Times: microseconds of CLOCK_REALTIME. Texts: printable ASCII.
 */
#ifndef FTPHEALTH_RECORD_H
#define FTPHEALTH_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/alarm.h"
#include "probes/diagnosis.h"
#include "probes/outcome.h"

enum {
	RECORD_NAME_MAX = 64,
	RECORD_TEXT_MAX = 160,
	RECORD_REFERENCE_MAX = 32,
	RECORD_HOST_MAX = 255
};

/* A row of ftpAuthEventTable. */
struct event_record {
	struct event event; /* its sequence is the row's index */
	uint64_t time;
	uint32_t target; /* ftpAuthTargetIndex; 0 = the agent */
	char name[RECORD_NAME_MAX + 1];
	enum diagnosis diagnosis;
	int reply_code;
	char text[RECORD_TEXT_MAX + 1];
	bool sent; /* as a notification; false: it was damped */
};

/* A row of ftpAuthAlarmTable: an alarm that is open. */
struct alarm_record {
	uint32_t alarm; /* the row's index */
	enum alarm_kind kind;
	enum severity severity;
	uint32_t target; /* 0 = the agent */
	char name[RECORD_NAME_MAX + 1];
	uint64_t time; /* when it was raised */
	enum diagnosis diagnosis;
	int reply_code;
	char text[RECORD_TEXT_MAX + 1];
	char remedy[RECORD_TEXT_MAX + 1];
	bool told; /* a raising notification was sent that no clearing one has followed yet */
};

/* One probe of a target: a row of ftpAuthHistoryTable. */
struct probe_record {
	uint32_t target;
	uint32_t number; /* rises by one with each probe of the target */
	uint64_t time;   /* of its end */
	enum outcome outcome;
	enum stage stage;
	int reply_code;
	char reply_text[RECORD_TEXT_MAX + 1];
	uint32_t total_usec;
	enum state state; /* damped, after it */
	enum diagnosis diagnosis;
};

/* What a manager has ordered for a target (FtpAuthTargetAdmin). */
enum admin { ADMIN_ENABLED = 1, ADMIN_MAINTENANCE, ADMIN_DISABLED };

/* The present state of a target, for `ftphealth status`. */
struct state_record {
	uint32_t target;
	enum state state;
	enum outcome outcome;
	enum diagnosis diagnosis;
	uint8_t confidence;
	int reply_code;
	char reply_text[RECORD_TEXT_MAX + 1];
	uint32_t total_usec;
	uint32_t fail_streak;
	bool flapping;
	enum admin admin;
	uint64_t since, probe_time, ok_time;
};

/* ---- the latest events, in memory: a ring, ascending by sequence */

struct event_ring {
	struct event_record *rows; /* n of them are in use, from first on, wrapping */
	size_t size, first, n;
	uint32_t bumped; /* rows deleted to make room */
};

/* An empty ring of SIZE rows (at least 1). Returns 0 or -ENOMEM. */
int event_ring_init(struct event_ring *r, size_t size);
void event_ring_done(struct event_ring *r);

/* Makes it SIZE rows, keeping the latest. Returns 0, or -ENOMEM with nothing changed. */
int event_ring_resize(struct event_ring *r, size_t size);

/* Adds a copy of E, whose sequence is above all others. */
void event_ring_add(struct event_ring *r, const struct event_record *e);

/* The I-th in order of sequence. */
const struct event_record *event_ring_row(const struct event_ring *r, size_t i);

/* ---- the alarms that are open, in memory: ascending by alarm */

struct alarm_list {
	struct alarm_record **rows; /* each owned; n of them */
	size_t n, size;
	/* set by the caller: */
	uint64_t change_usec;            /* CLOCK_MONOTONIC of the latest row made or deleted */
	uint64_t raise_time, clear_time; /* of the latest */
};

/* Adds a copy of A, or changes the row of its number. Returns 0 or -ENOMEM. */
int alarm_list_put(struct alarm_list *l, const struct alarm_record *a);

/* The row of ALARM, or NULL. */
struct alarm_record *alarm_list_find(const struct alarm_list *l, uint32_t alarm);

/* Deletes the row of ALARM if there is one. */
void alarm_list_remove(struct alarm_list *l, uint32_t alarm);
void alarm_list_done(struct alarm_list *l);

#endif
