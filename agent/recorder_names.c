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

	return strcmp((*ka)->name, (*kb)->name);
}

struct known *recorder_known(const struct recorder *r, uint32_t index)
{
	struct known key = { .index = index }, *wanted = &key, **found = NULL;

	if (r->n_known > 0)
		found = bsearch(&wanted, r->by_index, r->n_known, sizeof(*r->by_index), by_index);
	return found ? *found : NULL;
}

static struct known *known_name(const struct recorder *r, char *name)
{
	struct known key = { .name = name }, *wanted = &key, **found = NULL;

	if (r->n_known > 0)
		found = bsearch(&wanted, r->by_name, r->n_known, sizeof(*r->by_name), by_name);
	return found ? *found : NULL;
}

/* Gives K a name and where it is. */
static int set_place(struct known *k, const char *name, const char *host, uint16_t port)
{
	size_t n = strlen(name) + 1, h = strlen(host) + 1;
	char *text = malloc(n + h);

	if (!text)
		return -ENOMEM;
	memcpy(text, name, n);
	memcpy(text + n, host, h);
	free(k->name);
	k->name = text;
	k->host = text + n;
	k->port = port;
	return 0;
}

/* Room for N more names. */
static int reserve_known(struct recorder *r, size_t n)
{
	size_t size = (r->n_known + n + 1) * sizeof(struct known *);
	struct known **index = realloc(r->by_index, size), **name;

	if (!index)
		return -ENOMEM;
	r->by_index = index;
	name = realloc(r->by_name, size);
	if (!name)
		return -ENOMEM;
	r->by_name = name;
	return 0;
}

/* A new name, at the end of both lists: the caller sorts them. */
static struct known *add_known(
	struct recorder *r, uint32_t index, const char *name, const char *host, uint16_t port)
{
	struct known *k = calloc(1, sizeof(*k));

	if (!k)
		return NULL;
	k->index = index;
	if (set_place(k, name, host, port) < 0) {
		free(k);
		return NULL;
	}
	r->by_index[r->n_known] = r->by_name[r->n_known] = k;
	r->n_known++;
	return k;
}

static void sort_known(struct recorder *r)
{
	qsort(r->by_index, r->n_known, sizeof(*r->by_index), by_index);
	qsort(r->by_name, r->n_known, sizeof(*r->by_name), by_name);
}

int recorder_learn_past(struct recorder *r)
{
	const struct image_list *targets = &r->image.lists[IMAGE_TARGET];
	int e = reserve_known(r, targets->n);

	for (size_t i = 0; e >= 0 && i < targets->n; i++) {
		const struct image_target *t =
			(struct image_target *)image_at(&r->image, IMAGE_TARGET, i);
		struct known *k = t ? add_known(r, t->entry.key, t->name, t->host, t->port) : NULL;

		if (t && !k)
			return -ENOMEM;
		if (!k)
			continue;
		k->admin = t->admin;
		k->sync = t->sync;
		k->sync_time = t->sync_time;
		k->number = t->number;
	}
	if (e >= 0)
		sort_known(r);
	return e;
}

int recorder_learn_targets(struct recorder *r, const struct registry *registry)
{
	int e = reserve_known(r, registry->n_targets);
	size_t before = r->n_known;

	for (size_t i = 0; e >= 0 && i < registry->n_targets; i++) {
		const struct target *t = registry->by_index[i];
		struct known key = { .index = t->index }, *wanted = &key, **found = NULL;

		/* only those before are in order */
		if (before > 0)
			found = bsearch(&wanted, r->by_index, before, sizeof(*found), by_index);
		if (found)
			e = set_place(*found, t->config.name, t->config.host, t->config.port);
		else if (!add_known(r, t->index, t->config.name, t->config.host, t->config.port))
			e = -ENOMEM;
	}
	sort_known(r);
	return e;
}

void recorder_forget_names(struct recorder *r)
{
	for (size_t i = 0; i < r->n_known; i++) {
		free(r->by_index[i]->name);
		free(r->by_index[i]);
	}
	free(r->by_index);
	free(r->by_name);
}

void recorder_recall(struct recorder *r, struct config *config)
{
	for (size_t i = 0; i < config->n_targets; i++) {
		const struct known *k = known_name(r, config->targets[i].name);

		if (k)
			config->targets[i].known_index = k->index;
	}
}

void recorder_recall_targets(struct recorder *r, struct registry *registry)
{
	pthread_mutex_lock(&registry->lock);
	for (size_t i = 0; i < registry->n_targets; i++) {
		struct target *t = registry->by_index[i];
		const struct known *k = recorder_known(r, t->index);

		if (!k)
			continue;
		if (t->admin == 0)
			t->admin = k->admin;
		if (t->n_probes == 0)
			t->n_probes = k->number;
		if (t->evidence && t->evidence->sync == 0 && k->sync != 0) {
			t->evidence->sync = k->sync;
			t->evidence->sync_time = k->sync_time;
		}
	}
	pthread_mutex_unlock(&registry->lock);
}
