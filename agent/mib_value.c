/* SPDX-License-Identifier: ISC */
/* The getters behind the column rows: from a field of a row to a value of SNMP. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/text.h"
#include "common/util.h"
#include "agent/mib_row.h"

enum { USEC_PER_CS = 10000 };

static const void *field(const struct mib_column *column, const void *row)
{
	return (const char *)row + column->offset;
}

static void set_number(const struct mib_column *column, uint32_t number, struct mib_value *ret)
{
	if (column->type == MIB_INTEGER)
		ret->integer = (int32_t)number;
	else
		ret->unsigned32 = number;
}

MIB_GETTER(mib_get_u8)
{
	set_number(column, *(const uint8_t *)field(column, row), ret);
}

MIB_GETTER(mib_get_u16)
{
	set_number(column, *(const uint16_t *)field(column, row), ret);
}

MIB_GETTER(mib_get_u32)
{
	set_number(column, *(const uint32_t *)field(column, row), ret);
}

MIB_GETTER(mib_get_u64)
{
	ret->counter64 = *(const uint64_t *)field(column, row);
}

MIB_GETTER(mib_get_int)
{
	ret->integer = *(const int *)field(column, row);
}

static bool is_printable(char c)
{
	return c >= 0x20 && c <= 0x7e;
}

void mib_set_text(const struct mib_column *column, struct mib_context *ctx, const char *s,
	struct mib_value *ret)
{
	size_t max = column->max, len = 0;

	assert(max > 0 && max < MIB_TEXT_MAX);
	if (!s)
		s = "";
	while (len < max && is_printable(s[len]))
		len++;
	/* One octet above 0x7e, and tools without the MIB print the whole value as hex. */
	if (len < max && s[len] != '\0') {
		if (s == ctx->scratch) {
			for (; len < max && s[len] != '\0'; len++)
				if (!is_printable(s[len]))
					ctx->scratch[len] = '?';
		} else {
			len = text_escape(ctx->scratch, max + 1, s, strlen(s));
			s = ctx->scratch;
		}
	}
	ret->string.bytes = s;
	ret->string.len = len;
}

MIB_GETTER(mib_get_text)
{
	mib_set_text(column, ctx, *(char *const *)field(column, row), ret);
}

MIB_GETTER(mib_get_buffer)
{
	mib_set_text(column, ctx, field(column, row), ret);
}

/* DateAndTime (RFC 2579): local time with its offset from UTC. Never is said as in the
 * HOST-RESOURCES-MIB (RFC 2790, hrFSLastFullBackupDate): January 1, year 0. */
void mib_set_date(struct mib_context *ctx, uint64_t when, struct mib_value *ret)
{
	static const char never[8] = { 0, 0, 1, 1, 0, 0, 0, 0 };
	time_t seconds = (time_t)(when / USEC_PER_SEC);
	unsigned char *p = (unsigned char *)ctx->scratch;
	struct tm tm;
	unsigned year, offset_min;

	ctx->scratch_time = when;
	ret->string.bytes = never;
	ret->string.len = sizeof(never);
	/* A year of more than two octets: of a store that was in other hands. */
	if (when == 0 || !localtime_r(&seconds, &tm) || tm.tm_year > UINT16_MAX - 1900)
		return;

	year = (unsigned)tm.tm_year + 1900;
	offset_min = (unsigned)labs(tm.tm_gmtoff) / 60;
	p[0] = (unsigned char)(year >> 8);
	p[1] = (unsigned char)year;
	p[2] = (unsigned char)(tm.tm_mon + 1);
	p[3] = (unsigned char)tm.tm_mday;
	p[4] = (unsigned char)tm.tm_hour;
	p[5] = (unsigned char)tm.tm_min;
	p[6] = (unsigned char)tm.tm_sec;
	p[7] = (unsigned char)(when % USEC_PER_SEC / (USEC_PER_SEC / 10));
	p[8] = tm.tm_gmtoff < 0 ? '-' : '+';
	p[9] = (unsigned char)(offset_min / 60);
	p[10] = (unsigned char)(offset_min % 60);
	ret->string.bytes = ctx->scratch;
	ret->string.len = MIB_DATE_MAX;
}

MIB_GETTER(mib_get_date)
{
	mib_set_date(ctx, *(const uint64_t *)field(column, row), ret);
}

/* TimeStamp (RFC 2579): sysUpTime at a moment; 0 when that was before sysUpTime began, or never. */
MIB_GETTER(mib_get_stamp)
{
	uint64_t when = *(const uint64_t *)field(column, row);
	uint64_t since = ctx->uptime_since_usec;

	ret->unsigned32 = when <= since ? 0 : (uint32_t)((when - since) / USEC_PER_CS);
}

void mib_set_age(uint64_t when, uint64_t now, struct mib_value *ret)
{
	uint64_t ago_s = when < now ? (now - when) / USEC_PER_SEC : 0;

	ret->unsigned32 = when == 0 || ago_s > UINT32_MAX ? UINT32_MAX : (uint32_t)ago_s;
}

MIB_GETTER(mib_get_age)
{
	mib_set_age(*(const uint64_t *)field(column, row), ctx->now_usec, ret);
}

MIB_GETTER(mib_get_wall_age)
{
	mib_set_age(*(const uint64_t *)field(column, row), ctx->now_time, ret);
}

MIB_GETTER(mib_get_truth)
{
	ret->integer = *(const bool *)field(column, row) ? TRUTH_TRUE : TRUTH_FALSE;
}

MIB_PUTTER(mib_put_u32)
{
	*(uint32_t *)((char *)row + column->offset) = value;
}

MIB_PUTTER(mib_put_truth)
{
	*(bool *)((char *)row + column->offset) = value == TRUTH_TRUE;
}

size_t mib_targets(struct mib_context *ctx)
{
	return ctx->registry->n_targets;
}

const void *mib_target_by_index(struct mib_context *ctx, size_t i)
{
	return ctx->registry->by_index[i];
}

const void *mib_target_by_name(struct mib_context *ctx, size_t i)
{
	return ctx->registry->by_name[i];
}

uint32_t mib_target_number(const void *row)
{
	const struct target *t = row;

	return t->index;
}

const char *mib_target_name(const void *row)
{
	const struct target *t = row;

	return t->config.name;
}

size_t mib_one(struct mib_context *ctx)
{
	return 1;
}

const void *mib_registry(struct mib_context *ctx, size_t i)
{
	return ctx->registry;
}
