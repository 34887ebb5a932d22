/* SPDX-License-Identifier: ISC */
/* What the parts of the notifier have in common: what happens and is to be told; how one event is
 * recorded; what was before the start. */
#ifndef FTPHEALTH_NOTIFIER_PRIVATE_H
#define FTPHEALTH_NOTIFIER_PRIVATE_H

#include "agent/notifier.h"

/* What an event brings with it. */
struct notifier_entry {
	struct event event;
	struct target *target; /* NULL: the agent's */
	enum alarm_kind kind;
	uint32_t opened, closed; /* numbers of alarms, or 0 */
	bool tell;
	bool again; /* it was told before */
};

/* Journal, ring, alarms, store, and when it is to be told the notification. */
void notifier_publish(struct notifier *n, const struct notifier_entry *e);

/* Tells what is due. */
void notifier_tell(struct notifier *n);

/* True while T's alarms are held back: by a manager, because it flaps, or as all are. */
bool notifier_is_held(const struct notifier *n, const struct target *t);

/* Events of the time before, when alarms were raised and cleared last, and the mass alarm if it was
 * open. */
void notifier_restore_events(struct notifier *n);

#endif
