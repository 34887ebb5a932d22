/* SPDX-License-Identifier: ISC */
/* One watched server: what it is configured as and what is known of it. */
#include "agent/target.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/text.h"
#include "common/util.h"
#include "probes/decision.h"
#include "probes/sentence.h"

void target_forget_last(struct target *t)
{
	if (t->last)
		observation_done(t->last);
	free(TAKE_PTR(t->last));
}

struct target *target_new(void)
{
	struct target *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	health_init(&t->health);
	t->diagnosis = DIAG_NONE;
	t->failed_stage = STAGE_NONE;
	t->counts.since_usec = now_usec(CLOCK_MONOTONIC);
	return t;
}

struct target *target_free(struct target *t)
{
	if (!t)
		return NULL;
	target_config_done(&t->config);
	free(t->reply_text);
	free(t->user_text);
	free(t->banner);
	free(t->software);
	free(t->evidence);
	free(t->tls);
	free(t->session);
	target_forget_last(t);
	if (t->doubted)
		observation_done(t->doubted);
	free(t->doubted);
	free(t);
	return NULL;
}

void target_text(const struct target *t, char *buffer, size_t size)
{
	char sentence[TARGET_REPLY_MAX + 64];
	size_t used;

	if (t->health.state == STATE_DISABLED)
		snprintf(sentence, sizeof(sentence), "disabled");
	else if (t->health.state == STATE_AT_RISK)
		snprintf(sentence, sizeof(sentence), "the login works, but will stop: %s",
			t->diagnosis > DIAG_OTHER ? diagnosis_info(t->diagnosis)->text
						  : "see its evidence");
	else
		outcome_sentence(t->outcome, t->failed_stage, t->reply_code, t->reply_text,
			sentence, sizeof(sentence));
	used = strlen(sentence);
	if (t->health.state == STATE_REFUSED && t->diagnosis > DIAG_OTHER)
		snprintf(sentence + used, sizeof(sentence) - used, " (%s, %u%%)",
			diagnosis_info(t->diagnosis)->label, t->confidence);
	snprintf(buffer, size, "%s - %s: %s", service_word(state_service(t->health.state)),
		t->config.name, sentence);
}

/* Most probes of a server say the same as the one before: memory is touched only when they do not.
 */
static void set_text(char **field, const char *text, size_t max)
{
	char buffer[TARGET_BANNER_MAX + 1];
	char *copy;

	text_escape(buffer, max + 1, text, strlen(text));
	if (*field ? strcmp(*field, buffer) == 0 : buffer[0] == '\0')
		return;
	copy = buffer[0] ? strdup(buffer) : NULL;
	free(*field);
	*field = copy;
}

static void set_reply(int *code, char **text, const struct reply *reply)
{
	*code = reply ? reply->code : 0;
	set_text(text, reply ? reply_last_line(reply) : "", TARGET_REPLY_MAX);
}

static void note_banner(struct target *t, const struct observation *o)
{
	const struct reply *banner = observation_reply(o, STAGE_BANNER);
	char line[TARGET_BANNER_MAX + 1];
	size_t len;

	if (!banner)
		return;
	len = strcspn(banner->text, "\n");
	if (len > TARGET_BANNER_MAX)
		len = TARGET_BANNER_MAX;
	memcpy(line, banner->text, len);
	line[len] = '\0';
	set_text(&t->banner, line, TARGET_BANNER_MAX);
}

static uint32_t clamp32(uint64_t value)
{
	return value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
}

static void note_timing(struct target *t, const struct observation *o)
{
	for (size_t stage = 0; stage < STAGE_END; stage++)
		t->stage_usec[stage] = clamp32(o->stage_usec[stage]);
	t->total_usec = clamp32(o->total_usec);
}

static void note_moments(struct target *t, bool good, uint64_t now, uint64_t time)
{
	t->probe_usec = now;
	t->probe_time = time;
	if (good) {
		t->ok_usec = now;
		t->ok_time = time;
	} else {
		t->failed_usec = now;
		t->failed_time = time;
	}
}

