/* SPDX-License-Identifier: ISC */
/* From the text of an address to what bind() takes. */
#include "agent/metrics_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/un.h>

#define UNIX_PREFIX "unix:"

/* An absolute path: one relative to wherever the daemon was started would be found by nobody. */
static bool parse_unix(const char *path, struct metrics_address *ret)
{
	struct sockaddr_un *to = (struct sockaddr_un *)&ret->room;

	if (path[0] != '/' || strlen(path) >= sizeof(to->sun_path))
		return false;
	to->sun_family = AF_UNIX;
	strcpy(to->sun_path, path);
	ret->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1);
	ret->is_local = true;
	return true;
}

/* 1 to 65535, or 0 when it is none. */
static uint16_t parse_port(const char *text)
{
	unsigned n = 0;

	if (strlen(text) > 5 || text[strspn(text, "0123456789")])
		return 0;
	for (; *text; text++)
		n = n * 10 + (unsigned)(*text - '0');
	return n <= UINT16_MAX ? (uint16_t)n : 0;
}

static bool parse_ipv4(const char *host, uint16_t port, struct metrics_address *ret)
{
	struct sockaddr_in *to = (struct sockaddr_in *)&ret->room;

	if (inet_pton(AF_INET, host, &to->sin_addr) != 1)
		return false;
	to->sin_family = AF_INET;
	to->sin_port = htons(port);
	ret->len = sizeof(*to);
	ret->is_local = ntohl(to->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return true;
}

static bool parse_ipv6(const char *host, uint16_t port, struct metrics_address *ret)
{
	struct sockaddr_in6 *to = (struct sockaddr_in6 *)&ret->room;

	if (inet_pton(AF_INET6, host, &to->sin6_addr) != 1)
		return false;
	to->sin6_family = AF_INET6;
	to->sin6_port = htons(port);
	ret->len = sizeof(*to);
	ret->is_local = IN6_IS_ADDR_LOOPBACK(&to->sin6_addr);
	return true;
}

bool metrics_address_parse(const char *text, struct metrics_address *ret)
{
	const char *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN];
	bool brackets = text[0] == '[';
	size_t len;
	uint16_t port;

	*ret = (struct metrics_address){ 0 };
	if (strncmp(text, UNIX_PREFIX, strlen(UNIX_PREFIX)) == 0)
		return parse_unix(text + strlen(UNIX_PREFIX), ret);
	if (!colon || (port = parse_port(colon + 1)) == 0)
		return false;
	len = (size_t)(colon - text);
	if (brackets && (len < 2 || text[len - 1] != ']'))
		return false;
	if (brackets) {
		text++;
		len -= 2;
	}
	if (len >= sizeof(host))
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	return brackets ? parse_ipv6(host, port, ret) : parse_ipv4(host, port, ret);
}
