/* SPDX-License-Identifier: ISC */
/* What the answer of each program means as evidence, over one round and over several. */
#include "tests/unit/unit.h"

#include "probes/collect_private.h"
#include "probes/document.h"

/* 2001-09-09 01:46:40 UTC: `date -u -d @1000000000` */
#define NOW (UINT64_C(1000000000) * USEC_PER_SEC)
#define HOUR (3600 * USEC_PER_SEC)
#define DAY (24 * HOUR)
#define SHA "\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\""
#define HERE "{\"state\":\"present\",\"size\":10,\"mtime\":900000000,\"sha256\":" SHA "}"
#define GONE "{\"state\":\"absent\"}"
#define ANSWER(control, files) "{\"version\":1,\"control\":" control ",\"files\":[" files "]}\n"
#define DOCUMENT(mtime, text) \
	{ \
		"{\"version\":1,\"control\":{\"state\":\"unknown\"},\"files\":[{\"state\":\"present\",\"size\":1,\"mtime\":" #mtime \
		"}],\"contents\":", \
			text \
	}
#define SYNC(value) "AnonymousPasswordSync : (BOOLEAN) " value "\r\n"

struct row {
	const char *label;
	enum evidence_item item;
	const char *format;
	struct {
		const char *line;     /* of the answer; "contents": is completed from the text */
		const char *contents; /* NULL = none */
	} answer;
	struct helper_result ended; /* when there is no answer */
	struct collected before;
	uint32_t own_attempts;
	enum evidence_result result;
	const char *reason; /* a part of it; NULL = "" */
	struct evidence facts;
	const char *path;
	enum setting sync;
	uint64_t good_time; /* 0 = as before */
};

#define PATH1 "smb://h/ADMIN$/system32/iissuba.dll"
#define PATH2 "smb://h/ADMIN$/system32/inetsrv/iissuba.dll"
#define COUNTERS(up, anonymous, named, attempts) \
	.has_up_time = true, .up_time = (up), .has_counters = true, \
	.anonymous_users = (anonymous), .named_users = (named), .logon_attempts = (attempts)
#define SNMP(up, web, anonymous, named, attempts) \
	{ \
		.line = "{\"version\":1,\"state\":\"ok\",\"upTime\":" #up ",\"webService\":\"" web \
			"\",\"ftp\":{\"anonymousUsers\":" #anonymous ",\"namedUsers\":" #named \
			",\"logonAttempts\":" #attempts "}}\n" \
	}

