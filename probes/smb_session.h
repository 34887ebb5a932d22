/* SPDX-License-Identifier: ISC */
/* Asks an SMB server for files, by libsmbclient: the only place that knows it. Blocks. */
#ifndef FTPHEALTH_SMB_SESSION_H
#define FTPHEALTH_SMB_SESSION_H

#include "probes/smb_credentials.h"
#include "probes/smb_protocol.h"

/* Asks for what R names. ANSWER is filled in step by step: at any time what is not known yet has
 * the state SMB_TIMEOUT, and PROGRESS is called after each step, so that an answer can be given
 * whenever the caller ends. The environment's HOME is changed for good. What the server does is in
 * ANSWER. Returns 0, or -errno for a trouble of our own. */
int smb_session_ask(const struct smb_request *r, const struct smb_credentials *c,
	struct smb_answer *answer, void (*progress)(const struct smb_answer *answer));

#endif
