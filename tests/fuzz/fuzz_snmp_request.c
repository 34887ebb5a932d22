/* SPDX-License-Identifier: ISC */
/*
 * Any octets as a request to the agent, through net-snmp's own parser and access control to our
 * handlers, without a socket. The first octet chooses: 'r' the rest is a message as it is; else it
 * is what a well-formed message is made of: octet by octet the version, the kind of request, two
 * numbers, and for each object a table, a column, the index, a type and a value; for a mutation
 * seldom leaves the lengths of BER right. Whatever comes, it is answered once at most, a GETNEXT
 * goes on, and nothing but a SET that was accepted changes anything.
 */
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
#include "tests/fuzz/ber.h"
#include "tests/fuzz/holds.h"

enum { ORDERS = 3 };
#define ENGINE \
	"\x80\x00\x1f\x88\x04" \
	"fuzz"
#define USER "reader"

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

static void configure(struct registry *r)
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
static void live(struct registry *r)
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

static void read_shadow(struct shadow *s)
{
	const struct registry *r = agent.registry;

	memset(s, 0, sizeof(*s));
	memcpy(&s->settings, &r->settings, sizeof(s->settings));
	for (size_t i = 0; i < r->n_targets; i++) {
		s->admin[i] = r->by_index[i]->admin;
		s->probe_now[i] = r->by_index[i]->probe_now;
	}
}

static void write_shadow(const struct shadow *s)
{
	struct registry *r = agent.registry;

	memcpy(&r->settings, &s->settings, sizeof(s->settings));
	for (size_t i = 0; i < r->n_targets; i++) {
		r->by_index[i]->admin = s->admin[i];
		r->by_index[i]->probe_now = s->probe_now[i];
	}
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

static void open_wire(void)
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
	HOLDS(netsnmp_register_agent_nsap(t) > 0);
	netsnmp_large_fd_set_init(&readable, FD_SETSIZE);
	NETSNMP_LARGE_FD_ZERO(&readable);
	NETSNMP_LARGE_FD_SET(fd, &readable);
}

static void be_born(void)
{
	static const int flags[] = { NETSNMP_DS_LIB_DONT_READ_CONFIGS,
		NETSNMP_DS_LIB_DONT_PERSIST_STATE, NETSNMP_DS_LIB_DISABLE_PERSISTENT_LOAD,
		NETSNMP_DS_LIB_DISABLE_PERSISTENT_SAVE };
	static const char *const access[] = { "exactEngineID 0x80001f880466757a7a",
		"rwcommunity public", "createUser " USER, "rwuser " USER " noauth" };

	setenv("MIBS", "", 1);
	setenv("SNMPCONFPATH", "/dev/null", 1);
	setenv("SNMP_PERSISTENT_DIR", "/dev/null", 1);
	HOLDS(registry_new(&agent.registry) == 0);
	configure(agent.registry);
	live(agent.registry);
	HOLDS(orders_new(ORDERS, &agent.options.orders) == 0);
	snmp_disable_log();
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, flags[i], 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_NO_ROOT_ACCESS, 1);
	snmp_listen_prepare();
	HOLDS(init_agent(SNMP_APPLICATION) == 0);
	HOLDS(snmp_handler_register(&agent) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(access); i++) {
		char line[64];

		snprintf(line, sizeof(line), "%s", access[i]);
		HOLDS(netsnmp_config(line) == SNMPERR_SUCCESS);
	}
	init_snmp(SNMP_APPLICATION);
	open_wire();
}

/* ------------------------------------------------------------------ what is made of an input */

struct bytes {
	const uint8_t *at;
	size_t left;
};

static uint32_t take(struct bytes *b)
{
	if (b->left == 0)
		return 0;
	b->left--;
	return *b->at++;
}

static uint32_t take_wide(struct bytes *b)
{
	uint32_t first = take(b);

	if (first < 0xf0)
		return first;
	return take(b) << 24 | take(b) << 16 | take(b) << 8 | take(b);
}

