/* SPDX-License-Identifier: ISC */
/* ftpAuthControl: what a manager may change of the notifications. */
#include "common/util.h"
#include "agent/mib_row.h"

/* clang-format off */
#define SETTING(num, label, smi, base, field, getter, least, most, writer, which) \
	{ \
		.number = (num), .name = (label), .syntax = (smi), .type = (base), \
		.access = MIB_READ_WRITE, .offset = offsetof(struct registry, settings.field), \
		.get = (getter), .low = (least), .high = (most), .put = (writer), \
		.order = ORDER_SETTING, .setting = (which) \
	}
#define NUMBER(num, label, field, most, which) \
	SETTING(num, label, "Unsigned32", MIB_UNSIGNED, field, mib_get_u32, 0, most, mib_put_u32, which)

static const struct mib_column columns[] = {
	SETTING(1, "ftpAuthNotifyEnable", "TruthValue", MIB_INTEGER, enabled, mib_get_truth,
		TRUTH_TRUE, TRUTH_FALSE, mib_put_truth, ORDER_NOTIFY_ENABLE),
	NUMBER(2, "ftpAuthNotifyMinInterval", min_interval_s, 3600,   ORDER_NOTIFY_MIN_INTERVAL),
	NUMBER(3, "ftpAuthNotifyRepeat",      repeat_s,       86400,  ORDER_NOTIFY_REPEAT),
	NUMBER(4, "ftpAuthNotifyHeartbeat",   heartbeat_s,    86400,  ORDER_NOTIFY_HEARTBEAT),
	NUMBER(5, "ftpAuthNotifyStorm",       storm,          100000, ORDER_NOTIFY_STORM),
};
/* clang-format on */

const struct mib_table mib_control = {
	.name = "ftpAuthControl",
	.arc = 3,
	.index = MIB_SCALARS,
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
	.count = mib_one,
	.row = mib_registry,
};
