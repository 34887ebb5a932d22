/* SPDX-License-Identifier: ISC */
/*
 * health, alarm and policy together against a model that is written straight from their rules:
 * slow, with nothing kept that can be looked up in what happened. Random sequences of observations,
 * maintenance, settings, removals, restarts; each notification must be one that the model demands,
 * and when the policy has no more the model demands none. Only the order between targets at the
 * same moment is left open. At the end, when all is well and nothing is held, nothing is left told
 * or open. There are no steps of the clock: all times are of CLOCK_MONOTONIC, which is never set,
 * and nothing here is told what time of day it is.
 */
#include "tests/unit/unit.h"

#include "agent/alarm.h"
#include "agent/health.h"
#include "agent/policy.h"
#include "common/util.h"

enum { TARGETS = 6, STEPS = 150, LOG_MAX = 4000, SEEN_MAX = 400, RUNS = 300 };

static const struct health_flap flap = { 4, 120 * USEC_PER_SEC, 70 * USEC_PER_SEC };

/* ------------------------------------------------------------------ what is tested */

struct agent_target {
	struct health health;
	struct target_alarms alarms;
	struct policy_target policy;
	bool held;
	uint32_t streaks[ALARM_END]; /* of the kinds that go their own way */
};

/* ------------------------------------------------------------------ the model */

enum storm { FRESH, UNTOLD, COUNTED };

struct model_target {
	char seen[SEEN_MAX]; /* since the start; the state after each is in states */
	char state;
	size_t n_seen;
	char side_seen[ALARM_END][SEEN_MAX]; /* of the kinds that go their own way: b bad, g good */
	size_t n_side_seen[ALARM_END];
	uint64_t changes[SEEN_MAX]; /* between good and bad */
	size_t n_changes;
	char side;
	bool held;
	bool gone;
	uint32_t open[ALARM_END];
	enum storm storm[ALARM_END];
};

struct told {
	uint64_t time;
	enum policy_verb verb;
	int target;
	enum alarm_kind kind;
	uint32_t alarm;
};

struct model {
	struct model_target targets[TARGETS];
	struct policy_settings settings;
	struct told log[LOG_MAX];
	size_t n_log, n_log_before; /* before: of those, before the start */
	uint64_t raises[LOG_MAX];   /* when each fell due, since the start */
	size_t n_raises;
	uint64_t start, heartbeats_on;
	bool restored_mass;
};

struct run {
	struct agent_target targets[TARGETS];
	struct policy policy;
	struct model m;
	uint32_t raise, clear; /* of all targets */
	uint32_t number, random;
	uint64_t now;
};

static size_t verbs_seen[POLICY_HEARTBEAT + 1];
static size_t flaps_seen, renumbered_seen, sides_seen;

/* The latest notification on a target's kind, or NULL. */
static const struct told *latest(const struct model *m, int target, enum alarm_kind kind)
{
	for (size_t i = m->n_log; i > 0; i--)
		if (m->log[i - 1].target == target && m->log[i - 1].kind == kind)
			return &m->log[i - 1];
	return NULL;
}

/* The alarm that a receiver believes in, or 0. */
static uint32_t believed(const struct model *m, int target, enum alarm_kind kind)
{
	const struct told *l = latest(m, target, kind);

	return l && l->verb != POLICY_CLEAR && l->verb != POLICY_MASS_CLEAR ? l->alarm : 0;
}

static uint32_t mass_of(const struct model *m)
{
	return believed(m, -1, ALARM_MASS);
}

static bool model_flaps(const struct model_target *t, uint64_t now)
{
	uint64_t end = 0;

	for (size_t i = 0; i < t->n_changes; i++) {
		size_t n = 0;

		for (size_t j = 0; j <= i; j++)
			n += t->changes[i] / USEC_PER_SEC - t->changes[j] / USEC_PER_SEC <=
				flap.window_usec / USEC_PER_SEC;
		if (n > flap.changes || t->changes[i] < end)
			end = t->changes[i] + flap.quiet_usec;
	}
	return now < end;
}

