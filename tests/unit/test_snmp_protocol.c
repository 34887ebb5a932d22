/* SPDX-License-Identifier: ISC */
/* What is said to and by ftphealth-snmp: requests and answers. */
#include <errno.h>
#include <stdbool.h>

#include "tests/unit/unit.h"

#include "probes/snmp_protocol.h"

/* ------------------------------------------------------------------ requests */

#define REQUEST(more) "{\"version\":1,\"agent\":\"h:161\",\"timeLimit\":1000" more "}"

/* clang-format off */
static const struct { const char *label, *text, *why; } bad_request_rows[] = {
	{ "bad request: empty",           "",                                          "no JSON" },
	{ "bad request: half",            "{\"version\":1",                            "no JSON" },
	{ "bad request: more behind",     REQUEST("") "x",                             "no JSON" },
	{ "bad request: a list",          "[]",                                        "object" },
	{ "bad request: unknown key",     REQUEST(",\"password\":\"x\""),              "password" },
	{ "bad request: key twice",       REQUEST(",\"timeLimit\":2000"),              "timeLimit" },
	{ "bad request: version",         "{\"version\":2,\"agent\":\"h\",\"timeLimit\":1000}", "version: not 1" },
	{ "bad request: no version",      "{\"agent\":\"h\",\"timeLimit\":1000}",      "version" },
	{ "bad request: no agent",        "{\"version\":1,\"timeLimit\":1000}",        "agent" },
	{ "bad request: no limit",        "{\"version\":1,\"agent\":\"h\"}",           "timeLimit" },
	{ "bad request: empty agent",     "{\"version\":1,\"agent\":\"\",\"timeLimit\":1000}", "udp:HOST:PORT" },
	{ "bad request: agent, blank",    "{\"version\":1,\"agent\":\"a b\",\"timeLimit\":1000}", "a blank" },
	{ "bad request: agent, newline",  "{\"version\":1,\"agent\":\"a\\nb\",\"timeLimit\":1000}", "control" },
	{ "bad request: agent, escape",   "{\"version\":1,\"agent\":\"\\u001b[2J\",\"timeLimit\":1000}", "control" },
	{ "bad request: agent, no ASCII", "{\"version\":1,\"agent\":\"h\xc3\xa4\",\"timeLimit\":1000}", "h\\xC3\\xA4" },
	{ "bad request: agent, NUL",      "{\"version\":1,\"agent\":\"a\\u0000b\",\"timeLimit\":1000}", "no JSON" },
	{ "bad request: agent, a number", "{\"version\":1,\"agent\":1,\"timeLimit\":1000}", "string" },
	{ "bad request: too little time", "{\"version\":1,\"agent\":\"h\",\"timeLimit\":99}", "timeLimit" },
	{ "bad request: too much time",   "{\"version\":1,\"agent\":\"h\",\"timeLimit\":600001}", "timeLimit" },
	{ "bad request: half a second",   "{\"version\":1,\"agent\":\"h\",\"timeLimit\":500.5}", "integer" },
	{ "bad request: file, relative",  REQUEST(",\"file\":\"a\""),                  "absolute" },
	{ "bad request: file, empty",     REQUEST(",\"file\":\"\""),                   "absolute" },
	{ "bad request: file, newline",   REQUEST(",\"file\":\"/a\\nb\""),             "control" },
	{ "bad request: credential, a path", REQUEST(",\"credential\":\"a/b\""),       "not a path" },
	{ "bad request: credential, up",  REQUEST(",\"credential\":\"..\""),           "not a path" },
	{ "bad request: credential, empty", REQUEST(",\"credential\":\"\""),           "not a path" },
	{ "bad request: both",            REQUEST(",\"file\":\"/a\",\"credential\":\"b\""), "one of them" },
	{ "bad request: file, community", REQUEST(",\"file\":\"/a\",\"community\":\"b\""), "one of them" },
	{ "bad request: community, newline", REQUEST(",\"community\":\"a\\nb\""),    "control" },
	{ "bad request: get, no list",    REQUEST(",\"get\":\"1.3\""),               "list" },
	{ "bad request: get, empty",      REQUEST(",\"get\":[]"),                    "list" },
	{ "bad request: get, a number",   REQUEST(",\"get\":[1.3]"),                 "string" },
	{ "bad request: get, too many",   REQUEST(",\"get\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]"), "1 to 16" },
	{ "bad request: get, no OID",     REQUEST(",\"get\":[\"1.3\",\"sysUpTime\"]"), "sysUpTime" },
	{ "bad request: get, a dot first", REQUEST(",\"get\":[\".1.3\"]"),           "not an OID" },
	{ "bad request: get, a dot last", REQUEST(",\"get\":[\"1.3.\"]"),            "not an OID" },
	{ "bad request: get, two dots",   REQUEST(",\"get\":[\"1..3\"]"),            "not an OID" },
	{ "bad request: get, nothing",    REQUEST(",\"get\":[\"\"]"),                "sub-identifiers" },
	{ "bad request: get, one",        REQUEST(",\"get\":[\"1\"]"),               "sub-identifiers" },
	{ "bad request: module alone",    REQUEST(",\"module\":\"A-MIB\""),          "needs get" },
	{ "bad request: module, newline", REQUEST(",\"get\":[\"1.3\"],\"module\":\"\\n\""), "control" },
};
/* clang-format on */

