/* SPDX-License-Identifier: ISC */
/* What a running agent says of one target, or of all of them. */
#include "agent/plugin.h"

#include <inttypes.h>
#include <string.h>

#include "agent/target.h"
#include "common/util.h"

/* A target whose latest probe is older than that many intervals is not watched any more. */
enum { INTERVALS_MAX = 3 };
#define AGE_GRACE_USEC (10 * USEC_PER_SEC) /* for probes that wait for each other */

#define NEVER UINT32_MAX         /* ftpAuthStatusProbeAge */
#define NO_CERTIFICATE INT32_MAX /* ftpAuthTlsDaysLeft */
enum { TRUTH_TRUE = 1 };         /* TruthValue of SNMPv2-TC */

static bool is_number(const struct plugin_object *o, int64_t number)
{
	return o->value.kind == SNMP_NUMBER && o->value.number == number;
}

/* The text, or "" when there is none. */
static const char *text_of(const struct plugin_object *o)
{
	return o->value.kind == SNMP_TEXT ? o->value.text : "";
}

static bool is_service(const struct plugin_object *o)
{
	return o->value.kind == SNMP_NUMBER && o->value.number >= 0 &&
		o->value.number < SERVICE_END;
}

/* What stands behind the level, which the report says itself: "CRITICAL - ftp-a: ...". */
static const char *behind_level(const char *text)
{
	const char *dash = strstr(text, " - ");

	return dash ? dash + 3 : text;
}

/* ------------------------------------------------------------------ the agent itself */

/* The objects that come first in each question. Who is shown the summary and the names alone (see
 * the MIB's security considerations) does not get them; then they say nothing. */
enum { AGENT_STATE, AGENT_OUTAGE, AGENT_CONFIG_ERROR, AGENT_TOTAL, AGENT_OBJECTS };
#define AGENT_NAMES \
	[AGENT_STATE] = { .name = "ftpAuthAgentState" }, \
	[AGENT_OUTAGE] = { .name = "ftpAuthAgentOutage" }, \
	[AGENT_CONFIG_ERROR] = { .name = "ftpAuthAgentConfigError" }, \
	[AGENT_TOTAL] = { .name = "ftpAuthSummaryTotal" }

/* What the agent shows may not be what is the case: says so. */
static void judge_agent(const struct plugin_object *objects, struct plugin_report *report)
{
	if (is_number(&objects[AGENT_STATE], AGENT_STOPPING))
		plugin_add(report, SERVICE_UNKNOWN, "; but ftphealthd is stopping");
	if (is_number(&objects[AGENT_OUTAGE], TRUTH_TRUE))
		plugin_add(report, SERVICE_UNKNOWN,
			"; but the agent reaches no server at all, its own network seems to be "
			"down");
}

/* ------------------------------------------------------------------ one target */

enum { NAME_SERVICE = AGENT_OBJECTS, NAME_INDEX, NAME_TOTAL, NAME_TEXT, NAME_OBJECTS };

enum {
	ROW_AGE,
	ROW_INTERVAL,
	ROW_TIMEOUT,
	ROW_STATE,
	ROW_STREAK,
	ROW_FLAPPING,
	ROW_ADMIN,
	ROW_DAYS_LEFT,
	ROW_REMEDY,
	ROW_REFERENCE,
	ROW_OBJECTS
};

static void judge_age(const struct plugin_question *q, const struct plugin_object *row,
	struct plugin_report *report)
{
	const struct snmp_value *age = &row[ROW_AGE].value, *interval = &row[ROW_INTERVAL].value,
				*timeout = &row[ROW_TIMEOUT].value;
	uint64_t limit = q->max_age_usec;

	if (age->kind != SNMP_NUMBER || age->number == NEVER ||
		is_number(&row[ROW_STATE], STATE_DISABLED))
		return;
	if (limit == 0 && interval->kind == SNMP_NUMBER && timeout->kind == SNMP_NUMBER)
		limit = (uint64_t)interval->number * USEC_PER_SEC * INTERVALS_MAX +
			(uint64_t)timeout->number * USEC_PER_MSEC + AGE_GRACE_USEC;
	if (limit == 0 || (uint64_t)age->number * USEC_PER_SEC <= limit)
		return;
	plugin_add(report, SERVICE_UNKNOWN,
		"; but that was %" PRId64 " s ago, and at most %" PRIu64 " s are believed",
		age->number, limit / USEC_PER_SEC);
}

