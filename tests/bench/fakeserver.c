/* SPDX-License-Identifier: ISC */
/*
 * An FTP server for benchmarks: any number of connections on one epoll, the dialogue of IIS 4, and
 * ports that misbehave. It listens on all of 127.0.0.0/8, so that each target has an address.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/util.h"

enum {
	EVENTS_AT_ONCE = 512,
	LINE_SIZE = 512,
	PORTS_MAX = 64,
};

enum manner {
	GOOD,
	REFUSE,      /* 530 to PASS */
	HOLD,        /* the 530 comes to all at once, on SIGUSR1; 230 from then on is never said */
	HANG_BANNER, /* says nothing at all */
	HANG_USER,
	HANG_PASS,
	HANG_QUIT,
	DROP, /* SYN is never answered: the queue of the listener is full */
	MANNERS,
};

static const char *const manner_names[MANNERS] = {
	[GOOD] = "good",
	[REFUSE] = "refuse",
	[HOLD] = "hold",
	[HANG_BANNER] = "hang-banner",
	[HANG_USER] = "hang-user",
	[HANG_PASS] = "hang-pass",
	[HANG_QUIT] = "hang-quit",
	[DROP] = "drop",
};

#define BANNER "220 fake Microsoft FTP Service (Version 4.0).\r\n"
#define USER "331 Anonymous access allowed, send identity (e-mail name) as password.\r\n"
#define PASS "230 Anonymous user logged in.\r\n"
#define REFUSED "530 User anonymous cannot log in.\r\n"
#define QUIT "221 \r\n"

/* A listener or a connection; which of them, says `listening`. */
struct peer {
	bool listening, held, closing;
	enum manner manner;
	int fd;
	const char *reply; /* waits for its time, or NULL */
	uint64_t reply_usec;
	struct peer *next, *held_next, *held_previous;
	size_t len;
	char line[LINE_SIZE];
};

/* A start as the server sees it. */
struct start {
	uint64_t usec; /* CLOCK_MONOTONIC */
	uint32_t address;
	uint16_t port;
};

static int epoll_fd;
static struct peer listeners[PORTS_MAX];
static size_t n_listeners;
static uint64_t delay_usec;
static struct peer *first_reply, **last_reply = &first_reply; /* all have the same delay */
static struct peer *held;
static bool released;
static const char *log_path;
static struct start *starts;
static size_t n_starts, starts_size;
static uint64_t accepted, logins, refusals;

static void fatal(const char *what)
{
	fprintf(stderr, "fakeserver: %s: %s\n", what, strerror(errno));
	exit(EX_OSERR);
}

/* ------------------------------------------------------------------ replies */

static void hold(struct peer *p)
{
	p->held = true;
	p->held_previous = NULL;
	p->held_next = held;
	if (held)
		held->held_previous = p;
	held = p;
}

static void unhold(struct peer *p)
{
	if (p->held_previous)
		p->held_previous->held_next = p->held_next;
	else
		held = p->held_next;
	if (p->held_next)
		p->held_next->held_previous = p->held_previous;
	p->held = false;
}

static void drop_peer(struct peer *p)
{
	if (p->held)
		unhold(p);
	close(p->fd);
	p->fd = -1;
	p->closing = true;
	if (!p->reply) /* else it is in the queue of replies, which frees it */
		free(p);
}

/* Sends at once; a QUIT's answer is the last word. Returns false when P is gone. */
static bool send_now(struct peer *p, const char *text)
{
	bool last = strcmp(text, QUIT) == 0;

	if (send(p->fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT) < 0 || last) {
		drop_peer(p);
		return false;
	}
	return true;
}

static bool reply(struct peer *p, const char *text)
{
	if (delay_usec == 0)
		return send_now(p, text);
	if (p->reply) /* a client that does not wait for answers gets one answer */
		return true;
	p->reply = text;
	p->reply_usec = now_usec(CLOCK_MONOTONIC) + delay_usec;
	p->next = NULL;
	*last_reply = p;
	last_reply = &p->next;
	return true;
}

