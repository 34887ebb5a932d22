/* SPDX-License-Identifier: ISC */
/* Which character set a text is in that is no UTF-8: the one in which it holds words we know. */
#include <errno.h>
#include <iconv.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "common/util.h"
#include "probes/classify_ideas.h"

enum {
	BETTER_BY = 4,     /* octets: a sign of the East or two are found in any noise */
	SAMPLE_MAX = 1024, /* octets of a text that are looked at, as each costs 19 times */
	DECODED_MAX = 3 * REPLY_TEXT_MAX + 1,
};

/* Latin ones stand last: where two fit as well, the first holds. */
static const char *const charsets[] = { "CP1251", "KOI8-U", "CP866", "ISO-8859-5", "GB18030",
	"BIG5-HKSCS", "CP932", "EUC-JP", "CP949", "CP1253", "CP1255", "CP1256", "CP874", "CP1250",
	"ISO-8859-2", "CP1254", "CP1257", "CP852", "CP850" };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static iconv_t pins[ARRAY_SIZE(charsets)];

/* libc unloads a character set with its last descriptor, and would read it from disk each time. */
static void pin(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(charsets); i++)
		pins[i] = iconv_open("UTF-8", charsets[i]);
}

/* Decodes SRC into DST (DECODED_MAX); false when it cannot be in CHARSET. Text that ends within a
 * character was cut off, and stands for itself. */
static bool decode(const char *charset, const char *src, char *dst)
{
	iconv_t cd = iconv_open("UTF-8", charset);
	char *from = (char *)(uintptr_t)src, *to = dst;
	size_t left = strlen(src), room = DECODED_MAX - 1;
	bool whole;

	if (cd == (iconv_t)-1)
		return false;
	whole = iconv(cd, &from, &left, &to, &room) != (size_t)-1 || errno == EINVAL;
	iconv_close(cd);
	*to = '\0';
	return whole;
}

/* Octets of words that we know. */
static size_t count_known(const char *folded)
{
	struct words words;
	size_t known = 0;

	for (const char *s = folded; *s;) {
		const char *end = classify_sentence_end(s);

		classify_split(&words, s, end);
		known += classify_clause(words.text, words.len).known;
		s = *end ? end + 1 : end;
	}
	return known;
}

/* The character set in which SAMPLE holds most of what we know, or NULL when none is better than
 * what classify_fold_plain() makes of it. */
static const char *find_charset(const char *sample)
{
	char decoded[DECODED_MAX], folded[FOLDED_MAX];
	const char *found = NULL;
	size_t best;

	classify_fold_plain(folded, sample);
	best = count_known(folded) + BETTER_BY;
	for (size_t i = 0; i < ARRAY_SIZE(charsets); i++) {
		size_t known;

		if (!decode(charsets[i], sample, decoded))
			continue;
		classify_fold_plain(folded, decoded);
		known = count_known(folded);
		if (known < best)
			continue;
		best = known + 1;
		found = charsets[i];
	}
	return found;
}

size_t classify_fold_foreign(char *dst, const char *src)
{
	char decoded[DECODED_MAX], sample[SAMPLE_MAX + 1];
	const char *charset;

	pthread_once(&once, pin);
	snprintf(sample, sizeof(sample), "%s", src);
	charset = find_charset(sample);
	return classify_fold_plain(dst, charset && decode(charset, src, decoded) ? decoded : src);
}
