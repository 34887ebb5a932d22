/* SPDX-License-Identifier: ISC */
/* Each row of the decision table, and the cases that look like the best known one but are not. */
#include "tests/unit/unit.h"

#include "probes/decision.h"

#define YES SETTING_ENABLED
#define NO SETTING_DISABLED
#define GONE PRESENCE_MISSING
#define THERE PRESENCE_PRESENT
#define IIS4 "IIS4-6", "4.0"
#define IIS5 "IIS4-6", "5.0"
#define IIS6 "IIS6", ""
#define IIS6_OR_7 "IIS6-10", ""
#define IIS7 "IIS7-10", "7.5"
#define R530 OUTCOME_LOGIN_REFUSED, STAGE_PASSWORD, 530
#define WORKS OUTCOME_OK, STAGE_NONE, 230
#define HINTS(hint, echo) USER_HINT_##hint, ECHO_##echo

/* What IIS 4 says in Q269241 leaves four causes open. */
#define OPEN \
	{ \
		{ DIAG_SUB_AUTH_MODULE_MISSING, 35 }, { DIAG_WRONG_CREDENTIALS, 25 }, \
			{ DIAG_LOGON_RIGHT_MISSING, 25 }, \
		{ \
			DIAG_ACCOUNT_LOCKED, 15 \
		} \
	}
#define SAYS(diagnosis, confidence) \
	{ \
		{ \
			DIAG_##diagnosis, confidence \
		} \
	}
#define NOTHING \
	{ \
		{ \
			0, 0 \
		} \
	}

struct row {
	const char *label;
	enum outcome outcome;
	enum stage stage;
	int code;
	const char *product, *version;
	enum user_hint hint;
	enum echo echo;
	struct cause causes[CAUSES_MAX];
	struct evidence evidence;
	enum diagnosis want;
	unsigned confidence;
	const char *rule;
	bool at_risk;
	bool named;
};

