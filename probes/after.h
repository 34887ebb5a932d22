/* SPDX-License-Identifier: ISC */
/* What is asked of a server once the login works. One such wish is shared by all targets of the
 * same. */
#ifndef FTPHEALTH_AFTER_H
#define FTPHEALTH_AFTER_H

#include <stdbool.h>
#include <stdint.h>

#include "probes/session_facts.h"

enum after_passive { PASSIVE_AUTO, PASSIVE_EPSV, PASSIVE_PASV, PASSIVES };
enum after_foreign { FOREIGN_REFUSE, FOREIGN_IGNORE, FOREIGN_FOLLOW, FOREIGNS };

/* Words of the configuration; NULL for a number that is none. */
const char *after_passive_label(unsigned passive);
const char *after_foreign_label(unsigned foreign);

enum { AFTER_PATH_MAX = 255 };

struct after_settings {
	uint32_t command;  /* enum session_command; default none */
	uint32_t passive;  /* enum after_passive; default auto: EPSV, then PASV */
	uint32_t foreign;  /* enum after_foreign: a 227 that names another host; default refuse */
	uint64_t max_size; /* octets of data that are read at most; default 16 MiB */
	const char *path;  /* of LIST and RETR, at most AFTER_PATH_MAX octets; NULL = none */
	const char
		*sha256; /* that RETR has to bring, 64 digits, lower-case once made; NULL = any */
};
void after_settings_init(struct after_settings *s);

/* Counted references, any thread. */
struct after;

/* Makes *RET from S, or gives another reference to one of POOL with the same; NULL when S wants
 * nothing. *POOL is NULL at first, and ended by after_pool_done(), which leaves what was made.
 * Returns 0 or -ENOMEM. */
int after_new(const struct after_settings *s, void **pool, struct after **ret);
void after_pool_done(void **pool);

struct after *after_ref(struct after *a);

/* Takes NULL; returns NULL. */
struct after *after_unref(struct after *a);

/* Those of NULL want nothing. */
const struct after_settings *after_settings_of(const struct after *a);

/* NULL equals NULL. */
bool after_equal(const struct after *a, const struct after *b);

#endif
