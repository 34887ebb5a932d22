/* SPDX-License-Identifier: ISC */
/* What `ftphealth check` prints of what followed the login. */
#include <stdio.h>
#include <string.h>

#include "agent/check_output.h"
#include "common/util.h"

enum { SESSION_LINE_MAX = 512 };

const struct session_facts *check_session(const struct check_result *r)
{
	return r->observation->session ? &r->observation->session->facts : NULL;
}

bool check_session_is_bad(const struct check_result *r)
{
	const struct session_facts *f = check_session(r);

	return f && session_is_bad(f);
}

/* "list /pub", as it was wanted. */
static void format_command(const struct check_result *r, char *buffer, size_t size)
{
	const struct after_settings *s = after_settings_of(r->target->after);

	snprintf(buffer, size, "%s%s%s", session_command_label(s->command), s->path ? " " : "",
		s->path ? s->path : "");
}

/* What it came to: the reply that decided, or what happened in its place. */
static void format_result(const struct session_facts *f, char *buffer, size_t size)
{
	if (f->result == SESSION_OK && f->command != SESSION_PWD)
		snprintf(buffer, size, "%llu octets%s", (unsigned long long)f->octets,
			f->truncated ? " and more" : "");
	else if (*f->detail)
		snprintf(buffer, size, "%s", f->detail);
	else if (f->code != 0)
		snprintf(buffer, size, "%d %s", f->code, f->text);
	else
		snprintf(buffer, size, "%s", session_result_label(f->result));
}

void check_print_session(const struct check_result *r, FILE *f)
{
	const struct session_facts *facts = check_session(r);
	char command[SESSION_LINE_MAX], result[SESSION_LINE_MAX];

	if (!facts)
		return;
	format_command(r, command, sizeof(command));
	format_result(facts, result, sizeof(result));
	for (char *bar = result; (bar = strchr(bar, '|')) != NULL;)
		*bar = '/'; /* it begins the perfdata */
	for (char *bar = command; (bar = strchr(bar, '|')) != NULL;)
		*bar = '/';
	fprintf(f, "; %s%s: %s", command,
		facts->result == SESSION_OK                       ? ""
			: facts->result == SESSION_INTERNAL_ERROR ? " could not be tried"
								  : " fails",
		result);
}

/* The moments that are timed, in the order in which they come. */
static const struct {
	const char *name;
	size_t offset;
} moments[] = {
	{ "passive", offsetof(struct session_facts, passive_usec) },
	{ "data", offsetof(struct session_facts, data_usec) },
	{ "first", offsetof(struct session_facts, first_usec) },
	{ "session", offsetof(struct session_facts, total_usec) },
};

static uint64_t moment(const struct session_facts *f, size_t i)
{
	return *(const uint64_t *)(const void *)((const char *)f + moments[i].offset);
}

void check_print_session_times(const struct check_result *r, FILE *f)
{
	const struct session_facts *facts = check_session(r);

	if (!facts)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(moments); i++)
		fprintf(f, " %s=%.6fs;;;0", moments[i].name,
			(double)moment(facts, i) / USEC_PER_SEC);
	fprintf(f, " octets=%lluB;;;0", (unsigned long long)facts->octets);
}

void check_print_session_dialogue(const struct check_result *r, uint64_t start_usec, FILE *f)
{
	const struct session_facts *facts = check_session(r);
	const struct session_record *record = r->observation->session;
	const char *path = after_settings_of(r->target->after)->path, *latest = "";
	uint64_t at = start_usec;
	char line[2 * SESSION_LINE_MAX], result[SESSION_LINE_MAX];

	if (!facts)
		return;
	for (size_t i = 0; i < record->n_replies; i++) {
		const struct session_reply *reply = &record->replies[i];
		bool data = strcmp(reply->said, "LIST") == 0 || strcmp(reply->said, "RETR") == 0;

		if (strcmp(reply->said, latest) != 0) {
			snprintf(line, sizeof(line), "%s%s%s", reply->said, data && path ? " " : "",
				data && path ? path : "");
			check_print_at(f, at, ">", line);
		}
		latest = reply->said;
		at = start_usec + reply->at_usec;
		snprintf(line, sizeof(line), "%d %s", reply->code, reply->text);
		check_print_at(f, at, "<", line);
	}
	format_result(facts, result, sizeof(result));
	snprintf(line, sizeof(line), "%s: %s", session_result_label(facts->result), result);
	check_print_at(f, start_usec + facts->total_usec, "=", line);
	if (*facts->sha256)
		fprintf(f, "sha256: %s\n", facts->sha256);
}

static json_t *json_moments(const struct session_facts *f)
{
	json_t *timing = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(moments); i++)
		json_object_set_new(
			timing, moments[i].name, json_integer((json_int_t)moment(f, i)));
	return timing;
}

static json_t *json_replies(const struct session_record *record)
{
	json_t *list = json_array();

	for (size_t i = 0; i < record->n_replies; i++) {
		const struct session_reply *reply = &record->replies[i];

		json_array_append_new(list,
			json_pack("{s:s, s:i, s:s, s:I}", "command", reply->said, "code",
				reply->code, "text", reply->text, "at_us",
				(json_int_t)reply->at_usec));
	}
	return list;
}

json_t *check_json_session(const struct check_result *r)
{
	const struct session_facts *f = check_session(r);
	const struct after_settings *s = after_settings_of(r->target->after);
	json_t *root = json_pack("{s:s, s:s, s:s}", "command", session_command_label(s->command),
		"path", s->path ? s->path : "", "result",
		session_result_label(f ? f->result : SESSION_NOT_RUN));

	if (!root || !f)
		return root;
	json_object_set_new(root, "reply_code", json_integer(f->code));
	json_object_set_new(root, "reply_text", json_string(f->text));
	json_object_set_new(root, "detail", json_string(f->detail));
	json_object_set_new(root, "octets", json_integer((json_int_t)f->octets));
	json_object_set_new(root, "truncated", json_boolean(f->truncated));
	json_object_set_new(root, "sha256", json_string(f->sha256));
	json_object_set_new(root, "address", json_string(f->address));
	json_object_set_new(root, "port", json_integer(f->port));
	json_object_set_new(root, "replies", json_replies(r->observation->session));
	json_object_set_new(root, "timing_us", json_moments(f));
	return root;
}
