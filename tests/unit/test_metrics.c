/* SPDX-License-Identifier: ISC */
/* The metrics: every row is sound, what they say in both formats, and what happens to an answer
 * while targets come and go. */
#include "tests/unit/mib_fixture.h"

#include <ctype.h>

#include "agent/metrics.h"
#include "agent/metrics_address.h"

/* All of the metrics, read in pieces of PIECE octets. The caller frees it. */
static char *read_all(struct registry *r, enum metrics_format format, size_t piece)
{
	struct metrics_text *m;
	size_t used = 0, size = 1 << 16, n;
	char *text = malloc(size), *buffer = malloc(piece);

	assert_true(text && buffer);
	assert_int_equal(metrics_text_new(r, format, &m), 0);
	while ((n = metrics_text_read(m, buffer, piece)) > 0) {
		if (used + n >= size)
			text = realloc(text, size += 2 * (used + n));
		assert_non_null(text);
		memcpy(text + used, buffer, n);
		used += n;
	}
	assert_int_equal(metrics_text_read(m, buffer, piece), 0); /* and stays at its end */
	metrics_text_free(m);
	free(buffer);
	text[used] = '\0';
	return text;
}

/* How often TEXT has LINE as a whole line. */
static unsigned count_lines(const char *text, const char *line)
{
	size_t len = strlen(line);
	unsigned n = 0;

	for (const char *p = text; (p = strstr(p, line)); p += len)
		n += (p == text || p[-1] == '\n') && p[len] == '\n';
	return n;
}

static void assert_line(const char *text, const char *line)
{
	if (count_lines(text, line) != 1)
		fail_msg("%u times: %s", count_lines(text, line), line);
}

static void assert_no(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("found: %s", part);
}

/* ------------------------------------------------------------------ the table */

static bool ends_in(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len > end_len && strcmp(text + len - end_len, end) == 0;
}

static const struct mib_column *find_object(const struct mib_table *table, const char *name)
{
	for (size_t i = 0; i < table->n_columns; i++)
		if (strcmp(table->columns[i].name, name) == 0)
			return &table->columns[i];
	return NULL;
}

static void check_name(const char *name)
{
	static const char *const reserved[] = { "_total", "_info", "_count", "_sum", "_bucket",
		"_created" };

	assert_true(strspn(name, "abcdefghijklmnopqrstuvwxyz_") == strlen(name));
	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++)
		assert_false(ends_in(name, reserved[i]));
}

static void check_help(const char *help)
{
	assert_non_null(help);
	assert_true(isupper((unsigned char)help[0]) || strncmp(help, "1 ", 2) == 0);
	assert_true(ends_in(help, "."));
	assert_null(strpbrk(help, "\\\"\n")); /* they would have to be escaped */
}

/* A row that begins a family. */
static void check_family(const struct metric *m)
{
	check_name(m->name);
	check_help(m->help);
	if (m->unit)
		assert_true(ends_in(m->name, m->unit));
	for (const struct metric *other = metrics; other < m; other++)
		assert_true(!other->name || strcmp(other->name, m->name) != 0);
}

static void check_objects(const struct metric *m)
{
	const struct mib_column *object = NULL;

	assert_non_null(m->table);
	if (m->object && !(object = find_object(m->table, m->object)))
		fail_msg("%s is not in %s", m->object, m->table->name);
	if (object && object->type == MIB_STRING) /* of texts, only dates are numbers */
		assert_string_equal(object->syntax, "DateAndTime");
	for (size_t k = 0; k < METRIC_LABELS_MAX && m->labels[k].label; k++) {
		assert_non_null(find_object(m->table, m->labels[k].object));
		if (m->labels[k].words) /* a number of a later version has none */
			assert_null(m->labels[k].words(UINT32_MAX));
	}
}

static void test_every_row(void **state)
{
	const struct metric *family = NULL;

	for (size_t i = 0; i < metrics_n; i++) {
		const struct metric *m = &metrics[i];

		if (m->name)
			check_family(family = m);
		assert_non_null(family);
		check_objects(m);
		/* A family is of one table, and its samples differ by a label. */
		assert_ptr_equal(m->table, family->table);
		if (m != family)
			assert_non_null(m->label);
		if ((m->unit || m->divisor) && family->unit)
			assert_string_equal(m->unit, family->unit);
		for (const struct metric *other = family; other < m; other++)
			assert_string_not_equal(other->label, m->label);
	}
}

