/* SPDX-License-Identifier: ISC */
/* When evidence is collected. */
#include "agent/collector.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "agent/schedule.h"
#include "common/heap.h"
#include "common/log.h"
#include "common/util.h"
#include "probes/collect.h"

/* Rounds at the same time; each is one process an item. */
enum { ROUNDS_MAX = 8 };

/* The first rounds of all targets are spread over at most this long. */
#define FIRST_SWEEP_USEC (60 * USEC_PER_SEC)

/* Between the starts of two rounds on one target, however often its login fails. What could not be
 * found out, since nobody answered or something failed, is asked for again after so long, then
 * after twice as long each time, up to the interval. */
#define PAUSE_USEC (10 * USEC_PER_SEC)

#define SLACK_USEC (100 * USEC_PER_MSEC)

struct collector {
	sd_event *event;
	sd_event_source *timer;
	collector_collected on_collected;
	void *userdata;
	struct heap due;            /* every collection that is not under way, by its next start */
	struct collection *running; /* list of those under way */
	unsigned n_running;
};

/* The collector's side of a target. */
struct collection {
	struct heap_node due;
	struct collector *collector;
	struct target *target;
	struct collect *round;              /* under way, or NULL */
	struct collection *previous, *next; /* in the list of those under way */
	uint64_t interval_usec;
	uint64_t start_usec; /* of the latest round; 0 = none yet */
	uint64_t retry_usec; /* after a round that did not find all out; 0 = the latest one did */
	bool again;          /* a refusal came while the round was under way */
};

#define COLLECTION_OF_DUE(node) \
	((struct collection *)(void *)((char *)(node)-offsetof(struct collection, due)))

/* ------------------------------------------------------------------ rounds */

static void run_due(struct collector *c);

static void link_running(struct collection *k)
{
	struct collector *c = k->collector;

	k->previous = NULL;
	k->next = c->running;
	if (c->running)
		c->running->previous = k;
	c->running = k;
	c->n_running++;
}

static void unlink_running(struct collection *k)
{
	struct collector *c = k->collector;

	if (k->previous)
		k->previous->next = k->next;
	else
		c->running = k->next;
	if (k->next)
		k->next->previous = k->previous;
	k->previous = k->next = NULL;
	c->n_running--;
}

/* Puts K back among those that wait. */
static void wait_until(struct collection *k, uint64_t usec)
{
	int r = heap_set(&k->collector->due, &k->due, usec);

	if (r < 0)
		log_error(r, "Evidence on %s is not collected any more", k->target->config.name);
}

static uint64_t not_too_soon(const struct collection *k, uint64_t now)
{
	uint64_t earliest = k->start_usec ? k->start_usec + PAUSE_USEC : 0;

	return now > earliest ? now : earliest;
}

/* True when another try may find out more. Not what was denied: wrong passwords lock accounts. */
static bool is_incomplete(const struct collected *c)
{
	for (size_t i = 0; i < EVIDENCE_ITEMS; i++)
		if (c->items[i].result == EVIDENCE_UNREACHABLE ||
			c->items[i].result == EVIDENCE_FAILED)
			return true;
	return false;
}

/* From the start of one round to that of the next. */
static uint64_t next_interval(struct collection *k, bool incomplete)
{
	if (!incomplete)
		k->retry_usec = 0;
	else if (k->retry_usec == 0)
		k->retry_usec = PAUSE_USEC;
	else if (k->retry_usec < k->interval_usec)
		k->retry_usec *= 2;
	return incomplete && k->retry_usec < k->interval_usec ? k->retry_usec : k->interval_usec;
}

static void on_done(void *userdata, const struct collected *now)
{
	struct collection *k = userdata;
	struct collector *c = k->collector;
	uint64_t interval = next_interval(k, is_incomplete(now));

	k->round = NULL;
	unlink_running(k);
	wait_until(k,
		k->again ? not_too_soon(k, now_usec(CLOCK_MONOTONIC)) : k->start_usec + interval);
	k->again = false;
	c->on_collected(c->userdata, k->target, now);
	run_due(c);
}

static uint32_t own_attempts(const struct target *t)
{
	uint32_t n = 0;

	for (size_t i = 0; i < OUTCOME_END; i++)
		n += t->counts.outcome[i];
	return n;
}

static void begin_round(struct collection *k, uint64_t now)
{
	struct collector *c = k->collector;
	const struct target *t = k->target;
	struct collect_context context = {
		.password = t->config.password,
		.own_attempts = own_attempts(t),
	};
	int r;

	k->start_usec = now;
	r = collect_start(
		c->event, t->config.evidence, &context, t->evidence, on_done, k, &k->round);
	if (r < 0) {
		log_warning(r, "Cannot collect evidence on %s, trying again later", t->config.name);
		wait_until(k, now + next_interval(k, true));
		return;
	}
	heap_remove(&c->due, &k->due);
	link_running(k);
}

