/* SPDX-License-Identifier: ISC */
/*
 * What follows a login that works, as a pure state machine: one command (PWD), or a passive data
 * connection (RFC 2428, RFC 959) and what comes over it. Octets of both connections and the time go
 * in; what to do next and the facts come out. Any cutting of the same octets gives the same facts,
 * and what has come of both connections counts, in whatever order it came.
 */
#ifndef FTPHEALTH_SESSION_H
#define FTPHEALTH_SESSION_H

#include "probes/after.h"
#include "probes/reply_reader.h"

enum session_action {
	SESSION_WAIT,    /* nothing to do until something comes */
	SESSION_SEND,    /* send session.out, out_len octets, on the control connection */
	SESSION_CONNECT, /* make the data connection to session.host and facts.port */
	SESSION_OPEN,    /* the data flows: where it is to be in TLS, begin that now */
	SESSION_DONE,    /* the facts are complete; see also session.polite */
};

/* Why a connection ended. */
enum session_end {
	SESSION_EOF,      /* the peer closed it */
	SESSION_RESET,    /* the peer reset it, or the network did */
	SESSION_INSECURE, /* TLS failed */
	SESSION_OURS,     /* we cannot go on */
};

/* One session. Fields above the line may be read by the caller. */
struct session {
	struct session_record *record; /* borrowed from the caller; filled in as things happen */
	const char *out;               /* what SESSION_SEND wants sent; valid until the next call */
	size_t out_len;
	const char *host; /* an IPv4 address; NULL = where the control connection goes */
	bool polite;      /* after SESSION_DONE: a QUIT is welcome */
	/* ------------------------------------------------------------------ private below */
	const struct after_settings *settings; /* borrowed: outlive the session */
	const char *peer;                      /* likewise; "" when not known */
	bool ipv6, exposed;
	enum session_step {
		STEP_PWD,
		STEP_TYPE,
		STEP_EPSV,
		STEP_PASV,
		STEP_CONNECT,  /* waits for the data connection */
		STEP_TRANSFER, /* the command is said, and not answered */
		STEP_FLOW,     /* it was answered by a 150 or the like */
		STEP_DATA,     /* it was answered for good: waits for the end of the data */
		STEP_OVER
	} step,
		said; /* where it is; with which command it came there */
	uint64_t start_usec;
	bool connected, data_over;
	enum session_end data_end; /* once it is over */
	unsigned patience;         /* replies of the first hundred that may still come */
	struct digest *digest;     /* owned; NULL when the data is no file */
	struct reply_reader reader;
	char named[INET_ADDRSTRLEN]; /* the address of a 227 */
	char command[AFTER_PATH_MAX + 8];
};

/* Starts after a good login at NOW. RECORD is empty. SETTINGS want something. PEER is the address
 * of the server as text without a zone, "" when a proxy hides it; IPV6 when that is known to be one
 * of IPv6. Returns 0, *RET_ACTION being what to do first, or -ENOMEM. */
int session_init(struct session *s, struct session_record *record,
	const struct after_settings *settings, const char *peer, bool ipv6, uint64_t now_usec,
	enum session_action *ret_action);

/* Before any octet: hides SECRET, which outlives the session, in what is kept of the server's
 * words; see reply_reader_hide(). */
void session_hide(struct session *s, const char *secret);

/* The login is in TLS, but the server does not take PROT P: without data nothing is lost, with data
 * the session fails, as it would go in clear. Before any octet. */
void session_expose(struct session *s);

/* Frees what S owns. */
void session_done(struct session *s);

/* Takes LEN octets of the control connection received at NOW; *RET_USED says how many were taken:
 * call again with the rest when what it wants is done. */
enum session_action session_input(
	struct session *s, const char *octets, size_t len, uint64_t now_usec, size_t *ret_used);

/* The control connection has ended; DETAIL says of TLS why. */
enum session_action session_end(struct session *s, enum session_end end, int os_error,
	const char *detail, uint64_t now_usec);

/* The data connection is made: to ADDRESS, as text. */
enum session_action session_connected(struct session *s, const char *address, uint64_t now_usec);

/* It could not be made, DETAIL says why: END is SESSION_RESET, or SESSION_OURS when it is our own
 * failure. */
enum session_action session_not_connected(struct session *s, enum session_end end, int os_error,
	const char *detail, uint64_t now_usec);

/* TLS on it is ready. */
void session_secured(struct session *s, uint64_t now_usec);

/* LEN octets of data were received at NOW. */
enum session_action session_data(
	struct session *s, const char *octets, size_t len, uint64_t now_usec);

/* The data connection has ended; DETAIL says of TLS why. */
enum session_action session_data_end(struct session *s, enum session_end end, int os_error,
	const char *detail, uint64_t now_usec);

/* The time is over. */
void session_late(struct session *s, uint64_t now_usec);

#endif
