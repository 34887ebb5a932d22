/* SPDX-License-Identifier: ISC */
/* The list of what is wrong with a configuration. */
#include "agent/config_private.h"

#include <stdio.h>
#include <string.h>

#include "common/text.h"

/* Room for one more; NULL when there is no memory. */
static struct config_fault *new_fault(struct config_faults *faults)
{
	if (faults->n == faults->size) {
		size_t size = faults->size ? 2 * faults->size : 16;
		struct config_fault *list = reallocarray(faults->list, size, sizeof(*list));

		if (!list)
			return NULL;
		faults->list = list;
		faults->size = size;
	}
	faults->list[faults->n] = (struct config_fault){ .sequence = (unsigned)faults->n };
	return &faults->list[faults->n];
}

struct config_position config_position_of(unsigned file, enum config_place layer, size_t item)
{
	return (struct config_position){
		.file = file, .layer = layer, .item = item, .place = layer, .key = KEY_NONE
	};
}

int config_position_compare(const struct config_position *a, const struct config_position *b)
{
	if (a->layer != b->layer)
		return a->layer < b->layer ? -1 : 1;
	if (a->item != b->item)
		return a->item < b->item ? -1 : 1;
	if (a->place != b->place)
		return a->place < b->place ? -1 : 1;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return (a->entry > b->entry) - (a->entry < b->entry);
}

/* The path of a position as a person reads it: targets[3].evidence.module[0] */
static void format_position(
	const struct config_position *at, const char *name, char *buffer, size_t size)
{
	const char *parts[3] = { config_place_name(at->layer),
		at->place != at->layer ? config_place_name(at->place) : NULL,
		at->key >= 0 ? config_keys[at->key].name : NULL };
	char item[32] = "", entry[32] = "", escaped[64];
	size_t used = 0;

	if (at->layer == PLACE_GROUP || at->layer == PLACE_TARGET)
		snprintf(item, sizeof(item), "[%zu]", at->item);
	if (at->entry > 0)
		snprintf(entry, sizeof(entry), "[%zu]", at->entry - 1);
	if (name) {
		text_escape(escaped, sizeof(escaped), name, strlen(name));
		parts[2] = escaped;
	}
	if (at->key == KEY_YAML) {
		snprintf(buffer, size, "YAML");
		return;
	}
	snprintf(buffer, size, "file");
	for (size_t i = 0; i < ARRAY_SIZE(parts) && used < size; i++)
		if (parts[i])
			used += (size_t)snprintf(buffer + used, size - used, "%s%s%s",
				used ? "." : "", parts[i],
				i == 0           ? item
					: i == 2 ? entry
						 : "");
}

static void add(struct config_faults *faults, const struct config_position *at,
	const struct config_position *other, const char *name, const struct config_why *why)
{
	struct config_fault *fault = new_fault(faults);
	char position[160];

	format_position(at, name, position, sizeof(position));
	if (!fault || asprintf(&fault->wrong, "%s: %s", position, why->wrong) < 0) {
		faults->no_memory = true;
		return;
	}
	fault->mend = strdup(why->mend);
	if (!fault->mend) {
		free(fault->wrong);
		faults->no_memory = true;
		return;
	}
	fault->at = *at;
	if (other) {
		fault->other = *other;
		fault->has_other = true;
	}
	faults->n++;
}

void config_faults_add(struct config_faults *faults, const struct config_position *at,
	const char *name, const struct config_why *why)
{
	add(faults, at, NULL, name, why);
}

void config_faults_add_pair(struct config_faults *faults, const struct config_position *at,
	const struct config_position *other, const struct config_why *why)
{
	add(faults, at, other, NULL, why);
}

void config_faults_done(struct config_faults *faults)
{
	for (size_t i = 0; i < faults->n; i++) {
		free(faults->list[i].wrong);
		free(faults->list[i].mend);
	}
	free(faults->list);
	*faults = (struct config_faults){ 0 };
}
