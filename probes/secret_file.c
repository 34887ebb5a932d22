/* SPDX-License-Identifier: ISC */
/* Reads a file that only its owner may know. */
#include "probes/secret_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/text.h"
#include "common/util.h"

/* Opens FILE, or NAME in FOLDER. Returns the descriptor, or -errno. */
static int open_file(const char *file, const char *name, const char *folder)
{
	const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW;
	_cleanup_(closep) int dir = -1;
	int fd;

	if (file) {
		fd = open(file, flags);
		return fd < 0 ? -errno : fd;
	}
	if (!folder)
		return -ENOENT;
	dir = open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
	if (dir < 0)
		return -errno;
	fd = openat(dir, name, flags);
	return fd < 0 ? -errno : fd;
}

/* What is wrong with the file itself, or NULL. systemd gives its credentials to the service by an
 * access control list, whose mask shows as the group's bits; the folder keeps others out. */
static const char *check_file(int fd, bool credential, size_t max)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return "it cannot be examined";
	if (!S_ISREG(st.st_mode))
		return "not a regular file";
	if (st.st_size < 0 || (size_t)st.st_size > max)
		return "too large";
	if (st.st_uid != geteuid() && st.st_uid != 0 && geteuid() != 0)
		return "it belongs to another user";
	if (st.st_mode & (credential ? S_IRWXO : S_IRWXG | S_IRWXO))
		return credential ? "open to others"
				  : "open to group or others; make it so with chmod 600";
	return NULL;
}

/* Reads at most SIZE octets; returns how many, or -errno. */
static ssize_t read_all(int fd, char *dst, size_t size)
{
	size_t n = 0;

	while (n < size) {
		ssize_t k = read(fd, dst + n, size - n);

		if (k < 0 && errno != EINTR)
			return -errno;
		if (k == 0)
			break;
		n += k > 0 ? (size_t)k : 0;
	}
	return (ssize_t)n;
}

static int complain(const char *file, const char *name, int error, const char *fault,
	char why[SECRET_FILE_WHY_SIZE])
{
	char message[2 * SECRET_FILE_WHY_SIZE];

	snprintf(message, sizeof(message), "%s %.120s: %s", file ? "file" : "credential", name,
		fault);
	text_escape(why, SECRET_FILE_WHY_SIZE, message, strlen(message));
	return error;
}

int secret_file_load(const char *file, const char *credential, const char *folder, size_t max,
	char **ret, size_t *ret_len, char why[SECRET_FILE_WHY_SIZE])
{
	const char *name = file ? file : credential, *fault;
	_cleanup_(closep) int fd = -1;
	ssize_t len;
	char *text;

	assert(name && ret && ret_len && why);
	fd = open_file(file, name, folder);
	if (fd < 0)
		return complain(
			file, name, fd, fd == -ELOOP ? "a symbolic link" : strerror(-fd), why);
	fault = check_file(fd, !file, max);
	if (fault)
		return complain(file, name, -EPERM, fault, why);
	text = malloc(max + 1);
	if (!text)
		return complain(file, name, -ENOMEM, strerror(ENOMEM), why);
	len = read_all(fd, text, max + 1);
	if (len < 0 || (size_t)len > max) {
		secret_file_free(text, max + 1);
		return complain(file, name, len < 0 ? (int)len : -EFBIG,
			len < 0 ? strerror((int)-len) : "too large", why);
	}
	text[len] = '\0';
	*ret = text;
	*ret_len = (size_t)len;
	return 0;
}

void secret_file_free(char *text, size_t len)
{
	if (text)
		explicit_bzero(text, len);
	free(text);
}
