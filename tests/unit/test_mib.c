/* SPDX-License-Identifier: ISC */
/* The table engine: GET, GETNEXT and walks over rows that come and go; enumerations and sizes as in
 * the MIB file. */
#include "tests/unit/mib_fixture.h"

#include <errno.h>

enum { WALK_MAX = 100000, SUFFIX_MAX = 8, MIB_FILE_MAX = 200000 };

#define ID_MAX UINT32_MAX

static const struct mib_table *find_table(const char *name)
{
	for (size_t i = 0; i < mib_n_tables; i++)
		if (strcmp(mib_tables[i]->name, name) == 0)
			return mib_tables[i];
	fail_msg("no table %s", name);
	return NULL;
}

static int compare_oids(const uint32_t *a, size_t a_len, const uint32_t *b, size_t b_len)
{
	for (size_t i = 0; i < a_len && i < b_len; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return a_len == b_len ? 0 : a_len < b_len ? -1 : 1;
}

static bool same_value(const struct mib_value *a, const struct mib_value *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case MIB_STRING:
		return a->string.len == b->string.len &&
			memcmp(a->string.bytes, b->string.bytes, a->string.len) == 0;
	case MIB_COUNTER64:
		return a->counter64 == b->counter64;
	case MIB_OBJECT_ID:
		return compare_oids(a->oid->id, a->oid->len, b->oid->id, b->oid->len) == 0;
	default:
		return a->unsigned32 == b->unsigned32;
	}
}

/* Targets 1 "b", 5 "ab" and 2147483647 "a"; the second has evidence. Events 12 to 15, the latest
 * of five; alarms 2 and 2^32-1. */
static struct registry *three(void)
{
	struct registry *r = fixture_registry();
	struct target *second = fixture_target(5, "ab");

	fixture_evidence(second);
	fixture_add(r, fixture_target(1, "b"));
	fixture_add(r, second);
	fixture_add(r, fixture_target(2147483647, "a"));
	for (uint32_t sequence = 11; sequence <= 15; sequence++)
		fixture_event(r, sequence);
	fixture_alarm(r, UINT32_MAX);
	fixture_alarm(r, 2);
	return r;
}

#define S(...) { __VA_ARGS__ }, ARRAY_SIZE(((uint32_t[]){ __VA_ARGS__ }))
#define NOTHING { 0 }, 0
#define TARGET "ftpAuthTargetTable"
#define STATUS "ftpAuthStatusTable"
#define NAME "ftpAuthNameTable"
#define AGENT "ftpAuthAgent"
#define EVIDENCE "ftpAuthEvidenceTable"
#define TLS "ftpAuthTlsTable"
#define SESSION "ftpAuthSessionTable"
#define SUMMARY "ftpAuthSummary"
#define ALARMS "ftpAuthAlarms"
#define ALARM "ftpAuthAlarmTable"
#define EVENT "ftpAuthEventTable"

