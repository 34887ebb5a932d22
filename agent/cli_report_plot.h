/* SPDX-License-Identifier: ISC */
/* The plot of a page: login times as bars, failures hatched, and under them the state. Inline SVG.
 */
#ifndef FTPHEALTH_CLI_REPORT_PLOT_H
#define FTPHEALTH_CLI_REPORT_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "agent/health.h"

struct report_point {
	uint64_t time; /* CLOCK_REALTIME, microseconds; ascending */
	uint32_t usec; /* the login time, when it worked */
	bool failed;
	enum state state; /* after it */
};

/* What the plot shows, in figures. */
struct report_figures {
	size_t n, failed;
	uint32_t median_usec, max_usec; /* of the logins that worked; 0 when none did */
};

/* Returns 0 or -ENOMEM. */
int report_figures(const struct report_point *points, size_t n, struct report_figures *ret);

enum report_size { REPORT_CARD, REPORT_ROW };

struct report_frame {
	enum report_size size;
	uint64_t from, to;  /* its left and right end; points outside are left out */
	const char *period; /* "the last 6 hours", for those who do not see it */
};

/* Writes the <svg>: at most some 10 kB (REPORT_CARD) or 4 kB, however many points there are. A
 * probe counts until the next one, but not for more than three times what usually lies between two:
 * a time without probes stays empty. Of several probes in one column the longest and the worst is
 * shown. Returns 0 or -ENOMEM. */
int report_plot_print(FILE *f, const struct report_frame *frame, const struct report_point *points,
	size_t n, const struct report_figures *figures);

enum { REPORT_DURATION_SIZE = 32 };

/* 41.3 ms; 15.0 s from ten seconds on. Returns BUFFER. */
const char *report_duration(uint32_t usec, char buffer[REPORT_DURATION_SIZE]);

/* A state as the plot draws it, for a legend. */
void report_print_swatch(FILE *f, enum state state);

#endif
