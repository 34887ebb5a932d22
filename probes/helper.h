/* SPDX-License-Identifier: ISC */
/* One run of a program that fetches evidence: what may block, and what knows secrets, stays out of
 * the process that probes. Asynchronous, on an sd-event loop; SIGCHLD must be blocked. */
#ifndef FTPHEALTH_HELPER_H
#define FTPHEALTH_HELPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

enum {
	HELPER_COMPLAINT_MAX = 160, /* characters */
	HELPERS_STUCK_MAX = 16,
};

struct helper;

/* How a run ended. Strings live during the call. */
struct helper_result {
	bool answered;      /* it ended well, in time, within bounds */
	bool timed_out;     /* it was killed for its time */
	const char *output; /* standard output, LEN octets; never NULL */
	size_t len;
	char complaint[HELPER_COMPLAINT_MAX + 1]; /* when not answered: why, printable ASCII */
};

/* Readies a process of one thread, once: SIGCHLD is blocked, by which sd-event sees programs end,
 * and SIGPIPE ignored. Returns 0 or -errno. */
int helper_prepare(void);

typedef void (*helper_done)(void *userdata, const struct helper_result *result);

/* Runs PROGRAM (a name such as "ftphealth-smb": looked for beside the running executable, as in a
 * build folder, then in the folder where it is installed; or an absolute path), gives it LEN octets
 * of REQUEST (copied) as standard input and reads at most OUTPUT_MAX octets. After LIMIT_USEC it is
 * killed. DONE is called once, from the loop, when the process is gone; or when it cannot even be
 * killed, as one that waits for a dead mount: while many such are left (HELPERS_STUCK_MAX) none is
 * started, -EBUSY. Returns 0 or -errno. */
int helper_start(sd_event *event, const char *program, const char *request, size_t len,
	uint64_t limit_usec, size_t output_max, helper_done done, void *userdata,
	struct helper **ret);

/* Gives H up: it is killed, DONE is not called. Takes NULL; returns NULL. */
struct helper *helper_end(struct helper *h);

#endif
