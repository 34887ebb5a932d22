/* SPDX-License-Identifier: ISC */
/* The login dialogue: lines to replies, replies to moves, moves to a verdict. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/util.h"
#include "probes/dialogue_text.h"

enum {
	/* 120 replies borne with: room is left for 220, 331, 230, and those to AUTH, PBSZ, PROT. */
	PATIENCE_MAX = OBSERVATION_REPLIES_MAX - 6,
};
static_assert(PATIENCE_MAX > 0, "a 120 is legal");

/* What a reply leads to. */
enum move {
	MOVE_WAIT,     /* for the next reply of the same stage */
	MOVE_BEGIN,    /* send USER, or ask for TLS first */
	MOVE_TLS,      /* begin TLS */
	MOVE_ON,       /* whatever was said: TLS protects the login, the data is another matter */
	MOVE_PASSWORD, /* send PASS */
	MOVE_END,      /* the verdict is `outcome` */
};

struct step {
	enum stage stage;
	int low, high; /* codes */
	enum move move;
	enum outcome outcome;
	const char *detail;
};

static const char wants_account[] = "the server wants an account (ACCT)";
static const char wants_more[] = "the server wants more than a password";
static const char in_clear[] = "the server answers in clear where TLS should begin";

/* The login diagram of RFC 959 section 6; the first row that fits holds, none is an error of the
 * protocol. Beyond the diagram: 230 as greeting is taken as logged in (curl does so), 232 to USER
 * is RFC 2228's, 230 to USER is what Pure-FTPd says to anonymous. A 332 wants an account (ACCT),
 * which an anonymous login has not. TLS: RFC 4217, 334 is what some say in place of 234; a reply to
 * PBSZ or PROT decides nothing unless it is a 421. */
/* clang-format off */
static const struct step steps[] = {
	{ STAGE_TLS,      100, 699, MOVE_END,      OUTCOME_TLS_FAILED,        in_clear },
	{ STAGE_BANNER,   120, 120, MOVE_WAIT,     0,                         NULL },
	{ STAGE_BANNER,   220, 220, MOVE_BEGIN,    0,                         NULL },
	{ STAGE_BANNER,   230, 230, MOVE_END,      OUTCOME_OK,                NULL },
	{ STAGE_BANNER,   400, 499, MOVE_END,      OUTCOME_TEMPORARY_REFUSAL, NULL },
	{ STAGE_BANNER,   500, 599, MOVE_END,      OUTCOME_LOGIN_REFUSED,     NULL },
	{ STAGE_AUTH,     421, 421, MOVE_END,      OUTCOME_TEMPORARY_REFUSAL, NULL },
	{ STAGE_AUTH,     234, 234, MOVE_TLS,      0,                         NULL },
	{ STAGE_AUTH,     334, 334, MOVE_TLS,      0,                         NULL },
	{ STAGE_AUTH,     400, 599, MOVE_END,      OUTCOME_TLS_FAILED,        NULL },
	{ STAGE_USER,     200, 299, MOVE_END,      OUTCOME_OK,                NULL },
	{ STAGE_USER,     332, 332, MOVE_END,      OUTCOME_LOGIN_REFUSED,     wants_account },
	{ STAGE_USER,     300, 399, MOVE_PASSWORD, 0,                         NULL },
	{ STAGE_USER,     400, 499, MOVE_END,      OUTCOME_TEMPORARY_REFUSAL, NULL },
	{ STAGE_USER,     500, 599, MOVE_END,      OUTCOME_LOGIN_REFUSED,     NULL },
	{ STAGE_PASSWORD, 200, 299, MOVE_END,      OUTCOME_OK,                NULL },
	{ STAGE_PASSWORD, 332, 332, MOVE_END,      OUTCOME_LOGIN_REFUSED,     wants_account },
	{ STAGE_PASSWORD, 300, 399, MOVE_END,      OUTCOME_LOGIN_REFUSED,     wants_more },
	{ STAGE_PASSWORD, 400, 499, MOVE_END,      OUTCOME_TEMPORARY_REFUSAL, NULL },
	{ STAGE_PASSWORD, 500, 599, MOVE_END,      OUTCOME_LOGIN_REFUSED,     NULL },
};
/* clang-format on */

