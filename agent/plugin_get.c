/* SPDX-License-Identifier: ISC */
/* Objects of a running agent, asked for by ftphealth-snmp; and why there are none. */
#include "agent/plugin.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "agent/mib_row.h"
#include "common/util.h"
#include "probes/helper.h"

/* What sysORDescr of an agent of ours begins with, wherever its base is. */
#define MODULE "FTP-AUTH-HEALTH-MIB"

#define HELPER "ftphealth-snmp"
#define HELPER_GRACE_USEC (3 * USEC_PER_SEC) /* it ends by itself when its time is over */

enum { MSEC_MIN = FETCH_TIME_LIMIT_MIN_MS };

struct exchange {
	sd_event *event;
	struct snmp_answer answer;
	bool answered;
	char complaint[HELPER_COMPLAINT_MAX + 1];
};

/* ------------------------------------------------------------------ names */

static const struct mib_table *find_object(const char *name, const struct mib_column **ret)
{
	for (size_t i = 0; i < mib_n_tables; i++)
		for (size_t j = 0; j < mib_tables[i]->n_columns; j++)
			if (strcmp(mib_tables[i]->columns[j].name, name) == 0) {
				*ret = &mib_tables[i]->columns[j];
				return mib_tables[i];
			}
	assert(!"an object that the MIB does not have");
	return NULL;
}

/* The OID of an instance, with its leading digit, not a dot. */
static void write_oid(
	const char *name, const char *target, uint32_t index, char text[SNMP_OID_TEXT_MAX + 1])
{
	const struct mib_column *column;
	const struct mib_table *table = find_object(name, &column);
	struct mib_oid oid;
	size_t used = 0;

	mib_column_oid(table, column, &oid);
	if (table->index == MIB_SCALARS) {
		oid.id[oid.len++] = 0;
	} else if (table->index == MIB_INDEX_NUMBER) {
		oid.id[oid.len++] = index;
	} else {
		oid.id[oid.len++] = (uint32_t)strlen(target);
		for (const char *p = target; *p; p++)
			oid.id[oid.len++] = (unsigned char)*p;
	}
	for (size_t i = 0; i < oid.len; i++)
		used += (size_t)snprintf(text + used, SNMP_OID_TEXT_MAX + 1 - used, "%s%" PRIu32,
			i > 0 ? "." : "", oid.id[i]);
}

static void write_base(char *text, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < mib_base.len && used < size; i++)
		used += (size_t)snprintf(
			text + used, size - used, "%s%" PRIu32, i > 0 ? "." : "", mib_base.id[i]);
}

/* ------------------------------------------------------------------ the exchange */

static void on_done(void *userdata, const struct helper_result *result)
{
	struct exchange *e = userdata;
	char why[FETCH_WHY_SIZE];

	if (!result->answered)
		snprintf(e->complaint, sizeof(e->complaint), "%s",
			result->timed_out ? "it did not end in time" : result->complaint);
	else if (snmp_answer_parse(result->output, result->len, &e->answer, why) < 0)
		snprintf(e->complaint, sizeof(e->complaint), "a bad answer: %.100s", why);
	else
		e->answered = true;
	sd_event_exit(e->event, 0);
}

static int run_helper(const char *request, uint64_t limit_usec, struct exchange *e)
{
	struct helper *helper = NULL;
	int r;

	r = helper_prepare();
	if (r >= 0)
		r = sd_event_new(&e->event);
	if (r >= 0)
		r = helper_start(e->event, HELPER, request, strlen(request),
			limit_usec + HELPER_GRACE_USEC, SNMP_ANSWER_MAX, on_done, e, &helper);
	if (r >= 0)
		r = sd_event_loop(e->event);
	e->event = sd_event_unref(e->event);
	return r;
}

/* ------------------------------------------------------------------ what it means */

/* Why there is no answer. */
static void report_silence(const struct plugin_question *q, const struct snmp_answer *a,
	uint64_t limit_usec, struct plugin_report *report)
{
	plugin_say(report, SERVICE_UNKNOWN, "agent %s: %s%s", q->agent,
		a->state == FETCH_UNREACHABLE ? "not reachable: " : "",
		a->reason[0] ? a->reason : "no answer");
	if (a->state == FETCH_TIMEOUT)
		plugin_add(report, SERVICE_UNKNOWN, " (waited %.3g s)",
			(double)limit_usec / USEC_PER_SEC);
}

