/* SPDX-License-Identifier: ISC */
/*
 * Events on their way out: numbered, compared with what receivers believe (policy.h), logged, and
 * handed to the recorder, which releases their notifications when they are durable.
 */
#ifndef FTPHEALTH_NOTIFIER_H
#define FTPHEALTH_NOTIFIER_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "agent/alarm.h"
#include "agent/orders.h"
#include "agent/policy.h"
#include "agent/recorder.h"
#include "agent/snmp.h"
#include "agent/target.h"

/* Main thread only. Registry and snmp are borrowed; snmp is set after notifier_init(). */
struct notifier {
	struct registry *registry;
	struct snmp *snmp;
	struct recorder *recorder;
	struct recorder_past past; /* until notifier_restore() */
	struct alarm_counters counters;
	struct policy policy;
	sd_event_source *timer; /* when something that is held back may have to be told */
	bool restored;
	struct policy_settings settings; /* in force; those of the registry are as managers see
					    them, SETs change them at once */
	bool settings_ordered; /* by a manager: the configuration's do not count any more */
};

/* Opens the store of C and goes on from its numbers. An agent whose store cannot be used watches
 * all the same. Returns 0 or -errno. */
int notifier_init(struct notifier *n, struct registry *registry, const struct config *c);

/* Begins to record, and to tell what falls due later, on EVENT; snmp has been set. */
int notifier_start(struct notifier *n, sd_event *event);

/* Writes and sends what it can within GRACE_USEC. Returns true when SNMP's thread has ended. */
bool notifier_stop(struct notifier *n, uint64_t grace_usec);

/* For snmp_options.gone, with the recorder as its userdata: the notice of SEQUENCE need not be kept
 * any more. */
void notifier_gone(void *userdata, uint32_t sequence);

/* True when nothing is kept: the agent is impaired. */
bool notifier_is_impaired(const struct notifier *n);

/* The state of T changed: opens and closes alarms, and tells what is to be told. */
void notifier_change(struct notifier *n, struct target *t, enum state from, enum state to);

/* An alarm of T that goes its own way opens or closes; T was in state FROM before. */
void notifier_side(
	struct notifier *n, struct target *t, const struct alarm_step *step, enum state from);

/* What holds notifications of T back began or ended: maintenance, flapping. */
void notifier_hold(struct notifier *n, struct target *t);

/* How much is kept from now on of events, history and notices, by a configuration that was read
 * again. */
void notifier_limit(struct notifier *n, const struct config *c);

/* What the configuration says of notifications; it does not count once a manager has set it. */
void notifier_configure(struct notifier *n, const struct policy_settings *settings);

/* A manager has set a value. */
void notifier_order(struct notifier *n, const struct order *order);

/* Synchronization on the server of T is now known: FROM is what it was before, 0 when nothing was
 * known; else it was turned on or off, which is an event. */
void notifier_sync(struct notifier *n, const struct target *t, enum setting from);

/* Closes all alarms of a target that is watched no more, and tells it: an alarm must not stay open
 * for ever. */
void notifier_clear(struct notifier *n, struct target *t);

/* Something happened to the agent itself. */
void notifier_agent_event(struct notifier *n, enum event_kind kind);

/* Before a configuration is applied: tells it the indexes that its names had before. May run in
 * another thread: see recorder_recall(). */
void notifier_recall_indexes(struct notifier *n, struct config *config);

/* After one was applied, for targets that are new or have changed: what was ordered for them, and
 * known of their settings. After the first one also the alarms that were open when the agent ended:
 * they are not raised again; if their target is watched no more, they are closed. */
void notifier_restore(struct notifier *n, struct target *const *targets, size_t n_targets);

/* The set of targets is that of the registry now. */
void notifier_save(struct notifier *n);

/* It differs from the one before by these, which are there, or (not WATCHED) no more. */
void notifier_save_changes(
	struct notifier *n, struct target *const *targets, size_t n_targets, bool watched);

#endif