enum wish { NONE, RAISE, CLEAR, REPEAT };

/* What is to be told on a target's kind at NOW, if no mass alarm stands for it. */
static enum wish wish(const struct model *m, int target, enum alarm_kind kind, uint64_t now)
{
	const struct model_target *t = &m->targets[target];
	const struct told *l = latest(m, target, kind);
	bool is = t->open[kind] != 0, told = believed(m, target, kind) != 0;
	enum wish what = is && !told ? RAISE : !is && told ? CLEAR : is && told ? REPEAT : NONE;
	uint64_t sent, pause = m->settings.min_interval_s;

	if (what == NONE || (what == REPEAT && m->settings.repeat_s == 0))
		return NONE;
	if (what == CLEAR && t->gone)
		return CLEAR;
	if (t->held || !m->settings.enabled || (what == CLEAR && model_flaps(t, now)))
		return NONE;
	if (what == REPEAT && m->settings.repeat_s > pause)
		pause = m->settings.repeat_s;
	if (!l || (!told && l < m->log + m->n_log_before))
		return what;
	sent = l->time > m->start ? l->time : m->start;
	return now >= sent + pause * USEC_PER_SEC ? what : NONE;
}

static uint32_t raises_lately(const struct model *m, uint64_t now)
{
	uint32_t n = 0;

	for (size_t i = 0; i < m->n_raises; i++)
		n += m->raises[i] / USEC_PER_SEC + 60 > now / USEC_PER_SEC;
	return n;
}

/* What stands behind the mass alarm, or was counted, is so only as long as it is due. */
static void model_settle(struct model *m, uint64_t now)
{
	for (int i = 0; i < TARGETS; i++)
		for (unsigned kind = 0; kind < ALARM_END; kind++) {
			enum storm *storm = &m->targets[i].storm[kind];

			if (wish(m, i, kind, now) != RAISE)
				*storm = FRESH;
			else if (*storm == UNTOLD && mass_of(m) == 0)
				*storm = COUNTED;
		}
}

/* While the mass alarm is open, what falls due stands behind it. */
static void model_absorb(struct model *m, uint64_t now)
{
	model_settle(m, now);
	for (int i = 0; mass_of(m) != 0 && i < TARGETS; i++)
		for (unsigned kind = 0; kind < ALARM_END; kind++)
			if (wish(m, i, kind, now) == RAISE) {
				if (m->targets[i].storm[kind] == FRESH)
					m->raises[m->n_raises++] = now;
				m->targets[i].storm[kind] = UNTOLD;
			}
}

static uint32_t model_untold(const struct model *m)
{
	uint32_t n = 0;

	for (int i = 0; i < TARGETS; i++)
		for (unsigned kind = 0; kind < ALARM_END; kind++)
			n += m->targets[i].storm[kind] == UNTOLD;
	return n;
}

/* Something of a target is to be told at NOW. */
static bool is_due(const struct model *m, uint64_t now)
{
	for (int i = 0; i < TARGETS; i++)
		for (unsigned kind = 0; kind < ALARM_END; kind++)
			if (wish(m, i, kind, now) != NONE && m->targets[i].storm[kind] != UNTOLD)
				return true;
	return false;
}

static bool mass_is_over(const struct model *m, uint64_t now)
{
	uint32_t half = m->settings.storm / 2;

	if (mass_of(m) == 0 || !m->settings.enabled)
		return false;
	if (m->settings.storm == 0)
		return true;
	if (m->restored_mass && now < m->start + 60 * USEC_PER_SEC)
		return false;
	return model_untold(m) <= half && raises_lately(m, now) <= half;
}

static bool heartbeat_is_due(const struct model *m, uint64_t now)
{
	const struct told *l = latest(m, -1, ALARM_END);
	uint64_t from = l && l->time > m->heartbeats_on ? l->time : m->heartbeats_on;

	return m->settings.enabled && m->settings.heartbeat_s > 0 &&
		now >= from + m->settings.heartbeat_s * USEC_PER_SEC;
}

