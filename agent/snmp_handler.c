/* SPDX-License-Identifier: ISC */
/* Requests: from net-snmp's lists to the table engine and back, one registration a table. */
#include "agent/snmp_thread.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <net-snmp/agent/agent_sysORTable.h>
#include <net-snmp/agent/sysORTable.h>

#include "agent/target.h"
#include "common/log.h"
#include "common/text.h"
#include "common/util.h"

/* What a handler is told by net-snmp's registration; it is not freed there. */
struct snmp_registration {
	struct snmp *snmp;
	const struct mib_table *table;
	size_t place; /* of the row that was asked for last */
};

static size_t to_net_snmp(const struct mib_oid *from, oid to[MAX_OID_LEN])
{
	for (size_t i = 0; i < from->len; i++)
		to[i] = from->id[i];
	return from->len;
}

int snmp_value_copy(struct variable_list *var, const struct mib_value *v)
{
	struct counter64 wide;
	oid name[MAX_OID_LEN];
	const void *bytes = NULL;
	size_t size = sizeof(long);
	u_long word = 0;
	u_char type = ASN_NULL;

	switch (v->type) {
	case MIB_INTEGER:
		word = (u_long)(long)v->integer;
		bytes = &word;
		type = ASN_INTEGER;
		break;
	case MIB_UNSIGNED:
	case MIB_COUNTER32:
	case MIB_TIMETICKS:
		word = v->unsigned32;
		bytes = &word;
		type = v->type == MIB_UNSIGNED     ? ASN_GAUGE
			: v->type == MIB_COUNTER32 ? ASN_COUNTER
						   : ASN_TIMETICKS;
		break;
	case MIB_COUNTER64:
		wide.high = (u_long)(v->counter64 >> 32);
		wide.low = (u_long)(v->counter64 & UINT32_MAX);
		bytes = &wide;
		size = sizeof(wide);
		type = ASN_COUNTER64;
		break;
	case MIB_STRING:
		bytes = v->string.bytes ? v->string.bytes : "";
		size = v->string.len;
		type = ASN_OCTET_STR;
		break;
	case MIB_OBJECT_ID:
		size = to_net_snmp(v->oid, name) * sizeof(oid);
		bytes = name;
		type = ASN_OBJECT_ID;
		break;
	}
	return snmp_set_var_typed_value(var, type, bytes, size) ? -ENOMEM : 0;
}

/* What of NAME follows ROOT. Returns false when it lies behind all that ROOT can hold. */
static bool suffix_of(const netsnmp_variable_list *var, const netsnmp_handler_registration *reg,
	uint32_t suffix[MIB_OID_MAX], size_t *ret_len)
{
	int order =
		snmp_oidtree_compare(var->name, var->name_length, reg->rootoid, reg->rootoid_len);

	*ret_len = 0;
	if (order > 0)
		return false;
	if (order < 0 || var->name_length <= reg->rootoid_len)
		return true; /* before the table: its first instance comes next */
	for (size_t i = reg->rootoid_len; i < var->name_length && *ret_len < MIB_OID_MAX; i++)
		suffix[(*ret_len)++] = (uint32_t)var->name[i];
	return true;
}

static void answer(netsnmp_agent_request_info *info, netsnmp_request_info *request,
	const struct mib_value *value)
{
	if (snmp_value_copy(request->requestvb, value) < 0)
		netsnmp_set_request_error(info, request, SNMP_ERR_GENERR);
}

static void answer_get(const struct mib_table *table, struct mib_context *ctx,
	const netsnmp_handler_registration *reg, netsnmp_agent_request_info *info,
	netsnmp_request_info *request)
{
	uint32_t suffix[MIB_OID_MAX];
	struct mib_value value;
	enum mib_result result = MIB_NO_SUCH_OBJECT;
	size_t len;

	if (suffix_of(request->requestvb, reg, suffix, &len))
		result = mib_get(table, ctx, suffix, len, &value);
	if (result == MIB_FOUND)
		answer(info, request, &value);
	else
		netsnmp_set_request_error(info, request,
			result == MIB_NO_SUCH_OBJECT ? SNMP_NOSUCHOBJECT : SNMP_NOSUCHINSTANCE);
}

