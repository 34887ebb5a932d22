/* SPDX-License-Identifier: ISC */
/* The login probe: libcurl makes the connection, our own state machine speaks. */
#include "probes/login.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/text.h"
#include "common/util.h"
#include "probes/after.h"
#include "probes/channel.h"
#include "probes/decision.h"
#include "probes/login_private.h"
#include "probes/tls_session.h"

enum {
	READ_SIZE = 4096,
	FAREWELL_BYTES_MAX = 4096, /* octets of a goodbye that are listened to */
};

/* How long the answer to QUIT is waited for: servers then log a clean end of the session. */
#define FAREWELL_USEC (2 * USEC_PER_SEC)

static struct login *login_of(struct transfer_item *item)
{
	return (struct login *)(void *)item;
}

/* ------------------------------------------------------------------ verdict and farewell */

void login_finish(struct login *l)
{
	struct observation *o = &l->observation;
	login_done done = l->done;

	assert(!l->verdict);
	l->verdict = true;
	if (o->total_usec == 0)
		o->total_usec = now_usec(CLOCK_MONOTONIC) - l->start_usec;
	done(l->userdata, o);
}

static const char *password_of(const struct login *l)
{
	return l->strings + strlen(l->strings) + 1;
}

/* That of an anonymous login is none, but a clue. */
const char *login_secret(const struct login *l)
{
	return user_is_anonymous(l->strings) ? NULL : password_of(l);
}

void login_say_goodbye(struct login *l)
{
	static const char quit[] = "QUIT\r\n";
	uint64_t until = now_usec(CLOCK_MONOTONIC) + FAREWELL_USEC;

	if (l->quit_by_usec > 0 && l->quit_by_usec < until)
		until = l->quit_by_usec;
	if (!l->dialogue.polite ||
		channel_send(l->session, l->control.item.fd, quit, sizeof(quit) - 1) < 0 ||
		transfer_set_deadline(&l->control.item, until) < 0)
		transfer_release(&l->control.item);
}

static void end_dialogue(struct login *l, enum dialogue_end reason, int os_error)
{
	if (l->deeper) {
		login_session_stop(l, reason, os_error);
		return;
	}
	dialogue_finish(&l->dialogue, reason, os_error, now_usec(CLOCK_MONOTONIC));
	login_finish(l);
	transfer_release(&l->control.item);
}

/* Ends the dialogue after the error -ERROR of the connection, or its end (0). */
static void end_connection(struct login *l, int error)
{
	struct observation *o = &l->observation;

	if (l->session && !l->deeper && *tls_session_why(l->session))
		snprintf(o->detail, sizeof(o->detail), "%s", tls_session_why(l->session));
	if (error == 0)
		end_dialogue(l, DIALOGUE_EOF, 0);
	else if (error == -EPROTO && l->session)
		end_dialogue(l, DIALOGUE_INSECURE, 0);
	else if (error == -EKEYEXPIRED || outcome_of_connect(-error) == OUTCOME_INTERNAL_ERROR)
		end_dialogue(l, DIALOGUE_OURS, -error);
	else
		end_dialogue(l, DIALOGUE_RESET, -error);
}

/* Waits for what TLS, or an answer, needs. Returns false when that cannot be: it has ended then. */
static bool await(struct login *l, uint32_t events)
{
	int r;

	if (events == l->watched)
		return true;
	r = transfer_watch(&l->control.item, l->watched = events);
	if (r < 0)
		end_dialogue(l, DIALOGUE_OURS, -r);
	return r >= 0;
}

/* The end of a goodbye: its last line (RFC 959: 221), or more than anybody has to say. */
static void on_farewell(struct login *l)
{
	char buffer[READ_SIZE];
	ssize_t n = channel_receive(l->session, l->control.item.fd, buffer, sizeof(buffer) - 1);

	if (n == -EAGAIN)
		return;
	if (n > 0) {
		l->farewell_bytes += (size_t)n;
		buffer[n] = '\0';
		if (l->farewell_bytes <= FAREWELL_BYTES_MAX && strncmp(buffer, "221 ", 4) != 0 &&
			!strstr(buffer, "\n221 "))
			return;
	}
	transfer_release(&l->control.item);
}

