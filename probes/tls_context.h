/* SPDX-License-Identifier: ISC */
/* OpenSSL's contexts; private to tls. */
#ifndef FTPHEALTH_TLS_CONTEXT_H
#define FTPHEALTH_TLS_CONTEXT_H

#include <openssl/ssl.h>

#include "probes/tls.h"

/* Makes a context of S, whose files are regular ones. Returns as tls_new() does. */
int tls_context_new(const struct tls_settings *s, SSL_CTX **ret, enum tls_part *ret_part,
	char why[TLS_WHY_SIZE]);

/* The file with the certificates that the system trusts; it may not be there. */
const char *tls_system_ca(void);

/* How many allocations of OpenSSL's have failed in this thread. Where one fails, what OpenSSL makes
 * of it says nothing about a file or a server. Zero for ever when OpenSSL was in use before
 * tls_begin().
 */
unsigned tls_memory_failures(void);

/* Writes what is wrong; always -EINVAL. */
__attribute__((format(printf, 2, 3))) int tls_refuse(
	char why[TLS_WHY_SIZE], const char *format, ...);

#endif
