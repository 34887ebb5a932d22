/* SPDX-License-Identifier: ISC */
/* Notifications: what each carries, in words and values, and that it fits into one datagram. */
#include "tests/unit/mib_fixture.h"

#include <errno.h>

enum { TEXT_MAX = 160, DATAGRAM_MAX = 1472, ROW = 7 };

static struct registry *one(void)
{
	struct registry *r = fixture_registry();
	struct target *t = fixture_target(ROW, "ftp-a");

	t->health.state = STATE_REFUSED;
	t->outcome = OUTCOME_LOGIN_REFUSED;
	t->failed_stage = STAGE_PASSWORD;
	t->reply_code = 530;
	t->reply_text = fixture_text("User anonymous cannot log in.");
	t->diagnosis = DIAG_SUB_AUTH_MODULE_MISSING;
	t->remedy = diagnosis_info(DIAG_SUB_AUTH_MODULE_MISSING)->remedy;
	t->reference = diagnosis_info(DIAG_SUB_AUTH_MODULE_MISSING)->reference;
	t->health.fail_streak = 3;
	fixture_add(r, t);
	return r;
}

static struct event refused(void)
{
	return (struct event){
		.kind = EVENT_LOGIN_REFUSED,
		.severity = SEVERITY_CRITICAL,
		.from = STATE_OK,
		.to = STATE_REFUSED,
		.sequence = 41,
		.alarm = 17,
	};
}

/* What is known of T now: its module and synchronization. */
static void know(struct target *t, enum presence module, enum setting sync)
{
	struct evidence_state *items = t->evidence->items;

	items[ITEM_MODULE].result = items[ITEM_SETTING].result = EVIDENCE_OK;
	items[ITEM_MODULE].good_time = items[ITEM_SETTING].good_time = now_usec(CLOCK_REALTIME);
	items[ITEM_MODULE].facts.module = module;
	items[ITEM_SETTING].facts.sync = sync;
}

static void assert_text(const struct notice *n, size_t i, const char *text)
{
	assert_int_equal(n->values[i].type, MIB_STRING);
	assert_int_equal(n->values[i].string.len, strlen(text));
	assert_memory_equal(n->values[i].string.bytes, text, strlen(text));
}

static void assert_oid(const struct mib_oid *oid, size_t len, const uint32_t *below_base)
{
	assert_int_equal(oid->len, mib_base.len + len);
	assert_memory_equal(oid->id, mib_base.id, mib_base.len * sizeof(oid->id[0]));
	assert_memory_equal(oid->id + mib_base.len, below_base, len * sizeof(oid->id[0]));
}

static void test_of_target(void **state)
{
	static const uint32_t type[] = { 0, 1 }, name[] = { 1, 15, 4, 0 },
			      code[] = { 1, 5, 1, 6, ROW };
	_cleanup_(registry_freep) struct registry *r = one();
	_cleanup_(freep) struct notice *n = NULL;
	struct event event = refused();
	struct mib_oid oid;

	assert_int_equal(notice_new(r, &event, r->by_index[0], &n), 0);
	assert_int_equal(n->sequence, 41);
	assert_int_equal(n->alarm, 17);
	assert_false(n->clears);
	assert_int_equal(n->row, ROW);
	assert_int_equal(n->notification->n_objects, 15);
	/* What happens to the target afterwards changes nothing in the notice. */
	memset(r->by_index[0]->config.name, '?', 5);
	memset(r->by_index[0]->reply_text, '?', 5);
	r->by_index[0]->reply_code = 230;

	assert_text(n, 0, "ftp-a");
	assert_text(n, 1, "ftp.example.com:21");
	assert_int_equal(n->values[2].integer, SEVERITY_CRITICAL);
	assert_int_equal(n->values[3].integer, STATE_OK);
	assert_int_equal(n->values[4].integer, STATE_REFUSED);
	assert_text(n, 5, "anonymous login refused: 530 User anonymous cannot log in.");
	assert_int_equal(n->values[6].unsigned32, 41);
	assert_int_equal(n->values[7].unsigned32, 17);
	assert_int_equal(n->values[8].integer, DIAG_SUB_AUTH_MODULE_MISSING);
	assert_int_equal(n->values[9].integer, 530);
	assert_text(n, 10, "User anonymous cannot log in.");
	assert_int_equal(n->values[11].unsigned32, 3);
	assert_int_equal(n->values[12].string.len, 8);
	assert_text(n, 13, diagnosis_info(DIAG_SUB_AUTH_MODULE_MISSING)->remedy);
	assert_text(n, 14, "Q269241");

	notice_oid(n, &oid);
	assert_oid(&oid, ARRAY_SIZE(type), type);
	notice_object_oid(n, 0, &oid);
	assert_oid(&oid, ARRAY_SIZE(name), name);
	notice_object_oid(n, 9, &oid);
	assert_oid(&oid, ARRAY_SIZE(code), code);
}

