/* SPDX-License-Identifier: ISC */
/* Ages, times and labels as the commands print them. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/cli_view.h"
#include "agent/mib.h"
#include "common/util.h"

const char *cli_age(const struct cli_view *v, uint64_t time, char buffer[CLI_WORD_SIZE])
{
	/* A time that lies ahead: the clock was set back. */
	uint64_t s = v->now > time ? (v->now - time) / USEC_PER_SEC : 0;

	if (time == 0)
		snprintf(buffer, CLI_WORD_SIZE, "-");
	else if (s < 60)
		snprintf(buffer, CLI_WORD_SIZE, "%us", (unsigned)s);
	else if (s < 3600)
		snprintf(buffer, CLI_WORD_SIZE, "%um", (unsigned)(s / 60));
	else if (s < 86400 && s / 60 % 60 > 0)
		snprintf(buffer, CLI_WORD_SIZE, "%uh %um", (unsigned)(s / 3600),
			(unsigned)(s / 60 % 60));
	else if (s < 86400)
		snprintf(buffer, CLI_WORD_SIZE, "%uh", (unsigned)(s / 3600));
	else
		snprintf(buffer, CLI_WORD_SIZE, "%ud", (unsigned)(s / 86400));
	return buffer;
}

const char *cli_time(uint64_t time, char buffer[CLI_WORD_SIZE])
{
	time_t seconds = (time_t)(time / USEC_PER_SEC);
	struct tm tm;

	if (time == 0 || !localtime_r(&seconds, &tm) ||
		strftime(buffer, CLI_WORD_SIZE, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		snprintf(buffer, CLI_WORD_SIZE, "-");
	return buffer;
}

const char *cli_duration(uint32_t usec, char buffer[CLI_WORD_SIZE])
{
	if (usec < 10 * USEC_PER_SEC)
		snprintf(buffer, CLI_WORD_SIZE, "%.1fms", (double)usec / USEC_PER_MSEC);
	else
		snprintf(buffer, CLI_WORD_SIZE, "%.1fs", (double)usec / USEC_PER_SEC);
	return buffer;
}

/* ------------------------------------------------------------------ --since */

/* A number and its unit. */
static bool parse_span(const char *text, uint64_t *ret_s)
{
	static const struct {
		char unit;
		unsigned seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 } };
	unsigned long n;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	n = strtoul(text, &end, 10);
	if (n > 1000000)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (end[0] == units[i].unit && !end[1]) {
			*ret_s = (uint64_t)n * units[i].seconds;
			return true;
		}
	return false;
}

bool cli_parse_since(const char *text, uint64_t now, uint64_t *ret)
{
	static const char *const formats[] = { "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S",
		"%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S" };
	uint64_t span;

	if (parse_span(text, &span)) {
		*ret = now > span * USEC_PER_SEC ? now - span * USEC_PER_SEC : 1;
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		struct tm tm = { .tm_isdst = -1 };
		const char *end = strptime(text, formats[i], &tm);
		int day = tm.tm_mday;
		time_t seconds;

		if (!end || *end)
			continue;
		seconds = mktime(&tm);
		/* mktime() makes 1 March of 30 February. */
		if (seconds < 1 || tm.tm_mday != day)
			return false;
		*ret = (uint64_t)seconds * USEC_PER_SEC;
		return true;
	}
	return false;
}

/* ------------------------------------------------------------------ labels */

enum cli_tone cli_state_tone(enum state state)
{
	static const enum cli_tone tones[] = {
		[SERVICE_OK] = TONE_GOOD,
		[SERVICE_WARNING] = TONE_WARNING,
		[SERVICE_CRITICAL] = TONE_BAD,
		[SERVICE_UNKNOWN] = TONE_DIM,
	};

	return tones[state_service(state)];
}

enum cli_tone cli_severity_tone(enum severity severity)
{
	switch (severity) {
	case SEVERITY_CLEARED:
		return TONE_GOOD;
	case SEVERITY_WARNING:
	case SEVERITY_MINOR:
		return TONE_WARNING;
	case SEVERITY_MAJOR:
	case SEVERITY_CRITICAL:
		return TONE_BAD;
	default:
		return TONE_PLAIN;
	}
}

const char *cli_label(const char *label)
{
	return label ? label : "-";
}

const char *cli_alarm_label(enum alarm_kind kind)
{
	switch (kind) {
	case ALARM_REFUSED:
		return "loginRefused";
	case ALARM_UNREACHABLE:
		return "unreachable";
	case ALARM_AT_RISK:
		return "atRisk";
	case ALARM_CERTIFICATE:
		return "certificate";
	case ALARM_DEGRADED:
		return "degraded";
	case ALARM_MASS:
		return "mass";
	default:
		return NULL;
	}
}

const char *cli_event_label(enum event_kind kind, char buffer[CLI_WORD_SIZE])
{
	static const char prefix[] = "ftpAuth";

	if ((unsigned)kind >= EVENT_END)
		return NULL;
	snprintf(buffer, CLI_WORD_SIZE, "%s", mib_notification(kind)->name + strlen(prefix));
	buffer[0] = (char)tolower((unsigned char)buffer[0]);
	return buffer;
}

void cli_add_code(struct cli_table *t, int code)
{
	if (code != 0)
		cli_table_addf(t, TONE_PLAIN, "%d", code);
	else
		cli_table_add(t, "-", TONE_PLAIN);
}

const char *cli_cause(enum diagnosis diagnosis)
{
	const struct diagnosis_info *info = diagnosis_info(diagnosis);

	return info && diagnosis != DIAG_NONE ? info->label : "-";
}

/* ------------------------------------------------------------------ JSON */

json_t *cli_json_time(uint64_t time)
{
	time_t seconds = (time_t)(time / USEC_PER_SEC);
	char buffer[48];
	struct tm tm;

	if (time == 0 || !gmtime_r(&seconds, &tm))
		return json_null();
	snprintf(buffer, sizeof(buffer), "%04d-%02d-%02dT%02d:%02d:%02d.%03uZ", tm.tm_year + 1900,
		tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		(unsigned)(time / USEC_PER_MSEC % 1000));
	return json_string(buffer);
}

json_t *cli_json_label(const char *label)
{
	return label ? json_string(label) : json_null();
}

json_t *cli_json_number(uint32_t number)
{
	return number ? json_integer(number) : json_null();
}

int cli_print_json(json_t *object)
{
	if (!object)
		return -ENOMEM;
	/* What cannot be written is told by cli_view_end(). */
	json_dumpf(object, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(object);
	return 0;
}