static const struct step go_on = { .move = MOVE_ON };

static const struct step *find_step(const struct dialogue *d, int code)
{
	if (d->tls == DIALOGUE_EXPLICIT && d->stage == STAGE_BANNER && code == 230)
		code = 220; /* logged in, but in clear */
	if (d->auth > AUTH_TLS && d->stage == STAGE_AUTH && code >= 200 && code != 421)
		return &go_on;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (steps[i].stage == d->stage && code >= steps[i].low && code <= steps[i].high)
			return &steps[i];
	return NULL;
}

/* Closes the account of the present stage. One that was reached never shows 0; that of AUTH goes on
 * behind the handshake. */
static void end_stage(struct dialogue *d, enum stage next, uint64_t now_usec)
{
	uint64_t spent = dialogue_elapsed(d->stage_usec, now_usec);

	d->observation->stage_usec[d->stage] += spent > 0 ? spent : 1;
	d->stage = next;
	d->stage_usec = now_usec;
}

static enum dialogue_action conclude(
	struct dialogue *d, enum outcome outcome, int code, uint64_t now_usec)
{
	struct observation *o = d->observation;
	uint64_t total = dialogue_elapsed(d->start_usec, now_usec);

	o->outcome = outcome;
	o->stage = outcome == OUTCOME_OK ? STAGE_NONE : d->stage;
	o->code = code;
	o->total_usec = total > 0 ? total : 1;
	end_stage(d, STAGE_NONE, now_usec);
	/* After a 421 the server closes by itself (RFC 959 section 4.2.2). */
	d->polite = code != 421 &&
		(outcome == OUTCOME_OK || outcome == OUTCOME_LOGIN_REFUSED ||
			outcome == OUTCOME_TEMPORARY_REFUSAL ||
			(outcome == OUTCOME_TLS_FAILED && code >= 400));
	return DIALOGUE_DONE;
}

static enum dialogue_action out_of_memory(struct dialogue *d, uint64_t now_usec)
{
	d->observation->os_error = ENOMEM;
	return conclude(d, OUTCOME_INTERNAL_ERROR, 0, now_usec);
}

/* Makes the detail `WHAT: "the line under way"`, escaped and shortened. */
static void quote_line(struct dialogue *d, const char *what)
{
	reply_reader_quote(
		&d->reader, what, d->observation->detail, sizeof(d->observation->detail));
}

/* Goes on to stage NEXT by sending VERB with ARGUMENT. */
static enum dialogue_action say(struct dialogue *d, enum stage next, const char *verb,
	const char *argument, uint64_t now_usec)
{
	end_stage(d, next, now_usec);
	d->out_len = (size_t)snprintf(d->command, sizeof(d->command), "%s %s\r\n", verb, argument);
	assert(d->out_len < sizeof(d->command));
	d->out = d->command;
	dialogue_begin_reply(d);
	return DIALOGUE_SEND;
}

static enum dialogue_action say_auth(
	struct dialogue *d, const char *verb, const char *argument, uint64_t now_usec)
{
	d->auth++;
	return say(d, STAGE_AUTH, verb, argument, now_usec);
}

/* Sends what follows the greeting or the handshake, and what was sent of AUTH. RFC 4217 section 9:
 * PBSZ 0, then PROT, after the handshake; an implicit one needs no AUTH. */
static enum dialogue_action say_next(struct dialogue *d, uint64_t now_usec)
{
	if (d->tls != DIALOGUE_CLEAR && d->auth == AUTH_NONE)
		return say_auth(d, "AUTH", "TLS", now_usec);
	if (d->auth == AUTH_TLS)
		return say_auth(d, "PBSZ", "0", now_usec);
	if (d->auth == AUTH_PBSZ)
		return say_auth(d, "PROT", "P", now_usec);
	return say(d, STAGE_USER, "USER", d->user, now_usec);
}

