/* SPDX-License-Identifier: ISC */
/* What is said to and by ftphealth-smb: addresses, requests, answers, credentials. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "tests/unit/unit.h"

#include "probes/smb_credentials.h"
#include "probes/smb_protocol.h"

/* ------------------------------------------------------------------ URLs */

struct url_row {
	const char *label;
	const char *url;
	const char *host;
	unsigned port;
	const char *share, *path;
	const char *standard, *libsmbclient; /* as written again */
};

/* clang-format off */
static const struct url_row url_rows[] = {
	{ "url: usual", "smb://nt4/ADMIN$/system32/iissuba.dll", "nt4", 0, "ADMIN$", "system32/iissuba.dll",
	  "smb://nt4/ADMIN%24/system32/iissuba.dll", "smb://nt4/ADMIN%24/system32/iissuba.dll" },
	{ "url: port", "SMB://h.example:139/a/b", "h.example", 139, "a", "b",
	  "smb://h.example:139/a/b", "smb://h.example:139/a/b" },
	{ "url: highest port", "smb://h:65535/a/b", "h", 65535, "a", "b",
	  "smb://h:65535/a/b", "smb://h:65535/a/b" },
	{ "url: IPv6", "smb://[fe80::1]/C$/b", "fe80::1", 0, "C$", "b",
	  "smb://[fe80::1]/C%24/b", "smb://fe80%3A%3A1/C%24/b" },
	{ "url: IPv6 and port", "smb://[::1]:1445/C$/b", "::1", 1445, "C$", "b",
	  "smb://[::1]:1445/C%24/b", "smb://%3A%3A1:1445/C%24/b" },
	{ "url: percent-encoding", "smb://h/C%24/my%20file%25%23", "h", 0, "C$", "my file%#",
	  "smb://h/C%24/my%20file%25%23", "smb://h/C%24/my%20file%25%23" },
	{ "url: backslashes", "smb://h/s/a\\b%5cc", "h", 0, "s", "a/b/c", "smb://h/s/a/b/c", "smb://h/s/a/b/c" },
	{ "url: UTF-8", "smb://h/s/\xc3\xa4", "h", 0, "s", "\xc3\xa4", "smb://h/s/%C3%A4", "smb://h/s/%C3%A4" },
	{ "url: two dots within a name", "smb://h/s/a..b", "h", 0, "s", "a..b", "smb://h/s/a..b", "smb://h/s/a..b" },
};

