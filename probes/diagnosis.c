/* SPDX-License-Identifier: ISC */
/* The published diagnoses and their texts. */
#include "probes/diagnosis.h"

#include <stddef.h>

#include "common/util.h"

static const struct diagnosis_info infos[] = {
#define DIAGNOSIS(number, symbol, label, text, remedy, reference) \
	[number] = { #label, text, remedy, reference },
#include "probes/diagnosis.def"
#undef DIAGNOSIS
};

const struct diagnosis_info *diagnosis_info(unsigned diagnosis)
{
	if (diagnosis >= ARRAY_SIZE(infos) || !infos[diagnosis].label)
		return NULL;
	return &infos[diagnosis];
}