static void assert_printable(const char *text)
{
	assert_true(*text);
	for (const char *p = text; *p; p++)
		assert_in_range((unsigned char)*p, 0x20, 0x7e);
}

static void check_bad_request(void **state)
{
	const char *const *row = *state;
	struct snmp_request r = { .agent = "before" };
	char why[FETCH_WHY_SIZE] = "";
	void *storage = why;

	assert_int_equal(snmp_request_parse(row[1], strlen(row[1]), &r, &storage, why), -EINVAL);
	if (!strstr(why, row[2]))
		fail_msg("said: %s", why);
	assert_printable(why);
	assert_string_equal(r.agent, "before");
	assert_ptr_equal(storage, why);
}

static const struct request_row {
	const char *label;
	struct snmp_request request;
	const char *text;
} request_rows[] = {
	{ "request: agent alone", { .agent = "192.0.2.7", .time_limit_ms = 100 },
		"{\"version\":1,\"agent\":\"192.0.2.7\",\"timeLimit\":100}" },
	{ "request: file",
		{ .agent = "udp6:[::1]:1161", .time_limit_ms = 600000, .file = "/etc/a \"b\"" },
		"{\"version\":1,\"agent\":\"udp6:[::1]:1161\",\"timeLimit\":600000,"
		"\"file\":\"/etc/a \\\"b\\\"\"}" },
	{ "request: credential",
		{ .agent = "tcp:h:161", .time_limit_ms = 30000, .credential = "snmp.conf" },
		"{\"version\":1,\"agent\":\"tcp:h:161\",\"timeLimit\":30000,"
		"\"credential\":\"snmp.conf\"}" },
	{ "request: community", { .agent = "h", .time_limit_ms = 1000, .community = "a b" },
		"{\"version\":1,\"agent\":\"h\",\"timeLimit\":1000,\"community\":\"a b\"}" },
	{ "request: objects",
		{ .agent = "h", .time_limit_ms = 1000, .get = { "1.3.6.0", "2.999" }, .n_get = 2 },
		"{\"version\":1,\"agent\":\"h\",\"timeLimit\":1000,\"get\":[\"1.3.6.0\",\"2.999\"]}" },
	{ "request: module",
		{ .agent = "h",
			.time_limit_ms = 1000,
			.get = { "1.3" },
			.n_get = 1,
			.module = "A-MIB" },
		"{\"version\":1,\"agent\":\"h\",\"timeLimit\":1000,\"get\":[\"1.3\"],"
		"\"module\":\"A-MIB\"}" },
};

