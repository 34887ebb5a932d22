/* SPDX-License-Identifier: ISC */
/* Free memory: mimalloc's in the daemon, libc's elsewhere. */
#include "common/memory.h"

#include <malloc.h>
#include <stdbool.h>

/* There when the program is linked with mimalloc, or has it preloaded. */
extern void mi_collect(bool force) __attribute__((weak));

void memory_trim(void)
{
	if (mi_collect)
		mi_collect(true);
	else
		malloc_trim(0);
}
