/* SPDX-License-Identifier: ISC */
/* The SNMP thread: its start, its loop, its end; and the door through which the others reach it. */
#include "agent/snmp.h"

#include <assert.h>
#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <net-snmp/library/large_fd_set.h>

#include "agent/snmp_thread.h"
#include "common/log.h"
#include "common/thread.h"
#include "common/util.h"

enum {
	NOTICES_PER_SECOND = 200,
	NOTICES_BURST = 50,
	WINDOW_MAX = 20, /* in flight; a socket's buffer holds about 200, and 1 reaches 18,000/s */
	QUICK_FDS = 16,  /* a subagent has four */
};
#define TURN_USEC USEC_PER_SEC /* the longest sleep of the loop */
/* For as long may a turn go on without a look at its clocks. */
#define QUICK_USEC (50 * USEC_PER_MSEC)
#define JOIN_USEC USEC_PER_SEC /* the longest wait for a thread that hangs in a call */
enum { DESCRIPTORS_MAX = 1 << 20 };

/* One set for all turns, as large as descriptors can get: a fresh one costs 134 us a request at
 * descriptor 10,000, and the small fd_set of select() does not hold those above 1,023 at all. */
static netsnmp_large_fd_set descriptors;

static void init_descriptors(void)
{
	struct rlimit limit;
	int n = FD_SETSIZE;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > FD_SETSIZE)
		n = limit.rlim_cur < DESCRIPTORS_MAX ? (int)limit.rlim_cur : DESCRIPTORS_MAX;
	netsnmp_large_fd_set_init(&descriptors, n);
}

static void drain(int fd)
{
	uint64_t count;

	while (read(fd, &count, sizeof(count)) < 0 && errno == EINTR)
		;
}

