/* SPDX-License-Identifier: ISC */
/* One event between the notifier's two halves: what happens and is to be told; how it is recorded.
 */
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

#endif
