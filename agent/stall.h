/* SPDX-License-Identifier: ISC */
/* How long one turn of the main loop kept all else waiting: a call that blocks, wherever it is, is
 * seen by its first user. */
#ifndef FTPHEALTH_STALL_H
#define FTPHEALTH_STALL_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "common/peak.h"

enum { STALL_LIMIT_MS = 100 }; /* a turn that takes longer is counted and told */

/* Zero-initialised: none yet. */
struct stall {
	struct peak longest; /* milliseconds */
	uint32_t count;      /* turns above the limit */
	/* ---- private: those that the log has not told */
	uint32_t untold, untold_ms;
	uint64_t told_usec;
};

/* What the log says, at most once a minute. */
struct stall_news {
	uint32_t turns; /* above the limit since it said so last, at least one */
	uint32_t ms;    /* the longest of them */
};

/* A turn took from BEGIN to END, microseconds of CLOCK_MONOTONIC. Returns true when there is *RET
 * to be told. */
bool stall_note(struct stall *s, uint64_t begin, uint64_t end, struct stall_news *ret);

/* sd_event_loop() that measures each of its turns. */
int stall_loop(struct stall *s, sd_event *event);

#endif
