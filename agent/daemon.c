/* SPDX-License-Identifier: ISC */
/* The daemon's parts put together. */
#include "agent/daemon_private.h"

#include <errno.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <systemd/sd-daemon.h>

#include "agent/journal.h"
#include "common/log.h"
#include "common/util.h"
#include "probes/tls.h"

enum { WITNESSES = 3 };

#define TICK_USEC USEC_PER_SEC
#define START_GRACE_USEC (2 * USEC_PER_SEC)   /* for the first indexes to be durable */
#define STOP_GRACE_USEC (500 * USEC_PER_MSEC) /* for the last notification to leave */

/* ------------------------------------------------------------------ observations */

static void on_observed(void *userdata, struct target *t, const struct observation *o)
{
	struct daemon *d = userdata;

	if (t->moved) /* it was there before; it is asked anew in its new place */
		return;
	observer_observe(&d->observer, t, o);
}

static void on_skipped(void *userdata, struct target *t, uint32_t n)
{
	struct daemon *d = userdata;

	registry_skip(d->registry, t, n);
}

static void on_refused(void *userdata, struct target *t)
{
	struct daemon *d = userdata;

	collector_hurry(d->collector, t);
}

/* A failure is in doubt: others that spoke last are asked at once, or the doubt would last as long
 * as it takes until their turn. */
static void on_doubt(void *userdata)
{
	struct daemon *d = userdata;
	const struct registry *r = d->registry;
	unsigned asked = 0;

	for (size_t i = 0; i < r->n_targets && asked < WITNESSES; i++) {
		struct target *t = r->by_index[d->witness++ % r->n_targets];

		if (t->outcome == 0 || outage_is_network(t->outcome))
			continue;
		schedule_now(d->schedule, t);
		asked++;
	}
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

/* ------------------------------------------------------------------ once a second */

void daemon_send_status(struct daemon *d)
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
	if (sd_notify(0, status) >= 0) /* else it is sent again a second later */
		memcpy(d->status, status, sizeof(status));
}

void daemon_send_ready(struct daemon *d)
{
	int r = sd_notify(0, "READY=1");
	bool owed = r < 0 && r != -ECONNREFUSED && r != -ENOENT; /* then there is none any more */

	if (owed && !d->ready_owed)
		log_error(r, "Cannot tell the service manager that all is ready, trying again");
	d->ready_owed = owed;
}

static enum agent_state agent_state(const struct daemon *d)
{
	if (d->registry->facts.config_result != CONFIG_OK)
		return AGENT_IMPAIRED;
	if (d->config->metrics_listen && !d->metrics)
		return AGENT_IMPAIRED;
	if (notifier_is_impaired(&d->notifier) || observer_is_impaired(&d->observer))
		return AGENT_IMPAIRED;
	return AGENT_RUNNING;
}

static void refresh_facts(struct daemon *d)
{
	struct agent_facts *facts = &d->registry->facts;
	enum agent_state before = facts->state;
	struct recorder_stats recorder;
	struct schedule_stats schedule;
	struct snmp_stats snmp;

	schedule_stats(d->schedule, &schedule);
	snmp_stats(d->notifier.snmp, &snmp);
	recorder_stats(d->notifier.recorder, &recorder);
	pthread_mutex_lock(&d->registry->lock);
	if (facts->state != AGENT_STOPPING)
		facts->state = agent_state(d);
	facts->probes_active = schedule.active;
	facts->probes_queued = schedule.queued;
	facts->schedule_lag_ms = schedule.lag_ms;
	facts->longest_stall_ms = peak_largest(&d->stall.longest, now_usec(CLOCK_MONOTONIC));
	facts->stalls = d->stall.count;
	facts->notify_sent = snmp.sent;
	facts->notify_pending = snmp.pending;
	facts->notify_retried = snmp.retried;
	facts->notify_dropped = snmp.dropped;
	facts->store_waiting = recorder.waiting;
	facts->store_time = recorder.saved_time;
	facts->master_reconnects = snmp.connects > 0 ? snmp.connects - 1 : 0;
	pthread_mutex_unlock(&d->registry->lock);
	if (facts->state != before)
		recorder_agent(d->notifier.recorder, facts->state);
}

