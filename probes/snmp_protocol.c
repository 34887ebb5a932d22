/* SPDX-License-Identifier: ISC */
/* Requests to and answers of ftphealth-snmp as JSON, both ways. */
#include "probes/snmp_protocol.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <jansson.h>

#include "common/text.h"
#include "common/util.h"
#include "probes/protocol_text.h"

enum { VERSION = 1, SNMP_OID_IDS_MAX = 128 };

/* The ends that an SNMP question can have; NULL = none of them. */
static const char *const state_labels[FETCH_STATES] = {
	[FETCH_PRESENT] = "ok",
	[FETCH_ACCESS_DENIED] = "accessDenied",
	[FETCH_WRONG_PASSWORD] = "wrongPassword",
	[FETCH_UNREACHABLE] = "unreachable",
	[FETCH_TIMEOUT] = "timeout",
	[FETCH_FAILED] = "failed",
};

static const char *const web_labels[] = {
	[WEB_RUNNING] = "running",
	[WEB_NOT_LISTED] = "notListed",
};

static int label_index(const char *const *labels, size_t n, const char *label)
{
	for (size_t i = 0; i < n; i++)
		if (labels[i] && strcmp(label, labels[i]) == 0)
			return (int)i;
	return -EINVAL;
}

/* ------------------------------------------------------------------ requests */

/* NULL when there are none, which json_pack leaves out, or no memory, which it tells. */
static json_t *oids_json(const struct snmp_request *r)
{
	json_t *list = r->n_get > 0 ? json_array() : NULL;

	for (size_t i = 0; i < r->n_get; i++)
		json_array_append_new(list, json_string(r->get[i]));
	return list;
}

int snmp_request_write(const struct snmp_request *r, char **ret)
{
	_cleanup_(json_decrefp) json_t *root = NULL;
	char *text;

	assert(r && r->agent && ret && r->n_get <= SNMP_GET_MAX);
	root = json_pack("{s:i, s:s, s:I, s:s*, s:s*, s:s*, s:o*, s:s*}", "version", VERSION,
		"agent", r->agent, "timeLimit", (json_int_t)r->time_limit_ms, "file", r->file,
		"credential", r->credential, "community", r->community, "get", oids_json(r),
		"module", r->module);
	if (root && json_array_size(json_object_get(root, "get")) != r->n_get)
		return -ENOMEM;
	text = root ? json_dumps(root, JSON_COMPACT) : NULL;
	if (!text)
		return -ENOMEM;
	*ret = text;
	return 0;
}

static int check_agent(const char *agent, char why[FETCH_WHY_SIZE])
{
	int error = protocol_check_string(agent, SNMP_AGENT_MAX, "agent", why);

	if (error < 0)
		return error;
	if (!*agent)
		return protocol_refuse(-EINVAL, why, "agent: empty; give HOST, or udp:HOST:PORT");
	for (const char *p = agent; *p; p++)
		if (*p <= ' ' || *p > '~')
			return protocol_refuse(-EINVAL, why,
				"agent: a blank or a character that is not ASCII: \"%.100s\"",
				agent);
	return 0;
}

static int check_credentials(const struct snmp_request *r, char why[FETCH_WHY_SIZE])
{
	const char *file = r->file, *credential = r->credential;
	int error = 0;

	if (!!file + !!credential + !!r->community > 1)
		return protocol_refuse(
			-EINVAL, why, "file, credential, community: give one of them");
	if (file)
		error = protocol_check_string(file, FETCH_PATH_MAX, "file", why);
	if (credential)
		error = protocol_check_string(credential, FETCH_NAME_MAX, "credential", why);
	if (r->community)
		error = protocol_check_string(r->community, FETCH_NAME_MAX, "community", why);
	if (error < 0)
		return error;
	if (file && *file != '/')
		return protocol_refuse(-EINVAL, why, "file: not an absolute path");
	if (credential && (!*credential || *credential == '.' || strchr(credential, '/')))
		return protocol_refuse(-EINVAL, why, "credential: a name, not a path");
	return 0;
}

