/* SPDX-License-Identifier: ISC */
/* A second look at a file that has a fault: libyaml's events, which know their lines. */
#include "agent/config_private.h"

#include <string.h>
#include <yaml.h>

enum {
	LAST_ITEM_KEY = CONFIG_KEYS_MAX,
	DEPTH_MAX = 32, /* libyaml's time for flow lists in lists is quadratic in their depth */
};

struct walk {
	yaml_parser_t parser;
	const struct config_source *source;
	unsigned file;
	bool ended;                   /* by a fault of syntax */
	struct config_faults *faults; /* NULL: only the lines are wanted */
	struct config_position **wanted;
	size_t n_wanted;
};

static void walk_mapping(struct walk *w, struct config_position at);

/* ---------------------------------------------------------------- events */

static unsigned line_of(const yaml_event_t *event)
{
	return (unsigned)event->start_mark.line + 1;
}

/* libyaml reports bad octets by their offset only. */
static unsigned line_of_offset(const struct config_source *source, size_t offset)
{
	unsigned line = 1;

	for (size_t i = 0; i < source->len && i < offset; i++)
		line += source->text[i] == '\n';
	return line;
}

static void add_syntax_fault(struct walk *w)
{
	const yaml_parser_t *p = &w->parser;
	struct config_position at = { .file = w->file, .key = KEY_YAML };
	size_t index = p->problem_mark.index;
	struct config_why why;

	if (!w->faults)
		return;
	if (p->error == YAML_READER_ERROR) {
		at.line = line_of_offset(w->source, p->problem_offset);
		snprintf(why.wrong, sizeof(why.wrong), "%s", p->problem);
		snprintf(why.mend, sizeof(why.mend), "save the file as UTF-8 text");
	} else if (p->error == YAML_MEMORY_ERROR) {
		w->faults->no_memory = true;
		return;
	} else {
		at.line = (unsigned)p->problem_mark.line + 1;
		snprintf(why.wrong, sizeof(why.wrong), "%s%s%s", p->context ? p->context : "",
			p->context ? ", " : "", p->problem ? p->problem : "it is not YAML");
		if (index < w->source->len && w->source->text[index] == '\t')
			snprintf(why.mend, sizeof(why.mend), "indent with spaces, not with tabs");
		else
			snprintf(why.mend, sizeof(why.mend),
				"look at column %zu: brackets, quotes, colons and indentation",
				p->problem_mark.column + 1);
	}
	config_faults_add(w->faults, &at, NULL, &why);
}

/* The next event, which the caller deletes. Returns false at the end and after a fault of syntax.
 */
static bool next(struct walk *w, yaml_event_t *event)
{
	if (w->ended)
		return false;
	if (!yaml_parser_parse(&w->parser, event)) {
		add_syntax_fault(w);
		w->ended = true;
	}
	return !w->ended;
}

static void too_deep(struct walk *w, const yaml_event_t *event)
{
	struct config_position at = { .file = w->file, .key = KEY_YAML, .line = line_of(event) };
	struct config_why why = { .mend = "no key takes such a value, take it out" };

	snprintf(why.wrong, sizeof(why.wrong), "more than %d lists or mappings within each other",
		DEPTH_MAX);
	if (w->faults)
		config_faults_add(w->faults, &at, NULL, &why);
	w->ended = true;
}

/* Reads to the end of what EVENT begins. */
static void skip(struct walk *w, const yaml_event_t *event)
{
	yaml_event_type_t type = event->type;
	size_t depth = 0;

	for (;;) {
		yaml_event_t inner;

		depth += type == YAML_MAPPING_START_EVENT || type == YAML_SEQUENCE_START_EVENT;
		depth -= type == YAML_MAPPING_END_EVENT || type == YAML_SEQUENCE_END_EVENT;
		if (depth > DEPTH_MAX) {
			too_deep(w, event);
			return;
		}
		if (depth == 0 || !next(w, &inner))
			return;
		type = inner.type;
		yaml_event_delete(&inner);
	}
}

