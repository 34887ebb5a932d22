/* SPDX-License-Identifier: ISC */
/* What happens to the targets of the set, and the line that sums it up. */
#include "agent/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/util.h"

/* ------------------------------------------------------------------ observations */

/* Keeps the latest observation of a target with evidence: what is found out later throws a new
 * light on it. */
static void keep_last(struct target *t, const struct observation *o)
{
	target_forget_last(t);
	if (!t->config.evidence)
		return;
	t->last = calloc(1, sizeof(*t->last));
	if (t->last && observation_copy(o, t->last) < 0)
		free(TAKE_PTR(t->last));
}

static void note_change(struct registry *r)
{
	r->change_usec = now_usec(CLOCK_MONOTONIC);
	r->change_time = now_usec(CLOCK_REALTIME);
}

/* T has left the state FROM. The caller holds the lock. */
static void count_change(struct registry *r, const struct target *t, enum state from)
{
	r->totals[from]--;
	r->totals[t->health.state]++;
	r->summary_stale = true;
	note_change(r);
}

bool registry_observe(
	struct registry *r, struct target *t, const struct observation *o, enum state *ret_from)
{
	enum state from = t->health.state;
	struct evidence evidence = target_evidence(t);
	struct classification words;
	struct decision decision;
	bool changed, diagnosis_changed;

	decide_login(o, t->config.user, t->config.password, &evidence, &words, &decision);
	pthread_mutex_lock(&r->lock);
	changed = target_observe(t, o, &words, &decision, &diagnosis_changed);
	if (changed)
		count_change(r, t, from);
	else if (diagnosis_changed)
		note_change(r);
	pthread_mutex_unlock(&r->lock);
	if (outcome_state(o->outcome) != STATE_UNKNOWN)
		keep_last(t, o);
	*ret_from = from;
	return changed;
}

void registry_skip(struct registry *r, struct target *t, uint32_t n)
{
	pthread_mutex_lock(&r->lock);
	t->counts.outcome[OUTCOME_SKIPPED] += n;
	pthread_mutex_unlock(&r->lock);
}

bool registry_expire(struct registry *r, struct target *t, enum state *ret_from)
{
	bool changed;

	*ret_from = t->health.state;
	pthread_mutex_lock(&r->lock);
	changed = health_expire(&t->health);
	if (changed) {
		target_note_state(t);
		count_change(r, t, *ret_from);
	}
	pthread_mutex_unlock(&r->lock);
	return changed;
}

static void set_order(struct registry *r, struct target *t, enum probe_order order)
{
	t->probe_order = order;
	pthread_mutex_lock(&r->lock); /* a manager may be setting it */
	t->probe_now = order != PROBE_ORDER_NONE;
	pthread_mutex_unlock(&r->lock);
}

void registry_order_probe(struct registry *r, struct target *t)
{
	set_order(r, t, t->health.state == STATE_DISABLED ? PROBE_ORDER_NONE : PROBE_ORDER_TAKEN);
}

void registry_end_order(struct registry *r, struct target *t)
{
	if (t->probe_order == PROBE_ORDER_BEGUN)
		set_order(r, t, PROBE_ORDER_NONE);
}

bool registry_set_enabled(struct registry *r, struct target *t, bool enabled)
{
	enum state from = t->health.state;

	if (enabled == (from != STATE_DISABLED))
		return false;
	pthread_mutex_lock(&r->lock);
	target_set_enabled(t, enabled);
	t->counts.state_changes++; /* not at its birth, which is no change */
	count_change(r, t, from);
	pthread_mutex_unlock(&r->lock);
	if (!enabled) /* the probe that was ordered will never end */
		set_order(r, t, PROBE_ORDER_NONE);
	return true;
}

bool registry_set_flapping(struct registry *r, struct target *t, bool flapping)
{
	if (t->flapping == flapping)
		return false;
	pthread_mutex_lock(&r->lock);
	t->flapping = flapping;
	r->n_flapping += flapping ? 1 : -1U;
	pthread_mutex_unlock(&r->lock);
	return true;
}

/* What the latest refusal means now. */
static void reconsider(struct registry *r, struct target *t)
{
	struct evidence evidence = target_evidence(t);
	enum diagnosis before = t->diagnosis;
	struct classification words;
	struct decision decision;

	if (!t->last || t->health.state != STATE_REFUSED ||
		outcome_state(t->last->outcome) != STATE_REFUSED)
		return;
	decide_login(t->last, t->config.user, t->config.password, &evidence, &words, &decision);
	pthread_mutex_lock(&r->lock);
	target_decide(t, &decision);
	if (t->diagnosis != before)
		note_change(r);
	pthread_mutex_unlock(&r->lock);
}

bool registry_collect(
	struct registry *r, struct target *t, const struct collected *now, enum setting *ret_from)
{
	enum setting from = t->evidence->sync;

	pthread_mutex_lock(&r->lock);
	*t->evidence = *now;
	pthread_mutex_unlock(&r->lock);
	reconsider(r, t);
	*ret_from = from;
	return now->sync != from;
}

/* ------------------------------------------------------------------ the summary */

/* What the summary says of each state, worst first; the first that has targets names the service.
 */
static const struct {
	enum state state;
	const char *level, *singular, *plural;
} summary_rows[] = {
	{ STATE_REFUSED, "CRITICAL", "refuses the login", "refuse the login" },
	{ STATE_UNREACHABLE, "CRITICAL", "is unreachable", "are unreachable" },
	{ STATE_AT_RISK, "WARNING", "is at risk", "are at risk" },
	{ STATE_DEGRADED, "WARNING", "is degraded", "are degraded" },
	{ STATE_UNKNOWN, "UNKNOWN", "is not known yet", "are not known yet" },
};

static void format_names(const struct registry *r, char *buffer, size_t size)
{
	const char *separator = ": ";
	size_t used = strlen(buffer);

	for (size_t row = 0; row < 4; row++)
		for (size_t i = 0; r->totals[summary_rows[row].state] > 0 && i < r->n_targets;
			i++) {
			const struct target *t = r->by_index[i];
			size_t need = strlen(t->config.name) + 2;

			if (t->health.state != summary_rows[row].state)
				continue;
			if (used + need + 5 >= size) {
				snprintf(buffer + used, size - used, ", ...");
				return;
			}
			used += (size_t)snprintf(
				buffer + used, size - used, "%s%s", separator, t->config.name);
			separator = ", ";
		}
}

static void format_summary(const struct registry *r, char *buffer, size_t size)
{
	const char *level = NULL;
	char parts[160] = "";
	size_t used = 0;

	for (size_t i = 0; i < ARRAY_SIZE(summary_rows); i++) {
		uint32_t n = r->totals[summary_rows[i].state];

		if (n == 0)
			continue;
		used += (size_t)snprintf(parts + used, sizeof(parts) - used, "%s%u %s",
			level ? ", " : "", n,
			n == 1 ? summary_rows[i].singular : summary_rows[i].plural);
		level = level ? level : summary_rows[i].level;
	}
	if (!level)
		snprintf(buffer, size, "OK - all %zu targets log in",
			r->n_targets - r->totals[STATE_DISABLED]);
	else
		snprintf(buffer, size, "%s - of %zu target%s %s", level, r->n_targets,
			r->n_targets == 1 ? "" : "s", parts);
	if (level)
		format_names(r, buffer, size);
}

const char *registry_summary(struct registry *r)
{
	if (r->summary_stale)
		format_summary(r, r->summary, sizeof(r->summary));
	r->summary_stale = false;
	return r->summary;
}
