/* SPDX-License-Identifier: ISC */
/* What every reader of evidence documents keeps, whatever the document. */
#ifndef FTPHEALTH_TESTS_DOCUMENT_H
#define FTPHEALTH_TESTS_DOCUMENT_H

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/evidence.h"
#include "tests/fuzz/holds.h"

/* What a reader finds, to be compared with what it leaves. */
static const struct evidence document_before = {
	.module = PRESENCE_MISSING,
	.registered = SETTING_DISABLED,
	.web = WEB_ABSENT,
	.win32 = 7,
	.account = "before",
};

static inline void document_check(int r, const struct evidence *e, const char *why)
{
	HOLDS(r == 0 || r == -EBADMSG);
	if (r < 0) {
		HOLDS(why && *why && strlen(why) < 160);
		HOLDS(memcmp(e, &document_before, sizeof(*e)) == 0);
		return;
	}
	HOLDS(e->module == PRESENCE_MISSING && e->registered == SETTING_DISABLED);
	HOLDS(e->web == WEB_ABSENT && !e->others_fail);
	HOLDS(e->sync <= SETTING_DISABLED && e->anonymous <= SETTING_DISABLED);
	HOLDS(e->anonymous_only <= SETTING_DISABLED);
	HOLDS(memchr(e->account, '\0', sizeof(e->account)));
	for (const char *c = e->account; *c; c++)
		HOLDS(*c >= 0x20 && *c <= 0x7e);
}

#endif
