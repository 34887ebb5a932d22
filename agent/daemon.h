/* SPDX-License-Identifier: ISC */
/* The daemon's parts put together: configuration in, observations to states, states to
 * notifications. */
#ifndef FTPHEALTH_DAEMON_H
#define FTPHEALTH_DAEMON_H

#include "agent/config.h"

/* Runs until SIGTERM or SIGINT on CONFIG (taken over), loaded from config->path, to which SIGHUP
 * goes back. LISTEN is the address to be an SNMP agent on, or NULL to be a subagent (borrowed).
 * Returns 0 after a signal, DAEMON_BAD_CONFIG when the targets cannot be numbered as CONFIG says,
 * or -errno when it could not be started; what is wrong was logged. */
enum { DAEMON_BAD_CONFIG = 1 };
int daemon_run(struct config *config, const char *listen);

#endif
