/* SPDX-License-Identifier: ISC */
/* The login probe: libcurl makes the connection, our own state machine speaks. */
#include "probes/login.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/text.h"
#include "common/util.h"
#include "probes/dialogue.h"
#include "probes/transfer.h"

enum {
	READ_SIZE = 4096,
	FAREWELL_BYTES_MAX = 4096, /* octets of a goodbye that are listened to */
	URL_MAX = 320,             /* telnet://[host]:port/ */
};

/* How long the answer to QUIT is waited for: servers then log a clean end of the session. */
#define FAREWELL_USEC (2 * USEC_PER_SEC)

struct login {
	struct transfer_item item; /* first: the engine's view of it */
	login_done done;
	void *userdata;
	uint64_t start_usec, connect_usec; /* connect: when the first address was tried, or 0 */
	uint64_t quit_by_usec;
	int socket_errno; /* why we could not make a socket; 0 when we could */
	int first_fd;     /* the first socket */
	unsigned sockets; /* that were made: one for each address tried */
	bool verdict;     /* told; saying goodbye */
	size_t farewell_bytes, strings_len;
	struct observation observation;
	struct dialogue dialogue;
	char curl_error[CURL_ERROR_SIZE];
	char strings[]; /* user, NUL, password, NUL */
};

static struct login *login_of(struct transfer_item *item)
{
	return (struct login *)(void *)item;
}

/* ------------------------------------------------------------------ verdict and farewell */

static void finish(struct login *l)
{
	struct observation *o = &l->observation;
	login_done done = l->done;

	assert(!l->verdict);
	l->verdict = true;
	if (o->total_usec == 0)
		o->total_usec = now_usec(CLOCK_MONOTONIC) - l->start_usec;
	done(l->userdata, o);
}

static void say_goodbye(struct login *l)
{
	static const char quit[] = "QUIT\r\n";
	uint64_t until = now_usec(CLOCK_MONOTONIC) + FAREWELL_USEC;

	if (l->quit_by_usec > 0 && l->quit_by_usec < until)
		until = l->quit_by_usec;
	if (!l->dialogue.polite || send(l->item.fd, quit, sizeof(quit) - 1, MSG_NOSIGNAL) < 0 ||
		transfer_set_deadline(&l->item, until) < 0)
		transfer_release(&l->item);
}

static void end_dialogue(struct login *l, enum dialogue_end reason, int os_error)
{
	dialogue_finish(&l->dialogue, reason, os_error, now_usec(CLOCK_MONOTONIC));
	finish(l);
	transfer_release(&l->item);
}

/* The end of a goodbye: its last line (RFC 959: 221), or more than anybody has to say. */
static void on_farewell(struct login *l)
{
	char buffer[READ_SIZE];
	ssize_t n = recv(l->item.fd, buffer, sizeof(buffer) - 1, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		l->farewell_bytes += (size_t)n;
		buffer[n] = '\0';
		if (l->farewell_bytes <= FAREWELL_BYTES_MAX && strncmp(buffer, "221 ", 4) != 0 &&
			!strstr(buffer, "\n221 "))
			return;
	}
	transfer_release(&l->item);
}

/* ------------------------------------------------------------------ the dialogue */

/* Sends a command. It is some hundred octets on a connection that has sent one command at most, so
 * it always fits into the socket's buffer: anything else is a broken connection. */
static bool send_command(struct login *l)
{
	const char *out = l->dialogue.out;
	size_t len = l->dialogue.out_len;
	ssize_t n = send(l->item.fd, out, len, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n == (ssize_t)len)
		return true;
	end_dialogue(l, DIALOGUE_RESET, n < 0 ? errno : EIO);
	return false;
}

static void on_ready(struct transfer_item *item, uint32_t events)
{
	struct login *l = login_of(item);
	char buffer[READ_SIZE];
	size_t done = 0, used;
	ssize_t n;

	if (l->verdict) {
		on_farewell(l);
		return;
	}
	n = recv(item->fd, buffer, sizeof(buffer), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		end_dialogue(l, n == 0 ? DIALOGUE_EOF : DIALOGUE_RESET, n == 0 ? 0 : errno);
		return;
	}
	while (done < (size_t)n) {
		switch (dialogue_input(&l->dialogue, buffer + done, (size_t)n - done,
			now_usec(CLOCK_MONOTONIC), &used)) {
		case DIALOGUE_WAIT:
			break;
		case DIALOGUE_SEND:
			if (!send_command(l))
				return;
			break;
		case DIALOGUE_DONE:
			finish(l);
			say_goodbye(l);
			return;
		}
		done += used;
	}
}

/* ------------------------------------------------------------------ the connection */

