/* SPDX-License-Identifier: ISC */
/* SHA-256 of octets that come in pieces. */
#ifndef FTPHEALTH_DIGEST_H
#define FTPHEALTH_DIGEST_H

#include <stddef.h>

enum { DIGEST_TEXT_LEN = 64 }; /* lower-case hexadecimal */

struct digest;

/* NULL when there is no memory. */
struct digest *digest_new(void);

/* Takes NULL; returns NULL. */
struct digest *digest_free(struct digest *d);

/* Returns 0, or -ENOMEM: it is no digest of them then. */
int digest_add(struct digest *d, const void *octets, size_t len);

/* Writes that of all octets added; once. Returns 0 or -ENOMEM. */
int digest_end(struct digest *d, char ret[DIGEST_TEXT_LEN + 1]);

#endif
