/* SPDX-License-Identifier: ISC */
/*
 * Any octets as a request to the agent, through net-snmp's own parser and access control to our
 * handlers, without a socket. The first octet chooses: 'r' the rest is a message as it is; else it
 * is what a well-formed message is made of: octet by octet the version, the kind of request, two
 * numbers, and for each object a table, a column, the index, a type and a value; for a mutation
 * seldom leaves the lengths of BER right. Whatever comes, it is answered once at most, a GETNEXT
 * goes on, and nothing but a SET that was accepted changes anything.
 */
#include "tests/fuzz/agent.h"
#include "tests/fuzz/ber.h"

#define ENGINE \
	"\x80\x00\x1f\x88\x04" \
	"fuzz"
#define USER "reader"

static void be_born(void)
{
	static const char *const access[] = { "exactEngineID 0x80001f880466757a7a",
		"rwcommunity public", "createUser " USER, "rwuser " USER " noauth" };

	be_born_as(snmp_listen_prepare);
	for (size_t i = 0; i < ARRAY_SIZE(access); i++) {
		char line[64];

		snprintf(line, sizeof(line), "%s", access[i]);
		HOLDS(netsnmp_config(line) == SNMPERR_SUCCESS);
	}
	init_snmp(SNMP_APPLICATION);
	HOLDS(netsnmp_register_agent_nsap(make_wire()) > 0);
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

static void ask(const uint8_t *message, size_t len)
{
	netsnmp_pdu *request = read_pdu(message, len);
	struct shadow before, after;

	wire.replies = 0;
	read_shadow(&before);
	deliver(message, len);
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
