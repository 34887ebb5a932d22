/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into a program: its time of day is the true one and as many seconds more as the
 * file CLOCK_FILE says (8 octets, may change at any time). No other clock is touched, and nothing
 * that the kernel or libc do by themselves. (libfaketime 0.9.10 shifts timerfd_settime() of
 * CLOCK_MONOTONIC, too, on which sd-event then fails.)
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile const int64_t *more;

__attribute__((constructor)) static void map_file(void)
{
	const char *path = getenv("CLOCK_FILE");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *map = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(*more), PROT_READ, MAP_SHARED, fd, 0);

	if (map != MAP_FAILED)
		more = map;
	if (fd >= 0)
		close(fd);
}

/* Not libc's own: that one is covered by ours. */
static int true_time(clockid_t clock, struct timespec *ret)
{
	return (int)syscall(SYS_clock_gettime, clock, ret);
}

int clock_gettime(clockid_t clock, struct timespec *ret)
{
	int r = true_time(clock, ret);

	if (r < 0 || !more || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE))
		return r;
	ret->tv_sec += *more;
	return 0;
}

int gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) < 0)
		return -1;
	*ret = (struct timeval){ .tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000 };
	return 0;
}

time_t time(time_t *ret)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) < 0)
		return -1;
	if (ret)
		*ret = now.tv_sec;
	return now.tv_sec;
}
