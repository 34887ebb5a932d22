/* SPDX-License-Identifier: ISC */
/* Small helpers that every part uses: cleanup, ownership, sizes and clocks. */
#ifndef FTPHEALTH_UTIL_H
#define FTPHEALTH_UTIL_H

#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define _cleanup_(f) __attribute__((cleanup(f)))

/* Hands the value of a pointer on and leaves NULL behind, so that its cleanup does nothing. */
#define TAKE_PTR(ptr) \
	__extension__({ \
		__typeof__(ptr) *take_from_ = &(ptr); \
		__typeof__(ptr) taken_ = *take_from_; \
		*take_from_ = NULL; \
		taken_; \
	})

/* Defines NAMEp() for _cleanup_ from a destructor that takes NULL. */
#define DEFINE_CLEANUP(type, name) \
	static inline void name##p(type *p) \
	{ \
		if (*p) \
			name(*p); \
	}

#define USEC_PER_SEC UINT64_C(1000000)
#define USEC_PER_MSEC UINT64_C(1000)
#define USEC_INFINITY UINT64_MAX

static inline void freep(void *p)
{
	free(*(void **)p);
}

static inline void closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* Time of CLOCK in microseconds. */
static inline uint64_t now_usec(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * USEC_PER_SEC + (uint64_t)ts.tv_nsec / 1000;
}

/* USEC microseconds of any clock, as system calls take them. */
static inline struct timespec timespec_of(uint64_t usec)
{
	return (struct timespec){ .tv_sec = (time_t)(usec / USEC_PER_SEC),
		.tv_nsec = (long)(usec % USEC_PER_SEC) * 1000 };
}

#endif