static const struct { const char *label, *url, *why; } bad_url_rows[] = {
	{ "bad url: empty",              "",                          "smb://" },
	{ "bad url: another scheme",     "http://h/s/f",              "smb://" },
	{ "bad url: no share",           "smb://h",                   "no share" },
	{ "bad url: no file",            "smb://h/s",                 "no share and file" },
	{ "bad url: share alone",        "smb://h/s/",                "no share and file" },
	{ "bad url: no host",            "smb:///s/f",                "no host" },
	{ "bad url: user",               "smb://u@h/s/f",             "netrc" },
	{ "bad url: password",           "smb://u:p@h/s/f",           "netrc" },
	{ "bad url: port is no number",  "smb://h:x/s/f",             "port" },
	{ "bad url: port is missing",    "smb://h:/s/f",              "port" },
	{ "bad url: port 0",             "smb://h:0/s/f",             "port" },
	{ "bad url: port too large",     "smb://h:65536/s/f",         "port" },
	{ "bad url: port far too large", "smb://h:4294967297/s/f",    "port" },
	{ "bad url: IPv6 not closed",    "smb://[::1/s/f",            "]" },
	{ "bad url: after the IPv6",     "smb://[::1]x/s/f",          ":PORT" },
	{ "bad url: name in brackets",   "smb://[nt4]/s/f",           "no IPv6 address" },
	{ "bad url: IPv6 is none",       "smb://[1::2::3]/s/f",       "no IPv6 address" },
	{ "bad url: IPv6, no brackets",  "smb://::1/s/f",             "no host" },
	{ "bad url: blank in the host",  "smb://h h/s/f",             "no name and no address" },
	{ "bad url: percent in the host", "smb://h%41/s/f",           "no name and no address" },
	{ "bad url: newline",            "smb://h/s/a\nb",            "control" },
	{ "bad url: encoded newline",    "smb://h/s/a%0ab",           "control" },
	{ "bad url: encoded NUL",        "smb://h/s/a%00b",           "control" },
	{ "bad url: encoded DEL",        "smb://h/s/a%7Fb",           "control" },
	{ "bad url: C1",                 "smb://h/s/a%c2%85b",        "UTF-8" },
	{ "bad url: not UTF-8",          "smb://h/s/a%ff",            "UTF-8" },
	{ "bad url: half an escape",     "smb://h/s/a%4",             "%25" },
	{ "bad url: percent at the end", "smb://h/s/a%",              "%25" },
	{ "bad url: no escape",          "smb://h/s/a%zz",            "%25" },
	{ "bad url: up",                 "smb://h/s/a/../b",          ".." },
	{ "bad url: encoded up",         "smb://h/s/%2e%2e/b",        ".." },
	{ "bad url: here",               "smb://h/s/./b",             ".." },
	{ "bad url: share is up",        "smb://h/../b",              ".." },
	{ "bad url: two slashes",        "smb://h/s/a//b",            "empty part" },
	{ "bad url: slash at the end",   "smb://h/s/a/",              "empty part" },
	{ "bad url: empty share",        "smb://h//f",                "empty part" },
	{ "bad url: share with a slash", "smb://h/a%2fb/f",           "in a name" },
	{ "bad url: wildcard",           "smb://h/s/iis*.dll",        "in a name" },
	{ "bad url: options",            "smb://h/s/f?user=x",        "in a name" },
	{ "bad url: stream",             "smb://h/s/f:stream",        "in a name" },
};
/* clang-format on */

static void check_url(void **state)
{
	const struct url_row *row = *state;
	char text[SMB_URL_SIZE];
	struct smb_url u, again;
	const char *why;

	assert_int_equal(smb_url_parse(row->url, &u, &why), 0);
	assert_string_equal(u.host, row->host);
	assert_int_equal(u.port, row->port);
	assert_string_equal(u.share, row->share);
	assert_string_equal(u.path, row->path);
	smb_url_write(&u, SMB_URL_LIBSMBCLIENT, text);
	assert_string_equal(text, row->libsmbclient);
	smb_url_write(&u, SMB_URL_STANDARD, text);
	assert_string_equal(text, row->standard);
	assert_int_equal(smb_url_parse(text, &again, &why), 0);
	assert_memory_equal(&u, &again, sizeof(u));
	u.path[0] = '\0';
	smb_url_write(&u, SMB_URL_STANDARD, text);
	assert_int_equal(strncmp(text, row->standard, strlen(text)), 0);
	assert_int_not_equal(text[strlen(text) - 1], '/');
}

static void check_bad_url(void **state)
{
	const char *const *row = *state;
	const char *why = NULL;
	struct smb_url u;

	memset(&u, 'x', sizeof(u));
	assert_int_equal(smb_url_parse(row[1], &u, &why), -EINVAL);
	assert_non_null(strstr(why, row[2]));
	assert_int_equal(u.host[0], 'x');
}

static void test_url_bounds(void **state)
{
	static const size_t limits[] = { SMB_HOST_MAX, SMB_SHARE_MAX, SMB_PATH_MAX };

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
		for (size_t over = 0; over < 2; over++) {
			char parts[3][SMB_PATH_MAX + 2] = { "h", "s", "p" };
			char url[2048], text[SMB_URL_SIZE];
			struct smb_url u;
			const char *why;

			memset(parts[i], i ? '$' : 'h', limits[i] + over);
			snprintf(url, sizeof(url), "smb://%s/%s/%s", parts[0], parts[1], parts[2]);
			assert_int_equal(smb_url_parse(url, &u, &why), over ? -EINVAL : 0);
			if (over)
				continue;
			smb_url_write(&u, SMB_URL_LIBSMBCLIENT, text);
			assert_true(strlen(text) < SMB_URL_SIZE);
		}
}

