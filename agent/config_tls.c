/* SPDX-License-Identifier: ISC */
/* TLS in defaults, groups and targets, and the same keys as options of a command. */
#include "agent/config_private.h"

#include <errno.h>
#include <string.h>

/* ---------------------------------------------------------------- values */

bool config_parse_tls_mode(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	int mode = config_find_label(tls_mode_label, TLS_MODES - 1, text);

	if (mode < 0)
		return config_refuse_syntax(key, text, why);
	*(uint32_t *)field = (uint32_t)mode;
	return true;
}

bool config_parse_tls_version(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	int version = config_find_label(tls_version_label, TLS_VERSIONS - 1, text);

	if (version < 0)
		return config_refuse_syntax(key, text, why);
	*(uint32_t *)field = (uint32_t)version;
	return true;
}

bool config_parse_tls_file(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	if (!config_path_is_absolute(key, text, why))
		return false;
	*(const char **)field = text;
	return true;
}

/* ---------------------------------------------------------------- making them ready */

static int row_of(const char *key)
{
	return config_row_of(PLACE_TARGET, key);
}

static int row_of_part(enum tls_part part)
{
	static const char *const keys[] = {
		[TLS_PART_CA] = "tls-ca",
		[TLS_PART_CRL] = "tls-crl",
		[TLS_PART_CERTIFICATE] = "tls-certificate",
		[TLS_PART_KEY] = "tls-key",
	};

	return row_of(keys[part]);
}

/* Makes *RET, NULL for none, from S. Returns 0; -EINVAL with *RET_ROW and *WHY; or -ENOMEM. */
static int make_tls(const struct tls_settings *s, struct tls_pool **pool, struct tls **ret,
	int *ret_row, struct config_why *why)
{
	enum tls_part part = TLS_PART_CA;
	char text[TLS_WHY_SIZE];
	char *mend;
	int r;

	*ret = NULL;
	if (s->mode == TLS_NONE)
		return 0;
	if (s->key && !s->certificate) {
		*ret_row = row_of("tls-key");
		snprintf(why->wrong, sizeof(why->wrong), "there is no certificate");
		snprintf(why->mend, sizeof(why->mend),
			"add tls-certificate: FILE, the certificate of this key, or take tls-key out");
		return -EINVAL;
	}
	r = tls_new(s, pool, ret, &part, text);
	if (r != -EINVAL)
		return r;
	*ret_row = row_of_part(part);
	mend = strstr(text, "; ");
	snprintf(why->wrong, sizeof(why->wrong), "%.*s",
		(int)(mend ? mend - text : (ptrdiff_t)strlen(text)), text);
	snprintf(why->mend, sizeof(why->mend), "%s", mend ? mend + 2 : "write another path");
	return -EINVAL;
}

/* ---------------------------------------------------------------- layers */

void config_tls_apply(struct config_load *load, const struct config_position *at, void **mapping,
	struct tls_layer *below, struct tls_layer *layer)
{
	size_t before = load->faults.n;

	*layer = (struct tls_layer){ .at = *at, .below = below };
	tls_settings_init(&layer->draft);
	if (below) {
		layer->draft = below->draft;
		layer->bad = below->bad;
	}
	if (mapping)
		config_apply(load, at, mapping, DRAFT_TLS, &layer->draft, &layer->own);
	layer->bad = layer->bad || load->faults.n > before;
}

/* The latest layer that gave ROW; that of the target when none did. */
static struct tls_layer *culprit(struct tls_layer *layer, int row)
{
	for (struct tls_layer *l = layer; l; l = l->below)
		if (config_has_row(l->own, row))
			return l;
	return layer;
}

int config_tls_make(struct config_load *load, struct tls_layer *layer, struct tls_pool **pool,
	struct target_config *t)
{
	struct config_why why;
	struct tls_layer *guilty;
	struct config_position at;
	int row = 0, r;

	if (layer->bad)
		return 0;
	r = make_tls(&layer->draft, pool, &t->tls, &row, &why);
	if (r != -EINVAL)
		return r;
	guilty = culprit(layer, row);
	at = guilty->at;
	at.key = config_has_row(guilty->own, row) ? row : row_of("tls");
	guilty->bad = layer->bad = true; /* the next target would say the same */
	config_faults_add(&load->faults, &at, NULL, &why);
	return 0;
}

/* ---------------------------------------------------------------- options */

bool target_config_set_tls(
	struct tls_settings *s, const char *key, const char *text, char *why, size_t size)
{
	char name[64];
	int row;
	struct config_why fault;

	snprintf(name, sizeof(name), strcmp(key, "mode") == 0 ? "tls" : "tls-%s", key);
	row = config_key_find(PLACE_TARGET, name, strlen(name));
	if (row < 0)
		config_key_unknown(PLACE_TARGET, name, strlen(name), &fault);
	else if (config_keys[row].parse(
			 &config_keys[row], text, (char *)s + config_keys[row].offset, &fault))
		return true;
	snprintf(why, size, "%s: %s; %s", name, fault.wrong, fault.mend);
	return false;
}

int target_config_finish_tls(
	const struct tls_settings *s, struct target_config *t, char *why, size_t size)
{
	struct tls_pool *pool = NULL;
	struct config_why fault;
	int row = 0, r = make_tls(s, &pool, &t->tls, &row, &fault);

	tls_pool_done(&pool);
	if (r == -EINVAL)
		snprintf(why, size, "%s: %s; %s", config_keys[row].name, fault.wrong, fault.mend);
	return r;
}