/* What lies past the end stays ASN_NULL: the library then asks the next registration. */
static void answer_next(const struct mib_table *table, struct mib_context *ctx,
	const netsnmp_handler_registration *reg, netsnmp_agent_request_info *info,
	netsnmp_request_info *request)
{
	uint32_t suffix[MIB_OID_MAX];
	struct mib_value value;
	struct mib_oid next;
	oid name[MAX_OID_LEN];
	size_t len, name_len;

	if (!suffix_of(request->requestvb, reg, suffix, &len))
		return;
	/* RFC 2741 section 5.2, "include": a search may begin with the name itself. */
	if (request->inclusive && mib_get(table, ctx, suffix, len, &value) == MIB_FOUND) {
		answer(info, request, &value);
		return;
	}
	if (!mib_next(table, ctx, suffix, len, &next, &value))
		return;
	memcpy(name, reg->rootoid, reg->rootoid_len * sizeof(oid));
	name_len = reg->rootoid_len;
	for (size_t i = 0; i < next.len && name_len < MAX_OID_LEN; i++)
		name[name_len++] = next.id[i];
	if (snmp_set_var_objid(request->requestvb, name, name_len)) {
		netsnmp_set_request_error(info, request, SNMP_ERR_GENERR);
		return;
	}
	answer(info, request, &value);
}

#define UPTIME_JITTER_USEC USEC_PER_SEC

/* When sysUpTime was zero by our clock. It is the master's, told with each of its answers and so
 * jittering by how long they took; a TimeStamp must not move, for pollers compare it, so the moment
 * is kept until it is off by more than jitter: the master was restarted. */
static uint64_t uptime_since(uint64_t now)
{
	static uint64_t kept;
	uint64_t uptime = (uint64_t)netsnmp_get_agent_uptime() * 10 * USEC_PER_MSEC;
	uint64_t since = now > uptime ? now - uptime : 1;

	if (kept == 0 || since > kept + UPTIME_JITTER_USEC || kept > since + UPTIME_JITTER_USEC)
		kept = since;
	return kept;
}

/* Not all of it is set: its room for texts is large, and this is once a request. */
static void make_context(struct mib_context *ctx, struct snmp *s, size_t *place)
{
	ctx->registry = s->registry;
	ctx->now_usec = now_usec(CLOCK_MONOTONIC);
	ctx->now_time = now_usec(CLOCK_REALTIME);
	ctx->uptime_since_usec = uptime_since(ctx->now_usec);
	ctx->event = NULL;
	ctx->target = NULL;
	ctx->place = place;
}

/* ------------------------------------------------------------------ SET */

#define SET_KEY "ftphealth"

/* A value of the wire that may be written. Returns 0, or an error of SNMP. */
static int from_net_snmp(const netsnmp_variable_list *var, struct mib_value *ret)
{
	long number;

	*ret = (struct mib_value){ 0 };
	if (var->type != ASN_INTEGER && var->type != ASN_UNSIGNED)
		return 0; /* of no type that any column takes */
	if (var->val_len != sizeof(*var->val.integer))
		return SNMP_ERR_WRONGLENGTH;
	number = *var->val.integer;
	if (var->type == ASN_UNSIGNED) {
		ret->type = MIB_UNSIGNED;
		ret->unsigned32 = (uint32_t)number;
		return (u_long)number > UINT32_MAX ? SNMP_ERR_WRONGLENGTH : 0;
	}
	ret->type = MIB_INTEGER;
	ret->integer = (int32_t)number;
	return number < INT32_MIN || number > INT32_MAX ? SNMP_ERR_WRONGLENGTH : 0;
}

/* Who asks, for the log: a master does not tell its subagents. A community is a secret. */
static void name_asker(const netsnmp_agent_request_info *info, char by[ORDER_BY_MAX + 1])
{
	const netsnmp_pdu *pdu = info->asp ? info->asp->pdu : NULL;

	by[0] = '\0';
	if (!pdu)
		return;
	if (pdu->version == SNMP_VERSION_3)
		text_escape(by, ORDER_BY_MAX + 1, pdu->securityName, pdu->securityNameLen);
	else if (pdu->version == SNMP_VERSION_1 || pdu->version == SNMP_VERSION_2c)
		strcpy(by, pdu->version == SNMP_VERSION_1 ? "v1" : "v2c");
}

/* SET requests between their phases, of all tables: few, as a rule one. net-snmp keeps the number
 * of each with the request, and never ends one whose session, or answer, is lost. Only the thread
 * of SNMP. */
