/* SPDX-License-Identifier: ISC */
/* Users and passwords by host out of a netrc file or a systemd credential. */
#ifndef FTPHEALTH_NETRC_H
#define FTPHEALTH_NETRC_H

#include <stdbool.h>
#include <stddef.h>

#include "common/util.h"

enum {
	NETRC_WORD_MAX = 255,          /* octets of one word */
	NETRC_FILE_MAX = 16 * 1048576, /* octets of a file: some 100,000 entries */
	NETRC_WHY_SIZE = 256
};

/* A file that was read, to be wiped by netrc_free(). */
struct netrc;

/* One entry; NULL for what it does not say. */
struct netrc_entry {
	const char *login, *password, *account;
};

/* Reads LEN octets of TEXT in netrc format, which is: words between blanks; `machine HOST` or
 * `default`, then `login`, `password` and `account` each with a word. A word in double quotes may
 * have blanks and \" \\; a line that begins with # is a comment. Anything else, macdef too, is an
 * error. Returns 0; -EINVAL and in WHY the line and what is wrong, without a word of the file; or
 * -ENOMEM. */
int netrc_parse(const char *text, size_t len, struct netrc **ret, char why[NETRC_WHY_SIZE]);

/* Loads and reads FILE, or when it is NULL the credential CREDENTIAL in FOLDER; see secret_file.h.
 * Returns 0, or a negative errno and in WHY what is wrong, printable. */
int netrc_load(const char *file, const char *credential, const char *folder, size_t max,
	struct netrc **ret, char why[NETRC_WHY_SIZE]);

/* What the file says of HOST: the first entry of that name, or with FALLBACK a default that comes
 * before it or alone. Returns false when there is none. */
bool netrc_find(const struct netrc *n, const char *host, bool fallback, struct netrc_entry *ret);

/* Overwrites and frees it. Takes NULL; returns NULL. */
struct netrc *netrc_free(struct netrc *n);
DEFINE_CLEANUP(struct netrc *, netrc_free)

#endif
