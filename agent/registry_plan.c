/* SPDX-License-Identifier: ISC */
/* A new configuration for the set of targets: compared aside, then put in force at once. */
#include "agent/target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/evidence_config.h"
#include "common/log.h"
#include "common/util.h"

/* The sets before and after, side by side: `configs` are the wanted ones in the order of names,
 * `targets[i]` the target that serves configs[i]: a present one, or a new one. */
struct sides {
	struct target_config **configs;
	struct target **targets;
	bool *is_new;
	size_t n;
};

static void sides_done(struct sides *s)
{
	for (size_t i = 0; s->targets && s->is_new && i < s->n; i++)
		if (s->is_new[i])
			free(s->targets[i]);
	free(s->configs);
	free(s->targets);
	free(s->is_new);
}

static int by_config_name(const void *a, const void *b)
{
	const struct target_config *const *ca = a, *const *cb = b;

	return target_name_compare((*ca)->name, (*cb)->name);
}

static int by_index(const void *a, const void *b)
{
	const struct target *const *ta = a, *const *tb = b;

	return ((*ta)->index > (*tb)->index) - ((*ta)->index < (*tb)->index);
}

static int make_room(
	struct sides *s, struct registry_plan *p, const struct registry *r, struct config *config)
{
	s->n = config->n_targets;
	s->configs = calloc(s->n + 1, sizeof(*s->configs));
	s->targets = calloc(s->n + 1, sizeof(*s->targets));
	s->is_new = calloc(s->n + 1, sizeof(*s->is_new));
	p->gone = calloc(r->n_targets + 1, sizeof(*p->gone));
	if (!s->configs || !s->targets || !s->is_new || !p->gone)
		return -ENOMEM;
	for (size_t i = 0; i < s->n; i++)
		s->configs[i] = &config->targets[i];
	qsort(s->configs, s->n, sizeof(*s->configs), by_config_name);
	return 0;
}

/* Fills in both sides, and who is watched no more. */
static int pair_targets(struct sides *s, struct registry_plan *p, const struct registry *r)
{
	size_t old = 0;

	for (size_t i = 0; i < s->n; i++) {
		const char *name = s->configs[i]->name;
		int order = -1;

		while (old < r->n_targets &&
			(order = target_name_compare(r->by_name[old]->config.name, name)) < 0)
			p->gone[p->n_gone++] = r->by_name[old++];
		if (old < r->n_targets && order == 0) {
			s->targets[i] = r->by_name[old++];
			continue;
		}
		s->targets[i] = target_new();
		s->is_new[i] = true;
		if (!s->targets[i])
			return -ENOMEM;
	}
	while (old < r->n_targets)
		p->gone[p->n_gone++] = r->by_name[old++];
	return 0;
}

/* ------------------------------------------------------------------ indexes */

/* The index that a name has, or had before; 0 when it is new. */
static uint32_t kept_index(const struct sides *s, size_t i)
{
	return s->is_new[i] ? s->configs[i]->known_index : s->targets[i]->index;
}

/* Those that are wanted, or were had before. */
static int keep_indexes(const struct sides *s, struct registry_plan *p, const struct registry *r,
	char why[REGISTRY_WHY_SIZE])
{
	for (size_t i = 0; i < s->n; i++) {
		uint32_t wanted = s->configs[i]->index, kept = kept_index(s, i);

		if (kept != 0 && wanted != 0 && wanted != kept)
			log_warning(0, "Target %s keeps its index %u; index %u is for a new name",
				s->configs[i]->name, kept, wanted);
		if (kept == 0 && wanted != 0 && wanted < r->next_index) {
			snprintf(why, REGISTRY_WHY_SIZE,
				"target %s cannot have index %u: numbers below %u are taken or were; choose a higher one, or none",
				s->configs[i]->name, wanted, r->next_index);
			return -EEXIST;
		}
		if (kept == 0)
			kept = wanted;
		if (kept >= p->next_index)
			p->next_index = kept + 1;
		if (s->is_new[i]) /* the others are being read by other threads */
			s->targets[i]->index = kept;
	}
	return 0;
}

/* New targets are numbered in the order of the configuration, after every number ever used: an
 * index is never given to another name, or every NMS would graph one server under another's name.
 */