/* clang-format off */
static const struct row rows[] = {
	/* ---- the module */
	{ .label = "module: there", .item = ITEM_MODULE, .answer = { .line = ANSWER(HERE, HERE "," GONE) },
	  .result = EVIDENCE_OK, .facts = { .module = PRESENCE_PRESENT }, .path = PATH1, .good_time = NOW },
	{ .label = "module: there, at the second path", .item = ITEM_MODULE, .answer = { .line = ANSWER(HERE, GONE "," HERE) },
	  .result = EVIDENCE_OK, .facts = { .module = PRESENCE_PRESENT }, .path = PATH2, .good_time = NOW },
	{ .label = "module: gone from both", .item = ITEM_MODULE, .answer = { .line = ANSWER(HERE, GONE "," GONE) },
	  .result = EVIDENCE_OK, .facts = { .module = PRESENCE_MISSING }, .path = PATH1, .good_time = NOW },
	{ .label = "module: empty", .item = ITEM_MODULE,
	  .answer = { .line = ANSWER(HERE, "{\"state\":\"present\",\"size\":0,\"mtime\":1}," GONE) },
	  .result = EVIDENCE_OK, .facts = { .module = PRESENCE_ALTERED }, .path = PATH1, .good_time = NOW },
	{ .label = "module: one gone, one not to be seen", .item = ITEM_MODULE,
	  .answer = { .line = ANSWER(HERE, GONE ",{\"state\":\"accessDenied\",\"reason\":\"no rights\"}") },
	  .result = EVIDENCE_DENIED, .reason = "access denied: no rights" },
	{ .label = "module: no control", .item = ITEM_MODULE,
	  .answer = { .line = ANSWER("{\"state\":\"unknown\",\"reason\":\"msv1_0.dll not found\"}", "{\"state\":\"unknown\"},{\"state\":\"unknown\"}") },
	  .result = EVIDENCE_FAILED, .reason = "not found, and no control file either: msv1_0.dll not found" },
	{ .label = "module: wrong password", .item = ITEM_MODULE,
	  .answer = { .line = ANSWER("{\"state\":\"wrongPassword\",\"reason\":\"logon failure\"}", "{\"state\":\"wrongPassword\"},{\"state\":\"wrongPassword\"}") },
	  .result = EVIDENCE_DENIED, .reason = "user or password not accepted: logon failure" },
	{ .label = "module: share missing", .item = ITEM_MODULE,
	  .answer = { .line = ANSWER("{\"state\":\"shareMissing\"}", "{\"state\":\"shareMissing\"},{\"state\":\"shareMissing\"}") },
	  .result = EVIDENCE_FAILED, .reason = "the share does not exist" },
	{ .label = "module: host down", .item = ITEM_MODULE,
	  .answer = { .line = ANSWER("{\"state\":\"unreachable\"}", "{\"state\":\"unreachable\"},{\"state\":\"unreachable\"}") },
	  .result = EVIDENCE_UNREACHABLE, .reason = "unreachable" },
	{ .label = "module: what was known stays when it cannot be asked", .item = ITEM_MODULE,
	  .answer = { .line = ANSWER("{\"state\":\"unreachable\"}", "{\"state\":\"unreachable\"},{\"state\":\"unreachable\"}") },
	  .before = { .items[ITEM_MODULE] = { .good_time = NOW - HOUR, .facts = { .module = PRESENCE_MISSING } } },
	  .result = EVIDENCE_UNREACHABLE, .reason = "unreachable", .facts = { .module = PRESENCE_MISSING } },
	{ .label = "module: an answer that says absent without a control", .item = ITEM_MODULE,
	  .answer = { .line = ANSWER("{\"state\":\"unknown\"}", GONE "," GONE) },
	  .result = EVIDENCE_FAILED, .reason = "ftphealth-smb gave a bad answer: " },
	{ .label = "module: no answer in time", .item = ITEM_MODULE, .ended = { .timed_out = true },
	  .result = EVIDENCE_UNREACHABLE, .reason = "no answer in time" },
	{ .label = "module: the program failed", .item = ITEM_MODULE, .ended = { .complaint = "ftphealth-smb: no memory" },
	  .result = EVIDENCE_FAILED, .reason = "ftphealth-smb: no memory" },
	{ .label = "module: garbage", .item = ITEM_MODULE, .answer = { .line = "\x7f" "ELF" },
	  .result = EVIDENCE_FAILED, .reason = "ftphealth-smb gave a bad answer: " },

	/* ---- the setting */
	{ .label = "setting: on", .item = ITEM_SETTING, .format = "adsutil", .answer = DOCUMENT(999999999, SYNC("True")),
	  .result = EVIDENCE_OK, .facts = { .sync = SETTING_ENABLED }, .sync = SETTING_ENABLED, .good_time = NOW - USEC_PER_SEC },
	{ .label = "setting: a print that was made some time ago counts from then", .item = ITEM_SETTING, .format = "adsutil",
	  .answer = DOCUMENT(999990000, SYNC("False")),
	  .result = EVIDENCE_OK, .facts = { .sync = SETTING_DISABLED }, .sync = SETTING_DISABLED, .good_time = NOW - 10000 * USEC_PER_SEC },
	{ .label = "setting: a print too old is not believed", .item = ITEM_SETTING, .format = "adsutil",
	  .answer = DOCUMENT(999000000, SYNC("True")),
	  .result = EVIDENCE_STALE, .reason = "the document is 277 hours old" },
	{ .label = "setting: a file that the server reads may be old", .item = ITEM_SETTING, .format = "vsftpd",
	  .answer = DOCUMENT(900000000, "anonymous_enable=NO\n"),
	  .result = EVIDENCE_OK, .facts = { .anonymous = SETTING_DISABLED, .anonymous_only = SETTING_ENABLED }, .good_time = NOW },
	{ .label = "setting: a date in the future is now", .item = ITEM_SETTING, .format = "adsutil",
	  .answer = DOCUMENT(1900000000, SYNC("True")),
	  .result = EVIDENCE_OK, .facts = { .sync = SETTING_ENABLED }, .sync = SETTING_ENABLED, .good_time = NOW },
	{ .label = "setting: not such a document", .item = ITEM_SETTING, .format = "metabase-xml",
	  .answer = DOCUMENT(999999999, "<html>sign in</html>"),
	  .before = { .items[ITEM_SETTING] = { .good_time = NOW - HOUR, .facts = { .sync = SETTING_ENABLED } }, .sync = SETTING_ENABLED },
	  .result = EVIDENCE_FAILED, .reason = "", .facts = { .sync = SETTING_ENABLED }, .sync = SETTING_ENABLED },
	{ .label = "setting: not there", .item = ITEM_SETTING, .format = "adsutil",
	  .answer = { .line = "{\"version\":1,\"control\":{\"state\":\"unknown\"},\"files\":[{\"state\":\"unknown\"}]}\n" },
	  .result = EVIDENCE_FAILED, .reason = "not found" },
	{ .label = "setting: denied", .item = ITEM_SETTING, .format = "adsutil",
	  .answer = { .line = "{\"version\":1,\"control\":{\"state\":\"unknown\"},\"files\":[{\"state\":\"accessDenied\"}]}\n" },
	  .result = EVIDENCE_DENIED, .reason = "access denied" },
	{ .label = "setting: too large", .item = ITEM_SETTING, .format = "adsutil",
	  .answer = { .line = "{\"version\":1,\"control\":{\"state\":\"unknown\"},\"files\":[{\"state\":\"failed\",\"reason\":\"larger than 16777216 octets\"}]}\n" },
	  .result = EVIDENCE_FAILED, .reason = "failed: larger than" },

	/* ---- the log */
	{ .label = "log: our own refusal", .item = ITEM_LOG,
	  .answer = DOCUMENT(999999999, "#Software: Microsoft Internet Information Server 4.0\n#Version: 1.0\n#Date: 2001-09-09 01:00:00\n"
		"#Fields: time c-ip cs-method cs-uri-stem sc-status sc-win32-status\n"
		"01:46:30 192.0.2.9 [1]USER anonymous 331 0\n01:46:30 192.0.2.9 [1]PASS probe@example.net 530 126\n"),
	  .result = EVIDENCE_OK, .facts = { .win32 = 126 }, .good_time = NOW },
	{ .label = "log: not one", .item = ITEM_LOG, .answer = DOCUMENT(999999999, "hello\n"),
	  .result = EVIDENCE_FAILED, .reason = "" },

	/* ---- SNMP */
	{ .label = "snmp: the web service runs", .item = ITEM_SNMP, .answer = SNMP(500, "running", 5, 1, 9),
	  .result = EVIDENCE_OK, .facts = { .web = WEB_RUNNING }, .good_time = NOW },
	{ .label = "snmp: it is not listed", .item = ITEM_SNMP, .answer = SNMP(500, "notListed", 5, 1, 9),
	  .result = EVIDENCE_OK, .facts = { .web = WEB_NOT_LISTED }, .good_time = NOW },
	{ .label = "snmp: others fail", .item = ITEM_SNMP, .answer = SNMP(900, "running", 5, 1, 30),
	  .before = { COUNTERS(500, 5, 1, 9), .own_attempts = 10 }, .own_attempts = 20,
	  .result = EVIDENCE_OK, .facts = { .web = WEB_RUNNING, .others_fail = true }, .good_time = NOW },
	{ .label = "snmp: only we fail", .item = ITEM_SNMP, .answer = SNMP(900, "running", 5, 1, 19),
	  .before = { COUNTERS(500, 5, 1, 9), .own_attempts = 10 }, .own_attempts = 20,
	  .result = EVIDENCE_OK, .facts = { .web = WEB_RUNNING }, .good_time = NOW },
	{ .label = "snmp: somebody got in", .item = ITEM_SNMP, .answer = SNMP(900, "running", 6, 1, 90),
	  .before = { COUNTERS(500, 5, 1, 9), .own_attempts = 10 }, .own_attempts = 20,
	  .result = EVIDENCE_OK, .facts = { .web = WEB_RUNNING }, .good_time = NOW },
	{ .label = "snmp: restarted", .item = ITEM_SNMP, .answer = SNMP(100, "running", 5, 1, 9),
	  .before = { COUNTERS(500, 5, 1, 9) },
	  .result = EVIDENCE_OK, .facts = { .web = WEB_RUNNING, .restarted = true }, .good_time = NOW },
	{ .label = "snmp: the FTP service restarted", .item = ITEM_SNMP, .answer = SNMP(900, "running", 0, 0, 1),
	  .before = { COUNTERS(500, 5, 1, 9) },
	  .result = EVIDENCE_OK, .facts = { .web = WEB_RUNNING, .restarted = true }, .good_time = NOW },
	{ .label = "snmp: uptime that wraps is no restart", .item = ITEM_SNMP, .answer = SNMP(100, "running", 5, 1, 9),
	  .before = { COUNTERS(4294967000U, 5, 1, 9) },
	  .result = EVIDENCE_OK, .facts = { .web = WEB_RUNNING }, .good_time = NOW },
	{ .label = "snmp: no answer", .item = ITEM_SNMP,
	  .answer = { .line = "{\"version\":1,\"state\":\"timeout\",\"reason\":\"a wrong community looks the same\"}\n" },
	  .result = EVIDENCE_UNREACHABLE, .reason = "no answer in time: a wrong community looks the same" },
};
/* clang-format on */

