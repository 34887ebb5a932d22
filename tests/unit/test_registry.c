/* SPDX-License-Identifier: ISC */
/* Targets coming, staying and going; observations; the summary. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/socket.h>

#include "agent/target.h"
#include "common/log.h"

static struct config *make_config(const char *const *names)
{
	struct config *c = calloc(1, sizeof(*c));

	for (; names[c->n_targets]; c->n_targets++)
		;
	c->targets = calloc(c->n_targets + 1, sizeof(*c->targets));
	for (size_t i = 0; i < c->n_targets; i++) {
		struct target_config *t = &c->targets[i];

		t->name = strdup(names[i]);
		t->host = strdup("127.0.0.1");
		t->group = strdup("");
		t->description = strdup("");
		t->contact = strdup("");
		t->user = strdup("anonymous");
		t->password = strdup("me@example.com");
		t->port = 21;
		t->raise = t->clear = 1;
		t->interval_usec = 60 * USEC_PER_SEC;
		t->timeout_usec = 15 * USEC_PER_SEC;
		t->enabled = true;
	}
	return c;
}

/* Plans and commits at once; then the targets that are gone are the caller's. */
static int put_in_force(struct registry *r, struct config *config, struct target ***ret_gone,
	size_t *ret_n_gone, char why[REGISTRY_WHY_SIZE])
{
	struct registry_plan *p = NULL;
	int e = registry_plan(r, config, &p, why);

	if (e < 0)
		return e;
	registry_commit(r, p);
	*ret_gone = TAKE_PTR(p->gone);
	*ret_n_gone = p->n_gone;
	registry_plan_free(p);
	return 0;
}

/* Applies a configuration of NAMES; returns how many targets went. */
static size_t apply(struct registry *r, const char *const *names, int want)
{
	struct config *c = make_config(names);
	struct target **gone = NULL;
	size_t n_gone = 0;
	char why[REGISTRY_WHY_SIZE];

	assert_int_equal(put_in_force(r, c, &gone, &n_gone, why), want);
	for (size_t i = 0; i < n_gone; i++)
		target_free(gone[i]);
	free(gone);
	config_free(c);
	return n_gone;
}

#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static struct registry *new_registry(void)
{
	struct registry *r = NULL;

	assert_int_equal(registry_new(&r), 0);
	return r;
}

static void observe(
	struct registry *r, const char *name, enum outcome outcome, int code, const char *text)
{
	struct observation o = { .outcome = outcome,
		.stage = outcome == OUTCOME_OK ? STAGE_NONE : STAGE_PASSWORD,
		.code = code,
		.total_usec = 1000,
		.family = AF_INET,
		.address = "127.0.0.1" };
	enum state from;

	if (code != 0)
		o.replies[o.n_replies++] = (struct reply){ STAGE_PASSWORD, code, 1, text };
	registry_observe(r, registry_find(r, name), &o, &from);
}

static void test_order_and_indexes(void **state)
{
	struct registry *r = new_registry();

	assert_int_equal(apply(r, NAMES("zz", "a", "bbb", "b"), 0), 0);
	assert_int_equal(r->n_targets, 4);
	assert_string_equal(r->by_index[0]->config.name, "zz");
	assert_string_equal(r->by_index[3]->config.name, "b");
	assert_string_equal(r->by_name[0]->config.name, "a");
	assert_string_equal(r->by_name[1]->config.name, "b");
	assert_string_equal(r->by_name[2]->config.name, "zz");
	assert_string_equal(r->by_name[3]->config.name, "bbb");
	assert_null(registry_find(r, "c"));
	assert_null(registry_find(r, ""));
	for (size_t i = 0; i < 4; i++)
		assert_ptr_equal(registry_find(r, r->by_name[i]->config.name), r->by_name[i]);
	registry_free(r);
}

static void test_an_index_is_never_used_again(void **state)
{
	struct registry *r = new_registry();

	apply(r, NAMES("one", "two", "three"), 0);
	assert_int_equal(apply(r, NAMES("one", "three"), 0), 1);
	apply(r, NAMES("two", "one", "three"), 0);
	assert_int_equal(registry_find(r, "one")->index, 1);
	assert_int_equal(registry_find(r, "three")->index, 3);
	assert_int_equal(registry_find(r, "two")->index, 4);
	registry_free(r);
}

