/* SPDX-License-Identifier: ISC */
/* The daemon's parts put together: what its two halves share. */
#ifndef FTPHEALTH_DAEMON_PRIVATE_H
#define FTPHEALTH_DAEMON_PRIVATE_H

#include <systemd/sd-event.h>

#include "agent/collector.h"
#include "agent/daemon.h"
#include "agent/notifier.h"
#include "agent/observer.h"
#include "agent/orders.h"
#include "agent/schedule.h"
#include "agent/snmp.h"
#include "agent/target.h"
#include "probes/transfer.h"

struct daemon {
	const char *listen;
	struct config *config; /* in force; its targets have moved into the registry */
	char *snmp_dir;
	struct registry *registry;
	struct notifier notifier;
	struct observer observer;
	struct orders *orders;
	struct transfer *transfer;
	struct schedule *schedule;
	struct collector *collector;
	sd_event *event;
	size_t witness; /* where the next look for targets that may be asked begins */
	sd_event_source *tick, *ordered;
	char status[128]; /* the STATUS= line sent last */
};

/* Makes CONFIG the one in force; its targets move into the registry. Returns 0, or -errno with
 * nothing changed and, where the configuration is at fault, a sentence in WHY. */
int daemon_apply(struct daemon *d, struct config *config, char why[REGISTRY_WHY_SIZE]);

/* Reads the configuration again; a bad one changes nothing. */
void daemon_reload(struct daemon *d);

/* Shows the result of reading a configuration in the MIB. */
void daemon_note_config(struct daemon *d, enum config_result result, const char *error);

/* Bounds the probes under way by the limit on open files. */
void daemon_fit_descriptors(struct config *config);

/* Begins, goes on, or ends to probe T: as configured, and as a manager ordered. */
void daemon_attend(struct daemon *d, struct target *t);

#endif
