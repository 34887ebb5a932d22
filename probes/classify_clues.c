/* SPDX-License-Identifier: ISC */
/* From the words of a reply that stands in no rule to causes: ideas that come together. */
#include <string.h>

#include "common/util.h"
#include "probes/classify_ideas.h"
#include "probes/classify_rules.h"

enum {
	LINES_LESS = 6,
	SENTENCES_LESS = 25,
	CLAUSES_LESS = 4,
	SUPPOSED_LESS = 50,
	CAUSES = DIAG_END,
};

/* Short names for the table below. */
#define I(name) IDEA(name)
#define ANY_NO (I(NOT) | I(UNABLE))
#define REFUSAL (I(NOT) | I(UNABLE) | I(DENIED) | I(DISABLED) | I(LOCKED) | I(CLOSED) | I(BANNED))
#define FAILURE \
	(I(NOT) | I(UNABLE) | I(DENIED) | I(FAILED) | I(MISSING) | I(UNKNOWN) | I(WRONG) | \
		I(UNAVAILABLE))
#define PEOPLE \
	(I(USER) | I(CONNECTION) | I(LOGIN) | I(ACCOUNT) | I(ADDRESS) | I(PLACE) | I(ANON) | \
		I(SERVER))
#define SHELL (I(ACCOUNT) | I(HOURS) | I(PRIVILEGE)) /* the row of "login shell" */
#define GUESSES (I(ATTEMPT) | I(FAILED) | I(WRONG) | I(AUTHENTICATION))
#define HERE (I(ADDRESS) | I(PLACE))
#define SECRETS (I(PASSWORD) | I(AUTHENTICATION))
#define AT(stage) (1u << STAGE_##stage)
#define LOGGING_IN (AT(USER) | AT(PASSWORD))

/* A clue fits a sentence that holds all ideas of `all`, one of each of `some` and `other` (when not
 * 0) and none of `none`, at one of `stages` (0: all). The best clue of each cause counts. */
