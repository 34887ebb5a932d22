/* SPDX-License-Identifier: ISC */
/* What `ftphealth check` prints: a plugin's line, the dialogue, or JSON. */
#ifndef FTPHEALTH_CHECK_OUTPUT_H
#define FTPHEALTH_CHECK_OUTPUT_H

#include <jansson.h>

#include "agent/config.h"
#include "agent/health.h"
#include "probes/decision.h"
#include "probes/observation.h"

struct check_result {
	const struct target_config *target;
	const struct observation *observation;
	struct classification words;      /* of it */
	struct decision decision;         /* on it */
	const struct collected *evidence; /* NULL = none was asked for */
};

/* The state that it shows. */
enum state check_state(const struct check_result *r);

/* "FTP OK - ...|perfdata" (monitoring-plugins' guidelines), one line. */
void check_print_line(const struct check_result *r);

/* The dialogue with its times, in seconds from the start of the probe. */
void check_print_dialogue(const struct check_result *r);

/* What is known from the server's own side, one line an item. */
void check_print_evidence(const struct check_result *r);

/* The same as a JSON object, {} when none was asked for; NULL when there is no memory. */
json_t *check_json_evidence(const struct check_result *r);

/* One JSON object. Returns 0 or -ENOMEM. */
int check_print_json(const struct check_result *r);

#endif
