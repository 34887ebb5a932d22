/* SPDX-License-Identifier: ISC */
/* What a command line says of a server, and the perfdata of a plugin. */
#include <errno.h>
#include <stdio.h>

#include "tests/unit/unit.h"

#include "agent/check.h"

/* ------------------------------------------------------------------ HOST[:PORT] */

static const struct host_row {
	const char *label, *text, *host;
	uint16_t port;   /* 0 = it is refused */
	const char *why; /* a word of it, then */
} host_rows[] = {
	/* clang-format off */
	{ "host: a name",               "ftp.example.com",      "ftp.example.com", 21,   NULL },
	{ "host: a name, a port",       "ftp.example.com:2121", "ftp.example.com", 2121, NULL },
	{ "host: IPv4, a port",         "192.0.2.7:990",        "192.0.2.7",       990,  NULL },
	{ "host: bare IPv6",            "2001:db8::7",          "2001:db8::7",     21,   NULL },
	{ "host: IPv6 in brackets",     "[2001:db8::7]",        "2001:db8::7",     21,   NULL },
	{ "host: IPv6, a port",         "[2001:db8::7]:2121",   "2001:db8::7",     2121, NULL },
	{ "host: IPv6 that has one",    "::1",                  "::1",             21,   NULL },
	{ "host: nothing",              "",                     NULL,              0,    "host" },
	{ "host: a port alone",         ":21",                  NULL,              0,    "host" },
	{ "host: no port behind",       "h:",                   NULL,              0,    "port" },
	{ "host: port 0",               "h:0",                  NULL,              0,    "port" },
	{ "host: port 65536",           "h:65536",              NULL,              0,    "port" },
	{ "host: port of letters",      "h:ftp",                NULL,              0,    "port" },
	{ "host: a blank",              "a b",                  NULL,              0,    "host" },
	{ "host: half a bracket",       "[::1",                 NULL,              0,    "host" },
	{ "host: words behind brackets", "[::1]21",             NULL,              0,    "host" },
	{ "host: a URL",                "ftp://h/",             NULL,              0,    "" },
	/* clang-format on */
};

static void check_host(void **state)
{
	const struct host_row *row = *state;
	char why[CHECK_WHY_SIZE] = "";
	struct check c;
	int r;

	check_init(&c);
	r = check_set_host(&c, row->text, why);
	assert_int_equal(r, row->port ? 0 : -EINVAL);
	if (row->port) {
		assert_string_equal(c.target.host, row->host);
		assert_int_equal(c.target.port, row->port);
	} else if (!*why || !strstr(why, row->why)) {
		fail_msg("said: %s", why);
	}
	check_done(&c);
}

/* A host that is too long is refused, not cut. */
static void test_long_host(void **state)
{
	char text[2 * CHECK_HOST_MAX], why[CHECK_WHY_SIZE] = "";
	struct check c;

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	check_init(&c);
	assert_int_equal(check_set_host(&c, text, why), -EINVAL);
	assert_non_null(strstr(why, "host"));
	check_done(&c);
}

/* ------------------------------------------------------------------ TLS */

static const struct tls_row {
	const char *label, *text, *why; /* why: a part of what is said; NULL = it is taken */
} tls_rows[] = {
	/* clang-format off */
	{ "tls: a mode",               "explicit",         NULL },
	{ "tls: a key",                "mode=implicit",    NULL },
	{ "tls: a version",            "min-version=1.3",  NULL },
	{ "tls: a file",               "ca=/etc/ca.pem",   NULL },
	{ "tls: no such mode",         "perhaps",          "mode" },
	{ "tls: no such key",          "colour=red",       "unknown key" },
	{ "tls: no such version",      "min-version=4",    "\"4\"" },
	{ "tls: a file beside it",     "ca=ca.pem",        "not an absolute path" },
	{ "tls: no file",              "crl=",             "empty" },
	{ "tls: an escape in a file",  "key=/a\033[2J",    "control characters" },
	/* clang-format on */
};

