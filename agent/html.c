/* SPDX-License-Identifier: ISC */
/* HTML as it is written: markup in the format, text in the arguments. */
#include "agent/html.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

static void put_octet(FILE *f, unsigned char c)
{
	switch (c) {
	case '&':
		fputs("&amp;", f);
		break;
	case '<':
		fputs("&lt;", f);
		break;
	case '>':
		fputs("&gt;", f);
		break;
	case '"':
		fputs("&quot;", f);
		break;
	case '\'':
		fputs("&#39;", f); /* &apos; is not known to HTML 4 */
		break;
	case '\t':
	case '\n':
		putc(' ', f);
		break;
	default:
		if (c >= 0x20 && c <= 0x7e)
			putc(c, f);
		else
			fprintf(f, "\\x%02X", c);
	}
}

void html_text(FILE *f, const char *text)
{
	for (; *text; text++)
		put_octet(f, (unsigned char)*text);
}

/* Writes what conversion C stands for, taking its argument. */
static void put_argument(FILE *f, char c, va_list *arguments)
{
	switch (c) {
	case 's':
		html_text(f, va_arg(*arguments, const char *));
		break;
	case 'd':
		fprintf(f, "%d", va_arg(*arguments, int));
		break;
	case 'u':
		fprintf(f, "%u", va_arg(*arguments, unsigned));
		break;
	case '%':
		putc('%', f);
		break;
	default:
		assert(!"a conversion that html_print() knows");
	}
}

void html_print(FILE *f, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	while (*format) {
		size_t len = strcspn(format, "%");

		fwrite(format, 1, len, f);
		format += len;
		if (*format) {
			put_argument(f, format[1], &arguments);
			format += 2;
		}
	}
	va_end(arguments);
}
