/* SPDX-License-Identifier: ISC */
/* When evidence is collected: each target that has some on an interval of its own, at once when its
 * login begins to be refused, and sooner again when it could not be found out; a bounded number at
 * a time. */
#ifndef FTPHEALTH_COLLECTOR_H
#define FTPHEALTH_COLLECTOR_H

#include <systemd/sd-event.h>

#include "agent/target.h"

struct collector;

/* Called with what a round found out (main thread, from the loop). It must not add or remove
 * targets. */
typedef void (*collector_collected)(
	void *userdata, struct target *target, const struct collected *now);

int collector_new(
	sd_event *event, collector_collected on_collected, void *userdata, struct collector **ret);
struct collector *collector_free(struct collector *c);

/* Gives up all rounds under way, to be made again: before the configuration changes that they
 * borrow. */
void collector_suspend(struct collector *c);

/* Begins to collect for T, or goes on with its changed configuration; stops when it has no evidence
 * configured. Returns 0 or -errno. */
int collector_add(struct collector *c, struct target *t);

/* Stops collecting for T. */
void collector_remove(struct collector *c, struct target *t);

/* The login of T is refused: what is known should be known as of now. */
void collector_hurry(struct collector *c, struct target *t);

#endif
