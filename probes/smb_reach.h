/* SPDX-License-Identifier: ISC */
/* Whether an SMB server is there at all: one connection, made and closed. */
#ifndef FTPHEALTH_SMB_REACH_H
#define FTPHEALTH_SMB_REACH_H

#include <stdint.h>

#include "probes/fetch_protocol.h"

/* Connects to PORT of HOST, or for 0 to 445 and 139, on all its addresses at once. libsmbclient
 * does not tell an unknown host, a closed port and a failed negotiation apart. Blocks for as long
 * as the network does. Returns 0 as soon as one is up, or -EHOSTUNREACH and in WHY what is wrong.
 */
int smb_reach(const char *host, uint16_t port, char why[FETCH_WHY_SIZE]);

#endif
