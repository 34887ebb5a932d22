/* SPDX-License-Identifier: ISC */
/* Events on their way out: numbered, kept in the store, logged, handed to SNMP; in this order. */
#ifndef FTPHEALTH_NOTIFIER_H
#define FTPHEALTH_NOTIFIER_H

#include <stdbool.h>

#include "agent/alarm.h"
#include "agent/snmp.h"
#include "agent/store.h"
#include "agent/target.h"

/* Main thread only. Registry and snmp are borrowed; snmp may be set after notifier_init(). */
struct notifier {
	struct registry *registry;
	struct snmp *snmp;
	char *store_path;
	struct store *store; /* NULL when it could not be opened */
	bool store_failed;   /* the latest write failed */
	bool restored;       /* the alarms of the time before the start were taken over */
	struct alarm_counters counters;
};

/* Opens the store at PATH and goes on from its numbers. An agent without a store watches all the
 * same: what went wrong was logged. Returns 0 or -ENOMEM. */
int notifier_init(struct notifier *n, struct registry *registry, const char *path);
void notifier_done(struct notifier *n);

/* True when nothing is kept: the agent is impaired. */
bool notifier_is_impaired(const struct notifier *n);

/* The state of T changed: raises and clears what that means. */
void notifier_change(struct notifier *n, struct target *t, enum state from, enum state to);

/* Synchronization on the server of T is now known: FROM is what it was before, 0 when nothing was
 * known; else it was turned on or off, which is an event. */
void notifier_sync(struct notifier *n, const struct target *t, enum setting from);

/* Clears all alarms of a target that is watched no more: an alarm must not stay open for ever. */
void notifier_clear(struct notifier *n, struct target *t);

/* Something happened to the agent itself. */
void notifier_agent_event(struct notifier *n, enum event_kind kind);

/* Before a configuration is applied: tells it the indexes that its names had before. */
void notifier_recall_indexes(struct notifier *n, struct config *config);

/* After a configuration was applied: what was known last of the settings of its servers. */
void notifier_recall_settings(struct notifier *n);

/* After the first configuration was applied: an alarm that was open when the agent ended is not
 * raised again; if its target is watched no more, it is cleared. Later calls do nothing. */
void notifier_restore(struct notifier *n);

/* Writes everything: after a configuration was applied, and once a second while writing fails. */
void notifier_save(struct notifier *n);

#endif
