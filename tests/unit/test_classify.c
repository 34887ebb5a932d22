/* SPDX-License-Identifier: ISC */
/* The classifier: each row of the tables in tests/data, and what no table can say. */
#include <regex.h>

#include "tests/unit/unit.h"

#include "tests/unit/replies.h"

static struct table replies, banners, wordings, dialogues;

static const char mail[] = "someuser@microsoft.com";
static const char iis4[] = "someserver Microsoft FTP Service (Version 4.0).";
static const char iis5[] = "someserver Microsoft FTP Service (Version 5.0).";
static const char iis7[] = "Microsoft FTP Service";
static const char asked_anonymous[] =
	"Anonymous access allowed, send identity (e-mail name) as password.";
static const char asked_named[] = "Password required for anonymous.";

static void test_banner_row(void **state)
{
	char *const *row = *state;
	struct observation o = make_refusal(STAGE_PASSWORD, 530, "xyzzy plugh foo", row[5], "x");
	struct classification c;
	char version[64] = "";
	regmatch_t groups[4], *group;
	regex_t pattern;

	classify(&o, "anonymous", mail, &c);
	assert_string_equal(c.product, row[0]);
	assert_int_equal(regcomp(&pattern, row[1], REG_EXTENDED), 0);
	assert_int_equal(regexec(&pattern, row[5], ARRAY_SIZE(groups), groups, 0), 0);
	regfree(&pattern);
	group = &groups[atoi(row[2])];
	if (group != groups && group->rm_so >= 0)
		snprintf(version, sizeof(version), "%.*s", (int)(group->rm_eo - group->rm_so),
			row[5] + group->rm_so);
	if (group != groups)
		assert_string_equal(c.version, version + strspn(version, " "));
	else
		assert_non_null(strstr(row[5], c.version));
}

static void check_hint(char *const *row)
{
	const char *banner = table_banner(&banners, row[0]);
	struct observation o = make_refusal(STAGE_PASSWORD, 530, "x y z", banner, row[3]);
	const char *kind = row[5] + strlen("hint:");
	struct classification c;

	classify(&o, "anonymous", mail, &c);
	assert_int_equal(c.user_hint,
		strncmp(kind, "anonymous-e", 11) == 0           ? USER_HINT_ANONYMOUS
			: strncmp(kind, "anonymous-d", 11) == 0 ? USER_HINT_NAMED
								: USER_HINT_NONE);
	o.outcome = OUTCOME_OK;
	o.stage = STAGE_NONE;
	classify(&o, "anonymous", mail, &c);
	assert_int_equal(c.n_causes, 0);
}

static void check_causes(char *const *row, const struct classification *c)
{
	assert_true(c->n_causes > 0 && c->n_causes <= CAUSES_MAX);
	for (size_t i = 0; i < c->n_causes; i++) {
		if (!table_lists(row[5], c->causes[i].diagnosis))
			fail_msg("%s by %s is not among %s",
				diagnosis_info(c->causes[i].diagnosis)->label, c->rule, row[5]);
		assert_in_range(c->causes[i].confidence, 1, 99);
		assert_true(i == 0 || c->causes[i].confidence <= c->causes[i - 1].confidence);
	}
}

/* As its server says it, and each row but those that need it also behind a banner that says
 * nothing. */
static void test_reply_row(void **state)
{
	char *const *row = *state;
	const char *banner = table_banner(&banners, row[0]);
	struct observation o;
	struct classification c;

	if (strncmp(row[5], "hint:", 5) == 0) {
		check_hint(row);
		return;
	}
	o = make_refusal(table_stage(row[1]), table_code(row[2]), row[3], banner, "Password?");
	classify(&o, "anonymous", mail, &c);
	if (o.stage != STAGE_BANNER)
		assert_string_equal(c.product, banner ? row[0] : "");
	check_causes(row, &c);
	if (strcmp(row[3], "Access denied.") == 0 || strcmp(row[3], "Permission denied.") == 0 ||
		strcmp(row[3], "Login incorrect.") == 0 ||
		strcmp(row[3], "Service is unavailable.") == 0 ||
		strcmp(row[0], "WinNT-FTPSVC") == 0)
		return;
	o = make_refusal(table_stage(row[1]), table_code(row[2]), row[3], "Hello", "Password?");
	classify(&o, "anonymous", mail, &c);
	assert_true(table_lists(row[5], c.causes[0].diagnosis));
}

