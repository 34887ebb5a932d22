/* SPDX-License-Identifier: ISC */
/* A session of ftphealth-snmp's with an agent that may be slow, wrong or not there. */
#include "agent/snmp_ask_session.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "common/text.h"
#include "common/util.h"

enum {
	RETRIES = 2,
	TRY_MAX_MS = 5000, /* for one try of one request */
};

struct ask ask;

/* ------------------------------------------------------------------ the answer */

void ask_keep(enum fetch_state state, const char *format, ...)
{
	char text[4 * FETCH_REASON_MAX], line[SNMP_ANSWER_MAX];
	va_list ap;
	int len;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	ask.answer.state = state;
	text_escape(ask.answer.reason, sizeof(ask.answer.reason), text, strlen(text));
	len = snmp_answer_write(&ask.answer, line);
	if (len == -EMSGSIZE) {
		ask.answer.n_values = 0;
		ask_keep(FETCH_FAILED, "the values are longer than any of ftphealthd's");
		return;
	}
	if (len < 0)
		confine_fail(EX_SOFTWARE, "no memory");
	confine_keep_answer(line, (size_t)len);
}

/* Why nothing came, as far as that can be known. An agent drops what it does not accept without a
 * word (RFC 1157 4.1, RFC 3414 3.2 for what it cannot parse). */
static const char *silence(void)
{
	if (!ask.session)
		return "the agent's address was not found in time";
	if (ask.answered)
		return "the agent stopped answering";
	if (ask.version != SNMP_VERSION_3)
		return "no answer; a wrong community or another version of SNMP looks the same";
	if (snmp_sess_session(ask.session)->securityEngineIDLen == 0)
		return "no answer; an agent without SNMPv3 looks the same";
	return "no answer to this user; a wrong privacy passphrase or context looks the same";
}

void ask_keep_so_far(void)
{
	ask_keep(FETCH_TIMEOUT, "%s", silence());
}

/* ------------------------------------------------------------------ the transport */

static int (*library_recv)(netsnmp_transport *, void *, int, void **, int *);
static int (*library_send)(netsnmp_transport *, const void *, int, void **, int *);

/* net-snmp takes an ICMP message for silence, and tries again until its time is over. */
static void judge(int fd, int error)
{
	static const int unreachable[] = { ECONNREFUSED, ECONNRESET, EPIPE, EHOSTUNREACH,
		ENETUNREACH, EHOSTDOWN, ENETDOWN, ENONET, ENOPROTOOPT, ETIMEDOUT };
	char octets[512];

	for (size_t i = 0; i < ARRAY_SIZE(unreachable); i++)
		if (error == unreachable[i])
			ASK_END(FETCH_UNREACHABLE, "%s", strerror(error));
	/* Left in the queue, it would keep the socket readable. */
	recv(fd, octets, sizeof(octets), MSG_ERRQUEUE | MSG_DONTWAIT);
	errno = error;
}

static int receive(netsnmp_transport *t, void *buffer, int size, void **opaque, int *opaque_len)
{
	int n = library_recv(t, buffer, size, opaque, opaque_len);

	if (n < 0)
		judge(t->sock, errno);
	else
		ask.received++;
	return n;
}

/* Reports are how SNMPv3 finds an agent's engine and its clock. */
static int on_parsed(netsnmp_session *s, netsnmp_pdu *pdu, int error)
{
	if (error == SNMPERR_SUCCESS && pdu->command == SNMP_MSG_REPORT && ask.received > 0)
		ask.received--;
	return 1;
}

static int dispatch(
	netsnmp_transport *t, const void *buffer, int size, void **opaque, int *opaque_len)
{
	int n = library_send(t, buffer, size, opaque, opaque_len);

	if (n < 0)
		judge(t->sock, errno);
	if (n < 0 && (errno == EPERM || errno == EACCES)) /* a packet filter of this host's */
		confine_fail(EX_SOFTWARE, "cannot send: %s", strerror(errno));
	return n;
}

/* A transport to AGENT by UDP or TCP: never a file of the host's, nor what "alias" or "ssh" would
 * read of it. */