/* Dotted, of 2 to 128 sub-identifiers. */
static int check_oid(const char *oid, char why[FETCH_WHY_SIZE])
{
	size_t ids = 1;

	if (strlen(oid) > SNMP_OID_TEXT_MAX)
		return protocol_refuse(
			-EINVAL, why, "get: longer than %d characters", SNMP_OID_TEXT_MAX);
	for (const char *p = oid; *p; p++) {
		ids += *p == '.';
		if (*p == '.' ? p == oid || p[-1] == '.' || !p[1] : *p < '0' || *p > '9')
			return protocol_refuse(
				-EINVAL, why, "get: not an OID such as 1.3.6.1: \"%.100s\"", oid);
	}
	if (ids < 2 || ids > SNMP_OID_IDS_MAX)
		return protocol_refuse(
			-EINVAL, why, "get: not 2 to %d sub-identifiers", SNMP_OID_IDS_MAX);
	return 0;
}

static int take_get(struct snmp_request *r, json_t *get, char why[FETCH_WHY_SIZE])
{
	json_t *item;
	size_t i;

	if (!get)
		return r->module ? protocol_refuse(-EINVAL, why, "module: needs get") : 0;
	if (json_array_size(get) == 0 || json_array_size(get) > SNMP_GET_MAX)
		return protocol_refuse(-EINVAL, why, "get: not a list of 1 to %d", SNMP_GET_MAX);
	json_array_foreach(get, i, item)
	{
		int error;

		if (!json_is_string(item))
			return protocol_refuse(-EINVAL, why, "get: not a string");
		error = check_oid(json_string_value(item), why);
		if (error < 0)
			return error;
		r->get[r->n_get++] = json_string_value(item);
	}
	return r->module ? protocol_check_string(r->module, SNMP_MODULE_MAX, "module", why) : 0;
}

int snmp_request_parse(const char *text, size_t len, struct snmp_request *ret, void **ret_storage,
	char why[FETCH_WHY_SIZE])
{
	_cleanup_(json_decrefp) json_t *root = NULL;
	struct snmp_request r = { .agent = NULL };
	json_t *get = NULL;
	json_int_t time_limit;
	json_error_t e;
	int version, error;

	assert((text || len == 0) && ret && ret_storage && why);
	if (len > FETCH_REQUEST_MAX)
		return protocol_refuse(-EINVAL, why, "longer than %d octets", FETCH_REQUEST_MAX);
	root = json_loadb(text ? text : "", len, JSON_REJECT_DUPLICATES, &e);
	if (!root)
		return protocol_refuse(-EINVAL, why, "no JSON: %s, line %d", e.text, e.line);
	if (json_unpack_ex(root, &e, JSON_STRICT, "{s:i, s:s, s:I, s?s, s?s, s?s, s?o, s?s}",
		    "version", &version, "agent", &r.agent, "timeLimit", &time_limit, "file",
		    &r.file, "credential", &r.credential, "community", &r.community, "get", &get,
		    "module", &r.module) < 0)
		return protocol_refuse(-EINVAL, why, "%s", e.text);
	if (version != VERSION)
		return protocol_refuse(-EINVAL, why, "version: not %d", VERSION);
	if (time_limit < FETCH_TIME_LIMIT_MIN_MS || time_limit > FETCH_TIME_LIMIT_MAX_MS)
		return protocol_refuse(-EINVAL, why, "timeLimit: not from %d to %d ms",
			FETCH_TIME_LIMIT_MIN_MS, FETCH_TIME_LIMIT_MAX_MS);
	r.time_limit_ms = (uint32_t)time_limit;
	error = check_agent(r.agent, why);
	error = error < 0 ? error : check_credentials(&r, why);
	error = error < 0 ? error : take_get(&r, get, why);
	if (error < 0)
		return error;
	*ret = r;
	*ret_storage = TAKE_PTR(root);
	return 0;
}

void snmp_request_done(void *storage)
{
	json_decref(storage);
}

/* ------------------------------------------------------------------ answers */

