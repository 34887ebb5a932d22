/* SPDX-License-Identifier: ISC */
/* Where the octets of one file go: into a hash and, when asked for, into memory; bounded. */
#ifndef FTPHEALTH_FETCH_SINK_H
#define FTPHEALTH_FETCH_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "probes/fetch_protocol.h"

/* Of a stream whose end has to be read for its tail, so many times the byte limit is read. */
enum { FETCH_TAIL_STREAM_FACTOR = 64 };

struct fetch_sink {
	uint64_t limit;   /* octets kept, and without TAIL taken at all */
	bool keep, tail;  /* keep the octets; the last ones if there are more */
	void *hash;       /* gnutls's */
	uint64_t total;   /* octets that came */
	uint64_t skipped; /* octets of the file before them, which the caller has not asked for */
	char *octets;     /* behind ROOM a ring of CAPACITY octets once there are LIMIT */
	size_t room, capacity, len, next;
	char head[FETCH_HEAD_MAX]; /* the first octets; ROOM of them at most */
	size_t head_len;
};

/* KEEP: the contents are wanted, as R says. Returns 0 or -ENOMEM. */
int fetch_sink_init(struct fetch_sink *s, const struct fetch_request *r, bool keep);
void fetch_sink_done(struct fetch_sink *s);

/* Takes octets of the file's head, which come for themselves. Returns how many there was room for.
 */
size_t fetch_sink_head(struct fetch_sink *s, const void *data, size_t len);

/* Empties S, but for the head, for another try at the same file. Returns 0 or -ENOMEM. */
int fetch_sink_reset(struct fetch_sink *s);

/* Takes LEN octets. Returns 0, -EFBIG when they are more than the bound, or -ENOMEM. */
int fetch_sink_write(struct fetch_sink *s, const void *data, size_t len);

/* The SHA-256 of all that came, in lower case. */
void fetch_sink_hash(const struct fetch_sink *s, char ret[65]);

/* The octets kept, in their order; they live as long as S. When some of the file are not among
 * them, the lines of its head that are not either stand before them, if they were asked for. */
const char *fetch_sink_octets(struct fetch_sink *s, size_t *ret_len);

/* A file that can be read from any place: READ as pread(2) without the place, 0 at the end; SEEK
 * returns 0; both else -errno. */
struct fetch_source {
	ssize_t (*read)(void *userdata, void *dst, size_t size);
	int (*seek)(void *userdata, uint64_t offset);
	void *userdata;
};

/* Reads the file F, whose size is known, from SOURCE into S: all, or for a tail the last octets.
 * F gets the hash of a file that was read whole. Returns 0; -EFBIG when it is larger than the
 * limit, and then nothing was read; -ERANGE when its size changed meanwhile (with a tail it may
 * grow); or the -errno of reading. */
int fetch_sink_pull(struct fetch_sink *s, const struct fetch_source *source, struct fetch_file *f);

#endif
