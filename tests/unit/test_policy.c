/* SPDX-License-Identifier: ISC */
/* What may be told, and when: scripts of what happens against what is told of it. */
#include "tests/unit/unit.h"

#include "agent/policy.h"
#include "common/util.h"

enum { TARGETS = 8 };

/*
 * A script, words apart by blanks. T is a target, a..h:
 *   +aR, -aR     its alarm opens, closes; kinds R refused, U unreachable, K at risk
 *   ma Ma        maintenance begins, ends      fa Fa   flapping begins, ends
 *   xa           it is removed: alarms closed, cleared, forgotten
 *   N            seconds pass, up to each wake-up in turn
 *   e=0 i=10 r=60 h=60 s=3   settings: enabled, min_interval, repeat, heartbeat, storm
 *   !            restart
 * WANT: the same of what is told: +aR raise, -aR clear, =aR repeat, +M -M the mass alarm with its
 * count, H heartbeat, each with @ and the second at which it was told.
 */
struct script {
	const char *label;
	const char *steps;
	const char *want;
};

/* clang-format off */
static const struct script scripts[] = {
	{ "told at once",                     "+aR 5 -aR",             "+aR@0 -aR@5" },
	{ "kinds are apart",                  "+aR 1 +aU 1 -aU 1 -aR", "+aR@0 +aU@1 -aU@2 -aR@3" },
	{ "wake: nothing to do",              "99",                    "" },

	{ "interval: first one at once",      "i=10 +aR",              "+aR@0" },
	{ "interval: a clear waits",          "i=10 +aR 3 -aR 60",     "+aR@0 -aR@10" },
	{ "interval: what comes and goes",    "i=10 +aR 3 -aR 3 +aR 60", "+aR@0" },
	{ "interval: what differs at the end", "i=10 +aR 1 -aR 1 +aR 1 -aR 60", "+aR@0 -aR@10" },
	{ "interval: counted from the latest", "i=10 +aR 3 -aR 9 +aR 60", "+aR@0 -aR@10 +aR@20" },
	{ "interval: of each kind",           "i=10 +aR 3 +aU 3 -aR -aU 60", "+aR@0 +aU@3 -aR@10 -aU@13" },
	{ "interval: of each target",         "i=10 +aR 3 +bR",        "+aR@0 +bR@3" },
	{ "interval: made shorter",           "i=50 +aR 3 -aR i=5 60", "+aR@0 -aR@5" },
	{ "interval: made longer",            "i=5 +aR 3 -aR i=50 60", "+aR@0 -aR@50" },
	{ "interval: taken away",             "i=50 +aR 3 -aR i=0",    "+aR@0 -aR@3" },

	{ "flapping: raises are told",        "fa +aR",                "+aR@0" },
	{ "flapping: clears are held",        "+aR fa 1 -aR 9 Fa",     "+aR@0 -aR@10" },
	{ "flapping: open again, one alarm",  "+aR fa 1 -aR 1 +aR 1 Fa", "+aR@0" },
	{ "flapping: other targets",          "+aR fb -aR",            "+aR@0 -aR@0" },

	{ "maintenance: all is held",         "ma +aR 9",              "" },
	{ "maintenance: told at its end",     "ma +aR 9 Ma",           "+aR@9" },
	{ "maintenance: never told",          "ma +aR 9 -aR 1 Ma 9",   "" },
	{ "maintenance: a clear is held",     "+aR ma 1 -aR 9 Ma",     "+aR@0 -aR@10" },
	{ "maintenance: clears first",        "+aU ma -aU +aR 9 Ma",   "+aU@0 -aU@9 +aR@9" },
	{ "maintenance: and the interval",    "i=20 +aR ma 1 -aR 9 Ma 60", "+aR@0 -aR@20" },

	{ "off: all is held",                 "e=0 +aR 9",             "" },
	{ "off: told at the end",             "e=0 +aR 9 e=1",         "+aR@9" },
	{ "off: of all targets", "e=0 +aR +bR +cR 9 e=1", "+?R@9 +?R@9 +?R@9" },
	{ "off: and in maintenance",          "e=0 ma +aR 9 e=1 9 Ma", "+aR@18" },

	{ "repeat",                           "r=20 +aR 50 -aR 60",    "+aR@0 =aR@20 =aR@40 -aR@50" },
	{ "repeat: off",                      "+aR 999",               "+aR@0" },
	{ "repeat: turned on later",          "+aR 50 r=20 30",        "+aR@0 =aR@50 =aR@70" },
	{ "repeat: turned off",               "r=20 +aR 30 r=0 60",    "+aR@0 =aR@20" },
	{ "repeat: not in maintenance",       "r=20 +aR 10 ma 50 Ma 20", "+aR@0 =aR@60 =aR@80" },
	{ "repeat: no oftener than allowed",  "r=20 i=30 +aR 65",      "+aR@0 =aR@30 =aR@60" },
	{ "repeat: a clear after it waits",   "r=20 i=10 +aR 22 -aR 20", "+aR@0 =aR@20 -aR@30" },
	{ "repeat: while it flaps",           "r=20 +aR fa 25",        "+aR@0 =aR@20" },

	{ "heartbeat",                        "h=30 70",               "H@30 H@60" },
	{ "heartbeat: counted from its start", "20 h=30 35",           "H@50" },
	{ "heartbeat: off with all",          "h=30 e=0 95 e=1 40",    "H@95 H@125" },
	{ "heartbeat: other settings leave it", "h=30 20 i=5 20",      "H@30" },

	{ "storm: as many as allowed",        "s=2 +aR +bR 90",        "+aR@0 +bR@0" },
	{ "storm: one more",                  "s=2 +aR +bR +cR 5",     "+aR@0 +bR@0 +M3@0" },
	{ "storm: over time",                 "s=2 +aR 30 +bR 31 +cR 30 +dR", "+aR@0 +bR@30 +cR@61 +dR@91" },
	{ "storm: within the minute",         "s=2 +aR 30 +bR 29 +cR", "+aR@0 +bR@30 +M3@59" },
	{ "storm: over, the last is told",    "s=2 +aR +bR +cR 90",    "+aR@0 +bR@0 +M3@0 -M1@60 +cR@60" },
	{ "storm: one that recovered",        "s=2 +aR +bR +cR 5 -cR 90", "+aR@0 +bR@0 +M3@0 -M0@60" },
	{ "storm: told ones are cleared",     "s=2 +aR +bR +cR 5 -aR 90", "+aR@0 +bR@0 +M3@0 -aR@5 -M1@60 +cR@60" },
	{ "storm: as long as half are open",  "s=2 +aR +bR +cR +dR 99 -cR 9", "+aR@0 +bR@0 +M3@0 -M1@99 +dR@99" },
	{ "storm: new ones prolong it",       "s=2 +aR +bR +cR 40 -cR +dR +eR 30 -dR 90",
	                                      "+aR@0 +bR@0 +M3@0 -M1@100 +eR@100" },
	{ "storm: none is counted twice",     "s=2 +aR +bR +cR 40 -cR +dR 30 +eR", "+aR@0 +bR@0 +M3@0 -M1@60 +dR@60 +eR@70" },
	{ "storm: a maintenance counts not",  "s=2 +aR +bR +cR +dR mc 90 Mc", "+aR@0 +bR@0 +M3@0 -M1@60 +dR@60 +cR@90" },
	{ "storm: back from maintenance",     "s=2 +aR +bR +cR +dR mc md 30 Mc Md 90", "+aR@0 +bR@0 +M3@0" },
	{ "storm: it is not told twice",      "s=2 +aR +bR +cR +dR +eR 9", "+aR@0 +bR@0 +M3@0" },
	{ "storm: at the end of a hold",      "s=2 e=0 +aR +bR +cR +dR 9 e=1", "+?R@9 +?R@9 +M3@9" },
	{ "storm: its end is held too",       "s=2 +aR +bR +cR 5 e=0 95 e=1 90",
	                                      "+aR@0 +bR@0 +M3@0 -M1@100 +cR@100" },
	{ "storm: turned off",                "s=2 +aR +bR +cR +dR 5 s=0", "+aR@0 +bR@0 +M3@0 -M2@5 +?R@5 +?R@5" },
	{ "storm: the limit is raised",       "s=2 +aR +bR +cR +dR 5 s=9 90", "+aR@0 +bR@0 +M3@0 -M2@5 +?R@5 +?R@5" },
	{ "storm: the limit is lowered",      "+aR +bR +cR s=2 +dR",   "+aR@0 +bR@0 +cR@0 +M4@0" },
	{ "storm: off",                       "s=0 +aR +bR +cR +dR +eR", "+aR@0 +bR@0 +cR@0 +dR@0 +eR@0" },
	{ "storm: of one",                    "s=1 +aR +bR 30 -bR 60", "+aR@0 +M2@0 -M0@60" },
	{ "storm: no repeats of what is untold", "s=2 r=20 +aR 1 +bR 1 +cR 30", "+aR@0 +bR@1 +M3@2 =aR@20 =bR@21" },
	{ "storm: removed while untold",      "s=2 +aR +bR +cR +dR xc xd 90", "+aR@0 +bR@0 +M3@0 -M0@60" },
	{ "storm: any kind",                  "s=2 +aR +aU +aK",       "+aR@0 +aU@0 +M3@0" },

	{ "removed",                          "+aR 5 xa",              "+aR@0 -aR@5" },
	{ "removed: never told",              "ma +aR 5 xa",           "" },
	{ "removed: in maintenance",          "+aR ma 5 xa",           "+aR@0 -aR@5" },
	{ "removed: flapping",                "+aR fa -aR 5 xa",       "+aR@0 -aR@5" },
	{ "removed: within the interval",     "i=60 +aR 5 xa 60",      "+aR@0 -aR@5" },
	{ "removed: notifications are off",   "+aR e=0 5 xa",          "+aR@0 -aR@5" },
	{ "removed: several",                 "+aK +aR 5 xa",          "+aK@0 +aR@0 -aR@5 -aK@5" },
	{ "removed, and there again",         "+aR ma xa 5 +aR",       "+aR@0 -aR@0 +aR@5" },

	{ "restart: not raised again",        "+aR 5 ! 5 -aR",         "+aR@0 -aR@10" },
	{ "restart: what was held is told",   "ma +aR 5 !",            "+aR@5" },
	{ "restart: a clear that was held",   "+aR fa -aR 5 ! 5 -aR",  "+aR@0 -aR@10" },
	{ "restart: repeats begin anew",      "r=20 +aR 15 ! 25",      "+aR@0 =aR@35" },
	{ "restart: in a storm",              "s=2 +aR +bR +cR 5 ! 90", "+aR@0 +bR@0 +M3@0 -M1@65 +cR@65" },
	{ "restart: a storm of many",         "s=2 +aR +bR +cR +dR 5 ! 90 -cR", "+aR@0 +bR@0 +M3@0 -M1@95 +dR@95" },
};
/* clang-format on */

