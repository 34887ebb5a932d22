/* SPDX-License-Identifier: ISC */
/* What was before the start: events, alarms that are open, what managers have ordered. */
#include <errno.h>
#include <string.h>

#include "agent/notifier_private.h"
#include "common/log.h"
#include "common/util.h"

static void note_raise(struct alarm_list *list, uint64_t time)
{
	if (time > list->raise_time)
		list->raise_time = time;
}

/* The mass alarm of the time before, if it was open. */
static void restore_mass(struct notifier *n)
{
	for (size_t i = 0; i < n->past.n_alarms; i++)
		if (n->past.alarms[i].kind == ALARM_MASS) {
			policy_restore_mass(&n->policy, n->past.alarms[i].alarm);
			if (alarm_list_put(&n->registry->alarms, &n->past.alarms[i]) < 0)
				log_error(ENOMEM, "The mass alarm is not shown");
		}
}

/* When alarms were raised and cleared last, as the events before tell. A raise that was repeated
 * has the number of its first time. */
static void restore_times(struct alarm_list *list, const struct event_record *e, uint32_t *newest)
{
	if (e->event.alarm == 0)
		return;
	if (e->event.severity == SEVERITY_CLEARED)
		list->clear_time = e->time;
	else if (e->event.alarm > *newest)
		note_raise(list, e->time);
	if (e->event.alarm > *newest)
		*newest = e->event.alarm;
}

void notifier_restore_events(struct notifier *n)
{
	uint32_t newest = 0;

	for (size_t i = 0; i < n->past.n_events; i++) {
		event_ring_add(&n->registry->events, &n->past.events[i]);
		restore_times(&n->registry->alarms, &n->past.events[i], &newest);
	}
	restore_mass(n);
}

void notifier_recall_indexes(struct notifier *n, struct config *config)
{
	recorder_recall(n->recorder, config);
}

static void restore_alarm(struct notifier *n, const struct alarm_record *a)
{
	struct target *t = registry_find(n->registry, a->name);
	char password[TARGET_PASSWORD_SIZE];
	struct target gone = {
		.index = a->target,
		.diagnosis = DIAG_NONE,
		.failed_stage = STAGE_NONE,
	};
	struct target *whose = t ? t : &gone;
	uint16_t port = 0;

	if (a->kind >= ALARM_END)
		return;
	pthread_mutex_lock(&n->registry->lock);
	if (alarm_list_put(&n->registry->alarms, a) < 0)
		log_error(ENOMEM, "Alarm %u is not shown", a->alarm);
	note_raise(&n->registry->alarms, a->time);
	pthread_mutex_unlock(&n->registry->lock);
	whose->alarms.open[a->kind] = a->alarm;
	whose->policy.owner = whose;
	policy_restore(
		&n->policy, &whose->policy, a->kind, a->alarm, a->told, now_usec(CLOCK_MONOTONIC));
	if (t)
		return;
	health_init(&gone.health);
	target_config_init(&gone.config, password);
	gone.config.name = (char *)(uintptr_t)a->name;
	gone.config.host = (char *)(uintptr_t)recorder_host(n->recorder, a->target, &port);
	gone.config.port = port;
	notifier_clear(n, &gone);
}

static void restore_order(struct notifier *n, struct target *t)
{
	if (t->ordered != 0) /* it has been carried out before */
		return;
	pthread_mutex_lock(&n->registry->lock); /* a manager may be setting it */
	t->ordered = t->admin ? t->admin : ADMIN_ENABLED;
	pthread_mutex_unlock(&n->registry->lock);
	if (notifier_is_held(n, t))
		notifier_hold(n, t);
}

void notifier_restore(struct notifier *n, struct target *const *targets, size_t n_targets)
{
	recorder_recall_targets(n->recorder, n->registry, targets, n_targets);
	for (size_t i = 0; i < n_targets; i++)
		restore_order(n, targets[i]);
	if (n->restored)
		return;
	n->restored = true;
	for (size_t i = 0; i < n->past.n_alarms; i++)
		restore_alarm(n, &n->past.alarms[i]);
	recorder_past_done(&n->past);
	notifier_tell(n);
}
