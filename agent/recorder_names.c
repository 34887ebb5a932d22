/* SPDX-License-Identifier: ISC */
/* Every name that was ever watched, in the memory of the main thread. */
#include "agent/recorder_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/util.h"

static int by_index(const void *a, const void *b)
{
	const struct known *const *ka = a, *const *kb = b;

	return ((*ka)->index > (*kb)->index) - ((*ka)->index < (*kb)->index);
}

static int by_name(const void *a, const void *b)
{
	const struct known *const *ka = a, *const *kb = b;

	return strcmp((*ka)->place->text, (*kb)->place->text);
}

static int is_named(const void *name, const void *k)
{
	return strcmp(name, (*(const struct known *const *)k)->place->text);
}

/* As long as no index was given up, each stands where it says: looked at before all are searched,
 * since that is a cold line of cache at each step. */
struct known *recorder_known(const struct recorder *r, uint32_t index)
{
	struct known key = { .index = index }, *wanted = &key, **found = NULL;
	size_t guess = r->n_known > 0 ? index - r->by_index[0]->index : 0;

	if (guess < r->n_known && r->by_index[guess]->index == index)
		return r->by_index[guess];
	if (r->n_known > 0)
		found = bsearch(&wanted, r->by_index, r->n_known, sizeof(*r->by_index), by_index);
	return found ? *found : NULL;
}

const char *recorder_host(struct recorder *r, uint32_t target, uint16_t *ret_port)
{
	const struct known *k = recorder_known(r, target);

	*ret_port = k ? k->place->port : 0;
	return k ? place_host(k->place) : "";
}

/* Room for N more names. */
static int reserve_known(struct recorder *r, size_t n)
{
	size_t size = r->n_known + n > 2 * r->known_size ? r->n_known + n : 2 * r->known_size;
	struct known **index, **name;

	if (r->n_known + n <= r->known_size)
		return 0;
	index = reallocarray(r->by_index, size, sizeof(*index));
	if (!index)
		return -ENOMEM;
	r->by_index = index;
	name = reallocarray(r->by_name, size, sizeof(*name));
	if (!name)
		return -ENOMEM;
	r->by_name = name;
	r->known_size = size;
	return 0;
}

/* A new name at PLACE, which is taken over; NULL without memory. */
static struct known *new_known(uint32_t index, struct place *place)
{
	struct known *k = place ? calloc(1, sizeof(*k)) : NULL;

	if (!k) {
		place_unref(place);
		return NULL;
	}
	k->index = index;
	k->place = place;
	return k;
}

int recorder_learn_past(struct recorder *r)
{
	const struct image_list *targets = &r->image.lists[IMAGE_TARGET];

	if (reserve_known(r, targets->n) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < targets->n; i++) {
		const struct image_target *t =
			(struct image_target *)image_at(&r->image, IMAGE_TARGET, i);
		struct known *k = t ? new_known(t->entry.key, place_ref(t->place)) : NULL;

		if (t && !k)
			return -ENOMEM;
		if (!k)
			continue;
		k->admin = t->admin;
		k->sync = t->sync;
		k->sync_time = t->sync_time;
		k->number = t->number;
		r->by_index[r->n_known] = r->by_name[r->n_known] = k;
		r->n_known++;
	}
	if (r->n_known > 0)
		qsort(r->by_name, r->n_known, sizeof(*r->by_name), by_name);
	return 0; /* those of the image are in the order of their indexes */
}

/* Puts N new ones where they belong among the N_ROWS that are in order. */
static void merge(struct known **rows, size_t n_rows, struct known **new, size_t n,
	int (*compare)(const void *, const void *))
{
	qsort(new, n, sizeof(*new), compare);
	for (size_t i = n, end = n_rows; i-- > 0;) {
		size_t low = 0, high = end;

		while (low < high) {
			size_t middle = low + (high - low) / 2;

			if (compare(&rows[middle], &new[i]) < 0)
				low = middle + 1;
			else
				high = middle;
		}
		memmove(&rows[low + i + 1], &rows[low], (end - low) * sizeof(*rows));
		rows[low + i] = new[i];
		end = low;
	}
}

/* Notes where T is now; *NEW is its name when it is one. */
static int learn_target(struct recorder *r, const struct target *t, struct known **new)
{
	const struct target_config *c = &t->config;
	struct known *k = recorder_known(r, t->index);
	struct place *place;

	if (k && place_is(k->place, c->name, c->host, c->port))
		return 0;
	place = place_new(c->name, c->host, c->port);
	if (k && place) {
		place_unref(k->place);
		k->place = place;
		return 0;
	}
	*new = new_known(t->index, place);
	return *new ? 0 : -ENOMEM;
}

int recorder_learn_targets(struct recorder *r, struct target *const *targets, size_t n)
{
	_cleanup_(freep) struct known **new = calloc(n + 1, sizeof(*new));
	size_t n_new = 0;
	int e = new ? reserve_known(r, n) : -ENOMEM;

	for (size_t i = 0; e >= 0 && i < n; i++) {
		e = learn_target(r, targets[i], &new[n_new]);
		n_new += new[n_new] != NULL;
	}
	if (n_new == 0)
		return e;
	merge(r->by_index, r->n_known, new, n_new, by_index);
	merge(r->by_name, r->n_known, new, n_new, by_name);
	r->n_known += n_new;
	return e;
}

void recorder_forget_names(struct recorder *r)
{
	for (size_t i = 0; i < r->n_known; i++) {
		place_unref(r->by_index[i]->place);
		free(r->by_index[i]);
	}
	free(r->by_index);
	free(r->by_name);
}

void recorder_recall(struct recorder *r, struct config *config)
{
	for (size_t i = 0; r->n_known > 0 && i < config->n_targets; i++) {
		struct known **found = bsearch(config->targets[i].name, r->by_name, r->n_known,
			sizeof(*r->by_name), is_named);

		if (found)
			config->targets[i].known_index = (*found)->index;
	}
}

void recorder_recall_targets(
	struct recorder *r, struct registry *registry, struct target *const *targets, size_t n)
{
	pthread_mutex_lock(&registry->lock);
	for (size_t i = 0; i < n; i++) {
		struct target *t = targets[i];
		const struct known *k = recorder_known(r, t->index);

		if (!k)
			continue;
		if (t->admin == 0)
			t->admin = (enum admin)k->admin;
		if (t->n_probes == 0)
			t->n_probes = k->number;
		if (t->evidence && t->evidence->sync == 0 && k->sync != 0) {
			t->evidence->sync = (enum setting)k->sync;
			t->evidence->sync_time = k->sync_time;
		}
	}
	pthread_mutex_unlock(&registry->lock);
}
