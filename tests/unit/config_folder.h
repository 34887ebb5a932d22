/* SPDX-License-Identifier: ISC */
/* A fresh folder of configuration files for one test, and what the reader says of them. */
#ifndef FTPHEALTH_TESTS_CONFIG_FOLDER_H
#define FTPHEALTH_TESTS_CONFIG_FOLDER_H

#include "tests/unit/unit.h"

#include <ftw.h>
#include <sys/stat.h>

#include "agent/config.h"

struct said {
	char *text; /* all complaints, each with its line end; the folder stands as @ */
	size_t len, lines;
	const char *folder;
};

static inline void on_complaint(void *userdata, const char *line)
{
	struct said *said = userdata;
	size_t folder_len = strlen(said->folder), len = strlen(line);

	assert_null(strchr(line, '\n'));
	said->text = realloc(said->text, said->len + len + 2);
	assert_non_null(said->text);
	while (*line) {
		if (strncmp(line, said->folder, folder_len) == 0) {
			said->text[said->len++] = '@';
			line += folder_len;
		} else {
			said->text[said->len++] = *line++;
		}
	}
	said->text[said->len++] = '\n';
	said->text[said->len] = '\0';
	said->lines++;
}

static inline int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static inline void write_file(const char *folder, const char *name, const char *text, size_t len)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

/* Fills a new folder: the main file, and what EXTRA says: NAME, text, ..., NULL, where a name with
 * a slash at its end is a folder and one with | at its end a FIFO. */
static inline void make_folder(
	char folder[32], const char *text, size_t len, const char *const *extra)
{
	char path[256];

	strcpy(folder, "/tmp/test_config.XXXXXX");
	assert_non_null(mkdtemp(folder));
	write_file(folder, "main.yaml", text, len);
	for (; extra && *extra; extra += 2) {
		size_t end = strlen(*extra) - 1;

		snprintf(path, sizeof(path), "%s/%.*s", folder, (int)end, *extra);
		if ((*extra)[end] == '/')
			assert_int_equal(mkdir(path, 0700), 0);
		else if ((*extra)[end] == '|')
			assert_int_equal(mkfifo(path, 0600), 0);
		else if ((*extra)[end] == '>')
			assert_int_equal(symlink(extra[1], path), 0);
		else
			write_file(folder, *extra, extra[1], strlen(extra[1]));
	}
}

static inline void remove_folder(const char *folder)
{
	assert_int_equal(nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* Loads "main.yaml" with TEXT in it, in a folder with the files of EXTRA. */
static inline int load(const char *text, size_t len, const char *const *extra, struct said *said,
	struct config **ret)
{
	char folder[32], path[64];
	int r;

	make_folder(folder, text, len, extra);
	snprintf(path, sizeof(path), "%s/main.yaml", folder);
	*said = (struct said){ .folder = folder };
	*ret = NULL;
	r = config_load(path, on_complaint, said, ret);
	remove_folder(folder);
	said->folder = NULL;
	return r;
}

#endif