/* ---------------------------------------------------------------- lines */

/* How many wanted positions stand before AT. */
static size_t find_wanted(const struct walk *w, const struct config_position *at)
{
	size_t low = 0, high = w->n_wanted;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (config_position_compare(w->wanted[middle], at) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The mapping or the list of mappings that is the value of AT's key. */
static struct config_position inside(const struct config_position *at)
{
	enum config_place child = config_keys[at->key].child;
	struct config_position in = config_position_of(at->file, child, 0);

	if (at->layer != PLACE_TOP && at->layer != PLACE_DROPIN) {
		in.layer = at->layer;
		in.item = at->item;
	}
	in.line = at->line;
	return in;
}

/* Gives AT's line to what is wanted there. The line of a list or of a mapping serves for all in it
 * until a better one is seen: what an alias repeats has no line of its own. */
static void located(struct walk *w, const struct config_position *at)
{
	struct config_position from = *at, to = *at;
	const struct config_key *key = at->key >= 0 ? &config_keys[at->key] : NULL;

	if (w->n_wanted == 0)
		return;
	if (!key) {
		from = config_position_of(at->file, at->layer, at->item);
		to.place = PLACE_END;
	} else if (key->shape == SHAPE_MAPPING || key->shape == SHAPE_MAPPINGS) {
		from = inside(at);
		to = from;
		to.place = from.layer == from.place ? PLACE_END : config_place_last(from.place);
		to.key = LAST_ITEM_KEY;
		if (from.layer == from.place)
			to.item = SIZE_MAX;
	} else if (key->shape == SHAPE_TEXTS && at->entry == 0) {
		to.entry = SIZE_MAX;
	}
	from.key = from.key == KEY_NONE ? KEY_YAML : from.key;
	for (size_t i = find_wanted(w, &from); i < w->n_wanted; i++) {
		if (config_position_compare(w->wanted[i], &to) > 0)
			break;
		w->wanted[i]->line = at->line;
	}
}

/* ---------------------------------------------------------------- faults of form */

static const char *event_noun(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_MAPPING_START_EVENT:
		return "a mapping";
	case YAML_SEQUENCE_START_EVENT:
		return "a list";
	default:
		return "a single value";
	}
}

/* Adds "is a list, not a single value" for what stands at AT, and goes past it. */
static void wrong_shape(struct walk *w, const struct config_position *at, const yaml_event_t *event,
	const char *wanted, const char *mend)
{
	struct config_why why;

	if (w->faults) {
		snprintf(why.wrong, sizeof(why.wrong), "is %s, not %s", event_noun(event), wanted);
		snprintf(why.mend, sizeof(why.mend), "write %s", mend);
		config_faults_add(w->faults, at, NULL, &why);
	}
	skip(w, event);
}

/* How many entries a list has that may only have so many. */
static void check_entries(struct walk *w, const struct config_position *at, size_t n)
{
	const struct config_key *key = &config_keys[at->key];
	struct config_why why;

	if (!w->faults || key->entries == 0 || (n > 0 && n <= key->entries))
		return;
	if (n == 0)
		snprintf(why.wrong, sizeof(why.wrong), "the list is empty");
	else
		snprintf(why.wrong, sizeof(why.wrong), "the list has %zu entries, the limit is %zu",
			n, key->entries);
	snprintf(why.mend, sizeof(why.mend), "write %s%s", key->expects,
		n == 0 ? ", or leave the key out" : "");
	config_faults_add(w->faults, at, NULL, &why);
}

static void check_scalar(
	struct walk *w, const struct config_position *at, const yaml_event_t *event)
{
	const struct config_key *key = &config_keys[at->key];
	const char *text = (const char *)event->data.scalar.value;
	struct config_why why = { .wrong = "the value has a NUL in it", .mend = "take it out" };
	union {
		char *text;
		uint64_t number;
		uint32_t count;
		int family;
		bool flag;
	} field;

	if (!w->faults)
		return;
	if (strlen(text) != event->data.scalar.length ||
		(key->parse && !key->parse(key, text, &field, &why)))
		config_faults_add(w->faults, at, NULL, &why);
}

static void unknown_key(
	struct walk *w, const struct config_position *mapping, const yaml_event_t *event)
{
	struct config_position at = *mapping;
	struct config_why why;
	const char *name = "?";

	if (!w->faults)
		return;
	at.line = line_of(event);
	if (event->type == YAML_SCALAR_EVENT) {
		name = (const char *)event->data.scalar.value;
		config_key_unknown(at.place, name, event->data.scalar.length, &why);
	} else {
		snprintf(why.wrong, sizeof(why.wrong), "a key is %s, not a word",
			event->type == YAML_ALIAS_EVENT ? "an alias" : event_noun(event));
		snprintf(why.mend, sizeof(why.mend), "write KEY: VALUE");
	}
	config_faults_add(w->faults, &at, name, &why);
}

static void duplicate_key(struct walk *w, const struct config_position *at)
{
	if (w->faults)
		config_faults_add(w->faults, at, NULL,
			&(struct config_why){ .wrong = "the key is there a second time",
				.mend = "keep one of the two" });
}

/* Adds a fault for each key that a target or a group can't do without. */
static void missing_keys(struct walk *w, const struct config_position *at, config_rows seen)
{
	static const char *const names[] = { "name", "host" };
	struct config_why why;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int row = config_key_find(at->place, names[i], strlen(names[i]));

		if (row < 0 || seen >> row & 1 ||
			(at->place != PLACE_TARGET && at->place != PLACE_GROUP))
			continue;
		snprintf(why.wrong, sizeof(why.wrong), "there is no %s", names[i]);
		snprintf(why.mend, sizeof(why.mend), "add %s: %s", names[i],
			i == 0 ? "NAME" : "HOST");
		config_faults_add(w->faults, at, NULL, &why);
	}
}

