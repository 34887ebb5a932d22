/* SPDX-License-Identifier: ISC */
/* The queue of notices, bounded and in order, and the token bucket that paces it. */
#include "agent/notice_queue.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "common/util.h"

enum { MICROTOKENS = 1000000 };

void notice_queue_init(struct notice_queue *q, size_t max)
{
	*q = (struct notice_queue){ .max = max ? max : 1 };
}

static void free_entry(struct notice_entry *e)
{
	free(e->notice);
	free(e);
}

static struct notice_entry *unlink_first(struct notice_queue *q)
{
	struct notice_entry *e = q->first;

	q->first = e->next;
	if (!q->first)
		q->last = NULL;
	e->next = NULL;
	q->n_waiting--;
	return e;
}

void notice_queue_done(struct notice_queue *q)
{
	assert(q->n_flying == 0);
	while (q->first)
		free_entry(unlink_first(q));
}

int notice_queue_push(struct notice_queue *q, struct notice *n, uint64_t now_usec)
{
	struct notice_entry *e = malloc(sizeof(*e));

	if (!e) {
		free(n);
		q->dropped++;
		return -ENOMEM;
	}
	while (q->n_waiting >= q->max) {
		free_entry(unlink_first(q));
		q->dropped++;
	}
	*e = (struct notice_entry){
		.notice = n, .born_usec = now_usec, .ticket = q->next_ticket++
	};
	if (q->last)
		q->last->next = e;
	else
		q->first = e;
	q->last = e;
	q->n_waiting++;
	return 0;
}

struct notice_entry *notice_queue_take(struct notice_queue *q)
{
	struct notice_entry *e;

	if (!q->first)
		return NULL;
	e = unlink_first(q);
	q->n_flying++;
	if (e->tries++ > 0)
		q->retried++;
	return e;
}

static void land(struct notice_queue *q)
{
	assert(q->n_flying > 0);
	q->n_flying--;
}

void notice_queue_sent(struct notice_queue *q, struct notice_entry *e)
{
	land(q);
	q->sent++;
	free_entry(e);
}

void notice_queue_return(struct notice_queue *q, struct notice_entry *e)
{
	struct notice_entry **at = &q->first;

	land(q);
	/* Few are in flight, so that few are passed here, however long the queue is. */
	while (*at && (*at)->ticket < e->ticket)
		at = &(*at)->next;
	e->next = *at;
	*at = e;
	if (!e->next)
		q->last = e;
	q->n_waiting++;
}

void notice_queue_drop(struct notice_queue *q, struct notice_entry *e)
{
	land(q);
	q->dropped++;
	free_entry(e);
}

size_t notice_queue_pending(const struct notice_queue *q)
{
	return q->n_waiting + q->n_flying;
}

void token_bucket_init(struct token_bucket *b, uint64_t rate, uint64_t burst, uint64_t now_usec)
{
	assert(rate > 0 && burst > 0);
	*b = (struct token_bucket){
		.rate = rate, .burst = burst, .level = burst * MICROTOKENS, .last_usec = now_usec
	};
}

static void refill(struct token_bucket *b, uint64_t now_usec)
{
	uint64_t full = b->burst * MICROTOKENS;
	uint64_t passed = now_usec > b->last_usec ? now_usec - b->last_usec : 0;

	/* rate a second is rate millionths a microsecond; compared so that nothing overflows */
	if (passed >= (full - b->level) / b->rate + 1)
		b->level = full;
	else
		b->level += passed * b->rate;
	if (b->level > full)
		b->level = full;
	if (now_usec > b->last_usec)
		b->last_usec = now_usec;
}

bool token_bucket_take(struct token_bucket *b, uint64_t now_usec)
{
	refill(b, now_usec);
	if (b->level < MICROTOKENS)
		return false;
	b->level -= MICROTOKENS;
	return true;
}

uint64_t token_bucket_wait(struct token_bucket *b, uint64_t now_usec)
{
	refill(b, now_usec);
	if (b->level >= MICROTOKENS)
		return 0;
	return (MICROTOKENS - b->level + b->rate - 1) / b->rate;
}

/* An answer older than this says nothing of the master's present health. */
#define SILENCE_USEC (200 * USEC_PER_MSEC)

void flight_window_init(struct flight_window *w, size_t max)
{
	*w = (struct flight_window){ .size = 1, .max = max };
}

void flight_window_arrived(struct flight_window *w, uint64_t now_usec)
{
	w->size = flight_window_size(w, now_usec) * 2;
	if (w->size > w->max)
		w->size = w->max;
	w->last_usec = now_usec;
}

void flight_window_failed(struct flight_window *w)
{
	w->size = 1;
}

size_t flight_window_size(const struct flight_window *w, uint64_t now_usec)
{
	return now_usec > w->last_usec + SILENCE_USEC ? 1 : w->size;
}
