/* SPDX-License-Identifier: ISC */
/* What a TLS handshake showed of a server: data only. */
#ifndef FTPHEALTH_TLS_FACTS_H
#define FTPHEALTH_TLS_FACTS_H

#include <stdbool.h>
#include <stdint.h>

/* clang-format off */
#define TLS_VERIFICATIONS(X) /* ftpAuthTlsVerify */ \
	X(1, NOT_CHECKED, notChecked) \
	X(2, OK, ok) \
	X(3, UNTRUSTED, untrusted) \
	X(4, NAME_MISMATCH, nameMismatch) \
	X(5, EXPIRED, expired) \
	X(6, FAILED, failed) \
	X(7, REVOKED, revoked)
/* clang-format on */

enum tls_verify {
#define TLS_VERIFY_ENUMERATOR(number, symbol, label) TLS_VERIFY_##symbol = number,
	TLS_VERIFICATIONS(TLS_VERIFY_ENUMERATOR)
#undef TLS_VERIFY_ENUMERATOR
		TLS_VERIFY_END
};

/* As published; NULL for a number that is in no list. */
const char *tls_verify_label(unsigned verify);

enum { TLS_NAME_MAX = 160, TLS_FINGERPRINT_MAX = 64, TLS_PROTOCOL_MAX = 32, TLS_CIPHER_MAX = 64 };

/* Texts are printable ASCII, and cut; "" when not known. */
struct tls_facts {
	enum tls_verify verify;
	bool has_certificate; /* the server showed one; else only verify is set */
	int64_t not_after;    /* the end of its validity, in seconds since 1970 */
	char subject[TLS_NAME_MAX + 1], issuer[TLS_NAME_MAX + 1]; /* RFC 4514 */
	char fingerprint[TLS_FINGERPRINT_MAX + 1]; /* SHA-256 of the certificate, hexadecimal */
	char protocol[TLS_PROTOCOL_MAX + 1], cipher[TLS_CIPHER_MAX + 1];
};

/* True when verification found something against the certificate. */
static inline bool tls_facts_are_bad(const struct tls_facts *f)
{
	return f->verify > TLS_VERIFY_OK;
}

/* Whole days from TIME (seconds since 1970) to the end of the certificate, rounded down: negative
 * when that is over. */
int32_t tls_days_left(const struct tls_facts *f, int64_t time);

#endif
