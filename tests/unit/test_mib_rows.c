/* SPDX-License-Identifier: ISC */
/* What the rows of the tables say: numbers, texts, dates, counters. */
#include "tests/unit/mib_fixture.h"

#include <limits.h>
#include <time.h>

#include "agent/mib_row.h"

static const struct mib_column *find_column(const char *name, const struct mib_table **ret_table)
{
	for (size_t t = 0; t < mib_n_tables; t++)
		for (size_t c = 0; c < mib_tables[t]->n_columns; c++)
			if (strcmp(mib_tables[t]->columns[c].name, name) == 0) {
				*ret_table = mib_tables[t];
				return &mib_tables[t]->columns[c];
			}
	fail_msg("no object %s", name);
	return NULL;
}

/* The value of NAME in the first row. */
static struct mib_value read_value(struct mib_context *ctx, const char *name)
{
	const struct mib_table *table = NULL;
	const struct mib_column *column = find_column(name, &table);
	struct mib_oid suffix, start = { { 1, column->number }, 2 };
	struct mib_value value;

	if (table->index == MIB_SCALARS)
		start = (struct mib_oid){ { column->number }, 1 };
	assert_true(mib_next(table, ctx, start.id, start.len, &suffix, &value));
	assert_int_equal(suffix.id[start.len - 1], column->number);
	return value;
}

static void assert_text(struct mib_context *ctx, const char *name, const char *text)
{
	struct mib_value v = read_value(ctx, name);

	assert_int_equal(v.type, MIB_STRING);
	assert_int_equal(v.string.len, strlen(text));
	assert_memory_equal(v.string.bytes, text, v.string.len);
}

static struct registry *one(void)
{
	struct registry *r = fixture_registry();
	struct target *t = fixture_target(7, "ftp-a");

	fixture_evidence(t);
	fixture_add(r, t);
	return r;
}

static struct target *first(struct registry *r)
{
	return r->by_index[0];
}

/* ------------------------------------------------------------------ numbers */

/* clang-format off */
static const struct number_row {
	const char *label;
	int64_t number;
} number_rows[] = {
	{ "ftpAuthAgentUpTime", 90000 },
	{ "ftpAuthAgentState", AGENT_RUNNING },
	{ "ftpAuthAgentConfigResult", CONFIG_REJECTED },
	{ "ftpAuthAgentConfigLoads", 1001 },
	{ "ftpAuthAgentProbesActive", 1002 },
	{ "ftpAuthAgentProbesQueued", 1003 },
	{ "ftpAuthAgentScheduleLag", 1004 },
	{ "ftpAuthAgentNotifySent", 1005 },
	{ "ftpAuthAgentNotifyPending", 1006 },
	{ "ftpAuthAgentMasterReconnects", 1007 },
	{ "ftpAuthAgentNotifyDamped", 1008 },
	{ "ftpAuthAgentNotifyDropped", 1009 },
	{ "ftpAuthAgentNotifyRetried", 1010 },
	{ "ftpAuthAgentStoreWaiting", 1011 },
	{ "ftpAuthAgentOutage", 1 },
	{ "ftpAuthAgentLongestStall", 1013 },
	{ "ftpAuthAgentStalls", 1014 },
	{ "ftpAuthSummaryFlapping", 1012 },
	{ "ftpAuthNotifyEnable", 2 },
	{ "ftpAuthNotifyMinInterval", 6001 },
	{ "ftpAuthNotifyRepeat", 6002 },
	{ "ftpAuthNotifyHeartbeat", 6003 },
	{ "ftpAuthNotifyStorm", 6004 },
	{ "ftpAuthAlarmsActive", 1 },
	{ "ftpAuthAlarmsLastChange", 47000 },
	{ "ftpAuthAlarmKind", 1 },
	{ "ftpAuthAlarmSeverity", SEVERITY_CRITICAL },
	{ "ftpAuthAlarmTarget", 7 },
	{ "ftpAuthAlarmAge", 10 },
	{ "ftpAuthAlarmDiagnosis", DIAG_SUB_AUTH_MODULE_MISSING },
	{ "ftpAuthAlarmReplyCode", 530 },
	{ "ftpAuthAlarmTold", 1 },
	{ "ftpAuthEventsLastIndex", 25 },
	{ "ftpAuthEventsFirstIndex", 22 },
	{ "ftpAuthEventsBumped", 2 },
	{ "ftpAuthEventAlarm", 23 },
	{ "ftpAuthEventTarget", 7 },
	{ "ftpAuthEventFrom", STATE_OK },
	{ "ftpAuthEventTo", STATE_REFUSED },
	{ "ftpAuthEventDiagnosis", DIAG_SUB_AUTH_MODULE_MISSING },
	{ "ftpAuthEventReplyCode", 530 },
	{ "ftpAuthEventSent", 1 },
	{ "ftpAuthEventSeverity", SEVERITY_CRITICAL },
	{ "ftpAuthSummaryService", 2 },
	{ "ftpAuthSummaryTotal", 1 },
	{ "ftpAuthSummaryOk", 2001 },
	{ "ftpAuthSummaryAtRisk", 2002 },
	{ "ftpAuthSummaryDegraded", 2003 },
	{ "ftpAuthSummaryRefused", 2004 },
	{ "ftpAuthSummaryUnreachable", 2005 },
	{ "ftpAuthSummaryUnknown", 2006 },
	{ "ftpAuthSummaryDisabled", 2007 },
	{ "ftpAuthSummaryLastChange", 49000 },
	{ "ftpAuthSummaryTableLastChange", 48000 },
	{ "ftpAuthTargetPort", 65535 },
	{ "ftpAuthTargetAddressType", 1 },
	{ "ftpAuthTargetInterval", 60 },
	{ "ftpAuthTargetTimeout", 15000 },
	{ "ftpAuthTargetRaiseCount", 2 },
	{ "ftpAuthTargetClearCount", 3 },
	{ "ftpAuthTargetAdmin", 2 },
	{ "ftpAuthTargetProbeNow", 2 },
	{ "ftpAuthStatusFlapping", 1 },
	{ "ftpAuthStatusHeld", 1 },
	{ "ftpAuthStatusState", STATE_REFUSED },
	{ "ftpAuthStatusService", SERVICE_CRITICAL },
	{ "ftpAuthStatusDiagnosis", DIAG_SUB_AUTH_MODULE_MISSING },
	{ "ftpAuthStatusConfidence", 35 },
	{ "ftpAuthStatusFailedStage", STAGE_PASSWORD },
	{ "ftpAuthStatusReplyCode", 530 },
	{ "ftpAuthStatusUserReplyCode", 331 },
	{ "ftpAuthStatusLastChange", 50000 },
	{ "ftpAuthStatusProbeAge", 10 },
	{ "ftpAuthStatusOkAge", 900 },
	{ "ftpAuthStatusFailStreak", 3001 },
	{ "ftpAuthStatusOkStreak", 3002 },
	{ "ftpAuthStatusOutcome", OUTCOME_LOGIN_REFUSED },
	{ "ftpAuthTimingResolve", 4002 },
	{ "ftpAuthTimingConnect", 4003 },
	{ "ftpAuthTimingBanner", 4005 },
	{ "ftpAuthTimingUser", 4007 },
	{ "ftpAuthTimingPassword", 4008 },
	{ "ftpAuthTimingTotal", 4000000000 },
	{ "ftpAuthEvidenceResult", EVIDENCE_PARTIAL },
	{ "ftpAuthEvidenceAge", 5 },
	{ "ftpAuthEvidenceModule", PRESENCE_MISSING },
	{ "ftpAuthEvidenceSync", SETTING_ENABLED },
	{ "ftpAuthEvidenceWebService", PRESENCE_UNKNOWN },
	{ "ftpAuthEvidenceAnonymousAllowed", SETTING_DISABLED },
	{ "ftpAuthEvidenceLatent", 1 },
	{ "ftpAuthEvidenceModuleResult", EVIDENCE_OK },
	{ "ftpAuthEvidenceModuleAge", 10 },
	{ "ftpAuthEvidenceSettingResult", EVIDENCE_PARTIAL },
	{ "ftpAuthEvidenceSettingAge", 20 },
	{ "ftpAuthEvidenceLogResult", EVIDENCE_STALE },
	{ "ftpAuthEvidenceLogAge", 30 },
	{ "ftpAuthEvidenceSnmpResult", EVIDENCE_UNREACHABLE },
	{ "ftpAuthEvidenceSnmpAge", UINT32_MAX },
	{ "ftpAuthEvidenceWinStatus", 126 },
	{ "ftpAuthCountStateChanges", 5001 },
	{ "ftpAuthCountAlarmsRaised", 5002 },
	{ "ftpAuthCountOkTime", INT64_C(1) << 40 },
	{ "ftpAuthCountDiscontinuity", 0 },
	{ "ftpAuthNameIndex", 7 },
	{ "ftpAuthNameService", SERVICE_CRITICAL },
	{ "ftpAuthNameState", STATE_REFUSED },
	{ "ftpAuthNameReplyCode", 530 },
	{ "ftpAuthNameTotal", 4000000000 },
};
/* clang-format on */

