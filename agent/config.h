/* SPDX-License-Identifier: ISC */
/* The configuration file: YAML through libcyaml, one row a key; see ftphealth.yaml(5). */
#ifndef FTPHEALTH_CONFIG_H
#define FTPHEALTH_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "agent/health.h"
#include "agent/policy.h"
#include "probes/collect.h"
#include "probes/after.h"
#include "probes/route.h"
#include "probes/tls.h"
#include "probes/tls_facts.h"

/* Texts that many targets have in common, in one block. */
struct target_texts;

/* One target as configured, with defaults and group applied. Strings are never NULL; each is owned,
 * or with TEXTS host follows name in its allocation and the others are in TEXTS. */
struct target_config {
	char *name;        /* unique; 1..64 printable ASCII characters */
	char *host;        /* a name, an IPv4 or an IPv6 address without brackets; 1..255 */
	char *group;       /* "" when in none */
	char *description; /* free text, <= 255 */
	char *contact;     /* free text, <= 255 */
	char *user;        /* default "anonymous" */
	char *password;    /* default an e-mail address that says who asks */
	uint16_t port;     /* default 21, with implicit TLS 990 */
	int family;        /* AF_UNSPEC (default), AF_INET, AF_INET6 */
	uint32_t index;    /* wanted ftpAuthTargetIndex; 0 (default) = the agent chooses */
	uint32_t
		known_index; /* the one that the name has had before, told by the store; 0 = none */
	uint64_t interval_usec; /* default 60 s */
	uint64_t timeout_usec;  /* default 15 s, never above the interval */
	uint32_t raise;         /* failed probes in a row that raise; default 1 */
	uint32_t clear;         /* good probes in a row that clear; default 1 */
	bool enabled;           /* default true */
	struct tls *tls;        /* how TLS is spoken; NULL = not at all. Owned reference */
	struct route *route;    /* how it is reached; NULL = straight. Owned reference */
	struct after *after;    /* what is asked once the login works; NULL = nothing. Likewise */
	struct evidence_source *evidence; /* NULL when none is configured */
	struct target_texts *texts;
};

struct config {
	char *path;          /* of the main file */
	char *store;         /* path of the state file */
	char *agentx_socket; /* net-snmp transport address of the master; NULL = net-snmp's default
			      */
	char *oid_base;      /* dotted; NULL = the one built in */
	uint32_t max_concurrent;         /* probes in flight at most; default 500 */
	uint32_t history_rows;           /* kept of each target; default 300; 0 = none */
	uint64_t history_age_usec;       /* and not older; default 7 days */
	uint32_t event_rows;             /* kept of all; default 1000 */
	uint32_t notices_max;            /* kept while the master is away; default 10,000 */
	struct policy_settings settings; /* of notifications, unless a manager has set them */
	struct health_flap flap;
	char *metrics_listen;          /* where metrics are served; NULL = nowhere, the default */
	bool metrics_remote;           /* also where other hosts can ask */
	struct target_config *targets; /* in the order of the files */
	size_t n_targets;
};

/* Reads PATH and the files that it includes. Returns 0 and *RET (owned by the caller), or -EINVAL
 * when a file is bad, or another -errno when the main file can't be read; then *RET is untouched
 * and each fault was handed to ON_ERROR as one line "FILE:LINE: KEY: what is wrong; how to mend
 * it". */
typedef void (*config_complaint)(void *userdata, const char *line);
int config_load(const char *path, config_complaint on_error, void *userdata, struct config **ret);

enum { TARGET_PASSWORD_SIZE = 96 };

/* Fills C with the values built in, borrowed: static ones, and the identity that an anonymous login
 * gives as its password (ftphealth@ this host), which is written to PASSWORD. Name and host are
 * NULL.
 */
void target_config_init(struct target_config *c, char password[TARGET_PASSWORD_SIZE]);

/* Sets the KEY of a target (one of ftphealth.yaml(5)) to what TEXT says; strings stay borrowed.
 * Returns false with a sentence in WHY when TEXT is no such value. */
bool target_config_set(
	struct target_config *c, const char *key, const char *text, char *why, size_t size);

/* Sets the KEY below `tls` of ftphealth.yaml(5) of S to what TEXT says, likewise. */
bool target_config_set_tls(
	struct tls_settings *s, const char *key, const char *text, char *why, size_t size);

/* Makes the tls of C from S. Returns 0; -EINVAL with a sentence in WHY; or -ENOMEM. */
int target_config_finish_tls(
	const struct tls_settings *s, struct target_config *c, char *why, size_t size);

/* Sets the KEY below `after-login` of ftphealth.yaml(5) of S to what TEXT says, likewise. */
bool target_config_set_after(
	struct after_settings *s, const char *key, const char *text, char *why, size_t size);

/* Makes what follows the login of C from S. Returns 0; -EINVAL with a sentence in WHY; or -ENOMEM.
 */
int target_config_finish_after(
	const struct after_settings *s, struct target_config *c, char *why, size_t size);

/* Where the account of a target is found, and how it is reached; borrowed, NULL where nothing is
 * said. */
struct access_draft {
	char *netrc, *credential; /* at most one of them */
	char *source;             /* from which address or interface it is probed */
	char *proxy;              /* through which one */
};

/* What was read for targets and is shared by them; zero-initialised it is empty. */
struct access_pool {
	void *secrets, *routes;
};

/* Sets the KEY netrc, credential, source or proxy of D to what TEXT says, likewise. */
bool target_config_set_access(
	struct access_draft *d, const char *key, const char *text, char *why, size_t size);

/* Gives C, which has a host, the user and the password that D leads to, borrowed from POOL,
 * and its route. Returns 0; -EINVAL with a sentence in WHY; or -ENOMEM. */
int target_config_finish_access(const struct access_draft *d, struct target_config *c,
	struct access_pool *pool, char *why, size_t size);

/* Wipes and frees the secrets of a pool; the routes stay. */
void access_pool_done(struct access_pool *pool);

/* Makes the borrowed strings of C its own, shared with those of POOL that have the same; *POOL is
 * NULL at first, and ended by target_texts_done(), which leaves the strings. All targets of a pool
 * are freed by one thread at a time. Returns 0, or -ENOMEM with C's strings NULL. */
int target_config_own(struct target_config *c, void **pool);
void target_texts_done(void **pool);

/* True when a target is watched in the same way: all is equal but the indexes. */
bool target_config_equal(const struct target_config *a, const struct target_config *b);

/* True when the certificate of F ends so soon after TIME, or has ended, that C wants it told. */
bool target_config_warns(const struct target_config *c, const struct tls_facts *f, uint64_t time);

/* Frees what C owns and makes it empty. */
void target_config_done(struct target_config *c);

/* Frees the targets, which are known by then. */
void config_drop_targets(struct config *c);

/* Frees it all. Takes NULL; returns NULL. */
struct config *config_free(struct config *c);

/* Prints one line a key for --contract: "key NAME - SYNTAX -", tab-separated. */
void config_print_contract(FILE *f);

#endif
