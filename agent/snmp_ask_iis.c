/* SPDX-License-Identifier: ISC */
/* What Windows and IIS tell by SNMP. */
#include "agent/snmp_ask_session.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/util.h"

enum {
	ROWS_MAX = 2000,   /* of svSvcTable; a server has some hundred services */
	REPETITIONS = 10,  /* rows a GETBULK: fits into one packet */
	SERVICE_MAX = 255, /* octets of a display name */
};

static const oid up_time_oid[] = { 1, 3, 6, 1, 2, 1, 1, 3, 0 };
/* svSvcName of LanMgr-Mib-II; the index is the display name with its length in front. */
static const oid service_oid[] = { 1, 3, 6, 1, 4, 1, 77, 1, 2, 3, 1, 1 };
/* ftpStatistics of FtpServer-MIB; see the columns below. */
#define FTP_STATISTICS 1, 3, 6, 1, 4, 1, 311, 1, 7, 2, 1
static const oid ftp_oids[][13] = {
	{ FTP_STATISTICS, 9, 0 },  /* totalAnonymousUsers */
	{ FTP_STATISTICS, 10, 0 }, /* totalNonAnonymousUsers */
	{ FTP_STATISTICS, 16, 0 }, /* logonAttempts */
};

/* True when V is the figure NAME, of a type that counts. */
static bool take_figure(const netsnmp_variable_list *v, const oid *name, size_t len, uint32_t *ret)
{
	if (!v || snmp_oid_compare(v->name, v->name_length, name, len) != 0)
		return false;
	if (v->type != ASN_COUNTER && v->type != ASN_GAUGE && v->type != ASN_TIMETICKS)
		return false;
	*ret = (uint32_t)*v->val.integer;
	return true;
}

static void ask_up_time(void)
{
	netsnmp_pdu *pdu = ask_request_new(SNMP_MSG_GET);

	ask_request_add(pdu, up_time_oid, OID_LENGTH(up_time_oid));
	pdu = ask_exchange(pdu);
	ask.answer.has_up_time = pdu->errstat == SNMP_ERR_NOERROR &&
		take_figure(
			pdu->variables, up_time_oid, OID_LENGTH(up_time_oid), &ask.answer.up_time);
	snmp_free_pdu(pdu);
	ask_keep_so_far();
}

/* All three or none: SNMPv1 tells of no more when one is not there. */
static void ask_ftp(void)
{
	uint32_t *const figures[] = { &ask.answer.anonymous_users, &ask.answer.named_users,
		&ask.answer.logon_attempts };
	netsnmp_pdu *pdu = ask_request_new(SNMP_MSG_GET);
	const netsnmp_variable_list *v;
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(ftp_oids); i++)
		ask_request_add(pdu, ftp_oids[i], OID_LENGTH(ftp_oids[i]));
	pdu = ask_exchange(pdu);
	v = pdu->errstat == SNMP_ERR_NOERROR ? pdu->variables : NULL;
	for (; v && n < ARRAY_SIZE(figures); v = v->next_variable, n++)
		if (!take_figure(v, ftp_oids[n], OID_LENGTH(ftp_oids[n]), figures[n]))
			break;
	ask.answer.has_ftp = n == ARRAY_SIZE(figures);
	snmp_free_pdu(pdu);
	ask_keep_so_far();
}

/* A walk over svSvcTable. */
struct walk {
	oid at[MAX_OID_LEN];
	size_t len;
	unsigned rows;
	bool ended, complete;
	char fault[FETCH_REASON_MAX + 1]; /* why it is not complete */
	bool web, other; /* what was seen: the web service, one of those beside it */
};

__attribute__((format(printf, 2, 3))) static void give_up(struct walk *w, const char *format, ...)
{
	va_list ap;

	w->ended = true;
	va_start(ap, format);
	vsnprintf(w->fault, sizeof(w->fault), format, ap);
	va_end(ap);
}

/* The end of the table was seen. */
static void complete(struct walk *w)
{
	w->ended = w->complete = true;
}

/* The display name is the index: its length, then its octets. */
static void take_service(struct walk *w, const oid *index, size_t len)
{
	/* On a Windows of another language all names differ, and then none of these is seen. */
	static const char *const others[] = { "FTP Publishing Service", "Microsoft FTP Service",
		"IIS Admin Service" };
	char name[SERVICE_MAX + 1];
	size_t n = 0;

	if (len == 0 || index[0] != len - 1 || index[0] > SERVICE_MAX)
		return;
	for (; n < len - 1 && index[n + 1] > 0 && index[n + 1] <= 0xff; n++)
		name[n] = (char)index[n + 1];
	name[n] = '\0';
	w->web |= strcmp(name, "World Wide Web Publishing Service") == 0;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		w->other |= strcmp(name, others[i]) == 0;
}

static void take_row(struct walk *w, const netsnmp_variable_list *v)
{
	const size_t base = OID_LENGTH(service_oid);

	if (v->type == SNMP_ENDOFMIBVIEW || v->type == SNMP_NOSUCHOBJECT ||
		v->type == SNMP_NOSUCHINSTANCE || v->name_length <= base ||
		snmp_oid_compare(v->name, base, service_oid, base) != 0) {
		complete(w);
	} else if (snmp_oid_compare(v->name, v->name_length, w->at, w->len) <= 0) {
		give_up(w, "the table of services goes round in circles");
	} else if (w->rows == ROWS_MAX) {
		give_up(w, "the table of services has more than %d rows", ROWS_MAX);
	} else {
		w->rows++;
		memcpy(w->at, v->name, v->name_length * sizeof(oid));
		w->len = v->name_length;
		take_service(w, v->name + base, v->name_length - base);
	}
}

static void take_rows(struct walk *w, const netsnmp_pdu *response)
{
	const netsnmp_variable_list *v = response->variables;

	if (response->errstat == SNMP_ERR_NOSUCHNAME) /* the end, for SNMPv1 */
		complete(w);
	else if (response->errstat != SNMP_ERR_NOERROR)
		give_up(w, "the table of services: %s", snmp_errstring((int)response->errstat));
	else if (!v)
		give_up(w, "the table of services: an empty answer");
	for (; v && !w->ended; v = v->next_variable)
		take_row(w, v);
}

static void ask_services(struct walk *w)
{
	const bool bulk = ask.version != SNMP_VERSION_1;

	memcpy(w->at, service_oid, sizeof(service_oid));
	w->len = OID_LENGTH(service_oid);
	while (!w->ended) {
		netsnmp_pdu *pdu = ask_request_new(bulk ? SNMP_MSG_GETBULK : SNMP_MSG_GETNEXT);

		if (bulk) {
			pdu->non_repeaters = 0;
			pdu->max_repetitions = REPETITIONS;
		}
		ask_request_add(pdu, w->at, w->len);
		pdu = ask_exchange(pdu);
		take_rows(w, pdu);
		snmp_free_pdu(pdu);
		if (w->web && ask.answer.web != WEB_RUNNING) {
			ask.answer.web = WEB_RUNNING;
			ask_keep_so_far();
		}
	}
	/* Only services that run are listed. Those that belong to it are the proof that they are
	 * listed, all of them, and in English. */
	if (w->complete && w->other && !w->web)
		ask.answer.web = WEB_NOT_LISTED;
}

void ask_iis(void)
{
	static struct walk walk;

	ask_up_time();
	ask_ftp();
	ask_services(&walk);
	ASK_END(FETCH_PRESENT, "%s", walk.fault);
}