static void fill_agent(struct registry *r)
{
	r->facts.start_usec = 100 * USEC_PER_SEC;
	r->facts.state = AGENT_RUNNING;
	r->facts.config_result = CONFIG_REJECTED;
	r->facts.config_loads = 1001;
	r->facts.probes_active = 1002;
	r->facts.probes_queued = 1003;
	r->facts.schedule_lag_ms = 1004;
	r->facts.notify_sent = 1005;
	r->facts.notify_pending = 1006;
	r->facts.master_reconnects = 1007;
	r->facts.notify_damped = 1008;
	r->facts.notify_dropped = 1009;
	r->facts.notify_retried = 1010;
	r->facts.store_waiting = 1011;
	r->facts.outage = true;
	r->facts.longest_stall_ms = 1013;
	r->facts.stalls = 1014;
	r->n_flapping = 1012;
	r->settings = (struct policy_settings){ false, 6001, 6002, 6003, 6004 };
	r->alarms.change_usec = 970 * USEC_PER_SEC;
	fixture_alarm(r, 5);
	for (uint32_t sequence = 20; sequence < 26; sequence++)
		fixture_event(r, sequence);
	for (uint32_t s = STATE_OK; s < STATE_END; s++)
		r->totals[s] = 2000 + s;
	r->change_usec = 990 * USEC_PER_SEC;
	r->table_change_usec = 980 * USEC_PER_SEC;
}

static void fill_target(struct target *t)
{
	t->config.port = 65535;
	t->admin = ADMIN_MAINTENANCE;
	t->probe_now = t->flapping = t->held = true;
	t->family = AF_INET;
	t->health.state = STATE_REFUSED;
	t->health.fail_streak = 3001;
	t->health.ok_streak = 3002;
	t->diagnosis = DIAG_SUB_AUTH_MODULE_MISSING;
	t->remedy = diagnosis_info(DIAG_SUB_AUTH_MODULE_MISSING)->remedy;
	t->reference = diagnosis_info(DIAG_SUB_AUTH_MODULE_MISSING)->reference;
	t->confidence = 35;
	t->failed_stage = STAGE_PASSWORD;
	t->outcome = OUTCOME_LOGIN_REFUSED;
	t->reply_code = 530;
	t->user_code = 331;
	t->change_usec = 1000 * USEC_PER_SEC;
	t->probe_usec = 990 * USEC_PER_SEC;
	t->ok_usec = 100 * USEC_PER_SEC;
	for (uint32_t s = 0; s < STAGE_END; s++)
		t->stage_usec[s] = 4000 + s;
	t->total_usec = 4000000000;
	t->counts.state_changes = 5001;
	t->counts.alarms_raised = 5002;
	t->counts.ok_usec = UINT64_C(1) << 40;
	t->counts.since_usec = 499 * USEC_PER_SEC; /* before sysUpTime began */
}

