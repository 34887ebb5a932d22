/* SPDX-License-Identifier: ISC */
/* Which changes are notified, and when. */
#include "agent/policy.h"

#include <assert.h>

#include "common/util.h"

void policy_settings_init(struct policy_settings *s)
{
	*s = (struct policy_settings){ .enabled = true, .storm = 100 };
}

void policy_init(struct policy *p, uint64_t now)
{
	*p = (struct policy){ .heartbeat_usec = now };
	policy_settings_init(&p->settings);
}

void policy_done(struct policy *p)
{
	*p = (struct policy){ 0 };
}

/* ------------------------------------------------------------------ one alarm */

static bool is_raise(const struct policy_kind *k)
{
	return k->open != 0 && k->told == 0;
}

static bool is_clear(const struct policy_kind *k)
{
	return k->open == 0 && k->told != 0;
}

/* The least time between two notifications of K as it is now; USEC_INFINITY: none is wanted. */
static uint64_t gap(const struct policy_settings *s, const struct policy_kind *k)
{
	uint32_t gap_s = s->min_interval_s;

	if (k->open == k->told) {
		if (k->open == 0 || s->repeat_s == 0)
			return USEC_INFINITY;
		if (s->repeat_s > gap_s)
			gap_s = s->repeat_s;
	}
	return gap_s * USEC_PER_SEC;
}

/* When T's alarm of KIND is to be told of, but for the mass alarm; USEC_INFINITY: not before
 * something else happens. */
static uint64_t kind_due(
	const struct policy *p, const struct policy_target *t, enum alarm_kind kind)
{
	const struct policy_kind *k = &t->kinds[kind];
	uint64_t wait;

	if (t->leaving)
		return is_clear(k) ? 0 : USEC_INFINITY;
	if (!p->settings.enabled || t->held || (t->flapping && is_clear(k)))
		return USEC_INFINITY;
	wait = gap(&p->settings, k);
	if (wait == USEC_INFINITY)
		return USEC_INFINITY;
	return k->sent_usec != 0 ? k->sent_usec + wait : 0;
}

/* ------------------------------------------------------------------ one target */

static bool is_alarmed(const struct policy_target *t)
{
	for (size_t i = 0; i < ALARM_END; i++)
		if (t->kinds[i].open != 0 || t->kinds[i].told != 0)
			return true;
	return false;
}

static bool is_listed(const struct policy *p, const struct policy_target *t)
{
	return t->before || p->alarmed == t;
}

static void list(struct policy *p, struct policy_target *t)
{
	t->next = p->alarmed;
	if (t->next)
		t->next->before = t;
	p->alarmed = t;
}

static void unlist(struct policy *p, struct policy_target *t)
{
	if (t->before)
		t->before->next = t->next;
	else
		p->alarmed = t->next;
	if (t->next)
		t->next->before = t->before;
	t->next = t->before = NULL;
}

static void set_storm(
	struct policy *p, struct policy_target *t, enum alarm_kind kind, enum policy_storm storm)
{
	p->untold -= t->storm[kind] == POLICY_UNTOLD;
	p->untold += storm == POLICY_UNTOLD;
	t->storm[kind] = storm;
}

/* Something has changed for T: when is it to be looked at? */
static void reconsider(struct policy *p, struct policy_target *t, uint64_t now)
{
	uint64_t due = USEC_INFINITY;

	for (unsigned i = 0; i < ALARM_END; i++) {
		uint64_t at = kind_due(p, t, i);

		if (!is_raise(&t->kinds[i]) || at > now)
			set_storm(p, t, i, POLICY_FRESH);
		else if (t->storm[i] == POLICY_UNTOLD && p->mass == 0)
			set_storm(p, t, i, POLICY_COUNTED);
		if (at < due && t->storm[i] != POLICY_UNTOLD)
			due = at;
	}
	if (is_alarmed(t) != is_listed(p, t))
		(is_listed(p, t) ? unlist : list)(p, t);
	if (due == USEC_INFINITY)
		due_remove(&p->due, &t->due);
	else
		due_set(&p->due, &t->due, due);
}

