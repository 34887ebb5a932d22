/* SPDX-License-Identifier: ISC */
/*
 * Preloaded: makes one kind of call fail, at chosen times, from the start of main() on.
 *
 *   FAULT_CALL  the name of the call: malloc, open, socket ...
 *   FAULT_NTH   the first call that fails, counted from 1; 0: none, all are counted
 *   FAULT_FOR   once: that one alone; after: that one and all later; always: all
 *   FAULT_WHO   program: calls that the program itself makes; all: its libraries' too, but for
 *               the memory of net-snmp and its pipe
 *   FAULT_OVER  a file: while it exists, nothing fails
 *   FAULT_LOG   a file: each call that failed with its stack; at the end, how many there were of
 *               each kind (of the program, of all), and what the program has not freed
 *
 * What the C library does inside itself (fopen, getaddrinfo's own sockets) does not pass here,
 * except for its memory. Where a sanitizer's allocator is in the program, memory does not either.
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <poll.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* Name, what it fails with. */
/* clang-format off */
#define CALLS(X) \
	X(malloc, ENOMEM) X(calloc, ENOMEM) X(realloc, ENOMEM) X(reallocarray, ENOMEM) \
	X(strdup, ENOMEM) X(strndup, ENOMEM) \
	X(open, EMFILE) X(open64, EMFILE) X(pipe, EMFILE) X(pipe2, EMFILE) \
	X(socket, EMFILE) X(socketpair, EMFILE) X(bind, EADDRINUSE) X(connect, EADDRNOTAVAIL) \
	X(epoll_create1, EMFILE) X(epoll_ctl, ENOMEM) X(eventfd, EMFILE) \
	X(timerfd_create, EMFILE) X(timerfd_settime, EINVAL) X(inotify_init1, EMFILE) \
	X(pthread_create, EAGAIN) \
	X(read, EIO) X(write, EIO) X(send, ENOBUFS) X(sendto, ENOBUFS) X(sendmsg, ENOBUFS) \
	X(listen, EADDRINUSE) X(setsockopt, ENOMEM) X(accept, EMFILE) X(accept4, EMFILE) \
	X(poll, ENOMEM) X(posix_spawn, EAGAIN) X(waitid, ECHILD) X(pidfd_open, EMFILE) \
	X(memfd_create, EMFILE) \
	X(recv, ENOMEM) X(pwrite64, ENOSPC) X(pread64, EIO) X(fsync, EIO) X(fdatasync, EIO) \
	X(ftruncate64, EIO) X(fcntl64, ENOLCK) X(mkdir, ENOSPC)
/* clang-format on */

enum call {
#define ENUM(name, error) CALL_##name,
	CALLS(ENUM)
#undef ENUM
		CALL_END
};

static const struct {
	const char *name;
	int error;
} calls[] = {
#define ROW(name, error) { #name, error },
	CALLS(ROW)
#undef ROW
};

enum { FRAMES = 24, BLOCKS = 1 << 18, OWNERS = 10 };

static struct {
	atomic_bool armed;
	enum call call;
	unsigned long nth;
	bool once, all;
	const char *over;
	int log;
	atomic_ulong seen;   /* of the chosen call, as chosen */
	uintptr_t low, high; /* the program */
} fault = { .call = CALL_END, .log = -1 };

static atomic_ulong counts[CALL_END][2]; /* of the program, of all */
static __thread bool inside;

/* ------------------------------------------------------------------ the calls behind ours */

static char early[65536]; /* for those that dlsym() itself makes */
static size_t early_used;
static __thread bool resolving;

static void *early_memory(size_t size)
{
	size_t at = (early_used + 15) & ~(size_t)15;

	if (at + size > sizeof(early))
		abort();
	early_used = at + size;
	return early + at;
}

static bool is_early(const void *p)
{
	return (const char *)p >= early && (const char *)p < early + sizeof(early);
}

static void *find(void **place, const char *name)
{
	if (!*place) {
		resolving = true;
		*place = dlsym(RTLD_NEXT, name);
		resolving = false;
	}
	return *place;
}