enum { NOW = 1700000000 }; /* as in fixture_context() */

static void fill_evidence(struct collected *c)
{
	struct evidence_state *items = c->items;
	uint64_t now = NOW * USEC_PER_SEC;

	for (unsigned item = 0; item < EVIDENCE_ITEMS; item++)
		items[item].time = items[item].good_time = now - (item + 1) * 10 * USEC_PER_SEC;
	items[ITEM_MODULE].result = EVIDENCE_OK;
	items[ITEM_MODULE].facts.module = PRESENCE_MISSING;
	items[ITEM_SETTING].result = EVIDENCE_PARTIAL;
	items[ITEM_SETTING].facts.sync = SETTING_ENABLED;
	items[ITEM_SETTING].facts.anonymous = SETTING_DISABLED;
	items[ITEM_LOG].result = EVIDENCE_STALE;
	items[ITEM_LOG].facts.win32 = 126;
	items[ITEM_SNMP].result = EVIDENCE_UNREACHABLE;
	items[ITEM_SNMP].time = now - 5 * USEC_PER_SEC;
	items[ITEM_SNMP].good_time = 0;
	c->sync = SETTING_ENABLED;
	c->sync_time = now - 86400 * USEC_PER_SEC;
}

static void test_number(void **state)
{
	const struct number_row *row = *state;
	_cleanup_(registry_freep) struct registry *r = one();
	struct mib_context ctx = fixture_context(r);
	struct mib_value v;

	fill_agent(r);
	fill_target(first(r));
	fill_evidence(first(r)->evidence);
	v = read_value(&ctx, row->label);
	if (v.type == MIB_COUNTER64)
		assert_int_equal(v.counter64, row->number);
	else if (v.type == MIB_INTEGER)
		assert_int_equal(v.integer, row->number);
	else
		assert_int_equal(v.unsigned32, row->number);
}

/* Before the first probe each enumeration still has a value of its own, each age is "never". */
static void test_before_first_probe(void **state)
{
	static const char never[8] = { 0, 0, 1, 1, 0, 0, 0, 0 };
	static const char *const ages[] = { "ftpAuthStatusProbeAge", "ftpAuthStatusOkAge",
		"ftpAuthEvidenceAge", "ftpAuthEvidenceModuleAge", "ftpAuthEvidenceSettingAge",
		"ftpAuthEvidenceLogAge", "ftpAuthEvidenceSnmpAge" };
	static const char *const dates[] = { "ftpAuthStatusSince", "ftpAuthStatusLastProbe",
		"ftpAuthStatusLastOk", "ftpAuthStatusLastFailed", "ftpAuthSummaryLastChangeTime",
		"ftpAuthAgentStateSaved", "ftpAuthAlarmsLastRaise", "ftpAuthAlarmsLastClear",
		"ftpAuthEvidenceTime", "ftpAuthEvidenceSyncChanged" };
	static const char *const empty[] = { "ftpAuthTargetAddress", "ftpAuthStatusReplyText",
		"ftpAuthStatusUserReplyText", "ftpAuthStatusBanner", "ftpAuthStatusRemedy",
		"ftpAuthStatusReference", "ftpAuthStatusSoftware", "ftpAuthEvidenceError",
		"ftpAuthEvidenceModulePath", "ftpAuthEvidenceModuleHash",
		"ftpAuthEvidenceAnonymousUser" };
	/* Unknown and never are both 1. */
	static const char *const unknown[] = { "ftpAuthEvidenceResult", "ftpAuthEvidenceModule",
		"ftpAuthEvidenceSync", "ftpAuthEvidenceWebService",
		"ftpAuthEvidenceAnonymousAllowed", "ftpAuthEvidenceModuleResult",
		"ftpAuthEvidenceSettingResult", "ftpAuthEvidenceLogResult",
		"ftpAuthEvidenceSnmpResult" };
	_cleanup_(registry_freep) struct registry *r = one();
	struct mib_context ctx = fixture_context(r);

	assert_int_equal(read_value(&ctx, "ftpAuthStatusDiagnosis").integer, DIAG_NONE);
	assert_int_equal(read_value(&ctx, "ftpAuthStatusFailedStage").integer, STAGE_NONE);
	assert_int_equal(read_value(&ctx, "ftpAuthStatusOutcome").integer, OUTCOME_SKIPPED);
	assert_int_equal(read_value(&ctx, "ftpAuthTargetAddressType").integer, 0);
	ctx.uptime_since_usec = 0; /* up for longer than the clock has run */
	assert_int_equal(read_value(&ctx, "ftpAuthStatusLastChange").unsigned32, 0);
	for (size_t i = 0; i < ARRAY_SIZE(ages); i++)
		assert_int_equal(read_value(&ctx, ages[i]).unsigned32, UINT32_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(dates); i++) {
		struct mib_value v = read_value(&ctx, dates[i]);

		assert_int_equal(v.string.len, sizeof(never));
		assert_memory_equal(v.string.bytes, never, sizeof(never));
	}
	for (size_t i = 0; i < ARRAY_SIZE(empty); i++)
		assert_text(&ctx, empty[i], "");
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
		assert_int_equal(read_value(&ctx, unknown[i]).integer, 1);
	assert_int_equal(read_value(&ctx, "ftpAuthEvidenceLatent").integer, 2);
	assert_int_equal(read_value(&ctx, "ftpAuthEvidenceWinStatus").unsigned32, 0);
}

