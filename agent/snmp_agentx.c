/* SPDX-License-Identifier: ISC */
/*
 * Subagent of a master that may be absent, killed, or stopped at any time. net-snmp opens the
 * session again by itself; here its calls are given short limits, and what it gets wrong is seen.
 */
#include "agent/snmp_thread.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <net-snmp/agent/agent_callbacks.h>

#include "common/log.h"
#include "common/util.h"

/* Opening, pinging, registering and closing wait for the answer: once, and no longer than this. */
#define CALL_USEC (2 * USEC_PER_SEC)
/* A stopped master does not read; its full socket must not stop us for good. */
#define SEND_TIMEOUT_MS 500
#define REDO_USEC (10 * USEC_PER_SEC)

static struct snmp *subagent; /* see snmp_thread.h */

static const char *master_name(void)
{
	const char *name =
		netsnmp_ds_get_string(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET);

	return name ? name : "/var/agentx/master";
}

/* Why a Unix socket can't be used, or 0: net-snmp's own message does not say. */
static int socket_error(const char *name)
{
	if (strncmp(name, "unix:", 5) == 0)
		name += 5;
	if (name[0] != '/')
		return 0;
	return access(name, W_OK) < 0 ? errno : 0;
}

static netsnmp_transport *transport_of(netsnmp_session *session)
{
	return snmp_sess_transport(snmp_sess_pointer(session));
}

static int transport_fd(netsnmp_session *session)
{
	const netsnmp_transport *t = transport_of(session);

	return t ? t->sock : -1;
}

/* A registration that could not be sent is gone like one that was refused. */
static int (*library_send)(netsnmp_transport *, const void *, int, void **, int *);

static int on_send(netsnmp_transport *t, const void *data, int len, void **opaque, int *opaque_len)
{
	int r = library_send(t, data, len, opaque, opaque_len);

	if (r < 0)
		subagent->refused = true;
	return r;
}

static void watch_sending(netsnmp_session *session)
{
	netsnmp_transport *t = transport_of(session);

	if (!t || t->f_send == on_send)
		return;
	library_send = t->f_send;
	t->f_send = on_send;
}

/* Over TCP, small packets wait for the acknowledgement of the one before, and that is delayed by 40
 * ms (RFC 896, RFC 1122 section 4.2.3.2): an answer behind a notification here, and a request
 * behind the answer to a notification at the master. NODELAY cures the one, acknowledging at once
 * the other: 84 objects a second became 25,000. */
static void tune(struct snmp *s, int fd)
{
	const struct timeval limit = { .tv_usec = SEND_TIMEOUT_MS * 1000 };
	const int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	/* A Unix socket refuses the option. */
	s->tcp = setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0;
}

static void acknowledge(struct snmp *s)
{
	const int on = 1;
	int fd = transport_fd(s->session);

	/* Does not last (tcp(7)), so once a turn. */
	if (fd >= 0)
		setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

static void set_connected(struct snmp *s, bool connected)
{
	pthread_mutex_lock(&s->lock);
	s->connected = connected;
	if (connected)
		s->connects++;
	pthread_mutex_unlock(&s->lock);
}

/* Every session that net-snmp makes passes here before it is used. No retries: on a stream they
 * could only be duplicates. */
static int on_session_init(int major, int minor, void *server_arg, void *client_arg)
{
	netsnmp_session *session = server_arg;

	session->timeout = (long)CALL_USEC;
	session->retries = 0;
	return 0;
}

static int on_session_start(int major, int minor, void *server_arg, void *client_arg)
{
	struct snmp *s = subagent;
	int fd;

	s->session = server_arg;
	fd = transport_fd(s->session);
	if (fd >= 0)
		tune(s, fd);
	s->hold_usec = 0;
	s->redo_usec = 0;
	s->refused = false;
	watch_sending(s->session);
	s->attach_usec = now_usec(CLOCK_MONOTONIC);
	set_connected(s, true);
	log_notice("Connected to the AgentX master at %s", master_name());
	return 0;
}

/* Comes before net-snmp closes the session: from here on nothing may be sent on it. */
static int on_session_stop(int major, int minor, void *server_arg, void *client_arg)
{
	struct snmp *s = subagent;

	if (!s->session)
		return 0;
	s->session = NULL;
	set_connected(s, false);
	snmp_handler_forget(s);
	if (!atomic_load(&s->stop))
		log_warning(0, "Lost the AgentX master at %s; trying again every %d s",
			master_name(), SNMP_PING_S);
	return 0;
}

void snmp_agentx_reset(struct snmp *s)
{
	int fd = s->session ? transport_fd(s->session) : -1;

	/* net-snmp takes the end of file for the master's and begins anew: the only way that does
	 * not pull the session away from under its own callers. */
	if (fd >= 0)
		shutdown(fd, SHUT_RDWR);
}

/* net-snmp does not tell whether registrations were accepted when a session begins: one that timed
 * out, was refused or could not be sent is gone for good, without a trace, while the session lives
 * on. The time they took, the log and the transport do tell; then a new session is the cure. */
void snmp_agentx_watch(struct snmp *s)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC);

	if (!s->session) {
		s->attach_usec = s->redo_usec = 0;
		return;
	}
	if (s->tcp)
		acknowledge(s);
	if (s->attach_usec) {
		if (now - s->attach_usec >= CALL_USEC || s->refused)
			s->redo_usec = now + REDO_USEC;
		s->attach_usec = 0;
	}
	if (s->redo_usec && now >= s->redo_usec) {
		s->redo_usec = 0;
		log_warning(0, "Registration with the AgentX master was not complete; once more");
		snmp_agentx_reset(s);
	}
}

void snmp_agentx_prepare(struct snmp *s)
{
	subagent = s;
	netsnmp_enable_subagent();
	/* We log this ourselves, once. */
	netsnmp_ds_set_boolean(
		NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_NO_CONNECTION_WARNINGS, 1);
	/* A subagent has nothing to read: access and sinks are the master's. */
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
	if (s->options.agentx_socket)
		netsnmp_ds_set_string(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET,
			s->options.agentx_socket);
	snmp_register_callback(
		SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_SESSION_INIT, on_session_init, NULL);
	snmp_register_callback(
		SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_INDEX_START, on_session_start, NULL);
	snmp_register_callback(
		SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_INDEX_STOP, on_session_stop, NULL);
}

void snmp_agentx_begin(struct snmp *s)
{
	/* init_agent() has set it to 15. */
	netsnmp_ds_set_int(
		NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_AGENTX_PING_INTERVAL, SNMP_PING_S);
	init_snmp(SNMP_APPLICATION);
	if (!s->session)
		log_warning(socket_error(master_name()),
			"No AgentX master at %s yet; trying again every %d s", master_name(),
			SNMP_PING_S);
}
