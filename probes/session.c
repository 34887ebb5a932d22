/* SPDX-License-Identifier: ISC */
/* What follows a login that works: replies and data to moves, moves to facts. */
#include "probes/session.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "common/util.h"
#include "probes/session_passive.h"
#include "probes/session_private.h"

enum { PATIENCE_MAX = 4 }; /* replies of the first hundred to one command */

/* What a reply leads to. */
enum move {
	MOVE_FAIL,     /* to `result`; that of the command when it is 0 */
	MOVE_OK,       /* all is done */
	MOVE_PASSIVE,  /* ask where the data is to be had */
	MOVE_FALLBACK, /* ask the older way, if that may be */
	MOVE_CONNECT,  /* make the data connection */
	MOVE_FLOW,     /* the data comes */
	MOVE_DATA,     /* the data has come, or is about to */
};

struct rule {
	enum session_step step;
	int low, high; /* codes */
	enum move move;
	enum session_result result;
};

/* The first row that fits holds, none is an error of the protocol. Which codes of EPSV mean that it
 * is not known: RFC 2428 section 4 and RFC 1639's successors in the field. 425 and 426 are RFC
 * 959's for a data connection that fails; 522 is what vsftpd says when TLS on it does. Some servers
 * say 226 of an empty listing without a 150 before. */
/* clang-format off */
static const struct rule rules[] = {
	{ STEP_PWD,      200, 299, MOVE_OK,       0 },
	{ STEP_PWD,      400, 599, MOVE_FAIL,     SESSION_COMMAND_REFUSED },
	{ STEP_TYPE,     200, 299, MOVE_PASSIVE,  0 },
	{ STEP_TYPE,     400, 599, MOVE_FAIL,     SESSION_COMMAND_REFUSED },
	{ STEP_EPSV,     229, 229, MOVE_CONNECT,  0 },
	{ STEP_EPSV,     500, 502, MOVE_FALLBACK, SESSION_COMMAND_REFUSED },
	{ STEP_EPSV,     522, 522, MOVE_FALLBACK, SESSION_COMMAND_REFUSED },
	{ STEP_EPSV,     400, 599, MOVE_FAIL,     SESSION_COMMAND_REFUSED },
	{ STEP_PASV,     227, 227, MOVE_CONNECT,  0 },
	{ STEP_PASV,     400, 599, MOVE_FAIL,     SESSION_COMMAND_REFUSED },
	{ STEP_CONNECT,  400, 599, MOVE_FAIL,     SESSION_DATA_FAILED },
	{ STEP_TRANSFER, 100, 199, MOVE_FLOW,     0 },
	{ STEP_TRANSFER, 200, 299, MOVE_DATA,     0 },
	{ STEP_TRANSFER, 425, 426, MOVE_FAIL,     SESSION_DATA_FAILED },
	{ STEP_TRANSFER, 522, 522, MOVE_FAIL,     SESSION_TLS_FAILED },
	{ STEP_TRANSFER, 400, 599, MOVE_FAIL,     0 },
	{ STEP_FLOW,     100, 199, MOVE_FLOW,     0 },
	{ STEP_FLOW,     200, 299, MOVE_DATA,     0 },
	{ STEP_FLOW,     425, 426, MOVE_FAIL,     SESSION_DATA_FAILED },
	{ STEP_FLOW,     522, 522, MOVE_FAIL,     SESSION_TLS_FAILED },
	{ STEP_FLOW,     400, 599, MOVE_FAIL,     0 },
};
/* clang-format on */

static const struct rule *find_rule(const struct session *s, int code)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i].step == s->step && code >= rules[i].low && code <= rules[i].high)
			return &rules[i];
	return NULL;
}

static bool is_list(const struct session *s)
{
	return s->settings->command == SESSION_LIST;
}

/* The latest command, for a person. */
const char *session_said(const struct session *s)
{
	switch (s->said) {
	case STEP_PWD:
		return "PWD";
	case STEP_TYPE:
		return is_list(s) ? "TYPE A" : "TYPE I";
	case STEP_EPSV:
		return "EPSV";
	case STEP_PASV:
		return "PASV";
	default:
		return is_list(s) ? "LIST" : "RETR";
	}
}