static void test_a_target_that_stays_keeps_what_it_knows(void **state)
{
	struct registry *r = new_registry();
	struct target *t;

	apply(r, NAMES("a", "b"), 0);
	observe(r, "a", OUTCOME_LOGIN_REFUSED, 530, "User x cannot log in.");
	t = registry_find(r, "a");
	apply(r, NAMES("c", "a"), 0);
	assert_ptr_equal(registry_find(r, "a"), t);
	assert_int_equal(t->health.state, STATE_REFUSED);
	assert_int_equal(t->counts.outcome[OUTCOME_LOGIN_REFUSED], 1);
	assert_int_equal(r->totals[STATE_REFUSED], 1);
	assert_int_equal(r->totals[STATE_UNKNOWN], 1);
	assert_false(t->moved);
	registry_free(r);
}

static void test_a_taken_index_is_refused_and_nothing_changes(void **state)
{
	struct registry *r = new_registry();
	struct config *c;
	struct target **gone = NULL;
	size_t n_gone;
	char why[REGISTRY_WHY_SIZE];

	apply(r, NAMES("a", "b"), 0);
	c = make_config(NAMES("a", "b", "c"));
	c->targets[2].index = 2;
	assert_int_equal(put_in_force(r, c, &gone, &n_gone, why), -EEXIST);
	assert_non_null(strstr(why, "target c cannot have index 2"));
	assert_int_equal(r->n_targets, 2);
	assert_null(registry_find(r, "c"));
	c->targets[2].index = 7;
	assert_int_equal(put_in_force(r, c, &gone, &n_gone, why), 0);
	free(gone);
	assert_int_equal(registry_find(r, "c")->index, 7);
	config_free(c);
	apply(r, NAMES("d"), 0);
	assert_int_equal(registry_find(r, "d")->index, 8);
	registry_free(r);
}

static void test_disabled_and_enabled_again(void **state)
{
	struct registry *r = new_registry();
	struct config *c;
	struct target **gone = NULL;
	size_t n_gone;
	char why[REGISTRY_WHY_SIZE];

	apply(r, NAMES("a"), 0);
	observe(r, "a", OUTCOME_OK, 230, "in");
	c = make_config(NAMES("a"));
	c->targets[0].enabled = false;
	assert_int_equal(put_in_force(r, c, &gone, &n_gone, why), 0);
	free(gone);
	config_free(c);
	assert_true(registry_set_enabled(r, registry_find(r, "a"), false));
	assert_false(registry_set_enabled(r, registry_find(r, "a"), false));
	assert_int_equal(registry_find(r, "a")->health.state, STATE_DISABLED);
	assert_int_equal(r->totals[STATE_DISABLED], 1);
	assert_int_equal(r->totals[STATE_OK], 0);
	assert_int_equal(registry_find(r, "a")->counts.state_changes, 2);
	apply(r, NAMES("a"), 0);
	assert_true(registry_set_enabled(r, registry_find(r, "a"), true));
	assert_int_equal(r->totals[STATE_UNKNOWN], 1);
	assert_int_equal(registry_find(r, "a")->health.state, STATE_UNKNOWN);
	assert_int_equal(registry_find(r, "a")->counts.state_changes, 3);
	assert_int_equal(registry_find(r, "a")->counts.outcome[OUTCOME_OK], 1);
	registry_free(r);
}

static void test_skipped_is_counted_only(void **state)
{
	struct registry *r = new_registry();
	const struct target *t;

	apply(r, NAMES("a"), 0);
	observe(r, "a", OUTCOME_OK, 0, "");
	registry_skip(r, registry_find(r, "a"), 12);
	t = registry_find(r, "a");
	assert_int_equal(t->counts.outcome[OUTCOME_SKIPPED], 12);
	assert_int_equal(t->outcome, OUTCOME_OK);
	assert_int_equal(t->health.state, STATE_OK);
	registry_free(r);
}

