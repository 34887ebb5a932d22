/* SPDX-License-Identifier: ISC */
/* Foreign XML by expat, within bounds. */
#include "probes/doc_xml.h"

#include <errno.h>
#include <expat.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/util.h"

/* What expat is given at a time. It looks at an unfinished token again from its beginning with each
 * piece; the bound on memory bounds the pieces of one token, and so the time. */
enum { PIECE = 1024 * 1024 };

/* What expat holds at present. Its allocator has no argument of ours, hence one count a thread. */
static _Thread_local size_t held;

/* In front of each piece of memory; as large as the strictest alignment. */
union piece {
	size_t size;
	max_align_t align;
};

static void *xml_realloc(void *old, size_t size)
{
	union piece *piece = old ? (union piece *)old - 1 : NULL;
	size_t before = piece ? piece->size : 0;

	if (size > DOC_XML_MEMORY_MAX || held - before + size > DOC_XML_MEMORY_MAX)
		return NULL;
	piece = realloc(piece, sizeof(*piece) + size);
	if (!piece)
		return NULL;
	held = held - before + size;
	piece->size = size;
	return piece + 1;
}

static void *xml_malloc(size_t size)
{
	return xml_realloc(NULL, size);
}

static void xml_free(void *old)
{
	union piece *piece = old ? (union piece *)old - 1 : NULL;

	if (!piece)
		return;
	held -= piece->size;
	free(piece);
}

struct reading {
	const struct doc_xml_handler *handler;
	XML_Parser parser;
	unsigned depth;
	bool began; /* an element was seen */
	const char *why;
};

static void stop(struct reading *r, const char *why)
{
	if (!r->why)
		r->why = why;
	XML_StopParser(r->parser, XML_FALSE);
}

static void XMLCALL on_start(void *userdata, const XML_Char *name, const XML_Char **attributes)
{
	struct reading *r = userdata;
	const char *why;

	if (r->why) /* expat may report what it has in hand after it was told to stop */
		return;
	r->began = true;
	if (r->depth == DOC_XML_DEPTH_MAX) {
		stop(r, "the XML is nested too deeply");
		return;
	}
	why = r->handler->on_start(r->handler->userdata, ++r->depth, name, attributes);
	if (why)
		stop(r, why);
}

static void XMLCALL on_end(void *userdata, const XML_Char *name)
{
	struct reading *r = userdata;

	if (r->why)
		return;
	if (r->handler->on_end)
		r->handler->on_end(r->handler->userdata, r->depth);
	r->depth--;
}

static void XMLCALL on_doctype(void *userdata, const XML_Char *name, const XML_Char *system,
	const XML_Char *public, int has_subset)
{
	stop(userdata, "the XML has a document type (DTD), which is not read");
}

/* Code pages of Windows: ASCII below, something that is no markup above. */
static int XMLCALL on_encoding(void *userdata, const XML_Char *name, XML_Encoding *info)
{
	if (strncasecmp(name, "windows-125", 11) != 0)
		return XML_STATUS_ERROR;
	for (int i = 0; i < 256; i++)
		info->map[i] = i < 0x80 ? i : 0xfffd;
	info->data = NULL;
	info->convert = NULL;
	info->release = NULL;
	return XML_STATUS_OK;
}

static const char *explain(const struct reading *r)
{
	switch (XML_GetErrorCode(r->parser)) {
	case XML_ERROR_NO_MEMORY:
		return "the XML needs more memory than such a document should";
	case XML_ERROR_NO_ELEMENTS:
		return r->began ? "the XML breaks off" : "the document is empty";
	case XML_ERROR_UNCLOSED_TOKEN:
	case XML_ERROR_UNCLOSED_CDATA_SECTION:
	case XML_ERROR_PARTIAL_CHAR:
		return "the XML breaks off";
	case XML_ERROR_UNKNOWN_ENCODING:
		return "the XML has an encoding that is not read";
	case XML_ERROR_UNDEFINED_ENTITY:
		return "the XML uses an entity that it does not define";
	default:
		return "the document is not well-formed XML";
	}
}

int doc_xml_read(
	const char *bytes, size_t len, const struct doc_xml_handler *handler, const char **why)
{
	static const XML_Memory_Handling_Suite memory = { xml_malloc, xml_realloc, xml_free };
	struct reading r = { .handler = handler };
	enum XML_Status status;

	r.parser = XML_ParserCreate_MM(NULL, &memory, NULL);
	if (!r.parser)
		return -ENOMEM;
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, on_start, on_end);
	XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
	XML_SetUnknownEncodingHandler(r.parser, on_encoding, NULL);
	do {
		size_t n = len < PIECE ? len : PIECE;

		status = XML_Parse(r.parser, bytes, (int)n, n == len);
		bytes += n;
		len -= n;
	} while (status == XML_STATUS_OK && len > 0);
	if (status != XML_STATUS_OK)
		*why = r.why ? r.why : explain(&r);
	XML_ParserFree(r.parser);
	return status == XML_STATUS_OK ? 0 : -EBADMSG;
}

const char *doc_xml_attribute(const char *const *attributes, const char *name)
{
	for (; *attributes; attributes += 2)
		if (strcasecmp(attributes[0], name) == 0)
			return attributes[1];
	return NULL;
}
