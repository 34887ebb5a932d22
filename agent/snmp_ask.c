/* SPDX-License-Identifier: ISC */
/* ftphealth-snmp: what IIS and Windows tell by SNMP, asked in a process that can be given up. */
#include "agent/snmp_ask.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include "common/text.h"
#include "common/util.h"
#include "probes/confine.h"
#include "probes/secret_file.h"
#include "probes/snmp_protocol.h"

enum {
	MEMORY_MAX = 64 << 20, /* octets of address space beyond what the libraries take */
	RETRIES = 2,
	TRY_MAX_MS = 5000, /* for one try of one request */
	ROWS_MAX = 2000,   /* of svSvcTable; a server has some hundred services */
	REPETITIONS = 10,  /* rows a GETBULK: fits into one packet */
	SERVICE_MAX = 255, /* octets of a display name */
};

static const char usage[] =
	"usage: ftphealth-snmp <REQUEST >ANSWER\n"
	"Asks an SNMP agent about IIS; see ftphealth-snmp(8). It takes no arguments.\n";

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

/* The question under way. One for the process, as the transport's functions have no other way. */
static struct {
	void *session; /* NULL until the agent's address is known */
	long version;
	bool answered;     /* the agent said something */
	unsigned received; /* packets since the latest request, but for reports */
	struct snmp_answer answer;
} ask;

/* ------------------------------------------------------------------ the answer */

__attribute__((format(printf, 2, 3))) static void keep(
	enum fetch_state state, const char *format, ...)
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
	if (len < 0)
		confine_fail(EX_SOFTWARE, "no memory");
	confine_keep_answer(line, (size_t)len);
}

#define END(...) \
	do { \
		keep(__VA_ARGS__); \
		confine_finish(NULL, 0); \
	} while (0)

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

/* What is known so far counts should the time be up. */
static void keep_so_far(void)
{
	keep(FETCH_TIMEOUT, "%s", silence());
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
			END(FETCH_UNREACHABLE, "%s", strerror(error));
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

static void open_session(const struct snmp_request *r)
{
	uint32_t try_ms = r->time_limit_ms / (RETRIES + 2);
	netsnmp_transport *t;
	netsnmp_session s;

	errno = 0;
	t = open_transport(r->agent);
	if (!t && strncmp(r->agent, "tcp", 3) == 0)
		END(FETCH_UNREACHABLE, "no address or no connection%s%s", errno ? ": " : "",
			errno ? strerror(errno) : "");
	if (!t)
		END(FETCH_UNREACHABLE, "no address is found for \"%.100s\"", r->agent);
	want_errors(t);
	library_recv = t->f_recv;
	library_send = t->f_send;
	t->f_recv = receive;
	t->f_send = dispatch;
	snmp_sess_init(&s);
	s.version = ask.version;
	s.retries = RETRIES;
	s.timeout = (long)(try_ms < TRY_MAX_MS ? try_ms : TRY_MAX_MS) * 1000;
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

_Noreturn static void end_unanswered(int status)
{
	int error = snmp_sess_session(ask.session)->s_snmp_errno;

	if (status == STAT_TIMEOUT || error == SNMPERR_TIMEOUT) {
		if (ask.received > 0)
			END(FETCH_FAILED,
				"%u packet(s) came, and none was an answer that can be read",
				ask.received);
		keep_so_far();
		confine_finish(NULL, 0);
	}
	if (error == SNMPERR_MALLOC)
		confine_fail(EX_SOFTWARE, "no memory");
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (error == errors[i].error)
			END(errors[i].state, "%s", errors[i].reason);
	END(FETCH_FAILED, "net-snmp: %s", snmp_api_errstring(error));
}

/* Sends REQUEST, which it frees, and returns the response, which the caller frees; without one, the
 * process ends. */
static netsnmp_pdu *exchange(netsnmp_pdu *request)
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
		END(FETCH_ACCESS_DENIED, "the agent does not let this community or user read it");
	return response;
}

static netsnmp_pdu *request_new(int command)
{
	netsnmp_pdu *pdu = snmp_pdu_create(command);

	if (!pdu)
		confine_fail(EX_SOFTWARE, "no memory");
	return pdu;
}

static void request_add(netsnmp_pdu *pdu, const oid *name, size_t len)
{
	if (!snmp_add_null_var(pdu, name, len))
		confine_fail(EX_SOFTWARE, "no memory");
}

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

/* ------------------------------------------------------------------ what is asked */

static void ask_up_time(void)
{
	netsnmp_pdu *pdu = request_new(SNMP_MSG_GET);

	request_add(pdu, up_time_oid, OID_LENGTH(up_time_oid));
	pdu = exchange(pdu);
	ask.answer.has_up_time = pdu->errstat == SNMP_ERR_NOERROR &&
		take_figure(
			pdu->variables, up_time_oid, OID_LENGTH(up_time_oid), &ask.answer.up_time);
	snmp_free_pdu(pdu);
	keep_so_far();
}

/* All three or none: SNMPv1 tells of no more when one is not there. */
static void ask_ftp(void)
{
	uint32_t *const figures[] = { &ask.answer.anonymous_users, &ask.answer.named_users,
		&ask.answer.logon_attempts };
	netsnmp_pdu *pdu = request_new(SNMP_MSG_GET);
	const netsnmp_variable_list *v;
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(ftp_oids); i++)
		request_add(pdu, ftp_oids[i], OID_LENGTH(ftp_oids[i]));
	pdu = exchange(pdu);
	v = pdu->errstat == SNMP_ERR_NOERROR ? pdu->variables : NULL;
	for (; v && n < ARRAY_SIZE(figures); v = v->next_variable, n++)
		if (!take_figure(v, ftp_oids[n], OID_LENGTH(ftp_oids[n]), figures[n]))
			break;
	ask.answer.has_ftp = n == ARRAY_SIZE(figures);
	snmp_free_pdu(pdu);
	keep_so_far();
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
		netsnmp_pdu *pdu = request_new(bulk ? SNMP_MSG_GETBULK : SNMP_MSG_GETNEXT);

		if (bulk) {
			pdu->non_repeaters = 0;
			pdu->max_repetitions = REPETITIONS;
		}
		request_add(pdu, w->at, w->len);
		pdu = exchange(pdu);
		take_rows(w, pdu);
		snmp_free_pdu(pdu);
		if (w->web && ask.answer.web != WEB_RUNNING) {
			ask.answer.web = WEB_RUNNING;
			keep_so_far();
		}
	}
	/* Only services that run are listed. Those that belong to it are the proof that they are
	 * listed, all of them, and in English. */
	if (w->complete && w->other && !w->web)
		ask.answer.web = WEB_NOT_LISTED;
}