static void test_another_host_is_a_move(void **state)
{
	struct registry *r = new_registry();
	struct config *c;
	struct target **gone = NULL;
	size_t n_gone;
	char why[REGISTRY_WHY_SIZE];

	apply(r, NAMES("a"), 0);
	c = make_config(NAMES("a"));
	c->targets[0].port = 2121;
	assert_int_equal(put_in_force(r, c, &gone, &n_gone, why), 0);
	free(gone);
	config_free(c);
	assert_true(registry_find(r, "a")->moved);
	assert_int_equal(registry_find(r, "a")->config.port, 2121);
	registry_free(r);
}

static void test_our_own_failure_says_nothing_of_the_server(void **state)
{
	struct registry *r = new_registry();
	struct probe_record probe;
	struct state_record state_row;
	const struct target *t;

	apply(r, NAMES("a"), 0);
	observe(r, "a", OUTCOME_LOGIN_REFUSED, 530, "User x cannot log in.");
	t = registry_find(r, "a");
	observe(r, "a", OUTCOME_INTERNAL_ERROR, 0, NULL);
	assert_int_equal(t->health.state, STATE_REFUSED);
	assert_int_equal(t->reply_code, 530);
	assert_int_equal(t->outcome, OUTCOME_INTERNAL_ERROR);
	assert_int_equal(t->counts.outcome[OUTCOME_INTERNAL_ERROR], 1);
	target_record(
		t, &probe, &state_row); /* the row of this probe has nothing of the one before */
	assert_int_equal(probe.outcome, OUTCOME_INTERNAL_ERROR);
	assert_int_equal(probe.reply_code, 0);
	assert_string_equal(probe.reply_text, "");
	assert_int_equal(probe.stage, STAGE_NONE);
	assert_int_equal(state_row.reply_code, 530);
	registry_free(r);
}

/* What followed the login, one probe a letter: o good, b bad, i our own failure, r the login is
 * refused, - nothing was asked after it. */
static void observe_session(struct registry *r, char what)
{
	static const enum session_result results[] = {
		['o'] = SESSION_OK, ['b'] = SESSION_CONTENT_MISMATCH, ['i'] = SESSION_INTERNAL_ERROR
	};
	struct session_record *record = calloc(1, sizeof(*record));
	struct observation o = { .outcome = what == 'r' ? OUTCOME_LOGIN_REFUSED : OUTCOME_OK,
		.stage = what == 'r' ? STAGE_PASSWORD : STAGE_NONE };
	enum state from;

	assert_non_null(record);
	if (what == 'r' || what == '-') {
		free(record);
	} else {
		record->facts.result = results[(unsigned char)what];
		o.session = record;
	}
	registry_observe(r, registry_find(r, "a"), &o, &from);
	observation_done(&o);
}

static const struct degraded_row {
	const char *label, *probes, *states; /* o ok, d degraded, r refused, ? unknown */
} degraded_rows[] = {
	{ "degraded: good", "oo", "oo" },
	{ "degraded: twice in a row", "obb", "ood" },
	{ "degraded: once, not", "obob", "oooo" },
	{ "degraded: over after two", "obboo", "ooddo" },
	{ "degraded: our own failure says nothing", "obbiii", "oodddd" },
	{ "degraded: nor at first", "iio", "ooo" },
	{ "degraded: a refusal is worse", "obbrr", "ooddr" },
	{ "degraded: and back", "obbrrbb", "ooddrrd" },
	{ "degraded: from the beginning", "bb", "?d" },
};

static void test_degraded(void **state)
{
	const struct degraded_row *row = *state;
	struct registry *r = new_registry();
	struct after_settings settings;
	void *pool = NULL;
	struct target *t;

	apply(r, NAMES("a"), 0);
	t = registry_find(r, "a");
	after_settings_init(&settings);
	settings.command = SESSION_LIST;
	assert_int_equal(after_new(&settings, &pool, &t->config.after), 0);
	after_pool_done(&pool);
	t->config.raise = t->config.clear = 2;
	for (size_t i = 0; row->probes[i]; i++) {
		static const char letters[STATE_END] = { [STATE_OK] = 'o',
			[STATE_DEGRADED] = 'd',
			[STATE_REFUSED] = 'r',
			[STATE_UNKNOWN] = '?' };

		observe_session(r, row->probes[i]);
		assert_int_equal(letters[t->health.state], row->states[i]);
		if (t->health.state == STATE_DEGRADED)
			assert_int_equal(t->diagnosis, DIAG_CONTENT_MISMATCH);
	}
	registry_free(r);
}