static const struct service_row {
	const char *label;
	uint32_t totals[STATE_END];
	enum service service;
	const char *word; /* that ftpAuthSummaryText begins with */
} service_rows[] = {
	{ "summary: no target", { 0 }, SERVICE_OK, "OK" },
	{ "summary: all ok", { [STATE_OK] = 9 }, SERVICE_OK, "OK" },
	{ "summary: disabled", { [STATE_OK] = 1, [STATE_DISABLED] = 1 }, SERVICE_OK, "OK" },
	{ "summary: unknown", { [STATE_OK] = 9, [STATE_UNKNOWN] = 1 }, SERVICE_UNKNOWN, "UNKNOWN" },
	{ "summary: at risk", { [STATE_AT_RISK] = 1, [STATE_UNKNOWN] = 1 }, SERVICE_WARNING,
		"WARNING" },
	{ "summary: degraded", { [STATE_DEGRADED] = 1 }, SERVICE_WARNING, "WARNING" },
	{ "summary: refused", { [STATE_REFUSED] = 1, [STATE_AT_RISK] = 9 }, SERVICE_CRITICAL,
		"CRITICAL" },
	{ "summary: unreachable", { [STATE_UNREACHABLE] = 1, [STATE_OK] = 9 }, SERVICE_CRITICAL,
		"CRITICAL" },
};

/* Number and words agree. */
static void test_summary(void **state)
{
	const struct service_row *row = *state;
	_cleanup_(registry_freep) struct registry *r = fixture_registry();
	struct mib_context ctx = fixture_context(r);
	struct mib_value v;

	memcpy(r->totals, row->totals, sizeof(r->totals));
	r->summary_stale = true;
	assert_int_equal(read_value(&ctx, "ftpAuthSummaryService").integer, row->service);
	v = read_value(&ctx, "ftpAuthSummaryText");
	assert_true(v.string.len > strlen(row->word));
	assert_memory_equal(v.string.bytes, row->word, strlen(row->word));
}

/* ------------------------------------------------------------------ strings */

static void test_texts(void **state)
{
	_cleanup_(registry_freep) struct registry *r = one();
	struct mib_context ctx = fixture_context(r);
	struct target *t = first(r);

	t->diagnosis = DIAG_SUB_AUTH_MODULE_MISSING;
	t->remedy = diagnosis_info(DIAG_SUB_AUTH_MODULE_MISSING)->remedy;
	t->reference = diagnosis_info(DIAG_SUB_AUTH_MODULE_MISSING)->reference;
	t->reply_text = fixture_text("User anonymous cannot log in.");
	t->user_text = fixture_text("Anonymous access allowed");
	t->banner = fixture_text("ready");
	t->software = fixture_text("Microsoft IIS 4.0");
	free(t->config.description);
	t->config.description = fixture_text("Gr\xc3\xb6\xc3\x9f"
					     "e\t\x7f");
	snprintf(r->facts.config_error, sizeof(r->facts.config_error), "a.yaml:3: port: bad");
	assert_text(&ctx, "ftpAuthAgentVersion", PACKAGE_VERSION);
	assert_text(&ctx, "ftpAuthAgentConfigError", "a.yaml:3: port: bad");
	assert_text(&ctx, "ftpAuthTargetName", "ftp-a");
	assert_text(&ctx, "ftpAuthTargetHost", "ftp.example.com");
	assert_text(&ctx, "ftpAuthTargetUser", "anonymous");
	assert_text(&ctx, "ftpAuthTargetDescr", "Gr\\xC3\\xB6\\xC3\\x9Fe \\x7F");
	assert_text(&ctx, "ftpAuthStatusReplyText", "User anonymous cannot log in.");
	assert_text(&ctx, "ftpAuthStatusUserReplyText", "Anonymous access allowed");
	assert_text(&ctx, "ftpAuthStatusBanner", "ready");
	assert_text(&ctx, "ftpAuthStatusSoftware", "Microsoft IIS 4.0");
	assert_text(&ctx, "ftpAuthStatusRemedy", diagnosis_info(t->diagnosis)->remedy);
	assert_text(&ctx, "ftpAuthStatusReference", "Q269241");
	assert_text(&ctx, "ftpAuthNameText", "UNKNOWN - ftp-a: not probed yet");
}

static void test_alarm_texts(void **state)
{
	_cleanup_(registry_freep) struct registry *r = one();
	struct mib_context ctx = fixture_context(r);
	struct mib_value v;

	fixture_alarm(r, 5);
	assert_text(&ctx, "ftpAuthAlarmName", "ftp-a");
	assert_text(&ctx, "ftpAuthAlarmText", "anonymous login refused: 530 No.");
	assert_text(&ctx, "ftpAuthAlarmRemedy", "Install it.");
	v = read_value(&ctx, "ftpAuthAlarmResource");
	assert_int_equal(v.oid->len, mib_base.len + 5);
	assert_memory_equal(v.oid->id + mib_base.len, ((uint32_t[]){ 1, 4, 1, 2, 7 }), 20);
	/* Of the agent, or of a target that is gone. */
	r->alarms.rows[0]->target = 8;
	v = read_value(&ctx, "ftpAuthAlarmResource");
	assert_int_equal(v.oid->len, 2);
	assert_int_equal(v.oid->id[0] + v.oid->id[1], 0);
}

static void test_event_texts(void **state)
{
	_cleanup_(registry_freep) struct registry *r = one();
	struct mib_context ctx = fixture_context(r);
	struct mib_value v;

	assert_int_equal(read_value(&ctx, "ftpAuthEventsLastIndex").unsigned32, 0);
	assert_int_equal(read_value(&ctx, "ftpAuthEventsFirstIndex").unsigned32, 0);
	fixture_event(r, 5);
	assert_text(&ctx, "ftpAuthEventName", "ftp-a");
	assert_text(&ctx, "ftpAuthEventText", "anonymous login refused: 530 No.");
	assert_int_equal(
		read_value(&ctx, "ftpAuthEventDiagnosis").integer, DIAG_SUB_AUTH_MODULE_MISSING);
	r->events.rows[0].diagnosis = 0; /* of none */
	assert_int_equal(read_value(&ctx, "ftpAuthEventDiagnosis").integer, DIAG_NONE);
	v = read_value(&ctx, "ftpAuthEventNotification");
	assert_int_equal(v.oid->len, mib_base.len + 2);
	assert_memory_equal(v.oid->id + mib_base.len, ((uint32_t[]){ 0, 1 }), 8);
}

