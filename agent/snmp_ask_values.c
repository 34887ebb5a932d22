/* SPDX-License-Identifier: ISC */
/* Any objects of an agent, by their OIDs. */
#include "agent/snmp_ask_session.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "common/text.h"
#include "common/util.h"

enum { MODULES_MAX = 500 }; /* rows of sysORTable; net-snmp's own has some thirty */

/* sysORID and sysORDescr of SNMPv2-MIB. */
static const oid module_id_oid[] = { 1, 3, 6, 1, 2, 1, 1, 9, 1, 2 };
static const oid module_descr_oid[] = { 1, 3, 6, 1, 2, 1, 1, 9, 1, 3 };

struct name {
	oid id[MAX_OID_LEN];
	size_t len;
};

/* The protocol has seen to digits, dots and length. */
static void parse_oid(const char *text, struct name *ret)
{
	ret->len = 0;
	for (const char *p = text; *p; p += *p == '.') {
		unsigned long long id = strtoull(p, (char **)&p, 10);

		if (id > UINT32_MAX)
			confine_fail(EX_USAGE, "bad request: get: %llu in %.200s", id, text);
		ret->id[ret->len++] = (oid)id;
	}
}

/* ------------------------------------------------------------------ values */

static int64_t join(const struct counter64 *c)
{
	uint64_t value = (uint64_t)c->high << 32 | (c->low & UINT32_MAX);

	return value < INT64_MAX ? (int64_t)value : INT64_MAX;
}

static void take_value(const netsnmp_variable_list *v, struct snmp_value *ret)
{
	switch (v->type) {
	case ASN_INTEGER:
		ret->kind = SNMP_NUMBER;
		ret->number = *v->val.integer;
		break;
	case ASN_COUNTER:
	case ASN_GAUGE:
	case ASN_TIMETICKS:
		ret->kind = SNMP_NUMBER;
		ret->number = (uint32_t)*v->val.integer;
		break;
	case ASN_COUNTER64:
		ret->kind = SNMP_NUMBER;
		ret->number = join(v->val.counter64);
		break;
	case ASN_OCTET_STR:
		ret->kind = SNMP_TEXT;
		text_escape(ret->text, sizeof(ret->text), (const char *)v->val.string, v->val_len);
		break;
	default: /* there is none; or of a type that none of ours has */
		ret->kind = SNMP_MISSING;
	}
}

/* Takes the values of the objects that were asked for, in their order. */
static void take_values(
	const netsnmp_variable_list *v, const struct name *names, const bool *missing)
{
	for (size_t i = 0; i < ask.request->n_get; i++) {
		if (missing[i])
			continue;
		if (!v || snmp_oid_compare(v->name, v->name_length, names[i].id, names[i].len) != 0)
			ASK_END(FETCH_FAILED,
				"the agent answers with other objects than asked for");
		take_value(v, &ask.answer.values[i]);
		v = v->next_variable;
	}
}

/* SNMPv1 names the first object that is missing, by its place among those that were asked for, and
 * gives none: notes it. */
static void note_missing(long place, bool *missing)
{
	for (size_t i = 0; i < ask.request->n_get; i++)
		if (!missing[i] && --place == 0) {
			missing[i] = true;
			return;
		}
	ASK_END(FETCH_FAILED, "the agent misses an object that it was not asked for");
}

/* Asks for the objects that are not known to be missing. Returns true when all is known. */
static bool ask_once(const struct name *names, bool *missing)
{
	netsnmp_pdu *pdu = ask_request_new(SNMP_MSG_GET);
	long error;

	for (size_t i = 0; i < ask.request->n_get; i++)
		if (!missing[i])
			ask_request_add(pdu, names[i].id, names[i].len);
	pdu = ask_exchange(pdu);
	error = pdu->errstat;
	if (error == SNMP_ERR_NOERROR)
		take_values(pdu->variables, names, missing);
	else if (error == SNMP_ERR_NOSUCHNAME)
		note_missing(pdu->errindex, missing);
	else
		ASK_END(FETCH_FAILED, "the agent answers with the error %ld%s", error,
			error == SNMP_ERR_GENERR ? ", genErr: whom it asks in turn hangs" : "");
	snmp_free_pdu(pdu);
	return error == SNMP_ERR_NOERROR;
}

static void ask_objects(void)
{
	static struct name names[SNMP_GET_MAX];
	bool missing[SNMP_GET_MAX] = { false };
	size_t n = ask.request->n_get, left = n;

	for (size_t i = 0; i < n; i++)
		parse_oid(ask.request->get[i], &names[i]);
	while (left > 0 && !ask_once(names, missing))
		left--;
	ask.answer.n_values = n;
}

/* ------------------------------------------------------------------ modules */

static bool is_below(const netsnmp_variable_list *v, const oid *column, size_t len)
{
	return v && v->name_length > len && snmp_oid_compare(v->name, len, column, len) == 0;
}

static bool is_module(const netsnmp_variable_list *v)
{
	size_t len = strlen(ask.request->module);

	return v->type == ASN_OCTET_STR && v->val_len >= len &&
		memcmp(v->val.string, ask.request->module, len) == 0;
}

static void take_module(const netsnmp_variable_list *v)
{
	size_t n = v->type == ASN_OBJECT_ID ? v->val_len / sizeof(oid) : 0, used = 0;
	char *text = ask.answer.module;

	for (size_t i = 0; i < n && used < sizeof(ask.answer.module); i++)
		used += (size_t)snprintf(text + used, sizeof(ask.answer.module) - used, "%s%u",
			i > 0 ? "." : "", (unsigned)v->val.objid[i]);
	if (used >= sizeof(ask.answer.module))
		text[0] = '\0';
}

/* Walks both columns side by side, so that one request gives one row. */
static void ask_module(void)
{
	const size_t len = OID_LENGTH(module_id_oid);
	struct name id = { .len = len }, descr = { .len = len };

	memcpy(id.id, module_id_oid, sizeof(module_id_oid));
	memcpy(descr.id, module_descr_oid, sizeof(module_descr_oid));
	for (unsigned i = 0; i < MODULES_MAX; i++) {
		netsnmp_pdu *pdu = ask_request_new(SNMP_MSG_GETNEXT);
		const netsnmp_variable_list *a, *b;

		ask_request_add(pdu, id.id, id.len);
		ask_request_add(pdu, descr.id, descr.len);
		pdu = ask_exchange(pdu);
		a = pdu->errstat == SNMP_ERR_NOERROR ? pdu->variables : NULL;
		b = a ? a->next_variable : NULL;
		if (!is_below(a, module_id_oid, len) || !is_below(b, module_descr_oid, len))
			return;
		if (is_module(b)) {
			take_module(a);
			return;
		}
		memcpy(id.id, a->name, a->name_length * sizeof(oid));
		id.len = a->name_length;
		memcpy(descr.id, b->name, b->name_length * sizeof(oid));
		descr.len = b->name_length;
		snmp_free_pdu(pdu);
	}
}

void ask_values(void)
{
	bool any = false;

	ask_objects();
	for (size_t i = 0; i < ask.answer.n_values; i++)
		any |= ask.answer.values[i].kind != SNMP_MISSING;
	ask_keep(FETCH_PRESENT, "%s", "");
	if (!any && ask.request->module) {
		ask_module();
		ask_keep(FETCH_PRESENT, "%s", "");
	}
	confine_finish(NULL, 0);
}
