/* SPDX-License-Identifier: ISC */
/* A request for files on an SMB share. Pure. */
#ifndef FTPHEALTH_SMB_REQUEST_H
#define FTPHEALTH_SMB_REQUEST_H

#include "probes/fetch_protocol.h"
#include "probes/smb_url.h"

/* The addresses of a request; the control file's stands behind those of the files. */
struct smb_request {
	struct smb_url urls[FETCH_FILES_MAX + 1];
};

/* Reads the addresses of R. All are on one share, so that the control file speaks for the others.
 * Returns 0, or -EINVAL and in WHY what is wrong, in printable ASCII. */
int smb_request_read(
	const struct fetch_request *r, struct smb_request *ret, char why[FETCH_WHY_SIZE]);

#endif