struct run {
	struct policy p;
	struct policy_target targets[TARGETS];
	uint64_t now;
	uint32_t number;
	char got[512];
};

#define START (7 * USEC_PER_SEC)

static void pump(struct run *r)
{
	static const char signs[] = { [POLICY_RAISE] = '+',
		[POLICY_CLEAR] = '-',
		[POLICY_REPEAT] = '=',
		[POLICY_MASS_RAISE] = '+',
		[POLICY_MASS_CLEAR] = '-' };
	struct policy_order order;

	while (policy_next(&r->p, r->now, r->number + 1, &order)) {
		size_t used = strlen(r->got), size = sizeof(r->got) - used;
		unsigned second = (unsigned)((r->now - START) / USEC_PER_SEC);
		const char *blank = used > 0 ? " " : "";
		char *at = r->got + used;

		assert_true(size > 20);
		if (order.verb == POLICY_HEARTBEAT) {
			snprintf(at, size, "%sH@%u", blank, second);
		} else if (!order.target) {
			r->number += order.verb == POLICY_MASS_RAISE;
			assert_int_equal(order.kind, ALARM_MASS);
			snprintf(at, size, "%s%cM%u@%u", blank, signs[order.verb], order.count,
				second);
		} else {
			assert_int_not_equal(order.alarm, 0);
			assert_ptr_equal(order.target->owner, order.target);
			snprintf(at, size, "%s%c%c%c@%u", blank, signs[order.verb],
				(char)('a' + (order.target - r->targets)), "RUK"[order.kind],
				second);
		}
	}
	assert_true(policy_wake(&r->p) > r->now);
}

