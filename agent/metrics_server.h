/* SPDX-License-Identifier: ISC */
/*
 * /metrics by HTTP, for this host: GNU libmicrohttpd in a thread of its own, so that neither a slow
 * scraper nor 100,000 targets keep a probe waiting. Few connections, each for one request and for a
 * limited time.
 */
#ifndef FTPHEALTH_METRICS_SERVER_H
#define FTPHEALTH_METRICS_SERVER_H

#include "agent/target.h"

struct metrics_server;

/* Makes *SERVER (NULL: none) serve R, which outlives it, at the address LISTEN; NULL for nowhere.
 * One that does so already goes on undisturbed. Returns 0; or -errno, logged, and then nothing is
 * served. */
int metrics_server_set(struct metrics_server **server, const char *listen, struct registry *r);

/* Ends it. Takes NULL; returns NULL. */
struct metrics_server *metrics_server_free(struct metrics_server *s);

#endif
