/* SPDX-License-Identifier: ISC */
/* The queue of linked nodes against a plain array. */
#include "tests/unit/unit.h"

#include "common/due.h"

static void empty(void **state)
{
	struct due_node node = { 0 };
	struct due_queue q = { 0 };

	due_remove(&q, &node);
	assert_null(q.root);
	due_set(&q, &node, 5);
	assert_ptr_equal(q.root, &node);
	due_set(&q, &node, 5);
	due_remove(&q, &node);
	due_remove(&q, &node);
	assert_null(q.root);
}

static uint64_t least(const struct due_node *nodes, size_t n)
{
	uint64_t key = UINT64_MAX;

	for (size_t i = 0; i < n; i++)
		if (nodes[i].queued && nodes[i].key < key)
			key = nodes[i].key;
	return key;
}

static void any_mixture(void **state)
{
	enum { NODES = 60, STEPS = 100000 };
	struct due_node nodes[NODES] = { 0 };
	struct due_queue q = { 0 };
	uint32_t random = 1;
	size_t queued = 0;

	for (int i = 0; i < STEPS; i++) {
		struct due_node *node;

		random = random * 1664525u + 1013904223u;
		node = &nodes[(random >> 24) % NODES];
		queued -= node->queued;
		if (random >> 20 & 3) {
			due_set(&q, node, random >> 8 & 0xff);
			queued++;
		} else {
			due_remove(&q, node);
		}
		assert_int_equal(q.root ? q.root->key : UINT64_MAX, least(nodes, NODES));
	}
	assert_true(queued > 0);
	for (uint64_t before = 0; q.root; queued--) {
		assert_true(q.root->key >= before);
		before = q.root->key;
		due_remove(&q, q.root);
	}
	assert_int_equal(queued, 0);
}

/* All of the same key, or in order, or backwards: neither deep nor slow. */
static void many(void **state)
{
	enum { MANY = 100000 };
	struct due_node *nodes = calloc(MANY, sizeof(*nodes));
	struct due_queue q = { 0 };

	assert_non_null(nodes);
	for (int order = -1; order <= 1; order++) {
		for (int i = 0; i < MANY; i++)
			due_set(&q, &nodes[i], (uint64_t)(MANY + order * i));
		for (int i = 0; i < MANY; i++) {
			assert_int_equal(q.root->key,
				order == 0          ? MANY
					: order > 0 ? MANY + i
						    : i + 1);
			due_remove(&q, q.root);
		}
		assert_null(q.root);
	}
	free(nodes);
}

int main(void)
{
	UNIT_TEST(empty);
	UNIT_TEST(any_mixture);
	UNIT_TEST(many);
	return unit_run("due");
}
