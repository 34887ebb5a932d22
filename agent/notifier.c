/* SPDX-License-Identifier: ISC */
/* Events on their way out. */
#include "agent/notifier_private.h"

#include <errno.h>

#include "common/log.h"
#include "common/util.h"

/* ------------------------------------------------------------------ what is to be told */

static struct target *owner_of(const struct policy_order *order)
{
	return order->target ? order->target->owner : NULL;
}

static const enum event_kind agent_kinds[] = {
	[POLICY_MASS_RAISE] = EVENT_MASS_FAILURE,
	[POLICY_MASS_CLEAR] = EVENT_MASS_RECOVERED,
	[POLICY_HEARTBEAT] = EVENT_HEARTBEAT,
};

/* The event of an order of its own: something is told later than it happened, again, or of the
 * agent. */
static struct notifier_entry entry_of(struct notifier *n, const struct policy_order *order)
{
	struct target *t = owner_of(order);
	enum state state = t ? t->health.state : STATE_UNKNOWN;
	bool raise = order->verb == POLICY_RAISE || order->verb == POLICY_REPEAT ||
		order->verb == POLICY_MASS_RAISE;
	struct notifier_entry e = {
		.event = { .from = state,
			.to = state,
			.alarm = order->alarm,
			.count = order->target ? 0 : order->count },
		.target = t,
		.kind = t ? order->kind : ALARM_MASS,
		.tell = true,
		.again = order->verb == POLICY_REPEAT,
	};

	if (order->verb == POLICY_MASS_RAISE)
		n->counters.alarm = order->alarm;
	e.event.kind = t ? alarm_event(order->kind, raise) : agent_kinds[order->verb];
	e.event.severity = event_severity(e.event.kind);
	if (raise)
		e.opened = order->alarm;
	else if (order->verb != POLICY_HEARTBEAT)
		e.closed = order->alarm;
	return e;
}

/* True when ORDER is to tell what E is. */
static bool is_of(const struct policy_order *order, const struct notifier_entry *e)
{
	bool raise = e->opened != 0;

	return owner_of(order) == e->target && e->target && order->kind == e->kind &&
		(order->verb == POLICY_RAISE || order->verb == POLICY_CLEAR) &&
		(order->verb == POLICY_RAISE) == raise;
}

static void arm(struct notifier *n)
{
	uint64_t wake = policy_wake(&n->policy);
	int r;

	if (!n->timer)
		return;
	r = sd_event_source_set_time(n->timer, wake);
	if (r >= 0)
		r = sd_event_source_set_enabled(
			n->timer, wake == USEC_INFINITY ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
	if (r < 0)
		log_error(r, "Cannot set the timer of the notifications");
}

/* Tells what is due. ENTRIES are what has just happened: those that are not told now are events all
 * the same. */
static void pump(struct notifier *n, struct notifier_entry *entries, size_t n_entries)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC);
	struct policy_order order;
	size_t done = 0;

	while (policy_next(&n->policy, now, n->counters.alarm + 1, &order)) {
		size_t i = done;

		while (i < n_entries && !is_of(&order, &entries[i]))
			i++;
		if (i < n_entries) { /* those before it are not told, or the order would differ */
			entries[i].event.alarm = order.alarm;
			entries[i].tell = true;
			for (; done <= i; done++) {
				entries[done].event.sequence = ++n->counters.sequence;
				notifier_publish(n, &entries[done]);
			}
		} else {
			struct notifier_entry e = entry_of(n, &order);

			e.event.sequence = ++n->counters.sequence;
			notifier_publish(n, &e);
		}
	}
	for (; done < n_entries; done++) {
		entries[done].event.sequence = ++n->counters.sequence;
		notifier_publish(n, &entries[done]);
	}
	arm(n);
}

void notifier_tell(struct notifier *n)
{
	pump(n, NULL, 0);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	pump(userdata, NULL, 0);
	return 0;
}

/* ------------------------------------------------------------------ what happens */

/* The alarm of T's kind opens or closes. */
static struct notifier_entry take_step(struct notifier *n, struct target *t,
	const struct alarm_step *step, enum state from, enum state to)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC);
	uint32_t *open = &t->alarms.open[step->kind];
	struct notifier_entry e = {
		.event = { .kind = alarm_event(step->kind, step->raise),
			.severity = step->raise ? alarm_severity(step->kind) : SEVERITY_CLEARED,
			.from = from,
			.to = to },
		.target = t,
		.kind = step->kind,
	};

	if (step->raise) {
		uint32_t fresh = n->counters.alarm + 1;

		*open = policy_open(&n->policy, &t->policy, step->kind, fresh, now);
		if (*open == fresh)
			n->counters.alarm = fresh;
		e.opened = e.event.alarm = *open;
		t->counts.alarms_raised++;
	} else {
		e.closed = e.event.alarm = *open;
		*open = 0;
		policy_open(&n->policy, &t->policy, step->kind, 0, now);
	}
	return e;
}

