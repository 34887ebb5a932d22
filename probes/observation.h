/* SPDX-License-Identifier: ISC */
/* What one login probe saw: data, never an error code; no opinion on the cause. */
#ifndef FTPHEALTH_OBSERVATION_H
#define FTPHEALTH_OBSERVATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/outcome.h"
#include "probes/reply_reader.h"
#include "probes/session_facts.h"
#include "probes/tls_facts.h"

enum {
	REPLY_TEXT_MAX = 4096,       /* octets of text kept of one reply, all lines */
	OBSERVATION_TEXT_MAX = 9728, /* octets of text kept of all replies of one probe */
	/* replies kept: a login has 120 (some), 220, 331, 230, and over TLS 234 and two 200 */
	OBSERVATION_REPLIES_MAX = 11,
};

/* One reply (RFC 959 section 4.2). The text is that of all its lines, joined by '\n', without the
 * codes, the line ends, and empty lines at its start and end; in it a tab is a space, other control
 * characters (NUL, escape, DEL, ...) stand as \xNN, octets above 0x7f are as received. Of a text
 * over its bound the first lines and the last one are kept. */
struct reply {
	enum stage stage; /* the stage that it answers: banner, auth, user, password */
	int code;         /* 100..699 */
	uint64_t at_usec; /* when its last line was complete, from the start of the probe */
	const char *text; /* owned by the observation */
};

/* An observation of one probe. Zero-initialised it is empty. */
struct observation {
	enum outcome outcome;
	enum stage stage; /* STAGE_NONE when the outcome is ok, else where the probe ended */
	int code;         /* of the decisive reply; 0 when none decided */
	int os_error;     /* errno behind a failed connection or our own failure; 0 when none */
	char detail[96];  /* a sentence on what is not said by outcome, stage and code; may be "" */

	struct reply replies[OBSERVATION_REPLIES_MAX];
	size_t n_replies;
	char *text; /* storage of the replies' texts */

	uint64_t stage_usec[STAGE_END]; /* time spent in each stage reached; 0 when not reached */
	uint64_t total_usec;            /* from start to verdict (QUIT is not waited for) */

	int family;       /* AF_INET, AF_INET6; AF_UNSPEC when no address was tried */
	char address[46]; /* of the server, as text (INET6_ADDRSTRLEN); "" when none was tried */

	struct tls_facts *tls; /* owned; NULL when no handshake was begun */

	struct session_record *session; /* owned; what followed; NULL when nothing was wanted */
};

/* Frees what O owns and makes it empty. */
void observation_done(struct observation *o);

/* Makes RET, an empty one, a copy of O that owns its texts. Returns 0 or -ENOMEM. */
int observation_copy(const struct observation *o, struct observation *ret);

/* The latest reply to STAGE, or NULL. */
const struct reply *observation_reply(const struct observation *o, enum stage stage);

/* The reply that decided (the last one, when o->code is its code), or NULL. */
const struct reply *observation_verdict(const struct observation *o);

/* The last line of a reply's text (the one a person would quote). */
const char *reply_last_line(const struct reply *r);

#endif