/* The descriptors of the set, as poll() takes them. Returns how many, 0 when there are too many. */
static size_t list_descriptors(int n, struct pollfd fds[QUICK_FDS])
{
	const fd_mask *words = descriptors.lfs_setptr->fds_bits;
	size_t found = 0;

	for (int fd = 0; fd < n; fd++) {
		if (words[fd / NFDBITS] == 0) {
			fd += NFDBITS - 1 - fd % NFDBITS;
			continue;
		}
		if (!NETSNMP_LARGE_FD_ISSET(fd, &descriptors))
			continue;
		if (found == QUICK_FDS)
			return 0;
		fds[found++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	}
	return found;
}

/* Nothing but requests is under way: no notice, no session that begins. */
static bool is_quiet(struct snmp *s)
{
	bool quiet;

	if (!s->session || s->attach_usec || s->redo_usec || s->tcp)
		return false;
	pthread_mutex_lock(&s->lock);
	quiet = notice_queue_pending(&s->queue) == 0;
	pthread_mutex_unlock(&s->lock);
	return quiet;
}

/* A subagent's library sends itself each request and each answer through a pipe: three rounds for
 * one of the master's. So the sessions are asked for their descriptors and time-outs, and the rest
 * of a turn is done, not at each of them. What a round opens or closes is seen at the next turn. */
static void go_on(struct snmp *s, struct pollfd *fds, size_t n)
{
	uint64_t end = now_usec(CLOCK_MONOTONIC) + QUICK_USEC, now = end - QUICK_USEC;

	while (now < end && is_quiet(s) && !atomic_load(&s->stop)) {
		if (poll(fds, n, (int)((end - now) / USEC_PER_MSEC)) <= 0)
			return;
		NETSNMP_LARGE_FD_ZERO(&descriptors);
		for (size_t i = 0; i < n; i++) {
			if ((fds[i].revents && fds[i].fd == s->wake_fd) ||
				fds[i].revents & POLLNVAL)
				return; /* for the next turn */
			if (fds[i].revents)
				NETSNMP_LARGE_FD_SET(fds[i].fd, &descriptors);
		}
		snmp_read2(&descriptors);
		now = now_usec(CLOCK_MONOTONIC);
	}
}

/* One turn: sleep until there is something to do, and do it. */
static void turn(struct snmp *s)
{
	uint64_t wait = snmp_send_wait(s);
	struct timeval timeout;
	struct pollfd fds[QUICK_FDS];
	size_t n_fds;
	int n = 0, block = 0, ready;

	if (wait > TURN_USEC)
		wait = TURN_USEC;
	timeout.tv_sec = (time_t)(wait / USEC_PER_SEC);
	timeout.tv_usec = (suseconds_t)(wait % USEC_PER_SEC);
	NETSNMP_LARGE_FD_ZERO(&descriptors);
	snmp_select_info2(&n, &descriptors, &timeout, &block);
	NETSNMP_LARGE_FD_SET(s->wake_fd, &descriptors);
	if (n <= s->wake_fd)
		n = s->wake_fd + 1;
	n_fds = list_descriptors(n, fds);
	ready = netsnmp_large_fd_set_select(n, &descriptors, NULL, NULL, &timeout);
	if (ready > 0) {
		bool woken = NETSNMP_LARGE_FD_ISSET(s->wake_fd, &descriptors);

		if (woken)
			drain(s->wake_fd);
		snmp_read2(&descriptors);
		if (!woken && n_fds > 0)
			go_on(s, fds, n_fds);
	}
	/* Each turn: a busy loop must not put off time-outs. */
	snmp_timeout();
	run_alarms();
	netsnmp_check_outstanding_agent_requests();
	if (!s->options.listen)
		snmp_agentx_watch(s);
	snmp_handler_expire(s);
	snmp_send_pump(s);
}

static int begin(struct snmp *s)
{
	int r;

	/* net-snmp frees a buffer of 64 KB after each message, and for that glibc merges all that
	 * is in its fast bins: without them an answer costs 3 to 5 % less. */
	mallopt(M_MXFAST, 0);
	snmp_log_route(s);
	/* We are no root and open no /dev/kmem. */
	netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_NO_ROOT_ACCESS, 1);
	if (s->options.listen)
		snmp_listen_prepare();
	else
		snmp_agentx_prepare(s);
	if (init_agent(SNMP_APPLICATION) != 0)
		return log_error(EIO, "Cannot initialize net-snmp");
	r = snmp_handler_register(s);
	if (r < 0)
		return r;
	init_descriptors();
	return s->options.listen ? snmp_listen_begin(s) : 0;
}

/* May wait for a master that does not answer: nobody waits for it. */
static void connect_to_master(struct snmp *s)
{
	snmp_agentx_begin(s);
	snmp_agentx_watch(s);
}

static void end(struct snmp *s)
{
	if (s->options.listen)
		snmp_listen_end(s);
	/* As a subagent says goodbye to the master, as an agent stores engineBoots. Notices still
	 * in flight go back to the queue. */
	snmp_shutdown(SNMP_APPLICATION);
	shutdown_agent();
	snmp_handler_forget(s);
	netsnmp_large_fd_set_cleanup(&descriptors);
}

static void announce(struct snmp *s, int result)
{
	pthread_mutex_lock(&s->lock);
	s->started = true;
	s->start_result = result;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static void *run(void *userdata)
{
	struct snmp *s = userdata;
	int r;

	pthread_setname_np(pthread_self(), "snmp");
	r = begin(s);
	announce(s, r);
	if (r < 0)
		return NULL; /* it has been logged */
	if (!s->options.listen)
		connect_to_master(s);
	while (!atomic_load(&s->stop))
		turn(s);
	end(s);
	return NULL;
}

/* All signals are the main thread's. */
static int start_thread(struct snmp *s)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&s->thread, NULL, run, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -r;
}

static struct snmp *snmp_free(struct snmp *s)
{
	if (!s)
		return NULL;
	notice_queue_done(&s->queue);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	if (s->wake_fd >= 0)
		close(s->wake_fd);
	free(s->registrations);
	free(s);
	return NULL;
}
DEFINE_CLEANUP(struct snmp *, snmp_free)