/* clang-format off */
static const struct get_row {
	const char *label, *table;
	uint32_t suffix[SUFFIX_MAX];
	size_t len;
	enum mib_result result;
} get_rows[] = {
	{ "get: a column of the first row", TARGET, S(1, 2, 1), MIB_FOUND },
	{ "get: the last column of the last row", TARGET, S(1, 18, 2147483647), MIB_FOUND },
	{ "get: by name", NAME, S(1, 7, 2, 'a', 'b'), MIB_FOUND },
	{ "get: a scalar", AGENT, S(1, 0), MIB_FOUND },
	{ "get: nothing", TARGET, NOTHING, MIB_NO_SUCH_OBJECT },
	{ "get: the entry", TARGET, S(1), MIB_NO_SUCH_OBJECT },
	{ "get: the column itself", TARGET, S(1, 2), MIB_NO_SUCH_INSTANCE },
	{ "get: arc 0 in place of the entry", TARGET, S(0, 2, 1), MIB_NO_SUCH_OBJECT },
	{ "get: arc 2 in place of the entry", TARGET, S(2, 2, 1), MIB_NO_SUCH_OBJECT },
	{ "get: column 0", TARGET, S(1, 0, 1), MIB_NO_SUCH_OBJECT },
	{ "get: the index column", TARGET, S(1, 1, 1), MIB_NO_SUCH_OBJECT },
	{ "get: a gap in the columns", TARGET, S(1, 12, 1), MIB_NO_SUCH_OBJECT },
	{ "get: past the columns", TARGET, S(1, 19, 1), MIB_NO_SUCH_OBJECT },
	{ "get: column 2^32-1", TARGET, S(1, ID_MAX, 1), MIB_NO_SUCH_OBJECT },
	{ "get: no such row", TARGET, S(1, 2, 2), MIB_NO_SUCH_INSTANCE },
	{ "get: row 0", TARGET, S(1, 2, 0), MIB_NO_SUCH_INSTANCE },
	{ "get: row 2^32-1", TARGET, S(1, 2, ID_MAX), MIB_NO_SUCH_INSTANCE },
	{ "get: an index too long", TARGET, S(1, 2, 5, 0), MIB_NO_SUCH_INSTANCE },
	{ "get: a name that is a prefix", NAME, S(1, 7, 2, 'a'), MIB_NO_SUCH_INSTANCE },
	{ "get: a name without its length", NAME, S(1, 7, 'a', 'b'), MIB_NO_SUCH_INSTANCE },
	{ "get: a name too long", NAME, S(1, 7, 2, 'a', 'b', 0), MIB_NO_SUCH_INSTANCE },
	{ "get: a name with an octet above 255", NAME, S(1, 7, 2, 'a', 'b' + 256), MIB_NO_SUCH_INSTANCE },
	{ "get: a name of length 2^32-1", NAME, S(1, 7, ID_MAX, 'a'), MIB_NO_SUCH_INSTANCE },
	{ "get: the empty name", NAME, S(1, 7, 0), MIB_NO_SUCH_INSTANCE },
	{ "get: a row of the sparse table", EVIDENCE, S(1, 2, 5), MIB_FOUND },
	{ "get: a target that is not in the sparse table", EVIDENCE, S(1, 2, 1), MIB_NO_SUCH_INSTANCE },
	{ "get: the last target, not in the sparse table", EVIDENCE, S(1, 2, 2147483647), MIB_NO_SUCH_INSTANCE },
	{ "get: a gap in the columns of the sparse table", EVIDENCE, S(1, 8, 5), MIB_NO_SUCH_OBJECT },
	{ "get: a scalar without its instance", AGENT, S(1), MIB_NO_SUCH_INSTANCE },
	{ "get: a scalar's instance 1", AGENT, S(1, 1), MIB_NO_SUCH_INSTANCE },
	{ "get: a scalar's instance 0.0", AGENT, S(1, 0, 0), MIB_NO_SUCH_INSTANCE },
	{ "get: a gap in the scalars", SUMMARY, S(12, 0), MIB_NO_SUCH_OBJECT },
	{ "get: scalar 0", AGENT, S(0, 0), MIB_NO_SUCH_OBJECT },
	{ "get: a scalar beside a table", ALARMS, S(4, 0), MIB_FOUND },
	{ "get: the table beside scalars, as a scalar", ALARMS, S(6, 0), MIB_NO_SUCH_OBJECT },
	{ "get: the table beside scalars", ALARMS, S(6), MIB_NO_SUCH_OBJECT },
	{ "get: an alarm through the scalars", ALARMS, S(6, 1, 3, 2), MIB_FOUND },
	{ "get: a closed alarm through the scalars", ALARMS, S(6, 1, 3, 1), MIB_NO_SUCH_INSTANCE },
	{ "get: behind the table beside scalars", ALARMS, S(7, 0), MIB_NO_SUCH_OBJECT },
	{ "get: an alarm", ALARM, S(1, 3, 2), MIB_FOUND },
	{ "get: the last alarm there can be", ALARM, S(1, 13, ID_MAX), MIB_FOUND },
	{ "get: an alarm that is closed", ALARM, S(1, 3, 1), MIB_NO_SUCH_INSTANCE },
	{ "get: an event", EVENT, S(1, 2, 12), MIB_FOUND },
	{ "get: an event that was bumped", EVENT, S(1, 2, 11), MIB_NO_SUCH_INSTANCE },
	{ "get: an event to come", EVENT, S(1, 2, 16), MIB_NO_SUCH_INSTANCE },
};

