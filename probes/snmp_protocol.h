/* SPDX-License-Identifier: ISC */
/*
 * What is said between ftphealth-snmp and the one that runs it. Pure.
 *
 *   request  {"version":1, "agent":"udp:192.0.2.7:161", "timeLimit":MILLISECONDS,
 *             "file":"/PATH", "credential":"NAME", "community":TEXT,
 *             "get":["1.3.6.1.2.1.1.3.0", ...], "module":TEXT}
 *   answer   {"version":1, "state":"ok", "reason":TEXT, "upTime":CENTISECONDS,
 *             "webService":"running", "ftp":{"anonymousUsers":N, "namedUsers":N,
 *             "logonAttempts":N}, "values":[NUMBER, TEXT, null, ...], "module":OID}
 *
 * "agent" is an address as net-snmp takes it. The file, or the systemd credential, is in the format
 * of snmp.conf(5) (defVersion, defCommunity, defSecurityName, ...); without either the session is
 * that of SNMPv2c with the community given, or "public".
 * Without "get" the agent is asked what Windows and IIS tell. With it these objects are read, and
 * "values" has one for each, null where there is none. When there is none at all, "module" is
 * looked for among what the agent says it is made of (sysORDescr begins with it): the answer has
 * the OID that belongs to it (sysORID).
 * In an answer upTime, webService, ftp, values and module stand when the agent told them.
 */
#ifndef FTPHEALTH_SNMP_PROTOCOL_H
#define FTPHEALTH_SNMP_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/evidence.h"
#include "probes/fetch_protocol.h"

enum {
	SNMP_AGENT_MAX = 255,
	SNMP_ANSWER_MAX = 8192,
	SNMP_GET_MAX = 16, /* objects of one request: their values fit into one answer */
	SNMP_OID_TEXT_MAX =
		1407,        /* 128 sub-identifiers of 10 digits (RFC 2578 3.5) with their dots */
	SNMP_TEXT_MAX = 255, /* characters of a value, or of an OID that is one */
	SNMP_MODULE_MAX = 64,
};

struct snmp_request {
	const char *agent;
	uint32_t time_limit_ms;
	const char *file, *credential, *community; /* at most one; NULL = none */
	const char *get[SNMP_GET_MAX];             /* OIDs of instances, dotted */
	size_t n_get;                              /* 0 = what Windows and IIS tell */
	const char *module;                        /* NULL = not asked for */
};

struct snmp_value {
	enum snmp_value_kind { SNMP_MISSING, SNMP_NUMBER, SNMP_TEXT } kind;
	int64_t number;
	char text[SNMP_TEXT_MAX + 1]; /* printable ASCII, cut where it is longer */
};

/* How it ended: FETCH_PRESENT = answered, FETCH_ACCESS_DENIED, FETCH_WRONG_PASSWORD (SNMPv3),
 * FETCH_UNREACHABLE, FETCH_TIMEOUT (also: a community that the agent does not take), FETCH_FAILED.
 */
struct snmp_answer {
	enum fetch_state state;
	char reason[FETCH_REASON_MAX + 1]; /* printable ASCII; "" when the state says all */
	bool has_up_time;
	uint32_t up_time; /* hundredths of a second */
	/* svSvcTable lists services that run. WEB_NOT_LISTED is only said when the FTP service or
	 * IIS Admin, which must run, are listed there under their English names; else unknown. */
	enum web_service web;
	bool has_ftp;                                          /* ftpStatistics of IIS answers */
	uint32_t anonymous_users, named_users, logon_attempts; /* since its start */
	size_t n_values;                                       /* as many as were asked for, or 0 */
	struct snmp_value values[SNMP_GET_MAX];
	char module[SNMP_TEXT_MAX + 1]; /* "" = not told */
};

/* R as JSON in fresh memory; the caller frees it. Returns 0 or -ENOMEM. */
int snmp_request_write(const struct snmp_request *r, char **ret);

/* Reads a request; its strings are owned by *RET_STORAGE, which the caller frees with
 * snmp_request_done(). Returns 0, or -EINVAL and in WHY what is wrong. */
int snmp_request_parse(const char *text, size_t len, struct snmp_request *ret, void **ret_storage,
	char why[FETCH_WHY_SIZE]);
void snmp_request_done(void *storage);

/* A as JSON and a newline into DST. Returns its length, or -ENOMEM; -EMSGSIZE when
 * its values do not fit. */
int snmp_answer_write(const struct snmp_answer *a, char dst[SNMP_ANSWER_MAX]);

/* Returns 0, or -EBADMSG and in WHY what is wrong, in printable ASCII. */
int snmp_answer_parse(
	const char *text, size_t len, struct snmp_answer *ret, char why[FETCH_WHY_SIZE]);

#endif
