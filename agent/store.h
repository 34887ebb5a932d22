/* SPDX-License-Identifier: ISC */
/*
 * What must outlast a restart: the index of each name, the numbers of events and alarms, the alarms
 * that are open, and the settings whose change is an event. SQLite in WAL mode; the daemon is its
 * only writer.
 */
#ifndef FTPHEALTH_STORE_H
#define FTPHEALTH_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/alarm.h"
#include "agent/config.h"
#include "agent/target.h"

struct store;

/* Opens or makes the file at PATH and its folder. One that is damaged, or was written by a later
 * version, is kept aside under another name, which is logged, and a new one is begun. Returns 0 or
 * -errno, logged; the caller goes on without. */
int store_open(const char *path, struct store **ret);

/* Takes NULL; returns NULL. */
struct store *store_close(struct store *s);

/* Reads the numbers used last and the lowest index that was never given to a name. */
int store_load_numbers(
	struct store *s, struct alarm_counters *ret_counters, uint32_t *ret_next_index);

/* Sets known_index of each target of C whose name has had an index before. */
int store_load_indexes(struct store *s, struct config *c);

/* An alarm that was open. The strings live during the call. */
struct store_alarm {
	const char *name, *host;
	uint16_t port;
	uint32_t index; /* of the target */
	enum alarm_kind kind;
	uint32_t alarm;
};

/* Calls FOUND for each; it must not write to the store's alarms of other targets. */
typedef void (*store_alarm_found)(void *userdata, const struct store_alarm *found);
int store_load_alarms(struct store *s, store_alarm_found on_found, void *userdata);

/* Sets what was known last of the settings of the targets with evidence, where nothing is known. */
int store_load_settings(struct store *s, struct registry *r);

/* Writes all targets of R with their alarms, and COUNTERS, in one transaction: after a
 * configuration was loaded, or to make good for writes that failed. */
int store_save_all(
	struct store *s, const struct registry *r, const struct alarm_counters *counters);

/* Writes the alarms and settings of T (NULL: none) and COUNTERS: before the events that changed
 * them are sent, so that no number is ever used twice. */
int store_save_target(
	struct store *s, const struct target *t, const struct alarm_counters *counters);

#endif
