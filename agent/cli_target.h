/* SPDX-License-Identifier: ISC */
/* Targets as `status` prints them. */
#ifndef FTPHEALTH_CLI_TARGET_H
#define FTPHEALTH_CLI_TARGET_H

#include <jansson.h>
#include <stddef.h>

#include "agent/cli_view.h"

enum { TARGET_WORD_SIZE = 64 };

/* The state, and what limits it: "refused", "refused/flapping", "ok/maintenance". */
const char *target_word(const struct view_target *t, char buffer[TARGET_WORD_SIZE]);

/* HOST:PORT, [ADDRESS]:PORT. */
const char *target_place(const struct view_target *t, char *buffer, size_t size);

/* All that is known of T, its open alarms and latest events. Returns 0 or -errno. */
int target_print(struct cli_view *v, const struct view_target *t);
int target_print_json(struct cli_view *v, const struct view_target *t);

/* The object of one target in lists; NULL when there is no memory. */
json_t *target_json(const struct view_target *t);

#endif