static void reconsider_all(struct policy *p, uint64_t now)
{
	struct policy_target *next;

	for (struct policy_target *t = p->alarmed; t; t = next) {
		next = t->next;
		reconsider(p, t, now);
	}
}

/* ------------------------------------------------------------------ what happens */

uint32_t policy_open(struct policy *p, struct policy_target *t, enum alarm_kind kind, uint32_t open,
	uint64_t now)
{
	struct policy_kind *k = &t->kinds[kind];

	assert(open == 0 || k->open == 0);
	k->open = open != 0 && k->told != 0 ? k->told : open;
	reconsider(p, t, now);
	return k->open;
}

void policy_hold(struct policy *p, struct policy_target *t, bool held, bool flapping, uint64_t now)
{
	t->held = held;
	t->flapping = flapping;
	reconsider(p, t, now);
}

void policy_leave(struct policy *p, struct policy_target *t, uint64_t now)
{
	t->leaving = true;
	reconsider(p, t, now);
}

void policy_forget(struct policy *p, struct policy_target *t)
{
	for (unsigned i = 0; i < ALARM_END; i++)
		set_storm(p, t, i, POLICY_FRESH);
	if (is_listed(p, t))
		unlist(p, t);
	due_remove(&p->due, &t->due);
	*t = (struct policy_target){ .owner = t->owner };
}

void policy_restore_mass(struct policy *p, uint32_t mass)
{
	p->mass = mass;
	p->mass_usec = p->heartbeat_usec + POLICY_STORM_S * USEC_PER_SEC;
}

void policy_restore(struct policy *p, struct policy_target *t, enum alarm_kind kind, uint32_t open,
	bool told, uint64_t now)
{
	assert(open != 0);
	t->kinds[kind] = (struct policy_kind){
		.open = open,
		.told = told ? open : 0,
		.sent_usec = told ? now : 0,
	};
	reconsider(p, t, now);
}

void policy_set(struct policy *p, const struct policy_settings *settings, uint64_t now)
{
	if (p->settings.heartbeat_s != settings->heartbeat_s)
		p->heartbeat_usec = now;
	p->settings = *settings;
	reconsider_all(p, now);
}

/* ------------------------------------------------------------------ storms */

static void count_raise(struct policy *p, uint64_t now)
{
	uint64_t second = now / USEC_PER_SEC;
	size_t i = second % POLICY_STORM_S;

	if (p->raises[i].second != second) {
		p->raises[i].second = second;
		p->raises[i].n = 0;
	}
	p->raises[i].n++;
	p->raise_second = second;
}

/* The first second in which no more than MOST raises are of the latest 60 s; 0: it is so even at
 * the latest raise. */
static uint64_t calm_second(const struct policy *p, uint32_t most)
{
	uint64_t n = 0;

	for (uint64_t age = 0; age < POLICY_STORM_S && age <= p->raise_second; age++) {
		uint64_t second = p->raise_second - age;
		size_t i = second % POLICY_STORM_S;

		if (p->raises[i].second == second)
			n += p->raises[i].n;
		if (n > most)
			return second + POLICY_STORM_S;
	}
	return 0;
}

/* When the mass alarm is over as things are; USEC_INFINITY: not before something else happens. */
static uint64_t mass_end(const struct policy *p)
{
	uint32_t half = p->settings.storm / 2;
	uint64_t calm;

	if (p->mass == 0 || !p->settings.enabled)
		return USEC_INFINITY;
	if (p->settings.storm == 0)
		return 0;
	if (p->untold > half)
		return USEC_INFINITY;
	calm = calm_second(p, half) * USEC_PER_SEC;
	return calm > p->mass_usec ? calm : p->mass_usec;
}

static bool is_storm(const struct policy *p, uint64_t now)
{
	return p->settings.storm > 0 && calm_second(p, p->settings.storm - 1) > now / USEC_PER_SEC;
}

static uint32_t raises_within(const struct policy *p, uint64_t now)
{
	uint64_t second = now / USEC_PER_SEC;
	uint32_t n = 0;

	for (size_t i = 0; i < POLICY_STORM_S; i++)
		if (p->raises[i].second + POLICY_STORM_S > second)
			n += p->raises[i].n;
	return n;
}