/* Time from the good login on; a moment that came never shows 0. */
uint64_t session_since_start(const struct session *s, uint64_t now_usec)
{
	return now_usec > s->start_usec ? now_usec - s->start_usec : 1;
}

void session_describe(struct session *s, const char *format, ...)
{
	char text[2 * SESSION_DETAIL_MAX];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	text_escape(s->record->facts.detail, sizeof(s->record->facts.detail), text, strlen(text));
}

/* ------------------------------------------------------------------ the end */

enum session_action session_conclude(
	struct session *s, enum session_result result, uint64_t now_usec)
{
	struct session_facts *f = &s->record->facts;

	f->result = result;
	f->total_usec = session_since_start(s, now_usec);
	s->polite = s->polite && result != SESSION_PROTOCOL_ERROR && f->code != 421;
	s->step = STEP_OVER;
	return SESSION_DONE;
}

/* What it is that failed when a transfer does. */
static enum session_result result_of_command(const struct session *s)
{
	return is_list(s) ? SESSION_LISTING_FAILED : SESSION_FILE_UNAVAILABLE;
}

enum session_result session_result_of_data(const struct session *s)
{
	static const enum session_result results[] = {
		[SESSION_EOF] = SESSION_OK,
		[SESSION_RESET] = SESSION_DATA_FAILED,
		[SESSION_INSECURE] = SESSION_TLS_FAILED,
		[SESSION_OURS] = SESSION_INTERNAL_ERROR,
	};

	return s->data_over ? results[s->data_end] : SESSION_OK;
}

/* All has come: is it what it should be? */
enum session_action session_judge(struct session *s, uint64_t now_usec)
{
	struct session_facts *f = &s->record->facts;
	enum session_result result = session_result_of_data(s);

	if (result != SESSION_OK || !s->digest)
		return session_conclude(s, result, now_usec);
	if (digest_end(s->digest, f->sha256) < 0) {
		f->os_error = ENOMEM;
		return session_conclude(s, SESSION_INTERNAL_ERROR, now_usec);
	}
	if (!s->settings->sha256 || strcmp(s->settings->sha256, f->sha256) == 0)
		return session_conclude(s, SESSION_OK, now_usec);
	session_describe(s, "SHA-256 is %s", f->sha256);
	return session_conclude(s, SESSION_CONTENT_MISMATCH, now_usec);
}

/* ------------------------------------------------------------------ commands */

/* Goes on to STEP by sending its command, with ARGUMENT unless that is NULL. */
enum session_action session_say(struct session *s, enum session_step step, const char *argument)
{
	s->step = s->said = step;
	s->patience = PATIENCE_MAX;
	s->out_len = (size_t)snprintf(s->command, sizeof(s->command), "%s%s%s\r\n", session_said(s),
		argument ? " " : "", argument ? argument : "");
	assert(s->out_len < sizeof(s->command));
	s->out = s->command;
	return SESSION_SEND;
}

static enum session_action ask_passive(struct session *s, uint64_t now_usec)
{
	if (s->exposed) {
		session_describe(s, "the server refuses PROT P: the data would go in clear");
		return session_conclude(s, SESSION_TLS_FAILED, now_usec);
	}
	return session_say(s, s->settings->passive == PASSIVE_PASV ? STEP_PASV : STEP_EPSV, NULL);
}

static enum session_action refuse(struct session *s, enum session_result result, uint64_t now_usec)
{
	/* That TLS failed says more than that its connection did. */
	if (result == SESSION_DATA_FAILED && session_result_of_data(s) == SESSION_TLS_FAILED)
		result = SESSION_TLS_FAILED;
	return session_conclude(s, result ? result : result_of_command(s), now_usec);
}

/* A 229 or a 227 has come. */
static enum session_action connect_to(
	struct session *s, const struct reply_line *reply, uint64_t now_usec)
{
	struct session_facts *f = &s->record->facts;
	char line[REPLY_LINE_MAX + 1];
	int code = reply->code;
	bool good;

