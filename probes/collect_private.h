/* SPDX-License-Identifier: ISC */
/* One item of a round: what is asked for it, and what the answer means; private to collecting. */
#ifndef FTPHEALTH_COLLECT_PRIVATE_H
#define FTPHEALTH_COLLECT_PRIVATE_H

#include "probes/collect.h"
#include "probes/helper.h"

/* What a run of one program is to find out. Strings live as long as the round. */
struct item_request {
	const char *program; /* static */
	char *text;          /* owned: what the program is asked */
	size_t answer_max;
	struct fetch_request fetch; /* of a fetch: for reading the answer */
};

/* A round's knowledge that items work on. */
struct item_context {
	const struct evidence_source *source;
	const char *password;
	uint32_t own_attempts;
	uint64_t now; /* CLOCK_REALTIME, microseconds */
};

/* Storage for URLs with the date filled in. */
struct item_urls {
	char *list[EVIDENCE_MODULES_MAX + 1];
};
void item_urls_done(struct item_urls *urls);

/* Makes the request of ITEM. Returns 0 or -ENOMEM. */
int item_ask(enum evidence_item item, const struct item_context *ctx, struct item_urls *urls,
	struct item_request *ret);

/* Folds what came of the run into C. */
void item_fold(enum evidence_item item, const struct item_context *ctx,
	const struct item_request *request, const struct helper_result *result,
	struct collected *c);

/* Notes that ITEM failed for a reason of our own; WHY is printable ASCII. */
void item_failed(struct collected *c, enum evidence_item item, uint64_t now, const char *why);

#endif
