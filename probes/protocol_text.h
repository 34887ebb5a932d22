/* SPDX-License-Identifier: ISC */
/* What the protocols of the programs that fetch evidence have in common: bounds on strings, and
 * complaints in safe text. */
#ifndef FTPHEALTH_PROTOCOL_TEXT_H
#define FTPHEALTH_PROTOCOL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "probes/fetch_protocol.h"

/* Writes what is wrong to WHY, with foreign text made printable ASCII. Returns ERROR. */
__attribute__((format(printf, 3, 4))) int protocol_refuse(
	int error, char why[FETCH_WHY_SIZE], const char *format, ...);

/* Whether S, the value of KEY in a request, is free of control characters and not longer than MAX
 * octets. Returns 0, or -EINVAL and in WHY what is wrong. */
int protocol_check_string(const char *s, size_t max, const char *key, char why[FETCH_WHY_SIZE]);

/* True when S is printable ASCII alone. */
bool protocol_is_printable(const char *s);

#endif
