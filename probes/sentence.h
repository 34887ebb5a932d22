/* SPDX-License-Identifier: ISC */
/* One probe's result in words for a person: the reply that decided, or what happened in its place.
 */
#ifndef FTPHEALTH_SENTENCE_H
#define FTPHEALTH_SENTENCE_H

#include <stddef.h>

#include "probes/outcome.h"

/* Writes "530 User x cannot log in." when a reply decided (CODE not 0; REPLY is its text,
 * printable, may be NULL or empty), else "connection refused", "timeout at stage password" and the
 * like. */
void outcome_sentence(enum outcome outcome, enum stage stage, int code, const char *reply,
	char *buffer, size_t size);

#endif
