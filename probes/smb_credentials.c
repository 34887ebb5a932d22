/* SPDX-License-Identifier: ISC */
/* A strict reader of netrc files that leaves nothing of them in memory. */
#include "probes/smb_credentials.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/text.h"
#include "common/util.h"
#include "probes/secret_file.h"

/* A walk over the words of a file. */
struct words {
	const char *next, *end;
	unsigned line; /* of the word */
	bool quoted;   /* it was in quotes, so is no keyword */
	char word[FETCH_NAME_MAX + 1];
	const char *fault; /* static; NULL = none */
};

/* Skips blanks and comments; false at the end. */
static bool skip_blanks(struct words *w, const char *start)
{
	for (; w->next < w->end; w->next++) {
		bool line_start = w->next == start || w->next[-1] == '\n';

		if (line_start && *w->next == '#')
			while (w->next < w->end && *w->next != '\n')
				w->next++;
		if (w->next == w->end)
			return false;
		if (*w->next == '\n')
			w->line++;
		else if (*w->next != ' ' && *w->next != '\t' && *w->next != '\r')
			return true;
	}
	return false;
}

/* What \C in quotes stands for, or 0. */
static char escaped(char c)
{
	static const char from[] = "\"\\nrt", to[] = "\"\\\n\r\t";
	const char *p = c ? strchr(from, c) : NULL;

	return p ? to[p - from] : '\0';
}

/* Takes the next octet of a word; -1 at its end. */
static int next_octet(struct words *w)
{
	char c;

	if (w->next == w->end) {
		if (w->quoted)
			w->fault = "no closing quote";
		return -1;
	}
	c = *w->next;
	if (!w->quoted && strchr(" \t\r\n", c) && c)
		return -1;
	w->next++;
	if (w->quoted && c == '"')
		return -1;
	if (w->quoted && c == '\\' && w->next < w->end) {
		c = escaped(*w->next++);
		if (!c)
			w->fault = "an unknown escape in quotes; a backslash itself is \\\\";
	}
	if ((unsigned char)c < 0x20 || c == 0x7f)
		w->fault = w->fault ? w->fault : "a control character";
	return (unsigned char)c;
}

/* Goes to the next word; false at the end of the file and at a fault. */
static bool next_word(struct words *w, const char *start)
{
	size_t n = 0;
	int c;

	if (!skip_blanks(w, start))
		return false;
	w->quoted = *w->next == '"';
	if (w->quoted)
		w->next++;
	while (!w->fault && (c = next_octet(w)) >= 0) {
		if (n + 1 >= sizeof(w->word)) {
			w->fault = "a word of more than 255 octets";
			break;
		}
		w->word[n++] = (char)c;
	}
	w->word[n] = '\0';
	return !w->fault;
}

/* DOMAIN\USER and DOMAIN/USER. */
static void split_login(struct smb_credentials *c)
{
	size_t n = strcspn(c->user, "\\/");

	if (!c->user[n])
		return;
	memcpy(c->domain, c->user, n);
	c->domain[n] = '\0';
	memmove(c->user, c->user + n + 1, strlen(c->user + n + 1) + 1);
}

/* The entry under way. */
struct entry {
	bool mine, found;
	bool has_login, has_password;
};

/* Takes one keyword with its word into C; sets W->fault. */
static void take_keyword(struct words *w, const char *start, const char *host,
	struct smb_credentials *c, struct entry *e)
{
	static const char *const keys[] = { "login", "password", "account" };
	char *const values[] = { c->user, c->password, c->domain };
	size_t i;

	if (!w->quoted && strcmp(w->word, "default") == 0) {
		e->found |= e->mine;
		e->mine = !e->found;
		return;
	}
	if (!w->quoted && strcmp(w->word, "machine") == 0) {
		e->found |= e->mine;
		if (!next_word(w, start))
			w->fault = w->fault ? w->fault : "machine without a name";
		else
			e->mine = !e->found && strcasecmp(w->word, host) == 0;
		return;
	}
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (!w->quoted && strcmp(w->word, keys[i]) == 0)
			break;
	if (i == ARRAY_SIZE(keys)) {
		w->fault = "none of machine, default, login, password, account";
		return;
	}
	if (!next_word(w, start)) {
		w->fault = w->fault ? w->fault : "a keyword without its word";
		return;
	}
	if (!e->mine)
		return;
	memcpy(values[i], w->word, strlen(w->word) + 1);
	e->has_login |= i == 0;
	e->has_password |= i == 1;
}

int smb_credentials_parse(const char *text, size_t len, const char *host,
	struct smb_credentials *ret, char why[FETCH_WHY_SIZE])
{
	struct words w = { .next = text, .end = text + len, .line = 1 };
	struct smb_credentials c = { .user = "" };
	struct entry e = { .mine = false };
	int error = 0;

	assert(text && host && ret && why);
	while (!w.fault && next_word(&w, text))
		take_keyword(&w, text, host, &c, &e);
	if (w.fault) {
		snprintf(why, FETCH_WHY_SIZE, "line %u: %s", w.line, w.fault);
		error = -EINVAL;
	} else if (!e.found && !e.mine) {
		snprintf(why, FETCH_WHY_SIZE, "no entry for machine %.100s, and no default", host);
		error = -EINVAL;
	} else if (!e.has_login || !e.has_password) {
		snprintf(why, FETCH_WHY_SIZE, "machine %.100s has no %s", host,
			e.has_login ? "password" : "login");
		error = -EINVAL;
	} else {
		split_login(&c);
		*ret = c;
	}
	explicit_bzero(&w, sizeof(w));
	smb_credentials_wipe(&c);
	return error;
}

int smb_credentials_load(const struct fetch_request *r, const char *host, const char *folder,
	struct smb_credentials *ret, char why[FETCH_WHY_SIZE])
{
	const char *name = r->netrc ? r->netrc : r->credential;
	char detail[FETCH_WHY_SIZE], message[2 * FETCH_WHY_SIZE];
	char *text;
	size_t len;
	int error;

	assert(r && host && ret && why);
	memset(ret, 0, sizeof(*ret));
	if (!name)
		return 0;
	error = secret_file_load(
		r->netrc, r->credential, folder, SMB_CREDENTIALS_FILE_MAX, &text, &len, why);
	if (error < 0)
		return error;
	error = smb_credentials_parse(text, len, host, ret, detail);
	secret_file_free(text, len);
	if (error < 0) {
		snprintf(message, sizeof(message), "%s %.120s: %s",
			r->netrc ? "netrc file" : "credential", name, detail);
		text_escape(why, FETCH_WHY_SIZE, message, strlen(message));
		return error;
	}
	if (!ret->domain[0] && r->domain)
		snprintf(ret->domain, sizeof(ret->domain), "%s", r->domain);
	return 0;
}

void smb_credentials_wipe(struct smb_credentials *c)
{
	explicit_bzero(c, sizeof(*c));
}
