/* SPDX-License-Identifier: ISC */
/* From what probes bring to states, alarms and records. */
#include "agent/observer.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/util.h"

/* How much longer than a probe may take a failure of the network kind may be in doubt. */
#define PATIENCE_USEC (15 * USEC_PER_SEC)

#define IMPAIRED_USEC (60 * USEC_PER_SEC) /* how long a failure of our own is shown */

enum {
	SWEEPS = 10, /* ticks in which all targets are looked at once */
	TOO_OLD = 3, /* intervals without a result after which the state is not known */
};

void observer_init(struct observer *o, struct registry *registry, struct notifier *notifier)
{
	*o = (struct observer){ .registry = registry, .notifier = notifier };
	outage_init(&o->outage, PATIENCE_USEC);
	health_flap_init(&o->flap);
}

void observer_set_patience(struct observer *o, uint64_t timeout_usec)
{
	o->outage.patience_usec = timeout_usec + PATIENCE_USEC;
}

void observer_done(struct observer *o)
{
	free(o->doubts);
}

/* ------------------------------------------------------------------ one outcome */

static void refresh_flapping(struct observer *o, struct target *t, uint64_t now)
{
	bool flapping = health_is_flapping(&t->health, now);

	if (registry_set_flapping(o->registry, t, flapping))
		notifier_hold(o->notifier, t);
}

static void record(struct observer *o, struct target *t)
{
	struct probe_record probe;
	struct state_record state;

	t->n_probes++;
	target_record(t, &probe, &state);
	recorder_probe(o->notifier->recorder, &probe, &state);
}

/* A probe that saw a certificate tells when it ends. One of a server with which TLS is not spoken
 * any more is nobody's trouble. */
static void judge_certificate(
	struct observer *o, struct target *t, const struct observation *observation)
{
	const struct tls_facts *seen = observation->tls;
	bool spoken = t->config.tls;
	struct alarm_step step;

	if (spoken && (!seen || !seen->has_certificate))
		return;
	if (alarm_side_step(&t->alarms, ALARM_CERTIFICATE,
		    spoken && target_certificate_ends(t, now_usec(CLOCK_REALTIME)), t->config.raise,
		    spoken ? t->config.clear : 1, &t->certificate_streak, &step))
		notifier_side(o->notifier, t, &step, t->health.state);
}

/* A probe that went on after the login tells whether that works. What is not asked any more is
 * nobody's trouble. FROM: the state before the probe. */
static void judge_session(struct observer *o, struct target *t,
	const struct observation *observation, enum state from)
{
	const struct session_record *session = observation->session;
	bool wanted = t->config.after;
	struct alarm_step step;

	if (session && session->facts.result == SESSION_INTERNAL_ERROR) {
		o->internal_error_usec = now_usec(CLOCK_MONOTONIC);
		log_debug("%s: what follows the login itself failed: %s", t->config.name,
			session->facts.detail);
	}
	if (wanted && (!session || session->facts.result == SESSION_INTERNAL_ERROR))
		return;
	if (alarm_side_step(&t->alarms, ALARM_DEGRADED, wanted && session_is_bad(&session->facts),
		    t->config.raise, wanted ? t->config.clear : 1, &t->session_streak, &step))
		notifier_side(o->notifier, t, &step, from);
}

static void fold(struct observer *o, struct target *t, const struct observation *observation)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC);
	enum state from;
	bool changed;

	if (observation->outcome == OUTCOME_INTERNAL_ERROR) {
		o->internal_error_usec = now;
		log_debug("%s: the probe itself failed: %s", t->config.name, observation->detail);
	}
	changed = registry_observe(o->registry, t, observation, &from);
	if (changed) {
		health_count_change(&t->health, &o->flap, now);
		refresh_flapping(o, t, now); /* before: it decides what is told */
		notifier_change(o->notifier, t, from, t->health.state);
		if (t->health.state == STATE_REFUSED && o->on_refused)
			o->on_refused(o->userdata, t);
	}
	judge_certificate(o, t, observation);
	judge_session(o, t, observation, from);
	record(o, t);
}

static void fold_as_ours(
	struct observer *o, struct target *t, const struct observation *observation)
{
	struct observation ours = *observation;

	ours.outcome = OUTCOME_INTERNAL_ERROR;
	snprintf(ours.detail, sizeof(ours.detail), "the network of this agent fails");
	fold(o, t, &ours);
}

/* ------------------------------------------------------------------ doubts */

static void drop_doubt(struct target *t)
{
	if (t->doubted)
		observation_done(t->doubted);
	free(TAKE_PTR(t->doubted));
}

