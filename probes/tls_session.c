/* SPDX-License-Identifier: ISC */
/* A conversation in TLS, one step at a time, and what it shows of the server. */
#include "probes/tls_session.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/text.h"
#include "common/util.h"
#include "probes/tls_certificate.h"
#include "probes/tls_context.h"

enum {
	OCTETS_MAX = 1 << 20, /* that a server may send in all: of what a login needs a hundredth */
	OVERHEAD = 4,         /* octets sent for one of data: records may be small */
	HOST_MAX = 255,
	WHY_SIZE = 96,
};

struct tls_session {
	SSL *ssl;
	int fd;
	uint32_t events;
	uint64_t octets_max;
	enum tls_verify verify;
	unsigned failures; /* tls_memory_failures() before the call under way */
	bool heard, established, broken;
	char why[WHY_SIZE];
};

const char *tls_verify_label(unsigned verify)
{
	static const char *const labels[] = {
#define TLS_VERIFY_LABEL(number, symbol, label) [number] = #label,
		TLS_VERIFICATIONS(TLS_VERIFY_LABEL)
#undef TLS_VERIFY_LABEL
	};

	return verify < ARRAY_SIZE(labels) ? labels[verify] : NULL;
}

int32_t tls_days_left(const struct tls_facts *f, int64_t time)
{
	int64_t left = f->not_after - time, day = 86400;
	int64_t days = left >= 0 ? left / day : -((-left + day - 1) / day);

	return days > INT32_MAX ? INT32_MAX : days < INT32_MIN ? INT32_MIN : (int32_t)days;
}

/* ------------------------------------------------------------------ what went wrong */

/* What OpenSSL's verdict is to us. An error that is not named is the certificate's, too. */
static const struct {
	long error;
	enum tls_verify verify;
} verdicts[] = {
	{ X509_V_OK, TLS_VERIFY_OK },
	{ X509_V_ERR_HOSTNAME_MISMATCH, TLS_VERIFY_NAME_MISMATCH },
	{ X509_V_ERR_IP_ADDRESS_MISMATCH, TLS_VERIFY_NAME_MISMATCH },
	{ X509_V_ERR_CERT_HAS_EXPIRED, TLS_VERIFY_EXPIRED },
	{ X509_V_ERR_CERT_REVOKED, TLS_VERIFY_REVOKED },
	{ X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, TLS_VERIFY_UNTRUSTED },
	{ X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, TLS_VERIFY_UNTRUSTED },
	{ X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, TLS_VERIFY_UNTRUSTED },
	{ X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, TLS_VERIFY_UNTRUSTED },
	{ X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, TLS_VERIFY_UNTRUSTED },
	{ X509_V_ERR_CERT_UNTRUSTED, TLS_VERIFY_UNTRUSTED },
	{ X509_V_ERR_CERT_REJECTED, TLS_VERIFY_UNTRUSTED },
};

static enum tls_verify verdict_of(long error)
{
	for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++)
		if (verdicts[i].error == error)
			return verdicts[i].verify;
	return TLS_VERIFY_FAILED;
}

__attribute__((format(printf, 2, 3))) static void say(
	struct tls_session *s, const char *format, ...)
{
	char message[2 * WHY_SIZE];
	va_list ap;

	va_start(ap, format);
	vsnprintf(message, sizeof(message), format, ap);
	va_end(ap);
	text_escape(s->why, sizeof(s->why), message, strlen(message));
}

/* The certificate was found wanting. Our own list that is out of date is no fault of the server's,
 * nor is what we had no memory for. */
static int explain_verification(struct tls_session *s, long error)
{
	if (error == X509_V_ERR_OUT_OF_MEM)
		return -ENOMEM;
	say(s, "certificate: %s", X509_verify_cert_error_string(error));
	if (error == X509_V_ERR_CRL_HAS_EXPIRED || error == X509_V_ERR_CRL_NOT_YET_VALID)
		return -EKEYEXPIRED;
	s->verify = verdict_of(error);
	return -EPROTO;
}

static bool is_verification(unsigned long error)
{
	return ERR_GET_LIB(error) == ERR_LIB_SSL &&
		ERR_GET_REASON(error) == SSL_R_CERTIFICATE_VERIFY_FAILED;
}

/* The first error of OpenSSL's, in words: all of them are constants. What it says of a signature
 * that does not fit stands before its word on the certificate. */
