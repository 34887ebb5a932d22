/* SPDX-License-Identifier: ISC */
/*
 * No memory within OpenSSL: each allocation of a context that is made, and of a session with a good
 * server, fails in turn. It is told as ours, or does no harm; and when there is memory again, the
 * same context finds the same server good.
 */
#include "tests/unit/unit.h"
#include "tests/unit/fault_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include "probes/outcome.h"
#include "probes/tls_session.h"

enum {
	STEPS_MAX = 200,
	DAYS = 30,
	STRIDE = 7, /* of the thousands of allocations of a session; 1 tries all */
};

/* ------------------------------------------------------------------ a good server */

static char folder[] = "/tmp/tls.XXXXXX", ca_path[64], crl_path[64];
static SSL_CTX *server;

static X509 *issue(EVP_PKEY *key, const char *name, X509 *issuer, EVP_PKEY *issuer_key)
{
	X509 *x = X509_new();
	X509V3_CTX context;
	static const int nids[] = { NID_basic_constraints, NID_subject_key_identifier,
		NID_authority_key_identifier, NID_key_usage, NID_subject_alt_name };
	const char *values[] = { issuer ? "critical,CA:FALSE" : "critical,CA:TRUE", "hash",
		"keyid:always", issuer ? "digitalSignature,keyEncipherment" : "keyCertSign,cRLSign",
		"DNS:ftp.example.com" };

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), issuer ? 2 : 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -60);
	X509_gmtime_adj(X509_getm_notAfter(x), DAYS * 86400);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
		(const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer : x));
	X509_set_pubkey(x, key);
	X509V3_set_ctx(&context, issuer ? issuer : x, x, NULL, NULL, 0);
	for (size_t i = 0; i < ARRAY_SIZE(nids); i++) {
		X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &context, nids[i], values[i]);

		assert_non_null(e);
		assert_true(X509_add_ext(x, e, -1));
		X509_EXTENSION_free(e);
	}
	assert_true(X509_sign(x, issuer_key, EVP_sha256()) > 0);
	return x;
}

static void write_revocations(X509 *ca, EVP_PKEY *key)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *from = X509_gmtime_adj(NULL, -60), *to = X509_gmtime_adj(NULL, DAYS * 86400);
	FILE *f = fopen(crl_path, "w");

	assert_non_null(f);
	X509_CRL_set_version(crl, 1);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca));
	X509_CRL_set1_lastUpdate(crl, from);
	X509_CRL_set1_nextUpdate(crl, to);
	assert_true(X509_CRL_sign(crl, key, EVP_sha256()) > 0);
	assert_true(PEM_write_X509_CRL(f, crl));
	assert_int_equal(fclose(f), 0);
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	X509_CRL_free(crl);
}

static void make_server(void)
{
	EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
	X509 *ca = issue(ca_key, "ca", NULL, ca_key), *x = issue(key, "server", ca, ca_key);
	FILE *f;

	assert_non_null(mkdtemp(folder));
	snprintf(ca_path, sizeof(ca_path), "%s/ca", folder);
	snprintf(crl_path, sizeof(crl_path), "%s/crl", folder);
	f = fopen(ca_path, "w");
	assert_non_null(f);
	assert_true(PEM_write_X509(f, ca));
	assert_int_equal(fclose(f), 0);
	write_revocations(ca, ca_key);
	server = SSL_CTX_new(TLS_server_method());
	assert_true(SSL_CTX_use_certificate(server, x) && SSL_CTX_use_PrivateKey(server, key));
	X509_free(ca);
	X509_free(x);
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(key);
}

/* ------------------------------------------------------------------ a session with it */

static int make_tls(struct tls **ret)
{
	struct tls_settings s;
	struct tls_pool *pool = NULL;
	enum tls_part part;
	char why[TLS_WHY_SIZE] = "";
	int r;

	tls_settings_init(&s);
	s.mode = TLS_EXPLICIT;
	s.ca = ca_path;
	s.crl = crl_path;
	r = tls_new(&s, &pool, ret, &part, why);
	tls_pool_done(&pool);
	if (r < 0 && r != -ENOMEM)
		fail_msg("allocation %u: %d, %s", memory.failing, r, why);
	return r;
}

static bool is_ours(int error)
{
	return outcome_of_connect(error) == OUTCOME_INTERNAL_ERROR;
}