#define NEXT(name) \
	static void *next_##name; \
	__typeof__(&name) next = (__typeof__(&name))find(&next_##name, #name)

/* ------------------------------------------------------------------ who calls, and what is left */

static int on_object(struct dl_phdr_info *info, size_t size, void *userdata)
{
	for (int i = 0; i < info->dlpi_phnum; i++) {
		uintptr_t at = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;

		if (info->dlpi_phdr[i].p_type != PT_LOAD || !(info->dlpi_phdr[i].p_flags & PF_X))
			continue;
		fault.low = at;
		fault.high = at + info->dlpi_phdr[i].p_memsz;
	}
	return 1; /* the first is the program */
}

/* net-snmp does not look whether it got memory, nor whether it could write to the pipe through
 * which it talks to itself, and nobody can mend that from outside. */
static bool is_hopeless(enum call call, const void *caller)
{
	Dl_info info;

	return (call <= CALL_strndup || call == CALL_write) && dladdr(caller, &info) &&
		info.dli_fname && strstr(info.dli_fname, "libnetsnmp");
}

static __thread bool for_openssl; /* the program allocates for it */

static bool is_program(const void *caller)
{
	return !for_openssl && (uintptr_t)caller >= fault.low && (uintptr_t)caller < fault.high;
}

/* What the program has allocated, in a table by address; one that is freed keeps its place. */
static struct {
	atomic_uintptr_t at;
	const void *owner;
	size_t size;
} blocks[BLOCKS];

static size_t place_of(const void *p)
{
	return ((uintptr_t)p >> 4) * 0x9e3779b97f4a7c15u >> (64 - 18);
}

static void *note_block(void *p, size_t size, const void *caller)
{
	if (!p || fault.log < 0 || !atomic_load(&fault.armed) || !is_program(caller))
		return p;
	for (size_t i = place_of(p), n = 0; n < 64; n++, i = (i + 1) % BLOCKS) {
		uintptr_t none = 0;

		if (!atomic_compare_exchange_strong(&blocks[i].at, &none, (uintptr_t)p))
			continue;
		blocks[i].owner = caller;
		blocks[i].size = size;
		break;
	}
	return p;
}

static void forget_block(const void *p)
{
	if (!p || fault.log < 0)
		return;
	for (size_t i = place_of(p), n = 0; n < 64; n++, i = (i + 1) % BLOCKS) {
		uintptr_t it = (uintptr_t)p;

		if (atomic_compare_exchange_strong(&blocks[i].at, &it, 0))
			return;
	}
}

/* ------------------------------------------------------------------ what fails */

static void tell(enum call call, unsigned long n)
{
	void *frames[FRAMES];
	char line[128];
	int len;

	if (fault.log < 0)
		return;
	len = snprintf(line, sizeof(line), "failed %s %lu\n", calls[call].name, n);
	syscall(SYS_write, fault.log, line, (size_t)len);
	backtrace_symbols_fd(frames, backtrace(frames, FRAMES), fault.log);
}

static bool is_over(void)
{
	return fault.over && syscall(SYS_faccessat, AT_FDCWD, fault.over, F_OK) == 0;
}

static bool fails(enum call call, const void *caller)
{
	bool ours, now;
	unsigned long n;

	if (!atomic_load_explicit(&fault.armed, memory_order_relaxed) || inside)
		return false;
	ours = is_program(caller);
	atomic_fetch_add(&counts[call][1], 1);
	if (ours)
		atomic_fetch_add(&counts[call][0], 1);
	if (call != fault.call || (!ours && (!fault.all || is_hopeless(call, caller))))
		return false;
	n = atomic_fetch_add(&fault.seen, 1) + 1;
	now = fault.nth > 0 && (fault.once ? n == fault.nth : n >= fault.nth);
	if (!now)
		return false;
	inside = true;
	now = !is_over();
	if (now)
		tell(call, n);
	inside = false;
	errno = now ? calls[call].error : errno;
	return now;
}

#define FAILS(name) fails(CALL_##name, __builtin_return_address(0))

/* ------------------------------------------------------------------ memory */

void *malloc(size_t size)
{
	NEXT(malloc);

	if (resolving || !next)
		return early_memory(size);
	if (FAILS(malloc))
		return NULL;
	return note_block(next(size), size, __builtin_return_address(0));
}

void *calloc(size_t n, size_t size)
{
	static void *place;
	void *(*next)(size_t, size_t);

	if (resolving)
		return early_memory(n * size);
	next = (void *(*)(size_t, size_t))find(&place, "calloc");
	if (FAILS(calloc))
		return NULL;
	return note_block(next(n, size), n * size, __builtin_return_address(0));
}

static void *resize(void *p, size_t size, const void *caller)
{
	NEXT(realloc);
	void *fresh;

	if (is_early(p)) {
		fresh = malloc(size);
		return fresh ? memcpy(fresh, p, size) : NULL;
	}
	forget_block(p);
	fresh = next(p, size);
	note_block(fresh ? fresh : p, size, caller);
	return fresh;
}

void *realloc(void *p, size_t size)
{
	return FAILS(realloc) ? NULL : resize(p, size, __builtin_return_address(0));
}

void *reallocarray(void *p, size_t n, size_t size)
{
	size_t all;

	if (__builtin_mul_overflow(n, size, &all)) {
		errno = ENOMEM;
		return NULL;
	}
	return FAILS(reallocarray) ? NULL : resize(p, all, __builtin_return_address(0));
}

void free(void *p)
{
	NEXT(free);

	if (is_early(p))
		return;
	forget_block(p);
	next(p);
}

static char *copy(const char *s, size_t len, const void *caller)
{
	NEXT(malloc);
	char *fresh = note_block(next(len + 1), len + 1, caller);

	if (!fresh)
		return NULL;
	fresh[len] = '\0';
	return memcpy(fresh, s, len);
}

/* OpenSSL allocates through functions of the program: its memory is a library's all the same. */
typedef void *openssl_malloc(size_t size, const char *file, int line);
typedef void *openssl_realloc(void *p, size_t size, const char *file, int line);
typedef void openssl_free(void *p, const char *file, int line);

int CRYPTO_set_mem_functions(
	openssl_malloc *allocate, openssl_realloc *reallocate, openssl_free *release);

static openssl_malloc *program_malloc;
static openssl_realloc *program_realloc;

static void *malloc_for_openssl(size_t size, const char *file, int line)
{
	void *p;

	for_openssl = true;
	p = program_malloc(size, file, line);
	for_openssl = false;
	return p;
}

static void *realloc_for_openssl(void *p, size_t size, const char *file, int line)
{
	for_openssl = true;
	p = program_realloc(p, size, file, line);
	for_openssl = false;
	return p;
}

int CRYPTO_set_mem_functions(
	openssl_malloc *allocate, openssl_realloc *reallocate, openssl_free *release)
{
	NEXT(CRYPTO_set_mem_functions);

	program_malloc = allocate;
	program_realloc = reallocate;
	return next(malloc_for_openssl, realloc_for_openssl, release);
}

#undef strdup
#undef strndup
char *strdup(const char *s)
{
	return FAILS(strdup) ? NULL : copy(s, strlen(s), __builtin_return_address(0));
}

char *strndup(const char *s, size_t n)
{
	return FAILS(strndup) ? NULL : copy(s, strnlen(s, n), __builtin_return_address(0));
}

/* ------------------------------------------------------------------ descriptors and threads */

#define OPEN(name) \
	int name(const char *path, int flags, ...) \
	{ \
		NEXT(name); \
		mode_t mode = 0; \
		va_list ap; \
\
		va_start(ap, flags); \
		if (flags & (O_CREAT | __O_TMPFILE)) \
			mode = va_arg(ap, mode_t); \
		va_end(ap); \
		return FAILS(name) ? -1 : next(path, flags, mode); \
	}
OPEN(open)
OPEN(open64)

int fcntl64(int fd, int command, ...)
{
	NEXT(fcntl64);
	va_list ap;
	void *argument;

	va_start(ap, command);
	argument = va_arg(ap, void *);
	va_end(ap);
	if ((command == F_SETLK || command == F_SETLKW) && FAILS(fcntl64))
		return -1;
	return next(fd, command, argument);
}

/* A socket (OpenSSL reads them so) has no EIO. */
static ssize_t fail_on(int fd, int error_of_socket)
{
	int type;
	socklen_t len = sizeof(type);
	int error = errno;

	errno = getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 ? error_of_socket : error;
	return -1;
}

ssize_t read(int fd, void *data, size_t len)
{
	NEXT(read);

	return FAILS(read) ? fail_on(fd, ENOMEM) : next(fd, data, len);
}

/* By the thread, since a sanitizer stands between it and us. */
static bool is_pipe_of_net_snmp(int fd)
{
	char thread[16] = "";
	struct stat st;

	return prctl(PR_GET_NAME, thread) == 0 && strcmp(thread, "snmp") == 0 &&
		fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

/* The log of the program itself must be seen. */
ssize_t write(int fd, const void *data, size_t len)
{
	NEXT(write);

	if (fd <= STDERR_FILENO || is_pipe_of_net_snmp(fd) || !FAILS(write))
		return next(fd, data, len);
	return fail_on(fd, ENOBUFS);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *data)
{
	NEXT(pthread_create);

	return FAILS(pthread_create) ? EAGAIN : next(thread, attr, run, data);
}

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
	const posix_spawnattr_t *attributes, char *const argv[], char *const envp[])
{
	NEXT(posix_spawn);

	return FAILS(posix_spawn) ? EAGAIN : next(pid, path, actions, attributes, argv, envp);
}

/* What libc had no name for when libsystemd was written. */
long syscall(long number, ...)
{
	NEXT(syscall);
	long a[6];
	va_list ap;

	va_start(ap, number);
	for (size_t i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (number == SYS_pidfd_open && FAILS(pidfd_open))
		return -1;
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

#define PLAIN(type, name, parameters, arguments) \
	type name parameters \
	{ \
		NEXT(name); \
\
		return FAILS(name) ? -1 : next arguments; \
	}
PLAIN(int, pipe, (int fds[2]), (fds))
PLAIN(int, pipe2, (int fds[2], int flags), (fds, flags))
PLAIN(int, socket, (int domain, int type, int protocol), (domain, type, protocol))
PLAIN(int, socketpair, (int domain, int type, int protocol, int fds[2]),
	(domain, type, protocol, fds))
PLAIN(int, bind, (int fd, const struct sockaddr *a, socklen_t len), (fd, a, len))
PLAIN(int, connect, (int fd, const struct sockaddr *a, socklen_t len), (fd, a, len))
PLAIN(int, epoll_create1, (int flags), (flags))
/* To take a descriptor out needs no memory, and libmicrohttpd aborts when that fails. */
int epoll_ctl(int epoll, int what, int fd, struct epoll_event *e)
{
	NEXT(epoll_ctl);

	return what != EPOLL_CTL_DEL && FAILS(epoll_ctl) ? -1 : next(epoll, what, fd, e);
}
PLAIN(int, eventfd, (unsigned n, int flags), (n, flags))
PLAIN(int, timerfd_create, (clockid_t clock, int flags), (clock, flags))
PLAIN(int, timerfd_settime,
	(int fd, int flags, const struct itimerspec *new, struct itimerspec *old),
	(fd, flags, new, old))
int inotify_init1(int flags);
PLAIN(int, inotify_init1, (int flags), (flags))
PLAIN(ssize_t, send, (int fd, const void *data, size_t len, int flags), (fd, data, len, flags))
PLAIN(ssize_t, sendto,
	(int fd, const void *data, size_t len, int flags, const struct sockaddr *a, socklen_t n),
	(fd, data, len, flags, a, n))
PLAIN(ssize_t, sendmsg, (int fd, const struct msghdr *m, int flags), (fd, m, flags))
PLAIN(ssize_t, recv, (int fd, void *data, size_t len, int flags), (fd, data, len, flags))
PLAIN(ssize_t, pwrite64, (int fd, const void *data, size_t len, off64_t at), (fd, data, len, at))
PLAIN(ssize_t, pread64, (int fd, void *data, size_t len, off64_t at), (fd, data, len, at))
PLAIN(int, fsync, (int fd), (fd))
PLAIN(int, fdatasync, (int fd), (fd))
PLAIN(int, ftruncate64, (int fd, off64_t len), (fd, len))
PLAIN(int, listen, (int fd, int backlog), (fd, backlog))
PLAIN(int, setsockopt, (int fd, int level, int name, const void *value, socklen_t len),
	(fd, level, name, value, len))
PLAIN(int, accept, (int fd, struct sockaddr *a, socklen_t *len), (fd, a, len))
PLAIN(int, accept4, (int fd, struct sockaddr *a, socklen_t *len, int flags), (fd, a, len, flags))
PLAIN(int, poll, (struct pollfd * fds, nfds_t n, int timeout), (fds, n, timeout))
PLAIN(int, waitid, (idtype_t type, id_t id, siginfo_t *info, int options),
	(type, id, info, options))
PLAIN(int, memfd_create, (const char *name, unsigned flags), (name, flags))
int mkdir(const char *path, mode_t mode);
PLAIN(int, mkdir, (const char *path, mode_t mode), (path, mode))

/* ------------------------------------------------------------------ start and end */

static void show_left(void)
{
	size_t n = 0, octets = 0, shown = 0;

	for (size_t i = 0; i < BLOCKS; i++) {
		if (atomic_load(&blocks[i].at) == 0)
			continue;
		n++;
		octets += blocks[i].size;
		if (shown++ < OWNERS) {
			void *owner = (void *)(uintptr_t)blocks[i].owner;

			backtrace_symbols_fd(&owner, 1, fault.log);
		}
	}
	dprintf(fault.log, "left %zu %zu\n", n, octets);
}

static void at_end(void)
{
	atomic_store(&fault.armed, false);
	if (fault.log < 0)
		return;
	for (size_t i = 0; i < CALL_END; i++)
		dprintf(fault.log, "count %s %lu %lu\n", calls[i].name, counts[i][0], counts[i][1]);
	show_left();
}

static const char *setting(const char *name)
{
	const char *text = getenv(name);

	return text ? text : "";
}

static void configure(void)
{
	const char *name = setting("FAULT_CALL"), *how = setting("FAULT_FOR");
	void *frame;

	for (size_t i = 0; i < CALL_END; i++)
		if (strcmp(name, calls[i].name) == 0)
			fault.call = (enum call)i;
	if (*name && fault.call == CALL_END) {
		fprintf(stderr, "faults: no such call: %s\n", name);
		_exit(99);
	}
	fault.nth = strcmp(how, "always") == 0 ? 1 : strtoul(setting("FAULT_NTH"), NULL, 10);
	fault.once = strcmp(how, "once") == 0;
	fault.all = strcmp(setting("FAULT_WHO"), "all") == 0;
	fault.over = *setting("FAULT_OVER") ? getenv("FAULT_OVER") : NULL;
	fault.log = open(setting("FAULT_LOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fault.log >= 0) /* out of the way of what the program opens */
		fault.log = fcntl(fault.log, F_DUPFD_CLOEXEC, 200);
	dl_iterate_phdr(on_object, NULL);
	backtrace(&frame, 1); /* it loads a library when it is first called */
}

static int (*real_main)(int, char **, char **);

static int our_main(int argc, char **argv, char **envp)
{
	int code;

	unsetenv("LD_PRELOAD"); /* it is the program's trouble, not its children's */
	configure();
	atexit(at_end);
	atomic_store(&fault.armed, true);
	code = real_main(argc, argv, envp);
	return code;
}

int __libc_start_main(int (*run)(int, char **, char **), int argc, char **argv, void (*init)(void),
	void (*fini)(void), void (*rtld_fini)(void), void *stack_end);

int __libc_start_main(int (*run)(int, char **, char **), int argc, char **argv, void (*init)(void),
	void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
	NEXT(__libc_start_main);

	real_main = run;
	return next(our_main, argc, argv, init, fini, rtld_fini, stack_end);
}