static void test_of_risk(void **state)
{
	static const uint32_t type[] = { 0, 7 }, module[] = { 1, 7, 1, 6, ROW },
			      sync[] = { 1, 7, 1, 10, ROW }, path[] = { 1, 7, 1, 7, ROW };
	_cleanup_(registry_freep) struct registry *r = one();
	_cleanup_(freep) struct notice *n = NULL;
	struct target *t = r->by_index[0];
	struct event event = {
		.kind = EVENT_AT_RISK,
		.severity = SEVERITY_WARNING,
		.from = STATE_OK,
		.to = STATE_AT_RISK,
	};
	struct mib_oid oid;

	fixture_evidence(t);
	know(t, PRESENCE_MISSING, SETTING_ENABLED);
	snprintf(t->evidence->module_path, sizeof(t->evidence->module_path), "a/iissuba.dll");
	assert_int_equal(notice_new(r, &event, t, &n), 0);
	assert_int_equal(n->notification->n_objects, 18);
	assert_int_equal(n->values[2].integer, SEVERITY_WARNING);
	assert_int_equal(n->values[4].integer, STATE_AT_RISK);
	assert_text(n, 14, "Q269241");
	assert_int_equal(n->values[15].integer, PRESENCE_MISSING);
	assert_int_equal(n->values[16].integer, SETTING_ENABLED);
	assert_text(n, 17, "a/iissuba.dll");
	notice_oid(n, &oid);
	assert_oid(&oid, ARRAY_SIZE(type), type);
	notice_object_oid(n, 15, &oid);
	assert_oid(&oid, ARRAY_SIZE(module), module);
	notice_object_oid(n, 16, &oid);
	assert_oid(&oid, ARRAY_SIZE(sync), sync);
	notice_object_oid(n, 17, &oid);
	assert_oid(&oid, ARRAY_SIZE(path), path);
}

/* The evidence was taken out of the configuration while the alarm was open. */
static void test_of_risk_without_evidence(void **state)
{
	static const uint32_t type[] = { 0, 8 };
	_cleanup_(registry_freep) struct registry *r = one();
	_cleanup_(freep) struct notice *n = NULL;
	struct event event = {
		.kind = EVENT_AT_RISK_CLEARED,
		.severity = SEVERITY_CLEARED,
		.from = STATE_AT_RISK,
		.to = STATE_OK,
	};
	struct mib_oid oid;

	assert_int_equal(notice_new(r, &event, r->by_index[0], &n), 0);
	assert_int_equal(n->notification->n_objects, 18);
	assert_int_equal(n->values[15].integer, PRESENCE_UNKNOWN);
	assert_int_equal(n->values[16].integer, SETTING_UNKNOWN);
	assert_text(n, 17, "");
	notice_oid(n, &oid);
	assert_oid(&oid, ARRAY_SIZE(type), type);
}

static void test_of_sync(void **state)
{
	static const uint32_t type[] = { 0, 9 }, from[] = { 1, 15, 9, 0 };
	_cleanup_(registry_freep) struct registry *r = one();
	_cleanup_(freep) struct notice *n = NULL;
	struct alarm_counters counters = { .sequence = 8, .alarm = 3 };
	struct event event = alarm_sync_event(&counters, STATE_REFUSED, SETTING_ENABLED);
	struct mib_oid oid;

	fixture_evidence(r->by_index[0]);
	know(r->by_index[0], PRESENCE_PRESENT, SETTING_DISABLED);
	assert_int_equal(notice_new(r, &event, r->by_index[0], &n), 0);
	assert_int_equal(n->notification->n_objects, 19);
	assert_int_equal(n->values[2].integer, SEVERITY_WARNING);
	assert_int_equal(n->values[3].integer, STATE_REFUSED);
	assert_int_equal(n->values[4].integer, STATE_REFUSED);
	assert_text(n, 5, "password synchronization was turned off");
	assert_int_equal(n->values[7].unsigned32, 0);
	assert_int_equal(n->values[15].integer, PRESENCE_PRESENT);
	assert_int_equal(n->values[16].integer, SETTING_DISABLED);
	assert_int_equal(n->values[18].integer, SETTING_ENABLED);
	notice_oid(n, &oid);
	assert_oid(&oid, ARRAY_SIZE(type), type);
	notice_object_oid(n, 18, &oid);
	assert_oid(&oid, ARRAY_SIZE(from), from);
}

static void test_of_agent(void **state)
{
	static const uint32_t type[] = { 0, 16 }, total[] = { 1, 2, 3, 0 };
	_cleanup_(registry_freep) struct registry *r = one();
	_cleanup_(freep) struct notice *n = NULL;
	struct alarm_counters counters = { .sequence = 8, .alarm = 3 };
	struct event event = alarm_agent_event(&counters, EVENT_AGENT_STARTED);
	struct mib_oid oid;

	assert_int_equal(notice_new(r, &event, NULL, &n), 0);
	assert_int_equal(n->row, 0);
	assert_int_equal(n->notification->n_objects, 15);
	assert_text(n, 0, "");
	assert_text(n, 1, "");
	assert_int_equal(n->values[2].integer, SEVERITY_INDETERMINATE);
	assert_int_equal(n->values[3].integer, STATE_UNKNOWN);
	assert_int_equal(n->values[4].integer, STATE_UNKNOWN);
	assert_text(n, 5, "ftphealthd started: 1 target");
	assert_int_equal(n->values[6].unsigned32, 9);
	assert_int_equal(n->values[7].unsigned32, 0);
	assert_int_equal(n->values[8].unsigned32, 1);
	assert_int_equal(n->values[9].unsigned32, 1);
	assert_int_equal(n->values[12].unsigned32, 1); /* refused */
	assert_text(n, 14, PACKAGE_VERSION);
	notice_oid(n, &oid);
	assert_oid(&oid, ARRAY_SIZE(type), type);
	notice_object_oid(n, 9, &oid);
	assert_oid(&oid, ARRAY_SIZE(total), total);
}

