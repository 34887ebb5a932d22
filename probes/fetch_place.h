/* SPDX-License-Identifier: ISC */
/* Paths and URLs of a request, and whether one place has them all. Pure. */
#ifndef FTPHEALTH_FETCH_PLACE_H
#define FTPHEALTH_FETCH_PLACE_H

#include <stdbool.h>

#include "probes/fetch_protocol.h"

/* The addresses of a request; the control file's stands behind those of the files. */
struct fetch_place {
	bool local;                           /* paths on this host, else URLs */
	char *addresses[FETCH_FILES_MAX + 1]; /* NULL: none */
	char scheme[8];                       /* of URLs: lower case */
	char host[FETCH_NAME_MAX + 1];        /* the same; IPv6 without brackets */
	char port[6];
};

/* Reads the addresses of R: absolute paths, file:// and the URLs that libcurl reads for us. All are
 * on this host or on one server, so that the control file speaks for the others and credentials go
 * to nobody else. Returns 0; -EINVAL and in WHY what is wrong, in printable ASCII; or -ENOMEM. The
 * caller ends it with fetch_place_done(), in any case. */
int fetch_place_read(
	const struct fetch_request *r, struct fetch_place *ret, char why[FETCH_WHY_SIZE]);
void fetch_place_done(struct fetch_place *p);

/* True for http and https. */
bool fetch_place_is_http(const struct fetch_place *p);

/* Whether the paths of the URLs A and B end in the same part, in letters of either case. */
bool fetch_place_same_name(const char *a, const char *b);

/* Whether URL leads to the host of P, by whatever scheme and port; false without memory, too. */
bool fetch_place_has_host(const struct fetch_place *p, const char *url);

#endif
