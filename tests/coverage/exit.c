/* SPDX-License-Identifier: ISC */
/*
 * Linked into every program that scripts/coverage builds. What was counted is written down at the
 * end, also at that by _exit(), by which the programs that fetch evidence end. Where it cannot be
 * written, as in another root, standard error, which tests read, does not hear of it. Those
 * programs give up files (probes/confine_files.c): all but those below COUNTS.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <linux/landlock.h>
#include <sys/mman.h>
#include <sys/syscall.h>

void __gcov_dump(void);
void __wrap__exit(int code);
void __real__exit(int code);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f);
long __real_syscall(long number, ...);

static void write_counts(void)
{
	int before = dup(STDERR_FILENO), nowhere = memfd_create("complaints", MFD_CLOEXEC);

	if (before >= 0 && nowhere >= 0)
		dup2(nowhere, STDERR_FILENO);
	__gcov_dump();
	fflush(stderr);
	if (before >= 0 && nowhere >= 0)
		dup2(before, STDERR_FILENO);
	close(before);
	close(nowhere);
}

__attribute__((constructor)) static void begin(void)
{
	atexit(write_counts);
}

void __wrap__exit(int code)
{
	write_counts();
	__real__exit(code);
}

/* Access without TRUNCATE is for a ruleset that does not know of it; one that leaves reading free
 * is given writing alone. */
static void allow_counts(long ruleset)
{
	static const unsigned long long truncate = 1ULL << 14;
	static const unsigned long long access[] = { LANDLOCK_ACCESS_FS_WRITE_FILE,
		LANDLOCK_ACCESS_FS_WRITE_FILE | truncate,
		LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE,
		LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | truncate };
	struct landlock_path_beneath_attr rule = { .parent_fd = open(COUNTS, O_PATH | O_CLOEXEC) };

	for (size_t i = 0; i < sizeof(access) / sizeof(*access); i++) {
		rule.allowed_access = access[i];
		__real_syscall(
			SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	}
	close(rule.parent_fd);
}

long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	if (number == SYS_landlock_restrict_self)
		allow_counts(a);
	return __real_syscall(number, a, b, c, d, e, f);
}
