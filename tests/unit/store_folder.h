/* SPDX-License-Identifier: ISC */
/* A folder with a store in it, and what can be asked of and done to the file behind its back. */
#ifndef FTPHEALTH_TESTS_STORE_FOLDER_H
#define FTPHEALTH_TESTS_STORE_FOLDER_H

#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "tests/unit/fault_vfs.h"

static char folder[] = "/tmp/fh-store.XXXXXX";
static char path[64];

static int make_folder(void **state)
{
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/sub/state.db", folder);
	return 0;
}

static int drop_one(const char *name, const struct stat *st, int kind, struct FTW *where)
{
	return remove(name);
}

static int drop_folder(void **state)
{
	fault_clear();
	return nftw(folder, drop_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Executes SQL in the file NAME. */
static inline void sql_in(const char *name, const char *sql)
{
	sqlite3 *db;
	char *why = NULL;

	assert_int_equal(sqlite3_open(name, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
	sqlite3_close(db);
}

/* The one number that SQL gives. */
static inline int64_t asked(const char *sql)
{
	sqlite3 *db;
	sqlite3_stmt *st;
	int64_t value;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	value = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return value;
}

/* Files beside the store whose name begins with its own and .WORD-, without those of SQLite. */
static inline unsigned put_aside(const char *word)
{
	char pattern[96];
	unsigned n = 0;
	glob_t g;

	snprintf(pattern, sizeof(pattern), "%s.%s-*[0-9]", path, word);
	if (glob(pattern, 0, NULL, &g) == 0)
		n = (unsigned)g.gl_pathc;
	globfree(&g);
	return n;
}

/* Writes 64 octets of rubbish into the file. */
static inline void damage(off_t offset)
{
	unsigned char rubbish[64];
	int fd = open(path, O_WRONLY);

	memset(rubbish, 0xa5, sizeof(rubbish));
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, rubbish, sizeof(rubbish), offset), sizeof(rubbish));
	close(fd);
}

static inline off_t size_of(const char *name)
{
	struct stat st;

	return stat(name, &st) < 0 ? -1 : st.st_size;
}

#endif
