/* SPDX-License-Identifier: ISC */
/* Scalars: ftpAuthAgent, the agent itself; ftpAuthSummary, all targets in a few numbers. */
#include "common/util.h"
#include "agent/mib_row.h"

static MIB_GETTER(get_version)
{
	mib_set_text(column, ctx, PACKAGE_VERSION, ret);
}

static MIB_GETTER(get_up_time)
{
	const struct registry *r = row;

	ret->unsigned32 = (uint32_t)((ctx->now_usec - r->facts.start_usec) / 10000);
}

/* The worst, in the order of registry_summary(), which says the same in words. */
static MIB_GETTER(get_service)
{
	const struct registry *r = row;

	ret->integer = SERVICE_OK;
	if (r->totals[STATE_REFUSED] > 0 || r->totals[STATE_UNREACHABLE] > 0)
		ret->integer = SERVICE_CRITICAL;
	else if (r->totals[STATE_AT_RISK] > 0 || r->totals[STATE_DEGRADED] > 0)
		ret->integer = SERVICE_WARNING;
	else if (r->totals[STATE_UNKNOWN] > 0)
		ret->integer = SERVICE_UNKNOWN;
}

static MIB_GETTER(get_summary)
{
	mib_set_text(column, ctx, registry_summary(ctx->registry), ret);
}

static MIB_GETTER(get_total)
{
	const struct registry *r = row;

	ret->unsigned32 = (uint32_t)r->n_targets;
}

/* clang-format off */
#define FIELD(num, label, smi, base, field) \
	MIB_FIELD(num, label, smi, base, 0, struct registry, field)
#define TEXT(num, label, size, field) MIB_TEXT(num, label, size, struct registry, field)
#define DATE(num, label, field) MIB_DATE(num, label, struct registry, field)
#define STAMP(num, label, field) MIB_STAMP(num, label, struct registry, field)
#define GAUGE(num, label, field) MIB_GAUGE(num, label, struct registry, field)
#define COUNT(num, label, field) MIB_COUNT(num, label, struct registry, field)
#define ADMIN_STRING "SnmpAdminString"

static const struct mib_column agent_scalars[] = {
	MIB_VALUE(1, "ftpAuthAgentVersion",          ADMIN_STRING, MIB_STRING, 64, get_version),
	DATE(     2, "ftpAuthAgentStartTime",        facts.start_time),
	MIB_VALUE(3, "ftpAuthAgentUpTime",           "TimeTicks", MIB_TIMETICKS, 0, get_up_time),
	FIELD(    4, "ftpAuthAgentState",            "INTEGER", MIB_INTEGER, facts.state),
	FIELD(    5, "ftpAuthAgentConfigResult",     "INTEGER", MIB_INTEGER, facts.config_result),
	TEXT(     6, "ftpAuthAgentConfigError",      255, facts.config_error),
	DATE(     7, "ftpAuthAgentConfigTime",       facts.config_time),
	COUNT(    8, "ftpAuthAgentConfigLoads",      facts.config_loads),
	GAUGE(    9, "ftpAuthAgentProbesActive",     facts.probes_active),
	GAUGE(   10, "ftpAuthAgentProbesQueued",     facts.probes_queued),
	GAUGE(   11, "ftpAuthAgentScheduleLag",      facts.schedule_lag_ms),
	COUNT(   12, "ftpAuthAgentNotifySent",       facts.notify_sent),
	COUNT(   13, "ftpAuthAgentNotifyDamped",     facts.notify_damped),
	GAUGE(   14, "ftpAuthAgentNotifyPending",    facts.notify_pending),
	COUNT(   15, "ftpAuthAgentMasterReconnects", facts.master_reconnects),
	DATE(    16, "ftpAuthAgentStateSaved",       facts.store_time),
	COUNT(   17, "ftpAuthAgentNotifyDropped",    facts.notify_dropped),
	COUNT(   18, "ftpAuthAgentNotifyRetried",    facts.notify_retried),
	GAUGE(   19, "ftpAuthAgentStoreWaiting",     facts.store_waiting),
	FIELD(   20, "ftpAuthAgentOutage",           "TruthValue", MIB_INTEGER, facts.outage),
	GAUGE(   21, "ftpAuthAgentLongestStall",     facts.longest_stall_ms),
	COUNT(   22, "ftpAuthAgentStalls",           facts.stalls),
};

static const struct mib_column summary_scalars[] = {
	MIB_VALUE(1, "ftpAuthSummaryService",        "FtpAuthServiceState", MIB_INTEGER, 0, get_service),
	MIB_VALUE(2, "ftpAuthSummaryText",           ADMIN_STRING, MIB_STRING, 255, get_summary),
	MIB_VALUE(3, "ftpAuthSummaryTotal",          "Gauge32", MIB_UNSIGNED, 0, get_total),
	GAUGE(    4, "ftpAuthSummaryOk",             totals[STATE_OK]),
	GAUGE(    5, "ftpAuthSummaryAtRisk",         totals[STATE_AT_RISK]),
	GAUGE(    6, "ftpAuthSummaryDegraded",       totals[STATE_DEGRADED]),
	GAUGE(    7, "ftpAuthSummaryRefused",        totals[STATE_REFUSED]),
	GAUGE(    8, "ftpAuthSummaryUnreachable",    totals[STATE_UNREACHABLE]),
	GAUGE(    9, "ftpAuthSummaryUnknown",        totals[STATE_UNKNOWN]),
	GAUGE(   10, "ftpAuthSummaryDisabled",       totals[STATE_DISABLED]),
	GAUGE(   11, "ftpAuthSummaryFlapping",       n_flapping),
	STAMP(   14, "ftpAuthSummaryLastChange",     change_usec),
	DATE(    15, "ftpAuthSummaryLastChangeTime", change_time),
	STAMP(   16, "ftpAuthSummaryTableLastChange", table_change_usec),
};
/* clang-format on */

const struct mib_table mib_agent = {
	.name = "ftpAuthAgent",
	.arc = 1,
	.index = MIB_SCALARS,
	.columns = agent_scalars,
	.n_columns = ARRAY_SIZE(agent_scalars),
	.count = mib_one,
	.row = mib_registry,
};

const struct mib_table mib_summary = {
	.name = "ftpAuthSummary",
	.arc = 2,
	.index = MIB_SCALARS,
	.columns = summary_scalars,
	.n_columns = ARRAY_SIZE(summary_scalars),
	.count = mib_one,
	.row = mib_registry,
};
