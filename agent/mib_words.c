/* SPDX-License-Identifier: ISC */
/* Events in words: the sentence that a notification carries and that the journal gets. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "probes/decision.h"
#include "common/text.h"
#include "common/util.h"
#include "probes/sentence.h"
#include "agent/mib_row.h"

enum { SESSION_WORDS_MAX = 64 }; /* characters of a path: the reason is to have room, too */

/* Appends what the latest probe of T ended with. */
static void append_outcome(const struct target *t, char *buffer, size_t size)
{
	size_t used = strlen(buffer);

	outcome_sentence(t->outcome, t->failed_stage, t->reply_code, t->reply_text, buffer + used,
		size - used);
}

static bool has_cause(const struct target *t)
{
	return t->diagnosis > DIAG_OTHER;
}

/* Appends the cause when it is known and fits: better none than half of it. */
static void append_cause(const struct target *t, char *buffer, size_t size)
{
	char cause[64];
	size_t used = strlen(buffer);

	if (!has_cause(t) || t->confidence == 0)
		return;
	snprintf(cause, sizeof(cause), " (%s, %u%%)", diagnosis_info(t->diagnosis)->label,
		t->confidence);
	if (used + strlen(cause) < size)
		strcpy(buffer + used, cause);
}

static const char *login_words(const struct target *t)
{
	return user_is_anonymous(t->config.user) ? "anonymous login" : "login";
}

static void refused_text(const struct target *t, char *buffer, size_t size)
{
	snprintf(buffer, size, "%s refused: ", login_words(t));
	append_outcome(t, buffer, size);
	append_cause(t, buffer, size);
}

static void at_risk_text(const struct target *t, char *buffer, size_t size)
{
	bool known = has_cause(t);

	snprintf(buffer, size, "%s works, but will stop%s%s", login_words(t), known ? ": " : "",
		known ? diagnosis_info(t->diagnosis)->text : "");
}

static void sound_text(const struct target *t, char *buffer, size_t size)
{
	struct evidence facts = target_evidence(t);

	if (facts.sync == SETTING_DISABLED)
		snprintf(buffer, size, "no longer at risk: password synchronization is off");
	else if (facts.module == PRESENCE_PRESENT)
		snprintf(buffer, size, "no longer at risk: the sub-authentication module is there");
	else
		snprintf(buffer, size,
			"no longer at risk: %s works, and nothing known is against it",
			login_words(t));
}

static int32_t days_left(const struct target *t)
{
	return tls_days_left(t->tls, (int64_t)(now_usec(CLOCK_REALTIME) / USEC_PER_SEC));
}

static void ending_text(const struct target *t, char *buffer, size_t size)
{
	int32_t days = t->tls ? days_left(t) : 0;

	if (!t->tls)
		snprintf(buffer, size, "the certificate ends soon");
	else if (days < 0)
		snprintf(buffer, size, "the certificate has expired");
	else
		snprintf(buffer, size, "the certificate ends in %d day%s", days,
			days == 1 ? "" : "s");
}

static void renewed_text(const struct target *t, char *buffer, size_t size)
{
	if (t->tls)
		snprintf(buffer, size, "the certificate is valid for %d more days", days_left(t));
	else
		snprintf(buffer, size, "no certificate is looked at any more");
}

/* "list /pub", as it is configured; without a command that was switched off. */
static void session_words(const struct target *t, char *buffer, size_t size)
{
	const struct after_settings *s = after_settings_of(t->config.after);
	char path[SESSION_WORDS_MAX + 1];

	text_escape(path, sizeof(path), s->path ? s->path : "", s->path ? strlen(s->path) : 0);
	snprintf(buffer, size, "%s%s%s", session_command_label(s->command), s->path ? " " : "",
		path);
}

static void degraded_text(const struct target *t, char *buffer, size_t size)
{
	const struct session_facts *f = t->session ? &t->session->facts : NULL;
	char command[2 * SESSION_WORDS_MAX], reply[SESSION_TEXT_MAX + 16] = "";

	session_words(t, command, sizeof(command));
	if (f && f->code >= 400)
		snprintf(reply, sizeof(reply), "%d %s", f->code, f->text);
	snprintf(buffer, size, "%s works, but %s fails%s%s", login_words(t), command, f ? ": " : "",
		!f                   ? ""
			: *reply     ? reply
			: *f->detail ? f->detail
				     : session_result_label(f->result));
}

static void undegraded_text(const struct target *t, char *buffer, size_t size)
{
	char command[2 * SESSION_WORDS_MAX];

	session_words(t, command, sizeof(command));
	if (t->config.after)
		snprintf(buffer, size, "%s works again after the login", command);
	else
		snprintf(buffer, size, "nothing is asked after the login any more");
}

