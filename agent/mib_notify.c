/* SPDX-License-Identifier: ISC */
/* Notifications: which objects each carries, and the values they had when it happened. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/util.h"
#include "agent/mib_row.h"

enum {
	NOTIFY_HOST_MAX = 160,
};

/* ------------------------------------------------------------------ ftpAuthNotifyInfo */

static MIB_GETTER(get_sequence)
{
	ret->unsigned32 = ctx->event->sequence;
}

static MIB_GETTER(get_alarm)
{
	ret->unsigned32 = ctx->event->alarm;
}

static MIB_GETTER(get_severity)
{
	ret->integer = (int32_t)ctx->event->severity;
}

static MIB_GETTER(get_name)
{
	mib_set_text(column, ctx, ctx->target ? ctx->target->config.name : NULL, ret);
}

/* A name too long is cut, the port is not. */
static MIB_GETTER(get_host)
{
	const struct target *t = ctx->target;
	const char *open = "", *close = "";

	ctx->scratch[0] = '\0';
	if (t) {
		if (strchr(t->config.host, ':')) {
			open = "[";
			close = "]";
		}
		snprintf(ctx->scratch, sizeof(ctx->scratch), "%s%.*s%s:%u", open,
			NOTIFY_HOST_MAX - (int)strlen("[]:65535"), t->config.host, close,
			t->config.port);
	}
	mib_set_text(column, ctx, ctx->scratch, ret);
}

static MIB_GETTER(get_from)
{
	ret->integer = (int32_t)ctx->event->from;
}

static MIB_GETTER(get_to)
{
	ret->integer = (int32_t)ctx->event->to;
}

static MIB_GETTER(get_text)
{
	event_text(ctx->registry, ctx->event, ctx->target, ctx->scratch, NOTIFY_TEXT_MAX + 1);
	mib_set_text(column, ctx, ctx->scratch, ret);
}

static MIB_GETTER(get_sync_from)
{
	enum setting from = ctx->event->sync_from;

	ret->integer = from ? (int32_t)from : SETTING_UNKNOWN;
}

static bool is_mass(enum event_kind kind)
{
	return kind == EVENT_MASS_FAILURE || kind == EVENT_MASS_RECOVERED;
}

static MIB_GETTER(get_count)
{
	ret->unsigned32 =
		is_mass(ctx->event->kind) ? ctx->event->count : (uint32_t)ctx->registry->n_targets;
}

/* clang-format off */
#define INFO(num, label, smi, base, size, getter) \
	{ \
		.number = (num), .name = (label), .syntax = (smi), .type = (base), \
		.access = MIB_NOTIFY_ONLY, .max = (size), .get = (getter) \
	}
#define ADMIN_STRING "SnmpAdminString"

enum { SEQUENCE = 1, ALARM, SEVERITY, NAME, HOST, FROM, TO, TEXT, SYNC_FROM, COUNT };

static const struct mib_column columns[] = {
	INFO(SEQUENCE, "ftpAuthNotifySequence", "Unsigned32", MIB_UNSIGNED, 0, get_sequence),
	INFO(ALARM,    "ftpAuthNotifyAlarm",    "Unsigned32", MIB_UNSIGNED, 0, get_alarm),
	INFO(SEVERITY, "ftpAuthNotifySeverity", "FtpAuthSeverity", MIB_INTEGER, 0, get_severity),
	INFO(NAME,     "ftpAuthNotifyName",     ADMIN_STRING, MIB_STRING, 64, get_name),
	INFO(HOST,     "ftpAuthNotifyHost",     ADMIN_STRING, MIB_STRING, NOTIFY_HOST_MAX, get_host),
	INFO(FROM,     "ftpAuthNotifyFrom",     "FtpAuthState", MIB_INTEGER, 0, get_from),
	INFO(TO,       "ftpAuthNotifyTo",       "FtpAuthState", MIB_INTEGER, 0, get_to),
	INFO(TEXT,     "ftpAuthNotifyText",     ADMIN_STRING, MIB_STRING, NOTIFY_TEXT_MAX, get_text),
	INFO(SYNC_FROM, "ftpAuthNotifySyncFrom", "FtpAuthSetting", MIB_INTEGER, 0, get_sync_from),
	INFO(COUNT,    "ftpAuthNotifyCount",    "Gauge32", MIB_UNSIGNED, 0, get_count),
};
/* clang-format on */