static bool make_room(struct observer *o)
{
	size_t size = o->doubts_size ? 2 * o->doubts_size : 64;
	struct target **doubts;

	if (o->n_doubts < o->doubts_size)
		return true;
	doubts = reallocarray(o->doubts, size, sizeof(struct target *));
	if (!doubts)
		return false;
	o->doubts = doubts;
	o->doubts_size = size;
	return true;
}

/* Keeps the latest failure of T for later. Without memory it is believed. */
static bool doubt(struct observer *o, struct target *t, const struct observation *observation)
{
	bool is_new = !t->doubted;

	if (is_new && !make_room(o))
		return false;
	drop_doubt(t);
	t->doubted = calloc(1, sizeof(*t->doubted));
	if (!t->doubted || observation_copy(observation, t->doubted) < 0) {
		free(TAKE_PTR(t->doubted));
		if (!is_new)
			observer_forget(o, t);
		return false;
	}
	if (is_new)
		o->doubts[o->n_doubts++] = t;
	return true;
}

void observer_forget(struct observer *o, struct target *t)
{
	drop_doubt(t);
	for (size_t i = 0; i < o->n_doubts; i++)
		if (o->doubts[i] == t) {
			o->doubts[i] = o->doubts[--o->n_doubts];
			return;
		}
}

/* The doubts have ended: FOLD each. */
static void end_doubts(struct observer *o,
	void (*how)(struct observer *, struct target *, const struct observation *))
{
	while (o->n_doubts > 0) {
		struct target *t = o->doubts[--o->n_doubts];
		struct observation *kept = TAKE_PTR(t->doubted);

		if (!kept)
			continue;
		how(o, t, kept);
		observation_done(kept);
		free(kept);
	}
}

/* Tells that our own network fails, or that it is over. */
static void show_outage(struct observer *o)
{
	bool *shown = &o->registry->facts.outage;

	if (*shown == o->outage.active)
		return;
	if (o->outage.active)
		log_error(0,
			"No server has said a word for %llu s: the network of this agent fails, no alarm is raised for it",
			(unsigned long long)(o->outage.patience_usec / USEC_PER_SEC));
	else
		log_notice("Servers answer again: the network of this agent works");
	pthread_mutex_lock(&o->registry->lock);
	*shown = o->outage.active;
	pthread_mutex_unlock(&o->registry->lock);
}

static uint32_t n_watched(const struct registry *r)
{
	return (uint32_t)r->n_targets - r->totals[STATE_DISABLED];
}

void observer_observe(struct observer *o, struct target *t, const struct observation *observation)
{
	bool ended = false;
	enum outage_verdict verdict = outage_observe(&o->outage, &t->outage_mark,
		observation->outcome, n_watched(o->registry), now_usec(CLOCK_MONOTONIC), &ended);

	registry_end_order(o->registry, t);
	if (ended) {
		show_outage(o);
		end_doubts(o, fold);
	}
	if (verdict == OUTAGE_OURS)
		fold_as_ours(o, t, observation);
	else if (verdict == OUTAGE_BELIEVE || !doubt(o, t, observation))
		fold(o, t, observation);
	if (verdict == OUTAGE_DOUBT && o->n_doubts == 1 && o->on_doubt)
		o->on_doubt(o->userdata);
}

/* ------------------------------------------------------------------ time */

static bool is_too_old(const struct target *t, uint64_t now)
{
	enum state state = t->health.state;
	uint64_t limit = TOO_OLD * t->config.interval_usec + t->config.timeout_usec;

	return state != STATE_UNKNOWN && state != STATE_DISABLED && now > t->probe_usec + limit;
}

static void sweep(struct observer *o, uint64_t now)
{
	struct registry *r = o->registry;
	size_t n = r->n_targets / SWEEPS + 1;

	for (size_t i = 0; i < n && r->n_targets > 0; i++) {
		struct target *t = r->by_index[o->swept++ % r->n_targets];
		enum state from;

		if (t->doubted || !is_too_old(t, now) || !registry_expire(r, t, &from))
			; /* it is known, or will be when the doubt has ended */
		else if (!o->outage.active)
			log_warning(0, "%s: no result for %llu s: its state is not known",
				t->config.name,
				(unsigned long long)((now - t->probe_usec) / USEC_PER_SEC));
		if (t->flapping)
			refresh_flapping(o, t, now);
	}
}

void observer_tick(struct observer *o)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC);

	switch (outage_tick(&o->outage, n_watched(o->registry), now)) {
	case OUTAGE_BELIEVE:
		show_outage(o);
		end_doubts(o, fold);
		break;
	case OUTAGE_OURS:
		show_outage(o);
		end_doubts(o, fold_as_ours);
		break;
	case OUTAGE_DOUBT:
		break;
	}
	sweep(o, now);
}

bool observer_is_impaired(const struct observer *o)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC);

	return o->outage.active ||
		(o->internal_error_usec > 0 && now - o->internal_error_usec < IMPAIRED_USEC);
}
