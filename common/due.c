/* SPDX-License-Identifier: ISC */
/* A pairing heap of linked nodes. */
#include "common/due.h"

#include <assert.h>
#include <stddef.h>

/* Makes one tree of two; either may be NULL. Equal keys: A stays above. */
static struct due_node *meld(struct due_node *a, struct due_node *b)
{
	struct due_node *top = a, *under = b;

	if (!a || !b)
		return a ? a : b;
	if (b->key < a->key) {
		top = b;
		under = a;
	}
	under->before = top;
	under->next = top->child;
	if (under->next)
		under->next->before = under;
	top->child = under;
	return top;
}

/* Makes one tree of a row of siblings: by pairs from the left, then those from the right. */
static struct due_node *meld_all(struct due_node *first)
{
	struct due_node *pairs = NULL, *all = NULL;

	while (first) {
		struct due_node *a = first, *b = a->next, *pair;

		first = b ? b->next : NULL;
		a->next = NULL;
		if (b)
			b->next = NULL;
		pair = meld(a, b);
		pair->next = pairs;
		pairs = pair;
	}
	while (pairs) {
		struct due_node *pair = pairs;

		pairs = pair->next;
		pair->next = NULL;
		all = meld(all, pair);
	}
	return all;
}

void due_remove(struct due_queue *q, struct due_node *n)
{
	struct due_node *rest;

	if (!n->queued)
		return;
	rest = meld_all(n->child);
	if (rest)
		rest->before = NULL;
	if (n == q->root) {
		q->root = rest;
	} else {
		if (n->before->child == n)
			n->before->child = n->next;
		else
			n->before->next = n->next;
		if (n->next)
			n->next->before = n->before;
		q->root = meld(q->root, rest);
	}
	*n = (struct due_node){ .key = n->key };
}

void due_set(struct due_queue *q, struct due_node *n, uint64_t key)
{
	if (n->queued && n->key == key)
		return;
	due_remove(q, n);
	*n = (struct due_node){ .key = key, .queued = true };
	q->root = meld(q->root, n);
	assert(!q->root->before && !q->root->next);
}
