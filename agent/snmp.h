/* SPDX-License-Identifier: ISC */
/*
 * SNMP in a thread of its own: AgentX subagent of a master, or a small agent by itself. All calls
 * into net-snmp are made by that thread: many of them block (facts: a stopped master blocks its
 * caller for seconds), and none may delay a probe.
 */
#ifndef FTPHEALTH_SNMP_H
#define FTPHEALTH_SNMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/mib.h"

struct snmp;

struct snmp_options {
	const char *listen;        /* be an agent on this address (net-snmp's syntax), or NULL: be a
				      subagent */
	const char *agentx_socket; /* of the master; NULL = net-snmp's default */
	const char
		*persistent_dir; /* for net-snmp's own state (engine boots); NULL = its default */
	size_t queue_max;        /* notices kept while the master is away */
	struct orders *orders;   /* where a SET puts what is ordered; borrowed */
	/* The notice of SEQUENCE has arrived, or was given up; from any thread. */
	void (*gone)(void *userdata, uint32_t sequence);
	void *userdata;
};

/* What a reader may want to know of the thread; filled in by snmp_stats(). */
struct snmp_stats {
	bool connected;    /* a session with a master is open (or: we listen) */
	uint32_t connects; /* sessions opened since the start */
	uint32_t sent;     /* notices accepted by the master (or handed to the sinks) */
	uint32_t retried;  /* sent again after a time-out or a lost session */
	uint32_t dropped;  /* given up because the queue was full */
	uint32_t pending;  /* waiting or in flight */
};

/* Starts the thread. Call before other threads and before many descriptors are open. STRINGS in
 * OPTIONS and REGISTRY are borrowed and outlive it. With --listen it waits until the address is
 * bound and returns -EADDRINUSE or the like when it can't be; as a subagent it never waits for the
 * master. Returns 0 or -errno. */
int snmp_start(const struct snmp_options *options, struct registry *registry, struct snmp **ret);

/* Queues N (taken over). Never blocks; when the queue is full the oldest is dropped and counted. */
void snmp_notify(struct snmp *s, struct notice *n);

/* From now on at most MAX notices wait; those that are too many are dropped with the next. */
void snmp_set_queue_max(struct snmp *s, size_t max);

void snmp_stats(struct snmp *s, struct snmp_stats *ret);

/* Waits at most GRACE_USEC for the queue to empty, then ends the thread; one that hangs in a call
 * to a dead master is left behind after a second (the process is about to exit). Takes NULL.
 * Returns false when it was left behind: then the registry must outlive it, that is, not be freed.
 */
bool snmp_stop(struct snmp *s, uint64_t grace_usec);

#endif
