/* SPDX-License-Identifier: ISC */
/* What a fuzz target says of what it has seen: it is so, or the fuzzer is told. */
#ifndef FTPHEALTH_TESTS_HOLDS_H
#define FTPHEALTH_TESTS_HOLDS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HOLDS(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, \
				#condition); \
			abort(); \
		} \
	} while (0)

/* Printable ASCII and nothing else, as whatever comes from outside is kept. */
static inline int is_printable(const char *s)
{
	for (; *s; s++)
		if (*s < 0x20 || *s > 0x7e)
			return 0;
	return 1;
}

#endif