/* ------------------------------------------------------------------ the dialogue */

/* Sends a command. It is some hundred octets on a connection that has sent one command at most, so
 * it always fits into the socket's buffer: anything else is a broken connection. */
static bool send_command(struct login *l)
{
	ssize_t n = channel_send(l->session, l->control.item.fd, l->out, l->out_len);

	l->sending = n == -EAGAIN && l->session; /* TLS may have something else to say first */
	if (n == (ssize_t)l->out_len)
		return await(l, EPOLLIN);
	if (l->sending)
		return await(l, tls_session_events(l->session));
	end_connection(l, n < 0 ? (int)n : -EIO);
	return false;
}

bool login_send(struct login *l, const char *out, size_t len)
{
	l->out = out;
	l->out_len = len;
	return send_command(l);
}

/* Does what the dialogue wants; false when it has ended. */
static bool act(struct login *l, enum dialogue_action action)
{
	int r;

	switch (action) {
	case DIALOGUE_WAIT:
		break;
	case DIALOGUE_SEND:
		return login_send(l, l->dialogue.out, l->dialogue.out_len);
	case DIALOGUE_TLS:
		r = tls_session_new(l->tls, l->control.item.fd, l->host, &l->session);
		l->handshake = r == 0;
		if (r < 0)
			end_dialogue(l, DIALOGUE_OURS, -r);
		else
			return await(l, EPOLLOUT); /* the client speaks first */
		return false;
	case DIALOGUE_DONE:
		if (l->after && l->observation.outcome == OUTCOME_OK)
			return login_session_begin(l);
		login_finish(l);
		login_say_goodbye(l);
		return false;
	}
	return true;
}

/* Gives octets of the server to what is under way; false when that has ended. A server that speaks
 * again while it does not take what it asked for is none to wait for. */
static bool take(struct login *l, const char *bytes, size_t len)
{
	enum dialogue_action action;

	for (size_t done = 0, used; done < len; done += used) {
		if (l->sending) {
			end_connection(l, -EIO);
			return false;
		}
		if (l->deeper) {
			if (!login_session_take(l, bytes + done, len - done, &used))
				return false;
			continue;
		}
		action = dialogue_input(
			&l->dialogue, bytes + done, len - done, now_usec(CLOCK_MONOTONIC), &used);
		if (!act(l, action))
			return false;
	}
	return true;
}

/* Goes on with the handshake. Returns true when octets of the server are to be read next. */
static bool shake_hands(struct login *l)
{
	struct observation *o = &l->observation;
	int r = tls_session_handshake(l->session);

	if (r == -EAGAIN) {
		await(l, tls_session_events(l->session));
		return false;
	}
	l->handshake = false;
	if (r == -EBADMSG) { /* in clear: those octets are what the dialogue gets */
		l->session = tls_session_free(l->session);
		return await(l, EPOLLIN);
	}
	o->tls = malloc(sizeof(*o->tls));
	if (o->tls)
		tls_session_facts(l->session, o->tls);
	if (r != 1)
		end_connection(l, o->tls ? r : -ENOMEM);
	else if (act(l, dialogue_secured(&l->dialogue, now_usec(CLOCK_MONOTONIC))) && !l->sending)
		await(l, EPOLLIN);
	return false;
}

/* Takes what the server has to say now; false when the dialogue has ended, or there is no more. */
static bool hear(struct login *l)
{
	char buffer[READ_SIZE];
	ssize_t n = channel_receive(l->session, l->control.item.fd, buffer, sizeof(buffer));

	if (n == -EAGAIN) {
		if (l->session)
			await(l, tls_session_events(l->session));
		return false;
	}
	if (n > 0)
		return take(l, buffer, (size_t)n);
	end_connection(l, (int)n);
	return false;
}

static void note_address(struct login *l)
{
	struct observation *o = &l->observation;

	o->family = l->control.family;
	snprintf(o->address, sizeof(o->address), "%s", l->control.address);
}