static int give_indexes(const struct sides *s, struct registry_plan *p, const struct config *config,
	char why[REGISTRY_WHY_SIZE])
{
	for (size_t i = 0; i < config->n_targets; i++) {
		const struct target_config *key = &config->targets[i];
		struct target_config **found =
			bsearch(&key, s->configs, s->n, sizeof(*s->configs), by_config_name);
		size_t place = (size_t)(found - s->configs);

		if (!s->is_new[place] || s->targets[place]->index != 0)
			continue;
		if (p->next_index > TARGET_INDEX_MAX) {
			snprintf(why, REGISTRY_WHY_SIZE, "no index is left for target %s",
				key->name);
			return -ERANGE;
		}
		s->targets[place]->index = p->next_index++;
	}
	return 0;
}

/* ------------------------------------------------------------------ what changes */

/* Evidence that is looked for elsewhere begins anew. */
static int plan_evidence(struct registry_plan *p, size_t i)
{
	const struct evidence_source *source = p->configs[i]->evidence;
	const struct target *t = p->changed[i];

	if (!source || (t->evidence && evidence_source_equal(source, t->config.evidence)))
		return 0;
	p->fresh[i] = calloc(1, sizeof(struct collected));
	return p->fresh[i] ? 0 : -ENOMEM;
}