const struct mib_table mib_notify_info = {
	.name = "ftpAuthNotifyInfo",
	.arc = 15,
	.index = MIB_SCALARS,
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
	.count = mib_one,
	.row = mib_registry,
};

/* ------------------------------------------------------------------ the notifications */

/* clang-format off */
#define I(number) { &mib_notify_info, (number) }
#define S(number) { &mib_status, (number) }
#define E(number) { &mib_evidence, (number) }
#define C(number) { &mib_tls, (number) }
#define D(number) { &mib_session, (number) }
#define T(number) { &mib_summary, (number) }
#define V(number) { &mib_agent, (number) }

/* The first eight are the same in all of them: receivers go by position. New ones are appended. */
#define COMMON I(NAME), I(HOST), I(SEVERITY), I(FROM), I(TO), I(TEXT), I(SEQUENCE), I(ALARM)
/* Diagnosis, ReplyCode, ReplyText, FailStreak, Since, Remedy, Reference */
#define PROBE COMMON, S(3), S(6), S(7), S(19), S(12), S(24), S(25)
/* EvidenceModule, EvidenceSync, EvidenceModulePath */
#define EVIDENCE PROBE, E(6), E(10), E(7)
/* TlsDaysLeft, TlsSubject */
#define CERTIFICATE PROBE, C(4), C(1)
/* SessionResult, SessionReplyCode, SessionReplyText */
#define SESSION PROBE, D(3), D(4), D(5)
/* Count, Total, Ok, AtRisk, Refused, Unreachable, AgentVersion */
#define AGENT COMMON, I(COUNT), T(3), T(4), T(5), T(7), T(8), V(1)

static const struct mib_notification notifications[EVENT_END] = {
	[EVENT_LOGIN_REFUSED] = { "ftpAuthLoginRefused", "the server refuses the login",
		1, 15, { PROBE } },
	[EVENT_LOGIN_RECOVERED] = { "ftpAuthLoginRecovered", "the login works again",
		2, 15, { PROBE } },
	[EVENT_UNREACHABLE] = { "ftpAuthUnreachable", "there is no FTP dialogue with the server",
		3, 15, { PROBE } },
	[EVENT_REACHABLE] = { "ftpAuthReachable", "the server answers again",
		4, 15, { PROBE } },
	[EVENT_AT_RISK] = { "ftpAuthAtRisk", "the login works, but will stop",
		7, 18, { EVIDENCE } },
	[EVENT_AT_RISK_CLEARED] = { "ftpAuthAtRiskCleared", "the login is no longer at risk",
		8, 18, { EVIDENCE } },
	[EVENT_SYNC_CHANGED] = { "ftpAuthSyncChanged", "password synchronization was turned on or off",
		9, 19, { EVIDENCE, I(SYNC_FROM) } },
	[EVENT_CERT_EXPIRING] = { "ftpAuthCertExpiring", "the certificate of the server ends soon",
		12, 17, { CERTIFICATE } },
	[EVENT_CERT_RENEWED] = { "ftpAuthCertRenewed", "the certificate of the server was renewed",
		13, 17, { CERTIFICATE } },
	[EVENT_DEGRADED] = { "ftpAuthDegraded", "the login works, but what follows it fails",
		10, 18, { SESSION } },
	[EVENT_DEGRADED_CLEARED] = { "ftpAuthDegradedCleared", "what follows the login works again",
		11, 18, { SESSION } },
	[EVENT_MASS_FAILURE] = { "ftpAuthMassFailure", "many servers fail at once",
		14, 15, { AGENT } },
	[EVENT_MASS_RECOVERED] = { "ftpAuthMassRecovered", "the mass failure is over",
		15, 15, { AGENT } },
	[EVENT_HEARTBEAT] = { "ftpAuthHeartbeat", "the agent is alive",
		19, 15, { AGENT } },
	[EVENT_AGENT_STARTED] = { "ftpAuthAgentStarted", "the agent started",
		16, 15, { AGENT } },
	[EVENT_AGENT_STOPPING] = { "ftpAuthAgentStopping", "the agent is stopping",
		17, 15, { AGENT } },
};
/* clang-format on */