/* clang-format off */
static const struct row rows[] = {
	/* logins that fail */
	{ "D01: module gone, synchronization on, e-mail echoed", R530, IIS4, HINTS(ANONYMOUS, PASSWORD), OPEN,
	  { .module = GONE, .sync = YES }, DIAG_SUB_AUTH_MODULE_MISSING, 95, .rule = "D01" },
	{ "D01: the log confirms it with code 126", R530, IIS4, HINTS(ANONYMOUS, PASSWORD), OPEN,
	  { .module = GONE, .sync = YES, .win32 = 126 }, DIAG_SUB_AUTH_MODULE_MISSING, 99, .rule = "D01" },
	{ "D01: no echo", R530, IIS5, HINTS(ANONYMOUS, NONE), OPEN,
	  { .module = GONE, .sync = YES }, DIAG_SUB_AUTH_MODULE_MISSING, 90, .rule = "D01" },
	{ "D01: the user's name is echoed", R530, IIS4, HINTS(ANONYMOUS, USER), OPEN,
	  { .module = GONE, .sync = YES }, DIAG_SUB_AUTH_MODULE_MISSING, 90, .rule = "D01" },
	{ "D01: a log that contradicts makes it less sure", R530, IIS4, HINTS(ANONYMOUS, PASSWORD), OPEN,
	  { .module = GONE, .sync = YES, .win32 = 1326 }, DIAG_SUB_AUTH_MODULE_MISSING, 60, .rule = "D01" },
	{ "D02: code 126 in the log alone", R530, IIS5, HINTS(ANONYMOUS, PASSWORD), OPEN,
	  { .win32 = 126 }, DIAG_SUB_AUTH_MODULE_MISSING, 95, .rule = "D02" },
	{ "D02: code 126 on IIS 6", R530, IIS6, HINTS(ANONYMOUS, NONE), SAYS(WRONG_CREDENTIALS, 40),
	  { .win32 = 126 }, DIAG_SUB_AUTH_MODULE_MISSING, 95, .rule = "D02" },
	{ "D02: code 126, but the module is there", R530, IIS4, HINTS(ANONYMOUS, PASSWORD), OPEN,
	  { .win32 = 126, .module = THERE, .sync = YES }, DIAG_SUB_AUTH_MODULE_MISSING, 70, .rule = "D02" },
	{ "D02: code 126 and the setting, banner without a version", R530, IIS6_OR_7, HINTS(ANONYMOUS, NONE), SAYS(WRONG_CREDENTIALS, 40),
	  { .win32 = 126, .sync = YES }, DIAG_SUB_AUTH_MODULE_MISSING, 60, .rule = "D02" },
	{ "D03: module gone, setting unknown", R530, IIS4, HINTS(ANONYMOUS, NONE), OPEN,
	  { .module = GONE }, DIAG_SUB_AUTH_MODULE_MISSING, 80, .rule = "D03" },
	{ "D03: the echo alone shows the anonymous branch", R530, IIS4, HINTS(NONE, PASSWORD), OPEN,
	  { .module = GONE }, DIAG_SUB_AUTH_MODULE_MISSING, 80, .rule = "D03" },
	{ "D04: synchronization on, web service absent", R530, IIS4, HINTS(ANONYMOUS, NONE), OPEN,
	  { .sync = YES, .web = WEB_ABSENT }, DIAG_SUB_AUTH_MODULE_MISSING, 70, .rule = "D04" },
	{ "D04: synchronization on, web service not listed", R530, IIS4, HINTS(NONE, PASSWORD), OPEN,
	  { .sync = YES, .web = WEB_NOT_LISTED }, DIAG_SUB_AUTH_MODULE_MISSING, 55, .rule = "D04" },
	{ "D05: module gone, synchronization off", R530, IIS4, HINTS(ANONYMOUS, PASSWORD), OPEN,
	  { .module = GONE, .sync = NO }, DIAG_WRONG_CREDENTIALS, 85, .rule = "D05" },
	{ "D05: synchronization off and no password stored", R530, IIS5, HINTS(ANONYMOUS, PASSWORD), OPEN,
	  { .sync = NO, .password_absent = true }, DIAG_WRONG_CREDENTIALS, 95, .rule = "D05" },
	{ "D06: module there, synchronization on, code 1385", R530, IIS4, HINTS(ANONYMOUS, PASSWORD), OPEN,
	  { .module = THERE, .sync = YES, .win32 = 1385 }, DIAG_LOGON_RIGHT_MISSING, 95, .rule = "D06" },
	{ "D07: synchronization off, code 1385", R530, IIS5, HINTS(ANONYMOUS, PASSWORD), OPEN,
	  { .sync = NO, .win32 = 1385 }, DIAG_LOGON_RIGHT_MISSING, 95, .rule = "D07" },
	{ "D07: the same with the module gone", R530, IIS4, HINTS(ANONYMOUS, PASSWORD), OPEN,
	  { .module = GONE, .sync = NO, .win32 = 1385 }, DIAG_LOGON_RIGHT_MISSING, 95, .rule = "D07" },
	{ "D08: synchronization off, code 1326", R530, IIS4, HINTS(ANONYMOUS, PASSWORD), OPEN,
	  { .sync = NO, .win32 = 1326 }, DIAG_WRONG_CREDENTIALS, 95, .rule = "D08" },
	{ "D09: synchronization on, module there, code 1326", R530, IIS4, HINTS(ANONYMOUS, PASSWORD), OPEN,
	  { .module = THERE, .sync = YES, .win32 = 1326 }, DIAG_WRONG_CREDENTIALS, 75, .rule = "D09" },
	{ "D10: code 1331, account disabled", R530, IIS4, HINTS(ANONYMOUS, PASSWORD), OPEN,
	  { .win32 = 1331 }, DIAG_ACCOUNT_LOCKED, 95, .rule = "D10" },
	{ "D10: code 1327", R530, IIS5, HINTS(ANONYMOUS, PASSWORD), OPEN, { .win32 = 1327 }, DIAG_ACCOUNT_LOCKED, 95, .rule = "D10" },
	{ "D10: code 1793", R530, IIS5, HINTS(ANONYMOUS, PASSWORD), OPEN, { .win32 = 1793 }, DIAG_ACCOUNT_LOCKED, 95, .rule = "D10" },
	{ "D10: code 1907", R530, IIS5, HINTS(ANONYMOUS, PASSWORD), OPEN, { .win32 = 1907 }, DIAG_ACCOUNT_LOCKED, 95, .rule = "D10" },
	{ "D10: code 1909", R530, IIS7, HINTS(ANONYMOUS, NONE), SAYS(WRONG_CREDENTIALS, 40), { .win32 = 1909 }, DIAG_ACCOUNT_LOCKED, 95, .rule = "D10" },
	{ "D11: home directory inaccessible", R530, IIS4, HINTS(ANONYMOUS, PASSWORD), SAYS(HOME_INACCESSIBLE, 95),
	  { .module = GONE, .sync = YES }, DIAG_HOME_INACCESSIBLE, 95, .rule = "D11" },
	{ "D11: home directory on another server, synchronization on", R530, IIS5, HINTS(ANONYMOUS, NONE), SAYS(HOME_INACCESSIBLE, 90),
	  { .sync = YES, .unc_home = true }, DIAG_HOME_INACCESSIBLE, 97, .rule = "D11" },
	{ "D12: guest access", R530, IIS4, HINTS(ANONYMOUS, NONE), SAYS(LOGON_RIGHT_MISSING, 95),
	  { .module = GONE, .sync = YES }, DIAG_LOGON_RIGHT_MISSING, 95, .rule = "D12" },
	{ "D13: the reply to USER takes us for a named user", R530, IIS4, HINTS(NAMED, USER), SAYS(ANONYMOUS_DISABLED, 90),
	  { .module = GONE, .sync = YES }, DIAG_ANONYMOUS_DISABLED, 90, .rule = "D13" },
	{ "D13: AllowAnonymous is false", R530, IIS5, HINTS(NONE, USER), OPEN,
	  { .anonymous = NO }, DIAG_ANONYMOUS_DISABLED, 95, .rule = "D13" },
	{ "D14: nobody may log in", R530, IIS4, HINTS(NAMED, USER), SAYS(ANONYMOUS_DISABLED, 70),
	  { .anonymous = NO, .anonymous_only = YES }, DIAG_ANONYMOUS_DISABLED, 99, .rule = "D14" },
	{ "D14: nobody may log in, seen by a named user", R530, IIS4, HINTS(NAMED, USER), SAYS(WRONG_CREDENTIALS, 40),
	  { .anonymous = NO, .anonymous_only = YES }, DIAG_ANONYMOUS_ONLY, 99, .rule = "D14", .named = true },
	{ "D15: all seems well with the module", R530, IIS4, HINTS(ANONYMOUS, PASSWORD), OPEN,
	  { .module = THERE, .sync = YES, .web = WEB_RUNNING }, DIAG_LOGON_RIGHT_MISSING, 30, .rule = "D15" },
	{ "D16: nothing known but the words", R530, IIS4, HINTS(ANONYMOUS, PASSWORD), OPEN,
	  { 0 }, DIAG_SUB_AUTH_MODULE_MISSING, 35, .rule = "D16" },
	{ "D17: IIS 6, not registered", R530, IIS6, HINTS(ANONYMOUS, NONE), SAYS(WRONG_CREDENTIALS, 40),
	  { .sync = YES, .registered = NO }, DIAG_SUB_AUTH_NOT_REGISTERED, 90, .rule = "D17" },
	{ "D18: IIS 6, synchronization off", R530, IIS6, HINTS(ANONYMOUS, NONE), OPEN,
	  { .sync = NO }, DIAG_WRONG_CREDENTIALS, 60, .rule = "D18" },
	{ "D19: IIS 7, substatus 42", R530, IIS7, HINTS(ANONYMOUS, NONE), SAYS(WRONG_CREDENTIALS, 40),
	  { .win32 = 1326, .substatus = 42 }, DIAG_ANONYMOUS_DISABLED, 95, .rule = "D19" },
	{ "D19: IIS 7, substatus 41", R530, IIS6_OR_7, HINTS(ANONYMOUS, NONE), SAYS(WRONG_CREDENTIALS, 40),
	  { .win32 = 1326, .substatus = 41 }, DIAG_WRONG_CREDENTIALS, 75, .rule = "D19" },
	{ "D19: IIS 7, substatus 33", R530, IIS7, HINTS(ANONYMOUS, NONE), SAYS(WRONG_CREDENTIALS, 40),
	  { .substatus = 33 }, DIAG_HOME_INACCESSIBLE, 95, .rule = "D19" },
	{ "D19: IIS 7, substatus 36", R530, IIS7, HINTS(ANONYMOUS, NONE), SAYS(WRONG_CREDENTIALS, 40),
	  { .substatus = 36 }, DIAG_SERVER_MISCONFIGURED, 90, .rule = "D19" },
	{ "D19: IIS 7, anonymous authentication is off", R530, IIS7, HINTS(NONE, NONE), SAYS(WRONG_CREDENTIALS, 40),
	  { .anonymous = NO }, DIAG_ANONYMOUS_DISABLED, 95, .rule = "D19" },
	{ "D20: virtual host", R530, IIS7, HINTS(NONE, NONE), SAYS(VIRTUAL_HOST_REQUIRED, 99),
	  { .substatus = 37 }, DIAG_VIRTUAL_HOST_REQUIRED, 99, .rule = "D20" },
	{ "D21: TLS required", OUTCOME_LOGIN_REFUSED, STAGE_USER, 534, IIS7, HINTS(NONE, NONE), SAYS(TLS_REQUIRED, 99),
	  { .anonymous = YES }, DIAG_TLS_REQUIRED, 99, .rule = "D21" },
	{ "D22: TLS unavailable", OUTCOME_TLS_FAILED, STAGE_AUTH, 502, "vsftpd", "3.0.3", HINTS(NONE, NONE), SAYS(TLS_UNAVAILABLE, 95),
	  { .anonymous = NO }, DIAG_TLS_UNAVAILABLE, 95, .rule = "D22" },
	{ "D23: address refused", OUTCOME_LOGIN_REFUSED, STAGE_BANNER, 530, IIS4, HINTS(NONE, NONE), SAYS(HOST_DENIED, 95),
	  { .module = GONE, .sync = YES }, DIAG_HOST_DENIED, 95, .rule = "D23" },
	{ "D23: closed without a banner", OUTCOME_CONNECTION_CLOSED, STAGE_BANNER, 0, "", "", HINTS(NONE, NONE), SAYS(HOST_DENIED, 50),
	  { .module = GONE, .sync = YES }, DIAG_HOST_DENIED, 50, .rule = "D23" },
	{ "D24: too many users", OUTCOME_TEMPORARY_REFUSAL, STAGE_BANNER, 421, "Pure-FTPd", "", HINTS(NONE, NONE), SAYS(TOO_MANY_USERS, 95),
	  { .anonymous = NO }, DIAG_TOO_MANY_USERS, 95, .rule = "D24" },
	{ "D24: a 421 of IIS", OUTCOME_TEMPORARY_REFUSAL, STAGE_BANNER, 421, IIS4, HINTS(NONE, NONE), SAYS(TOO_MANY_USERS, 70),
	  { .module = GONE, .sync = YES }, DIAG_TOO_MANY_USERS, 70, .rule = "D24" },
	{ "D25: shutting down", OUTCOME_TEMPORARY_REFUSAL, STAGE_USER, 421, "ProFTPD", "", HINTS(NONE, NONE), SAYS(SHUTTING_DOWN, 95),
	  { .anonymous = NO }, DIAG_SHUTTING_DOWN, 95, .rule = "D25" },
	{ "D26: home directory of another server", OUTCOME_LOGIN_REFUSED, STAGE_PASSWORD, 500, "vsftpd", "3.0.3", HINTS(NONE, NONE), SAYS(HOME_INACCESSIBLE, 95),
	  { .anonymous = YES }, DIAG_HOME_INACCESSIBLE, 95, .rule = "D26" },
	{ "D27: plain words", R530, "pyftpdlib", "", HINTS(NONE, NONE), SAYS(ANONYMOUS_DISABLED, 97),
	  { .anonymous = YES }, DIAG_ANONYMOUS_DISABLED, 97, .rule = "D27" },
	{ "D27: the configuration says so", R530, "Pure-FTPd", "", HINTS(NONE, NONE), SAYS(WRONG_CREDENTIALS, 40),
	  { .anonymous = NO }, DIAG_ANONYMOUS_DISABLED, 95, .rule = "D27" },
	{ "D28: ProFTPD, no <Anonymous> block matches", R530, "ProFTPD", "1.3.8", HINTS(NAMED, NONE), SAYS(ANONYMOUS_DISABLED, 90),
	  { 0 }, DIAG_ANONYMOUS_DISABLED, 90, .rule = "D28" },
	{ "D28: ProFTPD, trouble inside <Anonymous>", R530, "ProFTPD", "1.3.8", HINTS(ANONYMOUS, NONE), SAYS(HOME_INACCESSIBLE, 70),
	  { 0 }, DIAG_HOME_INACCESSIBLE, 70, .rule = "D28" },
	{ "D28: ProFTPD, its configuration has no block", R530, "ProFTPD", "1.3.8", HINTS(NONE, NONE), SAYS(WRONG_CREDENTIALS, 40),
	  { .anonymous = NO }, DIAG_ANONYMOUS_DISABLED, 95, .rule = "D28" },
	{ "D29: vsftpd's words", R530, "vsftpd", "3.0.3", HINTS(NONE, NONE), SAYS(ANONYMOUS_DISABLED, 75),
	  { 0 }, DIAG_ANONYMOUS_DISABLED, 75, .rule = "D29" },
	{ "D29: vsftpd's words and its configuration", R530, "vsftpd", "3.0.3", HINTS(NONE, NONE), SAYS(ANONYMOUS_DISABLED, 75),
	  { .anonymous = NO }, DIAG_ANONYMOUS_DISABLED, 97, .rule = "D29" },
	{ "D30: FileZilla", R530, "FileZilla-1.x", "1.7.3", HINTS(NONE, NONE), SAYS(ANONYMOUS_DISABLED, 80),
	  { 0 }, DIAG_ANONYMOUS_DISABLED, 80, .rule = "D30" },
	{ "D31: misconfigured", OUTCOME_LOGIN_REFUSED, STAGE_BANNER, 500, "vsftpd", "", HINTS(NONE, NONE), SAYS(SERVER_MISCONFIGURED, 90),
	  { .anonymous = NO }, DIAG_SERVER_MISCONFIGURED, 90, .rule = "D31" },
	{ "D32: closed after the password", OUTCOME_CONNECTION_CLOSED, STAGE_PASSWORD, 0, IIS4, HINTS(ANONYMOUS, NONE), SAYS(PROTOCOL_ERROR, 60),
	  { .module = GONE, .sync = YES }, DIAG_PROTOCOL_ERROR, 60, .rule = "D32" },
	{ "D32: silent after the password", OUTCOME_TIMEOUT, STAGE_PASSWORD, 0, IIS4, HINTS(ANONYMOUS, NONE), SAYS(TIMED_OUT, 60),
	  { .module = GONE, .sync = YES }, DIAG_TIMED_OUT, 60, .rule = "D32" },
	{ "D33: connection refused", OUTCOME_CONNECTION_REFUSED, STAGE_CONNECT, 0, "", "", HINTS(NONE, NONE), SAYS(CONNECT_REFUSED, 95),
	  { .module = GONE, .sync = YES }, DIAG_CONNECT_REFUSED, 95, .rule = "D33" },
	{ "D33: no route", OUTCOME_NO_ROUTE, STAGE_CONNECT, 0, "", "", HINTS(NONE, NONE), SAYS(NO_ROUTE, 95),
	  { 0 }, DIAG_NO_ROUTE, 95, .rule = "D33" },
	{ "D33: no such name", OUTCOME_RESOLVE_FAILED, STAGE_RESOLVE, 0, "", "", HINTS(NONE, NONE), SAYS(NAME_UNRESOLVED, 95),
	  { 0 }, DIAG_NAME_UNRESOLVED, 95, .rule = "D33" },
	{ "D34: an unknown server", R530, "", "", HINTS(NONE, NONE), SAYS(WRONG_CREDENTIALS, 30),
	  { 0 }, DIAG_WRONG_CREDENTIALS, 30, .rule = "words" },
	{ "D34: not even words", R530, "", "", HINTS(NONE, NONE), NOTHING, { 0 }, DIAG_OTHER, 20, .rule = "words" },

	/* logins that work */
	{ "L01: works, but the module is gone", WORKS, IIS4, HINTS(ANONYMOUS, NONE), NOTHING,
	  { .module = GONE, .sync = YES }, DIAG_SUB_AUTH_MODULE_MISSING, 85, .rule = "L01", .at_risk = true },
	{ "L02: the web service is not listed", WORKS, IIS4, HINTS(ANONYMOUS, NONE), NOTHING,
	  { .module = THERE, .sync = YES, .web = WEB_NOT_LISTED }, DIAG_NONE, 50, .rule = "L02" },
	{ "L03: sound, depends on the web component", WORKS, IIS5, HINTS(ANONYMOUS, NONE), NOTHING,
	  { .module = THERE, .sync = YES, .web = WEB_RUNNING }, DIAG_NONE, 100, .rule = "L03" },
	{ "L04: immune", WORKS, IIS4, HINTS(ANONYMOUS, NONE), NOTHING,
	  { .module = GONE, .sync = NO }, DIAG_NONE, 100, .rule = "L04" },
	{ "L05: the module is newer than the last start", WORKS, IIS4, HINTS(ANONYMOUS, NONE), NOTHING,
	  { .module = THERE, .sync = YES, .web = WEB_RUNNING, .module_newer = true }, DIAG_NONE, 70, .rule = "L05" },
	{ "L06: works even after a restart", WORKS, IIS4, HINTS(ANONYMOUS, NONE), NOTHING,
	  { .module = GONE, .sync = YES, .restarted = true }, DIAG_SUB_AUTH_MODULE_MISSING, 40, .rule = "L06", .at_risk = true },
	{ "L07: home directory on another server", WORKS, IIS5, HINTS(ANONYMOUS, NONE), NOTHING,
	  { .module = THERE, .sync = YES, .unc_home = true }, DIAG_NONE, 40, .rule = "L07" },
	{ "works, nothing known", WORKS, "vsftpd", "3.0.3", HINTS(NONE, NONE), NOTHING,
	  { 0 }, DIAG_NONE, 100, .rule = "ok" },
	{ "works, module gone but setting unknown: no alarm", WORKS, IIS4, HINTS(ANONYMOUS, NONE), NOTHING,
	  { .module = GONE }, DIAG_NONE, 100, .rule = "ok" },
	{ "works, synchronization on but module unknown: no alarm", WORKS, IIS4, HINTS(ANONYMOUS, NONE), NOTHING,
	  { .sync = YES }, DIAG_NONE, 100, .rule = "ok" },
	{ "works on IIS 7, whatever a stray document says", WORKS, IIS7, HINTS(ANONYMOUS, NONE), NOTHING,
	  { .module = GONE, .sync = YES }, DIAG_NONE, 100, .rule = "ok" },

	{ "works, but the file says that anonymous is off", WORKS, "vsftpd", "3.0.3", HINTS(NONE, NONE), NOTHING,
	  { .anonymous = NO }, DIAG_ANONYMOUS_DISABLED, 70, .rule = "setting", .at_risk = true },
	{ "the same where the reply to USER says that it is on", WORKS, "ProFTPD", "", HINTS(ANONYMOUS, NONE), NOTHING,
	  { .anonymous = NO }, DIAG_ANONYMOUS_DISABLED, 70, .rule = "setting", .at_risk = true },
	{ "the same behind a greeting that shows no product", WORKS, "", "", HINTS(NONE, NONE), NOTHING,
	  { .anonymous = NO }, DIAG_ANONYMOUS_DISABLED, 70, .rule = "setting", .at_risk = true },
	{ "anonymous off is no risk to a named user", WORKS, "vsftpd", "3.0.3", HINTS(NONE, NONE), NOTHING,
	  { .anonymous = NO }, DIAG_NONE, 100, .rule = "ok", .named = true },
	{ "IIS 5 heeds its setting at once: whose document is it?", WORKS, IIS5, HINTS(ANONYMOUS, NONE), NOTHING,
	  { .anonymous = NO }, DIAG_NONE, 50, .rule = "setting" },
	{ "so does IIS 7", WORKS, IIS7, HINTS(ANONYMOUS, NONE), NOTHING,
	  { .anonymous = NO }, DIAG_NONE, 50, .rule = "setting" },
	{ "the module of IIS 4 is the greater risk", WORKS, IIS4, HINTS(ANONYMOUS, NONE), NOTHING,
	  { .anonymous = NO, .module = GONE, .sync = YES }, DIAG_SUB_AUTH_MODULE_MISSING, 85, .rule = "L01", .at_risk = true },
	{ "works, anonymous on: no risk", WORKS, "vsftpd", "3.0.3", HINTS(NONE, NONE), NOTHING,
	  { .anonymous = YES }, DIAG_NONE, 100, .rule = "ok" },
	{ "works, but the module of a server of today is gone", WORKS, "vsftpd", "3.0.3", HINTS(NONE, NONE), NOTHING,
	  { .module = GONE, .anonymous = YES }, DIAG_SERVER_MISCONFIGURED, 60, .rule = "module", .at_risk = true },
	{ "a module says nothing of a server that is not known", WORKS, "", "", HINTS(NONE, NONE), NOTHING,
	  { .module = GONE }, DIAG_NONE, 100, .rule = "ok" },
	{ "works, its module is there", WORKS, "ProFTPD", "", HINTS(ANONYMOUS, NONE), NOTHING,
	  { .module = THERE }, DIAG_NONE, 100, .rule = "ok" },

	/* servers of today whose authentication module is gone */
	{ "the module of vsftpd is gone", R530, "vsftpd", "3.0.3", HINTS(NONE, NONE), SAYS(WRONG_CREDENTIALS, 55),
	  { .module = GONE }, DIAG_SERVER_MISCONFIGURED, 85, .rule = "module", .named = true },
	{ "the module is gone, anonymous is on", R530, "vsftpd", "3.0.3", HINTS(NONE, NONE),
	  { { DIAG_ANONYMOUS_DISABLED, 60 }, { DIAG_HOST_DENIED, 25 } },
	  { .module = GONE, .anonymous = YES }, DIAG_SERVER_MISCONFIGURED, 85, .rule = "module" },
	{ "anonymous is off: that says it, module or not", R530, "Pure-FTPd", "", HINTS(NONE, NONE), SAYS(WRONG_CREDENTIALS, 40),
	  { .module = GONE, .anonymous = NO }, DIAG_ANONYMOUS_DISABLED, 95, .rule = "D27" },
	{ "the module is there", R530, "vsftpd", "3.0.3", HINTS(NONE, NONE), SAYS(WRONG_CREDENTIALS, 55),
	  { .module = THERE }, DIAG_WRONG_CREDENTIALS, 55, .rule = "words", .named = true },
	{ "plain words are believed before a missing module", R530, "vsftpd", "3.0.3", HINTS(NONE, NONE), SAYS(TLS_REQUIRED, 90),
	  { .module = GONE }, DIAG_TLS_REQUIRED, 90, .rule = "D21" },
	{ "the module of a server that is not known", R530, "", "", HINTS(NONE, NONE), SAYS(WRONG_CREDENTIALS, 40),
	  { .module = GONE }, DIAG_WRONG_CREDENTIALS, 40, .rule = "words" },
	{ "the module of IIS is another matter", R530, IIS7, HINTS(NONE, NONE), SAYS(WRONG_CREDENTIALS, 40),
	  { .module = GONE }, DIAG_WRONG_CREDENTIALS, 40, .rule = "words" },

	/* look-alikes of Q269241 */
	{ "look-alike: the same 530 on IIS 7", R530, IIS7, HINTS(ANONYMOUS, NONE), SAYS(WRONG_CREDENTIALS, 40),
	  { .module = GONE, .sync = YES }, DIAG_WRONG_CREDENTIALS, 40, .rule = "words" },
	{ "look-alike: a banner without a version", R530, IIS6_OR_7, HINTS(ANONYMOUS, NONE), SAYS(WRONG_CREDENTIALS, 40),
	  { .module = GONE, .sync = YES }, DIAG_WRONG_CREDENTIALS, 40, .rule = "words" },
	{ "look-alike: the same 530 of an unknown server", R530, "", "", HINTS(ANONYMOUS, PASSWORD), SAYS(WRONG_CREDENTIALS, 40),
	  { .module = GONE, .sync = YES }, DIAG_WRONG_CREDENTIALS, 40, .rule = "words" },
	{ "look-alike: absence is not known", R530, IIS4, HINTS(ANONYMOUS, PASSWORD), OPEN,
	  { .module = PRESENCE_UNKNOWN, .sync = YES }, DIAG_SUB_AUTH_MODULE_MISSING, 35, .rule = "D16" },
	{ "look-alike: the module is there", R530, IIS4, HINTS(ANONYMOUS, PASSWORD), OPEN,
	  { .module = THERE, .sync = YES }, DIAG_WRONG_CREDENTIALS, 38, .rule = "D16" },
	{ "look-alike: synchronization off", R530, IIS4, HINTS(ANONYMOUS, PASSWORD), OPEN,
	  { .sync = NO }, DIAG_WRONG_CREDENTIALS, 38, .rule = "D16" },
	{ "look-alike: a named account of the probe", R530, IIS4, HINTS(NAMED, USER), SAYS(WRONG_CREDENTIALS, 50),
	  { .module = GONE, .sync = YES }, DIAG_WRONG_CREDENTIALS, 50, .rule = "words", .named = true },
	{ "look-alike: anonymous is off according to the reply to USER", R530, IIS4, HINTS(NAMED, USER), SAYS(ANONYMOUS_DISABLED, 70),
	  { .module = GONE, .sync = YES }, DIAG_ANONYMOUS_DISABLED, 70, .rule = "D13" },

	/* documents and words */
	{ "a document that is older than the reply to USER", R530, IIS4, HINTS(ANONYMOUS, PASSWORD), OPEN,
	  { .module = GONE, .sync = YES, .anonymous = NO }, DIAG_SUB_AUTH_MODULE_MISSING, 95, .rule = "D01" },
	{ "anonymous_enable=YES leaves the other causes", R530, "vsftpd", "3.0.3", HINTS(NONE, NONE),
	  { { DIAG_ANONYMOUS_DISABLED, 75 }, { DIAG_HOST_DENIED, 15 } },
	  { .anonymous = YES }, DIAG_HOST_DENIED, 30, .rule = "D29" },
	{ "all causes ruled out", R530, "vsftpd", "3.0.3", HINTS(NONE, NONE), SAYS(ANONYMOUS_DISABLED, 75),
	  { .anonymous = YES }, DIAG_OTHER, 20, .rule = "words" },
	{ "others fail too: not our address", OUTCOME_CONNECTION_CLOSED, STAGE_BANNER, 0, IIS4, HINTS(NONE, NONE),
	  { { DIAG_HOST_DENIED, 50 }, { DIAG_TOO_MANY_USERS, 20 } },
	  { .others_fail = true }, DIAG_TOO_MANY_USERS, 40, .rule = "D24" },
	{ "a log that contradicts: code 1385 where the module is gone", R530, IIS4, HINTS(ANONYMOUS, PASSWORD), OPEN,
	  { .module = GONE, .sync = YES, .win32 = 1385 }, DIAG_SUB_AUTH_MODULE_MISSING, 60, .rule = "D01" },
	{ "an unknown code where the module is gone", R530, IIS4, HINTS(ANONYMOUS, PASSWORD), OPEN,
	  { .module = GONE, .sync = YES, .win32 = 87 }, DIAG_SUB_AUTH_MODULE_MISSING, 70, .rule = "D01" },
	{ "IIS 6 or 7: not registered", R530, IIS6_OR_7, HINTS(ANONYMOUS, NONE), SAYS(WRONG_CREDENTIALS, 40),
	  { .sync = YES, .registered = NO }, DIAG_SUB_AUTH_NOT_REGISTERED, 60, .rule = "D17" },
	{ "IIS 7: host name", R530, IIS7, HINTS(NONE, NONE), SAYS(WRONG_CREDENTIALS, 40), { .substatus = 37 }, DIAG_VIRTUAL_HOST_REQUIRED, 95, .rule = "D19" },
	{ "IIS 7: TLS", R530, IIS7, HINTS(NONE, NONE), SAYS(WRONG_CREDENTIALS, 40), { .substatus = 26 }, DIAG_TLS_REQUIRED, 95, .rule = "D19" },
	{ "IIS 7: address", R530, IIS7, HINTS(NONE, NONE), SAYS(WRONG_CREDENTIALS, 40), { .substatus = 4 }, DIAG_HOST_DENIED, 95, .rule = "D19" },
	{ "IIS 7: limit", R530, IIS7, HINTS(NONE, NONE), SAYS(WRONG_CREDENTIALS, 40), { .substatus = 19 }, DIAG_TOO_MANY_USERS, 95, .rule = "D19" },
	{ "a named user where only anonymous is allowed", R530, "vsftpd", "3.0.3", HINTS(NONE, NONE), SAYS(WRONG_CREDENTIALS, 40),
	  { .anonymous = YES, .anonymous_only = YES }, DIAG_ANONYMOUS_ONLY, 95, .rule = "anonymous-only", .named = true },
	{ "anonymous off is no news to a named user", R530, "vsftpd", "3.0.3", HINTS(NONE, NONE), SAYS(WRONG_CREDENTIALS, 40),
	  { .anonymous = NO }, DIAG_WRONG_CREDENTIALS, 40, .rule = "words", .named = true },
	{ "code 1326 alone", R530, "", "", HINTS(NONE, NONE), SAYS(WRONG_CREDENTIALS, 30),
	  { .win32 = 1326 }, DIAG_WRONG_CREDENTIALS, 85, .rule = "log-password" },
	{ "code 1385 alone", R530, IIS6, HINTS(ANONYMOUS, NONE), SAYS(WRONG_CREDENTIALS, 40),
	  { .win32 = 1385 }, DIAG_LOGON_RIGHT_MISSING, 90, .rule = "log-right" },
	{ "code 1311: no domain controller", R530, IIS5, HINTS(ANONYMOUS, NONE), OPEN,
	  { .win32 = 1311 }, DIAG_SERVER_MISCONFIGURED, 90, .rule = "log-domain" },
	{ "code 5 after the log-on", R530, IIS6_OR_7, HINTS(ANONYMOUS, NONE), SAYS(WRONG_CREDENTIALS, 40),
	  { .win32 = 5 }, DIAG_HOME_INACCESSIBLE, 60, .rule = "log-access" },
	{ "an unknown code decides nothing", R530, IIS7, HINTS(ANONYMOUS, NONE), SAYS(WRONG_CREDENTIALS, 40),
	  { .win32 = 87 }, DIAG_WRONG_CREDENTIALS, 40, .rule = "words" },
};
/* clang-format on */

