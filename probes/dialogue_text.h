/* SPDX-License-Identifier: ISC */
/* The texts of replies; private to the dialogue. */
#ifndef FTPHEALTH_DIALOGUE_TEXT_H
#define FTPHEALTH_DIALOGUE_TEXT_H

#include "probes/dialogue.h"

/* Microseconds from SINCE to NOW. */
static inline uint64_t dialogue_elapsed(uint64_t since, uint64_t now_usec)
{
	return now_usec > since ? now_usec - since : 0;
}

/* Makes ready for the next reply: its share of the text, and nothing counted yet. */
void dialogue_begin_reply(struct dialogue *d);

/* Adds a line to the text of the reply under way: the first lines as long as there is room, and
 * always the LAST one, which is the one that people quote. Returns 0 or -ENOMEM. */
int dialogue_keep_line(struct dialogue *d, const char *line, size_t len, bool last);

/* Ends the text of a complete reply and adds the reply to the observation. Returns 0 or -ENOMEM. */
int dialogue_keep_reply(struct dialogue *d, int code, uint64_t now_usec);

#endif