static void pass(struct run *r, uint64_t until)
{
	while (policy_wake(&r->p) <= until) {
		r->now = policy_wake(&r->p);
		pump(r);
	}
	r->now = until;
	pump(r);
}

static void restart(struct run *r)
{
	struct policy_settings settings = r->p.settings;
	struct policy_target before[TARGETS];
	uint32_t mass = r->p.mass;

	memcpy(before, r->targets, sizeof(before));
	memset(r->targets, 0, sizeof(r->targets));
	policy_done(&r->p);
	policy_init(&r->p, r->now);
	policy_set(&r->p, &settings, r->now);
	if (mass != 0)
		policy_restore_mass(&r->p, mass);
	for (size_t i = 0; i < TARGETS; i++)
		for (unsigned kind = 0; kind < ALARM_END; kind++) {
			struct policy_kind *k = &before[i].kinds[kind];

			r->targets[i].owner = &r->targets[i];
			if (k->open != 0 || k->told != 0)
				policy_restore(&r->p, &r->targets[i], kind,
					k->open ? k->open : k->told, k->told != 0, r->now);
		}
}

static void remove_target(struct run *r, struct policy_target *t)
{
	policy_leave(&r->p, t, r->now);
	for (unsigned kind = 0; kind < ALARM_END; kind++)
		policy_open(&r->p, t, kind, 0, r->now);
	pump(r);
	policy_forget(&r->p, t);
}

