/* SPDX-License-Identifier: ISC */
/* The recorder's two sides: what the main thread hands over, and the thread that writes it. */
#ifndef FTPHEALTH_RECORDER_PRIVATE_H
#define FTPHEALTH_RECORDER_PRIVATE_H

#include <pthread.h>

#include "agent/recorder.h"
#include "agent/recorder_image.h"

enum { PROBES_WAITING_MAX = 200000 };

/* ---- what is handed over, in order */

enum message_kind {
	MESSAGE_EVENT,
	MESSAGE_TARGETS,
	MESSAGE_SETTINGS,
	MESSAGE_ADMIN,
	MESSAGE_LIMITS,
	MESSAGE_SYNC,
	MESSAGE_ARRIVED,
	MESSAGE_AGENT
};

/* What all messages begin with; some are no more than that. */
struct message {
	struct message *next;
	enum message_kind kind;
	uint32_t number; /* of the target, or the sequence of the notice that has arrived */
	uint32_t value;  /* enum admin, enum setting or enum agent_state */
	uint64_t time;
};

struct event_message {
	struct message message;
	struct event_record event;
	struct alarm_counters counters;
	bool has_alarm;
	struct alarm_record alarm;
	uint32_t closed;
	struct notice *notice; /* owned; NULL when there is none */
};

struct targets_message {
	struct message message;
	struct placed *targets;
	size_t n;
	bool all; /* there are no others */
};

struct settings_message {
	struct message message;
	struct policy_settings settings;
};

struct limits_message {
	struct message message;
	struct recorder_limits limits;
};

/* A row of the history that is not written yet. */
struct probe_row {
	struct probe_row *next;
	struct probe_record record;
};

/* The latest state of a target. */
struct state_update {
	struct state_record record;
	uint32_t number;
};

/* What waits for the thread; taken as a whole. */
struct waiting {
	struct message *first, *last;
	size_t n_messages;
	struct probe_row *first_row, *last_row;
	size_t n_rows;
	struct state_update *states;
	size_t n_states, states_size;
};

/* ---- a name and its index, for the main thread */

struct known {
	uint32_t index;
	uint8_t admin;   /* enum admin */
	uint8_t sync;    /* enum setting */
	uint32_t number; /* of the latest probe */
	uint32_t slot;   /* of its state in waiting.states, valid in: */
	struct place *place;
	uint64_t sync_time;
	uint64_t batch;
};

struct recorder {
	char *path;
	int claim; /* on the store; -1 = none */
	struct recorder_options
		options; /* its path is not valid any more; its limits are the thread's */
	uint64_t retry_min_usec;

	/* main thread */
	struct known **by_index, **by_name;
	size_t n_known, known_size;
	bool has_history;
	bool started;
	pthread_t thread;

	/* under the lock */
	pthread_mutex_t lock;
	pthread_cond_t work, done;
	struct waiting waiting;
	uint64_t batch; /* rises whenever what waits is taken */
	bool urgent, stopping;
	uint64_t flush_wanted, flush_done;
	bool impaired;
	uint64_t saved_time, write_usec; /* write_usec: a transaction began then; 0 = none */
	uint32_t lost;
	size_t unwritten;    /* entries of the image */
	uint64_t pause_usec; /* until then only what is urgent is written */
	uint64_t retry_usec; /* the store cannot be used; try again then. 0 = it can */

	/* under its own lock, which is held while notices are released */
	pthread_mutex_t release_lock;
	bool silenced; /* nothing is released any more */

	/* the thread; before its start the main thread */
	struct image image;
	struct store *store; /* NULL: not open */
	uint64_t run_read;   /* of the file whose past was read */
	bool past_read;
	int trouble;     /* what was logged last, -errno; 0 = all is well */
	bool begun_anew; /* an unusable file was put aside, and nothing was written since */
	uint64_t retry_wait_usec;
	size_t prune_at;         /* the next target whose old history goes */
	struct notice **release; /* to be released after the transaction; owned */
	size_t n_release, release_size;
};

void message_free(struct message *m);

/* The name of INDEX, or NULL. */
struct known *recorder_known(const struct recorder *r, uint32_t index);

/* The names of the image, or of N targets, become known. Return 0 or -ENOMEM. */
int recorder_learn_past(struct recorder *r);
int recorder_learn_targets(struct recorder *r, struct target *const *targets, size_t n);
void recorder_forget_names(struct recorder *r);

/* Opens the store and reads the past into the image; puts a bad file aside. */
void recorder_open(struct recorder *r);

/* Opens the store again, whatever it has become, to write it anew. Returns 0 or -errno. */
int recorder_reopen(struct recorder *r);

/* Moves a file that is unusable, for the reason WHY, out of the way; WHY when that was no help. */
int recorder_put_aside(struct recorder *r, int why);

/* The thread. */
void *recorder_run(void *recorder);

/* It hangs in a call: it stays, with all that it may still use. */
void recorder_leave_behind(struct recorder *r);

#endif
