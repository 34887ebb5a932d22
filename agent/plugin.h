/* SPDX-License-Identifier: ISC */
/* check_ftp_auth_health: what its parts say to each other. */
#ifndef FTPHEALTH_PLUGIN_H
#define FTPHEALTH_PLUGIN_H

#include <stdint.h>
#include <stdio.h>

#include "agent/check_output.h"
#include "agent/health.h"
#include "probes/snmp_protocol.h"

enum { PLUGIN_TEXT_SIZE = 1024, PLUGIN_OBJECTS_MAX = SNMP_GET_MAX };

/* What to ask of a running agent, and as whom. */
struct plugin_question {
	const char *agent;                   /* an address as ftphealth-snmp takes it */
	const char *target;                  /* NULL = the summary of all */
	const char *community, *credentials; /* at most one; NULL = none */
	uint64_t timeout_usec;               /* for all of it */
	uint64_t max_age_usec;               /* 0 = by the target's interval */
	uint32_t warn_days;                  /* as tls-warn-days of a target; 0 = never */
	struct check_limits limits;
	unsigned verbose; /* 0..3 */
};

/* What a plugin says: a line with its perfdata, and what comes behind it when it is verbose. */
struct plugin_report {
	enum service service;
	char text[PLUGIN_TEXT_SIZE];
	FILE *perfdata, *more; /* to be written to; of open_memstream */
};

/* Sets the text, and the service to SERVICE. */
__attribute__((format(printf, 3, 4))) void plugin_say(
	struct plugin_report *r, enum service service, const char *format, ...);

/* Appends to the text, and makes the service at least as bad as SERVICE (unknown is the worst: what
 * is known then is not what is the case). */
__attribute__((format(printf, 3, 4))) void plugin_add(
	struct plugin_report *r, enum service service, const char *format, ...);

/* Asks an agent and reports what it says, or why nothing is known. */
void plugin_ask(const struct plugin_question *q, struct plugin_report *report);

/* ---- objects of the MIB, by their names */

struct plugin_object {
	const char *name;        /* as in the MIB: a scalar, or a column of a table */
	struct snmp_value value; /* once asked for */
};

/* Asks for N objects (at most PLUGIN_OBJECTS_MAX) within LIMIT_USEC; the rows are those of the
 * target Q->target, or of INDEX where a table has numbers. Returns how many of them
 * there are; when there is none, or -1 when there was no answer, it has reported why. */
int plugin_get(const struct plugin_question *q, uint32_t index, uint64_t limit_usec,
	struct plugin_object *objects, size_t n, struct plugin_report *report);

#endif
