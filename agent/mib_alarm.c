/* SPDX-License-Identifier: ISC */
/* ftpAuthAlarms: the alarms that are open. */
#include "common/util.h"
#include "agent/mib_row.h"

static MIB_GETTER(get_active)
{
	const struct registry *r = row;

	ret->unsigned32 = (uint32_t)r->alarms.n;
}

static MIB_GETTER(get_kind)
{
	static const uint8_t kinds[ALARM_END] = {
		[ALARM_REFUSED] = KIND_REFUSED,
		[ALARM_UNREACHABLE] = KIND_UNREACHABLE,
		[ALARM_AT_RISK] = KIND_AT_RISK,
		[ALARM_CERTIFICATE] = KIND_CERTIFICATE,
		[ALARM_DEGRADED] = KIND_DEGRADED,
	};
	const struct alarm_record *a = row;

	ret->integer = a->kind < ALARM_END ? kinds[a->kind] : KIND_MASS;
}

static MIB_GETTER(get_diagnosis)
{
	const struct alarm_record *a = row;

	ret->integer = a->diagnosis ? (int32_t)a->diagnosis : DIAG_NONE;
}

/* RowPointer (RFC 2579): the first column that can be read of the row of the target. */
static MIB_GETTER(get_resource)
{
	const struct alarm_record *a = row;

	if (mib_row(&mib_target, ctx, &a->target, 1)) {
		mib_column_oid(&mib_target, &mib_target.columns[0], &ctx->scratch_oid);
		ctx->scratch_oid.id[ctx->scratch_oid.len++] = a->target;
	} else {
		ctx->scratch_oid = (struct mib_oid){ { 0, 0 }, 2 };
	}
	ret->oid = &ctx->scratch_oid;
}

static size_t count_rows(struct mib_context *ctx)
{
	return ctx->registry->alarms.n;
}

static const void *row_by_index(struct mib_context *ctx, size_t i)
{
	return ctx->registry->alarms.rows[i];
}

static uint32_t number_of(const void *row)
{
	const struct alarm_record *a = row;

	return a->alarm;
}

/* clang-format off */
#define FIELD(num, label, smi, base, field) \
	MIB_FIELD(num, label, smi, base, 0, struct alarm_record, field)
#define TEXT(num, label, size, field) MIB_TEXT(num, label, size, struct alarm_record, field)

static const struct mib_column scalars[] = {
	MIB_VALUE(1, "ftpAuthAlarmsActive",     "Gauge32", MIB_UNSIGNED, 0, get_active),
	MIB_STAMP(2, "ftpAuthAlarmsLastChange", struct registry, alarms.change_usec),
	MIB_DATE( 3, "ftpAuthAlarmsLastRaise",  struct registry, alarms.raise_time),
	MIB_DATE( 4, "ftpAuthAlarmsLastClear",  struct registry, alarms.clear_time),
};

static const struct mib_column columns[] = {
	MIB_VALUE( 2, "ftpAuthAlarmKind",      "FtpAuthKind", MIB_INTEGER, 0, get_kind),
	FIELD(     3, "ftpAuthAlarmSeverity",  "FtpAuthSeverity", MIB_INTEGER, severity),
	FIELD(     4, "ftpAuthAlarmTarget",    "Unsigned32", MIB_UNSIGNED, target),
	TEXT(      5, "ftpAuthAlarmName",      RECORD_NAME_MAX, name),
	MIB_DATE(  6, "ftpAuthAlarmRaised",    struct alarm_record, time),
	MIB_MOMENT(7, "ftpAuthAlarmAge",       "Gauge32", MIB_UNSIGNED, 0, struct alarm_record, time, mib_get_wall_age),
	MIB_VALUE( 8, "ftpAuthAlarmDiagnosis", "FtpAuthDiagnosis", MIB_INTEGER, 0, get_diagnosis),
	FIELD(     9, "ftpAuthAlarmReplyCode", "FtpAuthReplyCode", MIB_INTEGER, reply_code),
	TEXT(     10, "ftpAuthAlarmText",      RECORD_TEXT_MAX, text),
	TEXT(     11, "ftpAuthAlarmRemedy",    RECORD_TEXT_MAX, remedy),
	MIB_VALUE(12, "ftpAuthAlarmResource",  "RowPointer", MIB_OBJECT_ID, 0, get_resource),
	FIELD(    13, "ftpAuthAlarmTold",      "TruthValue", MIB_INTEGER, told),
};
/* clang-format on */

const struct mib_table mib_alarms = {
	.name = "ftpAuthAlarms",
	.arc = 10,
	.beside = &mib_alarm,
	.index = MIB_SCALARS,
	.columns = scalars,
	.n_columns = ARRAY_SIZE(scalars),
	.count = mib_one,
	.row = mib_registry,
};

const struct mib_table mib_alarm = {
	.name = "ftpAuthAlarmTable",
	.arc = 10,
	.node = 6,
	.index = MIB_INDEX_NUMBER,
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
	.count = count_rows,
	.row = row_by_index,
	.number = number_of,
};
