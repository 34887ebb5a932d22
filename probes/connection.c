/* SPDX-License-Identifier: ISC */
/* A connection to a server: what libcurl is told, and what its failure means. */
#include "probes/connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/util.h"
#include "probes/host.h"

/* What has waited for us for so long shows that we are late: a turn of the loop is shorter. */
#define LATE_USEC (20 * USEC_PER_MSEC)

static void note_address(struct connection *c, const struct sockaddr *address)
{
	const void *octets = NULL;

	c->family = address->sa_family;
	if (address->sa_family == AF_INET)
		octets = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
	else if (address->sa_family == AF_INET6)
		octets = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
	if (octets)
		inet_ntop(address->sa_family, octets, c->address, sizeof(c->address));
}

/* ------------------------------------------------------------------ addresses without a way */

/* Binds FD as libcurl does, so that it goes the same way. */
static bool bind_to_source(int fd, const struct route_settings *s)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address = { .v6.sin6_family = (sa_family_t)s->family }; /* the largest: all is set */

	if (!s->source)
		return true;
	if (s->family == AF_UNSPEC)
		return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, s->source,
			       (socklen_t)strlen(s->source)) == 0;
	inet_pton(s->family, s->source,
		s->family == AF_INET ? (void *)&address.v4.sin_addr
				     : (void *)&address.v6.sin6_addr);
	return bind(fd, &address.any, sizeof(address)) == 0;
}

static bool is_no_way(int os_error)
{
	static const int errors[] = {
		ENETUNREACH,   /* no route */
		EHOSTUNREACH,  /* a route that says so */
		EADDRNOTAVAIL, /* no address of ours */
		EAFNOSUPPORT,  /* not in this kernel, or not for us */
		EINVAL,        /* a link-local address without an interface */
	};

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (errors[i] == os_error)
			return true;
	return false;
}

/* Whether this host has no way to ADDRESS, as to one of IPv6 when it has IPv4 alone. Nothing is
 * sent. */
static bool has_no_way(const struct connection *c, const struct curl_sockaddr *address)
{
	int fd = socket(address->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool none;

	if (fd < 0)
		return errno == EAFNOSUPPORT;
	none = bind_to_source(fd, route_settings_of(c->route)) &&
		connect(fd, &address->addr, address->addrlen) < 0 && is_no_way(errno);
	close(fd);
	return none;
}

/* Whether an address before has said what is not ours, or still may: libcurl keeps the errno of the
 * last one that fails. */
static bool may_have_word(const struct connection *c)
{
	long os_error = 0;

	if (c->sockets == 0 || c->first_fd < 0)
		return false;
	curl_easy_getinfo(c->item.easy, CURLINFO_OS_ERRNO, &os_error);
	return os_error == 0 || outcome_of_connect((int)os_error) != OUTCOME_INTERNAL_ERROR;
}

/* ------------------------------------------------------------------ sockets */

/* Called for each address that is tried: the first call is the end of name resolution. What this
 * host lacks does not hide what the server has said at another address. Behind a proxy all that is
 * ours anyway. */
static curl_socket_t on_open_socket(
	void *userdata, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct connection *c = userdata;
	bool direct = !route_settings_of(c->route)->proxy;
	int fd;

	if (c->connect_usec == 0)
		c->connect_usec = now_usec(CLOCK_MONOTONIC);
	if (direct && may_have_word(c) && has_no_way(c, address))
		return CURL_SOCKET_BAD;
	if (direct) /* else it is the proxy's, of no interest */
		note_address(c, &address->addr);
	fd = socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
		address->protocol);
	if (fd < 0 && errno != EAFNOSUPPORT)
		c->socket_errno = errno;
	if (c->sockets++ == 0)
		c->first_fd = fd;
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* libcurl drops its connection when the transfer ends; the socket of our dialogue stays ours. */
static int on_close_socket(void *userdata, curl_socket_t fd)
{
	struct connection *c = userdata;

	return fd == c->item.fd ? 0 : close(fd);
}

/* What it means that there is no connection through a proxy. Only when the proxy works, and says
 * that the server refuses, is that the server's: all else may be the proxy's own trouble, or that
 * of its network, so it is a failure of ours. */
static enum outcome outcome_of_proxy(const struct connection *c, CURLcode result)
{
	long why = CURLPX_OK;

	if (result == CURLE_PROXY)
		curl_easy_getinfo(c->item.easy, CURLINFO_PROXY_ERROR, &why);
	if (why == CURLPX_REPLY_CONNECTION_REFUSED) /* RFC 1928 section 6 */
		return OUTCOME_CONNECTION_REFUSED;
	return why == CURLPX_RESOLVE_HOST ? OUTCOME_RESOLVE_FAILED : OUTCOME_INTERNAL_ERROR;
}

/* True when it is the source that fails: an interface that is down has no network. */
static bool is_of_source(const struct connection *c, int os_error)
{
	const char *source = route_settings_of(c->route)->source;
	bool interface = source && route_family(source) == AF_UNSPEC;

	return interface && (os_error == ENETUNREACH || os_error == ENETDOWN);
}

static enum outcome outcome_of_socket(const struct connection *c, int os_error)
{
	return is_of_source(c, os_error) ? OUTCOME_INTERNAL_ERROR : outcome_of_connect(os_error);
}

int connection_our_error(const struct connection *c)
{
	return c->item.trouble < 0 ? -c->item.trouble : c->socket_errno;
}

/* Of several sockets it is not known which one libcurl still has, nor what it waits for on that of
 * a proxy. */
static bool is_told_by_first(const struct connection *c)
{
	return c->sockets == 1 && connection_our_error(c) == 0 &&
		!route_settings_of(c->route)->proxy;
}

uint64_t connection_unseen_usec(const struct connection *c, uint32_t events)
{
	bool connecting = c->item.fd < 0;
	struct pollfd p = { .fd = connecting ? c->first_fd : c->item.fd };
	struct tcp_info info;
	socklen_t len = sizeof(info);
	uint64_t waited;

	if (connecting)
		events = is_told_by_first(c) ? EPOLLOUT : 0;
	p.events = (short)((events & EPOLLIN ? POLLIN : 0) | (events & EPOLLOUT ? POLLOUT : 0));
	if (p.events == 0 || poll(&p, 1, 0) <= 0 ||
		getsockopt(p.fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0)
		return 0;
	waited = info.tcpi_last_data_recv * USEC_PER_MSEC; /* when none came: since it was made */
	return waited >= LATE_USEC ? waited : 0;
}

/* A resolver thread that could not be started comes as a name that could not be resolved
 * (lib/asyn-thread.c): only the text tells. An address comes as that when there is no memory for
 * it. */
enum outcome connection_outcome(const struct connection *c, CURLcode result, int os_error)
{
	if (connection_our_error(c) != 0)
		return OUTCOME_INTERNAL_ERROR;
	if (route_settings_of(c->route)->proxy)
		return outcome_of_proxy(c, result);
	switch (result) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return strstr(c->curl_error, "thread failed") || host_is_address(c->host)
			? OUTCOME_INTERNAL_ERROR
			: OUTCOME_RESOLVE_FAILED;
	case CURLE_OPERATION_TIMEDOUT:
		return OUTCOME_TIMEOUT;
	case CURLE_COULDNT_CONNECT:
		return outcome_of_socket(c, os_error);
	default:
		return OUTCOME_INTERNAL_ERROR;
	}
}

enum outcome connection_late(struct connection *c)
{
	if (connection_our_error(c) != 0)
		return OUTCOME_INTERNAL_ERROR;
	if (!route_settings_of(c->route)->proxy)
		return OUTCOME_TIMEOUT;
	snprintf(c->curl_error, sizeof(c->curl_error), "no connection through the proxy in time");
	return OUTCOME_INTERNAL_ERROR;
}

void connection_prepare(CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "telnet");
	curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 0L);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close_socket);
}

