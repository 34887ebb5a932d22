/* SPDX-License-Identifier: ISC */
/* The thread that writes the store, and what it does when that fails. */
#include "agent/recorder_private.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/util.h"

enum {
	RETRY_MAX_FACTOR = 60, /* the longest pause between two tries, in shortest ones */
	ROWS_AT_ONCE = 20000,  /* of history in one transaction, lest events wait for a backlog */
	PRUNED_AT_ONCE = 20,   /* targets whose old history is looked through with each batch */
	PRUNED_FOR_ROWS = 16,  /* and one more for so many rows; each loses up to 64 */
};
#define PAUSE_USEC USEC_PER_SEC /* between two transactions without an event */

/* ------------------------------------------------------------------ letting go */

static void release_one(struct recorder *r, struct notice *n)
{
	pthread_mutex_lock(&r->release_lock);
	if (r->silenced)
		free(n);
	else
		r->options.release(r->options.userdata, n);
	pthread_mutex_unlock(&r->release_lock);
}

static void release_all(struct recorder *r)
{
	for (size_t i = 0; i < r->n_release; i++)
		release_one(r, r->release[i]);
	r->n_release = 0;
}

/* ------------------------------------------------------------------ taking over */

/* Keeps N in the image, and for its release. */
static void take_notice(struct recorder *r, struct notice *n)
{
	_cleanup_(freep) void *packed = NULL;
	size_t len;
	int e = notice_pack(n, &packed, &len);

	if (e >= 0)
		e = image_put_notice(&r->image, n->sequence, packed, len);
	if (e < 0)
		log_error(e, "The notification of event %u is sent, but not kept", n->sequence);
	if (r->n_release == r->release_size) {
		size_t size = r->release_size ? 2 * r->release_size : 64;
		struct notice **list = realloc(r->release, size * sizeof(struct notice *));

		if (!list) { /* better told than durable first */
			log_error(ENOMEM, "Event %u is notified before it is in the store",
				n->sequence);
			release_all(r);
			release_one(r, n);
			return;
		}
		r->release = list;
		r->release_size = size;
	}
	r->release[r->n_release++] = n;
}

static void take_event(struct recorder *r, struct event_message *m)
{
	struct image *im = &r->image;
	int e = image_put_event(im, &m->event);

	image_set_counters(im, &m->counters);
	if (m->closed != 0)
		image_remove(im, IMAGE_ALARM, m->closed);
	if (e >= 0 && m->has_alarm)
		e = image_put_alarm(im, &m->alarm);
	if (e < 0)
		log_error(e, "Event %u is not kept whole", m->event.event.sequence);
	if (m->notice)
		take_notice(r, TAKE_PTR(m->notice));
}

static void take_message(struct recorder *r, struct message *m)
{
	struct targets_message *t = (struct targets_message *)m;

	switch (m->kind) {
	case MESSAGE_EVENT:
		take_event(r, (struct event_message *)m);
		break;
	case MESSAGE_TARGETS:
		if (image_set_targets(&r->image, t->targets, t->n, t->all) < 0)
			log_error(ENOMEM, "Not all targets are kept");
		break;
	case MESSAGE_SETTINGS:
		image_set_policy(&r->image, &((struct settings_message *)m)->settings);
		break;
	case MESSAGE_LIMITS:
		r->options.limits = ((struct limits_message *)m)->limits;
		image_keep_events(&r->image, r->options.limits.event_rows);
		break;
	case MESSAGE_ADMIN:
		image_set_admin(&r->image, m->number, (enum admin)m->value);
		break;
	case MESSAGE_SYNC:
		image_set_sync(&r->image, m->number, (enum setting)m->value, m->time);
		break;
	case MESSAGE_ARRIVED:
		image_remove(&r->image, IMAGE_NOTICE, m->number);
		break;
	case MESSAGE_AGENT:
		image_set_agent(&r->image, m->value);
		break;
	}
}

static void take_over(struct recorder *r, struct waiting *w)
{
	struct message *m = w->first, *next;

	for (; m; m = next) {
		next = m->next;
		take_message(r, m);
		message_free(m);
	}
	w->first = w->last = NULL;
	for (size_t i = 0; i < w->n_states; i++)
		if (image_set_state(&r->image, &w->states[i].record, w->states[i].number) < 0)
			log_error(ENOMEM, "The state of target %u is not kept",
				w->states[i].record.target);
	free(w->states);
	w->states = NULL;
}

/* ------------------------------------------------------------------ writing */

/* Deletes what is too old, or all that is left where no history is kept: of a few targets at a
 * time, and of more after N_ROWS that were written, so that no more comes than goes. */
