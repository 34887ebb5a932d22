/* SPDX-License-Identifier: ISC */
/* What a process that fetches evidence may do with files: Landlock, landlock(7). */
#include "probes/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "common/util.h"

/* Later than the headers of Linux 6.1, by the version of the interface that has it. */
#define ACCESS_TRUNCATE (UINT64_C(1) << 14)
enum { VERSION_WITH_TRUNCATE = 3 };

#define ACCESS_CHANGE \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | \
		LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
		LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | \
		LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | \
		LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | \
		LANDLOCK_ACCESS_FS_MAKE_SYM)
#define ACCESS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)

/* What resolving a name takes, whom TLS and SSH trust, and what libraries load when they are first
 * used. */
static const char *const common[] = { "/etc/gai.conf", "/etc/group", "/etc/host.conf", "/etc/hosts",
	"/etc/ld.so.cache", "/etc/localtime", "/etc/nsswitch.conf", "/etc/passwd", "/etc/protocols",
	"/etc/resolv.conf", "/etc/services", "/etc/ssh/ssh_known_hosts", "/etc/ssl", "/lib",
	"/lib64", "/usr", "/proc", "/dev/null", "/dev/random", "/dev/urandom",
	"/run/NetworkManager", "/run/nscd", "/run/resolvconf", "/run/systemd/resolve",
	"/var/cache/nscd" };

_Noreturn static void fail(void)
{
	confine_fail(EX_SOFTWARE, "cannot give up files: %s", strerror(errno));
}

/* Allows ACCESS to PATH and what is below; one that is not there, or not to be reached, needs
 * nothing. */
static void allow(int ruleset, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = access };
	struct stat st;

	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return;
	if (fstat(rule.parent_fd, &st) < 0)
		fail();
	if (!S_ISDIR(st.st_mode))
		rule.allowed_access &= LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
		fail();
	close(rule.parent_fd);
}

void confine_files(enum confine_reading reading)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = ACCESS_CHANGE };
	long version =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	int ruleset;

	if (version < 0) /* not built in, not switched on, or not let through by a filter */
		return;
	if (version >= VERSION_WITH_TRUNCATE)
		attr.handled_access_fs |= ACCESS_TRUNCATE;
	if (reading == CONFINE_READ_COMMON)
		attr.handled_access_fs |= ACCESS_READ;
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (ruleset < 0)
		fail();
	if (reading == CONFINE_READ_COMMON)
		for (size_t i = 0; i < ARRAY_SIZE(common); i++)
			allow(ruleset, common[i], ACCESS_READ);
	allow(ruleset, "/dev/null",
		LANDLOCK_ACCESS_FS_WRITE_FILE | (attr.handled_access_fs & ACCESS_READ));
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		fail();
	close(ruleset);
}
