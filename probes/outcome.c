/* SPDX-License-Identifier: ISC */
/* Published labels of stages and outcomes. */
#include "common/util.h"
#include "probes/outcome.h"

#define LABEL(number, symbol, label) [number] = #label,
static const char *const stage_labels[] = { STAGES(LABEL) };
static const char *const outcome_labels[] = { OUTCOMES(LABEL) };
#undef LABEL

const char *stage_label(unsigned stage)
{
	return stage < ARRAY_SIZE(stage_labels) ? stage_labels[stage] : NULL;
}

const char *outcome_label(unsigned outcome)
{
	return outcome < ARRAY_SIZE(outcome_labels) ? outcome_labels[outcome] : NULL;
}