/* A reply came to a place in the dialogue where its code means nothing. */
static enum dialogue_action misplaced(struct dialogue *d, int code, uint64_t now_usec)
{
	static const char *const what[STAGE_END] = {
		[STAGE_BANNER] = "greeting",
		[STAGE_AUTH] = "answer to AUTH",
		[STAGE_USER] = "answer to USER",
		[STAGE_PASSWORD] = "answer to PASS",
	};

	snprintf(d->observation->detail, sizeof(d->observation->detail), "%d is no %s", code,
		what[d->stage]);
	return conclude(d, OUTCOME_PROTOCOL_ERROR, code, now_usec);
}

/* Acts on a complete reply. */
static enum dialogue_action take_reply(struct dialogue *d, int code, uint64_t now_usec)
{
	struct observation *o = d->observation;
	const struct step *step = find_step(d, code);

	if (dialogue_keep_reply(d, code, now_usec) < 0)
		return out_of_memory(d, now_usec);
	if (!step)
		return misplaced(d, code, now_usec);
	switch (step->move) {
	case MOVE_WAIT:
		if (o->n_replies > PATIENCE_MAX) {
			snprintf(o->detail, sizeof(o->detail), "more than %d times %d",
				PATIENCE_MAX, code);
			return conclude(d, OUTCOME_PROTOCOL_ERROR, code, now_usec);
		}
		dialogue_begin_reply(d);
		return DIALOGUE_WAIT;
	case MOVE_BEGIN:
	case MOVE_ON:
		return say_next(d, now_usec);
	case MOVE_TLS:
		end_stage(d, STAGE_TLS, now_usec);
		dialogue_begin_reply(d);
		return DIALOGUE_TLS;
	case MOVE_PASSWORD:
		return say(d, STAGE_PASSWORD, "PASS", d->password, now_usec);
	case MOVE_END:
		break;
	}
	if (step->detail)
		snprintf(o->detail, sizeof(o->detail), "%s", step->detail);
	return conclude(d, step->outcome, code, now_usec);
}

static enum dialogue_action not_ftp(struct dialogue *d, uint64_t now_usec)
{
	quote_line(d, "not FTP");
	return conclude(d, OUTCOME_PROTOCOL_ERROR, 0, now_usec);
}

/* A reply without end is not kept; its detail says which bound it broke. */
static enum dialogue_action too_long(
	struct dialogue *d, unsigned bound, const char *unit, uint64_t now_usec)
{
	int code = reply_reader_code(&d->reader);

	snprintf(d->observation->detail, sizeof(d->observation->detail),
		"reply %d has more than %u %s", code, bound, unit);
	return conclude(d, OUTCOME_PROTOCOL_ERROR, 0, now_usec);
}

/* Acts on a whole line; its reply ends with it when it is the LAST. */
static enum dialogue_action take_line(
	struct dialogue *d, const struct reply_line *line, uint64_t now_usec)
{
	if (dialogue_keep_line(d, line->text, line->len, line->last) < 0)
		return out_of_memory(d, now_usec);
	return line->last ? take_reply(d, line->code, now_usec) : DIALOGUE_WAIT;
}

/* Takes octets of one line, up to its line feed or as far as they came; *RET_USED says how many. */
static enum dialogue_action take_piece(
	struct dialogue *d, const char *bytes, size_t len, uint64_t now_usec, size_t *ret_used)
{
	struct reply_line line;

	switch (reply_reader_take(&d->reader, bytes, len, ret_used, &line)) {
	case REPLY_MORE:
		break;
	case REPLY_LINE:
		return take_line(d, &line, now_usec);
	case REPLY_NOT_FTP:
		return not_ftp(d, now_usec);
	case REPLY_TOO_LONG:
		return too_long(d, REPLY_BYTES_MAX, "octets", now_usec);
	case REPLY_TOO_MANY:
		return too_long(d, REPLY_LINES_MAX, "lines", now_usec);
	}
	return DIALOGUE_WAIT;
}

