/* SPDX-License-Identifier: ISC */
/* Threads: what pthreads lacks. */
#ifndef FTPHEALTH_THREAD_H
#define FTPHEALTH_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Joins THREAD if it ends within GRACE_USEC. False: it goes on, with all it uses. */
bool thread_join(pthread_t thread, uint64_t grace_usec);

#endif