/* The rows are in no rule: the cause is right, or nothing is claimed. */
static void test_wording_row(void **state)
{
	char *const *row = *state;
	struct observation o =
		make_refusal(table_stage(row[0]), atoi(row[1]), row[2], "Hello", "Password?");
	struct classification c;

	classify(&o, "anonymous", mail, &c);
	assert_true(c.n_causes > 0);
	if (!table_lists(row[3], c.causes[0].diagnosis))
		fail_msg("%s %u by %s is not among %s",
			diagnosis_info(c.causes[0].diagnosis)->label, c.causes[0].confidence,
			c.rule, row[3]);
	if (c.causes[0].diagnosis == DIAG_OTHER)
		assert_in_range(c.causes[0].confidence, 1, 25);
	else
		assert_in_range(c.causes[0].confidence, 25, 95);
}

/* What the greeting and the 331 say is no refusal, and what leaves the cause open is told as such:
 * a wrong cause is worse than none. */
static void test_whole_row(void **state)
{
	enum { LOW_MAX = 59 };
	char *const *row = *state;
	struct observation o =
		make_refusal(table_stage(row[2]), atoi(row[3]), row[4], row[0], row[1]);
	struct classification c;

	classify(&o, "anonymous", mail, &c);
	if (strcmp(row[5], "none") == 0) {
		assert_int_equal(c.n_causes, 0);
		return;
	}
	assert_true(c.n_causes > 0);
	if (table_lists(row[5], c.causes[0].diagnosis) ||
		(strncmp(row[5], "low", 3) == 0 && c.causes[0].confidence <= LOW_MAX))
		return;
	fail_msg("%s %u by %s is not among %s", diagnosis_info(c.causes[0].diagnosis)->label,
		c.causes[0].confidence, c.rule, row[5]);
}

struct dialogue_row {
	const char *label, *banner, *asked, *text, *user;
	enum stage stage;
	int code;
	struct cause causes[CAUSES_MAX];
	const char *rule;
	enum echo echo;
};

