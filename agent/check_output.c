/* SPDX-License-Identifier: ISC */
/* What `ftphealth check` prints. */
#include "agent/check_output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/health.h"
#include "common/text.h"
#include "common/util.h"
#include "probes/decision.h"
#include "probes/sentence.h"

enum { LINE_MAX_ = 512 };

/* The stages that are timed, in the order in which they come. */
static const enum stage timed[] = { STAGE_RESOLVE, STAGE_CONNECT, STAGE_TLS, STAGE_BANNER,
	STAGE_AUTH, STAGE_USER, STAGE_PASSWORD };

/* Those of TLS are only told where it is spoken. */
static bool is_timed(const struct check_result *r, enum stage stage)
{
	return r->target->tls || (stage != STAGE_TLS && stage != STAGE_AUTH);
}

static void format_sentence(const struct observation *o, char *buffer, size_t size)
{
	const struct reply *verdict = observation_verdict(o);
	char text[LINE_MAX_] = "";

	if (verdict)
		text_escape(text, sizeof(text), reply_last_line(verdict),
			strlen(reply_last_line(verdict)));
	outcome_sentence(o->outcome, o->stage, o->code, text, buffer, size);
}

/* The state that it shows. */
static enum state state_shown(const struct check_result *r)
{
	enum state state = outcome_state(r->observation->outcome);

	if (state == STATE_OK && r->decision.at_risk)
		return STATE_AT_RISK;
	return state == STATE_OK && check_session_is_bad(r) ? STATE_DEGRADED : state;
}

enum service check_limits_apply(
	const struct check_limits *limits, uint64_t total_usec, enum service service)
{
	if (service != SERVICE_OK && service != SERVICE_WARNING)
		return service;
	if (limits->critical_usec > 0 && total_usec > limits->critical_usec)
		return SERVICE_CRITICAL;
	if (limits->warning_usec > 0 && total_usec > limits->warning_usec)
		return SERVICE_WARNING;
	return service;
}

enum service check_service(const struct check_result *r)
{
	enum service service = state_service(state_shown(r));

	if (service == SERVICE_OK && check_certificate_ends(r))
		service = SERVICE_WARNING;
	return check_limits_apply(&r->limits, r->observation->total_usec, service);
}

/* ------------------------------------------------------------------ a plugin's line */

static void print_limit(FILE *f, uint64_t usec)
{
	if (usec > 0)
		fprintf(f, "%.6g", (double)usec / USEC_PER_SEC);
	putc(';', f);
}

void check_print_time(
	FILE *f, const struct check_limits *limits, uint64_t total_usec, uint64_t max_usec)
{
	fprintf(f, "time=%.6fs;", (double)total_usec / USEC_PER_SEC);
	print_limit(f, limits->warning_usec);
	print_limit(f, limits->critical_usec);
	putc('0', f);
	if (max_usec > 0)
		fprintf(f, ";%.6f", (double)max_usec / USEC_PER_SEC);
}

/* Evidence that could not be had, in words: who reads only the line would not miss it. */
static void print_blind_spots(const struct check_result *r, FILE *f)
{
	const char *separator = "; no evidence: ";

	for (enum evidence_item i = 0; r->evidence && i < EVIDENCE_ITEMS; i++) {
		enum evidence_result result = r->evidence->items[i].result;

		if (result <= EVIDENCE_OK)
			continue;
		fprintf(f, "%s%s %s", separator, evidence_item_key(i),
			evidence_result_label(result));
		separator = ", ";
	}
}

void check_print_line(const struct check_result *r, FILE *f)
{
	const struct observation *o = r->observation;
	const struct decision *decision = &r->decision;
	const char *service = service_word(check_service(r));
	char sentence[LINE_MAX_];

	format_sentence(o, sentence, sizeof(sentence));
	/* The bar begins the perfdata (monitoring-plugins' guidelines): no server may write one. */
	for (char *bar = sentence; (bar = strchr(bar, '|')) != NULL;)
		*bar = '/';
	fprintf(f, strchr(r->target->host, ':') ? "FTP %s - [%s]:%u %s" : "FTP %s - %s:%u %s",
		service, r->target->host, r->target->port, sentence);
	check_print_session(r, f);
	if (decision->diagnosis > DIAG_OTHER)
		fprintf(f, " (%s, %u%%%s%s)", diagnosis_info(decision->diagnosis)->label,
			decision->confidence, *decision->reference ? ", " : "",
			decision->reference);
	print_blind_spots(r, f);
	if (check_certificate_ends(r))
		check_print_certificate_end(r, f);
	putc('|', f);
	check_print_time(f, &r->limits, o->total_usec, r->target->timeout_usec);
	for (size_t i = 0; i < ARRAY_SIZE(timed); i++)
		if (is_timed(r, timed[i]))
			fprintf(f, " %s=%.6fs;;;0", stage_label(timed[i]),
				(double)o->stage_usec[timed[i]] / USEC_PER_SEC);
	check_print_session_times(r, f);
	putc('\n', f);
}

/* ------------------------------------------------------------------ the dialogue */

