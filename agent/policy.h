/* SPDX-License-Identifier: ISC */
/*
 * Which changes are notified, and when: what the receivers of notifications believe is compared
 * with what is the case, and what differs is told as soon as nothing holds it back. Pure: time is
 * an argument (CLOCK_MONOTONIC, microseconds, never 0), no clock, no I/O. That clock is never set,
 * so that no step of the time of day makes a burst or a silence.
 *
 * Rules
 *  - An alarm that opens is told (raise), one that closes is told (clear); a clear only after its
 *    raise. What opens and closes while it is held back is never told. An alarm that is told and
 *    opens again before its clear could be told keeps its number: for the receiver it never closed.
 *  - Of one target: clears first, then raises, each in the order of enum alarm_kind.
 *  - min_interval: between two notifications on the same target and kind; at its end what then
 *    differs is told (coalescing).
 *  - flapping (see health.h): raises are told, clears are held until the target is stable.
 *  - maintenance of the target, or notifications switched off: all is held; told at its end.
 *  - repeat: a raise that is still open is told again each so often; with a new sequence, the same
 *    alarm.
 *  - storm: of the raises that fall due within 60 s (this second and the 59 before) `storm` are
 *    told; in place of any more one mass alarm is. While it is open, raises are not told one by
 * one; those told before are cleared one by one. When no more than storm/2 alarms are open and
 * untold because of it, and no more than storm/2 raises have fallen due within 60 s, told or not,
 * the mass alarm is cleared and they are told one by one: as that can make no more than `storm`, it
 *    does not begin anew. With storm off it ends at once.
 *  - heartbeat: one each so often; when it is overdue at the end of a hold, one.
 *  - A target that is removed or disabled: its alarms are closed and that is told at once, whatever
 *    holds.
 */
#ifndef FTPHEALTH_POLICY_H
#define FTPHEALTH_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/alarm.h"
#include "common/due.h"

/* ftpAuthControl: what a manager may change; 0 = off. */
struct policy_settings {
	bool enabled;            /* ftpAuthNotifyEnable; default true */
	uint32_t min_interval_s; /* default 0 */
	uint32_t repeat_s;       /* default 0 */
	uint32_t heartbeat_s;    /* default 0 */
	uint32_t storm;          /* targets; default 100 */
};
void policy_settings_init(struct policy_settings *s);

/* A raise that is due, as a storm sees it. */
enum policy_storm {
	POLICY_FRESH,
	POLICY_UNTOLD, /* counted, and the mass alarm stands for it */
	POLICY_COUNTED /* the mass alarm is over: told without being counted again */
};

/* The policy's side of one target, embedded in it; zero-initialised: nothing open, nothing told. */
struct policy_target {
	struct policy_kind {
		uint32_t open;      /* number of the alarm that is the case, or 0 */
		uint32_t told;      /* number of the alarm that receivers believe in, or 0 */
		uint64_t sent_usec; /* of the latest notification; 0 = none */
	} kinds[ALARM_END];
	uint8_t storm[ALARM_END]; /* enum policy_storm */
	bool held;                /* in maintenance */
	bool flapping;
	bool leaving;
	void *owner;                         /* given back in decisions */
	struct due_node due;                 /* when something may have to be told */
	struct policy_target *next, *before; /* of those with an alarm open or told */
};

enum { POLICY_STORM_S = 60 };

struct policy {
	struct policy_settings settings;
	struct due_queue due;
	struct policy_target *alarmed; /* those with an alarm open or told: few, but in a storm */
	uint32_t mass;                 /* number of the mass alarm, or 0 */
	uint64_t mass_usec;            /* when it may end at the earliest, after a restart */
	uint32_t untold;               /* alarms that are open and not told because of it */
	uint64_t heartbeat_usec;       /* latest, or when they were turned on */
	struct {
		uint64_t second;
		uint32_t n;       /* raises that fell due in it */
	} raises[POLICY_STORM_S]; /* of second S at S % POLICY_STORM_S */
	uint64_t raise_second;    /* the latest of them */
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
	uint32_t count; /* POLICY_MASS_RAISE: raises due within 60 s, with the one that was too
			   many; POLICY_MASS_CLEAR: alarms that are told one by one now */
};

/* T's alarm of KIND, which was not open, is now number OPEN; 0: it closed. Told alarms keep their
 * number: returns the number to use, which is the told one when there is one, else OPEN. */
uint32_t policy_open(struct policy *p, struct policy_target *t, enum alarm_kind kind, uint32_t open,
	uint64_t now);

/* Maintenance or flapping of T began or ended. */
void policy_hold(struct policy *p, struct policy_target *t, bool held, bool flapping, uint64_t now);

/* T goes: all clears that it owes, or will owe when the caller closes its alarms by
 * policy_open(..., 0, ...), are due at once. When policy_next() has given them, the caller calls
 * policy_forget(), and T is as new: nothing open or told, nothing held. */
void policy_leave(struct policy *p, struct policy_target *t, uint64_t now);
void policy_forget(struct policy *p, struct policy_target *t);

/* After a restart: T's alarm of KIND was open as number OPEN, and told or not. One that had closed,
 * but whose clear was still held back, is restored as open and told, and closed again when the
 * target is seen well. What was told counts as sent at NOW: intervals begin anew. The mass alarm
 * (0 = it was not open) stays for 60 s at least, since it is not known what fell due before. */
void policy_restore_mass(struct policy *p, uint32_t mass);
void policy_restore(struct policy *p, struct policy_target *t, enum alarm_kind kind, uint32_t open,
	bool told, uint64_t now);

/* New settings. */
void policy_set(struct policy *p, const struct policy_settings *settings, uint64_t now);

/* The next thing to tell at NOW, or false. The caller sends it, then calls again. FRESH_ALARM is an
 * unused number, for a mass alarm; it is used when the order is POLICY_MASS_RAISE. */
bool policy_next(struct policy *p, uint64_t now, uint32_t fresh_alarm, struct policy_order *ret);

/* When policy_next() may have something new without any other call: not after that; USEC_INFINITY =
 * never. */
uint64_t policy_wake(const struct policy *p);

#endif