static void change(struct notifier *n, struct target *t, enum state from, enum state to)
{
	struct alarm_step steps[ALARM_END];
	struct notifier_entry entries[ALARM_END];
	size_t n_steps;

	pthread_mutex_lock(&n->registry->lock);
	n_steps = alarm_steps(&t->alarms, to, steps);
	for (size_t i = 0; i < n_steps; i++)
		entries[i] = take_step(n, t, &steps[i], from, to);
	pthread_mutex_unlock(&n->registry->lock);
	pump(n, entries, n_steps);
}

void notifier_change(struct notifier *n, struct target *t, enum state from, enum state to)
{
	t->policy.owner = t;
	change(n, t, from, to);
}

void notifier_side(
	struct notifier *n, struct target *t, const struct alarm_step *step, enum state from)
{
	struct notifier_entry e;

	t->policy.owner = t;
	pthread_mutex_lock(&n->registry->lock);
	e = take_step(n, t, step, from, t->health.state);
	pthread_mutex_unlock(&n->registry->lock);
	pump(n, &e, 1);
}

bool notifier_is_held(const struct notifier *n, const struct target *t)
{
	return t->ordered == ADMIN_MAINTENANCE || t->flapping || !n->settings.enabled;
}

void notifier_hold(struct notifier *n, struct target *t)
{
	t->policy.owner = t;
	policy_hold(&n->policy, &t->policy, t->ordered == ADMIN_MAINTENANCE, t->flapping,
		now_usec(CLOCK_MONOTONIC));
	pthread_mutex_lock(&n->registry->lock);
	t->held = notifier_is_held(n, t);
	pthread_mutex_unlock(&n->registry->lock);
	notifier_tell(n);
}

/* The settings in force have changed. */
static void apply_settings(struct notifier *n)
{
	const struct registry *r = n->registry;

	pthread_mutex_lock(&n->registry->lock);
	for (size_t i = 0; i < r->n_targets; i++)
		r->by_index[i]->held = notifier_is_held(n, r->by_index[i]);
	pthread_mutex_unlock(&n->registry->lock);
	policy_set(&n->policy, &n->settings, now_usec(CLOCK_MONOTONIC));
	notifier_tell(n);
}

static struct recorder_limits limits_of(const struct config *c)
{
	return (struct recorder_limits){ .history_rows = c->history_rows,
		.history_age_usec = c->history_age_usec,
		.event_rows = c->event_rows };
}

void notifier_limit(struct notifier *n, const struct config *c)
{
	struct recorder_limits limits = limits_of(c);
	struct event_ring *events = &n->registry->events;
	int e = 0;

	recorder_limit(n->recorder, &limits);
	snmp_set_queue_max(n->snmp, c->notices_max);
	if (events->size == c->event_rows)
		return;
	pthread_mutex_lock(&n->registry->lock);
	e = event_ring_resize(events, c->event_rows);
	pthread_mutex_unlock(&n->registry->lock);
	if (e < 0)
		log_error(e, "As many events are shown as before");
}

void notifier_configure(struct notifier *n, const struct policy_settings *settings)
{
	if (n->settings_ordered)
		return;
	n->settings = *settings;
	pthread_mutex_lock(&n->registry->lock);
	n->registry->settings = *settings;
	pthread_mutex_unlock(&n->registry->lock);
	apply_settings(n);
}

static void put_setting(struct policy_settings *s, const struct order *order)
{
	switch (order->setting) {
	case ORDER_NOTIFY_ENABLE:
		s->enabled = order->value;
		break;
	case ORDER_NOTIFY_MIN_INTERVAL:
		s->min_interval_s = order->value;
		break;
	case ORDER_NOTIFY_REPEAT:
		s->repeat_s = order->value;
		break;
	case ORDER_NOTIFY_HEARTBEAT:
		s->heartbeat_s = order->value;
		break;
	case ORDER_NOTIFY_STORM:
		s->storm = order->value;
		break;
	}
}

void notifier_order(struct notifier *n, const struct order *order)
{
	put_setting(&n->settings, order);
	/* It is shown already, unless a reload came between. */
	pthread_mutex_lock(&n->registry->lock);
	put_setting(&n->registry->settings, order);
	pthread_mutex_unlock(&n->registry->lock);
	n->settings_ordered = true;
	recorder_settings(n->recorder, &n->settings);
	apply_settings(n);
}