/* A case as the probe, the classifier and the collector would hand it over. */
struct given {
	struct observation observation;
	struct classification words;
	struct decision_input input;
};

static void give(struct given *g, const struct row *row)
{
	g->observation = (struct observation){
		.outcome = row->outcome, .stage = row->stage, .code = row->code
	};
	g->words = (struct classification){
		.product = row->product,
		.user_hint = row->hint,
		.echo = row->echo,
		.rule = "words",
	};
	snprintf(g->words.version, sizeof(g->words.version), "%s", row->version);
	memcpy(g->words.causes, row->causes, sizeof(row->causes));
	while (g->words.n_causes < CAUSES_MAX && g->words.causes[g->words.n_causes].diagnosis != 0)
		g->words.n_causes++;
	g->input =
		(struct decision_input){ &g->observation, &g->words, &row->evidence, row->named };
}

/* What every answer keeps, whatever went in. */
static void check_form(const struct decision *d)
{
	assert_non_null(diagnosis_info(d->diagnosis));
	assert_in_range(d->confidence, 0, 100);
	assert_non_null(d->rule);
	assert_true(strlen(d->remedy) <= 160);
	assert_true(strlen(d->reference) <= 32);
	assert_true(d->n_candidates <= CAUSES_MAX);
	assert_true(d->n_considered <= CONSIDERED_MAX);
	for (size_t i = 0; i < d->n_candidates; i++) {
		assert_non_null(diagnosis_info(d->candidates[i].diagnosis));
		assert_in_range(d->candidates[i].confidence, 1, 100);
		if (i > 0)
			assert_true(d->candidates[i].confidence <= d->candidates[i - 1].confidence);
		for (size_t j = 0; j < i; j++)
			assert_int_not_equal(
				d->candidates[i].diagnosis, d->candidates[j].diagnosis);
	}
	if (d->diagnosis != DIAG_NONE) {
		assert_true(d->n_candidates > 0);
		assert_int_equal(d->candidates[0].diagnosis, d->diagnosis);
		assert_int_equal(d->candidates[0].confidence, d->confidence);
	}
	for (size_t i = 0; i < d->n_considered; i++)
		assert_string_not_equal(d->considered[i].rule, d->rule);
}