static void on_drop(void *userdata, const struct notice *n)
{
	snmp_gone(userdata, n->sequence);
}

static int snmp_new(
	const struct snmp_options *options, struct registry *registry, struct snmp **ret)
{
	struct snmp *s = calloc(1, sizeof(*s));
	pthread_condattr_t attr;

	if (!s)
		return -ENOMEM;
	s->options = *options;
	s->registry = registry;
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->changed, &attr);
	pthread_condattr_destroy(&attr);
	notice_queue_init(&s->queue, options->queue_max);
	s->queue.on_drop = on_drop;
	s->queue.userdata = s;
	flight_window_init(&s->window, WINDOW_MAX);
	token_bucket_init(&s->bucket, NOTICES_PER_SECOND, NOTICES_BURST, now_usec(CLOCK_MONOTONIC));
	s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	*ret = s;
	return 0;
}

void snmp_gone(struct snmp *s, uint32_t sequence)
{
	if (s->options.gone)
		s->options.gone(s->options.userdata, sequence);
}

static int wait_for_start(struct snmp *s)
{
	int r;

	pthread_mutex_lock(&s->lock);
	while (!s->started)
		pthread_cond_wait(&s->changed, &s->lock);
	r = s->start_result;
	pthread_mutex_unlock(&s->lock);
	return r;
}

int snmp_start(const struct snmp_options *options, struct registry *registry, struct snmp **ret)
{
	_cleanup_(snmp_freep) struct snmp *s = NULL;
	int r;

	r = snmp_listen_environment(options);
	if (r < 0)
		return r;
	r = snmp_new(options, registry, &s);
	if (r < 0)
		return r;
	if (s->wake_fd < 0)
		return -errno;
	r = start_thread(s);
	if (r < 0)
		return r;
	r = wait_for_start(s);
	if (r < 0) {
		pthread_join(s->thread, NULL);
		return r;
	}
	*ret = TAKE_PTR(s);
	return 0;
}

static void wake(struct snmp *s)
{
	const uint64_t one = 1;

	/* Fails only when the counter is full, and then the thread is awake anyway. */
	while (write(s->wake_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

void snmp_notify(struct snmp *s, struct notice *n)
{
	assert(s && n);
	pthread_mutex_lock(&s->lock);
	if (notice_queue_push(&s->queue, n, now_usec(CLOCK_MONOTONIC)) < 0)
		log_error(ENOMEM, "Notification lost");
	pthread_mutex_unlock(&s->lock);
	wake(s);
}

void snmp_set_queue_max(struct snmp *s, size_t max)
{
	pthread_mutex_lock(&s->lock);
	notice_queue_set_max(&s->queue, max);
	pthread_mutex_unlock(&s->lock);
}

void snmp_stats(struct snmp *s, struct snmp_stats *ret)
{
	pthread_mutex_lock(&s->lock);
	*ret = (struct snmp_stats){
		.connected = s->connected,
		.connects = s->connects,
		.sent = s->queue.sent,
		.retried = s->queue.retried,
		.dropped = s->queue.dropped,
		.pending = (uint32_t)notice_queue_pending(&s->queue),
	};
	pthread_mutex_unlock(&s->lock);
}

bool snmp_stop(struct snmp *s, uint64_t grace_usec)
{
	struct timespec until;
	int r = 0;

	if (!s)
		return true;
	until = timespec_of(now_usec(CLOCK_MONOTONIC) + grace_usec);
	pthread_mutex_lock(&s->lock);
	while (r == 0 && notice_queue_pending(&s->queue) > 0)
		r = pthread_cond_timedwait(&s->changed, &s->lock, &until);
	pthread_mutex_unlock(&s->lock);
	atomic_store(&s->stop, true);
	wake(s);
	if (!thread_join(s->thread, JOIN_USEC)) {
		pthread_detach(s->thread);
		log_notice("The SNMP thread hangs in a call to the AgentX master; left behind");
		return false; /* with all it may still use */
	}
	snmp_free(s);
	return true;
}
