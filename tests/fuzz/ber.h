/* SPDX-License-Identifier: ISC */
/* BER as SNMP writes it (RFC 3417 section 8), for messages that are well-formed whatever they say.
 */
#ifndef FTPHEALTH_TESTS_BER_H
#define FTPHEALTH_TESTS_BER_H

#include <string.h>

#include "tests/fuzz/holds.h"

struct ber {
	uint8_t bytes[32768];
	size_t len;
};

static inline void ber_put(struct ber *b, const void *bytes, size_t len)
{
	HOLDS(b->len + len <= sizeof(b->bytes));
	memcpy(b->bytes + b->len, bytes, len);
	b->len += len;
}

/* Makes what was put since START the contents of a TYPE. */
static inline void ber_wrap(struct ber *b, uint8_t type, size_t start)
{
	size_t len = b->len - start;
	uint8_t head[4] = { type, 0x82, (uint8_t)(len >> 8), (uint8_t)len };
	size_t head_len = len < 0x80 ? 2 : sizeof(head);

	if (len < 0x80)
		head[1] = (uint8_t)len;
	HOLDS(b->len + head_len <= sizeof(b->bytes));
	memmove(b->bytes + start + head_len, b->bytes + start, len);
	memcpy(b->bytes + start, head, head_len);
	b->len += head_len;
}

static inline void ber_put_string(struct ber *b, const void *bytes, size_t len)
{
	size_t start = b->len;

	ber_put(b, bytes, len);
	ber_wrap(b, 0x04, start);
}

static inline void ber_put_number(struct ber *b, int32_t value)
{
	uint32_t n = (uint32_t)value;
	uint8_t bytes[4] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8),
		(uint8_t)n };
	size_t start = b->len;

	ber_put(b, bytes, sizeof(bytes));
	ber_wrap(b, 0x02, start);
}

/* One sub-identifier. */
static inline void ber_put_id(struct ber *b, uint32_t id)
{
	for (unsigned shift = 28; shift > 0; shift -= 7)
		if (id >> shift) {
			uint8_t octet = (uint8_t)(0x80 | (id >> shift & 0x7f));

			ber_put(b, &octet, 1);
		}
	ber_put(b, &(uint8_t){ id & 0x7f }, 1);
}

/* Sub-identifiers of a whole name, of which the first two are one on the wire. */
static inline void ber_put_oid(struct ber *b, const uint32_t *id, size_t n)
{
	HOLDS(n >= 2);
	ber_put_id(b, id[0] * 40 + id[1]);
	for (size_t i = 2; i < n; i++)
		ber_put_id(b, id[i]);
}

#endif