/* ------------------------------------------------------------------ requests */

#define URLS "\"version\":1,\"control\":\"smb://h/s/c\",\"files\":[\"smb://H/S/f\"]"
#define LIMITS "\"timeLimit\":1000,\"byteLimit\":5"
#define REQUEST(more) "{" URLS "," LIMITS more "}"

/* clang-format off */
static const struct { const char *label, *text, *why; } bad_request_rows[] = {
	{ "bad request: empty",            "",                                           "no JSON" },
	{ "bad request: half",             "{" URLS,                                     "no JSON" },
	{ "bad request: more behind",      REQUEST("") "x",                              "no JSON" },
	{ "bad request: a list",           "[]",                                         "object" },
	{ "bad request: no limits",        "{" URLS "}",                                 "timeLimit" },
	{ "bad request: unknown key",      REQUEST(",\"password\":\"x\""),               "password" },
	{ "bad request: key twice",        REQUEST(",\"byteLimit\":6"),                  "byteLimit" },
	{ "bad request: NUL",              REQUEST(",\"domain\":\"a\\u0000b\""),         "no JSON" },
	{ "bad request: version",
	  "{\"version\":2,\"control\":\"smb://h/s/c\",\"files\":[\"smb://h/s/f\"]," LIMITS "}", "version" },
	{ "bad request: control is bad",
	  "{\"version\":1,\"control\":\"smb://h\\u001b/s/c\",\"files\":[\"smb://h/s/f\"]," LIMITS "}", "control: " },
	{ "bad request: no control",
	  "{\"version\":1,\"files\":[\"smb://h/s/f\"]," LIMITS "}",                      "control" },
	{ "bad request: files are no list",
	  "{\"version\":1,\"control\":\"smb://h/s/c\",\"files\":\"smb://h/s/f\"," LIMITS "}", "1 to 8" },
	{ "bad request: no file",
	  "{\"version\":1,\"control\":\"smb://h/s/c\",\"files\":[]," LIMITS "}",         "1 to 8" },
	{ "bad request: nine files",
	  "{\"version\":1,\"control\":\"smb://h/s/c\",\"files\":[1,2,3,4,5,6,7,8,9]," LIMITS "}", "1 to 8" },
	{ "bad request: a file is no URL",
	  "{\"version\":1,\"control\":\"smb://h/s/c\",\"files\":[1]," LIMITS "}",        "not a string" },
	{ "bad request: another share",
	  "{\"version\":1,\"control\":\"smb://h/s/c\",\"files\":[\"smb://h/t/f\"]," LIMITS "}", "proves nothing" },
	{ "bad request: another host",
	  "{\"version\":1,\"control\":\"smb://h/s/c\",\"files\":[\"smb://i/s/f\"]," LIMITS "}", "proves nothing" },
	{ "bad request: another port",
	  "{\"version\":1,\"control\":\"smb://h/s/c\",\"files\":[\"smb://h:1/s/f\"]," LIMITS "}", "proves nothing" },
	{ "bad request: too little time",  "{" URLS ",\"timeLimit\":99,\"byteLimit\":5}",     "timeLimit" },
	{ "bad request: too much time",    "{" URLS ",\"timeLimit\":600001,\"byteLimit\":5}", "timeLimit" },
	{ "bad request: negative bytes",   "{" URLS ",\"timeLimit\":1000,\"byteLimit\":-1}",  "byteLimit" },
	{ "bad request: bytes overflow",
	  "{" URLS ",\"timeLimit\":1000,\"byteLimit\":9223372036854775808}",             "no JSON" },
	{ "bad request: least protocol",   REQUEST(",\"minProtocol\":\"SMB9\""),         "minProtocol: not NT1" },
	{ "bad request: best protocol",    REQUEST(",\"maxProtocol\":\"\\u001b\""),      "\\x1B" },
	{ "bad request: protocols swapped",
	  REQUEST(",\"minProtocol\":\"SMB3\",\"maxProtocol\":\"NT1\""),                  "above" },
	{ "bad request: netrc relative",   REQUEST(",\"netrc\":\"netrc\""),              "absolute" },
	{ "bad request: netrc, newline",   REQUEST(",\"netrc\":\"/a\\nb\""),             "control" },
	{ "bad request: a path as a name", REQUEST(",\"credential\":\"../x\""),          "credential" },
	{ "bad request: slash in a name",  REQUEST(",\"credential\":\"a/x\""),           "credential" },
	{ "bad request: both",             REQUEST(",\"netrc\":\"/a\",\"credential\":\"b\""), "one of them" },
};
/* clang-format on */

