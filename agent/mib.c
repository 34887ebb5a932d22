/* SPDX-License-Identifier: ISC */
/* The table engine: GET and GETNEXT over the column rows of mib_*.c, free of net-snmp. */
#include "agent/mib.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "common/util.h"
#include "agent/mib_row.h"

enum {
	BASE_MIN = 4,
	BASE_MAX = 32,
	SUB_ID_NOTIFICATIONS = 0,
	SUB_ID_OBJECTS = 1,
	SUB_ID_ENTRY = 1
};

/* net-snmp's playpen, until a number of our own is assigned. */
struct mib_oid mib_base = { { 1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 269241 }, 10 };

const struct mib_table *const mib_tables[] = {
	&mib_agent,
	&mib_summary,
	&mib_control,
	&mib_target,
	&mib_status,
	&mib_timing,
	&mib_evidence,
	&mib_count,
	&mib_alarms,
	&mib_alarm,
	&mib_events,
	&mib_event,
	&mib_name,
	&mib_tls,
	&mib_session,
};
const size_t mib_n_tables = ARRAY_SIZE(mib_tables);

/* Reads one sub-identifier at *TEXT and moves behind it. */
static int parse_sub_id(const char **text, uint32_t *ret)
{
	const char *p = *text;
	uint64_t value = 0;

	if (!isdigit((unsigned char)*p))
		return -EINVAL;
	for (; isdigit((unsigned char)*p); p++) {
		value = value * 10 + (uint64_t)(*p - '0');
		if (value > UINT32_MAX)
			return -EINVAL;
	}
	*text = p;
	*ret = (uint32_t)value;
	return 0;
}

int mib_set_base(const char *dotted)
{
	struct mib_oid oid = { .len = 0 };
	const char *p = dotted + (*dotted == '.');

	for (;; p++) {
		if (oid.len == BASE_MAX || parse_sub_id(&p, &oid.id[oid.len]) < 0)
			return -EINVAL;
		oid.len++;
		if (*p == '\0')
			break;
		if (*p != '.')
			return -EINVAL;
	}
	if (oid.len < BASE_MIN || oid.id[0] > 2)
		return -EINVAL;
	/* X.690 8.19.4: the first two share one octet. */
	if (oid.id[0] < 2 && oid.id[1] > 39)
		return -EINVAL;
	mib_base = oid;
	return 0;
}

void mib_base_oid(struct mib_oid *ret)
{
	*ret = mib_base;
}

void mib_table_oid(const struct mib_table *table, struct mib_oid *ret)
{
	*ret = mib_base;
	ret->id[ret->len++] = SUB_ID_OBJECTS;
	ret->id[ret->len++] = table->arc;
	if (table->node)
		ret->id[ret->len++] = table->node;
}

void mib_column_oid(
	const struct mib_table *table, const struct mib_column *column, struct mib_oid *ret)
{
	mib_table_oid(table, ret);
	if (table->index != MIB_SCALARS)
		ret->id[ret->len++] = SUB_ID_ENTRY;
	ret->id[ret->len++] = column->number;
}

void mib_notification_oid(const struct mib_notification *n, struct mib_oid *ret)
{
	*ret = mib_base;
	ret->id[ret->len++] = SUB_ID_NOTIFICATIONS;
	ret->id[ret->len++] = n->arc;
}

