/* SPDX-License-Identifier: ISC */
/* Text of any server made comparable: lower case, no accents, one character set. */
#include <string.h>

#include "common/util.h"
#include "probes/classify_rules.h"

/* Base letters of U+00C0 to U+024F, two for each; `-` fills up, `?` stands for none. */
/* clang-format off */
static const char latin[] =
	"a-a-a-a-a-a-aec-e-e-e-e-i-i-i-i-d-n-o-o-o-o-o- -o-u-u-u-u-y-thssa-a-a-a-a-a-aec-"
	"e-e-e-e-i-i-i-i-d-n-o-o-o-o-o- -o-u-u-u-u-y-thy-a-a-a-a-a-a-c-c-c-c-c-c-c-c-d-d-"
	"d-d-e-e-e-e-e-e-e-e-e-e-g-g-g-g-g-g-g-g-h-h-h-h-i-i-i-i-i-i-i-i-i-i-ijijj-j-k-k-"
	"k-l-l-l-l-l-l-l-l-l-l-n-n-n-n-n-n-n-n-n-o-o-o-o-o-o-oeoer-r-r-r-r-r-s-s-s-s-s-s-"
	"s-s-t-t-t-t-t-t-u-u-u-u-u-u-u-u-u-u-u-u-w-w-y-y-y-z-z-z-z-z-z-s-?-?-?-?-?-?-?-?-"
	"?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-o-o-?-?-?-?-?-?-?-?-?-?-?-?-?-u-"
	"u-?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-dzdzdzljljljnjnjnja-a-i-i-o-o-u-u-u-u-u-"
	"u-u-u-u-u-?-a-a-a-a-?-?-?-?-g-g-k-k-o-o-o-o-?-?-j-dzdzdzg-g-?-?-n-n-a-a-?-?-?-?-"
	"a-a-a-a-e-e-e-e-i-i-i-i-o-o-o-o-r-r-r-r-u-u-u-u-s-s-t-t-?-?-h-h-?-?-?-?-?-?-a-a-"
	"e-e-o-o-o-o-o-o-o-o-y-y-?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-?-";

static const char latin_additional[] =
	"aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooo"
	"oooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwyas?""??""?"
	"aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuu"
	"uuyyyyyyyy?""??""??""?";
/* clang-format on */

/* Lower-case letters of KOI8-R from 0xC0, as offsets from U+0430. */
static const unsigned char koi8[32] = { 30, 0, 1, 22, 4, 5, 20, 3, 21, 8, 9, 10, 11, 12, 13, 14, 15,
	31, 16, 17, 18, 19, 6, 2, 28, 27, 7, 24, 29, 25, 23, 26 };

/* Base letters of ISO 8859-2 from 0x80, with those that Windows adds below 0xa0. */
static const char latin2[] = "          s stzz         ts stzz a l ls  sstz zz a l ls  sstz zz"
			     "raaaalccceeeeiiddnnoooo ruuuuytsraaaalccceeeeiiddnnoooo ruuuuyt ";

/* How octets that are no UTF-8 are read. */
enum octets {
	OCTETS_LATIN,
	OCTETS_LATIN2,
	OCTETS_TURKISH,
	OCTETS_WINDOWS_CYRILLIC,
	OCTETS_KOI8,
};

struct folder {
	char *dst;
	size_t len;
	enum octets octets;
};

/* Decodes the UTF-8 character at S (terminated); returns its length, 0 when it is none. */
static size_t decode(const unsigned char *s, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

	if (n < 2 || s[0] > 0xf4) {
		*ret = s[0];
		return n == 1 ? 1 : 0;
	}
	*ret = s[0] & (0xff >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*ret = *ret << 6 | (s[i] & 0x3f);
	}
	return *ret >= least[n] ? n : 0;
}

static void put(struct folder *f, const char *s, size_t len)
{
	memcpy(f->dst + f->len, s, len);
	f->len += len;
}

static void put_code_point(struct folder *f, uint32_t c)
{
	char s[4];

	if (c < 0x80) {
		s[0] = (char)c;
		put(f, s, 1);
	} else if (c < 0x800) {
		s[0] = (char)(0xc0 | c >> 6);
		s[1] = (char)(0x80 | (c & 0x3f));
		put(f, s, 2);
	} else if (c < 0x10000) {
		s[0] = (char)(0xe0 | c >> 12);
		s[1] = (char)(0x80 | (c >> 6 & 0x3f));
		s[2] = (char)(0x80 | (c & 0x3f));
		put(f, s, 3);
	}
}

