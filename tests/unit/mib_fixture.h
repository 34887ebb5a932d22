/* SPDX-License-Identifier: ISC */
/* A registry made by hand, for the tests of the tables. */
#ifndef FTPHEALTH_TESTS_MIB_FIXTURE_H
#define FTPHEALTH_TESTS_MIB_FIXTURE_H

#include <sys/socket.h>

#include "tests/unit/unit.h"
#include "agent/mib.h"

static inline int fixture_by_index(const void *a, const void *b)
{
	const struct target *const *ta = a, *const *tb = b;

	return ((*ta)->index > (*tb)->index) - ((*ta)->index < (*tb)->index);
}

static inline int fixture_by_name(const void *a, const void *b)
{
	const struct target *const *ta = a, *const *tb = b;
	size_t len_a = strlen((*ta)->config.name), len_b = strlen((*tb)->config.name);

	if (len_a != len_b)
		return len_a < len_b ? -1 : 1;
	return memcmp((*ta)->config.name, (*tb)->config.name, len_a);
}

static inline char *fixture_text(const char *text)
{
	char *copy = strdup(text);

	assert_non_null(copy);
	return copy;
}

static inline struct target *fixture_target(uint32_t index, const char *name)
{
	struct target *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	t->index = index;
	t->config = (struct target_config){
		.name = fixture_text(name),
		.host = fixture_text("ftp.example.com"),
		.group = fixture_text(""),
		.description = fixture_text(""),
		.contact = fixture_text(""),
		.user = fixture_text("anonymous"),
		.password = fixture_text("someone@example.com"),
		.port = 21,
		.interval_usec = 60 * USEC_PER_SEC,
		.timeout_usec = 15 * USEC_PER_SEC,
		.raise = 2,
		.clear = 3,
		.enabled = true,
	};
	health_init(&t->health);
	return t;
}

/* Gives T all items of evidence, about which nothing is known yet. The source is one piece of
 * memory; its strings are static here. */
static inline void fixture_evidence(struct target *t)
{
	static char module[] = "smb://ftp.example.com/ADMIN$/system32/iissuba.dll";
	static char setting[] = "/srv/facts/adsutil.txt", log[] = "/srv/facts/ftp.log";
	static char agent[] = "udp:ftp.example.com";
	struct evidence_source *source = calloc(1, sizeof(*source));

	t->evidence = calloc(1, sizeof(*t->evidence));
	assert_true(source && t->evidence);
	source->module[0] = module;
	source->n_module = 1;
	source->setting_url = setting;
	source->log_url = log;
	source->snmp_agent = agent;
	source->max_age_usec = 3600 * USEC_PER_SEC;
	t->config.evidence = source;
}

/* TLS is spoken with T, and its certificate, which ends in DAYS, was seen. No file is read for
 * that.
 */
static inline void fixture_tls(struct target *t, int days)
{
	struct tls_settings settings;
	struct tls_pool *pool = NULL;
	enum tls_part part;
	char why[TLS_WHY_SIZE];

	tls_settings_init(&settings);
	settings.mode = TLS_EXPLICIT;
	settings.verify = false;
	assert_int_equal(tls_new(&settings, &pool, &t->config.tls, &part, why), 0);
	tls_pool_done(&pool);
	t->tls = calloc(1, sizeof(*t->tls));
	assert_non_null(t->tls);
	t->tls->verify = TLS_VERIFY_OK;
	t->tls->has_certificate = true;
	t->tls->not_after =
		(int64_t)(now_usec(CLOCK_REALTIME) / USEC_PER_SEC) + (int64_t)days * 86400 + 60;
	snprintf(t->tls->subject, sizeof(t->tls->subject), "CN=ftp.example.com");
}

/* A file is fetched from T after its logins, which came to RESULT, of CODE and TEXT; none yet when
 * RESULT is SESSION_NOT_RUN. */
static inline void fixture_session(
	struct target *t, enum session_result result, int code, const char *text)
{
	struct after_settings settings;
	void *pool = NULL;

	after_settings_init(&settings);
	settings.command = SESSION_RETR;
	settings.path = "/pub/README";
	assert_int_equal(after_new(&settings, &pool, &t->config.after), 0);
	after_pool_done(&pool);
	if (result == SESSION_NOT_RUN)
		return;
	t->session = calloc(1, sizeof(*t->session));
	assert_non_null(t->session);
	t->session->facts =
		(struct session_facts){ .command = SESSION_RETR, .result = result, .code = code };
	t->session->bad = session_is_bad(&t->session->facts);
	snprintf(t->session->facts.text, sizeof(t->session->facts.text), "%s", text);
}

/* Makes the lists of those with evidence and with TLS anew. */
static inline void fixture_list_evidence(struct registry *r)
{
	size_t size = (r->n_targets + 1) * sizeof(*r->by_index);

	r->with_evidence = realloc(r->with_evidence, size);
	r->with_tls = realloc(r->with_tls, size);
	r->with_session = realloc(r->with_session, size);
	assert_true(r->with_evidence && r->with_tls && r->with_session);
	r->n_with_evidence = r->n_with_tls = r->n_with_session = 0;
	for (size_t i = 0; i < r->n_targets; i++) {
		if (r->by_index[i]->config.evidence)
			r->with_evidence[r->n_with_evidence++] = r->by_index[i];
		if (r->by_index[i]->config.tls)
			r->with_tls[r->n_with_tls++] = r->by_index[i];
		if (r->by_index[i]->config.after)
			r->with_session[r->n_with_session++] = r->by_index[i];
	}
}

