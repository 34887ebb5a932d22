/* SPDX-License-Identifier: ISC */
/* The daemon's parts put together. */
#include "agent/daemon.h"

#include <errno.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

#include "agent/collector.h"
#include "agent/notifier.h"
#include "agent/schedule.h"
#include "agent/snmp.h"
#include "agent/target.h"
#include "common/log.h"
#include "common/text.h"
#include "common/util.h"
#include "probes/transfer.h"

enum {
	NOTICES_MAX = 10000,       /* kept while the master is away */
	DESCRIPTORS_RESERVED = 64, /* for everything but probes */
};

#define TICK_USEC USEC_PER_SEC
#define STOP_GRACE_USEC (500 * USEC_PER_MSEC) /* for the last notification to leave */
#define IMPAIRED_USEC (60 * USEC_PER_SEC)     /* how long a failure of our own is shown */

struct daemon {
	const char *listen;
	struct config *config; /* in force; its targets have moved into the registry */
	char *snmp_dir;
	struct registry *registry;
	struct notifier notifier;
	struct transfer *transfer;
	struct schedule *schedule;
	struct collector *collector;
	sd_event *event;
	sd_event_source *tick;
	uint64_t internal_error_usec; /* when a probe last failed for a reason of our own; 0 = never
				       */
	char status[128];             /* the STATUS= line sent last */
};

/* ------------------------------------------------------------------ observations */

static void on_observed(void *userdata, struct target *t, const struct observation *o)
{
	struct daemon *d = userdata;
	enum state from;

	if (o->outcome == OUTCOME_INTERNAL_ERROR) {
		d->internal_error_usec = now_usec(CLOCK_MONOTONIC);
		log_debug("%s: the probe itself failed: %s", t->config.name, o->detail);
	}
	if (!registry_observe(d->registry, t, o, &from))
		return;
	notifier_change(&d->notifier, t, from, t->health.state);
	if (t->health.state == STATE_REFUSED)
		collector_hurry(d->collector, t);
}

static void on_collected(void *userdata, struct target *t, const struct collected *now)
{
	struct daemon *d = userdata;
	enum setting from;

	for (enum evidence_item item = 0; item < EVIDENCE_ITEMS; item++)
		if (now->items[item].reason[0])
			log_debug("%s: %s: %s", t->config.name, evidence_item_words(item),
				now->items[item].reason);
	if (registry_collect(d->registry, t, now, &from))
		notifier_sync(&d->notifier, t, from);
}

/* ------------------------------------------------------------------ configuration */

static void drop_targets(struct daemon *d, struct target **gone, size_t n_gone)
{
	for (size_t i = 0; i < n_gone; i++) {
		schedule_remove(d->schedule, gone[i]);
		collector_remove(d->collector, gone[i]);
		notifier_clear(&d->notifier, gone[i]);
		target_free(gone[i]);
	}
	free(gone);
}

/* Each probe holds a descriptor, and so does its farewell. */
static void fit_descriptors(struct config *config)
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

static int apply_config(struct daemon *d, struct config *config, char why[REGISTRY_WHY_SIZE])
{
	struct registry *registry = d->registry;
	struct target **gone;
	size_t n_gone;
	int r;

	fit_descriptors(config);
	notifier_recall_indexes(&d->notifier, config);
	collector_suspend(d->collector);
	r = registry_apply(registry, config, &gone, &n_gone, why);
	if (r < 0)
		return r;
	notifier_recall_settings(&d->notifier);
	notifier_restore(&d->notifier);
	drop_targets(d, gone, n_gone);
	schedule_set_max(d->schedule, config->max_concurrent);
	for (size_t i = 0; i < registry->n_targets; i++) {
		struct target *t = registry->by_index[i];

		if (!t->config.enabled) {
			schedule_remove(d->schedule, t);
			collector_remove(d->collector, t);
			notifier_clear(&d->notifier, t);
			continue;
		}
		r = schedule_add(d->schedule, t);
		if (r >= 0)
			r = collector_add(d->collector, t);
		if (r < 0)
			log_error(r, "Cannot schedule %s", t->config.name);
	}
	notifier_save(&d->notifier);
	return 0;
}