static void check_bad_request(void **state)
{
	const char *const *row = *state;
	char why[SMB_WHY_SIZE] = "";
	struct smb_request r;

	assert_int_equal(smb_request_parse(row[1], strlen(row[1]), &r, why), -EINVAL);
	if (!strstr(why, row[2]))
		fail_msg("said: %s", why);
	for (const char *p = why; *p; p++)
		assert_in_range((unsigned char)*p, 0x20, 0x7e);
}

static void set_url(struct smb_url *u, const char *url)
{
	const char *why;

	assert_int_equal(smb_url_parse(url, u, &why), 0);
}

static void assert_same_url(const struct smb_url *a, const struct smb_url *b)
{
	assert_string_equal(a->host, b->host);
	assert_int_equal(a->port, b->port);
	assert_string_equal(a->share, b->share);
	assert_string_equal(a->path, b->path);
}

static void test_request_round_trip(void **state)
{
	_cleanup_(freep) char *text = NULL;
	char why[SMB_WHY_SIZE] = "";
	struct smb_request r, got;

	smb_request_init(&r);
	set_url(&r.control, "smb://[::1]:139/ADMIN$/system32/msv1_0.dll");
	set_url(&r.files[0], "smb://[::1]:139/admin$/system32/iissuba.dll");
	set_url(&r.files[1], "smb://[::1]:139/ADMIN$/system32/inetsrv/iissuba.dll");
	r.n_files = 2;
	r.time_limit_ms = 1234;
	r.byte_limit = UINT64_C(1) << 40;
	r.min = SMB_SMB2;
	r.max = SMB_SMB2;
	r.ntlmv1 = true;
	strcpy(r.domain, "RIG \"x\" \\");
	strcpy(r.netrc, "/etc/ftphealth/netrc");
	assert_int_equal(smb_request_write(&r, &text), 0);
	assert_int_equal(smb_request_parse(text, strlen(text), &got, why), 0);
	assert_same_url(&got.control, &r.control);
	assert_same_url(&got.files[0], &r.files[0]);
	assert_same_url(&got.files[1], &r.files[1]);
	assert_int_equal(got.n_files, 2);
	assert_int_equal(got.time_limit_ms, 1234);
	assert_true(got.byte_limit == r.byte_limit);
	assert_int_equal(got.min, SMB_SMB2);
	assert_int_equal(got.max, SMB_SMB2);
	assert_true(got.ntlmv1);
	assert_string_equal(got.domain, r.domain);
	assert_string_equal(got.netrc, r.netrc);
	assert_string_equal(got.credential, "");
}

static void test_request_defaults(void **state)
{
	static const char text[] = REQUEST(",\"credential\":\"nt4\"");
	char why[SMB_WHY_SIZE] = "";
	struct smb_request r;

	assert_int_equal(smb_request_parse(text, strlen(text), &r, why), 0);
	assert_int_equal(r.min, SMB_NT1);
	assert_int_equal(r.max, SMB_SMB3);
	assert_false(r.ntlmv1);
	assert_string_equal(r.domain, "");
	assert_string_equal(r.credential, "nt4");
	assert_int_equal(r.time_limit_ms, 1000);
	assert_int_equal(r.byte_limit, 5);
}

