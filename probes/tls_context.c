/* SPDX-License-Identifier: ISC */
/* OpenSSL's contexts: files to trust, our own certificate, and bounds for what servers may do. */
#include "probes/tls_context.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "common/util.h"
#include "probes/secret_file.h"

enum {
	KEY_FILE_MAX = 65536,
	CHAIN_OCTETS_MAX = 65536, /* of what a server shows as its chain; OpenSSL's own: 100 KB */
	CHAIN_LENGTH_MAX = 10,
};

/* A client pays for what the server chooses. A finite field of 8,192 bits costs a tenth of a second
 * in which no other target is served, so only elliptic curves and RSA are offered. */
static const char groups[] = "X25519:P-256:P-384:P-521";
static const char ciphers[] = "DEFAULT:!kDHE:!PSK:!SRP";
/* OpenSSL 3 has TLS below 1.2 at this level of security alone, as its MACs are of SHA-1 and MD5. */
static const char old_ciphers[] = "DEFAULT:!kDHE:!PSK:!SRP:@SECLEVEL=0";

static const int numbers[TLS_VERSIONS] = {
	[TLS_1_0] = TLS1_VERSION,
	[TLS_1_1] = TLS1_1_VERSION,
	[TLS_1_2] = TLS1_2_VERSION,
	[TLS_1_3] = TLS1_3_VERSION,
};

/* OpenSSL gathers what decodes keys when it first needs it. What it had no memory for then is
 * missing for good, and the keys of good certificates are called weak. */
static bool can_read_keys(void)
{
	static const unsigned char key[] = { /* the base point of P-256 (SEC 2), compressed */
		0x30, 0x39, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
		0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x22, 0x00, 0x03, 0x6b,
		0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40,
		0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8,
		0x98, 0xc2, 0x96
	};
	const unsigned char *p = key;
	EVP_PKEY *read = d2i_PUBKEY(NULL, &p, sizeof(key));

	EVP_PKEY_free(read);
	return read != NULL;
}

/* OpenSSL goes on without what it had no memory for: an algorithm, an extension of a certificate.
 * So it allocates through these, and what it did meanwhile does not count. */
static _Thread_local unsigned failures;

unsigned tls_memory_failures(void)
{
	return failures;
}

static void *allocate(size_t size, const char *file, int line)
{
	void *p = size > 0 ? malloc(size) : NULL;

	failures += size > 0 && !p;
	return p;
}

static void release(void *p, const char *file, int line)
{
	free(p);
}

static void *reallocate(void *p, size_t size, const char *file, int line)
{
	void *q;

	if (size == 0) {
		free(p);
		return NULL;
	}
	q = realloc(p, size);
	failures += !q;
	return q;
}

int tls_begin(void)
{
	static atomic_bool ready;
	unsigned before = failures;

	if (atomic_load(&ready))
		return 0;
	/* It is refused once something has been allocated: by this, at an earlier try. */
	CRYPTO_set_mem_functions(allocate, reallocate, release);
	/* It calls itself ready also when there was no memory for what all else rests on. */
	if (OPENSSL_init_ssl(0, NULL) != 1 || !OSSL_LIB_CTX_get0_global_default() ||
		!can_read_keys() || failures != before)
		return -ENOMEM;
	atomic_store(&ready, true);
	return 0;
}

int tls_refuse(char why[TLS_WHY_SIZE], const char *format, ...)
{
	char message[2 * TLS_WHY_SIZE];
	va_list ap;

	va_start(ap, format);
	vsnprintf(message, sizeof(message), format, ap);
	va_end(ap);
	text_escape(why, TLS_WHY_SIZE, message, strlen(message));
	ERR_clear_error();
	return -EINVAL;
}

static atomic_uint n_contexts;

unsigned tls_contexts(void)
{
	return n_contexts;
}

/* Counts the contexts that are there: it lies in each of them. */
static void on_context_freed(
	void *parent, void *ptr, CRYPTO_EX_DATA *data, int index, long arg, void *argp)
{
	if (ptr)
		n_contexts--;
}

static int counter_index(void)
{
	static atomic_int index = -1;

	if (index < 0)
		index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, on_context_freed);
	return index;
}

const char *tls_system_ca(void)
{
	return X509_get_default_cert_file();
}

static int take_ca(SSL_CTX *c, const char *ca, char why[TLS_WHY_SIZE])
{
	if (!ca) { /* with all files read now: no probe is to wait for a disk */
		if (!SSL_CTX_load_verify_file(c, tls_system_ca()) &&
			!SSL_CTX_set_default_verify_paths(c))
			return tls_refuse(why,
				"the certificates of the system cannot be read; install "
				"ca-certificates, or write ca: FILE");
		ERR_clear_error();
		return 0;
	}
	if (SSL_CTX_load_verify_file(c, ca))
		return 0;
	return tls_refuse(why,
		"%.200s: no certificate in it that can be read; write the path of one "
		"or more in PEM",
		ca);
}

/* What the extensions of a certificate say is found out when it is first looked at, and kept: done
 * now, before there are probes that share it. */
static void know_extensions(SSL_CTX *c)
{
	const STACK_OF(X509_OBJECT) *all = X509_STORE_get0_objects(SSL_CTX_get_cert_store(c));

	for (int i = 0; i < sk_X509_OBJECT_num(all); i++) {
		X509 *cert = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(all, i));

		if (cert)
			X509_check_purpose(cert, -1, 0); /* a bad one is for OpenSSL to refuse */
	}
}