/* clang-format off */
#define D16 { { DIAG_SUB_AUTH_MODULE_MISSING, 35 }, { DIAG_WRONG_CREDENTIALS, 25 }, { DIAG_LOGON_RIGHT_MISSING, 25 }, { DIAG_ACCOUNT_LOCKED, 15 } }
static const struct dialogue_row dialogue_rows[] = {
	{ "Q269241 on IIS 4", iis4, asked_anonymous, "User someuser@microsoft.com cannot log in.", "anonymous", STAGE_PASSWORD, 530, D16, "D16-echo", ECHO_PASSWORD },
	{ "Q269241 on IIS 5", iis5, asked_anonymous, "User someuser@microsoft.com cannot log in.", "anonymous", STAGE_PASSWORD, 530, D16, "D16-echo", ECHO_PASSWORD },
	{ "IIS 4, echo without a 331 of its own", iis4, "Password?", "User someuser@microsoft.com cannot log in.", "anonymous", STAGE_PASSWORD, 530, D16, "D16-echo", ECHO_PASSWORD },
	{ "IIS 5, nothing echoed", iis5, asked_anonymous, "User cannot log in.", "anonymous", STAGE_PASSWORD, 530, D16, "D16-bare", ECHO_NONE },
	{ "IIS 4, the account's name echoed", iis4, asked_anonymous, "User anonymous cannot log in.", "anonymous", STAGE_PASSWORD, 530,
		{ { DIAG_SUB_AUTH_MODULE_MISSING, 35 }, { DIAG_LOGON_RIGHT_MISSING, 25 }, { DIAG_WRONG_CREDENTIALS, 25 }, { DIAG_ANONYMOUS_DISABLED, 15 } }, "D16-name", ECHO_USER },
	{ "IIS 4 that took us for a name", iis4, asked_named, "User anonymous cannot log in.", "anonymous", STAGE_PASSWORD, 530, { { DIAG_ANONYMOUS_DISABLED, 90 } }, "D13", ECHO_USER },
	{ "IIS 7 that took us for a name", iis7, "Password required", "User cannot log in.", "anonymous", STAGE_PASSWORD, 530, { { DIAG_ANONYMOUS_DISABLED, 90 } }, "D13-bare", ECHO_NONE },
	{ "IIS 7 is never sub-authentication", iis7, asked_anonymous, "User cannot log in.", "anonymous", STAGE_PASSWORD, 530, { { DIAG_WRONG_CREDENTIALS, 35 }, { DIAG_LOGON_RIGHT_MISSING, 20 }, { DIAG_ACCOUNT_LOCKED, 10 } }, "iis4-6-cannot-log", ECHO_NONE },
	{ "IIS 7 and a missing module", iis7, asked_anonymous, "Win32 error:   The specified module could not be found.", "anonymous", STAGE_PASSWORD, 530, { { DIAG_SERVER_MISCONFIGURED, 60 } }, "iis7-10-win32-error-specified", ECHO_NONE },
	{ "ProFTPD that took us for a name", "ProFTPD Server (x) [10.0.0.1]", "Password required for anonymous", "Login incorrect.", "anonymous", STAGE_PASSWORD, 530, { { DIAG_ANONYMOUS_DISABLED, 90 } }, "D28-named", ECHO_NONE },
	{ "vsftpd without anonymous", "(vsFTPd 3.0.3)", "Please specify the password.", "Login incorrect.", "anonymous", STAGE_PASSWORD, 530, { { DIAG_ANONYMOUS_DISABLED, 60 }, { DIAG_HOST_DENIED, 25 } }, "D29", ECHO_NONE },
	{ "vsftpd behind a greeting of its administrator", "Welcome", "Please specify the password.", "Login incorrect.", "anonymous", STAGE_PASSWORD, 530, { { DIAG_ANONYMOUS_DISABLED, 60 }, { DIAG_HOST_DENIED, 25 } }, "D29", ECHO_NONE },
	{ "ProFTPD behind one", "Welcome", "Anonymous login ok, send your complete email address as your password", "Login incorrect.", "anonymous", STAGE_PASSWORD, 530, { { DIAG_HOME_INACCESSIBLE, 50 }, { DIAG_TOO_MANY_USERS, 15 }, { DIAG_HOST_DENIED, 15 } }, "D28-anonymous", ECHO_NONE },
	{ "a server that asks a name for its password", "Welcome", "Password required for anonymous", "Login incorrect.", "anonymous", STAGE_PASSWORD, 530, { { DIAG_ANONYMOUS_DISABLED, 70 }, { DIAG_WRONG_CREDENTIALS, 30 } }, "asked-by-name", ECHO_NONE },
	{ "an address that mod_wrap denies", "ProFTPD Server (x) [10.0.0.1]", "Anonymous login ok, send your complete email address as your password", "Access denied", "anonymous", STAGE_PASSWORD, 530, { { DIAG_HOST_DENIED, 75 } }, "proftpd-access-denied", ECHO_NONE },
	{ "the same words of nobody known: not the password", "Hello", "x", "Access denied", "anonymous", STAGE_PASSWORD, 530, { { DIAG_HOST_DENIED, 45 }, { DIAG_WRONG_CREDENTIALS, 12 } }, "words-access-denied", ECHO_NONE },
	{ "and to a name: rather the password", "Hello", "x", "Access denied", "bob", STAGE_PASSWORD, 530, { { DIAG_WRONG_CREDENTIALS, 45 }, { DIAG_HOST_DENIED, 12 } }, "words-access-denied", ECHO_NONE },
	{ "and the name is one", "Welcome", "Password required for bob", "Login incorrect.", "bob", STAGE_PASSWORD, 530, { { DIAG_WRONG_CREDENTIALS, 53 } }, "login-incorrect", ECHO_NONE },
	{ "Pure-FTPd without anonymous", "--------- Welcome to Pure-FTPd [privsep] [TLS] ----------", "User anonymous OK. Password required", "Login authentication failed", "anonymous", STAGE_PASSWORD, 530, { { DIAG_ANONYMOUS_DISABLED, 70 }, { DIAG_WRONG_CREDENTIALS, 30 } }, "asked-by-name", ECHO_NONE },
	{ "a password that nobody gave", "x FTP server (Version 6.4/OpenBSD/Linux-ftpd-0.17) ready.", NULL, "Authentication failure", "anonymous", STAGE_USER, 550, { { DIAG_WRONG_CREDENTIALS, 55 } }, "words-no-password-asked", ECHO_NONE },
	{ "a named user has a wrong password", "(vsFTPd 3.0.3)", "Please specify the password.", "Login incorrect.", "bob", STAGE_PASSWORD, 530, { { DIAG_WRONG_CREDENTIALS, 55 } }, "login-incorrect", ECHO_NONE },
	{ "the surer line of two", NULL, "x", "Unable to set anonymous privileges.\nLogin incorrect.", "anonymous", STAGE_PASSWORD, 530, { { DIAG_HOME_INACCESSIBLE, 93 } }, "proftpd-unable-set", ECHO_USER },
	{ "the reason came with the 331", iis7, "Valid hostname is expected.", "User cannot log in.", "anonymous", STAGE_PASSWORD, 530, { { DIAG_VIRTUAL_HOST_REQUIRED, 95 } }, "iis7-10-valid-hostname", ECHO_NONE },
	{ "a good banner is no refusal", "Too many users love this site, the maximum is 5000", "x", "Wrong password", "anonymous", STAGE_PASSWORD, 530, { { DIAG_WRONG_CREDENTIALS, 88 } }, "words-wrong-password", ECHO_NONE },
	{ "nor is the 331", "Hello", "Server is down for maintenance tomorrow", "xyzzy plugh grommet", "anonymous", STAGE_PASSWORD, 530, { { DIAG_OTHER, 20 } }, "D34", ECHO_NONE },
	{ "a 530 without words", "Hello", "x", "", "anonymous", STAGE_PASSWORD, 530, { { DIAG_WRONG_CREDENTIALS, 25 } }, "D34-mute", ECHO_NONE },
	{ "a 421 that no one can read", NULL, NULL, "xyzzy plugh grommet", "anonymous", STAGE_BANNER, 421, { { DIAG_TOO_MANY_USERS, 30 }, { DIAG_SHUTTING_DOWN, 25 }, { DIAG_HOST_DENIED, 15 } }, "code-421", ECHO_NONE },
	{ "what is not so is no cause", "Hello", "x", "Your address has not been banned. The login failed.", "anonymous", STAGE_PASSWORD, 530, { { DIAG_WRONG_CREDENTIALS, 48 } }, "words-login-failed", ECHO_NONE },
	{ "nor in a language that says it last", "Hello", "x", "Hesap kilitli degil", "anonymous", STAGE_PASSWORD, 530, { { DIAG_OTHER, 20 } }, "D34", ECHO_NONE },
	{ "nor is any of a list", "Hello", "x", "Neither your address nor your account is blocked", "anonymous", STAGE_PASSWORD, 530, { { DIAG_OTHER, 20 } }, "D34", ECHO_NONE },
	{ "but what is not allowed is refused", "Hello", "x", "Weder Gäste noch anonyme Benutzer sind zugelassen", "anonymous", STAGE_USER, 530, { { DIAG_ANONYMOUS_DISABLED, 90 } }, "words-anonymous-not-allowed", ECHO_NONE },
	{ "unless it is so elsewhere", "Hello", "x", "The server is not full, your account has been locked: the account is locked", "anonymous", STAGE_PASSWORD, 530, { { DIAG_ACCOUNT_LOCKED, 87 } }, "words-account-locked", ECHO_NONE },
	{ "what may be so is not said to be", "Hello", "x", "If your account is locked call the desk", "anonymous", STAGE_PASSWORD, 530, { { DIAG_ACCOUNT_LOCKED, 37 } }, "words-account-locked", ECHO_NONE },
	{ "nor is what is asked", "Hello", "x", "Is your account locked?", "anonymous", STAGE_PASSWORD, 530, { { DIAG_ACCOUNT_LOCKED, 37 } }, "words-account-locked", ECHO_NONE },
	{ "a clause for itself", "Hello", "x", "Anonymous access denied: give the password of your account", "anonymous", STAGE_USER, 530, { { DIAG_ANONYMOUS_DISABLED, 90 }, { DIAG_WRONG_CREDENTIALS, 25 } }, "words-anonymous-refused", ECHO_USER },
	{ "an address in figures", "Hello", "x", "This account may not be used from 192.0.2.1.", "bob", STAGE_PASSWORD, 530, { { DIAG_HOST_DENIED, 80 } }, "words-place-not-allowed", ECHO_NONE },
	{ "what a known beginning goes on to say", "FTPD1 IBM FTP CS V2R3 at MVS1, 09:00:00 on 2020-01-04.", "x", "PASS command failed - the account is locked", "anonymous", STAGE_PASSWORD, 530, { { DIAG_ACCOUNT_LOCKED, 87 }, { DIAG_WRONG_CREDENTIALS, 14 } }, "words-account-locked", ECHO_NONE },
	{ "a wrong password is one, whatever it may lead to", "Hello", "x", "Wrong password. Connections from here are refused after 3", "anonymous", STAGE_PASSWORD, 530, { { DIAG_WRONG_CREDENTIALS, 88 }, { DIAG_HOST_DENIED, 27 } }, "words-wrong-password", ECHO_NONE },
	{ "our own words say nothing", "Hello", "x", "No grommet for max-limit@full.example", "anonymous", STAGE_PASSWORD, 530, { { DIAG_OTHER, 20 } }, "D34", ECHO_NONE },
};
/* clang-format on */

