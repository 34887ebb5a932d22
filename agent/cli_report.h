/* SPDX-License-Identifier: ISC */
/* What the parts of `ftphealth report` share. */
#ifndef FTPHEALTH_CLI_REPORT_H
#define FTPHEALTH_CLI_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "agent/cli_report_plot.h"
#include "agent/cli_targets.h"
#include "agent/cli_view.h"

/* What bounds the page: targets in full, and targets with a plot. */
enum { REPORT_CARDS_MAX = 200, REPORT_PLOTS_MAX = 500, REPORT_CAUSES_FROM = 10 };

struct report {
	const struct cli_view *view;
	struct cli_targets targets;
	FILE *f;
	uint64_t window_usec;        /* what the plots show, up to now; 0 = there is nothing */
	const char *period;          /* the same as words */
	struct report_point *points; /* of one target at a time; n of them */
	size_t n, size;
};

/* Chooses the window of all plots: a day, or less when the store has less. Returns 0 or -errno. */
int report_choose_window(struct report *r);

/* Prints target I of those shown: as a card, or as a row of a table. Return 0 or -errno. */
int report_print_card(struct report *r, size_t i);
int report_print_row(struct report *r, size_t i);

/* Whether a state wants attention: its targets come in full, while there is room. */
bool report_is_trouble(enum state state);

/* Whether target I has a plot. */
bool report_has_plot(const struct report *r, size_t i);

/* The sign of a state; the word beside it says the same. */
void report_print_shape(FILE *f, enum state state);

/* <time>, in local time, or "never"; with its age when that is wanted. */
void report_print_time(const struct report *r, uint64_t time, bool with_age);

/* The whole page. Returns 0 or -errno. */
int report_print(struct report *r);

#endif