/* A probe that ends before it has a connection. */
static void fail(struct login *l, enum outcome outcome, int os_error)
{
	struct observation *o = &l->observation;
	uint64_t now = now_usec(CLOCK_MONOTONIC);

	o->outcome = outcome;
	o->stage = l->control.connect_usec > 0 ? STAGE_CONNECT : STAGE_RESOLVE;
	o->os_error = os_error;
	o->stage_usec[STAGE_RESOLVE] =
		(l->control.connect_usec > 0 ? l->control.connect_usec : now) - l->start_usec;
	if (l->control.connect_usec > 0)
		o->stage_usec[STAGE_CONNECT] = now - l->control.connect_usec;
	note_address(l);
	text_escape(
		o->detail, sizeof(o->detail), l->control.curl_error, strlen(l->control.curl_error));
	login_finish(l);
	transfer_release(&l->control.item);
}

/* ------------------------------------------------------------------ our own delay */

/* For how long what the server did, on either connection, has waited for us to look. */
static uint64_t unseen_usec(const struct login *l)
{
	uint64_t control = connection_unseen_usec(&l->control, l->watched);
	uint64_t data = login_session_unseen_usec(l);

	return control > data ? control : data;
}

/* When the loop is late (too much to do, a process that was stopped), what has come meanwhile is no
 * silence: the probe goes on for as long as that has waited, in all as long again as it was given.
 * Returns false when there is no more to lend. */
static bool lend(struct login *l, uint64_t late)
{
	if (late > l->lend_usec)
		late = l->lend_usec;
	if (late == 0)
		return false;
	l->lend_usec -= late;
	l->deadline_usec = now_usec(CLOCK_MONOTONIC) + late;
	return transfer_set_deadline(&l->control.item, l->deadline_usec) >= 0;
}

void login_catch_up(struct login *l, const struct connection *c, uint32_t events)
{
	if (now_usec(CLOCK_MONOTONIC) > l->deadline_usec)
		lend(l, connection_unseen_usec(c, events));
}

/* Returns false when the server has had its time; else the probe goes on, or fails for our part. */
static bool are_late(struct login *l)
{
	static const char why[] = "this host was too busy to look at the answer in time";
	uint64_t late = unseen_usec(l);

	if (late == 0)
		return false;
	if (lend(l, late))
		return true;
	if (l->control.item.fd >= 0) {
		snprintf(l->observation.detail, sizeof(l->observation.detail), "%s", why);
		end_dialogue(l, DIALOGUE_OURS, ETIME);
	} else {
		snprintf(l->control.curl_error, sizeof(l->control.curl_error), "%s", why);
		fail(l, OUTCOME_INTERNAL_ERROR, ETIME);
	}
	return true;
}

static void on_ready(struct transfer_item *item, uint32_t events)
{
	struct login *l = login_of(item);

	if (l->verdict) {
		on_farewell(l);
		return;
	}
	login_catch_up(l, &l->control, l->watched);
	if ((l->handshake && !shake_hands(l)) || (l->sending && !send_command(l)) || l->sending)
		return;
	while (hear(l))
		if (!l->session || l->handshake || l->sending || !tls_session_has_more(l->session))
			return;
}

/* ------------------------------------------------------------------ the connection */

static bool is_implicit(const struct login *l)
{
	return tls_settings_of(l->tls)->mode == TLS_IMPLICIT;
}

