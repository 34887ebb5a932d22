/* SPDX-License-Identifier: ISC */
/* Octets to and from a server, in clear or through TLS, without ever waiting. */
#ifndef FTPHEALTH_CHANNEL_H
#define FTPHEALTH_CHANNEL_H

#include <errno.h>
#include <sys/socket.h>

#include "probes/tls_session.h"

/* Sends all LEN octets. Returns LEN or -errno; -EAGAIN, of TLS only: call again with the same when
 * one of tls_session_events() has come. SESSION is NULL when FD is spoken with in clear. */
static inline ssize_t channel_send(
	struct tls_session *session, int fd, const char *bytes, size_t len)
{
	ssize_t n;

	if (session)
		return tls_session_send(session, bytes, len);
	n = send(fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n == (ssize_t)len)
		return n;
	return n >= 0 || errno == EAGAIN ? -EIO : -errno;
}

/* Receives what is there: octets, 0 at the end, or -errno; -EAGAIN when there is nothing. */
static inline ssize_t channel_receive(
	struct tls_session *session, int fd, char *buffer, size_t size)
{
	ssize_t n;

	if (session)
		return tls_session_receive(session, buffer, size);
	n = recv(fd, buffer, size, MSG_DONTWAIT);
	if (n >= 0)
		return n;
	return errno == EINTR ? -EAGAIN : -errno;
}

#endif