static int on_tick(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct daemon *d = userdata;

	observer_tick(&d->observer);
	daemon_reload_tick(d);
	daemon_attend_rest(d);
	if (d->ready_owed)
		daemon_send_ready(d);
	refresh_facts(d);
	daemon_send_status(d);
	if (sd_event_source_set_time_relative(source, TICK_USEC) < 0 ||
		sd_event_source_set_enabled(source, SD_EVENT_ONESHOT) < 0)
		log_error(0, "Cannot set the timer of the status");
	return 0;
}

/* ------------------------------------------------------------------ orders of managers */

static void obey(struct daemon *d, const struct order *order, struct target *t)
{
	if (order->kind == ORDER_SETTING) {
		notifier_order(&d->notifier, order);
	} else if (!t) {
		return;
	} else if (order->kind == ORDER_PROBE_NOW) {
		registry_order_probe(d->registry, t);
		schedule_now(d->schedule, t);
	} else {
		t->ordered = (enum admin)order->value;
		recorder_admin(d->notifier.recorder, t->index, t->ordered);
		/* Of a target that is left alone, what was held back is forgotten, not told. */
		if (t->ordered == ADMIN_DISABLED)
			daemon_attend(d, t);
		notifier_hold(&d->notifier, t);
		if (t->ordered != ADMIN_DISABLED)
			daemon_attend(d, t);
	}
}