static void test_dialogue_row(void **state)
{
	const struct dialogue_row *row = *state;
	struct observation o =
		make_refusal(row->stage, row->code, row->text, row->banner, row->asked);
	struct classification c;
	size_t n = 0;

	classify(&o, row->user, mail, &c);
	while (n < CAUSES_MAX && row->causes[n].confidence > 0)
		n++;
	assert_string_equal(c.rule, row->rule);
	assert_int_equal(c.n_causes, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(c.causes[i].diagnosis, row->causes[i].diagnosis);
		assert_int_equal(c.causes[i].confidence, row->causes[i].confidence);
	}
	assert_int_equal(c.echo, row->echo);
}

struct bare_row {
	const char *label;
	enum outcome outcome;
	enum stage stage;
	enum diagnosis diagnosis;
	unsigned confidence;
};

/* clang-format off */
static const struct bare_row bare_rows[] = {
	{ "logged in",               OUTCOME_OK,                 STAGE_NONE,     DIAG_NONE,            0 },
	{ "no such name",            OUTCOME_RESOLVE_FAILED,     STAGE_RESOLVE,  DIAG_NAME_UNRESOLVED, 95 },
	{ "slow name",               OUTCOME_TIMEOUT,            STAGE_RESOLVE,  DIAG_NAME_UNRESOLVED, 60 },
	{ "connection refused",      OUTCOME_CONNECTION_REFUSED, STAGE_CONNECT,  DIAG_CONNECT_REFUSED, 95 },
	{ "no route",                OUTCOME_NO_ROUTE,           STAGE_CONNECT,  DIAG_NO_ROUTE,        95 },
	{ "silent at connect",       OUTCOME_TIMEOUT,            STAGE_CONNECT,  DIAG_TIMED_OUT,       90 },
	{ "silent after PASS",       OUTCOME_TIMEOUT,            STAGE_PASSWORD, DIAG_TIMED_OUT,       60 },
	{ "closed before a banner",  OUTCOME_CONNECTION_CLOSED,  STAGE_BANNER,   DIAG_HOST_DENIED,     50 },
	{ "closed after PASS",       OUTCOME_CONNECTION_CLOSED,  STAGE_PASSWORD, DIAG_PROTOCOL_ERROR,  60 },
	{ "not FTP",                 OUTCOME_PROTOCOL_ERROR,     STAGE_BANNER,   DIAG_PROTOCOL_ERROR,  95 },
	{ "handshake failed",        OUTCOME_TLS_FAILED,         STAGE_TLS,      DIAG_TLS_HANDSHAKE,   75 },
	{ "trouble of our own",      OUTCOME_INTERNAL_ERROR,     STAGE_CONNECT,  DIAG_OTHER,           20 },
};
/* clang-format on */

