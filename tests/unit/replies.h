/* SPDX-License-Identifier: ISC */
/* The tables of replies in tests/data: rows of text read, and made into observations. */
#ifndef FTPHEALTH_TESTS_REPLIES_H
#define FTPHEALTH_TESTS_REPLIES_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/classify_rules.h"

enum { TABLE_ROWS_MAX = 1000, TABLE_COLUMNS_MAX = 8 };

/* A table of tab-separated columns; `#` lines and the line of the column names are left out. */
struct table {
	char *columns[TABLE_ROWS_MAX][TABLE_COLUMNS_MAX];
	size_t n;
};

/* Turns \xNN into octets. */
static inline void table_unescape(char *s)
{
	char *to = s;

	while (*s) {
		unsigned octet;

		if (s[0] == '\\' && s[1] == 'x' && sscanf(s + 2, "%2x", &octet) == 1) {
			*to++ = (char)octet;
			s += 4;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

/* Reads tests/data/NAME of the source folder; ends the program when it cannot be read. */
static inline void table_read(struct table *t, const char *name)
{
	const char *top = getenv("srcdir");
	char path[4096], line[4096];
	bool named = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/data/%s", top ? top : ".", name);
	f = fopen(path, "r");
	if (!f) {
		printf("Bail out! cannot read %s: set srcdir to the top of the source\n", path);
		exit(1);
	}
	t->n = 0;
	while (fgets(line, sizeof(line), f)) {
		char *rest = strdup(line);

		if (!rest || *line == '#' || !named || t->n == TABLE_ROWS_MAX) {
			named = named || *line != '#';
			free(rest);
			continue;
		}
		rest[strcspn(rest, "\n")] = '\0';
		for (size_t i = 0; i < TABLE_COLUMNS_MAX; i++) {
			char *column = strsep(&rest, "\t");

			t->columns[t->n][i] = column ? column : (char *)(uintptr_t) "";
		}
		t->n++;
	}
	fclose(f);
}

static inline void table_done(struct table *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->columns[i][0]);
	t->n = 0;
}

/* The label of a diagnosis as published, for a cause of the tables. */
static inline const char *table_label(const char *cause)
{
	static const char *const pairs[][2] = {
		{ "password-sync", "subAuthModuleMissing" },
		{ "wrong-credentials", "wrongCredentials" },
		{ "logon-right-missing", "logonRightMissing" },
		{ "account-locked", "accountLocked" },
		{ "anonymous-disabled", "anonymousDisabled" },
		{ "anonymous-only", "anonymousOnly" },
		{ "home-dir-inaccessible", "homeInaccessible" },
		{ "host-denied", "hostDenied" },
		{ "too-many-users", "tooManyUsers" },
		{ "tls-required", "tlsRequired" },
		{ "tls-unavailable", "tlsUnavailable" },
		{ "server-misconfigured", "serverMisconfigured" },
		{ "shutting-down", "shuttingDown" },
		{ "vhost-required", "virtualHostRequired" },
		{ "timeout", "timedOut" },
		{ "protocol-order", "protocolError" },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		if (strcmp(pairs[i][0], cause) == 0)
			return pairs[i][1];
	return cause;
}

/* True when CAUSES, separated by `|`, list DIAGNOSIS. */
static inline bool table_lists(const char *causes, enum diagnosis diagnosis)
{
	char copy[256], *rest = copy, *cause;

	snprintf(copy, sizeof(copy), "%s", causes);
	while ((cause = strsep(&rest, "|")) != NULL)
		if (strcmp(table_label(cause), diagnosis_info(diagnosis)->label) == 0)
			return true;
	return false;
}

static inline enum stage table_stage(const char *name)
{
	return strcmp(name, "connect") == 0 ? STAGE_BANNER
		: strcmp(name, "auth") == 0 ? STAGE_AUTH
		: strcmp(name, "user") == 0 ? STAGE_USER
					    : STAGE_PASSWORD;
}

/* An observation that ended with TEXT and CODE at STAGE, as probes/dialogue.c makes it. BANNER and
 * ASKED (the 331) may be NULL. What it holds is borrowed. */
static inline struct observation make_refusal(
	enum stage stage, int code, const char *text, const char *banner, const char *asked)
{
	struct observation o = {
		.outcome = code < 400 && stage == STAGE_PASSWORD ? OUTCOME_OK
			: code / 100 == 4                        ? OUTCOME_TEMPORARY_REFUSAL
								 : OUTCOME_LOGIN_REFUSED,
		.stage = stage,
		.code = code,
	};

	if (stage != STAGE_BANNER && banner)
		o.replies[o.n_replies++] =
			(struct reply){ .stage = STAGE_BANNER, .code = 220, .text = banner };
	if (stage == STAGE_PASSWORD && asked)
		o.replies[o.n_replies++] =
			(struct reply){ .stage = STAGE_USER, .code = 331, .text = asked };
	o.replies[o.n_replies++] = (struct reply){ .stage = stage, .code = code, .text = text };
	return o;
}

/* The number in a column `code`, where 5xx stands for any such. */
static inline int table_code(const char *column)
{
	return strstr(column, "xx") ? (column[0] - '0') * 100 + (column[0] == '4' ? 21 : 30)
				    : atoi(column);
}

/* A greeting of SERVER, as the table of banners has it, or NULL. */
static inline const char *table_banner(const struct table *banners, const char *server)
{
	for (size_t i = 0; i < banners->n; i++)
		if (strcmp(banners->columns[i][0], server) == 0 && banners->columns[i][5][0])
			return banners->columns[i][5];
	return NULL;
}

#endif