/* clang-format off */
static const struct mass_row {
	const char *label;
	enum event_kind kind;
	enum severity severity;
	uint32_t alarm, count;
	size_t targets;
	uint32_t arc, said;
	bool clears;
	const char *text;
} mass_rows[] = {
	{ "mass: failure", EVENT_MASS_FAILURE, SEVERITY_CRITICAL, 17, 142, 3, 14, 142, false,
		"more than 100 alarms within a minute, single notifications are held back: 3 targets, 1 refused, 0 unreachable, 0 at risk" },
	{ "mass: failure of one", EVENT_MASS_FAILURE, SEVERITY_CRITICAL, 17, 1, 1, 14, 1, false,
		"more than 100 alarms within a minute, single notifications are held back: 1 target, 1 refused, 0 unreachable, 0 at risk" },
	{ "mass: recovered", EVENT_MASS_RECOVERED, SEVERITY_CLEARED, 17, 12, 2, 15, 12, true,
		"the storm is over, 12 alarms are notified one by one now: 2 targets, 1 refused, 0 unreachable, 0 at risk" },
	{ "mass: recovered, one alarm", EVENT_MASS_RECOVERED, SEVERITY_CLEARED, 17, 1, 1, 15, 1, true,
		"the storm is over, 1 alarm is notified one by one now: 1 target, 1 refused, 0 unreachable, 0 at risk" },
	{ "mass: heartbeat", EVENT_HEARTBEAT, SEVERITY_INDETERMINATE, 0, 0, 3, 19, 3, false,
		"ftphealthd is alive: 3 targets, 1 refused, 0 unreachable, 0 at risk" },
	{ "mass: heartbeat, one target", EVENT_HEARTBEAT, SEVERITY_INDETERMINATE, 0, 0, 1, 19, 1, false,
		"ftphealthd is alive: 1 target, 1 refused, 0 unreachable, 0 at risk" },
};
/* clang-format on */

static void test_of_mass(void **state)
{
	const struct mass_row *row = *state;
	const uint32_t type[] = { 0, row->arc };
	_cleanup_(registry_freep) struct registry *r = one();
	_cleanup_(freep) struct notice *n = NULL;
	struct event event = {
		.kind = row->kind,
		.severity = row->severity,
		.from = STATE_UNKNOWN,
		.to = STATE_UNKNOWN,
		.sequence = 9,
		.alarm = row->alarm,
		.count = row->count,
	};
	struct mib_oid oid;

	for (uint32_t i = 1; i < row->targets; i++)
		fixture_add(r, fixture_target(ROW + i, i == 1 ? "ftp-b" : "ftp-c"));
	assert_int_equal(notice_new(r, &event, NULL, &n), 0);
	assert_int_equal(n->row, 0);
	assert_int_equal(n->alarm, row->alarm);
	assert_int_equal(n->clears, row->clears);
	assert_int_equal(n->notification->n_objects, 15);
	assert_text(n, 0, "");
	assert_int_equal(n->values[2].integer, row->severity);
	assert_text(n, 5, row->text);
	assert_int_equal(n->values[7].unsigned32, row->alarm);
	assert_int_equal(n->values[8].unsigned32, row->said);
	assert_int_equal(n->values[9].unsigned32, row->targets);
	notice_oid(n, &oid);
	assert_oid(&oid, ARRAY_SIZE(type), type);
}

/* ------------------------------------------------------------------ as octets */

static void assert_same(const struct notice *a, const struct notice *b)
{
	assert_ptr_equal(a->notification, b->notification);
	assert_int_equal(a->sequence, b->sequence);
	assert_int_equal(a->alarm, b->alarm);
	assert_int_equal(a->clears, b->clears);
	assert_int_equal(a->row, b->row);
	for (size_t i = 0; i < a->notification->n_objects; i++) {
		const struct mib_value *v = &a->values[i], *w = &b->values[i];

		assert_int_equal(v->type, w->type);
		if (v->type == MIB_STRING) {
			assert_int_equal(v->string.len, w->string.len);
			assert_memory_equal(v->string.bytes, w->string.bytes, v->string.len);
		} else {
			assert_int_equal(v->unsigned32, w->unsigned32);
		}
	}
}

static bool of_agent(enum event_kind kind)
{
	return mib_notification(kind)->objects[8].table->index == MIB_SCALARS;
}

static struct notice *some_notice(struct registry *r, enum event_kind kind)
{
	struct event event = refused();
	struct notice *n;

	event.kind = kind;
	event.severity = kind % 2 ? SEVERITY_CLEARED : SEVERITY_MAJOR;
	if (kind == EVENT_SYNC_CHANGED)
		event.sync_from = SETTING_ENABLED;
	assert_int_equal(notice_new(r, &event, of_agent(kind) ? NULL : r->by_index[0], &n), 0);
	return n;
}

/* Every kind of notification comes back as it was. */
static void test_pack(void **state)
{
	_cleanup_(registry_freep) struct registry *r = one();

	fixture_evidence(r->by_index[0]);
	for (unsigned kind = 0; kind < EVENT_END; kind++) {
		_cleanup_(freep) struct notice *n = some_notice(r, kind), *back = NULL;
		_cleanup_(freep) void *bytes = NULL;
		size_t len;

		assert_int_equal(notice_pack(n, &bytes, &len), 0);
		assert_int_equal(notice_unpack(bytes, len, &back), 0);
		assert_same(n, back);
	}
}