static const struct next_row {
	const char *label, *table;
	uint32_t suffix[SUFFIX_MAX];
	size_t len;
	uint32_t next[SUFFIX_MAX];
	size_t next_len; /* 0 = past the end */
} next_rows[] = {
	{ "next: from nothing", TARGET, NOTHING, S(1, 2, 1) },
	{ "next: from arc 0", TARGET, S(0, 9, 9), S(1, 2, 1) },
	{ "next: from the entry", TARGET, S(1), S(1, 2, 1) },
	{ "next: from column 0", TARGET, S(1, 0, 7), S(1, 2, 1) },
	{ "next: from the index column", TARGET, S(1, 1, 5), S(1, 2, 1) },
	{ "next: from a column", TARGET, S(1, 2), S(1, 2, 1) },
	{ "next: from row 0", TARGET, S(1, 2, 0), S(1, 2, 1) },
	{ "next: from below a row that is not", TARGET, S(1, 2, 0, ID_MAX), S(1, 2, 1) },
	{ "next: from a row", TARGET, S(1, 2, 1), S(1, 2, 5) },
	{ "next: from below a row", TARGET, S(1, 2, 1, 0), S(1, 2, 5) },
	{ "next: from between the rows", TARGET, S(1, 2, 4), S(1, 2, 5) },
	{ "next: from the last row to the next column", TARGET, S(1, 2, 2147483647), S(1, 3, 1) },
	{ "next: from behind the last row", TARGET, S(1, 2, ID_MAX), S(1, 3, 1) },
	{ "next: over a gap in the columns", TARGET, S(1, 11, ID_MAX), S(1, 13, 1) },
	{ "next: from within a gap in the columns", TARGET, S(1, 12, 5), S(1, 13, 1) },
	{ "next: from the last instance", TARGET, S(1, 18, 2147483647), NOTHING },
	{ "next: from behind the last column", TARGET, S(1, 19), NOTHING },
	{ "next: from column 2^32-1", TARGET, S(1, ID_MAX, ID_MAX), NOTHING },
	{ "next: from arc 2", TARGET, S(2), NOTHING },
	{ "next: from arc 2^32-1", TARGET, S(ID_MAX, ID_MAX), NOTHING },
	{ "next: the first name is the shortest", NAME, S(1, 7), S(1, 7, 1, 'a') },
	{ "next: from the empty name", NAME, S(1, 7, 0), S(1, 7, 1, 'a') },
	{ "next: from the empty name and more", NAME, S(1, 7, 0, 'z'), S(1, 7, 1, 'a') },
	{ "next: from a length alone", NAME, S(1, 7, 2), S(1, 7, 2, 'a', 'b') },
	{ "next: from a name", NAME, S(1, 7, 1, 'a'), S(1, 7, 1, 'b') },
	{ "next: from below a name", NAME, S(1, 7, 1, 'a', 0), S(1, 7, 1, 'b') },
	{ "next: from an octet above 255", NAME, S(1, 7, 1, 'a' + 256), S(1, 7, 2, 'a', 'b') },
	{ "next: from an octet 2^32-1", NAME, S(1, 7, 1, ID_MAX), S(1, 7, 2, 'a', 'b') },
	{ "next: from a part of a name", NAME, S(1, 7, 2, 'a'), S(1, 7, 2, 'a', 'b') },
	{ "next: from a greater part of a name", NAME, S(1, 4, 2, 'b'), S(1, 5, 1, 'a') },
	{ "next: from a length beyond all", NAME, S(1, 6, 3), S(1, 7, 1, 'a') },
	{ "next: from length 2^32-1, last column", NAME, S(1, 7, ID_MAX), NOTHING },
	{ "next: the first row of the sparse table", EVIDENCE, NOTHING, S(1, 2, 5) },
	{ "next: over the rows that are not there", EVIDENCE, S(1, 2, 1), S(1, 2, 5) },
	{ "next: to the next column of the sparse table", EVIDENCE, S(1, 2, 5), S(1, 3, 5) },
	{ "next: over a gap in its columns", EVIDENCE, S(1, 7, 5), S(1, 9, 5) },
	{ "next: from its last instance", EVIDENCE, S(1, 24, 5), NOTHING },
	{ "next: the first scalar", AGENT, NOTHING, S(1, 0) },
	{ "next: from scalar 0", AGENT, S(0, 5), S(1, 0) },
	{ "next: from a scalar without its instance", AGENT, S(2), S(2, 0) },
	{ "next: from a scalar", AGENT, S(2, 0), S(3, 0) },
	{ "next: from below a scalar", AGENT, S(2, 0, 0), S(3, 0) },
	{ "next: from a scalar's instance 2^32-1", AGENT, S(2, ID_MAX), S(3, 0) },
	{ "next: over a gap in the scalars", SUMMARY, S(11, 0), S(14, 0) },
	{ "next: from the last scalar", AGENT, S(22, 0), NOTHING },
	{ "next: the scalars beside a table", ALARMS, NOTHING, S(1, 0) },
	{ "next: from the scalars to the table", ALARMS, S(4, 0), S(6, 1, 2, 2) },
	{ "next: from a gap before the table", ALARMS, S(5, ID_MAX), S(6, 1, 2, 2) },
	{ "next: from the node of the table", ALARMS, S(6), S(6, 1, 2, 2) },
	{ "next: from arc 0 of the table", ALARMS, S(6, 0, 5), S(6, 1, 2, 2) },
	{ "next: from an alarm, through the scalars", ALARMS, S(6, 1, 2, 2), S(6, 1, 2, ID_MAX) },
	{ "next: from the last alarm, through the scalars", ALARMS, S(6, 1, 13, ID_MAX), NOTHING },
	{ "next: behind the table beside scalars", ALARMS, S(7), NOTHING },
	{ "next: the first alarm", ALARM, NOTHING, S(1, 2, 2) },
	{ "next: the second alarm", ALARM, S(1, 2, 2), S(1, 2, ID_MAX) },
	{ "next: from the last alarm there can be", ALARM, S(1, 2, ID_MAX), S(1, 3, 2) },
	{ "next: the oldest event kept", EVENT, S(1, 2, 5), S(1, 2, 12) },
	{ "next: over the seam of the ring", EVENT, S(1, 2, 14), S(1, 2, 15) },
	{ "next: from the latest event", EVENT, S(1, 2, 15), S(1, 3, 12) },
	{ "next: from scalar 2^32-1", AGENT, S(ID_MAX), NOTHING },
};
/* clang-format on */