void check_print_at(FILE *f, uint64_t usec, const char *direction, const char *text)
{
	char line[LINE_MAX_];

	text_escape(line, sizeof(line), text, strlen(text));
	fprintf(f, "%9.6f %s %s\n", (double)usec / USEC_PER_SEC, direction, line);
}

static void print_reply(FILE *f, const struct reply *reply)
{
	char line[LINE_MAX_];

	for (const char *text = reply->text;;) {
		size_t len = strcspn(text, "\n");

		snprintf(line, sizeof(line), "%d%c%.*s", reply->code, text[len] ? '-' : ' ',
			(int)len, text);
		check_print_at(f, reply->at_usec, "<", line);
		if (!text[len])
			break;
		text += len + 1;
	}
}

/* One step of the dialogue: what is said, and the replies to it. */
struct step {
	enum stage stage;
	const char *command; /* NULL: nothing, or the user's name, or the password */
};

static const struct step clear_steps[] = { { STAGE_BANNER, NULL }, { STAGE_USER, NULL },
	{ STAGE_PASSWORD, NULL }, { 0, NULL } };
static const struct step explicit_steps[] = { { STAGE_BANNER, NULL }, { STAGE_AUTH, "AUTH TLS" },
	{ STAGE_TLS, NULL }, { STAGE_AUTH, "PBSZ 0" }, { STAGE_AUTH, "PROT P" },
	{ STAGE_USER, NULL }, { STAGE_PASSWORD, NULL }, { 0, NULL } };
static const struct step implicit_steps[] = { { STAGE_TLS, NULL }, { STAGE_BANNER, NULL },
	{ STAGE_AUTH, "PBSZ 0" }, { STAGE_AUTH, "PROT P" }, { STAGE_USER, NULL },
	{ STAGE_PASSWORD, NULL }, { 0, NULL } };
static const struct step *const all_steps[TLS_MODES] = { clear_steps, explicit_steps,
	implicit_steps };

/* The password itself is never shown. */
static void print_command(
	FILE *f, const struct check_result *r, const struct step *step, uint64_t usec)
{
	char line[LINE_MAX_];

	if (step->command)
		snprintf(line, sizeof(line), "%s", step->command);
	else if (step->stage == STAGE_USER)
		snprintf(line, sizeof(line), "USER %s", r->target->user);
	else
		snprintf(line, sizeof(line), "PASS ****");
	check_print_at(f, usec, ">", line);
}

/* Prints what was said in STEP, from *USEC on and from reply *NEXT on. Returns false when the
 * dialogue ended in it. */
static bool print_step(FILE *f, const struct check_result *r, const struct step *step,
	uint64_t *usec, size_t *next)
{
	const struct observation *o = r->observation;
	bool answered = false;

	if (o->stage_usec[step->stage] == 0)
		return false;
	if (step->stage == STAGE_TLS) {
		*usec += o->stage_usec[STAGE_TLS];
		answered = o->stage != STAGE_TLS;
		check_print_at(f, *usec, "*", answered ? "TLS" : "no TLS");
	} else if (step->stage != STAGE_BANNER) {
		print_command(f, r, step, *usec);
	}
	while (*next < o->n_replies && o->replies[*next].stage == step->stage &&
		(!answered || step->stage == STAGE_BANNER)) {
		print_reply(f, &o->replies[*next]);
		*usec = o->replies[(*next)++].at_usec;
		answered = true;
	}
	return answered;
}

static void print_decision(const struct check_result *r, FILE *f)
{
	const struct classification *words = &r->words;
	const struct decision *decision = &r->decision;

	if (*words->product)
		fprintf(f, "server: %s%s%s\n", words->product, *words->version ? " " : "",
			words->version);
	check_print_tls(r, f);
	check_print_evidence(r, f);
	if (decision->diagnosis == DIAG_NONE)
		return;
	fprintf(f, "diagnosis: %s, %u%% (rule %s): %s\n",
		diagnosis_info(decision->diagnosis)->label, decision->confidence, decision->rule,
		diagnosis_info(decision->diagnosis)->text);
	for (size_t i = 1; i < decision->n_candidates; i++)
		fprintf(f, "  or: %s, %u%%\n",
			diagnosis_info(decision->candidates[i].diagnosis)->label,
			decision->candidates[i].confidence);
	for (size_t i = 0; i < decision->n_considered; i++)
		if (decision->considered[i].missing)
			fprintf(f, "considered: rule %s, but for the %s\n",
				decision->considered[i].rule, decision->considered[i].missing);
		else
			fprintf(f, "considered: rule %s, which fits too\n",
				decision->considered[i].rule);
	fprintf(f, "remedy: %s%s%s\n", decision->remedy, *decision->reference ? " See " : "",
		decision->reference);
}

