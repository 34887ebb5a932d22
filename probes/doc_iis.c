/* SPDX-License-Identifier: ISC */
/* The metabase of IIS 4 to 6: nodes, properties, inheritance. */
#include "probes/doc_iis.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/text.h"
#include "common/util.h"
#include "probes/doc_text.h"

/* Numbers: constants of the metabase (MD_ANONYMOUS_USE_SUBAUTH and so on). */
static const struct {
	const char *name;
	unsigned id;
	enum iis_property property;
} properties[] = {
	/* clang-format off */
	{ "AnonymousPasswordSync", 6022, IIS_SYNC },
	{ "AllowAnonymous",        5005, IIS_ANONYMOUS },
	{ "AnonymousOnly",         5006, IIS_ANONYMOUS_ONLY },
	{ "AnonymousUserName",     6020, IIS_ACCOUNT },
	{ "AnonymousUserPass",     6021, IIS_PASSWORD },
	{ "Path",                  3001, IIS_PATH },
	{ "KeyType",               1002, IIS_KEY_TYPE },
	/* clang-format on */
};

enum iis_property iis_property_by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(properties); i++)
		if (strcasecmp(properties[i].name, name) == 0)
			return properties[i].property;
	return IIS_NOTHING;
}

enum iis_property iis_property_by_id(unsigned id)
{
	for (size_t i = 0; i < ARRAY_SIZE(properties); i++)
		if (properties[i].id == id)
			return properties[i].property;
	return IIS_NOTHING;
}

enum setting iis_boolean(const char *text)
{
	/* A script's True is written in the language of Windows. */
	static const char *const yes[] = { "true", "1", "-1", "wahr", "vrai", "vero", "verdadero",
		"verdadeiro", "waar" };
	static const char *const no[] = { "false", "0", "falsch", "faux", "falso", "onwaar" };

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
		if (strcasecmp(text, yes[i]) == 0)
			return SETTING_ENABLED;
	for (size_t i = 0; i < ARRAY_SIZE(no); i++)
		if (strcasecmp(text, no[i]) == 0)
			return SETTING_DISABLED;
	return SETTING_UNKNOWN;
}

enum iis_level iis_level_of(const char *path, unsigned site, bool *is_root)
{
	char *end;

	*is_root = false;
	if (doc_starts(path, "IIS://")) {
		path = strchr(path + 6, '/');
		if (!path)
			return IIS_ELSEWHERE;
	}
	path += strspn(path, "/");
	if (doc_starts(path, "LM/"))
		path += 3;
	if (!doc_starts(path, "MSFTPSVC"))
		return IIS_ELSEWHERE;
	path += strlen("MSFTPSVC");
	if (*path == '\0' || strcmp(path, "/") == 0)
		return IIS_SERVICE;
	if (path[0] != '/' || path[1] < '0' || path[1] > '9' || strtoul(path + 1, &end, 10) != site)
		return IIS_ELSEWHERE;
	*is_root = strcasecmp(end, "/ROOT") == 0 || strcasecmp(end, "/ROOT/") == 0;
	return *end == '\0' || strcmp(end, "/") == 0 ? IIS_SITE : IIS_ELSEWHERE;
}

static bool set_boolean(enum setting *setting, const char *value)
{
	*setting = iis_boolean(value);
	return *setting != SETTING_UNKNOWN;
}

bool iis_set(struct iis_node *node, enum iis_property property, const char *value)
{
	node->seen = true;
	switch (property) {
	case IIS_SYNC:
		return set_boolean(&node->sync, value);
	case IIS_ANONYMOUS:
		return set_boolean(&node->anonymous, value);
	case IIS_ANONYMOUS_ONLY:
		return set_boolean(&node->anonymous_only, value);
	case IIS_ACCOUNT:
		text_escape(node->account, sizeof(node->account), value, strlen(value));
		return true;
	case IIS_PASSWORD:
		node->password = *value ? SETTING_ENABLED : SETTING_DISABLED;
		return true;
	default:
		return true;
	}
}

void iis_inherit(const struct iis_nodes *nodes, struct evidence *ret)
{
	enum setting password = SETTING_UNKNOWN;

	for (size_t i = IIS_LEVELS; i-- > 0;) { /* the farthest first: the nearest overrides */
		const struct iis_node *node = &nodes->levels[i];

		if (node->sync)
			ret->sync = node->sync;
		if (node->anonymous)
			ret->anonymous = node->anonymous;
		if (node->anonymous_only)
			ret->anonymous_only = node->anonymous_only;
		if (node->account[0])
			memcpy(ret->account, node->account, sizeof(ret->account));
		if (node->password)
			password = node->password;
	}
	/* Turning synchronization on deletes the property (Q259353). */
	if (password == SETTING_UNKNOWN && nodes->levels[IIS_SITE].whole &&
		nodes->levels[IIS_SERVICE].whole)
		password = SETTING_DISABLED;
	if (password != SETTING_UNKNOWN)
		ret->password_absent = password == SETTING_DISABLED;
	if (nodes->unc_home)
		ret->unc_home = true;
}
