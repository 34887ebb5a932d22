/* SPDX-License-Identifier: ISC */
/*
 * The configuration is read again while all goes on. A thread reads it and compares it with the
 * targets there are; the main thread lets go of those that are gone, puts it in force, and turns to
 * those that are new or have changed: a few milliseconds at a time, between which the loop serves
 * probes; then a thread frees what is left over. So neither many targets nor a slow disk keep a
 * probe waiting.
 */
#include "agent/daemon_private.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <systemd/sd-daemon.h>

#include "common/log.h"
#include "common/memory.h"
#include "common/thread.h"
#include "common/util.h"

/* A turn of the loop ends with the first targets after this time. */
#define TURN_USEC (5 * USEC_PER_MSEC)
enum { AT_ONCE = 256 };

/* How long the end of the agent waits for a file that is being read. */
#define GRACE_USEC (2 * USEC_PER_SEC)

enum step {
	STEP_NONE,
	STEP_READING,  /* a thread reads and compares */
	STEP_LEAVING,  /* targets that are gone are let go */
	STEP_ENTERING, /* it is in force; new and changed targets begin */
	STEP_CLEARING, /* a thread frees what is left over */
};

struct reload {
	struct daemon *daemon;
	enum step step;
	bool again; /* a signal came meanwhile */
	int fd;     /* the thread has ended */
	sd_event_source *ended, *turn;
	size_t at; /* the next target to leave or enter */

	pthread_t thread;
	atomic_bool over; /* it has nothing to do any more */
	pthread_mutex_t lock;
	bool comparing, abandoned; /* under the lock: only one of them is ever set */

	/* the thread's until it has ended */
	int result;
	char why[REGISTRY_WHY_SIZE];
	struct config *config; /* the new one; from STEP_ENTERING on what is left over */
	struct registry_plan *plan;
};

/* ------------------------------------------------------------------ the thread */

static void tell_end(struct reload *r)
{
	uint64_t one = 1;

	atomic_store(&r->over, true);
	if (write(r->fd, &one, sizeof(one)) < 0)
		log_error(errno, "Cannot tell the end of a reload: it is seen a second later");
}

/* The first complaint is the one that the MIB shows. */
static void on_complaint(void *userdata, const char *line)
{
	char *first = userdata;

	log_error(0, "%s", line);
	if (!*first)
		snprintf(first, REGISTRY_WHY_SIZE, "%s", line);
}

/* False when the agent has ended while a disk did not answer: nothing of it may be touched. */
static bool may_compare(struct reload *r)
{
	bool may;

	pthread_mutex_lock(&r->lock);
	may = r->comparing = !r->abandoned;
	pthread_mutex_unlock(&r->lock);
	return may;
}

static void *read_config(void *userdata)
{
	struct reload *r = userdata;
	struct daemon *d = r->daemon;
	int e;

	e = config_load(d->config->path, on_complaint, r->why, &r->config);
	if (!may_compare(r))
		return NULL;
	if (e >= 0) {
		notifier_recall_indexes(&d->notifier, r->config);
		e = registry_plan(d->registry, r->config, &r->plan, r->why);
	}
	if (e < 0)
		r->config = config_free(r->config);
	r->result = e;
	tell_end(r);
	return NULL;
}

static void free_left_over(struct reload *r)
{
	for (size_t i = 0; r->plan && r->plan->committed && i < r->plan->n_gone; i++)
		target_free(r->plan->gone[i]);
	r->plan = registry_plan_free(r->plan);
	r->config = config_free(r->config);
	memory_trim();
}

static void *clear(void *userdata)
{
	struct reload *r = userdata;

	free_left_over(r);
	tell_end(r);
	return NULL;
}

static int start_thread(struct reload *r, enum step step, void *(*run)(void *))
{
	int e;

	r->step = step;
	r->comparing = false;
	e = pthread_create(&r->thread, NULL, run, r);
	if (e != 0)
		r->step = STEP_NONE;
	return -e;
}

/* ------------------------------------------------------------------ in turns */

static void begin(struct reload *r);

static void end_reload(struct reload *r)
{
	daemon_send_status(r->daemon);
	daemon_send_ready(r->daemon);
}

static void reject(struct reload *r, int result)
{
	const char *why = r->why[0] ? r->why : "out of memory";

	daemon_note_config(r->daemon, CONFIG_REJECTED, why);
	log_error(
		result, "The new configuration is rejected, the old one stays in force (%s)", why);
	end_reload(r);
}

static void finish(struct reload *r)
{
	struct daemon *d = r->daemon;

	daemon_note_config(d, CONFIG_OK, "");
	log_info("Configuration loaded: %zu targets, %zu of them new or changed, %zu gone",
		d->registry->n_targets, r->plan->n_changed, r->plan->n_gone);
	end_reload(r);
	if (start_thread(r, STEP_CLEARING, clear) >= 0)
		return;
	free_left_over(r);
	if (r->again)
		begin(r);
}

static void leave(struct reload *r, size_t n)
{
	struct target **targets = &r->plan->gone[r->at];

	for (size_t i = 0; i < n; i++)
		daemon_drop(r->daemon, targets[i]);
	notifier_save_changes(&r->daemon->notifier, targets, n, false);
}

