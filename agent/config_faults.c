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

/* The path of a position as a person reads it: targets[3].port */
static void format_position(
	const struct config_position *at, const char *name, char *buffer, size_t size)
{
	static const char *const prefixes[PLACE_END] = { [PLACE_AGENTX] = "agentx",
		[PLACE_DEFAULTS] = "defaults",
		[PLACE_GROUP] = "groups",
		[PLACE_TARGET] = "targets" };
	const char *prefix = prefixes[at->place];
	const char *key = at->key >= 0 ? config_keys[at->key].name : NULL;
	char index[32] = "", escaped[64];

	if (at->place == PLACE_GROUP || at->place == PLACE_TARGET ||
		(at->key >= 0 && config_keys[at->key].shape == SHAPE_TEXTS))
		snprintf(index, sizeof(index), "[%zu]", at->item);
	if (name) {
		text_escape(escaped, sizeof(escaped), name, strlen(name));
		key = escaped;
	}
	if (at->key == KEY_YAML)
		snprintf(buffer, size, "YAML");
	else if (prefix && key)
		snprintf(buffer, size, "%s%s.%s", prefix, index, key);
	else if (prefix)
		snprintf(buffer, size, "%s%s", prefix, index);
	else
		snprintf(buffer, size, "%s%s", key ? key : "file", index);
}

static void add(struct config_faults *faults, const struct config_position *at,
	const struct config_position *other, const char *name, const struct config_why *why)
{
	struct config_fault *fault = new_fault(faults);
	char position[128];

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