/* Sends what is due; returns the time to wait for the next one, in ms, or -1. */
static int send_due(void)
{
	while (first_reply) {
		struct peer *p = first_reply;
		uint64_t now = now_usec(CLOCK_MONOTONIC);
		const char *text = p->reply;

		if (p->reply_usec > now)
			return (int)((p->reply_usec - now + USEC_PER_MSEC - 1) / USEC_PER_MSEC);
		first_reply = p->next;
		if (!first_reply)
			last_reply = &first_reply;
		p->reply = NULL;
		if (p->closing)
			free(p);
		else
			send_now(p, text);
	}
	return -1;
}

static void release_held(void)
{
	struct peer *next;

	released = true;
	for (struct peer *p = held; p; p = next) {
		next = p->held_next;
		unhold(p);
		refusals++;
		send_now(p, REFUSED);
	}
	printf("released\n");
	fflush(stdout);
}

/* ------------------------------------------------------------------ connections */

static bool on_pass(struct peer *p)
{
	if (p->manner == HANG_PASS)
		return true;
	if (p->manner == HOLD && !released) {
		hold(p);
		return true;
	}
	if (p->manner == REFUSE || p->manner == HOLD) {
		refusals++;
		return reply(p, REFUSED);
	}
	logins++;
	return reply(p, PASS);
}

static bool on_line(struct peer *p, const char *line)
{
	if (strncasecmp(line, "USER", 4) == 0)
		return p->manner == HANG_USER || reply(p, USER);
	if (strncasecmp(line, "PASS", 4) == 0)
		return on_pass(p);
	if (strncasecmp(line, "QUIT", 4) == 0)
		return p->manner == HANG_QUIT || reply(p, QUIT);
	if (strncasecmp(line, "PWD", 3) == 0)
		return reply(p, "257 \"/\" is current directory.\r\n");
	return reply(p, "502 Command not implemented.\r\n");
}

static void on_readable(struct peer *p)
{
	ssize_t n = recv(p->fd, p->line + p->len, sizeof(p->line) - 1 - p->len, MSG_DONTWAIT);
	char *start = p->line, *end;

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		drop_peer(p);
		return;
	}
	p->len += (size_t)n;
	p->line[p->len] = '\0';
	while ((end = strchr(start, '\n'))) {
		if (!on_line(p, start))
			return;
		start = end + 1;
	}
	p->len -= (size_t)(start - p->line);
	memmove(p->line, start, p->len);
	if (p->len == sizeof(p->line) - 1)
		drop_peer(p);
}

static void note_start(int fd)
{
	struct sockaddr_in local;
	socklen_t len = sizeof(local);

	if (getsockname(fd, (struct sockaddr *)&local, &len) < 0)
		fatal("getsockname");
	if (n_starts == starts_size) {
		starts_size = starts_size ? 2 * starts_size : 65536;
		starts = realloc(starts, starts_size * sizeof(*starts));
		if (!starts)
			fatal("memory");
	}
	starts[n_starts++] = (struct start){ .usec = now_usec(CLOCK_MONOTONIC),
		.address = ntohl(local.sin_addr.s_addr),
		.port = ntohs(local.sin_port) };
}

static void watch(struct peer *p)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = p };

	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, p->fd, &event) < 0)
		fatal("epoll_ctl");
}

