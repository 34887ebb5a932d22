/* SPDX-License-Identifier: ISC */
/* What follows a login that works: the connections of it, on the event loop. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/text.h"
#include "common/util.h"
#include "probes/channel.h"
#include "probes/host.h"
#include "probes/login_private.h"
#include "probes/session.h"

enum {
	READ_SIZE = 16384,
	TURN_SIZE = 65536, /* octets of data that one event takes: others wait for their turn */
};

/* libcurl's limit is behind that of the probe, whose words are better. */
#define PATIENCE_USEC USEC_PER_SEC

/* The data connection. */
struct data {
	struct connection connection; /* first: the engine's view of it */
	struct login *login;          /* borrowed; not to be used when the item is freed */
	struct tls_session *tls;
	bool handshake;
	uint32_t watched;
};

struct login_session {
	struct session session;
	struct data *data;               /* the engine's to free; NULL when there is none */
	bool private;                    /* the data goes in TLS */
	char host[CONNECTION_HOST_SIZE]; /* where the control connection goes, when straight */
	char peer[INET6_ADDRSTRLEN];
};

static struct data *data_of(struct transfer_item *item)
{
	return (struct data *)(void *)item;
}

static void drop_data(struct login_session *s)
{
	struct data *d = TAKE_PTR(s->data);

	if (d)
		transfer_release(&d->connection.item);
}

static void act(struct login *l, enum session_action action);

/* ------------------------------------------------------------------ what comes of the data */

/* The data connection ends, -ERROR or 0, as the server's doing or ours. */
static void end_data(struct data *d, int error)
{
	struct login *l = d->login;
	enum session_end end = SESSION_RESET;
	char why[SESSION_DETAIL_MAX + 1];

	if (error == 0 && !d->handshake)
		end = SESSION_EOF;
	else if (error == -EKEYEXPIRED ||
		(error < 0 && outcome_of_connect(-error) == OUTCOME_INTERNAL_ERROR))
		end = SESSION_OURS;
	else if (error == -EPROTO || d->handshake)
		end = SESSION_INSECURE;
	if (d->tls && *tls_session_why(d->tls))
		snprintf(why, sizeof(why), "data connection: %s", tls_session_why(d->tls));
	else if (error == -EBADMSG)
		snprintf(why, sizeof(why), "the server sends the data in clear");
	else if (error == 0)
		snprintf(why, sizeof(why), "the server ends the data connection before TLS");
	else
		snprintf(why, sizeof(why), "data connection: %s", strerror(-error));
	drop_data(l->deeper);
	act(l,
		session_data_end(&l->deeper->session, end,
			error == -EPROTO || error == -EBADMSG ? 0 : -error, why,
			now_usec(CLOCK_MONOTONIC)));
}

static bool await(struct data *d, uint32_t events)
{
	int r;

	if (events == d->watched)
		return true;
	r = transfer_watch(&d->connection.item, d->watched = events);
	if (r < 0)
		end_data(d, r);
	return r >= 0;
}

/* Returns true when data is to be read next. */
static bool shake_hands(struct data *d)
{
	int r = tls_session_handshake(d->tls);

	if (r == -EAGAIN) {
		await(d, tls_session_events(d->tls));
		return false;
	}
	if (r != 1) {
		end_data(d, r);
		return false;
	}
	d->handshake = false;
	session_secured(&d->login->deeper->session, now_usec(CLOCK_MONOTONIC));
	return await(d, EPOLLIN);
}

/* epoll knows nothing of what TLS has read already: that is taken at once. */
static void on_ready(struct transfer_item *item, uint32_t events)
{
	struct data *d = data_of(item);
	struct login *l = d->login;
	char buffer[READ_SIZE];
	size_t taken = 0;

	login_catch_up(l, &d->connection, d->watched);
	if (d->handshake && !shake_hands(d))
		return;
	while (taken < TURN_SIZE || (d->tls && tls_session_has_more(d->tls))) {
		ssize_t n = channel_receive(d->tls, item->fd, buffer, sizeof(buffer));
		enum session_action action;

		if (n == -EAGAIN) {
			if (d->tls)
				await(d, tls_session_events(d->tls));
			return;
		}
		if (n <= 0) {
			end_data(d, (int)n);
			return;
		}
		taken += (size_t)n;
		action = session_data(
			&l->deeper->session, buffer, (size_t)n, now_usec(CLOCK_MONOTONIC));
		if (action != SESSION_WAIT) {
			act(l, action);
			return;
		}
		if (!d->tls && (size_t)n < sizeof(buffer))
			return;
	}
}

