/* SPDX-License-Identifier: ISC */
/* libcurl's multi interface and the probes' own sockets on one sd-event loop. */
#include "probes/transfer.h"

#include <assert.h>
#include <errno.h>
#include <sys/epoll.h>

#include "common/log.h"
#include "common/util.h"

enum {
	EVENTS_AT_ONCE = 256,
	POOL_MAX = 512, /* idle easy handles kept: 7.4 KB each */
};

struct transfer {
	sd_event *event;
	sd_event_source *io, *timer;
	int epoll;
	CURLM *multi;
	struct heap deadlines;
	uint64_t curl_usec;  /* when libcurl wants to be called; USEC_INFINITY = never */
	uint64_t armed_usec; /* when the timer goes off */
	CURL *pool[POOL_MAX];
	size_t n_pool;
	struct transfer_item *items;    /* under way */
	struct transfer_item *released; /* to be freed when no event can point to them any more */
	bool dispatching;
};

#define ITEM_OF_DEADLINE(node) \
	((struct transfer_item *)(void *)((char *)(node)-offsetof(struct transfer_item, deadline)))

/* What an epoll event belongs to: a socket of libcurl's (odd) or an item (a pointer, even). */
static uint64_t tag_curl(curl_socket_t fd)
{
	return (uint64_t)(uint32_t)fd << 1 | 1;
}

static uint64_t tag_item(struct transfer_item *item)
{
	return (uint64_t)(uintptr_t)item;
}

static void unlink_item(struct transfer_item **list, struct transfer_item *item)
{
	if (item->previous)
		item->previous->next = item->next;
	else
		*list = item->next;
	if (item->next)
		item->next->previous = item->previous;
	item->previous = item->next = NULL;
}

static void link_item(struct transfer_item **list, struct transfer_item *item)
{
	item->previous = NULL;
	item->next = *list;
	if (*list)
		(*list)->previous = item;
	*list = item;
}

/* ------------------------------------------------------------------ the timer */

static void arm(struct transfer *t)
{
	const struct heap_node *first = heap_first(&t->deadlines);
	uint64_t next = t->curl_usec;
	int r;

	if (first && first->key < next)
		next = first->key;
	if (next >= t->armed_usec)
		return;
	r = sd_event_source_set_time(t->timer, next);
	if (r >= 0)
		r = sd_event_source_set_enabled(t->timer, SD_EVENT_ONESHOT);
	if (r < 0) {
		log_error(r, "Cannot set the timer of the probes");
		return;
	}
	t->armed_usec = next;
}

static int on_curl_timer(CURLM *multi, long timeout_ms, void *userdata)
{
	struct transfer *t = userdata;

	t->curl_usec = timeout_ms < 0
		? USEC_INFINITY
		: now_usec(CLOCK_MONOTONIC) + (uint64_t)timeout_ms * USEC_PER_MSEC;
	if (!t->dispatching)
		arm(t);
	return 0;
}

/* ------------------------------------------------------------------ libcurl's sockets */

static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *userdata, void *known)
{
	struct transfer *t = userdata;
	struct epoll_event event = { .data.u64 = tag_curl(fd) };
	int r;

	if (what == CURL_POLL_REMOVE) {
		epoll_ctl(t->epoll, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	if (what & CURL_POLL_IN)
		event.events |= EPOLLIN;
	if (what & CURL_POLL_OUT)
		event.events |= EPOLLOUT;
	r = epoll_ctl(t->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
	if (r < 0) {
		log_error(errno, "Cannot watch a socket of libcurl's");
		return -1;
	}
	if (!known)
		curl_multi_assign(t->multi, fd, t);
	return 0;
}

static void collect_results(struct transfer *t)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(t->multi, &left)) != NULL) {
		CURLcode result = message->data.result;
		struct transfer_item *item = NULL;

		assert(message->msg == CURLMSG_DONE);
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&item);
		item->ops->on_transfer(item, result);
	}
}

/* ------------------------------------------------------------------ the loop */

static void free_released(struct transfer *t)
{
	struct transfer_item *item;

	while ((item = t->released) != NULL) {
		unlink_item(&t->released, item);
		item->ops->free(item);
	}
}

/* After all events of a turn: what is due, what is finished, and when to wake up next. */
static void settle(struct transfer *t)
{
	const struct heap_node *first;
	uint64_t now = now_usec(CLOCK_MONOTONIC);
	int running;

	t->dispatching = true;
	if (t->curl_usec <= now) {
		t->curl_usec = USEC_INFINITY;
		curl_multi_socket_action(t->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	}
	collect_results(t);
	while ((first = heap_first(&t->deadlines)) != NULL && first->key <= now) {
		struct transfer_item *item = ITEM_OF_DEADLINE(first);

		heap_remove(&t->deadlines, &item->deadline);
		item->ops->on_deadline(item);
	}
	t->dispatching = false;
	free_released(t);
	arm(t);
}

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct transfer *t = userdata;
	struct epoll_event events[EVENTS_AT_ONCE];
	int n, running;

	n = epoll_wait(t->epoll, events, EVENTS_AT_ONCE, 0);
	t->dispatching = true;
	for (int i = 0; i < n; i++) {
		uint32_t what = events[i].events;
		uint64_t tag = events[i].data.u64;

		if (tag & 1) {
			int mask = (what & EPOLLIN ? CURL_CSELECT_IN : 0) |
				(what & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
				(what & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);

			curl_multi_socket_action(
				t->multi, (curl_socket_t)(tag >> 1), mask, &running);
		} else {
			struct transfer_item *item = (struct transfer_item *)(uintptr_t)tag;

			if (!item->released)
				item->ops->on_ready(item, what);
		}
	}
	settle(t);
	return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct transfer *t = userdata;

	t->armed_usec = USEC_INFINITY;
	settle(t);
	return 0;
}

/* ------------------------------------------------------------------ easy handles */

static int on_curl_debug(CURL *easy, curl_infotype type, char *data, size_t size, void *userdata)
{
	if (type == CURLINFO_TEXT && size > 0)
		log_debug("libcurl: %.*s", (int)size - (data[size - 1] == '\n'), data);
	return 0;
}

/* Options of every transfer; the reasons were measured on libcurl 7.88.1: the DNS cache is walked
 * whole after each transfer; without QUICK_EXIT a hung resolver thread is joined; with PROXY unset
 * the environment decides. */
static void set_common_options(CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 1024L);
	if (log_enabled(LOG_DEBUG)) {
		curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
		curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_curl_debug);
	}
}

