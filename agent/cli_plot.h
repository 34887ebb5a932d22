/* SPDX-License-Identifier: ISC */
/* A small plot of login times, made of characters. */
#ifndef FTPHEALTH_CLI_PLOT_H
#define FTPHEALTH_CLI_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct plot_point {
	uint64_t time; /* CLOCK_REALTIME, microseconds; ascending */
	uint32_t usec; /* the login time, when it worked */
	bool failed;
};

struct plot_look {
	unsigned width; /* of a line, at least PLOT_WIDTH_MIN */
	bool utf8;      /* U+2581 ... U+2588, else '#' */
	bool colour;
};

enum { PLOT_WIDTH_MIN = 40, PLOT_WIDTH_MAX = 512 };

/* Prints the plot: one bar a probe, or the greatest of several neighbours when there are more of
 * them than columns. Under the bars 'x' where the login failed, '!' where some of several did.
 * Nothing for no points. Returns 0 or -ENOMEM. */
int plot_print(const struct plot_point *points, size_t n, const struct plot_look *look, FILE *f);

#endif
