/* SPDX-License-Identifier: ISC */
/*
 * Is it the servers, or is it us? When every target of every group fails at once, from one moment
 * on, the fault is on our own side: cable, route, resolver, firewall. Pure: time is an argument.
 *
 * A failure of the network kind (no name, no route, no connection, a time-out: outcomes that need
 * no word of the server) is put in doubt first, while at least OUTAGE_TARGETS_MIN targets are
 * watched. A word of any server that came after it (also a refusal, also a 421) ends the doubt: it
 * is believed. When OUTAGE_TARGETS_MIN targets or more have failed since the first that is in doubt
 * and no server has said a word, for as long as `patience`, it is an outage: those failures, and
 * all of that kind that follow, are our own, until a server says a word again. Doubts older than
 * `patience` with fewer failures are believed.
 */
#ifndef FTPHEALTH_OUTAGE_H
#define FTPHEALTH_OUTAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/outcome.h"

enum { OUTAGE_TARGETS_MIN = 3 };

/* True for outcomes that may be our own network's fault. */
bool outage_is_network(enum outcome outcome);

struct outage {
	bool active;         /* it is us */
	uint64_t since_usec; /* first failure in doubt, or of the outage; 0 = none */
	uint32_t failed;     /* targets that failed since, each counted once by the caller's mark */
	uint64_t patience_usec;
	uint32_t epoch; /* rises whenever doubts end; targets in doubt carry the present one */
};

/* PATIENCE_USEC: how long to doubt at most. */
void outage_init(struct outage *o, uint64_t patience_usec);

enum outage_verdict {
	OUTAGE_BELIEVE, /* fold it in */
	OUTAGE_DOUBT,   /* keep it for later: it is believed, or dropped, when the doubts end */
	OUTAGE_OURS,    /* count it as a failure of our own */
};

/* One outcome of a target. MARK is the target's own, 0 at first. N_TARGETS are watched. *RET_ENDED
 * is true when this outcome ended all doubts: those in doubt are to be believed (an outage has
 * ended when o->active was true before). */
enum outage_verdict outage_observe(struct outage *o, uint32_t *mark, enum outcome outcome,
	uint32_t n_targets, uint64_t now, bool *ret_ended);

/* Time passes. Returns OUTAGE_DOUBT: nothing new; OUTAGE_BELIEVE: doubts have ended, those in doubt
 * are to be believed; OUTAGE_OURS: an outage has begun, those in doubt are our own. */
enum outage_verdict outage_tick(struct outage *o, uint32_t n_targets, uint64_t now);

/* When outage_tick() may say something; USEC_INFINITY = never. */
uint64_t outage_wake(const struct outage *o);

#endif
