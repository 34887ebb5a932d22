/* SPDX-License-Identifier: ISC */
/* What the two benchmark clients share: the options, the targets, the pace and the result. */
#ifndef FTPHEALTH_BENCH_PACE_H
#define FTPHEALTH_BENCH_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
	unsigned in_flight, total;
	unsigned per_minute;  /* starts at this pace; 0 = as fast as it goes */
	unsigned hosts;       /* addresses from 127.1.0.1 on */
	unsigned port, ports; /* the first port, and how many */
	unsigned started, finished, failed;
	uint64_t start_usec;          /* CLOCK_MONOTONIC of the first login */
	uint64_t wall_usec, cpu_usec; /* when measuring began */
};

/* Reads the options; ends the program when they are wrong. */
void pace_options(struct pace *p, int argc, char *argv[]);

/* Whether one more login is to start now. */
bool pace_wants(const struct pace *p);

/* When the next login of a paced run starts (CLOCK_MONOTONIC, us). */
uint64_t pace_next_usec(const struct pace *p);

/* The target of the login that starts now, in host byte order. */
uint32_t pace_address(const struct pace *p);
uint16_t pace_port(const struct pace *p);

/* Notes the end of a login. What comes before as many as are in flight have ended is not measured.
 * Returns true when it was the last. */
bool pace_finished(struct pace *p, bool good);

/* Prints the result as a JSON object; returns the exit code. */
int pace_print(const struct pace *p);

#endif