/* Keeps what it is, without memory as it was. */
static void note_certificate(struct target *t, const struct tls_facts *facts)
{
	if (!facts || !facts->has_certificate)
		return;
	if (!t->tls)
		t->tls = malloc(sizeof(*t->tls));
	if (t->tls)
		*t->tls = *facts;
}

/* Likewise. */
static void note_session(struct target *t, const struct session_record *record, uint64_t time)
{
	if (!record || !t->config.after)
		return;
	if (!t->session)
		t->session = calloc(1, sizeof(*t->session));
	if (!t->session)
		return;
	t->session->facts = record->facts;
	t->session->time = time;
	if (record->facts.result != SESSION_INTERNAL_ERROR)
		t->session->bad = session_is_bad(&record->facts);
}

/* What follows the login of T fails, as far as is known: after a restart its alarm says so. */
static bool is_degraded(const struct target *t)
{
	if (!t->config.after)
		return false;
	return t->session ? t->session->bad : t->alarms.open[ALARM_DEGRADED] != 0;
}

bool target_certificate_ends(const struct target *t, uint64_t time)
{
	return t->tls && target_config_warns(&t->config, t->tls, time);
}

/* What the server did. A probe that failed for a reason of our own says nothing of the server. */
static void note_server(struct target *t, const struct observation *o, uint64_t now, uint64_t time)
{
	t->failed_stage = o->stage;
	set_reply(&t->reply_code, &t->reply_text, observation_verdict(o));
	set_reply(&t->user_code, &t->user_text, observation_reply(o, STAGE_USER));
	note_banner(t, o);
	note_certificate(t, o->tls);
	note_session(t, o->session, time);
	note_timing(t, o);
	note_moments(t, o->outcome == OUTCOME_OK, now, time);
	if (o->family != AF_UNSPEC) {
		t->family = o->family;
		inet_pton(o->family, o->address, t->address);
	}
}

/* The name of the server's software, as the latest banner tells it. */
static void note_software(struct target *t, const struct classification *words)
{
	char name[TARGET_SOFTWARE_MAX + 1];

	if (!*words->product)
		return;
	snprintf(name, sizeof(name), "%s%s%s", words->product, *words->version ? " " : "",
		words->version);
	set_text(&t->software, name, TARGET_SOFTWARE_MAX);
}

void target_decide(struct target *t, const struct decision *decision)
{
	t->diagnosis = decision->diagnosis;
	t->confidence = (uint8_t)decision->confidence;
	t->rule = decision->rule;
	t->remedy = decision->remedy;
	t->reference = decision->reference;
}

/* What is known of T from its own side at TIME. */
static struct evidence evidence_at(const struct target *t, uint64_t time)
{
	return t->evidence && t->config.evidence
		? collected_evidence(t->evidence, time, t->config.evidence->max_age_usec)
		: (struct evidence){ 0 };
}

struct evidence target_evidence(const struct target *t)
{
	return evidence_at(t, now_usec(CLOCK_REALTIME));
}

/* A login that works and is not at risk: of the two the state shows the risk, since it is the login
 * that will stop. */
static enum state sound_state(const struct target *t)
{
	return is_degraded(t) ? STATE_DEGRADED : STATE_OK;
}

/* The state that one probe shows. A risk is not over because what shows it has become too old, or
 * is not known yet after a restart: it is when the module is there, or synchronization off. */
static enum state seen_state(const struct target *t, enum outcome outcome,
	const struct decision *decision, uint64_t time)
{
	enum state state = outcome_state(outcome);
	struct evidence e;

	if (state != STATE_OK || decision->at_risk)
		return state == STATE_OK ? STATE_AT_RISK : state;
	if (t->alarms.open[ALARM_AT_RISK] == 0 || !t->config.evidence)
		return sound_state(t);
	e = evidence_at(t, time);
	return (evidence_source_has(t->config.evidence, ITEM_MODULE) && e.module == 0) ||
			(evidence_source_has(t->config.evidence, ITEM_SETTING) && e.sync == 0 &&
				e.anonymous == 0)
		? STATE_AT_RISK
		: sound_state(t);
}

