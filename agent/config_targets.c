/* SPDX-License-Identifier: ISC */
/* From what the files say to the list of targets: defaults, groups, what must be unique. */
#include "agent/config_private.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>

#include "common/text.h"

/* Settings that many targets share; strings are borrowed from the sources. */
struct layer {
	struct config_position at;
	struct target_config settings; /* with what is below it applied */
	config_rows set;               /* rows that it or a layer below gave */
	config_rows own;               /* rows that it gave itself */
	const char *name;              /* of a group */
	bool blamed;                   /* its interval and timeout were complained about */
	struct evidence_layer evidence;
	struct tls_layer tls;
	struct after_layer after;
	struct access_layer access;
};

struct making {
	struct config_load *load;
	char password[TARGET_PASSWORD_SIZE];
	struct layer defaults;
	struct layer *groups; /* sorted by name */
	size_t n_groups;
	int group, interval, timeout, port; /* rows of keys */
	void *texts;                        /* that targets have in common */
	struct tls_pool *tls;               /* likewise */
	void *after;                        /* likewise */
	struct access_pool access;          /* likewise */
};

/* A list takes the place of one from below as a whole. */
static void apply_texts(struct config_load *load, const struct config_position *at, void **mapping,
	void *object, config_rows *set)
{
	const struct config_key *key = &config_keys[at->key];
	char **texts = config_raw(&load->schema, at->place, mapping, at->key);
	size_t n = config_raw_count(&load->schema, at->place, mapping, at->key);
	char **fields = (char **)((char *)object + key->offset);
	struct config_position here = *at;
	struct config_why why;

	assert(n <= key->entries);
	for (size_t i = 0; i < n; i++) {
		here.entry = i + 1;
		if (!key->parse(key, texts[i], &fields[i], &why))
			config_faults_add(&load->faults, &here, NULL, &why);
	}
	*(size_t *)((char *)object + key->count) = n;
	*set |= CONFIG_ROW(at->key);
}

void config_apply(struct config_load *load, const struct config_position *at, void **mapping,
	enum config_draft draft, void *object, config_rows *set)
{
	const struct config_place_schema *place = &load->schema.places[at->place];

	for (size_t row = 0; row < config_n_keys; row++) {
		const struct config_key *key = &config_keys[row];
		struct config_position here = *at;
		struct config_why why;

		if (place->slot[row] < 0 || !mapping[place->slot[row]] || key->draft != draft)
			continue;
		here.key = (int)row;
		if (key->shape == SHAPE_TEXTS && key->entries > 0)
			apply_texts(load, &here, mapping, object, set);
		if (key->shape != SHAPE_SCALAR)
			continue;
		if (key->parse(key, mapping[place->slot[row]], (char *)object + key->offset, &why))
			*set |= CONFIG_ROW(row);
		else
			config_faults_add(&load->faults, &here, NULL, &why);
	}
}

/* ---------------------------------------------------------------- interval and timeout */

static config_rows pair_of(const struct making *m)
{
	return CONFIG_ROW(m->interval) | CONFIG_ROW(m->timeout);
}

/* AT gave the rows OWN, which made the interval of T shorter than its timeout. */
static void add_pair_fault(struct making *m, const struct config_position *at, config_rows own,
	const struct target_config *t)
{
	struct config_position here = *at;
	struct config_why why;
	char interval[32], timeout[32];

	here.key = config_has_row(own, m->interval) ? m->interval : m->timeout;
	config_format_duration(t->interval_usec, interval, sizeof(interval));
	config_format_duration(t->timeout_usec, timeout, sizeof(timeout));
	snprintf(why.wrong, sizeof(why.wrong),
		"the interval of %s is shorter than the timeout of %s", interval, timeout);
	snprintf(why.mend, sizeof(why.mend),
		"write an interval of at least %s, or a timeout of at most %s", timeout, interval);
	config_faults_add(&m->load->faults, &here, NULL, &why);
}

/* A layer that gives both is wrong by itself, even when no target uses it. */
static void check_layer(struct making *m, struct layer *layer)
{
	config_rows pair = pair_of(m);

	layer->blamed = (layer->own & pair) == pair &&
		layer->settings.timeout_usec > layer->settings.interval_usec;
	if (layer->blamed)
		add_pair_fault(m, &layer->at, layer->own, &layer->settings);
}

