/* SPDX-License-Identifier: ISC */
/* The items of evidence: what each asks for, and what the answer means. */
#include "probes/collect_private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/util.h"
#include "probes/doc_ftplog.h"
#include "probes/document.h"
#include "probes/snmp_protocol.h"

enum { DOCUMENT_MAX = 16 * 1024 * 1024 }; /* octets of a document, at most */

/* A counter that wraps is not one that was reset: 497 days of hundredths of a second. */
#define UP_TIME_WRAP (UINT32_MAX - 24U * 3600 * 100)

/* Attempts beyond our own before we say that others fail too. */
enum { OTHERS_MIN = 3 };

/* ------------------------------------------------------------------ the request */

void item_urls_done(struct item_urls *urls)
{
	for (size_t i = 0; i < ARRAY_SIZE(urls->list); i++) {
		free(urls->list[i]);
		urls->list[i] = NULL;
	}
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
/* The configuration lets only conversions of dates through. */
static size_t write_date(char *dst, size_t size, const char *pattern, const struct tm *tm)
{
	return strftime(dst, size, pattern, tm);
}
#pragma GCC diagnostic pop

/* URL with its {%...} filled in, in fresh memory; NULL when there is no memory. */
static char *dated(const char *url, uint64_t now)
{
	time_t seconds = (time_t)(now / USEC_PER_SEC);
	char buffer[FETCH_URL_MAX + 1], pattern[64];
	struct tm tm;
	size_t used = 0;

	if (!gmtime_r(&seconds, &tm))
		return NULL;
	while (*url && used < sizeof(buffer) - 1) {
		const char *end = *url == '{' ? strchr(url, '}') : NULL;

		if (!end || end - url > (ptrdiff_t)sizeof(pattern)) {
			buffer[used++] = *url++;
			continue;
		}
		snprintf(pattern, sizeof(pattern), "%.*s", (int)(end - url - 1), url + 1);
		used += write_date(buffer + used, sizeof(buffer) - used, pattern, &tm);
		url = end + 1;
	}
	buffer[used] = '\0';
	return strdup(buffer);
}

static int add_url(struct item_urls *urls, size_t i, const char *url, uint64_t now)
{
	urls->list[i] = dated(url, now);
	return urls->list[i] ? 0 : -ENOMEM;
}

static bool is_set(const char *text)
{
	return text && *text;
}

static int ask_files(const struct evidence_source *s, struct item_request *ret)
{
	struct fetch_request *f = &ret->fetch;

	f->time_limit_ms = (uint32_t)(s->timeout_usec / USEC_PER_MSEC);
	f->min = (enum smb_protocol)s->min_protocol;
	f->max = (enum smb_protocol)s->max_protocol;
	f->ntlmv1 = s->ntlmv1;
	f->domain = is_set(s->domain) ? s->domain : NULL;
	f->netrc = is_set(s->netrc) ? s->netrc : NULL;
	f->credential = is_set(s->credential) ? s->credential : NULL;
	ret->program = fetch_is_smb(f->files[0]) ? "ftphealth-smb" : "ftphealth-fetch";
	ret->answer_max = FETCH_ANSWER_MAX + (size_t)fetch_contents_max(f);
	return fetch_request_write(f, &ret->text);
}

static int ask_module(
	const struct item_context *ctx, struct item_urls *urls, struct item_request *ret)
{
	const struct evidence_source *s = ctx->source;
	struct fetch_request *f = &ret->fetch;

	fetch_request_init(f);
	f->n_files = s->n_module;
	for (size_t i = 0; i < s->n_module; i++) {
		if (add_url(urls, i, s->module[i], ctx->now) < 0)
			return -ENOMEM;
		f->files[i] = urls->list[i];
	}
	if (is_set(s->control)) {
		if (add_url(urls, s->n_module, s->control, ctx->now) < 0)
			return -ENOMEM;
		f->control = urls->list[s->n_module];
	}
	return ask_files(s, ret);
}

static int ask_document(const struct item_context *ctx, const char *url, uint64_t limit, bool tail,
	struct item_urls *urls, struct item_request *ret)
{
	fetch_request_init(&ret->fetch);
	if (add_url(urls, 0, url, ctx->now) < 0)
		return -ENOMEM;
	ret->fetch.files[0] = urls->list[0];
	ret->fetch.n_files = 1;
	ret->fetch.contents = true;
	ret->fetch.tail = ret->fetch.head = tail; /* the head of a log names its columns */
	ret->fetch.byte_limit = limit;
	return ask_files(ctx->source, ret);
}

static int ask_snmp(const struct item_context *ctx, struct item_request *ret)
{
	const struct evidence_source *s = ctx->source;
	struct snmp_request request = {
		.agent = s->snmp_agent,
		.time_limit_ms = (uint32_t)(s->timeout_usec / USEC_PER_MSEC),
		.file = is_set(s->snmp_file) ? s->snmp_file : NULL,
		.credential = is_set(s->snmp_credential) ? s->snmp_credential : NULL,
	};

	ret->program = "ftphealth-snmp";
	ret->answer_max = SNMP_ANSWER_MAX;
	return snmp_request_write(&request, &ret->text);
}

int item_ask(enum evidence_item item, const struct item_context *ctx, struct item_urls *urls,
	struct item_request *ret)
{
	switch (item) {
	case ITEM_MODULE:
		return ask_module(ctx, urls, ret);
	case ITEM_SETTING:
		return ask_document(ctx, ctx->source->setting_url, DOCUMENT_MAX, false, urls, ret);
	case ITEM_LOG:
		return ask_document(ctx, ctx->source->log_url, DOC_FTPLOG_TAIL, true, urls, ret);
	default:
		return ask_snmp(ctx, ret);
	}
}

/* ------------------------------------------------------------------ the answer */

static enum evidence_result result_of(enum fetch_state state)
{
	static const enum evidence_result results[FETCH_STATES] = {
		[FETCH_UNKNOWN] = EVIDENCE_FAILED,
		[FETCH_PRESENT] = EVIDENCE_OK,
		[FETCH_ABSENT] = EVIDENCE_OK,
		[FETCH_ACCESS_DENIED] = EVIDENCE_DENIED,
		[FETCH_SHARE_MISSING] = EVIDENCE_FAILED,
		[FETCH_WRONG_PASSWORD] = EVIDENCE_DENIED,
		[FETCH_UNREACHABLE] = EVIDENCE_UNREACHABLE,
		[FETCH_TIMEOUT] = EVIDENCE_UNREACHABLE,
		[FETCH_FAILED] = EVIDENCE_FAILED,
	};

	return results[state];
}

/* For a person; what is not good. */
static const char *words_of(enum fetch_state state)
{
	static const char *const words[FETCH_STATES] = {
		[FETCH_UNKNOWN] = "not found, and no control file either",
		[FETCH_PRESENT] = "there",
		[FETCH_ABSENT] = "not found",
		[FETCH_ACCESS_DENIED] = "access denied",
		[FETCH_SHARE_MISSING] = "the share does not exist",
		[FETCH_WRONG_PASSWORD] = "user or password not accepted",
		[FETCH_UNREACHABLE] = "unreachable",
		[FETCH_TIMEOUT] = "no answer in time",
		[FETCH_FAILED] = "failed",
	};

	return words[state];
}

static void note(struct evidence_state *s, uint64_t now, enum evidence_result result)
{
	s->result = result;
	s->time = now;
	s->reason[0] = '\0';
}

static void note_state(
	struct evidence_state *s, uint64_t now, enum fetch_state state, const char *reason)
{
	note(s, now, result_of(state));
	snprintf(s->reason, sizeof(s->reason), "%s%s%.*s", words_of(state), *reason ? ": " : "",
		FETCH_REASON_MAX - 48, reason);
}

/* ITEM was found out: its facts are FACTS, as of GOOD_TIME. */
static void note_good(
	struct evidence_state *s, uint64_t now, uint64_t good_time, const struct evidence *facts)
{
	note(s, now, EVIDENCE_OK);
	s->good_time = good_time;
	s->facts = *facts;
}

void item_failed(struct collected *c, enum evidence_item item, uint64_t now, const char *why)
{
	note(&c->items[item], now, EVIDENCE_FAILED);
	snprintf(c->items[item].reason, sizeof(c->items[item].reason), "%.*s", EVIDENCE_REASON_MAX,
		why);
}

/* ------------------------------------------------------------------ the module */

/* Both paths must be absent, or one be there; the first of the others says why it is not known. */
static const struct fetch_file *judge_module(const struct fetch_answer *a)
{
	const struct fetch_file *absent = NULL, *other = NULL;

	for (size_t i = 0; i < a->n_files; i++) {
		const struct fetch_file *f = &a->files[i];

		if (f->state == FETCH_PRESENT)
			return f;
		if (f->state == FETCH_ABSENT)
			absent = absent ? absent : f;
		else
			other = other ? other : f;
	}
	return other ? other : absent;
}

/* PATH without what a name may have in front that does not fit. */
static void note_path(struct collected *c, const char *path)
{
	size_t len = strlen(path);
	const char *tail = len > EVIDENCE_PATH_MAX ? path + len - (EVIDENCE_PATH_MAX - 3) : path;

	snprintf(c->module_path, sizeof(c->module_path), "%s%s", tail == path ? "" : "...", tail);
}

static void fold_module(const struct item_context *ctx, const struct item_request *request,
	const struct fetch_answer *a, struct collected *c)
{
	struct evidence_state *s = &c->items[ITEM_MODULE];
	const struct fetch_file *f = judge_module(a);
	struct evidence facts = { .module = PRESENCE_MISSING };

	if (f->state != FETCH_PRESENT && f->state != FETCH_ABSENT) {
		bool control = a->control.state != FETCH_PRESENT && *a->control.reason;

		note_state(s, ctx->now, f->state, control ? a->control.reason : f->reason);
		return;
	}
	note_path(c, request->fetch.files[f - a->files]);
	memcpy(c->module_sha256, f->sha256, sizeof(c->module_sha256));
	c->module_mtime = f->has_stat ? f->mtime : 0;
	if (f->state == FETCH_PRESENT)
		facts.module = f->has_stat && f->size == 0 ? PRESENCE_ALTERED : PRESENCE_PRESENT;
	note_good(s, ctx->now, ctx->now, &facts);
}

/* ------------------------------------------------------------------ the documents */

/* Synchronization as it was known last, and when that began. */
static void note_sync(struct collected *c, enum setting sync, uint64_t now)
{
	if ((sync != SETTING_ENABLED && sync != SETTING_DISABLED) || sync == c->sync)
		return;
	c->sync = sync;
	c->sync_time = now;
}

static void fold_setting(
	const struct item_context *ctx, const struct fetch_answer *a, struct collected *c)
{
	const struct evidence_source *source = ctx->source;
	struct evidence_state *s = &c->items[ITEM_SETTING];
	const struct fetch_file *f = &a->files[0];
	struct evidence facts = { 0 };
	uint64_t written = ctx->now;
	const char *why = "";
	int r;

	if (document_is_copy(source->setting_format) && f->has_stat && f->mtime > 0 &&
		(uint64_t)f->mtime * USEC_PER_SEC < ctx->now)
		written = (uint64_t)f->mtime * USEC_PER_SEC;
	r = document_read(
		source->setting_format, a->contents, a->contents_len, source->site, &facts, &why);
	if (r < 0) {
		item_failed(c, ITEM_SETTING, ctx->now, r == -EBADMSG ? why : strerror(-r));
		return;
	}
	if (ctx->now - written > source->max_age_usec) {
		note(s, ctx->now, EVIDENCE_STALE);
		snprintf(s->reason, sizeof(s->reason), "the document is %llu hours old",
			(unsigned long long)((ctx->now - written) / (3600 * USEC_PER_SEC)));
		return;
	}
	note_good(s, ctx->now, written, &facts);
	note_sync(c, facts.sync, ctx->now);
}

static void fold_log(
	const struct item_context *ctx, const struct fetch_answer *a, struct collected *c)
{
	const char *client = is_set(ctx->source->log_client) ? ctx->source->log_client : NULL;
	struct evidence facts = { 0 };
	const char *why = "";
	int r;

	r = doc_ftplog_read(a->contents, a->contents_len, client, ctx->password, &facts, &why);
	if (r < 0)
		item_failed(c, ITEM_LOG, ctx->now, r == -EBADMSG ? why : strerror(-r));
	else
		note_good(&c->items[ITEM_LOG], ctx->now, ctx->now, &facts);
}

/* ------------------------------------------------------------------ SNMP */

/* Everybody's log-ons since the round before: attempts beyond ours, and nobody got in. */
static bool others_fail(
	const struct collected *c, const struct snmp_answer *a, uint32_t own_attempts)
{
	uint32_t own = own_attempts - c->own_attempts;

	return c->has_counters && a->has_ftp && a->logon_attempts >= c->logon_attempts &&
		a->logon_attempts - c->logon_attempts >= own + OTHERS_MIN &&
		a->anonymous_users == c->anonymous_users && a->named_users == c->named_users;
}

static bool has_restarted(const struct collected *c, const struct snmp_answer *a)
{
	if (c->has_up_time && a->has_up_time && a->up_time < c->up_time &&
		c->up_time < UP_TIME_WRAP)
		return true;
	return c->has_counters && a->has_ftp &&
		(a->logon_attempts < c->logon_attempts || a->anonymous_users < c->anonymous_users);
}

static void fold_snmp(
	const struct item_context *ctx, const struct snmp_answer *a, struct collected *c)
{
	struct evidence facts = {
		.web = a->web,
		.others_fail = others_fail(c, a, ctx->own_attempts),
		.restarted = has_restarted(c, a),
	};

	if (a->state != FETCH_PRESENT) {
		note_state(&c->items[ITEM_SNMP], ctx->now, a->state, a->reason);
		return;
	}
	note_good(&c->items[ITEM_SNMP], ctx->now, ctx->now, &facts);
	c->has_up_time = a->has_up_time;
	c->up_time = a->up_time;
	c->has_counters = a->has_ftp;
	c->anonymous_users = a->anonymous_users;
	c->named_users = a->named_users;
	c->logon_attempts = a->logon_attempts;
	c->own_attempts = ctx->own_attempts;
}

/* ------------------------------------------------------------------ folding */

static void fold_answer(enum evidence_item item, const struct item_context *ctx,
	const struct item_request *request, const struct helper_result *result, struct collected *c)
{
	struct fetch_answer a;
	char why[FETCH_WHY_SIZE], reason[FETCH_WHY_SIZE + 64];

	if (fetch_answer_parse(result->output, result->len, &request->fetch, &a, why) < 0) {
		snprintf(reason, sizeof(reason), "%s gave a bad answer: %s", request->program, why);
		item_failed(c, item, ctx->now, reason);
	} else if (item == ITEM_MODULE) {
		fold_module(ctx, request, &a, c);
	} else if (!a.has_contents) {
		note_state(&c->items[item], ctx->now,
			a.files[0].state == FETCH_PRESENT ? FETCH_FAILED : a.files[0].state,
			a.files[0].reason);
		if (a.files[0].state == FETCH_ABSENT)
			c->items[item].result = EVIDENCE_FAILED;
	} else if (item == ITEM_SETTING) {
		fold_setting(ctx, &a, c);
	} else {
		fold_log(ctx, &a, c);
	}
}

void item_fold(enum evidence_item item, const struct item_context *ctx,
	const struct item_request *request, const struct helper_result *result, struct collected *c)
{
	struct snmp_answer a;
	char why[FETCH_WHY_SIZE], reason[FETCH_WHY_SIZE + 64];

	if (result->timed_out) {
		note_state(&c->items[item], ctx->now, FETCH_TIMEOUT, "");
	} else if (!result->answered) {
		item_failed(c, item, ctx->now, result->complaint);
	} else if (item != ITEM_SNMP) {
		fold_answer(item, ctx, request, result, c);
	} else if (snmp_answer_parse(result->output, result->len, &a, why) < 0) {
		snprintf(reason, sizeof(reason), "ftphealth-snmp gave a bad answer: %s", why);
		item_failed(c, item, ctx->now, reason);
	} else {
		fold_snmp(ctx, &a, c);
	}
}
