/* SPDX-License-Identifier: ISC */
/* The connection of the login probe: what libcurl is told, and what its failure means. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "common/util.h"
#include "probes/host.h"
#include "probes/login_private.h"

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
	if (!route_settings_of(l->route)->proxy) /* else it is the proxy's, of no interest */
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

/* What it means that there is no connection through a proxy. Only when the proxy works, and says
 * that the server refuses, is that the server's: all else may be the proxy's own trouble, or that
 * of its network, so it is a failure of ours. */
static enum outcome outcome_of_proxy(const struct login *l, CURLcode result)
{
	long why = CURLPX_OK;

	if (result == CURLE_PROXY)
		curl_easy_getinfo(l->item.easy, CURLINFO_PROXY_ERROR, &why);
	if (why == CURLPX_REPLY_CONNECTION_REFUSED) /* RFC 1928 section 6 */
		return OUTCOME_CONNECTION_REFUSED;
	return why == CURLPX_RESOLVE_HOST ? OUTCOME_RESOLVE_FAILED : OUTCOME_INTERNAL_ERROR;
}

/* True when it is the source that fails: an interface that is down has no network. */
static bool is_of_source(const struct login *l, int os_error)
{
	const char *source = route_settings_of(l->route)->source;
	bool interface = source && route_family(source) == AF_UNSPEC;

	return interface && (os_error == ENETUNREACH || os_error == ENETDOWN);
}

static enum outcome outcome_of_socket(const struct login *l, int os_error)
{
	return is_of_source(l, os_error) ? OUTCOME_INTERNAL_ERROR : outcome_of_connect(os_error);
}

int login_our_error(const struct login *l)
{
	return l->item.trouble < 0 ? -l->item.trouble : l->socket_errno;
}

/* A resolver thread that could not be started comes as a name that could not be resolved
 * (lib/asyn-thread.c): only the text tells. An address comes as that when there is no memory for
 * it. */
enum outcome login_outcome(const struct login *l, CURLcode result, int os_error)
{
	if (login_our_error(l) != 0)
		return OUTCOME_INTERNAL_ERROR;
	if (route_settings_of(l->route)->proxy)
		return outcome_of_proxy(l, result);
	switch (result) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return strstr(l->curl_error, "thread failed") || host_is_address(l->host)
			? OUTCOME_INTERNAL_ERROR
			: OUTCOME_RESOLVE_FAILED;
	case CURLE_OPERATION_TIMEDOUT:
		return OUTCOME_TIMEOUT;
	case CURLE_COULDNT_CONNECT:
		return outcome_of_socket(l, os_error);
	default:
		return OUTCOME_INTERNAL_ERROR;
	}
}

enum outcome login_late(struct login *l)
{
	if (login_our_error(l) != 0)
		return OUTCOME_INTERNAL_ERROR;
	if (!route_settings_of(l->route)->proxy)
		return OUTCOME_TIMEOUT;
	snprintf(l->curl_error, sizeof(l->curl_error), "no connection through the proxy in time");
	return OUTCOME_INTERNAL_ERROR;
}

void login_prepare(CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "telnet");
	curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 0L);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close_socket);
}

void login_prepare_routed(CURL *easy)
{
	login_prepare(easy);
	curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(easy, CURLOPT_SOCKS5_AUTH, (long)CURLAUTH_BASIC);
	curl_easy_setopt(easy, CURLOPT_PROXYAUTH, (long)CURLAUTH_BASIC);
	curl_easy_setopt(easy, CURLOPT_NOPROXY, ""); /* else the environment decides */
}

static void configure_route(struct login *l)
{
	const struct route_settings *s = route_settings_of(l->route);
	CURL *easy = l->item.easy;

	curl_easy_setopt(easy, CURLOPT_INTERFACE, route_interface(l->route));
	curl_easy_setopt(easy, CURLOPT_PROXY, s->proxy ? s->proxy : "");
	curl_easy_setopt(easy, CURLOPT_PROXYUSERNAME, s->proxy_user);
	curl_easy_setopt(easy, CURLOPT_PROXYPASSWORD, s->proxy_password);
}

void login_configure(struct login *l, const struct login_target *target)
{
	CURL *easy = l->item.easy;
	int family = target->family;
	char url[HOST_URL_MAX];

	if (family == AF_UNSPEC) /* one that the source has */
		family = route_settings_of(target->route)->family;
	host_url(target->host, target->port, url);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(
		easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(target->timeout_usec / USEC_PER_MSEC));
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, l->curl_error);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, l);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, l);
	curl_easy_setopt(easy, CURLOPT_IPRESOLVE,
		family == AF_INET            ? CURL_IPRESOLVE_V4
			: family == AF_INET6 ? CURL_IPRESOLVE_V6
					     : CURL_IPRESOLVE_WHATEVER);
	if (l->route)
		configure_route(l);
}
