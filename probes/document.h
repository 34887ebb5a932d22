/* SPDX-License-Identifier: ISC */
/* The documents that tell a server's settings: one row a format. */
#ifndef FTPHEALTH_DOCUMENT_H
#define FTPHEALTH_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "probes/evidence.h"

/* The name of format I ("adsutil", "metabase-xml", "vsftpd", "proftpd", "pure-ftpd",
 * "applicationhost"), NULL behind the last. */
const char *document_format_name(size_t i);

/* The number of the format NAME, or -EINVAL. */
int document_format_find(const char *name);

/* True when a document of FORMAT is a copy that somebody has to make again (the print of adsutil):
 * its age counts. False for a file that the server itself reads or writes. */
bool document_is_copy(size_t format);

/* Reads a document of FORMAT into RET; a field of which it says nothing is not changed. SITE is the
 * number of the FTP site where there are several (IIS). Returns 0; -EBADMSG with nothing changed
 * and the reason in *WHY (static); or -ENOMEM. */
int document_read(size_t format, const char *bytes, size_t len, unsigned site, struct evidence *ret,
	const char **why);

#endif