static void test_bare_row(void **state)
{
	const struct bare_row *row = *state;
	struct observation o = { .outcome = row->outcome, .stage = row->stage };
	struct classification c;

	classify(&o, "anonymous", mail, &c);
	if (row->diagnosis == DIAG_NONE) {
		assert_int_equal(c.n_causes, 0);
		return;
	}
	assert_int_equal(c.causes[0].diagnosis, row->diagnosis);
	assert_int_equal(c.causes[0].confidence, row->confidence);
}

/* Rules that none of their own words reach are dead. */
static void test_rules_are_reached(void **state)
{
	for (size_t i = 0; i < classify_n_rules; i++) {
		const struct rule *r = &classify_rules[i];

		assert_true(r->low >= 200 && r->low <= r->high && r->high < 600);
		assert_true(r->causes[0].confidence > 0 && r->causes[0].confidence < 100);
		for (size_t k = 1; k < RULE_CAUSES_MAX; k++)
			assert_true(r->causes[k].confidence <= r->causes[k - 1].confidence);
		for (size_t k = 0; k < i; k++)
			if (strcmp(classify_rules[k].server, r->server) == 0 &&
				classify_rules[k].stage == r->stage &&
				classify_rules[k].low == r->low &&
				strcmp(classify_rules[k].pattern, r->pattern) == 0 &&
				classify_rules[k].flags == r->flags)
				fail_msg("%s can never decide", r->id);
	}
}

