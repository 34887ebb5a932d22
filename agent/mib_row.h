/* SPDX-License-Identifier: ISC */
/* How the tables of mib_*.c are written down: one row a column, and the getters behind the rows. */
#ifndef FTPHEALTH_MIB_ROW_H
#define FTPHEALTH_MIB_ROW_H

#include "agent/mib.h"

enum {
	MIB_DATE_MAX = 11,      /* octets of a DateAndTime with its offset from UTC */
	NOTIFY_TEXT_MAX = 160,  /* of ftpAuthNotifyText */
	NOTICE_TEXT_MAX = 1024, /* octets of all strings of one notice */
};

enum { TRUTH_TRUE = 1, TRUTH_FALSE };                    /* TruthValue (RFC 2579) */
enum { INET_UNKNOWN = 0, INET_IPV4 = 1, INET_IPV6 = 2 }; /* InetAddressType (RFC 4001) */
enum { PROBE_IDLE = 1, PROBE_START };                    /* ftpAuthTargetProbeNow */
/* FtpAuthKind: the numbers up to 8 are kept for alarms to come. */
enum {
	KIND_REFUSED = 1,
	KIND_UNREACHABLE,
	KIND_AT_RISK,
	KIND_CERTIFICATE = 5,
	KIND_MASS = 7,
	KIND_DEGRADED = 9
};

#define MIB_GETTER(name) \
	void name(const struct mib_column *column, const void *row, struct mib_context *ctx, \
		struct mib_value *ret)

MIB_GETTER(mib_get_u8);
MIB_GETTER(mib_get_u16);
MIB_GETTER(mib_get_u32);
MIB_GETTER(mib_get_u64);
MIB_GETTER(mib_get_int);
MIB_GETTER(mib_get_text);
MIB_GETTER(mib_get_buffer);
MIB_GETTER(mib_get_date);
MIB_GETTER(mib_get_stamp);
MIB_GETTER(mib_get_age);
MIB_GETTER(mib_get_truth);
MIB_GETTER(mib_get_wall_age);

#define MIB_PUTTER(name) void name(const struct mib_column *column, void *row, uint32_t value)

MIB_PUTTER(mib_put_u32);
MIB_PUTTER(mib_put_truth);

/* Sets *RET to S, cut at the column's size and made printable ASCII. S is NULL, a string that lives
 * as long as the row, or the context's scratch. */
void mib_set_text(const struct mib_column *column, struct mib_context *ctx, const char *s,
	struct mib_value *ret);

/* Sets *RET to the DateAndTime of a moment of CLOCK_REALTIME in microseconds, 0 = never. */
void mib_set_date(struct mib_context *ctx, uint64_t when, struct mib_value *ret);

/* Sets *RET to the seconds from WHEN (0 = never) to NOW, both of one clock. */
void mib_set_age(uint64_t when, uint64_t now, struct mib_value *ret);

/* Rows of a table that shows one row a target. */
size_t mib_targets(struct mib_context *ctx);
const void *mib_target_by_index(struct mib_context *ctx, size_t i);
const void *mib_target_by_name(struct mib_context *ctx, size_t i);
uint32_t mib_target_number(const void *row);
const char *mib_target_name(const void *row);

/* A notice of NOTIFICATION with VALUES, whose strings are copied. Returns 0 or -ENOMEM. */
int notice_make(const struct mib_notification *notification, const struct mib_value *values,
	struct notice **ret);

/* The notification of an arc below base.0, or NULL. */
const struct mib_notification *mib_notification_of(uint32_t arc);

/* What a manager has ordered for T, or the configuration says. */
enum admin mib_target_admin(const struct target *t);

/* The row of an index, or NULL. */
const void *mib_row(
	const struct mib_table *table, struct mib_context *ctx, const uint32_t *index, size_t len);

/* The column that SUFFIX names, or NULL; then *RET_ROW is its row, or NULL. */
const struct mib_column *mib_find(const struct mib_table *table, struct mib_context *ctx,
	const uint32_t *suffix, size_t len, const void **ret_row);