static bool anything_due(const struct model *m, uint64_t now)
{
	return is_due(m, now) || mass_is_over(m, now) || heartbeat_is_due(m, now);
}

/* A raise while there is no mass alarm. */
static void judge_raise(struct model *m, struct model_target *t, enum alarm_kind kind, uint64_t now)
{
	assert_int_equal(mass_of(m), 0);
	if (t->storm[kind] == FRESH) {
		assert_true(m->settings.storm == 0 || raises_lately(m, now) < m->settings.storm);
		m->raises[m->n_raises++] = now;
	}
}

/* Of one target: clears first, then the others, each in the order of their kinds. */
static void judge_target(struct model *m, const struct policy_order *o, int target, uint64_t now)
{
	static const enum policy_verb verbs[] = {
		[RAISE] = POLICY_RAISE, [CLEAR] = POLICY_CLEAR, [REPEAT] = POLICY_REPEAT
	};
	struct model_target *t = &m->targets[target];
	enum wish what = wish(m, target, o->kind, now);

	assert_int_not_equal(what, NONE);
	assert_int_equal(o->verb, verbs[what]);
	assert_int_equal(o->alarm, what == CLEAR ? believed(m, target, o->kind) : t->open[o->kind]);
	for (unsigned kind = 0; kind < ALARM_END; kind++) {
		enum wish other = wish(m, target, kind, now);

		if (kind == o->kind || other == NONE || t->storm[kind] == UNTOLD)
			continue;
		if ((other == CLEAR) == (what == CLEAR))
			assert_true(kind > o->kind);
		else
			assert_int_equal(what, CLEAR);
	}
	if (what == RAISE)
		judge_raise(m, t, o->kind, now);
}

static bool any_fresh_raise(const struct model *m, uint64_t now)
{
	for (int i = 0; i < TARGETS; i++)
		for (unsigned kind = 0; kind < ALARM_END; kind++)
			if (wish(m, i, kind, now) == RAISE && m->targets[i].storm[kind] == FRESH)
				return true;
	return false;
}

static void judge(struct model *m, const struct policy_order *o, int target, uint64_t now)
{
	model_absorb(m, now);
	verbs_seen[o->verb]++;
	switch (o->verb) {
	case POLICY_MASS_RAISE:
		assert_int_equal(mass_of(m), 0);
		assert_true(m->settings.storm > 0 && raises_lately(m, now) >= m->settings.storm);
		assert_true(any_fresh_raise(m, now));
		assert_int_equal(o->count, raises_lately(m, now) + 1);
		m->restored_mass = false;
		break;
	case POLICY_MASS_CLEAR:
		assert_false(is_due(m, now));
		assert_true(mass_is_over(m, now));
		assert_int_equal(o->alarm, mass_of(m));
		assert_int_equal(o->count, model_untold(m));
		break;
	case POLICY_HEARTBEAT:
		assert_true(heartbeat_is_due(m, now));
		break;
	default:
		judge_target(m, o, target, now);
	}
	assert_true(m->n_log < LOG_MAX && m->n_raises < LOG_MAX - 100);
	m->log[m->n_log++] = (struct told){ now, o->verb, target, o->kind, o->alarm };
	model_settle(m, now);
}

/* ------------------------------------------------------------------ states, straight from the
 * rules */

/* From good to bad, "?" apart; and their order in the MIB. */
static const char from_good_to_bad[] = "odkru";
static const char order_of_states[] = "okdru";

static bool is_good(char state)
{
	return strchr("okd", state) != NULL;
}

/* How many in a row it takes to get from FROM to TO. */
static uint32_t takes(const struct run *r, char from, char to)
{
	if (from == '?')
		return to == 'o' ? 1 : r->raise;
	if (is_good(to) && strchr(from_good_to_bad, to) < strchr(from_good_to_bad, from))
		return r->clear;
	return r->raise;
}

