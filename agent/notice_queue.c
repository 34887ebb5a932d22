/* SPDX-License-Identifier: ISC */
/* The queue of notices, bounded and in order, and the token bucket that paces it. */
#include "agent/notice_queue.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "common/util.h"

enum { MICROTOKENS = 1000000, MAX_BUCKETS = 65536 };

void notice_queue_set_max(struct notice_queue *q, size_t max)
{
	q->max = max ? max : 1;
}

void notice_queue_init(struct notice_queue *q, size_t max)
{
	*q = (struct notice_queue){ 0 };
	notice_queue_set_max(q, max);
}

/* ------------------------------------------------------------------ by alarm */

static struct notice_alarm **bucket_of(const struct notice_queue *q, uint32_t alarm)
{
	/* Numbers of alarms are given one after the other: they spread by themselves. */
	return &q->buckets[alarm & (q->n_buckets - 1)];
}

/* The place of ALARM in its bucket; *place is NULL when there is none. */
static struct notice_alarm **find_alarm(const struct notice_queue *q, uint32_t alarm)
{
	struct notice_alarm **place = bucket_of(q, alarm);

	while (*place && (*place)->alarm != alarm)
		place = &(*place)->next;
	return place;
}

static int make_buckets(struct notice_queue *q)
{
	size_t n = 64;

	if (q->buckets)
		return 0;
	while (n < q->max && n < MAX_BUCKETS)
		n *= 2;
	q->buckets = calloc(n, sizeof(struct notice_alarm *));
	if (!q->buckets)
		return -ENOMEM;
	q->n_buckets = n;
	return 0;
}

static int get_alarm(struct notice_queue *q, uint32_t number, struct notice_alarm **ret)
{
	struct notice_alarm **place, *a;

	if (make_buckets(q) < 0)
		return -ENOMEM;
	place = find_alarm(q, number);
	if (!*place) {
		a = calloc(1, sizeof(*a));
		if (!a)
			return -ENOMEM;
		a->alarm = number;
		*place = a;
	}
	*ret = *place;
	return 0;
}

/* No receiver can have had a raise that was never taken and is the first of its alarm. */
static bool is_pair(const struct notice_alarm *a)
{
	const struct notice_entry *raise = a->oldest;

	return a->n_flying == 0 && a->newest->notice->clears && !raise->notice->clears &&
		!raise->notice->again && raise->tries == 0;
}

/* Something of A has changed: may it be dropped as a whole? */
static void judge(struct notice_queue *q, struct notice_alarm *a)
{
	struct due_queue *in = NULL;

	if (is_pair(a))
		in = &q->pairs;
	else if (a->n_flying == 0 && a->n_raises == 0)
		in = &q->orphans;
	if (a->in && a->in != in)
		due_remove(a->in, &a->place);
	a->in = in;
	if (in)
		due_set(in, &a->place, a->oldest->ticket);
}

static void join_alarm(struct notice_queue *q, struct notice_alarm *a, struct notice_entry *e)
{
	e->alarm = a;
	e->older = a->newest;
	if (a->newest)
		a->newest->newer = e;
	else
		a->oldest = e;
	a->newest = e;
	a->n_raises += !e->notice->clears;
	judge(q, a);
}

static void leave_alarm(struct notice_queue *q, struct notice_entry *e)
{
	struct notice_alarm *a = e->alarm;

	if (!a)
		return;
	if (e->older)
		e->older->newer = e->newer;
	else
		a->oldest = e->newer;
	if (e->newer)
		e->newer->older = e->older;
	else
		a->newest = e->older;
	a->n_raises -= !e->notice->clears;
	a->n_flying -= e->flying;
	if (a->oldest) {
		judge(q, a);
		return;
	}
	if (a->in)
		due_remove(a->in, &a->place);
	*find_alarm(q, a->alarm) = a->next;
	free(a);
}

static void set_flying(struct notice_queue *q, struct notice_entry *e, bool flying)
{
	e->flying = flying;
	if (!e->alarm)
		return;
	if (flying)
		e->alarm->n_flying++;
	else
		e->alarm->n_flying--;
	judge(q, e->alarm);
}

/* ------------------------------------------------------------------ in order */

