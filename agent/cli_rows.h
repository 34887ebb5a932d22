/* SPDX-License-Identifier: ISC */
/* Alarms and events as `alarms`, `events` and `status NAME` print them. */
#ifndef FTPHEALTH_CLI_ROWS_H
#define FTPHEALTH_CLI_ROWS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/cli_view.h"

/* Open alarms, the most severe first, then the oldest. */
struct alarm_rows {
	struct alarm_record *rows; /* n of them */
	size_t n, size;
};

int alarm_rows_load(struct store_view *store, uint32_t target, struct alarm_rows **ret);
struct alarm_rows *alarm_rows_free(struct alarm_rows *rows);

/* Returns 0 or -ENOMEM. */
int alarm_rows_print(const struct cli_view *v, const struct alarm_rows *rows);

/* An array; NULL when there is no memory. */
json_t *alarm_rows_json(const struct alarm_rows *rows);

/* The events of RANGE: as a table, returning 0 or -errno; as an array in *RET. */
int event_rows_print(struct cli_view *v, const struct view_range *range);
int event_rows_json(struct cli_view *v, const struct view_range *range, json_t **ret);

#endif
