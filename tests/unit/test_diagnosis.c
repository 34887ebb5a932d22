/* SPDX-License-Identifier: ISC */
/* What was seen, and the cause that it must lead to. */
#include "tests/unit/unit.h"

#include "probes/decision.h"

static const struct {
	const char *label;
	enum outcome outcome;
	enum stage stage;
	int code;
	const char *banner, *user, *text; /* texts of the replies; NULL = none */
	enum diagnosis want;
	unsigned at_least, at_most; /* confidence */
} cases[] = {
	/* clang-format off */
	{ "logged in", OUTCOME_OK, STAGE_NONE, 230, "hello", "go on", "in", DIAG_NONE, 100, 100 },
	{ "Q269241 by the dialogue alone is a guess", OUTCOME_LOGIN_REFUSED, STAGE_PASSWORD, 530,
	  "someserver Microsoft FTP Service (Version 4.0).",
	  "Anonymous access allowed, send identity (e-mail name) as password.",
	  "User someuser@example.com cannot log in.", DIAG_SUB_AUTH_MODULE_MISSING, 20, 50 },
	{ "the same words of IIS 10 are no sub-authentication", OUTCOME_LOGIN_REFUSED, STAGE_PASSWORD, 530,
	  "Microsoft FTP Service", "Anonymous access allowed, send identity (e-mail name) as password.",
	  "User cannot log in.", DIAG_WRONG_CREDENTIALS, 10, 40 },
	{ "home directory", OUTCOME_LOGIN_REFUSED, STAGE_PASSWORD, 530, "x Microsoft FTP Service (Version 5.0).",
	  "Anonymous access allowed", "User x cannot log in, home directory inaccessible.", DIAG_HOME_INACCESSIBLE, 90, 100 },
	{ "vsftpd OOPS", OUTCOME_LOGIN_REFUSED, STAGE_PASSWORD, 500, "(vsFTPd 3.0.3)", "Please specify the password.",
	  "OOPS: vsftpd: refusing to run with writable root inside chroot()", DIAG_HOME_INACCESSIBLE, 80, 100 },
	{ "limit reached", OUTCOME_TEMPORARY_REFUSAL, STAGE_BANNER, 421, "Too many users, sorry.", NULL, NULL,
	  DIAG_TOO_MANY_USERS, 80, 100 },
	{ "a good banner is no refusal", OUTCOME_LOGIN_REFUSED, STAGE_PASSWORD, 530, "Too many users love this site",
	  "password", "no", DIAG_WRONG_CREDENTIALS, 10, 40 },
	{ "unknown words: D34", OUTCOME_LOGIN_REFUSED, STAGE_PASSWORD, 530, "hello", "password", "Nope.", DIAG_WRONG_CREDENTIALS, 10, 40 },
	{ "name", OUTCOME_RESOLVE_FAILED, STAGE_RESOLVE, 0, NULL, NULL, NULL, DIAG_NAME_UNRESOLVED, 90, 100 },
	{ "connection refused", OUTCOME_CONNECTION_REFUSED, STAGE_CONNECT, 0, NULL, NULL, NULL, DIAG_CONNECT_REFUSED, 90, 100 },
	{ "no route", OUTCOME_NO_ROUTE, STAGE_CONNECT, 0, NULL, NULL, NULL, DIAG_NO_ROUTE, 90, 100 },
	{ "silent after connect", OUTCOME_TIMEOUT, STAGE_BANNER, 0, NULL, NULL, NULL, DIAG_TIMED_OUT, 80, 100 },
	{ "silent after PASS", OUTCOME_TIMEOUT, STAGE_PASSWORD, 0, "hello", "go on", NULL, DIAG_TIMED_OUT, 50, 80 },
	{ "silent resolver", OUTCOME_TIMEOUT, STAGE_RESOLVE, 0, NULL, NULL, NULL, DIAG_NAME_UNRESOLVED, 50, 90 },
	{ "closed at once", OUTCOME_CONNECTION_CLOSED, STAGE_BANNER, 0, NULL, NULL, NULL, DIAG_HOST_DENIED, 40, 60 },
	{ "closed after PASS", OUTCOME_CONNECTION_CLOSED, STAGE_PASSWORD, 0, "hello", "go on", NULL, DIAG_PROTOCOL_ERROR, 40, 80 },
	{ "not FTP", OUTCOME_PROTOCOL_ERROR, STAGE_BANNER, 0, NULL, NULL, NULL, DIAG_PROTOCOL_ERROR, 90, 100 },
	{ "our own failure is no cause", OUTCOME_INTERNAL_ERROR, STAGE_CONNECT, 0, NULL, NULL, NULL, DIAG_OTHER, 0, 30 },
	/* clang-format on */
};

static void add(struct observation *o, enum stage stage, int code, const char *text)
{
	if (text)
		o->replies[o->n_replies++] = (struct reply){ stage, code, 1, text };
}

static void test_case(void **state)
{
	const __typeof__(cases[0]) *c = *state;
	struct observation o = { .outcome = c->outcome, .stage = c->stage, .code = c->code };
	struct classification words;
	struct decision verdict;

	add(&o, STAGE_BANNER, c->stage == STAGE_BANNER && c->code ? c->code : 220, c->banner);
	add(&o, STAGE_USER, 331, c->user);
	add(&o, STAGE_PASSWORD, c->code, c->text);
	decide_login(&o, "anonymous", "me@example.com", NULL, &words, &verdict);
	assert_string_equal(
		diagnosis_info(verdict.diagnosis)->label, diagnosis_info(c->want)->label);
	assert_in_range(verdict.confidence, c->at_least, c->at_most);
	assert_non_null(verdict.rule);
}

static void test_texts_fit_the_mib(void **state)
{
	for (unsigned d = DIAG_NONE; d < DIAG_END; d++) {
		const struct diagnosis_info *info = diagnosis_info(d);

		assert_non_null(info);
		assert_true(strlen(info->text) <= 160);
		assert_true(strlen(info->remedy) <= 160);
		assert_true(strlen(info->reference) <= 32);
		assert_null(strpbrk(info->label, "0123456789"));
	}
	assert_null(diagnosis_info(0));
	assert_null(diagnosis_info(DIAG_END));
}

int main(void)
{
	UNIT_ROWS(cases, test_case);
	UNIT_TEST(test_texts_fit_the_mib);
	return unit_run("diagnosis");
}
