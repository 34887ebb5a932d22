/* SPDX-License-Identifier: ISC */
/*
 * HTML as it is written: markup is what stands in a format, which the compiler wants to be a
 * literal; whatever an argument says is text. So nothing that a server sends can become markup.
 */
#ifndef FTPHEALTH_HTML_H
#define FTPHEALTH_HTML_H

#include <stdio.h>

/* Writes FORMAT with its arguments as text, fit for content and for the value of an attribute in
 * quotes. Knows %s, %d, %u and %%. What cannot be written ferror() tells. */
void html_print(FILE *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same for one text: & < > " ' become references, a tab or line end becomes a space, all else
 * outside printable ASCII becomes \xNN as everywhere (common/text.h). */
void html_text(FILE *f, const char *text);

#endif
