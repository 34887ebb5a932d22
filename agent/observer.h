/* SPDX-License-Identifier: ISC */
/* From what probes bring to states, alarms and records: whose fault it is, what it changes, and
 * what time alone changes. Main thread. */
#ifndef FTPHEALTH_OBSERVER_H
#define FTPHEALTH_OBSERVER_H

#include <stdbool.h>

#include "agent/notifier.h"
#include "agent/outage.h"
#include "agent/target.h"

struct observer {
	struct registry *registry; /* borrowed, as all pointers here */
	struct notifier *notifier;
	struct outage outage;
	struct health_flap flap;
	struct target **doubts; /* targets whose latest failure may be our own; the list is owned */
	size_t n_doubts, doubts_size;
	size_t swept;                 /* where the next look for what is too old begins */
	uint64_t internal_error_usec; /* when a probe last failed for a reason of our own; 0 = never
				       */
	/* The login of T begins to be refused; a first failure is in doubt. Both may be NULL. */
	void (*on_refused)(void *userdata, struct target *t);
	void (*on_doubt)(void *userdata);
	void *userdata;
};

void observer_init(struct observer *o, struct registry *registry, struct notifier *notifier);
void observer_done(struct observer *o);

/* No probe takes longer than TIMEOUT_USEC: a failure is in doubt for longer than that. */
void observer_set_patience(struct observer *o, uint64_t timeout_usec);

/* A probe of T has ended. */
void observer_observe(struct observer *o, struct target *t, const struct observation *observation);

/* Once a second: doubts that end, results that are too old, targets that are stable again. */
void observer_tick(struct observer *o);

/* T goes, or is not probed any more. */
void observer_forget(struct observer *o, struct target *t);

/* True while our own network fails, and for a while after a probe failed for a reason of our own.
 */
bool observer_is_impaired(const struct observer *o);

#endif
