/* SPDX-License-Identifier: ISC */
/* Orders of managers: the queue between the threads, and what a SET may order. */
#include "tests/unit/mib_fixture.h"

#include <poll.h>
#include <pthread.h>

#include "agent/mib_row.h"
#include "agent/orders.h"

DEFINE_CLEANUP(struct orders *, orders_free)

static struct orders *queue(size_t max)
{
	struct orders *o;

	assert_int_equal(orders_new(max, &o), 0);
	return o;
}

static bool readable(const struct orders *o)
{
	struct pollfd p = { .fd = orders_fd(o), .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static void push(struct orders *o, uint32_t value)
{
	struct order order = { .kind = ORDER_SETTING, .value = value };

	orders_push(o, &order);
}

/* ------------------------------------------------------------------ the queue */

static void test_queue(void **state)
{
	_cleanup_(orders_freep) struct orders *o = queue(2);
	struct order order;

	assert_false(readable(o));
	assert_false(orders_take(o, &order));
	for (uint32_t i = 0; i < 10; i += 2) {
		assert_true(orders_reserve(o));
		assert_true(orders_reserve(o));
		assert_false(orders_reserve(o));
		orders_release(o);
		assert_true(orders_reserve(o));
		assert_false(readable(o));
		push(o, i);
		push(o, i + 1);
		assert_true(readable(o));
		assert_false(orders_reserve(o));
		assert_true(orders_take(o, &order));
		assert_int_equal(order.value, i);
		assert_true(readable(o));
		assert_true(orders_reserve(o));
		orders_release(o);
		assert_true(orders_take(o, &order));
		assert_int_equal(order.value, i + 1);
		assert_false(readable(o));
		assert_false(orders_take(o, &order));
	}
}

enum { PUSHED = 20000 };

static void *push_many(void *argument)
{
	struct orders *o = argument;

	for (uint32_t i = 0; i < PUSHED; i++) {
		while (!orders_reserve(o))
			sched_yield();
		push(o, i);
	}
	return NULL;
}

/* Whoever sleeps on the descriptor gets every order, in order. */
static void test_two_threads(void **state)
{
	_cleanup_(orders_freep) struct orders *o = queue(8);
	pthread_t thread;
	uint32_t next = 0;

	assert_int_equal(pthread_create(&thread, NULL, push_many, o), 0);
	while (next < PUSHED) {
		struct pollfd p = { .fd = orders_fd(o), .events = POLLIN };
		struct order order;

		assert_int_equal(poll(&p, 1, 30000), 1);
		while (orders_take(o, &order))
			assert_int_equal(order.value, next++);
	}
	pthread_join(thread, NULL);
}

/* ------------------------------------------------------------------ one varbind */

#define S(...) { __VA_ARGS__ }, ARRAY_SIZE(((uint32_t[]){ __VA_ARGS__ }))
#define CONTROL 3
#define TARGET 4
#define STATUS 5
#define NO_TYPE ((enum mib_type)0)

/* Targets 5 (enabled), 6 (disabled by a manager), 7 (by the configuration). */
static struct registry *three(void)
{
	struct registry *r = fixture_registry();

	fixture_add(r, fixture_target(5, "a"));
	fixture_add(r, fixture_target(6, "b"));
	fixture_add(r, fixture_target(7, "c"));
	r->by_index[1]->admin = ADMIN_DISABLED;
	r->by_index[2]->config.enabled = false;
	fixture_alarm(r, 5);
	fixture_event(r, 5);
	return r;
}

static const struct mib_table *table_of(uint32_t arc, uint32_t node)
{
	for (size_t i = 0; i < mib_n_tables; i++)
		if (mib_tables[i]->arc == arc && mib_tables[i]->node == node)
			return mib_tables[i];
	fail_msg("no table %u.%u", arc, node);
	return NULL;
}

/* A varbind: the arc of the table, what follows it, and the value. */
struct varbind {
	uint32_t arc, suffix[4];
	size_t len;
	enum mib_type type;
	int64_t value;
};

static struct mib_value value_of(const struct varbind *v)
{
	struct mib_value value = { .type = v->type };

	if (v->type == MIB_INTEGER)
		value.integer = (int32_t)v->value;
	else
		value.unsigned32 = (uint32_t)v->value;
	return value;
}

/* The first two phases. */
static enum mib_set_result reserve(
	struct mib_set *set, struct mib_context *ctx, const struct varbind *varbinds, size_t n)
{
	enum mib_set_result result = MIB_SET_OK;

	for (size_t i = 0; i < n && result == MIB_SET_OK; i++) {
		struct mib_value value = value_of(&varbinds[i]);

		result = mib_set_add(set, table_of(varbinds[i].arc, 0), ctx, varbinds[i].suffix,
			varbinds[i].len, &value);
	}
	for (size_t i = 0; i < set->n && result == MIB_SET_OK; i++)
		result = mib_set_reserve(set, ctx, i);
	return result;
}

/* What a GET says of it. */
static int64_t read_back(struct mib_context *ctx, const struct varbind *v)
{
	struct mib_value value;

	assert_int_equal(mib_get(table_of(v->arc, 0), ctx, v->suffix, v->len, &value), MIB_FOUND);
	if (value.type == MIB_INTEGER)
		return value.integer;
	return value.unsigned32;
}

/* clang-format off */
static const struct set_row {
	const char *label;
	struct varbind v;
	enum mib_set_result result;
	struct order order; /* when it is ok */
} set_rows[] = {
	{ "set: maintenance", { TARGET, S(1, 17, 5), MIB_INTEGER, 2 }, MIB_SET_OK, { ORDER_ADMIN, 5, 0, ADMIN_MAINTENANCE, "" } },
	{ "set: disabled", { TARGET, S(1, 17, 5), MIB_INTEGER, 3 }, MIB_SET_OK, { ORDER_ADMIN, 5, 0, ADMIN_DISABLED, "" } },
	{ "set: enabled", { TARGET, S(1, 17, 6), MIB_INTEGER, 1 }, MIB_SET_OK, { ORDER_ADMIN, 6, 0, ADMIN_ENABLED, "" } },
	{ "set: admin 0", { TARGET, S(1, 17, 5), MIB_INTEGER, 0 }, MIB_SET_WRONG_VALUE, { 0 } },
	{ "set: admin 4", { TARGET, S(1, 17, 5), MIB_INTEGER, 4 }, MIB_SET_WRONG_VALUE, { 0 } },
	{ "set: admin -1", { TARGET, S(1, 17, 5), MIB_INTEGER, -1 }, MIB_SET_WRONG_VALUE, { 0 } },
	{ "set: admin, unsigned", { TARGET, S(1, 17, 5), MIB_UNSIGNED, 2 }, MIB_SET_WRONG_TYPE, { 0 } },
	{ "set: admin, a string", { TARGET, S(1, 17, 5), MIB_STRING, 2 }, MIB_SET_WRONG_TYPE, { 0 } },
	{ "set: admin, of no type that is known", { TARGET, S(1, 17, 5), NO_TYPE, 2 }, MIB_SET_WRONG_TYPE, { 0 } },
	{ "set: admin, what it is", { TARGET, S(1, 17, 5), MIB_INTEGER, 1 }, MIB_SET_OK, { ORDER_ADMIN, 5, 0, ADMIN_ENABLED, "" } },
	{ "set: admin of no target", { TARGET, S(1, 17, 8), MIB_INTEGER, 2 }, MIB_SET_NO_CREATION, { 0 } },
	{ "set: admin without an instance", { TARGET, S(1, 17), MIB_INTEGER, 2 }, MIB_SET_NO_CREATION, { 0 } },
	{ "set: admin with an index too long", { TARGET, S(1, 17, 5, 0), MIB_INTEGER, 2 }, MIB_SET_NO_CREATION, { 0 } },
	{ "set: a wrong type of no target", { TARGET, S(1, 17, 8), MIB_UNSIGNED, 2 }, MIB_SET_WRONG_TYPE, { 0 } },
	{ "set: the configuration disables it", { TARGET, S(1, 17, 7), MIB_INTEGER, 1 }, MIB_SET_INCONSISTENT_VALUE, { 0 } },
	{ "set: maintenance, the configuration disables it", { TARGET, S(1, 17, 7), MIB_INTEGER, 2 }, MIB_SET_INCONSISTENT_VALUE, { 0 } },
	{ "set: disabled, the configuration disables it", { TARGET, S(1, 17, 7), MIB_INTEGER, 3 }, MIB_SET_OK, { ORDER_ADMIN, 7, 0, ADMIN_DISABLED, "" } },
	{ "set: probe now", { TARGET, S(1, 18, 5), MIB_INTEGER, 2 }, MIB_SET_OK, { ORDER_PROBE_NOW, 5, 0, 2, "" } },
	{ "set: probe idle", { TARGET, S(1, 18, 5), MIB_INTEGER, 1 }, MIB_SET_WRONG_VALUE, { 0 } },
	{ "set: probe 3", { TARGET, S(1, 18, 5), MIB_INTEGER, 3 }, MIB_SET_WRONG_VALUE, { 0 } },
	{ "set: probe now, disabled by a manager", { TARGET, S(1, 18, 6), MIB_INTEGER, 2 }, MIB_SET_INCONSISTENT_VALUE, { 0 } },
	{ "set: probe now, disabled by the configuration", { TARGET, S(1, 18, 7), MIB_INTEGER, 2 }, MIB_SET_INCONSISTENT_VALUE, { 0 } },
	{ "set: notifications off", { CONTROL, S(1, 0), MIB_INTEGER, 2 }, MIB_SET_OK, { ORDER_SETTING, 0, ORDER_NOTIFY_ENABLE, 0, "" } },
	{ "set: notifications on", { CONTROL, S(1, 0), MIB_INTEGER, 1 }, MIB_SET_OK, { ORDER_SETTING, 0, ORDER_NOTIFY_ENABLE, 1, "" } },
	{ "set: notifications 0", { CONTROL, S(1, 0), MIB_INTEGER, 0 }, MIB_SET_WRONG_VALUE, { 0 } },
	{ "set: notifications 3", { CONTROL, S(1, 0), MIB_INTEGER, 3 }, MIB_SET_WRONG_VALUE, { 0 } },
	{ "set: interval 0", { CONTROL, S(2, 0), MIB_UNSIGNED, 0 }, MIB_SET_OK, { ORDER_SETTING, 0, ORDER_NOTIFY_MIN_INTERVAL, 0, "" } },
	{ "set: interval at most", { CONTROL, S(2, 0), MIB_UNSIGNED, 3600 }, MIB_SET_OK, { ORDER_SETTING, 0, ORDER_NOTIFY_MIN_INTERVAL, 3600, "" } },
	{ "set: interval above", { CONTROL, S(2, 0), MIB_UNSIGNED, 3601 }, MIB_SET_WRONG_VALUE, { 0 } },
	{ "set: interval, an INTEGER", { CONTROL, S(2, 0), MIB_INTEGER, 60 }, MIB_SET_WRONG_TYPE, { 0 } },
	{ "set: interval, a counter", { CONTROL, S(2, 0), MIB_COUNTER32, 60 }, MIB_SET_WRONG_TYPE, { 0 } },
	{ "set: repeat at most", { CONTROL, S(3, 0), MIB_UNSIGNED, 86400 }, MIB_SET_OK, { ORDER_SETTING, 0, ORDER_NOTIFY_REPEAT, 86400, "" } },
	{ "set: repeat above", { CONTROL, S(3, 0), MIB_UNSIGNED, 86401 }, MIB_SET_WRONG_VALUE, { 0 } },
	{ "set: heartbeat at most", { CONTROL, S(4, 0), MIB_UNSIGNED, 86400 }, MIB_SET_OK, { ORDER_SETTING, 0, ORDER_NOTIFY_HEARTBEAT, 86400, "" } },
	{ "set: heartbeat above", { CONTROL, S(4, 0), MIB_UNSIGNED, UINT32_MAX }, MIB_SET_WRONG_VALUE, { 0 } },
	{ "set: storm at most", { CONTROL, S(5, 0), MIB_UNSIGNED, 100000 }, MIB_SET_OK, { ORDER_SETTING, 0, ORDER_NOTIFY_STORM, 100000, "" } },
	{ "set: storm above", { CONTROL, S(5, 0), MIB_UNSIGNED, 100001 }, MIB_SET_WRONG_VALUE, { 0 } },
	{ "set: a setting's instance 1", { CONTROL, S(5, 1), MIB_UNSIGNED, 1 }, MIB_SET_NO_CREATION, { 0 } },
	{ "set: a setting without its instance", { CONTROL, S(5), MIB_UNSIGNED, 1 }, MIB_SET_NO_CREATION, { 0 } },
	{ "set: a setting that is not", { CONTROL, S(6, 0), MIB_UNSIGNED, 1 }, MIB_SET_NOT_WRITABLE, { 0 } },
	{ "set: nothing", { CONTROL, { 0 }, 0, MIB_UNSIGNED, 1 }, MIB_SET_NOT_WRITABLE, { 0 } },
	{ "set: the index column", { TARGET, S(1, 1, 5), MIB_UNSIGNED, 1 }, MIB_SET_NOT_WRITABLE, { 0 } },
	{ "set: a state", { STATUS, S(1, 1, 5), MIB_INTEGER, 1 }, MIB_SET_NOT_WRITABLE, { 0 } },
};
/* clang-format on */

static void test_set(void **state)
{
	const struct set_row *row = *state;
	_cleanup_(registry_freep) struct registry *r = three();
	_cleanup_(orders_freep) struct orders *o = queue(4);
	struct mib_context ctx = fixture_context(r);
	struct mib_set set = { .orders = o, .by = "alice" };
	struct order order;
	int64_t before = row->result == MIB_SET_OK ? read_back(&ctx, &row->v) : 0;

	assert_int_equal(reserve(&set, &ctx, &row->v, 1), row->result);
	if (row->result == MIB_SET_OK) {
		/* Undone, it is as before, and no order was given; both as often as you like. */
		for (unsigned i = 0; i < 2; i++) {
			assert_int_equal(mib_set_show(&set, &ctx, 0), MIB_SET_OK);
			assert_int_equal(read_back(&ctx, &row->v), row->v.value);
			mib_set_undo(&set, &ctx, 0);
			mib_set_undo(&set, &ctx, 0);
			assert_int_equal(read_back(&ctx, &row->v), before);
			assert_false(orders_take(o, &order));
		}
		assert_int_equal(mib_set_show(&set, &ctx, 0), MIB_SET_OK);
		mib_set_commit(&set, 0);
		mib_set_commit(&set, 0);
		assert_int_equal(read_back(&ctx, &row->v), row->v.value);
		assert_true(orders_take(o, &order));
		assert_int_equal(order.kind, row->order.kind);
		assert_int_equal(order.target, row->order.target);
		assert_int_equal(order.setting, row->order.setting);
		assert_int_equal(order.value, row->order.value);
		assert_string_equal(order.by, "alice");
	}
	assert_false(orders_take(o, &order));
	mib_set_done(&set);
	mib_set_done(&set);
	/* All room is free again. */
	for (unsigned i = 0; i < 4; i++)
		assert_true(orders_reserve(o));
}

/* Nothing but what the MIB calls read-write is writable, and that all is. */
static void test_writable(void **state)
{
	_cleanup_(registry_freep) struct registry *r = three();
	_cleanup_(orders_freep) struct orders *o = queue(64);
	struct mib_context ctx = fixture_context(r);
	struct mib_set set = { .orders = o }, without = { .orders = NULL };
	size_t n = 0;

	for (size_t t = 0; t < mib_n_tables; t++) {
		struct mib_oid at = { .len = 0 }, next;
		struct mib_value value;

		while (mib_next(mib_tables[t], &ctx, at.id, at.len, &next, &value)) {
			const void *row;
			const struct mib_column *c =
				mib_find(mib_tables[t], &ctx, next.id, next.len, &row);
			bool writable = c->access == MIB_READ_WRITE;
			enum mib_set_result result;

			/* ftpAuthTargetProbeNow takes but one value. */
			if (writable && c->low == c->high)
				value.integer = (int32_t)c->low;
			result = mib_set_add(&set, mib_tables[t], &ctx, next.id, next.len, &value);
			assert_int_equal(result, writable ? MIB_SET_OK : MIB_SET_NOT_WRITABLE);
			assert_int_equal(mib_set_add(&without, mib_tables[t], &ctx, next.id,
						 next.len, &value),
				MIB_SET_NOT_WRITABLE);
			n += writable;
			at = next;
		}
	}
	assert_int_equal(n, 5 + 2 * 3);
	assert_int_equal(set.n, n);
	mib_set_done(&set);
}

/* ------------------------------------------------------------------ more than one */

/* clang-format off */
static const struct many_row {
	const char *label;
	size_t n;
	struct varbind v[3];
	enum mib_set_result result;
	int64_t after[3]; /* what each reads when all is done, or undone */
	size_t orders;
} many_rows[] = {
	{ "many: two targets", 2, { { TARGET, S(1, 17, 5), MIB_INTEGER, 2 }, { TARGET, S(1, 17, 6), MIB_INTEGER, 1 } },
		MIB_SET_OK, { 2, 1 }, 2 },
	{ "many: a target and a setting", 2, { { TARGET, S(1, 17, 5), MIB_INTEGER, 2 }, { CONTROL, S(3, 0), MIB_UNSIGNED, 60 } },
		MIB_SET_OK, { 2, 60 }, 2 },
	{ "many: the last one is bad", 2, { { TARGET, S(1, 17, 5), MIB_INTEGER, 2 }, { CONTROL, S(2, 0), MIB_UNSIGNED, 5000 } },
		MIB_SET_WRONG_VALUE, { 1, 0 }, 0 },
	{ "many: the first one is bad", 2, { { STATUS, S(1, 1, 5), MIB_INTEGER, 1 }, { CONTROL, S(2, 0), MIB_UNSIGNED, 5 } },
		MIB_SET_NOT_WRITABLE, { STATE_UNKNOWN, 0 }, 0 },
	{ "many: enable and probe", 2, { { TARGET, S(1, 17, 6), MIB_INTEGER, 1 }, { TARGET, S(1, 18, 6), MIB_INTEGER, 2 } },
		MIB_SET_OK, { 1, 2 }, 2 },
	{ "many: probe and enable", 2, { { TARGET, S(1, 18, 6), MIB_INTEGER, 2 }, { TARGET, S(1, 17, 6), MIB_INTEGER, 1 } },
		MIB_SET_OK, { 2, 1 }, 2 },
	{ "many: enable one and probe another", 2, { { TARGET, S(1, 17, 5), MIB_INTEGER, 1 }, { TARGET, S(1, 18, 6), MIB_INTEGER, 2 } },
		MIB_SET_INCONSISTENT_VALUE, { 1, 1 }, 0 },
	{ "many: disable and probe", 2, { { TARGET, S(1, 17, 5), MIB_INTEGER, 3 }, { TARGET, S(1, 18, 5), MIB_INTEGER, 2 } },
		MIB_SET_INCONSISTENT_VALUE, { 1, 1 }, 0 },
	{ "many: the same twice", 2, { { TARGET, S(1, 17, 5), MIB_INTEGER, 2 }, { TARGET, S(1, 17, 5), MIB_INTEGER, 3 } },
		MIB_SET_OK, { 3, 3 }, 2 },
	{ "many: more than there is room for", 3, { { CONTROL, S(2, 0), MIB_UNSIGNED, 1 }, { CONTROL, S(3, 0), MIB_UNSIGNED, 1 },
		{ CONTROL, S(4, 0), MIB_UNSIGNED, 1 } }, MIB_SET_NO_RESOURCES, { 0, 0, 0 }, 0 },
};
/* clang-format on */

static void test_many(void **state)
{
	const struct many_row *row = *state;
	_cleanup_(registry_freep) struct registry *r = three();
	_cleanup_(orders_freep) struct orders *o = queue(2);
	struct mib_context ctx = fixture_context(r);
	struct mib_set set = { .orders = o };
	struct order order;
	size_t given = 0;

	assert_int_equal(reserve(&set, &ctx, row->v, row->n), row->result);
	for (size_t i = 0; i < set.n && row->result == MIB_SET_OK; i++)
		assert_int_equal(mib_set_show(&set, &ctx, i), MIB_SET_OK);
	for (size_t i = 0; i < set.n && row->result == MIB_SET_OK; i++)
		mib_set_commit(&set, i);
	mib_set_done(&set);
	for (size_t i = 0; i < row->n; i++)
		assert_int_equal(read_back(&ctx, &row->v[i]), row->after[i]);
	while (orders_take(o, &order))
		given++;
	assert_int_equal(given, row->orders);
	assert_true(orders_reserve(o) && orders_reserve(o));
}

/* What one request says of an instance twice is undone to what was before both, in any order. */
static void test_undo_twice(void **state)
{
	static const struct varbind v[] = { { TARGET, S(1, 17, 5), MIB_INTEGER, 2 },
		{ TARGET, S(1, 17, 5), MIB_INTEGER, 3 } };

	for (size_t first = 0; first < 2; first++) {
		_cleanup_(registry_freep) struct registry *r = three();
		_cleanup_(orders_freep) struct orders *o = queue(2);
		struct mib_context ctx = fixture_context(r);
		struct mib_set set = { .orders = o };

		assert_int_equal(reserve(&set, &ctx, v, 2), MIB_SET_OK);
		assert_int_equal(mib_set_show(&set, &ctx, 0), MIB_SET_OK);
		assert_int_equal(mib_set_show(&set, &ctx, 1), MIB_SET_OK);
		mib_set_undo(&set, &ctx, first);
		mib_set_undo(&set, &ctx, 1 - first);
		assert_int_equal(read_back(&ctx, &v[0]), 1);
		mib_set_done(&set);
	}
}

static const struct varbind maintenance = { TARGET, S(1, 17, 5), MIB_INTEGER, ADMIN_MAINTENANCE };

/* The first phase of a request that orders it. */
static void begin(struct mib_set *set, struct mib_context *ctx)
{
	struct mib_value value = value_of(&maintenance);

	assert_int_equal(mib_set_add(set, table_of(TARGET, 0), ctx, maintenance.suffix,
				 maintenance.len, &value),
		MIB_SET_OK);
}

/* The target goes between two phases. */
static void test_row_goes(void **state)
{
	for (unsigned phase = 0; phase < 3; phase++) {
		_cleanup_(registry_freep) struct registry *r = three();
		_cleanup_(orders_freep) struct orders *o = queue(2);
		struct mib_context ctx = fixture_context(r);
		struct mib_set set = { .orders = o };

		begin(&set, &ctx);
		if (phase == 0)
			fixture_remove(r, 0);
		assert_int_equal(mib_set_reserve(&set, &ctx, 0),
			phase == 0 ? MIB_SET_NO_CREATION : MIB_SET_OK);
		if (phase == 1)
			fixture_remove(r, 0);
		if (phase > 0)
			assert_int_equal(mib_set_show(&set, &ctx, 0),
				phase == 1 ? MIB_SET_COMMIT_FAILED : MIB_SET_OK);
		if (phase == 2)
			fixture_remove(r, 0);
		mib_set_undo(&set, &ctx, 0);
		mib_set_done(&set);
		assert_true(orders_reserve(o) && orders_reserve(o));
	}
}

/* What would not be kept is not taken. */
static void test_stopping(void **state)
{
	_cleanup_(registry_freep) struct registry *r = three();
	_cleanup_(orders_freep) struct orders *o = queue(2);
	struct mib_context ctx = fixture_context(r);
	struct mib_set set = { .orders = o };

	begin(&set, &ctx);
	r->facts.state = AGENT_STOPPING;
	assert_int_equal(mib_set_reserve(&set, &ctx, 0), MIB_SET_NO_RESOURCES);
	mib_set_done(&set);
}

/* The session is lost between two phases: what was shown is as before, what was taken is given
 * back. */
static void test_abandoned(void **state)
{
	for (unsigned phase = 0; phase < 4; phase++) {
		_cleanup_(registry_freep) struct registry *r = three();
		_cleanup_(orders_freep) struct orders *o = queue(2);
		struct mib_context ctx = fixture_context(r);
		struct mib_set set = { .orders = o };
		struct order order;

		begin(&set, &ctx);
		if (phase > 0)
			assert_int_equal(mib_set_reserve(&set, &ctx, 0), MIB_SET_OK);
		if (phase > 1)
			assert_int_equal(mib_set_show(&set, &ctx, 0), MIB_SET_OK);
		if (phase > 2)
			mib_set_commit(&set, 0);
		mib_set_abandon(&set, &ctx);
		mib_set_done(&set);
		assert_int_equal(read_back(&ctx, &maintenance), phase > 2 ? 2 : 1);
		assert_true(orders_take(o, &order) == (phase > 2));
		assert_true(orders_reserve(o) && orders_reserve(o) && !orders_reserve(o));
	}
}

int main(void)
{
	UNIT_TEST(test_queue);
	UNIT_TEST(test_two_threads);
	UNIT_ROWS(set_rows, test_set);
	UNIT_TEST(test_writable);
	UNIT_ROWS(many_rows, test_many);
	UNIT_TEST(test_undo_twice);
	UNIT_TEST(test_row_goes);
	UNIT_TEST(test_stopping);
	UNIT_TEST(test_abandoned);
	return unit_run("orders");
}
