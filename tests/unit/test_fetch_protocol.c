/* SPDX-License-Identifier: ISC */
/* What is said to and by the programs that fetch: requests, answers, addresses, credentials. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "tests/unit/unit.h"

#include "probes/fetch_place.h"
#include "probes/fetch_protocol.h"
#include "probes/fetch_words.h"
#include "probes/smb_credentials.h"
#include "probes/smb_request.h"

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

#define FILES(files) "\"version\":1,\"control\":\"smb://h/s/c\",\"files\":[" files "]"
#define URLS FILES("\"smb://H/S/f\"")
#define LIMITS "\"timeLimit\":1000,\"byteLimit\":5"
#define REQUEST(more) "{" URLS "," LIMITS more "}"
#define REQUEST_OF(files, more) "{" FILES(files) "," LIMITS more "}"

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
	  "{\"version\":2,\"files\":[\"/f\"]," LIMITS "}",                               "version" },
	{ "bad request: control is bad",
	  "{\"version\":1,\"control\":\"smb://h\\u001b/s/c\",\"files\":[\"/f\"]," LIMITS "}", "control: " },
	{ "bad request: control is no string",
	  "{\"version\":1,\"control\":null,\"files\":[\"/f\"]," LIMITS "}",              "control: not a string" },
	{ "bad request: control is empty",
	  "{\"version\":1,\"control\":\"\",\"files\":[\"/f\"]," LIMITS "}",              "control: neither" },
	{ "bad request: files are no list",
	  "{\"version\":1,\"files\":\"smb://h/s/f\"," LIMITS "}",                        "1 to 8" },
	{ "bad request: no file",          REQUEST_OF("", ""),                           "1 to 8" },
	{ "bad request: nine files",       REQUEST_OF("1,2,3,4,5,6,7,8,9", ""),          "1 to 8" },
	{ "bad request: a file is no URL", REQUEST_OF("1", ""),                          "not a string" },
	{ "bad request: relative path",    REQUEST_OF("\"a/b\"", ""),                    "files: neither" },
	{ "bad request: a drive",          REQUEST_OF("\"C:\\\\a\"", ""),                "files: neither" },
	{ "bad request: no scheme",        REQUEST_OF("\"://h/f\"", ""),                 "files: neither" },
	{ "bad request: user in a URL",    REQUEST_OF("\"http://secret@h/f\"", ""),      "netrc file" },
	{ "bad request: password in a URL", REQUEST_OF("\"ftp://u:secret@h/f\"", ""),    "netrc file" },
	{ "bad request: at before a query", REQUEST_OF("\"http://secret@h?x\"", ""),     "netrc file" },
	{ "bad request: newline in a path", REQUEST_OF("\"/a\\nb\"", ""),                "control character" },
	{ "bad request: too little time",  "{" URLS ",\"timeLimit\":99,\"byteLimit\":5}",     "timeLimit" },
	{ "bad request: too much time",    "{" URLS ",\"timeLimit\":600001,\"byteLimit\":5}", "timeLimit" },
	{ "bad request: negative bytes",   "{" URLS ",\"timeLimit\":1000,\"byteLimit\":-1}",  "byteLimit" },
	{ "bad request: bytes overflow",
	  "{" URLS ",\"timeLimit\":1000,\"byteLimit\":9223372036854775808}",             "no JSON" },
	{ "bad request: contents of nothing",
	  "{" URLS ",\"timeLimit\":1000,\"byteLimit\":0,\"contents\":true}",             "byteLimit: not from 1" },
	{ "bad request: contents too large",
	  "{" URLS ",\"timeLimit\":1000,\"byteLimit\":67108865,\"contents\":true}",      "to 67108864" },
	{ "bad request: contents of two",  REQUEST_OF("\"/a\",\"/b\"", ",\"contents\":true"), "one file" },
	{ "bad request: contents is no boolean", REQUEST(",\"contents\":1"),             "true or false" },
	{ "bad request: tail alone",       REQUEST(",\"tail\":true"),                    "only with contents" },
	{ "bad request: head alone",       REQUEST(",\"contents\":true,\"head\":true"), "only with a tail" },
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

static void assert_printable(const char *why)
{
	for (const char *p = why; *p; p++)
		assert_in_range((unsigned char)*p, 0x20, 0x7e);
}

static void check_bad_request(void **state)
{
	const char *const *row = *state;
	char why[FETCH_WHY_SIZE] = "";
	struct fetch_request r;
	void *storage = NULL;

	assert_int_equal(fetch_request_parse(row[1], strlen(row[1]), &r, &storage, why), -EINVAL);
	if (!strstr(why, row[2]))
		fail_msg("said: %s", why);
	assert_null(strstr(why, "secret"));
	assert_null(storage);
	assert_printable(why);
}

static void assert_same_text(const char *a, const char *b)
{
	if (b)
		assert_string_equal(a, b);
	else
		assert_null(a);
}

static void check_round_trip(const struct fetch_request *r)
{
	char why[FETCH_WHY_SIZE] = "", *text;
	struct fetch_request got;
	void *storage;

	assert_int_equal(fetch_request_write(r, &text), 0);
	assert_int_equal(fetch_request_parse(text, strlen(text), &got, &storage, why), 0);
	free(text);
	assert_same_text(got.control, r->control);
	assert_int_equal(got.n_files, r->n_files);
	for (size_t i = 0; i < r->n_files; i++)
		assert_string_equal(got.files[i], r->files[i]);
	assert_int_equal(got.time_limit_ms, r->time_limit_ms);
	assert_true(got.byte_limit == r->byte_limit);
	assert_int_equal(got.contents, r->contents);
	assert_int_equal(got.tail, r->tail);
	assert_int_equal(got.min, r->min);
	assert_int_equal(got.max, r->max);
	assert_int_equal(got.ntlmv1, r->ntlmv1);
	assert_same_text(got.domain, r->domain);
	assert_same_text(got.netrc, r->netrc);
	assert_same_text(got.credential, r->credential);
	fetch_request_done(storage);
}

static void test_request_round_trip(void **state)
{
	struct fetch_request r;

	fetch_request_init(&r);
	r.files[0] = "/a b";
	r.n_files = 1;
	check_round_trip(&r);
	r.contents = true;
	r.tail = true;
	check_round_trip(&r);
	fetch_request_init(&r);
	r.control = "smb://[::1]/C$/a%20b";
	r.files[0] = "smb://h/s/\xc3\xa4\"\\";
	r.files[1] = "http://h/x@y?z";
	r.n_files = 2;
	r.time_limit_ms = 1234;
	r.byte_limit = UINT64_C(1) << 40;
	r.min = SMB_SMB2;
	r.max = SMB_SMB2;
	r.ntlmv1 = true;
	r.domain = "RIG \"x\" \\";
	r.netrc = "/etc/ftphealth/netrc";
	check_round_trip(&r);
}

static void test_request_defaults(void **state)
{
	static const char text[] = "{\"version\":1,\"files\":[\"/f\"]," LIMITS
				   ",\"credential\":\"nt4\",\"domain\":\"\",\"netrc\":\"\"}";
	char why[FETCH_WHY_SIZE] = "";
	struct fetch_request r;
	void *storage;

	assert_int_equal(fetch_request_parse(text, strlen(text), &r, &storage, why), 0);
	assert_null(r.control);
	assert_int_equal(r.min, SMB_NT1);
	assert_int_equal(r.max, SMB_SMB3);
	assert_false(r.ntlmv1 || r.contents || r.tail);
	assert_null(r.domain);
	assert_null(r.netrc);
	assert_string_equal(r.credential, "nt4");
	assert_int_equal(r.time_limit_ms, 1000);
	assert_int_equal(r.byte_limit, 5);
	fetch_request_done(storage);
}

static void test_request_bounds(void **state)
{
	static char text[FETCH_REQUEST_MAX + 1];
	char why[FETCH_WHY_SIZE] = "";
	struct fetch_request r;
	void *storage;

	memset(text, ' ', sizeof(text));
	memcpy(text, REQUEST(""), strlen(REQUEST("")));
	assert_int_equal(fetch_request_parse(text, sizeof(text), &r, &storage, why), -EINVAL);
	assert_non_null(strstr(why, "longer"));
	assert_int_equal(fetch_request_parse(text, sizeof(text) - 1, &r, &storage, why), 0);
	fetch_request_done(storage);
	for (size_t over = 0; over < 2; over++) {
		char path[FETCH_URL_MAX + 2] = "", *written;

		memset(path, '/', FETCH_URL_MAX + over);
		fetch_request_init(&r);
		r.files[0] = path;
		r.n_files = 1;
		assert_int_equal(fetch_request_write(&r, &written), 0);
		assert_int_equal(fetch_request_parse(written, strlen(written), &r, &storage, why),
			over ? -EINVAL : 0);
		if (over == 0)
			fetch_request_done(storage);
		free(written);
	}
}

static void test_is_smb(void **state)
{
	assert_true(fetch_is_smb("smb://h/s/f"));
	assert_true(fetch_is_smb("SMB://h/s/f"));
	assert_false(fetch_is_smb("smbs://h/s/f"));
	assert_false(fetch_is_smb("/smb://"));
}

/* ------------------------------------------------------------------ where the files are */

