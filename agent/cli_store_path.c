/* SPDX-License-Identifier: ISC */
/* Where the daemon's store is, as its configuration says. */
#include "agent/cli_store_path.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "common/util.h"

enum { DEPTH_MAX = 32 }; /* libyaml's time for lists in lists is quadratic in their depth */

static void closefilep(FILE **f)
{
	if (*f)
		fclose(*f);
}

/* Where in the file it is. */
struct search {
	unsigned depth;
	bool is_key;   /* the next node at depth 1 is a key */
	bool is_store; /* the latest key at depth 1 was `store` */
	char *found;
	int r;
};

static bool is_word(const yaml_event_t *event, const char *word)
{
	return event->data.scalar.length == strlen(word) &&
		memcmp(event->data.scalar.value, word, strlen(word)) == 0;
}

static void take_scalar(struct search *s, const yaml_event_t *event)
{
	if (s->depth != 1)
		return;
	if (!s->is_key && s->is_store) {
		s->found =
			strndup((const char *)event->data.scalar.value, event->data.scalar.length);
		s->r = s->found ? 0 : -ENOMEM;
	}
	s->is_store = s->is_key && is_word(event, "store");
	s->is_key = !s->is_key;
}

/* Returns false when there is nothing more to look at. */
static bool take(struct search *s, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		take_scalar(s, event);
		break;
	case YAML_ALIAS_EVENT:
		if (s->depth == 1)
			s->is_key = !s->is_key;
		break;
	case YAML_MAPPING_START_EVENT:
	case YAML_SEQUENCE_START_EVENT:
		if (++s->depth == 1)
			s->is_key = event->type == YAML_MAPPING_START_EVENT;
		break;
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		if (--s->depth == 1)
			s->is_key = true;
		break;
	case YAML_DOCUMENT_END_EVENT:
	case YAML_STREAM_END_EVENT:
		return false;
	default:
		break;
	}
	return !s->found && s->r >= 0 && s->depth < DEPTH_MAX;
}

static void search(
	yaml_parser_t *parser, const char *config, struct search *s, char *why, size_t size)
{
	for (bool more = true; more;) {
		yaml_event_t event;

		if (!yaml_parser_parse(parser, &event)) {
			snprintf(why, size, "%s:%zu: %s", config, parser->problem_mark.line + 1,
				parser->problem ? parser->problem : "cannot be read");
			s->r = -EINVAL;
			return;
		}
		more = take(s, &event);
		yaml_event_delete(&event);
	}
}

int cli_store_path(const char *config, char **ret, char *why, size_t size)
{
	_cleanup_(closefilep) FILE *f = fopen(config, "re");
	struct search s = { 0 };
	yaml_parser_t parser;

	if (!f)
		return -errno;
	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	yaml_parser_set_input_file(&parser, f);
	search(&parser, config, &s, why, size);
	yaml_parser_delete(&parser);
	if (s.r < 0)
		return s.r;
	*ret = s.found ? s.found : strdup(CLI_STORE_DEFAULT);
	return *ret ? 0 : -ENOMEM;
}
