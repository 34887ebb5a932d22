/* SPDX-License-Identifier: ISC */
/* The enumerations that are published: labels and numbers. */
#include "common/util.h"
#include "probes/collect.h"
#include "agent/mib_row.h"

#define LABELS(name, ...) \
	static const char *name(unsigned number) \
	{ \
		static const char *const labels[] = { __VA_ARGS__ }; \
\
		return number < ARRAY_SIZE(labels) ? labels[number] : NULL; \
	}

/* clang-format off */
LABELS(kind_label,
	[KIND_REFUSED] = "loginRefused", [KIND_UNREACHABLE] = "unreachable", [KIND_AT_RISK] = "atRisk",
	[KIND_CERTIFICATE] = "certificate", [KIND_MASS] = "mass", [KIND_DEGRADED] = "degraded")
LABELS(agent_state_label,
	[AGENT_STARTING] = "starting", [AGENT_RUNNING] = "running", [AGENT_IMPAIRED] = "impaired",
	[AGENT_STOPPING] = "stopping")
LABELS(config_result_label,
	[CONFIG_OK] = "ok", [CONFIG_PARTIAL] = "partial", [CONFIG_REJECTED] = "rejected")
LABELS(admin_label,
	[ADMIN_ENABLED] = "enabled", [ADMIN_MAINTENANCE] = "maintenance", [ADMIN_DISABLED] = "disabled")
LABELS(security_label, /* enum tls_mode, from 1 on */
	[1 + TLS_NONE] = "plain", [1 + TLS_EXPLICIT] = "explicitTls", [1 + TLS_IMPLICIT] = "implicitTls")
LABELS(probe_now_label, [PROBE_IDLE] = "idle", [PROBE_START] = "start")
LABELS(truth_label, [TRUTH_TRUE] = "true", [TRUTH_FALSE] = "false")
LABELS(address_type_label, [INET_UNKNOWN] = "unknown", [INET_IPV4] = "ipv4", [INET_IPV6] = "ipv6")
/* clang-format on */

static const char *diagnosis_label(unsigned number)
{
	const struct diagnosis_info *info = diagnosis_info(number);

	return info ? info->label : NULL;
}

static enum service service_of_state(unsigned number)
{
	return state_service((enum state)number);
}

static enum service service_of_severity(unsigned number)
{
	return severity_service((enum severity)number);
}

/* clang-format off */
const struct mib_enum mib_enums[] = {
	{ "FtpAuthState",             state_label,           STATE_END, service_of_state },
	{ "FtpAuthServiceState",      service_label,         SERVICE_END, NULL },
	{ "FtpAuthSeverity",          severity_label,        SEVERITY_END, service_of_severity },
	{ "FtpAuthStage",             stage_label,           STAGE_END, NULL },
	{ "FtpAuthOutcome",           outcome_label,         OUTCOME_END, NULL },
	{ "FtpAuthDiagnosis",         diagnosis_label,       DIAG_END, NULL },
	{ "FtpAuthCollectResult",     evidence_result_label, EVIDENCE_STALE + 1, NULL },
	{ "FtpAuthPresence",          presence_label,        PRESENCE_ALTERED + 1, NULL },
	{ "FtpAuthSetting",           setting_label,         SETTING_DISABLED + 1, NULL },
	{ "FtpAuthKind",              kind_label,            KIND_DEGRADED + 1, NULL },
	{ "TruthValue",               truth_label,           TRUTH_FALSE + 1, NULL },
	{ "InetAddressType",          address_type_label,    INET_IPV6 + 1, NULL },
	{ "ftpAuthAgentState",        agent_state_label,     AGENT_STOPPING + 1, NULL },
	{ "ftpAuthAgentConfigResult", config_result_label,   CONFIG_REJECTED + 1, NULL },
	{ "ftpAuthTargetSecurity",    security_label,        TLS_MODES + 1, NULL },
	{ "ftpAuthTargetAdmin",       admin_label,           ADMIN_DISABLED + 1, NULL },
	{ "ftpAuthTargetProbeNow",    probe_now_label,       PROBE_START + 1, NULL },
	{ "ftpAuthTlsVerify",         tls_verify_label,      TLS_VERIFY_END, NULL },
	{ "ftpAuthSessionCommand",    session_command_label, SESSION_COMMAND_END, NULL },
	{ "ftpAuthSessionResult",     session_result_label,  SESSION_RESULT_END, NULL },
};
/* clang-format on */

const size_t mib_n_enums = ARRAY_SIZE(mib_enums);