static int explain(struct tls_session *s)
{
	unsigned long error = ERR_peek_error();
	int reason = ERR_GET_REASON(error);
	const char *words;

	if (reason == ERR_R_MALLOC_FAILURE || tls_memory_failures() != s->failures)
		return -ENOMEM;
	if (is_verification(error) || is_verification(ERR_peek_last_error()))
		return explain_verification(s, SSL_get_verify_result(s->ssl));
	if (ERR_GET_LIB(error) == ERR_LIB_SSL && reason > SSL_AD_REASON_OFFSET) {
		reason -= SSL_AD_REASON_OFFSET;
		say(s, "the server ends it: %s",
			reason == SSL_AD_CERTIFICATE_REQUIRED /* OpenSSL 3.0 has no words for it */
				? "it wants a certificate of ours"
				: SSL_alert_desc_string_long(reason));
		return -EPROTO;
	}
	words = ERR_reason_error_string(error);
	say(s, "%s", words ? words : "an error of the protocol");
	return -EPROTO;
}

/* What a call that gave R, and did not do what it should, comes to. */
static int result_of(struct tls_session *s, int r)
{
	int os_error = errno, error = SSL_get_error(s->ssl, r), result;

	switch (error) {
	case SSL_ERROR_WANT_READ:
		s->events = EPOLLIN;
		return -EAGAIN;
	case SSL_ERROR_WANT_WRITE:
		s->events = EPOLLOUT;
		return -EAGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	case SSL_ERROR_SYSCALL:
		s->broken = true;
		if (tls_memory_failures() != s->failures)
			return -ENOMEM;
		return os_error != 0 ? -os_error : 0;
	default:
		s->broken = true;
		result = explain(s);
		ERR_clear_error();
		return result;
	}
}

/* Before each call: errors of others, and of before, are not its own. */
static int prepare(struct tls_session *s)
{
	ERR_clear_error();
	errno = 0;
	s->failures = tls_memory_failures();
	if (s->broken)
		return -EPROTO;
	if (BIO_number_read(SSL_get_rbio(s->ssl)) <= s->octets_max)
		return 0;
	s->broken = true;
	say(s, "more than %llu octets", (unsigned long long)s->octets_max);
	return -EPROTO;
}

/* ------------------------------------------------------------------ the conversation */

/* A server that has not understood, or was not to speak TLS, answers in text: no record of TLS
 * begins with a printable character. So OpenSSL is not let at the socket before the first octet has
 * been seen. Returns 0, -EBADMSG for text, or -ENOMEM. */
static int listen_first(struct tls_session *s)
{
	unsigned char first;
	ssize_t n = recv(s->fd, &first, 1, MSG_PEEK | MSG_DONTWAIT);
	BIO *bio;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n == 1 && first >= 0x20 && first < 0x7f) {
		s->broken = true;
		return -EBADMSG;
	}
	bio = BIO_new_socket(s->fd, BIO_NOCLOSE);
	if (!bio)
		return -ENOMEM;
	SSL_set0_rbio(s->ssl, bio);
	s->heard = true;
	return 0;
}

int tls_session_handshake(struct tls_session *s)
{
	int r = prepare(s);

	if (r == 0 && !s->heard)
		r = listen_first(s);
	if (r < 0)
		return r;
	errno = 0;
	r = SSL_do_handshake(s->ssl);
	if (r != 1)
		return result_of(s, r);
	s->established = true;
	if (SSL_get_verify_mode(s->ssl) != SSL_VERIFY_NONE)
		s->verify = verdict_of(SSL_get_verify_result(s->ssl));
	return 1;
}

ssize_t tls_session_receive(struct tls_session *s, void *buffer, size_t size)
{
	int r = prepare(s);

	if (r < 0)
		return r;
	assert(size > 0 && size <= INT32_MAX);
	r = SSL_read(s->ssl, buffer, (int)size);
	return r > 0 ? r : result_of(s, r);
}

/* In TLS 1.3 a server finds our certificate wanting when the handshake is over for us: it says so
 * and closes, and what we send meets the closed door. */
static int last_words(struct tls_session *s)
{
	char octet;
	int r;

	ERR_clear_error();
	r = SSL_read(s->ssl, &octet, 1);
	if (r <= 0 && SSL_get_error(s->ssl, r) == SSL_ERROR_SSL)
		r = explain(s);
	else
		r = -EPIPE;
	ERR_clear_error();
	return r;
}

