/* SPDX-License-Identifier: ISC */
/* How a server is reached when not straight: from a certain address, through a proxy. One route is
 * shared by all targets of the same. */
#ifndef FTPHEALTH_ROUTE_H
#define FTPHEALTH_ROUTE_H

#include <stdbool.h>

/* NULL where nothing is said. */
struct route_settings {
	const char *source; /* an IPv4 or IPv6 address without a zone, or an interface */
	const char *proxy;  /* socks5://, socks5h:// or http://HOST:PORT */
	const char *proxy_user, *proxy_password;
	int family; /* of a source that is an address; AF_UNSPEC of all others */
};

/* The family of the address TEXT, else AF_UNSPEC. */
int route_family(const char *text);

/* Counted references, any thread. */
struct route;

/* Makes *RET from S, or gives another reference to one of POOL with the same; NULL when S says
 * nothing. *POOL is NULL at first, and ended by route_pool_done(), which leaves what was made.
 * Returns 0 or -ENOMEM. */
int route_new(const struct route_settings *s, void **pool, struct route **ret);
void route_pool_done(void **pool);

struct route *route_ref(struct route *r);

/* Takes NULL; returns NULL. Secrets are wiped with the last reference. */
struct route *route_unref(struct route *r);

/* Those of NULL say nothing. */
const struct route_settings *route_settings_of(const struct route *r);

/* The source as CURLOPT_INTERFACE wants it, so that it is not taken for a name to be resolved; NULL
 * when there is none. */
const char *route_interface(const struct route *r);

/* NULL equals NULL. */
bool route_equal(const struct route *a, const struct route *b);

#endif