static void note_config(struct daemon *d, enum config_result result, const char *error)
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

static void reload(struct daemon *d)
{
	struct config *config = NULL;
	char first[REGISTRY_WHY_SIZE] = "";
	int r;

	r = config_load(d->config->path, on_complaint, first, &config);
	if (r >= 0)
		r = apply_config(d, config, first);
	if (r < 0) {
		config_free(config);
		note_config(d, CONFIG_REJECTED, first[0] ? first : "out of memory");
		log_error(r, "The new configuration is rejected, the old one stays in force (%s)",
			first);
		return;
	}
	warn_of_restart(d->config, config);
	config_free(d->config);
	d->config = config;
	note_config(d, CONFIG_OK, "");
	log_info("Configuration loaded: %zu targets", d->registry->n_targets);
}

/* ------------------------------------------------------------------ once a second */

static void send_status(struct daemon *d)
{
	const struct registry *r = d->registry;
	char status[sizeof(d->status)];
	int used = snprintf(status, sizeof(status), "STATUS=Watching %zu target%s", r->n_targets,
		r->n_targets == 1 ? "" : "s");

	for (unsigned state = STATE_OK; state < STATE_END; state++)
		if (r->totals[state] > 0 && used < (int)sizeof(status))
			used += snprintf(status + used, sizeof(status) - (size_t)used, "%s%u %s",
				strchr(status, ':') ? ", " : ": ", r->totals[state],
				state_label(state));
	if (strcmp(status, d->status) == 0)
		return;
	memcpy(d->status, status, sizeof(status));
	sd_notify(0, status);
}

static enum agent_state agent_state(const struct daemon *d, uint64_t now)
{
	if (d->registry->facts.config_result != CONFIG_OK)
		return AGENT_IMPAIRED;
	if (notifier_is_impaired(&d->notifier))
		return AGENT_IMPAIRED;
	if (d->internal_error_usec > 0 && now - d->internal_error_usec < IMPAIRED_USEC)
		return AGENT_IMPAIRED;
	return AGENT_RUNNING;
}

static void refresh_facts(struct daemon *d, uint64_t now)
{
	struct agent_facts *facts = &d->registry->facts;
	struct schedule_stats schedule;
	struct snmp_stats snmp;

	schedule_stats(d->schedule, &schedule);
	snmp_stats(d->notifier.snmp, &snmp);
	pthread_mutex_lock(&d->registry->lock);
	if (facts->state != AGENT_STOPPING)
		facts->state = agent_state(d, now);
	facts->probes_active = schedule.active;
	facts->probes_queued = schedule.queued;
	facts->schedule_lag_ms = schedule.lag_ms;
	facts->notify_sent = snmp.sent;
	facts->notify_pending = snmp.pending;
	facts->master_reconnects = snmp.connects > 0 ? snmp.connects - 1 : 0;
	pthread_mutex_unlock(&d->registry->lock);
}

static int on_tick(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct daemon *d = userdata;

	if (d->notifier.store_failed)
		notifier_save(&d->notifier);
	refresh_facts(d, now_usec(CLOCK_MONOTONIC));
	send_status(d);
	if (sd_event_source_set_time_relative(source, TICK_USEC) < 0 ||
		sd_event_source_set_enabled(source, SD_EVENT_ONESHOT) < 0)
		log_error(0, "Cannot set the timer of the status");
	return 0;
}

/* ------------------------------------------------------------------ signals */

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	struct daemon *d = userdata;

	log_info("Stopping: signal %u", info->ssi_signo);
	sd_notify(0, "STOPPING=1");
	return sd_event_exit(d->event, 0);
}

static int on_reload(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	struct daemon *d = userdata;

	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu",
		(unsigned long long)now_usec(CLOCK_MONOTONIC));
	reload(d);
	send_status(d);
	sd_notify(0, "READY=1");
	return 0;
}

