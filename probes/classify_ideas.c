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

enum { ENTRIES_MAX = 5000, BUCKETS = 1024 };

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

/* The longest entry holds, so that "non anonymous" is neither "non" nor "anonymous"; after it the
 * rest of its word may hold more ("Passwortfehler"). */
uint64_t classify_ideas(const char *sentence, size_t len)
{
	const char *s = sentence, *end = sentence + len;
	uint64_t ideas = 0;

	pthread_once(&once, build);
	while (s + 1 < end) {
		size_t n = 0;

		if (s > sentence && s[-1] == ' ')
			n = longest(at_start[bucket(s)], s, end, &ideas);
		if (n == 0)
			n = longest(anywhere[bucket(s)], s, end, &ideas);
		s += n > 0 ? n : 1;
	}
	return ideas;
}
