/* SPDX-License-Identifier: ISC */
/* Escaping and checking of foreign text. */
#include <assert.h>
#include <string.h>

#include "common/text.h"
#include "common/util.h"

/* Writes what stands for octet C; returns how many characters that are. */
static size_t escape_octet(char out[4], unsigned char c)
{
	static const char digits[] = "0123456789ABCDEF";

	if (c == '\t' || (c >= 0x20 && c <= 0x7e)) {
		out[0] = c == '\t' ? ' ' : (char)c;
		return 1;
	}
	out[0] = '\\';
	out[1] = 'x';
	out[2] = digits[c >> 4];
	out[3] = digits[c & 0xf];
	return 4;
}

size_t text_escape(char *dst, size_t size, const char *src, size_t len)
{
	size_t n = 0;

	assert(dst && size > 0 && (src || len == 0));
	for (size_t i = 0; i < len; i++) {
		char octet[4];
		size_t width = escape_octet(octet, (unsigned char)src[i]);

		if (n + width >= size)
			break;
		memcpy(dst + n, octet, width);
		n += width;
	}
	dst[n] = '\0';
	return n;
}

char *text_escape_dup(const char *src, size_t max)
{
	size_t len, size;
	char *dst;

	assert(src);
	len = strlen(src);
	size = len < max / 4 ? 4 * len + 1 : max + 1;
	if (size == 0) /* MAX is SIZE_MAX */
		return NULL;
	dst = malloc(size);
	if (dst)
		text_escape(dst, size, src, len);
	return dst;
}

/* Reads one character at *S and moves *S behind it. Returns its code point, or UINT32_MAX when it
 * is ill-formed: overlong, a surrogate, above U+10FFFF or cut off (RFC 3629 section 4). */
static uint32_t decode_utf8(const unsigned char **s)
{
	static const uint32_t lowest[] = { 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = *s;
	uint32_t c = *p++;
	unsigned more;

	if (c < 0x80)
		more = 0;
	else if (c >= 0xc2 && c < 0xe0)
		more = 1, c &= 0x1f;
	else if (c >= 0xe0 && c < 0xf0)
		more = 2, c &= 0x0f;
	else if (c >= 0xf0 && c < 0xf5)
		more = 3, c &= 0x07;
	else
		return UINT32_MAX;
	for (unsigned i = 0; i < more; i++, p++) {
		if ((*p & 0xc0) != 0x80)
			return UINT32_MAX;
		c = c << 6 | (*p & 0x3f);
	}
	*s = p;
	return c < lowest[more] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? UINT32_MAX : c;
}

/* Turns the direction of what follows (CVE-2021-42574) or ends a line. */
static bool is_deceptive(uint32_t c)
{
	return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
		(c >= 0x2066 && c <= 0x2069);
}

bool text_is_clean_utf8(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	assert(s);
	while (*p) {
		uint32_t c = decode_utf8(&p);

		if (c == UINT32_MAX || (c >= 0x7f && c < 0xa0) || is_deceptive(c))
			return false;
		if (c < 0x20 && c != '\t' && c != '\n')
			return false;
	}
	return true;
}