struct place_row {
	const char *label;
	const char *control, *first, *second;
	const char *why; /* NULL: fine */
};

/* clang-format off */
static const struct place_row smb_rows[] = {
	{ "smb: one share",     "smb://h/s/c", "smb://H/S/f", "smb://h/s/g",   NULL },
	{ "smb: no control",    NULL,          "smb://h/s/f", NULL,            NULL },
	{ "smb: another share", "smb://h/s/c", "smb://h/t/f", NULL,            "control: not on the share" },
	{ "smb: another host",  "smb://h/s/c", "smb://i/s/f", NULL,            "proves nothing" },
	{ "smb: another port",  "smb://h/s/c", "smb://h:1/s/f", NULL,          "proves nothing" },
	{ "smb: second elsewhere", NULL,       "smb://h/s/f", "smb://h/t/f",   "files: not on the share" },
	{ "smb: a path",        NULL,          "/f",          NULL,            "files: it does not start" },
	{ "smb: escape",        NULL,          "smb://h/s/\x1b", NULL,         "\\x1B" },
};

static const struct place_row place_rows[] = {
	{ "place: paths",         "/c",          "/f",             "/a/g",      NULL },
	{ "place: file and path", "file:///c",   "/f",             "FILE://localhost/g", NULL },
	{ "place: http",          "http://h/c",  "http://H:80/f",  "HTTP://h/g?x", NULL },
	{ "place: IPv6",          "ftp://[::1]/c", "ftp://[::1]:21/f", NULL,    NULL },
	{ "place: no control",    NULL,          "sftp://h/f",     NULL,        NULL },
	{ "place: tftp",          "tftp://h/c",  "tftp://h/f",     NULL,        NULL },
	{ "place: path and http", "/c",          "http://h/f",     NULL,        "control: not on the same" },
	{ "place: another host",  NULL,          "http://h/f",     "http://i/f", "files: not on the same" },
	{ "place: another port",  "http://h/c",  "http://h:81/f",  NULL,        "not on the same" },
	{ "place: another scheme", "http://h/c", "https://h:80/f", NULL,        "not on the same" },
	{ "place: smb",           NULL,          "smb://h/s/f",    NULL,        "none of http" },
	{ "place: gopher",        NULL,          "gopher://h/f",   NULL,        "none of http" },
	{ "place: long scheme",   NULL,          "abcdefghijklmnop://h/f", NULL, "none of http" },
	{ "place: file of a host", NULL,         "file://h/f",     NULL,        "file:" },
	{ "place: encoded NUL",   NULL,          "file:///f%00g",  NULL,        "decode" },
	{ "place: blank",         NULL,          "http://h/a b",   NULL,        "files: " },
	{ "place: port",          NULL,          "http://h:99999/f", NULL,      "ort" },
	{ "place: no host",       NULL,          "http://:80/f",   NULL,        "ost" },
	{ "place: FTP folder",    NULL,          "ftp://h/a/",     NULL,        "a folder" },
	{ "place: FTP root",      NULL,          "ftp://h",        NULL,        "a folder" },
	{ "place: SFTP folder",   NULL,          "sftp://h/a/",    NULL,        "a folder" },
	{ "place: FTP type",      NULL,          "ftp://h/a;type=d", NULL,      ";type=" },
};
/* clang-format on */

