/* SPDX-License-Identifier: ISC */
/* One run of a program that fetches evidence. */
#include "probes/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "common/text.h"
#include "common/util.h"

enum {
	OUTPUT_STEP = 4096,
	COMPLAINT_OCTETS = 512, /* of standard error */
};

#define KILL_GRACE_USEC (2 * USEC_PER_SEC) /* for a killed process to be gone */

struct stream {
	int fd;
	sd_event_source *source;
	char *bytes;
	size_t len, size, max;
};

struct helper {
	pid_t pid;
	helper_done done; /* NULL when it was called, or the run was given up */
	void *userdata;
	sd_event_source *child, *timer;
	struct stream output, complaint;
	bool timed_out, too_long, stuck;
};

/* Processes that were killed and are still there. Each process has one loop that runs helpers. */
static unsigned n_stuck;

int helper_prepare(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	return -pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/* ------------------------------------------------------------------ its end */

static void stream_done(struct stream *s)
{
	s->source = sd_event_source_disable_unref(s->source);
	closep(&s->fd);
	free(s->bytes);
	*s = (struct stream){ .fd = -1 };
}

/* Called by the event loop when it lets go of the process. */
static void free_helper(void *userdata)
{
	struct helper *h = userdata;

	n_stuck -= h->stuck;
	stream_done(&h->output);
	stream_done(&h->complaint);
	sd_event_source_disable_unref(h->timer);
	free(h);
}

static void describe(struct helper *h, int code, int status, char *buffer)
{
	char first[COMPLAINT_OCTETS + 1];
	size_t len = h->complaint.len;
	const char *line = h->complaint.bytes ? h->complaint.bytes : "";
	const char *end = memchr(line, '\n', len);

	text_escape(first, sizeof(first), line, end ? (size_t)(end - line) : len);
	if (h->too_long)
		snprintf(buffer, HELPER_COMPLAINT_MAX + 1, "it answers with more than %zu octets",
			h->output.max);
	else if (h->timed_out)
		snprintf(buffer, HELPER_COMPLAINT_MAX + 1, "no answer in time");
	else if (*first)
		snprintf(buffer, HELPER_COMPLAINT_MAX + 1, "%.*s", HELPER_COMPLAINT_MAX, first);
	else if (code == CLD_EXITED)
		snprintf(buffer, HELPER_COMPLAINT_MAX + 1, "the program ended with status %d",
			status);
	else
		snprintf(buffer, HELPER_COMPLAINT_MAX + 1, "the program was killed by signal %d",
			status);
}

/* Tells how it ended, once. CODE and STATUS are those of siginfo_t. */
static void tell(struct helper *h, int code, int status)
{
	helper_done done = h->done;
	struct helper_result result = {
		.answered = code == CLD_EXITED && status == 0 && !h->too_long && !h->timed_out,
		.timed_out = h->timed_out,
		.output = h->output.bytes ? h->output.bytes : "",
		.len = h->output.len,
	};

	if (!done)
		return;
	h->done = NULL;
	if (!result.answered)
		describe(h, code, status, result.complaint);
	done(h->userdata, &result);
}

static void kill_it(struct helper *h)
{
	sd_event_source_send_child_signal(h->child, SIGKILL, NULL, 0);
}

/* ------------------------------------------------------------------ what it says */

static bool make_room(struct stream *s)
{
	size_t size = s->size ? 2 * s->size : OUTPUT_STEP;
	char *bytes;

	if (s->len < s->size)
		return true;
	if (size > s->max + 1)
		size = s->max + 1;
	bytes = realloc(s->bytes, size);
	if (!bytes)
		return false;
	s->bytes = bytes;
	s->size = size;
	return true;
}

/* Reads what is there. Returns false at the end of the stream, when there is no memory, and when
 * more comes than is wanted. */
static bool read_some(struct stream *s)
{
	while (s->len <= s->max && make_room(s)) {
		ssize_t n = read(s->fd, s->bytes + s->len, s->size - s->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 && errno == EAGAIN;
		s->len += (size_t)n;
	}
	return false;
}

static int on_output(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct helper *h = userdata;

	if (read_some(&h->output))
		return 0;
	sd_event_source_set_enabled(source, SD_EVENT_OFF);
	if (h->output.len > h->output.max) {
		h->too_long = true;
		kill_it(h);
	}
	return 0;
}

static int on_complaint(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct helper *h = userdata;

	if (!read_some(&h->complaint))
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
	return 0;
}

static int on_exit_of_child(sd_event_source *source, const siginfo_t *info, void *userdata)
{
	struct helper *h = userdata;

	if (sd_event_source_get_floating(source)) {          /* it was given up */
		sd_event_source_set_floating(source, false); /* frees H after this call */
		return 0;
	}
	read_some(&h->output);
	read_some(&h->complaint);
	h->too_long |= h->output.len > h->output.max;
	tell(h, info->si_code, info->si_status);
	sd_event_source_disable_unref(h->child); /* frees H after this call */
	return 0;
}

/* Leaves H to the loop, which reaps it if it lives so long: a process that cannot be killed is not
 * waited for. */
static void abandon(struct helper *h)
{
	stream_done(&h->output);
	stream_done(&h->complaint);
	h->timer = sd_event_source_disable_unref(h->timer);
	sd_event_source_set_floating(h->child, true);
	sd_event_source_unref(h->child);
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct helper *h = userdata;

	if (!h->timed_out) {
		h->timed_out = true;
		kill_it(h);
		if (sd_event_source_set_time_relative(source, KILL_GRACE_USEC) >= 0 &&
			sd_event_source_set_enabled(source, SD_EVENT_ONESHOT) >= 0)
			return 0;
	}
	h->stuck = true;
	n_stuck++;
	tell(h, CLD_KILLED, SIGKILL);
	abandon(h);
	return 0;
}

/* ------------------------------------------------------------------ its beginning */

/* Beside the executable that runs, as in a build folder, or where programs are installed. */
static void find_program(const char *name, char path[PATH_MAX])
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (*name == '/') {
		snprintf(path, PATH_MAX, "%s", name);
		return;
	}
	if (len > 0) {
		self[len] = '\0';
		slash = strrchr(self, '/');
		snprintf(path, PATH_MAX, "%.*s/%s", (int)(slash - self), self, name);
		if (access(path, X_OK) == 0)
			return;
	}
	snprintf(path, PATH_MAX, "%s/%s", PKGLIBEXECDIR, name);
}

/* The request as a file that cannot block: a pipe might. */
static int make_input(const char *request, size_t len)
{
	int fd = memfd_create("request", MFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	while (len > 0) {
		ssize_t n = write(fd, request, len);

		if (n < 0 && errno != EINTR) {
			n = -errno;
			close(fd);
			return (int)n;
		}
		if (n > 0) {
			request += n;
			len -= (size_t)n;
		}
	}
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static int spawn(const char *path, int input, int output, int complaint, pid_t *ret)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	char *argv[] = { (char *)(uintptr_t)path, NULL };
	int r;

	sigemptyset(&none);
	sigfillset(&all);
	r = posix_spawn_file_actions_init(&actions);
	if (r != 0)
		return -r;
	r = posix_spawnattr_init(&attributes);
	if (r == 0) {
		posix_spawnattr_setflags(
			&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
		posix_spawnattr_setsigmask(&attributes, &none);
		posix_spawnattr_setsigdefault(&attributes, &all);
		if ((r = posix_spawn_file_actions_adddup2(&actions, input, 0)) == 0 &&
			(r = posix_spawn_file_actions_adddup2(&actions, output, 1)) == 0 &&
			(r = posix_spawn_file_actions_adddup2(&actions, complaint, 2)) == 0 &&
			(r = posix_spawn_file_actions_addclosefrom_np(&actions, 3)) == 0)
			r = posix_spawn(ret, path, &actions, &attributes, argv, environ);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

/* A pipe whose end that we read does not block. */
static int make_pipe(int *ret_read, int *ret_write)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	*ret_read = fds[0];
	*ret_write = fds[1];
	return fcntl(fds[0], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static int start(struct helper *h, const char *program, const char *request, size_t len)
{
	_cleanup_(closep) int input = -1, output = -1, complaint = -1;
	char path[PATH_MAX];
	int r;

	find_program(program, path);
	input = make_input(request, len);
	if (input < 0)
		return input;
	r = make_pipe(&h->output.fd, &output);
	if (r >= 0)
		r = make_pipe(&h->complaint.fd, &complaint);
	if (r < 0)
		return r;
	return spawn(path, input, output, complaint, &h->pid);
}

/* The sources of a process that runs. */
static int watch(struct helper *h, sd_event *event, uint64_t limit_usec)
{
	int r;

	if ((r = sd_event_add_io(event, &h->output.source, h->output.fd, EPOLLIN, on_output, h)) <
			0 ||
		(r = sd_event_add_io(event, &h->complaint.source, h->complaint.fd, EPOLLIN,
			 on_complaint, h)) < 0 ||
		(r = sd_event_add_time_relative(
			 event, &h->timer, CLOCK_MONOTONIC, limit_usec, 0, on_time, h)) < 0)
		return r;
	r = sd_event_add_child(event, &h->child, h->pid, WEXITED, on_exit_of_child, h);
	if (r < 0)
		return r;
	return sd_event_source_set_destroy_callback(h->child, free_helper);
}

int helper_start(sd_event *event, const char *program, const char *request, size_t len,
	uint64_t limit_usec, size_t output_max, helper_done done, void *userdata,
	struct helper **ret)
{
	struct helper *h;
	int r;

	if (n_stuck >= HELPERS_STUCK_MAX)
		return -EBUSY;
	h = calloc(1, sizeof(*h));
	if (!h)
		return -ENOMEM;
	h->output = (struct stream){ .fd = -1, .max = output_max };
	h->complaint = (struct stream){ .fd = -1, .max = COMPLAINT_OCTETS };
	h->done = done;
	h->userdata = userdata;
	r = start(h, program, request, len);
	if (r >= 0) {
		r = watch(h, event, limit_usec);
		if (r < 0) {
			kill(h->pid, SIGKILL);
			waitpid(h->pid, NULL, 0);
		}
	}
	if (r < 0) {
		sd_event_source_disable_unref(h->child);
		free_helper(h);
		return r;
	}
	*ret = h;
	return 0;
}

struct helper *helper_end(struct helper *h)
{
	if (!h)
		return NULL;
	h->done = NULL;
	kill_it(h);
	abandon(h);
	return NULL;
}
