/* SPDX-License-Identifier: ISC */
/* Runs a fuzz target over the files and folders named on the command line, one TAP line a file. */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 16 * 1024 * 1024 };

/* Paths of the files to run. */
struct list {
	char **paths;
	size_t n;
};

static void fail(const char *what, const char *path)
{
	printf("Bail out! %s %s: %s\n", what, path, strerror(errno));
	exit(1);
}

/* Takes PATH over into the list. */
static void add_file(struct list *list, char *path)
{
	char **paths = realloc(list->paths, (list->n + 1) * sizeof(*paths));

	if (!path || !paths)
		fail("no memory for", "the list of files");
	list->paths = paths;
	list->paths[list->n++] = path;
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Adds PATH, or the files of the folder PATH in the order of their names. */
static void add_path(struct list *list, const char *path)
{
	struct dirent **entries;
	struct stat st;
	int n;

	if (stat(path, &st) < 0)
		fail("cannot find", path);
	if (!S_ISDIR(st.st_mode)) {
		add_file(list, strdup(path));
		return;
	}
	n = scandir(path, &entries, is_visible, alphasort);
	if (n < 0)
		fail("cannot list", path);
	for (int i = 0; i < n; i++) {
		char *file = NULL;

		if (asprintf(&file, "%s/%s", path, entries[i]->d_name) < 0)
			file = NULL;
		add_file(list, file);
		free(entries[i]);
	}
	free(entries);
}

/* Reads a file whole; returns its size or -1. */
static ssize_t read_whole(const char *path, uint8_t **ret)
{
	_cleanup_(freep) uint8_t *data = malloc(INPUT_MAX);
	FILE *f = fopen(path, "rb");
	size_t n;
	bool bad;

	if (!f || !data) {
		if (f)
			fclose(f);
		return -1;
	}
	n = fread(data, 1, INPUT_MAX, f);
	bad = ferror(f) || n == INPUT_MAX;
	fclose(f);
	if (bad)
		return -1;
	/* Exactly as large as the input, so that a sanitizer sees each octet read beyond it. */
	*ret = malloc(n > 0 ? n : 1);
	if (!*ret)
		return -1;
	memcpy(*ret, data, n);
	return (ssize_t)n;
}

/* Runs one file in a process of its own: a target that aborts must not hide the files after it. */
static int run_file(const char *path)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		fail("cannot fork for", path);
	if (pid == 0) {
		uint8_t *data;
		ssize_t n = read_whole(path, &data);

		if (n < 0) {
			fprintf(stderr, "cannot read %s\n", path);
			exit(1);
		}
		LLVMFuzzerTestOneInput(data, (size_t)n);
		free(data);
		exit(0);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			fail("cannot wait for", path);
	return status;
}

int main(int argc, char **argv)
{
	struct list list = { 0 };
	size_t failed = 0;

	for (int i = 1; i < argc; i++)
		add_path(&list, argv[i]);
	if (list.n == 0) {
		printf("Bail out! no input: name files or folders on the command line\n");
		return 1;
	}
	printf("1..%zu\n", list.n);
	for (size_t i = 0; i < list.n; i++) {
		const char *slash = strrchr(list.paths[i], '/');
		const char *name = slash ? slash + 1 : list.paths[i];
		int status;

		fflush(stdout);
		status = run_file(list.paths[i]);
		if (status != 0)
			failed++;
		printf("%sok %zu - %s", status != 0 ? "not " : "", i + 1, name);
		if (WIFSIGNALED(status))
			printf(": signal %d", WTERMSIG(status));
		printf("\n");
	}
	for (size_t i = 0; i < list.n; i++)
		free(list.paths[i]);
	free(list.paths);
	return failed > 0 ? 1 : 0;
}
