/* SPDX-License-Identifier: ISC */
/*
 * Fuzz target for the login dialogue: the same octets in any cuts give the same observation, which
 * keeps its bounds and holds no control character. The first octet of an input chooses the cuts,
 * the second how the stream ends ('0' closed, '1' reset, '2' our deadline); the rest is the stream.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/text.h"
#include "common/util.h"
#include "tests/fuzz/holds.h"
#include "tests/unit/feed.h"

static struct cuts choose_cuts(uint8_t choice)
{
	static const size_t most[] = { 1, 2, 3, 7, 40, 511, 512, 513, 1400, 70000 };

	return (struct cuts){
		.most = most[choice % ARRAY_SIZE(most)],
		.seed = choice / ARRAY_SIZE(most),
	};
}

static void check_reply(const struct reply *r)
{
	HOLDS(r->stage == STAGE_BANNER || r->stage == STAGE_USER || r->stage == STAGE_PASSWORD);
	HOLDS(r->code >= 100 && r->code <= 699);
	HOLDS(strlen(r->text) <= REPLY_TEXT_MAX);
	HOLDS(!strchr(reply_last_line(r), '\n'));
	for (const char *c = r->text; *c; c++)
		HOLDS(*c == '\n' || ((unsigned char)*c >= 0x20 && *c != 0x7f));
}

static void check_observation(const struct observation *o, enum dialogue_end end)
{
	size_t kept = 0;

	HOLDS(outcome_label(o->outcome) && stage_label(o->stage));
	HOLDS((o->outcome == OUTCOME_OK) == (o->stage == STAGE_NONE));
	HOLDS((o->code != 0) == (observation_verdict(o) != NULL));
	HOLDS(o->outcome != OUTCOME_TIMEOUT || end == DIALOGUE_TIMEOUT);
	HOLDS(o->outcome != OUTCOME_CONNECTION_CLOSED || end != DIALOGUE_TIMEOUT);
	HOLDS(o->outcome != OUTCOME_INTERNAL_ERROR);
	HOLDS((o->outcome == OUTCOME_OK) ==
		(o->code == 230 ||
			(o->code >= 200 && o->code < 300 &&
				observation_verdict(o)->stage != STAGE_BANNER)));
	HOLDS(o->outcome != OUTCOME_TEMPORARY_REFUSAL || o->code / 100 == 4);
	HOLDS(o->outcome != OUTCOME_LOGIN_REFUSED || o->code / 100 == 5 || o->code / 100 == 3);
	HOLDS(o->n_replies <= OBSERVATION_REPLIES_MAX);
	HOLDS(strlen(o->detail) < sizeof(o->detail) && text_is_clean_utf8(o->detail));
	HOLDS(o->total_usec > 0 && o->stage_usec[STAGE_BANNER] > 0);
	for (size_t i = 0; i < o->n_replies; i++) {
		check_reply(&o->replies[i]);
		HOLDS(o->replies[i].at_usec <= o->total_usec);
		kept += strlen(o->replies[i].text) + 1;
	}
	HOLDS(kept <= OBSERVATION_TEXT_MAX);
}

static void check_dialogue(const struct fed *f)
{
	const struct observation *o = &f->observation;

	HOLDS(!f->dialogue.polite ||
		(o->code != 0 && o->code != 421 && o->outcome != OUTCOME_PROTOCOL_ERROR));
	HOLDS((o->stage_usec[STAGE_USER] > 0) == (f->sent_len > 0));
	HOLDS(f->sent_len == 0 || strncmp(f->sent, "USER anonymous\r\n", 16) == 0);
	HOLDS(f->sent_len <= 16 || strcmp(f->sent + 16, "PASS probe@example.net\r\n") == 0);
}

/* The same with TLS wanted, whose handshake works as soon as it is asked for: nobody's name is said
 * in clear, and nobody is logged in there. */
static void feed_secure(const char *stream, size_t size, bool implicit, enum dialogue_end end)
{
	struct observation o = { 0 };
	struct dialogue d;
	enum dialogue_action action = implicit ? DIALOGUE_TLS : DIALOGUE_WAIT;
	bool secure = false;

	dialogue_init(&d, &o, "anonymous", "probe@example.net", 0, 1);
	dialogue_want_tls(&d, implicit);
	for (size_t done = 0, used = 0; action != DIALOGUE_DONE; done += used) {
		used = 0;
		if (action == DIALOGUE_TLS) {
			HOLDS(!secure);
			secure = true;
			action = dialogue_secured(&d, 100 + done);
		} else if (done < size) {
			action = dialogue_input(&d, stream + done, size - done, 100 + done, &used);
		} else {
			break;
		}
		if (action == DIALOGUE_SEND)
			HOLDS(secure || strncmp(d.out, "AUTH TLS\r\n", d.out_len) == 0);
	}
	dialogue_finish(&d, end, 0, 1000000);
	HOLDS(o.outcome != OUTCOME_OK || (secure && o.stage_usec[STAGE_TLS] > 0));
	HOLDS(outcome_label(o.outcome) && stage_label(o.stage));
	HOLDS(o.n_replies <= OBSERVATION_REPLIES_MAX);
	observation_done(&o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fed whole, cut;
	const char *stream = (const char *)data + 2;
	enum dialogue_end end;
	const char *difference;

	if (size < 2)
		return 0;
	size -= 2;
	end = data[1] % 3;
	feed(&whole, "anonymous", "probe@example.net", stream, size,
		(struct cuts){ .most = size + 1 });
	feed(&cut, "anonymous", "probe@example.net", stream, size, choose_cuts(data[0]));
	dialogue_finish(&whole.dialogue, end, end == DIALOGUE_RESET ? ECONNRESET : 0, 1000000);
	dialogue_finish(&cut.dialogue, end, end == DIALOGUE_RESET ? ECONNRESET : 0, 1000000);
	difference = feed_difference(&whole, &cut);
	if (difference) {
		fprintf(stderr, "cuts matter: %s\n", difference);
		abort();
	}
	check_observation(&whole.observation, end);
	check_dialogue(&whole);
	observation_done(&whole.observation);
	observation_done(&cut.observation);
	feed_secure(stream, size, false, end);
	feed_secure(stream, size, true, end);
	return 0;
}