static struct fetch_request request_of(const struct place_row *row)
{
	struct fetch_request r;

	fetch_request_init(&r);
	r.control = row->control;
	r.files[r.n_files++] = row->first;
	if (row->second)
		r.files[r.n_files++] = row->second;
	return r;
}

static void check_why(int error, const char *why, const char *expected)
{
	assert_int_equal(error, expected ? -EINVAL : 0);
	if (expected && !strstr(why, expected))
		fail_msg("said: %s", why);
	assert_printable(why);
}

static void check_smb_place(void **state)
{
	const struct place_row *row = *state;
	struct fetch_request r = request_of(row);
	char why[FETCH_WHY_SIZE] = "";
	struct smb_request got;

	check_why(smb_request_read(&r, &got, why), why, row->why);
	if (row->why)
		return;
	assert_string_equal(got.urls[0].path, "f");
	assert_string_equal(got.urls[FETCH_FILES_MAX].path, row->control ? "c" : "");
}

static void check_place(void **state)
{
	const struct place_row *row = *state;
	struct fetch_request r = request_of(row);
	char why[FETCH_WHY_SIZE] = "";
	struct fetch_place p;

	check_why(fetch_place_read(&r, &p, why), why, row->why);
	if (!row->why) {
		assert_int_equal(!p.addresses[FETCH_FILES_MAX], !row->control);
		assert_int_equal(!p.addresses[1], !row->second);
		assert_string_equal(strrchr(p.addresses[0], '/'), "/f");
	}
	fetch_place_done(&p);
}

