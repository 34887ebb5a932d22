/* SPDX-License-Identifier: ISC */
/* Events on their way out. */
#include "agent/notifier.h"

#include <errno.h>
#include <string.h>

#include "agent/journal.h"
#include "agent/mib.h"
#include "common/log.h"
#include "common/util.h"

/* ------------------------------------------------------------------ the store */

int notifier_init(struct notifier *n, struct registry *registry, const char *path)
{
	int r;

	n->registry = registry;
	n->store_path = strdup(path);
	if (!n->store_path)
		return -ENOMEM;
	r = store_open(path, &n->store);
	if (r >= 0)
		r = store_load_numbers(n->store, &n->counters, &registry->next_index);
	if (r < 0)
		n->store = store_close(n->store);
	return 0;
}

void notifier_done(struct notifier *n)
{
	store_close(n->store);
	free(n->store_path);
}

bool notifier_is_impaired(const struct notifier *n)
{
	return !n->store || n->store_failed;
}

/* Tells when writing begins to fail, and when that is over. */
static void note_write(struct notifier *n, int result)
{
	if (result < 0 && !n->store_failed)
		log_error(result, "Cannot write the store %s, going on from memory", n->store_path);
	else if (result >= 0 && n->store_failed)
		log_notice("The store %s can be written again", n->store_path);
	n->store_failed = result < 0;
}

/* Numbers and alarms are kept before what they number is sent: none is ever used twice. */
static void keep(struct notifier *n, const struct target *t)
{
	if (n->store && !n->store_failed)
		note_write(n, store_save_target(n->store, t, &n->counters));
}

void notifier_save(struct notifier *n)
{
	if (n->store)
		note_write(n, store_save_all(n->store, n->registry, &n->counters));
}

/* ------------------------------------------------------------------ events */

static void publish(struct notifier *n, const struct event *event, const struct target *target)
{
	struct notice *notice;
	int r;

	journal_event(n->registry, event, target);
	r = notice_new(n->registry, event, target, &notice);
	if (r < 0)
		log_error(r, "Cannot notify event %u", event->sequence);
	else
		snmp_notify(n->snmp, notice);
}

void notifier_agent_event(struct notifier *n, enum event_kind kind)
{
	struct event event = alarm_agent_event(&n->counters, kind);

	keep(n, NULL);
	publish(n, &event, NULL);
}

void notifier_change(struct notifier *n, struct target *t, enum state from, enum state to)
{
	struct event events[2 * ALARM_END];
	uint32_t raised = 0;
	size_t n_events;

	pthread_mutex_lock(&n->registry->lock);
	n_events = alarm_change(&t->alarms, &n->counters, from, to, events);
	for (size_t i = 0; i < n_events; i++)
		raised += events[i].severity != SEVERITY_CLEARED;
	t->counts.alarms_raised += raised;
	pthread_mutex_unlock(&n->registry->lock);
	if (n_events > 0)
		keep(n, t);
	for (size_t i = 0; i < n_events; i++)
		publish(n, &events[i], t);
}

void notifier_sync(struct notifier *n, const struct target *t, enum setting from)
{
	struct event event;

	if (from != 0)
		event = alarm_sync_event(&n->counters, t->health.state, from);
	keep(n, t);
	if (from != 0)
		publish(n, &event, t);
}

void notifier_clear(struct notifier *n, struct target *t)
{
	enum state from = STATE_AT_RISK;

	if (t->alarms.open[ALARM_UNREACHABLE])
		from = STATE_UNREACHABLE;
	else if (t->alarms.open[ALARM_REFUSED])
		from = STATE_REFUSED;

	notifier_change(n, t, from, STATE_DISABLED);
}

/* ------------------------------------------------------------------ what was before the start */

void notifier_recall_indexes(struct notifier *n, struct config *config)
{
	int r = n->store ? store_load_indexes(n->store, config) : 0;

	if (r < 0)
		log_error(r, "Cannot read the indexes of the targets from the store %s",
			n->store_path);
}

void notifier_recall_settings(struct notifier *n)
{
	int r = n->store ? store_load_settings(n->store, n->registry) : 0;

	if (r < 0)
		log_error(r, "Cannot read the settings of the servers from the store %s",
			n->store_path);
}

/* The strings of FOUND live during the call; those of a target that is gone are only read. */
static void restore_alarm(void *userdata, const struct store_alarm *found)
{
	struct notifier *n = userdata;
	struct target *t = registry_find(n->registry, found->name);
	char password[TARGET_PASSWORD_SIZE];
	struct target gone = {
		.index = found->index,
		.diagnosis = DIAG_NONE,
		.failed_stage = STAGE_NONE,
	};

	if (t) {
		t->alarms.open[found->kind] = found->alarm;
		return;
	}
	health_init(&gone.health);
	target_config_init(&gone.config, password);
	gone.config.name = (char *)(uintptr_t)found->name;
	gone.config.host = (char *)(uintptr_t)found->host;
	gone.config.port = found->port;
	gone.alarms.open[found->kind] = found->alarm;
	notifier_clear(n, &gone);
}

void notifier_restore(struct notifier *n)
{
	int r;

	if (n->restored)
		return;
	n->restored = true;
	r = n->store ? store_load_alarms(n->store, restore_alarm, n) : 0;
	if (r < 0)
		log_error(r, "Cannot read the open alarms from the store %s", n->store_path);
}
