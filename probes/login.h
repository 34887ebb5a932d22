/* SPDX-License-Identifier: ISC */
/*
 * The login probe: connection (libcurl's) and dialogue (ours) of one login, and what is asked once
 * it works, on the event loop of a struct transfer.
 */
#ifndef FTPHEALTH_LOGIN_H
#define FTPHEALTH_LOGIN_H

#include <stdint.h>

#include "probes/observation.h"

struct after;
struct login;
struct route;
struct tls;
struct transfer;

/* What to probe. The strings are copied. */
struct login_target {
	const char *host; /* a name, an IPv4 or an IPv6 address (without brackets) */
	uint16_t port;
	int family; /* AF_UNSPEC, AF_INET or AF_INET6 */
	const char *user, *password;
	struct tls *tls;     /* how it is spoken; NULL = not at all. The probe takes a reference */
	struct route *route; /* NULL = straight; likewise */
	struct after *after; /* what is asked once the login works; NULL = nothing; likewise */
	uint64_t timeout_usec; /* limit for the whole probe, name resolution to verdict, or to the
				  end of what follows */
	uint64_t quit_by_usec; /* CLOCK_MONOTONIC at which a farewell is cut short; 0 = no such
				  limit */
};

/* Tells the outcome, from the loop, once, never from inside login_start(). The observation is the
 * login's and lives until the callback returns; the login is then no longer the caller's: it says
 * QUIT, waits at most 2 s for the answer and frees itself. */
typedef void (*login_done)(void *userdata, const struct observation *observation);

/* Starts a probe. Returns 0, or -errno when the probe could not be started for a reason of our own
 * (no memory); then DONE is not called. */
int login_start(struct transfer *transfer, const struct login_target *target, login_done done,
	void *userdata, struct login **ret);

/* Gives up a probe whose DONE has not been called yet, at once and without a word to the server.
 * Takes NULL; returns NULL. */
struct login *login_end(struct login *login);

#endif
