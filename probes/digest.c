/* SPDX-License-Identifier: ISC */
/* SHA-256 of octets that come in pieces: OpenSSL's. */
#include "probes/digest.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdint.h>

/* OpenSSL's context is our type. */
static EVP_MD_CTX *context_of(struct digest *d)
{
	return (EVP_MD_CTX *)(void *)d;
}

static int result(int ok)
{
	if (ok)
		return 0;
	ERR_clear_error();
	return -ENOMEM;
}

struct digest *digest_new(void)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();

	if (c && result(EVP_DigestInit_ex(c, EVP_sha256(), NULL)) == 0)
		return (struct digest *)(void *)c;
	EVP_MD_CTX_free(c);
	return NULL;
}

struct digest *digest_free(struct digest *d)
{
	EVP_MD_CTX_free(context_of(d));
	return NULL;
}

int digest_add(struct digest *d, const void *octets, size_t len)
{
	return result(EVP_DigestUpdate(context_of(d), octets, len));
}

int digest_end(struct digest *d, char ret[DIGEST_TEXT_LEN + 1])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char octets[DIGEST_TEXT_LEN / 2];
	unsigned len = 0;
	int r = result(EVP_DigestFinal_ex(context_of(d), octets, &len));

	for (unsigned i = 0; r == 0 && i < len; i++) {
		*ret++ = digits[octets[i] >> 4];
		*ret++ = digits[octets[i] & 15];
	}
	if (r == 0)
		*ret = '\0';
	return r;
}
