/* SPDX-License-Identifier: ISC */
/*
 * Is it the servers, or is it us? When every target of every group fails at once, from one moment
 * on, the fault is on our own side: cable, route, resolver, firewall. Pure: time is an argument.
 *
 * A failure of the network kind (no name, no route, no connection, a time-out: outcomes that need
 * no word of a server) is put in doubt first, while at least OUTAGE_TARGETS_MIN targets are
 * watched. A word of any server that came after it (a refusal, a 421, a reset too) ends the doubt:
 * it is believed. So long as any server says a word, failures are the servers'. When
 * OUTAGE_TARGETS_MIN targets or more have failed and no server has said a word, for `patience`
 * since the first of them, it is an outage: the failures in doubt, and all of that kind that
 * follow, are our own, until a server says a word again, and for `patience` after that, as their
 * probes may have begun before. A doubt older than `patience` with fewer failures is believed;
 * those failures still count until a server says a word.
 *
 * Only a target that spoke last, or was never heard, is a witness: one that had failed before and
 * fails again says nothing of our side. Else three dead servers of four would be an outage as often
 * as the fourth is not asked, and their alarms never raised.
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
	uint64_t since_usec; /* first failure of a witness that no word has followed; 0 = none */
	uint64_t doubt_usec; /* first failure that is in doubt; 0 = none */
	uint64_t end_usec;   /* of the latest outage; 0 = none */
	uint32_t failed;     /* witnesses that failed since */
	uint64_t patience_usec;
	uint32_t epoch; /* rises with each word that ends something; a target that failed carries
			   the one of its failure */
};

/* PATIENCE_USEC: how long to doubt at most. It must be longer than any probe takes, and is best
 * long enough that OUTAGE_TARGETS_MIN targets are probed meanwhile. */
void outage_init(struct outage *o, uint64_t patience_usec);

enum outage_verdict {
	OUTAGE_BELIEVE, /* fold it in */
	OUTAGE_DOUBT,   /* keep it for later: it is believed, or dropped, when the doubts end */
	OUTAGE_OURS,    /* count it as a failure of our own */
};

/* One outcome of a target at NOW (never 0). MARK is the target's own, 0 at first. N_TARGETS are
 * watched. *RET_ENDED is true when this outcome ended all doubts: those in doubt, of which it is
 * none, are to be believed before it; or when it ended an outage (o->active was true before). */
enum outage_verdict outage_observe(struct outage *o, uint32_t *mark, enum outcome outcome,
	uint32_t n_targets, uint64_t now, bool *ret_ended);

/* Time passes. Returns OUTAGE_DOUBT: nothing new; OUTAGE_BELIEVE: doubts have ended, those in doubt
 * are to be believed; OUTAGE_OURS: an outage has begun, those in doubt are our own. */
enum outage_verdict outage_tick(struct outage *o, uint32_t n_targets, uint64_t now);

/* When outage_tick() may say something; USEC_INFINITY = never. */
uint64_t outage_wake(const struct outage *o);

#endif
