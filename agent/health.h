/* SPDX-License-Identifier: ISC */
/* From single outcomes to a damped state. Pure: time is an argument. */
#ifndef FTPHEALTH_HEALTH_H
#define FTPHEALTH_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "probes/outcome.h"

/* clang-format off */
#define STATES(X) /* FtpAuthState */ \
	X(1, OK, ok) \
	X(2, AT_RISK, atRisk) \
	X(3, DEGRADED, degraded) \
	X(4, REFUSED, refused) \
	X(5, UNREACHABLE, unreachable) \
	X(6, UNKNOWN, unknown) \
	X(7, DISABLED, disabled)

#define SERVICES(X) /* FtpAuthServiceState: the scale of Nagios and its kin */ \
	X(0, OK, ok) \
	X(1, WARNING, warning) \
	X(2, CRITICAL, critical) \
	X(3, UNKNOWN, unknown)
/* clang-format on */

enum state {
#define STATE_ENUMERATOR(number, symbol, label) STATE_##symbol = number,
	STATES(STATE_ENUMERATOR)
#undef STATE_ENUMERATOR
		STATE_END
};

enum service {
#define SERVICE_ENUMERATOR(number, symbol, label) SERVICE_##symbol = number,
	SERVICES(SERVICE_ENUMERATOR)
#undef SERVICE_ENUMERATOR
		SERVICE_END
};

/* Labels as published; NULL for a number that is in no list. */
const char *state_label(unsigned state);
const char *service_label(unsigned service);

/* The same as a plugin writes it: OK, WARNING, CRITICAL, UNKNOWN. */
const char *service_word(enum service service);

/* ok for ok; warning for atRisk and degraded; critical for refused and unreachable; unknown for
 * unknown and disabled. */
enum service state_service(enum state state);

/* What one outcome says of the server, undamped: STATE_OK, STATE_REFUSED, STATE_UNREACHABLE, or
 * STATE_UNKNOWN when it says nothing (our own failure, skipped). */
enum state outcome_state(enum outcome outcome);

/* When a target flaps: more than `changes` changes between good (ok, atRisk, degraded) and bad
 * (refused, unreachable) within the window begin it; it ends when there was none for as long as
 * `quiet`. Times count in whole seconds. */
enum { HEALTH_FLAP_CHANGES_MAX = 7 };
struct health_flap {
	uint32_t changes; /* default 6, at most HEALTH_FLAP_CHANGES_MAX; 0 = it is not looked for */
	uint64_t window_usec; /* default 10 minutes */
	uint64_t quiet_usec;  /* default 5 minutes */
};
void health_flap_init(struct health_flap *f);

/* The damped state of one target. */
struct health {
	enum state state;
	enum state candidate; /* what the latest outcomes say in a row */
	uint32_t streak;      /* how many of them */
	uint32_t fail_streak; /* failed probes in a row, of whatever sort */
	uint32_t ok_streak;   /* logins that worked in a row, at risk or not */

	enum health_side { HEALTH_NEITHER, HEALTH_GOOD, HEALTH_BAD } side; /* known last */
	uint8_t n_changes; /* up to all in the ring */
	uint8_t oldest;    /* once the ring is full: the place of the oldest */
	uint32_t changes_s[HEALTH_FLAP_CHANGES_MAX + 1]; /* of the latest changes of side, in s */
	uint64_t flap_end_usec; /* it flaps until then, if no change follows; 0 = it does not */
};

/* STATE_UNKNOWN, no outcomes yet. */
void health_init(struct health *h);

/* Folds in what one probe, and what is known of the server, says: SEEN is STATE_OK, STATE_AT_RISK,
 * STATE_DEGRADED, STATE_REFUSED or STATE_UNREACHABLE. A state is left when RAISE (towards the
 * worse) or CLEAR (towards the better: ok, degraded, atRisk, then those that fail) probes in a row
 * say the same; a failure of another sort is no better, and a good login after unknown counts at
 * once. STATE_UNKNOWN, said of our own failures, changes nothing. Returns true when h->state
 * changed. */
bool health_update(struct health *h, enum state seen, uint32_t raise, uint32_t clear);

/* After each change of h->state: counts it when it is one between good and bad (unknown and
 * disabled between them are neither). NOW: CLOCK_MONOTONIC. A change of the settings counts from
 * the next change of state on. */
void health_count_change(struct health *h, const struct health_flap *flap, uint64_t now);

/* Until h->flap_end_usec. */
bool health_is_flapping(const struct health *h, uint64_t now);

/* The results are too old: to STATE_UNKNOWN; what was counted in a row is kept, so that one more
 * failure of a server that was found to fail says so again. A disabled one stays so. Returns true
 * when h->state changed. Alarms are not touched by unknown. */
bool health_expire(struct health *h);

#endif
