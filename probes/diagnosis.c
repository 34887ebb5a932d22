/* SPDX-License-Identifier: ISC */
/* From what was seen to the most likely cause: a pure function over a rule table. */
#include "probes/diagnosis.h"

#include <stdbool.h>
#include <string.h>

#include "common/util.h"

static const struct diagnosis_info infos[] = {
#define DIAGNOSIS(number, symbol, label, text, remedy, reference) \
	[number] = { #label, text, remedy, reference },
#include "probes/diagnosis.def"
#undef DIAGNOSIS
};

const struct diagnosis_info *diagnosis_info(unsigned diagnosis)
{
	if (diagnosis >= ARRAY_SIZE(infos) || !infos[diagnosis].label)
		return NULL;
	return &infos[diagnosis];
}

/* First match wins. A zero or NULL matches everything; needles match in any case, in any line of
 * the reply. The last column is the rule's id, shown in logs: Dnn of the decision table where it
 * has one. */
static const struct rule {
	enum outcome outcome;
	enum stage stage;
	int low, high;
	const char *banner, *user, *text;
	enum diagnosis diagnosis;
	unsigned confidence;
	const char *id;
} rules[] = {
	/* clang-format off */
	{ OUTCOME_OK, 0, 0, 0, NULL, NULL, NULL, DIAG_NONE, 100, "ok" },
	{ OUTCOME_RESOLVE_FAILED, 0, 0, 0, NULL, NULL, NULL, DIAG_NAME_UNRESOLVED, 95, "D33-name" },
	{ OUTCOME_CONNECTION_REFUSED, 0, 0, 0, NULL, NULL, NULL, DIAG_CONNECT_REFUSED, 95, "D33-refused" },
	{ OUTCOME_NO_ROUTE, 0, 0, 0, NULL, NULL, NULL, DIAG_NO_ROUTE, 95, "D33-route" },
	{ OUTCOME_TIMEOUT, STAGE_RESOLVE, 0, 0, NULL, NULL, NULL, DIAG_NAME_UNRESOLVED, 60, "resolve-timeout" },
	{ OUTCOME_TIMEOUT, STAGE_PASSWORD, 0, 0, NULL, NULL, NULL, DIAG_TIMED_OUT, 60, "D32-silent" },
	{ OUTCOME_TIMEOUT, 0, 0, 0, NULL, NULL, NULL, DIAG_TIMED_OUT, 90, "timeout" },
	{ OUTCOME_PROTOCOL_ERROR, 0, 0, 0, NULL, NULL, NULL, DIAG_PROTOCOL_ERROR, 95, "not-ftp" },
	{ OUTCOME_CONNECTION_CLOSED, STAGE_BANNER, 0, 0, NULL, NULL, NULL, DIAG_HOST_DENIED, 50, "D23-closed" },
	{ OUTCOME_CONNECTION_CLOSED, 0, 0, 0, NULL, NULL, NULL, DIAG_PROTOCOL_ERROR, 60, "D32-closed" },
	{ OUTCOME_LOGIN_REFUSED, 0, 530, 530, NULL, NULL, "home directory inaccessible", DIAG_HOME_INACCESSIBLE, 95, "D11" },
	{ OUTCOME_LOGIN_REFUSED, 0, 530, 530, NULL, NULL, "guest access not allowed", DIAG_LOGON_RIGHT_MISSING, 95, "D12" },
	{ OUTCOME_LOGIN_REFUSED, 0, 530, 530, NULL, NULL, "valid hostname is expected", DIAG_VIRTUAL_HOST_REQUIRED, 99, "D20" },
	{ OUTCOME_LOGIN_REFUSED, STAGE_PASSWORD, 530, 530, "Microsoft FTP Service (Version 4", "anonymous access allowed", "cannot log in", DIAG_SUB_AUTH_MODULE_MISSING, 35, "D16" },
	{ OUTCOME_LOGIN_REFUSED, STAGE_PASSWORD, 530, 530, "Microsoft FTP Service (Version 5", "anonymous access allowed", "cannot log in", DIAG_SUB_AUTH_MODULE_MISSING, 35, "D16" },
	{ OUTCOME_LOGIN_REFUSED, 0, 500, 500, NULL, NULL, "OOPS:", DIAG_SERVER_MISCONFIGURED, 90, "D31" },
	{ OUTCOME_TEMPORARY_REFUSAL, 0, 421, 421, NULL, NULL, "too many", DIAG_TOO_MANY_USERS, 95, "D24" },
	{ 0, 0, 0, 0, NULL, NULL, NULL, DIAG_OTHER, 20, "D34" },
	/* clang-format on */
};

static bool contains(const struct reply *reply, const char *needle)
{
	return !needle || (reply && strcasestr(reply->text, needle));
}

static bool matches(const struct rule *rule, const struct observation *o)
{
	if (rule->outcome != 0 && rule->outcome != o->outcome)
		return false;
	if (rule->stage != 0 && rule->stage != o->stage)
		return false;
	if (rule->low != 0 && (o->code < rule->low || o->code > rule->high))
		return false;
	return contains(observation_reply(o, STAGE_BANNER), rule->banner) &&
		contains(observation_reply(o, STAGE_USER), rule->user) &&
		contains(observation_verdict(o), rule->text);
}

struct verdict diagnose(const struct observation *o)
{
	const struct rule *rule = rules;

	while (!matches(rule, o))
		rule++;
	return (struct verdict){ rule->diagnosis, rule->confidence, rule->id };
}