static void note_address(struct login *l, const struct sockaddr *address)
{
	const void *octets = NULL;

	l->observation.family = address->sa_family;
	if (address->sa_family == AF_INET)
		octets = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
	else if (address->sa_family == AF_INET6)
		octets = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
	if (octets)
		inet_ntop(address->sa_family, octets, l->observation.address,
			sizeof(l->observation.address));
}

/* Called for each address that is tried: the first call is the end of name resolution. */
static curl_socket_t on_open_socket(
	void *userdata, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct login *l = userdata;
	int fd;

	if (l->connect_usec == 0)
		l->connect_usec = now_usec(CLOCK_MONOTONIC);
	note_address(l, &address->addr);
	fd = socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
		address->protocol);
	if (fd < 0 && errno != EAFNOSUPPORT)
		l->socket_errno = errno;
	if (l->sockets++ == 0)
		l->first_fd = fd;
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* libcurl drops its connection when the transfer ends; the socket of our dialogue stays ours. */
static int on_close_socket(void *userdata, curl_socket_t fd)
{
	struct login *l = userdata;

	return fd == l->item.fd ? 0 : close(fd);
}

/* What a failed connection means. errno values of our own side (no descriptors, no local port) are
 * ours: they are never told of the server. */
static const struct {
	int os_error;
	enum outcome outcome;
} connect_errors[] = {
	{ ECONNREFUSED, OUTCOME_CONNECTION_REFUSED },
	{ EHOSTUNREACH, OUTCOME_NO_ROUTE },
	{ ENETUNREACH, OUTCOME_NO_ROUTE },
	{ EHOSTDOWN, OUTCOME_NO_ROUTE },
	{ ENETDOWN, OUTCOME_NO_ROUTE },
	{ ETIMEDOUT, OUTCOME_TIMEOUT },
	{ ECONNRESET, OUTCOME_CONNECTION_CLOSED },
	{ EMFILE, OUTCOME_INTERNAL_ERROR },
	{ ENFILE, OUTCOME_INTERNAL_ERROR },
	{ ENOBUFS, OUTCOME_INTERNAL_ERROR },
	{ ENOMEM, OUTCOME_INTERNAL_ERROR },
	{ EADDRNOTAVAIL, OUTCOME_INTERNAL_ERROR },
	{ EADDRINUSE, OUTCOME_INTERNAL_ERROR },
	{ EAFNOSUPPORT, OUTCOME_INTERNAL_ERROR },
	{ EACCES, OUTCOME_INTERNAL_ERROR },
	{ EPERM, OUTCOME_INTERNAL_ERROR },
};

static enum outcome connect_outcome(int os_error)
{
	for (size_t i = 0; i < ARRAY_SIZE(connect_errors); i++)
		if (connect_errors[i].os_error == os_error)
			return connect_errors[i].outcome;
	return OUTCOME_CONNECT_FAILED;
}

/* What libcurl's result means when there is no connection. A resolver thread that could not be
 * started comes as a name that could not be resolved (lib/asyn-thread.c): only the text tells. */
static enum outcome transfer_outcome(const struct login *l, CURLcode result, int os_error)
{
	switch (result) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return strstr(l->curl_error, "thread failed") ? OUTCOME_INTERNAL_ERROR
							      : OUTCOME_RESOLVE_FAILED;
	case CURLE_OPERATION_TIMEDOUT:
		return OUTCOME_TIMEOUT;
	case CURLE_COULDNT_CONNECT:
		return l->socket_errno != 0 ? OUTCOME_INTERNAL_ERROR : connect_outcome(os_error);
	default:
		return OUTCOME_INTERNAL_ERROR;
	}
}

/* A probe that ends before it has a connection. */
static void fail(struct login *l, enum outcome outcome, int os_error)
{
	struct observation *o = &l->observation;
	uint64_t now = now_usec(CLOCK_MONOTONIC);

	o->outcome = outcome;
	o->stage = l->connect_usec > 0 ? STAGE_CONNECT : STAGE_RESOLVE;
	o->os_error = os_error;
	o->stage_usec[STAGE_RESOLVE] =
		(l->connect_usec > 0 ? l->connect_usec : now) - l->start_usec;
	if (l->connect_usec > 0)
		o->stage_usec[STAGE_CONNECT] = now - l->connect_usec;
	text_escape(o->detail, sizeof(o->detail), l->curl_error, strlen(l->curl_error));
	finish(l);
	transfer_release(&l->item);
}