static void test_get(void **state)
{
	const struct get_row *row = *state;
	_cleanup_(registry_freep) struct registry *r = three();
	struct mib_context ctx = fixture_context(r);
	struct mib_value value;

	assert_int_equal(
		mib_get(find_table(row->table), &ctx, row->suffix, row->len, &value), row->result);
}

static void test_next(void **state)
{
	const struct next_row *row = *state;
	_cleanup_(registry_freep) struct registry *r = three();
	struct mib_context ctx = fixture_context(r);
	struct mib_oid next;
	struct mib_value value;
	bool found = mib_next(find_table(row->table), &ctx, row->suffix, row->len, &next, &value);

	assert_int_equal(found, row->next_len > 0);
	if (found) {
		assert_int_equal(next.len, row->next_len);
		assert_memory_equal(next.id, row->next, next.len * sizeof(next.id[0]));
	}
}

/* Every instance once, in order, and the same by GET. */
static void walk(const struct mib_table *table, struct mib_context *ctx, size_t targets)
{
	size_t rows = table == find_table(EVIDENCE) ? targets / 3
		: table == find_table(TLS)          ? targets / 4
		: table == find_table(SESSION)      ? targets / 5
		: table == find_table(ALARM)        ? targets / 5
		: table == find_table(EVENT)        ? (targets > 1 ? targets / 2 + 1 : targets)
		: table->index == MIB_SCALARS       ? 1
						    : targets;
	struct mib_context other = *ctx;
	struct mib_oid at = { .len = 0 }, next;
	struct mib_value value, again;
	size_t all = rows * table->n_columns, n = 0;

	if (table->beside)
		all += table->beside->n_columns * table->beside->count(ctx);
	while (mib_next(table, ctx, at.id, at.len, &next, &value)) {
		assert_true(compare_oids(at.id, at.len, next.id, next.len) < 0);
		assert_int_equal(mib_get(table, &other, next.id, next.len, &again), MIB_FOUND);
		assert_true(same_value(&value, &again));
		at = next;
		assert_true(++n <= all);
	}
	assert_int_equal(n, all);
}

