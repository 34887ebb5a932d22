/* SPDX-License-Identifier: ISC */
/* The one question of a run of ftphealth-snmp: a session of net-snmp's, its requests, its answer.
 */
#ifndef FTPHEALTH_SNMP_ASK_SESSION_H
#define FTPHEALTH_SNMP_ASK_SESSION_H

#include <stdbool.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include "probes/confine.h"
#include "probes/snmp_protocol.h"

/* The question under way. One for the process, as the transport's functions have no other way. */
struct ask {
	const struct snmp_request *request;
	void *session; /* NULL until the agent's address is known */
	long version;
	bool answered;     /* the agent said something */
	unsigned received; /* packets since the latest request, but for reports */
	struct snmp_answer answer;
};
extern struct ask ask;

/* The answer as it is now, with how it ended; what confine_finish() writes. */
__attribute__((format(printf, 2, 3))) void ask_keep(
	enum fetch_state state, const char *format, ...);

/* What is known so far counts should the time be up. */
void ask_keep_so_far(void);

#define ASK_END(...) \
	do { \
		ask_keep(__VA_ARGS__); \
		confine_finish(NULL, 0); \
	} while (0)

/* Opens the session; without an address the process ends. */
void ask_open_session(void);

netsnmp_pdu *ask_request_new(int command);
void ask_request_add(netsnmp_pdu *pdu, const oid *name, size_t len);

/* Sends REQUEST, which it frees, and returns the response, which the caller frees; without one, the
 * process ends. */
netsnmp_pdu *ask_exchange(netsnmp_pdu *request);

/* What can be asked: Windows and IIS; the objects of the request. Then the process ends. */
_Noreturn void ask_iis(void);
_Noreturn void ask_values(void);

#endif
