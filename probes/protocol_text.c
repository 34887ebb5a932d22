/* SPDX-License-Identifier: ISC */
/* Bounds on strings, and complaints in safe text. */
#include "probes/protocol_text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"

int protocol_refuse(int error, char why[FETCH_WHY_SIZE], const char *format, ...)
{
	char text[FETCH_WHY_SIZE];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	text_escape(why, FETCH_WHY_SIZE, text, strlen(text));
	return error;
}

int protocol_check_string(const char *s, size_t max, const char *key, char why[FETCH_WHY_SIZE])
{
	if (strlen(s) > max)
		return protocol_refuse(-EINVAL, why, "%s: longer than %zu octets", key, max);
	if (!text_is_clean_utf8(s) || strpbrk(s, "\t\n"))
		return protocol_refuse(-EINVAL, why, "%s: a control character", key);
	return 0;
}

bool protocol_is_printable(const char *s)
{
	for (; *s; s++)
		if (*s < 0x20 || *s > 0x7e)
			return false;
	return true;
}
