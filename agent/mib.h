/* SPDX-License-Identifier: ISC */
/*
 * FTP-AUTH-HEALTH-MIB as data: tables, scalars and notifications, one row each, and the engine that
 * answers GET, GETNEXT and SET from them. Free of net-snmp: snmp.c is the thin adapter.
 */
#ifndef FTPHEALTH_MIB_H
#define FTPHEALTH_MIB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "agent/alarm.h"
#include "agent/orders.h"
#include "agent/target.h"

enum {
	MIB_OID_MAX = 128,  /* sub-identifiers (RFC 2578 section 3.5) */
	MIB_TEXT_MAX = 256, /* octets of scratch for a computed string */
};

/* The base of the module: `.1.3.6.1.4.1.8072.9999.9999.269241` unless set otherwise. */
struct mib_oid {
	uint32_t id[MIB_OID_MAX];
	size_t len;
};
extern struct mib_oid mib_base;

/* Sets the base from dotted text (a leading dot is allowed; 4..32 sub-identifiers, first one 0..2).
 * Returns 0 or -EINVAL with nothing changed. Before any thread is started. */
int mib_set_base(const char *dotted);

/* Base types on the wire (RFC 2578). */
enum mib_type {
	MIB_INTEGER = 1, /* Integer32 and enumerations */
	MIB_UNSIGNED,    /* Gauge32 and Unsigned32 */
	MIB_COUNTER32,
	MIB_COUNTER64,
	MIB_TIMETICKS,
	MIB_STRING, /* OCTET STRING */
	MIB_OBJECT_ID,
};

struct mib_value {
	enum mib_type type;
	union {
		int32_t integer;
		uint32_t unsigned32;
		uint64_t counter64;
		struct {
			const char *bytes; /* borrowed: of the row, static, or of the context's
					      scratch */
			size_t len;
		} string;
		const struct mib_oid *oid; /* borrowed likewise */
	};
};

/* What a value may depend on besides its row. */
struct mib_context {
	struct registry *registry;   /* its lock is held by the caller */
	uint64_t now_usec;           /* CLOCK_MONOTONIC */
	uint64_t now_time;           /* CLOCK_REALTIME, microseconds */
	uint64_t uptime_since_usec;  /* CLOCK_MONOTONIC at which sysUpTime was zero */
	const struct event *event;   /* of the notification being built, else NULL */
	const struct target *target; /* likewise: its target, or NULL */
	size_t *place; /* where a row was found last, or NULL: only a guess of the next place */
	char scratch[MIB_TEXT_MAX];
	uint64_t scratch_time; /* of the DateAndTime in it: microseconds since 1970, 0 = never */
	struct mib_oid scratch_oid;
};

struct mib_column {
	uint32_t number;
	const char *name;   /* descriptor in the MIB */
	const char *syntax; /* as in the MIB's SYNTAX clause, without sizes: Gauge32, FtpAuthState
			       ... */
	enum mib_type type;
	enum mib_access { MIB_READ_ONLY, MIB_READ_WRITE, MIB_NOTIFY_ONLY } access;
	size_t max;    /* octets of a string: the upper bound of the SIZE in the MIB; else 0 */
	size_t offset; /* of the field that the getter reads */
	void (*get)(const struct mib_column *column, const void *row, struct mib_context *ctx,
		struct mib_value *ret);
	/* MIB_READ_WRITE: which values may be written, how, and what is ordered then */
	uint32_t low, high;
	void (*put)(const struct mib_column *column, void *row, uint32_t value);
	enum order_kind order;
	enum order_setting setting;
};

/* A table, or a group of scalars (index == MIB_SCALARS: one row, instance 0). */
struct mib_table {
	const char *name;
	uint32_t arc;  /* below base.1 */
	uint32_t node; /* of a table beside scalars: its number below their arc; else 0 */
	const struct mib_table *beside; /* of scalars: the table behind them, or NULL */
	enum mib_index { MIB_SCALARS, MIB_INDEX_NUMBER, MIB_INDEX_NAME } index;
	const struct mib_column *columns; /* ascending by number */
	size_t n_columns;
	size_t (*count)(struct mib_context *ctx);
	const void *(*row)(struct mib_context *ctx, size_t i); /* i-th in index order */
	uint32_t (*number)(const void *row);                   /* MIB_INDEX_NUMBER */
	const char *(*key)(const void *row);                   /* MIB_INDEX_NAME */
};

/* All that GET and GETNEXT can see, ascending by arc and node; a table with a node is also seen
 * through the scalars that it is beside. The objects that are
 * accessible-for-notify are not among them. */
extern const struct mib_table *const mib_tables[];
extern const size_t mib_n_tables;

/* The column of a number, or NULL. */
const struct mib_column *mib_column(const struct mib_table *table, uint32_t number);

/* A notification: its arc below base.0 and the objects it carries, in order. */
struct mib_object {
	const struct mib_table *table;
	uint32_t column; /* its number */
};
struct mib_notification {
	const char *name;
	const char *summary; /* for a list of what a receiver may get: no full stop */
	uint32_t arc;
	size_t n_objects;
	struct mib_object objects[24];
};
const struct mib_notification *mib_notification(enum event_kind kind);

