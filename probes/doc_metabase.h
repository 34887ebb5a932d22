/* SPDX-License-Identifier: ISC */
/* MetaBase.xml of IIS 6: the settings of one FTP site, with inheritance. */
#ifndef FTPHEALTH_DOC_METABASE_H
#define FTPHEALTH_DOC_METABASE_H

#include <stddef.h>

#include "probes/evidence.h"

/* Reads what holds for FTP site SITE (/LM/MSFTPSVC/SITE): sync, anonymous, anonymous_only,
 * password_absent, unc_home, and the account if it is named. Returns 0; -EBADMSG with nothing
 * changed and the reason in *WHY (static); or -ENOMEM. */
int doc_metabase_read(
	const char *bytes, size_t len, unsigned site, struct evidence *ret, const char **why);

#endif
