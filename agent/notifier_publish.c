/* SPDX-License-Identifier: ISC */
/* One event: in the journal, in memory, in the store, and as a notification. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/journal.h"
#include "agent/mib.h"
#include "agent/notifier_private.h"
#include "common/log.h"
#include "common/util.h"

static void make_record(
	const struct notifier *n, const struct notifier_entry *e, struct event_record *ret)
{
	const struct target *t = e->target;

	*ret = (struct event_record){
		.event = e->event,
		.time = now_usec(CLOCK_REALTIME),
		.target = t ? t->index : 0,
		.diagnosis = t && t->diagnosis ? t->diagnosis : DIAG_NONE,
		.reply_code = t ? t->reply_code : 0,
		.sent = e->tell,
	};
	snprintf(ret->name, sizeof(ret->name), "%s", t ? t->config.name : "");
	event_text(n->registry, &e->event, t, ret->text, sizeof(ret->text));
}

static struct alarm_record make_alarm(
	const struct notifier_entry *e, const struct event_record *record, uint32_t number)
{
	const struct target *t = e->target;
	struct alarm_record a = {
		.alarm = number,
		.kind = e->kind,
		.severity = alarm_severity(e->kind),
		.target = record->target,
		.time = record->time,
		.diagnosis = record->diagnosis,
		.reply_code = record->reply_code,
		.told = e->tell,
	};

	memcpy(a.name, record->name, sizeof(a.name));
	memcpy(a.text, record->text, sizeof(a.text));
	snprintf(a.remedy, sizeof(a.remedy), "%s", t && t->remedy ? t->remedy : "");
	return a;
}

/* What it was raised with: what is known of the target now is about something else. */
static void keep_words(struct alarm_record *a, const struct alarm_record *row)
{
	a->diagnosis = row->diagnosis;
	a->reply_code = row->reply_code;
	memcpy(a->text, row->text, sizeof(a->text));
	memcpy(a->remedy, row->remedy, sizeof(a->remedy));
}

/* The row of an alarm that opened, or is told. */
static bool show_alarm(struct notifier *n, const struct notifier_entry *e,
	const struct event_record *record, struct alarm_record *ret)
{
	struct alarm_list *list = &n->registry->alarms;
	const struct alarm_record *row = alarm_list_find(list, e->opened);

	*ret = make_alarm(e, record, e->opened);
	if (row) { /* told again, or open again before its end was told */
		ret->told |= row->told;
		ret->time = row->time;
		if (!alarm_shows(e->kind, e->event.to))
			keep_words(ret, row);
	} else {
		list->raise_time = record->time;
		list->change_usec = now_usec(CLOCK_MONOTONIC);
	}
	if (alarm_list_put(list, ret) < 0)
		log_error(ENOMEM, "Alarm %u is not shown", e->opened);
	return true;
}

/* Brings the list of alarms up to E. An alarm that has closed stays in it while its receivers
 * believe in it, so that it is closed for them after a restart, too. Returns true when *RET is a
 * row to be kept; *RET_CLOSED is the number of one that is over, or 0. The caller holds the lock.
 */
static bool update_alarms(struct notifier *n, const struct notifier_entry *e,
	const struct event_record *record, struct alarm_record *ret, uint32_t *ret_closed)
{
	struct alarm_list *list = &n->registry->alarms;
	const struct alarm_record *row;

	*ret_closed = 0;
	if (e->opened != 0)
		return show_alarm(n, e, record, ret);
	row = e->closed ? alarm_list_find(list, e->closed) : NULL;
	if (!row || (row->told && !e->tell))
		return false;
	alarm_list_remove(list, e->closed);
	list->clear_time = record->time;
	list->change_usec = now_usec(CLOCK_MONOTONIC);
	*ret_closed = e->closed;
	return false;
}

void notifier_publish(struct notifier *n, const struct notifier_entry *e)
{
	struct event_record record;
	struct alarm_record alarm;
	struct notice *notice = NULL;
	uint32_t closed;
	bool has_alarm;
	int r = 0;

	make_record(n, e, &record);
	journal_event(n->registry, &e->event, e->target);
	if (e->tell)
		r = notice_new(n->registry, &e->event, e->target, &notice);
	if (r < 0)
		log_error(r, "Cannot notify event %u", e->event.sequence);
	else if (notice)
		notice->again = e->again;
	pthread_mutex_lock(&n->registry->lock);
	event_ring_add(&n->registry->events, &record);
	n->registry->facts.notify_damped += !e->tell;
	has_alarm = update_alarms(n, e, &record, &alarm, &closed);
	pthread_mutex_unlock(&n->registry->lock);
	recorder_event(
		n->recorder, &record, &n->counters, has_alarm ? &alarm : NULL, closed, notice);
}