static void test_row(void **state)
{
	const struct row *row = *state;
	struct decision d;
	struct given g;

	give(&g, row);
	decide(&g.input, &d);
	check_form(&d);
	assert_string_equal(diagnosis_info(d.diagnosis)->label, diagnosis_info(row->want)->label);
	assert_int_equal(d.confidence, row->confidence);
	assert_string_equal(d.rule, row->rule);
	assert_int_equal(d.at_risk, row->at_risk);
}

/* Without evidence the answer is the classifier's. */
static void test_words_alone(void **state)
{
	const struct row *row = *state;
	struct decision d;
	struct given g;

	give(&g, row);
	g.input.evidence = NULL;
	decide(&g.input, &d);
	check_form(&d);
	assert_false(d.at_risk);
	assert_int_equal(d.n_considered, 0);
	if (g.words.n_causes == 0) {
		assert_int_equal(d.diagnosis, row->outcome == OUTCOME_OK ? DIAG_NONE : DIAG_OTHER);
		return;
	}
	assert_int_equal(d.diagnosis, g.words.causes[0].diagnosis);
	assert_int_equal(d.confidence, g.words.causes[0].confidence);
	assert_int_equal(d.n_candidates, g.words.n_causes);
	assert_memory_equal(
		d.candidates, g.words.causes, g.words.n_causes * sizeof(g.words.causes[0]));
}

