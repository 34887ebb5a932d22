/* SPDX-License-Identifier: ISC */
/* ftpAuthTlsTable: certificates of the servers with which TLS is spoken. */
#include "common/util.h"
#include "agent/mib_row.h"

enum { NOT_KNOWN = INT32_MAX }; /* days */

static MIB_GETTER(get_subject)
{
	const struct target *t = row;

	mib_set_text(column, ctx, t->tls ? t->tls->subject : NULL, ret);
}

static MIB_GETTER(get_issuer)
{
	const struct target *t = row;

	mib_set_text(column, ctx, t->tls ? t->tls->issuer : NULL, ret);
}

static MIB_GETTER(get_not_after)
{
	const struct target *t = row;
	bool known = t->tls && t->tls->not_after > 0;

	mib_set_date(ctx, known ? (uint64_t)t->tls->not_after * USEC_PER_SEC : 0, ret);
}

static MIB_GETTER(get_days_left)
{
	const struct target *t = row;

	ret->integer =
		t->tls ? tls_days_left(t->tls, (int64_t)(ctx->now_time / USEC_PER_SEC)) : NOT_KNOWN;
}

static MIB_GETTER(get_verify)
{
	const struct target *t = row;

	ret->integer = t->tls ? (int32_t)t->tls->verify : TLS_VERIFY_NOT_CHECKED;
}

static MIB_GETTER(get_protocol)
{
	const struct target *t = row;

	mib_set_text(column, ctx, t->tls ? t->tls->protocol : NULL, ret);
}

static MIB_GETTER(get_cipher)
{
	const struct target *t = row;

	mib_set_text(column, ctx, t->tls ? t->tls->cipher : NULL, ret);
}

static MIB_GETTER(get_fingerprint)
{
	const struct target *t = row;

	mib_set_text(column, ctx, t->tls ? t->tls->fingerprint : NULL, ret);
}

static size_t count_rows(struct mib_context *ctx)
{
	return ctx->registry->n_with_tls;
}

static const void *row_by_index(struct mib_context *ctx, size_t i)
{
	return ctx->registry->with_tls[i];
}

/* clang-format off */
#define STRING(num, label, size, getter) \
	MIB_VALUE(num, label, "SnmpAdminString", MIB_STRING, size, getter)

static const struct mib_column columns[] = {
	STRING(   1, "ftpAuthTlsSubject",     TLS_NAME_MAX, get_subject),
	STRING(   2, "ftpAuthTlsIssuer",      TLS_NAME_MAX, get_issuer),
	MIB_VALUE(3, "ftpAuthTlsNotAfter",    "DateAndTime", MIB_STRING, MIB_DATE_MAX, get_not_after),
	MIB_VALUE(4, "ftpAuthTlsDaysLeft",    "Integer32", MIB_INTEGER, 0, get_days_left),
	MIB_VALUE(5, "ftpAuthTlsVerify",      "INTEGER", MIB_INTEGER, 0, get_verify),
	STRING(   6, "ftpAuthTlsProtocol",    TLS_PROTOCOL_MAX, get_protocol),
	STRING(   7, "ftpAuthTlsCipher",      TLS_CIPHER_MAX, get_cipher),
	STRING(   8, "ftpAuthTlsFingerprint", TLS_FINGERPRINT_MAX, get_fingerprint),
};
/* clang-format on */

const struct mib_table mib_tls = {
	.name = "ftpAuthTlsTable",
	.arc = 14,
	.index = MIB_INDEX_NUMBER,
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
	.count = count_rows,
	.row = row_by_index,
	.number = mib_target_number,
};
