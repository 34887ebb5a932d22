/* SPDX-License-Identifier: ISC */
/* The image as the store had it at the start. */
#include "agent/recorder_image.h"

#include <errno.h>

static int load_target(void *userdata, const struct store_target *t)
{
	struct image *im = userdata;
	struct place *place = place_new(t->name, t->host, t->port);
	int r = place ? image_set_target(im, t->index, place, t->watched) : -ENOMEM;

	place_unref(place);
	if (r >= 0)
		image_set_number(im, t->index, t->number);
	return r;
}

/* A number that is used is below those to come, also where the table of numbers was lost. */
static void raise_to(uint32_t *number, uint32_t used)
{
	if (*number < used)
		*number = used;
}

static int load_alarm(void *userdata, const struct alarm_record *a)
{
	struct image *im = userdata;

	raise_to(&im->numbers.counters.alarm, a->alarm);
	return image_put_alarm(im, a);
}

static int load_event(void *userdata, const struct event_record *e)
{
	struct image *im = userdata;

	raise_to(&im->numbers.counters.sequence, e->event.sequence);
	raise_to(&im->numbers.counters.alarm, e->event.alarm);
	return image_put_event(im, e);
}

static int load_notice(void *userdata, uint32_t sequence, const void *packed, size_t len)
{
	struct image *im = userdata;

	raise_to(&im->numbers.counters.sequence, sequence);
	return image_put_notice(im, sequence, packed, len);
}

static int load_state(void *userdata, const struct state_record *s, uint32_t number)
{
	return image_set_state(userdata, s, number);
}

static int load_sync(void *userdata, uint32_t target, enum setting sync, uint64_t time)
{
	image_set_sync(userdata, target, sync, time);
	return 0;
}

static int load_admin(void *userdata, uint32_t target, enum admin admin)
{
	image_set_admin(userdata, target, admin);
	return 0;
}

int image_load(struct image *im, struct store *s, bool foreign)
{
	const struct store_readers all = {
		.on_target = load_target,
		.on_alarm = load_alarm,
		.on_event = load_event,
		.on_notice = load_notice,
		.on_state = load_state,
		.on_sync = load_sync,
		.on_admin = load_admin,
		.userdata = im,
		.event_rows = im->event_rows,
	};
	const struct store_readers some = {
		.on_target = load_target, .on_alarm = load_alarm, .userdata = im
	};
	int numbers = store_read_numbers(s, &im->numbers);
	int rows = 0, policy = 0;

	if (!store_is_locked(numbers))
		rows = store_read(s, foreign ? &some : &all);
	if (!foreign && !store_is_locked(numbers) && !store_is_locked(rows))
		policy = store_read_policy(s, &im->settings, &im->settings_ordered);
	image_written(im);
	if (numbers < 0)
		return numbers;
	return rows < 0 ? rows : policy;
}