/* The words of a server would be a new series each time that it says something else. */
static void test_no_words_of_servers(void **state)
{
	static const char *const words[] = { "ftpAuthStatusReplyText", "ftpAuthStatusUserReplyText",
		"ftpAuthStatusBanner", "ftpAuthStatusSoftware", "ftpAuthStatusRemedy" };

	for (size_t i = 0; i < metrics_n; i++)
		for (size_t k = 0; k < METRIC_LABELS_MAX && metrics[i].labels[k].label; k++)
			for (size_t w = 0; w < ARRAY_SIZE(words); w++)
				assert_string_not_equal(metrics[i].labels[k].object, words[w]);
}

/* ------------------------------------------------------------------ what they say */

static struct registry *example(void)
{
	struct registry *r = fixture_registry();
	struct target *t = fixture_target(7, "ftp \"a\" \\ b");

	fixture_evidence(t);
	t->health.state = STATE_REFUSED;
	t->outcome = OUTCOME_LOGIN_REFUSED;
	t->failed_stage = STAGE_PASSWORD;
	t->diagnosis = DIAG_SUB_AUTH_MODULE_MISSING;
	t->confidence = 95;
	t->reply_code = 530;
	t->reply_text = fixture_text("530 User cannot log in.");
	t->stage_usec[STAGE_CONNECT] = 1500;
	t->stage_usec[STAGE_PASSWORD] = 2900000;
	t->total_usec = 2901501;
	t->probe_time = 1699999990 * USEC_PER_SEC + 250000;
	t->counts.outcome[OUTCOME_OK] = 3;
	t->counts.outcome[OUTCOME_NO_ROUTE] = 2;
	t->counts.outcome[OUTCOME_CONNECT_FAILED] = 1;
	t->counts.ok_usec = UINT64_C(12345678901234);
	fixture_tls(t, 0);
	t->tls->not_after = 1800000000;
	fixture_session(t, SESSION_FILE_UNAVAILABLE, 550, "No such file.");
	t->session->facts.total_usec = 1500;
	fixture_add(r, t);
	t = fixture_target(9, "new");
	t->admin = ADMIN_MAINTENANCE;
	fixture_tls(t, 0);
	free(TAKE_PTR(t->tls));
	fixture_session(t, SESSION_NOT_RUN, 0, "");
	fixture_add(r, t);
	r->facts.state = AGENT_IMPAIRED;
	r->facts.longest_stall_ms = 1203;
	r->facts.notify_sent = UINT32_MAX;
	return r;
}

#define A "target=\"ftp \\\"a\\\" \\\\ b\""

static const struct line_row {
	const char *label, *line;
	enum { BOTH, OPEN, OLD } in; /* which format */
} line_rows[] = {
	{ "the program", "ftphealth_build_info{version=\"" PACKAGE_VERSION "\"} 1", BOTH },
	{ "a truth of the agent", "ftphealth_impaired 1", BOTH },
	{ "another", "ftphealth_network_outage 0", BOTH },
	{ "milliseconds as seconds", "ftphealth_longest_stall_seconds 1.203", BOTH },
	{ "a counter", "ftphealth_notifications_sent_total 4294967295", BOTH },
	{ "how many are refused", "ftphealth_targets{state=\"refused\"} 1", BOTH },
	{ "what a target is",
		"ftphealth_target_info{target=\"new\",host=\"ftp.example.com\",port=\"21\",group=\"\",contact=\"\"} 1",
		BOTH },
	{ "a name with quotes", "ftphealth_login_success{" A "} 0", BOTH },
	{ "the state it is in", "ftphealth_state{" A ",state=\"refused\"} 1", BOTH },
	{ "a state it is not in", "ftphealth_state{" A ",state=\"ok\"} 0", BOTH },
	{ "what is not in maintenance", "ftphealth_maintenance{" A "} 0", BOTH },
	{ "what is", "ftphealth_maintenance{target=\"new\"} 1", BOTH },
	{ "the cause",
		"ftphealth_diagnosis_info{" A
		",outcome=\"loginRefused\",stage=\"password\",diagnosis=\"subAuthModuleMissing\"} 1",
		BOTH },
	{ "per cent as a ratio", "ftphealth_diagnosis_confidence_ratio{" A "} 0.95", BOTH },
	{ "the code of the reply", "ftphealth_reply_code{" A "} 530", BOTH },
	{ "microseconds as seconds", "ftphealth_login_duration_seconds{" A "} 2.901501", BOTH },
	{ "a stage", "ftphealth_login_stage_duration_seconds{" A ",stage=\"connect\"} 0.0015",
		BOTH },
	{ "zeros at the end",
		"ftphealth_login_stage_duration_seconds{" A ",stage=\"password\"} 2.9", BOTH },
	{ "a moment", "ftphealth_last_probe_timestamp_seconds{" A "} 1699999990.25", BOTH },
	{ "good probes", "ftphealth_probes_total{" A ",outcome=\"ok\"} 3", BOTH },
	{ "several outcomes in one", "ftphealth_probes_total{" A ",outcome=\"connectFailed\"} 3",
		BOTH },
	{ "64 bits", "ftphealth_login_success_seconds_total{" A "} 12345678.901234", BOTH },
	{ "evidence", "ftphealth_evidence_latent{" A "} 0", BOTH },
	{ "the end of a certificate",
		"ftphealth_certificate_expiry_timestamp_seconds{" A "} 1800000000", BOTH },
	{ "a valid certificate", "ftphealth_certificate_valid{" A "} 1", BOTH },
	{ "what fails after the login", "ftphealth_after_login_success{" A "} 0", BOTH },
	{ "how long that took", "ftphealth_after_login_duration_seconds{" A "} 0.0015", BOTH },
	{ "a type", "# TYPE ftphealth_login_success gauge", BOTH },
	{ "a counter's type", "# TYPE ftphealth_probes counter", OPEN },
	{ "the same in the older format", "# TYPE ftphealth_probes_total counter", OLD },
	{ "information", "# TYPE ftphealth_target info", OPEN },
	{ "information in the older format", "# TYPE ftphealth_target_info gauge", OLD },
	{ "a unit", "# UNIT ftphealth_login_duration_seconds seconds", OPEN },
	{ "help", "# HELP ftphealth_alarms_active Alarms that are open.", BOTH },
	{ "the end", "# EOF", OPEN },
};