static void on_connection(const struct peer *listener)
{
	int fd;

	while ((fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
		struct peer *p = malloc(sizeof(*p));

		if (!p)
			fatal("memory");
		memset(p, 0, offsetof(struct peer, line));
		p->fd = fd;
		p->manner = listener->manner;
		accepted++;
		if (log_path)
			note_start(fd);
		watch(p);
		if (p->manner != HANG_BANNER)
			reply(p, BANNER);
	}
	if (errno != EAGAIN && errno != ECONNABORTED)
		fatal("accept");
}

/* ------------------------------------------------------------------ listeners */

/* With a queue of none, one connection that nobody accepts fills it: SYNs are dropped from then on.
 */
static void fill_queue(const struct sockaddr_in *any)
{
	struct sockaddr_in here = *any;

	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (int i = 0; i < 2; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

		if (fd < 0)
			fatal("socket");
		connect(fd, (const struct sockaddr *)&here, sizeof(here));
	}
}

static void listen_on(uint16_t port, enum manner manner)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct peer *p = &listeners[n_listeners++];
	int one = 1;

	p->listening = true;
	p->manner = manner;
	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (p->fd < 0)
		fatal("socket");
	setsockopt(p->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(p->fd, (const struct sockaddr *)&any, sizeof(any)) < 0 ||
		listen(p->fd, manner == DROP ? 0 : SOMAXCONN) < 0)
		fatal("bind");
	if (manner == DROP)
		fill_queue(&any);
	else
		watch(p);
}

static enum manner manner_of(const char *name)
{
	for (enum manner m = 0; m < MANNERS; m++)
		if (strcmp(manner_names[m], name) == 0)
			return m;
	fprintf(stderr, "fakeserver: %s: no such manner; there are", name);
	for (enum manner m = 0; m < MANNERS; m++)
		fprintf(stderr, " %s", manner_names[m]);
	fputc('\n', stderr);
	exit(EX_USAGE);
}

/* ------------------------------------------------------------------ the program */

static int watch_signals(struct peer *p)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	p->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (p->fd < 0)
		fatal("signalfd");
	watch(p);
	return p->fd;
}

/* Whether to go on. */
static bool on_signal(int fd)
{
	struct signalfd_siginfo info;

	while (read(fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGUSR1)
			return false;
		release_held();
	}
	return true;
}

static void run(void)
{
	static struct peer signals;
	int fd = watch_signals(&signals);

	for (;;) {
		struct epoll_event events[EVENTS_AT_ONCE];
		int n = epoll_wait(epoll_fd, events, EVENTS_AT_ONCE, send_due());

		for (int i = 0; i < n; i++) {
			struct peer *p = events[i].data.ptr;

			if (p == &signals) {
				if (!on_signal(fd))
					return;
			} else if (p->listening) {
				on_connection(p);
			} else {
				on_readable(p);
			}
		}
	}
}

static void write_log(void)
{
	FILE *f = fopen(log_path, "w");

	if (!f)
		fatal(log_path);
	for (size_t i = 0; i < n_starts; i++)
		fprintf(f, "%llu\t%u\t%u\n", (unsigned long long)starts[i].usec, starts[i].address,
			starts[i].port);
	if (fclose(f) != 0)
		fatal(log_path);
}

static int usage(void)
{
	fputs("usage: fakeserver [--delay MS] [--log FILE] PORT[:MANNER] ...\n", stderr);
	return EX_USAGE;
}

int main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "delay", required_argument, NULL, 'd' },
		{ "log", required_argument, NULL, 'l' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'd')
			delay_usec = strtoul(optarg, NULL, 10) * USEC_PER_MSEC;
		else if (c == 'l')
			log_path = optarg;
		else
			return usage();
	}
	if (optind == argc || argc - optind > PORTS_MAX)
		return usage();
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_fd < 0)
		fatal("epoll_create1");
	for (int i = optind; i < argc; i++) {
		const char *manner = strchr(argv[i], ':');

		listen_on((uint16_t)strtoul(argv[i], NULL, 10),
			manner ? manner_of(manner + 1) : GOOD);
	}
	printf("ready\n");
	fflush(stdout);
	run();
	if (log_path)
		write_log();
	printf("{\"accepted\": %llu, \"logins\": %llu, \"refusals\": %llu}\n",
		(unsigned long long)accepted, (unsigned long long)logins,
		(unsigned long long)refusals);
	return EX_OK;
}
