/* SPDX-License-Identifier: ISC */
/* /metrics by HTTP: the socket, the thread, and what is answered. */
#include "agent/metrics_server.h"

#include <errno.h>
#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "agent/metrics.h"
#include "agent/metrics_address.h"
#include "common/log.h"
#include "common/text.h"
#include "common/util.h"

enum {
	VISITORS_MAX = 8, /* at once; others wait in the backlog */
	BACKLOG = 16,
	IDLE_S = 10,           /* nothing is heard or taken for so long */
	MEMORY_MAX = 32 << 10, /* octets of a connection: its request, and what is being sent */
	SOCKET_MODE = 0660,
	RETRY_MS = 200,
};
#define LIMIT_HIT "Hit process or system resource limit" /* libmicrohttpd's words */
/* A connection in all: one that sends an octet now and then is never idle. */
#define VISIT_USEC (60 * USEC_PER_SEC)

struct metrics_server {
	char *listen;
	struct metrics_address address;
	struct registry *registry; /* borrowed */
	int fd, wake_fd;
	struct MHD_Daemon *http;
	pthread_t thread;
	bool bound, running;
	atomic_bool stop;
	/* the thread's own */
	struct visitor {
		struct MHD_Connection *connection; /* NULL: nobody */
		uint64_t since_usec;
	} visitors[VISITORS_MAX];
	bool left;    /* somebody has, since the library had its latest turn */
	bool starved; /* there was no descriptor for one who asks: it is told once */
	bool retry;   /* not at once, for this reason */
};

/* ------------------------------------------------------------------ answers */

static ssize_t read_text(void *userdata, uint64_t position, char *buffer, size_t max)
{
	size_t len = metrics_text_read(userdata, buffer, max);

	return len > 0 ? (ssize_t)len : MHD_CONTENT_READER_END_OF_STREAM;
}

static void free_text(void *userdata)
{
	metrics_text_free(userdata);
}

static struct MHD_Response *metrics_response(
	const struct metrics_server *s, struct MHD_Connection *connection)
{
	const char *accept =
		MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
	enum metrics_format format = metrics_accept(accept);
	struct metrics_text *text;
	struct MHD_Response *response;

	if (metrics_text_new(s->registry, format, &text) < 0)
		return NULL;
	response = MHD_create_response_from_callback(
		MHD_SIZE_UNKNOWN, MEMORY_MAX, read_text, text, free_text);
	if (!response) {
		metrics_text_free(text);
		return NULL;
	}
	MHD_add_response_header(
		response, MHD_HTTP_HEADER_CONTENT_TYPE, metrics_content_type(format));
	MHD_add_response_header(response, MHD_HTTP_HEADER_VARY, MHD_HTTP_HEADER_ACCEPT);
	return response;
}

static struct MHD_Response *page(const char *type, const char *text)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);

	if (response)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	return response;
}

static struct MHD_Response *answer_to(const struct metrics_server *s,
	struct MHD_Connection *connection, const char *path, const char *method,
	unsigned *ret_status)
{
	struct MHD_Response *response;

	*ret_status = MHD_HTTP_OK;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0) {
		*ret_status = MHD_HTTP_METHOD_NOT_ALLOWED;
		response = page("text/plain", "Only GET and HEAD are known here.\n");
		if (response)
			MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
		return response;
	}
	if (strcmp(path, "/metrics") == 0)
		return metrics_response(s, connection);
	if (strcmp(path, "/") == 0)
		return page("text/html",
			"<!DOCTYPE html><html lang=\"en\"><title>ftphealthd</title>"
			"<p>" PACKAGE_STRING ": <a href=\"/metrics\">metrics</a></html>\n");
	*ret_status = MHD_HTTP_NOT_FOUND;
	return page("text/plain", "There is nothing here but /metrics.\n");
}

