/* SPDX-License-Identifier: ISC */
/*
 * Fuzz target for html_print(): whatever a text says, what is written is printable ASCII without
 * markup and without a way out of an attribute, every & begins a reference that we know, and read
 * back it is the text as text_escape() shows it.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/html.h"
#include "common/text.h"
#include "common/util.h"
#include "tests/fuzz/holds.h"

/* The character that the reference at *S stands for; moves *S behind it. */
static char read_reference(const char **s)
{
	static const struct {
		const char *reference;
		char c;
	} known[] = {
		{ "&amp;", '&' },
		{ "&lt;", '<' },
		{ "&gt;", '>' },
		{ "&quot;", '"' },
		{ "&#39;", '\'' },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strncmp(*s, known[i].reference, strlen(known[i].reference)) == 0) {
			*s += strlen(known[i].reference);
			return known[i].c;
		}
	HOLDS(!"a reference that is known");
	return '\0';
}

/* What a browser makes of it. */
static char *read_back(const char *html)
{
	char *text = malloc(strlen(html) + 1), *to = text;

	HOLDS(text);
	while (*html) {
		HOLDS(*html >= 0x20 && *html <= 0x7e && !strchr("<>\"'", *html));
		if (*html == '&')
			*to++ = read_reference(&html);
		else
			*to++ = *html++;
	}
	*to = '\0';
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = strndup((const char *)data, size), *expected = NULL;
	_cleanup_(freep) char *html = NULL, *seen = NULL;
	size_t html_size;
	FILE *f = open_memstream(&html, &html_size);

	HOLDS(text && f);
	html_print(f, "%s", text);
	HOLDS(fclose(f) == 0 && strlen(html) == html_size);
	seen = read_back(html);
	/* A line end is a blank on the page. */
	for (char *p = text; *p; p++)
		if (*p == '\n')
			*p = ' ';
	expected = text_escape_dup(text, 4 * size + 1);
	HOLDS(expected && strcmp(seen, expected) == 0);
	return 0;
}
