/* SPDX-License-Identifier: ISC */
/* A process that reads one request, gives one answer, and has little else in its power. */
#include "probes/confine.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "common/util.h"

enum {
	REQUEST_TIME_MS = 5000, /* in which the request has to come */
	KILL_AFTER_S = 5,       /* after the time limit, should our own handler hang */
	FILE_SIZE_MAX = 65536,  /* octets of any file we write */
	FILES_MAX = 64,         /* open at once */
	COMPLAINT_SIZE = 512,
};

static const char *program = "";

/* The answer as far as it is known, ready to be written by a signal handler: the one that counts
 * is answers[latest]. */
static struct {
	char text[CONFINE_ANSWER_MAX];
	size_t len; /* 0 = none yet */
} answers[2];
static atomic_int latest;
static int answer_fd = STDOUT_FILENO;
static volatile sig_atomic_t asked; /* the request is complete */

static bool write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	return true;
}

void confine_begin(const char *name)
{
	program = name;
}

void confine_fail(int code, const char *format, ...)
{
	char text[COMPLAINT_SIZE];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	dprintf(STDERR_FILENO, "%s: %s\n", program, text);
	_exit(code);
}

/* ------------------------------------------------------------------ confinement */

static void limit(__rlimit_resource_t resource, rlim_t value)
{
	struct rlimit l;

	if (getrlimit(resource, &l) < 0)
		confine_fail(EX_SOFTWARE, "cannot limit itself: %s", strerror(errno));
	l.rlim_cur = value < l.rlim_cur ? value : l.rlim_cur;
	if (setrlimit(resource, &(struct rlimit){ l.rlim_cur, l.rlim_cur }) < 0 &&
		setrlimit(resource, &l) < 0)
		confine_fail(EX_SOFTWARE, "cannot limit itself: %s", strerror(errno));
}

/* Address space in use now, in octets. */
static rlim_t memory_used(void)
{
	unsigned long pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f && fscanf(f, "%lu", &pages) != 1)
		pages = 0;
	if (f)
		fclose(f);
	return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

/* The environment goes, as libraries would follow it: LIBSMB_PROG names a program to run,
 * http_proxy another host, SSLKEYLOGFILE a file for the keys. */
char *confine_process(size_t memory, bool threads)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char *copy = folder ? strdup(folder) : NULL;
	rlim_t used = memory_used();
	int null;

	if ((folder && !copy) || clearenv() != 0)
		confine_fail(EX_SOFTWARE, "no memory");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		confine_fail(EX_SOFTWARE, "cannot confine itself: %s", strerror(errno));
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, FILE_SIZE_MAX);
	limit(RLIMIT_NOFILE, FILES_MAX);
	if (!threads)
		limit(RLIMIT_NPROC, 0);
	if (used > 0)
		limit(RLIMIT_AS, used + memory);
	umask(0077);
	signal(SIGPIPE, SIG_IGN);
	close_range(STDERR_FILENO + 1, ~0U, 0);
	/* What a library prints must not get into the answer. */
	answer_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (answer_fd < 0 || null < 0 || dup2(null, STDOUT_FILENO) < 0)
		confine_fail(EX_SOFTWARE, "standard output is not open: %s", strerror(errno));
	close(null);
	return copy;
}

/* After this even root is nobody special. A process without any does not ask: the daemon's service
 * lets nobody call capset(2). */
void confine_drop_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 }, has[ARRAY_SIZE(none)];

	if (syscall(SYS_capget, &header, has) == 0 && memcmp(has, none, sizeof(none)) == 0)
		return;
	if (syscall(SYS_capset, &header, none) < 0)
		confine_fail(EX_SOFTWARE, "cannot drop its capabilities: %s", strerror(errno));
}

/* ------------------------------------------------------------------ request and answer */

_Noreturn static void finish(const char *contents, size_t len)
{
	int i = atomic_load(&latest);
	bool done = answers[i].len > 0 && write_all(answer_fd, answers[i].text, answers[i].len) &&
		write_all(answer_fd, contents, len);

	_exit(done ? EX_OK : EX_SOFTWARE);
}

static void on_time_up(int number)
{
	static const char late[] = ": no request came within 5 s\n";

	if (asked)
		finish("", 0);
	write_all(STDERR_FILENO, program, strlen(program));
	write_all(STDERR_FILENO, late, sizeof(late) - 1);
	_exit(EX_USAGE);
}

/* Starts or restarts the clock. Its signal goes to this thread alone: a library's other threads
 * must not write an answer beside it. A default SIGALRM is the second line. */
static void start_timer(uint32_t limit_ms)
{
	static timer_t timer;
	static bool made;
	struct itimerspec when = { .it_value = { .tv_sec = limit_ms / 1000,
					   .tv_nsec = (long)(limit_ms % 1000) * 1000000 } };
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN };
	struct sigaction action = { .sa_handler = on_time_up };
	sigset_t set;

	event._sigev_un._tid = gettid(); /* glibc has a name for it since 2.38 only */
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigaddset(&set, SIGALRM);
	signal(SIGALRM, SIG_DFL);
	if (sigaction(SIGRTMIN, &action, NULL) < 0 || sigprocmask(SIG_UNBLOCK, &set, NULL) < 0 ||
		(!made && timer_create(CLOCK_MONOTONIC, &event, &timer) < 0) ||
		timer_settime(timer, 0, &when, NULL) < 0)
		confine_fail(EX_SOFTWARE, "no timer: %s", strerror(errno));
	made = true;
	alarm(limit_ms / 1000 + 1 + KILL_AFTER_S);
}

size_t confine_read_request(char *buffer, size_t size)
{
	size_t len = 0;
	ssize_t n;

	assert(buffer && size > 1);
	start_timer(REQUEST_TIME_MS);
	do {
		n = read(STDIN_FILENO, buffer + len, size - len);
		if (n < 0 && errno != EINTR)
			confine_fail(EX_USAGE, "cannot read the request: %s", strerror(errno));
		len += n > 0 ? (size_t)n : 0;
	} while (n != 0 && len < size);
	if (len == size)
		confine_fail(
			EX_USAGE, "bad request: the request is longer than %zu octets", size - 1);
	buffer[len] = '\0';
	return len;
}

void confine_start_clock(uint32_t limit_ms)
{
	asked = 1;
	start_timer(limit_ms);
}

void confine_keep_answer(const char *text, size_t len)
{
	int next = !atomic_load(&latest);

	assert(text && len > 0 && len <= CONFINE_ANSWER_MAX);
	memcpy(answers[next].text, text, len);
	answers[next].len = len;
	atomic_store(&latest, next);
}

/* The alarm stays: who does not read the answer must not keep us. */
void confine_stop_clock(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

void confine_finish(const char *contents, size_t len)
{
	confine_stop_clock();
	finish(contents ? contents : "", len);
}
