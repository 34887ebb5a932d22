/* SPDX-License-Identifier: ISC */
/* The metrics: one row each, shown by the same getters as the objects of the MIB. */
#include "agent/metrics.h"

#include "agent/mib_row.h"
#include "common/util.h"

/* Names as in the MIB's enumerations, so that who knows one knows the other. */
static const char *diagnosis_words(unsigned number)
{
	const struct diagnosis_info *info = diagnosis_info(number);

	return info ? info->label : NULL;
}

/* clang-format off */
#define GAUGE(label, what) .name = (label), .type = METRIC_GAUGE, .help = (what)
#define COUNTER(label, what) .name = (label), .type = METRIC_COUNTER, .help = (what)
#define INFO(label, what) .name = (label), .type = METRIC_INFO, .help = (what)
#define SECONDS(per_second) .unit = "seconds", .divisor = (per_second)
#define DATE SECONDS(1000000) /* microseconds since 1970 */
#define RATIO(parts) .unit = "ratio", .divisor = (parts)
#define OF(source, column) .table = &mib_##source, .object = (column)
#define WITH(name, value) .label = name "=\"" value "\""
#define IS(value) .is = true, .number = (value)
#define BIT(number) (UINT64_C(1) << (number))
#define NEVER BIT(0)
#define LABEL(name, column, in_words) { .label = (name), .object = (column), .words = (in_words) }
#define STATE_SAMPLE(word, state) { OF(status, "ftpAuthStatusState"), WITH("state", word), IS(state) }
#define STAGE_SAMPLE(word, column) \
	{ OF(timing, column), WITH("stage", word), SECONDS(1000000), .lack = NEVER }
#define OUTCOME_SAMPLE(word, column) \
	{ OF(count, column), WITH("outcome", word), .lack = NEVER }