static void model_come_into(struct run *r, struct model_target *t, char state)
{
	static const struct {
		const char *raised, *cleared;
	} rules[ALARM_END] = { { "r", "okd" }, { "u", "okdr" }, { "k", "od" }, { "", "" },
		{ "", "" } };

	t->state = state;
	for (unsigned kind = 0; kind < ALARM_END; kind++)
		if (strchr(rules[kind].cleared, state))
			t->open[kind] = 0;
	for (unsigned kind = 0; kind < ALARM_END; kind++)
		if (strchr(rules[kind].raised, state) && t->open[kind] == 0) {
			uint32_t known = believed(&r->m, (int)(t - r->m.targets), kind);

			t->open[kind] = known ? known : ++r->number;
			renumbered_seen += known != 0;
		}
	if (t->side && (t->side == 'g') != is_good(state))
		t->changes[t->n_changes++] = r->now;
	t->side = is_good(state) ? 'g' : 'b';
}

static void model_see(struct run *r, struct model_target *t, char what)
{
	uint32_t row = 0, failed = 0;
	bool fails_anyhow;

	assert_true(t->n_seen < SEEN_MAX);
	t->seen[t->n_seen++] = what;
	for (size_t i = t->n_seen; i > 0 && t->seen[i - 1] == what; i--)
		row++;
	for (size_t i = t->n_seen; i > 0 && !is_good(t->seen[i - 1]); i--)
		failed++;
	fails_anyhow = failed >= r->raise && (t->state == '?' || is_good(t->state));
	if (what != t->state && (row >= takes(r, t->state, what) || fails_anyhow))
		model_come_into(r, t, what);
}

/* Of a kind that goes its own way so many in a row open it, or close it. */
static void model_see_side(struct run *r, struct model_target *t, enum alarm_kind kind, char what)
{
	size_t n = t->n_side_seen[kind], row = 1;

	assert_true(n < SEEN_MAX);
	while (row <= n && t->side_seen[kind][n - row] == what)
		row++;
	t->side_seen[kind][n] = what;
	t->n_side_seen[kind]++;
	if (what == 'g' && row >= r->clear)
		t->open[kind] = 0;
	if (what == 'b' && row >= r->raise && t->open[kind] == 0) {
		uint32_t known = believed(&r->m, (int)(t - r->m.targets), kind);

		t->open[kind] = known ? known : ++r->number;
	}
}

/* ------------------------------------------------------------------ what happens to both */

static void pump(struct run *r)
{
	struct policy_order o;

	while (policy_next(&r->policy, r->now, r->number + 1, &o)) {
		struct agent_target *t = o.target ? o.target->owner : NULL;

		r->number += o.verb == POLICY_MASS_RAISE;
		judge(&r->m, &o, t ? (int)(t - r->targets) : -1, r->now);
	}
	model_absorb(&r->m, r->now);
	assert_false(anything_due(&r->m, r->now));
	assert_int_equal(r->policy.mass, mass_of(&r->m));
	assert_int_equal(r->policy.untold, model_untold(&r->m));
	assert_true(policy_wake(&r->policy) > r->now);
}

static void hold(struct run *r, struct agent_target *t)
{
	bool flapping = health_is_flapping(&t->health, r->now);

	flaps_seen += flapping && !t->policy.flapping;
	assert_int_equal(flapping, model_flaps(&r->m.targets[t - r->targets], r->now));
	policy_hold(&r->policy, &t->policy, t->held, flapping, r->now);
}

static void come_into(struct run *r, struct agent_target *t, enum state state, uint32_t *number)
{
	struct alarm_step steps[ALARM_END];
	size_t n = alarm_steps(&t->alarms, state, steps);

	for (size_t i = 0; i < n; i++) {
		uint32_t *open = &t->alarms.open[steps[i].kind];
		uint32_t fresh = steps[i].raise ? *number + 1 : 0;

		*open = policy_open(&r->policy, &t->policy, steps[i].kind, fresh, r->now);
		*number += fresh != 0 && *open == fresh;
	}
}

