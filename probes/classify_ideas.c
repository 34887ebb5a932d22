/* SPDX-License-Identifier: ISC */
/* Finds ideas in words: the lists of classify_words.c as an index that is built once. */
#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "common/util.h"
#include "probes/classify_ideas.h"
#include "probes/classify_words.h"

static_assert(IDEAS_END <= 64, "an idea is a bit");

enum { ENTRIES_MAX = 6000, BUCKETS = 1024 };

/* One word or group of words of a list. */
struct entry {
	const char *text;
	unsigned char len;
	bool ends; /* with the word */
	uint64_t idea;
	const struct entry *next; /* of the bucket */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct entry entries[ENTRIES_MAX];
static size_t n_entries;
static const struct entry *at_start[BUCKETS]; /* of a word */
static const struct entry *anywhere[BUCKETS];

/* Every entry has two octets at least. */
static unsigned bucket(const char *s)
{
	return ((unsigned char)s[0] * 37u + (unsigned char)s[1]) % BUCKETS;
}

/* Adds one word of a list: `word` whole, `word*` its start, `*word` anywhere in a word; `one* two`
 * are the start of a word and the next one. Signs of the East (from U+3000) stand without spaces:
 * anywhere. */
static void add_entry(const char *word, size_t len, uint64_t idea)
{
	struct entry *e = &entries[n_entries++];
	const struct entry **list = at_start;

	assert(n_entries <= ENTRIES_MAX && len < 256);
	e->ends = word[len - 1] != '*';
	if (!e->ends)
		len--;
	if (*word == '*') {
		word++;
		len--;
		list = anywhere;
		e->ends = false;
	} else if ((unsigned char)*word >= 0xe3) {
		list = anywhere;
		e->ends = false;
	}
	assert(len > 1);
	e->text = word;
	e->len = (unsigned char)len;
	e->idea = idea;
	e->next = list[bucket(word)];
	list[bucket(word)] = e;
}

static void build(void)
{
	for (size_t i = 0; i < classify_n_word_lists; i++) {
		const char *word = classify_word_lists[i].words;

		while (*word) {
			size_t len = strcspn(word, ",");

			add_entry(word, len, classify_word_lists[i].idea);
			word += len;
			word += strspn(word, ", ");
		}
	}
}

/* The octets of S that E takes, 0 when it does not fit. */
static size_t fits(const struct entry *e, const char *s, const char *end)
{
	const char *start = s;

	for (size_t i = 0; i < e->len; i++) {
		if (e->text[i] == '*')
			while (s < end && *s != ' ')
				s++;
		else if (s < end && *s == e->text[i])
			s++;
		else
			return 0;
	}
	if (e->ends && s < end && *s != ' ')
		return 0;
	return (size_t)(s - start);
}

/* The longest entries of a list that fit at S; returns what they take. */
static size_t longest(const struct entry *e, const char *s, const char *end, uint64_t *ideas)
{
	size_t best = 0;
	uint64_t found = 0;

	for (; e; e = e->next) {
		size_t n = fits(e, s, end);

		if (n == 0 || n < best)
			continue;
		found = n > best ? e->idea : found | e->idea;
		best = n;
	}
	*ideas |= found;
	return best;
}

/* Reasons for a refusal: "not" before one says that it is none. Without their like, such as ALLOWED
 * or AVAILABLE, where "not" makes the reason. */
#define DENIABLE \
	(IDEA(LIMIT) | IDEA(LOCKED) | IDEA(BANNED) | IDEA(EXPIRED) | IDEA(REACHED) | IDEA(FULL) | \
		IDEA(TOO_MANY) | IDEA(DISABLED) | IDEA(MAINTENANCE) | IDEA(SHUTDOWN) | \
		IDEA(CLOSED) | IDEA(REQUIRED) | IDEA(FAILED))
#define NEITHER (IDEA(NOT) | IDEA(SUPPOSED))   /* holds for all that is listed */
#define NOT_BEHIND (IDEA(NOT) | IDEA(CARRIER)) /* the "not" of Turkish and the East */

/* A clause on the way through its words. */
struct hearing {
	struct said said;
	uint64_t last;  /* ideas of the last word, which a "not" behind it may still deny */
	uint64_t waits; /* "not" and its like, for their word */
	bool supposing;
	bool neither;
};

/* What was waiting for the next word stands as it is. */
static void settle(struct hearing *h)
{
	*(h->supposing ? &h->said.supposed : &h->said.ideas) |= h->last | h->waits;
	h->last = 0;
	h->waits = 0;
}

static void hear(struct hearing *h, uint64_t found)
{
	if (found == IDEA(CARRIER))
		return;
	if (found == NOT_BEHIND && (h->last & DENIABLE) != 0) {
		h->said.denied |= h->last;
		h->last = 0;
	} else if (found == IDEA(NOT) || found == NOT_BEHIND ||
		found == (IDEA(NOT) | IDEA(WITHOUT))) {
		settle(h);
		h->waits = found & ~IDEA(CARRIER);
	} else if (found == NEITHER) {
		h->neither = true;
	} else if ((h->waits != 0 || h->neither) && (found & DENIABLE) != 0) {
		h->said.denied |= found;
		h->waits = 0;
	} else {
		settle(h);
		h->supposing |= (found & IDEA(SUPPOSED)) != 0;
		h->last = found & ~(IDEA(CARRIER) | IDEA(SUPPOSED));
	}
}

/* The longest entry holds, so that "non anonymous" is neither "non" nor "anonymous"; after it the
 * rest of its word may hold more ("Passwortfehler"). */
struct said classify_clause(const char *clause, size_t len)
{
	const char *s = clause, *end = clause + len;
	struct hearing h = { 0 };

	pthread_once(&once, build);
	while (s + 1 < end) {
		bool starts = s > clause && s[-1] == ' ';
		uint64_t found = 0;
		size_t n = starts ? longest(at_start[bucket(s)], s, end, &found) : 0;

		if (n == 0)
			n = longest(anywhere[bucket(s)], s, end, &found);
		h.said.known += n;
		if (n > 0)
			hear(&h, found);
		else if (starts && s[1] != ' ') /* a word of one letter is an article */
			settle(&h);
		s += n > 0 ? n : 1;
	}
	settle(&h);
	if (h.neither && h.said.denied == 0)
		h.said.ideas |= IDEA(NOT);
	return h.said;
}