static const struct evidence_source source = {
	.module = { (char *)PATH1, (char *)PATH2 },
	.n_module = 2,
	.control = (char *)"smb://h/ADMIN$/system32/msv1_0.dll",
	.setting_url = (char *)"/srv/setting",
	.log_url = (char *)"smb://h/C$/logs/ex{%y%m%d}.log",
	.log_client = (char *)"192.0.2.9",
	.snmp_agent = (char *)"udp:192.0.2.7",
	.site = 1,
	.timeout_usec = 30 * USEC_PER_SEC,
	.max_age_usec = DAY,
};

static void folds(void **state)
{
	const struct row *row = *state;
	struct evidence_source s = source;
	struct item_context ctx = { &s, "probe@example.net", row->own_attempts, NOW };
	struct helper_result result = row->ended;
	struct collected c = row->before;
	struct item_request request = { 0 };
	struct item_urls urls = { 0 };
	char answer[4096] = "";
	const struct evidence_state *got = &c.items[row->item];

	if (row->format)
		s.setting_format = (uint32_t)document_format_find(row->format);
	assert_int_equal(item_ask(row->item, &ctx, &urls, &request), 0);
	if (row->answer.contents)
		snprintf(answer, sizeof(answer), "%s%zu}\n%s", row->answer.line,
			strlen(row->answer.contents), row->answer.contents);
	else if (row->answer.line)
		snprintf(answer, sizeof(answer), "%s", row->answer.line);
	if (row->answer.line) {
		result.answered = true;
		result.len = strlen(answer);
	}
	result.output = answer;
	item_fold(row->item, &ctx, &request, &result, &c);

	if (got->result != row->result)
		print_message("# %s\n", got->reason);
	assert_int_equal(got->result, row->result);
	if (row->reason)
		assert_non_null(strstr(got->reason, row->reason));
	assert_int_equal(got->reason[0] != '\0', row->reason != NULL);
	assert_int_equal(got->time, NOW);
	assert_memory_equal(&got->facts, &row->facts, sizeof(row->facts));
	assert_int_equal(got->good_time,
		row->good_time ? row->good_time : row->before.items[row->item].good_time);
	assert_string_equal(c.module_path, row->path ? row->path : "");
	assert_int_equal(c.sync, row->sync);
	free(request.text);
	item_urls_done(&urls);
}

