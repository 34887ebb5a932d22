/* SPDX-License-Identifier: ISC */
/* A TCP connection to a server, made by libcurl: straight, from a certain address, through a proxy.
 */
#ifndef FTPHEALTH_CONNECTION_H
#define FTPHEALTH_CONNECTION_H

#include <stdint.h>
#include <net/if.h>
#include <netinet/in.h>

#include "probes/outcome.h"
#include "probes/route.h"
#include "probes/transfer.h"

enum { CONNECTION_HOST_SIZE = INET6_ADDRSTRLEN + 1 + IF_NAMESIZE }; /* with a zone */

struct connection {
	struct transfer_item item;      /* first: the engine's view of it */
	struct route *route;            /* borrowed: outlives it; NULL = straight */
	const char *host;               /* likewise: what was asked for */
	uint64_t connect_usec;          /* when the first address was tried, or 0 */
	int socket_errno;               /* why we could not make a socket; 0 when we could */
	int first_fd;                   /* the first socket */
	unsigned sockets;               /* that were made: one for each address tried */
	int family;                     /* of the address below */
	char address[INET6_ADDRSTRLEN]; /* of the server, tried last; "" behind a proxy */
	char curl_error[CURL_ERROR_SIZE];
};

/* Options of an easy handle that all connections have, and those of this one. */
void connection_prepare(CURL *easy);
void connection_prepare_routed(CURL *easy); /* of those with a route, which is not left behind */
void connection_configure(
	struct connection *c, const char *host, uint16_t port, int family, uint64_t timeout_usec);

/* It is made: c->item.fd is its socket, and libcurl has no more to do with it. Returns 0 or -errno.
 */
int connection_take(struct connection *c);

/* Writes the address at the other end, with its zone. Returns 0 or -errno. */
int connection_peer(const struct connection *c, char host[CONNECTION_HOST_SIZE]);

/* The errno of what failed on our side, so that the server was not asked as it should have been; or
 * 0. An address that we could not try may be the one that answers. */
int connection_our_error(const struct connection *c);

/* For how long what has come of it waits for us to look, when that is too long for a turn of the
 * loop: we are late; else 0. EVENTS are those of epoll that it is watched for; what is not watched
 * is not waited for. While it is being made they do not matter. */
uint64_t connection_unseen_usec(const struct connection *c, uint32_t events);

/* What libcurl's result means when there is no connection. */
enum outcome connection_outcome(const struct connection *c, CURLcode result, int os_error);

/* What it means that there is none in time. */
enum outcome connection_late(struct connection *c);

#endif
