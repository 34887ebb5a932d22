/* SPDX-License-Identifier: ISC */
/* Inside of the classifier: its tables, and the rooms that read them; nobody else includes this. */
#ifndef FTPHEALTH_CLASSIFY_RULES_H
#define FTPHEALTH_CLASSIFY_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/classify.h"

/* When a rule holds. */
enum {
	RULE_OWN = 1,           /* only for the server it names: others mean other things by it */
	RULE_ECHO_PASSWORD = 2, /* only when the reply repeats our password */
	RULE_ANONYMOUS = 4,     /* only after a 331 that takes us for anonymous */
	RULE_NAMED = 8,         /* only when we asked as anonymous and the 331 took us for a name */
	RULE_IF_ANONYMOUS = 16, /* only when we asked as anonymous */
	RULE_SUB_AUTH = 32,     /* only when the server may have sub-authentication */
};

enum { RULE_CAUSES_MAX = 4, FOLDED_MAX = 2 * REPLY_TEXT_MAX + 64 };

/* A reply known word for word. */
struct rule {
	const char *server; /* product whose words they are; "" for many */
	enum stage stage;
	int low, high; /* codes */
	const char *pattern;
	unsigned flags;
	struct cause causes[RULE_CAUSES_MAX];
	const char *id, *seen;
};

extern const struct rule classify_rules[];
extern const size_t classify_n_rules;

/* What is asked of the rules. */
struct question {
	const char *product; /* "" when not known */
	const char *without; /* leave out the rules of this server; NULL: none */
	enum stage stage;
	int code;
	bool anonymous; /* we asked as anonymous */
	bool sub_auth;  /* the server may be one whose sub-authentication is on as it comes */
	enum user_hint hint;
	enum echo echo;
};

/* As classify(), as if the rules of the server WITHOUT had never been written. */
void classify_without(const struct observation *o, const char *user, const char *password,
	const char *without, struct classification *ret);

/* Fills in product and version of RET. The product is what the greeting shows; where an
 * administrator wrote that, what the words show with which it asks for the password. */
void classify_recognise(const struct observation *o, struct classification *ret);

/* What the reply to USER says of anonymous logins, for a server of PRODUCT. */
enum user_hint classify_user_hint(const char *product, const char *folded);

/* True when PATTERN fits all of TEXT: `*` is any text, `#` a number. */
bool classify_match(const char *pattern, const char *text);

/* Writes SRC folded into DST (FOLDED_MAX): lower case, without accents, in UTF-8; octets that are
 * no UTF-8 count as Latin-1, or as Cyrillic of Windows or KOI8-R when they look like it, or as the
 * character set in which they are words we know. Lines stay lines. Returns the length. */
size_t classify_fold(char *dst, const char *src);

/* The two halves of that: without the last, and with it. */
size_t classify_fold_plain(char *dst, const char *src);
size_t classify_fold_foreign(char *dst, const char *src);

/* The best causes that the words of FOLDED (all lines of a reply) suggest at Q's stage and code;
 * returns how many, and the id of the clue that decided in *RET_RULE. */
size_t classify_words(const struct question *q, const char *folded, struct cause *ret_causes,
	const char **ret_rule);

#endif