/* ---------------------------------------------------------------- the walk */

/* An empty value in place of a list or a mapping is an empty one, as for libcyaml. */
static bool is_null(const yaml_event_t *event)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };

	for (size_t i = 0; event->type == YAML_SCALAR_EVENT && i < ARRAY_SIZE(words); i++)
		if (strcmp((const char *)event->data.scalar.value, words[i]) == 0)
			return true;
	return false;
}

static void walk_list(struct walk *w, struct config_position list)
{
	const struct config_key *key = &config_keys[list.key];
	struct config_position at = list;

	if (key->shape == SHAPE_MAPPINGS)
		at = inside(&list);
	for (size_t n = 0;; n++) {
		_cleanup_(yaml_event_delete) yaml_event_t event = { 0 };

		if (!next(w, &event))
			return;
		if (event.type == YAML_SEQUENCE_END_EVENT) {
			check_entries(w, &list, n);
			return;
		}
		if (key->shape == SHAPE_TEXTS)
			at.entry = n + 1;
		else
			at.item = n;
		at.line = line_of(&event);
		located(w, &at);
		if (event.type == YAML_ALIAS_EVENT)
			continue;
		if (key->shape == SHAPE_TEXTS && event.type == YAML_SCALAR_EVENT)
			check_scalar(w, &at, &event);
		else if (key->shape == SHAPE_TEXTS)
			wrong_shape(w, &at, &event, key->entry, key->expects);
		else if (event.type == YAML_MAPPING_START_EVENT)
			walk_mapping(w, at);
		else
			wrong_shape(w, &at, &event, "a mapping",
				"KEY: VALUE pairs, such as name: NAME");
	}
}

