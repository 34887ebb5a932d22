/* SPDX-License-Identifier: ISC */
/* A binary min-heap of objects that carry their own place in it. */
#include "common/heap.h"

#include <assert.h>
#include <errno.h>

#include "common/util.h"

static void put(struct heap *h, size_t place, struct heap_node *node)
{
	h->nodes[place - 1] = node;
	node->place = place;
}

static void sift_up(struct heap *h, struct heap_node *node)
{
	size_t place = node->place;

	while (place > 1 && h->nodes[place / 2 - 1]->key > node->key) {
		put(h, place, h->nodes[place / 2 - 1]);
		place /= 2;
	}
	put(h, place, node);
}

static void sift_down(struct heap *h, struct heap_node *node)
{
	size_t place = node->place;

	for (;;) {
		size_t child = place * 2;

		if (child > h->len)
			break;
		if (child < h->len && h->nodes[child]->key < h->nodes[child - 1]->key)
			child++;
		if (h->nodes[child - 1]->key >= node->key)
			break;
		put(h, place, h->nodes[child - 1]);
		place = child;
	}
	put(h, place, node);
}

int heap_set(struct heap *h, struct heap_node *node, uint64_t key)
{
	if (node->place == 0) {
		if (h->len == h->size) {
			size_t size = h->size > 0 ? h->size * 2 : 64;
			struct heap_node **nodes = reallocarray(h->nodes, size, sizeof(*nodes));

			if (!nodes)
				return -ENOMEM;
			h->nodes = nodes;
			h->size = size;
		}
		put(h, ++h->len, node);
	}
	node->key = key;
	sift_up(h, node);
	sift_down(h, node);
	return 0;
}

void heap_remove(struct heap *h, struct heap_node *node)
{
	struct heap_node *last;

	if (node->place == 0)
		return;
	assert(h->nodes[node->place - 1] == node);
	last = h->nodes[--h->len];
	if (last != node) {
		put(h, node->place, last);
		sift_up(h, last);
		sift_down(h, last);
	}
	node->place = 0;
}

struct heap_node *heap_first(const struct heap *h)
{
	return h->len > 0 ? h->nodes[0] : NULL;
}

static size_t count_from(const struct heap *h, size_t place, uint64_t key)
{
	if (place > h->len || h->nodes[place - 1]->key > key)
		return 0;
	return 1 + count_from(h, place * 2, key) + count_from(h, place * 2 + 1, key);
}

size_t heap_count(const struct heap *h, uint64_t key)
{
	return count_from(h, 1, key);
}

void heap_done(struct heap *h)
{
	free(h->nodes);
	*h = (struct heap){ 0 };
}
