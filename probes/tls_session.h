/* SPDX-License-Identifier: ISC */
/*
 * TLS on one connection, without ever waiting: each call does what can be done now, and says what
 * it waits for. The server is not trusted: what it may send, and make us compute, is bounded.
 */
#ifndef FTPHEALTH_TLS_SESSION_H
#define FTPHEALTH_TLS_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "probes/tls.h"
#include "probes/tls_facts.h"

struct tls_session;

/* Begins on FD, a non-blocking socket, which stays the caller's and must outlive the session. HOST
 * is what the certificate is compared with unless the settings name another. Returns 0 or -ENOMEM.
 */
int tls_session_new(struct tls *tls, int fd, const char *host, struct tls_session **ret);

/* Before the handshake of a connection for data: it resumes the session of CONTROL, with the same
 * HOST and settings, as servers may demand (RFC 4217 section 10.2), and lets the server send
 * OCTETS.
 */
void tls_session_resume(struct tls_session *s, const struct tls_session *control, uint64_t octets);

/* Says goodbye as far as that can be done at once, and frees it. Takes NULL; returns NULL. */
struct tls_session *tls_session_free(struct tls_session *s);

/* Each returns what it names, or one of
 *   0          the server closed the connection
 *   -EAGAIN    call again when one of tls_session_events() has come
 *   -EPROTO    TLS failed: tls_session_why()
 *   -EBADMSG   the handshake only: the server speaks in clear; its octets are still in the socket
 *   -EKEYEXPIRED  the revocation list of ours is too old to verify anything with
 *   -errno     another, such as -ECONNRESET or -ENOMEM
 */
int tls_session_handshake(struct tls_session *s);                               /* 1: it is done */
ssize_t tls_session_receive(struct tls_session *s, void *buffer, size_t size);  /* octets */
ssize_t tls_session_send(struct tls_session *s, const void *bytes, size_t len); /* all of them */

/* What the latest -EAGAIN waits for: EPOLLIN or EPOLLOUT. */
uint32_t tls_session_events(const struct tls_session *s);

/* True when more octets are at hand, of which epoll knows nothing. */
bool tls_session_has_more(const struct tls_session *s);

/* What was wrong, in words; printable ASCII. */
const char *tls_session_why(const struct tls_session *s);

/* What is known by now: after the handshake, or after it failed. */
void tls_session_facts(const struct tls_session *s, struct tls_facts *ret);

#endif
