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
	QUOTE_MAX = 64, /* characters of a bad line that are shown in the detail */
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
	char all[4 * REPLY_LINE_MAX + 1], shown[QUOTE_MAX + 1];
	size_t len = text_escape(all, sizeof(all), d->line, d->line_len);
	bool cut = text_escape(shown, sizeof(shown), d->line, d->line_len) < len;

	snprintf(d->observation->detail, sizeof(d->observation->detail), "%s: \"%s%s\"", what,
		shown, cut ? "..." : "");
}

/* The code at the start of LINE when that is how a reply begins (RFC 959 section 4.2), else 0. The
 * first digit 6 is RFC 2228's; a bare code is no reply by the letter, but servers send it. */
static int line_code(const char *line, size_t len)
{
	if (len < 3 || line[0] < '1' || line[0] > '6')
		return 0;
	for (size_t i = 1; i < 3; i++)
		if (line[i] < '0' || line[i] > '9')
			return 0;
	if (len > 3 && line[3] != ' ' && line[3] != '-')
		return 0;
	return 100 * (line[0] - '0') + 10 * (line[1] - '0') + (line[2] - '0');
}

/* True when the line under way ends its reply. */
static bool line_is_last(const struct dialogue *d, int code)
{
	if (code == 0 || (d->multiline != 0 && code != d->multiline))
		return false;
	return d->line_len == 3 || d->line[3] == ' ';
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
	int code = d->multiline != 0 ? d->multiline : line_code(d->line, d->line_len);

	snprintf(d->observation->detail, sizeof(d->observation->detail),
		"reply %d has more than %u %s", code, bound, unit);
	return conclude(d, OUTCOME_PROTOCOL_ERROR, 0, now_usec);
}

/* Takes the carriage return off the line under way and returns its code, 0 when it has none. */
static int end_line(struct dialogue *d)
{
	if (!d->line_cut && d->line_len > 0 && d->line[d->line_len - 1] == '\r')
		d->line_len--;
	return line_code(d->line, d->line_len);
}

/* Acts on the line under way, which is complete but for its line feed. */
static enum dialogue_action take_line(struct dialogue *d, uint64_t now_usec)
{
	bool last, ours;
	size_t skip;
	int code;

	code = end_line(d);
	if (code == 0 && d->multiline == 0)
		return not_ftp(d, now_usec);
	if (++d->reply_lines > DIALOGUE_LINES_MAX)
		return too_long(d, DIALOGUE_LINES_MAX, "lines", now_usec);
	/* Between the first and the last line stands free text, whatever digits it starts with;
	 * most servers repeat their code there. */
	ours = d->multiline == 0 || code == d->multiline;
	last = line_is_last(d, code);
	skip = !ours ? 0 : d->line_len < 4 ? d->line_len : 4;
	if (dialogue_keep_line(d, d->line + skip, d->line_len - skip, last) < 0)
		return out_of_memory(d, now_usec);
	d->line_len = 0;
	d->line_cut = false;
	if (last)
		return take_reply(d, code, now_usec);
	if (d->multiline == 0)
		d->multiline = code;
	return DIALOGUE_WAIT;
}

/* Adds LEN octets to the line under way, as many as are kept. */
static void add_to_line(struct dialogue *d, const char *bytes, size_t len)
{
	size_t room = sizeof(d->line) - d->line_len;
	size_t n = len < room ? len : room;

	memcpy(d->line + d->line_len, bytes, n);
	d->line_len += n;
	if (n < len)
		d->line_cut = true;
}

/* Takes octets of one line, up to its line feed or as far as they came; *RET_USED says how many.
 * Every decision falls at a certain octet of the stream, so that cuts never matter. */
static enum dialogue_action take_piece(
	struct dialogue *d, const char *bytes, size_t len, uint64_t now_usec, size_t *ret_used)
{
	const char *end = memchr(bytes, '\n', len);
	size_t used = end ? (size_t)(end - bytes) + 1 : len;

	*ret_used = used;
	add_to_line(d, bytes, end ? used - 1 : used);
	d->reply_bytes += used;
	if (d->line_len == REPLY_LINE_MAX && d->multiline == 0 &&
		line_code(d->line, d->line_len) == 0)
		return not_ftp(d, now_usec);
	if (d->reply_bytes > DIALOGUE_BYTES_MAX)
		return too_long(d, DIALOGUE_BYTES_MAX, "octets", now_usec);
	return end ? take_line(d, now_usec) : DIALOGUE_WAIT;
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
	*ret_used = action == DIALOGUE_SEND || action == DIALOGUE_TLS ? used : len;
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
	struct observation *o;
	int code;

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
	code = end_line(d);
	if (reason != DIALOGUE_TIMEOUT && line_is_last(d, code) && code >= 400 && code <= 599 &&
		find_step(d, code)->move == MOVE_END) {
		take_line(d, now_usec);
		d->polite = false;
		return;
	}
	if (d->line_len > 0)
		quote_line(d, "unfinished line");
	else if (d->multiline != 0)
		snprintf(o->detail, sizeof(o->detail), "unfinished reply %d", d->multiline);
	o->os_error = os_error;
	conclude(d, outcomes[reason], 0, now_usec);
}
