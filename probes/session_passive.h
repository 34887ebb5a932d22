/* SPDX-License-Identifier: ISC */
/* Where a server says that the data is to be had. Pure. */
#ifndef FTPHEALTH_SESSION_PASSIVE_H
#define FTPHEALTH_SESSION_PASSIVE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "probes/after.h"

/* The text of a 229 (RFC 2428 section 3). Returns false when it names no port. */
bool passive_read_epsv(const char *text, uint16_t *ret_port);

/* The text of a 227 (RFC 959 section 4.2): six numbers, wherever they stand. ADDRESS becomes "" for
 * 0.0.0.0, which names none. Returns false when there is no port in it. */
bool passive_read_pasv(const char *text, char address[INET_ADDRSTRLEN], uint16_t *ret_port);

/* True when ADDRESS, of a 227, is not that of PEER, so that FOREIGN says what to do. A peer that is
 * not known ("", behind a proxy) is believed, unless it is to be followed. */
bool passive_is_foreign(const char *address, const char *peer, enum after_foreign foreign);

#endif