static void test_line(void **state)
{
	const struct line_row *row = *state;
	_cleanup_(registry_freep) struct registry *r = example();

	for (enum metrics_format f = METRICS_TEXT; f <= METRICS_OPENMETRICS; f++) {
		_cleanup_(freep) char *text = read_all(r, f, 65536);

		if (row->in == (f == METRICS_TEXT ? OPEN : OLD))
			assert_int_equal(count_lines(text, row->line), 0);
		else
			assert_line(text, row->line);
	}
}

static const struct absent_row {
	const char *label, *part;
} absent_rows[] = {
	{ "no login yet", "ftphealth_login_success{target=\"new\"" },
	{ "no time of a login yet", "ftphealth_login_duration_seconds{target=\"new\"" },
	{ "a stage that was not reached", "stage=\"resolve\"" },
	{ "a moment that never was", "ftphealth_last_success_timestamp_seconds{" },
	{ "an outcome that never was", "outcome=\"timeout\"" },
	{ "evidence that was never collected", "ftphealth_evidence_age_seconds{" },
	{ "evidence that says nothing", "ftphealth_evidence_module_present{" },
	{ "evidence that is not configured", "ftphealth_evidence_latent{target=\"new\"" },
	{ "a certificate that was never seen",
		"ftphealth_certificate_expiry_timestamp_seconds{target=\"new\"" },
	{ "what was never asked after the login", "ftphealth_after_login_success{target=\"new\"" },
	{ "the words of the server", "cannot log in" },
	{ "a moment of sampling", " 1700000000" },
};

static void test_absent(void **state)
{
	const struct absent_row *row = *state;
	_cleanup_(registry_freep) struct registry *r = example();
	_cleanup_(freep) char *text = read_all(r, METRICS_OPENMETRICS, 65536);

	assert_no(text, row->part);
}

/* A failure of our own is not told of the server. */
static void test_own_failure(void **state)
{
	_cleanup_(registry_freep) struct registry *r = example();
	_cleanup_(freep) char *text = NULL;

	r->by_index[0]->outcome = OUTCOME_INTERNAL_ERROR;
	text = read_all(r, METRICS_TEXT, 65536);
	assert_no(text, "ftphealth_login_success{");
}

/* ------------------------------------------------------------------ in pieces */

static void test_any_piece(void **state)
{
	static const size_t sizes[] = { 1, 2, 63, 1000, 32768, 1 << 20 };
	_cleanup_(registry_freep) struct registry *r = fixture_rows(200);
	_cleanup_(freep) char *whole = read_all(r, METRICS_OPENMETRICS, 4096);

	assert_true(ends_in(whole, "\n# EOF\n"));
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		_cleanup_(freep) char *text = read_all(r, METRICS_OPENMETRICS, sizes[i]);

		assert_string_equal(text, whole);
	}
}