static void test_request_too_long(void **state)
{
	static char text[SMB_REQUEST_MAX + 1];
	char why[SMB_WHY_SIZE] = "";
	struct smb_request r;

	memset(text, ' ', sizeof(text));
	memcpy(text, REQUEST(""), strlen(REQUEST("")));
	assert_int_equal(smb_request_parse(text, sizeof(text), &r, why), -EINVAL);
	assert_non_null(strstr(why, "longer"));
	assert_int_equal(smb_request_parse(text, sizeof(text) - 1, &r, why), 0);
}

/* ------------------------------------------------------------------ answers */

#define HASH "3f7680206877d713ad0ecbd1f292768584f48b043e3b57cee4eae6327ef80322"
#define CONTROL "{\"state\":\"present\",\"size\":1,\"mtime\":2}"
#define ANSWER(control, file) "{\"version\":1,\"control\":" control ",\"files\":[" file "]}\n"

/* clang-format off */
static const struct { const char *label, *text, *why; } bad_answer_rows[] = {
	{ "bad answer: empty",             "",                                           "no JSON" },
	{ "bad answer: cut",               "{\"version\":1,",                            "no JSON" },
	{ "bad answer: version",           "{\"version\":2,\"control\":" CONTROL ",\"files\":[" CONTROL "]}", "version" },
	{ "bad answer: no control",        "{\"version\":1,\"files\":[" CONTROL "]}",    "control" },
	{ "bad answer: no file",           ANSWER(CONTROL, ""),                          "number of files" },
	{ "bad answer: two files",         ANSWER(CONTROL, CONTROL "," CONTROL),         "number of files" },
	{ "bad answer: a file is no object", ANSWER(CONTROL, "1"),                       "object" },
	{ "bad answer: no such state",     ANSWER(CONTROL, "{\"state\":\"gone\\u001b\"}"), "gone\\x1B" },
	{ "bad answer: unknown key",       ANSWER(CONTROL, "{\"state\":\"absent\",\"x\":1}"), "x" },
	{ "bad answer: size alone",        ANSWER(CONTROL, "{\"state\":\"present\",\"size\":1}"), "one alone" },
	{ "bad answer: time alone",        ANSWER(CONTROL, "{\"state\":\"present\",\"mtime\":1}"), "one alone" },
	{ "bad answer: negative size",     ANSWER(CONTROL, "{\"state\":\"present\",\"size\":-1,\"mtime\":1}"), "negative" },
	{ "bad answer: present, no size",  ANSWER(CONTROL, "{\"state\":\"present\"}"),   "missing" },
	{ "bad answer: hash too short",
	  ANSWER(CONTROL, "{\"state\":\"present\",\"size\":1,\"mtime\":2,\"sha256\":\"00\"}"), "64" },
	{ "bad answer: hash too long",
	  ANSWER(CONTROL, "{\"state\":\"present\",\"size\":1,\"mtime\":2,\"sha256\":\"" HASH "0\"}"), "too long" },
	{ "bad answer: hash of an absent file",
	  ANSWER(CONTROL, "{\"state\":\"absent\",\"sha256\":\"" HASH "\"}"),             "not read" },
	{ "bad answer: reason with a newline",
	  ANSWER(CONTROL, "{\"state\":\"failed\",\"reason\":\"a\\nb\"}"),                "printable" },
	{ "bad answer: absent, control denied",
	  ANSWER("{\"state\":\"accessDenied\"}", "{\"state\":\"absent\"}"),              "without a control" },
	{ "bad answer: absent, control unknown",
	  ANSWER("{\"state\":\"unknown\"}", "{\"state\":\"absent\"}"),                   "without a control" },
	{ "bad answer: control is absent",
	  ANSWER("{\"state\":\"absent\"}", "{\"state\":\"unknown\"}"),                   "the control file" },
};
/* clang-format on */