/* Marks that stand for one of ASCII; 0 when C is no such mark. */
static const char *plain_mark(uint32_t c)
{
	if (c >= 0x2010 && c <= 0x2015)
		return "-";
	switch (c) {
	case 0x91:
	case 0x92:
	case 0xb4:
	case 0x2018:
	case 0x2019:
	case 0x2bc:
		return "'";
	case 0x96:
	case 0x97:
		return "-";
	case 0x2026:
	case 0x3002:
	case 0xff0e:
		return ". ";
	case 0x3001:
		return ", ";
	default:
		return (c >= 0x80 && c <= 0xbf) || (c >= 0x2000 && c <= 0x206f) ||
				(c >= 0x3000 && c <= 0x301f)
			? " "
			: NULL;
	}
}

/* Lower case of a Cyrillic or Greek letter, without its accent. */
static uint32_t fold_letter(uint32_t c)
{
	static const uint32_t greek[][2] = { { 0x386, 0x3b1 }, { 0x388, 0x3b5 }, { 0x389, 0x3b7 },
		{ 0x38a, 0x3b9 }, { 0x38c, 0x3bf }, { 0x38e, 0x3c5 }, { 0x38f, 0x3c9 },
		{ 0x3ac, 0x3b1 }, { 0x3ad, 0x3b5 }, { 0x3ae, 0x3b7 }, { 0x3af, 0x3b9 },
		{ 0x3ca, 0x3b9 }, { 0x3cc, 0x3bf }, { 0x3cd, 0x3c5 }, { 0x3ce, 0x3c9 },
		{ 0x3c2, 0x3c3 } };

	if (c >= 0x391 && c <= 0x3a9)
		return c + 0x20;
	for (size_t i = 0; i < ARRAY_SIZE(greek); i++)
		if (c == greek[i][0])
			return greek[i][1];
	if (c >= 0x400 && c <= 0x40f)
		c += 0x50;
	else if (c >= 0x410 && c <= 0x42f)
		c += 0x20;
	return c == 0x451 ? 0x435 : c;
}

/* Puts what stands for a wide form of ASCII; a wide stop needs no space after it. */
static void put_wide(struct folder *f, char ascii)
{
	if (ascii >= 'A' && ascii <= 'Z')
		ascii = (char)(ascii + 'a' - 'A');
	put(f, &ascii, 1);
	if (strchr(".!?;", ascii))
		put(f, " ", 1);
}

/* Puts one character of the foreign alphabets. */
static void put_foreign(struct folder *f, uint32_t c)
{
	const char *mark = plain_mark(c);

	if (mark)
		put(f, mark, strlen(mark));
	else if (c >= 0x300 && c <= 0x36f) /* accents that stand by themselves */
		return;
	else if (c < 0x250 && latin[2 * (c - 0xc0)] != '?')
		put(f, latin + 2 * (c - 0xc0), latin[2 * (c - 0xc0) + 1] == '-' ? 1 : 2);
	else if (c >= 0x1e00 && c < 0x1f00 && latin_additional[c - 0x1e00] != '?')
		put(f, latin_additional + (c - 0x1e00), 1);
	else if (c >= 0xff01 && c <= 0xff5e)
		put_wide(f, (char)(c - 0xff01 + '!'));
	else if (c >= 0x370 && c < 0x530)
		put_code_point(f, fold_letter(c));
	else
		put_code_point(f, c);
}

static uint32_t read_windows_cyrillic(unsigned char octet)
{
	if (octet >= 0xc0)
		return 0x410u + octet - 0xc0u;
	if (octet == 0xa8 || octet == 0xb8)
		return 0x435;
	return octet == 0xb2 || octet == 0xb3 ? 0x456 : octet;
}

/* What an octet stands for that is no part of a UTF-8 character. */
static uint32_t read_octet(enum octets octets, unsigned char octet)
{
	static const char turkish[] = "\xd0\xdd\xde\xf0\xfd\xfe", letters[] = "gisgis";
	const char *found = strchr(turkish, octet);

	switch (octets) {
	case OCTETS_LATIN:
		break;
	case OCTETS_LATIN2:
		return octet >= 0x80 ? (unsigned char)latin2[octet - 0x80] : octet;
	case OCTETS_TURKISH:
		return found && octet ? (unsigned char)letters[found - turkish] : octet;
	case OCTETS_WINDOWS_CYRILLIC:
		return read_windows_cyrillic(octet);
	case OCTETS_KOI8:
		return octet >= 0xc0 ? 0x430u + koi8[(octet - 0xc0) & 31] : octet;
	}
	return octet;
}

