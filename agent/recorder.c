/* SPDX-License-Identifier: ISC */
/* The recorder as the other threads see it: takes copies, never waits for the disk. */
#include "agent/recorder_private.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/thread.h"
#include "common/util.h"

/* A transaction that takes longer is no store that can be relied on. */
#define HANGS_USEC (10 * USEC_PER_SEC)

/* ------------------------------------------------------------------ the past */

void recorder_past_done(struct recorder_past *p)
{
	for (size_t i = 0; i < p->n_notices; i++)
		free(p->notices[i]);
	free(p->notices);
	free(p->events);
	free(p->alarms);
	p->notices = NULL;
	p->events = NULL;
	p->alarms = NULL;
	p->n_notices = p->n_events = p->n_alarms = 0;
}

/* A notice that cannot be read is of another version; its event can still be read. */
static int past_notice(struct recorder *r, const struct image_notice *n, struct recorder_past *past)
{
	struct notice *notice;
	int e = notice_unpack(n->packed, n->len, &notice);

	if (e == -ENOMEM)
		return e;
	if (e < 0) {
		log_warning(0,
			"The notification of event %u, kept by another version, cannot be sent any more",
			n->entry.key);
		image_remove(&r->image, IMAGE_NOTICE, n->entry.key);
		return 0;
	}
	past->notices[past->n_notices++] = notice;
	return 0;
}

static int fill_past(struct recorder *r, struct recorder_past *past)
{
	struct image *im = &r->image;
	const struct image_list *l = im->lists;
	int e = 0;

	*past = (struct recorder_past){
		.counters = im->numbers.counters,
		.next_index = 1,
		.settings = im->settings,
		.settings_ordered = im->settings_ordered,
		.events = calloc(l[IMAGE_EVENT].n + 1, sizeof(*past->events)),
		.alarms = calloc(l[IMAGE_ALARM].n + 1, sizeof(*past->alarms)),
		.notices = calloc(l[IMAGE_NOTICE].n + 1, sizeof(*past->notices)),
	};
	if (!past->events || !past->alarms || !past->notices)
		return -ENOMEM;
	if (r->n_known > 0)
		past->next_index = r->by_index[r->n_known - 1]->index + 1;
	for (size_t i = 0; i < l[IMAGE_EVENT].n; i++)
		if (image_at(im, IMAGE_EVENT, i))
			past->events[past->n_events++] =
				((struct image_event *)image_at(im, IMAGE_EVENT, i))->record;
	for (size_t i = 0; i < l[IMAGE_ALARM].n; i++)
		if (image_at(im, IMAGE_ALARM, i))
			past->alarms[past->n_alarms++] =
				((struct image_alarm *)image_at(im, IMAGE_ALARM, i))->record;
	for (size_t i = 0; e >= 0 && i < l[IMAGE_NOTICE].n; i++)
		if (image_at(im, IMAGE_NOTICE, i))
			e = past_notice(
				r, (struct image_notice *)image_at(im, IMAGE_NOTICE, i), past);
	return e;
}

/* ------------------------------------------------------------------ birth and death */

static void targets_done(struct targets_message *m)
{
	for (size_t i = 0; i < m->n; i++)
		place_unref(m->targets[i].place);
	free(m->targets);
}

void message_free(struct message *m)
{
	if (m->kind == MESSAGE_EVENT)
		free(((struct event_message *)m)->notice);
	if (m->kind == MESSAGE_TARGETS)
		targets_done((struct targets_message *)m);
	free(m);
}

static struct recorder *recorder_free(struct recorder *r)
{
	struct waiting *w = &r->waiting;

	while (w->first) {
		struct message *m = w->first;

		w->first = m->next;
		message_free(m);
	}
	while (w->first_row) {
		struct probe_row *row = w->first_row;

		w->first_row = row->next;
		free(row);
	}
	free(w->states);
	recorder_forget_names(r);
	image_done(&r->image);
	store_close(r->store);
	for (size_t i = 0; i < r->n_release; i++)
		free(r->release[i]);
	free(r->release);
	pthread_cond_destroy(&r->work);
	pthread_cond_destroy(&r->done);
	pthread_mutex_destroy(&r->lock);
	pthread_mutex_destroy(&r->release_lock);
	closep(&r->claim);
	free(r->path);
	free(r);
	return NULL;
}

static void init_conditions(struct recorder *r)
{
	pthread_condattr_t attributes;

	pthread_mutex_init(&r->lock, NULL);
	pthread_mutex_init(&r->release_lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&r->work, &attributes);
	pthread_cond_init(&r->done, &attributes);
	pthread_condattr_destroy(&attributes);
}

int recorder_new(const struct recorder_options *options, struct recorder_past *ret_past,
	struct recorder **ret)
{
	struct recorder *r = calloc(1, sizeof(*r));
	struct recorder_past past = { .n_notices = 0 };
	int e;

