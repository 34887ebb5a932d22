/* SPDX-License-Identifier: ISC */
/* ftphealth-smb: one question about files on an SMB server, in a process that can be given up. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "common/util.h"
#include "probes/smb_credentials.h"
#include "probes/smb_protocol.h"
#include "probes/smb_session.h"

enum {
	REQUEST_TIME_MS = 5000, /* in which the request has to come */
	KILL_AFTER_S = 5,       /* after the time limit, should our own handler hang */
	MEMORY_MAX = 256 << 20, /* octets of address space beyond what the libraries take */
	FILE_SIZE_MAX = 65536,  /* octets of any file we write */
	FILES_MAX = 64,         /* open at once */
};

static const char usage[] =
	"usage: ftphealth-smb <REQUEST >ANSWER\n"
	"Asks an SMB server for files; see ftphealth-smb(8). It takes no arguments.\n";

/* The answer as far as it is known, ready to be written by a signal handler: the one that counts
 * is answers[latest]. */
static struct {
	char text[SMB_ANSWER_MAX];
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

static void on_progress(const struct smb_answer *answer)
{
	int next = !atomic_load(&latest);
	int len = smb_answer_write(answer, answers[next].text);

	if (len <= 0)
		return; /* no memory: the one before still holds */
	answers[next].len = (size_t)len;
	atomic_store(&latest, next);
}

/* Writes what is known and ends. libsmbclient's and its libraries' handlers at exit have nothing to
 * add. */
_Noreturn static void finish(void)
{
	int i = atomic_load(&latest);
	bool done = answers[i].len > 0 && write_all(answer_fd, answers[i].text, answers[i].len);

	_exit(done ? EX_OK : EX_SOFTWARE);
}

static void on_time_up(int number)
{
	static const char late[] = "ftphealth-smb: no request came within 5 s\n";

	if (asked)
		finish();
	write_all(STDERR_FILENO, late, sizeof(late) - 1);
	_exit(EX_USAGE);
}

__attribute__((format(printf, 2, 3))) _Noreturn static void fail(int code, const char *format, ...)
{
	char text[2 * SMB_WHY_SIZE];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	dprintf(STDERR_FILENO, "ftphealth-smb: %s\n", text);
	_exit(code);
}

/* ------------------------------------------------------------------ confinement */

static void limit(__rlimit_resource_t resource, rlim_t value)
{
	struct rlimit l;

	if (getrlimit(resource, &l) < 0)
		fail(EX_SOFTWARE, "cannot limit itself: %s", strerror(errno));
	l.rlim_cur = value < l.rlim_cur ? value : l.rlim_cur;
	if (setrlimit(resource, &(struct rlimit){ l.rlim_cur, l.rlim_cur }) < 0 &&
		setrlimit(resource, &l) < 0)
		fail(EX_SOFTWARE, "cannot limit itself: %s", strerror(errno));
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

/* No core file, no debugger, no descriptors of others, no more memory than needed; and no
 * environment, as libsmbclient and what it is made of would follow it (LIBSMB_PROG names a program
 * to run). Returns $CREDENTIALS_DIRECTORY in fresh memory, or NULL. */
static char *confine(void)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char *copy = folder ? strdup(folder) : NULL;
	rlim_t memory = memory_used();
	int null;

	if ((folder && !copy) || clearenv() != 0)
		fail(EX_SOFTWARE, "no memory");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		fail(EX_SOFTWARE, "cannot confine itself: %s", strerror(errno));
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, FILE_SIZE_MAX);
	limit(RLIMIT_NOFILE, FILES_MAX);
	limit(RLIMIT_NPROC, 0);
	if (memory > 0)
		limit(RLIMIT_AS, memory + MEMORY_MAX);
	umask(0077);
	signal(SIGPIPE, SIG_IGN);
	close_range(STDERR_FILENO + 1, ~0U, 0);
	/* What a library prints must not get into the answer. */
	answer_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (answer_fd < 0 || null < 0 || dup2(null, STDOUT_FILENO) < 0)
		fail(EX_SOFTWARE, "standard output is not open: %s", strerror(errno));
	close(null);
	return copy;
}

/* After this even root is nobody special. */
static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capset, &header, none) < 0)
		fail(EX_SOFTWARE, "cannot drop its capabilities: %s", strerror(errno));
}

/* ------------------------------------------------------------------ time */

/* Starts or restarts the clock. A default SIGALRM is the second line. */
static void start_clock(uint32_t limit_ms)
{
	static timer_t timer;
	static bool made;
	struct itimerspec when = { .it_value = { .tv_sec = limit_ms / 1000,
					   .tv_nsec = (long)(limit_ms % 1000) * 1000000 } };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN };
	struct sigaction action = { .sa_handler = on_time_up };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigaddset(&set, SIGALRM);
	signal(SIGALRM, SIG_DFL);
	if (sigaction(SIGRTMIN, &action, NULL) < 0 || sigprocmask(SIG_UNBLOCK, &set, NULL) < 0 ||
		(!made && timer_create(CLOCK_MONOTONIC, &event, &timer) < 0) ||
		timer_settime(timer, 0, &when, NULL) < 0)
		fail(EX_SOFTWARE, "no timer: %s", strerror(errno));
	made = true;
	alarm(limit_ms / 1000 + 1 + KILL_AFTER_S);
}

/* The answer that is complete goes out whole. */
static void stop_clock(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* ------------------------------------------------------------------ main */

static void read_request(struct smb_request *ret)
{
	static char text[SMB_REQUEST_MAX + 1];
	char why[SMB_WHY_SIZE];
	size_t len = 0;
	ssize_t n;

	do {
		n = read(STDIN_FILENO, text + len, sizeof(text) - len);
		if (n < 0 && errno != EINTR)
			fail(EX_USAGE, "cannot read the request: %s", strerror(errno));
		len += n > 0 ? (size_t)n : 0;
	} while (n != 0 && len < sizeof(text));
	if (smb_request_parse(text, len, ret, why) < 0)
		fail(EX_USAGE, "bad request: %s", why);
}

int main(int argc, char **argv)
{
	static struct smb_credentials credentials;
	static struct smb_request request;
	static struct smb_answer answer;
	_cleanup_(freep) char *folder = NULL;
	char why[SMB_WHY_SIZE];
	int error;

	if (argc > 1) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
	folder = confine();
	start_clock(REQUEST_TIME_MS);
	read_request(&request);
	if (smb_credentials_load(&request, folder, &credentials, why) < 0)
		fail(EX_USAGE, "bad request: %s", why);
	drop_capabilities();
	asked = 1;
	start_clock(request.time_limit_ms);
	error = smb_session_ask(&request, &credentials, &answer, on_progress);
	smb_credentials_wipe(&credentials);
	stop_clock();
	if (error < 0)
		fail(EX_SOFTWARE, "cannot set up a session: %s", strerror(-error));
	finish();
}