/* clang-format off */
static const struct kind_row {
	const char *label;
	enum alarm_kind kind;
	int number;
} kind_rows[] = {
	{ "kind: refused", ALARM_REFUSED, 1 },
	{ "kind: unreachable", ALARM_UNREACHABLE, 2 },
	{ "kind: at risk", ALARM_AT_RISK, 3 },
	{ "kind: certificate", ALARM_CERTIFICATE, 5 },
	{ "kind: degraded", ALARM_DEGRADED, 9 },
	{ "kind: mass", ALARM_MASS, 7 },
};

static const struct admin_row {
	const char *label;
	bool enabled;
	enum admin ordered;
	int admin;
} admin_rows[] = {
	{ "admin: nothing ordered", true, 0, 1 },
	{ "admin: enabled", true, ADMIN_ENABLED, 1 },
	{ "admin: maintenance", true, ADMIN_MAINTENANCE, 2 },
	{ "admin: disabled", true, ADMIN_DISABLED, 3 },
	{ "admin: disabled by configuration", false, 0, 3 },
	{ "admin: maintenance, disabled by configuration", false, ADMIN_MAINTENANCE, 3 },
};
/* clang-format on */

static void test_kind(void **state)
{
	const struct kind_row *row = *state;
	_cleanup_(registry_freep) struct registry *r = one();
	struct mib_context ctx = fixture_context(r);

	fixture_alarm(r, 5);
	r->alarms.rows[0]->kind = row->kind;
	assert_int_equal(read_value(&ctx, "ftpAuthAlarmKind").integer, row->number);
}

static void test_admin(void **state)
{
	const struct admin_row *row = *state;
	_cleanup_(registry_freep) struct registry *r = one();
	struct mib_context ctx = fixture_context(r);

	first(r)->config.enabled = row->enabled;
	first(r)->admin = row->ordered;
	assert_int_equal(read_value(&ctx, "ftpAuthTargetAdmin").integer, row->admin);
}

/* Whatever the fields hold, no value is longer than its size, and each is printable. */
static void test_sizes(void **state)
{
	static char ascii[600], foreign[600];
	const char *const fillings[] = { ascii, foreign };

	memset(ascii, 'x', sizeof(ascii) - 1);
	memset(foreign, '\xe9', sizeof(foreign) - 1);
	for (size_t f = 0; f < ARRAY_SIZE(fillings); f++) {
		_cleanup_(registry_freep) struct registry *r = one();
		struct mib_context ctx = fixture_context(r);
		struct target *t = first(r);
		char **fields[] = { &t->config.group, &t->config.description, &t->config.contact,
			&t->config.host, &t->config.user, &t->reply_text, &t->user_text, &t->banner,
			&t->software };
		static const char *const names[] = { "ftpAuthTargetGroup", "ftpAuthTargetDescr",
			"ftpAuthTargetContact", "ftpAuthTargetHost", "ftpAuthTargetUser",
			"ftpAuthStatusReplyText", "ftpAuthStatusUserReplyText",
			"ftpAuthStatusBanner", "ftpAuthStatusSoftware", "ftpAuthAgentConfigError",
			"ftpAuthEvidenceAnonymousUser" };

		for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
			free(*fields[i]);
			*fields[i] = fixture_text(fillings[f]);
		}
		memcpy(r->facts.config_error, fillings[f], sizeof(r->facts.config_error) - 1);
		fill_evidence(t->evidence);
		memset(t->evidence->items[ITEM_SETTING].facts.account, fillings[f][0], 64);
		for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
			const struct mib_table *table = NULL;
			size_t max = find_column(names[i], &table)->max;
			struct mib_value v = read_value(&ctx, names[i]);

			assert_true(v.string.len <= max && v.string.len + 4 > max);
			for (size_t k = 0; k < v.string.len; k++)
				assert_in_range(v.string.bytes[k], 0x20, 0x7e);
		}
	}
}

static void test_addresses(void **state)
{
	_cleanup_(registry_freep) struct registry *r = one();
	struct mib_context ctx = fixture_context(r);
	struct target *t = first(r);
	struct mib_value v;

	for (uint8_t i = 0; i < sizeof(t->address); i++)
		t->address[i] = (uint8_t)(i + 1);
	t->family = AF_INET;
	assert_text(&ctx, "ftpAuthTargetAddress", "\1\2\3\4");
	t->family = AF_INET6;
	assert_int_equal(read_value(&ctx, "ftpAuthTargetAddressType").integer, 2);
	v = read_value(&ctx, "ftpAuthTargetAddress");
	assert_int_equal(v.string.len, sizeof(t->address));
	assert_memory_equal(v.string.bytes, t->address, sizeof(t->address));
}

/* clang-format off */
static const struct date_row {
	const char *label, *zone; /* POSIX: the sign is that of the way to UTC */
	uint64_t time;
	unsigned char date[11];
} date_rows[] = {
	{ "date: UTC", "UTC0", 1700000000900000, { 2023 >> 8, 2023 & 255, 11, 14, 22, 13, 20, 9, '+', 0, 0 } },
	{ "date: west", "XXX3:30", 1700000000000000, { 2023 >> 8, 2023 & 255, 11, 14, 18, 43, 20, 0, '-', 3, 30 } },
	{ "date: east, next day", "XXX-5:45", 1700000000099999, { 2023 >> 8, 2023 & 255, 11, 15, 3, 58, 20, 0, '+', 5, 45 } },
	{ "date: after 2038", "UTC0", 4102444800000000, { 2100 >> 8, 2100 & 255, 1, 1, 0, 0, 0, 0, '+', 0, 0 } },
};
/* clang-format on */

static void test_date(void **state)
{
	const struct date_row *row = *state;
	_cleanup_(registry_freep) struct registry *r = one();
	struct mib_context ctx = fixture_context(r);
	struct mib_value v;

	setenv("TZ", row->zone, 1);
	tzset();
	first(r)->probe_time = row->time;
	v = read_value(&ctx, "ftpAuthStatusLastProbe");
	unsetenv("TZ");
	tzset();
	assert_int_equal(v.string.len, sizeof(row->date));
	assert_memory_equal(v.string.bytes, row->date, sizeof(row->date));
}