/* Another wish, and what came of the one before is of no interest; the same, and it stays. */
static void test_another_wish(void **state)
{
	struct registry *r = new_registry();
	struct after_settings settings;
	struct target *t;

	apply(r, NAMES("a"), 0);
	t = registry_find(r, "a");
	after_settings_init(&settings);
	settings.command = SESSION_LIST;
	for (int i = 0; i < 3; i++) {
		struct config *c = make_config(NAMES("a"));
		struct target **gone = NULL;
		size_t n_gone;
		void *pool = NULL;
		char why[REGISTRY_WHY_SIZE];

		settings.path = i < 2 ? "/a" : "/b";
		assert_int_equal(after_new(&settings, &pool, &c->targets[0].after), 0);
		after_pool_done(&pool);
		assert_int_equal(put_in_force(r, c, &gone, &n_gone, why), 0);
		free(gone);
		config_free(c);
		assert_int_equal(r->n_with_session, 1);
		assert_ptr_equal(r->with_session[0], t);
		assert_int_equal(t->session != NULL, i == 1);
		observe_session(r, 'b');
		assert_true(t->session && t->session->bad);
	}
	apply(r, NAMES("a"), 0);
	assert_int_equal(r->n_with_session, 0);
	assert_null(t->session);
	registry_free(r);
}

static void test_texts_are_printable(void **state)
{
	struct registry *r = new_registry();

	apply(r, NAMES("a"), 0);
	observe(r, "a", OUTCOME_LOGIN_REFUSED, 530, "first\nZugang \xe9\x1b[31m");
	assert_string_equal(registry_find(r, "a")->reply_text, "Zugang \\xE9\\x1B[31m");
	registry_free(r);
}

static const struct {
	const char *label;
	const char
		*outcomes; /* one letter a target: o ok, r refused, u unreachable, ? not probed */
	const char *want;
} summaries[] = {
	{ "nothing configured", "", "OK - all 0 targets log in" },
	{ "all good", "oo", "OK - all 2 targets log in" },
	{ "one refused", "or", "CRITICAL - of 2 targets 1 refuses the login: t1" },
	{ "refused and unreachable", "rur",
		"CRITICAL - of 3 targets 2 refuse the login, 1 is unreachable: t0, t2, t1" },
	{ "not probed yet", "o?", "UNKNOWN - of 2 targets 1 is not known yet" },
};

static void test_summary(void **state)
{
	const __typeof__(summaries[0]) *c = *state;
	struct registry *r = new_registry();
	const char *names[8] = { NULL };
	char storage[8][24];
	size_t n = strlen(c->outcomes);

	for (size_t i = 0; i < n; i++) {
		snprintf(storage[i], sizeof(storage[i]), "t%zu", i);
		names[i] = storage[i];
	}
	apply(r, names, 0);
	for (size_t i = 0; i < n; i++)
		if (c->outcomes[i] != '?')
			observe(r, names[i],
				c->outcomes[i] == 'o'           ? OUTCOME_OK
					: c->outcomes[i] == 'r' ? OUTCOME_LOGIN_REFUSED
								: OUTCOME_TIMEOUT,
				c->outcomes[i] == 'r' ? 530 : 0, "no");
	assert_string_equal(registry_summary(r), c->want);
	registry_free(r);
}

static void test_summary_of_many_is_cut(void **state)
{
	static char storage[200][40];
	const char *names[201] = { NULL };
	struct registry *r = new_registry();
	const char *summary;

	for (size_t i = 0; i < 200; i++) {
		snprintf(storage[i], sizeof(storage[i]), "a-target-with-a-long-name-%zu", i);
		names[i] = storage[i];
	}
	apply(r, names, 0);
	for (size_t i = 0; i < 200; i++)
		observe(r, names[i], OUTCOME_LOGIN_REFUSED, 530, "no");
	summary = registry_summary(r);
	assert_true(strlen(summary) <= TARGET_SUMMARY_MAX);
	assert_string_equal(summary + strlen(summary) - 5, ", ...");
	registry_free(r);
}