static void check_bad_answer(void **state)
{
	const char *const *row = *state;
	char why[SMB_WHY_SIZE] = "";
	struct smb_answer a;

	a.n_files = 77;
	assert_int_equal(smb_answer_parse(row[1], strlen(row[1]), 1, &a, why), -EBADMSG);
	if (!strstr(why, row[2]))
		fail_msg("said: %s", why);
	for (const char *p = why; *p; p++)
		assert_in_range((unsigned char)*p, 0x20, 0x7e);
	assert_int_equal(a.n_files, 77);
}

/* The longest answer there can be: it fits, and comes back as it was. */
static void test_answer_round_trip(void **state)
{
	char text[SMB_ANSWER_MAX], why[SMB_WHY_SIZE] = "";
	struct smb_answer a, got;
	int len;

	memset(&a, 0, sizeof(a));
	a.n_files = SMB_FILES_MAX;
	a.control = (struct smb_file){ .state = SMB_PRESENT,
		.has_stat = true,
		.size = INT64_MAX,
		.mtime = INT64_MIN,
		.sha256 = HASH };
	memset(a.control.reason, '\\', SMB_REASON_MAX);
	for (size_t i = 0; i < SMB_FILES_MAX; i++)
		a.files[i] = a.control;
	len = smb_answer_write(&a, text);
	assert_in_range(len, 1, SMB_ANSWER_MAX);
	assert_int_equal(text[len - 1], '\n');
	assert_int_equal(smb_answer_parse(text, (size_t)len, SMB_FILES_MAX, &got, why), 0);
	assert_memory_equal(&got, &a, sizeof(a));
}

static void test_answer_states(void **state)
{
	for (int i = 0; i < SMB_STATES; i++) {
		struct smb_answer a, got;
		char text[SMB_ANSWER_MAX], why[SMB_WHY_SIZE] = "";
		int len;

		memset(&a, 0, sizeof(a));
		a.n_files = 1;
		a.control = (struct smb_file){ .state = SMB_PRESENT, .has_stat = true };
		a.files[0].state = (enum smb_state)i;
		a.files[0].has_stat = i == SMB_PRESENT;
		len = smb_answer_write(&a, text);
		assert_non_null(strstr(text, smb_state_label((enum smb_state)i)));
		assert_int_equal(smb_answer_parse(text, (size_t)len, 1, &got, why), 0);
		assert_int_equal(got.files[0].state, i);
	}
}

/* ------------------------------------------------------------------ credentials */

struct netrc_row {
	const char *label;
	const char *text;
	const char *user, *password, *domain; /* NULL: refused, with WHY */
	const char *why;
};