/* clang-format off */
static const struct clue {
	const char *id;
	enum diagnosis cause;
	unsigned confidence;
	uint64_t all, some, other, none;
	unsigned stages;
} clues[] = {
	/* Limits. A limit of failed attempts is none of sessions. */
	{ "words-too-many", DIAG_TOO_MANY_USERS, 85, I(TOO_MANY), PEOPLE, 0, GUESSES | I(RESOURCE) | I(PASSWORD), 0 },
	{ "words-too-many-what", DIAG_TOO_MANY_USERS, 65, I(TOO_MANY), 0, 0, GUESSES | I(RESOURCE) | I(PASSWORD) | I(TLS), 0 },
	{ "words-limit", DIAG_TOO_MANY_USERS, 84, I(LIMIT), PEOPLE, 0, GUESSES | I(RESOURCE) | I(TIMEOUT) | I(PASSWORD) | I(PRIVILEGE), 0 },
	{ "words-limit-reached", DIAG_TOO_MANY_USERS, 76, I(LIMIT) | I(REACHED), 0, 0, GUESSES | I(RESOURCE) | I(TIMEOUT), 0 },
	{ "words-limit-alone", DIAG_TOO_MANY_USERS, 50, I(LIMIT), 0, 0, GUESSES | I(RESOURCE) | I(TIMEOUT) | HERE, 0 },
	{ "words-full", DIAG_TOO_MANY_USERS, 82, I(FULL), PEOPLE | I(LATER), 0, GUESSES | I(RESOURCE) | I(HOME), 0 },
	{ "words-full-alone", DIAG_TOO_MANY_USERS, 68, I(FULL), 0, 0, GUESSES | I(RESOURCE) | I(HOME), 0 },
	{ "words-no-more", DIAG_TOO_MANY_USERS, 80, I(MORE), PEOPLE, ANY_NO | I(ONLY) | I(DENIED) | I(LIMIT) | I(REACHED), GUESSES, 0 },
	{ "words-at-once", DIAG_TOO_MANY_USERS, 72, I(MORE) | I(CONNECTION), 0, 0, GUESSES, 0 },
	{ "words-users-exceed", DIAG_TOO_MANY_USERS, 76, I(REACHED), I(USER) | I(CONNECTION), 0, GUESSES | I(TIMEOUT), 0 },

	/* Guarding against guesses shuts out the address or the account. */
	{ "words-too-many-guesses", DIAG_HOST_DENIED, 58, 0, I(TOO_MANY) | I(LIMIT) | I(REACHED), I(ATTEMPT) | I(FAILED) | I(WRONG), I(TIMEOUT) | I(TLS) | I(RESOURCE) | I(CONFIGURATION) | I(INTERNAL), 0 },
	{ "words-too-many-guesses", DIAG_ACCOUNT_LOCKED, 55, 0, I(TOO_MANY) | I(LIMIT) | I(REACHED), I(ATTEMPT) | I(FAILED) | I(WRONG), I(TIMEOUT) | I(TLS) | I(RESOURCE) | I(CONFIGURATION) | I(INTERNAL), 0 },
	{ "words-guesses-locked", DIAG_ACCOUNT_LOCKED, 86, I(ATTEMPT) | I(ACCOUNT), I(LOCKED) | I(DISABLED), 0, I(ADDRESS), 0 },

	/* Addresses. */
	{ "words-banned", DIAG_HOST_DENIED, 84, I(BANNED), 0, 0, I(ACCOUNT), 0 },
	{ "words-account-banned", DIAG_ACCOUNT_LOCKED, 74, I(BANNED) | I(ACCOUNT), 0, 0, HERE, 0 },
	{ "words-address-banned", DIAG_HOST_DENIED, 86, I(BANNED), HERE, 0, 0, 0 },
	{ "words-address-refused", DIAG_HOST_DENIED, 85, I(ADDRESS), I(DENIED) | I(LOCKED) | I(BANNED), 0, I(MORE) | I(TOO_MANY) | I(LIMIT) | I(ANON) | I(TLS) | I(PLAIN) | I(HOME) | I(DIRECTORY), 0 },
	{ "words-address-guesses", DIAG_HOST_DENIED, 90, I(ADDRESS), I(LOCKED) | I(BANNED), I(ATTEMPT) | I(FAILED) | I(WRONG), I(ACCOUNT) | I(ANON), 0 },
	{ "words-address-unavailable", DIAG_HOST_DENIED, 74, I(UNAVAILABLE), HERE, 0, I(MORE) | I(TOO_MANY) | I(LIMIT) | I(ANON) | I(TLS) | I(PLAIN) | I(HOME) | I(DIRECTORY), 0 },
	{ "words-address-not-allowed", DIAG_HOST_DENIED, 84, I(ADDRESS), I(ALLOWED) | I(ACCESS) | I(CONNECTION), ANY_NO, I(MORE) | I(TOO_MANY) | I(LIMIT) | I(ANON) | I(TLS) | I(PLAIN) | I(HOME) | I(DIRECTORY) | I(BACKEND), 0 },
	{ "words-address-unknown", DIAG_HOST_DENIED, 72, I(ADDRESS), I(UNKNOWN) | I(WRONG), 0, I(USER) | I(PASSWORD) | I(HOME) | I(DIRECTORY) | I(AUTHENTICATION), 0 },
	{ "words-place-refused", DIAG_HOST_DENIED, 82, I(PLACE), I(DENIED) | I(LOCKED), 0, I(MORE) | I(TOO_MANY) | I(LIMIT) | I(ANON) | I(TLS) | I(PLAIN), 0 },
	{ "words-place-not-allowed", DIAG_HOST_DENIED, 80, I(PLACE), I(ALLOWED) | I(LOGIN) | I(ACCESS) | I(CONNECTION) | I(USE), ANY_NO, I(MORE) | I(TOO_MANY) | I(LIMIT) | I(ANON) | I(TLS) | I(PLAIN), 0 },
	{ "words-place-only", DIAG_HOST_DENIED, 78, I(PLACE) | I(ONLY), 0, 0, I(ANON) | I(TLS) | I(PLAIN) | I(NAMED) | I(TOO_MANY) | I(LIMIT), 0 },
	{ "words-connection-refused", DIAG_HOST_DENIED, 60, 0, I(CONNECTION) | I(ACCESS), I(DENIED) | I(LOCKED), I(ANON) | I(TLS) | I(PLAIN) | I(USER) | I(PASSWORD) | I(TOO_MANY) | I(LIMIT) | I(HOME) | I(DIRECTORY), AT(BANNER) },
	{ "words-connection-not-allowed", DIAG_HOST_DENIED, 62, I(ALLOWED), I(CONNECTION) | I(ACCESS) | I(LOGIN), ANY_NO, I(ANON) | I(TLS) | I(PLAIN) | I(MORE) | I(TOO_MANY) | I(LIMIT) | I(SHUTDOWN), AT(BANNER) },

	/* Anonymous logins. */
	{ "words-anonymous-refused", DIAG_ANONYMOUS_DISABLED, 90, I(ANON), I(EXPIRED) | I(DENIED) | I(DISABLED) | I(CLOSED) | I(UNAVAILABLE), 0, I(TOO_MANY) | I(LIMIT) | I(PASSWORD) | I(ANON_ONLY), 0 },
	{ "words-anonymous-locked", DIAG_ANONYMOUS_DISABLED, 84, I(ANON) | I(LOCKED), 0, 0, I(ACCOUNT) | I(TOO_MANY) | I(LIMIT) | I(PASSWORD) | I(ANON_ONLY), 0 },
	{ "words-anonymous-not-allowed", DIAG_ANONYMOUS_DISABLED, 90, I(ANON), I(ALLOWED) | I(ACCESS) | I(LOGIN) | I(AVAILABLE) | I(USER) | I(CONNECTION) | I(SERVER), ANY_NO, I(TOO_MANY) | I(LIMIT) | I(PASSWORD) | I(ANON_ONLY) | I(TLS) | I(DIRECTORY) | I(HOME), 0 },
	{ "words-not-anonymous", DIAG_ANONYMOUS_DISABLED, 80, I(ANON), ANY_NO, 0, I(MORE) | I(TOO_MANY) | I(LIMIT) | I(PASSWORD) | I(ANON_ONLY) | I(TLS) | I(DIRECTORY) | I(HOME) | I(CHROOT) | I(BACKEND), 0 },
	{ "words-without-anonymous", DIAG_ANONYMOUS_DISABLED, 82, I(ANON) | I(WITHOUT), 0, 0, I(TLS) | I(PASSWORD), 0 },
	{ "words-private", DIAG_ANONYMOUS_DISABLED, 58, I(NAMED) | I(SERVER), 0, 0, I(TLS) | I(PLAIN), LOGGING_IN },
	{ "words-anonymous-unknown", DIAG_ANONYMOUS_DISABLED, 78, I(ANON), I(UNKNOWN) | I(WRONG), 0, I(PASSWORD) | I(TLS), 0 },
	{ "words-anonymous-failed", DIAG_ANONYMOUS_DISABLED, 50, I(ANON), I(FAILED), 0, I(PASSWORD) | I(TLS), 0 },
	{ "words-members-only", DIAG_ANONYMOUS_DISABLED, 78, I(NAMED), I(ONLY) | I(REQUIRED), 0, I(TLS) | I(PLAIN), 0 },
	{ "words-get-an-account", DIAG_ANONYMOUS_DISABLED, 60, I(ACCOUNT), I(REQUIRED), 0, I(TLS) | I(PASSWORD) | I(LOCKED) | I(EXPIRED) | I(DISABLED), LOGGING_IN },
	{ "words-anonymous-only", DIAG_ANONYMOUS_ONLY, 92, I(ANON_ONLY), 0, 0, 0, 0 },
	{ "words-only-anonymous", DIAG_ANONYMOUS_ONLY, 80, I(ANON) | I(ONLY), 0, 0, ANY_NO | I(DENIED) | I(TLS) | I(PASSWORD), 0 },

	/* Names and passwords. */
	{ "words-wrong-password", DIAG_WRONG_CREDENTIALS, 88, I(PASSWORD) | I(WRONG), 0, 0, I(EXPIRED) | I(TOO_MANY) | I(LOCKED) | I(ATTEMPT), 0 },
	{ "words-password-not-right", DIAG_WRONG_CREDENTIALS, 86, I(PASSWORD), I(RIGHT) | I(ALLOWED) | I(UNKNOWN), ANY_NO | I(UNKNOWN) | I(REQUIRED) | I(DENIED), I(EXPIRED) | I(TLS) | I(PLAIN) | I(LOCKED), 0 },
	{ "words-password-failed", DIAG_WRONG_CREDENTIALS, 80, I(PASSWORD), I(FAILED) | I(DENIED), 0, I(EXPIRED) | I(TOO_MANY) | I(ATTEMPT) | I(LOCKED), 0 },
	{ "words-not-authenticated", DIAG_WRONG_CREDENTIALS, 70, I(AUTHENTICATION), FAILURE, 0, I(TLS) | I(LOCKED) | I(TOO_MANY) | I(EXPIRED) | I(BACKEND) | I(INTERNAL) | I(CONFIGURATION) | I(ANON), ~AT(USER) },
	{ "words-backend-says-no", DIAG_WRONG_CREDENTIALS, 72, I(AUTHENTICATION) | I(BACKEND), I(FAILED) | I(DENIED) | I(WRONG), 0, I(UNABLE) | I(UNAVAILABLE) | I(MISSING) | I(INTERNAL) | I(CONFIGURATION) | I(ANON) | I(TLS), AT(PASSWORD) },
	{ "words-no-password-asked", DIAG_WRONG_CREDENTIALS, 55, I(AUTHENTICATION), FAILURE, 0, I(TLS) | I(LOCKED) | I(TOO_MANY) | I(EXPIRED) | I(BACKEND) | I(INTERNAL) | I(CONFIGURATION) | I(ANON), AT(USER) },
	{ "words-anonymous-not-authenticated", DIAG_WRONG_CREDENTIALS, 60, I(AUTHENTICATION) | I(ANON), I(FAILED), 0, I(TLS) | I(LOCKED), 0 },
	{ "words-login-wrong", DIAG_WRONG_CREDENTIALS, 80, I(WRONG), I(LOGIN) | I(USER) | I(ACCOUNT) | I(AUTHENTICATION), 0, I(TOO_MANY) | I(LOCKED) | I(TLS) | I(CONFIGURATION) | I(ADDRESS) | I(INTERNAL) | I(ATTEMPT) | I(HOME) | I(DIRECTORY), 0 },
	{ "words-user-unknown", DIAG_WRONG_CREDENTIALS, 74, I(UNKNOWN), I(USER) | I(ACCOUNT) | I(LOGIN), 0, I(ANON) | I(ADDRESS) | I(HOME) | I(DIRECTORY) | I(VIRTUAL_HOST) | I(COMMAND), 0 },
	{ "words-login-failed", DIAG_WRONG_CREDENTIALS, 48, I(LOGIN), I(FAILED) | I(DENIED), 0, I(TOO_MANY) | I(LIMIT) | I(HOME) | I(DIRECTORY) | I(TLS) | I(SHUTDOWN) | I(INTERNAL) | I(BACKEND) | I(CONFIGURATION) | I(LOCKED), 0 },
	{ "words-no-login", DIAG_WRONG_CREDENTIALS, 45, I(LOGIN), ANY_NO, 0, I(TOO_MANY) | I(LIMIT) | I(HOME) | I(DIRECTORY) | I(TLS) | I(SHUTDOWN) | I(PLACE) | I(ANON) | I(BACKEND) | I(MAINTENANCE), LOGGING_IN },
	{ "words-user-failed", DIAG_WRONG_CREDENTIALS, 48, I(USER), FAILURE, 0, I(ANON) | I(TLS) | I(HOME) | I(DIRECTORY) | I(TOO_MANY) | I(LIMIT), AT(PASSWORD) },
	{ "words-command-failed", DIAG_WRONG_CREDENTIALS, 44, I(COMMAND) | I(FAILED), 0, 0, 0, AT(PASSWORD) },
	{ "words-password", DIAG_WRONG_CREDENTIALS, 50, I(PASSWORD), 0, 0, I(EXPIRED) | I(TLS) | I(TOO_MANY) | I(LOCKED), AT(PASSWORD) },
	{ "words-access-denied", DIAG_WRONG_CREDENTIALS, 45, 0, I(ACCESS) | I(ALLOWED), I(DENIED) | ANY_NO, I(ANON) | HERE | I(TLS) | I(PLAIN) | I(DIRECTORY) | I(HOME), AT(PASSWORD) },
	{ "words-access-denied", DIAG_HOST_DENIED, 38, 0, I(ACCESS) | I(ALLOWED), I(DENIED) | ANY_NO, I(ANON) | I(TLS) | I(PLAIN) | I(DIRECTORY) | I(HOME) | I(TOO_MANY) | I(LIMIT), AT(PASSWORD) },
	{ "words-user-denied", DIAG_ANONYMOUS_DISABLED, 55, 0, I(ACCESS) | I(ALLOWED) | I(USER) | I(LOGIN), I(DENIED) | ANY_NO, HERE | I(TLS) | I(PLAIN) | I(DIRECTORY) | I(HOME) | I(SHUTDOWN) | I(TOO_MANY) | I(LIMIT) | I(ANON_ONLY), AT(USER) },
	{ "words-user-denied", DIAG_HOST_DENIED, 40, 0, I(ACCESS) | I(ALLOWED), I(DENIED) | ANY_NO, I(ANON) | I(TLS) | I(PLAIN) | I(DIRECTORY) | I(HOME) | I(TOO_MANY) | I(LIMIT), AT(USER) },

	/* Accounts. */
	{ "words-expired", DIAG_ACCOUNT_LOCKED, 88, I(EXPIRED), I(ACCOUNT) | I(USER) | I(PASSWORD) | I(LOGIN), 0, I(LICENCE) | I(TIMEOUT) | I(CONNECTION), 0 },
	{ "words-account-locked", DIAG_ACCOUNT_LOCKED, 87, 0, I(ACCOUNT), I(LOCKED) | I(DISABLED) | I(CLOSED), I(ADDRESS) | I(BANNED), 0 },
	{ "words-user-locked", DIAG_ACCOUNT_LOCKED, 82, 0, I(USER) | I(LOGIN) | I(PASSWORD), I(LOCKED) | I(DISABLED), HERE | I(ANON) | I(SHUTDOWN) | I(MAINTENANCE) | I(PLAIN) | I(SERVER) | I(TLS), 0 },
	{ "words-shell", DIAG_ACCOUNT_LOCKED, 93, SHELL, 0, 0, 0, 0 },
	{ "words-account-inactive", DIAG_ACCOUNT_LOCKED, 70, I(ACCOUNT), ANY_NO, I(AVAILABLE) | I(ALLOWED) | I(RIGHT), I(ANON) | HERE | I(TLS) | I(LOG_ON_LOCALLY) | I(PRIVILEGE), 0 },
	{ "words-access-off", DIAG_ACCOUNT_LOCKED, 62, I(ACCESS), I(LOCKED) | I(DISABLED) | I(EXPIRED), 0, HERE | I(ANON) | I(TLS) | I(PLAIN) | I(SERVER) | I(DIRECTORY) | I(HOME), AT(PASSWORD) },
	{ "words-hours", DIAG_ACCOUNT_LOCKED, 78, I(HOURS), PEOPLE | ANY_NO | I(DENIED) | I(ALLOWED) | I(LOCKED) | I(ONLY) | I(ACCESS), 0, I(SHUTDOWN) | I(MAINTENANCE) | I(TOO_MANY), LOGGING_IN },
	{ "words-hours-alone", DIAG_ACCOUNT_LOCKED, 45, I(HOURS), 0, 0, I(SHUTDOWN) | I(MAINTENANCE) | I(TOO_MANY), LOGGING_IN },
	{ "words-right", DIAG_LOGON_RIGHT_MISSING, 84, I(LOG_ON_LOCALLY), 0, 0, I(WRONG), 0 },
	{ "words-privilege", DIAG_LOGON_RIGHT_MISSING, 72, I(PRIVILEGE), I(LOGIN) | I(USE) | I(ALLOWED) | I(USER) | I(ACCOUNT) | I(ACCESS), ANY_NO | I(MISSING) | I(REQUIRED), I(CHROOT) | I(DIRECTORY) | I(HOME) | I(ANON) | HERE, 0 },

	/* Home directories. */
	{ "words-home", DIAG_HOME_INACCESSIBLE, 90, I(HOME), FAILURE | I(LOCKED) | I(DISABLED), 0, I(RIGHT), 0 },
	{ "words-home-alone", DIAG_HOME_INACCESSIBLE, 45, I(HOME), 0, 0, 0, 0 },
	{ "words-chroot", DIAG_HOME_INACCESSIBLE, 86, I(CHROOT), 0, 0, 0, 0 },
	{ "words-change-directory", DIAG_HOME_INACCESSIBLE, 87, I(DIRECTORY), I(CHANGE) | I(ACCESS), FAILURE, I(BACKEND) | I(CONFIGURATION), 0 },
	{ "words-directory", DIAG_HOME_INACCESSIBLE, 76, I(DIRECTORY), FAILURE, 0, I(BACKEND) | I(CONFIGURATION), 0 },

	/* TLS. */
	{ "words-tls-required", DIAG_TLS_REQUIRED, 90, I(TLS), I(REQUIRED) | I(ONLY) | I(WITHOUT), 0, I(UNAVAILABLE) | I(FAILED), 0 },
	{ "words-tls-without", DIAG_TLS_REQUIRED, 86, I(TLS) | I(WITHOUT), 0, 0, 0, LOGGING_IN | AT(BANNER) },
	{ "words-no-plain", DIAG_TLS_REQUIRED, 90, I(PLAIN), ANY_NO | I(DENIED) | I(DISABLED) | I(UNAVAILABLE), 0, 0, 0 },
	{ "words-plain", DIAG_TLS_REQUIRED, 60, I(PLAIN), 0, 0, I(ONLY) | I(REQUIRED), LOGGING_IN | AT(BANNER) },
	{ "words-use-tls", DIAG_TLS_REQUIRED, 82, I(TLS), I(USE) | I(FIRST), 0, ANY_NO | I(UNAVAILABLE) | I(DISABLED) | I(DENIED), LOGGING_IN | AT(BANNER) },
	{ "words-auth-first", DIAG_TLS_REQUIRED, 84, I(AUTH_COMMAND), I(FIRST) | I(REQUIRED) | I(USE), 0, I(UNKNOWN), LOGGING_IN | AT(BANNER) },
	{ "words-tls", DIAG_TLS_REQUIRED, 58, I(TLS), 0, 0, I(DISABLED) | I(UNAVAILABLE) | I(FAILED) | ANY_NO | I(WRONG), LOGGING_IN | AT(BANNER) },
	{ "words-tls-not-available", DIAG_TLS_UNAVAILABLE, 86, I(TLS), I(AVAILABLE) | I(ALLOWED) | I(UNKNOWN) | I(USE) | I(RIGHT), ANY_NO, I(PLAIN) | I(WITHOUT) | I(REQUIRED), 0 },
	{ "words-tls-disabled", DIAG_TLS_UNAVAILABLE, 84, I(TLS), I(DISABLED) | I(UNAVAILABLE) | I(FAILED) | I(DENIED) | I(MISSING) | I(UNKNOWN), 0, I(PLAIN) | I(WITHOUT) | I(REQUIRED), 0 },
	{ "words-tls-not", DIAG_TLS_UNAVAILABLE, 66, I(TLS), ANY_NO | I(WRONG), 0, I(PLAIN) | I(WITHOUT) | I(REQUIRED) | I(ONLY), 0 },
	{ "words-plain-only", DIAG_TLS_UNAVAILABLE, 76, I(PLAIN) | I(ONLY), 0, 0, ANY_NO | I(REQUIRED), 0 },
	{ "words-tls-at-auth", DIAG_TLS_UNAVAILABLE, 74, I(TLS), 0, 0, 0, AT(AUTH) },
	{ "words-auth-refused", DIAG_TLS_UNAVAILABLE, 76, 0, FAILURE | I(DISABLED), 0, 0, AT(AUTH) },

	/* The service. */
	{ "words-shutdown", DIAG_SHUTTING_DOWN, 85, I(SHUTDOWN), 0, 0, I(BACKEND) | I(HOME) | I(TLS) | I(PLAIN) | I(ACCOUNT) | I(ANON) | I(LOCKED), 0 },
	{ "words-maintenance", DIAG_SHUTTING_DOWN, 90, I(MAINTENANCE), 0, 0, I(TOO_MANY), 0 },
	{ "words-server-closed", DIAG_SHUTTING_DOWN, 74, I(SERVER), I(CLOSED) | I(UNAVAILABLE) | I(DISABLED) | I(LOCKED), 0, I(TOO_MANY) | I(LIMIT) | I(TIMEOUT) | I(ANON) | I(TLS) | I(PLAIN) | I(HOME) | I(DIRECTORY) | I(ACCOUNT) | I(ADDRESS) | I(CONFIGURATION), 0 },
	{ "words-server-not-available", DIAG_SHUTTING_DOWN, 72, I(SERVER) | I(AVAILABLE), ANY_NO, 0, I(TOO_MANY) | I(LIMIT) | I(TIMEOUT) | I(ANON) | I(TLS) | I(HOME) | I(DIRECTORY) | I(VIRTUAL_HOST) | I(USER), 0 },
	{ "words-closed", DIAG_SHUTTING_DOWN, 50, 0, I(CLOSED) | I(UNAVAILABLE), 0, I(TOO_MANY) | I(LIMIT) | I(TIMEOUT) | I(ANON) | I(TLS) | I(HOME) | I(DIRECTORY) | I(ACCOUNT) | I(ADDRESS) | I(IDLE), 0 },
	{ "words-later", DIAG_SHUTTING_DOWN, 38, I(LATER), 0, 0, I(TIMEOUT) | I(ANON) | I(TLS) | I(HOME) | I(PASSWORD), AT(BANNER) },
	{ "words-later", DIAG_TOO_MANY_USERS, 40, I(LATER), 0, 0, I(TIMEOUT) | I(ANON) | I(TLS) | I(HOME) | I(PASSWORD), AT(BANNER) },
	{ "words-timeout", DIAG_TIMED_OUT, 86, I(TIMEOUT), 0, 0, I(BACKEND), 0 },
	{ "words-idle", DIAG_TIMED_OUT, 78, I(IDLE), 0, 0, I(ACCOUNT), 0 },
	{ "words-internal", DIAG_SERVER_MISCONFIGURED, 86, I(INTERNAL), 0, 0, I(HOME) | I(CHROOT) | I(ANON) | I(DIRECTORY), 0 },
	{ "words-configuration", DIAG_SERVER_MISCONFIGURED, 84, I(CONFIGURATION), FAILURE, 0, I(TLS) | I(ANON), 0 },
	{ "words-configuration-alone", DIAG_SERVER_MISCONFIGURED, 45, I(CONFIGURATION), 0, 0, I(TLS) | I(ANON), 0 },
	{ "words-backend", DIAG_SERVER_MISCONFIGURED, 84, I(BACKEND), FAILURE | I(EXPIRED), 0, I(PASSWORD) | I(AUTHENTICATION), 0 },
	{ "words-backend-down", DIAG_SERVER_MISCONFIGURED, 86, I(BACKEND), I(SHUTDOWN) | I(CLOSED) | I(TIMEOUT), 0, 0, 0 },
	{ "words-backend-silent", DIAG_SERVER_MISCONFIGURED, 80, I(BACKEND), I(UNABLE) | I(UNAVAILABLE) | I(MISSING), 0, I(PASSWORD), 0 },
	{ "words-resource", DIAG_SERVER_MISCONFIGURED, 82, I(RESOURCE), FAILURE | I(TOO_MANY) | I(FULL) | I(LIMIT), 0, I(USER) | I(MORE), 0 },
	{ "words-licence", DIAG_SERVER_MISCONFIGURED, 86, I(LICENCE), 0, 0, 0, 0 },
	{ "words-server-error", DIAG_SERVER_MISCONFIGURED, 52, I(SERVER) | I(FAILED), 0, 0, I(PASSWORD) | I(LOGIN) | I(AUTHENTICATION) | I(TLS) | I(USER) | I(TOO_MANY), 0 },
	{ "words-error", DIAG_SERVER_MISCONFIGURED, 42, I(FAILED), 0, 0, I(PASSWORD) | I(LOGIN) | I(AUTHENTICATION) | I(TLS) | I(USER) | I(TOO_MANY) | I(ANON), 0 },
	{ "words-virtual-host", DIAG_VIRTUAL_HOST_REQUIRED, 88, I(VIRTUAL_HOST), 0, 0, HERE & ~I(ADDRESS), 0 },

	/* Talk out of turn. */
	{ "words-log-in-first", DIAG_PROTOCOL_ERROR, 74, I(LOGIN) | I(FIRST), 0, 0, I(TLS) | I(AUTH_COMMAND) | ANY_NO | I(PASSWORD), AT(BANNER) | AT(AUTH) | AT(USER) },
	{ "words-log-in-again", DIAG_PROTOCOL_ERROR, 50, I(LOGIN) | I(FIRST), 0, 0, I(TLS) | I(AUTH_COMMAND) | ANY_NO | I(PASSWORD), AT(PASSWORD) },
	{ "words-command", DIAG_PROTOCOL_ERROR, 70, I(COMMAND), I(UNKNOWN) | I(WRONG) | ANY_NO, 0, I(TLS) | I(PLAIN) | I(AUTH_COMMAND) | I(ANON), AT(BANNER) | AT(USER) },
};
/* clang-format on */

