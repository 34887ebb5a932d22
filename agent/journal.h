/* SPDX-License-Identifier: ISC */
/* Events in the log: one line, with fields that a journal can be searched by. */
#ifndef FTPHEALTH_JOURNAL_H
#define FTPHEALTH_JOURNAL_H

#include "agent/alarm.h"
#include "agent/orders.h"
#include "agent/target.h"

/* MESSAGE_ID of the events of one kind: 32 hexadecimal digits, static. dist/ftphealth.catalog has
 * an entry for each. */
const char *journal_message_id(enum event_kind kind);

/* Logs EVENT; TARGET is NULL when it is about the agent itself. */
void journal_event(
	struct registry *registry, const struct event *event, const struct target *target);

/* Logs what a manager ordered, when it is carried out; TARGET is NULL when it is about none. */
void journal_order(const struct order *order, const struct target *target);

#endif
