/* SPDX-License-Identifier: ISC */
/* Events in the log: one line, with fields that a journal can be searched by. */
#ifndef FTPHEALTH_JOURNAL_H
#define FTPHEALTH_JOURNAL_H

#include "agent/alarm.h"
#include "agent/target.h"

/* Logs EVENT; TARGET is NULL when it is about the agent itself. */
void journal_event(
	const struct registry *registry, const struct event *event, const struct target *target);

#endif