/* The best clue of each cause. */
struct scores {
	unsigned best[CAUSES];
	const char *id[CAUSES];
};

static bool clue_fits(const struct clue *c, uint64_t ideas, enum stage stage)
{
	if ((ideas & c->all) != c->all || (ideas & c->none) != 0)
		return false;
	if ((c->some != 0 && (ideas & c->some) == 0) || (c->other != 0 && (ideas & c->other) == 0))
		return false;
	return c->stages == 0 || (c->stages & 1u << stage) != 0;
}

static void add_scores(struct scores *s, uint64_t ideas, enum stage stage, unsigned less)
{
	for (size_t i = 0; i < ARRAY_SIZE(clues); i++) {
		const struct clue *c = &clues[i];

		if (c->confidence <= less || c->confidence - less <= s->best[c->cause] ||
			!clue_fits(c, ideas, stage))
			continue;
		s->best[c->cause] = c->confidence - less;
		s->id[c->cause] = c->id;
	}
}

/* Takes the causes out of S in order: those that the words speak for at least half as much as for
 * the first, and they count for less. */
static size_t rank(struct scores *s, struct cause *ret_causes, const char **ret_rule)
{
	unsigned first = 0;
	size_t n = 0;

	while (n < RULE_CAUSES_MAX) {
		size_t best = 0;

		for (size_t i = 0; i < CAUSES; i++)
			if (s->best[i] > s->best[best])
				best = i;
		if (s->best[best] == 0 || 2 * s->best[best] < first)
			break;
		if (n == 0) {
			first = s->best[best];
			*ret_rule = s->id[best];
		}
		ret_causes[n].diagnosis = best;
		ret_causes[n].confidence = n == 0 ? first : s->best[best] / 3;
		n++;
		s->best[best] = 0;
	}
	return n;
}