ssize_t tls_session_send(struct tls_session *s, const void *bytes, size_t len)
{
	int r = prepare(s);

	if (r < 0)
		return r;
	assert(len > 0 && len <= INT32_MAX);
	r = SSL_write(s->ssl, bytes, (int)len);
	if (r > 0)
		return r;
	r = result_of(s, r);
	return r == -ECONNRESET || r == -EPIPE || r == 0 ? last_words(s) : r;
}

uint32_t tls_session_events(const struct tls_session *s)
{
	return s->events;
}

bool tls_session_has_more(const struct tls_session *s)
{
	return SSL_pending(s->ssl) > 0;
}

const char *tls_session_why(const struct tls_session *s)
{
	return s->why;
}

/* ------------------------------------------------------------------ the certificate */

/* Of a chain that was found wanting OpenSSL keeps no "peer", but the chain. */
void tls_session_facts(const struct tls_session *s, struct tls_facts *ret)
{
	const STACK_OF(X509) *chain = SSL_get_peer_cert_chain(s->ssl);
	const X509 *cert = chain && sk_X509_num(chain) > 0 ? sk_X509_value(chain, 0) : NULL;
	const char *protocol = SSL_get_version(s->ssl), *cipher = SSL_get_cipher_name(s->ssl);

	*ret = (struct tls_facts){ .verify = s->verify };
	if (!cert)
		return;
	tls_certificate_show(cert, ret);
	text_escape(ret->protocol, sizeof(ret->protocol), protocol, strlen(protocol));
	if (cipher)
		text_escape(ret->cipher, sizeof(ret->cipher), cipher, strlen(cipher));
	ERR_clear_error();
}

/* ------------------------------------------------------------------ birth and death */

/* An address is compared with the addresses of the certificate, and never sent as a name (RFC 6066
 * section 3). Its zone is nobody's business but ours. */
static bool expect_name(SSL *ssl, const char *host)
{
	char name[HOST_MAX + 1];
	unsigned char address[sizeof(struct in6_addr)];
	size_t len = strcspn(host, "%");

	if (len > HOST_MAX)
		return false;
	memcpy(name, host, len);
	name[len] = '\0';
	if (inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name);
	if (len > 0 && name[len - 1] == '.') /* the dot of the root is in no certificate */
		name[len - 1] = '\0';
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(ssl, name) && SSL_set_tlsext_host_name(ssl, name);
}

/* It writes to the socket, and reads from it later. */
static bool set_ends(SSL *ssl, int fd)
{
	BIO *nothing = BIO_new(BIO_s_mem()), *out = BIO_new_socket(fd, BIO_NOCLOSE);

	if (!nothing || !out) {
		BIO_free(nothing);
		BIO_free(out);
		return false;
	}
	BIO_set_mem_eof_return(nothing, -1); /* nothing yet, in place of the end */
	SSL_set_bio(ssl, nothing, out);
	return true;
}

int tls_session_new(struct tls *tls, int fd, const char *host, struct tls_session **ret)
{
	const char *name = tls_settings_of(tls)->server_name;
	struct tls_session *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->fd = fd;
	s->events = EPOLLIN;
	s->octets_max = OCTETS_MAX;
	s->verify = TLS_VERIFY_NOT_CHECKED;
	s->ssl = SSL_new(tls_context(tls));
	if (!s->ssl || !set_ends(s->ssl, fd) || !expect_name(s->ssl, name ? name : host)) {
		SSL_free(s->ssl);
		free(s);
		ERR_clear_error();
		return -ENOMEM;
	}
	SSL_set_connect_state(s->ssl);
	*ret = s;
	return 0;
}

/* In TLS 1.3 the latest ticket is used: it came before the replies that have been read. */
void tls_session_resume(struct tls_session *s, const struct tls_session *control, uint64_t octets)
{
	SSL_SESSION *session = SSL_get1_session(control->ssl);

	s->octets_max = OCTETS_MAX + OVERHEAD * octets;
	if (session)
		SSL_set_session(s->ssl, session); /* without it the server decides */
	SSL_SESSION_free(session);
	ERR_clear_error();
}

struct tls_session *tls_session_free(struct tls_session *s)
{
	if (!s)
		return NULL;
	if (s->established && !s->broken)
		SSL_shutdown(s->ssl); /* one word, whether it goes out or not */
	SSL_free(s->ssl);
	ERR_clear_error();
	free(s);
	return NULL;
}
