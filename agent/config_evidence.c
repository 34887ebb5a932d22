/* SPDX-License-Identifier: ISC */
/* Evidence in defaults, groups and targets, and the same keys as options of a command. */
#include "agent/config_private.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "agent/evidence_config.h"

/* ---------------------------------------------------------------- layers */

/* A secret that a layer names takes the place of one from below that is named in the other way. */
static void replace_other(config_rows own, enum config_place place, const char *key, char **other)
{
	if (config_has_row(own, config_row_of(place, key)))
		*other = NULL;
}

static void replace_secrets(struct evidence_draft *draft, config_rows own)
{
	struct evidence_source *s = &draft->source, given = *s;

	replace_other(own, PLACE_EVIDENCE, "netrc", &s->credential);
	replace_other(own, PLACE_EVIDENCE, "credential", &s->netrc);
	replace_other(own, PLACE_SNMP, "file", &s->snmp_credential);
	replace_other(own, PLACE_SNMP, "credential", &s->snmp_file);
	/* One layer that gives both contradicts itself. */
	if (!s->netrc && !s->credential)
		s->netrc = given.netrc, s->credential = given.credential;
	if (!s->snmp_file && !s->snmp_credential)
		s->snmp_file = given.snmp_file, s->snmp_credential = given.snmp_credential;
}

/* Tells of a fault of LAYER, unless it was. */
static void blame(
	struct config_load *load, struct evidence_layer *layer, const struct evidence_fault *fault)
{
	struct config_position at = layer->at;
	config_rows rows = CONFIG_ROW(fault->row) | CONFIG_ROW(fault->other);

	if ((layer->blamed & rows) == rows)
		return;
	layer->blamed |= rows;
	at.key = config_has_row(layer->own, fault->row) ? fault->row : fault->other;
	at.entry = at.key == fault->row ? fault->entry : 0;
	at.place = PLACE_EVIDENCE;
	while (!config_key_is_at((size_t)at.key, at.place))
		at.place++;
	config_faults_add(&load->faults, &at, NULL, &fault->why);
}

void config_evidence_apply(struct config_load *load, const struct config_position *at,
	void **mapping, struct evidence_layer *below, struct evidence_layer *layer)
{
	static const char *const nested[] = { "setting", "log", "snmp" };
	struct evidence_fault faults[EVIDENCE_FAULTS_MAX];
	struct config_position here = *at;
	size_t before = load->faults.n, n;
	void **evidence, **inner;

	*layer = (struct evidence_layer){ .at = *at, .below = below, .draft.enabled = true };
	evidence_source_init(&layer->draft.source);
	if (below)
		layer->draft = below->draft;
	layer->bad = below && below->bad;
	evidence = mapping ? config_raw(&load->schema, at->place, mapping,
				     config_row_of(at->place, "evidence"))
			   : NULL;
	if (!evidence)
		return;
	here.place = PLACE_EVIDENCE;
	config_apply(load, &here, evidence, DRAFT_OWN, &layer->draft, &layer->own);
	for (size_t i = 0; i < ARRAY_SIZE(nested); i++) {
		int row = config_row_of(PLACE_EVIDENCE, nested[i]);

		here.place = config_keys[row].child;
		inner = config_raw(&load->schema, PLACE_EVIDENCE, evidence, row);
		if (inner)
			config_apply(load, &here, inner, DRAFT_OWN, &layer->draft, &layer->own);
	}
	layer->bad = layer->bad || load->faults.n > before;
	replace_secrets(&layer->draft, layer->own);
	n = evidence_check_layer(&layer->draft.source, layer->own, faults);
	for (size_t i = 0; i < n; i++)
		blame(load, layer, &faults[i]);
}

/* ---------------------------------------------------------------- targets */

/* The built-in timeout yields to a configured interval. */
static void fit_timeout(const struct evidence_layer *layer, struct evidence_source *s)
{
	int timeout = config_row_of(PLACE_EVIDENCE, "timeout");

	for (; layer; layer = layer->below)
		if (config_has_row(layer->own, timeout))
			return;
	if (s->timeout_usec > s->interval_usec)
		s->timeout_usec = s->interval_usec;
}

/* The latest layer that said one of the two. */
static struct evidence_layer *culprit(
	struct evidence_layer *layer, const struct evidence_fault *fault)
{
	while (layer->below && !config_has_row(layer->own, fault->row) &&
		!config_has_row(layer->own, fault->other))
		layer = layer->below;
	return layer;
}

