/* SPDX-License-Identifier: ISC */
/*
 * Fuzz target for what follows a login: the same happenings in any cuts give the same facts, which
 * keep their bounds and hold no control character. The first octet of an input chooses what is
 * wanted, the second the cuts; then come lines, each a happening (see session_feed.h) and its
 * octets, to the next '\0'.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/text.h"
#include "common/util.h"
#include "probes/diagnosis.h"
#include "tests/unit/session_feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HOLDS(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "does not hold: %s\n", #condition); \
			abort(); \
		} \
	} while (0)

enum { MAX_SIZE = 64 };

static const char sha256[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char *const peers[] = { "192.0.2.7", "2001:db8::7", "" };

static void run(struct session_fed *f, uint8_t choice, const char *stream, size_t size, size_t most)
{
	struct after_settings settings = {
		.command = SESSION_PWD + choice % 3,
		.passive = choice / 3 % PASSIVES,
		.foreign = choice / 9 % FOREIGNS,
		.path = "/f",
		.sha256 = choice / 81 ? sha256 : NULL,
		.max_size = MAX_SIZE,
	};

	session_feed_start(f, &settings, peers[choice / 27 % 3], false);
	while (size > 0) {
		const char *end = memchr(stream, '\0', size);
		size_t len = end ? (size_t)(end - stream) : size;

		if (len > 0)
			session_feed(f, (enum happening)stream[0], stream + 1, len - 1, most,
				choice % 2 == 0);
		len += end ? 1 : 0;
		stream += len;
		size -= len;
	}
	session_late(&f->session, f->now += 10);
}

static void check(const struct session_fed *f)
{
	const struct session_facts *facts = &f->record.facts;

	HOLDS(session_result_label(facts->result) && facts->result != SESSION_NOT_RUN);
	HOLDS(diagnosis_info(session_diagnosis(facts->result)));
	HOLDS(facts->octets <= MAX_SIZE && (!facts->truncated || facts->octets == MAX_SIZE));
	HOLDS(facts->code == 0 || (facts->code >= 100 && facts->code <= 699));
	HOLDS(facts->total_usec > 0 && facts->passive_usec <= facts->total_usec);
	HOLDS(text_is_clean_utf8(facts->text) && text_is_clean_utf8(facts->detail));
	HOLDS(f->record.n_replies <= SESSION_REPLIES_MAX);
	HOLDS(strlen(f->host) == 0 || facts->port > 0);
	HOLDS(!f->session.polite || facts->result != SESSION_PROTOCOL_ERROR);
	for (size_t i = 0; i < f->record.n_replies; i++)
		HOLDS(text_is_clean_utf8(f->record.replies[i].text));
	/* Nobody is followed who is not to be. */
	HOLDS(strlen(f->host) == 0 || strcmp(f->host, "peer") == 0 ||
		f->session.settings->foreign == FOREIGN_FOLLOW);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct session_fed whole, cut;
	const char *difference;

	if (size < 2)
		return 0;
	run(&whole, data[0], (const char *)data + 2, size - 2, SIZE_MAX);
	run(&cut, data[0], (const char *)data + 2, size - 2, 1 + data[1] % 40u);
	difference = session_feed_difference(&whole, &cut);
	if (difference) {
		fprintf(stderr, "cuts matter: %s\n", difference);
		abort();
	}
	check(&whole);
	session_done(&whole.session);
	session_done(&cut.session);
	return 0;
}
