/* SPDX-License-Identifier: ISC */
/* ftphealth events: what happened, in order. */
#include <sysexits.h>

#include "agent/cli.h"
#include "agent/cli_rows.h"
#include "agent/cli_view.h"

static const struct cli_command command = {
	.name = "events",
	.usage = "[NAME]",
	.help = "Lists the latest events, the latest last; with NAME those of one target.\n"
		"\n"
		"  -n ROWS            at most so many (default 20; all with --since)\n"
		"      --since WHEN   not older than 90s, 1h, 2d, or since 2026-11-22[ 14:00]\n",
	.names_max = 1,
	.limit = true,
	.since = true,
	.rows = 20,
};

int cli_events(int argc, char **argv)
{
	struct view_range range = { 0 };
	struct cli_view v;
	json_t *list;
	int r;

	r = cli_view_begin(argc, argv, &command, &v);
	if (r < 0 && v.n_names > 0)
		r = cli_view_find(&v, v.names[0], &range.target);
	if (r >= 0)
		return r;
	range.since = v.since;
	range.rows = v.rows;
	if (!v.json)
		return cli_view_end(&v, event_rows_print(&v, &range), EX_OK);
	r = event_rows_json(&v, &range, &list);
	if (r >= 0)
		r = cli_print_json(list);
	return cli_view_end(&v, r, EX_OK);
}