static enum MHD_Result on_request(void *userdata, struct MHD_Connection *connection,
	const char *path, const char *method, const char *version, const char *upload,
	size_t *upload_len, void **request)
{
	enum MHD_Result result;
	unsigned status;
	struct MHD_Response *response = answer_to(userdata, connection, path, method, &status);

	if (!response)
		return MHD_NO; /* no memory: the connection is closed */
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

/* ------------------------------------------------------------------ visitors */

static void on_connection(void *userdata, struct MHD_Connection *connection, void **context,
	enum MHD_ConnectionNotificationCode code)
{
	struct metrics_server *s = userdata;
	bool comes = code == MHD_CONNECTION_NOTIFY_STARTED;

	for (struct visitor *v = s->visitors; v < s->visitors + VISITORS_MAX; v++) {
		if (v->connection != (comes ? NULL : connection))
			continue;
		v->connection = comes ? connection : NULL;
		v->since_usec = now_usec(CLOCK_MONOTONIC);
		break;
	}
	s->left |= !comes;
	s->starved &= !comes;
}

/* Shows those the door who are here for too long. Returns when to look again. */
static uint64_t end_visits(struct metrics_server *s, uint64_t now)
{
	uint64_t next = USEC_INFINITY;

	for (struct visitor *v = s->visitors; v < s->visitors + VISITORS_MAX; v++) {
		uint64_t end = v->since_usec + VISIT_USEC;

		if (!v->connection)
			continue;
		if (end > now) {
			next = end < next ? end : next;
			continue;
		}
		/* The library sees the end of the connection, and does the rest. */
		shutdown(MHD_get_connection_info(v->connection, MHD_CONNECTION_INFO_CONNECTION_FD)
				 ->connect_fd,
			SHUT_RDWR);
		v->since_usec = now;
	}
	return next;
}

/* ------------------------------------------------------------------ the thread */

/* Milliseconds until there is something to do without anybody's word; -1 = never. */
static int patience(struct metrics_server *s)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC), next = end_visits(s, now), ms = UINT64_MAX;
	MHD_UNSIGNED_LONG_LONG library_ms;

	/* A full house is closed; the library opens the door again at the turn after. */
	if (s->left)
		return 0;
	if (next != USEC_INFINITY)
		ms = (next - now) / USEC_PER_MSEC + 1;
	if (MHD_get_timeout(s->http, &library_ms) == MHD_YES && library_ms < ms)
		ms = library_ms;
	return ms > INT32_MAX ? -1 : (int)ms;
}

