/* SPDX-License-Identifier: ISC */
/* From what was seen to the most likely cause: a pure function over a rule table. */
#ifndef FTPHEALTH_DIAGNOSIS_H
#define FTPHEALTH_DIAGNOSIS_H

#include "probes/observation.h"

enum diagnosis {
#define DIAGNOSIS(number, symbol, label, text, remedy, reference) DIAG_##symbol = (number),
#include "probes/diagnosis.def"
#undef DIAGNOSIS
	DIAG_END
};

/* A row of diagnosis.def; static. */
struct diagnosis_info {
	const char *label;     /* as published */
	const char *text;      /* what is wrong, without a full stop; at most 160 characters */
	const char *remedy;    /* what to do, one sentence; at most 160 characters */
	const char *reference; /* the document that describes it; at most 32 characters */
};

struct verdict {
	enum diagnosis diagnosis;
	unsigned confidence; /* percent */
	const char *rule;    /* id of the rule that decided; static */
};

/* Facts about a diagnosis; NULL for a number that is in no row. */
const struct diagnosis_info *diagnosis_info(unsigned diagnosis);

/* The most likely cause of what O shows. */
struct verdict diagnose(const struct observation *o);

#endif
