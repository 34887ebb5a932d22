/* SPDX-License-Identifier: ISC */
/* OpenSSL's contexts; private to tls. */
#ifndef FTPHEALTH_TLS_CONTEXT_H
#define FTPHEALTH_TLS_CONTEXT_H

#include <openssl/ssl.h>

#include "probes/tls.h"

/* Makes a context of S, whose files are regular ones. Returns as tls_new() does. */
int tls_context_new(const struct tls_settings *s, SSL_CTX **ret, enum tls_part *ret_part,
	char why[TLS_WHY_SIZE]);

/* Writes what is wrong; always -EINVAL. */
__attribute__((format(printf, 2, 3))) int tls_refuse(
	char why[TLS_WHY_SIZE], const char *format, ...);

#endif
