/* SPDX-License-Identifier: ISC */
/* All of the present as the store is to have it. */
#include "agent/recorder_image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/util.h"

/* Rows of a target. */
enum {
	CHANGED_PLACE = 1,
	CHANGED_ADMIN = 2,
	CHANGED_SYNC = 4,
	CHANGED_STATE = 8,
	CHANGED_ALL = 15
};

/* ------------------------------------------------------------------ lists */

static void entry_free(struct image_entry *e)
{
	if (e->kind == IMAGE_TARGET) {
		place_unref(((struct image_target *)e)->place);
		free(((struct image_target *)e)->state.reply_text);
	}
	free(e);
}

/* The place of the first entry whose key is not below KEY. */
static size_t place_of(const struct image_list *l, uint32_t key)
{
	size_t low = l->first, high = l->n;

	if (high > low && l->rows[high - 1]->key < key)
		return high;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (l->rows[middle]->key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The entry of KEY, gone or not. */
static struct image_entry *find_any(const struct image_list *l, uint32_t key)
{
	size_t i = place_of(l, key);

	return i < l->n && l->rows[i]->key == key ? l->rows[i] : NULL;
}

/* Frees those that are gone, when they are the most: what is still dirty stays. */
static void compact(struct image_list *l)
{
	size_t kept = 0;

	while (l->first < l->n && l->rows[l->first]->gone && !l->rows[l->first]->dirty)
		l->first++;
	if (l->n_gone < 64 || l->n_gone < l->n / 2)
		return;
	for (size_t i = 0; i < l->n; i++) {
		if (l->rows[i]->gone && !l->rows[i]->dirty) {
			entry_free(l->rows[i]);
			l->n_gone--;
		} else {
			l->rows[kept++] = l->rows[i];
		}
	}
	l->n = kept;
	l->first = 0;
}

static int insert(struct image_list *l, struct image_entry *e)
{
	size_t i;

	compact(l);
	if (l->n == l->size) {
		size_t size = l->size ? 2 * l->size : 64;
		struct image_entry **rows = realloc(l->rows, size * sizeof(struct image_entry *));

		if (!rows)
			return -ENOMEM;
		l->rows = rows;
		l->size = size;
	}
	/* Before those that are gone, an entry of a lower key would never be found. */
	if (l->first > 0 && e->key <= l->rows[l->first - 1]->key)
		l->first = 0;
	i = place_of(l, e->key);
	memmove(&l->rows[i + 1], &l->rows[i], (l->n - i) * sizeof(struct image_entry *));
	l->rows[i] = e;
	l->n++;
	return 0;
}

static void mark(struct image *im, struct image_entry *e)
{
	if (e->dirty)
		return;
	e->dirty = true;
	e->next_dirty = im->dirty;
	im->dirty = e;
	im->n_dirty++;
}

/* The entry of KEY to be filled in, an old or a new one of SIZE octets; NULL without memory. */
static struct image_entry *obtain(struct image *im, enum image_kind kind, uint32_t key, size_t size)
{
	struct image_list *l = &im->lists[kind];
	struct image_entry *e = find_any(l, key);

	if (e) {
		l->n_gone -= e->gone;
		e->gone = false;
		return e;
	}
	e = calloc(1, size);
	if (!e)
		return NULL;
	*e = (struct image_entry){ .kind = (uint8_t)kind, .key = key };
	if (insert(l, e) < 0) {
		free(e);
		return NULL;
	}
	return e;
}

/* The entry of KEY, or NULL. */
static struct image_entry *find(const struct image *im, enum image_kind kind, uint32_t key)
{
	struct image_entry *e = find_any(&im->lists[kind], key);

	return e && !e->gone ? e : NULL;
}

size_t image_count(const struct image *im, enum image_kind kind)
{
	return im->lists[kind].n - im->lists[kind].n_gone;
}

struct image_entry *image_at(const struct image *im, enum image_kind kind, size_t i)
{
	struct image_entry *e = im->lists[kind].rows[i];

	return e->gone ? NULL : e;
}

void image_keep_events(struct image *im, uint32_t rows)
{
	im->event_rows = rows ? rows : 1;
}

void image_init(struct image *im, uint32_t event_rows)
{
	*im = (struct image){ 0 };
	image_keep_events(im, event_rows);
	policy_settings_init(&im->settings);
}

void image_done(struct image *im)
{
	for (size_t kind = 0; kind < IMAGE_KINDS; kind++) {
		for (size_t i = 0; i < im->lists[kind].n; i++)
			entry_free(im->lists[kind].rows[i]);
		free(im->lists[kind].rows);
	}
	*im = (struct image){ .dirty = NULL };
}

/* ------------------------------------------------------------------ changes */

static struct image_target *find_target(const struct image *im, uint32_t index)
{
	return (struct image_target *)find(im, IMAGE_TARGET, index);
}

static void mark_target(struct image *im, struct image_target *t, unsigned changed)
{
	t->changed |= (uint8_t)changed;
	mark(im, &t->entry);
}

static bool same_place(const struct place *a, const struct place *b)
{
	return a == b || (a && place_is(a, b->text, place_host(b), b->port));
}

int image_set_target(struct image *im, uint32_t index, struct place *place, bool watched)
{
	struct image_target *t = find_target(im, index);

	if (!t) {
		t = (struct image_target *)obtain(im, IMAGE_TARGET, index, sizeof(*t));
		if (!t)
			return -ENOMEM;
	}
	t->generation = im->generation;
	if (t->watched == watched && same_place(t->place, place))
		return 0;
	place_ref(place);
	place_unref(t->place);
	t->place = place;
	t->watched = watched;
	t->has_state = t->has_state && watched;
	mark_target(im, t, watched ? CHANGED_PLACE : CHANGED_PLACE | CHANGED_STATE);
	im->durable = true;
	return 0;
}

int image_set_targets(struct image *im, const struct placed *targets, size_t n, bool all)
{
	int r = 0;

	im->generation++;
	for (size_t i = 0; i < n && r >= 0; i++)
		r = image_set_target(im, targets[i].index, targets[i].place, targets[i].watched);
	for (size_t i = 0; all && i < im->lists[IMAGE_TARGET].n && r >= 0; i++) {
		struct image_target *t = (struct image_target *)image_at(im, IMAGE_TARGET, i);

		if (!t || !t->watched || t->generation == im->generation)
			continue;
		t->watched = false;
		t->has_state = false;
		mark_target(im, t, CHANGED_PLACE | CHANGED_STATE);
	}
	return r;
}

void image_set_admin(struct image *im, uint32_t target, enum admin admin)
{
	struct image_target *t = find_target(im, target);

	if (!t)
		return;
	t->admin = t->state.admin = (uint8_t)admin;
	im->durable = true;
	mark_target(im, t, CHANGED_ADMIN | CHANGED_STATE);
}

void image_set_sync(struct image *im, uint32_t target, enum setting sync, uint64_t time)
{
	struct image_target *t = find_target(im, target);

	if (!t)
		return;
	t->sync = (uint8_t)sync;
	t->sync_time = time;
	im->durable = true;
	mark_target(im, t, CHANGED_SYNC);
}

void image_set_number(struct image *im, uint32_t target, uint32_t number)
{
	struct image_target *t = find_target(im, target);

	if (t && t->number < number)
		t->number = number;
}

int image_set_state(struct image *im, const struct state_record *state, uint32_t number)
{
	struct image_target *t = find_target(im, state->target);

	if (!t || !t->watched) /* the end of a probe of one that has just gone */
		return 0;
	if (image_state_pack(&t->state, state) < 0)
		return -ENOMEM;
	if (t->number < number)
		t->number = number;
	t->has_state = true;
	mark_target(im, t, CHANGED_STATE);
	return 0;
}

void image_set_policy(struct image *im, const struct policy_settings *settings)
{
	im->settings = *settings;
	im->settings_ordered = im->settings_dirty = im->durable = true;
}

void image_set_counters(struct image *im, const struct alarm_counters *counters)
{
	im->numbers.counters = *counters;
	im->numbers_dirty = im->durable = true;
}

void image_set_agent(struct image *im, uint32_t state)
{
	im->numbers.agent = state;
	im->numbers_dirty = true;
}

int image_put_alarm(struct image *im, const struct alarm_record *a)
{
	struct image_alarm *e = (struct image_alarm *)obtain(im, IMAGE_ALARM, a->alarm, sizeof(*e));

	if (!e)
		return -ENOMEM;
	e->record = *a;
	im->durable = true;
	mark(im, &e->entry);
	return 0;
}

static void drop_events(struct image *im)
{
	struct image_list *l = &im->lists[IMAGE_EVENT];

	for (size_t i = l->first; i < l->n && image_count(im, IMAGE_EVENT) > im->event_rows; i++) {
		l->n_gone += !l->rows[i]->gone;
		l->rows[i]->gone = true;
	}
}

int image_put_event(struct image *im, const struct event_record *event)
{
	struct image_event *e =
		(struct image_event *)obtain(im, IMAGE_EVENT, event->event.sequence, sizeof(*e));

	if (!e)
		return -ENOMEM;
	e->record = *event;
	im->durable = true;
	mark(im, &e->entry);
	drop_events(im);
	return 0;
}

int image_put_notice(struct image *im, uint32_t sequence, const void *packed, size_t len)
{
	struct image_notice *e =
		(struct image_notice *)find_any(&im->lists[IMAGE_NOTICE], sequence);

	if (e) /* none is ever packed twice */
		return 0;
	e = (struct image_notice *)obtain(im, IMAGE_NOTICE, sequence, sizeof(*e) + len);
	if (!e)
		return -ENOMEM;
	e->len = len;
	if (len > 0) /* an empty blob has no address */
		memcpy(e->packed, packed, len);
	im->durable = true;
	mark(im, &e->entry);
	return 0;
}

void image_remove(struct image *im, enum image_kind kind, uint32_t key)
{
	struct image_entry *e = find(im, kind, key);

	if (!e)
		return;
	e->gone = true;
	im->lists[kind].n_gone++;
	mark(im, e);
}

/* ------------------------------------------------------------------ to the store */

void image_mark_all(struct image *im)
{
	for (size_t kind = 0; kind < IMAGE_KINDS; kind++)
		for (size_t i = 0; i < im->lists[kind].n; i++) {
			struct image_entry *e = im->lists[kind].rows[i];

			if (e->gone)
				continue;
			if (kind == IMAGE_TARGET)
				((struct image_target *)e)->changed = CHANGED_ALL;
			mark(im, e);
		}
	im->numbers_dirty = im->rewrite = im->durable = true;
	im->settings_dirty = im->settings_ordered;
}

bool image_is_written(const struct image *im)
{
	return im->n_dirty == 0 && !im->numbers_dirty && !im->settings_dirty && !im->rewrite;
}

static int write_state(const struct image_target *t, struct store *s)
{
	struct state_record record;

	if (!t->has_state)
		return store_remove_state(s, t->entry.key);
	image_state_unpack(&t->state, t->entry.key, &record);
	return store_put_state(s, &record, t->number);
}

static int write_target(const struct image_target *t, struct store *s)
{
	struct store_target place = {
		.index = t->entry.key,
		.name = t->place->text,
		.host = place_host(t->place),
		.port = t->place->port,
		.watched = t->watched,
	};
	int r = 0;

	if (t->changed & CHANGED_PLACE)
		r = store_put_target(s, &place);
	if (r >= 0 && (t->changed & CHANGED_ADMIN) && t->admin != 0)
		r = store_put_admin(s, place.index, (enum admin)t->admin);
	if (r >= 0 && (t->changed & CHANGED_SYNC) && t->sync != 0)
		r = store_put_sync(s, place.index, (enum setting)t->sync, t->sync_time);
	if (r >= 0 && (t->changed & CHANGED_STATE))
		r = write_state(t, s);
	return r;
}

static int write_entry(const struct image_entry *e, struct store *s)
{
	const struct image_notice *n = (const struct image_notice *)e;

	switch (e->kind) {
	case IMAGE_TARGET:
		return e->gone ? 0 : write_target((const struct image_target *)e, s);
	case IMAGE_ALARM:
		return e->gone ? store_remove_alarm(s, e->key)
			       : store_put_alarm(s, &((const struct image_alarm *)e)->record);
	case IMAGE_EVENT: /* those that are gone are deleted all at once */
		return e->gone ? 0 : store_put_event(s, &((const struct image_event *)e)->record);
	default:
		return e->gone ? store_remove_notice(s, e->key)
			       : store_put_notice(s, e->key, n->packed, n->len);
	}
}

/* Deletes the events before the first of ours. */
static int prune_events(const struct image *im, struct store *s)
{
	const struct image_list *l = &im->lists[IMAGE_EVENT];
	size_t i = l->first;

	while (i < l->n && l->rows[i]->gone)
		i++;
	return i < l->n ? store_prune_events(s, l->rows[i]->key) : 0;
}

int image_write(const struct image *im, struct store *s)
{
	bool events = false;
	int r = im->rewrite ? store_clear(s) : 0;

	if (r >= 0 && im->numbers_dirty)
		r = store_put_numbers(s, &im->numbers);
	if (r >= 0 && im->settings_dirty)
		r = store_put_policy(s, &im->settings);
	for (const struct image_entry *e = im->dirty; r >= 0 && e; e = e->next_dirty) {
		r = write_entry(e, s);
		events = events || e->kind == IMAGE_EVENT;
	}
	return r >= 0 && events ? prune_events(im, s) : r;
}

void image_written(struct image *im)
{
	while (im->dirty) {
		struct image_entry *e = im->dirty;

		im->dirty = e->next_dirty;
		e->dirty = false;
		e->next_dirty = NULL;
		if (e->kind == IMAGE_TARGET)
			((struct image_target *)e)->changed = 0;
	}
	im->n_dirty = 0;
	im->numbers_dirty = im->settings_dirty = im->rewrite = im->durable = false;
	for (size_t kind = 0; kind < IMAGE_KINDS; kind++)
		compact(&im->lists[kind]);
}
