/* SPDX-License-Identifier: ISC */
/* What is asked after a login in defaults, groups and targets, and the same keys as options of a
 * command. */
#include "agent/config_private.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "common/text.h"

enum { SHA256_DIGITS = DIGEST_TEXT_LEN };

/* ---------------------------------------------------------------- values */

static bool parse_label(const struct config_key *key, const char *text, void *field,
	const char *(*label)(unsigned), unsigned last, struct config_why *why)
{
	int number = config_find_label(label, last, text);

	if (number < 0)
		return config_refuse_syntax(key, text, why);
	*(uint32_t *)field = (uint32_t)number;
	return true;
}

bool config_parse_after_command(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	return parse_label(key, text, field, session_command_label, SESSION_COMMAND_END - 1, why);
}

bool config_parse_after_passive(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	return parse_label(key, text, field, after_passive_label, PASSIVES - 1, why);
}

bool config_parse_after_foreign(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	return parse_label(key, text, field, after_foreign_label, FOREIGNS - 1, why);
}

/* RFC 2640 section 2.2: names are UTF-8. */
bool config_parse_after_path(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	if (!config_length_is_good(key, text, why))
		return false;
	if (!text_is_clean_utf8(text) || config_has_control(text))
		return config_refuse(key, text,
			"has a control character, which would cut the FTP command, or is not UTF-8",
			"take it out; write the path on one line", why);
	*(const char **)field = text;
	return true;
}

bool config_parse_after_sha256(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	size_t n = 0;

	while (isxdigit((unsigned char)text[n]))
		n++;
	if (n != SHA256_DIGITS || text[n])
		return config_refuse_syntax(key, text, why);
	*(const char **)field = text;
	return true;
}

bool config_parse_after_size(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	static const char units[] = "KMG"; /* of 1024 */
	size_t digits = strspn(text, "0123456789");
	uint64_t size = 0;
	const char *unit;

	if (digits == 0 || digits > 10 || (text[digits] && text[digits + 1]))
		return config_refuse_syntax(key, text, why);
	for (size_t i = 0; i < digits; i++)
		size = 10 * size + (uint64_t)(text[i] - '0');
	unit = text[digits] ? strchr(units, toupper((unsigned char)text[digits])) : units;
	if (!unit)
		return config_refuse_syntax(key, text, why);
	if (text[digits])
		size <<= 10 * (1 + (unit - units));
	if (size < key->min || size > key->max)
		return config_refuse_syntax(key, text, why);
	*(uint64_t *)field = size;
	return true;
}

/* ---------------------------------------------------------------- what contradicts itself */

/* Something that goes with some commands only; GIVEN is why->wrong. */
static int refuse_with(
	const char *row, const char *wrong, const char *mend, int *ret_row, struct config_why *why)
{
	*ret_row = config_row_of(PLACE_AFTER, row);
	snprintf(why->wrong, sizeof(why->wrong), "%s", wrong);
	snprintf(why->mend, sizeof(why->mend), "%s", mend);
	return -EINVAL;
}

/* Makes *RET, NULL for nothing, from S. Returns 0; -EINVAL with *RET_ROW and *WHY; or -ENOMEM. */
static int make_after(const struct after_settings *s, void **pool, struct after **ret, int *ret_row,
	struct config_why *why)
{
	*ret = NULL;
	if (s->command == SESSION_RETR && !s->path)
		return refuse_with("command", "there is no path",
			"add path: FILE, the file that is to be fetched", ret_row, why);
	if (s->command == SESSION_PWD && s->path)
		return refuse_with("path", "pwd takes no path",
			"take it out, or write command: list", ret_row, why);
	if (s->sha256 && s->command > SESSION_NONE && s->command != SESSION_RETR)
		return refuse_with("sha256", "only a file has one",
			"take it out, or write command: retr", ret_row, why);
	return after_new(s, pool, ret);
}

/* ---------------------------------------------------------------- layers */

/* What was said below for another command is of no interest to a layer that gives one itself. */
static void begin_anew(struct after_settings *draft, config_rows own)
{
	if (!config_has_row(own, config_row_of(PLACE_AFTER, "command")))
		return;
	if (draft->command != SESSION_RETR &&
		!config_has_row(own, config_row_of(PLACE_AFTER, "sha256")))
		draft->sha256 = NULL;
	if (draft->command == SESSION_PWD &&
		!config_has_row(own, config_row_of(PLACE_AFTER, "path")))
		draft->path = NULL;
}

void config_after_apply(struct config_load *load, const struct config_position *at, void **mapping,
	struct after_layer *below, struct after_layer *layer)
{
	struct config_position here = *at;
	size_t before = load->faults.n;
	void **after;

	*layer = (struct after_layer){ .at = *at, .below = below };
	after_settings_init(&layer->draft);
	if (below) {
		layer->draft = below->draft;
		layer->bad = below->bad;
	}
	after = mapping ? config_raw(&load->schema, at->place, mapping,
				  config_row_of(at->place, "after-login"))
			: NULL;
	if (!after)
		return;
	here.place = PLACE_AFTER;
	config_apply(load, &here, after, DRAFT_OWN, &layer->draft, &layer->own);
	begin_anew(&layer->draft, layer->own);
	layer->bad = layer->bad || load->faults.n > before;
}

/* The latest layer that gave ROW; that of the target when none did. */
static struct after_layer *culprit(struct after_layer *layer, int row)
{
	for (struct after_layer *l = layer; l; l = l->below)
		if (config_has_row(l->own, row))
			return l;
	return layer;
}

int config_after_make(
	struct config_load *load, struct after_layer *layer, void **pool, struct target_config *t)
{
	struct config_why why;
	struct after_layer *guilty;
	struct config_position at;
	int row = 0, r;

	if (layer->bad)
		return 0;
	r = make_after(&layer->draft, pool, &t->after, &row, &why);
	if (r != -EINVAL)
		return r;
	guilty = culprit(layer, row);
	at = guilty->at;
	at.place = PLACE_AFTER;
	at.key = row;
	guilty->bad = layer->bad = true; /* the next target would say the same */
	config_faults_add(&load->faults, &at, NULL, &why);
	return 0;
}

/* ---------------------------------------------------------------- options */

bool target_config_set_after(
	struct after_settings *s, const char *key, const char *text, char *why, size_t size)
{
	int row = config_key_find(PLACE_AFTER, key, strlen(key));
	struct config_why fault;

	if (row < 0)
		config_key_unknown(PLACE_AFTER, key, strlen(key), &fault);
	else if (config_keys[row].parse(
			 &config_keys[row], text, (char *)s + config_keys[row].offset, &fault))
		return true;
	snprintf(why, size, "after-login %s: %s; %s", key, fault.wrong, fault.mend);
	return false;
}

int target_config_finish_after(
	const struct after_settings *s, struct target_config *t, char *why, size_t size)
{
	void *pool = NULL;
	struct config_why fault;
	int row = 0, r = make_after(s, &pool, &t->after, &row, &fault);

	after_pool_done(&pool);
	if (r == -EINVAL)
		snprintf(why, size, "after-login %s: %s; %s", config_keys[row].name, fault.wrong,
			fault.mend);
	return r;
}
