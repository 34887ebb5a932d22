/* SPDX-License-Identifier: ISC */
/* One probe now, from what a command line says to its result. */
#ifndef FTPHEALTH_CHECK_H
#define FTPHEALTH_CHECK_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "agent/check_output.h"
#include "agent/config.h"

enum {
	CHECK_HOST_MAX = 511, /* more than the key takes: a longer one is refused there */
	CHECK_WHY_SIZE = 512
};

struct check {
	struct target_config target; /* borrowed strings */
	char host[CHECK_HOST_MAX + 1];
	char password[TARGET_PASSWORD_SIZE];
	bool port_set, account_set, after_set, evidence_timeout_set;
	struct access_draft access;
	struct access_pool pool; /* what it leads to */
	struct evidence_source draft;
	struct tls_settings tls;
	struct after_settings after;
	sd_event *event;
	struct collect *collect; /* under way */
	struct observation observation;
	bool observed;
	struct collected evidence;
	struct check_result result; /* once it has run */
};

void check_init(struct check *c);
void check_done(struct check *c);

/* Each takes one word of the command line, which must outlive C. Return 0, or -EINVAL and in WHY
 * what is wrong. check_set() takes a key of ftphealth.yaml(5); check_set_host() HOST, HOST:PORT,
 * [V6], [V6]:PORT or a bare V6; check_set_evidence() KEY=VALUE, check_set_tls() that or a mode,
 * check_set_after() that or a command, and all three write into it. check_set_access() takes netrc,
 * credential, source or proxy. */
int check_set(struct check *c, const char *key, const char *text, char why[CHECK_WHY_SIZE]);
int check_set_access(struct check *c, const char *key, const char *text, char why[CHECK_WHY_SIZE]);
int check_set_host(struct check *c, const char *text, char why[CHECK_WHY_SIZE]);
int check_set_evidence(struct check *c, char *text, char why[CHECK_WHY_SIZE]);
int check_set_tls(struct check *c, char *text, char why[CHECK_WHY_SIZE]);
int check_set_after(struct check *c, char *text, char why[CHECK_WHY_SIZE]);

/* After all words. Returns 0, or -EINVAL and in WHY what is wrong, or another negative errno. */
int check_finish(struct check *c, char why[CHECK_WHY_SIZE]);

/* Makes the probe and waits for it. Returns 0 or -errno. */
int check_run(struct check *c);

#endif