/* ------------------------------------------------------------------ main */

static void load_credentials(const struct snmp_request *r, const char *folder)
{
	const char *kind = r->file ? "file" : "credential";
	const char *name = r->file ? r->file : r->credential;
	char why[SECRET_FILE_WHY_SIZE], fault[ASK_WHY_SIZE], *text = NULL;
	size_t len = 0;

	if (name) {
		if (secret_file_load(r->file, r->credential, folder, ASK_CREDENTIALS_MAX, &text,
			    &len, why) < 0)
			confine_fail(EX_USAGE, "bad request: %s", why);
		if (ask_credentials_take(text, len, fault) < 0)
			confine_fail(EX_USAGE, "bad request: %s %.120s: %s", kind, name, fault);
		secret_file_free(text, len);
	}
	if (ask_credentials_finish(&ask.version, fault) < 0)
		confine_fail(EX_USAGE, "bad request: %s %.120s: %s", kind, name ? name : "", fault);
}

int main(int argc, char **argv)
{
	static char text[FETCH_REQUEST_MAX + 1];
	_cleanup_(freep) char *folder = NULL;
	static struct walk walk;
	struct snmp_request request;
	char why[FETCH_WHY_SIZE];
	void *storage;
	size_t len;

	if (argc > 1) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
	confine_begin("ftphealth-snmp");
	folder = confine_process(MEMORY_MAX, false);
	len = confine_read_request(text, sizeof(text));
	if (snmp_request_parse(text, len, &request, &storage, why) < 0)
		confine_fail(EX_USAGE, "bad request: %s", why);
	ask_library_start();
	load_credentials(&request, folder);
	confine_drop_capabilities();
	keep_so_far();
	confine_start_clock(request.time_limit_ms);
	open_session(&request);
	keep_so_far();
	ask_up_time();
	ask_ftp();
	ask_services(&walk);
	END(FETCH_PRESENT, "%s", walk.fault);
}
