/* SPDX-License-Identifier: ISC */
/* ftpAuthCountTable: counters of the targets. */
#include "common/util.h"
#include "agent/mib_row.h"

enum {
	COUNT_ATTEMPTS = 1,
	COUNT_OK,
	COUNT_LOGIN_REFUSED,
	COUNT_TEMP_REFUSED,
	COUNT_RESOLVE_FAILED,
	COUNT_CONNECT_FAILED,
	COUNT_TIMEOUT,
	COUNT_TLS_FAILED,
	COUNT_PROTOCOL_ERROR,
	COUNT_INTERNAL_ERROR = 10,
	COUNT_SKIPPED = 11,
	COUNT_CLOSED = 16,
};

/* Which counter each outcome belongs to. A start that was left out is no attempt. */
static const uint8_t counted_as[OUTCOME_END] = {
	[OUTCOME_OK] = COUNT_OK,
	[OUTCOME_LOGIN_REFUSED] = COUNT_LOGIN_REFUSED,
	[OUTCOME_TEMPORARY_REFUSAL] = COUNT_TEMP_REFUSED,
	[OUTCOME_RESOLVE_FAILED] = COUNT_RESOLVE_FAILED,
	[OUTCOME_CONNECT_FAILED] = COUNT_CONNECT_FAILED,
	[OUTCOME_CONNECTION_REFUSED] = COUNT_CONNECT_FAILED,
	[OUTCOME_NO_ROUTE] = COUNT_CONNECT_FAILED,
	[OUTCOME_TIMEOUT] = COUNT_TIMEOUT,
	[OUTCOME_TLS_FAILED] = COUNT_TLS_FAILED,
	[OUTCOME_PROTOCOL_ERROR] = COUNT_PROTOCOL_ERROR,
	[OUTCOME_INTERNAL_ERROR] = COUNT_INTERNAL_ERROR,
	[OUTCOME_CONNECTION_CLOSED] = COUNT_CLOSED,
	[OUTCOME_SKIPPED] = COUNT_SKIPPED,
};

static MIB_GETTER(get_attempts)
{
	const struct target *t = row;

	ret->unsigned32 = 0;
	for (unsigned i = 0; i < OUTCOME_END; i++)
		if (counted_as[i] && i != OUTCOME_SKIPPED)
			ret->unsigned32 += t->counts.outcome[i];
}

static MIB_GETTER(get_outcomes)
{
	const struct target *t = row;

	ret->unsigned32 = 0;
	for (unsigned i = 0; i < OUTCOME_END; i++)
		if (counted_as[i] == column->number)
			ret->unsigned32 += t->counts.outcome[i];
}

/* clang-format off */
#define SUM(num, label, getter) MIB_VALUE(num, label, "Counter32", MIB_COUNTER32, 0, getter)
#define FIELD(num, label, smi, base, field) \
	MIB_FIELD(num, label, smi, base, 0, struct target, field)

static const struct mib_column columns[] = {
	SUM(COUNT_ATTEMPTS,       "ftpAuthCountAttempts",      get_attempts),
	SUM(COUNT_OK,             "ftpAuthCountOk",            get_outcomes),
	SUM(COUNT_LOGIN_REFUSED,  "ftpAuthCountLoginRefused",  get_outcomes),
	SUM(COUNT_TEMP_REFUSED,   "ftpAuthCountTempRefused",   get_outcomes),
	SUM(COUNT_RESOLVE_FAILED, "ftpAuthCountResolveFailed", get_outcomes),
	SUM(COUNT_CONNECT_FAILED, "ftpAuthCountConnectFailed", get_outcomes),
	SUM(COUNT_TIMEOUT,        "ftpAuthCountTimeout",       get_outcomes),
	SUM(COUNT_TLS_FAILED,     "ftpAuthCountTlsFailed",     get_outcomes),
	SUM(COUNT_PROTOCOL_ERROR, "ftpAuthCountProtocolError", get_outcomes),
	SUM(COUNT_INTERNAL_ERROR, "ftpAuthCountInternalError", get_outcomes),
	SUM(COUNT_SKIPPED,        "ftpAuthCountSkipped",       get_outcomes),
	FIELD(12, "ftpAuthCountStateChanges", "Counter32", MIB_COUNTER32, counts.state_changes),
	FIELD(13, "ftpAuthCountAlarmsRaised", "Counter32", MIB_COUNTER32, counts.alarms_raised),
	FIELD(14, "ftpAuthCountOkTime",       "Counter64", MIB_COUNTER64, counts.ok_usec),
	MIB_STAMP(15, "ftpAuthCountDiscontinuity", struct target, counts.since_usec),
	SUM(COUNT_CLOSED,         "ftpAuthCountClosed",        get_outcomes),
};
/* clang-format on */

const struct mib_table mib_count = {
	.name = "ftpAuthCountTable",
	.arc = 8,
	.index = MIB_INDEX_NUMBER,
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
	.count = mib_targets,
	.row = mib_target_by_index,
	.number = mib_target_number,
};