	snprintf(line, sizeof(line), "%.*s", (int)reply->len, reply->raw);
	s->named[0] = '\0';
	good = s->step == STEP_EPSV ? passive_read_epsv(line, &f->port)
				    : passive_read_pasv(line, s->named, &f->port);
	if (!good) {
		session_describe(s, "%d names no port", code);
		return session_conclude(s, SESSION_PROTOCOL_ERROR, now_usec);
	}
	f->passive_usec = session_since_start(s, now_usec);
	snprintf(f->address, sizeof(f->address), "%s", s->peer);
	if (*s->named && passive_is_foreign(s->named, s->peer, s->settings->foreign)) {
		snprintf(f->address, sizeof(f->address), "%s", s->named);
		session_describe(
			s, "%d names %s, which is not the server's address", code, s->named);
		if (s->settings->foreign == FOREIGN_REFUSE)
			return session_conclude(s, SESSION_PASSIVE_REDIRECTED, now_usec);
		if (s->settings->foreign == FOREIGN_FOLLOW)
			s->host = s->named;
		else
			snprintf(f->address, sizeof(f->address), "%s", s->peer);
	}
	s->step = STEP_CONNECT;
	return SESSION_CONNECT;
}

/* ------------------------------------------------------------------ replies */

static void keep_reply(struct session *s, const struct reply_line *line, uint64_t now_usec)
{
	struct session_record *r = s->record;
	struct session_reply *reply;

	r->facts.code = line->code;
	text_escape(r->facts.text, sizeof(r->facts.text), line->text, line->len);
	if (r->n_replies == SESSION_REPLIES_MAX)
		return;
	reply = &r->replies[r->n_replies++];
	*reply = (struct session_reply){
		.said = session_said(s),
		.code = line->code,
		.at_usec = session_since_start(s, now_usec),
	};
	memcpy(reply->text, r->facts.text, sizeof(reply->text));
}

static enum session_action flow(struct session *s, int code, uint64_t now_usec)
{
	enum session_action action = s->step == STEP_TRANSFER ? SESSION_OPEN : SESSION_WAIT;

	if (s->patience-- == 0) {
		session_describe(s, "more than %d times %d", PATIENCE_MAX, code);
		return session_conclude(s, SESSION_PROTOCOL_ERROR, now_usec);
	}
	s->step = STEP_FLOW;
	return action;
}

static enum session_action complete(struct session *s, uint64_t now_usec)
{
	enum session_action action = s->step == STEP_TRANSFER ? SESSION_OPEN : SESSION_WAIT;

	s->step = STEP_DATA;
	return s->data_over ? session_judge(s, now_usec) : action;
}

/* Acts on a complete reply. */
static enum session_action take_reply(
	struct session *s, const struct reply_line *line, uint64_t now_usec)
{
	int code = line->code;
	const struct rule *rule = find_rule(s, code);

	keep_reply(s, line, now_usec);
	if (!rule) {
		session_describe(s, "%d is no answer to %s", code, session_said(s));
		return session_conclude(s, SESSION_PROTOCOL_ERROR, now_usec);
	}
	switch (rule->move) {
	case MOVE_FAIL:
		break;
	case MOVE_OK:
		return session_conclude(s, SESSION_OK, now_usec);
	case MOVE_PASSIVE:
		return ask_passive(s, now_usec);
	case MOVE_FALLBACK: /* PASV has no room for an address of IPv6 */
		if (s->settings->passive == PASSIVE_AUTO && !s->ipv6)
			return session_say(s, STEP_PASV, NULL);
		break;
	case MOVE_CONNECT:
		return connect_to(s, line, now_usec);
	case MOVE_FLOW:
		return flow(s, code, now_usec);
	case MOVE_DATA:
		return complete(s, now_usec);
	}
	return refuse(s, rule->result, now_usec);
}

static enum session_action take_line(
	struct session *s, const struct reply_line *line, uint64_t now_usec)
{
	if (!line->last)
		return SESSION_WAIT;
	reply_reader_begin(&s->reader);
	return take_reply(s, line, now_usec);
}

static enum session_action not_ftp(struct session *s, const char *what, uint64_t now_usec)
{
	s->record->facts.code = 0;
	s->record->facts.text[0] = '\0';
	reply_reader_quote(
		&s->reader, what, s->record->facts.detail, sizeof(s->record->facts.detail));
	return session_conclude(s, SESSION_PROTOCOL_ERROR, now_usec);
}

