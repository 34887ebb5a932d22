/* SPDX-License-Identifier: ISC */
/*
 * Notices on their way out. To a master: acknowledged AgentX requests in a small window; one leaves
 * the queue only when the master has answered noError. net-snmp's send_v2trap() is not for that: it
 * discards silently while there is no session, and a burst of it dead-locks master and subagent.
 */
#include "agent/snmp_thread.h"

#include <errno.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/agent/net-snmp-agent-includes.h>

#include "common/log.h"
#include "common/util.h"

/* RFC 2741 sections 6.1 and 6.2.16; net-snmp does not install its header. */
enum { AGENTX_VERSION_1 = 0xc1, AGENTX_MSG_NOTIFY = 12, AGENTX_ERR_NOT_OPEN = 257 };

enum {
	REFUSALS = 3, /* times that a master may say no to a notice */
};

/* After a time-out wait for the ping's verdict: it finds the session dead, or all is well again. */
#define TIMEOUT_HOLD_USEC (SNMP_PING_S * USEC_PER_SEC)
#define REFUSAL_HOLD_USEC USEC_PER_SEC

static const oid sys_uptime[] = { 1, 3, 6, 1, 2, 1, 1, 3, 0 };
static const oid trap_oid[] = { 1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0 };

static struct snmp *sender; /* see snmp_thread.h */

static int add_value(
	netsnmp_variable_list **list, const struct mib_oid *name, const struct mib_value *value)
{
	netsnmp_variable_list *var;
	oid id[MAX_OID_LEN];

	for (size_t i = 0; i < name->len; i++)
		id[i] = name->id[i];
	var = snmp_varlist_add_variable(list, id, name->len, ASN_NULL, NULL, 0);
	return var ? snmp_value_copy(var, value) : -ENOMEM;
}

/* sysUpTime of the moment when the notice was born (RFC 3416 section 4.2.6), not of its sending: it
 * may have waited long for the master. */
static u_long uptime_at_birth(const struct notice_entry *e)
{
	uint64_t age_cs = (now_usec(CLOCK_MONOTONIC) - e->born_usec) / 10000;
	u_long uptime = netsnmp_get_agent_uptime();

	return age_cs < uptime ? uptime - (u_long)age_cs : 0;
}

static int add_variables(netsnmp_variable_list **list, const struct notice_entry *e)
{
	const struct notice *n = e->notice;
	u_long uptime = uptime_at_birth(e);
	struct mib_value value = { .type = MIB_OBJECT_ID };
	struct mib_oid name;
	netsnmp_variable_list *var;
	int r;

	if (!snmp_varlist_add_variable(list, sys_uptime, OID_LENGTH(sys_uptime), ASN_TIMETICKS,
		    &uptime, sizeof(uptime)))
		return -ENOMEM;
	notice_oid(n, &name);
	value.oid = &name;
	var = snmp_varlist_add_variable(list, trap_oid, OID_LENGTH(trap_oid), ASN_NULL, NULL, 0);
	r = var ? snmp_value_copy(var, &value) : -ENOMEM;
	for (size_t i = 0; r == 0 && i < n->notification->n_objects; i++) {
		notice_object_oid(n, i, &name);
		r = add_value(list, &name, &n->values[i]);
	}
	return r;
}

