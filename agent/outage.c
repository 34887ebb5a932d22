/* SPDX-License-Identifier: ISC */
/* Is it the servers, or is it us? */
#include "agent/outage.h"

#include <assert.h>

#include "common/util.h"

enum sort {
	SORT_NOTHING, /* it says nothing of the network */
	SORT_WORD,    /* something at the other end spoke */
	SORT_SILENCE,
};

/* A time-out may come in the middle of a dialogue that had begun: our cable may have been cut
 * since. A reset is a word: the packet came through. */
static enum sort sort_of(enum outcome outcome)
{
	static const enum sort sorts[OUTCOME_END] = {
		[OUTCOME_OK] = SORT_WORD,
		[OUTCOME_LOGIN_REFUSED] = SORT_WORD,
		[OUTCOME_TEMPORARY_REFUSAL] = SORT_WORD,
		[OUTCOME_RESOLVE_FAILED] = SORT_SILENCE,
		[OUTCOME_CONNECT_FAILED] = SORT_SILENCE,
		[OUTCOME_TIMEOUT] = SORT_SILENCE,
		[OUTCOME_TLS_FAILED] = SORT_WORD,
		[OUTCOME_PROTOCOL_ERROR] = SORT_WORD,
		[OUTCOME_INTERNAL_ERROR] = SORT_NOTHING,
		[OUTCOME_SKIPPED] = SORT_NOTHING,
		[OUTCOME_CONNECTION_REFUSED] = SORT_WORD,
		[OUTCOME_NO_ROUTE] = SORT_SILENCE,
		[OUTCOME_CONNECTION_CLOSED] = SORT_WORD,
	};

	assert(outcome < OUTCOME_END);
	return sorts[outcome];
}

bool outage_is_network(enum outcome outcome)
{
	return sort_of(outcome) == SORT_SILENCE;
}

void outage_init(struct outage *o, uint64_t patience_usec)
{
	*o = (struct outage){ .patience_usec = patience_usec, .epoch = 1 };
}

/* Marks of this epoch are from now on those of targets that failed before. */
static void end_all(struct outage *o)
{
	o->active = false;
	o->since_usec = o->doubt_usec = 0;
	o->failed = 0;
	if (++o->epoch == 0)
		o->epoch = 1;
}

/* A server spoke, or too few are watched. Returns true when that ended doubts or an outage. */
static bool believe_all(struct outage *o, uint64_t now)
{
	bool ended = o->active || o->doubt_usec != 0;

	if (o->active)
		o->end_usec = now;
	if (o->since_usec != 0)
		end_all(o);
	return ended;
}

static enum outage_verdict on_silence(struct outage *o, uint32_t *mark, uint64_t now)
{
	bool witness = *mark == 0;

	if (witness) {
		*mark = o->epoch;
		o->failed++;
		if (o->since_usec == 0)
			o->since_usec = now;
	}
	if (o->active || (o->end_usec != 0 && now < o->end_usec + o->patience_usec))
		return OUTAGE_OURS;
	if (o->since_usec == 0)
		return OUTAGE_BELIEVE; /* it failed before, and others have spoken since */
	if (o->doubt_usec == 0)
		o->doubt_usec = now;
	return OUTAGE_DOUBT;
}

enum outage_verdict outage_observe(struct outage *o, uint32_t *mark, enum outcome outcome,
	uint32_t n_targets, uint64_t now, bool *ret_ended)
{
	enum sort sort = sort_of(outcome);

	assert(now > 0);
	*ret_ended = false;
	if (sort == SORT_NOTHING)
		return OUTAGE_BELIEVE;
	if (sort == SORT_WORD || n_targets < OUTAGE_TARGETS_MIN) {
		*mark = sort == SORT_WORD ? 0 : o->epoch;
		*ret_ended = believe_all(o, now);
		return OUTAGE_BELIEVE;
	}
	return on_silence(o, mark, now);
}

static bool is_crowd(const struct outage *o)
{
	return o->failed >= OUTAGE_TARGETS_MIN;
}

enum outage_verdict outage_tick(struct outage *o, uint32_t n_targets, uint64_t now)
{
	if (n_targets < OUTAGE_TARGETS_MIN)
		return believe_all(o, now) ? OUTAGE_BELIEVE : OUTAGE_DOUBT;
	if (outage_wake(o) > now)
		return OUTAGE_DOUBT;
	o->doubt_usec = 0;
	o->active = is_crowd(o);
	return o->active ? OUTAGE_OURS : OUTAGE_BELIEVE;
}

uint64_t outage_wake(const struct outage *o)
{
	if (o->active || o->doubt_usec == 0)
		return USEC_INFINITY;
	return (is_crowd(o) ? o->since_usec : o->doubt_usec) + o->patience_usec;
}
