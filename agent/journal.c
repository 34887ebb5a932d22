/* SPDX-License-Identifier: ISC */
/* Events in the log. */
#include "agent/journal.h"

#include <assert.h>
#include <stdio.h>

#include "agent/mib.h"
#include "common/log.h"
#include "common/util.h"

enum { FIELD_MAX = 320, FIELDS = 14 };

/* Made once with systemd-id128(1) and never changed: what an administrator filters by, and what
 * dist/ftphealth.catalog explains. */
const char *journal_message_id(enum event_kind kind)
{
	/* clang-format off */
	static const char *const ids[EVENT_END] = {
		[EVENT_LOGIN_REFUSED] =   "7df69b16fe374f658b6085495a2a94c0",
		[EVENT_LOGIN_RECOVERED] = "2471aa44fc474f1cb96553a21022c370",
		[EVENT_UNREACHABLE] =     "10d2cc4c973d40e0b8f2143986eaf93e",
		[EVENT_REACHABLE] =       "921a0981ccb94eb79ab3857cb18d0f15",
		[EVENT_AT_RISK] =         "f9b53be8cbd7471e95c93d5c7a475af0",
		[EVENT_AT_RISK_CLEARED] = "33cae3181a514ac6aa5757947f2d4510",
		[EVENT_SYNC_CHANGED] =    "879a94595c044c23a821d53b1fef95e0",
		[EVENT_CERT_EXPIRING] =   "8bed076f196f443db9a45903e8e105e7",
		[EVENT_CERT_RENEWED] =    "431d7176efd44292b78c9d39e17aa84d",
		[EVENT_DEGRADED] =        "a837f17ca8b74a658ef52bdd69c584bc",
		[EVENT_DEGRADED_CLEARED] = "077a74fe53394b5faf56eccebdf038ed",
		[EVENT_MASS_FAILURE] =    "ff2ff4c405fe45b8a21709112af95206",
		[EVENT_MASS_RECOVERED] =  "cfbc6b8b7d6c486da4490706cad0fa5b",
		[EVENT_HEARTBEAT] =       "30b65b2bd7004bec840d2ff33b036108",
		[EVENT_AGENT_STARTED] =   "93ba9b709e7b4ad985566530bc5a37f0",
		[EVENT_AGENT_STOPPING] =  "87a2ecfd9078470f8842a588c8d2fc6b",
	};
	/* clang-format on */

	assert(kind < EVENT_END);
	return ids[kind];
}

static int level_of(enum severity severity)
{
	static const int levels[SEVERITY_END] = {
		[SEVERITY_CLEARED] = LOG_NOTICE,
		[SEVERITY_INDETERMINATE] = LOG_INFO,
		[SEVERITY_WARNING] = LOG_WARNING,
		[SEVERITY_MINOR] = LOG_WARNING,
		[SEVERITY_MAJOR] = LOG_ERR,
		[SEVERITY_CRITICAL] = LOG_CRIT,
	};

	return levels[severity];
}

/* The fields of one message. */
struct fields {
	char text[FIELDS][FIELD_MAX];
	size_t n;
};

static void add_text(struct fields *f, const char *name, const char *value)
{
	assert(f->n < FIELDS);
	snprintf(f->text[f->n++], FIELD_MAX, "%s=%s", name, value ? value : "");
}

static void add_number(struct fields *f, const char *name, uint32_t value)
{
	assert(f->n < FIELDS);
	snprintf(f->text[f->n++], FIELD_MAX, "%s=%u", name, value);
}

static void add_target(struct fields *f, const struct event *event, const struct target *t)
{
	add_text(f, "FTPHEALTH_TARGET", t->config.name);
	add_text(f, "FTPHEALTH_HOST", t->config.host);
	add_number(f, "FTPHEALTH_ALARM", event->alarm);
	add_text(f, "FTPHEALTH_STATE", state_label(event->to));
	add_number(f, "FTPHEALTH_REPLY_CODE", (uint32_t)t->reply_code);
	add_text(f, "FTPHEALTH_REPLY_TEXT", t->reply_text);
	add_text(f, "FTPHEALTH_DIAGNOSIS", diagnosis_info(t->diagnosis)->label);
	add_number(f, "FTPHEALTH_CONFIDENCE", t->confidence);
	add_text(f, "FTPHEALTH_REMEDY", t->remedy);
	add_text(f, "FTPHEALTH_REFERENCE", t->reference);
	add_text(f, "FTPHEALTH_RULE", t->rule);
}

void journal_event(
	struct registry *registry, const struct event *event, const struct target *target)
{
	struct fields f = { .n = 0 };
	char text[TARGET_REPLY_MAX + 1];
	const char *list[FIELDS + 1] = { NULL };

	event_text(registry, event, target, text, sizeof(text));
	add_text(&f, "MESSAGE_ID", journal_message_id(event->kind));
	add_text(&f, "FTPHEALTH_NOTIFICATION", mib_notification(event->kind)->name);
	add_number(&f, "FTPHEALTH_SEQUENCE", event->sequence);
	if (target)
		add_target(&f, event, target);
	else if (event->alarm)
		add_number(&f, "FTPHEALTH_ALARM", event->alarm);
	for (size_t i = 0; i < f.n; i++)
		list[i] = f.text[i];
	log_write(level_of(event->severity), 0, list, "%s%s%s", target ? target->config.name : "",
		target ? ": " : "", text);
}

/* What ORDER asks for, as a sentence without its subject. */
static void order_words(const struct order *order, char *buffer, size_t size)
{
	static const char *const admins[] = {
		[ADMIN_ENABLED] = "is to be watched",
		[ADMIN_MAINTENANCE] = "is in maintenance: its notifications are held back",
		[ADMIN_DISABLED] = "is not to be probed any more",
	};
	static const char *const settings[] = {
		[ORDER_NOTIFY_ENABLE] = "ftpAuthNotifyEnable",
		[ORDER_NOTIFY_MIN_INTERVAL] = "ftpAuthNotifyMinInterval",
		[ORDER_NOTIFY_REPEAT] = "ftpAuthNotifyRepeat",
		[ORDER_NOTIFY_HEARTBEAT] = "ftpAuthNotifyHeartbeat",
		[ORDER_NOTIFY_STORM] = "ftpAuthNotifyStorm",
	};

	switch (order->kind) {
	case ORDER_ADMIN:
		snprintf(buffer, size, "%s", admins[order->value]);
		break;
	case ORDER_PROBE_NOW:
		snprintf(buffer, size, "is to be probed now");
		break;
	case ORDER_SETTING:
		if (order->setting == ORDER_NOTIFY_ENABLE)
			snprintf(buffer, size, "notifications are turned %s",
				order->value ? "on" : "off");
		else
			snprintf(buffer, size, "%s is %u now", settings[order->setting],
				order->value);
		break;
	}
}

void journal_order(const struct order *order, const struct target *target)
{
	struct fields f = { .n = 0 };
	char words[128];
	const char *list[3] = { NULL };

	order_words(order, words, sizeof(words));
	add_text(&f, "FTPHEALTH_ORDERED_BY", order->by);
	if (target)
		add_text(&f, "FTPHEALTH_TARGET", target->config.name);
	for (size_t i = 0; i < f.n; i++)
		list[i] = f.text[i];
	log_write(LOG_NOTICE, 0, list, "%s%s%s, ordered over SNMP by %s",
		target ? target->config.name : "", target ? " " : "", words,
		order->by[0] ? order->by : "a manager of the master agent");
}
