/* SPDX-License-Identifier: ISC */
/* Octets of a server to lines of replies. */
#include "probes/reply_reader.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/text.h"

enum {
	QUOTE_MAX = 64,    /* characters of a bad line that are shown */
	HIDE_ANYWHERE = 6, /* a shorter secret within a word is more likely to be a part of it */
	HIDE_START = 4,    /* octets of a secret that was cut off; fewer are more likely a chance */
};

/* ------------------------------------------------------------------ the secret */

static bool is_word(const char *line, size_t line_len, size_t at, size_t len)
{
	return (at == 0 || !isalnum((unsigned char)line[at - 1])) &&
		(at + len == line_len || !isalnum((unsigned char)line[at + len]));
}

/* How many octets of LINE at AT are the secret, or its start that the end of the line cuts off. */
static size_t secret_at(const char *line, size_t line_len, size_t at, const char *secret)
{
	size_t len = strlen(secret), left = line_len - at;

	if (left < len)
		return left >= HIDE_START && strncasecmp(line + at, secret, left) == 0 ? left : 0;
	if (len == 0 || strncasecmp(line + at, secret, len) != 0)
		return 0;
	return len >= HIDE_ANYWHERE || is_word(line, line_len, at, len) ? len : 0;
}

/* Copies the line under way, the secret hidden: once it is cut or escaped that would not be found.
 */
static void show(const struct reply_reader *r, char shown[REPLY_LINE_MAX])
{
	size_t at = 0;

	memcpy(shown, r->line, r->line_len);
	while (r->secret && at < r->line_len) {
		size_t n = secret_at(shown, r->line_len, at, r->secret);

		memset(shown + at, '*', n);
		at += n > 0 ? n : 1;
	}
}

void reply_reader_hide(struct reply_reader *r, const char *secret)
{
	r->secret = secret;
}

/* ------------------------------------------------------------------ lines */

/* The code at the start of LINE when that is how a reply begins (RFC 959 section 4.2), else 0. The
 * first digit 6 is RFC 2228's; a bare code is no reply by the letter, but servers send it. */
static int line_code(const char *line, size_t len)
{
	if (len < 3 || line[0] < '1' || line[0] > '6')
		return 0;
	for (size_t i = 1; i < 3; i++)
		if (line[i] < '0' || line[i] > '9')
			return 0;
	if (len > 3 && line[3] != ' ' && line[3] != '-')
		return 0;
	return 100 * (line[0] - '0') + 10 * (line[1] - '0') + (line[2] - '0');
}

/* True when the line under way ends its reply. */
static bool is_last(const struct reply_reader *r, int code)
{
	if (code == 0 || (r->multiline != 0 && code != r->multiline))
		return false;
	return r->line_len == 3 || r->line[3] == ' ';
}

/* Takes the carriage return off the line under way and returns its code, 0 when it has none. */
static int end_line(struct reply_reader *r)
{
	if (!r->line_cut && r->line_len > 0 && r->line[r->line_len - 1] == '\r')
		r->line_len--;
	return line_code(r->line, r->line_len);
}

/* Between the first and the last line stands free text, whatever digits it starts with; most
 * servers repeat their code there. */
static void give_out(struct reply_reader *r, int code, struct reply_line *ret)
{
	/* One for all: a reader is in each login that is under way. */
	static _Thread_local char shown[REPLY_LINE_MAX];
	bool ours = r->multiline == 0 || code == r->multiline;
	size_t skip = !ours ? 0 : r->line_len < 4 ? r->line_len : 4;

	show(r, shown);
	*ret = (struct reply_line){
		.code = code,
		.last = is_last(r, code),
		.text = shown + skip,
		.raw = r->line + skip,
		.len = r->line_len - skip,
	};
	if (!ret->last && r->multiline == 0)
		r->multiline = code;
}

static enum reply_event take_line(struct reply_reader *r, struct reply_line *ret)
{
	int code = end_line(r);

	if (code == 0 && r->multiline == 0)
		return REPLY_NOT_FTP;
	if (++r->lines > REPLY_LINES_MAX)
		return REPLY_TOO_MANY;
	give_out(r, code, ret);
	r->line_done = true;
	return REPLY_LINE;
}

static void begin_line(struct reply_reader *r)
{
	r->line_len = 0;
	r->line_cut = r->line_done = false;
}

/* Adds LEN octets to the line under way, as many as are kept. */
static void add_to_line(struct reply_reader *r, const char *bytes, size_t len)
{
	size_t room = sizeof(r->line) - r->line_len;
	size_t n = len < room ? len : room;

	memcpy(r->line + r->line_len, bytes, n);
	r->line_len += n;
	if (n < len)
		r->line_cut = true;
}

void reply_reader_begin(struct reply_reader *r)
{
	r->multiline = 0;
	r->bytes = r->lines = 0;
	begin_line(r);
}

/* Every decision falls at a certain octet of the stream, so that cuts never matter. */
enum reply_event reply_reader_take(struct reply_reader *r, const char *bytes, size_t len,
	size_t *ret_used, struct reply_line *ret)
{
	const char *end = memchr(bytes, '\n', len);
	size_t used = end ? (size_t)(end - bytes) + 1 : len;

	assert(len > 0);
	*ret_used = used;
	if (r->line_done)
		begin_line(r);
	add_to_line(r, bytes, end ? used - 1 : used);
	r->bytes += used;
	if (r->line_len == REPLY_LINE_MAX && r->multiline == 0 &&
		line_code(r->line, r->line_len) == 0)
		return REPLY_NOT_FTP;
	if (r->bytes > REPLY_BYTES_MAX)
		return REPLY_TOO_LONG;
	return end ? take_line(r, ret) : REPLY_MORE;
}

bool reply_reader_end(struct reply_reader *r, struct reply_line *ret)
{
	int code;

	if (r->line_done)
		begin_line(r);
	code = end_line(r);
	if (!is_last(r, code))
		return false;
	give_out(r, code, ret);
	return true;
}

int reply_reader_code(const struct reply_reader *r)
{
	return r->multiline != 0 ? r->multiline : line_code(r->line, r->line_len);
}

void reply_reader_quote(const struct reply_reader *r, const char *what, char *dst, size_t size)
{
	char line[REPLY_LINE_MAX], all[4 * REPLY_LINE_MAX + 1], shown[QUOTE_MAX + 1];
	size_t len;
	bool cut;

	show(r, line);
	len = text_escape(all, sizeof(all), line, r->line_len);
	cut = text_escape(shown, sizeof(shown), line, r->line_len) < len;
	snprintf(dst, size, "%s: \"%s%s\"", what, shown, cut ? "..." : "");
}

bool reply_reader_describe_rest(const struct reply_reader *r, char *dst, size_t size)
{
	if (r->line_len > 0 && !r->line_done)
		reply_reader_quote(r, "unfinished line", dst, size);
	else if (r->multiline != 0)
		snprintf(dst, size, "unfinished reply %d", r->multiline);
	else
		return false;
	return true;
}