/* What the two octets of a year cannot say is not said. */
static void test_far_date(void **state)
{
	_cleanup_(registry_freep) struct registry *r = one();
	struct mib_context ctx = fixture_context(r);

	first(r)->probe_time = (uint64_t)INT64_MAX;
	assert_int_equal(read_value(&ctx, "ftpAuthStatusLastProbe").string.len, 8);
	first(r)->probe_time = UINT64_MAX;
	assert_int_equal(read_value(&ctx, "ftpAuthStatusLastProbe").string.len, 8);
}

/* An age that no Gauge32 holds is the greatest, as is that of what never was. */
static void test_far_age(void **state)
{
	_cleanup_(registry_freep) struct registry *r = one();
	struct mib_context ctx = fixture_context(r);

	ctx.now_usec = UINT64_MAX;
	first(r)->probe_usec = 1;
	assert_int_equal(read_value(&ctx, "ftpAuthStatusProbeAge").unsigned32, UINT32_MAX);
}

/* Numbers that are in no list, as of a later version, have no label. */
static void test_no_such_number(void **state)
{
	for (size_t i = 0; i < mib_n_enums; i++) {
		const struct mib_enum *e = &mib_enums[i];
		unsigned known = 0;

		for (unsigned number = 0; number < e->end; number++)
			known += e->label(number) != NULL;
		assert_true(known > 1);
		assert_null(e->label(e->end));
		assert_null(e->label(UINT_MAX));
	}
}

/* ------------------------------------------------------------------ evidence */

/* Results of module, setting, log and SNMP as letters: . not configured, n never, o ok, p partial,
 * d denied, u unreachable, f failed, s stale. */
static const struct result_row {
	const char *label, *items;
	enum evidence_result result;
} result_rows[] = {
	{ "result: all ok", "oooo", EVIDENCE_OK },
	{ "result: all that is configured ok", "o.o.", EVIDENCE_OK },
	{ "result: one ok", "ofus", EVIDENCE_PARTIAL },
	{ "result: one never", "o..n", EVIDENCE_PARTIAL },
	{ "result: one partial", ".p..", EVIDENCE_PARTIAL },
	{ "result: partial and failed", ".pf.", EVIDENCE_PARTIAL },
	{ "result: never", "nnnn", EVIDENCE_NEVER },
	{ "result: never, the only one", "...n", EVIDENCE_NEVER },
	{ "result: denied", "d.n.", EVIDENCE_DENIED },
	{ "result: unreachable is worse than denied", "du..", EVIDENCE_UNREACHABLE },
	{ "result: failed is worse than unreachable", "fduu", EVIDENCE_FAILED },
	{ "result: stale is the worst", "fsud", EVIDENCE_STALE },
	{ "result: nothing is configured", "....", EVIDENCE_NEVER },
};

static void unset_item(struct evidence_source *s, enum evidence_item item)
{
	char **fields[EVIDENCE_ITEMS] = { [ITEM_MODULE] = &s->module[0],
		[ITEM_SETTING] = &s->setting_url,
		[ITEM_LOG] = &s->log_url,
		[ITEM_SNMP] = &s->snmp_agent };

	*fields[item] = NULL;
	if (item == ITEM_MODULE)
		s->n_module = 0;
}

static void test_result(void **state)
{
	static const char letters[] = "-nopdufs";
	static const char *const columns[] = { "ftpAuthEvidenceModuleResult",
		"ftpAuthEvidenceSettingResult", "ftpAuthEvidenceLogResult",
		"ftpAuthEvidenceSnmpResult" };
	const struct result_row *row = *state;
	_cleanup_(registry_freep) struct registry *r = one();
	struct mib_context ctx = fixture_context(r);
	struct target *t = first(r);

	for (unsigned item = 0; item < EVIDENCE_ITEMS; item++) {
		char letter = row->items[item];

		/* What was collected before an item was taken out says nothing any more. */
		t->evidence->items[item].result =
			letter == '.' ? EVIDENCE_FAILED : strchr(letters, letter) - letters;
		t->evidence->items[item].time = ctx.now_time;
		snprintf(t->evidence->items[item].reason, EVIDENCE_REASON_MAX, "out");
		if (letter == '.')
			unset_item(t->config.evidence, item);
		assert_int_equal(read_value(&ctx, columns[item]).integer,
			letter == '.' ? EVIDENCE_NEVER : t->evidence->items[item].result);
	}
	assert_int_equal(read_value(&ctx, "ftpAuthEvidenceResult").integer, row->result);
	assert_int_equal(read_value(&ctx, "ftpAuthEvidenceAge").unsigned32,
		strspn(row->items, ".") == EVIDENCE_ITEMS ? UINT32_MAX : 0);
}

