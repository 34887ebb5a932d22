/* SPDX-License-Identifier: ISC */
/* An agent with rows, and in place of its socket what a fuzz target writes and reads. */
#ifndef FTPHEALTH_TESTS_AGENT_H
#define FTPHEALTH_TESTS_AGENT_H

#include "agent/snmp_thread.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <net-snmp/library/large_fd_set.h>
#include <net-snmp/library/snmpUDPDomain.h>

#include "agent/config.h"
#include "common/util.h"
#include "tests/fuzz/holds.h"

enum { ORDERS = 3 };

/* ------------------------------------------------------------------ what is published */

static const char configuration[] =
	"groups:\n"
	"  - name: iis\n"
	"    evidence:\n"
	"      module: [ 'smb://{host}/ADMIN$/system32/iissuba.dll' ]\n"
	"      control: 'smb://{host}/ADMIN$/system32/msv1_0.dll'\n"
	"targets:\n"
	"  - { name: a, host: 192.0.2.1, index: 1 }\n"
	"  - { name: b, host: ftp.example.com, index: 2, group: iis }\n"
	"  - { name: c, host: ftp.example.net, index: 7, tls: explicit, tls-verify: false }\n"
	"  - { name: a-longer-name, host: '2001:db8::1', index: 300, enabled: false }\n"
	"  - { name: bb, host: 192.0.2.2, index: 2147483647 }\n";

static struct snmp agent;

static void on_complaint(void *userdata, const char *line)
{
	fprintf(stderr, "%s\n", line);
}

