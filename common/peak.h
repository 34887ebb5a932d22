/* SPDX-License-Identifier: ISC */
/* The largest value of the last minute. */
#ifndef FTPHEALTH_PEAK_H
#define FTPHEALTH_PEAK_H

#include <stdint.h>

enum { PEAK_SECONDS = 60 };

/* Zero-initialised: none yet. */
struct peak {
	struct {
		uint64_t second;
		uint32_t value; /* the largest of that second */
	} seconds[PEAK_SECONDS];
};

/* VALUE was so at NOW, microseconds of CLOCK_MONOTONIC. */
void peak_note(struct peak *p, uint32_t value, uint64_t now);

/* The largest of the minute that ends at NOW; 0 when there was none. */
uint32_t peak_largest(const struct peak *p, uint64_t now);

#endif
