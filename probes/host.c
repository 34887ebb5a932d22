/* SPDX-License-Identifier: ISC */
/* A host as it is configured: a name, or an address. */
#include "probes/host.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* A zone identifier stands behind an IPv6 address (RFC 4007 section 11). */
bool host_is_address(const char *host)
{
	unsigned char octets[sizeof(struct in6_addr)];

	return strchr(host, ':') || inet_pton(AF_INET, host, octets) == 1;
}

/* A zone identifier is written %25 in a URL (RFC 6874). */
void host_url(const char *host, uint16_t port, char url[HOST_URL_MAX])
{
	const char *zone = strchr(host, '%');
	int len = zone ? (int)(zone - host) : (int)strlen(host);

	if (strchr(host, ':'))
		snprintf(url, HOST_URL_MAX, "telnet://[%.*s%s%s]:%u/", len, host, zone ? "%25" : "",
			zone ? zone + 1 : "", port);
	else
		snprintf(url, HOST_URL_MAX, "telnet://%s:%u/", host, port);
}