void check_print_dialogue(const struct check_result *r, FILE *f)
{
	const struct observation *o = r->observation;
	const struct step *step = all_steps[tls_settings_of(r->target->tls)->mode];
	uint64_t reached = o->stage_usec[STAGE_RESOLVE];
	char line[LINE_MAX_];
	size_t next = 0;

	if (*o->address) {
		snprintf(line, sizeof(line), "resolved: connecting to %s port %u", o->address,
			r->target->port);
		check_print_at(f, reached, "*", line);
	}
	reached += o->stage_usec[STAGE_CONNECT];
	if (o->stage_usec[STAGE_BANNER] > 0 || o->stage_usec[STAGE_TLS] > 0)
		check_print_at(f, reached, "*", "connected");
	while (step->stage && print_step(f, r, step, &reached, &next))
		step++;
	format_sentence(o, line, sizeof(line));
	check_print_at(f, o->total_usec, "=", line);
	if (*o->detail && o->outcome != OUTCOME_OK)
		check_print_at(f, o->total_usec, "=", o->detail);
	check_print_session_dialogue(r, o->total_usec, f);
	print_decision(r, f);
}

/* ------------------------------------------------------------------ JSON */

/* Foreign text as a JSON string: as it is when it is clean UTF-8, else escaped to ASCII. */
static json_t *json_foreign(const char *text)
{
	_cleanup_(freep) char *escaped = NULL;

	if (text_is_clean_utf8(text))
		return json_string(text);
	escaped = text_escape_dup(text, REPLY_TEXT_MAX * 4);
	return escaped ? json_string(escaped) : NULL;
}

static json_t *json_replies(const struct observation *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->n_replies; i++)
		json_array_append_new(list,
			json_pack("{s:s, s:i, s:o, s:I}", "stage", stage_label(o->replies[i].stage),
				"code", o->replies[i].code, "text",
				json_foreign(o->replies[i].text), "at_us",
				(json_int_t)o->replies[i].at_usec));
	return list;
}

static json_t *json_timing(const struct check_result *r)
{
	const struct observation *o = r->observation;
	json_t *timing = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(timed); i++)
		if (is_timed(r, timed[i]))
			json_object_set_new(timing, stage_label(timed[i]),
				json_integer((json_int_t)o->stage_usec[timed[i]]));
	json_object_set_new(timing, "total", json_integer((json_int_t)o->total_usec));
	return timing;
}

static json_t *json_candidates(const struct decision *decision)
{
	json_t *list = json_array();

	for (size_t i = 0; i < decision->n_candidates; i++)
		json_array_append_new(list,
			json_pack("{s:s, s:i}", "diagnosis",
				diagnosis_info(decision->candidates[i].diagnosis)->label,
				"confidence", (int)decision->candidates[i].confidence));
	return list;
}

static json_t *json_considered(const struct decision *decision)
{
	json_t *list = json_array();

	for (size_t i = 0; i < decision->n_considered; i++)
		json_array_append_new(list,
			json_pack("{s:s, s:s?}", "rule", decision->considered[i].rule, "missing",
				decision->considered[i].missing));
	return list;
}

static void add_diagnosis(json_t *root, const struct check_result *r)
{
	const struct classification *words = &r->words;
	const struct decision *decision = &r->decision;

	json_object_set_new(root, "product", json_string(words->product));
	json_object_set_new(root, "version", json_foreign(words->version));
	json_object_set_new(
		root, "diagnosis", json_string(diagnosis_info(decision->diagnosis)->label));
	json_object_set_new(root, "confidence", json_integer(decision->confidence));
	json_object_set_new(root, "candidates", json_candidates(decision));
	json_object_set_new(root, "rule", json_string(decision->rule));
	json_object_set_new(root, "considered", json_considered(decision));
	json_object_set_new(root, "remedy", json_string(decision->remedy));
	json_object_set_new(root, "reference", json_string(decision->reference));
}

int check_print_json(const struct check_result *r)
{
	const struct observation *o = r->observation;
	const struct reply *verdict = observation_verdict(o);
	enum state state = state_shown(r);
	json_t *root = json_object();

	if (!root)
		return -ENOMEM;
	json_object_set_new(root, "host", json_string(r->target->host));
	json_object_set_new(root, "port", json_integer(r->target->port));
	json_object_set_new(root, "address", json_string(o->address));
	json_object_set_new(root, "state", json_string(state_label(state)));
	json_object_set_new(root, "service", json_string(service_label(state_service(state))));
	json_object_set_new(root, "outcome", json_string(outcome_label(o->outcome)));
	json_object_set_new(root, "stage", json_string(stage_label(o->stage)));
	json_object_set_new(root, "reply_code", json_integer(o->code));
	json_object_set_new(
		root, "reply_text", json_foreign(verdict ? reply_last_line(verdict) : ""));
	json_object_set_new(root, "detail", json_foreign(o->detail));
	json_object_set_new(root, "replies", json_replies(o));
	json_object_set_new(root, "timing_us", json_timing(r));
	add_diagnosis(root, r);
	if (r->target->tls)
		json_object_set_new(root, "tls", check_json_tls(r));
	if (r->target->after)
		json_object_set_new(root, "after_login", check_json_session(r));
	json_object_set_new(root, "evidence", check_json_evidence(r));
	json_dumpf(root, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(root);
	return 0;
}
