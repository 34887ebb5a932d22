/* SPDX-License-Identifier: ISC */
/* Asks an SMB server for files, by libsmbclient: the only place that knows it. Blocks. */
#ifndef FTPHEALTH_SMB_SESSION_H
#define FTPHEALTH_SMB_SESSION_H

#include "probes/fetch_round.h"
#include "probes/smb_credentials.h"
#include "probes/smb_request.h"

/* Fetches what ROUND asks for, at the addresses R, as C. The environment's HOME is changed for
 * good. What the server does is in the round's answer. Returns 0, or -errno for a trouble of our
 * own. */
int smb_session_fetch(
	struct fetch_round *round, const struct smb_request *r, const struct smb_credentials *c);

#endif
