/* SPDX-License-Identifier: ISC */
/* What a certificate says: the server's words, as is anything in it. */
#ifndef FTPHEALTH_TLS_CERTIFICATE_H
#define FTPHEALTH_TLS_CERTIFICATE_H

#include <openssl/types.h>

#include "probes/tls_facts.h"

/* Writes what CERT says of itself into RET: names, end, fingerprint. Errors stay in OpenSSL's
 * queue.
 */
void tls_certificate_show(const X509 *cert, struct tls_facts *ret);

#endif
