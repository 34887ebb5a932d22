/* SPDX-License-Identifier: ISC */
/*
 * What must outlast a restart, in one file: SQLite in WAL mode. The recorder is its only writer;
 * `ftphealth status`, `history`, `alarms`, `events` and `report` read it meanwhile. A thin layer:
 * what is kept when, and what is done about a file that cannot be used, the recorder decides.
 *
 * Schema 3. Tables and columns are an interface. Enumerations are numbers as the MIB has them
 * (FtpAuthState, FtpAuthOutcome, FtpAuthStage, FtpAuthDiagnosis, FtpAuthSeverity, FtpAuthSetting,
 * FtpAuthTargetAdmin), kinds of alarms are FtpAuthKind, kinds of events are the arc of the
 * notification below ftpAuthNotifications; times are microseconds since 1970, 0 = never; truth is
 * 0 or 1; target is ftpAuthTargetIndex, 0 = the agent. store_schema.c has the columns one by one.
 * Later versions keep the meaning of `target`, `number` and `alarm`, so that an earlier one that
 * finds their file does not give an index to another name or leave an alarm open for ever.
 *
 * All functions but the last two return 0 or -errno, silently: -EUCLEAN when the file is damaged or
 * no store, -ENOTSUP when it is of a later version.
 */
#ifndef FTPHEALTH_STORE_H
#define FTPHEALTH_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/alarm.h"
#include "agent/policy.h"
#include "agent/record.h"

struct store;

/* Claims the store at PATH for this process, as long as *RET_FD is open (owned by the caller): by a
 * lock on PATH.lock, which stays there. -EBUSY: another process has it. */
int store_claim(const char *path, int *ret_fd);

/* Opens or makes the file at PATH and its folder, and brings it to the present schema. */
int store_open(const char *path, struct store **ret);

/* Opens it as it is, only to be read; also what is damaged, of another version, or on a file system
 * that nothing can be written to. */
int store_open_read_only(const char *path, struct store **ret);

/* Takes NULL; returns NULL. */
struct store *store_close(struct store *s);

/* Moves the file and what SQLite keeps beside it to PATH.WORD-TIME, whose name is written to NAME.
 */
int store_put_aside(const char *path, const char *word, char *name, size_t size);

/* True when the file has been moved, removed or replaced under us. */
bool store_has_moved(struct store *s);

/* True when ERROR, one of these functions', is a lock that was waited for in vain: so will each
 * other call, which takes seconds. */
bool store_is_locked(int error);

/* What to do about an error of these functions: half a sentence; static. */
const char *store_advice(int error);

/* ---- reading */

struct store_target {
	uint32_t index;
	const char *name, *host;
	uint16_t port;
	bool watched;    /* it was among the targets of the latest configuration */
	uint32_t number; /* of the latest row of its history; not written */
};

/* Numbers over all. */
struct store_numbers {
	struct alarm_counters counters;
	uint64_t run;   /* chosen at random by the agent that wrote last; 0 = by an early version */
	uint32_t agent; /* enum agent_state, as it was last; 0 = by an early version */
};

/* Called for each row, ascending by number, strings and blobs live during the call. Those that
 * are NULL are not read. What they return is negative to stop. */
struct store_readers {
	int (*on_target)(void *userdata, const struct store_target *t);
	int (*on_alarm)(void *userdata, const struct alarm_record *a);
	int (*on_event)(void *userdata, const struct event_record *e);
	int (*on_notice)(void *userdata, uint32_t sequence, const void *packed, size_t len);
	int (*on_state)(void *userdata, const struct state_record *s, uint32_t number);
	int (*on_sync)(void *userdata, uint32_t target, enum setting sync, uint64_t time);
	int (*on_admin)(void *userdata, uint32_t target, enum admin admin);
	void *userdata;
	uint32_t event_rows; /* the latest of them */
};

/* Reads all that can be read, whatever of it is damaged, and returns the first failure. */
int store_read(struct store *s, const struct store_readers *readers);
int store_read_numbers(struct store *s, struct store_numbers *ret);

/* Changes those of SETTINGS that a manager has set; *RET_ORDERED says whether one has. */
int store_read_policy(struct store *s, struct policy_settings *settings, bool *ret_ordered);

/* ---- writing, between store_begin() and store_end() */

/* DURABLE: what is written outlasts a power failure once store_end() has returned 0; otherwise only
 * the death of the agent. */
int store_begin(struct store *s, bool durable);

/* Commits when RESULT, that of the writes, is not negative, else takes them back. Returns the first
 * failure. */
int store_end(struct store *s, int result);

/* Afterwards: moves what was written from the log to the file when that is due. */
int store_tidy(struct store *s);

/* Forgets all of the present; targets, whose indexes are never given again, and history stay. */
int store_clear(struct store *s);

int store_put_numbers(struct store *s, const struct store_numbers *numbers);
int store_put_policy(struct store *s, const struct policy_settings *settings);
int store_put_target(struct store *s, const struct store_target *t);
int store_put_admin(struct store *s, uint32_t target, enum admin admin);
int store_put_sync(struct store *s, uint32_t target, enum setting sync, uint64_t time);
int store_put_state(struct store *s, const struct state_record *state, uint32_t number);
int store_remove_state(struct store *s, uint32_t target);
int store_put_alarm(struct store *s, const struct alarm_record *a);
int store_remove_alarm(struct store *s, uint32_t alarm);
int store_put_event(struct store *s, const struct event_record *e);
int store_prune_events(struct store *s, uint32_t first); /* those before it go */
int store_put_notice(struct store *s, uint32_t sequence, const void *packed, size_t len);
int store_remove_notice(struct store *s, uint32_t sequence);

/* Adds a row to the ring of its target, of which ROWS stay. */
int store_put_probe(struct store *s, const struct probe_record *p, uint32_t rows);

/* Deletes those of the oldest rows of TARGET, a few dozen at a time, that are older than TIME. */
int store_prune_probes(struct store *s, uint32_t target, uint64_t time);

#endif
