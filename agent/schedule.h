/* SPDX-License-Identifier: ISC */
/* Who is probed when: starts spread evenly over the interval, never two probes at once on one
 * target, a bounded number in flight. */
#ifndef FTPHEALTH_SCHEDULE_H
#define FTPHEALTH_SCHEDULE_H

#include <systemd/sd-event.h>

#include "agent/target.h"
#include "probes/transfer.h"

struct schedule;

/* Who is told (main thread, from the loop): of every observation, and of N starts of a target that
 * were left out. Neither may add or remove targets. */
struct schedule_owner {
	void (*on_observed)(
		void *userdata, struct target *target, const struct observation *observation);
	void (*on_skipped)(void *userdata, struct target *target, uint32_t n);
	void *userdata;
};

int schedule_new(sd_event *event, struct transfer *transfer, unsigned max_concurrent,
	const struct schedule_owner *owner, struct schedule **ret);
struct schedule *schedule_free(struct schedule *s);

/* The place of a target's starts within its interval, 0 <= place < 1. Multiples of the golden
 * ratio's fractional part lie evenly spread however many there are, and a target keeps its own for
 * good. */
double schedule_phase(uint32_t index);

/* How many starts are left out at NOW of a target that was DUE then or before: those that are
 * overdue by a whole interval, and the one that is due when the target is BUSY: its probe before
 * has not ended. */
uint32_t schedule_skips(uint64_t due, uint64_t now, uint64_t interval_usec, bool busy);

/* Changes the bound on probes in flight. */
void schedule_set_max(struct schedule *s, unsigned max_concurrent);

/* Begins to probe T, or takes over its changed configuration: the phase within the interval stays.
 * A probe under way with the old host, port or credentials is given up. Returns 0 or -errno. */
int schedule_add(struct schedule *s, struct target *t);

/* Probes T as soon as there is a free slot, whatever its turn, and its turns stay. A probe of it
 * that is under way is followed by another one only when that was ordered (probe_order). */
void schedule_now(struct schedule *s, struct target *t);

/* Stops probing T; a probe under way is given up. */
void schedule_remove(struct schedule *s, struct target *t);

/* Figures for the agent's scalars. */
struct schedule_stats {
	unsigned active; /* probes under way */
	unsigned queued; /* due, waiting for a free slot */
	uint32_t lag_ms; /* largest delay from due to start within the last minute */
};
void schedule_stats(struct schedule *s, struct schedule_stats *ret);

#endif
