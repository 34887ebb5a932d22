/* SPDX-License-Identifier: ISC */
/*
 * The login dialogue (RFC 959 section 6) as a pure state machine: bytes of the server and the time
 * go in; what to do next and the observation come out. No socket, no clock, no allocation beyond
 * the bounds in observation.h. Any cutting of the same bytes gives the same replies and the same
 * outcome.
 */
#ifndef FTPHEALTH_DIALOGUE_H
#define FTPHEALTH_DIALOGUE_H

#include <stddef.h>
#include <stdint.h>

#include "probes/observation.h"
#include "probes/reply_reader.h"

enum {
	CREDENTIAL_MAX = 255, /* octets of a user name or of a password */
};

enum dialogue_action {
	DIALOGUE_WAIT, /* nothing to do until bytes, the end of the stream or the deadline come */
	DIALOGUE_SEND, /* send dialogue.out, out_len octets, then go on waiting */
	DIALOGUE_TLS,  /* begin TLS on the connection, then call dialogue_secured() */
	DIALOGUE_DONE, /* the verdict is in the observation; see also dialogue.polite */
};

/* Why the stream of bytes ended. */
enum dialogue_end {
	DIALOGUE_EOF,      /* the peer closed the connection */
	DIALOGUE_RESET,    /* the peer reset it, or the network did (an error of recv or send) */
	DIALOGUE_TIMEOUT,  /* our deadline passed */
	DIALOGUE_INSECURE, /* TLS failed; the observation's detail says why */
	DIALOGUE_OURS,     /* we cannot go on */
};

/* One dialogue. Fields above the line may be read by the caller. */
struct dialogue {
	struct observation *observation; /* borrowed from the caller; filled in as replies come */
	const char *out; /* what DIALOGUE_SEND wants sent; valid until the next call */
	size_t out_len;
	bool polite; /* after DIALOGUE_DONE: a QUIT is welcome (never after a 421 or when not FTP)
		      */
	/* ------------------------------------------------------------------ private below */
	const char *user, *password; /* borrowed: outlive the dialogue */
	enum stage stage;            /* STAGE_NONE after the verdict */
	enum dialogue_tls {
		DIALOGUE_CLEAR,
		DIALOGUE_EXPLICIT,
		DIALOGUE_IMPLICIT
	} tls; /* how it is wanted */
	enum {
		AUTH_NONE,
		AUTH_TLS,
		AUTH_PBSZ,
		AUTH_PROT
	} auth;                          /* the latest command of that stage */
	uint64_t start_usec, stage_usec; /* start of the probe; start of the present stage */
	size_t reply_text;               /* where its text starts in the observation's text */
	size_t reply_end;                /* where its text, with its NUL, must end */
	bool reply_full;                 /* a line of it had no room: only its last one follows */
	size_t text_len, text_size;      /* used and allocated octets of the observation's text */
	struct reply_reader reader;
	char command[CREDENTIAL_MAX + 8];
};

/* Starts a dialogue on a connection that has just been made. O is empty or holds what connecting
 * found; USER and PASSWORD are borrowed, free of control characters and at most CREDENTIAL_MAX
 * long. START is when the probe began, NOW when the connection was up (microseconds of one clock).
 */
void dialogue_init(struct dialogue *d, struct observation *o, const char *user,
	const char *password, uint64_t start_usec, uint64_t now_usec);

/* Before any octet: hides SECRET, which outlives the dialogue, in what is kept of the server's
 * words; see reply_reader_hide(). */
void dialogue_hide(struct dialogue *d, const char *secret);

/* To be called before any octet when TLS is wanted: implicit TLS begins at once, as by
 * DIALOGUE_TLS, explicit TLS when the server has greeted (RFC 4217). */
void dialogue_want_tls(struct dialogue *d, bool implicit);

/* The handshake is done: what is next. */
enum dialogue_action dialogue_secured(struct dialogue *d, uint64_t now_usec);

/* Takes LEN octets received at NOW. Octets after the verdict are ignored; on DIALOGUE_SEND the
 * octets not yet looked at are kept for the next call only when the caller passes them again, so
 * *RET_USED says how many were taken: call again with the rest after sending. After DIALOGUE_TLS
 * the rest came in clear, where it must not: passed again, it ends the dialogue. So does all that
 * comes in clear in place of a handshake. With the verdict, what is left is for who goes on. */
enum dialogue_action dialogue_input(
	struct dialogue *d, const char *bytes, size_t len, uint64_t now_usec, size_t *ret_used);

/* Ends the dialogue for REASON at NOW; the observation then holds the verdict. A refusal that was
 * cut off in its last line by the close still counts as that refusal. OS_ERROR is errno or 0. */
void dialogue_finish(struct dialogue *d, enum dialogue_end reason, int os_error, uint64_t now_usec);

#endif