/* Every label as long as it can get, and each octet escaped. */
static void test_longest(void **state)
{
	_cleanup_(registry_freep) struct registry *r = fixture_registry();
	_cleanup_(freep) char *text = NULL;
	char quotes[256];
	unsigned n = 0;

	memset(quotes, '"', 255);
	quotes[255] = '\0';
	for (uint32_t i = 1; i <= 70; i++) {
		struct target *t = fixture_target(i, quotes + 255 - 64);

		t->config.name[63] = (char)('0' + i);
		free(t->config.host);
		free(t->config.group);
		free(t->config.contact);
		t->config.host = fixture_text(quotes);
		t->config.contact = fixture_text(quotes);
		t->config.group = fixture_text(quotes + 255 - 64);
		for (unsigned o = 1; o < OUTCOME_END; o++)
			t->counts.outcome[o] = UINT32_MAX;
		for (unsigned s = 1; s < STAGE_END; s++)
			t->stage_usec[s] = UINT32_MAX;
		fixture_add(r, t);
	}
	text = read_all(r, METRICS_TEXT, 4096);
	for (const char *p = text; (p = strstr(p, "\nftphealth_state_changes_total{")); p++)
		n++;
	assert_int_equal(n, 70);
}

static void test_nothing(void **state)
{
	_cleanup_(registry_freep) struct registry *r = fixture_registry();
	_cleanup_(freep) char *text = read_all(r, METRICS_OPENMETRICS, 100);

	assert_line(text, "ftphealth_targets{state=\"ok\"} 0");
	assert_line(text, "# TYPE ftphealth_state gauge");
	assert_no(text, "ftphealth_state{");
	assert_line(text, "# EOF");
}

/* While an answer is read, targets go and others come: no family has a line twice, and no line is
 * torn. */
static void test_reload_between(void **state)
{
	_cleanup_(registry_freep) struct registry *r = fixture_rows(400);
	struct metrics_text *m;
	_cleanup_(freep) char *text = malloc(1 << 24);
	size_t used = 0, n;
	unsigned turns = 0;

	assert_non_null(text);
	assert_int_equal(metrics_text_new(r, METRICS_OPENMETRICS, &m), 0);
	while ((n = metrics_text_read(m, text + used, 1500)) > 0) {
		used += n;
		if (++turns % 7 == 0 && r->n_targets > 100)
			fixture_remove(r, turns * 31 % r->n_targets);
		if (turns % 11 == 0) {
			char name[32];

			snprintf(name, sizeof(name), "new-%u", turns);
			fixture_add(r, fixture_target(10000 + turns, name));
		}
	}
	metrics_text_free(m);
	text[used] = '\0';
	assert_true(turns > 100);
	for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
		char *value = line;

		*end = '\0';
		if (line[0] == '#')
			continue;
		value = strrchr(line, ' ');
		assert_non_null(value);
		assert_true(isdigit((unsigned char)value[1]));
		assert_int_equal(
			strncmp(line, "ftphealth_", 10) && strncmp(line, "process_", 8), 0);
	}
	/* One family in full: the numbers ascend, so none can be there twice. */
	for (char *p = text; p < text + used; p += strlen(p) + 1) {
		char again[512];
		size_t len = strcspn(p, "}");

		if (strncmp(p, "ftphealth_reply_code{", 21) != 0)
			continue;
		snprintf(again, sizeof(again), "%.*s", (int)len, p);
		for (char *q = p + strlen(p) + 1; q < text + used; q += strlen(q) + 1)
			assert_int_not_equal(strncmp(q, again, len + 1), 0);
	}
}

/* ------------------------------------------------------------------ formats */

#define PROMETHEUS_2_42 \
	"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75," \
	"text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
#define PROMETHEUS_3 \
	"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6," \
	"application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4," \
	"text/plain;version=0.0.4;q=0.3,*/*;q=0.2"