/* One exchange: a handshake, "a" to the server, "b" back, behind the tickets of TLS 1.3. Only what
 * is done on our side counts. Returns 1, or what our call returned. */
static ssize_t talk(struct tls_session *s, SSL *peer)
{
	bool shaken = false, sent = false, answered = false;
	ssize_t r = -EAGAIN;
	char octet;

	for (int i = 0; i < STEPS_MAX && r == -EAGAIN; i++) {
		memory.on = memory.failing > 0;
		if (!shaken)
			r = tls_session_handshake(s);
		else if (!sent)
			r = tls_session_send(s, "a", 1);
		else
			r = tls_session_receive(s, &octet, 1);
		memory.on = false;
		if (r == 1 && sent && octet == 'b')
			return 1;
		if (r == 1 && !shaken)
			shaken = true;
		else if (r == 1)
			sent = true;
		r = r == 1 ? -EAGAIN : r;
		if (SSL_do_handshake(peer) == 1 && !answered && SSL_read(peer, &octet, 1) == 1)
			answered = SSL_write(peer, "b", 1) == 1;
		ERR_clear_error();
	}
	return r;
}

/* Returns 1 or -errno of our own; all else fails the test. */
static int meet(struct tls *tls, int version)
{
	struct tls_session *s = NULL;
	struct tls_facts facts = { .verify = TLS_VERIFY_NOT_CHECKED };
	SSL *peer = SSL_new(server);
	int pair[2], r;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	SSL_set_max_proto_version(peer, version);
	SSL_set_fd(peer, pair[1]);
	SSL_set_accept_state(peer);
	memory.on = memory.failing > 0;
	r = tls_session_new(tls, pair[0], "ftp.example.com", &s);
	memory.on = false;
	if (r == 0)
		r = (int)talk(s, peer);
	if (r != 1 && !is_ours(-r))
		fail_msg("allocation %u: %d, %s", memory.failing, r, s ? tls_session_why(s) : "");
	memory.on = memory.failing > 0;
	if (s)
		tls_session_facts(s, &facts);
	memory.on = false;
	assert_true(facts.verify == TLS_VERIFY_OK || facts.verify == TLS_VERIFY_NOT_CHECKED);
	if (r == 1)
		assert_int_equal(facts.verify, TLS_VERIFY_OK);
	tls_session_free(s);
	SSL_free(peer);
	close(pair[0]);
	close(pair[1]);
	return r;
}

static void of_a_context(void **state)
{
	unsigned ours = 0;

	for (memory.failing = 1;; memory.failing++) {
		struct tls *tls = NULL;
		unsigned failing = memory.failing;

		memory.n = 0;
		memory.failed = false;
		memory.on = true;
		ours += make_tls(&tls) < 0;
		memory.on = false;
		memory.failing = 0;
		if (tls)
			assert_int_equal(meet(tls, TLS1_3_VERSION), 1);
		tls_unref(tls);
		assert_int_equal(tls_contexts(), 0);
		memory.failing = failing;
		if (!memory.failed)
			break;
	}
	assert_true(ours > 50);
}

/* Each is the first one of its context. */
static void of_sessions(int version)
{
	unsigned ours = 0, failing = 1;
	bool failed;

	do {
		struct tls *tls = NULL;

		memory.failing = 0;
		assert_int_equal(make_tls(&tls), 0);
		memory.failing = failing;
		memory.n = 0;
		memory.failed = false;
		ours += meet(tls, version) < 0;
		failed = memory.failed;
		memory.failing = 0;
		assert_int_equal(meet(tls, version), 1);
		tls_unref(tls);
		failing += STRIDE;
	} while (failed);
	assert_true(ours > 50);
}

static void of_sessions_of_1_2(void **state)
{
	of_sessions(TLS1_2_VERSION);
}

static void of_sessions_of_1_3(void **state)
{
	of_sessions(TLS1_3_VERSION);
}

int main(void)
{
	char command[64];
	int r;

	if (tls_begin() < 0)
		return 99;
	make_server();
	UNIT_TEST(of_a_context);
	UNIT_TEST(of_sessions_of_1_2);
	UNIT_TEST(of_sessions_of_1_3);
	r = unit_run("tls memory");
	SSL_CTX_free(server);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command) == 0 ? r : 1;
}
