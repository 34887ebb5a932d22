/* SPDX-License-Identifier: ISC */
/* Lines of a foreign text document: any octets, UTF-16 with a byte order mark too, in bounded
 * memory. */
#ifndef FTPHEALTH_DOC_TEXT_H
#define FTPHEALTH_DOC_TEXT_H

#include <stdbool.h>
#include <stddef.h>

enum {
	DOC_LINE_MAX = 2048
}; /* octets of a line that are kept, with its NUL; the rest is dropped */

struct doc_text {
	const char *bytes; /* borrowed */
	size_t len, at;
	unsigned width; /* octets of a character: 1, or 2 with a byte order mark of UTF-16 */
	bool big;       /* UTF-16 with the high octet first */
};

/* Begins to read LEN octets. Returns 0, or -EBADMSG with the reason in *WHY (static) when they are
 * no text: none at all, or NULs in them. */
int doc_text_open(struct doc_text *t, const char *bytes, size_t len, const char **why);

/* Puts the next line into LINE: without its end and without blanks around it, a control character
 * as '?', a tab as a space, a character of UTF-16 above ASCII as '?'. False at the end. */
bool doc_text_line(struct doc_text *t, char line[DOC_LINE_MAX]);

/* True when TEXT begins with WITH in any case. */
bool doc_starts(const char *text, const char *with);

/* Takes the next word (blanks around it) off *LINE, in place; NULL when there is none. */
char *doc_word(char **line);

#endif