static uint32_t random_state;

static unsigned draw(unsigned below)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 16) % below;
}

static void draw_evidence(struct evidence *e)
{
	static const uint32_t codes[] = { 0, 0, 5, 126, 1326, 1330, 1385, 1311, 87, UINT32_MAX };

	*e = (struct evidence){
		.module = draw(5),
		.sync = draw(4),
		.anonymous = draw(4),
		.anonymous_only = draw(4),
		.registered = draw(4),
		.password_absent = draw(2),
		.unc_home = draw(2),
		.web = draw(4),
		.win32 = codes[draw(ARRAY_SIZE(codes))],
		.substatus = draw(3) ? 0 : draw(60),
		.others_fail = draw(2),
		.module_newer = draw(2),
		.restarted = draw(2),
	};
}

static struct row draw_row(void)
{
	static const char *const products[][2] = { { IIS4 }, { IIS5 }, { IIS6 }, { IIS6_OR_7 },
		{ IIS7 }, { "vsftpd", "" }, { "", "" }, { "IIS4-6", "" },
		{ "WinNT-FTPSVC", "3.5" } };
	const char *const *product = products[draw(ARRAY_SIZE(products))];
	struct row row = {
		.outcome = 1 + draw(OUTCOME_END - 1),
		.stage = 1 + draw(STAGE_END - 1),
		.code = draw(2) ? 530 : 421,
		.product = product[0],
		.version = product[1],
		.hint = draw(3),
		.echo = draw(3),
		.named = draw(4) == 0,
	};
	unsigned n = row.outcome == OUTCOME_OK ? 0 : draw(CAUSES_MAX + 1);
	unsigned confidence = 99;

