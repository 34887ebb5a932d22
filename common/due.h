/* SPDX-License-Identifier: ISC */
/*
 * A pairing heap: the next deadline of many, as common/heap, but of linked nodes. Nothing is
 * allocated, so putting something in cannot fail. Fredman et al., "The pairing heap", 1986.
 */
#ifndef FTPHEALTH_DUE_H
#define FTPHEALTH_DUE_H

#include <stdbool.h>
#include <stdint.h>

/* Embedded in what is queued; zero-initialised it is in no queue. */
struct due_node {
	uint64_t key;
	bool queued;
	struct due_node *child, *next; /* next: of the same parent */
	struct due_node *before;       /* the parent of the first child, else the one before */
};

/* Zero-initialised it is empty. The least key is at the root. */
struct due_queue {
	struct due_node *root;
};

/* Puts N in with KEY, or moves it to KEY. */
void due_set(struct due_queue *q, struct due_node *n, uint64_t key);

/* Takes N out; does nothing when it is in no queue. */
void due_remove(struct due_queue *q, struct due_node *n);

#endif