static json_t *ftp_json(const struct snmp_answer *a)
{
	return json_pack("{s:I, s:I, s:I}", "anonymousUsers", (json_int_t)a->anonymous_users,
		"namedUsers", (json_int_t)a->named_users, "logonAttempts",
		(json_int_t)a->logon_attempts);
}

static json_t *values_json(const struct snmp_answer *a)
{
	json_t *list = json_array();

	for (size_t i = 0; i < a->n_values; i++) {
		const struct snmp_value *v = &a->values[i];

		json_array_append_new(list,
			v->kind == SNMP_NUMBER         ? json_integer(v->number)
				: v->kind == SNMP_TEXT ? json_string(v->text)
						       : json_null());
	}
	return list;
}

int snmp_answer_write(const struct snmp_answer *a, char dst[SNMP_ANSWER_MAX])
{
	_cleanup_(json_decrefp) json_t *root = NULL;
	int error = 0;
	size_t n;

	assert(a && dst && a->state < FETCH_STATES && state_labels[a->state]);
	assert(a->web < ARRAY_SIZE(web_labels));
	root = json_pack("{s:i, s:s, s:s*, s:s*}", "version", VERSION, "state",
		state_labels[a->state], "reason", a->reason[0] ? a->reason : NULL, "webService",
		web_labels[a->web]);
	if (a->has_up_time)
		error |= json_object_set_new(root, "upTime", json_integer((json_int_t)a->up_time));
	if (a->has_ftp)
		error |= json_object_set_new(root, "ftp", ftp_json(a));
	if (a->n_values > 0)
		error |= json_object_set_new(root, "values", values_json(a));
	if (a->module[0])
		error |= json_object_set_new(root, "module", json_string(a->module));
	n = root && !error ? json_dumpb(root, dst, SNMP_ANSWER_MAX - 1, JSON_COMPACT) : 0;
	if (n == 0)
		return -ENOMEM;
	if (n >= SNMP_ANSWER_MAX) /* texts of nothing but quotation marks */
		return -EMSGSIZE;
	dst[n++] = '\n';
	return (int)n;
}

static int take_reason(struct snmp_answer *a, const char *reason, char why[FETCH_WHY_SIZE])
{
	if (strlen(reason) > FETCH_REASON_MAX || !protocol_is_printable(reason))
		return protocol_refuse(-EBADMSG, why, "reason: too long or not printable");
	memcpy(a->reason, reason, strlen(reason) + 1);
	return 0;
}

static int take_figure(json_int_t value, const char *key, uint32_t *ret, char why[FETCH_WHY_SIZE])
{
	if (value < 0 || value > UINT32_MAX)
		return protocol_refuse(
			-EBADMSG, why, "%s: not from 0 to %lu", key, (unsigned long)UINT32_MAX);
	*ret = (uint32_t)value;
	return 0;
}

static int take_state(struct snmp_answer *a, const char *state, char why[FETCH_WHY_SIZE])
{
	int number = label_index(state_labels, ARRAY_SIZE(state_labels), state);

	if (number < 0)
		return protocol_refuse(-EBADMSG, why, "state: \"%.40s\"", state);
	a->state = (enum fetch_state)number;
	return 0;
}

static int take_up_time(struct snmp_answer *a, const json_t *up_time, char why[FETCH_WHY_SIZE])
{
	if (!up_time)
		return 0;
	if (!json_is_integer(up_time))
		return protocol_refuse(-EBADMSG, why, "upTime: not an integer");
	a->has_up_time = true;
	return take_figure(json_integer_value(up_time), "upTime", &a->up_time, why);
}

static int take_web(struct snmp_answer *a, const char *web, char why[FETCH_WHY_SIZE])
{
	int number = web ? label_index(web_labels, ARRAY_SIZE(web_labels), web) : WEB_UNKNOWN;

	if (number < 0)
		return protocol_refuse(-EBADMSG, why, "webService: \"%.40s\"", web);
	a->web = (enum web_service)number;
	return 0;
}

