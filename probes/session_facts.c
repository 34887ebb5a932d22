/* SPDX-License-Identifier: ISC */
/* Published labels of commands and results after a login, and what a result means. */
#include "probes/session_facts.h"

#include "common/util.h"
#include "probes/diagnosis.h"

#define LABEL(number, symbol, label, ...) [number] = #label,
#define DIAGNOSIS_OF(number, symbol, label, diagnosis) [number] = DIAG_##diagnosis,
static const char *const command_labels[] = { SESSION_COMMANDS(LABEL) };
static const char *const result_labels[] = { SESSION_RESULTS(LABEL) };
static const enum diagnosis diagnoses[] = { SESSION_RESULTS(DIAGNOSIS_OF) };
#undef LABEL
#undef DIAGNOSIS_OF

const char *session_command_label(unsigned command)
{
	return command < ARRAY_SIZE(command_labels) ? command_labels[command] : NULL;
}

const char *session_result_label(unsigned result)
{
	return result < ARRAY_SIZE(result_labels) ? result_labels[result] : NULL;
}

unsigned session_diagnosis(enum session_result result)
{
	return diagnoses[result];
}