static int prune_history(struct recorder *r, size_t n_rows)
{
	const struct image_list *targets = &r->image.lists[IMAGE_TARGET];
	uint64_t now = now_usec(CLOCK_REALTIME), age = r->options.limits.history_age_usec;
	size_t most = PRUNED_AT_ONCE + n_rows / PRUNED_FOR_ROWS;
	int e = 0;

	if (r->options.limits.history_rows == 0)
		age = 0;
	else if (age == 0 || age >= now)
		return 0;
	for (size_t i = 0; e >= 0 && i < most && i < targets->n; i++) {
		if (r->prune_at >= targets->n)
			r->prune_at = 0;
		e = store_prune_probes(r->store, targets->rows[r->prune_at++]->key, now - age);
	}
	return e;
}

/* All that is dirty and ROWS in one transaction. Without an event it need not be durable at once:
 * a power failure then costs the latest seconds of history, not a write to the disk each second. */
static int write_batch(struct recorder *r, const struct probe_row *rows)
{
	int e = store_begin(r->store, r->image.durable);
	size_t n = 0;

	if (e < 0)
		return e;
	e = image_write(&r->image, r->store);
	for (const struct probe_row *row = rows; e >= 0 && row; row = row->next, n++)
		e = store_put_probe(r->store, &row->record, r->options.limits.history_rows);
	if (e >= 0 && (rows || r->options.limits.history_rows == 0))
		e = prune_history(r, n);
	return store_end(r->store, e);
}

/* After a failure of the disk nobody knows what the file has; after others it is as it was. */
static bool must_reopen(int e)
{
	return e != -ENOSPC && e != -EBUSY && e != -ENOMEM;
}

static int try_to_write(struct recorder *r, const struct probe_row *rows)
{
	int e = 0;

	if (r->store && store_has_moved(r->store)) {
		log_error(0, "The store %s was moved or removed; it is begun anew", r->path);
		r->store = store_close(r->store);
	}
	if (!r->store)
		e = recorder_reopen(r);
	if (e < 0)
		return e;
	e = write_batch(r, rows);
	if (e < 0 && must_reopen(e))
		r->store = store_close(r->store);
	return e;
}

/* Writes, and says when that begins to fail and when that is over. */
static int save(struct recorder *r, const struct probe_row *rows)
{
	int e = try_to_write(r, rows);

	if (e == -EUCLEAN) {
		e = recorder_put_aside(r, e);
		if (e >= 0)
			e = try_to_write(r, rows);
	}
	if (e >= 0) {
		image_written(&r->image);
		if (r->trouble < 0)
			log_notice("The store %s can be written again, and has all of the present",
				r->path);
		r->trouble = 0;
		r->begun_anew = false;
		r->retry_wait_usec = 0;
		return 0;
	}
	if (e != r->trouble)
		log_error(e, "Cannot write the store %s, going on from memory until it can be; %s",
			r->path, store_advice(e));
	r->trouble = e;
	r->retry_wait_usec = r->retry_wait_usec ? 2 * r->retry_wait_usec : r->retry_min_usec;
	if (r->retry_wait_usec > RETRY_MAX_FACTOR * r->retry_min_usec)
		r->retry_wait_usec = RETRY_MAX_FACTOR * r->retry_min_usec;
	return e;
}

/* Empties the log; trouble with that is trouble like any other, met by the next write. */
static void tidy(struct recorder *r)
{
	int e = r->store ? store_tidy(r->store) : 0;

	if (e < 0 && must_reopen(e))
		r->store = store_close(r->store);
}

static void free_rows(struct probe_row *row)
{
	while (row) {
		struct probe_row *next = row->next;

		free(row);
		row = next;
	}
}

/* ------------------------------------------------------------------ the loop */

static bool has_waiting(const struct recorder *r)
{
	const struct waiting *w = &r->waiting;

	return w->n_messages > 0 || w->n_states > 0 || (w->n_rows > 0 && r->retry_usec == 0);
}

/* When there is something to do next; the lock is held. */
static uint64_t due_usec(const struct recorder *r)
{
	uint64_t due = USEC_INFINITY;

	if (r->urgent || r->stopping || r->flush_wanted != r->flush_done)
		return 0;
	if (has_waiting(r))
		due = r->pause_usec;
	if (r->retry_usec != 0 && r->retry_usec < due)
		due = r->retry_usec;
	return due;
}