/* What is said not to be so is no cause, unless the words that make it one are said elsewhere. */
/* clang-format off */
static const struct {
	uint64_t denied, about; /* one of each */
	enum diagnosis cause;
} denials[] = {
	{ I(LOCKED) | I(EXPIRED) | I(DISABLED),           ~UINT64_C(0),   DIAG_ACCOUNT_LOCKED },
	{ I(BANNED),                                      ~UINT64_C(0),   DIAG_HOST_DENIED },
	{ I(LOCKED),                                      HERE,           DIAG_HOST_DENIED },
	{ I(DISABLED) | I(CLOSED),                        I(ANON),        DIAG_ANONYMOUS_DISABLED },
	{ I(REACHED) | I(FULL) | I(TOO_MANY) | I(LIMIT),             ~UINT64_C(0),   DIAG_TOO_MANY_USERS },
	{ I(MAINTENANCE) | I(SHUTDOWN) | I(CLOSED),       ~UINT64_C(0),   DIAG_SHUTTING_DOWN },
	{ I(REQUIRED),                                    I(TLS),         DIAG_TLS_REQUIRED },
	{ I(REQUIRED),                                    I(TLS),         DIAG_TLS_UNAVAILABLE },
	{ I(FAILED),                                      ~UINT64_C(0),   DIAG_SERVER_MISCONFIGURED },
};
/* clang-format on */