/* Adds T (taken over) and sorts. */
static inline void fixture_add(struct registry *r, struct target *t)
{
	size_t size = (r->n_targets + 1) * sizeof(t);

	r->by_index = realloc(r->by_index, size);
	r->by_name = realloc(r->by_name, size);
	assert_true(r->by_index && r->by_name);
	r->by_index[r->n_targets] = r->by_name[r->n_targets] = t;
	r->n_targets++;
	r->totals[t->health.state]++;
	qsort(r->by_index, r->n_targets, sizeof(t), fixture_by_index);
	qsort(r->by_name, r->n_targets, sizeof(t), fixture_by_name);
	fixture_list_evidence(r);
}

/* Takes the I-th row by index out, without a trace. */
static inline void fixture_remove(struct registry *r, size_t i)
{
	struct target *t = r->by_index[i];
	size_t k = 0;

	while (r->by_name[k] != t)
		k++;
	r->n_targets--;
	memmove(&r->by_index[i], &r->by_index[i + 1], (r->n_targets - i) * sizeof(t));
	memmove(&r->by_name[k], &r->by_name[k + 1], (r->n_targets - k) * sizeof(t));
	r->totals[t->health.state]--;
	fixture_list_evidence(r);
	target_free(t);
}

static inline struct registry *fixture_registry(void)
{
	struct registry *r;

	assert_int_equal(registry_new(&r), 0);
	policy_settings_init(&r->settings);
	return r;
}

/* Adds an event of a refused login at target 7. */
static inline void fixture_event(struct registry *r, uint32_t sequence)
{
	struct event_record e = {
		.event = {
			.kind = EVENT_LOGIN_REFUSED,
			.severity = SEVERITY_CRITICAL,
			.from = STATE_OK,
			.to = STATE_REFUSED,
			.sequence = sequence,
			.alarm = sequence + 1,
		},
		.time = 1699999990 * USEC_PER_SEC,
		.target = 7,
		.name = "ftp-a",
		.diagnosis = DIAG_SUB_AUTH_MODULE_MISSING,
		.reply_code = 530,
		.text = "anonymous login refused: 530 No.",
		.sent = true,
	};

	if (r->events.size == 0)
		assert_int_equal(event_ring_init(&r->events, 4), 0);
	event_ring_add(&r->events, &e);
}

/* Adds the alarm of such an event. */
static inline void fixture_alarm(struct registry *r, uint32_t alarm)
{
	struct alarm_record a = {
		.alarm = alarm,
		.kind = ALARM_REFUSED,
		.severity = SEVERITY_CRITICAL,
		.target = 7,
		.name = "ftp-a",
		.time = 1699999990 * USEC_PER_SEC,
		.diagnosis = DIAG_SUB_AUTH_MODULE_MISSING,
		.reply_code = 530,
		.text = "anonymous login refused: 530 No.",
		.remedy = "Install it.",
		.told = true,
	};

	assert_int_equal(alarm_list_put(&r->alarms, &a), 0);
}

/* N targets with gaps between the indexes and names of many lengths; every third has evidence,
 * every fourth TLS; N events, of which the latest half and one more are kept; an alarm for every
 * fifth. */
static inline struct registry *fixture_rows(size_t n)
{
	struct registry *r = fixture_registry();
	size_t size = (n + 1) * sizeof(*r->by_index);

	r->by_index = malloc(size);
	r->by_name = malloc(size);
	assert_true(r->by_index && r->by_name);
	for (size_t i = 0; i < n; i++) {
		char name[64];

		snprintf(name, sizeof(name), "%.*s%zu", (int)(i % 40),
			"server-in-a-rack-with-a-name-that-is-long", i);
		r->by_index[i] = r->by_name[i] = fixture_target((uint32_t)(7 + i * 3), name);
		if (i % 3 == 2)
			fixture_evidence(r->by_index[i]);
		if (i % 4 == 3)
			fixture_tls(r->by_index[i], 30);
		if (i % 5 == 4)
			fixture_session(r->by_index[i], SESSION_OK, 226, "Done.");
	}
	r->n_targets = n;
	r->totals[STATE_UNKNOWN] = (uint32_t)n;
	qsort(r->by_name, n, sizeof(*r->by_name), fixture_by_name);
	fixture_list_evidence(r);
	assert_int_equal(event_ring_init(&r->events, n / 2 + 1), 0);
	for (size_t i = 0; i < n; i++)
		fixture_event(r, (uint32_t)(3 + i * 2));
	for (size_t i = 0; i < n / 5; i++)
		fixture_alarm(r, (uint32_t)(1 + i * 4));
	return r;
}

DEFINE_CLEANUP(struct registry *, registry_free)

/* A context at a moment: 1,000 s after boot, the management subsystem up for 500 s. */
static inline struct mib_context fixture_context(struct registry *r)
{
	return (struct mib_context){
		.registry = r,
		.now_usec = 1000 * USEC_PER_SEC,
		.now_time = 1700000000 * USEC_PER_SEC,
		.uptime_since_usec = 500 * USEC_PER_SEC,
	};
}

#endif
