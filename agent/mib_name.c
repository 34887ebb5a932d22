/* SPDX-License-Identifier: ISC */
/* ftpAuthNameTable: the most wanted values, found by name. */
#include "common/util.h"
#include "agent/mib_row.h"

static MIB_GETTER(get_service)
{
	const struct target *t = row;

	ret->integer = (int32_t)state_service(t->health.state);
}

static MIB_GETTER(get_text)
{
	target_text(row, ctx->scratch, sizeof(ctx->scratch));
	mib_set_text(column, ctx, ctx->scratch, ret);
}

/* clang-format off */
#define FIELD(num, label, smi, base, field) \
	MIB_FIELD(num, label, smi, base, 0, struct target, field)

static const struct mib_column columns[] = {
	FIELD(    2, "ftpAuthNameIndex",     "Unsigned32", MIB_UNSIGNED, index),
	MIB_VALUE(3, "ftpAuthNameService",   "FtpAuthServiceState", MIB_INTEGER, 0, get_service),
	FIELD(    4, "ftpAuthNameState",     "FtpAuthState", MIB_INTEGER, health.state),
	FIELD(    5, "ftpAuthNameReplyCode", "FtpAuthReplyCode", MIB_INTEGER, reply_code),
	FIELD(    6, "ftpAuthNameTotal",     "Gauge32", MIB_UNSIGNED, total_usec),
	MIB_VALUE(7, "ftpAuthNameText",      "SnmpAdminString", MIB_STRING, 255, get_text),
};
/* clang-format on */

const struct mib_table mib_name = {
	.name = "ftpAuthNameTable",
	.arc = 12,
	.index = MIB_INDEX_NAME,
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
	.count = mib_targets,
	.row = mib_target_by_name,
	.key = mib_target_name,
};
