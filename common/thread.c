/* SPDX-License-Identifier: ISC */
/* The end of a thread, waited for no longer than so. */
#include "common/thread.h"

#include "common/util.h"

#ifdef __has_feature
#define BY_THREAD_SANITIZER __has_feature(thread_sanitizer)
#elif defined(__SANITIZE_THREAD__)
#define BY_THREAD_SANITIZER 1
#else
#define BY_THREAD_SANITIZER 0
#endif

/* ThreadSanitizer does not know the other function before LLVM 16: all that a thread had done would
 * be in a race with what comes after its end. */
static int join_until(pthread_t thread, clockid_t clock, const struct timespec *until)
{
	return BY_THREAD_SANITIZER ? pthread_timedjoin_np(thread, NULL, until)
				   : pthread_clockjoin_np(thread, NULL, clock, until);
}

bool thread_join(pthread_t thread, uint64_t grace_usec)
{
	clockid_t clock = BY_THREAD_SANITIZER ? CLOCK_REALTIME : CLOCK_MONOTONIC;
	struct timespec until = timespec_of(now_usec(clock) + grace_usec);

	return join_until(thread, clock, &until) == 0;
}
