/* SPDX-License-Identifier: ISC */
/* Files by their paths: of this host, or of a share that is mounted here. */
#ifndef FTPHEALTH_FETCH_FILE_H
#define FTPHEALTH_FETCH_FILE_H

#include "probes/fetch_place.h"
#include "probes/fetch_round.h"

/* Fetches what ROUND asks for, at the absolute paths of P. Never blocks on anything but the file
 * system itself, and opens nothing but regular files. Returns 0, or -ENOMEM. */
int fetch_file_fetch(struct fetch_round *round, const struct fetch_place *p);

#endif
