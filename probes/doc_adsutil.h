/* SPDX-License-Identifier: ISC */
/* What adsutil.vbs of IIS 4 to 6 prints (get, enum, enum_all), one or several runs in a document.
 */
#ifndef FTPHEALTH_DOC_ADSUTIL_H
#define FTPHEALTH_DOC_ADSUTIL_H

#include <stddef.h>

#include "probes/evidence.h"

/* Reads what holds for FTP site SITE (MSFTPSVC/SITE): sync, anonymous, anonymous_only, account,
 * password_absent, unc_home; a field of which the document says nothing is not changed. Values
 * without a node, as one run of `get` prints them, hold for the site. Returns 0, or -EBADMSG with
 * nothing changed and the reason in *WHY (static). */
int doc_adsutil_read(
	const char *bytes, size_t len, unsigned site, struct evidence *ret, const char **why);

#endif
