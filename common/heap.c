/* SPDX-License-Identifier: ISC */
/* An eight-way min-heap of objects that carry their own place in it. */
#include "common/heap.h"

#include <assert.h>
#include <errno.h>

#include "common/util.h"

enum { WIDTH = 8 };

struct heap_entry {
	uint64_t key;
	struct heap_node *node;
};

/* Places count from 1, entries from 0. */
static size_t parent(size_t place)
{
	return (place - 2) / WIDTH + 1;
}

static size_t first_child(size_t place)
{
	return (place - 1) * WIDTH + 2;
}

static void put(struct heap *h, size_t place, struct heap_entry entry)
{
	h->entries[place - 1] = entry;
	entry.node->place = place;
}

static void sift_up(struct heap *h, size_t place)
{
	struct heap_entry entry = h->entries[place - 1];

	while (place > 1 && h->entries[parent(place) - 1].key > entry.key) {
		put(h, place, h->entries[parent(place) - 1]);
		place = parent(place);
	}
	put(h, place, entry);
}

static size_t least_child(const struct heap *h, size_t place)
{
	size_t least = first_child(place), end = least + WIDTH;

	if (end > h->len + 1)
		end = h->len + 1;
	for (size_t child = least + 1; child < end; child++)
		if (h->entries[child - 1].key < h->entries[least - 1].key)
			least = child;
	return least;
}

static void sift_down(struct heap *h, size_t place)
{
	struct heap_entry entry = h->entries[place - 1];

	while (first_child(place) <= h->len) {
		size_t child = least_child(h, place);

		if (h->entries[child - 1].key >= entry.key)
			break;
		put(h, place, h->entries[child - 1]);
		place = child;
	}
	put(h, place, entry);
}

int heap_set(struct heap *h, struct heap_node *node, uint64_t key)
{
	if (node->place == 0) {
		if (h->len == h->size) {
			size_t size = h->size > 0 ? h->size * 2 : 64;
			struct heap_entry *entries =
				reallocarray(h->entries, size, sizeof(*entries));

			if (!entries)
				return -ENOMEM;
			h->entries = entries;
			h->size = size;
		}
		node->place = ++h->len;
	}
	node->key = key;
	put(h, node->place, (struct heap_entry){ key, node });
	sift_up(h, node->place);
	sift_down(h, node->place);
	return 0;
}

void heap_remove(struct heap *h, struct heap_node *node)
{
	struct heap_entry last;

	if (node->place == 0)
		return;
	assert(h->entries[node->place - 1].node == node);
	last = h->entries[--h->len];
	if (last.node != node) {
		put(h, node->place, last);
		sift_up(h, node->place);
		sift_down(h, last.node->place);
	}
	node->place = 0;
}

struct heap_node *heap_first(const struct heap *h)
{
	return h->len > 0 ? h->entries[0].node : NULL;
}

static size_t count_from(const struct heap *h, size_t place, uint64_t key)
{
	size_t n = 1;

	if (place > h->len || h->entries[place - 1].key > key)
		return 0;
	for (size_t i = 0; i < WIDTH; i++)
		n += count_from(h, first_child(place) + i, key);
	return n;
}

size_t heap_count(const struct heap *h, uint64_t key)
{
	return count_from(h, 1, key);
}

void heap_done(struct heap *h)
{
	free(h->entries);
	*h = (struct heap){ 0 };
}