static CURL *lend_easy(struct transfer *t)
{
	CURL *easy = t->n_pool > 0 ? t->pool[--t->n_pool] : curl_easy_init();

	if (easy)
		set_common_options(easy);
	return easy;
}

static void take_easy_back(struct transfer *t, CURL *easy)
{
	if (t->n_pool == POOL_MAX) {
		curl_easy_cleanup(easy);
		return;
	}
	curl_easy_reset(easy);
	t->pool[t->n_pool++] = easy;
}

/* ------------------------------------------------------------------ items */

int transfer_begin(struct transfer *t, struct transfer_item *item, const struct transfer_ops *ops)
{
	CURL *easy = lend_easy(t);

	if (!easy)
		return -ENOMEM;
	*item = (struct transfer_item){ .ops = ops, .transfer = t, .easy = easy, .fd = -1 };
	curl_easy_setopt(easy, CURLOPT_PRIVATE, item);
	link_item(&t->items, item);
	return 0;
}

int transfer_start(struct transfer_item *item)
{
	assert(item->easy && !item->in_multi);
	if (curl_multi_add_handle(item->transfer->multi, item->easy) != CURLM_OK)
		return -ENOMEM;
	item->in_multi = true;
	return 0;
}

void transfer_end(struct transfer_item *item)
{
	CURL *easy = TAKE_PTR(item->easy);

	if (!easy)
		return;
	if (item->in_multi)
		curl_multi_remove_handle(item->transfer->multi, easy);
	item->in_multi = false;
	take_easy_back(item->transfer, easy);
}

int transfer_watch(struct transfer_item *item, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.u64 = tag_item(item) };
	int operation = item->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	assert(item->fd >= 0);
	if (epoll_ctl(item->transfer->epoll, operation, item->fd, &event) < 0)
		return -errno;
	item->watched = true;
	return 0;
}

int transfer_set_deadline(struct transfer_item *item, uint64_t usec)
{
	struct transfer *t = item->transfer;
	int r;

	r = heap_set(&t->deadlines, &item->deadline, usec);
	if (r >= 0 && !t->dispatching)
		arm(t);
	return r;
}

void transfer_release(struct transfer_item *item)
{
	struct transfer *t = item->transfer;

	if (item->released)
		return;
	item->released = true;
	transfer_end(item);
	heap_remove(&t->deadlines, &item->deadline);
	if (item->watched)
		epoll_ctl(t->epoll, EPOLL_CTL_DEL, item->fd, NULL);
	unlink_item(&t->items, item);
	link_item(&t->released, item);
	if (!t->dispatching)
		free_released(t);
}

/* ------------------------------------------------------------------ birth and death */

static int set_up_multi(struct transfer *t)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return -ENOMEM;
	t->multi = curl_multi_init();
	if (!t->multi)
		return -ENOMEM;
	curl_multi_setopt(t->multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
	curl_multi_setopt(t->multi, CURLMOPT_SOCKETDATA, t);
	curl_multi_setopt(t->multi, CURLMOPT_TIMERFUNCTION, on_curl_timer);
	curl_multi_setopt(t->multi, CURLMOPT_TIMERDATA, t);
	return 0;
}

static int set_up_loop(struct transfer *t)
{
	int r;

	t->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (t->epoll < 0)
		return -errno;
	r = sd_event_add_io(t->event, &t->io, t->epoll, EPOLLIN, on_io, t);
	if (r < 0)
		return r;
	r = sd_event_add_time(t->event, &t->timer, CLOCK_MONOTONIC, UINT64_MAX, 1, on_timer, t);
	if (r < 0)
		return r;
	return sd_event_source_set_enabled(t->timer, SD_EVENT_OFF);
}

DEFINE_CLEANUP(struct transfer *, transfer_free)

int transfer_new(sd_event *event, struct transfer **ret)
{
	_cleanup_(transfer_freep) struct transfer *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return -ENOMEM;
	t->epoll = -1;
	t->curl_usec = t->armed_usec = USEC_INFINITY;
	t->event = sd_event_ref(event);
	r = set_up_multi(t);
	if (r >= 0)
		r = set_up_loop(t);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(t);
	return 0;
}

struct transfer *transfer_free(struct transfer *t)
{
	if (!t)
		return NULL;
	while (t->items)
		transfer_release(t->items);
	free_released(t);
	while (t->n_pool > 0)
		curl_easy_cleanup(t->pool[--t->n_pool]);
	if (t->multi)
		curl_multi_cleanup(t->multi);
	sd_event_source_disable_unref(t->io);
	sd_event_source_disable_unref(t->timer);
	sd_event_unref(t->event);
	heap_done(&t->deadlines);
	closep(&t->epoll);
	curl_global_cleanup();
	free(t);
	return NULL;
}