/* The daemon has days of its own for each target (tls-warn-days), and an alarm; no object says
 * either. */
static void judge_certificate(const struct plugin_question *q, const struct plugin_object *row,
	struct plugin_report *report)
{
	const struct snmp_value *left = &row[ROW_DAYS_LEFT].value;

	if (left->kind != SNMP_NUMBER || left->number == NO_CERTIFICATE ||
		is_number(&row[ROW_STATE], STATE_DISABLED) || q->warn_days == 0 ||
		left->number >= (int64_t)q->warn_days)
		return;
	if (left->number < 0)
		plugin_add(report, SERVICE_WARNING, "; its certificate has expired");
	else
		plugin_add(report, SERVICE_WARNING, "; its certificate ends in %" PRId64 " day%s",
			left->number, left->number == 1 ? "" : "s");
}

static void add_row(const struct plugin_question *q, const struct plugin_object *row,
	struct plugin_report *report)
{
	const char *remedy = text_of(&row[ROW_REMEDY]), *reference = text_of(&row[ROW_REFERENCE]);

	if (is_number(&row[ROW_FLAPPING], TRUTH_TRUE))
		plugin_add(report, report->service, ", flapping");
	if (is_number(&row[ROW_ADMIN], ADMIN_MAINTENANCE))
		plugin_add(report, report->service, ", in maintenance");
	judge_certificate(q, row, report);
	judge_age(q, row, report);
	if (q->verbose >= 1 && *remedy)
		plugin_add(report, report->service, "; remedy: %s%s%s", remedy,
			*reference ? " See " : "", reference);
	if (row[ROW_AGE].value.kind == SNMP_NUMBER && row[ROW_AGE].value.number != NEVER)
		fprintf(report->perfdata, " age=%" PRId64 "s;;;0", row[ROW_AGE].value.number);
	if (row[ROW_STREAK].value.kind == SNMP_NUMBER)
		fprintf(report->perfdata, " failed=%" PRId64 ";;;0", row[ROW_STREAK].value.number);
}

/* What is known of the row beside its name. It may have gone meanwhile, or may be hidden: then that
 * is not said. */
static void ask_row(const struct plugin_question *q, uint32_t index, uint64_t limit_usec,
	struct plugin_report *report)
{
	struct plugin_object row[ROW_OBJECTS] = {
		[ROW_AGE] = { .name = "ftpAuthStatusProbeAge" },
		[ROW_INTERVAL] = { .name = "ftpAuthTargetInterval" },
		[ROW_TIMEOUT] = { .name = "ftpAuthTargetTimeout" },
		[ROW_STATE] = { .name = "ftpAuthStatusState" },
		[ROW_STREAK] = { .name = "ftpAuthStatusFailStreak" },
		[ROW_FLAPPING] = { .name = "ftpAuthStatusFlapping" },
		[ROW_ADMIN] = { .name = "ftpAuthTargetAdmin" },
		[ROW_DAYS_LEFT] = { .name = "ftpAuthTlsDaysLeft" },
		[ROW_REMEDY] = { .name = "ftpAuthStatusRemedy" },
		[ROW_REFERENCE] = { .name = "ftpAuthStatusReference" },
	};
	struct plugin_report why = { .perfdata = report->perfdata, .more = report->more };
	int r = plugin_get(q, index, limit_usec, row, ROW_OBJECTS, &why);

	if (r > 0)
		add_row(q, row, report);
	else if (r < 0)
		plugin_add(report, SERVICE_UNKNOWN, "; but then %s", why.text);
}

