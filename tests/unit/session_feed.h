/* SPDX-License-Identifier: ISC */
/* Feeds a session with what comes of both its connections, in any cuts, and compares what came of
 * it. */
#ifndef FTPHEALTH_TESTS_SESSION_FEED_H
#define FTPHEALTH_TESTS_SESSION_FEED_H

#include <errno.h>
#include <string.h>

#include "probes/session.h"

/* What happens to a session. */
enum happening {
	HAPPEN_CONTROL = '<',  /* octets of the control connection */
	HAPPEN_DATA = '=',     /* octets of data */
	HAPPEN_DATA_EOF = '.', /* the data ends */
	HAPPEN_DATA_RESET = '!',
	HAPPEN_INSECURE = '*', /* TLS of the data fails */
	HAPPEN_CONNECTED =
		'c',       /* the data connection is made; else it is as soon as it is wanted */
	HAPPEN_NONE = 'n', /* it cannot be made */
	HAPPEN_OURS = 'o', /* it cannot be made, and that is our own failure */
	HAPPEN_EOF = 'x',  /* the control connection ends */
	HAPPEN_CONTROL_INSECURE = '#', /* TLS of it fails */
	HAPPEN_LATE = 't',             /* the time is over */
};

struct session_fed {
	struct after_settings settings;
	struct session session;
	struct session_record record;
	char sent[2 * AFTER_PATH_MAX]; /* all that it wanted sent */
	char host[INET_ADDRSTRLEN];    /* where it wanted to connect; "peer" is the server */
	bool wants_data;               /* to be connected */
	bool connected, opened, data_over, done;
	uint64_t now;
};

static inline void session_feed_act(struct session_fed *f, enum session_action action)
{
	struct session *s = &f->session;

	switch (action) {
	case SESSION_WAIT:
		break;
	case SESSION_SEND:
		if (strlen(f->sent) + s->out_len < sizeof(f->sent))
			strncat(f->sent, s->out, s->out_len);
		break;
	case SESSION_CONNECT:
		f->wants_data = true;
		snprintf(f->host, sizeof(f->host), "%s", s->host ? s->host : "peer");
		break;
	case SESSION_OPEN:
		f->opened = true;
		break;
	case SESSION_DONE:
		f->done = true;
		break;
	}
}

static inline void session_feed_start(struct session_fed *f, const struct after_settings *settings,
	const char *peer, bool exposed)
{
	enum session_action action;

	memset(f, 0, sizeof(*f));
	f->now = 1000;
	f->settings = *settings;
	if (session_init(&f->session, &f->record, &f->settings, peer, strchr(peer, ':') != NULL,
		    f->now, &action) < 0)
		abort();
	if (exposed)
		session_expose(&f->session);
	session_feed_act(f, action);
}

static inline void session_feed_connect(struct session_fed *f)
{
	if (!f->wants_data || f->connected || f->done)
		return;
	f->connected = true;
	session_feed_act(f, session_connected(&f->session, "", f->now += 10));
}

/* As a caller does: what is left after a move is passed again. */
static inline void session_feed_control(
	struct session_fed *f, const char *octets, size_t len, bool connect)
{
	while (len > 0 && !f->done) {
		size_t used;

		session_feed_act(f, session_input(&f->session, octets, len, f->now += 10, &used));
		octets += used;
		len -= used;
		if (connect)
			session_feed_connect(f);
	}
}

static inline void session_feed_octets(struct session_fed *f, enum happening what,
	const char *octets, size_t len, size_t most, bool connect)
{
	while (len > 0 && !f->done) {
		size_t n = len < most ? len : most;

		if (what == HAPPEN_CONTROL)
			session_feed_control(f, octets, n, connect);
		else if (f->connected && !f->data_over)
			session_feed_act(f, session_data(&f->session, octets, n, f->now += 10));
		octets += n;
		len -= n;
	}
}

static inline void session_feed_data_end(struct session_fed *f, enum session_end end)
{
	if (!f->connected || f->data_over)
		return;
	f->data_over = true;
	session_feed_act(f,
		session_data_end(&f->session, end, end == SESSION_RESET ? ECONNRESET : 0,
			end == SESSION_RESET ? "reset" : "no TLS", f->now += 10));
}

static inline void session_feed_unconnected(struct session_fed *f, enum session_end end)
{
	if (f->wants_data && !f->connected)
		session_feed_act(f,
			session_not_connected(&f->session, end,
				end == SESSION_OURS ? EMFILE : ECONNREFUSED, "none", f->now += 10));
}

/* Octets come in pieces of at most MOST. CONNECT: the data connection is made at once. */
static inline void session_feed(struct session_fed *f, enum happening what, const char *octets,
	size_t len, size_t most, bool connect)
{
	if (f->done)
		return;
	switch (what) {
	case HAPPEN_CONTROL:
	case HAPPEN_DATA:
		session_feed_octets(f, what, octets, len, most, connect);
		break;
	case HAPPEN_DATA_EOF:
		session_feed_data_end(f, SESSION_EOF);
		break;
	case HAPPEN_DATA_RESET:
		session_feed_data_end(f, SESSION_RESET);
		break;
	case HAPPEN_INSECURE:
		session_feed_data_end(f, SESSION_INSECURE);
		break;
	case HAPPEN_CONNECTED:
		session_feed_connect(f);
		break;
	case HAPPEN_NONE:
		session_feed_unconnected(f, SESSION_RESET);
		break;
	case HAPPEN_OURS:
		session_feed_unconnected(f, SESSION_OURS);
		break;
	case HAPPEN_EOF:
		session_feed_act(f, session_end(&f->session, SESSION_EOF, 0, "", f->now += 10));
		break;
	case HAPPEN_CONTROL_INSECURE:
		session_feed_act(f,
			session_end(&f->session, SESSION_INSECURE, 0, "bad record", f->now += 10));
		break;
	case HAPPEN_LATE:
		session_late(&f->session, f->now += 10);
		f->done = true;
		break;
	}
}

/* NULL when A and B saw the same but for times, else what differs. */
static inline const char *session_feed_difference(
	const struct session_fed *a, const struct session_fed *b)
{
	const struct session_facts *x = &a->record.facts, *y = &b->record.facts;

	if (x->result != y->result)
		return "result";
	if (x->code != y->code || strcmp(x->text, y->text) != 0)
		return "reply";
	if (x->os_error != y->os_error || strcmp(x->detail, y->detail) != 0)
		return "detail";
	if (x->octets != y->octets || x->truncated != y->truncated)
		return "octets";
	if (strcmp(x->sha256, y->sha256) != 0)
		return "SHA-256";
	if (strcmp(x->address, y->address) != 0 || x->port != y->port)
		return "address";
	if (!x->passive_usec != !y->passive_usec || !x->data_usec != !y->data_usec ||
		!x->first_usec != !y->first_usec || !x->total_usec != !y->total_usec)
		return "what was reached";
	if (a->record.n_replies != b->record.n_replies)
		return "number of replies";
	if (strcmp(a->sent, b->sent) != 0)
		return "commands";
	if (strcmp(a->host, b->host) != 0 || a->opened != b->opened)
		return "moves";
	if (a->session.polite != b->session.polite)
		return "polite";
	return a->done != b->done ? "done" : NULL;
}

#endif
