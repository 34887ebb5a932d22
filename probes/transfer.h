/* SPDX-License-Identifier: ISC */
/*
 * libcurl's multi interface and the probes' own sockets on one sd-event loop: one epoll descriptor
 * of our own, which is one event source (a source per socket is quadratic), and one timer that
 * moves only when the next deadline comes nearer. The only user of curl_multi_*.
 */
#ifndef FTPHEALTH_TRANSFER_H
#define FTPHEALTH_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>
#include <curl/curl.h>
#include <systemd/sd-event.h>

#include "common/heap.h"

struct transfer;

/* Starts the engine on EVENT (a reference is kept). Returns 0 or -errno. */
int transfer_new(sd_event *event, struct transfer **ret);

/* Ends everything under way without calling back, and frees the engine. Takes NULL; returns NULL.
 */
struct transfer *transfer_free(struct transfer *t);

/* ---- for the probes that are built on it ---- */

struct shard;
struct transfer_item;

/* What the engine tells an item; each call may release the item. */
struct transfer_ops {
	/* Sets the options of a new easy handle that are the same for all items of this kind. */
	void (*prepare)(CURL *easy);
	/* libcurl has finished with item->easy, which still can be asked (curl_easy_getinfo). */
	void (*on_transfer)(struct transfer_item *item, CURLcode result);
	/* item->fd is ready: EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP. */
	void (*on_ready)(struct transfer_item *item, uint32_t events);
	void (*on_deadline)(struct transfer_item *item);
	/* The last call: the engine has let go of it. item->fd is still open, and must be closed.
	 */
	void (*free)(struct transfer_item *item);
};

/* One thing under way; embedded first in a probe. */
struct transfer_item {
	const struct transfer_ops *ops;
	struct transfer *transfer; /* borrowed: outlives its items */
	CURL *easy;                /* lent by the engine between transfer_begin and transfer_end */
	int fd;      /* owned by the item: watched by transfer_watch(); -1 when none */
	int trouble; /* -errno of our own, after which silence says nothing of the server */
	/* ---- private */
	struct heap_node deadline;
	struct transfer_item *previous, *next;
	struct shard *shard; /* that of the transfer under way, or NULL */
	bool watched, released;
};

/* Puts ITEM on the engine and lends it an easy handle on which ops->prepare has set options. All
 * others are as an item with the same ops left them, so each item sets the same ones. Returns 0 or
 * -ENOMEM; after a failure the item is not on it. */
int transfer_begin(struct transfer *t, struct transfer_item *item, const struct transfer_ops *ops);

/* Hands item->easy, configured, to libcurl. Returns 0 or -errno. No operation of OPS is called from
 * inside; callbacks set on item->easy may be. */
int transfer_start(struct transfer_item *item);

/* Takes the easy handle back; a transfer under way is given up at once. */
void transfer_end(struct transfer_item *item);

/* Watches item->fd for EVENTS (EPOLLIN ...); 0 = no more, not even for its end. Returns 0 or
 * -errno.
 */
int transfer_watch(struct transfer_item *item, uint32_t events);

/* Calls on_deadline at USEC of CLOCK_MONOTONIC, in place of an earlier order. */
int transfer_set_deadline(struct transfer_item *item, uint64_t usec);

/* Lets go of ITEM: no call comes any more but ops->free, once the engine is out of the item's way.
 */
void transfer_release(struct transfer_item *item);

#endif