/* Before NEXT; NULL: at the end. */
static void put(struct notice_queue *q, struct notice_entry *e, struct notice_entry *next)
{
	e->next = next;
	e->before = next ? next->before : q->last;
	*(e->before ? &e->before->next : &q->first) = e;
	*(next ? &next->before : &q->last) = e;
	q->n_waiting++;
}

static void take_out(struct notice_queue *q, struct notice_entry *e)
{
	*(e->before ? &e->before->next : &q->first) = e->next;
	*(e->next ? &e->next->before : &q->last) = e->before;
	e->next = e->before = NULL;
	q->n_waiting--;
}

static void free_entry(struct notice_queue *q, struct notice_entry *e)
{
	leave_alarm(q, e);
	free(e->notice);
	free(e);
}

static void count_drop(struct notice_queue *q, const struct notice *n)
{
	q->dropped++;
	if (q->on_drop)
		q->on_drop(q->userdata, n);
}

static void drop_waiting(struct notice_queue *q, struct notice_entry *e)
{
	take_out(q, e);
	count_drop(q, e->notice);
	free_entry(q, e);
}

static struct notice_alarm *alarm_at(struct due_node *place)
{
	return (struct notice_alarm *)((char *)place - offsetof(struct notice_alarm, place));
}

static void make_room(struct notice_queue *q)
{
	struct due_node *place = q->pairs.root ? q->pairs.root : q->orphans.root;
	struct notice_entry *e = place ? alarm_at(place)->oldest : NULL, *newer;

	if (!e)
		drop_waiting(q, q->first);
	for (; e; e = newer) {
		newer = e->newer;
		drop_waiting(q, e);
	}
}

void notice_queue_done(struct notice_queue *q)
{
	assert(q->n_flying == 0);
	while (q->first) {
		struct notice_entry *e = q->first;

		take_out(q, e);
		free_entry(q, e);
	}
	free(q->buckets);
	q->buckets = NULL;
	q->n_buckets = 0;
}

/* It says once more what will be said anyway. */
static bool is_needless(const struct notice_queue *q, const struct notice *n)
{
	const struct notice_alarm *a;

	if (!n->again || n->clears || n->alarm == 0 || !q->buckets)
		return false;
	a = *find_alarm(q, n->alarm);
	return a && !a->oldest->notice->clears && !a->oldest->flying;
}

static int push(struct notice_queue *q, struct notice *n, uint64_t now_usec)
{
	struct notice_alarm *a = NULL;
	struct notice_entry *e;

	if (q->n_waiting >= q->max && is_needless(q, n)) {
		count_drop(q, n);
		free(n);
		return 0;
	}
	while (q->n_waiting >= q->max)
		make_room(q);
	e = malloc(sizeof(*e));
	if (!e || (n->alarm != 0 && get_alarm(q, n->alarm, &a) < 0)) {
		free(e);
		return -ENOMEM;
	}
	*e = (struct notice_entry){
		.notice = n, .born_usec = now_usec, .ticket = q->next_ticket++
	};
	if (a)
		join_alarm(q, a, e);
	put(q, e, NULL);
	return 0;
}

int notice_queue_push(struct notice_queue *q, struct notice *n, uint64_t now_usec)
{
	int r = push(q, n, now_usec);

	if (r < 0) {
		count_drop(q, n);
		free(n);
	}
	return r;
}

/* ------------------------------------------------------------------ flights */

struct notice_entry *notice_queue_take(struct notice_queue *q)
{
	struct notice_entry *e = q->first;

	if (!e)
		return NULL;
	take_out(q, e);
	q->n_flying++;
	if (e->tries++ > 0)
		q->retried++;
	set_flying(q, e, true);
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
	free_entry(q, e);
}

void notice_queue_return(struct notice_queue *q, struct notice_entry *e)
{
	struct notice_entry *next = q->first;

	land(q);
	/* Few are in flight, so that few are passed here, however long the queue is. */
	while (next && next->ticket < e->ticket)
		next = next->next;
	put(q, e, next);
	set_flying(q, e, false);
}

void notice_queue_drop(struct notice_queue *q, struct notice_entry *e)
{
	land(q);
	count_drop(q, e->notice);
	free_entry(q, e);
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