static void set(struct run *r, const char *step)
{
	struct policy_settings s = r->p.settings;
	uint32_t value = (uint32_t)atoi(step + 2);

	s.enabled = step[0] == 'e' ? value : s.enabled;
	s.min_interval_s = step[0] == 'i' ? value : s.min_interval_s;
	s.repeat_s = step[0] == 'r' ? value : s.repeat_s;
	s.heartbeat_s = step[0] == 'h' ? value : s.heartbeat_s;
	s.storm = step[0] == 's' ? value : s.storm;
	policy_set(&r->p, &s, r->now);
}

static void take_step(struct run *r, const char *step)
{
	static const char kinds[] = "RUK";
	struct policy_target *t = &r->targets[(step[0] && step[1] >= 'a') ? step[1] - 'a' : 0];

	if (step[0] == '+' || step[0] == '-') {
		enum alarm_kind kind = (enum alarm_kind)(strchr(kinds, step[2]) - kinds);
		uint32_t told = t->kinds[kind].told, fresh = r->number + 1, used;

		used = policy_open(&r->p, t, kind, step[0] == '+' ? fresh : 0, r->now);
		assert_int_equal(used, step[0] == '-' ? 0 : told ? told : fresh);
		r->number += used == fresh;
	} else if (strchr("mM", step[0])) {
		policy_hold(&r->p, t, step[0] == 'm', t->flapping, r->now);
	} else if (strchr("fF", step[0])) {
		policy_hold(&r->p, t, t->held, step[0] == 'f', r->now);
	} else if (step[0] == 'x') {
		remove_target(r, t);
	} else if (step[0] == '!') {
		restart(r);
	} else if (step[1] == '=') {
		set(r, step);
	} else {
		pass(r, r->now + (uint64_t)atoi(step) * USEC_PER_SEC);
	}
	pump(r);
}

/* A ? in WANT is any target. */
static bool is_same(const char *got, const char *want)
{
	while (*got && *want && (*got == *want || *want == '?')) {
		got++;
		want++;
	}
	return *got == *want;
}

