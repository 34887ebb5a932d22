/* SPDX-License-Identifier: ISC */
/* The facts that the rows of the decision table ask for; private to the decision. */
#ifndef FTPHEALTH_DECISION_FACTS_H
#define FTPHEALTH_DECISION_FACTS_H

#include "probes/decision.h"

#define BIT(n) (1u << (n))

/* What a row may ask for. Each fact is one bit of its column; a row holds the bits it accepts, and
 * accepts all when it holds none. */
enum column {
	COLUMN_ENDED,
	COLUMN_WHO,
	COLUMN_PRODUCT,
	COLUMN_CLARITY,
	COLUMN_WORDS,
	COLUMN_HINT,
	COLUMN_ECHO,
	COLUMN_BRANCH,
	/* from here on: evidence */
	COLUMN_MODULE,
	COLUMN_SYNC,
	COLUMN_ALLOWED,
	COLUMN_ONLY,
	COLUMN_REGISTERED,
	COLUMN_PASSWORD,
	COLUMN_HOME,
	COLUMN_WEB,
	COLUMN_WIN32,
	COLUMN_SUBSTATUS,
	COLUMN_SINCE,
	COLUMN_END,
};

enum {
	END_LOGGED_IN = BIT(0),
	END_530 = BIT(1),
	END_BROKE_OFF = BIT(2), /* closed or silent after the password */
	END_OTHER = BIT(3),

	WHO_ANONYMOUS = BIT(0),
	WHO_NAMED = BIT(1),

	CLARITY_VAGUE = BIT(0), /* the words leave the cause open */
	CLARITY_PLAIN = BIT(1),

	OPEN_BRANCH = BIT(0),
	ANONYMOUS_BRANCH = BIT(1), /* the server took us for anonymous */

	IIS_1_TO_3 = BIT(0), /* and the FTP server of Windows NT 3 */
	IIS_4 = BIT(1),
	IIS_5 = BIT(2),
	IIS_6 = BIT(3),
	IIS_OLD = BIT(4),        /* one of 4 to 6 */
	IIS_6_OR_LATER = BIT(5), /* greets without a version */
	IIS_7 = BIT(6),          /* or later */
	VSFTPD = BIT(7),
	PROFTPD = BIT(8),
	FILEZILLA = BIT(9),
	PRODUCT_OTHER = BIT(10),
	PRODUCT_UNKNOWN = BIT(11), /* its greeting shows none */
	IIS_4_TO_6 = IIS_4 | IIS_5 | IIS_6 | IIS_OLD,
	IIS_ANY = IIS_1_TO_3 | IIS_4_TO_6 | IIS_6_OR_LATER | IIS_7,
	NOT_IIS_LATER = ~IIS_7 & (BIT(12) - 1),
	NOT_IIS = VSFTPD | PROFTPD | FILEZILLA | PRODUCT_OTHER,

	/* enum presence and enum setting; 1 is unknown in both */
	NOT_KNOWN = BIT(1),
	THERE = BIT(PRESENCE_PRESENT) | BIT(PRESENCE_ALTERED),
	GONE = BIT(PRESENCE_MISSING),
	ON = BIT(SETTING_ENABLED),
	OFF = BIT(SETTING_DISABLED),
	SEEMS_OFF = BIT(4), /* the reply to USER takes anonymous for an ordinary name */

	RUNNING = BIT(WEB_RUNNING),
	NOT_LISTED = BIT(WEB_NOT_LISTED),
	ABSENT = BIT(WEB_ABSENT),

	NOT_SET = BIT(1),  /* the stored password */
	HOME_UNC = BIT(1), /* \\server\share */
	MODULE_NEWER = BIT(1),
	RESTARTED = BIT(2),

	W_UNKNOWN = BIT(0),
	W_MODULE = BIT(1),
	W_PASSWORD = BIT(2),
	W_RIGHT = BIT(3),
	W_ACCOUNT = BIT(4),
	W_DOMAIN = BIT(5),
	W_ACCESS = BIT(6),
	W_OTHER = BIT(7),

	S_UNKNOWN = BIT(0),
	S_ANONYMOUS = BIT(1),
	S_LOGON = BIT(2),
	S_HOME = BIT(3),
	S_CONFIGURATION = BIT(4),
	S_HOST = BIT(5),
	S_TLS = BIT(6),
	S_ADDRESS = BIT(7),
	S_FULL = BIT(8),
	S_OTHER = BIT(9),
};

/* What is the case: one bit a column, and the causes that the words leave open. */
struct facts {
	unsigned bits[COLUMN_END];
	struct cause causes[CAUSES_MAX];
	size_t n_causes;
};

/* Derives all facts of INPUT; causes that evidence rules out are left out. */
void decision_learn(const struct decision_input *input, struct facts *ret);

#endif