static void test_walks(void **state)
{
	static const size_t sizes[] = { 0, 1, 1000 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		_cleanup_(registry_freep) struct registry *r = fixture_rows(sizes[i]);
		struct mib_context ctx = fixture_context(r);
		size_t place = 0;

		ctx.place = &place; /* the walks and their GETs spoil it for each other */
		for (size_t t = 0; t < mib_n_tables; t++)
			walk(mib_tables[t], &ctx, sizes[i]);
	}
}

/* Pseudo-random, the same on every run. */
static uint32_t random_below(uint64_t *seed, uint32_t n)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33) % n;
}

static uint32_t number_of(const struct mib_table *table, const void *row)
{
	if (strcmp(table->name, ALARM) == 0)
		return ((const struct alarm_record *)row)->alarm;
	if (strcmp(table->name, EVENT) == 0)
		return ((const struct event_record *)row)->event.sequence;
	return ((const struct target *)row)->index;
}

/* All instances of TABLE in order, made from its columns and rows without the engine. */
static size_t list_instances(
	const struct mib_table *table, struct mib_context *ctx, struct mib_oid *all, size_t max)
{
	size_t n = 0;

	for (size_t c = 0; c < table->n_columns; c++)
		for (size_t i = 0; i < table->count(ctx); i++) {
			const void *row = table->row(ctx, i);
			const struct target *t = row;
			uint32_t number = table->columns[c].number;
			struct mib_oid *o = &all[n++];

			assert_true(n < max);
			*o = (struct mib_oid){ { 1, number }, 2 };
			if (table->index == MIB_SCALARS) {
				*o = (struct mib_oid){ { number, 0 }, 2 };
			} else if (table->index == MIB_INDEX_NUMBER) {
				o->id[o->len++] = number_of(table, row);
			} else {
				o->id[o->len++] = (uint32_t)strlen(t->config.name);
				for (const char *p = t->config.name; *p; p++)
					o->id[o->len++] = (unsigned char)*p;
			}
		}
	if (table->beside) {
		size_t below = list_instances(table->beside, ctx, &all[n], max - n);

		for (size_t i = n; i < n + below; i++) {
			memmove(&all[i].id[1], &all[i].id[0], all[i].len++ * sizeof(all[i].id[0]));
			all[i].id[0] = table->beside->node;
		}
		n += below;
	}
	return n;
}

