/* SPDX-License-Identifier: ISC */
/* net-snmp's log as a part of ours: what we say better ourselves, and repetitions, are held back.
 */
#include "agent/snmp_thread.h"

#include <string.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include "common/log.h"
#include "common/text.h"
#include "common/util.h"

enum { MESSAGE_MAX = 512 };
#define REPEAT_USEC (60 * USEC_PER_SEC)

static struct snmp *logged;      /* see snmp_thread.h */
static char latest[MESSAGE_MAX]; /* the thread's own, like all here */
static uint64_t latest_usec;

/* clang-format off */
static const char *const held_back[] = {
	"AgentX master disconnected us",                         /* "Lost the AgentX master" */
	"AgentX master agent failed to respond to ping",         /* the same */
	"Warning: Failed to connect to the agentx master agent", /* "No AgentX master" */
	"NET-SNMP version",                                      /* "Connected to" */
	"Error opening specified endpoint",                      /* "Cannot listen on" */
};
/* clang-format on */

static int level_of(const char *line, int priority)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC);
	bool repeated;

	for (size_t i = 0; i < ARRAY_SIZE(held_back); i++)
		if (strncmp(line, held_back[i], strlen(held_back[i])) == 0)
			return LOG_DEBUG;
	repeated = strcmp(line, latest) == 0 && now - latest_usec < REPEAT_USEC;
	if (repeated)
		return LOG_DEBUG;
	memcpy(latest, line, strlen(line) + 1);
	latest_usec = now;
	return priority < LOG_ERR ? LOG_ERR : priority;
}

static int on_log(int major, int minor, void *server_arg, void *client_arg)
{
	const struct snmp_log_message *m = server_arg;
	size_t len = strcspn(m->msg, "\n");
	char line[MESSAGE_MAX];

	/* "registering pdu failed: 263!" is the only trace of a refused registration. */
	if (logged && strncmp(m->msg, "registering pdu failed", 22) == 0)
		logged->refused = true;
	text_escape(line, sizeof(line), m->msg, len);
	if (len > 0)
		log_write(level_of(line, m->priority), 0, NULL, "net-snmp: %s", line);
	return 0;
}

void snmp_log_route(struct snmp *s)
{
	logged = s;
	latest[0] = '\0';
	snmp_enable_calllog();
	snmp_register_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_LOGGING, on_log, NULL);
}