/* The OID of TABLE: base.1.arc, or base.1.arc.node */
void mib_table_oid(const struct mib_table *table, struct mib_oid *ret);

/* GET: SUFFIX is what follows the table's OID (1.column.index..., or column.0 for scalars). */
enum mib_result { MIB_FOUND, MIB_NO_SUCH_OBJECT, MIB_NO_SUCH_INSTANCE };
enum mib_result mib_get(const struct mib_table *table, struct mib_context *ctx,
	const uint32_t *suffix, size_t len, struct mib_value *ret);

/* GETNEXT: the first instance after SUFFIX (LEN may be 0). Returns false past the end of the table;
 * else *RET_SUFFIX (its id and len) and the value. Cost: a binary search, whatever the rows. */
bool mib_next(const struct mib_table *table, struct mib_context *ctx, const uint32_t *suffix,
	size_t len, struct mib_oid *ret_suffix, struct mib_value *ret);

/* ---- SET: the varbinds of one request, all or nothing (RFC 3416 section 4.2.5) */

enum mib_set_result {
	MIB_SET_OK,
	MIB_SET_NOT_WRITABLE,
	MIB_SET_WRONG_TYPE,
	MIB_SET_WRONG_VALUE,
	MIB_SET_NO_CREATION,
	MIB_SET_INCONSISTENT_VALUE,
	MIB_SET_NO_RESOURCES, /* no memory, or too many orders wait */
	MIB_SET_COMMIT_FAILED
};

/* One varbind that may be written. */
struct mib_change {
	const struct mib_table *table;
	const struct mib_column *column;
	uint32_t row; /* index of the target; 0 for a scalar */
	uint32_t value, before;
	bool shown;    /* the new value is in the row */
	bool reserved; /* there is room for its order */
	int id;        /* the caller's own: of the varbind */
};

/* All of a request, over all its phases; zero-initialised: none yet. */
struct mib_set {
	struct orders *orders; /* borrowed */
	struct mib_change *changes;
	size_t n;
	char by[ORDER_BY_MAX + 1]; /* who asks */
};

/* Phase 1: what can be said of one varbind alone; adds it to SET. */
enum mib_set_result mib_set_add(struct mib_set *set, const struct mib_table *table,
	struct mib_context *ctx, const uint32_t *suffix, size_t len, const struct mib_value *value);

/* Phase 2: change I in the light of all others; takes room for its order. */
enum mib_set_result mib_set_reserve(struct mib_set *set, struct mib_context *ctx, size_t i);

/* Phase 3: the new value can be read from now on. MIB_SET_COMMIT_FAILED: the row has gone. */
enum mib_set_result mib_set_show(struct mib_set *set, struct mib_context *ctx, size_t i);

/* Phase 4: all is well, the order is given. */
void mib_set_commit(struct mib_set *set, size_t i);

/* Another change of the request failed: as it was before. Both may be called at any time, also
 * twice. */
void mib_set_undo(struct mib_set *set, struct mib_context *ctx, size_t i);
/* Nobody will say how the request ends: what it has shown and not committed is as before, and all
 * is forgotten. */
void mib_set_abandon(struct mib_set *set, struct mib_context *ctx);
/* Gives back what is still reserved, and forgets all. */
void mib_set_done(struct mib_set *set);

/* A notification with the values of its moment: one allocation, owned, no borrowed pointers but to
 * static rows. */
struct notice {
	const struct mib_notification *notification;
	uint32_t sequence;
	uint32_t alarm;            /* the alarm it speaks of, 0 = none */
	bool clears;               /* it says that this alarm is over */
	bool again;                /* receivers may have had it: it repeats a raise, or it may have
				      been sent before a restart */
	uint32_t row;              /* index of the target, 0 when about the agent */
	struct mib_value values[]; /* n_objects of them; strings lie behind them */
};

/* Takes the values of EVENT (and TARGET, NULL when it is about the agent) now; main thread, which
 * may read without the lock. The caller frees *RET with free(). Returns 0 or -ENOMEM. */
int notice_new(struct registry *r, const struct event *event, const struct target *target,
	struct notice **ret);

/* N as octets to be kept: *RET is owned, *RET_LEN long. Returns 0 or -ENOMEM. */
int notice_pack(const struct notice *n, void **ret, size_t *ret_len);

/* The notice of such octets, which are not trusted. Returns 0, -ENOMEM, or -EBADMSG: damaged, or of
 * another version that knows other notifications or objects. The caller frees *RET with free(). */
int notice_unpack(const void *bytes, size_t len, struct notice **ret);

/* Full OID of object I of notice N (column and instance). */
void notice_object_oid(const struct notice *n, size_t i, struct mib_oid *ret);

/* Full OID of the notification: base.0.arc */
void notice_oid(const struct notice *n, struct mib_oid *ret);

/* The sentence that ftpAuthNotifyText carries and that the journal gets: one line of printable
 * ASCII, at most 160 characters. TARGET is NULL when the event is about the agent.
 * Main thread, without the lock. */
void event_text(struct registry *r, const struct event *event, const struct target *target,
	char *buffer, size_t size);

/* ftphealthd --contract: all that is published, one line a thing, five fields with tabs between
 * them; "-" where a field has no meaning. ftphealthd(8) lists the kinds. */
void mib_print_contract(FILE *f);

#endif