/* clang-format off */
static const struct netrc_row netrc_rows[] = {
	{ "netrc: one line",         "machine nt4 login u password p", "u", "p", "", NULL },
	{ "netrc: many lines",       "machine nt4\r\n\tlogin u\r\n\tpassword p\r\n", "u", "p", "", NULL },
	{ "netrc: case of the host", "machine NT4 login u password p", "u", "p", "", NULL },
	{ "netrc: second machine",   "machine a login b password c\nmachine nt4 login u password p", "u", "p", "", NULL },
	{ "netrc: first of two",     "machine nt4 login u password p\nmachine nt4 login x password y", "u", "p", "", NULL },
	{ "netrc: default",          "machine a login b password c default login u password p", "u", "p", "", NULL },
	{ "netrc: machine before default", "machine nt4 login u password p\ndefault login x password y", "u", "p", "", NULL },
	{ "netrc: comment",          "# machine nt4 login x\nmachine nt4 login u password p\n#", "u", "p", "", NULL },
	{ "netrc: # in a password",  "machine nt4 login u password #p", "u", "#p", "", NULL },
	{ "netrc: account",          "machine nt4 login u account D password p", "u", "p", "D", NULL },
	{ "netrc: backslash",        "machine nt4 login D\\u password p\\n", "u", "p\\n", "D", NULL },
	{ "netrc: slash",            "machine nt4 account E login D/u password p/q", "u", "p/q", "D", NULL },
	{ "netrc: at",               "machine nt4 login u@d.example password p", "u@d.example", "p", "", NULL },
	{ "netrc: quotes",           "machine nt4 login \"u v\" password \"a \\\"b\\\\\"", "u v", "a \"b\\", "", NULL },
	{ "netrc: quoted keyword",   "machine nt4 login u password \"machine\"", "u", "machine", "", NULL },
	{ "netrc: empty password",   "machine nt4 login u password \"\"", "u", "", "", NULL },
	{ "bad netrc: empty",        "",                               NULL, NULL, NULL, "no entry for machine nt4" },
	{ "bad netrc: another host", "machine nt5 login u password p", NULL, NULL, NULL, "no entry for machine nt4" },
	{ "bad netrc: no login",     "machine nt4 password secret",    NULL, NULL, NULL, "no login" },
	{ "bad netrc: no password",  "machine nt4 login u",            NULL, NULL, NULL, "no password" },
	{ "bad netrc: of the next machine", "machine nt4 login u machine b password p", NULL, NULL, NULL, "no password" },
	{ "bad netrc: end after a keyword", "machine nt4 login u\npassword", NULL, NULL, NULL, "line 2: a keyword" },
	{ "bad netrc: no name",      "machine",                        NULL, NULL, NULL, "line 1: machine without" },
	{ "bad netrc: macdef",       "macdef init\nsecret\n",          NULL, NULL, NULL, "line 1: none of" },
	{ "bad netrc: unknown word", "machine nt4\nuser secret",       NULL, NULL, NULL, "line 2: none of" },
	{ "bad netrc: quote open",   "machine nt4 password \"secret",  NULL, NULL, NULL, "no closing quote" },
	{ "bad netrc: escape",       "machine nt4 password \"\\xsecret\"", NULL, NULL, NULL, "escape" },
	{ "bad netrc: newline in quotes", "machine nt4 password \"a\\nb\"", NULL, NULL, NULL, "control" },
	{ "bad netrc: control character", "machine nt4 password a\x01secret", NULL, NULL, NULL, "control" },
};
/* clang-format on */

static void check_netrc(void **state)
{
	const struct netrc_row *row = *state;
	size_t len = strlen(row->text);
	_cleanup_(freep) char *text = malloc(len + 1); /* to the octet, for the address sanitizer */
	char why[SMB_WHY_SIZE] = "";
	struct smb_credentials c = { .user = "" };
	int error;

	assert_non_null(text);
	memcpy(text, row->text, len);
	error = smb_credentials_parse(text, len, "nt4", &c, why);
	if (row->user) {
		assert_int_equal(error, 0);
		assert_string_equal(c.user, row->user);
		assert_string_equal(c.password, row->password);
		assert_string_equal(c.domain, row->domain);
	} else {
		assert_int_equal(error, -EINVAL);
		if (!strstr(why, row->why))
			fail_msg("said: %s", why);
		assert_null(strstr(why, "secret"));
		assert_string_equal(c.user, "");
	}
}

static void test_netrc_long_word(void **state)
{
	for (size_t over = 0; over < 2; over++) {
		char text[1024] = "machine nt4 login u password ", why[SMB_WHY_SIZE];
		struct smb_credentials c;

		memset(text + strlen(text), 'p', SMB_NAME_MAX + over);
		assert_int_equal(smb_credentials_parse(text, strlen(text), "nt4", &c, why),
			over ? -EINVAL : 0);
	}
}

static void test_netrc_nul(void **state)
{
	static const char text[] = "machine nt4 login u password a\0b";
	char why[SMB_WHY_SIZE];
	struct smb_credentials c;

	assert_int_equal(smb_credentials_parse(text, sizeof(text) - 1, "nt4", &c, why), -EINVAL);
}

static void test_wipe(void **state)
{
	static const struct smb_credentials nothing;
	struct smb_credentials c;

	memset(&c, 'x', sizeof(c));
	smb_credentials_wipe(&c);
	assert_memory_equal(&c, &nothing, sizeof(c));
}

/* ------------------------------------------------------------------ files of credentials */

static char folder[] = "/tmp/test_smb.XXXXXX";