/* The layout on the disk is published by the first release: it does not change by accident. */
static void test_packed_head(void **state)
{
	static const uint8_t head[] = { 1, 0, 0, 0, 1, 0, 0, 0, 41, 0, 0, 0, 17, 0, 0, 0, ROW, 0,
		15,
		/* ftpAuthNotifyName: arc 15, no node, column 4, a string of 5 octets */
		0, 0, 0, 15, 0, 0, 0, 0, 0, 0, 0, 4, MIB_STRING, 0, 5, 'f', 't', 'p', '-', 'a' };
	_cleanup_(registry_freep) struct registry *r = one();
	_cleanup_(freep) struct notice *n = some_notice(r, EVENT_LOGIN_REFUSED);
	_cleanup_(freep) void *bytes = NULL;
	size_t len;

	assert_int_equal(notice_pack(n, &bytes, &len), 0);
	assert_true(len > sizeof(head));
	assert_memory_equal(bytes, head, sizeof(head));
}

/* What N octets of a notice, or more than all, mean: nothing. */
static void test_cut(void **state)
{
	_cleanup_(registry_freep) struct registry *r = one();
	_cleanup_(freep) struct notice *n = some_notice(r, EVENT_LOGIN_REFUSED), *back = NULL;
	_cleanup_(freep) void *bytes = NULL, *longer = NULL;
	size_t len;

	assert_int_equal(notice_pack(n, &bytes, &len), 0);
	for (size_t i = 0; i < len; i++) {
		/* Of its own, so that a read behind it is seen. */
		_cleanup_(freep) void *cut = malloc(i > 0 ? i : 1);

		assert_non_null(cut);
		memcpy(cut, bytes, i);
		assert_int_equal(notice_unpack(cut, i, &back), -EBADMSG);
	}
	longer = calloc(1, len + 1);
	assert_non_null(longer);
	memcpy(longer, bytes, len);
	assert_int_equal(notice_unpack(longer, len + 1, &back), -EBADMSG);
}

/* clang-format off */
static const struct damage_row {
	const char *label;
	size_t at; /* octet that is another */
	uint8_t octet;
} damage_rows[] = {
	{ "damage: another version", 0, 2 },
	{ "damage: a notification that is not known", 4, 99 },
	{ "damage: another notification, of more objects", 4, 7 },
	{ "damage: another notification, of other objects", 4, 16 },
	{ "damage: clears neither yes nor no", 17, 2 },
	{ "damage: fewer objects", 18, 14 },
	{ "damage: more objects", 18, 255 },
	{ "damage: an object of another table", 22, 5 },
	{ "damage: an object of a table below", 26, 6 },
	{ "damage: an object that is not known", 30, 99 },
	{ "damage: another object", 30, 5 },
	{ "damage: another type", 31, MIB_INTEGER },
	{ "damage: an OID", 31, MIB_OBJECT_ID },
	{ "damage: a string beyond its size", 33, 65 },
	{ "damage: a string beyond all", 32, 255 },
};
/* clang-format on */

static void test_damage(void **state)
{
	const struct damage_row *row = *state;
	_cleanup_(registry_freep) struct registry *r = one();
	_cleanup_(freep) struct notice *n = some_notice(r, EVENT_LOGIN_REFUSED), *back = NULL;
	_cleanup_(freep) void *bytes = NULL;
	size_t len;

	assert_int_equal(notice_pack(n, &bytes, &len), 0);
	((uint8_t *)bytes)[row->at] = row->octet;
	assert_int_equal(notice_unpack(bytes, len, &back), -EBADMSG);
}

/* Any octet may be anything: what is taken has no string beyond its size. */
static void test_any_damage(void **state)
{
	_cleanup_(registry_freep) struct registry *r = one();
	_cleanup_(freep) struct notice *n = some_notice(r, EVENT_AT_RISK);
	_cleanup_(freep) void *bytes = NULL;
	uint8_t *octets;
	size_t len, taken = 0;

	assert_int_equal(notice_pack(n, &bytes, &len), 0);
	octets = bytes;
	for (size_t i = 0; i < len * 256; i++) {
		_cleanup_(freep) struct notice *back = NULL;
		uint8_t before = octets[i / 256];
		int result;

		octets[i / 256] = (uint8_t)i;
		result = notice_unpack(bytes, len, &back);
		octets[i / 256] = before;
		assert_true(result == 0 || result == -EBADMSG);
		for (size_t k = 0; result == 0 && k < back->notification->n_objects; k++) {
			const struct mib_object *o = &back->notification->objects[k];

			if (back->values[k].type == MIB_STRING)
				assert_true(back->values[k].string.len <=
					mib_column(o->table, o->column)->max);
		}
		taken += result == 0;
	}
	assert_true(taken > len);
}

/* ------------------------------------------------------------------ words */