/* Ends the flight of E. */
static void settle(struct snmp *s, struct notice_entry *e,
	void (*how)(struct notice_queue *, struct notice_entry *))
{
	pthread_mutex_lock(&s->lock);
	how(&s->queue, e);
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static void hold(struct snmp *s, uint64_t usec)
{
	s->hold_usec = now_usec(CLOCK_MONOTONIC) + usec;
}

static void on_arrival(struct snmp *s, struct notice_entry *e)
{
	snmp_gone(s, e->notice->sequence);
	flight_window_arrived(&s->window, now_usec(CLOCK_MONOTONIC));
	settle(s, e, notice_queue_sent);
}

static void on_refusal(struct snmp *s, struct notice_entry *e, long error)
{
	hold(s, REFUSAL_HOLD_USEC);
	if (error == AGENTX_ERR_NOT_OPEN) {
		/* The master has forgotten us: nothing is wrong with the notice. */
		settle(s, e, notice_queue_return);
		snmp_agentx_reset(s);
		return;
	}
	if (++e->refusals < REFUSALS) {
		settle(s, e, notice_queue_return);
		return;
	}
	log_error(0, "AgentX master refused notification %u (%s) with error %ld %d times; given up",
		e->notice->sequence, e->notice->notification->name, error, REFUSALS);
	settle(s, e, notice_queue_drop);
}

/* The fate of a notice in flight. Also called by net-snmp for each of them when it closes the
 * session, then as a time-out and with our session already forgotten. */
static int on_fate(
	int operation, netsnmp_session *session, int request, netsnmp_pdu *pdu, void *magic)
{
	struct notice_entry *e = magic;
	struct snmp *s = sender;

	switch (operation) {
	case NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE:
		if (pdu->errstat == SNMP_ERR_NOERROR)
			on_arrival(s, e);
		else
			on_refusal(s, e, pdu->errstat);
		break;
	case NETSNMP_CALLBACK_OP_TIMED_OUT:
		flight_window_failed(&s->window);
		if (s->session)
			hold(s, TIMEOUT_HOLD_USEC);
		settle(s, e, notice_queue_return);
		break;
	case NETSNMP_CALLBACK_OP_SEND_FAILED:
	case NETSNMP_CALLBACK_OP_SEC_ERROR:
		/* Told by snmp_async_send() itself, which then returns 0: settled there. */
	default:
		break;
	}
	return 1;
}

/* Returns 0 with E in flight, or -errno. */
static int send_to_master(struct snmp *s, struct notice_entry *e)
{
	netsnmp_pdu *pdu = snmp_pdu_create(AGENTX_MSG_NOTIFY);
	int r;

	if (!pdu)
		return -ENOMEM;
	pdu->version = AGENTX_VERSION_1;
	pdu->sessid = s->session->sessid;
	r = add_variables(&pdu->variables, e);
	if (r == 0 && snmp_async_send(s->session, pdu, on_fate, e) == 0)
		r = -EIO;
	if (r < 0)
		snmp_free_pdu(pdu); /* the library keeps it only on success */
	return r;
}

/* By ourselves send_v2trap() is right: it hands a copy to each configured sink, and informs are
 * repeated by the library. */
static int send_to_sinks(struct notice_entry *e)
{
	netsnmp_variable_list *list = NULL;
	int r = add_variables(&list, e);

	if (r == 0)
		send_v2trap(list);
	snmp_free_varbind(list);
	return r;
}

static bool may_send(const struct snmp *s)
{
	return s->options.listen || s->session;
}

/* The caller holds the lock. */
static bool is_room(const struct snmp *s, uint64_t now)
{
	return s->queue.first && s->queue.n_flying < flight_window_size(&s->window, now);
}

static struct notice_entry *take(struct snmp *s)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC);
	struct notice_entry *e = NULL;

	pthread_mutex_lock(&s->lock);
	if (is_room(s, now) && token_bucket_take(&s->bucket, now))
		e = notice_queue_take(&s->queue);
	pthread_mutex_unlock(&s->lock);
	return e;
}

void snmp_send_pump(struct snmp *s)
{
	struct notice_entry *e;
	int r;

	sender = s;
	while (may_send(s) && now_usec(CLOCK_MONOTONIC) >= s->hold_usec && (e = take(s))) {
		r = s->options.listen ? send_to_sinks(e) : send_to_master(s, e);
		if (r < 0) {
			log_debug("Cannot send notification %u yet", e->notice->sequence);
			settle(s, e, notice_queue_return);
			hold(s, REFUSAL_HOLD_USEC);
		} else if (s->options.listen) {
			snmp_gone(s, e->notice->sequence);
			settle(s, e, notice_queue_sent);
		}
	}
}

uint64_t snmp_send_wait(struct snmp *s)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC), wait;
	bool ready;

	pthread_mutex_lock(&s->lock);
	ready = may_send(s) && is_room(s, now);
	pthread_mutex_unlock(&s->lock);
	if (!ready)
		return USEC_INFINITY;
	wait = token_bucket_wait(&s->bucket, now);
	if (s->hold_usec > now + wait)
		wait = s->hold_usec - now;
	return wait;
}
