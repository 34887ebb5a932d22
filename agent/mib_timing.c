/* SPDX-License-Identifier: ISC */
/* ftpAuthTimingTable: time taken by each stage of the latest probe. */
#include "common/util.h"
#include "agent/mib_row.h"

/* clang-format off */
#define GAUGE(num, label, field) MIB_GAUGE(num, label, struct target, field)

static const struct mib_column columns[] = {
	GAUGE(1, "ftpAuthTimingResolve",  stage_usec[STAGE_RESOLVE]),
	GAUGE(2, "ftpAuthTimingConnect",  stage_usec[STAGE_CONNECT]),
	GAUGE(3, "ftpAuthTimingTls",      stage_usec[STAGE_TLS]),
	GAUGE(4, "ftpAuthTimingBanner",   stage_usec[STAGE_BANNER]),
	GAUGE(5, "ftpAuthTimingUser",     stage_usec[STAGE_USER]),
	GAUGE(6, "ftpAuthTimingPassword", stage_usec[STAGE_PASSWORD]),
	GAUGE(8, "ftpAuthTimingTotal",    total_usec),
	GAUGE(12, "ftpAuthTimingAuth",    stage_usec[STAGE_AUTH]),
};
/* clang-format on */

const struct mib_table mib_timing = {
	.name = "ftpAuthTimingTable",
	.arc = 6,
	.index = MIB_INDEX_NUMBER,
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
	.count = mib_targets,
	.row = mib_target_by_index,
	.number = mib_target_number,
};