static void see(struct run *r, size_t i, char what)
{
	static const enum state states[] = { STATE_OK, STATE_AT_RISK, STATE_DEGRADED, STATE_REFUSED,
		STATE_UNREACHABLE };
	enum state state = states[strchr(order_of_states, what) - order_of_states];
	struct agent_target *t = &r->targets[i];
	uint32_t number = r->number;

	if (health_update(&t->health, state, r->raise, r->clear)) {
		health_count_change(&t->health, &flap, r->now);
		come_into(r, t, t->health.state, &number);
	}
	model_see(r, &r->m.targets[i], what);
	assert_int_equal(number, r->number);
	assert_memory_equal(t->alarms.open, r->m.targets[i].open, sizeof(t->alarms.open));
	hold(r, t);
	pump(r);
}

/* One probe says of the KIND, whatever the state, that it is bad or good. */
static void see_side(struct run *r, size_t i, enum alarm_kind kind, bool bad)
{
	struct agent_target *t = &r->targets[i];
	uint32_t number = r->number, *open = &t->alarms.open[kind];
	struct alarm_step step;

	if (alarm_side_step(&t->alarms, kind, bad, r->raise, r->clear, &t->streaks[kind], &step)) {
		uint32_t fresh = step.raise ? number + 1 : 0;

		assert_int_equal(step.kind, kind);
		*open = policy_open(&r->policy, &t->policy, kind, fresh, r->now);
		number += fresh != 0 && *open == fresh;
		sides_seen++;
	}
	model_see_side(r, &r->m.targets[i], kind, bad ? 'b' : 'g');
	assert_int_equal(number, r->number);
	assert_memory_equal(t->alarms.open, r->m.targets[i].open, sizeof(t->alarms.open));
	pump(r);
}

static uint64_t next_wake(const struct run *r)
{
	uint64_t wake = policy_wake(&r->policy);

	for (size_t i = 0; i < TARGETS; i++)
		if (r->targets[i].policy.flapping && r->targets[i].health.flap_end_usec < wake)
			wake = r->targets[i].health.flap_end_usec;
	return wake;
}

/* Time passes; nothing may have fallen due before the policy wanted to be asked. */
static void pass(struct run *r, uint64_t usec)
{
	uint64_t until = r->now + usec, wake;

	while (r->now < until) {
		wake = next_wake(r);
		r->now = wake < until ? wake : until;
		assert_false(anything_due(&r->m, r->now - 1));
		for (size_t i = 0; i < TARGETS; i++)
			if (r->targets[i].policy.flapping)
				hold(r, &r->targets[i]);
		pump(r);
	}
}

static void set(struct run *r, const struct policy_settings *s)
{
	if (s->heartbeat_s != r->m.settings.heartbeat_s)
		r->m.heartbeats_on = r->now;
	r->m.settings = *s;
	policy_set(&r->policy, s, r->now);
	pump(r);
}

static void maintain(struct run *r, size_t i, bool held)
{
	r->targets[i].held = r->m.targets[i].held = held;
	hold(r, &r->targets[i]);
	pump(r);
}

/* Removed, and another of the same place comes. */
static void take_away(struct run *r, size_t i)
{
	struct agent_target *t = &r->targets[i];
	struct model_target *m = &r->m.targets[i];
	uint32_t number = r->number;

	policy_leave(&r->policy, &t->policy, r->now);
	come_into(r, t, STATE_DISABLED, &number);
	assert_int_equal(number, r->number);
	m->gone = true;
	memset(m->open, 0, sizeof(m->open));
	pump(r);
	for (unsigned kind = 0; kind < ALARM_END; kind++)
		assert_int_equal(believed(&r->m, (int)i, kind), 0);
	policy_forget(&r->policy, &t->policy);
	/* For a new one the interval does not go back to the one before. */
	for (size_t j = 0; j < r->m.n_log; j++)
		if (r->m.log[j].target == (int)i)
			r->m.log[j].target = -2;
	*m = (struct model_target){ .state = '?' };
	*t = (struct agent_target){ .policy.owner = t };
	health_init(&t->health);
}

