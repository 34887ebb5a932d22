/* SPDX-License-Identifier: ISC */
/* The recorder's file: opened, and put aside when it cannot be used. */
#include "agent/recorder_private.h"

#include <errno.h>
#include <sys/random.h>

#include "common/log.h"
#include "common/util.h"

enum { NAME_SIZE = 4200 };

/* Moves a file that cannot be used out of the way. */
static int put_aside(struct recorder *r, const char *word, const char *what)
{
	char name[NAME_SIZE];
	int e = store_put_aside(r->path, word, name, sizeof(name));

	if (e < 0)
		return e;
	log_error(
		0, "The store %s %s; it is kept as %s and a new one is begun", r->path, what, name);
	return 0;
}

/* When the new one is no better, it is not the file: one aside is enough. */
int recorder_put_aside(struct recorder *r, int why)
{
	int e = r->begun_anew ? why
			      : put_aside(r, "unusable",
					why == -ENOTSUP ? "is of a later version" : "is damaged");

	r->begun_anew = r->begun_anew || e >= 0;
	return e;
}

/* Opens the store; one that is unusable makes way for a new one. */
static int open_or_begin(struct recorder *r, struct store **ret)
{
	int e = store_open(r->path, ret);

	if (e != -EUCLEAN && e != -ENOTSUP)
		return e;
	e = recorder_put_aside(r, e);
	return e < 0 ? e : store_open(r->path, ret);
}

/* The file may be another than the one that the past was read from: it was not there at the start,
 * or somebody has put it there. To write over it would destroy what only it knows. */
static int check_run(struct recorder *r, struct store **store)
{
	struct store_numbers numbers;
	int e = store_read_numbers(*store, &numbers);
	bool is_new =
		numbers.run == 0 && numbers.counters.sequence == 0 && numbers.counters.alarm == 0;

	if (e < 0 || is_new || numbers.run == r->image.numbers.run ||
		(r->past_read && numbers.run == r->run_read))
		return e;
	*store = store_close(*store);
	e = put_aside(r, "unread", "has a past that is not ours, and was not read at the start");
	return e < 0 ? e : store_open(r->path, store);
}

int recorder_reopen(struct recorder *r)
{
	struct store *store = NULL;
	int e = open_or_begin(r, &store);

	if (e >= 0)
		e = check_run(r, &store);
	if (e < 0) {
		store_close(store);
		return e;
	}
	r->store = store;
	image_mark_all(&r->image);
	return 0;
}

static uint64_t random_run(void)
{
	uint64_t run = 0;

	if (getrandom(&run, sizeof(run), GRND_NONBLOCK) != sizeof(run))
		run = now_usec(CLOCK_REALTIME);
	return (run >> 1) | 1; /* SQLite's integers have a sign */
}

/* What can be read of a file that cannot be used, is: indexes and open alarms above all. */
static void salvage(struct recorder *r, int why)
{
	struct store *store = NULL;

	if (store_open_read_only(r->path, &store) < 0)
		return;
	image_load(&r->image, store, why == -ENOTSUP);
	r->past_read =
		image_count(&r->image, IMAGE_TARGET) > 0 || r->image.numbers.counters.sequence > 0;
	store_close(store);
}

static int read_past(struct recorder *r)
{
	int e = store_open(r->path, &r->store);

	if (e >= 0)
		e = image_load(&r->image, r->store, false);
	return e;
}

/* What fails for once does not cost the past: there is a second look. */
void recorder_open(struct recorder *r)
{
	int e = read_past(r);

	if (e < 0 && e != -EUCLEAN && e != -ENOTSUP) {
		r->store = store_close(r->store);
		image_done(&r->image);
		image_init(&r->image, r->options.limits.event_rows);
		e = read_past(r);
	}
	if (r->store)
		r->past_read = e >= 0;
	else
		salvage(r, e);
	r->run_read = r->image.numbers.run;
	r->image.numbers.run = random_run();
	r->image.numbers_dirty = true;
	if (e < 0)
		r->store = store_close(r->store);
	if (e == -EUCLEAN || e == -ENOTSUP) {
		e = recorder_put_aside(r, e);
		if (e >= 0)
			e = recorder_reopen(r);
	}
	if (e >= 0)
		return;
	log_error(e,
		"Cannot use the store %s: indexes and alarms will not outlast a restart until it can be used; %s",
		r->path, store_advice(e));
	r->trouble = e;
	r->retry_wait_usec = r->retry_min_usec;
	r->retry_usec = now_usec(CLOCK_MONOTONIC) + r->retry_wait_usec;
	r->impaired = true;
}