/* clang-format off */
static const struct text_row {
	const char *label;
	enum event_kind kind;
	enum severity severity;
	enum state to;
	enum outcome outcome;
	enum stage stage;
	int code;
	const char *reply, *user, *text;
} text_rows[] = {
	{ "text: refused", EVENT_LOGIN_REFUSED, SEVERITY_CRITICAL, STATE_REFUSED, OUTCOME_LOGIN_REFUSED, STAGE_PASSWORD, 530,
		"User someuser@example.com cannot log in.", "anonymous",
		"anonymous login refused: 530 User someuser@example.com cannot log in." },
	{ "text: the user ftp is anonymous too", EVENT_LOGIN_REFUSED, SEVERITY_CRITICAL, STATE_REFUSED, OUTCOME_LOGIN_REFUSED,
		STAGE_PASSWORD, 530, "No.", "FTP", "anonymous login refused: 530 No." },
	{ "text: refused, by name", EVENT_LOGIN_REFUSED, SEVERITY_CRITICAL, STATE_REFUSED, OUTCOME_LOGIN_REFUSED,
		STAGE_PASSWORD, 530, "No.", "monitor", "login refused: 530 No." },
	{ "text: refused without a word", EVENT_LOGIN_REFUSED, SEVERITY_CRITICAL, STATE_REFUSED, OUTCOME_TEMPORARY_REFUSAL,
		STAGE_BANNER, 421, "", "anonymous", "anonymous login refused: 421" },
	{ "text: recovered", EVENT_LOGIN_RECOVERED, SEVERITY_CLEARED, STATE_OK, OUTCOME_OK, STAGE_NONE, 230, "Logged in.",
		"anonymous", "anonymous login works again" },
	{ "text: recovered, by name", EVENT_LOGIN_RECOVERED, SEVERITY_CLEARED, STATE_OK, OUTCOME_OK, STAGE_NONE, 230, "",
		"monitor", "login works again" },
	{ "text: unreachable, refused", EVENT_UNREACHABLE, SEVERITY_MAJOR, STATE_UNREACHABLE, OUTCOME_CONNECTION_REFUSED,
		STAGE_CONNECT, 0, NULL, "anonymous", "unreachable: connection refused" },
	{ "text: unreachable, silent", EVENT_UNREACHABLE, SEVERITY_MAJOR, STATE_UNREACHABLE, OUTCOME_TIMEOUT, STAGE_PASSWORD,
		0, NULL, "anonymous", "unreachable: timeout at stage password" },
	{ "text: reachable", EVENT_REACHABLE, SEVERITY_CLEARED, STATE_OK, OUTCOME_OK, STAGE_NONE, 230, "", "anonymous",
		"reachable again" },
	{ "text: reachable but refused", EVENT_REACHABLE, SEVERITY_CLEARED, STATE_REFUSED, OUTCOME_LOGIN_REFUSED,
		STAGE_PASSWORD, 530, "No.", "anonymous", "reachable again, but the login is refused" },
	{ "text: refused, removed", EVENT_LOGIN_RECOVERED, SEVERITY_CLEARED, STATE_DISABLED, OUTCOME_LOGIN_REFUSED,
		STAGE_PASSWORD, 530, "No.", "anonymous", "no longer probed, the alarm is closed" },
	{ "text: unreachable, removed", EVENT_REACHABLE, SEVERITY_CLEARED, STATE_DISABLED, OUTCOME_TIMEOUT, STAGE_BANNER, 0,
		NULL, "anonymous", "no longer probed, the alarm is closed" },
};
/* clang-format on */

static void test_text(void **state)
{
	const struct text_row *row = *state;
	_cleanup_(registry_freep) struct registry *r = one();
	struct target *t = r->by_index[0];
	struct event event = {
		.kind = row->kind, .severity = row->severity, .from = STATE_UNKNOWN, .to = row->to
	};
	char text[256], small[8];

	free(t->reply_text);
	t->reply_text = row->reply ? fixture_text(row->reply) : NULL;
	free(t->config.user);
	t->config.user = fixture_text(row->user);
	t->outcome = row->outcome;
	t->failed_stage = row->stage;
	t->reply_code = row->code;
	event_text(r, &event, t, text, sizeof(text));
	assert_string_equal(text, row->text);
	event_text(r, &event, t, small, sizeof(small));
	assert_int_equal(strlen(small), sizeof(small) - 1);
	assert_memory_equal(small, row->text, sizeof(small) - 1);
}

#define LONG_REPLY \
	"The anonymous account of this server, which is IUSR_SOMESERVER, cannot log in now, sorry"

/* The cause follows the reply when it is known and fits. */
/* clang-format off */
static const struct cause_row {
	const char *label;
	enum diagnosis diagnosis;
	uint8_t confidence;
	const char *reply, *text;
} cause_rows[] = {
	{ "cause: known", DIAG_SUB_AUTH_MODULE_MISSING, 95, "No.", "anonymous login refused: 530 No. (subAuthModuleMissing, 95%)" },
	{ "cause: 100 %", DIAG_ANONYMOUS_DISABLED, 100, "No.", "anonymous login refused: 530 No. (anonymousDisabled, 100%)" },
	{ "cause: another one", DIAG_OTHER, 20, "No.", "anonymous login refused: 530 No." },
	{ "cause: none", DIAG_NONE, 100, "No.", "anonymous login refused: 530 No." },
	{ "cause: it just fits", DIAG_SUB_AUTH_MODULE_MISSING, 95, LONG_REPLY "........... 160",
		"anonymous login refused: 530 " LONG_REPLY "........... 160 (subAuthModuleMissing, 95%)" },
	{ "cause: it does not fit", DIAG_SUB_AUTH_MODULE_MISSING, 95, LONG_REPLY "............ 161",
		"anonymous login refused: 530 " LONG_REPLY "............ 161" },
};
/* clang-format on */

static void test_cause(void **state)
{
	const struct cause_row *row = *state;
	_cleanup_(registry_freep) struct registry *r = one();
	struct target *t = r->by_index[0];
	struct event event = refused();
	char text[256];

	free(t->reply_text);
	t->reply_text = fixture_text(row->reply);
	t->diagnosis = row->diagnosis;
	t->confidence = row->confidence;
	event_text(r, &event, t, text, sizeof(text));
	assert_string_equal(text, row->text);
}