const struct mib_notification *mib_notification(enum event_kind kind)
{
	assert(kind < EVENT_END);
	return &notifications[kind];
}

const struct mib_notification *mib_notification_of(uint32_t arc)
{
	for (size_t i = 0; i < ARRAY_SIZE(notifications); i++)
		if (notifications[i].arc == arc)
			return &notifications[i];
	return NULL;
}

/* ------------------------------------------------------------------ notices */

/* Reads the values of N; strings go to TEXT (NOTICE_TEXT_MAX octets). */
static void read_values(struct mib_context *ctx, const struct mib_notification *n,
	struct mib_value values[], char *text)
{
	size_t used = 0;

	for (size_t i = 0; i < n->n_objects; i++) {
		const struct mib_object *o = &n->objects[i];
		const struct mib_column *column = mib_column(o->table, o->column);
		const void *row = ctx->registry;
		struct mib_value *v = &values[i];

		if (o->table->index != MIB_SCALARS)
			row = ctx->target;
		assert(column && row);
		v->type = column->type;
		column->get(column, row, ctx, v);
		if (v->type != MIB_STRING)
			continue;
		assert(v->string.len <= column->max && used + v->string.len <= NOTICE_TEXT_MAX);
		memcpy(text + used, v->string.bytes, v->string.len);
		v->string.bytes = text + used;
		used += v->string.len;
	}
}

int notice_make(const struct mib_notification *notification, const struct mib_value *values,
	struct notice **ret)
{
	size_t size = notification->n_objects * sizeof(values[0]), len = 0;
	struct notice *n;
	char *behind;

	for (size_t i = 0; i < notification->n_objects; i++)
		if (values[i].type == MIB_STRING)
			len += values[i].string.len;
	n = calloc(1, sizeof(*n) + size + len);
	if (!n)
		return -ENOMEM;
	n->notification = notification;
	memcpy(n->values, values, size);
	behind = (char *)n->values + size;
	for (size_t i = 0; i < notification->n_objects; i++) {
		struct mib_value *v = &n->values[i];

		if (v->type != MIB_STRING)
			continue;
		memcpy(behind, v->string.bytes, v->string.len);
		v->string.bytes = behind;
		behind += v->string.len;
	}
	*ret = n;
	return 0;
}

int notice_new(struct registry *r, const struct event *event, const struct target *target,
	struct notice **ret)
{
	const struct mib_notification *notification = mib_notification(event->kind);
	struct mib_context ctx = {
		.registry = r,
		.now_usec = now_usec(CLOCK_MONOTONIC),
		.now_time = now_usec(CLOCK_REALTIME),
		.event = event,
		.target = target,
	};
	struct mib_value values[ARRAY_SIZE(notification->objects)];
	char text[NOTICE_TEXT_MAX];
	struct notice *n;
	int result;

	read_values(&ctx, notification, values, text);
	result = notice_make(notification, values, &n);
	if (result < 0)
		return result;
	n->sequence = event->sequence;
	n->alarm = event->alarm;
	n->clears = event->alarm != 0 && event->severity == SEVERITY_CLEARED;
	n->row = target ? target->index : 0;
	*ret = n;
	return 0;
}

void notice_object_oid(const struct notice *n, size_t i, struct mib_oid *ret)
{
	const struct mib_object *o = &n->notification->objects[i];

	mib_column_oid(o->table, mib_column(o->table, o->column), ret);
	ret->id[ret->len++] = o->table->index == MIB_SCALARS ? 0 : n->row;
}

void notice_oid(const struct notice *n, struct mib_oid *ret)
{
	mib_notification_oid(n->notification, ret);
}
