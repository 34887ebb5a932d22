/* SPDX-License-Identifier: ISC */
/* One probe now. */
#include "agent/check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/evidence_config.h"
#include "common/util.h"
#include "probes/helper.h"
#include "probes/login.h"
#include "probes/transfer.h"

void check_init(struct check *c)
{
	memset(c, 0, sizeof(*c));
	target_config_init(&c->target, c->password);
	evidence_source_init(&c->draft);
	tls_settings_init(&c->tls);
	after_settings_init(&c->after);
}

void check_done(struct check *c)
{
	observation_done(&c->observation);
	evidence_source_free(c->target.evidence);
	tls_unref(c->target.tls);
	route_unref(c->target.route);
	after_unref(c->target.after);
	access_pool_done(&c->pool);
}

/* ------------------------------------------------------------------ the command line */

int check_set(struct check *c, const char *key, const char *text, char why[CHECK_WHY_SIZE])
{
	c->port_set = c->port_set || strcmp(key, "port") == 0;
	c->account_set = c->account_set || strcmp(key, "user") == 0 || strcmp(key, "password") == 0;
	return target_config_set(&c->target, key, text, why, CHECK_WHY_SIZE) ? 0 : -EINVAL;
}

int check_set_access(struct check *c, const char *key, const char *text, char why[CHECK_WHY_SIZE])
{
	return target_config_set_access(&c->access, key, text, why, CHECK_WHY_SIZE) ? 0 : -EINVAL;
}

/* A file has both. */
static int finish_access(struct check *c, char why[CHECK_WHY_SIZE])
{
	if (c->account_set && (c->access.netrc || c->access.credential)) {
		snprintf(why, CHECK_WHY_SIZE,
			"%s: the user and the password are in it; leave --user and --password out",
			c->access.netrc ? "netrc" : "credential");
		return -EINVAL;
	}
	return target_config_finish_access(&c->access, &c->target, &c->pool, why, CHECK_WHY_SIZE);
}

int check_set_evidence(struct check *c, char *text, char why[CHECK_WHY_SIZE])
{
	char *equals = strchr(text, '=');

	if (!equals) {
		snprintf(why, CHECK_WHY_SIZE, "write --evidence KEY=VALUE");
		return -EINVAL;
	}
	*equals = '\0';
	c->evidence_timeout_set = c->evidence_timeout_set || strcmp(text, "timeout") == 0;
	return target_config_set_evidence(&c->draft, text, equals + 1, why, CHECK_WHY_SIZE)
		? 0
		: -EINVAL;
}

/* Who says how TLS is to be spoken wants it. */
int check_set_tls(struct check *c, char *text, char why[CHECK_WHY_SIZE])
{
	char *equals = strchr(text, '='), *key = text;

	if (!equals)
		return target_config_set_tls(&c->tls, "mode", text, why, CHECK_WHY_SIZE) ? 0
											 : -EINVAL;
	*equals = '\0';
	if (!target_config_set_tls(&c->tls, key, equals + 1, why, CHECK_WHY_SIZE))
		return -EINVAL;
	if (c->tls.mode == TLS_NONE && strcmp(key, "mode") != 0)
		c->tls.mode = TLS_EXPLICIT;
	return 0;
}

int check_set_after(struct check *c, char *text, char why[CHECK_WHY_SIZE])
{
	char *equals = strchr(text, '=');
	const char *key = equals ? text : "command", *value = equals ? equals + 1 : text;

	if (equals)
		*equals = '\0';
	c->after_set = c->after_set || strcmp(key, "command") != 0;
	return target_config_set_after(&c->after, key, value, why, CHECK_WHY_SIZE) ? 0 : -EINVAL;
}

int check_set_host(struct check *c, const char *text, char why[CHECK_WHY_SIZE])
{
	const char *colon = strrchr(text, ':'), *end = text + strlen(text), *bracket;
	int r;

	if (*text == '[' && (bracket = strchr(text, ']')) != NULL &&
		(!bracket[1] || bracket[1] == ':')) {
		text++;
		end = bracket;
		colon = bracket[1] ? bracket + 1 : NULL;
	} else if (colon && strchr(text, ':') == colon) {
		end = colon;
	} else {
		colon = NULL;
	}
	snprintf(c->host, sizeof(c->host), "%.*s", (int)(end - text), text);
	r = check_set(c, "host", c->host, why);
	return r == 0 && colon ? check_set(c, "port", colon + 1, why) : r;
}

