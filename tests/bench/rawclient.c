/* SPDX-License-Identifier: ISC */
/*
 * The physical limit: a login with nothing but the system calls that it takes (socket, connect,
 * epoll_ctl, recv, send, close), no limit on time, no look at the words.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/util.h"
#include "tests/bench/pace.h"

enum { EVENTS_AT_ONCE = 256 };

/* What is said when a reply with this first digit comes in this turn. */
static const struct {
	char digit;
	const char *say;
} dialogue[] = {
	{ '2', "USER anonymous\r\n" },
	{ '3', "PASS bench@example.net\r\n" },
	{ '2', "QUIT\r\n" },
	{ '2', NULL },
};

struct session {
	int fd;
	unsigned turn;
};

static int epoll_fd;

static void fatal(const char *what)
{
	fprintf(stderr, "rawclient: %s: %s\n", what, strerror(errno));
	exit(EX_OSERR);
}

static void start(struct pace *p)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(pace_port(p)),
		.sin_addr.s_addr = htonl(pace_address(p)) };
	struct session *s = calloc(1, sizeof(*s));
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = s };

	if (!s)
		fatal("memory");
	p->started++;
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd < 0)
		fatal("socket");
	if (connect(s->fd, (const struct sockaddr *)&to, sizeof(to)) < 0 && errno != EINPROGRESS)
		fatal("connect");
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, s->fd, &event) < 0)
		fatal("epoll_ctl");
}

/* Whether the session has ended, and how. */
static bool on_ready(struct session *s, bool *good)
{
	char buffer[4096];
	ssize_t n = recv(s->fd, buffer, sizeof(buffer), MSG_DONTWAIT);
	const char *say;

	if (n < 0 && errno == EAGAIN)
		return false;
	*good = false;
	if (n <= 0 || buffer[n - 1] != '\n' || buffer[0] != dialogue[s->turn].digit)
		return true;
	say = dialogue[s->turn++].say;
	*good = true;
	if (!say)
		return true;
	if (send(s->fd, say, strlen(say), MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
		return false;
	*good = false;
	return true;
}

/* How long to wait, in ms: until the next start of a paced run that may start one. */
static int time_to_wait(const struct pace *p)
{
	uint64_t now, next;

	if (p->per_minute == 0 || p->started == p->total ||
		p->started - p->finished >= p->in_flight)
		return -1;
	now = now_usec(CLOCK_MONOTONIC);
	next = pace_next_usec(p);
	return next <= now ? 0 : (int)((next - now + USEC_PER_MSEC - 1) / USEC_PER_MSEC);
}

static void run(struct pace *p)
{
	for (;;) {
		struct epoll_event events[EVENTS_AT_ONCE];
		int n;

		while (pace_wants(p))
			start(p);
		n = epoll_wait(epoll_fd, events, EVENTS_AT_ONCE, time_to_wait(p));
		for (int i = 0; i < n; i++) {
			struct session *s = events[i].data.ptr;
			bool good, last;

			if (!on_ready(s, &good))
				continue;
			close(s->fd);
			free(s);
			last = pace_finished(p, good);
			if (last)
				return;
		}
	}
}

int main(int argc, char *argv[])
{
	struct pace p;

	pace_options(&p, argc, argv);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_fd < 0)
		fatal("epoll_create1");
	run(&p);
	return pace_print(&p);
}