static int take_crl(SSL_CTX *c, const char *crl, char why[TLS_WHY_SIZE])
{
	X509_STORE *store = SSL_CTX_get_cert_store(c);
	X509_LOOKUP *lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());

	if (!crl)
		return 0;
	if (!lookup)
		return -ENOMEM;
	if (X509_load_crl_file(lookup, crl, X509_FILETYPE_PEM) < 1)
		return tls_refuse(why,
			"%.200s: no revocation list in it that can be read; write the "
			"path of one or more in PEM",
			crl);
	X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
	return 0;
}

/* Nobody is there to be asked. */
static int on_passphrase(char *buffer, int size, int writing, void *userdata)
{
	return -1;
}

static int take_key(SSL_CTX *c, const char *path, char why[TLS_WHY_SIZE])
{
	char fault[SECRET_FILE_WHY_SIZE], *text = NULL;
	EVP_PKEY *key = NULL;
	size_t len = 0;
	BIO *bio;
	bool fits;

	if (secret_file_load(path, NULL, NULL, KEY_FILE_MAX, &text, &len, fault) < 0)
		return tls_refuse(
			why, "%s; write the path of a file that only this user can read", fault);
	bio = BIO_new_mem_buf(text, (int)len);
	if (bio)
		key = PEM_read_bio_PrivateKey(bio, NULL, on_passphrase, NULL);
	BIO_free(bio);
	secret_file_free(text, len);
	if (!key)
		return tls_refuse(why,
			"%.200s: no private key in it, or one under a passphrase; write "
			"the path of one in PEM without a passphrase",
			path);
	fits = SSL_CTX_use_PrivateKey(c, key) && SSL_CTX_check_private_key(c);
	EVP_PKEY_free(key);
	return fits ? 0
		    : tls_refuse(why,
			      "%.200s: the private key is not that of the certificate; "
			      "write the paths of a pair",
			      path);
}

/* Our own certificate, which some servers want. */
static int take_certificate(
	SSL_CTX *c, const struct tls_settings *s, enum tls_part *ret_part, char why[TLS_WHY_SIZE])
{
	if (!s->certificate)
		return 0;
	*ret_part = TLS_PART_CERTIFICATE;
	if (!SSL_CTX_use_certificate_chain_file(c, s->certificate))
		return tls_refuse(why,
			"%.200s: no certificate in it that can be read; write the path "
			"of one in PEM, with its chain behind it",
			s->certificate);
	*ret_part = s->key ? TLS_PART_KEY : TLS_PART_CERTIFICATE;
	return take_key(c, s->key ? s->key : s->certificate, why);
}

static bool set_bounds(SSL_CTX *c, enum tls_version min_version)
{
	/* Without AUTO_RETRY a server that sends records without end, none of them data, does not
	 * keep us in one call. A connection cut off without a goodbye is one that was closed. */
	SSL_CTX_clear_mode(c, SSL_MODE_AUTO_RETRY);
	SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_options(
		c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_max_cert_list(c, CHAIN_OCTETS_MAX);
	SSL_CTX_set_verify_depth(c, CHAIN_LENGTH_MAX);
	SSL_CTX_set_default_passwd_cb(c, on_passphrase);
	return SSL_CTX_set_min_proto_version(c, numbers[min_version]) &&
		SSL_CTX_set_cipher_list(c, min_version < TLS_1_2 ? old_ciphers : ciphers) &&
		SSL_CTX_set1_groups_list(c, groups);
}

static int fill_context(
	SSL_CTX *c, const struct tls_settings *s, enum tls_part *ret_part, char why[TLS_WHY_SIZE])
{
	int r = 0;

	if (!set_bounds(c, s->min_version))
		return -ENOMEM;
	SSL_CTX_set_verify(c, s->verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
	*ret_part = TLS_PART_CA;
	if (s->verify)
		r = take_ca(c, s->ca, why);
	know_extensions(c);
	if (r == 0 && s->verify) {
		*ret_part = TLS_PART_CRL;
		r = take_crl(c, s->crl, why);
	}
	return r == 0 ? take_certificate(c, s, ret_part, why) : r;
}

/* OpenSSL fills its tables of algorithms once, and does not say that there was no memory for it:
 * certificates that are good would then be bad for ever. */
static bool has_digests(void)
{
	static const int digests[] = { NID_sha1, NID_sha256, NID_sha384, NID_sha512 };

	for (size_t i = 0; i < ARRAY_SIZE(digests); i++)
		if (!EVP_get_digestbynid(digests[i]))
			return false;
	return true;
}

int tls_context_new(const struct tls_settings *s, SSL_CTX **ret, enum tls_part *ret_part,
	char why[TLS_WHY_SIZE])
{
	unsigned before = failures;
	SSL_CTX *c = SSL_CTX_new(TLS_client_method());
	int r;

	if (!c || !has_digests() || !SSL_CTX_set_ex_data(c, counter_index(), c)) {
		SSL_CTX_free(c);
		return -ENOMEM;
	}
	n_contexts++;
	r = fill_context(c, s, ret_part, why);
	if (failures != before)
		r = -ENOMEM; /* nor is it the fault of a file */
	ERR_clear_error();
	if (r < 0)
		SSL_CTX_free(c);
	else
		*ret = c;
	return r;
}
