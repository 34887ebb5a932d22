/* SPDX-License-Identifier: ISC */
/*
 * Which changes are notified, and when: what the receivers of notifications believe is compared
 * with what is the case, and what differs is told as soon as nothing holds it back. Pure: time is
 * an argument (CLOCK_MONOTONIC, microseconds), no clock, no I/O.
 *
 * Rules
 *  - An alarm that opens is told (raise), one that closes is told (clear); a clear only after its
 *    raise. What opens and closes while it is held back is never told. An alarm that is told and
 *    opens again before its clear could be told keeps its number: for the receiver it never closed.
 *  - min_interval: between two notifications on the same target and kind; at its end what then
 *    differs is told (coalescing).
 *  - flapping (see health.h): raises are told, clears are held until the target is stable.
 *  - maintenance of the target, or notifications switched off: all is held; told at its end.
 *  - repeat: a raise that is still open is told again each so often; with a new sequence, the same
 *    alarm.
 *  - storm: when more than `storm` raises fall due within 60 s, one mass alarm is told in their
 *    place. Targets that fail while it is open are not told one by one; those told before are
 *    cleared one by one. When no more than storm/2 targets are open and untold, the mass alarm is
 *    cleared and they are told one by one.
 *  - heartbeat: one each so often.
 *  - A target that is removed or disabled: its alarms are closed and that is told at once, whatever
 *    holds.
 */
#ifndef FTPHEALTH_POLICY_H
#define FTPHEALTH_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/alarm.h"
#include "common/heap.h"

/* ftpAuthControl: what a manager may change; 0 = off. */
struct policy_settings {
	bool enabled;            /* ftpAuthNotifyEnable; default true */
	uint32_t min_interval_s; /* default 0 */
	uint32_t repeat_s;       /* default 0 */
	uint32_t heartbeat_s;    /* default 0 */
	uint32_t storm;          /* targets; default 100 */
};
void policy_settings_init(struct policy_settings *s);

/* The policy's side of one target, embedded in it; zero-initialised: nothing open, nothing told. */
struct policy_target {
	struct {
		uint32_t open;      /* number of the alarm that is the case, or 0 */
		uint32_t told;      /* number of the alarm that receivers believe in, or 0 */
		uint64_t sent_usec; /* of the latest notification; 0 = none */
	} kinds[ALARM_END];
	bool held; /* in maintenance */
	bool flapping;
	struct heap_node due; /* when something that is held may have to be told */
	void *owner;          /* given back in decisions */
};

struct policy {
	struct policy_settings settings;
	struct heap due;
	uint32_t mass;   /* number of the mass alarm, or 0 */
	uint32_t untold; /* targets with an alarm open that is not told because of it */
	uint64_t heartbeat_usec;
	uint64_t raises[60]; /* raises that fell due in each of the latest seconds, by second */
	uint64_t raise_seconds[60];
};

void policy_init(struct policy *p, uint64_t now);
void policy_done(struct policy *p);

/* What is to be told. */
enum policy_verb {
	POLICY_RAISE,
	POLICY_CLEAR,
	POLICY_REPEAT,
	POLICY_MASS_RAISE,
	POLICY_MASS_CLEAR,
	POLICY_HEARTBEAT
};
struct policy_order {
	enum policy_verb verb;
	struct policy_target *target; /* NULL for the agent's */
	enum alarm_kind kind;
	uint32_t alarm; /* number; POLICY_MASS_RAISE: the one given by policy_next's caller */
};

/* T's alarm of KIND is now number OPEN (0: it closed). Told alarms keep their number: returns the
 * number to use, which is the told one when there is one, else OPEN. */
uint32_t policy_open(struct policy *p, struct policy_target *t, enum alarm_kind kind, uint32_t open,
	uint64_t now);

/* Maintenance or flapping of T began or ended. */
void policy_hold(struct policy *p, struct policy_target *t, bool held, bool flapping, uint64_t now);

/* T goes: the caller has closed its alarms by policy_open(..., 0, ...); all clears that it owes are
 * due at once. After policy_next() has given them, the caller calls policy_forget(). */
void policy_leave(struct policy *p, struct policy_target *t, uint64_t now);
void policy_forget(struct policy *p, struct policy_target *t);

/* New settings. */
void policy_set(struct policy *p, const struct policy_settings *settings, uint64_t now);

/* The next thing to tell at NOW, or false. The caller sends it, then calls again. FRESH_ALARM is an
 * unused number, for a mass alarm; it is used when the order is POLICY_MASS_RAISE. */
bool policy_next(struct policy *p, uint64_t now, uint32_t fresh_alarm, struct policy_order *ret);

/* When policy_next() may have something new without any other call; USEC_INFINITY = never. */
uint64_t policy_wake(const struct policy *p);

#endif
