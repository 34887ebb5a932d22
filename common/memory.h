/* SPDX-License-Identifier: ISC */
#ifndef COMMON_MEMORY_H
#define COMMON_MEMORY_H

/* Gives memory that is free back to the kernel, of whatever allocator the program runs on. Takes
 * milliseconds with much of it. */
void memory_trim(void);

#endif