	if (!r)
		return -ENOMEM;
	init_conditions(r);
	r->claim = -1;
	r->options = *options;
	r->has_history = options->limits.history_rows > 0;
	r->retry_min_usec = options->retry_usec ? options->retry_usec : USEC_PER_SEC;
	r->batch = 1;
	r->path = strdup(options->path);
	image_init(&r->image, options->limits.event_rows);
	e = r->path ? store_claim(r->path, &r->claim) : -ENOMEM;
	if (e != -EBUSY && e != -ENOMEM) { /* of a folder that is at fault the store tells */
		recorder_open(r);
		e = recorder_learn_past(r);
	}
	if (e >= 0)
		e = fill_past(r, &past);
	if (e < 0) {
		recorder_past_done(&past);
		recorder_free(r);
		return e;
	}
	*ret_past = past;
	*ret = r;
	return 0;
}

int recorder_start(struct recorder *r)
{
	sigset_t all, before;
	int e;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	e = pthread_create(&r->thread, NULL, recorder_run, r);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	r->started = e == 0;
	return -e;
}

void recorder_flush(struct recorder *r, uint64_t grace_usec)
{
	struct timespec until = timespec_of(now_usec(CLOCK_MONOTONIC) + grace_usec);
	uint64_t wanted;
	int e = 0;

	if (!r->started)
		return;
	pthread_mutex_lock(&r->lock);
	wanted = ++r->flush_wanted;
	pthread_cond_signal(&r->work);
	while (e == 0 && r->flush_done < wanted)
		e = pthread_cond_timedwait(&r->done, &r->lock, &until);
	pthread_mutex_unlock(&r->lock);
}

void recorder_silence(struct recorder *r)
{
	pthread_mutex_lock(&r->release_lock);
	r->silenced = true;
	pthread_mutex_unlock(&r->release_lock);
}

struct recorder *recorder_stop(struct recorder *r, uint64_t grace_usec)
{
	if (!r)
		return NULL;
	if (!r->started)
		return recorder_free(r);
	pthread_mutex_lock(&r->lock);
	r->stopping = true;
	pthread_cond_signal(&r->work);
	pthread_mutex_unlock(&r->lock);
	if (thread_join(r->thread, grace_usec))
		return recorder_free(r);
	recorder_leave_behind(r);
	return NULL;
}

/* ------------------------------------------------------------------ handing over */

/* Queues M, which is URGENT or can wait for the next batch. */
static void hand_over(struct recorder *r, struct message *m, bool urgent)
{
	struct waiting *w = &r->waiting;
	bool wake;

	m->next = NULL;
	pthread_mutex_lock(&r->lock);
	wake = (urgent && !r->urgent) || w->n_messages == 0;
	if (w->last)
		w->last->next = m;
	else
		w->first = m;
	w->last = m;
	w->n_messages++;
	r->urgent = r->urgent || urgent;
	if (wake)
		pthread_cond_signal(&r->work);
	pthread_mutex_unlock(&r->lock);
}

/* A message of SIZE octets, or NULL, which is logged. */
static void *message_new(enum message_kind kind, size_t size)
{
	struct message *m = calloc(1, size);

	if (!m)
		log_error(ENOMEM, "Something is not kept in the store");
	else
		m->kind = kind;
	return m;
}

static void hand_over_small(struct recorder *r, struct message values, bool urgent)
{
	struct message *m = message_new(values.kind, sizeof(*m));

	if (!m)
		return;
	*m = values;
	hand_over(r, m, urgent);
}

void recorder_event(struct recorder *r, const struct event_record *e,
	const struct alarm_counters *counters, const struct alarm_record *a, uint32_t closed,
	struct notice *notice)
{
	struct event_message *m = message_new(MESSAGE_EVENT, sizeof(*m));

	if (!m) { /* better told than kept */
		if (notice)
			r->options.release(r->options.userdata, notice);
		return;
	}
	m->event = *e;
	m->counters = *counters;
	m->has_alarm = a != NULL;
	if (a)
		m->alarm = *a;
	m->closed = closed;
	m->notice = notice;
	hand_over(r, &m->message, true);
}

void recorder_acknowledged(struct recorder *r, uint32_t sequence)
{
	hand_over_small(r, (struct message){ .kind = MESSAGE_ARRIVED, .number = sequence }, false);
}

void recorder_limit(struct recorder *r, const struct recorder_limits *limits)
{
	struct limits_message *m = message_new(MESSAGE_LIMITS, sizeof(*m));

	if (!m)
		return;
	r->has_history = limits->history_rows > 0;
	m->limits = *limits;
	hand_over(r, &m->message, false);
}

void recorder_settings(struct recorder *r, const struct policy_settings *settings)
{
	struct settings_message *m = message_new(MESSAGE_SETTINGS, sizeof(*m));

	if (!m)
		return;
	m->settings = *settings;
	hand_over(r, &m->message, true);
}

void recorder_admin(struct recorder *r, uint32_t target, enum admin admin)
{
	struct known *k = recorder_known(r, target);

	if (k && k->admin == (uint8_t)admin)
		return;
	if (k)
		k->admin = (uint8_t)admin;
	hand_over_small(r,
		(struct message){ .kind = MESSAGE_ADMIN, .number = target, .value = admin }, true);
}

