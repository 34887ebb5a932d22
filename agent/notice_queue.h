/* SPDX-License-Identifier: ISC */
/*
 * Notices that wait for the master, in order, and the pace at which they leave. Pure: no clock, no
 * lock, nothing of SNMP. An entry is waiting, or flying (taken, its fate not yet known).
 */
#ifndef FTPHEALTH_NOTICE_QUEUE_H
#define FTPHEALTH_NOTICE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/mib.h"
#include "common/due.h"

struct notice_entry {
	struct notice *notice; /* owned */
	uint64_t born_usec;    /* when it was queued (CLOCK_MONOTONIC) */
	uint32_t tries;        /* how often it was taken */
	uint32_t refusals;     /* how often the master said no to it; counted by the sender */

	uint64_t ticket; /* the order of arrival */
	bool flying;
	struct notice_entry *next, *before; /* of those that wait, by ticket */
	struct notice_alarm *alarm;         /* NULL: it speaks of none */
	struct notice_entry *newer, *older; /* of the same alarm, by ticket; also flying ones */
};

/* What waits or flies of one alarm. */
struct notice_alarm {
	uint32_t alarm;
	uint32_t n_raises, n_flying;
	struct notice_entry *oldest, *newest;
	struct notice_alarm *next; /* in the same bucket */
	struct due_queue *in;      /* NULL: it is not to be dropped as a whole */
	struct due_node place;     /* in it, by the ticket of the oldest */
};

struct notice_queue {
	struct notice_entry *first, *last; /* that wait */
	size_t n_waiting, n_flying;
	size_t max; /* bound of n_waiting at a push; what comes back may exceed it for a while, by
		       as many as were flying */
	uint64_t next_ticket;
	uint32_t sent, retried, dropped;

	struct notice_alarm **buckets; /* by number of the alarm; n_buckets is a power of two */
	size_t n_buckets;
	struct due_queue pairs;   /* alarms of which the raise, never taken, and the clear wait */
	struct due_queue orphans; /* alarms of which only the clear is left */

	/* Set by the caller, or NULL: told of each notice that is dropped, before it is freed. */
	void (*on_drop)(void *userdata, const struct notice *n);
	void *userdata;
};

/* MAX 0 counts as 1. */
void notice_queue_init(struct notice_queue *q, size_t max);

/* Another MAX, held from the next push on; 0 counts as 1. */
void notice_queue_set_max(struct notice_queue *q, size_t max);

/* Frees what waits; nothing may be flying. */
void notice_queue_done(struct notice_queue *q);

/* Appends N (taken over in any case). A full queue drops first
 *  - N itself, when it repeats a raise that waits;
 *  - else the oldest raise with its clear (and all between) when no receiver can have had any of
 *    them: what they tell is over;
 *  - else the oldest clear whose raise is gone: sent, or dropped;
 *  - else the oldest.
 * Each is counted. Returns 0, or -ENOMEM with N dropped and counted. Cost: O(log n), amortized. */
int notice_queue_push(struct notice_queue *q, struct notice *n, uint64_t now_usec);

/* The oldest, now flying; NULL when none waits. The caller ends its flight with one of the next
 * three. */
struct notice_entry *notice_queue_take(struct notice_queue *q);

/* It has arrived. */
void notice_queue_sent(struct notice_queue *q, struct notice_entry *e);

/* It waits again, before all that came after it. */
void notice_queue_return(struct notice_queue *q, struct notice_entry *e);

/* It is given up. */
void notice_queue_drop(struct notice_queue *q, struct notice_entry *e);

/* Waiting or flying. */
size_t notice_queue_pending(const struct notice_queue *q);

/* So many a second, and at most a burst at once. */
struct token_bucket {
	uint64_t rate;      /* a second */
	uint64_t burst;     /* tokens */
	uint64_t level;     /* in millionths of a token */
	uint64_t last_usec; /* when the level was right */
};

/* A full bucket. RATE and BURST are at least 1. */
void token_bucket_init(struct token_bucket *b, uint64_t rate, uint64_t burst, uint64_t now_usec);

/* Takes a token if there is one. */
bool token_bucket_take(struct token_bucket *b, uint64_t now_usec);

/* Microseconds from NOW until there is a token. */
uint64_t token_bucket_wait(struct token_bucket *b, uint64_t now_usec);

/* How many may fly at once: one after a silence or a failure, then twice as many with each arrival.
 * A master that stops answering has then hardly any in its socket, and what it has it may answer
 * late, after they were sent again: those are the duplicates. */
struct flight_window {
	size_t size, max;
	uint64_t last_usec; /* of the latest arrival */
};

void flight_window_init(struct flight_window *w, size_t max);
void flight_window_arrived(struct flight_window *w, uint64_t now_usec);
void flight_window_failed(struct flight_window *w);
size_t flight_window_size(const struct flight_window *w, uint64_t now_usec);

#endif