static netsnmp_transport *open_transport(const char *agent)
{
	static const char *const known[] = {
		"udp:", "tcp:", "udp6:", "tcp6:", "udpv6:", "tcpv6:", "udpipv6:", "tcpipv6:"
	};
	static const char *const tried[] = { "udp:", "udp6:" };
	char text[SNMP_AGENT_MAX + sizeof("udp6:")];
	netsnmp_transport *t = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strncmp(agent, known[i], strlen(known[i])) == 0)
			return netsnmp_transport_open_client("snmp", agent);
	for (size_t i = 0; !t && i < ARRAY_SIZE(tried); i++) {
		snprintf(text, sizeof(text), "%s%s", tried[i], agent);
		t = netsnmp_transport_open_client("snmp", text);
	}
	return t;
}

/* Asks for ICMP messages without connect(2), which would lose the answers of a host that has
 * several addresses and answers from another. */
static void want_errors(const netsnmp_transport *t)
{
	int on = 1;

	if (setsockopt(t->sock, IPPROTO_IP, IP_RECVERR, &on, sizeof(on)) < 0 &&
		errno != ENOPROTOOPT)
		confine_fail(EX_SOFTWARE, "cannot ask for ICMP messages: %s", strerror(errno));
	setsockopt(t->sock, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on)); /* fails for IPv4 */
}

static long try_usec(void)
{
	uint32_t try_ms = ask.request->time_limit_ms / (RETRIES + 2);

	return (long)(try_ms < TRY_MAX_MS ? try_ms : TRY_MAX_MS) * 1000;
}

void ask_open_session(void)
{
	const struct snmp_request *r = ask.request;
	netsnmp_transport *t;
	netsnmp_session s;

	errno = 0;
	t = open_transport(r->agent);
	if (!t && strncmp(r->agent, "tcp", 3) == 0)
		ASK_END(FETCH_UNREACHABLE, "no address or no connection%s%s", errno ? ": " : "",
			errno ? strerror(errno) : "");
	if (!t)
		ASK_END(FETCH_UNREACHABLE, "no address is found for \"%.100s\"", r->agent);
	want_errors(t);
	library_recv = t->f_recv;
	library_send = t->f_send;
	t->f_recv = receive;
	t->f_send = dispatch;
	snmp_sess_init(&s);
	s.version = ask.version;
	s.retries = RETRIES;
	s.timeout = try_usec();
	/* The engine is asked for with the first request, when its failure can be told. */
	s.flags |= SNMP_FLAGS_DONT_PROBE;
	ask.session = snmp_sess_add(&s, t, NULL, on_parsed);
	if (!ask.session)
		confine_fail(EX_USAGE, "bad request: net-snmp cannot use these credentials");
}

/* ------------------------------------------------------------------ one request */

/* What the agent's reports (RFC 3414 3.2, RFC 3412 7.1) and the library's errors mean. */
/* clang-format off */
static const struct { int error; enum fetch_state state; const char *reason; } errors[] = {
	{ SNMPERR_UNKNOWN_USER_NAME,      FETCH_WRONG_PASSWORD, "the agent does not know this user" },
	{ SNMPERR_AUTHENTICATION_FAILURE, FETCH_WRONG_PASSWORD,
	  "wrong authentication passphrase, or another defAuthType" },
	{ SNMPERR_DECRYPTION_ERR,         FETCH_WRONG_PASSWORD,
	  "wrong privacy passphrase, or another defPrivType" },
	{ SNMPERR_UNSUPPORTED_SEC_LEVEL,  FETCH_WRONG_PASSWORD,
	  "the agent does not have this defSecurityLevel for this user" },
	{ SNMPERR_UNKNOWN_ENG_ID,         FETCH_WRONG_PASSWORD, "the agent does not tell its engine" },
	{ SNMPERR_NOT_IN_TIME_WINDOW,     FETCH_FAILED, "the agent's SNMPv3 clock runs astray" },
	{ SNMPERR_UNKNOWN_SEC_MODEL,      FETCH_FAILED, "the agent does not know users of SNMPv3" },
	{ SNMPERR_BAD_CONTEXT,            FETCH_FAILED, "the agent does not know this defContext" },
	{ SNMPERR_ABORT,                  FETCH_UNREACHABLE, "the agent closed the connection" },
	{ SNMPERR_PROTOCOL,               FETCH_FAILED, "what came is no response" },
};
/* clang-format on */