/* The words of a reply on the way through its sentences. */
struct reading {
	struct scores scores;
	enum stage stage;
	uint64_t all, denied;
	size_t sentences; /* that say something */
	bool stopped;     /* the last one ended for good */
	size_t stops;     /* between them, other than ends of lines */
};

/* Reads the sentence from S to END, clause by clause and as a whole: what is far apart in it need
 * not belong together, and counts for less. */
static void read_sentence(struct reading *r, const char *s, const char *end)
{
	struct words words;
	uint64_t sentence = 0, supposed = 0;
	size_t len;

	classify_split(&words, s, end);
	for (const char *clause = words.text; clause < words.text + words.len; clause += len) {
		const char *comma =
			memmem(clause, (size_t)(words.text + words.len - clause), " , ", 3);
		struct said said;

		len = comma ? (size_t)(comma - clause) + 2
			    : (size_t)(words.text + words.len - clause);
		said = classify_clause(clause, comma ? len - 1 : len);
		supposed |= said.supposed | (*end == '?' ? said.ideas : 0);
		r->denied |= said.denied;
		if (*end == '?')
			continue;
		sentence |= said.ideas;
		add_scores(&r->scores, said.ideas, r->stage, 0);
	}
	add_scores(&r->scores, sentence, r->stage, CLAUSES_LESS);
	add_scores(&r->scores, supposed, r->stage, SUPPOSED_LESS);
	r->stops += sentence != 0 && r->sentences > 0 && r->stopped;
	r->stopped = *end != '\n' || (end > s && strchr(".!?;", end[-1]));
	r->sentences += sentence != 0;
	r->all |= sentence;
}

static void strike_denied(struct reading *r)
{
	uint64_t denied = r->denied & ~r->all;

	for (size_t i = 0; i < ARRAY_SIZE(denials); i++)
		if ((denied & denials[i].denied) != 0 &&
			((r->all | r->denied) & denials[i].about) != 0)
			r->scores.best[denials[i].cause] = 0;
}

size_t classify_words(const struct question *q, const char *folded, struct cause *ret_causes,
	const char **ret_rule)
{
	struct reading r = { .stage = q->stage };

	for (const char *s = folded; *s;) {
		const char *end = classify_sentence_end(s);

		read_sentence(&r, s, end);
		s = *end ? end + 1 : end;
	}
	/* A sentence that runs over two lines, or two that mean one thing. */
	if (r.sentences > 1)
		add_scores(&r.scores, r.all, r.stage, r.stops > 0 ? SENTENCES_LESS : LINES_LESS);
	strike_denied(&r);
	return rank(&r.scores, ret_causes, ret_rule);
}