/* From any suffix at all, GETNEXT answers what a look at every instance finds. */
static void test_next_of_anything(void **state)
{
	static const uint32_t ids[] = { 0, 1, 2, 3, 5, 7, 10, 11, 17, 18, 'a', 'b', 's', 255, 256,
		2147483647, ID_MAX - 1, ID_MAX };
	static struct mib_oid all[1000];
	_cleanup_(registry_freep) struct registry *r = three();
	struct mib_context ctx = fixture_context(r);
	size_t place = 0;
	uint64_t seed = 269241;

	ctx.place = &place;
	for (size_t t = 0; t < mib_n_tables; t++) {
		size_t n = list_instances(mib_tables[t], &ctx, all, ARRAY_SIZE(all));

		for (size_t i = 0; i < 20000; i++) {
			uint32_t suffix[SUFFIX_MAX];
			size_t len = random_below(&seed, SUFFIX_MAX), k = 0;
			struct mib_oid next;
			struct mib_value value;

			for (size_t j = 0; j < len; j++)
				suffix[j] = ids[random_below(&seed, ARRAY_SIZE(ids))];
			if (random_below(&seed, 2) && len > 0)
				suffix[0] = 1;
			if (random_below(&seed, 2))
				place = random_below(&seed, 5);
			while (k < n && compare_oids(all[k].id, all[k].len, suffix, len) <= 0)
				k++;
			assert_int_equal(
				mib_next(mib_tables[t], &ctx, suffix, len, &next, &value), k < n);
			if (k < n)
				assert_int_equal(
					compare_oids(all[k].id, all[k].len, next.id, next.len), 0);
		}
	}
}

/* Rows come and go between two steps: a walk still ends, and never steps back. */
static void test_changes_during_walk(void **state)
{
	uint64_t seed = 530;

	for (size_t t = 0; t < mib_n_tables; t++) {
		_cleanup_(registry_freep) struct registry *r = fixture_rows(200);
		struct mib_context ctx = fixture_context(r);
		size_t place = SIZE_MAX;
		struct mib_oid at = { .len = 0 }, next;
		struct mib_value value;
		uint32_t new_index = 100000;
		size_t n = 0;

		ctx.place = &place;
		while (mib_next(mib_tables[t], &ctx, at.id, at.len, &next, &value)) {
			char name[32];

			assert_true(compare_oids(at.id, at.len, next.id, next.len) < 0);
			assert_true(++n < WALK_MAX);
			at = next;
			if (r->n_targets > 0 && random_below(&seed, 2))
				fixture_remove(r, random_below(&seed, (uint32_t)r->n_targets));
			if (random_below(&seed, 10) == 0 && r->n_targets < 300) {
				struct target *added;

				snprintf(name, sizeof(name), "new%u", new_index);
				added = fixture_target(new_index++, name);
				if (new_index % 3 == 0)
					fixture_evidence(added);
				if (new_index % 4 == 0)
					fixture_tls(added, 30);
				if (new_index % 5 == 0)
					fixture_session(added, SESSION_NOT_RUN, 0, "");
				fixture_add(r, added);
				fixture_event(r, new_index);
				fixture_alarm(r, new_index);
			}
			if (r->alarms.n > 0 && random_below(&seed, 2))
				alarm_list_remove(&r->alarms,
					r->alarms.rows[random_below(&seed, (uint32_t)r->alarms.n)]
						->alarm);
		}
		assert_true(n > 0);
	}
}

/* What the adapter relies on: arcs and columns ascend, and nothing is published twice. */
static void test_tables_are_in_order(void **state)
{
	for (size_t t = 0; t < mib_n_tables; t++) {
		const struct mib_table *table = mib_tables[t];
		struct mib_oid oid;

		assert_true(t == 0 || mib_tables[t - 1]->arc < table->arc ||
			(mib_tables[t - 1]->arc == table->arc &&
				mib_tables[t - 1]->node < table->node));
		mib_table_oid(table, &oid);
		assert_int_equal(oid.len, mib_base.len + (table->node ? 3 : 2));
		assert_int_equal(oid.id[mib_base.len], 1);
		assert_int_equal(oid.id[mib_base.len + 1], table->arc);
		/* A table beside scalars comes behind all of them. */
		if (table->node) {
			const struct mib_table *scalars = mib_tables[t - 1];

			assert_int_equal(oid.id[oid.len - 1], table->node);
			assert_int_equal(scalars->index, MIB_SCALARS);
			assert_ptr_equal(scalars->beside, table);
			assert_true(scalars->columns[scalars->n_columns - 1].number < table->node);
		}
		for (size_t c = 0; c < table->n_columns; c++) {
			assert_true(
				c == 0 || table->columns[c - 1].number < table->columns[c].number);
			assert_true(table->columns[c].max < MIB_TEXT_MAX);
			assert_int_equal(
				table->columns[c].max > 0, table->columns[c].type == MIB_STRING);
			assert_ptr_equal(
				mib_column(table, table->columns[c].number), &table->columns[c]);
		}
		assert_null(mib_column(table, 0));
		assert_null(mib_column(table, ID_MAX));
	}
}