static void put_value(struct ber *to, struct bytes *b)
{
	static const uint8_t types[] = { ASN_INTEGER, ASN_GAUGE, ASN_OCTET_STR, ASN_NULL,
		ASN_OBJECT_ID, ASN_COUNTER64, ASN_IPADDRESS, ASN_TIMETICKS };
	uint8_t type = types[take(b) % ARRAY_SIZE(types)];
	size_t len = take(b) % 32;

	if (len > b->left)
		len = b->left;
	ber_put(to, b->at, type == ASN_NULL ? 0 : len);
	ber_wrap(to, type, to->len - (type == ASN_NULL ? 0 : len));
	b->at += len;
	b->left -= len;
}

static void put_name(struct ber *to, struct bytes *b)
{
	size_t start = to->len, table = take(b);
	uint32_t column = take(b), n = take(b) % 70;
	struct mib_oid base = { .id = { 1, 3 }, .len = 2 };

	if (table % (mib_n_tables + 1) < mib_n_tables) {
		mib_table_oid(mib_tables[table % (mib_n_tables + 1)], &base);
		if (table < 128)
			base.id[base.len++] = 1;
	}
	ber_put_oid(to, base.id, base.len);
	ber_put_id(to, column);
	for (uint32_t i = 0; i < n && b->left > 0; i++)
		ber_put_id(to, take_wide(b));
	ber_wrap(to, ASN_OBJECT_ID, start);
}

static void put_pdu(struct ber *to, struct bytes *b, uint8_t kind)
{
	size_t start = to->len, list;

	ber_put_number(to, 4711);
	ber_put_number(to, (int32_t)take(b));
	ber_put_number(to, (int32_t)take(b));
	list = to->len;
	for (unsigned i = 0; i < 32 && b->left > 0; i++) {
		size_t one = to->len;

		put_name(to, b);
		put_value(to, b);
		ber_wrap(to, ASN_SEQUENCE | ASN_CONSTRUCTOR, one);
	}
	ber_wrap(to, ASN_SEQUENCE | ASN_CONSTRUCTOR, list);
	ber_wrap(to, kind, start);
}

/* A message of SNMPv3 of a user without authentication (RFC 3412 section 6). */
static void put_v3(struct ber *to, struct bytes *b, uint8_t kind)
{
	size_t start = to->len, inner;

	ber_put_number(to, 42);
	ber_put_number(to, 65507);
	ber_put_string(to, "\x04", 1);
	ber_put_number(to, 3);
	ber_wrap(to, ASN_SEQUENCE | ASN_CONSTRUCTOR, start);
	start = to->len;
	ber_put_string(to, ENGINE, sizeof(ENGINE) - 1);
	ber_put_number(to, 1);
	ber_put_number(to, 1);
	ber_put_string(to, USER, strlen(USER));
	ber_put_string(to, "", 0);
	ber_put_string(to, "", 0);
	ber_wrap(to, ASN_SEQUENCE | ASN_CONSTRUCTOR, start);
	ber_wrap(to, ASN_OCTET_STR, start);
	inner = to->len;
	ber_put_string(to, ENGINE, sizeof(ENGINE) - 1);
	ber_put_string(to, "", 0);
	put_pdu(to, b, kind);
	ber_wrap(to, ASN_SEQUENCE | ASN_CONSTRUCTOR, inner);
}

static void put_message(struct ber *to, struct bytes b)
{
	static const uint8_t kinds[] = { SNMP_MSG_GET, SNMP_MSG_GETNEXT, SNMP_MSG_SET,
		SNMP_MSG_GETBULK };
	int32_t version = (int32_t)take(&b) % 3;
	uint8_t kind = kinds[take(&b) % ARRAY_SIZE(kinds)];

	version += version == 2; /* 0 SNMPv1, 1 SNMPv2c, 3 SNMPv3 */
	ber_put_number(to, version);
	if (version == 3) {
		put_v3(to, &b, kind);
	} else {
		ber_put_string(to, "public", strlen("public"));
		put_pdu(to, &b, kind);
	}
	ber_wrap(to, ASN_SEQUENCE | ASN_CONSTRUCTOR, 0);
}