static void assert_same_string(const char *a, const char *b)
{
	if (a && b)
		assert_string_equal(a, b);
	else
		assert_ptr_equal(a, b);
}

static void check_request(void **state)
{
	const struct request_row *row = *state;
	_cleanup_(freep) char *text = NULL;
	char why[FETCH_WHY_SIZE] = "";
	struct snmp_request got;
	void *storage;

	assert_int_equal(snmp_request_write(&row->request, &text), 0);
	assert_string_equal(text, row->text);
	assert_int_equal(snmp_request_parse(text, strlen(text), &got, &storage, why), 0);
	assert_string_equal(got.agent, row->request.agent);
	assert_int_equal(got.time_limit_ms, row->request.time_limit_ms);
	assert_same_string(got.file, row->request.file);
	assert_same_string(got.credential, row->request.credential);
	assert_same_string(got.community, row->request.community);
	assert_same_string(got.module, row->request.module);
	assert_int_equal(got.n_get, row->request.n_get);
	for (size_t i = 0; i < got.n_get; i++)
		assert_string_equal(got.get[i], row->request.get[i]);
	snmp_request_done(storage);
}

/* The longest of each is taken, one octet more is not. */
static void test_request_bounds(void **state)
{
	static const struct {
		const char *format;
		size_t max;
	} rows[] = {
		{ "{\"version\":1,\"agent\":\"%s\",\"timeLimit\":100}", SNMP_AGENT_MAX },
		{ "{\"version\":1,\"agent\":\"h\",\"timeLimit\":100,\"file\":\"/%s\"}",
			FETCH_PATH_MAX - 1 },
		{ "{\"version\":1,\"agent\":\"h\",\"timeLimit\":100,\"credential\":\"%s\"}",
			FETCH_NAME_MAX },
		{ "{\"version\":1,\"agent\":\"h\",\"timeLimit\":100,\"community\":\"%s\"}",
			FETCH_NAME_MAX },
		{ "{\"version\":1,\"agent\":\"h\",\"timeLimit\":100,\"get\":[\"1.3\"],"
		  "\"module\":\"%s\"}",
			SNMP_MODULE_MAX },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (size_t over = 0; over < 2; over++) {
			char word[FETCH_PATH_MAX + 2] = "", text[2048], why[FETCH_WHY_SIZE];
			size_t at = (size_t)(strstr(rows[i].format, "%s") - rows[i].format);
			struct snmp_request r;
			void *storage;
			int error;

			memset(word, 'a', rows[i].max + over);
			snprintf(text, sizeof(text), "%.*s%s%s", (int)at, rows[i].format, word,
				rows[i].format + at + 2);
			error = snmp_request_parse(text, strlen(text), &r, &storage, why);
			assert_int_equal(error, over ? -EINVAL : 0);
			if (over)
				assert_non_null(strstr(why, "longer"));
			else
				snmp_request_done(storage);
		}
}

static void test_request_too_long(void **state)
{
	static char text[FETCH_REQUEST_MAX + 1];
	char why[FETCH_WHY_SIZE] = "";
	struct snmp_request r;
	void *storage;

	memset(text, ' ', sizeof(text));
	memcpy(text, REQUEST(""), strlen(REQUEST("")));
	assert_int_equal(snmp_request_parse(text, sizeof(text), &r, &storage, why), -EINVAL);
	assert_non_null(strstr(why, "longer"));
	assert_int_equal(snmp_request_parse(text, sizeof(text) - 1, &r, &storage, why), 0);
	snmp_request_done(storage);
}

/* ------------------------------------------------------------------ answers */

static const struct answer_row {
	const char *label;
	struct snmp_answer answer;
	const char *text;
} answer_rows[] = {
	{ "answer: nothing known", { .state = FETCH_TIMEOUT, .reason = "no answer; \"x\" \\" },
		"{\"version\":1,\"state\":\"timeout\",\"reason\":\"no answer; \\\"x\\\" \\\\\"}" },
	{ "answer: all",
		{ .state = FETCH_PRESENT,
			.has_up_time = true,
			.up_time = UINT32_MAX,
			.web = WEB_RUNNING,
			.has_ftp = true,
			.anonymous_users = 1,
			.named_users = UINT32_MAX,
			.logon_attempts = 0 },
		"{\"version\":1,\"state\":\"ok\",\"webService\":\"running\",\"upTime\":4294967295,"
		"\"ftp\":{\"anonymousUsers\":1,\"namedUsers\":4294967295,\"logonAttempts\":0}}" },
	{ "answer: web service not listed", { .state = FETCH_PRESENT, .web = WEB_NOT_LISTED },
		"{\"version\":1,\"state\":\"ok\",\"webService\":\"notListed\"}" },
	{ "answer: just started", { .state = FETCH_PRESENT, .has_up_time = true, .up_time = 0 },
		"{\"version\":1,\"state\":\"ok\",\"upTime\":0}" },
	{ "answer: part of it", { .state = FETCH_ACCESS_DENIED, .has_up_time = true, .up_time = 7 },
		"{\"version\":1,\"state\":\"accessDenied\",\"upTime\":7}" },
	{ "answer: wrong password", { .state = FETCH_WRONG_PASSWORD },
		"{\"version\":1,\"state\":\"wrongPassword\"}" },
	{ "answer: unreachable", { .state = FETCH_UNREACHABLE },
		"{\"version\":1,\"state\":\"unreachable\"}" },
	{ "answer: values",
		{ .state = FETCH_PRESENT,
			.n_values = 4,
			.values = { { .kind = SNMP_NUMBER, .number = -1 },
				{ .kind = SNMP_TEXT, .text = "a \"b\"" }, { .kind = SNMP_MISSING },
				{ .kind = SNMP_NUMBER, .number = INT64_MAX } } },
		"{\"version\":1,\"state\":\"ok\",\"values\":[-1,\"a \\\"b\\\"\",null,"
		"9223372036854775807]}" },
	{ "answer: no values, a module",
		{ .state = FETCH_PRESENT, .n_values = 1, .module = "1.3.6.1.4.1.9" },
		"{\"version\":1,\"state\":\"ok\",\"values\":[null],\"module\":\"1.3.6.1.4.1.9\"}" },
	{ "answer: failed", { .state = FETCH_FAILED }, "{\"version\":1,\"state\":\"failed\"}" },
};

static void check_answer(void **state)
{
	const struct answer_row *row = *state;
	char line[SNMP_ANSWER_MAX], why[FETCH_WHY_SIZE] = "";
	int len = snmp_answer_write(&row->answer, line);
	struct snmp_answer got;

	assert_int_equal(len, strlen(row->text) + 1);
	assert_int_equal(line[len - 1], '\n');
	assert_memory_equal(line, row->text, (size_t)len - 1);
	assert_int_equal(snmp_answer_parse(line, (size_t)len, &got, why), 0);
	assert_int_equal(got.state, row->answer.state);
	assert_string_equal(got.reason, row->answer.reason);
	assert_int_equal(got.has_up_time, row->answer.has_up_time);
	assert_int_equal(got.up_time, row->answer.up_time);
	assert_int_equal(got.web, row->answer.web);
	assert_int_equal(got.has_ftp, row->answer.has_ftp);
	assert_int_equal(got.anonymous_users, row->answer.anonymous_users);
	assert_int_equal(got.named_users, row->answer.named_users);
	assert_int_equal(got.logon_attempts, row->answer.logon_attempts);
	assert_string_equal(got.module, row->answer.module);
	assert_int_equal(got.n_values, row->answer.n_values);
	for (size_t i = 0; i < got.n_values; i++) {
		assert_int_equal(got.values[i].kind, row->answer.values[i].kind);
		assert_int_equal(got.values[i].number, row->answer.values[i].number);
		assert_string_equal(got.values[i].text, row->answer.values[i].text);
	}
}

#define ANSWER(more) "{\"version\":1,\"state\":\"ok\"" more "}"
#define FTP(a, n, l) \
	ANSWER(",\"ftp\":{\"anonymousUsers\":" a ",\"namedUsers\":" n ",\"logonAttempts\":" l "}")

/* clang-format off */
static const struct { const char *label, *text, *why; } bad_answer_rows[] = {
	{ "bad answer: empty",             "",                                       "no JSON" },
	{ "bad answer: half",              "{\"version\":1,\"state\":",              "no JSON" },
	{ "bad answer: more behind",       ANSWER("") "\n{}",                        "no JSON" },
	{ "bad answer: a list",            "[]",                                     "object" },
	{ "bad answer: unknown key",       ANSWER(",\"x\":1"),                       "x" },
	{ "bad answer: values, no list",   ANSWER(",\"values\":1"),                  "list" },
	{ "bad answer: values, empty",     ANSWER(",\"values\":[]"),                 "list" },
	{ "bad answer: values, a float",   ANSWER(",\"values\":[1.5]"),              "values" },
	{ "bad answer: values, a list",    ANSWER(",\"values\":[[]]"),               "values" },
	{ "bad answer: values, an escape", ANSWER(",\"values\":[\"\\u001b\"]"),      "printable" },
	{ "bad answer: too many values",   ANSWER(",\"values\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]"), "1 to 16" },
	{ "bad answer: module, no OID",    ANSWER(",\"module\":\"x\""),              "module" },
	{ "bad answer: module, empty",     ANSWER(",\"module\":\"\""),               "module" },
	{ "bad answer: key twice",         ANSWER(",\"state\":\"ok\""),              "state" },
	{ "bad answer: version",           "{\"version\":2,\"state\":\"ok\"}",       "version: not 1" },
	{ "bad answer: no state",          "{\"version\":1}",                        "state" },
	{ "bad answer: state of a file",   "{\"version\":1,\"state\":\"present\"}",  "state: \"present\"" },
	{ "bad answer: never said",        "{\"version\":1,\"state\":\"absent\"}",   "state: \"absent\"" },
	{ "bad answer: state, escape",     "{\"version\":1,\"state\":\"\\u001b\"}",  "\\x1B" },
	{ "bad answer: reason, escape",    ANSWER(",\"reason\":\"\\u001b[2J\""),     "reason" },
	{ "bad answer: reason, no ASCII",  ANSWER(",\"reason\":\"\xc3\xa4\""),       "reason" },
	{ "bad answer: reason, a number",  ANSWER(",\"reason\":1"),                  "string" },
	{ "bad answer: upTime, negative",  ANSWER(",\"upTime\":-1"),                 "upTime" },
	{ "bad answer: upTime, large",     ANSWER(",\"upTime\":4294967296"),         "upTime" },
	{ "bad answer: upTime, a text",    ANSWER(",\"upTime\":\"1\""),              "upTime" },
	{ "bad answer: upTime, null",      ANSWER(",\"upTime\":null"),               "upTime" },
	{ "bad answer: web service",       ANSWER(",\"webService\":\"absent\""),     "webService" },
	{ "bad answer: web, empty",        ANSWER(",\"webService\":\"\""),           "webService" },
	{ "bad answer: ftp, a number",     ANSWER(",\"ftp\":1"),                     "ftp" },
	{ "bad answer: ftp, empty",        ANSWER(",\"ftp\":{}"),                    "ftp" },
	{ "bad answer: ftp, one missing",  ANSWER(",\"ftp\":{\"anonymousUsers\":1,\"namedUsers\":1}"), "logonAttempts" },
	{ "bad answer: ftp, anonymous",    FTP("-1", "1", "1"),                      "anonymousUsers" },
	{ "bad answer: ftp, named",        FTP("1", "4294967296", "1"),              "namedUsers" },
	{ "bad answer: ftp, attempts",     FTP("1", "1", "1.5"),                     "integer" },
};
/* clang-format on */

static void check_bad_answer(void **state)
{
	const char *const *row = *state;
	struct snmp_answer a = { .up_time = 42 };
	char why[FETCH_WHY_SIZE] = "";

	assert_int_equal(snmp_answer_parse(row[1], strlen(row[1]), &a, why), -EBADMSG);
	if (!strstr(why, row[2]))
		fail_msg("said: %s", why);
	assert_printable(why);
	assert_int_equal(a.up_time, 42);
}

/* The largest answer fits, whatever has to be escaped. */
static void test_answer_bounds(void **state)
{
	struct snmp_answer a = { .state = FETCH_WRONG_PASSWORD,
		.has_up_time = true,
		.up_time = UINT32_MAX,
		.web = WEB_NOT_LISTED,
		.has_ftp = true,
		.anonymous_users = UINT32_MAX,
		.named_users = UINT32_MAX,
		.logon_attempts = UINT32_MAX };
	char line[SNMP_ANSWER_MAX], text[SNMP_ANSWER_MAX + 1], why[FETCH_WHY_SIZE] = "";
	struct snmp_answer got;
	int len;

	memset(a.reason, '"', FETCH_REASON_MAX);
	len = snmp_answer_write(&a, line);
	assert_true(len > 2 * FETCH_REASON_MAX && len <= SNMP_ANSWER_MAX);
	assert_int_equal(snmp_answer_parse(line, (size_t)len, &got, why), 0);
	assert_string_equal(got.reason, a.reason);
	memset(text, ' ', sizeof(text));
	memcpy(text, line, (size_t)len);
	assert_int_equal(snmp_answer_parse(text, sizeof(text), &got, why), -EBADMSG);
	assert_int_equal(snmp_answer_parse(text, sizeof(text) - 1, &got, why), 0);
	snprintf(text, sizeof(text), ANSWER(",\"reason\":\"%0*d\""), FETCH_REASON_MAX + 1, 0);
	assert_int_equal(snmp_answer_parse(text, strlen(text), &got, why), -EBADMSG);
	assert_non_null(strstr(why, "too long"));
}

/* As many values as there may be, each as long as may be; but not of nothing but quotation marks.
 */
static void test_values_bounds(void **state)
{
	static struct snmp_answer a = { .state = FETCH_PRESENT, .n_values = SNMP_GET_MAX }, got;
	char line[SNMP_ANSWER_MAX], why[FETCH_WHY_SIZE] = "";
	int len;

	for (size_t i = 0; i < SNMP_GET_MAX; i++) {
		a.values[i].kind = SNMP_TEXT;
		memset(a.values[i].text, 'x', SNMP_TEXT_MAX);
	}
	memset(a.reason, '"', FETCH_REASON_MAX);
	len = snmp_answer_write(&a, line);
	assert_true(len > SNMP_GET_MAX * SNMP_TEXT_MAX);
	assert_int_equal(snmp_answer_parse(line, (size_t)len, &got, why), 0);
	assert_string_equal(got.values[SNMP_GET_MAX - 1].text, a.values[0].text);
	for (size_t i = 0; i < SNMP_GET_MAX; i++)
		memset(a.values[i].text, '"', SNMP_TEXT_MAX);
	assert_int_equal(snmp_answer_write(&a, line), -EMSGSIZE);
}

int main(void)
{
	UNIT_ROWS(bad_request_rows, check_bad_request);
	UNIT_ROWS(request_rows, check_request);
	UNIT_TEST(test_request_bounds);
	UNIT_TEST(test_request_too_long);
	UNIT_ROWS(answer_rows, check_answer);
	UNIT_ROWS(bad_answer_rows, check_bad_answer);
	UNIT_TEST(test_answer_bounds);
	UNIT_TEST(test_values_bounds);
	return unit_run("snmp_protocol");
}
