/* SPDX-License-Identifier: ISC */
/* Events in the log: their fields, and the catalog that explains them. */
#include "tests/unit/mib_fixture.h"

#include <ctype.h>
#include <stdarg.h>
#include <syslog.h>

#include "agent/journal.h"
#include "common/log.h"

enum { CATALOG_MAX = 65536, SEEN_MAX = 32, ID_LEN = 32 };

/* What was logged last. */
static struct {
	int level;
	size_t n;
	char fields[SEEN_MAX][512];
	char line[512];
} seen;

/* Stands in for log_write() by the linker's --wrap. */
int __wrap_log_write(int level, int error, const char *const *fields, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

int __wrap_log_write(int level, int error, const char *const *fields, const char *format, ...)
{
	va_list ap;

	seen.level = level;
	seen.n = 0;
	for (; fields && *fields; fields++) {
		assert_true(seen.n < SEEN_MAX);
		snprintf(seen.fields[seen.n++], sizeof(seen.fields[0]), "%s", *fields);
	}
	va_start(ap, format);
	vsnprintf(seen.line, sizeof(seen.line), format, ap);
	va_end(ap);
	return -abs(error);
}

/* The value of a field that was logged, or NULL. */
static const char *field(const char *name, size_t len)
{
	for (size_t i = 0; i < seen.n; i++)
		if (strncmp(seen.fields[i], name, len) == 0 && seen.fields[i][len] == '=')
			return seen.fields[i] + len + 1;
	return NULL;
}

static void assert_field(const char *name, const char *value)
{
	const char *found = field(name, strlen(name));

	assert_non_null(found);
	assert_string_equal(found, value);
}

static bool of_agent(enum event_kind kind)
{
	return kind >= EVENT_MASS_FAILURE;
}

static struct registry *one(void)
{
	struct registry *r = fixture_registry();
	struct target *t = fixture_target(7, "ftp-a");
	const struct diagnosis_info *info = diagnosis_info(DIAG_SUB_AUTH_MODULE_MISSING);

	t->health.state = STATE_REFUSED;
	t->outcome = OUTCOME_LOGIN_REFUSED;
	t->failed_stage = STAGE_PASSWORD;
	t->reply_code = 530;
	t->reply_text = fixture_text("No.");
	t->diagnosis = DIAG_SUB_AUTH_MODULE_MISSING;
	t->confidence = 95;
	t->rule = "D01";
	t->remedy = info->remedy;
	t->reference = info->reference;
	fixture_add(r, t);
	return r;
}

static void log_one(struct registry *r, enum event_kind kind, enum severity severity)
{
	struct event event = {
		.kind = kind,
		.severity = severity,
		.to = of_agent(kind) ? STATE_UNKNOWN : STATE_REFUSED,
		.sequence = 41,
		.alarm = kind >= EVENT_HEARTBEAT ? 0 : 17,
	};

	journal_event(r, &event, of_agent(kind) ? NULL : r->by_index[0]);
}

static void test_of_target(void **state)
{
	_cleanup_(registry_freep) struct registry *r = one();

	log_one(r, EVENT_LOGIN_REFUSED, SEVERITY_CRITICAL);
	assert_int_equal(seen.level, LOG_CRIT);
	assert_string_equal(
		seen.line, "ftp-a: anonymous login refused: 530 No. (subAuthModuleMissing, 95%)");
	assert_field("MESSAGE_ID", "7df69b16fe374f658b6085495a2a94c0");
	assert_field("FTPHEALTH_NOTIFICATION", "ftpAuthLoginRefused");
	assert_field("FTPHEALTH_SEQUENCE", "41");
	assert_field("FTPHEALTH_TARGET", "ftp-a");
	assert_field("FTPHEALTH_HOST", "ftp.example.com");
	assert_field("FTPHEALTH_ALARM", "17");
	assert_field("FTPHEALTH_STATE", "refused");
	assert_field("FTPHEALTH_REPLY_CODE", "530");
	assert_field("FTPHEALTH_REPLY_TEXT", "No.");
	assert_field("FTPHEALTH_DIAGNOSIS", "subAuthModuleMissing");
	assert_field("FTPHEALTH_CONFIDENCE", "95");
	assert_field("FTPHEALTH_REMEDY", diagnosis_info(DIAG_SUB_AUTH_MODULE_MISSING)->remedy);
	assert_field("FTPHEALTH_REFERENCE", "Q269241");
	assert_field("FTPHEALTH_RULE", "D01");
	assert_int_equal(seen.n, 14);
}

/* Before the first verdict texts are empty; the fields are there all the same. */
static void test_of_new_target(void **state)
{
	_cleanup_(registry_freep) struct registry *r = fixture_registry();
	struct target *t = fixture_target(7, "ftp-a");

	t->diagnosis = DIAG_NONE;
	fixture_add(r, t);
	log_one(r, EVENT_REACHABLE, SEVERITY_CLEARED);
	assert_int_equal(seen.level, LOG_NOTICE);
	assert_field("FTPHEALTH_REPLY_CODE", "0");
	assert_field("FTPHEALTH_REPLY_TEXT", "");
	assert_field("FTPHEALTH_DIAGNOSIS", "none");
	assert_field("FTPHEALTH_REMEDY", "");
	assert_field("FTPHEALTH_RULE", "");
}

static void test_of_agent(void **state)
{
	_cleanup_(registry_freep) struct registry *r = one();

	log_one(r, EVENT_AGENT_STARTED, SEVERITY_INDETERMINATE);
	assert_int_equal(seen.level, LOG_INFO);
	assert_string_equal(seen.line, "ftphealthd started: 1 target");
	assert_field("FTPHEALTH_NOTIFICATION", "ftpAuthAgentStarted");
	assert_int_equal(seen.n, 3);
}

static void test_of_mass(void **state)
{
	_cleanup_(registry_freep) struct registry *r = one();

	log_one(r, EVENT_MASS_FAILURE, SEVERITY_CRITICAL);
	assert_int_equal(seen.level, LOG_CRIT);
	assert_field("FTPHEALTH_NOTIFICATION", "ftpAuthMassFailure");
	assert_field("FTPHEALTH_ALARM", "17");
	assert_int_equal(seen.n, 4);
}

/* clang-format off */
static const struct order_row {
	const char *label;
	struct order order;
	const char *line;
} order_rows[] = {
	{ "order: enabled", { ORDER_ADMIN, 7, 0, ADMIN_ENABLED, "alice" },
		"ftp-a is to be watched, ordered over SNMP by alice" },
	{ "order: maintenance", { ORDER_ADMIN, 7, 0, ADMIN_MAINTENANCE, "v2c" },
		"ftp-a is in maintenance: its notifications are held back, ordered over SNMP by v2c" },
	{ "order: disabled", { ORDER_ADMIN, 7, 0, ADMIN_DISABLED, "" },
		"ftp-a is not to be probed any more, ordered over SNMP by a manager of the master agent" },
	{ "order: probe now", { ORDER_PROBE_NOW, 7, 0, 2, "alice" },
		"ftp-a is to be probed now, ordered over SNMP by alice" },
	{ "order: notifications off", { ORDER_SETTING, 0, ORDER_NOTIFY_ENABLE, 0, "alice" },
		"notifications are turned off, ordered over SNMP by alice" },
	{ "order: notifications on", { ORDER_SETTING, 0, ORDER_NOTIFY_ENABLE, 1, "alice" },
		"notifications are turned on, ordered over SNMP by alice" },
	{ "order: interval", { ORDER_SETTING, 0, ORDER_NOTIFY_MIN_INTERVAL, 60, "alice" },
		"ftpAuthNotifyMinInterval is 60 now, ordered over SNMP by alice" },
	{ "order: repeat", { ORDER_SETTING, 0, ORDER_NOTIFY_REPEAT, 0, "alice" },
		"ftpAuthNotifyRepeat is 0 now, ordered over SNMP by alice" },
	{ "order: heartbeat", { ORDER_SETTING, 0, ORDER_NOTIFY_HEARTBEAT, 3600, "alice" },
		"ftpAuthNotifyHeartbeat is 3600 now, ordered over SNMP by alice" },
	{ "order: storm", { ORDER_SETTING, 0, ORDER_NOTIFY_STORM, 50, "alice" },
		"ftpAuthNotifyStorm is 50 now, ordered over SNMP by alice" },
};
/* clang-format on */

static void test_order(void **state)
{
	const struct order_row *row = *state;
	_cleanup_(registry_freep) struct registry *r = one();

	journal_order(&row->order, row->order.target ? r->by_index[0] : NULL);
	assert_int_equal(seen.level, LOG_NOTICE);
	assert_string_equal(seen.line, row->line);
	assert_field("FTPHEALTH_ORDERED_BY", row->order.by);
	if (row->order.target)
		assert_field("FTPHEALTH_TARGET", "ftp-a");
	assert_int_equal(seen.n, row->order.target ? 2 : 1);
}

static void test_ids(void **state)
{
	for (unsigned kind = 0; kind < EVENT_END; kind++) {
		const char *id = journal_message_id(kind);

		assert_non_null(id);
		assert_int_equal(strlen(id), ID_LEN);
		assert_int_equal(strspn(id, "0123456789abcdef"), ID_LEN);
		for (unsigned other = 0; other < kind; other++)
			assert_string_not_equal(id, journal_message_id(other));
	}
}

/* ------------------------------------------------------------------ the catalog */

static char catalog[CATALOG_MAX];

static void read_catalog(void)
{
	const char *source = getenv("SRCDIR");
	char path[4096];
	FILE *f;
	size_t len;

	snprintf(path, sizeof(path), "%s/dist/ftphealth.catalog", source ? source : ".");
	f = fopen(path, "re");
	if (!f)
		fail_msg("cannot read %s; say in SRCDIR where the sources are", path);
	len = fread(catalog, 1, sizeof(catalog) - 1, f);
	fclose(f);
	assert_true(len > 0 && len < sizeof(catalog) - 1);
	catalog[len] = '\0';
}

/* The text of the entry of KIND; *RET_LEN octets. */
static const char *entry(enum event_kind kind, size_t *ret_len)
{
	char head[ID_LEN + 8];
	const char *at, *end;

	snprintf(head, sizeof(head), "\n-- %s\n", journal_message_id(kind));
	at = strstr(catalog, head);
	if (!at)
		fail_msg("%s has no entry", mib_notification(kind)->name);
	at += strlen(head);
	assert_null(strstr(at, head));
	end = strstr(at, "\n-- ");
	*ret_len = end ? (size_t)(end - at) : strlen(at);
	return at;
}

/* journalctl leaves @NAME@ as it stands when the message has no such field. */
static void check_replacements(const char *text, size_t len)
{
	for (const char *p = memchr(text, '@', len); p;) {
		const char *name = p + 1, *end = name;

		while (isupper((unsigned char)*end) || *end == '_')
			end++;
		if (*end != '@' || end >= text + len || !field(name, (size_t)(end - name)))
			fail_msg("no field for @%.*s@", (int)(end - name), name);
		p = memchr(end + 1, '@', len - (size_t)(end + 1 - text));
	}
}

/* Every event has an entry, which only names fields that the event has; nothing is left over. */
static void test_catalog(void **state)
{
	_cleanup_(registry_freep) struct registry *r = one();
	size_t entries = 0;

	read_catalog();
	for (unsigned kind = 0; kind < EVENT_END; kind++) {
		size_t len;
		const char *text = entry(kind, &len);

		assert_memory_equal(text, "Subject: ", 9);
		log_one(r, kind, SEVERITY_WARNING);
		assert_field("MESSAGE_ID", journal_message_id(kind));
		check_replacements(text, len);
	}
	for (const char *p = catalog; (p = strstr(p, "\n-- ")); p++)
		entries++;
	assert_int_equal(entries, EVENT_END);
}

/* Who is woken at night by one of these reads in it what to do. */
static void test_catalog_tells_the_remedy(void **state)
{
	static const enum event_kind bad[] = { EVENT_LOGIN_REFUSED, EVENT_UNREACHABLE,
		EVENT_AT_RISK };

	read_catalog();
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		size_t len;
		const char *text = entry(bad[i], &len);

		assert_non_null(memmem(text, len, "@FTPHEALTH_REMEDY@", 18));
		assert_non_null(memmem(text, len, "@FTPHEALTH_DIAGNOSIS@", 21));
		assert_non_null(memmem(text, len, "@FTPHEALTH_TARGET@", 18));
	}
}

int main(void)
{
	UNIT_TEST(test_of_target);
	UNIT_TEST(test_of_new_target);
	UNIT_TEST(test_of_agent);
	UNIT_TEST(test_of_mass);
	UNIT_ROWS(order_rows, test_order);
	UNIT_TEST(test_ids);
	UNIT_TEST(test_catalog);
	UNIT_TEST(test_catalog_tells_the_remedy);
	return unit_run("journal");
}
