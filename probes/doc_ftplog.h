/* SPDX-License-Identifier: ISC */
/* The FTP log of IIS: with which Win32 code it refused our own login the last time. */
#ifndef FTPHEALTH_DOC_FTPLOG_H
#define FTPHEALTH_DOC_FTPLOG_H

#include <stddef.h>

#include "probes/evidence.h"

enum { DOC_FTPLOG_TAIL = 1024 * 1024 }; /* octets at the end of the log that are looked at */

/* Looks in a log of W3C extended or of IIS format for the newest PASS of ours: one that gives
 * PASSWORD (our e-mail address), or one from CLIENT (our address as the server sees it) that hides
 * what it gave. Either may be NULL. When it was answered with 530, win32 and substatus are set from
 * it; else they become 0 (unknown). Returns 0, or -EBADMSG with nothing changed and the reason in
 * *WHY (static). */
int doc_ftplog_read(const char *bytes, size_t len, const char *client, const char *password,
	struct evidence *ret, const char **why);

#endif
