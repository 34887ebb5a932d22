/* SPDX-License-Identifier: ISC */
/*
 * All of the present as the store is to have it, in the memory of the recorder's thread, with marks
 * at what the store does not have yet. So a write that failed is simply made later, and a file that
 * was lost is written anew.
 */
#ifndef FTPHEALTH_RECORDER_IMAGE_H
#define FTPHEALTH_RECORDER_IMAGE_H

#include <stdatomic.h>

#include "agent/store.h"

/* The name of a target and where it is: never changed, and shared by the threads, or there would be
 * three copies of each. */
struct place {
	atomic_uint refs;
	uint16_t port;
	uint16_t host; /* where it begins in the text */
	char text[];   /* the name, then the host */
};

/* NULL without memory. */
struct place *place_new(const char *name, const char *host, uint16_t port);
struct place *place_ref(struct place *p);

/* Takes NULL; returns NULL. */
struct place *place_unref(struct place *p);
bool place_is(const struct place *p, const char *name, const char *host, uint16_t port);

static inline const char *place_host(const struct place *p)
{
	return p->text + p->host;
}

/* A target of a configuration. */
struct placed {
	uint32_t index;
	bool watched;
	struct place *place; /* a reference of its own */
};

enum image_kind { IMAGE_TARGET, IMAGE_ALARM, IMAGE_EVENT, IMAGE_NOTICE, IMAGE_KINDS };

/* What all entries begin with. */
struct image_entry {
	uint32_t key;
	uint8_t kind; /* enum image_kind */
	bool dirty;   /* the store does not have it so */
	bool gone;    /* removed; it stays in its list for a while */
	struct image_entry *next_dirty;
};

/* A state_record of a target, packed: there is one for each. */
struct image_state {
	char *reply_text; /* owned; NULL when empty */
	uint64_t since, probe_time, ok_time;
	uint32_t total_usec, fail_streak;
	int reply_code;
	uint8_t state, outcome, diagnosis, confidence, admin;
	bool flapping;
};

/* Returns 0 or -ENOMEM with nothing changed. */
int image_state_pack(struct image_state *s, const struct state_record *from);
void image_state_unpack(const struct image_state *s, uint32_t target, struct state_record *ret);

struct image_target {
	struct image_entry entry; /* by index */
	struct place *place;
	bool watched, has_state;
	uint8_t admin;       /* 0 = none was ordered */
	uint8_t sync;        /* enum setting */
	uint8_t changed;     /* which of its rows are dirty */
	uint32_t number;     /* of the latest probe */
	uint32_t generation; /* of the configuration that has it */
	uint64_t sync_time;
	struct image_state state;
};

struct image_alarm {
	struct image_entry entry; /* by number */
	struct alarm_record record;
};

struct image_event {
	struct image_entry entry; /* by sequence */
	struct event_record record;
};

struct image_notice {
	struct image_entry entry; /* by sequence */
	size_t len;
	unsigned char packed[];
};

/* Entries of one kind, ascending by key. */
struct image_list {
	struct image_entry **rows;
	size_t n, size;
	size_t first;  /* those before it are gone */
	size_t n_gone; /* of all n */
};

struct image {
	struct image_list lists[IMAGE_KINDS];
	struct store_numbers numbers;
	struct policy_settings settings;
	bool settings_ordered; /* they are not just the defaults */
	uint32_t event_rows;
	uint32_t generation;

	struct image_entry *dirty;
	size_t n_dirty;
	bool numbers_dirty, settings_dirty;
	bool rewrite; /* the store is to forget what it has first */
	bool durable; /* what is dirty must outlast a power failure */
};

/* Nothing is known. EVENT_ROWS events are kept. */
void image_init(struct image *im, uint32_t event_rows);
void image_done(struct image *im);

/* Keeps ROWS events (0 counts as 1) from the next one on, here and in the store. */
void image_keep_events(struct image *im, uint32_t rows);

/* Takes over what S has: all of it, or (FOREIGN: it is of a later version) what never changes its
 * meaning. Returns the first failure, having read what it could. */
int image_load(struct image *im, struct store *s, bool foreign);

/* How many there are, and the I-th of LIST->n, which is NULL when it is gone. */
size_t image_count(const struct image *im, enum image_kind kind);
struct image_entry *image_at(const struct image *im, enum image_kind kind, size_t i);

/* Changes. All return 0 or -ENOMEM; those of targets that are not known do nothing. */
int image_set_target(struct image *im, uint32_t index, struct place *place, bool watched);
/* ALL: no others are watched any more. */
int image_set_targets(struct image *im, const struct placed *targets, size_t n, bool all);
void image_set_admin(struct image *im, uint32_t target, enum admin admin);
void image_set_sync(struct image *im, uint32_t target, enum setting sync, uint64_t time);
/* NUMBER: of the latest row of its history; it only rises. */
void image_set_number(struct image *im, uint32_t target, uint32_t number);
int image_set_state(struct image *im, const struct state_record *state, uint32_t number);
void image_set_policy(struct image *im, const struct policy_settings *settings);
void image_set_counters(struct image *im, const struct alarm_counters *counters);
void image_set_agent(struct image *im, uint32_t state);
int image_put_alarm(struct image *im, const struct alarm_record *a);
int image_put_event(struct image *im, const struct event_record *e);
int image_put_notice(struct image *im, uint32_t sequence, const void *packed, size_t len);
void image_remove(struct image *im, enum image_kind kind, uint32_t key);

/* All is dirty: the store has nothing, or nobody knows what. */
void image_mark_all(struct image *im);

/* True when the store has all of it. */
bool image_is_written(const struct image *im);

/* Writes what is dirty to S, within a transaction. */
int image_write(const struct image *im, struct store *s);

/* The transaction went well. */
void image_written(struct image *im);

#endif
