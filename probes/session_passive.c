/* SPDX-License-Identifier: ISC */
/* Where a server says that the data is to be had. */
#include "probes/session_passive.h"

#include <stdio.h>
#include <string.h>

/* Reads a number of at most MAX at *AT and moves behind it; false when there is none. */
static bool read_number(const char **at, unsigned max, unsigned *ret)
{
	unsigned n = 0;
	const char *c = *at;

	if (*c < '0' || *c > '9')
		return false;
	for (; *c >= '0' && *c <= '9'; c++) {
		n = 10 * n + (unsigned)(*c - '0');
		if (n > max)
			return false;
	}
	*at = c;
	*ret = n;
	return true;
}

bool passive_read_epsv(const char *text, uint16_t *ret_port)
{
	const char *at = strchr(text, '(');
	unsigned port = 0;
	char bar;

	if (!at || at[1] < 33 || at[1] > 126 || at[2] != at[1] || at[3] != at[1])
		return false;
	bar = at[1];
	at += 4;
	if (!read_number(&at, UINT16_MAX, &port) || *at != bar || port == 0)
		return false;
	*ret_port = (uint16_t)port;
	return true;
}

static bool read_six(const char *at, unsigned n[6])
{
	for (int i = 0; i < 6; i++) {
		if (i > 0 && *at++ != ',')
			return false;
		if (!read_number(&at, UINT8_MAX, &n[i]))
			return false;
	}
	return true;
}

bool passive_read_pasv(const char *text, char address[INET_ADDRSTRLEN], uint16_t *ret_port)
{
	unsigned n[6];

	for (; *text; text++)
		if (read_six(text, n))
			break;
	if (!*text || n[4] + n[5] == 0)
		return false;
	*ret_port = (uint16_t)(n[4] << 8 | n[5]);
	snprintf(address, INET_ADDRSTRLEN, "%u.%u.%u.%u", n[0], n[1], n[2], n[3]);
	if (n[0] + n[1] + n[2] + n[3] == 0)
		address[0] = '\0';
	return true;
}

bool passive_is_foreign(const char *address, const char *peer, enum after_foreign foreign)
{
	if (!*peer)
		return foreign == FOREIGN_FOLLOW;
	return strcmp(address, peer) != 0;
}