/* What the helper complains of is most often what it was told to use. */
static const char *behind_prefix(const char *complaint)
{
	static const char *const prefixes[] = { HELPER ": ", "bad request: " };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (strncmp(complaint, prefixes[i], strlen(prefixes[i])) == 0)
			complaint += strlen(prefixes[i]);
	return complaint;
}

/* Why an agent that answers has none of our objects. */
static void report_stranger(
	const struct plugin_question *q, const struct snmp_answer *a, struct plugin_report *report)
{
	char base[256];

	write_base(base, sizeof(base));
	if (a->module[0] && strcmp(a->module, base) != 0)
		plugin_say(report, SERVICE_UNKNOWN,
			"agent %s: ftphealthd is there, but its base is another: use --oid-base %s",
			q->agent, a->module);
	else if (a->module[0])
		plugin_say(report, SERVICE_UNKNOWN,
			"agent %s: ftphealthd is there, but this community or user may not read %s",
			q->agent, base);
	else
		plugin_say(report, SERVICE_UNKNOWN,
			"agent %s: it answers, but ftphealthd is not there (or hidden from this "
			"community or user): nothing at %s",
			q->agent, base);
}

static void show(const struct plugin_object *objects, size_t n, const char *const *oids,
	unsigned verbose, struct plugin_report *report)
{
	for (size_t i = 0; i < n && verbose >= 2; i++) {
		const struct snmp_value *v = &objects[i].value;

		fputs(objects[i].name, report->more);
		if (verbose >= 3)
			fprintf(report->more, " (%s)", oids[i]);
		if (v->kind == SNMP_NUMBER)
			fprintf(report->more, " = %" PRId64 "\n", v->number);
		else
			fprintf(report->more, " = %s\n", v->kind == SNMP_TEXT ? v->text : "(none)");
	}
}

static int take(const struct plugin_question *q, const struct exchange *e,
	struct plugin_object *objects, size_t n, struct plugin_report *report)
{
	int there = 0;

	if (e->answer.n_values != n) {
		plugin_say(report, SERVICE_UNKNOWN, HELPER " gave %zu values for %zu objects",
			e->answer.n_values, n);
		return -1;
	}
	for (size_t i = 0; i < n; i++) {
		objects[i].value = e->answer.values[i];
		there += objects[i].value.kind != SNMP_MISSING;
	}
	if (there == 0)
		report_stranger(q, &e->answer, report);
	return there;
}

int plugin_get(const struct plugin_question *q, uint32_t index, uint64_t limit_usec,
	struct plugin_object *objects, size_t n, struct plugin_report *report)
{
	static char oids[PLUGIN_OBJECTS_MAX][SNMP_OID_TEXT_MAX + 1];
	uint32_t limit_ms = (uint32_t)(limit_usec / USEC_PER_MSEC);
	struct snmp_request request = {
		.agent = q->agent,
		.time_limit_ms = limit_ms < MSEC_MIN ? MSEC_MIN : limit_ms,
		.file = q->credentials,
		.community = q->community,
		.n_get = n,
		.module = MODULE,
	};
	_cleanup_(freep) char *text = NULL;
	struct exchange e = { .answered = false };
	int r;

	assert(n > 0 && n <= PLUGIN_OBJECTS_MAX);
	for (size_t i = 0; i < n; i++) {
		write_oid(objects[i].name, q->target, index, oids[i]);
		request.get[i] = oids[i];
	}
	r = snmp_request_write(&request, &text);
	if (r >= 0)
		r = run_helper(text, limit_usec, &e);
	if (r < 0)
		plugin_say(report, SERVICE_UNKNOWN, "cannot run " HELPER ": %s", strerror(-r));
	else if (!e.answered)
		plugin_say(report, SERVICE_UNKNOWN, "agent %s cannot be asked: %s", q->agent,
			behind_prefix(e.complaint));
	else if (e.answer.state != FETCH_PRESENT)
		report_silence(q, &e.answer, limit_usec, report);
	else
		r = take(q, &e, objects, n, report);
	if (r < 0 || !e.answered || e.answer.state != FETCH_PRESENT)
		return -1;
	show(objects, n, request.get, q->verbose, report);
	return r;
}
