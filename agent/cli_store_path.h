/* SPDX-License-Identifier: ISC */
/* Where the daemon's store is, as its configuration says. */
#ifndef FTPHEALTH_CLI_STORE_PATH_H
#define FTPHEALTH_CLI_STORE_PATH_H

#include <stddef.h>

#define CLI_STORE_DEFAULT "/var/lib/ftphealth/state.db"

/* Looks for `store` in the file CONFIG and nothing else: a fault elsewhere, or a drop-in that
 * cannot be read, is no reason not to show what the daemon has found. Returns 0 with *RET owned by
 * the caller (the default when the file has no such key), -errno when the file cannot be read, or
 * -EINVAL with a sentence in WHY. */
int cli_store_path(const char *config, char **ret, char *why, size_t size);

#endif
