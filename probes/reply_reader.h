/* SPDX-License-Identifier: ISC */
/*
 * Octets of a server to lines of replies (RFC 959 section 4.2), whatever their cuts, and within
 * bounds. Pure. Who reads calls reply_reader_take() with what is left until all is taken, and
 * reply_reader_begin() before each reply.
 */
#ifndef FTPHEALTH_REPLY_READER_H
#define FTPHEALTH_REPLY_READER_H

#include <stdbool.h>
#include <stddef.h>

enum {
	REPLY_LINE_MAX = 512,    /* octets of one line that are kept; the rest is dropped */
	REPLY_BYTES_MAX = 65536, /* octets of one reply, kept or not, before it is not FTP */
	REPLY_LINES_MAX = 1000,  /* lines of one reply, likewise */
};

enum reply_event {
	REPLY_MORE, /* the line is not complete */
	REPLY_LINE,
	REPLY_NOT_FTP,  /* a line that begins no reply */
	REPLY_TOO_LONG, /* more than REPLY_BYTES_MAX */
	REPLY_TOO_MANY, /* more than REPLY_LINES_MAX */
};

/* A whole line of a reply, without its code and its end. */
struct reply_line {
	int code;         /* of the reply when the line is the last one */
	bool last;        /* it ends the reply */
	const char *text; /* the secret hidden; until a reader of this thread gives the next */
	const char *raw;  /* the same with it, for numbers that are read and not kept; in the
			     reader: until the next call */
	size_t len;       /* of both */
};

struct reply_reader {
	int multiline;             /* code of the multi-line reply that is open, or 0 */
	size_t bytes, lines;       /* of the reply under way, kept or not */
	size_t line_len;           /* octets kept of the line under way */
	bool line_cut;             /* more of it came than is kept */
	bool line_done;            /* it was given out: the next octet begins another */
	const char *secret;        /* borrowed: outlives the reader; NULL when there is none */
	char line[REPLY_LINE_MAX]; /* as it came */
};

/* Before any octet: SECRET is not to be seen in what is given out or quoted. Asterisks stand for
 * it, upper or lower case: for a word of its own, from 6 octets on for any part of one, and at the
 * end of a line for as much of it as was not cut off, from 4 octets on. NULL: nothing is hidden. */
void reply_reader_hide(struct reply_reader *r, const char *secret);

/* Makes ready for the next reply. */
void reply_reader_begin(struct reply_reader *r);

/* Takes octets of one line, up to its line feed or as far as they came; *RET_USED says how many.
 * LEN is not 0. */
enum reply_event reply_reader_take(struct reply_reader *r, const char *bytes, size_t len,
	size_t *ret_used, struct reply_line *ret);

/* The stream has ended. Returns true when what is there of a line would end its reply, as if its
 * end had come. */
bool reply_reader_end(struct reply_reader *r, struct reply_line *ret);

/* The code of the reply under way, as far as it is known; else 0. */
int reply_reader_code(const struct reply_reader *r);

/* Writes `WHAT: "the line under way"`, escaped and shortened. */
void reply_reader_quote(const struct reply_reader *r, const char *what, char *dst, size_t size);

/* Says how a stream ended within a reply; false when it did not. */
bool reply_reader_describe_rest(const struct reply_reader *r, char *dst, size_t size);

#endif
