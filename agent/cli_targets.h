/* SPDX-License-Identifier: ISC */
/* The targets that a command is asked about, the worst first, and their totals. */
#ifndef FTPHEALTH_CLI_TARGETS_H
#define FTPHEALTH_CLI_TARGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/cli_view.h"

enum { CLI_STATES = 7 };

/* States from bad to good. */
extern const enum state cli_state_order[CLI_STATES];

struct cli_targets {
	struct view_target *rows; /* n of them are shown: in the order above, then by name */
	size_t n, size;
	bool *seen;                 /* of the names asked for */
	unsigned totals[STATE_END]; /* of those asked for, shown or not */
	unsigned total;
	uint64_t probe_time; /* of the latest probe of any */
	uint64_t stop_time;  /* when the daemon was stopped; 0 = it was not, or was killed */
	bool impaired;       /* it said so last, and was not stopped since */
};

/* Reads those that V names, or all; with --failing only those that fail are shown. Returns 0 or
 * -errno; *RET is to be ended in either case. */
int cli_targets_load(const struct cli_view *v, struct cli_targets *ret);
void cli_targets_done(struct cli_targets *t);

/* The first name asked for that is not a target of now, or NULL. */
const char *cli_targets_missing(const struct cli_targets *t, const struct cli_view *v);

/* The worst service of all; the scale of ftpAuthAgentService, where the disabled do not count. */
enum service cli_targets_worst(const struct cli_targets *t);

#endif