static int find_changes(const struct sides *s, struct registry_plan *p)
{
	p->changed = calloc(s->n + 1, sizeof(*p->changed));
	p->configs = calloc(s->n + 1, sizeof(*p->configs));
	p->fresh = calloc(s->n + 1, sizeof(*p->fresh));
	if (!p->changed || !p->configs || !p->fresh)
		return -ENOMEM;
	for (size_t i = 0; i < s->n; i++) {
		const struct target_config *c = s->configs[i];

		if (c->timeout_usec > p->longest_usec)
			p->longest_usec = c->timeout_usec;
		if (!s->is_new[i] && target_config_equal(c, &s->targets[i]->config))
			continue;
		p->changed[p->n_changed] = s->targets[i];
		p->configs[p->n_changed++] = s->configs[i];
		p->n_new += s->is_new[i];
		if (plan_evidence(p, p->n_changed - 1) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int make_tables(struct sides *s, struct registry_plan *p)
{
	p->by_index = calloc(s->n + 1, sizeof(*p->by_index));
	p->with_evidence = calloc(s->n + 1, sizeof(*p->with_evidence));
	p->with_tls = calloc(s->n + 1, sizeof(*p->with_tls));
	if (!p->by_index || !p->with_evidence || !p->with_tls)
		return -ENOMEM;
	for (size_t i = 0; i < s->n; i++)
		p->n_with_session += s->configs[i]->after != NULL;
	p->with_session = calloc(p->n_with_session + 1, sizeof(*p->with_session));
	if (!p->with_session)
		return -ENOMEM;
	memcpy(p->by_index, s->targets, s->n * sizeof(*p->by_index));
	qsort(p->by_index, s->n, sizeof(*p->by_index), by_index);
	for (size_t i = 0, n = 0; i < s->n; i++) {
		if (s->configs[i]->after)
			p->with_session[n++] = s->targets[i];
		if (s->configs[i]->evidence)
			p->with_evidence[p->n_with_evidence++] = s->targets[i];
		if (s->configs[i]->tls)
			p->with_tls[p->n_with_tls++] = s->targets[i];
	}
	qsort(p->with_evidence, p->n_with_evidence, sizeof(*p->with_evidence), by_index);
	qsort(p->with_tls, p->n_with_tls, sizeof(*p->with_tls), by_index);
	qsort(p->with_session, p->n_with_session, sizeof(*p->with_session), by_index);
	p->n = s->n;
	p->by_name = TAKE_PTR(s->targets); /* in the order of the sorted configs */
	return 0;
}

DEFINE_CLEANUP(struct registry_plan *, registry_plan_free)

int registry_plan(const struct registry *r, struct config *config, struct registry_plan **ret,
	char why[REGISTRY_WHY_SIZE])
{
	_cleanup_(registry_plan_freep) struct registry_plan *p = calloc(1, sizeof(*p));
	_cleanup_(sides_done) struct sides s = { 0 };
	int e;

	if (!p)
		return -ENOMEM;
	p->next_index = r->next_index;
	e = make_room(&s, p, r, config);
	if (e >= 0)
		e = pair_targets(&s, p, r);
	if (e >= 0)
		e = keep_indexes(&s, p, r, why);
	if (e >= 0)
		e = give_indexes(&s, p, config, why);
	if (e >= 0)
		e = find_changes(&s, p);
	if (e >= 0)
		e = make_tables(&s, p);
	if (e < 0)
		return e;
	*ret = TAKE_PTR(p);
	return 0;
}

/* A new target has no name before it is committed. */
struct registry_plan *registry_plan_free(struct registry_plan *p)
{
	if (!p)
		return NULL;
	for (size_t i = 0; p->by_name && !p->committed && i < p->n_changed; i++)
		if (!p->changed[i]->config.name)
			target_free(p->changed[i]);
	for (size_t i = 0; p->fresh && i < p->n_changed; i++)
		free(p->fresh[i]);
	free(p->fresh);
	free(p->configs);
	free(p->changed);
	free(p->by_name);
	free(p->by_index);
	free(p->with_evidence);
	free(p->with_tls);
	free(p->with_session);
	free(p->gone);
	free(p);
	return NULL;
}

/* ------------------------------------------------------------------ in force */

static bool is_moved(const struct target_config *a, const struct target_config *b)
{
	return strcmp(a->host, b->host) != 0 || a->port != b->port || a->family != b->family ||
		strcmp(a->user, b->user) != 0 || strcmp(a->password, b->password) != 0 ||
		!route_equal(a->route, b->route) ||
		!tls_settings_equal(tls_settings_of(a->tls), tls_settings_of(b->tls));
}

/* CONFIG holds the configuration before afterwards. */
static void configure_target(
	struct target *t, struct target_config *config, struct collected **fresh)
{
	struct target_config before = t->config;

	t->moved = before.name && (t->moved || is_moved(&before, config));
	if (!before.name)
		target_set_enabled(t, config->enabled);
	if (*fresh || !config->evidence) {
		free(t->evidence);
		t->evidence = TAKE_PTR(*fresh);
		target_forget_last(t);
	}
	if (t->moved || !config->tls) /* it is another server's, or of no interest */
		free(TAKE_PTR(t->tls));
	t->asks_old |= t->moved || !after_equal(before.after, config->after) ||
		!tls_equal(before.tls, config->tls);
	if (t->moved || !after_equal(before.after, config->after))
		free(TAKE_PTR(t->session));
	t->config = *config;
	*config = before;
}

static void count(struct registry *r, const struct target *t, uint32_t by)
{
	r->totals[t->health.state] += by;
	r->n_flapping += t->flapping ? by : 0;
}

static void swap_lists(struct target ***a, struct target ***b)
{
	struct target **list = *a;

	*a = *b;
	*b = list;
}

void registry_commit(struct registry *r, struct registry_plan *p)
{
	pthread_mutex_lock(&r->lock);
	for (size_t i = 0; i < p->n_gone; i++)
		count(r, p->gone[i], -1U);
	for (size_t i = 0; i < p->n_changed; i++) {
		bool is_new = !p->changed[i]->config.name;

		configure_target(p->changed[i], p->configs[i], &p->fresh[i]);
		if (is_new)
			count(r, p->changed[i], 1);
	}
	swap_lists(&r->by_index, &p->by_index);
	swap_lists(&r->by_name, &p->by_name);
	swap_lists(&r->with_evidence, &p->with_evidence);
	swap_lists(&r->with_tls, &p->with_tls);
	swap_lists(&r->with_session, &p->with_session);
	r->n_targets = p->n;
	r->n_with_evidence = p->n_with_evidence;
	r->n_with_tls = p->n_with_tls;
	r->n_with_session = p->n_with_session;
	r->next_index = p->next_index;
	if (p->n_new > 0 || p->n_gone > 0)
		r->table_change_usec = now_usec(CLOCK_MONOTONIC);
	r->summary_stale = true;
	p->committed = true;
	pthread_mutex_unlock(&r->lock);
}