/* What is wrong with the server's certificate is not what it finds wrong with ours. */
static void test_certificate(void **state)
{
	struct tls_facts facts = { .verify = TLS_VERIFY_EXPIRED };
	struct observation o = {
		.outcome = OUTCOME_TLS_FAILED, .stage = STAGE_TLS, .detail = "bad certificate"
	};
	struct classification c;

	classify(&o, "anonymous", mail, &c);
	assert_int_equal(c.causes[0].diagnosis, DIAG_TLS_HANDSHAKE);
	o.tls = &facts;
	classify(&o, "anonymous", mail, &c);
	assert_int_equal(c.causes[0].diagnosis, DIAG_CERTIFICATE_INVALID);
	facts.verify = TLS_VERIFY_OK;
	classify(&o, "anonymous", mail, &c);
	assert_int_equal(c.causes[0].diagnosis, DIAG_TLS_HANDSHAKE);
}

/* Only the beginning of a long text tells its character set, and all of it is read in that. */
static void test_long_foreign_text(void **state)
{
	static const char nothing_said[] = "\xc4\xfa\xba\xc3\xa3\xac\xbb\xb6\xd3\xad ";
	static const char wrong_password[] = "\xc3\xdc\xc2\xeb\xb4\xed\xce\xf3";
	char text[2048] = "";
	struct observation o;
	struct classification c;

	strcat(text, "\xc1\xac\xbd\xd3\xb7\xfe\xce\xf1\xc6\xf7 "); /* connection, server */
	while (strlen(text) < 1500)
		strcat(text, nothing_said);
	strcat(text, wrong_password);
	o = make_refusal(STAGE_PASSWORD, 530, text, "Hello", "Password?");
	classify(&o, "anonymous", mail, &c);
	assert_int_equal(c.causes[0].diagnosis, DIAG_WRONG_CREDENTIALS);
	assert_string_equal(c.rule, "words-wrong-password");
}

