/* SPDX-License-Identifier: ISC */
/*
 * Any octets as what the master agent sends to its subagent, through net-snmp's AgentX to our
 * handlers, without a socket. An input is messages one after the other, so that the phases of a SET
 * can follow each other: of each its type, its flags, and octets of its body; 'r' in place of the
 * type is a message as it is. A body begins with a choice: how many ranges or values are made of
 * what follows, 0 for the octets as they are. However it goes, nothing is left of what was not
 * committed, and no room for orders is lost.
 */
#include "tests/fuzz/agent.h"

enum { MESSAGES_MAX = 12, ROUNDS_MAX = 50, BODY_MAX = 8192, HEADER = 20 };

/* Of net-snmp's AgentX, whose headers are not installed. */
int handle_agentx_packet(
	int operation, netsnmp_session *session, int reqid, netsnmp_pdu *pdu, void *magic);
int agentx_parse(netsnmp_session *session, netsnmp_pdu *pdu, u_char *data, size_t len);
int agentx_realloc_build(
	netsnmp_session *session, netsnmp_pdu *pdu, u_char **buffer, size_t *size, size_t *used);
int agentx_check_packet(u_char *packet, size_t len);
#define VERSION 0xc0 /* AGENTX_VERSION_1 in an environment of its own (agentx/protocol.h) */

static netsnmp_session *session;

static void prepare(void)
{
	netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_ROLE, 1);
	netsnmp_ds_set_string(
		NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET, "unix:/dev/null/none");
}

static void be_born(void)
{
	netsnmp_session s;

	be_born_as(prepare);
	init_snmp(SNMP_APPLICATION);
	snmp_sess_init(&s);
	s.version = VERSION;
	s.callback = handle_agentx_packet;
	session = snmp_add_full(&s, make_wire(), NULL, agentx_parse, NULL, NULL,
		agentx_realloc_build, agentx_check_packet, NULL);
	HOLDS(session);
}

/* ------------------------------------------------------------------ what is made of an input */

struct bytes {
	const uint8_t *at;
	size_t left;
};

static uint8_t take(struct bytes *b)
{
	if (b->left == 0)
		return 0;
	b->left--;
	return *b->at++;
}

struct message {
	uint8_t bytes[HEADER + BODY_MAX];
	size_t len;
};

static void put(struct message *m, const void *bytes, size_t len)
{
	if (m->len + len > sizeof(m->bytes))
		return;
	memcpy(m->bytes + m->len, bytes, len);
	m->len += len;
}

/* Integers are in network byte order, as the flags say. */
static void put_number(struct message *m, uint32_t n)
{
	const uint8_t octets[] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8),
		(uint8_t)n };

	put(m, octets, sizeof(octets));
}

/* RFC 2741 section 5.1: a table or another place, a column, an index. */
static void put_name(struct message *m, struct bytes *b)
{
	size_t table = take(b);
	uint8_t column = take(b), n = take(b) % 40, include = take(b);
	struct mib_oid name = { .id = { 1, 3, 6, 1 }, .len = 4 };

	if (table % (mib_n_tables + 1) < mib_n_tables) {
		mib_table_oid(mib_tables[table % (mib_n_tables + 1)], &name);
		if (table < 128)
			name.id[name.len++] = 1;
	}
	name.id[name.len++] = column;
	while (n-- > 0)
		name.id[name.len++] = take(b);
	put(m, (uint8_t[]){ (uint8_t)name.len, 0, include, 0 }, 4);
	for (size_t i = 0; i < name.len; i++)
		put_number(m, name.id[i]);
}

static void put_value(struct message *m, struct bytes *b)
{
	static const uint8_t types[] = { 2, 66, 4, 5, 65, 67, 70, 64 };
	uint8_t type = types[take(b) % ARRAY_SIZE(types)];
	size_t len;

	put(m, (uint8_t[]){ 0, type, 0, 0 }, 4);
	put_name(m, b);
	if (type == 5)
		return;
	len = type == 4 || type == 64 ? take(b) % 16 : type == 70 ? 8 : 4;
	if (type == 4 || type == 64)
		put_number(m, (uint32_t)len);
	for (size_t i = 0; i < (len + 3) / 4 * 4; i++)
		put(m, (uint8_t[]){ take(b) }, 1);
}

