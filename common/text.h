/* SPDX-License-Identifier: ISC */
/* Foreign text made safe to print: nothing a server sends reaches a terminal, a log or the MIB raw.
 */
#ifndef FTPHEALTH_TEXT_H
#define FTPHEALTH_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Copies LEN bytes of SRC into DST (SIZE bytes, SIZE > 0, always terminated) as printable ASCII: a
 * tab becomes a space, any other byte outside 0x20..0x7e becomes \xNN. An escape that does not fit
 * whole is left out. Returns the length written. */
size_t text_escape(char *dst, size_t size, const char *src, size_t len);

/* The same for a terminated string into fresh memory, cut at MAX characters; NULL when there is no
 * memory. The caller frees it. */
char *text_escape_dup(const char *src, size_t max);

/* True when S is well-formed UTF-8 (RFC 3629) without control characters (C0, DEL, C1) other than
 * tab and newline, and without those that turn the direction of writing or separate lines. */
bool text_is_clean_utf8(const char *s);

#endif