/* Of an alarm that is told later than it came, or again, and is open behind another one. */
static bool past_text(const struct event *event, const struct target *t, char *buffer, size_t size)
{
	static const struct {
		enum event_kind kind;
		enum alarm_kind alarm;
		const char *text;
	} rows[] = {
		{ EVENT_LOGIN_REFUSED, ALARM_REFUSED,
			"was refused while the server was reachable" },
		{ EVENT_AT_RISK, ALARM_AT_RISK, "was at risk while it worked" },
		{ EVENT_DEGRADED, ALARM_DEGRADED, "worked, but what followed it failed" },
	};

	if (event->to == STATE_UNKNOWN) /* nothing is known since the start */
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].kind == event->kind && !alarm_shows(rows[i].alarm, event->to)) {
			snprintf(buffer, size, "%s %s", login_words(t), rows[i].text);
			return true;
		}
	return false;
}

static void target_event_text(
	const struct event *event, const struct target *t, char *buffer, size_t size)
{
	if (past_text(event, t, buffer, size))
		return;
	switch (event->kind) {
	case EVENT_LOGIN_REFUSED:
		refused_text(t, buffer, size);
		break;
	case EVENT_LOGIN_RECOVERED:
		snprintf(buffer, size, "%s works again", login_words(t));
		break;
	case EVENT_UNREACHABLE:
		snprintf(buffer, size, "unreachable: ");
		append_outcome(t, buffer, size);
		break;
	case EVENT_REACHABLE:
		snprintf(buffer, size, "reachable again%s",
			event->to == STATE_REFUSED ? ", but the login is refused" : "");
		break;
	case EVENT_AT_RISK:
		at_risk_text(t, buffer, size);
		break;
	case EVENT_AT_RISK_CLEARED:
		sound_text(t, buffer, size);
		break;
	case EVENT_CERT_EXPIRING:
		ending_text(t, buffer, size);
		break;
	case EVENT_CERT_RENEWED:
		renewed_text(t, buffer, size);
		break;
	case EVENT_DEGRADED:
		degraded_text(t, buffer, size);
		break;
	case EVENT_DEGRADED_CLEARED:
		undegraded_text(t, buffer, size);
		break;
	default:
		assert(event->kind == EVENT_SYNC_CHANGED);
		snprintf(buffer, size, "password synchronization was turned %s",
			event->sync_from == SETTING_ENABLED ? "off" : "on");
	}
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* Appends how all targets are. */
static void append_totals(const struct registry *r, char *buffer, size_t size)
{
	size_t used = strlen(buffer);

	snprintf(buffer + used, size - used, "%zu target%s, %u refused, %u unreachable, %u at risk",
		r->n_targets, plural(r->n_targets), r->totals[STATE_REFUSED],
		r->totals[STATE_UNREACHABLE], r->totals[STATE_AT_RISK]);
}

/* A manager may be setting it. */
static uint32_t storm_limit(struct registry *r)
{
	uint32_t storm;

	pthread_mutex_lock(&r->lock);
	storm = r->settings.storm;
	pthread_mutex_unlock(&r->lock);
	return storm;
}

static void agent_text(struct registry *r, const struct event *event, char *buffer, size_t size)
{
	switch (event->kind) {
	case EVENT_MASS_FAILURE:
		snprintf(buffer, size,
			"more than %u alarms within a minute, single notifications are held back: ",
			storm_limit(r));
		append_totals(r, buffer, size);
		break;
	case EVENT_MASS_RECOVERED:
		snprintf(buffer, size,
			"the storm is over, %u alarm%s notified one by one now: ", event->count,
			event->count == 1 ? " is" : "s are");
		append_totals(r, buffer, size);
		break;
	case EVENT_HEARTBEAT:
		snprintf(buffer, size, "ftphealthd is alive: ");
		append_totals(r, buffer, size);
		break;
	case EVENT_AGENT_STARTED:
		snprintf(buffer, size, "ftphealthd started: %zu target%s", r->n_targets,
			plural(r->n_targets));
		break;
	default:
		assert(event->kind == EVENT_AGENT_STOPPING);
		snprintf(buffer, size, "ftphealthd is stopping");
	}
}

void event_text(struct registry *r, const struct event *event, const struct target *target,
	char *buffer, size_t size)
{
	if (size > NOTIFY_TEXT_MAX + 1)
		size = NOTIFY_TEXT_MAX + 1;
	if (!target)
		agent_text(r, event, buffer, size);
	else if (event->severity == SEVERITY_CLEARED && event->to == STATE_DISABLED)
		snprintf(buffer, size, "no longer probed, the alarm is closed");
	else
		target_event_text(event, target, buffer, size);
}
