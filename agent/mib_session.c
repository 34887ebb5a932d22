/* SPDX-License-Identifier: ISC */
/* ftpAuthSessionTable: what followed the logins that worked, where something is to. */
#include "common/util.h"
#include "agent/mib_row.h"

/* What is shown before the first one. */
static const struct session_facts *facts_of(const struct target *t)
{
	static const struct session_facts none = { .result = SESSION_NOT_RUN };

	return t->session ? &t->session->facts : &none;
}

static uint32_t clamp32(uint64_t value)
{
	return value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
}

static MIB_GETTER(get_command)
{
	const struct target *t = row;

	ret->integer = (int32_t)after_settings_of(t->config.after)->command;
}

static MIB_GETTER(get_path)
{
	const struct target *t = row;

	mib_set_text(column, ctx, after_settings_of(t->config.after)->path, ret);
}

static MIB_GETTER(get_result)
{
	ret->integer = (int32_t)facts_of(row)->result;
}

static MIB_GETTER(get_code)
{
	ret->integer = facts_of(row)->code;
}

static MIB_GETTER(get_text)
{
	mib_set_text(column, ctx, facts_of(row)->text, ret);
}

static MIB_GETTER(get_detail)
{
	mib_set_text(column, ctx, facts_of(row)->detail, ret);
}

static MIB_GETTER(get_octets)
{
	ret->unsigned32 = clamp32(facts_of(row)->octets);
}

static MIB_GETTER(get_digest)
{
	mib_set_text(column, ctx, facts_of(row)->sha256, ret);
}

static MIB_GETTER(get_address)
{
	mib_set_text(column, ctx, facts_of(row)->address, ret);
}

static MIB_GETTER(get_port)
{
	ret->unsigned32 = facts_of(row)->port;
}

static MIB_GETTER(get_passive)
{
	ret->unsigned32 = clamp32(facts_of(row)->passive_usec);
}

static MIB_GETTER(get_data)
{
	ret->unsigned32 = clamp32(facts_of(row)->data_usec);
}

static MIB_GETTER(get_first)
{
	ret->unsigned32 = clamp32(facts_of(row)->first_usec);
}

static MIB_GETTER(get_total)
{
	ret->unsigned32 = clamp32(facts_of(row)->total_usec);
}

static MIB_GETTER(get_date)
{
	const struct target *t = row;

	mib_set_date(ctx, t->session ? t->session->time : 0, ret);
}

static size_t count_rows(struct mib_context *ctx)
{
	return ctx->registry->n_with_session;
}

static const void *row_by_index(struct mib_context *ctx, size_t i)
{
	return ctx->registry->with_session[i];
}

/* clang-format off */
#define STRING(num, label, size, getter) \
	MIB_VALUE(num, label, "SnmpAdminString", MIB_STRING, size, getter)
#define GAUGE(num, label, getter) MIB_VALUE(num, label, "Gauge32", MIB_UNSIGNED, 0, getter)

static const struct mib_column columns[] = {
	MIB_VALUE(1, "ftpAuthSessionCommand",   "INTEGER", MIB_INTEGER, 0, get_command),
	STRING(   2, "ftpAuthSessionPath",      AFTER_PATH_MAX, get_path),
	MIB_VALUE(3, "ftpAuthSessionResult",    "INTEGER", MIB_INTEGER, 0, get_result),
	MIB_VALUE(4, "ftpAuthSessionReplyCode", "FtpAuthReplyCode", MIB_INTEGER, 0, get_code),
	STRING(   5, "ftpAuthSessionReplyText", SESSION_TEXT_MAX, get_text),
	STRING(   6, "ftpAuthSessionDetail",    SESSION_DETAIL_MAX, get_detail),
	GAUGE(    7, "ftpAuthSessionOctets",    get_octets),
	STRING(   8, "ftpAuthSessionDigest",    DIGEST_TEXT_LEN, get_digest),
	STRING(   9, "ftpAuthSessionAddress",   INET6_ADDRSTRLEN - 1, get_address),
	GAUGE(   10, "ftpAuthSessionPort",      get_port),
	GAUGE(   11, "ftpAuthSessionPassive",   get_passive),
	GAUGE(   12, "ftpAuthSessionData",      get_data),
	GAUGE(   13, "ftpAuthSessionFirst",     get_first),
	GAUGE(   14, "ftpAuthSessionTotal",     get_total),
	MIB_VALUE(15, "ftpAuthSessionDate",     "DateAndTime", MIB_STRING, MIB_DATE_MAX, get_date),
};
/* clang-format on */

const struct mib_table mib_session = {
	.name = "ftpAuthSessionTable",
	.arc = 16,
	.index = MIB_INDEX_NUMBER,
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
	.count = count_rows,
	.row = row_by_index,
	.number = mib_target_number,
};
