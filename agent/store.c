/* SPDX-License-Identifier: ISC */
/* The file of the store: opened, closed, put aside; transactions. */
#include "agent/store_private.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "common/util.h"

enum {
	BUSY_MS = 2000,       /* for another program that has the file locked */
	LOG_PAGES_MAX = 2000, /* of 4 KiB; then they go to the file itself */
	PATH_SIZE = 4200
};

/* ------------------------------------------------------------------ SQLite's ways */

int store_errno(int code)
{
	switch (code) {
	case SQLITE_PROTOCOL: /* the log's locks */
	case SQLITE_IOERR_LOCK:
	case SQLITE_IOERR_RDLOCK:
	case SQLITE_IOERR_UNLOCK:
	case SQLITE_IOERR_SHMLOCK:
		return -ENOLCK;
	default:
		break;
	}
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return -EACCES;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_ERROR: /* no such table or column: it is no store */
		return -EUCLEAN;
	default:
		return -EIO;
	}
}

const char *store_advice(int error)
{
	switch (-error) {
	case ENOSPC:
		return "free some space on its file system";
	case EROFS:
		return "make the file and its file system writable";
	case EBUSY:
		return "another program has it locked: end that one";
	case ENOLCK:
		return "put it on a file system that can lock files";
	case EACCES:
	case ENOENT:
	case ENOTDIR:
	case EPERM:
		return "see that its folder exists, can be written to, and belongs to the user of ftphealthd";
	case EUCLEAN:
	case ENOTSUP:
		return "see that it can be moved aside within its folder";
	case ENOMEM:
		return "the agent needs more memory";
	default:
		return "look at the disk and at the log of the kernel";
	}
}

bool store_is_locked(int error)
{
	return error == -EBUSY || error == -ENOLCK;
}

int store_execute(struct store *s, const char *sql)
{
	return store_errno(sqlite3_exec(s->db, sql, NULL, NULL, NULL));
}

int store_ask(struct store *s, const char *sql, int64_t *ret)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL);

	if (code != SQLITE_OK)
		return store_errno(code);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW)
		*ret = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return code == SQLITE_DONE ? -EUCLEAN : store_errno(code);
}

/* ------------------------------------------------------------------ opening */

static int make_folder(const char *path)
{
	_cleanup_(freep) char *copy = strdup(path);

	if (!copy)
		return -ENOMEM;
	return mkdir(dirname(copy), 0750) < 0 && errno != EEXIST ? -errno : 0;
}

