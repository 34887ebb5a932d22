/* SPDX-License-Identifier: ISC */
/* What managers order, between two threads. */
#include "agent/orders.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/util.h"

struct orders {
	pthread_mutex_t lock;
	int fd;
	size_t max, first, n, reserved; /* n wait from first on, wrapping */
	struct order rows[];
};

int orders_new(size_t max, struct orders **ret)
{
	struct orders *o;

	assert(max > 0);
	o = calloc(1, sizeof(*o) + max * sizeof(o->rows[0]));
	if (!o)
		return -ENOMEM;
	o->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (o->fd < 0) {
		int r = -errno;

		free(o);
		return r;
	}
	pthread_mutex_init(&o->lock, NULL);
	o->max = max;
	*ret = o;
	return 0;
}

struct orders *orders_free(struct orders *o)
{
	if (!o)
		return NULL;
	close(o->fd);
	pthread_mutex_destroy(&o->lock);
	free(o);
	return NULL;
}

int orders_fd(const struct orders *o)
{
	return o->fd;
}

bool orders_reserve(struct orders *o)
{
	bool room;

	pthread_mutex_lock(&o->lock);
	room = o->n + o->reserved < o->max;
	o->reserved += room;
	pthread_mutex_unlock(&o->lock);
	return room;
}

void orders_release(struct orders *o)
{
	pthread_mutex_lock(&o->lock);
	assert(o->reserved > 0);
	o->reserved--;
	pthread_mutex_unlock(&o->lock);
}

void orders_push(struct orders *o, const struct order *order)
{
	pthread_mutex_lock(&o->lock);
	assert(o->reserved > 0);
	o->reserved--;
	o->rows[(o->first + o->n++) % o->max] = *order;
	/* Cannot overflow: it is at most max. */
	eventfd_write(o->fd, 1);
	pthread_mutex_unlock(&o->lock);
}

bool orders_take(struct orders *o, struct order *ret)
{
	eventfd_t count;
	bool found;

	pthread_mutex_lock(&o->lock);
	found = o->n > 0;
	if (found) {
		*ret = o->rows[o->first];
		o->first = (o->first + 1) % o->max;
		o->n--;
	}
	if (o->n == 0)
		eventfd_read(o->fd, &count);
	pthread_mutex_unlock(&o->lock);
	return found;
}
