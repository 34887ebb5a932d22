/* SPDX-License-Identifier: ISC */
/* Who is probed when. */
#include "agent/schedule.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/heap.h"
#include "common/log.h"
#include "common/peak.h"
#include "common/util.h"
#include "probes/login.h"

/* The first probes of all targets are spread over at most this long, so that a target with a long
 * interval is not unknown for all of it; the later ones over the interval. */
#define FIRST_SWEEP_USEC (60 * USEC_PER_SEC)

enum {
	STARTS_AT_ONCE = 256
}; /* more wait for the next turn of the loop: it must not stand still */

/* Starts wait for each other, so that one wake-up serves several: a wake-up costs more than a
 * probe. They come at multiples of this time, or of a thousandth of the shortest interval. */
#define TURN_USEC (50 * USEC_PER_MSEC)
#define TURNS 1000

#define SLACK_USEC (2 * USEC_PER_MSEC) /* how exact the timer is */

struct schedule {
	sd_event_source *timer;
	struct transfer *transfer; /* borrowed: outlives the schedule */
	struct schedule_owner owner;
	unsigned max_concurrent;
	unsigned active;
	uint64_t turn_usec;
	struct heap due;    /* every watch is in it: by its next start */
	struct peak lag_ms; /* from due to start */
};

/* The scheduler's side of a target. */
struct watch {
	struct heap_node due; /* next start */
	struct schedule *schedule;
	struct target *target;
	struct login *login; /* under way, or NULL */
	uint64_t phase_usec; /* starts are at phase + n * interval */
	uint64_t interval_usec;
};

#define WATCH_OF_DUE(node) ((struct watch *)(void *)((char *)(node)-offsetof(struct watch, due)))

/* ------------------------------------------------------------------ when */

double schedule_phase(uint32_t index)
{
	double product = (double)(index - 1) * 0.6180339887498949;

	return product - (double)(uint64_t)product;
}

static uint64_t fraction_of(uint64_t usec, uint32_t index)
{
	return (uint64_t)((double)usec * schedule_phase(index));
}

/* The first start after NOW that lies on the watch's grid. */
static uint64_t next_start(const struct watch *w, uint64_t now)
{
	if (now < w->phase_usec)
		return w->phase_usec;
	return w->phase_usec + ((now - w->phase_usec) / w->interval_usec + 1) * w->interval_usec;
}

uint32_t schedule_skips(uint64_t due, uint64_t now, uint64_t interval_usec, bool busy)
{
	uint64_t n = (now - due) / interval_usec + busy;

	return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

/* ------------------------------------------------------------------ probes */

static void run_due(struct schedule *s);

/* The next start of W is due, if it was not before. */
static void hurry(struct watch *w)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC);

	if (w->due.key > now)
		heap_set(&w->schedule->due, &w->due, now); /* is in it: cannot fail */
}

static void on_login_done(void *userdata, const struct observation *observation)
{
	struct watch *w = userdata;
	struct schedule *s = w->schedule;

	w->login = NULL;
	s->active--;
	s->owner.on_observed(s->owner.userdata, w->target, observation);
	if (w->target->probe_order == PROBE_ORDER_TAKEN)
		hurry(w); /* it was ordered meanwhile */
	run_due(s);
}

/* A probe of W could not begin. */
static void report(struct watch *w, int error)
{
	const struct schedule_owner *owner = &w->schedule->owner;
	struct observation o = {
		.outcome = OUTCOME_INTERNAL_ERROR, .stage = STAGE_NONE, .os_error = abs(error)
	};

	owner->on_observed(owner->userdata, w->target, &o);
}

static void start_probe(struct watch *w, uint64_t next)
{
	const struct target_config *c = &w->target->config;
	struct login_target login = {
		.host = c->host,
		.port = c->port,
		.family = c->family,
		.user = c->user,
		.password = c->password,
		.tls = c->tls,
		.route = c->route,
		.after = c->after,
		.timeout_usec = c->timeout_usec,
		.quit_by_usec = next,
	};
	int r;

	if (w->target->probe_order == PROBE_ORDER_TAKEN)
		w->target->probe_order = PROBE_ORDER_BEGUN;
	r = login_start(w->schedule->transfer, &login, on_login_done, w, &w->login);
	if (r < 0) {
		log_warning(
			r, "Cannot start a probe of %s, trying again at its next turn", c->name);
		report(w, r);
		return;
	}
	w->schedule->active++;
}

static void run_watch(struct watch *w, uint64_t now)
{
	struct schedule *s = w->schedule;
	uint64_t due = w->due.key, next = next_start(w, now);
	uint32_t skips = schedule_skips(due, now, w->interval_usec, w->login != NULL);

	heap_set(&s->due, &w->due, next); /* is in it: cannot fail */
	if (skips > 0)
		s->owner.on_skipped(s->owner.userdata, w->target, skips);
	if (w->login)
		return;
	peak_note(&s->lag_ms, (uint32_t)((now - due) / USEC_PER_MSEC), now);
	start_probe(w, next);
}

static uint64_t turn_of(const struct schedule *s, uint64_t usec)
{
	return (usec + s->turn_usec - 1) / s->turn_usec * s->turn_usec;
}

