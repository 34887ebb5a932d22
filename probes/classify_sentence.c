/* SPDX-License-Identifier: ISC */
/* Folded text to sentences, and those to words. */
#include <stdbool.h>
#include <string.h>

#include "probes/classify_ideas.h"

/* True when the apostrophe at S is that of "can't": the word goes on. */
static bool is_negation(const char *s, const char *start)
{
	return s > start && s[-1] == 'n' && s[1] == 't' && (s[2] < 'a' || s[2] > 'z');
}

/* True when the mark at S parts clauses; a dash does with a space on each side. */
static bool parts_clauses(const char *s, const char *start)
{
	if (*s == '-')
		return s > start && s[-1] == ' ' && s[1] == ' ';
	return *s == ',' || *s == ':' || *s == '(' || *s == ')';
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

/* Length of a name at S, of a file, a mailbox, a page: its words say nothing. */
static size_t name_length(const char *s, const char *end)
{
	size_t n = 0, at = 0, slashes = 0;

	while (s + n < end && s[n] != ' ' && s[n] != ',' && s[n] != '\n') {
		at += s[n] == '@' && n > 0;
		slashes += n > 0 && s[n] == '/' && s[n - 1] == '/';
		n++;
	}
	return at > 0 || slashes > 0 || (n > 1 && s[0] == '/') ? n : 0;
}

/* Length of an IPv4 or IPv6 address at S. */
static size_t address_length(const char *s, const char *end)
{
	size_t n = 0, dots = 0, colons = 0, digits = 0;

	for (; s + n < end && strchr("0123456789abcdef.:", s[n]); n++) {
		dots += s[n] == '.';
		colons += s[n] == ':';
		digits += s[n] >= '0' && s[n] <= '9';
	}
	while (n > 0 && strchr(".:", s[n - 1])) { /* those end the sentence or clause */
		dots -= s[n - 1] == '.';
		colons -= s[--n] == ':';
	}
	if (s + n < end && is_word(s[n]))
		return 0;
	return digits > 0 && (colons > 1 || dots == 3) ? n : 0;
}

static void put(struct words *w, char c)
{
	if (w->len < sizeof(w->text) && (c != ' ' || w->text[w->len - 1] != ' '))
		w->text[w->len++] = c;
}

static void put_word(struct words *w, const char *word)
{
	put(w, ' ');
	while (*word)
		put(w, *word++);
	put(w, ' ');
}

/* Length of what stands at S, where a word may begin, and is put as a whole. */
static size_t put_whole(struct words *w, const char *s, const char *end)
{
	size_t address = address_length(s, end);

	size_t name = address > 0 ? 0 : name_length(s, end);

	if (address > 0)
		put_word(w, "ipaddr");
	else if (name > 0 && *s == '/')
		put_word(w, "pathname");
	return address + name;
}

void classify_split(struct words *w, const char *s, const char *end)
{
	const char *start = s;

	w->text[0] = ' ';
	w->len = 1;
	while (s < end) {
		size_t whole = s == start || !is_word(s[-1]) ? put_whole(w, s, end) : 0;

		if (whole > 0) {
			s += whole;
			continue;
		}
		if (is_word(*s))
			put(w, *s);
		else if (parts_clauses(s, start))
			put_word(w, ",");
		else if (*s != '\'' || !is_negation(s, start))
			put(w, ' ');
		s++;
	}
	put(w, ' ');
}

const char *classify_sentence_end(const char *s)
{
	while (*s && *s != '\n' && *s != ';' && *s != '!') {
		if ((*s == '.' || *s == '?') && (s[1] == ' ' || s[1] == '\0' || s[1] == '\n'))
			break;
		s++;
	}
	return s;
}
