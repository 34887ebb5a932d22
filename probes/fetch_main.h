/* SPDX-License-Identifier: ISC */
/* The main() of a program that fetches files: a confined process, one request, one answer. */
#ifndef FTPHEALTH_FETCH_MAIN_H
#define FTPHEALTH_FETCH_MAIN_H

#include "probes/fetch_round.h"

struct fetch_program {
	const char *name;
	bool threads; /* needs them */
	/* Takes what the request says beyond the common, and its credentials, which are in FOLDER
	 * (or NULL). Returns 0, or -errno and in WHY what is wrong. */
	int (*prepare)(const struct fetch_request *r, const char *folder, char why[FETCH_WHY_SIZE]);
	/* Fetches. The answer is begun. Returns 0, or -errno for a trouble of our own. */
	int (*fetch)(struct fetch_round *round);
};

/* Does all; main() returns it. */
int fetch_main(int argc, const struct fetch_program *program);

#endif
