/* SPDX-License-Identifier: ISC */
/*
 * Any octets as what an SNMP agent answers to ftphealth-snmp, through net-snmp's own parser. The
 * first octet chooses what is asked for and by which version; then each exchange takes its part of
 * the rest, by its first octet: 'e' the objects asked for, with a value each, 'n' the ones after
 * them, 's' silence, 'x' an error, else a PDU as it is. However it goes, the program ends with an
 * answer that the daemon can read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "agent/snmp_ask_session.h"
#include "common/util.h"
#include "tests/fuzz/ber.h"
#include "tests/fuzz/holds.h"

enum { EXCHANGES_MAX = 40, PDUS_MAX = 4 * EXCHANGES_MAX };

static struct {
	const uint8_t *at;
	size_t left;
	unsigned exchanges;
	netsnmp_pdu *pdus[PDUS_MAX]; /* that were made and not freed yet */
	size_t n_pdus;
	char kept[CONFINE_ANSWER_MAX];
	size_t kept_len;
	jmp_buf end;
	int error;
} run;

static uint8_t take(void)
{
	if (run.left == 0)
		return 0;
	run.left--;
	return *run.at++;
}

/* ------------------------------------------------------------------ in place of the process */

void __wrap_confine_keep_answer(const char *text, size_t len);
_Noreturn void __wrap_confine_finish(const char *contents, size_t len);
_Noreturn void __wrap_confine_fail(int code, const char *format, ...);

void __wrap_confine_keep_answer(const char *text, size_t len)
{
	HOLDS(len > 0 && len <= sizeof(run.kept));
	memcpy(run.kept, text, len);
	run.kept_len = len;
}

void __wrap_confine_finish(const char *contents, size_t len)
{
	longjmp(run.end, 1);
}

/* For what is wrong with the request or with us, and so never for what an agent says. */
void __wrap_confine_fail(int code, const char *format, ...)
{
	HOLDS(!"blamed on us");
	longjmp(run.end, 1);
}

/* ------------------------------------------------------------------ in place of the library */

netsnmp_pdu *__real_snmp_pdu_create(int command);
void __real_snmp_free_pdu(netsnmp_pdu *pdu);
netsnmp_pdu *__wrap_snmp_pdu_create(int command);
void __wrap_snmp_free_pdu(netsnmp_pdu *pdu);
int __wrap_snmp_sess_synch_response(void *session, netsnmp_pdu *request, netsnmp_pdu **response);
netsnmp_session *__wrap_snmp_sess_session(void *session);
netsnmp_transport *__wrap_netsnmp_transport_open_client(const char *application, const char *where);

netsnmp_pdu *__wrap_snmp_pdu_create(int command)
{
	HOLDS(run.n_pdus < PDUS_MAX);
	return run.pdus[run.n_pdus++] = __real_snmp_pdu_create(command);
}

void __wrap_snmp_free_pdu(netsnmp_pdu *pdu)
{
	for (size_t i = 0; i < run.n_pdus; i++)
		if (run.pdus[i] == pdu)
			run.pdus[i] = NULL;
	__real_snmp_free_pdu(pdu);
}

netsnmp_session *__wrap_snmp_sess_session(void *session)
{
	static netsnmp_session s;

	s.s_snmp_errno = run.error;
	return &s;
}

/* No socket is opened. */
netsnmp_transport *__wrap_netsnmp_transport_open_client(const char *application, const char *where)
{
	return NULL;
}

/* A value, of which the octets are the input's. */
static void put_value(struct ber *to)
{
	static const uint8_t types[] = { ASN_INTEGER, ASN_OCTET_STR, ASN_COUNTER, ASN_COUNTER64,
		ASN_GAUGE, ASN_TIMETICKS, ASN_OBJECT_ID, ASN_NULL, SNMP_NOSUCHOBJECT,
		SNMP_ENDOFMIBVIEW, ASN_IPADDRESS };
	uint8_t type = types[take() % ARRAY_SIZE(types)];
	size_t len = take(), start = to->len;

	if (len > run.left)
		len = run.left;
	ber_put(to, run.at, len);
	ber_wrap(to, type, start);
	run.at += len;
	run.left -= len;
}