static void *run(void *userdata)
{
	struct metrics_server *s = userdata;
	struct pollfd fds[] = {
		{ .fd = MHD_get_daemon_info(s->http, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd,
			.events = POLLIN },
		{ .fd = s->wake_fd, .events = POLLIN },
	};

	pthread_setname_np(pthread_self(), "metrics");
	while (!atomic_load(&s->stop)) {
		if (s->retry)
			poll(&fds[1], 1, RETRY_MS);
		else
			poll(fds, ARRAY_SIZE(fds), patience(s));
		s->left = s->retry = false;
		MHD_run(s->http);
	}
	return NULL;
}

static void on_log(void *userdata, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

/* What a client does wrong is worth a line to who looks for it, and no more: it could send a
 * thousand. Without a descriptor for the first of them the library "will try busy waiting". */
static void on_log(void *userdata, const char *format, va_list arguments)
{
	struct metrics_server *s = userdata;
	char line[256], clean[256];

	if (strncmp(format, LIMIT_HIT, strlen(LIMIT_HIT)) == 0) {
		s->retry = true;
		if (!s->starved)
			log_warning(0, "Nobody is served metrics while no more files may be open");
		s->starved = true;
	}
	if (!log_enabled(LOG_DEBUG))
		return;
	vsnprintf(line, sizeof(line), format, arguments);
	text_escape(clean, sizeof(clean), line, strcspn(line, "\n"));
	log_debug("libmicrohttpd: %s", clean);
}

/* ------------------------------------------------------------------ the socket */

/* What a daemon that was killed left behind is in the way; one that is served is not touched. */
static void remove_stale(const struct metrics_server *s)
{
	const char *path = ((const struct sockaddr_un *)&s->address.room)->sun_path;
	_cleanup_(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat st;

	if (fd < 0 || lstat(path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return;
	if (connect(fd, &s->address.any, s->address.len) < 0 && errno == ECONNREFUSED)
		unlink(path);
}

/* Whoever is in our group may ask, whatever the umask. */
static int open_to_group(const struct metrics_server *s)
{
	const char *path = ((const struct sockaddr_un *)&s->address.room)->sun_path;

	return s->address.any.sa_family == AF_UNIX ? chmod(path, SOCKET_MODE) : 0;
}

static int listen_at(struct metrics_server *s)
{
	int family = s->address.any.sa_family, one = 1;

	s->fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd < 0)
		return -errno;
	if (family == AF_UNIX)
		remove_stale(s);
	else
		setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(s->fd, &s->address.any, s->address.len) < 0)
		return -errno;
	s->bound = true;
	if (open_to_group(s) < 0 || listen(s->fd, BACKLOG) < 0)
		return -errno;
	return 0;
}

/* ------------------------------------------------------------------ start and end */

DEFINE_CLEANUP(struct metrics_server *, metrics_server_free)

static int start_http(struct metrics_server *s)
{
	/* epoll: probes may hold more descriptors than select() knows. */
	s->http = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request, s,
		MHD_OPTION_EXTERNAL_LOGGER, on_log, s, MHD_OPTION_LISTEN_SOCKET, s->fd,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)VISITORS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_MAX,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, s, MHD_OPTION_END);
	return s->http ? 0 : -ENOMEM;
}

static int start(const char *listen, struct registry *r, struct metrics_server **ret)
{
	_cleanup_(metrics_server_freep) struct metrics_server *s = calloc(1, sizeof(*s));
	int e;

	if (!s)
		return -ENOMEM;
	s->fd = s->wake_fd = -1;
	s->registry = r;
	s->listen = strdup(listen);
	if (!s->listen)
		return -ENOMEM;
	if (!metrics_address_parse(listen, &s->address))
		return -EINVAL;
	e = listen_at(s);
	if (e >= 0)
		e = start_http(s);
	if (e < 0)
		return e;
	s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->wake_fd < 0)
		return -errno;
	/* It inherits the mask of the main thread, which takes all signals. */
	e = pthread_create(&s->thread, NULL, run, s);
	if (e != 0)
		return -e;
	s->running = true;
	*ret = TAKE_PTR(s);
	return 0;
}

int metrics_server_set(struct metrics_server **server, const char *listen, struct registry *r)
{
	int e;

	if (*server && listen && strcmp((*server)->listen, listen) == 0)
		return 0;
	*server = metrics_server_free(*server);
	if (!listen)
		return 0;
	e = start(listen, r, server);
	if (e < 0)
		return log_error(e, "Cannot serve metrics at %s", listen);
	log_notice("Serving metrics at %s", listen);
	return 0;
}

struct metrics_server *metrics_server_free(struct metrics_server *s)
{
	const uint64_t one = 1;

	if (!s)
		return NULL;
	atomic_store(&s->stop, true);
	if (s->running) {
		if (write(s->wake_fd, &one, sizeof(one)) < 0)
			shutdown(s->fd, SHUT_RDWR); /* the end of its listening wakes it, too */
		pthread_join(s->thread, NULL);
	}
	if (s->http)
		MHD_stop_daemon(s->http); /* closes the socket */
	else if (s->fd >= 0)
		close(s->fd);
	if (s->bound && s->address.any.sa_family == AF_UNIX)
		unlink(((const struct sockaddr_un *)&s->address.room)->sun_path);
	if (s->wake_fd >= 0)
		close(s->wake_fd);
	free(s->listen);
	free(s);
	return NULL;
}