struct pending_set {
	struct mib_set set;
	uintptr_t number;
	uint64_t begin_usec; /* CLOCK_MONOTONIC */
	struct pending_set *next;
};
static struct pending_set *pending;

/* The next phase comes at once, or never: a master that hears no answer gives up. */
#define PHASES_USEC (60 * USEC_PER_SEC)

static struct pending_set **find_pending(uintptr_t number)
{
	struct pending_set **p = &pending;

	while (*p && (*p)->number != number)
		p = &(*p)->next;
	return p;
}

static void free_set(void *number)
{
	struct pending_set **p = find_pending((uintptr_t)number), *gone = *p;

	if (!gone)
		return;
	*p = gone->next;
	mib_set_done(&gone->set);
	free(gone);
}

static struct mib_set *set_of(netsnmp_agent_request_info *info, const struct snmp *s, bool make)
{
	static uintptr_t number;
	void *known = netsnmp_agent_get_list_data(info, SET_KEY);
	struct pending_set *p = known ? *find_pending((uintptr_t)known) : NULL;
	netsnmp_data_list *node;

	if (p || known || !make)
		return p ? &p->set : NULL;
	p = calloc(1, sizeof(*p));
	if (++number == 0)
		number++;
	node = p ? netsnmp_create_data_list(SET_KEY, (void *)number, free_set) : NULL;
	if (!node) {
		free(p);
		return NULL;
	}
	*p = (struct pending_set){
		.number = number, .begin_usec = now_usec(CLOCK_MONOTONIC), .next = pending
	};
	pending = p;
	p->set.orders = s->options.orders;
	name_asker(info, p->set.by);
	netsnmp_agent_add_list_data(info, node);
	return &p->set;
}

/* Gives up those that began before BEFORE. */
static void give_up(struct snmp *s, uint64_t before)
{
	struct pending_set **p = &pending;
	struct mib_context ctx;

	make_context(&ctx, s, NULL);
	while (*p) {
		if ((*p)->begin_usec >= before) {
			p = &(*p)->next;
			continue;
		}
		pthread_mutex_lock(&s->registry->lock);
		mib_set_abandon(&(*p)->set, &ctx);
		pthread_mutex_unlock(&s->registry->lock);
		free_set((void *)(*p)->number);
	}
}

void snmp_handler_forget(struct snmp *s)
{
	if (pending)
		give_up(s, UINT64_MAX);
}

void snmp_handler_expire(struct snmp *s)
{
	uint64_t now = pending ? now_usec(CLOCK_MONOTONIC) : 0;

	if (now > PHASES_USEC)
		give_up(s, now - PHASES_USEC);
}

static int error_of(enum mib_set_result result)
{
	static const int errors[] = {
		[MIB_SET_OK] = SNMP_ERR_NOERROR,
		[MIB_SET_NOT_WRITABLE] = SNMP_ERR_NOTWRITABLE,
		[MIB_SET_WRONG_TYPE] = SNMP_ERR_WRONGTYPE,
		[MIB_SET_WRONG_VALUE] = SNMP_ERR_WRONGVALUE,
		[MIB_SET_NO_CREATION] = SNMP_ERR_NOCREATION,
		[MIB_SET_INCONSISTENT_VALUE] = SNMP_ERR_INCONSISTENTVALUE,
		[MIB_SET_NO_RESOURCES] = SNMP_ERR_RESOURCEUNAVAILABLE,
		[MIB_SET_COMMIT_FAILED] = SNMP_ERR_COMMITFAILED,
	};

	return errors[result];
}

static int add_change(struct mib_set *set, const struct mib_table *table, struct mib_context *ctx,
	const netsnmp_handler_registration *reg, const netsnmp_request_info *request)
{
	uint32_t suffix[MIB_OID_MAX];
	struct mib_value value;
	enum mib_set_result result;
	size_t len;
	int error = from_net_snmp(request->requestvb, &value);

	if (!suffix_of(request->requestvb, reg, suffix, &len))
		return SNMP_ERR_NOTWRITABLE;
	result = mib_set_add(set, table, ctx, suffix, len, &value);
	if (result == MIB_SET_OK)
		set->changes[set->n - 1].id = request->index;
	return result == MIB_SET_NOT_WRITABLE || !error ? error_of(result) : error;
}

