/* SPDX-License-Identifier: ISC */
/* One log: to the journal with fields when standard error is its stream, else one line of text. */
#include "common/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "common/util.h"

enum { LOG_LINE_MAX = 2048, LOG_FIELDS_MAX = 24 };

static struct {
	const char *name;
	bool debug;
	bool journal;
} config = { .name = "ftphealth" };

/* systemd.exec(5), JOURNAL_STREAM: device and inode of the stream; compared, because the variable
 * is inherited by children whose standard error is something else. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	if (!stream || sscanf(stream, "%llu:%llu", &device, &inode) != 2)
		return false;
	return fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

void log_init(const char *name, bool debug)
{
	config.name = name;
	config.debug = debug;
	config.journal = stderr_is_journal();
}

bool log_enabled(int level)
{
	return level < LOG_DEBUG || config.debug;
}

static struct iovec to_iovec(const char *s)
{
	return (struct iovec){ .iov_base = (char *)(uintptr_t)s, .iov_len = strlen(s) };
}

static bool write_journal(int level, const char *const *fields, const char *line)
{
	char message[LOG_LINE_MAX + 16], priority[16], identifier[64];
	struct iovec iov[LOG_FIELDS_MAX];
	int n = 0;

	snprintf(message, sizeof(message), "MESSAGE=%s", line);
	snprintf(priority, sizeof(priority), "PRIORITY=%d", level);
	snprintf(identifier, sizeof(identifier), "SYSLOG_IDENTIFIER=%s", config.name);
	iov[n++] = to_iovec(message);
	iov[n++] = to_iovec(priority);
	iov[n++] = to_iovec(identifier);
	for (; fields && *fields && n < LOG_FIELDS_MAX; fields++)
		iov[n++] = to_iovec(*fields);
	return sd_journal_sendv(iov, n) >= 0;
}

int log_write(int level, int error, const char *const *fields, const char *format, ...)
{
	char line[LOG_LINE_MAX];
	size_t used;
	va_list ap;

	error = abs(error);
	if (!log_enabled(level))
		return -error;
	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	used = strlen(line);
	if (error > 0)
		snprintf(line + used, sizeof(line) - used, ": %s", strerrordesc_np(error) ?: "?");
	if (!config.journal || !write_journal(level, fields, line))
		dprintf(STDERR_FILENO, "%s: %s\n", config.name, line);
	return -error;
}
