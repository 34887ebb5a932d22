/* SPDX-License-Identifier: ISC */
/*
 * The store as others than the daemon see it: read only, while the daemon writes, and all of one
 * moment. Text comes out as printable ASCII whatever the file says, numbers that a later version
 * may have written stay numbers.
 */
#ifndef FTPHEALTH_STORE_VIEW_H
#define FTPHEALTH_STORE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/record.h"

struct store_view;

/* Opens the file at PATH and begins to read: what follows sees this moment. Returns 0, or -errno
 * with a sentence in WHY that says what to do: -ENOENT (there is none), -EACCES, -EUCLEAN (damaged,
 * or no store), -ENOTSUP (of another version), -EBUSY, -EIO, -ENOMEM. */
int store_view_open(const char *path, struct store_view **ret, char *why, size_t size);

/* The sentence on the failure R of a call below. */
void store_view_explain(const struct store_view *v, int r, char *why, size_t size);

/* Takes NULL; returns NULL. */
struct store_view *store_view_close(struct store_view *v);

/* The index of the target called NAME. Returns 0, -ENOENT or another -errno. */
int store_view_find(struct store_view *v, const char *name, uint32_t *ret);

/* How the agent is, as it said last: enum agent_state, 0 when it never did. Returns 0 or -errno. */
int store_view_agent(struct store_view *v, uint32_t *ret);

struct view_target {
	char name[RECORD_NAME_MAX + 1];
	char host[RECORD_HOST_MAX + 1];
	uint16_t port;
	struct state_record state; /* STATE_UNKNOWN before the first probe */
};

/* What is wanted of a list. */
struct view_range {
	uint32_t target; /* index; 0 = all, and the agent's own */
	uint64_t since;  /* CLOCK_REALTIME, microseconds; 0 = ever */
	uint32_t rows;   /* the latest so many */
};

/* Each calls FOUND for every record, which lives during the call. Targets: those that are
 * configured, by index; alarms: the open ones, by number; events by sequence; probes by time. A
 * negative value that FOUND returns ends the list and is returned. */
typedef int (*view_target_found)(void *userdata, const struct view_target *t);
typedef int (*view_alarm_found)(void *userdata, const struct alarm_record *a);
typedef int (*view_event_found)(void *userdata, const struct event_record *e);
typedef int (*view_probe_found)(void *userdata, const struct probe_record *p);

int store_view_targets(
	struct store_view *v, uint32_t target, view_target_found found, void *userdata);
int store_view_alarms(
	struct store_view *v, uint32_t target, view_alarm_found found, void *userdata);
int store_view_events(struct store_view *v, const struct view_range *range, view_event_found found,
	void *userdata);
int store_view_history(struct store_view *v, const struct view_range *range, view_probe_found found,
	void *userdata);

#endif