static void on_transfer(struct transfer_item *item, CURLcode result)
{
	struct login *l = login_of(item);
	struct observation *o = &l->observation;
	uint64_t now = now_usec(CLOCK_MONOTONIC);
	curl_socket_t fd = CURL_SOCKET_BAD;
	char *address = NULL;
	long os_error = 0;
	int r;

	if (result != CURLE_OK) {
		curl_easy_getinfo(item->easy, CURLINFO_OS_ERRNO, &os_error);
		if (l->socket_errno != 0)
			os_error = l->socket_errno;
		fail(l, transfer_outcome(l, result, (int)os_error), (int)os_error);
		return;
	}
	if (l->sockets == 1) {
		fd = l->first_fd; /* libcurl would walk all its connections to find it */
	} else {
		curl_easy_getinfo(item->easy, CURLINFO_ACTIVESOCKET, &fd);
		curl_easy_getinfo(item->easy, CURLINFO_PRIMARY_IP, &address);
	}
	if (address && *address) {
		snprintf(o->address, sizeof(o->address), "%s", address);
		o->family = strchr(address, ':') ? AF_INET6 : AF_INET;
	}
	o->stage_usec[STAGE_RESOLVE] = l->connect_usec - l->start_usec;
	o->stage_usec[STAGE_CONNECT] = now - l->connect_usec;
	item->fd = fd;
	transfer_end(item);
	dialogue_init(&l->dialogue, o, l->strings, l->strings + strlen(l->strings) + 1,
		l->start_usec, now);
	r = fd == CURL_SOCKET_BAD ? -EBADF : transfer_watch(item, EPOLLIN);
	if (r < 0)
		fail(l, OUTCOME_INTERNAL_ERROR, -r);
}

static void prepare(CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "telnet");
	curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 0L);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close_socket);
}

static void on_deadline(struct transfer_item *item)
{
	struct login *l = login_of(item);

	if (l->verdict) {
		transfer_release(item);
	} else if (item->fd >= 0) {
		end_dialogue(l, DIALOGUE_TIMEOUT, 0);
	} else {
		fail(l, OUTCOME_TIMEOUT, 0);
	}
}

static void on_free(struct transfer_item *item)
{
	struct login *l = login_of(item);

	closep(&item->fd);
	observation_done(&l->observation);
	explicit_bzero(&l->dialogue, sizeof(l->dialogue));
	explicit_bzero(l->strings, l->strings_len);
	free(l);
}

static const struct transfer_ops login_ops = {
	.prepare = prepare,
	.on_transfer = on_transfer,
	.on_ready = on_ready,
	.on_deadline = on_deadline,
	.free = on_free,
};

/* ------------------------------------------------------------------ start and end */

/* The scheme says only "TCP, and no words of libcurl's own" (CONNECT_ONLY). A zone identifier is
 * written %25 in a URL (RFC 6874). */
static void format_url(const struct login_target *target, char url[URL_MAX])
{
	const char *zone = strchr(target->host, '%');
	int len = zone ? (int)(zone - target->host) : (int)strlen(target->host);

	if (strchr(target->host, ':'))
		snprintf(url, URL_MAX, "telnet://[%.*s%s%s]:%u/", len, target->host,
			zone ? "%25" : "", zone ? zone + 1 : "", target->port);
	else
		snprintf(url, URL_MAX, "telnet://%s:%u/", target->host, target->port);
}

static void configure(struct login *l, const struct login_target *target)
{
	CURL *easy = l->item.easy;
	char url[URL_MAX];

	format_url(target, url);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(
		easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(target->timeout_usec / USEC_PER_MSEC));
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, l->curl_error);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, l);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, l);
	curl_easy_setopt(easy, CURLOPT_IPRESOLVE,
		target->family == AF_INET            ? CURL_IPRESOLVE_V4
			: target->family == AF_INET6 ? CURL_IPRESOLVE_V6
						     : CURL_IPRESOLVE_WHATEVER);
}

int login_start(struct transfer *transfer, const struct login_target *target, login_done done,
	void *userdata, struct login **ret)
{
	size_t user = strlen(target->user) + 1, password = strlen(target->password) + 1;
	struct login *l = calloc(1, sizeof(*l) + user + password);
	int r;

	if (!l)
		return -ENOMEM;
	r = transfer_begin(transfer, &l->item, &login_ops);
	if (r < 0) {
		free(l);
		return r;
	}
	l->strings_len = user + password;
	l->done = done;
	l->userdata = userdata;
	l->quit_by_usec = target->quit_by_usec;
	memcpy(l->strings, target->user, user);
	memcpy(l->strings + user, target->password, password);
	l->start_usec = now_usec(CLOCK_MONOTONIC);
	configure(l, target);
	r = transfer_set_deadline(&l->item, l->start_usec + target->timeout_usec);
	if (r >= 0)
		r = transfer_start(&l->item);
	if (r < 0) {
		transfer_release(&l->item);
		return r;
	}
	*ret = l;
	return 0;
}

struct login *login_end(struct login *l)
{
	if (l)
		transfer_release(&l->item);
	return NULL;
}