/* clang-format off */
static const struct risk_row {
	const char *label, *user;
	enum event_kind kind;
	enum state to;
	enum diagnosis diagnosis;
	enum presence module;
	enum setting sync, sync_from;
	const char *text;
} risk_rows[] = {
	{ "risk: raised", "anonymous", EVENT_AT_RISK, STATE_AT_RISK, DIAG_SUB_AUTH_MODULE_MISSING, PRESENCE_MISSING, SETTING_ENABLED, 0,
		"anonymous login works, but will stop: password synchronization is on and the sub-authentication module it needs is gone" },
	{ "risk: raised, by name", "monitor", EVENT_AT_RISK, STATE_AT_RISK, DIAG_SUB_AUTH_MODULE_MISSING, PRESENCE_MISSING, SETTING_ENABLED, 0,
		"login works, but will stop: password synchronization is on and the sub-authentication module it needs is gone" },
	{ "risk: raised without a cause", "anonymous", EVENT_AT_RISK, STATE_AT_RISK, DIAG_NONE, PRESENCE_UNKNOWN, SETTING_UNKNOWN, 0,
		"anonymous login works, but will stop" },
	{ "risk: synchronization is off", "anonymous", EVENT_AT_RISK_CLEARED, STATE_OK, DIAG_NONE, PRESENCE_MISSING, SETTING_DISABLED, 0,
		"no longer at risk: password synchronization is off" },
	{ "risk: the module is back", "anonymous", EVENT_AT_RISK_CLEARED, STATE_OK, DIAG_NONE, PRESENCE_PRESENT, SETTING_ENABLED, 0,
		"no longer at risk: the sub-authentication module is there" },
	{ "risk: over, nothing known", "anonymous", EVENT_AT_RISK_CLEARED, STATE_OK, DIAG_NONE, PRESENCE_UNKNOWN, SETTING_UNKNOWN, 0,
		"no longer at risk: anonymous login works, and nothing known is against it" },
	{ "risk: removed", "anonymous", EVENT_AT_RISK_CLEARED, STATE_DISABLED, DIAG_SUB_AUTH_MODULE_MISSING, PRESENCE_MISSING, SETTING_ENABLED, 0,
		"no longer probed, the alarm is closed" },
	{ "sync: on", "anonymous", EVENT_SYNC_CHANGED, STATE_OK, DIAG_NONE, PRESENCE_PRESENT, SETTING_ENABLED, SETTING_DISABLED,
		"password synchronization was turned on" },
	{ "sync: off", "anonymous", EVENT_SYNC_CHANGED, STATE_OK, DIAG_NONE, PRESENCE_PRESENT, SETTING_DISABLED, SETTING_ENABLED,
		"password synchronization was turned off" },
};
/* clang-format on */

static void test_risk_text(void **state)
{
	const struct risk_row *row = *state;
	_cleanup_(registry_freep) struct registry *r = one();
	struct target *t = r->by_index[0];
	struct event event = {
		.kind = row->kind,
		.severity =
			row->kind == EVENT_AT_RISK_CLEARED ? SEVERITY_CLEARED : SEVERITY_WARNING,
		.from = row->to,
		.to = row->to,
		.sync_from = row->sync_from,
	};
	char text[256];

	fixture_evidence(t);
	know(t, row->module, row->sync);
	free(t->config.user);
	t->config.user = fixture_text(row->user);
	t->diagnosis = row->diagnosis;
	event_text(r, &event, t, text, sizeof(text));
	assert_string_equal(text, row->text);
	assert_true(strlen(text) <= TEXT_MAX);
}

/* clang-format off */
static const struct certificate_row {
	const char *label;
	enum event_kind kind;
	bool seen;
	int days;
	const char *text;
} certificate_rows[] = {
	{ "certificate: ends", EVENT_CERT_EXPIRING, true, 13, "the certificate ends in 13 days" },
	{ "certificate: ends tomorrow", EVENT_CERT_EXPIRING, true, 1, "the certificate ends in 1 day" },
	{ "certificate: has ended", EVENT_CERT_EXPIRING, true, -2, "the certificate has expired" },
	{ "certificate: told again after a restart", EVENT_CERT_EXPIRING, false, 0, "the certificate ends soon" },
	{ "certificate: renewed", EVENT_CERT_RENEWED, true, 365, "the certificate is valid for 365 more days" },
	{ "certificate: no TLS any more", EVENT_CERT_RENEWED, false, 0, "no certificate is looked at any more" },
};
/* clang-format on */

static void test_certificate_text(void **state)
{
	const struct certificate_row *row = *state;
	_cleanup_(registry_freep) struct registry *r = one();
	struct target *t = r->by_index[0];
	struct event event = { .kind = row->kind,
		.severity = event_severity(row->kind),
		.from = STATE_OK,
		.to = STATE_OK };
	char text[256];

	if (row->seen)
		fixture_tls(t, row->days);
	event_text(r, &event, t, text, sizeof(text));
	assert_string_equal(text, row->text);
}

