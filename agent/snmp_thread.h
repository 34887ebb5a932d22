/* SPDX-License-Identifier: ISC */
/*
 * What the rooms of the SNMP thread share. net-snmp keeps its state in globals, so there is one
 * thread a process, and its callbacks find it by a pointer of their own: net-snmp would free()
 * an argument given to them.
 */
#ifndef FTPHEALTH_SNMP_THREAD_H
#define FTPHEALTH_SNMP_THREAD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/mib.h"
#include "agent/notice_queue.h"
#include "agent/snmp.h"

struct snmp_session;  /* net-snmp's */
struct variable_list; /* net-snmp's */

#define SNMP_APPLICATION "ftphealthd"
#define SNMP_DESCRIPTION "FTP-AUTH-HEALTH-MIB: logins to FTP servers, watched by ftphealthd"
#define SNMP_PING_S 3

struct snmp {
	struct snmp_options options;
	struct registry *registry; /* borrowed: outlives the thread */
	pthread_t thread;
	int wake_fd;
	atomic_bool stop;

	pthread_mutex_t lock; /* held for microseconds, never across a call into net-snmp */
	pthread_cond_t changed;
	/* under the lock */
	struct notice_queue queue;
	bool started; /* the start has succeeded or failed */
	int start_result;
	bool connected;
	uint32_t connects;

	/* the thread's own */
	struct snmp_session *session; /* with the master; NULL while there is none */
	bool tcp;                     /* the session runs over TCP */
	struct token_bucket bucket;
	struct flight_window window;
	uint64_t hold_usec;   /* nothing is sent before */
	uint64_t attach_usec; /* when the present session began; 0 once it was judged */
	uint64_t redo_usec;   /* when to begin a new one, 0 = never */
	bool refused;         /* the master refused a registration, or none could be sent */
	struct snmp_registration *registrations;
};

/* snmp.c: the notice of SEQUENCE has arrived, or is given up */
void snmp_gone(struct snmp *s, uint32_t sequence);

/* snmp_agentx.c: subagent of a master */
void snmp_agentx_prepare(struct snmp *s); /* before init_agent() */
void snmp_agentx_begin(struct snmp *s);   /* after it, ends with init_snmp() */
void snmp_agentx_watch(struct snmp *s);   /* each turn of the loop */
void snmp_agentx_reset(struct snmp *s);   /* ends the session; net-snmp opens another */

/* snmp_listen.c: an agent by itself */
int snmp_listen_environment(const struct snmp_options *options); /* before any thread */
void snmp_listen_prepare(void);                                  /* before init_agent() */
int snmp_listen_begin(struct snmp *s); /* after init_agent(); 0 or -errno when not bound */
void snmp_listen_end(struct snmp *s);

/* snmp_log.c: net-snmp's log goes into ours */
void snmp_log_route(struct snmp *s);

/* snmp_handler.c: requests */
int snmp_handler_register(struct snmp *s);
/* The session with the master is lost: what it has not committed is as before. Or the same of what
 * it has begun long ago, once a turn of the loop. */
void snmp_handler_forget(struct snmp *s);
void snmp_handler_expire(struct snmp *s);
/* Copies V into VAR. Returns 0 or -ENOMEM. */
int snmp_value_copy(struct variable_list *var, const struct mib_value *v);

/* snmp_send.c: notices */
void snmp_send_pump(struct snmp *s);
/* Microseconds until the pump may have something to do; USEC_INFINITY when only an event can tell.
 */
uint64_t snmp_send_wait(struct snmp *s);

#endif