static void on_transfer(struct transfer_item *item, CURLcode result)
{
	struct login *l = login_of(item);
	struct observation *o = &l->observation;
	uint64_t now = now_usec(CLOCK_MONOTONIC);
	long os_error = 0;
	int r;

	if (result != CURLE_OK) {
		curl_easy_getinfo(item->easy, CURLINFO_OS_ERRNO, &os_error);
		if (connection_our_error(&l->control) != 0)
			os_error = connection_our_error(&l->control);
		fail(l, connection_outcome(&l->control, result, (int)os_error), (int)os_error);
		return;
	}
	o->stage_usec[STAGE_RESOLVE] = l->control.connect_usec - l->start_usec;
	o->stage_usec[STAGE_CONNECT] = now - l->control.connect_usec;
	r = connection_take(&l->control);
	login_catch_up(l, &l->control, EPOLLOUT);
	if (r == 0 && item->trouble < 0) /* it was about to be given up, and is made all the same */
		r = transfer_set_deadline(item, l->deadline_usec);
	item->trouble = 0;
	note_address(l);
	dialogue_init(&l->dialogue, o, l->strings, password_of(l), l->start_usec, now);
	dialogue_hide(&l->dialogue, login_secret(l));
	if (l->tls)
		dialogue_want_tls(&l->dialogue, is_implicit(l));
	if (r == 0)
		r = transfer_watch(item, l->watched = EPOLLIN);
	if (r < 0)
		fail(l, OUTCOME_INTERNAL_ERROR, -r);
	else if (is_implicit(l))
		act(l, DIALOGUE_TLS);
}

static void on_deadline(struct transfer_item *item)
{
	struct login *l = login_of(item);

	if (l->verdict) {
		transfer_release(item);
	} else if (are_late(l)) {
		return;
	} else if (item->fd >= 0) {
		end_dialogue(l, DIALOGUE_TIMEOUT, 0);
	} else {
		fail(l, connection_late(&l->control), connection_our_error(&l->control));
	}
}

static void on_free(struct transfer_item *item)
{
	struct login *l = login_of(item);

	l->session = tls_session_free(l->session); /* it may still have a word to say */
	closep(&item->fd);
	l->tls = tls_unref(l->tls);
	l->route = route_unref(l->route);
	login_session_free(l);
	l->after = after_unref(l->after);
	observation_done(&l->observation);
	explicit_bzero(&l->dialogue, sizeof(l->dialogue));
	explicit_bzero(l->strings, l->strings_len);
	free(l);
}

static const struct transfer_ops login_ops = {
	.prepare = connection_prepare,
	.on_transfer = on_transfer,
	.on_ready = on_ready,
	.on_deadline = on_deadline,
	.free = on_free,
};

/* Their easy handles have options that others must not find. */
static const struct transfer_ops routed_ops = {
	.prepare = connection_prepare_routed,
	.on_transfer = on_transfer,
	.on_ready = on_ready,
	.on_deadline = on_deadline,
	.free = on_free,
};

/* ------------------------------------------------------------------ start and end */

int login_start(struct transfer *transfer, const struct login_target *target, login_done done,
	void *userdata, struct login **ret)
{
	size_t user = strlen(target->user) + 1, password = strlen(target->password) + 1;
	size_t host = strlen(target->host) + 1, strings = user + password + host;
	struct login *l = calloc(1, sizeof(*l) + strings);
	int r;

	if (!l)
		return -ENOMEM;
	r = transfer_begin(transfer, &l->control.item, target->route ? &routed_ops : &login_ops);
	if (r < 0) {
		free(l);
		return r;
	}
	l->strings_len = strings;
	l->tls = tls_ref(target->tls);
	l->route = route_ref(target->route);
	l->after = after_ref(target->after);
	l->done = done;
	l->userdata = userdata;
	l->quit_by_usec = target->quit_by_usec;
	l->lend_usec = target->timeout_usec;
	memcpy(l->strings, target->user, user);
	memcpy(l->strings + user, target->password, password);
	l->host = memcpy(l->strings + user + password, target->host, host);
	l->start_usec = now_usec(CLOCK_MONOTONIC);
	l->family = target->family;
	l->deadline_usec = l->start_usec + target->timeout_usec;
	l->control.route = l->route;
	connection_configure(
		&l->control, l->host, target->port, target->family, target->timeout_usec);
	r = transfer_set_deadline(&l->control.item, l->deadline_usec);
	if (r >= 0)
		r = transfer_start(&l->control.item);
	if (r < 0) {
		transfer_release(&l->control.item);
		return r;
	}
	*ret = l;
	return 0;
}

struct login *login_end(struct login *l)
{
	if (l) {
		login_session_give_up(l);
		transfer_release(&l->control.item);
	}
	return NULL;
}