static int take_ftp(struct snmp_answer *a, json_t *ftp, char why[FETCH_WHY_SIZE])
{
	json_int_t anonymous, named, attempts;
	json_error_t e;
	int error;

	if (!ftp)
		return 0;
	if (json_unpack_ex(ftp, &e, JSON_STRICT, "{s:I, s:I, s:I}", "anonymousUsers", &anonymous,
		    "namedUsers", &named, "logonAttempts", &attempts) < 0)
		return protocol_refuse(-EBADMSG, why, "ftp: %s", e.text);
	error = take_figure(anonymous, "anonymousUsers", &a->anonymous_users, why);
	error = error < 0 ? error : take_figure(named, "namedUsers", &a->named_users, why);
	error = error < 0 ? error : take_figure(attempts, "logonAttempts", &a->logon_attempts, why);
	a->has_ftp = true;
	return error;
}

static int take_module(struct snmp_answer *a, const char *module, char why[FETCH_WHY_SIZE])
{
	if (!module)
		return 0;
	if (!*module || strlen(module) > SNMP_TEXT_MAX || module[strspn(module, "0123456789.")])
		return protocol_refuse(-EBADMSG, why, "module: not an OID");
	strcpy(a->module, module);
	return 0;
}

static int take_values(
	struct snmp_answer *a, json_t *values, const char *module, char why[FETCH_WHY_SIZE])
{
	json_t *item;
	size_t i;

	if (!values)
		return take_module(a, module, why);
	if (json_array_size(values) == 0 || json_array_size(values) > SNMP_GET_MAX)
		return protocol_refuse(
			-EBADMSG, why, "values: not a list of 1 to %d", SNMP_GET_MAX);
	json_array_foreach(values, i, item)
	{
		struct snmp_value *v = &a->values[a->n_values++];
		const char *text = json_string_value(item);

		if (json_is_integer(item)) {
			v->kind = SNMP_NUMBER;
			v->number = json_integer_value(item);
		} else if (text && strlen(text) <= SNMP_TEXT_MAX && protocol_is_printable(text)) {
			v->kind = SNMP_TEXT;
			strcpy(v->text, text);
		} else if (!json_is_null(item)) {
			return protocol_refuse(
				-EBADMSG, why, "values: no integer, null, or printable text");
		}
	}
	return take_module(a, module, why);
}

int snmp_answer_parse(
	const char *text, size_t len, struct snmp_answer *ret, char why[FETCH_WHY_SIZE])
{
	const char *state, *reason = "", *web = NULL, *module = NULL;
	_cleanup_(json_decrefp) json_t *root = NULL;
	json_t *up_time = NULL, *ftp = NULL, *values = NULL;
	struct snmp_answer a;
	int version, error;
	json_error_t e;

	assert((text || len == 0) && ret && why);
	memset(&a, 0, sizeof(a));
	if (len > SNMP_ANSWER_MAX)
		return protocol_refuse(-EBADMSG, why, "longer than %d octets", SNMP_ANSWER_MAX);
	root = json_loadb(text ? text : "", len, JSON_REJECT_DUPLICATES, &e);
	if (!root)
		return protocol_refuse(-EBADMSG, why, "no JSON: %s", e.text);
	if (json_unpack_ex(root, &e, JSON_STRICT, "{s:i, s:s, s?s, s?o, s?s, s?o, s?o, s?s}",
		    "version", &version, "state", &state, "reason", &reason, "upTime", &up_time,
		    "webService", &web, "ftp", &ftp, "values", &values, "module", &module) < 0)
		return protocol_refuse(-EBADMSG, why, "%s", e.text);
	if (version != VERSION)
		return protocol_refuse(-EBADMSG, why, "version: not %d", VERSION);
	error = take_state(&a, state, why);
	error = error < 0 ? error : take_reason(&a, reason, why);
	error = error < 0 ? error : take_up_time(&a, up_time, why);
	error = error < 0 ? error : take_web(&a, web, why);
	error = error < 0 ? error : take_ftp(&a, ftp, why);
	error = error < 0 ? error : take_values(&a, values, module, why);
	if (error == 0)
		*ret = a;
	return error;
}