static inline void configure(struct registry *r)
{
	char path[64], why[REGISTRY_WHY_SIZE];
	struct config *config = NULL;
	struct registry_plan *plan;
	int fd = memfd_create("config", MFD_CLOEXEC);

	HOLDS(fd >= 0 && write(fd, configuration, strlen(configuration)) > 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	HOLDS(config_load(path, on_complaint, NULL, &config) == 0);
	HOLDS(registry_plan(r, config, &plan, why) == 0);
	registry_commit(r, plan);
	registry_plan_free(plan);
	config_free(config);
	close(fd);
}

/* A login that was refused, and what followed from it. */
static inline void live(struct registry *r)
{
	struct target *t = registry_by_index(r, 2);
	struct observation o = { .outcome = OUTCOME_LOGIN_REFUSED,
		.stage = STAGE_PASSWORD,
		.code = 530,
		.total_usec = 41000 };
	struct event_record e = { .event = { .kind = EVENT_LOGIN_REFUSED,
					  .severity = SEVERITY_CRITICAL,
					  .from = STATE_OK,
					  .to = STATE_REFUSED,
					  .sequence = 5,
					  .alarm = 3 },
		.target = 2,
		.name = "b",
		.text = "refused" };
	struct alarm_record a = { .alarm = 3,
		.kind = ALARM_REFUSED,
		.severity = SEVERITY_CRITICAL,
		.target = 2,
		.name = "b",
		.text = "refused" };
	enum state from;

	registry_observe(r, t, &o, &from);
	HOLDS(event_ring_init(&r->events, 4) == 0);
	event_ring_add(&r->events, &e);
	HOLDS(alarm_list_put(&r->alarms, &a) == 0);
	policy_settings_init(&r->settings);
}

/* What a SET may change, all that is shown of it. */
struct shadow {
	struct policy_settings settings;
	enum admin admin[8];
	bool probe_now[8];
};

static inline void read_shadow(struct shadow *s)
{
	const struct registry *r = agent.registry;

	memset(s, 0, sizeof(*s));
	memcpy(&s->settings, &r->settings, sizeof(s->settings));
	for (size_t i = 0; i < r->n_targets; i++) {
		s->admin[i] = r->by_index[i]->admin;
		s->probe_now[i] = r->by_index[i]->probe_now;
	}
}

static inline void write_shadow(const struct shadow *s)
{
	struct registry *r = agent.registry;

	memcpy(&r->settings, &s->settings, sizeof(s->settings));
	for (size_t i = 0; i < r->n_targets; i++) {
		r->by_index[i]->admin = s->admin[i];
		r->by_index[i]->probe_now = s->probe_now[i];
	}
}

/* All room for orders has come back. */
static inline void check_orders(void)
{
	struct order o;

	while (orders_take(agent.options.orders, &o))
		HOLDS(o.kind >= ORDER_ADMIN && o.kind <= ORDER_SETTING);
	for (unsigned i = 0; i < ORDERS; i++)
		HOLDS(orders_reserve(agent.options.orders));
	HOLDS(!orders_reserve(agent.options.orders));
	for (unsigned i = 0; i < ORDERS; i++)
		orders_release(agent.options.orders);
}

/* ------------------------------------------------------------------ the wire */

static struct {
	const uint8_t *request;
	size_t request_len;
	uint8_t reply[65536];
	size_t reply_len;
	unsigned replies;
} wire;
static netsnmp_large_fd_set readable;

/* From this host, as access control wants to know. */
static int on_receive(netsnmp_transport *t, void *buffer, int size, void **opaque, int *opaque_len)
{
	size_t len = wire.request_len < (size_t)size ? wire.request_len : (size_t)size;
	netsnmp_indexed_addr_pair *from = calloc(1, sizeof(*from));

	HOLDS(from);
	from->remote_addr.sin.sin_family = AF_INET;
	from->remote_addr.sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*opaque = from;
	*opaque_len = sizeof(*from);
	memcpy(buffer, wire.request, len);
	return (int)len;
}

static int on_send(netsnmp_transport *t, const void *bytes, int len, void **opaque, int *opaque_len)
{
	HOLDS(len > 0 && (size_t)len <= sizeof(wire.reply));
	memcpy(wire.reply, bytes, (size_t)len);
	wire.reply_len = (size_t)len;
	wire.replies++;
	return len;
}

static int on_close(netsnmp_transport *t)
{
	return 0;
}

/* net-snmp asks libwrap about all peers but these. */
static char *on_format(netsnmp_transport *t, const void *data, int len)
{
	return strdup("callback: fuzz");
}

/* The transport by which both come and go; the descriptor is only what the library waits for. */
static inline netsnmp_transport *make_wire(void)
{
	netsnmp_transport *t = calloc(1, sizeof(*t));
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	HOLDS(t && fd >= 0);
	t->domain = netsnmpUDPDomain;
	t->domain_length = (int)netsnmpUDPDomain_len;
	t->sock = fd;
	t->msgMaxSize = 65507;
	t->f_recv = on_receive;
	t->f_send = on_send;
	t->f_close = on_close;
	t->f_fmtaddr = on_format;
	netsnmp_large_fd_set_init(&readable, FD_SETSIZE);
	NETSNMP_LARGE_FD_ZERO(&readable);
	NETSNMP_LARGE_FD_SET(fd, &readable);
	return t;
}

/* The library has read no file of the host, and opens no socket. */
static inline void be_born_as(void (*prepare)(void))
{
	static const int flags[] = { NETSNMP_DS_LIB_DONT_READ_CONFIGS,
		NETSNMP_DS_LIB_DONT_PERSIST_STATE, NETSNMP_DS_LIB_DISABLE_PERSISTENT_LOAD,
		NETSNMP_DS_LIB_DISABLE_PERSISTENT_SAVE };

	setenv("MIBS", "", 1);
	setenv("SNMPCONFPATH", "/dev/null", 1);
	setenv("SNMP_PERSISTENT_DIR", "/dev/null", 1);
	HOLDS(registry_new(&agent.registry) == 0);
	configure(agent.registry);
	live(agent.registry);
	HOLDS(orders_new(ORDERS, &agent.options.orders) == 0);
	snmp_enable_calllog(); /* and nobody listens */
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, flags[i], 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_NO_ROOT_ACCESS, 1);
	prepare();
	HOLDS(init_agent(SNMP_APPLICATION) == 0);
	HOLDS(snmp_handler_register(&agent) == 0);
}

/* Hands a message to the library. */
static inline void deliver(const uint8_t *message, size_t len)
{
	netsnmp_large_fd_set fds;

	wire.request = message;
	wire.request_len = len;
	netsnmp_large_fd_set_init(&fds, FD_SETSIZE);
	netsnmp_copy_fd_set_to_large_fd_set(&fds, readable.lfs_setptr);
	snmp_read2(&fds);
	netsnmp_large_fd_set_cleanup(&fds);
	netsnmp_check_outstanding_agent_requests();
}

#endif
