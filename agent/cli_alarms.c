/* SPDX-License-Identifier: ISC */
/* ftphealth alarms: the alarms that are open. */
#include <sysexits.h>

#include "agent/cli.h"
#include "agent/cli_rows.h"
#include "agent/cli_view.h"
#include "common/util.h"

static const struct cli_command command = {
	.name = "alarms",
	.usage = "[NAME]",
	.help = "Lists the alarms that are open, the worst first; with NAME those of one target.\n"
		"\n"
		"Exit code: 0, whatever is open.\n",
	.names_max = 1,
};

DEFINE_CLEANUP(struct alarm_rows *, alarm_rows_free)

static int print(const struct cli_view *v, const struct alarm_rows *rows)
{
	if (v->json)
		return cli_print_json(alarm_rows_json(rows));
	if (v->look.header)
		printf("%zu alarm%s open\n", rows->n, rows->n == 1 ? "" : "s");
	return rows->n > 0 ? alarm_rows_print(v, rows) : 0;
}

int cli_alarms(int argc, char **argv)
{
	_cleanup_(alarm_rows_freep) struct alarm_rows *rows = NULL;
	struct cli_view v;
	uint32_t target = 0;
	int r;

	r = cli_view_begin(argc, argv, &command, &v);
	if (r < 0 && v.n_names > 0)
		r = cli_view_find(&v, v.names[0], &target);
	if (r >= 0)
		return r;
	r = alarm_rows_load(v.store, target, &rows);
	if (r >= 0)
		r = print(&v, rows);
	return cli_view_end(&v, r, EX_OK);
}
