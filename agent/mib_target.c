/* SPDX-License-Identifier: ISC */
/* ftpAuthTargetTable: what is probed and how. */
#include <string.h>
#include <sys/socket.h>

#include "common/util.h"
#include "agent/mib_row.h"

enum { INET_ADDRESS_MAX = 20 };

static MIB_GETTER(get_address_type)
{
	const struct target *t = row;

	ret->integer = t->family == AF_INET ? INET_IPV4
		: t->family == AF_INET6     ? INET_IPV6
					    : INET_UNKNOWN;
}

static MIB_GETTER(get_address)
{
	const struct target *t = row;

	ret->string.bytes = (const char *)t->address;
	ret->string.len = t->family == AF_INET ? 4 : t->family == AF_INET6 ? 16 : 0;
}

static MIB_GETTER(get_interval)
{
	const struct target *t = row;

	ret->unsigned32 = (uint32_t)(t->config.interval_usec / USEC_PER_SEC);
}

static MIB_GETTER(get_timeout)
{
	const struct target *t = row;

	ret->unsigned32 = (uint32_t)(t->config.timeout_usec / USEC_PER_MSEC);
}

enum admin mib_target_admin(const struct target *t)
{
	if (!t->config.enabled)
		return ADMIN_DISABLED;
	return t->admin ? t->admin : ADMIN_ENABLED;
}

static MIB_GETTER(get_admin)
{
	ret->integer = (int32_t)mib_target_admin(row);
}

static MIB_PUTTER(put_admin)
{
	struct target *t = row;

	t->admin = (enum admin)value;
}

static MIB_GETTER(get_security)
{
	const struct target *t = row;

	ret->integer = 1 + (int32_t)tls_settings_of(t->config.tls)->mode;
}

static MIB_GETTER(get_probe_now)
{
	const struct target *t = row;

	ret->integer = t->probe_now ? PROBE_START : PROBE_IDLE;
}

static MIB_PUTTER(put_probe_now)
{
	struct target *t = row;

	t->probe_now = value == PROBE_START;
}

/* clang-format off */
#define TEXT(num, label, size, field) MIB_TEXT(num, label, size, struct target, field)
#define FIELD(num, label, smi, base, field) \
	MIB_FIELD(num, label, smi, base, 0, struct target, field)
#define ORDER(num, label, getter, least, most, writer, what) \
	MIB_WRITABLE(num, label, "INTEGER", MIB_INTEGER, getter, least, most, writer, what, 0)

static const struct mib_column columns[] = {
	TEXT(      2, "ftpAuthTargetName",        64, config.name),
	TEXT(      3, "ftpAuthTargetGroup",       64, config.group),
	TEXT(      4, "ftpAuthTargetDescr",      255, config.description),
	TEXT(      5, "ftpAuthTargetContact",    255, config.contact),
	TEXT(      6, "ftpAuthTargetHost",       255, config.host),
	FIELD(     7, "ftpAuthTargetPort",       "InetPortNumber", MIB_UNSIGNED, config.port),
	MIB_VALUE( 8, "ftpAuthTargetAddressType", "InetAddressType", MIB_INTEGER, 0, get_address_type),
	MIB_VALUE( 9, "ftpAuthTargetAddress",    "InetAddress", MIB_STRING, INET_ADDRESS_MAX, get_address),
	TEXT(     10, "ftpAuthTargetUser",        64, config.user),
	MIB_VALUE(11, "ftpAuthTargetSecurity",   "INTEGER", MIB_INTEGER, 0, get_security),
	MIB_VALUE(13, "ftpAuthTargetInterval",   "Unsigned32", MIB_UNSIGNED, 0, get_interval),
	MIB_VALUE(14, "ftpAuthTargetTimeout",    "Unsigned32", MIB_UNSIGNED, 0, get_timeout),
	FIELD(    15, "ftpAuthTargetRaiseCount", "Unsigned32", MIB_UNSIGNED, config.raise),
	FIELD(    16, "ftpAuthTargetClearCount", "Unsigned32", MIB_UNSIGNED, config.clear),
	ORDER(    17, "ftpAuthTargetAdmin",      get_admin, ADMIN_ENABLED, ADMIN_DISABLED, put_admin, ORDER_ADMIN),
	ORDER(    18, "ftpAuthTargetProbeNow",   get_probe_now, PROBE_START, PROBE_START, put_probe_now, ORDER_PROBE_NOW),
};
/* clang-format on */

const struct mib_table mib_target = {
	.name = "ftpAuthTargetTable",
	.arc = 4,
	.index = MIB_INDEX_NUMBER,
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
	.count = mib_targets,
	.row = mib_target_by_index,
	.number = mib_target_number,
};