static enum session_action take_piece(
	struct session *s, const char *octets, size_t len, uint64_t now_usec, size_t *ret_used)
{
	struct reply_line line;

	switch (reply_reader_take(&s->reader, octets, len, ret_used, &line)) {
	case REPLY_MORE:
		break;
	case REPLY_LINE:
		return take_line(s, &line, now_usec);
	case REPLY_NOT_FTP:
		return not_ftp(s, "not FTP", now_usec);
	case REPLY_TOO_LONG:
	case REPLY_TOO_MANY:
		return not_ftp(s, "a reply without end", now_usec);
	}
	return SESSION_WAIT;
}

enum session_action session_input(
	struct session *s, const char *octets, size_t len, uint64_t now_usec, size_t *ret_used)
{
	enum session_action action = SESSION_WAIT;
	size_t used = 0;

	assert(s && (octets || len == 0) && ret_used);
	s->out = NULL;
	s->out_len = 0;
	/* What else is said when all is said changes nothing. */
	if (s->step == STEP_OVER || s->step == STEP_DATA) {
		*ret_used = len;
		return s->step == STEP_OVER ? SESSION_DONE : SESSION_WAIT;
	}
	while (action == SESSION_WAIT && s->step != STEP_DATA && used < len) {
		size_t piece;

		action = take_piece(s, octets + used, len - used, now_usec, &piece);
		used += piece;
	}
	*ret_used = used;
	return action;
}

/* Replies are read to their end or not at all, where somebody may have changed them. */
static enum session_action end_insecure(struct session *s, const char *detail, uint64_t now_usec)
{
	s->record->facts.code = 0;
	s->record->facts.text[0] = '\0';
	session_describe(s, "%s", detail);
	return session_conclude(s, SESSION_TLS_FAILED, now_usec);
}

enum session_action session_end(struct session *s, enum session_end end, int os_error,
	const char *detail, uint64_t now_usec)
{
	struct session_facts *f = &s->record->facts;
	struct reply_line line;

	if (s->step == STEP_OVER)
		return SESSION_DONE;
	s->polite = false;
	if (end == SESSION_OURS) {
		f->os_error = os_error;
		return session_conclude(s, SESSION_INTERNAL_ERROR, now_usec);
	}
	if (s->step == STEP_DATA)
		return SESSION_WAIT;
	if (end == SESSION_INSECURE)
		return end_insecure(s, detail, now_usec);
	if (reply_reader_end(&s->reader, &line) && line.code >= 400 && line.code <= 599)
		return take_line(s, &line, now_usec); /* a refusal that was cut off */
	f->os_error = os_error;
	f->code = 0;
	f->text[0] = '\0';
	if (!reply_reader_describe_rest(&s->reader, f->detail, sizeof(f->detail)))
		session_describe(s, "the server ended the connection after %s", session_said(s));
	return session_conclude(s, SESSION_CONNECTION_CLOSED, now_usec);
}

/* ------------------------------------------------------------------ begin and end */

int session_init(struct session *s, struct session_record *record,
	const struct after_settings *settings, const char *peer, bool ipv6, uint64_t now_usec,
	enum session_action *ret_action)
{
	assert(settings->command > SESSION_NONE && settings->command < SESSION_COMMAND_END);
	*s = (struct session){
		.record = record,
		.settings = settings,
		.peer = peer,
		.ipv6 = ipv6,
		.polite = true,
		.start_usec = now_usec,
	};
	record->facts =
		(struct session_facts){ .command = settings->command, .result = SESSION_NOT_RUN };
	record->n_replies = 0;
	if (settings->command == SESSION_RETR) {
		s->digest = digest_new();
		if (!s->digest)
			return -ENOMEM;
	}
	reply_reader_begin(&s->reader);
	*ret_action = session_say(s, settings->command == SESSION_PWD ? STEP_PWD : STEP_TYPE, NULL);
	return 0;
}

void session_hide(struct session *s, const char *secret)
{
	reply_reader_hide(&s->reader, secret);
}

void session_expose(struct session *s)
{
	s->exposed = true;
}

void session_done(struct session *s)
{
	s->digest = digest_free(s->digest);
}
