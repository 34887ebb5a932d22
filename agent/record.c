/* SPDX-License-Identifier: ISC */
/* The latest events and the open alarms, in memory. */
#include "agent/record.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ events */

int event_ring_init(struct event_ring *r, size_t size)
{
	assert(size > 0);
	*r = (struct event_ring){ .size = size };
	r->rows = calloc(size, sizeof(*r->rows));
	return r->rows ? 0 : -ENOMEM;
}

void event_ring_done(struct event_ring *r)
{
	free(r->rows);
	*r = (struct event_ring){ 0 };
}

const struct event_record *event_ring_row(const struct event_ring *r, size_t i)
{
	assert(i < r->n);
	return &r->rows[(r->first + i) % r->size];
}

int event_ring_resize(struct event_ring *r, size_t size)
{
	size_t kept = r->n < size ? r->n : size, dropped = r->n - kept;
	struct event_record *rows;

	assert(size > 0);
	rows = calloc(size, sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < kept; i++)
		rows[i] = *event_ring_row(r, dropped + i);
	free(r->rows);
	r->rows = rows;
	r->size = size;
	r->first = 0;
	r->n = kept;
	r->bumped += (uint32_t)dropped;
	return 0;
}

void event_ring_add(struct event_ring *r, const struct event_record *e)
{
	assert(r->size > 0);
	assert(r->n == 0 || e->event.sequence > event_ring_row(r, r->n - 1)->event.sequence);
	if (r->n == r->size) {
		r->first = (r->first + 1) % r->size;
		r->n--;
		r->bumped++;
	}
	r->rows[(r->first + r->n++) % r->size] = *e;
}

/* ------------------------------------------------------------------ alarms */

enum { LIST_STEP = 16 };

/* Position of the first row whose number is ALARM or above. */
static size_t position(const struct alarm_list *l, uint32_t alarm)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (l->rows[middle]->alarm < alarm)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct alarm_record *alarm_list_find(const struct alarm_list *l, uint32_t alarm)
{
	size_t i = position(l, alarm);

	return i < l->n && l->rows[i]->alarm == alarm ? l->rows[i] : NULL;
}

static int make_room(struct alarm_list *l)
{
	size_t size = l->size ? l->size * 2 : LIST_STEP;
	struct alarm_record **rows;

	if (l->n < l->size)
		return 0;
	rows = reallocarray(l->rows, size, sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	l->rows = rows;
	l->size = size;
	return 0;
}

int alarm_list_put(struct alarm_list *l, const struct alarm_record *a)
{
	size_t i = position(l, a->alarm);
	struct alarm_record *row;

	if (i < l->n && l->rows[i]->alarm == a->alarm) {
		*l->rows[i] = *a;
		return 0;
	}
	row = malloc(sizeof(*row));
	if (!row || make_room(l) < 0) {
		free(row);
		return -ENOMEM;
	}
	*row = *a;
	memmove(&l->rows[i + 1], &l->rows[i], (l->n - i) * sizeof(l->rows[0]));
	l->rows[i] = row;
	l->n++;
	return 0;
}

void alarm_list_remove(struct alarm_list *l, uint32_t alarm)
{
	size_t i = position(l, alarm);

	if (i == l->n || l->rows[i]->alarm != alarm)
		return;
	free(l->rows[i]);
	l->n--;
	memmove(&l->rows[i], &l->rows[i + 1], (l->n - i) * sizeof(l->rows[0]));
}

void alarm_list_done(struct alarm_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->rows[i]);
	free(l->rows);
	*l = (struct alarm_list){ 0 };
}
