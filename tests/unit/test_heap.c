/* SPDX-License-Identifier: ISC */
/* The heap against a plain scan for the least key. */
#include "tests/unit/unit.h"

#include "common/heap.h"

enum { NODES = 500, STEPS = 20000 };

static void test_empty(void **state)
{
	struct heap h = { 0 };
	struct heap_node node = { 0 };

	assert_null(heap_first(&h));
	heap_remove(&h, &node);
	heap_done(&h);
}

static size_t count_up_to(const struct heap_node nodes[NODES], uint64_t key)
{
	size_t n = 0;

	for (size_t i = 0; i < NODES; i++)
		n += nodes[i].place > 0 && nodes[i].key <= key;
	return n;
}

static void test_random_against_scan(void **state)
{
	static struct heap_node nodes[NODES];
	struct heap h = { 0 };
	unsigned seed = 269241;

	for (int step = 0; step < STEPS; step++) {
		struct heap_node *node = &nodes[rand_r(&seed) % NODES];
		uint64_t least = UINT64_MAX;
		size_t queued = 0;

		if (rand_r(&seed) % 3 == 0)
			heap_remove(&h, node);
		else
			assert_int_equal(heap_set(&h, node, (uint64_t)(rand_r(&seed) % 1000)), 0);
		for (size_t i = 0; i < NODES; i++)
			if (nodes[i].place > 0) {
				queued++;
				least = nodes[i].key < least ? nodes[i].key : least;
			}
		assert_int_equal(h.len, queued);
		assert_int_equal(heap_count(&h, UINT64_MAX), queued);
		assert_int_equal(heap_count(&h, 500), count_up_to(nodes, 500));
		if (queued > 0)
			assert_int_equal(heap_first(&h)->key, least);
		else
			assert_null(heap_first(&h));
	}
	heap_done(&h);
}

static void test_drains_in_order(void **state)
{
	static struct heap_node nodes[NODES];
	struct heap h = { 0 };
	unsigned seed = 1;
	uint64_t last = 0;

	for (size_t i = 0; i < NODES; i++)
		assert_int_equal(heap_set(&h, &nodes[i], (uint64_t)rand_r(&seed)), 0);
	for (struct heap_node *first; (first = heap_first(&h)) != NULL;) {
		assert_true(first->key >= last);
		last = first->key;
		heap_remove(&h, first);
	}
	heap_done(&h);
}

int main(void)
{
	UNIT_TEST(test_empty);
	UNIT_TEST(test_random_against_scan);
	UNIT_TEST(test_drains_in_order);
	return unit_run("heap");
}
