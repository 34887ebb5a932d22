/* SPDX-License-Identifier: ISC */
/* libcurl's multi interface and the probes' own sockets on one sd-event loop. */
#include "probes/transfer.h"

#include <assert.h>
#include <errno.h>
#include <sys/epoll.h>

#include "common/log.h"
#include "common/util.h"
#include "probes/easy_pool.h"
#include "probes/tls.h"

enum {
	EVENTS_AT_ONCE = 256,
	SHARD_MAX = 64, /* transfers of one multi handle */
	EVENTS_PER_LOOK = 16,
};

/* A turn of the loop ends with the next look at the clock: hundreds of handshakes of TLS at once
 * are a tenth of a second. epoll tells of what is left again. */
#define TURN_USEC (10 * USEC_PER_MSEC)

/* One multi handle. libcurl walks all connections of a multi handle for each transfer that ends, so
 * thousands at once are spread over several. */
struct shard {
	struct transfer *transfer;
	CURLM *multi;
	struct heap_node wake; /* when libcurl wants to be called; USEC_INFINITY = never */
	unsigned number;       /* its place in transfer->shards */
	int n;                 /* transfers that it has */
	struct shard *roomy;   /* the next one that has room */
};

struct transfer {
	sd_event *event;
	sd_event_source *io, *timer;
	int epoll;
	struct shard **shards; /* all that were ever needed at once */
	unsigned n_shards;
	struct shard *roomy; /* those with room */
	struct heap deadlines, wakes;
	uint64_t armed_usec; /* when the timer goes off */
	struct easy_pool pool;
	struct transfer_item *items;    /* under way */
	struct transfer_item *released; /* to be freed when no event can point to them any more */
	bool dispatching;
};

#define ITEM_OF_DEADLINE(node) \
	((struct transfer_item *)(void *)((char *)(node)-offsetof(struct transfer_item, deadline)))
#define SHARD_OF_WAKE(node) ((struct shard *)(void *)((char *)(node)-offsetof(struct shard, wake)))

/* What an epoll event belongs to: a socket of libcurl's (odd; the shard, 31 bits of descriptor) or
 * an item (a pointer, even). */
static uint64_t tag_curl(const struct shard *shard, curl_socket_t fd)
{
	return (uint64_t)shard->number << 32 | (uint64_t)(uint32_t)fd << 1 | 1;
}

static struct shard *shard_of_tag(const struct transfer *t, uint64_t tag)
{
	return t->shards[tag >> 32];
}

static curl_socket_t fd_of_tag(uint64_t tag)
{
	return (curl_socket_t)((uint32_t)tag >> 1);
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
	const struct heap_node *first = heap_first(&t->deadlines), *wake = heap_first(&t->wakes);
	uint64_t next = wake ? wake->key : USEC_INFINITY;
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
	struct shard *shard = userdata;
	struct transfer *t = shard->transfer;
	uint64_t when = timeout_ms < 0
		? USEC_INFINITY
		: now_usec(CLOCK_MONOTONIC) + (uint64_t)timeout_ms * USEC_PER_MSEC;

	heap_set(&t->wakes, &shard->wake, when); /* is in it: cannot fail */
	if (!t->dispatching)
		arm(t);
	return 0;
}

/* ------------------------------------------------------------------ libcurl's sockets */

/* A socket of the transfer of EASY cannot be watched. Told so, libcurl would fail all others of its
 * multi handle too, and this one would look as if the server were silent. */
static void give_up(CURL *easy, int error)
{
	struct transfer_item *item = NULL;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&item);
	item->trouble = log_error(error, "Cannot watch a socket of libcurl's");
	transfer_set_deadline(item, now_usec(CLOCK_MONOTONIC));
}

static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *userdata, void *known)
{
	struct shard *shard = userdata;
	struct transfer *t = shard->transfer;
	struct epoll_event event = { .data.u64 = tag_curl(shard, fd) };
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
		give_up(easy, errno);
		return 0;
	}
	if (!known)
		curl_multi_assign(shard->multi, fd, shard);
	return 0;
}

/* libcurl is called about FD. When it is short of memory it does not say for which transfer, and
 * forgets to have its socket watched: silence of any is ours from then on. */
static int call_curl(struct shard *shard, curl_socket_t fd, int mask)
{
	int running = shard->n;

	if (curl_multi_socket_action(shard->multi, fd, mask, &running) == CURLM_OK)
		return running;
	log_error(ENOMEM, "libcurl cannot go on with its transfers");
	for (struct transfer_item *item = shard->transfer->items; item; item = item->next)
		if (item->shard == shard && item->trouble == 0)
			item->trouble = -ENOMEM;
	return running;
}