int config_evidence_make(
	struct config_load *load, struct evidence_layer *layer, struct target_config *t)
{
	struct config_braces_values values = { .host = t->host, .name = t->name };
	struct evidence_fault faults[EVIDENCE_FAULTS_MAX];
	struct evidence_source draft = layer->draft.source;
	config_rows own = 0;
	size_t n;
	int r;

	if (layer->bad || !layer->draft.enabled || !t->host || !t->name)
		return 0;
	fit_timeout(layer, &draft);
	/* What stands in defaults alone may wait for the targets that have the other half. */
	for (const struct evidence_layer *l = layer; l->below; l = l->below)
		own |= l->own;
	r = evidence_make(&draft, &values, own, &t->evidence, faults, &n);
	for (size_t i = 0; r == -EINVAL && i < n; i++) {
		struct config_position at = layer->at;

		if (!faults[i].bad_name) {
			blame(load, culprit(layer, &faults[i]), &faults[i]);
			continue;
		}
		at.key = config_row_of(PLACE_TARGET, "name");
		config_faults_add(&load->faults, &at, NULL, &faults[i].why);
	}
	return r == -EINVAL ? 0 : r;
}

/* ---------------------------------------------------------------- options */

/* The row of a key such as setting.url below evidence; -1, with *WHY filled in, when there is none
 * or a mapping of that name. */
static int find_row(const char *key, struct config_why *why)
{
	enum config_place place = PLACE_EVIDENCE;
	size_t len = strcspn(key, ".");
	int row = config_key_find(place, key, len);

	if (row >= 0 && config_keys[row].shape == SHAPE_MAPPING) {
		place = config_keys[row].child;
		if (!key[len]) {
			snprintf(why->wrong, sizeof(why->wrong), "it has keys of its own");
			snprintf(why->mend, sizeof(why->mend), "write %s.KEY=VALUE", key);
			return -1;
		}
		key += len + 1;
		len = strlen(key);
		row = config_key_find(place, key, len);
	} else if (key[len]) {
		row = -1;
		len = strlen(key);
	}
	if (row < 0)
		config_key_unknown(place, key, len, why);
	return row;
}

/* The next entry of the list of the row KEY. */
static bool append(const struct config_key *key, const char *text, struct evidence_draft *draft,
	struct config_why *why)
{
	size_t *n = (size_t *)((char *)draft + key->count);
	char **fields = (char **)((char *)draft + key->offset);

	if (*n == key->entries) {
		snprintf(why->wrong, sizeof(why->wrong), "there are more than %zu", key->entries);
		snprintf(why->mend, sizeof(why->mend), "leave some out");
		return false;
	}
	if (!key->parse(key, text, &fields[*n], why))
		return false;
	(*n)++;
	return true;
}

bool target_config_set_evidence(
	struct evidence_source *s, const char *key, const char *text, char *why, size_t size)
{
	struct evidence_draft draft = { .source = *s };
	const struct config_key *row;
	struct config_why fault;
	int found = find_row(key, &fault);
	bool good = found >= 0;

	row = good ? &config_keys[found] : NULL;
	if (good && row->shape == SHAPE_TEXTS)
		good = append(row, text, &draft, &fault);
	else if (good)
		good = row->parse(row, text, (char *)&draft + row->offset, &fault);
	if (good)
		*s = draft.source;
	else
		snprintf(why, size, "%s: %s; %s", key, fault.wrong, fault.mend);
	return good;
}

/* Writes a key as a person knows it: setting.url, module. */
static void write_key(int row, char *buffer, size_t size)
{
	enum config_place place = PLACE_EVIDENCE;
	const char *inner;

	while (!config_key_is_at((size_t)row, place))
		place++;
	inner = strchr(config_place_name(place), '.');
	snprintf(buffer, size, "%s%s%s", inner ? inner + 1 : "", inner ? "." : "",
		config_keys[row].name);
}

int evidence_source_finish(const struct evidence_source *s, const char *host, const char *name,
	struct evidence_source **ret, char *why, size_t size)
{
	struct config_braces_values values = { .host = host, .name = name };
	struct evidence_fault faults[EVIDENCE_FAULTS_MAX];
	size_t n;
	char key[64] = "name";
	int r = evidence_make(s, &values, CONFIG_ALL_ROWS, ret, faults, &n);

	if (r != -EINVAL)
		return r;
	if (!faults[0].bad_name)
		write_key(faults[0].row, key, sizeof(key));
	snprintf(why, size, "%s: %s; %s", key, faults[0].why.wrong, faults[0].why.mend);
	return r;
}