/* ------------------------------------------------------------------ what is to be told */

static void raise_mass(
	struct policy *p, uint64_t now, uint32_t fresh_alarm, struct policy_order *ret)
{
	p->mass = fresh_alarm;
	p->mass_usec = 0;
	*ret = (struct policy_order){ .verb = POLICY_MASS_RAISE,
		.kind = ALARM_MASS,
		.alarm = fresh_alarm,
		.count = raises_within(p, now) + 1 };
}

/* The order that T's alarm of KIND, which is due, makes; false: the mass alarm stands for it. */
static bool tell(struct policy *p, struct policy_target *t, enum alarm_kind kind, uint64_t now,
	uint32_t fresh_alarm, struct policy_order *ret)
{
	struct policy_kind *k = &t->kinds[kind];
	bool raise = is_raise(k), fresh = t->storm[kind] == POLICY_FRESH;

	if (raise && fresh && p->mass == 0 && is_storm(p, now)) {
		raise_mass(p, now, fresh_alarm, ret);
		return true; /* T is still due */
	}
	if (raise && fresh)
		count_raise(p, now);
	if (raise && p->mass != 0) {
		set_storm(p, t, kind, POLICY_UNTOLD);
		return false;
	}
	*ret = (struct policy_order){
		.verb = raise         ? POLICY_RAISE
			: is_clear(k) ? POLICY_CLEAR
				      : POLICY_REPEAT,
		.target = t,
		.kind = kind,
		.alarm = raise ? k->open : k->told,
	};
	k->told = k->open;
	k->sent_usec = now;
	return true;
}

/* Clears first, then raises and repeats. */
static bool tell_first(struct policy *p, struct policy_target *t, uint64_t now,
	uint32_t fresh_alarm, struct policy_order *ret)
{
	for (unsigned i = 0; i < ALARM_END; i++)
		if (is_clear(&t->kinds[i]) && kind_due(p, t, i) <= now)
			return tell(p, t, i, now, fresh_alarm, ret);
	for (unsigned i = 0; i < ALARM_END; i++)
		if (t->storm[i] != POLICY_UNTOLD && kind_due(p, t, i) <= now &&
			tell(p, t, i, now, fresh_alarm, ret))
			return true;
	return false;
}

static bool tell_of_agent(struct policy *p, uint64_t now, struct policy_order *ret)
{
	if (mass_end(p) <= now) {
		*ret = (struct policy_order){ .verb = POLICY_MASS_CLEAR,
			.kind = ALARM_MASS,
			.alarm = p->mass,
			.count = p->untold };
		p->mass = 0;
		reconsider_all(p, now);
		return true;
	}
	if (p->settings.enabled && p->settings.heartbeat_s > 0 &&
		p->heartbeat_usec + p->settings.heartbeat_s * USEC_PER_SEC <= now) {
		*ret = (struct policy_order){ .verb = POLICY_HEARTBEAT, .kind = ALARM_END };
		p->heartbeat_usec = now;
		return true;
	}
	return false;
}

static struct policy_target *first_due(const struct policy *p)
{
	struct due_node *node = p->due.root;

	return node ? (struct policy_target *)((char *)node - offsetof(struct policy_target, due))
		    : NULL;
}

bool policy_next(struct policy *p, uint64_t now, uint32_t fresh_alarm, struct policy_order *ret)
{
	struct policy_target *t;
	bool told;

	assert(now > 0 && fresh_alarm > 0);
	while ((t = first_due(p)) && t->due.key <= now) {
		told = tell_first(p, t, now, fresh_alarm, ret);
		reconsider(p, t, now);
		if (told)
			return true;
	}
	return tell_of_agent(p, now, ret);
}

uint64_t policy_wake(const struct policy *p)
{
	uint64_t wake = mass_end(p);

	if (p->due.root && p->due.root->key < wake)
		wake = p->due.root->key;
	if (p->settings.enabled && p->settings.heartbeat_s > 0) {
		uint64_t heartbeat = p->heartbeat_usec + p->settings.heartbeat_s * USEC_PER_SEC;

		if (heartbeat < wake)
			wake = heartbeat;
	}
	return wake;
}
