/* SPDX-License-Identifier: ISC */
/*
 * One log: one line a message, to the journal with fields when standard error is the journal's
 * stream, else as text to standard error. Any thread may call it. No message carries a password.
 */
#ifndef FTPHEALTH_LOG_H
#define FTPHEALTH_LOG_H

#include <stdbool.h>
#include <syslog.h>

/* Once, before any other call. NAME is the syslog identifier (borrowed, static). Debug messages
 * are dropped unless DEBUG. */
void log_init(const char *name, bool debug);

/* True when messages of LEVEL (LOG_ERR ... LOG_DEBUG) are written. */
bool log_enabled(int level);

/* Writes one message of LEVEL. FIELDS is NULL or a NULL-terminated list of "KEY=value" strings,
 * written to the journal only. ERROR is 0 or an errno (either sign) whose text is appended.
 * Returns -abs(ERROR), so that `return log_error(r, "Cannot ...")` is one statement. */
int log_write(int level, int error, const char *const *fields, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#define log_error(error, ...) log_write(LOG_ERR, error, NULL, __VA_ARGS__)
#define log_warning(error, ...) log_write(LOG_WARNING, error, NULL, __VA_ARGS__)
#define log_notice(...) log_write(LOG_NOTICE, 0, NULL, __VA_ARGS__)
#define log_info(...) log_write(LOG_INFO, 0, NULL, __VA_ARGS__)
#define log_debug(...) \
	((void)(log_enabled(LOG_DEBUG) ? log_write(LOG_DEBUG, 0, NULL, __VA_ARGS__) : 0))

#endif
