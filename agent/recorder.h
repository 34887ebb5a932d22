/* SPDX-License-Identifier: ISC */
/*
 * The thread that writes the store, so that no disk ever stops the probing. What is to be kept is
 * handed over by calls that never block; it is written in batches: at most one transaction a second
 * for states and history, at once for events. A notification leaves for SNMP only after its event
 * is durable, or when the store cannot be written (then the agent is impaired and goes on from
 * memory). The recorder opens the store, puts a bad file aside, retries what failed, and recovers
 * by itself: when the store can be written again all of the present (targets, alarms, states,
 * numbers, waiting notices) is written anew.
 */
#ifndef FTPHEALTH_RECORDER_H
#define FTPHEALTH_RECORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/mib.h"
#include "agent/policy.h"
#include "agent/record.h"
#include "agent/store.h"

struct recorder;

/* Called from the recorder's thread with a notice that may go (taken over). Must not block. */
typedef void (*recorder_release)(void *userdata, struct notice *notice);

/* How much is kept. */
struct recorder_limits {
	uint32_t history_rows;     /* of each target; 0 = none */
	uint64_t history_age_usec; /* and not older than this */
	uint32_t event_rows;       /* of all; 0 counts as 1 */
};

struct recorder_options {
	const char *path;
	struct recorder_limits limits;
	uint64_t retry_usec; /* a write that failed is tried again after this, then twice it
				... 60 times it; 0 = a second */
	recorder_release release;
	void *userdata;
};

/* What was kept from the time before, read before the thread starts. */
struct recorder_past {
	struct alarm_counters counters;
	uint32_t next_index;
	struct policy_settings settings; /* as a manager left them, else the defaults */
	bool settings_ordered;           /* a manager has set them */
	struct event_record *events;     /* the latest, ascending; event_rows at most */
	size_t n_events;
	struct alarm_record *alarms; /* open ones, ascending by number */
	size_t n_alarms;
	struct notice **notices; /* not acknowledged, in order of sequence; each owned */
	size_t n_notices;
};
void recorder_past_done(struct recorder_past *p);

/* Opens the store (one that cannot be opened is retried by the thread) and reads the past. The
 * thread is not started yet: the next calls are made first. Returns 0, -ENOMEM, or -EBUSY when
 * another process has the store. */
int recorder_new(const struct recorder_options *options, struct recorder_past *ret_past,
	struct recorder **ret);

/* Before a configuration is applied: the indexes its names had (known_index), from the copy of the
 * store that the recorder keeps in memory; never waits for the disk. Reads nothing but what
 * recorder_targets() and recorder_changes() change, so it may run in another thread between them.
 */
void recorder_recall(struct recorder *r, struct config *config);

/* After, for N targets of REGISTRY, new ones and those that begin anew: what was ordered for each
 * (admin), what was known of its synchronization, and the number of its latest probe (n_probes);
 * each where the target has none. */
void recorder_recall_targets(
	struct recorder *r, struct registry *registry, struct target *const *targets, size_t n);

/* The host of the target that has, or had, this index, "" when it is not known; borrowed until the
 * next configuration. */
const char *recorder_host(struct recorder *r, uint32_t target, uint16_t *ret_port);

int recorder_start(struct recorder *r);

/* Waits until what was handed over is written and its notices are released, at most GRACE_USEC. */
void recorder_flush(struct recorder *r, uint64_t grace_usec);

/* Nothing is released from now on: what is not yet stays in the store for the next start. */
void recorder_silence(struct recorder *r);

/* Writes what waits (for at most GRACE_USEC), ends the thread, closes. Takes NULL. */
struct recorder *recorder_stop(struct recorder *r, uint64_t grace_usec);

/* ---- what is to be kept; copies are taken; main thread */

/* The set of targets after a configuration was applied. */
void recorder_targets(struct recorder *r, const struct registry *registry);

/* Or no more than how it differs from the set before: N targets that are new or have changed, or
 * (not WATCHED) that are gone. */
void recorder_changes(struct recorder *r, struct target *const *targets, size_t n, bool watched);

/* An event with the numbers used last, the alarm it opened (A, and told or not), closed (CLOSED,
 * else 0) or told; and its notice (taken over; NULL when it is damped). */
void recorder_event(struct recorder *r, const struct event_record *e,
	const struct alarm_counters *counters, const struct alarm_record *a, uint32_t closed,
	struct notice *notice);

/* The notice of SEQUENCE has arrived (or was given up): any thread. */
void recorder_acknowledged(struct recorder *r, uint32_t sequence);

/* A probe has ended. Both are written with the next batch; the latest state of a target counts.
 * Either may be NULL. A number that the history had before is replaced by the next one. */
void recorder_probe(struct recorder *r, const struct probe_record *p, const struct state_record *s);

/* From now on so much is kept. Rows of the history that are too many go with the target's next. */
void recorder_limit(struct recorder *r, const struct recorder_limits *limits);

/* What a manager has ordered, or what was found out of the setting. */
void recorder_settings(struct recorder *r, const struct policy_settings *settings);
void recorder_admin(struct recorder *r, uint32_t target, enum admin admin);
void recorder_sync(struct recorder *r, uint32_t target, enum setting sync, uint64_t time);

/* How the agent itself is, for those who read the store. */
void recorder_agent(struct recorder *r, enum agent_state state);

struct recorder_stats {
	bool impaired;       /* the store cannot be used or written now */
	uint32_t waiting;    /* records not written yet */
	uint64_t saved_time; /* CLOCK_REALTIME of the latest good transaction; 0 = none */
	uint32_t lost;       /* history rows dropped because the store could not be written */
};
void recorder_stats(struct recorder *r, struct recorder_stats *ret);

#endif
