/* SPDX-License-Identifier: ISC */
/* What the parts of the login probe share: its connection (libcurl's) and its dialogue. */
#ifndef FTPHEALTH_LOGIN_PRIVATE_H
#define FTPHEALTH_LOGIN_PRIVATE_H

#include "probes/dialogue.h"
#include "probes/login.h"
#include "probes/route.h"
#include "probes/transfer.h"

struct login {
	struct transfer_item item; /* first: the engine's view of it */
	login_done done;
	void *userdata;
	uint64_t start_usec, connect_usec; /* connect: when the first address was tried, or 0 */
	uint64_t quit_by_usec;
	uint64_t deadline_usec;
	uint64_t lend_usec; /* by how much it may still move because we are late */
	int socket_errno;   /* why we could not make a socket; 0 when we could */
	int first_fd;       /* the first socket */
	unsigned sockets;   /* that were made: one for each address tried */
	bool verdict;       /* told; saying goodbye */
	size_t farewell_bytes, strings_len;
	struct observation observation;
	struct dialogue dialogue;
	struct tls *tls;             /* NULL: in clear */
	struct route *route;         /* NULL: straight */
	struct tls_session *session; /* from the start of its handshake on */
	bool handshake, sending;     /* under way */
	uint32_t watched;            /* events that are waited for */
	const char *host;            /* in strings */
	char curl_error[CURL_ERROR_SIZE];
	char strings[]; /* user, NUL, password, NUL, host, NUL */
};

/* Options of an easy handle that all logins have, and those of this one. */
void login_prepare(CURL *easy);
void login_prepare_routed(CURL *easy); /* of those with a route, which is not left behind */
void login_configure(struct login *l, const struct login_target *target);

/* The errno of what failed on our side, so that the server was not asked as it should have been; or
 * 0. An address that we could not try may be the one that answers. */
int login_our_error(const struct login *l);

/* What libcurl's result means when there is no connection. */
enum outcome login_outcome(const struct login *l, CURLcode result, int os_error);

/* What it means that there is none in time. */
enum outcome login_late(struct login *l);

#endif
