/* SPDX-License-Identifier: ISC */
/* What the programs that fetch evidence have in common: confinement, a clock, one request, one
 * answer. For their main() alone: every failure ends the process with a line on standard error. */
#ifndef FTPHEALTH_CONFINE_H
#define FTPHEALTH_CONFINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sets the name that complaints begin with (static); first call of all. */
void confine_begin(const char *program);

/* Prints "PROGRAM: ..." to standard error and ends the process with CODE (sysexits). */
__attribute__((format(printf, 2, 3))) _Noreturn void confine_fail(
	int code, const char *format, ...);

/* No core file, no debugger, no descriptors of others, MEMORY octets of address space beyond what
 * is mapped now, no environment; standard output is kept for the answer alone. No new processes
 * either, unless THREADS are needed (libcurl resolves names in one): RLIMIT_NPROC cannot tell the
 * two apart, and counts all that the user runs. Returns $CREDENTIALS_DIRECTORY in fresh memory, or
 * NULL. */
char *confine_process(size_t memory, bool threads);

/* Drops all capabilities: after the credentials were read. */
void confine_drop_capabilities(void);

/* Gives up, for good, to run, make, change or remove any file: once all that the work itself needs
 * is there, and before a byte of a foreign host is read. READ_COMMON gives up to read as well, but
 * for what resolving names, and trusting certificates and keys, takes: neither secrets nor the
 * daemon's store. On a kernel without Landlock (before Linux 5.13, or not switched on) only the
 * permissions of files hold. */
enum confine_reading { CONFINE_READ_ALL, CONFINE_READ_COMMON };
void confine_files(enum confine_reading reading);

/* Reads standard input to its end into BUFFER (SIZE octets, one is kept for a NUL), within 5 s.
 * A request that does not fit ends the process. Returns the length. */
size_t confine_read_request(char *buffer, size_t size);

/* Starts the clock of the work itself, for the thread that calls: when LIMIT_MS are over, the
 * answer kept last is written and the process ends; with none kept it ends with EX_SOFTWARE. */
void confine_start_clock(uint32_t limit_ms);

/* Keeps LEN octets of TEXT as the answer so far (async-signal-safe against the clock). LEN is at
 * most CONFINE_ANSWER_MAX. */
enum { CONFINE_ANSWER_MAX = 8192 };
void confine_keep_answer(const char *text, size_t len);

/* Stops the clock: before an answer is kept that announces contents. May be called twice. */
void confine_stop_clock(void);

/* Stops the clock, writes the answer kept last and then LEN octets of CONTENTS (may be NULL), and
 * ends the process with EX_OK, or EX_SOFTWARE when no answer was kept. No handlers at exit are run:
 * what the libraries would do there adds nothing. */
_Noreturn void confine_finish(const char *contents, size_t len);

#endif