void recorder_sync(struct recorder *r, uint32_t target, enum setting sync, uint64_t time)
{
	struct known *k = recorder_known(r, target);

	if (k) {
		k->sync = (uint8_t)sync;
		k->sync_time = time;
	}
	hand_over_small(r,
		(struct message){
			.kind = MESSAGE_SYNC, .number = target, .value = sync, .time = time },
		true);
}

void recorder_agent(struct recorder *r, enum agent_state state)
{
	hand_over_small(r, (struct message){ .kind = MESSAGE_AGENT, .value = state }, false);
}

/* ------------------------------------------------------------------ targets */

static void hand_over_targets(
	struct recorder *r, struct target *const *targets, size_t n, bool watched, bool all)
{
	struct targets_message *m;

	if (recorder_learn_targets(r, targets, n) < 0)
		log_error(ENOMEM, "Not all targets are known to the store");
	m = message_new(MESSAGE_TARGETS, sizeof(*m));
	if (!m)
		return;
	m->all = all;
	m->targets = calloc(n + 1, sizeof(*m->targets));
	if (!m->targets) {
		log_error(ENOMEM, "The targets are not kept in the store");
		free(m);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const struct known *k = recorder_known(r, targets[i]->index);

		if (k)
			m->targets[m->n++] =
				(struct placed){ k->index, watched, place_ref(k->place) };
	}
	hand_over(r, &m->message, true);
}

void recorder_targets(struct recorder *r, const struct registry *registry)
{
	hand_over_targets(r, registry->by_index, registry->n_targets, true, true);
}

void recorder_changes(struct recorder *r, struct target *const *targets, size_t n, bool watched)
{
	if (n > 0)
		hand_over_targets(r, targets, n, watched, false);
}

/* ------------------------------------------------------------------ probes */

/* Adds ROW; the oldest makes room, which is returned. */
static struct probe_row *queue_row(struct recorder *r, struct probe_row *row)
{
	struct waiting *w = &r->waiting;
	struct probe_row *oldest = NULL;

	if (w->last_row)
		w->last_row->next = row;
	else
		w->first_row = row;
	w->last_row = row;
	w->n_rows++;
	if (w->n_rows > PROBES_WAITING_MAX) {
		oldest = w->first_row;
		w->first_row = oldest->next;
		w->n_rows--;
		r->lost++;
	}
	return oldest;
}

/* The place for a new state of the target of K (NULL: it is not known). */
static struct state_update *queue_state(struct recorder *r, struct known *k)
{
	struct waiting *w = &r->waiting;

	if (k && k->batch == r->batch)
		return &w->states[k->slot];
	if (w->n_states == w->states_size) {
		size_t size = w->states_size ? 2 * w->states_size : 256;
		struct state_update *states = realloc(w->states, size * sizeof(*states));

		if (!states)
			return NULL;
		w->states = states;
		w->states_size = size;
	}
	if (k) {
		k->batch = r->batch;
		k->slot = (uint32_t)w->n_states;
	}
	return &w->states[w->n_states++];
}

/* P as it is to be written, or NULL when nothing is. */
static struct probe_row *make_row(
	const struct recorder *r, const struct probe_record *p, uint32_t number)
{
	struct probe_row *row = r->has_history ? malloc(sizeof(*row)) : NULL;

	if (!row)
		return NULL;
	row->next = NULL;
	row->record = *p;
	row->record.number = number;
	return row;
}

void recorder_probe(struct recorder *r, const struct probe_record *p, const struct state_record *s)
{
	struct known *k = recorder_known(r, p ? p->target : s->target);
	struct probe_row *row = NULL;
	struct state_update *update = NULL;
	uint32_t number = k ? k->number : 0;
	bool idle;

	if (p) {
		number = p->number > number ? p->number : number + 1;
		row = make_row(r, p, number);
	}
	if (k)
		k->number = number;
	pthread_mutex_lock(&r->lock);
	idle = !r->waiting.first_row && r->waiting.n_states == 0;
	if (s)
		update = queue_state(r, k);
	if (update)
		*update = (struct state_update){ *s, number };
	if (row)
		row = queue_row(r, row);
	if (idle)
		pthread_cond_signal(&r->work);
	pthread_mutex_unlock(&r->lock);
	free(row);
}

void recorder_stats(struct recorder *r, struct recorder_stats *ret)
{
	const struct waiting *w = &r->waiting;
	uint64_t now = now_usec(CLOCK_MONOTONIC);

	pthread_mutex_lock(&r->lock);
	*ret = (struct recorder_stats){
		.impaired = r->impaired || (r->write_usec != 0 && now > r->write_usec + HANGS_USEC),
		.waiting = (uint32_t)(w->n_messages + w->n_rows + w->n_states + r->unwritten),
		.saved_time = r->saved_time,
		.lost = r->lost,
	};
	pthread_mutex_unlock(&r->lock);
}