static void test_place_parts(void **state)
{
	struct fetch_request r;
	char why[FETCH_WHY_SIZE];
	struct fetch_place p;

	fetch_request_init(&r);
	r.files[0] = "HTTPS://[FE80::1]/a";
	r.n_files = 1;
	assert_int_equal(fetch_place_read(&r, &p, why), 0);
	assert_false(p.local);
	assert_true(fetch_place_is_http(&p));
	assert_string_equal(p.scheme, "https");
	assert_string_equal(p.host, "fe80::1");
	assert_string_equal(p.port, "443");
	fetch_place_done(&p);
	r.files[0] = "file:///a%20b%25";
	assert_int_equal(fetch_place_read(&r, &p, why), 0);
	assert_true(p.local);
	assert_string_equal(p.addresses[0], "/a b%");
	fetch_place_done(&p);
}

/* clang-format off */
static const struct led_row { const char *label, *asked, *got; bool name, host; } led_rows[] = {
	{ "led: nowhere", "http://h/s/f", "http://h/s/f", true, true },
	{ "led: another folder, scheme and port", "http://h/s/f", "https://H:8443/t/F", true, true },
	{ "led: a query and a fragment", "http://h/f?a=/b", "http://h/f#/c", true, true },
	{ "led: another name", "http://h/f", "http://h/login?from=/f", false, true },
	{ "led: a longer name", "http://h/f", "http://h/f2", false, true },
	{ "led: a folder", "http://h/f", "http://h/f/", false, true },
	{ "led: another host", "http://h/f", "http://h.example/f", true, false },
	{ "led: an address in brackets", "http://[::1]:1/f", "http://[::1]/f", true, true },
	{ "led: to what is no URL", "http://h/f", "http://h:x/f", true, false },
};
/* clang-format on */

static void check_led(void **state)
{
	const struct led_row *row = *state;
	struct fetch_request r;
	char why[FETCH_WHY_SIZE];
	struct fetch_place p;

	fetch_request_init(&r);
	r.files[r.n_files++] = row->asked;
	assert_int_equal(fetch_place_read(&r, &p, why), 0);
	assert_int_equal(fetch_place_same_name(p.addresses[0], row->got), row->name);
	assert_int_equal(fetch_place_has_host(&p, row->got), row->host);
	fetch_place_done(&p);
}