static void check_tls(void **state)
{
	const struct tls_row *row = *state;
	char why[CHECK_WHY_SIZE] = "", text[64];
	struct check c;

	check_init(&c);
	snprintf(text, sizeof(text), "%s", row->text);
	assert_int_equal(check_set_tls(&c, text, why), row->why ? -EINVAL : 0);
	if (row->why && !strstr(why, row->why))
		fail_msg("said: %s", why);
	for (const char *p = why; *p; p++)
		assert_in_range(*p, 0x20, 0x7e);
	check_done(&c);
}

/* What is wrong with them together is said in the end. */
static void test_tls_of_no_file(void **state)
{
	char file[] = "ca=/none.pem", mode[] = "explicit", why[CHECK_WHY_SIZE] = "";
	struct check c;

	check_init(&c);
	assert_int_equal(check_set_host(&c, "h", why), 0);
	assert_int_equal(check_set_tls(&c, mode, why), 0);
	assert_int_equal(check_set_tls(&c, file, why), 0);
	assert_int_equal(check_finish(&c, why), -EINVAL);
	if (!strstr(why, "tls-ca: ") || !strstr(why, "/none.pem"))
		fail_msg("said: %s", why);
	check_done(&c);
}

/* ------------------------------------------------------------------ limits */

#define MS UINT64_C(1000)

static const struct limit_row {
	const char *label;
	struct check_limits limits;
	uint64_t total;
	enum service service, expected;
} limit_rows[] = {
	/* clang-format off */
	{ "limit: none",            { 0, 0 },           90000 * MS, SERVICE_OK,       SERVICE_OK },
	{ "limit: below both",      { 10 * MS, 20 * MS }, 9 * MS,   SERVICE_OK,       SERVICE_OK },
	{ "limit: at the warning",  { 10 * MS, 20 * MS }, 10 * MS,  SERVICE_OK,       SERVICE_OK },
	{ "limit: above it",        { 10 * MS, 20 * MS }, 11 * MS,  SERVICE_OK,       SERVICE_WARNING },
	{ "limit: above both",      { 10 * MS, 20 * MS }, 21 * MS,  SERVICE_OK,       SERVICE_CRITICAL },
	{ "limit: critical alone",  { 0, 20 * MS },       21 * MS,  SERVICE_OK,       SERVICE_CRITICAL },
	{ "limit: a warning stays", { 10 * MS, 20 * MS }, 1 * MS,   SERVICE_WARNING,  SERVICE_WARNING },
	{ "limit: a warning rises", { 10 * MS, 20 * MS }, 21 * MS,  SERVICE_WARNING,  SERVICE_CRITICAL },
	{ "limit: critical stays",  { 10 * MS, 0 },       11 * MS,  SERVICE_CRITICAL, SERVICE_CRITICAL },
	{ "limit: unknown stays",   { 10 * MS, 20 * MS }, 21 * MS,  SERVICE_UNKNOWN,  SERVICE_UNKNOWN },
	/* clang-format on */
};

static void check_limit(void **state)
{
	const struct limit_row *row = *state;

	assert_int_equal(check_limits_apply(&row->limits, row->total, row->service), row->expected);
}

static const struct time_row {
	const char *label;
	struct check_limits limits;
	uint64_t total, max;
	const char *text;
} time_rows[] = {
	{ "time: alone", { 0, 0 }, 21346, 0, "time=0.021346s;;;0" },
	{ "time: limits", { 500 * MS, 2000 * MS }, 21346, 0, "time=0.021346s;0.5;2;0" },
	{ "time: all", { 0, 2500 * MS }, 0, 15000 * MS, "time=0.000000s;;2.5;0;15.000000" },
};

static void check_time(void **state)
{
	const struct time_row *row = *state;
	_cleanup_(freep) char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	check_print_time(f, &row->limits, row->total, row->max);
	fclose(f);
	assert_string_equal(text, row->text);
}

int main(void)
{
	UNIT_ROWS(host_rows, check_host);
	UNIT_TEST(test_long_host);
	UNIT_ROWS(tls_rows, check_tls);
	UNIT_TEST(test_tls_of_no_file);
	UNIT_ROWS(limit_rows, check_limit);
	UNIT_ROWS(time_rows, check_time);
	return unit_run("check");
}
