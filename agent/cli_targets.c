/* SPDX-License-Identifier: ISC */
/* The targets that a command is asked about, the worst first, and their totals. */
#include "agent/cli_targets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/target.h"
#include "common/util.h"

const enum state cli_state_order[CLI_STATES] = { STATE_REFUSED, STATE_UNREACHABLE, STATE_AT_RISK,
	STATE_DEGRADED, STATE_UNKNOWN, STATE_OK, STATE_DISABLED };

/* While they are read. */
struct loading {
	const struct cli_view *view;
	struct cli_targets *targets;
};

static bool is_wanted(const struct loading *l, const char *name)
{
	bool wanted = l->view->n_names == 0;

	for (size_t i = 0; i < l->view->n_names; i++)
		if (strcmp(l->view->names[i], name) == 0)
			wanted = l->targets->seen[i] = true;
	return wanted;
}

static int on_target(void *userdata, const struct view_target *row)
{
	const struct loading *l = userdata;
	struct cli_targets *t = l->targets;

	if (!is_wanted(l, row->name))
		return 0;
	t->totals[row->state.state]++;
	t->total++;
	if (row->state.probe_time > t->probe_time)
		t->probe_time = row->state.probe_time;
	if (l->view->failing &&
		(row->state.state == STATE_OK || row->state.state == STATE_DISABLED))
		return 0;
	if (t->n == t->size) {
		size_t size = t->size ? 2 * t->size : 64;
		struct view_target *rows = reallocarray(t->rows, size, sizeof(*rows));

		if (!rows)
			return -ENOMEM;
		t->rows = rows;
		t->size = size;
	}
	t->rows[t->n++] = *row;
	return 0;
}

static unsigned rank(enum state state)
{
	unsigned i = 0;

	while (cli_state_order[i] != state)
		i++;
	return i;
}

static int compare_rows(const void *x, const void *y)
{
	const struct view_target *a = x, *b = y;
	unsigned a_rank = rank(a->state.state), b_rank = rank(b->state.state);

	if (a_rank != b_rank)
		return a_rank < b_rank ? -1 : 1;
	return strcmp(a->name, b->name);
}

static int on_last_event(void *userdata, const struct event_record *e)
{
	struct cli_targets *t = userdata;

	t->stop_time = e->event.kind == EVENT_AGENT_STOPPING ? e->time : 0;
	return 0;
}

/* How the agent was last. */
static int load_agent(struct store_view *store, struct cli_targets *ret)
{
	const struct view_range last = { .rows = 1 };
	uint32_t state = 0;
	int r;

	r = store_view_agent(store, &state);
	if (r >= 0)
		r = store_view_events(store, &last, on_last_event, ret);
	ret->impaired = state == AGENT_IMPAIRED && ret->stop_time == 0;
	return r;
}

int cli_targets_load(const struct cli_view *v, struct cli_targets *ret)
{
	struct loading l = { .view = v, .targets = ret };
	int r;

	*ret = (struct cli_targets){ 0 };
	ret->seen = calloc(v->n_names + 1, sizeof(*ret->seen));
	if (!ret->seen)
		return -ENOMEM;
	r = store_view_targets(v->store, 0, on_target, &l);
	if (r >= 0 && ret->n > 1)
		qsort(ret->rows, ret->n, sizeof(*ret->rows), compare_rows);
	return r < 0 ? r : load_agent(v->store, ret);
}

void cli_targets_done(struct cli_targets *t)
{
	free(t->seen);
	free(t->rows);
}

const char *cli_targets_missing(const struct cli_targets *t, const struct cli_view *v)
{
	for (size_t i = 0; i < v->n_names; i++)
		if (!t->seen[i])
			return v->names[i];
	return NULL;
}

enum service cli_targets_worst(const struct cli_targets *t)
{
	for (size_t i = 0; i < ARRAY_SIZE(cli_state_order); i++)
		if (t->totals[cli_state_order[i]] > 0 && cli_state_order[i] != STATE_DISABLED)
			return state_service(cli_state_order[i]);
	return t->total > 0 ? SERVICE_OK : SERVICE_UNKNOWN;
}
