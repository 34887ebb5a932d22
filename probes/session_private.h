/* SPDX-License-Identifier: ISC */
/* What the parts of the session share: its replies and its data. */
#ifndef FTPHEALTH_SESSION_PRIVATE_H
#define FTPHEALTH_SESSION_PRIVATE_H

#include "probes/session.h"

/* Time from the good login on; a moment that came never shows 0. */
uint64_t session_since_start(const struct session *s, uint64_t now_usec);

/* The command under way, for a person. */
const char *session_said(const struct session *s);

/* Writes the detail of the facts. */
__attribute__((format(printf, 2, 3))) void session_describe(
	struct session *s, const char *format, ...);

/* Goes on to STEP by sending its command, with ARGUMENT unless that is NULL. */
enum session_action session_say(struct session *s, enum session_step step, const char *argument);

/* The verdict. */
enum session_action session_conclude(
	struct session *s, enum session_result result, uint64_t now_usec);

/* What the data connection alone would make the verdict, so far. */
enum session_result session_result_of_data(const struct session *s);

/* The verdict when both the last reply and the end of the data have come. */
enum session_action session_judge(struct session *s, uint64_t now_usec);

#endif