/* One more try, of half the time: the tries before have left that of one. */
static netsnmp_pdu *try_once(void *session, netsnmp_pdu *request)
{
	netsnmp_session *s = snmp_sess_session(session);
	netsnmp_pdu *response = NULL;

	s->retries = 0;
	s->timeout = try_usec() / 2;
	snmp_sess_synch_response(session, request, &response);
	return response;
}

/* Whether the agent answers a question that it need not ask anybody for. */
static bool answers_itself(void)
{
	static const oid up_time[] = { 1, 3, 6, 1, 2, 1, 1, 3, 0 };
	netsnmp_pdu *pdu = ask_request_new(SNMP_MSG_GET);

	ask_request_add(pdu, up_time, OID_LENGTH(up_time));
	return try_once(ask.session, pdu) != NULL;
}

/* Whether the agent tells its engine, as one with SNMPv3 does to everybody (RFC 3414 4). If so, it
 * is there, and drops what has this community; or this host may not ask. */
static bool tells_its_engine(void)
{
	netsnmp_transport *t = open_transport(ask.request->agent);
	char nobody[] = "ftphealth";
	netsnmp_session s;
	void *session;

	snmp_sess_init(&s);
	s.version = SNMP_VERSION_3;
	s.securityName = nobody;
	s.securityNameLen = strlen(nobody);
	s.securityLevel = SNMP_SEC_LEVEL_NOAUTH;
	s.flags |= SNMP_FLAGS_DONT_PROBE;
	session = t ? snmp_sess_add(&s, t, NULL, NULL) : NULL;
	if (!session)
		return false;
	try_once(session, ask_request_new(SNMP_MSG_GET));
	return snmp_sess_session(session)->securityEngineIDLen > 0;
}

/* No answer: why, if it can be found out in what is left of the time. */
_Noreturn static void end_silent(void)
{
	ask_keep_so_far();
	if (!ask.answered && ask.request->n_get > 0 && answers_itself())
		ask_keep(FETCH_TIMEOUT,
			"the agent answers, but not this question: whom it asks in turn hangs");
	else if (!ask.answered && ask.version != SNMP_VERSION_3 && tells_its_engine())
		ask_keep(FETCH_ACCESS_DENIED,
			"the agent is there, but takes no such community from this host");
	confine_finish(NULL, 0);
}

_Noreturn static void end_unanswered(int status)
{
	int error = snmp_sess_session(ask.session)->s_snmp_errno;

	if (status == STAT_TIMEOUT || error == SNMPERR_TIMEOUT) {
		if (ask.received > 0)
			ASK_END(FETCH_FAILED,
				"%u packet(s) came, and none was an answer that can be read",
				ask.received);
		end_silent();
	}
	if (error == SNMPERR_MALLOC)
		confine_fail(EX_SOFTWARE, "no memory");
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (error == errors[i].error)
			ASK_END(errors[i].state, "%s", errors[i].reason);
	ASK_END(FETCH_FAILED, "net-snmp: %s", snmp_api_errstring(error));
}

netsnmp_pdu *ask_exchange(netsnmp_pdu *request)
{
	netsnmp_pdu *response = NULL;
	int status;

	ask.received = 0;
	status = snmp_sess_synch_response(ask.session, request, &response);
	if (status != STAT_SUCCESS || !response)
		end_unanswered(status);
	ask.answered = true;
	if (response->errstat == SNMP_ERR_AUTHORIZATIONERROR ||
		response->errstat == SNMP_ERR_NOACCESS)
		ASK_END(FETCH_ACCESS_DENIED,
			"the agent does not let this community or user read it");
	return response;
}

netsnmp_pdu *ask_request_new(int command)
{
	netsnmp_pdu *pdu = snmp_pdu_create(command);

	if (!pdu)
		confine_fail(EX_SOFTWARE, "no memory");
	return pdu;
}

void ask_request_add(netsnmp_pdu *pdu, const oid *name, size_t len)
{
	if (!snmp_add_null_var(pdu, name, len))
		confine_fail(EX_SOFTWARE, "no memory");
}
