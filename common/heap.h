/* SPDX-License-Identifier: ISC */
/* A min-heap of objects that carry their own place in it: the next deadline of many. */
#ifndef FTPHEALTH_HEAP_H
#define FTPHEALTH_HEAP_H

#include <stddef.h>
#include <stdint.h>

/* Embedded in what is queued; zero-initialised it is in no heap. */
struct heap_node {
	uint64_t key; /* what the heap is ordered by; set by heap_set() */
	size_t place; /* 1-based index into the heap's array; 0 = in no heap */
};

/* Zero-initialised it is empty. The keys stand in the array as well, and a node has eight below it:
 * two cache lines a level to look at, and no node but those that move. */
struct heap {
	struct heap_entry *entries;
	size_t len, size;
};

/* Puts NODE in with KEY, or moves it to KEY. Returns 0, or -ENOMEM with nothing changed (never when
 * the node is in the heap already). */
int heap_set(struct heap *h, struct heap_node *node, uint64_t key);

/* Takes NODE out; does nothing when it is in no heap. */
void heap_remove(struct heap *h, struct heap_node *node);

/* The node with the least key, or NULL. */
struct heap_node *heap_first(const struct heap *h);

/* How many nodes have a key of at most KEY; costs as much as there are such nodes. */
size_t heap_count(const struct heap *h, uint64_t key);

/* Frees the array; the nodes are the caller's. */
void heap_done(struct heap *h);

#endif
