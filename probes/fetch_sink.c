/* SPDX-License-Identifier: ISC */
/* Hashes what comes, and keeps as much of it as is allowed. */
#include "probes/fetch_sink.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <gnutls/crypto.h>

#include "common/util.h"

enum {
	READ_SIZE = 65536, /* octets asked for at once */
	FIRST_CAPACITY = 65536,
	DIGEST_SIZE = 32,
};

int fetch_sink_init(struct fetch_sink *s, const struct fetch_request *r, bool keep)
{
	assert(s && r);
	memset(s, 0, sizeof(*s));
	s->limit = r->byte_limit;
	s->keep = keep;
	s->tail = keep && r->tail;
	s->room = s->tail && r->head ? FETCH_HEAD_MAX : 0;
	return fetch_sink_reset(s);
}

void fetch_sink_done(struct fetch_sink *s)
{
	if (s->hash)
		gnutls_hash_deinit(s->hash, NULL);
	free(s->octets);
	s->hash = NULL;
	s->octets = NULL;
}

int fetch_sink_reset(struct fetch_sink *s)
{
	gnutls_hash_hd_t hash;

	if (s->hash)
		gnutls_hash_deinit(s->hash, NULL);
	s->hash = NULL;
	s->total = 0;
	s->skipped = 0;
	s->len = 0;
	s->next = 0;
	if (gnutls_hash_init(&hash, GNUTLS_DIG_SHA256) < 0)
		return -ENOMEM;
	s->hash = hash;
	return 0;
}

/* Makes room for WANTED octets, as far as the limit allows. */
static int reserve(struct fetch_sink *s, uint64_t wanted)
{
	uint64_t capacity = s->capacity ? s->capacity : FIRST_CAPACITY;
	char *octets;

	while (capacity < wanted && capacity < s->limit)
		capacity *= 2;
	if (capacity > s->limit)
		capacity = s->limit;
	if (capacity <= s->capacity)
		return 0;
	octets = realloc(s->octets, s->room + capacity);
	if (!octets)
		return -ENOMEM;
	s->octets = octets;
	s->capacity = capacity;
	s->next = s->len; /* no ring so far: that would be as large as it may get */
	return 0;
}

/* A ring only from the moment on in which it is as large as it may get. */
static int keep_octets(struct fetch_sink *s, const char *data, size_t len)
{
	int error = reserve(s, (uint64_t)s->len + len);

	if (error < 0)
		return error;
	if (len > s->capacity) {
		data += len - s->capacity;
		len = s->capacity;
	}
	while (len > 0) {
		size_t n = s->capacity - s->next;

		n = n < len ? n : len;
		memcpy(s->octets + s->room + s->next, data, n);
		s->next = (s->next + n) % s->capacity;
		s->len = s->len + n < s->capacity ? s->len + n : s->capacity;
		data += n;
		len -= n;
	}
	return 0;
}

size_t fetch_sink_head(struct fetch_sink *s, const void *data, size_t len)
{
	size_t n = s->room - s->head_len < len ? s->room - s->head_len : len;

	memcpy(s->head + s->head_len, data, n);
	s->head_len += n;
	return n;
}

int fetch_sink_write(struct fetch_sink *s, const void *data, size_t len)
{
	uint64_t bound = s->tail ? s->limit * FETCH_TAIL_STREAM_FACTOR : s->limit;

	assert(s->hash && (data || len == 0));
	if (len > bound || s->total > bound - len)
		return -EFBIG;
	if (len == 0)
		return 0;
	if (s->total == s->head_len) /* it comes from its beginning */
		fetch_sink_head(s, data, len);
	s->total += len;
	gnutls_hash(s->hash, data, len);
	return s->keep ? keep_octets(s, data, len) : 0;
}

void fetch_sink_hash(const struct fetch_sink *s, char ret[65])
{
	gnutls_hash_hd_t copy = gnutls_hash_copy(s->hash);
	unsigned char digest[DIGEST_SIZE];

	ret[0] = '\0';
	if (!copy)
		return; /* not known then */
	gnutls_hash_deinit(copy, digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(ret + 2 * i, 3, "%02x", digest[i]);
}

static void reverse(char *from, char *to)
{
	while (from < to) {
		char c = *from;

		*from++ = *--to;
		*to = c;
	}
}

/* How many octets of the head, all of them whole lines, are not among those that were kept. */
static size_t missing_head(const struct fetch_sink *s)
{
	uint64_t missing = s->skipped + (s->total - s->len);
	size_t n = s->head_len < missing ? s->head_len : (size_t)missing;
	const char *end = n > 0 ? memrchr(s->head, '\n', n) : NULL;

	return end ? (size_t)(end + 1 - s->head) : 0;
}

const char *fetch_sink_octets(struct fetch_sink *s, size_t *ret_len)
{
	char *octets = s->octets ? s->octets + s->room : NULL;
	size_t head;

	/* A full ring begins at `next`: turned in place, as there may be no room for a second. */
	if (s->len == s->capacity && s->next > 0) {
		reverse(octets, octets + s->next);
		reverse(octets + s->next, octets + s->len);
		reverse(octets, octets + s->len);
		s->next = 0;
	}
	head = octets ? missing_head(s) : 0;
	*ret_len = head + s->len;
	return octets ? memcpy(octets - head, s->head, head) : "";
}

/* Reads LEFT octets from SOURCE. A log may grow: it is read as it was when its size was told. Of
 * other files one octet more is asked for, which must not come. */
static int pull(struct fetch_sink *s, const struct fetch_source *source, uint64_t left)
{
	static char buffer[READ_SIZE];
	int error = 0;

	while (error == 0 && (left > 0 || !s->tail)) {
		uint64_t wanted = left + (s->tail ? 0 : 1);
		ssize_t n = source->read(source->userdata, buffer,
			wanted < sizeof(buffer) ? (size_t)wanted : sizeof(buffer));

		if (n < 0)
			return (int)n;
		if (n == 0)
			break;
		if ((uint64_t)n > left)
			return -ERANGE;
		error = fetch_sink_write(s, buffer, (size_t)n);
		left -= (uint64_t)n;
	}
	return error == 0 && left > 0 ? -ERANGE : error;
}

/* The head of a file of which the tail is read next. */
static int pull_head(struct fetch_sink *s, const struct fetch_source *source)
{
	char buffer[FETCH_HEAD_MAX];

	while (s->head_len < s->room) {
		ssize_t n = source->read(source->userdata, buffer, s->room - s->head_len);

		if (n < 0)
			return (int)n;
		if (n == 0)
			break;
		fetch_sink_head(s, buffer, (size_t)n);
	}
	return 0;
}

int fetch_sink_pull(struct fetch_sink *s, const struct fetch_source *source, struct fetch_file *f)
{
	bool whole = f->size <= s->limit;
	int error = 0;

	if (!whole && !s->tail)
		return -EFBIG;
	if (!whole) {
		s->skipped = f->size - s->limit;
		error = pull_head(s, source);
	}
	if (error == 0 && !whole)
		error = source->seek(source->userdata, s->skipped);
	if (error == 0)
		error = pull(s, source, whole ? f->size : s->limit);
	if (error == 0 && whole)
		fetch_sink_hash(s, f->sha256);
	return error;
}