static void collect_results(struct shard *shard)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(shard->multi, &left)) != NULL) {
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

	t->dispatching = true;
	while ((first = heap_first(&t->wakes)) != NULL && first->key <= now) {
		struct shard *shard = SHARD_OF_WAKE(first);

		heap_set(&t->wakes, &shard->wake, USEC_INFINITY);
		call_curl(shard, CURL_SOCKET_TIMEOUT, 0);
		collect_results(shard);
	}
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
	uint64_t until = now_usec(CLOCK_MONOTONIC) + TURN_USEC;
	int n;

	n = epoll_wait(t->epoll, events, EVENTS_AT_ONCE, 0);
	t->dispatching = true;
	for (int i = 0; i < n; i++) {
		uint32_t what = events[i].events;
		uint64_t tag = events[i].data.u64;

		if (i > 0 && i % EVENTS_PER_LOOK == 0 && now_usec(CLOCK_MONOTONIC) > until)
			break;
		if (tag & 1) {
			struct shard *shard = shard_of_tag(t, tag);
			int mask = (what & EPOLLIN ? CURL_CSELECT_IN : 0) |
				(what & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
				(what & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);

			call_curl(shard, fd_of_tag(tag), mask);
			collect_results(shard);
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

/* ------------------------------------------------------------------ shards */

static struct shard *shard_free(struct shard *shard)
{
	if (!shard)
		return NULL;
	heap_remove(&shard->transfer->wakes, &shard->wake);
	if (shard->multi)
		curl_multi_cleanup(shard->multi);
	free(shard);
	return NULL;
}

DEFINE_CLEANUP(struct shard *, shard_free)

static int add_shard(struct transfer *t)
{
	_cleanup_(shard_freep) struct shard *shard = calloc(1, sizeof(*shard));
	struct shard **shards;

	if (!shard)
		return -ENOMEM;
	shard->transfer = t;
	shard->number = t->n_shards;
	shard->multi = curl_multi_init();
	if (!shard->multi || heap_set(&t->wakes, &shard->wake, USEC_INFINITY) < 0)
		return -ENOMEM;
	curl_multi_setopt(shard->multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
	curl_multi_setopt(shard->multi, CURLMOPT_SOCKETDATA, shard);
	curl_multi_setopt(shard->multi, CURLMOPT_TIMERFUNCTION, on_curl_timer);
	curl_multi_setopt(shard->multi, CURLMOPT_TIMERDATA, shard);
	shards = reallocarray(t->shards, t->n_shards + 1, sizeof(struct shard *));
	if (!shards)
		return -ENOMEM;
	t->shards = shards;
	shard->roomy = t->roomy;
	t->roomy = shard;
	shards[t->n_shards++] = TAKE_PTR(shard);
	return 0;
}

static void leave_shard(struct transfer_item *item)
{
	struct shard *shard = TAKE_PTR(item->shard);

	curl_multi_remove_handle(shard->multi, item->easy);
	if (shard->n-- == SHARD_MAX) {
		shard->roomy = item->transfer->roomy;
		item->transfer->roomy = shard;
	}
}

/* libcurl asks to be called at once for a new transfer. When this is no turn of the loop's, it is
 * called here, as a turn of its own for each start would cost more than the start. */
static void begin_connecting(struct shard *shard)
{
	struct transfer *t = shard->transfer;
	uint64_t now = now_usec(CLOCK_MONOTONIC);

	if (shard->wake.key > now)
		return;
	heap_set(&t->wakes, &shard->wake, USEC_INFINITY);
	if (call_curl(shard, CURL_SOCKET_TIMEOUT, 0) <
		shard->n) /* one has ended already: that is told from the loop */
		heap_set(&t->wakes, &shard->wake, now);
}

/* ------------------------------------------------------------------ items */

int transfer_begin(struct transfer *t, struct transfer_item *item, const struct transfer_ops *ops)
{
	CURL *easy = easy_pool_lend(&t->pool, ops->prepare);

	if (!easy)
		return -ENOMEM;
	*item = (struct transfer_item){ .ops = ops, .transfer = t, .easy = easy, .fd = -1 };
	curl_easy_setopt(easy, CURLOPT_PRIVATE, item);
	link_item(&t->items, item);
	return 0;
}

int transfer_start(struct transfer_item *item)
{
	struct transfer *t = item->transfer;
	bool dispatching = t->dispatching;
	struct shard *shard;
	int r = 0;

	assert(item->easy && !item->shard);
	if (!t->roomy)
		r = add_shard(t);
	if (r < 0)
		return r;
	shard = t->roomy;
	t->dispatching = true;
	if (curl_multi_add_handle(shard->multi, item->easy) == CURLM_OK) {
		item->shard = shard;
		if (++shard->n == SHARD_MAX)
			t->roomy = TAKE_PTR(shard->roomy);
		if (!dispatching)
			begin_connecting(shard);
	}
	t->dispatching = dispatching;
	if (!dispatching)
		arm(t);
	return item->shard ? 0 : -ENOMEM;
}

void transfer_end(struct transfer_item *item)
{
	if (!item->easy)
		return;
	if (item->shard)
		leave_shard(item);
	easy_pool_take_back(&item->transfer->pool, TAKE_PTR(item->easy), item->ops->prepare);
}

int transfer_watch(struct transfer_item *item, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.u64 = tag_item(item) };
	int operation = !item->watched ? EPOLL_CTL_ADD : events ? EPOLL_CTL_MOD : EPOLL_CTL_DEL;

	assert(item->fd >= 0 && (item->watched || events));
	if (epoll_ctl(item->transfer->epoll, operation, item->fd, &event) < 0)
		return -errno;
	item->watched = events != 0;
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
	t->armed_usec = USEC_INFINITY;
	t->event = sd_event_ref(event);
	r = tls_begin(); /* before libcurl makes OpenSSL ready in its own way */
	if (r < 0)
		return r;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return -ENOMEM;
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
	easy_pool_done(&t->pool);
	while (t->n_shards > 0)
		shard_free(t->shards[--t->n_shards]);
	free(t->shards);
	sd_event_source_disable_unref(t->io);
	sd_event_source_disable_unref(t->timer);
	sd_event_unref(t->event);
	heap_done(&t->deadlines);
	heap_done(&t->wakes);
	closep(&t->epoll);
	curl_global_cleanup();
	free(t);
	return NULL;
}
