/* SPDX-License-Identifier: ISC */
/* Looks for a file by its path, and says what stands there in its place. */
#include "probes/fetch_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/util.h"

/* What is known while a round lasts. */
struct work {
	const struct fetch_place *place; /* borrowed from the caller */
	bool control_found;
	dev_t control_device; /* the file system on which it is */
};

/* What an errno of opening or reading a file says about it. */
static enum fetch_state state_of(int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
	case ENOKEY: /* encrypted, and locked */
		return FETCH_ACCESS_DENIED;
	case ETIMEDOUT:
		return FETCH_TIMEOUT;
	case EIO:
	case ESTALE:
	case ENOTCONN:
	case EHOSTDOWN:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case ECONNREFUSED:
	case ECONNRESET:
	case ECONNABORTED:
	case ESHUTDOWN:
	case EREMOTEIO:
	case ENODEV:
	case ENXIO:
		return FETCH_UNREACHABLE;
	default:
		return FETCH_FAILED;
	}
}

/* What stands in the place of a regular file. */
static const char *kind(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "a folder";
	case S_IFIFO:
		return "a named pipe";
	case S_IFSOCK:
		return "a socket";
	case S_IFCHR:
	case S_IFBLK:
		return "a device";
	default:
		return "something else";
	}
}

/* Whether the place where PATH is missing is on the file system of the control file: on a folder
 * where nothing is mounted at present, everything is missing. */
static bool is_beside_control(const struct work *w, const char *path)
{
	char folder[FETCH_URL_MAX + 1];
	struct stat st;
	char *slash;

	snprintf(folder, sizeof(folder), "%s", path);
	while ((slash = strrchr(folder, '/'))) {
		slash[slash == folder] = '\0';
		if (stat(folder, &st) == 0)
			return st.st_dev == w->control_device;
		if ((errno != ENOENT && errno != ENOTDIR) || slash == folder)
			break;
	}
	return false;
}

static void set_failure(
	const struct work *w, const char *path, int error, bool control, struct fetch_file *f)
{
	if (error != ENOENT && error != ENOTDIR) {
		fetch_file_set(f, state_of(error), "%s",
			error == ELOOP ? "too many symbolic links, or a loop of them"
				       : strerror(error));
		return;
	}
	if (!control && w->control_found && !is_beside_control(w, path))
		fetch_file_set(f, FETCH_UNKNOWN,
			"not found, but the control file is on another file system");
	else
		fetch_file_set(f, FETCH_ABSENT, "%s", "");
}

/* Opens PATH if it is a regular file. Looking comes first, as opening a device may do something,
 * and opening a pipe waits. Returns the descriptor, or -1 with F set. */
static int open_regular(
	const struct work *w, const char *path, bool control, struct stat *st, struct fetch_file *f)
{
	int fd;

	if (stat(path, st) < 0) {
		set_failure(w, path, errno, control, f);
		return -1;
	}
	if (!S_ISREG(st->st_mode)) {
		fetch_file_set(f, FETCH_FAILED, "%s, not a regular file", kind(st->st_mode));
		return -1;
	}
	f->has_stat = st->st_size >= 0;
	f->size = f->has_stat ? (uint64_t)st->st_size : 0;
	f->mtime = st->st_mtime;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		int error = errno;

		set_failure(w, path, error, control, f);
		if (error == EACCES || error == EPERM)
			fetch_file_set(
				f, FETCH_ACCESS_DENIED, "it is there, but reading it is denied");
		return -1;
	}
	if (fstat(fd, st) < 0 || !S_ISREG(st->st_mode) || st->st_size < 0) {
		fetch_file_set(f, FETCH_FAILED, "it changed while it was opened");
		close(fd);
		return -1;
	}
	f->size = (uint64_t)st->st_size;
	f->mtime = st->st_mtime;
	return fd;
}

static ssize_t read_source(void *userdata, void *dst, size_t size)
{
	const int *fd = userdata;
	ssize_t n;

	do
		n = read(*fd, dst, size);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static int seek_source(void *userdata, uint64_t offset)
{
	const int *fd = userdata;

	return lseek(*fd, (off_t)offset, SEEK_SET) < 0 ? -errno : 0;
}

static struct fetch_file look(void *userdata, struct fetch_round *round, size_t i)
{
	struct work *w = userdata;
	struct fetch_file f = { .state = FETCH_FAILED };
	const char *path = w->place->addresses[i];
	bool control = i == FETCH_CONTROL;
	_cleanup_(closep) int fd = -1;
	struct stat st, after;
	int error;

	fd = open_regular(w, path, control, &st, &f);
	if (fd < 0)
		return f;
	if (control) {
		w->control_found = true;
		w->control_device = st.st_dev;
	}
	error = fetch_round_read(
		round, &(struct fetch_source){ read_source, seek_source, &fd }, control, &f);
	if (error < 0 && state_of(-error) != FETCH_FAILED)
		f.state = state_of(-error);
	/* Of the same size, but written to meanwhile: what was read is neither the one nor the
	 * other. A log may grow. */
	if (error == 0 && f.sha256[0] && !round->sink->tail && fstat(fd, &after) == 0 &&
		(after.st_mtim.tv_sec != st.st_mtim.tv_sec ||
			after.st_mtim.tv_nsec != st.st_mtim.tv_nsec)) {
		f.sha256[0] = '\0';
		fetch_file_set(&f, FETCH_FAILED, "it was written to while it was read");
	}
	return f;
}

int fetch_file_fetch(struct fetch_round *round, const struct fetch_place *p)
{
	struct work w = { .place = p };

	assert(round && p);
	return fetch_round_look(round, look, &w);
}