	for (unsigned i = 0; i < n; i++) {
		row.causes[i].diagnosis = (enum diagnosis)(2 + (draw(3) + 4 * i) % 23);
		row.causes[i].confidence = confidence -= draw(confidence / 2) + 1;
	}
	draw_evidence(&row.evidence);
	return row;
}

/* What must hold of any case at all. */
static void test_any_case(void **state)
{
	for (random_state = 1; random_state != 0 && random_state < 200000; random_state++) {
		uint32_t here = random_state;
		struct row row = draw_row();
		struct decision d;
		struct given g;

		give(&g, &row);
		decide(&g.input, &d);
		check_form(&d);
		if (d.at_risk)
			assert_true(row.outcome == OUTCOME_OK &&
				(row.evidence.module == GONE ||
					(row.evidence.anonymous == NO && !row.named)));
		/* IIS misses a module only while synchronization is on, and heeds its setting. */
		if (d.at_risk && strncmp(row.product, "IIS", 3) == 0)
			assert_true(row.evidence.module == GONE && row.evidence.sync == YES);
		if (row.outcome == OUTCOME_OK)
			assert_true(d.diagnosis == DIAG_NONE || d.at_risk);
		/* The module is never blamed with confidence without its absence or code 126. */
		if (d.diagnosis == DIAG_SUB_AUTH_MODULE_MISSING && d.confidence > 80 &&
			(row.causes[0].diagnosis != d.diagnosis))
			assert_true(row.evidence.module == GONE || row.evidence.win32 == 126);
		random_state = here + 17;
	}
}

