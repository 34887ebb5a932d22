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
	bool verdict; /* told; saying goodbye */
	size_t farewell_bytes, strings_len;
	struct observation observation;
	struct dialogue dialogue;
	struct tls *tls;             /* NULL: in clear */
	struct route *route;         /* NULL: straight */
	struct tls_session *session; /* from the start of its handshake on */
	bool handshake, sending;     /* under way */
	uint32_t watched;            /* events that are waited for */
	const char *host;            /* in strings */
	char strings[];              /* user, NUL, password, NUL, host, NUL */
};

#endif
