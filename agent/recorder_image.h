/* SPDX-License-Identifier: ISC */
/*
 * All of the present as the store is to have it, in the memory of the recorder's thread, with marks
 * at what the store does not have yet. So a write that failed is simply made later, and a file that
 * was lost is written anew.
 */
#ifndef FTPHEALTH_RECORDER_IMAGE_H
#define FTPHEALTH_RECORDER_IMAGE_H

#include "agent/store.h"

enum image_kind { IMAGE_TARGET, IMAGE_ALARM, IMAGE_EVENT, IMAGE_NOTICE, IMAGE_KINDS };

/* What all entries begin with. */
struct image_entry {
	enum image_kind kind;
	uint32_t key;
	bool dirty; /* the store does not have it so */
	bool gone;  /* removed; it stays in its list for a while */
	struct image_entry *next_dirty;
};

struct image_target {
	struct image_entry entry; /* by index */
	char *name, *host;        /* one allocation, that of name */
	uint16_t port;
	bool watched, has_state;
	enum admin admin; /* 0 = none was ordered */
	enum setting sync;
	uint64_t sync_time;
	struct state_record state;
	uint32_t number;     /* of the latest probe */
	unsigned changed;    /* which of its rows are dirty */
	uint32_t generation; /* of the configuration that has it */
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

/* Takes over what S has: all of it, or (FOREIGN: it is of a later version) what never changes its
 * meaning. Returns the first failure, having read what it could. */
int image_load(struct image *im, struct store *s, bool foreign);

/* The entry of KEY, or NULL. */
struct image_entry *image_find(const struct image *im, enum image_kind kind, uint32_t key);

/* How many there are, and the I-th of LIST->n, which is NULL when it is gone. */
size_t image_count(const struct image *im, enum image_kind kind);
struct image_entry *image_at(const struct image *im, enum image_kind kind, size_t i);

/* Changes. All return 0 or -ENOMEM; those of targets that are not known do nothing. */
int image_set_target(struct image *im, const struct store_target *t);
int image_set_targets(struct image *im, const struct store_target *targets, size_t n);
void image_set_admin(struct image *im, uint32_t target, enum admin admin);
void image_set_sync(struct image *im, uint32_t target, enum setting sync, uint64_t time);
void image_set_state(struct image *im, const struct state_record *state, uint32_t number);
void image_set_policy(struct image *im, const struct policy_settings *settings);
void image_set_counters(struct image *im, const struct alarm_counters *counters);
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