void connection_prepare_routed(CURL *easy)
{
	connection_prepare(easy);
	curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(easy, CURLOPT_SOCKS5_AUTH, (long)CURLAUTH_BASIC);
	curl_easy_setopt(easy, CURLOPT_PROXYAUTH, (long)CURLAUTH_BASIC);
	curl_easy_setopt(easy, CURLOPT_NOPROXY, ""); /* else the environment decides */
}

static void configure_route(struct connection *c)
{
	const struct route_settings *s = route_settings_of(c->route);
	CURL *easy = c->item.easy;

	curl_easy_setopt(easy, CURLOPT_INTERFACE, route_interface(c->route));
	curl_easy_setopt(easy, CURLOPT_PROXY, s->proxy ? s->proxy : "");
	curl_easy_setopt(easy, CURLOPT_PROXYUSERNAME, s->proxy_user);
	curl_easy_setopt(easy, CURLOPT_PROXYPASSWORD, s->proxy_password);
}

void connection_configure(
	struct connection *c, const char *host, uint16_t port, int family, uint64_t timeout_usec)
{
	CURL *easy = c->item.easy;
	char url[HOST_URL_MAX];

	c->host = host;
	if (family == AF_UNSPEC) /* one that the source has */
		family = route_settings_of(c->route)->family;
	host_url(host, port, url);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(timeout_usec / USEC_PER_MSEC));
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, c->curl_error);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, c);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, c);
	curl_easy_setopt(easy, CURLOPT_IPRESOLVE,
		family == AF_INET            ? CURL_IPRESOLVE_V4
			: family == AF_INET6 ? CURL_IPRESOLVE_V6
					     : CURL_IPRESOLVE_WHATEVER);
	if (c->route)
		configure_route(c);
}

int connection_take(struct connection *c)
{
	curl_socket_t fd = CURL_SOCKET_BAD;
	char *address = NULL;

	if (c->sockets == 1) {
		fd = c->first_fd; /* libcurl would walk all its connections to find it */
	} else {
		curl_easy_getinfo(c->item.easy, CURLINFO_ACTIVESOCKET, &fd);
		curl_easy_getinfo(c->item.easy, CURLINFO_PRIMARY_IP, &address);
	}
	if (address && *address && !route_settings_of(c->route)->proxy) {
		snprintf(c->address, sizeof(c->address), "%s", address);
		c->family = strchr(address, ':') ? AF_INET6 : AF_INET;
	}
	c->item.fd = fd;
	transfer_end(&c->item);
	return fd == CURL_SOCKET_BAD ? -EBADF : 0;
}

int connection_peer(const struct connection *c, char host[CONNECTION_HOST_SIZE])
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);

	if (getpeername(c->item.fd, (struct sockaddr *)&peer, &len) < 0)
		return -errno;
	if (getnameinfo((struct sockaddr *)&peer, len, host, CONNECTION_HOST_SIZE, NULL, 0,
		    NI_NUMERICHOST) != 0)
		return -ENOMEM;
	return 0;
}