static void test_evidence_texts(void **state)
{
	_cleanup_(registry_freep) struct registry *r = one();
	struct mib_context ctx = fixture_context(r);
	struct collected *c = first(r)->evidence;
	char path[128];
	static char digest[65];

	memset(digest, 'a', 64);
	fill_evidence(c);
	snprintf(c->module_path, sizeof(c->module_path), "system32/iissuba.dll");
	memcpy(c->module_sha256, digest, sizeof(digest));
	snprintf(c->items[ITEM_SETTING].facts.account, 65, "IUSR_G\xc3\xb6");
	assert_text(&ctx, "ftpAuthEvidenceError", "");
	snprintf(c->items[ITEM_SNMP].reason, EVIDENCE_REASON_MAX, "no answer");
	assert_text(&ctx, "ftpAuthEvidenceError", "snmp: no answer");
	snprintf(c->items[ITEM_SETTING].reason, EVIDENCE_REASON_MAX, "cut at 1 MiB");
	assert_text(&ctx, "ftpAuthEvidenceError", "setting: cut at 1 MiB");
	assert_text(&ctx, "ftpAuthEvidenceModulePath", "system32/iissuba.dll");
	/* Of a path that is too long the end is worth more. */
	memset(c->module_path, 'x', EVIDENCE_PATH_MAX);
	memcpy(c->module_path, "smb://ftp.example.com", 21);
	memcpy(c->module_path + EVIDENCE_PATH_MAX - 12, "/iissuba.dll", 12);
	snprintf(path, sizeof(path), "...%s", c->module_path + EVIDENCE_PATH_MAX - 93);
	assert_int_equal(strlen(path), 96);
	assert_text(&ctx, "ftpAuthEvidenceModulePath", path);
	c->module_path[96] = '\0';
	assert_text(&ctx, "ftpAuthEvidenceModulePath", c->module_path);
	/* One octet above 0x7e takes no more room than it has. */
	memset(c->module_path, 'x', EVIDENCE_PATH_MAX);
	memcpy(c->module_path + EVIDENCE_PATH_MAX - 12, "/\xC3\xB6issuba.dl", 12);
	snprintf(path, sizeof(path), "...%.81s/??issuba.dl", c->module_path);
	assert_text(&ctx, "ftpAuthEvidenceModulePath", path);
	assert_text(&ctx, "ftpAuthEvidenceModuleHash", digest);
	assert_text(&ctx, "ftpAuthEvidenceAnonymousUser", "IUSR_G\\xC3\\xB6");
}

static void test_dates(void **state)
{
	static const struct {
		const char *name;
		uint64_t time;
	} dates[] = {
		{ "ftpAuthEvidenceTime", (NOW - 5) * USEC_PER_SEC },
		{ "ftpAuthEvidenceSyncChanged", (NOW - 86400) * USEC_PER_SEC },
		{ "ftpAuthAgentStateSaved", (NOW - 1) * USEC_PER_SEC },
		{ "ftpAuthAlarmsLastRaise", (NOW - 2) * USEC_PER_SEC },
		{ "ftpAuthAlarmsLastClear", (NOW - 3) * USEC_PER_SEC },
		{ "ftpAuthAlarmRaised", (NOW - 10) * USEC_PER_SEC },
		{ "ftpAuthEventTime", (NOW - 10) * USEC_PER_SEC },
	};
	_cleanup_(registry_freep) struct registry *r = one();
	struct mib_context ctx = fixture_context(r), other = ctx;

	fill_evidence(first(r)->evidence);
	r->facts.store_time = (NOW - 1) * USEC_PER_SEC;
	r->alarms.raise_time = (NOW - 2) * USEC_PER_SEC;
	r->alarms.clear_time = (NOW - 3) * USEC_PER_SEC;
	fixture_alarm(r, 5);
	fixture_event(r, 5);
	for (size_t i = 0; i < ARRAY_SIZE(dates); i++) {
		struct mib_value expected, v;

		first(r)->probe_time = dates[i].time;
		expected = read_value(&other, "ftpAuthStatusLastProbe");
		v = read_value(&ctx, dates[i].name);
		assert_int_equal(v.string.len, 11);
		assert_int_equal(expected.string.len, 11);
		assert_memory_equal(v.string.bytes, expected.string.bytes, 11);
	}
}

/* Facts that are too old are no longer believed; their age is still told. */
static void test_old_evidence(void **state)
{
	_cleanup_(registry_freep) struct registry *r = one();
	struct mib_context ctx = fixture_context(r);
	struct collected *c = first(r)->evidence;

	fill_evidence(c);
	c->items[ITEM_SETTING].good_time = (NOW - 3601) * USEC_PER_SEC;
	assert_int_equal(read_value(&ctx, "ftpAuthEvidenceSync").integer, SETTING_UNKNOWN);
	assert_int_equal(
		read_value(&ctx, "ftpAuthEvidenceAnonymousAllowed").integer, SETTING_UNKNOWN);
	assert_int_equal(read_value(&ctx, "ftpAuthEvidenceSyncChanged").string.len, 8);
	assert_int_equal(read_value(&ctx, "ftpAuthEvidenceModule").integer, PRESENCE_MISSING);
	assert_int_equal(read_value(&ctx, "ftpAuthEvidenceLatent").integer, 2);
	assert_int_equal(read_value(&ctx, "ftpAuthEvidenceSettingAge").unsigned32, 3601);
}

static void test_web_service(void **state)
{
	static const enum presence presences[] = { [WEB_UNKNOWN] = PRESENCE_UNKNOWN,
		[WEB_RUNNING] = PRESENCE_PRESENT,
		[WEB_NOT_LISTED] = PRESENCE_MISSING,
		[WEB_ABSENT] = PRESENCE_MISSING };
	_cleanup_(registry_freep) struct registry *r = one();
	struct mib_context ctx = fixture_context(r);
	struct evidence_state *snmp = &first(r)->evidence->items[ITEM_SNMP];

	snmp->result = EVIDENCE_OK;
	snmp->good_time = ctx.now_time;
	for (unsigned web = 0; web < ARRAY_SIZE(presences); web++) {
		snmp->facts.web = web;
		assert_int_equal(
			read_value(&ctx, "ftpAuthEvidenceWebService").integer, presences[web]);
	}
}

/* A notification may still show the columns of a target that has no row. */
static void test_no_evidence(void **state)
{
	_cleanup_(registry_freep) struct registry *r = fixture_registry();
	struct mib_context ctx = fixture_context(r);
	struct target *t = fixture_target(7, "ftp-a");
	const struct mib_table *table = NULL;

	fixture_add(r, t);
	find_column("ftpAuthEvidenceResult", &table);
	assert_int_equal(table->count(&ctx), 0);
	for (size_t i = 0; i < table->n_columns; i++) {
		const struct mib_column *column = &table->columns[i];
		struct mib_value v;

		column->get(column, t, &ctx, &v);
		if (column->type == MIB_STRING)
			assert_int_equal(
				v.string.len, strcmp(column->syntax, "DateAndTime") == 0 ? 8 : 0);
		else if (column->type == MIB_INTEGER)
			assert_int_equal(
				v.integer, strcmp(column->syntax, "TruthValue") == 0 ? 2 : 1);
		else
			assert_int_equal(v.unsigned32,
				strcmp(column->syntax, "Gauge32") == 0 ? UINT32_MAX : 0);
	}
}

