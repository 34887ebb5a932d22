/* SPDX-License-Identifier: ISC */
/* Aligned tables for a terminal or a pipe. Cells are collected, then printed at once. */
#ifndef FTPHEALTH_CLI_TABLE_H
#define FTPHEALTH_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* What a cell's colour says; its words say the same. */
enum cli_tone { TONE_PLAIN, TONE_GOOD, TONE_WARNING, TONE_BAD, TONE_DIM, TONE_TITLE, TONE_END };

/* Writes TEXT to F, in colour when COLOUR. */
void cli_print_toned(FILE *f, const char *text, enum cli_tone tone, bool colour);

struct cli_column {
	const char *title; /* static */
	bool right;        /* numbers */
	unsigned cut;      /* may be cut with "..." to so many characters, at least 4; 0 = never */
	unsigned drop;     /* left out when that does not help, the greatest first; 0 = never */
};

struct cli_table;

/* COLUMNS stays the caller's and outlives the table. */
int cli_table_new(const struct cli_column *columns, size_t n_columns, struct cli_table **ret);
struct cli_table *cli_table_free(struct cli_table *t);

/* The next cell, row by row; a copy is taken. Lack of memory is told by cli_table_print(). */
void cli_table_add(struct cli_table *t, const char *text, enum cli_tone tone);
void cli_table_addf(struct cli_table *t, enum cli_tone tone, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* How a table is printed. */
struct cli_look {
	unsigned width; /* columns of the terminal; 0 = no limit */
	bool colour;
	bool header;
};

/* Prints all rows; only full ones may be there. No line is wider than the width when cutting
 * and leaving out can help it, nor ends in blanks. Returns 0 or -ENOMEM with nothing printed. */
int cli_table_print(const struct cli_table *t, const struct cli_look *look, FILE *f);

#endif
