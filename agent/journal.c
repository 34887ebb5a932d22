/* SPDX-License-Identifier: ISC */
/* Events in the log. */
#include "agent/journal.h"

#include <stdio.h>

#include "agent/mib.h"
#include "common/log.h"
#include "common/util.h"

enum { FIELD_MAX = 320, FIELDS = 9 };

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

void journal_event(
	const struct registry *registry, const struct event *event, const struct target *target)
{
	char fields[FIELDS][FIELD_MAX], text[TARGET_REPLY_MAX + 1];
	const char *list[FIELDS + 1] = { NULL };
	size_t n = 0;

	event_text(registry, event, target, text, sizeof(text));
	snprintf(fields[n++], FIELD_MAX, "FTPHEALTH_NOTIFICATION=%s",
		mib_notification(event->kind)->name);
	snprintf(fields[n++], FIELD_MAX, "FTPHEALTH_SEQUENCE=%u", event->sequence);
	if (target) {
		snprintf(fields[n++], FIELD_MAX, "FTPHEALTH_TARGET=%s", target->config.name);
		snprintf(fields[n++], FIELD_MAX, "FTPHEALTH_HOST=%s", target->config.host);
		snprintf(fields[n++], FIELD_MAX, "FTPHEALTH_ALARM=%u", event->alarm);
		snprintf(fields[n++], FIELD_MAX, "FTPHEALTH_STATE=%s", state_label(event->to));
		snprintf(fields[n++], FIELD_MAX, "FTPHEALTH_REPLY_CODE=%d", target->reply_code);
		snprintf(fields[n++], FIELD_MAX, "FTPHEALTH_DIAGNOSIS=%s",
			diagnosis_info(target->diagnosis)->label);
		snprintf(fields[n++], FIELD_MAX, "FTPHEALTH_RULE=%s",
			target->rule ? target->rule : "");
	}
	for (size_t i = 0; i < n; i++)
		list[i] = fields[i];
	log_write(level_of(event->severity), 0, list, "%s%s%s", target ? target->config.name : "",
		target ? ": " : "", text);
}
