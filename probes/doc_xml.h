/* SPDX-License-Identifier: ISC */
/*
 * Foreign XML, streaming, with bounds: no document type (so no entities of its own, no bombs),
 * limited depth, limited memory. UTF-8, UTF-16, ISO 8859-1 and the code pages of Windows.
 */
#ifndef FTPHEALTH_DOC_XML_H
#define FTPHEALTH_DOC_XML_H

#include <stddef.h>

enum {
	DOC_XML_DEPTH_MAX = 64,
	DOC_XML_MEMORY_MAX = 16 * 1024 * 1024,
};

struct doc_xml_handler {
	/* An element begins at DEPTH (the root has 1); ATTRIBUTES are name, value, ..., NULL.
	 * Returns NULL, or why to stop (static). */
	const char *(*on_start)(
		void *userdata, unsigned depth, const char *name, const char *const *attributes);
	void (*on_end)(void *userdata, unsigned depth); /* may be NULL */
	void *userdata;
};

/* Reads a document whole. Returns 0, or -EBADMSG with the reason in *WHY (static). */
int doc_xml_read(
	const char *bytes, size_t len, const struct doc_xml_handler *handler, const char **why);

/* The value of an attribute by its name (any case), or NULL. */
const char *doc_xml_attribute(const char *const *attributes, const char *name);

#endif
