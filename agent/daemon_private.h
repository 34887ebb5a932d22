/* SPDX-License-Identifier: ISC */
/* The daemon's parts put together: what its two halves share. */
#ifndef FTPHEALTH_DAEMON_PRIVATE_H
#define FTPHEALTH_DAEMON_PRIVATE_H

#include <systemd/sd-event.h>

#include "agent/collector.h"
#include "agent/daemon.h"
#include "agent/metrics_server.h"
#include "agent/notifier.h"
#include "agent/observer.h"
#include "agent/orders.h"
#include "agent/schedule.h"
#include "agent/snmp.h"
#include "agent/stall.h"
#include "agent/target.h"
#include "probes/transfer.h"

struct daemon {
	const char *listen;
	struct config *config; /* in force, without its targets: they are in the registry */
	char *snmp_dir;
	struct registry *registry;
	struct notifier notifier;
	struct observer observer;
	struct orders *orders;
	struct transfer *transfer;
	struct schedule *schedule;
	struct collector *collector;
	sd_event *event;
	struct reload *reload;
	struct stall stall;
	struct metrics_server *metrics; /* NULL when none are served */
	size_t witness; /* where the next look for targets that may be asked begins */
	sd_event_source *tick, *ordered;
	char status[128]; /* the STATUS= line sent last */
	bool unattended;  /* a target could not be begun with */
	bool ready_owed;  /* READY=1 could not be sent */
};

/* Puts the first configuration, d->config, in force; its targets move into the registry. Returns 0,
 * or -errno and, where the configuration is at fault, a sentence in WHY. */
int daemon_apply(struct daemon *d, char why[REGISTRY_WHY_SIZE]);

/* Puts in force what is common to all targets of CONFIG, and the set of them as PLAN has it, those
 * that are gone having been dropped. What is left to do for each that has changed is
 * notifier_restore() and, once the store knows of it, daemon_attend(). */
void daemon_put_in_force(struct daemon *d, const struct config *config, struct registry_plan *plan);

/* T is gone: it is no more probed, and its alarms end. */
void daemon_drop(struct daemon *d, struct target *t);

/* Begins to read the configuration again; a bad one changes nothing. When that is under way
 * already, it is done once more afterwards, since the files may have changed meanwhile. */
void daemon_reload(struct daemon *d);
int daemon_reload_init(struct daemon *d);

/* Once a second: what the thread of a reload could not tell. */
void daemon_reload_tick(struct daemon *d);

/* Ends a reload that is under way. Returns false when a disk holds its thread: registry and
 * configuration are left to it. */
bool daemon_reload_stop(struct daemon *d);

/* After the registry is freed. */
void daemon_reload_free(struct daemon *d);

/* Tells the service manager the STATUS= when it is another. */
void daemon_send_status(struct daemon *d);

/* Tells it that the start, or a reload, is over; once a second until it can be told. */
void daemon_send_ready(struct daemon *d);

/* Shows the result of reading a configuration in the MIB. */
void daemon_note_config(struct daemon *d, enum config_result result, const char *error);

/* Bounds the probes under way by the limit on open files. */
void daemon_fit_descriptors(struct config *config);

/* Begins, goes on, or ends to probe T: as configured, and as a manager ordered. */
void daemon_attend(struct daemon *d, struct target *t);

/* Once a second: begins with those for which there was no memory. */
void daemon_attend_rest(struct daemon *d);

#endif