/* ------------------------------------------------------------------ requests */

static void asks_for_the_day(void **state)
{
	struct item_context ctx = { &source, "", 0, NOW };
	struct item_request request = { 0 };
	struct item_urls urls = { 0 };

	assert_int_equal(item_ask(ITEM_LOG, &ctx, &urls, &request), 0);
	assert_string_equal(request.fetch.files[0], "smb://h/C$/logs/ex010909.log");
	assert_true(request.fetch.contents && request.fetch.tail);
	assert_string_equal(request.program, "ftphealth-smb");
	free(request.text);
	item_urls_done(&urls);
	assert_int_equal(item_ask(ITEM_SETTING, &ctx, &urls, &request), 0);
	assert_string_equal(request.program, "ftphealth-fetch");
	free(request.text);
	item_urls_done(&urls);
}

/* ------------------------------------------------------------------ all items together */

static const struct collected all = {
	.items[ITEM_MODULE] = { .good_time = NOW, .facts = { .module = PRESENCE_PRESENT } },
	.items[ITEM_SETTING] = { .good_time = NOW - HOUR,
		.facts = { .sync = SETTING_ENABLED, .anonymous = SETTING_ENABLED } },
	.items[ITEM_LOG] = { .good_time = NOW, .facts = { .win32 = 1385, .substatus = 4 } },
	.items[ITEM_SNMP] = { .good_time = NOW, .facts = { .web = WEB_RUNNING } },
	.has_up_time = true,
	.up_time = 60 * 60 * 100,
	.module_mtime = 900000000,
};

