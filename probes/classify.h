/* SPDX-License-Identifier: ISC */
/*
 * What the words of a server mean: banner to product, replies to causes. Pure, over rule tables;
 * any bytes may come in. A wrong cause with high confidence is worse than `other`.
 */
#ifndef FTPHEALTH_CLASSIFY_H
#define FTPHEALTH_CLASSIFY_H

#include <stddef.h>

#include "probes/diagnosis.h"
#include "probes/observation.h"

enum { CAUSES_MAX = 6, VERSION_MAX = 32 };

struct cause {
	enum diagnosis diagnosis;
	unsigned confidence; /* percent */
};

/* What the reply to USER says of anonymous logins: for IIS, ProFTPD, Pure-FTPd and the BSDs it
 * settles whether they are on; for others it says nothing. */
enum user_hint { USER_HINT_NONE, USER_HINT_ANONYMOUS, USER_HINT_NAMED };

/* Which of our words the refusal repeats: the password (an e-mail address) shows that the server
 * took its anonymous branch and that the log-on of its own account failed (Q269241, Q185377). */
enum echo { ECHO_NONE, ECHO_PASSWORD, ECHO_USER };

struct classification {
	const char *product; /* of the banner table; static; "" when not recognised */
	char version[VERSION_MAX];
	struct cause causes[CAUSES_MAX]; /* best first; none when the login worked */
	size_t n_causes;
	const char *rule; /* id of the rule that decided; static */
	enum user_hint user_hint;
	enum echo echo;
};

/* Classifies O, whose probe gave USER and PASSWORD. */
void classify(const struct observation *o, const char *user, const char *password,
	struct classification *ret);

#endif
