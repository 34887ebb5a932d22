/* SPDX-License-Identifier: ISC */
/* The documents that tell a server's settings: one row a format. */
#include "probes/document.h"

#include <errno.h>
#include <string.h>

#include "probes/doc_adsutil.h"
#include "probes/doc_metabase.h"
#include "probes/doc_profile.h"

/* The formats with a reader of their own; those of doc_profile.h follow them. */
static const struct {
	const char *name;
	bool is_copy;
	int (*read)(const char *bytes, size_t len, unsigned site, struct evidence *ret,
		const char **why);
} formats[] = {
	{ "adsutil", true, doc_adsutil_read },
	{ "metabase-xml", false, doc_metabase_read },
};

enum { OWN = sizeof(formats) / sizeof(formats[0]) };

const char *document_format_name(size_t i)
{
	return i < OWN ? formats[i].name : doc_profile_name(i - OWN);
}

int document_format_find(const char *name)
{
	const char *known;

	for (size_t i = 0; (known = document_format_name(i)) != NULL; i++)
		if (strcmp(known, name) == 0)
			return (int)i;
	return -EINVAL;
}

bool document_is_copy(size_t format)
{
	return format < OWN && formats[format].is_copy;
}

int document_read(size_t format, const char *bytes, size_t len, unsigned site, struct evidence *ret,
	const char **why)
{
	if (format < OWN)
		return formats[format].read(bytes, len, site, ret, why);
	return doc_profile_read(document_format_name(format), bytes, len, site, ret, why);
}
