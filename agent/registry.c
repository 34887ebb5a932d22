/* SPDX-License-Identifier: ISC */
/* The set of all targets, its totals and its lock. */
#include "agent/target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/util.h"

DEFINE_CLEANUP(struct registry *, registry_free)

int registry_new(struct registry **ret)
{
	_cleanup_(registry_freep) struct registry *r = calloc(1, sizeof(*r));
	int e;

	if (!r)
		return -ENOMEM;
	e = pthread_mutex_init(&r->lock, NULL);
	if (e != 0) {
		free(TAKE_PTR(r));
		return -e;
	}
	r->next_index = 1;
	r->summary_stale = true;
	r->facts.state = AGENT_STARTING;
	r->facts.config_result = CONFIG_OK;
	r->facts.start_time = now_usec(CLOCK_REALTIME);
	r->facts.start_usec = now_usec(CLOCK_MONOTONIC);
	*ret = TAKE_PTR(r);
	return 0;
}

struct registry *registry_free(struct registry *r)
{
	if (!r)
		return NULL;
	for (size_t i = 0; i < r->n_targets; i++)
		target_free(r->by_index[i]);
	free(r->by_index);
	free(r->by_name);
	free(r->with_evidence);
	free(r->with_tls);
	free(r->with_session);
	event_ring_done(&r->events);
	alarm_list_done(&r->alarms);
	pthread_mutex_destroy(&r->lock);
	free(r);
	return NULL;
}

/* ------------------------------------------------------------------ order */

int target_name_compare(const char *a, const char *b)
{
	size_t len_a = strlen(a), len_b = strlen(b);

	if (len_a != len_b)
		return len_a < len_b ? -1 : 1;
	return memcmp(a, b, len_a);
}

static int by_index(const void *a, const void *b)
{
	const struct target *const *ta = a, *const *tb = b;

	return ((*ta)->index > (*tb)->index) - ((*ta)->index < (*tb)->index);
}

struct target *registry_find(const struct registry *r, const char *name)
{
	size_t low = 0, high = r->n_targets;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = target_name_compare(name, r->by_name[middle]->config.name);

		if (order == 0)
			return r->by_name[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

struct target *registry_by_index(const struct registry *r, uint32_t index)
{
	struct target key = { .index = index }, *wanted = &key;
	struct target **found =
		bsearch(&wanted, r->by_index, r->n_targets, sizeof(struct target *), by_index);

	return found ? *found : NULL;
}
