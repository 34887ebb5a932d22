/* SPDX-License-Identifier: ISC */
/* What `ftphealth check` prints: a plugin's line, the dialogue, or JSON. */
#ifndef FTPHEALTH_CHECK_OUTPUT_H
#define FTPHEALTH_CHECK_OUTPUT_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

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
	struct check_limits {
		uint64_t warning_usec, critical_usec; /* of a login that works; 0 = none */
	} limits;
};

/* What it means to a monitoring system: that of the state that it shows, or worse when a limit is
 * exceeded. */
enum service check_service(const struct check_result *r);

/* SERVICE, or worse when a login took longer than LIMITS allow. */
enum service check_limits_apply(
	const struct check_limits *limits, uint64_t total_usec, enum service service);

/* "time=0.01s;WARNING;CRITICAL;0;MAX": the first item of the perfdata; MAX is left out when it is
 * 0. */
void check_print_time(
	FILE *f, const struct check_limits *limits, uint64_t total_usec, uint64_t max_usec);

/* "FTP OK - ...|perfdata" (monitoring-plugins' guidelines), one line. */
void check_print_line(const struct check_result *r, FILE *f);

/* The dialogue with its times, in seconds from the start of the probe. */
void check_print_dialogue(const struct check_result *r, FILE *f);

/* What is known from the server's own side, one line an item. */
void check_print_evidence(const struct check_result *r, FILE *f);

/* The same as a JSON object, {} when none was asked for; NULL when there is no memory. */
json_t *check_json_evidence(const struct check_result *r);

/* True when the server's certificate ends within the days of which a warning is wanted. */
bool check_certificate_ends(const struct check_result *r);
void check_print_certificate_end(const struct check_result *r, FILE *f);

/* What the handshake showed, at most two lines. */
void check_print_tls(const struct check_result *r, FILE *f);

/* The same as a JSON object, with the mode alone when there was no handshake; NULL when there is no
 * memory. */
json_t *check_json_tls(const struct check_result *r);

/* What followed the login; NULL when nothing was to. */
const struct session_facts *check_session(const struct check_result *r);

/* True when that is a fault of the server's. */
bool check_session_is_bad(const struct check_result *r);

/* For the line: what is wrong with it, or what was had; and its times as perfdata. */
void check_print_session(const struct check_result *r, FILE *f);
void check_print_session_times(const struct check_result *r, FILE *f);

/* For the dialogue, from START_USEC on. */
void check_print_session_dialogue(const struct check_result *r, uint64_t start_usec, FILE *f);

/* The same as a JSON object; NULL when there is no memory. */
json_t *check_json_session(const struct check_result *r);

/* A line of a dialogue. */
void check_print_at(FILE *f, uint64_t usec, const char *direction, const char *text);

/* One JSON object. Returns 0 or -ENOMEM. */
int check_print_json(const struct check_result *r);

#endif