static void run_script(void **state)
{
	const struct script *c = *state;
	struct run r = { .now = START };
	char steps[256], *save = NULL;

	policy_init(&r.p, r.now);
	for (size_t i = 0; i < TARGETS; i++)
		r.targets[i].owner = &r.targets[i];
	assert_true(strlen(c->steps) < sizeof(steps));
	strcpy(steps, c->steps);
	for (char *step = strtok_r(steps, " ", &save); step; step = strtok_r(NULL, " ", &save))
		take_step(&r, step);
	if (!is_same(r.got, c->want))
		assert_string_equal(r.got, c->want);
	policy_done(&r.p);
}

static void test_defaults(void **state)
{
	struct policy_settings s;

	policy_settings_init(&s);
	assert_true(s.enabled);
	assert_int_equal(s.min_interval_s, 0);
	assert_int_equal(s.repeat_s, 0);
	assert_int_equal(s.heartbeat_s, 0);
	assert_int_equal(s.storm, 100);
}

/* An alarm keeps its number from raise to clear; the next has another. */
static void test_numbers(void **state)
{
	struct policy_target t = { .owner = &t };
	struct policy_order order;
	struct policy p;

	policy_init(&p, 1);
	assert_int_equal(policy_open(&p, &t, ALARM_REFUSED, 7, 1), 7);
	assert_true(policy_next(&p, 1, 99, &order));
	assert_int_equal(order.verb, POLICY_RAISE);
	assert_int_equal(order.alarm, 7);
	assert_int_equal(policy_open(&p, &t, ALARM_REFUSED, 0, 2), 0);
	assert_int_equal(policy_open(&p, &t, ALARM_REFUSED, 8, 3), 7);
	assert_int_equal(policy_open(&p, &t, ALARM_REFUSED, 0, 4), 0);
	assert_true(policy_next(&p, 4, 99, &order));
	assert_int_equal(order.verb, POLICY_CLEAR);
	assert_int_equal(order.alarm, 7);
	assert_int_equal(policy_open(&p, &t, ALARM_REFUSED, 9, 5), 9);
	assert_true(policy_next(&p, 5, 99, &order));
	assert_int_equal(order.alarm, 9);
	assert_false(policy_next(&p, 5, 99, &order));
	policy_done(&p);
}

/* 10,000 targets fail and recover at once: what is told is counted, and nothing is left. */
static void test_many(void **state)
{
	enum { MANY = 10000, STORM = 100 };
	struct policy_target *targets = calloc(MANY, sizeof(*targets));
	size_t told[POLICY_HEARTBEAT + 1] = { 0 };
	uint32_t number = 0;
	uint64_t now = START;
	struct policy_order order;
	struct policy p;

	assert_non_null(targets);
	policy_init(&p, now);
	for (size_t i = 0; i < 2 * MANY; i++) {
		struct policy_target *t = &targets[i % MANY];

		policy_open(&p, t, ALARM_UNREACHABLE, i < MANY ? ++number : 0, now);
		for (now += 1000; policy_next(&p, now, number + 1, &order); told[order.verb]++)
			number += order.verb == POLICY_MASS_RAISE;
		if (i + 1 == MANY)
			assert_int_equal(p.untold, MANY - STORM);
	}
	while ((now = policy_wake(&p)) != USEC_INFINITY)
		while (policy_next(&p, now, number + 1, &order))
			told[order.verb]++;
	assert_int_equal(told[POLICY_RAISE], told[POLICY_CLEAR]);
	assert_int_equal(told[POLICY_RAISE], STORM);
	assert_int_equal(told[POLICY_MASS_RAISE], 1);
	assert_int_equal(told[POLICY_MASS_CLEAR], 1);
	assert_null(p.alarmed);
	policy_done(&p);
	free(targets);
}

int main(void)
{
	UNIT_ROWS(scripts, run_script);
	UNIT_TEST(test_defaults);
	UNIT_TEST(test_numbers);
	UNIT_TEST(test_many);
	return unit_run("policy");
}
