/* SPDX-License-Identifier: ISC */
/* Reader of MetaBase.xml: one element a node, properties as attributes, the path in Location. */
#include "probes/doc_metabase.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "probes/doc_iis.h"
#include "probes/doc_xml.h"

enum { NODE_DEPTH = 3 }; /* configuration, MBProperty, the nodes */

struct reader {
	struct iis_nodes nodes;
	bool is_metabase;      /* MBProperty was seen */
	struct iis_node *node; /* the one that is open, or NULL */
};

static const char *set(struct iis_node *node, enum iis_property property, const char *value)
{
	if (property == IIS_NOTHING || iis_set(node, property, value))
		return NULL;
	return "a setting of the FTP site is neither TRUE nor FALSE";
}

/* \\server\share, but not \\?\C:\folder. */
static bool is_unc(const char *path)
{
	return path && strncmp(path, "\\\\", 2) == 0 && strncmp(path, "\\\\?\\", 4) != 0;
}

static const char *read_node(struct reader *r, const char *const *attributes)
{
	const char *location = doc_xml_attribute(attributes, "Location");
	const char *why = NULL;
	enum iis_level level;
	bool is_root;

	r->node = NULL;
	if (!location)
		return NULL;
	level = iis_level_of(location, r->nodes.site, &is_root);
	if (is_root && is_unc(doc_xml_attribute(attributes, "Path")))
		r->nodes.unc_home = true;
	if (level == IIS_ELSEWHERE)
		return NULL;
	r->node = &r->nodes.levels[level];
	r->node->seen = r->node->whole = true;
	for (; *attributes && !why; attributes += 2)
		why = set(r->node, iis_property_by_name(attributes[0]), attributes[1]);
	return why;
}

/* A property that the schema does not name for this class: <Custom ID="6022" Value="1" .../>. */
static const char *read_custom(struct reader *r, const char *const *attributes)
{
	const char *id = doc_xml_attribute(attributes, "ID");
	const char *value = doc_xml_attribute(attributes, "Value");

	if (!r->node || !id || !value)
		return NULL;
	return set(r->node, iis_property_by_id((unsigned)strtoul(id, NULL, 10)), value);
}

static const char *on_start(
	void *userdata, unsigned depth, const char *name, const char *const *attributes)
{
	struct reader *r = userdata;

	if (depth == 1 && strcasecmp(name, "configuration") != 0)
		return "the document is XML, but no MetaBase.xml";
	if (depth == 2)
		r->is_metabase |= strcasecmp(name, "MBProperty") == 0;
	else if (depth == NODE_DEPTH)
		return read_node(r, attributes);
	else if (depth == NODE_DEPTH + 1 && strcasecmp(name, "Custom") == 0)
		return read_custom(r, attributes);
	return NULL;
}

static void on_end(void *userdata, unsigned depth)
{
	struct reader *r = userdata;

	if (depth == NODE_DEPTH)
		r->node = NULL;
}

static const char *judge(const struct reader *r)
{
	if (!r->is_metabase)
		return "the document is XML, but no MetaBase.xml";
	if (!r->nodes.levels[IIS_SERVICE].seen)
		return "the metabase has no FTP service (/LM/MSFTPSVC)";
	if (!r->nodes.levels[IIS_SITE].seen)
		return "the metabase has no FTP site of this number (/LM/MSFTPSVC/n)";
	return NULL;
}

int doc_metabase_read(
	const char *bytes, size_t len, unsigned site, struct evidence *ret, const char **why)
{
	struct reader r = { .nodes.site = site };
	const struct doc_xml_handler handler = { on_start, on_end, &r };
	int error = doc_xml_read(bytes, len, &handler, why);

	if (error < 0)
		return error;
	*why = judge(&r);
	if (*why)
		return -EBADMSG;
	/* What is set nowhere has the schema's default (cc783654, cc775465, cc784608). */
	ret->sync = ret->anonymous_only = SETTING_DISABLED;
	ret->anonymous = SETTING_ENABLED;
	ret->unc_home = false;
	iis_inherit(&r.nodes, ret);
	return 0;
}