static void put_file(const char *name, mode_t mode)
{
	static const char text[] = "machine nt4 login u password p\n";
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static int load(const char *netrc, const char *credential, struct smb_credentials *ret, char *why)
{
	struct smb_request r;

	smb_request_init(&r);
	strcpy(r.control.host, "nt4");
	strcpy(r.domain, "FALLBACK");
	if (netrc)
		snprintf(r.netrc, sizeof(r.netrc), "%s/%s", folder, netrc);
	if (credential)
		snprintf(r.credential, sizeof(r.credential), "%s", credential);
	return smb_credentials_load(&r, folder, ret, why);
}

static void test_load(void **state)
{
	char why[SMB_WHY_SIZE], path[64], other[64];
	struct smb_credentials c;

	put_file("good", 0600);
	put_file("readonly", 0400);
	put_file("group", 0640);
	put_file("others", 0604);
	snprintf(path, sizeof(path), "%s/link", folder);
	snprintf(other, sizeof(other), "%s/good", folder);
	assert_int_equal(symlink(other, path), 0);
	snprintf(path, sizeof(path), "%s/pipe", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	snprintf(path, sizeof(path), "%s/large", folder);
	put_file("large", 0600);
	assert_int_equal(truncate(path, SMB_CREDENTIALS_FILE_MAX + 1), 0);

	assert_int_equal(load("good", NULL, &c, why), 0);
	assert_string_equal(c.user, "u");
	assert_string_equal(c.domain, "FALLBACK");
	assert_int_equal(load("readonly", NULL, &c, why), 0);
	assert_int_equal(load(NULL, "good", &c, why), 0);
	assert_string_equal(c.password, "p");
	assert_int_equal(load(NULL, "group", &c, why), 0); /* systemd's access list shows so */
	assert_int_equal(load(NULL, NULL, &c, why), 0);
	assert_string_equal(c.user, "");

	assert_int_equal(load("group", NULL, &c, why), -EPERM);
	assert_non_null(strstr(why, "chmod 600"));
	assert_int_equal(load("others", NULL, &c, why), -EPERM);
	assert_int_equal(load(NULL, "others", &c, why), -EPERM);
	assert_int_equal(load("link", NULL, &c, why), -ELOOP);
	assert_non_null(strstr(why, "symbolic link"));
	assert_int_equal(load("pipe", NULL, &c, why), -EPERM);
	assert_non_null(strstr(why, "regular"));
	assert_int_equal(load("large", NULL, &c, why), -EPERM);
	assert_non_null(strstr(why, "larger"));
	assert_int_equal(load("nosuch", NULL, &c, why), -ENOENT);
	assert_non_null(strstr(why, "/nosuch: No such file"));
	assert_int_equal(load(".", NULL, &c, why), -EPERM);
}

static int make_folder(void **state)
{
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	static const char *const names[] = { "good", "readonly", "group", "others", "link", "pipe",
		"large" };
	char path[64];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	return rmdir(folder);
}

int main(void)
{
	UNIT_ROWS(url_rows, check_url);
	UNIT_ROWS(bad_url_rows, check_bad_url);
	UNIT_TEST(test_url_bounds);
	UNIT_ROWS(bad_request_rows, check_bad_request);
	UNIT_TEST(test_request_round_trip);
	UNIT_TEST(test_request_defaults);
	UNIT_TEST(test_request_too_long);
	UNIT_ROWS(bad_answer_rows, check_bad_answer);
	UNIT_TEST(test_answer_round_trip);
	UNIT_TEST(test_answer_states);
	UNIT_ROWS(netrc_rows, check_netrc);
	UNIT_TEST(test_netrc_long_word);
	UNIT_TEST(test_netrc_nul);
	UNIT_TEST(test_wipe);
	UNIT_TEST(test_load);
	unit_tests[unit_n_tests - 1].setup_func = make_folder;
	unit_tests[unit_n_tests - 1].teardown_func = remove_folder;
	return unit_run("smb_protocol");
}
