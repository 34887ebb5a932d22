/* SPDX-License-Identifier: ISC */
/* ftpAuthEvents: the latest events, notified or not. */
#include "common/util.h"
#include "agent/mib_row.h"

static uint32_t sequence_at(const struct event_ring *ring, size_t i)
{
	return ring->n > 0 ? event_ring_row(ring, i)->event.sequence : 0;
}

static MIB_GETTER(get_last)
{
	const struct registry *r = row;

	ret->unsigned32 = sequence_at(&r->events, r->events.n - 1);
}

static MIB_GETTER(get_first)
{
	const struct registry *r = row;

	ret->unsigned32 = sequence_at(&r->events, 0);
}

static MIB_GETTER(get_notification)
{
	const struct event_record *e = row;

	mib_notification_oid(mib_notification(e->event.kind), &ctx->scratch_oid);
	ret->oid = &ctx->scratch_oid;
}

static MIB_GETTER(get_diagnosis)
{
	const struct event_record *e = row;

	ret->integer = e->diagnosis ? (int32_t)e->diagnosis : DIAG_NONE;
}

static size_t count_rows(struct mib_context *ctx)
{
	return ctx->registry->events.n;
}

static const void *row_by_index(struct mib_context *ctx, size_t i)
{
	return event_ring_row(&ctx->registry->events, i);
}

static uint32_t number_of(const void *row)
{
	const struct event_record *e = row;

	return e->event.sequence;
}

/* clang-format off */
#define FIELD(num, label, smi, base, field) \
	MIB_FIELD(num, label, smi, base, 0, struct event_record, field)
#define TEXT(num, label, size, field) MIB_TEXT(num, label, size, struct event_record, field)

static const struct mib_column scalars[] = {
	MIB_VALUE(1, "ftpAuthEventsLastIndex",  "Unsigned32", MIB_UNSIGNED, 0, get_last),
	MIB_VALUE(2, "ftpAuthEventsFirstIndex", "Unsigned32", MIB_UNSIGNED, 0, get_first),
	MIB_COUNT(3, "ftpAuthEventsBumped",     struct registry, events.bumped),
};

static const struct mib_column columns[] = {
	MIB_DATE(  2, "ftpAuthEventTime",         struct event_record, time),
	MIB_VALUE( 3, "ftpAuthEventNotification", "OBJECT IDENTIFIER", MIB_OBJECT_ID, 0, get_notification),
	FIELD(     4, "ftpAuthEventAlarm",        "Unsigned32", MIB_UNSIGNED, event.alarm),
	FIELD(     5, "ftpAuthEventTarget",       "Unsigned32", MIB_UNSIGNED, target),
	TEXT(      6, "ftpAuthEventName",         RECORD_NAME_MAX, name),
	FIELD(     7, "ftpAuthEventFrom",         "FtpAuthState", MIB_INTEGER, event.from),
	FIELD(     8, "ftpAuthEventTo",           "FtpAuthState", MIB_INTEGER, event.to),
	MIB_VALUE( 9, "ftpAuthEventDiagnosis",    "FtpAuthDiagnosis", MIB_INTEGER, 0, get_diagnosis),
	FIELD(    10, "ftpAuthEventReplyCode",    "FtpAuthReplyCode", MIB_INTEGER, reply_code),
	TEXT(     11, "ftpAuthEventText",         RECORD_TEXT_MAX, text),
	FIELD(    12, "ftpAuthEventSent",         "TruthValue", MIB_INTEGER, sent),
	FIELD(    13, "ftpAuthEventSeverity",     "FtpAuthSeverity", MIB_INTEGER, event.severity),
};
/* clang-format on */

const struct mib_table mib_events = {
	.name = "ftpAuthEvents",
	.arc = 11,
	.beside = &mib_event,
	.index = MIB_SCALARS,
	.columns = scalars,
	.n_columns = ARRAY_SIZE(scalars),
	.count = mib_one,
	.row = mib_registry,
};

const struct mib_table mib_event = {
	.name = "ftpAuthEventTable",
	.arc = 11,
	.node = 4,
	.index = MIB_INDEX_NUMBER,
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
	.count = count_rows,
	.row = row_by_index,
	.number = number_of,
};
