/* SPDX-License-Identifier: ISC */
/* The words of many languages for the ideas of classify_ideas.h. */
#ifndef FTPHEALTH_CLASSIFY_WORDS_H
#define FTPHEALTH_CLASSIFY_WORDS_H

#include <stddef.h>
#include <stdint.h>

struct word_list {
	uint64_t idea;
	const char *words; /* folded, separated by commas; see classify_ideas.c for `*` */
};

extern const struct word_list classify_word_lists[];
extern const size_t classify_n_word_lists;

#endif
