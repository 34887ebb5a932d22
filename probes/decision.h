/* SPDX-License-Identifier: ISC */
/*
 * From what was seen, what the words mean and what the server's own side shows to one cause: a pure
 * function over the rule table in decision.def; the first row that matches wins.
 */
#ifndef FTPHEALTH_DECISION_H
#define FTPHEALTH_DECISION_H

#include <stdbool.h>
#include <stddef.h>

#include "probes/classify.h"
#include "probes/diagnosis.h"
#include "probes/evidence.h"
#include "probes/observation.h"

enum { CONSIDERED_MAX = 8 };

struct decision_input {
	const struct observation *observation;
	const struct classification *words; /* of that observation */
	const struct evidence *evidence;    /* NULL = none */
	bool named; /* the probe uses an account of its own, not the anonymous one */
};

/* A row that did not decide but would have, had it come first (missing is NULL) or had one fact
 * been another (missing names it: "module", "synchronization", "Win32 code", ...). */
struct considered {
	const char *rule;    /* static */
	const char *missing; /* static or NULL */
};

/* Zero-initialised it is empty. All strings are static. */
struct decision {
	enum diagnosis diagnosis;
	unsigned confidence; /* percent; for a login that works: that it is sound */
	const char *rule;    /* id of the row, or of the classifier's rule when no row is nearer */
	const char *remedy;  /* at most 160 characters; may be given for a login that works */
	const char *reference; /* at most 32 characters; may be "" */

	/* Best first; [0] is the diagnosis. For a login that works: what may come, if anything. The
	 * numbers need not add up to 100. */
	struct cause candidates[CAUSES_MAX];
	size_t n_candidates;

	bool at_risk; /* the login works and is bound to break */

	struct considered considered[CONSIDERED_MAX]; /* in the order of the table */
	size_t n_considered;
};

/* Decides on INPUT. Without evidence the answer is the classifier's, with the remedy of the row
 * that fits it best. */
void decide(const struct decision_input *input, struct decision *ret);

/* True for the two names of an anonymous login (RFC 1635). */
bool user_is_anonymous(const char *user);

/* Both steps for one login probe that gave USER and PASSWORD: what its words mean, and the cause in
 * the light of EVIDENCE (NULL = none). */
void decide_login(const struct observation *o, const char *user, const char *password,
	const struct evidence *evidence, struct classification *ret_words, struct decision *ret);

#endif
