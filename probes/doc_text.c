/* SPDX-License-Identifier: ISC */
/* Lines of a foreign text document. */
#include "probes/doc_text.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

int doc_text_open(struct doc_text *t, const char *bytes, size_t len, const char **why)
{
	*t = (struct doc_text){ .bytes = bytes, .len = len, .width = 1 };
	if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
		t->at = 3;
	} else if (len >= 2 &&
		(memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0)) {
		t->at = t->width = 2;
		t->big = bytes[0] == '\xfe';
	}
	if (t->at == len) {
		*why = "the document is empty";
		return -EBADMSG;
	}
	if (t->width == 1 && memchr(bytes, '\0', len)) {
		*why = "the document holds NUL octets: it is not text";
		return -EBADMSG;
	}
	return 0;
}

/* The next character as one octet; the caller knows that there is one. */
static char next(struct doc_text *t)
{
	unsigned char first = (unsigned char)t->bytes[t->at], second;

	if (t->width == 1) {
		t->at++;
		return (char)first;
	}
	if (t->at + 1 == t->len) { /* half a character at the very end */
		t->at++;
		return '?';
	}
	second = (unsigned char)t->bytes[t->at + 1];
	t->at += 2;
	if (t->big)
		return first == 0 && second < 0x80 ? (char)second : '?';
	return second == 0 && first < 0x80 ? (char)first : '?';
}

bool doc_text_line(struct doc_text *t, char line[DOC_LINE_MAX])
{
	size_t n = 0;

	if (t->at >= t->len)
		return false;
	while (t->at < t->len) {
		char c = next(t);

		if (c == '\n' || c == '\r')
			break;
		if (c == '\t')
			c = ' ';
		if ((unsigned char)c < 0x20 || c == 0x7f)
			c = '?';
		if (n < DOC_LINE_MAX - 1 && !(n == 0 && c == ' '))
			line[n++] = c;
	}
	while (n > 0 && line[n - 1] == ' ')
		n--;
	line[n] = '\0';
	return true;
}

bool doc_starts(const char *text, const char *with)
{
	return strncasecmp(text, with, strlen(with)) == 0;
}

char *doc_word(char **line)
{
	char *word = *line + strspn(*line, " ");
	char *end = word + strcspn(word, " ");

	if (*word == '\0')
		return NULL;
	*line = *end ? end + 1 : end;
	*end = '\0';
	return word;
}