static void wait_for_work(struct recorder *r)
{
	uint64_t due;

	while ((due = due_usec(r)) > now_usec(CLOCK_MONOTONIC)) {
		struct timespec until = timespec_of(due);

		if (due == USEC_INFINITY)
			pthread_cond_wait(&r->work, &r->lock);
		else
			pthread_cond_timedwait(&r->work, &r->lock, &until);
	}
}

/* Takes what waits; the lock is held. History only with WITH_ROWS, and not all of a backlog. */
static struct probe_row *take_waiting(struct recorder *r, bool with_rows, struct waiting *ret)
{
	struct waiting *w = &r->waiting;
	struct probe_row *rows = w->first_row, *last = rows;
	size_t n = 1;

	*ret = *w;
	r->batch++;
	w->first = w->last = NULL;
	w->states = NULL;
	w->n_messages = w->n_states = w->states_size = 0;
	if (!with_rows || !rows)
		return NULL;
	for (; last->next && n < ROWS_AT_ONCE; n++)
		last = last->next;
	w->first_row = TAKE_PTR(last->next);
	if (!w->first_row)
		w->last_row = NULL;
	w->n_rows -= n;
	return rows;
}

/* Puts rows that could not be written back before those that came since. The lock is held. */
static void give_back(struct recorder *r, struct probe_row *rows)
{
	struct waiting *w = &r->waiting;
	struct probe_row *last = rows;
	size_t n = 1;

	for (; last->next; n++)
		last = last->next;
	last->next = w->first_row;
	w->first_row = rows;
	if (!w->last_row)
		w->last_row = last;
	w->n_rows += n;
}

/* One round without the lock: takes over, writes when that can be, releases. */
static int work(struct recorder *r, struct waiting *w, const struct probe_row *rows, bool try)
{
	int e = r->trouble;

	take_over(r, w);
	if (r->trouble < 0) /* they would wait for what nobody knows when it comes */
		release_all(r);
	if (try && (r->trouble < 0 || rows || !image_is_written(&r->image))) {
		pthread_mutex_lock(&r->lock);
		r->write_usec = now_usec(CLOCK_MONOTONIC);
		pthread_mutex_unlock(&r->lock);
		e = save(r, rows);
	}
	release_all(r);
	return e;
}

/* Notes how the round went; the lock is held. */
static void note_round(struct recorder *r, int e, bool tried)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC);

	if (e < 0 && tried)
		r->retry_usec = now + r->retry_wait_usec;
	if (e >= 0) {
		r->retry_usec = 0;
		if (r->write_usec != 0)
			r->saved_time = now_usec(CLOCK_REALTIME);
	}
	r->write_usec = 0;
	r->impaired = e < 0;
	r->unwritten = image_is_written(&r->image) ? 0 : r->image.n_dirty;
}

static void one_round(struct recorder *r)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC), flush = r->flush_wanted;
	struct waiting taken = { .first = NULL };
	struct probe_row *rows;
	bool paused = now < r->pause_usec && !r->stopping && flush == r->flush_done;
	bool try = r->retry_usec == 0 || now >= r->retry_usec || r->stopping;
	int e;

	r->urgent = false;
	if (!paused)
		r->pause_usec = now + PAUSE_USEC;
	rows = take_waiting(r, try && !paused, &taken);
	pthread_mutex_unlock(&r->lock);
	e = work(r, &taken, rows, try);
	if (e >= 0) {
		free_rows(rows);
		rows = NULL;
	}
	pthread_mutex_lock(&r->lock);
	if (rows)
		give_back(r, rows);
	note_round(r, e, try);
	/* With a backlog, a flush is over when all of it is written. */
	if (e < 0 || r->waiting.n_rows == 0 || flush == r->flush_done)
		r->flush_done = flush;
	pthread_cond_broadcast(&r->done);
	pthread_mutex_unlock(&r->lock);
	tidy(r);
	pthread_mutex_lock(&r->lock);
}

void *recorder_run(void *recorder)
{
	struct recorder *r = recorder;
	bool over = false;

	pthread_mutex_lock(&r->lock);
	r->urgent = r->urgent || !image_is_written(&r->image);
	while (!over) {
		wait_for_work(r);
		over = r->stopping;
		one_round(r);
		over = over && (r->impaired || r->waiting.n_rows == 0);
	}
	pthread_mutex_unlock(&r->lock);
	r->store = store_close(r->store);
	return NULL;
}

static struct recorder *volatile left_behind;

void recorder_leave_behind(struct recorder *r)
{
	pthread_detach(r->thread);
	recorder_silence(r);
	log_warning(0, "The disk of the store %s hangs; what waits is not written", r->path);
	left_behind = r;
}