/* A message of TYPE: 5 Get, 6 GetNext, 7 GetBulk, 8 TestSet to 11 CleanupSet, 18 Response ... */
static void make_message(struct message *m, struct bytes *b, uint8_t type)
{
	uint8_t flags = take(b), n = take(b) % 8;
	uint32_t len;

	*m = (struct message){ .len = 0 };
	put(m, (uint8_t[]){ 1, type, (uint8_t)(flags | 0x10), 0 }, 4);
	put_number(m, 0);  /* session */
	put_number(m, 42); /* transaction */
	put_number(m, 43); /* packet */
	put_number(m, 0);  /* length of the body, below */
	if (flags & 0x08) {
		put_number(m, 4);
		put(m, "here", 4);
	}
	if (type == 7)
		put(m, (uint8_t[]){ 0, take(b) % 3, 0, take(b) % 20 }, 4);
	for (uint8_t i = 0; i < n; i++) {
		if (type == 8) {
			put_value(m, b);
			continue;
		}
		put_name(m, b);
		put_name(m, b);
	}
	for (uint8_t i = n == 0 ? take(b) : 0; i > 0; i--)
		put(m, (uint8_t[]){ take(b) }, 1);
	len = (uint32_t)m->len - HEADER;
	m->len -= len + 4;
	put_number(m, len);
	m->len += len;
}

static void take_message(struct message *m, struct bytes *b)
{
	uint8_t type = take(b);
	size_t len;

	if (type != 'r') {
		make_message(m, b, type);
		return;
	}
	len = take(b);
	m->len = 0;
	put(m, b->at, len < b->left ? len : b->left);
	b->at += m->len;
	b->left -= m->len;
}

/* ------------------------------------------------------------------ what holds */

/* The library sends itself each request and each answer through a pipe. */
static void settle(void)
{
	for (unsigned i = 0; i < ROUNDS_MAX; i++) {
		struct timeval now = { 0 };
		int n = 0, block = 0;
		fd_set fds;

		FD_ZERO(&fds);
		snmp_select_info(&n, &fds, &now, &block);
		FD_CLR(snmp_sess_transport(snmp_sess_pointer(session))->sock, &fds);
		now = (struct timeval){ 0 };
		if (select(n, &fds, NULL, NULL, &now) <= 0)
			return;
		snmp_read(&fds);
		netsnmp_check_outstanding_agent_requests();
	}
	HOLDS(!"it comes to rest");
}

/* The SET under way, if there is one, is ended. */
static void end_set(void)
{
	static const uint8_t cleanup[HEADER] = { 1, 11, 0x10, 0, [11] = 42, [15] = 44 };
	static const uint8_t undo[HEADER] = { 1, 10, 0x10, 0, [11] = 42, [15] = 45 };

	deliver(undo, sizeof(undo));
	settle();
	deliver(cleanup, sizeof(cleanup));
	settle();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = { data, size };
	struct shadow before;
	struct message m;

	if (!session)
		be_born();
	read_shadow(&before);
	for (unsigned i = 0; i < MESSAGES_MAX && b.left > 0; i++) {
		take_message(&m, &b);
		if (m.len == 0)
			continue;
		wire.replies = 0;
		deliver(m.bytes, m.len);
		settle();
		HOLDS(wire.replies <= 1);
		/* RFC 2741 section 6.1: what we answer is a response to the same packet. */
		if (wire.replies == 1)
			HOLDS(wire.reply_len >= HEADER && wire.reply[0] == 1 &&
				wire.reply[1] == 18);
	}
	end_set();
	write_shadow(&before);
	check_orders();
	return 0;
}