/* clang-format off */
static const struct session_row {
	const char *label;
	enum event_kind kind;
	enum session_result result;
	int code;
	const char *words, *text;
} session_rows[] = {
	{ "degraded: a reply", EVENT_DEGRADED, SESSION_FILE_UNAVAILABLE, 550, "No such file.",
		"anonymous login works, but retr /pub/README fails: 550 No such file." },
	{ "degraded: no reply", EVENT_DEGRADED, SESSION_DATA_FAILED, 0, "",
		"anonymous login works, but retr /pub/README fails: dataConnectionFailed" },
	{ "degraded: a good reply does not explain it", EVENT_DEGRADED, SESSION_CONTENT_MISMATCH, 226, "Done.",
		"anonymous login works, but retr /pub/README fails: contentMismatch" },
	{ "degraded: told again after a restart", EVENT_DEGRADED, SESSION_NOT_RUN, 0, "",
		"anonymous login works, but retr /pub/README fails" },
	{ "degraded: no more", EVENT_DEGRADED_CLEARED, SESSION_OK, 226, "", "retr /pub/README works again after the login" },
	{ "degraded: nothing is asked any more", EVENT_DEGRADED_CLEARED, 0, 0, "", "nothing is asked after the login any more" },
};
/* clang-format on */

static void test_session_text(void **state)
{
	const struct session_row *row = *state;
	_cleanup_(registry_freep) struct registry *r = one();
	struct target *t = r->by_index[0];
	struct event event = { .kind = row->kind,
		.severity = event_severity(row->kind),
		.from = STATE_OK,
		.to = STATE_OK };
	char text[256];

	if (row->result)
		fixture_session(t, row->result, row->code, row->words);
	event_text(r, &event, t, text, sizeof(text));
	assert_string_equal(text, row->text);
}

/* An alarm that is open behind another one is not told as if it were that one. */
static void test_past_text(void **state)
{
	static const struct {
		enum event_kind kind;
		enum state to;
		const char *text;
	} rows[] = {
		{ EVENT_LOGIN_REFUSED, STATE_UNREACHABLE,
			"anonymous login was refused while the server was reachable" },
		{ EVENT_AT_RISK, STATE_REFUSED, "anonymous login was at risk while it worked" },
		{ EVENT_AT_RISK, STATE_UNREACHABLE, "anonymous login was at risk while it worked" },
		{ EVENT_DEGRADED, STATE_REFUSED,
			"anonymous login worked, but what followed it failed" },
	};
	_cleanup_(registry_freep) struct registry *r = one();
	char text[256];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct event event = { .kind = rows[i].kind,
			.severity = event_severity(rows[i].kind),
			.from = rows[i].to,
			.to = rows[i].to };

		event_text(r, &event, r->by_index[0], text, sizeof(text));
		assert_string_equal(text, rows[i].text);
	}
}

/* What an at-risk alarm says of any cause fits too. */
static void test_risk_of_any_cause(void **state)
{
	_cleanup_(registry_freep) struct registry *r = one();
	struct target *t = r->by_index[0];
	struct event event = {
		.kind = EVENT_AT_RISK, .severity = SEVERITY_WARNING, .to = STATE_AT_RISK
	};
	char text[1024];

	for (unsigned number = DIAG_OTHER + 1; number < DIAG_END; number++) {
		const char *cause = diagnosis_info(number)->text;

		t->diagnosis = number;
		event_text(r, &event, t, text, sizeof(text));
		assert_true(strlen(text) > strlen(cause));
		assert_string_equal(text + strlen(text) - strlen(cause), cause);
	}
}

static void test_text_of_agent(void **state)
{
	_cleanup_(registry_freep) struct registry *r = fixture_rows(1000);
	struct alarm_counters counters = { 0 };
	struct event event = alarm_agent_event(&counters, EVENT_AGENT_STARTED);
	char text[256];

	event_text(r, &event, NULL, text, sizeof(text));
	assert_string_equal(text, "ftphealthd started: 1000 targets");
	event.kind = EVENT_AGENT_STOPPING;
	event_text(r, &event, NULL, text, sizeof(text));
	assert_string_equal(text, "ftphealthd is stopping");
}

static const struct host_row {
	const char *label, *host;
	uint16_t port;
	const char *text;
} host_rows[] = {
	{ "host: a name", "ftp.example.com", 2121, "ftp.example.com:2121" },
	{ "host: IPv4", "192.0.2.7", 21, "192.0.2.7:21" },
	{ "host: IPv6", "2001:db8::7", 65535, "[2001:db8::7]:65535" },
};

static void test_host(void **state)
{
	const struct host_row *row = *state;
	_cleanup_(registry_freep) struct registry *r = one();
	_cleanup_(freep) struct notice *n = NULL;
	struct target *t = r->by_index[0];
	struct event event = refused();

	free(t->config.host);
	t->config.host = fixture_text(row->host);
	t->config.port = row->port;
	assert_int_equal(notice_new(r, &event, t, &n), 0);
	assert_text(n, 1, row->text);
}

/* ------------------------------------------------------------------ size */

/* Octets of a BER element with CONTENT octets in it. */
static size_t element(size_t content)
{
	return content + (content < 128 ? 2 : content < 256 ? 3 : 4);
}

static size_t oid_size(const struct mib_oid *oid)
{
	size_t content = 1; /* the first two share one octet (X.690 8.19) */

	for (size_t i = 2; i < oid->len; i++)
		for (uint32_t id = oid->id[i]; content++, id >= 128; id >>= 7)
			;
	return element(content);
}

static size_t value_size(const struct mib_value *v)
{
	return element(v->type == MIB_STRING ? v->string.len : v->type == MIB_COUNTER64 ? 9 : 5);
}

