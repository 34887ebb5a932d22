/* SPDX-License-Identifier: ISC */
/* The connection of the login probe: what libcurl is told, and what its failure means. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "common/util.h"
#include "probes/login_private.h"

enum { URL_MAX = 320 }; /* telnet://[host]:port/ */

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

/* What libcurl's result means when there is no connection. A resolver thread that could not be
 * started comes as a name that could not be resolved (lib/asyn-thread.c): only the text tells. */
enum outcome login_outcome(const struct login *l, CURLcode result, int os_error)
{
	switch (result) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return strstr(l->curl_error, "thread failed") ? OUTCOME_INTERNAL_ERROR
							      : OUTCOME_RESOLVE_FAILED;
	case CURLE_OPERATION_TIMEDOUT:
		return OUTCOME_TIMEOUT;
	case CURLE_COULDNT_CONNECT:
		return l->socket_errno != 0 ? OUTCOME_INTERNAL_ERROR : outcome_of_connect(os_error);
	default:
		return OUTCOME_INTERNAL_ERROR;
	}
}

void login_prepare(CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "telnet");
	curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 0L);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close_socket);
}

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

void login_configure(struct login *l, const struct login_target *target)
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