/* ---------------------------------------------------------------- layers */

static void make_defaults(struct making *m)
{
	struct config_load *load = m->load;
	void **top = load->sources[0].raw, **mapping;

	m->defaults.at = config_position_of(0, PLACE_DEFAULTS, 0);
	target_config_init(&m->defaults.settings, m->password);
	mapping = top
		? config_raw(&load->schema, PLACE_TOP, top, config_row_of(PLACE_TOP, "defaults"))
		: NULL;
	if (mapping)
		config_apply(load, &m->defaults.at, mapping, DRAFT_OWN, &m->defaults.settings,
			&m->defaults.own);
	config_evidence_apply(load, &m->defaults.at, mapping, NULL, &m->defaults.evidence);
	config_tls_apply(load, &m->defaults.at, mapping, NULL, &m->defaults.tls);
	config_after_apply(load, &m->defaults.at, mapping, NULL, &m->defaults.after);
	config_access_apply(
		load, &m->defaults.at, mapping, m->defaults.own, NULL, &m->defaults.access);
	m->defaults.set = m->defaults.own;
	check_layer(m, &m->defaults);
}

static int compare_layer(const void *a, const void *b)
{
	const struct layer *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	if (r != 0)
		return r;
	if (x->at.file != y->at.file)
		return x->at.file < y->at.file ? -1 : 1;
	return (x->at.item > y->at.item) - (x->at.item < y->at.item);
}

/* Parses one group into a fresh layer; one without a name counts as a fault and is left out. */
static void add_group(struct making *m, const struct config_position *at, void **mapping)
{
	struct layer *layer = &m->groups[m->n_groups];
	int name = config_row_of(PLACE_GROUP, "name");

	*layer = m->defaults;
	layer->at = *at;
	layer->own = 0;
	layer->settings.name = NULL;
	config_apply(m->load, at, mapping, DRAFT_OWN, &layer->settings, &layer->own);
	layer->own &= ~(CONFIG_ROW(name));
	layer->set |= layer->own;
	layer->name = TAKE_PTR(layer->settings.name);
	config_evidence_apply(m->load, at, mapping, &m->defaults.evidence, &layer->evidence);
	config_tls_apply(m->load, at, mapping, &m->defaults.tls, &layer->tls);
	config_after_apply(m->load, at, mapping, &m->defaults.after, &layer->after);
	config_access_apply(m->load, at, mapping, layer->own, &m->defaults.access, &layer->access);
	check_layer(m, layer);
	if (layer->name)
		m->n_groups++;
	else if (!config_raw(&m->load->schema, PLACE_GROUP, mapping, name))
		config_faults_add(&m->load->faults, at, NULL,
			&(struct config_why){
				.wrong = "there is no name", .mend = "add name: NAME" });
}

static void find_duplicate_groups(struct making *m)
{
	struct config_why why = { .mend = "give each group a name of its own, or make them one" };
	size_t first = 0;

	for (size_t i = 1; i < m->n_groups; i++) {
		struct config_position at = m->groups[i].at, other = m->groups[first].at;

		if (strcmp(m->groups[i].name, m->groups[first].name) != 0) {
			first = i;
			continue;
		}
		at.key = other.key = config_row_of(PLACE_GROUP, "name");
		snprintf(why.wrong, sizeof(why.wrong),
			"\"%s\" is already the name of the group at ", m->groups[i].name);
		config_faults_add_pair(&m->load->faults, &at, &other, &why);
	}
}

static int make_groups(struct making *m)
{
	struct config_load *load = m->load;
	int row = config_row_of(PLACE_TOP, "groups");
	size_t total = 0;

	for (unsigned f = 0; f < load->n_sources; f++)
		if (load->sources[f].raw)
			total += config_raw_count(
				&load->schema, load->sources[f].place, load->sources[f].raw, row);
	m->groups = calloc(total + 1, sizeof(*m->groups));
	if (!m->groups)
		return -ENOMEM;
	for (unsigned f = 0; f < load->n_sources; f++) {
		const struct config_source *s = &load->sources[f];
		size_t n = s->raw ? config_raw_count(&load->schema, s->place, s->raw, row) : 0;
		void **list = n ? config_raw(&load->schema, s->place, s->raw, row) : NULL;

		for (size_t i = 0; i < n; i++) {
			struct config_position at = config_position_of(f, PLACE_GROUP, i);

			add_group(m, &at, list + i * load->schema.places[PLACE_GROUP].size);
		}
	}
	qsort(m->groups, m->n_groups, sizeof(*m->groups), compare_layer);
	find_duplicate_groups(m);
	return 0;
}