static void begin_tls(struct login *l)
{
	struct data *d = l->deeper->data;
	int r;

	if (!l->deeper->private || !d)
		return;
	r = tls_session_new(l->tls, d->connection.item.fd, l->host, &d->tls);
	if (r < 0) {
		end_data(d, r);
		return;
	}
	tls_session_resume(d->tls, l->session, after_settings_of(l->after)->max_size);
	d->handshake = true;
	await(d, EPOLLOUT); /* the client speaks first */
}

/* ------------------------------------------------------------------ the connection */

/* There is no data connection. A name was resolved for the login: that of a proxy's target is asked
 * for again, and a failure of that is ours. */
static void fail(struct data *d, enum outcome outcome, int os_error)
{
	struct login *l = d->login;
	char why[SESSION_DETAIL_MAX + 1];

	text_escape(why, sizeof(why), d->connection.curl_error, strlen(d->connection.curl_error));
	drop_data(l->deeper);
	act(l,
		session_not_connected(&l->deeper->session,
			outcome == OUTCOME_INTERNAL_ERROR || outcome == OUTCOME_RESOLVE_FAILED
				? SESSION_OURS
				: SESSION_RESET,
			os_error, why, now_usec(CLOCK_MONOTONIC)));
}

/* In clear the data may come before the reply that announces it; TLS begins when that is there. */
static void on_transfer(struct transfer_item *item, CURLcode result)
{
	struct data *d = data_of(item);
	struct login *l = d->login;
	long os_error = 0;
	int r;

	if (result != CURLE_OK) {
		curl_easy_getinfo(item->easy, CURLINFO_OS_ERRNO, &os_error);
		if (connection_our_error(&d->connection) != 0)
			os_error = connection_our_error(&d->connection);
		fail(d, connection_outcome(&d->connection, result, (int)os_error), (int)os_error);
		return;
	}
	r = connection_take(&d->connection);
	login_catch_up(l, &d->connection, EPOLLOUT);
	item->trouble = 0; /* it was about to be given up, and is made all the same */
	if (r == 0 && !l->deeper->private)
		r = transfer_watch(item, d->watched = EPOLLIN);
	if (r < 0)
		fail(d, OUTCOME_INTERNAL_ERROR, -r);
	else
		act(l,
			session_connected(&l->deeper->session, d->connection.address,
				now_usec(CLOCK_MONOTONIC)));
}

/* Of its own it has none: this is the engine's, when it cannot go on. */
static void on_deadline(struct transfer_item *item)
{
	struct data *d = data_of(item);

	if (item->fd < 0)
		fail(d, OUTCOME_INTERNAL_ERROR, connection_our_error(&d->connection));
}

static void on_free(struct transfer_item *item)
{
	struct data *d = data_of(item);

	d->tls = tls_session_free(d->tls);
	closep(&item->fd);
	free(d);
}

static const struct transfer_ops data_ops = {
	.prepare = connection_prepare,
	.on_transfer = on_transfer,
	.on_ready = on_ready,
	.on_deadline = on_deadline,
	.free = on_free,
};

static const struct transfer_ops routed_ops = {
	.prepare = connection_prepare_routed,
	.on_transfer = on_transfer,
	.on_ready = on_ready,
	.on_deadline = on_deadline,
	.free = on_free,
};

/* Where the data is to be had. Behind a proxy the server is where its name leads the proxy; only of
 * a name there is a choice of families. */
static const char *data_host(const struct login *l, int *ret_family)
{
	*ret_family = AF_UNSPEC;
	if (l->deeper->session.host)
		return l->deeper->session.host;
	if (*l->deeper->host)
		return l->deeper->host;
	*ret_family = l->family;
	return l->host;
}

static int start_data(struct login *l)
{
	struct login_session *s = l->deeper;
	struct data *d = calloc(1, sizeof(*d));
	uint64_t now = now_usec(CLOCK_MONOTONIC);
	const char *host;
	int family, r;

	if (!d)
		return -ENOMEM;
	r = transfer_begin(
		l->control.item.transfer, &d->connection.item, l->route ? &routed_ops : &data_ops);
	if (r < 0) {
		free(d);
		return r;
	}
	s->data = d;
	d->login = l;
	d->connection.route = l->route;
	host = data_host(l, &family);
	connection_configure(&d->connection, host, s->session.record->facts.port, family,
		(l->deadline_usec > now ? l->deadline_usec - now : 0) + PATIENCE_USEC);
	r = transfer_start(&d->connection.item);
	if (r < 0)
		drop_data(s);
	return r;
}

/* ------------------------------------------------------------------ moves */

static void conclude(struct login *l)
{
	struct login_session *s = l->deeper;

	drop_data(s);
	l->dialogue.polite = s->session.polite;
	login_finish(l);
	login_say_goodbye(l);
}