static void expire(struct run *r, size_t i)
{
	health_expire(&r->targets[i].health);
	r->m.targets[i].state = '?';
	pump(r);
}

/* What the store keeps: the number of each alarm that is open or told, and whether it is told. */
static void restart_target(struct run *r, size_t i)
{
	struct agent_target before = r->targets[i], *t = &r->targets[i];
	struct model_target *m = &r->m.targets[i];
	struct model_target fresh = { .state = '?', .held = m->held };

	*t = (struct agent_target){ .held = before.held, .policy.owner = t };
	health_init(&t->health);
	policy_hold(&r->policy, &t->policy, t->held, false, r->now);
	for (unsigned kind = 0; kind < ALARM_END; kind++) {
		uint32_t told = before.policy.kinds[kind].told;
		uint32_t alarm = told ? told : before.policy.kinds[kind].open;

		if (alarm != 0)
			policy_restore(&r->policy, &t->policy, kind, alarm, told != 0, r->now);
		t->alarms.open[kind] = alarm;
		fresh.open[kind] = m->open[kind] ? m->open[kind] : believed(&r->m, (int)i, kind);
	}
	*m = fresh;
}

static void restart(struct run *r)
{
	uint32_t mass = r->policy.mass;

	policy_done(&r->policy);
	policy_init(&r->policy, r->now);
	policy_set(&r->policy, &r->m.settings, r->now);
	if (mass != 0)
		policy_restore_mass(&r->policy, mass);
	for (size_t i = 0; i < TARGETS; i++)
		restart_target(r, i);
	r->m.restored_mass = mass != 0;
	r->m.n_raises = 0;
	r->m.n_log_before = r->m.n_log;
	r->m.start = r->m.heartbeats_on = r->now;
	pump(r);
}

/* ------------------------------------------------------------------ runs */

static uint32_t roll(struct run *r, uint32_t sides)
{
	r->random = r->random * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)r->random * sides >> 32);
}

static void change_settings(struct run *r)
{
	static const uint32_t intervals[] = { 0, 0, 7, 60 }, repeats[] = { 0, 0, 25, 100 };
	static const uint32_t heartbeats[] = { 0, 45 }, storms[] = { 0, 1, 2, 3, 5, 8 };
	struct policy_settings s = r->m.settings;

	switch (roll(r, 5)) {
	case 0:
		s.enabled = !s.enabled;
		break;
	case 1:
		s.min_interval_s = intervals[roll(r, ARRAY_SIZE(intervals))];
		break;
	case 2:
		s.repeat_s = repeats[roll(r, ARRAY_SIZE(repeats))];
		break;
	case 3:
		s.heartbeat_s = heartbeats[roll(r, ARRAY_SIZE(heartbeats))];
		break;
	default:
		s.storm = storms[roll(r, ARRAY_SIZE(storms))];
	}
	set(r, &s);
}

static void take_step(struct run *r)
{
	static const char mostly_bad[] = "ooooooorrrrrruuuuuukkkd";
	uint32_t what = roll(r, 100);
	size_t i = roll(r, TARGETS);

	if (what < 50)
		see(r, i, mostly_bad[roll(r, sizeof(mostly_bad) - 1)]);
	else if (what < 60)
		see_side(r, i, roll(r, 2) ? ALARM_DEGRADED : ALARM_CERTIFICATE, roll(r, 2) == 0);
	else if (what < 75)
		pass(r, roll(r, 20 * USEC_PER_SEC));
	else if (what < 80)
		pass(r, roll(r, 50) * USEC_PER_SEC);
	else if (what < 87)
		maintain(r, i, !r->targets[i].held);
	else if (what < 93)
		change_settings(r);
	else if (what < 95)
		take_away(r, i);
	else if (what < 97)
		restart(r);
	else if (what < 99)
		expire(r, i);
	else
		pass(r, roll(r, 400) * USEC_PER_SEC);
}