/* clang-format off */
static const struct { const char *label, *reply, *url; enum fetch_state state; } words_rows[] = {
	{ "words: proftpd",  "550 a.dll: No such file or directory", "ftp://h/a.dll", FETCH_ABSENT },
	{ "words: pure-ftpd", "550 Can't open a.dll: No such file or directory", "ftp://h/a.dll", FETCH_ABSENT },
	{ "words: IIS 4",    "550 a.dll: The system cannot find the file specified. ", "ftp://h/a.dll", FETCH_ABSENT },
	{ "words: IIS 4, path", "550 s/a.dll: The system cannot find the path specified. ", "ftp://h/s/a.dll", FETCH_ABSENT },
	{ "words: FileZilla", "550 File not found", "ftp://h/a.dll",                   FETCH_ABSENT },
	{ "words: IIS 4 denies", "550 a.dll: Access is denied. ", "ftp://h/a.dll",     FETCH_ACCESS_DENIED },
	{ "words: proftpd denies", "550 a.dll: Permission denied", "ftp://h/a.dll",    FETCH_ACCESS_DENIED },
	{ "words: folder",   "550 a: not a plain file.", "ftp://h/a",                  FETCH_FAILED },
	{ "words: in use",   "550 a: The process cannot access the file because it is being used", "ftp://h/a", FETCH_FAILED },
	{ "words: vsftpd does not tell", "550 Failed to open file.", "ftp://h/a",      FETCH_UNKNOWN },
	{ "words: vsftpd, its size", "550 Could not get file size.", "ftp://h/a",      FETCH_UNKNOWN },
	{ "words: both",     "550 No such file, or permission denied", "ftp://h/a",    FETCH_UNKNOWN },
	{ "words: of the name", "550 not found.dll: Permission denied", "ftp://h/x/not found.dll", FETCH_ACCESS_DENIED },
	{ "words: the name alone", "550 denied: Nein", "ftp://h/denied",               FETCH_UNKNOWN },
	{ "words: passing",  "450 No such file just now", "ftp://h/a",                 FETCH_FAILED },
	{ "words: none",     "", "ftp://h/a",                                          FETCH_UNKNOWN },
};
/* clang-format on */

static void check_words(void **state)
{
	const struct {
		const char *label, *reply, *url;
		enum fetch_state state;
	} *row = *state;

	assert_int_equal(fetch_words_state(row->reply, row->url), row->state);
}

/* ------------------------------------------------------------------ answers */

#define HASH "3f7680206877d713ad0ecbd1f292768584f48b043e3b57cee4eae6327ef80322"
#define CONTROL "{\"state\":\"present\",\"size\":1,\"mtime\":2}"
#define ANSWER(control, file) "{\"version\":1,\"control\":" control ",\"files\":[" file "]}\n"

