/* SPDX-License-Identifier: ISC */
/* applicationHost.config of IIS 7 and later: may one log in to an FTP site anonymously? */
#ifndef FTPHEALTH_DOC_APPHOST_H
#define FTPHEALTH_DOC_APPHOST_H

#include <stddef.h>

#include "probes/evidence.h"

/* Reads anonymous and account of the site with number SITE (its attribute id); 0 = of all FTP
 * sites, which must then agree. Returns 0; -EBADMSG with nothing changed and the reason in *WHY
 * (static); or -ENOMEM. */
int doc_apphost_read(
	const char *bytes, size_t len, unsigned site, struct evidence *ret, const char **why);

#endif