/* The phases after the first, for change I. Returns an error of SNMP. */
static int go_on(int mode, struct mib_set *set, struct mib_context *ctx, size_t i)
{
	switch (mode) {
	case MODE_SET_RESERVE2:
		return error_of(mib_set_reserve(set, ctx, i));
	case MODE_SET_ACTION:
		return error_of(mib_set_show(set, ctx, i));
	case MODE_SET_COMMIT:
		mib_set_commit(set, i);
		break;
	case MODE_SET_UNDO:
		mib_set_undo(set, ctx, i);
		break;
	}
	return SNMP_ERR_NOERROR;
}

static void answer_set(const struct snmp_registration *r, struct mib_context *ctx,
	const netsnmp_handler_registration *reg, netsnmp_agent_request_info *info,
	netsnmp_request_info *request)
{
	bool first = info->mode == MODE_SET_RESERVE1;
	struct mib_set *set = set_of(info, r->snmp, first);
	int error = SNMP_ERR_NOERROR;

	if (first)
		error = set ? add_change(set, r->table, ctx, reg, request)
			    : SNMP_ERR_RESOURCEUNAVAILABLE;
	else if (!set && (info->mode == MODE_SET_RESERVE2 || info->mode == MODE_SET_ACTION))
		error = SNMP_ERR_COMMITFAILED; /* it was given up */
	for (size_t i = 0; !first && set && i < set->n && !error; i++)
		if (set->changes[i].table == r->table && set->changes[i].id == request->index)
			error = go_on(info->mode, set, ctx, i);
	if (error)
		netsnmp_set_request_error(info, request, error);
}

/* ------------------------------------------------------------------ requests */

/* All requests of a call in one pass under the registry's lock: one consistent moment. */
static int on_request(netsnmp_mib_handler *handler, netsnmp_handler_registration *reg,
	netsnmp_agent_request_info *info, netsnmp_request_info *requests)
{
	struct snmp_registration *r = reg->my_reg_void;
	struct mib_context ctx;

	/* The registry may be on its way out when a hung thread comes back to life. */
	if (atomic_load(&r->snmp->stop))
		return SNMP_ERR_GENERR;
	if (info->mode == MODE_GETBULK)
		return SNMP_ERR_GENERR; /* the library splits it before */
	make_context(&ctx, r->snmp, &r->place);
	pthread_mutex_lock(&ctx.registry->lock);
	for (netsnmp_request_info *q = requests; q; q = q->next) {
		if (q->processed)
			continue;
		if (info->mode == MODE_GET)
			answer_get(r->table, &ctx, reg, info, q);
		else if (info->mode == MODE_GETNEXT)
			answer_next(r->table, &ctx, reg, info, q);
		else
			answer_set(r, &ctx, reg, info, q);
	}
	pthread_mutex_unlock(&ctx.registry->lock);
	return SNMP_ERR_NOERROR;
}

static int register_table(struct snmp_registration *r)
{
	netsnmp_handler_registration *reg;
	struct mib_oid base;
	oid name[MAX_OID_LEN];
	size_t len;

	mib_table_oid(r->table, &base);
	len = to_net_snmp(&base, name);
	/* The engine knows what may be written. Who may is up to the access control of the master,
	 * or our own when we listen: without any, nobody. */
	reg = netsnmp_create_handler_registration(
		r->table->name, on_request, name, len, HANDLER_CAN_RWRITE);
	if (!reg)
		return log_error(ENOMEM, "Cannot register %s with net-snmp", r->table->name);
	reg->my_reg_void = r;
	/* Frees REG when it fails. */
	if (netsnmp_register_handler(reg) != MIB_REGISTERED_OK)
		return log_error(EEXIST, "Cannot register %s with net-snmp", r->table->name);
	return 0;
}

int snmp_handler_register(struct snmp *s)
{
	oid name[MAX_OID_LEN];
	size_t len = to_net_snmp(&mib_base, name);
	int r;

	s->registrations = calloc(mib_n_tables, sizeof(*s->registrations));
	if (!s->registrations)
		return log_error(ENOMEM, "Cannot register with net-snmp");
	for (size_t i = 0; i < mib_n_tables; i++) {
		/* net-snmp would register scalars around a table twice. */
		if (mib_tables[i]->node)
			continue;
		s->registrations[i] = (struct snmp_registration){ s, mib_tables[i], 0 };
		r = register_table(&s->registrations[i]);
		if (r < 0)
			return r;
	}
	/* Also tells a manager whether we are there at all: net-snmp has no AGENTX-MIB. */
	register_sysORTable(name, len, SNMP_DESCRIPTION);
	return 0;
}
