/* SPDX-License-Identifier: ISC */
/*
 * What one probe can find: stages, outcomes and diagnoses, each in one list that the MIB's textual
 * conventions (FtpAuthStage, FtpAuthOutcome, FtpAuthDiagnosis) repeat; a test compares them.
 * Numbers are frozen by the first release; labels carry no digits (check_snmp reads the first
 * digits it sees).
 */
#ifndef FTPHEALTH_OUTCOME_H
#define FTPHEALTH_OUTCOME_H

/* clang-format off */
#define STAGES(X) \
	X(1, NONE, none) \
	X(2, RESOLVE, resolve) \
	X(3, CONNECT, connect) \
	X(4, TLS, tls) \
	X(5, BANNER, banner) \
	X(6, AUTH, auth) \
	X(7, USER, user) \
	X(8, PASSWORD, password) \
	X(9, COMMAND, command) \
	X(10, QUIT, quit)

#define OUTCOMES(X) \
	X(1, OK, ok) \
	X(2, LOGIN_REFUSED, loginRefused) \
	X(3, TEMPORARY_REFUSAL, temporaryRefusal) \
	X(4, RESOLVE_FAILED, resolveFailed) \
	X(5, CONNECT_FAILED, connectFailed) \
	X(6, TIMEOUT, timeout) \
	X(7, TLS_FAILED, tlsFailed) \
	X(8, PROTOCOL_ERROR, protocolError) \
	X(9, INTERNAL_ERROR, internalError) \
	X(10, SKIPPED, skipped) \
	X(11, CONNECTION_REFUSED, connectionRefused) \
	X(12, NO_ROUTE, noRoute) \
	X(13, CONNECTION_CLOSED, connectionClosed)
/* clang-format on */

enum stage {
#define STAGE_ENUMERATOR(number, symbol, label) STAGE_##symbol = number,
	STAGES(STAGE_ENUMERATOR)
#undef STAGE_ENUMERATOR
		STAGE_END
};

enum outcome {
#define OUTCOME_ENUMERATOR(number, symbol, label) OUTCOME_##symbol = number,
	OUTCOMES(OUTCOME_ENUMERATOR)
#undef OUTCOME_ENUMERATOR
		OUTCOME_END
};

/* Labels as published; NULL for a number that is in no list. */
const char *stage_label(unsigned stage);
const char *outcome_label(unsigned outcome);

/* What a connection that failed with errno OS_ERROR says of the server, or of us. */
enum outcome outcome_of_connect(int os_error);

#endif
