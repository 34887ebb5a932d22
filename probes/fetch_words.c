/* SPDX-License-Identifier: ISC */
/* Sorts replies such as "550 x: No such file or directory". */
#include "probes/fetch_words.h"

#include <assert.h>
#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "common/util.h"

enum { REPLY_MAX = 255 };

/* clang-format off */
static const struct { enum fetch_state state; const char *words; } rules[] = {
	{ FETCH_ABSENT,        "no such file" }, /* proftpd, pure-ftpd, wu-ftpd, IIS 7 */
	{ FETCH_ABSENT,        "cannot find" },  /* IIS: the system cannot find the file specified */
	{ FETCH_ABSENT,        "can't find" },
	{ FETCH_ABSENT,        "not found" },    /* FileZilla */
	{ FETCH_ABSENT,        "not exist" },
	{ FETCH_ABSENT,        "doesn't exist" },
	{ FETCH_ACCESS_DENIED, "denied" },       /* IIS: access is denied */
	{ FETCH_ACCESS_DENIED, "permission" },
	{ FETCH_ACCESS_DENIED, "not permitted" },
	{ FETCH_ACCESS_DENIED, "not allowed" },
	{ FETCH_ACCESS_DENIED, "forbidden" },
	{ FETCH_FAILED,        "not a plain file" },
	{ FETCH_FAILED,        "not a regular file" },
	{ FETCH_FAILED,        "is a directory" },
	{ FETCH_FAILED,        "not a file" },
	{ FETCH_FAILED,        "in use" },       /* IIS: the process cannot access the file ... */
	{ FETCH_FAILED,        "cannot access the file" },
};
/* clang-format on */

/* Overwrites each NAME of LEN octets in TEXT with blanks: a file may be called "denied". */
static void blank(char *text, const char *name, size_t len)
{
	if (len == 0)
		return;
	for (char *p = text; *p; p++)
		if (strncasecmp(p, name, len) == 0)
			memset(p, ' ', len);
}

enum fetch_state fetch_words_state(const char *reply, const char *url)
{
	enum fetch_state found = FETCH_UNKNOWN;
	char text[REPLY_MAX + 1];
	const char *part = url, *end;

	assert(reply && url);
	strncpy(text, reply, REPLY_MAX);
	text[REPLY_MAX] = '\0';
	/* 4yz: a trouble that passes (RFC 959 4.2). */
	if (text[0] == '4')
		return FETCH_FAILED;
	for (; *part; part = *end ? end + 1 : end) {
		end = part + strcspn(part, "/");
		if (end - part > 3) /* parts so short are words of their own */
			blank(text, part, (size_t)(end - part));
	}
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		if (!strcasestr(text, rules[i].words))
			continue;
		if (found != FETCH_UNKNOWN && found != rules[i].state)
			return FETCH_UNKNOWN;
		found = rules[i].state;
	}
	return found;
}