/* Does what the session wants. */
static void act(struct login *l, enum session_action action)
{
	struct session *s = &l->deeper->session;
	int r;

	switch (action) {
	case SESSION_WAIT:
		break;
	case SESSION_SEND:
		login_send(l, s->out, s->out_len);
		break;
	case SESSION_CONNECT:
		r = start_data(l);
		if (r < 0)
			act(l,
				session_not_connected(s, SESSION_OURS, -r, strerror(-r),
					now_usec(CLOCK_MONOTONIC)));
		break;
	case SESSION_OPEN:
		begin_tls(l);
		break;
	case SESSION_DONE:
		conclude(l);
		break;
	}
}

bool login_session_take(struct login *l, const char *octets, size_t len, size_t *ret_used)
{
	act(l,
		session_input(
			&l->deeper->session, octets, len, now_usec(CLOCK_MONOTONIC), ret_used));
	return !l->verdict;
}

void login_session_stop(struct login *l, enum dialogue_end reason, int os_error)
{
	static const enum session_end ends[] = {
		[DIALOGUE_EOF] = SESSION_EOF,
		[DIALOGUE_RESET] = SESSION_RESET,
		[DIALOGUE_INSECURE] = SESSION_INSECURE,
		[DIALOGUE_OURS] = SESSION_OURS,
	};
	struct login_session *s = l->deeper;
	struct data *d = s->data;
	uint64_t now = now_usec(CLOCK_MONOTONIC);
	char why[SESSION_DETAIL_MAX + 1] = "";
	enum session_action action;

	if (reason == DIALOGUE_TIMEOUT) {
		if (d && d->connection.item.fd < 0 &&
			connection_late(&d->connection) == OUTCOME_INTERNAL_ERROR) {
			fail(d, OUTCOME_INTERNAL_ERROR, connection_our_error(&d->connection));
			return;
		}
		if (d && d->handshake)
			session_data_end(&s->session, SESSION_INSECURE, 0,
				"TLS on the data connection is not ready in time", now);
		session_late(&s->session, now);
		conclude(l);
		return;
	}
	if (reason == DIALOGUE_INSECURE)
		snprintf(why, sizeof(why), "control connection: %s", tls_session_why(l->session));
	action = session_end(&s->session, ends[reason], os_error, why, now);
	if (action == SESSION_WAIT && l->watched != 0) /* the data is still to come */
		transfer_watch(&l->control.item, l->watched = 0);
	act(l, action);
}

/* ------------------------------------------------------------------ begin and end */

/* Whether the server took PROT P: the last that was said of AUTH. */
static bool is_private(const struct login *l)
{
	const struct reply *prot = observation_reply(&l->observation, STAGE_AUTH);

	return l->tls && prot && prot->code >= 200 && prot->code <= 299;
}

/* What is known of where the server is. */
static void find_peer(struct login *l)
{
	struct login_session *s = l->deeper;

	if (!route_settings_of(l->route)->proxy) {
		snprintf(s->peer, sizeof(s->peer), "%s", l->observation.address);
		if (connection_peer(&l->control, s->host) < 0)
			s->host[0] = '\0';
	} else if (host_is_address(l->host)) {
		snprintf(s->peer, sizeof(s->peer), "%s", l->host);
	}
}

/* For want of memory there is no record, and so no word on the server. */
bool login_session_begin(struct login *l)
{
	struct session_record *record = calloc(1, sizeof(*record));
	enum session_action action;

	l->deeper = calloc(1, sizeof(*l->deeper));
	if (l->deeper && record) {
		find_peer(l);
		l->deeper->private = is_private(l);
	}
	if (!l->deeper || !record ||
		session_init(&l->deeper->session, record, after_settings_of(l->after),
			l->deeper->peer, strchr(l->deeper->peer, ':') != NULL,
			now_usec(CLOCK_MONOTONIC), &action) < 0) {
		free(record);
		login_session_free(l);
		login_finish(l);
		login_say_goodbye(l);
		return false;
	}
	l->observation.session = record;
	session_hide(&l->deeper->session, login_secret(l));
	if (l->tls && !l->deeper->private)
		session_expose(&l->deeper->session);
	act(l, action);
	return !l->verdict;
}

uint64_t login_session_unseen_usec(const struct login *l)
{
	const struct data *d = l->deeper ? l->deeper->data : NULL;

	return d ? connection_unseen_usec(&d->connection, d->watched) : 0;
}

void login_session_give_up(struct login *l)
{
	if (l->deeper)
		drop_data(l->deeper);
}

void login_session_free(struct login *l)
{
	if (!l->deeper)
		return;
	session_done(&l->deeper->session);
	free(TAKE_PTR(l->deeper));
}