/* clang-format off */
static const struct base_row {
	const char *label, *dotted;
	size_t len; /* 0 = refused */
	uint32_t last;
} base_rows[] = {
	{ "base: as usual", "1.3.6.1.4.1.32473.5", 8, 5 },
	{ "base: a leading dot", ".1.3.6.1.4.1.32473", 7, 32473 },
	{ "base: four sub-identifiers", "1.3.6.1", 4, 1 },
	{ "base: the largest sub-identifier", "2.999.1.4294967295", 4, ID_MAX },
	{ "base: three sub-identifiers", "1.3.6", 0, 0 },
	{ "base: 32 sub-identifiers", "1.3.6.1.5.6.7.8.9.10.11.12.13.14.15.16.17.18.19.20.21.22.23.24.25.26.27.28.29.30.31.32", 32, 32 },
	{ "base: 33 sub-identifiers", "1.3.6.1.5.6.7.8.9.10.11.12.13.14.15.16.17.18.19.20.21.22.23.24.25.26.27.28.29.30.31.32.33", 0, 0 },
	{ "base: too large a sub-identifier", "1.3.6.4294967296", 0, 0 },
	{ "base: far too large a sub-identifier", "1.3.6.18446744073709551617", 0, 0 },
	{ "base: the first above 2", "3.3.6.1", 0, 0 },
	{ "base: the second above 39", "1.40.6.1", 0, 0 },
	{ "base: empty", "", 0, 0 },
	{ "base: a dot", ".", 0, 0 },
	{ "base: two dots", "1.3..6.1", 0, 0 },
	{ "base: two leading dots", "..1.3.6.1", 0, 0 },
	{ "base: a dot at the end", "1.3.6.1.", 0, 0 },
	{ "base: a name", "iso.3.6.1", 0, 0 },
	{ "base: a sign", "1.3.6.-1", 0, 0 },
	{ "base: a blank", "1.3.6. 1", 0, 0 },
	{ "base: something behind", "1.3.6.1 ", 0, 0 },
};
/* clang-format on */

static void test_base(void **state)
{
	const struct base_row *row = *state;
	struct mib_oid before = mib_base;
	int r = mib_set_base(row->dotted);
	struct mib_oid after = mib_base;

	mib_base = before;
	assert_int_equal(r, row->len > 0 ? 0 : -EINVAL);
	if (row->len > 0) {
		assert_int_equal(after.len, row->len);
		assert_int_equal(after.id[after.len - 1], row->last);
	} else {
		assert_memory_equal(&after, &before, sizeof(before));
	}
}

/* ------------------------------------------------------------------ the MIB file */

static char mib_file[MIB_FILE_MAX];

static void read_mib_file(void)
{
	const char *source = getenv("SRCDIR");
	char path[4096];
	FILE *f;
	size_t len;

	snprintf(path, sizeof(path), "%s/mibs/FTP-AUTH-HEALTH-MIB.txt", source ? source : ".");
	f = fopen(path, "re");
	if (!f)
		fail_msg("cannot read %s; say in SRCDIR where the sources are", path);
	len = fread(mib_file, 1, sizeof(mib_file) - 1, f);
	fclose(f);
	assert_true(len > 0 && len < sizeof(mib_file) - 1);
	mib_file[len] = '\0';
}

static const struct enumeration_row {
	const char *label;
	const char *(*name)(unsigned number);
	unsigned end;
} enumeration_rows[] = {
	{ "FtpAuthState", state_label, STATE_END },
	{ "FtpAuthServiceState", service_label, SERVICE_END },
	{ "FtpAuthSeverity", severity_label, SEVERITY_END },
	{ "FtpAuthStage", stage_label, STAGE_END },
	{ "FtpAuthOutcome", outcome_label, OUTCOME_END },
	{ "FtpAuthCollectResult", evidence_result_label, EVIDENCE_STALE + 1 },
	{ "FtpAuthPresence", presence_label, PRESENCE_ALTERED + 1 },
	{ "FtpAuthSetting", setting_label, SETTING_DISABLED + 1 },
};

