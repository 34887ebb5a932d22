/* SPDX-License-Identifier: ISC */
/* smb:// addresses of files: strict reading, and writing for libsmbclient. */
#ifndef FTPHEALTH_SMB_URL_H
#define FTPHEALTH_SMB_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SMB_HOST_MAX = 253,
	SMB_SHARE_MAX = 80, /* [MS-SMB2] 2.2.9: a share name is shorter than 80 characters */
	SMB_PATH_MAX = 512,
	SMB_URL_SIZE = 3 * (SMB_HOST_MAX + SMB_SHARE_MAX + SMB_PATH_MAX) + 32,
};

/* smb://HOST[:PORT]/SHARE/PATH, decoded. */
struct smb_url {
	char host[SMB_HOST_MAX + 1]; /* a name, IPv4 or IPv6 without brackets */
	uint16_t port;               /* 0: 445, and 139 with a NetBIOS session */
	char share[SMB_SHARE_MAX + 1];
	char path[SMB_PATH_MAX + 1]; /* parts with single slashes between them, none in front */
};

/* Reads URL. A user or password in it, control characters, ill-formed UTF-8, "." and ".." and what
 * no Windows file name contains (* ? " < > | :) are refused. Returns 0, or -EINVAL and in *RET_WHY
 * (static) what is wrong. */
int smb_url_parse(const char *url, struct smb_url *ret, const char **ret_why);

/* libsmbclient knows no brackets around an IPv6 address, but takes its colons as %3A. */
enum smb_url_form { SMB_URL_STANDARD, SMB_URL_LIBSMBCLIENT };

/* Writes U in percent-encoding into DST; PATH may be "" for the share itself. */
void smb_url_write(const struct smb_url *u, enum smb_url_form form, char dst[SMB_URL_SIZE]);

/* True when both are on the same share of the same host and port. */
bool smb_url_same_share(const struct smb_url *a, const struct smb_url *b);

#endif