static void test_considered(void **state)
{
	struct row row = rows[9]; /* D03: module gone, setting unknown */
	struct decision d;
	struct given g;
	bool found = false;

	assert_string_equal(row.rule, "D03");
	give(&g, &row);
	decide(&g.input, &d);
	for (size_t i = 0; i < d.n_considered; i++)
		if (strcmp(d.considered[i].rule, "D01") == 0) {
			found = true;
			assert_string_equal(d.considered[i].missing, "synchronization");
		}
	assert_true(found);
}

/* The rule that would have won had no other come first has nothing missing. */
static void test_considered_in_full(void **state)
{
	struct row row = { "", R530, IIS4, HINTS(ANONYMOUS, PASSWORD), OPEN,
		{ .win32 = 1326, .sync = NO }, 0, 0, "", false, false };
	struct decision d;
	struct given g;
	bool found = false;

	give(&g, &row);
	decide(&g.input, &d);
	assert_string_equal(d.rule, "D08");
	for (size_t i = 0; i < d.n_considered; i++)
		if (strcmp(d.considered[i].rule, "log-password") == 0) {
			found = true;
			assert_null(d.considered[i].missing);
		}
	assert_true(found);
}

/* The alternatives of Q269241 stay in sight, less sure than the cause. */
static void test_candidates(void **state)
{
	struct decision d;
	struct given g;

	give(&g, &rows[0]);
	decide(&g.input, &d);
	assert_int_equal(d.n_candidates, 4);
	assert_string_equal(d.reference, "Q269241, Q306450");
	assert_non_null(strstr(d.remedy, "synchronization"));
	assert_int_equal(d.candidates[1].diagnosis, DIAG_WRONG_CREDENTIALS);
	assert_true(d.candidates[1].confidence < 5);
}