static void merges(void **state)
{
	struct evidence e = collected_evidence(&all, NOW, DAY);

	assert_int_equal(e.module, PRESENCE_PRESENT);
	assert_int_equal(e.sync, SETTING_ENABLED);
	assert_int_equal(e.anonymous, SETTING_ENABLED);
	assert_int_equal(e.win32, 1385);
	assert_int_equal(e.substatus, 4);
	assert_int_equal(e.web, WEB_RUNNING);
	assert_false(e.module_newer);
	assert_false(evidence_is_latent(&e));
}

static void forgets_what_is_too_old(void **state)
{
	struct evidence e = collected_evidence(&all, NOW + HOUR / 2, HOUR);

	assert_int_equal(e.module, PRESENCE_PRESENT);
	assert_int_equal(e.sync, 0);
	assert_int_equal(e.anonymous, 0);
	e = collected_evidence(&all, NOW + 2 * HOUR, HOUR);
	assert_int_equal(e.module, 0);
	assert_int_equal(e.win32, 0);
	assert_int_equal(e.web, WEB_UNKNOWN);
	/* a clock that was set back makes nothing old */
	e = collected_evidence(&all, NOW - DAY, HOUR);
	assert_int_equal(e.module, PRESENCE_PRESENT);
}

static void sees_a_module_that_came_after_the_start(void **state)
{
	struct collected c = all;

	c.module_mtime = (int64_t)(NOW / USEC_PER_SEC) - 1800;
	assert_true(collected_evidence(&c, NOW, DAY).module_newer);
	c.items[ITEM_MODULE].good_time += 2 * DAY; /* and the start is not known since */
	assert_false(collected_evidence(&c, NOW + 2 * DAY, DAY).module_newer);
	c.items[ITEM_MODULE].good_time -= 2 * DAY;
	c.module_mtime = (int64_t)(NOW / USEC_PER_SEC) - 7200;
	assert_false(collected_evidence(&c, NOW, DAY).module_newer);
}

static void is_latent(void **state)
{
	assert_true(evidence_is_latent(
		&(struct evidence){ .sync = SETTING_ENABLED, .module = PRESENCE_MISSING }));
	assert_true(evidence_is_latent(
		&(struct evidence){ .sync = SETTING_ENABLED, .module = PRESENCE_ALTERED }));
	assert_false(evidence_is_latent(&(struct evidence){ .sync = SETTING_ENABLED }));
	assert_false(evidence_is_latent(
		&(struct evidence){ .sync = SETTING_DISABLED, .module = PRESENCE_MISSING }));
	assert_false(evidence_is_latent(&(struct evidence){ .module = PRESENCE_MISSING }));
}

int main(void)
{
	UNIT_ROWS(rows, folds);
	UNIT_TEST(asks_for_the_day);
	UNIT_TEST(merges);
	UNIT_TEST(forgets_what_is_too_old);
	UNIT_TEST(sees_a_module_that_came_after_the_start);
	UNIT_TEST(is_latent);
	return unit_run("collect");
}
