/* SPDX-License-Identifier: ISC */
/* One round of looking for files: the control file, the files, and the control file again. */
#ifndef FTPHEALTH_FETCH_ROUND_H
#define FTPHEALTH_FETCH_ROUND_H

#include "probes/fetch_protocol.h"
#include "probes/fetch_sink.h"

struct fetch_round {
	const struct fetch_request *request;                 /* borrowed from the caller */
	struct fetch_answer *answer;                         /* the same */
	struct fetch_sink *sink;                             /* the same; of the file under way */
	void (*progress)(const struct fetch_answer *answer); /* after each step */
	bool known[FETCH_FILES_MAX + 1]; /* looked at; the control file's stands last */
	int error; /* a trouble of our own, -errno, that was met while looking: it ends the round */
};

/* Gives F a STATE and a reason, made printable. */
__attribute__((format(printf, 3, 4))) void fetch_file_set(
	struct fetch_file *f, enum fetch_state state, const char *format, ...);

/* Fills in the answer: what is not known yet has the state FETCH_TIMEOUT, so that it is an answer
 * whenever the time is up. */
void fetch_round_begin(struct fetch_round *r);

/* Says what is being done, for the case that it takes too long. */
void fetch_round_stage(struct fetch_round *r, const char *doing);

/* Gives what is not known yet STATE and REASON. */
void fetch_round_rest(struct fetch_round *r, enum fetch_state state, const char *reason);

/* Number of the control file, among those of the request. */
enum { FETCH_CONTROL = FETCH_FILES_MAX };

/* Looks at file number I, whose octets go into the round's sink, which is empty. FETCH_ABSENT means
 * no more than "not found". */
typedef struct fetch_file (*fetch_look)(void *userdata, struct fetch_round *r, size_t i);

/* Looks at all files. What was not found is absent only when the control file was read before, and
 * is there after. Returns 0, or -errno for a trouble of our own. */
int fetch_round_look(struct fetch_round *r, fetch_look look, void *userdata);

/* Reads the file F, whose size is known, from SOURCE into the round's sink and completes F: it is
 * present, with the reason why it is not read if so; "failed" in place of "present" when its
 * contents are wanted, and when its size changes meanwhile. CONTROL: it is the control file.
 * Returns 0, or the -errno of reading, for a caller who knows better what it means. */
int fetch_round_read(struct fetch_round *r, const struct fetch_source *source, bool control,
	struct fetch_file *f);

/* F is larger than the limit: there, but not read; a failure when its contents are wanted. */
void fetch_round_too_large(const struct fetch_round *r, bool control, struct fetch_file *f);

#endif