/* Who says how it is to be asked wants something to be asked. */
static int finish_after(struct check *c, char why[CHECK_WHY_SIZE])
{
	if (c->after_set && c->after.command == SESSION_NONE) {
		snprintf(why, CHECK_WHY_SIZE,
			"after-login: there is no command; add -a pwd, -a list or -a retr");
		return -EINVAL;
	}
	return target_config_finish_after(&c->after, &c->target, why, CHECK_WHY_SIZE);
}

/* Nobody waits longer for the evidence than for the login, unless that is wanted. */
static int finish_evidence(struct check *c, char why[CHECK_WHY_SIZE])
{
	if (!c->evidence_timeout_set && c->draft.timeout_usec > c->target.timeout_usec)
		c->draft.timeout_usec = c->target.timeout_usec;
	return evidence_source_finish(&c->draft, c->target.host, c->target.host,
		&c->target.evidence, why, CHECK_WHY_SIZE);
}

int check_finish(struct check *c, char why[CHECK_WHY_SIZE])
{
	int r = finish_evidence(c, why);

	if (r >= 0)
		r = target_config_finish_tls(&c->tls, &c->target, why, CHECK_WHY_SIZE);
	if (r >= 0)
		r = finish_after(c, why);
	if (r >= 0)
		r = finish_access(c, why);
	if (c->tls.mode == TLS_IMPLICIT && !c->port_set)
		c->target.port = TLS_IMPLICIT_PORT;
	if (r < 0 && r != -EINVAL)
		snprintf(why, CHECK_WHY_SIZE, "%s", strerror(-r));
	return r < 0 ? r : 0;
}

/* ------------------------------------------------------------------ the probe */

/* When both the login and the evidence are there. */
static void conclude(struct check *c)
{
	struct evidence evidence = { 0 };

	if (!c->observed || c->collect)
		return;
	c->result.target = &c->target;
	c->result.observation = &c->observation;
	if (c->target.evidence) {
		c->result.evidence = &c->evidence;
		evidence = collected_evidence(
			&c->evidence, now_usec(CLOCK_REALTIME), c->target.evidence->max_age_usec);
	}
	decide_login(&c->observation, c->target.user, c->target.password, &evidence,
		&c->result.words, &c->result.decision);
	sd_event_exit(c->event, 0);
}

static void on_done(void *userdata, const struct observation *o)
{
	struct check *c = userdata;

	if (observation_copy(o, &c->observation) < 0) {
		sd_event_exit(c->event, -ENOMEM);
		return;
	}
	c->observed = true;
	conclude(c);
}

static void on_collected(void *userdata, const struct collected *now)
{
	struct check *c = userdata;

	c->evidence = *now;
	c->collect = NULL;
	conclude(c);
}

static int start_evidence(struct check *c)
{
	struct collect_context context = { .password = c->target.password };

	if (!c->target.evidence)
		return 0;
	return collect_start(
		c->event, c->target.evidence, &context, &c->evidence, on_collected, c, &c->collect);
}

int check_run(struct check *c)
{
	struct login_target target = {
		.host = c->target.host,
		.port = c->target.port,
		.family = c->target.family,
		.user = c->target.user,
		.password = c->target.password,
		.tls = c->target.tls,
		.route = c->target.route,
		.after = c->target.after,
		.timeout_usec = c->target.timeout_usec,
	};
	struct transfer *transfer = NULL;
	struct login *login;
	int r;

	r = helper_prepare();
	if (r >= 0)
		r = sd_event_new(&c->event);
	if (r >= 0)
		r = transfer_new(c->event, &transfer);
	if (r >= 0)
		r = start_evidence(c);
	if (r >= 0)
		r = login_start(transfer, &target, on_done, c, &login);
	if (r >= 0)
		r = sd_event_loop(c->event);
	collect_end(c->collect);
	transfer_free(transfer);
	c->event = sd_event_unref(c->event);
	return r < 0 ? r : 0;
}