/* What a target inherits from: its group when that is defined, else the defaults. */
static struct layer *find_layer(struct making *m, void **mapping)
{
	const char *name = config_raw(&m->load->schema, PLACE_TARGET, mapping, m->group);
	size_t low = 0, high = m->n_groups;

	if (!name)
		name = m->defaults.settings.group;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(m->groups[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < m->n_groups && strcmp(m->groups[low].name, name) == 0)
		return &m->groups[low];
	return &m->defaults;
}

/* ---------------------------------------------------------------- targets */

/* Sees that the timeout fits into the interval: the built-in one is cut, a configured one is a
 * fault of whoever spoke last, told once. */
static void fit_timeout(struct making *m, const struct config_position *target, config_rows own,
	struct layer *layer, struct target_config *t)
{
	config_rows pair = pair_of(m);

	if (t->timeout_usec <= t->interval_usec)
		return;
	if (!config_has_row(own | layer->set, m->timeout)) {
		t->timeout_usec = t->interval_usec;
		return;
	}
	if (own & pair) {
		add_pair_fault(m, target, own, t);
		return;
	}
	if (!(layer->own & pair))
		layer = &m->defaults;
	if (!layer->blamed)
		add_pair_fault(m, &layer->at, layer->own, t);
	layer->blamed = true;
}

static void find_missing(
	struct making *m, const struct config_position *at, void **mapping, const char *name)
{
	struct config_why why;