/* Before any thread is started, so that all inherit the mask. */
static int block_signals(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD); /* of the programs that fetch evidence: for sd-event */
	return -pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/* ------------------------------------------------------------------ birth and death */

/* net-snmp keeps its engine's boots and its users beside our own state. */
static int start_snmp(struct daemon *d)
{
	_cleanup_(freep) char *store = strdup(d->config->store);
	struct snmp_options options = {
		.listen = d->listen,
		.agentx_socket = d->config->agentx_socket,
		.queue_max = NOTICES_MAX,
	};

	if (!store || asprintf(&d->snmp_dir, "%s/snmp", dirname(store)) < 0)
		return -ENOMEM;
	options.persistent_dir = d->snmp_dir;
	return snmp_start(&options, d->registry, &d->notifier.snmp);
}

static int start_loop(struct daemon *d)
{
	int r;

	r = sd_event_new(&d->event);
	if (r < 0)
		return r;
	if ((r = sd_event_add_signal(d->event, NULL, SIGTERM, on_stop, d)) < 0 ||
		(r = sd_event_add_signal(d->event, NULL, SIGINT, on_stop, d)) < 0 ||
		(r = sd_event_add_signal(d->event, NULL, SIGHUP, on_reload, d)) < 0 ||
		(r = sd_event_set_watchdog(d->event, true)) < 0)
		return r;
	return sd_event_add_time_relative(
		d->event, &d->tick, CLOCK_MONOTONIC, TICK_USEC, TICK_USEC / 10, on_tick, d);
}

static int start(struct daemon *d)
{
	char why[REGISTRY_WHY_SIZE] = "";
	int r;

	r = block_signals();
	if (r < 0)
		return log_error(r, "Cannot block signals");
	fit_descriptors(d->config);
	r = registry_new(&d->registry);
	if (r < 0)
		return log_error(r, "Cannot make the registry");
	r = notifier_init(&d->notifier, d->registry, d->config->store);
	if (r < 0)
		return log_error(r, "Cannot start the notifier");
	r = start_snmp(d);
	if (r < 0)
		return log_error(r, "Cannot start SNMP");
	r = start_loop(d);
	if (r >= 0)
		r = transfer_new(d->event, &d->transfer);
	if (r >= 0)
		r = schedule_new(d->event, d->transfer, d->config->max_concurrent, on_observed, d,
			&d->schedule);
	if (r >= 0)
		r = collector_new(d->event, on_collected, d, &d->collector);
	if (r < 0)
		return log_error(r, "Cannot start the event loop");
	r = apply_config(d, d->config, why);
	if (r < 0)
		return log_error(r, "Cannot apply the configuration: %s", why);
	note_config(d, CONFIG_OK, "");
	return 0;
}

static void stop(struct daemon *d)
{
	if (d->registry) {
		pthread_mutex_lock(&d->registry->lock);
		d->registry->facts.state = AGENT_STOPPING;
		pthread_mutex_unlock(&d->registry->lock);
	}
	schedule_free(d->schedule);
	collector_free(d->collector);
	transfer_free(d->transfer);
	if (snmp_stop(d->notifier.snmp, STOP_GRACE_USEC))
		registry_free(d->registry);
	notifier_done(&d->notifier);
	sd_event_source_disable_unref(d->tick);
	sd_event_unref(d->event);
	config_free(d->config);
	free(d->snmp_dir);
}

int daemon_run(struct config *config, const char *listen)
{
	_cleanup_(stop) struct daemon d = { .config = config, .listen = listen };
	int r;

	r = start(&d);
	if (r < 0)
		return r;
	refresh_facts(&d, now_usec(CLOCK_MONOTONIC));
	notifier_agent_event(&d.notifier, EVENT_AGENT_STARTED);
	send_status(&d);
	sd_notify(0, "READY=1");
	r = sd_event_loop(d.event);
	if (r < 0)
		log_error(r, "The event loop failed");
	notifier_agent_event(&d.notifier, EVENT_AGENT_STOPPING);
	return r;
}
