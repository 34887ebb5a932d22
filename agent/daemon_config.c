/* SPDX-License-Identifier: ISC */
/* A configuration comes into force: at the start, and with each reload. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "agent/daemon_private.h"
#include "common/log.h"
#include "common/text.h"
#include "common/util.h"

enum {
	DESCRIPTORS_RESERVED = 64, /* for everything but probes */
};

static void drop_targets(struct daemon *d, struct target **gone, size_t n_gone)
{
	for (size_t i = 0; i < n_gone; i++) {
		schedule_remove(d->schedule, gone[i]);
		collector_remove(d->collector, gone[i]);
		observer_forget(&d->observer, gone[i]);
		notifier_clear(&d->notifier, gone[i]);
		target_free(gone[i]);
	}
	free(gone);
}

/* Each probe holds a descriptor, and so does its farewell. */
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

void daemon_attend(struct daemon *d, struct target *t)
{
	int r;

	if (!is_wanted(t)) {
		schedule_remove(d->schedule, t);
		collector_remove(d->collector, t);
		observer_forget(&d->observer, t);
		notifier_clear(&d->notifier, t);
		registry_set_enabled(d->registry, t, false);
		return;
	}
	if (registry_set_enabled(d->registry, t, true) && t->ordered == ADMIN_MAINTENANCE)
		notifier_hold(&d->notifier, t); /* the policy has forgotten it meanwhile */
	r = schedule_add(d->schedule, t);
	if (r >= 0)
		r = collector_add(d->collector, t);
	if (r < 0)
		log_error(r, "Cannot schedule %s", t->config.name);
}

int daemon_apply(struct daemon *d, struct config *config, char why[REGISTRY_WHY_SIZE])
{
	struct registry *registry = d->registry;
	struct target **gone;
	uint64_t longest = 0;
	size_t n_gone;
	int r;

	daemon_fit_descriptors(config);
	notifier_recall_indexes(&d->notifier, config);
	collector_suspend(d->collector);
	r = registry_apply(registry, config, &gone, &n_gone, why);
	if (r < 0)
		return r;
	d->observer.flap = config->flap;
	notifier_configure(&d->notifier, &config->settings);
	notifier_restore(&d->notifier);
	drop_targets(d, gone, n_gone);
	schedule_set_max(d->schedule, config->max_concurrent);
	for (size_t i = 0; i < registry->n_targets; i++) {
		daemon_attend(d, registry->by_index[i]);
		if (registry->by_index[i]->config.timeout_usec > longest)
			longest = registry->by_index[i]->config.timeout_usec;
	}
	observer_set_patience(&d->observer, longest);
	notifier_save(&d->notifier);
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

/* The first complaint is the one that the MIB shows. */
static void on_complaint(void *userdata, const char *line)
{
	char *first = userdata;

	log_error(0, "%s", line);
	if (!*first)
		snprintf(first, REGISTRY_WHY_SIZE, "%s", line);
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

void daemon_reload(struct daemon *d)
{
	struct config *config = NULL;
	char first[REGISTRY_WHY_SIZE] = "";
	int r;

	r = config_load(d->config->path, on_complaint, first, &config);
	if (r >= 0)
		r = daemon_apply(d, config, first);
	if (r < 0) {
		config_free(config);
		daemon_note_config(d, CONFIG_REJECTED, first[0] ? first : "out of memory");
		log_error(r, "The new configuration is rejected, the old one stays in force (%s)",
			first);
		return;
	}
	warn_of_restart(d->config, config);
	config_free(d->config);
	d->config = config;
	daemon_note_config(d, CONFIG_OK, "");
	log_info("Configuration loaded: %zu targets", d->registry->n_targets);
}
