/* SPDX-License-Identifier: ISC */
/* Feeds a dialogue with the stream of a server, in any cuts, and compares what came of it. */
#ifndef FTPHEALTH_TESTS_FEED_H
#define FTPHEALTH_TESTS_FEED_H

#include <stdio.h>
#include <string.h>

#include "probes/dialogue.h"

/* How a stream is cut into pieces. */
struct cuts {
	size_t first;  /* length of the first piece; 0: as the others */
	size_t most;   /* the others are 1 ... most octets long */
	uint32_t seed; /* of their lengths; 0: all are `most` long */
};

/* What came of a stream. */
struct fed {
	struct dialogue dialogue;
	struct observation observation;
	char sent[4 * (CREDENTIAL_MAX + 8)]; /* all that the dialogue wanted sent */
	size_t sent_len;
	bool done; /* the verdict came before the end of the stream */
};

static inline size_t feed_next_piece(struct cuts *cuts)
{
	size_t n = cuts->first;

	cuts->first = 0;
	if (n > 0)
		return n;
	if (cuts->seed == 0)
		return cuts->most;
	/* Marsaglia's xorshift: the same pieces for the same seed everywhere. */
	cuts->seed ^= cuts->seed << 13;
	cuts->seed ^= cuts->seed >> 17;
	cuts->seed ^= cuts->seed << 5;
	return 1 + cuts->seed % cuts->most;
}

/* Feeds one piece as a caller does: what is left after a command is passed again. */
static inline void feed_piece(struct fed *f, const char *bytes, size_t len, uint64_t now)
{
	while (len > 0 && !f->done) {
		size_t used;
		enum dialogue_action action = dialogue_input(&f->dialogue, bytes, len, now, &used);

		bytes += used;
		len -= used;
		f->done = action == DIALOGUE_DONE;
		if (action == DIALOGUE_SEND &&
			f->sent_len + f->dialogue.out_len < sizeof(f->sent)) {
			memcpy(f->sent + f->sent_len, f->dialogue.out, f->dialogue.out_len);
			f->sent_len += f->dialogue.out_len;
			f->sent[f->sent_len] = '\0';
		}
	}
}

/* Runs a whole dialogue; the caller frees the observation. */
static inline void feed(struct fed *f, const char *user, const char *password, const char *bytes,
	size_t len, struct cuts cuts)
{
	uint64_t now = 1000;

	memset(f, 0, sizeof(*f));
	dialogue_init(&f->dialogue, &f->observation, user, password, 500, now);
	while (len > 0 && !f->done) {
		size_t n = feed_next_piece(&cuts);

		n = n < len ? n : len;
		feed_piece(f, bytes, n, now += 10);
		bytes += n;
		len -= n;
	}
}

/* NULL when A and B saw the same but for times, else what differs. */
static inline const char *feed_difference(const struct fed *a, const struct fed *b)
{
	const struct observation *x = &a->observation, *y = &b->observation;

	if (x->outcome != y->outcome)
		return "outcome";
	if (x->stage != y->stage)
		return "stage";
	if (x->code != y->code)
		return "code";
	if (x->os_error != y->os_error)
		return "os_error";
	if (strcmp(x->detail, y->detail) != 0)
		return "detail";
	if (x->n_replies != y->n_replies)
		return "number of replies";
	for (size_t i = 0; i < x->n_replies; i++) {
		if (x->replies[i].stage != y->replies[i].stage)
			return "stage of a reply";
		if (x->replies[i].code != y->replies[i].code)
			return "code of a reply";
		if (strcmp(x->replies[i].text, y->replies[i].text) != 0)
			return "text of a reply";
	}
	for (int i = 0; i < STAGE_END; i++)
		if ((x->stage_usec[i] > 0) != (y->stage_usec[i] > 0))
			return "stages reached";
	if (a->sent_len != b->sent_len || memcmp(a->sent, b->sent, a->sent_len) != 0)
		return "commands";
	if (a->dialogue.polite != b->dialogue.polite)
		return "polite";
	return a->done != b->done ? "done" : NULL;
}

#endif
