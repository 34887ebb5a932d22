/* SPDX-License-Identifier: ISC */
/* A configuration comes into force: at the start, and with each reload. */
#include <string.h>
#include <sys/resource.h>

#include "agent/daemon_private.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/text.h"
#include "common/util.h"

enum {
	DESCRIPTORS_RESERVED = 64, /* for everything but probes */
};

void daemon_drop(struct daemon *d, struct target *t)
{
	schedule_remove(d->schedule, t);
	collector_remove(d->collector, t);
	observer_forget(&d->observer, t);
	notifier_clear(&d->notifier, t);
}

/* Each probe holds two descriptors (while two addresses are tried, or for the data that follows the
 * login), and its farewell one. */
void daemon_fit_descriptors(struct config *config)
{
	struct rlimit limit;
	uint32_t most;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		getrlimit(RLIMIT_NOFILE, &limit);
	most = limit.rlim_cur > 4 * DESCRIPTORS_RESERVED
		? (uint32_t)((limit.rlim_cur - DESCRIPTORS_RESERVED) / 3)
		: DESCRIPTORS_RESERVED;
	if (config->max_concurrent > most) {
		log_warning(0, "max-concurrent is %u, but the limit on open files (%llu) allows %u",
			config->max_concurrent, (unsigned long long)limit.rlim_cur, most);
		config->max_concurrent = most;
	}
}

static bool is_wanted(const struct target *t)
{
	return t->config.enabled && t->ordered != ADMIN_DISABLED;
}

/* T was switched on or off: without a probe the store would not learn it. */
static void record_state(struct daemon *d, const struct target *t)
{
	struct state_record state;

	target_record_state(t, &state);
	recorder_probe(d->notifier.recorder, NULL, &state);
}

void daemon_attend(struct daemon *d, struct target *t)
{
	int r;

	if (!is_wanted(t)) {
		schedule_remove(d->schedule, t);
		collector_remove(d->collector, t);
		observer_forget(&d->observer, t);
		notifier_clear(&d->notifier, t);
		registry_set_enabled(d->registry, t, false);
		record_state(d, t); /* also when it was so before the store knew of it */
		return;
	}
	if (t->moved) /* a failure in doubt is that of its place before */
		observer_forget(&d->observer, t);
	if (registry_set_enabled(d->registry, t, true)) {
		record_state(d, t);
		if (t->ordered == ADMIN_MAINTENANCE)
			notifier_hold(&d->notifier, t); /* the policy has forgotten it meanwhile */
	}
	r = schedule_add(d->schedule, t);
	if (r >= 0)
		r = collector_add(d->collector, t);
	if (r >= 0)
		return;
	log_error(r, "Cannot schedule %s, trying again", t->config.name);
	d->unattended = true;
}

void daemon_attend_rest(struct daemon *d)
{
	const struct registry *r = d->registry;

	if (!d->unattended)
		return;
	d->unattended = false;
	for (size_t i = 0; i < r->n_targets; i++) {
		struct target *t = r->by_index[i];

		if (is_wanted(t) && (!t->watch || (t->config.evidence && !t->collection)))
			daemon_attend(d, t);
	}
}

static bool differs(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") != 0;
}

static void warn_of_restart(const struct config *old, const struct config *new)
{
	if (differs(old->agentx_socket, new->agentx_socket) ||
		differs(old->oid_base, new->oid_base) || differs(old->store, new->store))
		log_warning(0,
			"A change of store, agentx.socket or oid-base takes effect at a restart");
}

static bool settings_differ(const struct policy_settings *a, const struct policy_settings *b)
{
	return a->enabled != b->enabled || a->min_interval_s != b->min_interval_s ||
		a->repeat_s != b->repeat_s || a->heartbeat_s != b->heartbeat_s ||
		a->storm != b->storm;
}

void daemon_put_in_force(struct daemon *d, const struct config *config, struct registry_plan *plan)
{
	bool is_first = config == d->config;

	if (!is_first) {
		warn_of_restart(d->config, config);
		notifier_limit(&d->notifier, config);
		metrics_server_set(&d->metrics, config->metrics_listen, d->registry);
	}
	if (plan->n_changed > 0 || plan->n_gone > 0) /* rounds borrow what they look for */
		collector_suspend(d->collector);
	registry_commit(d->registry, plan);
	for (size_t i = 0; i < plan->n_changed; i++)
		if (!plan->changed[i]->evidence)
			collector_remove(d->collector, plan->changed[i]);
	d->observer.flap = config->flap;
	observer_set_patience(&d->observer, plan->longest_usec);
	if (is_first || settings_differ(&config->settings, &d->config->settings))
		notifier_configure(&d->notifier, &config->settings);
	schedule_set_max(d->schedule, config->max_concurrent);
}

int daemon_apply(struct daemon *d, char why[REGISTRY_WHY_SIZE])
{
	struct registry_plan *plan;
	int r;

	notifier_recall_indexes(&d->notifier, d->config);
	r = registry_plan(d->registry, d->config, &plan, why);
	if (r < 0)
		return r;
	daemon_put_in_force(d, d->config, plan);
	notifier_restore(&d->notifier, plan->changed, plan->n_changed);
	notifier_save(&d->notifier); /* the state of one that the store does not know is dropped */
	for (size_t i = 0; i < plan->n_changed; i++)
		daemon_attend(d, plan->changed[i]);
	registry_plan_free(plan);
	config_drop_targets(d->config);
	memory_trim(); /* reading takes far more memory than what was read */
	return 0;
}

void daemon_note_config(struct daemon *d, enum config_result result, const char *error)
{
	struct agent_facts *facts = &d->registry->facts;

	pthread_mutex_lock(&d->registry->lock);
	facts->config_result = result;
	text_escape(facts->config_error, sizeof(facts->config_error), error, strlen(error));
	if (result == CONFIG_OK) {
		facts->config_time = now_usec(CLOCK_REALTIME);
		facts->config_loads++;
	}
	pthread_mutex_unlock(&d->registry->lock);
}