static void walk_value(struct walk *w, struct config_position at, const yaml_event_t *event)
{
	const struct config_key *key = &config_keys[at.key];

	at.line = line_of(event);
	located(w, &at);
	if (event->type == YAML_ALIAS_EVENT)
		return;
	if (key->shape == SHAPE_SCALAR) {
		if (event->type == YAML_SCALAR_EVENT)
			check_scalar(w, &at, event);
		else
			wrong_shape(w, &at, event, "a single value", key->expects);
	} else if (is_null(event)) {
		return;
	} else if (key->shape == SHAPE_MAPPING) {
		if (event->type == YAML_MAPPING_START_EVENT)
			walk_mapping(w, inside(&at));
		else
			wrong_shape(w, &at, event, "a mapping", key->expects);
	} else if (event->type == YAML_SEQUENCE_START_EVENT) {
		walk_list(w, at);
	} else {
		wrong_shape(w, &at, event, "a list", key->expects);
	}
}

/* AT is the mapping itself: its key is KEY_NONE. */
static void walk_mapping(struct walk *w, struct config_position at)
{
	config_rows seen = 0;

	for (;;) {
		_cleanup_(yaml_event_delete) yaml_event_t key = { 0 };
		_cleanup_(yaml_event_delete) yaml_event_t value = { 0 };
		struct config_position here = at;

		if (!next(w, &key) || key.type == YAML_MAPPING_END_EVENT)
			break;
		here.key = KEY_NONE;
		if (key.type == YAML_SCALAR_EVENT)
			here.key = config_key_find(at.place, (const char *)key.data.scalar.value,
				key.data.scalar.length);
		if (here.key < 0) {
			unknown_key(w, &at, &key);
			skip(w, &key);
		}
		if (!next(w, &value))
			break;
		if (here.key < 0) {
			skip(w, &value);
			continue;
		}
		if (seen >> here.key & 1) {
			here.line = line_of(&key);
			duplicate_key(w, &here);
		}
		seen |= CONFIG_ROW(here.key);
		walk_value(w, here, &value);
	}
	if (w->faults && !w->ended)
		missing_keys(w, &at, seen);
}

static void walk_file(struct walk *w)
{
	struct config_position at = config_position_of(w->file, w->source->place, 0);
	size_t documents = 0;

	yaml_parser_set_input_string(
		&w->parser, (const unsigned char *)w->source->text, w->source->len);
	for (;;) {
		_cleanup_(yaml_event_delete) yaml_event_t event = { 0 };

		if (!next(w, &event) || event.type == YAML_STREAM_END_EVENT)
			return;
		at.line = line_of(&event);
		if (event.type == YAML_STREAM_START_EVENT || event.type == YAML_DOCUMENT_END_EVENT)
			continue;
		if (event.type == YAML_DOCUMENT_START_EVENT && documents++ == 0)
			continue;
		if (event.type == YAML_MAPPING_START_EVENT) {
			walk_mapping(w, at);
		} else if (event.type != YAML_DOCUMENT_START_EVENT) {
			wrong_shape(w, &at, &event, "a mapping", "KEY: VALUE lines");
		} else {
			if (w->faults)
				config_faults_add(w->faults, &at, NULL,
					&(struct config_why){
						.wrong = "a second document begins here",
						.mend = "take the --- line out, or divide the "
							"file" });
			return;
		}
	}
}

static void walk(struct walk *w)
{
	if (!yaml_parser_initialize(&w->parser)) {
		if (w->faults)
			w->faults->no_memory = true;
		return;
	}
	walk_file(w);
	yaml_parser_delete(&w->parser);
}

size_t config_walk_explain(
	const struct config_source *source, unsigned file, struct config_faults *faults)
{
	struct walk w = { .source = source, .file = file, .faults = faults };
	size_t before = faults->n;

	walk(&w);
	return faults->n - before;
}

void config_walk_locate(
	const struct config_source *source, struct config_position **wanted, size_t n)
{
	struct walk w = { .source = source, .wanted = wanted, .n_wanted = n };

	walk(&w);
	for (size_t i = 0; i < n; i++)
		if (wanted[i]->line == 0)
			wanted[i]->line = 1;
}