static void ask_target(const struct plugin_question *q, struct plugin_report *report)
{
	struct plugin_object o[NAME_OBJECTS] = {
		AGENT_NAMES,
		[NAME_SERVICE] = { .name = "ftpAuthNameService" },
		[NAME_INDEX] = { .name = "ftpAuthNameIndex" },
		[NAME_TOTAL] = { .name = "ftpAuthNameTotal" },
		[NAME_TEXT] = { .name = "ftpAuthNameText" },
	};
	uint64_t start = now_usec(CLOCK_MONOTONIC), spent;
	enum service service;

	if (plugin_get(q, 0, q->timeout_usec, o, NAME_OBJECTS, report) <= 0)
		return;
	if (!is_service(&o[NAME_SERVICE])) {
		plugin_say(report, SERVICE_UNKNOWN, "agent %s has no target \"%s\"", q->agent,
			q->target);
		if (o[AGENT_TOTAL].value.kind == SNMP_NUMBER)
			plugin_add(report, SERVICE_UNKNOWN, " among its %" PRId64,
				o[AGENT_TOTAL].value.number);
		plugin_add(report, SERVICE_UNKNOWN, "; mind upper and lower case");
		return;
	}
	service = (enum service)o[NAME_SERVICE].value.number;
	if (o[NAME_TOTAL].value.kind == SNMP_NUMBER) {
		uint64_t total = (uint64_t)o[NAME_TOTAL].value.number;

		service = check_limits_apply(&q->limits, total, service);
		check_print_time(report->perfdata, &q->limits, total, 0);
	}
	plugin_say(report, service, "%s", behind_level(text_of(&o[NAME_TEXT])));
	judge_agent(o, report);
	spent = now_usec(CLOCK_MONOTONIC) - start;
	if (o[NAME_INDEX].value.kind == SNMP_NUMBER && spent < q->timeout_usec)
		ask_row(q, (uint32_t)o[NAME_INDEX].value.number, q->timeout_usec - spent, report);
}

/* ------------------------------------------------------------------ all targets */

enum { SUM_SERVICE = AGENT_OBJECTS, SUM_TEXT, SUM_LAG, SUM_FIRST, SUM_OBJECTS = SUM_FIRST + 7 };

static void ask_summary(const struct plugin_question *q, struct plugin_report *report)
{
	/* In the order of the names below; at most 19 characters (RRD). */
	static const char *const labels[] = { "ok", "at_risk", "degraded", "refused", "unreachable",
		"unknown", "disabled" };
	struct plugin_object o[SUM_OBJECTS] = {
		AGENT_NAMES,
		[SUM_SERVICE] = { .name = "ftpAuthSummaryService" },
		[SUM_TEXT] = { .name = "ftpAuthSummaryText" },
		[SUM_LAG] = { .name = "ftpAuthAgentScheduleLag" },
		[SUM_FIRST] = { .name = "ftpAuthSummaryOk" },
		{ .name = "ftpAuthSummaryAtRisk" },
		{ .name = "ftpAuthSummaryDegraded" },
		{ .name = "ftpAuthSummaryRefused" },
		{ .name = "ftpAuthSummaryUnreachable" },
		{ .name = "ftpAuthSummaryUnknown" },
		{ .name = "ftpAuthSummaryDisabled" },
	};
	const struct plugin_object *lag = &o[SUM_LAG];

	if (plugin_get(q, 0, q->timeout_usec, o, SUM_OBJECTS, report) <= 0)
		return;
	if (!is_service(&o[SUM_SERVICE])) {
		plugin_say(report, SERVICE_UNKNOWN,
			"agent %s does not show ftpAuthSummary to this community or user",
			q->agent);
		return;
	}
	plugin_say(report, (enum service)o[SUM_SERVICE].value.number, "%s",
		behind_level(text_of(&o[SUM_TEXT])));
	judge_agent(o, report);
	if (is_number(&o[AGENT_STATE], AGENT_IMPAIRED))
		plugin_add(report, SERVICE_WARNING, "; ftphealthd is impaired%s%s",
			*text_of(&o[AGENT_CONFIG_ERROR]) ? ": " : ", see its journal",
			text_of(&o[AGENT_CONFIG_ERROR]));
	if (q->max_age_usec > 0 && lag->value.kind == SNMP_NUMBER &&
		(uint64_t)lag->value.number * USEC_PER_MSEC > q->max_age_usec)
		plugin_add(report, SERVICE_UNKNOWN, "; but probes are late by %" PRId64 " s",
			lag->value.number / 1000);
	for (size_t i = 0; i < ARRAY_SIZE(labels); i++)
		if (o[SUM_FIRST + i].value.kind == SNMP_NUMBER)
			fprintf(report->perfdata, "%s%s=%" PRId64 ";;;0;%" PRId64, i > 0 ? " " : "",
				labels[i], o[SUM_FIRST + i].value.number,
				o[AGENT_TOTAL].value.number);
	if (lag->value.kind == SNMP_NUMBER)
		fprintf(report->perfdata, " lag=%.3fs;;;0", (double)lag->value.number / 1000);
}

void plugin_ask(const struct plugin_question *q, struct plugin_report *report)
{
	if (q->target)
		ask_target(q, report);
	else
		ask_summary(q, report);
}