/* The advice differs with the server where the diagnosis is the same. */
static const struct {
	const char *label; /* of the row */
	const char *remedy, *reference;
} advice[] = {
	{ "D05: synchronization off and no password stored", "holds none", "Q259353" },
	{ "D06: module there, synchronization on, code 1385", "from the network", "Q218756" },
	{ "D07: synchronization off, code 1385", "log on locally", "Q153953" },
	{ "D11: home directory on another server, synchronization on", "synchronization off",
		"Q207671" },
	{ "D17: IIS 6, not registered", "RegisterIISSUBA", "KB332167" },
	{ "D23: address refused", "IPSecurity", "Q293637" },
	{ "D24: a 421 of IIS", "MaxConnections", "cc338453" },
	{ "D28: ProFTPD, no <Anonymous> block matches", "<Anonymous>", "" },
	{ "D29: vsftpd's words", "anonymous_enable=YES", "" },
	{ "D30: FileZilla", "FileZilla", "" },
	{ "L01: works, but the module is gone", "while logins still work", "Q306450" },
};

static void test_advice(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(advice); i++) {
		size_t at = 0;
		struct decision d;
		struct given g;

		while (at < ARRAY_SIZE(rows) && strcmp(rows[at].label, advice[i].label) != 0)
			at++;
		assert_true(at < ARRAY_SIZE(rows));
		give(&g, &rows[at]);
		decide(&g.input, &d);
		assert_non_null(strstr(d.remedy, advice[i].remedy));
		assert_non_null(strstr(d.reference, advice[i].reference));
	}
}

int main(void)
{
	UNIT_ROWS(rows, test_row);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		static char names[ARRAY_SIZE(rows)][160];

		snprintf(names[i], sizeof(names[i]), "without evidence: %s", rows[i].label);
		unit_add(names[i], test_words_alone, &rows[i]);
	}
	UNIT_TEST(test_any_case);
	UNIT_TEST(test_considered);
	UNIT_TEST(test_considered_in_full);
	UNIT_TEST(test_candidates);
	UNIT_TEST(test_advice);
	return unit_run("decision");
}