/* ------------------------------------------------------------------ counters */

/* The row is there before the certificate was seen, and says so. */
static void test_certificate(void **state)
{
	_cleanup_(registry_freep) struct registry *r = fixture_registry();
	struct target *t = fixture_target(7, "ftp-a");
	struct mib_context ctx;

	fixture_tls(t, -3);
	fixture_add(r, t);
	ctx = fixture_context(r);
	ctx.now_time = now_usec(CLOCK_REALTIME);
	assert_text(&ctx, "ftpAuthTlsSubject", "CN=ftp.example.com");
	assert_int_equal(read_value(&ctx, "ftpAuthTlsDaysLeft").integer, -3);
	assert_int_equal(read_value(&ctx, "ftpAuthTlsVerify").integer, 2);
	assert_int_equal(read_value(&ctx, "ftpAuthTargetSecurity").integer, 2);
	free(TAKE_PTR(t->tls));
	assert_text(&ctx, "ftpAuthTlsSubject", "");
	assert_text(&ctx, "ftpAuthTlsFingerprint", "");
	assert_int_equal(read_value(&ctx, "ftpAuthTlsDaysLeft").integer, INT32_MAX);
	assert_int_equal(read_value(&ctx, "ftpAuthTlsVerify").integer, 1);
	assert_int_equal(read_value(&ctx, "ftpAuthTlsNotAfter").string.len, 8);
}

/* The row is there before anything was asked, and says so; large numbers stay at their end. */
static void test_session(void **state)
{
	_cleanup_(registry_freep) struct registry *r = fixture_registry();
	struct target *t = fixture_target(7, "ftp-a");
	struct mib_context ctx;
	struct session_facts *f;

	fixture_session(t, SESSION_FILE_UNAVAILABLE, 550, "No such file.");
	fixture_add(r, t);
	ctx = fixture_context(r);
	f = &t->session->facts;
	f->octets = UINT64_C(1) << 40;
	f->total_usec = 1500;
	assert_int_equal(read_value(&ctx, "ftpAuthSessionCommand").integer, 4);
	assert_text(&ctx, "ftpAuthSessionPath", "/pub/README");
	assert_int_equal(read_value(&ctx, "ftpAuthSessionResult").integer, 8);
	assert_int_equal(read_value(&ctx, "ftpAuthSessionReplyCode").integer, 550);
	assert_text(&ctx, "ftpAuthSessionReplyText", "No such file.");
	assert_int_equal(read_value(&ctx, "ftpAuthSessionOctets").unsigned32, UINT32_MAX);
	assert_int_equal(read_value(&ctx, "ftpAuthSessionTotal").unsigned32, 1500);
	free(TAKE_PTR(t->session));
	assert_int_equal(read_value(&ctx, "ftpAuthSessionResult").integer, 1);
	assert_text(&ctx, "ftpAuthSessionDigest", "");
	assert_int_equal(read_value(&ctx, "ftpAuthSessionOctets").unsigned32, 0);
	assert_int_equal(read_value(&ctx, "ftpAuthSessionDate").string.len, 8);
}

/* Each outcome is in one counter, and in the attempts unless no probe was made. */
static void test_counts(void **state)
{
	static const char *const parts[] = { "ftpAuthCountOk", "ftpAuthCountLoginRefused",
		"ftpAuthCountTempRefused", "ftpAuthCountResolveFailed", "ftpAuthCountConnectFailed",
		"ftpAuthCountTimeout", "ftpAuthCountTlsFailed", "ftpAuthCountProtocolError",
		"ftpAuthCountInternalError", "ftpAuthCountClosed" };
	_cleanup_(registry_freep) struct registry *r = one();
	struct mib_context ctx = fixture_context(r);
	struct target *t = first(r);

	for (unsigned outcome = 1; outcome < OUTCOME_END; outcome++) {
		uint32_t attempts, sum = 0, skipped, other = 0;

		memset(&t->counts, 0, sizeof(t->counts));
		t->counts.outcome[outcome] = 5;
		attempts = read_value(&ctx, "ftpAuthCountAttempts").unsigned32;
		skipped = read_value(&ctx, "ftpAuthCountSkipped").unsigned32;
		for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
			uint32_t n = read_value(&ctx, parts[i]).unsigned32;

			sum += n;
			other += n > 0;
		}
		assert_int_equal(attempts, sum);
		assert_true(other <= 1);
		assert_int_equal(skipped, outcome == OUTCOME_SKIPPED ? 5 : 0);
		if (outcome != OUTCOME_SKIPPED)
			assert_int_equal(attempts, 5);
	}
}

int main(void)
{
	UNIT_ROWS(number_rows, test_number);
	UNIT_ROWS(service_rows, test_summary);
	UNIT_ROWS(date_rows, test_date);
	UNIT_TEST(test_far_date);
	UNIT_TEST(test_far_age);
	UNIT_TEST(test_no_such_number);
	UNIT_ROWS(result_rows, test_result);
	UNIT_ROWS(kind_rows, test_kind);
	UNIT_ROWS(admin_rows, test_admin);
	UNIT_TEST(test_alarm_texts);
	UNIT_TEST(test_event_texts);
	UNIT_TEST(test_evidence_texts);
	UNIT_TEST(test_dates);
	UNIT_TEST(test_old_evidence);
	UNIT_TEST(test_web_service);
	UNIT_TEST(test_no_evidence);
	UNIT_TEST(test_before_first_probe);
	UNIT_TEST(test_texts);
	UNIT_TEST(test_sizes);
	UNIT_TEST(test_addresses);
	UNIT_TEST(test_certificate);
	UNIT_TEST(test_session);
	UNIT_TEST(test_counts);
	return unit_run("mib_rows");
}
