/* SPDX-License-Identifier: ISC */
/* What the commands that show the daemon's store share: options, the opened store, words. */
#ifndef FTPHEALTH_CLI_VIEW_H
#define FTPHEALTH_CLI_VIEW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/alarm.h"
#include "agent/cli_table.h"
#include "agent/health.h"
#include "agent/store_view.h"
#include "probes/diagnosis.h"

/* One command's command line. */
struct cli_command {
	const char *name;  /* "status" */
	const char *usage; /* what follows it: "[NAME...]" */
	const char *help;  /* sentences and its own options */
	unsigned names_min, names_max;
	bool failing, limit, since; /* takes --failing, -n, --since */
	bool page;                  /* takes --html and -o, neither --json nor --no-header */
	uint32_t rows;              /* default of -n */
};

struct cli_view {
	const struct cli_command *command;
	bool json, failing, html;
	const char *output; /* the file of -o; NULL = standard output */
	uint32_t rows;      /* at most; UINT32_MAX = all */
	uint64_t since;     /* CLOCK_REALTIME, microseconds; 0 = ever */
	char **names;
	size_t n_names;
	struct cli_look look;
	uint64_t now; /* CLOCK_REALTIME, microseconds */
	struct store_view *store;
};

/* Reads the command line, opens the store and begins to read. Returns -1 to go on, or the exit code
 * after having said why. */
int cli_view_begin(int argc, char **argv, const struct cli_command *command, struct cli_view *ret);

/* Closes the store and flushes the output; CODE is the exit code when all went well, R what the
 * reading returned (0 or -errno). Returns the exit code. */
int cli_view_end(struct cli_view *v, int r, int code);

/* The index of target NAME in *RET. Returns -1 to go on, or the exit code after having said that
 * there is no such target. */
int cli_view_find(struct cli_view *v, const char *name, uint32_t *ret);

/* Says that there is no target NAME and closes the store. Returns the exit code. */
int cli_view_no_target(struct cli_view *v, const char *name);

/* Prints OBJECT (taken over; NULL: no memory) as JSON. Returns 0 or -ENOMEM. */
int cli_print_json(json_t *object);

/* ---- words */

enum { CLI_WORD_SIZE = 32 };

/* "TEXT ago" without the ago: 12s, 3m, 2h 5m, 4d; "-" for never. Returns BUFFER. */
const char *cli_age(const struct cli_view *v, uint64_t time, char buffer[CLI_WORD_SIZE]);

/* Local time, 2026-11-22 14:00:05; "-" for never. Returns BUFFER. */
const char *cli_time(uint64_t time, char buffer[CLI_WORD_SIZE]);

/* 41.3ms; 15.0s from ten seconds on. Returns BUFFER. */
const char *cli_duration(uint32_t usec, char buffer[CLI_WORD_SIZE]);

/* Reads "90s", "1h", "2d" (before NOW) or "2026-11-22[ 14:00[:05]]" (local time). Returns false for
 * anything else. */
bool cli_parse_since(const char *text, uint64_t now, uint64_t *ret);

enum cli_tone cli_state_tone(enum state state);
enum cli_tone cli_severity_tone(enum severity severity);

/* The published label of a diagnosis, or "-" when there is none to tell. */
const char *cli_cause(enum diagnosis diagnosis);

/* Labels of FtpAuthKind, and of events: the name of the notification without its prefix, in BUFFER.
 * NULL for a number of a later version. */
const char *cli_alarm_label(enum alarm_kind kind);
const char *cli_event_label(enum event_kind kind, char buffer[CLI_WORD_SIZE]);

/* A cell with a reply code, "-" for none. */
void cli_add_code(struct cli_table *t, int code);

/* A label, or "-" for a number of a later version. */
const char *cli_label(const char *label);

/* Times as RFC 3339 in UTC, null for never; labels as strings, null for unknown numbers. */
json_t *cli_json_time(uint64_t time);
json_t *cli_json_label(const char *label);

/* null for 0. */
json_t *cli_json_number(uint32_t number);

#endif