/* All is well, nothing is held, and time passes. */
static void all_ends(struct run *r)
{
	struct policy_settings s = r->m.settings;

	s.enabled = true;
	set(r, &s);
	for (size_t i = 0; i < TARGETS; i++) {
		maintain(r, i, false);
		for (uint32_t n = 0; n < r->clear; n++)
			see(r, i, 'o');
		for (uint32_t n = 0; n < r->clear; n++) {
			see_side(r, i, ALARM_DEGRADED, false);
			see_side(r, i, ALARM_CERTIFICATE, false);
		}
	}
	pass(r, 600 * USEC_PER_SEC);
	assert_int_equal(r->policy.mass, 0);
	assert_int_equal(r->policy.untold, 0);
	assert_null(r->policy.alarmed);
	assert_null(r->policy.due.root);
	for (int i = 0; i < TARGETS; i++)
		for (unsigned kind = 0; kind < ALARM_END; kind++) {
			assert_int_equal(r->targets[i].alarms.open[kind], 0);
			assert_int_equal(r->targets[i].policy.kinds[kind].told, 0);
			assert_int_equal(believed(&r->m, i, kind), 0);
		}
}

static void run(struct run *r, uint32_t seed, uint32_t raise, uint32_t clear)
{
	*r = (struct run){
		.raise = raise, .clear = clear, .random = seed, .now = 100 * USEC_PER_SEC
	};
	policy_init(&r->policy, r->now);
	policy_settings_init(&r->m.settings);
	r->m.start = r->m.heartbeats_on = r->now;
	for (size_t i = 0; i < TARGETS; i++) {
		r->m.targets[i].state = '?';
		r->targets[i].policy.owner = &r->targets[i];
		health_init(&r->targets[i].health);
	}
	for (size_t i = 0; i < STEPS; i++)
		take_step(r);
	all_ends(r);
	policy_done(&r->policy);
}

/* clang-format off */
static const struct group {
	const char *label;
	uint32_t seed, raise, clear;
} groups[] = {
	{ "raise 1, clear 1: seeds 1000",  1000, 1, 1 },
	{ "raise 1, clear 1: seeds 2000",  2000, 1, 1 },
	{ "raise 1, clear 1: seeds 3000",  3000, 1, 1 },
	{ "raise 1, clear 1: seeds 4000",  4000, 1, 1 },
	{ "raise 1, clear 2: seeds 5000",  5000, 1, 2 },
	{ "raise 2, clear 1: seeds 6000",  6000, 2, 1 },
	{ "raise 2, clear 3: seeds 7000",  7000, 2, 3 },
	{ "raise 3, clear 2: seeds 8000",  8000, 3, 2 },
};
/* clang-format on */

static uint32_t unfinished[ARRAY_SIZE(groups)]; /* seeds */

static void run_group(void **state)
{
	const struct group *g = *state;
	struct run *r = malloc(sizeof(*r));

	assert_non_null(r);
	for (uint32_t i = 0; i < RUNS; i++) {
		unfinished[g - groups] = g->seed + i;
		run(r, g->seed + i, g->raise, g->clear);
	}
	unfinished[g - groups] = 0;
	free(r);
}

/* The runs have come by all there is. */
static void all_was_seen(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs_seen); i++)
		assert_true(verbs_seen[i] > 500);
	assert_true(flaps_seen > 100);
	assert_true(renumbered_seen > 100);
	assert_true(sides_seen > 1000);
}

int main(void)
{
	int r;

	UNIT_ROWS(groups, run_group);
	UNIT_TEST(all_was_seen);
	r = unit_run("model");
	for (size_t i = 0; i < ARRAY_SIZE(unfinished); i++)
		if (unfinished[i] != 0)
			printf("# %s: failed at seed %u\n", groups[i].label, unfinished[i]);
	return r;
}