void dialogue_init(struct dialogue *d, struct observation *o, const char *user,
	const char *password, uint64_t start_usec, uint64_t now_usec)
{
	assert(d && o && user && password);
	assert(strlen(user) <= CREDENTIAL_MAX && !strpbrk(user, "\r\n"));
	assert(strlen(password) <= CREDENTIAL_MAX && !strpbrk(password, "\r\n"));
	assert(o->n_replies == 0 && !o->text);

	*d = (struct dialogue){
		.observation = o,
		.user = user,
		.password = password,
		.stage = STAGE_BANNER,
		.start_usec = start_usec,
		.stage_usec = now_usec,
	};
	dialogue_begin_reply(d);
}

void dialogue_hide(struct dialogue *d, const char *secret)
{
	reply_reader_hide(&d->reader, secret);
}

void dialogue_want_tls(struct dialogue *d, bool implicit)
{
	assert(d && d->stage == STAGE_BANNER && d->observation->n_replies == 0);
	d->tls = implicit ? DIALOGUE_IMPLICIT : DIALOGUE_EXPLICIT;
	if (!implicit)
		return;
	d->stage = STAGE_TLS;
	d->auth = AUTH_TLS; /* it is as if it had been said */
}

enum dialogue_action dialogue_secured(struct dialogue *d, uint64_t now_usec)
{
	assert(d && d->stage == STAGE_TLS);
	if (d->tls == DIALOGUE_EXPLICIT)
		return say_next(d, now_usec);
	end_stage(d, STAGE_BANNER, now_usec);
	return DIALOGUE_WAIT;
}

enum dialogue_action dialogue_input(
	struct dialogue *d, const char *bytes, size_t len, uint64_t now_usec, size_t *ret_used)
{
	enum dialogue_action action = DIALOGUE_WAIT;
	size_t used = 0;

	assert(d && (bytes || len == 0) && ret_used);
	d->out = NULL;
	d->out_len = 0;
	if (d->stage == STAGE_NONE)
		action = DIALOGUE_DONE;
	while (action == DIALOGUE_WAIT && used < len) {
		size_t piece;

		action = take_piece(d, bytes + used, len - used, now_usec, &piece);
		used += piece;
	}
	*ret_used = d->stage == STAGE_NONE && used == 0 ? len : used;
	return action;
}

void dialogue_finish(struct dialogue *d, enum dialogue_end reason, int os_error, uint64_t now_usec)
{
	static const enum outcome outcomes[] = {
		[DIALOGUE_EOF] = OUTCOME_CONNECTION_CLOSED,
		[DIALOGUE_RESET] = OUTCOME_CONNECTION_CLOSED,
		[DIALOGUE_TIMEOUT] = OUTCOME_TIMEOUT,
		[DIALOGUE_INSECURE] = OUTCOME_TLS_FAILED,
		[DIALOGUE_OURS] = OUTCOME_INTERNAL_ERROR,
	};
	struct reply_line line;
	struct observation *o;

	assert(d && reason < ARRAY_SIZE(outcomes));
	d->out = NULL;
	d->out_len = 0;
	if (d->stage == STAGE_NONE)
		return;
	o = d->observation;
	if (reason == DIALOGUE_INSECURE || reason == DIALOGUE_OURS) {
		o->os_error = os_error;
		conclude(d, outcomes[reason], 0, now_usec);
		return;
	}
	if (reply_reader_end(&d->reader, &line) && reason != DIALOGUE_TIMEOUT && line.code >= 400 &&
		line.code <= 599 && find_step(d, line.code)->move == MOVE_END) {
		take_line(d, &line, now_usec);
		d->polite = false;
		return;
	}
	reply_reader_describe_rest(&d->reader, o->detail, sizeof(o->detail));
	o->os_error = os_error;
	conclude(d, outcomes[reason], 0, now_usec);
}