/* The one row of a group of scalars: the registry. */
size_t mib_one(struct mib_context *ctx);
const void *mib_registry(struct mib_context *ctx, size_t i);

/* A column of any kind: what the MIB says and how its value is had. */
#define MIB_VALUE(num, label, smi, base, size, getter) \
	{ \
		.number = (num), .name = (label), .syntax = (smi), .type = (base), .max = (size), \
		.get = (getter) \
	}

/* A column that shows a field of its row; a field of an unforeseen C type does not compile. */
#define MIB_FIELD(num, label, smi, base, size, row, field) \
	{ \
		.number = (num), .name = (label), .syntax = (smi), .type = (base), \
		.max = (size), .offset = offsetof(row, field), \
		.get = _Generic(&((row *)0)->field, \
			uint8_t *: mib_get_u8, \
			uint16_t *: mib_get_u16, \
			uint32_t *: mib_get_u32, \
			uint64_t *: mib_get_u64, \
			int *: mib_get_int, \
			bool *: mib_get_truth, \
			char **: mib_get_text, \
			char(*)[sizeof(((row *)0)->field)]: mib_get_buffer) \
	}

/* Columns that show a moment: its date, the sysUpTime it was at, the seconds since. */
#define MIB_MOMENT(num, label, smi, base, size, row, field, getter) \
	{ \
		.number = (num), .name = (label), .syntax = (smi), .type = (base), .max = (size), \
		.offset = offsetof(row, field), .get = (getter) \
	}
#define MIB_DATE(num, label, row, field) \
	MIB_MOMENT(num, label, "DateAndTime", MIB_STRING, MIB_DATE_MAX, row, field, mib_get_date)
#define MIB_STAMP(num, label, row, field) \
	MIB_MOMENT(num, label, "TimeStamp", MIB_TIMETICKS, 0, row, field, mib_get_stamp)
#define MIB_AGE(num, label, row, field) \
	MIB_MOMENT(num, label, "Gauge32", MIB_UNSIGNED, 0, row, field, mib_get_age)

/* A column whose values from LEAST to MOST may be written by WRITER. */
#define MIB_WRITABLE(num, label, smi, base, getter, least, most, writer, what, which) \
	{ \
		.number = (num), .name = (label), .syntax = (smi), .type = (base), \
		.access = MIB_READ_WRITE, .get = (getter), .low = (least), .high = (most), \
		.put = (writer), .order = (what), .setting = (which) \
	}

#define MIB_TEXT(num, label, size, row, field) \
	MIB_FIELD(num, label, "SnmpAdminString", MIB_STRING, size, row, field)
#define MIB_GAUGE(num, label, row, field) \
	MIB_FIELD(num, label, "Gauge32", MIB_UNSIGNED, 0, row, field)
#define MIB_COUNT(num, label, row, field) \
	MIB_FIELD(num, label, "Counter32", MIB_COUNTER32, 0, row, field)

/* An enumeration: its textual convention, or the object that alone has it, and the label of each
 * number, NULL where there is none. */
struct mib_enum {
	const char *name;
	const char *(*label)(unsigned number);
	unsigned end;                             /* above the last number */
	enum service (*service)(unsigned number); /* what a service of Nagios is then, or NULL */
};
extern const struct mib_enum mib_enums[];
extern const size_t mib_n_enums;

/* The base of the module, and OIDs of the objects themselves, without an instance. */
void mib_base_oid(struct mib_oid *ret);
void mib_column_oid(
	const struct mib_table *table, const struct mib_column *column, struct mib_oid *ret);
void mib_notification_oid(const struct mib_notification *n, struct mib_oid *ret);

extern const struct mib_table mib_agent, mib_summary, mib_control, mib_target, mib_status,
	mib_timing, mib_evidence, mib_count, mib_alarms, mib_alarm, mib_events, mib_event, mib_name,
	mib_tls, mib_session, mib_notify_info;

#endif
