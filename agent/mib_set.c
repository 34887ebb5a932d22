/* SPDX-License-Identifier: ISC */
/*
 * SET: all varbinds of a request are checked before any is changed, and a change that another
 * varbind undoes leaves no trace. No phase waits for anything: a master that waits for one of us
 * serves nobody meanwhile. What a new value means is the main thread's work, which gets it as an
 * order; the value itself can be read at once.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/util.h"
#include "agent/mib_row.h"

/* What a read of the column says now: also the value that leads back to it. */
static uint32_t read_number(
	const struct mib_column *column, const void *row, struct mib_context *ctx)
{
	struct mib_value v = { .type = column->type };

	column->get(column, row, ctx, &v);
	return v.type == MIB_INTEGER ? (uint32_t)v.integer : v.unsigned32;
}

static void *find_row(const struct mib_change *c, struct mib_context *ctx)
{
	return (void *)(uintptr_t)mib_row(c->table, ctx, &c->row, 1);
}

/* The order of the tests is that of RFC 3416 section 4.2.5. */
enum mib_set_result mib_set_add(struct mib_set *set, const struct mib_table *table,
	struct mib_context *ctx, const uint32_t *suffix, size_t len, const struct mib_value *value)
{
	const void *row = NULL;
	const struct mib_column *column = mib_find(table, ctx, suffix, len, &row);
	struct mib_change *changes;
	uint32_t number;

	if (!column || column->access != MIB_READ_WRITE || !set->orders)
		return MIB_SET_NOT_WRITABLE;
	if (value->type != column->type)
		return MIB_SET_WRONG_TYPE;
	/* A negative number is a large one, and beyond what any column takes. */
	number = value->type == MIB_INTEGER ? (uint32_t)value->integer : value->unsigned32;
	if (number < column->low || number > column->high)
		return MIB_SET_WRONG_VALUE;
	if (!row)
		return MIB_SET_NO_CREATION;

	changes = reallocarray(set->changes, set->n + 1, sizeof(*changes));
	if (!changes)
		return MIB_SET_NO_RESOURCES;
	set->changes = changes;
	changes[set->n++] = (struct mib_change){
		.table = table, .column = column, .row = suffix[len - 1], .value = number
	};
	return MIB_SET_OK;
}

/* What ftpAuthTargetAdmin of T will be when all of the request is done. */
static enum admin admin_after(const struct mib_set *set, const struct target *t)
{
	enum admin admin = mib_target_admin(t);

	for (size_t i = 0; i < set->n; i++) {
		const struct mib_change *c = &set->changes[i];

		if (c->column->order == ORDER_ADMIN && c->row == t->index)
			admin = (enum admin)c->value;
	}
	return admin;
}

static bool is_consistent(
	const struct mib_set *set, const struct mib_change *c, const struct target *t)
{
	/* What the configuration has disabled, only the configuration can enable. */
	if (c->column->order == ORDER_ADMIN)
		return t->config.enabled || c->value == ADMIN_DISABLED;
	return c->column->order != ORDER_PROBE_NOW || admin_after(set, t) != ADMIN_DISABLED;
}

enum mib_set_result mib_set_reserve(struct mib_set *set, struct mib_context *ctx, size_t i)
{
	struct mib_change *c = &set->changes[i];
	const void *row = find_row(c, ctx);

	if (!row)
		return MIB_SET_NO_CREATION;
	if (ctx->registry->facts.state == AGENT_STOPPING) /* nobody would keep it */
		return MIB_SET_NO_RESOURCES;
	if (c->table == &mib_target && !is_consistent(set, c, row))
		return MIB_SET_INCONSISTENT_VALUE;
	if (!c->reserved)
		c->reserved = orders_reserve(set->orders);
	return c->reserved ? MIB_SET_OK : MIB_SET_NO_RESOURCES;
}

/* What C's instance said before the request, which may name it more than once. */
static uint32_t value_before(const struct mib_set *set, const struct mib_change *c, const void *row,
	struct mib_context *ctx)
{
	for (const struct mib_change *e = set->changes; e < set->changes + set->n; e++)
		if (e->shown && e->column == c->column && e->row == c->row)
			return e->before;
	return read_number(c->column, row, ctx);
}

enum mib_set_result mib_set_show(struct mib_set *set, struct mib_context *ctx, size_t i)
{
	struct mib_change *c = &set->changes[i];
	void *row = find_row(c, ctx);

	assert(c->reserved);
	if (!row)
		return MIB_SET_COMMIT_FAILED;
	c->before = value_before(set, c, row, ctx);
	c->shown = true;
	c->column->put(c->column, row, c->value);
	return MIB_SET_OK;
}

void mib_set_commit(struct mib_set *set, size_t i)
{
	struct mib_change *c = &set->changes[i];
	struct order order = {
		.kind = c->column->order,
		.target = c->row,
		.setting = c->column->setting,
		.value = c->value,
	};

	if (!c->reserved || !c->shown)
		return;
	if (order.setting == ORDER_NOTIFY_ENABLE)
		order.value = c->value == TRUTH_TRUE;
	memcpy(order.by, set->by, sizeof(order.by));
	orders_push(set->orders, &order);
	c->reserved = false;
}

void mib_set_undo(struct mib_set *set, struct mib_context *ctx, size_t i)
{
	struct mib_change *c = &set->changes[i];
	void *row = find_row(c, ctx);

	if (c->shown && row)
		c->column->put(c->column, row, c->before);
	c->shown = false;
}

void mib_set_abandon(struct mib_set *set, struct mib_context *ctx)
{
	for (size_t i = set->n; i > 0; i--)
		if (set->changes[i - 1].reserved)
			mib_set_undo(set, ctx, i - 1);
	mib_set_done(set);
}

void mib_set_done(struct mib_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->changes[i].reserved)
			orders_release(set->orders);
	free(set->changes);
	set->changes = NULL;
	set->n = 0;
}
