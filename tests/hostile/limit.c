/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into a program that may not open as many files as it wants to be allowed: it is told
 * that its limit were LIMIT_FILES. The kernel's stays as it is.
 */
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static int look_up(unsigned resource, struct rlimit *ret)
{
	const char *files = getenv("LIMIT_FILES");
	long r = syscall(SYS_prlimit64, 0, resource, NULL, ret);

	if (r == 0 && resource == RLIMIT_NOFILE && files)
		ret->rlim_cur = ret->rlim_max = strtoul(files, NULL, 10);
	return (int)r;
}

int getrlimit(__rlimit_resource_t resource, struct rlimit *ret)
{
	return look_up(resource, ret);
}

int getrlimit64(__rlimit_resource_t resource, struct rlimit64 *ret)
{
	struct rlimit limit;
	int r = look_up(resource, &limit);

	if (r == 0)
		*ret = (struct rlimit64){ .rlim_cur = limit.rlim_cur, .rlim_max = limit.rlim_max };
	return r;
}