const struct metric metrics[] = {
	/* ---- the agent */
	{ INFO("ftphealth_build", "The running program."), .table = &mib_agent,
		.labels = { LABEL("version", "ftpAuthAgentVersion", NULL) } },
	{ GAUGE("process_start_time_seconds", "When the agent was started, in Unix time."),
		OF(agent, "ftpAuthAgentStartTime"), DATE },
	{ GAUGE("ftphealth_impaired", "Whether the agent cannot do all of its work: see its log."),
		OF(agent, "ftpAuthAgentState"), IS(AGENT_IMPAIRED) },
	{ GAUGE("ftphealth_network_outage", "Whether no server says a word any more, so that the agent's own network is to blame."),
		OF(agent, "ftpAuthAgentOutage"), IS(TRUTH_TRUE) },
	{ GAUGE("ftphealth_config_last_reload_successful", "Whether the configuration read last is in force."),
		OF(agent, "ftpAuthAgentConfigResult"), IS(CONFIG_OK) },
	{ GAUGE("ftphealth_config_last_reload_success_timestamp_seconds", "When a configuration last came into force, in Unix time."),
		OF(agent, "ftpAuthAgentConfigTime"), DATE },
	{ COUNTER("ftphealth_config_loads", "Configurations that came into force."),
		OF(agent, "ftpAuthAgentConfigLoads") },
	{ GAUGE("ftphealth_probes_active", "Probes under way."),
		OF(agent, "ftpAuthAgentProbesActive") },
	{ GAUGE("ftphealth_probes_queued", "Probes that are due and wait for others to end."),
		OF(agent, "ftpAuthAgentProbesQueued") },
	{ GAUGE("ftphealth_schedule_lag_seconds", "The longest that a probe lately began after it was due."),
		OF(agent, "ftpAuthAgentScheduleLag"), SECONDS(1000) },
	{ GAUGE("ftphealth_longest_stall_seconds", "The longest that the main loop lately stood still."),
		OF(agent, "ftpAuthAgentLongestStall"), SECONDS(1000) },
	{ COUNTER("ftphealth_stalls", "Times that the main loop stood still for more than 0.1 s."),
		OF(agent, "ftpAuthAgentStalls") },
	{ COUNTER("ftphealth_notifications_sent", "SNMP notifications that were acknowledged, or handed to the receivers."),
		OF(agent, "ftpAuthAgentNotifySent") },
	{ COUNTER("ftphealth_notifications_damped", "SNMP notifications that were held back."),
		OF(agent, "ftpAuthAgentNotifyDamped") },
	{ COUNTER("ftphealth_notifications_retried", "SNMP notifications that were sent again."),
		OF(agent, "ftpAuthAgentNotifyRetried") },
	{ COUNTER("ftphealth_notifications_dropped", "SNMP notifications that were given up, because too many waited."),
		OF(agent, "ftpAuthAgentNotifyDropped") },
	{ GAUGE("ftphealth_notifications_pending", "SNMP notifications that wait or are on their way."),
		OF(agent, "ftpAuthAgentNotifyPending") },
	{ COUNTER("ftphealth_agentx_reconnects", "Sessions with the SNMP master agent after the first."),
		OF(agent, "ftpAuthAgentMasterReconnects") },
	{ GAUGE("ftphealth_store_waiting_records", "Records that are not yet written to the store."),
		OF(agent, "ftpAuthAgentStoreWaiting") },
	{ GAUGE("ftphealth_store_last_write_timestamp_seconds", "When the store was last written, in Unix time."),
		OF(agent, "ftpAuthAgentStateSaved"), DATE },

	/* ---- all targets */
	{ GAUGE("ftphealth_targets", "Targets in each state."),
		OF(summary, "ftpAuthSummaryOk"), WITH("state", "ok") },
	{ OF(summary, "ftpAuthSummaryAtRisk"), WITH("state", "atRisk") },
	{ OF(summary, "ftpAuthSummaryDegraded"), WITH("state", "degraded") },
	{ OF(summary, "ftpAuthSummaryRefused"), WITH("state", "refused") },
	{ OF(summary, "ftpAuthSummaryUnreachable"), WITH("state", "unreachable") },
	{ OF(summary, "ftpAuthSummaryUnknown"), WITH("state", "unknown") },
	{ OF(summary, "ftpAuthSummaryDisabled"), WITH("state", "disabled") },
	{ GAUGE("ftphealth_targets_flapping", "Targets whose state changes too often."),
		OF(summary, "ftpAuthSummaryFlapping") },
	{ GAUGE("ftphealth_alarms_active", "Alarms that are open."),
		OF(alarms, "ftpAuthAlarmsActive") },

	/* ---- each target */
	{ INFO("ftphealth_target", "What is probed."), .table = &mib_target,
		.labels = { LABEL("host", "ftpAuthTargetHost", NULL), LABEL("port", "ftpAuthTargetPort", NULL),
			LABEL("group", "ftpAuthTargetGroup", NULL), LABEL("contact", "ftpAuthTargetContact", NULL) } },
	{ GAUGE("ftphealth_login_success", "Whether the latest login worked; left out when the agent could not try."),
		OF(status, "ftpAuthStatusOutcome"), IS(OUTCOME_OK),
		.lack = BIT(OUTCOME_SKIPPED) | BIT(OUTCOME_INTERNAL_ERROR) },
	{ GAUGE("ftphealth_state", "The damped state: 1 for the present one, 0 for the others."),
		OF(status, "ftpAuthStatusState"), WITH("state", "ok"), IS(STATE_OK) },
	STATE_SAMPLE("atRisk", STATE_AT_RISK),
	STATE_SAMPLE("degraded", STATE_DEGRADED),
	STATE_SAMPLE("refused", STATE_REFUSED),
	STATE_SAMPLE("unreachable", STATE_UNREACHABLE),
	STATE_SAMPLE("unknown", STATE_UNKNOWN),
	STATE_SAMPLE("disabled", STATE_DISABLED),
	{ GAUGE("ftphealth_maintenance", "Whether it is in maintenance: it is probed, but its alarms are held back."),
		OF(target, "ftpAuthTargetAdmin"), IS(ADMIN_MAINTENANCE) },
	{ INFO("ftphealth_diagnosis", "How the latest login ended, at which stage it failed, and the likely cause."),
		.table = &mib_status, .labels = {
			LABEL("outcome", "ftpAuthStatusOutcome", outcome_label),
			LABEL("stage", "ftpAuthStatusFailedStage", stage_label),
			LABEL("diagnosis", "ftpAuthStatusDiagnosis", diagnosis_words) } },
	{ GAUGE("ftphealth_diagnosis_confidence_ratio", "How sure the cause is."),
		OF(status, "ftpAuthStatusConfidence"), RATIO(100) },
	{ GAUGE("ftphealth_reply_code", "Code of the reply that decided the latest login; 0 when there was none."),
		OF(status, "ftpAuthStatusReplyCode") },
	{ GAUGE("ftphealth_login_duration_seconds", "How long the latest login took, good or not."),
		OF(timing, "ftpAuthTimingTotal"), SECONDS(1000000), .lack = NEVER },
	{ GAUGE("ftphealth_login_stage_duration_seconds", "How long each stage of it took; left out when it was not reached."),
		OF(timing, "ftpAuthTimingResolve"), WITH("stage", "resolve"), SECONDS(1000000), .lack = NEVER },
	STAGE_SAMPLE("connect", "ftpAuthTimingConnect"),
	STAGE_SAMPLE("tls", "ftpAuthTimingTls"),
	STAGE_SAMPLE("banner", "ftpAuthTimingBanner"),
	STAGE_SAMPLE("auth", "ftpAuthTimingAuth"),
	STAGE_SAMPLE("user", "ftpAuthTimingUser"),
	STAGE_SAMPLE("password", "ftpAuthTimingPassword"),
	{ GAUGE("ftphealth_last_probe_timestamp_seconds", "When the latest probe ended, in Unix time."),
		OF(status, "ftpAuthStatusLastProbe"), DATE },
	{ GAUGE("ftphealth_last_success_timestamp_seconds", "When the latest login that worked ended, in Unix time."),
		OF(status, "ftpAuthStatusLastOk"), DATE },
	{ GAUGE("ftphealth_state_timestamp_seconds", "Since when it is in its state, in Unix time."),
		OF(status, "ftpAuthStatusSince"), DATE },
	{ GAUGE("ftphealth_flapping", "Whether its state changes too often."),
		OF(status, "ftpAuthStatusFlapping"), IS(TRUTH_TRUE) },
	{ COUNTER("ftphealth_probes", "Probes by outcome; one that never came is left out."),
		OF(count, "ftpAuthCountOk"), WITH("outcome", "ok") },
	{ OF(count, "ftpAuthCountLoginRefused"), WITH("outcome", "loginRefused") },
	OUTCOME_SAMPLE("temporaryRefusal", "ftpAuthCountTempRefused"),
	OUTCOME_SAMPLE("resolveFailed", "ftpAuthCountResolveFailed"),
	OUTCOME_SAMPLE("connectFailed", "ftpAuthCountConnectFailed"),
	OUTCOME_SAMPLE("connectionClosed", "ftpAuthCountClosed"),
	OUTCOME_SAMPLE("timeout", "ftpAuthCountTimeout"),
	OUTCOME_SAMPLE("tlsFailed", "ftpAuthCountTlsFailed"),
	OUTCOME_SAMPLE("protocolError", "ftpAuthCountProtocolError"),
	OUTCOME_SAMPLE("internalError", "ftpAuthCountInternalError"),
	{ COUNTER("ftphealth_probes_skipped", "Probes that were not begun in their turn: overdue by an interval, or the one before had not ended."),
		OF(count, "ftpAuthCountSkipped") },
	{ COUNTER("ftphealth_login_success_seconds", "Time that all logins that worked took together."),
		OF(count, "ftpAuthCountOkTime"), SECONDS(1000000) },
	{ COUNTER("ftphealth_state_changes", "Changes of the state."),
		OF(count, "ftpAuthCountStateChanges") },
	{ COUNTER("ftphealth_alarms_raised", "Alarms raised."),
		OF(count, "ftpAuthCountAlarmsRaised") },

	/* ---- each target with which TLS is spoken */
	{ GAUGE("ftphealth_certificate_expiry_timestamp_seconds", "When the server's certificate ends, in Unix time; left out before one was seen."),
		OF(tls, "ftpAuthTlsNotAfter"), DATE },
	{ GAUGE("ftphealth_certificate_valid", "Whether its verification found nothing; left out when it is not verified."),
		OF(tls, "ftpAuthTlsVerify"), IS(TLS_VERIFY_OK), .lack = BIT(TLS_VERIFY_NOT_CHECKED) },

	/* ---- each target of which something is asked after the login */
	{ GAUGE("ftphealth_after_login_success", "Whether what is asked after the login works; left out before it was asked, and after a failure of our own."),
		OF(session, "ftpAuthSessionResult"), IS(SESSION_OK), .lack = BIT(SESSION_NOT_RUN) | BIT(SESSION_INTERNAL_ERROR) },
	{ GAUGE("ftphealth_after_login_duration_seconds", "How long that took, from the good login on."),
		OF(session, "ftpAuthSessionTotal"), SECONDS(1000000), .lack = NEVER },
	{ GAUGE("ftphealth_after_login_size_bytes", "Octets of data that were read then."),
		OF(session, "ftpAuthSessionOctets"), .unit = "bytes", .divisor = 1 },

	/* ---- each target with evidence from the server's own side */
	{ GAUGE("ftphealth_evidence_success", "Whether all of its evidence was had the last time."),
		OF(evidence, "ftpAuthEvidenceResult"), IS(EVIDENCE_OK), .lack = BIT(EVIDENCE_NEVER) },
	{ GAUGE("ftphealth_evidence_age_seconds", "Since when its evidence was not collected."),
		OF(evidence, "ftpAuthEvidenceAge"), SECONDS(1) },
	{ GAUGE("ftphealth_evidence_module_present", "Whether the sub-authentication module is there; left out when that is not known."),
		OF(evidence, "ftpAuthEvidenceModule"), IS(PRESENCE_PRESENT), .lack = BIT(PRESENCE_UNKNOWN) },
	{ GAUGE("ftphealth_evidence_password_synchronization", "Whether password synchronization is on; left out when that is not known."),
		OF(evidence, "ftpAuthEvidenceSync"), IS(SETTING_ENABLED), .lack = BIT(SETTING_UNKNOWN) },
	{ GAUGE("ftphealth_evidence_latent", "Whether logins fail, or will: the module is gone, and synchronization is on."),
		OF(evidence, "ftpAuthEvidenceLatent"), IS(TRUTH_TRUE) },
};
/* clang-format on */

const size_t metrics_n = ARRAY_SIZE(metrics);