/* Position of the first column whose number is NUMBER or above. */
static size_t column_position(const struct mib_table *table, uint32_t number)
{
	size_t low = 0, high = table->n_columns;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table->columns[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct mib_column *mib_column(const struct mib_table *table, uint32_t number)
{
	size_t i = column_position(table, number);

	if (i == table->n_columns || table->columns[i].number != number)
		return NULL;
	return &table->columns[i];
}

/* Compares the index of a row by name with INDEX: the length and the octets, one sub-identifier
 * each (RFC 2578 section 7.7, not IMPLIED). */
static int compare_name(const char *name, const uint32_t *index, size_t len)
{
	size_t name_len = strlen(name);

	if (len == 0)
		return 1;
	if (name_len != index[0])
		return name_len < index[0] ? -1 : 1;
	for (size_t i = 0; i < name_len; i++) {
		uint32_t octet = (unsigned char)name[i];

		if (i + 1 == len)
			return 1;
		if (octet != index[i + 1])
			return octet < index[i + 1] ? -1 : 1;
	}
	return len > name_len + 1 ? -1 : 0;
}

/* Less than, equal to or greater than 0 as the index of ROW is to INDEX. */
static int compare_index(
	const struct mib_table *table, const void *row, const uint32_t *index, size_t len)
{
	uint32_t number;

	switch (table->index) {
	case MIB_INDEX_NAME:
		return compare_name(table->key(row), index, len);
	case MIB_INDEX_NUMBER:
		number = table->number(row);
		break;
	default:
		number = 0;
	}
	if (len == 0)
		return 1;
	if (number != index[0])
		return number < index[0] ? -1 : 1;
	return len > 1 ? -1 : 0;
}

/* Whoever reads a table asks for the row of before or for the one behind it. Returns whether that
 * of INDEX is one of them; its position is in *CTX->place then. */
static bool is_where_guessed(const struct mib_table *table, struct mib_context *ctx,
	const uint32_t *index, size_t len, size_t rows)
{
	if (!ctx->place || len == 0)
		return false;
	for (size_t i = *ctx->place; i < rows && i <= *ctx->place + 1; i++)
		if (compare_index(table, table->row(ctx, i), index, len) == 0) {
			*ctx->place = i;
			return true;
		}
	return false;
}

/* Position of the first row whose index is not below INDEX, or above it when AFTER. */
static size_t row_position(const struct mib_table *table, struct mib_context *ctx,
	const uint32_t *index, size_t len, bool after)
{
	size_t low = 0, high = table->count(ctx);

	if (is_where_guessed(table, ctx, index, len, high))
		return *ctx->place + after;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_index(table, table->row(ctx, middle), index, len);

		if (order < 0 || (order == 0 && after))
			low = middle + 1;
		else
			high = middle;
	}
	if (ctx->place)
		*ctx->place = low;
	return low;
}

static void get_value(const struct mib_column *column, const void *row, struct mib_context *ctx,
	struct mib_value *ret)
{
	ret->type = column->type;
	column->get(column, row, ctx, ret);
	assert(ret->type != MIB_STRING || ret->string.len <= column->max);
}

/* Cuts what precedes the column's number off *SUFFIX. Returns less than, equal to or greater than
 * 0 when it lies before, in or after the columns of TABLE. */
static int enter_columns(const struct mib_table *table, const uint32_t **suffix, size_t *len)
{
	if (table->index == MIB_SCALARS)
		return *len > 0 ? 0 : -1;
	if (*len == 0 || (*suffix)[0] < SUB_ID_ENTRY)
		return -1;
	if ((*suffix)[0] > SUB_ID_ENTRY)
		return 1;
	(*suffix)++;
	(*len)--;
	return *len > 0 ? 0 : -1;
}

const void *mib_row(
	const struct mib_table *table, struct mib_context *ctx, const uint32_t *index, size_t len)
{
	size_t i = row_position(table, ctx, index, len, false);
	const void *row = i < table->count(ctx) ? table->row(ctx, i) : NULL;

	return row && compare_index(table, row, index, len) == 0 ? row : NULL;
}

const struct mib_column *mib_find(const struct mib_table *table, struct mib_context *ctx,
	const uint32_t *suffix, size_t len, const void **ret_row)
{
	const struct mib_table *beside = table->beside;
	const struct mib_column *column;

	if (beside && len > 0 && suffix[0] == beside->node)
		return mib_find(beside, ctx, suffix + 1, len - 1, ret_row);
	if (enter_columns(table, &suffix, &len) != 0)
		return NULL;
	column = mib_column(table, suffix[0]);
	if (column)
		*ret_row = mib_row(table, ctx, suffix + 1, len - 1);
	return column;
}

enum mib_result mib_get(const struct mib_table *table, struct mib_context *ctx,
	const uint32_t *suffix, size_t len, struct mib_value *ret)
{
	const void *row;
	const struct mib_column *column = mib_find(table, ctx, suffix, len, &row);

	if (!column)
		return MIB_NO_SUCH_OBJECT;
	if (!row)
		return MIB_NO_SUCH_INSTANCE;
	get_value(column, row, ctx, ret);
	return MIB_FOUND;
}

/* Writes the suffix of the instance of COLUMN in ROW. */
static void put_suffix(const struct mib_table *table, const struct mib_column *column,
	const void *row, struct mib_oid *ret)
{
	const char *name;

	ret->len = 0;
	if (table->index != MIB_SCALARS)
		ret->id[ret->len++] = SUB_ID_ENTRY;
	ret->id[ret->len++] = column->number;

	switch (table->index) {
	case MIB_SCALARS:
		ret->id[ret->len++] = 0;
		break;
	case MIB_INDEX_NUMBER:
		ret->id[ret->len++] = table->number(row);
		break;
	case MIB_INDEX_NAME:
		name = table->key(row);
		ret->id[ret->len++] = (uint32_t)strlen(name);
		for (; *name && ret->len < MIB_OID_MAX; name++)
			ret->id[ret->len++] = (unsigned char)*name;
		break;
	}
}

static bool next_of(const struct mib_table *table, struct mib_context *ctx, const uint32_t *suffix,
	size_t len, struct mib_oid *ret_suffix, struct mib_value *ret)
{
	size_t rows = table->count(ctx), column = 0, i = 0;
	int place = enter_columns(table, &suffix, &len);
	const void *row;

	if (place > 0 || rows == 0)
		return false;
	if (place == 0) {
		column = column_position(table, suffix[0]);
		if (column < table->n_columns && table->columns[column].number == suffix[0])
			i = row_position(table, ctx, suffix + 1, len - 1, true);
		if (i == rows) {
			column++;
			i = 0;
		}
	}
	if (column >= table->n_columns)
		return false;

	row = table->row(ctx, i);
	put_suffix(table, &table->columns[column], row, ret_suffix);
	get_value(&table->columns[column], row, ctx, ret);
	return true;
}

/* Scalars come before the table that is beside them. */
bool mib_next(const struct mib_table *table, struct mib_context *ctx, const uint32_t *suffix,
	size_t len, struct mib_oid *ret_suffix, struct mib_value *ret)
{
	const struct mib_table *beside = table->beside;
	bool before = beside && (len == 0 || suffix[0] < beside->node);

	if (!beside || before)
		if (next_of(table, ctx, suffix, len, ret_suffix, ret))
			return true;
	if (!beside || (!before && suffix[0] > beside->node))
		return false;
	if (!next_of(
		    beside, ctx, before ? NULL : suffix + 1, before ? 0 : len - 1, ret_suffix, ret))
		return false;
	memmove(&ret_suffix->id[1], &ret_suffix->id[0],
		ret_suffix->len++ * sizeof(ret_suffix->id[0]));
	ret_suffix->id[0] = beside->node;
	return true;
}
