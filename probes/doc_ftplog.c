/* SPDX-License-Identifier: ISC */
/* Reader of the FTP logs of IIS (Q318380, KB969061), of which only the tail counts. */
#include "probes/doc_ftplog.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/util.h"
#include "probes/doc_text.h"

/* What is wanted of a line. */
enum field {
	FIELD_CLIENT,
	FIELD_METHOD,
	FIELD_STEM,
	FIELD_STATUS,
	FIELD_WIN32,
	FIELD_SUBSTATUS,
	FIELDS,
	FIELD_OTHER = FIELDS,
};

enum { COLUMNS_MAX = 64 };

static const char *const names[FIELDS] = {
	[FIELD_CLIENT] = "c-ip",
	[FIELD_METHOD] = "cs-method",
	[FIELD_STEM] = "cs-uri-stem",
	[FIELD_STATUS] = "sc-status",
	[FIELD_WIN32] = "sc-win32-status",
	[FIELD_SUBSTATUS] = "sc-substatus",
};

/* IIS format: fixed, separated by commas. */
static const enum field iis_format[] = {
	FIELD_CLIENT, FIELD_OTHER, FIELD_OTHER, FIELD_OTHER,
	FIELD_OTHER, /* user, date, time, service */
	FIELD_OTHER, FIELD_OTHER, FIELD_OTHER, FIELD_OTHER, FIELD_OTHER, /* names, times, octets */
	FIELD_STATUS, FIELD_WIN32, FIELD_METHOD, FIELD_STEM,             /* and parameters */
};

struct reader {
	const char *client, *password;
	enum field columns[COLUMNS_MAX];
	size_t n_columns; /* 0 = no #Fields yet */
	bool known[FIELDS];
	bool understood; /* a line of a known format was seen */
	bool found;
	uint32_t status, win32, substatus; /* of our newest PASS */
};

/* #Fields: date time c-ip cs-method ... */
static void read_fields(struct reader *r, char *line)
{
	char *word;

	r->n_columns = 0;
	memset(r->known, 0, sizeof(r->known));
	while ((word = doc_word(&line)) && r->n_columns < COLUMNS_MAX) {
		enum field field = FIELD_OTHER;

		for (unsigned i = 0; i < FIELDS; i++)
			if (strcasecmp(word, names[i]) == 0)
				field = i;
		if (field != FIELD_OTHER)
			r->known[field] = true;
		r->columns[r->n_columns++] = field;
	}
}

static uint32_t number(const char *text)
{
	unsigned long value = text && isdigit((unsigned char)*text) ? strtoul(text, NULL, 10) : 0;

	return value <= UINT32_MAX ? (uint32_t)value : UINT32_MAX;
}

/* PASS, or [17]PASS with the number of the session. */
static bool is_pass(const char *method)
{
	if (method && *method == '[') {
		method = strchr(method, ']');
		if (method)
			method++;
	}
	return method && strcasecmp(method, "PASS") == 0;
}

/* The server may hide a password, or log none. */
static bool is_hidden(const char *stem)
{
	return !stem || strspn(stem, "*-") == strlen(stem);
}

static bool is_ours(const struct reader *r, char *const values[FIELDS])
{
	const char *stem = values[FIELD_STEM];

	if (!is_pass(values[FIELD_METHOD]))
		return false;
	if (!is_hidden(stem) && r->password)
		return strcasecmp(stem, r->password) == 0;
	return r->client && values[FIELD_CLIENT] &&
		strcasecmp(values[FIELD_CLIENT], r->client) == 0;
}

static void read_values(struct reader *r, char *const values[FIELDS])
{
	if (!is_ours(r, values))
		return;
	r->found = true;
	r->status = number(values[FIELD_STATUS]);
	r->win32 = number(values[FIELD_WIN32]);
	r->substatus = number(values[FIELD_SUBSTATUS]);
}

static void read_extended(struct reader *r, char *line)
{
	char *values[FIELDS + 1] = { NULL };
	char *word;
	size_t n = 0;

	for (; n < r->n_columns && (word = doc_word(&line)); n++)
		values[r->columns[n]] = word;
	if (n < r->n_columns || doc_word(&line)) /* cut, or of other columns */
		return;
	r->understood = true;
	read_values(r, values);
}

static void read_iis(struct reader *r, char *line)
{
	char *values[FIELDS + 1] = { NULL };

	for (size_t i = 0; i < ARRAY_SIZE(iis_format); i++) {
		char *comma = strchr(line, ',');

		if (!comma)
			return;
		*comma = '\0';
		values[iis_format[i]] = line + strspn(line, " ");
		line = comma + 1;
	}
	if (!isdigit((unsigned char)*values[FIELD_STATUS]))
		return;
	r->known[FIELD_WIN32] = r->understood = true;
	read_values(r, values);
}

static void read_line(struct reader *r, char *line)
{
	if (doc_starts(line, "#Fields:"))
		read_fields(r, line + strlen("#Fields:"));
	else if (*line == '#' || *line == '\0')
		return;
	else if (r->n_columns > 0)
		read_extended(r, line);
	else
		read_iis(r, line);
}

/* The last #Fields line before END names the columns of what follows it; START when there is none.
 */
static size_t find_fields(const char *bytes, size_t start, size_t end)
{
	static const char mark[] = "\n#Fields:";

	for (size_t at = end > strlen(mark) ? end - strlen(mark) : 0; at > start; at--)
		if (bytes[at] == '\n' && memcmp(bytes + at, mark, strlen(mark)) == 0)
			return at + 1;
	return start;
}

static const char *judge(const struct reader *r)
{
	if (r->n_columns > 0 && (!r->known[FIELD_METHOD] || !r->known[FIELD_STATUS]))
		return "the log lacks cs-method or sc-status: enable these fields";
	if (r->n_columns > 0 && !r->known[FIELD_WIN32])
		return "the log lacks sc-win32-status: enable the field Win32 Status";
	if (r->n_columns == 0 && !r->understood)
		return "the document is no log of W3C extended or IIS format";
	return NULL;
}

int doc_ftplog_read(const char *bytes, size_t len, const char *client, const char *password,
	struct evidence *ret, const char **why)
{
	struct reader r = { .client = client, .password = password };
	char line[DOC_LINE_MAX];
	struct doc_text text;

	if (doc_text_open(&text, bytes, len, why) < 0)
		return -EBADMSG;
	if (text.width == 1 && len > DOC_FTPLOG_TAIL) {
		size_t tail = len - DOC_FTPLOG_TAIL;

		text.at = find_fields(bytes, text.at, tail);
		if (doc_text_line(&text, line) && doc_starts(line, "#Fields:"))
			read_line(&r, line);
		text.at = tail;
		doc_text_line(&text, line); /* the rest of a line */
	}
	while (doc_text_line(&text, line))
		read_line(&r, line);
	*why = judge(&r);
	if (*why)
		return -EBADMSG;
	ret->win32 = r.found && r.status == 530 ? r.win32 : 0;
	ret->substatus = r.found && r.status == 530 ? r.substatus : 0;
	return 0;
}