static int on_order(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct daemon *d = userdata;
	struct order order;

	while (orders_take(d->orders, &order)) {
		struct target *t = order.kind == ORDER_SETTING
			? NULL
			: registry_by_index(d->registry, order.target);

		journal_order(&order, t);
		obey(d, &order, t);
	}
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

	daemon_reload(d);
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
	_cleanup_(freep) char *store = strdup(d->config->store), *absolute = NULL;
	const char *folder;
	struct snmp_options options = {
		.listen = d->listen,
		.agentx_socket = d->config->agentx_socket,
		.queue_max = d->config->notices_max,
		.orders = d->orders,
		.gone = notifier_gone,
		/* Not the notifier, which a thread that is left behind would outlive. */
		.userdata = d->notifier.recorder,
	};

	if (!store)
		return -ENOMEM;
	/* net-snmp makes the folders of a path from the root on, also of a relative one. */
	folder = dirname(store);
	absolute = realpath(folder, NULL);
	if (asprintf(&d->snmp_dir, "%s/snmp", absolute ? absolute : folder) < 0) {
		d->snmp_dir = NULL;
		return -ENOMEM;
	}
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

/* Whoever opens the store first has it. */
static int start_notifier(struct daemon *d)
{
	int r = orders_new(ORDERS_MAX, &d->orders);

	if (r >= 0)
		r = notifier_init(&d->notifier, d->registry, d->config);
	if (r == -EBUSY)
		return log_error(r,
			"Another ftphealthd has the store %s, stop that one or give this one another (store: PATH)",
			d->config->store);
	return r < 0 ? log_error(r, "Cannot start the notifier") : 0;
}

/* Returns as daemon_run() does. */
static int apply(struct daemon *d)
{
	char why[REGISTRY_WHY_SIZE] = "";
	int r = daemon_reload_init(d);

	if (r >= 0)
		r = daemon_apply(d, why);
	if (*why) {
		log_error(0, "Cannot apply the configuration: %s", why);
		return DAEMON_BAD_CONFIG;
	}
	return r < 0 ? log_error(r, "Cannot apply the configuration") : 0;
}

/* Likewise. */
static int start(struct daemon *d)
{
	const struct schedule_owner owner = { on_observed, on_skipped, d };
	int r;

	r = block_signals();
	if (r < 0)
		return log_error(r, "Cannot block signals");
	r = tls_begin(); /* before there are threads that need it */
	if (r < 0)
		return log_error(r, "Cannot make OpenSSL ready");
	daemon_fit_descriptors(d->config);
	r = registry_new(&d->registry);
	if (r < 0)
		return log_error(r, "Cannot make the registry");
	observer_init(&d->observer, d->registry, &d->notifier);
	d->observer.on_refused = on_refused;
	d->observer.on_doubt = on_doubt;
	d->observer.userdata = d;
	r = start_notifier(d);
	if (r < 0)
		return r;
	r = start_snmp(d);
	if (r < 0)
		return log_error(r, "Cannot start the thread of SNMP");
	r = start_loop(d);
	if (r >= 0)
		r = transfer_new(d->event, &d->transfer);
	if (r >= 0)
		r = schedule_new(
			d->event, d->transfer, d->config->max_concurrent, &owner, &d->schedule);
	if (r >= 0)
		r = collector_new(d->event, on_collected, d, &d->collector);
	if (r >= 0)
		r = sd_event_add_io(
			d->event, &d->ordered, orders_fd(d->orders), EPOLLIN, on_order, d);
	if (r >= 0)
		r = notifier_start(&d->notifier, d->event);
	if (r < 0)
		return log_error(r, "Cannot start the event loop");
	r = apply(d);
	if (r != 0)
		return r;
	r = metrics_server_set(&d->metrics, d->config->metrics_listen, d->registry);
	if (r < 0)
		return r;
	daemon_note_config(d, CONFIG_OK, "");
	return 0;
}

/* What a thread that hangs in a call may still use: the process ends with it. */
static volatile struct {
	struct registry *registry;
	struct config *config;
	struct reload *reload;
	struct orders *orders;
	char *snmp_dir;
} left_behind;

static void stop(struct daemon *d)
{
	bool alone = daemon_reload_stop(d);

	if (d->registry) {
		pthread_mutex_lock(&d->registry->lock);
		d->registry->facts.state = AGENT_STOPPING; /* no SET is taken any more */
		pthread_mutex_unlock(&d->registry->lock);
	}
	if (d->ordered)
		on_order(NULL, -1, 0, d); /* those that were taken are kept */
	metrics_server_free(d->metrics);
	schedule_free(d->schedule);
	collector_free(d->collector);
	transfer_free(d->transfer);
	alone = notifier_stop(&d->notifier, STOP_GRACE_USEC) && alone;
	observer_done(&d->observer);
	sd_event_source_disable_unref(d->ordered);
	sd_event_source_disable_unref(d->tick);
	sd_event_unref(d->event);
	if (alone) {
		registry_free(d->registry);
		daemon_reload_free(d);
		orders_free(d->orders);
		config_free(d->config);
		free(d->snmp_dir);
		return;
	}
	left_behind.registry = d->registry;
	left_behind.config = d->config;
	left_behind.reload = d->reload;
	left_behind.orders = d->orders;
	left_behind.snmp_dir = d->snmp_dir;
}

int daemon_run(struct config *config, const char *listen)
{
	_cleanup_(stop) struct daemon d = { .config = config, .listen = listen };
	int r;

	r = start(&d);
	if (r != 0)
		return r;
	refresh_facts(&d);
	notifier_agent_event(&d.notifier, EVENT_AGENT_STARTED);
	daemon_send_status(&d);
	/* Whoever learns an index from now on may keep it. */
	recorder_flush(d.notifier.recorder, START_GRACE_USEC);
	daemon_send_ready(&d);
	r = stall_loop(&d.stall, d.event);
	if (r < 0)
		log_error(r, "The event loop failed");
	notifier_agent_event(&d.notifier, EVENT_AGENT_STOPPING);
	return r;
}
