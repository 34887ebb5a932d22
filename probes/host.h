/* SPDX-License-Identifier: ISC */
/* A host as it is configured: a name, or an address. */
#ifndef FTPHEALTH_HOST_H
#define FTPHEALTH_HOST_H

#include <stdbool.h>
#include <stdint.h>

enum { HOST_URL_MAX = 320 }; /* telnet://[host]:port/ */

/* Whether it is an address, for which no name has to be resolved. */
bool host_is_address(const char *host);

/* Writes the URL of HOST for libcurl. The scheme says only "TCP, and no words of libcurl's own"
 * (CONNECT_ONLY). */
void host_url(const char *host, uint16_t port, char url[HOST_URL_MAX]);

#endif