/* An SNMPv2-Trap-PDU in a message with a community of 32 octets, numbers at their largest. */
static size_t message_size(const struct notice *n)
{
	static const struct mib_oid sys_up_time = { { 1, 3, 6, 1, 2, 1, 1, 3, 0 }, 9 };
	static const struct mib_oid trap_oid = { { 1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0 }, 11 };
	struct mib_oid oid;
	size_t list, pdu;

	notice_oid(n, &oid);
	list = element(oid_size(&sys_up_time) + element(5)) +
		element(oid_size(&trap_oid) + oid_size(&oid));
	for (size_t i = 0; i < n->notification->n_objects; i++) {
		notice_object_oid(n, i, &oid);
		list += element(oid_size(&oid) + value_size(&n->values[i]));
	}
	pdu = element(element(4) + element(1) + element(1) + element(list));
	return element(element(1) + element(32) + pdu);
}

static char *filled(size_t len)
{
	char *text = malloc(len + 1);

	assert_non_null(text);
	memset(text, 'x', len);
	text[len] = '\0';
	return text;
}

/* The one with the longest text. */
static enum diagnosis longest_diagnosis(void)
{
	enum diagnosis longest = DIAG_NONE;

	for (unsigned number = DIAG_NONE; number < DIAG_END; number++)
		if (strlen(diagnosis_info(number)->text) > strlen(diagnosis_info(longest)->text))
			longest = number;
	return longest;
}

/* RFC 3417 section 3.2.1 recommends to stay below what an Ethernet frame holds. */
static void test_worst_case(void **state)
{
	_cleanup_(registry_freep) struct registry *r = fixture_registry();
	struct target *t = fixture_target(2147483647, "x");
	struct event event = refused();
	_cleanup_(freep) char *remedy = filled(160), *reference = filled(32);

	free(t->config.name);
	free(t->config.host);
	t->config.name = filled(64);
	t->config.host = filled(255);
	t->config.port = 65535;
	t->outcome = OUTCOME_LOGIN_REFUSED;
	t->reply_code = 530;
	t->reply_text = filled(TARGET_REPLY_MAX);
	t->diagnosis = longest_diagnosis();
	t->remedy = remedy;
	t->reference = reference;
	t->change_time = 1700000000 * USEC_PER_SEC;
	fixture_evidence(t);
	memset(t->evidence->module_path, 'x', EVIDENCE_PATH_MAX);
	fixture_tls(t, -100000);
	memset(t->tls->subject, 'x', TLS_NAME_MAX);
	fixture_add(r, t);
	event.sequence = event.alarm = event.count = UINT32_MAX;
	r->settings.storm = UINT32_MAX;

	for (unsigned kind = 0; kind < EVENT_END; kind++) {
		_cleanup_(freep) struct notice *n = NULL;
		size_t size;

		event.kind = kind;
		assert_int_equal(notice_new(r, &event, of_agent(kind) ? NULL : t, &n), 0);
		for (size_t i = 0; i < n->notification->n_objects; i++)
			if (n->values[i].type == MIB_STRING)
				assert_true(n->values[i].string.len <= TEXT_MAX);
		/* A remedy or a version may still grow to the size that the MIB allows. */
		size = message_size(n);
		if (of_agent(kind))
			size += 64 - n->values[14].string.len;
		else
			size += 160 - n->values[13].string.len + 32 - n->values[14].string.len;
		print_message("# %s: at most %zu octets\n", n->notification->name, size);
		assert_true(size < DATAGRAM_MAX);
	}
}

/* A host name too long is cut; brackets and port are not. */
static void test_long_host(void **state)
{
	_cleanup_(registry_freep) struct registry *r = one();
	_cleanup_(freep) struct notice *n = NULL;
	struct target *t = r->by_index[0];
	struct event event = refused();

	free(t->config.host);
	t->config.host = filled(255);
	t->config.host[3] = ':';
	t->config.port = 65535;
	assert_int_equal(notice_new(r, &event, t, &n), 0);
	assert_int_equal(n->values[1].string.len, TEXT_MAX);
	assert_memory_equal(n->values[1].string.bytes, "[xxx:x", 6);
	assert_memory_equal(n->values[1].string.bytes + TEXT_MAX - 8, "x]:65535", 8);
}

int main(void)
{
	UNIT_ROWS(text_rows, test_text);
	UNIT_ROWS(host_rows, test_host);
	UNIT_ROWS(cause_rows, test_cause);
	UNIT_ROWS(risk_rows, test_risk_text);
	UNIT_ROWS(certificate_rows, test_certificate_text);
	UNIT_ROWS(session_rows, test_session_text);
	UNIT_TEST(test_past_text);
	UNIT_TEST(test_risk_of_any_cause);
	UNIT_TEST(test_of_target);
	UNIT_TEST(test_of_risk);
	UNIT_TEST(test_of_risk_without_evidence);
	UNIT_TEST(test_of_sync);
	UNIT_TEST(test_of_agent);
	UNIT_ROWS(mass_rows, test_of_mass);
	UNIT_ROWS(damage_rows, test_damage);
	UNIT_TEST(test_pack);
	UNIT_TEST(test_packed_head);
	UNIT_TEST(test_cut);
	UNIT_TEST(test_any_damage);
	UNIT_TEST(test_text_of_agent);
	UNIT_TEST(test_worst_case);
	UNIT_TEST(test_long_host);
	return unit_run("notice");
}
