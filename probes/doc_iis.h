/* SPDX-License-Identifier: ISC */
/* The metabase of IIS 4 to 6 as its readers meet it: nodes, properties, inheritance. */
#ifndef FTPHEALTH_DOC_IIS_H
#define FTPHEALTH_DOC_IIS_H

#include <stdbool.h>
#include <stddef.h>

#include "probes/evidence.h"

/* Nearest first: a value of the site's node overrides the service's (Q240941). */
enum iis_level { IIS_SITE, IIS_UNNAMED, IIS_SERVICE, IIS_LEVELS, IIS_ELSEWHERE = IIS_LEVELS };

/* What one node says; a zero or empty field is absent. */
struct iis_node {
	bool seen;
	bool whole; /* all properties of the node were shown, not one */
	enum setting sync, anonymous, anonymous_only;
	char account[sizeof(((struct evidence *)NULL)->account)];
	enum setting password; /* enabled: there is one; disabled: it is empty */
};

struct iis_nodes {
	unsigned site;
	struct iis_node levels[IIS_LEVELS];
	bool unc_home;
};

enum iis_property {
	IIS_NOTHING, /* a property of no interest */
	IIS_SYNC,
	IIS_ANONYMOUS,
	IIS_ANONYMOUS_ONLY,
	IIS_ACCOUNT,
	IIS_PASSWORD,
	IIS_PATH,
	IIS_KEY_TYPE,
};

/* A property by its name (any case) or its number in the metabase. */
enum iis_property iis_property_by_name(const char *name);
enum iis_property iis_property_by_id(unsigned id);

/* Reads a Boolean as IIS and its scripts write it, in some languages of Windows too; unknown when
 * it is none. */
enum setting iis_boolean(const char *text);

/* The level of a node's path, in any of the forms /LM/MSFTPSVC/1, IIS://host/MSFTPSVC/1, msftpsvc.
 * *IS_ROOT tells whether it is the root folder of the site (MSFTPSVC/1/ROOT). */
enum iis_level iis_level_of(const char *path, unsigned site, bool *is_root);

/* Sets PROPERTY of NODE. False when VALUE is none for it. The password itself is not kept. */
bool iis_set(struct iis_node *node, enum iis_property property, const char *value);

/* Puts what the nodes say together, by inheritance, into RET: what they do not say is not changed.
 */
void iis_inherit(const struct iis_nodes *nodes, struct evidence *ret);

#endif
