/* SPDX-License-Identifier: ISC */
/* ftpAuthStatusTable: present state of the targets. */
#include "common/util.h"
#include "agent/mib_row.h"

static MIB_GETTER(get_service)
{
	const struct target *t = row;

	ret->integer = (int32_t)state_service(t->health.state);
}

/* Before the first probe the enumerations below hold no value of theirs yet. */
static MIB_GETTER(get_diagnosis)
{
	const struct target *t = row;

	ret->integer = t->diagnosis ? (int32_t)t->diagnosis : DIAG_NONE;
}

static MIB_GETTER(get_failed_stage)
{
	const struct target *t = row;

	ret->integer = t->failed_stage ? (int32_t)t->failed_stage : STAGE_NONE;
}

static MIB_GETTER(get_outcome)
{
	const struct target *t = row;

	ret->integer = t->outcome ? (int32_t)t->outcome : OUTCOME_SKIPPED;
}

static MIB_GETTER(get_remedy)
{
	const struct target *t = row;

	mib_set_text(column, ctx, t->remedy, ret);
}

static MIB_GETTER(get_reference)
{
	const struct target *t = row;

	mib_set_text(column, ctx, t->reference, ret);
}

/* clang-format off */
#define FIELD(num, label, smi, base, field) \
	MIB_FIELD(num, label, smi, base, 0, struct target, field)
#define TEXT(num, label, size, field) MIB_TEXT(num, label, size, struct target, field)
#define DATE(num, label, field) MIB_DATE(num, label, struct target, field)
#define STAMP(num, label, field) MIB_STAMP(num, label, struct target, field)
#define AGE(num, label, field) MIB_AGE(num, label, struct target, field)
#define GAUGE(num, label, field) MIB_GAUGE(num, label, struct target, field)
#define ADMIN_STRING "SnmpAdminString"

static const struct mib_column columns[] = {
	FIELD(     1, "ftpAuthStatusState",         "FtpAuthState", MIB_INTEGER, health.state),
	MIB_VALUE( 2, "ftpAuthStatusService",       "FtpAuthServiceState", MIB_INTEGER, 0, get_service),
	MIB_VALUE( 3, "ftpAuthStatusDiagnosis",     "FtpAuthDiagnosis", MIB_INTEGER, 0, get_diagnosis),
	FIELD(     4, "ftpAuthStatusConfidence",    "Unsigned32", MIB_UNSIGNED, confidence),
	MIB_VALUE( 5, "ftpAuthStatusFailedStage",   "FtpAuthStage", MIB_INTEGER, 0, get_failed_stage),
	FIELD(     6, "ftpAuthStatusReplyCode",     "FtpAuthReplyCode", MIB_INTEGER, reply_code),
	TEXT(      7, "ftpAuthStatusReplyText",     160, reply_text),
	FIELD(     8, "ftpAuthStatusUserReplyCode", "FtpAuthReplyCode", MIB_INTEGER, user_code),
	TEXT(      9, "ftpAuthStatusUserReplyText", 160, user_text),
	TEXT(     10, "ftpAuthStatusBanner",        255, banner),
	TEXT(     11, "ftpAuthStatusSoftware",       64, software),
	DATE(     12, "ftpAuthStatusSince",         change_time),
	STAMP(    13, "ftpAuthStatusLastChange",    change_usec),
	DATE(     14, "ftpAuthStatusLastProbe",     probe_time),
	DATE(     15, "ftpAuthStatusLastOk",        ok_time),
	DATE(     16, "ftpAuthStatusLastFailed",    failed_time),
	AGE(      17, "ftpAuthStatusProbeAge",      probe_usec),
	AGE(      18, "ftpAuthStatusOkAge",         ok_usec),
	GAUGE(    19, "ftpAuthStatusFailStreak",    health.fail_streak),
	GAUGE(    20, "ftpAuthStatusOkStreak",      health.ok_streak),
	FIELD(    21, "ftpAuthStatusFlapping",      "TruthValue", MIB_INTEGER, flapping),
	FIELD(    22, "ftpAuthStatusHeld",          "TruthValue", MIB_INTEGER, held),
	MIB_VALUE(24, "ftpAuthStatusRemedy",        ADMIN_STRING, MIB_STRING, 160, get_remedy),
	MIB_VALUE(25, "ftpAuthStatusReference",     ADMIN_STRING, MIB_STRING, 32, get_reference),
	MIB_VALUE(26, "ftpAuthStatusOutcome",       "FtpAuthOutcome", MIB_INTEGER, 0, get_outcome),
};
/* clang-format on */

const struct mib_table mib_status = {
	.name = "ftpAuthStatusTable",
	.arc = 5,
	.index = MIB_INDEX_NUMBER,
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
	.count = mib_targets,
	.row = mib_target_by_index,
	.number = mib_target_number,
};
