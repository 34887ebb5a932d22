/* SPDX-License-Identifier: ISC */
/*
 * What managers order by SET, on its way from the SNMP thread to the main thread: a bounded queue
 * with a descriptor that can be polled. Room is taken before a SET is accepted, so that giving the
 * order cannot fail any more.
 */
#ifndef FTPHEALTH_ORDERS_H
#define FTPHEALTH_ORDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ORDERS_MAX = 1024, ORDER_BY_MAX = 64 };

enum order_kind {
	ORDER_ADMIN = 1, /* value: enum admin, of target */
	ORDER_PROBE_NOW, /* of target */
	ORDER_SETTING,   /* value: that of setting */
};

/* The fields of struct policy_settings. */
enum order_setting {
	ORDER_NOTIFY_ENABLE = 1, /* 0 or 1 */
	ORDER_NOTIFY_MIN_INTERVAL,
	ORDER_NOTIFY_REPEAT,
	ORDER_NOTIFY_HEARTBEAT,
	ORDER_NOTIFY_STORM,
};

/* The value is in the registry already (target->admin, target->probe_now, settings), where it was
 * written under the lock: what remains is to act on it and to keep it. */
struct order {
	enum order_kind kind;
	uint32_t target; /* its index; 0 for a setting */
	enum order_setting setting;
	uint32_t value;
	char by[ORDER_BY_MAX +
		1]; /* SNMPv3 user, "v1", "v2c"; empty when the master does not say */
};

struct orders;

/* A queue for MAX orders. Returns 0 or -errno. */
int orders_new(size_t max, struct orders **ret);

/* Takes NULL; returns NULL. */
struct orders *orders_free(struct orders *o);

/* Readable while an order waits. */
int orders_fd(const struct orders *o);

/* Takes room for one order; false when there is none. */
bool orders_reserve(struct orders *o);

/* Gives room that was taken back. */
void orders_release(struct orders *o);

/* Gives an order for which room was taken. */
void orders_push(struct orders *o, const struct order *order);

/* Takes the oldest order out; false when there is none (then orders_fd() is not readable). */
bool orders_take(struct orders *o, struct order *ret);

#endif