/* Implicit TLS was wanted, and a greeting came in clear. */
static void test_clear(void **state)
{
	struct observation o = { .outcome = OUTCOME_TLS_FAILED, .stage = STAGE_TLS, .code = 220 };
	struct classification c;

	classify(&o, "anonymous", mail, &c);
	assert_int_equal(c.causes[0].diagnosis, DIAG_TLS_UNAVAILABLE);
}

/* No server says by a 421 that it has no TLS, nor by any refusal once TLS is there. */
static void test_421_to_auth(void **state)
{
	struct observation o = make_refusal(STAGE_AUTH, 421, "", "Hello", NULL);
	struct classification c;

	classify(&o, "anonymous", mail, &c);
	assert_int_not_equal(c.causes[0].diagnosis, DIAG_TLS_UNAVAILABLE);
	o.outcome = OUTCOME_TLS_FAILED;
	o.code = 502;
	classify(&o, "anonymous", mail, &c);
	assert_int_equal(c.causes[0].diagnosis, DIAG_TLS_UNAVAILABLE);
}

/* Adds the rows of T as tests that are named after their columns A and B. */
static void add_table(struct table *t, CMUnitTestFunction function, size_t a, size_t b)
{
	for (size_t i = 0; i < t->n; i++) {
		char *name = NULL;

		if (asprintf(&name, "%zu %s: %s", i + 1, t->columns[i][a], t->columns[i][b]) < 0)
			abort();
		for (char *c = name; *c; c++)
			*c = *c == '#' ? ' ' : *c;
		unit_add(name, function, t->columns[i]);
	}
}

int main(void)
{
	int r;
	size_t n;

	table_read(&banners, "ftp-banners.tsv");
	table_read(&replies, "ftp-login-replies.tsv");
	table_read(&wordings, "ftp-wordings.tsv");
	table_read(&dialogues, "ftp-dialogues.tsv");
	add_table(&banners, test_banner_row, 0, 5);
	add_table(&replies, test_reply_row, 0, 3);
	add_table(&wordings, test_wording_row, 4, 2);
	add_table(&dialogues, test_whole_row, 6, 4);
	n = unit_n_tests;
	for (size_t i = 0; i < wordings.n; i++)
		table_unescape(wordings.columns[i][2]);
	for (size_t i = 0; i < 5 * dialogues.n; i++)
		table_unescape(dialogues.columns[i / 5][i % 5]);
	UNIT_ROWS(dialogue_rows, test_dialogue_row);
	UNIT_ROWS(bare_rows, test_bare_row);
	UNIT_TEST(test_rules_are_reached);
	UNIT_TEST(test_certificate);
	UNIT_TEST(test_long_foreign_text);
	UNIT_TEST(test_clear);
	UNIT_TEST(test_421_to_auth);
	r = unit_run("classify");
	for (size_t i = 0; i < n; i++)
		free((void *)(uintptr_t)unit_tests[i].name);
	table_done(&banners);
	table_done(&replies);
	table_done(&wordings);
	table_done(&dialogues);
	return r;
}