static const struct accept_row {
	const char *label, *accept;
	enum metrics_format format;
} accept_rows[] = {
	{ "none", NULL, METRICS_TEXT },
	{ "empty", "", METRICS_TEXT },
	{ "anything", "*/*", METRICS_TEXT },
	{ "a browser", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
		METRICS_TEXT },
	{ "Prometheus 2.42", PROMETHEUS_2_42, METRICS_OPENMETRICS },
	{ "Prometheus 3", PROMETHEUS_3, METRICS_OPENMETRICS },
	{ "the old format", "text/plain;version=0.0.4", METRICS_TEXT },
	{ "OpenMetrics of any version", "application/openmetrics-text", METRICS_OPENMETRICS },
	{ "with blanks and capitals",
		" Application/OpenMetrics-Text ; Version = \"1.0.0\" ; Q = 1.0 ",
		METRICS_OPENMETRICS },
	{ "of a version to come", "application/openmetrics-text; version=2.0.0", METRICS_TEXT },
	{ "what is wanted more comes last", "text/plain;q=0.2, application/openmetrics-text;q=0.3",
		METRICS_OPENMETRICS },
	{ "the old format is wanted more",
		"application/openmetrics-text;q=0.3,text/plain;version=0.0.4;q=0.31",
		METRICS_TEXT },
	{ "both the same", "text/plain,application/openmetrics-text", METRICS_OPENMETRICS },
	{ "expressly not", "application/openmetrics-text;q=0", METRICS_TEXT },
	{ "expressly not, to three digits", "application/openmetrics-text;q=0.000, */*",
		METRICS_TEXT },
	{ "a little", "application/openmetrics-text;q=0.001", METRICS_OPENMETRICS },
	{ "a weight that is none", "application/openmetrics-text;q=x", METRICS_OPENMETRICS },
	{ "garbage", ";;,,=;q=;version,/;\"", METRICS_TEXT },
	{ "one that begins the same", "application/openmetrics-text-x", METRICS_TEXT },
};

static void test_accept(void **state)
{
	const struct accept_row *row = *state;

	assert_int_equal(metrics_accept(row->accept), row->format);
}

/* ------------------------------------------------------------------ addresses */

#define P50 "/23456789/23456789/23456789/23456789/23456789/2345"
#define P107 P50 P50 "/234567"

static const struct address_row {
	const char *label;
	bool good, local;
} address_rows[] = {
	{ "127.0.0.1:26924", true, true },
	{ "127.9.9.9:1", true, true },
	{ "[::1]:65535", true, true },
	{ "unix:/run/ftphealth/metrics", true, true },
	{ "unix:" P107, true, true },
	{ "0.0.0.0:26924", true, false },
	{ "192.0.2.1:26924", true, false },
	{ "[::]:26924", true, false },
	{ "[2001:db8::1]:80", true, false },
	{ "[::ffff:127.0.0.1]:80", true, false },
	{ "", false, false },
	{ ":", false, false },
	{ "26924", false, false },
	{ ":26924", false, false },
	{ "localhost:26924", false, false },
	{ "127.0.0.1", false, false },
	{ "127.0.0.1:", false, false },
	{ "127.0.0.1:0", false, false },
	{ "127.0.0.1:65536", false, false },
	{ "127.0.0.1:000080", false, false },
	{ "127.0.0.1:+80", false, false },
	{ "127.0.0.1:80 ", false, false },
	{ "127.1:80", false, false },
	{ "::1:80", false, false },
	{ "[::1]", false, false },
	{ "[::1:80", false, false },
	{ "[:80", false, false },
	{ "]:80", false, false },
	{ "[]:80", false, false },
	{ "[127.0.0.1]:80", false, false },
	{ "[fe80::1%lo]:80", false, false },
	{ "http://127.0.0.1:80", false, false },
	{ "unix:", false, false },
	{ "unix:metrics", false, false },
	{ "unix:@metrics", false, false },
	{ "unix:" P107 "8", false, false },
};

static void test_address(void **state)
{
	const struct address_row *row = *state;
	struct metrics_address address;

	assert_int_equal(metrics_address_parse(row->label, &address), row->good);
	if (!row->good)
		return;
	assert_int_equal(address.is_local, row->local);
	assert_true(address.len > 0);
}

int main(void)
{
	UNIT_TEST(test_every_row);
	UNIT_TEST(test_no_words_of_servers);
	UNIT_ROWS(line_rows, test_line);
	UNIT_ROWS(absent_rows, test_absent);
	UNIT_TEST(test_own_failure);
	UNIT_TEST(test_any_piece);
	UNIT_TEST(test_longest);
	UNIT_TEST(test_nothing);
	UNIT_TEST(test_reload_between);
	UNIT_ROWS(accept_rows, test_accept);
	UNIT_ROWS(address_rows, test_address);
	return unit_run("metrics");
}