/* The names of REQUEST, or ones behind them, with values: the varbinds of a response. */
static void put_varbinds(struct ber *to, const netsnmp_pdu *request, bool next)
{
	for (const netsnmp_variable_list *v = request->variables; v; v = v->next_variable) {
		size_t start = to->len;
		uint32_t id[MAX_OID_LEN];

		for (size_t i = 0; i < v->name_length; i++)
			id[i] = (uint32_t)v->name[i];
		ber_put_oid(to, id, v->name_length);
		for (unsigned n = next ? take() % 70 : 0; n > 0; n--)
			ber_put_id(to, take());
		ber_wrap(to, ASN_OBJECT_ID, start);
		put_value(to);
		ber_wrap(to, ASN_SEQUENCE | ASN_CONSTRUCTOR, start);
	}
}

static void put_response(struct ber *to, const netsnmp_pdu *request, uint8_t kind)
{
	size_t start;

	if (kind != 'e' && kind != 'n' && kind != 'x') {
		size_t len = run.left < kind ? run.left : kind;

		ber_put(to, run.at, len);
		run.at += len;
		run.left -= len;
		return;
	}
	ber_put_number(to, 1);
	ber_put_number(to, kind == 'x' ? take() % 20 : 0);
	ber_put_number(to, kind == 'x' ? take() % 8 : 0);
	start = to->len;
	put_varbinds(to, request, kind == 'n');
	ber_wrap(to, ASN_SEQUENCE | ASN_CONSTRUCTOR, start);
	ber_wrap(to, SNMP_MSG_RESPONSE, 0);
}

/* The library gives only what it could parse, and what is a response. */
int __wrap_snmp_sess_synch_response(void *session, netsnmp_pdu *request, netsnmp_pdu **response)
{
	static const int errors[] = { SNMPERR_TIMEOUT, SNMPERR_UNKNOWN_USER_NAME, SNMPERR_ABORT,
		SNMPERR_PROTOCOL, SNMPERR_NOT_IN_TIME_WINDOW };
	struct ber b = { .len = 0 };
	uint8_t kind = take();
	netsnmp_pdu *pdu = NULL;
	size_t len;

	if (kind != 's' && ++run.exchanges < EXCHANGES_MAX) {
		put_response(&b, request, kind);
		pdu = snmp_pdu_create(0);
		pdu->version = ask.version;
		len = b.len;
		if (snmp_pdu_parse(pdu, b.bytes, &len) != 0 || pdu->command != SNMP_MSG_RESPONSE) {
			snmp_free_pdu(pdu);
			pdu = NULL;
			ask.received++;
		}
	}
	snmp_free_pdu(request);
	*response = pdu;
	run.error = errors[take() % ARRAY_SIZE(errors)];
	if (pdu)
		return STAT_SUCCESS;
	return run.error == SNMPERR_TIMEOUT ? STAT_TIMEOUT : STAT_ERROR;
}

/* ------------------------------------------------------------------ the questions */

static const struct snmp_request requests[] = {
	{ .agent = "udp:192.0.2.1", .time_limit_ms = 5000 },
	{ .agent = "udp:192.0.2.1",
		.time_limit_ms = 5000,
		.n_get = 3,
		.get = { "1.3.6.1.2.1.1.3.0", "1.3.6.1.4.1.8072.1.5", "1.3.6.1.4.1.8072.2.0" },
		.module = "FTP-AUTH-HEALTH-MIB" },
};

static void answer_question(const struct snmp_request *r, long version)
{
	static int session; /* anything that is not NULL */

	ask = (struct ask){ .request = r, .session = &session, .version = version };
	if (setjmp(run.end) != 0)
		return;
	ask_keep_so_far();
	if (r->n_get > 0)
		ask_values();
	ask_iis();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct snmp_answer a;
	char why[FETCH_WHY_SIZE];

	if (size < 1)
		return 0;
	run.at = data + 1;
	run.left = size - 1;
	run.exchanges = 0;
	run.n_pdus = run.kept_len = 0;
	answer_question(&requests[data[0] % ARRAY_SIZE(requests)],
		data[0] & 2 ? SNMP_VERSION_1 : SNMP_VERSION_2c);
	for (size_t i = 0; i < run.n_pdus; i++)
		if (run.pdus[i])
			__real_snmp_free_pdu(run.pdus[i]);
	HOLDS(run.kept_len > 0);
	HOLDS(snmp_answer_parse(run.kept, run.kept_len, &a, why) == 0);
	return 0;
}