/* DECISION says of the state SEEN why it is: not when that is known from before only. */
static bool explains(const struct decision *decision, enum state seen, const struct observation *o)
{
	switch (seen) {
	case STATE_AT_RISK:
		return decision->at_risk;
	case STATE_DEGRADED:
		return o->session && session_is_bad(&o->session->facts);
	default:
		return true;
	}
}

void target_note_state(struct target *t)
{
	t->counts.state_changes++;
	t->change_usec = now_usec(CLOCK_MONOTONIC);
	t->change_time = now_usec(CLOCK_REALTIME);
}

void target_set_enabled(struct target *t, bool enabled)
{
	health_init(&t->health);
	if (!enabled)
		t->health.state = STATE_DISABLED;
	t->diagnosis = DIAG_NONE;
	t->confidence = 0;
	t->rule = t->remedy = t->reference = NULL;
	if (t->session)
		t->session->bad = false;
	t->session_streak = 0;
	t->change_usec = now_usec(CLOCK_MONOTONIC);
	t->change_time = now_usec(CLOCK_REALTIME);
}

void target_record(
	const struct target *t, struct probe_record *ret_probe, struct state_record *ret_state)
{
	const char *text = t->reply_text ? t->reply_text : "";

	*ret_probe = (struct probe_record){
		.target = t->index,
		.number = t->n_probes,
		.time = now_usec(CLOCK_REALTIME),
		.outcome = t->outcome,
		.stage = t->failed_stage,
		.reply_code = t->reply_code,
		.total_usec = t->total_usec,
		.state = t->health.state,
		.diagnosis = t->diagnosis,
	};
	snprintf(ret_probe->reply_text, sizeof(ret_probe->reply_text), "%s", text);
	if (t->outcome == OUTCOME_INTERNAL_ERROR) { /* what the server said, it said before */
		ret_probe->stage = STAGE_NONE;
		ret_probe->reply_code = 0;
		ret_probe->total_usec = 0;
		ret_probe->reply_text[0] = '\0';
	}
	target_record_state(t, ret_state);
}

void target_record_state(const struct target *t, struct state_record *ret)
{
	*ret = (struct state_record){
		.target = t->index,
		.state = t->health.state,
		.outcome = t->outcome,
		.diagnosis = t->diagnosis,
		.confidence = t->confidence,
		.reply_code = t->reply_code,
		.total_usec = t->total_usec,
		.fail_streak = t->health.fail_streak,
		.flapping = t->flapping,
		.admin = t->ordered ? t->ordered : ADMIN_ENABLED,
		.since = t->change_time,
		.probe_time = t->probe_time,
		.ok_time = t->ok_time,
	};
	snprintf(
		ret->reply_text, sizeof(ret->reply_text), "%s", t->reply_text ? t->reply_text : "");
}

bool target_observe(struct target *t, const struct observation *o,
	const struct classification *words, const struct decision *decision,
	bool *ret_diagnosis_changed)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC), time = now_usec(CLOCK_REALTIME);
	enum diagnosis before = t->diagnosis;
	enum state seen;
	bool changed;

	t->counts.outcome[o->outcome]++;
	if (o->outcome != OUTCOME_SKIPPED)
		t->outcome = o->outcome;
	if (o->outcome == OUTCOME_OK)
		t->counts.ok_usec += o->total_usec;
	*ret_diagnosis_changed = false;
	if (outcome_state(o->outcome) == STATE_UNKNOWN)
		return false;
	note_server(t, o, now, time);
	note_software(t, words);
	seen = seen_state(t, o->outcome, decision, time);
	changed = health_update(&t->health, seen, t->config.raise, t->config.clear);
	if (seen == t->health.state && explains(decision, seen, o))
		target_decide(t, decision);
	if (changed)
		target_note_state(t);
	*ret_diagnosis_changed = t->diagnosis != before;
	return changed;
}
