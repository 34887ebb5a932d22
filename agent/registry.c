/* SPDX-License-Identifier: ISC */
/* The set of all targets, its totals and its lock. */
#include "agent/target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "agent/evidence_config.h"
#include "common/log.h"
#include "common/util.h"

enum { INDEX_MAX = 2147483647 };

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
	event_ring_done(&r->events);
	alarm_list_done(&r->alarms);
	pthread_mutex_destroy(&r->lock);
	free(r);
	return NULL;
}

/* ------------------------------------------------------------------ order */

/* The order of string indexes in a table (RFC 2578 section 7.7): the length comes first. */
static int compare_names(const char *a, const char *b)
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

static int by_config_name(const void *a, const void *b)
{
	const struct target_config *const *ca = a, *const *cb = b;

	return compare_names((*ca)->name, (*cb)->name);
}

struct target *registry_find(const struct registry *r, const char *name)
{
	size_t low = 0, high = r->n_targets;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_names(name, r->by_name[middle]->config.name);

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

/* ------------------------------------------------------------------ a new configuration */

/* The sets before and after, side by side: `configs` are the wanted ones in the order of names,
 * `targets[i]` the target that serves configs[i]: a present one, or a new one. */
struct plan {
	struct target_config **configs;
	struct target **targets;
	bool *is_new;
	size_t n;
	struct target **gone;
	size_t n_gone;
	uint32_t next_index;
	struct collected **fresh; /* room for evidence that begins anew, in the order of configs */
	size_t n_with_evidence;
};

static void plan_done(struct plan *p)
{
	for (size_t i = 0; p->targets && p->is_new && i < p->n; i++)
		if (p->is_new[i])
			free(p->targets[i]);
	for (size_t i = 0; p->fresh && i < p->n; i++)
		free(p->fresh[i]);
	free(p->fresh);
	free(p->configs);
	free(p->targets);
	free(p->is_new);
	free(p->gone);
}

static struct target *new_target(void)
{
	struct target *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	health_init(&t->health);
	t->diagnosis = DIAG_NONE;
	t->failed_stage = STAGE_NONE;
	t->counts.since_usec = now_usec(CLOCK_MONOTONIC);
	return t;
}

static int plan_targets(struct plan *p, const struct registry *r, struct config *config)
{
	size_t old = 0;

	p->n = config->n_targets;
	p->configs = calloc(p->n + 1, sizeof(*p->configs));
	p->targets = calloc(p->n + 1, sizeof(*p->targets));
	p->is_new = calloc(p->n + 1, sizeof(*p->is_new));
	p->gone = calloc(r->n_targets + 1, sizeof(*p->gone));
	if (!p->configs || !p->targets || !p->is_new || !p->gone)
		return -ENOMEM;
	for (size_t i = 0; i < p->n; i++)
		p->configs[i] = &config->targets[i];
	qsort(p->configs, p->n, sizeof(*p->configs), by_config_name);
	for (size_t i = 0; i < p->n; i++) {
		int order = -1;

		while (old < r->n_targets &&
			(order = compare_names(r->by_name[old]->config.name, p->configs[i]->name)) <
				0)
			p->gone[p->n_gone++] = r->by_name[old++];
		if (old < r->n_targets && order == 0) {
			p->targets[i] = r->by_name[old++];
			continue;
		}
		p->targets[i] = new_target();
		p->is_new[i] = true;
		if (!p->targets[i])
			return -ENOMEM;
	}
	while (old < r->n_targets)
		p->gone[p->n_gone++] = r->by_name[old++];
	return 0;
}

/* The index that a name has, or had before; 0 when it is new. */
static uint32_t kept_index(const struct plan *p, size_t i)
{
	return p->is_new[i] ? p->configs[i]->known_index : p->targets[i]->index;
}

/* New targets are numbered in the order of the configuration, after every number ever used: an
 * index is never given to another name, or every NMS would graph one server under another's name.
 */
static int plan_indexes(struct plan *p, const struct registry *r, struct config *config,
	char why[REGISTRY_WHY_SIZE])
{
	p->next_index = r->next_index;
	for (size_t i = 0; i < p->n; i++) {
		uint32_t wanted = p->configs[i]->index, kept = kept_index(p, i);

		if (kept != 0 && wanted != 0 && wanted != kept)
			log_warning(0, "Target %s keeps its index %u; index %u is for a new name",
				p->configs[i]->name, kept, wanted);
		if (kept == 0 && wanted != 0 && wanted < r->next_index) {
			snprintf(why, REGISTRY_WHY_SIZE,
				"target %s cannot have index %u: numbers below %u are taken or were; choose a higher one, or none",
				p->configs[i]->name, wanted, r->next_index);
			return -EEXIST;
		}
		if (kept == 0)
			kept = wanted;
		if (kept >= p->next_index)
			p->next_index = kept + 1;
		if (p->is_new[i]) /* the others are being read by the SNMP thread */
			p->targets[i]->index = kept;
	}
	for (size_t i = 0; i < config->n_targets; i++) {
		const struct target_config *key = &config->targets[i];
		struct target_config **found =
			bsearch(&key, p->configs, p->n, sizeof(*p->configs), by_config_name);
		size_t place = (size_t)(found - p->configs);

		if (p->is_new[place] && p->targets[place]->index == 0) {
			if (p->next_index > INDEX_MAX) {
				snprintf(why, REGISTRY_WHY_SIZE, "no index is left for target %s",
					key->name);
				return -ERANGE;
			}
			p->targets[place]->index = p->next_index++;
		}
	}
	return 0;
}

static bool is_moved(const struct target_config *a, const struct target_config *b)
{
	return strcmp(a->host, b->host) != 0 || a->port != b->port || a->family != b->family ||
		strcmp(a->user, b->user) != 0 || strcmp(a->password, b->password) != 0;
}

/* Evidence that is looked for elsewhere begins anew. */
static int plan_evidence(struct plan *p)
{
	p->fresh = calloc(p->n + 1, sizeof(struct collected *));
	if (!p->fresh)
		return -ENOMEM;
	for (size_t i = 0; i < p->n; i++) {
		const struct evidence_source *source = p->configs[i]->evidence;

		if (!source)
			continue;
		p->n_with_evidence++;
		if (p->targets[i]->evidence &&
			evidence_source_equal(source, p->targets[i]->config.evidence))
			continue;
		p->fresh[i] = calloc(1, sizeof(struct collected));
		if (!p->fresh[i])
			return -ENOMEM;
	}
	return 0;
}

static void configure_target(
	struct target *t, struct target_config *config, struct collected **fresh)
{
	t->moved = t->config.name && is_moved(&t->config, config);
	if (!t->config.name)
		target_set_enabled(t, config->enabled);
	if (*fresh || !config->evidence) {
		free(t->evidence);
		t->evidence = TAKE_PTR(*fresh);
		target_forget_last(t);
	}
	target_config_done(&t->config);
	t->config = *config;
	*config = (struct target_config){ 0 };
}

static void count_states(struct registry *r)
{
	memset(r->totals, 0, sizeof(r->totals));
	r->n_flapping = 0;
	for (size_t i = 0; i < r->n_targets; i++) {
		r->totals[r->by_index[i]->health.state]++;
		r->n_flapping += r->by_index[i]->flapping;
	}
	r->summary_stale = true;
}

int registry_apply(struct registry *r, struct config *config, struct target ***ret_gone,
	size_t *ret_n_gone, char why[REGISTRY_WHY_SIZE])
{
	_cleanup_(plan_done) struct plan p = { 0 };
	_cleanup_(freep) struct target **indexes = NULL, **with_evidence = NULL;
	size_t n_new = 0;
	int e;

	e = plan_targets(&p, r, config);
	if (e >= 0)
		e = plan_indexes(&p, r, config, why);
	if (e >= 0)
		e = plan_evidence(&p);
	if (e < 0)
		return e;
	indexes = calloc(p.n + 1, sizeof(struct target *));
	with_evidence = calloc(p.n_with_evidence + 1, sizeof(struct target *));
	if (!indexes || !with_evidence)
		return -ENOMEM;
	memcpy(indexes, p.targets, p.n * sizeof(*indexes));
	qsort(indexes, p.n, sizeof(*indexes), by_index);

	pthread_mutex_lock(&r->lock);
	for (size_t i = 0; i < p.n; i++) {
		configure_target(p.targets[i], p.configs[i], &p.fresh[i]);
		n_new += p.is_new[i];
		p.is_new[i] = false;
	}
	r->n_with_evidence = 0;
	for (size_t i = 0; i < p.n; i++)
		if (indexes[i]->evidence)
			with_evidence[r->n_with_evidence++] = indexes[i];
	free(r->by_index);
	free(r->by_name);
	free(r->with_evidence);
	r->with_evidence = TAKE_PTR(with_evidence);
	r->by_index = TAKE_PTR(indexes);
	r->by_name = TAKE_PTR(p.targets); /* in the order of the sorted configs */
	r->n_targets = p.n;
	r->next_index = p.next_index;
	if (n_new > 0 || p.n_gone > 0)
		r->table_change_usec = now_usec(CLOCK_MONOTONIC);
	count_states(r);
	pthread_mutex_unlock(&r->lock);

	*ret_gone = TAKE_PTR(p.gone);
	*ret_n_gone = p.n_gone;
	return 0;
}
