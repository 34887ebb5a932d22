/* SPDX-License-Identifier: ISC */
/* What follows a login that works: the data connection, and time. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>

#include "probes/session_private.h"

enum session_action session_connected(struct session *s, const char *address, uint64_t now_usec)
{
	struct session_facts *f = &s->record->facts;

	if (s->step == STEP_OVER)
		return SESSION_DONE;
	assert(s->step == STEP_CONNECT);
	s->connected = true;
	f->data_usec = session_since_start(s, now_usec);
	if (*address)
		snprintf(f->address, sizeof(f->address), "%s", address);
	return session_say(s, STEP_TRANSFER, s->settings->path);
}

enum session_action session_not_connected(struct session *s, enum session_end end, int os_error,
	const char *detail, uint64_t now_usec)
{
	struct session_facts *f = &s->record->facts;

	if (s->step == STEP_OVER)
		return SESSION_DONE;
	assert(s->step == STEP_CONNECT);
	session_describe(s, "%s", detail);
	f->os_error = os_error;
	f->code = 0;
	f->text[0] = '\0';
	return session_conclude(
		s, end == SESSION_OURS ? SESSION_INTERNAL_ERROR : SESSION_DATA_FAILED, now_usec);
}

void session_secured(struct session *s, uint64_t now_usec)
{
	s->record->facts.data_usec = session_since_start(s, now_usec);
}

/* There is more than is wanted. */
static enum session_action cut_off(struct session *s, uint64_t now_usec)
{
	struct session_facts *f = &s->record->facts;

	f->truncated = true;
	s->digest = digest_free(s->digest);
	session_describe(s, "more than %llu octets", (unsigned long long)f->octets);
	return session_conclude(
		s, s->settings->sha256 ? SESSION_CONTENT_TOO_LARGE : SESSION_OK, now_usec);
}

enum session_action session_data(
	struct session *s, const char *octets, size_t len, uint64_t now_usec)
{
	struct session_facts *f = &s->record->facts;
	uint64_t room = s->settings->max_size - f->octets;
	bool more = len > room;

	if (s->step == STEP_OVER)
		return SESSION_DONE;
	if (f->first_usec == 0 && len > 0)
		f->first_usec = session_since_start(s, now_usec);
	if (more)
		len = (size_t)room;
	f->octets += len;
	if (s->digest && digest_add(s->digest, octets, len) < 0) {
		f->os_error = ENOMEM;
		return session_conclude(s, SESSION_INTERNAL_ERROR, now_usec);
	}
	return more ? cut_off(s, now_usec) : SESSION_WAIT;
}

enum session_action session_data_end(struct session *s, enum session_end end, int os_error,
	const char *detail, uint64_t now_usec)
{
	struct session_facts *f = &s->record->facts;

	if (s->step == STEP_OVER)
		return SESSION_DONE;
	s->data_over = true;
	s->data_end = end;
	if (end != SESSION_EOF) {
		f->os_error = os_error;
		session_describe(s, "%s", detail);
	}
	return s->step == STEP_DATA || end == SESSION_OURS ? session_judge(s, now_usec)
							   : SESSION_WAIT;
}

void session_late(struct session *s, uint64_t now_usec)
{
	struct session_facts *f = &s->record->facts;
	enum session_result result = session_result_of_data(s);

	if (s->step == STEP_OVER)
		return;
	if (result == SESSION_OK) {
		result = SESSION_TIMEOUT;
		if (s->step == STEP_CONNECT) {
			result = SESSION_DATA_FAILED;
			session_describe(s, "no data connection in time");
		} else if (s->step == STEP_DATA || s->step == STEP_FLOW) {
			session_describe(s,
				s->data_over ? "no word after %llu octets of data"
					     : "the data stopped after %llu octets",
				(unsigned long long)f->octets);
		} else {
			session_describe(s, "no answer to %s", session_said(s));
		}
	}
	s->polite = s->polite && s->step == STEP_CONNECT;
	f->code = 0;
	f->text[0] = '\0';
	session_conclude(s, result, now_usec);
}
