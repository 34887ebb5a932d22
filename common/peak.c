/* SPDX-License-Identifier: ISC */
/* The largest value of the last minute: one place a second, used in turn. */
#include "common/peak.h"

#include <stddef.h>

#include "common/util.h"

void peak_note(struct peak *p, uint32_t value, uint64_t now)
{
	uint64_t second = now / USEC_PER_SEC;
	size_t i = second % PEAK_SECONDS;

	if (p->seconds[i].second != second || p->seconds[i].value < value)
		p->seconds[i].value = value;
	p->seconds[i].second = second;
}

uint32_t peak_largest(const struct peak *p, uint64_t now)
{
	uint64_t second = now / USEC_PER_SEC;
	uint32_t largest = 0;

	for (size_t i = 0; i < PEAK_SECONDS; i++)
		if (p->seconds[i].second + PEAK_SECONDS > second && p->seconds[i].value > largest)
			largest = p->seconds[i].value;
	return largest;
}
