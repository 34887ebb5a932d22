/* SPDX-License-Identifier: ISC */
/* Memory that fails: what is linked with --wrap=malloc and --wrap=realloc allocates through this.
 */
#ifndef FTPHEALTH_TESTS_FAULT_MEMORY_H
#define FTPHEALTH_TESTS_FAULT_MEMORY_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

/* Counts while it is on; the allocation of this number fails, counted from 1. */
static struct {
	bool on, failed;
	unsigned n, failing;
} memory;

static bool fails(void)
{
	if (!memory.on || ++memory.n != memory.failing)
		return false;
	memory.failed = true;
	errno = ENOMEM;
	return true;
}

void *__real_malloc(size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *p, size_t size);

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

#endif
