/* SPDX-License-Identifier: ISC */
/* Any octets as the certificate of a server: what is shown of it is printable and bounded, and how
 * long it is good for can be told whatever its end is. */
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "probes/tls_certificate.h"
#include "tests/fuzz/holds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int64_t times[] = { 0, 1700000000, INT32_MAX, 253402300799 };
	struct tls_facts facts = { .verify = TLS_VERIFY_OK }, again = facts;
	const unsigned char *at = data;
	X509 *cert = d2i_X509(NULL, &at, (long)size);

	if (cert) {
		tls_certificate_show(cert, &facts);
		tls_certificate_show(cert, &again);
		HOLDS(facts.has_certificate && memcmp(&facts, &again, sizeof(facts)) == 0);
		HOLDS(is_printable(facts.subject) && is_printable(facts.issuer));
		HOLDS(strlen(facts.fingerprint) == TLS_FINGERPRINT_MAX);
		HOLDS(strspn(facts.fingerprint, "0123456789abcdef") == TLS_FINGERPRINT_MAX);
		for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
			HOLDS((tls_days_left(&facts, times[i]) < 0) ==
				(facts.not_after < times[i]));
	}
	X509_free(cert);
	ERR_clear_error();
	return 0;
}