/* Appends what lies between the next pair of braces after START, without blanks. */
static void copy_braces(const char *start, char *out, size_t size)
{
	size_t n = 0;

	for (const char *p = strchr(start, '{') + 1; *p != '}'; p++)
		if (*p != ' ' && *p != '\n' && n + 1 < size)
			out[n++] = *p;
	out[n] = '\0';
}

static void test_enumeration(void **state)
{
	const struct enumeration_row *row = *state;
	char head[64], said[1024], ours[1024] = "";
	const char *at;
	size_t used = 0;

	read_mib_file();
	snprintf(head, sizeof(head), "\n%s ::= TEXTUAL-CONVENTION", row->label);
	at = strstr(mib_file, head);
	assert_non_null(at);
	at = strstr(at, "SYNTAX");
	assert_non_null(at);
	copy_braces(at, said, sizeof(said));
	for (unsigned i = 0; i < row->end; i++)
		if (row->name(i))
			used += (size_t)snprintf(ours + used, sizeof(ours) - used, "%s%s(%u)",
				used > 0 ? "," : "", row->name(i), i);
	assert_string_equal(said, ours);
}

/* The upper bound of each string's SIZE is the length that its getter cuts at. */
static void test_sizes_of_mib(void **state)
{
	read_mib_file();
	for (size_t t = 0; t < mib_n_tables; t++)
		for (size_t i = 0; i < mib_tables[t]->n_columns; i++) {
			const struct mib_column *c = &mib_tables[t]->columns[i];
			char head[64], syntax[80];
			const char *at;
			unsigned low, high = 0;

			if (c->type != MIB_STRING || strcmp(c->syntax, "DateAndTime") == 0)
				continue;
			snprintf(head, sizeof(head), "\n%s OBJECT-TYPE\n    SYNTAX      ", c->name);
			at = strstr(mib_file, head);
			assert_non_null(at);
			snprintf(syntax, sizeof(syntax), "%s", at + strlen(head));
			at = strstr(syntax, "(SIZE (");
			assert_non_null(at);
			assert_int_equal(sscanf(at, "(SIZE (%u..%u))", &low, &high), 2);
			assert_int_equal(high, c->max);
		}
}

/* What may be written is the range that the MIB says. */
static void test_ranges_of_mib(void **state)
{
	size_t n = 0;

	read_mib_file();
	for (size_t t = 0; t < mib_n_tables; t++)
		for (size_t i = 0; i < mib_tables[t]->n_columns; i++) {
			const struct mib_column *c = &mib_tables[t]->columns[i];
			char head[96];
			const char *at;
			unsigned low, high;

			if (c->access != MIB_READ_WRITE || c->type != MIB_UNSIGNED)
				continue;
			snprintf(head, sizeof(head),
				"\n%s OBJECT-TYPE\n    SYNTAX      Unsigned32 ", c->name);
			at = strstr(mib_file, head);
			assert_non_null(at);
			assert_int_equal(sscanf(at + strlen(head), "(%u..%u)", &low, &high), 2);
			assert_int_equal(low, c->low);
			assert_int_equal(high, c->high);
			n++;
		}
	assert_int_equal(n, 4);
}

int main(void)
{
	UNIT_ROWS(get_rows, test_get);
	UNIT_ROWS(next_rows, test_next);
	UNIT_ROWS(base_rows, test_base);
	UNIT_ROWS(enumeration_rows, test_enumeration);
	UNIT_TEST(test_walks);
	UNIT_TEST(test_next_of_anything);
	UNIT_TEST(test_changes_during_walk);
	UNIT_TEST(test_tables_are_in_order);
	UNIT_TEST(test_sizes_of_mib);
	UNIT_TEST(test_ranges_of_mib);
	return unit_run("mib");
}
