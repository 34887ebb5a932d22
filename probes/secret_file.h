/* SPDX-License-Identifier: ISC */
/* Files with secrets in them: read only when nobody else can. */
#ifndef FTPHEALTH_SECRET_FILE_H
#define FTPHEALTH_SECRET_FILE_H

#include <stddef.h>

enum { SECRET_FILE_WHY_SIZE = 256 };

/* Loads FILE, or when it is NULL the systemd credential CREDENTIAL in FOLDER
 * ($CREDENTIALS_DIRECTORY; NULL = there is none), at most MAX octets. It is refused when it is no
 * regular file, too large, open to group or others, or another user's: neither ours nor root's,
 * unless it is root who looks, for instance for the user of the daemon. systemd guards the folder
 * of its credentials, so there only "others" count. Gives the octets with a NUL behind them in
 * fresh memory, for secret_file_free(). Returns 0, or a negative errno and in WHY
 * (SECRET_FILE_WHY_SIZE octets) what is wrong, printable and without an octet of the file. */
int secret_file_load(const char *file, const char *credential, const char *folder, size_t max,
	char **ret, size_t *ret_len, char why[SECRET_FILE_WHY_SIZE]);

/* Overwrites and frees LEN octets of TEXT. Takes NULL. */
void secret_file_free(char *text, size_t len);

#endif
