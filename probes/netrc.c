/* SPDX-License-Identifier: ISC */
/* A strict reader of netrc files that leaves nothing of them in memory. */
#include "probes/netrc.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/text.h"
#include "probes/secret_file.h"

/* One machine, or default (no name). */
struct entry {
	const char *name;
	size_t number; /* its place in the file */
	struct netrc_entry says;
};

struct netrc {
	struct entry *entries; /* sorted by name, default last; of one name in the file's order */
	size_t n, size;
	size_t len, used; /* of strings */
	char strings[];   /* each word with its NUL */
};

/* A walk over the words of a file. */
struct words {
	const char *next, *end;
	unsigned line; /* of the word */
	bool quoted;   /* it was in quotes, so is no keyword */
	char word[NETRC_WORD_MAX + 1];
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

/* Keeps the present word. A word and its NUL are no longer than the word and what ends it there. */
static const char *keep(struct netrc *n, const struct words *w)
{
	size_t len = strlen(w->word) + 1;
	char *to = n->strings + n->used;

	assert(n->used + len <= n->len);
	n->used += len;
	return memcpy(to, w->word, len);
}

static struct entry *add_entry(struct netrc *n, const char *name)
{
	struct entry *entries = n->entries;

	if (n->n == n->size) {
		n->size = n->size ? 2 * n->size : 8;
		entries = reallocarray(n->entries, n->size, sizeof(*entries));
		if (!entries)
			return NULL;
		n->entries = entries;
	}
	entries[n->n] = (struct entry){ .name = name, .number = n->n };
	return &entries[n->n++];
}

/* Goes to the word behind a keyword; false with W->fault when there is none. */
static bool next_value(struct words *w, const char *start, const char *fault)
{
	if (next_word(w, start))
		return true;
	w->fault = w->fault ? w->fault : fault;
	return false;
}

/* Where the word behind the present one goes; NULL when that is no keyword. What stands before the
 * first entry goes nowhere. */
static const char **field_of(const struct words *w, struct netrc *n, struct netrc_entry *nowhere)
{
	struct netrc_entry *says = n->n > 0 ? &n->entries[n->n - 1].says : nowhere;

	if (strcmp(w->word, "login") == 0)
		return &says->login;
	if (strcmp(w->word, "password") == 0)
		return &says->password;
	return strcmp(w->word, "account") == 0 ? &says->account : NULL;
}

/* Takes one keyword with its word; sets W->fault. Returns 0 or -ENOMEM. */
static int take_keyword(struct words *w, const char *start, struct netrc *n)
{
	struct netrc_entry nowhere;
	const char **field = w->quoted ? NULL : field_of(w, n, &nowhere);

	if (!w->quoted && strcmp(w->word, "default") == 0)
		return add_entry(n, NULL) ? 0 : -ENOMEM;
	if (!w->quoted && strcmp(w->word, "machine") == 0) {
		if (!next_value(w, start, "machine without a name"))
			return 0;
		return add_entry(n, keep(n, w)) ? 0 : -ENOMEM;
	}
	if (!field)
		w->fault = "none of machine, default, login, password, account";
	else if (next_value(w, start, "a keyword without its word"))
		*field = keep(n, w);
	return 0;
}

static int compare_entry(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int r = x->name && y->name ? strcasecmp(x->name, y->name) : !x->name - !y->name;

	return r != 0 ? r : (x->number > y->number) - (x->number < y->number);
}

int netrc_parse(const char *text, size_t len, struct netrc **ret, char why[NETRC_WHY_SIZE])
{
	struct words w = { .next = text, .end = text + len, .line = 1 };
	_cleanup_(netrc_freep) struct netrc *n = calloc(1, sizeof(*n) + len + 1);
	int r = 0;

	assert(text && ret && why);
	snprintf(why, NETRC_WHY_SIZE, "%s", strerror(ENOMEM));
	if (!n)
		return -ENOMEM;
	n->len = len + 1;
	while (r == 0 && !w.fault && next_word(&w, text))
		r = take_keyword(&w, text, n);
	if (w.fault) {
		snprintf(why, NETRC_WHY_SIZE, "line %u: %s", w.line, w.fault);
		r = -EINVAL;
	}
	explicit_bzero(&w, sizeof(w));
	if (r < 0)
		return r;
	if (n->n > 0)
		qsort(n->entries, n->n, sizeof(*n->entries), compare_entry);
	*ret = TAKE_PTR(n);
	return 0;
}

int netrc_load(const char *file, const char *credential, const char *folder, size_t max,
	struct netrc **ret, char why[NETRC_WHY_SIZE])
{
	const char *name = file ? file : credential;
	char detail[NETRC_WHY_SIZE], message[2 * NETRC_WHY_SIZE];
	char *text;
	size_t len;
	int r;

	_Static_assert((int)NETRC_WHY_SIZE == SECRET_FILE_WHY_SIZE, "both have room for the same");
	r = secret_file_load(file, credential, folder, max, &text, &len, why);
	if (r < 0)
		return r;
	r = netrc_parse(text, len, ret, detail);
	secret_file_free(text, len);
	if (r < 0) {
		snprintf(message, sizeof(message), "%s %.120s: %s",
			file ? "netrc file" : "credential", name, detail);
		text_escape(why, NETRC_WHY_SIZE, message, strlen(message));
	}
	return r;
}

/* The first entry of NAME (NULL: default) or NULL. */
static const struct entry *first_of(const struct netrc *n, const char *name)
{
	struct entry key = { .name = name };
	size_t low = 0, high = n->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_entry(&n->entries[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == n->n)
		return NULL;
	key.number = n->entries[low].number;
	return compare_entry(&n->entries[low], &key) == 0 ? &n->entries[low] : NULL;
}

bool netrc_find(const struct netrc *n, const char *host, bool fallback, struct netrc_entry *ret)
{
	const struct entry *own = first_of(n, host), *other = fallback ? first_of(n, NULL) : NULL;

	if (!own || (other && other->number < own->number))
		own = other;
	if (own)
		*ret = own->says;
	return own;
}

struct netrc *netrc_free(struct netrc *n)
{
	if (!n)
		return NULL;
	free(n->entries);
	explicit_bzero(n->strings, n->len);
	free(n);
	return NULL;
}
