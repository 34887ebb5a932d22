/* SPDX-License-Identifier: ISC */
/* The evidence part of what `ftphealth check` prints. */
#include <stdio.h>
#include <string.h>

#include "agent/check_output.h"
#include "common/text.h"
#include "common/util.h"

/* 0 and 1 are both "unknown" in struct evidence. */
static const char *setting_word(enum setting setting)
{
	return setting_label(setting ? setting : SETTING_UNKNOWN);
}

static const char *presence_word(enum presence presence)
{
	return presence_label(presence ? presence : PRESENCE_UNKNOWN);
}

static const char *web_word(enum web_service web)
{
	static const char *const words[] = { "unknown", "running", "notListed", "absent" };

	return words[web];
}

/* Foreign text, printable. */
static const char *printable(const char *text, char buffer[256])
{
	text_escape(buffer, 256, text, strlen(text));
	return buffer;
}

/* ------------------------------------------------------------------ for a person */

static void print_facts(
	FILE *f, const struct check_result *r, enum evidence_item item, const struct evidence *e)
{
	char buffer[256];

	switch (item) {
	case ITEM_MODULE:
		fprintf(f, "%s (%s)", presence_word(e->module),
			printable(r->evidence->module_path, buffer));
		break;
	case ITEM_SETTING:
		fprintf(f, "synchronization %s, anonymous access %s%s", setting_word(e->sync),
			setting_word(e->anonymous),
			e->anonymous_only == SETTING_ENABLED ? ", and nothing else" : "");
		if (*e->account)
			fprintf(f, ", account %s", printable(e->account, buffer));
		break;
	case ITEM_LOG:
		if (e->win32)
			fprintf(f, "our login was refused with code %u", e->win32);
		else
			fprintf(f, "nothing on a refusal of ours");
		break;
	default:
		fprintf(f, "web service %s%s%s", web_word(e->web),
			e->others_fail ? ", others fail too" : "",
			e->restarted ? ", restarted" : "");
	}
}

void check_print_evidence(const struct check_result *r, FILE *f)
{
	for (enum evidence_item i = 0; r->evidence && i < EVIDENCE_ITEMS; i++) {
		const struct evidence_state *s = &r->evidence->items[i];

		if (!evidence_source_has(r->target->evidence, i))
			continue;
		fprintf(f, "evidence: %s: ", evidence_item_words(i));
		if (s->result == EVIDENCE_OK)
			print_facts(f, r, i, &s->facts);
		else
			fprintf(f, "%s: %s", evidence_result_label(s->result), s->reason);
		putc('\n', f);
	}
}

/* ------------------------------------------------------------------ JSON */

static void add_facts(json_t *object, const struct check_result *r, enum evidence_item item,
	const struct evidence *e)
{
	char buffer[256];

	switch (item) {
	case ITEM_MODULE:
		json_object_set_new(object, "presence", json_string(presence_word(e->module)));
		json_object_set_new(
			object, "path", json_string(printable(r->evidence->module_path, buffer)));
		json_object_set_new(object, "sha256", json_string(r->evidence->module_sha256));
		break;
	case ITEM_SETTING:
		json_object_set_new(object, "sync", json_string(setting_word(e->sync)));
		json_object_set_new(object, "anonymous", json_string(setting_word(e->anonymous)));
		json_object_set_new(
			object, "anonymous_only", json_string(setting_word(e->anonymous_only)));
		json_object_set_new(object, "account", json_string(printable(e->account, buffer)));
		break;
	case ITEM_LOG:
		json_object_set_new(object, "win32", json_integer(e->win32));
		json_object_set_new(object, "substatus", json_integer(e->substatus));
		break;
	default:
		json_object_set_new(object, "web_service", json_string(web_word(e->web)));
		json_object_set_new(object, "others_fail", json_boolean(e->others_fail));
	}
}

static json_t *json_item(const struct check_result *r, enum evidence_item item)
{
	const struct evidence_state *s = &r->evidence->items[item];
	uint64_t now = now_usec(CLOCK_REALTIME);
	json_t *object = json_object();

	json_object_set_new(object, "result",
		json_string(evidence_result_label(s->result ? s->result : EVIDENCE_NEVER)));
	json_object_set_new(object, "reason", json_string(s->reason));
	json_object_set_new(object, "age_s",
		s->good_time == 0
			? json_null()
			: json_integer(now > s->good_time
					  ? (json_int_t)((now - s->good_time) / USEC_PER_SEC)
					  : 0));
	add_facts(object, r, item, &s->facts);
	return object;
}

json_t *check_json_evidence(const struct check_result *r)
{
	json_t *all = json_object();

	for (enum evidence_item i = 0; r->evidence && i < EVIDENCE_ITEMS; i++)
		if (evidence_source_has(r->target->evidence, i))
			json_object_set_new(all, evidence_item_key(i), json_item(r, i));
	return all;
}
