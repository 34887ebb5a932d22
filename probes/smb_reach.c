/* SPDX-License-Identifier: ISC */
/* Whether anything listens on the ports of SMB. */
#include "probes/smb_reach.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "common/util.h"

enum { CONNECTIONS_MAX = 16 };

/* The connections under way: the first that is up proves that the server is there. */
struct attempts {
	struct pollfd fds[CONNECTIONS_MAX];
	nfds_t n;
	bool up;   /* one is */
	int error; /* errno of the latest that failed */
};

/* Starts one, if there is room. */
static void attempt_start(struct attempts *t, const struct addrinfo *address, uint16_t port)
{
	struct sockaddr_storage to;
	_cleanup_(closep) int fd = -1;

	if (t->up || t->n == CONNECTIONS_MAX || address->ai_addrlen > sizeof(to))
		return;
	memcpy(&to, address->ai_addr, address->ai_addrlen);
	if (to.ss_family == AF_INET6)
		((struct sockaddr_in6 *)(void *)&to)->sin6_port = htons(port);
	else
		((struct sockaddr_in *)(void *)&to)->sin_port = htons(port);
	fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, address->ai_addrlen) == 0) {
		t->up = true;
	} else if (fd >= 0 && errno == EINPROGRESS) {
		t->fds[t->n++] = (struct pollfd){ .fd = fd, .events = POLLOUT };
		fd = -1;
	} else {
		t->error = errno;
	}
}

/* Waits until one is up or none is left. */
static void attempts_wait(struct attempts *t)
{
	for (nfds_t left = t->n; left > 0 && !t->up;) {
		if (poll(t->fds, t->n, -1) < 0 && errno != EINTR) {
			t->error = errno;
			break;
		}
		for (nfds_t i = 0; i < t->n; i++) {
			struct pollfd *p = &t->fds[i];
			socklen_t size = sizeof(t->error);

			if (p->fd < 0 || !p->revents)
				continue;
			getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &t->error, &size);
			t->up |= t->error == 0;
			close(p->fd);
			p->fd = -1;
			left--;
		}
	}
	for (nfds_t i = 0; i < t->n; i++)
		closep(&t->fds[i].fd);
}

int smb_reach(const char *host, uint16_t port, char why[FETCH_WHY_SIZE])
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
	struct attempts attempts = { .n = 0 };
	char ports[32] = "ports 445 and 139";
	int error;

	assert(host && why);
	error = getaddrinfo(host, NULL, &hints, &list);
	if (error) {
		snprintf(why, FETCH_WHY_SIZE, "no address: %s",
			error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error));
		return -EHOSTUNREACH;
	}
	for (const struct addrinfo *i = list; i; i = i->ai_next) {
		if (i->ai_family != AF_INET && i->ai_family != AF_INET6)
			continue;
		attempt_start(&attempts, i, port ? port : 445);
		if (port == 0)
			attempt_start(&attempts, i, 139);
	}
	freeaddrinfo(list);
	attempts_wait(&attempts);
	if (attempts.up)
		return 0;
	if (port)
		snprintf(ports, sizeof(ports), "port %u", (unsigned)port);
	snprintf(why, FETCH_WHY_SIZE, "%s: %s", ports, strerror(attempts.error));
	return -EHOSTUNREACH;
}
