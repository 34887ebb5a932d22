/* SPDX-License-Identifier: ISC */
/* A library to preload: when the program first has something to say to a host by IP, it tries what
 * it should have given up, below the folder $SEALED, and says on standard error what came of each:
 * "sealed WHAT ERRNO". */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static char folder[4000]; /* the program empties its environment */

__attribute__((constructor)) static void begin(void)
{
	snprintf(folder, sizeof(folder), "%s", getenv("SEALED") ? getenv("SEALED") : "");
}

static void tell(const char *what, int result)
{
	dprintf(STDERR_FILENO, "sealed %s %d\n", what, result < 0 ? errno : 0);
	if (result > STDERR_FILENO)
		close(result);
}

static void try_all(int fd)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	char there[4096], fresh[4096];
	char *const arguments[] = { there, NULL };
	static int done;
	int saved = errno;

	if (getsockname(fd, (struct sockaddr *)&address, &len) < 0 ||
		(address.ss_family != AF_INET && address.ss_family != AF_INET6) || done++)
		return;
	snprintf(there, sizeof(there), "%s/there", folder);
	snprintf(fresh, sizeof(fresh), "%s/fresh", folder);
	tell("read", open(there, O_RDONLY | O_CLOEXEC));
	tell("list", open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	tell("write", open(there, O_WRONLY | O_CLOEXEC));
	tell("make", open(fresh, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	tell("mkdir", mkdir(fresh, 0700));
	tell("link", symlink(there, fresh));
	tell("run", execv(there, arguments)); /* no program: ENOEXEC where that is allowed */
	tell("truncate", truncate(there, 0));
	tell("remove", unlink(there));
	errno = saved;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t send(int fd, const void *data, size_t len, int flags)
{
	try_all(fd);
	return NEXT(send)(fd, data, len, flags);
}

ssize_t sendto(int fd, const void *data, size_t len, int flags, const struct sockaddr *to,
	socklen_t to_len)
{
	try_all(fd);
	return NEXT(sendto)(fd, data, len, flags, to, to_len);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	try_all(fd);
	return NEXT(sendmsg)(fd, message, flags);
}

ssize_t writev(int fd, const struct iovec *pieces, int n)
{
	try_all(fd);
	return NEXT(writev)(fd, pieces, n);
}
