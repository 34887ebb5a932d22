/* SPDX-License-Identifier: ISC */
/* Configuration files of today's servers: is anonymous login on? One profile a kind of file. */
#ifndef FTPHEALTH_DOC_PROFILE_H
#define FTPHEALTH_DOC_PROFILE_H

#include <stddef.h>

#include "probes/evidence.h"

/* The name of profile I ("vsftpd", "proftpd", "pure-ftpd", "applicationhost"), NULL behind the
 * last. */
const char *doc_profile_name(size_t i);

/* Reads a file of PROFILE: anonymous, anonymous_only, account; what it leaves open is not changed.
 * SITE is the number of the site where a file has several (IIS), 0 = all of them. Returns 0;
 * -EBADMSG with nothing changed and the reason in *WHY (static); -ENOENT when there is no such
 * profile; or -ENOMEM. */
int doc_profile_read(const char *profile, const char *bytes, size_t len, unsigned site,
	struct evidence *ret, const char **why);

#endif
