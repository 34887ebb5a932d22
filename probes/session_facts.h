/* SPDX-License-Identifier: ISC */
/* What came of a command after a login that works: data only. */
#ifndef FTPHEALTH_SESSION_FACTS_H
#define FTPHEALTH_SESSION_FACTS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/digest.h"

/* clang-format off */
#define SESSION_COMMANDS(X) /* ftpAuthSessionCommand */ \
	X(1, NONE, none) \
	X(2, PWD, pwd) \
	X(3, LIST, list) \
	X(4, RETR, retr)

/* ftpAuthSessionResult; what a result other than ok means is a row of diagnosis.def. */
#define SESSION_RESULTS(X) \
	X(1, NOT_RUN, notRun, NONE) \
	X(2, OK, ok, NONE) \
	X(3, COMMAND_REFUSED, commandRefused, COMMAND_REFUSED) \
	X(4, PASSIVE_REDIRECTED, passiveRedirected, PASSIVE_REDIRECTED) \
	X(5, DATA_FAILED, dataConnectionFailed, DATA_CONNECTION_FAILED) \
	X(6, TLS_FAILED, tlsFailed, DATA_TLS_FAILED) \
	X(7, LISTING_FAILED, listingFailed, LISTING_FAILED) \
	X(8, FILE_UNAVAILABLE, fileUnavailable, FILE_UNAVAILABLE) \
	X(9, CONTENT_MISMATCH, contentMismatch, CONTENT_MISMATCH) \
	X(10, CONTENT_TOO_LARGE, contentTooLarge, CONTENT_TOO_LARGE) \
	X(11, TIMEOUT, timeout, TRANSFER_STALLED) \
	X(12, CONNECTION_CLOSED, connectionClosed, SESSION_DROPPED) \
	X(13, PROTOCOL_ERROR, protocolError, PROTOCOL_ERROR) \
	X(14, INTERNAL_ERROR, internalError, NONE)
/* clang-format on */

enum session_command {
#define SESSION_ENUMERATOR(number, symbol, label) SESSION_##symbol = number,
	SESSION_COMMANDS(SESSION_ENUMERATOR)
#undef SESSION_ENUMERATOR
		SESSION_COMMAND_END
};

enum session_result {
#define SESSION_ENUMERATOR(number, symbol, label, diagnosis) SESSION_##symbol = number,
	SESSION_RESULTS(SESSION_ENUMERATOR)
#undef SESSION_ENUMERATOR
		SESSION_RESULT_END
};

/* As published; NULL for a number that is in no list. */
const char *session_command_label(unsigned command);
const char *session_result_label(unsigned result);

enum {
	SESSION_TEXT_MAX = 160,
	SESSION_DETAIL_MAX = 95,
	SESSION_REPLIES_MAX = 12,
};

/* Texts are printable ASCII, and cut. Times are microseconds from the good login to the moment; 0
 * when it did not come to that. */
struct session_facts {
	enum session_command command;
	enum session_result result;
	int code;       /* of the decisive reply; 0 when none decided */
	int os_error;   /* errno behind a failed data connection or our own failure; else 0 */
	bool truncated; /* there was more than is read at most */
	uint64_t octets;
	uint64_t passive_usec;          /* the server has said where the data is to be had */
	uint64_t data_usec;             /* the data connection is made, TLS included */
	uint64_t first_usec;            /* the first octet of data is there */
	uint64_t total_usec;            /* the verdict */
	char address[INET6_ADDRSTRLEN]; /* where the data was had, or was not; "" when not known */
	uint16_t port;                  /* 0 when there is none */
	char sha256[DIGEST_TEXT_LEN + 1];    /* of a whole file; else "" */
	char text[SESSION_TEXT_MAX + 1];     /* of the decisive reply, the last line */
	char detail[SESSION_DETAIL_MAX + 1]; /* a sentence on what is not said by the others */
};

/* One reply, for who wants to see the dialogue. */
struct session_reply {
	const char *said; /* what it answers, without an argument; static */
	int code;
	uint64_t at_usec;                /* from the good login on */
	char text[SESSION_TEXT_MAX + 1]; /* the last line */
};

struct session_record {
	struct session_facts facts;
	struct session_reply replies[SESSION_REPLIES_MAX]; /* the first ones */
	size_t n_replies;
};

/* The server fails after the login. Our own failures are none of its. */
static inline bool session_is_bad(const struct session_facts *f)
{
	return f->result > SESSION_OK && f->result != SESSION_INTERNAL_ERROR;
}

/* What a result means: a number of enum diagnosis. */
unsigned session_diagnosis(enum session_result result);

#endif