/* ------------------------------------------------------------------ a plan aside */

/* What a plan for a configuration of NAMES is; *RET_CONFIG is to be freed after it. */
static struct registry_plan *plan(
	struct registry *r, const char *const *names, struct config **ret_config)
{
	struct registry_plan *p = NULL;
	char why[REGISTRY_WHY_SIZE];

	*ret_config = make_config(names);
	assert_int_equal(registry_plan(r, *ret_config, &p, why), 0);
	return p;
}

static void test_nothing_changes_without_a_difference(void **state)
{
	struct registry *r = new_registry();
	struct target_config before;
	struct registry_plan *p;
	struct config *c;

	apply(r, NAMES("a", "b"), 0);
	before = registry_find(r, "a")->config;
	p = plan(r, NAMES("b", "a"), &c);
	assert_int_equal(p->n_changed + p->n_gone, 0);
	assert_int_equal(p->longest_usec, 15 * USEC_PER_SEC);
	registry_commit(r, p);
	assert_memory_equal(&before, &registry_find(r, "a")->config, sizeof(before));
	assert_false(registry_find(r, "a")->moved);
	registry_plan_free(p);
	config_free(c);
	registry_free(r);
}

static void set_group(struct target_config *t)
{
	free(t->group);
	t->group = strdup("another");
}

static void set_description(struct target_config *t)
{
	free(t->description);
	t->description = strdup("another");
}

static void set_contact(struct target_config *t)
{
	free(t->contact);
	t->contact = strdup("another");
}

static void set_host(struct target_config *t)
{
	free(t->host);
	t->host = strdup("127.0.0.2");
}

static void set_user(struct target_config *t)
{
	free(t->user);
	t->user = strdup("another");
}

static void set_password(struct target_config *t)
{
	free(t->password);
	t->password = strdup("another");
}

static void set_port(struct target_config *t)
{
	t->port++;
}

static void set_family(struct target_config *t)
{
	t->family = AF_INET6;
}

static void set_interval(struct target_config *t)
{
	t->interval_usec++;
}

static void set_timeout(struct target_config *t)
{
	t->timeout_usec++;
}

static void set_raise(struct target_config *t)
{
	t->raise++;
}

static void set_clear(struct target_config *t)
{
	t->clear++;
}

static void set_enabled(struct target_config *t)
{
	t->enabled = false;
}

static const struct difference {
	const char *label;
	void (*set)(struct target_config *t);
	bool moves;
} differences[] = {
	{ "group", set_group, false },
	{ "description", set_description, false },
	{ "contact", set_contact, false },
	{ "host", set_host, true },
	{ "user", set_user, true },
	{ "password", set_password, true },
	{ "port", set_port, true },
	{ "address-family", set_family, true },
	{ "interval", set_interval, false },
	{ "timeout", set_timeout, false },
	{ "raise", set_raise, false },
	{ "clear", set_clear, false },
	{ "enabled", set_enabled, false },
};

/* Whatever differs, that target is changed and no other. */
static void test_a_difference(void **state)
{
	const struct difference *d = *state;
	struct registry *r = new_registry();
	struct registry_plan *p = NULL;
	struct config *c;
	char why[REGISTRY_WHY_SIZE];

	apply(r, NAMES("a", "b", "c"), 0);
	c = make_config(NAMES("a", "b", "c"));
	d->set(&c->targets[1]);
	assert_int_equal(registry_plan(r, c, &p, why), 0);
	assert_int_equal(p->n_changed, 1);
	assert_ptr_equal(p->changed[0], registry_find(r, "b"));
	registry_commit(r, p);
	assert_int_equal(registry_find(r, "b")->moved, d->moves);
	registry_plan_free(p);
	config_free(c);
	registry_free(r);
}