	if (config_raw(&m->load->schema, PLACE_TARGET, mapping, config_row_of(PLACE_TARGET, name)))
		return;
	snprintf(why.wrong, sizeof(why.wrong), "there is no %s", name);
	snprintf(why.mend, sizeof(why.mend), "add %s: %s", name,
		strcmp(name, "name") == 0 ? "NAME" : "HOST");
	config_faults_add(&m->load->faults, at, NULL, &why);
}

static int add_target(struct making *m, const struct config_position *at, void **mapping)
{
	struct config *c = m->load->config;
	struct target_config *t = &c->targets[c->n_targets];
	struct layer *layer = find_layer(m, mapping);
	struct evidence_layer evidence;
	struct tls_layer tls;
	struct after_layer after;
	struct access_layer access;
	config_rows own = 0;
	int r;

	*t = layer->settings;
	if (layer != &m->defaults)
		t->group = (char *)layer->name;
	config_apply(m->load, at, mapping, DRAFT_OWN, t, &own);
	find_missing(m, at, mapping, "name");
	find_missing(m, at, mapping, "host");
	fit_timeout(m, at, own, layer, t);
	config_evidence_apply(m->load, at, mapping, &layer->evidence, &evidence);
	config_tls_apply(m->load, at, mapping, &layer->tls, &tls);
	config_after_apply(m->load, at, mapping, &layer->after, &after);
	config_access_apply(m->load, at, mapping, own, &layer->access, &access);
	if (tls.draft.mode == TLS_IMPLICIT && !config_has_row(own | layer->set, m->port))
		t->port = TLS_IMPLICIT_PORT;
	r = config_evidence_make(m->load, &evidence, t);
	if (r == 0)
		r = config_tls_make(m->load, &tls, &m->tls, t);
	if (r == 0)
		r = config_after_make(m->load, &after, &m->after, t);
	if (r == 0)
		r = config_access_make(m->load, &access, &m->access, t);
	c->n_targets++; /* also of a bad one: what must be unique is compared by position */
	return target_config_own(t, &m->texts) < 0 ? -ENOMEM : r;
}

static int make_targets(struct making *m)
{
	struct config_load *load = m->load;
	int row = config_row_of(PLACE_TOP, "targets");
	size_t total = 0;

	for (unsigned f = 0; f < load->n_sources; f++) {
		load->sources[f].first_target = total;
		if (load->sources[f].raw)
			total += config_raw_count(
				&load->schema, load->sources[f].place, load->sources[f].raw, row);
	}
	load->config->targets = calloc(total + 1, sizeof(*load->config->targets));
	if (!load->config->targets)
		return -ENOMEM;
	for (unsigned f = 0; f < load->n_sources; f++) {
		const struct config_source *s = &load->sources[f];
		size_t n = s->raw ? config_raw_count(&load->schema, s->place, s->raw, row) : 0;
		void **list = n ? config_raw(&load->schema, s->place, s->raw, row) : NULL;

		for (size_t i = 0; i < n; i++) {
			struct config_position at = config_position_of(f, PLACE_TARGET, i);
			int r = add_target(
				m, &at, list + i * load->schema.places[PLACE_TARGET].size);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

/* ---------------------------------------------------------------- what must be unique */

static int compare_name(const void *a, const void *b)
{
	const struct target_config *x = *(struct target_config *const *)a;
	const struct target_config *y = *(struct target_config *const *)b;
	int r = strcmp(x->name, y->name);

	return r != 0 ? r : (x > y) - (x < y);
}

static int compare_index(const void *a, const void *b)
{
	const struct target_config *x = *(struct target_config *const *)a;
	const struct target_config *y = *(struct target_config *const *)b;

	if (x->index != y->index)
		return x->index < y->index ? -1 : 1;
	return (x > y) - (x < y);
}

/* Where target I of the configuration was written. */
static struct config_position position_of(const struct config_load *load, size_t i, int row)
{
	struct config_position at;
	unsigned f = 0;

	while (f + 1 < load->n_sources && load->sources[f + 1].first_target <= i)
		f++;
	at = config_position_of(f, PLACE_TARGET, i - load->sources[f].first_target);
	at.key = row;
	return at;
}

/* Complains of each target that has the name, or the index, of an earlier one. */
static void find_equals(struct making *m, struct target_config **sorted,
	int (*compare)(const void *, const void *), const char *key)
{
	const struct config *c = m->load->config;
	int row = config_row_of(PLACE_TARGET, key);
	bool by_name = compare == compare_name;
	size_t first = 0;

	qsort(sorted, c->n_targets, sizeof(*sorted), compare);
	for (size_t i = 1; i < c->n_targets; i++) {
		const struct target_config *a = sorted[first], *b = sorted[i];
		struct config_position at, other;
		struct config_why why;

		if (by_name ? strcmp(a->name, b->name) != 0 : a->index != b->index) {
			first = i;
			continue;
		}
		if (by_name ? !b->name[0] : b->index == 0)
			continue;
		at = position_of(m->load, (size_t)(b - c->targets), row);
		other = position_of(m->load, (size_t)(a - c->targets), row);
		if (by_name)
			snprintf(why.wrong, sizeof(why.wrong),
				"\"%s\" is already the name of the target at ", b->name);
		else
			snprintf(why.wrong, sizeof(why.wrong),
				"%u is already the index of the target at ", b->index);
		snprintf(why.mend, sizeof(why.mend), "give each target %s of its own",
			by_name ? "a name" : "an index");
		config_faults_add_pair(&m->load->faults, &at, &other, &why);
	}
}

static int find_duplicates(struct making *m)
{
	struct config *c = m->load->config;
	_cleanup_(freep) struct target_config **sorted = calloc(c->n_targets + 1, sizeof(*sorted));

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < c->n_targets; i++)
		sorted[i] = &c->targets[i];
	find_equals(m, sorted, compare_name, "name");
	find_equals(m, sorted, compare_index, "index");
	return 0;
}

int config_make_targets(struct config_load *load)
{
	struct making m = { .load = load,
		.group = config_row_of(PLACE_TARGET, "group"),
		.interval = config_row_of(PLACE_TARGET, "interval"),
		.timeout = config_row_of(PLACE_TARGET, "timeout"),
		.port = config_row_of(PLACE_TARGET, "port") };
	int r;

	make_defaults(&m);
	r = make_groups(&m);
	if (r == 0)
		r = make_targets(&m);
	if (r == 0)
		r = find_duplicates(&m);
	free(m.groups);
	target_texts_done(&m.texts);
	tls_pool_done(&m.tls);
	after_pool_done(&m.after);
	access_pool_done(&m.access);
	return r;
}