/* ------------------------------------------------------------------ the timer */

static void arm(struct collector *c)
{
	const struct heap_node *first = heap_first(&c->due);
	bool wanted = first && c->n_running < ROUNDS_MAX;
	int r = 0;

	if (!c->timer) /* the end: the loop is over */
		return;
	if (wanted)
		r = sd_event_source_set_time(c->timer, first->key);
	if (r >= 0)
		r = sd_event_source_set_enabled(c->timer, wanted ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
	if (r < 0)
		log_error(r, "Cannot set the timer of the evidence");
}

static void run_due(struct collector *c)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC);
	const struct heap_node *first;

	while (c->n_running < ROUNDS_MAX && (first = heap_first(&c->due)) != NULL &&
		first->key <= now)
		begin_round(COLLECTION_OF_DUE(first), now);
	arm(c);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	run_due(userdata);
	return 0;
}

/* ------------------------------------------------------------------ targets */

static void give_up(struct collection *k)
{
	if (!k->round)
		return;
	k->round = collect_end(k->round);
	k->again = false;
	unlink_running(k);
}

void collector_suspend(struct collector *c)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC);

	while (c->running) {
		struct collection *k = c->running;

		give_up(k);
		wait_until(k, now);
	}
	arm(c); /* nobody else may wait */
}

static uint64_t first_start(const struct target *t, uint64_t now)
{
	uint64_t sweep = t->config.evidence->interval_usec;

	if (sweep > FIRST_SWEEP_USEC)
		sweep = FIRST_SWEEP_USEC;
	return now + (uint64_t)((double)sweep * schedule_phase(t->index));
}

static bool is_untouched(const struct collected *c)
{
	for (size_t i = 0; i < EVIDENCE_ITEMS; i++)
		if (c->items[i].time != 0)
			return false;
	return true;
}

int collector_add(struct collector *c, struct target *t)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC);
	struct collection *k = t->collection;
	int r = 0;

	if (!t->evidence) {
		collector_remove(c, t);
		return 0;
	}
	if (!k) {
		k = calloc(1, sizeof(*k));
		if (!k)
			return -ENOMEM;
		k->collector = c;
		k->target = t;
		r = heap_set(&c->due, &k->due, first_start(t, now));
		if (r < 0) {
			free(k);
			return r;
		}
		t->collection = k;
	} else if (k->round) { /* it has begun with what is configured now */
	} else if (is_untouched(t->evidence)) {
		wait_until(k, first_start(t, now)); /* it begins anew */
	} else if (k->interval_usec != t->config.evidence->interval_usec) {
		wait_until(k, not_too_soon(k, now));
	}
	k->interval_usec = t->config.evidence->interval_usec;
	arm(c);
	return 0;
}

void collector_remove(struct collector *c, struct target *t)
{
	struct collection *k = TAKE_PTR(t->collection);

	if (!k)
		return;
	give_up(k);
	heap_remove(&c->due, &k->due);
	free(k);
	arm(c);
}

void collector_hurry(struct collector *c, struct target *t)
{
	struct collection *k = t->collection;
	uint64_t at;

	if (!k)
		return;
	if (k->round) {
		k->again = true;
		return;
	}
	at = not_too_soon(k, now_usec(CLOCK_MONOTONIC));
	if (at < k->due.key)
		wait_until(k, at);
	arm(c);
}

/* ------------------------------------------------------------------ birth and death */

DEFINE_CLEANUP(struct collector *, collector_free)

int collector_new(
	sd_event *event, collector_collected on_collected, void *userdata, struct collector **ret)
{
	_cleanup_(collector_freep) struct collector *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	c->event = sd_event_ref(event);
	c->on_collected = on_collected;
	c->userdata = userdata;
	r = sd_event_add_time(
		event, &c->timer, CLOCK_MONOTONIC, UINT64_MAX, SLACK_USEC, on_timer, c);
	if (r >= 0)
		r = sd_event_source_set_enabled(c->timer, SD_EVENT_OFF);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(c);
	return 0;
}

struct collector *collector_free(struct collector *c)
{
	struct heap_node *first;

	if (!c)
		return NULL;
	c->timer = sd_event_source_disable_unref(c->timer);
	collector_suspend(c);
	while ((first = heap_first(&c->due)) != NULL)
		collector_remove(c, COLLECTION_OF_DUE(first)->target);
	sd_event_unref(c->event);
	heap_done(&c->due);
	free(c);
	return NULL;
}
