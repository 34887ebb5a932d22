/* SPDX-License-Identifier: ISC */
/*
 * Fuzz target for the classifier: any dialogue gives causes within bounds, in order, and the same
 * ones again; nothing that follows a login is a cause. An input is the stream of a server; its
 * first octet chooses the user, the second how the stream ends.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "probes/classify_rules.h"
#include "tests/fuzz/holds.h"
#include "tests/unit/feed.h"

static void check(const struct observation *o, const struct classification *c)
{
	HOLDS(c->product && c->rule && strlen(c->version) < VERSION_MAX);
	HOLDS(c->n_causes <= CAUSES_MAX);
	HOLDS((o->outcome == OUTCOME_OK) == (c->n_causes == 0));
	for (size_t i = 0; i < c->n_causes; i++) {
		HOLDS(c->causes[i].diagnosis > DIAG_NONE && c->causes[i].diagnosis < DIAG_END);
		HOLDS(c->causes[i].confidence >= 1 && c->causes[i].confidence <= 99);
		HOLDS(i == 0 || c->causes[i].confidence <= c->causes[i - 1].confidence);
		for (size_t k = 0; k < i; k++)
			HOLDS(c->causes[k].diagnosis != c->causes[i].diagnosis);
	}
	HOLDS(c->n_causes == 0 || c->causes[0].diagnosis != DIAG_OTHER ||
		c->causes[0].confidence <= 25);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const users[] = { "anonymous", "ftp", "bob", "x" };
	static struct fed fed;
	struct classification first = { 0 }, second = { 0 };
	const char *user;
	enum dialogue_end end;

	if (size < 2)
		return 0;
	user = users[data[0] % 4];
	end = data[1] % 3;
	feed(&fed, user, "probe@example.net", (const char *)data + 2, size - 2,
		(struct cuts){ .most = size });
	dialogue_finish(&fed.dialogue, end, end == DIALOGUE_RESET ? ECONNRESET : 0, 1000000);
	classify(&fed.observation, user, "probe@example.net", &first);
	check(&fed.observation, &first);
	classify_without(&fed.observation, user, "probe@example.net", "ProFTPD", &second);
	check(&fed.observation, &second);
	classify(&fed.observation, user, "probe@example.net", &second);
	HOLDS(first.n_causes == second.n_causes && first.rule == second.rule);
	for (size_t i = 0; i < first.n_causes; i++)
		HOLDS(first.causes[i].diagnosis == second.causes[i].diagnosis);
	observation_done(&fed.observation);
	return 0;
}
