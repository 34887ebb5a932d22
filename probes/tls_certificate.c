/* SPDX-License-Identifier: ISC */
/* What a certificate says, made safe to show. */
#include "probes/tls_certificate.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "common/text.h"

static void write_name(const X509_NAME *name, char dst[TLS_NAME_MAX + 1])
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	long len;

	dst[0] = '\0';
	if (bio && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0) {
		len = BIO_get_mem_data(bio, &text);
		text_escape(dst, TLS_NAME_MAX + 1, text ? text : "", len > 0 ? (size_t)len : 0);
	}
	BIO_free(bio);
}

static int64_t time_of(const ASN1_TIME *t)
{
	struct tm tm;

	return ASN1_TIME_to_tm(t, &tm) ? timegm(&tm) : 0;
}

static void write_fingerprint(const X509 *cert, char dst[TLS_FINGERPRINT_MAX + 1])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (!X509_digest(cert, EVP_sha256(), digest, &len))
		len = 0;
	for (unsigned i = 0; i < len && i < TLS_FINGERPRINT_MAX / 2; i++) {
		*dst++ = digits[digest[i] >> 4];
		*dst++ = digits[digest[i] & 15];
	}
	*dst = '\0';
}

void tls_certificate_show(const X509 *cert, struct tls_facts *ret)
{
	ret->has_certificate = true;
	write_name(X509_get_subject_name(cert), ret->subject);
	write_name(X509_get_issuer_name(cert), ret->issuer);
	ret->not_after = time_of(X509_get0_notAfter(cert));
	write_fingerprint(cert, ret->fingerprint);
}
