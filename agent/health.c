/* SPDX-License-Identifier: ISC */
/* From single outcomes to a damped state. */
#include "agent/health.h"

#include <assert.h>
#include <stddef.h>

#include "common/util.h"

const char *state_label(unsigned state)
{
	static const char *const labels[] = {
#define STATE_LABEL(number, symbol, label) [number] = #label,
		STATES(STATE_LABEL)
#undef STATE_LABEL
	};

	return state < ARRAY_SIZE(labels) ? labels[state] : NULL;
}

const char *service_label(unsigned service)
{
	static const char *const labels[] = {
#define SERVICE_LABEL(number, symbol, label) [number] = #label,
		SERVICES(SERVICE_LABEL)
#undef SERVICE_LABEL
	};

	return service < ARRAY_SIZE(labels) ? labels[service] : NULL;
}

const char *service_word(enum service service)
{
	static const char *const words[] = {
#define SERVICE_WORD(number, symbol, label) [number] = #symbol,
		SERVICES(SERVICE_WORD)
#undef SERVICE_WORD
	};

	return words[service];
}

enum service state_service(enum state state)
{
	static const enum service services[STATE_END] = {
		[STATE_OK] = SERVICE_OK,
		[STATE_AT_RISK] = SERVICE_WARNING,
		[STATE_DEGRADED] = SERVICE_WARNING,
		[STATE_REFUSED] = SERVICE_CRITICAL,
		[STATE_UNREACHABLE] = SERVICE_CRITICAL,
		[STATE_UNKNOWN] = SERVICE_UNKNOWN,
		[STATE_DISABLED] = SERVICE_UNKNOWN,
	};

	return services[state];
}

enum state outcome_state(enum outcome outcome)
{
	static const enum state states[OUTCOME_END] = {
		[OUTCOME_OK] = STATE_OK,
		[OUTCOME_LOGIN_REFUSED] = STATE_REFUSED,
		[OUTCOME_TEMPORARY_REFUSAL] = STATE_REFUSED,
		[OUTCOME_RESOLVE_FAILED] = STATE_UNREACHABLE,
		[OUTCOME_CONNECT_FAILED] = STATE_UNREACHABLE,
		[OUTCOME_TIMEOUT] = STATE_UNREACHABLE,
		[OUTCOME_TLS_FAILED] = STATE_UNREACHABLE,
		[OUTCOME_PROTOCOL_ERROR] = STATE_UNREACHABLE,
		[OUTCOME_INTERNAL_ERROR] = STATE_UNKNOWN,
		[OUTCOME_SKIPPED] = STATE_UNKNOWN,
		[OUTCOME_CONNECTION_REFUSED] = STATE_UNREACHABLE,
		[OUTCOME_NO_ROUTE] = STATE_UNREACHABLE,
		[OUTCOME_CONNECTION_CLOSED] = STATE_UNREACHABLE,
	};

	return states[outcome];
}

void health_init(struct health *h)
{
	*h = (struct health){ .state = STATE_UNKNOWN, .candidate = STATE_UNKNOWN };
}

static uint32_t plus_one(uint32_t n)
{
	return n < UINT32_MAX ? n + 1 : n;
}

/* States are numbered from good to bad as far as logins work. */
static bool login_works(enum state state)
{
	return state < STATE_REFUSED;
}

/* How many probes in a row it takes to get from one state to another. A login at risk is worse than
 * one whose sequel fails: it will stop. */
static uint32_t needed(enum state from, enum state to, uint32_t raise, uint32_t clear)
{
	static const unsigned badness[STATE_END] = {
		[STATE_OK] = 0,
		[STATE_DEGRADED] = 1,
		[STATE_AT_RISK] = 2,
		[STATE_REFUSED] = 3,
		[STATE_UNREACHABLE] = 4,
	};

	if (from == STATE_UNKNOWN)
		return to == STATE_OK ? 1 : raise;
	return login_works(to) && badness[to] < badness[from] ? clear : raise;
}

static enum health_side side_of(enum state state)
{
	if (state == STATE_UNKNOWN || state == STATE_DISABLED)
		return HEALTH_NEITHER;
	return login_works(state) ? HEALTH_GOOD : HEALTH_BAD;
}

/* True when logins fail often enough to be told, though each time in another way. */
static bool fails_anyhow(const struct health *h, uint32_t raise)
{
	return side_of(h->state) != HEALTH_BAD && h->fail_streak >= raise;
}

bool health_update(struct health *h, enum state seen, uint32_t raise, uint32_t clear)
{
	assert(seen < STATE_DISABLED);
	if (seen == STATE_UNKNOWN)
		return false;
	h->streak = seen == h->candidate ? plus_one(h->streak) : 1;
	h->candidate = seen;
	h->ok_streak = login_works(seen) ? plus_one(h->ok_streak) : 0;
	h->fail_streak = !login_works(seen) ? plus_one(h->fail_streak) : 0;
	if (seen == h->state)
		return false;
	if (h->streak < needed(h->state, seen, raise, clear) && !fails_anyhow(h, raise))
		return false;
	h->state = seen;
	return true;
}

void health_flap_init(struct health_flap *f)
{
	*f = (struct health_flap){
		.changes = 6,
		.window_usec = 600 * USEC_PER_SEC,
		.quiet_usec = 300 * USEC_PER_SEC,
	};
}

/* The time of the change that was N changes before the latest; N is less than n_changes. */
static uint32_t change_before(const struct health *h, uint32_t n)
{
	return h->changes_s[(h->oldest + h->n_changes - 1 - n) % ARRAY_SIZE(h->changes_s)];
}

void health_count_change(struct health *h, const struct health_flap *flap, uint64_t now)
{
	enum health_side before = h->side, side = side_of(h->state);
	uint32_t second = (uint32_t)(now / USEC_PER_SEC);

	assert(flap->changes <= HEALTH_FLAP_CHANGES_MAX);
	if (side == HEALTH_NEITHER)
		return;
	h->side = side;
	if (before == HEALTH_NEITHER || side == before)
		return;
	if (h->n_changes < ARRAY_SIZE(h->changes_s))
		h->n_changes++;
	else
		h->oldest = (uint8_t)((h->oldest + 1) % ARRAY_SIZE(h->changes_s));
	h->changes_s[(h->oldest + h->n_changes - 1u) % ARRAY_SIZE(h->changes_s)] = second;
	if (flap->changes == 0)
		h->flap_end_usec = 0;
	else if (health_is_flapping(h, now) ||
		(h->n_changes > flap->changes &&
			(second - change_before(h, flap->changes)) * USEC_PER_SEC <=
				flap->window_usec))
		h->flap_end_usec = now + flap->quiet_usec;
}

bool health_is_flapping(const struct health *h, uint64_t now)
{
	return now < h->flap_end_usec;
}

bool health_expire(struct health *h)
{
	if (h->state == STATE_UNKNOWN || h->state == STATE_DISABLED)
		return false;
	h->state = STATE_UNKNOWN;
	return true;
}
