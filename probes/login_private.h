/* SPDX-License-Identifier: ISC */
/* What the parts of the login probe share: its connection and its dialogue. */
#ifndef FTPHEALTH_LOGIN_PRIVATE_H
#define FTPHEALTH_LOGIN_PRIVATE_H

#include "probes/connection.h"
#include "probes/dialogue.h"
#include "probes/login.h"

struct login {
	struct connection control; /* first: the engine's view of it */
	login_done done;
	void *userdata;
	uint64_t start_usec, deadline_usec;
	uint64_t quit_by_usec;
	uint64_t lend_usec; /* by how much the deadline may still move because we are late */
	int family;         /* that is wanted */
	bool verdict;       /* told; saying goodbye */
	size_t farewell_bytes, strings_len;
	struct observation observation;
	struct dialogue dialogue;
	struct tls *tls;             /* NULL: in clear */
	struct route *route;         /* NULL: straight */
	struct tls_session *session; /* from the start of its handshake on */
	bool handshake, sending;     /* under way */
	const char *out;             /* what is being sent */
	size_t out_len;
	struct after *after;          /* NULL: nothing */
	struct login_session *deeper; /* what follows a login that works, from its beginning on */
	uint32_t watched;             /* events that are waited for */
	const char *host;             /* in strings */
	char strings[];               /* user, NUL, password, NUL, host, NUL */
};

/* The password, when nobody is to see it; else NULL. */
const char *login_secret(const struct login *l);

/* Tells the verdict. */
void login_finish(struct login *l);

/* The last move: QUIT where that is polite; L is the engine's then. */
void login_say_goodbye(struct login *l);

/* Sends a command. Returns false when that cannot be: what is under way has ended then. */
bool login_send(struct login *l, const char *out, size_t len);

/* Before C, which is ready for EVENTS, is looked at: when the time is over by then, the probe goes
 * on for as long as that has waited for us. */
void login_catch_up(struct login *l, const struct connection *c, uint32_t events);

/* ---- login_session.c */

/* Goes on after a good login, when something is wanted. Returns false when all has ended. */
bool login_session_begin(struct login *l);

/* Takes octets of the control connection, *RET_USED of them. Returns false when all has ended. */
bool login_session_take(struct login *l, const char *octets, size_t len, size_t *ret_used);

/* The control connection, or the time, has ended. */
void login_session_stop(struct login *l, enum dialogue_end reason, int os_error);

/* connection_unseen_usec() of the data; 0 when there is none. */
uint64_t login_session_unseen_usec(const struct login *l);

/* Gives up, without a word. */
void login_session_give_up(struct login *l);
void login_session_free(struct login *l);

#endif