static bool is_ascii_letter(unsigned char c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* True when the octet at S, beside a letter, is a sign in Latin-1 but a letter of Latin-2. */
static bool is_latin2(const unsigned char *s, const unsigned char *start)
{
	static const char signs[] = "\xb1\xb3\xb5\xb6\xb9\xbb\xbc\xbe\xbf\x9a\x9c\x9d\x9e\x9f";

	return strchr(signs, *s) && s > start && (is_ascii_letter(s[-1]) || s[-1] >= 0xb0) &&
		(*s < 0xa0 || is_ascii_letter(s[1]) || s[1] >= 0xb0);
}

/* Four and more octets above 0x7f in a row that are no UTF-8 are words of another alphabet; the
 * lower-case letters, which prevail, tell the two Cyrillic sets apart. */
static enum octets guess_octets(const unsigned char *start)
{
	size_t longest = 0, run = 0, low = 0, high = 0;
	bool latin2_seen = false, turkish_seen = false;

	for (const unsigned char *s = start; *s;) {
		uint32_t c;
		size_t n = decode(s, &c);

		run = n == 0 ? run + 1 : 0;
		longest = run > longest ? run : longest;
		high += n == 0 && *s >= 0xe0;
		low += n == 0 && *s >= 0xc0 && *s < 0xe0;
		latin2_seen |= n == 0 && is_latin2(s, start);
		turkish_seen |= n == 0 && strchr("\xf0\xfd\xfe", *s) != NULL;
		s += n > 0 ? n : 1;
	}
	if (longest >= 4)
		return high >= low ? OCTETS_WINDOWS_CYRILLIC : OCTETS_KOI8;
	if (latin2_seen)
		return OCTETS_LATIN2;
	return turkish_seen ? OCTETS_TURKISH : OCTETS_LATIN;
}

size_t classify_fold_plain(char *dst, const char *src)
{
	const unsigned char *s = (const unsigned char *)src;
	struct folder f = { .dst = dst, .octets = guess_octets(s) };

	while (*s && f.len < FOLDED_MAX - 8) {
		uint32_t c;
		size_t n = decode(s, &c);

		if (n == 0)
			c = read_octet(f.octets, *s);
		s += n > 0 ? n : 1;
		if (c >= 'A' && c <= 'Z')
			c += 'a' - 'A';
		if (c >= 0x80)
			put_foreign(&f, c);
		else if (c != ' ' || (f.len > 0 && f.dst[f.len - 1] != ' '))
			put_code_point(&f, c == '\t' ? ' ' : c);
	}
	dst[f.len] = '\0';
	return f.len;
}

/* True when most of what is no ASCII in S is no UTF-8 either. A letter or two of Latin-1 are not
 * worth the search. */
static bool is_foreign(const unsigned char *s)
{
	enum { OCTETS_MIN = 3 };
	size_t good = 0, bad = 0;

	while (*s) {
		uint32_t c;
		size_t n = decode(s, &c);

		good += n > 1;
		bad += n == 0;
		s += n > 0 ? n : 1;
	}
	return bad >= OCTETS_MIN && bad > good;
}

size_t classify_fold(char *dst, const char *src)
{
	return is_foreign((const unsigned char *)src) ? classify_fold_foreign(dst, src)
						      : classify_fold_plain(dst, src);
}

/* Skips the digits at TEXT. */
static const char *skip_number(const char *text)
{
	while (*text >= '0' && *text <= '9')
		text++;
	return text;
}

bool classify_match(const char *pattern, const char *text)
{
	const char *star = NULL, *from = NULL;

	/* The usual walk with one mark to come back to: the last `*`. */
	while (*pattern != '\0' || *text != '\0') {
		const char *digits = *pattern == '#' ? skip_number(text) : text;

		if (*pattern == '*') {
			star = pattern++;
			from = text;
		} else if (digits != text) {
			pattern++;
			text = digits;
		} else if (*pattern == *text && *pattern != '#' && *text != '\0') {
			pattern++;
			text++;
		} else if (star && *from != '\0') {
			pattern = star + 1;
			text = ++from;
		} else {
			return false;
		}
	}
	return true;
}
