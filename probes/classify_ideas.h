/* SPDX-License-Identifier: ISC */
/* The ideas in which servers give their reasons; the words for each are in classify_words.c. */
#ifndef FTPHEALTH_CLASSIFY_IDEAS_H
#define FTPHEALTH_CLASSIFY_IDEAS_H

#include <stddef.h>
#include <stdint.h>

#include "probes/classify_rules.h"

/* clang-format off */
#define IDEAS(X) \
	X(ANON)          /* anonymous, guest */ \
	X(ANON_ONLY)     /* nobody but anonymous */ \
	X(NAMED)         /* not anonymous; members */ \
	X(NOT)           /* no, not, never */ \
	X(ALLOWED)       /* allowed, accepted, welcome, authorised */ \
	X(DENIED)        /* denied, refused, forbidden */ \
	X(USER)          /* user, client */ \
	X(CONNECTION)    /* connection, session */ \
	X(TOO_MANY) \
	X(LIMIT)         /* limit, maximum, quota */ \
	X(FULL)          /* full, busy, overloaded */ \
	X(MORE)          /* no more, already, at the same time */ \
	X(REACHED)       /* reached, exceeded */ \
	X(LOGIN) \
	X(AUTHENTICATION) /* authentication, identity, credentials */ \
	X(PASSWORD) \
	X(WRONG)         /* wrong, invalid, bad */ \
	X(RIGHT)         /* correct, valid */ \
	X(FAILED)        /* failed, error, impossible */ \
	X(UNABLE)        /* cannot */ \
	X(UNKNOWN)       /* unknown, does not exist */ \
	X(ACCOUNT) \
	X(LOCKED)        /* locked, blocked, suspended */ \
	X(EXPIRED) \
	X(DISABLED)      /* disabled, turned off */ \
	X(HOURS)         /* of the day */ \
	X(HOME) \
	X(DIRECTORY) \
	X(CHANGE)        /* change to, enter, open */ \
	X(CHROOT) \
	X(ACCESS) \
	X(MISSING)       /* not found, inaccessible */ \
	X(ADDRESS)       /* IP address, host */ \
	X(PLACE)         /* network, country, from here */ \
	X(BANNED)        /* banned, blacklist */ \
	X(TLS) \
	X(PLAIN)         /* unencrypted, clear text */ \
	X(REQUIRED)      /* required, must, need */ \
	X(ONLY) \
	X(USE)           /* use, enable, switch to */ \
	X(AVAILABLE)     /* available, supported, configured */ \
	X(UNAVAILABLE) \
	X(WITHOUT) \
	X(AUTH_COMMAND) \
	X(SHUTDOWN)      /* shutting down, reboot */ \
	X(MAINTENANCE) \
	X(CLOSED)        /* closed, offline */ \
	X(SERVER)        /* server, service, system */ \
	X(LATER)         /* later, again, temporarily */ \
	X(INTERNAL)      /* internal, fatal */ \
	X(CONFIGURATION) \
	X(BACKEND)       /* database, file, module */ \
	X(RESOURCE)      /* memory, disk */ \
	X(LICENCE) \
	X(VIRTUAL_HOST) \
	X(TIMEOUT) \
	X(IDLE) \
	X(ATTEMPT)       /* attempts, tries */ \
	X(LOG_ON_LOCALLY) \
	X(PRIVILEGE) \
	X(FIRST)         /* before */ \
	X(COMMAND) \
	X(SUPPOSED)      /* if, perhaps: what follows is not said to be so */ \
	X(CARRIER)       /* has been, in the: takes a "not" on to the next word */
/* clang-format on */

enum idea_number {
#define IDEA_NUMBER(name) IDEA_NUMBER_##name,
	IDEAS(IDEA_NUMBER)
#undef IDEA_NUMBER
		IDEAS_END
};

/* 1 << number: `enum` values of C11 end at int. */
#define IDEA(name) (UINT64_C(1) << IDEA_NUMBER_##name)

/* The words of a sentence: " one two , three ", where a comma stands for what parts clauses
 * `ipaddr` for an address in figures and `pathname` for one that begins with a slash. */
struct words {
	char text[2 * FOLDED_MAX];
	size_t len;
};

/* Splits the folded sentence from S to END. */
void classify_split(struct words *w, const char *s, const char *end);

/* The end of the sentence at S: a full stop before a space, a line end, and the like. A question
 * mark within a word stands for a letter that was lost on the way. */
const char *classify_sentence_end(const char *s);

/* What a clause says. */
struct said {
	uint64_t ideas;
	uint64_t denied;   /* said not to be so: "not locked" */
	uint64_t supposed; /* "if your account is locked" */
	size_t known;      /* octets of words that mean something to us */
};

/* What LEN octets of CLAUSE say. They are words as classify_split() makes them. */
struct said classify_clause(const char *clause, size_t len);

#endif
