/* SPDX-License-Identifier: ISC */
/* Where metrics are served: a Unix socket, or an address and port of this host. */
#ifndef FTPHEALTH_METRICS_ADDRESS_H
#define FTPHEALTH_METRICS_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

struct metrics_address {
	union {
		struct sockaddr any;
		struct sockaddr_storage room;
	};
	socklen_t len;
	bool is_local; /* only this host reaches it */
};

/* Reads unix:/PATH, ADDRESS:PORT or [ADDRESS]:PORT. Names are not looked up: that may block, and
 * what they stand for may change. Returns false when TEXT is no such address. */
bool metrics_address_parse(const char *text, struct metrics_address *ret);

#endif