static void arm(struct schedule *s)
{
	const struct heap_node *first = heap_first(&s->due);
	int r = 0;

	if (first && s->active < s->max_concurrent)
		r = sd_event_source_set_time(s->timer, turn_of(s, first->key));
	if (r >= 0)
		r = sd_event_source_set_enabled(s->timer,
			first && s->active < s->max_concurrent ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
	if (r < 0)
		log_error(r, "Cannot set the timer of the schedule");
}

/* Starts what is due, the longest overdue first, as far as there are free slots. */
static void run_due(struct schedule *s)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC);
	const struct heap_node *first;

	for (int i = 0; i < STARTS_AT_ONCE && s->active < s->max_concurrent &&
		(first = heap_first(&s->due)) != NULL && first->key <= now;
		i++)
		run_watch(WATCH_OF_DUE(first), now);
	arm(s);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	run_due(userdata);
	return 0;
}

/* ------------------------------------------------------------------ targets */

static void end_probe(struct watch *w)
{
	if (!w->login)
		return;
	w->login = login_end(w->login);
	w->schedule->active--;
}

/* Turns only become shorter: a shortest interval that is gone is not looked for. */
static void note_interval(struct schedule *s, uint64_t interval_usec)
{
	if (interval_usec / TURNS < s->turn_usec)
		s->turn_usec = interval_usec / TURNS;
}

static int new_watch(struct schedule *s, struct target *t, uint64_t now, struct watch **ret)
{
	struct watch *w = calloc(1, sizeof(*w));
	uint64_t sweep = t->config.interval_usec;
	int r;

	if (!w)
		return -ENOMEM;
	w->schedule = s;
	w->target = t;
	w->interval_usec = t->config.interval_usec;
	w->phase_usec = now + fraction_of(w->interval_usec, t->index);
	if (sweep > FIRST_SWEEP_USEC)
		sweep = FIRST_SWEEP_USEC;
	r = heap_set(&s->due, &w->due, now + fraction_of(sweep, t->index));
	if (r < 0) {
		free(w);
		return r;
	}
	note_interval(s, w->interval_usec);
	*ret = w;
	return 0;
}

static void change_watch(struct watch *w, uint64_t now)
{
	const struct target *t = w->target;

	if (w->interval_usec != t->config.interval_usec) {
		w->interval_usec = t->config.interval_usec;
		note_interval(w->schedule, w->interval_usec);
		w->phase_usec = now + fraction_of(w->interval_usec, t->index);
		heap_set(&w->schedule->due, &w->due, w->phase_usec);
	}
	if (t->moved || (t->asks_old && w->login)) {
		end_probe(w);
		heap_set(&w->schedule->due, &w->due, now);
	}
}

int schedule_add(struct schedule *s, struct target *t)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC);
	int r = 0;

	if (t->watch)
		change_watch(t->watch, now);
	else
		r = new_watch(s, t, now, &t->watch);
	t->moved = t->asks_old = false;
	if (t->watch && !t->watch->login && t->probe_order == PROBE_ORDER_TAKEN)
		hurry(t->watch);
	arm(s);
	return r;
}

void schedule_now(struct schedule *s, struct target *t)
{
	if (!t->watch || t->watch->login)
		return;
	hurry(t->watch);
	arm(s);
}

static void free_watch(struct watch *w)
{
	w->target->watch = NULL;
	end_probe(w);
	heap_remove(&w->schedule->due, &w->due);
	free(w);
}

void schedule_remove(struct schedule *s, struct target *t)
{
	if (!t->watch)
		return;
	free_watch(t->watch);
	arm(s);
}

void schedule_set_max(struct schedule *s, unsigned max_concurrent)
{
	s->max_concurrent = max_concurrent;
	arm(s);
}

void schedule_stats(struct schedule *s, struct schedule_stats *ret)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC);

	*ret = (struct schedule_stats){
		.active = s->active,
		.lag_ms = peak_largest(&s->lag_ms, now),
	};
	if (s->active >= s->max_concurrent)
		ret->queued = (unsigned)heap_count(&s->due, now);
}

/* ------------------------------------------------------------------ birth and death */

DEFINE_CLEANUP(struct schedule *, schedule_free)

int schedule_new(sd_event *event, struct transfer *transfer, unsigned max_concurrent,
	const struct schedule_owner *owner, struct schedule **ret)
{
	_cleanup_(schedule_freep) struct schedule *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	s->transfer = transfer;
	s->turn_usec = TURN_USEC;
	s->max_concurrent = max_concurrent;
	s->owner = *owner;
	r = sd_event_add_time(
		event, &s->timer, CLOCK_MONOTONIC, UINT64_MAX, SLACK_USEC, on_timer, s);
	if (r >= 0)
		r = sd_event_source_set_enabled(s->timer, SD_EVENT_OFF);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(s);
	return 0;
}

struct schedule *schedule_free(struct schedule *s)
{
	struct heap_node *first;

	if (!s)
		return NULL;
	while ((first = heap_first(&s->due)) != NULL)
		free_watch(WATCH_OF_DUE(first));
	sd_event_source_disable_unref(s->timer);
	heap_done(&s->due);
	free(s);
	return NULL;
}
