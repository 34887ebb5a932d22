/* SPDX-License-Identifier: ISC */
/* One probe's result in words for a person. */
#include "probes/sentence.h"

#include <stdbool.h>
#include <stdio.h>

/* Words by outcome; with a stage where the stage says something more. */
static const struct {
	const char *text;
	bool with_stage;
} sentences[OUTCOME_END] = {
	[OUTCOME_OK] = { "logged in", false },
	[OUTCOME_LOGIN_REFUSED] = { "login refused", true },
	[OUTCOME_TEMPORARY_REFUSAL] = { "login refused for now", true },
	[OUTCOME_RESOLVE_FAILED] = { "name not resolved", false },
	[OUTCOME_CONNECT_FAILED] = { "connection failed", false },
	[OUTCOME_TIMEOUT] = { "timeout", true },
	[OUTCOME_TLS_FAILED] = { "TLS handshake failed", false },
	[OUTCOME_PROTOCOL_ERROR] = { "not FTP", true },
	[OUTCOME_INTERNAL_ERROR] = { "the probe itself failed", true },
	[OUTCOME_SKIPPED] = { "probe skipped", false },
	[OUTCOME_CONNECTION_REFUSED] = { "connection refused", false },
	[OUTCOME_NO_ROUTE] = { "no route to the host", false },
	[OUTCOME_CONNECTION_CLOSED] = { "connection closed by the server", true },
};

void outcome_sentence(enum outcome outcome, enum stage stage, int code, const char *reply,
	char *buffer, size_t size)
{
	bool decided =
		outcome != OUTCOME_PROTOCOL_ERROR && (outcome != OUTCOME_TLS_FAILED || code >= 400);

	if (code != 0 && decided)
		snprintf(buffer, size, "%d%s%s", code, reply && *reply ? " " : "",
			reply ? reply : "");
	else if (outcome == 0 || outcome >= OUTCOME_END)
		snprintf(buffer, size, "not probed yet");
	else if (sentences[outcome].with_stage)
		snprintf(buffer, size, "%s at stage %s", sentences[outcome].text,
			stage_label(stage));
	else
		snprintf(buffer, size, "%s", sentences[outcome].text);
}
