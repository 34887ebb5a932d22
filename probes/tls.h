/* SPDX-License-Identifier: ISC */
/*
 * TLS with FTP servers (RFC 4217): what is configured, made ready once and shared by all targets of
 * the same settings. Files are read here, never during a probe. OpenSSL is seen in tls_context and
 * tls_session alone.
 */
#ifndef FTPHEALTH_TLS_H
#define FTPHEALTH_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tls_mode {
	TLS_NONE,
	TLS_EXPLICIT, /* the connection begins in clear, then AUTH TLS */
	TLS_IMPLICIT, /* TLS from the first octet on */
	TLS_MODES
};
enum tls_version { TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3, TLS_VERSIONS };

/* Words of the configuration; NULL for a number that is none. */
const char *tls_mode_label(unsigned mode);
const char *tls_version_label(unsigned version);

enum { TLS_IMPLICIT_PORT = 990, TLS_WHY_SIZE = 384 };

/* Paths are absolute; NULL where nothing is set. */
struct tls_settings {
	uint32_t mode;        /* enum tls_mode; default none */
	uint32_t min_version; /* enum tls_version; default 1.2 */
	bool verify;          /* default true: else whoever answers is believed */
	uint32_t warn_days; /* a certificate that ends so soon is told of; 0 = never; default 14 */
	char *ca;           /* certificates that are trusted; NULL = those of the system */
	char *crl;          /* revocation lists; NULL = it is not looked for */
	char *server_name;  /* that the certificate must have; NULL = the host */
	char *certificate;  /* our own, with its chain */
	char *key;          /* of it; NULL = in the same file */
};

/* Nothing is configured, and the defaults. */
void tls_settings_init(struct tls_settings *s);

/* True when a server is spoken with in the same way. */
bool tls_settings_equal(const struct tls_settings *a, const struct tls_settings *b);

/* Settings made ready; counted references, any thread. */
struct tls;

/* Makes OpenSSL ready, once, with memory that is watched: what it had none for is ours, whatever it
 * says. tls_new() and transfer_new() do so, too. Who does not, leaves that to the library that
 * needs it first, and net-snmp and libcurl overlook that there was no memory for it. Returns 0 or
 * -ENOMEM.
 */
int tls_begin(void);

/* All that were made together; NULL at first, ended by tls_pool_done(), which leaves what was made.
 */
struct tls_pool;
void tls_pool_done(struct tls_pool **pool);

/* Which of the settings is at fault. */
enum tls_part { TLS_PART_CA, TLS_PART_CRL, TLS_PART_CERTIFICATE, TLS_PART_KEY };

/* Makes *RET from S, whose mode is not none, or gives another reference to one of POOL with the
 * same settings. It reads the files. Returns 0; -EINVAL with *RET_PART and in WHY what is wrong
 * with a file and how to mend it, without an octet of it; or -ENOMEM. */
int tls_new(const struct tls_settings *s, struct tls_pool **pool, struct tls **ret,
	enum tls_part *ret_part, char why[TLS_WHY_SIZE]);
struct tls *tls_ref(struct tls *t);

/* Takes NULL; returns NULL. */
struct tls *tls_unref(struct tls *t);

/* The settings of T; those of NULL are `none`. */
const struct tls_settings *tls_settings_of(const struct tls *t);

/* True when both have the same settings, and their files are as they were; NULL equals NULL. */
bool tls_equal(const struct tls *a, const struct tls *b);

/* For tls_session: OpenSSL's SSL_CTX. */
struct ssl_ctx_st *tls_context(const struct tls *t);

/* How many contexts were made and are still there: one for each set of files, whatever the number
 * of targets. */
unsigned tls_contexts(void);

#endif