/* ------------------------------------------------------------------ what holds */

/* The PDU of a message of SNMPv1 or v2c, or NULL. */
static netsnmp_pdu *read_pdu(const uint8_t *bytes, size_t len)
{
	u_char community[COMMUNITY_MAX_LEN];
	size_t community_len = sizeof(community);
	long version = -1;
	netsnmp_pdu *pdu;
	u_char *data = snmp_comstr_parse(
		(u_char *)(uintptr_t)bytes, &len, community, &community_len, &version);

	if (!data || (version != SNMP_VERSION_1 && version != SNMP_VERSION_2c))
		return NULL;
	pdu = snmp_pdu_create(0);
	HOLDS(pdu);
	pdu->version = version;
	if (snmp_pdu_parse(pdu, data, &len) == 0)
		return pdu;
	snmp_free_pdu(pdu);
	return NULL;
}

static void check_names(const netsnmp_pdu *request, const netsnmp_pdu *reply)
{
	const netsnmp_variable_list *q = request->variables, *a = reply->variables;
	bool next = request->command == SNMP_MSG_GETNEXT;

	for (; q && a; q = q->next_variable, a = a->next_variable) {
		int order = snmp_oid_compare(a->name, a->name_length, q->name, q->name_length);

		HOLDS(next && a->type != SNMP_ENDOFMIBVIEW ? order > 0 : order == 0);
		HOLDS(a->type != ASN_NULL);
	}
	HOLDS(!q && !a);
}

static void check_reply(const netsnmp_pdu *request, const struct shadow *before)
{
	netsnmp_pdu *reply = read_pdu(wire.reply, wire.reply_len);
	struct shadow after;

	HOLDS(reply && reply->command == SNMP_MSG_RESPONSE && reply->reqid == request->reqid);
	read_shadow(&after);
	if (request->command != SNMP_MSG_SET || reply->errstat != 0)
		HOLDS(memcmp(before, &after, sizeof(after)) == 0);
	if (reply->errstat == 0 &&
		(request->command == SNMP_MSG_GET || request->command == SNMP_MSG_GETNEXT))
		check_names(request, reply);
	snmp_free_pdu(reply);
}

/* All room for orders has come back. */
static void check_orders(void)
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

static void ask(const uint8_t *message, size_t len)
{
	netsnmp_large_fd_set fds;
	netsnmp_pdu *request = read_pdu(message, len);
	struct shadow before, after;

	wire.request = message;
	wire.request_len = len;
	wire.replies = 0;
	read_shadow(&before);
	netsnmp_large_fd_set_init(&fds, FD_SETSIZE);
	netsnmp_copy_fd_set_to_large_fd_set(&fds, readable.lfs_setptr);
	snmp_read2(&fds);
	netsnmp_large_fd_set_cleanup(&fds);
	netsnmp_check_outstanding_agent_requests();
	HOLDS(wire.replies <= 1);
	if (request && wire.replies == 1)
		check_reply(request, &before);
	read_shadow(&after);
	if (wire.replies == 0)
		HOLDS(memcmp(&before, &after, sizeof(after)) == 0);
	write_shadow(&before);
	check_orders();
	snmp_free_pdu(request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ber made = { .len = 0 };

	if (size < 2)
		return 0;
	if (!agent.registry)
		be_born();
	if (data[0] == 'r') {
		ask(data + 1, size - 1);
		return 0;
	}
	put_message(&made, (struct bytes){ data + 1, size - 1 });
	ask(made.bytes, made.len);
	return 0;
}