void notifier_sync(struct notifier *n, const struct target *t, enum setting from)
{
	struct notifier_entry e = { .target = (struct target *)(uintptr_t)t, .kind = ALARM_END };

	recorder_sync(n->recorder, t->index, t->evidence->sync, t->evidence->sync_time);
	if (from == 0)
		return;
	e.event = alarm_sync_event(&n->counters, t->health.state, from);
	e.tell = n->settings.enabled && t->ordered != ADMIN_MAINTENANCE;
	notifier_publish(n, &e);
}

void notifier_clear(struct notifier *n, struct target *t)
{
	enum state from = t->health.state;

	if (t->alarms.open[ALARM_AT_RISK])
		from = STATE_AT_RISK;
	if (t->alarms.open[ALARM_UNREACHABLE])
		from = STATE_UNREACHABLE;
	else if (t->alarms.open[ALARM_REFUSED])
		from = STATE_REFUSED;
	t->policy.owner = t;
	policy_leave(&n->policy, &t->policy, now_usec(CLOCK_MONOTONIC));
	change(n, t, from, STATE_DISABLED);
	policy_forget(&n->policy, &t->policy);
}

void notifier_agent_event(struct notifier *n, enum event_kind kind)
{
	struct notifier_entry e = { .event = alarm_agent_event(&n->counters, kind),
		.kind = ALARM_END };

	e.tell = n->settings.enabled;
	notifier_publish(n, &e);
}

/* ------------------------------------------------------------------ birth and death */

void notifier_save(struct notifier *n)
{
	recorder_targets(n->recorder, n->registry);
}

void notifier_save_changes(
	struct notifier *n, struct target *const *targets, size_t n_targets, bool watched)
{
	recorder_changes(n->recorder, targets, n_targets, watched);
}

/* From the recorder's thread. */
static void on_release(void *userdata, struct notice *notice)
{
	struct notifier *n = userdata;

	snmp_notify(n->snmp, notice);
}

void notifier_gone(void *userdata, uint32_t sequence)
{
	struct recorder *r = userdata;

	recorder_acknowledged(r, sequence);
}

int notifier_init(struct notifier *n, struct registry *registry, const struct config *c)
{
	struct recorder_options options = {
		.path = c->store,
		.limits = limits_of(c),
		.release = on_release,
		.userdata = n,
	};
	int r;

	n->registry = registry;
	policy_init(&n->policy, now_usec(CLOCK_MONOTONIC));
	r = event_ring_init(&registry->events, c->event_rows);
	if (r >= 0)
		r = recorder_new(&options, &n->past, &n->recorder);
	if (r < 0)
		return r;
	n->counters = n->past.counters;
	if (n->past.next_index > registry->next_index)
		registry->next_index = n->past.next_index;
	n->settings = registry->settings = n->past.settings;
	n->settings_ordered = n->past.settings_ordered;
	policy_set(&n->policy, &n->past.settings, now_usec(CLOCK_MONOTONIC));
	notifier_restore_events(n);
	return 0;
}

int notifier_start(struct notifier *n, sd_event *event)
{
	int r;

	for (size_t i = 0; i < n->past.n_notices; i++) { /* before all that is new */
		n->past.notices[i]->again = true;
		snmp_notify(n->snmp, TAKE_PTR(n->past.notices[i]));
	}
	n->past.n_notices = 0;
	r = sd_event_add_time(
		event, &n->timer, CLOCK_MONOTONIC, UINT64_MAX, USEC_PER_MSEC, on_timer, n);
	if (r >= 0)
		r = sd_event_source_set_enabled(n->timer, SD_EVENT_OFF);
	if (r >= 0)
		r = recorder_start(n->recorder);
	return r;
}

bool notifier_stop(struct notifier *n, uint64_t grace_usec)
{
	bool ended = true;

	if (n->recorder && n->snmp)
		recorder_flush(n->recorder, grace_usec);
	if (n->recorder)
		recorder_silence(n->recorder); /* or it would release to what is no more */
	if (n->snmp)
		ended = snmp_stop(n->snmp, grace_usec);
	recorder_past_done(&n->past);
	/* A thread of SNMP's that was left behind may still acknowledge: the recorder stays. */
	if (ended)
		recorder_stop(n->recorder, grace_usec);
	else if (n->recorder)
		recorder_flush(n->recorder, grace_usec);
	policy_done(&n->policy);
	n->timer = sd_event_source_disable_unref(n->timer);
	return ended;
}

bool notifier_is_impaired(const struct notifier *n)
{
	struct recorder_stats stats;

	recorder_stats(n->recorder, &stats);
	return stats.impaired;
}
