/* SPDX-License-Identifier: ISC */
/* User, password and domain for a host out of a netrc file or a systemd credential. */
#ifndef FTPHEALTH_SMB_CREDENTIALS_H
#define FTPHEALTH_SMB_CREDENTIALS_H

#include <stddef.h>

#include "probes/fetch_protocol.h"

enum { SMB_CREDENTIALS_FILE_MAX = 65536 }; /* octets */

/* Zero-initialised it is an anonymous session's. */
struct smb_credentials {
	char user[FETCH_NAME_MAX + 1], password[FETCH_NAME_MAX + 1], domain[FETCH_NAME_MAX + 1];
};

/* Finds HOST (or "default") in LEN octets of TEXT in netrc format; see netrc.h. The account is the
 * domain; DOMAIN\USER and DOMAIN/USER as a login go before it. Returns 0, or -EINVAL and in WHY the
 * line and what is wrong, without a word of the file; or -ENOMEM. */
int smb_credentials_parse(const char *text, size_t len, const char *host,
	struct smb_credentials *ret, char why[FETCH_WHY_SIZE]);

/* Loads those for HOST from what R names: its netrc file, or its credential in FOLDER
 * ($CREDENTIALS_DIRECTORY or NULL), see secret_file.h; neither gives an anonymous session's.
 * Returns 0, or a negative errno and in WHY what is wrong. */
int smb_credentials_load(const struct fetch_request *r, const char *host, const char *folder,
	struct smb_credentials *ret, char why[FETCH_WHY_SIZE]);

/* Overwrites them. */
void smb_credentials_wipe(struct smb_credentials *c);

#endif