/* clang-format off */
static const struct { const char *label, *text, *why; } bad_answer_rows[] = {
	{ "bad answer: empty",             "",                                           "no line" },
	{ "bad answer: cut",               "{\"version\":1,",                            "no line" },
	{ "bad answer: cut in the line",   "{\"version\":1,\n",                          "no JSON" },
	{ "bad answer: contents",
	  "{\"version\":1,\"control\":" CONTROL ",\"files\":[" CONTROL "],\"contents\":1}\nx", "not asked for" },
	{ "bad answer: octets behind",     ANSWER(CONTROL, CONTROL) "x",                 "behind" },
	{ "bad answer: version",           "{\"version\":2,\"control\":" CONTROL ",\"files\":[" CONTROL "]}\n", "version" },
	{ "bad answer: no control",        "{\"version\":1,\"files\":[" CONTROL "]}\n",  "control" },
	{ "bad answer: no file",           ANSWER(CONTROL, ""),                          "number of files" },
	{ "bad answer: two files",         ANSWER(CONTROL, CONTROL "," CONTROL),         "number of files" },
	{ "bad answer: a file is no object", ANSWER(CONTROL, "1"),                       "object" },
	{ "bad answer: no such state",     ANSWER(CONTROL, "{\"state\":\"gone\\u001b\"}"), "gone\\x1B" },
	{ "bad answer: unknown key",       ANSWER(CONTROL, "{\"state\":\"absent\",\"x\":1}"), "x" },
	{ "bad answer: size alone",        ANSWER(CONTROL, "{\"state\":\"present\",\"size\":1}"), "one alone" },
	{ "bad answer: time alone",        ANSWER(CONTROL, "{\"state\":\"present\",\"mtime\":1}"), "one alone" },
	{ "bad answer: negative size",     ANSWER(CONTROL, "{\"state\":\"present\",\"size\":-1,\"mtime\":1}"), "negative" },
	{ "bad answer: hash, no size",      ANSWER(CONTROL, "{\"state\":\"present\",\"sha256\":\"" HASH "\"}"), "not read" },
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

/* The request to which all these answers are. */
static struct fetch_request one_file(void)
{
	struct fetch_request r;

	fetch_request_init(&r);
	r.control = "/c";
	r.files[0] = "/f";
	r.n_files = 1;
	return r;
}

static void check_bad_answer(void **state)
{
	const char *const *row = *state;
	struct fetch_request r = one_file();
	char why[FETCH_WHY_SIZE] = "";
	struct fetch_answer a;

	a.n_files = 77;
	assert_int_equal(fetch_answer_parse(row[1], strlen(row[1]), &r, &a, why), -EBADMSG);
	if (!strstr(why, row[2]))
		fail_msg("said: %s", why);
	assert_printable(why);
	assert_int_equal(a.n_files, 77);
}

/* Of a request for contents, of at most 5 octets. */
static int parse_contents(const char *text, size_t len, struct fetch_answer *ret)
{
	struct fetch_request r = one_file();
	_cleanup_(freep) char *copy = malloc(len ? len : 1); /* to the octet, for the sanitizer */
	char why[FETCH_WHY_SIZE] = "";
	int error;

	r.control = NULL;
	r.contents = true;
	r.byte_limit = 5;
	assert_non_null(copy);
	memcpy(copy, text, len);
	error = fetch_answer_parse(copy, len, &r, ret, why);
	if (error == 0 && ret->has_contents) {
		assert_ptr_equal(ret->contents, copy + len - ret->contents_len);
		ret->contents = text + len - ret->contents_len;
	}
	assert_printable(why);
	return error;
}

#define PART_OF(size, n, octets) \
	"{\"version\":1,\"control\":{\"state\":\"unknown\"},\"files\":[{\"state\":\"present\"," \
	"\"size\":" size ",\"mtime\":2}],\"contents\":" n "}\n" octets
#define WHOLE_OF(size, n, octets) \
	"{\"version\":1,\"control\":{\"state\":\"unknown\"},\"files\":[{\"state\":\"present\"," \
	"\"size\":" size ",\"mtime\":2,\"sha256\":\"" HASH "\"}],\"contents\":" n "}\n" octets
#define WITHOUT(state) \
	"{\"version\":1,\"control\":{\"state\":\"unknown\"},\"files\":[{\"state\":\"" state \
	"\"}]}\n"

static void test_contents(void **state)
{
	static const char odd[] = WHOLE_OF("3", "3", "\n\0x");
	struct fetch_answer a;

	assert_int_equal(parse_contents(odd, sizeof(odd) - 1, &a), 0);
	assert_int_equal(a.contents_len, 3);
	assert_memory_equal(a.contents, "\n\0x", 3);
	assert_int_equal(parse_contents(odd, sizeof(odd) - 2, &a), -EBADMSG);
	assert_int_equal(parse_contents(odd, sizeof(odd), &a), -EBADMSG);
#define PARSE(text) parse_contents(text, strlen(text), &a)
	assert_int_equal(PARSE(WHOLE_OF("0", "0", "")), 0);
	assert_true(a.has_contents);
	assert_int_equal(PARSE(PART_OF("9", "5", "abcde")), 0);
	assert_int_equal(PARSE(WITHOUT("timeout")), 0);
	assert_false(a.has_contents);
	assert_null(a.contents);
	assert_int_equal(PARSE(WHOLE_OF("4", "3", "abc")), -EBADMSG);
	assert_int_equal(PARSE(PART_OF("9", "6", "abcdef")), -EBADMSG);
	assert_int_equal(PARSE(PART_OF("9", "-1", "")), -EBADMSG);
	assert_int_equal(PARSE(WITHOUT("present")), -EBADMSG);
	assert_int_equal(PARSE(WITHOUT("failed") "x"), -EBADMSG);
#undef PARSE
}

/* The longest answer there can be: it fits, and comes back as it was. */
static void test_answer_round_trip(void **state)
{
	char text[FETCH_ANSWER_MAX], why[FETCH_WHY_SIZE] = "";
	struct fetch_request r = one_file();
	struct fetch_answer a, got;
	int len;

	memset(&a, 0, sizeof(a));
	r.n_files = a.n_files = FETCH_FILES_MAX;
	a.control.state = FETCH_PRESENT;
	a.control.has_stat = true;
	a.control.size = INT64_MAX;
	a.control.mtime = INT64_MIN;
	strcpy(a.control.sha256, HASH);
	memset(a.control.reason, '\\', FETCH_REASON_MAX);
	for (size_t i = 0; i < FETCH_FILES_MAX; i++)
		memcpy(&a.files[i], &a.control, sizeof(a.control)); /* its padding too */
	len = fetch_answer_write(&a, text);
	assert_in_range(len, 1, FETCH_ANSWER_MAX);
	assert_int_equal(text[len - 1], '\n');
	assert_int_equal(fetch_answer_parse(text, (size_t)len, &r, &got, why), 0);
	assert_memory_equal(&got, &a, sizeof(a));
	assert_int_equal(fetch_answer_parse(text, (size_t)len - 1, &r, &got, why), -EBADMSG);
}

static void test_answer_states(void **state)
{
	for (int i = 0; i < FETCH_STATES; i++) {
		char text[FETCH_ANSWER_MAX], why[FETCH_WHY_SIZE] = "";
		struct fetch_request r = one_file();
		struct fetch_answer a, got;
		int len;

		memset(&a, 0, sizeof(a));
		a.n_files = 1;
		a.control = (struct fetch_file){ .state = FETCH_PRESENT, .has_stat = true };
		a.files[0].state = (enum fetch_state)i;
		len = fetch_answer_write(&a, text);
		assert_non_null(strstr(text, fetch_state_label((enum fetch_state)i)));
		assert_int_equal(fetch_answer_parse(text, (size_t)len, &r, &got, why), 0);
		assert_int_equal(got.files[0].state, i);
		r.control = NULL; /* then nobody can have looked for it */
		assert_int_equal(fetch_answer_parse(text, (size_t)len, &r, &got, why), -EBADMSG);
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
	char why[FETCH_WHY_SIZE] = "";
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
		char text[1024] = "machine nt4 login u password ", why[FETCH_WHY_SIZE];
		struct smb_credentials c;

		memset(text + strlen(text), 'p', FETCH_NAME_MAX + over);
		assert_int_equal(smb_credentials_parse(text, strlen(text), "nt4", &c, why),
			over ? -EINVAL : 0);
	}
}

static void test_netrc_nul(void **state)
{
	static const char text[] = "machine nt4 login u password a\0b";
	char why[FETCH_WHY_SIZE];
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

static char folder[] = "/tmp/test_fetch.XXXXXX";

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
	struct fetch_request r;
	char path[64];

	fetch_request_init(&r);
	r.domain = "FALLBACK";
	snprintf(path, sizeof(path), "%s/%s", folder, netrc ? netrc : "");
	r.netrc = netrc ? path : NULL;
	r.credential = credential;
	return smb_credentials_load(&r, "nt4", folder, ret, why);
}

static void test_load(void **state)
{
	char why[FETCH_WHY_SIZE], path[64], other[64];
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
	assert_non_null(strstr(why, "too large"));
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
	UNIT_TEST(test_request_bounds);
	UNIT_TEST(test_is_smb);
	UNIT_ROWS(smb_rows, check_smb_place);
	UNIT_ROWS(place_rows, check_place);
	UNIT_TEST(test_place_parts);
	UNIT_ROWS(led_rows, check_led);
	UNIT_ROWS(words_rows, check_words);
	UNIT_ROWS(bad_answer_rows, check_bad_answer);
	UNIT_TEST(test_answer_round_trip);
	UNIT_TEST(test_answer_states);
	UNIT_TEST(test_contents);
	UNIT_ROWS(netrc_rows, check_netrc);
	UNIT_TEST(test_netrc_long_word);
	UNIT_TEST(test_netrc_nul);
	UNIT_TEST(test_wipe);
	UNIT_TEST(test_load);
	unit_tests[unit_n_tests - 1].setup_func = make_folder;
	unit_tests[unit_n_tests - 1].teardown_func = remove_folder;
	return unit_run("fetch_protocol");
}
