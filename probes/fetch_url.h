/* SPDX-License-Identifier: ISC */
/* Files by URL, through libcurl. Blocks. */
#ifndef FTPHEALTH_FETCH_URL_H
#define FTPHEALTH_FETCH_URL_H

#include "probes/fetch_place.h"
#include "probes/fetch_round.h"
#include "probes/smb_credentials.h"

/* Fetches what ROUND asks for, at the URLs of P, as C. What the server does is in the round's
 * answer. Returns 0, or -errno for a trouble of our own. */
int fetch_url_fetch(
	struct fetch_round *round, const struct fetch_place *p, const struct smb_credentials *c);

#endif