int store_claim(const char *path, int *ret_fd)
{
	_cleanup_(freep) char *name = NULL;
	_cleanup_(closep) int fd = -1;
	int r = make_folder(path);

	if (r < 0)
		return r;
	if (asprintf(&name, "%s.lock", path) < 0)
		return -ENOMEM;
	fd = open(name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

struct store *store_close(struct store *s)
{
	if (!s)
		return NULL;
	for (size_t i = 0; i < SLOT_END; i++)
		sqlite3_finalize(s->statements[i]);
	sqlite3_close(s->db);
	free(s);
	return NULL;
}

DEFINE_CLEANUP(struct store *, store_close)

static int open_database(const char *path, int flags, struct store **ret)
{
	_cleanup_(store_closep) struct store *s = calloc(1, sizeof(*s));
	int code;

	if (!s)
		return -ENOMEM;
	code = sqlite3_open_v2(path, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (code != SQLITE_OK)
		return store_errno(code);
	sqlite3_extended_result_codes(s->db, 1);
	sqlite3_busy_timeout(s->db, BUSY_MS);
	*ret = TAKE_PTR(s);
	return 0;
}

/* Which version the file is of; 0 for a new one. */
static int read_version(struct store *s, int64_t *ret)
{
	int64_t tables = 0;
	int r = store_ask(s, "PRAGMA user_version", ret);

	if (r >= 0)
		r = store_ask(s, "SELECT count(*) FROM sqlite_schema", &tables);
	if (r < 0)
		return r;
	if (*ret > SCHEMA_VERSION)
		return -ENOTSUP;
	/* Somebody else's database: our first version had a number. */
	return *ret < 0 || (*ret == 0 && tables > 0) ? -EUCLEAN : 0;
}

static int on_commit(void *userdata, sqlite3 *db, const char *name, int pages)
{
	struct store *s = userdata;

	s->log_pages = pages;
	return SQLITE_OK;
}

/* The log is emptied by store_tidy(), not in a commit that a notification waits for. It is made
 * short again after it had to be long. */
static int set_up(struct store *s)
{
	int r = store_execute(s,
		"PRAGMA journal_mode=WAL;"
		"PRAGMA synchronous=FULL;"
		"PRAGMA journal_size_limit=16777216;"
		"PRAGMA cell_size_check=ON;"
		"PRAGMA cache_size=-8192;"
		"PRAGMA temp_store=MEMORY;");

	s->durable = true;
	sqlite3_wal_hook(s->db, on_commit, s);
	return r;
}

int store_open(const char *path, struct store **ret)
{
	_cleanup_(store_closep) struct store *s = NULL;
	int64_t version = 0;
	int r = make_folder(path);

	if (r >= 0)
		r = open_database(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &s);
	if (r >= 0)
		r = read_version(s, &version);
	/* SQLite opens what it may not write for reading. */
	if (r >= 0 && sqlite3_db_readonly(s->db, "main") != 0)
		r = -EROFS;
	if (r >= 0)
		r = set_up(s);
	if (r >= 0)
		r = store_migrate(s, version);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(s);
	return 0;
}

/* PATH as a URI for a file that does not change: SQLite then asks neither for locks nor for the
 * index of the log, which it could not make on a read-only file system. */
static int unchanging_uri(const char *path, char *uri, size_t size)
{
	size_t n = (size_t)snprintf(uri, size, "file:");

	for (; *path && n + 4 < size; path++)
		n += (size_t)snprintf(
			uri + n, size - n, strchr("?#%", *path) ? "%%%02X" : "%c", *path);
	if (*path || n + strlen("?immutable=1") >= size)
		return -ENAMETOOLONG;
	strcpy(uri + n, "?immutable=1");
	return 0;
}

/* True when all that was committed is in the file itself. */
static bool has_no_log(const char *path)
{
	char log[PATH_SIZE];
	struct stat st;

	snprintf(log, sizeof(log), "%s-wal", path);
	return stat(log, &st) < 0 || st.st_size == 0;
}

int store_open_read_only(const char *path, struct store **ret)
{
	_cleanup_(store_closep) struct store *s = NULL;
	char uri[PATH_SIZE];
	int64_t version;
	int r = open_database(path, SQLITE_OPEN_READONLY, &s);

	if (r >= 0)
		r = store_ask(s, "PRAGMA user_version", &version);
	if (r < 0 && has_no_log(path)) {
		s = store_close(s);
		r = unchanging_uri(path, uri, sizeof(uri));
		if (r >= 0)
			r = open_database(uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, &s);
		if (r >= 0)
			r = store_ask(s, "PRAGMA user_version", &version);
	}
	if (r < 0)
		return r;
	*ret = TAKE_PTR(s);
	return 0;
}

/* ------------------------------------------------------------------ out of the way */

int store_put_aside(const char *path, const char *word, char *name, size_t size)
{
	static const char *const tails[] = { "", "-wal", "-shm" };
	char from[PATH_SIZE], to[PATH_SIZE];
	time_t now = time(NULL);
	int r = 0;

	do
		snprintf(name, size, "%s.%s-%lld", path, word, (long long)now++);
	while (access(name, F_OK) == 0);
	/* The database last: while it is there, an end in the middle of this is no harm. */
	for (size_t i = ARRAY_SIZE(tails); r >= 0 && i-- > 0;) {
		snprintf(from, sizeof(from), "%s%s", path, tails[i]);
		snprintf(to, sizeof(to), "%s%s", name, tails[i]);
		if (rename(from, to) < 0 && (i == 0 || errno != ENOENT))
			r = -errno;
	}
	return r;
}

bool store_has_moved(struct store *s)
{
	int moved = 0;

	return sqlite3_file_control(s->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
		moved != 0;
}

/* ------------------------------------------------------------------ transactions */

/* With FULL a commit waits until the log is on the disk, with NORMAL only the emptying of the log
 * does. It can be changed between transactions. */
int store_begin(struct store *s, bool durable)
{
	int r = 0;

	if (s->durable != durable)
		r = store_execute(
			s, durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
	if (r < 0)
		return r;
	s->durable = durable;
	return store_execute(s, "BEGIN IMMEDIATE");
}

int store_end(struct store *s, int result)
{
	if (result >= 0)
		result = store_execute(s, "COMMIT");
	if (result < 0 && !sqlite3_get_autocommit(s->db))
		store_execute(s, "ROLLBACK");
	return result;
}

int store_tidy(struct store *s)
{
	int code;

	if (s->log_pages < LOG_PAGES_MAX)
		return 0;
	s->log_pages = 0;
	code = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	/* A reader is in the way: next time. */
	return (code & 0xff) == SQLITE_BUSY ? 0 : store_errno(code);
}