static void test_a_plan_that_is_dropped_changes_nothing(void **state)
{
	struct registry *r = new_registry();
	struct registry_plan *p;
	struct config *c;

	apply(r, NAMES("a", "b"), 0);
	p = plan(r, NAMES("b", "c", "d"), &c);
	assert_int_equal(p->n_changed, 2);
	assert_int_equal(p->n_gone, 1);
	assert_int_equal(r->n_targets, 2);
	assert_int_equal(r->totals[STATE_UNKNOWN], 2);
	assert_non_null(registry_find(r, "a"));
	registry_plan_free(p);
	config_free(c);
	assert_int_equal(apply(r, NAMES("b", "c"), 0), 1);
	assert_int_equal(registry_find(r, "c")->index, 3);
	registry_free(r);
}

static void test_totals_after_coming_and_going(void **state)
{
	struct registry *r = new_registry();
	struct registry_plan *p;
	struct config *c;

	apply(r, NAMES("a", "b", "c"), 0);
	observe(r, "a", OUTCOME_LOGIN_REFUSED, 530, "no");
	observe(r, "b", OUTCOME_OK, 0, "");
	p = plan(r, NAMES("b", "c", "d"), &c);
	observe(r, "c", OUTCOME_OK, 0, ""); /* meanwhile */
	registry_set_flapping(r, registry_find(r, "a"), true);
	registry_commit(r, p);
	assert_int_equal(r->totals[STATE_REFUSED], 0);
	assert_int_equal(r->totals[STATE_OK], 2);
	assert_int_equal(r->totals[STATE_UNKNOWN], 1);
	assert_int_equal(r->n_flapping, 0);
	assert_int_equal(p->n_gone, 1);
	target_free(p->gone[0]);
	registry_plan_free(p);
	config_free(c);
	registry_free(r);
}

static const struct {
	const char *label;
	uint32_t warn_days;
	int days; /* until it ends */
	bool ends;
} certificates[] = {
	{ "long before", 14, 14, false },
	{ "soon", 14, 13, true },
	{ "it has ended", 14, -1, true },
	{ "the last day", 1, 0, true },
	{ "nobody wants to know, soon", 0, 0, false },
	{ "nobody wants to know, it has ended", 0, -1, false },
};

static void test_certificate(void **state)
{
	const __typeof__(certificates[0]) *row = *state;
	struct tls_settings settings;
	struct target *t = target_new();
	char why[REGISTRY_WHY_SIZE];

	assert_non_null(t);
	tls_settings_init(&settings);
	settings.mode = TLS_EXPLICIT;
	settings.verify = false;
	settings.warn_days = row->warn_days;
	assert_int_equal(target_config_finish_tls(&settings, &t->config, why, sizeof(why)), 0);
	t->tls = calloc(1, sizeof(*t->tls));
	assert_non_null(t->tls);
	t->tls->not_after = 86400 * (100 + row->days) + 1;
	assert_int_equal(target_certificate_ends(t, 86400 * 100 * USEC_PER_SEC), row->ends);
	target_free(t);
}

int main(void)
{
	log_init("test", false);
	UNIT_TEST(test_order_and_indexes);
	UNIT_TEST(test_an_index_is_never_used_again);
	UNIT_TEST(test_a_target_that_stays_keeps_what_it_knows);
	UNIT_TEST(test_a_taken_index_is_refused_and_nothing_changes);
	UNIT_TEST(test_disabled_and_enabled_again);
	UNIT_TEST(test_skipped_is_counted_only);
	UNIT_TEST(test_another_host_is_a_move);
	UNIT_TEST(test_our_own_failure_says_nothing_of_the_server);
	UNIT_ROWS(degraded_rows, test_degraded);
	UNIT_TEST(test_another_wish);
	UNIT_TEST(test_texts_are_printable);
	UNIT_ROWS(summaries, test_summary);
	UNIT_TEST(test_summary_of_many_is_cut);
	UNIT_TEST(test_nothing_changes_without_a_difference);
	UNIT_ROWS(differences, test_a_difference);
	UNIT_TEST(test_a_plan_that_is_dropped_changes_nothing);
	UNIT_TEST(test_totals_after_coming_and_going);
	UNIT_ROWS(certificates, test_certificate);
	return unit_run("registry");
}
