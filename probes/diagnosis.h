/* SPDX-License-Identifier: ISC */
/* The published diagnoses: FtpAuthDiagnosis of the MIB. */
#ifndef FTPHEALTH_DIAGNOSIS_H
#define FTPHEALTH_DIAGNOSIS_H

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

/* Facts about a diagnosis; NULL for a number that is in no row. */
const struct diagnosis_info *diagnosis_info(unsigned diagnosis);

#endif
