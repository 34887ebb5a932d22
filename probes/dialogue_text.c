/* SPDX-License-Identifier: ISC */
/* The texts of replies: made safe, cut to their bounds, and kept in the observation. */
#include "probes/dialogue_text.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"

enum {
	/* Each reply still to come is sure of room for a line, so that a long banner never costs
	 * the text of the refusal after it. */
	TEXT_RESERVE = REPLY_LINE_MAX,
};
static_assert(OBSERVATION_REPLIES_MAX * TEXT_RESERVE <= OBSERVATION_TEXT_MAX, "no room for texts");

/* Writes as much of SRC, made safe, as fits whole into SIZE octets at DST; returns how many. Octets
 * above 0x7f stay: they are text of whatever character set the server uses. */
static size_t escape_line(char *dst, size_t size, const char *src, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)src[i];
		char shown[5] = { src[i] };
		size_t width = 1;

		if (c < 0x20 || c == 0x7f)
			width = text_escape(shown, sizeof(shown), src + i, 1);
		if (n + width > size)
			break;
		memcpy(dst + n, shown, width);
		n += width;
	}
	return n;
}

/* Makes the observation's text at least SIZE octets large; replies kept so far move with it. */
static int need_text(struct dialogue *d, size_t size)
{
	struct observation *o = d->observation;
	size_t offsets[OBSERVATION_REPLIES_MAX], larger = d->text_size > 0 ? d->text_size : 256;
	char *text;

	assert(size <= OBSERVATION_TEXT_MAX);
	if (size <= d->text_size)
		return 0;
	while (larger < size)
		larger *= 2;
	for (size_t i = 0; i < o->n_replies; i++)
		offsets[i] = (size_t)(o->replies[i].text - o->text);
	text = realloc(o->text, larger);
	if (!text)
		return -ENOMEM;
	o->text = text;
	d->text_size = larger;
	for (size_t i = 0; i < o->n_replies; i++)
		o->replies[i].text = text + offsets[i];
	return 0;
}

/* Takes the last line that was kept of the reply under way out of its text again. */
static void drop_line(struct dialogue *d)
{
	const char *text = d->observation->text + d->reply_text;
	const char *end = memrchr(text, '\n', d->text_len - d->reply_text);

	d->text_len = d->reply_text + (end ? (size_t)(end - text) : 0);
}

/* True when a line of LEN octets and a NUL fit behind the text of the reply under way. */
static bool has_room(const struct dialogue *d, size_t len)
{
	size_t separator = d->text_len > d->reply_text ? 1 : 0;

	return d->text_len + separator + len + 1 <= d->reply_end;
}

int dialogue_keep_line(struct dialogue *d, const char *line, size_t len, bool last)
{
	char shown[4 * REPLY_LINE_MAX];
	size_t n = escape_line(shown, sizeof(shown), line, len);
	int r;

	if (!last && (d->reply_full || !has_room(d, n))) {
		d->reply_full = true;
		return 0;
	}
	if (last && n == 0)
		return 0;
	while (!has_room(d, n) && d->text_len > d->reply_text)
		drop_line(d);
	if (!has_room(d, n))
		n = escape_line(shown, d->reply_end - d->text_len - 1, line, len);
	r = need_text(d, d->text_len + n + 1 + (d->text_len > d->reply_text ? 1 : 0));
	if (r < 0)
		return r;
	if (d->text_len > d->reply_text)
		d->observation->text[d->text_len++] = '\n';
	memcpy(d->observation->text + d->text_len, shown, n);
	d->text_len += n;
	return 0;
}

void dialogue_begin_reply(struct dialogue *d)
{
	size_t later = OBSERVATION_REPLIES_MAX - d->observation->n_replies - 1;
	size_t room = OBSERVATION_TEXT_MAX - d->text_len - later * TEXT_RESERVE;

	reply_reader_begin(&d->reader);
	d->reply_text = d->text_len;
	d->reply_end = d->text_len + (room < REPLY_TEXT_MAX + 1 ? room : REPLY_TEXT_MAX + 1);
	d->reply_full = false;
}

int dialogue_keep_reply(struct dialogue *d, int code, uint64_t now_usec)
{
	struct observation *o = d->observation;
	int r = need_text(d, d->text_len + 1);

	if (r < 0)
		return r;
	while (d->text_len > d->reply_text && o->text[d->text_len - 1] == '\n')
		d->text_len--;
	o->text[d->text_len++] = '\0';
	assert(o->n_replies < OBSERVATION_REPLIES_MAX);
	o->replies[o->n_replies++] = (struct reply){
		.stage = d->stage,
		.code = code,
		.at_usec = dialogue_elapsed(d->start_usec, now_usec),
		.text = o->text + d->reply_text,
	};
	return 0;
}