static void enter(struct reload *r, size_t n)
{
	struct daemon *d = r->daemon;
	struct target **targets = &r->plan->changed[r->at];

	notifier_save_changes(&d->notifier, targets, n, true);
	for (size_t i = 0; i < n;
		i++) /* ordered while it was new, and not known to the store yet */
		if (targets[i]->ordered != 0)
			recorder_admin(
				d->notifier.recorder, targets[i]->index, targets[i]->ordered);
	notifier_restore(&d->notifier, targets, n);
	for (size_t i = 0; i < n; i++)
		daemon_attend(d, targets[i]);
}

/* A part of STEP's targets, N in all. Returns true when none is left. */
static bool take_turn(struct reload *r, size_t n, void (*take)(struct reload *r, size_t n))
{
	uint64_t end = now_usec(CLOCK_MONOTONIC) + TURN_USEC;

	while (r->at < n && now_usec(CLOCK_MONOTONIC) < end) {
		size_t some = n - r->at < AT_ONCE ? n - r->at : AT_ONCE;

		take(r, some);
		r->at += some;
	}
	return r->at == n;
}

/* All have been let go, but for those that a manager's order has begun again. */
static void put_in_force(struct reload *r)
{
	struct daemon *d = r->daemon;
	struct config *before = d->config;

	for (size_t i = 0; i < r->plan->n_gone; i++)
		if (r->plan->gone[i]->watch || r->plan->gone[i]->collection)
			daemon_drop(d, r->plan->gone[i]);
	daemon_put_in_force(d, r->config, r->plan);
	before->targets = TAKE_PTR(r->config->targets); /* what they were configured as before */
	before->n_targets = r->config->n_targets;
	d->config = r->config;
	d->config->n_targets = 0;
	r->config = before;
}

static int on_turn(sd_event_source *source, void *userdata)
{
	struct reload *r = userdata;

	if (r->step == STEP_LEAVING && take_turn(r, r->plan->n_gone, leave)) {
		put_in_force(r);
		r->step = STEP_ENTERING;
		r->at = 0;
	} else if (r->step == STEP_ENTERING && take_turn(r, r->plan->n_changed, enter)) {
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
		finish(r);
	}
	return 0;
}

static int take_end(struct reload *r)
{
	enum step step = r->step;

	pthread_join(r->thread, NULL);
	r->step = STEP_NONE;
	if (step == STEP_READING && r->result >= 0) {
		daemon_fit_descriptors(r->config);
		r->step = STEP_LEAVING;
		r->at = 0;
		return sd_event_source_set_enabled(r->turn, SD_EVENT_ON);
	}
	if (step == STEP_READING)
		reject(r, r->result);
	if (r->again)
		begin(r);
	return 0;
}

static int on_ended(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct reload *r = userdata;
	uint64_t n;

	if (read(fd, &n, sizeof(n)) < 0 || !atomic_exchange(&r->over, false))
		return 0;
	return take_end(r);
}

static void begin(struct reload *r)
{
	int e;

	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu",
		(unsigned long long)now_usec(CLOCK_MONOTONIC));
	r->daemon->ready_owed = false;
	r->again = false;
	r->why[0] = '\0';
	e = start_thread(r, STEP_READING, read_config);
	if (e < 0)
		reject(r, e);
}

/* ------------------------------------------------------------------ the daemon's side */

void daemon_reload(struct daemon *d)
{
	if (d->reload->step == STEP_NONE)
		begin(d->reload);
	else
		d->reload->again = true;
}

void daemon_reload_tick(struct daemon *d)
{
	if (atomic_exchange(&d->reload->over, false))
		take_end(d->reload);
}

int daemon_reload_init(struct daemon *d)
{
	struct reload *r = calloc(1, sizeof(*r));
	int e;

	if (!r)
		return -ENOMEM;
	r->daemon = d;
	pthread_mutex_init(&r->lock, NULL);
	d->reload = r;
	r->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (r->fd < 0)
		return -errno;
	e = sd_event_add_io(d->event, &r->ended, r->fd, EPOLLIN, on_ended, r);
	if (e >= 0)
		e = sd_event_add_defer(d->event, &r->turn, on_turn, r);
	return e < 0 ? e : sd_event_source_set_enabled(r->turn, SD_EVENT_OFF);
}

/* Waits for the thread, but not for a disk. Returns false when it has to be left behind. */
static bool end_thread(struct reload *r)
{
	if (r->step == STEP_CLEARING)
		pthread_join(r->thread, NULL);
	if (r->step != STEP_READING || thread_join(r->thread, GRACE_USEC))
		return true;
	pthread_mutex_lock(&r->lock);
	r->abandoned = !r->comparing;
	pthread_mutex_unlock(&r->lock);
	if (r->abandoned)
		pthread_detach(r->thread);
	else
		pthread_join(r->thread, NULL);
	return !r->abandoned;
}

bool daemon_reload_stop(struct daemon *d)
{
	struct reload *r = d->reload;

	if (!r)
		return true;
	r->ended = sd_event_source_disable_unref(r->ended);
	r->turn = sd_event_source_disable_unref(r->turn);
	if (!end_thread(r)) {
		log_warning(0, "The disk of the configuration hangs; it is not read");
		return false;
	}
	if (r->plan && !r->plan->committed) /* it looks at the targets of the registry */
		r->plan = registry_plan_free(r->plan);
	return true;
}

void daemon_reload_free(struct daemon *d)
{
	struct reload *r = TAKE_PTR(d->reload);

	if (!r)
		return;
	free_left_over(r);
	if (r->fd >= 0)
		close(r->fd);
	pthread_mutex_destroy(&r->lock);
	free(r);
}
